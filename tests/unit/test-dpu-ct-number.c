/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The numbers that packets carry for connections. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-number.h"

/* More than the table grows by at a time. */
#define N 10000

static struct dpu_ct_number numbers[N], others[N];

static void
give_all(void)
{
    for (size_t i = 0; i < N; i++) {
        dpu_ct_number_give(&numbers[i]);
    }
}

static void
free_all(void)
{
    for (size_t i = 0; i < N; i++) {
        dpu_ct_number_free(&numbers[i]);
    }
}

/* Each has its own, which leads to it and then to who takes it over. */
static void
test_find(void **state)
{
    (void) state;
    assert_null(dpu_ct_number_find(0));
    assert_null(dpu_ct_number_find(1));
    assert_null(dpu_ct_number_find(DPU_CT_NUMBER_MAX));
    assert_null(dpu_ct_number_find(UINT32_MAX));
    give_all();
    for (size_t i = 0; i < N; i++) {
        assert_int_not_equal(numbers[i].value, 0);
        assert_ptr_equal(dpu_ct_number_find(numbers[i].value), &numbers[i]);
        if (i & 1) {
            dpu_ct_number_move(&numbers[i], &others[i]);
            assert_int_equal(others[i].value, numbers[i].value);
            assert_ptr_equal(dpu_ct_number_find(numbers[i].value),
                             &others[i]);
        }
    }
    free_all();
    for (size_t i = 0; i < N; i++) {
        assert_null(dpu_ct_number_find(numbers[i].value));
    }
}

/* A number that is free again is given once more, after those that are free
 * for longer. */
static void
test_again(void **state)
{
    uint32_t largest = 0;

    (void) state;
    give_all();
    for (size_t i = 0; i < N; i++) {
        largest = numbers[i].value > largest ? numbers[i].value : largest;
    }
    for (size_t round = 0; round < 3; round++) {
        uint32_t first = numbers[0].value, second = numbers[1].value;

        free_all();
        give_all();
        assert_int_equal(numbers[0].value, first);
        assert_int_equal(numbers[1].value, second);
        for (size_t i = 0; i < N; i++) {
            assert_true(numbers[i].value <= largest);
            assert_ptr_equal(dpu_ct_number_find(numbers[i].value),
                             &numbers[i]);
        }
    }

    /* Of two, the one that went first; then there are new ones. */
    dpu_ct_number_free(&numbers[5]);
    dpu_ct_number_free(&numbers[3]);
    dpu_ct_number_give(&others[0]);
    dpu_ct_number_give(&others[1]);
    dpu_ct_number_give(&others[2]);
    assert_int_equal(others[0].value, numbers[5].value);
    assert_int_equal(others[1].value, numbers[3].value);
    assert_int_equal(others[2].value, largest + 1);
}

/* Those that are reserved mean nothing until they are assigned, and are given
 * to nobody else. */
static void
test_reserved(void **state)
{
    uint32_t values[2];

    (void) state;
    dpu_ct_number_reserve(values, 2);
    dpu_ct_number_give(&others[0]);
    assert_int_not_equal(others[0].value, values[0]);
    assert_int_not_equal(others[0].value, values[1]);
    for (size_t i = 0; i < 2; i++) {
        assert_null(dpu_ct_number_find(values[i]));
        dpu_ct_number_assign(&numbers[i], values[i]);
        assert_int_equal(numbers[i].value, values[i]);
        assert_ptr_equal(dpu_ct_number_find(values[i]), &numbers[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_reserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
