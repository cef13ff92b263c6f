/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-table-private: how groups, subtables and rules lie in memory.  Private
 * to emu-table, which makes rules, emu-group, which keeps the subtables of a
 * group in order, emu-lookup, which finds rules, and emu-cache.
 *
 * Thread-safety: what the embedded switch thread reads is published with
 * release stores, and freed through emu_flow_defer(). */
#ifndef EMU_TABLE_PRIVATE_H
#define EMU_TABLE_PRIVATE_H

#include "emu-table.h"

#include "emu-item.h"
#include "emu-packet.h"

#define GROUP_BUCKETS 4096

/* How many rules of a subtable have 'priority'. */
struct priority {
	uint32_t value, n;
};

/* A set of keys of one group under one mask, of which all or none are for
 * packets from software. */
struct emu_subtable {
	uint32_t seed;			/* Of its keys' hash values. */
	struct emu_group *group;
	bool software, tunnel;		/* As emu_match_is_...(). */
	uint8_t verify;			/* As emu_match_verify(). */
	struct priority *priorities;	/* Ascending. */
	uint32_t n_priorities, max_priorities;
	uint64_t *range_mask;		/* Of EMU_KEY_WORDS: what ranges of its
					 * rules look at; NULL: nothing. */
	uint32_t n_words;
	struct emu_key_word words[];
};

/* The subtables of a group, the best first.  Constant once published. */
struct subtable_list {
	/* All bits that its rules look at, if the results of lookups are to be
	 * kept in the cache, otherwise of no words. */
	struct emu_cache_key cache_key;
	uint8_t verify;			/* Of all of them. */
	uint32_t n;
	struct {
		uint32_t best;		/* Priority of its best rule. */
		struct emu_subtable *subtable;
	} entries[];
};

struct emu_group {
	struct emu_group *next;		/* In the same bucket. */
	struct emu_table *table;
	uint32_t id;
	uint32_t n_rules;
	struct subtable_list *subtables;
	/* Grows by 2 with each change, is odd while 'subtables' is replaced,
	 * and never has a value again that it had in a group of this id: as
	 * long as it stays, so do the results of lookups.  Changes of rules
	 * count once 'cached' is set, which stays. */
	uint64_t generation;
	bool cached;
};

struct emu_table {
	struct emu_flow_engine *engine;
	struct emu_group *groups[GROUP_BUCKETS];
	struct emu_hash hash;		/* The rules of all subtables. */
	uint32_t next_seed;
	uint64_t next_generation;	/* Of a new group. */
	/* Rules for packets from software, with tunnels, for ingress. */
	uint32_t n_software, n_tunnel, n_ingress;
	struct emu_cache cache;		/* Embedded switch thread. */
};

/* What is read on the other side of the mutex. */
#define PUBLISH(P, VALUE) __atomic_store_n(P, VALUE, __ATOMIC_RELEASE)
#define OBSERVE(P) __atomic_load_n(P, __ATOMIC_ACQUIRE)

/* -- Keys -------------------------------------------------------------- */

/* Puts the key of 'packet_key' in 'subtable' into 'words'; returns its hash
 * value. */
static inline uint32_t
subtable_key(const struct emu_subtable *subtable,
	     const struct emu_key *packet_key, uint64_t *words)
{
	return emu_key_extract(subtable->words, subtable->n_words,
			       subtable->seed, packet_key, words);
}


static inline struct emu_rule *
rule_from_node(const struct emu_node *node)
{
	return (struct emu_rule *)(uintptr_t)node;
}

/* True if 'rule' is one of 'subtable' with the key 'words'. */
static inline bool
rule_has_key(const struct emu_rule *rule, const struct emu_subtable *subtable,
	     const uint64_t *words)
{
	uint64_t difference = 0;
	uint32_t i;

	if (rule->subtable != subtable)
		return false;
	for (i = 0; i < subtable->n_words; i++)
		difference |= rule->key[i] ^ words[i];
	return !difference;
}

static inline const struct emu_range *
rule_ranges(const struct emu_rule *rule)
{
	return (const struct emu_range *)(rule->key
					  + rule->subtable->n_words);
}

/* -- Groups (emu-group) ------------------------------------------------ */

static inline uint32_t
group_bucket(uint32_t id)
{
	return (id * 2654435761u) >> 20;
}

static inline struct emu_group *
emu_group_find(const struct emu_table *table, uint32_t id)
{
	struct emu_group *g;

	for (g = OBSERVE(&table->groups[group_bucket(id)]); g;
	     g = OBSERVE(&g->next)) {
		if (g->id == id)
			return g;
	}
	return NULL;
}

/* Finds or makes the subtable of 'match' in 'group_id' and counts a rule of
 * 'priority' there, which is to come.  Returns NULL if memory is short. */
struct emu_subtable *emu_subtable_get(struct emu_table *table,
				      uint32_t group_id,
				      const struct emu_match *match,
				      uint32_t priority);

/* Gives back what emu_subtable_get() gave. */
void emu_subtable_put(struct emu_subtable *subtable, uint32_t priority);

/* Makes it known that rules of 'subtable' will look at the ranges of 'match'.
 * Returns 0 or -ENOMEM. */
int emu_subtable_add_ranges(struct emu_subtable *subtable,
			    const struct emu_match *match);

/* Frees 'group', in which nothing but empty subtables may be left. */
void emu_group_free(struct emu_group *group);

/* A rule of 'group' has been linked or unlinked: results that were kept no
 * longer count.  Any thread. */
static inline void
emu_group_rule_changed(struct emu_group *group)
{
	/* What the cache keeps from now on has seen the change: the other half
	 * of the fence in emu-group.c. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&group->cached, __ATOMIC_RELAXED))
		__atomic_fetch_add(&group->generation, 2, __ATOMIC_RELEASE);
}

#endif /* EMU_TABLE_PRIVATE_H */
