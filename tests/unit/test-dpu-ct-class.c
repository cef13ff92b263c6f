/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Classes of connections: what packets carry matches what megaflows ask for if
 * and only if the connection has it, whoever comes and goes. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"

static long long int now = 1000000;

long long int __wrap_time_msec(void);

long long int
__wrap_time_msec(void)
{
    return now;
}

/* The tests share one register: nothing of one is left for the next. */
static int
teardown(void **state OVS_UNUSED)
{
    assert_int_equal(dpu_ct_class_count(), 0);
    now += DPU_CT_CLASS_LINGER;
    return 0;
}

static struct dpu_ct_traits
label(uint64_t hi, uint64_t lo)
{
    struct dpu_ct_traits traits;

    memset(&traits, 0, sizeof traits);
    traits.label.u64.hi = hi;
    traits.label.u64.lo = lo;
    return traits;
}

static struct dpu_ct_traits
port(uint16_t dst)
{
    struct dpu_ct_traits traits;

    memset(&traits, 0, sizeof traits);
    traits.orig.dst_port = htons(dst);
    return traits;
}

static uint32_t
get(struct dpu_ct_traits value, struct dpu_ct_traits mask)
{
    return dpu_ct_class_get(&value, &mask);
}

static uint32_t
join(struct dpu_ct_traits traits)
{
    return dpu_ct_class_join(&traits);
}

static bool
lacks(uint32_t class, struct dpu_ct_traits traits)
{
    return dpu_ct_class_lacks(class, &traits);
}

/* Whether packets that carry 'class' match a rule for 'asked'. */
static bool
matches(uint32_t asked, uint32_t class)
{
    return (class & dpu_ct_class_mask(asked)) == asked;
}

static void
test_label(void **state OVS_UNUSED)
{
    uint32_t one = get(label(0, 1), label(0, 1));
    uint32_t zero = get(label(0, 0), label(0, 1));
    uint32_t both = get(label(1, 1), label(1, 1));
    uint32_t wide = get(label(0, 0x1200), label(0, 0xff00));
    uint32_t conns[] = {
        join(label(0, 0)), join(label(1, 1)), join(label(0, 0x1201)),
    };

    assert_int_not_equal(one, 0);
    assert_int_not_equal(zero, 0);
    assert_int_not_equal(one, zero);
    assert_int_equal(dpu_ct_class_mask(one), dpu_ct_class_mask(zero));

    assert_true(matches(zero, conns[0]));
    assert_false(matches(one, conns[0]));
    assert_false(matches(both, conns[0]));
    assert_false(matches(wide, conns[0]));

    assert_false(matches(zero, conns[1]));
    assert_true(matches(one, conns[1]));
    assert_true(matches(both, conns[1]));
    assert_false(matches(wide, conns[1]));

    assert_true(matches(one, conns[2]));
    assert_false(matches(both, conns[2]));
    assert_true(matches(wide, conns[2]));

    /* Bits are shared. */
    assert_true(matches(one, both));

    for (size_t i = 0; i < ARRAY_SIZE(conns); i++) {
        dpu_ct_class_leave(conns[i]);
    }
    dpu_ct_class_put(one);
    dpu_ct_class_put(zero);
    dpu_ct_class_put(both);
    dpu_ct_class_put(wide);
}

static void
test_tuple(void **state OVS_UNUSED)
{
    const ovs_u128 no_label = OVS_U128_ZERO;
    struct dpu_ct_traits mask, conn;
    struct dpu_ct_tuple icmp;
    uint32_t asked, class;

    memset(&icmp, 0, sizeof icmp);
    icmp.proto = IPPROTO_ICMP;
    icmp.zone = 5;
    icmp.src_port = htons(77);          /* The identifier. */
    icmp.dst_port = htons(8 << 8);      /* The type. */
    dpu_ct_traits_init(&conn, &no_label, &icmp);
    assert_int_equal(conn.orig.src_port, htons(8));
    assert_int_equal(conn.orig.dst_port, 0);
    assert_int_equal(conn.orig.zone, 0);

    memset(&mask, 0, sizeof mask);
    mask.orig.proto = UINT8_MAX;
    mask.orig.src_port = OVS_BE16_MAX;
    asked = dpu_ct_class_get(&conn, &mask);
    class = dpu_ct_class_join(&conn);
    assert_true(matches(asked, class));
    dpu_ct_class_leave(class);

    conn.orig.src_port = htons(13);
    class = dpu_ct_class_join(&conn);
    assert_int_equal(class, 0);
    dpu_ct_class_put(asked);
}

