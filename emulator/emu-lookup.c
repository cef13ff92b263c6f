/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-lookup: how packets find their rules: in the cache, or else in one
 * subtable of their group after the other.
 *
 * Thread-safety: embedded switch thread only. */
#include "emu-table-private.h"

#include <rte_common.h>
#include <rte_prefetch.h>

#include "emu-flow.h"

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

/* Has the key of 'p' all that is to be matched, 'verify' of which is found
 * when it is asked for, as it takes long. */
static inline void
complete_key(const struct emu_packet *p, uint8_t verify)
{
	if (unlikely(verify & ~p->verified))
		emu_packet_verify((struct emu_packet *)(uintptr_t)p, verify);
}

/* Returns the best rule of 'subtable' with the key 'words' that takes 'key',
 * or NULL.  'node' is the first one of their hash value 'h'. */
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
		complete_key(packets[which[i]], subtable->verify);
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

/* Looks up 'n' packets, those at 'which' in 'packets', in the subtables of
 * 'list', and puts what they find into 'hits', which are NULL. */
static void
list_lookup_bulk(const struct emu_hash *hash, const struct subtable_list *list,
		 const struct emu_packet *const *packets,
		 const uint32_t *which, uint32_t n, struct emu_rule **hits)
{
	uint32_t left[EMU_LOOKUP_BULK];
	uint32_t i, j, n_left;

	for (i = 0; i < list->n; i++) {
		uint32_t best = list->entries[i].best;

		n_left = 0;
		for (j = 0; j < n; j++) {
			if (!hits[which[j]]
			    || hits[which[j]]->priority > best)
				left[n_left++] = which[j];
		}
		if (!n_left)
			break;
		subtable_lookup_bulk(hash, list->entries[i].subtable, packets,
				     left, n_left, hits);
	}
}

/* Puts into 'hits' what the cache knows of 'n' packets, and into 'which' those
 * of which it knows nothing; returns how many these are. */
static uint32_t
cache_lookup_bulk(struct emu_cache *cache, const struct subtable_list *list,
		  struct emu_cache_query *query,
		  const struct emu_packet *const *packets, uint32_t n,
		  struct emu_rule **hits, uint32_t *which)
{
	uint32_t i, n_missed = 0;

	for (i = 0; i < n; i++)
		complete_key(packets[i], list->verify);
	emu_cache_prepare(cache, query, packets, n);
	for (i = 0; i < n; i++) {
		if (!emu_cache_get(cache, query, i, &hits[i]))
			which[n_missed++] = i;
		else if (hits[i])
			rte_prefetch0(hits[i]);
	}
	return n_missed;
}

/* Fills in all but the packets of 'query'.  Returns the subtables of 'group',
 * or NULL if it has no rule; query->key->n_words is 0 if the cache is not to
 * be asked. */
static const struct subtable_list *
query_group(const struct emu_table *table, const struct emu_group *group,
	    struct emu_cache_query *query)
{
	static const struct emu_cache_key no_key;
	const struct subtable_list *list;

	if (!group || !__atomic_load_n(&group->n_rules, __ATOMIC_RELAXED))
		return NULL;
	query->group = group->id;
	query->generation = OBSERVE(&group->generation);
	list = OBSERVE(&group->subtables);
	query->key = &list->cache_key;
	/* 'list' must be of that generation. */
	if (query->generation % 2 || query->generation
	    != __atomic_load_n(&group->generation, __ATOMIC_RELAXED)
	    || !table->cache.memory || table->cache.off)
		query->key = &no_key;
	return list;
}

void
emu_table_lookup_bulk(const struct emu_flow_engine *engine, uint32_t group_id,
		      const struct emu_packet *const *packets, uint32_t n,
		      const struct emu_rule **rules)
{
	struct emu_table *table = engine->table;
	struct emu_rule *hits[EMU_LOOKUP_BULK] = {NULL};
	uint32_t which[EMU_LOOKUP_BULK] = {0};
	const struct subtable_list *list;
	struct emu_cache_query query;
	uint32_t i, n_which = n;

	for (i = 0; i < n; i++)
		which[i] = i;
	list = query_group(table, emu_group_find(table, group_id), &query);
	if (!list)
		n_which = 0;
	else if (query.key->n_words)
		n_which = cache_lookup_bulk(&table->cache, list, &query,
					    packets, n, hits, which);
	if (n_which)
		list_lookup_bulk(&table->hash, list, packets, which, n_which,
				 hits);
	if (list && query.key->n_words) {
		for (i = 0; i < n_which; i++)
			emu_cache_put(&table->cache, &query, which[i],
				      hits[which[i]]);
	}
	for (i = 0; i < n; i++) {
		if (hits[i]) {
			rule_hit(hits[i]);
			rte_prefetch0(hits[i]->program);
		}
		rules[i] = hits[i];
	}
}

const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group_id,
		 const struct emu_packet *p)
{
	const struct emu_rule *rule;

	emu_table_lookup_bulk(engine, group_id, &p, 1, &rule);
	return rule;
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

void
emu_table_set_cache(struct emu_table *table, bool on)
{
	table->cache.off = !on;
}

void
emu_table_get_cache(const struct emu_table *table, uint64_t *hits,
		    uint64_t *misses)
{
	*hits = table->cache.hits;
	*misses = table->cache.misses;
}
