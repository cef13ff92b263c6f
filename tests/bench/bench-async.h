/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * bench-async: a device that takes no time in the place of a real one: what
 * goes through rte_flow's queues is caught on its way (--wrap), and its
 * results are there at once. */

#ifndef BENCH_ASYNC_H
#define BENCH_ASYNC_H 1

#include <stdbool.h>

/* Nothing reaches the device. */
extern bool bench_async_takes_no_time;

#endif /* tests/bench/bench-async.h */
