/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-l3: matchers for IPv4, IPv6, their fragments, ARP, and MPLS. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match-private.h"

#include <netinet/in.h>
#include <string.h>

#include "flow.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "packets.h"

/* fragment_offset of IPv4 (RFC 791) and frag_data of IPv6 (RFC 8200). */
#define IPV4_FRAG_MF  0x2000
#define IPV4_FRAG_OFS 0x1fff
#define IPV6_FRAG_MF  0x0001
#define IPV6_FRAG_OFS 0xfff8

/* Fragments.  Software has two bits: FLOW_NW_FRAG_ANY for every fragment, and
 * FLOW_NW_FRAG_LATER for those but the first. */

enum frag_match {
    FRAG_ALL,                   /* All packets. */
    FRAG_NO,                    /* Whole packets. */
    FRAG_FIRST,                 /* First fragments. */
    FRAG_LATER,                 /* Other fragments. */
    FRAG_ANY,                   /* Fragments. */
    FRAG_NOT_LATER,             /* Whole packets and first fragments. */
    FRAG_IMPOSSIBLE,
};

/* [mask][value], two bits each. */
static const enum frag_match frag_matches[4][4] = {
    [0] = { FRAG_ALL },
    [FLOW_NW_FRAG_ANY] = {
        [0] = FRAG_NO,
        [FLOW_NW_FRAG_ANY] = FRAG_ANY,
    },
    [FLOW_NW_FRAG_LATER] = {
        [0] = FRAG_NOT_LATER,
        [FLOW_NW_FRAG_LATER] = FRAG_LATER,
    },
    [FLOW_NW_FRAG_MASK] = {
        [0] = FRAG_NO,
        [FLOW_NW_FRAG_ANY] = FRAG_FIRST,
        [FLOW_NW_FRAG_LATER] = FRAG_IMPOSSIBLE,
        [FLOW_NW_FRAG_MASK] = FRAG_LATER,
    },
};

/* Takes nw_frag.  Its upper six bits are zero in every packet. */
static bool
take_frag(struct dpu_match *m, enum frag_match *frag)
{
    uint8_t value = m->key->nw_frag & m->mask->nw_frag;

    *frag = frag_matches[m->mask->nw_frag & FLOW_NW_FRAG_MASK]
                        [value & FLOW_NW_FRAG_MASK];
    if (*frag == FRAG_IMPOSSIBLE || value & ~FLOW_NW_FRAG_MASK) {
        return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                              "nw_frag=%#"PRIx8"/%#"PRIx8,
                              value, m->mask->nw_frag);
    }
    m->left.nw_frag = 0;
    return true;
}

struct frag_range {
    uint16_t spec, last, mask;
};

/* The part of 'frag' that is a range of fragment offsets and the "more
 * fragments" bit 'mf' next to them, whose lowest value is 'ofs' & -'ofs'. */
static struct frag_range
frag_range(enum frag_match frag, uint16_t mf, uint16_t ofs)
{
    uint16_t one = ofs & -ofs;

    switch (frag) {
    case FRAG_NO:
        return (struct frag_range) { 0, 0, mf | ofs };

    case FRAG_FIRST:
        return (struct frag_range) { mf, 0, mf | ofs };

    case FRAG_LATER:
        return (struct frag_range) { one, ofs, ofs };

    case FRAG_ANY:
        return (struct frag_range) { MIN(one, mf), mf | ofs, mf | ofs };

    case FRAG_NOT_LATER:
        return (struct frag_range) { 0, 0, ofs };

    case FRAG_ALL:
    case FRAG_IMPOSSIBLE:
    default:
        return (struct frag_range) { 0, 0, 0 };
    }
}

