/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What dpu-offload knows of devices (dpu-offload-device.c) and ports
 * (dpu-offload-port.c), also for those who show it. */

#ifndef DPU_OFFLOAD_PRIVATE_H
#define DPU_OFFLOAD_PRIVATE_H 1

#include "cmap.h"
#include "netdev-dpu/dpu-port.h"
#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/device/dpu-insertion.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-audit.h"
#include "openvswitch/list.h"
#include "ovs-thread.h"

struct dpu_chain;
struct dpu_ct_device;
struct dpu_device;
struct netdev;

/* A device with at least one port that was readied for offload. */
struct dpu_offload_device {
    struct ovs_list node;       /* In 'dpu_offload_devices'. */
    struct dpu_device *device;  /* A reference. */
    struct dpu_insertion insertion;
    struct dpu_flow_table flows;
    struct dpu_ct_device *ct;   /* Its connections, or NULL. */
    struct dpu_chain *ct_chains[2];     /* Where they stand and jump to. */
    struct ovs_list ports;      /* Of struct dpu_offload_port. */
    struct dpu_offload_audit audited;   /* What all audits found. */

    /* Read-locked from the moment that a port is looked up until the rule that
     * refers to it can be found by those who take the port away, who
     * write-lock it to mark the port as leaving. */
    struct ovs_rwlock ports_lock;
};

/* A port that was readied for offload. */
struct dpu_offload_port {
    struct cmap_node cmap_node; /* In 'dpu_offload_ports', by netdev. */
    struct ovs_list node;       /* In 'device->ports'. */
    const struct netdev *netdev;    /* Not a reference: it outlives this. */
    char *name;
    struct dpu_port port;
    struct dpu_offload_device *device;

    /* Guarded by 'device->ports_lock'. */
    bool leaving;
    struct netdev_dpu_limits limits;
    bool policed;               /* Its policer is on the device: megaflows
                                 * stand behind it. */
};

/* Guards the list, all devices' lists of ports, and the writing of
 * 'dpu_offload_ports'. */
extern struct ovs_mutex dpu_offload_mutex;
extern struct ovs_list dpu_offload_devices;     /* struct dpu_offload_device */

/* As in struct dpu_flow_table, of all devices: set once, before the first. */
extern uint64_t (*dpu_offload_software)(const void *asker);

/* Returns the device of 'port', creating it for its first port, or NULL if it
 * takes no rules for its embedded switch. */
struct dpu_offload_device *dpu_offload_device_get(const struct dpu_port *port)
    OVS_REQUIRES(dpu_offload_mutex);

/* Frees 'device' if it has no port any more. */
void dpu_offload_device_put(struct dpu_offload_device *device)
    OVS_REQUIRES(dpu_offload_mutex);

/* Lets connections come to 'device' through 'ethdev', one of its ports. */
void dpu_offload_ct_open(struct dpu_offload_device *device, uint16_t ethdev);

/* Has netdev-dpu tell what becomes of its ports.  Once, from the main thread,
 * before the first port. */
void dpu_offload_port_init(void);

/* Forgets the megaflows of the tunnel port 'netdev'. */
void dpu_offload_tunnel_remove(struct netdev *netdev);

/* There may be room on the device of 'port' for megaflows that wait: lets up
 * to 'n' of them have it. */
void dpu_offload_refill(struct dpu_offload_port *port, size_t n);

/* Returns the port of 'netdev', or NULL.  It is there until the caller
 * quiesces. */
struct dpu_offload_port *dpu_offload_port_find(const struct netdev *);

/* A view of a device through the datapath port numbers that the ports of
 * 'dpif_type' have. */
struct dpu_offload_map {
    struct dpu_port_map up;
    const struct dpu_offload_device *device;
    const char *dpif_type;
};

/* Makes '*map' the view of the device of 'port'.  For an answer of the map not
 * to be older than its version, 'ports_lock' of the device is read-locked, or
 * nobody else changes ports. */
void dpu_offload_map_init(struct dpu_offload_map *map,
                          const struct dpu_offload_port *port);

/* The number of the last change to what any map says. */
uint64_t dpu_offload_ports_version(void);

/* Whether the daemon is on its way out: nothing is offloaded any more. */
bool dpu_offload_is_exiting(void);

/* 'port' is new or has other limits: lets the megaflows that this concerns
 * come or go. */
void dpu_offload_review(struct dpu_offload_port *);

#endif /* ofproto-dpif-dpu/flow/dpu-offload-private.h */
