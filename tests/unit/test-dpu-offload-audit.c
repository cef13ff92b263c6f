/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-offload-audit: audits of a device whose tables are damaged, kind by
 * kind, and which loses its meters: each damage is found, as what it is, and
 * repaired; nothing else is found, and in the end nothing is left. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mtr.h>

#include "dpif.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/vlog.h"
#include "tests/unit/chain-fixture.h"
#include "tests/unit/megaflow.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-next.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

#define ETHDEV 11                   /* Of port 1, where megaflows enter. */
#define PROXY 3
#define METER 5

/* Meters of the fake device. */

static struct {
    unsigned int n;
    uint32_t lost;                  /* Those up to this number are. */
    bool refuse;                    /* Takes no new ones. */
} meters;

#define FAKE(NAME, ...)                         \
    int __wrap_rte_mtr_##NAME(__VA_ARGS__);     \
    int __wrap_rte_mtr_##NAME(__VA_ARGS__)

FAKE(capabilities_get, uint16_t ethdev OVS_UNUSED,
     struct rte_mtr_capabilities *caps,
     struct rte_mtr_error *error OVS_UNUSED)
{
    memset(caps, 0, sizeof *caps);
    return 0;
}

FAKE(meter_profile_add, uint16_t ethdev, uint32_t id OVS_UNUSED,
     struct rte_mtr_meter_profile *profile OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    assert_int_equal(ethdev, PROXY);
    return 0;
}

FAKE(meter_profile_delete, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    return 0;
}

FAKE(meter_profile_update, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     uint32_t profile OVS_UNUSED, struct rte_mtr_error *error OVS_UNUSED)
{
    return 0;
}

FAKE(meter_policy_add, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_meter_policy_params *params OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    return 0;
}

FAKE(meter_policy_delete, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    return 0;
}

FAKE(create, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_params *params OVS_UNUSED, int shared OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    if (meters.refuse) {
        return -ENOSPC;
    }
    meters.n++;
    return 0;
}

FAKE(destroy, uint16_t ethdev OVS_UNUSED, uint32_t id,
     struct rte_mtr_error *error OVS_UNUSED)
{
    assert_true(id > meters.lost);
    assert_true(meters.n > 0);
    meters.n--;
    return 0;
}

FAKE(stats_read, uint16_t ethdev OVS_UNUSED, uint32_t id,
     struct rte_mtr_stats *stats, uint64_t *mask OVS_UNUSED,
     int clear OVS_UNUSED, struct rte_mtr_error *error OVS_UNUSED)
{
    memset(stats, 0, sizeof *stats);
    return id <= meters.lost ? -ENOENT : 0;
}

/* Megaflows on a device without ports: two of a kind each. */

static struct dpu_offload_device device;

static const struct {
    uint32_t recirc_id;
    const char *match, *actions;
} megaflows[] = {
    { 0, "eth_type(0x0800)", "ct(zone=7),recirc(5)" },
    { 0, "eth_type(0x86dd)", "ct(zone=7),recirc(5)" },
    { 5, "ct_label(0x1/0x1),eth_type(0x0800)", "2" },
    { 5, "ct_label(0x1/0x1),eth_type(0x86dd)", "2" },
    { 0, "eth_type(0x1234)", "meter(5),recirc(6)" },
    { 0, "eth_type(0x1235)", "meter(5),recirc(6)" },
};

static struct dpu_flow_key
flow_key(size_t n)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n + 1, n + 1 }, .ethdev = ETHDEV,
    };
}

/* What the megaflow 'n' refers to by its rule 'i'. */
static struct dpu_flow_links *
links(size_t n, size_t i)
{
    struct dpu_flow_key key = flow_key(n);
    struct dpu_flow *flow = dpu_flow_find(&device.flows, &key);

    assert_non_null(flow);
    assert_true(i < flow->n_rules);
    return dpu_flow_rule(flow, i)->links;
}

/* Puts the megaflow 'n' on the device. */
static void
put(size_t n)
{
    struct dpu_flow_key key = flow_key(n);

    assert_true(test_megaflow_put(&device.flows, &key, megaflows[n].recirc_id,
                                  1, megaflows[n].match,
                                  megaflows[n].actions));
}