bool
dpu_match_ipv4(struct dpu_match *m)
{
    struct rte_flow_item_ipv4 spec, last, mask;
    enum frag_match frag;

    if (!dpu_match_is_dl_type(m, ETH_TYPE_IP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&last, 0, sizeof last);
    memset(&mask, 0, sizeof mask);

    TAKE(m, nw_src, spec.hdr.src_addr, mask.hdr.src_addr);
    TAKE(m, nw_dst, spec.hdr.dst_addr, mask.hdr.dst_addr);
    TAKE(m, nw_tos, spec.hdr.type_of_service, mask.hdr.type_of_service);
    TAKE(m, nw_ttl, spec.hdr.time_to_live, mask.hdr.time_to_live);
    TAKE(m, nw_proto, spec.hdr.next_proto_id, mask.hdr.next_proto_id);
    if (!take_frag(m, &frag)) {
        return false;
    }

    struct frag_range r = frag_range(frag, IPV4_FRAG_MF, IPV4_FRAG_OFS);
    spec.hdr.fragment_offset = htons(r.spec);
    last.hdr.fragment_offset = htons(r.last);
    mask.hdr.fragment_offset = htons(r.mask);
    if (m->length) {
        spec.hdr.total_length = m->length->spec;
        last.hdr.total_length = m->length->last;
        mask.hdr.total_length = m->length->mask;
    }

    if (is_all_zeros(&mask, sizeof mask)) {
        return true;            /* The Ethernet type says it all. */
    }
    return dpu_match_add_item_range(m, RTE_FLOW_ITEM_TYPE_IPV4, &spec,
                                    (is_all_zeros(&last, sizeof last)
                                     ? NULL : &last), &mask, sizeof spec);
}

/* Software's nw_proto of IPv6 is what follows the extension headers, and 44 in
 * later fragments; a device may look at the fixed header.  The two agree where
 * there is no extension header, so that a rule for a protocol matches at
 * worst fewer packets, unless the number is that of an extension header. */
static bool
check_ipv6_proto(struct dpu_match *m)
{
    static const uint8_t ext[] = { IPPROTO_HOPOPTS, IPPROTO_ROUTING,
                                   IPPROTO_FRAGMENT, IPPROTO_AH,
                                   IPPROTO_DSTOPTS };
    uint8_t mask = m->mask->nw_proto;

    for (size_t i = 0; mask && i < ARRAY_SIZE(ext); i++) {
        if (!((m->key->nw_proto ^ ext[i]) & mask)) {
            return dpu_reason_set(m->reason, DPU_REASON_MATCH_MASK,
                                  "ipv6.proto=%"PRIu8"/%#"PRIx8
                                  " covers extension headers",
                                  m->key->nw_proto & mask, mask);
        }
    }
    return true;
}

static bool
match_ipv6_frag_ext(struct dpu_match *m, enum frag_match frag,
                    uint8_t proto, uint8_t proto_mask)
{
    struct frag_range r = frag_range(frag, IPV6_FRAG_MF, IPV6_FRAG_OFS);
    struct rte_flow_item_ipv6_frag_ext spec, last, mask;

    memset(&spec, 0, sizeof spec);
    memset(&last, 0, sizeof last);
    memset(&mask, 0, sizeof mask);
    spec.hdr.next_header = proto;
    mask.hdr.next_header = proto_mask;
    spec.hdr.frag_data = htons(r.spec);
    last.hdr.frag_data = htons(r.last);
    mask.hdr.frag_data = htons(r.mask);
    return dpu_match_add_item_range(m, RTE_FLOW_ITEM_TYPE_IPV6_FRAG_EXT, &spec,
                                    r.last ? &last : NULL, &mask, sizeof spec);
}

/* Takes ipv6_label, whose upper twelve bits are zero in every packet. */
static void
take_ipv6_label(struct dpu_match *m, rte_be32_t *spec, rte_be32_t *mask)
{
    *spec = m->key->ipv6_label & m->left.ipv6_label;
    *mask = m->left.ipv6_label & htonl(IPV6_LABEL_MASK);
    m->left.ipv6_label = *spec & ~*mask;
}

/* Whether the lengths that 'length' asks for, NULL for any, have 'n' among
 * them. */
static bool
has_length(const struct dpu_ip_length *length, uint16_t n)
{
    return (!length
            || (length->last
                ? n >= ntohs(length->spec) && n <= ntohs(length->last)
                : !((htons(n) ^ length->spec) & length->mask)));
}

/* Has the item match the length of a message of neighbor discovery from which
 * an option is to be absent.  Returns false if there is none to be matched. */
static bool
match_nd_size(const struct dpu_match *m, struct rte_flow_item_ipv6 *spec,
              struct rte_flow_item_ipv6 *last,
              struct rte_flow_item_ipv6 *mask)
{
    uint16_t size = dpu_match_nd_size(m);

    if (!size || !m->caps->ipv6_length || !has_length(m->length, size)) {
        return false;
    }
    spec->hdr.payload_len = htons(size);
    last->hdr.payload_len = 0;
    mask->hdr.payload_len = OVS_BE16_MAX;
    return true;
}

bool
dpu_match_ipv6(struct dpu_match *m)
{
    struct rte_flow_item_ipv6 spec, last, mask;
    uint8_t proto, proto_mask, tos, tos_mask;
    rte_be32_t label, label_mask;
    enum frag_match frag;

    if (!dpu_match_is_dl_type(m, ETH_TYPE_IPV6)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&last, 0, sizeof last);
    memset(&mask, 0, sizeof mask);

    TAKE_BYTES(m, ipv6_src, spec.hdr.src_addr, mask.hdr.src_addr);
    TAKE_BYTES(m, ipv6_dst, spec.hdr.dst_addr, mask.hdr.dst_addr);
    TAKE(m, nw_tos, tos, tos_mask);
    take_ipv6_label(m, &label, &label_mask);
    spec.hdr.vtc_flow = htonl((uint32_t) tos << 20) | label;
    mask.hdr.vtc_flow = htonl((uint32_t) tos_mask << 20) | label_mask;
    TAKE(m, nw_ttl, spec.hdr.hop_limits, mask.hdr.hop_limits);
    if (m->length) {
        spec.hdr.payload_len = m->length->spec;
        last.hdr.payload_len = m->length->last;
        mask.hdr.payload_len = m->length->mask;
    }
    if (!take_frag(m, &frag)) {
        return false;
    }

    TAKE(m, nw_proto, proto, proto_mask);
    if (frag == FRAG_LATER) {
        /* Nothing else is possible, so there is nothing to match. */
        if ((proto ^ IPPROTO_FRAGMENT) & proto_mask) {
            return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                                  "nw_proto=%"PRIu8" of a later fragment",
                                  proto);
        }
        proto_mask = 0;
    } else if (!check_ipv6_proto(m)) {
        return false;
    }

    if (proto_mask && frag == FRAG_ANY) {
        frag = FRAG_FIRST;      /* Later ones have another protocol. */
    } else if (proto_mask && frag == FRAG_ALL) {
        frag = FRAG_NO;         /* First ones are left to software. */
    }
    switch (frag) {
    case FRAG_NO:
        /* Software also calls a packet whole that has the header of a
         * fragment but is not one; the rule leaves those to it. */
        mask.has_frag_ext = 1;
        spec.hdr.proto = proto;
        mask.hdr.proto = proto_mask;
        m->sized = match_nd_size(m, &spec, &last, &mask);
        break;

    case FRAG_ALL:
    case FRAG_FIRST:
    case FRAG_LATER:
    case FRAG_ANY:
        break;

    case FRAG_NOT_LATER:
    case FRAG_IMPOSSIBLE:
    default:
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_MASK,
                              "ipv6.frag=%#"PRIx8"/%#"PRIx8,
                              m->key->nw_frag & m->mask->nw_frag,
                              m->mask->nw_frag);
    }

    bool frag_ext = (frag == FRAG_FIRST || frag == FRAG_LATER
                     || frag == FRAG_ANY);
    if ((frag_ext || !is_all_zeros(&mask, sizeof mask))
        && !dpu_match_add_item_range(m, RTE_FLOW_ITEM_TYPE_IPV6, &spec,
                                     last.hdr.payload_len ? &last : NULL,
                                     &mask, sizeof spec)) {
        return false;
    }
    return !frag_ext || match_ipv6_frag_ext(m, frag, proto, proto_mask);
}

