/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template-walk: through the rules of template tables.  See
 * emu-template-table.h. */
#include <stdlib.h>

#include "emu-action.h"
#include "emu-flow-dump.h"
#include "emu-template-private.h"
#include "emu-template-table.h"

/* Calls 'visit' for each rule of 'table' that is linked or lost. */
static void
table_visit(const struct rte_flow_template_table *table,
	    void (*visit)(struct emu_rule *rule, void *aux), void *aux)
{
	uint32_t i, j, n;

	for (i = 0; i < table->n_slabs; i++) {
		n = emu_slab_n_slots(&table->slabs[i]);
		for (j = 0; j < n; j++) {
			struct emu_rule *rule =
				emu_slab_slot(&table->slabs[i], j);

			if (emu_rule_get_state(rule) >= EMU_RULE_LINKED)
				visit(rule, aux);
		}
	}
}

/* As table_visit(), for all tables of 'vport'. */
static void
vport_visit(const struct emu_vport *vport,
	    void (*visit)(struct emu_rule *rule, void *aux), void *aux)
{
	struct rte_flow_template_table *table;

	if (!vport->templates)
		return;
	LIST_FOREACH(table, &vport->templates->tables, node)
		table_visit(table, visit, aux);
}

static void
visit_destroy(struct emu_rule *rule, void *aux __rte_unused)
{
	emu_template_rule_destroy(rule);
}

void
emu_template_flush(struct emu_vport *vport, bool all)
{
	struct emu_templates *templates = vport->templates;
	struct rte_flow_template_table *table;

	vport_visit(vport, visit_destroy, NULL);
	if (!templates || !all)
		return;
	while ((table = LIST_FIRST(&templates->tables))) {
		LIST_REMOVE(table, node);
		emu_template_table_free(table);
	}
	emu_templates_clear(templates);
}

static void
visit_lose(struct emu_rule *rule, void *aux __rte_unused)
{
	emu_template_rule_lose(rule);
}

void
emu_template_lose(struct emu_vport *vport)
{
	vport_visit(vport, visit_lose, NULL);
}

static void
visit_lose_counter(struct emu_rule *rule, void *aux __rte_unused)
{
	emu_rule_change_state(rule, EMU_RULE_LINKED, EMU_RULE_UNCOUNTED);
}

void
emu_template_lose_counters(struct emu_vport *vport)
{
	vport_visit(vport, visit_lose_counter, NULL);
}

static void
dump_rule(const struct emu_rule *rule, FILE *file)
{
	const struct rte_flow_template_table *table =
		emu_template_rule_table(rule);
	struct rte_flow_action *actions;

	actions = emu_program_shown(rule->program);
	if (actions)
		emu_flow_dump_rule(file, table->vport, table->group, rule,
				   actions);
	free(actions);
}

static void
visit_dump(struct emu_rule *rule, void *file)
{
	if (emu_rule_is_linked(rule))
		dump_rule(rule, file);
}

void
emu_template_dump(const struct emu_vport *vport, const struct emu_rule *rule,
		  FILE *file)
{
	if (rule)
		dump_rule(rule, file);
	else
		vport_visit(vport, visit_dump, file);
}

uint32_t
emu_template_visit_ageing(const struct emu_vport *vport, int queue,
			  struct emu_template_cursor *cursor, uint32_t n,
			  bool (*visit)(struct emu_rule *rule, void *aux),
			  void *aux)
{
	struct rte_flow_template_table *table = NULL;
	uint32_t n_visited = 0, i = 0;

	if (vport->templates) {
		LIST_FOREACH(table, &vport->templates->tables, node) {
			if (i++ == cursor->table)
				break;
		}
	}
	for (; table; table = LIST_NEXT(table, node), cursor->table++,
			      cursor->slab = 0) {
		for (; table->ages && cursor->slab < table->n_slabs;
		     cursor->slab++, cursor->slot = 0) {
			const struct emu_slab *slab =
				&table->slabs[cursor->slab];
			uint32_t n_slots = emu_slab_n_slots(slab);

			if (queue >= 0 && cursor->slab != (uint32_t)queue)
				continue;
			while (cursor->slot < n_slots) {
				struct emu_rule *rule = emu_slab_slot(
					slab, cursor->slot++);

				n_visited++;
				if ((emu_rule_is_linked(rule)
				     && !visit(rule, aux))
				    || n_visited == n)
					return n_visited;
			}
		}
	}
	*cursor = (struct emu_template_cursor){ .slot = 0 };
	return 0;
}

struct aged {
	uint64_t now;
	void **contexts;
	uint32_t n_contexts, n;
};

static bool
visit_aged(struct emu_rule *rule, void *aged_)
{
	struct aged *aged = aged_;

	aged->n += emu_program_aged(rule->program, rule + 1, aged->now,
				    aged->n_contexts
				    ? aged->contexts + aged->n : NULL,
				    aged->n_contexts
				    ? aged->n_contexts - aged->n : 0);
	return !aged->n_contexts || aged->n < aged->n_contexts;
}

/* Answers go on where the last one ended, for another round at most: many
 * rules that are due together are not looked at again for each answer. */
uint32_t
emu_template_aged(struct emu_vport *vport, int queue, uint64_t now,
		  void **contexts, uint32_t n)
{
	struct aged aged = { .now = now, .contexts = contexts,
			     .n_contexts = n };
	struct emu_template_cursor all = { .slot = 0 }, *cursor = &all;
	int rounds = 1;

	if (!vport->templates)
		return 0;
	if (n) {
		cursor = &vport->templates->aged[queue + 1];
		rounds = 2;
	}
	while (rounds && (!n || aged.n < n)) {
		if (!emu_template_visit_ageing(vport, queue, cursor,
					       UINT32_MAX, visit_aged, &aged))
			rounds--;
	}
	return aged.n;
}
