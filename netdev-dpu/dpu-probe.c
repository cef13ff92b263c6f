/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-probe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "if-notifier.h"
#include "netdev-dpu/dpu-config.h"
#include "netdev-dpu/dpu-ethdev.h"
#include "netdev-dpu/dpu-probe-log.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"
#include "seq.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_probe);

/* A device that was asked for.  Stays here when the device was removed, for
 * the sake of its arguments. */
struct device {
    char *name;                 /* On its bus. */
    char *bus;                  /* "vdev", "pci"; NULL before it was seen. */
    char *args;                 /* That it was put there with, or NULL. */
    char *wanted;               /* To be put there with, or NULL. */
    char *rejected;             /* It was not to be put there with, or NULL. */
    char *rejected_error;       /* Why. */
    bool ours;                  /* We put it there. */
    bool known;                 /* We put it there once, with 'args'. */
    bool learned;               /* It is there, and 'wanted' says how. */
    bool used;                  /* Since then, by a port that works. */
    atomic_bool vanished;

    /* The last attempt to put it there, if that failed. */
    char *failed_devargs;
    char *failed_error;
    long long int failed_at;    /* In ms, time_msec(). */

    struct ovs_list probes;     /* Of struct dpu_probe, under 'mutex'. */
};

struct dpu_probe {
    struct ovs_list node;       /* In device->probes. */
    struct device *device;
    char *name;                 /* Of the port. */
    char *args;                 /* That it gave, or NULL. */
};

/* Setting up a device and taking it off again may change interfaces of the
 * kernel.  Of this the bridge is notified, and it tries all ports that failed
 * once more.  So that it does not go on for ever, what failed is not attempted
 * again before this time has passed, in ms, and a device that was set up
 * stays until a port has really used it. */
#define RETRY_MS 1000

/* Main thread only. */
static struct shash devices = SHASH_INITIALIZER(&devices);

/* Protects the lists of claims. */
static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;

/* Changes when a device loses its last claim. */
static struct seq *unclaimed;
static uint64_t unclaimed_seen;

static struct seq *
unclaimed_seq(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (ovsthread_once_start(&once)) {
        unclaimed = seq_create();
        ovsthread_once_done(&once);
    }
    return unclaimed;
}

static struct device *
device_lookup(const char *name)
{
    struct device *device = shash_find_data(&devices, name);

    if (!device) {
        device = xzalloc(sizeof *device);
        device->name = xstrdup(name);
        atomic_init(&device->vanished, false);
        ovs_list_init(&device->probes);
        shash_add(&devices, name, device);
    }
    return device;
}

static bool
device_is_claimed(const struct device *device)
{
    bool claimed;

    ovs_mutex_lock(&mutex);
    claimed = !ovs_list_is_empty(&device->probes);
    ovs_mutex_unlock(&mutex);
    return claimed;
}

static bool
device_is_stale(const struct device *device)
{
    bool vanished;

    atomic_read(&CONST_CAST(struct device *, device)->vanished, &vanished);
    return vanished || (device->ours && device->wanted
                        && !nullable_string_is_equal(device->args,
                                                     device->wanted));
}

/* Returns a port other than 'name' that gave arguments for 'device' other
 * than 'args'.  They are stored in '*other_args'. */
static char *
device_find_contradiction(const struct device *device, const char *name,
                          const char *args, char **other_args)
{
    const struct dpu_probe *probe;
    char *other = NULL;

    ovs_mutex_lock(&mutex);
    LIST_FOR_EACH (probe, node, &device->probes) {
        if (probe->args && strcmp(probe->args, args)
            && strcmp(probe->name, name)) {
            other = xstrdup(probe->name);
            *other_args = xstrdup(probe->args);
            break;
        }
    }
    ovs_mutex_unlock(&mutex);
    return other;
}

