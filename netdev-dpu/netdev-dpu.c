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
 * Thread-safety: as the netdev provider interface wants it.  'dpu_mutex'
 * protects the table; the members of a netdev_dpu say what protects them.
 * DPDK's interrupt thread, which is none of Open vSwitch's and must not
 * use RCU, enters through ethdev_event_cb() alone. */

#include <config.h>

#include "netdev-dpu/netdev-dpu.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "hash.h"
#include "if-notifier.h"
#include "lib/dpu-switchdev.h"
#include "netdev-dpdk.h"
#include "netdev-dpu/dpu-config.h"
#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/dpu-port.h"
#include "netdev-dpu/dpu-probe.h"
#include "netdev-dpu/dpu-vport.h"
#include "netdev-offload-provider.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "openvswitch/hmap.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "smap.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_dpu);

struct netdev_dpu {
    struct hmap_node node;      /* In 'netdevs', by hash_pointer(netdev). */
    struct netdev *netdev;      /* Lives longer than this. */

    /* Main thread only, but for ->dealloc. */
    struct dpu_probe *probe;    /* NULL until configured. */
    char *devargs;              /* That the parent has. */
    struct smap options;        /* That are in effect. */
    const struct netdev_flow_api *flow_api;     /* Last seen. */
    bool flow_api_enabled;                      /* Last seen. */
    bool told;                  /* That it vanished. */

    /* Under 'dpu_mutex'. */
    uint16_t ethdev;            /* RTE_MAX_ETHPORTS until configured. */
    bool vanished;
    struct netdev_dpu_limits limits;
    char *config_error;         /* Of options that were not taken, or NULL. */

    struct ovs_mutex mutex;     /* For the following. */
    char *function;             /* "pf0vf3", "p0", or NULL if unknown. */
    bool representor;
    struct dpu_vport vport;
    struct netdev_stats stats;  /* Last read. */
};

static struct ovs_mutex dpu_mutex = OVS_MUTEX_INITIALIZER;
static struct hmap netdevs OVS_GUARDED_BY(dpu_mutex)
    = HMAP_INITIALIZER(&netdevs);

/* The class that ours derives from, and ours. */
static const struct netdev_class *parent;
static struct netdev_class dpu_class;

/* Ports whose last attempt to configure them failed, and the time, in ms, at
 * which to have the bridge configure all ports once more, because one of them
 * succeeded then: if the bridge clears the column "error" before the database
 * confirmed what it wrote there before, it remains as it was.  Main thread
 * only. */
#define CONFIRM_MS 500
static struct sset failed_ports = SSET_INITIALIZER(&failed_ports);
static long long int confirm_at = LLONG_MAX;

static const char *(*offload_status_cb)(const struct netdev *);
static void (*vanished_cb)(struct netdev *);
static void (*limited_cb)(struct netdev *);
static void (*stopping_cb)(struct netdev *);
static void (*started_cb)(struct netdev *);

/* -- The table ----------------------------------------------------------- */

static struct netdev_dpu *
netdev_dpu_lookup(const struct netdev *netdev)
    OVS_REQUIRES(dpu_mutex)
{
    struct netdev_dpu *dev;

    HMAP_FOR_EACH_WITH_HASH (dev, node, hash_pointer(netdev, 0), &netdevs) {
        if (dev->netdev == netdev) {
            return dev;
        }
    }
    return NULL;
}

/* The state of 'netdev' is there while the caller holds 'netdev'. */
static struct netdev_dpu *
netdev_dpu_cast(const struct netdev *netdev)
{
    struct netdev_dpu *dev;

    ovs_mutex_lock(&dpu_mutex);
    dev = netdev_dpu_lookup(netdev);
    ovs_mutex_unlock(&dpu_mutex);
    ovs_assert(dev);
    return dev;
}

static bool
netdev_dpu_is_vanished(const struct netdev_dpu *dev)
{
    bool vanished;

    ovs_mutex_lock(&dpu_mutex);
    vanished = dev->vanished;
    ovs_mutex_unlock(&dpu_mutex);
    return vanished;
}

static int
netdev_dpu_construct(struct netdev *netdev)
{
    struct netdev_dpu *dev;
    int error;

    error = parent->construct(netdev);
    if (error) {
        return error;
    }
    dev = xzalloc(sizeof *dev);
    dev->netdev = netdev;
    dev->ethdev = RTE_MAX_ETHPORTS;
    smap_init(&dev->options);
    ovs_mutex_init(&dev->mutex);
    ovs_mutex_lock(&dpu_mutex);
    hmap_insert(&netdevs, &dev->node, hash_pointer(netdev, 0));
    ovs_mutex_unlock(&dpu_mutex);
    return 0;
}

