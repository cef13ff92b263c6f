/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-partial: megaflows of which hardware does the match alone: which
 * they are, their rules, and their way between software, part and whole. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/chain-fixture.h"
#include "tests/unit/megaflow.h"

#include "dpif.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"

#define IP "eth_type(0x0800)"

/* Translation. */

/* What becomes of 'match' and 'actions' with Open vSwitch's 'flow_mark', when
 * they were refused as a whole; "" if nothing.  The caller frees it. */
static char *
translate(const struct dpu_caps *caps, uint32_t flow_mark, const char *match,
          const char *actions)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_megaflow megaflow;
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;

    test_megaflow_init(&m, match, actions);
    assert_false(test_megaflow_translate(&m, caps, &spec, &reason));
    megaflow = (struct dpu_megaflow) {
        .match = &m.match,
        .actions = m.actions.data,
        .actions_len = m.actions.size,
        .origin = 11,
        .flow_mark = flow_mark,
    };
    if (dpu_partial_translate(&megaflow, &test_ports, caps, &reason, &spec)) {
        assert_int_equal(spec.flow_mark, flow_mark);
        dpu_spec_format(&spec, &s);
    }
    test_megaflow_destroy(&m);
    return ds_steal_cstr(&s);
}

static void
check(const struct dpu_caps *caps, uint32_t flow_mark, const char *match,
      const char *actions, const char *expected)
{
    char *got = translate(caps, flow_mark, match, actions);

    assert_string_equal(got, expected);
    free(got);
}

#define HEAD "group 0 priority 0 transfer pattern represented_port " \
             "ethdev_port_id is 11 / eth type is 0x800 / end actions "
#define MARKED HEAD "count / mark id 8388613 / port_representor port_id 11 " \
                    "/ end"

/* Whatever the actions are. */
static void
test_actions(void **state OVS_UNUSED)
{
    static const char *const lists[] = {
        "lb_output(1)",
        "trunc(100),2",
        "userspace(pid=0,controller(reason=1,dont_send=0,continuation=0,"
            "recirc_id=1,rule_cookie=0,controller_id=0,max_len=100))",
        "20",
        "sample(sample=40%,actions(2)),3",
        "recirc(1),2",
    };
    struct dpu_caps all;

    dpu_caps_all(&all);
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        check(&all, 5, IP, lists[i], MARKED);
    }
}

/* What is refused of its match is refused here, too. */
static void
test_matches(void **state OVS_UNUSED)
{
    struct dpu_caps all;

    dpu_caps_all(&all);
    check(&all, 5, IP ",skb_mark(1)", "lb_output(1)", "");

    /* Later lookups do not look at the mark. */
    check(&all, 5, "recirc_id(1),in_port(1)," IP, "lb_output(1)", "");
    check(&all, 5, "recirc_id(0),tunnel(tun_id=0x5,src=1.1.1.1,dst=2.2.2.2,"
          "ttl=64,flags(key)),in_port(30)," IP, "lb_output(1)", "");
    check(&all, 5, "recirc_id(0),in_port(20)," IP, "lb_output(1)", "");

    /* What comes up does not get past ingress policing. */
    check(&all, 5, "recirc_id(0),in_port(8)," IP, "2",
          "group 0 priority 0 transfer pattern represented_port "
          "ethdev_port_id is 18 / eth type is 0x800 / end actions count / "
          "mark id 8388613 / port_representor port_id 18 / end");
}

static void
test_marks(void **state OVS_UNUSED)
{
    struct dpu_caps all;

    dpu_caps_all(&all);
    check(&all, 0, IP, "lb_output(1)", "");
    check(&all, DPU_MARK_MAX - DPU_MARK_FLOW, IP, "lb_output(1)",
          HEAD "count / mark id 16777199 / port_representor port_id 11 / end");
    check(&all, DPU_MARK_MAX - DPU_MARK_FLOW + 1, IP, "lb_output(1)", "");
}

