/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-device: DPDK with one device in this process, of which to ask what
 * rules it takes.  Nothing is installed on it.
 *
 * Thread-safety: main thread only.  DPDK starts once in a process. */

#ifndef DPUCTL_DEVICE_H
#define DPUCTL_DEVICE_H 1

#include <stddef.h>
#include <stdint.h>

#include <rte_config.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"

struct dpuctl_device {
    uint16_t ethdevs[RTE_MAX_ETHPORTS];     /* Of one switch domain. */
    size_t n_ethdevs;
    uint16_t proxy;             /* Where transfer rules are created. */
    struct dpu_caps caps;       /* What it takes. */
};

/* Starts DPDK with the device 'devargs' ("net_dpu_emu0,profile=mlx5",
 * "0000:03:00.0,representor=vf[0-3]"), whose driver is in the file 'driver',
 * or among DPDK's own if that is NULL, and asks it.  Returns NULL, or a
 * sentence for people that the caller must free(). */
char *dpuctl_device_open(struct dpuctl_device *, const char *devargs,
                         const char *driver);

/* Stops DPDK. */
void dpuctl_device_close(struct dpuctl_device *);

#endif /* utilities/dpuctl-device.h */
