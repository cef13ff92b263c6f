/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-wake.h"

#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ovs-rcu.h"
#include "util.h"

/* Counts calls of dpu_wake(), modulo 2**32: a futex. */
static uint32_t n_wakes;

/* Threads that sleep, or are about to. */
static uint32_t n_sleepers;

bool
dpu_wake_is_sleeper(void)
{
    static __thread int is_sleeper = -1;

    if (is_sleeper < 0) {
        is_sleeper = !strncmp(get_subprogram_name(), "hw_offload",
                              strlen("hw_offload"));
    }
    return is_sleeper;
}

void
dpu_wake_sleep(uint64_t nsec)
{
    static __thread uint32_t seen;
    const struct timespec timeout = {
        .tv_sec = nsec / 1000000000,
        .tv_nsec = nsec % 1000000000,
    };

    ovsrcu_quiesce_start();
    __atomic_add_fetch(&n_sleepers, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &n_wakes, FUTEX_WAIT_PRIVATE, seen, &timeout, NULL, 0);
    __atomic_sub_fetch(&n_sleepers, 1, __ATOMIC_SEQ_CST);
    seen = __atomic_load_n(&n_wakes, __ATOMIC_SEQ_CST);
    ovsrcu_quiesce_end();
}

void
dpu_wake(void)
{
    __atomic_add_fetch(&n_wakes, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&n_sleepers, __ATOMIC_SEQ_CST)) {
        syscall(SYS_futex, &n_wakes, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
                0);
    }
}
