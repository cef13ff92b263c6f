/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-review: what becomes of megaflows when something that their rules
 * rest on changes: room on the device, a port, a meter, the device itself.
 *
 * Thread-safety: callbacks of dpu_flow_walk() run with the lock of their
 * megaflow held. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/match.h"
#include "ovs-atomic.h"
#include "util.h"

/* Those that wait. */

/* Takes the rules of 'flow' off until dpu_flow_retry(). */
void
dpu_flow_put_off(struct dpu_flow_table *t, struct dpu_flow *flow)
{
    dpu_flow_retire(t, flow);
    ovs_mutex_lock(&t->mutex);
    dpu_flow_wait(t, flow);
    ovs_mutex_unlock(&t->mutex);
}

static void
dpu_flow_suspend_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                    const void *ethdev_)
{
    const uint16_t *ethdev = ethdev_;

    if (flow->n_rules && flow->target == *ethdev) {
        dpu_flow_put_off(t, flow);
    }
}

void
dpu_flow_suspend(struct dpu_flow_table *t, uint16_t ethdev)
{
    dpu_flow_walk(t, dpu_flow_suspend_cb, &ethdev);
}

bool
dpu_flow_any_waiting(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    bool any_waiting;

    atomic_read_relaxed(&t->any_waiting, &any_waiting);
    return any_waiting;
}

/* Gives the first megaflow of 'list', one of those that 't' has, a try. */
void
dpu_flow_try_first(struct dpu_flow_table *t, struct ovs_list *list,
                   const struct dpu_port_map *map)
{
    struct dpu_megaflow megaflow;
    struct dpu_flow_key key;
    struct dpu_flow *flow;
    struct ovs_mutex *lock;
    struct match match;

    ovs_mutex_lock(&t->mutex);
    if (ovs_list_is_empty(list)) {
        ovs_mutex_unlock(&t->mutex);
        return;
    }
    flow = CONTAINER_OF(ovs_list_front(list), struct dpu_flow_rare,
                        wait_node)->flow;
    key = flow->key;
    ovs_mutex_unlock(&t->mutex);

    /* Its own lock comes before 'mutex': it may be gone meanwhile. */
    lock = dpu_flow_begin(t, &key);
    flow = dpu_flow_find(t, &key);
    if (flow && flow->rare && flow->rare->waiting) {
        dpu_flow_megaflow(flow, &match, &megaflow);
        dpu_flow_put__(t, &key, &megaflow, map, flow);
    }
    dpu_flow_end(t, lock);
}

bool
dpu_flow_retry(struct dpu_flow_table *t, const struct dpu_port_map *map)
{
    struct dpu_reason reason;

    if (!dpu_flow_any_waiting(t) || !dpu_flow_admit(t, &reason)) {
        return false;
    }
    dpu_flow_try_first(t, &t->waiting, map);
    return dpu_flow_admit(t, &reason);
}

/* Those that have to leave. */

static bool
dpu_flow_refers_to(const struct dpu_flow *flow, uint16_t ethdev)
{
    const uint16_t *refs = dpu_flow_refs(flow);

    for (size_t i = 0; i < flow->n_refs; i++) {
        if (refs[i] == ethdev) {
            return true;
        }
    }
    return flow->key.ethdev == ethdev;
}

static void
dpu_flow_evict_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                  const void *ethdev_)
{
    const uint16_t *ethdev = ethdev_;

    if (flow->n_rules && !flow->policer
        && dpu_flow_refers_to(flow, *ethdev)) {
        dpu_flow_retire(t, flow);
        dpu_flow_turn_down(t, flow, (flow->key.ethdev == *ethdev
                                     ? DPU_REASON_IN_PORT
                                     : DPU_REASON_OUTPUT_PORT));
    }
}

void
dpu_flow_evict(struct dpu_flow_table *t, uint16_t ethdev)
{
    dpu_flow_walk(t, dpu_flow_evict_cb, &ethdev);
}

static void
dpu_flow_retire_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                   const void *aux OVS_UNUSED)
{
    dpu_flow_retire(t, flow);
}

