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
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "tests/unit/ct-fixture.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"

#define ZONE 7
#define EST (CS_TRACKED | CS_ESTABLISHED)

/* The timeout of an established connection of UDP, in msec. */
#define UDP_TIMEOUT 30000

static const struct ct_action commit = { .zone = ZONE, .commit = true };
static const struct ct_action track = { .zone = ZONE };

static int
setup(void **state OVS_UNUSED)
{
    ct_setup();
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    ct_teardown();
    return 0;
}

/* Sends a packet of 'tuple', or an answer to it. */
static struct ct_probe
send_flags(const struct dpu_ct_tuple *tuple, bool reply, uint16_t flags,
           const struct ct_action *action)
{
    struct ct_probe probe = {
        .tuple = *tuple,
        .tcp_flags = flags,
        .port = reply ? CT_PORT_B : CT_PORT_A,
    };

    if (reply) {
        dpu_ct_tuple_reverse(tuple, &probe.tuple);
    }
    ct_send(&probe, action);
    return probe;
}

static struct ct_probe
ct_talk(const struct dpu_ct_tuple *tuple, bool reply,
     const struct ct_action *action)
{
    return send_flags(tuple, reply, TCP_ACK, action);
}

/* Has the connection of 'tuple' established. */
static void
establish(const struct dpu_ct_tuple *tuple)
{
    if (tuple->proto == IPPROTO_TCP) {
        send_flags(tuple, false, TCP_SYN, &commit);
        send_flags(tuple, true, TCP_SYN | TCP_ACK, &track);
        send_flags(tuple, false, TCP_ACK, &track);
        send_flags(tuple, true, TCP_ACK, &track);
    } else {
        ct_talk(tuple, false, &commit);
        ct_talk(tuple, true, &track);
        ct_talk(tuple, false, &track);
    }
}

static uint64_t
counter(enum dpu_ct_counter c)
{
    uint64_t n;

    atomic_read(&dpu_ct_counters[c], &n);
    return n;
}

static uint64_t
refused(enum dpu_ct_refusal refusal)
{
    uint64_t n;

    atomic_read(&dpu_ct_refused_ever[refusal], &n);
    return n;
}

/* A connection of UDP comes to hardware with its second direction, and its
 * packets are forwarded there as software would. */
static void
test_offload(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_probe probe;

    probe = ct_talk(&tuple, false, &commit);
    assert_int_equal(probe.state, CS_TRACKED | CS_NEW);
    probe = ct_talk(&tuple, true, &track);
    assert_int_equal(probe.state, EST | CS_REPLY_DIR);
    assert_int_equal(ct_fake.n_rules, 0);
    probe = ct_talk(&tuple, false, &track);
    assert_false(probe.hardware);
    assert_int_equal(probe.state, EST);
    assert_int_equal(ct_fake.n_rules, 2);

    probe = ct_talk(&tuple, false, &track);
    assert_true(probe.hardware);
    assert_int_equal(probe.state, EST);
    assert_true(dpu_ct_tuple_equals(&probe.after, &tuple));
    probe = ct_talk(&tuple, true, &track);
    assert_true(probe.hardware);
    assert_int_equal(probe.state, EST | CS_REPLY_DIR);
    ct_check();
}

/* A stream that goes one way comes to hardware, whichever way that is, and so
 * does what comes the other way later. */
static void
test_one_way(void **state OVS_UNUSED)
{
    for (int reply = 0; reply < 2; reply++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000 + reply, 2,
                                             2000);
        size_t n_rules = ct_fake.n_rules;
        struct ct_probe probe;

        ct_talk(&tuple, false, &commit);
        ct_talk(&tuple, true, &track);
        if (!reply) {
            ct_pass(20000);     /* Forgotten since. */
            ct_talk(&tuple, false, &track);
        }
        assert_int_equal(ct_fake.n_rules, n_rules);
        ct_pass(150);
        ct_talk(&tuple, reply, &track);
        assert_int_equal(ct_fake.n_rules, n_rules + 2);
        probe = ct_talk(&tuple, reply, &track);
        assert_true(probe.hardware);
        probe = ct_talk(&tuple, !reply, &track);
        assert_true(probe.hardware);
        assert_int_equal(probe.state, EST | (reply ? 0 : CS_REPLY_DIR));
        ct_check();
    }
}

