/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-flow-review: tests of dpu-flow-review and dpu-audit: megaflows when
 * ports, meters and the device change under them. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "odp-util.h"
#include "tests/unit/flow-fixture.h"

#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"

static void
test_evict(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_true(put(3, 1, 2));
    assert_true(put(4, 2, 3));
    fake_forward(1, 1);
    fake_forward(2, 2);
    fake_forward(3, 3);

    /* What enters at ethdev 1 and what leaves there. */
    dpu_flow_evict(&table, 1);
    assert_int_equal(fake_count(0), 1);
    assert_int_equal(dpu_flow_n_rules(&table), 1);
    check_get(1, 0, false, 1);
    check_get(2, 1, false, 2);
    check_get(3, 1, false, 3);
    check_get(4, 2, true, 0);
    check_refused(DPU_REASON_IN_PORT, 2, 2);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);

    /* They come back when they are put again. */
    assert_true(put(1, 0, 1));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    fake_forward(1, 1);
    check_get(1, 0, true, 2);
}

static void
test_suspend(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(AT_PORT, 3, 1));
    fake_forward(1, 1);

    dpu_flow_suspend(&table, PROXY);
    assert_int_equal(fake_count(1), 0);
    assert_int_equal(fake_count(AT_PORT), 1);
    check_get(1, 0, false, 1);
    dpu_flow_suspend(&table, 3);
    assert_int_equal(fake_count(0), 0);

    assert_true(dpu_flow_retry(&table, &port_map));
    assert_true(dpu_flow_retry(&table, &port_map));
    assert_false(dpu_flow_retry(&table, &port_map));
    fake_forward(1, 1);
    check_get(1, 0, true, 2);
    check_get(AT_PORT, 3, true, 0);
}

static void
test_review(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_false(put(3, 1, NO_PORT));
    fake_forward(1, 3);

    /* What enters at 0 leaves hardware, with its counts; what leaves through
     * it stays, and so does the refusal of what was refused before. */
    policed = 0;
    dpu_flow_review(&table, 0, &port_map);
    assert_int_equal(fake_count(0), 1);
    check_get(1, 0, false, 3);
    check_get(2, 1, true, 0);
    check_refused(DPU_REASON_ACTION_SOFTWARE, 1, 1);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 2);
    assert_false(put(4, 0, 1));

    policed = -1;
    dpu_flow_review(&table, 0, &port_map);
    check_refused(DPU_REASON_ACTION_SOFTWARE, 0, 2);
    fake_forward(1, 2);
    check_get(1, 0, true, 5);
    check_get(2, 1, true, 0);
    check_get(4, 0, true, 0);
    check_get(3, 1, false, 0);

    /* The port that was missing comes. */
    n_ethdevs = NO_PORT + 1;
    dpu_flow_review(&table, NO_PORT, &port_map);
    check_get(3, 1, true, 0);
    check_get(1, 0, true, 5);
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 3);
}

/* A policer stays where it is, whatever becomes of megaflows, and is none. */
static void
test_policer(void **state OVS_UNUSED)
{
    const struct dpu_flow_key key = { .ethdev = 0 };
    struct match match;
    struct dpu_megaflow policer = { .match = &match, .policer = true };

    match_init_catchall(&match);
    MATCH_SET_FIELD_MASKED((&match), in_port.odp_port, u32_to_odp(0),
                           ODPP_NONE);
    match_set_nw_src(&match, htonl(7));
    assert_true(dpu_flow_put(&table, &key, &policer, &port_map));
    assert_true(put(1, 0, 1));
    assert_int_equal(table.n_policers, 1);

    fake.n_calls = 0;
    dpu_flow_review(&table, 0, &port_map);
    assert_int_equal(fake.n_calls, 3);      /* Count, leave, come: of 1. */
    dpu_flow_evict(&table, 0);
    assert_int_equal(fake_count(1), 0);
    assert_int_equal(fake_count(7), 1);

    /* But it leaves with its port. */
    dpu_flow_suspend(&table, PROXY);
    assert_int_equal(fake_count(7), 0);
    assert_true(dpu_flow_retry(&table, &port_map));
    assert_int_equal(fake_count(7), 1);
    assert_int_equal(table.n_policers, 1);
    dpu_flow_forget(&table, 0);
    assert_int_equal(table.n_policers, 0);
    assert_int_equal(fake_count(0), 0);
}

