/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow: the life of a megaflow between Open vSwitch and one device.
 *
 *              put, translated and taken
 *        .-----------------------------------.
 *        |                                   v
 *     (nothing)                        in hardware ---.  put: make the new
 *        |                              |    ^    ^---'  rule, break the old
 *        |   put, refused      put,     |    |
 *        '--------------.    refused;   |    |  put, taken
 *                       v    port gone  v    |
 *                      not in hardware: reason, counts so far
 *
 * and del leads from anywhere back to nothing.  A megaflow that was refused or
 * whose rule had to leave stays in the table until Open vSwitch deletes it:
 * so the refusals that are shown are exactly those that are in force, and what
 * hardware counted is not taken back.
 *
 * The megaflow is kept as it came, less than its rule would take: the values
 * of its match by themselves, the mask and the actions with all others that
 * have the same.  The rule's text is made from it when somebody asks, by
 * translating once more, which is a pure function.
 *
 * Thread-safety: all functions may be called from any thread.  Verbs on one
 * megaflow exclude each other by the lock of its shard, which is chosen by
 * ufid and held over calls into the device: two megaflows seldom wait for one
 * another.  'mutex' is taken inside it, for megaflows that are not in hardware
 * or not as a whole.  'changes' is write-locked by who has to see what all
 * rules refer to, at rest.  That is rare, so that who may change rules does not
 * read-lock it, but looks at the 'held' of the shard. */

#ifndef DPU_FLOW_H
#define DPU_FLOW_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/thread.h"
#include "openvswitch/types.h"
#include "ovs-atomic.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/device/dpu-stats.h"
#include "ofproto-dpif-dpu/flow/dpu-histogram.h"
#include "ofproto-dpif-dpu/flow/dpu-rank.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "ofproto-dpif-dpu/translate/dpu-plan.h"
#include "ofproto-dpif-dpu/translate/dpu-shared.h"

struct dpif_flow_stats;
struct dpu_audit;
struct dpu_refs;

#define DPU_FLOW_N_SHARDS 64        /* A power of 2. */

/* Names one megaflow of a device. */
struct dpu_flow_key {
    ovs_u128 ufid;
    uint16_t ethdev;                /* Where it enters. */
};

/* What a rule refers to on the device and in software, while it is there. */
struct dpu_flow_links {
    struct dpu_chain *chain;        /* Where it stands; NULL: group 0. */
    struct dpu_chain_jump *next;    /* Where it jumps to, or NULL. */
    struct dpu_chain_jump *post;    /* Where it goes on behind its ct(). */
    uint32_t resumes;               /* Its number as a continuation, or 0. */
    uint8_t variant;                /* Of its ct(), or 0. */
    uint32_t class;                 /* What it asks for of connections, or
                                     * 0. */
    uint32_t misses[DPU_SPEC_MAX_MISSES];   /* Contexts, or 0. */
    uint32_t meters[DPU_SPEC_MAX_METERS];   /* dpu-meter's numbers, or 0. */
};

/* A rule on the device. */
struct dpu_flow_rule {
    struct dpu_rule *rule;          /* NULL: not there (yet). */
    struct dpu_flow_links *links;   /* NULL: refers to nothing. */
    bool counted;                   /* Has a counter. */
};

/* A copy of a megaflow in software, by the address of who asks for it. */
struct dpu_flow_copy {
    const void *asker;
    uint64_t packets;               /* When it last did. */
};

#define DPU_FLOW_MAX_COPIES 4       /* Others are not seen. */

/* What few megaflows have, or all on a device that is full, or while they are
 * below the minimum. */
struct dpu_flow_rare {
    struct dpu_flow *flow;
    char *detail;                   /* Of the reason, or NULL. */
    bool waiting;                   /* For room, for a port to start, or ripe
                                     * (see dpu-flow-minimum.c). */
    struct ovs_list wait_node;      /* In dpu_flow_table's 'waiting' or
                                     * 'ripe', if it waits. */
    struct dpu_rank_rate rate;
    long long int rank_after;       /* Not ranked before this, as time_msec():
                                     * one place was not enough for it. */
    struct dpu_flow_copy copies[DPU_FLOW_MAX_COPIES];
    uint64_t software;              /* Packets of all copies since it waits for
                                     * room, or ever. */
};

/* One megaflow.  All but the rules, 'stats' and the reason is constant.  What
 * comes before 'mask' is what is read to read its counter. */