static void
test_devices(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    caps = test_caps_without(NULL, "count", NULL);
    check(&caps, 5, IP, "lb_output(1)",
          HEAD "mark id 8388613 / port_representor port_id 11 / end");
    caps = test_caps_without(NULL, "mark", NULL);
    check(&caps, 5, IP, "lb_output(1)", "");
    caps = test_caps_without(NULL, "port_representor", NULL);
    check(&caps, 5, IP, "lb_output(1)", "");
    /* What matches nothing in a group comes up. */
    caps.default_miss = true;
    check(&caps, 5, IP, "lb_output(1)",
          HEAD "count / mark id 8388613 / jump group 0 / end");
    /* An action that the device lacks. */
    caps = test_caps_without(NULL, "dec_ttl set_ttl modify_field", NULL);
    check(&caps, 5, IP ",ipv4(ttl=64)", "set(ipv4(ttl=1)),2",
          "group 0 priority 0 transfer pattern represented_port "
          "ethdev_port_id is 11 / eth type is 0x800 / ipv4 ttl is 64 / "
          "end actions count / mark id 8388613 / "
          "port_representor port_id 11 / end");
}

/* Life. */

static struct dpu_flow_table table;
static uint64_t n_counted;          /* What each rule counts. */

static int
count(uint16_t ethdev OVS_UNUSED, struct dpu_rule *rule,
      struct dpu_rule_count *counts, struct rte_flow_error *error OVS_UNUSED)
{
    assert_true(rule->present);
    *counts = (struct dpu_rule_count) { n_counted, 100 * n_counted };
    return 0;
}

static const struct dpu_rule_ops ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = count,
};

static const struct dpu_flow_key key = {
    .ufid.u32 = { 1, 1, 1, 1 },
    .ethdev = 11,
};

static bool
put(const char *actions)
{
    struct dpu_megaflow megaflow;
    struct test_megaflow m;
    bool retval;

    test_megaflow_init(&m, IP, actions);
    megaflow = (struct dpu_megaflow) {
        .match = &m.match,
        .actions = m.actions.data,
        .actions_len = m.actions.size,
        .flow_mark = 5,
    };
    retval = dpu_flow_put(&table, &key, &megaflow, &test_ports);
    test_megaflow_destroy(&m);
    return retval;
}

/* Fails the test unless the megaflow is at 'place' and hardware counted
 * 'n_packets' for it that software has not. */
static void
check_place(enum dpu_flow_place place, uint64_t n_packets)
{
    struct dpif_flow_stats stats;
    enum dpu_flow_place got;

    assert_int_equal(dpu_flow_get(&table, &key, NULL, &stats, &got), 0);
    assert_int_equal(got, place);
    assert_int_equal(stats.n_packets, n_packets);
    assert_int_equal(stats.n_bytes, 100 * n_packets);
    assert_int_equal(table.n_partial, place == DPU_FLOW_IN_PART);
    assert_int_equal(table.n_refused[DPU_REASON_ACTION],
                     place != DPU_FLOW_IN_HARDWARE);
    assert_int_equal(fake_count(), place != DPU_FLOW_IN_SOFTWARE);
}

/* What enters comes up with the mark, or leaves at ethdev 12. */
static void
check_way(enum dpu_flow_place place)
{
    uint32_t mark;

    assert_int_equal(fake_send(11, &mark),
                     place == DPU_FLOW_IN_HARDWARE ? 12 : -11);
    assert_int_equal(mark, place == DPU_FLOW_IN_PART ? DPU_MARK_FLOW + 5 : 0);
}

static int
setup(void **state OVS_UNUSED)
{
    struct dpu_caps all;

    fake_init();
    n_counted = 0;
    dpu_caps_all(&all);
    dpu_flow_table_init(&table, &ops, &all);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    dpu_flow_table_destroy(&table);
    assert_int_equal(fake_count(), 0);
    return 0;
}

