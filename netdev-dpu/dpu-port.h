/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-port: what stands behind an OVS port of type "dpu": its ethdev, the
 * device that it belongs to, and the function that it represents.
 *
 * Thread-safety: the netdev provider writes, anybody reads.  What is read is
 * constant while the netdev lives: a port that is pointed elsewhere becomes
 * another netdev. */

#ifndef DPU_PORT_H
#define DPU_PORT_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_device;
struct netdev;

struct dpu_port {
    struct dpu_device *device;  /* A reference held by the netdev: valid while
                                 * the caller holds the netdev. */
    uint16_t ethdev;            /* DPDK port id. */
    bool representor;           /* Or an uplink. */
};

/* Fills in '*port' for 'netdev' and returns true, if 'netdev' is of type
 * "dpu" and configured.  Any thread of Open vSwitch; takes no lock. */
bool dpu_port_from_netdev(const struct netdev *netdev, struct dpu_port *port);

/* For the netdev provider: publishes '*port' as what stands behind 'netdev',
 * taking over its reference to the device; withdraws it, if published, giving
 * the reference up. */
void dpu_port_publish(const struct netdev *netdev,
                      const struct dpu_port *port);
void dpu_port_withdraw(const struct netdev *netdev);

#endif /* netdev-dpu/dpu-port.h */
