/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-plan.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/hmap.h"
#include "openvswitch/match.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-shared.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"

/* A thread that has more plans than this starts anew; also when ports change,
 * after which none of them can be used again. */
#define MAX_PLANS 256

/* Values: the fields that differ between the megaflows of one plan, by header;
 * flags, of which a megaflow has any. */
enum {
    VALUES_ETH  = 1 << 0,
    VALUES_IPV4 = 1 << 1,
    VALUES_IPV6 = 1 << 2,
    VALUES_L4   = 1 << 3,
    N_VALUES    = 1 << 4,
};

static const struct value_field {
    uint8_t values;             /* Of VALUES_*. */
    uint8_t size;               /* In bytes: even. */
    uint16_t flow_ofs;          /* In struct flow. */
    enum rte_flow_item_type type;
    uint16_t item_ofs;          /* In the item's structure. */
} value_fields[] = {
#define FIELD(VALUES, MEMBER, TYPE, ITEM, ITEM_MEMBER)                      \
    { VALUES_##VALUES, MEMBER_SIZEOF(struct flow, MEMBER),                  \
      offsetof(struct flow, MEMBER), RTE_FLOW_ITEM_TYPE_##TYPE,             \
      offsetof(struct rte_flow_item_##ITEM, ITEM_MEMBER) }
    FIELD(ETH, dl_dst, ETH, eth, hdr.dst_addr),
    FIELD(ETH, dl_src, ETH, eth, hdr.src_addr),
    FIELD(IPV4, nw_src, IPV4, ipv4, hdr.src_addr),
    FIELD(IPV4, nw_dst, IPV4, ipv4, hdr.dst_addr),
    FIELD(IPV6, ipv6_src, IPV6, ipv6, hdr.src_addr),
    FIELD(IPV6, ipv6_dst, IPV6, ipv6, hdr.dst_addr),
    /* The ports of UDP and SCTP are where those of TCP are. */
    FIELD(L4, tp_src, TCP, tcp, hdr.src_port),
    FIELD(L4, tp_dst, TCP, tcp, hdr.dst_port),
#undef FIELD
};
BUILD_ASSERT_DECL(offsetof(struct rte_flow_item_udp, hdr.src_port)
                  == offsetof(struct rte_flow_item_tcp, hdr.src_port));
BUILD_ASSERT_DECL(offsetof(struct rte_flow_item_udp, hdr.dst_port)
                  == offsetof(struct rte_flow_item_tcp, hdr.dst_port));
BUILD_ASSERT_DECL(offsetof(struct rte_flow_item_sctp, hdr.src_port)
                  == offsetof(struct rte_flow_item_tcp, hdr.src_port));
BUILD_ASSERT_DECL(offsetof(struct rte_flow_item_sctp, hdr.dst_port)
                  == offsetof(struct rte_flow_item_tcp, hdr.dst_port));

enum { N_FIELDS = ARRAY_SIZE(value_fields) };

/* By values: ones for all other bits of a flow. */
static uint64_t fixed_bits[N_VALUES][FLOW_U64S];

/* What translation looks at whether it is in the mask or not, in words. */
enum { N_CONTEXT = 3 };

/* Where a value goes. */
struct dpu_plan_patch {
    uint16_t flow_ofs;
    uint16_t size;
    uint16_t *to;               /* In the spec. */
    const uint16_t *mask;       /* Of the same item. */
};

struct dpu_plan {
    struct hmap_node node;      /* In struct dpu_plans. */
    uint64_t caps, ports;       /* Versions. */
    uint64_t context[N_CONTEXT];
    struct dpu_shared *mask;    /* A struct dpu_packed_mask. */
    struct dpu_shared *actions;
    const uint64_t *fixed;      /* Of 'fixed_bits'. */
    uint64_t values[FLOW_U64S]; /* Of the mask's bits that are fixed. */
    struct dpu_plan_patch patches[N_FIELDS];
    size_t n_patches;
    uint16_t refs[DPU_PORT_RECORD_MAX];
    size_t n_refs;
    struct dpu_spec spec;
};

/* What is looked for. */
struct dpu_plan_key {
    const struct dpu_megaflow *flow;
    const struct dpu_packed *packed;
    const uint64_t *fixed;      /* Of 'fixed_bits'. */
    unsigned int values;
    uint64_t caps, ports;
    uint64_t context[N_CONTEXT];
};

/* A thread's. */
struct dpu_plans {
    struct hmap plans;          /* Of struct dpu_plan. */
    uint64_t ports;             /* The version of the last one. */
    struct dpu_plan *last;      /* The last one used, or NULL. */
    struct dpu_plan *spare;     /* To be filled in, or NULL. */
};

static ovsthread_key_t plans_key;
static __thread struct dpu_plans *thread_plans;

uint64_t
dpu_plan_caps_id(void)
{
    static atomic_count last = ATOMIC_COUNT_INIT(0);

    return 1 + atomic_count_inc(&last);
}

/* What a megaflow's kind is. */

static void
init_fixed_bits(void)
{
    memset(fixed_bits, 0xff, sizeof fixed_bits);
    for (unsigned int values = 0; values < N_VALUES; values++) {
        for (size_t i = 0; i < ARRAY_SIZE(value_fields); i++) {
            const struct value_field *f = &value_fields[i];

            if (f->values & values) {
                memset((uint8_t *) fixed_bits[values] + f->flow_ofs, 0,
                       f->size);
            }
        }
    }
}

/* The values that a "set" with 'a' makes translation look at. */
static unsigned int
set_values(const struct nlattr *a)
{
    const struct nlattr *key = nl_attr_get(a);
    const uint8_t *mask = nl_attr_get(key);
    bool masked = nl_attr_type(a) == OVS_ACTION_ATTR_SET_MASKED;

    switch (nl_attr_type(key)) {
    case OVS_KEY_ATTR_ETHERNET:
        return VALUES_ETH;
    case OVS_KEY_ATTR_IPV4:
        /* Often it is the TTL alone. */
        mask += sizeof(struct ovs_key_ipv4);
        return (masked && is_all_zeros(mask, offsetof(struct ovs_key_ipv4,
                                                      ipv4_proto))
                ? 0 : VALUES_IPV4);
    case OVS_KEY_ATTR_IPV6:
        mask += sizeof(struct ovs_key_ipv6);
        return (masked && is_all_zeros(mask, offsetof(struct ovs_key_ipv6,
                                                      ipv6_label))
                ? 0 : VALUES_IPV6);
    default:
        return VALUES_L4;
    }
}

/* Takes those out of '*values' that the translation of 'actions' looks at.
 * Returns false if it may look at more. */
static bool
check_actions(const struct nlattr *actions, size_t len, unsigned int *values)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        switch (nl_attr_type(a)) {
        case OVS_ACTION_ATTR_OUTPUT:
        case OVS_ACTION_ATTR_RECIRC:
        case OVS_ACTION_ATTR_TUNNEL_PUSH:
        case OVS_ACTION_ATTR_TUNNEL_POP:
        case OVS_ACTION_ATTR_PUSH_VLAN:
        case OVS_ACTION_ATTR_POP_VLAN:
        case OVS_ACTION_ATTR_METER:
        case OVS_ACTION_ATTR_CT:
        case OVS_ACTION_ATTR_CT_CLEAR:
        case OVS_ACTION_ATTR_DROP:
            break;
        case OVS_ACTION_ATTR_SET:
        case OVS_ACTION_ATTR_SET_MASKED:
            *values &= ~set_values(a);
            break;
        default:
            return false;
        }
    }
    return true;
}

