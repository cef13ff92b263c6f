/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-explanation: what one megaflow became, or what stands in the way and
 * what would help, as text and as JSON (Documentation/reasons.rst).
 *
 * Thread-safety: none; an explanation belongs to whoever made it. */

#ifndef DPU_EXPLANATION_H
#define DPU_EXPLANATION_H 1

#include <stdint.h>

#include "openvswitch/dynamic-string.h"

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

struct json;

struct dpu_explanation {
    struct ds flow;             /* As "dpctl/dump-flows" writes it. */
    uint64_t packets;           /* That it counted. */
    enum dpu_flow_place place;
    struct dpu_reason reason;   /* DPU_REASON_NONE: it is in hardware as a
                                 * whole. */
    struct ds rules;            /* testpmd's commands, a line each; those that
                                 * the device refused as well. */
};

void dpu_explanation_init(struct dpu_explanation *);
void dpu_explanation_destroy(struct dpu_explanation *);

/* Appends the megaflow, as a comment, and its rules, the reason, or both. */
void dpu_explanation_format(const struct dpu_explanation *, struct ds *);

/* Returns the same as an object, to which members may be added. */
struct json *dpu_explanation_to_json(const struct dpu_explanation *);

/* Adds the members "code", "meaning" and "hint" of 'code' to 'json', and
 * "detail" unless 'code' is DPU_REASON_NONE. */
void dpu_explanation_put_reason(struct json *json, enum dpu_reason_code code,
                                const char *detail);

#endif /* ofproto-dpif-dpu/show/dpu-explanation.h */
