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

/* A connection of which one direction alone is known is forgotten. */
#define LEARN_TIME 10000

/* One in whose other direction nothing came for so long goes one way. */
#define ONE_WAY_TIME 100

/* One that is not ready yet is looked at again. */
#define LEARN_PAUSE 10

/* A packet that has been in the queue for so long teaches nothing. */
#define STALE_TIME 500

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

static enum dpu_ct_phase
conn_phase(const struct dpu_ct_conn *conn)
{
    uint8_t phase;

    atomic_read_relaxed(&CONST_CAST(struct dpu_ct_conn *, conn)->phase,
                        &phase);
    return phase;
}

static void
conn_set_phase(struct dpu_ct_conn *conn, enum dpu_ct_phase phase,
               long long int now)
{
    atomic_store_relaxed(&conn->phase, phase);
    conn->since = now;
}

/* Has the rules of 'conn' arrive, if they are on their way. */
static void
conn_settle(struct dpu_ct_conn *conn, long long int now)
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

/* 'conn', which has no rules, stays in software for a while. */
static void
conn_refuse(struct dpu_ct_conn *conn, enum dpu_ct_refusal refusal,
            long long int now)
{
    uint64_t orig;

    conn->refusal = refusal;
    conn_set_phase(conn, DPU_CT_REFUSED, now);
    dpu_ct_shard_schedule(conn, now + refusal_hold(refusal));
    atomic_add_relaxed(&dpu_ct_refused_ever[refusal], 1, &orig);
}

static enum dpu_ct_refusal
refusal_from_reason(const struct dpu_reason *reason)
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

