/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-op: what the files that make up programs share: the operation that an
 * rte_flow action is compiled to, and what stands for a kind of action in the
 * table of emu-action-class.c.  Private to emu-action, emu-bind, emu-set,
 * emu-modify, emu-encap and emu-pipeline. */
#ifndef EMU_OP_H
#define EMU_OP_H

#include <string.h>

#include <rte_flow.h>

#include "emu-action.h"
#include "emu-counter.h"
#include "emu-error.h"
#include "emu-meter.h"
#include "emu-packet.h"
#include "emu-profile.h"
#include "emu-rewrite.h"

struct emu_encap;

/* What follows an operation. */
enum emu_step {
	EMU_STEP_NEXT,			/* The next operation. */
	EMU_STEP_DONE,			/* The packet left, or was dropped. */
	EMU_STEP_JUMP,			/* To group walk->next. */
	EMU_STEP_LEAVE,			/* As if there had been no rule. */
};

/* A packet on its way through one program. */
struct emu_walk {
	struct emu_packet *p;
	uint64_t now;
	uint8_t *args;			/* The rule's own, of bound ones. */
	uint32_t entry_len;		/* Bytes when the rule was hit. */
	uint32_t next;
};

enum emu_arithmetic { EMU_SET, EMU_ADD, EMU_SUB };

/* A number from a field or an immediate one, put into, added to or subtracted
 * from 'width' bits of another field. */
struct emu_modify {
	struct emu_field_ref dst, src;
	bool immediate;			/* 'value' instead of 'src'. */
	enum emu_arithmetic how;
	uint8_t dst_shift, src_shift, width;
	emu_value value;
};

/* What of an operation each rule has for itself, in its arguments. */
enum emu_bound {
	EMU_BOUND_NOT,			/* Nothing. */
	EMU_BOUND_VALUE,		/* u.set.value. */
	EMU_BOUND_MODIFY,		/* u.modify.value. */
	EMU_BOUND_GROUP,		/* u.group. */
	EMU_BOUND_VPORT,		/* u.vport, as its number. */
	EMU_BOUND_COUNTER,		/* A struct emu_counter. */
	EMU_BOUND_AGE,			/* A struct emu_age. */
	EMU_BOUND_WHOLE,		/* Everything: a pointer to it. */
};

struct emu_op {
	enum emu_step (*run)(const struct emu_op *op, struct emu_walk *w);
	void (*release)(struct emu_op *op);
	enum rte_flow_action_type type;
	bool last;			/* Ports: not a copy, the packet. */
	uint8_t bound;			/* enum emu_bound. */
	uint8_t index;			/* In the list of actions, if so. */
	uint8_t arg_size;		/* Bytes of its argument. */
	uint16_t arg;			/* Where it is in the arguments. */
	/* Where the argument is a number of 2 or 4 bytes of the configuration:
	 * its place there and size (else 0), whether it is of network byte
	 * order, and the values that are looked at more closely: from 'limit'
	 * on, or with a bit of 'odd'. */
	struct {
		uint8_t ofs, size;
		bool net;
		uint32_t odd, limit;
	} plain;
	uint32_t id;			/* COUNT: its id. */
	struct rte_flow_action_handle *handle;	/* If indirect. */
	union {
		uint32_t group;
		uint32_t ratio;
		uint16_t size;
		rte_be16_t ether_type;
		struct emu_vport *vport;
		struct emu_counter *counter;
		struct emu_age *age;
		struct emu_meter *meter;
		struct emu_encap *encap;
		struct {
			uint32_t ratio;
			struct emu_program *actions;
		} sample;
		struct {
			struct emu_field_ref ref;
			emu_value value, mask;
		} set;
		struct emu_modify modify;
	} u;
};

