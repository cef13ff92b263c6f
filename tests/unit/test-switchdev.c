/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

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
#include <unistd.h>

#include "lib/dpu-switchdev.h"
#include "tests/unit/fake-sysfs.h"

/* A sysfs with two embedded switches, as of a BlueField with two ports, whose
 * netdevs somebody has renamed; a network device of another kind; and a
 * netdevsim, which has representors but is on no bus of DPDK's. */
static const struct netdev {
    const char *name;
    const char *switch_id;
    const char *port_name;
    const char *device;
} netdevs[] = {
    { "uplink0", "ac10", "p0", "../../../0000:03:00.0" },
    { "uplink1", "ac11", "p1", "../../../0000:03:00.1" },
    { "tap4f-31", "ac10", "pf0vf3", NULL },
    { "vm-a", "ac11", "pf1vf3", "../../../0000:03:00.1" },
    { "en3f0pf0hpf", "ac10", "pf0hpf", NULL },
    { "ext", "ac10", "c1pf0vf1", NULL },
    { "sub", "ac11", "pf1sf4", NULL },
    { "eth0", NULL, NULL, "../../../0000:00:03.0" },
    { "lonely", "ffff", "pf0vf0", NULL },
    { "odd", "ac10", "port-one", NULL },
    { "sim", "0a0b", "pf0vf0", "../../../netdevsim10" },
};

static void
write_attr(const char *netdev, const char *attr, const char *value)
{
    char path[128], text[128];

    snprintf(path, sizeof path, "class/net/%s/%s", netdev, attr);
    snprintf(text, sizeof text, "%s%s", value, value[0] ? "\n" : "");
    fake_sysfs_write(path, text);
}

static int
setup(void **state)
{
    fake_sysfs_make();
    for (size_t i = 0; i < sizeof netdevs / sizeof *netdevs; i++) {
        const struct netdev *n = &netdevs[i];
        char path[128];

        write_attr(n->name, "phys_switch_id", n->switch_id ? n->switch_id
                   : "");
        write_attr(n->name, "phys_port_name", n->port_name ? n->port_name
                   : "");
        if (n->device) {
            snprintf(path, sizeof path, "class/net/%s/device", n->name);
            fake_sysfs_link(path, n->device);
        }
    }
    return 0;
}

static int
teardown(void **state)
{
    return fake_sysfs_remove();
}

static void
expect(const char *netdev, const char *device, const char *function)
{
    char name[DPU_REPRESENTOR_STRLEN];
    struct dpu_switchdev port;
    char *error;

    assert_int_equal(dpu_switchdev_lookup(fake_sysfs, netdev, &port,
                                          &error), 0);
    assert_null(error);
    dpu_representor_format(&port.representor, 7, name);
    assert_string_equal(port.device, device);
    assert_string_equal(name, function);
}

static void
test_found(void **state)
{
    expect("uplink0", "0000:03:00.0", "p0");
    expect("uplink1", "0000:03:00.1", "p1");
    expect("tap4f-31", "0000:03:00.0", "pf0vf3");
    expect("vm-a", "0000:03:00.1", "pf1vf3");
    expect("en3f0pf0hpf", "0000:03:00.0", "pf0hpf");
    expect("ext", "0000:03:00.0", "c1pf0vf1");
    expect("sub", "0000:03:00.1", "pf1sf4");
}

static void
refuse(const char *netdev, int code, const char *why)
{
    struct dpu_switchdev port;
    char *error;

    assert_int_equal(dpu_switchdev_lookup(fake_sysfs, netdev, &port,
                                          &error), code);
    assert_non_null(error);
    if (!strstr(error, why)) {
        fail_msg("'%s' does not say '%s'", error, why);
    }
    free(error);
}

static void
test_refused(void **state)
{
    refuse("nosuch", ENODEV, "there is no network device 'nosuch'");
    refuse("eth0", ENODEV, "in switchdev mode?");
    refuse("lonely", ENODEV, "is on a bus");
    refuse("odd", ENODEV, "phys_port_name 'port-one' is not the name");
    refuse("sim", ENODEV, "'netdevsim10', which is no PCI device");
    refuse("", EINVAL, "is not a name");
    refuse("..", EINVAL, "is not a name");
    refuse("../net/uplink0", EINVAL, "is not a name");
}

static void
test_pci(void **state)
{
    int function = -1;

    assert_true(dpu_switchdev_is_pci("0000:03:00.1", &function));
    assert_int_equal(function, 1);
    assert_true(dpu_switchdev_is_pci("abcd:ff:1f.7", NULL));
    assert_false(dpu_switchdev_is_pci("03:00.1", NULL));
    assert_false(dpu_switchdev_is_pci("0000:03:00.1x", NULL));
    assert_false(dpu_switchdev_is_pci("net_dpu_emu0", NULL));
    assert_false(dpu_switchdev_is_pci("", NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_pci),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
