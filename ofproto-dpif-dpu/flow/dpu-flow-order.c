/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-order.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

/* Once so many notes in a row were wrong the order seems to be one that does
 * not repeat: nothing is fetched, and one in so many is noted. */
#define MAX_WRONG 8

/* A megaflow that was asked for. */
struct step {
    struct dpu_flow_key key;
    const struct dpu_flow *next;    /* What it had noted. */
};

/* Where this thread is. */
static __thread struct {
    const struct dpu_flow_table *table;     /* Of the steps, or NULL. */
    struct step steps[DPU_FLOW_AHEAD];
    size_t n;                   /* The last one is number 'n' % DPU_FLOW_AHEAD... */
    const struct dpu_flow *flow;    /* ...and was here. */
    struct dpu_flow_key before; /* Came so long before it... */
    bool note;                  /* ...and has to note it. */
    size_t n_wrong;             /* Notes in a row. */
} here;

/* Has the processor fetch what 'flow' notes, in 't': its place in the hash
 * table, and what is read to find it and to tell its counts. */
static void
fetch_next(struct dpu_flow_table *t, const struct dpu_flow *flow)
{
    struct dpu_flow_shard *shard = &t->shards[flow->next_shard];
    const char *p = (const char *) flow->next;
    struct hmap_node **buckets;
    size_t mask;

    if (!p) {
        return;
    }
    atomic_read_relaxed(&shard->buckets, &buckets);
    atomic_read_relaxed(&shard->mask, &mask);
    OVS_PREFETCH(&buckets[flow->next_hash & mask]);
    for (size_t i = 0; i < offsetof(struct dpu_flow, mask);
         i += CACHE_LINE_SIZE) {
        OVS_PREFETCH_WRITE(p + i);
    }
    OVS_PREFETCH_WRITE(p + offsetof(struct dpu_flow, mask) - 1);
}

struct dpu_flow *
dpu_flow_order_find(struct dpu_flow_table *t, const struct dpu_flow_key *key)
{
    struct dpu_flow *flow = dpu_flow_find(t, key);
    struct step *step;

    here.note = false;
    if (!flow) {
        return NULL;
    }
    if (here.table != t) {
        memset(here.steps, 0, sizeof here.steps);
        here.table = t;
    }
    step = &here.steps[++here.n % DPU_FLOW_AHEAD];
    if (flow == step->next) {
        here.n_wrong = 0;
    } else if (here.n_wrong++ < MAX_WRONG || !(here.n_wrong % MAX_WRONG)) {
        here.before = step->key;
        here.note = true;
    }
    step->key = *key;
    step->next = flow->next;
    here.flow = flow;
    if (here.n_wrong < MAX_WRONG) {
        fetch_next(t, flow);
    }
    return flow;
}

void
dpu_flow_order_learn(struct dpu_flow_table *t)
{
    const struct dpu_flow_key *key = &here.steps[here.n % DPU_FLOW_AHEAD].key;
    struct ovs_mutex *lock;
    struct dpu_flow *flow;

    if (!here.note) {
        return;
    }
    here.note = false;
    lock = dpu_flow_lock(t, &here.before);
    ovs_mutex_lock(lock);
    flow = dpu_flow_find(t, &here.before);
    if (flow) {
        flow->next = here.flow;
        flow->next_hash = dpu_flow_hash(key);
        flow->next_shard = dpu_flow_shard_index(key);
    }
    ovs_mutex_unlock(lock);
}
