/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-flow-order: tests of dpu-flow-order and of the hash tables that it
 * looks ahead in. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/flow-fixture.h"

#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-flow-order.h"
#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#define N_FLOWS (4 * DPU_FLOW_AHEAD)    /* Even. */

#define ORDER_TEST(TEST) \
    cmocka_unit_test_setup_teardown(TEST, setup_flows, teardown)

static void
note_place(const struct dpu_flow *flow, void *place)
{
    *(const struct dpu_flow **) place = flow;
}

/* Where megaflow 'n' is. */
static const struct dpu_flow *
place_of(uint32_t n)
{
    struct dpu_flow_key key = key_of(n, 0);
    const struct dpu_flow *place = NULL;

    dpu_flow_visit(&table, &key, note_place, &place);
    return place;
}

/* Asks 'rounds' times for the megaflows from 'first' to 'last', each 'step'
 * from the one before. */
static void
ask(size_t rounds, uint32_t first, int step, uint32_t last)
{
    for (size_t i = 0; i < rounds; i++) {
        for (uint32_t n = first; n != last + step; n += step) {
            check_get(n, 0, true, 0);
        }
    }
}

/* That 'n' notes 'next'. */
static void
check_next(uint32_t n, uint32_t next)
{
    struct dpu_flow_key key = key_of(next, 0);
    const struct dpu_flow *flow = place_of(n);

    assert_non_null(flow->next);
    assert_ptr_equal(flow->next, place_of(next));
    assert_int_equal(flow->next_shard, dpu_flow_shard_index(&key));
    assert_int_equal(flow->next_hash, dpu_flow_hash(&key));
}

static int
setup_flows(void **state)
{
    int error = setup(state);

    for (uint32_t i = 1; i <= N_FLOWS; i++) {
        assert_true(put(i, 0, 1));
    }
    return error;
}

static void
test_repeated(void **state OVS_UNUSED)
{
    ask(4, 1, 1, N_FLOWS);
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        check_next(1 + i, 1 + (i + DPU_FLOW_AHEAD) % N_FLOWS);
    }

    /* Another order. */
    ask(4, N_FLOWS, -1, 1);
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        check_next(N_FLOWS - i, N_FLOWS - (i + DPU_FLOW_AHEAD) % N_FLOWS);
    }
}

static void
test_modified(void **state OVS_UNUSED)
{
    /* It keeps its place in the order. */
    ask(4, 1, 1, N_FLOWS);
    assert_true(put(1 + DPU_FLOW_AHEAD, 0, 2));
    check_next(1, 1 + DPU_FLOW_AHEAD);
    check_next(1 + DPU_FLOW_AHEAD, 1 + 2 * DPU_FLOW_AHEAD);
}

static void
test_gone(void **state OVS_UNUSED)
{
    /* It is not found, wherever it is expected. */
    ask(4, 1, 1, N_FLOWS);
    for (uint32_t i = 2; i <= N_FLOWS; i += 2) {
        assert_int_equal(del(i, 0, NULL), 0);
    }
    for (uint32_t i = 1; i <= N_FLOWS; i += 2) {
        check_get(i, 0, true, 0);
        check_no_get(i + 1, 0);
    }

    /* Those that stay have a new order. */
    ask(4, 1, 2, N_FLOWS - 1);
    check_next(1, 1 + 2 * DPU_FLOW_AHEAD);
}

/* As many as make hash tables grow and shrink. */
static void
test_many(void **state OVS_UNUSED)
{
    const uint32_t n = 20000;

    fake.capacity = 0;              /* They stay in software. */
    for (uint32_t i = 1; i <= n; i++) {
        assert_false(put(i, 0, 1));
    }
    assert_int_equal(dpu_flow_count_all(&table), n);
    for (uint32_t i = 1; i <= n; i++) {
        check_get(i, 0, false, 0);
        if (i % 64) {
            assert_int_equal(del(i, 0, NULL), 0);
        }
    }
    assert_int_equal(dpu_flow_count_all(&table), n / 64);
    for (uint32_t i = 64; i <= n; i += 64) {
        check_get(i, 0, false, 0);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        ORDER_TEST(test_repeated),
        ORDER_TEST(test_modified),
        ORDER_TEST(test_gone),
        FLOW_TEST(test_many),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-flow-order", tests, NULL, NULL);
}
