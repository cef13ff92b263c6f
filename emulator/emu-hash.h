/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-hash: a hash table that grows by itself and never moves what is in it:
 * a split-ordered list (Shalev and Shavit, "Split-Ordered Lists: Lock-Free
 * Extensible Hash Tables", 2006).
 *
 * All nodes of a stripe, which is what the lowest bits of a hash name, stand
 * in one list, in order of their bit-reversed hashes.  A bucket is a place in
 * that list.  To double the number of buckets is to name more places, one at a
 * time, as they are wanted: no insertion ever waits for a rehash, and readers
 * need not know.
 *
 * Thread-safety: any number of threads that are seen by the same RCU may read
 * while any number of threads write.  Writers hold the lock of the stripe. */
#ifndef EMU_HASH_H
#define EMU_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_spinlock.h>

#define EMU_HASH_STRIPES 256
#define EMU_HASH_SEGMENTS 24	/* The last of them is never reached. */

/* Embedded in what is kept. */
struct emu_node {
	struct emu_node *next;
	uint32_t order;			/* Reversed hash, odd; even: a bucket. */
	uint32_t value;			/* The user's; of a bucket: ready. */
};

struct emu_hash_stripe {
	rte_spinlock_t lock;
	uint32_t n;			/* Nodes, under the lock. */
} __rte_cache_aligned;

struct emu_hash {
	struct emu_node *segments[EMU_HASH_SEGMENTS];
	uint32_t n_buckets;		/* A power of 2. */
	rte_spinlock_t grow_lock;
	struct emu_hash_stripe stripes[EMU_HASH_STRIPES];
};

/* Returns false if memory is short. */
bool emu_hash_init(struct emu_hash *hash);

/* Nobody reads it any more. */
void emu_hash_uninit(struct emu_hash *hash);

/* Memory of the buckets, in bytes. */
size_t emu_hash_memory(const struct emu_hash *hash);

/* Takes, gives back the lock of the stripe of hash value 'h'. */
static inline void
emu_hash_lock(struct emu_hash *hash, uint32_t h)
{
	rte_spinlock_lock(&hash->stripes[h % EMU_HASH_STRIPES].lock);
}

static inline void
emu_hash_unlock(struct emu_hash *hash, uint32_t h)
{
	rte_spinlock_unlock(&hash->stripes[h % EMU_HASH_STRIPES].lock);
}

/* The order of nodes with hash value 'h'. */
static inline uint32_t
emu_hash_order(uint32_t h)
{
	h = (h >> 1 & 0x55555555) | (h & 0x55555555) << 1;
	h = (h >> 2 & 0x33333333) | (h & 0x33333333) << 2;
	h = (h >> 4 & 0x0f0f0f0f) | (h & 0x0f0f0f0f) << 4;
	return __builtin_bswap32(h) | 1;
}

/* Where bucket 'b' is. */
static inline struct emu_node *
emu_hash_bucket(const struct emu_hash *hash, uint32_t b)
{
	uint32_t segment;

	if (b < EMU_HASH_STRIPES)
		return &hash->segments[0][b];
	/* The first one has EMU_HASH_STRIPES buckets, and so has the second
	 * one; then they double. */
	segment = 32 - __builtin_clz(b / EMU_HASH_STRIPES);
	return &__atomic_load_n(&hash->segments[segment], __ATOMIC_RELAXED)
		[b - ((uint32_t)EMU_HASH_STRIPES << (segment - 1))];
}

/* Where emu_hash_start() will look first, to be fetched into the cache. */
static inline const struct emu_node *
emu_hash_first_guess(const struct emu_hash *hash, uint32_t h)
{
	uint32_t n = __atomic_load_n(&hash->n_buckets, __ATOMIC_ACQUIRE);

	return emu_hash_bucket(hash, h & (n - 1));
}

/* Where nodes with hash value 'h' are looked for: behind this one. */
static inline struct emu_node *
emu_hash_start(const struct emu_hash *hash, uint32_t h)
{
	uint32_t n = __atomic_load_n(&hash->n_buckets, __ATOMIC_ACQUIRE);
	uint32_t b = h & (n - 1);
	struct emu_node *bucket = emu_hash_bucket(hash, b);

	/* A bucket that nobody named yet is a part of its parent. */
	while (unlikely(!__atomic_load_n(&bucket->value, __ATOMIC_ACQUIRE))) {
		b &= ~(1u << (31 - __builtin_clz(b)));
		bucket = emu_hash_bucket(hash, b);
	}
	return bucket;
}

/* The first node with hash value 'h', or one of a higher order, or NULL. */
static inline struct emu_node *
emu_hash_find(const struct emu_hash *hash, uint32_t h)
{
	uint32_t order = emu_hash_order(h);
	const struct emu_node *node = emu_hash_start(hash, h);
	struct emu_node *next;

	do {
		next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE);
		node = next;
	} while (next && next->order < order);
	return next;
}

/* -- For writers, with the lock of the stripe -------------------------- */

/* As emu_hash_start(), and names the bucket. */
struct emu_node *emu_hash_start_locked(struct emu_hash *hash, uint32_t h);

/* Counts a node more or less, which emu_hash_grow() reads without the
 * lock. */
static inline void
emu_hash_count(struct emu_hash *hash, uint32_t h, int change)
{
	struct emu_hash_stripe *stripe = &hash->stripes[h % EMU_HASH_STRIPES];

	__atomic_store_n(&stripe->n, stripe->n + change, __ATOMIC_RELAXED);
}

/* Puts 'node', of hash value 'h', behind 'prev', takes it from there, or puts
 * 'node' in the place of the one behind 'prev'.  The lock is given back by
 * the caller; emu_hash_grow() is to follow an insertion, without it. */
static inline void
emu_hash_insert_after(struct emu_hash *hash, uint32_t h,
		      struct emu_node *prev, struct emu_node *node)
{
	node->order = emu_hash_order(h);
	node->next = prev->next;
	__atomic_store_n(&prev->next, node, __ATOMIC_RELEASE);
	emu_hash_count(hash, h, 1);
}

static inline void
emu_hash_remove_after(struct emu_hash *hash, uint32_t h,
		      struct emu_node *prev)
{
	__atomic_store_n(&prev->next, prev->next->next, __ATOMIC_RELEASE);
	emu_hash_count(hash, h, -1);
}

/* Makes more buckets if there are many nodes for each.  Without memory for
 * them, lists become longer. */
void emu_hash_grow(struct emu_hash *hash, uint32_t h);

#endif /* EMU_HASH_H */
