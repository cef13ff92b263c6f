/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow: the rules of an emulated DPU, and rte_flow's operations.
 *
 * Thread-safety: see emu-flow.h. */
#include "emu-flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_flow_driver.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-flow-dump.h"
#include "emu-flow-queue.h"
#include "emu-indirect.h"
#include "emu-item.h"
#include "emu-memory.h"
#include "emu-meter.h"
#include "emu-profile.h"
#include "emu-template-table.h"

/* -- Rules ------------------------------------------------------------- */

int
emu_flow_check_attr(const struct emu_profile *profile,
		    const struct rte_flow_attr *attr,
		    struct rte_flow_error *error)
{
#define REFUSE_ATTR(TYPE, ...) \
	emu_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR##TYPE, attr, \
		      __VA_ARGS__)

	if (attr->egress)
		return REFUSE_ATTR(_EGRESS, "attribute egress is not "
				   "supported: match what software sends with "
				   "transfer and item port_representor");
	if (!attr->transfer && !attr->ingress)
		return REFUSE_ATTR(, "a rule needs attribute transfer or "
				   "ingress");
	if (attr->reserved)
		return REFUSE_ATTR(, "reserved bits of the attributes are "
				   "set");
	if (!attr->transfer && attr->group)
		return REFUSE_ATTR(_GROUP, "group %u: rules without transfer "
				   "have group 0 alone", attr->group);
	if (attr->group >= profile->max_groups
	    || attr->group == EMU_GROUP_INGRESS)
		return REFUSE_ATTR(_GROUP, "group %u: profile %s has groups 0 "
				   "to %u", attr->group, profile->name,
				   profile->max_groups - 1);
	if (attr->priority > profile->max_priority)
		return REFUSE_ATTR(_PRIORITY, "priority %u: profile %s has "
				   "priorities 0 (the first) to %u",
				   attr->priority, profile->name,
				   profile->max_priority);
	return 0;
#undef REFUSE_ATTR
}

/* Refuses a rule of rte_flow_create() for its attributes. */
static int
check_attr(const struct emu_profile *profile, const struct rte_flow_attr *attr,
	   struct rte_flow_error *error)
{
	if (!profile->sync_rules)
		return emu_error_set(error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
				     "profile %s takes rules through "
				     "templates alone", profile->name);
	return emu_flow_check_attr(profile, attr, error);
}

/* The group where a rule with 'attr' stands. */
static uint32_t
attr_group(const struct rte_flow_attr *attr)
{
	return attr->transfer ? attr->group : EMU_GROUP_INGRESS;
}

/* Compiles 'actions'; where the profile's counters are used up, waits for
 * those of rules that were destroyed. */
static int
compile_program(struct emu_vport *vport, uint32_t group,
		const struct rte_flow_action *actions,
		struct emu_program **program, struct rte_flow_error *error)
{
	int rc = emu_program_compile(vport, group, actions, false, program,
				     error);

	if (rc == -ENOSPC) {
		emu_flow_settle(vport->device->flow);
		rc = emu_program_compile(vport, group, actions, false,
					 program, error);
	}
	return rc;
}

static bool
actions_may_age(const struct rte_flow_action *a)
{
	for (; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		if (a->type == RTE_FLOW_ACTION_TYPE_AGE)
			return true;
	}
	return false;
}

/* Puts a rule into the tables, and a handle into '*flowp'.  Under the
 * mutex. */
