/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-meter: meters on a fake device that fails on demand: it counts the
 * profiles, policies and meters that it has. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_flow.h>
#include <rte_mtr.h>

#include "openvswitch/ofp-meter.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"

#define ETHDEV 3

/* The fake device. */

static struct {
    unsigned int n_profiles, n_policies, n_meters;
    unsigned int n_calls, fail_at;
    struct rte_mtr_meter_profile profile;   /* The last one. */
    uint32_t profile_id;                    /* Of the last meter. */
    uint32_t added_id;                      /* The last one's. */
    struct rte_mtr_stats stats;
    uint32_t lost;                          /* Those up to this number are. */
    int stats_error;
} fake;

static int
fake_call(struct rte_mtr_error *error)
{
    if (++fake.n_calls != fake.fail_at) {
        return 0;
    }
    error->message = "told to fail";
    return -ENOSPC;
}

#define FAKE(NAME, ...)                         \
    int __wrap_rte_mtr_##NAME(__VA_ARGS__);     \
    int __wrap_rte_mtr_##NAME(__VA_ARGS__)

FAKE(capabilities_get, uint16_t ethdev, struct rte_mtr_capabilities *caps,
     struct rte_mtr_error *error)
{
    assert_int_equal(ethdev, ETHDEV);
    memset(caps, 0, sizeof *caps);
    caps->stats_mask = RTE_MTR_STATS_N_PKTS_GREEN;
    return fake_call(error);
}

FAKE(meter_profile_add, uint16_t ethdev, uint32_t id,
     struct rte_mtr_meter_profile *profile, struct rte_mtr_error *error)
{
    int retval = fake_call(error);

    assert_int_equal(ethdev, ETHDEV);
    if (!retval) {
        fake.n_profiles++;
        fake.profile = *profile;
        fake.added_id = id;
    }
    return retval;
}

FAKE(meter_profile_delete, uint16_t ethdev OVS_UNUSED, uint32_t id,
     struct rte_mtr_error *error OVS_UNUSED)
{
    /* Not one that is in use. */
    assert_true(!fake.n_meters || id != fake.profile_id);
    assert_true(fake.n_profiles > 0);
    fake.n_profiles--;
    return 0;
}

FAKE(meter_policy_add, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_meter_policy_params *params, struct rte_mtr_error *error)
{
    int retval = fake_call(error);

    assert_int_equal(params->actions[RTE_COLOR_GREEN]->type,
                     RTE_FLOW_ACTION_TYPE_END);
    assert_int_equal(params->actions[RTE_COLOR_RED]->type,
                     RTE_FLOW_ACTION_TYPE_DROP);
    fake.n_policies += !retval;
    return retval;
}

FAKE(meter_policy_delete, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_error *error OVS_UNUSED)
{
    assert_true(fake.n_policies > 0);
    fake.n_policies--;
    return 0;
}

FAKE(create, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     struct rte_mtr_params *params, int shared, struct rte_mtr_error *error)
{
    int retval = fake_call(error);

    assert_true(shared);
    assert_true(params->meter_enable);
    assert_int_equal(params->stats_mask, RTE_MTR_STATS_N_PKTS_GREEN);
    if (!retval) {
        fake.n_meters++;
        fake.profile_id = params->meter_profile_id;
    }
    return retval;
}

FAKE(destroy, uint16_t ethdev OVS_UNUSED, uint32_t id,
     struct rte_mtr_error *error OVS_UNUSED)
{
    assert_true(id > fake.lost);
    assert_true(fake.n_meters > 0);
    fake.n_meters--;
    return 0;
}

FAKE(meter_profile_update, uint16_t ethdev OVS_UNUSED, uint32_t id OVS_UNUSED,
     uint32_t profile, struct rte_mtr_error *error)
{
    int retval = fake_call(error);

    if (!retval) {
        fake.profile_id = profile;
    }
    return retval;
}

