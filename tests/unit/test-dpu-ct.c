/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The life of connections between a fake device and Open vSwitch's own
 * connection tracking. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openvswitch/dynamic-string.h"
#include "tests/unit/ct-talk.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"

/* The timeout of an established connection of UDP, in msec. */
#define UDP_TIMEOUT 30000

/* A connection of UDP comes to hardware with its second direction, and its
 * packets are forwarded there as software would. */
static void
test_offload(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_probe probe;

    probe = ct_talk(&tuple, false, &ct_commit);
    assert_int_equal(probe.state, CS_TRACKED | CS_NEW);
    probe = ct_talk(&tuple, true, &ct_track);
    assert_int_equal(probe.state, CT_EST | CS_REPLY_DIR);
    assert_int_equal(ct_fake.n_rules, 0);
    probe = ct_talk(&tuple, false, &ct_track);
    assert_false(probe.hardware);
    assert_int_equal(probe.state, CT_EST);
    assert_int_equal(ct_fake.n_rules, 2);

    probe = ct_talk(&tuple, false, &ct_track);
    assert_true(probe.hardware);
    assert_int_equal(probe.state, CT_EST);
    assert_true(dpu_ct_tuple_equals(&probe.after, &tuple));
    probe = ct_talk(&tuple, true, &ct_track);
    assert_true(probe.hardware);
    assert_int_equal(probe.state, CT_EST | CS_REPLY_DIR);
    ct_check();
}

/* Packets that hardware alone sees keep a connection alive, for three times
 * its timeout.  When they end, so does it, no later than 10 % after its time,
 * and its rules before it. */
static void
test_age(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    long long int last;

    ct_establish(&tuple);
    for (int i = 0; i < 30; i++) {
        struct ct_probe probe;

        ct_pass(UDP_TIMEOUT / 10);
        probe = ct_talk(&tuple, i & 1, &ct_track);
        assert_true(probe.hardware);
        ct_check();
    }

    last = ct_now;
    ct_pass(UDP_TIMEOUT - 2500);
    assert_int_equal(ct_fake.n_rules, 2);
    while (ct_fake.n_rules) {
        assert_true(ct_software_has(&tuple, CT_ZONE));
        ct_pass(100);
    }
    assert_true(ct_software_has(&tuple, CT_ZONE));
    while (ct_software_has(&tuple, CT_ZONE)) {
        ct_pass(100);
    }
    assert_true(ct_now - last > UDP_TIMEOUT - 1000);
    assert_true(ct_now - last < UDP_TIMEOUT * 11 / 10);
}

/* A packet that comes between the end of the rules and that of the connection
 * brings the rules back. */
static void
test_age_return(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_probe probe;

    ct_establish(&tuple);
    while (ct_fake.n_rules) {
        ct_pass(100);
    }
    probe = ct_talk(&tuple, false, &ct_track);
    assert_int_equal(probe.state, CT_EST);
    probe = ct_talk(&tuple, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_check();
}

/* Each of these flags takes a connection down; one that is closing stays in
 * software; a new SYN makes a new connection. */
static void
test_tcp(void **state OVS_UNUSED)
{
    static const uint16_t flags[] = {
        TCP_FIN | TCP_ACK, TCP_RST, TCP_SYN,
    };

    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_TCP, 1, 1000 + i, 2, 80);
        struct ct_probe probe;

        ct_establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 2);
        probe = ct_talk(&tuple, false, &ct_track);
        assert_true(probe.hardware);
        probe = ct_send_flags(&tuple, i & 1, flags[i], &ct_track);
        assert_false(probe.hardware);
        assert_int_equal(ct_fake.n_rules, 0);

        probe = ct_talk(&tuple, false, &ct_track);
        probe = ct_talk(&tuple, true, &ct_track);
        assert_false(probe.hardware);
        if (flags[i] != TCP_SYN) {
            assert_int_equal(ct_fake.n_rules, 0);
            continue;
        }
        /* A SYN in the middle changed nothing. */
        assert_int_equal(ct_fake.n_rules, 2);
        ct_send_flags(&tuple, false, TCP_RST, &ct_track);
        assert_int_equal(ct_fake.n_rules, 0);
        ct_send_flags(&tuple, true, TCP_RST, &ct_track);
        probe = ct_send_flags(&tuple, false, TCP_SYN, &ct_commit);
        assert_int_equal(probe.state, CS_TRACKED | CS_NEW);
        ct_send_flags(&tuple, true, TCP_SYN | TCP_ACK, &ct_track);
        ct_send_flags(&tuple, false, TCP_ACK, &ct_track);
        ct_send_flags(&tuple, true, TCP_ACK, &ct_track);
        assert_int_equal(ct_fake.n_rules, 2);
        ct_check();
        ct_send_flags(&tuple, false, TCP_RST, &ct_track);
    }
    assert_true(ct_refused(DPU_CT_NO_CLOSING) > 0);
}