/* Notes the bus of 'device', for when none of its ethdevs is left. */
static void
device_note_bus(struct device *device)
{
    const struct rte_device *dev =
        dpu_ethdev_device(dpu_ethdev_find(device->name));

    if (dev) {
        free(device->bus);
        device->bus = xstrdup(rte_bus_name(rte_dev_bus(dev)));
    }
}

static void
device_remove(struct device *device)
{
    device_note_bus(device);
    if (!device->bus) {
        VLOG_DBG("%s: has no ports, nothing to remove", device->name);
    } else if (rte_eal_hotplug_remove(device->bus, device->name)) {
        VLOG_ERR("%s: could not be removed from DPDK (%s)", device->name,
                 rte_strerror(rte_errno));
    } else {
        VLOG_INFO("%s: removed from DPDK", device->name);
    }
    device->ours = device->used = false;
    atomic_store(&device->vanished, false);
}

/* Notes that 'devargs' failed with 'error', or, if they are NULL, that it was
 * a success. */
static void
device_set_failed(struct device *device, const char *devargs,
                  const char *error)
{
    free(device->failed_devargs);
    free(device->failed_error);
    device->failed_devargs = nullable_xstrdup(devargs);
    device->failed_error = nullable_xstrdup(error);
    device->failed_at = time_msec();
}

/* Has DPDK set up 'devargs', which is 'device' or a part of it. */
static int
device_attach(struct device *device, const char *devargs, char **error)
{
    struct dpu_probe_log log;
    int retval;

    if (nullable_string_is_equal(device->failed_devargs, devargs)
        && time_msec() < device->failed_at + RETRY_MS) {
        *error = xstrdup(device->failed_error);
        return ENODEV;
    }
    dpu_probe_log_start(&log);
    retval = rte_dev_probe(devargs);
    dpu_probe_log_stop(&log);
    if (retval) {
        *error = (retval == -EFAULT
                  ? xasprintf("'%s' is neither a PCI address nor a virtual "
                              "device that DPDK has a driver for",
                              device->name)
                  : xasprintf("DPDK could not set up device '%s': %s",
                              devargs,
                              log.said ? log.said : rte_strerror(-retval)));
        device_set_failed(device, devargs, *error);
    } else {
        if (device->failed_devargs) {
            /* Other ports may have failed for want of these arguments. */
            if_notifier_manual_report();
        }
        device_set_failed(device, NULL, NULL);
        VLOG_INFO("%s: set up in DPDK", devargs);
    }
    dpu_probe_log_free(&log);
    return retval ? ENODEV : 0;
}

/* Goes back to the arguments that 'device' had, because it could not be set up
 * with those that are wanted, for the reason 'error', which it takes over. */
static void
device_reject_wanted(struct device *device, char *error)
{
    VLOG_WARN("%s: goes on with its former arguments: %s", device->name,
              error);
    free(device->rejected);
    free(device->rejected_error);
    device->rejected = device->wanted;
    device->rejected_error = error;
    device->wanted = nullable_xstrdup(device->args);
}

/* Puts the device of 'config' there, or one more representor of it if it is
 * 'present'. */
static int
device_probe(struct device *device, const struct dpu_config *config,
             bool present, char **error)
{
    struct dpu_config full = *config;
    char *devargs;
    int retval;

    full.args = device->wanted;
    devargs = dpu_config_to_probe(&full);
    retval = device_attach(device, devargs, error);
    free(devargs);

    if (retval && !present && device->known
        && !nullable_string_is_equal(device->args, device->wanted)) {
        device_reject_wanted(device, *error);
        *error = NULL;
        full.args = device->wanted;
        devargs = dpu_config_to_probe(&full);
        retval = device_attach(device, devargs, error);
        free(devargs);
    }
    if (!retval && !present) {
        free(device->args);
        device->args = nullable_xstrdup(device->wanted);
        device->ours = device->known = true;
    }
    return retval;
}

/* Whether 'device', which is there, not ours and virtual, has all of 'args'.
 * If not, stores the first that it has not in '*other', for the caller to
 * free. */
