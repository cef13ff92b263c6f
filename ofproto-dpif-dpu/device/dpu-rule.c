/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-rule.h"

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "util.h"

/* Makes a return value of rte_flow an errno of ours.  A device that was pulled
 * out answers EIO; so does one that merely failed. */
static int
dpu_rule_errno(uint16_t ethdev, int error)
{
    error = abs(error);
    if (error == EIO && rte_eth_dev_is_removed(ethdev)) {
        error = ENODEV;
    }
    return error ? error : EINVAL;
}

static int
dpu_rule_sync_create(uint16_t ethdev, const struct dpu_spec *spec,
                     struct dpu_rule **rule, struct rte_flow_error *error)
{
    struct rte_flow *flow = rte_flow_create(ethdev, &spec->attr, spec->items,
                                            spec->actions, error);

    *rule = (struct dpu_rule *) flow;
    return flow ? 0 : dpu_rule_errno(ethdev, rte_errno);
}

static int
dpu_rule_sync_destroy(uint16_t ethdev, struct dpu_rule *rule,
                      struct rte_flow_error *error)
{
    int retval = rte_flow_destroy(ethdev, (struct rte_flow *) rule, error);

    return retval ? dpu_rule_errno(ethdev, retval) : 0;
}

int
dpu_rule_query_flow(uint16_t ethdev, struct rte_flow *flow,
                    struct dpu_rule_count *count,
                    struct rte_flow_error *error)
{
    static const struct rte_flow_action actions[] = {
        { .type = RTE_FLOW_ACTION_TYPE_COUNT },
        { .type = RTE_FLOW_ACTION_TYPE_END },
    };
    struct rte_flow_query_count query = { .reset = 0 };
    int retval = rte_flow_query(ethdev, flow, actions, &query, error);

    if (retval) {
        return dpu_rule_errno(ethdev, retval);
    }
    count->packets = query.hits_set ? query.hits : 0;
    count->bytes = query.bytes_set ? query.bytes : 0;
    return 0;
}

static int
dpu_rule_sync_query(uint16_t ethdev, struct dpu_rule *rule,
                    struct dpu_rule_count *count,
                    struct rte_flow_error *error)
{
    return dpu_rule_query_flow(ethdev, (struct rte_flow *) rule, count, error);
}

/* Drivers have been seen to crash in rte_flow_validate() where they take rules
 * through templates alone, so that rte_flow_create() is asked, for a rule that
 * none can take because it does nothing. */
bool
dpu_rule_sync_is_there(uint16_t ethdev)
{
    static const struct rte_flow_attr attr = { .transfer = 1 };
    static const struct rte_flow_item items[] = {
        { .type = RTE_FLOW_ITEM_TYPE_ETH },
        { .type = RTE_FLOW_ITEM_TYPE_END },
    };
    static const struct rte_flow_action actions[] = {
        { .type = RTE_FLOW_ACTION_TYPE_END },
    };
    struct rte_flow_error error;
    struct rte_flow *flow;

    flow = rte_flow_create(ethdev, &attr, items, actions, &error);
    if (flow) {
        rte_flow_destroy(ethdev, flow, &error);
        return true;
    }
    return rte_errno != ENOTSUP && rte_errno != ENOSYS;
}

const struct dpu_rule_ops dpu_rule_sync_ops = {
    .create = dpu_rule_sync_create,
    .destroy = dpu_rule_sync_destroy,
    .query = dpu_rule_sync_query,
};

static enum dpu_reason_code
dpu_rule_reason_code(int error)
{
    switch (error) {
    case ENODEV:
        return DPU_REASON_DEVICE_GONE;
    case ENOSPC:
    case ENOMEM:
        return DPU_REASON_DEVICE_FULL;
    case EINVAL:
    case ENOTSUP:
    case ENOSYS:
    case EEXIST:
    case ERANGE:
    case E2BIG:
    case EPERM:
        return DPU_REASON_DEVICE_REFUSED;
    default:
        return DPU_REASON_DEVICE_ERROR;
    }
}

/* The name of the item or action of 'spec' that 'error' points at, if it does,
 * otherwise NULL. */
