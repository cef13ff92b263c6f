/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-chain: what the datapath calls recirculation is a jump to another group
 * of rules on the device.
 *
 *   group 0: megaflows that packets meet first ---.   output, drop
 *            |  recirc(r), tnl_pop(port)           '----------------->
 *            |  MARK: miss context, JUMP
 *            v
 *   group N: the chain of (r, port), its megaflows    output, drop, next chain
 *            |                                    '----------------->
 *            |  lowest priority, or by default: to software, with the mark
 *            v
 *   representor of the port where the packet entered the device
 *
 * A chain behind a tunnel, whose headers the rules before it took off, has the
 * packets of one tunnel only: what was in the headers cannot be matched there
 * any more.
 *
 * A chain exists as long as a rule stands in it or jumps to it, from whichever
 * comes first.  The rule at its lowest priority, for what entered the device
 * at one ethdev, is there as long as a rule jumps to the chain with packets
 * that entered there.  It was created through the same ethdev as those, so
 * that whoever takes all of them off, because that ethdev stops, has taken off
 * this one, too.  A device that cannot have it (struct dpu_caps's
 * 'default_miss') does the same by default.
 *
 * A group's number is used again only after all others, so that no packet on
 * its way to an old chain ends up in a new one.  The last two are for
 * connection tracking, if the device can do that.
 *
 * Thread-safety: any thread, for one table at a time under its own mutex,
 * which is held over calls into the device.  No other lock is taken inside
 * it. */

#ifndef DPU_CHAIN_H
#define DPU_CHAIN_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "ovs-thread.h"

struct dpu_audit;
struct dpu_caps;
struct dpu_reason;
struct dpu_refs;
struct dpu_rule_target;
struct flow_tnl;

/* What a device has is found by asking it up to this number. */
#define DPU_CHAIN_MAX_GROUP 65000

/* Of the rule for what misses.  Megaflows have priority 0, or 1 while they are
 * replaced. */
#define DPU_CHAIN_MISS_PRIORITY 2

/* Two groups are not the chain of a recirculation. */
enum dpu_chain_stage {
    DPU_CHAIN_RECIRC,           /* The chain of one. */
    DPU_CHAIN_CT,               /* Connections: one rule for each direction
                                 * and variant of ct() (dpu-ct-variant.h).
                                 * What misses comes up with its mark, that
                                 * is, from before ct(). */
    DPU_CHAIN_POST,             /* Where megaflows go on behind ct().  There
                                 * is a rule for whatever comes from
                                 * DPU_CHAIN_CT, but for the moment in which
                                 * one is taken off: then the packet, which
                                 * may have been changed, is dropped. */
};

/* Names a chain.  All zeros: where packets start, group 0.  There is one
 * DPU_CHAIN_CT and one DPU_CHAIN_POST: all the rest is 0 in their names. */
struct dpu_chain_key {
    uint32_t recirc_id;
    odp_port_t in_port;         /* Of the packets there. */
    const struct flow_tnl *tunnel;  /* What they came out of, if its headers
                                     * are off, every byte of it; or NULL. */
    enum dpu_chain_stage stage;
};

/* One chain. */
struct dpu_chain;

/* One chain as what entered at one ethdev jumps to it. */
struct dpu_chain_jump;

/* The chains of one device. */
struct dpu_chain_table {
    const struct dpu_caps *caps;
    struct ovs_mutex mutex;
    struct hmap chains;         /* Of struct dpu_chain, by key. */
    struct hmap groups;         /* Of the same, by group. */
    size_t n_recircs;           /* Of 'chains', DPU_CHAIN_RECIRC. */
    size_t n_rules;             /* For what misses. */
    uint32_t last_group;
};

/* 't' keeps 'caps'. */
void dpu_chain_table_init(struct dpu_chain_table *t,
                          const struct dpu_caps *caps);

/* No chain is in use any more. */
void dpu_chain_table_destroy(struct dpu_chain_table *);

/* Stores how many chains of recirculations 't' has in '*n_chains', and how
 * many rules there are for what misses in any chain in '*n_rules'. */
void dpu_chain_table_count(struct dpu_chain_table *t, size_t *n_chains,
                           size_t *n_rules);

/* Stores a new reference to the chain 'key' of 't', which is copied, for a
 * rule that is to stand in it, in '*chainp', NULL for group 0.  Returns true,
 * or false with '*reason'. */
bool dpu_chain_get(struct dpu_chain_table *t, const struct dpu_chain_key *key,
                   struct dpu_chain **chainp, struct dpu_reason *reason);

/* Gives a reference back.  'chain' may be NULL. */
void dpu_chain_put(struct dpu_chain_table *t, struct dpu_chain *chain);

/* The group of 'chain'; 0 for NULL. */
uint32_t dpu_chain_group(const struct dpu_chain *chain);

/* Stores a new reference to the chain 'key' of 't', for a rule at 'target'
 * that is to jump to it, in '*jumpp'.  The packets enter the device at ethdev
 * 'source': those that miss come up at its representor.  Returns true, or
 * false with '*reason'. */
bool dpu_chain_jump_get(struct dpu_chain_table *t,
                        const struct dpu_chain_key *key, uint16_t source,
                        const struct dpu_rule_target *target,
                        struct dpu_chain_jump **jumpp,
                        struct dpu_reason *reason);

/* Gives a reference back.  'jump' may be NULL.  'gone' says whether the ethdev
 * of its target has vanished, and its rules with it. */
void dpu_chain_jump_put(struct dpu_chain_table *t,
                        struct dpu_chain_jump *jump, bool gone);

/* Asks the device for the rules for what misses, and puts back those that it
 * has lost. */
void dpu_chain_audit(struct dpu_chain_table *t, struct dpu_audit *audit);

/* Compares the references that 't' counts, as DPU_REF_CHAIN and DPU_REF_JUMP,
 * with those in 'refs', where the users of 't' have added theirs, and corrects
 * them: what nobody refers to leaves. */
void dpu_chain_audit_refs(struct dpu_chain_table *t, struct dpu_refs *refs);

/* The group that 'jump' leads to. */
uint32_t dpu_chain_jump_group(const struct dpu_chain_jump *jump);

/* Whether 'key' is group 0. */
bool dpu_chain_key_is_root(const struct dpu_chain_key *key);

#endif /* ofproto-dpif-dpu/device/dpu-chain.h */
