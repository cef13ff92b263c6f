/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template-table: template tables and their rules.  See
 * emu-template-table.h. */
#include "emu-template-table.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_ethdev.h>
#include <rte_pause.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-memory.h"
#include "emu-profile.h"
#include "emu-template-private.h"

/* -- Tables (under the mutex) ------------------------------------------ */

/* The device has a rule of 'table' less. */
static void
uncount_on_device(struct rte_flow_template_table *table)
{
	struct emu_flow_engine *engine = table->vport->device->flow;

	__atomic_sub_fetch(&engine->n_rules, 1, __ATOMIC_RELAXED);
}

/* 'table' has a rule less, and the device as well. */
static void
uncount_rule(struct rte_flow_template_table *table)
{
	uncount_on_device(table);
	__atomic_sub_fetch(&table->n_rules, 1, __ATOMIC_RELAXED);
}

/* Refuses to make a table of these templates. */
static int
check_table(struct emu_vport *vport,
	    const struct rte_flow_template_table_attr *attr,
	    struct rte_flow_pattern_template **patterns, uint8_t n_patterns,
	    struct rte_flow_actions_template **actions, uint8_t n_actions,
	    struct rte_flow_error *error)
{
	const struct rte_flow_attr *flow = &attr->flow_attr;
	uint8_t i;
	int rc;

	rc = emu_flow_check_attr(vport->device->profile, flow, error);
	if (rc)
		return rc;
	if (!n_patterns || !n_actions || !attr->nb_flows)
		return EMU_REFUSE(error, EINVAL, attr, "a template table "
				  "needs a pattern template, an actions "
				  "template and room for a rule");
	if (attr->nb_flows > vport->device->profile->max_rules)
		return EMU_REFUSE(error, ENOSPC, attr, "a template table of "
				  "%u rules: profile %s has room for %u",
				  attr->nb_flows, vport->device->profile->name,
				  vport->device->profile->max_rules);
	for (i = 0; i < n_patterns; i++) {
		if (!patterns[i] || patterns[i]->vport != vport)
			return EMU_REFUSE(error, EINVAL, patterns[i],
					  "pattern template %u is not of this "
					  "port", i);
		if (patterns[i]->attr.transfer != flow->transfer)
			return EMU_REFUSE(error, EINVAL, patterns[i],
					  "pattern template %u and the table "
					  "differ in attribute transfer", i);
	}
	for (i = 0; i < n_actions; i++) {
		if (!actions[i] || actions[i]->vport != vport)
			return EMU_REFUSE(error, EINVAL, actions[i], "actions "
					  "template %u is not of this port",
					  i);
		if (actions[i]->attr.transfer != flow->transfer)
			return EMU_REFUSE(error, EINVAL, actions[i], "actions "
					  "template %u and the table differ "
					  "in attribute transfer", i);
	}
	return 0;
}

/* Lets go of what rules hold that were never linked. */
static void
release_ready(struct emu_slab *slab)
{
	uint32_t i, n = emu_slab_n_slots(slab);

	for (i = 0; i < n; i++) {
		struct emu_rule *rule = emu_slab_slot(slab, i);

		if (emu_rule_get_state(rule) != EMU_RULE_READY)
			continue;
		emu_program_unbind(rule->program, rule + 1);
		emu_slab_put(slab, rule);
		uncount_rule(emu_program_owner(rule->program));
	}
}

/* Takes apart what table_fill() made of 'table', all or a part of it. */
void
emu_template_table_free(struct rte_flow_template_table *table)
{
	uint8_t i;

	for (i = 0; table->slabs && i < table->n_slabs; i++) {
		if (table->slabs[i].chunks) {
			release_ready(&table->slabs[i]);
			emu_slab_reclaim(&table->slabs[i], true);
			emu_slab_uninit(&table->slabs[i]);
		}
	}
	for (i = 0; table->programs && i < table->n_actions; i++) {
		if (table->programs[i]) {
			table->actions[i]->n_tables--;
			emu_program_free(table->programs[i]);
		}
	}
	for (i = 0; table->subtables && i < table->n_patterns; i++) {
		if (table->subtables[i]) {
			table->patterns[i]->n_tables--;
			emu_table_unpin(table->subtables[i],
					table->attr.flow_attr.priority);
		}
	}
	free(table->slabs);
	free(table->programs);
	free(table->actions);
	free(table->subtables);
	free(table->patterns);
	free(table);
}

/* Bytes of a rule of 'table'; sets where its key is. */
static uint32_t
table_slot_size(struct rte_flow_template_table *table)
{
	uint32_t args = 0, words = 1;
	uint8_t i;

	for (i = 0; i < table->n_actions; i++)
		args = RTE_MAX(args, (uint32_t)emu_program_args_size(
					table->programs[i]));
	for (i = 0; i < table->n_patterns; i++)
		words = RTE_MAX(words, table->patterns[i]->pattern.n_words);
	table->key_ofs = sizeof(struct emu_rule) + args;
	return table->key_ofs + words * sizeof(uint64_t);
}

