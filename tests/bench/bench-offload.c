/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What it costs Open vSwitch to offload megaflows, measured alike for our
 * ports and for those of Open vSwitch's own type "dpdk", on the same emulated
 * device: this is built twice, with our objects and hooks (bench-offload) and
 * from Open vSwitch's objects alone (bench-offload-upstream), and
 * compare.py runs both in turn.
 *
 * usage: bench-offload verbs|burst|latency [SIZE...]
 *
 * Prints lines of a name and a number, for that script.  See
 * Documentation/performance.rst for what each of them means.
 *
 * The calls of rte_flow are caught on their way to the device (--wrap): that
 * is where a rule gets its time stamp, and where a device that takes no time
 * is put in the place of the emulated one. */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_flow.h>

#include "bench.h"
#include "dpdk.h"
#include "dpif.h"
#include "netdev.h"
#include "netdev-offload.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "random.h"
#include "smap.h"
#include "unaligned.h"
#include "util.h"

#define N_VFS 2
#define MAX_FLOWS 200000

/* How many megaflows, and how many times a single one waits for its rule,
 * after so much silence, in usec. */
#define N_SAMPLES 40
#define MIN_SILENCE 20000
#define MAX_SILENCE 120000

/* The device -------------------------------------------------------------- */

/* Whether a device that takes no time stands in the place of the emulated one,
 * and whether rules have to wait in front of it. */
static bool is_null;
static bool is_held;            /* Atomic. */

/* Of the thread that makes rules. */
static uint64_t n_created;      /* Atomic. */
static uint64_t n_destroyed;    /* Atomic. */
static uint64_t last_created;   /* bench_nsec(), atomic. */
static uint64_t n_expected;     /* To be created. */
static uint64_t first_cpu, last_cpu;    /* bench_cpu_nsec(): of the first and
                                         * of the last that is expected. */
static double device_nsec[MAX_FLOWS];

struct rte_flow *__real_rte_flow_create(uint16_t, const struct rte_flow_attr *,
                                        const struct rte_flow_item *,
                                        const struct rte_flow_action *,
                                        struct rte_flow_error *);
int __real_rte_flow_destroy(uint16_t, struct rte_flow *,
                            struct rte_flow_error *);
int __real_rte_flow_query(uint16_t, struct rte_flow *,
                          const struct rte_flow_action *, void *,
                          struct rte_flow_error *);
struct rte_flow *__wrap_rte_flow_create(uint16_t, const struct rte_flow_attr *,
                                        const struct rte_flow_item *,
                                        const struct rte_flow_action *,
                                        struct rte_flow_error *);
int __wrap_rte_flow_destroy(uint16_t, struct rte_flow *,
                            struct rte_flow_error *);
int __wrap_rte_flow_query(uint16_t, struct rte_flow *,
                          const struct rte_flow_action *, void *,
                          struct rte_flow_error *);

static char null_rule;

struct rte_flow *
__wrap_rte_flow_create(uint16_t ethdev, const struct rte_flow_attr *attr,
                       const struct rte_flow_item *items,
                       const struct rte_flow_action *actions,
                       struct rte_flow_error *error)
{
    struct rte_flow *rule = (struct rte_flow *) &null_rule;
    uint64_t i;

    while (__atomic_load_n(&is_held, __ATOMIC_ACQUIRE)) {
        usleep(1000);
    }
    i = n_created;
    if (!i) {
        first_cpu = bench_cpu_nsec();
    }
    if (!is_null) {
        uint64_t start = bench_nsec();
        uint64_t now;

        rule = __real_rte_flow_create(ethdev, attr, items, actions, error);
        if (!rule) {
            return NULL;
        }
        now = bench_nsec();
        device_nsec[i % MAX_FLOWS] = now - start;
        __atomic_store_n(&last_created, now, __ATOMIC_RELAXED);
    }
    if (i + 1 == n_expected) {
        last_cpu = bench_cpu_nsec();
    }
    __atomic_store_n(&n_created, i + 1, __ATOMIC_RELEASE);
    return rule;
}

int
__wrap_rte_flow_destroy(uint16_t ethdev, struct rte_flow *rule,
                        struct rte_flow_error *error)
{
    int retval = 0;

    if (rule != (struct rte_flow *) &null_rule) {
        retval = __real_rte_flow_destroy(ethdev, rule, error);
    }
    __atomic_add_fetch(&n_destroyed, 1, __ATOMIC_RELEASE);
    return retval;
}

