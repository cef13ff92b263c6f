/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template: pattern templates and actions templates of a port.
 *
 * Thread-safety: they come and go under the engine's mutex. */
#ifndef EMU_TEMPLATE_H
#define EMU_TEMPLATE_H

#include <sys/queue.h>

#include <rte_flow.h>

#include "emu-flow.h"
#include "emu-pattern.h"

#define EMU_MAX_QUEUES 64		/* Of a port; fits emu_rule.queue. */

struct rte_flow_pattern_template {
	LIST_ENTRY(rte_flow_pattern_template) node;
	const struct emu_vport *vport;
	uint32_t n_tables;		/* That use it. */
	struct rte_flow_pattern_template_attr attr;
	struct emu_pattern pattern;
};

struct rte_flow_actions_template {
	LIST_ENTRY(rte_flow_actions_template) node;
	const struct emu_vport *vport;
	uint32_t n_tables;
	struct rte_flow_actions_template_attr attr;
	struct rte_flow_action *actions, *masks;	/* Copies. */
};

/* What a port has of all this; vport->templates once it is configured. */
struct emu_templates {
	LIST_HEAD(, rte_flow_pattern_template) patterns;
	LIST_HEAD(, rte_flow_actions_template) actions;
	LIST_HEAD(, rte_flow_template_table) tables;
	bool strict;			/* RTE_FLOW_PORT_FLAG_STRICT_QUEUE. */
	uint16_t n_queues;
	struct emu_queue *queues;
	/* Where the last answer about rules that are due ended: of a queue, of
	 * all. */
	struct emu_template_cursor aged[EMU_MAX_QUEUES + 1];
};

/* -- rte_flow_ops ------------------------------------------------------ */

struct rte_flow_pattern_template *emu_pattern_template_create(
	struct rte_eth_dev *dev,
	const struct rte_flow_pattern_template_attr *attr,
	const struct rte_flow_item items[], struct rte_flow_error *error);
int emu_pattern_template_destroy(struct rte_eth_dev *dev,
				 struct rte_flow_pattern_template *template,
				 struct rte_flow_error *error);
struct rte_flow_actions_template *emu_actions_template_create(
	struct rte_eth_dev *dev,
	const struct rte_flow_actions_template_attr *attr,
	const struct rte_flow_action actions[],
	const struct rte_flow_action masks[], struct rte_flow_error *error);
int emu_actions_template_destroy(struct rte_eth_dev *dev,
				 struct rte_flow_actions_template *template,
				 struct rte_flow_error *error);

#endif /* EMU_TEMPLATE_H */
