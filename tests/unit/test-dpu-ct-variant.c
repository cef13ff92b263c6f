/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Variants of ct(): equal ones share a number, which stays as long as somebody
 * refers to it. */

#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "odp-netlink.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "util.h"

static struct dpu_ct_variant
variant_of_mark(uint32_t mark)
{
    const uint32_t setmark[2] = { mark, UINT32_MAX };
    struct dpu_ct_variant v;

    dpu_ct_variant_init(&v, false, false, setmark, NULL);
    return v;
}

static int
teardown(void **state OVS_UNUSED)
{
    assert_int_equal(dpu_ct_variant_count(), 0);
    return 0;
}

/* Each argument makes another variant. */
static void
test_arguments(void **state OVS_UNUSED)
{
    static const uint32_t mark[2] = { 0, 1 };
    static const struct ovs_key_ct_labels label[2];
    struct dpu_ct_variant variants[5];
    uint8_t ids[5];

    dpu_ct_variant_init(&variants[0], false, false, NULL, NULL);
    dpu_ct_variant_init(&variants[1], true, false, NULL, NULL);
    dpu_ct_variant_init(&variants[2], false, true, NULL, NULL);
    dpu_ct_variant_init(&variants[3], false, false, mark, NULL);
    dpu_ct_variant_init(&variants[4], false, false, NULL, label);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        assert_int_equal(dpu_ct_variant_find(&variants[i]), 0);
        ids[i] = dpu_ct_variant_get(&variants[i]);
        assert_int_not_equal(ids[i], 0);
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(ids[i], ids[j]);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        assert_int_equal(dpu_ct_variant_find(&variants[i]), ids[i]);
        dpu_ct_variant_put(ids[i]);
    }
}

static void
test_references(void **state OVS_UNUSED)
{
    const struct dpu_ct_variant v = variant_of_mark(1);
    uint8_t id = dpu_ct_variant_get(&v);

    assert_int_equal(dpu_ct_variant_get(&v), id);
    dpu_ct_variant_put(id);
    assert_int_equal(dpu_ct_variant_find(&v), id);
    dpu_ct_variant_put(id);
    assert_int_equal(dpu_ct_variant_find(&v), 0);
    dpu_ct_variant_put(0);
}

/* A number that is remembered is right as long as it means the same. */
static void
test_likely(void **state OVS_UNUSED)
{
    const struct dpu_ct_variant v = variant_of_mark(1);
    const struct dpu_ct_variant other = variant_of_mark(2);
    uint8_t id = dpu_ct_variant_get_likely(0, &v);
    uint8_t other_id;

    assert_int_not_equal(id, 0);
    assert_int_equal(dpu_ct_variant_get_likely(id, &v), id);
    other_id = dpu_ct_variant_get_likely(id, &other);
    assert_int_not_equal(other_id, 0);
    assert_int_not_equal(other_id, id);
    assert_int_equal(dpu_ct_variant_get_likely(id, &other), other_id);
    dpu_ct_variant_put(other_id);
    assert_true(dpu_ct_variant_is(other_id, &other));
    dpu_ct_variant_put(other_id);
    assert_int_equal(dpu_ct_variant_find(&other), 0);

    /* The two references to 'v' are all that is left. */
    dpu_ct_variant_put(id);
    assert_int_equal(dpu_ct_variant_find(&v), id);
    dpu_ct_variant_put(id);
    assert_int_equal(dpu_ct_variant_find(&v), 0);
}

/* Threads that take and drop references at the same time agree about them. */
static void *
ref_thread(void *id_)
{
    const struct dpu_ct_variant v = variant_of_mark(3);
    const uint8_t *id = id_;

    for (size_t i = 0; i < 100000; i++) {
        uint8_t mine = dpu_ct_variant_get_likely(*id, &v);

        assert_true(dpu_ct_variant_is(mine, &v));
        dpu_ct_variant_put(mine);
        if (i % 1000 == 0) {
            ovsrcu_quiesce();
        }
    }
    return NULL;
}

static void
test_threads(void **state OVS_UNUSED)
{
    pthread_t threads[3];
    uint8_t id = 1;

    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        threads[i] = ovs_thread_create("ref", ref_thread, &id);
    }
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        xpthread_join(threads[i], NULL);
    }
}

/* All numbers can be in use; the next that is free is the one that was so for
 * the longest time. */
static void
test_numbers(void **state OVS_UNUSED)
{
    uint8_t ids[DPU_CT_VARIANT_MAX];
    struct dpu_ct_variant v;

    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        v = variant_of_mark(i);
        ids[i] = dpu_ct_variant_get(&v);
        assert_int_not_equal(ids[i], 0);
    }
    v = variant_of_mark(1000);
    assert_int_equal(dpu_ct_variant_get(&v), 0);

    dpu_ct_variant_put(ids[7]);
    assert_int_equal(dpu_ct_variant_get(&v), ids[7]);
    ids[7] = 0;
    dpu_ct_variant_put(dpu_ct_variant_find(&v));
    v = variant_of_mark(1001);
    dpu_ct_variant_put(ids[9]);
    ids[9] = dpu_ct_variant_get(&v);

    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        dpu_ct_variant_put(ids[i]);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_arguments, teardown),
        cmocka_unit_test_teardown(test_references, teardown),
        cmocka_unit_test_teardown(test_likely, teardown),
        cmocka_unit_test_teardown(test_threads, teardown),
        cmocka_unit_test_teardown(test_numbers, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
