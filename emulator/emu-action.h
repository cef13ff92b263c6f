/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: rte_flow actions, compiled to a program that the pipeline runs
 * on a packet, and run.
 *
 * Thread-safety: a program is constant once compiled, but for the counters
 * that it refers to.  It may be run while it is queried; it is freed only
 * after a grace period of emu_device.qsbr. */
#ifndef EMU_ACTION_H
#define EMU_ACTION_H

#include <rte_flow.h>

#include "emu-device.h"

struct emu_packet;
struct emu_program;

/* What a program does with the packet in the end. */
enum emu_fate {
	EMU_FATE_NONE,		/* It goes on as if there had been no rule. */
	EMU_FATE_DONE,		/* It left, or was dropped. */
	EMU_FATE_JUMP,		/* It goes on in group '*next'. */
};

/* Returns a new copy of 'actions' (up to END), which the caller frees, or NULL
 * if there is no memory. */
struct rte_flow_action *
emu_actions_copy(const struct rte_flow_action *actions);

/* Compiles 'actions' (up to END), that are to stand in 'group' and are
 * created through 'vport'.  Refuses what the profile does not give, with
 * 'error' pointing at the action at fault.  With 'dry_run' nothing is
 * allocated or referred to (rte_flow_validate) and '*programp' is not set.
 * Indirect actions, meters and their references are taken here and given
 * back by emu_program_free().  Returns 0 or a negative errno, with rte_errno
 * and 'error' set. */
int emu_program_compile(struct emu_vport *vport, uint32_t group,
			const struct rte_flow_action *actions, bool dry_run,
			struct emu_program **programp,
			struct rte_flow_error *error);

/* As emu_program_compile(), for an actions template: what 'masks' leave to
 * rules is bound later.  'actions' are kept by the caller as long as the
 * program. */
int emu_program_compile_template(struct emu_vport *vport, uint32_t group,
				 const struct rte_flow_action *actions,
				 const struct rte_flow_action *masks,
				 bool dry_run, struct emu_program **programp,
				 struct rte_flow_error *error);

/* Bytes of the arguments that a rule of 'program' has, from 8-byte alignment
 * on. */
size_t emu_program_args_size(const struct emu_program *program);

/* True if a rule of 'program' has an AGE action of its own. */
bool emu_program_ages(const struct emu_program *program);

/* Whether it has METER. */
bool emu_program_meters(const struct emu_program *program);

/* Fills in 'args', zeroed, with what 'actions' of a rule give to 'program', a
 * template's.  'owner' is the context of an AGE without one.  Returns 0 or a
 * negative errno, with rte_errno and 'error' set; then nothing is taken.  Any
 * thread. */
int emu_program_bind(const struct emu_program *program,
		     const struct rte_flow_action *actions, void *args,
		     void *owner, struct rte_flow_error *error);

/* Gives back what 'args' hold, after a grace period. */
void emu_program_unbind(const struct emu_program *program, void *args);

/* Returns a new list of the actions of 'program', a template's, without the
 * configurations that are left to rules; or NULL.  free() it. */
struct rte_flow_action *emu_program_shown(const struct emu_program *program);

/* The template table that a program belongs to. */
void emu_program_set_owner(struct emu_program *program, void *owner);
void *emu_program_owner(const struct emu_program *program);

/* Frees 'program', after a grace period. */
void emu_program_free(struct emu_program *program);

/* Has memory fetched that running 'program' will look at, of which the first
 * bytes have been fetched: to be called for some programs with 'first' true,
 * and then for the same ones with false. */
void emu_program_prefetch(const struct emu_program *program, bool first);

/* Runs 'program' with 'args' (NULL if it is no template's) on 'p'; p->m is
 * given away unless the result is EMU_FATE_JUMP or EMU_FATE_NONE.  'now' is
 * rte_rdtsc(). */
enum emu_fate emu_program_run(const struct emu_program *program, void *args,
			      struct emu_packet *p, uint64_t now,
			      uint32_t *next);

/* Answers rte_flow_query() for the action 'action' (COUNT, AGE, or INDIRECT
 * of one) of 'program'. */
int emu_program_query(struct emu_program *program, void *args,
		      const struct rte_flow_action *action, void *data,
		      struct rte_flow_error *error);

/* Writes to 'contexts' the contexts of the AGE actions of 'program' that are
 * due at 'now' and were not reported since the last hit, and notes them as
 * reported; returns how many it wrote.  With 'n_contexts' 0, only counts
 * them.  A context is NULL if the application gave none: the rule itself is
 * then what rte_flow reports.  Indirect AGE actions are not among them: see
 * emu_indirect_aged(). */
unsigned int emu_program_aged(struct emu_program *program, void *args,
			      uint64_t now, void **contexts,
			      unsigned int n_contexts);

#endif /* EMU_ACTION_H */
