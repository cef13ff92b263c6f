/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-port.h"

#include <stdlib.h>

#include "cmap.h"
#include "hash.h"
#include "netdev-dpu/dpu-device.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "util.h"

struct entry {
    struct cmap_node node;      /* In 'ports', by hash_pointer(netdev). */
    const struct netdev *netdev;
    struct dpu_port port;
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;

/* Written under 'mutex', read under RCU. */
static struct cmap ports = CMAP_INITIALIZER;

static struct entry *
entry_lookup(const struct netdev *netdev)
{
    struct entry *entry;

    CMAP_FOR_EACH_WITH_HASH (entry, node, hash_pointer(netdev, 0), &ports) {
        if (entry->netdev == netdev) {
            return entry;
        }
    }
    return NULL;
}

bool
dpu_port_from_netdev(const struct netdev *netdev, struct dpu_port *port)
{
    const struct entry *entry = entry_lookup(netdev);

    if (entry) {
        *port = entry->port;
    }
    return entry != NULL;
}

void
dpu_port_publish(const struct netdev *netdev, const struct dpu_port *port)
{
    struct entry *entry = xmalloc(sizeof *entry);

    entry->netdev = netdev;
    entry->port = *port;
    ovs_mutex_lock(&mutex);
    ovs_assert(!entry_lookup(netdev));
    cmap_insert(&ports, &entry->node, hash_pointer(netdev, 0));
    ovs_mutex_unlock(&mutex);
}

static void
entry_destroy(struct entry *entry)
{
    dpu_device_unref(entry->port.device);
    free(entry);
}

void
dpu_port_withdraw(const struct netdev *netdev)
{
    struct entry *entry;

    ovs_mutex_lock(&mutex);
    entry = entry_lookup(netdev);
    if (entry) {
        cmap_remove(&ports, &entry->node, hash_pointer(netdev, 0));
        ovsrcu_postpone(entry_destroy, entry);
    }
    ovs_mutex_unlock(&mutex);
}
