/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-traits: what megaflows can ask for of a connection that is wider than
 * a register: ct_label and the original tuple.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_CT_TRAITS_H
#define DPU_CT_TRAITS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"

/* What can be asked for of a connection, as packets have it in their metadata,
 * or a mask for that.  Has no padding: it is compared byte by byte. */
struct dpu_ct_traits {
    ovs_u128 label;
    struct dpu_ct_tuple orig;   /* Ports are as ct_tp_src and ct_tp_dst: for
                                 * ICMP its type and code. */
};

/* Makes '*traits' those of a connection with 'label' and the original tuple
 * 'tuple'. */
void dpu_ct_traits_init(struct dpu_ct_traits *traits, const ovs_u128 *label,
                        const struct dpu_ct_tuple *tuple);

/* Stores the bits of 'traits' under 'mask' in '*masked'. */
void dpu_ct_traits_and(const struct dpu_ct_traits *traits,
                       const struct dpu_ct_traits *mask,
                       struct dpu_ct_traits *masked);

bool dpu_ct_traits_equal(const struct dpu_ct_traits *,
                         const struct dpu_ct_traits *);
uint32_t dpu_ct_traits_hash(const struct dpu_ct_traits *);

/* How many bits of a mask are 1, in all and of ct_label. */
unsigned int dpu_ct_traits_count_bits(const struct dpu_ct_traits *mask);
unsigned int dpu_ct_traits_count_label_bits(const struct dpu_ct_traits *mask);

/* A part of what is asked for: a value under a mask. */
struct dpu_ct_trait {
    struct dpu_ct_traits value, mask;
};

/* Masks of ct_label of up to so many bits may be taken bit by bit. */
#define DPU_CT_TRAITS_MAX_BITS 4

/* What one megaflow asks for: bits of ct_label, the original tuple. */
#define DPU_CT_TRAITS_MAX_PARTS (DPU_CT_TRAITS_MAX_BITS + 1)

/* Divides 'value' under 'mask' into 'parts': ct_label, bit by bit if 'single',
 * and the original tuple.  Returns how many there are. */
size_t dpu_ct_traits_divide(
    const struct dpu_ct_traits *value, const struct dpu_ct_traits *mask,
    bool single, struct dpu_ct_trait parts[DPU_CT_TRAITS_MAX_PARTS]);

#endif /* ofproto-dpif-dpu/device/dpu-ct-traits.h */
