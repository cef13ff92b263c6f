/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-stats.h"

#include "dpif.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"

void
dpu_stats_update(struct dpu_stats *s, const struct dpu_rule_count *count,
                 size_t overhead, long long int now)
{
    if (count->packets < s->packets) {
        /* The device was reset behind our back and counts from 0. */
        dpu_stats_fold(s);
    }
    if (count->packets != s->packets) {
        s->packets = count->packets;
        s->bytes = count->bytes - MIN(count->bytes, count->packets * overhead);
        s->used = now;
    }
}

void
dpu_stats_fold(struct dpu_stats *s)
{
    if (!s->aside) {
        s->base_packets += s->packets;
        s->base_bytes += s->bytes;
    }
    s->packets = 0;
    s->bytes = 0;
}

void
dpu_stats_inherit(struct dpu_stats *s, const struct dpu_stats *old)
{
    uint64_t packets = s->base_packets, bytes = s->base_bytes;
    long long int used = MAX(s->used, old->used);
    bool aside = s->aside;

    *s = *old;
    s->aside = aside;
    s->base_packets += packets;
    s->base_bytes += bytes;
    s->used = used;
}

void
dpu_stats_tell(struct dpu_stats *s, const void *asker, long long int now,
               struct dpif_flow_stats *stats)
{
    dpu_stats_get(s, stats);
    if (s->aside) {
        stats->n_packets = s->base_packets;
        stats->n_bytes = s->base_bytes;
    }
    if (asker != s->asker) {
        s->shared = s->asker != NULL;
        if (s->asker && now - s->asked < DPU_STATS_SILENCE) {
            stats->n_packets = 0;
            stats->n_bytes = 0;
            return;
        }
        s->asker = asker;
        s->skip_packets = s->told_packets;
        s->skip_bytes = s->told_bytes;
    }
    s->asked = now;
    s->told_packets = stats->n_packets;
    s->told_bytes = stats->n_bytes;
    stats->n_packets -= s->skip_packets;
    stats->n_bytes -= s->skip_bytes;
}

void
dpu_stats_get(const struct dpu_stats *s, struct dpif_flow_stats *stats)
{
    stats->n_packets = s->base_packets + s->packets;
    stats->n_bytes = s->base_bytes + s->bytes;
    stats->used = s->used;
    stats->tcp_flags = 0;
}
