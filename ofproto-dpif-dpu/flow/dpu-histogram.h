/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-histogram: how long something took, how often.
 *
 * Thread-safety: any thread may call any of these. */

#ifndef DPU_HISTOGRAM_H
#define DPU_HISTOGRAM_H 1

#include <stddef.h>
#include <stdint.h>

#include "ovs-atomic.h"

#define DPU_HISTOGRAM_N_BOUNDS 16

/* Upper bounds of the buckets in nsec, ascending.  What is longer than the
 * last one has a bucket of its own. */
extern const uint64_t dpu_histogram_bounds[DPU_HISTOGRAM_N_BOUNDS];

/* All zero is empty. */
struct dpu_histogram {
    atomic_uint64_t counts[DPU_HISTOGRAM_N_BOUNDS + 1];
    atomic_uint64_t sum;        /* In nsec. */
};

/* Something took 'nsec'. */
void dpu_histogram_add(struct dpu_histogram *, uint64_t nsec);

/* How often it took at most dpu_histogram_bounds[i], for 'i' less than
 * DPU_HISTOGRAM_N_BOUNDS, and in all for 'i' equal to that. */
uint64_t dpu_histogram_count(const struct dpu_histogram *, size_t i);

/* What it took together, in nsec. */
uint64_t dpu_histogram_sum(const struct dpu_histogram *);

#endif /* ofproto-dpif-dpu/flow/dpu-histogram.h */
