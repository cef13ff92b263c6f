/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-device.h"

#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include "openvswitch/list.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "util.h"

struct dpu_device {
    struct ovs_list node;       /* In 'devices', under 'mutex'. */
    unsigned int refs;          /* Under 'mutex'. */
    char *name;
    char *driver;
    uint16_t domain;
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct ovs_list devices OVS_GUARDED_BY(mutex)
    = OVS_LIST_INITIALIZER(&devices);

/* Whether 'device' is the one that has 'domain', or, without domains, the one
 * that is called 'name'. */
static bool
device_is(const struct dpu_device *device, uint16_t domain, const char *name)
{
    return (domain != RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID
            ? device->domain == domain
            : (device->domain == RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID
               && !strcmp(device->name, name)));
}

struct dpu_device *
dpu_device_get(uint16_t port_id)
{
    struct rte_eth_dev_info info;
    struct dpu_device *device;
    uint16_t domain;

    if (!rte_eth_dev_is_valid_port(port_id)
        || rte_eth_dev_info_get(port_id, &info)) {
        return NULL;
    }
    domain = info.switch_info.domain_id;

    ovs_mutex_lock(&mutex);
    LIST_FOR_EACH (device, node, &devices) {
        if (device_is(device, domain, rte_dev_name(info.device))) {
            device->refs++;
            goto out;
        }
    }
    device = xmalloc(sizeof *device);
    *device = (struct dpu_device) {
        .refs = 1,
        .name = xstrdup(rte_dev_name(info.device)),
        .driver = xstrdup(info.driver_name ? info.driver_name : "unknown"),
        .domain = domain,
    };
    ovs_list_push_back(&devices, &device->node);

out:
    ovs_mutex_unlock(&mutex);
    return device;
}

struct dpu_device *
dpu_device_ref(const struct dpu_device *device_)
{
    struct dpu_device *device = CONST_CAST(struct dpu_device *, device_);

    if (device) {
        ovs_mutex_lock(&mutex);
        device->refs++;
        ovs_mutex_unlock(&mutex);
    }
    return device;
}

void
dpu_device_unref(struct dpu_device *device)
{
    bool last = false;

    if (device) {
        ovs_mutex_lock(&mutex);
        last = !--device->refs;
        if (last) {
            ovs_list_remove(&device->node);
        }
        ovs_mutex_unlock(&mutex);
    }
    if (last) {
        free(device->name);
        free(device->driver);
        free(device);
    }
}

const char *
dpu_device_name(const struct dpu_device *device)
{
    return device->name;
}

const char *
dpu_device_driver(const struct dpu_device *device)
{
    return device->driver;
}

uint16_t
dpu_device_domain(const struct dpu_device *device)
{
    return device->domain;
}

uint16_t
dpu_device_transfer_proxy(const struct dpu_device *device OVS_UNUSED,
                          uint16_t port_id)
{
    struct rte_flow_error error;
    uint16_t proxy;

    /* Drivers whose ports are all privileged have no such function, and those
     * without rte_flow refuse. */
    return (rte_flow_pick_transfer_proxy(port_id, &proxy, &error)
            ? port_id : proxy);
}