struct dpu_flow {
    struct hmap_node node;          /* In a shard's 'flows'. */
    struct dpu_flow_key key;
    uint32_t flow_mark;             /* As in struct dpu_megaflow. */
    uint16_t target;                /* The ethdev that took its rules. */
    uint16_t overhead;              /* Bytes of a packet that its counter has
                                     * and software would not. */
    uint8_t tunnel_words;
    uint8_t n_refs;
    uint8_t n_rules;                /* On the device: all of them or, but
                                     * while they come, none. */
    uint8_t code;                   /* enum dpu_reason_code. */
    uint8_t flip;                   /* Added to the priority of its rules. */
    bool counted;                   /* It has rules with counters. */
    bool copies;                    /* Its rules have software do a part. */
    bool partial;                   /* Its rule has software do all actions:
                                     * 'code' says why. */
    bool policer;                   /* As in struct dpu_megaflow. */
    uint8_t next_shard;             /* The megaflow that is asked for next (see
                                     * dpu-flow-order.h): its shard... */
    uint32_t next_hash;             /* ...its hash in it... */
    const struct dpu_flow *next;    /* ...and where it is, not to be followed;
                                     * or NULL. */
    struct dpu_flow_rule rule;      /* The first one of 'n_rules'. */
    struct dpu_stats stats;
    struct dpu_shared *mask;        /* A struct dpu_packed_mask. */
    struct dpu_shared *actions;     /* Datapath actions. */
    struct dpu_flow_rule *more;     /* The other rules, or NULL. */
    struct dpu_flow_rare *rare;     /* Or NULL. */

    /* What was matched, as in struct dpu_packed.  Behind it: 'tunnel_words'
     * words of struct flow_tnl, the bits outside of the mask as well; and
     * 'n_refs' ethdevs that the rules match on or output to. */
    uint64_t values[];
};

/* Stores what 'flow' matches in '*match'. */
void dpu_flow_match(const struct dpu_flow *flow, struct match *match);

/* The datapath actions of 'flow', of '*len' bytes. */
static inline const struct nlattr *
dpu_flow_actions(const struct dpu_flow *flow, size_t *len)
{
    *len = flow->actions->size;
    return (const struct nlattr *) flow->actions->data;
}

/* The rule number 'i' of 'flow'. */
static inline struct dpu_flow_rule *
dpu_flow_rule(struct dpu_flow *flow, size_t i)
{
    return i ? &flow->more[i - 1] : &flow->rule;
}

/* Some of the megaflows of a device, by ufid. */
struct dpu_flow_shard {
    struct ovs_mutex lock;
    bool held;                      /* Rules must not change: guarded by
                                     * 'lock', and true only while 'changes' is
                                     * write-locked. */
    struct hmap flows;              /* Of struct dpu_flow: for those alone
                                     * who hold 'lock'. */

    /* Of 'flows', for everybody. */
    atomic_size_t n;
    ATOMIC(struct hmap_node **) buckets;
    atomic_size_t mask;
};

/* The megaflows of one device. */
struct dpu_flow_table {
    const struct dpu_rule_ops *ops;

    /* Returns the packets that software has seen in the copy of a megaflow
     * that 'asker', as in dpu_flow_get(), stands for.  May be NULL. */
    uint64_t (*software)(const void *asker);

    struct dpu_caps caps;
    uint64_t caps_id;               /* As in struct dpu_plan_caps. */
    struct ovs_rwlock changes;      /* See above. */
    struct dpu_flow_shard shards[DPU_FLOW_N_SHARDS];
    struct dpu_chain_table chains;

    /* By ethdev: the transfer proxy, and whether it has vanished. */
    uint16_t proxies[RTE_MAX_ETHPORTS];
    atomic_bool gone[RTE_MAX_ETHPORTS];
    atomic_bool any_gone;           /* dpu_flow_abandon() has work to do. */

