/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow-queue: a port's queues of asynchronous operations.  See
 * emu-flow-queue.h. */
#include "emu-flow-queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_prefetch.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-indirect.h"
#include "emu-profile.h"
#include "emu-template-table.h"

#define DEFAULT_QUEUE_SIZE 1024
#define MAX_QUEUE_SIZE 65536
#define PREFETCH 16u			/* Operations whose memory is fetched
					 * at a time. */

enum op_type {
	OP_CREATE,
	OP_DESTROY,
	OP_HANDLE_CREATE,		/* Done when it is enqueued. */
	OP_HANDLE_DESTROY,
	OP_HANDLE_UPDATE,
	OP_HANDLE_QUERY,
};

struct op {
	enum op_type type;
	enum rte_flow_op_status status;
	void *user_data;
	union {
		struct emu_rule *rule;
		struct rte_flow_action_handle *handle;
	};
	union {
		void *data;			/* OP_HANDLE_QUERY. */
		struct rte_flow_update_age update;
	};
};

/* Operations from 'pulled' to 'pushed' have a result, from there to 'enqueued'
 * they wait.  The numbers only grow. */
struct emu_queue {
	uint32_t size;
	uint32_t mask;				/* Of their places in 'ops'. */
	uint32_t pulled, pushed, enqueued;
	struct op *ops;				/* A power of 2. */
} __rte_cache_aligned;

/* -- Configuration (under the mutex) ----------------------------------- */

static void
queues_free(struct emu_queue *queues, uint16_t n)
{
	uint16_t i;

	for (i = 0; queues && i < n; i++)
		free(queues[i].ops);
	free(queues);
}

static struct emu_queue *
queues_create(uint16_t n, const struct rte_flow_queue_attr *attr[])
{
	struct emu_queue *queues;
	uint16_t i;

	queues = aligned_alloc(RTE_CACHE_LINE_SIZE,
			       RTE_MAX(n, 1) * sizeof(*queues));
	if (!queues)
		return NULL;
	memset(queues, 0, RTE_MAX(n, 1) * sizeof(*queues));
	for (i = 0; i < n; i++) {
		queues[i].size = attr[i] && attr[i]->size
			? attr[i]->size : DEFAULT_QUEUE_SIZE;
		queues[i].mask = rte_align32pow2(queues[i].size) - 1;
		queues[i].ops = calloc(queues[i].mask + 1,
				       sizeof(*queues[i].ops));
		if (!queues[i].ops) {
			queues_free(queues, n);
			return NULL;
		}
	}
	return queues;
}

static int
check_configuration(const struct emu_vport *vport,
		    const struct rte_flow_port_attr *attr, uint16_t n_queues,
		    const struct rte_flow_queue_attr *queue_attr[],
		    struct rte_flow_error *error)
{
	const struct emu_profile *profile = vport->device->profile;
	const struct emu_templates *t = vport->templates;
	uint16_t i;

	if (t && (!LIST_EMPTY(&t->tables) || !LIST_EMPTY(&t->patterns)
		  || !LIST_EMPTY(&t->actions)))
		return EMU_REFUSE(error, EBUSY, NULL, "%s has templates: "
				  "destroy them before it is configured anew",
				  vport->name);
	if (n_queues > EMU_MAX_QUEUES)
		return EMU_REFUSE(error, EINVAL, NULL, "%u queues: there are "
				  "%u at most", n_queues, EMU_MAX_QUEUES);
	if (attr->nb_counters > profile->max_counters
	    || attr->nb_aging_objects > profile->max_rules
	    || attr->nb_meters > profile->max_meters
	    || attr->nb_conn_tracks)
		return EMU_REFUSE(error, EINVAL, attr, "%u counters, %u aging "
				  "objects, %u meters, %u connection "
				  "trackings: profile %s has %u, %u, %u, 0",
				  attr->nb_counters, attr->nb_aging_objects,
				  attr->nb_meters, attr->nb_conn_tracks,
				  profile->name, profile->max_counters,
				  profile->max_rules, profile->max_meters);
	if (attr->flags & ~RTE_FLOW_PORT_FLAG_STRICT_QUEUE)
		return EMU_REFUSE(error, ENOTSUP, attr, "port flags %#x: "
				  "strict queue, %#x, alone is supported",
				  attr->flags,
				  RTE_FLOW_PORT_FLAG_STRICT_QUEUE);
	for (i = 0; i < n_queues; i++) {
		if (queue_attr[i] && queue_attr[i]->size > MAX_QUEUE_SIZE)
			return EMU_REFUSE(error, EINVAL, queue_attr[i],
					  "queue %u of %u operations: there "
					  "is room for %u at most", i,
					  queue_attr[i]->size, MAX_QUEUE_SIZE);
	}
	return 0;
}

