/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow: a megaflow's value, and what is done to megaflows one by one.
 * Where they are found is dpu-flow-table.c's, their rules are
 * dpu-flow-rule.c's, what becomes of all that a change concerns
 * dpu-flow-review.c's, who has a full device dpu-flow-rank.c's, who has to wait
 * for packets dpu-flow-minimum.c's. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include <errno.h>
#include <string.h>

#include "dpif.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"
#include "uuid.h"

#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/device/dpu-usdt.h"
#include "ofproto-dpif-dpu/flow/dpu-clock.h"
#include "ofproto-dpif-dpu/flow/dpu-flow-order.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"

VLOG_DEFINE_THIS_MODULE(dpu_flow);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
static struct vlog_rate_limit dbg_rl = VLOG_RATE_LIMIT_INIT(600, 600);

/* Devices that are gone. */

/* Whether 'ethdev' has vanished. */
bool
dpu_flow_gone(const struct dpu_flow_table *t_, uint16_t ethdev)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    bool gone;

    atomic_read_relaxed(&t->gone[ethdev], &gone);
    return gone;
}

bool
dpu_flow_is_gone(const struct dpu_flow_table *t, uint16_t ethdev)
{
    return dpu_flow_gone(t, ethdev) || dpu_flow_gone(t, t->proxies[ethdev]);
}

void
dpu_flow_set_gone(struct dpu_flow_table *t, uint16_t ethdev)
{
    if (!dpu_flow_gone(t, ethdev)) {
        VLOG_WARN("ethdev %"PRIu16" vanished, and its rules with it", ethdev);
        atomic_store_relaxed(&t->gone[ethdev], true);
        atomic_store_relaxed(&t->any_gone, true);
    }
}

/* The device did not do 'what' for 'flow', because of 'reason'. */
void
dpu_flow_failed(struct dpu_flow_table *t, const struct dpu_flow *flow,
                const char *what, const struct dpu_reason *reason)
{
    if (reason->code == DPU_REASON_DEVICE_GONE) {
        dpu_flow_set_gone(t, flow->target);
    } else if (reason->code == DPU_REASON_DEVICE_ERROR) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": %s flow "UUID_FMT": %s",
                     flow->target, what,
                     UUID_ARGS((const struct uuid *) &flow->key.ufid),
                     reason->detail);
    }
}

/* The value of one megaflow. */

/* Behind a megaflow's values. */
static uint64_t *
dpu_flow_tunnel(const struct dpu_flow *flow)
{
    return CONST_CAST(uint64_t *,
                      &flow->values[dpu_packed_n(flow->mask->size)]);
}

const uint16_t *
dpu_flow_refs(const struct dpu_flow *flow)
{
    return (const uint16_t *) (dpu_flow_tunnel(flow) + flow->tunnel_words);
}

/* Words of the tunnel's fields of 'match', or 0. */
static size_t
dpu_flow_tunnel_words(const struct match *match)
{
    const struct flow_tnl *tunnel = &match->flow.tunnel;

    BUILD_ASSERT_DECL(sizeof *tunnel / sizeof(uint64_t) < UINT8_MAX);
    return (flow_tnl_dst_is_set(tunnel)
            ? DIV_ROUND_UP(flow_tnl_size(tunnel), sizeof(uint64_t)) : 0);
}

static struct dpu_flow *
dpu_flow_create(const struct dpu_flow_key *key,
                const struct dpu_megaflow *megaflow,
                const struct dpu_packed *packed,
                const struct dpu_plan_result *result)
{
    size_t tunnel_words = dpu_flow_tunnel_words(megaflow->match);
    size_t values_size = packed->n * sizeof packed->values[0];
    size_t refs_size = result->n_refs * sizeof result->refs[0];
    struct dpu_flow *flow;

    BUILD_ASSERT_DECL(DPU_PORT_RECORD_MAX <= UINT8_MAX);
    flow = xmalloc(sizeof *flow + values_size
                   + tunnel_words * sizeof flow->values[0] + refs_size);
    memset(flow, 0, sizeof *flow);
    flow->key = *key;
    flow->mask = (result->mask
                  ? dpu_shared_ref(result->mask)
                  : dpu_shared_get(&packed->mask,
                                   dpu_packed_mask_size(packed->n)));
    flow->actions = (result->actions
                     ? dpu_shared_ref(result->actions)
                     : dpu_shared_get(megaflow->actions,
                                      megaflow->actions_len));
    flow->flow_mark = megaflow->flow_mark;
    flow->policer = megaflow->policer;
    flow->tunnel_words = tunnel_words;
    flow->n_refs = result->n_refs;
    memcpy(flow->values, packed->values, values_size);
    if (tunnel_words) {
        flow_tnl_copy__((struct flow_tnl *) dpu_flow_tunnel(flow),
                        &megaflow->match->flow.tunnel);
    }
    if (refs_size) {
        memcpy(dpu_flow_tunnel(flow) + tunnel_words, result->refs, refs_size);
    }
    return flow;
}

