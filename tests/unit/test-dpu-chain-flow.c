/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-chain-flow: megaflows that stand in chains and jump to them: at any
 * time each packet finds its way, and nothing is left behind. */

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

#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"

static struct dpu_flow_table table;

#define PROXY 3

static struct dpu_flow_key
flow_key(uint32_t n, uint32_t in_port)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n, n, n, n },
        .ethdev = in_port + 10,
    };
}

/* Puts megaflow 'n', in the chain of 'recirc_id' and 'in_port'. */
static bool
put_at(uint32_t n, uint32_t in_port, uint32_t recirc_id, const char *actions)
{
    struct dpu_flow_key key = flow_key(n, in_port);

    return test_megaflow_put(&table, &key, recirc_id, in_port,
                             "eth_type(0x1234)", actions);
}

/* The same with port 1. */
static bool
put(uint32_t n, uint32_t recirc_id, const char *actions)
{
    return put_at(n, 1, recirc_id, actions);
}

static void
del(uint32_t n)
{
    struct dpu_flow_key key = flow_key(n, 1);

    assert_int_equal(dpu_flow_del(&table, &key, NULL), 0);
}

static size_t
n_contexts(void)
{
    struct dpu_miss_stats stats;

    dpu_miss_get_stats(&stats);
    return stats.n_contexts;
}

/* A packet that enters at port 1 leaves at ethdev 'output'. */
static void
check_output(int output)
{
    uint32_t mark;

    assert_int_equal(fake_send(11, &mark), output);
}

/* It comes up, with a mark if 'marked'. */
static void
check_up(bool marked)
{
    uint32_t mark;

    assert_int_equal(fake_send(11, &mark), -11);
    assert_int_equal(mark != 0, marked);
}

static void
init_flows(void)
{
    struct dpu_caps all;

    fake_init();
    dpu_caps_all(&all);
    dpu_flow_table_init(&table, &fake_ops, &all);
    dpu_flow_set_proxy(&table, 11, PROXY);
    dpu_flow_set_proxy(&table, 12, PROXY);
}

static int
setup_flows(void **state OVS_UNUSED)
{
    init_flows();
    return 0;
}

static int
setup_flows_default_miss(void **state)
{
    setup_flows(state);
    table.caps.default_miss = true;
    fake.default_miss = true;
    return 0;
}

static void
check_empty(void)
{
    size_t n_chains, n_rules;

    dpu_chain_table_count(&table.chains, &n_chains, &n_rules);
    assert_int_equal(n_chains, 0);
    assert_int_equal(n_rules, 0);
    assert_int_equal(fake_count(), 0);
    assert_int_equal(n_contexts(), 0);
}

static int
teardown_flows(void **state OVS_UNUSED)
{
    dpu_flow_evict_all(&table);
    check_empty();
    dpu_flow_table_destroy(&table);
    return 0;
}

/* Three chains, in every order of coming and of going. */
static void
test_any_order(void **state OVS_UNUSED)
{
    static const uint8_t orders[][3] = {
        { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 },
        { 3, 2, 1 },
    };
    static const char *actions[] = { NULL, "recirc(5)", "recirc(6)", "2" };
    static const uint32_t recirc_ids[] = { 0, 0, 5, 6 };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(orders); j++) {
            for (size_t k = 0; k < 3; k++) {
                uint32_t n = orders[i][k];

                assert_true(put(n, recirc_ids[n], actions[n]));
                if (k < 2) {
                    check_up(n == 1 || orders[i][0] == 1);
                }
            }
            check_output(12);
            assert_int_equal(n_contexts(), 2);
            for (size_t k = 0; k < 3; k++) {
                del(orders[j][k]);
            }
            check_empty();
        }
    }
}

/* What is left to do, by mark: one context for equal ones. */
static void
test_contexts(void **state OVS_UNUSED)
{
    uint32_t mark, mark2;

    assert_true(put(1, 0, "recirc(5)"));
    fake_send(11, &mark);
    assert_true(put(2, 5, "recirc(5)"));
    assert_int_equal(n_contexts(), 1);
    assert_true(put(2, 5, "recirc(6)"));
    assert_int_equal(n_contexts(), 2);
    fake_send(11, &mark2);
    assert_int_not_equal(mark, mark2);
}

/* Those who jump to one chain keep what is left to do apart. */
static void
test_two_jumps(void **state OVS_UNUSED)
{
    size_t n_chains, n_rules;
    uint32_t mark, mark2;

    assert_true(put_at(1, 1, 0, "tnl_pop(30)"));
    assert_true(put_at(2, 2, 0, "tnl_pop(30)"));
    dpu_chain_table_count(&table.chains, &n_chains, &n_rules);
    assert_int_equal(n_chains, 1);
    assert_int_equal(n_rules, fake.default_miss ? 0 : 2);
    assert_int_equal(fake_send(11, &mark), -11);
    assert_int_equal(fake_send(12, &mark2), -12);
    assert_int_not_equal(mark, 0);
    assert_int_not_equal(mark2, 0);
    assert_int_not_equal(mark, mark2);
}

/* At each moment of a modification the packets have one way or another. */
static bool watching;

