/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-shard: a share of the connections, chosen by tuple: what is queued
 * for it and what is due when.
 *
 * Thread-safety: 'mutex' guards the connections of a shard and all of it but
 * the queues.  It is held over calls into the device and into software's
 * connection tracking, and taken before any other of this module's. */

#ifndef DPU_CT_SHARD_H
#define DPU_CT_SHARD_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmap.h"
#include "openvswitch/list.h"
#include "ovs-thread.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-burst.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-queue.h"

/* Connections are due at multiples of so many msec... */
#define DPU_CT_TICK 32

/* ...and none is due later than this many of them. */
#define DPU_CT_N_TICKS 4096

/* Numbers that a shard takes at a time. */
#define DPU_CT_N_RESERVED 32

struct dpu_ct_shard {
    struct ovs_mutex mutex;
    struct cmap conns;              /* Of struct dpu_ct_conn: dpu-ct-conn's. */
    uint32_t numbers[DPU_CT_N_RESERVED];    /* The last ones are free. */
    uint8_t n_numbers;              /* Of them. */
    struct dpu_ct_queue seen;       /* DPU_CT_EVENT_SEEN. */
    struct dpu_ct_queue leaving;    /* The others: goes first. */
    atomic_bool lost;               /* 'leaving' was full: look at all. */
    struct dpu_ct_burst burst;
    struct ovs_list wheel[DPU_CT_N_TICKS];  /* Of struct dpu_ct_conn. */
    long long int tick;             /* The next one. */
};

extern struct dpu_ct_shard dpu_ct_shards[DPU_CT_N_SHARDS];

/* The shard of a connection whose original tuple has 'hash'. */
static inline uint8_t
dpu_ct_shard_of(uint32_t hash)
{
    return hash >> 24 & (DPU_CT_N_SHARDS - 1);
}

/* Locks 'shard'; finishes its burst and unlocks it. */
void dpu_ct_shard_lock(struct dpu_ct_shard *shard)
    OVS_ACQUIRES(shard->mutex);
void dpu_ct_shard_unlock(struct dpu_ct_shard *shard, long long int now)
    OVS_RELEASES(shard->mutex);

/* Locks all shards; unlocks them.  The caller holds the lock of none. */
void dpu_ct_shards_hold(void);
void dpu_ct_shards_release(void);

/* No shard knows anything any more about rules of 'device' through
 * 'target'. */
void dpu_ct_shards_forget(const struct dpu_ct_device *device, uint16_t target);

/* Readies all shards. */
void dpu_ct_shards_init(long long int now);

/* Has dpu_ct_shard_run() look at 'conn' at 'due', as time_msec(), or earlier
 * if that is far away. */
void dpu_ct_shard_schedule(struct dpu_ct_conn *conn, long long int due);

/* Does what was queued for 'shard' and what is due at 'now', as time_msec(),
 * but not for long.  Returns when it wants to be called again: 'now' if there
 * is more to do. */
long long int dpu_ct_shard_run(struct dpu_ct_shard *shard, long long int now);

/* Does all that is to do in any shard at 'now': for who has no threads. */
void dpu_ct_run(long long int now);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-shard.h */
