/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-table: the rules of all groups, and their lookup.  See emu-table.h for
 * how they are laid out.
 *
 * Thread-safety: what the embedded switch thread reads is published with
 * release stores, and freed through emu_flow_defer(). */
#include "emu-table.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_hash_crc.h>
#include <rte_prefetch.h>

#include "emu-flow.h"
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
	uint32_t n_words;
	struct {
		uint32_t index;		/* In struct emu_key, in words. */
		uint64_t mask;
	} words[];
};

/* The subtables of a group, the best first.  Constant once published. */
struct subtable_list {
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
};

struct emu_table {
	struct emu_flow_engine *engine;
	struct emu_group *groups[GROUP_BUCKETS];
	struct emu_hash hash;		/* The rules of all subtables. */
	uint32_t next_seed;
	/* Rules for packets from software, with tunnels, for ingress. */
	uint32_t n_software, n_tunnel, n_ingress;
};

/* What is read on the other side of the mutex. */
#define PUBLISH(P, VALUE) __atomic_store_n(P, VALUE, __ATOMIC_RELEASE)
#define OBSERVE(P) __atomic_load_n(P, __ATOMIC_ACQUIRE)

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
		free(subtable);
	}
}

/* -- Keys -------------------------------------------------------------- */

/* Puts the key of 'packet_key' in 'subtable' into 'words'; returns its hash
 * value. */
static inline uint32_t
subtable_key(const struct emu_subtable *subtable,
	     const struct emu_key *packet_key, uint64_t *words)
{
	const uint64_t *from = (const uint64_t *)packet_key;
	uint32_t h = subtable->seed, i;

	for (i = 0; i < subtable->n_words; i++) {
		words[i] = from[subtable->words[i].index]
			 & subtable->words[i].mask;
		h = rte_hash_crc_8byte(words[i], h);
	}
	return h;
}

