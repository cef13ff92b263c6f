/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template: pattern and actions templates.  See emu-template.h. */
#include "emu-template.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_ethdev.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-memory.h"
#include "emu-template-private.h"

/* -- Under the mutex --------------------------------------------------- */

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
		emu_template_no_memory(error);
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
		emu_template_no_memory(error);
		return NULL;
	}
	t->vport = vport;
	t->attr = *attr;
	LIST_INSERT_HEAD(&vport->templates->actions, t, node);
	t->actions = emu_actions_copy(actions);
	t->masks = emu_actions_copy(masks);
	if (!t->actions || !t->masks) {
		actions_free(t);
		emu_template_no_memory(error);
		return NULL;
	}
	return t;
}

void
emu_templates_clear(struct emu_templates *templates)
{
	while (!LIST_EMPTY(&templates->patterns))
		pattern_free(LIST_FIRST(&templates->patterns));
	while (!LIST_EMPTY(&templates->actions))
		actions_free(LIST_FIRST(&templates->actions));
}

int
emu_template_check_destroy(const struct emu_vport *vport, const struct
			   emu_vport *owner, uint32_t n_users, const char
			   *what, const char *users, struct rte_flow_error
			   *error)
{
	if (owner != vport)
		return EMU_REFUSE(error, EINVAL, NULL, "the %s is of ethdev "
				  "%u, not of %u", what, owner->eth_port_id,
				  vport->eth_port_id);
	if (n_users)
		return EMU_REFUSE(error, EBUSY, NULL, "%u %s use the %s",
				  n_users, users, what);
	return 0;
}

/* -- rte_flow_ops ------------------------------------------------------ */

struct rte_flow_pattern_template *
emu_pattern_template_create(struct rte_eth_dev *dev,
			    const struct rte_flow_pattern_template_attr *attr,
			    const struct rte_flow_item items[],
			    struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	struct rte_flow_pattern_template *t;

	t = pattern_create(vport, attr, items, error);
	emu_template_unlock(vport);
	return t;
}

int
emu_pattern_template_destroy(struct rte_eth_dev *dev,
			     struct rte_flow_pattern_template *t,
			     struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	int rc;

	rc = emu_template_check_destroy(vport, t->vport, t->n_tables,
					"pattern template", "template tables",
					error);
	if (!rc)
		pattern_free(t);
	emu_template_unlock(vport);
	return rc;
}

struct rte_flow_actions_template *
emu_actions_template_create(struct rte_eth_dev *dev,
			    const struct rte_flow_actions_template_attr *attr,
			    const struct rte_flow_action actions[],
			    const struct rte_flow_action masks[],
			    struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	struct rte_flow_actions_template *t;

	t = actions_create(vport, attr, actions, masks, error);
	emu_template_unlock(vport);
	return t;
}

int
emu_actions_template_destroy(struct rte_eth_dev *dev,
			     struct rte_flow_actions_template *t,
			     struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_template_lock(dev);
	int rc;

	rc = emu_template_check_destroy(vport, t->vport, t->n_tables,
					"actions template", "template tables",
					error);
	if (!rc)
		actions_free(t);
	emu_template_unlock(vport);
	return rc;
}
