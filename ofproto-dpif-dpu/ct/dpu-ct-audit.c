/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-audit: what connections refer to.
 *
 * They take references, and give them back, with the lock of their shard held:
 * who has the locks of all shards sees them at rest. */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

void
dpu_ct_hold(void)
{
    dpu_ct_shards_hold();
}

void
dpu_ct_release(void)
{
    dpu_ct_shards_release();
}

/* What 'conn' carries, or 0. */
static uint32_t
conn_class(struct dpu_ct_conn *conn)
{
    uint32_t class;

    atomic_read_relaxed(&conn->class, &class);
    return class;
}

static void
add_refs_cb(struct dpu_ct_conn *conn, void *refs)
{
    const struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        dpu_refs_add(refs, DPU_REF_VARIANT, pass->variant);
    }
    dpu_ct_class_add_refs(conn_class(conn), false, refs);
}

void
dpu_ct_add_refs(struct dpu_refs *refs)
{
    dpu_ct_conn_for_each_held(add_refs_cb, refs);
}

static void
find_dangling_cb(struct dpu_ct_conn *conn, void *refs)
{
    struct dpu_ct_pass *pass;

    DPU_CT_FOR_EACH_PASS (pass, conn) {
        if (dpu_refs_dangles(refs, DPU_REF_VARIANT, pass->variant)) {
            pass->variant = 0;
            atomic_store_relaxed(&conn->leaving, true);
        }
    }
    if (dpu_ct_class_dangles(conn_class(conn), false, refs)) {
        atomic_store_relaxed(&conn->class, 0);
        atomic_store_relaxed(&conn->leaving, true);
    }
}

void
dpu_ct_find_dangling(const struct dpu_refs *refs)
{
    dpu_ct_conn_for_each_held(find_dangling_cb,
                              CONST_CAST(struct dpu_refs *, refs));
}

static void
drop_dangling_cb(struct dpu_ct_conn *conn, void *aux OVS_UNUSED)
{
    bool leaving;

    atomic_read_relaxed(&conn->leaving, &leaving);
    if (leaving) {
        dpu_ct_life_forget(conn);
    }
}

void
dpu_ct_drop_dangling(void)
{
    dpu_ct_conn_for_each(drop_dangling_cb, NULL);
}
