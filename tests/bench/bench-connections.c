/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * How many connections per second, of two rules each, a thread of the plugin
 * brings to the emulated device and takes off again: from the packets that
 * tell of them, which wait in the queue, to rules that packets meet.  Beside
 * it is what the device itself needs for the same rules, as it runs in the
 * same thread, and what is left with a device that takes no time: what the
 * plugin itself needs, and software's connection tracking, which it asks.  No
 * embedded switch thread has packets meanwhile.
 *
 * First they come to a process that has had none, into memory that the system
 * has yet to give it.  Then some leave and come back, time and again, until
 * each has done so: that is what it costs while so many others are there. */

#include <config.h>

#include <malloc.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "timeval.h"
#include "util.h"

#include "bench-async.h"
#include "bench-conntrack.h"
#include "bench.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* Connections of which something waits in the queues at once. */
#define WAITING 4096

/* Rules that the device alone is given at a time. */
#define BURST 128

static struct dpu_ct_device *device;
static struct dpu_caps caps;
static uint16_t ethdev;

static bool
resolve(odp_port_t port, struct dpu_ct_device **devicep, uint16_t *ethdevp)
{
    *devicep = device;
    *ethdevp = ethdev;
    return device && port == BENCH_PORT;
}

static void
start_ethdev(const char *profile)
{
    static unsigned int n_devices;
    char *name = xasprintf("net_dpu_emu%u", n_devices++);
    char *args = xasprintf("profile=%s,vfs=1,uplink=null,vf0=null", profile);
    struct rte_mempool *pool;
    struct rte_eth_conf conf;

    memset(&conf, 0, sizeof conf);
    if (rte_vdev_init(name, args) || rte_eth_dev_get_port_by_name(name,
                                                                   &ethdev)) {
        bench_fatal("there is no device %s,%s", name, args);
    }
    pool = rte_pktmbuf_pool_create(name, 1023, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
                                   SOCKET_ID_ANY);
    if (!pool || rte_eth_dev_configure(ethdev, 1, 1, &conf)
        || rte_eth_rx_queue_setup(ethdev, 0, 64, SOCKET_ID_ANY, NULL, pool)
        || rte_eth_tx_queue_setup(ethdev, 0, 64, SOCKET_ID_ANY, NULL)) {
        bench_fatal("%s cannot be configured", name);
    }
    dpu_rule_queues_configure(ethdev);
    if (rte_eth_dev_start(ethdev)) {
        bench_fatal("%s does not start", name);
    }
    free(name);
    free(args);
}

/* What a connection cost: in nsec, and bytes. */
struct costs {
    double first, inserted, removed, bytes, left;
};

/* What was postponed is freed. */
static void
wait_for_frees(void)
{
    for (int i = 0; i < 3; i++) {
        ovsrcu_quiesce();
        ovsrcu_synchronize();
    }
}

/* Rules without connections. */

/* A direction of connection 'n'. */
static void
make_rule(uint32_t n, bool reply, bool nat, struct dpu_ct_rule *rule,
          struct dpu_ct_tuple tuples[2])
{
    memset(tuples, 0, 2 * sizeof tuples[0]);
    tuples[0].src.ipv4 = htonl(BENCH_CLIENT + n);
    tuples[0].dst.ipv4 = htonl(BENCH_SERVER);
    tuples[0].src_port = htons(1000);
    tuples[0].dst_port = htons(80);
    tuples[0].zone = 1;
    tuples[0].proto = IPPROTO_UDP;
    dpu_ct_tuple_reverse(&tuples[0], &tuples[1]);
    if (nat) {
        tuples[1].src.ipv4 = htonl(BENCH_SERVER2);
    }
    *rule = (struct dpu_ct_rule) {
        .group = device->group, .next = device->next,
        .match = &tuples[reply], .variant = 1, .ct_state = 0x22,
        .meta = dpu_ct_meta(n, reply),
    };
}

/* Puts the rules of 'n' connections on the device, through one queue, and
 * takes them off.  Stores what that cost in '*costs'. */
