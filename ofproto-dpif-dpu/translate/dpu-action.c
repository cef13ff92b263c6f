/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action: a megaflow's actions become the actions of a rule.
 *
 * The table 'kinds' has one entry for each datapath action; what becomes of
 * them is in dpu-action-output.c, dpu-action-copy.c, dpu-action-meter.c,
 * dpu-action-header.c and dpu-action-mpls.c.  All actions are asked whether
 * they can be translated before the first of them is.
 *
 * Software's semantics: dp_execute_cb() in Open vSwitch's lib/dpif-netdev.c
 * and odp_execute_actions() in lib/odp-execute.c. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action.h"

#include "flow.h"
#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-action-private.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

bool
dpu_action_has(const struct dpu_action *ctx, enum rte_flow_action_type type)
{
    return dpu_caps_action(ctx->caps, type);
}

bool
dpu_action_refuse_device(struct dpu_action *ctx,
                         enum rte_flow_action_type type)
{
    return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_DEVICE, "%s",
                          dpu_spec_action_name(type));
}

bool
dpu_action_require(struct dpu_action *ctx, enum rte_flow_action_type type)
{
    return dpu_action_has(ctx, type) || dpu_action_refuse_device(ctx, type);
}

bool
dpu_action_add(struct dpu_action *ctx, enum rte_flow_action_type type,
               const void *conf, size_t size)
{
    if (!dpu_action_require(ctx, type)) {
        return false;
    }
    dpu_spec_add_action(ctx->spec, type, conf, size);
    return true;
}

bool
dpu_action_ask_room(struct dpu_action *ctx)
{
    return (ctx->n_outputs < ARRAY_SIZE(ctx->outputs)
            || dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "more outputs than a rule holds"));
}

bool
dpu_action_is_last(const struct dpu_action *ctx, const struct nlattr *a)
{
    const char *end = (const char *) ctx->flow->actions
                      + ctx->flow->actions_len;

    return (const char *) a + NLA_ALIGN(a->nla_len) >= end;
}

static bool
ask_ok(struct dpu_action *ctx OVS_UNUSED, const struct nlattr *a OVS_UNUSED)
{
    return true;
}

static bool
compile_nothing(struct dpu_action *ctx OVS_UNUSED,
                const struct nlattr *a OVS_UNUSED)
{
    return true;
}

/* What becomes of each datapath action: 'ask' and 'compile', or else the
 * refusal. */
