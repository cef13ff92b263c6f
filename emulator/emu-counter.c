/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-counter: what the actions COUNT and AGE keep. */
#include <rte_cycles.h>

#include "emu-counter.h"
#include "emu-profile.h"

bool
emu_counter_reserve(struct emu_device *device)
{
	uint32_t n = __atomic_add_fetch(&device->n_counters, 1,
					__ATOMIC_RELAXED);

	if (n <= device->profile->max_counters)
		return true;
	emu_counter_unreserve(device);
	return false;
}

void
emu_counter_unreserve(struct emu_device *device)
{
	__atomic_sub_fetch(&device->n_counters, 1, __ATOMIC_RELAXED);
}

void
emu_counter_query(struct emu_counter *c, struct rte_flow_query_count *q)
{
	uint64_t packets = __atomic_load_n(&c->packets, __ATOMIC_RELAXED);
	uint64_t bytes = __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
	bool reset = q->reset;

	q->hits = packets - c->base_packets;
	q->bytes = bytes - c->base_bytes;
	q->hits_set = 1;
	q->bytes_set = 1;
	if (reset) {
		c->base_packets = packets;
		c->base_bytes = bytes;
	}
}

void
emu_age_init(struct emu_age *age, uint32_t timeout, void *context)
{
	age->last_hit = rte_rdtsc();
	age->reported = 0;
	age->timeout = timeout;
	age->context = context;
}

/* Whole seconds without a hit. */
static uint64_t
idle_seconds(const struct emu_age *age, uint64_t now)
{
	uint64_t hit = __atomic_load_n(&age->last_hit, __ATOMIC_RELAXED);

	/* The other thread may have looked at the clock later. */
	return now > hit ? (now - hit) / rte_get_tsc_hz() : 0;
}

static bool
has_aged(const struct emu_age *age, uint64_t now)
{
	return age->timeout && idle_seconds(age, now) >= age->timeout;
}

/* What stands in 'reported' for the last hit. */
static uint32_t
hit_mark(const struct emu_age *age)
{
	return (uint32_t)__atomic_load_n(&age->last_hit, __ATOMIC_RELAXED)
	       | 1;
}

bool
emu_age_is_due(const struct emu_age *age, uint64_t now)
{
	return has_aged(age, now) && age->reported != hit_mark(age);
}

void
emu_age_report(struct emu_age *age)
{
	age->reported = hit_mark(age);
}

void
emu_age_query(const struct emu_age *age, uint64_t now,
	      struct rte_flow_query_age *q)
{
	q->aged = has_aged(age, now);
	q->sec_since_last_hit_valid = 1;
	q->sec_since_last_hit = idle_seconds(age, now);
}
