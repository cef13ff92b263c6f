/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-histogram.h"

#include "util.h"

#define USEC UINT64_C(1000)
#define MSEC UINT64_C(1000000)

const uint64_t dpu_histogram_bounds[DPU_HISTOGRAM_N_BOUNDS] = {
    1 * USEC, 2500, 5 * USEC, 10 * USEC, 25 * USEC, 50 * USEC,
    100 * USEC, 250 * USEC, 500 * USEC,
    1 * MSEC, 2500 * USEC, 5 * MSEC, 10 * MSEC, 25 * MSEC,
    100 * MSEC, 1000 * MSEC,
};

void
dpu_histogram_add(struct dpu_histogram *h, uint64_t nsec)
{
    uint64_t orig;
    size_t i = 0;

    while (i < DPU_HISTOGRAM_N_BOUNDS && nsec > dpu_histogram_bounds[i]) {
        i++;
    }
    atomic_add_relaxed(&h->counts[i], 1, &orig);
    atomic_add_relaxed(&h->sum, nsec, &orig);
}

uint64_t
dpu_histogram_count(const struct dpu_histogram *h_, size_t i)
{
    struct dpu_histogram *h = CONST_CAST(struct dpu_histogram *, h_);
    uint64_t sum = 0;

    for (size_t j = 0; j <= i; j++) {
        uint64_t n;

        atomic_read_relaxed(&h->counts[j], &n);
        sum += n;
    }
    return sum;
}

uint64_t
dpu_histogram_sum(const struct dpu_histogram *h_)
{
    struct dpu_histogram *h = CONST_CAST(struct dpu_histogram *, h_);
    uint64_t sum;

    atomic_read_relaxed(&h->sum, &sum);
    return sum;
}