/* The same with NAT: ct_state is what software would make of it. */
static void
test_one_way_nat(void **state OVS_UNUSED)
{
    static const struct ct_action back = { .zone = ZONE, .nat = true };
    static const uint16_t nats[] = { NAT_ACTION_SRC, NAT_ACTION_DST };

    for (size_t i = 0; i < 2 * ARRAY_SIZE(nats); i++) {
        struct ct_action nat = {
            .zone = ZONE, .commit = true, .nat = true,
            .nat_info.min_addr.ipv4 = htonl(0x0a000063 + i),
            .nat_info.max_addr.ipv4 = htonl(0x0a000063 + i),
            .nat_info.nat_action = nats[i / 2],
        };
        struct dpu_ct_tuple orig = ct_tuple(IPPROTO_UDP, 1, 1000 + i, 2, 2000);
        struct ct_probe there = { .tuple = orig, .port = CT_PORT_A };
        struct ct_probe here = { .port = CT_PORT_B };
        uint8_t states[2];

        ct_send(&there, &nat);
        dpu_ct_tuple_reverse(&there.after, &here.tuple);
        ct_send(&here, &back);
        ct_pass(150);
        if (i & 1) {
            ct_send(&there, &back);     /* Software's word. */
            states[0] = there.state;
            states[1] = here.state;
        } else {
            ct_send(&here, &back);
            states[1] = here.state;
            ct_send(&there, &back);     /* Hardware's. */
            assert_true(there.hardware);
            states[0] = there.state;
        }
        assert_int_equal(states[0], EST | (nats[i / 2] == NAT_ACTION_SRC
                                           ? CS_SRC_NAT : CS_DST_NAT));
        assert_int_equal(states[1], EST | CS_REPLY_DIR
                                    | (nats[i / 2] == NAT_ACTION_SRC
                                       ? CS_DST_NAT : CS_SRC_NAT));
        ct_check();
    }
}

/* Packets that hardware alone sees keep a connection alive, for three times
 * its timeout.  When they end, so does it, no later than 10 % after its time,
 * and its rules before it. */
static void
test_age(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    long long int last;

    establish(&tuple);
    for (int i = 0; i < 30; i++) {
        struct ct_probe probe;

        ct_pass(UDP_TIMEOUT / 10);
        probe = ct_talk(&tuple, i & 1, &track);
        assert_true(probe.hardware);
        ct_check();
    }

    last = ct_now;
    ct_pass(UDP_TIMEOUT - 2500);
    assert_int_equal(ct_fake.n_rules, 2);
    while (ct_fake.n_rules) {
        assert_true(ct_software_has(&tuple, ZONE));
        ct_pass(100);
    }
    assert_true(ct_software_has(&tuple, ZONE));
    while (ct_software_has(&tuple, ZONE)) {
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

    establish(&tuple);
    while (ct_fake.n_rules) {
        ct_pass(100);
    }
    probe = ct_talk(&tuple, false, &track);
    assert_int_equal(probe.state, EST);
    probe = ct_talk(&tuple, true, &track);
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

        establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 2);
        probe = ct_talk(&tuple, false, &track);
        assert_true(probe.hardware);
        probe = send_flags(&tuple, i & 1, flags[i], &track);
        assert_false(probe.hardware);
        assert_int_equal(ct_fake.n_rules, 0);

        probe = ct_talk(&tuple, false, &track);
        probe = ct_talk(&tuple, true, &track);
        assert_false(probe.hardware);
        if (flags[i] != TCP_SYN) {
            assert_int_equal(ct_fake.n_rules, 0);
            continue;
        }
        /* A SYN in the middle changed nothing. */
        assert_int_equal(ct_fake.n_rules, 2);
        send_flags(&tuple, false, TCP_RST, &track);
        assert_int_equal(ct_fake.n_rules, 0);
        send_flags(&tuple, true, TCP_RST, &track);
        probe = send_flags(&tuple, false, TCP_SYN, &commit);
        assert_int_equal(probe.state, CS_TRACKED | CS_NEW);
        send_flags(&tuple, true, TCP_SYN | TCP_ACK, &track);
        send_flags(&tuple, false, TCP_ACK, &track);
        send_flags(&tuple, true, TCP_ACK, &track);
        assert_int_equal(ct_fake.n_rules, 2);
        ct_check();
        send_flags(&tuple, false, TCP_RST, &track);
    }
    assert_true(refused(DPU_CT_NO_CLOSING) > 0);
}

