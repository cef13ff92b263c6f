/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

#include "netdev-dpu/dpu-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/flow/dpu-wake.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_offload_device);

/* Ripe megaflows that come to hardware at a time: new ones do not wait for
 * more. */
#define DPU_OFFLOAD_RIPE_MAX 64

struct ovs_mutex dpu_offload_mutex = OVS_MUTEX_INITIALIZER;
struct ovs_list dpu_offload_devices
    = OVS_LIST_INITIALIZER(&dpu_offload_devices);

/* As in struct dpu_flow_table, of all devices. */
uint64_t (*dpu_offload_software)(const void *asker);

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

void
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

struct dpu_offload_device *
dpu_offload_device_get(const struct dpu_port *port)
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

void
dpu_offload_device_put(struct dpu_offload_device *device)
{
    if (ovs_list_is_empty(&device->ports)) {
        ovs_list_remove(&device->node);
        dpu_offload_ct_stop(device);
        VLOG_INFO("%s: device has no port any more",
                  dpu_device_name(device->device));
        ovsrcu_postpone(dpu_offload_device_free, device);
    }
}

/* Some port of 'device', through which to look at all of them. */
static const struct dpu_offload_port *
dpu_offload_any_port(const struct dpu_offload_device *device)
{
    return CONTAINER_OF(ovs_list_front(&device->ports),
                        struct dpu_offload_port, node);
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
        dpu_offload_map_init(&map, dpu_offload_any_port(device));
        if (!dpu_offload_is_exiting()) {
            dpu_flow_review_meter(&device->flows, id, &map.up);
        }
        ovs_rwlock_unlock(&device->ports_lock);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
}

/* Does what megaflows of 'device' wait for. */
static void
dpu_offload_tend(struct dpu_offload_device *device)
{
    struct dpu_flow_table *flows = &device->flows;
    struct dpu_offload_map map;

    dpu_offload_map_init(&map, dpu_offload_any_port(device));
    for (int i = 0; i < DPU_OFFLOAD_RIPE_MAX && dpu_flow_any_ripe(flows);
         i++) {
        dpu_flow_put_ripe(flows, &map.up);
    }
    if (dpu_flow_any_ripe(flows)) {
        dpu_wake();
    }
    dpu_flow_rank(flows, &map.up, time_msec());
}

void
dpu_offload_idle(void)
{
    struct dpu_offload_device *device;

    /* Who changes ports may wait for this thread. */
    if (ovs_mutex_trylock(&dpu_offload_mutex)) {
        return;
    }
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        if (ovs_rwlock_tryrdlock(&device->ports_lock)) {
            continue;
        }
        if (!dpu_offload_is_exiting()) {
            dpu_offload_tend(device);
        }
        ovs_rwlock_unlock(&device->ports_lock);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
}
