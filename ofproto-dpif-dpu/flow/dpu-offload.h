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
struct dpu_ct_device;
struct dpif_flow_stats;
struct match;
struct netdev;
struct nlattr;

/* Whether 'netdev' is a port of the userspace datapath where a tunnel ends
 * that can be offloaded.  Its megaflows are on the device by which their
 * packets come in. */
bool dpu_offload_is_tunnel(const struct netdev *netdev);

/* Readies 'netdev', a port of type "dpu" or a tunnel's, for offload.  Returns
 * 0 or a positive errno:  EOPNOTSUPP if its device cannot. */
int dpu_offload_port_add(struct netdev *netdev);

/* Undoes dpu_offload_port_add(): no rule that matches on or outputs to
 * 'netdev' is on the device when it returns. */
void dpu_offload_port_remove(struct netdev *netdev);

/* Offloads the megaflow 'ufid', which enters at 'netdev', and if that is a
 * tunnel's port, whose packets come in by 'origin' (else NULL); replaces it,
 * the new rule before the old one leaves, if it was offloaded.  If
 * 'flow_mark', Open vSwitch's number for it, is not 0, it may be offloaded in
 * part.  Returns 0 if it is in hardware, as a whole or in part; EOPNOTSUPP if
 * it was refused: the reason is kept until it is deleted or put again; another
 * positive errno if 'netdev' is not ready. */
int dpu_offload_flow_put(struct netdev *netdev, struct netdev *origin,
                         const struct match *match,
                         const struct nlattr *actions, size_t actions_len,
                         const ovs_u128 *ufid, uint32_t flow_mark);

/* Stores what hardware counted for 'ufid' (packets, bytes, time of last use)
 * in '*stats', but for what software counts as well, and whether it is in
 * hardware now in '*attrs', where one that is in part has the datapath layer
 * "ovs": one that had to leave keeps its counts.  If several ask about one
 * megaflow and add up the answers, the address 'asker' tells them apart: one
 * of them is told, the others get 0.  ENOENT if it was never put. */
int dpu_offload_flow_get(struct netdev *netdev, const ovs_u128 *ufid,
                         const void *asker, struct dpif_flow_stats *stats,
                         struct dpif_flow_attrs *attrs);

/* To be called before 'asker' calls dpu_offload_flow_get() for the last time,
 * for then 'ufid' will be deleted: takes its rule off the device, so that this
 * call tells all that hardware ever counted. */
void dpu_offload_flow_leave(struct netdev *netdev, const ovs_u128 *ufid,
                            const void *asker);

/* Removes the megaflow 'ufid' from the device, with its final counts in
 * '*stats' if that is not NULL.  ENOENT if it is not there. */
int dpu_offload_flow_del(struct netdev *netdev, const ovs_u128 *ufid,
                         struct dpif_flow_stats *stats);

/* Removes every rule that matches on or outputs to 'netdev'. */
int dpu_offload_flow_flush(struct netdev *netdev);

/* Calls 'cb' with each megaflow that enters at 'netdev' and is in hardware;
 * those of a tunnel are with the port that their packets come in by.
 * 'cb' must not call any of these functions. */
void dpu_offload_flow_for_each(struct netdev *netdev,
                               void (*cb)(const ovs_u128 *ufid, void *aux),
                               void *aux);

/* Stores where packets of the userspace datapath's port 'odp_port' enter in
 * '*device' and '*ethdev'.  Returns false if that is not a device that tracks
 * connections. */
bool dpu_offload_ct_port(odp_port_t odp_port, struct dpu_ct_device **device,
                         uint16_t *ethdev);

/* Brings megaflows onto their device that have had enough packets in software.
 * If some wait for room, lets those with the most traffic have it, now and
 * then.  From a thread that has nothing else to do; dpu_wake() tells it if
 * there is more. */
void dpu_offload_idle(void);

/* Has netdev-dpu tell of devices that vanish and sees to it that no rule stays
 * on a device when the daemon exits.  'software' returns the packets that
 * software has seen in the copy of a megaflow that an 'asker' stands for.
 * Once, from the main thread, before the first port. */
void dpu_offload_init(uint64_t (*software)(const void *asker));

/* A datapath port was added, removed or changed in another way that
 * translation may depend on, just now. */
void dpu_offload_ports_changed(void);

/* Meter 'id' of the datapath is no longer what it was to devices: translates
 * the megaflows that have it anew. */
void dpu_offload_review_meter(uint32_t id);

#endif /* ofproto-dpif-dpu/flow/dpu-offload.h */
