/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action-meter: the datapath's meters. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-action-private.h"

#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"

/* Meters.  What they count counts even if no output follows. */

bool
dpu_action_ask_meter(struct dpu_action *ctx, const struct nlattr *a OVS_UNUSED)
{
    if (ctx->in_clone) {
        return dpu_reason_set(ctx->reason, DPU_REASON_ACTION,
                              "meter within a clone");
    }
    if (!dpu_action_ask_room(ctx)) {
        return false;
    }
    ctx->n_outputs++;
    ctx->n_meters++;
    return (dpu_action_require(ctx, RTE_FLOW_ACTION_TYPE_METER)
            && (ctx->n_meters <= ctx->caps->rule_meters
                || dpu_reason_set(ctx->reason, DPU_REASON_ACTION_DEVICE,
                                  "%d meters in a rule", ctx->n_meters)));
}

bool
dpu_action_compile_meter(struct dpu_action *ctx, const struct nlattr *a)
{
    dpu_spec_add_meter(ctx->spec, nl_attr_get_u32(a));
    ctx->n_sent++;
    return true;
}
