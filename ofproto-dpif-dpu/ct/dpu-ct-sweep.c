/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-sweep.h"

#include <limits.h>
#include <string.h>

#include "conntrack-private.h"
#include "ct-dpif.h"
#include "ovs-thread.h"
#include "packets.h"
#include "rculist.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"

/* In msec: the least pause between two rounds.  It grows with the time that a
 * round takes, to a twentieth of it. */
#define SWEEP_MIN 100
#define SWEEP_PART 20

/* Datapaths. */
#define MAX_CTS 8

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct conntrack *cts[MAX_CTS];
static long long int next_round;
static long long int pause = SWEEP_MIN;

void
dpu_ct_sweep_add(struct conntrack *ct)
{
    struct conntrack **slot = NULL;

    if (__atomic_load_n(&cts[0], __ATOMIC_RELAXED) == ct) {
        return;                 /* There is seldom more than one datapath. */
    }
    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < ARRAY_SIZE(cts); i++) {
        if (cts[i] == ct) {
            slot = NULL;
            break;
        } else if (!cts[i] && !slot) {
            slot = &cts[i];
        }
    }
    if (slot) {
        *slot = ct;
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_ct_sweep_remove(struct conntrack *ct)
{
    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < ARRAY_SIZE(cts); i++) {
        if (cts[i] == ct) {
            cts[i] = NULL;
        }
    }
    ovs_mutex_unlock(&mutex);
}

/* Whether 'conn' is one at which software would abort once it has expired,
 * which it does before 'limit'. */
static bool
is_dangerous(struct conn *conn, long long int limit)
{
    struct dpu_ct_tuple tuples[2], unchanged;
    long long int expiration;

    atomic_read_relaxed(&conn->expiration, &expiration);
    if (!conn->nat_conn || expiration > limit) {
        return false;
    }
    dpu_ct_tuple_from_key(&tuples[0], &conn->key);
    dpu_ct_tuple_from_key(&tuples[1], &conn->rev_key);
    dpu_ct_tuple_reverse(&tuples[0], &unchanged);
    return dpu_ct_tuple_equals(&unchanged, &tuples[1]);
}

/* Deletes 'conn' of 'ct'. */
static void
delete(struct conntrack *ct, const struct conn *conn)
{
    struct ct_dpif_tuple tuple;

    if (conn->key.nw_proto == IPPROTO_ICMPV6) {
        /* Open vSwitch 3.1 aborts when asked to. */
        return;
    }
    memset(&tuple, 0, sizeof tuple);
    tuple.ip_proto = conn->key.nw_proto;
    if (conn->key.dl_type == htons(ETH_TYPE_IPV6)) {
        tuple.l3_type = AF_INET6;
        tuple.src.in6 = conn->key.src.addr.ipv6;
        tuple.dst.in6 = conn->key.dst.addr.ipv6;
    } else {
        tuple.l3_type = AF_INET;
        tuple.src.ip = conn->key.src.addr.ipv4;
        tuple.dst.ip = conn->key.dst.addr.ipv4;
    }
    if (tuple.ip_proto == IPPROTO_ICMP) {
        tuple.icmp_id = conn->key.src.icmp_id;
        tuple.icmp_type = conn->key.src.icmp_type;
        tuple.icmp_code = conn->key.src.icmp_code;
    } else {
        tuple.src_port = conn->key.src.port;
        tuple.dst_port = conn->key.dst.port;
    }
    dpu_ct_flush_tuple(ct, &tuple, conn->key.zone);
}

static void
sweep(struct conntrack *ct, long long int now, long long int limit)
{
    for (size_t i = 0; i < ARRAY_SIZE(ct->exp_lists); i++) {
        struct conn *conn;

        RCULIST_FOR_EACH (conn, node, &ct->exp_lists[i]) {
            long long int expiration;

            atomic_read_relaxed(&conn->expiration, &expiration);
            if (expiration > now && is_dangerous(conn, limit)) {
                delete(ct, conn);
            }
        }
    }
}

long long int
dpu_ct_sweep_run(long long int now)
{
    ovs_mutex_lock(&mutex);
    if (now >= next_round) {
        long long int limit = now + 2 * pause + SWEEP_MIN;

        for (size_t i = 0; i < ARRAY_SIZE(cts); i++) {
            if (cts[i]) {
                sweep(cts[i], now, limit);
            }
        }
        pause = MAX(SWEEP_MIN, (time_msec() - now) * SWEEP_PART);
        next_round = now + pause;
    }
    ovs_mutex_unlock(&mutex);
    return next_round;
}