void
dpu_flow_evict_all(struct dpu_flow_table *t)
{
    dpu_flow_walk(t, dpu_flow_retire_cb, NULL);
}

static void
dpu_flow_forget_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                   const void *ethdev_)
{
    const uint16_t *ethdev = ethdev_;

    if (flow->key.ethdev == *ethdev) {
        dpu_flow_retire(t, flow);
        dpu_flow_remove(t, flow);
    } else {
        dpu_flow_evict_cb(t, flow, ethdev);
    }
}

void
dpu_flow_forget(struct dpu_flow_table *t, uint16_t ethdev)
{
    dpu_flow_walk(t, dpu_flow_forget_cb, &ethdev);
}

static void
dpu_flow_abandon_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                    const void *aux OVS_UNUSED)
{
    if (flow->n_rules && dpu_flow_gone(t, flow->target)) {
        dpu_flow_retire(t, flow);
        dpu_flow_turn_down(t, flow, DPU_REASON_DEVICE_GONE);
    }
}

void
dpu_flow_abandon(struct dpu_flow_table *t)
{
    bool any_gone;

    atomic_read_relaxed(&t->any_gone, &any_gone);
    if (any_gone) {
        atomic_store_relaxed(&t->any_gone, false);
        dpu_flow_walk(t, dpu_flow_abandon_cb, NULL);
    }
}

void
dpu_flow_vanish(struct dpu_flow_table *t, uint16_t ethdev)
{
    dpu_flow_set_gone(t, ethdev);
    dpu_flow_abandon(t);
}

/* Those that are translated once more. */

struct dpu_flow_reviewer {
    uint16_t ethdev;            /* Of a port, or... */
    uint32_t meter;             /* ...a meter of the datapath. */
    const struct dpu_port_map *map;
};

/* Takes the rules of 'flow' off and translates it once more.  Returns true if
 * it is in hardware again. */
bool
dpu_flow_redo(struct dpu_flow_table *t, struct dpu_flow *flow,
              const struct dpu_port_map *map)
{
    struct dpu_flow_key key = flow->key;
    struct dpu_megaflow megaflow;
    struct match match;

    dpu_flow_retire(t, flow);
    dpu_flow_megaflow(flow, &match, &megaflow);
    return dpu_flow_put__(t, &key, &megaflow, map, flow);
}

static void
dpu_flow_review_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                   const void *reviewer_)
{
    const struct dpu_flow_reviewer *reviewer = reviewer_;

    if (flow->policer) {
        return;                 /* It does not depend on ports. */
    }
    if ((flow->n_rules
         && (flow->copies || dpu_flow_refers_to(flow, reviewer->ethdev)))
        || flow->code == DPU_REASON_ACTION_SOFTWARE
        || flow->code == DPU_REASON_OUTPUT_PORT) {
        dpu_flow_redo(t, flow, reviewer->map);
    }
}

void
dpu_flow_review(struct dpu_flow_table *t, uint16_t ethdev,
                const struct dpu_port_map *map)
{
    const struct dpu_flow_reviewer reviewer = {
        .ethdev = ethdev,
        .map = map,
    };

    dpu_flow_walk(t, dpu_flow_review_cb, &reviewer);
}

static void
dpu_flow_review_meter_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                         const void *reviewer_)
{
    const struct dpu_flow_reviewer *reviewer = reviewer_;

    const struct nlattr *actions;
    size_t actions_len;

    actions = dpu_flow_actions(flow, &actions_len);
    if (dpu_megaflow_has_action(actions, actions_len, OVS_ACTION_ATTR_METER,
                                reviewer->meter)) {
        dpu_flow_redo(t, flow, reviewer->map);
    }
}

void
dpu_flow_review_meter(struct dpu_flow_table *t, uint32_t id,
                      const struct dpu_port_map *map)
{
    const struct dpu_flow_reviewer reviewer = { .meter = id, .map = map };

    dpu_flow_walk(t, dpu_flow_review_meter_cb, &reviewer);
}