/* What a connection carries does not match what was asked for later. */
static void
test_later(void **state OVS_UNUSED)
{
    uint32_t generation = dpu_ct_class_generation();
    uint32_t first = get(port(80), port(0xffff));
    uint32_t old = join(port(81));
    uint32_t asked, new;

    assert_int_equal(old, 0);
    assert_false(lacks(old, port(81)));
    assert_int_not_equal(dpu_ct_class_generation(), generation);

    generation = dpu_ct_class_generation();
    asked = get(port(81), port(0xffff));
    assert_int_not_equal(dpu_ct_class_generation(), generation);
    assert_false(matches(asked, old));
    assert_true(lacks(old, port(81)));
    assert_false(lacks(old, port(82)));

    new = join(port(81));
    assert_true(matches(asked, new));
    assert_false(lacks(new, port(81)));

    /* One who asks for the same is no news; nor if nobody asks any more. */
    generation = dpu_ct_class_generation();
    assert_int_equal(get(port(81), port(0xffff)), asked);
    assert_int_equal(dpu_ct_class_generation(), generation);
    dpu_ct_class_put(asked);
    dpu_ct_class_put(asked);
    assert_false(lacks(old, port(81)));
    assert_int_equal(join(port(81)), 0);

    /* It is again for those that came in between. */
    assert_int_equal(get(port(81), port(0xffff)), asked);
    assert_true(lacks(0, port(81)));
    assert_false(lacks(new, port(81)));

    dpu_ct_class_leave(new);
    dpu_ct_class_put(asked);
    dpu_ct_class_put(first);
}

/* A number that a connection or a packet may still carry means the same. */
static void
test_reuse(void **state OVS_UNUSED)
{
    uint32_t asked[2], conn, class;

    asked[0] = get(label(0, 1), label(0, 1));
    conn = join(label(0, 1));
    dpu_ct_class_put(asked[0]);
    now += 2 * DPU_CT_CLASS_LINGER;
    for (uint64_t i = 2; i; i <<= 1) {
        class = get(label(0, i), label(0, i));
        assert_int_equal(class & dpu_ct_class_mask(conn), 0);
        dpu_ct_class_put(class);
        now += DPU_CT_CLASS_LINGER;
    }
    assert_int_equal(get(label(0, 1), label(0, 1)), conn);
    dpu_ct_class_put(conn);
    dpu_ct_class_leave(conn);

    /* All fields are taken: until the time is over, another mask has to wait,
     * which the same one has not. */
    uint32_t all[16];
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        now += DPU_CT_CLASS_LINGER;
        all[i] = get(label(UINT64_C(1) << i, 0), label(UINT64_C(1) << i, 0));
        assert_int_not_equal(all[i], 0);
    }
    assert_int_equal(get(port(1), port(1)), 0);
    assert_int_equal(get(label(1, 1), label(1, 1)), 0);
    dpu_ct_class_put(all[6]);
    now += DPU_CT_CLASS_LINGER - 1;
    assert_int_equal(get(port(1), port(1)), 0);
    assert_int_equal(get(label(1 << 6, 0), label(1 << 6, 0)), all[6]);
    dpu_ct_class_put(all[6]);
    now += DPU_CT_CLASS_LINGER;
    all[6] = get(port(1), port(1));
    assert_int_not_equal(all[6], 0);
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        dpu_ct_class_put(all[i]);
    }
}

/* There is room for many values of one mask: a field of 3 bits, one of 5,
 * three of 8. */
static void
test_many_values(void **state OVS_UNUSED)
{
    static uint32_t classes[7 + 31 + 3 * 255];
    size_t n = ARRAY_SIZE(classes);

    for (size_t i = 0; i < n; i++) {
        classes[i] = get(port(i), port(0xffff));
        assert_int_not_equal(classes[i], 0);
        assert_true(!i || classes[i] != classes[i - 1]);
    }
    assert_int_equal(get(port(n), port(0xffff)), 0);
    assert_int_equal(dpu_ct_class_count(), n);
    assert_int_equal(get(port(7), port(0xffff)), classes[7]);
    dpu_ct_class_put(classes[7]);
    for (size_t i = 0; i < n; i++) {
        uint32_t conn = join(port(i));

        assert_int_equal(conn, classes[i]);
        dpu_ct_class_leave(conn);
    }
    for (size_t i = 0; i < n; i++) {
        dpu_ct_class_put(classes[i]);
    }
}

