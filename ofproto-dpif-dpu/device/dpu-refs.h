/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-refs: who refers to what, counted anew.
 *
 * Tables of what rules share, as chains, miss contexts and meters, count the
 * references to each of their objects.  An audit counts them a second time,
 * from the other side: each rule and connection adds those that it has
 * (dpu_refs_add()), and then each table compares (dpu_refs_settle()).
 *
 *   leaked     the table counts more: the object would never leave
 *   missing    the table counts fewer, or does not have the object: it would
 *              leave while somebody still needs it
 *
 * Thread-safety: none; a dpu_refs belongs to whoever made it.  Nobody may take
 * references or give them back from the first dpu_refs_add() until the last
 * dpu_refs_settle(), or what is in between is taken for a difference. */

#ifndef DPU_REFS_H
#define DPU_REFS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"

/* Kinds of objects: code and name in output. */
#define DPU_REF_KINDS                                                      \
    DPU_REF_KIND(CHAIN, "chains")                                          \
    DPU_REF_KIND(JUMP, "jumps")                                            \
    DPU_REF_KIND(MISS, "miss-contexts")                                    \
    DPU_REF_KIND(METER, "meters")                                          \
    DPU_REF_KIND(VARIANT, "ct-variants")                                   \
    DPU_REF_KIND(NEXT, "ct-continuations")                                 \
    DPU_REF_KIND(ASKED, "ct-values-asked-for")                             \
    DPU_REF_KIND(CARRIED, "ct-values-carried")

enum dpu_ref_kind {
#define DPU_REF_KIND(CODE, NAME) DPU_REF_##CODE,
    DPU_REF_KINDS
#undef DPU_REF_KIND
    DPU_REF_N_KINDS
};

const char *dpu_ref_kind_name(enum dpu_ref_kind);

/* What was found, in references. */
struct dpu_refs_found {
    uint64_t n_held;            /* That there should be. */
    uint64_t n_leaked;
    uint64_t n_missing;
};

struct dpu_refs {
    struct hmap counts[DPU_REF_N_KINDS];
    struct dpu_refs_found found[DPU_REF_N_KINDS];
};

void dpu_refs_init(struct dpu_refs *refs);
void dpu_refs_destroy(struct dpu_refs *refs);

/* Somebody has a reference to 'object' of 'kind', which is its address or its
 * number; 0: to none. */
void dpu_refs_add(struct dpu_refs *refs, enum dpu_ref_kind kind,
                  uintptr_t object);

/* 'object' is there, with 'held' references as its table counts them.  Returns
 * how many there should be.  Once for each object. */
unsigned int dpu_refs_settle(struct dpu_refs *refs, enum dpu_ref_kind kind,
                             uintptr_t object, unsigned int held);

/* All tables have settled.  Takes what is not there for missing.  Returns true
 * if there is such. */
bool dpu_refs_finish(struct dpu_refs *refs);

/* After dpu_refs_finish(): whether somebody refers to 'object' and it is not
 * there. */
bool dpu_refs_dangles(const struct dpu_refs *refs, enum dpu_ref_kind kind,
                      uintptr_t object);

#endif /* ofproto-dpif-dpu/device/dpu-refs.h */
