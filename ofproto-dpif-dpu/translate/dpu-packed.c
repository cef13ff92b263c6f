/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-packed.h"

#include "openvswitch/match.h"
#include "util.h"

/* Takes word 'i' of 'match' into 'p' if it is in the mask. */
static inline void
take_word(struct dpu_packed *p, size_t i, const uint64_t *mask,
          const uint64_t *value)
{
    if (mask[i]) {
        p->mask.map.bits[i / MAP_T_BITS] |= MAP_1 << i % MAP_T_BITS;
        p->mask.words[p->n] = mask[i];
        p->values[p->n] = value[i] & mask[i];
        p->index[p->n++] = i;
    }
}

void
dpu_packed_init(struct dpu_packed *p, const struct match *match)
{
    const uint64_t *mask = (const uint64_t *) &match->wc.masks;
    const uint64_t *value = (const uint64_t *) &match->flow;

    p->n = 0;
    flowmap_init(&p->mask.map);
    /* Most of a mask is zero. */
    BUILD_ASSERT_DECL(FLOW_U64S % 4 == 0);
    for (size_t i = 0; i < FLOW_U64S; i += 4) {
        if (mask[i] | mask[i + 1] | mask[i + 2] | mask[i + 3]) {
            take_word(p, i, mask, value);
            take_word(p, i + 1, mask, value);
            take_word(p, i + 2, mask, value);
            take_word(p, i + 3, mask, value);
        }
    }
}

void
dpu_packed_expand(const struct dpu_packed_mask *mask, const uint64_t values[],
                  struct match *match)
{
    uint64_t *masks = (uint64_t *) &match->wc.masks;
    uint64_t *flow = (uint64_t *) &match->flow;
    size_t i, n = 0;

    match_init_catchall(match);
    FLOWMAP_FOR_EACH_INDEX (i, mask->map) {
        masks[i] = mask->words[n];
        flow[i] = values[n++];
    }
}
