/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-ethdev.h"

#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_ethdev.h>

#include "netdev-dpu/dpu-config.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

const struct rte_device *
dpu_ethdev_device(uint16_t ethdev)
{
    struct rte_eth_dev_info info;

    return (!rte_eth_dev_is_valid_port(ethdev)
            || rte_eth_dev_info_get(ethdev, &info) ? NULL : info.device);
}

uint16_t
dpu_ethdev_find(const char *name)
{
    uint16_t ethdev;

    RTE_ETH_FOREACH_DEV (ethdev) {
        const struct rte_device *dev = dpu_ethdev_device(ethdev);

        if (dev && !strcmp(rte_dev_name(dev), name)) {
            return ethdev;
        }
    }
    return RTE_MAX_ETHPORTS;
}

static uint16_t
ethdev_by_mac(const char *mac)
{
    struct rte_ether_addr wanted, addr;
    uint16_t ethdev;

    if (!rte_ether_unformat_addr(mac, &wanted)) {
        RTE_ETH_FOREACH_DEV (ethdev) {
            if (!rte_eth_macaddr_get(ethdev, &addr)
                && rte_is_same_ether_addr(&addr, &wanted)) {
                return ethdev;
            }
        }
    }
    return RTE_MAX_ETHPORTS;
}

/* Returns the ethdev that 'devargs' matches, or RTE_MAX_ETHPORTS. */
static uint16_t
ethdev_by_devargs(const char *devargs)
{
    struct rte_dev_iterator iterator;
    uint16_t ethdev;

    RTE_ETH_FOREACH_MATCHING_DEV (ethdev, devargs, &iterator) {
        rte_eth_iterator_cleanup(&iterator);
        break;
    }
    return ethdev;
}

uint16_t
dpu_ethdev_lookup(const struct dpu_config *config, char **devargs)
{
    uint16_t ethdev = RTE_MAX_ETHPORTS;

    /* Drivers that know one PF alone want representors without it. */
    for (int without_pf = 0; without_pf < 2; without_pf++) {
        *devargs = dpu_config_to_devargs(config, without_pf);
        ethdev = (config->mac ? ethdev_by_mac(config->mac)
                  : ethdev_by_devargs(*devargs));
        if (rte_eth_dev_is_valid_port(ethdev)) {
            return ethdev;
        }
        free(*devargs);
    }
    *devargs = NULL;
    return RTE_MAX_ETHPORTS;
}

/* Appends the representors in range 'r'. */
static void
put_range(const struct rte_eth_representor_range *r, struct ds *s)
{
    struct dpu_representor rep = { .controller = DPU_REPRESENTOR_OWN,
                                   .pf = r->pf };
    char name[DPU_REPRESENTOR_STRLEN];

    switch (r->type) {
    case RTE_ETH_REPRESENTOR_PF:
        rep.function = DPU_FUNCTION_UPLINK;
        break;
    case RTE_ETH_REPRESENTOR_VF:
        rep.function = (r->vf > DPU_REPRESENTOR_MAX ? DPU_FUNCTION_HPF
                        : DPU_FUNCTION_VF);
        rep.number = r->vf;
        break;
    case RTE_ETH_REPRESENTOR_SF:
        rep.function = DPU_FUNCTION_SF;
        rep.number = r->sf;
        break;
    case RTE_ETH_REPRESENTOR_NONE:
    default:
        return;
    }
    dpu_representor_format(&rep, 0, name);
    ds_put_cstr(s, name);
    if (r->id_end > r->id_base) {
        rep.number += r->id_end - r->id_base;
        dpu_representor_format(&rep, 0, name);
        ds_put_format(s, " to %s", name);
    }
}

/* Appends the representors that the device of 'ethdev' says it has. */
static void
put_representors(uint16_t ethdev, struct ds *s)
{
    const char *separator = ": it has ";
    struct rte_eth_representor_info *info;
    int n;

    n = (rte_eth_dev_is_valid_port(ethdev)
         ? rte_eth_representor_info_get(ethdev, NULL) : 0);
    if (n <= 0) {
        return;
    }
    info = xzalloc(sizeof *info + n * sizeof info->ranges[0]);
    info->nb_ranges_alloc = n;
    if (rte_eth_representor_info_get(ethdev, info) > 0) {
        for (uint32_t i = 0; i < info->nb_ranges; i++) {
            /* The same functions may have a name for each controller. */
            if (info->ranges[i].controller == info->controller) {
                ds_put_cstr(s, separator);
                put_range(&info->ranges[i], s);
                separator = ", ";
            }
        }
    }
    free(info);
}

char *
dpu_ethdev_missing(const struct dpu_config *config, uint16_t sibling)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *devargs = dpu_config_to_devargs(config, false);

    if (config->mac) {
        ds_put_format(&s, "DPDK has no port with the Ethernet address %s",
                      config->mac);
    } else if (config->has_representor) {
        char name[DPU_REPRESENTOR_STRLEN];

        dpu_representor_format(&config->representor,
                               dpu_config_own_pf(config), name);
        ds_put_format(&s, "device %s has no %s", config->device, name);
        put_representors(sibling, &s);
    } else {
        ds_put_format(&s, "device %s has no port of its own: name a "
                      "representor", devargs);
    }
    free(devargs);
    return ds_steal_cstr(&s);
}
