/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-reason: why a megaflow is not in hardware.
 *
 * Refused is a result, not an error: a reason is a small value that is kept
 * per megaflow, counted per code and shown on request.  The codes are an
 * interface (Documentation/reasons.rst): they are neither renamed nor reused.
 *
 * Thread-safety: a dpu_reason belongs to whoever holds it. */

#ifndef DPU_REASON_H
#define DPU_REASON_H 1

#include <stdbool.h>

struct ds;

/* Code, its name in output, and what it means to an operator. */
#define DPU_REASONS                                                          \
    DPU_REASON(NONE, "none", "in hardware")                                  \
    DPU_REASON(MATCH_FIELD, "match-field",                                   \
               "the match has a field that is not translated")               \
    DPU_REASON(MATCH_MASK, "match-mask",                                     \
               "the device does not match the field under this mask")        \
    DPU_REASON(MATCH_ITEM, "match-item",                                     \
               "the device does not match this header")                      \
    DPU_REASON(ACTION, "action", "the action is not translated")             \
    DPU_REASON(ACTION_DEVICE, "action-device",                               \
               "the device does not have the action")                        \
    DPU_REASON(ACTION_SOFTWARE, "action-software",                           \
               "the action is software's by its nature")                     \
    DPU_REASON(RECIRC, "recirc",                                             \
               "the device cannot recirculate the packet")                   \
    DPU_REASON(OUTPUT_PORT, "output-port",                                   \
               "the output port is not of this device")                      \
    DPU_REASON(IN_PORT, "in-port", "the input port is not of a device")      \
    DPU_REASON(DEVICE_FULL, "device-full", "the device takes no more rules") \
    DPU_REASON(DEVICE_REFUSED, "device-refused",                             \
               "the device refused the rule")                                \
    DPU_REASON(DEVICE_ERROR, "device-error",                                 \
               "the device failed to install the rule")                      \
    DPU_REASON(DEVICE_GONE, "device-gone", "the device has vanished")        \
    DPU_REASON(INVALID_FLOW, "invalid-flow", "the flow is malformed")        \
    DPU_REASON(NOT_OFFERED, "not-offered",                                   \
               "Open vSwitch has not offered the megaflow to a device")       \
    DPU_REASON(BELOW_MINIMUM, "below-minimum",                               \
               "the megaflow has not had enough packets yet")

enum dpu_reason_code {
#define DPU_REASON(CODE, NAME, MEANING) DPU_REASON_##CODE,
    DPU_REASONS
#undef DPU_REASON
    DPU_N_REASONS
};

struct dpu_reason {
    enum dpu_reason_code code;
    char detail[120];       /* The field, action or device's message. */
};

const char *dpu_reason_code_name(enum dpu_reason_code);
const char *dpu_reason_code_meaning(enum dpu_reason_code);

/* What would help against a code, or NULL for DPU_REASON_NONE. */
const char *dpu_reason_code_hint(enum dpu_reason_code);

/* Sets '*reason' to 'code', with a detail as by printf(), cut off if it is
 * too long.  Returns false, so that a refusal is one statement. */
bool dpu_reason_set(struct dpu_reason *reason, enum dpu_reason_code code,
                    const char *detail_format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends "unsupported offload: match-mask (ipv6.label/0xff)", with the
 * prefix that fits the code: "unsupported offload", "invalid flow",
 * "offload error" or none. */
void dpu_reason_format(const struct dpu_reason *, struct ds *);

#endif /* ofproto-dpif-dpu/device/dpu-reason.h */
