/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-backlog: the items of the queues in front of Open vSwitch's threads
 * "hw_offload": where they lie in memory, and what becomes of that after a
 * burst.
 *
 * An item has a whole struct match, more than three times as much as the
 * megaflow that it is about.  Allocated in turn with megaflows, as poll
 * threads do that, items leave holes between these when they are freed, each
 * smaller than a page, of which the system gets nothing back.  So they are
 * taken from the heap by runs: many side by side.  When all of a run are
 * free, its pages can be given back, and are, some time after a burst.
 *
 * Each item is ordinary memory of the heap.  Whatever else is taken for one
 * by its size may be freed or resized as ever.
 *
 * Thread-safety: dpu_backlog_alloc() from any thread, the others from a
 * thread that takes items from its queue. */

#ifndef DPU_BACKLOG_H
#define DPU_BACKLOG_H 1

#include <stddef.h>

/* Returns memory for 'size' bytes, all zero, for free(); or NULL if that is
 * not the size of an item. */
void *dpu_backlog_alloc(size_t size);

/* This thread has taken an item; 'next', which is not read, is the one behind
 * it, or whatever ends the queue. */
void dpu_backlog_taken(const void *next);

/* This thread's queue is empty at 'now', as time_msec().  Gives memory back if
 * it has been so for a while after a burst. */
void dpu_backlog_idle(long long int now);

#endif /* ofproto-dpif-dpu/flow/dpu-backlog.h */
