/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What it costs the plugin itself to offload a megaflow: the table, the
 * translation and the memory, on a device that takes every rule at once. */

#include <config.h>

#include <stdint.h>
#include <stdio.h>

#include "dpif.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "bench-device.h"
#include "bench.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"

#define N_FLOWS 100000

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

/* Prints what each flow took since 'start'; returns the time. */
static long long int
report(const char *what, long long int start)
{
    printf("%-10s %8.0f ns per flow\n", what,
           (double) (bench_cpu_nsec() - start) / N_FLOWS);
    return bench_cpu_nsec();
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    struct dpif_flow_stats stats;
    struct dpu_flow_key key;
    struct ofpbuf actions[2];
    struct dpu_caps caps;
    long long int start;
    size_t memory;
    enum dpu_flow_place place;

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    dpu_caps_all(&caps);
    dpu_flow_table_init(&table, &bench_device_ops, &caps);
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        ofpbuf_init(&actions[i], 0);
        nl_msg_put_odp_port(&actions[i], OVS_ACTION_ATTR_OUTPUT,
                            u32_to_odp(2 + i));
    }

    memory = bench_heap();
    start = bench_cpu_nsec();
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        put(i, &actions[0]);
    }
    start = report("put", start);
    printf("%-10s %8zu bytes per flow\n", "memory",
           (bench_heap() - memory) / N_FLOWS);

    start = bench_cpu_nsec();
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        key = key_of(i);
        dpu_flow_get(&table, &key, NULL, &stats, &place);
    }
    start = report("get", start);
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        put(i, &actions[1]);
    }
    start = report("modify", start);
    for (uint32_t i = 0; i < N_FLOWS; i++) {
        key = key_of(i);
        dpu_flow_del(&table, &key, NULL);
    }
    report("delete", start);

    dpu_flow_table_destroy(&table);
    for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
        ofpbuf_uninit(&actions[i]);
    }
    return 0;
}
