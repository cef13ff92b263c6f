/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-audit.h"

#include "openvswitch/compiler.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-rule.h"

bool
dpu_audit_ask(struct dpu_audit *audit, const struct dpu_rule_target *target,
              struct dpu_rule *rule)
{
    switch (dpu_rule_ask(target, rule)) {
    case DPU_RULE_THERE:
        audit->n_there++;
        return false;
    case DPU_RULE_UNKNOWN:
        audit->n_unknown++;
        return false;
    case DPU_RULE_LOST:
        return true;
    default:
        OVS_NOT_REACHED();
    }
}

void
dpu_audit_restored(struct dpu_audit *audit, bool restored)
{
    if (restored) {
        audit->n_restored++;
    } else {
        audit->n_lost++;
    }
}
