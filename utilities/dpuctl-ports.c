/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-ports: see dpuctl-ports.h. */

#include <config.h>

#include "utilities/dpuctl-ports.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#include "utilities/guard/guard-owner.h"

/* Wishes. */

static void
start(struct dpuctl_ports *ports, const char *devargs, int pf)
{
    ports->device = xmemdup0(devargs, strcspn(devargs, ","));
    ports->pf = pf;
    ports->wishes = NULL;
    ports->n = 0;
    ports->owner = NULL;
}

void
dpuctl_ports_destroy(struct dpuctl_ports *ports)
{
    for (size_t i = 0; i < ports->n; i++) {
        free(ports->wishes[i].name);
        free(ports->wishes[i].function);
        free(ports->wishes[i].devargs);
        free(ports->wishes[i].mac);
    }
    free(ports->wishes);
    free(ports->device);
}

/* Adds the port with function 'rep' behind it.  The uplink 'own_uplink' is
 * what the device is without a representor.  Each port has all arguments of
 * the device, as none knows which one Open vSwitch takes first. */
static struct dpuctl_port_wish *
add_wish(struct dpuctl_ports *ports, const struct dpu_representor *rep,
         int own_uplink, const char *devargs)
{
    int own = (rep->function == DPU_FUNCTION_UPLINK ? own_uplink
               : ports->pf);
    char arg[DPU_REPRESENTOR_STRLEN], function[DPU_REPRESENTOR_STRLEN];
    struct dpuctl_port_wish *wish;

    ports->wishes = xrealloc(ports->wishes,
                             (ports->n + 1) * sizeof *ports->wishes);
    wish = &ports->wishes[ports->n++];
    dpu_representor_format(rep, ports->pf, function);
    wish->function = xstrdup(function);
    wish->name = xstrdup(function);
    wish->mac = NULL;
    wish->devargs = (dpu_representor_format_devarg(rep, own, arg)
                     ? xasprintf("%s,representor=%s", devargs, arg)
                     : xstrdup(devargs));
    return wish;
}

void
dpuctl_ports_of_device(struct dpuctl_ports *ports,
                       const struct dpu_topology_device *device,
                       const char *devargs, bool all)
{
    int own_uplink = 0;

    start(ports, devargs, device->pf);
    if (device->n_ports) {
        own_uplink = device->ports[0].devlink.representor.pf;
    }
    for (size_t i = 0; i < device->n_ports; i++) {
        const struct dpu_topology_port *port = &device->ports[i];
        struct dpuctl_port_wish *wish;

        if (!port->netdev[0] && !all) {
            continue;
        }
        wish = add_wish(ports, &port->devlink.representor, own_uplink,
                        devargs);
        if (port->netdev[0]) {
            free(wish->name);
            wish->name = xstrdup(port->netdev);
        }
    }
}

/* The device's address plus 'i'. */
static char *
format_mac(const uint8_t mac[6], int i)
{
    struct eth_addr address;

    memcpy(&address, mac, sizeof address);
    eth_addr_from_uint64(eth_addr_to_uint64(address) + i, &address);
    return xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(address));
}

/* Adds the port for argument 'key' of an emulated device, if it has one. */
static char *
add_emulated(struct dpuctl_ports *ports, const char *key, const char *value,
             const char *devargs, const uint8_t mac[6])
{
    struct dpu_representor rep = {
        .controller = DPU_REPRESENTOR_OWN,
        .pf = 0,
    };
    int n;

    if (!strcmp(key, "uplink1")) {
        rep.function = DPU_FUNCTION_UPLINK;
        rep.pf = 1;
    } else if (!strcmp(key, "pf") || !strcmp(key, "pf1")) {
        rep.function = DPU_FUNCTION_HPF;
        rep.pf = key[2] == '1';
    } else if (!strcmp(key, "vfs")) {
        if (!str_to_int(value, 10, &n) || n < 0 || n > 128) {
            return xasprintf("vfs=%s: an emulated device has 0 to 128 VFs",
                             value);
        }
        rep.function = DPU_FUNCTION_VF;
        for (rep.number = 0; rep.number < n; rep.number++) {
            struct dpuctl_port_wish *wish = add_wish(ports, &rep, 0, devargs);

            wish->mac = mac ? format_mac(mac, rep.number) : NULL;
        }
        return NULL;
    } else {
        return NULL;
    }
    add_wish(ports, &rep, 0, devargs);
    return NULL;
}

