/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-template-private.h"

#include <errno.h>

#include <rte_errno.h>

#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_template_table);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

uint32_t
dpu_template_table_size(const struct dpu_template_table *table_)
{
    struct dpu_template_table *table
        = CONST_CAST(struct dpu_template_table *, table_);
    uint32_t size;

    atomic_read(&table->size, &size);
    return size;
}

uint32_t
dpu_template_table_n_rules(const struct dpu_template_table *table_)
{
    struct dpu_template_table *table
        = CONST_CAST(struct dpu_template_table *, table_);
    uint32_t n;

    atomic_read(&table->n_rules, &n);
    return n;
}

bool
dpu_template_table_reserve(struct dpu_template_table *table)
{
    uint32_t n;

    atomic_read_relaxed(&table->n_rules, &n);
    if (n >= dpu_template_table_size(table)) {
        return false;
    }
    atomic_add(&table->n_rules, 1, &n);
    /* The table may be full or gone since. */
    if (n < dpu_template_table_size(table)) {
        return true;
    }
    atomic_sub(&table->n_rules, 1, &n);
    return false;
}

int
dpu_template_table_create(uint16_t ethdev, struct dpu_template_table *table,
                          const struct rte_flow_attr *attr_, uint32_t size,
                          struct rte_flow_pattern_template *pattern,
                          struct rte_flow_actions_template *actions,
                          struct rte_flow_error *error)
{
    struct rte_flow_template_table_attr attr = {
        .flow_attr = *attr_, .nb_flows = size,
    };

    /* A device may have no room for so large a table. */
    do {
        table->table = rte_flow_template_table_create(
            ethdev, &attr, &pattern, 1, &actions, 1, error);
        if (table->table) {
            atomic_store(&table->size, attr.nb_flows);
            return 0;
        }
        attr.nb_flows /= 4;
    } while (attr.nb_flows && (rte_errno == ENOSPC || rte_errno == ENOMEM));
    return dpu_template_errno();
}

bool
dpu_template_table_close(uint16_t ethdev, struct dpu_template_table *table,
                         bool gone)
{
    uint32_t size = dpu_template_table_size(table);
    struct rte_flow_error error;
    int retval;

    if (!size) {
        return true;
    }
    /* Who takes room looks at the size once more. */
    atomic_store(&table->size, 0);
    if (!gone && dpu_template_table_n_rules(table)) {
        atomic_store(&table->size, size);
        return false;
    }
    retval = gone ? 0 : rte_flow_template_table_destroy(ethdev, table->table,
                                                        &error);
    if (retval) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": destroying a template table: %s",
                     ethdev,
                     error.message ? error.message : ovs_strerror(-retval));
        atomic_store(&table->size, size);
        return false;
    }
    table->table = NULL;
    return true;
}
