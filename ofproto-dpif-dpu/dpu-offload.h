/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-offload: the verbs of flow offload, free of any version of Open
 * vSwitch's own interface: one thin file per such interface stands in front
 * (dpu-flow-api.c for struct netdev_flow_api of OVS 3.1).
 *
 * Thread-safety: any thread may call any of them. */

#ifndef DPU_OFFLOAD_H
#define DPU_OFFLOAD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct dpif_flow_attrs;
struct dpif_flow_stats;
struct match;
struct netdev;
struct nlattr;

/* Readies 'netdev', a port of type "dpu", for offload.  Returns 0 or a
 * positive errno: EOPNOTSUPP if its device cannot. */
int dpu_offload_port_add(struct netdev *netdev);

/* Undoes dpu_offload_port_add(): no rule that matches on or outputs to
 * 'netdev' is on the device when it returns. */
void dpu_offload_port_remove(struct netdev *netdev);

/* Offloads the megaflow 'ufid', which enters at 'netdev'; replaces it, the new
 * rule before the old one leaves, if it was offloaded.  Returns 0 if all of it
 * is in hardware, otherwise a positive errno, and keeps the reason. */
int dpu_offload_flow_put(struct netdev *netdev, const struct match *match,
                         const struct nlattr *actions, size_t actions_len,
                         const ovs_u128 *ufid);

/* Stores what hardware counted for 'ufid' (packets, bytes, time of last use)
 * in '*stats' and how it is offloaded in '*attrs'.  ENOENT if it is not. */
int dpu_offload_flow_get(struct netdev *netdev, const ovs_u128 *ufid,
                         struct dpif_flow_stats *stats,
                         struct dpif_flow_attrs *attrs);

/* Removes the megaflow 'ufid' from the device, with its final counts in
 * '*stats' if that is not NULL.  ENOENT if it is not there. */
int dpu_offload_flow_del(struct netdev *netdev, const ovs_u128 *ufid,
                         struct dpif_flow_stats *stats);

/* Removes every rule that matches on or outputs to 'netdev'. */
int dpu_offload_flow_flush(struct netdev *netdev);

/* Megaflows that entered at 'netdev' and are in hardware. */
uint64_t dpu_offload_n_flows(struct netdev *netdev);

/* Registers the flow API and the commands "dpu/show", "dpu/rules",
 * "dpu/reasons".  Once, from the main thread, after netdev_dpu_register(). */
void dpu_offload_register(void);

#endif /* ofproto-dpif-dpu/dpu-offload.h */
