/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-bind: what the program of an actions template leaves to its rules: the
 * arguments of each rule, a few bytes beside it.
 *
 * Values, groups, ports, counters and ages stand in the arguments as they are.
 * For all else that a template leaves open, the argument points to an
 * operation of the rule's own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "emu-memory.h"
#include "emu-op.h"

/* The largest configuration that is merged of a template and a rule. */
#define MAX_CONF sizeof(struct rte_flow_action_modify_field)

static const uint8_t no_conf[MAX_CONF] __rte_aligned(16);

/* -- What is bound ----------------------------------------------------- */

/* Bytes of the configuration of an action that is a value, or 0. */
static size_t
value_size(enum rte_flow_action_type type)
{
	switch ((int)type) {
	case RTE_FLOW_ACTION_TYPE_MARK:
		return sizeof(struct rte_flow_action_mark);
	case RTE_FLOW_ACTION_TYPE_SET_MAC_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_MAC_DST:
		return sizeof(struct rte_flow_action_set_mac);
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
		return sizeof(struct rte_flow_action_set_ipv4);
	case RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_IPV6_DST:
		return sizeof(struct rte_flow_action_set_ipv6);
	case RTE_FLOW_ACTION_TYPE_SET_TP_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_TP_DST:
		return sizeof(struct rte_flow_action_set_tp);
	case RTE_FLOW_ACTION_TYPE_SET_TTL:
		return sizeof(struct rte_flow_action_set_ttl);
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_DSCP:
	case RTE_FLOW_ACTION_TYPE_SET_IPV6_DSCP:
		return sizeof(struct rte_flow_action_set_dscp);
	case RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID:
		return sizeof(struct rte_flow_action_of_set_vlan_vid);
	case RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP:
		return sizeof(struct rte_flow_action_of_set_vlan_pcp);
	default:
		return 0;
	}
}

/* True if the 'size' bytes of a mask at 'p' make their action constant. */
static bool
is_masked(const void *p, size_t size)
{
	return p && memcmp(p, no_conf, size);
}

static enum emu_bound
modify_kind(const struct rte_flow_action_modify_field *modify,
	    const struct rte_flow_action_modify_field *mask)
{
	if (!modify || !is_masked(mask, sizeof(*mask)))
		return EMU_BOUND_WHOLE;
	if (modify->src.field != RTE_FLOW_FIELD_VALUE
	    || is_masked(mask->src.value, sizeof(mask->src.value)))
		return EMU_BOUND_NOT;
	return EMU_BOUND_MODIFY;
}

static enum emu_bound
tag_kind(const struct rte_flow_action_set_tag *tag,
	 const struct rte_flow_action_set_tag *mask)
{
	if (!tag || !is_masked(mask, sizeof(*mask)))
		return EMU_BOUND_WHOLE;
	return mask->data ? EMU_BOUND_NOT : EMU_BOUND_VALUE;
}

static enum emu_bound
meta_kind(const struct rte_flow_action_set_meta *meta,
	  const struct rte_flow_action_set_meta *mask)
{
	if (!meta || !is_masked(mask, sizeof(*mask)))
		return EMU_BOUND_WHOLE;
	return mask->data ? EMU_BOUND_NOT : EMU_BOUND_VALUE;
}

