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

#include "util.h"
#include "utilities/dpuctl-memory.h"
#include "utilities/dpuctl-ovsdb.h"
#include "utilities/dpuctl-ports.h"

/* What ovs-vsctl prints of a database with the bridge br0 and, on it, its own
 * port, one that "setup" added for VF 0, one that somebody else added for
 * VF 1, and one that "setup" added for VF 9. */
static const char output[] =
    "{\"data\":[[[\"map\",[[\"hw-offload\",\"true\"]]],[\"map\",[["
    "\"ovs-dpu-setup:net_dpu_emu0\",\"{\\\"vfs\\\":3}\"]]],true]],"
    "\"headings\":[\"other_config\",\"external_ids\",\"dpdk_initialized\"]}\n"
    "{\"data\":[[\"br0\",\"netdev\",[\"set\",[[\"uuid\",\"p0\"],"
    "[\"uuid\",\"p1\"],[\"uuid\",\"p2\"],[\"uuid\",\"p3\"]]]]],"
    "\"headings\":[\"name\",\"datapath_type\",\"ports\"]}\n"
    "{\"data\":[[[\"uuid\",\"p0\"],\"br0\",[\"uuid\",\"i0\"]],"
    "[[\"uuid\",\"p1\"],\"first\",[\"uuid\",\"i1\"]],"
    "[[\"uuid\",\"p2\"],\"mine\",[\"uuid\",\"i2\"]],"
    "[[\"uuid\",\"p3\"],\"old\",[\"uuid\",\"i3\"]]],"
    "\"headings\":[\"_uuid\",\"name\",\"interfaces\"]}\n"
    "{\"data\":[[[\"uuid\",\"i0\"],\"br0\",\"internal\",[\"set\",[]],"
    "[\"map\",[]],[\"map\",[]]],"
    "[[\"uuid\",\"i1\"],\"first\",\"dpu\",[\"set\",[]],[\"map\",[["
    "\"dpdk-devargs\",\"net_dpu_emu0,vfs=3,representor=pf0vf0\"]]],"
    "[\"map\",[[\"ovs-dpu-setup\",\"net_dpu_emu0/pf0vf0\"]]]],"
    "[[\"uuid\",\"i2\"],\"mine\",\"dpu\",[\"set\",[]],[\"map\",[["
    "\"dpdk-devargs\",\"net_dpu_emu0,representor=[1]\"]]],[\"map\",[]]],"
    "[[\"uuid\",\"i3\"],\"old\",\"dpu\",\"no such VF\",[\"map\",[["
    "\"dpdk-devargs\",\"net_dpu_emu0,representor=vf9\"]]],"
    "[\"map\",[[\"ovs-dpu-setup\",\"net_dpu_emu0/pf0vf9\"]]]]],"
    "\"headings\":[\"_uuid\",\"name\",\"type\",\"error\",\"options\","
    "\"external_ids\"]}";

static void
read_output(struct dpuctl_ovsdb *ovsdb)
{
    const struct dpuctl_ovsdb_remote remote = { .db = NULL };

    dpuctl_ovsdb_init(ovsdb, &remote);
    assert_null(dpuctl_ovsdb_parse(ovsdb, output));
}

static void
test_parse(void **state)
{
    const struct dpuctl_interface *interface;
    struct dpuctl_ovsdb ovsdb;
    char *error;

    read_output(&ovsdb);
    assert_true(ovsdb.dpdk_initialized);
    assert_string_equal(smap_get(&ovsdb.other_config, "hw-offload"), "true");
    assert_int_equal(ovsdb.n_interfaces, 4);
    assert_string_equal(dpuctl_ovsdb_find_bridge(&ovsdb, "br0")
                        ->datapath_type, "netdev");
    assert_null(dpuctl_ovsdb_find_bridge(&ovsdb, "br1"));
    interface = dpuctl_ovsdb_find_interface(&ovsdb, "old");
    assert_string_equal(interface->bridge, "br0");
    assert_string_equal(interface->error, "no such VF");
    error = dpuctl_ports_errors("net_dpu_emu0", &ovsdb);
    assert_string_equal(error, "port old: no such VF");
    free(error);

    error = dpuctl_ovsdb_parse(&ovsdb, "{\"data\":[]}\nnonsense");
    assert_non_null(error);
    free(error);
    dpuctl_ovsdb_destroy(&ovsdb);
}

