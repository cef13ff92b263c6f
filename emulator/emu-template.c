/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template: templates, template tables and their rules.  See
 * emu-template.h. */
#include "emu-template.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-flow-dump.h"
#include "emu-memory.h"
#include "emu-profile.h"

#define REFUSE(ERROR, CODE, CAUSE, ...) \
	emu_error_set(ERROR, CODE, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, CAUSE, \
		      __VA_ARGS__)

static int
no_memory(struct rte_flow_error *error)
{
	return REFUSE(error, ENOMEM, NULL, "out of memory");
}

/* -- Templates (under the mutex) --------------------------------------- */

/* Refuses directions that a template cannot have. */
static int
check_directions(bool ingress, bool egress, bool transfer,
		 struct rte_flow_error *error)
{
	if (egress)
		return emu_error_set(error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ATTR_EGRESS, NULL,
				     "attribute egress is not supported");
	if (!ingress && !transfer)
		return emu_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ATTR,
				     NULL, "a template needs attribute "
				     "transfer or ingress");
	return 0;
}

static struct rte_flow_pattern_template *
pattern_create(struct emu_vport *vport,
	       const struct rte_flow_pattern_template_attr *attr,
	       const struct rte_flow_item *items,
	       struct rte_flow_error *error)
{
	const struct rte_flow_attr flow_attr = {
		.transfer = attr->transfer, .ingress = attr->ingress,
	};
	struct rte_flow_pattern_template *t;

	if (check_directions(attr->ingress, attr->egress, attr->transfer,
			     error))
		return NULL;
	t = emu_calloc(1, sizeof(*t));
	if (!t) {
		no_memory(error);
		return NULL;
	}
	t->vport = vport;
	t->attr = *attr;
	if (emu_pattern_compile(vport, &flow_attr, attr->relaxed_matching,
				items, &t->pattern, error)) {
		free(t);
		return NULL;
	}
	LIST_INSERT_HEAD(&vport->templates->patterns, t, node);
	return t;
}

static void
pattern_free(struct rte_flow_pattern_template *t)
{
	LIST_REMOVE(t, node);
	free(t);
}

static void
actions_free(struct rte_flow_actions_template *t)
{
	LIST_REMOVE(t, node);
	free(t->actions);
	free(t->masks);
	free(t);
}

/* Refuses masks that are not in the order of the actions. */
static int
check_masks(const struct rte_flow_action *actions,
	    const struct rte_flow_action *masks, struct rte_flow_error *error)
{
	uint32_t i;

	for (i = 0; actions[i].type != RTE_FLOW_ACTION_TYPE_END; i++) {
		if (masks[i].type != actions[i].type
		    && actions[i].type != RTE_FLOW_ACTION_TYPE_INDIRECT)
			return emu_error_set(error, EINVAL,
					     RTE_FLOW_ERROR_TYPE_ACTION,
					     &masks[i], "mask %u is not of the "
					     "action there", i);
		if (i == UINT8_MAX)
			return emu_error_set(error, ENOTSUP,
					     RTE_FLOW_ERROR_TYPE_ACTION_NUM,
					     actions, "an actions template has "
					     "%u actions at most", i);
	}
	return 0;
}

static struct rte_flow_actions_template *
actions_create(struct emu_vport *vport,
	       const struct rte_flow_actions_template_attr *attr,
	       const struct rte_flow_action *actions,
	       const struct rte_flow_action *masks,
	       struct rte_flow_error *error)
{
	struct rte_flow_actions_template *t;

	if (check_directions(attr->ingress, attr->egress, attr->transfer,
			     error))
		return NULL;
	if (!masks) {
		emu_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_CONF,
			      NULL, "an actions template needs masks");
		return NULL;
	}
	/* In which group it will be is not known yet. */
	if (check_masks(actions, masks, error)
	    || emu_program_compile_template(vport, attr->transfer
					    ? UINT32_MAX - 1
					    : EMU_GROUP_INGRESS, actions,
					    masks, true, NULL, error))
		return NULL;
	t = emu_calloc(1, sizeof(*t));
	if (!t) {
		no_memory(error);
		return NULL;
	}
	t->vport = vport;
	t->attr = *attr;
	LIST_INSERT_HEAD(&vport->templates->actions, t, node);
	t->actions = emu_actions_copy(actions);
	t->masks = emu_actions_copy(masks);
	if (!t->actions || !t->masks) {
		actions_free(t);
		no_memory(error);
		return NULL;
	}
	return t;
}

/* -- Tables (under the mutex) ------------------------------------------ */

