/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-switchdev.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/dpu-error.h"

#define ATTR_LEN 128

bool
dpu_switchdev_is_pci(const char *device, int *function)
{
    unsigned int domain, bus, slot, func;
    int n = 0;

    if (sscanf(device, "%4x:%2x:%2x.%1u%n", &domain, &bus, &slot, &func,
               &n) != 4 || device[n] || strlen(device) != 12) {
        return false;
    }
    if (function) {
        *function = func;
    }
    return true;
}

/* Reads the first line of attribute 'attr' of 'netdev' into 'value'; false if
 * there is none, or nothing in it. */
static bool
read_attr(const char *sysfs, const char *netdev, const char *attr,
          char value[ATTR_LEN])
{
    char path[PATH_MAX];
    bool ok = false;
    FILE *file;

    snprintf(path, sizeof path, "%s/class/net/%s/%s", sysfs, netdev, attr);
    file = fopen(path, "r");
    if (file) {
        /* Drivers that are not switchdev fail the read, not the open. */
        if (fgets(value, ATTR_LEN, file)) {
            value[strcspn(value, "\n")] = '\0';
            ok = value[0] != '\0';
        }
        fclose(file);
    }
    return ok;
}

/* Puts the name of the bus device of 'netdev' into 'device'. */
static bool
read_device(const char *sysfs, const char *netdev,
            char device[DPU_DEVICE_NAME_LEN])
{
    char path[PATH_MAX], target[PATH_MAX];
    ssize_t len;

    snprintf(path, sizeof path, "%s/class/net/%s/device", sysfs, netdev);
    len = readlink(path, target, sizeof target - 1);
    if (len <= 0) {
        return false;
    }
    target[len] = '\0';
    len = snprintf(device, DPU_DEVICE_NAME_LEN, "%s", basename(target));
    return len < DPU_DEVICE_NAME_LEN;
}

/* Finds the uplink of PF 'pf' of switch 'switch_id' and puts its bus device
 * into 'device': representors hang off the PF that manages them, but not
 * every driver links them to it. */
static bool
find_pf(const char *sysfs, const char *switch_id, int pf,
        char device[DPU_DEVICE_NAME_LEN])
{
    char path[PATH_MAX], value[ATTR_LEN];
    struct dpu_representor rep;
    struct dirent *entry;
    bool found = false;
    DIR *dir;

    snprintf(path, sizeof path, "%s/class/net", sysfs);
    dir = opendir(path);
    if (!dir) {
        return false;
    }
    while (!found && (entry = readdir(dir))) {
        const char *name = entry->d_name;

        found = (name[0] != '.'
                 && read_attr(sysfs, name, "phys_switch_id", value)
                 && !strcmp(value, switch_id)
                 && read_attr(sysfs, name, "phys_port_name", value)
                 && !dpu_representor_parse_phys_port_name(value, &rep)
                 && rep.function == DPU_FUNCTION_UPLINK
                 && rep.pf == pf
                 && read_device(sysfs, name, device));
    }
    closedir(dir);
    return found;
}

int
dpu_switchdev_lookup(const char *sysfs, const char *netdev,
                     struct dpu_switchdev *port, char **error)
{
    char path[PATH_MAX], switch_id[ATTR_LEN], port_name[ATTR_LEN];
    const char *wrong;

    *error = NULL;
    if (!netdev[0] || netdev[0] == '.' || strchr(netdev, '/')) {
        return dpu_error(error, EINVAL, "'%s' is not a name for a network "
                         "device", netdev);
    }
    snprintf(path, sizeof path, "%s/class/net/%s", sysfs, netdev);
    if (access(path, F_OK)) {
        return dpu_error(error, ENODEV, "there is no network device '%s'",
                         netdev);
    }
    if (!read_attr(sysfs, netdev, "phys_switch_id", switch_id)
        || !read_attr(sysfs, netdev, "phys_port_name", port_name)) {
        return dpu_error(error, ENODEV,
                         "network device '%s' is no port of an embedded "
                         "switch (it has no phys_switch_id or "
                         "phys_port_name: is the device in switchdev mode?)",
                         netdev);
    }
    wrong = dpu_representor_parse_phys_port_name(port_name,
                                                 &port->representor);
    if (wrong) {
        return dpu_error(error, ENODEV,
                         "network device '%s': its phys_port_name '%s' %s",
                         netdev, port_name, wrong);
    }
    if (!find_pf(sysfs, switch_id, port->representor.pf, port->device)
        && !read_device(sysfs, netdev, port->device)) {
        return dpu_error(error, ENODEV,
                         "network device '%s': neither it nor an uplink of "
                         "its switch %s is on a bus", netdev, switch_id);
    }
    if (!dpu_switchdev_is_pci(port->device, NULL)) {
        return dpu_error(error, ENODEV,
                         "network device '%s' belongs to '%s', which is no "
                         "PCI device", netdev, port->device);
    }
    return 0;
}
