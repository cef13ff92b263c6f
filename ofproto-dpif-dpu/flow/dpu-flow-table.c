/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-table: where megaflows are found by their keys, and how many of
 * them are not in hardware, for which reason.
 *
 * A table falls into shards, by ufid, of which each has a lock and the
 * megaflows that this lock is for.  So whoever looks for one holds the lock
 * that keeps it there: a megaflow that leaves the table is freed at once, and
 * threads that put megaflows seldom touch the same memory.
 *
 * Thread-safety: see dpu-flow.h. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include <string.h>

#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-usdt.h"

/* Shards. */

static struct dpu_flow_shard *
dpu_flow_shard(struct dpu_flow_table *t, const struct dpu_flow_key *key)
{
    return &t->shards[dpu_flow_shard_index(key)];
}

struct ovs_mutex *
dpu_flow_lock(struct dpu_flow_table *t, const struct dpu_flow_key *key)
{
    return &dpu_flow_shard(t, key)->lock;
}

/* Locks 'key' for a change of its rules.  Returns what dpu_flow_end() takes.
 * Nobody does so twice at a time. */
struct ovs_mutex *
dpu_flow_begin(struct dpu_flow_table *t, const struct dpu_flow_key *key)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    struct dpu_flow_shard *shard = dpu_flow_shard(t, key);

    ovs_mutex_lock(&shard->lock);
    while (shard->held) {
        ovs_mutex_unlock(&shard->lock);
        ovs_rwlock_rdlock(&t->changes);
        ovs_rwlock_unlock(&t->changes);
        ovs_mutex_lock(&shard->lock);
    }
    return &shard->lock;
}

void
dpu_flow_end(struct dpu_flow_table *t OVS_UNUSED, struct ovs_mutex *lock)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    ovs_mutex_unlock(lock);
}

static void
dpu_flow_set_held(struct dpu_flow_table *t, bool held)
{
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        struct dpu_flow_shard *shard = &t->shards[i];

        ovs_mutex_lock(&shard->lock);
        shard->held = held;
        ovs_mutex_unlock(&shard->lock);
    }
}

void
dpu_flow_hold(struct dpu_flow_table *t)
{
    ovs_rwlock_wrlock(&t->changes);
    dpu_flow_set_held(t, true);
}

void
dpu_flow_release(struct dpu_flow_table *t)
{
    dpu_flow_set_held(t, false);
    ovs_rwlock_unlock(&t->changes);
}

/* Returns the megaflow 'key' of 't', or NULL.  The caller holds the lock of
 * 'key', so that it stays. */
struct dpu_flow *
dpu_flow_find(struct dpu_flow_table *t, const struct dpu_flow_key *key)
{
    struct dpu_flow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, node, dpu_flow_hash(key),
                             &dpu_flow_shard(t, key)->flows) {
        /* Of many megaflows none is in the processor's caches. */
        for (size_t i = CACHE_LINE_SIZE; i < offsetof(struct dpu_flow, mask);
             i += CACHE_LINE_SIZE) {
            OVS_PREFETCH_WRITE((char *) flow + i);
        }
        if (ovs_u128_equals(flow->key.ufid, key->ufid)
            && flow->key.ethdev == key->ethdev) {
            return flow;
        }
    }
    return NULL;
}

size_t
dpu_flow_count_all(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    size_t sum = 0;

    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        size_t n;

        atomic_read_relaxed(&t->shards[i].n, &n);
        sum += n;
    }
    return sum;
}

/* Megaflows that are not in hardware, or not as a whole. */

void
dpu_flow_wait(struct dpu_flow_table *t, struct dpu_flow *flow)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_flow_rare *rare = dpu_flow_rare(flow);

    if (!rare->waiting) {
        rare->waiting = true;
        ovs_list_push_back(&t->waiting, &rare->wait_node);
        atomic_store_relaxed(&t->any_waiting, true);
    }
}

/* Counts 'flow' among the refusals, if it is one. */
static void
dpu_flow_refusal_add(struct dpu_flow_table *t, struct dpu_flow *flow)
    OVS_REQUIRES(t->mutex)
{
    if (flow->code != DPU_REASON_NONE) {
        t->n_refused[flow->code]++;
        t->n_refused_ever[flow->code]++;
    }
    t->n_partial += flow->partial;
    if (flow->code == DPU_REASON_DEVICE_FULL) {
        dpu_flow_wait(t, flow);
        atomic_store_relaxed(&t->ranking, true);
    }
}

