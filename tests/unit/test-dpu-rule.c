/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What becomes of a device's answers. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* The device's answer. */
static int answer;
static const void *cause;
static const char *message;

static int
reply(struct rte_flow_error *error)
{
    if (answer) {
        rte_flow_error_set(error, answer, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
                           cause, message);
    }
    return answer;
}

static int
fake_create(uint16_t ethdev, const struct dpu_spec *spec OVS_UNUSED,
            struct dpu_rule **rule, struct rte_flow_error *error)
{
    assert_int_equal(ethdev, 3);
    *rule = answer ? NULL : (struct dpu_rule *) &answer;
    return reply(error);
}

static int
fake_destroy(uint16_t ethdev, struct dpu_rule *rule,
             struct rte_flow_error *error)
{
    assert_int_equal(ethdev, 3);
    assert_ptr_equal(rule, &answer);
    return reply(error);
}

static int
fake_query(uint16_t ethdev, struct dpu_rule *rule,
           struct dpu_rule_count *count, struct rte_flow_error *error)
{
    assert_int_equal(ethdev, 3);
    assert_ptr_equal(rule, &answer);
    if (!answer) {
        *count = (struct dpu_rule_count) { .packets = 1, .bytes = 64 };
    }
    return reply(error);
}

static const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};
static const struct dpu_rule_target target = { &fake_ops, 3 };

static struct dpu_spec spec;

static int
setup(void **state OVS_UNUSED)
{
    answer = 0;
    cause = NULL;
    message = NULL;
    dpu_spec_init(&spec, 0, 0);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, 0);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_IPV4, NULL, NULL, 0);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_COUNT, NULL, 0);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_DROP, NULL, 0);
    return 0;
}

static void
check_create(int error, enum dpu_reason_code code, const char *detail)
{
    struct dpu_reason reason;
    struct dpu_rule *rule;

    answer = error;
    assert_false(dpu_rule_create(&target, &spec, &rule, &reason));
    assert_int_equal(reason.code, code);
    assert_string_equal(reason.detail, detail);
}

static void
test_codes(void **state OVS_UNUSED)
{
    message = "because";
    check_create(ENODEV, DPU_REASON_DEVICE_GONE, "because");
    check_create(ENOSPC, DPU_REASON_DEVICE_FULL, "because");
    check_create(ENOMEM, DPU_REASON_DEVICE_FULL, "because");
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED, "because");
    check_create(EINVAL, DPU_REASON_DEVICE_REFUSED, "because");
    check_create(EEXIST, DPU_REASON_DEVICE_REFUSED, "because");
    check_create(EIO, DPU_REASON_DEVICE_ERROR, "because");
    check_create(EBUSY, DPU_REASON_DEVICE_ERROR, "because");
}

/* A device that says nothing, and one that points at what it objects to. */
static void
test_detail(void **state OVS_UNUSED)
{
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED,
                 "Operation not supported");
    message = "too wide a mask";
    cause = &spec.items[1];
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED, "ipv4: too wide a mask");
    message = "not here";
    cause = &spec.actions[1];
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED, "drop: not here");

    /* END is no item of the rule, and neither is what is elsewhere. */
    cause = &spec.items[2];
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED, "not here");
    cause = &spec.attr;
    check_create(ENOTSUP, DPU_REASON_DEVICE_REFUSED, "not here");
}

static void
test_life(void **state OVS_UNUSED)
{
    struct dpu_rule_count count = { .packets = 0 };
    struct dpu_reason reason;
    struct dpu_rule *rule;

    assert_true(dpu_rule_create(&target, &spec, &rule, &reason));
    assert_true(dpu_rule_query(&target, rule, &count, &reason));
    assert_int_equal(count.packets, 1);
    assert_int_equal(count.bytes, 64);
    assert_true(dpu_rule_destroy(&target, rule, &reason));

    answer = EIO;
    message = "stuck";
    cause = &spec.items[0];
    assert_false(dpu_rule_query(&target, rule, &count, &reason));
    assert_int_equal(reason.code, DPU_REASON_DEVICE_ERROR);
    assert_string_equal(reason.detail, "stuck");
    assert_int_equal(count.packets, 1);
    answer = ENODEV;
    assert_false(dpu_rule_destroy(&target, rule, &reason));
    assert_int_equal(reason.code, DPU_REASON_DEVICE_GONE);
}

/* No ethdev: rte_flow itself answers. */
static void
test_no_ethdev(void **state OVS_UNUSED)
{
    struct dpu_rule_target nowhere = { &dpu_rule_sync_ops, 3 };
    struct dpu_reason reason;
    struct dpu_rule *rule;

    assert_false(dpu_rule_create(&nowhere, &spec, &rule, &reason));
    assert_int_equal(reason.code, DPU_REASON_DEVICE_GONE);
    assert_null(rule);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_codes, setup),
        cmocka_unit_test_setup(test_detail, setup),
        cmocka_unit_test_setup(test_life, setup),
        cmocka_unit_test_setup(test_no_ethdev, setup),
    };

    set_program_name(argv[0]);
    return cmocka_run_group_tests_name("dpu-rule", tests, NULL, NULL);
}