/* No packet that software calls invalid is forwarded by hardware, whatever its
 * flags are. */
static void
test_tcp_flags(void **state OVS_UNUSED)
{
    for (uint16_t flags = 0; flags < 0x40; flags++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 80);
        struct ct_probe probe;

        establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 2);
        probe = send_flags(&tuple, false, flags, &track);
        assert_int_equal(probe.hardware, (flags & TCP_ACK
                                          && !(flags & DPU_CT_TCP_FLAGS)));
        if (probe.hardware) {
            probe.hardware = false;
            dpu_ct_device_close(ct_device, CT_PORT_A, false);
            dpu_ct_device_close(ct_device, CT_PORT_B, false);
            probe = send_flags(&tuple, false, flags, &track);
            assert_false(probe.hardware);
            assert_int_equal(probe.state, EST);
            dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
            dpu_ct_device_open(ct_device, CT_PORT_B, CT_PORT_B);
        }
        dpu_ct_flush(ct_software, NULL);
    }
}

/* TCP does not come to hardware before its handshake has ended. */
static void
test_tcp_early(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 80);

    send_flags(&tuple, false, TCP_SYN, &commit);
    send_flags(&tuple, true, TCP_SYN | TCP_ACK, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    send_flags(&tuple, true, TCP_ACK, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    send_flags(&tuple, false, TCP_ACK, &track);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_check();
}

/* Sends a packet in and its answer back, 'n' times, as NAT has it. */
static void
exchange(const struct dpu_ct_tuple *tuple, const struct ct_action *action,
         unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        static const struct ct_action back = { .zone = ZONE, .nat = true };
        struct ct_probe probe, answer;
        struct dpu_ct_tuple reverse;

        probe = ct_talk(tuple, false, i ? &back : action);
        dpu_ct_tuple_reverse(&probe.after, &reverse);
        answer = (struct ct_probe) {
            .tuple = reverse, .tcp_flags = TCP_ACK, .port = CT_PORT_B,
        };
        ct_send(&answer, &back);

        /* The answer comes back to who asked. */
        dpu_ct_tuple_reverse(&answer.after, &reverse);
        assert_true(dpu_ct_tuple_equals(&reverse, tuple));
        if (i > 1) {
            assert_true(probe.hardware);
            assert_true(answer.hardware);
        }
    }
    ct_check();
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
                .zone = ZONE, .commit = true, .nat = true,
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

            exchange(&tuple, &action, 4);
            assert_int_equal(ct_fake.n_rules, n_rules + 2);
        }
    }
}

/* A connection of every kind that there is, and one whose identifier no device
 * matches. */
static void
test_protocols(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple icmp = ct_tuple(IPPROTO_ICMP, 1, 77, 2, 8 << 8);
    struct dpu_ct_tuple sctp = ct_tuple(IPPROTO_SCTP, 1, 0, 2, 0);
    struct dpu_ct_tuple gre = ct_tuple(IPPROTO_GRE, 1, 0, 2, 0);
    struct dpu_ct_tuple udp6 = ct_tuple(IPPROTO_UDP, 1, 1, 2, 2);
    struct dpu_ct_tuple icmp6;

    establish(&icmp);
    assert_int_equal(ct_fake.n_rules, 2);
    establish(&sctp);
    assert_int_equal(ct_fake.n_rules, 4);
    establish(&gre);
    assert_int_equal(ct_fake.n_rules, 4);
    assert_int_equal(refused(DPU_CT_NO_PROTOCOL), 1);

    udp6.ipv6 = true;
    udp6.src.ipv6.s6_addr[0] = udp6.dst.ipv6.s6_addr[0] = 0x20;
    udp6.src.ipv6.s6_addr[15] = 1;
    udp6.dst.ipv6.s6_addr[15] = 2;
    establish(&udp6);
    assert_int_equal(ct_fake.n_rules, 6);
    assert_true(ct_talk(&udp6, true, &track).hardware);

    icmp6 = udp6;
    icmp6.proto = IPPROTO_ICMPV6;
    icmp6.src_port = htons(77);
    icmp6.dst_port = htons(128 << 8);
    establish(&icmp6);
    assert_int_equal(ct_fake.n_rules, 6);
    assert_int_equal(refused(DPU_CT_NO_REFUSED), 1);
    ct_check();
}

