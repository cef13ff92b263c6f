/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-reason: see dpu-reason.h. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-reason.h"

#include <stdarg.h>
#include <stdio.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

static const struct {
    const char *name;
    const char *meaning;
} codes[DPU_N_REASONS] = {
#define DPU_REASON(CODE, NAME, MEANING) \
    [DPU_REASON_##CODE] = { NAME, MEANING },
    DPU_REASONS
#undef DPU_REASON
};

/* What would help, by reason. */
static const char *const hints[DPU_N_REASONS] = {
    [DPU_REASON_MATCH_FIELD] =
        "OpenFlow rules that neither match nor use the field leave it out of "
        "megaflows",
    [DPU_REASON_MATCH_MASK] =
        "match other bits of the field, all of it, or none",
    [DPU_REASON_MATCH_ITEM] =
        "OpenFlow rules that do not look at the header; or a device that "
        "does, see Documentation/features.rst",
    [DPU_REASON_ACTION] =
        "OpenFlow rules that do without the action for the traffic that "
        "matters",
    [DPU_REASON_ACTION_DEVICE] =
        "a device that has the action, see Documentation/features.rst, or "
        "OpenFlow rules that do without it",
    [DPU_REASON_ACTION_SOFTWARE] =
        "nothing if such packets are few; if not, see with ofproto/trace "
        "which OpenFlow rule sends them there, or take policing and QoS off "
        "the port",
    [DPU_REASON_RECIRC] =
        "OpenFlow rules that need no recirculation here, or a device with "
        "groups",
    [DPU_REASON_OUTPUT_PORT] =
        "have both ports on one device, with type=dpu; keep flooded packets "
        "off the bridge's own port: ovs-ofctl mod-port BRIDGE BRIDGE no-flood",
    [DPU_REASON_IN_PORT] =
        "have the port on a device, with type=dpu",
    [DPU_REASON_DEVICE_FULL] =
        "fewer megaflows, by OpenFlow rules that look at less of a packet; or "
        "a device with larger tables",
    [DPU_REASON_DEVICE_REFUSED] =
        "try the rule with testpmd, and ask the device's vendor",
    [DPU_REASON_DEVICE_ERROR] =
        "look for what the driver logged; it is a fault of the device or its "
        "driver",
    [DPU_REASON_DEVICE_GONE] =
        "find out why the device has vanished",
    [DPU_REASON_INVALID_FLOW] =
        "find out where the flow comes from: Open vSwitch makes none like it",
    [DPU_REASON_NOT_OFFERED] =
        "other_config:hw-offload=true, and a restart of the daemon if it was "
        "set to something else before; otherwise ask again",
    [DPU_REASON_BELOW_MINIMUM] =
        "nothing if such megaflows are to stay in software; otherwise lower "
        "other_config:dpu-min-packets and dpu-min-rate",
};

const char *
dpu_reason_code_name(enum dpu_reason_code code)
{
    return code < DPU_N_REASONS ? codes[code].name : "unknown";
}

const char *
dpu_reason_code_meaning(enum dpu_reason_code code)
{
    return code < DPU_N_REASONS ? codes[code].meaning : "unknown code";
}

const char *
dpu_reason_code_hint(enum dpu_reason_code code)
{
    return code < DPU_N_REASONS ? hints[code] : NULL;
}

bool
dpu_reason_set(struct dpu_reason *reason, enum dpu_reason_code code,
               const char *detail_format, ...)
{
    va_list args;

    reason->code = code;
    va_start(args, detail_format);
    vsnprintf(reason->detail, sizeof reason->detail, detail_format, args);
    va_end(args);
    return false;
}

static const char *
reason_prefix(enum dpu_reason_code code)
{
    switch (code) {
    case DPU_REASON_INVALID_FLOW:
        return "invalid flow: ";

    case DPU_REASON_DEVICE_FULL:
    case DPU_REASON_DEVICE_ERROR:
    case DPU_REASON_DEVICE_GONE:
        return "offload error: ";

    case DPU_REASON_NONE:
    case DPU_REASON_BELOW_MINIMUM:
        return "";

    case DPU_REASON_MATCH_FIELD:
    case DPU_REASON_MATCH_MASK:
    case DPU_REASON_MATCH_ITEM:
    case DPU_REASON_ACTION:
    case DPU_REASON_ACTION_DEVICE:
    case DPU_REASON_ACTION_SOFTWARE:
    case DPU_REASON_RECIRC:
    case DPU_REASON_OUTPUT_PORT:
    case DPU_REASON_IN_PORT:
    case DPU_REASON_DEVICE_REFUSED:
    case DPU_REASON_NOT_OFFERED:
    case DPU_N_REASONS:
    default:
        return "unsupported offload: ";
    }
}

void
dpu_reason_format(const struct dpu_reason *reason, struct ds *s)
{
    ds_put_cstr(s, reason_prefix(reason->code));
    ds_put_cstr(s, dpu_reason_code_name(reason->code));
    if (reason->detail[0]) {
        ds_put_format(s, " (%s)", reason->detail);
    }
}