FAKE(stats_read, uint16_t ethdev OVS_UNUSED, uint32_t id,
     struct rte_mtr_stats *stats, uint64_t *mask OVS_UNUSED, int clear,
     struct rte_mtr_error *error OVS_UNUSED)
{
    assert_false(clear);
    if (id <= fake.lost) {
        return -ENOENT;
    } else if (fake.stats_error) {
        return -fake.stats_error;
    }
    *stats = fake.stats;
    return 0;
}

static void
check_fake(unsigned int n)
{
    assert_int_equal(fake.n_profiles, n);
    assert_int_equal(fake.n_policies, n);
    assert_int_equal(fake.n_meters, n);
}

static bool
set(uint32_t id, uint16_t flags, uint32_t rate, uint32_t burst)
{
    struct ofputil_meter_band band = {
        .type = OFPMBT13_DROP,
        .rate = rate,
        .burst_size = burst,
    };
    struct ofputil_meter_config config = {
        .flags = flags,
        .n_bands = 1,
        .bands = &band,
    };

    return dpu_meter_set(id, &config);
}

static uint32_t
ref(uint32_t id)
{
    struct dpu_reason reason;
    uint32_t number = 0;

    assert_true(dpu_meter_ref(id, ETHDEV, &number, &reason));
    assert_int_not_equal(number, 0);
    return number;
}

/* Packets and bytes that meter 5 saw, and that it dropped. */
static void
check_stats(uint64_t n_packets, uint64_t n_bytes,
            uint64_t n_packets_dropped, uint64_t n_bytes_dropped)
{
    struct ofputil_meter_band_stats band = { 10, 1000 };
    struct ofputil_meter_stats stats = {
        .packet_in_count = 20,
        .byte_in_count = 2000,
        .bands = &band,
    };

    dpu_meter_add_stats(5, &stats, 1);
    assert_int_equal(stats.packet_in_count, 20 + n_packets);
    assert_int_equal(stats.byte_in_count, 2000 + n_bytes);
    assert_int_equal(band.packet_count, 10 + n_packets_dropped);
    assert_int_equal(band.byte_count, 1000 + n_bytes_dropped);
    dpu_meter_add_stats(5, &stats, 0);
    assert_int_equal(band.packet_count, 10 + n_packets_dropped);
}

static int
setup(void **state OVS_UNUSED)
{
    memset(&fake, 0, sizeof fake);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    dpu_meter_del(5);
    check_fake(0);
    return 0;
}

static void
test_units(void **state OVS_UNUSED)
{
    set(5, OFPMF13_KBPS | OFPMF13_BURST, 1000, 80);
    dpu_meter_unref(ref(5), false);
    assert_int_equal(fake.profile.alg, RTE_MTR_SRTCM_RFC2697);
    assert_false(fake.profile.packet_mode);
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 125000);
    assert_int_equal(fake.profile.srtcm_rfc2697.cbs, 10000);
    assert_int_equal(fake.profile.srtcm_rfc2697.ebs, 0);

    set(5, OFPMF13_PKTPS | OFPMF13_BURST, 1000, 80);
    dpu_meter_unref(ref(5), false);
    assert_true(fake.profile.packet_mode);
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 1000);
    assert_int_equal(fake.profile.srtcm_rfc2697.cbs, 80);

    /* No burst: that of a second.  And the highest rate. */
    set(5, OFPMF13_KBPS, UINT32_MAX, 0);
    dpu_meter_unref(ref(5), false);
    assert_int_equal(fake.profile.srtcm_rfc2697.cir,
                     UINT32_MAX * UINT64_C(125));
    assert_int_equal(fake.profile.srtcm_rfc2697.cbs,
                     UINT32_MAX * UINT64_C(125));
}

