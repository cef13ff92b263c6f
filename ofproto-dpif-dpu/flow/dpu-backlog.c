/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-backlog.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/match.h"
#include "openvswitch/thread.h"
#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_backlog);

/* Bytes of items that were allocated, and of those that were given out or are
 * free again: the others are what threads have left of their runs.  And how
 * often memory was given back. */
COVERAGE_DEFINE(dpu_backlog_run);
COVERAGE_DEFINE(dpu_backlog_item);
COVERAGE_DEFINE(dpu_backlog_trim);

/* Of an item: what it has beside its match is not known here, but it is not
 * much.  One that were larger would be allocated as without us. */
#define ITEM_MIN sizeof(struct match)
#define ITEM_MAX (sizeof(struct match) + 128)

/* Items of a run: of its pages one at most is shared with others. */
#define RUN 32

/* A run that a thread is about to use up, for that thread. */
struct dpu_backlog_run {
    void *items[RUN];
    size_t n;
};

static pthread_key_t run_key;
static __thread struct dpu_backlog_run *thread_run;

/* A thread with a run ends. */
static void
free_run(void *run_)
{
    struct dpu_backlog_run *run = run_;

    COVERAGE_ADD(dpu_backlog_item, run->n * ITEM_MAX);
    while (run->n) {
        free(run->items[--run->n]);
    }
    free(run);
    thread_run = NULL;
}

static struct dpu_backlog_run *
get_run(void)
{
    static struct ovsthread_once once = OVSTHREAD_ONCE_INITIALIZER;

    if (!thread_run) {
        if (ovsthread_once_start(&once)) {
            xpthread_key_create(&run_key, free_run);
            ovsthread_once_done(&once);
        }
        thread_run = xmalloc(sizeof *thread_run);
        thread_run->n = 0;
        xpthread_setspecific(run_key, thread_run);
    }
    return thread_run;
}

void *
dpu_backlog_alloc(size_t size)
{
    struct dpu_backlog_run *run;

    if (size < ITEM_MIN || size > ITEM_MAX) {
        return NULL;
    }
    run = get_run();
    if (!run->n) {
        /* They are used in the order that they were allocated in. */
        for (size_t i = RUN; i > 0; i--) {
            run->items[i - 1] = xmalloc(ITEM_MAX);
        }
        run->n = RUN;
        COVERAGE_ADD(dpu_backlog_run, RUN * ITEM_MAX);
    }
    COVERAGE_ADD(dpu_backlog_item, ITEM_MAX);
    return memset(run->items[--run->n], 0, size);
}

/* What is in an item's first bytes is needed for each, and far apart from the
 * last item. */
#define PREFETCH_SIZE 512

/* Items taken from this thread's queue since it was last empty: that many are
 * a burst. */
#define BURST 4096
static __thread size_t n_taken;

void
dpu_backlog_taken(const void *next)
{
    for (size_t i = 0; i < PREFETCH_SIZE; i += CACHE_LINE_SIZE) {
        OVS_PREFETCH((const char *) next + i);
    }
    n_taken++;
}

/* Gives the system what is free, in the thread that frees items, after all of
 * them. */
static void
trim(int *aux OVS_UNUSED)
{
#if HAVE_DECL_MALLOC_TRIM
    long long int start = time_usec();

    malloc_trim(0);
    COVERAGE_INC(dpu_backlog_trim);
    VLOG_DBG("gave back what a burst has left, in %lld us",
             time_usec() - start);
#endif
}

/* For so long after the last item nothing has come, in msec, and so long after
 * the last time: who allocates memory while it is given back, as a poll thread
 * for a new megaflow, may have to wait for some milliseconds. */
#define CALM 1000
#define PAUSE 10000

void
dpu_backlog_idle(long long int now)
{
    static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
    static long long int next_trim OVS_GUARDED_BY(mutex);
    static __thread long long int calm_since;
    static __thread bool was_burst;

    if (n_taken) {
        was_burst |= n_taken >= BURST;
        n_taken = 0;
        calm_since = now;
    }
    if (was_burst && now >= calm_since + CALM) {
        ovs_mutex_lock(&mutex);
        if (now >= next_trim) {
            next_trim = now + PAUSE;
            was_burst = false;
            ovsrcu_postpone(trim, (int *) NULL);
        }
        ovs_mutex_unlock(&mutex);
    }
}
