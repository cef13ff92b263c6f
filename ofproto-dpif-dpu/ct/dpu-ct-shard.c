/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"

#include <limits.h>

#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-admission.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-learn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"

/* Events that wait, per shard. */
#define QUEUE_SIZE 2048

/* A shard is not locked for longer than so many connections take. */
#define BURST 64

struct dpu_ct_shard dpu_ct_shards[DPU_CT_N_SHARDS];
BUILD_ASSERT_DECL(DPU_CT_N_SHARDS <= DPU_RULE_N_QUEUES);

void
dpu_ct_shard_lock(struct dpu_ct_shard *shard)
{
    ovs_mutex_lock(&shard->mutex);
}

void
dpu_ct_shard_unlock(struct dpu_ct_shard *shard, long long int now)
{
    dpu_ct_burst_finish(&shard->burst, now);
    ovs_mutex_unlock(&shard->mutex);
}

void
dpu_ct_shards_hold(void)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    for (size_t i = 0; i < ARRAY_SIZE(dpu_ct_shards); i++) {
        ovs_mutex_lock(&dpu_ct_shards[i].mutex);
    }
}

void
dpu_ct_shards_release(void)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    for (size_t i = ARRAY_SIZE(dpu_ct_shards); i-- > 0; ) {
        ovs_mutex_unlock(&dpu_ct_shards[i].mutex);
    }
}

void
dpu_ct_shards_forget(const struct dpu_ct_device *device, uint16_t target)
{
    for (size_t i = 0; i < ARRAY_SIZE(dpu_ct_shards); i++) {
        ovs_mutex_lock(&dpu_ct_shards[i].mutex);
        dpu_ct_burst_forget(&dpu_ct_shards[i].burst, device, target);
        ovs_mutex_unlock(&dpu_ct_shards[i].mutex);
    }
}

void
dpu_ct_shards_init(long long int now)
{
    for (size_t i = 0; i < ARRAY_SIZE(dpu_ct_shards); i++) {
        struct dpu_ct_shard *shard = &dpu_ct_shards[i];

        ovs_mutex_init(&shard->mutex);
        cmap_init(&shard->conns);
        dpu_ct_queue_init(&shard->seen, QUEUE_SIZE);
        dpu_ct_queue_init(&shard->leaving, QUEUE_SIZE);
        atomic_init(&shard->lost, false);
        dpu_ct_burst_init(&shard->burst, i);
        shard->tick = now / DPU_CT_TICK;
        for (size_t j = 0; j < ARRAY_SIZE(shard->wheel); j++) {
            ovs_list_init(&shard->wheel[j]);
        }
    }
}

void
dpu_ct_shard_schedule(struct dpu_ct_conn *conn, long long int due)
{
    struct dpu_ct_shard *shard = &dpu_ct_shards[conn->shard];
    long long int tick = DIV_ROUND_UP(due, DPU_CT_TICK);

    tick = MAX(tick, shard->tick);
    tick = MIN(tick, shard->tick + DPU_CT_N_TICKS - 2);
    conn->due = due;
    ovs_list_remove(&conn->timer);
    ovs_list_push_back(&shard->wheel[tick % DPU_CT_N_TICKS], &conn->timer);
}

static void
shard_leave(const struct dpu_ct_event *event, long long int now)
{
    struct dpu_ct_conn *conn;

    conn = dpu_ct_conn_find(event->ct, &event->tuple, event->hash, false);
    if (conn) {
        bool leaving;

        atomic_read_relaxed(&conn->leaving, &leaving);
        if (leaving) {
            dpu_ct_life_end(conn, (event->type == DPU_CT_EVENT_RENEW
                                   ? DPU_CT_CHANGED : DPU_CT_CLOSED), now);
        }
    }
}

/* Takes off what is marked as leaving. */
static void
lost_cb(struct dpu_ct_conn *conn, void *now_)
{
    const long long int *now = now_;
    bool leaving;

    atomic_read_relaxed(&conn->leaving, &leaving);
    if (leaving) {
        dpu_ct_life_end(conn, DPU_CT_CLOSED, *now);
    }
}

/* Handles up to BURST events.  Returns true if there may be more. */
static bool
shard_run_queues(struct dpu_ct_shard *shard, long long int now)
    OVS_REQUIRES(shard->mutex)
{
    struct dpu_ct_event events[BURST];
    uint32_t hashes[BURST];
    size_t n = 0, n_leaving;

    while (n < BURST && dpu_ct_queue_take(&shard->leaving, &events[n])) {
        n++;
    }
    n_leaving = n;
    while (n < BURST && dpu_ct_queue_take(&shard->seen, &events[n])) {
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        hashes[i] = events[i].hash;
    }
    dpu_ct_conn_prefetch(shard, hashes, n);
    for (size_t i = 0; i < n; i++) {
        if (i < n_leaving) {
            shard_leave(&events[i], now);
        } else {
            dpu_ct_admission_seen(&events[i], now);
        }
    }
    return n >= BURST;
}

/* Handles up to BURST connections that are due.  Returns true if there may be
 * more. */
static bool
shard_run_wheel(struct dpu_ct_shard *shard, long long int now)
    OVS_REQUIRES(shard->mutex)
{
    long long int last = now / DPU_CT_TICK;
    size_t n = 0;

    if (last - shard->tick >= DPU_CT_N_TICKS) {
        /* Time jumped.  One round meets all of them. */
        shard->tick = last - DPU_CT_N_TICKS + 1;
    }
    while (shard->tick <= last) {
        struct ovs_list *slot = &shard->wheel[shard->tick % DPU_CT_N_TICKS];

        while (!ovs_list_is_empty(slot)) {
            struct dpu_ct_conn *conn
                = CONTAINER_OF(ovs_list_front(slot), struct dpu_ct_conn,
                               timer);

            if (n++ >= BURST) {
                return true;
            }
            if (conn->due > now) {
                /* It was further away than the wheel reaches. */
                ovs_list_remove(&conn->timer);
                ovs_list_init(&conn->timer);
                shard->tick++;
                dpu_ct_shard_schedule(conn, conn->due);
                shard->tick--;
            } else {
                dpu_ct_life_due(conn, now);
            }
        }
        shard->tick++;
    }
    return false;
}

long long int
dpu_ct_shard_run(struct dpu_ct_shard *shard, long long int now)
{
    bool lost, more;

    atomic_read_relaxed(&shard->lost, &lost);
    if (lost) {
        atomic_store_relaxed(&shard->lost, false);
        dpu_ct_conn_for_each(lost_cb, &now);
    }
    dpu_ct_shard_lock(shard);
    more = shard_run_queues(shard, now);
    more |= shard_run_wheel(shard, now);
    dpu_ct_shard_unlock(shard, now);
    return more ? now : (now / DPU_CT_TICK + 1) * DPU_CT_TICK;
}

void
dpu_ct_run(long long int now)
{
    dpu_ct_learn_run();
    for (size_t i = 0; i < ARRAY_SIZE(dpu_ct_shards); i++) {
        while (dpu_ct_shard_run(&dpu_ct_shards[i], now) <= now) {
            continue;
        }
    }
}
