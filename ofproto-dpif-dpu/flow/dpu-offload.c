/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload.h"

#include <errno.h>

#include <rte_ethdev.h>

#include "dpif.h"
#include "fatal-signal.h"
#include "hash.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "timeval.h"
#include "util.h"

#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"
#include "ofproto-dpif-dpu/flow/dpu-origin.h"
#include "ofproto-dpif-dpu/flow/dpu-policer.h"
#include "ofproto-dpif-dpu/translate/dpu-match.h"

VLOG_DEFINE_THIS_MODULE(dpu_offload);

struct ovs_mutex dpu_offload_mutex = OVS_MUTEX_INITIALIZER;
struct ovs_list dpu_offload_devices
    = OVS_LIST_INITIALIZER(&dpu_offload_devices);

/* Of struct dpu_offload_port. */
static struct cmap dpu_offload_ports = CMAP_INITIALIZER;

/* The daemon is on its way out: nothing is offloaded any more. */
static atomic_bool dpu_offload_exiting = ATOMIC_VAR_INIT(false);

/* As in struct dpu_flow_table, of all devices. */
static uint64_t (*dpu_offload_software)(const void *asker);

bool
dpu_offload_is_exiting(void)
{
    bool exiting;

    atomic_read_relaxed(&dpu_offload_exiting, &exiting);
    return exiting;
}

/* Devices. */

/* Has 'device' track connections, if it can. */
static void
dpu_offload_ct_start(struct dpu_offload_device *device)
{
    static const struct dpu_chain_key keys[2] = {
        { .stage = DPU_CHAIN_CT }, { .stage = DPU_CHAIN_POST },
    };
    struct dpu_flow_table *flows = &device->flows;
    struct dpu_reason reason;

    if (flows->caps.ct
        && dpu_chain_get(&flows->chains, &keys[0], &device->ct_chains[0],
                         &reason)
        && dpu_chain_get(&flows->chains, &keys[1], &device->ct_chains[1],
                         &reason)) {
        device->ct = dpu_ct_device_create(
            device->insertion.connections, &device->insertion.ct_caps,
            dpu_chain_group(device->ct_chains[0]),
            dpu_chain_group(device->ct_chains[1]));
    }
}

/* Takes all connections off 'device'. */
static void
dpu_offload_ct_stop(struct dpu_offload_device *device)
{
    dpu_ct_device_destroy(device->ct);
    device->ct = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(device->ct_chains); i++) {
        dpu_chain_put(&device->flows.chains, device->ct_chains[i]);
        device->ct_chains[i] = NULL;
    }
}

/* Lets connections come to the device of 'port' through its ethdev. */
static void
dpu_offload_ct_open(struct dpu_offload_device *device, uint16_t ethdev)
{
    dpu_ct_device_open(device->ct, ethdev, device->flows.proxies[ethdev]);
}

static struct dpu_offload_device *
dpu_offload_device_create(const struct dpu_port *port)
{
    struct dpu_offload_device *device = xzalloc(sizeof *device);

    dpu_insertion_probe(dpu_device_transfer_proxy(port->device, port->ethdev),
                        port->ethdev, &device->insertion);
    device->device = dpu_device_ref(port->device);
    dpu_flow_table_init(&device->flows, device->insertion.megaflows,
                        &device->insertion.caps);
    device->flows.software = dpu_offload_software;
    ovs_list_init(&device->ports);
    ovs_rwlock_init(&device->ports_lock);
    VLOG_INFO("%s: device with driver %s %s", dpu_device_name(device->device),
              dpu_device_driver(device->device),
              (device->insertion.caps.transfer
               ? "is up" : "takes no rules"));
    return device;
}

static void
dpu_offload_device_free(struct dpu_offload_device *device)
{
    dpu_flow_table_destroy(&device->flows);
    ovs_rwlock_destroy(&device->ports_lock);
    dpu_device_unref(device->device);
    free(device);
}

/* Returns the device of 'port', creating it for its first port, or NULL if it
 * takes no rules for its embedded switch. */
static struct dpu_offload_device *
dpu_offload_device_get(const struct dpu_port *port)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        if (device->device == port->device) {
            return device;
        }
    }

    device = dpu_offload_device_create(port);
    if (!device->flows.caps.transfer) {
        dpu_offload_device_free(device);
        return NULL;
    }
    ovs_list_push_back(&dpu_offload_devices, &device->node);
    dpu_offload_ct_start(device);
    return device;
}

