/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netdev-dpu: the network device class "dpu", see netdev-dpu.c. */

#ifndef NETDEV_DPU_H
#define NETDEV_DPU_H 1

#include <stdbool.h>
#include <stdint.h>

struct netdev;
struct netdev_class;
struct shash;

/* The name of the class, and that of the one flow API that its ports may
 * have. */
#define NETDEV_DPU_TYPE "dpu"
#define NETDEV_DPU_FLOW_API "dpu"

/* Registers the netdev class "dpu", derived from 'dpdk', the class "dpdk" of
 * Open vSwitch.  Once, from the main thread, after DPDK was initialized. */
void netdev_dpu_register(const struct netdev_class *dpdk);

/* Sets what the status of a port that has our flow API says about it under
 * "offload": 'cb' returns "ready", or the reason why not, a constant string.
 * Main thread, before the first port. */
void netdev_dpu_set_offload_status(
    const char *(*cb)(const struct netdev *netdev));

/* Sets who is to be told, from the main thread, that the device behind
 * 'netdev' vanished: whatever was on it is gone, and no call about it will
 * succeed.  Main thread, before the first port. */
void netdev_dpu_set_vanished(void (*cb)(struct netdev *netdev));

/* Sets who is to be told, from the main thread, that 'netdev' is about to stop
 * for a moment to be configured anew, and that this is over.  Main thread,
 * before the first port. */
void netdev_dpu_set_restart(void (*stopping)(struct netdev *netdev),
                            void (*started)(struct netdev *netdev));

/* Whether this thread is configuring a port anew at present. */
bool netdev_dpu_is_reconfiguring(void);

/* What limits a port's traffic.  A rate of 0 is no limit. */
struct netdev_dpu_limits {
    /* What it receives: ingress policing.  A burst of 0 is the default one. */
    uint32_t kbits_rate, kbits_burst;   /* kbit/s, kbit. */
    uint32_t kpkts_rate, kpkts_burst;   /* 1000 packets/s, 1000 packets. */
    bool shaped;                        /* What it sends: QoS. */
};

/* Stores the limits of 'netdev', a port, in '*limits'.  Any thread. */
void netdev_dpu_get_limits(const struct netdev *netdev,
                           struct netdev_dpu_limits *limits);

/* Sets who is to be told, from the main thread, that the limits of 'netdev'
 * have changed.  Main thread, before the first port. */
void netdev_dpu_set_limited(void (*cb)(struct netdev *netdev));

/* Has software police what 'netdev', a port, receives, as its limits say; or
 * not, if 'hardware' is true, because all of it has passed a policer on the
 * device.  At first software does.  The main thread. */
void netdev_dpu_police(const struct netdev *netdev, bool hardware);

/* Sets who tells how many packets policers on the device have dropped of what
 * 'netdev' received.  Main thread, before the first port. */
void netdev_dpu_set_policer_drops(uint64_t (*cb)(const struct netdev *netdev));

/* Adds every port to 'ports', by name, each with a reference that the caller
 * must netdev_close().  Any thread. */
void netdev_dpu_get_ports(struct shash *ports);

/* Returns what the status of 'netdev', a port, says under "offload": "ready",
 * or the reason why not.  The main thread. */
const char *netdev_dpu_get_offload_status(const struct netdev *netdev);

/* Returns why the present options of port 'name' were not put into effect, if
 * it keeps working with those that it had before, otherwise NULL.  The caller
 * must free() it.  Any thread. */
char *netdev_dpu_get_config_error(const char *name);

#endif /* netdev-dpu/netdev-dpu.h */
