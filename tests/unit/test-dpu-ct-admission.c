/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Which connections come to hardware, and when: what is waited for, what is
 * refused, and what happens on their way. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ovs-thread.h"
#include "smap.h"
#include "tests/unit/ct-talk.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-admission.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"

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

        ct_talk(&tuple, false, &ct_commit);
        ct_talk(&tuple, true, &ct_track);
        if (!reply) {
            ct_pass(20000);     /* Forgotten since. */
            ct_talk(&tuple, false, &ct_track);
        }
        assert_int_equal(ct_fake.n_rules, n_rules);
        ct_pass(150);
        ct_talk(&tuple, reply, &ct_track);
        assert_int_equal(ct_fake.n_rules, n_rules + 2);
        probe = ct_talk(&tuple, reply, &ct_track);
        assert_true(probe.hardware);
        probe = ct_talk(&tuple, !reply, &ct_track);
        assert_true(probe.hardware);
        assert_int_equal(probe.state, CT_EST | (reply ? 0 : CS_REPLY_DIR));
        ct_check();
    }
}

/* The same with NAT: ct_state is what software would make of it. */
static void
test_one_way_nat(void **state OVS_UNUSED)
{
    static const struct ct_action back = { .zone = CT_ZONE, .nat = true };
    static const uint16_t nats[] = { NAT_ACTION_SRC, NAT_ACTION_DST };

    for (size_t i = 0; i < 2 * ARRAY_SIZE(nats); i++) {
        struct ct_action nat = {
            .zone = CT_ZONE, .commit = true, .nat = true,
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
        assert_int_equal(states[0], CT_EST | (nats[i / 2] == NAT_ACTION_SRC
                                           ? CS_SRC_NAT : CS_DST_NAT));
        assert_int_equal(states[1], CT_EST | CS_REPLY_DIR
                                    | (nats[i / 2] == NAT_ACTION_SRC
                                       ? CS_DST_NAT : CS_SRC_NAT));
        ct_check();
    }
}

/* TCP does not come to hardware before its handshake has ended. */
static void
test_tcp_early(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 80);

    ct_send_flags(&tuple, false, TCP_SYN, &ct_commit);
    ct_send_flags(&tuple, true, TCP_SYN | TCP_ACK, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_send_flags(&tuple, true, TCP_ACK, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_send_flags(&tuple, false, TCP_ACK, &ct_track);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_check();
}

/* A connection of every kind that there is, ICMPv6 as far as the device matches
 * its identifier. */
static void
test_protocols(void **state OVS_UNUSED)
{
    struct dpu_caps *caps = CONST_CAST(struct dpu_caps *, ct_device->caps);
    struct dpu_ct_tuple icmp = ct_tuple(IPPROTO_ICMP, 1, 77, 2, 8 << 8);
    struct dpu_ct_tuple sctp = ct_tuple(IPPROTO_SCTP, 1, 0, 2, 0);
    struct dpu_ct_tuple gre = ct_tuple(IPPROTO_GRE, 1, 0, 2, 0);
    struct dpu_ct_tuple udp6 = ct_tuple(IPPROTO_UDP, 1, 1, 2, 2);
    struct dpu_ct_tuple icmp6;

    ct_establish(&icmp);
    assert_int_equal(ct_fake.n_rules, 2);
    ct_establish(&sctp);
    assert_int_equal(ct_fake.n_rules, 4);
    ct_establish(&gre);
    assert_int_equal(ct_fake.n_rules, 4);
    assert_int_equal(ct_refused(DPU_CT_NO_PROTOCOL), 1);

    udp6.ipv6 = true;
    udp6.src.ipv6.s6_addr[0] = udp6.dst.ipv6.s6_addr[0] = 0x20;
    udp6.src.ipv6.s6_addr[15] = 1;
    udp6.dst.ipv6.s6_addr[15] = 2;
    ct_establish(&udp6);
    assert_int_equal(ct_fake.n_rules, 6);
    assert_true(ct_talk(&udp6, true, &ct_track).hardware);

    icmp6 = udp6;
    icmp6.proto = IPPROTO_ICMPV6;
    icmp6.src_port = htons(77);
    icmp6.dst_port = htons(128 << 8);
    ct_establish(&icmp6);
    assert_int_equal(ct_fake.n_rules, 8);
    assert_true(ct_talk(&icmp6, true, &ct_track).hardware);
    /* Another identifier is another connection. */
    icmp6.src_port = htons(78);
    assert_false(ct_talk(&icmp6, true, &ct_track).hardware);
    caps->items[RTE_FLOW_ITEM_TYPE_RAW / 64]
        &= ~(UINT64_C(1) << RTE_FLOW_ITEM_TYPE_RAW % 64);
    ct_establish(&icmp6);
    assert_int_equal(ct_fake.n_rules, 8);
    assert_int_equal(ct_refused(DPU_CT_NO_REFUSED), 1);
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
    ct_establish(&icmp);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_refused(DPU_CT_NO_CHECKSUM), 1);
    ct_establish(&udp);
    assert_int_equal(ct_fake.n_rules, 2);
    caps->ip_checksum = false;
    ct_establish(&sctp);
    assert_int_equal(ct_fake.n_rules, 2);
    assert_int_equal(ct_refused(DPU_CT_NO_CHECKSUM), 2);

    /* Unless that is wanted. */
    smap_add(&keys, "dpu-ct-checksums", "false");
    dpu_ct_configure(&keys);
    atomic_store(&dpu_ct_config.threads, 0);
    ct_establish(&icmp);
    ct_establish(&udp);
    ct_establish(&sctp);
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

    ct_establish(&ftp);
    ct_establish(&tftp);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_refused(DPU_CT_NO_ALG), 2);
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
        ct_send(&probe, i ? &ct_track : &ct_commit);
    }
    dpu_ct_conn_count(&counts);
    assert_int_equal(counts.n_conns, 0);

    ct_talk(&tuple, false, &ct_track);
    ct_talk(&tuple, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 2);
    dpu_ct_device_destroy(ct_device);
    ct_device = NULL;
    assert_int_equal(ct_fake.n_rules, 0);
    assert_int_equal(ct_talk(&tuple, false, &ct_track).state, CT_EST);
}

