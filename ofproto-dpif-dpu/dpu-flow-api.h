/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-api: dpu-offload's verbs as a struct netdev_flow_api of Open
 * vSwitch 3.1. */

#ifndef DPU_FLOW_API_H
#define DPU_FLOW_API_H 1

#include <stdbool.h>

/* Registers the flow API, the commands "dpu/show", "dpu/rules" and
 * "dpu/reasons", and all that dpu_offload_init() does.  Once, from the main
 * thread, after netdev_dpu_register(). */
void dpu_flow_api_register(void);

/* Tells that the calling thread begins, or is done, to delete flows from the
 * datapath: the counts that it asks for in between are the last. */
void dpu_flow_api_set_deleting(bool deleting);

#endif /* ofproto-dpif-dpu/dpu-flow-api.h */
