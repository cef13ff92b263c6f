/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"

#include <string.h>

#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"

/* A number whose connection has left. */
struct ghost {
    struct dpu_ct_number number;
    struct ovs_list node;       /* In 'ghosts'. */
    long long int until;        /* As time_msec(). */
    struct dpu_ct_tuple tuple;  /* Of the original direction. */
    ovs_u128 label;
    uint32_t mark;
    uint8_t states[2];          /* By direction: ct_state. */
};

/* Guards all but the readers of the table: that of the reply direction, which
 * has those with NAT alone.  For the original direction each shard has a table
 * of its own, under its lock, so that there is nothing here to wait for. */
static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct cmap replies = CMAP_INITIALIZER;
static struct ovs_list ghosts = OVS_LIST_INITIALIZER(&ghosts);
static size_t n_ghosts;

static const struct {
    const char *name;
    const char *meaning;
} refusals[DPU_CT_N_REFUSALS] = {
#define DPU_CT_REFUSAL(CODE, NAME, MEANING) \
    [DPU_CT_NO_##CODE] = { NAME, MEANING },
    DPU_CT_REFUSALS
#undef DPU_CT_REFUSAL
};

const char *
dpu_ct_refusal_name(enum dpu_ct_refusal refusal)
{
    return refusals[refusal].name;
}

const char *
dpu_ct_refusal_meaning(enum dpu_ct_refusal refusal)
{
    return refusals[refusal].meaning;
}

/* Connections. */

static struct cmap *
conns_of(uint32_t hash)
{
    return &dpu_ct_shards[dpu_ct_shard_of(hash)].conns;
}

static struct dpu_ct_conn *
find_original(const struct conntrack *ct, const struct dpu_ct_tuple *tuple,
              uint32_t hash)
{
    struct dpu_ct_conn *conn;

    CMAP_FOR_EACH_WITH_HASH (conn, nodes[0], hash, conns_of(hash)) {
        if (conn->ct == ct && dpu_ct_tuple_equals(&conn->tuples[0], tuple)) {
            return conn;
        }
    }
    return NULL;
}

static struct dpu_ct_conn *
find_reply(const struct conntrack *ct, const struct dpu_ct_tuple *tuple,
           uint32_t hash)
{
    struct dpu_ct_tuple original;
    struct dpu_ct_conn *conn;

    dpu_ct_tuple_reverse(tuple, &original);
    conn = find_original(ct, &original, dpu_ct_tuple_hash(&original));
    if (conn && !conn->translated) {
        return conn;
    }
    CMAP_FOR_EACH_WITH_HASH (conn, nodes[1], hash, &replies) {
        if (conn->ct == ct && dpu_ct_tuple_equals(&conn->tuples[1], tuple)) {
            return conn;
        }
    }
    return NULL;
}

struct dpu_ct_conn *
dpu_ct_conn_find(const struct conntrack *ct, const struct dpu_ct_tuple *tuple,
                 uint32_t hash, bool reply)
{
    return (reply ? find_reply(ct, tuple, hash)
            : find_original(ct, tuple, hash));
}

void
dpu_ct_conn_prefetch(const struct dpu_ct_shard *shard, uint32_t hashes[],
                     size_t n)
{
    const struct cmap_node *nodes[32];

    for (size_t i = 0; i < n; i += ARRAY_SIZE(nodes)) {
        size_t m = MIN(n - i, ARRAY_SIZE(nodes));
        unsigned long int found;

        found = cmap_find_batch(&shard->conns, UINT32_MAX >> (32 - m),
                                &hashes[i], nodes);
        for (; found; found = zero_rightmost_1bit(found)) {
            const struct dpu_ct_conn *conn
                = CONTAINER_OF(nodes[raw_ctz(found)], struct dpu_ct_conn,
                               nodes[0]);

            OVS_PREFETCH(conn);
            OVS_PREFETCH(&conn->ct);
            OVS_PREFETCH(&conn->first);
        }
    }
}

static void
pass_init(struct dpu_ct_pass *pass, struct dpu_ct_conn *conn, uint8_t variant,
          bool nat)
{
    pass->conn = conn;
    pass->variant = variant;
    pass->nat = nat;
}

struct dpu_ct_conn *
dpu_ct_conn_create(struct conntrack *ct, const struct dpu_ct_tuple *tuple,
                   uint32_t hash, uint8_t variant, bool nat)
{
    struct dpu_ct_conn *conn = xzalloc(sizeof *conn);

    conn->ct = ct;
    conn->tuples[0] = *tuple;
    dpu_ct_tuple_reverse(tuple, &conn->tuples[1]);
    conn->hash = hash;
    conn->shard = dpu_ct_shard_of(hash);
    ovs_list_init(&conn->timer);
    pass_init(&conn->first, conn, variant, nat);
    return conn;
}

void
dpu_ct_conn_insert(struct dpu_ct_conn *conn)
{
    cmap_insert(conns_of(conn->hash), &conn->nodes[0], conn->hash);
}

/* Takes 'conn' out of the table of the reply direction. */
static void
conn_remove_reply(struct dpu_ct_conn *conn)
    OVS_REQUIRES(mutex)
{
    if (conn->translated) {
        cmap_remove(&replies, &conn->nodes[1],
                    dpu_ct_tuple_hash(&conn->tuples[1]));
        conn->translated = false;
    }
}

void
dpu_ct_conn_set_reply(struct dpu_ct_conn *conn,
                      const struct dpu_ct_tuple *reply)
{
    struct dpu_ct_tuple unchanged;

    if (dpu_ct_tuple_equals(&conn->tuples[1], reply)) {
        return;
    }
    dpu_ct_tuple_reverse(&conn->tuples[0], &unchanged);
    ovs_mutex_lock(&mutex);
    conn_remove_reply(conn);
    conn->tuples[1] = *reply;
    if (!dpu_ct_tuple_equals(&unchanged, reply)) {
        conn->translated = true;
        cmap_insert(&replies, &conn->nodes[1], dpu_ct_tuple_hash(reply));
    }
    ovs_mutex_unlock(&mutex);
}

struct dpu_ct_pass *
dpu_ct_conn_pass(const struct dpu_ct_conn *conn, uint8_t variant)
{
    struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        if (pass->variant == variant) {
            return pass;
        }
    }
    return NULL;
}

