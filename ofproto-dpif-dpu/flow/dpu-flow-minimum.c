/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-minimum: keeps megaflows in software until they have had enough
 * packets there.  How many that is, is dpu-minimum.c's.
 *
 *     (nothing) --put--> below the minimum --get, enough--> ripe
 *                                                            |
 *                  in hardware, or refused <--put, or when a thread has time
 *
 * Whoever reads a megaflow's counts, as the revalidators do, sees that it is
 * ripe, and leaves it to a thread that makes rules: no reader ever waits on a
 * device.  What has been in hardware or was refused is never asked for a
 * minimum again. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include "openvswitch/list.h"
#include "ovs-atomic.h"

#include "ofproto-dpif-dpu/flow/dpu-minimum.h"

/* Whether 'megaflow', which is 'old' up to now (or NULL), has to stay in
 * software for the present.  Without a way to see its packets there it could
 * never leave. */
bool
dpu_flow_is_below_minimum(const struct dpu_flow_table *t,
                          const struct dpu_flow *old,
                          const struct dpu_megaflow *megaflow)
{
    return (dpu_minimum_is_set() && t->software && !megaflow->policer
            && (!old || (old->code == DPU_REASON_BELOW_MINIMUM
                         && !(old->rare && old->rare->waiting))));
}

/* 'flow' was just read for 'asker', which may be NULL: it may be ripe. */
void
dpu_flow_minimum_check(struct dpu_flow_table *t, struct dpu_flow *flow,
                       const void *asker, long long int now)
{
    struct dpu_flow_rare *rare;

    if (flow->code != DPU_REASON_BELOW_MINIMUM || !asker) {
        return;
    }
    rare = dpu_flow_rare(flow);
    dpu_flow_see_software(rare, asker, t->software(asker), true);
    dpu_rank_rate_update(&rare->rate, rare->software, now);
    if (!rare->waiting
        && dpu_minimum_is_reached(rare->software, &rare->rate)) {
        ovs_mutex_lock(&t->mutex);
        rare->waiting = true;
        ovs_list_push_back(&t->ripe, &rare->wait_node);
        atomic_store_relaxed(&t->any_ripe, true);
        ovs_mutex_unlock(&t->mutex);
    }
}

/* Stores how far 'flow' is from the minimum in '*reason'. */
void
dpu_flow_minimum_reason(const struct dpu_flow *flow,
                        struct dpu_reason *reason)
{
    static const struct dpu_flow_rare none;
    const struct dpu_flow_rare *rare = flow->rare ? flow->rare : &none;

    dpu_minimum_format(rare->software, &rare->rate, reason->detail,
                       sizeof reason->detail);
}

bool
dpu_flow_any_ripe(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    bool any_ripe;

    atomic_read_relaxed(&t->any_ripe, &any_ripe);
    return any_ripe;
}

void
dpu_flow_put_ripe(struct dpu_flow_table *t, const struct dpu_port_map *map)
{
    if (dpu_flow_any_ripe(t)) {
        dpu_flow_try_first(t, &t->ripe, map);
    }
}
