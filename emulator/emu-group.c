/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-group: a group's subtables, in order of their best priorities.  They are
 * changed under the engine's mutex. */
#include "emu-table-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "emu-flow.h"
#include "emu-memory.h"

static void
free_memory(void *p, int32_t index __rte_unused)
{
	free(p);
}

static void
free_subtable(void *subtable_, int32_t index __rte_unused)
{
	struct emu_subtable *subtable = subtable_;

	if (subtable) {
		free(subtable->priorities);
		free(subtable->range_mask);
		free(subtable);
	}
}

/* -- Priorities of a subtable ------------------------------------------ */

/* Returns the index of the first priority of 'subtable' that is not less than
 * 'value'. */
static uint32_t
priority_search(const struct emu_subtable *subtable, uint32_t value)
{
	uint32_t low = 0, high = subtable->n_priorities;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (subtable->priorities[mid].value < value)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Makes room for one priority more. */
static int
priority_reserve(struct emu_subtable *subtable)
{
	uint32_t n = RTE_MAX(4u, subtable->max_priorities * 2);
	struct priority *p;

	if (subtable->n_priorities < subtable->max_priorities)
		return 0;
	p = emu_realloc(subtable->priorities, n * sizeof(*p));
	if (!p)
		return -ENOMEM;
	subtable->priorities = p;
	subtable->max_priorities = n;
	return 0;
}

/* Counts a rule of priority 'value', for which there is room. */
static void
priority_add(struct emu_subtable *subtable, uint32_t value)
{
	uint32_t i = priority_search(subtable, value);
	struct priority *p = &subtable->priorities[i];

	if (i == subtable->n_priorities || p->value != value) {
		memmove(p + 1, p, (subtable->n_priorities - i) * sizeof(*p));
		*p = (struct priority){ .value = value };
		subtable->n_priorities++;
	}
	p->n++;
}

static void
priority_remove(struct emu_subtable *subtable, uint32_t value)
{
	uint32_t i = priority_search(subtable, value);
	struct priority *p = &subtable->priorities[i];

	if (!--p->n) {
		subtable->n_priorities--;
		memmove(p, p + 1, (subtable->n_priorities - i) * sizeof(*p));
	}
}

/* The best priority of 'subtable'; UINT32_MAX if it is empty. */
static uint32_t
priority_best(const struct emu_subtable *subtable)
{
	return subtable->n_priorities ? subtable->priorities[0].value
				      : UINT32_MAX;
}

/* -- Groups and subtables ---------------------------------------------- */
static struct emu_group *
group_create(struct emu_table *table, uint32_t id)
{
	struct emu_group **head = &table->groups[group_bucket(id)];
	struct emu_group *g = emu_calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->subtables = emu_calloc(1, sizeof(*g->subtables));
	if (!g->subtables) {
		free(g);
		return NULL;
	}
	g->table = table;
	g->id = id;
	g->generation = table->next_generation;
	g->next = *head;
	PUBLISH(head, g);
	return g;
}

/* Frees 'group' if it has no rule and no subtable. */
static void
group_release(struct emu_group *group)
{
	struct emu_table *table = group->table;
	struct emu_group **pp = &table->groups[group_bucket(group->id)];

	if (group->n_rules || group->subtables->n)
		return;
	while (*pp != group)
		pp = &(*pp)->next;
	PUBLISH(pp, group->next);
	/* A new group of the same id does not go back to generations of this
	 * one; other ids may have had them as well. */
	table->next_generation = RTE_MAX(table->next_generation,
					 group->generation + 2);
	emu_flow_defer(table->engine, free_memory, group->subtables, 0);
	emu_flow_defer(table->engine, free_memory, group, 0);
}

/* Adds the bits of 'mask', of EMU_KEY_WORDS, to 'all'. */
static void
mask_add(uint64_t *all, const uint64_t *mask)
{
	uint32_t i;

	for (i = 0; i < EMU_KEY_WORDS; i++)
		all[i] |= mask[i];
}

/* Fills in list->cache_key and list->verify. */
static void
list_summarize(struct subtable_list *list)
{
	struct emu_cache_key *key = &list->cache_key;
	uint64_t all[EMU_KEY_WORDS] = {0};
	uint32_t i, j;

	key->n_words = 0;
	list->verify = 0;
	if (list->n < EMU_CACHE_MIN_SUBTABLES)
		return;
	for (i = 0; i < list->n; i++) {
		const struct emu_subtable *s = list->entries[i].subtable;

		list->verify |= s->verify;
		for (j = 0; j < s->n_words; j++)
			all[s->words[j].index] |= s->words[j].mask;
		if (s->range_mask)
			mask_add(all, s->range_mask);
	}
	for (i = 0; i < EMU_KEY_WORDS; i++) {
		if (!all[i])
			continue;
		if (key->n_words == EMU_CACHE_WORDS) {
			key->n_words = 0;
			return;
		}
		key->words[key->n_words].index = i;
		key->words[key->n_words++].mask = all[i];
	}
}

/* Has the embedded switch thread see 'list', and not take what the cache keeps
 * of the old one for what 'list' says. */
static void
group_replace_list(struct emu_group *group, struct subtable_list *list)
{
	if (list->cache_key.n_words) {
		__atomic_store_n(&group->cached, true, __ATOMIC_RELAXED);
		/* Whoever changes a rule from now on knows; what was changed
		 * before is seen by whoever sees 'list'. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
	__atomic_fetch_add(&group->generation, 1, __ATOMIC_ACQ_REL);
	PUBLISH(&group->subtables, list);
	__atomic_fetch_add(&group->generation, 1, __ATOMIC_RELEASE);
}

/* Publishes the subtables of 'group' anew: with 'added', unless it is NULL,
 * without those that are empty, in order of their best priorities. */
static int
group_publish(struct emu_group *group, struct emu_subtable *added)
{
	struct emu_table *table = group->table;
	struct subtable_list *old = group->subtables, *list;
	uint32_t i, j;

	list = emu_malloc(sizeof(*list)
		      + (old->n + 1) * sizeof(list->entries[0]));
	if (!list)
		return -ENOMEM;
	list->n = 0;
	for (i = 0; i <= old->n; i++) {
		struct emu_subtable *s = i < old->n ? old->entries[i].subtable
						    : added;

		if (!s || !s->n_priorities)
			continue;
		/* Nearly sorted already. */
		for (j = list->n++;
		     j > 0 && list->entries[j - 1].best > priority_best(s);
		     j--)
			list->entries[j] = list->entries[j - 1];
		list->entries[j].best = priority_best(s);
		list->entries[j].subtable = s;
	}
	list_summarize(list);
	group_replace_list(group, list);
	for (i = 0; i < old->n; i++) {
		struct emu_subtable *s = old->entries[i].subtable;

		if (!s->n_priorities)
			emu_flow_defer(table->engine, free_subtable, s, 0);
	}
	emu_flow_defer(table->engine, free_memory, old, 0);
	return 0;
}

static bool
subtable_has_mask(const struct emu_subtable *subtable,
		  const struct emu_key *mask)
{
	const uint64_t *from = (const uint64_t *)mask;
	uint32_t i, word = 0;

	for (i = 0; i < subtable->n_words; i++) {
		for (; word < subtable->words[i].index; word++) {
			if (from[word])
				return false;
		}
		if (from[word++] != subtable->words[i].mask)
			return false;
	}
	for (; word < EMU_KEY_WORDS; word++) {
		if (from[word])
			return false;
	}
	return true;
}

static struct emu_subtable *
subtable_find(const struct emu_group *group, const struct emu_match *match)
{
	const struct subtable_list *list = group->subtables;
	uint32_t i;

	for (i = 0; i < list->n; i++) {
		struct emu_subtable *s = list->entries[i].subtable;

		if (s->software == emu_match_is_software(match)
		    && subtable_has_mask(s, &match->mask))
			return s;
	}
	return NULL;
}

static struct emu_subtable *
subtable_create(struct emu_group *group, const struct emu_match *match)
{
	const uint64_t *from = (const uint64_t *)&match->mask;
	struct emu_table *table = group->table;
	struct emu_subtable *s;
	uint32_t i, n = 0;

	for (i = 0; i < EMU_KEY_WORDS; i++)
		n += from[i] != 0;
	s = emu_calloc(1, sizeof(*s) + n * sizeof(s->words[0]));
	if (!s)
		return NULL;
	/* Neighbours' hash values shall have nothing in common. */
	s->seed = table->next_seed++ * 2654435761u;
	s->group = group;
	s->software = emu_match_is_software(match);
	s->tunnel = emu_match_is_tunnel(match);
	s->verify = emu_match_verify(match);
	for (i = 0; i < EMU_KEY_WORDS; i++) {
		if (from[i]) {
			s->words[s->n_words].index = i;
			s->words[s->n_words++].mask = from[i];
		}
	}
	return s;
}

static void
add_relaxed(uint32_t *counter, uint32_t n)
{
	__atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

/* Keeps account of 'n' (1 or -1) rules of 'subtable'. */
static void
count_rules(struct emu_subtable *subtable, uint32_t n)
{
	struct emu_group *group = subtable->group;
	struct emu_table *table = group->table;

	add_relaxed(&group->n_rules, n);
	if (subtable->software)
		add_relaxed(&table->n_software, n);
	if (subtable->tunnel)
		add_relaxed(&table->n_tunnel, n);
	if (group->id == EMU_GROUP_INGRESS)
		add_relaxed(&table->n_ingress, n);
}

struct emu_subtable *
emu_subtable_get(struct emu_table *table, uint32_t group_id,
	     const struct emu_match *match, uint32_t priority)
{
	struct emu_subtable *subtable, *added = NULL;
	struct emu_group *group;
	uint32_t best;

	group = emu_group_find(table, group_id);
	if (!group)
		group = group_create(table, group_id);
	if (!group)
		return NULL;
	subtable = subtable_find(group, match);
	if (!subtable)
		subtable = added = subtable_create(group, match);
	if (!subtable || priority_reserve(subtable))
		goto err_subtable;
	best = priority_best(subtable);
	priority_add(subtable, priority);
	if ((added || best != priority_best(subtable))
	    && group_publish(group, added))
		goto err_priority;
	count_rules(subtable, 1);
	return subtable;

err_priority:
	priority_remove(subtable, priority);
err_subtable:
	free_subtable(added, 0);
	group_release(group);
	return NULL;
}

void
emu_subtable_put(struct emu_subtable *subtable, uint32_t priority)
{
	struct emu_group *group = subtable->group;
	uint32_t best = priority_best(subtable);

	priority_remove(subtable, priority);
	count_rules(subtable, -1);
	/* Without memory for it, the old order stays: subtables are then
	 * visited earlier than they need be. */
	if (best != priority_best(subtable) && !group_publish(group, NULL))
		group_release(group);
}

int
emu_subtable_add_ranges(struct emu_subtable *subtable,
			const struct emu_match *match)
{
	uint64_t old[EMU_KEY_WORDS];
	uint32_t i;
	int rc;

	if (!subtable->range_mask)
		subtable->range_mask = emu_calloc(EMU_KEY_WORDS, sizeof(old[0]));
	if (!subtable->range_mask)
		return -ENOMEM;
	memcpy(old, subtable->range_mask, sizeof(old));
	for (i = 0; i < match->n_ranges; i++)
		memset((uint8_t *)subtable->range_mask + match->ranges[i].ofs,
		       UINT8_MAX, match->ranges[i].size);
	if (!memcmp(old, subtable->range_mask, sizeof(old)))
		return 0;
	rc = group_publish(subtable->group, NULL);
	if (rc)
		memcpy(subtable->range_mask, old, sizeof(old));
	return rc;
}

void
emu_group_free(struct emu_group *group)
{
	uint32_t i;

	for (i = 0; i < group->subtables->n; i++)
		free_subtable(group->subtables->entries[i].subtable, 0);
	free(group->subtables);
	free(group);
}