static void
netdev_dpu_dealloc(struct netdev *netdev)
{
    struct netdev_dpu *dev;

    ovs_mutex_lock(&dpu_mutex);
    dev = netdev_dpu_lookup(netdev);
    if (dev) {
        hmap_remove(&netdevs, &dev->node);
    }
    ovs_mutex_unlock(&dpu_mutex);

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
    parent->dealloc(netdev);
}

/* -- Configuration ------------------------------------------------------- */

/* Whether 'ethdev' has 'flag', one of RTE_ETH_DEV_*. */
static bool
ethdev_has_flag(uint16_t ethdev, uint32_t flag)
{
    struct rte_eth_dev_info info;

    return (!rte_eth_dev_info_get(ethdev, &info)
            && *info.dev_flags & flag);
}

static bool
ethdev_is_representor(uint16_t ethdev)
{
    return ethdev_has_flag(ethdev, RTE_ETH_DEV_REPRESENTOR);
}

/* Has the parent take 'options', with 'devargs', which is 'ethdev', in place
 * of what names the port. */
static int
parent_set_config(struct netdev *netdev, const struct smap *options,
                  uint16_t ethdev, const char *devargs, char **errp)
{
    struct smap args;
    int error;

    smap_clone(&args, options);
    smap_remove(&args, "device");
    smap_remove(&args, "representor");
    smap_remove(&args, "netdev");
    smap_replace(&args, "dpdk-devargs", devargs);
    if (!smap_get(&args, "dpdk-lsc-interrupt")
        && ethdev_has_flag(ethdev, RTE_ETH_DEV_INTR_LSC)) {
        /* Without, it takes the parent seconds to see that a link changed. */
        smap_add(&args, "dpdk-lsc-interrupt", "true");
    }
    error = parent->set_config(netdev, &args, errp);
    smap_destroy(&args);
    return error;
}

/* The name of the function behind a port of 'device', or NULL if that is not
 * known: a device without an embedded switch has none. */
static char *
function_name(const struct dpu_config *config,
              const struct dpu_device *device)
{
    struct dpu_representor rep = {
        .function = DPU_FUNCTION_UPLINK,
        .controller = DPU_REPRESENTOR_OWN,
        .pf = DPU_REPRESENTOR_OWN,
    };
    char name[DPU_REPRESENTOR_STRLEN];

    if (config->has_representor) {
        rep = config->representor;
    } else if (config->mac || (dpu_device_domain(device)
                               == RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID)) {
        return NULL;
    }
    dpu_representor_format(&rep, dpu_config_own_pf(config), name);
    return xstrdup(name);
}

/* Takes possession of 'ethdev', to which the parent agreed. */
static void
take_ethdev(struct netdev_dpu *dev, const struct dpu_config *config,
            uint16_t ethdev)
{
    struct dpu_port port = {
        .device = dpu_device_get(ethdev),
        .ethdev = ethdev,
        .representor = ethdev_is_representor(ethdev),
    };

    ovs_mutex_lock(&dev->mutex);
    dev->representor = port.representor;
    dev->function = port.device ? function_name(config, port.device) : NULL;
    dpu_vport_init(&dev->vport, ethdev, port.representor);
    ovs_mutex_unlock(&dev->mutex);

    ovs_mutex_lock(&dpu_mutex);
    dev->ethdev = ethdev;
    ovs_mutex_unlock(&dpu_mutex);

    if (port.device) {
        dpu_port_publish(dev->netdev, &port);
    }
}

/* Puts the resolved 'config', which 'options' say, into effect.  Returns 0; or
 * a positive errno with, unless it is EAGAIN, a sentence in '*error': nothing
 * has changed then. */
static int
apply_config(struct netdev_dpu *dev, const struct smap *options,
             const struct dpu_config *config, char **error)
{
    struct dpu_probe *probe;
    uint16_t ethdev;
    char *devargs;
    int retval;

    retval = dpu_probe_get(config, netdev_get_name(dev->netdev), &probe,
                           &ethdev, &devargs, error);
    if (retval) {
        return retval;
    }
    if (config->vf_mac && !ethdev_is_representor(ethdev)) {
        *error = xasprintf("options:dpdk-vf-mac is for representors, and %s "
                           "is none", devargs);
        retval = EINVAL;
        goto out;
    }
    if (dev->probe && ethdev != dev->ethdev) {
        /* The new port is there: let the bridge open it instead of this one.
         * The device that is given back here stays until then. */
        VLOG_INFO("%s: moves from %s to %s", netdev_get_name(dev->netdev),
                  dev->devargs, devargs);
        retval = EAGAIN;
        goto out;
    }

    retval = parent_set_config(dev->netdev, options, ethdev,
                               dev->probe ? dev->devargs : devargs, error);
    if (retval) {
        goto out;
    }
    if (!dev->probe) {
        dev->devargs = devargs;
        devargs = NULL;
        take_ethdev(dev, config, ethdev);
    }
    /* Keep the new claim, which has the new arguments. */
    dpu_probe_put(dev->probe);
    dev->probe = probe;
    probe = NULL;
    smap_destroy(&dev->options);
    smap_clone(&dev->options, options);

out:
    dpu_probe_put(probe);
    free(devargs);
    return retval;
}

