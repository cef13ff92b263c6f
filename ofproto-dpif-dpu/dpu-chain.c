/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-chain.h"

#include <string.h>

#include <rte_flow.h>

#include "flow.h"
#include "hash.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/dpu-reason.h"
#include "ofproto-dpif-dpu/dpu-rule.h"
#include "ofproto-dpif-dpu/dpu-spec.h"

VLOG_DEFINE_THIS_MODULE(dpu_chain);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Megaflows have priority 0, or 1 while they are replaced. */
#define CHAIN_MISS_PRIORITY 2

/* What a device has is its own to tell, when a rule is created. */
#define CHAIN_MAX_GROUP 65000

struct dpu_chain {
    struct hmap_node node;          /* In 'chains', by key. */
    struct hmap_node group_node;    /* In 'groups', by group. */
    struct dpu_chain_key key;
    uint32_t group;
    unsigned int n_refs;
    struct ovs_list misses;         /* Of struct chain_miss. */
};

/* The rule that takes what entered at 'source' and missed to software. */
struct chain_miss {
    struct ovs_list node;
    uint16_t source;                /* Ethdev. */
    struct dpu_rule_target target;
    struct dpu_rule *rule;
};

static uint32_t
chain_hash(const struct dpu_chain_key *key)
{
    return hash_2words(key->recirc_id, odp_to_u32(key->in_port));
}

bool
dpu_chain_key_is_root(const struct dpu_chain_key *key)
{
    return !key->recirc_id && !odp_to_u32(key->in_port);
}

void
dpu_chain_table_init(struct dpu_chain_table *t)
{
    ovs_mutex_init(&t->mutex);
    hmap_init(&t->chains);
    hmap_init(&t->groups);
    t->last_group = 0;
}

void
dpu_chain_table_destroy(struct dpu_chain_table *t)
{
    ovs_assert(hmap_is_empty(&t->chains));
    hmap_destroy(&t->groups);
    hmap_destroy(&t->chains);
    ovs_mutex_destroy(&t->mutex);
}

static struct dpu_chain *
chain_find(const struct dpu_chain_table *t, const struct dpu_chain_key *key)
{
    struct dpu_chain *chain;

    HMAP_FOR_EACH_WITH_HASH (chain, node, chain_hash(key), &t->chains) {
        if (chain->key.recirc_id == key->recirc_id
            && chain->key.in_port == key->in_port) {
            return chain;
        }
    }
    return NULL;
}

static bool
chain_group_in_use(const struct dpu_chain_table *t, uint32_t group)
{
    const struct dpu_chain *chain;

    HMAP_FOR_EACH_WITH_HASH (chain, group_node, hash_int(group, 0),
                             &t->groups) {
        if (chain->group == group) {
            return true;
        }
    }
    return false;
}

static struct dpu_chain *
chain_create(struct dpu_chain_table *t, const struct dpu_chain_key *key)
{
    struct dpu_chain *chain = xzalloc(sizeof *chain);

    do {
        t->last_group = t->last_group < CHAIN_MAX_GROUP ? t->last_group + 1
                                                        : 1;
    } while (chain_group_in_use(t, t->last_group));

    chain->key = *key;
    chain->group = t->last_group;
    ovs_list_init(&chain->misses);
    hmap_insert(&t->chains, &chain->node, chain_hash(key));
    hmap_insert(&t->groups, &chain->group_node, hash_int(chain->group, 0));
    return chain;
}

/* Makes '*spec' the rule that sends to software what entered at 'source' and
 * matched nothing else in 'group'. */
static void
chain_miss_spec(struct dpu_spec *spec, uint32_t group, uint16_t source)
{
    struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };
    struct rte_flow_item_ethdev item = { .port_id = source };
    struct rte_flow_action_ethdev conf = { .port_id = source };

    dpu_spec_init(spec, group, CHAIN_MISS_PRIORITY);
    spec->attr.transfer = 1;
    dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                      &item, &mask, sizeof item);
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
                        &conf, sizeof conf);
}

/* Has what enters at 'source' and misses in 'chain' come up to software. */
static bool
chain_add_miss(struct dpu_chain *chain, uint16_t source,
               const struct dpu_rule_target *target,
               struct dpu_reason *reason)
{
    struct chain_miss *miss;
    struct dpu_spec spec;

    LIST_FOR_EACH (miss, node, &chain->misses) {
        if (miss->source == source) {
            return true;
        }
    }
    miss = xmalloc(sizeof *miss);
    miss->source = source;
    miss->target = *target;
    chain_miss_spec(&spec, chain->group, source);
    if (!dpu_rule_create(target, &spec, &miss->rule, reason)) {
        free(miss);
        return false;
    }
    ovs_list_push_back(&chain->misses, &miss->node);
    return true;
}

static void
chain_unref(struct dpu_chain_table *t, struct dpu_chain *chain,
            const struct dpu_rule_target *target, bool gone)
{
    struct chain_miss *miss;

    if (--chain->n_refs) {
        return;
    }
    LIST_FOR_EACH_POP (miss, node, &chain->misses) {
        struct dpu_reason reason;

        if (!(gone && miss->target.ethdev == target->ethdev)
            && !dpu_rule_destroy(&miss->target, miss->rule, &reason)) {
            VLOG_WARN_RL(&rl, "ethdev %"PRIu16": removing the last rule of "
                         "group %"PRIu32": %s", miss->target.ethdev,
                         chain->group, reason.detail);
        }
        free(miss);
    }
    hmap_remove(&t->groups, &chain->group_node);
    hmap_remove(&t->chains, &chain->node);
    free(chain);
}

bool
dpu_chain_get(struct dpu_chain_table *t, const struct dpu_chain_key *key,
              bool jumps, uint16_t source,
              const struct dpu_rule_target *target,
              struct dpu_chain **chainp, struct dpu_reason *reason)
{
    struct dpu_chain *chain;
    bool ok = true;

    *chainp = NULL;
    if (dpu_chain_key_is_root(key)) {
        return true;
    }
    ovs_mutex_lock(&t->mutex);
    chain = chain_find(t, key);
    if (!chain && hmap_count(&t->chains) >= CHAIN_MAX_GROUP) {
        ovs_mutex_unlock(&t->mutex);
        return dpu_reason_set(reason, DPU_REASON_DEVICE_FULL,
                              "no group is left");
    }
    if (!chain) {
        chain = chain_create(t, key);
    }
    chain->n_refs++;
    if (jumps && !chain_add_miss(chain, source, target, reason)) {
        chain_unref(t, chain, target, false);
        ok = false;
    } else {
        *chainp = chain;
    }
    ovs_mutex_unlock(&t->mutex);

    return ok;
}

void
dpu_chain_put(struct dpu_chain_table *t, struct dpu_chain *chain,
              const struct dpu_rule_target *target, bool gone)
{
    if (chain) {
        ovs_mutex_lock(&t->mutex);
        chain_unref(t, chain, target, gone);
        ovs_mutex_unlock(&t->mutex);
    }
}

uint32_t
dpu_chain_group(const struct dpu_chain *chain)
{
    return chain ? chain->group : 0;
}