static void
check_in_hardware(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(megaflows); i++) {
        struct dpu_flow_key key = flow_key(i);
        struct dpif_flow_stats stats;
        enum dpu_flow_place place;

        assert_int_equal(dpu_flow_get(&device.flows, &key, NULL, &stats,
                                      &place), 0);
        assert_int_equal(place, DPU_FLOW_IN_HARDWARE);
    }
}

static int
setup(void **state OVS_UNUSED)
{
    struct ofputil_meter_band band = { .type = OFPMBT13_DROP, .rate = 1000 };
    const struct ofputil_meter_config config = {
        .flags = OFPMF13_KBPS, .n_bands = 1, .bands = &band,
    };
    struct dpu_caps all;

    memset(&meters, 0, sizeof meters);
    fake_init();
    fake.duplicates = true;
    fake.default_miss = true;   /* It does not see where a continuation's
                                 * packets enter. */
    dpu_caps_all(&all);
    dpu_flow_table_init(&device.flows, &fake_ops, &all);
    dpu_flow_set_proxy(&device.flows, ETHDEV, PROXY);
    ovs_list_init(&device.ports);
    ovs_list_push_back(&dpu_offload_devices, &device.node);
    dpu_meter_set(METER, &config);
    for (size_t i = 0; i < ARRAY_SIZE(megaflows); i++) {
        put(i);
    }
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    struct dpu_miss_stats misses;

    for (size_t i = 0; i < ARRAY_SIZE(megaflows); i++) {
        struct dpu_flow_key key = flow_key(i);

        assert_int_equal(dpu_flow_del(&device.flows, &key, NULL), 0);
    }
    dpu_meter_del(METER);
    dpu_miss_get_stats(&misses);
    assert_int_equal(misses.n_contexts, 0);
    assert_int_equal(dpu_ct_variant_count(), 0);
    assert_int_equal(dpu_ct_class_count(), 0);
    assert_int_equal(dpu_ct_next_count(), 0);
    assert_int_equal(meters.n, 0);
    assert_int_equal(fake_count(), 0);
    dpu_flow_table_destroy(&device.flows);
    ovs_list_remove(&device.node);
    return 0;
}

/* Audits. */

static void
audit_refs(struct dpu_refs_found found[DPU_REF_N_KINDS])
{
    ovs_mutex_lock(&dpu_offload_mutex);
    dpu_offload_audit_refs(found);
    ovs_mutex_unlock(&dpu_offload_mutex);
}

/* What all audits have found. */
static void
get_audited(struct dpu_refs_found all[DPU_REF_N_KINDS])
{
    ovs_mutex_lock(&dpu_offload_mutex);
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        all[i] = dpu_offload_audited_refs(i);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
}

/* Fails the test unless an audit finds so many of 'kind', and nothing of any
 * other, and nothing at all when it looks again. */
static void
check_found(enum dpu_ref_kind kind, uint64_t n_leaked, uint64_t n_missing)
{
    struct dpu_refs_found before[DPU_REF_N_KINDS];
    struct dpu_refs_found after[DPU_REF_N_KINDS];
    struct dpu_refs_found found[DPU_REF_N_KINDS];

    get_audited(before);
    audit_refs(found);
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        assert_int_equal(found[i].n_leaked, i == kind ? n_leaked : 0);
        assert_int_equal(found[i].n_missing, i == kind ? n_missing : 0);
    }

    while (dpu_flow_retry(&device.flows, &test_ports)) {
        continue;
    }
    check_in_hardware();

    audit_refs(found);
    get_audited(after);
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        assert_int_equal(found[i].n_leaked, 0);
        assert_int_equal(found[i].n_missing, 0);
        assert_int_equal(after[i].n_leaked - before[i].n_leaked,
                         i == kind ? n_leaked : 0);
        assert_int_equal(after[i].n_missing - before[i].n_missing,
                         i == kind ? n_missing : 0);
    }
}

static void
test_sound(void **state OVS_UNUSED)
{
    struct dpu_refs_found found[DPU_REF_N_KINDS];

    check_found(DPU_REF_CHAIN, 0, 0);
    audit_refs(found);
    /* Jumps to CT, POST, 5 and 6, two continuations in POST, and two
     * megaflows in 5. */
    assert_int_equal(found[DPU_REF_CHAIN].n_held, 8);
    assert_int_equal(found[DPU_REF_METER].n_held, 2);
    assert_int_equal(found[DPU_REF_VARIANT].n_held, 2);
    assert_int_equal(found[DPU_REF_NEXT].n_held, 2);
    assert_int_equal(found[DPU_REF_ASKED].n_held, 2);
    assert_true(found[DPU_REF_MISS].n_held >= 4);
}

