/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-order: which megaflow is asked for next.
 *
 * Of many megaflows hardly one is in the processor's caches, and waiting for
 * memory is most of what it costs to find one and read its counts.  But who
 * asks has an order:  Open vSwitch's revalidators go through the datapath's
 * table from one end to the other, round after round, and delete in that
 * order, too.  (They share a round: each of them takes 50 megaflows at a time,
 * so that what comes after what is the same for most, whoever takes them.)
 *
 * So each megaflow has a note of the one that was asked for some steps after
 * it, which the processor is told to fetch when the first one is asked for.  If
 * another one is asked for at that step, that is noted instead.
 *
 * A note is a guess, and its pointers are never followed: it may be of a
 * megaflow that has left.
 *
 * Thread-safety: each thread has a place of its own in the order. */

#ifndef DPU_FLOW_ORDER_H
#define DPU_FLOW_ORDER_H 1

#include <stdint.h>

/* The steps: to fetch something takes longer than to tell the counts of one
 * megaflow, and less than to tell those of so many. */
#define DPU_FLOW_AHEAD 4

struct dpu_flow;
struct dpu_flow_key;
struct dpu_flow_table;

/* Returns the megaflow 'key' of 't', or NULL, as dpu_flow_find() does, and has
 * the next one fetched.  The caller holds the lock of 'key'. */
struct dpu_flow *dpu_flow_order_find(struct dpu_flow_table *t,
                                     const struct dpu_flow_key *key);

/* Notes that the megaflow of the last dpu_flow_order_find() of this thread
 * came after the others, unless that was to be expected.  The caller holds no
 * lock. */
void dpu_flow_order_learn(struct dpu_flow_table *t);

#endif /* ofproto-dpif-dpu/flow/dpu-flow-order.h */