/* Takes the rules of 'conn' off the device. */
static void
conn_take_off(struct dpu_ct_conn *conn)
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
    conn_settle(conn, now);
    if (conn_phase(conn) == DPU_CT_OFFLOADED) {
        unsigned int seen = dpu_ct_install_count(conn);

        conn_take_off(conn);
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

    conn_settle(conn, now);
    if (conn_phase(conn) == DPU_CT_OFFLOADED) {
        unsigned int seen = dpu_ct_install_count(conn);

        conn_take_off(conn);
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

    conn_settle(conn, now);
    if (conn_phase(conn) != DPU_CT_OFFLOADED) {
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
        conn_take_off(conn);
        conn_refuse(conn, refusal_from_reason(&reason), now);
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

/* Has 'conn' looked at again in time. */
static void
conn_schedule(struct dpu_ct_conn *conn, long long int now)
{
    long long int due = now + part_of_timeout(conn, REFRESH_PART, REFRESH_MIN,
                                              REFRESH_MAX);

    dpu_ct_shard_schedule(conn, MIN(due, conn->expires - conn_margin(conn)));
}

/* Coming. */

/* Returns the connection that 'event' is about, newly in the table, or
 * NULL. */
static struct dpu_ct_conn *
conn_learn(const struct dpu_ct_event *event, struct dpu_ct_device *device,
           uint16_t target, long long int now)
{
    enum dpu_ct_refusal refusal;
    struct dpu_ct_tuple tuples[2];
    struct dpu_ct_conn *conn;
    struct conn *software;
    uint8_t variant;

    software = dpu_ct_packet_look(event->ct, &event->tuple, now);
    if (!software) {
        return NULL;
    }
    dpu_ct_tuple_from_key(&tuples[0], &software->key);
    dpu_ct_tuple_from_key(&tuples[1], &software->rev_key);
    variant = dpu_ct_variant_get(&event->variant);
    if (!variant || !dpu_ct_tuple_equals(&tuples[0], &event->tuple)) {
        dpu_ct_variant_put(variant);
        return NULL;
    }

    if (conntrack_get_tcp_seq_chk(event->ct)) {
        /* Software would take packets for invalid that come after many that
         * hardware has seen alone. */
        conntrack_set_tcp_seq_chk(event->ct, false);
    }
    conn = dpu_ct_conn_create(event->ct, tuples, variant, event->variant.nat);
    conn->device = device;
    conn->target = target;
    ovs_mutex_lock(&software->lock);
    conn->mark = software->mark;
    conn->label = software->label;
    ovs_mutex_unlock(&software->lock);
    conn_set_phase(conn, DPU_CT_LEARNING, now);
    dpu_ct_shard_schedule(conn, now + LEARN_TIME);
    if (dpu_ct_verdict_refuses(software, tuples, device->caps, &refusal)) {
        conn_refuse(conn, refusal, now);
    }
    dpu_ct_conn_insert(conn);
    return conn;
}

/* Records what 'event' says of 'conn'.  Returns false if there is no room for
 * that. */
static bool
conn_note(struct dpu_ct_conn *conn, const struct dpu_ct_event *event)
{
    uint8_t variant = dpu_ct_variant_get(&event->variant);
    bool reply = event->ct_state & CS_REPLY_DIR;
    struct dpu_ct_pass *pass;

    if (!variant) {
        return true;            /* Nobody asks for it any more. */
    }
    pass = dpu_ct_conn_pass(conn, variant);
    if (pass) {
        dpu_ct_variant_put(variant);
    } else {
        pass = dpu_ct_conn_add_pass(conn, variant, event->variant.nat);
        if (!pass) {
            dpu_ct_variant_put(variant);
            return false;
        }
    }
    if (!pass->rules[reply]) {
        atomic_store_relaxed(&pass->states[reply], event->ct_state);
    }
    return true;
}

/* What ct_state is in the other direction. */
static uint8_t
reverse_state(uint8_t ct_state)
{
    uint8_t nat = ct_state & (CS_SRC_NAT | CS_DST_NAT);

    ct_state ^= CS_REPLY_DIR;
    return (nat == CS_SRC_NAT || nat == CS_DST_NAT
            ? ct_state ^ (CS_SRC_NAT | CS_DST_NAT) : ct_state);
}

/* Has each pass of 'conn' take the packets of both directions. */
static void
conn_conclude(struct dpu_ct_conn *conn)
{
    struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            uint8_t state, other;

            atomic_read_relaxed(&pass->states[dir], &state);
            atomic_read_relaxed(&pass->states[!dir], &other);
            if (!state && other) {
                atomic_store_relaxed(&pass->states[dir],
                                     reverse_state(other));
            }
        }
    }
}

/* Whether packets of both directions of 'conn' were seen, and enough.  Of a
 * stream that goes one way, as those of UDP may, there are none in the other
 * one; what they would be follows.  TCP has always both. */
static bool
conn_is_known(struct dpu_ct_conn *conn, long long int now)
{
    uint32_t min_packets, n_seen;
    struct dpu_ct_pass *pass;
    bool known[2] = { false, false };

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        for (int dir = 0; dir < 2; dir++) {
            uint8_t state;

            atomic_read_relaxed(&pass->states[dir], &state);
            known[dir] |= state != 0;
        }
    }
    atomic_read_relaxed(&dpu_ct_config.min_packets, &min_packets);
    atomic_read_relaxed(&conn->n_seen, &n_seen);
    if (known[0] != known[1] && conn->tuples[0].proto != IPPROTO_TCP
        && now - conn->since >= ONE_WAY_TIME) {
        conn_conclude(conn);
        known[0] = known[1] = true;
    }
    return known[0] && known[1] && n_seen >= min_packets;
}

/* Whether there may be one more in hardware; if not, 'conn' is refused. */
static bool
conn_admit(struct dpu_ct_conn *conn, long long int now)
{
    uint64_t n_offloaded;
    uint32_t max;

    atomic_read_relaxed(&dpu_ct_config.max, &max);
    atomic_read_relaxed(&dpu_ct_n_offloaded, &n_offloaded);
    if (n_offloaded + dpu_ct_install_burst(conn)->n_conns >= max) {
        conn_refuse(conn, DPU_CT_NO_LIMIT, now);
    } else if (!dpu_ct_device_has_room(conn->device, now)) {
        conn_refuse(conn, DPU_CT_NO_FULL, now);
    } else {
        return true;
    }
    return false;
}

/* Brings 'conn', which is known, to hardware.  Software has seen a packet of
 * it at 'when', as time_msec(). */
