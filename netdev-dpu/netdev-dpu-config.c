/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netdev-dpu-config: what a port of the class "dpu" is told to be.  See
 * netdev-dpu.c. */

#include <config.h>

#include "netdev-dpu/netdev-dpu-private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "if-notifier.h"
#include "lib/dpu-switchdev.h"
#include "netdev-dpu/dpu-config.h"
#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/dpu-port.h"
#include "netdev-dpu/dpu-probe.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(netdev_dpu_config);

/* Ports whose last attempt to configure them failed, and the time, in ms, at
 * which to have the bridge configure all ports once more, because one of them
 * succeeded then: if the bridge clears the column "error" before the database
 * confirmed what it wrote there before, it remains as it was.  Main thread
 * only. */
#define CONFIRM_MS 500
static struct sset failed_ports = SSET_INITIALIZER(&failed_ports);
static long long int confirm_at = LLONG_MAX;

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
    error = netdev_dpu_parent->set_config(netdev, &args, errp);
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

    ovs_mutex_lock(&netdev_dpu_mutex);
    dev->ethdev = ethdev;
    ovs_mutex_unlock(&netdev_dpu_mutex);

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
    ovs_mutex_lock(&netdev_dpu_mutex);
    if (error && !nullable_string_is_equal(error, dev->config_error)) {
        VLOG_WARN("%s: keeps its present configuration: %s",
                  netdev_get_name(dev->netdev), error);
    }
    free(dev->config_error);
    dev->config_error = error;
    ovs_mutex_unlock(&netdev_dpu_mutex);
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

int
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

int
netdev_dpu_get_config(const struct netdev *netdev, struct smap *args)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    struct dpu_port port;
    int error;

    error = netdev_dpu_parent->get_config(netdev, args);
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
int
netdev_dpu_set_mtu(struct netdev *netdev, int mtu)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int max = ethdev_max_mtu(dev->ethdev);

    if (mtu > max) {
        VLOG_WARN("%s: MTU %d is too large, the device takes up to %d",
                  netdev_get_name(netdev), mtu, max);
        return EINVAL;
    }
    return netdev_dpu_parent->set_mtu(netdev, mtu);
}

char *
netdev_dpu_get_config_error(const char *name)
{
    struct netdev_dpu *dev;
    char *error = NULL;

    ovs_mutex_lock(&netdev_dpu_mutex);
    HMAP_FOR_EACH (dev, node, &netdev_dpu_all) {
        if (dev->config_error && !strcmp(netdev_get_name(dev->netdev), name)) {
            error = xstrdup(dev->config_error);
            break;
        }
    }
    ovs_mutex_unlock(&netdev_dpu_mutex);
    return error;
}

void
netdev_dpu_config_run(void)
{
    if (time_msec() >= confirm_at) {
        confirm_at = LLONG_MAX;
        if_notifier_manual_report();
    }
}

void
netdev_dpu_config_wait(void)
{
    if (confirm_at != LLONG_MAX) {
        poll_timer_wait_until(confirm_at);
    }
}
