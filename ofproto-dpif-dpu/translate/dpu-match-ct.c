/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-ct: what connection tracking says of packets: ct_state, ct_zone,
 * ct_mark, ct_label and the original tuple.
 *
 * The first three are in registers (dpu-ct-regs.h), which are 0 in packets
 * that were not tracked, as the fields are in software.  No packet is tracked
 * before its first recirculation.  The others are wider; a register has a
 * number for what megaflows ask for of them (dpu-ct-class.h), which a packet
 * that was not tracked does not have: so it goes up to software. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match-private.h"

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
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

/* Takes the original tuple.  It is that of packets with an IP header. */
static void
take_tuple(struct dpu_match *m, struct dpu_ct_tuple *value,
           struct dpu_ct_tuple *mask)
{
    bool ipv6 = dpu_match_is_dl_type(m, ETH_TYPE_IPV6);

    if (!ipv6 && !dpu_match_is_dl_type(m, ETH_TYPE_IP)) {
        return;
    }
    if (ipv6) {
        TAKE_BYTES(m, ct_ipv6_src, value->src.ipv6, mask->src.ipv6);
        TAKE_BYTES(m, ct_ipv6_dst, value->dst.ipv6, mask->dst.ipv6);
    } else {
        TAKE(m, ct_nw_src, value->src.ipv4, mask->src.ipv4);
        TAKE(m, ct_nw_dst, value->dst.ipv4, mask->dst.ipv4);
    }
    TAKE(m, ct_nw_proto, value->proto, mask->proto);
    TAKE(m, ct_tp_src, value->src_port, mask->src_port);
    TAKE(m, ct_tp_dst, value->dst_port, mask->dst_port);
}

static void
match_class(struct dpu_match *m)
{
    struct dpu_spec_class *class = &m->spec->class;

    TAKE_BYTES(m, ct_label, class->value.label, class->under.label);
    take_tuple(m, &class->value.orig, &class->under.orig);
    if (!is_all_zeros(&class->under, sizeof class->under)) {
        dpu_ct_match_tag_later(m->spec, DPU_CT_TAG_CLASS, &class->data,
                               &class->mask);
    }
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
    match_class(m);
    return true;
}