char *
dpuctl_ports_of_emulated(struct dpuctl_ports *ports, const char *devargs,
                         const uint8_t mac[6])
{
    static const struct dpu_representor uplink = {
        .function = DPU_FUNCTION_UPLINK,
        .controller = DPU_REPRESENTOR_OWN,
    };
    char *copy = xstrdup(devargs);
    char *save_ptr = NULL;
    char *error = NULL;

    start(ports, devargs, 0);
    add_wish(ports, &uplink, 0, devargs);
    strtok_r(copy, ",", &save_ptr);
    for (char *arg = strtok_r(NULL, ",", &save_ptr); arg && !error;
         arg = strtok_r(NULL, ",", &save_ptr)) {
        char *value = strchr(arg, '=');

        if (!value) {
            error = xasprintf("'%s' is no KEY=VALUE", arg);
        } else {
            *value++ = '\0';
            error = add_emulated(ports, arg, value, devargs, mac);
        }
    }
    free(copy);
    return error;
}

/* What is there. */

static bool
is_vf(const char *function)
{
    struct dpu_representor rep;

    return (!dpu_representor_parse(function, &rep)
            && rep.function == DPU_FUNCTION_VF);
}

/* Whether 'interface' was added by "setup" for 'device'; if so, and 'function'
 * is nonnull, points it to the function's name. */
static bool
is_ours(const struct dpuctl_interface *interface, const char *device,
        const char **function)
{
    const char *mark = smap_get(&interface->external_ids, DPUCTL_MARK);
    size_t len = strlen(device);

    if (!mark || strncmp(mark, device, len) || mark[len] != '/') {
        return false;
    }
    if (function) {
        *function = mark + len + 1;
    }
    return true;
}

/* Whether 'interface', which somebody else added, is the port of 'wish'. */
static bool
is_same_port(const struct dpuctl_ports *ports,
             const struct dpuctl_interface *interface,
             const struct dpuctl_port_wish *wish)
{
    const char *devargs = smap_get(&interface->options, "dpdk-devargs");
    size_t len = strlen(ports->device);
    char function[DPU_REPRESENTOR_STRLEN];
    struct dpu_representor rep;
    const char *arg;
    char *name;
    bool same;

    if (strcmp(interface->type, "dpu") || !devargs
        || strncmp(devargs, ports->device, len)
        || (devargs[len] && devargs[len] != ',')) {
        return false;
    }
    arg = strstr(devargs, ",representor=");
    if (!arg) {
        return !strstr(wish->devargs, ",representor=");
    }
    arg += strlen(",representor=");
    name = xmemdup0(arg, strcspn(arg, ","));
    same = !dpu_representor_parse(name, &rep);
    free(name);
    if (same) {
        dpu_representor_format(&rep, ports->pf, function);
        same = !strcmp(function, wish->function);
    }
    return same;
}

static const struct dpuctl_interface *
find_port(const struct dpuctl_ports *ports, const struct dpuctl_ovsdb *ovsdb,
          const struct dpuctl_port_wish *wish)
{
    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        const struct dpuctl_interface *interface = ovsdb->interfaces[i];
        const char *function;

        if ((is_ours(interface, ports->device, &function)
             && !strcmp(function, wish->function))
            || is_same_port(ports, interface, wish)) {
            return interface;
        }
    }
    return NULL;
}

/* Changes. */

static void
add_option(struct svec *commands, const char *key, const char *value)
{
    if (value) {
        svec_add_nocopy(commands, dpuctl_ovsdb_setting("options", key,
                                                       value));
    }
}

/* Whose the port of 'wish' is to be, or NULL if that is not said. */
static const char *
wished_owner(const struct dpuctl_ports *ports,
             const struct dpuctl_port_wish *wish)
{
    return is_vf(wish->function) ? ports->owner : NULL;
}

static void
add_external_id(struct svec *commands, const char *key, const char *value)
{
    svec_add_nocopy(commands, dpuctl_ovsdb_setting("external_ids", key,
                                                   value));
}