/* Stores 'error', which may be NULL, as what is wrong with the options that
 * 'dev' did not take.  Takes ownership. */
static void
keep_config(struct netdev_dpu *dev, char *error)
{
    ovs_mutex_lock(&dpu_mutex);
    if (error && !nullable_string_is_equal(error, dev->config_error)) {
        VLOG_WARN("%s: keeps its present configuration: %s",
                  netdev_get_name(dev->netdev), error);
    }
    free(dev->config_error);
    dev->config_error = error;
    ovs_mutex_unlock(&dpu_mutex);
}

/* Puts 'options' into effect, as apply_config(). */
static int
apply_options(struct netdev_dpu *dev, const struct smap *options,
              char **error)
{
    struct dpu_config config;
    int retval;

    if (dev->probe) {
        /* The bridge configures every port whenever anything changes. */
        if (dpu_probe_is_stale(dev->probe)) {
            return EAGAIN;
        } else if (smap_equal(options, &dev->options)) {
            return 0;
        }
    }
    *error = dpu_config_parse(options, netdev_get_name(dev->netdev), &config);
    if (*error) {
        return EINVAL;
    }
    *error = dpu_config_resolve(&config, DPU_SYSFS);
    retval = (*error ? ENODEV
              : apply_config(dev, options, &config, error));
    dpu_config_destroy(&config);
    return retval;
}

static int
netdev_dpu_set_config(struct netdev *netdev, const struct smap *options,
                      char **errp)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    char *error = NULL;
    int retval = apply_options(dev, options, &error);

    if (retval && retval != EAGAIN && dev->probe
        && !netdev_dpu_is_vanished(dev)) {
        keep_config(dev, error ? error : xstrdup(ovs_strerror(retval)));
        return 0;
    }
    if (!retval) {
        free(error);
        error = NULL;
        if (sset_find_and_delete(&failed_ports, netdev_get_name(netdev))) {
            confirm_at = time_msec() + CONFIRM_MS;
        }
    } else if (!error && retval != EAGAIN) {
        error = xstrdup(ovs_strerror(retval));
    }
    keep_config(dev, NULL);
    if (error) {
        sset_add(&failed_ports, netdev_get_name(netdev));
        VLOG(retval == EAGAIN ? VLL_INFO : VLL_WARN, "%s: %s",
             netdev_get_name(netdev), error);
    }
    if (errp) {
        *errp = error;
    } else {
        free(error);
    }
    return retval;
}

static int
netdev_dpu_get_config(const struct netdev *netdev, struct smap *args)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    struct dpu_port port;
    int error;

    error = parent->get_config(netdev, args);
    if (!error && dpu_port_from_netdev(netdev, &port)) {
        smap_add(args, "device", dpu_device_name(port.device));
        ovs_mutex_lock(&dev->mutex);
        if (dev->function) {
            smap_add(args, "representor", dev->function);
        }
        ovs_mutex_unlock(&dev->mutex);
    }
    return error;
}

/* The largest MTU that 'ethdev' takes.  Not every driver says so; some only
 * tell the longest frame, with a header and a CRC around the MTU. */
static int
ethdev_max_mtu(uint16_t ethdev)
{
    struct rte_eth_dev_info info;
    int max = INT_MAX;

    if (rte_eth_dev_is_valid_port(ethdev)
        && !rte_eth_dev_info_get(ethdev, &info)) {
        if (info.max_mtu != UINT16_MAX) {
            max = info.max_mtu;
        }
        if (info.max_rx_pktlen > RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN
            && info.max_rx_pktlen != UINT32_MAX) {
            max = MIN(max, (int) info.max_rx_pktlen - RTE_ETHER_HDR_LEN
                      - RTE_ETHER_CRC_LEN);
        }
    }
    return max;
}