bool
dpu_match_arp(struct dpu_match *m)
{
    struct rte_flow_item_arp_eth_ipv4 spec, mask;
    uint8_t op, op_mask;

    if (!dpu_match_is_dl_type(m, ETH_TYPE_ARP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, nw_src, spec.spa, mask.spa);
    TAKE(m, nw_dst, spec.tpa, mask.tpa);
    TAKE_BYTES(m, arp_sha, spec.sha, mask.sha);
    TAKE_BYTES(m, arp_tha, spec.tha, mask.tha);
    TAKE(m, nw_proto, op, op_mask);
    if (op_mask) {
        /* Software has the low byte of opcodes below 256.  It has the others
         * as 0, and the rule leaves those to it. */
        spec.op = htons(op);
        mask.op = htons(0xff00 | op_mask);
    }
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_ARP_ETH_IPV4, &spec, &mask,
                              sizeof spec);
}

/* Labels that the packet is to have: down to the last one with a bit in the
 * mask.  Software calls a label zero that is not there: where the megaflow
 * asks for zeros, the rule leaves packets without it to software. */
static int
count_labels(const struct dpu_match *m)
{
    int n = FLOW_MAX_MPLS_LABELS;

    while (n && !m->mask->mpls_lse[n - 1]) {
        n--;
    }
    return n;
}

bool
dpu_match_mpls(struct dpu_match *m)
{
    int n = count_labels(m);

    if (!dpu_match_is_dl_type(m, ETH_TYPE_MPLS)
        && !dpu_match_is_dl_type(m, ETH_TYPE_MPLS_MCAST)) {
        return true;
    }
    for (int i = 0; i < n; i++) {
        struct rte_flow_item_mpls spec, mask;
        ovs_be32 lse, lse_mask;

        TAKE(m, mpls_lse[i], lse, lse_mask);
        BUILD_ASSERT_DECL(sizeof spec == sizeof lse);
        memcpy(&spec, &lse, sizeof spec);
        memcpy(&mask, &lse_mask, sizeof mask);
        if (!dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_MPLS, &spec, &mask,
                                sizeof spec)) {
            return false;
        }
    }
    return true;
}