struct dpu_ct_pass *
dpu_ct_conn_add_pass(struct dpu_ct_conn *conn, uint8_t variant, bool nat)
{
    struct dpu_ct_pass *last = NULL;
    struct dpu_ct_pass *pass;
    size_t n = 0;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        last = pass;
        n++;
    }
    if (n >= DPU_CT_MAX_PASSES) {
        return NULL;
    }
    pass = xzalloc(sizeof *pass);
    pass_init(pass, conn, variant, nat);
    ovsrcu_set(&last->next, pass);
    return pass;
}

static void
conn_free(struct dpu_ct_conn *conn)
{
    struct dpu_ct_pass *pass = ovsrcu_get_protected(struct dpu_ct_pass *,
                                                    &conn->first.next);

    while (pass) {
        struct dpu_ct_pass *next = ovsrcu_get_protected(struct dpu_ct_pass *,
                                                        &pass->next);
        free(pass);
        pass = next;
    }
    free(conn);
}

/* Numbers. */

void
dpu_ct_pass_number(struct dpu_ct_pass *pass)
{
    struct dpu_ct_shard *shard = &dpu_ct_shards[pass->conn->shard];

    if (pass->number.value) {
        return;
    }
    if (!shard->n_numbers) {
        ovs_mutex_lock(&mutex);
        dpu_ct_number_reserve(shard->numbers, DPU_CT_N_RESERVED);
        ovs_mutex_unlock(&mutex);
        shard->n_numbers = DPU_CT_N_RESERVED;
    }
    dpu_ct_number_assign(&pass->number,
                         shard->numbers[DPU_CT_N_RESERVED
                                        - shard->n_numbers--]);
}

static void
reap(long long int now)
    OVS_REQUIRES(mutex)
{
    struct ghost *ghost;

    LIST_FOR_EACH_SAFE (ghost, node, &ghosts) {
        if (now < ghost->until) {
            break;
        }
        ovs_list_remove(&ghost->node);
        n_ghosts--;
        dpu_ct_number_free(&ghost->number);
        ovsrcu_postpone(free, ghost);
    }
}

void
dpu_ct_conn_reap(long long int now)
{
    ovs_mutex_lock(&mutex);
    reap(now);
    ovs_mutex_unlock(&mutex);
}