/* The headers of 'match' whose fields may be values. */
static unsigned int
header_values(const struct match *match)
{
    const struct flow *mask = &match->wc.masks;
    const struct flow *key = &match->flow;
    unsigned int values = VALUES_ETH;

    if (mask->dl_type == OVS_BE16_MAX && is_ip_any(key)) {
        values |= (key->dl_type == htons(ETH_TYPE_IP)
                   ? VALUES_IPV4 : VALUES_IPV6);
        if (mask->nw_proto == UINT8_MAX
            && !(mask->nw_frag & key->nw_frag & FLOW_NW_FRAG_LATER)
            && (key->nw_proto == IPPROTO_TCP || key->nw_proto == IPPROTO_UDP
                || key->nw_proto == IPPROTO_SCTP)) {
            values |= VALUES_L4;
        }
    }
    return values;
}

/* Makes '*key' that of 'flow', but for 'values' and 'fixed'.  Returns false if
 * there can be no plan for 'flow'. */
static bool
plan_key_init(struct dpu_plan_key *key, const struct dpu_megaflow *flow,
              const struct dpu_packed *packed,
              const struct dpu_port_map *ports,
              const struct dpu_plan_caps *caps)
{
    const struct flow *f = &flow->match->flow;

    if (!ports->version || flow->length || flow->comes_up || flow->policer
        || flow_tnl_dst_is_set(&f->tunnel)) {
        return false;
    }
    key->flow = flow;
    key->packed = packed;
    key->caps = caps->id;
    key->ports = ports->version;
    BUILD_ASSERT_DECL(sizeof f->vlans == sizeof key->context[0]);
    memcpy(&key->context[0], f->vlans, sizeof f->vlans);
    key->context[1] = ((uint64_t) f->recirc_id << 32
                       | odp_to_u32(f->in_port.odp_port));
    key->context[2] = ((uint64_t) flow_vlan_limit << 32
                       | (uint32_t) flow->origin << 16 | f->dl_type);
    return true;
}