static void
uncount_rule(struct rte_flow_template_table *table)
{
	struct emu_flow_engine *engine = table->vport->device->flow;

	__atomic_sub_fetch(&engine->n_rules, 1, __ATOMIC_RELAXED);
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
		return REFUSE(error, EINVAL, attr, "a template table needs a "
			      "pattern template, an actions template and room "
			      "for a rule");
	if (attr->nb_flows > vport->device->profile->max_rules)
		return REFUSE(error, ENOSPC, attr, "a template table of %u "
			      "rules: profile %s has room for %u",
			      attr->nb_flows, vport->device->profile->name,
			      vport->device->profile->max_rules);
	for (i = 0; i < n_patterns; i++) {
		if (!patterns[i] || patterns[i]->vport != vport)
			return REFUSE(error, EINVAL, patterns[i], "pattern "
				      "template %u is not of this port", i);
		if (patterns[i]->attr.transfer != flow->transfer)
			return REFUSE(error, EINVAL, patterns[i], "pattern "
				      "template %u and the table differ in "
				      "attribute transfer", i);
	}
	for (i = 0; i < n_actions; i++) {
		if (!actions[i] || actions[i]->vport != vport)
			return REFUSE(error, EINVAL, actions[i], "actions "
				      "template %u is not of this port", i);
		if (actions[i]->attr.transfer != flow->transfer)
			return REFUSE(error, EINVAL, actions[i], "actions "
				      "template %u and the table differ in "
				      "attribute transfer", i);
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
static void
table_free(struct rte_flow_template_table *table)
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
		return no_memory(error);
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
			return no_memory(error);
		table->patterns[i] = patterns[i];
		patterns[i]->n_tables++;
	}
	slot_size = table_slot_size(table);
	for (i = 0; i < table->n_slabs; i++) {
		if (!emu_slab_init(&table->slabs[i], vport->device->qsbr,
				   table->attr.nb_flows, slot_size))
			return no_memory(error);
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
		no_memory(error);
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
		table_free(table);
		return NULL;
	}
	LIST_INSERT_HEAD(&vport->templates->tables, table, node);
	return table;
}

/* -- Rules ------------------------------------------------------------- */

static struct rte_flow_template_table *
rule_table(const struct emu_rule *rule)
{
	return emu_program_owner(rule->program);
}

struct emu_vport *
emu_template_rule_vport(const struct emu_rule *rule)
{
	return rule_table(rule)->vport;
}