enum emu_bound
emu_bind_kind(const struct emu_compile *c,
	      const struct rte_flow_action *action)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);
	const void *mask;
	size_t size;

	if (!c->masks || !class)
		return EMU_BOUND_NOT;
	mask = c->masks[action - c->actions].conf;
	switch ((int)action->type) {
	case RTE_FLOW_ACTION_TYPE_COUNT:
		return EMU_BOUND_COUNTER;
	case RTE_FLOW_ACTION_TYPE_AGE:
		return EMU_BOUND_AGE;
	case RTE_FLOW_ACTION_TYPE_JUMP:
		return is_masked(mask, sizeof(struct rte_flow_action_jump))
			? EMU_BOUND_NOT : EMU_BOUND_GROUP;
	case RTE_FLOW_ACTION_TYPE_PORT_ID:
		return is_masked(mask, sizeof(struct rte_flow_action_port_id))
			? EMU_BOUND_NOT : EMU_BOUND_VPORT;
	case RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT:
	case RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR:
		return is_masked(mask, sizeof(struct rte_flow_action_ethdev))
			? EMU_BOUND_NOT : EMU_BOUND_VPORT;
	case RTE_FLOW_ACTION_TYPE_MODIFY_FIELD:
		return modify_kind(action->conf, mask);
	case RTE_FLOW_ACTION_TYPE_SET_TAG:
		return tag_kind(action->conf, mask);
	case RTE_FLOW_ACTION_TYPE_SET_META:
		return meta_kind(action->conf, mask);
	}
	size = value_size(action->type);
	if (size)
		return is_masked(mask, size) ? EMU_BOUND_NOT
					     : EMU_BOUND_VALUE;
	return !class->needs_conf || (mask && action->conf) ? EMU_BOUND_NOT
							    : EMU_BOUND_WHOLE;
}

/* True if the template's configuration of 'action' is a part of each
 * rule's. */
static bool
is_merged(enum rte_flow_action_type type, enum emu_bound bound)
{
	return bound == EMU_BOUND_MODIFY
	       || (bound == EMU_BOUND_VALUE && !value_size(type));
}

/* -- Templates --------------------------------------------------------- */

int
emu_bind_check(struct emu_compile *c, const struct rte_flow_action *action,
	       enum emu_bound bound)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);

	if (action->type == RTE_FLOW_ACTION_TYPE_RAW_DECAP)
		return emu_action_refuse(c, ENOTSUP, action,
					 "RAW_DECAP has to be whole in an "
					 "actions template: mask its "
					 "configuration");
	return is_merged(action->type, bound) && class->check
		? class->check(c, action) : 0;
}

static enum emu_step
whole_run(const struct emu_op *op, struct emu_walk *w)
{
	const struct emu_op *own;

	memcpy(&own, emu_op_arg(op, w), sizeof(own));
	return own->run(own, w);
}

/* Bytes of the argument, a power of 2, and more for what has a structure. */
static size_t
arg_size(const struct emu_op *op)
{
	switch ((enum emu_bound)op->bound) {
	case EMU_BOUND_VALUE:
		return rte_align32pow2(emu_fields[op->u.set.ref.id].bytes);
	case EMU_BOUND_MODIFY:
		return rte_align32pow2(emu_fields[op->u.modify.dst.id].bytes);
	case EMU_BOUND_GROUP:
		return sizeof(uint32_t);
	case EMU_BOUND_VPORT:
		return sizeof(uint16_t);
	case EMU_BOUND_COUNTER:
		return sizeof(struct emu_counter);
	case EMU_BOUND_AGE:
		return sizeof(struct emu_age);
	case EMU_BOUND_WHOLE:
		return sizeof(struct emu_op *);
	case EMU_BOUND_NOT:
		break;
	}
	return 0;
}

/* Bits of a number that are beyond the lowest 'n'. */
static uint32_t
beyond(uint32_t n)
{
	return n < 32 ? UINT32_MAX << n : 0;
}