/* So does what the device does not check as software does. */
static void
test_checksums(void **state OVS_UNUSED)
{
    struct dpu_caps *caps = CONST_CAST(struct dpu_caps *, ct_device->caps);
    struct dpu_ct_tuple icmp = ct_tuple(IPPROTO_ICMP, 1, 77, 2, 8 << 8);
    struct dpu_ct_tuple udp = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_tuple sctp = ct_tuple(IPPROTO_SCTP, 1, 0, 2, 0);
    struct smap keys = SMAP_INITIALIZER(&keys);

    caps->icmp_checksum = false;
    establish(&icmp);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(refused(DPU_CT_NO_CHECKSUM), 1);
    establish(&udp);
    assert_int_equal(ct_fake.n_rules, 2);
    caps->ip_checksum = false;
    establish(&sctp);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_int_equal(refused(DPU_CT_NO_CHECKSUM), 2);

    /* Unless that is wanted. */
    smap_add(&keys, "dpu-ct-checksums", "false");
    dpu_ct_configure(&keys);
    atomic_store(&dpu_ct_config.threads, 0);
    establish(&icmp);
    establish(&udp);
    establish(&sctp);
    assert_int_equal(ct_fake.n_rules, 6);
    ct_check();
    smap_destroy(&keys);
}

/* FTP and TFTP stay in software. */
static void
test_alg(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple ftp = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 21);
    struct dpu_ct_tuple tftp = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 69);

    establish(&ftp);
    establish(&tftp);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(refused(DPU_CT_NO_ALG), 2);
}

/* Hardware follows the mark, whichever of two kinds of ct() sets it. */
static void
test_mark(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_action mark = {
        .zone = ZONE, .commit = true, .sets_mark = true, .mark = { 5, 0xff },
    };
    struct ct_probe probe;

    establish(&tuple);
    assert_int_equal(ct_talk(&tuple, false, &track).mark, 0);
    probe = ct_talk(&tuple, false, &mark);
    assert_false(probe.hardware);
    assert_int_equal(probe.mark, 5);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&tuple, true, &track);
    ct_talk(&tuple, false, &track);
    probe = ct_talk(&tuple, true, &track);
    assert_true(probe.hardware);
    assert_int_equal(probe.mark, 5);
    assert_int_equal(ct_talk(&tuple, false, &track).mark, 5);
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
    uint16_t zone = ZONE + 1;
    struct dpu_ct_tuple reverse;

    dpu_ct_tuple_reverse(&a, &reverse);
    establish(&a);
    establish(&b);
    assert_int_equal(ct_fake.n_rules, 4);
    dpu_ct_flush_tuple(ct_software, &dpif, ZONE);
    assert_int_equal(ct_fake.n_rules, 2);

    /* By what is its other direction, as software lets one do. */
    establish(&reverse);
    assert_int_equal(ct_fake.n_rules, 4);
    dpu_ct_flush_tuple(ct_software, &dpif, ZONE);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_false(ct_software_has(&a, ZONE));
    ct_check();
    dpu_ct_flush(ct_software, &zone);
    assert_int_equal(ct_fake.n_rules, 2);
    zone = ZONE;
    dpu_ct_flush(ct_software, &zone);
    assert_int_equal(ct_fake.n_rules, 0);
    establish(&a);
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

    establish(&tuple);
    ct_talk(&tuple, false, &last);
    ct_talk(&tuple, true, &last);
    ct_talk(&tuple, false, &last);
    assert_int_equal(ct_fake.n_rules, 4);
    assert_true(ct_talk(&tuple, false, &last).hardware);
    ct_check();
}