static void
test_refs(void **state OVS_UNUSED)
{
    uint32_t number, old;

    set(5, OFPMF13_KBPS, 1000, 0);
    check_fake(0);
    number = ref(5);
    check_fake(1);
    assert_int_equal(ref(5), number);
    check_fake(1);
    dpu_meter_unref(number, false);
    check_fake(1);
    dpu_meter_unref(number, false);
    check_fake(0);
    dpu_meter_unref(0, false);

    /* A deleted one stays until its rule has left; a new one of the same id
     * is another. */
    old = ref(5);
    dpu_meter_del(5);
    check_fake(1);
    set(5, OFPMF13_KBPS, 2000, 0);
    number = ref(5);
    assert_int_not_equal(number, old);
    check_fake(2);
    dpu_meter_unref(old, false);
    check_fake(1);
    dpu_meter_unref(number, false);
}

static void
test_refused(void **state OVS_UNUSED)
{
    struct ofputil_meter_band bands[2] = {
        { .type = OFPMBT13_DROP, .rate = 1000 },
        { .type = OFPMBT13_DROP, .rate = 2000 },
    };
    struct ofputil_meter_config config = {
        .flags = OFPMF13_KBPS,
        .n_bands = 2,
        .bands = bands,
    };
    struct dpu_reason reason;
    uint32_t number;

    assert_false(dpu_meter_ref(5, ETHDEV, &number, &reason));
    assert_string_equal(reason.detail, "meter(5) is not there");
    assert_false(dpu_meter_set(5, &config));
    assert_false(dpu_meter_ref(5, ETHDEV, &number, &reason));
    assert_string_equal(reason.detail, "meter(5) of 2 bands");
    assert_int_equal(reason.code, DPU_REASON_ACTION);

    /* Who was refused is to try again when it changes, once. */
    assert_true(set(5, OFPMF13_KBPS, 1000, 0));
    assert_false(set(5, OFPMF13_KBPS, 2000, 0));
    number = ref(5);

    /* Who has it is to leave when it becomes one that the device does not
     * take, and may stay if it was changed again meanwhile. */
    assert_true(dpu_meter_set(5, &config));
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 250000);
    assert_false(set(5, OFPMF13_KBPS, 3000, 0));
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 375000);
    assert_int_equal(ref(5), number);
    dpu_meter_unref(number, false);
    dpu_meter_unref(number, false);
}

/* Nothing stays on the device when one of the calls into it fails. */
static void
test_failures(void **state OVS_UNUSED)
{
    struct dpu_reason reason;
    uint32_t number;

    set(5, OFPMF13_KBPS, 1000, 0);
    for (unsigned int i = 1; ; i++) {
        memset(&fake, 0, sizeof fake);
        fake.fail_at = i;
        if (dpu_meter_ref(5, ETHDEV, &number, &reason)) {
            assert_int_equal(i, 5);
            break;
        }
        assert_int_equal(reason.code, DPU_REASON_DEVICE_REFUSED);
        assert_string_equal(reason.detail, "meter(5): told to fail");
        check_fake(0);
    }
    dpu_meter_unref(number, false);
}

static void
test_modify(void **state OVS_UNUSED)
{
    uint32_t number, other, profile;

    assert_false(set(5, OFPMF13_KBPS, 1000, 0));
    number = ref(5);
    profile = fake.profile_id;

    assert_false(set(5, OFPMF13_KBPS, 2000, 0));
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 250000);
    assert_int_not_equal(fake.profile_id, profile);
    assert_int_equal(fake.profile_id, fake.added_id);
    check_fake(1);

    /* The device does not take the new profile, or that the meter gets it. */
    profile = fake.profile_id;
    for (int i = 1; i <= 2; i++) {
        fake.fail_at = fake.n_calls + i;
        assert_true(set(5, OFPMF13_KBPS, 3000, 0));
        assert_int_equal(fake.profile_id, profile);
        check_fake(1);
    }

    /* Whoever comes now gets one with the new rate. */
    other = ref(5);
    assert_int_not_equal(other, number);
    assert_int_equal(fake.profile.srtcm_rfc2697.cir, 375000);
    check_fake(2);
    dpu_meter_unref(number, false);
    dpu_meter_unref(other, false);
}

