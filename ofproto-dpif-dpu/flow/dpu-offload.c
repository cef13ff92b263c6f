/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload.h"

#include <errno.h>

#include "dpif.h"
#include "fatal-signal.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"
#include "ofproto-dpif-dpu/flow/dpu-origin.h"
#include "util.h"

/* The daemon is on its way out: nothing is offloaded any more. */
static atomic_bool dpu_offload_exiting = ATOMIC_VAR_INIT(false);

bool
dpu_offload_is_exiting(void)
{
    bool exiting;

    atomic_read_relaxed(&dpu_offload_exiting, &exiting);
    return exiting;
}

static struct dpu_flow_key
dpu_offload_key(const struct dpu_offload_port *port, const ovs_u128 *ufid)
{
    return (struct dpu_flow_key) {
        .ufid = *ufid,
        .ethdev = port->port.ethdev,
    };
}

/* The port by which the packets of 'netdev''s megaflow 'ufid' come in. */
static struct dpu_offload_port *
dpu_offload_flow_port(const struct netdev *netdev, const ovs_u128 *ufid)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    return port ? port : dpu_offload_port_find(dpu_origin_get(netdev, ufid));
}

int
dpu_offload_flow_put(struct netdev *netdev, struct netdev *origin,
                     const struct match *match,
                     const struct nlattr *actions, size_t actions_len,
                     const ovs_u128 *ufid, uint32_t flow_mark)
{
    bool tunnel = origin != NULL;
    struct dpu_megaflow megaflow = {
        .match = match,
        .actions = actions,
        .actions_len = actions_len,
        .flow_mark = flow_mark,
    };
    struct dpu_offload_port *port
        = dpu_offload_port_find(tunnel ? origin : netdev);
    struct dpu_offload_map map;
    struct dpu_flow_key key;
    int error;

    if (!port) {
        return ENODEV;
    }

    if (tunnel && dpu_offload_flow_port(netdev, ufid) != port) {
        /* Its packets came in by another port before. */
        dpu_offload_flow_del(netdev, ufid, NULL);
    }
    key = dpu_offload_key(port, ufid);
    megaflow.origin = port->port.ethdev;
    ovs_rwlock_rdlock(&port->device->ports_lock);
    dpu_offload_map_init(&map, port);
    if (tunnel && !port->leaving) {
        dpu_origin_set(netdev, ufid, origin);
    }
    if (port->leaving || dpu_offload_is_exiting()) {
        error = ENODEV;
    } else if (dpu_flow_put(&port->device->flows, &key, &megaflow, &map.up)) {
        error = 0;
    } else {
        error = EOPNOTSUPP;
    }
    if (!dpu_offload_is_exiting()) {
        dpu_flow_put_ripe(&port->device->flows, &map.up);
    }
    ovs_rwlock_unlock(&port->device->ports_lock);

    dpu_flow_abandon(&port->device->flows);
    return error;
}

int
dpu_offload_flow_get(struct netdev *netdev, const ovs_u128 *ufid,
                     const void *asker, struct dpif_flow_stats *stats,
                     struct dpif_flow_attrs *attrs)
{
    struct dpu_offload_port *port = dpu_offload_flow_port(netdev, ufid);
    struct dpu_flow_key key;
    enum dpu_flow_place place;
    int error;

    if (!port) {
        return ENODEV;
    }
    key = dpu_offload_key(port, ufid);
    error = dpu_flow_get(&port->device->flows, &key, asker, stats, &place);
    if (!error) {
        attrs->offloaded = place != DPU_FLOW_IN_SOFTWARE;
        attrs->dp_layer = place == DPU_FLOW_IN_HARDWARE ? "dpu" : "ovs";
        attrs->dp_extra_info = NULL;
    }
    dpu_flow_abandon(&port->device->flows);
    return error;
}

void
dpu_offload_flow_leave(struct netdev *netdev, const ovs_u128 *ufid,
                       const void *asker)
{
    struct dpu_offload_port *port = dpu_offload_flow_port(netdev, ufid);

    if (port) {
        struct dpu_flow_key key = dpu_offload_key(port, ufid);

        dpu_flow_leave(&port->device->flows, &key, asker);
        dpu_flow_abandon(&port->device->flows);
    }
}

int
dpu_offload_flow_del(struct netdev *netdev, const ovs_u128 *ufid,
                     struct dpif_flow_stats *stats)
{
    struct dpu_offload_port *port = dpu_offload_flow_port(netdev, ufid);
    struct dpu_flow_key key;
    int error;

    if (!port) {
        return ENODEV;
    }
    key = dpu_offload_key(port, ufid);
    error = dpu_flow_del(&port->device->flows, &key, stats);
    if (port->netdev != netdev) {
        dpu_origin_clear(netdev, ufid);
    }
    dpu_offload_refill(port, 1);
    dpu_flow_abandon(&port->device->flows);
    return error;
}

void
dpu_offload_tunnel_remove(struct netdev *netdev)
{
    ovs_u128 ufid;

    while (dpu_origin_any(netdev, &ufid)) {
        dpu_offload_flow_del(netdev, &ufid, NULL);
        dpu_origin_clear(netdev, &ufid);
    }
}

int
dpu_offload_flow_flush(struct netdev *netdev)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    if (dpu_offload_is_tunnel(netdev)) {
        dpu_offload_tunnel_remove(netdev);
        return 0;
    }
    if (!port) {
        return ENODEV;
    }
    dpu_flow_evict(&port->device->flows, port->port.ethdev);
    return 0;
}

struct dpu_offload_flow_visitor {
    uint16_t ethdev;
    void (*cb)(const ovs_u128 *ufid, void *aux);
    void *aux;
};

static void
dpu_offload_flow_visit_cb(const struct dpu_flow *flow, void *visitor_)
{
    struct dpu_offload_flow_visitor *visitor = visitor_;

    if (flow->n_rules && !flow->policer
        && flow->key.ethdev == visitor->ethdev) {
        visitor->cb(&flow->key.ufid, visitor->aux);
    }
}

void
dpu_offload_flow_for_each(struct netdev *netdev,
                          void (*cb)(const ovs_u128 *ufid, void *aux),
                          void *aux)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    if (port) {
        struct dpu_offload_flow_visitor visitor = {
            .ethdev = port->port.ethdev,
            .cb = cb,
            .aux = aux,
        };

        dpu_flow_for_each(&port->device->flows, false,
                          dpu_offload_flow_visit_cb, &visitor);
    }
}

/* At exit. */

/* Leaves no rule on any device.  Open vSwitch does not close its ports when it
 * exits, unless it was told to clean up. */
static void
dpu_offload_exit(void *aux OVS_UNUSED)
{
    struct dpu_offload_device *device;

    atomic_store_relaxed(&dpu_offload_exiting, true);
    dpu_ct_exit();
    ovs_mutex_lock(&dpu_offload_mutex);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        /* Who is about to put a rule on it comes to an end first. */
        ovs_rwlock_wrlock(&device->ports_lock);
        ovs_rwlock_unlock(&device->ports_lock);
        dpu_flow_evict_all(&device->flows);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
}

void
dpu_offload_init(uint64_t (*software)(const void *asker))
{
    dpu_offload_software = software;
    dpu_offload_port_init();
    fatal_signal_add_hook(dpu_offload_exit, NULL, NULL, true);
}
