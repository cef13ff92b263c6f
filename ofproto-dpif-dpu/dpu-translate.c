/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-translate: see dpu-translate.h. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-translate.h"

#include <inttypes.h>
#include <stdio.h>

#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-reason.h"
#include "ofproto-dpif-dpu/dpu-spec.h"

const char *
dpu_port_map_describe(const struct dpu_port_map *ports, odp_port_t port,
                      char *buf)
{
    char name[DPU_PORT_DESCRIPTION - sizeof "port "];

    if (ports->name && ports->name(ports, port, name, sizeof name)) {
        snprintf(buf, DPU_PORT_DESCRIPTION, "port %s", name);
    } else {
        snprintf(buf, DPU_PORT_DESCRIPTION, "port %"PRIu32,
                 (uint32_t) port);
    }
    return buf;
}

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