static void
set_port(const struct dpuctl_ports *ports, const char *name,
         const struct dpuctl_port_wish *wish, struct svec *commands)
{
    const char *owner = wished_owner(ports, wish);
    char *mark = xasprintf("%s/%s", ports->device, wish->function);

    svec_add(commands, "--");
    svec_add(commands, "set");
    svec_add(commands, "Interface");
    svec_add(commands, name);
    svec_add(commands, "type=dpu");
    add_option(commands, "dpdk-devargs", wish->devargs);
    add_option(commands, "dpdk-vf-mac", wish->mac);
    add_external_id(commands, DPUCTL_MARK, mark);
    free(mark);
    if (owner) {
        add_external_id(commands, GUARD_OWNER, owner);
        svec_add(commands, "--");
        svec_add(commands, "set");
        svec_add(commands, "Port");
        svec_add(commands, name);
        add_external_id(commands, GUARD_OWNER, owner);
    }
}

/* Whether 'map' has 'key' with 'value'; NULL: with any or none. */
static bool
has(const struct smap *map, const char *key, const char *value)
{
    return !value || !strcmp(smap_get_def(map, key, ""), value);
}

static char *
change_port(const struct dpuctl_ports *ports,
            const struct dpuctl_ovsdb *ovsdb, const char *bridge,
            const struct dpuctl_port_wish *wish, struct svec *commands)
{
    const struct dpuctl_interface *interface = find_port(ports, ovsdb, wish);

    if (interface) {
        if (is_ours(interface, ports->device, NULL)
            && (strcmp(interface->type, "dpu")
                || !has(&interface->options, "dpdk-devargs", wish->devargs)
                || !has(&interface->options, "dpdk-vf-mac", wish->mac)
                || !has(&interface->external_ids, GUARD_OWNER,
                        wished_owner(ports, wish)))) {
            set_port(ports, interface->name, wish, commands);
        }
        return NULL;
    }
    interface = dpuctl_ovsdb_find_interface(ovsdb, wish->name);
    if (interface) {
        return xasprintf("%s is to be the name of the port of %s, but bridge "
                         "%s has a port of that name and of type '%s'; "
                         "remove that one, or make it the port: ovs-vsctl "
                         "set Interface %s type=dpu options:dpdk-devargs=%s",
                         wish->name, wish->function, interface->bridge,
                         (interface->type[0] ? interface->type : "system"),
                         wish->name, wish->devargs);
    }
    svec_add(commands, "--");
    svec_add(commands, "--may-exist");
    svec_add(commands, "add-port");
    svec_add(commands, bridge);
    svec_add(commands, wish->name);
    set_port(ports, wish->name, wish, commands);
    return NULL;
}

static void
remove_port(const struct dpuctl_interface *interface, struct svec *commands)
{
    svec_add(commands, "--");
    svec_add(commands, "--if-exists");
    svec_add(commands, "del-port");
    if (interface->bridge[0]) {
        svec_add(commands, interface->bridge);
    }
    svec_add(commands, interface->name);
}

static bool
is_wished(const struct dpuctl_ports *ports, const char *function)
{
    for (size_t i = 0; i < ports->n; i++) {
        if (!strcmp(ports->wishes[i].function, function)) {
            return true;
        }
    }
    return false;
}

char *
dpuctl_ports_change(const struct dpuctl_ports *ports,
                    const struct dpuctl_ovsdb *ovsdb, const char *bridge,
                    struct svec *commands)
{
    char *error = NULL;

    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        const char *function;

        if (is_ours(ovsdb->interfaces[i], ports->device, &function)
            && !is_wished(ports, function)) {
            remove_port(ovsdb->interfaces[i], commands);
        }
    }
    for (size_t i = 0; !error && i < ports->n; i++) {
        error = change_port(ports, ovsdb, bridge, &ports->wishes[i],
                            commands);
    }
    return error;
}

void
dpuctl_ports_remove(const char *device, bool vfs_alone,
                    struct dpuctl_ovsdb *ovsdb, struct svec *commands)
{
    for (size_t i = 0; i < ovsdb->n_interfaces; ) {
        const char *function;

        if (is_ours(ovsdb->interfaces[i], device, &function)
            && (!vfs_alone || is_vf(function))) {
            remove_port(ovsdb->interfaces[i], commands);
            dpuctl_ovsdb_forget(ovsdb, i);
        } else {
            i++;
        }
    }
}

char *
dpuctl_ports_errors(const char *device, const struct dpuctl_ovsdb *ovsdb)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        const struct dpuctl_interface *interface = ovsdb->interfaces[i];

        if (is_ours(interface, device, NULL) && interface->error[0]) {
            ds_put_format(&s, "%sport %s: %s", s.length ? "\n" : "",
                          interface->name, interface->error);
        }
    }
    return s.length ? ds_steal_cstr(&s) : NULL;
}
