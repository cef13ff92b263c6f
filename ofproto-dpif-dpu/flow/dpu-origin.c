/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-origin.h"

#include <stdlib.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "ovs-thread.h"
#include "util.h"

struct origin {
    struct hmap_node node;          /* In 'origins', by ufid. */
    const struct netdev *netdev;
    const struct netdev *origin;
    ovs_u128 ufid;
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct hmap origins OVS_GUARDED_BY(mutex)
    = HMAP_INITIALIZER(&origins);

static struct origin *
origin_find(const struct netdev *netdev, const ovs_u128 *ufid)
    OVS_REQUIRES(mutex)
{
    struct origin *o;

    /* A ufid is a hash already. */
    HMAP_FOR_EACH_WITH_HASH (o, node, ufid->u32[0], &origins) {
        if (o->netdev == netdev && ovs_u128_equals(o->ufid, *ufid)) {
            return o;
        }
    }
    return NULL;
}

static void
origin_remove(struct origin *o)
    OVS_REQUIRES(mutex)
{
    hmap_remove(&origins, &o->node);
    free(o);
}

void
dpu_origin_set(const struct netdev *netdev, const ovs_u128 *ufid,
               const struct netdev *origin)
{
    struct origin *o;

    ovs_mutex_lock(&mutex);
    o = origin_find(netdev, ufid);
    if (!o) {
        o = xmalloc(sizeof *o);
        o->netdev = netdev;
        o->ufid = *ufid;
        hmap_insert(&origins, &o->node, ufid->u32[0]);
    }
    o->origin = origin;
    ovs_mutex_unlock(&mutex);
}

const struct netdev *
dpu_origin_get(const struct netdev *netdev, const ovs_u128 *ufid)
{
    const struct netdev *origin;
    const struct origin *o;

    ovs_mutex_lock(&mutex);
    o = origin_find(netdev, ufid);
    origin = o ? o->origin : NULL;
    ovs_mutex_unlock(&mutex);

    return origin;
}

void
dpu_origin_clear(const struct netdev *netdev, const ovs_u128 *ufid)
{
    struct origin *o;

    ovs_mutex_lock(&mutex);
    o = origin_find(netdev, ufid);
    if (o) {
        origin_remove(o);
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_origin_forget(const struct netdev *origin)
{
    struct origin *o;

    ovs_mutex_lock(&mutex);
    HMAP_FOR_EACH_SAFE (o, node, &origins) {
        if (o->origin == origin) {
            origin_remove(o);
        }
    }
    ovs_mutex_unlock(&mutex);
}

bool
dpu_origin_any(const struct netdev *netdev, ovs_u128 *ufid)
{
    const struct origin *o;
    bool found = false;

    ovs_mutex_lock(&mutex);
    HMAP_FOR_EACH (o, node, &origins) {
        if (o->netdev == netdev) {
            *ufid = o->ufid;
            found = true;
            break;
        }
    }
    ovs_mutex_unlock(&mutex);

    return found;
}
