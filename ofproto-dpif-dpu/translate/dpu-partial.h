/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-partial: a megaflow whose match the device takes, but not its actions,
 * is in hardware in part.  Its rule sends the packets up with a mark, by which
 * Open vSwitch finds the megaflow without looking at the packet, and software
 * does the actions.
 *
 * Open vSwitch looks at the mark of what has come in by a port alone, not
 * after a recirculation: so the megaflow has to be one that packets meet
 * first.
 *
 * Thread-safety: reentrant, but for the configuration, which any thread may
 * read. */

#ifndef DPU_PARTIAL_H
#define DPU_PARTIAL_H 1

#include <stdbool.h>

#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;
struct smap;

/* Translates the match of 'flow' into '*spec' for a device with 'caps', with
 * ports as in 'ports'.  It is not in hardware as a whole because of 'why'.
 * Returns true, or false if there is no such rule for it. */
bool dpu_partial_translate(const struct dpu_megaflow *flow,
                           const struct dpu_port_map *ports,
                           const struct dpu_caps *caps,
                           const struct dpu_reason *why,
                           struct dpu_spec *spec);

/* Takes the key "dpu-partial" of 'other_config', a boolean, "true" if it is
 * not there.  What is wrong is logged, once for each new value, and leaves the
 * old value. */
void dpu_partial_configure(const struct smap *other_config);

/* Whether megaflows are to be in hardware in part. */
bool dpu_partial_enabled(void);

#endif /* ofproto-dpif-dpu/translate/dpu-partial.h */
