/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-backlog: memory of queue items, while it is needed and after. */

#include <config.h>

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "openvswitch/match.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/flow/dpu-backlog.h"

#define ITEM_SIZE (sizeof(struct match) + 72)
#define N_ITEMS 5000
#define BURST 4096

/* Sanitizers have heaps of their own. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HAS_OWN_HEAP true
#else
#define HAS_OWN_HEAP false
#endif

static int n_trims;

int __real_malloc_trim(size_t);
int __wrap_malloc_trim(size_t);

int
__wrap_malloc_trim(size_t pad)
{
    n_trims++;
    return __real_malloc_trim(pad);
}

/* 'n' items are taken from a queue. */
static void
take(size_t n)
{
    static const char next[ITEM_SIZE];

    while (n--) {
        dpu_backlog_taken(next);
    }
}

/* The queue is empty at 'now'.  Returns how often memory has been given back
 * so far. */
static int
idle(long long int now)
{
    dpu_backlog_idle(now);
    ovsrcu_barrier();
    return n_trims;
}

static void
test_sizes(void **state OVS_UNUSED)
{
    char zeros[ITEM_SIZE];

    assert_null(dpu_backlog_alloc(1));
    assert_null(dpu_backlog_alloc(sizeof(struct match) - 1));
    assert_null(dpu_backlog_alloc(sizeof(struct match) + 129));
    memset(zeros, 0, sizeof zeros);
    for (size_t i = 0; i < 100; i++) {
        char *p = dpu_backlog_alloc(ITEM_SIZE);

        assert_non_null(p);
        assert_memory_equal(p, zeros, sizeof zeros);
        memset(p, 0xa5, ITEM_SIZE);
        free(p);
    }
}

/* Whatever it was taken for: it is as any other memory. */
static void
test_resized(void **state OVS_UNUSED)
{
    char *p = dpu_backlog_alloc(ITEM_SIZE);

    p[ITEM_SIZE - 1] = 'x';
    p = xrealloc(p, 3 * ITEM_SIZE);
    assert_int_equal(p[ITEM_SIZE - 1], 'x');
    free(p);
}

static void *
end_with_run(void *aux OVS_UNUSED)
{
    free(dpu_backlog_alloc(ITEM_SIZE));
    return NULL;
}

/* For the address sanitizer. */
static void
test_thread_ends(void **state OVS_UNUSED)
{
    xpthread_join(ovs_thread_create("run", end_with_run, NULL), NULL);
}

static void
test_calm(void **state OVS_UNUSED)
{
    long long int now = 1000000;
    int before = idle(now);

    take(BURST - 1);
    assert_int_equal(idle(now), before);
    assert_int_equal(idle(now + 5000), before);

    take(BURST);
    assert_int_equal(idle(now + 6000), before);
    assert_int_equal(idle(now + 6900), before);
    take(1);
    assert_int_equal(idle(now + 6950), before);
    assert_int_equal(idle(now + 7900), before);
    assert_int_equal(idle(now + 7950), before + 1);
    assert_int_equal(idle(now + 30000), before + 1);

    /* Again, but not right after. */
    take(BURST);
    idle(now + 30000);
    assert_int_equal(idle(now + 31000), before + 2);
    take(BURST);
    idle(now + 32000);
    assert_int_equal(idle(now + 34000), before + 2);
    assert_int_equal(idle(now + 41000), before + 3);
}

/* Pages of the process that are in memory. */
static long int
n_resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long int size, pages;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &size, &pages), 2);
    fclose(file);
    return pages;
}

/* Items that lie between megaflows that stay, as far as whoever allocates them
 * is concerned. */
static void
test_given_back(void **state OVS_UNUSED)
{
    static void *items[N_ITEMS], *megaflows[N_ITEMS];
    const long int all = N_ITEMS * ITEM_SIZE / sysconf(_SC_PAGESIZE);
    long int before, left;

    if (HAS_OWN_HEAP) {
        skip();
    }
    for (size_t i = 0; i < N_ITEMS; i++) {
        megaflows[i] = memset(xmalloc(900), 1, 900);
        items[i] = dpu_backlog_alloc(ITEM_SIZE);
        memset(items[i], 1, ITEM_SIZE);
    }
    for (size_t i = 0; i < N_ITEMS; i++) {
        free(items[i]);
    }
    before = n_resident();
    take(N_ITEMS);
    idle(2000000);
    idle(2001000);
    left = before - n_resident();
    for (size_t i = 0; i < N_ITEMS; i++) {
        free(megaflows[i]);
    }
    if (left < all * 85 / 100) {
        fail_msg("%ld of %ld pages were given back", left, all);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_resized),
        cmocka_unit_test(test_thread_ends),
        cmocka_unit_test(test_calm),
        cmocka_unit_test(test_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
