/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What it costs the plugin itself to offload a megaflow: the table, the
 * translation and the memory, on a device that takes every rule at once; and
 * with several threads that do so at the same time.
 *
 * usage: bench-flow [N...]
 *
 * Measures each number N of megaflows, without several threads then, or
 * 10,000, 100,000 and 1,000,000. */

#include <config.h>

#include <stdint.h>
#include <stdio.h>

#include "dpif.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "random.h"
#include "util.h"

#include "bench-device.h"
#include "bench.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"

/* Each size is measured until so many operations of a kind were, and at least
 * this often; the medians count. */
#define N_OPERATIONS 500000
#define MIN_ROUNDS 3
#define MAX_ROUNDS 51

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
       uint16_t *ethdev)
{
    *ethdev = odp_to_u32(port);
    return true;
}

static const struct dpu_port_map port_map = { .lookup = lookup, .version = 1 };

static struct dpu_flow_table table;

static struct dpu_flow_key
key_of(uint32_t n)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n * 0x9e3779b9u, n * 0x85ebca6bu, 0, n },
        .ethdev = 1,
    };
}

/* A flow as "in_port=1,ip,udp,nw_src=N,nw_dst=10.0.0.1". */
static void
make_match(uint32_t n, struct match *match)
{
    match_init_catchall(match);
    match_set_dl_type(match, htons(ETH_TYPE_IP));
    match_set_nw_proto(match, IPPROTO_UDP);
    match_set_nw_src(match, htonl(n));
    match_set_nw_dst(match, htonl(0x0a000001));
    match_set_nw_frag(match, 0);
    MATCH_SET_FIELD_MASKED(match, in_port.odp_port, u32_to_odp(1), ODPP_NONE);
}

static void
put(uint32_t n, const struct ofpbuf *actions)
{
    struct dpu_flow_key key = key_of(n);
    struct dpu_megaflow megaflow;
    struct match match;

    make_match(n, &match);
    megaflow = (struct dpu_megaflow) {
        .match = &match,
        .actions = actions->data,
        .actions_len = actions->size,
    };
    if (!dpu_flow_put(&table, &key, &megaflow, &port_map)) {
        bench_fatal("flow %"PRIu32" was refused", n);
    }
}

/* What is done to each megaflow in turn. */
enum operation {
    PUT,
    GET_ANY,                    /* In an order that there was not before. */
    GET,
    MODIFY,
    DELETE,
    N_OPERATION_KINDS,
};

static struct ofpbuf output[2];     /* Actions. */