/* Someone forgets to give a reference back. */
static void
test_leaks(void **state OVS_UNUSED)
{
    static const struct dpu_ct_traits label = { .label.u64.lo = 1 };
    static const struct dpu_ct_traits other = { .label.u64.lo = 2 };
    const struct dpu_rule_target target = { &fake_ops, PROXY };
    const struct dpu_chain_key key = {
        .recirc_id = 77, .in_port = u32_to_odp(1),
    };
    const struct dpu_miss miss = {
        .in_port = u32_to_odp(7),
        .actions = (const struct nlattr *) "\4\0\7\0",
        .actions_len = 4,
    };
    struct dpu_ct_variant variant;
    struct dpu_chain_jump *jump;
    struct dpu_reason reason;
    struct dpu_chain *chain;
    uint32_t number;

    /* Of objects that others refer to as well, and of new ones. */
    dpu_ct_variant_init(&variant, true, true, NULL, NULL);
    for (int i = 0; i < 2; i++) {
        const struct dpu_chain_key *used = &(const struct dpu_chain_key) {
            .recirc_id = 5, .in_port = u32_to_odp(1),
        };

        assert_true(dpu_chain_get(&device.flows.chains, i ? used : &key,
                                  &chain, &reason));
        check_found(DPU_REF_CHAIN, 1, 0);
        assert_true(dpu_chain_jump_get(&device.flows.chains, i ? used : &key,
                                       ETHDEV, &target, &jump, &reason));
        check_found(DPU_REF_JUMP, 1, 0);
        assert_int_not_equal(dpu_ct_class_get(i ? &other : &label,
                                              &other), 0);
        check_found(DPU_REF_ASKED, 1, 0);
        assert_int_not_equal(dpu_ct_variant_get(&variant), 0);
        check_found(DPU_REF_VARIANT, 1, 0);
    }
    dpu_miss_get(&miss);
    dpu_miss_get(&miss);
    check_found(DPU_REF_MISS, 2, 0);
    assert_true(dpu_meter_ref(METER, PROXY, &number, &reason));
    check_found(DPU_REF_METER, 1, 0);
    dpu_ct_next_get();
    check_found(DPU_REF_NEXT, 1, 0);
    assert_int_not_equal(dpu_ct_class_join(&label), 0);
    check_found(DPU_REF_CARRIED, 1, 0);
}

/* Someone gives one back twice, of an object that stays. */
static void
test_missing(void **state OVS_UNUSED)
{
    dpu_chain_put(&device.flows.chains, links(2, 0)->chain);
    check_found(DPU_REF_CHAIN, 0, 1);
    dpu_chain_jump_put(&device.flows.chains, links(4, 0)->next, false);
    check_found(DPU_REF_JUMP, 0, 1);
    dpu_miss_put(links(4, 0)->misses[0]);
    check_found(DPU_REF_MISS, 0, 1);
    dpu_meter_unref(links(4, 0)->meters[0], false);
    check_found(DPU_REF_METER, 0, 1);
    dpu_ct_variant_put(links(0, 0)->variant);
    check_found(DPU_REF_VARIANT, 0, 1);
    dpu_ct_class_put(links(2, 0)->class);
    check_found(DPU_REF_ASKED, 0, 1);
}

/* The same, until the object leaves, or is about to: rules that refer to it
 * come anew. */
