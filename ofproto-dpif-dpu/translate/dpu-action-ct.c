/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-ct: connection tracking.
 *
 *   chain   ..., MARK: "ct(...), rest", TAGs, JUMP --.
 *                                                    v
 *   DPU_CHAIN_CT       connection: NAT, TAGs, META, JUMP --.   dpu-ct
 *                      any other packet: to software,      |
 *                      which does "ct(...), rest"          |
 *                                                          v
 *   DPU_CHAIN_POST     TAG: which ct() it was; rest:
 *                      outputs, JUMP to the next chain, another ct(), ...
 *
 * Nothing has been done when a packet comes up from DPU_CHAIN_CT that ct() and
 * what follows it do, so that software does it all, once.  What follows is a
 * further rule of the same megaflow, its continuation, for packets whose
 * connections are in hardware. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include <stdlib.h>

#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-action.h"
#include "openvswitch/match.h"
#include "util.h"

/* How many bytes the list that 'a' is in has from 'a' on: what takes 'a' has
 * made sure that no list has it within an action that is not the last one. */
static size_t
length_from(const struct dpu_action *ctx, const struct nlattr *a)
{
    return ((const char *) ctx->flow->actions + ctx->flow->actions_len
            - (const char *) a);
}

bool
dpu_action_ask_ct(struct dpu_action *ctx, const struct nlattr *a OVS_UNUSED)
{
    if (!ctx->caps->ct) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_DEVICE, "ct");
    }
    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "ct within a clone");
    }
    if (ctx->encapsulated) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "ct after tnl_push");
    }
    if (!dpu_action_ask_room(ctx)) {
        return false;
    }
    /* Even if it is the last one: it may commit. */
    ctx->n_outputs++;
    ctx->n_hardware++;
    return (ctx->caps->default_miss
            || dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
}

/* Gets the zone of the ct() 'a' and its variant.  Returns false if its
 * connections never go to hardware. */
static bool
parse_ct(const struct nlattr *a, uint16_t *zone,
         struct dpu_ct_variant *variant)
{
    const struct ovs_key_ct_labels *setlabel = NULL;
    bool force = false, nat = false, alg = false;
    const uint32_t *setmark = NULL;
    const struct nlattr *b;
    unsigned int left;

    *zone = 0;
    NL_NESTED_FOR_EACH (b, left, a) {
        switch ((enum ovs_ct_attr) nl_attr_type(b)) {
        case OVS_CT_ATTR_ZONE:
            *zone = nl_attr_get_u16(b);
            break;
        case OVS_CT_ATTR_FORCE_COMMIT:
            force = true;
            break;
        case OVS_CT_ATTR_NAT:
            nat = true;
            break;
        case OVS_CT_ATTR_HELPER:
            alg = true;
            break;
        case OVS_CT_ATTR_MARK:
            setmark = nl_attr_get(b);
            break;
        case OVS_CT_ATTR_LABELS:
            setlabel = nl_attr_get(b);
            break;
        case OVS_CT_ATTR_COMMIT:
        case OVS_CT_ATTR_EVENTMASK:
        case OVS_CT_ATTR_TIMEOUT:
        case OVS_CT_ATTR_UNSPEC:
        case __OVS_CT_ATTR_MAX:
        default:
            break;
        }
    }
    dpu_ct_variant_init(variant, force, nat, setmark, setlabel);
    return !alg;
}

/* Whether the 'len' bytes of 'actions' change the packet before they hand it
 * on. */
static bool
changes_headers(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        switch (nl_attr_type(a)) {
        case OVS_ACTION_ATTR_OUTPUT:
        case OVS_ACTION_ATTR_USERSPACE:
        case OVS_ACTION_ATTR_SAMPLE:
        case OVS_ACTION_ATTR_METER:
        case OVS_ACTION_ATTR_CT_CLEAR:
            break;
        case OVS_ACTION_ATTR_CT:
        case OVS_ACTION_ATTR_RECIRC:
        case OVS_ACTION_ATTR_DROP:
            return false;
        default:
            return true;
        }
    }
    return false;
}

/* Appends the items for the headers that the packets have as 'ctx->spec'
 * leaves them, without values: the guide wants them beside actions on those
 * headers. */
