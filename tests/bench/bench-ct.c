/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What connections in hardware cost: to learn them, to keep them, to take them
 * off, the memory for each, and what each packet costs that software's
 * connection tracking sees.  First on a device that takes every rule at once
 * and keeps nothing, which is what they cost the plugin itself; then on the
 * emulated device, all of them at the same time, with what its tables take. */

#include <config.h>

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "bench-conntrack.h"
#include "bench-device.h"
#include "bench.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"

#define PORT BENCH_PORT
#define OTHER_PORT 2

/* Packets that are sent for a measurement of one. */
#define N_PACKETS 2000000

static struct dpu_ct_device *device;

static bool
resolve(odp_port_t port, struct dpu_ct_device **devicep, uint16_t *ethdev)
{
    *devicep = device;
    *ethdev = PORT;
    return port == PORT;
}

/* The time of one packet of connection 0 to 'n' - 1, at random, which enters
 * at 'port', in nsec. */
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
                bench_make_packet(&packets[j], x % n, false, nat);
            } else {
                /* The same frame with another source. */
                struct ip_header *ip = dp_packet_l3(&packets[j]);

                put_16aligned_be32(&ip->ip_src,
                                   htonl(BENCH_CLIENT + (x >> 8) % n));
                put_16aligned_be32(&ip->ip_dst, htonl(BENCH_SERVER));
            }
        }
        start = bench_cpu_nsec();
        bench_execute(packets, ARRAY_SIZE(packets), port, false, nat,
                      time_msec());
        total += bench_cpu_nsec() - start;
    }
    for (size_t j = 0; j < ARRAY_SIZE(packets); j++) {
        dp_packet_uninit(&packets[j]);
    }
    return (double) total / N_PACKETS;
}

static void
work(void)
{
    dpu_ct_run(time_msec());
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

/* 'n' connections, with or without NAT, whose rules 'keeper' has. */
static void
run(uint32_t n, bool nat, const char *keeper)
{
    long long int start, software, learn;
    uint64_t n_offloaded;
    double with, without, other;
    size_t before, bytes;

    printf("%"PRIu32" connections%s, %s\n", n, nat ? " with NAT" : "", keeper);
    bench_ct_start();

    /* Software alone, then with us. */
    set_enabled(false);
    bench_send_all(n, NETDEV_MAX_BURST, true, nat, work);
    start = bench_cpu_nsec();
    bench_send_all(n, NETDEV_MAX_BURST, false, nat, work);
    software = bench_cpu_nsec() - start;
    without = packet_cost(n, PORT, nat);

    set_enabled(true);
    ovsrcu_quiesce();
    before = bench_heap();
    start = bench_cpu_nsec();
    bench_send_all(n, NETDEV_MAX_BURST, false, nat, work);
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
    dpu_ct_destroy(bench_ct);
    dpu_ct_conn_reap(LLONG_MAX);
    ovsrcu_quiesce();
    malloc_trim(0);
}

/* Devices. */

/* Measures on 'device_', whose rules 'keeper' has, and takes it away. */
static void
run_all(struct dpu_ct_device *device_, const char *keeper,
        const uint32_t sizes[], size_t n_sizes)
{
    device = device_;
    dpu_ct_device_open(device, PORT, PORT);
    bench_meet_port();
    for (int nat = 0; nat < 2; nat++) {
        for (size_t i = 0; i < n_sizes; i++) {
            run(sizes[i], nat, keeper);
        }
    }
    dpu_ct_device_destroy(device);
    ovsrcu_quiesce();
}

/* Starts the emulated device with the uplink as ethdev 0 and a VF as 'PORT',
 * and asks what it takes. */
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
    uint32_t sizes[] = { 10000, 1000000 };
    size_t n_sizes = bench_sizes(argc, argv, sizes, ARRAY_SIZE(sizes));
    struct dpu_caps caps;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    mallopt(M_ARENA_MAX, 1);
    bench_ct_init(resolve);

    dpu_caps_all(&caps);
    run_all(dpu_ct_device_create(&bench_device_ops, &caps, 1, 2),
            "the plugin alone", sizes, n_sizes);
    start_emulator(&caps);
    run_all(dpu_ct_device_create(&dpu_rule_sync_ops, &caps, 1, 2),
            "on the emulated device", sizes, n_sizes);
    return 0;
}