/* Fills in op->plain, if 'op' is of that kind. */
static void
find_plain(const struct emu_compile *c, struct emu_op *op)
{
#define PLAIN(STRUCT, MEMBER) \
	do { \
		op->plain.ofs = offsetof(struct STRUCT, MEMBER); \
		op->plain.size = sizeof(((struct STRUCT *)NULL)->MEMBER); \
	} while (0)

	op->plain.limit = UINT32_MAX;
	switch ((int)op->type) {
	case RTE_FLOW_ACTION_TYPE_MARK:
		PLAIN(rte_flow_action_mark, id);
		op->plain.odd = beyond(c->profile->mark_bits);
		break;
	case RTE_FLOW_ACTION_TYPE_SET_META:
		PLAIN(rte_flow_action_set_meta, data);
		op->plain.odd = beyond(c->profile->meta_bits);
		break;
	case RTE_FLOW_ACTION_TYPE_SET_TAG:
		PLAIN(rte_flow_action_set_tag, data);
		break;
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
		PLAIN(rte_flow_action_set_ipv4, ipv4_addr);
		op->plain.net = true;
		break;
	case RTE_FLOW_ACTION_TYPE_SET_TP_SRC:
	case RTE_FLOW_ACTION_TYPE_SET_TP_DST:
		PLAIN(rte_flow_action_set_tp, port);
		op->plain.net = true;
		break;
	case RTE_FLOW_ACTION_TYPE_JUMP:
		PLAIN(rte_flow_action_jump, group);
		op->plain.limit = c->profile->max_groups;
		break;
	}
#undef PLAIN
	if (op->bound == EMU_BOUND_WHOLE || op->plain.size != op->arg_size)
		op->plain.size = 0;
}

int
emu_bind_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 enum emu_bound bound, struct emu_op *op)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);
	struct emu_program *program = c->program;
	const struct rte_flow_action_count *count;
	struct rte_flow_action sample = *action;
	int rc = 0;

	/* All of the operation but its value. */
	if (!is_merged(action->type, bound))
		sample.conf = no_conf;
	if (bound == EMU_BOUND_VALUE || bound == EMU_BOUND_MODIFY)
		rc = class->compile(c, &sample, op);
	if (rc)
		return rc;
	if (bound == EMU_BOUND_COUNTER) {
		count = action->conf;
		op->id = count ? count->id : 0;
	} else if (bound == EMU_BOUND_WHOLE) {
		op->run = whole_run;
		if (action->type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP
		    || action->type == RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP)
			c->encapsulated = c->ttl_set = true;
	}
	op->bound = bound;
	op->index = action - c->actions;
	op->arg_size = arg_size(op);
	find_plain(c, op);
	op->arg = RTE_ALIGN_CEIL(program->args_size,
				 RTE_MIN(op->arg_size, 8u));
	program->args_size = op->arg + op->arg_size;
	return 0;
}

size_t
emu_program_args_size(const struct emu_program *program)
{
	return RTE_ALIGN_CEIL(program->args_size, 8u);
}

bool
emu_program_ages(const struct emu_program *program)
{
	int i;

	for (i = 0; i < program->n_ops; i++) {
		if (program->ops[i].bound == EMU_BOUND_AGE)
			return true;
	}
	return false;
}

struct rte_flow_action *
emu_program_shown(const struct emu_program *program)
{
	struct rte_flow_action *list;
	int i;

	list = emu_calloc(program->n_actions + 1, sizeof(*list));
	if (!list)
		return NULL;
	memcpy(list, program->actions, program->n_actions * sizeof(*list));
	for (i = 0; i < program->n_ops; i++) {
		if (program->ops[i].bound)
			list[program->ops[i].index].conf = NULL;
	}
	return list;
}

void
emu_program_set_owner(struct emu_program *program, void *owner)
{
	program->owner = owner;
}

void *
emu_program_owner(const struct emu_program *program)
{
	return program->owner;
}

/* -- Rules ------------------------------------------------------------- */

/* Puts the configuration of 'action', completed by that of the template, into
 * 'conf', of MAX_CONF bytes. */
static void
merge(const struct rte_flow_action *template,
      const struct rte_flow_action *action, void *conf)
{
	if (action->type == RTE_FLOW_ACTION_TYPE_MODIFY_FIELD) {
		const struct rte_flow_action_modify_field *from = action->conf;
		struct rte_flow_action_modify_field *to = conf;

		memcpy(to, template->conf, sizeof(*to));
		memcpy(to->src.value, from->src.value, sizeof(to->src.value));
	} else if (action->type == RTE_FLOW_ACTION_TYPE_SET_TAG) {
		struct rte_flow_action_set_tag *to = conf;

		memcpy(to, template->conf, sizeof(*to));
		to->data = ((const struct rte_flow_action_set_tag *)
			    action->conf)->data;
	} else {
		struct rte_flow_action_set_meta *to = conf;

		memcpy(to, template->conf, sizeof(*to));
		to->data = ((const struct rte_flow_action_set_meta *)
			    action->conf)->data;
	}
}

