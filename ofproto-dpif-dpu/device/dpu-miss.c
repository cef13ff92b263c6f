/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-miss.h"

#include <errno.h>
#include <string.h>

#include <rte_flow.h>

#include "cmap.h"
#include "dp-packet.h"
#include "dpif.h"
#include "flow.h"
#include "hash.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "ovs-atomic.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"
#include "ofproto-dpif-dpu/device/dpu-usdt.h"

VLOG_DEFINE_THIS_MODULE(dpu_miss);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

struct miss_context {
    struct cmap_node id_node;       /* In 'by_id'. */
    struct hmap_node node;          /* In 'by_value'. */
    struct ovs_list linger_node;    /* In 'lingering', if 'n_refs' is 0. */
    long long int linger_since;     /* In msec. */
    unsigned int n_refs;
    uint32_t id;
    struct dpu_miss miss;           /* Points behind this structure. */
};

/* Guards all but the readers of 'by_id'. */
static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct cmap by_id = CMAP_INITIALIZER;
static struct hmap by_value = HMAP_INITIALIZER(&by_value);
static struct ovs_list lingering = OVS_LIST_INITIALIZER(&lingering);
static uint32_t last_id;            /* The last number that was given. */

static atomic_uint64_t n_resumed;
static atomic_uint64_t n_stale;
static atomic_uint64_t n_failed;
static OVSRCU_TYPE(struct dpif *) miss_dpif;
static ATOMIC(dpu_miss_restore_func *) miss_restore;

static uint32_t
miss_hash(const struct dpu_miss *miss)
{
    uint32_t hash = hash_bytes(miss->actions, miss->actions_len,
                               hash_boolean(miss->outer,
                                            odp_to_u32(miss->in_port)));

    return (miss->tunnel
            ? hash_bytes(miss->tunnel, sizeof *miss->tunnel, hash) : hash);
}

static bool
miss_equal(const struct dpu_miss *a, const struct dpu_miss *b)
{
    return (a->in_port == b->in_port
            && a->outer == b->outer
            && !a->tunnel == !b->tunnel
            && a->actions_len == b->actions_len
            && !memcmp(a->actions, b->actions, a->actions_len)
            && (!a->tunnel || !memcmp(a->tunnel, b->tunnel,
                                      sizeof *a->tunnel)));
}

static struct miss_context *
miss_find(uint32_t id)
{
    struct miss_context *ctx;

    CMAP_FOR_EACH_WITH_HASH (ctx, id_node, hash_int(id, 0), &by_id) {
        if (ctx->id == id) {
            return ctx;
        }
    }
    return NULL;
}

static struct miss_context *
miss_find_value(const struct dpu_miss *miss, uint32_t hash)
    OVS_REQUIRES(mutex)
{
    struct miss_context *ctx;

    HMAP_FOR_EACH_WITH_HASH (ctx, node, hash, &by_value) {
        if (miss_equal(&ctx->miss, miss)) {
            return ctx;
        }
    }
    return NULL;
}

/* Frees what has lingered long enough. */
static void
miss_reap(long long int now)
    OVS_REQUIRES(mutex)
{
    struct miss_context *ctx;

    LIST_FOR_EACH_SAFE (ctx, linger_node, &lingering) {
        if (now < ctx->linger_since + DPU_MARK_LINGER) {
            break;
        }
        ovs_list_remove(&ctx->linger_node);
        hmap_remove(&by_value, &ctx->node);
        cmap_remove(&by_id, &ctx->id_node, hash_int(ctx->id, 0));
        ovsrcu_postpone(free, ctx);
    }
}

/* Returns a number that is not in use, the one longest out of use, or 0. */
static uint32_t
miss_new_id(void)
    OVS_REQUIRES(mutex)
{
    if (cmap_count(&by_id) >= DPU_MARK_MAX_MISS) {
        return 0;
    }
    do {
        last_id = last_id < DPU_MARK_MAX_MISS ? last_id + 1 : 1;
    } while (miss_find(last_id));
    return last_id;
}

