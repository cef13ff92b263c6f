/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-topology.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dpu-error.h"

/* What was read, before it is put together. */
struct parts {
    struct dpu_devlink_handle *handles;
    size_t n_handles;
    struct dpu_devlink_port *ports;
    size_t n_ports;
    struct dpu_link *links;
    size_t n_links;
};

static int
read_parts(struct parts *parts, struct dpu_devlink *devlink,
           struct dpu_netlink *route, char **error)
{
    int code;

    code = dpu_devlink_get_devices(devlink, &parts->handles,
                                   &parts->n_handles, error);
    if (!code) {
        code = dpu_devlink_get_ports(devlink, &parts->ports, &parts->n_ports,
                                     error);
    }
    if (!code) {
        code = dpu_link_get_all(route, &parts->links, &parts->n_links, error);
    }
    return code;
}

static bool
handle_equals(const struct dpu_devlink_handle *a,
              const struct dpu_devlink_handle *b)
{
    return !strcmp(a->bus, b->bus) && !strcmp(a->device, b->device);
}

/* Order. */

static int
compare_int(int a, int b)
{
    return a < b ? -1 : a > b;
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct dpu_topology_port *a_port = a_, *b_port = b_;
    const struct dpu_representor *a = &a_port->devlink.representor;
    const struct dpu_representor *b = &b_port->devlink.representor;
    int cmp = compare_int(a->function, b->function);

    cmp = cmp ? cmp : compare_int(a->controller, b->controller);
    cmp = cmp ? cmp : compare_int(a->pf, b->pf);
    return cmp ? cmp : compare_int(a->number, b->number);
}

static int
compare_devices(const void *a_, const void *b_)
{
    const struct dpu_topology_device *a = a_, *b = b_;
    int cmp = strcmp(a->handle.bus, b->handle.bus);

    return cmp ? cmp : strcmp(a->handle.device, b->handle.device);
}

static void
sort_ports(struct dpu_topology_device *device)
{
    if (device->n_ports) {
        qsort(device->ports, device->n_ports, sizeof *device->ports,
              compare_ports);
    }
}

/* Devices and ports. */

static struct dpu_topology_port *
add_port(struct dpu_topology_device *device)
{
    struct dpu_topology_port *ports;

    ports = realloc(device->ports, (device->n_ports + 1) * sizeof *ports);
    if (!ports) {
        return NULL;
    }
    device->ports = ports;
    return memset(&ports[device->n_ports++], 0, sizeof *ports);
}

static void
find_netdev(struct dpu_topology_device *device,
            struct dpu_topology_port *port, const struct parts *parts)
{
    for (size_t i = 0; i < parts->n_links; i++) {
        const struct dpu_link *link = &parts->links[i];

        if (port->devlink.ifindex && link->ifindex == port->devlink.ifindex) {
            snprintf(port->netdev, sizeof port->netdev, "%s", link->name);
            if (link->switch_id[0]) {
                snprintf(device->switch_id, sizeof device->switch_id, "%s",
                         link->switch_id);
            }
        }
    }
}

static int
add_ports(struct dpu_topology_device *device, const struct parts *parts)
{
    for (size_t i = 0; i < parts->n_ports; i++) {
        struct dpu_topology_port *port;

        if (handle_equals(&parts->ports[i].handle, &device->handle)) {
            port = add_port(device);
            if (!port) {
                return ENOMEM;
            }
            port->devlink = parts->ports[i];
            port->has_mac = port->devlink.has_mac;
            memcpy(port->mac, port->devlink.mac, sizeof port->mac);
            find_netdev(device, port, parts);
        }
    }
    return 0;
}

/* Fills in what is known once all ports are. */
static void
complete(struct dpu_topology_device *device, const char *sysfs)
{
    sort_ports(device);
    device->pf = 0;
    dpu_switchdev_is_pci(device->handle.device, &device->pf);
    for (size_t i = 0; i < device->n_ports; i++) {
        struct dpu_topology_port *port = &device->ports[i];
        const struct dpu_representor *rep = &port->devlink.representor;

        dpu_representor_format(rep, device->pf, port->name);
        if (rep->function == DPU_FUNCTION_VF
            && rep->controller == DPU_REPRESENTOR_OWN) {
            dpu_sysfs_get_vf(sysfs, &device->handle, rep->number,
                             port->function);
        }
    }
}

/* A VF of the device itself whose MAC address devlink does not know. */
static bool
lacks_mac(const struct dpu_topology_port *port)
{
    const struct dpu_representor *rep = &port->devlink.representor;

    return (rep->function == DPU_FUNCTION_VF
            && rep->controller == DPU_REPRESENTOR_OWN && !port->has_mac);
}