/* Finds out what the values of 'key' are.  Returns false if there can be no
 * plan for it. */
static bool
plan_key_find_values(struct dpu_plan_key *key)
{
    const struct dpu_megaflow *flow = key->flow;

    key->values = header_values(flow->match);
    if (!check_actions(flow->actions, flow->actions_len, &key->values)) {
        return false;
    }
    key->fixed = fixed_bits[key->values];
    return true;
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint32_t
plan_key_hash(const struct dpu_plan_key *key)
{
    const struct dpu_packed *p = key->packed;
    const uint32_t *actions = (const uint32_t *) key->flow->actions;
    uint64_t hash = mix(mix(key->ports, key->caps ^ key->context[0]),
                        mix(key->context[1], key->context[2]));

    for (size_t i = 0; i < p->n; i++) {
        hash = mix(hash, p->mask.words[i] ^ p->index[i]);
        hash = mix(hash, p->values[i] & key->fixed[p->index[i]]);
    }
    for (size_t i = 0; i < key->flow->actions_len / sizeof *actions; i++) {
        hash = mix(hash, actions[i]);
    }
    return hash ^ hash >> 32;
}

static bool
plan_has(const struct dpu_plan *plan, const struct dpu_plan_key *key)
{
    const struct dpu_packed *p = key->packed;
    uint64_t differ = ((plan->caps ^ key->caps) | (plan->ports ^ key->ports)
                       | (plan->mask->size ^ dpu_packed_mask_size(p->n))
                       | (plan->actions->size ^ key->flow->actions_len));

    for (size_t i = 0; i < N_CONTEXT; i++) {
        differ |= plan->context[i] ^ key->context[i];
    }
    if (differ || memcmp(plan->mask->data, &p->mask, plan->mask->size)
        || (key->flow->actions_len
            && memcmp(plan->actions->data, key->flow->actions,
                      key->flow->actions_len))) {
        return false;
    }
    for (size_t i = 0; i < p->n; i++) {
        differ |= plan->values[i] ^ (p->values[i] & key->fixed[p->index[i]]);
    }
    return !differ;
}

/* Plans. */

static void
plans_remove(struct dpu_plans *plans, struct dpu_plan *plan)
{
    if (plan == plans->last) {
        plans->last = NULL;
    }
    hmap_remove(&plans->plans, &plan->node);
    dpu_shared_put(plan->mask);
    dpu_shared_put(plan->actions);
    dpu_spec_free_more(&plan->spec);
    free(plan);
}

static void
plans_clear(struct dpu_plans *plans)
{
    struct dpu_plan *plan;

    HMAP_FOR_EACH_SAFE (plan, node, &plans->plans) {
        plans_remove(plans, plan);
    }
}

static void
plans_destroy(void *plans_)
{
    struct dpu_plans *plans = plans_;

    plans_clear(plans);
    hmap_destroy(&plans->plans);
    free(plans->spare);
    free(plans);
}

/* Returns the calling thread's. */
static struct dpu_plans *
plans_get(void)
{
    if (!thread_plans) {
        static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

        if (ovsthread_once_start(&once)) {
            init_fixed_bits();
            ovsthread_key_create(&plans_key, plans_destroy);
            ovsthread_once_done(&once);
        }
        thread_plans = xzalloc(sizeof *thread_plans);
        hmap_init(&thread_plans->plans);
        ovsthread_setspecific(plans_key, thread_plans);
    }
    return thread_plans;
}

/* Whether the last plan is one for 'key': often megaflows of one kind come
 * together.  What the values of 'key' are is not asked: they are the plan's if
 * mask and actions are, and all that is fixed in the plan. */
static bool
plans_last_has(const struct dpu_plans *plans, struct dpu_plan_key *key)
{
    if (!plans->last) {
        return false;
    }
    key->fixed = plans->last->fixed;
    return plan_has(plans->last, key);
}

/* Stores the plan for 'key' in '*planp', or NULL with the hash of 'key' in
 * '*hash'.  Returns false if there can be none. */
static bool
plans_find(struct dpu_plans *plans, struct dpu_plan_key *key,
           struct dpu_plan **planp, uint32_t *hash)
{
    struct dpu_plan *plan;

    if (plans_last_has(plans, key)) {
        *planp = plans->last;
        return true;
    }
    *planp = NULL;
    if (!plan_key_find_values(key)) {
        return false;
    }
    *hash = plan_key_hash(key);
    HMAP_FOR_EACH_WITH_HASH (plan, node, *hash, &plans->plans) {
        if (plan_has(plan, key)) {
            *planp = plans->last = plan;
            break;
        }
    }
    return true;
}

/* Returns the item of 'spec' for 'f', past the headers of a tunnel, or NULL if
 * there is none that has values. */
static const struct rte_flow_item *
find_item(const struct dpu_spec *spec, const struct value_field *f)
{
    for (unsigned int i = spec->n_outer_items; i < spec->n_items; i++) {
        const struct rte_flow_item *item = &spec->items[i];

        if (item->type == f->type
            || (f->type == RTE_FLOW_ITEM_TYPE_TCP
                && (item->type == RTE_FLOW_ITEM_TYPE_UDP
                    || item->type == RTE_FLOW_ITEM_TYPE_SCTP))) {
            return item->spec ? item : NULL;
        }
    }
    return NULL;
}

/* Finds where the value of 'f' goes.  Returns false if that is not one place
 * in the first spec. */
static bool
plan_find_patch(struct dpu_plan *plan, const struct value_field *f)
{
    const struct rte_flow_item *item = find_item(&plan->spec, f);

    for (const struct dpu_spec *s = plan->spec.more; s; s = s->more) {
        if (find_item(s, f)) {
            return false;
        }
    }
    if (!item) {
        return false;
    }
    plan->patches[plan->n_patches++] = (struct dpu_plan_patch) {
        .flow_ofs = f->flow_ofs,
        .size = f->size,
        .to = (uint16_t *) ((char *) CONST_CAST(void *, item->spec)
                            + f->item_ofs),
        .mask = (const uint16_t *) ((const char *) item->mask + f->item_ofs),
    };
    return true;
}

static bool
plan_find_patches(struct dpu_plan *plan, const struct dpu_plan_key *key)
{
    const uint8_t *mask = (const uint8_t *) &key->flow->match->wc.masks;

    plan->n_patches = 0;
    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct value_field *f = &value_fields[i];

        if (f->values & key->values
            && !is_all_zeros(mask + f->flow_ofs, f->size)
            && !plan_find_patch(plan, f)) {
            return false;
        }
    }
    return true;
}

