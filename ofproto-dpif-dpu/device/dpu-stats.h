/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-stats: what hardware counted for a megaflow, over all the rules that it
 * had in turn.
 *
 * Counts never run backwards while the megaflow lives: Open vSwitch credits
 * its OpenFlow rules with differences, and takes the last one unchecked.
 *
 * A counter is read from the device each time that somebody asks, not from a
 * copy: the revalidator asks once per round, and the last time just before it
 * deletes the megaflow.  What that last reading leaves out is lost, so it must
 * not come from a copy that is a few milliseconds old.
 *
 * Open vSwitch has a copy of a megaflow per PMD thread that saw its packets,
 * asks for each of them and adds up the answers: the counts are told to one of
 * them, and to the next when that one has ceased to ask.
 *
 * Thread-safety: none; a dpu_stats is guarded by what guards its megaflow. */

#ifndef DPU_STATS_H
#define DPU_STATS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dpif_flow_stats;
struct dpu_rule_count;

struct dpu_stats {
    uint64_t base_packets;      /* Counted by rules that have left. */
    uint64_t base_bytes;
    uint64_t packets;           /* Last reading of the present rules. */
    uint64_t bytes;
    long long int used;         /* When the count was last seen to change, in
                                 * msec as time_msec(), or 0 for never. */

    const void *asker;          /* Who is told, or NULL. */
    long long int asked;        /* When 'asker' last was, as time_msec(). */
    uint64_t told_packets;      /* What all askers were told so far. */
    uint64_t told_bytes;
    uint64_t skip_packets;      /* What those before 'asker' were told. */
    uint64_t skip_bytes;
    bool shared;                /* Others have asked, too. */
    bool aside;                 /* Software counts the packets of the present
                                 * rules as well: nobody is told of them. */
};

/* An asker that is silent for so long, in msec, asks no more: several times
 * what a round of the revalidators takes. */
#define DPU_STATS_SILENCE 5000

/* The present rules of 's' have counted 'count' together, as was read at time
 * 'now', as time_msec().  Of each packet the device counts 'overhead' bytes
 * that software does not. */
void dpu_stats_update(struct dpu_stats *s, const struct dpu_rule_count *count,
                      size_t overhead, long long int now);

/* The present rules of 's' have left; what they counted stays. */
void dpu_stats_fold(struct dpu_stats *s);

/* 's', of a megaflow that takes the place of that of 'old', whose rules have
 * left, goes on where 'old' ends. */
void dpu_stats_inherit(struct dpu_stats *s, const struct dpu_stats *old);

/* Stores what 'asker', whose address alone matters, is to be told at time
 * 'now', as time_msec(), in '*stats'. */
void dpu_stats_tell(struct dpu_stats *s, const void *asker, long long int now,
                    struct dpif_flow_stats *stats);

/* Stores the totals of 's', what is aside as well, in '*stats'.  TCP flags are
 * not seen by hardware counters: none. */
void dpu_stats_get(const struct dpu_stats *s, struct dpif_flow_stats *stats);

#endif /* ofproto-dpif-dpu/device/dpu-stats.h */
