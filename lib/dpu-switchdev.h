/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-switchdev: the kernel's view of an embedded switch: from the name of a
 * representor or uplink netdev to the PCI device that DPDK drives and the
 * function behind the port.
 *
 * Keyed by what the driver says in phys_switch_id and phys_port_name, never
 * by how a netdev is called: names get changed.
 *
 * Thread-safety: pure but for the files that it reads. */

#ifndef DPU_SWITCHDEV_H
#define DPU_SWITCHDEV_H 1

#include <stdbool.h>

#include "lib/dpu-representor.h"

/* Where sysfs is. */
#define DPU_SYSFS "/sys"

/* Room for the name of a device on its bus, with the null terminator. */
#define DPU_DEVICE_NAME_LEN 64

struct dpu_switchdev {
    char device[DPU_DEVICE_NAME_LEN];   /* "0000:03:00.0" */
    struct dpu_representor representor; /* With its 'pf'. */
};

/* Looks up the netdev called 'netdev' below 'sysfs' (DPU_SYSFS).  Returns 0
 * and stores the result in '*port'; or a positive errno with, in '*error', a
 * sentence on what is wrong, which the caller must free(). */
int dpu_switchdev_lookup(const char *sysfs, const char *netdev,
                         struct dpu_switchdev *port, char **error);

/* Whether 'device' is a PCI address with its domain, "0000:03:00.0"; if so,
 * and 'function' is nonnull, stores its function there, 0. */
bool dpu_switchdev_is_pci(const char *device, int *function);

#endif /* lib/dpu-switchdev.h */