static struct miss_context *
miss_create(const struct dpu_miss *miss, uint32_t hash)
    OVS_REQUIRES(mutex)
{
    size_t actions_size = ROUND_UP(miss->actions_len, sizeof(uint64_t));
    uint32_t id = miss_new_id();
    struct miss_context *ctx;
    struct nlattr *actions;

    if (!id) {
        return NULL;
    }
    ctx = xzalloc(sizeof *ctx + actions_size
                  + (miss->tunnel ? sizeof *miss->tunnel : 0));
    actions = (struct nlattr *) (ctx + 1);
    memcpy(actions, miss->actions, miss->actions_len);
    ctx->miss = *miss;
    ctx->miss.actions = actions;
    if (miss->tunnel) {
        struct flow_tnl *tunnel = (void *) ((char *) actions + actions_size);

        *tunnel = *miss->tunnel;
        ctx->miss.tunnel = tunnel;
    }
    ctx->id = id;
    hmap_insert(&by_value, &ctx->node, hash);
    cmap_insert(&by_id, &ctx->id_node, hash_int(id, 0));
    return ctx;
}

uint32_t
dpu_miss_get(const struct dpu_miss *miss)
{
    uint32_t hash = miss_hash(miss);
    struct miss_context *ctx;

    ovs_mutex_lock(&mutex);
    miss_reap(time_msec());
    ctx = miss_find_value(miss, hash);
    if (!ctx) {
        ctx = miss_create(miss, hash);
    } else if (!ctx->n_refs) {
        ovs_list_remove(&ctx->linger_node);
    }
    if (ctx) {
        ctx->n_refs++;
    }
    ovs_mutex_unlock(&mutex);

    return ctx ? ctx->id : 0;
}

/* Nobody refers to 'ctx' any more. */
static void
miss_linger(struct miss_context *ctx)
    OVS_REQUIRES(mutex)
{
    ctx->linger_since = time_msec();
    ovs_list_push_back(&lingering, &ctx->linger_node);
}

