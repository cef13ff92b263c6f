/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-output: where a packet goes: to a port, or to the next chain. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "openvswitch/match.h"

/* Output. */

bool
dpu_action_ask_software(struct dpu_action *ctx)
{
    if (!dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)
        || !dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_MARK)
        || !dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR)) {
        return false;
    }
    ctx->software = *ctx->reason;
    ctx->outputs[ctx->n_outputs++] = DPU_ACTION_SOFTWARE;
    return true;
}

bool
dpu_action_ask_output(struct dpu_action *ctx, const struct nlattr *a)
{
    odp_port_t port = nl_attr_get_odp_port(a);
    char description[DPU_PORT_DESCRIPTION];
    const char *software;

    if (!dpu_action_ask_room(ctx)) {
        return false;
    }
    if (!ctx->ports->lookup(ctx->ports, port,
                            &ctx->outputs[ctx->n_outputs])) {
        dpu_reason_set(ctx->reason, DPU_REASON_OUTPUT_PORT, "%s",
                       dpu_port_map_describe(ctx->ports, port, description));
        return dpu_action_ask_software(ctx);
    }
    software = (ctx->ports->software
                ? ctx->ports->software(ctx->ports, port, true) : NULL);
    if (software) {
        dpu_reason_set(ctx->reason, DPU_REASON_ACTION_SOFTWARE, "%s of %s",
                       software,
                       dpu_port_map_describe(ctx->ports, port, description));
        return dpu_action_ask_software(ctx);
    }
    ctx->n_outputs++;
    ctx->n_hardware++;
    return true;
}

/* The packet goes to 'ethdev'. */
static bool
compile_ethdev(struct dpu_action *ctx, uint16_t ethdev)
{
    struct rte_flow_action_ethdev represented = { .port_id = ethdev };
    struct rte_flow_action_port_id port_id = { .id = ethdev };

    if (dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_PORT_ID)
        && !dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT)) {
        return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_PORT_ID,
                              &port_id, sizeof port_id);
    }
    return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
                          &represented, sizeof represented);
}

bool
dpu_action_compile_output(struct dpu_action *ctx, const struct nlattr *a)
{
    uint16_t ethdev = ctx->outputs[ctx->n_sent++];
    unsigned int from = ctx->spec->n_actions;

    return ((ethdev == DPU_ACTION_SOFTWARE
             ? dpu_action_to_software(ctx, a, NLA_ALIGN(a->nla_len))
             : compile_ethdev(ctx, ethdev))
            && dpu_action_copy_unless_last(ctx, from));
}

/* Recirculation: the packet goes on in the next chain, with a mark that says
 * where, in case it misses there. */

/* Whether the device can take packets to a chain, and from there to software
 * with a mark. */
static bool
ask_chain(struct dpu_action *ctx)
{
    ctx->n_outputs++;
    ctx->n_hardware++;
    return (dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_MARK)
            && (ctx->caps->default_miss
                || dpu_action_require(ctx,
                                      RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR)));
}

bool
dpu_action_ask_recirc(struct dpu_action *ctx, const struct nlattr *a)
{
    uint32_t recirc_id = nl_attr_get_u32(a);

    if (!dpu_action_is_last(ctx, a)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "recirc(%#"PRIx32") before other actions",
                              recirc_id);
    }
    if (ctx->encapsulated) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "recirc(%#"PRIx32") after tnl_push",
                              recirc_id);
    }
    if (!ctx->caps->groups) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "recirc(%#"PRIx32"): the device has no groups",
                              recirc_id);
    }
    return ask_chain(ctx);
}

bool
dpu_action_compile_recirc(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct dpu_chain_key next = {
        .recirc_id = nl_attr_get_u32(a),
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .tunnel = ctx->spec->tunnel,
    };
    const struct dpu_miss miss = {
        .in_port = next.in_port,
        .tunnel = next.tunnel,
        .actions = a,
        .actions_len = NLA_ALIGN(a->nla_len),
    };

    if (next.recirc_id) {
        dpu_spec_add_miss(ctx->spec, &miss);
    } /* else software starts from the first lookup anyway. */
    dpu_spec_add_jump(ctx->spec, &next);
    ctx->n_sent++;
    return true;
}

/* The headers of a tunnel: the packet is looked up again, as one that entered
 * where the tunnel ends, and the rules there take the headers off.  The mark
 * is for software to take them off. */

bool
dpu_action_ask_tnl_pop(struct dpu_action *ctx, const struct nlattr *a)
{
    odp_port_t port = nl_attr_get_odp_port(a);
    char description[DPU_PORT_DESCRIPTION];

    if (!dpu_action_is_last(ctx, a)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "tnl_pop before other actions");
    }
    if (!ctx->ports->tunnel || !ctx->ports->tunnel(ctx->ports, port)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION, "tnl_pop of %s",
                              dpu_port_map_describe(ctx->ports, port,
                                                    description));
    }
    if (!ctx->caps->groups) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "tnl_pop: the device has no groups");
    }
    return ask_chain(ctx);
}

bool
dpu_action_compile_tnl_pop(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct dpu_chain_key next = {
        .in_port = nl_attr_get_odp_port(a),
    };
    const struct dpu_miss miss = {
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .actions = a,
        .actions_len = NLA_ALIGN(a->nla_len),
    };

    dpu_action_untrack(ctx);
    dpu_spec_add_miss(ctx->spec, &miss);
    dpu_spec_add_jump(ctx->spec, &next);
    ctx->n_sent++;
    return true;
}