static void
test_stats(void **state OVS_UNUSED)
{
    uint32_t number;

    set(5, OFPMF13_KBPS, 1000, 0);
    check_stats(0, 0, 0, 0);
    number = ref(5);
    fake.stats.n_pkts[RTE_COLOR_GREEN] = 7;
    fake.stats.n_bytes[RTE_COLOR_GREEN] = 700;
    fake.stats.n_pkts[RTE_COLOR_RED] = 3;
    fake.stats.n_bytes[RTE_COLOR_RED] = 300;
    fake.stats.n_pkts_dropped = 3;
    fake.stats.n_bytes_dropped = 300;
    check_stats(10, 1000, 3, 300);

    /* What a meter counted stays when its rules leave, and comes on top when
     * it is there again. */
    dpu_meter_unref(number, false);
    check_stats(10, 1000, 3, 300);
    number = ref(5);
    check_stats(20, 2000, 6, 600);

    /* A device that vanished cannot be asked. */
    dpu_meter_unref(number, true);
    check_stats(10, 1000, 3, 300);
    check_fake(1);
    memset(&fake, 0, sizeof fake);

    /* A deleted one has no statistics. */
    dpu_meter_del(5);
    check_stats(0, 0, 0, 0);
}

/* Audits ETHDEV, whose rules have no meter that it has lost. */
static void
check_audit(size_t there, size_t restored, size_t unknown)
{
    struct dpu_audit audit = { .n_there = 0 };

    dpu_meter_audit(ETHDEV, &audit);
    dpu_meter_audit_end(ETHDEV);
    assert_int_equal(audit.n_there, there);
    assert_int_equal(audit.n_restored, restored);
    assert_int_equal(audit.n_lost, 0);
    assert_int_equal(audit.n_unknown, unknown);
}

/* The device has lost a meter: there is another one, which stays if a rule
 * takes it, and what the first one counted stays. */
static void
test_audit(void **state OVS_UNUSED)
{
    struct dpu_audit audit = { .n_there = 0 };
    uint32_t number, other;

    set(5, OFPMF13_KBPS, 1000, 0);
    check_audit(0, 0, 0);
    number = ref(5);
    assert_false(dpu_meter_is_lost(number));
    assert_false(dpu_meter_is_lost(0));
    fake.stats.n_pkts[RTE_COLOR_GREEN] = 7;
    fake.stats.n_bytes[RTE_COLOR_GREEN] = 700;
    check_audit(1, 0, 0);

    /* No answer is no reason to do anything. */
    fake.stats_error = EIO;
    check_audit(0, 0, 1);
    fake.stats_error = 0;
    check_fake(1);

    fake.lost = number;
    fake.n_meters = 0;
    memset(&fake.stats, 0, sizeof fake.stats);
    dpu_meter_audit(ETHDEV, &audit);
    assert_int_equal(audit.n_restored, 1);
    assert_true(dpu_meter_is_lost(number));
    check_stats(7, 700, 0, 0);
    other = ref(5);
    assert_true(other > number);
    dpu_meter_unref(number, false);
    dpu_meter_audit_end(ETHDEV);
    assert_false(dpu_meter_is_lost(other));
    check_audit(1, 0, 0);
    check_fake(1);
    check_stats(7, 700, 0, 0);
    dpu_meter_unref(other, false);
    check_fake(0);

    /* Nobody takes the new one. */
    number = ref(5);
    fake.lost = number;
    fake.n_meters = 0;
    check_audit(0, 1, 0);
    check_audit(0, 1, 0);
    assert_int_equal(fake.n_meters, 0);
    dpu_meter_unref(number, false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_units, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
        cmocka_unit_test_setup_teardown(test_modify, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stats, setup, teardown),
        cmocka_unit_test_setup_teardown(test_audit, setup, teardown),
    };

    vlog_set_levels(NULL, VLF_CONSOLE, VLL_EMER);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
