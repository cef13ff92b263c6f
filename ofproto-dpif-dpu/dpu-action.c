/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action: a megaflow's actions become the actions of a rule.
 *
 * The table 'kinds' has one entry for each datapath action.  All actions are
 * asked whether they can be translated before the first of them is.
 *
 * Software's semantics: dp_execute_cb() in Open vSwitch's lib/dpif-netdev.c
 * and odp_execute_actions() in lib/odp-execute.c. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-action.h"

#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-megaflow.h"
#include "ofproto-dpif-dpu/dpu-reason.h"
#include "ofproto-dpif-dpu/dpu-set.h"
#include "ofproto-dpif-dpu/dpu-spec.h"
#include "ofproto-dpif-dpu/dpu-tunnel.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

/* The translation of one list of actions. */
struct dpu_action {
    const struct dpu_megaflow *flow;
    const struct dpu_port_map *ports;
    const struct dpu_caps *caps;
    struct dpu_spec *spec;
    struct dpu_reason *reason;
    struct dpu_set set;         /* What is known of the packet's fields. */
    int n_tags;                 /* VLAN headers that it has, at least. */
    bool encapsulated;          /* By an action that was asked. */
    int n_outputs;              /* Of the list, also what else must not be
                                 * left out: recirc, samples, meters. */
    int n_sent;                 /* Of them, compiled. */
    int n_hardware;             /* Of them, on the device. */
    bool in_clone;              /* Within a clone that others follow. */
    uint16_t outputs[DPU_SPEC_MAX_ACTIONS];     /* Ethdevs, or SOFTWARE. */
    struct dpu_reason software; /* Why an output is SOFTWARE, if one is. */
};

/* In place of an ethdev: the packet comes up to software to be output. */
#define SOFTWARE UINT16_MAX

static bool
device_has(const struct dpu_action *ctx, enum rte_flow_action_type type)
{
    return dpu_caps_action(ctx->caps, type);
}

static bool
refuse_device(struct dpu_action *ctx, enum rte_flow_action_type type)
{
    return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_DEVICE, "%s",
                          dpu_spec_action_name(type));
}

/* Refuses the action of 'type' unless the device has it. */
static bool
require(struct dpu_action *ctx, enum rte_flow_action_type type)
{
    return device_has(ctx, type) || refuse_device(ctx, type);
}

static bool
add(struct dpu_action *ctx, enum rte_flow_action_type type,
    const void *conf, size_t size)
{
    if (!require(ctx, type)) {
        return false;
    }
    dpu_spec_add_action(ctx->spec, type, conf, size);
    return true;
}

/* Copies.
 *
 * The last output takes the packet, each one before it a copy of the packet as
 * it is at that point. */

/* Makes the actions from index 'from' on, of which the last is an output, be
 * done to a copy of one packet in 'ratio'. */
static bool
compile_copy(struct dpu_action *ctx, unsigned int from, uint32_t ratio)
{
    if (ctx->caps->multi_output && ctx->spec->n_actions == from + 1
        && !device_has(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)) {
        return true;
    }
    if (!require(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)) {
        return false;
    }
    dpu_spec_nest(ctx->spec, from, ratio);
    return true;
}

/* Has the packet come up to software, where the datapath does with it what
 * 'actions' of 'len' bytes say. */
static bool
compile_software(struct dpu_action *ctx, const struct nlattr *actions,
                 size_t len)
{
    const struct dpu_miss miss = {
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .actions = actions,
        .actions_len = len,
    };
    const struct rte_flow_action_ethdev up = {
        .port_id = ctx->spec->port_ethdev
    };

    if (!require(ctx, RTE_FLOW_ACTION_TYPE_MARK)) {
        return false;
    }
    dpu_spec_add_miss(ctx->spec, &miss);
    ctx->spec->copies = true;
    return add(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR, &up, sizeof up);
}

/* Output. */

static bool
ask_room(struct dpu_action *ctx)
{
    return (ctx->n_outputs < ARRAY_SIZE(ctx->outputs)
            || dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "more outputs than a rule holds"));
}

