/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-eswitch: see dpuctl-eswitch.h. */

#include <config.h>

#include "utilities/dpuctl-eswitch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/shash.h"
#include "packets.h"
#include "util.h"

/* How long netdevs of functions that were just created may take. */
#define NETDEV_WAIT_MS 10000

static struct dpu_topology_device *
find_device(const struct dpuctl_eswitch *eswitch)
{
    const struct dpu_topology *topology = &eswitch->kernel->topology;

    for (size_t i = 0; i < topology->n_devices; i++) {
        const struct dpu_devlink_handle *handle
            = &topology->devices[i].handle;

        if (!strcmp(handle->bus, eswitch->handle.bus)
            && !strcmp(handle->device, eswitch->handle.device)) {
            return &topology->devices[i];
        }
    }
    return NULL;
}

struct dpu_topology_device *
dpuctl_eswitch_device(const struct dpuctl_eswitch *eswitch)
{
    struct dpu_topology_device *device = find_device(eswitch);

    if (!device) {
        ovs_fatal(0, "%s/%s has vanished", eswitch->handle.bus,
                  eswitch->handle.device);
    }
    return device;
}

/* Turns the outcome of the last step into what the caller is told, and reads
 * what has become of the topology. */
static char *
finish(struct dpuctl_eswitch *eswitch, int code, char *error,
       const char *hint)
{
    if (code) {
        return dpuctl_step_failed(eswitch->steps, error, hint);
    }
    free(error);
    dpuctl_kernel_read(eswitch->kernel);
    return NULL;
}

/* Mode. */

static const char *
mode_hint(int code)
{
    switch (code) {
    case EOPNOTSUPP:
        return "The device has no switchdev mode, or its firmware's "
               "configuration has it switched off.";
    case EBUSY:
        return "Something uses the device: end it, or remove its VFs, and "
               "try again.";
    case EPERM:
        return "Root may do that.";
    default:
        return NULL;
    }
}

char *
dpuctl_eswitch_set_mode(struct dpuctl_eswitch *eswitch,
                        enum dpu_eswitch_mode mode)
{
    struct dpu_topology_device *device = dpuctl_eswitch_device(eswitch);
    char *error;
    int code;

    if (device->mode == mode) {
        return NULL;
    }
    if (!dpuctl_step(eswitch->steps, "devlink dev eswitch set %s/%s mode %s",
                     eswitch->handle.bus, eswitch->handle.device,
                     dpu_eswitch_mode_to_string(mode))) {
        device->mode = mode;
        return NULL;
    }
    code = dpu_devlink_set_mode(eswitch->kernel->devlink, &eswitch->handle,
                                mode, &error);
    return finish(eswitch, code, error, mode_hint(code));
}

/* Virtual functions. */

static char *
write_vfs(struct dpuctl_eswitch *eswitch, int n)
{
    char *error;
    int code;

    if (!dpuctl_step(eswitch->steps,
                     "echo %d > /sys/bus/%s/devices/%s/sriov_numvfs", n,
                     eswitch->handle.bus, eswitch->handle.device)) {
        dpuctl_eswitch_device(eswitch)->sysfs.n_vfs = n;
        return NULL;
    }
    code = dpu_sysfs_set_vfs(DPU_SYSFS, &eswitch->handle, n, &error);
    return finish(eswitch, code, error, NULL);
}

/* Has the topology say what a dry run leads to. */
static void
expect(struct dpuctl_eswitch *eswitch, enum dpu_function function, int n)
{
    struct dpu_topology_device *device = dpuctl_eswitch_device(eswitch);
    struct dpu_representor rep = {
        .function = function,
        .controller = DPU_REPRESENTOR_OWN,
        .pf = DPU_REPRESENTOR_OWN,
    };

    for (rep.number = 0; rep.number < n; rep.number++) {
        if (!dpu_topology_find_port(device, &rep)
            && dpu_topology_expect_port(device, &rep)) {
            out_of_memory();
        }
    }
}

char *
dpuctl_eswitch_set_vfs(struct dpuctl_eswitch *eswitch, int n)
{
    int now = dpuctl_eswitch_device(eswitch)->sysfs.n_vfs;
    char *error = NULL;

    if (now == n) {
        return NULL;
    }
    if (now > 0) {
        error = write_vfs(eswitch, 0);
    }
    if (!error && n > 0) {
        error = write_vfs(eswitch, n);
        if (!error && eswitch->steps->dry_run) {
            expect(eswitch, DPU_FUNCTION_VF, n);
        }
    }
    return error;
}

/* MAC addresses. */

/* The address that follows 'base' by 'n'. */
static struct eth_addr
nth_mac(const uint8_t base[6], int n)
{
    struct eth_addr mac;

    memcpy(&mac, base, sizeof mac);
    eth_addr_from_uint64(eth_addr_to_uint64(mac) + n, &mac);
    return mac;
}

/* The step that gives the function of 'port' the address that it has now, by
 * devlink.  Returns true if it is to be taken. */
