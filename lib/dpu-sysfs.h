/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-sysfs: what the kernel tells in sysfs, and is told there, about devices
 * on a bus, their virtual functions, and hugepages.
 *
 * 'sysfs' is where sysfs is mounted, DPU_SYSFS.  Errors are positive errno
 * values, together with a sentence that the caller must free().
 *
 * Thread-safety: pure but for the files that are read and written. */

#ifndef DPU_SYSFS_H
#define DPU_SYSFS_H 1

#include <stdbool.h>

#include "lib/dpu-devlink.h"

/* What a device tells of itself; what it does not tell is "" or -1. */
struct dpu_sysfs_device {
    char driver[32];
    int n_vfs;                  /* Virtual functions that there are. */
    int max_vfs;                /* That there may be. */
};

void dpu_sysfs_get_device(const char *sysfs,
                          const struct dpu_devlink_handle *,
                          struct dpu_sysfs_device *);

/* The bus device of virtual function 'vf', "0000:03:00.2"; false if it has
 * none on this machine. */
bool dpu_sysfs_get_vf(const char *sysfs, const struct dpu_devlink_handle *,
                      int vf, char device[DPU_DEVICE_NAME_LEN]);

/* Has the device have 'n' virtual functions.  The kernel goes from none to
 * some and back, never from some to more. */
int dpu_sysfs_set_vfs(const char *sysfs, const struct dpu_devlink_handle *,
                      int n, char **error);

/* Hugepages of one size. */
struct dpu_hugepages {
    int kb;                     /* Size of a page. */
    long long int n;
};

/* Reads how many hugepages of the default size there are into '*pages', and
 * how much memory those of all sizes are into '*total_mb'.  Returns false if
 * the kernel has none at all. */
bool dpu_sysfs_get_hugepages(const char *sysfs, const char *meminfo,
                             struct dpu_hugepages *pages,
                             long long int *total_mb);

/* Reserves 'pages->n' pages; ENOMEM if the kernel found less memory than
 * that, in one piece. */
int dpu_sysfs_set_hugepages(const char *sysfs, const struct dpu_hugepages *,
                            char **error);

#endif /* lib/dpu-sysfs.h */
