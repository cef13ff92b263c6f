/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-packed: a match in as few words as its mask has: of the 64-bit words of
 * "struct flow" those alone that are not zero in the mask.
 *
 * Open vSwitch's "struct minimatch" is the same idea with mask and values in
 * one allocation for each match.  Here the mask is of its own, as nearly all
 * megaflows have it in common with others (dpu-shared.h), and packing takes
 * nothing from the heap.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_PACKED_H
#define DPU_PACKED_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow.h"

struct match;

/* A mask. */
struct dpu_packed_mask {
    struct flowmap map;             /* The words of a flow that are there. */
    uint64_t words[FLOW_U64S];      /* As many as 'map' has bits, in order. */
};

/* A match. */
struct dpu_packed {
    size_t n;                       /* Words in 'mask' and 'values' each. */
    struct dpu_packed_mask mask;
    uint64_t values[FLOW_U64S];     /* Zero where the mask is. */
    uint8_t index[FLOW_U64S];       /* Which words of a flow they are. */
};

/* Bytes of a dpu_packed_mask with 'n' words. */
static inline size_t
dpu_packed_mask_size(size_t n)
{
    return offsetof(struct dpu_packed_mask, words) + n * sizeof(uint64_t);
}

/* Words of a dpu_packed_mask of 'size' bytes. */
static inline size_t
dpu_packed_n(size_t size)
{
    return ((size - offsetof(struct dpu_packed_mask, words))
            / sizeof(uint64_t));
}

/* Packs 'match'. */
void dpu_packed_init(struct dpu_packed *, const struct match *match);

/* Unpacks 'mask', and 'values' as in struct dpu_packed, into '*match'. */
void dpu_packed_expand(const struct dpu_packed_mask *mask,
                       const uint64_t values[], struct match *match);

#endif /* ofproto-dpif-dpu/translate/dpu-packed.h */