static void
store_value(uint8_t *arg, uint8_t size, emu_value value)
{
	uint64_t v8 = value;
	uint32_t v4 = value;
	uint16_t v2 = value;

	switch (size) {
	case 1:
		*arg = value;
		break;
	case 2:
		memcpy(arg, &v2, sizeof(v2));
		break;
	case 4:
		memcpy(arg, &v4, sizeof(v4));
		break;
	case 8:
		memcpy(arg, &v8, sizeof(v8));
		break;
	default:
		memcpy(arg, &value, sizeof(value));
		break;
	}
}

/* Binds an operation whose argument is a number that stands in 'conf'.  Returns
 * false if it is not one, or may be refused. */
static inline bool
bind_plain(const struct emu_program *program, const struct emu_op *op,
	   const void *conf, uint8_t *arg)
{
	const uint8_t *from = (const uint8_t *)conf + op->plain.ofs;
	uint32_t v4;
	uint16_t v2;

	if (op->plain.size == sizeof(v4)) {
		memcpy(&v4, from, sizeof(v4));
		if (op->plain.net)
			v4 = rte_be_to_cpu_32(v4);
		if (unlikely(v4 & op->plain.odd || v4 >= op->plain.limit
			     || (op->bound == EMU_BOUND_GROUP
				 && v4 == program->group)))
			return false;
		memcpy(arg, &v4, sizeof(v4));
		return true;
	} else if (op->plain.size == sizeof(v2)) {
		memcpy(&v2, from, sizeof(v2));
		if (op->plain.net)
			v2 = rte_be_to_cpu_16(v2);
		memcpy(arg, &v2, sizeof(v2));
		return true;
	}
	return false;
}

/* Binds an operation by compiling a rule's own, of which the part that differs
 * is kept. */
static int
bind_compiled(struct emu_compile *c, const struct emu_program *program,
	      const struct emu_op *op, const struct rte_flow_action *action,
	      uint8_t *arg)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);
	uint8_t conf[MAX_CONF] __rte_aligned(16);
	struct rte_flow_action merged = *action;
	struct emu_op own = { .type = op->type, .run = class->run,
			      .last = op->last };
	struct emu_op *copy;
	uint16_t id;
	int rc;

	if (is_merged(op->type, op->bound)) {
		merge(&program->actions[op->index], action, conf);
		merged.conf = conf;
	}
	rc = class->check ? class->check(c, &merged) : 0;
	if (rc)
		return rc;
	if (op->bound == EMU_BOUND_WHOLE) {
		copy = emu_malloc(sizeof(*copy));
		if (!copy)
			return emu_action_refuse(c, ENOMEM, action,
						 "no memory for %s",
						 class->name);
		rc = class->compile ? class->compile(c, &merged, &own) : 0;
		if (rc) {
			free(copy);
			return rc;
		}
		own.release = class->release;
		*copy = own;
		memcpy(arg, &copy, sizeof(copy));
		return 0;
	}
	rc = class->compile(c, &merged, &own);
	if (rc)
		return rc;
	switch ((enum emu_bound)op->bound) {
	case EMU_BOUND_VALUE:
		store_value(arg, op->arg_size, own.u.set.value);
		break;
	case EMU_BOUND_MODIFY:
		store_value(arg, op->arg_size, own.u.modify.value);
		break;
	case EMU_BOUND_GROUP:
		memcpy(arg, &own.u.group, sizeof(own.u.group));
		break;
	default:
		id = own.u.vport->id;
		memcpy(arg, &id, sizeof(id));
		break;
	}
	return 0;
}

