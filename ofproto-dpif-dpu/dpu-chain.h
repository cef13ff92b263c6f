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
 *            |  lowest priority: to software, with the mark
 *            v
 *   representor of the port where the packet entered the device
 *
 * A chain exists as long as a rule stands in it or jumps to it, from whichever
 * comes first.  A group's number is used again only after all others, so that
 * no packet on its way to an old chain ends up in a new one.
 *
 * Thread-safety: any thread, for one table at a time under its own mutex, which
 * is held over calls into the device. */

#ifndef DPU_CHAIN_H
#define DPU_CHAIN_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "ovs-thread.h"

struct dpu_caps;
struct dpu_reason;
struct dpu_rule_target;

/* Names a chain.  All zeros: where packets start, group 0. */
struct dpu_chain_key {
    uint32_t recirc_id;
    odp_port_t in_port;         /* Of the packets there. */
};

/* One chain.  'key' and 'group' are constant. */
struct dpu_chain;

/* The chains of one device. */
struct dpu_chain_table {
    struct ovs_mutex mutex;
    struct hmap chains;         /* Of struct dpu_chain, by key. */
    struct hmap groups;         /* Of the same, by group. */
    uint32_t last_group;
};

void dpu_chain_table_init(struct dpu_chain_table *);

/* No chain is in use any more. */
void dpu_chain_table_destroy(struct dpu_chain_table *);

/* Stores a new reference to the chain 'key' of 't' in '*chainp', NULL for
 * group 0.  Packets that reach it through a jump enter the device at ethdev
 * 'source': those that miss come up at its representor, by a rule that is put
 * at 'target' if 'jumps' is true.  Returns true, or false with '*reason'. */
bool dpu_chain_get(struct dpu_chain_table *t, const struct dpu_chain_key *key,
                   bool jumps, uint16_t source,
                   const struct dpu_rule_target *target,
                   struct dpu_chain **chainp, struct dpu_reason *reason);

/* Gives a reference back.  'chain' may be NULL.  'gone' says whether an ethdev
 * has vanished, and its rules with it. */
void dpu_chain_put(struct dpu_chain_table *t, struct dpu_chain *chain,
                   const struct dpu_rule_target *target, bool gone);

/* The group of 'chain'; 0 for NULL. */
uint32_t dpu_chain_group(const struct dpu_chain *chain);

/* Whether 'key' is group 0. */
bool dpu_chain_key_is_root(const struct dpu_chain_key *key);

#endif /* ofproto-dpif-dpu/dpu-chain.h */
