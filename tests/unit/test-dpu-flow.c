/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-flow: tests of dpu-flow: megaflows that are put, counted and
 * deleted, on a device that refuses, fills up and fails. */

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
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

static void
test_put_get_del(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    check_no_get(1, 0);
    assert_true(put(1, 0, 1));
    check_get(1, 0, true, 0);
    fake_forward(1, 3);
    check_get(1, 0, true, 3);
    check_no_get(1, 1);             /* Enters elsewhere. */
    assert_int_equal(dpu_flow_n_rules(&table), 1);

    /* What comes after the last look is counted all the same. */
    fake_forward(1, 4);
    assert_int_equal(del(1, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 7);
    assert_int_equal(stats.n_bytes, 700);
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(dpu_flow_n_rules(&table), 0);
    check_no_get(1, 0);
    assert_int_equal(del(1, 0, NULL), ENOENT);

    /* The same megaflow, much later, counts anew. */
    assert_true(put(1, 0, 1));
    check_get(1, 0, true, 0);
}

static void
test_leave(void **state OVS_UNUSED)
{
    struct dpu_flow_key key = key_of(1, 0);
    struct dpif_flow_stats stats;
    static const char a, b;
    enum dpu_flow_place place;

    /* The last one who asks is told all. */
    assert_true(put(1, 0, 1));
    dpu_flow_get(&table, &key, &a, &stats, &place);
    fake_forward(1, 3);
    dpu_flow_leave(&table, &key, &a);
    assert_int_equal(fake_count(0), 0);
    dpu_flow_get(&table, &key, &a, &stats, &place);
    assert_int_equal(place, DPU_FLOW_IN_SOFTWARE);
    assert_int_equal(stats.n_packets, 3);
    assert_int_equal(del(1, 0, NULL), 0);

    /* Who is not the last one leaves the rule to the others. */
    assert_true(put(1, 0, 1));
    dpu_flow_get(&table, &key, &a, &stats, &place);
    dpu_flow_leave(&table, &key, &b);
    assert_int_equal(fake_count(1), 1);
    dpu_flow_get(&table, &key, &b, &stats, &place);
    dpu_flow_leave(&table, &key, &a);
    assert_int_equal(fake_count(1), 1);

    key.ethdev = 1;
    dpu_flow_leave(&table, &key, &a);
}

static void
test_put_same(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(1, 0, 1));
    n_calls = fake.n_calls;
    assert_true(put(1, 0, 1));
    assert_int_equal(fake.n_calls, n_calls);
}

static void
check_reason_cb(const struct dpu_flow *flow, void *reason)
{
    dpu_flow_reason(flow, reason);
}

/* A rule that its port's ethdev takes, and not the proxy. */
static void
test_at_port(void **state OVS_UNUSED)
{
    assert_true(put(AT_PORT, 3, 1));
    assert_true(put(1, 3, 1));
    assert_int_equal(fake.rules[0].ethdev, 3);
    assert_int_equal(fake.rules[1].ethdev, PROXY);
    fake_forward(AT_PORT, 2);
    check_get(AT_PORT, 3, true, 2);
    assert_true(put(AT_PORT, 3, 2));
    check_get(AT_PORT, 3, true, 2);
    assert_int_equal(del(AT_PORT, 3, NULL), 0);
}

static void
test_refused(void **state OVS_UNUSED)
{
    struct dpu_reason reason = { .code = DPU_REASON_NONE };

    assert_false(put(1, 0, NO_PORT));
    assert_false(put(2, 0, ODD_ACTION));
    assert_false(put(3, 0, ODD_ACTION));
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);
    check_refused(DPU_REASON_ACTION, 2, 2);
    assert_int_equal(fake.n_calls, 0);
    check_get(1, 0, false, 0);

    /* Refused again, for another reason. */
    assert_false(put(1, 0, ODD_ACTION));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    check_refused(DPU_REASON_ACTION, 3, 3);

    assert_int_equal(del(1, 0, NULL), 0);
    assert_int_equal(del(2, 0, NULL), 0);
    check_refused(DPU_REASON_ACTION, 1, 3);
    dpu_flow_for_each(&table, true, check_reason_cb, &reason);
    assert_int_equal(reason.code, DPU_REASON_ACTION);
    assert_string_equal(reason.detail, "an action");
}

