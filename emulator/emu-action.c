/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: programs.  What each action is stands in emu-action-class.c.
 *
 * A list of actions is checked as a whole before anything is allocated or
 * referred to, and then compiled, one operation per action.  Its order counts:
 * each port action sends the packet as it is at that point; the last one, or
 * the DROP, JUMP, ... that follows, is its fate.  Actions behind the fate may
 * only be such as do not depend on their place (COUNT, AGE, MARK, ...); the
 * fate comes last when the program runs.  An ingress rule needs none: what it
 * does not drop goes on to software.
 *
 * A packet whose TTL would reach 0, or that a VXLAN_DECAP cannot take, is left
 * to software, before any operation had an effect. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_prefetch.h>

#include "emu-indirect.h"
#include "emu-memory.h"
#include "emu-op.h"
#include "emu-table.h"

/* -- Lists ---------------------------------------------------------------- */

static int
check_action(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);
	enum emu_bound bound = emu_bind_kind(c, action);

	if (!class)
		return emu_error_set(c->error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ACTION, action,
				     "action %d is not emulated",
				     action->type);
	if (action->type != RTE_FLOW_ACTION_TYPE_VOID &&
	    (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT
	     ? !c->profile->indirect
	     : !emu_profile_has_action(c->profile, action->type)))
		return emu_error_set(c->error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ACTION, action,
				     "profile %s does not have the action %s",
				     c->profile->name, class->name);
	if (bound)
		return emu_bind_check(c, action, bound);
	if (class->needs_conf && !action->conf)
		return emu_action_refuse(c, EINVAL, action,
					 "%s without its configuration",
					 class->name);
	return class->check ? class->check(c, action) : 0;
}

/* What does not fit together, although each action is right. */
static int
refuse_action(struct emu_compile *c, const struct rte_flow_action *action,
	      const char *message)
{
	return rte_flow_error_set(c->error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION,
				  action, message);
}

/* Returns the action that decides about the packet itself: the last port
 * action, DROP, JUMP, ... of 'actions', or NULL. */
static const struct rte_flow_action *
find_fate(const struct rte_flow_action *actions)
{
	const struct rte_flow_action *fate = NULL;

	for (; actions->type != RTE_FLOW_ACTION_TYPE_END; actions++)
		if (emu_action_class_find(actions->type)->kind
		    >= EMU_ACTION_PORT)
			fate = actions;
	return fate;
}

static int
check_order(struct emu_compile *c, const struct rte_flow_action *actions)
{
	const struct rte_flow_action *fate = find_fate(actions);
	const struct rte_flow_action *a;
	bool sent = false;

	if (!fate && !c->ingress)
		return refuse_action(c, actions,
				     "nothing decides where the packet goes: "
				     "add DROP, JUMP or a port action");
	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		const struct emu_action_class *class =
			emu_action_class_find(a->type);

		if (class->kind == EMU_ACTION_FATE && a != fate)
			return refuse_action(c, fate, "a second fate");
		if (class->kind == EMU_ACTION_REWRITE && fate && a > fate)
			return refuse_action(c, a,
					     "a change after the packet left");
		if (a->type == RTE_FLOW_ACTION_TYPE_DROP && sent)
			return refuse_action(c, a,
					     "DROP of a packet that was sent");
		sent |= class->kind == EMU_ACTION_PORT;
		if (class->kind == EMU_ACTION_PORT ||
		    a->type == RTE_FLOW_ACTION_TYPE_SAMPLE)
			c->n_outputs++;
		if (c->n_outputs > c->profile->max_outputs)
			return emu_action_refuse(c, ENOTSUP, a,
						 "more than %u outputs",
						 c->profile->max_outputs);
		c->n_meters += a->type == RTE_FLOW_ACTION_TYPE_METER;
		if (c->n_meters > c->profile->max_rule_meters)
			return emu_action_refuse(c, ENOTSUP, a,
						 "more than %u meters",
						 c->profile->max_rule_meters);
	}
	return 0;
}

int
emu_list_check(struct emu_compile *c, const struct rte_flow_action *actions)
{
	const struct rte_flow_action *a;
	int ret;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		ret = check_action(c, a);
		if (ret)
			return ret;
	}
	return check_order(c, actions);
}

