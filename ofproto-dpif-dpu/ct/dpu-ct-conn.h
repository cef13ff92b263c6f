/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-conn: the table of the connections that hardware forwards, may
 * forward or was refused, and of the numbers that packets carry for them.
 *
 * Thread-safety: connections and numbers are found without a lock, and stay
 * until the thread that found them quiesces.  A connection is changed by who
 * holds the lock of its shard (see struct dpu_ct_shard), which is held over
 * calls into the device, and comes into the table and leaves it under the same
 * lock.  What all shards share is guarded by a mutex that is taken inside
 * it. */

#ifndef DPU_CT_CONN_H
#define DPU_CT_CONN_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmap.h"
#include "openvswitch/list.h"
#include "openvswitch/types.h"
#include "ovs-atomic.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-number.h"
#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"

struct conntrack;
struct dpu_ct_device;
struct dpu_ct_shard;
struct pkt_metadata;

/* Why a connection is not in hardware: code, name in output, meaning. */
#define DPU_CT_REFUSALS                                                     \
    DPU_CT_REFUSAL(PROTOCOL, "ct-protocol",                                 \
                   "its protocol is not to be offloaded")                   \
    DPU_CT_REFUSAL(NAT, "ct-nat", "connections with NAT are not to be "     \
                   "offloaded")                                             \
    DPU_CT_REFUSAL(ALG, "ct-alg", "software reads what it says (FTP, TFTP)") \
    DPU_CT_REFUSAL(RELATED, "ct-related",                                   \
                   "packets of ICMP errors and of connections that software" \
                   " reads of (FTP's data)")                                \
    DPU_CT_REFUSAL(CHECKSUM, "ct-checksum",                                 \
                   "the device does not check its checksums")               \
    DPU_CT_REFUSAL(CLOSING, "ct-closing", "TCP is closing it")              \
    DPU_CT_REFUSAL(DEVICES, "ct-devices",                                   \
                   "its directions enter different devices")                \
    DPU_CT_REFUSAL(VARIANTS, "ct-variants",                                 \
                   "it meets too many kinds of ct()")                       \
    DPU_CT_REFUSAL(LIMIT, "ct-limit", "as many are offloaded as may be")    \
    DPU_CT_REFUSAL(FULL, "ct-full", "the device takes no more rules")       \
    DPU_CT_REFUSAL(REFUSED, "ct-refused", "the device refused its rules")   \
    DPU_CT_REFUSAL(ERROR, "ct-error", "the device failed")                  \
    DPU_CT_REFUSAL(STOPPED, "ct-stopped", "its port is stopped or gone")

enum dpu_ct_refusal {
#define DPU_CT_REFUSAL(CODE, NAME, MEANING) DPU_CT_NO_##CODE,
    DPU_CT_REFUSALS
#undef DPU_CT_REFUSAL
    DPU_CT_N_REFUSALS
};

const char *dpu_ct_refusal_name(enum dpu_ct_refusal);
const char *dpu_ct_refusal_meaning(enum dpu_ct_refusal);

/* Connections are dealt with in so many groups, each by one thread at a time.
 * A power of 2. */
#define DPU_CT_N_SHARDS 8

/* Kinds of ct() that the packets of one connection can meet. */
#define DPU_CT_MAX_PASSES 4

/* A connection as it meets one kind of ct(). */
struct dpu_ct_pass {
    struct dpu_ct_number number;
    struct dpu_ct_conn *conn;
    OVSRCU_TYPE(struct dpu_ct_pass *) next;     /* Of 'conn'. */
    uint8_t variant;            /* A reference, see dpu-ct-variant.h. */
    bool nat;                   /* It translates addresses. */
    atomic_uint8_t states[2];   /* By direction: ct_state of its packets, 0
                                 * if there were none. */
    struct dpu_rule *rules[2];  /* By direction, or NULL. */
    struct dpu_rule_count counts[2];    /* The last reading. */
};

enum dpu_ct_phase {
    DPU_CT_LEARNING,
    DPU_CT_OFFLOADED,
    DPU_CT_REFUSED
};

/* A connection.  Guarded by the lock of its shard, but for what is constant
 * or atomic. */
struct dpu_ct_conn {
    /* Constant, but for tuples[1]. */
    struct cmap_node nodes[2];  /* By tuple. */
    struct dpu_ct_tuple tuples[2];  /* By direction, before NAT. */
    struct conntrack *ct;
    struct dpu_ct_device *device;
    uint32_t hash;              /* Of tuples[0]. */
    uint16_t target;            /* The ethdev that takes its rules. */
    uint8_t shard;

    /* What software said last, as was tuples[1].  Constant once 'phase' is
     * DPU_CT_OFFLOADED. */
    bool translated;            /* NAT: tuples[1] is not the other direction of
                                 * tuples[0], and in the table. */
    uint32_t mark;
    ovs_u128 label;

    atomic_uint8_t phase;       /* enum dpu_ct_phase. */
    atomic_bool leaving;        /* It is to be taken off. */
    atomic_bool unsure;         /* While learning: a packet came that may have
                                 * changed mark or label. */
    uint8_t refusal;            /* enum dpu_ct_refusal, if refused. */
    bool joined;                /* 'class' has references. */
    bool staged;                /* Its rules are on their way. */
    struct dpu_ct_pass first;   /* The first one of a list. */

