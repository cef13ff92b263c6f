/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "netdev-dpu/dpu-config.h"
#include "smap.h"

/* Puts "key=value key=value" into 'options'. */
static void
put_options(struct smap *options, const char *text)
{
    char *copy = strdup(text);
    char *save = NULL;

    smap_init(options);
    for (char *word = strtok_r(copy, " ", &save); word;
         word = strtok_r(NULL, " ", &save)) {
        char *value = strchr(word, '=');

        *value++ = '\0';
        smap_add(options, word, value);
    }
    free(copy);
}

static char *
parse(const char *text, struct dpu_config *config)
{
    struct smap options;
    char *error;

    put_options(&options, text);
    error = dpu_config_parse(&options, "vf0", config);
    smap_destroy(&options);
    return error;
}

/* The devargs to find the port by, and those to put the device there. */
static void
take(const char *text, const char *find, const char *probe)
{
    struct dpu_config config;
    char *error = parse(text, &config);
    char *s;

    if (error) {
        fail_msg("%s: %s", text, error);
    }
    s = dpu_config_to_devargs(&config, false);
    assert_string_equal(s, find);
    free(s);
    s = dpu_config_to_probe(&config);
    assert_string_equal(s, probe);
    free(s);
    dpu_config_destroy(&config);
}

static void
refuse(const char *text, const char *why)
{
    struct dpu_config config;
    char *error = parse(text, &config);

    if (!error) {
        fail_msg("'%s' was taken", text);
    } else if (!strstr(error, why)) {
        fail_msg("'%s' does not say '%s'", error, why);
    }
    free(error);
}

static void
test_port(void **state)
{
    take("dpdk-devargs=net_null0", "net_null0", "net_null0");
    take("dpdk-devargs=net_dpu_emu0,representor=vf0",
           "net_dpu_emu0,representor=vf0", "net_dpu_emu0,representor=vf0");
    take("dpdk-devargs=net_dpu_emu0,vfs=4,uplink=tap:p0@peer,representor=[3]",
           "net_dpu_emu0,representor=vf3",
           "net_dpu_emu0,vfs=4,uplink=tap:p0@peer,representor=vf3");
    take("dpdk-devargs=net_dpu_emu0,representor=pf0vf1,vfs=4,x=[1,2],y=3",
           "net_dpu_emu0,representor=pf0vf1",
           "net_dpu_emu0,vfs=4,x=[1,2],y=3,representor=pf0vf1");
    take("dpdk-devargs=pci:0000:03:00.1,representor=p1",
           "0000:03:00.1", "0000:03:00.1");
    take("dpdk-devargs=0000:03:00.0,dv_flow_en=1,representor=p1",
           "0000:03:00.0,representor=pf1",
           "0000:03:00.0,dv_flow_en=1,representor=pf1");
    take("device=net_dpu_emu0,vfs=2 representor=pf0hpf",
           "net_dpu_emu0,representor=pf0vf65535",
           "net_dpu_emu0,vfs=2,representor=pf0vf65535");
    take("device=net_dpu_emu0", "net_dpu_emu0", "net_dpu_emu0");
    take("dpdk-devargs=net_dpu_emu0 representor=c1pf0vf3",
           "net_dpu_emu0,representor=c1pf0vf3",
           "net_dpu_emu0,representor=c1pf0vf3");
    take("dpdk-devargs=class=eth,mac=00:11:22:33:44:55",
           "class=eth,mac=00:11:22:33:44:55",
           "class=eth,mac=00:11:22:33:44:55");
}

static void
strip(const char *args, const char *rest)
{
    char *s = dpu_config_strip_representors(args);

    if (rest) {
        assert_string_equal(s, rest);
    } else {
        assert_null(s);
    }
    free(s);
}

static void
test_strip(void **state)
{
    strip("", NULL);
    strip("representor=[0,2-3]", NULL);
    strip("a=1", "a=1");
    strip("a=[1,2],representor=pf0vf[0-3],b=2,representor=vf5", "a=[1,2],b=2");
    strip(",,a=1,,representor=vf0,", "a=1");
}

