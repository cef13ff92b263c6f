/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-template-private: what dpu-template.c, dpu-template-table.c and
 * dpu-template-ask.c share. */

#ifndef DPU_TEMPLATE_PRIVATE_H
#define DPU_TEMPLATE_PRIVATE_H 1

#include "ofproto-dpif-dpu/device/dpu-template.h"

struct dpu_shape_masks;

/* dpu-template-ask.c. */

/* The errno of a call of DPDK's that has just failed. */
int dpu_template_errno(void);

/* Stores 'message', a constant, in '*error'.  Returns 'code'. */
int dpu_template_refuse(struct rte_flow_error *error, int code,
                        const char *message);

/* Make the templates of 'spec'.  Return 0, or a positive errno with '*error'.
 * The template of actions needs '*headers' for as long as it is there; then
 * the caller frees them. */
int dpu_pattern_create(uint16_t ethdev, const struct dpu_spec *spec,
                       struct rte_flow_pattern_template **pattern,
                       struct rte_flow_error *error);
int dpu_actions_create(uint16_t ethdev, const struct dpu_spec *spec,
                       const struct dpu_shape_masks *masks,
                       struct rte_flow_actions_template **actions,
                       uint8_t **headers, struct rte_flow_error *error);

/* dpu-template-table.c.  One thread at a time creates and closes a table; any
 * thread takes room meanwhile. */

/* Rules that there is room for, and that there are. */
uint32_t dpu_template_table_size(const struct dpu_template_table *table);
uint32_t dpu_template_table_n_rules(const struct dpu_template_table *table);

/* Takes room for one rule.  Returns false if there is none. */
bool dpu_template_table_reserve(struct dpu_template_table *table);

/* Makes 'table', which is not there, of 'size' rules or, if the device has no
 * room for that, of fewer.  Returns 0, or a positive errno with '*error'. */
int dpu_template_table_create(uint16_t ethdev,
                              struct dpu_template_table *table,
                              const struct rte_flow_attr *attr, uint32_t size,
                              struct rte_flow_pattern_template *pattern,
                              struct rte_flow_actions_template *actions,
                              struct rte_flow_error *error);

/* Destroys 'table', if it is there.  Returns false if it has rules, unless it
 * is 'gone'. */
bool dpu_template_table_close(uint16_t ethdev,
                              struct dpu_template_table *table, bool gone);

#endif /* ofproto-dpif-dpu/device/dpu-template-private.h */