/* Whether software may output to 'port' in place of hardware, which cannot,
 * because of '*ctx->reason': only if the device lets it. */
static bool
ask_software(struct dpu_action *ctx)
{
    if (!device_has(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)
        || !device_has(ctx, RTE_FLOW_ACTION_TYPE_MARK)
        || !device_has(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR)) {
        return false;
    }
    ctx->software = *ctx->reason;
    ctx->outputs[ctx->n_outputs++] = SOFTWARE;
    return true;
}

static bool
ask_output(struct dpu_action *ctx, const struct nlattr *a)
{
    odp_port_t port = nl_attr_get_odp_port(a);
    char description[DPU_PORT_DESCRIPTION];
    const char *software;

    if (!ask_room(ctx)) {
        return false;
    }
    dpu_port_map_describe(ctx->ports, port, description);
    if (!ctx->ports->lookup(ctx->ports, port,
                            &ctx->outputs[ctx->n_outputs])) {
        dpu_reason_set(ctx->reason, DPU_REASON_OUTPUT_PORT, "%s",
                       description);
        return ask_software(ctx);
    }
    software = (ctx->ports->software
                ? ctx->ports->software(ctx->ports, port, true) : NULL);
    if (software) {
        dpu_reason_set(ctx->reason, DPU_REASON_ACTION_SOFTWARE, "%s of %s",
                       software, description);
        return ask_software(ctx);
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

    if (device_has(ctx, RTE_FLOW_ACTION_TYPE_PORT_ID)
        && !device_has(ctx, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT)) {
        return add(ctx, RTE_FLOW_ACTION_TYPE_PORT_ID,
                   &port_id, sizeof port_id);
    }
    return add(ctx, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
               &represented, sizeof represented);
}

static bool
compile_output(struct dpu_action *ctx, const struct nlattr *a)
{
    uint16_t ethdev = ctx->outputs[ctx->n_sent++];
    unsigned int from = ctx->spec->n_actions;

    return ((ethdev == SOFTWARE
             ? compile_software(ctx, a, NLA_ALIGN(a->nla_len))
             : compile_ethdev(ctx, ethdev))
            && (ctx->in_clone || ctx->n_sent == ctx->n_outputs
                || compile_copy(ctx, from, 1)));
}

/* Recirculation: the packet goes on in the next chain, with a mark that says
 * where, in case it misses there. */

static bool
is_last(const struct dpu_action *ctx, const struct nlattr *a)
{
    const char *end = (const char *) ctx->flow->actions
                      + ctx->flow->actions_len;

    return (const char *) a + NLA_ALIGN(a->nla_len) >= end;
}

static bool
ask_recirc(struct dpu_action *ctx, const struct nlattr *a)
{
    uint32_t recirc_id = nl_attr_get_u32(a);

    if (!is_last(ctx, a)) {
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
    if (ctx->spec->outer_size) {
        return dpu_reason_set(ctx->reason, DPU_REASON_RECIRC,
                              "recirc(%#"PRIx32") after a tunnel", recirc_id);
    }
    ctx->n_outputs++;
    ctx->n_hardware++;
    return (require(ctx, RTE_FLOW_ACTION_TYPE_MARK)
            && require(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
}

static bool
compile_recirc(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct dpu_chain_key next = {
        .recirc_id = nl_attr_get_u32(a),
        .in_port = ctx->flow->match->flow.in_port.odp_port,
    };
    const struct dpu_miss miss = {
        .in_port = next.in_port,
        .actions = a,
        .actions_len = NLA_ALIGN(a->nla_len),
    };

    dpu_spec_add_miss(ctx->spec, &miss);
    dpu_spec_add_jump(ctx->spec, &next);
    ctx->n_sent++;
    return true;
}

/* The headers of a tunnel: the packet is looked up again, as one that entered
 * where the tunnel ends, and the rules there take the headers off.  The mark is
 * for software to take them off. */

static bool
ask_tnl_pop(struct dpu_action *ctx, const struct nlattr *a)
{
    odp_port_t port = nl_attr_get_odp_port(a);
    char description[DPU_PORT_DESCRIPTION];

    if (!is_last(ctx, a)) {
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
    ctx->n_outputs++;
    ctx->n_hardware++;
    return (require(ctx, RTE_FLOW_ACTION_TYPE_MARK)
            && require(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
}

static bool
compile_tnl_pop(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct dpu_chain_key next = {
        .in_port = nl_attr_get_odp_port(a),
    };
    const struct dpu_miss miss = {
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .actions = a,
        .actions_len = NLA_ALIGN(a->nla_len),
    };

    dpu_spec_add_miss(ctx->spec, &miss);
    dpu_spec_add_jump(ctx->spec, &next);
    ctx->n_sent++;
    return true;
}

/* Takes off the headers that the items say the packets come in. */
static bool
compile_decap(struct dpu_action *ctx)
{
    struct rte_flow_action_raw_decap conf = {
        .data = ctx->spec->outer,
        .size = ctx->spec->outer_size,
    };

    if (!ctx->spec->outer_size) {
        return true;
    }
    if (ctx->spec->outer_vxlan
        && device_has(ctx, RTE_FLOW_ACTION_TYPE_VXLAN_DECAP)) {
        return add(ctx, RTE_FLOW_ACTION_TYPE_VXLAN_DECAP, NULL, 0);
    }
    return add(ctx, RTE_FLOW_ACTION_TYPE_RAW_DECAP, &conf, sizeof conf);
}

/* Samples: the datapath executes the actions of a sample on copies. */

/* Stores in '*ratio' how many packets there are for each one that is taken with
 * 'probability', of which UINT32_MAX is always.  The datapath's probabilities
 * come from whole ratios (sFlow, IPFIX) or from OpenFlow's 16 bits. */
static bool
sample_ratio(uint32_t probability, uint32_t *ratio)
{
    uint64_t taken, error;

    if (!probability) {
        return false;
    }
    *ratio = ((uint64_t) UINT32_MAX + probability / 2) / probability;
    taken = (uint64_t) *ratio * probability;
    error = taken > UINT32_MAX ? taken - UINT32_MAX : UINT32_MAX - taken;
    /* Half a step of 16 bits. */
    return error <= *ratio * UINT64_C(0x10001) / 2;
}

static bool
ask_sample(struct dpu_action *ctx, const struct nlattr *a)
{
    uint32_t probability
        = nl_attr_get_u32(nl_attr_find_nested(a, OVS_SAMPLE_ATTR_PROBABILITY));
    uint32_t ratio;

    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "sample within a clone");
    }
    if (ctx->spec->outer_size) {
        /* The copy would have to know its tunnel. */
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "sample after a tunnel");
    }
    if (!sample_ratio(probability, &ratio)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "sample(%.2f%%) is not one packet in N",
                              100.0 * probability / UINT32_MAX);
    }
    if (ratio == 1) {
        dpu_reason_set(&ctx->software, DPU_REASON_ACTION_SOFTWARE,
                       "sample(100%%)");
    }
    if (!ask_room(ctx)) {
        return false;
    }
    ctx->n_outputs++;
    return (require(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)
            && require(ctx, RTE_FLOW_ACTION_TYPE_MARK)
            && require(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
}

static bool
compile_sample(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *actions
        = nl_attr_find_nested(a, OVS_SAMPLE_ATTR_ACTIONS);
    unsigned int from = ctx->spec->n_actions;
    uint32_t ratio;

    ctx->n_sent++;
    return (sample_ratio(nl_attr_get_u32(
                nl_attr_find_nested(a, OVS_SAMPLE_ATTR_PROBABILITY)), &ratio)
            && compile_software(ctx, nl_attr_get(actions),
                                nl_attr_get_size(actions))
            && compile_copy(ctx, from, ratio));
}

/* Clones: what a clone does to the packet ends with it.  The last action may
 * just as well do it to the packet itself. */

static bool ask_list(struct dpu_action *, const struct nlattr *, size_t len);
static bool compile_one(struct dpu_action *, const struct nlattr *);
static bool compile_list(struct dpu_action *,
                         const struct nlattr *, size_t len);

static bool
ask_clone(struct dpu_action *ctx, const struct nlattr *a)
{
    bool encapsulated = ctx->encapsulated;
    bool ok;

    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "clone within a clone");
    }
    ctx->in_clone = !is_last(ctx, a);
    ok = ask_list(ctx, nl_attr_get(a), nl_attr_get_size(a));
    ctx->in_clone = false;
    ctx->encapsulated = encapsulated;
    return ok;
}

/* The number of outputs in the 'len' bytes of 'actions'.  A drop ends them. */
static int
count_outputs(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;
    int n = 0;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (nl_attr_type(a) == OVS_ACTION_ATTR_DROP) {
            break;
        }
        n += nl_attr_type(a) == OVS_ACTION_ATTR_OUTPUT;
    }
    return n;
}

/* The copy for output number 'n' of the 'len' bytes of 'actions', with all the
 * changes before it, those that copies before it had, too: a SAMPLE within a
 * SAMPLE is more than devices take. */
static bool
compile_clone_output(struct dpu_action *ctx, const struct nlattr *actions,
                     size_t len, int n)
{
    unsigned int from = ctx->spec->n_actions;
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        bool output = nl_attr_type(a) == OVS_ACTION_ATTR_OUTPUT;

        if ((!output || !n) && !compile_one(ctx, a)) {
            return false;
        }
        if (output && !n--) {
            break;
        }
    }
    return compile_copy(ctx, from, 1);
}

static bool
compile_clone(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *actions = nl_attr_get(a);
    size_t len = nl_attr_get_size(a);
    struct dpu_set set = ctx->set;
    int n_tags = ctx->n_tags;
    bool ok = true;

    if (is_last(ctx, a)) {
        return compile_list(ctx, actions, len);
    }
    ctx->in_clone = true;
    for (int i = 0; ok && i < count_outputs(actions, len); i++) {
        ok = compile_clone_output(ctx, actions, len, i);
        ctx->set = set;
        ctx->n_tags = n_tags;
    }
    ctx->in_clone = false;
    return ok;
}

/* Meters.  What they count counts even if no output follows. */

static bool
ask_meter(struct dpu_action *ctx, const struct nlattr *a OVS_UNUSED)
{
    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "meter within a clone");
    }
    if (!ask_room(ctx)) {
        return false;
    }
    ctx->n_outputs++;
    return require(ctx, RTE_FLOW_ACTION_TYPE_METER);
}

