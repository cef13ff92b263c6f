/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow: the flow engine of an emulated DPU: rte_flow's operations, the
 * rules that they made, and what belongs to the device's tables as a whole.
 *
 * Thread-safety: every operation of rte_flow and rte_mtr takes 'mutex', so
 * that any thread may call it (RTE_ETH_DEV_FLOW_OPS_THREAD_SAFE).  What is
 * described below as "under the mutex" is called with it held.  The embedded
 * switch thread takes no lock: it reads what was published to it, and what
 * it may still read is freed through emu_flow_defer(). */
#ifndef EMU_FLOW_H
#define EMU_FLOW_H

#include <pthread.h>
#include <sys/queue.h>

#include <rte_flow.h>

#include "emu-device.h"
#include "emu-table.h"

/* A rule, as rte_flow_create() returns it.  Of a rule that
 * rte_flow_async_create() returned, there is no more than 'rule'. */
struct rte_flow {
	struct emu_rule rule;		/* First. */
	TAILQ_ENTRY(rte_flow) node;	/* In emu_flow_engine.flows. */
	TAILQ_ENTRY(rte_flow) age_node;	/* In .ageing, if it may age. */
	struct emu_vport *vport;	/* It was created through this one. */
	struct rte_flow_action *actions;/* A copy, to be shown. */
	uint32_t group;
	bool ages;			/* Has an AGE action. */
	bool lost;			/* No longer in the table, and will
					 * not be again. */
	bool uncounted;			/* Has lost its counter. */
};
TAILQ_HEAD(emu_flow_list, rte_flow);

/* Where emu-template visits rules. */
struct emu_template_cursor {
	uint32_t table, slab, slot;
};

/* Where emu-age is on its way through the rules. */
struct emu_age_round {
	uint64_t next;			/* When to begin, or to go on. */
	uint16_t vport;
	bool flows_done, vport_done;	/* Of this vport. */
	struct rte_flow *flow;		/* The next of its list, or NULL. */
	struct emu_template_cursor cursor;
};

struct emu_flow_engine {
	struct emu_device *device;
	pthread_mutex_t mutex;
	struct rte_rcu_qsbr_dq *deferred;
	uint32_t n_deferred;		/* In it. */
	struct emu_table *table;
	struct emu_flow_list *flows;	/* One list per vport. */
	struct emu_flow_list *ageing;	/* The same. */
	uint32_t n_rules;		/* Atomic: queues count theirs, too. */
	struct emu_age_round round;
	/* Faults: see emu-fault. */
	uint32_t refuse_every;		/* Rules; 0: none. */
	uint32_t n_created;		/* Since then. */
	uint32_t late_ms;		/* What an operation takes more. */
};

/* Takes the mutex of the engine of 'dev', and has the fault happen that was
 * asked for meanwhile (emu-fault).  Returns the engine. */
struct emu_flow_engine *emu_flow_lock(struct rte_eth_dev *dev);
void emu_flow_unlock(struct emu_flow_engine *engine);

/* Has 'destroy(arg, index)' called, under the mutex, once the embedded switch
 * thread can no longer see what it destroys.  Under the mutex. */
void emu_flow_defer(struct emu_flow_engine *engine,
		    void (*destroy)(void *arg, int32_t index), void *arg,
		    int32_t index);

/* Waits until everything that was deferred is destroyed, so that
 * what it held is free again.  Under the mutex. */
void emu_flow_settle(struct emu_flow_engine *engine);

/* Takes 'flow' out of the table: packets no longer meet it.  Under the
 * mutex. */
void emu_flow_lose(struct rte_flow *flow);

/* Refuses a rule or a template table for its attributes.  Returns 0 if they
 * are fine. */
int emu_flow_check_attr(const struct emu_profile *profile,
			const struct rte_flow_attr *attr,
			struct rte_flow_error *error);

#endif /* EMU_FLOW_H */