int
__wrap_rte_flow_query(uint16_t ethdev, struct rte_flow *rule,
                      const struct rte_flow_action *actions, void *data,
                      struct rte_flow_error *error)
{
    if (rule == (struct rte_flow *) &null_rule) {
        struct rte_flow_query_count *count = data;

        count->hits_set = count->bytes_set = 1;
        count->hits++;
        count->bytes += 64;
        return 0;
    }
    return __real_rte_flow_query(ethdev, rule, actions, data, error);
}

/* Open vSwitch ------------------------------------------------------------ */

static struct dpif *dpif;
static struct netdev *vfs[N_VFS];
static odp_port_t ports[N_VFS];

static void
check(int error, const char *what)
{
    if (error) {
        bench_fatal("%s: %s", what, ovs_strerror(error));
    }
}

static void
start_dpdk(struct smap *config)
{
    setenv("DPU_EMU_PROFILE_PATH", BENCH_PROFILES, 0);
    smap_add(config, "dpdk-init", "true");
    smap_add(config, "hw-offload", "true");
    /* Poll threads have nothing to do: the CPU is for what is measured. */
    smap_add(config, "pmd-maxsleep", "500");
    smap_add_format(config, "dpdk-extra",
                    "--no-telemetry --no-huge --legacy-mem -m 512 --no-pci "
                    "--no-shconf --log-level=*:error -d %s "
                    "--vdev=net_dpu_emu0,vfs=%d,uplink=null,vf0=null,vf1=null,"
                    "representor=vf[0-1]", BENCH_EMULATOR, N_VFS);
    dpdk_init(config);
}

static void
add_port(int i)
{
    struct smap options = SMAP_INITIALIZER(&options);
    char *errp = NULL;
    char name[8];

    snprintf(name, sizeof name, "vf%d", i);
    check(netdev_open(name, BENCH_PORT_TYPE, &vfs[i]), name);
    smap_add_format(&options, "dpdk-devargs", "net_dpu_emu0,representor=vf%d",
                    i);
    check(netdev_set_config(vfs[i], &options, &errp), name);
    ports[i] = ODPP_NONE;
    check(dpif_port_add(dpif, vfs[i], &ports[i]), name);
    smap_destroy(&options);
}

static void
start_ovs(void)
{
    struct smap config = SMAP_INITIALIZER(&config);

    start_dpdk(&config);
    netdev_set_flow_api_enabled(&config);
    check(dpif_create_and_open("bench", "netdev", &dpif), "datapath");
    check(dpif_set_config(dpif, &config), "datapath");
    for (int i = 0; i < N_VFS; i++) {
        add_port(i);
    }
    smap_destroy(&config);
}

/* Megaflows --------------------------------------------------------------- */

/* "in_port=vf0,ip,udp,nw_src=N,nw_dst=10.0.0.1", with the addresses of
 * Ethernet. */
static void
make_match(uint32_t n, struct match *match)
{
    match_init_catchall(match);
    match_set_recirc_id(match, 0);
    match_set_dl_type(match, htons(ETH_TYPE_IP));
    match_set_dl_src(match, (struct eth_addr) ETH_ADDR_C(02,00,00,00,00,01));
    match_set_dl_dst(match, (struct eth_addr) ETH_ADDR_C(02,00,00,00,00,02));
    match_set_nw_proto(match, IPPROTO_UDP);
    match_set_nw_src(match, htonl(0x0b000000 + n));
    match_set_nw_dst(match, htonl(0x0a000001));
    match_set_nw_frag(match, 0);
    match->flow.in_port.odp_port = ports[0];
    match->wc.masks.in_port.odp_port = ODPP_NONE;
}

static ovs_u128
make_ufid(uint32_t n)
{
    return (ovs_u128) {
        .u32 = { n * 0x9e3779b9u, n * 0x85ebca6bu, 0x1234, n },
    };
}

static struct ofpbuf
make_actions(void)
{
    struct ofpbuf actions;

    ofpbuf_init(&actions, 0);
    nl_msg_put_odp_port(&actions, OVS_ACTION_ATTR_OUTPUT, ports[1]);
    return actions;
}

/* Puts megaflow 'n' into the datapath, as the thread would that handles its
 * first packet. */
