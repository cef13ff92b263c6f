/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-mark: the numbers in MARK, by which software knows what to do with a
 * packet that comes up from a device.
 *
 *   1 to DPU_MARK_MAX_MISS            goes on half-way: a miss context
 *                                     (dpu-miss.h)
 *   above DPU_MARK_FLOW               nothing was done to it yet, but it is
 *     to DPU_MARK_MAX                 known which megaflow it meets
 *                                     (dpu-partial.h)
 *
 * Of the second kind the lower bits are the number that Open vSwitch itself
 * has for the megaflow, its flow mark, by which it finds it.  Open vSwitch
 * gives the mark of a megaflow that is gone to the next one at once, when
 * packets may still be on their way with it.  So marks that rules have had are
 * kept back for a while before they are free.  A packet with one that no
 * megaflow has is looked up as if it had none.
 *
 * Thread-safety: any thread. */

#ifndef DPU_MARK_H
#define DPU_MARK_H 1

#include <stdint.h>

struct dp_packet;
struct id_fpool;

/* MARK is no wider than 24 bits on devices that users own, and net/mlx5 keeps
 * the last 16 numbers for itself. */
#define DPU_MARK_MAX      UINT32_C(0xffffef)
#define DPU_MARK_FLOW     UINT32_C(0x800000)
#define DPU_MARK_MAX_MISS (DPU_MARK_FLOW - 1)

/* Nothing refers to a number for so long, in msec, before it is used again:
 * longer than any packet is on its way through a device and its rx queues. */
#define DPU_MARK_LINGER 10000

/* The number for MARK that stands for Open vSwitch's 'flow_mark', or 0 if that
 * is too large, or 0. */
uint32_t dpu_mark_from_flow(uint32_t flow_mark);

/* 'packet' came up with 'mark', which is above DPU_MARK_FLOW: gives it the
 * flow mark of Open vSwitch, and what else it would get by being looked up. */
void dpu_mark_restore(struct dp_packet *packet, uint32_t mark);

/* A rule is about to have 'flow_mark': keeps it back when it is freed next. */
void dpu_mark_hold(uint32_t flow_mark);

/* Stands in for 'free_id' of 'pool', the pool of flow marks, with its
 * arguments 'uid' and 'flow_mark': calls it at once, or later if a rule has
 * had 'flow_mark'. */
typedef void dpu_mark_free_func(struct id_fpool *pool, unsigned int uid,
                                uint32_t flow_mark);
void dpu_mark_free(struct id_fpool *pool, unsigned int uid,
                   uint32_t flow_mark, dpu_mark_free_func *free_id);

#endif /* ofproto-dpif-dpu/device/dpu-mark.h */