/* No packet that software calls invalid is forwarded by hardware, whatever its
 * flags are. */
static void
test_tcp_flags(void **state OVS_UNUSED)
{
    for (uint16_t flags = 0; flags < 0x40; flags++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 80);
        struct ct_probe probe;

        ct_establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 2);
        probe = ct_send_flags(&tuple, false, flags, &ct_track);
        assert_int_equal(probe.hardware, (flags & TCP_ACK
                                          && !(flags & DPU_CT_TCP_FLAGS)));
        if (probe.hardware) {
            probe.hardware = false;
            dpu_ct_device_close(ct_device, CT_PORT_A, false);
            dpu_ct_device_close(ct_device, CT_PORT_B, false);
            probe = ct_send_flags(&tuple, false, flags, &ct_track);
            assert_false(probe.hardware);
            assert_int_equal(probe.state, CT_EST);
            dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
            dpu_ct_device_open(ct_device, CT_PORT_B, CT_PORT_B);
        }
        dpu_ct_flush(ct_software, NULL);
    }
}

/* NAT of sources, of destinations, with and without ports, and of nothing. */
static void
test_nat(void **state OVS_UNUSED)
{
    static const struct {
        uint16_t action;
        uint32_t addr;
        uint16_t port;
    } nats[] = {
        { NAT_ACTION_SRC, 0x0a000063, 0 },
        { NAT_ACTION_SRC | NAT_ACTION_SRC_PORT, 0x0a000064, 5555 },
        { NAT_ACTION_DST, 0x0a000065, 0 },
        { NAT_ACTION_DST | NAT_ACTION_DST_PORT, 0x0a000066, 8080 },
        { NAT_ACTION_SRC, 0, 0 },
        /* Hairpin: to itself. */
        { NAT_ACTION_DST | NAT_ACTION_DST_PORT, 0x0a000001, 8080 },
    };
    static const uint8_t protos[] = { IPPROTO_UDP, IPPROTO_ICMP };

    for (size_t i = 0; i < ARRAY_SIZE(nats); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(protos); j++) {
            bool icmp = protos[j] == IPPROTO_ICMP;
            struct ct_action action = {
                .zone = CT_ZONE, .commit = true, .nat = true,
                .nat_info = {
                    .min_addr.ipv4 = htonl(nats[i].addr),
                    .max_addr.ipv4 = htonl(nats[i].addr),
                    .min_port = nats[i].port,
                    .max_port = nats[i].port,
                    .nat_action = nats[i].action,
                },
            };
            struct dpu_ct_tuple tuple
                = ct_tuple(protos[j], 1, 1000 + i, 2, icmp ? 8 << 8 : 80);
            size_t n_rules = ct_fake.n_rules;

            ct_exchange(&tuple, &action, 4);
            assert_int_equal(ct_fake.n_rules, n_rules + 2);
        }
    }
}

/* Hardware follows the mark, whichever of two kinds of ct() sets it. */
static void
test_mark(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_action mark = {
        .zone = CT_ZONE, .commit = true, .sets_mark = true,
        .mark = { 5, 0xff },
    };
    struct ct_probe probe;

    ct_establish(&tuple);
    assert_int_equal(ct_talk(&tuple, false, &ct_track).mark, 0);
    probe = ct_talk(&tuple, false, &mark);
    assert_false(probe.hardware);
    assert_int_equal(probe.mark, 5);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&tuple, true, &ct_track);
    ct_talk(&tuple, false, &ct_track);
    probe = ct_talk(&tuple, true, &ct_track);
    assert_true(probe.hardware);
    assert_int_equal(probe.mark, 5);
    assert_int_equal(ct_talk(&tuple, false, &ct_track).mark, 5);
    ct_check();
}