static void
test_dangling(void **state OVS_UNUSED)
{
    struct dpu_refs_found found[DPU_REF_N_KINDS];

    for (int i = 0; i < 2; i++) {
        dpu_miss_put(links(4, 0)->misses[0]);
        dpu_ct_class_put(links(2, 0)->class);
    }
    for (int i = 4; i < 6; i++) {
        dpu_meter_unref(links(i, 0)->meters[0], false);
    }
    assert_int_equal(meters.n, 0);
    dpu_ct_next_put(links(0, 1)->resumes);

    for (int i = 4; i < 6; i++) {
        dpu_chain_jump_put(&device.flows.chains, links(i, 0)->next, false);
    }
    dpu_ct_variant_put(links(0, 0)->variant);
    dpu_ct_variant_put(links(0, 0)->variant);
    assert_int_equal(dpu_ct_variant_count(), 0);

    audit_refs(found);
    assert_int_equal(found[DPU_REF_MISS].n_missing, 2);
    assert_int_equal(found[DPU_REF_ASKED].n_missing, 2);
    assert_int_equal(found[DPU_REF_METER].n_missing, 2);
    assert_int_equal(found[DPU_REF_NEXT].n_missing, 1);
    assert_int_equal(found[DPU_REF_JUMP].n_missing, 2);
    assert_int_equal(found[DPU_REF_VARIANT].n_missing, 2);
    /* Megaflows 0, 1, 4 and 5 wait; 2 and 3 are as they were. */
    assert_int_equal(dpu_flow_n_rules(&device.flows), 2);
    while (dpu_flow_retry(&device.flows, &test_ports)) {
        continue;
    }
    check_found(DPU_REF_CHAIN, 0, 0);
}

/* Asks the device for its meters, and then for the rules. */
static void
check_lost(size_t restored, size_t lost, size_t rules_restored)
{
    struct dpu_audit of_meters = { .n_there = 0 };
    struct dpu_audit of_rules = { .n_there = 0 };

    dpu_meter_audit(PROXY, &of_meters);
    dpu_flow_audit(&device.flows, ETHDEV, &test_ports, &of_rules);
    dpu_meter_audit_end(PROXY);
    assert_int_equal(of_meters.n_restored, restored);
    assert_int_equal(of_meters.n_lost, lost);
    assert_int_equal(of_rules.n_restored, rules_restored);
}

static void
test_meters(void **state OVS_UNUSED)
{
    uint32_t number = links(4, 0)->meters[0];

    check_lost(0, 0, 0);
    meters.lost = number;
    meters.n = 0;
    check_lost(1, 0, 2);
    assert_true(links(4, 0)->meters[0] > number);
    assert_int_equal(links(4, 0)->meters[0], links(5, 0)->meters[0]);
    assert_int_equal(meters.n, 1);
    check_found(DPU_REF_METER, 0, 0);
    check_lost(0, 0, 0);

    /* Its rules are gone, too, and the device takes no new one now. */
    meters.lost = links(4, 0)->meters[0];
    meters.n = 0;
    meters.refuse = true;
    check_lost(0, 1, 0);
    meters.refuse = false;
    put(4);
    put(5);
    check_found(DPU_REF_METER, 0, 0);

    /* Open vSwitch has deleted it meanwhile: nothing is put back. */
    meters.lost = links(4, 0)->meters[0];
    meters.n = 0;
    dpu_meter_del(METER);
    check_lost(0, 1, 0);
    assert_int_equal(meters.n, 0);
}

static int
software_execute(struct conntrack *ct OVS_UNUSED,
                 struct dp_packet_batch *batch OVS_UNUSED,
                 ovs_be16 dl_type OVS_UNUSED, bool force OVS_UNUSED,
                 bool commit OVS_UNUSED, uint16_t zone OVS_UNUSED,
                 const uint32_t *setmark OVS_UNUSED,
                 const struct ovs_key_ct_labels *setlabel OVS_UNUSED,
                 ovs_be16 tp_src OVS_UNUSED, ovs_be16 tp_dst OVS_UNUSED,
                 const char *helper OVS_UNUSED,
                 const struct nat_action_info_t *nat OVS_UNUSED,
                 long long int now OVS_UNUSED, uint32_t tp_id OVS_UNUSED)
{
    return 0;
}

static bool
resolve(odp_port_t port OVS_UNUSED, struct dpu_ct_device **ct OVS_UNUSED,
        uint16_t *ethdev OVS_UNUSED)
{
    return false;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct dpu_ct_software software = {
        .execute = software_execute,
    };
    static const struct CMUnitTest tests[] = {
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
        TEST(test_sound),
        TEST(test_leaks),
        TEST(test_missing),
        TEST(test_dangling),
        TEST(test_meters),
#undef TEST
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    dpu_ct_init(&software, resolve);
    return cmocka_run_group_tests_name("dpu-offload-audit", tests, NULL,
                                       NULL);
}
