/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-api: see dpu-flow-api.h.
 *
 * Thread-safety: flow_put, flow_del and flow_flush come from the threads
 * "hw_offload", which share the ufids out among themselves; flow_get comes
 * from revalidators and the main thread; the others from the main thread.  All
 * but init_flow_api hold the datapath's 'port_rwlock'. */

#include <config.h>

#include <errno.h>

#include "dpif-netdev-private-flow.h"
#include "dpif.h"
#include "netdev-offload.h"
#include "netdev-offload-provider.h"
#include "netdev-provider.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"
#include "ofproto-dpif-dpu/dpu-flow-api.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/show/dpu-unixctl.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"

/* The port by which a tunnel's packets come in is not the one where they
 * enter. */
static int
dpu_flow_api_put__(struct netdev *netdev, const struct match *match,
                   const struct nlattr *actions, size_t actions_len,
                   const ovs_u128 *ufid, const struct offload_info *info)
{
    struct netdev *origin = NULL;
    int error;

    if (dpu_offload_is_tunnel(netdev)) {
        origin = netdev_ports_get(info->orig_in_port,
                                  netdev_get_dpif_type(netdev));
        if (!origin) {
            return ENODEV;
        }
    }
    error = dpu_offload_flow_put(netdev, origin, match, actions, actions_len,
                                 ufid, (dpu_partial_enabled()
                                        ? info->flow_mark : 0));
    netdev_close(origin);
    return error;
}

/* A megaflow that was refused is answered for as if it had been taken: Open
 * vSwitch tells of the end of those alone that were, and a refusal is to be
 * remembered until then and no longer.  flow_get says that it is not in
 * hardware, which is all that Open vSwitch goes by. */
static int
dpu_flow_api_put(struct netdev *netdev, struct match *match,
                 struct nlattr *actions, size_t actions_len,
                 const ovs_u128 *ufid, struct offload_info *info,
                 struct dpif_flow_stats *stats)
{
    struct dpif_flow_attrs attrs;
    int error;

    error = dpu_flow_api_put__(netdev, match, actions, actions_len, ufid, info);
    if (error == EOPNOTSUPP) {
        error = 0;
    }
    if (!error && stats) {
        error = dpu_offload_flow_get(netdev, ufid, NULL, stats, &attrs);
    }
    return error;
}

/* Whether this thread is deleting flows from the datapath. */
static __thread bool deleting;

void
dpu_flow_api_set_deleting(bool deleting_)
{
    deleting = deleting_;
}

/* The datapath has a copy of the megaflow per PMD thread and asks for each of
 * them with the address of the 'mega_ufid' in the copy.  When it deletes one
 * it asks once more, and has the rule removed a moment later by a thread
 * "hw_offload"; what the rule would forward in between would not be counted,
 * so it leaves now. */
static int
dpu_flow_api_get(struct netdev *netdev, struct match *match OVS_UNUSED,
                 struct nlattr **actions OVS_UNUSED, const ovs_u128 *ufid,
                 struct dpif_flow_stats *stats, struct dpif_flow_attrs *attrs,
                 struct ofpbuf *buf OVS_UNUSED)
{
    if (deleting) {
        dpu_offload_flow_leave(netdev, ufid, ufid);
    }
    return dpu_offload_flow_get(netdev, ufid, ufid, stats, attrs);
}

/* Packets that software has seen in the copy of a megaflow that 'asker' is the
 * address of the 'mega_ufid' of. */
static uint64_t
dpu_flow_api_software(const void *asker)
{
    struct dp_netdev_flow *flow
        = CONTAINER_OF(CONST_CAST(void *, asker), struct dp_netdev_flow,
                       mega_ufid);
    unsigned long long int n;

    atomic_read_relaxed(&flow->stats.packet_count, &n);
    return n;
}

static void
dpu_flow_api_count_cb(const ovs_u128 *ufid, void *n_flows_)
{
    uint64_t *n_flows = n_flows_;

    n_flows[netdev_offload_ufid_to_thread_id(*ufid)]++;
}

static int
dpu_flow_api_get_n_flows(struct netdev *netdev, uint64_t *n_flows)
{
    memset(n_flows, 0, netdev_offload_thread_nb() * sizeof *n_flows);
    dpu_offload_flow_for_each(netdev, dpu_flow_api_count_cb, n_flows);
    return 0;
}

static const struct netdev_flow_api dpu_flow_api = {
    .type = "dpu",
    .flow_flush = dpu_offload_flow_flush,
    .flow_put = dpu_flow_api_put,
    .flow_get = dpu_flow_api_get,
    .flow_del = dpu_offload_flow_del,
    .flow_get_n_flows = dpu_flow_api_get_n_flows,
    .hw_miss_packet_recover = dpu_miss_recover,
    .init_flow_api = dpu_offload_port_add,
    .uninit_flow_api = dpu_offload_port_remove,
};

void
dpu_flow_api_register(void)
{
    dpu_ct_receive_meta();
    dpu_offload_init(dpu_flow_api_software);
    dpu_unixctl_register();
    netdev_register_flow_api_provider(&dpu_flow_api);
}
