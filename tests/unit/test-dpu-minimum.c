/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-minimum: megaflows that have to have packets before they come to
 * hardware, by a clock that the test sets. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/rank-fixture.h"

#include "smap.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-minimum.h"

/* Configures both keys, of which each may be NULL. */
static void
configure(const char *packets, const char *rate)
{
    struct smap config = SMAP_INITIALIZER(&config);

    if (packets) {
        smap_add(&config, "dpu-min-packets", packets);
    }
    if (rate) {
        smap_add(&config, "dpu-min-rate", rate);
    }
    dpu_minimum_configure(&config);
    smap_destroy(&config);
}

/* What threads do that make rules and have nothing else to do. */
static void
idle(void)
{
    while (dpu_flow_any_ripe(&table)) {
        dpu_flow_put_ripe(&table, &port_map);
    }
}

static void
check_detail_cb(const struct dpu_flow *flow, void *detail)
{
    struct dpu_reason reason;

    dpu_flow_reason(flow, &reason);
    assert_int_equal(reason.code, DPU_REASON_BELOW_MINIMUM);
    assert_string_equal(reason.detail, detail);
}

/* Megaflow 'n', at port 1, is below the minimum: so far is it. */
static void
check_below(uint32_t n, const char *detail)
{
    struct dpu_flow_key key = key_of(n, 1);
    bool present;

    assert_false(in_hardware(n, 1));
    idle();
    assert_int_equal(fake_count(n), 0);
    present = dpu_flow_visit(&table, &key, check_detail_cb,
                             CONST_CAST(char *, detail));
    assert_true(present);
}

/* Megaflow 'n', at port 1, comes to hardware once it is read. */
static void
check_comes(uint32_t n)
{
    assert_false(in_hardware(n, 1));
    assert_true(dpu_flow_any_ripe(&table));
    idle();
    assert_true(in_hardware(n, 1));
    assert_int_equal(fake_count(n), 1);
}

static void
test_off(void **state OVS_UNUSED)
{
    configure(NULL, NULL);
    assert_false(dpu_minimum_is_set());
    assert_true(put(1, 1, 2));
    configure("1", "0");
    assert_false(dpu_minimum_is_set());
    assert_true(put(2, 1, 2));
    check_refused(DPU_REASON_BELOW_MINIMUM, 0, 0);
}

/* The packet that a megaflow was made for is one that software does not
 * count. */
static void
test_packets(void **state OVS_UNUSED)
{
    configure("5", NULL);
    assert_false(put(1, 1, 2));
    assert_false(put(2, 1, 2));
    check_refused(DPU_REASON_BELOW_MINIMUM, 2, 2);
    check_below(1, "1 of 5 packets");
    in_software[1] = 3;
    check_below(1, "4 of 5 packets");
    check_below(1, "4 of 5 packets");
    in_software[1] = 4;
    check_comes(1);
    check_below(2, "1 of 5 packets");
    check_refused(DPU_REASON_BELOW_MINIMUM, 1, 2);
}

/* Once in, it stays: modified, without traffic, under another minimum. */
static void
test_stays(void **state OVS_UNUSED)
{
    configure("5", NULL);
    assert_false(put(1, 1, 2));
    in_software[1] = 10;
    check_comes(1);
    configure("1000", "1000");
    assert_true(put(1, 1, 3));
    now += 100000;
    assert_true(in_hardware(1, 1));
    idle();
    assert_int_equal(fake_count(1), 1);

    /* Also if its port lets go of it for a while. */
    dpu_flow_suspend(&table, PROXY);
    assert_false(in_hardware(1, 1));
    while (dpu_flow_retry(&table, &port_map)) {
        continue;
    }
    assert_true(in_hardware(1, 1));

    /* But the next one with this ufid starts anew. */
    assert_int_equal(del(1, 1, NULL), 0);
    assert_false(put(1, 1, 2));
    check_refused(DPU_REASON_BELOW_MINIMUM, 1, 2);
}

/* Several poll threads have seen it. */
static void
test_copies(void **state OVS_UNUSED)
{
    struct dpu_flow_key key = key_of(1, 1);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    configure("10", NULL);
    assert_false(put(1, 1, 2));
    in_software[1] = 5;
    in_software[2] = 2;
    check_below(1, "6 of 10 packets");
    assert_int_equal(dpu_flow_get(&table, &key, &in_software[2], &stats,
                                  &place), 0);
    check_below(1, "9 of 10 packets");
    in_software[2] = 3;
    check_below(1, "9 of 10 packets");
    assert_int_equal(dpu_flow_get(&table, &key, &in_software[2], &stats,
                                  &place), 0);
    check_comes(1);
}

/* Who asks without being a copy tells nothing. */
static void
test_no_asker(void **state OVS_UNUSED)
{
    configure("2", NULL);
    assert_false(put(1, 1, 2));
    check_get(1, 1, false, 0);
    assert_false(dpu_flow_any_ripe(&table));
}

