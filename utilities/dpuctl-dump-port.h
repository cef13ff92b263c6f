/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump-port: the ports that megaflows name, as dump-flows prints them.
 *
 * Open vSwitch reads most of what it prints, but only numbers of ports in some
 * places, so that a text is gone through twice: to meet its ports, and, when
 * each has a number, to write these in their place. */

#ifndef DPUCTL_DUMP_PORT_H
#define DPUCTL_DUMP_PORT_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/types.h"

struct ds;

/* A port that megaflows name, by number or by name. */
struct dpuctl_port {
    char *name;
    odp_port_t number;          /* Given to it, if it has a name alone. */
    const char *tunnel;         /* Type of the tunnel that ends there, or NULL:
                                 * names alone tell ("vxlan_sys_4789"). */
    bool software;              /* Of no device, as dpctl/show has it. */
    bool met;                   /* In a megaflow. */
    size_t index;               /* If it is of a device: how many of these
                                 * were met before. */
};

struct dpuctl_dump_ports {
    struct dpuctl_port *ports;  /* In the order in which they appear. */
    size_t n, allocated;
    size_t n_ethdevs;           /* Of those that were met, of a device. */
};

/* Reads a line of "ovs-appctl dpctl/show", "port 2: vf0 (dpu: ...)".  Returns
 * false if 'line' is none. */
bool dpuctl_dump_ports_read(struct dpuctl_dump_ports *, const char *line);

/* Goes through a match or a list of actions.  If 'out' is NULL, meets the
 * ports that it names; otherwise writes it there with their numbers. */
void dpuctl_dump_ports_walk_match(struct dpuctl_dump_ports *, const char *match,
                                  struct ds *out);
void dpuctl_dump_ports_walk_actions(struct dpuctl_dump_ports *,
                                    const char *actions, struct ds *out);

/* Gives numbers that no other port has to those that have names alone. */
void dpuctl_dump_ports_number(struct dpuctl_dump_ports *);

/* The port that has 'number', or NULL. */
const struct dpuctl_port *dpuctl_dump_ports_find(
    const struct dpuctl_dump_ports *, odp_port_t number);

void dpuctl_dump_ports_destroy(struct dpuctl_dump_ports *);

#endif /* utilities/dpuctl-dump-port.h */
