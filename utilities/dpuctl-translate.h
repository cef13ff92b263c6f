/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-translate: a dry run.  Megaflows become rules, or refusals, for one
 * device, and none of them is installed.
 *
 * Each megaflow is translated and validated by itself: as if it were the only
 * one, so that a chain which it continues is group 1 and one that it leads to
 * is the next.  Whether all of them fit at once is not asked.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_TRANSLATE_H
#define DPUCTL_TRANSLATE_H 1

#include <stdio.h>

#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

struct dpu_reason;
struct dpuctl_device;
struct dpuctl_dump;
struct dpuctl_flow;
struct ds;

/* Writes for each megaflow of 'dump' a comment with the megaflow, and then the
 * testpmd commands that create its rule on 'device', or the refusal, or, of
 * one that would be there in part, both. */
void dpuctl_translate(const struct dpuctl_dump *dump,
                      const struct dpuctl_device *device, FILE *stream);

/* Writes how many megaflows of 'dump', and how many of the packets that they
 * counted, are in hardware, and how many are not, or in part, for which
 * reason.  'name' stands in the heading. */
void dpuctl_translate_summary(const struct dpuctl_dump *dump,
                              const struct dpuctl_device *device,
                              const char *name, FILE *stream);

/* Returns where 'flow' of 'dump' would be, stores in '*reason' why it would
 * not be in hardware as a whole, DPU_REASON_NONE if it would, and appends the
 * testpmd commands for its rules, a line each, to 'rules': in software, those
 * that the device refused. */
enum dpu_flow_place dpuctl_translate_flow(
    const struct dpuctl_dump *dump, const struct dpuctl_device *device,
    const struct dpuctl_flow *flow, struct ds *rules,
    struct dpu_reason *reason);

#endif /* utilities/dpuctl-translate.h */