    struct ovs_mutex mutex;
    atomic_size_t n_rules;      /* On the device; not guarded. */
    size_t n_partial;   /* Megaflows in hardware in part. */
    size_t n_policers;  /* Megaflows that are not Open vSwitch's. */
    atomic_uint64_t n_left;     /* Rules that left the device, ever. */
    atomic_bool full;   /* The last new rule found no room... */
    uint64_t full_left; /* ...when 'n_left' was this... */
    long long int full_since;   /* ...and time_msec() this. */
    size_t full_rules;  /* 'n_rules' when it was last full, or 0. */
    struct dpu_histogram insertions;    /* How long it took to put a
                                         * megaflow's rules on the device. */
    struct ovs_list waiting;        /* Of struct dpu_flow_rare: those that are
                                     * to be tried again, the oldest first. */
    atomic_bool any_waiting;        /* There are some; not guarded. */
    struct ovs_list ripe;           /* Of struct dpu_flow_rare: those that have
                                     * had enough packets in software. */
    atomic_bool any_ripe;           /* There are some; not guarded. */
    struct dpu_rank rank;           /* Who is to have the room. */
    atomic_bool ranking;            /* Some wait for it; not guarded. */
    atomic_uint32_t port_rules[RTE_MAX_ETHPORTS];   /* On the device, by where
                                                     * they enter; not
                                                     * guarded. */
    size_t n_refused[DPU_N_REASONS];         /* Now. */
    uint64_t n_refused_ever[DPU_N_REASONS];  /* In all. */
};

/* Returns how many rules of megaflows are on the device of 't'. */
static inline size_t
dpu_flow_n_rules(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    size_t n;

    atomic_read_relaxed(&t->n_rules, &n);
    return n;
}

/* Returns how many megaflows 't' has, policers among them. */
size_t dpu_flow_count_all(const struct dpu_flow_table *t);

/* Makes 't' the empty table of a device that is driven through 'ops' and takes
 * what 'caps' says. */
void dpu_flow_table_init(struct dpu_flow_table *t,
                         const struct dpu_rule_ops *ops,
                         const struct dpu_caps *caps);

/* Takes all rules of 't' off the device and frees what 't' owns.  No other
 * thread uses 't'. */
void dpu_flow_table_destroy(struct dpu_flow_table *t);

/* Rules for what enters at 'ethdev' are created through ethdev 'proxy'.
 * 'ethdev' is there (again).  Not while another thread puts megaflows that
 * enter there. */
void dpu_flow_set_proxy(struct dpu_flow_table *t, uint16_t ethdev,
                        uint16_t proxy);

/* Brings the megaflow 'key' onto the device, in place of what it was before,
 * as a whole or, if that is refused, in part.  'ports' maps its ports.
 * Returns true, or false if no rule of it is on the device.  Unless it is as a
 * whole, the reason is kept.  A new one may have to wait for packets. */
bool dpu_flow_put(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                  const struct dpu_megaflow *, const struct dpu_port_map *);

/* Stores the counts of 'key' that 'asker' is to be told (see dpu-stats.h) in
 * '*stats' and where it is in '*place'.  Returns 0, or ENOENT if 't' does not
 * have it. */
int dpu_flow_get(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                 const void *asker, struct dpif_flow_stats *stats,
                 enum dpu_flow_place *place);

/* 'asker' is about to ask about 'key' for the last time: takes its rule off
 * the device, so that nothing is counted after that, unless others ask,
 * too. */
void dpu_flow_leave(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                    const void *asker);

/* Takes 'key' off the device and forgets it.  Returns 0, with the final counts
 * in '*stats' if that is not NULL, or ENOENT if 't' does not have it. */
int dpu_flow_del(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                 struct dpif_flow_stats *stats);

/* Whether megaflows wait for dpu_flow_put_ripe(). */
bool dpu_flow_any_ripe(const struct dpu_flow_table *);

/* If a megaflow that was kept in software has had enough packets there (see
 * dpu-minimum.h), brings it onto the device: the one that has waited
 * longest. */
void dpu_flow_put_ripe(struct dpu_flow_table *t, const struct dpu_port_map *);

/* Whether megaflows wait for dpu_flow_retry(). */
bool dpu_flow_any_waiting(const struct dpu_flow_table *);

/* Gives the megaflow that has waited longest, because the device was full or
 * because of dpu_flow_suspend(), another try, unless the device is known to be
 * full.  Returns true if there may be room for another one. */
bool dpu_flow_retry(struct dpu_flow_table *t, const struct dpu_port_map *);

/* If megaflows wait for room, gives those with the most traffic the places of
 * those with the least (see dpu-rank.h), if it is time for that at 'now', as
 * time_msec(). */
void dpu_flow_rank(struct dpu_flow_table *t, const struct dpu_port_map *,
                   long long int now);

/* Takes every rule that matches on or outputs to 'ethdev' off the device, but
 * for its policer, which lets nothing past software by itself.  The
 * megaflows stay, with their counts, as refused because of that port. */
