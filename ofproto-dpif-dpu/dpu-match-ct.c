/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-ct: what connection tracking says of packets: ct_state, ct_zone,
 * ct_mark.
 *
 * They are in registers (dpu-ct-regs.h), which are 0 in packets that were not
 * tracked, as the fields are in software.  No packet is tracked before its
 * first recirculation. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-match-private.h"

#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-ct-regs.h"
#include "packets.h"

/* Takes the fields that no register has, of packets that have none. */
static void
take_zero_connection(struct dpu_match *m)
{
    TAKE_ZERO(m, ct_label);
    TAKE_ZERO(m, ct_nw_proto);
    TAKE_ZERO(m, ct_nw_src);
    TAKE_ZERO(m, ct_nw_dst);
    TAKE_ZERO(m, ct_ipv6_src);
    TAKE_ZERO(m, ct_ipv6_dst);
    TAKE_ZERO(m, ct_tp_src);
    TAKE_ZERO(m, ct_tp_dst);
}

bool
dpu_match_ct(struct dpu_match *m)
{
    uint32_t mark, mark_mask;
    uint16_t zone, zone_mask;
    uint8_t state, state_mask;

    if (!m->caps->ct || !m->key->recirc_id) {
        TAKE_ZERO(m, ct_state);
        TAKE_ZERO(m, ct_zone);
        TAKE_ZERO(m, ct_mark);
        take_zero_connection(m);
        return true;
    }
    TAKE(m, ct_state, state, state_mask);
    TAKE(m, ct_zone, zone, zone_mask);
    TAKE(m, ct_mark, mark, mark_mask);
    if (state_mask || zone_mask) {
        dpu_ct_match_tag(m->spec, DPU_CT_TAG_STATE,
                         dpu_ct_state(state, zone, 0),
                         dpu_ct_state(state_mask, zone_mask, 0));
    }
    if (mark_mask) {
        dpu_ct_match_tag(m->spec, DPU_CT_TAG_MARK, mark, mark_mask);
    }
    if (state_mask & ~state & CS_TRACKED) {
        take_zero_connection(m);
    }
    return true;
}
