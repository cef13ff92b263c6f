/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-rule-queue-private.h"

#include <errno.h>
#include <string.h>

#include <rte_config.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_flow.h>
#include <rte_pause.h>

#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-spec.h"

VLOG_DEFINE_THIS_MODULE(dpu_rule_queue);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Operations that a queue has room for, and results that are pulled at a
 * time. */
#define QUEUE_SIZE 256
#define PULL_BURST 64

/* A queue that gives no result for so long, in msec, has stopped. */
#define PULL_TIMEOUT 5000

/* Counters to ask for: as many as the device has, up to this. */
#define MAX_COUNTERS (UINT32_C(1) << 22)

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static OVSRCU_TYPE(struct dpu_rule_queues *) all_queues[RTE_MAX_ETHPORTS];

/* Configuration. */

static int
configure(uint16_t ethdev, uint32_t n_counters)
{
    static const struct rte_flow_queue_attr queue = { .size = QUEUE_SIZE };
    const struct rte_flow_queue_attr *queues[DPU_RULE_N_QUEUES + 1];
    const struct rte_flow_port_attr attr = { .nb_counters = n_counters };
    struct rte_flow_error error;

    for (size_t i = 0; i < ARRAY_SIZE(queues); i++) {
        queues[i] = &queue;
    }
    return rte_flow_configure(ethdev, &attr, ARRAY_SIZE(queues), queues,
                              &error);
}

void
dpu_rule_queues_configure(uint16_t ethdev)
{
    struct rte_flow_queue_info queue = { .max_size = 0 };
    struct rte_flow_port_info port;
    struct rte_flow_error error;
    uint32_t n_counters;
    int retval;

    memset(&port, 0, sizeof port);
    if (rte_flow_info_get(ethdev, &port, &queue, &error)
        || dpu_template_is_configured(ethdev)) {
        return;
    }
    if (port.max_nb_queues < DPU_RULE_N_QUEUES + 1
        || queue.max_size < QUEUE_SIZE) {
        VLOG_INFO("ethdev %"PRIu16": %"PRIu32" queues of %"PRIu32" operations "
                  "are too few for rules through templates", ethdev,
                  port.max_nb_queues, queue.max_size);
        return;
    }
    n_counters = MIN(port.max_nb_counters, MAX_COUNTERS);
    while ((retval = configure(ethdev, n_counters)) && n_counters) {
        /* Other ethdevs of the device may have some. */
        n_counters /= 2;
    }
    if (retval) {
        VLOG_INFO("ethdev %"PRIu16": no queues for rules through templates: "
                  "%s", ethdev, ovs_strerror(-retval));
    }
}

static struct dpu_rule_queues *
queues_create(uint16_t ethdev)
{
    struct dpu_rule_queues *queues = xzalloc(sizeof *queues);

    queues->ethdev = ethdev;
    dpu_templates_init(&queues->templates, ethdev);
    ovs_mutex_init(&queues->single_mutex);
    for (size_t i = 0; i < ARRAY_SIZE(queues->queues); i++) {
        struct dpu_rule_queue *q = &queues->queues[i];

        q->queues = queues;
        dpu_slab_init(&q->rules, sizeof(struct dpu_rule));
    }
    return queues;
}

/* Returns the queues of 'ethdev', or NULL if it has none. */
struct dpu_rule_queues *
dpu_rule_queues_get(uint16_t ethdev)
{
    struct dpu_rule_queues *queues
        = ovsrcu_get(struct dpu_rule_queues *, &all_queues[ethdev]);

    if (OVS_LIKELY(queues)) {
        return queues;
    }
    ovs_mutex_lock(&mutex);
    queues = ovsrcu_get_protected(struct dpu_rule_queues *,
                                  &all_queues[ethdev]);
    if (!queues && dpu_template_is_configured(ethdev)) {
        queues = queues_create(ethdev);
        ovsrcu_set(&all_queues[ethdev], queues);
    }
    ovs_mutex_unlock(&mutex);
    return queues;
}

void
dpu_rule_queues_close(uint16_t ethdev, bool gone)
{
    struct dpu_rule_queues *queues;

    ovs_mutex_lock(&mutex);
    queues = ovsrcu_get_protected(struct dpu_rule_queues *,
                                  &all_queues[ethdev]);
    ovsrcu_set(&all_queues[ethdev], NULL);
    ovs_mutex_unlock(&mutex);
    if (!queues) {
        return;
    }
    dpu_templates_destroy(&queues->templates, gone);
    for (size_t i = 0; i < ARRAY_SIZE(queues->queues); i++) {
        dpu_slab_destroy(&queues->queues[i].rules);
    }
    ovs_mutex_destroy(&queues->single_mutex);
    ovsrcu_postpone(free, queues);
}

bool
dpu_rule_queues_count(uint16_t ethdev, struct dpu_template_counts *counts)
{
    struct dpu_rule_queues *queues
        = ovsrcu_get(struct dpu_rule_queues *, &all_queues[ethdev]);

    if (!queues) {
        return false;
    }
    dpu_templates_count(&queues->templates, counts);
    return true;
}

/* Operations.  The result of each comes with the rule; that of a destruction
 * with the lowest bit set. */

#define DESTROYED ((uintptr_t) 1)