static void
run_device(uint32_t n, bool nat, struct costs *costs)
{
    struct dpu_rule **rules = xmalloc(2 * n * sizeof *rules);
    struct dpu_ct_tuple tuples[2], rewrite;
    struct dpu_ct_slots slots[2];
    struct rte_flow_error error;
    struct dpu_ct_rule rule;
    struct dpu_reason reason;
    struct dpu_spec specs[2];
    uint64_t start;
    size_t before;

    for (int dir = 0; dir < 2; dir++) {
        make_rule(0, dir, nat, &rule, tuples);
        dpu_ct_tuple_reverse(&tuples[!dir], &rewrite);
        rule.rewrite = nat ? &rewrite : NULL;
        if (!dpu_ct_rule_spec(&rule, &caps, &specs[dir], &slots[dir],
                              &reason)) {
            bench_fatal("the device has no such rules");
        }
    }
    before = bench_heap();
    start = bench_cpu_nsec();
    for (uint32_t i = 0; i < 2 * n; i++) {
        bool dir = i & 1;

        make_rule(i / 2, dir, nat, &rule, tuples);
        if (nat) {
            dpu_ct_tuple_reverse(&tuples[!dir], &rewrite);
            rule.rewrite = &rewrite;
        }
        dpu_ct_rule_fill(&rule, &slots[dir]);
        if (device->ops->enqueue(ethdev, 0, &specs[dir], &rules[i], &error)) {
            bench_fatal("rule %"PRIu32": %s", i, error.message);
        }
        if (i % BURST == BURST - 1) {
            device->ops->finish(ethdev, 0);
        }
    }
    device->ops->finish(ethdev, 0);
    costs->inserted = (double) (bench_cpu_nsec() - start) / n;
    costs->bytes = ((double) bench_heap() - before) / n;
    start = bench_cpu_nsec();
    for (uint32_t i = 0; i < 2 * n; i++) {
        device->ops->enqueue_destroy(ethdev, rules[i], &error);
        if (i % BURST == BURST - 1) {
            device->ops->finish(ethdev, 0);
        }
    }
    device->ops->finish(ethdev, 0);
    costs->removed = (double) (bench_cpu_nsec() - start) / n;
    for (int dir = 0; dir < 2; dir++) {
        device->ops->forget(&specs[dir]);
    }
    free(rules);
}

/* Connections. */

static uint64_t worked;         /* In nsec. */

static void
work(void)
{
    uint64_t start = bench_cpu_nsec();

    dpu_ct_run(time_msec());
    worked += bench_cpu_nsec() - start;
}

static void
nothing(void)
{
}

/* Takes connection 'n' off. */
static void
take_off(uint32_t n)
{
    struct dpu_ct_tuple tuples[2];
    struct dpu_ct_shard *shard;
    struct dpu_ct_conn *conn;
    struct dpu_ct_rule rule;
    uint32_t hash;

    make_rule(n, false, false, &rule, tuples);
    hash = dpu_ct_tuple_hash(&tuples[0]);
    shard = &dpu_ct_shards[dpu_ct_shard_of(hash)];
    dpu_ct_shard_lock(shard);
    conn = dpu_ct_conn_find(bench_ct, &tuples[0], hash, false);
    if (!conn) {
        bench_fatal("connection %"PRIu32" is not there", n);
    }
    dpu_ct_life_end(conn, DPU_CT_FLUSHED, time_msec());
    dpu_ct_shard_unlock(shard, time_msec());
}

/* Has 'n' connections leave and come back, WAITING of them at a time. */
static void
replace_all(uint32_t n, bool nat)
{
    for (uint32_t i = 0; i < n; i += WAITING) {
        uint32_t m = MIN(n - i, WAITING);

        for (uint32_t j = 0; j < m; j++) {
            take_off(i + j);
        }
        dpu_ct_conn_reap(LLONG_MAX);
        wait_for_frees();
        bench_send(i, m, false, nat, work);
    }
}

static void
check_offloaded(uint32_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    uint64_t n_offloaded;

    atomic_read_relaxed(&dpu_ct_n_offloaded, &n_offloaded);
    if (n_offloaded != n) {
        dpu_ct_format(&s, NULL, false);
        bench_fatal("%"PRIu64" of %"PRIu32" connections were offloaded\n%s",
                    n_offloaded, n, ds_cstr(&s));
    }
}

static const struct bench_table table = {
    .label = "device, connections",
    .columns = (const struct bench_column[]) {
        { { NULL, "number" }, 8, 0 },
        { { "first", "ns" }, 7, 0 },
        { { "inserted", "M/s" }, 9, 3 },
        { { "", "ns" }, 7, 0 },
        { { "device", "alone" }, 8, 0 },
        { { "plugin", "alone" }, 8, 0 },
        { { "", "M/s" }, 7, 3 },
        { { "removed", "M/s" }, 9, 3 },
        { { "", "ns" }, 7, 0 },
        { { "device", "alone" }, 8, 0 },
        { { "plugin", "alone" }, 8, 0 },
        { { "bytes,", "all" }, 7, 0 },
        { { "device", "alone" }, 8, 0 },
        { { "left", "over" }, 6, 0 },
        { { NULL, NULL }, 0, 0 },
    },
};

