/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-admission.h"

#include "conntrack-private.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-burst.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-install.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-packet.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-queue.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-verdict.h"
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

/* Returns the connection that 'event' is about, newly in the table, or
 * NULL. */
static struct dpu_ct_conn *
conn_learn(const struct dpu_ct_event *event, struct dpu_ct_device *device,
           uint16_t target, long long int now)
{
    uint8_t variant = dpu_ct_variant_get_likely(event->variant_id,
                                                &event->variant);
    struct dpu_ct_conn *conn;

    if (!variant) {
        return NULL;
    }
    conn = dpu_ct_conn_create(event->ct, &event->tuple, event->hash, variant,
                              event->variant.nat);
    conn->device = device;
    conn->target = target;
    dpu_ct_life_set_phase(conn, DPU_CT_LEARNING, now);
    dpu_ct_shard_schedule(conn, now + LEARN_TIME);
    dpu_ct_conn_insert(conn);
    return conn;
}

/* Stores the pass of 'conn' that 'event' is about in '*pass', or NULL if it
 * has none and nobody asks for it any more.  Returns false if there is no room
 * for one. */
static bool
conn_get_pass(struct dpu_ct_conn *conn, const struct dpu_ct_event *event,
              struct dpu_ct_pass **pass)
{
    uint8_t variant;

    /* The number may have been given to another variant since. */
    *pass = dpu_ct_conn_pass(conn, event->variant_id);
    if (*pass && dpu_ct_variant_is((*pass)->variant, &event->variant)) {
        return true;
    }
    variant = dpu_ct_variant_get_likely(event->variant_id, &event->variant);
    *pass = variant ? dpu_ct_conn_pass(conn, variant) : NULL;
    if (*pass || !variant) {
        dpu_ct_variant_put(variant);
        return true;
    }
    *pass = dpu_ct_conn_add_pass(conn, variant, event->variant.nat);
    if (!*pass) {
        dpu_ct_variant_put(variant);
    }
    return *pass != NULL;
}

/* Records what 'event' says of 'conn'.  Returns false if there is no room for
 * that. */
