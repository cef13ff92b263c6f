/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-sums: how many megaflows, and of the packets that they counted, are
 * in hardware, and how many are not, or in part, for which reason.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_SUMS_H
#define DPUCTL_SUMS_H 1

#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

/* Megaflows in the same place for the same reason. */
struct dpuctl_sum {
    enum dpu_flow_place place;
    enum dpu_reason_code code;
    char *detail;               /* Of the reason, "" for DPU_REASON_NONE. */
    char *name;                 /* "in hardware", "CODE (DETAIL)", or "in part:
                                 * CODE (DETAIL)". */
    uint64_t flows, packets;
};

struct dpuctl_sums {
    struct dpuctl_sum *sums;
    size_t n;
    uint64_t flows, packets;    /* Of all. */
};

/* All zero is empty.  A megaflow in 'place' with 'reason' has counted
 * 'packets'.  Which recirculation a reason names makes no difference. */
void dpuctl_sums_add(struct dpuctl_sums *, enum dpu_flow_place place,
                     const struct dpu_reason *reason, uint64_t packets);
void dpuctl_sums_destroy(struct dpuctl_sums *);

/* Puts those with the most packets, or megaflows, first. */
void dpuctl_sums_sort_by_packets(struct dpuctl_sums *);
void dpuctl_sums_sort_by_flows(struct dpuctl_sums *);

/* 'part' of 'whole' in percent, 0 of nothing. */
double dpuctl_percentage(uint64_t part, uint64_t whole);

#endif /* utilities/dpuctl-sums.h */