static const struct action_kind {
    const char *name;
    enum dpu_reason_code refusal;
    bool (*ask)(struct dpu_action *, const struct nlattr *);
    bool (*compile)(struct dpu_action *, const struct nlattr *);
} kinds[] = {
#define DO(ATTR, NAME)                                                      \
    [OVS_ACTION_ATTR_##ATTR] = { #NAME, DPU_REASON_NONE,                    \
                                 dpu_action_ask_##NAME,                     \
                                 dpu_action_compile_##NAME }
#define DO_SO(ATTR, NAME, ASK, COMPILE)                                     \
    [OVS_ACTION_ATTR_##ATTR] = { NAME, DPU_REASON_NONE, ASK, COMPILE }
#define REFUSE(ATTR, NAME, CODE)                                            \
    [OVS_ACTION_ATTR_##ATTR] = { NAME, DPU_REASON_##CODE, NULL, NULL }
    DO(OUTPUT, output),
    DO(SET, set),
    DO_SO(SET_MASKED, "set_masked",
          dpu_action_ask_set, dpu_action_compile_set),
    DO(RECIRC, recirc),
    DO(TUNNEL_POP, tnl_pop),
    DO(SAMPLE, sample),
    DO(USERSPACE, userspace),
    DO(CLONE, clone),
    DO(PUSH_MPLS, push_mpls),
    DO(POP_MPLS, pop_mpls),
    DO(METER, meter),
    DO_SO(PUSH_VLAN, "push_vlan", ask_ok, dpu_action_compile_push_vlan),
    DO_SO(POP_VLAN, "pop_vlan", ask_ok, dpu_action_compile_pop_vlan),
    DO(TUNNEL_PUSH, tnl_push),
    DO(CT, ct),
    DO_SO(CT_CLEAR, "ct_clear", ask_ok, dpu_action_compile_ct_clear),
    /* A drop ends the list. */
    DO_SO(DROP, "drop", ask_ok, compile_nothing),

    REFUSE(HASH, "hash", ACTION),
    REFUSE(TRUNC, "trunc", ACTION),
    REFUSE(PUSH_ETH, "push_eth", ACTION),
    REFUSE(POP_ETH, "pop_eth", ACTION),
    REFUSE(PUSH_NSH, "push_nsh", ACTION),
    REFUSE(POP_NSH, "pop_nsh", ACTION),
    /* Others make a megaflow branch, see dpu-branch.h. */
    REFUSE(CHECK_PKT_LEN, "check_pkt_len within an action", ACTION),
    REFUSE(ADD_MPLS, "add_mpls", ACTION),
    REFUSE(LB_OUTPUT, "lb_output", ACTION),
#undef DO
#undef DO_SO
#undef REFUSE
};

bool
dpu_action_ask_list(struct dpu_action *ctx,
                    const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        int type = nl_attr_type(a);
        const struct action_kind *kind;

        if (type >= ARRAY_SIZE(kinds) || !kinds[type].name) {
            return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                                  "action %d", type);
        }
        kind = &kinds[type];
        if (!kind->ask) {
            return dpu_reason_set(ctx->reason, kind->refusal, "%s",
                                  kind->name);
        }
        if (!kind->ask(ctx, a)) {
            return false;
        }
        if (type == OVS_ACTION_ATTR_DROP) {
            return true;
        }
    }
    return true;
}

/* If software has to output all, hardware has nothing to do. */
static bool
ask_worthwhile(struct dpu_action *ctx)
{
    if (ctx->software.code != DPU_REASON_NONE && !ctx->n_hardware) {
        *ctx->reason = ctx->software;
        return false;
    }
    return true;
}

/* Whether 'a' does without the headers behind those of VLANs. */
static bool
is_of_layer_2(const struct nlattr *a)
{
    switch (nl_attr_type(a)) {
    case OVS_ACTION_ATTR_OUTPUT:
    case OVS_ACTION_ATTR_USERSPACE:
    case OVS_ACTION_ATTR_PUSH_VLAN:
    case OVS_ACTION_ATTR_POP_VLAN:
    case OVS_ACTION_ATTR_METER:
    case OVS_ACTION_ATTR_DROP:
        return true;
    case OVS_ACTION_ATTR_SET:
    case OVS_ACTION_ATTR_SET_MASKED:
        return nl_attr_type(nl_attr_get(a)) == OVS_KEY_ATTR_ETHERNET;
    default:
        return false;
    }
}

bool
dpu_action_compile_one(struct dpu_action *ctx, const struct nlattr *a)
{
    if (ctx->astray && !is_of_layer_2(a)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "%s behind userspace with more VLAN headers "
                              "than vlan-limit", kinds[nl_attr_type(a)].name);
    }
    return kinds[nl_attr_type(a)].compile(ctx, a);
}

/* Compiles the actions up to the last output: what follows has no effect. */
bool
dpu_action_compile_list(struct dpu_action *ctx,
                        const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (ctx->n_sent == ctx->n_outputs) {
            break;
        }
        if (!dpu_action_compile_one(ctx, a)) {
            return false;
        }
    }
    return true;
}

/* Whether nothing says yet what becomes of the packet itself. */
static bool
lacks_fate(const struct dpu_spec *spec)
{
    enum rte_flow_action_type last;

    if (!spec->n_actions) {
        return true;
    }
    last = spec->actions[spec->n_actions - 1].type;
    return (last == RTE_FLOW_ACTION_TYPE_COUNT
            || last == RTE_FLOW_ACTION_TYPE_SAMPLE
            || last == RTE_FLOW_ACTION_TYPE_METER);
}

/* With how many of the 'len' bytes of 'actions' copies for software come before
 * all else. */
static size_t
first_copies(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (nl_attr_type(a) != OVS_ACTION_ATTR_SAMPLE
            && nl_attr_type(a) != OVS_ACTION_ATTR_USERSPACE) {
            break;
        }
    }
    return len - left;
}

const struct nlattr *
dpu_action_behind_copies(const struct nlattr *actions, size_t *len)
{
    size_t copies_len = first_copies(actions, *len);

    *len -= copies_len;
    return (copies_len
            ? ALIGNED_CAST(const struct nlattr *,
                           (const char *) actions + copies_len)
            : actions);
}

