/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * No wake-up is lost: a thread that missed one would sleep for an hour, and
 * the alarm end the test. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-wake.h"

#define HOUR (3600 * UINT64_C(1000000000))
#define N_ITEMS 20000

static unsigned int n_queued;       /* Atomic. */
static unsigned int n_done;         /* Atomic. */

static void *
work(void *aux OVS_UNUSED)
{
    assert_true(dpu_wake_is_sleeper());
    for (unsigned int i = 0; i < N_ITEMS; i++) {
        while (__atomic_load_n(&n_queued, __ATOMIC_ACQUIRE) == i) {
            dpu_wake_sleep(HOUR);
        }
        __atomic_store_n(&n_done, i + 1, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* One item at a time, so that the worker sleeps, or is about to, before each
 * of them. */
static void
test_no_loss(void **state OVS_UNUSED)
{
    pthread_t thread = ovs_thread_create("hw_offload", work, NULL);

    for (unsigned int i = 0; i < N_ITEMS; i++) {
        __atomic_store_n(&n_queued, i + 1, __ATOMIC_RELEASE);
        dpu_wake();
        while (__atomic_load_n(&n_done, __ATOMIC_ACQUIRE) == i) {
            sched_yield();
        }
    }
    xpthread_join(thread, NULL);
}

static void
test_before(void **state OVS_UNUSED)
{
    dpu_wake();
    dpu_wake_sleep(HOUR);
    /* That one is seen; without another the time passes. */
    dpu_wake_sleep(1000);
}

static void
test_others(void **state OVS_UNUSED)
{
    assert_false(dpu_wake_is_sleeper());
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before),
        cmocka_unit_test(test_no_loss),
        cmocka_unit_test(test_others),
    };

    set_program_name(argv[0]);
    alarm(120);
    return cmocka_run_group_tests_name("dpu-wake", tests, NULL, NULL);
}