/* Frees what 'flow' has beside its own memory. */
static void
dpu_flow_clear(struct dpu_flow *flow)
{
    if (flow->rare) {
        free(flow->rare->detail);
        free(flow->rare);
    }
    dpu_shared_put(flow->mask);
    dpu_shared_put(flow->actions);
    free(flow->more);
}

void
dpu_flow_free(struct dpu_flow *flow)
{
    dpu_flow_clear(flow);
    free(flow);
}

/* Bytes of 'flow'. */
size_t
dpu_flow_size(const struct dpu_flow *flow)
{
    return ((const char *) (dpu_flow_refs(flow) + flow->n_refs)
            - (const char *) flow);
}

/* Moves 'from', which is in no table, to where 'to' is, which is freed.  They
 * have the same key and size. */
void
dpu_flow_move(struct dpu_flow *to, struct dpu_flow *from)
{
    size_t start = offsetof(struct dpu_flow, flow_mark);

    dpu_flow_clear(to);
    memcpy((char *) to + start, (char *) from + start,
           dpu_flow_size(from) - start);
    free(from);
}

/* Returns what few megaflows have, of 'flow'. */
struct dpu_flow_rare *
dpu_flow_rare(struct dpu_flow *flow)
{
    if (!flow->rare) {
        flow->rare = xzalloc(sizeof *flow->rare);
        flow->rare->flow = flow;
    }
    return flow->rare;
}

/* Whether 'flow' is what 'megaflow', whose match is 'packed', asks for. */
static bool
dpu_flow_equals(const struct dpu_flow *flow,
                const struct dpu_megaflow *megaflow,
                const struct dpu_packed *packed)
{
    return (flow->flow_mark == megaflow->flow_mark
            && flow->actions->size == megaflow->actions_len
            && flow->mask->size == dpu_packed_mask_size(packed->n)
            && !memcmp(flow->mask->data, &packed->mask, flow->mask->size)
            && !memcmp(flow->values, packed->values,
                       packed->n * sizeof packed->values[0])
            && (!megaflow->actions_len
                || !memcmp(flow->actions->data, megaflow->actions,
                           megaflow->actions_len)));
}

void
dpu_flow_match(const struct dpu_flow *flow, struct match *match)
{
    dpu_packed_expand((const struct dpu_packed_mask *) flow->mask->data,
                      flow->values, match);
    if (flow->tunnel_words) {
        flow_tnl_copy__(&match->flow.tunnel,
                        (const struct flow_tnl *) dpu_flow_tunnel(flow));
    }
}

/* Stores the megaflow that 'flow' was made of in '*megaflow', with its match
 * in '*match'. */
void
dpu_flow_megaflow(const struct dpu_flow *flow, struct match *match,
                  struct dpu_megaflow *megaflow)
{
    dpu_flow_match(flow, match);
    *megaflow = (struct dpu_megaflow) {
        .match = match,
        .origin = flow->key.ethdev,
        .flow_mark = flow->flow_mark,
        .policer = flow->policer,
    };
    megaflow->actions = dpu_flow_actions(flow, &megaflow->actions_len);
}

enum dpu_flow_place
dpu_flow_place(const struct dpu_flow_table *t, const struct dpu_flow *flow)
{
    return (!flow->n_rules || dpu_flow_gone(t, flow->target)
            ? DPU_FLOW_IN_SOFTWARE
            : flow->partial ? DPU_FLOW_IN_PART : DPU_FLOW_IN_HARDWARE);
}

