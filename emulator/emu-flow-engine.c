/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow-engine: what rules have in common: the tables, the mutex, what is
 * destroyed later, and the faults that were asked for.  See emu-flow.h. */
#include "emu-flow.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "emu-fault.h"
#include "emu-indirect.h"
#include "emu-memory.h"
#include "emu-meter.h"
#include "emu-template-table.h"

/* -- Deferred destruction ---------------------------------------------- */

#define MAX_DEFERRED 16384	/* Destructions that wait. */
#define RECLAIM_BATCH 64	/* Most that are made up for at a time. */

struct deferred {
	void (*destroy)(void *arg, int32_t index);
	void *arg;
	uint64_t index;
};

/* Called by the queue with one entry at a time. */
static void
run_deferred(void *engine_, void *entry, unsigned int n __rte_unused)
{
	struct emu_flow_engine *engine = engine_;
	struct deferred *d = entry;

	engine->n_deferred--;
	d->destroy(d->arg, d->index);
}

void
emu_flow_settle(struct emu_flow_engine *engine)
{
	unsigned int pending;

	rte_rcu_qsbr_synchronize(engine->device->qsbr,
				 RTE_QSBR_THRID_INVALID);
	rte_rcu_qsbr_dq_reclaim(engine->deferred, MAX_DEFERRED, NULL, &pending,
				NULL);
}

void
emu_flow_defer(struct emu_flow_engine *engine,
	       void (*destroy)(void *arg, int32_t index), void *arg,
	       int32_t index)
{
	struct deferred d = {
		.destroy = destroy, .arg = arg, .index = index,
	};

	if (engine->n_deferred >= MAX_DEFERRED - 1)
		emu_flow_settle(engine);
	/* The queue has room now. */
	engine->n_deferred++;
	rte_rcu_qsbr_dq_enqueue(engine->deferred, &d);
}

static struct rte_rcu_qsbr_dq *
create_deferred(struct emu_flow_engine *engine)
{
	char name[RTE_RCU_QSBR_DQ_NAMESIZE];
	struct rte_rcu_qsbr_dq_parameters params = {
		.name = name,
		.flags = RTE_RCU_QSBR_DQ_MT_UNSAFE,
		.size = MAX_DEFERRED - 1,
		.esize = sizeof(struct deferred),
		.trigger_reclaim_limit = RECLAIM_BATCH,
		.max_reclaim_size = RECLAIM_BATCH,
		.free_fn = run_deferred,
		.p = engine,
		.v = engine->device->qsbr,
	};

	snprintf(name, sizeof(name), "emu_flow_%u",
		 engine->device->domain_id);
	return rte_rcu_qsbr_dq_create(&params);
}

/* -- The engine -------------------------------------------------------- */

int
emu_flow_engine_create(struct emu_device *device)
{
	struct emu_flow_engine *engine;
	int rc = -ENOMEM;
	uint16_t i;

	engine = emu_calloc(1, sizeof(*engine));
	if (!engine)
		return rc;
	engine->device = device;
	engine->flows = emu_calloc(device->n_vports, sizeof(*engine->flows));
	if (!engine->flows)
		goto err_flows;
	engine->ageing = emu_calloc(device->n_vports, sizeof(*engine->ageing));
	if (!engine->ageing)
		goto err_ageing;
	for (i = 0; i < device->n_vports; i++) {
		TAILQ_INIT(&engine->flows[i]);
		TAILQ_INIT(&engine->ageing[i]);
	}
	engine->table = emu_table_create(engine);
	if (!engine->table)
		goto err_table;
	engine->deferred = create_deferred(engine);
	if (!engine->deferred)
		goto err_deferred;
	rc = -pthread_mutex_init(&engine->mutex, NULL);
	if (rc)
		goto err_mutex;
	device->flow = engine;
	return 0;

err_mutex:
	rte_rcu_qsbr_dq_delete(engine->deferred);
err_deferred:
	emu_table_destroy(engine->table);
err_table:
	free(engine->ageing);
err_ageing:
	free(engine->flows);
err_flows:
	free(engine);
	return rc;
}

void
emu_flow_engine_destroy(struct emu_device *device)
{
	struct emu_flow_engine *engine = device->flow;
	uint16_t i;

	if (!engine)
		return;
	for (i = 0; i < device->n_vports; i++)
		emu_flow_vport_close(&device->vports[i]);
	pthread_mutex_lock(&engine->mutex);
	emu_flow_settle(engine);
	pthread_mutex_unlock(&engine->mutex);
	emu_indirect_flush(device, NULL);
	emu_meters_destroy(device);
	rte_rcu_qsbr_dq_delete(engine->deferred);
	emu_table_destroy(engine->table);
	pthread_mutex_destroy(&engine->mutex);
	free(engine->ageing);
	free(engine->flows);
	free(engine);
	device->flow = NULL;
}

/* -- Faults, and the lock ---------------------------------------------- */

static void
lose_flows(struct emu_flow_engine *engine)
{
	struct rte_flow *flow;
	uint16_t i;

	for (i = 0; i < engine->device->n_vports; i++) {
		TAILQ_FOREACH(flow, &engine->flows[i], node)
			emu_flow_lose(flow);
		emu_template_lose(&engine->device->vports[i]);
	}
}

static void
lose_counters(struct emu_flow_engine *engine)
{
	struct rte_flow *flow;
	uint16_t i;

	for (i = 0; i < engine->device->n_vports; i++) {
		TAILQ_FOREACH(flow, &engine->flows[i], node)
			flow->uncounted = true;
		emu_template_lose_counters(&engine->device->vports[i]);
	}
}

/* Has the fault happen that was asked for.  Under the mutex. */
static void
take_fault(struct emu_flow_engine *engine)
{
	uint32_t value = 0;

	switch (emu_fault_take(engine->device->faults, &value)) {
	case EMU_FAULT_LOSE_RULES:
		lose_flows(engine);
		break;
	case EMU_FAULT_LOSE_COUNTERS:
		lose_counters(engine);
		break;
	case EMU_FAULT_LOSE_METERS:
		emu_meters_lose(engine->device);
		break;
	case EMU_FAULT_REFUSE:
		engine->refuse_every = value;
		engine->n_created = 0;
		break;
	case EMU_FAULT_LATE:
		engine->late_ms = value;
		break;
	case EMU_FAULT_NO_MEMORY:
		emu_memory_fail(value);
		break;
	default:
		break;
	}
}

struct emu_flow_engine *
emu_flow_lock(struct rte_eth_dev *dev)
{
	struct emu_device *device = emu_vport_from_ethdev(dev)->device;
	struct emu_flow_engine *engine = device->flow;

	pthread_mutex_lock(&engine->mutex);
	take_fault(engine);
	if (engine->late_ms)
		rte_delay_us_sleep(engine->late_ms * 1000);
	return engine;
}

void
emu_flow_unlock(struct emu_flow_engine *engine)
{
	pthread_mutex_unlock(&engine->mutex);
}
