/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-kernel: see dpuctl-kernel.h. */

#include <config.h>

#include "utilities/dpuctl-kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/netlink.h>

#include "lib/dpu-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

void
dpuctl_kernel_record(const char *file)
{
    FILE *stream = fopen(file, "w");

    if (!stream) {
        ovs_fatal(errno, "%s", file);
    }
    /* Stays open until the process ends. */
    setvbuf(stream, NULL, _IOLBF, 0);
    dpu_netlink_record(stream);
}

void
dpuctl_kernel_open(struct dpuctl_kernel *kernel)
{
    char *error;
    int code;

    memset(kernel, 0, sizeof *kernel);
    code = dpu_devlink_open(&kernel->devlink, &error);
    if (code && code != ENOENT) {
        ovs_fatal(0, "devlink: %s", error);
    }
    free(error);
    if (dpu_netlink_open(NETLINK_ROUTE, &kernel->route, &error)) {
        ovs_fatal(0, "rtnetlink: %s", error);
    }
}

void
dpuctl_kernel_close(struct dpuctl_kernel *kernel)
{
    dpu_topology_destroy(&kernel->topology);
    dpu_netlink_close(kernel->route);
    dpu_devlink_close(kernel->devlink);
}

void
dpuctl_kernel_read(struct dpuctl_kernel *kernel)
{
    char *error;

    dpu_topology_destroy(&kernel->topology);
    if (kernel->devlink
        && dpu_topology_read(&kernel->topology, kernel->devlink,
                             kernel->route, DPU_SYSFS, &error)) {
        ovs_fatal(0, "the kernel does not tell what DPUs there are: %s",
                  error);
    }
}

/* Whether 'device' is called 'name', or has a netdev that is. */
static bool
is_called(const struct dpu_topology_device *device, const char *name)
{
    size_t len = strlen(device->handle.bus);

    if (!strcmp(name, device->handle.device)
        || (!strncmp(name, device->handle.bus, len) && name[len] == '/'
            && !strcmp(name + len + 1, device->handle.device))) {
        return true;
    }
    for (size_t i = 0; i < device->n_ports; i++) {
        if (name[0] && !strcmp(device->ports[i].netdev, name)) {
            return true;
        }
    }
    return false;
}

/* The devices that can be set up, for messages. */
static char *
list_devices(const struct dpu_topology *topology)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < topology->n_devices; i++) {
        if (topology->devices[i].mode != DPU_ESWITCH_NONE) {
            ds_put_format(&s, "%s%s/%s", s.length ? ", " : "",
                          topology->devices[i].handle.bus,
                          topology->devices[i].handle.device);
        }
    }
    if (!s.length) {
        ds_put_cstr(&s, "none with an embedded switch");
    }
    return ds_steal_cstr(&s);
}

struct dpu_topology_device *
dpuctl_kernel_pick(const struct dpuctl_kernel *kernel, const char *name)
{
    const struct dpu_topology *topology = &kernel->topology;
    struct dpu_topology_device *found = NULL;
    size_t n = 0;

    for (size_t i = 0; i < topology->n_devices; i++) {
        struct dpu_topology_device *device = &topology->devices[i];

        if (name ? is_called(device, name)
            : device->mode != DPU_ESWITCH_NONE) {
            found = device;
            n++;
        }
    }
    if (n != 1) {
        char *devices = list_devices(topology);

        if (name) {
            ovs_fatal(0, "there is no device '%s'; there are: %s", name,
                      devices);
        } else if (n) {
            ovs_fatal(0, "which device?  There are: %s", devices);
        }
        ovs_fatal(0, "there is no device with an embedded switch (for an "
                  "emulated one: --emulated=ARGS)");
    }
    return found;
}