static void
put_into_datapath(uint32_t n, const struct ofpbuf *actions)
{
    struct odpputbuf {
        struct ofpbuf key, mask;
        uint64_t key_stub[64], mask_stub[64];
    } b;
    struct odp_flow_key_parms parms = { .support.recirc = true };
    struct dpif_op op = { .type = DPIF_OP_FLOW_PUT }, *ops[] = { &op };
    ovs_u128 ufid = make_ufid(n);
    struct match match;

    make_match(n, &match);
    ofpbuf_use_stub(&b.key, b.key_stub, sizeof b.key_stub);
    ofpbuf_use_stub(&b.mask, b.mask_stub, sizeof b.mask_stub);
    parms.flow = &match.flow;
    parms.mask = &match.wc.masks;
    odp_flow_key_from_flow(&parms, &b.key);
    parms.key_buf = &b.key;
    odp_flow_key_from_mask(&parms, &b.mask);

    op.flow_put.flags = DPIF_FP_CREATE;
    op.flow_put.key = b.key.data;
    op.flow_put.key_len = b.key.size;
    op.flow_put.mask = b.mask.data;
    op.flow_put.mask_len = b.mask.size;
    op.flow_put.actions = actions->data;
    op.flow_put.actions_len = actions->size;
    op.flow_put.ufid = &ufid;
    op.flow_put.pmd_id = NON_PMD_CORE_ID;
    dpif_operate(dpif, ops, 1, DPIF_OFFLOAD_AUTO);
    check(op.error, "flow_put");
    ofpbuf_uninit(&b.key);
    ofpbuf_uninit(&b.mask);
}

/* Waits until 'n' is at least 'goal'. */
static void
wait_for(const uint64_t *n, uint64_t goal)
{
    for (int i = 0; __atomic_load_n(n, __ATOMIC_ACQUIRE) < goal; i++) {
        if (i == 600000) {
            bench_fatal("no progress: %"PRIu64" of %"PRIu64, *n, goal);
        }
        usleep(100);
    }
}

static void
clear_datapath(void)
{
    dpif_flow_flush(dpif);
    wait_for(&n_destroyed, n_created);
    n_created = n_destroyed = 0;
    for (int i = 0; i < 3; i++) {
        ovsrcu_quiesce();
        usleep(20000);
    }
}

/* What the process has in memory, in bytes. */
static double
resident(void)
{
    unsigned long size, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%lu %lu", &size, &pages) != 2) {
        bench_fatal("/proc/self/statm cannot be read");
    }
    fclose(file);
    return (double) pages * sysconf(_SC_PAGESIZE);
}

/* Measurements ------------------------------------------------------------ */

static void
print(const char *name, uint32_t n, double value)
{
    printf("%s/%"PRIu32" %.3f\n", name, n, value);
}

/* Reads the counts of 'n' megaflows, as the revalidators do in each round;
 * returns what it takes for one of them, in nsec. */
static double
read_counts(uint32_t n)
{
    struct dpif_flow_attrs attrs;
    struct dpif_flow_stats stats;
    uint64_t start = bench_cpu_nsec();

    for (uint32_t i = 0; i < n; i++) {
        ovs_u128 ufid = make_ufid(i);

        check(netdev_flow_get(vfs[0], NULL, NULL, &ufid, &stats, &attrs,
                              NULL), "flow_get");
    }
    return (double) (bench_cpu_nsec() - start) / n;
}

static void
delete_all(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        ovs_u128 ufid = make_ufid(i);

        check(netdev_flow_del(vfs[0], &ufid, NULL), "flow_del");
    }
}

static void
put_all(uint32_t n, const struct ofpbuf *actions)
{
    for (uint32_t i = 0; i < n; i++) {
        struct offload_info info = { .flow_mark = i };
        ovs_u128 ufid = make_ufid(i);
        struct match match;

        make_match(i, &match);
        check(netdev_flow_put(vfs[0], &match, actions->data, actions->size,
                              &ufid, &info, NULL), "flow_put");
    }
}

/* flow_put, flow_get and flow_del of the flow API, on a device that takes no
 * time; then flow_get on the emulated one. */
