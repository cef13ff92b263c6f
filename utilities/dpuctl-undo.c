/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-undo: takes back what "setup" did to a device, in reverse order, by
 * what it remembered.  What devices share goes with the last one. */

#include <config.h>

#include "utilities/dpuctl-setup.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"
#include "utilities/dpuctl-eswitch.h"
#include "utilities/dpuctl-memory.h"
#include "utilities/dpuctl-ports.h"

struct undo {
    struct dpuctl_steps steps;
    struct dpuctl_ovsdb ovsdb;
    struct json *memory;        /* Of the device. */
    const char *name;           /* Of the device. */
};

/* The only device that is remembered; NULL if none is. */
static char *
only_device(const struct dpuctl_ovsdb *ovsdb)
{
    struct svec devices = SVEC_EMPTY_INITIALIZER;
    char *name = NULL;

    dpuctl_memory_devices(ovsdb, &devices);
    if (devices.n > 1) {
        ovs_fatal(0, "which device?  Set up were: %s",
                  svec_join(&devices, ", ", ""));
    } else if (devices.n) {
        name = xstrdup(devices.names[0]);
    }
    svec_destroy(&devices);
    return name;
}

static const char *
get_string(const struct json *memory, const char *key, const char *def)
{
    const struct json *value = dpuctl_memory_get(memory, key, JSON_STRING);

    return value ? json_string(value) : def;
}

/* The ports go first: with them DPDK lets go of the device. */
static char *
undo_ports(struct undo *undo)
{
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    char *error;

    dpuctl_ports_remove(get_string(undo->memory, "dpdk", undo->name),
                        false, &undo->ovsdb, &commands);
    error = dpuctl_step_vsctl(&undo->steps, &undo->ovsdb.remote, &commands);
    svec_destroy(&commands);
    return error;
}

static char *
undo_functions(struct undo *undo, struct dpuctl_eswitch *eswitch)
{
    const struct json *macs, *sfs, *vfs;
    enum dpu_eswitch_mode mode;
    char *error = NULL;
    int now, n;

    macs = dpuctl_memory_get(undo->memory, "macs", JSON_OBJECT);
    sfs = dpuctl_memory_get(undo->memory, "sfs", JSON_ARRAY);
    vfs = dpuctl_memory_get(undo->memory, "vfs", JSON_INTEGER);
    mode = (strcmp(get_string(undo->memory, "mode", ""), "switchdev")
            ? DPU_ESWITCH_LEGACY : DPU_ESWITCH_SWITCHDEV);
    now = dpuctl_eswitch_device(eswitch)->sysfs.n_vfs;
    n = vfs ? vfs->integer : now;

    if (macs) {
        error = dpuctl_eswitch_restore_macs(eswitch, macs);
    }
    if (!error && sfs) {
        error = dpuctl_eswitch_del_sfs(eswitch, sfs);
    }
    if (!error && n != now) {
        error = dpuctl_eswitch_set_vfs(eswitch, 0);
    }
    if (!error) {
        error = dpuctl_eswitch_set_mode(eswitch, mode);
    }
    if (!error && n > 0) {
        error = dpuctl_eswitch_set_vfs(eswitch, n);
    }
    return error;
}

static char *
undo_device(struct undo *undo)
{
    const char *bus = get_string(undo->memory, "bus", NULL);
    const struct dpu_topology_device *device = NULL;
    struct dpuctl_kernel kernel;
    char *error = NULL;

    if (!bus) {
        return NULL;                    /* Emulated. */
    }
    dpuctl_kernel_open(&kernel);
    dpuctl_kernel_read(&kernel);
    for (size_t i = 0; i < kernel.topology.n_devices && !device; i++) {
        if (!strcmp(kernel.topology.devices[i].handle.device, undo->name)) {
            device = &kernel.topology.devices[i];
        }
    }
    if (device) {
        struct dpuctl_eswitch eswitch = {
            .kernel = &kernel,
            .steps = &undo->steps,
            .handle = device->handle,
        };

        error = undo_functions(undo, &eswitch);
    } else {
        printf("# %s/%s has vanished\n", bus, undo->name);
    }
    dpuctl_kernel_close(&kernel);
    return error;
}

/* Whether a port is left on 'bridge' that is not its own. */
static bool
is_in_use(const struct dpuctl_ovsdb *ovsdb, const char *bridge)
{
    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        const struct dpuctl_interface *interface = ovsdb->interfaces[i];

        if (!strcmp(interface->bridge, bridge)
            && strcmp(interface->name, bridge)) {
            return true;
        }
    }
    return false;
}

