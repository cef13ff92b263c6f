/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-cache: what lookups found, kept in front of the tables.
 *
 * A lookup visits half the subtables of a group before it finds its rule.  All
 * packets that agree in the bits that any rule of the group looks at find the
 * same rule, so an entry holds these bits, and the rule or that there is none.
 * One entry thus serves all packets of a connection, or all of a megaflow if
 * no rule of the group looks at more.
 *
 * An entry counts as long as its group has the generation that it had when the
 * lookup began: each change of the group's rules changes it.  Groups of few
 * masks are left out: looking into two or three tables costs as much as
 * looking here, and groups with a rule for each connection, which change all
 * the time, have few.
 *
 * Nothing else is kept: actions run for each packet, so counters, ages, meters
 * and samples are as exact as without.
 *
 * Thread-safety: embedded switch thread only, but for create and destroy. */
#ifndef EMU_CACHE_H
#define EMU_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_hash_crc.h>
#include <rte_prefetch.h>

#include "emu-packet.h"

struct emu_rule;

/* A group with fewer subtables is not worth it. */
#define EMU_CACHE_MIN_SUBTABLES 4

/* Words of the key that an entry has room for.  Groups whose rules look at
 * more are not cached. */
#define EMU_CACHE_WORDS 29

/* The most packets of a query. */
#define EMU_CACHE_BULK 32

/* Some bits of an 8-byte word of struct emu_key. */
struct emu_key_word {
	uint32_t index;			/* In struct emu_key, in words. */
	uint64_t mask;
};

/* What of a packet's key a group's rules look at. */
struct emu_cache_key {
	uint32_t n_words;		/* 0: do not cache. */
	struct emu_key_word words[EMU_CACHE_WORDS];
};

struct emu_cache_entry {
	uint64_t generation;
	struct emu_rule *rule;		/* NULL: no rule takes the packet. */
	uint32_t group;
	uint32_t hash;
	uint64_t words[EMU_CACHE_WORDS];
};

struct emu_cache {
	void *memory;			/* Of 'entries'; NULL: no cache. */
	struct emu_cache_entry *entries;
	bool off;			/* For measurements. */
	uint64_t hits, misses;
};

/* Some packets that look into one group together. */
struct emu_cache_query {
	const struct emu_cache_key *key;
	uint64_t generation;		/* Of the group. */
	uint32_t group;
	uint32_t hash[EMU_CACHE_BULK];
	uint64_t words[EMU_CACHE_BULK][EMU_CACHE_WORDS];
};

/* Makes 'cache', empty.  Without memory there is none. */
void emu_cache_create(struct emu_cache *cache);
void emu_cache_destroy(struct emu_cache *cache);

/* Puts the bits of 'packet_key' that 'words', 'n' of them, name into 'to';
 * returns their hash value. */
static inline uint32_t
emu_key_extract(const struct emu_key_word *words, uint32_t n, uint32_t seed,
		const struct emu_key *packet_key, uint64_t *to)
{
	const uint64_t *from = (const uint64_t *)packet_key;
	uint32_t h = seed, i;

	for (i = 0; i < n; i++) {
		to[i] = from[words[i].index] & words[i].mask;
		h = rte_hash_crc_8byte(to[i], h);
	}
	return h;
}

/* Fills in query->hash and query->words for 'n' packets, and has the entries
 * fetched that may be theirs. */
void emu_cache_prepare(const struct emu_cache *cache,
		       struct emu_cache_query *query,
		       const struct emu_packet *const *packets, uint32_t n);

/* Returns true with what packet 'i' of 'query' finds in '*rule', if that is
 * known. */
bool emu_cache_get(struct emu_cache *cache,
		   const struct emu_cache_query *query, uint32_t i,
		   struct emu_rule **rule);

/* Keeps what packet 'i' of 'query' found. */
void emu_cache_put(struct emu_cache *cache,
		   const struct emu_cache_query *query, uint32_t i,
		   struct emu_rule *rule);

#endif /* EMU_CACHE_H */