static bool
compile_meter(struct dpu_action *ctx, const struct nlattr *a)
{
    dpu_spec_add_meter(ctx->spec, nl_attr_get_u32(a));
    ctx->n_sent++;
    return true;
}

/* VLAN headers. */

static bool
ask_ok(struct dpu_action *ctx OVS_UNUSED, const struct nlattr *a OVS_UNUSED)
{
    return true;
}

/* Sets the VLAN id of the header that was just pushed.  With no tag below it,
 * the new one starts with zeros (OpenFlow 1.3, "Default values for fields on
 * push"). */
static bool
compile_vlan_vid(struct dpu_action *ctx, uint16_t vid)
{
    if (device_has(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID)) {
        struct rte_flow_action_of_set_vlan_vid conf = {
            .vlan_vid = htons(vid)
        };

        return add(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID,
                   &conf, sizeof conf);
    }
    if (device_has(ctx, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD)
        && dpu_caps_modify(ctx->caps, RTE_FLOW_FIELD_VLAN_ID)) {
        struct rte_flow_action_modify_field conf;

        memset(&conf, 0, sizeof conf);
        conf.operation = RTE_FLOW_MODIFY_SET;
        conf.dst.field = RTE_FLOW_FIELD_VLAN_ID;
        conf.src.field = RTE_FLOW_FIELD_VALUE;
        conf.src.value[0] = vid >> 8;
        conf.src.value[1] = vid;
        conf.width = 12;
        return add(ctx, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                   &conf, sizeof conf);
    }
    return ((!vid && !ctx->n_tags)
            || refuse_device(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID));
}

