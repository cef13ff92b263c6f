/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-link: the kernel's network devices that belong to an embedded switch or
 * a device on a bus, by rtnetlink.
 *
 * Errors are as in dpu-netlink.
 *
 * Thread-safety: each connection belongs to one thread. */

#ifndef DPU_LINK_H
#define DPU_LINK_H 1

#include <net/if.h>
#include <stddef.h>

#include "lib/dpu-switchdev.h"

/* Room for a phys_switch_id in hexadecimal digits, or a phys_port_name. */
#define DPU_PHYS_LEN 72

struct dpu_link {
    int ifindex;
    char name[IFNAMSIZ];
    char switch_id[DPU_PHYS_LEN];   /* "" if it belongs to no switch. */
    char port_name[DPU_PHYS_LEN];   /* "" if it has none. */
    char parent[DPU_DEVICE_NAME_LEN];   /* "0000:03:00.0"; "" if none. */
};

struct dpu_netlink;

/* All network devices of this network namespace.  'netlink' is a connection
 * to NETLINK_ROUTE; '*links' is to be freed by the caller. */
int dpu_link_get_all(struct dpu_netlink *netlink, struct dpu_link **links,
                     size_t *n, char **error);

#endif /* lib/dpu-link.h */
