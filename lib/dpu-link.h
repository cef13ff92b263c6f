/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-link: the kernel's network devices that belong to an embedded switch or
 * a device on a bus, and the VFs behind one, by rtnetlink.  Messages are
 * libnl-route's, and sent and received as all of dpu-netlink's are.
 *
 * Errors are as in dpu-netlink.
 *
 * Thread-safety: each connection belongs to one thread. */

#ifndef DPU_LINK_H
#define DPU_LINK_H 1

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

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

/* The MAC addresses of the VFs of the device whose network device is
 * 'ifindex': that of VF i is '(*macs)[i]', of '*n', to be freed by the caller.
 * It has none, '*n' is 0, if its driver does not tell. */
int dpu_link_get_vf_macs(struct dpu_netlink *netlink, int ifindex,
                         uint8_t (**macs)[6], size_t *n, char **error);

/* Gives VF 'vf' of that device the address 'mac', as "ip link set NETDEV vf VF
 * mac MAC". */
int dpu_link_set_vf_mac(struct dpu_netlink *netlink, int ifindex, uint32_t vf,
                        const uint8_t mac[6], char **error);

#endif /* lib/dpu-link.h */
