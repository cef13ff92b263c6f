/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-topology: the DPUs of a machine: devices with an embedded switch, what
 * is behind each of its ports, and the netdev that represents it.  Put
 * together from devlink, rtnetlink and sysfs; netdevs are found by ifindex,
 * never by name.
 *
 * Thread-safety: one thread. */

#ifndef DPU_TOPOLOGY_H
#define DPU_TOPOLOGY_H 1

#include "lib/dpu-devlink.h"
#include "lib/dpu-link.h"
#include "lib/dpu-sysfs.h"

struct dpu_topology_port {
    struct dpu_devlink_port devlink;
    char name[DPU_REPRESENTOR_STRLEN];      /* "pf0vf3". */
    char netdev[IFNAMSIZ];                  /* "" if it has none here. */
    char function[DPU_DEVICE_NAME_LEN];     /* "0000:03:00.2", or "". */
    bool has_mac;                           /* The function's. */
    uint8_t mac[6];
    /* Who knows it, and sets it: the network device of this ifindex, by
     * rtnetlink, or devlink if it is 0. */
    int mac_ifindex;
};

struct dpu_topology_device {
    struct dpu_devlink_handle handle;
    struct dpu_sysfs_device sysfs;
    enum dpu_eswitch_mode mode;
    int pf;                     /* Its own: its PCI function, or 0. */
    char switch_id[DPU_PHYS_LEN];           /* "" outside switchdev mode. */
    struct dpu_topology_port *ports;        /* Uplinks, PFs, VFs, SFs. */
    size_t n_ports;
};

struct dpu_topology {
    struct dpu_topology_device *devices;    /* By their names. */
    size_t n_devices;
};

struct dpu_netlink;

/* Reads all there is into '*topology'.  'route' is a connection to
 * NETLINK_ROUTE.  Returns 0, or a positive errno with a sentence in '*error'
 * that the caller must free(); '*topology' is to be destroyed in either
 * case. */
int dpu_topology_read(struct dpu_topology *topology, struct dpu_devlink *,
                      struct dpu_netlink *route, const char *sysfs,
                      char **error);
void dpu_topology_destroy(struct dpu_topology *);

/* The port with 'function' behind it, or NULL.  A PF of
 * DPU_REPRESENTOR_OWN is the device's. */
struct dpu_topology_port *
dpu_topology_find_port(const struct dpu_topology_device *,
                       const struct dpu_representor *function);

/* Adds a port that is expected to appear, in its place. */
int dpu_topology_expect_port(struct dpu_topology_device *,
                             const struct dpu_representor *function);

#endif /* lib/dpu-topology.h */
