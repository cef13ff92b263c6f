/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/dpu-switchdev.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "smap.h"
#include "util.h"

/* Limits of netdev-dpdk.c, which falls back to a default without a word. */
#define MAX_QUEUES      1024
#define MAX_DESCRIPTORS 4096

/* Checks of a value.  Each returns NULL or what would be right. */

static const char *
check_any(const char *value)
{
    return value[0] ? NULL : "a value";
}

static const char *
check_bool(const char *value)
{
    return (!strcasecmp(value, "true") || !strcasecmp(value, "false")
            ? NULL : "'true' or 'false'");
}

static const char *
check_queues(const char *value)
{
    int n;

    return (str_to_int(value, 10, &n) && n >= 0 && n <= MAX_QUEUES
            ? NULL : "a number of queues, from 1 to 1024");
}

static const char *
check_descriptors(const char *value)
{
    int n;

    return (str_to_int(value, 10, &n) && n > 0 && n <= MAX_DESCRIPTORS
            && is_pow2(n) ? NULL : "a power of 2, from 1 to 4096");
}

static const char *
check_mac(const char *value)
{
    struct eth_addr mac;

    return (eth_addr_from_string(value, &mac) && !eth_addr_is_multicast(mac)
            && !eth_addr_is_zero(mac)
            ? NULL : "a unicast Ethernet address, 00:11:22:33:44:55");
}

static const struct {
    const char *key;
    const char *(*check)(const char *value);
} keys[] = {
    { "dpdk-devargs", check_any },
    { "device", check_any },
    { "representor", check_any },
    { "netdev", check_any },
    { "n_rxq", check_queues },
    { "n_rxq_desc", check_descriptors },
    { "n_txq_desc", check_descriptors },
    { "dpdk-vf-mac", check_mac },
    { "dpdk-lsc-interrupt", check_bool },
    { "rx-flow-ctrl", check_bool },
    { "tx-flow-ctrl", check_bool },
    { "flow-ctrl-autoneg", check_bool },
};

static char *
check_key(const char *key, const char *value)
{
    struct ds known = DS_EMPTY_INITIALIZER;
    char *error;

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strcmp(key, keys[i].key)) {
            const char *right = keys[i].check(value);

            ds_destroy(&known);
            return right ? xasprintf("options:%s='%s' is wrong: it takes %s",
                                     key, value, right) : NULL;
        }
        ds_put_format(&known, "%s%s", i ? ", " : "", keys[i].key);
    }
    error = xasprintf("options:%s is unknown to type 'dpu', which knows %s",
                      key, ds_cstr(&known));
    ds_destroy(&known);
    return error;
}

static char *
set_representor(struct dpu_config *config, const char *key, const char *name)
{
    const char *wrong;

    if (config->has_representor) {
        return xasprintf("options:%s names the representor a second time: "
                         "give it once", key);
    }
    wrong = dpu_representor_parse(name, &config->representor);
    if (wrong) {
        return xasprintf("options:%s: representor '%s' %s", key, name, wrong);
    }
    config->has_representor = true;
    return NULL;
}

/* Returns the end of the devargs item that starts at 's': the next comma that
 * is not between brackets. */
static const char *
item_end(const char *s)
{
    int depth = 0;

    for (; *s && (*s != ',' || depth > 0); s++) {
        depth += *s == '[' ? 1 : *s == ']' ? -1 : 0;
    }
    return s;
}

static bool
is_representor(const char *item)
{
    return !strncmp(item, "representor=", strlen("representor="));
}

char *
dpu_config_strip_representors(const char *args)
{
    struct ds rest = DS_EMPTY_INITIALIZER;
    const char *end;

    for (; *args; args = *end ? end + 1 : end) {
        end = item_end(args);
        if (end != args && !is_representor(args)) {
            ds_put_format(&rest, "%s%.*s", rest.length ? "," : "",
                          (int) (end - args), args);
        }
    }
    return rest.length ? ds_steal_cstr(&rest) : NULL;
}

