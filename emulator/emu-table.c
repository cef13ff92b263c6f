/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-table: the rules of all groups, and their lookup.  See emu-table.h for
 * how they are laid out.
 *
 * Thread-safety: what the embedded switch thread reads is published with
 * release stores, and freed through emu_flow_defer(). */
#include "emu-table-private.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_prefetch.h>

#include "emu-memory.h"

/* -- Rules ------------------------------------------------------------- */

/* Fills in what emu-table owns of 'rule'. */
static int
rule_init(struct emu_rule *rule, struct emu_subtable *subtable,
	  const struct emu_match *match)
{
	size_t key_size = subtable->n_words * sizeof(*rule->key);
	size_t size = match->n_ranges * sizeof(match->ranges[0]);

	/* An empty key has an address, too. */
	rule->key = emu_malloc(RTE_MAX(key_size + size, sizeof(*rule->key)));
	if (!rule->key)
		return -ENOMEM;
	rule->subtable = subtable;
	rule->hits = 0;
	rule->n_ranges = match->n_ranges;
	rule->node.value = subtable_key(subtable, &match->key, rule->key);
	memcpy(rule->key + subtable->n_words, match->ranges, size);
	return 0;
}

void
emu_rule_uninit(struct emu_rule *rule)
{
	free(rule->key);
}

static bool
rule_is_same_match(const struct emu_rule *a, const struct emu_rule *b)
{
	return a->n_ranges == b->n_ranges
	       && !memcmp(rule_ranges(a), rule_ranges(b),
			  a->n_ranges * sizeof(struct emu_range));
}

/* Finds where 'rule' belongs behind 'start': before the first one of its key
 * that is not better, or else at the end of those with its hash value.
 * Returns the node that it is to follow, or NULL if 'duplicates' forbids
 * it. */
static struct emu_node *
rule_place(struct emu_node *start, const struct emu_rule *rule,
	   uint32_t order, enum emu_duplicates duplicates)
{
	struct emu_node *prev = start, *node;

	for (node = start->next; node && node->order <= order;
	     prev = node, node = node->next) {
		const struct emu_rule *r = rule_from_node(node);

		if (node->order != order
		    || !rule_has_key(r, rule->subtable, rule->key))
			continue;
		if (r->priority > rule->priority)
			return prev;
		if (r->priority < rule->priority)
			continue;
		if (duplicates == EMU_DUPLICATES_NEWEST)
			return prev;
		if (duplicates == EMU_DUPLICATES_NO
		    && rule_is_same_match(r, rule))
			return NULL;
	}
	return prev;
}

void
emu_table_prepare(struct emu_rule *rule)
{
	const struct emu_subtable *subtable = rule->subtable;
	uint32_t h = subtable->seed, i;

	for (i = 0; i < subtable->n_words; i++)
		h = rte_hash_crc_8byte(rule->key[i], h);
	rule->node.value = h;
}

int
emu_table_link(struct emu_rule *rule, enum emu_duplicates duplicates)
{
	struct emu_hash *hash = &rule->subtable->group->table->hash;
	uint32_t h = rule->node.value;
	struct emu_node *place;

	emu_hash_lock(hash, h);
	place = rule_place(emu_hash_start_locked(hash, h), rule,
			   emu_hash_order(h), duplicates);
	if (place)
		emu_hash_insert_after(hash, h, place, &rule->node);
	emu_hash_unlock(hash, h);
	if (!place)
		return -EEXIST;
	emu_group_rule_changed(rule->subtable->group);
	emu_hash_grow(hash, h);
	return 0;
}

void
emu_table_unlink(struct emu_rule *rule)
{
	struct emu_hash *hash = &rule->subtable->group->table->hash;
	uint32_t h = rule->node.value;
	struct emu_node *prev;

	emu_hash_lock(hash, h);
	prev = emu_hash_start_locked(hash, h);
	while (prev->next != &rule->node)
		prev = prev->next;
	emu_hash_remove_after(hash, h, prev);
	emu_hash_unlock(hash, h);
	emu_group_rule_changed(rule->subtable->group);
}

void
emu_table_prefetch(const struct emu_rule *rule, bool first)
{
	const struct emu_hash *hash = &rule->subtable->group->table->hash;
	const struct emu_node *bucket =
		emu_hash_first_guess(hash, rule->node.value);

	/* No further: without its lock, what is behind may be freed. */
	rte_prefetch0(first ? bucket : OBSERVE(&bucket->next));
}

int
emu_table_insert(struct emu_table *table, uint32_t group_id,
		 const struct emu_match *match,
		 enum emu_duplicates duplicates, struct emu_rule *rule)
{
	struct emu_subtable *subtable;
	int rc;

	subtable = emu_subtable_get(table, group_id, match, rule->priority);
	if (!subtable)
		return -ENOMEM;
	rc = rule_init(rule, subtable, match);
	if (rc)
		goto err_rule;
	rc = match->n_ranges ? emu_subtable_add_ranges(subtable, match) : 0;
	if (rc)
		goto err_link;
	rc = emu_table_link(rule, duplicates);
	if (rc)
		goto err_link;
	return 0;

err_link:
	emu_rule_uninit(rule);
err_rule:
	emu_subtable_put(subtable, rule->priority);
	return rc;
}

void
emu_table_remove(struct emu_table *table, struct emu_rule *rule)
{
	RTE_SET_USED(table);
	emu_table_unlink(rule);
	emu_subtable_put(rule->subtable, rule->priority);
}

struct emu_subtable *
emu_table_pin(struct emu_table *table, uint32_t group,
	      const struct emu_match *match, uint32_t priority)
{
	return emu_subtable_get(table, group, match, priority);
}

void
emu_table_unpin(struct emu_subtable *subtable, uint32_t priority)
{
	emu_subtable_put(subtable, priority);
}

size_t
emu_table_memory(const struct emu_table *table)
{
	return emu_hash_memory(&table->hash);
}

void
emu_rule_match(const struct emu_rule *rule, struct emu_match *match)
{
	const struct emu_subtable *s = rule->subtable;
	uint64_t *mask = (uint64_t *)&match->mask;
	uint64_t *key = (uint64_t *)&match->key;
	uint32_t i;

	memset(match, 0, sizeof(*match));
	for (i = 0; i < s->n_words; i++) {
		key[s->words[i].index] = rule->key[i];
		mask[s->words[i].index] = s->words[i].mask;
	}
	match->n_ranges = rule->n_ranges;
	memcpy(match->ranges, rule_ranges(rule),
	       rule->n_ranges * sizeof(match->ranges[0]));
}

/* -- The table --------------------------------------------------------- */

struct emu_table *
emu_table_create(struct emu_flow_engine *engine)
{
	struct emu_table *table = aligned_alloc(alignof(struct emu_table),
						sizeof(*table));

	if (!table)
		return NULL;
	memset(table, 0, sizeof(*table));
	table->engine = engine;
	table->next_generation = 2;	/* 0 is that of unused entries. */
	if (!emu_hash_init(&table->hash)) {
		free(table);
		return NULL;
	}
	emu_cache_create(&table->cache);
	return table;
}

/* Frees 'group', in which nothing but empty subtables may be left. */
void
emu_table_destroy(struct emu_table *table)
{
	struct emu_group *group, *next;
	uint32_t i;

	if (!table)
		return;
	for (i = 0; i < GROUP_BUCKETS; i++) {
		for (group = table->groups[i]; group; group = next) {
			next = group->next;
			emu_group_free(group);
		}
	}
	emu_hash_uninit(&table->hash);
	emu_cache_destroy(&table->cache);
	free(table);
}