static void
operate(enum operation operation, uint32_t n)
{
    struct dpu_flow_key key = key_of(n);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    switch (operation) {
    case PUT:
        put(n, &output[0]);
        break;
    case GET_ANY:
    case GET:
        dpu_flow_get(&table, &key, NULL, &stats, &place);
        break;
    case MODIFY:
        put(n, &output[1]);
        break;
    case DELETE:
        dpu_flow_del(&table, &key, NULL);
        break;
    case N_OPERATION_KINDS:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the numbers below 'n' in any order. */
static uint32_t *
shuffle(uint32_t n)
{
    uint32_t *order = xmalloc(n * sizeof *order);

    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = random_range(i + 1);

        order[i] = i;
        order[i] = order[j];
        order[j] = i;
    }
    return order;
}

/* Does 'operation' to megaflows in 'order', 'n' of them.  Returns what one of
 * them took, in nsec. */
static double
measure_operation(enum operation operation, const uint32_t order[], uint32_t n)
{
    uint64_t start = bench_cpu_nsec();

    for (uint32_t i = 0; i < n; i++) {
        operate(operation, order[i]);
    }
    return (double) (bench_cpu_nsec() - start) / n;
}

/* Rounds of the revalidators before the one that is measured. */
#define N_ROUNDS_BEFORE 3

/* Does all operations to 'n' megaflows.  Stores what one of each kind took in
 * '*nsec', and the memory of a megaflow, in bytes.
 *
 * They are put in one order, in which they come to lie in memory; the counts
 * are asked for in another one, round after round, and in that they are
 * modified and deleted.  So it is in Open vSwitch:  dpif_netdev_flow_dump_next()
 * goes through a hash table for the revalidators, which changes but where
 * megaflows come and go, and what they find to be deleted they delete in that
 * order.  Once the counts are asked for in any order. */
static size_t
measure_round(uint32_t n, double nsec[N_OPERATION_KINDS])
{
    uint32_t *orders[N_OPERATION_KINDS];
    size_t heap, memory = 0;

    for (enum operation o = 0; o < N_OPERATION_KINDS; o++) {
        orders[o] = o > GET ? orders[GET] : shuffle(n);
        heap = bench_heap();
        for (size_t i = 0; o == GET && i < N_ROUNDS_BEFORE; i++) {
            measure_operation(o, orders[o], n);
        }
        nsec[o] = measure_operation(o, orders[o], n);
        if (o == PUT) {
            memory = (bench_heap() - heap) / n;
        }
        ovsrcu_synchronize();
    }
    for (enum operation o = 0; o <= GET; o++) {
        free(orders[o]);
    }
    return memory;
}

static void
measure(const struct bench_table *figures, uint32_t n)
{
    size_t n_rounds = MIN(MAX_ROUNDS, MAX(MIN_ROUNDS, N_OPERATIONS / n));
    double nsec[N_OPERATION_KINDS], medians[N_OPERATION_KINDS];
    double values[N_OPERATION_KINDS][MAX_ROUNDS];
    size_t memory = 0;

    for (size_t i = 0; i < n_rounds; i++) {
        size_t bytes = measure_round(n, nsec);

        memory = i ? memory : bytes;
        for (enum operation o = 0; o < N_OPERATION_KINDS; o++) {
            values[o][i] = nsec[o];
        }
    }
    for (enum operation o = 0; o < N_OPERATION_KINDS; o++) {
        medians[o] = bench_median(values[o], n_rounds);
    }
    BENCH_ROW(figures, NULL, n, medians[PUT], medians[GET], medians[GET_ANY],
              medians[MODIFY], medians[DELETE], memory);
}

/* Several threads at once, each with megaflows of its own, as the threads
 * "hw_offload" have. */

#define THREAD_FLOWS 50000
#define MAX_THREADS 4

struct worker {
    uint32_t first;             /* Its megaflows. */
    double nsec;                /* Of CPU time. */
};

static struct ovs_barrier barrier;

static void *
work(void *worker_)
{
    struct worker *worker = worker_;
    uint64_t start;

    ovs_barrier_block(&barrier);
    start = bench_cpu_nsec();
    for (enum operation o = 0; o < N_OPERATION_KINDS; o++) {
        for (uint32_t i = 0; o != GET_ANY && i < THREAD_FLOWS; i++) {
            operate(o, worker->first + i);
        }
    }
    worker->nsec = bench_cpu_nsec() - start;
    return NULL;
}

/* Returns what 'n' threads need of the CPU for a megaflow's four operations,
 * in nsec. */
static double
run_threads(size_t n)
{
    struct worker workers[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    double nsec = 0;

    ovs_barrier_init(&barrier, n);
    for (size_t i = 0; i < n; i++) {
        workers[i].first = i * THREAD_FLOWS;
        threads[i] = ovs_thread_create("bench", work, &workers[i]);
    }
    for (size_t i = 0; i < n; i++) {
        xpthread_join(threads[i], NULL);
        nsec += workers[i].nsec;
    }
    ovs_barrier_destroy(&barrier);
    return nsec / n / THREAD_FLOWS;
}

static void
measure_threads(void)
{
    static const struct bench_column columns[] = {
        { { NULL, "threads" }, 10, 0 },
        { { "all four", "ns of CPU" }, 10, 0 },
        { { NULL }, 0, 0 },
    };
    static const struct bench_table figures = { .columns = columns };

    bench_table_start(&figures);
    for (size_t n = 1; n <= MAX_THREADS; n *= 2) {
        double values[5];

        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            values[i] = run_threads(n);
        }
        BENCH_ROW(&figures, NULL, n, bench_median(values,
                                                  ARRAY_SIZE(values)));
    }
}

int
main(int argc, char *argv[])
{
    static const struct bench_column columns[] = {
        { { NULL, "megaflows" }, 10, 0 },
        { { "put", "ns" }, 7, 0 },
        { { "get", "ns" }, 7, 0 },
        { { "at random", "ns" }, 9, 0 },
        { { "modify", "ns" }, 7, 0 },
        { { "delete", "ns" }, 7, 0 },
        { { "memory", "bytes" }, 7, 0 },
        { { NULL }, 0, 0 },
    };
    static const struct bench_table figures = { .columns = columns };
    uint32_t sizes[] = { 10000, 100000, 1000000 };
    size_t n_sizes = bench_sizes(argc, argv, sizes, ARRAY_SIZE(sizes));
    struct dpu_caps caps;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    dpu_caps_all(&caps);
    dpu_flow_table_init(&table, &bench_device_ops, &caps);
    for (size_t i = 0; i < ARRAY_SIZE(output); i++) {
        ofpbuf_init(&output[i], 0);
        nl_msg_put_odp_port(&output[i], OVS_ACTION_ATTR_OUTPUT,
                            u32_to_odp(2 + i));
    }

    bench_table_start(&figures);
    for (size_t i = 0; i < n_sizes; i++) {
        measure(&figures, sizes[i]);
    }
    if (argc == 1) {
        measure_threads();
    }

    dpu_flow_table_destroy(&table);
    for (size_t i = 0; i < ARRAY_SIZE(output); i++) {
        ofpbuf_uninit(&output[i]);
    }
    return 0;
}