static const char *
dpu_rule_cause(const struct dpu_spec *spec, const struct rte_flow_error *error)
{
    const struct rte_flow_action *action = error->cause;
    const struct rte_flow_item *item = error->cause;

    if (spec && item >= spec->items && item < &spec->items[spec->n_items]) {
        return dpu_spec_item_name(item->type);
    } else if (spec && action >= spec->actions
               && action < &spec->actions[spec->n_actions]) {
        return dpu_spec_action_name(action->type);
    } else {
        return NULL;
    }
}

static bool
dpu_rule_fail(int error, const struct rte_flow_error *flow_error,
              const struct dpu_spec *spec, struct dpu_reason *reason)
{
    const char *cause = dpu_rule_cause(spec, flow_error);

    return dpu_reason_set(reason, dpu_rule_reason_code(error), "%s%s%s",
                          cause ? cause : "", cause ? ": " : "",
                          (flow_error->message
                           ? flow_error->message : ovs_strerror(error)));
}

bool
dpu_rule_create(const struct dpu_rule_target *target,
                const struct dpu_spec *spec, struct dpu_rule **rule,
                struct dpu_reason *reason)
{
    struct rte_flow_error flow_error = { .message = NULL };
    int error = target->ops->create(target->ethdev, spec, rule, &flow_error);

    return !error || dpu_rule_fail(error, &flow_error, spec, reason);
}

bool
dpu_rule_destroy(const struct dpu_rule_target *target, struct dpu_rule *rule,
                 struct dpu_reason *reason)
{
    struct rte_flow_error flow_error = { .message = NULL };
    int error = target->ops->destroy(target->ethdev, rule, &flow_error);

    return !error || dpu_rule_fail(error, &flow_error, NULL, reason);
}

bool
dpu_rule_enqueue(const struct dpu_rule_target *target, unsigned int queue,
                 struct dpu_spec *spec, struct dpu_rule **rule,
                 struct dpu_reason *reason)
{
    struct rte_flow_error flow_error = { .message = NULL };
    int error = target->ops->enqueue(target->ethdev, queue, spec, rule,
                                     &flow_error);

    return !error || dpu_rule_fail(error, &flow_error, spec, reason);
}

bool
dpu_rule_enqueue_destroy(const struct dpu_rule_target *target,
                         struct dpu_rule *rule, struct dpu_reason *reason)
{
    struct rte_flow_error flow_error = { .message = NULL };
    int error = target->ops->enqueue_destroy(target->ethdev, rule,
                                             &flow_error);

    return !error || dpu_rule_fail(error, &flow_error, NULL, reason);
}

void
dpu_rule_finish(const struct dpu_rule_target *target, unsigned int queue)
{
    target->ops->finish(target->ethdev, queue);
}

bool
dpu_rule_arrived(const struct dpu_rule_target *target,
                 const struct dpu_rule *rule, struct dpu_reason *reason)
{
    const struct rte_flow_error flow_error = {
        .message = "the device did not take the rule in the end",
    };
    int error = (target->ops->result
                 ? target->ops->result(target->ethdev, rule) : 0);

    return !error || dpu_rule_fail(error, &flow_error, NULL, reason);
}

bool
dpu_rule_query(const struct dpu_rule_target *target, struct dpu_rule *rule,
               struct dpu_rule_count *count, struct dpu_reason *reason)
{
    struct rte_flow_error flow_error = { .message = NULL };
    int error = target->ops->query(target->ethdev, rule, count, &flow_error);

    return !error || dpu_rule_fail(error, &flow_error, NULL, reason);
}

enum dpu_rule_state
dpu_rule_ask(const struct dpu_rule_target *target, struct dpu_rule *rule)
{
    struct rte_flow_error flow_error = { .message = NULL };
    struct dpu_rule_count count;

    switch (target->ops->query(target->ethdev, rule, &count, &flow_error)) {
    case 0:
        return DPU_RULE_THERE;
    case ENOENT:
        return DPU_RULE_LOST;
    default:
        return DPU_RULE_UNKNOWN;
    }
}