static int
configure(struct emu_vport *vport, const struct rte_flow_port_attr *attr,
	  uint16_t n_queues, const struct rte_flow_queue_attr *queue_attr[],
	  struct rte_flow_error *error)
{
	struct emu_templates *t;
	struct emu_queue *queues;
	int rc;

	rc = check_configuration(vport, attr, n_queues, queue_attr, error);
	if (rc)
		return rc;
	t = calloc(1, sizeof(*t));
	queues = queues_create(n_queues, queue_attr);
	if (!t || !queues) {
		free(t);
		queues_free(queues, n_queues);
		return EMU_REFUSE(error, ENOMEM, NULL, "out of memory");
	}
	emu_flow_queues_close(vport);
	t->strict = attr->flags & RTE_FLOW_PORT_FLAG_STRICT_QUEUE;
	t->n_queues = n_queues;
	t->queues = queues;
	vport->templates = t;
	return 0;
}

void
emu_flow_queues_close(struct emu_vport *vport)
{
	struct emu_templates *t = vport->templates;

	if (!t)
		return;
	emu_template_flush(vport, true);
	queues_free(t->queues, t->n_queues);
	free(t);
	vport->templates = NULL;
}

static int
queue_info_get(struct rte_eth_dev *dev, struct rte_flow_port_info *port,
	       struct rte_flow_queue_info *queue,
	       struct rte_flow_error *error __rte_unused)
{
	const struct emu_profile *profile =
		emu_vport_from_ethdev(dev)->device->profile;

	*port = (struct rte_flow_port_info) {
		.max_nb_queues = EMU_MAX_QUEUES,
		.max_nb_counters = profile->max_counters,
		.max_nb_aging_objects = profile->max_rules,
		.max_nb_meters = profile->max_meters,
		.supported_flags = RTE_FLOW_PORT_FLAG_STRICT_QUEUE,
	};
	if (queue)
		queue->max_size = MAX_QUEUE_SIZE;
	return 0;
}

static int
queue_configure(struct rte_eth_dev *dev, const struct rte_flow_port_attr *attr,
		uint16_t n_queues,
		const struct rte_flow_queue_attr *queue_attr[],
		struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	pthread_mutex_t *mutex = &vport->device->flow->mutex;
	int rc;

	pthread_mutex_lock(mutex);
	rc = configure(vport, attr, n_queues, queue_attr, error);
	pthread_mutex_unlock(mutex);
	return rc;
}

/* -- A queue ----------------------------------------------------------- */

/* Returns queue 'id' of 'vport'. */
static struct emu_queue *
queue_find(const struct emu_vport *vport, uint32_t id,
	   struct rte_flow_error *error)
{
	struct emu_templates *t = vport->templates;

	if (likely(t && id < t->n_queues))
		return &t->queues[id];
	EMU_REFUSE(error, EINVAL, NULL, "there is no queue %u: %s has %u", id,
		   vport->name, t ? t->n_queues : 0);
	return NULL;
}

/* As queue_find(), with room for an operation. */
static struct emu_queue *
queue_with_room(const struct emu_vport *vport, uint32_t id,
		struct rte_flow_error *error)
{
	struct emu_queue *q = queue_find(vport, id, error);

	if (!q || likely(q->enqueued - q->pulled < q->size))
		return q;
	EMU_REFUSE(error, ENOMEM, NULL, "queue %u is full: %u operations wait "
		   "to be pulled", id, q->size);
	return NULL;
}

/* Destroys an indirect action that rules used which are gone. */
static int
destroy_handle(struct emu_vport *vport, uint16_t queue,
	       struct rte_flow_action_handle *handle)
{
	struct rte_flow_error error;
	int rc = emu_indirect_destroy(vport, handle, &error);

	if (rc == -EBUSY) {
		emu_template_settle(vport, queue);
		rc = emu_indirect_destroy(vport, handle, &error);
	}
	return rc;
}

static int
op_run(struct emu_vport *vport, uint16_t queue, const struct op *op)
{
	struct rte_flow_error error;
	bool meters;

	switch (op->type) {
	case OP_CREATE:
		return emu_template_rule_link(op->rule);
	case OP_DESTROY:
		if (emu_rule_get_state(op->rule) < EMU_RULE_LINKED)
			return -EINVAL;
		meters = emu_program_meters(op->rule->program);
		emu_template_rule_destroy(op->rule);
		if (meters)	/* Free for rte_mtr_destroy() at once. */
			emu_template_settle(vport, queue);
		return 0;
	case OP_HANDLE_CREATE:
		return 0;
	case OP_HANDLE_DESTROY:
		return destroy_handle(vport, queue, op->handle);
	case OP_HANDLE_UPDATE:
		return emu_indirect_update(vport, op->handle, &op->update,
					   &error);
	case OP_HANDLE_QUERY:
		return emu_indirect_query(vport, op->handle, op->data,
					  &error);
	}
	return -EINVAL;
}

