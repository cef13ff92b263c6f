/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * On devices that every DPDK has, net_null. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include "netdev-dpu/dpu-config.h"
#include "netdev-dpu/dpu-probe.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

struct claim {
    struct dpu_probe *probe;
    uint16_t ethdev;
    char *devargs;
    char *error;
};

/* Asks for 'devargs' as port 'name'. */
static int
get(const char *name, const char *devargs, struct claim *claim)
{
    const struct smap options = SMAP_CONST1(&options, "dpdk-devargs",
                                            devargs);
    struct dpu_config config;
    int retval;

    assert_null(dpu_config_parse(&options, name, &config));
    retval = dpu_probe_get(&config, name, &claim->probe, &claim->ethdev,
                           &claim->devargs, &claim->error);
    dpu_config_destroy(&config);
    assert_int_equal(!retval, claim->probe != NULL);
    assert_int_equal(!retval, claim->devargs != NULL);
    assert_int_equal(!retval, claim->error == NULL);
    return retval;
}

static void
put(struct claim *claim)
{
    dpu_probe_put(claim->probe);
    free(claim->devargs);
    free(claim->error);
    memset(claim, 0, sizeof *claim);
}

static void
refuse(const char *name, const char *devargs, int code, const char *why)
{
    struct claim claim;

    assert_int_equal(get(name, devargs, &claim), code);
    if (!strstr(claim.error, why)) {
        fail_msg("'%s' does not say '%s'", claim.error, why);
    }
    put(&claim);
}

static bool
in_use(uint16_t ethdev)
{
    return true;
}

static bool
not_in_use(uint16_t ethdev)
{
    return false;
}

static void
test_life(void **state)
{
    struct claim a, b;

    /* Set up by the first port, found by the second. */
    assert_int_equal(get("a", "net_null0,size=100", &a), 0);
    assert_string_equal(a.devargs, "net_null0");
    assert_string_equal(dpu_probe_device(a.probe), "net_null0");
    assert_true(rte_eth_dev_is_valid_port(a.ethdev));
    assert_int_equal(get("b", "net_null0", &b), 0);
    assert_int_equal(a.ethdev, b.ethdev);
    dpu_probe_use(a.probe);

    /* Removed with the last port, unless something else is on it. */
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 1);
    put(&b);
    dpu_probe_run(in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 1);
    assert_int_equal(get("b", "net_null0", &b), 0);
    put(&b);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);

    /* Comes back with the arguments that it had. */
    assert_int_equal(get("b", "net_null0", &b), 0);
    refuse("a", "net_null0,size=1,size=2", EAGAIN, "size=1,size=2");
    assert_true(dpu_probe_is_stale(b.probe));
    dpu_probe_use(b.probe);
    put(&b);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

/* A device that no port used stays: to remove it might make the bridge try it
 * again. */
static void
test_unused(void **state)
{
    struct claim a;

    assert_int_equal(get("a", "net_null1", &a), 0);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 1);
    assert_int_equal(get("a", "net_null1", &a), 0);
    dpu_probe_use(a.probe);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