struct dpu_rule_queue *
dpu_rule_queue_of(const struct dpu_rule *rule)
{
    return CONTAINER_OF(dpu_slab_of(rule), struct dpu_rule_queue, rules);
}

static uint32_t
queue_id(const struct dpu_rule_queue *q)
{
    return q - q->queues->queues;
}

bool
dpu_rule_queues_are_stopped(const struct dpu_rule_queues *queues)
{
    bool stopped;

    atomic_read_relaxed(&CONST_CAST(struct dpu_rule_queues *,
                                    queues)->stopped, &stopped);
    return stopped;
}

/* 'rule' is not on the device any more, or never was: gives back its room. */
static void
rule_leave(struct dpu_rule_queue *q, struct dpu_rule *rule)
{
    if (rule->table) {
        dpu_template_release(&q->queues->templates, rule->table);
        rule->table = NULL;
    }
    rule->flow = NULL;
}

static void
handle_result(struct dpu_rule_queue *q,
              const struct rte_flow_op_result *result)
{
    uintptr_t data = (uintptr_t) result->user_data;
    struct dpu_rule *rule = (struct dpu_rule *) (data & ~DESTROYED);
    bool ok = result->status == RTE_FLOW_OP_SUCCESS;

    q->n_pending--;
    if (data & DESTROYED) {
        if (!ok) {
            VLOG_WARN_RL(&rl, "ethdev %"PRIu16": a rule could not be removed",
                         q->queues->ethdev);
        }
        rule_leave(q, rule);
        dpu_slab_put(rule);
    } else if (!ok) {
        rule_leave(q, rule);
    }
}

/* Gives up on what 'q' waits for.  The memory of the rules stays: nobody knows
 * what the device still does with it. */
static void
queue_stop(struct dpu_rule_queue *q, const char *why)
{
    VLOG_ERR("ethdev %"PRIu16": queue %"PRIu32" of rules %s, with %u "
             "operations under way: it takes no rules any more",
             q->queues->ethdev, queue_id(q), why, q->n_pending);
    atomic_store(&q->queues->stopped, true);
    q->n_pending = 0;
}

/* Pulls results until at most 'n' operations are without one. */
static void
queue_pull(struct dpu_rule_queue *q, unsigned int n)
{
    struct rte_flow_op_result results[PULL_BURST];
    long long int deadline = 0;
    struct rte_flow_error error;

    while (q->n_pending > n) {
        int n_results = rte_flow_pull(q->queues->ethdev, queue_id(q), results,
                                      MIN(q->n_pending, PULL_BURST), &error);

        for (int i = 0; i < n_results; i++) {
            handle_result(q, &results[i]);
        }
        if (n_results > 0) {
            deadline = 0;
        } else if (n_results < 0) {
            queue_stop(q, "failed");
        } else if (!deadline) {
            deadline = time_msec() + PULL_TIMEOUT;
        } else if (time_msec() > deadline) {
            queue_stop(q, "does not answer");
        } else {
            rte_pause();
        }
    }
}

void
dpu_rule_queue_finish(struct dpu_rule_queue *q)
{
    struct rte_flow_error error;

    if (q->n_pending) {
        if (rte_flow_push(q->queues->ethdev, queue_id(q), &error)) {
            queue_stop(q, "failed");
        }
        queue_pull(q, 0);
    }
}

/* Makes room for one more operation. */
static void
queue_make_room(struct dpu_rule_queue *q)
{
    if (q->n_pending >= QUEUE_SIZE) {
        dpu_rule_queue_finish(q);
    }
}

int
dpu_rule_queue_create(struct dpu_rule_queue *q, struct dpu_spec *spec,
                      struct dpu_rule **rulep, struct rte_flow_error *error)
{
    static const struct rte_flow_op_attr attr = { .postpone = 1 };
    struct dpu_templates *templates = &q->queues->templates;
    struct dpu_template_table *table;
    struct dpu_rule *rule;
    int retval;

    retval = dpu_template_reserve(templates, spec->shape, &table, error);
    if (retval) {
        return retval;
    }
    queue_make_room(q);
    rule = dpu_slab_get(&q->rules);
    rule->table = table;
    rule->flow = rte_flow_async_create(q->queues->ethdev, queue_id(q), &attr,
                                       table->table, spec->items, 0,
                                       spec->actions, 0, rule, error);
    if (!rule->flow) {
        retval = rte_errno ? abs(rte_errno) : EINVAL;
        rule_leave(q, rule);
        dpu_slab_put(rule);
        return retval;
    }
    q->n_pending++;
    *rulep = rule;
    return 0;
}

int
dpu_rule_queue_destroy(struct dpu_rule_queue *q, struct dpu_rule *rule,
                       struct rte_flow_error *error)
{
    static const struct rte_flow_op_attr attr = { .postpone = 1 };
    int retval;

    if (!rule->flow) {
        dpu_slab_put(rule);
        return 0;
    }
    queue_make_room(q);
    retval = rte_flow_async_destroy(q->queues->ethdev, queue_id(q), &attr,
                                    rule->flow,
                                    (void *) ((uintptr_t) rule | DESTROYED),
                                    error);
    if (retval) {
        rule_leave(q, rule);
        dpu_slab_put(rule);
        return abs(retval);
    }
    q->n_pending++;
    return 0;
}
