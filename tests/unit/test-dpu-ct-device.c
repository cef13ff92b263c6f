/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Connections on a device that is full, fails, loses rules or leaves. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/ct-talk.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

/* The timeout of an established connection of UDP, in msec. */
#define UDP_TIMEOUT 30000

/* Whatever installation fails, there are both directions or neither, and the
 * connection is tried again. */
static void
test_fail(void **state OVS_UNUSED)
{
    for (unsigned int step = 1; step <= 2; step++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, step, 2, 2000);

        ct_fake.fail_at = ct_fake.n_creates + step;
        ct_establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 0);
        ct_check();
        ct_pass(2000);
        ct_talk(&tuple, true, &ct_track);
        ct_talk(&tuple, false, &ct_track);
        assert_int_equal(ct_fake.n_rules, 2);
        dpu_ct_flush(ct_software, NULL);
    }
    assert_int_equal(ct_refused(DPU_CT_NO_FULL), 2);
}

/* The same if a rule gets lost on its way, in the midst of a burst; the other
 * connections of the burst come to hardware. */
static void
test_fail_later(void **state OVS_UNUSED)
{
    enum { N = 30 };
    struct dpu_ct_tuple tuples[N];
    size_t n_refused = ct_refused(DPU_CT_NO_REFUSED);

    if (!ct_bursts) {
        skip();
    }
    for (int i = 0; i < N; i++) {
        tuples[i] = ct_tuple(IPPROTO_UDP, 1, 1000 + i, 2, 2000);
    }
    ct_fake.fail_result = 7;
    for (int round = 0; round < 3; round++) {
        ct_now += 25;
        for (int i = 0; i < N; i++) {
            struct ct_probe probe = {
                .tuple = tuples[i], .port = CT_PORT_A
            };

            if (round == 1) {
                probe.port = CT_PORT_B;
                dpu_ct_tuple_reverse(&tuples[i], &probe.tuple);
            }
            ct_send_only(&probe, round ? &ct_track : &ct_commit);
        }
        dpu_ct_run(ct_now);
    }
    assert_int_equal(ct_fake.n_results, 2 * N);
    assert_int_equal(ct_fake.n_rules, 2 * (N - 1));
    assert_int_equal(ct_refused(DPU_CT_NO_REFUSED), n_refused + 1);
    ct_check();
}

/* On a device that is full connections stay in software, and come when there
 * is room again. */
static void
test_full(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuples[3];

    ct_fake.capacity = 4;
    for (int i = 0; i < 3; i++) {
        tuples[i] = ct_tuple(IPPROTO_TCP, 1, 1000 + i, 2, 80);
        ct_establish(&tuples[i]);
        ct_check();
    }
    assert_int_equal(ct_fake.n_rules, 4);
    assert_false(ct_talk(&tuples[2], false, &ct_track).hardware);
    ct_send_flags(&tuples[0], false, TCP_RST, &ct_track);
    ct_pass(2000);
    ct_talk(&tuples[2], false, &ct_track);
    ct_talk(&tuples[2], true, &ct_track);
    assert_true(ct_talk(&tuples[2], false, &ct_track).hardware);
    ct_check();
}

/* The rules that came through an ethdev leave before it stops, and are back
 * when it runs again. */
static void
test_port(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);

    ct_establish(&tuple);
    assert_int_equal(ct_fake.n_rules, 2);
    /* The packet that told of it first came in by the other one. */
    dpu_ct_device_close(ct_device, CT_PORT_A, false);
    assert_int_equal(ct_fake.n_rules, 2);
    dpu_ct_device_close(ct_device, CT_PORT_B, false);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_true(ct_software_has(&tuple, CT_ZONE));
    ct_talk(&tuple, false, &ct_track);
    ct_talk(&tuple, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
    dpu_ct_device_open(ct_device, CT_PORT_B, CT_PORT_B);
    ct_talk(&tuple, false, &ct_track);
    ct_talk(&tuple, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_check();
}

/* A device that vanishes takes its rules along. */
static void
test_gone(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_counts counts;

    ct_establish(&tuple);
    ct_fake.gone = true;
    dpu_ct_device_close(ct_device, CT_PORT_A, true);
    dpu_ct_device_close(ct_device, CT_PORT_B, true);
    dpu_ct_conn_count(&counts);
    assert_int_equal(counts.n_conns, 0);
    assert_int_equal(ct_talk(&tuple, false, &ct_track).state, CT_EST);
}

/* A device that has lost its rules is given them again. */
static void
test_lost(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);

    ct_establish(&tuple);
    ct_fake.lost = true;
    assert_false(ct_talk(&tuple, false, &ct_track).hardware);
    ct_pass(UDP_TIMEOUT / 10);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_counter(DPU_CT_LOST), 1);
    ct_fake.lost = false;
    ct_talk(&tuple, false, &ct_track);
    ct_talk(&tuple, true, &ct_track);
    assert_true(ct_talk(&tuple, false, &ct_track).hardware);
    ct_check();
}