/* Reads the devargs 'value' of key 'key'. */
static char *
parse_devargs(struct dpu_config *config, const char *key, const char *value)
{
    static const char by_mac[] = "class=eth,mac=";
    struct ds args = DS_EMPTY_INITIALIZER;
    const char *end = item_end(value);
    char *error = NULL;

    if (!strncmp(value, by_mac, strlen(by_mac))) {
        const char *right;

        value += strlen(by_mac);
        right = check_mac(value);
        config->mac = xstrdup(value);
        return right ? xasprintf("options:%s: mac='%s' is wrong: it takes %s",
                                 key, value, right) : NULL;
    }
    if (end == value || memchr(value, '=', end - value)) {
        return xasprintf("options:%s='%s' is wrong: it begins with the name "
                         "of a device, as in 0000:03:00.0,representor=vf3",
                         key, value);
    }
    /* The name of the bus is DPDK's to find out. */
    if (!strncmp(value, "pci:", 4)) {
        value += 4;
    }
    config->device = xmemdup0(value, end - value);

    while (!error && *end) {
        const char *item = end + 1;
        char *arg;

        end = item_end(item);
        arg = xmemdup0(item, end - item);
        if (is_representor(arg)) {
            error = set_representor(config, key,
                                    arg + strlen("representor="));
        } else if (arg[0]) {
            ds_put_format(&args, "%s%s", args.length ? "," : "", arg);
        }
        free(arg);
    }
    if (!error && args.length) {
        config->args = ds_steal_cstr(&args);
    }
    ds_destroy(&args);
    return error;
}

/* Reads the keys that say which port it is. */
static char *
parse_port(const struct smap *options, const char *name,
           struct dpu_config *config)
{
    const char *devargs = smap_get(options, "dpdk-devargs");
    const char *device = smap_get(options, "device");
    const char *representor = smap_get(options, "representor");
    const char *netdev = smap_get(options, "netdev");
    char *error = NULL;

    if (!!devargs + !!device + !!netdev > 1) {
        return xasprintf("options:%s and options:%s contradict each other: "
                         "give one of them", devargs ? "dpdk-devargs"
                         : "device", netdev ? "netdev" : "device");
    }
    if (devargs) {
        error = parse_devargs(config, "dpdk-devargs", devargs);
    } else if (device) {
        error = parse_devargs(config, "device", device);
    } else if (!representor) {
        config->netdev = xstrdup(netdev ? netdev : name);
    }
    if (!error && representor) {
        if (!config->device) {
            return xasprintf("options:representor needs options:device, the "
                             "device that has it");
        }
        error = set_representor(config, "representor", representor);
    }
    return error;
}

char *
dpu_config_parse(const struct smap *options, const char *name,
                 struct dpu_config *config)
{
    const struct smap_node *node;
    char *error;

    memset(config, 0, sizeof *config);
    SMAP_FOR_EACH (node, options) {
        error = check_key(node->key, node->value);
        if (error) {
            return error;
        }
    }
    config->vf_mac = smap_get(options, "dpdk-vf-mac") != NULL;
    error = parse_port(options, name, config);
    if (error) {
        dpu_config_destroy(config);
    }
    return error;
}

char *
dpu_config_resolve(struct dpu_config *config, const char *sysfs)
{
    struct dpu_switchdev port;
    char *why, *error;

    if (!config->netdev) {
        return NULL;
    }
    if (dpu_switchdev_lookup(sysfs, config->netdev, &port, &why)) {
        error = xasprintf("%s; name the port with options:dpdk-devargs, with "
                          "options:device and options:representor, or with "
                          "options:netdev", why ? why : "out of memory");
        free(why);
        return error;
    }
    free(config->device);
    config->device = xstrdup(port.device);
    config->representor = port.representor;
    config->has_representor = true;
    return NULL;
}

void
dpu_config_destroy(struct dpu_config *config)
{
    free(config->device);
    free(config->args);
    free(config->mac);
    free(config->netdev);
    memset(config, 0, sizeof *config);
}

int
dpu_config_own_pf(const struct dpu_config *config)
{
    int function;

    return (config->device && dpu_switchdev_is_pci(config->device, &function)
            ? function : 0);
}

static char *
to_devargs(const struct dpu_config *config, const char *args, bool without_pf)
{
    struct dpu_representor rep = config->representor;
    int own_pf = dpu_config_own_pf(config);
    char name[DPU_REPRESENTOR_STRLEN];
    struct ds s = DS_EMPTY_INITIALIZER;

    if (config->mac) {
        return xasprintf("class=eth,mac=%s", config->mac);
    }
    if (without_pf && rep.pf == own_pf
        && rep.controller == DPU_REPRESENTOR_OWN) {
        rep.pf = DPU_REPRESENTOR_OWN;
    }
    ds_put_cstr(&s, config->device);
    if (args) {
        ds_put_format(&s, ",%s", args);
    }
    if (config->has_representor
        && dpu_representor_format_devarg(&rep, own_pf, name)) {
        ds_put_format(&s, ",representor=%s", name);
    }
    return ds_steal_cstr(&s);
}

char *
dpu_config_to_devargs(const struct dpu_config *config, bool without_pf)
{
    return to_devargs(config, NULL, without_pf);
}

char *
dpu_config_to_probe(const struct dpu_config *config)
{
    return to_devargs(config, config->args, false);
}