/* Appends 'action' to c->program. */
static int
compile_action(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct emu_action_class *class =
		emu_action_class_find(action->type);
	struct emu_op *op = &c->program->ops[c->program->n_ops];
	enum emu_bound bound = emu_bind_kind(c, action);
	int ret;

	if (action->type == RTE_FLOW_ACTION_TYPE_VOID)
		return 0;
	op->type = action->type;
	op->run = class->run;
	if (bound)
		ret = emu_bind_compile(c, action, bound, op);
	else
		ret = class->compile ? class->compile(c, action, op) : 0;
	if (ret)
		return ret;
	op->release = bound ? NULL : class->release;
	c->program->n_ops++;
	return 0;
}

int
emu_list_compile(struct emu_compile *c, const struct rte_flow_action *actions,
	     struct emu_program **programp)
{
	const struct rte_flow_action *fate = find_fate(actions);
	const struct rte_flow_action *a;
	size_t n = 0;
	int ret;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++)
		n++;
	c->program = emu_calloc(1, sizeof(*c->program) +
			    n * sizeof(c->program->ops[0]));
	if (!c->program)
		return rte_flow_error_set(c->error, ENOMEM,
					  RTE_FLOW_ERROR_TYPE_HANDLE, NULL,
					  "no memory for a program");
	c->program->device = c->device;
	c->program->vport = c->vport;
	c->program->group = c->group;
	c->program->n_actions = n;
	c->program->actions = c->masks ? actions : NULL;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		c->program->meters |= a->type == RTE_FLOW_ACTION_TYPE_METER;
		ret = a == fate ? 0 : compile_action(c, a);
		if (ret)
			goto err_free;
	}
	if (fate) {
		ret = compile_action(c, fate);
		if (ret)
			goto err_free;
		c->program->ops[c->program->n_ops - 1].last = true;
	}
	*programp = c->program;
	return 0;

err_free:
	emu_program_free(c->program);
	return ret;
}

/* -- Programs ------------------------------------------------------------- */

static struct emu_compile
outer_compile(struct emu_vport *vport, uint32_t group,
	      struct rte_flow_error *error)
{
	return (struct emu_compile) {
		.vport = vport,
		.device = vport->device,
		.profile = vport->device->profile,
		.group = group,
		.ingress = group == EMU_GROUP_INGRESS,
		.error = error,
	};
}

int
emu_program_compile(struct emu_vport *vport, uint32_t group,
		    const struct rte_flow_action *actions, bool dry_run,
		    struct emu_program **programp,
		    struct rte_flow_error *error)
{
	struct emu_compile c = outer_compile(vport, group, error);
	int ret;

	ret = emu_list_check(&c, actions);
	if (ret || dry_run)
		return ret;
	return emu_list_compile(&c, actions, programp);
}

int
emu_program_compile_template(struct emu_vport *vport, uint32_t group,
			     const struct rte_flow_action *actions,
			     const struct rte_flow_action *masks,
			     bool dry_run, struct emu_program **programp,
			     struct rte_flow_error *error)
{
	struct emu_compile c = outer_compile(vport, group, error);
	int ret;

	c.actions = actions;
	c.masks = masks;
	ret = emu_list_check(&c, actions);
	if (ret || dry_run)
		return ret;
	return emu_list_compile(&c, actions, programp);
}

bool
emu_program_meters(const struct emu_program *program)
{
	return program->meters;
}

void
emu_program_free(struct emu_program *program)
{
	unsigned int i;

	if (!program)
		return;
	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];

		if (op->release)
			op->release(op);
		if (op->type == RTE_FLOW_ACTION_TYPE_COUNT && !op->handle &&
		    !op->bound)
			emu_counter_unreserve(program->device);
	}
	free(program);
}

/* True if 'k' is IP and its TTL would reach 0 when decremented 'n' times. */
static bool
expires(const struct emu_key_headers *k, uint8_t n)
{
	return n && k->ip_ttl <= n && (emu_headers_have(k, EMU_HDR_IPV4) ||
				       emu_headers_have(k, EMU_HDR_IPV6));
}

enum emu_fate
emu_ops_run(const struct emu_program *program, struct emu_walk *w)
{
	const struct emu_key *key = &w->p->key;
	const struct emu_op *op = program->ops;
	const struct emu_op *end = op + program->n_ops;

	if (expires(&key->outer, program->dec_ttl[0]) ||
	    expires(&key->inner, program->dec_ttl[1]) ||
	    (program->needs_vxlan && key->tunnel != EMU_TUNNEL_VXLAN))
		return EMU_FATE_NONE;

	for (; op < end; op++) {
		switch (op->run(op, w)) {
		case EMU_STEP_NEXT:
			break;
		case EMU_STEP_DONE:
			return EMU_FATE_DONE;
		case EMU_STEP_JUMP:
			return EMU_FATE_JUMP;
		case EMU_STEP_LEAVE:
			return EMU_FATE_NONE;
		}
	}
	return EMU_FATE_NONE;
}

