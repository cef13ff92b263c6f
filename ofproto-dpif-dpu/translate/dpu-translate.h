/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-translate: a megaflow becomes a rule, or several.
 *
 * Translation is a pure function: (match, actions, ports, capabilities) ->
 * spec or reason.  It needs no daemon and no device.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_TRANSLATE_H
#define DPU_TRANSLATE_H 1

#include <stdbool.h>

#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;

/* Translates 'flow' into '*spec' for a device with 'caps', with ports as in
 * 'ports'.  Returns true, or false with the first refusal in '*reason'.
 *
 * If it takes several rules, which happens with "check_pkt_len", there are
 * others behind '*spec', which the caller has to free with
 * dpu_spec_free_more().  Packets for which all the actions are software's have
 * rules that only tell it which megaflow theirs is, without a counter, if
 * 'flow' has a mark; otherwise they go up like any that no rule matches. */
bool dpu_translate(const struct dpu_megaflow *flow,
                   const struct dpu_port_map *ports,
                   const struct dpu_caps *caps,
                   struct dpu_spec *spec, struct dpu_reason *reason);

/* Numbers what installation would number in 'spec' and those behind it, for a
 * device with 'caps', as if they were the only ones: chains, marks, and the
 * kind of ct() and where it goes on. */
void dpu_translate_number(struct dpu_spec *spec, const struct dpu_caps *caps);

/* Makes '*spec' the empty rule for a megaflow on a device with 'caps'. */
void dpu_translate_begin(const struct dpu_caps *caps, struct dpu_spec *spec);

#endif /* ofproto-dpif-dpu/translate/dpu-translate.h */
