/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-setup: see dpuctl-setup.h.  This is "setup"; dpuctl-setup-options.c
 * has its command line, dpuctl-undo.c has "undo". */

#include <config.h>

#include "utilities/dpuctl-setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"
#include "utilities/dpuctl-memory.h"
#include "utilities/dpuctl-ports.h"
#include "utilities/dpuctl-setup-private.h"

/* How long errors of ports may last. */
#define OVS_WAIT_MS 5000

/* Preparation: everything that can be said to be wrong before anything
 * changes. */

static char *
check_vfs(const struct dpuctl_setup *setup,
          const struct dpu_topology_device *device)
{
    const struct dpuctl_setup_options *options = setup->options;
    int now = device->sysfs.n_vfs;

    if (options->vfs == AS_IS || options->vfs == now) {
        return NULL;
    } else if (now < 0 && options->vfs == 0) {
        return NULL;
    } else if (now < 0) {
        return xasprintf("--vfs=%d: %s has no SR-IOV on this machine.  The "
                         "VFs of a DPU are created in its host; setup without "
                         "--vfs takes those that there are", options->vfs,
                         setup->name);
    } else if (device->sysfs.max_vfs >= 0
               && options->vfs > device->sysfs.max_vfs) {
        return xasprintf("--vfs=%d: %s has at most %d VFs", options->vfs,
                         setup->name, device->sysfs.max_vfs);
    } else if (now > 0 && !options->force) {
        return xasprintf("--vfs=%d: %s has %d VFs, which would all be removed "
                         "first.  If nobody uses them, say --force",
                         options->vfs, setup->name, now);
    }
    return NULL;
}

static char *
prepare_device(struct dpuctl_setup *setup)
{
    const struct dpuctl_setup_options *options = setup->options;
    const struct dpu_topology_device *device;
    struct dpuctl_ports ports;
    char *error;

    if (options->emulated) {
        setup->devargs = xasprintf("net_dpu_emu0%s%s",
                                   options->emulated[0] ? "," : "",
                                   options->emulated);
        setup->name = xstrdup("net_dpu_emu0");
        setup->dpdk_device = xstrdup(setup->name);
        error = dpuctl_ports_of_emulated(&ports, setup->devargs, NULL);
        dpuctl_ports_destroy(&ports);
        return error;
    }
    dpuctl_kernel_open(&setup->kernel);
    dpuctl_kernel_read(&setup->kernel);
    device = dpuctl_kernel_pick(&setup->kernel, options->device);
    setup->eswitch.kernel = &setup->kernel;
    setup->eswitch.steps = &setup->steps;
    setup->eswitch.handle = device->handle;
    setup->name = xstrdup(device->handle.device);
    if (!options->devargs && strcmp(device->handle.bus, "pci")) {
        return xasprintf("%s/%s is on no bus that DPDK knows; say with "
                         "--devargs what DPDK calls it", device->handle.bus,
                         setup->name);
    }
    setup->devargs = xstrdup(options->devargs ? options->devargs
                             : setup->name);
    setup->dpdk_device = xmemdup0(setup->devargs,
                                  strcspn(setup->devargs, ","));
    return check_vfs(setup, device);
}

/* The arguments for DPDK's EAL that an emulated device needs. */
static char *
emulated_dpdk_extra(const struct dpuctl_setup_options *options)
{
    return xasprintf("%s--no-pci%s%s",
                     (options->hugepages == AS_IS
                      ? "--no-huge --legacy-mem -m 1024 " : ""),
                     options->driver ? " -d " : "",
                     options->driver ? options->driver : "");
}

/* Whether "setup" was what set other_config:dpdk-extra. */
static bool
is_dpdk_extra_ours(const struct dpuctl_ovsdb *ovsdb)
{
    struct json *memory = dpuctl_memory_read(ovsdb, NULL);
    const struct json *keys = dpuctl_memory_get(memory, "other_config",
                                                JSON_OBJECT);
    bool ours = keys && shash_find(keys->object, "dpdk-extra");

    json_destroy(memory);
    return ours;
}

static char *
prepare_ovs(struct dpuctl_setup *setup)
{
    const struct dpuctl_setup_options *options = setup->options;
    const struct dpuctl_bridge *bridge;
    const char *init;

    dpuctl_ovsdb_read(&setup->ovsdb);
    bridge = dpuctl_ovsdb_find_bridge(&setup->ovsdb, options->bridge);
    if (bridge && strcmp(bridge->datapath_type, "netdev")) {
        return xasprintf("bridge %s is there with datapath_type=%s, hardware "
                         "offload through DPDK wants netdev: give --bridge "
                         "another name, or change it: ovs-vsctl set Bridge "
                         "%s datapath_type=netdev", options->bridge,
                         (bridge->datapath_type[0] ? bridge->datapath_type
                          : "system"), options->bridge);
    }
    smap_add(&setup->other_config, "hw-offload", "true");
    init = smap_get(&setup->ovsdb.other_config, "dpdk-init");
    if (!init || strcmp(init, "try")) {
        smap_add(&setup->other_config, "dpdk-init", "true");
    }
    if (options->dpdk_extra) {
        smap_add(&setup->other_config, "dpdk-extra", options->dpdk_extra);
    } else if (options->emulated
               && (!smap_get(&setup->ovsdb.other_config, "dpdk-extra")
                   || is_dpdk_extra_ours(&setup->ovsdb))) {
        smap_add_nocopy(&setup->other_config, xstrdup("dpdk-extra"),
                        emulated_dpdk_extra(options));
    }
    return NULL;
}

