/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-template-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-shape.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* The errno of a function that failed. */
int
dpu_template_errno(void)
{
    return rte_errno ? abs(rte_errno) : EINVAL;
}

int
dpu_template_refuse(struct rte_flow_error *error, int code,
                    const char *message)
{
    *error = (struct rte_flow_error) {
        .type = RTE_FLOW_ERROR_TYPE_UNSPECIFIED, .message = message,
    };
    return code;
}

int
dpu_pattern_create(uint16_t ethdev, const struct dpu_spec *spec,
                   struct rte_flow_pattern_template **pattern,
                   struct rte_flow_error *error)
{
    const struct rte_flow_pattern_template_attr attr = {
        .ingress = spec->attr.ingress, .transfer = spec->attr.transfer,
    };

    *pattern = rte_flow_pattern_template_create(ethdev, &attr, spec->items,
                                                error);
    return *pattern ? 0 : dpu_template_errno();
}

/* A list of actions, with its masks, whose headers are elsewhere. */
struct raw_list {
    struct rte_flow_action actions[DPU_SPEC_MAX_ACTIONS];   /* With END. */
    struct rte_flow_action masks[DPU_SPEC_MAX_ACTIONS];     /* With END. */
    union {
        struct rte_flow_action_raw_encap encap;
        struct rte_flow_action_raw_decap decap;
    } confs[DPU_SPEC_MAX_ACTIONS];
};

/* Makes '*list' that of 'spec' and 'masks', but for the headers of RAW_ENCAP
 * and RAW_DECAP.  Returns them; the caller frees them.
 *
 * Drivers copy the actions of a template by rte_flow_conv(), which in DPDK
 * 22.11 leaves such headers where they were, and look at them whenever they
 * make a table. */
static uint8_t *
copy_headers(const struct dpu_spec *spec, const struct dpu_shape_masks *masks,
             struct raw_list *list)
{
    size_t size, used = 0, total = 0;
    uint8_t *headers;

    for (size_t i = 0; i < spec->n_actions; i++) {
        dpu_shape_headers(&spec->actions[i], &size);
        total += size;
    }
    headers = xmalloc(total);
    for (size_t i = 0; i <= spec->n_actions; i++) {
        const void *data = dpu_shape_headers(&spec->actions[i], &size);

        list->actions[i] = spec->actions[i];
        list->masks[i] = masks->masks[i];
        if (!data) {
            continue;
        }
        memcpy(&headers[used], data, size);
        if (spec->actions[i].type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP) {
            list->confs[i].encap = (struct rte_flow_action_raw_encap) {
                .data = &headers[used], .size = size,
            };
        } else {
            list->confs[i].decap = (struct rte_flow_action_raw_decap) {
                .data = &headers[used], .size = size,
            };
        }
        list->actions[i].conf = &list->confs[i];
        if (list->masks[i].conf) {
            list->masks[i].conf = &list->confs[i];
        }
        used += size;
    }
    return headers;
}

int
dpu_actions_create(uint16_t ethdev, const struct dpu_spec *spec,
                   const struct dpu_shape_masks *masks,
                   struct rte_flow_actions_template **actions,
                   uint8_t **headers, struct rte_flow_error *error)
{
    const struct rte_flow_actions_template_attr attr = {
        .ingress = spec->attr.ingress, .transfer = spec->attr.transfer,
    };
    struct raw_list list;
    int retval;

    *headers = copy_headers(spec, masks, &list);
    *actions = rte_flow_actions_template_create(ethdev, &attr, list.actions,
                                                list.masks, error);
    if (*actions) {
        return 0;
    }
    retval = dpu_template_errno();
    free(*headers);
    *headers = NULL;
    return retval;
}

/* Questions. */

bool
dpu_template_is_configured(uint16_t ethdev)
{
    static const struct rte_flow_pattern_template_attr attr = {
        .transfer = 1
    };
    static const struct rte_flow_item items[] = {
        { .type = RTE_FLOW_ITEM_TYPE_ETH },
        { .type = RTE_FLOW_ITEM_TYPE_END },
    };
    struct rte_flow_pattern_template *pattern;
    struct rte_flow_queue_info queue;
    struct rte_flow_port_info port;
    struct rte_flow_error error;

    if (rte_flow_info_get(ethdev, &port, &queue, &error)) {
        return false;
    }
    pattern = rte_flow_pattern_template_create(ethdev, &attr, items, &error);
    return (pattern
            && !rte_flow_pattern_template_destroy(ethdev, pattern, &error));
}

/* As dpu_template_ask(), with what 'masks' leave to rules. */
static int
ask(uint16_t ethdev, const struct dpu_spec *spec,
    const struct dpu_shape_masks *masks, struct rte_flow_error *error)
{
    const struct rte_flow_template_table_attr attr = {
        .flow_attr = spec->attr, .nb_flows = 1,
    };
    struct rte_flow_actions_template *actions = NULL;
    struct rte_flow_pattern_template *pattern = NULL;
    struct rte_flow_template_table *table;
    struct rte_flow_error ignored;
    uint8_t *headers = NULL;
    int retval;

    retval = dpu_pattern_create(ethdev, spec, &pattern, error);
    if (!retval) {
        retval = dpu_actions_create(ethdev, spec, masks, &actions, &headers,
                                    error);
    }
    if (!retval) {
        table = rte_flow_template_table_create(ethdev, &attr, &pattern, 1,
                                               &actions, 1, error);
        if (!table) {
            retval = dpu_template_errno();
        } else {
            rte_flow_template_table_destroy(ethdev, table, &ignored);
        }
    }
    if (actions) {
        rte_flow_actions_template_destroy(ethdev, actions, &ignored);
    }
    free(headers);
    if (pattern) {
        rte_flow_pattern_template_destroy(ethdev, pattern, &ignored);
    }
    return retval;
}

int
dpu_template_ask(uint16_t ethdev, const struct dpu_spec *spec,
                 struct rte_flow_error *error)
{
    struct dpu_shape_masks masks;
    struct dpu_shape_key key;
    int retval = 0;

    /* As a rule would be put, and with all of its values. */
    for (int whole = 0; whole < 2 && !retval; whole++) {
        retval = (dpu_shape_pattern(spec, &key)
                  && dpu_shape_actions(spec, whole, &masks, &key)
                  ? ask(ethdev, spec, &masks, error)
                  : dpu_template_refuse(error, ENOTSUP,
                                        "templates match no ranges"));
    }
    return retval;
}