static void
conn_offload(struct dpu_ct_conn *conn, long long int when, long long int now)
{
    struct dpu_reason reason;
    struct conn *software;

    software = dpu_ct_packet_look(conn->ct, &conn->tuples[0], now);
    if (!software) {
        dpu_ct_conn_remove(conn, now);
        return;
    }
    switch (dpu_ct_verdict(conn, software)) {
    case DPU_CT_VERDICT_OK:
        break;
    case DPU_CT_VERDICT_EARLY:
        return;
    case DPU_CT_VERDICT_CLOSING:
        conn_refuse(conn, DPU_CT_NO_CLOSING, now);
        return;
    case DPU_CT_VERDICT_CHANGED:
        dpu_ct_conn_remove(conn, now);
        return;
    }
    if (!conn_admit(conn, now)) {
        return;
    }

    /* The timeout is what is left after a packet. */
    conn->expires = dpu_ct_verdict_expiration(software);
    conn->timeout = MIN(MAX(conn->expires - when, 1), UINT32_MAX);
    if (!dpu_ct_install(conn, now, &reason)) {
        conn_refuse(conn, refusal_from_reason(&reason), now);
        return;
    }
    dpu_ct_burst_add(dpu_ct_install_burst(conn), conn, now);
}

void
dpu_ct_life_arrived(struct dpu_ct_conn *conn, long long int now)
{
    bool offloaded = conn_phase(conn) == DPU_CT_OFFLOADED;
    struct dpu_reason reason;
    uint64_t orig;

    if (!dpu_ct_install_has_arrived(conn, now, &reason)) {
        /* Both directions or neither. */
        if (offloaded) {
            conn_take_off(conn);
        } else {
            dpu_ct_install_remove(conn);
        }
        conn_refuse(conn, refusal_from_reason(&reason), now);
    } else if (!offloaded) {
        conn_set_phase(conn, DPU_CT_OFFLOADED, now);
        atomic_add_relaxed(&dpu_ct_n_offloaded, 1, &orig);
        dpu_ct_counter_inc(DPU_CT_INSERTED);
        DPU_USDT(connection_in, &conn->tuples[0], conn->tuples[0].zone,
                 conn->tuples[0].proto);
        conn_schedule(conn, now);
    }
}

/* Gives 'conn', which is in hardware, the rules that it lacks. */
static void
conn_complete(struct dpu_ct_conn *conn, long long int now)
{
    struct dpu_reason reason;

    if (!dpu_ct_install(conn, now, &reason)) {
        conn_take_off(conn);
        conn_refuse(conn, refusal_from_reason(&reason), now);
    } else {
        dpu_ct_burst_add(dpu_ct_install_burst(conn), conn, now);
    }
}

void
dpu_ct_life_seen(struct dpu_ct_shard *shard OVS_UNUSED,
                 const struct dpu_ct_event *event, long long int now)
{
    struct dpu_ct_device *device = dpu_ct_device_get(event->device);
    struct dpu_ct_conn *conn;
    uint16_t target;
    bool enabled;

    atomic_read(&dpu_ct_config.enabled, &enabled);
    if (!enabled) {
        return;
    }
    if (now - event->when > STALE_TIME) {
        dpu_ct_counter_inc(DPU_CT_STALE_EVENTS);
        return;
    }
    if (!device || !dpu_ct_device_target(device, event->ethdev, &target)) {
        return;
    }
    conn = dpu_ct_conn_find(event->ct, &event->tuple,
                            dpu_ct_tuple_hash(&event->tuple), false);
    if (!conn) {
        conn = conn_learn(event, device, target, now);
    }
    if (conn) {
        conn_settle(conn, now);
    }
    if (!conn || conn_phase(conn) == DPU_CT_REFUSED) {
        return;
    }

    if (conn->device != device || !conn_note(conn, event)) {
        bool two = conn->device != device;

        if (conn_phase(conn) == DPU_CT_OFFLOADED) {
            conn_take_off(conn);
        }
        conn_refuse(conn, two ? DPU_CT_NO_DEVICES : DPU_CT_NO_VARIANTS, now);
    } else if (!dpu_ct_device_is_open(device, conn->target)) {
        dpu_ct_life_forget(conn);
    } else if (conn_phase(conn) == DPU_CT_OFFLOADED) {
        conn_complete(conn, now);
    } else if (conn_is_known(conn, now)) {
        atomic_store_relaxed(&conn->again, now + LEARN_PAUSE);
        conn_offload(conn, event->when, now);
    }
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
    conn_schedule(conn, now);
    return true;
}

bool
dpu_ct_life_due(struct dpu_ct_conn *conn, long long int now)
{
    conn_settle(conn, now);
    if (conn_phase(conn) == DPU_CT_OFFLOADED) {
        return conn_look_after(conn, now);
    }
    dpu_ct_conn_remove(conn, now);
    return false;
}
