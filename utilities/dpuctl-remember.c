/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-remember: what "setup" is about to change, for "undo". */

#include <config.h>

#include "utilities/dpuctl-setup-private.h"

#include <string.h>

#include "packets.h"
#include "util.h"
#include "utilities/dpuctl-memory.h"

/* The object 'key' of 'memory', which is made if there is none. */
static struct json *
sub_memory(struct json *memory, const char *key)
{
    dpuctl_memory_put(memory, key, json_object_create());
    return dpuctl_memory_get(memory, key, JSON_OBJECT);
}

static void
remember_shared(struct dpuctl_setup *setup, struct json *memory)
{
    const struct dpuctl_setup_options *options = setup->options;
    struct dpu_hugepages pages;
    const struct smap_node *node;
    long long int total;

    SMAP_FOR_EACH (node, &setup->other_config) {
        const char *old = smap_get(&setup->ovsdb.other_config, node->key);

        if (!old || strcmp(old, node->value)) {
            dpuctl_memory_put(sub_memory(memory, "other_config"), node->key,
                              (old ? json_string_create(old)
                               : json_null_create()));
        }
    }
    if (!dpuctl_ovsdb_find_bridge(&setup->ovsdb, options->bridge)) {
        dpuctl_memory_put(sub_memory(memory, "bridges"), options->bridge,
                          json_null_create());
    }
    if (options->hugepages != AS_IS
        && dpu_sysfs_get_hugepages(DPU_SYSFS, "/proc/meminfo", &pages, &total)
        && total < options->hugepages) {
        dpuctl_memory_put(memory, "hugepages", json_integer_create(pages.n));
    }
}

static void
remember_sfs(const struct dpuctl_setup *setup,
             const struct dpu_topology_device *device, struct json *memory)
{
    struct json *sfs;

    dpuctl_memory_put(memory, "sfs", json_array_create_empty());
    sfs = dpuctl_memory_get(memory, "sfs", JSON_ARRAY);
    for (int i = 0; sfs && i < setup->options->sfs; i++) {
        const struct dpu_representor rep = {
            .function = DPU_FUNCTION_SF,
            .controller = DPU_REPRESENTOR_OWN,
            .pf = DPU_REPRESENTOR_OWN,
            .number = i,
        };
        bool known = dpu_topology_find_port(device, &rep) != NULL;

        for (size_t j = 0; !known && j < sfs->array.n; j++) {
            known = (sfs->array.elems[j]->type == JSON_INTEGER
                     && sfs->array.elems[j]->integer == i);
        }
        if (!known) {
            json_array_add(sfs, json_integer_create(i));
        }
    }
}

static void
remember_macs(const struct dpu_topology_device *device, struct json *memory)
{
    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_topology_port *port = &device->ports[i];
        struct eth_addr mac;
        char *text;

        if ((port->devlink.representor.function == DPU_FUNCTION_VF
             || port->devlink.representor.function == DPU_FUNCTION_SF)
            && port->has_mac) {
            memcpy(&mac, port->mac, sizeof mac);
            text = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
            dpuctl_memory_put(sub_memory(memory, "macs"), port->name,
                              json_string_create_nocopy(text));
        }
    }
}

static void
remember_device(struct dpuctl_setup *setup, struct json *memory)
{
    const struct dpu_topology_device *device;

    dpuctl_memory_put(memory, "dpdk",
                      json_string_create(setup->dpdk_device));
    if (setup->options->emulated) {
        return;
    }
    device = dpuctl_eswitch_device(&setup->eswitch);
    dpuctl_memory_put(memory, "bus",
                      json_string_create(device->handle.bus));
    dpuctl_memory_put(memory, "mode",
                      json_string_create(dpu_eswitch_mode_to_string(
                                             device->mode)));
    if (device->sysfs.n_vfs >= 0) {
        dpuctl_memory_put(memory, "vfs",
                          json_integer_create(device->sysfs.n_vfs));
    }
    if (setup->options->sfs > 0) {
        remember_sfs(setup, device, memory);
    }
    if ((setup->options->mac || setup->options->sf_mac)
        && !dpuctl_memory_exists(&setup->ovsdb, setup->name)) {
        remember_macs(device, memory);
    }
}

char *
dpuctl_setup_remember(struct dpuctl_setup *setup)
{
    struct json *shared = dpuctl_memory_read(&setup->ovsdb, NULL);
    struct json *own = dpuctl_memory_read(&setup->ovsdb, setup->name);
    struct dpuctl_ovsdb_remote remote = setup->ovsdb.remote;
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    char *error;

    remember_shared(setup, shared);
    remember_device(setup, own);
    dpuctl_memory_remember(&setup->ovsdb, NULL, shared, &commands);
    dpuctl_memory_remember(&setup->ovsdb, setup->name, own, &commands);
    /* ovs-vswitchd has nothing to do with it. */
    remote.no_wait = true;
    error = dpuctl_step_vsctl(&setup->steps, &remote, &commands);
    svec_destroy(&commands);
    json_destroy(shared);
    json_destroy(own);
    return error;
}
