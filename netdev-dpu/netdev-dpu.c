/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netdev-dpu: the network device class "dpu": a port of a DPU's embedded
 * switch, that is, a representor or an uplink.
 *
 * The class derives from Open vSwitch's own class "dpdk": it is a copy of
 * dpdk_class, which ovs-hooks.c sees when it is registered, with some members
 * overridden.  Queues, memory pools, MTU, QoS, policing, checksums, link state
 * and dpdk-vf-mac are netdev-dpdk.c's, with all the experience that is in it,
 * and moving over from "dpdk" is changing the type.
 *
 * What that takes:
 *
 *   - struct netdev_dpdk is private, allocated with DPDK's memory by ->alloc,
 *     and its size unknown here.  State of our own lives in a table keyed by
 *     the netdev, made in ->construct and freed in ->dealloc, which is called
 *     after ->destruct and also if ->construct failed.
 *
 *   - ->destruct is what netdev-dpdk.c knows its classes by
 *     (is_dpdk_class()).  It stays as it is, so that
 *     netdev_dpdk_get_port_id() and "ovs-appctl netdev-dpdk/..." work on
 *     our ports.  What we have to do at the end we do in ->dealloc.
 *
 *   - Whoever gives the parent devargs of a device that is not there has it
 *     probed, noted as "attached", and with the netdev the ethdev is closed.
 *     Representors of one device cannot live so: one port would take another
 *     one's device away, and a virtual device cannot be probed a second time.
 *     So dpu-probe.c does the probing, and the parent is handed devargs that
 *     DPDK finds an existing ethdev by.
 *
 *   - The bridge deletes a port of which ->set_config fails and creates it
 *     anew, also if the new options are bad.  Here the new options are tried
 *     first, while the port goes on.  If they are bad it stays as it is, and
 *     netdev_dpu_get_config_error() has what the column "error" shall say.
 *
 *   - The parent takes dpdk_mutex in most members, also in get_status.  It is
 *     never called with a lock of ours held.
 *
 * Thread-safety: as the netdev provider interface wants it.  netdev_dpu_mutex
 * protects the table; the members of a netdev_dpu say what protects them.
 * DPDK's interrupt thread, which is none of Open vSwitch's and must not
 * use RCU, enters through ethdev_event_cb() alone. */

#include <config.h>

#include "netdev-dpu/netdev-dpu-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "hash.h"
#include "netdev-dpdk.h"
#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/dpu-port.h"
#include "netdev-dpu/dpu-probe.h"
#include "netdev-dpu/dpu-vport.h"
#include "netdev-offload-provider.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_dpu);

struct ovs_mutex netdev_dpu_mutex = OVS_MUTEX_INITIALIZER;
struct hmap netdev_dpu_all = HMAP_INITIALIZER(&netdev_dpu_all);

const struct netdev_class *netdev_dpu_parent;
static struct netdev_class dpu_class;

static const char *(*offload_status_cb)(const struct netdev *);
static void (*vanished_cb)(struct netdev *);
static void (*limited_cb)(struct netdev *);
static uint64_t (*policer_drops_cb)(const struct netdev *);
static void (*stopping_cb)(struct netdev *);
static void (*started_cb)(struct netdev *);

/* -- The table ----------------------------------------------------------- */

static struct netdev_dpu *
netdev_dpu_lookup(const struct netdev *netdev)
    OVS_REQUIRES(netdev_dpu_mutex)
{
    struct netdev_dpu *dev;

    HMAP_FOR_EACH_WITH_HASH (dev, node, hash_pointer(netdev, 0),
                             &netdev_dpu_all) {
        if (dev->netdev == netdev) {
            return dev;
        }
    }
    return NULL;
}

struct netdev_dpu *
netdev_dpu_cast(const struct netdev *netdev)
{
    struct netdev_dpu *dev;

    ovs_mutex_lock(&netdev_dpu_mutex);
    dev = netdev_dpu_lookup(netdev);
    ovs_mutex_unlock(&netdev_dpu_mutex);
    ovs_assert(dev);
    return dev;
}

bool
netdev_dpu_is_vanished(const struct netdev_dpu *dev)
{
    bool vanished;

    ovs_mutex_lock(&netdev_dpu_mutex);
    vanished = dev->vanished;
    ovs_mutex_unlock(&netdev_dpu_mutex);
    return vanished;
}

static int
netdev_dpu_construct(struct netdev *netdev)
{
    struct netdev_dpu *dev;
    int error;

    error = netdev_dpu_parent->construct(netdev);
    if (error) {
        return error;
    }
    dev = xzalloc(sizeof *dev);
    dev->netdev = netdev;
    dev->ethdev = RTE_MAX_ETHPORTS;
    smap_init(&dev->options);
    ovs_mutex_init(&dev->mutex);
    ovs_mutex_lock(&netdev_dpu_mutex);
    hmap_insert(&netdev_dpu_all, &dev->node, hash_pointer(netdev, 0));
    ovs_mutex_unlock(&netdev_dpu_mutex);
    return 0;
}

