/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-counter: what the actions COUNT and AGE keep, for one rule or, as
 * indirect actions, for many.
 *
 * Thread-safety: the embedded switch thread alone writes 'packets', 'bytes'
 * and 'last_hit'; control threads read them and keep the value at the last
 * reset beside them, so that neither ever waits for the other.  Control
 * threads exclude each other. */
#ifndef EMU_COUNTER_H
#define EMU_COUNTER_H

#include <rte_flow.h>

#include "emu-device.h"

struct emu_counter {
	uint64_t packets, bytes;	/* Embedded switch thread. */
	uint64_t base_packets, base_bytes; /* Control: at the last reset. */
};

/* Counts one packet of 'bytes'.  Embedded switch thread only. */
static inline void
emu_counter_add(struct emu_counter *c, uint32_t bytes)
{
	__atomic_store_n(&c->packets, c->packets + 1, __ATOMIC_RELAXED);
	__atomic_store_n(&c->bytes, c->bytes + bytes, __ATOMIC_RELAXED);
}

/* Reserves one of the counters that the profile of 'device' gives.  Returns
 * false if none is left.  Any thread. */
bool emu_counter_reserve(struct emu_device *device);
void emu_counter_unreserve(struct emu_device *device);

/* Answers an rte_flow query for COUNT; starts anew if 'q->reset'. */
void emu_counter_query(struct emu_counter *c, struct rte_flow_query_count *q);

struct emu_age {
	uint64_t last_hit;		/* rte_rdtsc(). */
	void *context;
	uint32_t timeout;		/* Seconds, 0: never due. */
	uint32_t reported;		/* The hit after which it was last
					 * reported as due, its low bits with
					 * the lowest set; or 0. */
};

void emu_age_init(struct emu_age *age, uint32_t timeout, void *context);

/* The rule was hit at 'now'.  Embedded switch thread only. */
static inline void
emu_age_touch(struct emu_age *age, uint64_t now)
{
	__atomic_store_n(&age->last_hit, now, __ATOMIC_RELAXED);
}

/* True if 'age' is due at 'now' and was not reported since the last hit. */
bool emu_age_is_due(const struct emu_age *age, uint64_t now);

/* Notes that 'age' was reported. */
void emu_age_report(struct emu_age *age);

/* Answers an rte_flow query for AGE. */
void emu_age_query(const struct emu_age *age, uint64_t now,
		   struct rte_flow_query_age *q);

#endif /* EMU_COUNTER_H */
