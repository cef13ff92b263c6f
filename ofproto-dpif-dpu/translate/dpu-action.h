/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-action: a megaflow's actions become the actions of a rule.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_ACTION_H
#define DPU_ACTION_H 1

#include <stdbool.h>
#include <stddef.h>

struct dpu_caps;
struct dpu_megaflow;
struct dpu_port_map;
struct dpu_reason;
struct dpu_spec;
struct nlattr;

/* Appends the actions to 'spec', which has its items.  Asks all of them before
 * it compiles the first.  Returns true, or false with '*reason'. */
bool dpu_action_compile(const struct dpu_megaflow *,
                        const struct dpu_port_map *, const struct dpu_caps *,
                        struct dpu_spec *spec, struct dpu_reason *reason);

/* Returns what stands behind the copies for software, that is, samples and what
 * goes to userspace, with which 'actions' begin, and takes the copies' bytes off
 * '*len'.  They are of packets as they arrived, before anything was changed.
 * 'actions' may be NULL if there are none. */
const struct nlattr *dpu_action_behind_copies(const struct nlattr *actions,
                                              size_t *len);

/* Whether the 'len' bytes of 'actions' lead to where somebody looks at the
 * metadata of packets again: a later lookup, or software. */
bool dpu_action_goes_on(const struct nlattr *actions, size_t len);

#endif /* ofproto-dpif-dpu/translate/dpu-action.h */