/* Undoes dpu_flow_refusal_add(), and ends that 'flow' waits. */
static void
dpu_flow_refusal_remove(struct dpu_flow_table *t, struct dpu_flow *flow)
    OVS_REQUIRES(t->mutex)
{
    if (flow->code != DPU_REASON_NONE) {
        t->n_refused[flow->code]--;
    }
    if (!t->n_refused[DPU_REASON_DEVICE_FULL]) {
        atomic_store_relaxed(&t->ranking, false);
    }
    if (flow->rare && flow->rare->waiting) {
        flow->rare->waiting = false;
        ovs_list_remove(&flow->rare->wait_node);
        atomic_store_relaxed(&t->any_waiting,
                             !ovs_list_is_empty(&t->waiting));
        atomic_store_relaxed(&t->any_ripe, !ovs_list_is_empty(&t->ripe));
    }
}

/* Whether 'mutex' guards nothing that 'flow' is counted in. */
static bool
dpu_flow_is_plain(const struct dpu_flow *flow)
{
    return (flow->code == DPU_REASON_NONE && !flow->partial && !flow->policer
            && !(flow->rare && flow->rare->waiting));
}

/* 'flow' is no longer in hardware, because of 'code'. */
void
dpu_flow_turn_down(struct dpu_flow_table *t, struct dpu_flow *flow,
                   enum dpu_reason_code code)
{
    ovs_mutex_lock(&t->mutex);
    dpu_flow_refusal_remove(t, flow);
    flow->code = code;
    DPU_USDT(megaflow_refused, &flow->key.ufid, flow->key.ethdev, code, "");
    dpu_flow_refusal_add(t, flow);
    ovs_mutex_unlock(&t->mutex);
}

/* Coming and going. */

/* Tells everybody about 'flows' of 'shard'. */
static void
dpu_flow_shard_changed(struct dpu_flow_shard *shard)
{
    atomic_store_relaxed(&shard->n, hmap_count(&shard->flows));
    atomic_store_relaxed(&shard->buckets, shard->flows.buckets);
    atomic_store_relaxed(&shard->mask, shard->flows.mask);
}

/* Inserts 'flow' into 'shard', which keeps at least two buckets for each
 * megaflow: to pass one that is not asked for is to wait for its memory. */
static void
dpu_flow_shard_insert(struct dpu_flow_shard *shard, struct dpu_flow *flow)
{
    struct hmap *flows = &shard->flows;

    if (hmap_count(flows) > flows->mask / 2) {
        hmap_reserve(flows, 4 * (hmap_count(flows) + 1));
    }
    hmap_insert_fast(flows, &flow->node, dpu_flow_hash(&flow->key));
    dpu_flow_shard_changed(shard);
}

static void
dpu_flow_shard_remove(struct dpu_flow_shard *shard, struct dpu_flow *flow)
{
    struct hmap *flows = &shard->flows;

    hmap_remove(flows, &flow->node);
    if (hmap_count(flows) < flows->mask / 16) {
        hmap_shrink(flows);
    }
    dpu_flow_shard_changed(shard);
}

/* Puts 'flow' into 't' in place of 'old', which may be NULL and is freed.
 * Returns 'flow', which may be where 'old' was then. */
struct dpu_flow *
dpu_flow_publish(struct dpu_flow_table *t, struct dpu_flow *old,
                 struct dpu_flow *flow)
{
    struct dpu_flow_shard *shard = dpu_flow_shard(t, &flow->key);
    bool move = old && dpu_flow_size(old) == dpu_flow_size(flow);

    if (move && flow->rare) {
        flow->rare->flow = old;
    }
    if (!dpu_flow_is_plain(flow) || (old && !dpu_flow_is_plain(old))) {
        ovs_mutex_lock(&t->mutex);
        dpu_flow_refusal_add(t, flow);
        if (old) {
            dpu_flow_refusal_remove(t, old);
        } else {
            t->n_policers += flow->policer;
        }
        ovs_mutex_unlock(&t->mutex);
    }
    if (!old) {
        dpu_flow_shard_insert(shard, flow);
        return flow;
    }
    flow->next_shard = old->next_shard;
    flow->next_hash = old->next_hash;
    flow->next = old->next;
    if (move) {
        dpu_flow_move(old, flow);
        return old;
    }
    hmap_replace(&shard->flows, &old->node, &flow->node);
    dpu_flow_free(old);
    return flow;
}