/* Whatever installation fails, there are both directions or neither, and the
 * connection is tried again. */
static void
test_fail(void **state OVS_UNUSED)
{
    for (unsigned int step = 1; step <= 2; step++) {
        struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, step, 2, 2000);

        ct_fake.fail_at = ct_fake.n_creates + step;
        establish(&tuple);
        assert_int_equal(ct_fake.n_rules, 0);
        ct_check();
        ct_pass(2000);
        ct_talk(&tuple, true, &track);
        ct_talk(&tuple, false, &track);
        assert_int_equal(ct_fake.n_rules, 2);
        dpu_ct_flush(ct_software, NULL);
    }
    assert_int_equal(refused(DPU_CT_NO_FULL), 2);
}

/* The same if a rule gets lost on its way, in the midst of a burst; the other
 * connections of the burst come to hardware. */
static void
test_fail_later(void **state OVS_UNUSED)
{
    enum { N = 30 };
    struct dpu_ct_tuple tuples[N];
    size_t n_refused = refused(DPU_CT_NO_REFUSED);

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
            ct_send_only(&probe, round ? &track : &commit);
        }
        dpu_ct_run(ct_now);
    }
    assert_int_equal(ct_fake.n_results, 2 * N);
    assert_int_equal(ct_fake.n_rules, 2 * (N - 1));
    assert_int_equal(refused(DPU_CT_NO_REFUSED), n_refused + 1);
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
        establish(&tuples[i]);
        ct_check();
    }
    assert_int_equal(ct_fake.n_rules, 4);
    assert_false(ct_talk(&tuples[2], false, &track).hardware);
    send_flags(&tuples[0], false, TCP_RST, &track);
    ct_pass(2000);
    ct_talk(&tuples[2], false, &track);
    ct_talk(&tuples[2], true, &track);
    assert_true(ct_talk(&tuples[2], false, &track).hardware);
    ct_check();
}

/* The rules that came through an ethdev leave before it stops, and are back
 * when it runs again. */
static void
test_port(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);

    establish(&tuple);
    assert_int_equal(ct_fake.n_rules, 2);
    /* The packet that told of it first came in by the other one. */
    dpu_ct_device_close(ct_device, CT_PORT_A, false);
    assert_int_equal(ct_fake.n_rules, 2);
    dpu_ct_device_close(ct_device, CT_PORT_B, false);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_true(ct_software_has(&tuple, ZONE));
    ct_talk(&tuple, false, &track);
    ct_talk(&tuple, true, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
    dpu_ct_device_open(ct_device, CT_PORT_B, CT_PORT_B);
    ct_talk(&tuple, false, &track);
    ct_talk(&tuple, true, &track);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_check();
}

/* A device that vanishes takes its rules along. */
static void
test_gone(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_counts counts;

    establish(&tuple);
    ct_fake.gone = true;
    dpu_ct_device_close(ct_device, CT_PORT_A, true);
    dpu_ct_device_close(ct_device, CT_PORT_B, true);
    dpu_ct_conn_count(&counts);
    assert_int_equal(counts.n_conns, 0);
    assert_int_equal(ct_talk(&tuple, false, &track).state, EST);
}

/* A device that has lost its rules is given them again. */
static void
test_lost(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);

    establish(&tuple);
    ct_fake.lost = true;
    assert_false(ct_talk(&tuple, false, &track).hardware);
    ct_pass(UDP_TIMEOUT / 10);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(counter(DPU_CT_LOST), 1);
    ct_fake.lost = false;
    ct_talk(&tuple, false, &track);
    ct_talk(&tuple, true, &track);
    assert_true(ct_talk(&tuple, false, &track).hardware);
    ct_check();
}

