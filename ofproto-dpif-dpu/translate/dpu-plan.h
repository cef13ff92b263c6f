/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-plan: translations that are used again.
 *
 * Most megaflows are like others but for an address or a port.  The first of
 * a kind is translated by dpu_translate(), and its spec is kept as a plan: the
 * next one of that kind has its own values written into it.  What makes up a
 * kind is all that a translation depends on but those values: the mask; the
 * value of every other bit in it, and of the few fields outside of it that
 * translation looks at; the actions; the ports and the device's capabilities,
 * by their version.
 *
 *   Ethernet addresses -> ETH          IPv4 and IPv6 addresses -> IPV4, IPV6
 *   ports of TCP, UDP and SCTP -> TCP, UDP, SCTP
 *
 * are the values, unless the actions set such a field, too.  Megaflows that
 * branch, that came out of a tunnel, or that have actions whose translation
 * looks further, are translated each by itself, and so is what is refused.
 *
 * Thread-safety: each thread has plans of its own, so that there are no locks,
 * and frees them when it ends. */

#ifndef DPU_PLAN_H
#define DPU_PLAN_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/translate/dpu-packed.h"
#include "ofproto-dpif-dpu/translate/dpu-port-record.h"

struct dpu_caps;
struct dpu_megaflow;
struct dpu_reason;
struct dpu_shared;
struct dpu_spec;

/* A device's capabilities, by a number of which no two are the same. */
struct dpu_plan_caps {
    const struct dpu_caps *caps;
    uint64_t id;                /* From dpu_plan_caps_id(). */
};

/* Returns a number that it never returned before. */
uint64_t dpu_plan_caps_id(void);

/* What became of a megaflow. */
struct dpu_plan_result {
    const uint16_t *refs;       /* The ethdevs that were looked up. */
    size_t n_refs;
    /* The dpu_packed_mask and the actions, held by the plan, or NULL if it has
     * none. */
    struct dpu_shared *mask, *actions;
};

/* Translates 'flow', whose match is 'packed', as dpu_translate() does for
 * 'ports', of which 'record' is an empty record.  Returns the spec, either a
 * plan's or 'own', or NULL with '*reason'.
 *
 * A plan's belongs to the calling thread until it calls this function again:
 * it may write to it what installation writes.  What is behind 'own' has to be
 * freed by the caller. */
struct dpu_spec *dpu_plan_translate(const struct dpu_megaflow *flow,
                                    const struct dpu_packed *packed,
                                    struct dpu_port_record *record,
                                    const struct dpu_plan_caps *,
                                    struct dpu_spec *own,
                                    struct dpu_plan_result *,
                                    struct dpu_reason *);

#endif /* ofproto-dpif-dpu/translate/dpu-plan.h */
