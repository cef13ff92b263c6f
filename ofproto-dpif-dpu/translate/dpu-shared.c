/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-shared.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/thread.h"
#include "util.h"

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;

/* Of struct dpu_shared. */
static struct hmap all OVS_GUARDED_BY(mutex) = HMAP_INITIALIZER(&all);

/* Returns a reference to the one that is there, or NULL.  One that has no
 * reference left is about to be removed by whoever gave back the last. */
static struct dpu_shared *
dpu_shared_find(uint32_t hash, const void *data, size_t size)
    OVS_REQUIRES(mutex)
{
    struct dpu_shared *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, hash, &all) {
        if (s->size == size && (!size || !memcmp(s->data, data, size))
            && ovs_refcount_try_ref_rcu(&s->n_refs)) {
            return s;
        }
    }
    return NULL;
}

struct dpu_shared *
dpu_shared_get(const void *data, size_t size)
{
    uint32_t hash = hash_bytes(data, size, 0);
    struct dpu_shared *s;

    ovs_mutex_lock(&mutex);
    s = dpu_shared_find(hash, data, size);
    if (!s) {
        s = xmalloc(sizeof *s + size);
        ovs_refcount_init(&s->n_refs);
        s->size = size;
        if (size) {
            memcpy(s->data, data, size);
        }
        hmap_insert(&all, &s->node, hash);
    }
    ovs_mutex_unlock(&mutex);
    return s;
}

struct dpu_shared *
dpu_shared_ref(struct dpu_shared *s)
{
    ovs_refcount_ref(&s->n_refs);
    return s;
}

void
dpu_shared_put(struct dpu_shared *s)
{
    if (s && ovs_refcount_unref(&s->n_refs) == 1) {
        ovs_mutex_lock(&mutex);
        hmap_remove(&all, &s->node);
        ovs_mutex_unlock(&mutex);
        free(s);
    }
}

size_t
dpu_shared_count(void)
{
    size_t n;

    ovs_mutex_lock(&mutex);
    n = hmap_count(&all);
    ovs_mutex_unlock(&mutex);
    return n;
}
