/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "lib/dpu-devlink.h"
#include "lib/dpu-netlink.h"
#include "lib/dpu-sysfs.h"
#include "lib/dpu-topology.h"
#include "tests/unit/fake-netlink.h"
#include "tests/unit/fake-sysfs.h"
#include "tests/unit/netlink-replay.h"

#define SIM "bus/netdevsim/devices/netdevsim10/"

static int
setup(void **state)
{
    fake_sysfs_make();
    fake_sysfs_write(SIM"sriov_numvfs", "3\n");
    fake_sysfs_link(SIM"driver", "../../../bus/netdevsim/drivers/netdevsim");
    return 0;
}

static int
teardown(void **state)
{
    return fake_sysfs_remove();
}

/* What was recorded with a Linux 6.1 that has a netdevsim with three VFs. */

static struct dpu_devlink *
open_devlink(void)
{
    struct dpu_devlink *devlink;
    char *error;

    assert_int_equal(dpu_devlink_open(&devlink, &error), 0);
    assert_null(error);
    return devlink;
}

static struct dpu_netlink *
open_route(void)
{
    struct dpu_netlink *route;
    char *error;

    assert_int_equal(dpu_netlink_open(NETLINK_ROUTE, &route, &error), 0);
    return route;
}

static void
test_recorded_topology(void **state)
{
    static const char *const names[][2] = {
        { "p1", "eth0" }, { "pf0vf0", "eth1" }, { "pf0vf1", "vm-a" },
        { "pf0vf2", "eth3" },
    };
    const struct dpu_topology_device *device;
    struct dpu_topology topology;
    struct dpu_devlink *devlink;
    struct dpu_netlink *route;
    char *error;

    replay_file("netdevsim-list.netlink");
    devlink = open_devlink();
    route = open_route();
    assert_int_equal(dpu_topology_read(&topology, devlink, route, fake_sysfs,
                                       &error), 0);
    replay_done();
    assert_int_equal(topology.n_devices, 1);
    device = topology.devices;
    assert_string_equal(device->handle.bus, "netdevsim");
    assert_string_equal(device->handle.device, "netdevsim10");
    assert_string_equal(device->sysfs.driver, "netdevsim");
    assert_int_equal(device->sysfs.n_vfs, 3);
    assert_int_equal(device->sysfs.max_vfs, -1);
    assert_int_equal(device->mode, DPU_ESWITCH_SWITCHDEV);
    assert_int_equal(strlen(device->switch_id), 64);
    assert_int_equal(device->n_ports, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(device->ports[i].name, names[i][0]);
        assert_string_equal(device->ports[i].netdev, names[i][1]);
        assert_false(device->ports[i].devlink.has_mac);
        /* The uplink tells those of VFs; this driver has none at first. */
        assert_int_equal(device->ports[i].has_mac, i > 0);
        assert_int_equal(device->ports[i].mac[5], 0);
    }
    dpu_topology_destroy(&topology);
    dpu_devlink_close(devlink);
    dpu_netlink_close(route);
}

/* VFs get addresses by rtnetlink. */
static void
test_recorded_vf_macs(void **state)
{
    uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };
    struct dpu_topology topology;
    struct dpu_devlink *devlink;
    struct dpu_netlink *route;
    char *error;

    replay_file("netdevsim-mac.netlink");
    devlink = open_devlink();
    route = open_route();
    assert_int_equal(dpu_topology_read(&topology, devlink, route, fake_sysfs,
                                       &error), 0);
    for (; mac[5] < 3; mac[5]++) {
        const struct dpu_topology_port *port
            = &topology.devices[0].ports[1 + mac[5]];

        assert_int_equal(port->mac_ifindex,
                         topology.devices[0].ports[0].devlink.ifindex);
        assert_int_equal(dpu_link_set_vf_mac(
                             route, port->mac_ifindex,
                             port->devlink.representor.number, mac, &error),
                         0);
        assert_null(error);
    }
    replay_done();
    dpu_topology_destroy(&topology);
    dpu_devlink_close(devlink);
    dpu_netlink_close(route);
}

/* The driver refuses an address, in words of the kernel's. */
static void
test_recorded_refusal(void **state)
{
    static const uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };
    struct dpu_devlink_handle *handles;
    struct dpu_devlink_port *ports;
    enum dpu_eswitch_mode mode;
    struct dpu_devlink *devlink;
    char *error;
    size_t n;

    replay_file("netdevsim-refusal.netlink");
    devlink = open_devlink();
    assert_int_equal(dpu_devlink_get_devices(devlink, &handles, &n, &error),
                     0);
    assert_int_equal(dpu_devlink_get_ports(devlink, &ports, &n, &error), 0);
    assert_int_equal(dpu_devlink_get_mode(devlink, handles, &mode, &error),
                     0);
    assert_int_equal(n, 4);
    assert_int_equal(dpu_devlink_set_mac(devlink, handles, ports[1].index,
                                         mac, &error), EOPNOTSUPP);
    replay_done();
    assert_non_null(strstr(error, "Port doesn't support function "
                           "attributes"));
    free(error);
    free(handles);
    free(ports);
    dpu_devlink_close(devlink);
}