static bool
compile_vlan_pcp(struct dpu_action *ctx, uint8_t pcp)
{
    struct rte_flow_action_of_set_vlan_pcp conf = { .vlan_pcp = pcp };

    return ((!pcp && !ctx->n_tags
             && !device_has(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP))
            || add(ctx, RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP,
                   &conf, sizeof conf));
}

static bool
compile_push_vlan(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct ovs_action_push_vlan *push
        = nl_attr_get_unspec(a, sizeof *push);
    struct rte_flow_action_of_push_vlan conf = {
        .ethertype = push->vlan_tpid
    };
    bool ok;

    ok = (add(ctx, RTE_FLOW_ACTION_TYPE_OF_PUSH_VLAN, &conf, sizeof conf)
          && compile_vlan_vid(ctx, vlan_tci_to_vid(push->vlan_tci))
          && compile_vlan_pcp(ctx, vlan_tci_to_pcp(push->vlan_tci)));
    ctx->n_tags++;
    return ok;
}

/* Software does nothing to a packet without a tag. */
static bool
compile_pop_vlan(struct dpu_action *ctx, const struct nlattr *a OVS_UNUSED)
{
    if (!ctx->n_tags) {
        return true;
    }
    ctx->n_tags--;
    return add(ctx, RTE_FLOW_ACTION_TYPE_OF_POP_VLAN, NULL, 0);
}

