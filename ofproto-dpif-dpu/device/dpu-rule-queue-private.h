/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rule-queue-private: a queue of operations, which dpu-rule-queue.c sees
 * to and dpu-rule-template.c has rules go through. */

#ifndef DPU_RULE_QUEUE_PRIVATE_H
#define DPU_RULE_QUEUE_PRIVATE_H 1

#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"

#include "ovs-atomic.h"
#include "ovs-thread.h"

#include "ofproto-dpif-dpu/device/dpu-slab.h"
#include "ofproto-dpif-dpu/device/dpu-template.h"

/* The queue of those who do one thing at a time, under 'single_mutex'.  Of
 * each other queue its user takes care. */
#define DPU_RULE_SINGLE_QUEUE DPU_RULE_N_QUEUES

/* A rule, on its way, there or on its way out. */
struct dpu_rule {
    struct rte_flow *flow;      /* NULL: the device did not take it. */
    struct dpu_template_table *table;
};

struct dpu_rule_queue {
    struct dpu_slab rules;      /* First: leads from a rule to its queue. */
    struct dpu_rule_queues *queues;
    unsigned int n_pending;     /* Operations without a result. */
};

/* What an ethdev has of all this. */
struct dpu_rule_queues {
    uint16_t ethdev;
    struct dpu_templates templates;
    atomic_bool stopped;        /* A queue gives no results any more. */
    struct ovs_mutex single_mutex;
    struct dpu_rule_queue queues[DPU_RULE_N_QUEUES + 1];
};

/* Returns the queues of 'ethdev', or NULL if it has none. */
struct dpu_rule_queues *dpu_rule_queues_get(uint16_t ethdev);

/* Whether they give no results any more. */
bool dpu_rule_queues_are_stopped(const struct dpu_rule_queues *queues);

/* The queue by which 'rule' came. */
struct dpu_rule_queue *dpu_rule_queue_of(const struct dpu_rule *rule);

/* Enqueue the creation of 'spec', which has a shape, as '*rule', and the
 * destruction of 'rule'.  Return 0, or a positive errno with '*error'.  Nobody
 * else uses 'q' meanwhile. */
int dpu_rule_queue_create(struct dpu_rule_queue *q, struct dpu_spec *spec,
                          struct dpu_rule **rule,
                          struct rte_flow_error *error);
int dpu_rule_queue_destroy(struct dpu_rule_queue *q, struct dpu_rule *rule,
                           struct rte_flow_error *error);

/* Has done what was enqueued. */
void dpu_rule_queue_finish(struct dpu_rule_queue *q);

#endif /* ofproto-dpif-dpu/device/dpu-rule-queue-private.h */
