/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-next.h"

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/thread.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-refs.h"

struct next {
    struct hmap_node node;          /* In 'numbers'. */
    uint32_t id;
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct hmap numbers OVS_GUARDED_BY(mutex) = HMAP_INITIALIZER(&numbers);
static uint32_t last_id OVS_GUARDED_BY(mutex);

static struct next *
next_find(uint32_t id)
    OVS_REQUIRES(mutex)
{
    struct next *next;

    HMAP_FOR_EACH_WITH_HASH (next, node, hash_int(id, 0), &numbers) {
        if (next->id == id) {
            return next;
        }
    }
    return NULL;
}

uint32_t
dpu_ct_next_get(void)
{
    struct next *next = xmalloc(sizeof *next);

    ovs_mutex_lock(&mutex);
    do {
        last_id = last_id < UINT32_MAX ? last_id + 1 : 1;
    } while (next_find(last_id));
    next->id = last_id;
    hmap_insert(&numbers, &next->node, hash_int(next->id, 0));
    ovs_mutex_unlock(&mutex);

    return next->id;
}

static void
next_destroy(struct next *next)
    OVS_REQUIRES(mutex)
{
    hmap_remove(&numbers, &next->node);
    free(next);
}

void
dpu_ct_next_put(uint32_t id)
{
    if (id) {
        ovs_mutex_lock(&mutex);
        next_destroy(next_find(id));
        ovs_mutex_unlock(&mutex);
    }
}

void
dpu_ct_next_audit_refs(struct dpu_refs *refs)
{
    struct next *next;

    ovs_mutex_lock(&mutex);
    HMAP_FOR_EACH_SAFE (next, node, &numbers) {
        if (!dpu_refs_settle(refs, DPU_REF_NEXT, next->id, 1)) {
            next_destroy(next);
        }
    }
    ovs_mutex_unlock(&mutex);
}

size_t
dpu_ct_next_count(void)
{
    size_t n;

    ovs_mutex_lock(&mutex);
    n = hmap_count(&numbers);
    ovs_mutex_unlock(&mutex);
    return n;
}
