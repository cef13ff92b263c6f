/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What connections in hardware cost the plugin itself: to learn them, to keep
 * them, to take them off, the memory for each, and what each packet costs that
 * software's connection tracking sees; on a device that takes every rule at
 * once. */

#include <config.h>

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>

#include "conntrack-private.h"
#include "conntrack-tp.h"
#include "dp-packet.h"
#include "flow.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "packets.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

#include "bench-device.h"
#include "bench.h"
#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-ct.h"
#include "ofproto-dpif-dpu/dpu-ct-config.h"
#include "ofproto-dpif-dpu/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/dpu-ct-device.h"
#include "ofproto-dpif-dpu/dpu-ct-life.h"
#include "ofproto-dpif-dpu/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/dpu-ct-variant.h"

#define PORT 1
#define OTHER_PORT 2
#define ZONE 1

/* Packets that are sent for a measurement of one. */
#define N_PACKETS 2000000

static struct dpu_ct_device *device;
static struct conntrack *ct;

static bool
resolve(odp_port_t port, struct dpu_ct_device **devicep, uint16_t *ethdev)
{
    *devicep = device;
    *ethdev = PORT;
    return port == PORT;
}

/* Packets. */

static const struct nat_action_info_t snat = {
    .min_addr.ipv4 = 0, .nat_action = NAT_ACTION_SRC,
};

/* Makes '*packet' one of connection 'n', or an answer to it. */
static void
make_packet(struct dp_packet *packet, uint32_t n, bool reply)
{
    struct flow flow;

    memset(&flow, 0, sizeof flow);
    flow.dl_type = htons(ETH_TYPE_IP);
    flow.nw_proto = IPPROTO_UDP;
    flow.nw_ttl = 64;
    flow.nw_src = htonl(reply ? 0x0b000001 : 0x0a000000 + n);
    flow.nw_dst = htonl(reply ? 0x0a000000 + n : 0x0b000001);
    flow.tp_src = htons(reply ? 80 : 1000);
    flow.tp_dst = htons(reply ? 1000 : 80);
    dp_packet_init(packet, 0);
    flow_compose(packet, &flow, NULL, 0);
    *dp_packet_ol_flags_ptr(packet) |= (DP_PACKET_OL_RX_IP_CKSUM_GOOD
                                        | DP_PACKET_OL_RX_L4_CKSUM_GOOD);
}

/* Sends 'packets', 'n' of them, which entered at 'port', through ct(). */
static void
execute(struct dp_packet *packets, size_t n, odp_port_t port, bool commit,
        bool nat, long long int now)
{
    struct dp_packet_batch batch;

    dp_packet_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        pkt_metadata_init(&packets[i].md, port);
        batch.packets[batch.count++] = &packets[i];
    }
    dpu_ct_execute(ct, &batch, htons(ETH_TYPE_IP), false, commit, ZONE, NULL,
                   NULL, 0, 0, NULL, nat ? &snat : NULL, now, 0);
}

/* Sends a packet of each of 'n' connections, and has what it tells done. */
static void
send_all(uint32_t n, bool reply, bool commit, bool nat)
{
    struct dp_packet packets[NETDEV_MAX_BURST];

    for (uint32_t i = 0; i < n; i += ARRAY_SIZE(packets)) {
        size_t m = MIN(ARRAY_SIZE(packets), n - i);

        for (size_t j = 0; j < m; j++) {
            make_packet(&packets[j], i + j, reply);
        }
        execute(packets, m, PORT, commit, nat, time_msec());
        for (size_t j = 0; j < m; j++) {
            dp_packet_uninit(&packets[j]);
        }
        dpu_ct_run(time_msec());
        if (!(i & 0xfff)) {
            ovsrcu_quiesce();
        }
    }
}

/* The time of one packet of connection 0 to 'n' - 1, at random, which enters at
 * 'port', in nsec. */
static double
packet_cost(uint32_t n, odp_port_t port, bool nat)
{
    struct dp_packet packets[NETDEV_MAX_BURST];
    long long int start, total = 0;
    uint32_t x = 1;

    for (size_t i = 0; i < N_PACKETS; i += ARRAY_SIZE(packets)) {
        for (size_t j = 0; j < ARRAY_SIZE(packets); j++) {
            x = x * 1664525 + 1013904223;
            if (i < ARRAY_SIZE(packets)) {
                make_packet(&packets[j], x % n, false);
            } else {
                /* The same frame with another source. */
                struct ip_header *ip = dp_packet_l3(&packets[j]);

                put_16aligned_be32(&ip->ip_src,
                                   htonl(0x0a000000 + (x >> 8) % n));
            }
        }
        start = bench_cpu_nsec();
        execute(packets, ARRAY_SIZE(packets), port, false, nat, time_msec());
        total += bench_cpu_nsec() - start;
    }
    for (size_t j = 0; j < ARRAY_SIZE(packets); j++) {
        dp_packet_uninit(&packets[j]);
    }
    return (double) total / N_PACKETS;
}