static void
expect_commands(const struct svec *commands, const char *expected)
{
    char *joined = svec_join(commands, " ", "");

    assert_string_equal(joined, expected);
    free(joined);
}

/* What setup did before is left alone, and so is what somebody else did; what
 * is missing is added, what is too many removed. */
/* How the commands for the uplink and one VF begin. */
#define TWO_PORTS \
    "-- --if-exists del-port br0 old " \
    "-- --may-exist add-port br0 p0 -- set Interface p0 type=dpu " \
    "options:dpdk-devargs=net_dpu_emu0,vfs=1 " \
    "external_ids:ovs-dpu-setup=net_dpu_emu0/p0 " \
    "-- set Interface first type=dpu " \
    "options:dpdk-devargs=net_dpu_emu0,vfs=1,representor=pf0vf0 "

static void
test_change(void **state)
{
    static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 0xff };
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    struct dpuctl_ports ports;
    struct dpuctl_ovsdb ovsdb;

    read_output(&ovsdb);
    assert_null(dpuctl_ports_of_emulated(&ports, "net_dpu_emu0,vfs=3",
                                         NULL));
    assert_int_equal(ports.n, 4);
    assert_null(dpuctl_ports_change(&ports, &ovsdb, "br0", &commands));
    expect_commands(&commands,
        "-- --if-exists del-port br0 old "
        "-- --may-exist add-port br0 p0 -- set Interface p0 type=dpu "
        "options:dpdk-devargs=net_dpu_emu0,vfs=3 "
        "external_ids:ovs-dpu-setup=net_dpu_emu0/p0 "
        "-- --may-exist add-port br0 pf0vf2 -- set Interface pf0vf2 type=dpu "
        "options:dpdk-devargs=net_dpu_emu0,vfs=3,representor=pf0vf2 "
        "external_ids:ovs-dpu-setup=net_dpu_emu0/pf0vf2");
    dpuctl_ports_destroy(&ports);

    /* The host of VFs, which other ports have not. */
    svec_clear(&commands);
    assert_null(dpuctl_ports_of_emulated(&ports, "net_dpu_emu0,vfs=1",
                                         NULL));
    ports.owner = "host1";
    assert_null(dpuctl_ports_change(&ports, &ovsdb, "br0", &commands));
    expect_commands(&commands,
        TWO_PORTS
        "external_ids:ovs-dpu-setup=net_dpu_emu0/pf0vf0 "
        "external_ids:ovs-dpu-owner=host1 "
        "-- set Port first external_ids:ovs-dpu-owner=host1");
    dpuctl_ports_destroy(&ports);

    /* A setting that is another is set; addresses are counted on. */
    svec_clear(&commands);
    assert_null(dpuctl_ports_of_emulated(&ports, "net_dpu_emu0,vfs=1", mac));
    assert_null(dpuctl_ports_change(&ports, &ovsdb, "br0", &commands));
    expect_commands(&commands,
        TWO_PORTS
        "options:dpdk-vf-mac=02:00:00:00:01:ff "
        "external_ids:ovs-dpu-setup=net_dpu_emu0/pf0vf0");
    dpuctl_ports_destroy(&ports);

    svec_clear(&commands);
    dpuctl_ports_remove("net_dpu_emu0", true, &ovsdb, &commands);
    expect_commands(&commands, "-- --if-exists del-port br0 first "
                    "-- --if-exists del-port br0 old");
    assert_int_equal(ovsdb.n_interfaces, 2);
    svec_destroy(&commands);
    dpuctl_ovsdb_destroy(&ovsdb);
}

