/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-list: see dpuctl-list.h. */

#include <config.h>

#include "utilities/dpuctl-list.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dpu-topology.h"
#include "openvswitch/json.h"
#include "packets.h"
#include "util.h"
#include "utilities/dpuctl-kernel.h"

/* What a port is, by what is behind it. */
static const char *
function_kind(enum dpu_function function)
{
    switch (function) {
    case DPU_FUNCTION_UPLINK:
        return "uplink";
    case DPU_FUNCTION_HPF:
        return "pf";
    case DPU_FUNCTION_VF:
        return "vf";
    case DPU_FUNCTION_SF:
    default:
        return "sf";
    }
}

static void
format_mac(const struct dpu_topology_port *port, char mac[ETH_ADDR_STRLEN + 1])
{
    if (port->has_mac) {
        struct eth_addr address;

        memcpy(&address, port->mac, sizeof address);
        snprintf(mac, ETH_ADDR_STRLEN + 1, ETH_ADDR_FMT,
                 ETH_ADDR_ARGS(address));
    } else {
        mac[0] = '\0';
    }
}

/* The table. */

static void
print_device(const struct dpu_topology_device *device)
{
    const struct dpu_sysfs_device *sysfs = &device->sysfs;

    printf("%s/%s", device->handle.bus, device->handle.device);
    if (sysfs->driver[0]) {
        printf(", driver %s", sysfs->driver);
    }
    if (device->mode != DPU_ESWITCH_NONE) {
        printf(", %s mode", dpu_eswitch_mode_to_string(device->mode));
    } else {
        printf(", no embedded switch");
    }
    if (sysfs->n_vfs >= 0) {
        printf(", %d", sysfs->n_vfs);
        if (sysfs->max_vfs >= 0) {
            printf(" of %d", sysfs->max_vfs);
        }
        printf(" VFs");
    }
    if (device->switch_id[0]) {
        printf(", switch %s", device->switch_id);
    }
    putchar('\n');
}

static void
print_ports(const struct dpu_topology_device *device)
{
    if (device->n_ports) {
        printf("  %-10s %-8s %-16s %-14s %-18s %s\n", "PORT", "KIND",
               "NETDEV", "FUNCTION", "MAC", "STATE");
    }
    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_topology_port *port = &device->ports[i];
        enum dpu_function_state state = port->devlink.state;
        char mac[ETH_ADDR_STRLEN + 1];

        format_mac(port, mac);
        printf("  %-10s %-8s %-16s %-14s %-18s %s\n", port->name,
               function_kind(port->devlink.representor.function),
               port->netdev[0] ? port->netdev : "-",
               port->function[0] ? port->function : "-", mac[0] ? mac : "-",
               (state == DPU_FUNCTION_STATE_NONE ? "-"
                : dpu_function_state_to_string(state)));
    }
}

static void
print_table(const struct dpu_topology *topology)
{
    if (!topology->n_devices) {
        printf("no DPUs: the kernel's devlink knows no device\n");
    }
    for (size_t i = 0; i < topology->n_devices; i++) {
        print_device(&topology->devices[i]);
        print_ports(&topology->devices[i]);
    }
}

/* JSON. */

static void
put_string(struct json *object, const char *name, const char *value)
{
    json_object_put(object, name, (value && value[0]
                                   ? json_string_create(value)
                                   : json_null_create()));
}

static void
put_number(struct json *object, const char *name, int value)
{
    json_object_put(object, name, (value >= 0 ? json_integer_create(value)
                                   : json_null_create()));
}

static struct json *
port_to_json(const struct dpu_topology_port *port)
{
    const struct dpu_representor *rep = &port->devlink.representor;
    struct json *json = json_object_create();
    char mac[ETH_ADDR_STRLEN + 1];

    format_mac(port, mac);
    put_string(json, "name", port->name);
    put_string(json, "kind", function_kind(rep->function));
    put_number(json, "controller", rep->controller);
    put_number(json, "pf", rep->pf);
    put_number(json, "number", (rep->function == DPU_FUNCTION_VF
                                || rep->function == DPU_FUNCTION_SF
                                ? rep->number : -1));
    put_string(json, "netdev", port->netdev);
    put_string(json, "function", port->function);
    put_string(json, "mac", mac);
    put_string(json, "state", (port->devlink.state == DPU_FUNCTION_STATE_NONE
                               ? NULL : dpu_function_state_to_string(
                                   port->devlink.state)));
    return json;
}

static struct json *
device_to_json(const struct dpu_topology_device *device)
{
    struct json *json = json_object_create();
    struct json *ports = json_array_create_empty();

    put_string(json, "bus", device->handle.bus);
    put_string(json, "device", device->handle.device);
    put_string(json, "driver", device->sysfs.driver);
    put_string(json, "mode", (device->mode == DPU_ESWITCH_NONE ? NULL
                              : dpu_eswitch_mode_to_string(device->mode)));
    put_string(json, "switch_id", device->switch_id);
    put_number(json, "vfs", device->sysfs.n_vfs);
    put_number(json, "max_vfs", device->sysfs.max_vfs);
    for (size_t i = 0; i < device->n_ports; i++) {
        json_array_add(ports, port_to_json(&device->ports[i]));
    }
    json_object_put(json, "ports", ports);
    return json;
}

static void
print_json(const struct dpu_topology *topology)
{
    struct json *json = json_array_create_empty();
    char *text;

    for (size_t i = 0; i < topology->n_devices; i++) {
        json_array_add(json, device_to_json(&topology->devices[i]));
    }
    text = json_to_string(json, JSSF_PRETTY | JSSF_SORT);
    puts(text);
    free(text);
    json_destroy(json);
}

void
dpuctl_list(int argc, char *argv[])
{
    enum { OPT_FORMAT = 256, OPT_RECORD };
    static const struct option long_options[] = {
        { "format", required_argument, NULL, OPT_FORMAT },
        { "record", required_argument, NULL, OPT_RECORD },
        { NULL, 0, NULL, 0 },
    };
    struct dpuctl_kernel kernel;
    bool json = false;
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_FORMAT:
            if (strcmp(optarg, "json") && strcmp(optarg, "table")) {
                ovs_fatal(0, "--format=%s: there are table and json", optarg);
            }
            json = !strcmp(optarg, "json");
            break;
        case OPT_RECORD:
            dpuctl_kernel_record(optarg);
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (argc != optind) {
        ovs_fatal(0, "list takes no '%s' (use --help for help)",
                  argv[optind]);
    }
    dpuctl_kernel_open(&kernel);
    dpuctl_kernel_read(&kernel);
    if (json) {
        print_json(&kernel.topology);
    } else {
        print_table(&kernel.topology);
    }
    dpuctl_kernel_close(&kernel);
}