/* The hash value of 'words', a key in 'subtable'. */
static inline uint32_t
words_hash(const struct emu_subtable *subtable, const uint64_t *words)
{
	uint32_t h = subtable->seed, i;

	for (i = 0; i < subtable->n_words; i++)
		h = rte_hash_crc_8byte(words[i], h);
	return h;
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

static const struct emu_range *
rule_ranges(const struct emu_rule *rule)
{
	return (const struct emu_range *)(rule->key
					  + rule->subtable->n_words);
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
	p = realloc(subtable->priorities, n * sizeof(*p));
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

static inline uint32_t
group_bucket(uint32_t id)
{
	return (id * 2654435761u) >> 20;
}

static struct emu_group *
group_find(const struct emu_table *table, uint32_t id)
{
	struct emu_group *g;

	for (g = OBSERVE(&table->groups[group_bucket(id)]); g;
	     g = OBSERVE(&g->next)) {
		if (g->id == id)
			return g;
	}
	return NULL;
}

static struct emu_group *
group_create(struct emu_table *table, uint32_t id)
{
	struct emu_group **head = &table->groups[group_bucket(id)];
	struct emu_group *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->subtables = calloc(1, sizeof(*g->subtables));
	if (!g->subtables) {
		free(g);
		return NULL;
	}
	g->table = table;
	g->id = id;
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
	emu_flow_defer(table->engine, free_memory, group->subtables, 0);
	emu_flow_defer(table->engine, free_memory, group, 0);
}

/* Publishes the subtables of 'group' anew: with 'added', unless it is NULL,
 * without those that are empty, in order of their best priorities. */
static int
group_publish(struct emu_group *group, struct emu_subtable *added)
{
	struct emu_table *table = group->table;
	struct subtable_list *old = group->subtables, *list;
	uint32_t i, j;

	list = malloc(sizeof(*list)
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
	PUBLISH(&group->subtables, list);
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
	s = calloc(1, sizeof(*s) + n * sizeof(s->words[0]));
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

/* -- Rules ------------------------------------------------------------- */

/* Fills in what emu-table owns of 'rule'. */
static int
rule_init(struct emu_rule *rule, struct emu_subtable *subtable,
	  const struct emu_match *match)
{
	size_t key_size = subtable->n_words * sizeof(*rule->key);
	size_t size = match->n_ranges * sizeof(match->ranges[0]);

	/* An empty key has an address, too. */
	rule->key = malloc(RTE_MAX(key_size + size, sizeof(*rule->key)));
	if (!rule->key)
		return -ENOMEM;
	rule->subtable = subtable;
	rule->hits = 0;
	rule->n_ranges = match->n_ranges;
	subtable_key(subtable, &match->key, rule->key);
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

int
emu_table_link(struct emu_rule *rule, enum emu_duplicates duplicates)
{
	struct emu_hash *hash = &rule->subtable->group->table->hash;
	uint32_t h = words_hash(rule->subtable, rule->key);
	struct emu_node *place;

	emu_hash_lock(hash, h);
	place = rule_place(emu_hash_start_locked(hash, h), rule,
			   emu_hash_order(h), duplicates);
	if (place)
		emu_hash_insert_after(hash, h, place, &rule->node);
	emu_hash_unlock(hash, h);
	if (!place)
		return -EEXIST;
	emu_hash_grow(hash, h);
	return 0;
}

void
emu_table_unlink(struct emu_rule *rule)
{
	struct emu_hash *hash = &rule->subtable->group->table->hash;
	uint32_t h = words_hash(rule->subtable, rule->key);
	struct emu_node *prev;

	emu_hash_lock(hash, h);
	prev = emu_hash_start_locked(hash, h);
	while (prev->next != &rule->node)
		prev = prev->next;
	emu_hash_remove_after(hash, h, prev);
	emu_hash_unlock(hash, h);
}

void
emu_table_prefetch(const struct emu_rule *rule, bool first)
{
	const struct emu_hash *hash = &rule->subtable->group->table->hash;
	uint32_t h = words_hash(rule->subtable, rule->key);
	const struct emu_node *bucket = emu_hash_first_guess(hash, h);

	/* No further: without its lock, what is behind may be freed. */
	rte_prefetch0(first ? bucket : OBSERVE(&bucket->next));
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

/* Finds or makes the subtable of 'match' in 'group_id' and counts a rule of
 * 'priority' there, which is to come.  Returns NULL if memory is short. */
static struct emu_subtable *
subtable_get(struct emu_table *table, uint32_t group_id,
	     const struct emu_match *match, uint32_t priority)
{
	struct emu_subtable *subtable, *added = NULL;
	struct emu_group *group;
	uint32_t best;

	group = group_find(table, group_id);
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

/* Gives back what subtable_get() gave. */
static void
subtable_put(struct emu_subtable *subtable, uint32_t priority)
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
emu_table_insert(struct emu_table *table, uint32_t group_id,
		 const struct emu_match *match,
		 enum emu_duplicates duplicates, struct emu_rule *rule)
{
	struct emu_subtable *subtable;
	int rc;

	subtable = subtable_get(table, group_id, match, rule->priority);
	if (!subtable)
		return -ENOMEM;
	rc = rule_init(rule, subtable, match);
	if (rc)
		goto err_rule;
	rc = emu_table_link(rule, duplicates);
	if (rc)
		goto err_link;
	return 0;

err_link:
	emu_rule_uninit(rule);
err_rule:
	subtable_put(subtable, rule->priority);
	return rc;
}

void
emu_table_remove(struct emu_table *table, struct emu_rule *rule)
{
	RTE_SET_USED(table);
	emu_table_unlink(rule);
	subtable_put(rule->subtable, rule->priority);
}

struct emu_subtable *
emu_table_pin(struct emu_table *table, uint32_t group,
	      const struct emu_match *match, uint32_t priority)
{
	return subtable_get(table, group, match, priority);
}

void
emu_table_unpin(struct emu_subtable *subtable, uint32_t priority)
{
	subtable_put(subtable, priority);
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

/* -- Lookup ------------------------------------------------------------ */

static inline bool
rule_in_range(const struct emu_rule *rule, const struct emu_key *key)
{
	const struct emu_range *ranges = rule_ranges(rule);
	uint32_t i;

	for (i = 0; i < rule->n_ranges; i++) {
		if (!emu_range_contains(&ranges[i], key))
			return false;
	}
	return true;
}

/* Has the key of 'p' all that rules of 'subtable' match: what takes long is
 * found when it is asked for. */
static inline void
complete_key(const struct emu_subtable *subtable, const struct emu_packet *p)
{
	if (unlikely(subtable->verify & ~p->verified))
		emu_packet_verify((struct emu_packet *)(uintptr_t)p,
				  subtable->verify);
}

/* Returns the best rule of 'subtable' with the key 'words' that takes 'key', or
 * NULL.  'node' is the first one of their hash value 'h'. */
static inline struct emu_rule *
subtable_search(const struct emu_subtable *subtable,
		const struct emu_node *node, uint32_t h,
		const uint64_t *words, const struct emu_key *key)
{
	uint32_t order = emu_hash_order(h);

	for (; node && node->order == order; node = OBSERVE(&node->next)) {
		struct emu_rule *rule = rule_from_node(node);

		if (rule_has_key(rule, subtable, words)
		    && (!rule->n_ranges || rule_in_range(rule, key)))
			return rule;
	}
	return NULL;
}

static inline void
rule_hit(struct emu_rule *rule)
{
	__atomic_store_n(&rule->hits, rule->hits + 1, __ATOMIC_RELAXED);
}

/* Returns the subtables of 'group_id', or NULL if it has no rule. */
static inline const struct subtable_list *
lookup_group(const struct emu_table *table, uint32_t group_id)
{
	const struct emu_group *group = group_find(table, group_id);

	if (!group || !__atomic_load_n(&group->n_rules, __ATOMIC_RELAXED))
		return NULL;
	return OBSERVE(&group->subtables);
}

const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group_id,
		 const struct emu_packet *p, bool *exists)
{
	const struct subtable_list *list = lookup_group(engine->table,
							group_id);
	struct emu_rule *hit = NULL, *rule;
	const struct emu_hash *hash = &engine->table->hash;
	uint64_t words[EMU_KEY_WORDS];
	uint32_t i, h;

	*exists = list != NULL;
	for (i = 0; list && i < list->n; i++) {
		const struct emu_subtable *s = list->entries[i].subtable;

		if (hit && hit->priority <= list->entries[i].best)
			break;
		complete_key(s, p);
		h = subtable_key(s, &p->key, words);
		rule = subtable_search(s, emu_hash_find(hash, h), h, words,
				       &p->key);
		if (rule && (!hit || rule->priority < hit->priority))
			hit = rule;
	}
	if (hit)
		rule_hit(hit);
	return hit;
}

/* Puts into 'nodes' the first node of each of 'n' hash values, or NULL.  All
 * lists are followed at a time, so that memory answers for many at a time. */
static inline void
seek_bulk(const struct emu_hash *hash, const uint32_t *h, uint32_t n,
	  const struct emu_node **nodes)
{
	uint32_t order[EMU_LOOKUP_BULK], left[EMU_LOOKUP_BULK];
	uint32_t i, n_left, n_next;

	for (i = 0; i < n; i++)
		rte_prefetch0(emu_hash_first_guess(hash, h[i]));
	for (i = n_left = 0; i < n; i++) {
		order[i] = emu_hash_order(h[i]);
		nodes[i] = OBSERVE(&emu_hash_start(hash, h[i])->next);
		rte_prefetch0(nodes[i]);
		left[n_left++] = i;
	}
	for (; n_left; n_left = n_next) {
		for (i = n_next = 0; i < n_left; i++) {
			const struct emu_node **node = &nodes[left[i]];

			if (*node && (*node)->order < order[left[i]]) {
				*node = OBSERVE(&(*node)->next);
				rte_prefetch0(*node);
				left[n_next++] = left[i];
			} else if (*node && (*node)->order == order[left[i]]) {
				rte_prefetch0(rule_from_node(*node)->key);
			}
		}
	}
}

/* Looks up 'n' packets, those at 'which' in 'packets', in 'subtable', and
 * puts better rules than those that are there into 'hits'. */
static void
subtable_lookup_bulk(const struct emu_hash *hash,
		     const struct emu_subtable *subtable,
		     const struct emu_packet *const *packets,
		     const uint32_t *which, uint32_t n,
		     struct emu_rule **hits)
{
	uint64_t words[EMU_LOOKUP_BULK][EMU_KEY_WORDS];
	const struct emu_node *nodes[EMU_LOOKUP_BULK];
	uint32_t h[EMU_LOOKUP_BULK];
	uint32_t i;

	for (i = 0; i < n; i++) {
		complete_key(subtable, packets[which[i]]);
		h[i] = subtable_key(subtable, &packets[which[i]]->key,
				    words[i]);
	}
	seek_bulk(hash, h, n, nodes);
	for (i = 0; i < n; i++) {
		struct emu_rule **hit = &hits[which[i]];
		struct emu_rule *rule;

		rule = subtable_search(subtable, nodes[i], h[i], words[i],
				       &packets[which[i]]->key);
		if (rule && (!*hit || rule->priority < (*hit)->priority))
			*hit = rule;
	}
}

void
emu_table_lookup_bulk(const struct emu_flow_engine *engine, uint32_t group_id,
		      const struct emu_packet *const *packets, uint32_t n,
		      const struct emu_rule **rules)
{
	const struct subtable_list *list = lookup_group(engine->table,
							group_id);
	struct emu_rule *hits[EMU_LOOKUP_BULK] = {NULL};
	uint32_t which[EMU_LOOKUP_BULK];
	uint32_t i, j, n_left;

	for (i = 0; list && i < list->n; i++) {
		uint32_t best = list->entries[i].best;

		n_left = 0;
		for (j = 0; j < n; j++) {
			if (!hits[j] || hits[j]->priority > best)
				which[n_left++] = j;
		}
		if (!n_left)
			break;
		subtable_lookup_bulk(&engine->table->hash,
				     list->entries[i].subtable, packets, which,
				     n_left, hits);
	}
	for (i = 0; i < n; i++) {
		if (hits[i])
			rule_hit(hits[i]);
		rules[i] = hits[i];
	}
}

const struct emu_program *
emu_rule_program(const struct emu_rule *rule)
{
	return rule->program;
}

bool
emu_table_has_software_rules(const struct emu_flow_engine *engine)
{
	return __atomic_load_n(&engine->table->n_software, __ATOMIC_RELAXED);
}

bool
emu_table_has_tunnel_rules(const struct emu_flow_engine *engine)
{
	return __atomic_load_n(&engine->table->n_tunnel, __ATOMIC_RELAXED);
}

bool
emu_table_has_ingress_rules(const struct emu_flow_engine *engine)
{
	return __atomic_load_n(&engine->table->n_ingress, __ATOMIC_RELAXED);
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
	if (!emu_hash_init(&table->hash)) {
		free(table);
		return NULL;
	}
	return table;
}

/* Frees 'group', in which nothing but empty subtables may be left. */
static void
free_group(struct emu_group *group)
{
	uint32_t i;

	for (i = 0; i < group->subtables->n; i++)
		free_subtable(group->subtables->entries[i].subtable, 0);
	free(group->subtables);
	free(group);
}

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
			free_group(group);
		}
	}
	emu_hash_uninit(&table->hash);
	free(table);
}
