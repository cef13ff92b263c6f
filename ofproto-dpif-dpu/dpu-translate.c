/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-translate: see dpu-translate.h. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-translate.h"

#include "ofproto-dpif-dpu/dpu-action.h"
#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-match.h"
#include "ofproto-dpif-dpu/dpu-reason.h"
#include "ofproto-dpif-dpu/dpu-spec.h"

bool
dpu_translate(const struct dpu_megaflow *flow,
              const struct dpu_port_map *ports, const struct dpu_caps *caps,
              struct dpu_spec *spec, struct dpu_reason *reason)
{
    dpu_spec_init(spec, 0, 0);
    /* DPDK guide, "Attribute: Transfer": a direction is not allowed with
     * it, and required without. */
    spec->attr.transfer = caps->transfer;
    spec->attr.ingress = !caps->transfer;

    if (!dpu_match_compile(flow, ports, caps, spec, reason)
        || !dpu_action_compile(flow, ports, caps, spec, reason)) {
        return false;
    }
    if (spec->overflow) {
        return dpu_reason_set(reason, DPU_REASON_ACTION,
                              "more than a rule holds");
    }
    reason->code = DPU_REASON_NONE;
    reason->detail[0] = '\0';
    return true;
}
