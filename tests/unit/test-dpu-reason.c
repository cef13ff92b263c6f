/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-reason: tests of dpu-reason. */

#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static void
assert_format(const struct dpu_reason *reason, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    dpu_reason_format(reason, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
test_format(void **state OVS_UNUSED)
{
    struct dpu_reason r;

    assert_false(dpu_reason_set(&r, DPU_REASON_MATCH_MASK, "%s/%#x",
                                "ipv6.label", 0xff));
    assert_int_equal(r.code, DPU_REASON_MATCH_MASK);
    assert_format(&r, "unsupported offload: match-mask (ipv6.label/0xff)");

    dpu_reason_set(&r, DPU_REASON_INVALID_FLOW, "nw_frag=0x2/0x3");
    assert_format(&r, "invalid flow: invalid-flow (nw_frag=0x2/0x3)");

    dpu_reason_set(&r, DPU_REASON_DEVICE_FULL, "%s", "");
    assert_format(&r, "offload error: device-full");

    dpu_reason_set(&r, DPU_REASON_NONE, "%s", "");
    assert_format(&r, "none");
}

static void
test_long_detail(void **state OVS_UNUSED)
{
    struct dpu_reason r;
    char longer[2 * sizeof r.detail];

    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    dpu_reason_set(&r, DPU_REASON_ACTION, "%s", longer);
    assert_int_equal(strlen(r.detail), sizeof r.detail - 1);
}

static void
test_names(void **state OVS_UNUSED)
{
    for (int i = 0; i < DPU_N_REASONS; i++) {
        assert_non_null(dpu_reason_code_name(i));
        assert_true(strlen(dpu_reason_code_meaning(i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(dpu_reason_code_name(i),
                                    dpu_reason_code_name(j));
        }
    }
    assert_string_equal(dpu_reason_code_name(DPU_N_REASONS), "unknown");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_long_detail),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