static void
test_life(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    /* In part: software counts. */
    assert_true(put("lb_output(1)"));
    n_counted = 3;
    check_place(DPU_FLOW_IN_PART, 0);
    check_way(DPU_FLOW_IN_PART);

    /* Whole. */
    n_counted = 4;
    assert_true(put("2"));
    check_place(DPU_FLOW_IN_HARDWARE, 4);
    check_way(DPU_FLOW_IN_HARDWARE);

    /* In part again: what hardware counted before stays. */
    assert_true(put("lb_output(1)"));
    n_counted = 7;
    check_place(DPU_FLOW_IN_PART, 4);
    check_way(DPU_FLOW_IN_PART);
    assert_true(put("trunc(100),2"));
    check_place(DPU_FLOW_IN_PART, 4);

    assert_int_equal(dpu_flow_del(&table, &key, &stats), 0);
    assert_int_equal(stats.n_packets, 4);
    assert_int_equal(table.n_partial, 0);
    assert_int_equal(table.n_refused[DPU_REASON_ACTION], 0);
}

static void
check_spec_cb(const struct dpu_flow *flow, void *expected_)
{
    const char *expected = expected_;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_true(dpu_flow_spec(&table, flow, &test_ports, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_ACTION);
    assert_string_equal(reason.detail, "lb_output");
    dpu_spec_format(&spec, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
test_shown(void **state OVS_UNUSED)
{
    static char expected[] = MARKED;

    assert_true(put("lb_output(1)"));
    dpu_flow_for_each(&table, false, check_spec_cb, expected);
}

/* A rule that a device refuses as a whole, and one that it refuses in part. */
static void
test_refusals(void **state OVS_UNUSED)
{
    fake.fail_at = 1;
    fake.error = ENOTSUP;
    assert_true(put("2"));
    assert_int_equal(table.n_refused[DPU_REASON_DEVICE_REFUSED], 1);
    assert_int_equal(table.n_partial, 1);
    check_way(DPU_FLOW_IN_PART);
    assert_int_equal(dpu_flow_del(&table, &key, NULL), 0);

    fake.fail_at = fake.n_calls + 1;
    assert_false(put("lb_output(1)"));
    check_place(DPU_FLOW_IN_SOFTWARE, 0);
    check_way(DPU_FLOW_IN_SOFTWARE);

    /* There is no use in trying the match where there is no room. */
    fake.fail_at = fake.n_calls + 1;
    fake.error = ENOSPC;
    assert_false(put("2"));
    assert_int_equal(table.n_refused[DPU_REASON_DEVICE_FULL], 1);
    assert_int_equal(fake_count(), 0);
}

/* The port leaves, and is back; the device vanishes. */
static void
test_leaving(void **state OVS_UNUSED)
{
    assert_true(put("lb_output(1)"));
    dpu_flow_evict(&table, 11);
    assert_int_equal(table.n_partial, 0);
    assert_int_equal(fake_count(), 0);

    assert_true(put("lb_output(1)"));
    dpu_flow_suspend(&table, 11);
    assert_int_equal(table.n_partial, 0);
    dpu_flow_retry(&table, &test_ports);
    check_place(DPU_FLOW_IN_PART, 0);

    dpu_flow_vanish(&table, 11);
    assert_int_equal(table.n_partial, 0);
    memset(fake.rules, 0, sizeof fake.rules);
}

/* A review, as when a port is new, leaves it as it is. */
static void
test_review(void **state OVS_UNUSED)
{
    assert_true(put("20"));
    assert_int_equal(table.n_partial, 1);
    dpu_flow_review(&table, 12, &test_ports);
    assert_int_equal(table.n_partial, 1);
    assert_int_equal(fake_count(), 1);
    assert_int_equal(table.n_refused[DPU_REASON_OUTPUT_PORT], 1);
}

/* Configuration. */

static void
configure(const char *value)
{
    struct smap config = SMAP_INITIALIZER(&config);

    if (value) {
        smap_add(&config, "dpu-partial", value);
    }
    dpu_partial_configure(&config);
    smap_destroy(&config);
}

static void
test_config(void **state OVS_UNUSED)
{
    assert_true(dpu_partial_enabled());
    configure("false");
    assert_false(dpu_partial_enabled());
    configure("perhaps");
    assert_false(dpu_partial_enabled());
    configure("true");
    assert_true(dpu_partial_enabled());
    configure("false");
    configure(NULL);
    assert_true(dpu_partial_enabled());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_devices),
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leaving, setup, teardown),
        cmocka_unit_test_setup_teardown(test_review, setup, teardown),
        cmocka_unit_test(test_config),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-partial", tests, NULL, NULL);
}
