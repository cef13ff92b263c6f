/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The ports of an emulated DPU: how they are found, which device they belong
 * to and what it counts. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include "netdev-dpu/dpu-config.h"
#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/dpu-port.h"
#include "netdev-dpu/dpu-probe.h"
#include "netdev-dpu/dpu-vport.h"
#include "netdev-provider.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "smap.h"
#include "util.h"

#define EMU "net_dpu_emu5"
#define ARGS "vfs=3,uplink=null,uplink1=null,pf=null,vf0=null,vf1=null," \
             "vf2=null"

struct claim {
    struct dpu_probe *probe;
    uint16_t ethdev;
    char *devargs;
    char *error;
};

static int
get(const char *devargs, struct claim *claim)
{
    const struct smap options = SMAP_CONST1(&options, "dpdk-devargs",
                                            devargs);
    struct dpu_config config;
    int retval;

    assert_null(dpu_config_parse(&options, devargs, &config));
    retval = dpu_probe_get(&config, devargs, &claim->probe, &claim->ethdev,
                           &claim->devargs, &claim->error);
    dpu_config_destroy(&config);
    return retval;
}

static void
put(struct claim *claim)
{
    dpu_probe_put(claim->probe);
    free(claim->devargs);
    free(claim->error);
}

/* Returns the ethdev of 'devargs'. */
static uint16_t
find(const char *devargs)
{
    struct claim claim;
    uint16_t ethdev;

    if (get(devargs, &claim)) {
        fail_msg("%s: %s", devargs, claim.error);
    }
    ethdev = claim.ethdev;
    put(&claim);
    return ethdev;
}

static void
refuse(const char *devargs, const char *why)
{
    struct claim claim;

    assert_int_equal(get(devargs, &claim), ENODEV);
    if (!strstr(claim.error, why)) {
        fail_msg("'%s' does not say '%s'", claim.error, why);
    }
    put(&claim);
}

static void
test_spellings(void **state)
{
    static const char *const spellings[] = {
        "1", "[1]", "vf1", "vf[1]", "pf0vf1", "pf[0]vf[1]", "c0pf0vf1",
        "c1pf0vf1",
    };
    uint16_t uplink = find(EMU);
    uint16_t vf1 = find(EMU ",representor=vf1");

    assert_int_not_equal(uplink, vf1);
    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
        char *devargs = xasprintf(EMU ",representor=%s", spellings[i]);

        assert_int_equal(find(devargs), vf1);
        free(devargs);
    }
    assert_int_equal(find(EMU ",representor=p0"), uplink);
    assert_int_equal(find(EMU ",representor=p1"),
                     find(EMU ",representor=pf1"));
    assert_int_not_equal(find(EMU ",representor=p1"), uplink);
    assert_int_equal(find(EMU ",representor=pf0hpf"),
                     find(EMU ",representor=pf0vf65535"));
    assert_int_not_equal(find(EMU ",representor=vf0"), vf1);

    refuse(EMU ",representor=vf3",
           EMU " has no pf0vf3: it has pf0vf0 to pf0vf2");
    refuse(EMU ",representor=pf1vf0", EMU " has no pf1vf0: it has");
    refuse(EMU ",representor=sf0", EMU " has no pf0sf0: it has");
}

static void
test_device(void **state)
{
    uint16_t uplink = find(EMU);
    uint16_t vf0 = find(EMU ",representor=vf0");
    struct dpu_device *a = dpu_device_get(uplink);
    struct dpu_device *b = dpu_device_get(vf0);
    struct dpu_device *other;

    assert_non_null(a);
    assert_ptr_equal(a, b);
    assert_string_equal(dpu_device_name(a), EMU);
    assert_string_equal(dpu_device_driver(a), "net_dpu_emu");
    assert_int_not_equal(dpu_device_domain(a),
                         RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID);
    /* Every ethdev of this one takes rules. */
    assert_int_equal(dpu_device_transfer_proxy(b, vf0), vf0);
    assert_int_equal(dpu_device_transfer_proxy(b, uplink), uplink);
    dpu_device_unref(b);
    assert_ptr_equal(dpu_device_ref(a), a);
    dpu_device_unref(a);
    assert_string_equal(dpu_device_name(a), EMU);

    /* A device without a switch is one by itself. */
    other = dpu_device_get(find("net_null8"));
    assert_ptr_not_equal(other, a);
    assert_string_equal(dpu_device_name(other), "net_null8");
    assert_int_equal(dpu_device_domain(other),
                     RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID);
    /* It has no rte_flow either. */
    assert_int_equal(dpu_device_transfer_proxy(other, find("net_null8")),
                     find("net_null8"));
    dpu_device_unref(other);
    dpu_device_unref(a);

    assert_null(dpu_device_get(RTE_MAX_ETHPORTS));
}

static void
test_published(void **state)
{
    struct netdev netdevs[2] = { { .name = NULL }, { .name = NULL } };
    uint16_t vf0 = find(EMU ",representor=vf0");
    struct dpu_port port = {
        .device = dpu_device_get(vf0),
        .ethdev = vf0,
        .representor = true,
    };
    struct dpu_port found;

    assert_false(dpu_port_from_netdev(&netdevs[0], &found));
    dpu_port_publish(&netdevs[0], &port);
    assert_true(dpu_port_from_netdev(&netdevs[0], &found));
    assert_memory_equal(&found, &port, sizeof port);
    assert_false(dpu_port_from_netdev(&netdevs[1], &found));
    dpu_port_withdraw(&netdevs[1]);
    dpu_port_withdraw(&netdevs[0]);
    assert_false(dpu_port_from_netdev(&netdevs[0], &found));
    ovsrcu_synchronize();
}

static void
test_counters(void **state)
{
    static const bool kinds[] = { false, true };
    struct dpu_vport vport;
    uint64_t value;

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        dpu_vport_init(&vport, find(kinds[i] ? EMU ",representor=vf0" : EMU),
                       kinds[i]);
        assert_true(dpu_vport_has_traffic(&vport));
        for (int c = 0; c < DPU_VPORT_N_COUNTERS; c++) {
            value = UINT64_MAX;
            assert_true(dpu_vport_read(&vport, c, &value));
            assert_int_equal(value, 0);
            assert_non_null(dpu_vport_counter_name(c));
        }
    }

    /* A driver that counts what passes through queues alone. */
    dpu_vport_init(&vport, find("net_null8"), false);
    assert_false(dpu_vport_has_traffic(&vport));
    for (int c = 0; c < DPU_VPORT_N_COUNTERS; c++) {
        assert_false(dpu_vport_read(&vport, c, &value));
    }
}

static int
setup(void **state)
{
    char *argv[] = { "test-port", "--no-huge", "--no-shconf", "-m", "128",
                     "--no-pci", "--no-telemetry", NULL };

    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    setenv("DPU_EMU_PROFILE_PATH", EMU_PROFILES, 1);
    /* Not with "-d", with which EAL refuses folders below /tmp. */
    if (!dlopen(EMU_DRIVER, RTLD_NOW)) {
        print_error("%s\n", dlerror());
        return -1;
    }
    return (rte_eal_init(ARRAY_SIZE(argv) - 1, argv) < 0 ? -1
            : rte_dev_probe(EMU "," ARGS));
}

static int
teardown(void **state)
{
    return (rte_eal_hotplug_remove("vdev", EMU)
            || rte_eal_hotplug_remove("vdev", "net_null8")
            || rte_eal_cleanup() ? -1 : 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_device),
        cmocka_unit_test(test_published),
        cmocka_unit_test(test_counters),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