void
dpu_miss_put(uint32_t id)
{
    struct miss_context *ctx;

    if (!id) {
        return;
    }
    ovs_mutex_lock(&mutex);
    ctx = miss_find(id);
    if (!--ctx->n_refs) {
        miss_linger(ctx);
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_miss_audit_refs(struct dpu_refs *refs)
{
    struct miss_context *ctx;

    ovs_mutex_lock(&mutex);
    HMAP_FOR_EACH (ctx, node, &by_value) {
        unsigned int held = ctx->n_refs;

        ctx->n_refs = dpu_refs_settle(refs, DPU_REF_MISS, ctx->id, held);
        if (held && !ctx->n_refs) {
            miss_linger(ctx);
        } else if (!held && ctx->n_refs) {
            ovs_list_remove(&ctx->linger_node);
        }
    }
    ovs_mutex_unlock(&mutex);
}

/* The META that 'packet' came up with, or 0. */
static uint32_t
miss_meta(const struct dp_packet *packet)
{
    const struct rte_mbuf *m = &packet->mbuf;

    return (m->ol_flags & RTE_MBUF_DYNFLAG_RX_METADATA
            ? rte_flow_dynf_metadata_get(CONST_CAST(struct rte_mbuf *, m))
            : 0);
}

/* Gives 'packet' the ct fields that it left hardware with.  Returns false if
 * they are not known any more. */
static bool
miss_restore_ct(struct dp_packet *packet)
{
    uint32_t meta = miss_meta(packet);
    dpu_miss_restore_func *restore;

    if (!meta) {
        return true;
    }
    atomic_read(&miss_restore, &restore);
    return restore && restore(meta, &packet->md);
}

/* Moves offset 'inner' of a packet without 'n' VLAN headers to where it is
 * with them. */
static uint16_t
miss_outer_offset(uint16_t inner, size_t n)
{
    return inner == UINT16_MAX ? inner : inner + n * VLAN_HEADER_LEN;
}

/* Finds the headers of 'packet', also behind more VLAN headers than Open
 * vSwitch looks at: hardware may have put on one of them since it did. */
static void
miss_extract(struct dp_packet *packet, struct flow *flow)
{
    struct dp_packet *inner;
    size_t n = 0;

    flow_extract(packet, flow);
    if (!eth_type_vlan(flow->dl_type)) {
        return;
    }

    inner = dp_packet_clone(packet);
    while (eth_type_vlan(flow->dl_type)
           && dp_packet_size(inner) >= VLAN_ETH_HEADER_LEN) {
        eth_pop_vlan(inner);
        flow_extract(inner, flow);
        n++;
    }
    packet->l2_5_ofs = miss_outer_offset(inner->l2_5_ofs, n);
    packet->l3_ofs = miss_outer_offset(inner->l3_ofs, n);
    packet->l4_ofs = miss_outer_offset(inner->l4_ofs, n);
    dp_packet_set_l2_pad_size(packet, dp_packet_l2_pad_size(inner));
    dp_packet_delete(inner);
}

/* Takes the headers of the tunnel that ends at 'in_port' off 'packet', which
 * has its offsets, as the datapath would.  Returns what is left, with all that
 * was in them in its metadata; or frees 'packet' and returns NULL, if they are
 * not that tunnel's or there is no such port any more. */
static struct dp_packet *
miss_pop(struct dp_packet *packet, odp_port_t in_port)
{
    struct netdev *netdev = netdev_ports_get(in_port, "netdev");
    struct dp_packet_batch batch;

    dp_packet_batch_init_packet(&batch, packet);
    if (netdev && netdev_has_tunnel_push_pop(netdev)) {
        netdev_pop_header(netdev, &batch);
    } else {
        dp_packet_delete_batch(&batch, true);
        dp_packet_batch_init(&batch);
    }
    netdev_close(netdev);
    return dp_packet_batch_is_empty(&batch) ? NULL : batch.packets[0];
}

/* Has the datapath do with 'packet_' what 'miss' says. */
static int
miss_resume(struct dpif *dpif, const struct dpu_miss *miss,
            const struct dp_packet *packet_)
{
    /* dpif_netdev_execute() gives the packet back as the actions left it, for
     * which it must not be DPDK's. */
    struct dp_packet *packet = dp_packet_clone(packet_);
    struct dpif_execute execute;
    struct flow flow;
    int error;

    if (miss->outer) {
        miss_extract(packet, &flow);
        packet = miss_pop(packet, miss->in_port);
        if (!packet) {
            return EINVAL;
        }
    } else if (miss->tunnel) {
        packet->md.tunnel = *miss->tunnel;
    }
    packet->md.in_port.odp_port = miss->in_port;
    miss_extract(packet, &flow);

    memset(&execute, 0, sizeof execute);
    execute.actions = miss->actions;
    execute.actions_len = miss->actions_len;
    execute.packet = packet;
    execute.flow = &flow;
    error = dpif_execute(dpif, &execute);
    dp_packet_delete(packet);
    return error;
}

int
dpu_miss_recover(struct netdev *netdev OVS_UNUSED, struct dp_packet *packet)
{
    struct dpif *dpif = ovsrcu_get(struct dpif *, &miss_dpif);
    const struct miss_context *ctx;
    uint64_t orig;
    uint32_t mark;
    int error;

    if (!dp_packet_has_flow_mark(packet, &mark)) {
        return 0;
    }
    if (mark > DPU_MARK_FLOW) {
        dpu_mark_restore(packet, mark);
        return 0;
    }
    /* It is not a mark of Open vSwitch's. */
    *dp_packet_ol_flags_ptr(packet) &= ~DP_PACKET_OL_FLOW_MARK;

    ctx = miss_find(mark);
    if (!ctx || !dpif || !miss_restore_ct(packet)) {
        atomic_add_relaxed(&n_stale, 1, &orig);
        VLOG_DBG_RL(&rl, "packet with the unknown miss context %"PRIu32
                    " or connection %"PRIu32, mark,
                    dpu_ct_meta_id(miss_meta(packet)));
        dp_packet_delete(packet);
        return ENOENT;
    }

    error = miss_resume(dpif, &ctx->miss, packet);
    if (error) {
        atomic_add_relaxed(&n_failed, 1, &orig);
        VLOG_WARN_RL(&rl, "failed to go on with a missed packet (%s)",
                     ovs_strerror(error));
    } else {
        atomic_add_relaxed(&n_resumed, 1, &orig);
        DPU_USDT(miss_resumed, mark, packet);
    }
    dp_packet_delete(packet);
    return EALREADY;
}

void
dpu_miss_set_dpif(struct dpif *dpif)
{
    struct dpif *old = ovsrcu_get_protected(struct dpif *, &miss_dpif);

    if (old != dpif) {
        ovsrcu_set(&miss_dpif, dpif);
        if (old) {
            /* It may be closed next: wait for who is about to use it. */
            ovsrcu_synchronize();
        }
    }
}

void
dpu_miss_set_restore(dpu_miss_restore_func *restore)
{
    atomic_store(&miss_restore, restore);
}

void
dpu_miss_get_stats(struct dpu_miss_stats *stats)
{
    atomic_read_relaxed(&n_resumed, &stats->resumed);
    atomic_read_relaxed(&n_stale, &stats->stale);
    atomic_read_relaxed(&n_failed, &stats->failed);
    ovs_mutex_lock(&mutex);
    miss_reap(time_msec());
    stats->n_lingering = ovs_list_size(&lingering);
    stats->n_contexts = cmap_count(&by_id) - stats->n_lingering;
    ovs_mutex_unlock(&mutex);
}