static int
bind_age(struct emu_compile *c, const struct emu_program *program,
	 const struct emu_op *op, const struct rte_flow_action *action,
	 uint8_t *arg, void *owner)
{
	const struct rte_flow_action_age *age = action->conf;

	RTE_SET_USED(program);
	RTE_SET_USED(op);
	if (age->reserved)
		return emu_action_refuse(c, EINVAL, action,
					 "AGE's reserved bits are not zero");
	emu_age_init((struct emu_age *)arg, age->timeout,
		     age->context ? age->context : owner);
	return 0;
}

static int
bind_op(struct emu_compile *c, const struct emu_program *program,
	const struct emu_op *op, const struct rte_flow_action *action,
	uint8_t *arg, void *owner)
{
	if (op->bound == EMU_BOUND_COUNTER)
		return emu_counter_reserve(c->device) ? 0
			: emu_action_refuse(c, ENOSPC, action,
					    "all %u counters are in use",
					    c->profile->max_counters);
	if (!action->conf)
		return emu_action_refuse(c, EINVAL, action,
					 "%s without its configuration, which "
					 "the template leaves to rules",
					 emu_action_class_find(action->type)
					 ->name);
	if (op->bound == EMU_BOUND_AGE)
		return bind_age(c, program, op, action, arg, owner);
	if (bind_plain(program, op, action->conf, arg))
		return 0;
	return bind_compiled(c, program, op, action, arg);
}

static void
unbind_op(const struct emu_program *program, const struct emu_op *op,
	  uint8_t *arg)
{
	struct emu_op *own;

	if (op->bound == EMU_BOUND_COUNTER) {
		emu_counter_unreserve(program->device);
	} else if (op->bound == EMU_BOUND_WHOLE) {
		memcpy(&own, arg, sizeof(own));
		if (own->release)
			own->release(own);
		free(own);
	}
}

/* Refuses 'actions' that are not those of the template. */
static int
check_types(const struct emu_program *program,
	    const struct rte_flow_action *actions,
	    struct rte_flow_error *error)
{
	uint16_t i;

	for (i = 0; i < program->n_actions; i++) {
		if (actions[i].type != program->actions[i].type)
			return emu_error_set(error, EINVAL,
					     RTE_FLOW_ERROR_TYPE_ACTION,
					     &actions[i], "action %u is not "
					     "that of the actions template",
					     i);
	}
	if (actions[i].type != RTE_FLOW_ACTION_TYPE_END)
		return emu_error_set(error, EINVAL,
				     RTE_FLOW_ERROR_TYPE_ACTION, &actions[i],
				     "the actions template has %u actions, "
				     "the rule more", i);
	return 0;
}

int
emu_program_bind(const struct emu_program *program,
		 const struct rte_flow_action *actions, void *args,
		 void *owner, struct rte_flow_error *error)
{
	struct emu_compile c = {
		.vport = program->vport,
		.device = program->device,
		.profile = program->device->profile,
		.group = program->group,
		.error = error,
	};
	uint8_t *arg = args;
	int i, rc;

	rc = check_types(program, actions, error);
	if (rc)
		return rc;
	for (i = 0; i < program->n_ops; i++) {
		const struct emu_op *op = &program->ops[i];

		if (!op->bound)
			continue;
		rc = bind_op(&c, program, op, &actions[op->index],
			     arg + op->arg, owner);
		if (rc)
			goto err_ops;
	}
	return 0;

err_ops:
	while (i--) {
		const struct emu_op *op = &program->ops[i];

		if (op->bound)
			unbind_op(program, op, arg + op->arg);
	}
	return rc;
}

void
emu_program_unbind(const struct emu_program *program, void *args)
{
	uint8_t *arg = args;
	int i;

	for (i = 0; i < program->n_ops; i++) {
		const struct emu_op *op = &program->ops[i];

		if (op->bound)
			unbind_op(program, op, arg + op->arg);
	}
}
