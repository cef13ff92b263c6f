/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-rank: who has a full device, by a clock that the test sets. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/rank-fixture.h"

#include "smap.h"
#include "util.h"

#define CAPACITY 16

/* Moves so far: destructions of rules, of which nothing else makes any. */
static size_t
n_moves(void)
{
    uint64_t n;

    atomic_read_relaxed(&table.n_left, &n);
    return n;
}

static void
set_share(const char *share)
{
    struct smap config = SMAP_INITIALIZER(&config);

    if (share) {
        smap_add(&config, "dpu-port-share", share);
    }
    dpu_rank_configure(&config);
    smap_destroy(&config);
}

/* 'n' megaflows that come in order, 1 to n - 1, at 'ports'. */
static void
put_all(uint32_t n, const uint16_t ports[])
{
    fake.capacity = CAPACITY;
    for (uint32_t i = 1; i < n; i++) {
        assert_int_equal(put(i, ports[i], 2), i <= CAPACITY);
    }
    assert_int_equal(dpu_flow_n_rules(&table), CAPACITY);
}

/* Two that come when the device is full of others with little traffic. */
static void
test_hot(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 10 };
    uint16_t ports[N];
    uint32_t pps[N];

    for (size_t i = 0; i < N; i++) {
        ports[i] = 1;
        pps[i] = 4;
    }
    pps[N - 1] = pps[N - 2] = 1000;
    put_all(N, ports);
    run(10, N, ports, pps);
    assert_true(in_hardware(N - 1, 1) && in_hardware(N - 2, 1));
    assert_int_equal(n_moves(), 2);
    assert_int_equal(dpu_flow_n_rules(&table), CAPACITY);
    check_refused(DPU_REASON_DEVICE_FULL, N - 1 - CAPACITY,
                  N - 1 - CAPACITY + 2);

    /* They cool down, and two others have it: then these do. */
    pps[N - 1] = pps[N - 2] = 0;
    pps[N - 3] = pps[N - 4] = 500;
    run(10, N, ports, pps);
    assert_true(in_hardware(N - 3, 1) && in_hardware(N - 4, 1));
    assert_int_equal(n_moves(), 4);
}

/* Nothing moves where all are alike, nor for those that are hot for a moment,
 * nor for one that is hotter by a little. */
static void
test_calm(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 10 };
    uint16_t ports[N];
    uint32_t pps[N];

    for (size_t i = 0; i < N; i++) {
        ports[i] = 1;
        pps[i] = i > CAPACITY ? 180 : 100;
    }
    put_all(N, ports);
    run(10, N, ports, pps);
    for (size_t i = 0; i < 20; i++) {
        uint32_t burst = CAPACITY + 1 + i % (N - 1 - CAPACITY);

        pps[burst] = 100000;
        run(1, N, ports, pps);
        pps[burst] = 100;
        run(2, N, ports, pps);
    }
    assert_int_equal(n_moves(), 0);
}

/* More hot ones than there is room for, at rates that change all the time: few
 * moves. */
static void
test_no_thrashing(void **state OVS_UNUSED)
{
    enum { N = 3 * CAPACITY };
    uint16_t ports[N];
    uint32_t pps[N];

    for (size_t i = 0; i < N; i++) {
        ports[i] = 1;
    }
    put_all(N, ports);
    for (size_t t = 0; t < 60; t++) {
        for (size_t i = 0; i < N; i++) {
            pps[i] = 1000 + (i * 7919 + t * 104729) % 800;
        }
        run(1, N, ports, pps);
    }
    assert_int_equal(n_moves(), 0);
}

/* One tenant has filled the device, with much traffic; another one, with
 * little, comes to its share, but not beyond, and the first one's keep what is
 * left. */
static void
test_share(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 13 };
    uint16_t ports[N];
    uint32_t pps[N];
    size_t n = 0, moves;

    set_share("50");
    for (size_t i = 0; i < N; i++) {
        ports[i] = i <= CAPACITY ? 1 : 3;
        pps[i] = i <= CAPACITY ? 100000 : 100;
    }
    put_all(N, ports);
    run(10, N, ports, pps);
    for (uint32_t i = CAPACITY + 1; i < N; i++) {
        n += in_hardware(i, 3);
    }
    assert_int_equal(n, CAPACITY / 2);
    moves = n_moves();
    assert_int_equal(moves, CAPACITY / 2);
    run(20, N, ports, pps);
    assert_int_equal(n_moves(), moves);
    set_share(NULL);
}

/* Without shares it gets nothing; and with an odd value they stay. */
static void
test_no_share(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 13 };
    uint16_t ports[N];
    uint32_t pps[N];

    set_share("50");
    set_share("0");
    assert_int_equal(dpu_rank_share(), 50);
    set_share("half");
    assert_int_equal(dpu_rank_share(), 50);
    set_share(NULL);
    assert_int_equal(dpu_rank_share(), 100);
    for (size_t i = 0; i < N; i++) {
        ports[i] = i <= CAPACITY ? 1 : 3;
        pps[i] = i <= CAPACITY ? 100000 : 100;
    }
    put_all(N, ports);
    run(10, N, ports, pps);
    assert_int_equal(n_moves(), 0);
}

/* One place is not enough for who takes several rules: whoever was there comes
 * back, and that is not tried all the time. */
static void
test_too_large(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 1 };
    uint16_t ports[N];
    uint32_t pps[N];

    for (size_t i = 0; i < N; i++) {
        ports[i] = 1;
        pps[i] = 10;
    }
    put_all(N, ports);
    assert_false(put(SPLIT, 1, 3));
    for (size_t t = 0; t < 50; t++) {
        forward(SPLIT, 1, 1000);
        run(1, N, ports, pps);
    }
    assert_false(in_hardware(SPLIT, 1));
    /* The one that was there, and the part of the other one that fitted. */
    assert_in_range(n_moves(), 1, 2);
    assert_int_equal(dpu_flow_n_rules(&table), CAPACITY);
}

/* Where there is room again, nobody is ranked. */
static void
test_room(void **state OVS_UNUSED)
{
    enum { N = CAPACITY + 2 };
    uint16_t ports[N];
    uint32_t pps[N];

    for (size_t i = 0; i < N; i++) {
        ports[i] = 1;
        pps[i] = i == N - 1 ? 1000 : 10;
    }
    put_all(N, ports);
    run(3, N, ports, pps);
    assert_int_equal(n_moves(), 1);
    assert_true(in_hardware(N - 1, 1));
    assert_int_equal(dpu_flow_n_rules(&table), CAPACITY);
    fake.capacity = ARRAY_SIZE(fake.rules);
    assert_int_equal(del(N - 1, 1, NULL), 0);
    while (dpu_flow_retry(&table, &port_map)) {
        continue;
    }
    assert_int_equal(dpu_flow_n_rules(&table), CAPACITY);
    check_refused(DPU_REASON_DEVICE_FULL, 0, 2);
    run(3, N - 1, ports, pps);
    assert_int_equal(n_moves(), 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        RANK_TEST(test_hot),
        RANK_TEST(test_calm),
        RANK_TEST(test_no_thrashing),
        RANK_TEST(test_share),
        RANK_TEST(test_no_share),
        RANK_TEST(test_too_large),
        RANK_TEST(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
