/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action-class: the table of actions: how each is checked, compiled and
 * run.  Those that set something have files of their own. */
#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_random.h>

#include "emu-indirect.h"
#include "emu-memory.h"
#include "emu-op.h"
#include "emu-table.h"

enum emu_step
emu_walk_drop(struct emu_walk *w)
{
	struct emu_packet *p = w->p;
	struct emu_vport_stats *stats = &p->vport->stats;

	emu_stat_add(p->origin == EMU_FROM_FUNCTION ? &stats->rx_dropped
						    : &stats->tx_dropped, 1);
	rte_pktmbuf_free(p->m);
	p->m = NULL;
	return EMU_STEP_DONE;
}

/* -- Fates: DROP, JUMP, RSS, PASSTHRU ------------------------------------- */

static enum emu_step
drop_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	return emu_walk_drop(w);
}

static int
jump_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_jump *jump = action->conf;

	if (c->nested || c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "JUMP cannot stand within a SAMPLE "
					 "or an ingress rule");
	if (jump->group == c->group)
		return emu_action_refuse(c, EINVAL, action,
					 "group %u jumps to itself",
					 jump->group);
	if (jump->group >= c->profile->max_groups)
		return emu_action_refuse(c, EINVAL, action,
					 "group %u is beyond the last one, %u",
					 jump->group,
					 c->profile->max_groups - 1);
	return 0;
}

static int
jump_compile(struct emu_compile *c, const struct rte_flow_action *action,
	     struct emu_op *op)
{
	const struct rte_flow_action_jump *jump = action->conf;

	RTE_SET_USED(c);
	op->u.group = jump->group;
	return 0;
}

static enum emu_step
jump_run(const struct emu_op *op, struct emu_walk *w)
{
	if (op->bound)
		memcpy(&w->next, emu_op_arg(op, w), sizeof(w->next));
	else
		w->next = op->u.group;
	return EMU_STEP_JUMP;
}

/* Queues are chosen by the ethdev's own RSS; it can be asked for, but not
 * changed, by rules that see what is about to go there. */
static int
rss_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	if (!c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "RSS needs a rule of attribute "
					 "ingress");
	return 0;
}

static enum emu_step
passthru_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	RTE_SET_USED(w);
	return EMU_STEP_LEAVE;
}

/* -- Ports ---------------------------------------------------------------- */

static int
ethdev_check(struct emu_compile *c, const struct rte_flow_action *action,
	     uint32_t id)
{
	if (c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "ports need a rule of attribute "
					 "transfer");
	if (id >= RTE_MAX_ETHPORTS || !rte_eth_dev_is_valid_port(id))
		return emu_action_refuse(c, ENODEV, action,
					 "there is no ethdev %u", id);
	if (!emu_device_vport_by_ethdev(c->device, id))
		return emu_action_refuse(c, EXDEV, action,
					 "ethdev %u does not belong to %s",
					 id, c->device->name);
	return 0;
}

static int
ethdev_action_check(struct emu_compile *c,
		    const struct rte_flow_action *action)
{
	const struct rte_flow_action_ethdev *ethdev = action->conf;

	return ethdev_check(c, action, ethdev->port_id);
}

static int
ethdev_action_compile(struct emu_compile *c,
		      const struct rte_flow_action *action,
		      struct emu_op *op)
{
	const struct rte_flow_action_ethdev *ethdev = action->conf;

	op->u.vport = emu_device_vport_by_ethdev(c->device, ethdev->port_id);
	return 0;
}

static int
port_id_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_port_id *port_id = action->conf;

	return ethdev_check(c, action, port_id->original
			    ? c->vport->eth_port_id : port_id->id);
}

static int
port_id_compile(struct emu_compile *c, const struct rte_flow_action *action,
		struct emu_op *op)
{
	const struct rte_flow_action_port_id *port_id = action->conf;

	op->u.vport = port_id->original
		? c->vport
		: emu_device_vport_by_ethdev(c->device, port_id->id);
	return 0;
}

/* Takes the packet, or a copy if more operations follow. */
static struct rte_mbuf *
take(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet *p = w->p;
	struct rte_mbuf *m = p->m;

	if (op->last) {
		p->m = NULL;
		return m;
	}
	m = emu_packet_copy_mbuf(m);
	if (!m)
		emu_stat_add(&p->vport->stats.rx_dropped, 1);
	return m;
}

/* Where a port action sends to. */
static struct emu_vport *
target(const struct emu_op *op, const struct emu_walk *w)
{
	uint16_t id;

	if (!op->bound)
		return op->u.vport;
	memcpy(&id, emu_op_arg(op, w), sizeof(id));
	return &w->p->vport->device->vports[id];
}

static enum emu_step
after_port(const struct emu_op *op)
{
	return op->last ? EMU_STEP_DONE : EMU_STEP_NEXT;
}

static enum emu_step
represented_port_run(const struct emu_op *op, struct emu_walk *w)
{
	struct rte_mbuf *m = take(op, w);

	if (m)
		emu_pipeline_transmit(w->p, target(op, w), m);
	return after_port(op);
}