static int
table_fill(struct rte_flow_template_table *table,
	   struct rte_flow_pattern_template **patterns,
	   struct rte_flow_actions_template **actions,
	   struct rte_flow_error *error)
{
	struct emu_vport *vport = table->vport;
	struct emu_flow_engine *engine = vport->device->flow;
	uint32_t slot_size;
	uint8_t i;
	int rc;

	table->patterns = emu_calloc(table->n_patterns, sizeof(*patterns));
	table->subtables = emu_calloc(table->n_patterns,
				  sizeof(*table->subtables));
	table->actions = emu_calloc(table->n_actions, sizeof(*actions));
	table->programs = emu_calloc(table->n_actions, sizeof(*table->programs));
	table->slabs = emu_calloc(table->n_slabs, sizeof(*table->slabs));
	if (!table->patterns || !table->subtables || !table->actions
	    || !table->programs || !table->slabs)
		return emu_template_no_memory(error);
	for (i = 0; i < table->n_actions; i++) {
		rc = emu_program_compile_template(vport, table->group,
						  actions[i]->actions,
						  actions[i]->masks, false,
						  &table->programs[i], error);
		if (rc)
			return rc;
		emu_program_set_owner(table->programs[i], table);
		table->ages |= emu_program_ages(table->programs[i]);
		table->actions[i] = actions[i];
		actions[i]->n_tables++;
	}
	for (i = 0; i < table->n_patterns; i++) {
		table->subtables[i] = emu_table_pin(
			engine->table, table->group,
			&patterns[i]->pattern.match,
			table->attr.flow_attr.priority);
		if (!table->subtables[i])
			return emu_template_no_memory(error);
		table->patterns[i] = patterns[i];
		patterns[i]->n_tables++;
	}
	slot_size = table_slot_size(table);
	for (i = 0; i < table->n_slabs; i++) {
		if (!emu_slab_init(&table->slabs[i], vport->device->qsbr,
				   table->attr.nb_flows, slot_size))
			return emu_template_no_memory(error);
	}
	return 0;
}

static struct rte_flow_template_table *
table_create(struct emu_vport *vport,
	     const struct rte_flow_template_table_attr *attr,
	     struct rte_flow_pattern_template **patterns, uint8_t n_patterns,
	     struct rte_flow_actions_template **actions, uint8_t n_actions,
	     struct rte_flow_error *error)
{
	struct rte_flow_template_table *table;

	if (check_table(vport, attr, patterns, n_patterns, actions, n_actions,
			error))
		return NULL;
	table = emu_calloc(1, sizeof(*table));
	if (!table) {
		emu_template_no_memory(error);
		return NULL;
	}
	table->vport = vport;
	table->attr = *attr;
	table->group = attr->flow_attr.transfer ? attr->flow_attr.group
						: EMU_GROUP_INGRESS;
	table->n_patterns = n_patterns;
	table->n_actions = n_actions;
	table->n_slabs = vport->templates->n_queues;
	if (table_fill(table, patterns, actions, error)) {
		emu_template_table_free(table);
		return NULL;
	}
	LIST_INSERT_HEAD(&vport->templates->tables, table, node);
	return table;
}

/* -- Rules ------------------------------------------------------------- */

struct rte_flow_template_table *
emu_template_rule_table(const struct emu_rule *rule)
{
	return emu_program_owner(rule->program);
}

struct emu_vport *
emu_template_rule_vport(const struct emu_rule *rule)
{
	return emu_template_rule_table(rule)->vport;
}

/* Counts a rule of 'table' in; false if the table or the device is full. */
static bool
count_rule(struct rte_flow_template_table *table, struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = table->vport->device->flow;
	const struct emu_profile *profile = table->vport->device->profile;

	if (__atomic_add_fetch(&table->n_rules, 1, __ATOMIC_RELAXED)
	    > table->attr.nb_flows) {
		EMU_REFUSE(error, ENOSPC, table, "the template table is full: "
			   "it has room for %u rules", table->attr.nb_flows);
		goto err_table;
	}
	if (__atomic_add_fetch(&engine->n_rules, 1, __ATOMIC_RELAXED)
	    > profile->max_rules) {
		EMU_REFUSE(error, ENOSPC, NULL, "the table is full: profile "
			   "%s has room for %u rules", profile->name,
			   profile->max_rules);
		goto err_engine;
	}
	return true;

err_engine:
	__atomic_sub_fetch(&engine->n_rules, 1, __ATOMIC_RELAXED);
err_table:
	__atomic_sub_fetch(&table->n_rules, 1, __ATOMIC_RELAXED);
	return false;
}

/* Binds 'rule'.  Counters may be held by rules that are gone. */
static int
bind_rule(struct emu_slab *slab, struct emu_rule *rule,
	  const struct rte_flow_action *actions, struct rte_flow_error *error)
{
	int rc = emu_program_bind(rule->program, actions, rule + 1, rule,
				  error);

	if (rc == -ENOSPC && (slab->retired.n || slab->waiting.n)) {
		emu_slab_reclaim(slab, true);
		rc = emu_program_bind(rule->program, actions, rule + 1, rule,
				      error);
	}
	return rc;
}