/* The keys say what comes to hardware, at any time. */
static void
test_keys(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple udp = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000);
    struct dpu_ct_tuple tcp = ct_tuple(IPPROTO_TCP, 1, 1000, 2, 2000);
    struct smap keys = SMAP_INITIALIZER(&keys);
    uint32_t n;

    ct_establish(&udp);
    assert_int_equal(ct_fake.n_rules, 2);
    smap_add(&keys, "dpu-ct-protocols", "tcp");
    dpu_ct_configure(&keys);
    atomic_store(&dpu_ct_config.threads, 0);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&udp, false, &ct_track);
    ct_talk(&udp, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_establish(&tcp);
    assert_int_equal(ct_fake.n_rules, 2);

    smap_replace(&keys, "dpu-ct-max", "0");
    dpu_ct_configure(&keys);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&tcp, false, &ct_track);
    ct_talk(&tcp, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    assert_true(ct_refused(DPU_CT_NO_LIMIT) > 0);

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
    ct_establish(&udp);
    assert_int_equal(ct_fake.n_rules, 0);
    for (int i = 0; i < 6; i++) {
        ct_talk(&udp, i & 1, &ct_track);
    }
    assert_int_equal(ct_fake.n_rules, 2);

    smap_clear(&keys);
    smap_add(&keys, "dpu-ct", "false");
    dpu_ct_configure(&keys);
    assert_int_equal(ct_fake.n_rules, 0);
    ct_talk(&udp, false, &ct_track);
    ct_talk(&udp, true, &ct_track);
    assert_int_equal(ct_fake.n_rules, 0);
    smap_destroy(&keys);
}

/* More events than there is room for. */
static void
test_queue(void **state OVS_UNUSED)
{
    uint64_t full = ct_counter(DPU_CT_QUEUE_FULL);
    struct dpu_ct_tuple tuple;

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 50000; i++) {
            struct ct_probe probe = { .port = CT_PORT_A };

            tuple = ct_tuple(IPPROTO_UDP, 1, 1 + i, 2, 2000);
            probe.tuple = tuple;
            if (round == 1) {
                dpu_ct_tuple_reverse(&tuple, &probe.tuple);
            }
            ct_send_only(&probe, round ? &ct_track : &ct_commit);
        }
        ct_now += 100;
    }
    assert_true(ct_counter(DPU_CT_QUEUE_FULL) > full);
    assert_int_equal(ct_fake.n_rules, 0);
    dpu_ct_run(ct_now);
    ct_talk(&tuple, true, &ct_track);
    ct_talk(&tuple, false, &ct_track);
    assert_true(ct_talk(&tuple, false, &ct_track).hardware);
    ct_check();
}

/* The first packet of each port teaches what the port is, and nothing else. */
static void
meet_ports(void)
{
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 3, 1, 4, 1);

    ct_establish(&tuple);
    dpu_ct_flush(ct_software, NULL);
}

/* Does what waits in the queues, but leaves the rules on their way. */
static void
stage_all(void)
{
    for (size_t i = 0; i < DPU_CT_N_SHARDS; i++) {
        struct dpu_ct_shard *shard = &dpu_ct_shards[i];
        struct dpu_ct_event event;

        dpu_ct_shard_lock(shard);
        while (dpu_ct_queue_take(&shard->seen, &event)) {
            dpu_ct_admission_seen(&event, ct_now);
        }
    }
}