static void
measure_verbs(uint32_t n)
{
    struct ofpbuf actions = make_actions();
    uint64_t start, made;
    struct match match;
    size_t heap;

    /* Open vSwitch's own flow API goes by the name of its threads: this is one
     * that may call it and that "hw_offload" knows nothing of. */
    set_subprogram_name("urcu");
    is_null = true;
    start = bench_cpu_nsec();
    for (uint32_t i = 0; i < n; i++) {
        make_match(i, &match);
    }
    made = bench_cpu_nsec() - start;
    heap = bench_heap();
    start = bench_cpu_nsec();
    put_all(n, &actions);
    print("verb-put-ns", n, (double) (bench_cpu_nsec() - start - made) / n);
    print("verb-bytes", n, (double) (bench_heap() - heap) / n);

    read_counts(n);
    print("verb-get-ns", n, read_counts(n));
    start = bench_cpu_nsec();
    delete_all(n);
    print("verb-del-ns", n, (double) (bench_cpu_nsec() - start) / n);
    is_null = false;

    put_all(n, &actions);
    read_counts(n);
    print("read-ns", n, read_counts(n));
    delete_all(n);
    n_created = n_destroyed = 0;
    set_subprogram_name("main");
    ofpbuf_uninit(&actions);
    for (int i = 0; i < 3; i++) {
        ovsrcu_quiesce();
        usleep(20000);
    }
}

/* Puts 'n' megaflows at once and waits for their rules.  Returns by how much
 * the process had grown while all were queued, in bytes. */
static double
burst(uint32_t n, const struct ofpbuf *actions)
{
    double before = resident(), queued;

    n_expected = n;
    __atomic_store_n(&is_held, true, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < n; i++) {
        put_into_datapath(i, actions);
    }
    queued = resident() - before;
    __atomic_store_n(&is_held, false, __ATOMIC_RELEASE);
    wait_for(&n_created, n);
    return queued;
}

/* CPU time of a rule of burst(), in nsec.  The first one was late. */
static double
burst_nsec(uint32_t n)
{
    return (double) (last_cpu - first_cpu) / (n - 1);
}

/* 'n' megaflows that come at once, to the rules on the device: on the emulated
 * one, and once more, when the process has the memory for it, on one that
 * takes no time. */
static void
measure_burst(uint32_t n)
{
    struct ofpbuf actions = make_actions();
    double before = resident();

    print("burst-bytes-queued", n, burst(n, &actions) / n);
    print("burst-ns", n, burst_nsec(n));
    print("device-ns", n, bench_median(device_nsec, n));
    for (int i = 0; i < 60; i++) {
        ovsrcu_quiesce();
        usleep(50000);
    }
    print("burst-bytes-after", n, (resident() - before) / n);
    clear_datapath();

    is_null = true;
    burst(n, &actions);
    print("burst-null-ns", n, burst_nsec(n));
    clear_datapath();
    is_null = false;
    ofpbuf_uninit(&actions);
}

/* One megaflow after a while of silence. */
static void
measure_latency(void)
{
    struct ofpbuf actions = make_actions();

    for (uint32_t i = 0; i < N_SAMPLES; i++) {
        uint64_t start;

        usleep(MIN_SILENCE + random_range(MAX_SILENCE - MIN_SILENCE));
        start = bench_nsec();
        put_into_datapath(i, &actions);
        wait_for(&n_created, i + 1);
        printf("latency-us %.1f\n", (last_created - start) / 1e3);
    }
    clear_datapath();
    ofpbuf_uninit(&actions);
}

int
main(int argc, char *argv[])
{
    uint32_t sizes[] = { 1000, 10000, 50000 };
    const char *what = argc > 1 ? argv[1] : "";
    size_t n_sizes;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (strcmp(what, "verbs") && strcmp(what, "burst")
        && strcmp(what, "latency")) {
        bench_fatal("\"%s\" is none of: verbs, burst, latency", what);
    }
    n_sizes = bench_sizes(argc - 1, argv + 1, sizes, ARRAY_SIZE(sizes));
    start_ovs();
    if (!strcmp(what, "latency")) {
        measure_latency();
        n_sizes = 0;
    }
    for (size_t i = 0; i < n_sizes; i++) {
        uint32_t n = MIN(sizes[i], MAX_FLOWS);

        if (!strcmp(what, "burst")) {
            measure_burst(n);
        } else {
            measure_verbs(n);
        }
    }
    fflush(stdout);
    /* Nothing is to be had from an orderly end. */
    _exit(EXIT_SUCCESS);
}
