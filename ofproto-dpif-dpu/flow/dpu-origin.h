/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-origin: where the packets of a tunnel port's megaflows come in.
 *
 * A tunnel port is on no device.  The packets of a megaflow that enters there
 * come in by a port of a device, its origin, and its rule is there.  Open
 * vSwitch tells the origin when it puts the megaflow, but neither when it asks
 * for its counts nor when it deletes it.
 *
 * Thread-safety: any thread. */

#ifndef DPU_ORIGIN_H
#define DPU_ORIGIN_H 1

#include "openvswitch/types.h"

struct netdev;

/* The packets of the megaflow 'ufid' of the tunnel port 'netdev' come in by
 * 'origin'.  Neither is a reference: both have to be forgotten before they are
 * closed. */
void dpu_origin_set(const struct netdev *netdev, const ovs_u128 *ufid,
                    const struct netdev *origin);

/* Returns what was set, or NULL. */
const struct netdev *dpu_origin_get(const struct netdev *netdev,
                                    const ovs_u128 *ufid);

void dpu_origin_clear(const struct netdev *netdev, const ovs_u128 *ufid);

/* Forgets what comes in by 'origin'. */
void dpu_origin_forget(const struct netdev *origin);

/* Stores a megaflow of 'netdev' in '*ufid' and returns true, or returns false
 * if it has none. */
bool dpu_origin_any(const struct netdev *netdev, ovs_u128 *ufid);

#endif /* ofproto-dpif-dpu/flow/dpu-origin.h */
