/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-hash: a hash table that grows by itself.  See emu-hash.h. */
#include "emu-hash.h"

#include <stdlib.h>
#include <string.h>

#include "emu-memory.h"

#define MAX_LOAD 2		/* Nodes for each bucket. */

bool
emu_hash_init(struct emu_hash *hash)
{
	uint32_t i;

	memset(hash, 0, sizeof(*hash));
	hash->segments[0] = emu_calloc(EMU_HASH_STRIPES, sizeof(struct emu_node));
	if (!hash->segments[0])
		return false;
	hash->n_buckets = EMU_HASH_STRIPES;
	rte_spinlock_init(&hash->grow_lock);
	for (i = 0; i < EMU_HASH_STRIPES; i++) {
		rte_spinlock_init(&hash->stripes[i].lock);
		hash->segments[0][i].value = 1;
	}
	return true;
}

void
emu_hash_uninit(struct emu_hash *hash)
{
	int i;

	for (i = 0; i < EMU_HASH_SEGMENTS; i++)
		free(hash->segments[i]);
}

size_t
emu_hash_memory(const struct emu_hash *hash)
{
	return __atomic_load_n(&hash->n_buckets, __ATOMIC_RELAXED)
	       * sizeof(struct emu_node);
}

/* Names bucket 'b', unless it is named, and its parents. */
static struct emu_node *
name_bucket(struct emu_hash *hash, uint32_t b)
{
	struct emu_node *bucket = emu_hash_bucket(hash, b);
	struct emu_node *prev, *next;
	uint32_t order;

	if (bucket->value)
		return bucket;
	prev = name_bucket(hash, b & ~(1u << (31 - __builtin_clz(b))));
	order = emu_hash_order(b) & ~1u;
	for (next = prev->next; next && next->order < order;
	     next = next->next)
		prev = next;
	bucket->order = order;
	bucket->next = next;
	__atomic_store_n(&prev->next, bucket, __ATOMIC_RELEASE);
	__atomic_store_n(&bucket->value, 1, __ATOMIC_RELEASE);
	return bucket;
}

struct emu_node *
emu_hash_start_locked(struct emu_hash *hash, uint32_t h)
{
	uint32_t n = __atomic_load_n(&hash->n_buckets, __ATOMIC_ACQUIRE);

	return name_bucket(hash, h & (n - 1));
}

void
emu_hash_grow(struct emu_hash *hash, uint32_t h)
{
	const struct emu_hash_stripe *stripe =
		&hash->stripes[h % EMU_HASH_STRIPES];
	uint32_t n = __atomic_load_n(&hash->n_buckets, __ATOMIC_ACQUIRE);
	struct emu_node *segment;
	uint32_t i;

	/* Stripes are about equally long. */
	if (likely(__atomic_load_n(&stripe->n, __ATOMIC_RELAXED)
		   <= n / EMU_HASH_STRIPES * MAX_LOAD)
	    || !rte_spinlock_trylock(&hash->grow_lock))
		return;
	i = 32 - __builtin_clz(n / EMU_HASH_STRIPES);
	if (n == hash->n_buckets && i < EMU_HASH_SEGMENTS) {
		segment = emu_calloc(n, sizeof(*segment));
		if (segment) {
			__atomic_store_n(&hash->segments[i], segment,
					 __ATOMIC_RELEASE);
			__atomic_store_n(&hash->n_buckets, n * 2,
					 __ATOMIC_RELEASE);
		}
	}
	rte_spinlock_unlock(&hash->grow_lock);
}
