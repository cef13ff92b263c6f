/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-chain.h"

#include <string.h>

#include <rte_flow.h>

#include "flow.h"
#include "hash.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

VLOG_DEFINE_THIS_MODULE(dpu_chain);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* 'key' and 'group' are constant.  'key.tunnel' points behind this
 * structure. */
struct dpu_chain {
    struct hmap_node node;          /* In 'chains', by key. */
    struct hmap_node group_node;    /* In 'groups', by group. */
    struct dpu_chain_key key;
    uint32_t group;
    unsigned int n_refs;            /* Each of 'jumps' has one. */
    struct ovs_list jumps;          /* Of struct dpu_chain_jump. */
};

/* All but 'n_refs' is constant. */
struct dpu_chain_jump {
    struct ovs_list node;           /* In the chain's 'jumps'. */
    struct dpu_chain *chain;
    unsigned int n_refs;
    uint16_t source;                /* Ethdev. */
    struct dpu_rule_target target;
    struct dpu_rule *rule;          /* Takes what entered at 'source' and
                                     * missed to software, or drops it; or
                                     * NULL if the device does that by
                                     * default. */
};

static uint32_t
chain_hash(const struct dpu_chain_key *key)
{
    uint32_t hash = hash_int(hash_2words(key->recirc_id,
                                         odp_to_u32(key->in_port)),
                             key->stage);

    return (key->tunnel
            ? hash_bytes(key->tunnel, sizeof *key->tunnel, hash) : hash);
}

static bool
chain_key_equal(const struct dpu_chain_key *a, const struct dpu_chain_key *b)
{
    return (a->recirc_id == b->recirc_id
            && a->in_port == b->in_port
            && a->stage == b->stage
            && !a->tunnel == !b->tunnel
            && (!a->tunnel
                || !memcmp(a->tunnel, b->tunnel, sizeof *a->tunnel)));
}

bool
dpu_chain_key_is_root(const struct dpu_chain_key *key)
{
    return (!key->recirc_id && !odp_to_u32(key->in_port)
            && key->stage == DPU_CHAIN_RECIRC);
}