static void
test_device_refuses(void **state OVS_UNUSED)
{
    struct dpu_reason reason = { .code = DPU_REASON_NONE };

    fake.fail_at = 1;
    fake.error = ENOTSUP;
    assert_false(put(1, 0, 1));
    check_refused(DPU_REASON_DEVICE_REFUSED, 1, 1);
    dpu_flow_for_each(&table, true, check_reason_cb, &reason);
    assert_string_equal(reason.detail, "told to fail");
    assert_true(put(1, 0, 1));
    check_refused(DPU_REASON_DEVICE_REFUSED, 0, 1);
}

/* What a megaflow leaves open of its tunnel is kept, too. */
static void
test_tunnel(void **state OVS_UNUSED)
{
    struct flow_tnl tunnel;
    struct match match;

    match_init_catchall(&match);
    match_set_tun_dst(&match, htonl(0x01010102));
    match.flow.tunnel.ip_ttl = 64;
    match.flow.tunnel.flags = FLOW_TNL_F_UDPIF;
    match.flow.tunnel.metadata.present.len = 8;
    memset(match.flow.tunnel.metadata.opts.u8, 0x5a, 8);
    tunnel = match.flow.tunnel;

    fake.capacity = 1;
    assert_true(put(1, 0, 1));
    assert_false(put_match(2, 0, 1, &match));
    assert_int_equal(del(1, 0, NULL), 0);
    memset(&last_tunnel, 0, sizeof last_tunnel);
    dpu_flow_retry(&table, &port_map);
    check_get(2, 0, true, 0);
    assert_true(flow_tnl_equal(&last_tunnel, &tunnel));
}

static void
test_device_full(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    fake.capacity = 2;
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    assert_false(put(3, 0, 1));
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);

    /* It is not asked again... */
    n_calls = fake.n_calls;
    assert_false(put(4, 0, 1));
    assert_int_equal(fake.n_calls, n_calls);
    check_refused(DPU_REASON_DEVICE_FULL, 2, 2);

    assert_false(dpu_flow_retry(&table, &port_map));
    assert_int_equal(fake.n_calls, n_calls);

    /* ...until there is room, which goes to who waits longest. */
    assert_int_equal(del(1, 0, NULL), 0);
    assert_true(dpu_flow_retry(&table, &port_map));
    check_get(3, 0, true, 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 2);
    assert_int_equal(fake_count(3), 1);

    /* There was room for one alone. */
    assert_false(dpu_flow_retry(&table, &port_map));
    check_refused(DPU_REASON_DEVICE_FULL, 1, 3);

    /* Who is deleted or put anew waits no longer. */
    assert_int_equal(del(4, 0, NULL), 0);
    assert_int_equal(del(3, 0, NULL), 0);
    assert_true(ovs_list_is_empty(&table.waiting));
    assert_false(dpu_flow_retry(&table, &port_map));
    assert_true(put(3, 0, 1));
    assert_false(put(4, 0, 1));
    assert_false(put(4, 0, NO_PORT));
    assert_true(ovs_list_is_empty(&table.waiting));
}

static void
test_forget(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_false(put(3, 1, NO_PORT));
    assert_true(put(4, 2, 3));
    fake_forward(1, 1);

    dpu_flow_forget(&table, 1);
    assert_int_equal(fake_count(0), 1);
    check_get(1, 0, false, 1);
    check_no_get(2, 1);
    check_no_get(3, 1);
    check_get(4, 2, true, 0);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 2);
}

static void
test_gone(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    fake_forward(1, 5);
    check_get(1, 0, true, 5);

    fake.gone = true;
    check_get(1, 0, false, 5);      /* Finds out. */
    dpu_flow_abandon(&table);
    assert_int_equal(dpu_flow_n_rules(&table), 0);
    check_refused(DPU_REASON_DEVICE_GONE, 2, 2);

    /* It is left alone. */
    n_calls = fake.n_calls;
    assert_false(put(3, 0, 1));
    assert_false(put(1, 0, 2));
    check_get(1, 0, false, 5);
    check_get(2, 0, false, 0);
    assert_int_equal(del(2, 0, NULL), 0);
    assert_int_equal(fake.n_calls, n_calls);
    check_refused(DPU_REASON_DEVICE_GONE, 2, 4);

    /* Another one in its place. */
    memset(fake.rules, 0, sizeof fake.rules);
    fake.gone = false;
    dpu_flow_set_proxy(&table, 0, PROXY);
    assert_true(put(1, 0, 1));
    fake_forward(1, 1);
    check_get(1, 0, true, 6);
}

