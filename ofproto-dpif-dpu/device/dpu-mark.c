/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-mark.h"

#include <stdlib.h>

#include "dp-packet.h"
#include "flow.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

/* A flow mark that a rule has or has had. */
struct held_mark {
    struct hmap_node node;          /* In 'held', until it is freed. */
    struct ovs_list linger_node;    /* In 'lingering', from then on. */
    long long int linger_since;     /* In msec. */
    uint32_t flow_mark;
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct hmap held OVS_GUARDED_BY(mutex) = HMAP_INITIALIZER(&held);
static struct ovs_list lingering OVS_GUARDED_BY(mutex)
    = OVS_LIST_INITIALIZER(&lingering);

uint32_t
dpu_mark_from_flow(uint32_t flow_mark)
{
    return (flow_mark && flow_mark <= DPU_MARK_MAX - DPU_MARK_FLOW
            ? DPU_MARK_FLOW + flow_mark : 0);
}

/* Open vSwitch takes the hash of a packet, which it uses for more than to look
 * it up (select groups, bonds, source ports of tunnels), from the device, or
 * computes it on the way that a packet with a mark does not take. */
static void
restore_hash(struct dp_packet *packet)
{
    struct {
        struct miniflow mf;
        uint64_t buf[FLOW_U64S];
    } key;

    if (!dp_packet_rss_valid(packet)) {
        miniflow_extract(packet, &key.mf);
        dp_packet_set_rss_hash(packet, miniflow_hash_5tuple(&key.mf, 0));
    }
}

void
dpu_mark_restore(struct dp_packet *packet, uint32_t mark)
{
    restore_hash(packet);
    dp_packet_set_flow_mark(packet, mark - DPU_MARK_FLOW);
}

static struct held_mark *
find_held(uint32_t flow_mark)
    OVS_REQUIRES(mutex)
{
    struct held_mark *m;

    HMAP_FOR_EACH_WITH_HASH (m, node, hash_int(flow_mark, 0), &held) {
        if (m->flow_mark == flow_mark) {
            return m;
        }
    }
    return NULL;
}

void
dpu_mark_hold(uint32_t flow_mark)
{
    ovs_mutex_lock(&mutex);
    if (!find_held(flow_mark)) {
        struct held_mark *m = xmalloc(sizeof *m);

        m->flow_mark = flow_mark;
        hmap_insert(&held, &m->node, hash_int(flow_mark, 0));
    }
    ovs_mutex_unlock(&mutex);
}

/* Frees the marks that have lingered long enough. */
static void
free_lingering(struct id_fpool *pool, unsigned int uid, long long int now,
               dpu_mark_free_func *free_id)
    OVS_REQUIRES(mutex)
{
    struct held_mark *m;

    LIST_FOR_EACH_SAFE (m, linger_node, &lingering) {
        if (now < m->linger_since + DPU_MARK_LINGER) {
            break;
        }
        ovs_list_remove(&m->linger_node);
        free_id(pool, uid, m->flow_mark);
        free(m);
    }
}

void
dpu_mark_free(struct id_fpool *pool, unsigned int uid, uint32_t flow_mark,
              dpu_mark_free_func *free_id)
{
    long long int now = time_msec();
    struct held_mark *m;

    ovs_mutex_lock(&mutex);
    free_lingering(pool, uid, now, free_id);
    m = find_held(flow_mark);
    if (m) {
        hmap_remove(&held, &m->node);
        m->linger_since = now;
        ovs_list_push_back(&lingering, &m->linger_node);
    }
    ovs_mutex_unlock(&mutex);

    if (!m) {
        free_id(pool, uid, flow_mark);
    }
}
