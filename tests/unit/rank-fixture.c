/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * rank-fixture: see rank-fixture.h. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rank-fixture.h"

#include "timeval.h"
#include "util.h"

long long int now;

long long int __wrap_time_msec(void);

long long int
__wrap_time_msec(void)
{
    return now;
}

/* An asker is the address of its number. */
uint64_t in_software[200];

static uint64_t
get_software(const void *asker)
{
    return in_software[(const uint64_t *) asker - in_software];
}

bool
in_hardware(uint32_t n, uint16_t in)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    assert_int_equal(dpu_flow_get(&table, &key, &in_software[n], &stats,
                                  &place), 0);
    return place == DPU_FLOW_IN_HARDWARE;
}

void
forward(uint32_t i, uint16_t in, uint64_t n)
{
    if (in_hardware(i, in)) {
        fake_forward(i, n);
    } else {
        in_software[i] += n;
    }
}

void
run(unsigned int seconds, uint32_t n, const uint16_t ports[],
    const uint32_t pps[])
{
    for (unsigned int i = 0; i < 2 * seconds; i++) {
        now += 500;
        for (uint32_t j = 1; j < n; j++) {
            forward(j, ports[j], pps[j] / 2);
        }
        for (uint32_t j = 1; j < n; j++) {
            in_hardware(j, ports[j]);   /* Reads it. */
        }
        dpu_flow_rank(&table, &port_map, now);
    }
}

int
rank_setup(void **state)
{
    now = 1000000;
    memset(in_software, 0, sizeof in_software);
    setup(state);
    table.software = get_software;
    return 0;
}