/* A life of two megaflows with a bit of everything. */
static void
live(void)
{
    put(1, 0, 1);
    put(1, 0, 2);
    put(2, 1, 0);
    dpu_flow_evict(&table, 0);
    dpu_flow_abandon(&table);
    put(2, 1, 2);
    put(1, 0, 1);
    put(2, 1, NO_PORT);
    put(SPLIT, 2, 2);
    put(SPLIT, 2, 1);
    dpu_flow_retry(&table, &port_map);
    assert_int_equal(del(SPLIT, 2, NULL), 0);
    assert_int_equal(del(1, 0, NULL), 0);
    assert_int_equal(del(2, 1, NULL), 0);
}

/* Whichever call into the device fails, and how: the table ends as empty as it
 * began, and so does the device but for rules that it would not let go. */
static void
test_fail_at_step(void **state)
{
    static const int errors[] = { EINVAL, ENOSPC, EIO, ENODEV };
    unsigned int n_calls;

    setup(state);
    live();
    n_calls = fake.n_calls;
    assert_true(n_calls >= 10);
    assert_int_equal(teardown(state), 0);

    for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
        for (unsigned int step = 1; step <= n_calls; step++) {
            setup(state);
            fake.fail_at = step;
            fake.error = errors[e];
            live();

            assert_int_equal(dpu_flow_n_rules(&table), 0);
            assert_int_equal(dpu_flow_count_all(&table), 0);
            assert_true(ovs_list_is_empty(&table.waiting));
            for (size_t i = 0; i < DPU_N_REASONS; i++) {
                assert_int_equal(table.n_refused[i], 0);
            }
            if (errors[e] != ENODEV) {
                assert_int_equal(fake_count(0), fake.n_lost);
            }
            dpu_flow_table_destroy(&table);
        }
    }
}

static void *
hammer(void *seed_)
{
    uint32_t *seed = seed_;

    for (int i = 0; i < 3000; i++) {
        uint32_t n = 1 + *seed % 16;
        struct dpu_flow_key key = key_of(n, n % 4);
        struct dpif_flow_stats stats;
        enum dpu_flow_place place;

        *seed = *seed * 1664525 + 1013904223;
        switch (*seed >> 30) {
        case 0:
            put(n, n % 4, *seed >> 8 & 3);
            break;
        case 1:
            dpu_flow_get(&table, &key, seed, &stats, &place);
            break;
        case 2:
            dpu_flow_del(&table, &key, &stats);
            dpu_flow_retry(&table, &port_map);
            break;
        default:
            dpu_flow_evict(&table, n % 4);
            break;
        }
    }
    return NULL;
}

static void
test_threads(void **state OVS_UNUSED)
{
    uint32_t seeds[4] = { 1, 2, 3, 4 };
    pthread_t threads[ARRAY_SIZE(seeds)];

    fake.capacity = 8;
    for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
        threads[i] = ovs_thread_create("hammer", hammer, &seeds[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
        xpthread_join(threads[i], NULL);
    }
    assert_int_equal(dpu_flow_n_rules(&table), fake_count(0));
    for (uint32_t n = 1; n <= 16; n++) {
        del(n, n % 4, NULL);
    }
    assert_int_equal(dpu_flow_count_all(&table), 0);
    assert_int_equal(fake_count(0), 0);
}

static void *
put_one(void *starts_)
{
    struct ovs_barrier *starts = starts_;

    ovs_barrier_block(starts);
    put(1, 0, 1);
    return NULL;
}

/* While changes are held back, counts are told and no rule comes. */
static void
test_hold(void **state OVS_UNUSED)
{
    struct ovs_barrier starts;
    pthread_t thread;

    assert_true(put(2, 0, 1));
    ovs_barrier_init(&starts, 2);
    thread = ovs_thread_create("putter", put_one, &starts);
    dpu_flow_hold(&table);
    ovs_barrier_block(&starts);
    for (uint64_t i = 1; i < 100; i++) {
        fake_forward(2, 1);
        check_get(2, 0, true, i);
        check_no_get(1, 0);
        xnanosleep(100 * 1000);
    }
    dpu_flow_release(&table);
    xpthread_join(thread, NULL);
    check_get(1, 0, true, 0);
    ovs_barrier_destroy(&starts);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        FLOW_TEST(test_put_get_del),
        FLOW_TEST(test_leave),
        FLOW_TEST(test_put_same),
        FLOW_TEST(test_at_port),
        FLOW_TEST(test_refused),
        FLOW_TEST(test_device_refuses),
        FLOW_TEST(test_tunnel),
        FLOW_TEST(test_device_full),
        FLOW_TEST(test_forget),
        FLOW_TEST(test_gone),
        cmocka_unit_test(test_fail_at_step),
        FLOW_TEST(test_threads),
        FLOW_TEST(test_hold),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-flow", tests, NULL, NULL);
}
