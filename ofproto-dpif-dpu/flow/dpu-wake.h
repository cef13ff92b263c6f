/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-wake: wakes the threads "hw_offload" when there is work for them.
 *
 * Those of Open vSwitch 3.1 look at their queues now and then, after sleeping
 * for 1 to 64 ms: on average a megaflow's packets went through software for
 * 31 ms before its rule was installed.
 *
 * Thread-safety: any thread may call any of them. */

#ifndef DPU_WAKE_H
#define DPU_WAKE_H 1

#include <stdbool.h>
#include <stdint.h>

/* Whether the calling thread is one of those that are to be woken. */
bool dpu_wake_is_sleeper(void);

/* Sleeps for 'nsec' nanoseconds, or until dpu_wake() is called.  Returns at
 * once if it was called since the last return from this function in this
 * thread: whoever looks at a queue, finds it empty and calls this misses
 * nothing that is queued in between. */
void dpu_wake_sleep(uint64_t nsec);

/* Something was queued.  Costs next to nothing if nobody sleeps. */
void dpu_wake(void);

#endif /* ofproto-dpif-dpu/flow/dpu-wake.h */