void
dpu_chain_table_init(struct dpu_chain_table *t, const struct dpu_caps *caps)
{
    t->caps = caps;
    ovs_mutex_init(&t->mutex);
    hmap_init(&t->chains);
    hmap_init(&t->groups);
    t->n_recircs = 0;
    t->n_rules = 0;
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

void
dpu_chain_table_count(struct dpu_chain_table *t, size_t *n_chains,
                      size_t *n_rules)
{
    ovs_mutex_lock(&t->mutex);
    *n_chains = t->n_recircs;
    *n_rules = t->n_rules;
    ovs_mutex_unlock(&t->mutex);
}

static struct dpu_chain *
chain_find(const struct dpu_chain_table *t, const struct dpu_chain_key *key)
{
    struct dpu_chain *chain;

    HMAP_FOR_EACH_WITH_HASH (chain, node, chain_hash(key), &t->chains) {
        if (chain_key_equal(&chain->key, key)) {
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

/* A number for a new chain 'key'. */
static uint32_t
chain_new_group(struct dpu_chain_table *t, const struct dpu_chain_key *key)
    OVS_REQUIRES(t->mutex)
{
    if (key->stage != DPU_CHAIN_RECIRC) {
        return t->caps->max_group + key->stage;
    }
    do {
        t->last_group = t->last_group < t->caps->max_group
                        ? t->last_group + 1 : 1;
    } while (chain_group_in_use(t, t->last_group));
    return t->last_group;
}

static struct dpu_chain *
chain_create(struct dpu_chain_table *t, const struct dpu_chain_key *key)
    OVS_REQUIRES(t->mutex)
{
    size_t tunnel_size = key->tunnel ? sizeof *key->tunnel : 0;
    struct dpu_chain *chain = xzalloc(sizeof *chain + tunnel_size);

    chain->key = *key;
    if (key->tunnel) {
        chain->key.tunnel = memcpy(chain + 1, key->tunnel, tunnel_size);
    }
    chain->group = chain_new_group(t, key);
    t->n_recircs += key->stage == DPU_CHAIN_RECIRC;
    ovs_list_init(&chain->jumps);
    hmap_insert(&t->chains, &chain->node, chain_hash(key));
    hmap_insert(&t->groups, &chain->group_node, hash_int(chain->group, 0));
    return chain;
}

/* Whether there may be one more chain like 'key'. */
static bool
chain_admit(const struct dpu_chain_table *t, const struct dpu_chain_key *key,
            struct dpu_reason *reason)
{
    if (key->stage != DPU_CHAIN_RECIRC) {
        return (t->caps->ct
                || dpu_reason_set(reason, DPU_REASON_RECIRC,
                                  "the device cannot track connections"));
    }
    return (t->n_recircs < t->caps->max_group
            || dpu_reason_set(reason, DPU_REASON_RECIRC,
                              t->caps->max_group
                              ? "the device has no more than %"PRIu32" groups"
                              : "the device has no groups that could be "
                                "chains",
                              t->caps->max_group));
}

/* Returns the chain 'key' with a new reference, or NULL with '*reason'. */
static struct dpu_chain *
chain_ref(struct dpu_chain_table *t, const struct dpu_chain_key *key,
          struct dpu_reason *reason)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_chain *chain = chain_find(t, key);

    if (!chain) {
        if (!chain_admit(t, key, reason)) {
            return NULL;
        }
        chain = chain_create(t, key);
    }
    chain->n_refs++;
    return chain;
}

static void
chain_destroy(struct dpu_chain_table *t, struct dpu_chain *chain)
    OVS_REQUIRES(t->mutex)
{
    t->n_recircs -= chain->key.stage == DPU_CHAIN_RECIRC;
    hmap_remove(&t->groups, &chain->group_node);
    hmap_remove(&t->chains, &chain->node);
    free(chain);
}

static void
chain_unref(struct dpu_chain_table *t, struct dpu_chain *chain)
    OVS_REQUIRES(t->mutex)
{
    if (!--chain->n_refs) {
        chain_destroy(t, chain);
    }
}

bool
dpu_chain_get(struct dpu_chain_table *t, const struct dpu_chain_key *key,
              struct dpu_chain **chainp, struct dpu_reason *reason)
{
    *chainp = NULL;
    if (dpu_chain_key_is_root(key)) {
        return true;
    }
    ovs_mutex_lock(&t->mutex);
    *chainp = chain_ref(t, key, reason);
    ovs_mutex_unlock(&t->mutex);

    return *chainp != NULL;
}

void
dpu_chain_put(struct dpu_chain_table *t, struct dpu_chain *chain)
{
    if (chain) {
        ovs_mutex_lock(&t->mutex);
        chain_unref(t, chain);
        ovs_mutex_unlock(&t->mutex);
    }
}

uint32_t
dpu_chain_group(const struct dpu_chain *chain)
{
    return chain ? chain->group : 0;
}

/* Jumps. */

/* Makes '*spec' the rule for what entered at 'source' and matched nothing else
 * in 'chain'. */
static void
jump_miss_spec(struct dpu_spec *spec, const struct dpu_caps *caps,
               const struct dpu_chain *chain, uint16_t source)
{
    struct rte_flow_action_ethdev conf = { .port_id = source };

    dpu_spec_init(spec, chain->group, DPU_CHAIN_MISS_PRIORITY);
    spec->attr.transfer = caps->transfer;
    spec->attr.ingress = !caps->transfer;
    if (dpu_caps_item(caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT)) {
        struct rte_flow_item_ethdev item = { .port_id = source };
        struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };

        dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                          &item, &mask, sizeof item);
    } else if (dpu_caps_item(caps, RTE_FLOW_ITEM_TYPE_PORT_ID)) {
        struct rte_flow_item_port_id item = { .id = source };
        struct rte_flow_item_port_id mask = { .id = UINT32_MAX };

        dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_PORT_ID,
                          &item, &mask, sizeof item);
    }
    if (chain->key.stage == DPU_CHAIN_POST) {
        dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_DROP, NULL, 0);
    } else {
        dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
                            &conf, sizeof conf);
    }
}

static struct dpu_chain_jump *
jump_find(const struct dpu_chain *chain, uint16_t source,
          const struct dpu_rule_target *target)
{
    struct dpu_chain_jump *jump;

    LIST_FOR_EACH (jump, node, &chain->jumps) {
        if (jump->source == source
            && jump->target.ethdev == target->ethdev) {
            return jump;
        }
    }
    return NULL;
}

/* Creates a jump with the reference to 'chain' that the caller has, or returns
 * NULL with '*reason'. */
static struct dpu_chain_jump *
jump_create(struct dpu_chain_table *t, struct dpu_chain *chain,
            uint16_t source, const struct dpu_rule_target *target,
            struct dpu_reason *reason)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_rule *rule = NULL;
    struct dpu_chain_jump *jump;

    if (!t->caps->default_miss || chain->key.stage == DPU_CHAIN_POST) {
        struct dpu_spec spec;

        jump_miss_spec(&spec, t->caps, chain, source);
        if (!dpu_rule_create(target, &spec, &rule, reason)) {
            return NULL;
        }
        t->n_rules++;
    }
    jump = xzalloc(sizeof *jump);
    jump->chain = chain;
    jump->source = source;
    jump->target = *target;
    jump->rule = rule;
    ovs_list_push_back(&chain->jumps, &jump->node);
    return jump;
}