/* Makes 'plan', whose spec is the translation of 'key', one of 'plans'. */
static void
plans_add(struct dpu_plans *plans, struct dpu_plan *plan,
          const struct dpu_plan_key *key, uint32_t hash,
          const struct dpu_port_record *record)
{
    const struct dpu_packed *p = key->packed;

    if (hmap_count(&plans->plans) >= MAX_PLANS
        || plans->ports != key->ports) {
        plans_clear(plans);
    }
    plans->ports = key->ports;
    plan->caps = key->caps;
    plan->ports = key->ports;
    memcpy(plan->context, key->context, sizeof plan->context);
    plan->mask = dpu_shared_get(&p->mask, dpu_packed_mask_size(p->n));
    plan->actions = dpu_shared_get(key->flow->actions, key->flow->actions_len);
    plan->fixed = key->fixed;
    for (size_t i = 0; i < p->n; i++) {
        plan->values[i] = p->values[i] & key->fixed[p->index[i]];
    }
    plan->n_refs = record->n_refs;
    memcpy(plan->refs, record->refs, record->n_refs * sizeof plan->refs[0]);
    hmap_insert(&plans->plans, &plan->node, hash);
}

/* Writes the values of 'flow' into the spec of 'plan'. */
static void
plan_fill_in(struct dpu_plan *plan, const struct dpu_megaflow *flow)
{
    const char *values = (const char *) &flow->match->flow;

    for (size_t i = 0; i < plan->n_patches; i++) {
        const struct dpu_plan_patch *patch = &plan->patches[i];
        const uint16_t *from = (const uint16_t *) (values + patch->flow_ofs);

        for (size_t j = 0; j < patch->size / sizeof *from; j++) {
            patch->to[j] = from[j] & patch->mask[j];
        }
    }
}

