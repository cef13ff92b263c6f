/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template-table: template tables of a port, and the rules in them.
 *
 * A template table keeps its place in the tables of the device (a subtable for
 * each pattern template) and a program for each actions template; a rule is a
 * key and the arguments of a program.  Rules of rte_flow_create() are in the
 * same tables.
 *
 * Thread-safety: tables come and go under the engine's mutex.  The rules of
 * one queue belong to one thread at a time, but for their being lost, which
 * happens under the mutex. */
#ifndef EMU_TEMPLATE_TABLE_H
#define EMU_TEMPLATE_TABLE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/queue.h>

#include <rte_flow.h>

#include "emu-flow.h"
#include "emu-slab.h"
#include "emu-template.h"

struct rte_flow_template_table {
	LIST_ENTRY(rte_flow_template_table) node;
	struct emu_vport *vport;
	struct rte_flow_template_table_attr attr;
	uint32_t group;
	uint32_t n_rules;		/* Atomic. */
	uint32_t key_ofs;		/* From the rule. */
	bool ages;			/* Rules may have AGE. */
	uint8_t n_patterns, n_actions, n_slabs;
	struct rte_flow_pattern_template **patterns;
	struct emu_subtable **subtables;	/* One for each pattern. */
	struct rte_flow_actions_template **actions;
	struct emu_program **programs;		/* One for each of them. */
	struct emu_slab *slabs;			/* One for each queue. */
};

/* -- For the queues ---------------------------------------------------- */

/* Makes a rule of 'table', which packets do not see yet.  Returns NULL with
 * rte_errno and 'error' set if it is refused. */
struct emu_rule *emu_template_rule_create(
	struct rte_flow_template_table *table, uint16_t queue,
	const struct rte_flow_item *items, uint8_t pattern,
	const struct rte_flow_action *actions, uint8_t actions_template,
	struct rte_flow_error *error);

/* Makes packets see 'rule'.  Returns 0, or a negative errno: then 'rule' is
 * gone. */
int emu_template_rule_link(struct emu_rule *rule);

/* Takes 'rule' away from packets; it is gone.  'rule' was linked, and may have
 * been lost since. */
void emu_template_rule_destroy(struct emu_rule *rule);

/* Makes free what the rules of 'queue' held that are gone; waits for packets
 * on their way.  Takes the mutex. */
void emu_template_settle(struct emu_vport *vport, uint16_t queue);

/* -- For the engine ---------------------------------------------------- */

/* The table of 'rule', one of a template table, and its vport. */
struct rte_flow_template_table *emu_template_rule_table(
	const struct emu_rule *rule);
struct emu_vport *emu_template_rule_vport(const struct emu_rule *rule);

/* Takes 'rule' away from packets if they see it; it stays to be destroyed.
 * Under the mutex. */
void emu_template_rule_lose(struct emu_rule *rule);

/* Has all rules of 'vport' lost, or their counters.  Under the mutex. */
void emu_template_lose(struct emu_vport *vport);
void emu_template_lose_counters(struct emu_vport *vport);

/* Frees 'table', which is in no list. */
void emu_template_table_free(struct rte_flow_template_table *table);

/* Destroys all rules of 'vport', and with 'all' templates and tables as well.
 * Under the mutex; no queue is in use. */
void emu_template_flush(struct emu_vport *vport, bool all);

/* Shows the rules of 'vport', or 'rule' alone if it is not NULL.  Under the
 * mutex. */
void emu_template_dump(const struct emu_vport *vport,
		       const struct emu_rule *rule, FILE *file);

/* Calls 'visit' for rules of 'vport' that may age, of 'queue' or of all if it
 * is negative, from 'cursor' on, until it returns false or 'n' slots were
 * looked at.  Returns how many were; none at the end, when 'cursor' is at the
 * start again.  Under the mutex. */
uint32_t emu_template_visit_ageing(
	const struct emu_vport *vport, int queue,
	struct emu_template_cursor *cursor, uint32_t n,
	bool (*visit)(struct emu_rule *rule, void *aux), void *aux);

/* As rte_flow_get_aged_flows(), for rules of 'queue' or of all if it is
 * negative.  Under the mutex. */
uint32_t emu_template_aged(struct emu_vport *vport, int queue,
			   uint64_t now, void **contexts, uint32_t n);

/* -- rte_flow_ops ------------------------------------------------------ */

struct rte_flow_template_table *emu_template_table_create(
	struct rte_eth_dev *dev,
	const struct rte_flow_template_table_attr *attr,
	struct rte_flow_pattern_template *patterns[], uint8_t n_patterns,
	struct rte_flow_actions_template *actions[], uint8_t n_actions,
	struct rte_flow_error *error);
int emu_template_table_destroy(struct rte_eth_dev *dev,
			       struct rte_flow_template_table *table,
			       struct rte_flow_error *error);

#endif /* EMU_TEMPLATE_TABLE_H */
