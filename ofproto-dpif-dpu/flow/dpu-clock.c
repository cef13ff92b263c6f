/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-clock.h"

#include <time.h>

#include <rte_cycles.h>

#include "timeval.h"

long long int
dpu_clock_msec(void)
{
    static __thread struct {
        uint64_t ticks;
        long long int msec;
    } last;
    uint64_t hz = rte_get_tsc_hz();
    uint64_t ticks;

    if (!hz) {
        return time_msec();
    }
    ticks = rte_rdtsc();
    if (ticks - last.ticks > hz / 1024) {
        last.ticks = ticks;
        last.msec = time_msec();
    }
    return last.msec;
}

uint64_t
dpu_clock_start(void)
{
    struct timespec now;

    if (rte_get_tsc_hz()) {
        return rte_rdtsc();
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

uint64_t
dpu_clock_nsec_since(uint64_t start)
{
    uint64_t hz = rte_get_tsc_hz();
    uint64_t passed = dpu_clock_start() - start;

    return hz ? (double) passed * 1e9 / hz : passed;
}