/* The parent takes an MTU that the device will refuse, after which the port
 * cannot be configured and is lost. */
static int
netdev_dpu_set_mtu(struct netdev *netdev, int mtu)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int max = ethdev_max_mtu(dev->ethdev);

    if (mtu > max) {
        VLOG_WARN("%s: MTU %d is too large, the device takes up to %d",
                  netdev_get_name(netdev), mtu, max);
        return EINVAL;
    }
    return parent->set_mtu(netdev, mtu);
}

static int
netdev_dpu_reconfigure(struct netdev *netdev)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int error;

    if (stopping_cb) {
        stopping_cb(netdev);
    }
    error = parent->reconfigure(netdev);
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

char *
netdev_dpu_get_config_error(const char *name)
{
    struct netdev_dpu *dev;
    char *error = NULL;

    ovs_mutex_lock(&dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdevs) {
        if (dev->config_error && !strcmp(netdev_get_name(dev->netdev), name)) {
            error = xstrdup(dev->config_error);
            break;
        }
    }
    ovs_mutex_unlock(&dpu_mutex);
    return error;
}

/* -- Limits -------------------------------------------------------------- */

void
netdev_dpu_get_limits(const struct netdev *netdev,
                      struct netdev_dpu_limits *limits)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);

    ovs_mutex_lock(&dpu_mutex);
    *limits = dev->limits;
    ovs_mutex_unlock(&dpu_mutex);
}

static void
set_limits(struct netdev *netdev, struct netdev_dpu_limits limits)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    bool changed;

    ovs_mutex_lock(&dpu_mutex);
    changed = (dev->limits.policed != limits.policed
               || dev->limits.shaped != limits.shaped);
    dev->limits = limits;
    ovs_mutex_unlock(&dpu_mutex);

    if (changed) {
        netdev_change_seq_changed(netdev);
        if (limited_cb) {
            limited_cb(netdev);
        }
    }
}

static int
netdev_dpu_set_policing(struct netdev *netdev, uint32_t kbits_rate,
                        uint32_t kbits_burst, uint32_t kpkts_rate,
                        uint32_t kpkts_burst)
{
    struct netdev_dpu_limits limits;
    int error = parent->set_policing(netdev, kbits_rate, kbits_burst,
                                     kpkts_rate, kpkts_burst);

    if (!error) {
        netdev_dpu_get_limits(netdev, &limits);
        limits.policed = kbits_rate != 0;
        set_limits(netdev, limits);
    }
    return error;
}

static int
netdev_dpu_set_qos(struct netdev *netdev, const char *type,
                   const struct smap *details)
{
    struct netdev_dpu_limits limits;
    int error = parent->set_qos(netdev, type, details);

    /* After an error there is none. */
    netdev_dpu_get_limits(netdev, &limits);
    limits.shaped = !error && type[0];
    set_limits(netdev, limits);
    return error;
}

/* -- Statistics ---------------------------------------------------------- */

/* Replaces what passed through the queues by what passed through the port of
 * the embedded switch, if the device counts that. */
static void
put_vport_stats(const struct dpu_vport *vport, struct netdev_stats *stats)
{
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, tx_dropped;

    if (dpu_vport_read(vport, DPU_VPORT_RX_PACKETS, &rx_packets)
        && dpu_vport_read(vport, DPU_VPORT_RX_BYTES, &rx_bytes)
        && dpu_vport_read(vport, DPU_VPORT_TX_PACKETS, &tx_packets)
        && dpu_vport_read(vport, DPU_VPORT_TX_BYTES, &tx_bytes)) {
        stats->rx_packets = rx_packets;
        stats->rx_bytes = rx_bytes;
        stats->tx_packets = tx_packets;
        stats->tx_bytes = tx_bytes;
    }
    /* What a rule drops is, as in software, not the port's business; what the
     * function does not take is. */
    if (dpu_vport_read(vport, DPU_VPORT_TX_DROPPED, &tx_dropped)) {
        stats->tx_dropped += tx_dropped;
    }
}

static int
netdev_dpu_get_stats(const struct netdev *netdev, struct netdev_stats *stats)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    bool vanished = netdev_dpu_is_vanished(dev);
    int error = vanished ? 0 : parent->get_stats(netdev, stats);

    if (error) {
        return error;
    }
    ovs_mutex_lock(&dev->mutex);
    if (vanished) {
        *stats = dev->stats;
    } else {
        put_vport_stats(&dev->vport, stats);
        dev->stats = *stats;
    }
    ovs_mutex_unlock(&dev->mutex);
    return 0;
}

