/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

#include <errno.h>

#include <rte_ethdev.h>

#include "hash.h"
#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/netdev-dpu.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/flow/dpu-origin.h"
#include "ofproto-dpif-dpu/flow/dpu-policer.h"
#include "ofproto-dpif-dpu/translate/dpu-match.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_offload_port);

/* Of struct dpu_offload_port. */
static struct cmap dpu_offload_ports = CMAP_INITIALIZER;

static uint32_t
dpu_offload_port_hash(const struct netdev *netdev)
{
    return hash_pointer(netdev, 0);
}

struct dpu_offload_port *
dpu_offload_port_find(const struct netdev *netdev)
{
    struct dpu_offload_port *port;

    CMAP_FOR_EACH_WITH_HASH (port, cmap_node, dpu_offload_port_hash(netdev),
                             &dpu_offload_ports) {
        if (port->netdev == netdev) {
            return port;
        }
    }
    return NULL;
}

bool
dpu_offload_ct_port(odp_port_t odp_port, struct dpu_ct_device **device,
                    uint16_t *ethdev)
{
    struct netdev *netdev = netdev_ports_get(odp_port, "netdev");
    const struct dpu_offload_port *port;

    if (!netdev) {
        return false;
    }
    port = dpu_offload_port_find(netdev);
    netdev_close(netdev);
    if (!port || !port->device->ct) {
        return false;
    }
    *device = port->device->ct;
    *ethdev = port->port.ethdev;
    return true;
}

static void
dpu_offload_port_free(struct dpu_offload_port *port)
{
    free(port->name);
    free(port);
}

bool
dpu_offload_is_tunnel(const struct netdev *netdev)
{
    const char *dpif_type = netdev_get_dpif_type(netdev);

    return (dpif_type && !strcmp(dpif_type, "netdev")
            && dpu_match_is_tunnel_type(netdev_get_type(netdev)));
}

void
dpu_offload_refill(struct dpu_offload_port *port, size_t n)
{
    struct dpu_offload_map map;

    if (!dpu_flow_any_waiting(&port->device->flows)) {
        return;
    }
    ovs_rwlock_rdlock(&port->device->ports_lock);
    dpu_offload_map_init(&map, port);
    while (n-- && !dpu_offload_is_exiting()
           && dpu_flow_retry(&port->device->flows, &map.up)) {
        continue;
    }
    ovs_rwlock_unlock(&port->device->ports_lock);
}

void
dpu_offload_review(struct dpu_offload_port *port)
{
    struct dpu_offload_map map;

    ovs_rwlock_rdlock(&port->device->ports_lock);
    dpu_offload_map_init(&map, port);
    if (!port->leaving && !dpu_offload_is_exiting()) {
        dpu_flow_review(&port->device->flows, port->port.ethdev, &map.up);
    }
    ovs_rwlock_unlock(&port->device->ports_lock);
}

/* Rules that were created through the ethdev of 'port' leave for a while. */
static void
dpu_offload_suspend_policers(const struct dpu_offload_port *port)
    OVS_REQUIRES(dpu_offload_mutex)
{
    const struct dpu_offload_port *other;

    LIST_FOR_EACH (other, node, &port->device->ports) {
        dpu_policer_suspend(other, port->port.ethdev);
    }
}

/* That is over. */
static void
dpu_offload_resume_policers(const struct dpu_offload_port *port)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_port *other;

    LIST_FOR_EACH (other, node, &port->device->ports) {
        if (!other->leaving) {
            dpu_policer_resume(other);
        }
    }
}

/* 'port' leaves: takes off the rules that others have through its ethdev,
 * which may be closed next, and lets them try their own. */
static void
dpu_offload_move_rules(struct dpu_offload_port *port)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device = port->device;
    struct dpu_offload_port *other;
    bool moved = false;

    dpu_offload_suspend_policers(port);
    ovs_rwlock_wrlock(&device->ports_lock);
    LIST_FOR_EACH (other, node, &device->ports) {
        uint16_t ethdev = other->port.ethdev;

        if (other != port
            && device->flows.proxies[ethdev] == port->port.ethdev) {
            dpu_flow_set_proxy(&device->flows, ethdev, ethdev);
            dpu_offload_ct_open(device, ethdev);
            moved = true;
        }
    }
    if (moved) {
        /* Before anybody has put a rule where they are to go: a chain may
         * have no two for what misses. */
        dpu_flow_suspend(&device->flows, port->port.ethdev);
    }
    ovs_rwlock_unlock(&device->ports_lock);

    if (moved) {
        dpu_offload_refill(port, SIZE_MAX);
    }
    dpu_offload_resume_policers(port);
}