static void
add_headers(const struct dpu_action *ctx, struct dpu_spec *next)
{
    const struct dpu_spec *spec = ctx->spec;

    dpu_spec_add_item(next, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, 0);
    for (int i = 0; i < ctx->n_tags; i++) {
        dpu_spec_add_item(next, RTE_FLOW_ITEM_TYPE_VLAN, NULL, NULL, 0);
    }
    for (unsigned int i = spec->n_outer_items; i < spec->n_items; i++) {
        enum rte_flow_item_type type = spec->items[i].type;

        if (type == RTE_FLOW_ITEM_TYPE_IPV4
            || type == RTE_FLOW_ITEM_TYPE_IPV6
            || type == RTE_FLOW_ITEM_TYPE_TCP
            || type == RTE_FLOW_ITEM_TYPE_UDP
            || type == RTE_FLOW_ITEM_TYPE_SCTP
            || type == RTE_FLOW_ITEM_TYPE_ICMP
            || type == RTE_FLOW_ITEM_TYPE_ICMP6) {
            dpu_spec_add_item(next, type, NULL, NULL, 0);
        }
    }
}

/* Goes on with a new spec, behind 'ctx->spec', for what follows ct(): the
 * 'len' bytes of 'rest'. */
static void
begin_continuation(struct dpu_action *ctx, const struct nlattr *rest,
                   size_t len)
{
    const struct dpu_spec *spec = ctx->spec;
    struct dpu_spec *next = xmalloc(sizeof *next);

    dpu_spec_init(next, 0, 0);
    next->attr = spec->attr;
    next->chain = (struct dpu_chain_key) { .stage = DPU_CHAIN_POST };
    next->port_ethdev = spec->port_ethdev;
    next->tunnel = spec->tunnel;
    next->resumes = dpu_ct_match_tag(next, DPU_CT_TAG_NEXT, 0, UINT32_MAX);
    if (changes_headers(rest, len)) {
        add_headers(ctx, next);
    }
    ctx->spec->more = next;
    ctx->spec = next;
}

bool
dpu_action_compile_ct(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *rest = nl_attr_next(a);
    const struct dpu_chain_key connections = { .stage = DPU_CHAIN_CT };
    const struct dpu_miss miss = {
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .tunnel = ctx->spec->tunnel,
        .actions = a,
        .actions_len = length_from(ctx, a),
    };
    struct dpu_spec_ct *ct = &ctx->spec->ct;
    uint16_t zone;

    ct->learns = parse_ct(a, &zone, &ct->variant);
    dpu_spec_add_miss(ctx->spec, &miss);
    ct->state = dpu_ct_set_tag(ctx->spec, ctx->caps, DPU_CT_TAG_STATE,
                               dpu_ct_state(0, zone, 0));
    ct->next = dpu_ct_set_tag(ctx->spec, ctx->caps, DPU_CT_TAG_NEXT, 0);
    dpu_spec_add_jump(ctx->spec, &connections);
    ctx->n_sent++;

    ctx->tracked = true;
    if (ct->variant.nat) {
        dpu_set_forget_nat(&ctx->set);
    }
    begin_continuation(ctx, rest, length_from(ctx, rest));
    return true;
}

/* ct_clear. */

/* Whether the 'len' bytes of 'actions' come to a ct() before anything that
 * looks at ct fields. */
static bool
leads_to_ct(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        switch (nl_attr_type(a)) {
        case OVS_ACTION_ATTR_CT:
            return true;
        case OVS_ACTION_ATTR_OUTPUT:
        case OVS_ACTION_ATTR_SET:
        case OVS_ACTION_ATTR_SET_MASKED:
        case OVS_ACTION_ATTR_PUSH_VLAN:
        case OVS_ACTION_ATTR_POP_VLAN:
        case OVS_ACTION_ATTR_METER:
            break;
        default:
            return false;
        }
    }
    return false;
}

/* Makes the packet one that was not tracked.  If it is 'retracked', which
 * writes the TAGs again, software needs to know of it alone, should it miss
 * there. */
static void
clear_registers(struct dpu_action *ctx, bool retracked)
{
    if (!retracked) {
        dpu_ct_set_tag(ctx->spec, ctx->caps, DPU_CT_TAG_STATE, 0);
        dpu_ct_set_tag(ctx->spec, ctx->caps, DPU_CT_TAG_MARK, 0);
        dpu_ct_set_tag(ctx->spec, ctx->caps, DPU_CT_TAG_CLASS, 0);
    }
    dpu_ct_set_meta(ctx->spec, ctx->caps, 0);
}

void
dpu_action_untrack(struct dpu_action *ctx)
{
    if (ctx->tracked) {
        clear_registers(ctx, false);
        ctx->tracked = false;
    }
}

bool
dpu_action_compile_ct_clear(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *rest = nl_attr_next(a);
    size_t len = length_from(ctx, rest);

    /* A copy goes nowhere where somebody looks at its ct fields. */
    if (ctx->tracked && !ctx->in_clone && dpu_action_goes_on(rest, len)) {
        clear_registers(ctx, leads_to_ct(rest, len));
        ctx->tracked = false;
    }
    return true;
}