static bool
mac_step(struct dpuctl_eswitch *eswitch, const struct dpu_topology_port *port,
         struct eth_addr mac)
{
    return dpuctl_step(eswitch->steps, "devlink port function set %s hw_addr "
                       ETH_ADDR_FMT,
                       port->netdev[0] ? port->netdev : port->name,
                       ETH_ADDR_ARGS(mac));
}

/* The same by rtnetlink. */
static bool
vf_mac_step(struct dpuctl_eswitch *eswitch,
            const struct dpu_topology_port *port, struct eth_addr mac)
{
    const struct dpu_topology_device *device = dpuctl_eswitch_device(eswitch);
    const char *uplink = "";

    for (size_t i = 0; i < device->n_ports; i++) {
        if (device->ports[i].devlink.ifindex == port->mac_ifindex) {
            uplink = device->ports[i].netdev;
        }
    }
    return dpuctl_step(eswitch->steps, "ip link set %s vf %d mac "
                       ETH_ADDR_FMT, uplink, port->devlink.representor.number,
                       ETH_ADDR_ARGS(mac));
}

static char *
set_mac(struct dpuctl_eswitch *eswitch, struct dpu_topology_port *port,
        struct eth_addr mac)
{
    uint8_t bytes[6];
    char *error;
    int code;

    memcpy(bytes, &mac, sizeof bytes);
    if (port->has_mac && !memcmp(port->mac, bytes, sizeof bytes)) {
        return NULL;
    }
    port->has_mac = true;
    memcpy(port->mac, bytes, sizeof bytes);
    if (port->mac_ifindex) {
        if (!vf_mac_step(eswitch, port, mac)) {
            return NULL;
        }
        code = dpu_link_set_vf_mac(eswitch->kernel->route, port->mac_ifindex,
                                   port->devlink.representor.number, bytes,
                                   &error);
    } else {
        if (!mac_step(eswitch, port, mac)) {
            return NULL;
        }
        code = dpu_devlink_set_mac(eswitch->kernel->devlink, &eswitch->handle,
                                   port->devlink.index, bytes, &error);
    }
    return (code ? dpuctl_step_failed(eswitch->steps, error,
                                      code == EOPNOTSUPP
                                      ? "The driver cannot set addresses of "
                                        "functions: leave --mac out, and set "
                                        "them in the host." : NULL)
            : NULL);
}

/* Subfunctions. */

static struct dpu_topology_port *
find_sf(struct dpuctl_eswitch *eswitch, int number)
{
    const struct dpu_representor rep = {
        .function = DPU_FUNCTION_SF,
        .controller = DPU_REPRESENTOR_OWN,
        .pf = DPU_REPRESENTOR_OWN,
        .number = number,
    };

    return dpu_topology_find_port(dpuctl_eswitch_device(eswitch), &rep);
}

static char *
add_sf(struct dpuctl_eswitch *eswitch, int number)
{
    int pf = dpuctl_eswitch_device(eswitch)->pf;
    uint32_t index;
    char *error;
    int code;

    if (!dpuctl_step(eswitch->steps,
                     "devlink port add %s/%s flavour pcisf pfnum %d sfnum %d",
                     eswitch->handle.bus, eswitch->handle.device, pf,
                     number)) {
        expect(eswitch, DPU_FUNCTION_SF, number + 1);
        return NULL;
    }
    code = dpu_devlink_add_sf(eswitch->kernel->devlink, &eswitch->handle, pf,
                              number, &index, &error);
    return finish(eswitch, code, error, (code == EOPNOTSUPP
                                         ? "The device has no subfunctions, "
                                           "or its firmware's configuration "
                                           "has them switched off." : NULL));
}

static char *
activate(struct dpuctl_eswitch *eswitch, int number)
{
    struct dpu_topology_port *port = find_sf(eswitch, number);
    char *error;
    int code;

    if (!port) {
        return xasprintf("subfunction %d has vanished", number);
    } else if (port->devlink.state == DPU_FUNCTION_STATE_ACTIVE) {
        return NULL;
    }
    if (!dpuctl_step(eswitch->steps,
                     "devlink port function set %s/%s/%"PRIu32" state active",
                     eswitch->handle.bus, eswitch->handle.device,
                     port->devlink.index)) {
        port->devlink.state = DPU_FUNCTION_STATE_ACTIVE;
        return NULL;
    }
    code = dpu_devlink_set_state(eswitch->kernel->devlink, &eswitch->handle,
                                 port->devlink.index,
                                 DPU_FUNCTION_STATE_ACTIVE, &error);
    return finish(eswitch, code, error, NULL);
}

/* Gives subfunction 'number' the address 'mac'.  Drivers tell it to the
 * subfunction when that becomes active. */
static char *
set_sf_mac(struct dpuctl_eswitch *eswitch, int number, struct eth_addr mac)
{
    struct dpu_topology_port *port = find_sf(eswitch, number);

    return (port ? set_mac(eswitch, port, mac)
            : xasprintf("subfunction %d has vanished", number));
}

