/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-thread.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ovs-atomic.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-learn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-sweep.h"

/* A thread with nothing to do looks at the clock as often, in msec. */
#define MAX_SLEEP 1000

/* One thread. */
struct thread {
    PADDED_MEMBERS(CACHE_LINE_SIZE,
        uint32_t n_wakes;       /* A futex: calls of dpu_ct_thread_wake(). */
        uint32_t asleep;        /* It sleeps, or is about to. */
    );
    pthread_t id;
    unsigned int index;
};

static struct thread threads[DPU_CT_MAX_THREADS];
static unsigned int n_threads;
static atomic_bool stop;

/* Rates: what was counted at the last RATE_SLOTS seconds.  Written by the
 * first thread alone. */
#define RATE_SLOTS 10

static struct ovs_mutex rate_mutex = OVS_MUTEX_INITIALIZER;
static struct {
    long long int when;         /* As time_msec(). */
    uint64_t inserted, removed;
} rates[RATE_SLOTS];
static size_t n_rates;          /* Slots ever filled. */

static uint64_t
counter_get(enum dpu_ct_counter counter)
{
    uint64_t n;

    atomic_read_relaxed(&dpu_ct_counters[counter], &n);
    return n;
}

static void
rate_run(long long int now)
{
    ovs_mutex_lock(&rate_mutex);
    if (!n_rates || now >= rates[(n_rates - 1) % RATE_SLOTS].when + 1000) {
        size_t i = n_rates++ % RATE_SLOTS;

        rates[i].when = now;
        rates[i].inserted = counter_get(DPU_CT_INSERTED);
        rates[i].removed = counter_get(DPU_CT_REMOVED);
    }
    ovs_mutex_unlock(&rate_mutex);
}

void
dpu_ct_thread_rates(struct dpu_ct_rates *r)
{
    r->insertions = r->removals = 0;
    ovs_mutex_lock(&rate_mutex);
    if (n_rates) {
        size_t oldest = n_rates > RATE_SLOTS ? n_rates % RATE_SLOTS : 0;
        double seconds = (time_msec() - rates[oldest].when) / 1000.0;

        if (seconds > 0) {
            r->insertions = (counter_get(DPU_CT_INSERTED)
                             - rates[oldest].inserted) / seconds;
            r->removals = (counter_get(DPU_CT_REMOVED)
                           - rates[oldest].removed) / seconds;
        }
    }
    ovs_mutex_unlock(&rate_mutex);
}

/* Sleeps for 'msec', or until dpu_ct_thread_wake() was called since the count
 * of wakes was 'seen'. */
static void
thread_sleep(struct thread *t, long long int msec, uint32_t seen)
{
    const struct timespec timeout = {
        .tv_sec = msec / 1000,
        .tv_nsec = msec % 1000 * 1000000,
    };

    ovsrcu_quiesce_start();
    __atomic_store_n(&t->asleep, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &t->n_wakes, FUTEX_WAIT_PRIVATE, seen, &timeout, NULL,
            0);
    __atomic_store_n(&t->asleep, 0, __ATOMIC_SEQ_CST);
    ovsrcu_quiesce_end();
}

void
dpu_ct_thread_wake(uint8_t shard)
{
    unsigned int n = __atomic_load_n(&n_threads, __ATOMIC_RELAXED);
    struct thread *t;

    if (!n) {
        return;
    }
    t = &threads[shard % n];
    __atomic_add_fetch(&t->n_wakes, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&t->asleep, __ATOMIC_SEQ_CST)) {
        syscall(SYS_futex, &t->n_wakes, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
}

/* Does what there is to do in the shards of thread 't' of 'n'.  Returns when
 * there is more, as time_msec(). */
static long long int
thread_work(const struct thread *t, unsigned int n, long long int now)
{
    long long int next = now + MAX_SLEEP;

    if (!t->index) {
        dpu_ct_learn_run();
    }
    for (size_t i = t->index; i < DPU_CT_N_SHARDS; i += n) {
        long long int again = dpu_ct_shard_run(&dpu_ct_shards[i], now);

        next = MIN(next, again);
    }
    if (!t->index) {
        long long int again = dpu_ct_sweep_run(now);

        next = MIN(next, again);
        dpu_ct_conn_reap(now);
        rate_run(now);
    }
    return next;
}

static void *
thread_main(void *t_)
{
    struct thread *t = t_;
    unsigned int n = n_threads;

    for (;;) {
        uint32_t seen = __atomic_load_n(&t->n_wakes, __ATOMIC_SEQ_CST);
        long long int now, next;
        bool stopping;

        atomic_read(&stop, &stopping);
        if (stopping) {
            return NULL;
        }
        now = time_msec();
        next = thread_work(t, n, now);
        now = time_msec();
        if (next > now) {
            thread_sleep(t, next - now, seen);
        } else {
            ovsrcu_quiesce();
        }
    }
}

static void
threads_stop(void)
{
    atomic_store(&stop, true);
    for (size_t i = 0; i < n_threads; i++) {
        __atomic_add_fetch(&threads[i].n_wakes, 1, __ATOMIC_SEQ_CST);
        syscall(SYS_futex, &threads[i].n_wakes, FUTEX_WAKE_PRIVATE, 1, NULL,
                NULL, 0);
    }
    for (size_t i = 0; i < n_threads; i++) {
        xpthread_join(threads[i].id, NULL);
    }
    __atomic_store_n(&n_threads, 0, __ATOMIC_RELAXED);
    atomic_store(&stop, false);
}

void
dpu_ct_threads_set(unsigned int n)
{
    n = MIN(n, DPU_CT_MAX_THREADS);
    if (n == n_threads) {
        return;
    }
    threads_stop();
    __atomic_store_n(&n_threads, n, __ATOMIC_RELAXED);
    for (size_t i = 0; i < n; i++) {
        threads[i].index = i;
        threads[i].id = ovs_thread_create("dpu_ct", thread_main, &threads[i]);
    }
}
