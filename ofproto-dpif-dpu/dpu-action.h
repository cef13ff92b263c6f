/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action: a megaflow's actions become the actions of a rule.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_ACTION_H
#define DPU_ACTION_H 1

#include <stdbool.h>

struct dpu_caps;
struct dpu_megaflow;
struct dpu_port_map;
struct dpu_reason;
struct dpu_spec;

/* Appends the actions to 'spec', which has its items.  Asks all of them before
 * it compiles the first.  Returns true, or false with '*reason'. */
bool dpu_action_compile(const struct dpu_megaflow *,
                        const struct dpu_port_map *, const struct dpu_caps *,
                        struct dpu_spec *spec, struct dpu_reason *reason);

#endif /* ofproto-dpif-dpu/dpu-action.h */