void dpu_flow_evict(struct dpu_flow_table *t, uint16_t ethdev);

/* Takes every rule that was created through 'ethdev' off the device, because
 * 'ethdev' is about to stop and would take them along.  The megaflows wait for
 * dpu_flow_retry(). */
void dpu_flow_suspend(struct dpu_flow_table *t, uint16_t ethdev);

/* What hardware may forward from and to 'ethdev' has changed, or it is new:
 * translates megaflows that refer to it, and those that were refused because
 * of a port, once more. */
void dpu_flow_review(struct dpu_flow_table *t, uint16_t ethdev,
                     const struct dpu_port_map *);

/* Asks the device for the rule of each megaflow that enters at 'ethdev', and
 * puts back those that it has lost, or whose meters it has. */
void dpu_flow_audit(struct dpu_flow_table *t, uint16_t ethdev,
                    const struct dpu_port_map *, struct dpu_audit *);

/* No rule of 't' comes or goes between these two, and no reference that rules
 * have to anything.  What was on its way has arrived or left. */
void dpu_flow_hold(struct dpu_flow_table *t) OVS_ACQUIRES(t->changes);
void dpu_flow_release(struct dpu_flow_table *t) OVS_RELEASES(t->changes);

/* Adds what the rules of 't' refer to to 'refs'. */
void dpu_flow_add_refs(const struct dpu_flow_table *t, struct dpu_refs *refs)
    OVS_REQ_RDLOCK(t->changes);

/* After dpu_refs_finish(): takes the rules off that refer to what is not
 * there.  Their megaflows wait for dpu_flow_retry(). */
void dpu_flow_drop_dangling(struct dpu_flow_table *t,
                            const struct dpu_refs *refs)
    OVS_REQ_WRLOCK(t->changes);

/* Meter 'id' of the datapath has changed: translates the megaflows that have
 * it once more. */
void dpu_flow_review_meter(struct dpu_flow_table *t, uint32_t id,
                           const struct dpu_port_map *);

/* As dpu_flow_evict(), and forgets the megaflows that enter at 'ethdev'. */
void dpu_flow_forget(struct dpu_flow_table *t, uint16_t ethdev);

/* Takes all rules off the device. */
void dpu_flow_evict_all(struct dpu_flow_table *t);

/* 'ethdev' is known to be gone. */
void dpu_flow_vanish(struct dpu_flow_table *t, uint16_t ethdev);

/* Whether 'ethdev', or the one that takes its rules, was found gone. */
bool dpu_flow_is_gone(const struct dpu_flow_table *t, uint16_t ethdev);

/* If an ethdev was found gone, its rules went with it.  Otherwise does
 * nothing.  Without this nothing else forgets them. */
void dpu_flow_abandon(struct dpu_flow_table *t);

/* Calls 'cb' with each megaflow of 't', which cannot change meanwhile, after
 * its counter was read if 'count' is true.  'cb' must not call back into
 * 't'. */
void dpu_flow_for_each(struct dpu_flow_table *t, bool count,
                       void (*cb)(const struct dpu_flow *, void *aux),
                       void *aux);

/* Calls 'cb' with the megaflow 'key' of 't', as dpu_flow_for_each() does,
 * after its counter was read.  Returns false if 't' does not have it. */
bool dpu_flow_visit(struct dpu_flow_table *t, const struct dpu_flow_key *key,
                    void (*cb)(const struct dpu_flow *, void *aux),
                    void *aux);

/* Translates 'flow' once more, into the '*spec' of its first rule and those
 * behind it, which the caller has to free with dpu_spec_free_more().  Returns
 * true, or false with '*reason' set, if it has no rule or the ports have
 * changed since.  What the device refused is numbered as by
 * dpu_translate_number().  'flow' comes from dpu_flow_for_each(). */
bool dpu_flow_spec(const struct dpu_flow_table *t, const struct dpu_flow *flow,
                   const struct dpu_port_map *, struct dpu_spec *,
                   struct dpu_reason *);

/* Where 'flow' is. */
enum dpu_flow_place dpu_flow_place(const struct dpu_flow_table *t,
                                   const struct dpu_flow *flow);

/* Stores why 'flow' is not in hardware as a whole in '*reason'. */
void dpu_flow_reason(const struct dpu_flow *flow, struct dpu_reason *reason);

#endif /* ofproto-dpif-dpu/flow/dpu-flow.h */