/* Translates 'key' and makes a plan of it.  Returns NULL with '*reason' if it
 * is refused.  If there can be no plan, '*plan' is NULL. */
static struct dpu_spec *
plan_translate_first(struct dpu_plans *plans, const struct dpu_plan_key *key,
                     uint32_t hash, struct dpu_port_record *record,
                     const struct dpu_plan_caps *caps, struct dpu_spec *own,
                     struct dpu_plan **planp, struct dpu_reason *reason)
{
    struct dpu_plan *plan = plans->spare;

    *planp = NULL;
    if (!plan) {
        plan = plans->spare = xmalloc(sizeof *plan);
    }
    if (!dpu_translate(key->flow, &record->up, caps->caps, &plan->spec,
                       reason)) {
        return NULL;
    }
    if (!plan_find_patches(plan, key)) {
        dpu_spec_free_more(&plan->spec);
        return (dpu_translate(key->flow, &record->up, caps->caps, own, reason)
                ? own : NULL);
    }
    plans->spare = NULL;
    plans_add(plans, plan, key, hash, record);
    *planp = plan;
    return &plan->spec;
}

struct dpu_spec *
dpu_plan_translate(const struct dpu_megaflow *flow,
                   const struct dpu_packed *packed,
                   struct dpu_port_record *record,
                   const struct dpu_plan_caps *caps, struct dpu_spec *own,
                   struct dpu_plan_result *result, struct dpu_reason *reason)
{
    struct dpu_plans *plans = plans_get();
    struct dpu_plan *plan = NULL;
    struct dpu_plan_key key;
    struct dpu_spec *spec;
    uint32_t hash;

    own->more = NULL;
    if (plan_key_init(&key, flow, packed, record->map, caps)
        && plans_find(plans, &key, &plan, &hash)) {
        if (plan) {
            plan_fill_in(plan, flow);
            spec = &plan->spec;
        } else {
            spec = plan_translate_first(plans, &key, hash, record, caps, own,
                                        &plan, reason);
        }
    } else {
        spec = (dpu_translate(flow, &record->up, caps->caps, own, reason)
                ? own : NULL);
    }
    *result = (struct dpu_plan_result) {
        .refs = plan ? plan->refs : record->refs,
        .n_refs = plan ? plan->n_refs : record->n_refs,
        .mask = plan ? plan->mask : NULL,
        .actions = plan ? plan->actions : NULL,
    };
    return spec;
}