/* A port that software had to output to comes to the device. */
static void
test_review_copies(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(COPIED, 0, NO_PORT));
    assert_true(put(2, 0, 1));
    n_calls = fake.n_calls;
    n_ethdevs = NO_PORT + 1;
    dpu_flow_review(&table, NO_PORT, &port_map);
    assert_true(fake.n_calls > n_calls);
    check_get(COPIED, 0, true, 0);

    /* Now it is as any other. */
    n_calls = fake.n_calls;
    dpu_flow_review(&table, 5, &port_map);
    assert_int_equal(fake.n_calls, n_calls);
}

static void
test_review_meter(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, METERED + 1));
    assert_true(put(2, 0, METERED + 2));
    assert_true(put(3, 0, 1));
    fake_forward(1, 3);

    /* It is no longer one that the device takes. */
    no_meters = true;
    dpu_flow_review_meter(&table, 1, &port_map);
    check_get(1, 0, false, 3);
    check_get(2, 0, true, 0);
    check_get(3, 0, true, 0);
    check_refused(DPU_REASON_ACTION, 1, 1);

    /* It is again. */
    no_meters = false;
    dpu_flow_review_meter(&table, 2, &port_map);
    check_get(1, 0, false, 3);
    dpu_flow_review_meter(&table, 1, &port_map);
    fake_forward(1, 1);
    check_get(1, 0, true, 4);
    check_refused(DPU_REASON_ACTION, 0, 1);
}

/* Audits what enters at 'in'. */
static void
check_audit(uint16_t in, size_t there, size_t restored, size_t lost,
            size_t unknown)
{
    struct dpu_audit audit = { .n_there = 0 };

    dpu_flow_audit(&table, in, &port_map, &audit);
    assert_int_equal(audit.n_there, there);
    assert_int_equal(audit.n_restored, restored);
    assert_int_equal(audit.n_lost, lost);
    assert_int_equal(audit.n_unknown, unknown);
}

static void
test_audit(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    assert_true(put(3, 1, 0));
    assert_false(put(4, 0, NO_PORT));
    fake_forward(1, 5);
    check_get(1, 0, true, 5);
    check_audit(0, 2, 0, 0, 0);

    /* What enters at another port is not asked for. */
    fake_lose(1);
    fake_lose(3);
    check_audit(0, 1, 1, 0, 0);
    assert_int_equal(fake_count(1), 1);
    assert_int_equal(fake_count(3), 0);
    check_audit(1, 0, 1, 0, 0);
    assert_int_equal(fake_count(0), 3);
    assert_int_equal(dpu_flow_n_rules(&table), 3);

    /* Counts go on where they were. */
    fake_forward(1, 2);
    check_get(1, 0, true, 7);
    check_audit(0, 2, 0, 0, 0);
}

static void
test_audit_fails(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));

    /* No answer is no reason to do anything. */
    fake.fail_at = fake.n_calls + 1;
    fake.error = EIO;
    check_audit(0, 1, 0, 0, 1);
    assert_int_equal(fake_count(0), 2);

    /* Others have taken the room meanwhile: the megaflow waits for it. */
    fake_lose(1);
    fake.capacity = 1;
    check_audit(0, 1, 0, 1, 0);
    check_get(1, 0, false, 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);
    assert_int_equal(dpu_flow_n_rules(&table), 1);

    fake.gone = true;
    check_audit(0, 0, 0, 0, 1);
    fake.gone = false;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        FLOW_TEST(test_evict),
        FLOW_TEST(test_suspend),
        FLOW_TEST(test_review),
        FLOW_TEST(test_policer),
        FLOW_TEST(test_review_copies),
        FLOW_TEST(test_review_meter),
        FLOW_TEST(test_audit),
        FLOW_TEST(test_audit_fails),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-flow-review", tests, NULL, NULL);
}