static void
remove_cb(struct dpu_ct_conn *conn, void *aux OVS_UNUSED)
{
    dpu_ct_life_end(conn, DPU_CT_FLUSHED, time_msec());
}

/* Brings 'n' connections to hardware and takes them off again. */
static struct costs
run_plugin(uint32_t n, bool nat)
{
    struct costs costs;
    size_t before, after;
    uint64_t start;

    wait_for_frees();
    bench_ct_start();
    atomic_store(&dpu_ct_config.enabled, false);
    bench_send_all(n, WAITING, true, nat, nothing);
    atomic_store(&dpu_ct_config.enabled, true);
    before = bench_heap();
    worked = 0;
    bench_send_all(n, WAITING, false, nat, work);
    costs.first = (double) worked / n;
    costs.bytes = ((double) bench_heap() - before) / n;
    check_offloaded(n);
    worked = 0;
    replace_all(n, nat);
    costs.inserted = (double) worked / n;
    check_offloaded(n);
    start = bench_cpu_nsec();
    dpu_ct_conn_for_each(remove_cb, NULL);
    costs.removed = (double) (bench_cpu_nsec() - start) / n;
    dpu_ct_conn_reap(LLONG_MAX);
    wait_for_frees();
    after = bench_heap();
    costs.left = after > before ? (double) (after - before) / n : 0;
    dpu_ct_destroy(bench_ct);
    return costs;
}

/* Stores what it cost to insert one of 'n' connections in '*whole', and
 * without the device in '*plugin'. */
static void
run(const char *profile, uint32_t n, bool nat, double *whole, double *plugin)
{
    struct costs all, own, alone;
    char *label;

    wait_for_frees();
    run_device(n, nat, &alone);
    run_device(n, nat, &alone);
    malloc_trim(0);

    all = run_plugin(n, nat);
    bench_async_takes_no_time = true;
    own = run_plugin(n, nat);
    bench_async_takes_no_time = false;
    label = xasprintf("%s%s", profile, nat ? ", NAT" : "");
    BENCH_ROW(&table, label, n, all.first, 1000 / all.inserted, all.inserted,
              alone.inserted, own.inserted, 1000 / own.inserted,
              1000 / all.removed, all.removed, alone.removed, own.removed,
              all.bytes, alone.bytes, all.left);
    free(label);
    *whole = all.inserted;
    *plugin = own.inserted;
}

static void
measure(const char *profile, const uint32_t *sizes, size_t n)
{
    start_ethdev(profile);
    dpu_caps_probe_templates(ethdev, ethdev, &caps);
    if (!caps.ct) {
        bench_fatal("%s cannot track connections", profile);
    }
    device = dpu_ct_device_create(&dpu_rule_template_ops, &caps,
                                  caps.max_group + 1, caps.max_group + 2);
    dpu_ct_device_open(device, ethdev, ethdev);
    bench_meet_port();
    for (int nat = 0; nat < 2; nat++) {
        double whole[2], plugin[2];

        for (size_t i = 0; i < n; i++) {
            run(profile, sizes[i], nat, &whole[i], &plugin[i]);
        }
        if (n > 1) {
            printf("  %"PRIu32" to %"PRIu32": %.2f times the cost, %.2f times "
                   "the plugin's\n", sizes[0], sizes[1],
                   whole[1] / whole[0], plugin[1] / plugin[0]);
        }
    }
    dpu_ct_device_destroy(device);
    device = NULL;
    dpu_rule_queues_close(ethdev, false);
    rte_eth_dev_stop(ethdev);
    rte_eth_dev_close(ethdev);
}

int
main(int argc, char *argv[])
{
    /* Each connection has two rules, and profile mlx5-hws has room for a
     * million. */
    uint32_t sizes[] = { 10000, 400000 };
    uint32_t more[] = { 10000, 1000000 };
    size_t n_sizes = bench_sizes(argc, argv, sizes, ARRAY_SIZE(sizes));

    bench_sizes(argc, argv, more, ARRAY_SIZE(more));
    set_program_name(argv[0]);
    setenv("DPU_EMU_PROFILE_PATH", BENCH_PROFILE_DIR, 0);
    mallopt(M_ARENA_MAX, 1);
    bench_eal_start(256, BENCH_DRIVER);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    dpu_ct_receive_meta();
    bench_ct_init(resolve);
    bench_table_start(&table);
    measure("mlx5-hws", sizes, n_sizes);
    measure("full", more, n_sizes);
    return 0;
}