    atomic_uint32_t class;      /* See dpu-ct-class.h. */
    atomic_uint32_t generation; /* dpu_ct_class_generation() up to which
                                 * 'class' lacks nothing. */

    atomic_uint32_t n_seen;     /* Packets in software, while learning. */
    atomic_llong again;         /* While learning: not to be looked at before,
                                 * as time_msec(). */

    struct ovs_list timer;      /* In the shard's 'wheel'. */
    long long int due;          /* As time_msec(). */
    long long int expires;      /* In software, as far as known. */
    long long int since;        /* In this phase. */
    uint32_t timeout;           /* In msec: of software. */
};

/* Returns the connection of 'ct' whose tuple of direction 'reply' is 'tuple',
 * with the hash 'hash', or NULL.  Of one that is not known yet it is taken for
 * granted that there is no NAT. */
struct dpu_ct_conn *dpu_ct_conn_find(const struct conntrack *ct,
                                     const struct dpu_ct_tuple *tuple,
                                     uint32_t hash, bool reply);

/* Has the processor fetch what dpu_ct_conn_find() looks at for tuples of the
 * original direction with 'hashes', 'n' of them, all of one shard. */
void dpu_ct_conn_prefetch(const struct dpu_ct_shard *, uint32_t hashes[],
                          size_t n);

/* Returns a new connection of 'ct' with the original tuple 'tuple', whose hash
 * is 'hash', which is not in the table yet.  It has a pass for 'variant', a
 * reference to which it takes over. */
struct dpu_ct_conn *dpu_ct_conn_create(struct conntrack *ct,
                                       const struct dpu_ct_tuple *tuple,
                                       uint32_t hash, uint8_t variant,
                                       bool nat);

/* Puts 'conn' into the table. */
void dpu_ct_conn_insert(struct dpu_ct_conn *conn);

/* The packets of 'conn', which is not in hardware, have 'reply' in the other
 * direction. */
void dpu_ct_conn_set_reply(struct dpu_ct_conn *conn,
                           const struct dpu_ct_tuple *reply);

/* Takes 'conn', which has no rules any more, out of the table and frees it
 * once nobody can see it.  Its numbers, if they have been on the device, stay
 * valid for DPU_CT_LINGER after 'now', as time_msec(). */
void dpu_ct_conn_remove(struct dpu_ct_conn *conn, long long int now);

/* Returns the pass of 'conn' for 'variant', or NULL. */
struct dpu_ct_pass *dpu_ct_conn_pass(const struct dpu_ct_conn *conn,
                                     uint8_t variant);

/* Adds a pass for 'variant', a reference to which it takes over.  Returns NULL
 * if there are too many. */
struct dpu_ct_pass *dpu_ct_conn_add_pass(struct dpu_ct_conn *conn,
                                         uint8_t variant, bool nat);

/* Gives 'pass' a number, if it has none yet. */
void dpu_ct_pass_number(struct dpu_ct_pass *pass);

#define DPU_CT_FOR_EACH_PASS(PASS, CONN)                                \
    for ((PASS) = CONST_CAST(struct dpu_ct_pass *, &(CONN)->first);     \
         (PASS);                                                        \
         (PASS) = ovsrcu_get(struct dpu_ct_pass *, &(PASS)->next))

/* In msec: longer than any packet is on its way from the device. */
#define DPU_CT_LINGER 10000

/* Frees the numbers that have lingered long enough at 'now'. */
void dpu_ct_conn_reap(long long int now);

/* What is in the table. */
struct dpu_ct_counts {
    size_t n_conns;
    size_t n_lingering;         /* Numbers. */
};
void dpu_ct_conn_count(struct dpu_ct_counts *);

/* Calls 'cb' with every connection, under the lock of its shard.  'cb' may
 * remove it. */
void dpu_ct_conn_for_each(void (*cb)(struct dpu_ct_conn *, void *aux),
                          void *aux);

/* Calls 'cb' with every connection.  The caller holds the locks of all shards,
 * and 'cb' does not remove any. */
void dpu_ct_conn_for_each_held(void (*cb)(struct dpu_ct_conn *, void *aux),
                               void *aux);

/* Under which numbers dpu_ct_restore() knows connections. */
bool dpu_ct_conn_restore(uint32_t id, bool reply, struct pkt_metadata *);

/* Returns the connection in the table that has the number 'id', or NULL. */
struct dpu_ct_conn *dpu_ct_conn_find_number(uint32_t id);

/* Gives 'conn', which comes to hardware, its class; takes it away, once 'conn'
 * has left. */
void dpu_ct_conn_join(struct dpu_ct_conn *conn);
void dpu_ct_conn_leave(struct dpu_ct_conn *conn);

/* Whether megaflows ask for something that 'conn' has and that its packets do
 * not carry.  Takes no lock. */
bool dpu_ct_conn_lacks(struct dpu_ct_conn *conn);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-conn.h */
