/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-hooks: every place where this project stands in front of a function of
 * Open vSwitch 3.1.  The daemon is linked from the stock objects with
 * -Wl,--wrap=FUNCTION, which catches calls from one object file into another.
 *
 * Function                           Reason; what it would be, had OVS the API
 * ---------------------------------  ---------------------------------------
 * netdev_register_provider           To see the class "dpdk", which the class
 *                                    "dpu" derives from; an exported symbol.
 * netdev_dpdk_register               DPDK is up and no port exists yet: the
 *                                    moment to register ours; dlopen of
 *                                    providers.
 * netdev_register_flow_api_provider  Which flow API takes a port follows the
 *                                    hash order of their names: keeps "tc",
 *                                    which would send netlink messages about
 *                                    the made-up ifindex, and "dpdk" off our
 *                                    ports, and off tunnels' ports, whose
 *                                    flows go to our devices; a preference
 *                                    in the registry.
 * netdev_set_config                  A port that moves to another device is
 *                                    created anew, which the bridge does if
 *                                    it gets an error, of which this function
 *                                    warns: ours come without; no warning for
 *                                    EAGAIN.
 * netdev_ports_insert,               Port numbers come to mean something else:
 * netdev_ports_remove                translations that rest on what they were
 *                                    are not used again; a member of struct
 *                                    netdev_flow_api.
 * dpif_operate                       A flow's counts are read for the last
 *                                    time when it is deleted, and nothing
 *                                    tells that it is the last: sees the
 *                                    deletions of revalidators come; an
 *                                    argument of netdev_flow_get().
 * dpif_meter_set, dpif_meter_get,   dpif-netdev keeps its meters to itself:
 * dpif_meter_del                    puts them on devices and adds what was
 *                                   metered there; calls of the members
 *                                   meter_set, ... of struct netdev_flow_api,
 *                                   as the kernel's datapath makes them.
 * mpsc_queue_insert, xnanosleep      A thread "hw_offload" sleeps for up to
 *                                    64 ms before it looks at its queue
 *                                    again: wakes it; a condition variable in
 *                                    Open vSwitch.  Before it sleeps, it sees
 *                                    to who has had enough packets to come to
 *                                    hardware, and who has a full device.
 * mpsc_queue_pop, xzalloc            The items of that queue lie between
 *                                    megaflows that stay, so that their memory
 *                                    never goes back to the system: has them
 *                                    lie together, has the next one come to
 *                                    the processor's caches, and sees bursts;
 *                                    smaller items in Open vSwitch.
 * id_fpool_free_id                   A megaflow's mark is free for the next one
 *                                    when packets may still come up with it
 *                                    that met its rule: keeps it back for a
 *                                    while; the same in Open vSwitch, which
 *                                    has no other use for this function.
 * ovsrec_interface_set_error         The bridge clears the column "error" of
 *                                    each port that works: has it show why a
 *                                    port did not take its present options
 *                                    and goes on with the last good ones; a
 *                                    member of struct netdev_class.
 * rte_pktmbuf_pool_create            netdev-dpdk.c asks for a smaller pool if
 *                                    memory is short, but only if the error is
 *                                    ENOMEM.  DPDK says ENOBUFS if the last
 *                                    piece of memory that it found is too
 *                                    small for one packet: ENOMEM as well; a
 *                                    fix in Open vSwitch.
 * rte_eth_dev_start                  An ethdev has to be configured, but not
 *                                    started, to be given queues for rules,
 *                                    and netdev-dpdk.c does both at once:
 *                                    gives them to ours; a member of struct
 *                                    netdev_flow_api.
 * dpif_register_upcall_cb            To know the datapath that packets are to
 *                                    go on in which missed in hardware; an
 *                                    argument of hw_miss_packet_recover().
 * netdev_set_flow_api_enabled        Called with other_config in each round of
 *                                    the bridge: to read keys of ours; a
 *                                    column for providers.
 * conntrack_init, conntrack_destroy  Connections are dpif-netdev's own: to
 * conntrack_execute                  know each table; to learn which are
 * conntrack_flush                    established and which change, where
 * conntrack_flush_tuple              packets pass; to take those off that are
 *                                    flushed; members of struct
 *                                    netdev_flow_api for connections.
 */

#include <config.h>

#include "ofproto-dpif-dpu/ovs-hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "coverage.h"
#include "mpsc-queue.h"
#include "netdev-dpdk.h"
#include "netdev-dpu/netdev-dpu.h"
#include "netdev-offload-provider.h"
#include "netdev-provider.h"
#include "ovs-thread.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-insertion.h"
#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/dpu-flow-api.h"
#include "ofproto-dpif-dpu/flow/dpu-backlog.h"
#include "ofproto-dpif-dpu/flow/dpu-minimum.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/flow/dpu-rank.h"
#include "ofproto-dpif-dpu/flow/dpu-wake.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"
#include "smap.h"
#include "timeval.h"
#include "vswitch-idl.h"

