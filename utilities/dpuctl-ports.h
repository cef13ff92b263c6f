/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-ports: the ports that a device should have in Open vSwitch, and what
 * is to be changed there until it has them.
 *
 * An Interface that was added by "setup" says so in external_ids:
 *
 *     ovs-dpu-setup=0000:03:00.0/pf0vf3
 *
 * and is found by that, whatever its name is by now.  Interfaces that somebody
 * else added for the same function are left alone.  Those of VFs, and their
 * Ports, can also say which host may change them (guard/guard-owner.h).
 *
 * Thread-safety: none. */

#ifndef DPUCTL_PORTS_H
#define DPUCTL_PORTS_H 1

#include "lib/dpu-topology.h"
#include "svec.h"
#include "utilities/dpuctl-ovsdb.h"

/* Where Interfaces, and the table Open_vSwitch, say what is "setup"'s. */
#define DPUCTL_MARK "ovs-dpu-setup"

struct dpuctl_port_wish {
    char *name;                 /* Of the port. */
    char *function;             /* "pf0vf3". */
    char *devargs;              /* options:dpdk-devargs. */
    char *mac;                  /* options:dpdk-vf-mac, or NULL. */
};

struct dpuctl_ports {
    char *device;               /* As DPDK calls it, "0000:03:00.0". */
    int pf;                     /* Its own. */
    struct dpuctl_port_wish *wishes;
    size_t n;
    const char *owner;          /* The host that VFs are of, or NULL. */
};

/* The ports of 'device', which DPDK knows by 'devargs' ("0000:03:00.0",
 * with more arguments or without).  Functions without a netdev are left out
 * unless 'all': theirs is about to come. */
void dpuctl_ports_of_device(struct dpuctl_ports *,
                            const struct dpu_topology_device *device,
                            const char *devargs, bool all);

/* The ports of the emulated device that 'devargs' describe
 * ("net_dpu_emu0,vfs=16").  VF i gets the MAC address 'mac' + i if 'mac' is
 * nonnull.  Returns NULL, or a sentence that the caller must free(). */
char *dpuctl_ports_of_emulated(struct dpuctl_ports *, const char *devargs,
                               const uint8_t mac[6]);

void dpuctl_ports_destroy(struct dpuctl_ports *);

/* Appends to 'commands' what ovs-vsctl has to do so that 'bridge' has the
 * ports, and no others that "setup" added for functions of the device that
 * have vanished.  Returns NULL, or a sentence that the caller must free(). */
char *dpuctl_ports_change(const struct dpuctl_ports *,
                          const struct dpuctl_ovsdb *, const char *bridge,
                          struct svec *commands);

/* Appends the removal of all ports that "setup" added for 'device', or those
 * of VFs alone, and has 'ovsdb' lack them. */
void dpuctl_ports_remove(const char *device, bool vfs_alone,
                         struct dpuctl_ovsdb *ovsdb, struct svec *commands);

/* The errors of those ports that are in use for the device, a line each; NULL
 * if there are none.  The caller must free() it. */
char *dpuctl_ports_errors(const char *device, const struct dpuctl_ovsdb *);

#endif /* utilities/dpuctl-ports.h */
