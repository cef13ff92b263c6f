/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What the commands of dpu-unixctl share. */

#ifndef DPU_UNIXCTL_PRIVATE_H
#define DPU_UNIXCTL_PRIVATE_H 1

#include <stdint.h>

#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

struct ds;

/* Returns the port of 'device' with 'ethdev', or NULL. */
const struct dpu_offload_port *
dpu_unixctl_find_port(const struct dpu_offload_device *device, uint16_t ethdev)
    OVS_REQUIRES(dpu_offload_mutex);

/* Appends "# vf0 ufid:..., packets:..." for 'flow', which enters at 'port'. */
void dpu_unixctl_format_comment(const struct dpu_offload_port *port,
                                const struct dpu_flow *flow, struct ds *);

/* Appends the rules of 'flow', which enters at 'port', as testpmd's commands;
 * or nothing, if it has none and the device refused none. */
void dpu_unixctl_format_rules(const struct dpu_offload_port *port,
                              const struct dpu_flow *flow, struct ds *);

#endif /* ofproto-dpif-dpu/show/dpu-unixctl-private.h */