/* The stock class that ours derives from, once it was registered. */
static const struct netdev_class *dpdk_class;

int
__wrap_netdev_register_provider(const struct netdev_class *class)
{
    if (!strcmp(class->type, "dpdk")) {
        dpdk_class = class;
    }
    return __real_netdev_register_provider(class);
}

void
__wrap_netdev_dpdk_register(const struct smap *ovs_other_config)
{
    __real_netdev_dpdk_register(ovs_other_config);
    netdev_dpu_register(dpdk_class);
    dpu_flow_api_register();
}

/* The stock flow APIs, but that they refuse our ports. */
static struct netdev_flow_api guarded_tc, guarded_dpdk;

static bool
is_dpu(const struct netdev *netdev)
{
    return !strcmp(netdev_get_type(netdev), NETDEV_DPU_TYPE);
}

static bool
has_our_flow_api(const struct netdev *netdev)
{
    return is_dpu(netdev) || dpu_offload_is_tunnel(netdev);
}

static int
guarded_tc_init(struct netdev *netdev)
{
    return (has_our_flow_api(netdev) ? EOPNOTSUPP
            : netdev_offload_tc.init_flow_api(netdev));
}

static int
guarded_dpdk_init(struct netdev *netdev)
{
    return (has_our_flow_api(netdev) ? EOPNOTSUPP
            : netdev_offload_dpdk.init_flow_api(netdev));
}

int
__wrap_netdev_register_flow_api_provider(const struct netdev_flow_api *api)
{
    if (api == &netdev_offload_tc) {
        guarded_tc = *api;
        guarded_tc.init_flow_api = guarded_tc_init;
        api = &guarded_tc;
    } else if (api == &netdev_offload_dpdk) {
        guarded_dpdk = *api;
        guarded_dpdk.init_flow_api = guarded_dpdk_init;
        api = &guarded_dpdk;
    }
    return __real_netdev_register_flow_api_provider(api);
}

struct rte_mempool *
__wrap_rte_pktmbuf_pool_create(const char *name, unsigned int n,
                               unsigned int cache_size, uint16_t priv_size,
                               uint16_t data_room_size, int socket_id)
{
    struct rte_mempool *mp = __real_rte_pktmbuf_pool_create(
        name, n, cache_size, priv_size, data_room_size, socket_id);

    if (!mp && rte_errno == ENOBUFS) {
        rte_errno = ENOMEM;
    }
    return mp;
}

int
__wrap_rte_eth_dev_start(uint16_t port_id)
{
    if (netdev_dpu_is_reconfiguring()) {
        dpu_rule_queues_configure(port_id);
    }
    return __real_rte_eth_dev_start(port_id);
}

int
__wrap_netdev_set_config(struct netdev *netdev, const struct smap *args,
                         char **errp)
{
    const struct smap no_args = SMAP_INITIALIZER(&no_args);

    /* Ours logs what is wrong by itself. */
    return (is_dpu(netdev)
            ? netdev->netdev_class->set_config(netdev, args ? args : &no_args,
                                               errp)
            : __real_netdev_set_config(netdev, args, errp));
}

int
__wrap_netdev_ports_insert(struct netdev *netdev, struct dpif_port *port)
{
    int error = __real_netdev_ports_insert(netdev, port);

    dpu_offload_ports_changed();
    return error;
}

int
__wrap_netdev_ports_remove(odp_port_t port_no, const char *dpif_type)
{
    int error = __real_netdev_ports_remove(port_no, dpif_type);

    dpu_offload_ports_changed();
    return error;
}

/* Passes 'ops' on, in order, in runs of deletions and of others. */
void
__wrap_dpif_operate(struct dpif *dpif, struct dpif_op **ops, size_t n_ops,
                    enum dpif_offload_type offload_type)
{
    size_t n;

    for (size_t i = 0; i < n_ops; i += n) {
        bool deleting = ops[i]->type == DPIF_OP_FLOW_DEL;

        n = 1;
        while (i + n < n_ops
               && deleting == (ops[i + n]->type == DPIF_OP_FLOW_DEL)) {
            n++;
        }
        dpu_flow_api_set_deleting(deleting);
        __real_dpif_operate(dpif, &ops[i], n, offload_type);
    }
    dpu_flow_api_set_deleting(false);
}

static bool
is_netdev_dpif(const struct dpif *dpif)
{
    return !strcmp(dpif_normalize_type(dpif_type(dpif)), "netdev");
}

int
__wrap_dpif_meter_set(struct dpif *dpif, ofproto_meter_id id,
                      struct ofputil_meter_config *config)
{
    int error = __real_dpif_meter_set(dpif, id, config);

    if (!error && is_netdev_dpif(dpif)
        && dpu_meter_set(id.uint32, config)) {
        dpu_offload_review_meter(id.uint32);
    }
    return error;
}