static void
watch(void)
{
    if (watching) {
        check_output(12);
    }
}

static int
fake_create_watched(uint16_t ethdev, const struct dpu_spec *spec,
                    struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval;

    watch();
    retval = fake_create(ethdev, spec, rule, error);
    watch();
    return retval;
}

static int
fake_destroy_watched(uint16_t ethdev, struct dpu_rule *rule,
                     struct rte_flow_error *error)
{
    int retval;

    watch();
    retval = fake_destroy(ethdev, rule, error);
    watch();
    return retval;
}

static const struct dpu_rule_ops watched_ops = {
    .create = fake_create_watched,
    .destroy = fake_destroy_watched,
    .query = fake_query,
};

static void
check_modify(void)
{
    table.ops = &watched_ops;
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    assert_true(put(3, 6, "2"));
    watching = true;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(put(1, 0, i % 2 ? "recirc(5)" : "recirc(6)"));
        assert_int_equal(n_contexts(), 1);
        assert_int_equal(fake_count(), 4);
    }
    assert_true(put(1, 0, "2"));
    assert_int_equal(fake_count(), 3);
    assert_true(put(1, 0, "recirc(5)"));
    watching = false;
}

static void
test_modify(void **state OVS_UNUSED)
{
    check_modify();
}

static void
test_modify_no_duplicates(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    table.caps.duplicates = false;
    check_modify();
}

/* The ethdev stops through which all was created, and starts again. */
static void
test_suspend(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    dpu_flow_suspend(&table, PROXY);
    assert_int_equal(fake_count(), 0);
    assert_int_equal(dpu_flow_n_rules(&table), 0);

    dpu_flow_set_proxy(&table, 11, 11);
    check_up(false);
    dpu_flow_retry(&table, &test_ports);
    dpu_flow_retry(&table, &test_ports);
    check_output(12);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fake.rules[i].ethdev, 11);
    }
}

static void
test_port_leaves(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    dpu_flow_forget(&table, 12);
    check_up(true);                 /* The first chain does not refer to it. */
    dpu_flow_forget(&table, 11);
    check_empty();
}

static void
test_vanish(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    fake.gone = true;               /* No call is made but to find out. */
    dpu_flow_vanish(&table, PROXY);
    fake_init();
    check_empty();
}

static void
test_few_groups(void **state OVS_UNUSED)
{
    table.caps.max_group = 1;
    assert_true(put(1, 0, "recirc(5)"));
    assert_false(put(2, 0, "recirc(6)"));
    assert_false(put(3, 6, "2"));
    assert_true(put(4, 5, "2"));
    assert_int_equal(table.n_refused[DPU_REASON_RECIRC], 2);
    /* Others find room: it is not the device that is full. */
    assert_true(put(5, 0, "2"));
    del(1);
    del(4);
    assert_true(put(2, 0, "recirc(6)"));
}

static void
test_too_few_priorities(void **state OVS_UNUSED)
{
    fake.n_priorities = DPU_CHAIN_MISS_PRIORITY;
    assert_false(put(1, 0, "recirc(5)"));
    assert_int_equal(table.n_refused[DPU_REASON_DEVICE_REFUSED], 1);
    check_empty();
}

/* Each call of a sequence fails once: nothing leaks. */
static void
test_fail_at_step(void **state OVS_UNUSED)
{
    static const int errors[] = { EIO, ENOSPC, ENOTSUP };
    unsigned int n = 1;

    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        for (n = 1; ; n++) {
            bool failed;

            init_flows();
            fake.error = errors[i];
            fake.fail_at = n;
            put(1, 0, "recirc(5)");
            put(2, 5, "recirc(6)");
            put(3, 6, "2");
            put(1, 0, "recirc(6)");
            put(2, 5, "2");
            failed = fake.n_calls >= n;
            check_output(failed && fake_send(11, &(uint32_t) { 0 }) < 0
                         ? -11 : 12);
            dpu_flow_evict_all(&table);
            check_empty();
            dpu_flow_table_destroy(&table);
            if (!failed) {
                break;
            }
        }
        assert_in_range(n, 8, 20);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define FLOWS(TEST) \
    cmocka_unit_test_setup_teardown(TEST, setup_flows, teardown_flows)
#define DEFAULT_MISS(TEST) \
    { #TEST " by default", TEST, setup_flows_default_miss, teardown_flows, \
      NULL }
    static const struct CMUnitTest tests[] = {
        FLOWS(test_any_order),
        DEFAULT_MISS(test_any_order),
        FLOWS(test_contexts),
        DEFAULT_MISS(test_contexts),
        FLOWS(test_two_jumps),
        DEFAULT_MISS(test_two_jumps),
        FLOWS(test_modify),
        FLOWS(test_modify_no_duplicates),
        FLOWS(test_suspend),
        FLOWS(test_port_leaves),
        DEFAULT_MISS(test_port_leaves),
        FLOWS(test_vanish),
        DEFAULT_MISS(test_vanish),
        FLOWS(test_few_groups),
        FLOWS(test_too_few_priorities),
        cmocka_unit_test(test_fail_at_step),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-chain-flow", tests, NULL, NULL);
}