/* Copies for software that come first have the headers of a tunnel still on:
 * software takes them off, and so knows all that was in them. */
static bool
compile_copies_and_decap(struct dpu_action *ctx, size_t copies_len)
{
    ctx->outer = ctx->spec->outer_size != 0;
    if (!dpu_action_compile_list(ctx, ctx->flow->actions, copies_len)) {
        return false;
    }
    ctx->outer = false;
    return ctx->n_sent == ctx->n_outputs || dpu_action_compile_decap(ctx);
}

static bool
compile_all(struct dpu_action *ctx)
{
    size_t len = ctx->flow->actions_len;
    const struct nlattr *rest = dpu_action_behind_copies(ctx->flow->actions,
                                                         &len);
    struct rte_flow_action_count count = { .id = 0 };

    return (dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_COUNT,
                           &count, sizeof count)
            && compile_copies_and_decap(ctx, ctx->flow->actions_len - len)
            && dpu_action_compile_list(ctx, rest, len)
            && (!lacks_fate(ctx->spec)
                || dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_DROP, NULL, 0)));
}

/* VLAN headers that every packet of the rule has: as the items say. */
static int
count_vlan_items(const struct dpu_spec *spec)
{
    int n = 0;

    for (unsigned int i = 0; i < spec->n_items; i++) {
        n += spec->items[i].type == RTE_FLOW_ITEM_TYPE_VLAN;
    }
    return n;
}

/* Whether the packets of 'flow' may have ct fields when they meet its rule. */
static bool
may_be_tracked(const struct dpu_megaflow *flow, const struct dpu_caps *caps)
{
    const struct flow *mask = &flow->match->wc.masks;
    const struct flow *key = &flow->match->flow;

    return (caps->ct && key->recirc_id
            && !(mask->ct_state & ~key->ct_state & CS_TRACKED));
}

bool
dpu_action_goes_on(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        switch (nl_attr_type(a)) {
        case OVS_ACTION_ATTR_OUTPUT:
        case OVS_ACTION_ATTR_SET:
        case OVS_ACTION_ATTR_SET_MASKED:
        case OVS_ACTION_ATTR_PUSH_VLAN:
        case OVS_ACTION_ATTR_POP_VLAN:
        case OVS_ACTION_ATTR_PUSH_MPLS:
        case OVS_ACTION_ATTR_POP_MPLS:
        case OVS_ACTION_ATTR_TUNNEL_PUSH:
        case OVS_ACTION_ATTR_METER:
        case OVS_ACTION_ATTR_DROP:
        case OVS_ACTION_ATTR_CT_CLEAR:
            break;
        case OVS_ACTION_ATTR_CLONE:
            if (dpu_action_goes_on(nl_attr_get(a), nl_attr_get_size(a))) {
                return true;
            }
            break;
        default:
            return true;
        }
    }
    return false;
}

bool
dpu_action_compile(const struct dpu_megaflow *flow,
                   const struct dpu_port_map *ports,
                   const struct dpu_caps *caps, struct dpu_spec *spec,
                   struct dpu_reason *reason)
{
    struct dpu_action ctx;

    /* 'set' and 'outputs' are filled in as far as they are used. */
    ctx.flow = flow;
    ctx.ports = ports;
    ctx.caps = caps;
    ctx.spec = spec;
    ctx.reason = reason;
    ctx.n_tags = (count_vlan_items(spec)
                  + eth_type_vlan(flow->match->flow.dl_type));
    ctx.astray = false;
    ctx.tracked = may_be_tracked(flow, caps);
    ctx.outer = false;
    ctx.encapsulated = false;
    ctx.n_outputs = 0;
    ctx.n_sent = 0;
    ctx.n_hardware = 0;
    ctx.n_meters = 0;
    ctx.in_clone = false;
    ctx.software.code = DPU_REASON_NONE;
    dpu_set_init(&ctx.set, flow->match);
    dpu_action_init_mpls(&ctx);
    return (dpu_action_ask_list(&ctx, flow->actions, flow->actions_len)
            && ask_worthwhile(&ctx)
            && compile_all(&ctx));
}