/* Has them arrive. */
static void
finish_all(void)
{
    for (size_t i = 0; i < DPU_CT_N_SHARDS; i++) {
        dpu_ct_shard_unlock(&dpu_ct_shards[i], ct_now);
    }
}

/* Has software see 'n' connections, which are learned, and what brings them to
 * hardware in the queues. */
static void
see_connections(unsigned int n)
{
    for (int round = 0; round < 2; round++) {
        for (unsigned int i = 0; i < n; i++) {
            struct ct_probe probe = {
                .tuple = ct_tuple(IPPROTO_UDP, 1, 1000 + i, 2, 2000),
                .port = CT_PORT_A,
            };
            struct ct_probe answer = { .port = CT_PORT_B };

            ct_send_only(&probe, &ct_commit);
            if (!round) {
                dpu_ct_tuple_reverse(&probe.tuple, &answer.tuple);
                ct_send_only(&answer, &ct_track);
            }
        }
        ct_now += 25;
        if (!round) {
            dpu_ct_run(ct_now);
        }
    }
}

/* There are never more in hardware than may be, however many are on their way
 * in all shards at once. */
static void
test_limit(void **state OVS_UNUSED)
{
    enum { MAX = 20, N = 50 };
    uint64_t n_refused = ct_refused(DPU_CT_NO_LIMIT);

    meet_ports();
    atomic_store(&dpu_ct_config.max, MAX);
    see_connections(N);
    stage_all();
    assert_int_equal(ct_fake.n_rules, 2 * MAX);
    finish_all();
    assert_int_equal(ct_fake.n_rules, 2 * MAX);
    assert_int_equal(ct_refused(DPU_CT_NO_LIMIT), n_refused + N - MAX);
    ct_check();

    /* Those that leave make room. */
    dpu_ct_flush(ct_software, NULL);
    see_connections(N);
    dpu_ct_run(ct_now);
    assert_int_equal(ct_fake.n_rules, 2 * MAX);
}

/* A connection that the device does not take gives its room back. */
static void
test_limit_failed(void **state OVS_UNUSED)
{
    meet_ports();
    atomic_store(&dpu_ct_config.max, 1);
    for (unsigned int later = 0; later < 1 + ct_bursts; later++) {
        if (later) {
            ct_fake.fail_result = ct_fake.n_results + 1;
        } else {
            ct_fake.fail_at = ct_fake.n_creates + 1;
        }
        see_connections(1);
        dpu_ct_run(ct_now);
        assert_int_equal(ct_fake.n_rules, 0);
        dpu_ct_flush(ct_software, NULL);
        ct_pass(5000);          /* The device is not tried for a while. */
        see_connections(2);
        dpu_ct_run(ct_now);
        assert_int_equal(ct_fake.n_rules, 2);
        dpu_ct_flush(ct_software, NULL);
    }
}

/* The mark changes while the rules of a connection are on their way: they do
 * not stay. */
static void
test_unsure(void **state OVS_UNUSED)
{
    static const struct ct_action mark = {
        .zone = CT_ZONE, .commit = true, .sets_mark = true,
        .mark = { 5, UINT32_MAX },
    };
    struct ct_probe probe = {
        .tuple = ct_tuple(IPPROTO_UDP, 1, 1000, 2, 2000), .port = CT_PORT_A,
    };

    if (!ct_bursts) {
        skip();
    }
    meet_ports();
    see_connections(2);
    stage_all();
    assert_int_equal(ct_fake.n_rules, 4);
    ct_send_only(&probe, &mark);
    assert_false(probe.hardware);
    finish_all();
    assert_int_equal(ct_fake.n_rules, 2);

    /* It comes back with its new one. */
    for (int i = 0; i < 3; i++) {
        ct_talk(&probe.tuple, i & 1, &ct_track);
    }
    probe = ct_talk(&probe.tuple, true, &ct_track);
    assert_true(probe.hardware);
    assert_int_equal(probe.mark, 5);
    ct_check();
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        CT_TEST(test_one_way),
        CT_TEST(test_one_way_nat),
        CT_TEST(test_tcp_early),
        CT_TEST(test_protocols),
        CT_TEST(test_checksums),
        CT_TEST(test_alg),
        CT_TEST(test_other_ports),
        CT_TEST(test_keys),
        CT_TEST(test_queue),
        CT_TEST(test_limit),
        CT_TEST(test_limit_failed),
        CT_TEST(test_unsure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
    set_program_name("test-dpu-ct-admission");
    return ct_run(run);
}
