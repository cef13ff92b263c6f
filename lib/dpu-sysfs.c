/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "lib/dpu-sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/dpu-error.h"

static long long int
read_number(const char *path)
{
    FILE *file = fopen(path, "r");
    long long int number = -1;

    if (file) {
        if (fscanf(file, "%lld", &number) != 1) {
            number = -1;
        }
        fclose(file);
    }
    return number;
}

static int
write_number(const char *path, long long int number)
{
    int fd = open(path, O_WRONLY);
    int code = 0;

    if (fd < 0) {
        return errno;
    }
    if (dprintf(fd, "%lld\n", number) < 0) {
        code = errno;
    }
    close(fd);
    return code;
}

/* Puts the last part of what the link at 'path' points at into 'name'. */
static bool
read_link_name(const char *path, char *name, size_t size)
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target - 1);
    const char *slash;

    name[0] = '\0';
    if (len <= 0) {
        return false;
    }
    target[len] = '\0';
    slash = strrchr(target, '/');
    return snprintf(name, size, "%s", slash ? slash + 1 : target) < size;
}

static void
format_path(const char *sysfs, const struct dpu_devlink_handle *handle,
            const char *file, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/bus/%s/devices/%s/%s", sysfs, handle->bus,
             handle->device, file);
}

/* Devices. */

void
dpu_sysfs_get_device(const char *sysfs,
                     const struct dpu_devlink_handle *handle,
                     struct dpu_sysfs_device *device)
{
    char path[PATH_MAX];

    format_path(sysfs, handle, "driver", path);
    if (!read_link_name(path, device->driver, sizeof device->driver)) {
        device->driver[0] = '\0';
    }
    format_path(sysfs, handle, "sriov_numvfs", path);
    device->n_vfs = read_number(path);
    format_path(sysfs, handle, "sriov_totalvfs", path);
    device->max_vfs = read_number(path);
}

bool
dpu_sysfs_get_vf(const char *sysfs, const struct dpu_devlink_handle *handle,
                 int vf, char device[DPU_DEVICE_NAME_LEN])
{
    char path[PATH_MAX], file[32];

    snprintf(file, sizeof file, "virtfn%d", vf);
    format_path(sysfs, handle, file, path);
    return read_link_name(path, device, DPU_DEVICE_NAME_LEN);
}

int
dpu_sysfs_set_vfs(const char *sysfs, const struct dpu_devlink_handle *handle,
                  int n, char **error)
{
    struct dpu_sysfs_device device;
    char path[PATH_MAX];
    int code;

    *error = NULL;
    format_path(sysfs, handle, "sriov_numvfs", path);
    code = write_number(path, n);
    if (!code) {
        return 0;
    }
    dpu_sysfs_get_device(sysfs, handle, &device);
    if (code == ENOENT) {
        return dpu_error(error, code, "%s/%s has no SR-IOV here; the VFs of "
                         "a DPU are created in its host", handle->bus,
                         handle->device);
    } else if (device.max_vfs >= 0 && n > device.max_vfs) {
        return dpu_error(error, code, "the device has at most %d VFs (%s)",
                         device.max_vfs, strerror(code));
    } else if (code == EBUSY && device.n_vfs > 0) {
        return dpu_error(error, code, "it has %d VFs, which must be removed "
                         "first (%s)", device.n_vfs, strerror(code));
    }
    return dpu_error(error, code, "%s: %s", path, strerror(code));
}

/* Hugepages. */

/* The size of a hugepage in kB, if none is asked for; 0 if there are none. */
static int
default_hugepage_kb(const char *meminfo)
{
    FILE *file = fopen(meminfo, "r");
    char line[128];
    int kb = 0;

    if (file) {
        while (!kb && fgets(line, sizeof line, file)) {
            if (sscanf(line, "Hugepagesize: %d kB", &kb) != 1) {
                kb = 0;
            }
        }
        fclose(file);
    }
    return kb;
}

static void
format_hugepages(const char *sysfs, int kb, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX,
             "%s/kernel/mm/hugepages/hugepages-%dkB/nr_hugepages", sysfs, kb);
}

bool
dpu_sysfs_get_hugepages(const char *sysfs, const char *meminfo,
                        struct dpu_hugepages *pages, long long int *total_mb)
{
    long long int total_kb = 0;
    char path[PATH_MAX];
    struct dirent *entry;
    DIR *dir;

    pages->kb = default_hugepage_kb(meminfo);
    snprintf(path, sizeof path, "%s/kernel/mm/hugepages", sysfs);
    dir = opendir(path);
    if (!dir || !pages->kb) {
        if (dir) {
            closedir(dir);
        }
        return false;
    }
    while ((entry = readdir(dir))) {
        int kb;

        if (sscanf(entry->d_name, "hugepages-%dkB", &kb) == 1) {
            long long int n;

            format_hugepages(sysfs, kb, path);
            n = read_number(path);
            total_kb += n > 0 ? n * kb : 0;
        }
    }
    closedir(dir);
    format_hugepages(sysfs, pages->kb, path);
    pages->n = read_number(path);
    *total_mb = total_kb / 1024;
    return pages->n >= 0;
}

int
dpu_sysfs_set_hugepages(const char *sysfs, const struct dpu_hugepages *pages,
                        char **error)
{
    char path[PATH_MAX];
    long long int n;
    int code;

    *error = NULL;
    format_hugepages(sysfs, pages->kb, path);
    code = write_number(path, pages->n);
    if (code) {
        return dpu_error(error, code, "%s: %s", path, strerror(code));
    }
    n = read_number(path);
    if (n < pages->n) {
        return dpu_error(error, ENOMEM, "the kernel found memory in one piece "
                         "for %lld of %lld pages of %d kB; reserve them at "
                         "boot (hugepages= of its command line)",
                         n, pages->n, pages->kb);
    }
    return 0;
}
