/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-mpls: labels of MPLS.
 *
 * rte_flow can take a label off.  No action of it says what a label that is
 * put on has to be, and MODIFY_FIELD has no field of it: instead, the Ethernet
 * header is taken off, with the first label if that is to change, and another
 * one with a label behind is put in its place, as it would be to encapsulate a
 * packet.  So the addresses have to be known. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "openvswitch/match.h"
#include "packets.h"

void
dpu_action_init_mpls(struct dpu_action *ctx)
{
    const struct match *match = ctx->flow->match;
    bool has_label = (match->wc.masks.dl_type == OVS_BE16_MAX
                      && eth_type_mpls(match->flow.dl_type));

    ctx->label.ethertype = has_label ? match->flow.dl_type : 0;
    ctx->label.mask = has_label ? match->wc.masks.mpls_lse[0] : 0;
    ctx->label.lse = match->flow.mpls_lse[0] & ctx->label.mask;
    ctx->label.n_pushed = 0;
    ctx->label.n_on = 0;
}

/* Replaces the Ethernet header, with the first label behind it if 'off', by
 * one of 'ethertype' with the label '*on' behind it unless that is NULL. */
static bool
replace_l2(struct dpu_action *ctx, const char *action, bool off,
           ovs_be16 ethertype, const ovs_be32 *on)
{
    struct rte_flow_action_raw_decap decap = {
        .size = ETH_HEADER_LEN + (off ? MPLS_HLEN : 0),
    };
    struct rte_flow_action_raw_encap encap = {
        .size = ETH_HEADER_LEN + (on ? MPLS_HLEN : 0),
    };
    struct eth_header eth;

    if (!ctx->caps->l2_replace) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_DEVICE, "%s: "
                              "raw_decap, raw_encap of headers of layer 2",
                              action);
    }
    if (ctx->n_tags) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "%s behind a VLAN header", action);
    }
    if (!dpu_set_get_eth(&ctx->set, &eth.eth_src, &eth.eth_dst)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "%s of packets whose eth.src or eth.dst is not "
                              "known", action);
    }
    /* What it was: of the label, as far as it is known. */
    eth.eth_type = (ctx->label.ethertype ? ctx->label.ethertype
                    : ctx->flow->match->flow.dl_type);
    decap.data = dpu_spec_alloc(ctx->spec, decap.size);
    memcpy(decap.data, &eth, sizeof eth);
    if (off) {
        memcpy(decap.data + sizeof eth, &ctx->label.lse, MPLS_HLEN);
    }
    eth.eth_type = ethertype;
    encap.data = dpu_spec_alloc(ctx->spec, encap.size);
    memcpy(encap.data, &eth, sizeof eth);
    if (on) {
        memcpy(encap.data + sizeof eth, on, MPLS_HLEN);
    }
    ctx->label.ethertype = eth_type_mpls(ethertype) ? ethertype : 0;
    ctx->label.lse = on ? *on : 0;
    ctx->label.mask = on ? OVS_BE32_MAX : 0;
    return (dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
                           &decap, sizeof decap)
            && dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
                              &encap, sizeof encap));
}

bool
dpu_action_ask_push_mpls(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct ovs_action_push_mpls *push
        = nl_attr_get_unspec(a, sizeof *push);

    if (ctx->encapsulated) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "push_mpls after tnl_push");
    }
    ctx->label.n_pushed++;
    return (eth_type_mpls(push->mpls_ethertype)
            || dpu_reason_set(ctx->reason, DPU_REASON_INVALID_FLOW,
                              "push_mpls(eth_type=%#"PRIx16")",
                              ntohs(push->mpls_ethertype)));
}

bool
dpu_action_compile_push_mpls(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct ovs_action_push_mpls *push
        = nl_attr_get_unspec(a, sizeof *push);

    ctx->label.n_on++;
    return replace_l2(ctx, "push_mpls", false, push->mpls_ethertype,
                      &push->mpls_lse);
}

/* Software does nothing to a packet without a label. */
bool
dpu_action_ask_pop_mpls(struct dpu_action *ctx,
                        const struct nlattr *a OVS_UNUSED)
{
    const struct match *match = ctx->flow->match;

    if (ctx->label.n_pushed) {
        ctx->label.n_pushed--;
    } else if (match->wc.masks.dl_type != OVS_BE16_MAX
               || !eth_type_mpls(match->flow.dl_type)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_INVALID_FLOW,
                              "pop_mpls of packets that may not have it");
    }
    return true;
}

bool
dpu_action_compile_pop_mpls(struct dpu_action *ctx, const struct nlattr *a)
{
    struct rte_flow_action_of_pop_mpls conf = {
        .ethertype = nl_attr_get_be16(a)
    };

    if (ctx->label.n_on) {
        /* Packets do not come with it, as the device would want to be told by
         * an item. */
        ctx->label.n_on--;
        return replace_l2(ctx, "pop_mpls", true, conf.ethertype, NULL);
    }
    if (!dpu_spec_has_item(ctx->spec, RTE_FLOW_ITEM_TYPE_MPLS)) {
        if (!dpu_caps_item(ctx->caps, RTE_FLOW_ITEM_TYPE_MPLS)) {
            return dpu_reason_set(ctx->reason, DPU_REASON_MATCH_ITEM, "mpls");
        }
        dpu_spec_add_item(ctx->spec, RTE_FLOW_ITEM_TYPE_MPLS, NULL, NULL, 0);
    }
    ctx->label.ethertype = eth_type_mpls(conf.ethertype) ? conf.ethertype : 0;
    ctx->label.mask = 0;
    return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_OF_POP_MPLS,
                          &conf, sizeof conf);
}

bool
dpu_action_is_set_mpls(const struct nlattr *a)
{
    return nl_attr_type(nl_attr_get(a)) == OVS_KEY_ATTR_MPLS;
}

bool
dpu_action_compile_set_mpls(struct dpu_action *ctx, const struct nlattr *a)
{
    const ovs_be32 *value = nl_attr_get(nl_attr_get(a));
    ovs_be32 mask = (nl_attr_type(a) == OVS_ACTION_ATTR_SET_MASKED
                     ? value[1] : OVS_BE32_MAX);
    ovs_be32 lse = (value[0] & mask) | (ctx->label.lse & ~mask);

    if (!ctx->label.ethertype) {
        return dpu_reason_set(ctx->reason, DPU_REASON_INVALID_FLOW,
                              "set(mpls) of packets that may not have it");
    }
    if (!(mask & (~ctx->label.mask | (ctx->label.lse ^ lse)))) {
        return true;            /* It is already. */
    }
    if (~mask & ~ctx->label.mask) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "set(mpls) of a part of a label whose rest is "
                              "not known");
    }
    return replace_l2(ctx, "set(mpls)", true, ctx->label.ethertype, &lse);
}
