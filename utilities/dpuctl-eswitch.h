/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-eswitch: the kernel's part of setting up a device: the mode of its
 * embedded switch, its VFs and SFs and their MAC addresses, and hugepages.
 *
 * Each function brings about a state, by as many steps as it takes: none if it
 * is so already.  It returns NULL, or a sentence that the caller must free().
 * A dry run changes the topology that was read to what is to be expected.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_ESWITCH_H
#define DPUCTL_ESWITCH_H 1

#include "openvswitch/json.h"
#include "utilities/dpuctl-kernel.h"
#include "utilities/dpuctl-step.h"

struct dpuctl_eswitch {
    struct dpuctl_kernel *kernel;
    struct dpuctl_steps *steps;
    struct dpu_devlink_handle handle;
};

/* The device, as last read; exits if it has vanished. */
struct dpu_topology_device *dpuctl_eswitch_device(
    const struct dpuctl_eswitch *);

char *dpuctl_eswitch_set_mode(struct dpuctl_eswitch *,
                              enum dpu_eswitch_mode);

/* 'n' VFs.  Others that are there are removed first. */
char *dpuctl_eswitch_set_vfs(struct dpuctl_eswitch *, int n);

/* At least SFs 0 to 'n' - 1, active, SF i with the MAC address 'mac' + i unless
 * 'mac' is NULL; or none of those that the array 'numbers' lists. */
char *dpuctl_eswitch_add_sfs(struct dpuctl_eswitch *, int n,
                             const uint8_t *mac);
char *dpuctl_eswitch_del_sfs(struct dpuctl_eswitch *,
                             const struct json *numbers);

/* The MAC address 'mac' + i for each VF i; or that which the object 'macs'
 * has for a function. */
char *dpuctl_eswitch_set_macs(struct dpuctl_eswitch *, const uint8_t mac[6]);
char *dpuctl_eswitch_restore_macs(struct dpuctl_eswitch *,
                                  const struct json *macs);

/* Waits until all VFs and SFs have netdevs, some seconds at most, and says so
 * if one has none even then: it may be in another network namespace. */
void dpuctl_eswitch_wait(struct dpuctl_eswitch *);

/* 'mb' MiB of hugepages at least; or 'n' of the default size. */
char *dpuctl_hugepages_reserve(struct dpuctl_steps *, int mb);
char *dpuctl_hugepages_restore(struct dpuctl_steps *, long long int n);

#endif /* utilities/dpuctl-eswitch.h */
