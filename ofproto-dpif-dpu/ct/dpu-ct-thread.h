/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-thread: the threads "dpu_ct", which put connections on devices, look
 * after them and take them off.
 *
 * Each one has its share of the shards.  They run from the first device on.
 *
 * Thread-safety: dpu_ct_thread_wake() may be called by any thread, the others
 * by one at a time. */

#ifndef DPU_CT_THREAD_H
#define DPU_CT_THREAD_H 1

#include <stdint.h>

/* Has 'n' threads run, in place of those there are: 0 for none. */
void dpu_ct_threads_set(unsigned int n);

/* There is something to do for 'shard'.  Costs next to nothing unless its
 * thread sleeps. */
void dpu_ct_thread_wake(uint8_t shard);

/* Connections that came and went lately, per second. */
struct dpu_ct_rates {
    double insertions;
    double removals;
};
void dpu_ct_thread_rates(struct dpu_ct_rates *);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-thread.h */