/* The kernel's part. */

/* Removes all VFs, after their ports. */
static char *
remove_vfs(struct dpuctl_setup *setup)
{
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    char *error;

    dpuctl_ports_remove(setup->dpdk_device, true, &setup->ovsdb, &commands);
    error = dpuctl_step_vsctl(&setup->steps, &setup->ovsdb.remote, &commands);
    svec_destroy(&commands);
    return error ? error : dpuctl_eswitch_set_vfs(&setup->eswitch, 0);
}

static char *
set_up_kernel(struct dpuctl_setup *setup)
{
    const struct dpuctl_setup_options *options = setup->options;
    struct dpuctl_eswitch *eswitch = &setup->eswitch;
    char *error = NULL;
    int now;

    if (options->hugepages != AS_IS) {
        error = dpuctl_hugepages_reserve(&setup->steps, options->hugepages);
    }
    if (error || options->emulated) {
        return error;
    }
    /* VFs that must go go first: some drivers do not change modes with any,
     * and some leave the mode when they remove them. */
    now = dpuctl_eswitch_device(eswitch)->sysfs.n_vfs;
    if (options->vfs != AS_IS && now > 0 && options->vfs != now) {
        error = remove_vfs(setup);
    }
    if (!error) {
        error = dpuctl_eswitch_set_mode(eswitch, DPU_ESWITCH_SWITCHDEV);
    }
    if (!error && options->vfs > 0) {
        error = dpuctl_eswitch_set_vfs(eswitch, options->vfs);
    }
    if (!error && options->sfs > 0) {
        error = dpuctl_eswitch_add_sfs(eswitch, options->sfs,
                                       (options->sf_mac
                                        ? options->sf_mac_bytes : NULL));
    }
    if (!error) {
        dpuctl_eswitch_wait(eswitch);
    }
    if (!error && options->mac) {
        error = dpuctl_eswitch_set_macs(eswitch, options->mac_bytes);
    }
    return error;
}

/* Open vSwitch's part. */

static char *
find_ports(struct dpuctl_setup *setup, struct dpuctl_ports *ports)
{
    const struct dpuctl_setup_options *options = setup->options;

    if (options->emulated) {
        return dpuctl_ports_of_emulated(ports, setup->devargs,
                                        (options->mac ? options->mac_bytes
                                         : NULL));
    }
    dpuctl_ports_of_device(ports, dpuctl_eswitch_device(&setup->eswitch),
                           setup->devargs, options->dry_run);
    return NULL;
}

static void
change_other_config(const struct dpuctl_setup *setup, struct svec *commands)
{
    const struct smap_node **nodes = smap_sort(&setup->other_config);

    for (size_t i = 0; i < smap_count(&setup->other_config); i++) {
        const char *now = smap_get(&setup->ovsdb.other_config,
                                   nodes[i]->key);

        if (!now || strcmp(now, nodes[i]->value)) {
            svec_add(commands, "--");
            svec_add(commands, "set");
            svec_add(commands, "Open_vSwitch");
            svec_add(commands, ".");
            svec_add_nocopy(commands,
                            dpuctl_ovsdb_setting("other_config",
                                                 nodes[i]->key,
                                                 nodes[i]->value));
        }
    }
    free(nodes);
}

static void
add_bridge(const struct dpuctl_setup *setup, struct svec *commands)
{
    const char *bridge = setup->options->bridge;

    if (!dpuctl_ovsdb_find_bridge(&setup->ovsdb, bridge)) {
        svec_add(commands, "--");
        svec_add(commands, "--may-exist");
        svec_add(commands, "add-br");
        svec_add(commands, bridge);
        svec_add(commands, "--");
        svec_add(commands, "set");
        svec_add(commands, "Bridge");
        svec_add(commands, bridge);
        svec_add(commands, "datapath_type=netdev");
    }
}

/* Whether ovs-vswitchd took what it was given.  While it replaces a device,
 * ports may have errors that pass. */