/* Takes 'flow', which has no rule, out of 't' and frees it. */
void
dpu_flow_remove(struct dpu_flow_table *t, struct dpu_flow *flow)
{
    struct dpu_flow_shard *shard = dpu_flow_shard(t, &flow->key);

    ovs_assert(!flow->n_rules);
    DPU_USDT(megaflow_removed, &flow->key.ufid, flow->key.ethdev);

    if (!dpu_flow_is_plain(flow)) {
        ovs_mutex_lock(&t->mutex);
        dpu_flow_refusal_remove(t, flow);
        t->n_policers -= flow->policer;
        ovs_mutex_unlock(&t->mutex);
    }
    dpu_flow_shard_remove(shard, flow);
    dpu_flow_free(flow);
}

/* Returns the keys of the megaflows of 'shard', '*n' of them, which the caller
 * frees. */
static struct dpu_flow_key *
dpu_flow_shard_keys(struct dpu_flow_shard *shard, size_t *n)
{
    struct dpu_flow_key *keys;
    struct dpu_flow *flow;

    *n = 0;
    ovs_mutex_lock(&shard->lock);
    keys = xmalloc(hmap_count(&shard->flows) * sizeof *keys);
    HMAP_FOR_EACH (flow, node, &shard->flows) {
        keys[(*n)++] = flow->key;
    }
    ovs_mutex_unlock(&shard->lock);
    return keys;
}

/* Calls 'cb' with each megaflow of 't', under its lock.  'cb' may replace or
 * remove it, and others come and go between two calls. */
void
dpu_flow_walk(struct dpu_flow_table *t,
              void (*cb)(struct dpu_flow_table *, struct dpu_flow *,
                         const void *aux),
              const void *aux)
{
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        struct dpu_flow_shard *shard = &t->shards[i];
        struct dpu_flow_key *keys;
        size_t n;

        keys = dpu_flow_shard_keys(shard, &n);
        for (size_t j = 0; j < n; j++) {
            struct ovs_mutex *lock = dpu_flow_begin(t, &keys[j]);
            struct dpu_flow *flow = dpu_flow_find(t, &keys[j]);

            if (flow) {
                cb(t, flow, aux);
            }
            dpu_flow_end(t, lock);
        }
        free(keys);
    }
}

/* The table. */

void
dpu_flow_table_init(struct dpu_flow_table *t,
                    const struct dpu_rule_ops *ops,
                    const struct dpu_caps *caps)
{
    memset(t, 0, sizeof *t);
    t->ops = ops;
    t->caps = *caps;
    t->caps_id = dpu_plan_caps_id();
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        /* Short, but for what the device takes. */
        ovs_mutex_init_adaptive(&t->shards[i].lock);
        hmap_init(&t->shards[i].flows);
        dpu_flow_shard_changed(&t->shards[i]);
    }
    ovs_rwlock_init(&t->changes);
    dpu_chain_table_init(&t->chains, &t->caps);
    ovs_mutex_init(&t->mutex);
    ovs_list_init(&t->waiting);
    ovs_list_init(&t->ripe);
    for (size_t i = 0; i < ARRAY_SIZE(t->gone); i++) {
        t->proxies[i] = i;
        atomic_init(&t->gone[i], false);
    }
    atomic_init(&t->any_gone, false);
    atomic_init(&t->full, false);
}

void
dpu_flow_set_proxy(struct dpu_flow_table *t, uint16_t ethdev, uint16_t proxy)
{
    dpu_flow_abandon(t);
    t->proxies[ethdev] = proxy;
    atomic_store_relaxed(&t->gone[ethdev], false);
    atomic_store_relaxed(&t->gone[proxy], false);
}

static void
dpu_flow_drop_cb(struct dpu_flow_table *t, struct dpu_flow *flow,
                 const void *aux OVS_UNUSED)
{
    dpu_flow_retire(t, flow);
    dpu_flow_remove(t, flow);
}

void
dpu_flow_table_destroy(struct dpu_flow_table *t)
{
    dpu_flow_walk(t, dpu_flow_drop_cb, NULL);
    dpu_chain_table_destroy(&t->chains);
    ovs_mutex_destroy(&t->mutex);
    ovs_rwlock_destroy(&t->changes);
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        hmap_destroy(&t->shards[i].flows);
        ovs_mutex_destroy(&t->shards[i].lock);
    }
}