static void
jump_remove_rule(struct dpu_chain_jump *jump)
{
    struct dpu_reason reason;

    if (!dpu_rule_destroy(&jump->target, jump->rule, &reason)
        && reason.code != DPU_REASON_DEVICE_GONE) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": removing the last rule of group "
                     "%"PRIu32": %s", jump->target.ethdev, jump->chain->group,
                     reason.detail);
    }
}

static void
jump_destroy(struct dpu_chain_table *t, struct dpu_chain_jump *jump, bool gone)
    OVS_REQUIRES(t->mutex)
{
    if (jump->rule) {
        if (!gone) {
            jump_remove_rule(jump);
        }
        t->n_rules--;
    }
    ovs_list_remove(&jump->node);
    free(jump);
}

/* Puts the rule of 'jump', which the device has lost, back. */
static bool
jump_restore(struct dpu_chain_table *t, struct dpu_chain_jump *jump)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_reason reason;
    struct dpu_rule *rule;
    struct dpu_spec spec;

    jump_miss_spec(&spec, t->caps, jump->chain, jump->source);
    if (!dpu_rule_create(&jump->target, &spec, &rule, &reason)) {
        return false;
    }
    /* The driver may still have something of the old one to free. */
    dpu_rule_destroy(&jump->target, jump->rule, &reason);
    jump->rule = rule;
    return true;
}

void
dpu_chain_audit(struct dpu_chain_table *t, struct dpu_audit *audit)
{
    struct dpu_chain_jump *jump;
    struct dpu_chain *chain;

    ovs_mutex_lock(&t->mutex);
    HMAP_FOR_EACH (chain, node, &t->chains) {
        LIST_FOR_EACH (jump, node, &chain->jumps) {
            if (jump->rule
                && dpu_audit_ask(audit, &jump->target, jump->rule)) {
                dpu_audit_restored(audit, jump_restore(t, jump));
            }
        }
    }
    ovs_mutex_unlock(&t->mutex);
}

bool
dpu_chain_jump_get(struct dpu_chain_table *t, const struct dpu_chain_key *key,
                   uint16_t source, const struct dpu_rule_target *target,
                   struct dpu_chain_jump **jumpp, struct dpu_reason *reason)
{
    struct dpu_chain_jump *jump = NULL;
    struct dpu_chain *chain;

    ovs_mutex_lock(&t->mutex);
    chain = chain_ref(t, key, reason);
    if (!chain) {
        goto out;
    }
    jump = jump_find(chain, source, target);
    if (jump) {
        chain_unref(t, chain);          /* 'jump' has one already. */
    } else {
        jump = jump_create(t, chain, source, target, reason);
        if (!jump) {
            chain_unref(t, chain);
            goto out;
        }
    }
    jump->n_refs++;
out:
    ovs_mutex_unlock(&t->mutex);
    *jumpp = jump;
    return jump != NULL;
}

void
dpu_chain_jump_put(struct dpu_chain_table *t, struct dpu_chain_jump *jump,
                   bool gone)
{
    if (!jump) {
        return;
    }
    ovs_mutex_lock(&t->mutex);
    if (!--jump->n_refs) {
        struct dpu_chain *chain = jump->chain;

        jump_destroy(t, jump, gone);
        chain_unref(t, chain);
    }
    ovs_mutex_unlock(&t->mutex);
}

/* Settles 'jump', which has a reference to its chain if anybody has one to
 * it. */
static void
jump_audit_refs(struct dpu_chain_table *t, struct dpu_chain_jump *jump,
                struct dpu_refs *refs)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_chain *chain = jump->chain;

    jump->n_refs = dpu_refs_settle(refs, DPU_REF_JUMP, (uintptr_t) jump,
                                   jump->n_refs);
    if (jump->n_refs) {
        dpu_refs_add(refs, DPU_REF_CHAIN, (uintptr_t) chain);
    } else {
        jump_destroy(t, jump, false);
        chain->n_refs--;
    }
}

void
dpu_chain_audit_refs(struct dpu_chain_table *t, struct dpu_refs *refs)
{
    struct dpu_chain_jump *jump;
    struct dpu_chain *chain;

    ovs_mutex_lock(&t->mutex);
    HMAP_FOR_EACH_SAFE (chain, node, &t->chains) {
        LIST_FOR_EACH_SAFE (jump, node, &chain->jumps) {
            jump_audit_refs(t, jump, refs);
        }
        chain->n_refs = dpu_refs_settle(refs, DPU_REF_CHAIN,
                                        (uintptr_t) chain, chain->n_refs);
        if (!chain->n_refs) {
            chain_destroy(t, chain);
        }
    }
    ovs_mutex_unlock(&t->mutex);
}

uint32_t
dpu_chain_jump_group(const struct dpu_chain_jump *jump)
{
    return jump->chain->group;
}