static void
test_arguments(void **state)
{
    struct claim a, b;

    /* Without arguments first, then with: set up anew. */
    assert_int_equal(get("a", "net_null2", &a), 0);
    assert_false(dpu_probe_is_stale(a.probe));
    refuse("b", "net_null2,size=100", EAGAIN,
           "device net_null2 is being set up anew with 'size=100'");
    assert_true(dpu_probe_is_stale(a.probe));
    put(&a);
    assert_int_equal(get("a", "net_null2", &a), 0);
    assert_false(dpu_probe_is_stale(a.probe));
    assert_int_equal(get("b", "net_null2,size=100", &b), 0);
    assert_int_equal(a.ethdev, b.ethdev);

    /* Two that contradict each other; none that contradicts itself. */
    refuse("a", "net_null2,size=200", EINVAL, "the arguments 'size=200' for "
           "device net_null2 contradict 'size=100', which Interface b gives");
    assert_false(dpu_probe_is_stale(a.probe));
    put(&a);
    refuse("b", "net_null2,size=200", EAGAIN, "anew with 'size=200'");
    assert_true(dpu_probe_is_stale(b.probe));
    put(&b);
    assert_int_equal(get("b", "net_null2,size=200", &b), 0);
    dpu_probe_use(b.probe);
    put(&b);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

/* Arguments that the driver does not take: the device goes on with those that
 * it had, and who gave them learns why not. */
static void
test_rejected(void **state)
{
    struct claim a, b;

    assert_int_equal(get("a", "net_null6,size=100", &a), 0);
    put(&a);
    assert_int_equal(get("b", "net_null6", &b), 0);
    refuse("a", "net_null6,nosuch=1", EAGAIN, "anew with 'nosuch=1'");
    put(&b);
    assert_int_equal(get("b", "net_null6", &b), 0);
    refuse("a", "net_null6,nosuch=1", ENODEV,
           "could not set up device 'net_null6,nosuch=1'");
    assert_false(dpu_probe_is_stale(b.probe));
    assert_int_equal(get("a", "net_null6,size=100", &a), 0);
    assert_int_equal(a.ethdev, b.ethdev);
    put(&a);
    dpu_probe_use(b.probe);
    put(&b);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);

    /* The other way round: who asks first is who gave them. */
    assert_int_equal(get("a", "net_null6,size=100", &a), 0);
    refuse("a", "net_null6,nosuch=2", EAGAIN, "anew with 'nosuch=2'");
    put(&a);
    refuse("a", "net_null6,nosuch=2", ENODEV, "'net_null6,nosuch=2'");
    assert_int_equal(get("b", "net_null6", &b), 0);
    dpu_probe_use(b.probe);
    put(&b);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

/* A device that DPDK set up by itself is used as it is, and stays. */
static void
test_not_ours(void **state)
{
    struct claim a;

    assert_int_equal(rte_dev_probe("net_null7,size=100"), 0);
    refuse("a", "net_null7,size=200", EINVAL,
           "device net_null7 was set up by DPDK itself, without 'size=200'");
    assert_int_equal(get("a", "net_null7", &a), 0);
    put(&a);
    assert_int_equal(get("a", "net_null7,size=100", &a), 0);
    assert_false(dpu_probe_is_stale(a.probe));
    dpu_probe_use(a.probe);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 1);
    assert_int_equal(rte_eal_hotplug_remove("vdev", "net_null7"), 0);
}

static void
test_refused(void **state)
{
    struct claim a;

    refuse("a", "net_nosuch0", ENODEV, "'net_nosuch0' is neither a PCI "
           "address nor a virtual device");
    refuse("a", "net_null3,nosuch=1", ENODEV,
           "could not set up device 'net_null3,nosuch=1'");
    refuse("a", "net_null3,nosuch=1", ENODEV,
           "could not set up device 'net_null3,nosuch=1'");
    refuse("a", "class=eth,mac=02:00:00:00:00:99", ENODEV,
           "no port with the Ethernet address 02:00:00:00:00:99");

    /* Set up again in another way, although that failed. */
    assert_int_equal(get("a", "net_null3,size=64", &a), 0);
    refuse("b", "net_null3,representor=vf0", ENODEV,
           "device net_null3 has no pf0vf0");
    dpu_probe_use(a.probe);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

static void
test_mac(void **state)
{
    char devargs[] = "class=eth,mac=xx:xx:xx:xx:xx:xx";
    struct rte_ether_addr mac;
    struct claim a, b;

    assert_int_equal(get("a", "net_null4", &a), 0);
    assert_int_equal(rte_eth_macaddr_get(a.ethdev, &mac), 0);
    rte_ether_format_addr(strchr(devargs, 'x'), RTE_ETHER_ADDR_FMT_SIZE,
                          &mac);
    assert_int_equal(get("b", devargs, &b), 0);
    assert_int_equal(a.ethdev, b.ethdev);
    assert_string_equal(dpu_probe_device(b.probe), "net_null4");
    dpu_probe_use(b.probe);
    put(&b);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

static void
test_vanished(void **state)
{
    struct claim a, b;

    assert_int_equal(get("a", "net_null5", &a), 0);
    assert_int_equal(get("b", "net_null5", &b), 0);
    dpu_probe_vanish(a.probe);
    assert_true(dpu_probe_is_stale(b.probe));
    put(&a);
    refuse("a", "net_null5", EAGAIN, "is being set up anew");
    put(&b);
    assert_int_equal(get("a", "net_null5", &a), 0);
    assert_false(dpu_probe_is_stale(a.probe));
    dpu_probe_use(a.probe);
    put(&a);
    dpu_probe_run(not_in_use);
    assert_int_equal(rte_eth_dev_count_avail(), 0);
}

static int
setup(void **state)
{
    char *argv[] = { "test-probe", "--no-huge", "--no-shconf", "-m", "64",
                     "--no-pci", "--no-telemetry", NULL };

    vlog_set_levels(NULL, VLF_CONSOLE, VLL_OFF);
    return rte_eal_init(ARRAY_SIZE(argv) - 1, argv) < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
    return rte_eal_cleanup();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_unused),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_not_ours),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mac),
        cmocka_unit_test(test_vanished),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