static char *
check_ovs(struct dpuctl_setup *setup)
{
    char *error = NULL;

    if (setup->options->dry_run || setup->ovsdb.remote.no_wait) {
        return NULL;
    }
    for (int ms = 0; ms <= OVS_WAIT_MS; ms += 500) {
        free(error);
        dpuctl_ovsdb_read(&setup->ovsdb);
        error = (setup->ovsdb.dpdk_initialized
                 ? dpuctl_ports_errors(setup->dpdk_device, &setup->ovsdb)
                 : xstrdup("ovs-vswitchd has not started DPDK: its log says "
                           "why, or it is one without DPDK"));
        if (!error) {
            break;
        }
        usleep(500 * 1000);
    }
    return error;
}

static char *
set_up_ovs(struct dpuctl_setup *setup, size_t *n_ports)
{
    const char *extra = smap_get(&setup->other_config, "dpdk-extra");
    const char *old = smap_get(&setup->ovsdb.other_config, "dpdk-extra");
    bool restart = (setup->ovsdb.dpdk_initialized && extra
                    && (!old || strcmp(extra, old)));
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    struct dpuctl_ports ports;
    char *error;

    error = find_ports(setup, &ports);
    ports.owner = setup->options->owner;
    if (!error) {
        change_other_config(setup, &commands);
        add_bridge(setup, &commands);
        error = dpuctl_ports_change(&ports, &setup->ovsdb,
                                    setup->options->bridge, &commands);
    }
    if (!error) {
        error = dpuctl_step_vsctl(&setup->steps, &setup->ovsdb.remote,
                                  &commands);
    }
    if (!error && restart) {
        printf("# ovs-vswitchd has started DPDK with other arguments: "
               "restart it for other_config:dpdk-extra\n");
    }
    if (!error) {
        error = check_ovs(setup);
    }
    *n_ports = ports.n;
    dpuctl_ports_destroy(&ports);
    svec_destroy(&commands);
    return error;
}

/* Following what appears and vanishes. */

/* Waits for the next change, and until it is over. */
static void
wait_for_change(struct dpu_devlink *events)
{
    char *error;
    int code;

    do {
        code = dpu_devlink_wait(events, -1, &error);
    } while (code == EAGAIN);
    while (!code || code == ENOBUFS) {
        /* One creation makes several: wait until there is silence. */
        code = dpu_devlink_wait(events, 200, &error);
    }
    if (code != EAGAIN) {
        ovs_fatal(0, "devlink: %s", error);
    }
}

/* Starts to listen, on a connection of its own: what is told between a
 * question and its answer is not lost. */
static struct dpu_devlink *
listen_to_devlink(void)
{
    struct dpu_devlink *events;
    char *error;

    if (dpu_devlink_open(&events, &error)
        || dpu_devlink_subscribe(events, &error)) {
        ovs_fatal(0, "devlink: %s", error);
    }
    return events;
}

static void
follow(struct dpuctl_setup *setup, struct dpu_devlink *events)
{
    size_t n_ports;

    for (;;) {
        char *error;

        printf("# waiting for functions to appear or vanish\n");
        fflush(stdout);
        wait_for_change(events);
        dpuctl_kernel_read(&setup->kernel);
        dpuctl_ovsdb_read(&setup->ovsdb);
        error = set_up_ovs(setup, &n_ports);
        if (error) {
            ovs_error(0, "%s", error);
            free(error);
        }
    }
}

/* All of it. */

static void
set_up(const struct dpuctl_setup_options *options)
{
    struct dpuctl_setup setup = {
        .options = options,
        .steps = { .dry_run = options->dry_run },
    };
    struct dpu_devlink *events = NULL;
    size_t n_ports = 0;
    char *error;

    smap_init(&setup.other_config);
    dpuctl_ovsdb_init(&setup.ovsdb, &options->remote);
    error = prepare_device(&setup);
    if (!error) {
        error = prepare_ovs(&setup);
    }
    if (!error && options->follow) {
        events = listen_to_devlink();
    }
    if (!error) {
        error = dpuctl_setup_remember(&setup);
    }
    if (!error) {
        error = set_up_kernel(&setup);
    }
    if (!error) {
        error = set_up_ovs(&setup, &n_ports);
    }
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (!setup.steps.n) {
        printf("# %s: nothing to change, %"PRIuSIZE" ports are there\n",
               setup.name, n_ports);
    } else {
        printf("# %s: %s, %"PRIuSIZE" ports\n", setup.name,
               options->dry_run ? "would be set up" : "set up", n_ports);
    }
    if (options->follow) {
        follow(&setup, events);
    }
    if (!options->emulated) {
        dpuctl_kernel_close(&setup.kernel);
    }
    dpuctl_ovsdb_destroy(&setup.ovsdb);
    dpuctl_steps_destroy(&setup.steps);
    smap_destroy(&setup.other_config);
    free(setup.name);
    free(setup.devargs);
    free(setup.dpdk_device);
}

void
dpuctl_setup(int argc, char *argv[])
{
    struct dpuctl_setup_options options;

    dpuctl_setup_parse_options(argc, argv, &options);
    set_up(&options);
}