/* What a BlueField answers, made up by its driver's source: VFs and the PF of
 * the host are behind controller 1, which is external; SFs are its own. */

static char buffer[4096];

static struct nlmsghdr *
start_answer(uint8_t command, unsigned int seq)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct genlmsghdr *header;

    message->nlmsg_type = FAKE_NETLINK_DEVLINK;
    message->nlmsg_flags = NLM_F_MULTI;
    message->nlmsg_seq = seq;
    header = mnl_nlmsg_put_extra_header(message, sizeof *header);
    header->cmd = command;
    mnl_attr_put_strz(message, DEVLINK_ATTR_BUS_NAME, "pci");
    mnl_attr_put_strz(message, DEVLINK_ATTR_DEV_NAME, "0000:03:00.0");
    return message;
}

static void
answer(const struct nlmsghdr *message)
{
    replay_answer(message, message->nlmsg_len);
}

static void
answer_done(unsigned int seq)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

    message->nlmsg_type = NLMSG_DONE;
    message->nlmsg_seq = seq;
    *(int *) mnl_nlmsg_put_extra_header(message, sizeof(int)) = 0;
    answer(message);
}

static void
answer_family(void)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

    fake_netlink_put_family(message);
    message->nlmsg_seq = 1;
    answer(message);
    answer_done(1);
}

/* One port; numbers below 0 are left out. */
static struct nlmsghdr *
start_port(uint32_t index, uint16_t flavour, int number, int controller,
           int vf, int sf)
{
    struct nlmsghdr *message = start_answer(DEVLINK_CMD_PORT_NEW, 2);

    mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_INDEX, index);
    mnl_attr_put_u16(message, DEVLINK_ATTR_PORT_FLAVOUR, flavour);
    if (number >= 0) {
        mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_NUMBER, number);
    } else {
        mnl_attr_put_u16(message, DEVLINK_ATTR_PORT_PCI_PF_NUMBER, 0);
        mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_CONTROLLER_NUMBER,
                         controller);
        mnl_attr_put_u8(message, DEVLINK_ATTR_PORT_EXTERNAL, controller > 0);
    }
    if (vf >= 0) {
        mnl_attr_put_u16(message, DEVLINK_ATTR_PORT_PCI_VF_NUMBER, vf);
    }
    if (sf >= 0) {
        mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_PCI_SF_NUMBER, sf);
    }
    return message;
}

static void
add_function(struct nlmsghdr *message, uint8_t last, int state)
{
    const uint8_t mac[6] = { 2, 0, 0, 0, 0, last };
    struct nlattr *function;

    function = mnl_attr_nest_start(message, DEVLINK_ATTR_PORT_FUNCTION);
    mnl_attr_put(message, DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, 6, mac);
    if (state >= 0) {
        mnl_attr_put_u8(message, DEVLINK_PORT_FN_ATTR_STATE, state);
    }
    mnl_attr_nest_end(message, function);
}

static void
answer_bluefield_ports(void)
{
    struct nlmsghdr *message;

    answer(start_port(65535, DEVLINK_PORT_FLAVOUR_PHYSICAL, 0, 0, -1, -1));
    message = start_port(0, DEVLINK_PORT_FLAVOUR_PCI_PF, -1, 1, -1, -1);
    add_function(message, 1, -1);
    answer(message);
    message = start_port(4, DEVLINK_PORT_FLAVOUR_PCI_VF, -1, 1, 3, -1);
    add_function(message, 3, -1);
    answer(message);
    message = start_port(8, DEVLINK_PORT_FLAVOUR_PCI_SF, -1, 0, -1, 88);
    add_function(message, 8, DEVLINK_PORT_FN_STATE_INACTIVE);
    answer(message);
    /* What is no port of the embedded switch. */
    answer(start_port(9, DEVLINK_PORT_FLAVOUR_VIRTUAL, 0, 0, -1, -1));
    message = start_port(10, DEVLINK_PORT_FLAVOUR_PHYSICAL, 1, 0, -1, -1);
    mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_SPLIT_GROUP, 1);
    answer(message);
    answer_done(2);
}

