/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-cache: what lookups found.  See emu-cache.h. */
#include "emu-cache.h"

#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

/* Entries, a power of 2.  Pages that were never used take no memory. */
#define N_ENTRIES 262144

/* Entries that a hash value may be in, next to each other. */
#define N_WAYS 2

void
emu_cache_create(struct emu_cache *cache)
{
	const size_t size = sizeof(struct emu_cache_entry);

	memset(cache, 0, sizeof(*cache));
	cache->memory = calloc(N_ENTRIES + 1, size);
	cache->entries = RTE_PTR_ALIGN(cache->memory, RTE_CACHE_LINE_SIZE);
}

void
emu_cache_destroy(struct emu_cache *cache)
{
	free(cache->memory);
}

/* The first one of the entries where 'hash' may be. */
static inline struct emu_cache_entry *
entry_first(const struct emu_cache *cache, uint32_t hash)
{
	return &cache->entries[hash % (N_ENTRIES / N_WAYS) * N_WAYS];
}

void
emu_cache_prepare(const struct emu_cache *cache,
		  struct emu_cache_query *query,
		  const struct emu_packet *const *packets, uint32_t n)
{
	const struct emu_cache_key *key = query->key;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const struct emu_cache_entry *entry;

		query->hash[i] = emu_key_extract(key->words, key->n_words,
						 query->group,
						 &packets[i]->key,
						 query->words[i]);
		entry = entry_first(cache, query->hash[i]);
		rte_prefetch0(entry);
		rte_prefetch0(RTE_PTR_ADD(entry, RTE_CACHE_LINE_SIZE));
	}
}

/* True if 'entry' is of packet 'i' of 'query'. */
static inline bool
entry_is_of(const struct emu_cache_entry *entry,
	    const struct emu_cache_query *query, uint32_t i)
{
	uint64_t difference;
	uint32_t j;

	if (entry->hash != query->hash[i]
	    || entry->generation != query->generation
	    || entry->group != query->group)
		return false;
	for (difference = 0, j = 0; j < query->key->n_words; j++)
		difference |= entry->words[j] ^ query->words[i][j];
	return !difference;
}

bool
emu_cache_get(struct emu_cache *cache, const struct emu_cache_query *query,
	      uint32_t i, struct emu_rule **rule)
{
	const struct emu_cache_entry *entry =
		entry_first(cache, query->hash[i]);
	uint32_t way;

	for (way = 0; way < N_WAYS; way++, entry++) {
		if (entry_is_of(entry, query, i)) {
			*rule = entry->rule;
			cache->hits++;
			return true;
		}
	}
	cache->misses++;
	return false;
}

void
emu_cache_put(struct emu_cache *cache, const struct emu_cache_query *query,
	      uint32_t i, struct emu_rule *rule)
{
	struct emu_cache_entry *entry = entry_first(cache, query->hash[i]);

	/* The younger one stays, as often as not. */
	if (entry->group == query->group
	    && entry->generation == query->generation
	    && (query->hash[i] ^ cache->misses) & 1)
		entry++;
	entry->generation = query->generation;
	entry->rule = rule;
	entry->group = query->group;
	entry->hash = query->hash[i];
	memcpy(entry->words, query->words[i],
	       query->key->n_words * sizeof(entry->words[0]));
}