/* Has the memory fetched that 'n' operations from q->pushed on will need. */
static void
queue_prefetch(const struct emu_queue *q, uint32_t n)
{
	uint32_t i;
	int step;

	for (step = 0; step < 2; step++) {
		for (i = 0; i < n; i++) {
			const struct op *op =
				&q->ops[(q->pushed + i) & q->mask];

			if (op->type == OP_CREATE || op->type == OP_DESTROY)
				emu_table_prefetch(op->rule, !step);
		}
	}
}

static void
queue_push(struct emu_vport *vport, uint16_t id, struct emu_queue *q)
{
	uint32_t n;

	for (; q->pushed != q->enqueued; q->pushed++) {
		struct op *op = &q->ops[q->pushed & q->mask];

		n = q->enqueued - q->pushed;
		if (n > 1 && q->pushed % PREFETCH == 0)
			queue_prefetch(q, RTE_MIN(n, PREFETCH));
		op->status = op_run(vport, id, op) ? RTE_FLOW_OP_ERROR
						   : RTE_FLOW_OP_SUCCESS;
	}
}

static void
queue_enqueue(struct emu_vport *vport, uint16_t id, struct emu_queue *q,
	      const struct rte_flow_op_attr *attr, const struct op *op)
{
	q->ops[q->enqueued++ & q->mask] = *op;
	if (!attr || !attr->postpone)
		queue_push(vport, id, q);
}

/* -- Rules ------------------------------------------------------------- */

static struct rte_flow *
async_create(struct rte_eth_dev *dev, uint32_t queue,
	     const struct rte_flow_op_attr *attr,
	     struct rte_flow_template_table *table,
	     const struct rte_flow_item items[], uint8_t pattern,
	     const struct rte_flow_action actions[], uint8_t actions_template,
	     void *user_data, struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_queue *q = queue_with_room(vport, queue, error);
	struct op op = { .type = OP_CREATE, .user_data = user_data };

	if (!q)
		return NULL;
	if (unlikely(!table || table->vport != vport)) {
		EMU_REFUSE(error, EINVAL, table, "the template table is not "
			   "of this port");
		return NULL;
	}
	op.rule = emu_template_rule_create(table, queue, items, pattern,
					   actions, actions_template, error);
	if (!op.rule)
		return NULL;
	queue_enqueue(vport, queue, q, attr, &op);
	return (struct rte_flow *)op.rule;
}

static int
async_destroy(struct rte_eth_dev *dev, uint32_t queue,
	      const struct rte_flow_op_attr *attr, struct rte_flow *flow,
	      void *user_data, struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_queue *q = queue_with_room(vport, queue, error);
	struct op op = { .type = OP_DESTROY, .user_data = user_data };

	if (!q)
		return -rte_errno;
	op.rule = (struct emu_rule *)flow;
	if (unlikely(!flow || emu_rule_get_state(op.rule) < EMU_RULE_READY))
		return EMU_REFUSE(error, EINVAL, flow, "not a rule of a "
				  "template table, or gone already");
	if (unlikely(op.rule->queue != queue))
		return EMU_REFUSE(error, EINVAL, flow, "the rule was created "
				  "on queue %u, not on %u", op.rule->queue,
				  queue);
	rte_prefetch0(op.rule->key);
	queue_enqueue(vport, queue, q, attr, &op);
	return 0;
}

static int
async_push(struct rte_eth_dev *dev, uint32_t queue,
	   struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_queue *q = queue_find(vport, queue, error);

	if (!q)
		return -rte_errno;
	queue_push(vport, queue, q);
	return 0;
}

static int
async_pull(struct rte_eth_dev *dev, uint32_t queue,
	   struct rte_flow_op_result results[], uint16_t n,
	   struct rte_flow_error *error)
{
	struct emu_queue *q = queue_find(emu_vport_from_ethdev(dev), queue,
					 error);
	uint16_t i;

	if (!q)
		return -rte_errno;
	for (i = 0; i < n && q->pulled != q->pushed; i++, q->pulled++) {
		const struct op *op = &q->ops[q->pulled & q->mask];

		results[i].status = op->status;
		results[i].user_data = op->user_data;
	}
	return i;
}

/* -- Indirect actions -------------------------------------------------- */

