/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * rank-fixture: megaflows of flow-fixture with packets in software, too, and a
 * clock that the test sets. */

#ifndef RANK_FIXTURE_H
#define RANK_FIXTURE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "tests/unit/flow-fixture.h"

extern long long int now;           /* As time_msec(). */

/* Packets that software has counted of each megaflow, by its number. */
extern uint64_t in_software[200];

/* Reads megaflow 'n', which enters at 'in', as revalidators do. */
bool in_hardware(uint32_t n, uint16_t in);

/* 'n' packets of megaflow 'i', which enters at 'in', by whatever has it. */
void forward(uint32_t i, uint16_t in, uint64_t n);

/* 'seconds' in which megaflow i of the first 'n' ones, which enters at
 * 'ports[i]', has 'pps[i]' packets per second. */
void run(unsigned int seconds, uint32_t n, const uint16_t ports[],
         const uint32_t pps[]);

int rank_setup(void **state);

#define RANK_TEST(TEST) \
    cmocka_unit_test_setup_teardown(TEST, rank_setup, teardown)

#endif /* tests/unit/rank-fixture.h */
