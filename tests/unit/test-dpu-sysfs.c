/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What sysfs tells of devices and of memory, and what is written there. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/dpu-sysfs.h"
#include "tests/unit/fake-sysfs.h"

#define PCI "bus/pci/devices/0000:03:00.0/"
#define HUGE "kernel/mm/hugepages/"

static int
setup(void **state)
{
    fake_sysfs_make();
    fake_sysfs_write(PCI"sriov_numvfs", "2\n");
    fake_sysfs_write(PCI"sriov_totalvfs", "16\n");
    fake_sysfs_link(PCI"driver", "../../../bus/pci/drivers/mlx5_core");
    fake_sysfs_link(PCI"virtfn0", "../0000:03:00.2");
    fake_sysfs_link(PCI"virtfn1", "../0000:03:00.3");
    fake_sysfs_write(HUGE"hugepages-2048kB/nr_hugepages", "8\n");
    fake_sysfs_write(HUGE"hugepages-1048576kB/nr_hugepages", "2\n");
    fake_sysfs_write("meminfo",
                     "MemTotal: 1 kB\nHugepagesize:       2048 kB\n");
    fake_sysfs_write("meminfo-none", "MemTotal: 1 kB\n");
    return 0;
}

static int
teardown(void **state)
{
    return fake_sysfs_remove();
}

static const struct dpu_devlink_handle pci = { "pci", "0000:03:00.0" };
static const struct dpu_devlink_handle gone = { "pci", "0000:99:00.0" };

static void
test_sysfs_device(void **state)
{
    struct dpu_sysfs_device device;
    char name[DPU_DEVICE_NAME_LEN];

    dpu_sysfs_get_device(fake_sysfs, &pci, &device);
    assert_string_equal(device.driver, "mlx5_core");
    assert_int_equal(device.n_vfs, 2);
    assert_int_equal(device.max_vfs, 16);
    assert_true(dpu_sysfs_get_vf(fake_sysfs, &pci, 1, name));
    assert_string_equal(name, "0000:03:00.3");
    assert_false(dpu_sysfs_get_vf(fake_sysfs, &pci, 2, name));
    dpu_sysfs_get_device(fake_sysfs, &gone, &device);
    assert_string_equal(device.driver, "");
    assert_int_equal(device.n_vfs, -1);
}

static void
test_sysfs_set_vfs(void **state)
{
    char text[128], *error;

    assert_int_equal(dpu_sysfs_set_vfs(fake_sysfs, &pci, 5, &error), 0);
    fake_sysfs_read(PCI"sriov_numvfs", text);
    assert_string_equal(text, "5\n");
    assert_int_equal(dpu_sysfs_set_vfs(fake_sysfs, &gone, 5, &error), ENOENT);
    assert_string_equal(error, "pci/0000:99:00.0 has no SR-IOV here; the VFs "
                        "of a DPU are created in its host");
    free(error);
}

static void
test_sysfs_hugepages(void **state)
{
    char path[PATH_MAX], text[128], *error;
    struct dpu_hugepages pages;
    long long int mb;

    snprintf(path, sizeof path, "%s/meminfo", fake_sysfs);
    assert_true(dpu_sysfs_get_hugepages(fake_sysfs, path, &pages, &mb));
    assert_int_equal(pages.kb, 2048);
    assert_int_equal(pages.n, 8);
    assert_int_equal(mb, 8 * 2 + 2 * 1024);
    pages.n = 12;
    assert_int_equal(dpu_sysfs_set_hugepages(fake_sysfs, &pages, &error), 0);
    fake_sysfs_read(HUGE"hugepages-2048kB/nr_hugepages", text);
    assert_string_equal(text, "12\n");
    snprintf(path, sizeof path, "%s/meminfo-none", fake_sysfs);
    assert_false(dpu_sysfs_get_hugepages(fake_sysfs, path, &pages, &mb));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sysfs_device),
        cmocka_unit_test(test_sysfs_set_vfs),
        cmocka_unit_test(test_sysfs_hugepages),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