/* A flush of everything, of a zone, of a connection. */
static void
test_flush(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple a = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_tuple b = ct_tuple(IPPROTO_UDP, 3, 1000, 4, 2000);
    struct ct_dpif_tuple dpif = {
        .l3_type = AF_INET, .ip_proto = IPPROTO_UDP,
        .src.ip = a.src.ipv4, .dst.ip = a.dst.ipv4,
        .src_port = a.src_port, .dst_port = a.dst_port,
    };
    uint16_t zone = CT_ZONE + 1;
    struct dpu_ct_tuple reverse;

    dpu_ct_tuple_reverse(&a, &reverse);
    ct_establish(&a);
    ct_establish(&b);
    assert_int_equal(ct_fake.n_rules, 4);
    dpu_ct_flush_tuple(ct_software, &dpif, CT_ZONE);
    assert_int_equal(ct_fake.n_rules, 2);

    /* By what is its other direction, as software lets one do. */
    ct_establish(&reverse);
    assert_int_equal(ct_fake.n_rules, 4);
    dpu_ct_flush_tuple(ct_software, &dpif, CT_ZONE);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_false(ct_software_has(&a, CT_ZONE));
    ct_check();
    dpu_ct_flush(ct_software, &zone);
    assert_int_equal(ct_fake.n_rules, 2);
    zone = CT_ZONE;
    dpu_ct_flush(ct_software, &zone);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_establish(&a);
    dpu_ct_flush(ct_software, NULL);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_software_count(), 0);
}

/* The same tuple in two zones is two connections. */
static void
test_zones(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_action last = { .zone = 65535, .commit = true };

    ct_establish(&tuple);
    ct_talk(&tuple, false, &last);
    ct_talk(&tuple, true, &last);
    ct_talk(&tuple, false, &last);
    assert_int_equal(ct_fake.n_rules, 4);
    assert_true(ct_talk(&tuple, false, &last).hardware);
    ct_check();
}

/* What a packet brings along in META is known while its connection is in
 * hardware and for a while after that. */
static void
test_restore(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct pkt_metadata md;
    struct ct_probe probe;

    ct_establish(&tuple);
    probe = ct_talk(&tuple, true, &ct_track);
    assert_true(probe.hardware);
    for (int i = 0; i < 2; i++) {
        memset(&md, 0xff, sizeof md);
        assert_true(dpu_ct_restore(probe.meta, &md));
        assert_int_equal(md.ct_state, CT_EST | CS_REPLY_DIR);
        assert_int_equal(md.ct_zone, CT_ZONE);
        assert_int_equal(md.ct_mark, 0);
        assert_true(ovs_u128_is_zero(md.ct_label));
        assert_false(md.ct_orig_tuple_ipv6);
        assert_int_equal(md.ct_orig_tuple.ipv4.ipv4_src, tuple.src.ipv4);
        assert_int_equal(md.ct_orig_tuple.ipv4.dst_port, tuple.dst_port);
        dpu_ct_flush(ct_software, NULL);
    }
    ct_pass(DPU_CT_LINGER + 1000);
    dpu_ct_conn_reap(ct_now);
    assert_false(dpu_ct_restore(probe.meta, &md));
}

/* Megaflows ask for what connections in hardware do not carry: these come back
 * with it once one of their packets has missed, others stay as they are. */