/* An audit puts back what is lost, both directions or neither. */
static void
test_audit(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_audit audit = { .n_there = 0 };

    ct_establish(&tuple);
    dpu_ct_device_audit(ct_device, &audit);
    assert_int_equal(audit.n_there, 2);
    assert_int_equal(audit.n_restored + audit.n_lost, 0);

    ct_fake.lost = true;
    dpu_ct_device_audit(ct_device, &audit);
    ct_fake.lost = false;
    assert_int_equal(audit.n_restored, 2);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_true(ct_talk(&tuple, false, &ct_track).hardware);
    assert_true(ct_talk(&tuple, true, &ct_track).hardware);
    ct_check();

    /* The second one is not taken. */
    ct_fake.lost = true;
    ct_fake.fail_at = ct_fake.n_creates + 2;
    dpu_ct_device_audit(ct_device, &audit);
    ct_fake.lost = false;
    assert_int_equal(audit.n_restored, 2);
    assert_int_equal(audit.n_lost, 2);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_false(ct_talk(&tuple, false, &ct_track).hardware);
    ct_check();
}

/* Counts what connections and ct_setup() refer to. */
static void
audit_refs(struct dpu_refs *refs)
{
    dpu_ct_hold();
    dpu_ct_add_refs(refs);
    for (size_t i = 0; i < ARRAY_SIZE(ct_variants); i++) {
        dpu_refs_add(refs, DPU_REF_VARIANT, ct_variants[i]);
    }
    dpu_ct_variant_audit_refs(refs);
    dpu_ct_class_audit_refs(refs);
    if (dpu_refs_finish(refs)) {
        dpu_ct_find_dangling(refs);
    }
    dpu_ct_release();
    dpu_ct_drop_dangling();
}

/* Fails the test unless so many references are found to be. */
static void
check_refs(enum dpu_ref_kind kind, uint64_t n, uint64_t n_leaked,
           uint64_t n_missing)
{
    struct dpu_refs refs;

    dpu_refs_init(&refs);
    audit_refs(&refs);
    assert_int_equal(refs.found[kind].n_held, n);
    assert_int_equal(refs.found[kind].n_leaked, n_leaked);
    assert_int_equal(refs.found[kind].n_missing, n_missing);
    dpu_refs_destroy(&refs);
}

/* What connections refer to is counted anew, and put right. */
static void
test_audit_refs(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_traits traits = { .label = OVS_U128_ZERO };
    struct dpu_ct_traits mask = traits;
    uint32_t class;

    /* Somebody asks for connections like this one. */
    mask.label.u64.lo = 1;
    class = dpu_ct_class_get(&traits, &mask);
    assert_int_not_equal(class, 0);
    ct_establish(&tuple);
    check_refs(DPU_REF_VARIANT, 3, 0, 0);

    dpu_ct_class_put(class);
    check_refs(DPU_REF_CARRIED, 1, 0, 0);
    dpu_ct_class_leave(class);
    check_refs(DPU_REF_CARRIED, 1, 0, 1);
    dpu_ct_variant_put(ct_variants[0]);
    check_refs(DPU_REF_VARIANT, 3, 0, 1);
    check_refs(DPU_REF_VARIANT, 3, 0, 0);
    assert_true(ct_talk(&tuple, false, &ct_track).hardware);
    ct_check();
}

/* A connection that refers to what is not there leaves, and comes back. */
static void
test_audit_dangling(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_variant variant;
    struct dpu_refs refs;

    ct_establish(&tuple);
    dpu_ct_variant_init(&variant, false, false, NULL, NULL);
    dpu_ct_variant_put(ct_variants[0]);
    dpu_ct_variant_put(ct_variants[0]);
    assert_int_equal(dpu_ct_variant_find(&variant), 0);

    dpu_refs_init(&refs);
    audit_refs(&refs);
    assert_int_equal(refs.found[DPU_REF_VARIANT].n_missing, 2);
    dpu_refs_destroy(&refs);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_false(ct_talk(&tuple, false, &ct_track).hardware);
    ct_check();
    ct_variants[0] = dpu_ct_variant_get(&variant);
    ct_establish(&tuple);
    assert_true(ct_talk(&tuple, false, &ct_track).hardware);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        CT_TEST(test_fail),
        CT_TEST(test_fail_later),
        CT_TEST(test_full),
        CT_TEST(test_port),
        CT_TEST(test_gone),
        CT_TEST(test_lost),
        CT_TEST(test_audit),
        CT_TEST(test_audit_refs),
        CT_TEST(test_audit_dangling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
    set_program_name("test-dpu-ct-device");
    return ct_run(run);
}