static struct rte_flow_action_handle *
async_handle_create(struct rte_eth_dev *dev, uint32_t queue,
		    const struct rte_flow_op_attr *attr,
		    const struct rte_flow_indir_action_conf *conf,
		    const struct rte_flow_action *action, void *user_data,
		    struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_queue *q = queue_with_room(vport, queue, error);
	struct op op = { .type = OP_HANDLE_CREATE, .user_data = user_data };

	if (!q)
		return NULL;
	op.handle = emu_indirect_create(vport, conf, action, error);
	if (op.handle)
		queue_enqueue(vport, queue, q, attr, &op);
	return op.handle;
}

static int
enqueue_handle(struct rte_eth_dev *dev, uint32_t queue,
	       const struct rte_flow_op_attr *attr, const struct op *op,
	       struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_queue *q = queue_with_room(vport, queue, error);

	if (!q)
		return -rte_errno;
	if (emu_indirect_type(vport->device, op->handle)
	    == RTE_FLOW_ACTION_TYPE_END)
		return emu_error_set(error, ENOENT,
				     RTE_FLOW_ERROR_TYPE_HANDLE, op->handle,
				     "no such indirect action on this device");
	queue_enqueue(vport, queue, q, attr, op);
	return 0;
}

static int
async_handle_destroy(struct rte_eth_dev *dev, uint32_t queue,
		     const struct rte_flow_op_attr *attr,
		     struct rte_flow_action_handle *handle, void *user_data,
		     struct rte_flow_error *error)
{
	const struct op op = { .type = OP_HANDLE_DESTROY,
			       .user_data = user_data, .handle = handle };

	return enqueue_handle(dev, queue, attr, &op, error);
}

static int
async_handle_update(struct rte_eth_dev *dev, uint32_t queue,
		    const struct rte_flow_op_attr *attr,
		    struct rte_flow_action_handle *handle, const void *update,
		    void *user_data, struct rte_flow_error *error)
{
	struct op op = { .type = OP_HANDLE_UPDATE, .user_data = user_data,
			 .handle = handle };

	if (!update)
		return EMU_REFUSE(error, EINVAL, handle, "an update needs "
				  "what is to be updated");
	if (emu_indirect_type(emu_vport_from_ethdev(dev)->device, handle)
	    == RTE_FLOW_ACTION_TYPE_AGE)
		memcpy(&op.update, update, sizeof(op.update));
	return enqueue_handle(dev, queue, attr, &op, error);
}

static int
async_handle_query(struct rte_eth_dev *dev, uint32_t queue,
		   const struct rte_flow_op_attr *attr,
		   const struct rte_flow_action_handle *handle, void *data,
		   void *user_data, struct rte_flow_error *error)
{
	struct op op = { .type = OP_HANDLE_QUERY, .user_data = user_data,
			 .data = data };

	op.handle = (struct rte_flow_action_handle *)(uintptr_t)handle;
	return enqueue_handle(dev, queue, attr, &op, error);
}

/* -- Ageing ------------------------------------------------------------ */

/* Without strict queues, which queue it is does not matter. */
static int
queue_get_aged_flows(struct rte_eth_dev *dev, uint32_t queue, void **contexts,
		     uint32_t n, struct rte_flow_error *error)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_flow_engine *engine = vport->device->flow;
	int n_due;

	if (!vport->templates || !vport->templates->strict)
		return emu_flow_ops.get_aged_flows(dev, contexts, n, error);
	if (!queue_find(vport, queue, error))
		return -rte_errno;
	pthread_mutex_lock(&engine->mutex);
	if (n)
		vport->aged = false;
	n_due = emu_template_aged(vport, queue, rte_rdtsc(), contexts, n);
	pthread_mutex_unlock(&engine->mutex);
	return n_due;
}

/* -- rte_flow_ops ------------------------------------------------------ */

static struct rte_flow_ops ops;

RTE_INIT(emu_flow_queue_init)
{
	ops = emu_flow_ops;
	ops.info_get = queue_info_get;
	ops.configure = queue_configure;
	ops.pattern_template_create = emu_pattern_template_create;
	ops.pattern_template_destroy = emu_pattern_template_destroy;
	ops.actions_template_create = emu_actions_template_create;
	ops.actions_template_destroy = emu_actions_template_destroy;
	ops.template_table_create = emu_template_table_create;
	ops.template_table_destroy = emu_template_table_destroy;
	ops.async_create = async_create;
	ops.async_destroy = async_destroy;
	ops.push = async_push;
	ops.pull = async_pull;
	ops.async_action_handle_create = async_handle_create;
	ops.async_action_handle_destroy = async_handle_destroy;
	ops.async_action_handle_update = async_handle_update;
	ops.async_action_handle_query = async_handle_query;
	ops.get_q_aged_flows = queue_get_aged_flows;
}

const struct rte_flow_ops *
emu_flow_queue_ops(void)
{
	return &ops;
}
