/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match: a megaflow's match becomes the items of a rule.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_MATCH_H
#define DPU_MATCH_H 1

#include <stdbool.h>

struct dpu_caps;
struct dpu_megaflow;
struct dpu_port_map;
struct dpu_reason;
struct dpu_spec;

/* Appends the items to 'spec'.  Every bit of the mask is consumed by a matcher
 * or is the refusal.  Returns true, or false with '*reason'. */
bool dpu_match_compile(const struct dpu_megaflow *,
                       const struct dpu_port_map *, const struct dpu_caps *,
                       struct dpu_spec *spec, struct dpu_reason *reason);

/* Whether tunnels of 'type', a netdev's, can be translated. */
bool dpu_match_is_tunnel_type(const char *type);

#endif /* ofproto-dpif-dpu/translate/dpu-match.h */