static int
create_flow(struct emu_vport *vport, const struct rte_flow_attr *attr,
	    const struct rte_flow_item *items,
	    const struct rte_flow_action *actions, struct rte_flow **flowp,
	    struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = vport->device->flow;
	const struct emu_profile *profile = vport->device->profile;
	struct rte_flow *flow = NULL;
	struct emu_match match;
	int rc;

	rc = check_attr(profile, attr, error);
	if (rc)
		return rc;
	rc = emu_match_compile(vport, attr, items, &match, error);
	if (rc)
		return rc;
	if (__atomic_load_n(&engine->n_rules, __ATOMIC_RELAXED)
	    >= profile->max_rules)
		return emu_error_set(error, ENOSPC,
				     RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
				     "the table is full: profile %s has room "
				     "for %u rules", profile->name,
				     profile->max_rules);
	if (engine->refuse_every &&
	    ++engine->n_created % engine->refuse_every == 0)
		return emu_error_set(error, EIO,
				     RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
				     "the fault \"refuse %u\" was asked for",
				     engine->refuse_every);
	flow = emu_calloc(1, sizeof(*flow));
	if (!flow)
		goto err_memory;
	flow->vport = vport;
	flow->group = attr_group(attr);
	flow->ages = actions_may_age(actions);
	flow->rule.priority = attr->priority;
	rc = compile_program(vport, flow->group, actions, &flow->rule.program,
			     error);
	if (rc)
		goto err_program;
	flow->actions = emu_actions_copy(actions);
	if (!flow->actions)
		goto err_actions;
	rc = emu_table_insert(engine->table, flow->group, &match,
			      profile->duplicates, &flow->rule);
	if (rc)
		goto err_insert;
	__atomic_fetch_add(&engine->n_rules, 1, __ATOMIC_RELAXED);
	TAILQ_INSERT_TAIL(&engine->flows[vport->id], flow, node);
	if (flow->ages)
		TAILQ_INSERT_TAIL(&engine->ageing[vport->id], flow, age_node);
	*flowp = flow;
	return 0;

err_insert:
	free(flow->actions);
	if (rc == -EEXIST) {
		emu_program_free(flow->rule.program);
		free(flow);
		return emu_error_set(error, EEXIST,
				     RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
				     "a rule with this match and priority %u "
				     "exists, and profile %s allows one only",
				     attr->priority, profile->name);
	}
err_actions:
	emu_program_free(flow->rule.program);
err_memory:
	rc = emu_error_set(error, ENOMEM, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
			   NULL, "out of memory");
err_program:
	free(flow);
	return rc;
}

static void
free_flow(void *flow_, int32_t index __rte_unused)
{
	struct rte_flow *flow = flow_;

	emu_program_free(flow->rule.program);
	emu_rule_uninit(&flow->rule);
	free(flow->actions);
	free(flow);
}

void
emu_flow_lose(struct rte_flow *flow)
{
	struct emu_flow_engine *engine = flow->vport->device->flow;

	if (flow->lost)
		return;
	emu_table_remove(engine->table, &flow->rule);
	if (engine->round.flow == flow)
		engine->round.flow = TAILQ_NEXT(flow, age_node);
	if (flow->ages)
		TAILQ_REMOVE(&engine->ageing[flow->vport->id], flow, age_node);
	__atomic_fetch_sub(&engine->n_rules, 1, __ATOMIC_RELAXED);
	flow->lost = true;
}

/* Under the mutex. */
static void
destroy_flow(struct emu_flow_engine *engine, struct rte_flow *flow)
{
	emu_flow_lose(flow);
	TAILQ_REMOVE(&engine->flows[flow->vport->id], flow, node);
	emu_flow_defer(engine, free_flow, flow, 0);
}

static void
destroy_flows(struct emu_flow_engine *engine, struct emu_vport *vport)
{
	struct rte_flow *flow;

	while ((flow = TAILQ_FIRST(&engine->flows[vport->id])) != NULL)
		destroy_flow(engine, flow);
}

void
emu_flow_vport_close(struct emu_vport *vport)
{
	struct emu_flow_engine *engine = vport->device->flow;

	if (!engine)
		return;
	pthread_mutex_lock(&engine->mutex);
	destroy_flows(engine, vport);
	emu_flow_queues_close(vport);
	vport->aged = false;
	emu_flow_settle(engine);
	emu_indirect_flush(vport->device, vport);
	pthread_mutex_unlock(&engine->mutex);
}

/* -- rte_flow_ops ------------------------------------------------------ */

/* True if 'flow' is a rule of a template table. */
static bool
is_async(const struct rte_flow *flow)
{
	return flow->rule.state != EMU_RULE_SYNC;
}

/* Refuses 'flow' if it is not one of 'dev'. */
static int
check_flow(const struct rte_eth_dev *dev, const struct rte_flow *flow,
	   struct rte_flow_error *error)
{
	const struct emu_vport *vport = emu_vport_from_ethdev(dev);
	const struct emu_vport *owner;