struct emu_program {
	struct emu_device *device;
	/* How often the TTL is decremented, without being set before: that of
	 * the outer header, and that of the one which decapsulation lays
	 * bare. */
	uint8_t dec_ttl[2];
	bool needs_vxlan;		/* VXLAN_DECAP of what entered. */
	bool meters;			/* Has METER. */
	uint16_t n_ops;
	uint16_t n_actions;		/* In the template, with VOID. */
	uint16_t args_size;		/* Of each rule, in bytes. */
	uint32_t group;			/* As it was compiled for. */
	struct emu_vport *vport;
	const struct rte_flow_action *actions; /* The template's, or NULL. */
	void *owner;			/* The template table. */
	struct emu_op ops[];
};

/* A list of actions that is being checked or compiled. */
struct emu_compile {
	struct emu_vport *vport;
	struct emu_device *device;
	const struct emu_profile *profile;
	uint32_t group;
	bool nested;			/* Within a SAMPLE. */
	bool ingress;			/* In EMU_GROUP_INGRESS. */
	struct rte_flow_error *error;
	/* Of an actions template: the list, and what of it is constant. */
	const struct rte_flow_action *actions, *masks;

	unsigned int n_outputs;		/* Port actions and SAMPLEs. */
	unsigned int n_meters;		/* METERs. */
	struct emu_program *program;	/* Not while checking. */
	bool encapsulated;		/* By an action before. */
	bool decapsulated;		/* By an action before. */
	size_t raw_decap_size;		/* Bytes of the last RAW_DECAP. */
	bool ttl_set;			/* By an action before. */
};

/* When an action takes effect. */
enum emu_action_kind {
	EMU_ACTION_NEUTRAL,		/* Whatever comes before or after. */
	EMU_ACTION_REWRITE,		/* Changes what is sent afterwards. */
	EMU_ACTION_PORT,		/* Sends the packet, or a copy. */
	EMU_ACTION_FATE,		/* Ends the list. */
};

/* One entry of the table of actions. */
struct emu_action_class {
	const char *name;
	enum emu_action_kind kind;
	bool needs_conf;
	/* Refuses what is wrong with 'action'; no side effects.  May be
	 * NULL. */
	int (*check)(struct emu_compile *c, const struct rte_flow_action *);
	/* Fills in 'op' (zeroed, but for 'type' and 'run') from an action
	 * that was checked.  May be NULL. */
	int (*compile)(struct emu_compile *c, const struct rte_flow_action *,
		       struct emu_op *op);
	enum emu_step (*run)(const struct emu_op *op, struct emu_walk *w);
	void (*release)(struct emu_op *op);	/* May be NULL. */
};

/* The entry of 'type', or NULL. */
const struct emu_action_class *
emu_action_class_find(enum rte_flow_action_type type);

/* -- Bound operations (emu-bind) --------------------------------------- */

/* What rules have for themselves of 'action', one of c->actions. */
enum emu_bound emu_bind_kind(const struct emu_compile *c,
			     const struct rte_flow_action *action);

/* Refuses what is wrong with 'action', of which 'bound' is left to rules. */
int emu_bind_check(struct emu_compile *c, const struct rte_flow_action *action,
		   enum emu_bound bound);

/* Fills in 'op' from 'action', of which 'bound' is left to rules. */
int emu_bind_compile(struct emu_compile *c,
		     const struct rte_flow_action *action,
		     enum emu_bound bound, struct emu_op *op);

static inline void *
emu_op_arg(const struct emu_op *op, const struct emu_walk *w)
{
	return w->args + op->arg;
}

/* The value of an argument of 1, 2, 4, 8 or 16 bytes. */
static inline emu_value
emu_arg_value(const uint8_t *arg, uint8_t size)
{
	emu_value v16;
	uint64_t v8;
	uint32_t v4;
	uint16_t v2;

	switch (size) {
	case 1:
		return *arg;
	case 2:
		memcpy(&v2, arg, sizeof(v2));
		return v2;
	case 4:
		memcpy(&v4, arg, sizeof(v4));
		return v4;
	case 8:
		memcpy(&v8, arg, sizeof(v8));
		return v8;
	default:
		memcpy(&v16, arg, sizeof(v16));
		return v16;
	}
}