/* Reads what the network device 'ifindex' of the uplink knows of the VFs of
 * 'device'. */
static int
ask_uplink(struct dpu_topology_device *device, int ifindex,
           struct dpu_netlink *route, char **error)
{
    uint8_t (*macs)[6];
    size_t n;
    int code;

    code = dpu_link_get_vf_macs(route, ifindex, &macs, &n, error);
    for (size_t i = 0; !code && i < device->n_ports; i++) {
        struct dpu_topology_port *port = &device->ports[i];
        size_t number = port->devlink.representor.number;

        if (lacks_mac(port) && number < n) {
            port->has_mac = true;
            port->mac_ifindex = ifindex;
            memcpy(port->mac, macs[number], sizeof port->mac);
        }
    }
    free(macs);
    return code;
}

/* Completes 'device' by the MAC addresses of VFs that devlink does not
 * know. */
static int
read_vf_macs(struct dpu_topology_device *device, struct dpu_netlink *route,
             char **error)
{
    const struct dpu_topology_port *uplink = NULL;
    bool needed = false;
    int code;

    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_topology_port *port = &device->ports[i];

        if (port->devlink.representor.function == DPU_FUNCTION_UPLINK
            && port->netdev[0] && !uplink) {
            uplink = port;
        }
        needed |= lacks_mac(port);
    }
    if (!needed || !uplink) {
        return 0;
    }
    code = ask_uplink(device, uplink->devlink.ifindex, route, error);
    if (code == ENODEV) {
        /* It has just vanished. */
        free(*error);
        *error = NULL;
        code = 0;
    }
    return code;
}

static int
read_device(struct dpu_topology_device *device, struct dpu_devlink *devlink,
            struct dpu_netlink *route, const char *sysfs,
            const struct parts *parts, char **error)
{
    int code;

    dpu_sysfs_get_device(sysfs, &device->handle, &device->sysfs);
    code = dpu_devlink_get_mode(devlink, &device->handle, &device->mode,
                                error);
    if (code == ENODEV) {
        /* It has just vanished. */
        free(*error);
        *error = NULL;
        code = 0;
    }
    if (!code) {
        code = add_ports(device, parts);
    }
    complete(device, sysfs);
    return code ? code : read_vf_macs(device, route, error);
}

int
dpu_topology_read(struct dpu_topology *topology, struct dpu_devlink *devlink,
                  struct dpu_netlink *route, const char *sysfs, char **error)
{
    struct parts parts = { .n_handles = 0 };
    int code;

    *error = NULL;
    topology->devices = NULL;
    topology->n_devices = 0;
    code = read_parts(&parts, devlink, route, error);
    if (!code && parts.n_handles) {
        topology->devices = calloc(parts.n_handles,
                                   sizeof *topology->devices);
        code = topology->devices ? 0 : ENOMEM;
    }
    for (size_t i = 0; !code && i < parts.n_handles; i++) {
        struct dpu_topology_device *device
            = &topology->devices[topology->n_devices++];

        device->handle = parts.handles[i];
        code = read_device(device, devlink, route, sysfs, &parts, error);
    }
    if (!code && topology->n_devices) {
        qsort(topology->devices, topology->n_devices,
              sizeof *topology->devices, compare_devices);
    }
    if (code && !*error) {
        dpu_error(error, code, "%s", strerror(code));
    }
    free(parts.handles);
    free(parts.ports);
    free(parts.links);
    return code;
}

void
dpu_topology_destroy(struct dpu_topology *topology)
{
    for (size_t i = 0; i < topology->n_devices; i++) {
        free(topology->devices[i].ports);
    }
    free(topology->devices);
    topology->devices = NULL;
    topology->n_devices = 0;
}

struct dpu_topology_port *
dpu_topology_find_port(const struct dpu_topology_device *device,
                       const struct dpu_representor *function)
{
    int pf = (function->pf == DPU_REPRESENTOR_OWN ? device->pf
              : function->pf);

    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_representor *rep
            = &device->ports[i].devlink.representor;

        if (rep->function == function->function
            && rep->controller == function->controller && rep->pf == pf
            && rep->number == function->number) {
            return &device->ports[i];
        }
    }
    return NULL;
}

int
dpu_topology_expect_port(struct dpu_topology_device *device,
                         const struct dpu_representor *function)
{
    struct dpu_topology_port *port = add_port(device);

    if (!port) {
        return ENOMEM;
    }
    port->devlink.handle = device->handle;
    port->devlink.representor = *function;
    if (function->pf == DPU_REPRESENTOR_OWN) {
        port->devlink.representor.pf = device->pf;
    }
    dpu_representor_format(&port->devlink.representor, device->pf,
                           port->name);
    sort_ports(device);
    return 0;
}