	if (!flow)
		return emu_error_set(error, EINVAL,
				     RTE_FLOW_ERROR_TYPE_HANDLE, NULL,
				     "no rule is given");
	owner = is_async(flow) ? emu_template_rule_vport(&flow->rule)
			       : flow->vport;
	if (owner != vport)
		return emu_error_set(error, EINVAL,
				     RTE_FLOW_ERROR_TYPE_HANDLE, flow,
				     "the rule was created on ethdev %u, not "
				     "on %u", owner->eth_port_id,
				     vport->eth_port_id);
	return 0;
}

static int
flow_validate(struct rte_eth_dev *dev, const struct rte_flow_attr *attr,
	      const struct rte_flow_item *items,
	      const struct rte_flow_action *actions,
	      struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	struct emu_match match;
	int rc;

	rc = check_attr(vport->device->profile, attr, error);
	if (!rc)
		rc = emu_match_compile(vport, attr, items, &match, error);
	if (!rc)
		rc = emu_program_compile(vport, attr_group(attr), actions,
					 true, NULL, error);
	emu_flow_unlock(engine);
	return rc;
}

static struct rte_flow *
flow_create(struct rte_eth_dev *dev, const struct rte_flow_attr *attr,
	    const struct rte_flow_item *items,
	    const struct rte_flow_action *actions,
	    struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	struct rte_flow *flow = NULL;

	create_flow(emu_vport_from_ethdev(dev), attr, items, actions, &flow,
		    error);
	emu_flow_unlock(engine);
	return flow;
}

static int
flow_destroy(struct rte_eth_dev *dev, struct rte_flow *flow,
	     struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc;

	rc = check_flow(dev, flow, error);
	if (!rc && is_async(flow))
		rc = emu_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_HANDLE,
				   flow, "the rule was created on queue %u: "
				   "destroy it there", flow->rule.queue);
	else if (!rc)
		destroy_flow(engine, flow);
	emu_flow_unlock(engine);
	return rc;
}

static int
flow_flush(struct rte_eth_dev *dev, struct rte_flow_error *error __rte_unused)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);

	destroy_flows(engine, emu_vport_from_ethdev(dev));
	emu_template_flush(emu_vport_from_ethdev(dev), false);
	emu_flow_unlock(engine);
	return 0;
}

/* Refuses a query about 'flow' if the device has lost it or its counter. */
static int
check_query(const struct rte_flow *flow, struct rte_flow_error *error)
{
	enum emu_rule_state state = emu_rule_get_state(&flow->rule);
	bool lost, uncounted;

	if (is_async(flow)) {
		lost = state == EMU_RULE_LOST;
		uncounted = state == EMU_RULE_UNCOUNTED;
	} else {
		lost = flow->lost;
		uncounted = flow->uncounted;
	}
	if (!lost && !uncounted)
		return 0;
	return emu_error_set(error, ENOENT, RTE_FLOW_ERROR_TYPE_HANDLE, flow,
			     "the device has lost the %s",
			     lost ? "rule" : "rule's counter");
}

static int
flow_query(struct rte_eth_dev *dev, struct rte_flow *flow,
	   const struct rte_flow_action *actions, void *data,
	   struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc;

	rc = check_flow(dev, flow, error);
	if (!rc)
		rc = check_query(flow, error);
	if (!rc)
		rc = emu_program_query(flow->rule.program,
				       emu_rule_args(&flow->rule), actions,
				       data, error);
	emu_flow_unlock(engine);
	return rc;
}

static int
flow_isolate(struct rte_eth_dev *dev __rte_unused, int set,
	     struct rte_flow_error *error)
{
	if (!set)
		return 0;
	return emu_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
			     NULL, "isolated mode is not supported: what no "
			     "rule takes always comes up at the representor");
}

static int
flow_dev_dump(struct rte_eth_dev *dev, struct rte_flow *flow, FILE *file,
	      struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc = 0;

	if (flow) {
		rc = check_flow(dev, flow, error);
		if (!rc && is_async(flow))
			emu_template_dump(vport, &flow->rule, file);
		else if (!rc)
			emu_flow_dump(file, flow);
	} else {
		TAILQ_FOREACH(flow, &engine->flows[vport->id], node) {
			if (!flow->lost)
				emu_flow_dump(file, flow);
		}
		emu_template_dump(vport, NULL, file);
	}
	emu_flow_unlock(engine);
	return rc;
}