static enum emu_step
port_representor_run(const struct emu_op *op, struct emu_walk *w)
{
	struct rte_mbuf *m = take(op, w);

	if (m)
		emu_pipeline_deliver(w->p, target(op, w), m, w->now);
	return after_port(op);
}

/* -- SAMPLE --------------------------------------------------------------- */

static struct emu_compile
nested_compile(const struct emu_compile *c)
{
	return (struct emu_compile) {
		.vport = c->vport,
		.device = c->device,
		.profile = c->profile,
		.group = c->group,
		.nested = true,
		.ingress = c->ingress,
		.error = c->error,
	};
}

static int
sample_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_sample *sample = action->conf;
	struct emu_compile nested = nested_compile(c);

	if (c->nested)
		return emu_action_refuse(c, ENOTSUP, action,
					 "SAMPLE within a SAMPLE");
	if (!sample->ratio)
		return emu_action_refuse(c, EINVAL, action,
					 "a SAMPLE of ratio 0: 1 takes every "
					 "packet, N every Nth");
	if (!sample->actions)
		return emu_action_refuse(c, EINVAL, action,
					 "a SAMPLE without actions");
	return emu_list_check(&nested, sample->actions);
}

static int
sample_compile(struct emu_compile *c, const struct rte_flow_action *action,
	       struct emu_op *op)
{
	const struct rte_flow_action_sample *sample = action->conf;
	struct emu_compile nested = nested_compile(c);

	op->u.sample.ratio = sample->ratio;
	return emu_list_compile(&nested, sample->actions, &op->u.sample.actions);
}

static enum emu_step
sample_run(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet copy;
	struct emu_walk nested = { .p = &copy, .now = w->now,
				   .entry_len = w->entry_len };

	if (op->u.sample.ratio > 1 && rte_rand_max(op->u.sample.ratio))
		return EMU_STEP_NEXT;
	copy = *w->p;
	copy.m = emu_packet_copy_mbuf(w->p->m);
	if (!copy.m) {
		emu_stat_add(&copy.vport->stats.rx_dropped, 1);
		return EMU_STEP_NEXT;
	}
	if (copy.stale)
		emu_packet_parse(&copy, true);	/* DEC_TTL looks at it. */
	emu_ops_run(op->u.sample.actions, &nested);
	if (copy.m)
		rte_pktmbuf_free(copy.m);
	w->p->went_up |= copy.went_up;
	return EMU_STEP_NEXT;
}

static void
sample_release(struct emu_op *op)
{
	emu_program_free(op->u.sample.actions);
}

/* -- COUNT, AGE, INDIRECT, METER ------------------------------------------ */

static int
count_compile(struct emu_compile *c, const struct rte_flow_action *action,
	      struct emu_op *op)
{
	const struct rte_flow_action_count *count = action->conf;

	if (!emu_counter_reserve(c->device))
		return emu_action_refuse(c, ENOSPC, action,
					 "all %u counters are in use",
					 c->profile->max_counters);
	op->u.counter = emu_calloc(1, sizeof(*op->u.counter));
	if (!op->u.counter) {
		emu_counter_unreserve(c->device);
		return emu_action_refuse(c, ENOMEM, action,
					 "no memory for a counter");
	}
	op->id = count ? count->id : 0;
	return 0;
}

static enum emu_step
count_run(const struct emu_op *op, struct emu_walk *w)
{
	emu_counter_add(op->bound ? emu_op_arg(op, w) : op->u.counter,
			w->entry_len);
	return EMU_STEP_NEXT;
}

static void
count_release(struct emu_op *op)
{
	free(op->u.counter);
}

static int
age_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_age *age = action->conf;

	if (age->reserved)
		return emu_action_refuse(c, EINVAL, action,
					 "AGE's reserved bits are not zero");
	return 0;
}

static int
age_compile(struct emu_compile *c, const struct rte_flow_action *action,
	    struct emu_op *op)
{
	const struct rte_flow_action_age *age = action->conf;

	op->u.age = emu_malloc(sizeof(*op->u.age));
	if (!op->u.age)
		return emu_action_refuse(c, ENOMEM, action,
					 "no memory for AGE");
	emu_age_init(op->u.age, age->timeout, age->context);
	return 0;
}

static enum emu_step
age_run(const struct emu_op *op, struct emu_walk *w)
{
	emu_age_touch(op->bound ? emu_op_arg(op, w) : op->u.age, w->now);
	return EMU_STEP_NEXT;
}

static void
age_release(struct emu_op *op)
{
	free(op->u.age);
}

static int
indirect_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	if (emu_indirect_type(c->device, action->conf) ==
	    RTE_FLOW_ACTION_TYPE_END)
		return emu_action_refuse(c, ENOENT, action,
					 "%s has no such indirect action",
					 c->device->name);
	return 0;
}

static void
indirect_release(struct emu_op *op)
{
	emu_indirect_unref(op->handle);
}