/* Frees 'device' if it has no port any more. */
static void
dpu_offload_device_put(struct dpu_offload_device *device)
    OVS_REQUIRES(dpu_offload_mutex)
{
    if (ovs_list_is_empty(&device->ports)) {
        ovs_list_remove(&device->node);
        dpu_offload_ct_stop(device);
        VLOG_INFO("%s: device has no port any more",
                  dpu_device_name(device->device));
        ovsrcu_postpone(dpu_offload_device_free, device);
    }
}

/* Ports. */

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

/* There may be room on the device of 'port' for megaflows that wait: lets up
 * to 'n' of them have it. */
static void
dpu_offload_refill(struct dpu_offload_port *port, size_t n)
{
    struct dpu_offload_map map;

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

void
dpu_offload_audit(struct dpu_offload_device *device, struct dpu_audit *audit)
{
    const struct dpu_audit before = *audit;
    struct dpu_offload_port *port;

    ovs_rwlock_rdlock(&device->ports_lock);
    if (!dpu_offload_is_exiting()) {
        /* First, so that no packet is sent to a group that has nothing. */
        dpu_chain_audit(&device->flows.chains, audit);
        LIST_FOR_EACH (port, node, &device->ports) {
            struct dpu_offload_map map;

            dpu_offload_map_init(&map, port);
            if (!port->leaving) {
                dpu_flow_audit(&device->flows, port->port.ethdev, &map.up,
                               audit);
            }
        }
        dpu_ct_device_audit(device->ct, audit);
    }
    ovs_rwlock_unlock(&device->ports_lock);
    device->audited.n_restored += audit->n_restored - before.n_restored;
    device->audited.n_lost += audit->n_lost - before.n_lost;
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

/* Forgets the megaflows of the tunnel port 'netdev'. */
static void
dpu_offload_tunnel_remove(struct netdev *netdev)
{
    ovs_u128 ufid;

    while (dpu_origin_any(netdev, &ufid)) {
        dpu_offload_flow_del(netdev, &ufid, NULL);
        dpu_origin_clear(netdev, &ufid);
    }
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

/* Flows. */

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
    bool tunnel = dpu_offload_is_tunnel(netdev);
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
    dpu_origin_clear(netdev, ufid);
    dpu_offload_refill(port, 1);
    dpu_flow_abandon(&port->device->flows);
    return error;
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

void
dpu_offload_review_meter(uint32_t id)
{
    struct dpu_offload_device *device;

    ovs_mutex_lock(&dpu_offload_mutex);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        struct dpu_offload_map map;

        /* Who is about to put a rule with the former meter comes to an end
         * first. */
        ovs_rwlock_wrlock(&device->ports_lock);
        ovs_rwlock_unlock(&device->ports_lock);
        ovs_rwlock_rdlock(&device->ports_lock);
        dpu_offload_map_init(&map, CONTAINER_OF(ovs_list_front(&device->ports),
                                                struct dpu_offload_port,
                                                node));
        if (!dpu_offload_is_exiting()) {
            dpu_flow_review_meter(&device->flows, id, &map.up);
        }
        ovs_rwlock_unlock(&device->ports_lock);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
}

void
dpu_offload_rank(void)
{
    struct dpu_offload_device *device;

    /* Who changes ports may wait for this thread. */
    if (ovs_mutex_trylock(&dpu_offload_mutex)) {
        return;
    }
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        struct dpu_offload_map map;

        if (ovs_rwlock_tryrdlock(&device->ports_lock)) {
            continue;
        }
        if (!dpu_offload_is_exiting()) {
            dpu_offload_map_init(&map,
                                 CONTAINER_OF(ovs_list_front(&device->ports),
                                              struct dpu_offload_port, node));
            dpu_flow_rank(&device->flows, &map.up, time_msec());
        }
        ovs_rwlock_unlock(&device->ports_lock);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
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
    netdev_dpu_set_offload_status(dpu_offload_port_status);
    netdev_dpu_set_vanished(dpu_offload_port_vanished);
    netdev_dpu_set_limited(dpu_offload_port_limited);
    netdev_dpu_set_policer_drops(dpu_policer_drops);
    netdev_dpu_set_restart(dpu_offload_port_stopping,
                           dpu_offload_port_started);
    fatal_signal_add_hook(dpu_offload_exit, NULL, NULL, true);
}