void
dpu_flow_reason(const struct dpu_flow *flow, struct dpu_reason *reason)
{
    dpu_reason_set(reason, flow->code, "%s",
                   flow->rare && flow->rare->detail ? flow->rare->detail : "");
    if (flow->code == DPU_REASON_BELOW_MINIMUM) {
        dpu_flow_minimum_reason(flow, reason);
    }
}

static void
dpu_flow_log_refusal(const struct dpu_flow *flow,
                     const struct dpu_reason *reason)
{
    if (!VLOG_DROP_DBG(&dbg_rl)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        dpu_reason_format(reason, &s);
        VLOG_DBG("flow "UUID_FMT" at ethdev %"PRIu16": %s",
                 UUID_ARGS((const struct uuid *) &flow->key.ufid),
                 flow->key.ethdev, ds_cstr(&s));
        ds_destroy(&s);
    }
}

/* The verbs. */

/* Puts 'spec' on the device as the rules of 'flow', a new megaflow that is not
 * in 't' yet, in place of those of 'old', which may be NULL. */
static bool
dpu_flow_bring(struct dpu_flow_table *t, struct dpu_flow *old,
               struct dpu_flow *flow, struct dpu_spec *spec,
               struct dpu_reason *reason)
{
    return (old && old->n_rules
            ? dpu_flow_replace(t, old, flow, spec, reason)
            : (dpu_flow_admit(t, reason)
               && dpu_flow_install(t, flow, spec, 0, reason)));
}

/* Brings 'megaflow', whose match is 'packed', onto the device as '*flowp', a
 * new megaflow that is not in 't' yet; 'old', which may be NULL, is what it
 * takes the place of.  Returns false with '*reason' unless it is there as a
 * whole. */
static bool
dpu_flow_offload(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                 const struct dpu_megaflow *megaflow,
                 const struct dpu_packed *packed,
                 const struct dpu_port_map *map, struct dpu_flow *old,
                 struct dpu_flow **flowp, struct dpu_reason *reason)
{
    const struct dpu_plan_caps caps = { &t->caps, t->caps_id };
    struct dpu_plan_result result = { .n_refs = 0 };
    struct dpu_spec *spec = NULL, own;
    struct dpu_port_record record;
    struct dpu_reason ignored;
    bool installed;

    own.more = NULL;
    dpu_port_record_init(&record, map);
    if (dpu_flow_is_gone(t, key->ethdev)) {
        dpu_reason_set(reason, DPU_REASON_DEVICE_GONE, "%s", "");
    } else if (dpu_flow_is_below_minimum(t, old, megaflow)) {
        dpu_reason_set(reason, DPU_REASON_BELOW_MINIMUM, "%s", "");
    } else {
        spec = dpu_plan_translate(megaflow, packed, &record, &caps, &own,
                                  &result, reason);
    }
    *flowp = dpu_flow_create(key, megaflow, packed, &result);
    installed = spec && dpu_flow_bring(t, old, *flowp, spec, reason);
    dpu_spec_free_more(&own);
    if (!installed && dpu_partial_translate(megaflow, &record.up, &t->caps,
                                            reason, &own)) {
        dpu_flow_bring(t, old, *flowp, &own, &ignored);
    }
    return installed;
}

/* Does dpu_flow_put(), with the lock of 'key' held, in place of 'old', which
 * may be NULL. */
bool
dpu_flow_put__(struct dpu_flow_table *t, const struct dpu_flow_key *key,
               const struct dpu_megaflow *megaflow,
               const struct dpu_port_map *map, struct dpu_flow *old)
{
    struct dpu_packed packed;
    struct dpu_reason reason;
    struct dpu_flow *flow;
    bool offloaded;

    dpu_packed_init(&packed, megaflow->match);
    if (old && old->n_rules && !dpu_flow_gone(t, old->target)
        && dpu_flow_equals(old, megaflow, &packed)) {
        return true;
    }

    offloaded = dpu_flow_offload(t, key, megaflow, &packed, map, old, &flow,
                                 &reason);
    if (!offloaded) {
        flow->code = reason.code;
        DPU_USDT(megaflow_refused, &key->ufid, key->ethdev, reason.code,
                 reason.detail);
        if (reason.detail[0]) {
            dpu_flow_rare(flow)->detail = xstrdup(reason.detail);
        }
        dpu_flow_log_refusal(flow, &reason);
    }
    if (old) {
        /* It would be wrong now, whatever became of the new one. */
        dpu_flow_retire(t, old);
        dpu_stats_inherit(&flow->stats, &old->stats);
    }
    flow = dpu_flow_publish(t, old, flow);
    if (flow->n_rules) {
        DPU_USDT(megaflow_put, &key->ufid, key->ethdev, flow->n_rules,
                 flow->partial);
    }
    return flow->n_rules > 0;
}

