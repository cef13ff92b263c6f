/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Subfunctions, with a kernel that has some: no kernel that tests can have
 * does, netdevsim's least of all.  What stands for it answers as devlink's
 * description in the kernel (Documentation/networking/devlink/devlink-port)
 * says: subfunctions are added inactive, and a MAC address is for one that is
 * not active yet. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/devlink.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "util.h"

#include "tests/unit/fake-netlink.h"
#include "utilities/dpuctl-eswitch.h"

#define MAX_SFS 4
#define FIRST_INDEX 32768       /* Of the port of SF 0. */

/* The kernel. */

struct sf {
    bool exists, active;
    uint8_t mac[6];
};

static struct sf sfs[MAX_SFS];
static bool no_sfs;             /* The device has none. */

static uint8_t answers[16384];
static size_t answers_len;

static struct nlmsghdr *
start_answer(const struct nlmsghdr *request, uint16_t type)
{
    struct nlmsghdr *answer = mnl_nlmsg_put_header(answers + answers_len);

    answer->nlmsg_type = type;
    answer->nlmsg_seq = request->nlmsg_seq;
    return answer;
}

static void
end_answer(const struct nlmsghdr *answer)
{
    answers_len += MNL_ALIGN(answer->nlmsg_len);
    assert_true(answers_len < sizeof answers);
}

static struct nlmsghdr *
start_devlink(const struct nlmsghdr *request, uint8_t command)
{
    struct nlmsghdr *answer = start_answer(request, FAKE_NETLINK_DEVLINK);
    struct genlmsghdr *header
        = mnl_nlmsg_put_extra_header(answer, sizeof *header);

    header->cmd = command;
    if (request->nlmsg_flags & NLM_F_DUMP) {
        answer->nlmsg_flags = NLM_F_MULTI;
    }
    mnl_attr_put_strz(answer, DEVLINK_ATTR_BUS_NAME, "pci");
    mnl_attr_put_strz(answer, DEVLINK_ATTR_DEV_NAME, "0000:99:00.0");
    return answer;
}

/* The end of an answer: of a list, or with the outcome 'error'. */
static void
acknowledge(const struct nlmsghdr *request, int error)
{
    if (request->nlmsg_flags & NLM_F_DUMP && !error) {
        struct nlmsghdr *answer = start_answer(request, NLMSG_DONE);

        *(int *) mnl_nlmsg_put_extra_header(answer, sizeof(int)) = 0;
        end_answer(answer);
    } else {
        struct nlmsghdr *answer = start_answer(request, NLMSG_ERROR);
        struct nlmsgerr *outcome
            = mnl_nlmsg_put_extra_header(answer, sizeof *outcome);

        outcome->error = -error;
        outcome->msg = *request;
        end_answer(answer);
    }
}

static void
answer_family(const struct nlmsghdr *request)
{
    struct nlmsghdr *answer = start_answer(request, GENL_ID_CTRL);

    fake_netlink_put_family(answer);
    end_answer(answer);
    acknowledge(request, 0);
}

static void
answer_port(const struct nlmsghdr *request, int number)
{
    struct nlmsghdr *answer = start_devlink(request, DEVLINK_CMD_PORT_NEW);
    struct nlattr *function;

    mnl_attr_put_u32(answer, DEVLINK_ATTR_PORT_INDEX, FIRST_INDEX + number);
    mnl_attr_put_u16(answer, DEVLINK_ATTR_PORT_FLAVOUR,
                     DEVLINK_PORT_FLAVOUR_PCI_SF);
    mnl_attr_put_u16(answer, DEVLINK_ATTR_PORT_PCI_PF_NUMBER, 0);
    mnl_attr_put_u32(answer, DEVLINK_ATTR_PORT_PCI_SF_NUMBER, number);
    function = mnl_attr_nest_start(answer, DEVLINK_ATTR_PORT_FUNCTION);
    mnl_attr_put(answer, DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, 6,
                 sfs[number].mac);
    mnl_attr_put_u8(answer, DEVLINK_PORT_FN_ATTR_STATE,
                    (sfs[number].active ? DEVLINK_PORT_FN_STATE_ACTIVE
                     : DEVLINK_PORT_FN_STATE_INACTIVE));
    mnl_attr_nest_end(answer, function);
    end_answer(answer);
}

