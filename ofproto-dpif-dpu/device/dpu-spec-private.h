/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-spec-private: what dpu-spec-format.c and dpu-spec-format-item.c
 * share. */

#ifndef DPU_SPEC_PRIVATE_H
#define DPU_SPEC_PRIVATE_H 1

struct ds;
struct rte_flow_item;

/* dpu-spec-format-item.c. */
void dpu_spec_format_item(const struct rte_flow_item *, struct ds *);
void dpu_spec_format_header(const struct rte_flow_item *, struct ds *);

#endif /* ofproto-dpif-dpu/device/dpu-spec-private.h */
