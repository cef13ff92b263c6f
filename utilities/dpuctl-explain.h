/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-explain: for each megaflow the rules that it becomes, or what stands
 * in the way and what would help; and all of them by reason, weighted by what
 * they counted.  A dry run, as dpuctl-translate.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_EXPLAIN_H
#define DPUCTL_EXPLAIN_H 1

#include <stdbool.h>
#include <stdio.h>

struct dpuctl_device;
struct dpuctl_dump;

/* Explains 'dump' on 'device', which is called 'name', as text or, if 'json',
 * as JSON (Documentation/reasons.rst). */
void dpuctl_explain(const struct dpuctl_dump *dump,
                    const struct dpuctl_device *device, const char *name,
                    bool json, FILE *stream);

#endif /* utilities/dpuctl-explain.h */