/* MPLS labels. */

/* Software does nothing to a packet without a label. */
static bool
ask_pop_mpls(struct dpu_action *ctx, const struct nlattr *a OVS_UNUSED)
{
    const struct match *match = ctx->flow->match;

    if (match->wc.masks.dl_type != OVS_BE16_MAX
        || !eth_type_mpls(match->flow.dl_type)) {
        return dpu_reason_set(ctx->reason, DPU_REASON_INVALID_FLOW,
                              "pop_mpls of packets that may not have it");
    }
    return true;
}

static bool
compile_pop_mpls(struct dpu_action *ctx, const struct nlattr *a)
{
    struct rte_flow_action_of_pop_mpls conf = {
        .ethertype = nl_attr_get_be16(a)
    };

    if (!dpu_spec_has_item(ctx->spec, RTE_FLOW_ITEM_TYPE_MPLS)) {
        if (!dpu_caps_item(ctx->caps, RTE_FLOW_ITEM_TYPE_MPLS)) {
            return dpu_reason_set(ctx->reason, DPU_REASON_MATCH_ITEM, "mpls");
        }
        dpu_spec_add_item(ctx->spec, RTE_FLOW_ITEM_TYPE_MPLS, NULL, NULL, 0);
    }
    return add(ctx, RTE_FLOW_ACTION_TYPE_OF_POP_MPLS, &conf, sizeof conf);
}

/* Fields. */

static bool
ask_set(struct dpu_action *ctx, const struct nlattr *a)
{
    if (ctx->encapsulated) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "set after tnl_push");
    }
    return dpu_set_ask(&ctx->set, a, ctx->reason);
}

static bool
compile_set(struct dpu_action *ctx, const struct nlattr *a)
{
    return dpu_set_compile(&ctx->set, a, ctx->caps, ctx->spec, ctx->reason);
}

/* Tunnels.
 *
 * What follows "tnl_push" is done to the outer frame, of which the match says
 * nothing. */

static bool
ask_tnl_push(struct dpu_action *ctx, const struct nlattr *a)
{
    ctx->encapsulated = true;
    return dpu_tunnel_ask_push(a, ctx->caps, ctx->reason);
}