/* Keeps what the number of 'pass' means. */
static void
pass_haunt(struct dpu_ct_pass *pass, long long int now)
    OVS_REQUIRES(mutex)
{
    struct ghost *ghost = xzalloc(sizeof *ghost);

    ghost->number.ghost = true;
    ghost->until = now + DPU_CT_LINGER;
    ghost->tuple = pass->conn->tuples[0];
    ghost->label = pass->conn->label;
    ghost->mark = pass->conn->mark;
    for (int dir = 0; dir < 2; dir++) {
        atomic_read_relaxed(&pass->states[dir], &ghost->states[dir]);
    }
    dpu_ct_number_move(&pass->number, &ghost->number);
    ovs_list_push_back(&ghosts, &ghost->node);
    n_ghosts++;
}

void
dpu_ct_conn_remove(struct dpu_ct_conn *conn, long long int now)
{
    struct dpu_ct_pass *pass;

    ovs_mutex_lock(&mutex);
    DPU_CT_FOR_EACH_PASS (pass, conn) {
        ovs_assert(!pass->rules[0] && !pass->rules[1]);
        if (pass->number.value) {
            pass_haunt(pass, now);
        }
    }
    conn_remove_reply(conn);
    reap(now);
    ovs_mutex_unlock(&mutex);

    cmap_remove(conns_of(conn->hash), &conn->nodes[0], conn->hash);
    ovs_list_remove(&conn->timer);
    DPU_CT_FOR_EACH_PASS (pass, conn) {
        dpu_ct_variant_put(pass->variant);
    }
    ovsrcu_postpone(conn_free, conn);
}

static void
md_restore(struct pkt_metadata *md, const struct dpu_ct_tuple *tuple,
           uint8_t ct_state, uint32_t mark, const ovs_u128 *label)
{
    ovs_be16 src_port, dst_port;

    dpu_ct_tuple_get_tp(tuple, &src_port, &dst_port);
    md->ct_state = ct_state;
    md->ct_zone = tuple->zone;
    md->ct_mark = mark;
    md->ct_label = *label;
    md->ct_orig_tuple_ipv6 = tuple->ipv6;
    if (tuple->ipv6) {
        md->ct_orig_tuple.ipv6 = (struct ovs_key_ct_tuple_ipv6) {
            tuple->src.ipv6, tuple->dst.ipv6, src_port, dst_port,
            tuple->proto,
        };
    } else {
        md->ct_orig_tuple.ipv4 = (struct ovs_key_ct_tuple_ipv4) {
            tuple->src.ipv4, tuple->dst.ipv4, src_port, dst_port,
            tuple->proto,
        };
    }
}

bool
dpu_ct_conn_restore(uint32_t value, bool reply, struct pkt_metadata *md)
{
    const struct dpu_ct_number *number = dpu_ct_number_find(value);

    if (!number) {
        return false;
    } else if (number->ghost) {
        const struct ghost *ghost = CONTAINER_OF(number, struct ghost, number);

        md_restore(md, &ghost->tuple, ghost->states[reply], ghost->mark,
                   &ghost->label);
    } else {
        struct dpu_ct_pass *pass
            = CONTAINER_OF(CONST_CAST(struct dpu_ct_number *, number),
                           struct dpu_ct_pass, number);
        uint8_t state;

        atomic_read_relaxed(&pass->states[reply], &state);
        md_restore(md, &pass->conn->tuples[0], state, pass->conn->mark,
                   &pass->conn->label);
    }
    return true;
}

struct dpu_ct_conn *
dpu_ct_conn_find_number(uint32_t value)
{
    struct dpu_ct_number *number = dpu_ct_number_find(value);

    return (number && !number->ghost
            ? CONTAINER_OF(number, struct dpu_ct_pass, number)->conn : NULL);
}

/* Classes. */

void
dpu_ct_conn_join(struct dpu_ct_conn *conn)
{
    struct dpu_ct_traits traits;

    if (!conn->joined) {
        conn->joined = true;
        atomic_store_relaxed(&conn->generation, dpu_ct_class_generation());
        dpu_ct_traits_init(&traits, &conn->label, &conn->tuples[0]);
        atomic_store_relaxed(&conn->class, dpu_ct_class_join(&traits));
    }
}

void
dpu_ct_conn_leave(struct dpu_ct_conn *conn)
{
    uint32_t class;

    atomic_read_relaxed(&conn->class, &class);
    atomic_store_relaxed(&conn->class, 0);
    conn->joined = false;
    dpu_ct_class_leave(class);
}