/* An audit puts back what is lost, both directions or neither. */
static void
test_audit(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_audit audit = { .n_there = 0 };

    establish(&tuple);
    dpu_ct_device_audit(ct_device, &audit);
    assert_int_equal(audit.n_there, 2);
    assert_int_equal(audit.n_restored + audit.n_lost, 0);

    ct_fake.lost = true;
    dpu_ct_device_audit(ct_device, &audit);
    ct_fake.lost = false;
    assert_int_equal(audit.n_restored, 2);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_true(ct_talk(&tuple, false, &track).hardware);
    assert_true(ct_talk(&tuple, true, &track).hardware);
    ct_check();

    /* The second one is not taken. */
    ct_fake.lost = true;
    ct_fake.fail_at = ct_fake.n_creates + 2;
    dpu_ct_device_audit(ct_device, &audit);
    ct_fake.lost = false;
    assert_int_equal(audit.n_restored, 2);
    assert_int_equal(audit.n_lost, 2);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_false(ct_talk(&tuple, false, &track).hardware);
    ct_check();
}

/* Ports that are not the device's teach nothing, and a device that leaves
 * leaves nothing. */
static void
test_other_ports(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_counts counts;

    for (int i = 0; i < 4; i++) {
        struct ct_probe probe = { .tuple = tuple, .port = CT_PORT_OTHER };

        if (i & 1) {
            dpu_ct_tuple_reverse(&tuple, &probe.tuple);
        }
        ct_send(&probe, i ? &track : &commit);
    }
    dpu_ct_conn_count(&counts);
    assert_int_equal(counts.n_conns, 0);

    ct_talk(&tuple, false, &track);
    ct_talk(&tuple, true, &track);
    assert_int_equal(ct_fake.n_rules, 2);
    dpu_ct_device_destroy(ct_device);
    ct_device = NULL;
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_talk(&tuple, false, &track).state, EST);
}

/* What a packet brings along in META is known while its connection is in
 * hardware and for a while after that. */