/* Drivers that know one PF alone. */
static void
test_without_pf(void **state)
{
    struct dpu_config config;
    char *s;

    assert_null(parse("device=0000:03:00.1 representor=pf1vf2", &config));
    assert_int_equal(dpu_config_own_pf(&config), 1);
    s = dpu_config_to_devargs(&config, true);
    assert_string_equal(s, "0000:03:00.1,representor=vf2");
    free(s);
    dpu_config_destroy(&config);

    assert_null(parse("device=0000:03:00.1 representor=pf0vf2", &config));
    s = dpu_config_to_devargs(&config, true);
    assert_string_equal(s, "0000:03:00.1,representor=pf0vf2");
    free(s);
    dpu_config_destroy(&config);
}

static void
test_netdev(void **state)
{
    struct dpu_config config;
    char *error;

    assert_null(parse("n_rxq=2", &config));
    assert_string_equal(config.netdev, "vf0");
    error = dpu_config_resolve(&config, "/nonexistent");
    assert_non_null(strstr(error, "no network device 'vf0'; name the port "
                           "with options:dpdk-devargs"));
    free(error);
    dpu_config_destroy(&config);

    assert_null(parse("netdev=en3f0pf0sf4", &config));
    assert_string_equal(config.netdev, "en3f0pf0sf4");
    dpu_config_destroy(&config);
}

static void
test_settings(void **state)
{
    struct dpu_config config;

    assert_null(parse("dpdk-devargs=net_null0 n_rxq=4 n_rxq_desc=4096 "
                      "n_txq_desc=1 dpdk-vf-mac=02:00:00:00:00:01 "
                      "dpdk-lsc-interrupt=true rx-flow-ctrl=false "
                      "tx-flow-ctrl=True flow-ctrl-autoneg=FALSE", &config));
    assert_true(config.vf_mac);
    dpu_config_destroy(&config);
}

static void
test_refused(void **state)
{
    refuse("bogus=1", "options:bogus is unknown to type 'dpu', which knows "
           "dpdk-devargs, device");
    refuse("dpdk-devargs=", "options:dpdk-devargs='' is wrong");
    refuse("dpdk-devargs=,vfs=4", "begins with the name of a device");
    refuse("dpdk-devargs=vfs=4,net_dpu_emu0", "begins with the name");
    refuse("dpdk-devargs=bus=pci,addr=03:00.0", "begins with the name");
    refuse("dpdk-devargs=net_dpu_emu0,representor=vfx",
           "options:dpdk-devargs: representor 'vfx' is not the name");
    refuse("dpdk-devargs=net_dpu_emu0,representor=[0-3]",
           "names several functions");
    refuse("dpdk-devargs=net_dpu_emu0,representor=vf0,representor=vf1",
           "a second time");
    refuse("dpdk-devargs=net_dpu_emu0,representor=vf0 representor=vf0",
           "options:representor names the representor a second time");
    refuse("dpdk-devargs=class=eth,mac=1:2", "mac='1:2' is wrong");
    refuse("dpdk-devargs=net_null0 device=net_null0",
           "options:dpdk-devargs and options:device contradict");
    refuse("dpdk-devargs=net_null0 netdev=eth0",
           "options:dpdk-devargs and options:netdev contradict");
    refuse("device=net_null0 netdev=eth0",
           "options:device and options:netdev contradict");
    refuse("representor=vf0", "options:representor needs options:device");
    refuse("netdev=eth0 representor=vf0",
           "options:representor needs options:device");
    refuse("n_rxq=-1", "options:n_rxq='-1' is wrong");
    refuse("n_rxq=two", "options:n_rxq='two' is wrong");
    refuse("n_rxq_desc=1000", "a power of 2");
    refuse("n_txq_desc=8192", "a power of 2");
    refuse("dpdk-vf-mac=01:00:5e:00:00:01", "a unicast Ethernet address");
    refuse("dpdk-vf-mac=mac", "a unicast Ethernet address");
    refuse("rx-flow-ctrl=yes", "'true' or 'false'");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_port),
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_without_pf),
        cmocka_unit_test(test_netdev),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