bool
dpu_ct_conn_lacks(struct dpu_ct_conn *conn)
{
    uint32_t now = dpu_ct_class_generation();
    struct dpu_ct_traits traits;
    uint32_t generation, class;

    atomic_read_relaxed(&conn->generation, &generation);
    if (generation == now) {
        return false;
    }
    atomic_read_relaxed(&conn->class, &class);
    dpu_ct_traits_init(&traits, &conn->label, &conn->tuples[0]);
    if (dpu_ct_class_lacks(class, &traits)) {
        return true;
    }
    atomic_store_relaxed(&conn->generation, now);
    return false;
}

/* All of them. */

void
dpu_ct_conn_count(struct dpu_ct_counts *counts)
{
    counts->n_conns = 0;
    for (size_t i = 0; i < DPU_CT_N_SHARDS; i++) {
        struct dpu_ct_shard *shard = &dpu_ct_shards[i];

        ovs_mutex_lock(&shard->mutex);
        counts->n_conns += cmap_count(&shard->conns);
        ovs_mutex_unlock(&shard->mutex);
    }
    ovs_mutex_lock(&mutex);
    counts->n_lingering = n_ghosts;
    ovs_mutex_unlock(&mutex);
}

/* Has the processor fetch what is looked at of 'conns', 'n' of them, after
 * the one at 'i': of the one that is next but so many, and then its rules. */
static void
prefetch_ahead(struct dpu_ct_conn *const conns[], size_t n, size_t i)
{
    enum { CONN = 8, RULES = 4 };

    if (i + CONN < n) {
        const char *p = (const char *) conns[i + CONN];

        for (size_t j = 0; j < sizeof *conns[0]; j += CACHE_LINE_SIZE) {
            OVS_PREFETCH(p + j);
        }
    }
    if (i + RULES < n) {
        OVS_PREFETCH(conns[i + RULES]->first.rules[0]);
        OVS_PREFETCH(conns[i + RULES]->first.rules[1]);
    }
}

/* Returns the connections of 'shard' in an array of '*n', which the caller
 * frees.  They stay until the caller quiesces. */
static struct dpu_ct_conn **
shard_list(struct dpu_ct_shard *shard, size_t *n)
    OVS_REQUIRES(shard->mutex)
{
    struct dpu_ct_conn **conns = xmalloc(MAX(cmap_count(&shard->conns), 1)
                                         * sizeof *conns);
    struct dpu_ct_conn *conn;

    *n = 0;
    CMAP_FOR_EACH (conn, nodes[0], &shard->conns) {
        conns[(*n)++] = conn;
    }
    return conns;
}

/* Calls 'cb' with the connections of 'shard', if they are still there when it
 * is their turn. */
static void
for_each_of_shard(struct dpu_ct_shard *shard,
                  void (*cb)(struct dpu_ct_conn *, void *aux), void *aux)
{
    struct dpu_ct_conn **conns;
    size_t n;

    dpu_ct_shard_lock(shard);
    conns = shard_list(shard, &n);
    for (size_t i = 0; i < n; i++) {
        prefetch_ahead(conns, n, i);
        if (find_original(conns[i]->ct, &conns[i]->tuples[0], conns[i]->hash)
            == conns[i]) {
            cb(conns[i], aux);
        }
        if (i % DPU_CT_BURST_SIZE == DPU_CT_BURST_SIZE - 1) {
            /* Others may wait. */
            dpu_ct_shard_unlock(shard, time_msec());
            dpu_ct_shard_lock(shard);
        }
    }
    dpu_ct_shard_unlock(shard, time_msec());
    free(conns);
}

void
dpu_ct_conn_for_each_held(void (*cb)(struct dpu_ct_conn *, void *aux),
                          void *aux)
{
    for (size_t i = 0; i < DPU_CT_N_SHARDS; i++) {
        struct dpu_ct_conn *conn;

        CMAP_FOR_EACH (conn, nodes[0], &dpu_ct_shards[i].conns) {
            cb(conn, aux);
        }
    }
}

void
dpu_ct_conn_for_each(void (*cb)(struct dpu_ct_conn *, void *aux), void *aux)
{
    for (size_t i = 0; i < DPU_CT_N_SHARDS; i++) {
        for_each_of_shard(&dpu_ct_shards[i], cb, aux);
    }
}
