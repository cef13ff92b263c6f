/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-private: what dpu-flow.c, dpu-flow-table.c, dpu-flow-rule.c,
 * dpu-flow-review.c, dpu-flow-rank.c, dpu-flow-minimum.c and dpu-flow-order.c
 * share.
 *
 * Thread-safety: the caller holds the lock of the megaflow that a function is
 * about.  dpu_flow_lock() tells which one that is.  Who changes rules gets it
 * by dpu_flow_begin(), as dpu_flow_walk() does, and gives it back by
 * dpu_flow_end(). */

#ifndef DPU_FLOW_PRIVATE_H
#define DPU_FLOW_PRIVATE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/flow/dpu-flow.h"

/* Where the rules of 'flow' are. */
static inline struct dpu_rule_target
dpu_flow_target(const struct dpu_flow_table *t, const struct dpu_flow *flow)
{
    return (struct dpu_rule_target) { t->ops, flow->target };
}

/* The hash of 'key' in its shard.  A ufid is a hash already, of which the bits
 * that choose the shard are of no use here. */
static inline uint32_t
dpu_flow_hash(const struct dpu_flow_key *key)
{
    return ((key->ufid.u64.lo ^ key->ethdev) * UINT64_C(0x9e3779b97f4a7c15)
            >> 32);
}

/* The number of the shard of 'key'. */
static inline uint8_t
dpu_flow_shard_index(const struct dpu_flow_key *key)
{
    BUILD_ASSERT_DECL(DPU_FLOW_N_SHARDS <= UINT8_MAX);
    return key->ufid.u32[1] & (DPU_FLOW_N_SHARDS - 1);
}

/* dpu-flow-table.c. */
struct ovs_mutex *dpu_flow_lock(struct dpu_flow_table *,
                                const struct dpu_flow_key *);
struct ovs_mutex *dpu_flow_begin(struct dpu_flow_table *,
                                 const struct dpu_flow_key *);
void dpu_flow_end(struct dpu_flow_table *, struct ovs_mutex *lock);
struct dpu_flow *dpu_flow_find(struct dpu_flow_table *,
                               const struct dpu_flow_key *);
void dpu_flow_wait(struct dpu_flow_table *t, struct dpu_flow *)
    OVS_REQUIRES(t->mutex);
void dpu_flow_turn_down(struct dpu_flow_table *, struct dpu_flow *,
                        enum dpu_reason_code);
struct dpu_flow *dpu_flow_publish(struct dpu_flow_table *,
                                  struct dpu_flow *old, struct dpu_flow *);
void dpu_flow_remove(struct dpu_flow_table *, struct dpu_flow *);
void dpu_flow_walk(struct dpu_flow_table *,
                   void (*cb)(struct dpu_flow_table *, struct dpu_flow *,
                              const void *aux),
                   const void *aux);

/* dpu-flow.c. */
void dpu_flow_free(struct dpu_flow *);
void dpu_flow_move(struct dpu_flow *to, struct dpu_flow *from);
size_t dpu_flow_size(const struct dpu_flow *);
bool dpu_flow_put__(struct dpu_flow_table *, const struct dpu_flow_key *,
                    const struct dpu_megaflow *, const struct dpu_port_map *,
                    struct dpu_flow *old);
bool dpu_flow_gone(const struct dpu_flow_table *, uint16_t ethdev);
void dpu_flow_set_gone(struct dpu_flow_table *, uint16_t ethdev);
void dpu_flow_failed(struct dpu_flow_table *, const struct dpu_flow *,
                     const char *what, const struct dpu_reason *);
void dpu_flow_megaflow(const struct dpu_flow *, struct match *,
                       struct dpu_megaflow *);
const uint16_t *dpu_flow_refs(const struct dpu_flow *);
struct dpu_flow_rare *dpu_flow_rare(struct dpu_flow *);

/* dpu-flow-rule.c.  dpu_flow_admit() needs no lock. */
void dpu_flow_count(struct dpu_flow_table *, struct dpu_flow *,
                    long long int now);
void dpu_flow_retire(struct dpu_flow_table *, struct dpu_flow *);
bool dpu_flow_install(struct dpu_flow_table *, struct dpu_flow *,
                      struct dpu_spec *, uint8_t flip, struct dpu_reason *);
bool dpu_flow_replace(struct dpu_flow_table *, struct dpu_flow *old,
                      struct dpu_flow *, struct dpu_spec *,
                      struct dpu_reason *);
bool dpu_flow_admit(struct dpu_flow_table *, struct dpu_reason *);

/* dpu-flow-review.c. */
void dpu_flow_put_off(struct dpu_flow_table *, struct dpu_flow *);
void dpu_flow_try_first(struct dpu_flow_table *, struct ovs_list *,
                        const struct dpu_port_map *);
bool dpu_flow_redo(struct dpu_flow_table *, struct dpu_flow *,
                   const struct dpu_port_map *);

/* dpu-flow-rank.c. */
void dpu_flow_see_software(struct dpu_flow_rare *, const void *asker,
                           uint64_t packets, bool ever);
void dpu_flow_rank_offer(struct dpu_flow_table *, struct dpu_flow *,
                         const void *asker, long long int now);

/* dpu-flow-minimum.c. */
bool dpu_flow_is_below_minimum(const struct dpu_flow_table *,
                               const struct dpu_flow *old,
                               const struct dpu_megaflow *);
void dpu_flow_minimum_check(struct dpu_flow_table *, struct dpu_flow *,
                            const void *asker, long long int now);
void dpu_flow_minimum_reason(const struct dpu_flow *, struct dpu_reason *);

#endif /* ofproto-dpif-dpu/flow/dpu-flow-private.h */
