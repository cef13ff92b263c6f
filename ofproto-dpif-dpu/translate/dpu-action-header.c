/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-header: what is done to a packet's headers: tunnels, VLAN tags,
 * fields. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include "flow.h"
#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-tunnel.h"
#include "openvswitch/match.h"
#include "packets.h"

/* Tunnels.
 *
 * What follows "tnl_push" is done to the outer frame, of which the match says
 * nothing. */

bool
dpu_action_ask_tnl_push(struct dpu_action *ctx, const struct nlattr *a)
{
    ctx->encapsulated = true;
    return dpu_tunnel_ask_push(a, ctx->caps, ctx->reason);
}

bool
dpu_action_compile_tnl_push(struct dpu_action *ctx, const struct nlattr *a)
{
    dpu_tunnel_compile_push(a, ctx->caps, ctx->spec);
    ctx->n_tags = 0;
    return true;
}

/* Takes off the headers that the items say the packets come in. */
bool
dpu_action_compile_decap(struct dpu_action *ctx)
{
    struct rte_flow_action_raw_decap conf = {
        .data = ctx->spec->outer,
        .size = ctx->spec->outer_size,
    };

    if (!ctx->spec->outer_size) {
        return true;
    }
    if (ctx->spec->outer_vxlan
        && dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_VXLAN_DECAP)) {
        return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_VXLAN_DECAP, NULL, 0);
    }
    return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
                          &conf, sizeof conf);
}

/* VLAN headers. */

/* Sets the VLAN id of the header that was just pushed.  With no tag below it,
 * the new one starts with zeros (OpenFlow 1.3, "Default values for fields on
 * push"). */
static bool
compile_vlan_vid(struct dpu_action *ctx, uint16_t vid)
{
    if (dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID)) {
        struct rte_flow_action_of_set_vlan_vid conf = {
            .vlan_vid = htons(vid)
        };

        return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID,
                              &conf, sizeof conf);
    }
    if (dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD)
        && dpu_caps_modify(ctx->caps, RTE_FLOW_FIELD_VLAN_ID)) {
        struct rte_flow_action_modify_field conf;

        memset(&conf, 0, sizeof conf);
        conf.operation = RTE_FLOW_MODIFY_SET;
        conf.dst.field = RTE_FLOW_FIELD_VLAN_ID;
        conf.src.field = RTE_FLOW_FIELD_VALUE;
        conf.src.value[0] = vid >> 8;
        conf.src.value[1] = vid;
        conf.width = 12;
        return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                              &conf, sizeof conf);
    }
    return ((!vid && !ctx->n_tags)
            || dpu_action_refuse_device(ctx,
                                        RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID));
}

static bool
compile_vlan_pcp(struct dpu_action *ctx, uint8_t pcp)
{
    struct rte_flow_action_of_set_vlan_pcp conf = { .vlan_pcp = pcp };

    return ((!pcp && !ctx->n_tags
             && !dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP))
            || dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP,
                              &conf, sizeof conf));
}

bool
dpu_action_compile_push_vlan(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct ovs_action_push_vlan *push
        = nl_attr_get_unspec(a, sizeof *push);
    struct rte_flow_action_of_push_vlan conf = {
        .ethertype = push->vlan_tpid
    };
    bool ok;

    ok = (dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_OF_PUSH_VLAN,
                         &conf, sizeof conf)
          && compile_vlan_vid(ctx, vlan_tci_to_vid(push->vlan_tci))
          && compile_vlan_pcp(ctx, vlan_tci_to_pcp(push->vlan_tci)));
    ctx->n_tags++;
    return ok;
}

/* Software does nothing to a packet without a tag. */
bool
dpu_action_compile_pop_vlan(struct dpu_action *ctx,
                            const struct nlattr *a OVS_UNUSED)
{
    if (!ctx->n_tags) {
        return true;
    }
    ctx->n_tags--;
    return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_OF_POP_VLAN, NULL, 0);
}

/* Fields. */

bool
dpu_action_ask_set(struct dpu_action *ctx, const struct nlattr *a)
{
    if (ctx->encapsulated) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "set after tnl_push");
    }
    return (dpu_action_is_set_mpls(a)
            || dpu_set_ask(&ctx->set, a, ctx->reason));
}

bool
dpu_action_compile_set(struct dpu_action *ctx, const struct nlattr *a)
{
    return (dpu_action_is_set_mpls(a)
            ? dpu_action_compile_set_mpls(ctx, a)
            : dpu_set_compile(&ctx->set, a, ctx->caps, ctx->spec,
                              ctx->reason));
}