static bool
conn_note(struct dpu_ct_conn *conn, const struct dpu_ct_event *event)
{
    bool reply = event->ct_state & CS_REPLY_DIR;
    struct dpu_ct_pass *pass;

    if (!conn_get_pass(conn, event, &pass)) {
        return false;
    }
    if (pass && !pass->rules[reply]) {
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

/* 'conn' does not come after all: gives its room back. */
static void
conn_dismiss(struct dpu_ct_conn *conn, enum dpu_ct_refusal refusal,
             long long int now)
{
    uint64_t orig;

    atomic_sub_relaxed(&dpu_ct_n_offloaded, 1, &orig);
    dpu_ct_life_refuse(conn, refusal, now);
}

/* Takes room for one more in hardware.  Returns false if there is none, and
 * 'conn' is refused. */
static bool
conn_admit(struct dpu_ct_conn *conn, long long int now)
{
    uint64_t n_offloaded;
    uint32_t max;

    if (!dpu_ct_device_has_room(conn->device, now)) {
        dpu_ct_life_refuse(conn, DPU_CT_NO_FULL, now);
        return false;
    }
    atomic_read_relaxed(&dpu_ct_config.max, &max);
    atomic_add_relaxed(&dpu_ct_n_offloaded, 1, &n_offloaded);
    if (n_offloaded >= max) {
        conn_dismiss(conn, DPU_CT_NO_LIMIT, now);
        return false;
    }
    return true;
}

/* Asks software about 'conn', which is not in hardware, and keeps what it says
 * of tuples, mark and label.  Returns its connection if that may come to
 * hardware now.  If not, returns NULL: 'conn' waits, is refused or is
 * gone. */
static struct conn *
conn_ask(struct dpu_ct_conn *conn, long long int now)
{
    enum dpu_ct_verdict verdict;
    enum dpu_ct_refusal refusal;
    struct dpu_ct_tuple tuple;
    struct conn *software;

    atomic_store(&conn->unsure, false);
    software = dpu_ct_packet_look(conn->ct, &conn->tuples[0], now);
    if (software) {
        dpu_ct_tuple_from_key(&tuple, &software->key);
    }
    if (!software || !dpu_ct_tuple_equals(&tuple, &conn->tuples[0])) {
        dpu_ct_conn_remove(conn, now);
        return NULL;
    }
    dpu_ct_tuple_from_key(&tuple, &software->rev_key);
    dpu_ct_conn_set_reply(conn, &tuple);
    if (dpu_ct_verdict_refuses(software, conn->tuples, conn->device->caps,
                               &refusal)) {
        dpu_ct_life_refuse(conn, refusal, now);
        return NULL;
    }
    verdict = dpu_ct_verdict_take(conn, software);
    if (verdict == DPU_CT_VERDICT_CLOSING) {
        dpu_ct_life_refuse(conn, DPU_CT_NO_CLOSING, now);
    }
    return verdict == DPU_CT_VERDICT_OK ? software : NULL;
}

/* Brings 'conn', which is known, to hardware.  Software has seen a packet of
 * it at 'when', as time_msec(). */
static void
conn_offload(struct dpu_ct_conn *conn, long long int when, long long int now)
{
    struct conn *software = conn_ask(conn, now);
    struct dpu_reason reason;

    if (!software || !conn_admit(conn, now)) {
        return;
    }
    if (conntrack_get_tcp_seq_chk(conn->ct)) {
        /* Software would take packets for invalid that come after many that
         * hardware has seen alone. */
        conntrack_set_tcp_seq_chk(conn->ct, false);
    }

    /* The timeout is what is left after a packet. */
    conn->expires = dpu_ct_verdict_expiration(software);
    conn->timeout = MIN(MAX(conn->expires - when, 1), UINT32_MAX);
    if (!dpu_ct_install(conn, now, &reason)) {
        conn_dismiss(conn, dpu_ct_life_refusal(&reason), now);
        return;
    }
    dpu_ct_burst_add(dpu_ct_install_burst(conn), conn, now);
}

void
dpu_ct_admission_arrived(struct dpu_ct_conn *conn, long long int now)
{
    bool offloaded = dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED;
    struct dpu_reason reason;
    bool unsure;

    if (!dpu_ct_install_has_arrived(conn, now, &reason)) {
        /* Both directions or neither. */
        if (offloaded) {
            dpu_ct_life_take_off(conn);
            dpu_ct_life_refuse(conn, dpu_ct_life_refusal(&reason), now);
        } else {
            dpu_ct_install_remove(conn);
            conn_dismiss(conn, dpu_ct_life_refusal(&reason), now);
        }
    } else if (!offloaded) {
        dpu_ct_life_set_phase(conn, DPU_CT_OFFLOADED, now);
        dpu_ct_counter_inc(DPU_CT_INSERTED);
        DPU_USDT(connection_in, &conn->tuples[0], conn->tuples[0].zone,
                 conn->tuples[0].proto);
        dpu_ct_life_schedule(conn, now);
        /* From here on packets that change it say so.  Has one before? */
        atomic_read(&conn->unsure, &unsure);
        if (unsure) {
            dpu_ct_life_due(conn, now);
        }
    }
}

/* Gives 'conn', which is in hardware, the rules that it lacks. */
static void
conn_complete(struct dpu_ct_conn *conn, long long int now)
{
    struct dpu_reason reason;

    if (!dpu_ct_install(conn, now, &reason)) {
        dpu_ct_life_take_off(conn);
        dpu_ct_life_refuse(conn, dpu_ct_life_refusal(&reason), now);
    } else {
        dpu_ct_burst_add(dpu_ct_install_burst(conn), conn, now);
    }
}

void
dpu_ct_admission_seen(const struct dpu_ct_event *event, long long int now)
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
    conn = dpu_ct_conn_find(event->ct, &event->tuple, event->hash, false);
    if (!conn) {
        conn = conn_learn(event, device, target, now);
    }
    if (conn) {
        dpu_ct_life_settle_conn(conn, now);
    }
    if (!conn || dpu_ct_life_phase(conn) == DPU_CT_REFUSED) {
        return;
    }

    if (conn->device != device || !conn_note(conn, event)) {
        bool two = conn->device != device;

        if (dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED) {
            dpu_ct_life_take_off(conn);
        }
        dpu_ct_life_refuse(conn,
                           two ? DPU_CT_NO_DEVICES : DPU_CT_NO_VARIANTS, now);
    } else if (!dpu_ct_device_is_open(device, conn->target)) {
        dpu_ct_life_forget(conn);
    } else if (dpu_ct_life_phase(conn) == DPU_CT_OFFLOADED) {
        conn_complete(conn, now);
    } else if (conn_is_known(conn, now)) {
        atomic_store_relaxed(&conn->again, now + LEARN_PAUSE);
        conn_offload(conn, event->when, now);
    }
}