static bool
compile_tnl_push(struct dpu_action *ctx, const struct nlattr *a)
{
    dpu_tunnel_compile_push(a, ctx->caps, ctx->spec);
    ctx->n_tags = 0;
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
#define DO(ATTR, NAME, ASK, COMPILE) \
    [OVS_ACTION_ATTR_##ATTR] = { NAME, DPU_REASON_NONE, ASK, COMPILE }
#define REFUSE(ATTR, NAME, CODE) \
    [OVS_ACTION_ATTR_##ATTR] = { NAME, DPU_REASON_##CODE, NULL, NULL }
    DO(OUTPUT, "output", ask_output, compile_output),
    DO(SET, "set", ask_set, compile_set),
    DO(SET_MASKED, "set_masked", ask_set, compile_set),
    DO(RECIRC, "recirc", ask_recirc, compile_recirc),
    DO(TUNNEL_POP, "tnl_pop", ask_tnl_pop, compile_tnl_pop),
    DO(SAMPLE, "sample", ask_sample, compile_sample),
    DO(CLONE, "clone", ask_clone, compile_clone),
    DO(POP_MPLS, "pop_mpls", ask_pop_mpls, compile_pop_mpls),
    DO(METER, "meter", ask_meter, compile_meter),
    DO(PUSH_VLAN, "push_vlan", ask_ok, compile_push_vlan),
    DO(POP_VLAN, "pop_vlan", ask_ok, compile_pop_vlan),
    DO(TUNNEL_PUSH, "tnl_push", ask_tnl_push, compile_tnl_push),
    /* A drop ends the list.  Nothing was tracked before the first recirc. */
    DO(DROP, "drop", ask_ok, compile_nothing),
    DO(CT_CLEAR, "ct_clear", ask_ok, compile_nothing),

    REFUSE(USERSPACE, "userspace", ACTION_SOFTWARE),
    REFUSE(HASH, "hash", ACTION),
    REFUSE(PUSH_MPLS, "push_mpls", ACTION),
    REFUSE(CT, "ct", ACTION),
    REFUSE(TRUNC, "trunc", ACTION),
    REFUSE(PUSH_ETH, "push_eth", ACTION),
    REFUSE(POP_ETH, "pop_eth", ACTION),
    REFUSE(PUSH_NSH, "push_nsh", ACTION),
    REFUSE(POP_NSH, "pop_nsh", ACTION),
    REFUSE(CHECK_PKT_LEN, "check_pkt_len", ACTION),
    REFUSE(ADD_MPLS, "add_mpls", ACTION),
    REFUSE(LB_OUTPUT, "lb_output", ACTION),
#undef DO
#undef REFUSE
};

static bool
ask_list(struct dpu_action *ctx, const struct nlattr *actions, size_t len)
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

static bool
compile_one(struct dpu_action *ctx, const struct nlattr *a)
{
    return kinds[nl_attr_type(a)].compile(ctx, a);
}

/* Compiles the actions up to the last output: what follows has no effect. */
static bool
compile_list(struct dpu_action *ctx, const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (ctx->n_sent == ctx->n_outputs) {
            break;
        }
        if (!compile_one(ctx, a)) {
            return false;
        }
    }
    return true;
}

/* Whether nothing says yet what becomes of the packet itself. */
static bool
lacks_fate(const struct dpu_spec *spec)
{
    enum rte_flow_action_type last = spec->actions[spec->n_actions - 1].type;

    return (last == RTE_FLOW_ACTION_TYPE_COUNT
            || last == RTE_FLOW_ACTION_TYPE_SAMPLE
            || last == RTE_FLOW_ACTION_TYPE_METER);
}

static bool
compile_all(struct dpu_action *ctx)
{
    struct rte_flow_action_count count = { .id = 0 };

    return (add(ctx, RTE_FLOW_ACTION_TYPE_COUNT, &count, sizeof count)
            && (!ctx->n_outputs || compile_decap(ctx))
            && compile_list(ctx, ctx->flow->actions, ctx->flow->actions_len)
            && (!lacks_fate(ctx->spec)
                || add(ctx, RTE_FLOW_ACTION_TYPE_DROP, NULL, 0)));
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
    ctx.encapsulated = false;
    ctx.n_outputs = 0;
    ctx.n_sent = 0;
    ctx.n_hardware = 0;
    ctx.in_clone = false;
    ctx.software.code = DPU_REASON_NONE;
    dpu_set_init(&ctx.set, flow->match);
    return (ask_list(&ctx, flow->actions, flow->actions_len)
            && ask_worthwhile(&ctx)
            && compile_all(&ctx));
}
