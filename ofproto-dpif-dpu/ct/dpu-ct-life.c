/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"

#include "conntrack-private.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-install.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-packet.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-verdict.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-usdt.h"

/* All of these are in msec. */

/* Counters are read, and software is told, in this part of the timeout, within
 * these limits. */
#define REFRESH_PART 20
#define REFRESH_MIN 50
#define REFRESH_MAX 60000

/* Rules leave so long before the connection expires: again a part of the
 * timeout, within limits. */
#define MARGIN_PART 20
#define MARGIN_MIN 400
#define MARGIN_MAX 1000

/* After a refusal packets cost one lookup, for so long. */
#define HOLD_SHORT 1000         /* For what may change at any time. */
#define HOLD_LONG 10000

atomic_uint64_t dpu_ct_counters[DPU_CT_N_COUNTERS];
atomic_uint64_t dpu_ct_refused_ever[DPU_CT_N_REFUSALS];
atomic_uint64_t dpu_ct_n_offloaded;

enum dpu_ct_phase
dpu_ct_life_phase(const struct dpu_ct_conn *conn)
{
    uint8_t phase;

    atomic_read_relaxed(&CONST_CAST(struct dpu_ct_conn *, conn)->phase,
                        &phase);
    return phase;
}

void
dpu_ct_life_set_phase(struct dpu_ct_conn *conn, enum dpu_ct_phase phase,
               long long int now)
{
    atomic_store(&conn->phase, phase);
    conn->since = now;
}

void
dpu_ct_life_settle_conn(struct dpu_ct_conn *conn, long long int now)
{
    if (conn->staged) {
        dpu_ct_burst_finish(dpu_ct_install_burst(conn), now);
    }
}

/* Refusals and ends. */

static long long int
refusal_hold(enum dpu_ct_refusal refusal)
{
    switch (refusal) {
    case DPU_CT_NO_FULL:
    case DPU_CT_NO_LIMIT:
    case DPU_CT_NO_STOPPED:
    case DPU_CT_NO_ERROR:
        return HOLD_SHORT;

    case DPU_CT_NO_PROTOCOL:
    case DPU_CT_NO_NAT:
    case DPU_CT_NO_ALG:
    case DPU_CT_NO_RELATED:
    case DPU_CT_NO_CHECKSUM:
    case DPU_CT_NO_CLOSING:
    case DPU_CT_NO_DEVICES:
    case DPU_CT_NO_VARIANTS:
    case DPU_CT_NO_REFUSED:
    case DPU_CT_N_REFUSALS:
    default:
        return HOLD_LONG;
    }
}

void
dpu_ct_life_refuse(struct dpu_ct_conn *conn, enum dpu_ct_refusal refusal,
            long long int now)
{
    uint64_t orig;

    conn->refusal = refusal;
    dpu_ct_life_set_phase(conn, DPU_CT_REFUSED, now);
    dpu_ct_shard_schedule(conn, now + refusal_hold(refusal));
    atomic_add_relaxed(&dpu_ct_refused_ever[refusal], 1, &orig);
}

enum dpu_ct_refusal
dpu_ct_life_refusal(const struct dpu_reason *reason)
{
    switch ((int) reason->code) {
    case DPU_REASON_DEVICE_FULL:
        return DPU_CT_NO_FULL;
    case DPU_REASON_DEVICE_GONE:
        return DPU_CT_NO_STOPPED;
    case DPU_REASON_DEVICE_ERROR:
        return DPU_CT_NO_ERROR;
    default:
        return DPU_CT_NO_REFUSED;
    }
}

void
dpu_ct_life_take_off(struct dpu_ct_conn *conn)
{
    uint64_t orig;

    DPU_USDT(connection_out, &conn->tuples[0], conn->tuples[0].zone,
             conn->tuples[0].proto);
    dpu_ct_install_remove(conn);
    atomic_sub_relaxed(&dpu_ct_n_offloaded, 1, &orig);
    dpu_ct_counter_inc(DPU_CT_REMOVED);
}

/* Tells software that hardware saw packets of 'conn' in the directions 'seen'.
 * Returns its connection, or NULL if it is not established any more. */
static struct conn *
conn_refresh(struct dpu_ct_conn *conn, unsigned int seen, long long int now)
{
    struct conn *software = NULL;

    for (int dir = 0; dir < 2; dir++) {
        if (seen & 1 << dir) {
            software = dpu_ct_packet_refresh(conn->ct, &conn->tuples[dir],
                                             now);
            if (!software) {
                return NULL;
            }
        }
    }
    dpu_ct_counter_inc(DPU_CT_REFRESHED);
    return software;
}