static void
report(const char *what, uint32_t n, long long int nsec)
{
    printf("  %-34s %9.0f ns per connection, %9.0f/s\n", what,
           (double) nsec / n, n / (nsec / 1e9));
}

static void
remove_cb(struct dpu_ct_conn *conn, void *aux OVS_UNUSED)
{
    dpu_ct_life_end(conn, DPU_CT_FLUSHED, time_msec());
}

static void
due_cb(struct dpu_ct_conn *conn, void *aux OVS_UNUSED)
{
    dpu_ct_life_due(conn, time_msec());
}

static void
set_enabled(bool enabled)
{
    atomic_store(&dpu_ct_config.enabled, enabled);
}

/* Has connections last for longer than any measurement. */
static void
set_timeouts(void)
{
    struct timeout_policy policy;

    memset(&policy, 0, sizeof policy);
    policy.policy.present = (1 << CT_DPIF_TP_ATTR_UDP_FIRST
                             | 1 << CT_DPIF_TP_ATTR_UDP_SINGLE
                             | 1 << CT_DPIF_TP_ATTR_UDP_MULTIPLE);
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_FIRST] = 3600;
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_SINGLE] = 3600;
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_MULTIPLE] = 3600;
    timeout_policy_update(ct, &policy);
}

/* 'n' connections, with or without NAT. */
static void
run(uint32_t n, bool nat)
{
    long long int start, software, learn;
    uint64_t n_offloaded;
    double with, without, other;
    size_t before, bytes;

    printf("%"PRIu32" connections%s\n", n, nat ? " with NAT" : "");
    ct = conntrack_init();
    conntrack_set_maxconns(ct, 4000000);
    set_timeouts();

    /* Software alone, then with us. */
    set_enabled(false);
    send_all(n, false, true, nat);
    start = bench_cpu_nsec();
    send_all(n, true, false, nat);
    send_all(n, false, false, nat);
    software = bench_cpu_nsec() - start;
    without = packet_cost(n, PORT, nat);

    set_enabled(true);
    ovsrcu_quiesce();
    before = bench_heap();
    start = bench_cpu_nsec();
    send_all(n, true, false, nat);
    send_all(n, false, false, nat);
    learn = bench_cpu_nsec() - start;
    bytes = bench_heap() - before;
    atomic_read(&dpu_ct_n_offloaded, &n_offloaded);
    if (n_offloaded != n) {
        bench_fatal("%"PRIu64" of %"PRIu32" connections were offloaded",
                    n_offloaded, n);
    }
    report("insertion", n, MAX(learn - software, 1));
    printf("  %-34s %9.0f bytes\n", "memory of one", (double) bytes / n);

    start = bench_cpu_nsec();
    dpu_ct_conn_for_each(due_cb, NULL);
    report("refresh", n, bench_cpu_nsec() - start);

    with = packet_cost(n, PORT, nat);
    other = packet_cost(n, OTHER_PORT, nat);
    printf("  %-34s %9.1f ns\n", "a packet in software, dpu-ct=false", without);
    printf("  %-34s %9.1f ns more\n", "of an offloaded connection",
           with - without);
    printf("  %-34s %9.1f ns more\n", "of a port that is not ours",
           other - without);

    start = bench_cpu_nsec();
    dpu_ct_conn_for_each(remove_cb, NULL);
    report("removal", n, bench_cpu_nsec() - start);
    dpu_ct_destroy(ct);
    dpu_ct_conn_reap(LLONG_MAX);
    ovsrcu_quiesce();
    malloc_trim(0);
}

int
main(int argc, char *argv[])
{
    static const struct dpu_ct_software software = {
        .execute = conntrack_execute,
        .flush = conntrack_flush,
        .flush_tuple = conntrack_flush_tuple,
        .destroy = conntrack_destroy,
    };
    uint32_t sizes[] = { 10000, 1000000 };
    size_t n_sizes = bench_sizes(argc, argv, sizes, ARRAY_SIZE(sizes));
    struct dpu_ct_variant variant;
    struct dpu_caps caps;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    mallopt(M_ARENA_MAX, 1);
    dpu_caps_all(&caps);
    dpu_ct_init(&software, resolve);
    atomic_store(&dpu_ct_config.threads, 0);
    atomic_store(&dpu_ct_config.max, UINT32_MAX);
    device = dpu_ct_device_create(&bench_device_ops, &caps, 1, 2);
    dpu_ct_device_open(device, PORT, PORT);
    for (int nat = 0; nat < 2; nat++) {
        dpu_ct_variant_init(&variant, false, nat, NULL, NULL);
        dpu_ct_variant_get(&variant);
    }
    for (int nat = 0; nat < 2; nat++) {
        for (size_t i = 0; i < n_sizes; i++) {
            run(sizes[i], nat);
        }
    }
    return 0;
}
