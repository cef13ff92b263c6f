/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-prometheus: tests of dpu-prometheus and dpu-histogram. */

#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ofproto-dpif-dpu/flow/dpu-histogram.h"
#include "ofproto-dpif-dpu/show/dpu-prometheus.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static void
test_put(void **state OVS_UNUSED)
{
    const struct dpu_label none[] = { { NULL, NULL } };
    const struct dpu_label labels[] = {
        { "device", "0000:03:00.0" },
        { "port", "a\"b\\c\nd" },
        { NULL, NULL },
    };
    struct ds s = DS_EMPTY_INITIALIZER;

    dpu_prometheus_begin(&s, "x_total", "counter", "What x is.");
    dpu_prometheus_put(&s, "x_total", none, UINT64_MAX);
    dpu_prometheus_put(&s, "x_total", labels, 0);
    dpu_prometheus_put_nsec(&s, "y", none, 1500000000);
    assert_string_equal(
        ds_cstr(&s),
        "# HELP x_total What x is.\n"
        "# TYPE x_total counter\n"
        "x_total 18446744073709551615\n"
        "x_total{device=\"0000:03:00.0\",port=\"a\\\"b\\\\c\\nd\"} 0\n"
        "y 1.5\n");
    ds_destroy(&s);
}

static void
test_nsec(void **state OVS_UNUSED)
{
    static const struct {
        uint64_t nsec;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { 1, "0.000000001" },
        { 2500, "0.0000025" },
        { 1000000000, "1" },
        { UINT64_C(10000000000), "10" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        dpu_prometheus_format_nsec(&s, cases[i].nsec);
        assert_string_equal(ds_cstr(&s), cases[i].text);
        ds_destroy(&s);
    }
}

static void
test_histogram(void **state OVS_UNUSED)
{
    struct dpu_histogram h;

    memset(&h, 0, sizeof h);
    for (size_t i = 1; i < DPU_HISTOGRAM_N_BOUNDS; i++) {
        assert_true(dpu_histogram_bounds[i - 1] < dpu_histogram_bounds[i]);
    }
    assert_int_equal(dpu_histogram_count(&h, DPU_HISTOGRAM_N_BOUNDS), 0);

    /* A bound belongs to its bucket. */
    dpu_histogram_add(&h, dpu_histogram_bounds[3]);
    dpu_histogram_add(&h, dpu_histogram_bounds[3] + 1);
    dpu_histogram_add(&h, UINT64_C(5000000000));
    assert_int_equal(dpu_histogram_count(&h, 2), 0);
    assert_int_equal(dpu_histogram_count(&h, 3), 1);
    assert_int_equal(dpu_histogram_count(&h, 4), 2);
    assert_int_equal(dpu_histogram_count(&h, DPU_HISTOGRAM_N_BOUNDS - 1), 2);
    assert_int_equal(dpu_histogram_count(&h, DPU_HISTOGRAM_N_BOUNDS), 3);
    assert_int_equal(dpu_histogram_sum(&h),
                     2 * dpu_histogram_bounds[3] + 1 + 5000000000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_nsec),
        cmocka_unit_test(test_histogram),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