char *
dpuctl_eswitch_add_sfs(struct dpuctl_eswitch *eswitch, int n,
                       const uint8_t *mac)
{
    char *error = NULL;

    for (int i = 0; !error && i < n; i++) {
        if (!find_sf(eswitch, i)) {
            error = add_sf(eswitch, i);
        }
        if (!error && mac) {
            error = set_sf_mac(eswitch, i, nth_mac(mac, i));
        }
        if (!error) {
            error = activate(eswitch, i);
        }
    }
    return error;
}

char *
dpuctl_eswitch_del_sfs(struct dpuctl_eswitch *eswitch,
                       const struct json *numbers)
{
    char *result = NULL;

    for (size_t i = 0; !result && i < numbers->array.n; i++) {
        const struct json *number = numbers->array.elems[i];
        struct dpu_topology_port *port;
        char *error;
        int code;

        port = (number->type == JSON_INTEGER
                ? find_sf(eswitch, number->integer) : NULL);
        if (port && dpuctl_step(eswitch->steps,
                                "devlink port del %s/%s/%"PRIu32,
                                eswitch->handle.bus, eswitch->handle.device,
                                port->devlink.index)) {
            code = dpu_devlink_del_port(eswitch->kernel->devlink,
                                        &eswitch->handle,
                                        port->devlink.index, &error);
            result = finish(eswitch, code, error, NULL);
        }
    }
    return result;
}

/* MAC addresses of several functions. */

char *
dpuctl_eswitch_set_macs(struct dpuctl_eswitch *eswitch, const uint8_t mac[6])
{
    struct dpu_topology_device *device = dpuctl_eswitch_device(eswitch);
    char *error = NULL;

    for (size_t i = 0; !error && i < device->n_ports; i++) {
        struct dpu_topology_port *port = &device->ports[i];

        if (port->devlink.representor.function == DPU_FUNCTION_VF) {
            error = set_mac(eswitch, port,
                            nth_mac(mac, port->devlink.representor.number));
        }
    }
    return error;
}

char *
dpuctl_eswitch_restore_macs(struct dpuctl_eswitch *eswitch,
                            const struct json *macs)
{
    struct dpu_topology_device *device = dpuctl_eswitch_device(eswitch);
    char *error = NULL;

    for (size_t i = 0; !error && i < device->n_ports; i++) {
        struct dpu_topology_port *port = &device->ports[i];
        const struct json *text = shash_find_data(macs->object, port->name);
        struct eth_addr mac;

        if (text && text->type == JSON_STRING
            && eth_addr_from_string(json_string(text), &mac)) {
            error = set_mac(eswitch, port, mac);
        }
    }
    return error;
}

/* Network devices. */

/* The name of a VF or SF that has none yet, or NULL. */
static const char *
find_unrepresented(const struct dpu_topology_device *device)
{
    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_topology_port *port = &device->ports[i];
        enum dpu_function function = port->devlink.representor.function;

        if ((function == DPU_FUNCTION_VF || function == DPU_FUNCTION_SF)
            && !port->netdev[0]) {
            return port->name;
        }
    }
    return NULL;
}

void
dpuctl_eswitch_wait(struct dpuctl_eswitch *eswitch)
{
    const char *name;

    if (eswitch->steps->dry_run) {
        return;
    }
    for (int ms = 0; ; ms += 100) {
        name = find_unrepresented(dpuctl_eswitch_device(eswitch));
        if (!name || ms >= NETDEV_WAIT_MS) {
            break;
        }
        usleep(100 * 1000);
        dpuctl_kernel_read(eswitch->kernel);
    }
    if (name) {
        printf("# %s has no network device in this network namespace, and "
               "gets no port\n", name);
    }
}

/* Hugepages. */

static const char no_hugepages[] =
    "this kernel has no hugepages (CONFIG_HUGETLBFS)";

static char *
write_hugepages(struct dpuctl_steps *steps,
                const struct dpu_hugepages *pages)
{
    char *error;

    if (!dpuctl_step(steps, "echo %lld > /sys/kernel/mm/hugepages/"
                     "hugepages-%dkB/nr_hugepages", pages->n, pages->kb)) {
        return NULL;
    }
    return (dpu_sysfs_set_hugepages(DPU_SYSFS, pages, &error)
            ? dpuctl_step_failed(steps, error, NULL) : NULL);
}

char *
dpuctl_hugepages_reserve(struct dpuctl_steps *steps, int mb)
{
    struct dpu_hugepages pages;
    long long int total;

    if (!dpu_sysfs_get_hugepages(DPU_SYSFS, "/proc/meminfo", &pages,
                                 &total)) {
        return xstrdup(no_hugepages);
    } else if (total >= mb) {
        return NULL;
    }
    pages.n += DIV_ROUND_UP((mb - total) * 1024, pages.kb);
    return write_hugepages(steps, &pages);
}

char *
dpuctl_hugepages_restore(struct dpuctl_steps *steps, long long int n)
{
    struct dpu_hugepages pages;
    long long int total;

    if (!dpu_sysfs_get_hugepages(DPU_SYSFS, "/proc/meminfo", &pages,
                                 &total)) {
        return xstrdup(no_hugepages);
    } else if (pages.n <= n) {
        return NULL;
    }
    pages.n = n;
    return write_hugepages(steps, &pages);
}