/* The attribute 'type' of 'request', which is to have it. */
static const struct nlattr *
get_attr(const struct nlmsghdr *request, uint16_t type)
{
    const struct nlattr *attr;

    mnl_attr_for_each (attr, request, sizeof(struct genlmsghdr)) {
        if (mnl_attr_get_type(attr) == type) {
            return attr;
        }
    }
    fail_msg("attribute %u is missing", type);
    return NULL;
}

static struct sf *
get_sf(const struct nlmsghdr *request)
{
    uint32_t number = mnl_attr_get_u32(
        get_attr(request, DEVLINK_ATTR_PORT_INDEX)) - FIRST_INDEX;

    assert_true(number < MAX_SFS && sfs[number].exists);
    return &sfs[number];
}

static int
add_sf(const struct nlmsghdr *request)
{
    uint32_t number;

    if (no_sfs) {
        return EOPNOTSUPP;
    }
    assert_int_equal(mnl_attr_get_u16(get_attr(request,
                                               DEVLINK_ATTR_PORT_FLAVOUR)),
                     DEVLINK_PORT_FLAVOUR_PCI_SF);
    assert_int_equal(mnl_attr_get_u16(
                         get_attr(request, DEVLINK_ATTR_PORT_PCI_PF_NUMBER)),
                     0);
    number = mnl_attr_get_u32(get_attr(request,
                                       DEVLINK_ATTR_PORT_PCI_SF_NUMBER));
    assert_true(number < MAX_SFS);
    if (sfs[number].exists) {
        return EEXIST;
    }
    sfs[number] = (struct sf) { .exists = true };
    answer_port(request, number);
    return 0;
}

static int
set_sf(const struct nlmsghdr *request)
{
    struct sf *sf = get_sf(request);
    const struct nlattr *attr;

    mnl_attr_for_each_nested (attr, get_attr(request,
                                             DEVLINK_ATTR_PORT_FUNCTION)) {
        if (mnl_attr_get_type(attr) == DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR) {
            if (sf->active) {
                return EBUSY;
            }
            assert_int_equal(mnl_attr_get_payload_len(attr), 6);
            memcpy(sf->mac, mnl_attr_get_payload(attr), 6);
        } else {
            assert_int_equal(mnl_attr_get_type(attr),
                             DEVLINK_PORT_FN_ATTR_STATE);
            sf->active = (mnl_attr_get_u8(attr)
                          == DEVLINK_PORT_FN_STATE_ACTIVE);
        }
    }
    return 0;
}

static void
answer_devlink(const struct nlmsghdr *request)
{
    const struct genlmsghdr *header = mnl_nlmsg_get_payload(request);
    int error = 0;

    switch (header->cmd) {
    case DEVLINK_CMD_GET:
        end_answer(start_devlink(request, DEVLINK_CMD_NEW));
        break;
    case DEVLINK_CMD_ESWITCH_GET: {
        struct nlmsghdr *answer = start_devlink(request, header->cmd);

        mnl_attr_put_u16(answer, DEVLINK_ATTR_ESWITCH_MODE,
                         DEVLINK_ESWITCH_MODE_SWITCHDEV);
        end_answer(answer);
        break;
    }
    case DEVLINK_CMD_PORT_GET:
        for (int i = 0; i < MAX_SFS; i++) {
            if (sfs[i].exists) {
                answer_port(request, i);
            }
        }
        break;
    case DEVLINK_CMD_PORT_NEW:
        error = add_sf(request);
        break;
    case DEVLINK_CMD_PORT_SET:
        error = set_sf(request);
        break;
    case DEVLINK_CMD_PORT_DEL:
        get_sf(request)->exists = false;
        break;
    default:
        fail_msg("command %u", header->cmd);
    }
    acknowledge(request, error);
}

/* Its socket. */

ssize_t
__wrap_mnl_socket_sendto(const struct mnl_socket *socket, const void *buf,
                         size_t len)
{
    const struct nlmsghdr *request = buf;

    assert_int_equal(answers_len, 0);
    if (request->nlmsg_type == GENL_ID_CTRL) {
        answer_family(request);
    } else if (request->nlmsg_type == FAKE_NETLINK_DEVLINK) {
        answer_devlink(request);
    } else {
        acknowledge(request, 0);        /* No network device. */
    }
    return len;
}