static void
put_custom(struct netdev_custom_stats *custom, const char *name,
           uint64_t value)
{
    struct netdev_custom_counter *counter;

    for (uint32_t i = 0; i < custom->size; i++) {
        if (!strcmp(custom->counters[i].name, name)) {
            return;
        }
    }
    custom->counters = xrealloc(custom->counters,
                                (custom->size + 1) * sizeof *counter);
    counter = &custom->counters[custom->size++];
    ovs_strlcpy(counter->name, name, sizeof counter->name);
    counter->value = value;
}

/* Appends how much of it all software handled, and how much hardware. */
static void
put_shares(const struct dpu_vport *vport, struct netdev_custom_stats *custom)
{
    uint64_t value[DPU_VPORT_N_COUNTERS];
    bool has[DPU_VPORT_N_COUNTERS];
    struct rte_eth_stats sw;

    if (rte_eth_stats_get(vport->ethdev, &sw)) {
        return;
    }
    for (int i = 0; i < DPU_VPORT_N_COUNTERS; i++) {
        has[i] = dpu_vport_read(vport, i, &value[i]);
    }
    if (!has[DPU_VPORT_HW_PACKETS] && has[DPU_VPORT_RX_PACKETS]) {
        /* What came in and did not come up. */
        value[DPU_VPORT_HW_PACKETS] = MAX(
            value[DPU_VPORT_RX_PACKETS], sw.ipackets + sw.imissed)
            - sw.ipackets - sw.imissed;
        value[DPU_VPORT_HW_BYTES] =
            MAX(value[DPU_VPORT_RX_BYTES], sw.ibytes) - sw.ibytes;
        has[DPU_VPORT_HW_PACKETS] = has[DPU_VPORT_HW_BYTES] = true;
    }

    put_custom(custom, "sw_rx_packets", sw.ipackets);
    put_custom(custom, "sw_rx_bytes", sw.ibytes);
    put_custom(custom, "sw_tx_packets", sw.opackets);
    put_custom(custom, "sw_tx_bytes", sw.obytes);
    for (int i = DPU_VPORT_RX_DROPPED; i < DPU_VPORT_N_COUNTERS; i++) {
        if (has[i]) {
            put_custom(custom, dpu_vport_counter_name(i), value[i]);
        }
    }
}

static int
netdev_dpu_get_custom_stats(const struct netdev *netdev,
                            struct netdev_custom_stats *custom)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int error;

    if (netdev_dpu_is_vanished(dev)) {
        custom->size = 0;
        custom->counters = NULL;
        return 0;
    }
    error = parent->get_custom_stats(netdev, custom);
    if (!error) {
        ovs_mutex_lock(&dev->mutex);
        put_shares(&dev->vport, custom);
        ovs_mutex_unlock(&dev->mutex);
    }
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
        int error = parent->get_status(netdev, args);

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
    return parent->get_carrier(netdev, carrier);
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

    ovs_mutex_lock(&dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdevs) {
        if (dev->ethdev == ethdev && !dev->vanished) {
            dev->vanished = vanishes;
            netdev_change_seq_changed(dev->netdev);
        }
    }
    ovs_mutex_unlock(&dpu_mutex);
    return 0;
}

static int
netdev_dpu_init(void)
{
    static const enum rte_eth_event_type events[] = {
        RTE_ETH_EVENT_INTR_RMV,
        RTE_ETH_EVENT_DESTROY,
        RTE_ETH_EVENT_INTR_LSC,
    };
    int error = parent->init();

    for (size_t i = 0; !error && i < ARRAY_SIZE(events); i++) {
        error = -rte_eth_dev_callback_register(RTE_ETH_ALL, events[i],
                                               ethdev_event_cb, NULL);
    }
    return error;
}

/* Whether follow() has something to do for 'dev'. */
static bool
needs_follow(const struct netdev_dpu *dev)
    OVS_REQUIRES(dpu_mutex)
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

    netdev_get_devices(parent, &ports);
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

    ovs_mutex_lock(&dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdevs) {
        changed = changed || needs_follow(dev);
    }
    ovs_mutex_unlock(&dpu_mutex);

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
    if (time_msec() >= confirm_at) {
        confirm_at = LLONG_MAX;
        if_notifier_manual_report();
    }
}

static void
netdev_dpu_wait(const struct netdev_class *class OVS_UNUSED)
{
    dpu_probe_wait();
    if (confirm_at != LLONG_MAX) {
        poll_timer_wait_until(confirm_at);
    }
}

/* -- Registration -------------------------------------------------------- */

void
netdev_dpu_register(const struct netdev_class *dpdk)
{
    parent = dpdk;
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
