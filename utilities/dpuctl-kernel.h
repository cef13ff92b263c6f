/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-kernel: connections to the kernel, and the DPUs that it knows.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_KERNEL_H
#define DPUCTL_KERNEL_H 1

#include "lib/dpu-topology.h"

struct dpuctl_kernel {
    struct dpu_devlink *devlink;    /* NULL: a kernel without devlink. */
    struct dpu_netlink *route;
    struct dpu_topology topology;   /* As last read. */
};

/* Writes down in 'file' what the kernel is asked and says from now on; exits
 * with a message if that fails. */
void dpuctl_kernel_record(const char *file);

/* Connects; exits with a message if that fails.  A kernel without devlink
 * has no DPUs. */
void dpuctl_kernel_open(struct dpuctl_kernel *);
void dpuctl_kernel_close(struct dpuctl_kernel *);

/* Reads the topology anew; exits with a message if that fails. */
void dpuctl_kernel_read(struct dpuctl_kernel *);

/* The device that 'name' names: "pci/0000:03:00.0", "0000:03:00.0", or the
 * netdev of one of its ports; or the only one with an embedded switch if it is
 * NULL.  Exits with a message that lists what there is if there is none. */
struct dpu_topology_device *dpuctl_kernel_pick(const struct dpuctl_kernel *,
                                               const char *name);

#endif /* utilities/dpuctl-kernel.h */