ssize_t
__wrap_mnl_socket_recvfrom(const struct mnl_socket *socket, void *buf,
                           size_t size)
{
    size_t len = answers_len;

    assert_true(len > 0 && len <= size);
    memcpy(buf, answers, len);
    answers_len = 0;
    return len;
}

/* Tests. */

static const uint8_t base[6] = { 2, 0, 0, 0, 1, 0xff };

struct fixture {
    struct dpuctl_kernel kernel;
    struct dpuctl_steps steps;
    struct dpuctl_eswitch eswitch;
};

static int
setup(void **state)
{
    struct fixture *f = xzalloc(sizeof *f);

    memset(sfs, 0, sizeof sfs);
    no_sfs = false;
    dpuctl_kernel_open(&f->kernel);
    dpuctl_kernel_read(&f->kernel);
    f->eswitch.kernel = &f->kernel;
    f->eswitch.steps = &f->steps;
    f->eswitch.handle = f->kernel.topology.devices[0].handle;
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    dpuctl_kernel_close(&f->kernel);
    dpuctl_steps_destroy(&f->steps);
    free(f);
    return 0;
}

static void
assert_ok(char *error)
{
    if (error) {
        fail_msg("%s", error);
    }
}

/* Each is added, given its address, and made active; the second time there is
 * nothing to do. */
static void
test_add(void **state)
{
    struct fixture *f = *state;
    struct dpu_topology_device *device;

    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 2, base));
    assert_int_equal(f->steps.n, 6);
    for (int i = 0; i < 2; i++) {
        assert_true(sfs[i].exists && sfs[i].active);
        assert_int_equal(sfs[i].mac[4], 1 + i);
        assert_int_equal(sfs[i].mac[5], (0xff + i) & 0xff);
    }
    assert_false(sfs[2].exists);

    device = dpuctl_eswitch_device(&f->eswitch);
    assert_int_equal(device->n_ports, 2);
    assert_string_equal(device->ports[1].name, "pf0sf1");
    assert_int_equal(device->ports[1].devlink.state,
                     DPU_FUNCTION_STATE_ACTIVE);

    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 2, base));
    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 1, NULL));
    assert_int_equal(f->steps.n, 6);

    /* One more, without an address. */
    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 3, NULL));
    assert_int_equal(f->steps.n, 8);
    assert_true(sfs[2].active);
    assert_int_equal(sfs[2].mac[0], 0);
}

/* A dry run says the same steps and does none. */
static void
test_dry_run(void **state)
{
    struct fixture *f = *state;

    f->steps.dry_run = true;
    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 2, base));
    assert_int_equal(f->steps.n, 6);
    assert_false(sfs[0].exists);
}

/* Those that setup added go, others stay. */
static void
test_delete(void **state)
{
    struct fixture *f = *state;
    struct json *numbers = json_array_create_1(json_integer_create(1));

    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 2, NULL));
    assert_ok(dpuctl_eswitch_del_sfs(&f->eswitch, numbers));
    assert_true(sfs[0].exists);
    assert_false(sfs[1].exists);
    assert_int_equal(dpuctl_eswitch_device(&f->eswitch)->n_ports, 1);
    assert_ok(dpuctl_eswitch_del_sfs(&f->eswitch, numbers));
    assert_int_equal(f->steps.n, 5);
    json_destroy(numbers);
}

/* What the kernel refuses is told with the step and with what may help. */
static void
test_refusal(void **state)
{
    struct fixture *f = *state;
    char *error;

    assert_ok(dpuctl_eswitch_add_sfs(&f->eswitch, 1, NULL));
    error = dpuctl_eswitch_add_sfs(&f->eswitch, 1, base);
    assert_non_null(strstr(error, "hw_addr 02:00:00:00:01:ff: "));
    free(error);

    no_sfs = true;
    error = dpuctl_eswitch_add_sfs(&f->eswitch, 2, NULL);
    assert_non_null(strstr(error, "devlink port add pci/0000:99:00.0 flavour "
                           "pcisf pfnum 0 sfnum 1: "));
    assert_non_null(strstr(error, "has no subfunctions"));
    free(error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_add, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dry_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_delete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusal, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
