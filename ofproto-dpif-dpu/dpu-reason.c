/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-reason: see dpu-reason.h. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-reason.h"

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