/* There is room for some values of many masks. */
static void
test_many_masks(void **state OVS_UNUSED)
{
    uint32_t classes[10][7];

    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(classes[i]); j++) {
            classes[i][j] = get(port(j << i), port(7 << i));
            assert_int_not_equal(classes[i][j], 0);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(classes[i]); j++) {
            uint32_t conn = join(port(j << i));

            assert_true(matches(classes[i][j], conn));
            assert_false(matches(classes[i][(j + 1) % 7], conn));
            dpu_ct_class_leave(conn);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(classes[i]); j++) {
            dpu_ct_class_put(classes[i][j]);
        }
    }
}

/* Megaflows and connections at random: a connection's packets match a
 * megaflow's rule only if it has what that asks for; if they do not although
 * it has, it is known to lack something. */
static void
test_random(void **state OVS_UNUSED)
{
    enum { N = 12, STEPS = 30000 };
    struct {
        struct dpu_ct_traits value, mask;
        uint32_t class;
    } megaflows[N];
    struct {
        struct dpu_ct_traits traits;
        uint32_t class;
        bool in;
    } conns[N];

    memset(megaflows, 0, sizeof megaflows);
    memset(conns, 0, sizeof conns);
    random_set_seed(4);
    for (int step = 0; step < STEPS; step++) {
        int i = random_range(N);

        now += random_range(DPU_CT_CLASS_LINGER / 4);
        if (random_range(2)) {
            dpu_ct_class_put(megaflows[i].class);
            megaflows[i].class = 0;
            megaflows[i].value = label(random_range(4), random_range(8));
            megaflows[i].mask = label(random_range(4), random_range(8));
            if (random_range(2)) {
                megaflows[i].value.orig.proto = random_range(3);
                megaflows[i].mask.orig.proto = UINT8_MAX;
            }
            if (random_range(4) && !is_all_zeros(&megaflows[i].mask,
                                                 sizeof megaflows[i].mask)) {
                megaflows[i].class = get(megaflows[i].value,
                                         megaflows[i].mask);
            }
        } else {
            dpu_ct_class_leave(conns[i].class);
            conns[i].traits = label(random_range(4), random_range(8));
            conns[i].traits.orig.proto = random_range(3);
            conns[i].in = random_range(4);
            conns[i].class = conns[i].in ? join(conns[i].traits) : 0;
        }

        for (int m = 0; m < N; m++) {
            for (int c = 0; c < N; c++) {
                const uint8_t *value = (uint8_t *) &megaflows[m].value;
                const uint8_t *mask = (uint8_t *) &megaflows[m].mask;
                const uint8_t *traits = (uint8_t *) &conns[c].traits;
                bool has = true;

                if (!megaflows[m].class || !conns[c].in) {
                    continue;
                }
                for (size_t j = 0; j < sizeof conns[c].traits; j++) {
                    has &= !((value[j] ^ traits[j]) & mask[j]);
                }
                if (!has) {
                    assert_false(matches(megaflows[m].class, conns[c].class));
                } else if (!matches(megaflows[m].class, conns[c].class)) {
                    assert_true(lacks(conns[c].class, conns[c].traits));
                }
            }
        }
    }
    for (int i = 0; i < N; i++) {
        dpu_ct_class_put(megaflows[i].class);
        dpu_ct_class_leave(conns[i].class);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_label, teardown),
        cmocka_unit_test_teardown(test_tuple, teardown),
        cmocka_unit_test_teardown(test_later, teardown),
        cmocka_unit_test_teardown(test_reuse, teardown),
        cmocka_unit_test_teardown(test_many_values, teardown),
        cmocka_unit_test_teardown(test_many_masks, teardown),
        cmocka_unit_test_teardown(test_random, teardown),
    };

    return cmocka_run_group_tests_name("dpu-ct-class", tests, NULL, NULL);
}
