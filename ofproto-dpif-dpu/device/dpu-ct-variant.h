/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-variant: what distinguishes one ct() from another for a connection
 * that is established, under a number of 8 bits.
 *
 * A packet on its way to the rules of connections carries the zone and this
 * number, so that it meets the rule that does with it what its ct() would.
 * Whether ct() commits, which addresses NAT may choose and what timeouts there
 * are does not matter any more for such a connection.
 *
 * The rules of megaflows that send packets with a number refer to it, and so
 * do the rules of connections that match it: a number never changes its
 * meaning under a rule.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_VARIANT_H
#define DPU_CT_VARIANT_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_refs;
struct ovs_key_ct_labels;

/* The last number. */
#define DPU_CT_VARIANT_MAX UINT8_MAX

/* Has no padding: it is compared and hashed byte by byte. */
struct dpu_ct_variant {
    uint8_t nat;                /* Translates addresses. */
    uint8_t force;              /* Commits by force. */
    uint8_t sets_mark;
    uint8_t sets_label;
    uint32_t mark[2];           /* Value and mask, as software takes them. */
    uint32_t label[2][4];       /* The same. */
};

/* Makes '*variant' that of a ct() with these arguments of
 * conntrack_execute(), of which 'setmark' and 'setlabel' may be NULL. */
void dpu_ct_variant_init(struct dpu_ct_variant *variant, bool force, bool nat,
                         const uint32_t *setmark,
                         const struct ovs_key_ct_labels *setlabel);

/* Returns the number of 'variant', from 1 to DPU_CT_VARIANT_MAX, with a new
 * reference; 0 if all are in use. */
uint8_t dpu_ct_variant_get(const struct dpu_ct_variant *variant);

/* The same where 'variant' had the number 'id', any at all, a moment ago:
 * takes no lock if it still has. */
uint8_t dpu_ct_variant_get_likely(uint8_t id,
                                  const struct dpu_ct_variant *variant);

/* Gives a reference back.  'id' may be 0. */
void dpu_ct_variant_put(uint8_t id);

/* Compares the references to variants with those in 'refs', DPU_REF_VARIANT by
 * number, and corrects them. */
void dpu_ct_variant_audit_refs(struct dpu_refs *refs);

/* Whether 'id', to which the caller has a reference, is that of 'variant'.
 * Takes no lock. */
bool dpu_ct_variant_is(uint8_t id, const struct dpu_ct_variant *variant);

/* Returns the number of 'variant', or 0 if nobody refers to it.  Takes no
 * lock and no reference. */
uint8_t dpu_ct_variant_find(const struct dpu_ct_variant *variant);

/* The number of variants that somebody refers to. */
unsigned int dpu_ct_variant_count(void);

#endif /* ofproto-dpif-dpu/device/dpu-ct-variant.h */