static void
test_class(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_tuple other = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2001);
    struct dpu_ct_traits value, mask;
    struct pkt_metadata md;
    struct ct_probe probe;
    uint64_t changed;
    uint32_t asked;

    ct_establish(&tuple);
    ct_establish(&other);
    assert_int_equal(ct_talk(&tuple, true, &ct_track).class, 0);

    memset(&value, 0, sizeof value);
    memset(&mask, 0, sizeof mask);
    value.orig.dst_port = htons(2000);
    mask.orig.dst_port = OVS_BE16_MAX;
    asked = dpu_ct_class_get(&value, &mask);
    assert_int_not_equal(asked, 0);
    probe = ct_talk(&tuple, true, &ct_track);
    assert_true(probe.hardware);
    assert_int_equal(probe.class, 0);

    changed = ct_counter(DPU_CT_CHANGED);
    assert_true(dpu_ct_restore(probe.meta, &md));
    probe = ct_talk(&other, true, &ct_track);
    assert_true(probe.hardware);
    assert_true(dpu_ct_restore(probe.meta, &md));
    dpu_ct_run(ct_now);
    assert_int_equal(ct_counter(DPU_CT_CHANGED), changed + 1);
    assert_true(ct_talk(&other, true, &ct_track).hardware);
    ct_check();

    for (int i = 0; i < 2; i++) {
        assert_false(ct_talk(&tuple, i, &ct_track).hardware);
    }
    for (int i = 0; i < 2; i++) {
        probe = ct_talk(&tuple, i, &ct_track);
        assert_true(probe.hardware);
        assert_int_equal(probe.class, asked);
        assert_true(dpu_ct_restore(probe.meta, &md));
    }
    dpu_ct_run(ct_now);
    assert_int_equal(ct_counter(DPU_CT_CHANGED), changed + 1);
    assert_int_equal(ct_talk(&other, true, &ct_track).class, 0);

    /* It keeps its number, with or without a megaflow. */
    dpu_ct_class_put(asked);
    assert_int_equal(dpu_ct_class_count(), 1);
    dpu_ct_flush(ct_software, NULL);
    assert_int_equal(dpu_ct_class_count(), 0);
}

/* Open vSwitch 3.1 aborts at a packet of a connection with all-zero NAT that
 * has expired and was not swept. */
static void
test_abort(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_action action = {
        .zone = CT_ZONE, .commit = true, .nat = true,
        .nat_info.nat_action = NAT_ACTION_SRC,
    };

    ct_exchange(&tuple, &action, 4);
    ct_pass(UDP_TIMEOUT * 11 / 10);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_talk(&tuple, false, &action).state & CS_NEW, CS_NEW);
    /* Never in hardware, and with the timeout of the first packet. */
    ct_pass(60500);
    assert_int_equal(ct_talk(&tuple, false, &action).state & CS_NEW, CS_NEW);
}

/* What an operator sees. */
static void
test_show(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ds s = DS_EMPTY_INITIALIZER;
    uint16_t other = CT_ZONE + 1;

    ct_establish(&tuple);
    ct_talk(&tuple, false, &ct_track);
    dpu_ct_format(&s, NULL, true);
    assert_non_null(strstr(ds_cstr(&s), "in hardware: 1 (udp 1)\n"));
    assert_non_null(strstr(ds_cstr(&s), "zones: 7=1\n"));
    assert_non_null(strstr(ds_cstr(&s),
                           "udp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1000,"
                           "dport=2000,packets=1,bytes=64),reply=("
                           "src=10.0.0.2,dst=10.0.0.1,sport=2000,dport=1000,"
                           "packets=0,bytes=0),zone=7,age="));
    assert_non_null(strstr(ds_cstr(&s), "timeout=30.0s,offloaded\n"));
    ds_clear(&s);
    dpu_ct_format(&s, &other, true);
    assert_non_null(strstr(ds_cstr(&s), "in hardware: 0\n"));
    ds_destroy(&s);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        CT_TEST(test_offload),
        CT_TEST(test_age),
        CT_TEST(test_age_return),
        CT_TEST(test_tcp),
        CT_TEST(test_tcp_flags),
        CT_TEST(test_nat),
        CT_TEST(test_mark),
        CT_TEST(test_flush),
        CT_TEST(test_zones),
        CT_TEST(test_restore),
        CT_TEST(test_class),
        CT_TEST(test_abort),
        CT_TEST(test_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
    set_program_name("test-dpu-ct");
    return ct_run(run);
}