static void
test_restore(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct pkt_metadata md;
    struct ct_probe probe;

    establish(&tuple);
    probe = ct_talk(&tuple, true, &track);
    assert_true(probe.hardware);
    for (int i = 0; i < 2; i++) {
        memset(&md, 0xff, sizeof md);
        assert_true(dpu_ct_restore(probe.meta, &md));
        assert_int_equal(md.ct_state, EST | CS_REPLY_DIR);
        assert_int_equal(md.ct_zone, ZONE);
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

    establish(&tuple);
    establish(&other);
    assert_int_equal(ct_talk(&tuple, true, &track).class, 0);

    memset(&value, 0, sizeof value);
    memset(&mask, 0, sizeof mask);
    value.orig.dst_port = htons(2000);
    mask.orig.dst_port = OVS_BE16_MAX;
    asked = dpu_ct_class_get(&value, &mask);
    assert_int_not_equal(asked, 0);
    probe = ct_talk(&tuple, true, &track);
    assert_true(probe.hardware);
    assert_int_equal(probe.class, 0);

    changed = counter(DPU_CT_CHANGED);
    assert_true(dpu_ct_restore(probe.meta, &md));
    probe = ct_talk(&other, true, &track);
    assert_true(probe.hardware);
    assert_true(dpu_ct_restore(probe.meta, &md));
    dpu_ct_run(ct_now);
    assert_int_equal(counter(DPU_CT_CHANGED), changed + 1);
    assert_true(ct_talk(&other, true, &track).hardware);
    ct_check();

    for (int i = 0; i < 2; i++) {
        assert_false(ct_talk(&tuple, i, &track).hardware);
    }
    for (int i = 0; i < 2; i++) {
        probe = ct_talk(&tuple, i, &track);
        assert_true(probe.hardware);
        assert_int_equal(probe.class, asked);
        assert_true(dpu_ct_restore(probe.meta, &md));
    }
    dpu_ct_run(ct_now);
    assert_int_equal(counter(DPU_CT_CHANGED), changed + 1);
    assert_int_equal(ct_talk(&other, true, &track).class, 0);

    /* It keeps its number, with or without a megaflow. */
    dpu_ct_class_put(asked);
    assert_int_equal(dpu_ct_class_count(), 1);
    dpu_ct_flush(ct_software, NULL);
    assert_int_equal(dpu_ct_class_count(), 0);
}

/* The keys say what comes to hardware, at any time. */
static void
test_keys(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple udp = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_tuple tcp = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 2000);
    struct smap keys = SMAP_INITIALIZER(&keys);
    uint32_t n;

    establish(&udp);
    assert_int_equal(ct_fake.n_rules, 2);
    smap_add(&keys, "dpu-ct-protocols", "tcp");
    dpu_ct_configure(&keys);
    atomic_store(&dpu_ct_config.threads, 0);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&udp, false, &track);
    ct_talk(&udp, true, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    establish(&tcp);
    assert_int_equal(ct_fake.n_rules, 2);

    smap_replace(&keys, "dpu-ct-max", "0");
    dpu_ct_configure(&keys);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&tcp, false, &track);
    ct_talk(&tcp, true, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_true(refused(DPU_CT_NO_LIMIT) > 0);

    /* A bad value changes nothing. */
    smap_replace(&keys, "dpu-ct-max", "-1");
    smap_replace(&keys, "dpu-ct-protocols", "tcp,ip");
    smap_replace(&keys, "dpu-ct", "yes");
    dpu_ct_configure(&keys);
    atomic_read(&dpu_ct_config.max, &n);
    assert_int_equal(n, 0);
    atomic_read(&dpu_ct_config.protocols, &n);
    assert_int_equal(n, DPU_CT_PROTO_TCP);

    smap_clear(&keys);
    smap_add(&keys, "dpu-ct-min-packets", "5");
    dpu_ct_configure(&keys);
    dpu_ct_flush(ct_software, NULL);
    establish(&udp);
    assert_int_equal(ct_fake.n_rules, 0);
    for (int i = 0; i < 6; i++) {
        ct_talk(&udp, i & 1, &track);
    }
    assert_int_equal(ct_fake.n_rules, 2);

    smap_clear(&keys);
    smap_add(&keys, "dpu-ct", "false");
    dpu_ct_configure(&keys);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&udp, false, &track);
    ct_talk(&udp, true, &track);
    assert_int_equal(ct_fake.n_rules, 0);
    smap_destroy(&keys);
}

/* Open vSwitch 3.1 aborts at a packet of a connection with all-zero NAT that
 * has expired and was not swept. */
static void
test_abort(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ct_action action = {
        .zone = ZONE, .commit = true, .nat = true,
        .nat_info.nat_action = NAT_ACTION_SRC,
    };

    exchange(&tuple, &action, 4);
    ct_pass(UDP_TIMEOUT * 11 / 10);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_talk(&tuple, false, &action).state & CS_NEW, CS_NEW);
    /* Never in hardware, and with the timeout of the first packet. */
    ct_pass(60500);
    assert_int_equal(ct_talk(&tuple, false, &action).state & CS_NEW, CS_NEW);
}

/* More events than there is room for. */
static void
test_queue(void **state OVS_UNUSED)
{
    uint64_t full = counter(DPU_CT_QUEUE_FULL);
    struct dpu_ct_tuple tuple;

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50000; i++) {
            struct ct_probe probe = { .port = CT_PORT_A };

            tuple = ct_tuple(IPPROTO_UDP, 1, 1 + i, 2, 2000);
            probe.tuple = tuple;
            if (round == 1) {
                dpu_ct_tuple_reverse(&tuple, &probe.tuple);
            }
            ct_send_only(&probe, round ? &track : &commit);
        }
        ct_now += 100;
    }
    assert_true(counter(DPU_CT_QUEUE_FULL) > full);
    assert_int_equal(ct_fake.n_rules, 0);
    dpu_ct_run(ct_now);
    ct_talk(&tuple, true, &track);
    ct_talk(&tuple, false, &track);
    assert_true(ct_talk(&tuple, false, &track).hardware);
    ct_check();
}

