/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-copy: copies of a packet: those that are output before others,
 * those that software does something with, samples and clones. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "odp-util.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "openvswitch/match.h"

/* Copies.
 *
 * The last output takes the packet, each one before it a copy of the packet as
 * it is at that point. */

/* Makes the actions from index 'from' on, of which the last is an output, be
 * done to a copy of one packet in 'ratio'. */
bool
dpu_action_copy(struct dpu_action *ctx, unsigned int from, uint32_t ratio)
{
    if (ctx->caps->multi_output && ctx->spec->n_actions == from + 1
        && !dpu_action_has(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)) {
        return true;
    }
    if (!dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)) {
        return false;
    }
    dpu_spec_nest(ctx->spec, from, ratio);
    return true;
}

/* The actions from index 'from' on are those of an output of the list: they
 * are done to a copy, but for those of the last output.  Of a clone's outputs
 * the clone makes the copies. */
bool
dpu_action_copy_unless_last(struct dpu_action *ctx, unsigned int from)
{
    return (ctx->in_clone || ctx->n_sent == ctx->n_outputs
            || dpu_action_copy(ctx, from, 1));
}

/* Has the packet come up to software, where the datapath does with it what
 * 'actions' of 'len' bytes say. */
bool
dpu_action_to_software(struct dpu_action *ctx, const struct nlattr *actions,
                       size_t len)
{
    const struct dpu_miss miss = {
        .in_port = ctx->flow->match->flow.in_port.odp_port,
        .outer = ctx->outer,
        .tunnel = ctx->outer ? NULL : ctx->spec->tunnel,
        .actions = actions,
        .actions_len = len,
    };
    const struct rte_flow_action_ethdev up = {
        .port_id = ctx->spec->port_ethdev
    };

    if (!dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_MARK)) {
        return false;
    }
    dpu_spec_add_miss(ctx->spec, &miss);
    ctx->spec->copies = true;
    return dpu_action_add(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
                          &up, sizeof up);
}

/* Samples: the datapath executes the actions of a sample on copies. */

/* Stores in '*ratio' how many packets there are for each one that is taken
 * with 'probability', of which UINT32_MAX is always.  The datapath's
 * probabilities come from whole ratios (sFlow, IPFIX) or from OpenFlow's 16
 * bits. */
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

bool
dpu_action_ask_sample(struct dpu_action *ctx, const struct nlattr *a)
{
    uint32_t probability
        = nl_attr_get_u32(nl_attr_find_nested(a, OVS_SAMPLE_ATTR_PROBABILITY));
    uint32_t ratio;

    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "sample within a clone");
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
    if (!dpu_action_ask_room(ctx)) {
        return false;
    }
    ctx->n_outputs++;
    return (dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_SAMPLE)
            && dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_MARK)
            && dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
}

bool
dpu_action_compile_sample(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *actions
        = nl_attr_find_nested(a, OVS_SAMPLE_ATTR_ACTIONS);
    unsigned int from = ctx->spec->n_actions;
    uint32_t ratio;

    ctx->n_sent++;
    return (sample_ratio(nl_attr_get_u32(
                nl_attr_find_nested(a, OVS_SAMPLE_ATTR_PROBABILITY)), &ratio)
            && dpu_action_to_software(ctx, nl_attr_get(actions),
                                      nl_attr_get_size(actions))
            && dpu_action_copy(ctx, from, ratio));
}

/* Userspace: what goes to a controller or a collector goes there from
 * software, which gets the packet for this alone. */

/* Whether 'a', an action "userspace", takes the packet as it is and leaves it
 * as it is.  What else goes to userspace, for its slow path, has software do
 * something with the packet that the megaflow does not tell. */
static bool
is_report(const struct nlattr *a)
{
    const struct nlattr *data
        = nl_attr_find_nested(a, OVS_USERSPACE_ATTR_USERDATA);
    struct user_action_cookie cookie;

    if (!data || nl_attr_get_size(data) != sizeof cookie) {
        return false;
    }
    memcpy(&cookie, nl_attr_get(data), sizeof cookie);
    return (cookie.type == USER_ACTION_COOKIE_CONTROLLER
            || cookie.type == USER_ACTION_COOKIE_SFLOW
            || cookie.type == USER_ACTION_COOKIE_FLOW_SAMPLE
            || cookie.type == USER_ACTION_COOKIE_IPFIX);
}

bool
dpu_action_ask_userspace(struct dpu_action *ctx, const struct nlattr *a)
{
    if (ctx->in_clone) {
        /* A copy keeps the ct fields that a ct_clear in the clone takes. */
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_SOFTWARE,
                              "userspace within a clone");
    }
    if (ctx->encapsulated) {
        /* The device chooses another source port for UDP. */
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION_SOFTWARE,
                              "userspace after tnl_push");
    }
    if (!dpu_action_ask_room(ctx)) {
        return false;
    }
    dpu_reason_set(ctx->reason, DPU_REASON_ACTION_SOFTWARE, "userspace");
    return is_report(a) && dpu_action_ask_software(ctx);
}

bool
dpu_action_compile_userspace(struct dpu_action *ctx, const struct nlattr *a)
{
    unsigned int from = ctx->spec->n_actions;

    ctx->n_sent++;
    /* The datapath reads the packet's headers once more, takes the VLAN header
     * behind the last one that it looks at for what follows, and later changes
     * bytes there: what it sends then, hardware could not. */
    ctx->astray |= ctx->n_tags > flow_vlan_limit;
    return (dpu_action_to_software(ctx, a, NLA_ALIGN(a->nla_len))
            && dpu_action_copy_unless_last(ctx, from));
}

/* Clones: what a clone does to the packet ends with it.  The last action may
 * just as well do it to the packet itself. */

bool
dpu_action_ask_clone(struct dpu_action *ctx, const struct nlattr *a)
{
    bool encapsulated = ctx->encapsulated;
    int n_pushed = ctx->label.n_pushed;
    bool ok;

    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "clone within a clone");
    }
    ctx->in_clone = !dpu_action_is_last(ctx, a);
    ok = dpu_action_ask_list(ctx, nl_attr_get(a), nl_attr_get_size(a));
    ctx->in_clone = false;
    ctx->encapsulated = encapsulated;
    ctx->label.n_pushed = n_pushed;
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

        if ((!output || !n) && !dpu_action_compile_one(ctx, a)) {
            return false;
        }
        if (output && !n--) {
            break;
        }
    }
    return dpu_action_copy(ctx, from, 1);
}

bool
dpu_action_compile_clone(struct dpu_action *ctx, const struct nlattr *a)
{
    const struct nlattr *actions = nl_attr_get(a);
    size_t len = nl_attr_get_size(a);
    const struct dpu_action before = *ctx;
    bool ok = true;

    if (dpu_action_is_last(ctx, a)) {
        return dpu_action_compile_list(ctx, actions, len);
    }
    ctx->in_clone = true;
    for (int i = 0; ok && i < count_outputs(actions, len); i++) {
        ok = compile_clone_output(ctx, actions, len, i);
        ctx->set = before.set;
        ctx->n_tags = before.n_tags;
        ctx->astray = before.astray;
        ctx->label = before.label;
    }
    ctx->in_clone = false;
    return ok;
}