struct emu_rule *
emu_template_rule_create(struct rte_flow_template_table *table,
			 uint16_t queue, const struct rte_flow_item *items,
			 uint8_t pattern,
			 const struct rte_flow_action *actions,
			 uint8_t actions_template,
			 struct rte_flow_error *error)
{
	struct emu_slab *slab = &table->slabs[queue];
	struct emu_rule *rule;

	if (pattern >= table->n_patterns
	    || actions_template >= table->n_actions) {
		EMU_REFUSE(error, EINVAL, table, "pattern template %u, "
			   "actions template %u: the template table has %u "
			   "and %u", pattern, actions_template,
			   table->n_patterns, table->n_actions);
		return NULL;
	}
	if (!count_rule(table, error))
		return NULL;
	rule = emu_slab_get(slab);
	if (!rule) {
		emu_template_no_memory(error);
		goto err_slab;
	}
	rule->subtable = table->subtables[pattern];
	rule->program = table->programs[actions_template];
	rule->priority = table->attr.flow_attr.priority;
	rule->queue = queue;
	rule->key = (uint64_t *)((uint8_t *)rule + table->key_ofs);
	if (emu_pattern_key(&table->patterns[pattern]->pattern, table->vport,
			    items, rule->key, error)
	    || bind_rule(slab, rule, actions, error))
		goto err_rule;
	emu_table_prepare(rule);
	emu_rule_set_state(rule, EMU_RULE_READY);
	return rule;

err_rule:
	emu_slab_put(slab, rule);
err_slab:
	uncount_rule(table);
	return NULL;
}

int
emu_template_rule_link(struct emu_rule *rule)
{
	struct rte_flow_template_table *table = emu_template_rule_table(rule);
	int rc;

	rc = emu_table_link(rule, table->vport->device->profile->duplicates);
	if (rc) {
		emu_program_unbind(rule->program, rule + 1);
		emu_slab_put(&table->slabs[rule->queue], rule);
		uncount_rule(table);
	} else {
		emu_rule_set_state(rule, EMU_RULE_LINKED);
	}
	return rc;
}

/* Makes 'rule' dead; returns the state that it had.  Another thread may be
 * about to lose it. */
static enum emu_rule_state
rule_kill(struct emu_rule *rule)
{
	enum emu_rule_state state = emu_rule_get_state(rule);

	while (state == EMU_RULE_LOSING
	       || !emu_rule_change_state(rule, state, EMU_RULE_DEAD)) {
		rte_pause();
		state = emu_rule_get_state(rule);
	}
	return state;
}

void
emu_template_rule_destroy(struct emu_rule *rule)
{
	struct rte_flow_template_table *table = emu_template_rule_table(rule);

	if (rule_kill(rule) != EMU_RULE_LOST) {
		emu_table_unlink(rule);
		uncount_on_device(table);
	}
	emu_slab_retire(&table->slabs[rule->queue], rule);
	__atomic_sub_fetch(&table->n_rules, 1, __ATOMIC_RELAXED);
}

void
emu_template_rule_lose(struct emu_rule *rule)
{
	if (!emu_rule_change_state(rule, EMU_RULE_LINKED, EMU_RULE_LOSING)
	    && !emu_rule_change_state(rule, EMU_RULE_UNCOUNTED,
				      EMU_RULE_LOSING))
		return;
	emu_table_unlink(rule);
	uncount_on_device(emu_template_rule_table(rule));
	emu_rule_set_state(rule, EMU_RULE_LOST);
}

void
emu_template_settle(struct emu_vport *vport, uint16_t queue)
{
	pthread_mutex_t *mutex = &vport->device->flow->mutex;
	struct rte_flow_template_table *table;

	pthread_mutex_lock(mutex);
	LIST_FOREACH(table, &vport->templates->tables, node)
		emu_slab_reclaim(&table->slabs[queue], true);
	pthread_mutex_unlock(mutex);
}

/* -- rte_flow_ops ------------------------------------------------------ */

struct rte_flow_template_table *
emu_template_table_create(struct rte_eth_dev *dev,
			  const struct rte_flow_template_table_attr *attr,
			  struct rte_flow_pattern_template *patterns[],
			  uint8_t n_patterns,
			  struct rte_flow_actions_template *actions[],
			  uint8_t n_actions, struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	struct rte_flow_template_table *table;

	table = table_create(vport, attr, patterns, n_patterns, actions,
			     n_actions, error);
	emu_template_unlock(vport);
	return table;
}

int
emu_template_table_destroy(struct rte_eth_dev *dev,
			   struct rte_flow_template_table *table,
			   struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	int rc;

	rc = emu_template_check_destroy(vport, table->vport,
					__atomic_load_n(&table->n_rules,
					__ATOMIC_RELAXED), "template table",
					"rules", error);
	if (!rc) {
		LIST_REMOVE(table, node);
		emu_template_table_free(table);
	}
	emu_template_unlock(vport);
	return rc;
}