/* What an operator sees. */
static void
test_show(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct ds s = DS_EMPTY_INITIALIZER;
    uint16_t other = ZONE + 1;

    establish(&tuple);
    ct_talk(&tuple, false, &track);
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

/* Random events, a number of them, and what must hold after each one. */
static void
random_run(unsigned int seed, unsigned int n)
{
    struct drand48_data random;
    long int r[3];

    srand48_r(seed, &random);
    for (unsigned int i = 0; i < n; i++) {
        struct dpu_ct_tuple tuple;
        uint16_t zone = ZONE;

        for (size_t j = 0; j < ARRAY_SIZE(r); j++) {
            lrand48_r(&random, &r[j]);
        }
        tuple = ct_tuple(r[1] & 1 ? IPPROTO_TCP : IPPROTO_UDP, 1,
                         1 + (r[1] >> 1) % 6, 2, 80);
        switch (r[0] % 64) {
        case 0:
            dpu_ct_flush(ct_software, r[1] & 1 ? &zone : NULL);
            break;
        case 1: case 2:
            ct_pass(r[1] % 400000);
            break;
        case 3:
            zone_limit_update(ct_software, ZONE, 1 + r[1] % 12);
            break;
        case 4:
            ct_fake.capacity = r[1] % 20;
            break;
        case 5:
            ct_fake.fail_at = ct_fake.n_creates + 1 + r[1] % 2;
            break;
        case 6:
            dpu_ct_device_close(ct_device, CT_PORT_A, false);
            ct_check();
            dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
            break;
        case 7: {
            struct ct_action mark = {
                .zone = ZONE, .commit = true, .sets_mark = true,
                .mark = { r[2] % 4, UINT32_MAX },
            };

            send_flags(&tuple, r[1] & 2, TCP_ACK, &mark);
            break;
        }
        case 8: case 9: case 10: {
            static const uint16_t flags[] = {
                TCP_SYN, TCP_FIN | TCP_ACK, TCP_RST
            };

            send_flags(&tuple, r[2] & 1, flags[r[0] % 3], &commit);
            break;
        }
        case 11: {
            struct ct_action force = commit;

            force.force = true;
            send_flags(&tuple, r[2] & 1, TCP_ACK, &force);
            break;
        }
        case 12: case 13: case 14: case 15:
            establish(&tuple);
            break;
        default:
            ct_talk(&tuple, r[2] & 1, r[2] & 2 ? &track : &commit);
            break;
        }
        ct_check();
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    for (unsigned int seed = 1; seed <= 20; seed++) {
        ct_fake.capacity = SIZE_MAX;
        random_run(seed, 500);
        dpu_ct_flush(ct_software, NULL);
        assert_int_equal(ct_fake.n_rules, 0);
    }
    assert_true(counter(DPU_CT_INSERTED) > 100);
}

int
main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_offload),
        TEST(test_age),
        TEST(test_age_return),
        TEST(test_tcp),
        TEST(test_tcp_early),
        TEST(test_tcp_flags),
        TEST(test_nat),
        TEST(test_one_way),
        TEST(test_one_way_nat),
        TEST(test_protocols),
        TEST(test_checksums),
        TEST(test_alg),
        TEST(test_mark),
        TEST(test_flush),
        TEST(test_zones),
        TEST(test_fail),
        TEST(test_fail_later),
        TEST(test_full),
        TEST(test_port),
        TEST(test_gone),
        TEST(test_lost),
        TEST(test_audit),
        TEST(test_other_ports),
        TEST(test_restore),
        TEST(test_class),
        TEST(test_keys),
        TEST(test_abort),
        TEST(test_queue),
        TEST(test_show),
        TEST(test_random),
    };

    int n_failed = 0;

    set_program_name("test-dpu-ct");
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    for (int bursts = 0; bursts < 2; bursts++) {
        ct_bursts = bursts;
        for (size_t i = 0; i < DPU_CT_N_COUNTERS; i++) {
            atomic_store(&dpu_ct_counters[i], 0);
        }
        for (size_t i = 0; i < DPU_CT_N_REFUSALS; i++) {
            atomic_store(&dpu_ct_refused_ever[i], 0);
        }
        n_failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return n_failed;
}
