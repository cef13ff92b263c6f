/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-ct-traits.h"

#include <string.h>

#include "hash.h"
#include "util.h"

BUILD_ASSERT_DECL(sizeof(struct dpu_ct_traits)
                  == sizeof(ovs_u128) + sizeof(struct dpu_ct_tuple));

void
dpu_ct_traits_init(struct dpu_ct_traits *traits, const ovs_u128 *label,
                   const struct dpu_ct_tuple *tuple)
{
    traits->label = *label;
    traits->orig = *tuple;
    traits->orig.zone = 0;
    dpu_ct_tuple_get_tp(tuple, &traits->orig.src_port,
                        &traits->orig.dst_port);
}

void
dpu_ct_traits_and(const struct dpu_ct_traits *traits,
                  const struct dpu_ct_traits *mask,
                  struct dpu_ct_traits *masked)
{
    const uint8_t *a = (const uint8_t *) traits;
    const uint8_t *b = (const uint8_t *) mask;
    uint8_t *and = (uint8_t *) masked;

    for (size_t i = 0; i < sizeof *masked; i++) {
        and[i] = a[i] & b[i];
    }
}

bool
dpu_ct_traits_equal(const struct dpu_ct_traits *a,
                    const struct dpu_ct_traits *b)
{
    return !memcmp(a, b, sizeof *a);
}

unsigned int
dpu_ct_traits_count_bits(const struct dpu_ct_traits *traits)
{
    const uint8_t *bytes = (const uint8_t *) traits;
    unsigned int n = 0;

    for (size_t i = 0; i < sizeof *traits; i++) {
        n += count_1bits(bytes[i]);
    }
    return n;
}

uint32_t
dpu_ct_traits_hash(const struct dpu_ct_traits *traits)
{
    return hash_bytes(traits, sizeof *traits, 0);
}

unsigned int
dpu_ct_traits_count_label_bits(const struct dpu_ct_traits *mask)
{
    return (count_1bits(mask->label.u64.lo)
            + count_1bits(mask->label.u64.hi));
}

size_t
dpu_ct_traits_divide(
    const struct dpu_ct_traits *value, const struct dpu_ct_traits *mask,
    bool single, struct dpu_ct_trait parts[DPU_CT_TRAITS_MAX_PARTS])
{
    struct dpu_ct_traits left = *mask;
    size_t n = 0;

    memset(parts, 0, DPU_CT_TRAITS_MAX_PARTS * sizeof *parts);
    left.label = OVS_U128_ZERO;
    if (!ovs_u128_is_zero(mask->label) && !single) {
        parts[n++].mask.label = mask->label;
    }
    for (int i = 0; i < 128 && single; i++) {
        ovs_u128 bit = { .u64 = { .lo = i < 64 ? UINT64_C(1) << i : 0,
                                  .hi = i < 64 ? 0 : UINT64_C(1) << (i - 64) }
        };

        if (!ovs_u128_is_zero(ovs_u128_and(mask->label, bit))) {
            parts[n++].mask.label = bit;
        }
    }
    if (!is_all_zeros(&left, sizeof left)) {
        parts[n++].mask = left;
    }
    for (size_t i = 0; i < n; i++) {
        dpu_ct_traits_and(value, &parts[i].mask, &parts[i].value);
    }
    return n;
}
