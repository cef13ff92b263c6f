/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-offload-map: the ports of a datapath as translation sees them. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload.h"

#include "netdev-offload.h"
#include "netdev-provider.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

static atomic_uint64_t ports_version = ATOMIC_VAR_INIT(1);

uint64_t
dpu_offload_ports_version(void)
{
    uint64_t version;

    atomic_read_explicit(&ports_version, &version, memory_order_acquire);
    return version;
}

void
dpu_offload_ports_changed(void)
{
    uint64_t orig;

    atomic_add(&ports_version, 1, &orig);
}

/* Returns the netdev of 'odp_port', a reference that the caller closes, or
 * NULL. */
static struct netdev *
map_netdev(const struct dpu_port_map *map, odp_port_t odp_port)
{
    return netdev_ports_get(odp_port, CONTAINER_OF(
                                map, struct dpu_offload_map, up)->dpif_type);
}

/* Returns 'odp_port', of whatever device, or NULL if it is not one that was
 * readied for offload. */
static const struct dpu_offload_port *
map_port(const struct dpu_port_map *map, odp_port_t odp_port)
{
    struct netdev *netdev = map_netdev(map, odp_port);
    const struct dpu_offload_port *port = NULL;

    if (netdev) {
        port = dpu_offload_port_find(netdev);
        netdev_close(netdev);
    }
    return port;
}

/* Implements 'lookup' of struct dpu_port_map: a port is one of the device if
 * it was readied for offload, is not about to leave and has that device. */
static bool
map_lookup(const struct dpu_port_map *map_, odp_port_t odp_port,
           uint16_t *ethdev)
{
    const struct dpu_offload_map *map
        = CONTAINER_OF(map_, struct dpu_offload_map, up);
    const struct dpu_offload_port *port = map_port(map_, odp_port);

    if (!port || port->leaving || port->device != map->device) {
        return false;
    }
    *ethdev = port->port.ethdev;
    return true;
}

/* Implements 'software' of struct dpu_port_map: hardware would forward past
 * the policer and the scheduler, if they are software's.  Software polices no
 * packets per second. */
static const char *
map_software(const struct dpu_port_map *map, odp_port_t odp_port, bool output)
{
    const struct dpu_offload_port *port = map_port(map, odp_port);

    if (!port) {
        return NULL;
    } else if (output) {
        return port->limits.shaped ? "QoS" : NULL;
    } else {
        return (port->limits.kbits_rate && !port->policed
                ? "ingress policing" : NULL);
    }
}

/* Implements 'policed' of struct dpu_port_map. */
static bool
map_policed(const struct dpu_port_map *map, odp_port_t odp_port)
{
    const struct dpu_offload_port *port = map_port(map, odp_port);

    return port && port->policed;
}

/* Implements 'tunnel' of struct dpu_port_map. */
static const char *
map_tunnel(const struct dpu_port_map *map, odp_port_t odp_port)
{
    struct netdev *netdev = map_netdev(map, odp_port);
    const char *type = NULL;

    if (netdev) {
        type = dpu_offload_is_tunnel(netdev) ? netdev_get_type(netdev) : NULL;
        netdev_close(netdev);
    }
    return type;
}

/* Implements 'name' of struct dpu_port_map, for ports of any type. */
static bool
map_name(const struct dpu_port_map *map, odp_port_t odp_port, char *name,
         size_t size)
{
    struct netdev *netdev = map_netdev(map, odp_port);

    if (!netdev) {
        return false;
    }
    ovs_strlcpy(name, netdev_get_name(netdev), size);
    netdev_close(netdev);
    return true;
}

void
dpu_offload_map_init(struct dpu_offload_map *map,
                     const struct dpu_offload_port *port)
{
    map->up.lookup = map_lookup;
    map->up.software = map_software;
    map->up.policed = map_policed;
    map->up.name = map_name;
    map->up.tunnel = map_tunnel;
    map->up.version = dpu_offload_ports_version();
    map->device = port->device;
    map->dpif_type = netdev_get_dpif_type(port->netdev);
}
