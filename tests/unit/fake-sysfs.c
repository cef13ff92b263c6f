/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * fake-sysfs: see fake-sysfs.h. */

#include <config.h>

#include "tests/unit/fake-sysfs.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char fake_sysfs[] = "/tmp/test-sysfs-XXXXXX";

static void
make_folders(const char *path)
{
    char folder[PATH_MAX];

    for (const char *p = path; (p = strchr(p, '/')); p++) {
        snprintf(folder, sizeof folder, "%s/%.*s", fake_sysfs,
                 (int) (p - path), path);
        mkdir(folder, 0700);
    }
}

void
fake_sysfs_write(const char *path, const char *text)
{
    char full[PATH_MAX];
    FILE *file;

    make_folders(path);
    snprintf(full, sizeof full, "%s/%s", fake_sysfs, path);
    file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

void
fake_sysfs_read(const char *path, char text[128])
{
    char full[PATH_MAX];
    FILE *file;

    snprintf(full, sizeof full, "%s/%s", fake_sysfs, path);
    file = fopen(full, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, 128, file));
    fclose(file);
}

void
fake_sysfs_link(const char *path, const char *target)
{
    char full[PATH_MAX];

    make_folders(path);
    snprintf(full, sizeof full, "%s/%s", fake_sysfs, path);
    assert_int_equal(symlink(target, full), 0);
}

void
fake_sysfs_make(void)
{
    assert_non_null(mkdtemp(fake_sysfs));
}

static int
remove_cb(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

int
fake_sysfs_remove(void)
{
    return nftw(fake_sysfs, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
}