static bool
device_has_args(const struct device *device, const char *args, char **other)
{
    struct sset has = SSET_INITIALIZER(&has);
    char *copy = xstrdup(args);
    char *arg, *save = NULL;

    *other = NULL;
    sset_from_delimited_string(&has, device->wanted ? device->wanted : "",
                               ",");
    for (arg = strtok_r(copy, ",", &save); arg && !*other;
         arg = strtok_r(NULL, ",", &save)) {
        if (!sset_contains(&has, arg)) {
            *other = xstrdup(arg);
        }
    }
    free(copy);
    sset_destroy(&has);
    return !*other;
}

/* A device that DPDK set up itself is wanted as it is: learns how.  A driver
 * that is to add a representor wants to hear the same arguments again. */
static void
device_learn(struct device *device)
{
    const struct rte_device *dev =
        dpu_ethdev_device(dpu_ethdev_find(device->name));
    const struct rte_devargs *devargs = dev ? rte_dev_devargs(dev) : NULL;

    if (devargs && devargs->args && !device->ours && !device->learned) {
        free(device->wanted);
        device->wanted = dpu_config_strip_representors(devargs->args);
    }
    device->learned = dev != NULL;
}

/* Decides whether 'device' gets the arguments 'args', which port 'name'
 * gives. */
static int
device_set_wanted(struct device *device, const char *args, const char *name,
                  char **error)
{
    bool there = rte_eth_dev_is_valid_port(dpu_ethdev_find(device->name));
    char *other_args, *other;

    other = device_find_contradiction(device, name, args, &other_args);
    if (other) {
        *error = xasprintf("the arguments '%s' for device %s contradict '%s', "
                           "which Interface %s gives: give the same ones, or "
                           "none", args, device->name, other_args, other);
        free(other_args);
        free(other);
        return EINVAL;
    }
    if (there && !device->ours && !strcmp(device->bus, "vdev")) {
        if (!device_has_args(device, args, &other)) {
            *error = xasprintf("device %s was set up by DPDK itself, without "
                               "'%s': leave that out, or change "
                               "other_config:dpdk-extra", device->name, other);
            free(other);
            return EINVAL;
        }
        return 0;
    }
    if (there && nullable_string_is_equal(device->rejected, args)) {
        *error = xstrdup(device->rejected_error);
        return ENODEV;
    }
    if (!nullable_string_is_equal(device->wanted, args)) {
        free(device->wanted);
        device->wanted = xstrdup(args);
    }
    return 0;
}

/* Sees to it that the device of 'config' is there, with its arguments. */
static int
device_prepare(struct device *device, const struct dpu_config *config,
               const char *name, char **error)
{
    device_note_bus(device);
    device_learn(device);
    if (config->args) {
        int retval = device_set_wanted(device, config->args, name, error);

        if (retval) {
            return retval;
        }
    }
    if (device_is_stale(device)) {
        if (device_is_claimed(device)) {
            *error = xasprintf("device %s is being set up anew with '%s'",
                               device->name,
                               device->wanted ? device->wanted : "");
            if_notifier_manual_report();
            return EAGAIN;
        }
        device_remove(device);
    }
    return 0;
}

/* Finds the ethdev of 'config', after an attempt to put it there. */
static int
ethdev_get(struct device *device, const struct dpu_config *config,
           uint16_t *ethdev, char **devargs, char **error)
{
    uint16_t sibling = (device ? dpu_ethdev_find(device->name)
                        : RTE_MAX_ETHPORTS);
    int retval;

    /* DPDK logs an error when it looks for a port of a device that is not
     * there. */
    if (!device || rte_eth_dev_is_valid_port(sibling)) {
        *ethdev = dpu_ethdev_lookup(config, devargs);
        if (*devargs) {
            return 0;
        }
    }
    if (device) {
        const struct rte_device *dev = dpu_ethdev_device(sibling);

        /* Drivers of virtual devices refuse a second probe; drivers for PCI
         * that know representors add what it names. */
        if (!dev || strcmp(rte_bus_name(rte_dev_bus(dev)), "vdev")) {
            retval = device_probe(device, config, dev != NULL, error);
            if (!retval && config->args && device->rejected
                && !strcmp(config->args, device->rejected)) {
                *error = xstrdup(device->rejected_error);
                retval = ENODEV;
            }
            if (retval) {
                return retval;
            }
            *ethdev = dpu_ethdev_lookup(config, devargs);
            if (*devargs) {
                return 0;
            }
            sibling = dpu_ethdev_find(device->name);
        }
    }
    *error = dpu_ethdev_missing(config, sibling);
    return ENODEV;
}

