/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "bench-conntrack.h"

#include <string.h>

#include "conntrack-private.h"
#include "conntrack-tp.h"
#include "dp-packet.h"
#include "flow.h"
#include "ovs-rcu.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"

#define ZONE 1

struct conntrack *bench_ct;

static struct nat_action_info_t dnat;

void
bench_ct_init(dpu_ct_resolve_func *resolve)
{
    static const struct dpu_ct_software software = {
        .execute = conntrack_execute,
        .flush = conntrack_flush,
        .flush_tuple = conntrack_flush_tuple,
        .destroy = conntrack_destroy,
    };

    dnat.nat_action = NAT_ACTION_DST;
    dnat.min_addr.ipv4 = dnat.max_addr.ipv4 = htonl(BENCH_SERVER2);
    dpu_ct_init(&software, resolve);
    atomic_store(&dpu_ct_config.threads, 0);
    atomic_store(&dpu_ct_config.max, UINT32_MAX);
    for (int nat = 0; nat < 2; nat++) {
        struct dpu_ct_variant variant;

        dpu_ct_variant_init(&variant, false, nat, NULL, NULL);
        dpu_ct_variant_get(&variant);
    }
}

void
bench_ct_start(void)
{
    struct timeout_policy policy;

    bench_ct = conntrack_init();
    conntrack_set_maxconns(bench_ct, 4000000);
    memset(&policy, 0, sizeof policy);
    policy.policy.present = (1 << CT_DPIF_TP_ATTR_UDP_FIRST
                             | 1 << CT_DPIF_TP_ATTR_UDP_SINGLE
                             | 1 << CT_DPIF_TP_ATTR_UDP_MULTIPLE);
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_FIRST] = 3600;
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_SINGLE] = 3600;
    policy.policy.attrs[CT_DPIF_TP_ATTR_UDP_MULTIPLE] = 3600;
    timeout_policy_update(bench_ct, &policy);
}

void
bench_make_packet(struct dp_packet *packet, uint32_t n, bool reply, bool nat)
{
    struct flow flow;

    memset(&flow, 0, sizeof flow);
    flow.dl_type = htons(ETH_TYPE_IP);
    flow.nw_proto = IPPROTO_UDP;
    flow.nw_ttl = 64;
    flow.nw_src = htonl(!reply ? BENCH_CLIENT + n
                        : nat ? BENCH_SERVER2 : BENCH_SERVER);
    flow.nw_dst = htonl(reply ? BENCH_CLIENT + n : BENCH_SERVER);
    flow.tp_src = htons(reply ? 80 : 1000);
    flow.tp_dst = htons(reply ? 1000 : 80);
    dp_packet_init(packet, 0);
    flow_compose(packet, &flow, NULL, 0);
    *dp_packet_ol_flags_ptr(packet) |= (DP_PACKET_OL_RX_IP_CKSUM_GOOD
                                        | DP_PACKET_OL_RX_L4_CKSUM_GOOD);
}

void
bench_execute(struct dp_packet *packets, size_t n, odp_port_t port,
              bool commit, bool nat, long long int now)
{
    struct dp_packet_batch batch;

    dp_packet_batch_init(&batch);
    for (size_t i = 0; i < n; i++) {
        pkt_metadata_init(&packets[i].md, port);
        batch.packets[batch.count++] = &packets[i];
    }
    dpu_ct_execute(bench_ct, &batch, htons(ETH_TYPE_IP), false, commit, ZONE,
                   NULL, NULL, 0, 0, NULL, nat ? &dnat : NULL, now, 0);
}

/* Sends a packet of each of 'n' connections from 'first' on, a burst at
 * most. */
static void
send_burst(uint32_t first, size_t n, bool reply, bool commit, bool nat)
{
    struct dp_packet packets[NETDEV_MAX_BURST];

    for (size_t i = 0; i < n; i++) {
        bench_make_packet(&packets[i], first + i, reply, nat);
    }
    bench_execute(packets, n, BENCH_PORT, commit, nat, time_msec());
    for (size_t i = 0; i < n; i++) {
        dp_packet_uninit(&packets[i]);
    }
}

/* A connection that no benchmark has: what was told of one a moment ago is not
 * told again. */
#define MEETING 0x800000

void
bench_meet_port(void)
{
    bench_ct_start();
    send_burst(MEETING, 1, false, true, false);
    dpu_ct_run(time_msec());
    send_burst(MEETING, 1, true, false, false);
    dpu_ct_run(time_msec());
    send_burst(MEETING, 1, false, false, false);
    dpu_ct_run(time_msec());
    dpu_ct_destroy(bench_ct);
}

/* The same for any number of connections. */
static void
send_some(uint32_t first, uint32_t n, bool reply, bool commit, bool nat)
{
    for (uint32_t i = 0; i < n; i += NETDEV_MAX_BURST) {
        send_burst(first + i, MIN(NETDEV_MAX_BURST, n - i), reply, commit,
                   nat);
    }
}

void
bench_send(uint32_t first, uint32_t n, bool commit, bool nat,
           void (*do_work)(void))
{
    if (!commit) {
        send_some(first, n, true, false, nat);
        do_work();
    }
    send_some(first, n, false, commit, nat);
    do_work();
}

void
bench_send_all(uint32_t n, uint32_t at_once, bool commit, bool nat,
               void (*do_work)(void))
{
    for (uint32_t i = 0; i < n; i += at_once) {
        bench_send(i, MIN(at_once, n - i), commit, nat, do_work);
        if (!(i & 0xfff)) {
            ovsrcu_quiesce();
        }
    }
}
