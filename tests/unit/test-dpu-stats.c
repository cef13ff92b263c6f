/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-stats: tests of dpu-stats: who is told what hardware counted. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dpif.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-stats.h"

/* What 'asker' is told at time 'now' of a rule that counted 'n' in all. */
static uint64_t
tell(struct dpu_stats *s, uint64_t n, const void *asker, long long int now)
{
    const struct dpu_rule_count count = { n, 100 * n };
    struct dpif_flow_stats stats;

    dpu_stats_update(s, &count, 0, now);
    dpu_stats_tell(s, asker, now, &stats);
    assert_int_equal(stats.n_bytes, 100 * stats.n_packets);
    return stats.n_packets;
}

/* Two copies of a megaflow, in two PMD threads: the answers add up to what
 * hardware counted, whichever ceases to ask. */
static void
test_askers(void **state OVS_UNUSED)
{
    struct dpu_stats s = { .used = 0 };
    static const char a, b;

    assert_int_equal(tell(&s, 10, &a, 1000), 10);
    assert_int_equal(tell(&s, 12, &b, 1001), 0);
    assert_int_equal(tell(&s, 15, &a, 1500), 15);
    assert_int_equal(s.used, 1500);

    assert_int_equal(tell(&s, 17, &b, 1500 + DPU_STATS_SILENCE - 1), 0);
    assert_int_equal(tell(&s, 18, &b, 1500 + DPU_STATS_SILENCE), 3);
    assert_int_equal(tell(&s, 20, &b, 1501 + DPU_STATS_SILENCE), 5);
    dpu_stats_fold(&s);
    assert_int_equal(tell(&s, 2, &b, 1502 + DPU_STATS_SILENCE), 7);
    assert_int_equal(tell(&s, 2, &a, 1503 + DPU_STATS_SILENCE), 0);

    /* The device was reset. */
    assert_int_equal(tell(&s, 1, &b, 1504 + DPU_STATS_SILENCE), 8);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_askers),
    };

    return cmocka_run_group_tests_name("dpu-stats", tests, NULL, NULL);
}