/* Counts a rule of 'table' in; false if the table or the device is full. */
static bool
count_rule(struct rte_flow_template_table *table, struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = table->vport->device->flow;
	const struct emu_profile *profile = table->vport->device->profile;

	if (__atomic_add_fetch(&table->n_rules, 1, __ATOMIC_RELAXED)
	    > table->attr.nb_flows) {
		REFUSE(error, ENOSPC, table, "the template table is full: it "
		       "has room for %u rules", table->attr.nb_flows);
		goto err_table;
	}
	if (__atomic_add_fetch(&engine->n_rules, 1, __ATOMIC_RELAXED)
	    > profile->max_rules) {
		REFUSE(error, ENOSPC, NULL, "the table is full: profile %s has "
		       "room for %u rules", profile->name,
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
		REFUSE(error, EINVAL, table, "pattern template %u, actions "
		       "template %u: the template table has %u and %u",
		       pattern, actions_template, table->n_patterns,
		       table->n_actions);
		return NULL;
	}
	if (!count_rule(table, error))
		return NULL;
	rule = emu_slab_get(slab);
	if (!rule) {
		no_memory(error);
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
	struct rte_flow_template_table *table = rule_table(rule);
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

void
emu_template_rule_destroy(struct emu_rule *rule)
{
	struct rte_flow_template_table *table = rule_table(rule);

	emu_table_unlink(rule);
	emu_rule_set_state(rule, EMU_RULE_DEAD);
	emu_slab_retire(&table->slabs[rule->queue], rule);
	uncount_rule(table);
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

/* -- All rules (under the mutex) --------------------------------------- */

/* Calls 'visit' for each linked rule of 'table', of 'queue' or, if that is
 * negative, of all, until it returns false. */
static void
table_visit(const struct rte_flow_template_table *table, int queue,
	    bool (*visit)(struct emu_rule *rule, void *aux), void *aux)
{
	uint32_t j, n;
	int i;

	for (i = 0; i < table->n_slabs; i++) {
		if (queue >= 0 && i != queue)
			continue;
		n = emu_slab_n_slots(&table->slabs[i]);
		for (j = 0; j < n; j++) {
			struct emu_rule *rule =
				emu_slab_slot(&table->slabs[i], j);

			if (emu_rule_get_state(rule) == EMU_RULE_LINKED
			    && !visit(rule, aux))
				return;
		}
	}
}

static bool
visit_destroy(struct emu_rule *rule, void *aux __rte_unused)
{
	emu_template_rule_destroy(rule);
	return true;
}

void
emu_template_flush(struct emu_vport *vport, bool all)
{
	struct emu_templates *templates = vport->templates;
	struct rte_flow_template_table *table;

	if (!templates)
		return;
	LIST_FOREACH(table, &templates->tables, node)
		table_visit(table, -1, visit_destroy, NULL);
	if (!all)
		return;
	while ((table = LIST_FIRST(&templates->tables))) {
		LIST_REMOVE(table, node);
		table_free(table);
	}
	while (!LIST_EMPTY(&templates->patterns))
		pattern_free(LIST_FIRST(&templates->patterns));
	while (!LIST_EMPTY(&templates->actions))
		actions_free(LIST_FIRST(&templates->actions));
}

static bool
visit_dump(struct emu_rule *rule, void *file)
{
	const struct rte_flow_template_table *table = rule_table(rule);
	struct rte_flow_action *actions;

	actions = emu_program_shown(rule->program);
	if (actions)
		emu_flow_dump_rule(file, table->vport, table->group, rule,
				   actions);
	free(actions);
	return true;
}

void
emu_template_dump(const struct emu_vport *vport, const struct emu_rule *rule,
		  FILE *file)
{
	struct rte_flow_template_table *table;

	if (rule) {
		visit_dump((struct emu_rule *)(uintptr_t)rule, file);
		return;
	}
	if (!vport->templates)
		return;
	LIST_FOREACH(table, &vport->templates->tables, node)
		table_visit(table, -1, visit_dump, file);
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
				if ((emu_rule_get_state(rule)
				     == EMU_RULE_LINKED && !visit(rule, aux))
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

/* -- rte_flow_ops ------------------------------------------------------ */

static struct emu_vport *
lock(struct rte_eth_dev *dev)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);

	pthread_mutex_lock(&vport->device->flow->mutex);
	return vport;
}

static void
unlock(struct emu_vport *vport)
{
	pthread_mutex_unlock(&vport->device->flow->mutex);
}

struct rte_flow_pattern_template *
emu_pattern_template_create(struct rte_eth_dev *dev,
			    const struct rte_flow_pattern_template_attr *attr,
			    const struct rte_flow_item items[],
			    struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	struct rte_flow_pattern_template *t;

	t = pattern_create(vport, attr, items, error);
	unlock(vport);
	return t;
}

/* Refuses to destroy what is of another port or in use. */
static int
check_destroy(const struct emu_vport *vport, const struct emu_vport *owner,
	      uint32_t n_users, const char *what, const char *users,
	      struct rte_flow_error *error)
{
	if (owner != vport)
		return REFUSE(error, EINVAL, NULL, "the %s is of ethdev %u, "
			      "not of %u", what, owner->eth_port_id,
			      vport->eth_port_id);
	if (n_users)
		return REFUSE(error, EBUSY, NULL, "%u %s use the %s", n_users,
			      users, what);
	return 0;
}

int
emu_pattern_template_destroy(struct rte_eth_dev *dev,
			     struct rte_flow_pattern_template *t,
			     struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	int rc;

	rc = check_destroy(vport, t->vport, t->n_tables, "pattern template",
			   "template tables", error);
	if (!rc)
		pattern_free(t);
	unlock(vport);
	return rc;
}

struct rte_flow_actions_template *
emu_actions_template_create(struct rte_eth_dev *dev,
			    const struct rte_flow_actions_template_attr *attr,
			    const struct rte_flow_action actions[],
			    const struct rte_flow_action masks[],
			    struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	struct rte_flow_actions_template *t;

	t = actions_create(vport, attr, actions, masks, error);
	unlock(vport);
	return t;
}

int
emu_actions_template_destroy(struct rte_eth_dev *dev,
			     struct rte_flow_actions_template *t,
			     struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	int rc;

	rc = check_destroy(vport, t->vport, t->n_tables, "actions template",
			   "template tables", error);
	if (!rc)
		actions_free(t);
	unlock(vport);
	return rc;
}

struct rte_flow_template_table *
emu_template_table_create(struct rte_eth_dev *dev,
			  const struct rte_flow_template_table_attr *attr,
			  struct rte_flow_pattern_template *patterns[],
			  uint8_t n_patterns,
			  struct rte_flow_actions_template *actions[],
			  uint8_t n_actions, struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	struct rte_flow_template_table *table;

	table = table_create(vport, attr, patterns, n_patterns, actions,
			     n_actions, error);
	unlock(vport);
	return table;
}

int
emu_template_table_destroy(struct rte_eth_dev *dev,
			   struct rte_flow_template_table *table,
			   struct rte_flow_error *error)
{
	struct emu_vport *vport = lock(dev);
	int rc;

	rc = check_destroy(vport, table->vport,
			   __atomic_load_n(&table->n_rules, __ATOMIC_RELAXED),
			   "template table", "rules", error);
	if (!rc) {
		LIST_REMOVE(table, node);
		table_free(table);
	}
	unlock(vport);
	return rc;
}