int
dpu_offload_port_add(struct netdev *netdev)
{
    struct dpu_offload_device *device;
    struct dpu_offload_port *port;
    struct dpu_port dpu_port;
    int error = 0;

    if (dpu_offload_is_tunnel(netdev)) {
        return 0;
    }
    if (!dpu_port_from_netdev(netdev, &dpu_port)) {
        return EOPNOTSUPP;
    }

    ovs_mutex_lock(&dpu_offload_mutex);
    if (dpu_offload_port_find(netdev)) {
        goto out;
    }
    device = dpu_offload_device_get(&dpu_port);
    if (!device) {
        VLOG_INFO("%s: %s takes no rules for its embedded switch",
                  netdev_get_name(netdev),
                  dpu_device_name(dpu_port.device));
        error = EOPNOTSUPP;
        goto out;
    }
    dpu_flow_set_proxy(&device->flows, dpu_port.ethdev,
                       dpu_device_transfer_proxy(dpu_port.device,
                                                 dpu_port.ethdev));

    port = xzalloc(sizeof *port);
    port->netdev = netdev;
    port->name = xstrdup(netdev_get_name(netdev));
    port->port = dpu_port;
    port->device = device;
    ovs_list_push_back(&device->ports, &port->node);
    cmap_insert(&dpu_offload_ports, &port->cmap_node,
                dpu_offload_port_hash(netdev));
    dpu_offload_ports_changed();
    dpu_offload_ct_open(device, dpu_port.ethdev);
    dpu_policer_update(port);
    dpu_offload_review(port);
    VLOG_INFO("%s: port is ready for offload, ethdev %"PRIu16" of %s",
              port->name, dpu_port.ethdev, dpu_device_name(dpu_port.device));
out:
    ovs_mutex_unlock(&dpu_offload_mutex);
    return error;
}

void
dpu_offload_port_remove(struct netdev *netdev)
{
    struct dpu_offload_device *device;
    struct dpu_offload_port *port;

    if (dpu_offload_is_tunnel(netdev)) {
        dpu_offload_tunnel_remove(netdev);
        return;
    }
    ovs_mutex_lock(&dpu_offload_mutex);
    port = dpu_offload_port_find(netdev);
    if (!port) {
        goto out;
    }
    device = port->device;

    ovs_rwlock_wrlock(&device->ports_lock);
    port->leaving = true;
    dpu_offload_ports_changed();
    ovs_rwlock_unlock(&device->ports_lock);
    dpu_policer_remove(port);
    dpu_ct_device_close(device->ct, port->port.ethdev,
                        dpu_flow_is_gone(&device->flows, port->port.ethdev));
    dpu_flow_forget(&device->flows, port->port.ethdev);
    dpu_origin_forget(netdev);
    dpu_offload_move_rules(port);
    dpu_rule_queues_close(port->port.ethdev,
                          dpu_flow_is_gone(&device->flows,
                                           port->port.ethdev));
    VLOG_INFO("%s: port is gone from offload", port->name);

    cmap_remove(&dpu_offload_ports, &port->cmap_node,
                dpu_offload_port_hash(netdev));
    ovs_list_remove(&port->node);
    ovsrcu_postpone(dpu_offload_port_free, port);
    dpu_offload_device_put(device);
out:
    ovs_mutex_unlock(&dpu_offload_mutex);
}

/* Says how offload is with 'netdev', for its status. */
static const char *
dpu_offload_port_status(const struct netdev *netdev)
{
    const struct dpu_offload_port *port = dpu_offload_port_find(netdev);
    struct netdev_dpu_limits limits;

    if (!port) {
        return "off: its device takes no rules for its embedded switch";
    }
    if (dpu_flow_is_gone(&port->device->flows, port->port.ethdev)) {
        return "off: its device does not answer";
    }
    netdev_dpu_get_limits(netdev, &limits);
    return (limits.kbits_rate && !port->policed
            ? "ready, but for what ingress policing is to see"
            : limits.shaped ? "ready, but for what QoS is to see" : "ready");
}

/* The ethdev behind 'netdev' vanished, alone or with all of its device.  What
 * others' rules refer to it has to leave. */
static void
dpu_offload_port_vanished(struct netdev *netdev)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    if (port) {
        dpu_ct_device_close(port->device->ct, port->port.ethdev, true);
        dpu_flow_vanish(&port->device->flows, port->port.ethdev);
        dpu_flow_evict(&port->device->flows, port->port.ethdev);
    }
}

/* The ethdev behind 'netdev' is about to stop.  Unless it says otherwise, that
 * destroys the rules that were created through it (DPDK, enum
 * RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP). */
static void
dpu_offload_port_stopping(struct netdev *netdev)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);
    struct rte_eth_dev_info info;

    if (port && !(!rte_eth_dev_info_get(port->port.ethdev, &info)
                  && info.dev_capa & RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP)) {
        ovs_mutex_lock(&dpu_offload_mutex);
        dpu_offload_suspend_policers(port);
        ovs_mutex_unlock(&dpu_offload_mutex);
        dpu_ct_device_close(port->device->ct, port->port.ethdev, false);
        dpu_flow_suspend(&port->device->flows, port->port.ethdev);
    }
}

/* The ethdev behind 'netdev' is running again. */
static void
dpu_offload_port_started(struct netdev *netdev)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    if (port) {
        dpu_offload_ct_open(port->device, port->port.ethdev);
        dpu_offload_refill(port, SIZE_MAX);
        ovs_mutex_lock(&dpu_offload_mutex);
        dpu_offload_resume_policers(port);
        ovs_mutex_unlock(&dpu_offload_mutex);
    }
}

/* 'netdev' was given limits, or rid of them. */
static void
dpu_offload_port_limited(struct netdev *netdev)
{
    struct dpu_offload_port *port = dpu_offload_port_find(netdev);

    if (port) {
        dpu_policer_update(port);
    }
}

void
dpu_offload_port_init(void)
{
    netdev_dpu_set_offload_status(dpu_offload_port_status);
    netdev_dpu_set_vanished(dpu_offload_port_vanished);
    netdev_dpu_set_limited(dpu_offload_port_limited);
    netdev_dpu_set_policer_drops(dpu_policer_drops);
    netdev_dpu_set_restart(dpu_offload_port_stopping,
                           dpu_offload_port_started);
}