static void
undo_bridges(const struct undo *undo, const struct json *bridges,
             struct svec *commands)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, bridges->object) {
        if (!dpuctl_ovsdb_find_bridge(&undo->ovsdb, node->name)) {
            continue;
        } else if (is_in_use(&undo->ovsdb, node->name)) {
            printf("# bridge %s has ports of others and stays\n",
                   node->name);
            continue;
        }
        svec_add(commands, "--");
        svec_add(commands, "del-br");
        svec_add(commands, node->name);
    }
}

static void
undo_other_config(const struct json *other_config, struct svec *commands)
{
    const struct shash_node **nodes = shash_sort(other_config->object);

    for (size_t i = 0; i < shash_count(other_config->object); i++) {
        const struct json *old = nodes[i]->data;

        svec_add(commands, "--");
        svec_add(commands, old->type == JSON_STRING ? "set" : "remove");
        svec_add(commands, "Open_vSwitch");
        svec_add(commands, ".");
        if (old->type == JSON_STRING) {
            svec_add_nocopy(commands,
                            dpuctl_ovsdb_setting("other_config",
                                                 nodes[i]->name,
                                                 json_string(old)));
        } else {
            svec_add(commands, "other_config");
            svec_add(commands, nodes[i]->name);
        }
    }
    free(nodes);
}

/* Forgets the device, and with the last one takes back what all shared. */
static char *
undo_rest(struct undo *undo)
{
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    struct svec devices = SVEC_EMPTY_INITIALIZER;
    char *error = NULL;

    dpuctl_memory_devices(&undo->ovsdb, &devices);
    if (devices.n == 1) {
        struct json *memory = dpuctl_memory_read(&undo->ovsdb, NULL);
        const struct json *part;

        part = dpuctl_memory_get(memory, "bridges", JSON_OBJECT);
        if (part) {
            undo_bridges(undo, part, &commands);
        }
        part = dpuctl_memory_get(memory, "other_config", JSON_OBJECT);
        if (part) {
            undo_other_config(part, &commands);
        }
        part = dpuctl_memory_get(memory, "hugepages", JSON_INTEGER);
        if (part) {
            error = dpuctl_hugepages_restore(&undo->steps, part->integer);
        }
        dpuctl_memory_forget(NULL, &commands);
        json_destroy(memory);
    }
    dpuctl_memory_forget(undo->name, &commands);
    if (!error) {
        error = dpuctl_step_vsctl(&undo->steps, &undo->ovsdb.remote,
                                  &commands);
    }
    svec_destroy(&devices);
    svec_destroy(&commands);
    return error;
}

static void
undo(struct undo *undo, const char *name)
{
    char *only = NULL;
    char *error;

    dpuctl_ovsdb_read(&undo->ovsdb);
    if (!name) {
        name = only = only_device(&undo->ovsdb);
    } else if (strchr(name, '/')) {
        name = strchr(name, '/') + 1;
    }
    if (!name || !dpuctl_memory_exists(&undo->ovsdb, name)) {
        printf("# %s%snothing to undo\n", name ? name : "",
               name ? ": " : "");
        return;
    }
    undo->name = name;
    undo->memory = dpuctl_memory_read(&undo->ovsdb, name);
    error = undo_ports(undo);
    if (!error) {
        error = undo_device(undo);
    }
    if (!error) {
        error = undo_rest(undo);
    }
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    printf("# %s: %s\n", name, (undo->steps.dry_run ? "would be as it was"
                                : "as it was"));
    json_destroy(undo->memory);
    free(only);
}

void
dpuctl_undo(int argc, char *argv[])
{
    enum { OPT_DB = 256, OPT_NO_WAIT, OPT_DRY_RUN };
    static const struct option long_options[] = {
        { "db", required_argument, NULL, OPT_DB },
        { "no-wait", no_argument, NULL, OPT_NO_WAIT },
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { NULL, 0, NULL, 0 },
    };
    struct dpuctl_ovsdb_remote remote = { .db = NULL };
    struct undo context = { .name = NULL };
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_DB:
            remote.db = optarg;
            break;
        case OPT_NO_WAIT:
            remote.no_wait = true;
            break;
        case OPT_DRY_RUN:
            context.steps.dry_run = true;
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (argc - optind > 1) {
        ovs_fatal(0, "undo takes one device (use --help for help)");
    }
    dpuctl_ovsdb_init(&context.ovsdb, &remote);
    undo(&context, argv[optind]);
    dpuctl_ovsdb_destroy(&context.ovsdb);
    dpuctl_steps_destroy(&context.steps);
}