static void
netdev_dpu_dealloc(struct netdev *netdev)
{
    struct netdev_dpu *dev;

    ovs_mutex_lock(&netdev_dpu_mutex);
    dev = netdev_dpu_lookup(netdev);
    if (dev) {
        hmap_remove(&netdev_dpu_all, &dev->node);
    }
    ovs_mutex_unlock(&netdev_dpu_mutex);

    if (dev) {
        dpu_port_withdraw(netdev);
        dpu_probe_put(dev->probe);
        ovs_mutex_destroy(&dev->mutex);
        smap_destroy(&dev->options);
        free(dev->devargs);
        free(dev->config_error);
        free(dev->function);
        free(dev);
    }
    netdev_dpu_parent->dealloc(netdev);
}

/* -- Limits -------------------------------------------------------------- */

void
netdev_dpu_get_limits(const struct netdev *netdev,
                      struct netdev_dpu_limits *limits)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);

    ovs_mutex_lock(&netdev_dpu_mutex);
    *limits = dev->limits;
    ovs_mutex_unlock(&netdev_dpu_mutex);
}

static void
set_limits(struct netdev *netdev, struct netdev_dpu_limits limits)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    bool changed;

    ovs_mutex_lock(&netdev_dpu_mutex);
    changed = (dev->limits.kbits_rate != limits.kbits_rate
               || dev->limits.kbits_burst != limits.kbits_burst
               || dev->limits.kpkts_rate != limits.kpkts_rate
               || dev->limits.kpkts_burst != limits.kpkts_burst
               || dev->limits.shaped != limits.shaped);
    dev->limits = limits;
    ovs_mutex_unlock(&netdev_dpu_mutex);

    if (changed) {
        netdev_change_seq_changed(netdev);
        if (limited_cb) {
            limited_cb(netdev);
        }
    }
}

/* Has the parent police what 'dev' receives, as its limits say, unless
 * hardware does. */
static int
police(const struct netdev_dpu *dev)
{
    struct netdev_dpu_limits limits;
    bool hardware;

    ovs_mutex_lock(&netdev_dpu_mutex);
    limits = dev->limits;
    hardware = dev->hw_policed;
    ovs_mutex_unlock(&netdev_dpu_mutex);

    return (hardware
            ? netdev_dpu_parent->set_policing(dev->netdev, 0, 0, 0, 0)
            : netdev_dpu_parent->set_policing(dev->netdev, limits.kbits_rate,
                                              limits.kbits_burst,
                                              limits.kpkts_rate,
                                              limits.kpkts_burst));
}

static int
netdev_dpu_set_policing(struct netdev *netdev, uint32_t kbits_rate,
                        uint32_t kbits_burst, uint32_t kpkts_rate,
                        uint32_t kpkts_burst)
{
    struct netdev_dpu_limits limits;

    netdev_dpu_get_limits(netdev, &limits);
    limits.kbits_rate = kbits_rate;
    limits.kbits_burst = kbits_burst;
    limits.kpkts_rate = kpkts_rate;
    limits.kpkts_burst = kpkts_burst;
    set_limits(netdev, limits);
    /* The bridge says the same again whenever anything changes. */
    return police(netdev_dpu_cast(netdev));
}

void
netdev_dpu_police(const struct netdev *netdev, bool hardware)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int error;

    ovs_mutex_lock(&netdev_dpu_mutex);
    dev->hw_policed = hardware;
    ovs_mutex_unlock(&netdev_dpu_mutex);

    error = police(dev);
    if (error) {
        VLOG_WARN("%s: ingress policing: %s", netdev_get_name(netdev),
                  ovs_strerror(error));
    }
}

static int
netdev_dpu_set_qos(struct netdev *netdev, const char *type,
                   const struct smap *details)
{
    struct netdev_dpu_limits limits;
    int error = netdev_dpu_parent->set_qos(netdev, type, details);

    /* After an error there is none. */
    netdev_dpu_get_limits(netdev, &limits);
    limits.shaped = !error && type[0];
    set_limits(netdev, limits);
    return error;
}

/* -- Status -------------------------------------------------------------- */

static const struct netdev_flow_api *
netdev_flow_api(const struct netdev *netdev)
{
    return ovsrcu_get(const struct netdev_flow_api *, &netdev->flow_api);
}