static void
test_bluefield_ports(void **state)
{
    static const char *const names[] = { "p0", "c1pf0hpf", "c1pf0vf3",
                                         "pf0sf88" };
    char name[DPU_REPRESENTOR_STRLEN];
    struct dpu_devlink_port *ports;
    struct dpu_devlink *devlink;
    char *error;
    size_t n;

    replay_start();
    answer_family();
    answer_bluefield_ports();
    devlink = open_devlink();
    assert_int_equal(dpu_devlink_get_ports(devlink, &ports, &n, &error), 0);
    replay_done();
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        dpu_representor_format(&ports[i].representor, 0, name);
        assert_string_equal(name, names[i]);
        assert_int_equal(ports[i].has_mac, i > 0);
    }
    assert_int_equal(ports[2].mac[5], 3);
    assert_int_equal(ports[2].state, DPU_FUNCTION_STATE_NONE);
    assert_int_equal(ports[3].state, DPU_FUNCTION_STATE_INACTIVE);
    free(ports);
    dpu_devlink_close(devlink);
}

/* What rtnetlink says of VFs, made up. */

static struct nlmsghdr *
start_link(unsigned int seq)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct ifinfomsg *info;

    message->nlmsg_type = RTM_NEWLINK;
    message->nlmsg_seq = seq;
    info = mnl_nlmsg_put_extra_header(message, sizeof *info);
    info->ifi_index = 7;
    mnl_attr_put_strz(message, IFLA_IFNAME, "enp3s0");
    return message;
}

static void
add_vf(struct nlmsghdr *message, uint32_t number)
{
    struct ifla_vf_mac mac = { .vf = number, .mac = { 2, [5] = number } };
    struct nlattr *vf = mnl_attr_nest_start(message, IFLA_VF_INFO);

    mnl_attr_put(message, IFLA_VF_MAC, sizeof mac, &mac);
    mnl_attr_nest_end(message, vf);
}

/* None; some, with a gap where those end that are told; and no answer. */
static void
test_made_up_vfs(void **state)
{
    struct dpu_netlink *route;
    struct nlmsghdr *message;
    uint8_t (*macs)[6];
    struct nlattr *list;
    char *error;
    size_t n;

    replay_start();
    answer(start_link(1));
    answer_done(1);
    message = start_link(2);
    mnl_attr_put_u32(message, IFLA_NUM_VF, 3);
    list = mnl_attr_nest_start(message, IFLA_VFINFO_LIST);
    add_vf(message, 0);
    add_vf(message, 1);
    add_vf(message, 3);
    mnl_attr_nest_end(message, list);
    answer(message);
    answer_done(2);
    answer_done(3);

    route = open_route();
    assert_int_equal(dpu_link_get_vf_macs(route, 7, &macs, &n, &error), 0);
    assert_int_equal(n, 0);
    assert_null(macs);
    assert_int_equal(dpu_link_get_vf_macs(route, 7, &macs, &n, &error), 0);
    assert_int_equal(n, 2);
    assert_int_equal(macs[1][0], 2);
    assert_int_equal(macs[1][5], 1);
    free(macs);
    assert_int_equal(dpu_link_get_vf_macs(route, 7, &macs, &n, &error),
                     EPROTO);
    assert_string_equal(error, "the kernel says nothing about network device "
                        "7");
    free(error);
    replay_done();
    dpu_netlink_close(route);
}

/* A port whose attributes are too short or missing is left out, not read past
 * its end. */
static void
test_malformed(void **state)
{
    struct dpu_devlink_port *ports;
    struct dpu_devlink *devlink;
    struct nlmsghdr *message;
    char *error;
    size_t n;

    replay_start();
    answer_family();
    message = start_answer(DEVLINK_CMD_PORT_NEW, 2);
    mnl_attr_put_u8(message, DEVLINK_ATTR_PORT_INDEX, 1);
    mnl_attr_put_u16(message, DEVLINK_ATTR_PORT_FLAVOUR, 0);
    answer(message);
    message = start_answer(DEVLINK_CMD_PORT_NEW, 2);
    mnl_attr_put_u32(message, DEVLINK_ATTR_PORT_INDEX, 1);
    answer(message);
    message = mnl_nlmsg_put_header(buffer);
    message->nlmsg_type = NLMSG_ERROR;
    message->nlmsg_seq = 2;
    answer(message);
    devlink = open_devlink();
    assert_int_equal(dpu_devlink_get_ports(devlink, &ports, &n, &error),
                     EPROTO);
    replay_done();
    assert_null(ports);
    assert_int_equal(n, 0);
    assert_string_equal(error, "the kernel's answer is cut short");
    free(error);
    dpu_devlink_close(devlink);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_topology),
        cmocka_unit_test(test_recorded_vf_macs),
        cmocka_unit_test(test_recorded_refusal),
        cmocka_unit_test(test_made_up_vfs),
        cmocka_unit_test(test_bluefield_ports),
        cmocka_unit_test(test_malformed),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
