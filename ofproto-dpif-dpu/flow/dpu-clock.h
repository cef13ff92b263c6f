/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-clock: the time, for what is done to each megaflow, where the system's
 * clock would be a good part of the whole: by the processor's counter, once
 * DPDK has started.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CLOCK_H
#define DPU_CLOCK_H 1

#include <stdint.h>

/* As time_msec(), or a millisecond before. */
long long int dpu_clock_msec(void);

/* A moment, in a unit of its own. */
uint64_t dpu_clock_start(void);

/* Returns how long it is since 'start', from dpu_clock_start(), in nsec. */
uint64_t dpu_clock_nsec_since(uint64_t start);

#endif /* ofproto-dpif-dpu/flow/dpu-clock.h */
