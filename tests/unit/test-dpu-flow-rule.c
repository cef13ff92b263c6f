/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-flow-rule: tests of dpu-flow-rule: megaflows that change, and those
 * that are several rules. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/flow-fixture.h"

#include "openvswitch/vlog.h"
#include "util.h"

/* Watches over a modification: the old rule leaves when the new one is in. */
static int
fake_destroy_second(uint16_t ethdev, struct dpu_rule *rule,
                    struct rte_flow_error *error)
{
    assert_int_equal(fake_count(rule->match), 2);
    return fake_destroy(ethdev, rule, error);
}

static const struct dpu_rule_ops make_before_break_ops = {
    .create = fake_create,
    .destroy = fake_destroy_second,
    .query = fake_query,
};

static void
check_modify(void)
{
    assert_true(put(1, 0, 1));
    for (int i = 1; i <= 5; i++) {
        fake_forward(1, 10);
        table.ops = &make_before_break_ops;
        assert_true(put(1, 0, 1 + i % 2));
        table.ops = &fake_ops;
        assert_int_equal(fake_count(1), 1);
        assert_int_equal(dpu_flow_n_rules(&table), 1);
        check_get(1, 0, true, 10 * i);
    }
}

static void
test_modify(void **state OVS_UNUSED)
{
    check_modify();
    assert_int_equal(fake.rules[0].priority, 0);
}

static void
test_modify_no_duplicates(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    table.caps.duplicates = false;
    check_modify();
}

/* Neither two rules with one match nor two priorities: the old one leaves
 * first. */
static void
test_modify_break_before_make(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    fake.n_priorities = 1;
    table.caps.duplicates = false;

    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_true(put(1, 0, 2));
    assert_int_equal(fake_count(1), 1);
    assert_int_equal(dpu_flow_n_rules(&table), 1);
    check_get(1, 0, true, 10);
}

/* No room for both. */
static void
test_modify_full(void **state OVS_UNUSED)
{
    fake.capacity = 1;
    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_true(put(1, 0, 2));
    assert_int_equal(fake_count(1), 1);
    check_get(1, 0, true, 10);
}

static void
test_modify_refused(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_false(put(1, 0, NO_PORT));
    assert_int_equal(fake_count(0), 0);     /* It would be wrong. */
    check_get(1, 0, false, 10);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);

    assert_true(put(1, 0, 2));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    fake_forward(1, 5);
    check_get(1, 0, true, 15);

    assert_false(put(1, 0, ODD_ACTION));
    assert_int_equal(del(1, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 15);
}

/* A megaflow that becomes several rules: they come and go together, and it
 * counts what all of them do. */
static void
test_split(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    assert_true(put(SPLIT, 0, 2));
    assert_int_equal(fake_count(0), 3);
    assert_int_equal(dpu_flow_n_rules(&table), 3);
    for (int i = 0; i < 3; i++) {
        fake_forward(SPLIT + i * SPLIT_STEP, 1 + i);
    }
    check_get(SPLIT, 0, true, 6);

    /* More of them, and fewer. */
    assert_true(put(SPLIT, 0, 3));
    assert_int_equal(fake_count(0), 4);
    check_get(SPLIT, 0, true, 6);
    fake_forward(SPLIT + 3 * SPLIT_STEP, 4);
    assert_true(put(SPLIT, 0, 0));
    assert_int_equal(fake_count(0), 1);
    assert_int_equal(dpu_flow_n_rules(&table), 1);
    fake_forward(SPLIT, 10);
    check_get(SPLIT, 0, true, 20);

    assert_true(put(SPLIT, 0, 1));
    fake_forward(SPLIT + SPLIT_STEP, 1);
    assert_int_equal(del(SPLIT, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 21);
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(dpu_flow_n_rules(&table), 0);
}

/* All of the new rules are there before the first old one leaves. */
static int
fake_destroy_split(uint16_t ethdev, struct dpu_rule *rule,
                   struct rte_flow_error *error)
{
    for (int i = 0; i < 3; i++) {
        assert_true(fake_count(SPLIT + i * SPLIT_STEP) >= 1);
    }
    return fake_destroy(ethdev, rule, error);
}

static const struct dpu_rule_ops make_split_ops = {
    .create = fake_create,
    .destroy = fake_destroy_split,
    .query = fake_query,
};

static void
test_split_modify(void **state OVS_UNUSED)
{
    for (int duplicates = 1; duplicates >= 0; duplicates--) {
        fake.duplicates = table.caps.duplicates = duplicates;
        assert_true(put(SPLIT, 0, 1));
        table.ops = &make_split_ops;
        assert_true(put(SPLIT, 0, 2));
        table.ops = &fake_ops;
        assert_int_equal(fake_count(0), 3);
        assert_int_equal(del(SPLIT, 0, NULL), 0);
    }
}

/* The device takes some of the rules: none stays, and what the first ones
 * counted meanwhile is not lost. */
static int
fake_create_forward(uint16_t ethdev, const struct dpu_spec *spec,
                    struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval = fake_create(ethdev, spec, rule, error);

    if (!retval) {
        fake_forward(spec->arena[0], 1);
    }
    return retval;
}

static const struct dpu_rule_ops forward_ops = {
    .create = fake_create_forward,
    .destroy = fake_destroy,
    .query = fake_query,
};

static void
test_split_full(void **state OVS_UNUSED)
{
    fake.capacity = 2;
    table.ops = &forward_ops;
    assert_false(put(SPLIT, 0, 3));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(dpu_flow_n_rules(&table), 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);
    check_get(SPLIT, 0, false, 2);

    /* There is room for what takes less. */
    table.full = false;
    assert_true(put(SPLIT, 0, 0));
    fake_forward(SPLIT, 1);
    check_get(SPLIT, 0, true, 3);

    /* For more only when that has left. */
    table.ops = &forward_ops;
    assert_true(put(SPLIT, 0, 1));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 2);
    check_get(SPLIT, 0, true, 6);

    assert_true(put(SPLIT, 0, 0));
    assert_true(put(1, 0, 1));
    table.ops = &forward_ops;
    assert_false(put(SPLIT, 0, 2));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 1);
    check_get(SPLIT, 0, false, 7);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        FLOW_TEST(test_modify),
        FLOW_TEST(test_modify_no_duplicates),
        FLOW_TEST(test_modify_break_before_make),
        FLOW_TEST(test_modify_full),
        FLOW_TEST(test_modify_refused),
        FLOW_TEST(test_split),
        FLOW_TEST(test_split_modify),
        FLOW_TEST(test_split_full),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-flow-rule", tests, NULL, NULL);
}