int
__wrap_dpif_meter_get(const struct dpif *dpif, ofproto_meter_id id,
                      struct ofputil_meter_stats *stats, uint16_t n_bands)
{
    int error = __real_dpif_meter_get(dpif, id, stats, n_bands);

    if (!error && stats && is_netdev_dpif(dpif)) {
        dpu_meter_add_stats(id.uint32, stats, stats->n_bands);
    }
    return error;
}

int
__wrap_dpif_meter_del(struct dpif *dpif, ofproto_meter_id id,
                      struct ofputil_meter_stats *stats, uint16_t n_bands)
{
    int error = __real_dpif_meter_del(dpif, id, stats, n_bands);

    if (is_netdev_dpif(dpif)) {
        dpu_meter_del(id.uint32);
    }
    return error;
}

void
__wrap_mpsc_queue_insert(struct mpsc_queue *queue,
                         struct mpsc_queue_node *node)
{
    __real_mpsc_queue_insert(queue, node);
    dpu_wake();
}

struct mpsc_queue_node *
__wrap_mpsc_queue_pop(struct mpsc_queue *queue)
{
    struct mpsc_queue_node *node = __real_mpsc_queue_pop(queue);

    if (node) {
        struct mpsc_queue_node *next;

        atomic_read_relaxed(&queue->tail, &next);
        dpu_backlog_taken(next);
    }
    return node;
}

void *
__wrap_xzalloc(size_t size)
{
    void *p = dpu_backlog_alloc(size);

    return p ? p : __real_xzalloc(size);
}

void
__wrap_xnanosleep(uint64_t nanoseconds)
{
    if (dpu_wake_is_sleeper()) {
        dpu_offload_idle();
        dpu_backlog_idle(time_msec());
        coverage_try_clear();
        dpu_wake_sleep(nanoseconds);
    } else {
        __real_xnanosleep(nanoseconds);
    }
}

void
__wrap_id_fpool_free_id(struct id_fpool *pool, unsigned int uid, uint32_t id)
{
    dpu_mark_free(pool, uid, id, __real_id_fpool_free_id);
}

void
__wrap_ovsrec_interface_set_error(const struct ovsrec_interface *row,
                                  const char *error)
{
    char *kept = (error || strcmp(row->type, NETDEV_DPU_TYPE) ? NULL
                  : netdev_dpu_get_config_error(row->name));

    __real_ovsrec_interface_set_error(row, kept ? kept : error);
    free(kept);
}

void
__wrap_dpif_register_upcall_cb(struct dpif *dpif, upcall_callback *cb,
                               void *aux)
{
    if (is_netdev_dpif(dpif)) {
        dpu_miss_set_dpif(cb ? dpif : NULL);
    }
    __real_dpif_register_upcall_cb(dpif, cb, aux);
}

/* Readies connection tracking offload, before its first call. */
static void
ct_init(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        static const struct dpu_ct_software software = {
            .execute = __real_conntrack_execute,
            .flush = __real_conntrack_flush,
            .flush_tuple = __real_conntrack_flush_tuple,
            .destroy = __real_conntrack_destroy,
        };

        dpu_ct_init(&software, dpu_offload_ct_port);
        dpu_miss_set_restore(dpu_ct_restore);
        ovsthread_once_done(&once);
    }
}

void
__wrap_netdev_set_flow_api_enabled(const struct smap *ovs_other_config)
{
    __real_netdev_set_flow_api_enabled(ovs_other_config);
    ct_init();
    dpu_insertion_configure(ovs_other_config);
    dpu_ct_configure(ovs_other_config);
    dpu_partial_configure(ovs_other_config);
    dpu_rank_configure(ovs_other_config);
    dpu_minimum_configure(ovs_other_config);
}

struct conntrack *
__wrap_conntrack_init(void)
{
    ct_init();
    return __real_conntrack_init();
}

void
__wrap_conntrack_destroy(struct conntrack *ct)
{
    dpu_ct_destroy(ct);
}

int
__wrap_conntrack_execute(struct conntrack *ct, struct dp_packet_batch *batch,
                         ovs_be16 dl_type, bool force, bool commit,
                         uint16_t zone, const uint32_t *setmark,
                         const struct ovs_key_ct_labels *setlabel,
                         ovs_be16 tp_src, ovs_be16 tp_dst, const char *helper,
                         const struct nat_action_info_t *nat,
                         long long int now, uint32_t tp_id)
{
    return dpu_ct_execute(ct, batch, dl_type, force, commit, zone, setmark,
                          setlabel, tp_src, tp_dst, helper, nat, now, tp_id);
}

int
__wrap_conntrack_flush(struct conntrack *ct, const uint16_t *zone)
{
    return dpu_ct_flush(ct, zone);
}

int
__wrap_conntrack_flush_tuple(struct conntrack *ct,
                             const struct ct_dpif_tuple *tuple, uint16_t zone)
{
    return dpu_ct_flush_tuple(ct, tuple, zone);
}
