/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-slab: memory for the rules that one queue puts into one template
 * table.  See emu-slab.h. */
#include "emu-slab.h"

#include <stdlib.h>
#include <string.h>

#include <rte_prefetch.h>

#include "emu-action.h"
#include "emu-memory.h"

#define MIN_LIST 64

static bool
list_init(struct emu_slab_list *list)
{
	list->rules = emu_malloc(MIN_LIST * sizeof(*list->rules));
	list->max = MIN_LIST;
	list->n = 0;
	return list->rules != NULL;
}

/* Returns false if memory is short. */
static bool
list_add(struct emu_slab_list *list, struct emu_rule *rule)
{
	struct emu_rule **rules;

	if (list->n == list->max) {
		rules = emu_realloc(list->rules, list->max * 2 * sizeof(*rules));
		if (!rules)
			return false;
		list->rules = rules;
		list->max *= 2;
	}
	list->rules[list->n++] = rule;
	return true;
}

bool
emu_slab_init(struct emu_slab *slab, struct rte_rcu_qsbr *qsbr, uint32_t n,
	      uint32_t slot_size)
{
	memset(slab, 0, sizeof(*slab));
	slab->qsbr = qsbr;
	slab->slot_size = slot_size;
	slab->max_chunks = n / EMU_SLAB_CHUNK + 1;
	slab->chunks = emu_calloc(slab->max_chunks, sizeof(*slab->chunks));
	if (slab->chunks && list_init(&slab->retired)
	    && list_init(&slab->waiting))
		return true;
	emu_slab_uninit(slab);
	return false;
}

void
emu_slab_uninit(struct emu_slab *slab)
{
	uint32_t i;

	for (i = 0; i < slab->n_chunks; i++)
		free(slab->chunks[i]);
	free(slab->chunks);
	free(slab->retired.rules);
	free(slab->waiting.rules);
	memset(slab, 0, sizeof(*slab));
}

/* Makes what waits free. */
static void
release_waiting(struct emu_slab *slab)
{
	uint32_t i;

	for (i = 0; i < slab->waiting.n; i++) {
		struct emu_rule *rule = slab->waiting.rules[i];

		emu_program_unbind(rule->program, rule + 1);
		emu_slab_put(slab, rule);
	}
	slab->waiting.n = 0;
}

void
emu_slab_reclaim(struct emu_slab *slab, bool wait)
{
	struct emu_slab_list list;

	if (wait && (slab->waiting.n || slab->retired.n)) {
		rte_rcu_qsbr_synchronize(slab->qsbr, RTE_QSBR_THRID_INVALID);
		release_waiting(slab);
	} else if (slab->waiting.n) {
		if (rte_rcu_qsbr_check(slab->qsbr, slab->token, false) != 1)
			return;
		release_waiting(slab);
	}
	if (!slab->retired.n)
		return;
	list = slab->waiting;
	slab->waiting = slab->retired;
	slab->retired = list;
	if (wait)
		release_waiting(slab);
	else
		slab->token = rte_rcu_qsbr_start(slab->qsbr);
}

/* Makes slots free; returns false if memory is short. */
static bool
add_chunk(struct emu_slab *slab)
{
	uint8_t *chunk;

	if (slab->n_chunks == slab->max_chunks)
		return false;
	chunk = emu_malloc((size_t)EMU_SLAB_CHUNK * slab->slot_size);
	if (!chunk)
		return false;
	slab->chunks[slab->n_chunks++] = chunk;
	return true;
}

/* Has the slot fetched that is going to be used. */
static inline void
prefetch_slot(const struct emu_slab *slab, const struct emu_rule *rule)
{
	uint32_t i;

	for (i = 0; rule && i < slab->slot_size; i += RTE_CACHE_LINE_SIZE)
		rte_prefetch0((const uint8_t *)rule + i);
}

struct emu_rule *
emu_slab_get(struct emu_slab *slab)
{
	struct emu_rule *rule;

	if (!slab->free)
		emu_slab_reclaim(slab, false);
	if (!slab->free && slab->n_slots == slab->n_chunks * EMU_SLAB_CHUNK
	    && !add_chunk(slab))
		emu_slab_reclaim(slab, true);
	rule = slab->free;
	if (rule) {
		slab->free = (struct emu_rule *)rule->node.next;
		prefetch_slot(slab, slab->free);
	} else if (slab->n_slots < slab->n_chunks * EMU_SLAB_CHUNK) {
		rule = emu_slab_slot(slab, slab->n_slots);
		rule->state = EMU_RULE_FREE;
		__atomic_store_n(&slab->n_slots, slab->n_slots + 1,
				 __ATOMIC_RELEASE);
	} else {
		return NULL;
	}
	memset(rule, 0, offsetof(struct emu_rule, state));
	memset(rule + 1, 0, slab->slot_size - sizeof(*rule));
	return rule;
}

void
emu_slab_put(struct emu_slab *slab, struct emu_rule *rule)
{
	emu_rule_set_state(rule, EMU_RULE_FREE);
	rule->node.next = (struct emu_node *)slab->free;
	slab->free = rule;
}

void
emu_slab_retire(struct emu_slab *slab, struct emu_rule *rule)
{
	if (list_add(&slab->retired, rule))
		return;
	emu_slab_reclaim(slab, true);
	list_add(&slab->retired, rule);
}

size_t
emu_slab_memory(const struct emu_slab *slab)
{
	return (size_t)slab->n_chunks * EMU_SLAB_CHUNK * slab->slot_size
	       + slab->max_chunks * sizeof(*slab->chunks)
	       + (slab->retired.max + slab->waiting.max)
		 * sizeof(*slab->waiting.rules);
}