static const char *
offload_status(const struct netdev_dpu *dev)
{
    const struct netdev_flow_api *api = netdev_flow_api(dev->netdev);

    if (netdev_dpu_is_vanished(dev)) {
        return "device vanished";
    } else if (!netdev_is_flow_api_enabled()) {
        return "off: other_config:hw-offload is not true";
    } else if (api && strcmp(api->type, NETDEV_DPU_FLOW_API)) {
        return "wrong flow API";
    } else if (offload_status_cb) {
        return offload_status_cb(dev->netdev);
    } else {
        return api ? "ready" : "no flow API";
    }
}

const char *
netdev_dpu_get_offload_status(const struct netdev *netdev)
{
    return offload_status(netdev_dpu_cast(netdev));
}

static int
netdev_dpu_get_status(const struct netdev *netdev, struct smap *args)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    struct dpu_port port;

    if (!netdev_dpu_is_vanished(dev)) {
        int error = netdev_dpu_parent->get_status(netdev, args);

        if (error) {
            return error;
        }
    }
    if (!dpu_port_from_netdev(netdev, &port)) {
        return 0;
    }
    smap_add(args, "device", dpu_device_name(port.device));
    smap_add(args, "driver", dpu_device_driver(port.device));
    if (dpu_device_domain(port.device)
        != RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID) {
        smap_add_format(args, "switch_domain", "%"PRIu16,
                        dpu_device_domain(port.device));
    }
    ovs_mutex_lock(&dev->mutex);
    if (dev->function) {
        smap_add(args, "representor", dev->function);
    }
    ovs_mutex_unlock(&dev->mutex);
    smap_add(args, "offload", offload_status(dev));
    return 0;
}

static int
netdev_dpu_get_carrier(const struct netdev *netdev, bool *carrier)
{
    if (netdev_dpu_is_vanished(netdev_dpu_cast(netdev))) {
        *carrier = false;
        return 0;
    }
    return netdev_dpu_parent->get_carrier(netdev, carrier);
}

/* -- Events -------------------------------------------------------------- */

/* Called by DPDK, from its interrupt thread, or from that which removes the
 * ethdev. */
static int
ethdev_event_cb(uint16_t ethdev, enum rte_eth_event_type type,
                void *arg OVS_UNUSED, void *ret OVS_UNUSED)
{
    /* The parent looks at the link every few seconds, and when it is asked:
     * the bridge asks now. */
    bool vanishes = type != RTE_ETH_EVENT_INTR_LSC;
    struct netdev_dpu *dev;

    ovs_mutex_lock(&netdev_dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdev_dpu_all) {
        if (dev->ethdev == ethdev && !dev->vanished) {
            dev->vanished = vanishes;
            netdev_change_seq_changed(dev->netdev);
        }
    }
    ovs_mutex_unlock(&netdev_dpu_mutex);
    return 0;
}

static __thread bool reconfiguring;

bool
netdev_dpu_is_reconfiguring(void)
{
    return reconfiguring;
}

static int
netdev_dpu_reconfigure(struct netdev *netdev)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int error;

    if (stopping_cb) {
        stopping_cb(netdev);
    }
    reconfiguring = true;
    error = netdev_dpu_parent->reconfigure(netdev);
    reconfiguring = false;
    if (!error) {
        if (dev->probe) {
            dpu_probe_use(dev->probe);
        }
        /* The extended statistics may have moved with the number of
         * queues. */
        ovs_mutex_lock(&dev->mutex);
        dpu_vport_init(&dev->vport, dev->ethdev, dev->representor);
        ovs_mutex_unlock(&dev->mutex);
        if (started_cb) {
            started_cb(netdev);
        }
    }
    return error;
}

static int
netdev_dpu_init(void)
{
    static const enum rte_eth_event_type events[] = {
        RTE_ETH_EVENT_INTR_RMV,
        RTE_ETH_EVENT_DESTROY,
        RTE_ETH_EVENT_INTR_LSC,
    };
    int error = netdev_dpu_parent->init();

    for (size_t i = 0; !error && i < ARRAY_SIZE(events); i++) {
        error = -rte_eth_dev_callback_register(RTE_ETH_ALL, events[i],
                                               ethdev_event_cb, NULL);
    }
    return error;
}

/* Whether follow() has something to do for 'dev'. */
static bool
needs_follow(const struct netdev_dpu *dev)
    OVS_REQUIRES(netdev_dpu_mutex)
{
    return (netdev_flow_api(dev->netdev) != dev->flow_api
            || netdev_is_flow_api_enabled() != dev->flow_api_enabled
            || (dev->vanished && !dev->told));
}

/* Follows what 'dev' is not told: a flow API that comes and goes, and a device
 * that vanished. */