void
dpu_ct_life_end(struct dpu_ct_conn *conn, enum dpu_ct_counter why,
                long long int now)
{
    dpu_ct_life_settle_conn(conn, now);
    if (dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED) {
        unsigned int seen = dpu_ct_install_count(conn);

        dpu_ct_life_take_off(conn);
        dpu_ct_counter_inc(why);
        if (seen & 3 && why != DPU_CT_CLOSED && why != DPU_CT_FLUSHED
            && now < conn->expires) {
            conn_refresh(conn, seen, now);
        }
    }
    dpu_ct_conn_remove(conn, now);
}

void
dpu_ct_life_forget(struct dpu_ct_conn *conn)
{
    long long int now = time_msec();

    dpu_ct_life_settle_conn(conn, now);
    if (dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED) {
        unsigned int seen = dpu_ct_install_count(conn);

        dpu_ct_life_take_off(conn);
        if (seen & 3 && now < conn->expires) {
            conn_refresh(conn, seen, now);
        }
    }
    dpu_ct_conn_remove(conn, now);
}

void
dpu_ct_life_audit(struct dpu_ct_conn *conn, struct dpu_audit *audit,
                  long long int now)
{
    struct dpu_reason reason;
    bool restored;
    size_t n_lost;

    dpu_ct_life_settle_conn(conn, now);
    if (dpu_ct_life_phase(conn) != DPU_CT_OFFLOADED) {
        return;
    }
    n_lost = dpu_ct_install_audit(conn, audit);
    if (!n_lost) {
        return;
    }
    restored = dpu_ct_install(conn, now, &reason);
    if (restored) {
        dpu_ct_burst_finish(dpu_ct_install_burst(conn), now);
        restored = dpu_ct_install_has_arrived(conn, now, &reason);
    }
    if (!restored) {
        dpu_ct_life_take_off(conn);
        dpu_ct_life_refuse(conn, dpu_ct_life_refusal(&reason), now);
    }
    while (n_lost--) {
        dpu_audit_restored(audit, restored);
    }
}

void
dpu_ct_life_settle(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(dpu_ct_shards); i++) {
        ovs_mutex_lock(&dpu_ct_shards[i].mutex);
        ovs_mutex_unlock(&dpu_ct_shards[i].mutex);
    }
}

static long long int
part_of_timeout(const struct dpu_ct_conn *conn, unsigned int part,
                long long int min, long long int max)
{
    return MIN(MAX(conn->timeout / part, min), max);
}

static long long int
conn_margin(const struct dpu_ct_conn *conn)
{
    return part_of_timeout(conn, MARGIN_PART, MARGIN_MIN, MARGIN_MAX);
}

void
dpu_ct_life_schedule(struct dpu_ct_conn *conn, long long int now)
{
    long long int due = now + part_of_timeout(conn, REFRESH_PART, REFRESH_MIN,
                                              REFRESH_MAX);

    dpu_ct_shard_schedule(conn, MIN(due, conn->expires - conn_margin(conn)));
}

/* Staying. */

/* Looks after 'conn', which is in hardware.  Returns true if it stays. */
static bool
conn_look_after(struct dpu_ct_conn *conn, long long int now)
{
    unsigned int seen;
    struct conn *software;

    if (now >= conn->expires) {
        /* Too late to ask software.  If it has seen packets since, the
         * connection will be back. */
        dpu_ct_life_end(conn, DPU_CT_EXPIRED, now);
        return false;
    }
    seen = dpu_ct_install_count(conn);
    if (seen & DPU_CT_INSTALL_LOST) {
        /* Its packets come up and teach it again. */
        dpu_ct_life_end(conn, DPU_CT_LOST, now);
        return false;
    }
    software = (seen ? conn_refresh(conn, seen, now)
                : dpu_ct_packet_look(conn->ct, &conn->tuples[0], now));
    if (!software) {
        dpu_ct_life_end(conn, DPU_CT_CLOSED, now);
        return false;
    }
    switch (dpu_ct_verdict(conn, software)) {
    case DPU_CT_VERDICT_OK:
        break;
    case DPU_CT_VERDICT_CHANGED:
        dpu_ct_life_end(conn, DPU_CT_CHANGED, now);
        return false;
    case DPU_CT_VERDICT_EARLY:
    case DPU_CT_VERDICT_CLOSING:
        dpu_ct_life_end(conn, DPU_CT_CLOSED, now);
        return false;
    }

    conn->expires = dpu_ct_verdict_expiration(software);
    if (seen) {
        conn->timeout = MIN(MAX(conn->expires - now, 1), UINT32_MAX);
    } else if (conn->expires - now <= conn_margin(conn)) {
        dpu_ct_life_end(conn, DPU_CT_EXPIRED, now);
        return false;
    }
    dpu_ct_life_schedule(conn, now);
    return true;
}

bool
dpu_ct_life_due(struct dpu_ct_conn *conn, long long int now)
{
    dpu_ct_life_settle_conn(conn, now);
    if (dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED) {
        return conn_look_after(conn, now);
    }
    dpu_ct_conn_remove(conn, now);
    return false;
}