static int
indirect_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	op->handle = (struct rte_flow_action_handle *)(uintptr_t)action->conf;
	op->type = emu_indirect_type(c->device, op->handle);
	if (op->type == RTE_FLOW_ACTION_TYPE_COUNT) {
		op->u.counter = emu_indirect_counter_ref(op->handle);
		op->run = count_run;
	} else {
		op->u.age = emu_indirect_age_ref(op->handle);
		op->run = age_run;
	}
	return 0;
}

static int
meter_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_meter *meter = action->conf;

	if (!emu_meter_exists(c->device, meter->mtr_id))
		return emu_action_refuse(c, ENOENT, action,
					 "%s has no meter %u",
					 c->device->name, meter->mtr_id);
	return 0;
}

static int
meter_compile(struct emu_compile *c, const struct rte_flow_action *action,
	      struct emu_op *op)
{
	const struct rte_flow_action_meter *meter = action->conf;

	op->u.meter = emu_meter_ref(c->device, meter->mtr_id);
	return op->u.meter ? 0 : meter_check(c, action);
}

static enum emu_step
meter_run(const struct emu_op *op, struct emu_walk *w)
{
	return emu_meter_run(op->u.meter, w->now, w->entry_len)
		? EMU_STEP_NEXT : emu_walk_drop(w);
}

static void
meter_release(struct emu_op *op)
{
	emu_meter_unref(op->u.meter);
}

/* -- The table ------------------------------------------------------------ */

/* All but those that set something: see emu_set_classes. */
static const struct emu_action_class classes[] = {
	[RTE_FLOW_ACTION_TYPE_VOID] = { .name = "VOID" },
	[RTE_FLOW_ACTION_TYPE_PASSTHRU] = {
		.name = "PASSTHRU", .kind = EMU_ACTION_FATE,
		.run = passthru_run },
	[RTE_FLOW_ACTION_TYPE_JUMP] = {
		.name = "JUMP", .kind = EMU_ACTION_FATE, .needs_conf = true,
		.check = jump_check, .compile = jump_compile,
		.run = jump_run },
	[RTE_FLOW_ACTION_TYPE_DROP] = {
		.name = "DROP", .kind = EMU_ACTION_FATE, .run = drop_run },
	[RTE_FLOW_ACTION_TYPE_RSS] = {
		.name = "RSS", .kind = EMU_ACTION_FATE, .check = rss_check,
		.run = passthru_run },
	[RTE_FLOW_ACTION_TYPE_PORT_ID] = {
		.name = "PORT_ID", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = port_id_check,
		.compile = port_id_compile, .run = represented_port_run },
	[RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT] = {
		.name = "REPRESENTED_PORT", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = ethdev_action_check,
		.compile = ethdev_action_compile,
		.run = represented_port_run },
	[RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR] = {
		.name = "PORT_REPRESENTOR", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = ethdev_action_check,
		.compile = ethdev_action_compile,
		.run = port_representor_run },
	[RTE_FLOW_ACTION_TYPE_SAMPLE] = {
		.name = "SAMPLE", .needs_conf = true, .check = sample_check,
		.compile = sample_compile, .run = sample_run,
		.release = sample_release },
	[RTE_FLOW_ACTION_TYPE_COUNT] = {
		.name = "COUNT", .compile = count_compile, .run = count_run,
		.release = count_release },
	[RTE_FLOW_ACTION_TYPE_AGE] = {
		.name = "AGE", .needs_conf = true, .check = age_check,
		.compile = age_compile, .run = age_run,
		.release = age_release },
	[RTE_FLOW_ACTION_TYPE_INDIRECT] = {
		.name = "INDIRECT", .needs_conf = true,
		.check = indirect_check, .compile = indirect_compile,
		.release = indirect_release },
	[RTE_FLOW_ACTION_TYPE_METER] = {
		.name = "METER", .needs_conf = true, .check = meter_check,
		.compile = meter_compile, .run = meter_run,
		.release = meter_release },
	[RTE_FLOW_ACTION_TYPE_RAW_ENCAP] = {
		.name = "RAW_ENCAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_raw_encap_check,
		.compile = emu_raw_encap_compile, .run = emu_encap_run,
		.release = emu_encap_release },
	[RTE_FLOW_ACTION_TYPE_RAW_DECAP] = {
		.name = "RAW_DECAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_raw_decap_check,
		.compile = emu_raw_decap_compile,
		.run = emu_raw_decap_run },
	[RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP] = {
		.name = "VXLAN_ENCAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_vxlan_encap_check,
		.compile = emu_vxlan_encap_compile, .run = emu_encap_run,
		.release = emu_encap_release },
	[RTE_FLOW_ACTION_TYPE_VXLAN_DECAP] = {
		.name = "VXLAN_DECAP", .kind = EMU_ACTION_REWRITE,
		.compile = emu_vxlan_decap_compile,
		.run = emu_vxlan_decap_run },
};

const struct emu_action_class *
emu_action_class_find(enum rte_flow_action_type type)
{
	unsigned int i = type;

	if (i < RTE_DIM(classes) && classes[i].name)
		return &classes[i];
	if (i < emu_n_set_classes && emu_set_classes[i].name)
		return &emu_set_classes[i];
	return NULL;
}