bool
dpu_flow_put(struct dpu_flow_table *t, const struct dpu_flow_key *key,
             const struct dpu_megaflow *megaflow,
             const struct dpu_port_map *map)
{
    struct ovs_mutex *lock = dpu_flow_begin(t, key);
    bool offloaded;

    offloaded = dpu_flow_put__(t, key, megaflow, map,
                               dpu_flow_order_find(t, key));
    dpu_flow_end(t, lock);

    return offloaded;
}

int
dpu_flow_get(struct dpu_flow_table *t, const struct dpu_flow_key *key,
             const void *asker, struct dpif_flow_stats *stats,
             enum dpu_flow_place *place)
{
    struct ovs_mutex *lock = dpu_flow_lock(t, key);
    struct dpu_flow *flow;

    ovs_mutex_lock(lock);
    flow = dpu_flow_order_find(t, key);
    if (flow) {
        long long int now = dpu_clock_msec();

        dpu_flow_count(t, flow, now);
        dpu_flow_rank_offer(t, flow, asker, now);
        dpu_flow_minimum_check(t, flow, asker, now);
        dpu_stats_tell(&flow->stats, asker, now, stats);
        *place = dpu_flow_place(t, flow);
    }
    ovs_mutex_unlock(lock);
    dpu_flow_order_learn(t);

    return flow ? 0 : ENOENT;
}

void
dpu_flow_leave(struct dpu_flow_table *t, const struct dpu_flow_key *key,
               const void *asker)
{
    struct ovs_mutex *lock = dpu_flow_begin(t, key);
    struct dpu_flow *flow;

    flow = dpu_flow_find(t, key);
    if (flow && !flow->stats.shared
        && (!flow->stats.asker || flow->stats.asker == asker)) {
        dpu_flow_retire(t, flow);
    }
    dpu_flow_end(t, lock);
}

int
dpu_flow_del(struct dpu_flow_table *t, const struct dpu_flow_key *key,
             struct dpif_flow_stats *stats)
{
    struct ovs_mutex *lock = dpu_flow_begin(t, key);
    struct dpu_flow *flow;
    int error = ENOENT;

    flow = dpu_flow_order_find(t, key);
    if (flow) {
        dpu_flow_retire(t, flow);
        if (stats) {
            dpu_stats_get(&flow->stats, stats);
        }
        dpu_flow_remove(t, flow);
        error = 0;
    }
    dpu_flow_end(t, lock);

    return error;
}

/* What others see. */

struct dpu_flow_visitor {
    bool count;
    void (*cb)(const struct dpu_flow *, void *aux);
    void *aux;
};

static void
dpu_flow_visit_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                  const void *visitor_)
{
    const struct dpu_flow_visitor *visitor = visitor_;

    if (visitor->count) {
        dpu_flow_count(t, flow, dpu_clock_msec());
    }
    visitor->cb(flow, visitor->aux);
}

void
dpu_flow_for_each(struct dpu_flow_table *t, bool count,
                  void (*cb)(const struct dpu_flow *, void *aux), void *aux)
{
    struct dpu_flow_visitor visitor = { count, cb, aux };

    dpu_flow_walk(t, dpu_flow_visit_cb, &visitor);
}

bool
dpu_flow_visit(struct dpu_flow_table *t, const struct dpu_flow_key *key,
               void (*cb)(const struct dpu_flow *, void *aux), void *aux)
{
    struct ovs_mutex *lock = dpu_flow_lock(t, key);
    struct dpu_flow *flow;

    ovs_mutex_lock(lock);
    flow = dpu_flow_find(t, key);
    if (flow) {
        dpu_flow_count(t, flow, dpu_clock_msec());
        cb(flow, aux);
    }
    ovs_mutex_unlock(lock);

    return flow != NULL;
}