/* Without room in 'contexts' counts what is due, without reporting it. */
static int
flow_get_aged_flows(struct rte_eth_dev *dev, void **contexts, uint32_t n,
		    struct rte_flow_error *error __rte_unused)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	uint64_t now = rte_rdtsc();
	struct rte_flow *flow;
	uint32_t n_due = 0, i;

	if (n)
		vport->aged = false;
	TAILQ_FOREACH(flow, &engine->ageing[vport->id], age_node) {
		uint32_t room = n > n_due ? n - n_due : 0;
		uint32_t due;

		if (n && !room)
			break;
		due = emu_program_aged(flow->rule.program, NULL, now,
				       room ? contexts + n_due : NULL, room);
		/* An AGE without a context is reported as its rule. */
		for (i = 0; i < RTE_MIN(due, room); i++) {
			if (!contexts[n_due + i])
				contexts[n_due + i] = flow;
		}
		n_due += n ? RTE_MIN(due, room) : due;
	}
	if (!n || n_due < n)
		n_due += emu_template_aged(vport, -1, now,
					   n ? contexts + n_due : NULL,
					   n ? n - n_due : 0);
	if (!n || n_due < n)
		n_due += emu_indirect_aged(vport->device, now,
					   n ? contexts + n_due : NULL,
					   n ? n - n_due : 0);
	emu_flow_unlock(engine);
	return n_due;
}

/* Every ethdev of the device takes transfer rules; the one on which a rule is
 * created is its implied source, so it must not be replaced by another. */
static int
flow_pick_transfer_proxy(struct rte_eth_dev *dev, uint16_t *proxy_port_id,
			 struct rte_flow_error *error __rte_unused)
{
	*proxy_port_id = dev->data->port_id;
	return 0;
}

/* -- Indirect actions -------------------------------------------------- */

static struct rte_flow_action_handle *
flow_handle_create(struct rte_eth_dev *dev,
		   const struct rte_flow_indir_action_conf *conf,
		   const struct rte_flow_action *action,
		   struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	struct rte_flow_action_handle *handle;

	handle = emu_indirect_create(vport, conf, action, error);
	if (!handle && rte_errno == ENOSPC) {
		emu_flow_settle(engine);
		handle = emu_indirect_create(vport, conf, action, error);
	}
	emu_flow_unlock(engine);
	return handle;
}

static int
flow_handle_destroy(struct rte_eth_dev *dev,
		    struct rte_flow_action_handle *handle,
		    struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc;

	rc = emu_indirect_destroy(vport, handle, error);
	if (rc == -EBUSY) {
		/* By rules that were destroyed just now? */
		emu_flow_settle(engine);
		rc = emu_indirect_destroy(vport, handle, error);
	}
	emu_flow_unlock(engine);
	return rc;
}

static int
flow_handle_update(struct rte_eth_dev *dev,
		   struct rte_flow_action_handle *handle, const void *update,
		   struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc;

	rc = emu_indirect_update(emu_vport_from_ethdev(dev), handle, update,
				 error);
	emu_flow_unlock(engine);
	return rc;
}

static int
flow_handle_query(struct rte_eth_dev *dev,
		  const struct rte_flow_action_handle *handle, void *data,
		  struct rte_flow_error *error)
{
	struct emu_flow_engine *engine = emu_flow_lock(dev);
	int rc;

	rc = emu_indirect_query(emu_vport_from_ethdev(dev), handle, data,
				error);
	emu_flow_unlock(engine);
	return rc;
}

const struct rte_flow_ops emu_flow_ops = {
	.validate = flow_validate,
	.create = flow_create,
	.destroy = flow_destroy,
	.flush = flow_flush,
	.query = flow_query,
	.isolate = flow_isolate,
	.dev_dump = flow_dev_dump,
	.get_aged_flows = flow_get_aged_flows,
	.action_handle_create = flow_handle_create,
	.action_handle_destroy = flow_handle_destroy,
	.action_handle_update = flow_handle_update,
	.action_handle_query = flow_handle_query,
	.pick_transfer_proxy = flow_pick_transfer_proxy,
};