static void
follow(struct netdev_dpu *dev)
{
    const struct netdev_flow_api *api = netdev_flow_api(dev->netdev);
    bool enabled = netdev_is_flow_api_enabled();

    if (api != dev->flow_api || enabled != dev->flow_api_enabled) {
        dev->flow_api = api;
        dev->flow_api_enabled = enabled;
        netdev_change_seq_changed(dev->netdev);
        if (api && strcmp(api->type, NETDEV_DPU_FLOW_API)) {
            VLOG_ERR("%s: has flow API '%s' instead of '%s', it will not be "
                     "offloaded", netdev_get_name(dev->netdev), api->type,
                     NETDEV_DPU_FLOW_API);
        }
    }
    if (netdev_dpu_is_vanished(dev) && !dev->told) {
        dev->told = true;
        VLOG_WARN("%s: its device %s vanished", netdev_get_name(dev->netdev),
                  dev->devargs);
        if (dev->probe) {
            dpu_probe_vanish(dev->probe);
        }
        if (vanished_cb) {
            vanished_cb(dev->netdev);
        }
    }
}

/* Whether ethdev 'ethdev' belongs to a port of type "dpdk". */
static bool
parent_has_ethdev(uint16_t ethdev)
{
    struct shash ports = SHASH_INITIALIZER(&ports);
    struct shash_node *node;
    bool found = false;

    netdev_get_devices(netdev_dpu_parent, &ports);
    SHASH_FOR_EACH (node, &ports) {
        struct netdev *netdev = node->data;

        found = found || netdev_dpdk_get_port_id(netdev) == ethdev;
        netdev_close(netdev);
    }
    shash_destroy(&ports);
    return found;
}

static void
netdev_dpu_run(const struct netdev_class *class)
{
    struct shash ports = SHASH_INITIALIZER(&ports);
    struct netdev_dpu *dev;
    struct shash_node *node;
    bool changed = false;

    ovs_mutex_lock(&netdev_dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdev_dpu_all) {
        changed = changed || needs_follow(dev);
    }
    ovs_mutex_unlock(&netdev_dpu_mutex);

    if (changed) {
        netdev_get_devices(class, &ports);
    }
    SHASH_FOR_EACH (node, &ports) {
        struct netdev *netdev = node->data;

        follow(netdev_dpu_cast(netdev));
        netdev_close(netdev);
    }
    shash_destroy(&ports);
    dpu_probe_run(parent_has_ethdev);
    netdev_dpu_config_run();
}

static void
netdev_dpu_wait(const struct netdev_class *class OVS_UNUSED)
{
    dpu_probe_wait();
    netdev_dpu_config_wait();
}

/* -- Registration -------------------------------------------------------- */

void
netdev_dpu_register(const struct netdev_class *dpdk)
{
    netdev_dpu_parent = dpdk;
    dpu_class = *dpdk;
    dpu_class.type = NETDEV_DPU_TYPE;
    dpu_class.init = netdev_dpu_init;
    dpu_class.run = netdev_dpu_run;
    dpu_class.wait = netdev_dpu_wait;
    dpu_class.construct = netdev_dpu_construct;
    dpu_class.dealloc = netdev_dpu_dealloc;
    dpu_class.set_config = netdev_dpu_set_config;
    dpu_class.get_config = netdev_dpu_get_config;
    dpu_class.set_mtu = netdev_dpu_set_mtu;
    dpu_class.reconfigure = netdev_dpu_reconfigure;
    dpu_class.set_policing = netdev_dpu_set_policing;
    dpu_class.set_qos = netdev_dpu_set_qos;
    dpu_class.get_stats = netdev_dpu_get_stats;
    dpu_class.get_custom_stats = netdev_dpu_get_custom_stats;
    dpu_class.get_status = netdev_dpu_get_status;
    dpu_class.get_carrier = netdev_dpu_get_carrier;
    netdev_register_provider(&dpu_class);
}

void
netdev_dpu_get_ports(struct shash *ports)
{
    netdev_get_devices(&dpu_class, ports);
}

void
netdev_dpu_set_offload_status(const char *(*cb)(const struct netdev *))
{
    offload_status_cb = cb;
}

void
netdev_dpu_set_limited(void (*cb)(struct netdev *))
{
    limited_cb = cb;
}

void
netdev_dpu_set_policer_drops(uint64_t (*cb)(const struct netdev *))
{
    policer_drops_cb = cb;
}

uint64_t
netdev_dpu_policer_drops(const struct netdev *netdev)
{
    return policer_drops_cb ? policer_drops_cb(netdev) : 0;
}

void
netdev_dpu_set_restart(void (*stopping)(struct netdev *),
                       void (*started)(struct netdev *))
{
    stopping_cb = stopping;
    started_cb = started;
}

void
netdev_dpu_set_vanished(void (*cb)(struct netdev *))
{
    vanished_cb = cb;
}