static void
test_emulated(void **state)
{
    static const char *const names[] = { "p0", "p1", "pf0hpf", "pf0vf0" };
    struct dpuctl_ports ports;
    char *error;

    assert_null(dpuctl_ports_of_emulated(
                    &ports, "net_dpu_emu0,uplink1=null,pf=null,vfs=1", NULL));
    assert_int_equal(ports.n, 4);
    for (size_t i = 0; i < ports.n; i++) {
        assert_string_equal(ports.wishes[i].name, names[i]);
    }
    assert_non_null(strstr(ports.wishes[1].devargs, ",representor=pf1"));
    dpuctl_ports_destroy(&ports);
    error = dpuctl_ports_of_emulated(&ports, "net_dpu_emu0,vfs=129", NULL);
    assert_string_equal(error, "vfs=129: an emulated device has 0 to 128 "
                        "VFs");
    free(error);
    dpuctl_ports_destroy(&ports);
    error = dpuctl_ports_of_emulated(&ports, "net_dpu_emu0,vfs", NULL);
    assert_string_equal(error, "'vfs' is no KEY=VALUE");
    free(error);
    dpuctl_ports_destroy(&ports);
}

/* A name that is taken is told, not taken over. */
static void
test_name_taken(void **state)
{
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    struct dpu_topology_port port;
    struct dpu_topology_device device;
    struct dpuctl_ports ports;
    struct dpuctl_ovsdb ovsdb;
    char *error;

    memset(&port, 0, sizeof port);
    memset(&device, 0, sizeof device);
    port.devlink.representor.function = DPU_FUNCTION_VF;
    port.devlink.representor.controller = 1;
    port.devlink.representor.number = 3;
    strcpy(port.netdev, "mine");
    device.ports = &port;
    device.n_ports = 1;
    read_output(&ovsdb);
    dpuctl_ports_of_device(&ports, &device, "0000:03:00.0", false);
    error = dpuctl_ports_change(&ports, &ovsdb, "br0", &commands);
    assert_non_null(error);
    assert_non_null(strstr(error, "mine is to be the name of the port of "
                           "c1pf0vf3, but bridge br0 has"));
    assert_non_null(strstr(error, "dpdk-devargs=0000:03:00.0,"
                           "representor=c1pf0vf3"));
    free(error);
    dpuctl_ports_destroy(&ports);
    svec_destroy(&commands);
    dpuctl_ovsdb_destroy(&ovsdb);
}

static void
test_memory(void **state)
{
    struct svec commands = SVEC_EMPTY_INITIALIZER;
    struct dpuctl_ovsdb ovsdb;
    struct json *memory;

    read_output(&ovsdb);
    memory = dpuctl_memory_read(&ovsdb, "net_dpu_emu0");
    dpuctl_memory_put(memory, "vfs", json_integer_create(7));
    dpuctl_memory_remember(&ovsdb, "net_dpu_emu0", memory, &commands);
    expect_commands(&commands, "");
    dpuctl_memory_put(memory, "mode", json_string_create("legacy"));
    dpuctl_memory_remember(&ovsdb, "net_dpu_emu0", memory, &commands);
    expect_commands(&commands, "-- set Open_vSwitch . "
                    "external_ids:\"ovs-dpu-setup:net_dpu_emu0\"="
                    "{\"mode\":\"legacy\",\"vfs\":3}");
    json_destroy(memory);
    svec_clear(&commands);
    dpuctl_memory_devices(&ovsdb, &commands);
    expect_commands(&commands, "net_dpu_emu0");
    assert_false(dpuctl_memory_exists(&ovsdb, NULL));
    svec_destroy(&commands);
    dpuctl_ovsdb_destroy(&ovsdb);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_emulated),
        cmocka_unit_test(test_name_taken),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
