/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-life: how a connection comes to hardware, stays there and leaves.
 *
 * Thread-safety: the caller holds the lock of the connection's shard. */

#ifndef DPU_CT_LIFE_H
#define DPU_CT_LIFE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-queue.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"

struct dpu_audit;

/* What happened, ever. */
enum dpu_ct_counter {
    DPU_CT_INSERTED,            /* Connections put on a device. */
    DPU_CT_REMOVED,             /* Taken off again. */
    DPU_CT_REFRESHED,           /* Kept alive because hardware saw packets. */
    DPU_CT_EXPIRED,             /* Taken off before they expired. */
    DPU_CT_CLOSED,              /* Taken off at a SYN, FIN or RST, or because
                                 * software does not know them any more. */
    DPU_CT_FLUSHED,             /* Taken off at a flush. */
    DPU_CT_CHANGED,             /* Taken off because of mark or label. */
    DPU_CT_LOST,                /* The device had lost a rule. */
    DPU_CT_QUEUE_FULL,          /* Packets that taught nothing: the queue was
                                 * full. */
    DPU_CT_STALE_EVENTS,        /* The same: it was too long. */
    DPU_CT_N_COUNTERS
};

extern atomic_uint64_t dpu_ct_counters[DPU_CT_N_COUNTERS];
extern atomic_uint64_t dpu_ct_refused_ever[DPU_CT_N_REFUSALS];

/* Connections on devices. */
extern atomic_uint64_t dpu_ct_n_offloaded;

static inline void
dpu_ct_counter_inc(enum dpu_ct_counter counter)
{
    uint64_t orig;

    atomic_add_relaxed(&dpu_ct_counters[counter], 1, &orig);
}

static inline uint64_t
dpu_ct_counter_get(atomic_uint64_t *counter)
{
    uint64_t n;

    atomic_read_relaxed(counter, &n);
    return n;
}

/* A packet of an established connection of 'shard' was seen. */
void dpu_ct_life_seen(struct dpu_ct_shard *shard, const struct dpu_ct_event *,
                      long long int now);

/* The rules of 'conn' were sent to the device, and are there, or have failed
 * to. */
void dpu_ct_life_arrived(struct dpu_ct_conn *conn, long long int now);

/* 'conn' is due, or somebody wants its counters read.  Returns true if it is
 * still there. */
bool dpu_ct_life_due(struct dpu_ct_conn *conn, long long int now);

/* Takes 'conn' off the device, if it is there, because of 'why', and forgets
 * it. */
void dpu_ct_life_end(struct dpu_ct_conn *conn, enum dpu_ct_counter why,
                     long long int now);

/* The same because its device or port leaves. */
void dpu_ct_life_forget(struct dpu_ct_conn *conn);

/* Asks the device for the rules of 'conn', which are counted in '*audit'.
 * Those that it has lost are put back; if it does not take them, the
 * connection is refused. */
void dpu_ct_life_audit(struct dpu_ct_conn *conn, struct dpu_audit *audit,
                       long long int now);

/* When this returns, whoever held the lock of a shard has given it back
 * once.  The caller holds none. */
void dpu_ct_life_settle(void);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-life.h */
