/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-rank: gives the room on a full device to the megaflows that carry
 * the traffic.  Whom that concerns is dpu-rank.c's.
 *
 * The rate of what is in hardware is that of its counters.  What waits is seen
 * by software alone, which each copy of a megaflow is asked for. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/match.h"
#include "util.h"

COVERAGE_DEFINE(dpu_flow_displaced);

/* A megaflow that a place was made for, and that does not fit there, is not
 * tried again so soon, in msec. */
#define DPU_FLOW_RANK_PAUSE 60000

static bool
dpu_flow_is_ranking(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    bool ranking;

    atomic_read_relaxed(&t->ranking, &ranking);
    return ranking;
}

/* Whether 'flow' waits for room. */
static bool
dpu_flow_waits(const struct dpu_flow *flow)
{
    return (flow->rare && flow->rare->waiting && !flow->n_rules
            && flow->code == DPU_REASON_DEVICE_FULL);
}

/* What ports have, with '*n_rules' for it. */
static struct dpu_rank_ports
dpu_flow_rank_ports(struct dpu_flow_table *t,
                    uint32_t n_rules[RTE_MAX_ETHPORTS])
{
    for (size_t i = 0; i < RTE_MAX_ETHPORTS; i++) {
        atomic_read_relaxed(&t->port_rules[i], &n_rules[i]);
    }
    return (struct dpu_rank_ports) {
        .n_rules = n_rules,
        .capacity = t->full_rules,
        .share = dpu_rank_share(),
    };
}

/* 'asker', a copy of the megaflow of 'rare', has seen 'packets' in all.  If
 * 'ever', those from before it was first asked count as well, and the one that
 * it was made for, which Open vSwitch itself does not count. */
void
dpu_flow_see_software(struct dpu_flow_rare *rare, const void *asker,
                      uint64_t packets, bool ever)
{
    for (size_t i = 0; i < DPU_FLOW_MAX_COPIES; i++) {
        struct dpu_flow_copy *copy = &rare->copies[i];

        if (copy->asker == asker) {
            rare->software += (packets > copy->packets
                               ? packets - copy->packets : 0);
            copy->packets = packets;
            return;
        } else if (!copy->asker) {
            *copy = (struct dpu_flow_copy) { asker, packets };
            rare->software += ever ? packets + 1 : 0;
            return;
        }
    }
}

/* 'flow', whose counter was just read for 'asker', which may be NULL, may be
 * one to move. */
void
dpu_flow_rank_offer(struct dpu_flow_table *t, struct dpu_flow *flow,
                    const void *asker, long long int now)
{
    uint32_t n_rules[RTE_MAX_ETHPORTS];
    struct dpu_rank_ports ports;
    struct dpu_flow_rare *rare;

    if (!dpu_flow_is_ranking(t) || flow->policer
        || (!flow->n_rules && !dpu_flow_waits(flow))) {
        return;
    }
    rare = dpu_flow_rare(flow);
    if (now < rare->rank_after) {
        return;
    }
    if (flow->n_rules) {
        dpu_rank_rate_update(&rare->rate, (flow->stats.base_packets
                                           + flow->stats.packets), now);
    } else if (asker && t->software) {
        dpu_flow_see_software(rare, asker, t->software(asker), false);
        dpu_rank_rate_update(&rare->rate, rare->software, now);
    }

    ovs_mutex_lock(&t->mutex);
    ports = dpu_flow_rank_ports(t, n_rules);
    dpu_rank_offer(&t->rank, &flow->key.ufid, flow->key.ethdev,
                   flow->n_rules > 0, &rare->rate, &ports);
    ovs_mutex_unlock(&t->mutex);
}

/* Takes the rules of 'key' off the device, so that others may have the room.
 * Returns false if it has none. */
static bool
dpu_flow_displace(struct dpu_flow_table *t, const struct dpu_flow_key *key)
{
    struct ovs_mutex *lock = dpu_flow_begin(t, key);
    struct dpu_flow *flow;
    bool displaced = false;

    flow = dpu_flow_find(t, key);
    if (flow && flow->n_rules && !dpu_flow_gone(t, flow->target)) {
        struct dpu_flow_rare *rare = dpu_flow_rare(flow);

        dpu_flow_retire(t, flow);
        free(rare->detail);
        rare->detail = xstrdup("others have more traffic");
        memset(&rare->rate, 0, sizeof rare->rate);
        memset(rare->copies, 0, sizeof rare->copies);
        rare->software = 0;
        dpu_flow_turn_down(t, flow, DPU_REASON_DEVICE_FULL);
        displaced = true;
    }
    dpu_flow_end(t, lock);
    return displaced;
}

/* Brings 'key', if it waits for room, onto the device.  Returns true if it is
 * there. */
static bool
dpu_flow_place_one(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                   const struct dpu_port_map *map)
{
    struct ovs_mutex *lock = dpu_flow_begin(t, key);
    struct dpu_megaflow megaflow;
    struct dpu_flow *flow;
    struct match match;
    bool placed = false;

    flow = dpu_flow_find(t, key);
    if (flow && dpu_flow_waits(flow)) {
        dpu_flow_megaflow(flow, &match, &megaflow);
        placed = dpu_flow_put__(t, key, &megaflow, map, flow);
    }
    dpu_flow_end(t, lock);
    return placed;
}

static struct dpu_flow_key
dpu_flow_rank_key(const struct dpu_rank_entry *entry)
{
    return (struct dpu_flow_key) { entry->ufid, entry->ethdev };
}

/* 'key', for which a place was made, found it too small. */
static void
dpu_flow_rank_pause(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                    long long int now)
{
    struct ovs_mutex *lock = dpu_flow_lock(t, key);
    struct dpu_flow *flow;

    ovs_mutex_lock(lock);
    flow = dpu_flow_find(t, key);
    if (flow) {
        dpu_flow_rare(flow)->rank_after = now + DPU_FLOW_RANK_PAUSE;
    }
    ovs_mutex_unlock(lock);
}

void
dpu_flow_rank(struct dpu_flow_table *t, const struct dpu_port_map *map,
              long long int now)
{
    struct dpu_rank_entry in[DPU_RANK_MAX], out[DPU_RANK_MAX];
    uint32_t n_rules[RTE_MAX_ETHPORTS];
    struct dpu_rank_ports ports;
    size_t n;

    if (!dpu_flow_is_ranking(t)) {
        return;
    }
    ovs_mutex_lock(&t->mutex);
    ports = dpu_flow_rank_ports(t, n_rules);
    n = dpu_rank_take(&t->rank, now, &ports, in, out);
    ovs_mutex_unlock(&t->mutex);

    for (size_t i = 0; i < n; i++) {
        const struct dpu_flow_key in_key = dpu_flow_rank_key(&in[i]);
        const struct dpu_flow_key out_key = dpu_flow_rank_key(&out[i]);

        if (dpu_flow_displace(t, &out_key)) {
            COVERAGE_INC(dpu_flow_displaced);
            if (!dpu_flow_place_one(t, &in_key, map)) {
                dpu_flow_rank_pause(t, &in_key, now);
                /* There is room for who was there a moment ago. */
                atomic_store_relaxed(&t->full, false);
                dpu_flow_place_one(t, &out_key, map);
            }
        }
    }
}
