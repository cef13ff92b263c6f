/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What connections in hardware cost: to learn them, to keep them, to take them
 * off, the memory for each, and what each packet costs that software's
 * connection tracking sees.  First on a device that takes every rule at once and
 * keeps nothing, which is what they cost the plugin itself; then on the emulated
 * device, all of them at the same time, with what its tables take. */

#include <config.h>

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "conntrack-private.h"
#include "conntrack-tp.h"
#include "dp-packet.h"
#include "flow.h"
#include "openvswitch/dynamic-string.h"
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
#include "ofproto-dpif-dpu/dpu-ct-regs.h"
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

/* Addresses.  Clients have those from 'CLIENT' on. */
#define CLIENT  0x0a000000
#define SERVER  0x0b000001
#define SERVER2 0x0b000002      /* What NAT makes of it. */

static struct nat_action_info_t dnat = { .nat_action = NAT_ACTION_DST };

/* Makes '*packet' one of connection 'n', or an answer to it. */
static void
make_packet(struct dp_packet *packet, uint32_t n, bool reply, bool nat)
{
    struct flow flow;

    memset(&flow, 0, sizeof flow);
    flow.dl_type = htons(ETH_TYPE_IP);
    flow.nw_proto = IPPROTO_UDP;
    flow.nw_ttl = 64;
    flow.nw_src = htonl(!reply ? CLIENT + n : nat ? SERVER2 : SERVER);
    flow.nw_dst = htonl(reply ? CLIENT + n : SERVER);
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
                   NULL, 0, 0, NULL, nat ? &dnat : NULL, now, 0);
}

/* Sends a packet of each of 'm' connections from 'first' on, and has what it
 * tells done. */
static void
send_some(uint32_t first, size_t m, bool reply, bool commit, bool nat)
{
    struct dp_packet packets[NETDEV_MAX_BURST];

    for (size_t i = 0; i < m; i++) {
        make_packet(&packets[i], first + i, reply, nat);
    }
    execute(packets, m, PORT, commit, nat, time_msec());
    for (size_t i = 0; i < m; i++) {
        dp_packet_uninit(&packets[i]);
    }
    dpu_ct_run(time_msec());
}

/* Sends what makes 'n' connections or, if they are there, an answer and another
 * packet of each. */
static void
send_all(uint32_t n, bool commit, bool nat)
{
    for (uint32_t i = 0; i < n; i += NETDEV_MAX_BURST) {
        size_t m = MIN(NETDEV_MAX_BURST, n - i);

        if (!commit) {
            send_some(i, m, true, false, nat);
        }
        send_some(i, m, false, commit, nat);
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
                make_packet(&packets[j], x % n, false, nat);
            } else {
                /* The same frame with another source. */
                struct ip_header *ip = dp_packet_l3(&packets[j]);

                put_16aligned_be32(&ip->ip_src, htonl(CLIENT + (x >> 8) % n));
                put_16aligned_be32(&ip->ip_dst, htonl(SERVER));
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

/* 'n' connections, with or without NAT, whose rules 'keeper' has. */
static void
run(uint32_t n, bool nat, const char *keeper)
{
    long long int start, software, learn;
    uint64_t n_offloaded;
    double with, without, other;
    size_t before, bytes;

    printf("%"PRIu32" connections%s, %s\n", n, nat ? " with NAT" : "", keeper);
    ct = conntrack_init();
    conntrack_set_maxconns(ct, 4000000);
    set_timeouts();

    /* Software alone, then with us. */
    set_enabled(false);
    send_all(n, true, nat);
    start = bench_cpu_nsec();
    send_all(n, false, nat);
    software = bench_cpu_nsec() - start;
    without = packet_cost(n, PORT, nat);

    set_enabled(true);
    ovsrcu_quiesce();
    before = bench_heap();
    start = bench_cpu_nsec();
    send_all(n, false, nat);
    learn = bench_cpu_nsec() - start;
    bytes = bench_heap() - before;
    atomic_read(&dpu_ct_n_offloaded, &n_offloaded);
    if (n_offloaded != n) {
        struct ds s = DS_EMPTY_INITIALIZER;

        dpu_ct_format(&s, NULL, false);
        bench_fatal("%"PRIu64" of %"PRIu32" connections were offloaded\n%s",
                    n_offloaded, n, ds_cstr(&s));
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

/* Devices. */

/* Has the plugin find out about the port. */
static void
meet_port(void)
{
    ct = conntrack_init();
    send_all(1, true, false);
    send_all(1, false, false);
    dpu_ct_destroy(ct);
}

/* Measures on 'device_', whose rules 'keeper' has, and takes it away. */
static void
run_all(struct dpu_ct_device *device_, const char *keeper,
        const uint32_t sizes[], size_t n_sizes)
{
    device = device_;
    dpu_ct_device_open(device, PORT, PORT);
    meet_port();
    for (int nat = 0; nat < 2; nat++) {
        for (size_t i = 0; i < n_sizes; i++) {
            run(sizes[i], nat, keeper);
        }
    }
    dpu_ct_device_destroy(device);
    ovsrcu_quiesce();
}

/* Starts the emulated device with the uplink as ethdev 0 and a VF as 'PORT', and
 * asks what it takes. */
static void
start_emulator(struct dpu_caps *caps)
{
    int error;

    setenv("DPU_EMU_PROFILE_PATH", BENCH_PROFILE_DIR, false);
    bench_eal_start(256, BENCH_DRIVER);
    dpu_ct_receive_meta();
    error = rte_eal_hotplug_add("vdev", "net_dpu_emu0",
                                "vfs=1,uplink=null,vf0=null");
    if (error || !rte_eth_dev_is_valid_port(PORT)) {
        bench_fatal("no emulated device: %s", rte_strerror(-error));
    }
    dpu_caps_probe(PORT, PORT, caps);
    if (!caps->ct) {
        bench_fatal("the emulated device does not track connections");
    }
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
    dnat.min_addr.ipv4 = dnat.max_addr.ipv4 = htonl(SERVER2);
    dpu_ct_init(&software, resolve);
    atomic_store(&dpu_ct_config.threads, 0);
    atomic_store(&dpu_ct_config.max, UINT32_MAX);
    for (int nat = 0; nat < 2; nat++) {
        dpu_ct_variant_init(&variant, false, nat, NULL, NULL);
        dpu_ct_variant_get(&variant);
    }

    dpu_caps_all(&caps);
    run_all(dpu_ct_device_create(&bench_device_ops, &caps, 1, 2),
            "the plugin alone", sizes, n_sizes);
    start_emulator(&caps);
    run_all(dpu_ct_device_create(&dpu_rule_sync_ops, &caps, 1, 2),
            "on the emulated device", sizes, n_sizes);
    return 0;
}