static void
test_rate(void **state OVS_UNUSED)
{
    const uint16_t ports[] = { 0, 1 };
    uint32_t pps[] = { 0, 90 };

    configure(NULL, "100");
    assert_false(put(1, 1, 2));
    check_below(1, "1 of 1 packets, 0 of 100 per second");
    run(5, 2, ports, pps);
    check_below(1, "451 of 1 packets, 90 of 100 per second");
    pps[1] = 200;
    run(3, 2, ports, pps);
    check_comes(1);

    /* Both: at such a rate, but not for so long. */
    configure("1000", "100");
    in_software[1] = 0;
    assert_int_equal(del(1, 1, NULL), 0);
    assert_false(put(1, 1, 2));
    run(3, 2, ports, pps);
    check_below(1, "601 of 1000 packets, 200 of 100 per second");
    run(2, 2, ports, pps);
    check_comes(1);
}

/* The key changes while they wait. */
static void
test_change(void **state OVS_UNUSED)
{
    configure("100", NULL);
    for (uint32_t n = 1; n <= 3; n++) {
        assert_false(put(n, 1, 2));
    }
    in_software[1] = 40;
    check_below(1, "41 of 100 packets");
    configure("50", NULL);
    check_below(1, "41 of 50 packets");
    configure("41", NULL);
    check_comes(1);
    check_below(2, "1 of 41 packets");
    configure(NULL, NULL);
    check_comes(2);

    /* Modified before it was read again. */
    assert_true(put(3, 1, 3));
    check_refused(DPU_REASON_BELOW_MINIMUM, 0, 3);
}

/* What is wrong leaves what was right. */
static void
test_bad_values(void **state OVS_UNUSED)
{
    static const char *const bad[] = { "0", "-1", "many", "4294967296", "" };

    configure("3", NULL);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        configure(bad[i], NULL);
        assert_true(dpu_minimum_is_set());
        assert_false(put(i + 1, 1, 2));
        check_below(i + 1, "1 of 3 packets");
    }
    configure(NULL, NULL);
    configure(NULL, "fast");
    assert_false(dpu_minimum_is_set());
}

/* It is modified on its way, and when it is ripe. */
static void
test_modified(void **state OVS_UNUSED)
{
    configure("10", NULL);
    assert_false(put(1, 1, 2));
    in_software[1] = 5;
    check_below(1, "6 of 10 packets");
    assert_false(put(1, 1, 3));
    check_below(1, "6 of 10 packets");
    check_refused(DPU_REASON_BELOW_MINIMUM, 1, 2);
    in_software[1] = 9;
    assert_false(in_hardware(1, 1));
    assert_true(put(1, 1, 4));
    assert_false(dpu_flow_any_ripe(&table));
    assert_int_equal(fake_count(1), 1);
}

/* It goes when it is ripe. */
static void
test_deleted(void **state OVS_UNUSED)
{
    configure("2", NULL);
    assert_false(put(1, 1, 2));
    in_software[1] = 1;
    assert_false(in_hardware(1, 1));
    assert_true(dpu_flow_any_ripe(&table));
    assert_int_equal(del(1, 1, NULL), 0);
    assert_false(dpu_flow_any_ripe(&table));
    dpu_flow_put_ripe(&table, &port_map);
    assert_int_equal(fake_count(0), 0);
}

/* What is refused then has another reason, and is no longer asked for
 * packets. */
static void
test_refused(void **state OVS_UNUSED)
{
    configure("2", NULL);
    assert_false(put(1, 1, ODD_ACTION));
    in_software[1] = 1;
    assert_false(in_hardware(1, 1));
    idle();
    check_refused(DPU_REASON_BELOW_MINIMUM, 0, 1);
    check_refused(DPU_REASON_ACTION, 1, 1);
    in_software[1] = 2;
    assert_false(in_hardware(1, 1));
    assert_false(dpu_flow_any_ripe(&table));
    assert_true(put(1, 1, 2));
}

/* The device is full: who is ripe waits as any other, and has the room if it
 * has the traffic. */
static void
test_full(void **state OVS_UNUSED)
{
    const uint16_t ports[] = { 0, 1, 1 };
    const uint32_t pps[] = { 0, 10, 1000 };

    fake.capacity = 1;
    configure(NULL, NULL);
    assert_true(put(1, 1, 2));
    configure("100", NULL);
    assert_false(put(2, 1, 2));
    in_software[2] = 99;
    assert_false(in_hardware(2, 1));
    idle();
    check_refused(DPU_REASON_BELOW_MINIMUM, 0, 1);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);
    run(5, 3, ports, pps);
    assert_true(in_hardware(2, 1));
    assert_false(in_hardware(1, 1));
}

static int
minimum_teardown(void **state)
{
    configure(NULL, NULL);
    return teardown(state);
}

#define MINIMUM_TEST(TEST) \
    cmocka_unit_test_setup_teardown(TEST, rank_setup, minimum_teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        MINIMUM_TEST(test_off),
        MINIMUM_TEST(test_packets),
        MINIMUM_TEST(test_stays),
        MINIMUM_TEST(test_copies),
        MINIMUM_TEST(test_no_asker),
        MINIMUM_TEST(test_rate),
        MINIMUM_TEST(test_change),
        MINIMUM_TEST(test_bad_values),
        MINIMUM_TEST(test_modified),
        MINIMUM_TEST(test_deleted),
        MINIMUM_TEST(test_refused),
        MINIMUM_TEST(test_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