/* The value of an operation that sets something, or modifies a field. */
static inline emu_value
emu_op_set_value(const struct emu_op *op, const struct emu_walk *w)
{
	return op->bound ? emu_arg_value(emu_op_arg(op, w), op->arg_size)
			 : op->u.set.value;
}

static inline emu_value
emu_op_modify_value(const struct emu_op *op, const struct emu_walk *w)
{
	return op->bound ? emu_arg_value(emu_op_arg(op, w), op->arg_size)
			 : op->u.modify.value;
}

/* Those of emu-set, by enum rte_flow_action_type; without a name where there
 * is none. */
extern const struct emu_action_class emu_set_classes[];
extern const unsigned int emu_n_set_classes;

/* Refuses the configuration of 'ACTION': see emu_error_set(). */
#define emu_action_refuse(COMPILE, CODE, ACTION, ...)			\
	emu_error_set((COMPILE)->error, CODE,				\
		      RTE_FLOW_ERROR_TYPE_ACTION_CONF, ACTION, __VA_ARGS__)

/* Frees the packet and counts it as dropped. */
enum emu_step emu_walk_drop(struct emu_walk *w);

/* Lists of actions, as a rule and a SAMPLE have them (emu-action.c): checks
 * one; compiles one that was checked; runs what was compiled. */
int emu_list_check(struct emu_compile *c, const struct rte_flow_action *);
int emu_list_compile(struct emu_compile *c, const struct rte_flow_action *,
		     struct emu_program **programp);
enum emu_fate emu_ops_run(const struct emu_program *program,
			  struct emu_walk *w);

/* Sends 'm', which is 'p' or a copy of it, to the function behind 'vport'.
 * (emu-pipeline.) */
void emu_pipeline_transmit(struct emu_packet *p, struct emu_vport *vport,
			   struct rte_mbuf *m);

/* Hands 'm', which is 'p' or a copy of it, to software through the ethdev of
 * 'vport', together with MARK and META, unless an ingress rule drops it.
 * Notes in 'p' that it went up.  (emu-pipeline.) */
void emu_pipeline_deliver(struct emu_packet *p, struct emu_vport *vport,
			  struct rte_mbuf *m, uint64_t now);

/* MODIFY_FIELD (emu-modify). */
int emu_modify_check(struct emu_compile *c, const struct rte_flow_action *);
int emu_modify_compile(struct emu_compile *c, const struct rte_flow_action *,
		       struct emu_op *op);
enum emu_step emu_modify_run(const struct emu_op *op, struct emu_walk *w);

/* RAW_ENCAP, VXLAN_ENCAP, RAW_DECAP, VXLAN_DECAP (emu-encap). */
int emu_raw_encap_check(struct emu_compile *c, const struct rte_flow_action *);
int emu_raw_encap_compile(struct emu_compile *c,
			  const struct rte_flow_action *, struct emu_op *op);
int emu_vxlan_encap_check(struct emu_compile *c,
			  const struct rte_flow_action *);
int emu_vxlan_encap_compile(struct emu_compile *c,
			    const struct rte_flow_action *, struct emu_op *);
enum emu_step emu_encap_run(const struct emu_op *op, struct emu_walk *w);
void emu_encap_release(struct emu_op *op);
int emu_raw_decap_check(struct emu_compile *c, const struct rte_flow_action *);
int emu_raw_decap_compile(struct emu_compile *c,
			  const struct rte_flow_action *, struct emu_op *op);
enum emu_step emu_raw_decap_run(const struct emu_op *op, struct emu_walk *w);
int emu_vxlan_decap_compile(struct emu_compile *c,
			    const struct rte_flow_action *, struct emu_op *);
enum emu_step emu_vxlan_decap_run(const struct emu_op *op,
				  struct emu_walk *w);

static inline void
emu_stat_add(uint64_t *stat, uint64_t n)
{
	__atomic_store_n(stat, *stat + n, __ATOMIC_RELAXED);
}

#endif /* EMU_OP_H */
