/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

#include "conntrack.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-learn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-sweep.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-thread.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"

struct dpu_ct_software dpu_ct_software;

void
dpu_ct_init(const struct dpu_ct_software *software,
            dpu_ct_resolve_func *resolve)
{
    dpu_ct_software = *software;
    dpu_ct_shards_init(time_msec());
    dpu_ct_learn_init(resolve);
}

bool
dpu_ct_restore(uint32_t meta, struct pkt_metadata *md)
{
    uint32_t id = dpu_ct_meta_id(meta);

    if (dpu_ct_class_generation()) {
        struct dpu_ct_conn *conn = dpu_ct_conn_find_number(id);

        if (conn) {
            dpu_ct_learn_missed(conn);
        }
    }
    return dpu_ct_conn_restore(id, dpu_ct_meta_is_reply(meta), md);
}

/* Taking off. */

/* Which connections are flushed. */
struct flush {
    const struct conntrack *ct; /* NULL: of any. */
    const uint16_t *zone;       /* NULL: in any. */
    enum dpu_ct_counter why;
    long long int now;
};

static void
flush_cb(struct dpu_ct_conn *conn, void *flush_)
{
    const struct flush *flush = flush_;

    if ((!flush->ct || conn->ct == flush->ct)
        && (!flush->zone || conn->tuples[0].zone == *flush->zone)) {
        dpu_ct_life_end(conn, flush->why, flush->now);
    }
}

static void
flush(const struct conntrack *ct, const uint16_t *zone)
{
    struct flush what = {
        .ct = ct, .zone = zone, .why = DPU_CT_FLUSHED, .now = time_msec()
    };

    dpu_ct_life_settle();
    dpu_ct_conn_for_each(flush_cb, &what);
}

int
dpu_ct_flush(struct conntrack *ct, const uint16_t *zone)
{
    int error = dpu_ct_software.flush(ct, zone);

    /* Software goes first: what would come to hardware from here on is found
     * gone. */
    flush(ct, zone);
    return error;
}

/* Takes off the connection of 'ct' whose tuple of direction 'reply' is
 * 'tuple'. */
static void
flush_direction(const struct conntrack *ct, const struct dpu_ct_tuple *tuple,
                bool reply)
{
    uint32_t hash = dpu_ct_tuple_hash(tuple);
    struct dpu_ct_conn *conn = dpu_ct_conn_find(ct, tuple, hash, reply);
    struct dpu_ct_shard *shard;

    if (!conn) {
        return;
    }
    shard = &dpu_ct_shards[conn->shard];
    dpu_ct_shard_lock(shard);
    /* It may have left meanwhile. */
    if (dpu_ct_conn_find(ct, tuple, hash, reply) == conn) {
        dpu_ct_life_end(conn, DPU_CT_FLUSHED, time_msec());
    }
    dpu_ct_shard_unlock(shard, time_msec());
}

int
dpu_ct_flush_tuple(struct conntrack *ct, const struct ct_dpif_tuple *dpif,
                   uint16_t zone)
{
    int error = dpu_ct_software.flush_tuple(ct, dpif, zone);
    struct dpu_ct_tuple tuple;

    /* Software finds it by either.  Who has looked before it was gone from
     * software has the lock of a shard. */
    dpu_ct_tuple_from_dpif(&tuple, dpif, zone);
    dpu_ct_life_settle();
    flush_direction(ct, &tuple, false);
    flush_direction(ct, &tuple, true);
    return error;
}

void
dpu_ct_destroy(struct conntrack *ct)
{
    dpu_ct_sweep_remove(ct);
    dpu_ct_run(time_msec());    /* What refers to it leaves the queues. */
    flush(ct, NULL);
    dpu_ct_software.destroy(ct);
}

void
dpu_ct_exit(void)
{
    atomic_store(&dpu_ct_config.enabled, false);
    flush(NULL, NULL);
}

/* Configuration. */

/* What the keys do not allow any more leaves; the rest will be back. */
static void
reconsider_cb(struct dpu_ct_conn *conn, void *aux OVS_UNUSED)
{
    dpu_ct_life_forget(conn);
}

/* A copy of the keys that say which connections may be in hardware. */
struct rules {
    bool enabled, nat, checksums;
    uint32_t max, protocols;
};

static struct rules
rules_get(void)
{
    struct rules rules;

    atomic_read_relaxed(&dpu_ct_config.enabled, &rules.enabled);
    atomic_read_relaxed(&dpu_ct_config.nat, &rules.nat);
    atomic_read_relaxed(&dpu_ct_config.checksums, &rules.checksums);
    atomic_read_relaxed(&dpu_ct_config.max, &rules.max);
    atomic_read_relaxed(&dpu_ct_config.protocols, &rules.protocols);
    return rules;
}

void
dpu_ct_configure(const struct smap *other_config)
{
    struct rules old = rules_get();
    struct rules new;
    uint32_t threads;

    dpu_ct_config_set(other_config);
    new = rules_get();
    if (old.enabled != new.enabled || old.nat != new.nat
        || old.checksums != new.checksums || old.max != new.max
        || old.protocols != new.protocols) {
        dpu_ct_life_settle();
        dpu_ct_conn_for_each(reconsider_cb, NULL);
    }
    atomic_read_relaxed(&dpu_ct_config.threads, &threads);
    dpu_ct_threads_set(dpu_ct_device_any() ? threads : 0);
}