int
dpu_probe_get(const struct dpu_config *config, const char *name,
              struct dpu_probe **probep, uint16_t *ethdev, char **devargs,
              char **error)
{
    struct device *device = NULL;
    struct dpu_probe *probe;
    int retval;

    *probep = NULL;
    *devargs = *error = NULL;
    if (config->device) {
        device = device_lookup(config->device);
        retval = device_prepare(device, config, name, error);
        if (retval) {
            return retval;
        }
    }
    retval = ethdev_get(device, config, ethdev, devargs, error);
    if (retval) {
        return retval;
    }
    if (!device) {
        device = device_lookup(rte_dev_name(dpu_ethdev_device(*ethdev)));
    }
    device_note_bus(device);

    probe = xzalloc(sizeof *probe);
    probe->device = device;
    probe->name = xstrdup(name);
    probe->args = nullable_xstrdup(config->args);
    ovs_mutex_lock(&mutex);
    ovs_list_push_back(&device->probes, &probe->node);
    ovs_mutex_unlock(&mutex);
    *probep = probe;
    return 0;
}

void
dpu_probe_put(struct dpu_probe *probe)
{
    if (probe) {
        bool last;

        ovs_mutex_lock(&mutex);
        ovs_list_remove(&probe->node);
        last = ovs_list_is_empty(&probe->device->probes);
        ovs_mutex_unlock(&mutex);
        if (last) {
            seq_change(unclaimed_seq());
        }
        free(probe->name);
        free(probe->args);
        free(probe);
    }
}

const char *
dpu_probe_device(const struct dpu_probe *probe)
{
    return probe->device->name;
}

void
dpu_probe_use(struct dpu_probe *probe)
{
    probe->device->used = true;
}

bool
dpu_probe_is_stale(const struct dpu_probe *probe)
{
    return device_is_stale(probe->device);
}

void
dpu_probe_vanish(struct dpu_probe *probe)
{
    atomic_store(&probe->device->vanished, true);
}

bool
dpu_probe_is_vanished(const struct dpu_probe *probe)
{
    bool vanished;

    atomic_read(&probe->device->vanished, &vanished);
    return vanished;
}

/* Whether somebody else uses an ethdev of 'device'. */
static bool
device_in_use(const struct device *device, bool (*in_use)(uint16_t ethdev))
{
    uint16_t ethdev;

    RTE_ETH_FOREACH_DEV (ethdev) {
        const struct rte_device *dev = dpu_ethdev_device(ethdev);

        if (dev && !strcmp(rte_dev_name(dev), device->name)
            && in_use(ethdev)) {
            return true;
        }
    }
    return false;
}

void
dpu_probe_run(bool (*in_use)(uint16_t ethdev))
{
    uint64_t seq = seq_read(unclaimed_seq());
    struct shash_node *node;

    if (seq == unclaimed_seen) {
        return;
    }
    unclaimed_seen = seq;
    SHASH_FOR_EACH (node, &devices) {
        struct device *device = node->data;

        if (device->ours && device->used && !device_is_claimed(device)
            && !device_in_use(device, in_use)) {
            device_remove(device);
        }
    }
}

void
dpu_probe_wait(void)
{
    seq_wait(unclaimed_seq(), unclaimed_seen);
}
