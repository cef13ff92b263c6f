/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "bench-device.h"

#include "util.h"

static int
null_create(uint16_t ethdev OVS_UNUSED, const struct dpu_spec *spec OVS_UNUSED,
            struct dpu_rule **rule, struct rte_flow_error *error OVS_UNUSED)
{
    static char there;

    *rule = (struct dpu_rule *) &there;
    return 0;
}

static int
null_destroy(uint16_t ethdev OVS_UNUSED, struct dpu_rule *rule OVS_UNUSED,
             struct rte_flow_error *error OVS_UNUSED)
{
    return 0;
}

static int
null_query(uint16_t ethdev OVS_UNUSED, struct dpu_rule *rule OVS_UNUSED,
           struct dpu_rule_count *count,
           struct rte_flow_error *error OVS_UNUSED)
{
    count->packets++;
    count->bytes += 64;
    return 0;
}

const struct dpu_rule_ops bench_device_ops = {
    .create = null_create,
    .destroy = null_destroy,
    .query = null_query,
};
