/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-life: how a connection stays in hardware, or in software because it
 * was refused, and leaves.
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
struct dpu_reason;

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

/* Connections on devices, and those that have room there and are on their
 * way. */
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

/* The phase of 'conn'; makes it 'phase' from 'now' on. */
enum dpu_ct_phase dpu_ct_life_phase(const struct dpu_ct_conn *conn);
void dpu_ct_life_set_phase(struct dpu_ct_conn *conn, enum dpu_ct_phase phase,
                           long long int now);

/* 'conn', which has no rules, stays in software for a while.  Which refusal a
 * device's 'reason' is. */
void dpu_ct_life_refuse(struct dpu_ct_conn *conn, enum dpu_ct_refusal refusal,
                        long long int now);
enum dpu_ct_refusal dpu_ct_life_refusal(const struct dpu_reason *reason);

/* Has the rules of 'conn' arrive, if they are on their way. */
void dpu_ct_life_settle_conn(struct dpu_ct_conn *conn, long long int now);

/* Takes the rules of 'conn' off the device. */
void dpu_ct_life_take_off(struct dpu_ct_conn *conn);

/* Has 'conn', which is in hardware, looked at again in time. */
void dpu_ct_life_schedule(struct dpu_ct_conn *conn, long long int now);

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
