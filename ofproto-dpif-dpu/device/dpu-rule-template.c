/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rule-template: struct dpu_rule_ops by the template API. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-rule-queue-private.h"

#include <errno.h>

#include <rte_ethdev.h>

#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-spec.h"

static int
fail(struct rte_flow_error *error, int code, const char *message)
{
    *error = (struct rte_flow_error) {
        .type = RTE_FLOW_ERROR_TYPE_UNSPECIFIED, .message = message,
    };
    return code;
}

/* Makes sure that 'spec' has its shape on 'queues'. */
static int
spec_get_shape(struct dpu_rule_queues *queues, struct dpu_spec *spec,
               struct rte_flow_error *error)
{
    return (spec->shape ? 0
            : dpu_template_get(&queues->templates, spec, &spec->shape,
                               error));
}

/* Returns the queues of 'ethdev', or NULL with an errno and '*error'. */
static struct dpu_rule_queues *
queues_find(uint16_t ethdev, int *retval, struct rte_flow_error *error)
{
    struct dpu_rule_queues *queues = dpu_rule_queues_get(ethdev);

    if (!queues) {
        *retval = fail(error, ENOTSUP, "it takes no rules through templates");
    } else if (dpu_rule_queues_are_stopped(queues)) {
        *retval = fail(error, ENODEV, "a queue of rules has stopped");
    } else {
        return queues;
    }
    return NULL;
}

/* A device that was pulled out. */
static int
ethdev_errno(uint16_t ethdev, int error)
{
    return error == EIO && rte_eth_dev_is_removed(ethdev) ? ENODEV : error;
}

/* One at a time. */

static int
template_create(uint16_t ethdev, const struct dpu_spec *spec_,
                struct dpu_rule **rule, struct rte_flow_error *error)
{
    struct dpu_spec *spec = CONST_CAST(struct dpu_spec *, spec_);
    struct dpu_rule_queues *queues;
    struct dpu_rule_queue *q;
    int retval;

    queues = queues_find(ethdev, &retval, error);
    if (!queues) {
        return retval;
    }
    retval = spec_get_shape(queues, spec, error);
    if (retval) {
        return ethdev_errno(ethdev, retval);
    }
    q = &queues->queues[DPU_RULE_SINGLE_QUEUE];
    ovs_mutex_lock(&queues->single_mutex);
    retval = dpu_rule_queue_create(q, spec, rule, error);
    if (!retval) {
        dpu_rule_queue_finish(q);
        if (dpu_rule_queues_are_stopped(queues)) {
            retval = fail(error, ENODEV, "a queue of rules has stopped");
        } else if (!(*rule)->flow) {
            dpu_slab_put(*rule);
            retval = fail(error, EEXIST, "the device did not take the rule "
                          "in the end");
        }
    }
    ovs_mutex_unlock(&queues->single_mutex);
    dpu_template_put(spec->shape);
    spec->shape = NULL;
    return ethdev_errno(ethdev, retval);
}

/* Has 'rule' leave the device, once its queue is pushed. */
static int
rule_remove(uint16_t ethdev, struct dpu_rule *rule,
            struct rte_flow_error *error)
{
    struct dpu_rule_queue *q = dpu_rule_queue_of(rule);

    return (dpu_rule_queues_are_stopped(q->queues)
            ? fail(error, ENODEV, "a queue of rules has stopped")
            : ethdev_errno(ethdev, dpu_rule_queue_destroy(q, rule, error)));
}

static int
template_destroy(uint16_t ethdev, struct dpu_rule *rule,
                 struct rte_flow_error *error)
{
    struct dpu_rule_queue *q = dpu_rule_queue_of(rule);
    struct dpu_rule_queues *queues = q->queues;
    int retval;

    ovs_mutex_lock(&queues->single_mutex);
    retval = rule_remove(ethdev, rule, error);
    dpu_rule_queue_finish(q);
    ovs_mutex_unlock(&queues->single_mutex);
    return retval;
}

static int
template_query(uint16_t ethdev, struct dpu_rule *rule,
               struct dpu_rule_count *count, struct rte_flow_error *error)
{
    return dpu_rule_query_flow(ethdev, rule->flow, count, error);
}

/* In bursts. */

static int
template_enqueue(uint16_t ethdev, unsigned int queue, struct dpu_spec *spec,
                 struct dpu_rule **rule, struct rte_flow_error *error)
{
    struct dpu_rule_queues *queues;
    int retval;

    queues = queues_find(ethdev, &retval, error);
    if (queues) {
        retval = spec_get_shape(queues, spec, error);
    }
    if (!retval) {
        retval = dpu_rule_queue_create(&queues->queues[queue], spec, rule,
                                       error);
    }
    return ethdev_errno(ethdev, retval);
}

static int
template_enqueue_destroy(uint16_t ethdev, struct dpu_rule *rule,
                         struct rte_flow_error *error)
{
    return rule_remove(ethdev, rule, error);
}

static void
template_finish(uint16_t ethdev, unsigned int queue)
{
    struct dpu_rule_queues *queues = dpu_rule_queues_get(ethdev);

    if (queues) {
        dpu_rule_queue_finish(&queues->queues[queue]);
    }
}

static int
template_result(uint16_t ethdev OVS_UNUSED, const struct dpu_rule *rule)
{
    const struct dpu_rule_queues *queues = dpu_rule_queue_of(rule)->queues;

    return (dpu_rule_queues_are_stopped(queues) ? ENODEV
            : rule->flow ? 0 : EEXIST);
}

static void
template_forget(struct dpu_spec *spec)
{
    dpu_template_put(spec->shape);
    spec->shape = NULL;
}

const struct dpu_rule_ops dpu_rule_template_ops = {
    .create = template_create,
    .destroy = template_destroy,
    .query = template_query,
    .enqueue = template_enqueue,
    .enqueue_destroy = template_enqueue_destroy,
    .finish = template_finish,
    .result = template_result,
    .forget = template_forget,
};
