/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-translate: a megaflow becomes a rule.
 *
 * Translation is a pure function: (match, actions, ports, capabilities) ->
 * spec or reason.  It needs no daemon and no device.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_TRANSLATE_H
#define DPU_TRANSLATE_H 1

#include <stdbool.h>

#include "ofproto-dpif-dpu/dpu-megaflow.h"

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;

/* Translates 'flow' into '*spec' for a device with 'caps', with ports as in
 * 'ports'.  Returns true, or false with the first refusal in '*reason'. */
bool dpu_translate(const struct dpu_megaflow *flow,
                   const struct dpu_port_map *ports,
                   const struct dpu_caps *caps,
                   struct dpu_spec *spec, struct dpu_reason *reason);

#endif /* ofproto-dpif-dpu/dpu-translate.h */