/* Operations that are fetched ahead. */
#define PREFETCH_OPS 3

void
emu_program_prefetch(const struct emu_program *program, bool first)
{
	const unsigned int n = RTE_MIN(program->n_ops, PREFETCH_OPS);
	const uint8_t *end = (const uint8_t *)&program->ops[n];
	const uint8_t *line = (const uint8_t *)program;
	unsigned int i;

	if (first) {
		for (line += RTE_CACHE_LINE_SIZE; line < end;
		     line += RTE_CACHE_LINE_SIZE)
			rte_prefetch0(line);
		return;
	}
	for (i = 0; i < n; i++) {
		const struct emu_op *op = &program->ops[i];

		if (op->type == RTE_FLOW_ACTION_TYPE_COUNT && !op->bound)
			rte_prefetch0(op->u.counter);
	}
}

enum emu_fate
emu_program_run(const struct emu_program *program, void *args,
		struct emu_packet *p, uint64_t now, uint32_t *next)
{
	struct emu_walk w = {
		.p = p,
		.now = now,
		.args = args,
		.entry_len = rte_pktmbuf_data_len(p->m),
	};
	enum emu_fate fate = emu_ops_run(program, &w);

	if (fate == EMU_FATE_JUMP)
		*next = w.next;
	return fate;
}

/* -- Queries -------------------------------------------------------------- */

static struct emu_op *
find_op(struct emu_program *program, const struct rte_flow_action *action)
{
	unsigned int i;

	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];
		const struct rte_flow_action_count *count = action->conf;

		if (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT) {
			if (op->handle && op->handle == action->conf)
				return op;
		} else if (op->type == action->type &&
			   (op->type != RTE_FLOW_ACTION_TYPE_COUNT || !count ||
			    op->handle || op->id == count->id)) {
			return op;
		}
	}
	return NULL;
}

/* As find_op(), in what 'args' hold of bound operations. */
static struct emu_op *
find_bound_op(struct emu_program *program, uint8_t *args,
	      const struct rte_flow_action *action)
{
	unsigned int i;

	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];

		if (op->bound != EMU_BOUND_WHOLE)
			continue;
		memcpy(&op, args + op->arg, sizeof(op));
		if (op->handle &&
		    (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT
		     ? op->handle == action->conf : op->type == action->type))
			return op;
	}
	return NULL;
}

int
emu_program_query(struct emu_program *program, void *args,
		  const struct rte_flow_action *action, void *data,
		  struct rte_flow_error *error)
{
	struct emu_op *op = find_op(program, action);
	struct emu_walk w = { .args = args };

	if (!op && args)
		op = find_bound_op(program, args, action);
	if (!op)
		return rte_flow_error_set(error, EINVAL,
					  RTE_FLOW_ERROR_TYPE_ACTION, action,
					  "the rule has no such action");
	if (op->type == RTE_FLOW_ACTION_TYPE_COUNT)
		emu_counter_query(op->bound ? emu_op_arg(op, &w)
					    : op->u.counter, data);
	else if (op->type == RTE_FLOW_ACTION_TYPE_AGE)
		emu_age_query(op->bound ? emu_op_arg(op, &w) : op->u.age,
			      rte_rdtsc(), data);
	else
		return rte_flow_error_set(error, ENOTSUP,
					  RTE_FLOW_ERROR_TYPE_ACTION, action,
					  "only COUNT and AGE have an answer");
	return 0;
}

unsigned int
emu_program_aged(struct emu_program *program, void *args, uint64_t now,
		 void **contexts, unsigned int n_contexts)
{
	struct emu_walk w = { .args = args };
	unsigned int i, n = 0;

	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];
		struct emu_age *age;

		if (op->type != RTE_FLOW_ACTION_TYPE_AGE || op->handle)
			continue;
		age = op->bound ? emu_op_arg(op, &w) : op->u.age;
		if (!emu_age_is_due(age, now))
			continue;
		if (n_contexts) {
			if (n == n_contexts)
				break;
			contexts[n] = age->context;
			emu_age_report(age);
		}
		n++;
	}
	return n;
}
