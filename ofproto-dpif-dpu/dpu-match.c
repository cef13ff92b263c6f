/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match: a megaflow's match becomes the items of a rule.
 *
 * Each matcher of the table 'matchers' takes the bits of the mask that it
 * translates out of 'left'.  What is left after the last of them is a refusal
 * that names the field.
 *
 * A rule may match fewer packets than the megaflow, never more: the others are
 * forwarded by software, which has the same megaflow.  This is relied upon
 * where the two see packets differently, and each such place says so.
 *
 * Software's view of packets: miniflow_extract() in Open vSwitch's
 * lib/flow.c.  The items: DPDK guide, "Generic flow API", "Pattern item". */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-translate.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "flow.h"
#include "odp-util.h"
#include "ofproto-dpif-dpu/dpu-caps.h"
#include "ofproto-dpif-dpu/dpu-reason.h"
#include "ofproto-dpif-dpu/dpu-spec.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

/* fragment_offset of IPv4 (RFC 791) and frag_data of IPv6 (RFC 8200). */
#define IPV4_FRAG_MF  0x2000
#define IPV4_FRAG_OFS 0x1fff
#define IPV6_FRAG_MF  0x0001
#define IPV6_FRAG_OFS 0xfff8

struct dpu_match {
    const struct flow *key;     /* Bits outside the mask may be anything. */
    const struct flow *mask;    /* As the megaflow has it. */
    struct flow left;           /* Bits of '*mask' that nobody took yet. */
    const struct dpu_port_map *ports;
    const struct dpu_caps *caps;
    struct dpu_spec *spec;
    struct dpu_reason *reason;
};

/* Takes FIELD, a number: its value goes to SPEC, its mask to MASK, and no bit
 * of it is left. */
#define TAKE(M, FIELD, SPEC, MASK)                          \
    ((MASK) = (M)->left.FIELD,                              \
     (SPEC) = (M)->key->FIELD & (M)->left.FIELD,            \
     (M)->left.FIELD = 0)

/* The same for a FIELD that is bytes: an Ethernet or IPv6 address. */
#define TAKE_BYTES(M, FIELD, SPEC, MASK)                                \
    (BUILD_ASSERT(sizeof (SPEC) == sizeof (M)->left.FIELD),             \
     BUILD_ASSERT(sizeof (MASK) == sizeof (M)->left.FIELD),             \
     take_bytes(&(M)->key->FIELD, &(M)->left.FIELD, &(SPEC), &(MASK),   \
                sizeof (M)->left.FIELD))

static void
take_bytes(const void *key_, void *left_, void *spec_, void *mask_, size_t n)
{
    const uint8_t *key = key_;
    uint8_t *left = left_;
    uint8_t *spec = spec_;
    uint8_t *mask = mask_;

    for (size_t i = 0; i < n; i++) {
        mask[i] = left[i];
        spec[i] = key[i] & left[i];
        left[i] = 0;
    }
}

/* Takes FIELD if the value that the megaflow asks for is zero: for fields that
 * are zero in every packet that can meet the rule. */
#define TAKE_ZERO(M, FIELD)                                     \
    take_zero(&(M)->key->FIELD, &(M)->left.FIELD,               \
              sizeof (M)->left.FIELD)

static void
take_zero(const void *key_, void *left_, size_t n)
{
    const uint8_t *key = key_;
    uint8_t *left = left_;

    for (size_t i = 0; i < n; i++) {
        if (key[i] & left[i]) {
            return;
        }
    }
    memset(left, 0, n);
}

/* Appends an item, or the same without values if 'mask' is all zeros. */
static bool
add_item_range(struct dpu_match *m, enum rte_flow_item_type type,
               const void *spec, const void *last, const void *mask,
               size_t size)
{
    if (!dpu_caps_item(m->caps, type)) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_ITEM, "%s",
                              dpu_spec_item_name(type));
    }
    if (!size || is_all_zeros(mask, size)) {
        dpu_spec_add_item(m->spec, type, NULL, NULL, 0);
    } else {
        dpu_spec_add_item_range(m->spec, type, spec, last, mask, size);
    }
    return true;
}

static bool
add_item(struct dpu_match *m, enum rte_flow_item_type type,
         const void *spec, const void *mask, size_t size)
{
    return add_item_range(m, type, spec, NULL, mask, size);
}

/* What the megaflow says of the packet, if it does, exactly. */

static bool
is_dl_type(const struct dpu_match *m, uint16_t dl_type)
{
    return (m->mask->dl_type == OVS_BE16_MAX
            && m->key->dl_type == htons(dl_type));
}

static bool
is_later_frag(const struct dpu_match *m)
{
    return (m->mask->nw_frag & m->key->nw_frag & FLOW_NW_FRAG_LATER) != 0;
}

static bool
is_l4(const struct dpu_match *m, uint8_t proto)
{
    return ((is_dl_type(m, ETH_TYPE_IP) || is_dl_type(m, ETH_TYPE_IPV6))
            && m->mask->nw_proto == UINT8_MAX && m->key->nw_proto == proto
            && !is_later_frag(m));
}

/* The port where the packet enters, and what else is not in the packet. */
static bool
match_metadata(struct dpu_match *m)
{
    odp_port_t in_port = m->key->in_port.odp_port;
    char port[DPU_PORT_DESCRIPTION];
    const char *software;
    uint16_t ethdev;

    if (m->mask->recirc_id & m->key->recirc_id) {
        return dpu_reason_set(m->reason, DPU_REASON_RECIRC,
                              "recirc_id(%#"PRIx32")", m->key->recirc_id);
    }
    m->left.recirc_id = 0;

    if (m->mask->in_port.odp_port != ODPP_NONE
        || !m->ports->lookup(m->ports, in_port, &ethdev)) {
        return dpu_reason_set(m->reason, DPU_REASON_IN_PORT, "%s",
                              dpu_port_map_describe(m->ports, in_port, port));
    }
    software = (m->ports->software
                ? m->ports->software(m->ports, in_port, false) : NULL);
    if (software) {
        return dpu_reason_set(m->reason, DPU_REASON_ACTION_SOFTWARE,
                              "%s of %s", software,
                              dpu_port_map_describe(m->ports, in_port, port));
    }
    m->left.in_port.odp_port = 0;
    m->spec->port_ethdev = ethdev;

    /* Every packet from a port of a device is of Ethernet, and before the
     * first recirculation it has no other metadata. */
    TAKE_ZERO(m, packet_type);
    /* Nothing else of a tunnel is valid without a destination. */
    if (!flow_tnl_dst_is_set(&m->key->tunnel)) {
        memset(&m->left.tunnel, 0, sizeof m->left.tunnel);
    }
    TAKE_ZERO(m, skb_priority);
    TAKE_ZERO(m, pkt_mark);
    TAKE_ZERO(m, dp_hash);
    TAKE_ZERO(m, ct_state);
    TAKE_ZERO(m, ct_zone);
    TAKE_ZERO(m, ct_mark);
    TAKE_ZERO(m, ct_label);
    TAKE_ZERO(m, ct_nw_proto);
    TAKE_ZERO(m, ct_nw_src);
    TAKE_ZERO(m, ct_nw_dst);
    TAKE_ZERO(m, ct_ipv6_src);
    TAKE_ZERO(m, ct_ipv6_dst);
    TAKE_ZERO(m, ct_tp_src);
    TAKE_ZERO(m, ct_tp_dst);
    return true;
}

static bool
match_in_port(struct dpu_match *m)
{
    if (dpu_caps_item(m->caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT)) {
        struct rte_flow_item_ethdev spec = { .port_id = m->spec->port_ethdev };
        struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };

        return add_item(m, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                        &spec, &mask, sizeof spec);
    } else if (dpu_caps_item(m->caps, RTE_FLOW_ITEM_TYPE_PORT_ID)) {
        struct rte_flow_item_port_id spec = { .id = m->spec->port_ethdev };
        struct rte_flow_item_port_id mask = { .id = UINT32_MAX };

        return add_item(m, RTE_FLOW_ITEM_TYPE_PORT_ID,
                        &spec, &mask, sizeof spec);
    }
    m->spec->needs_port_ethdev = true;
    return true;
}

/* Tags of the packet that the megaflow was made for.  dpif-netdev always
 * matches the presence of the first tag; where the presence of one is not in
 * the mask, the rule takes the packets that look like that one and leaves the
 * others to software. */
static int
count_tags(const struct dpu_match *m)
{
    int n = 0;

    while (n < FLOW_MAX_VLAN_HEADERS
           && m->key->vlans[n].tci & htons(VLAN_CFI)) {
        n++;
    }
    return n;
}

/* Whether software's Ethernet type of a packet with 'n_tags' tags stands on
 * the wire right after them. */
static bool
check_dl_type(struct dpu_match *m, int n_tags)
{
    uint16_t dl_type = ntohs(m->key->dl_type);

    if (!m->mask->dl_type) {
        return true;
    }
    if (m->mask->dl_type != OVS_BE16_MAX) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_MASK,
                              "eth.type/%#"PRIx16, ntohs(m->mask->dl_type));
    }
    /* FLOW_DL_TYPE_NONE: a length follows, not a type. */
    if (dl_type < ETH_TYPE_MIN) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD,
                              "eth.type of 802.3 frames");
    }
    /* Software looks for 'flow_vlan_limit' tags.  If there is a TPID after
     * fewer, then the tag is cut off: no item matches that. */
    if (eth_type_vlan(m->key->dl_type) && n_tags < flow_vlan_limit) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD,
                              "eth.type of truncated VLAN tags");
    }
    return true;
}

/* Takes the mask of VLAN header 'i', which the packet has or has not. */
static bool
take_tag(struct dpu_match *m, int i, bool present,
         struct rte_flow_item_vlan *spec, struct rte_flow_item_vlan *mask,
         rte_be16_t *tpid, rte_be16_t *tpid_mask)
{
    if (!present) {
        TAKE_ZERO(m, vlans[i]);
        if (m->left.vlans[i].qtag) {
            return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                                  "vlan[%d] without its CFI bit", i);
        }
        return true;
    }
    TAKE(m, vlans[i].tpid, *tpid, *tpid_mask);
    TAKE(m, vlans[i].tci, spec->hdr.vlan_tci, mask->hdr.vlan_tci);
    /* Software's CFI bit says that there is a tag; it ignores the one on the
     * wire. */
    spec->hdr.vlan_tci &= htons(~VLAN_CFI);
    mask->hdr.vlan_tci &= htons(~VLAN_CFI);
    return true;
}

static bool
match_eth_vlan(struct dpu_match *m)
{
    struct rte_flow_item_vlan vlan[FLOW_MAX_VLAN_HEADERS];
    struct rte_flow_item_vlan vlan_mask[FLOW_MAX_VLAN_HEADERS];
    struct rte_flow_item_eth eth, eth_mask;
    int n_tags = count_tags(m);

    if (!check_dl_type(m, n_tags)) {
        return false;
    }
    memset(&eth, 0, sizeof eth);
    memset(&eth_mask, 0, sizeof eth_mask);
    memset(vlan, 0, sizeof vlan);
    memset(vlan_mask, 0, sizeof vlan_mask);

    TAKE_BYTES(m, dl_dst, eth.hdr.dst_addr, eth_mask.hdr.dst_addr);
    TAKE_BYTES(m, dl_src, eth.hdr.src_addr, eth_mask.hdr.src_addr);

    /* A TPID stands in the type field of the header before. */
    rte_be16_t *type = &eth.hdr.ether_type;
    rte_be16_t *type_mask = &eth_mask.hdr.ether_type;
    for (int i = 0; i < FLOW_MAX_VLAN_HEADERS; i++) {
        if (!take_tag(m, i, i < n_tags, &vlan[i], &vlan_mask[i],
                      type, type_mask)) {
            return false;
        }
        if (i < n_tags) {
            type = &vlan[i].inner_type;
            type_mask = &vlan_mask[i].inner_type;
        }
    }
    TAKE(m, dl_type, *type, *type_mask);
    if (!n_tags && !eth_mask.hdr.ether_type && m->mask->vlans[0].tci) {
        eth_mask.has_vlan = 1;
    }

    if (!add_item(m, RTE_FLOW_ITEM_TYPE_ETH, &eth, &eth_mask, sizeof eth)) {
        return false;
    }
    for (int i = 0; i < n_tags; i++) {
        if (!add_item(m, RTE_FLOW_ITEM_TYPE_VLAN,
                      &vlan[i], &vlan_mask[i], sizeof vlan[i])) {
            return false;
        }
    }
    return true;
}

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

static bool
match_ipv4(struct dpu_match *m)
{
    struct rte_flow_item_ipv4 spec, last, mask;
    enum frag_match frag;

    if (!is_dl_type(m, ETH_TYPE_IP)) {
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

    if (is_all_zeros(&mask, sizeof mask)) {
        return true;            /* The Ethernet type says it all. */
    }
    return add_item_range(m, RTE_FLOW_ITEM_TYPE_IPV4, &spec,
                          r.last ? &last : NULL, &mask, sizeof spec);
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
    return add_item_range(m, RTE_FLOW_ITEM_TYPE_IPV6_FRAG_EXT, &spec,
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

static bool
match_ipv6(struct dpu_match *m)
{
    struct rte_flow_item_ipv6 spec, mask;
    uint8_t proto, proto_mask, tos, tos_mask;
    rte_be32_t label, label_mask;
    enum frag_match frag;

    if (!is_dl_type(m, ETH_TYPE_IPV6)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);

    TAKE_BYTES(m, ipv6_src, spec.hdr.src_addr, mask.hdr.src_addr);
    TAKE_BYTES(m, ipv6_dst, spec.hdr.dst_addr, mask.hdr.dst_addr);
    TAKE(m, nw_tos, tos, tos_mask);
    take_ipv6_label(m, &label, &label_mask);
    spec.hdr.vtc_flow = htonl((uint32_t) tos << 20) | label;
    mask.hdr.vtc_flow = htonl((uint32_t) tos_mask << 20) | label_mask;
    TAKE(m, nw_ttl, spec.hdr.hop_limits, mask.hdr.hop_limits);
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
        && !add_item(m, RTE_FLOW_ITEM_TYPE_IPV6, &spec, &mask, sizeof spec)) {
        return false;
    }
    return !frag_ext || match_ipv6_frag_ext(m, frag, proto, proto_mask);
}

static bool
match_arp(struct dpu_match *m)
{
    struct rte_flow_item_arp_eth_ipv4 spec, mask;
    uint8_t op, op_mask;

    if (!is_dl_type(m, ETH_TYPE_ARP)) {
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
    return add_item(m, RTE_FLOW_ITEM_TYPE_ARP_ETH_IPV4,
                    &spec, &mask, sizeof spec);
}

/* Later fragments have no ports for software: zero. */
static bool
match_later_frag(struct dpu_match *m)
{
    if (is_later_frag(m)) {
        TAKE_ZERO(m, tp_src);
        TAKE_ZERO(m, tp_dst);
        TAKE_ZERO(m, tcp_flags);
    }
    return true;
}

static bool
match_tcp(struct dpu_match *m)
{
    struct rte_flow_item_tcp spec, mask;
    ovs_be16 flags, flags_mask;

    if (!is_l4(m, IPPROTO_TCP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, tp_src, spec.hdr.src_port, mask.hdr.src_port);
    TAKE(m, tp_dst, spec.hdr.dst_port, mask.hdr.dst_port);
    TAKE(m, tcp_flags, flags, flags_mask);
    /* Twelve bits: the upper four of them are in the byte of the data offset,
     * and the four above them are zero for software (RFC 9293, 3.1). */
    if (ntohs(flags) & 0xf000) {
        return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                              "tcp_flags=%#"PRIx16, ntohs(flags));
    }
    spec.hdr.data_off = ntohs(flags) >> 8;
    mask.hdr.data_off = ntohs(flags_mask) >> 8 & 0x0f;
    spec.hdr.tcp_flags = ntohs(flags);
    mask.hdr.tcp_flags = ntohs(flags_mask);
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;            /* The IP protocol says it all. */
    }
    return add_item(m, RTE_FLOW_ITEM_TYPE_TCP, &spec, &mask, sizeof spec);
}

static bool
match_udp(struct dpu_match *m)
{
    struct rte_flow_item_udp spec, mask;

    if (!is_l4(m, IPPROTO_UDP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, tp_src, spec.hdr.src_port, mask.hdr.src_port);
    TAKE(m, tp_dst, spec.hdr.dst_port, mask.hdr.dst_port);
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return add_item(m, RTE_FLOW_ITEM_TYPE_UDP, &spec, &mask, sizeof spec);
}

static bool
match_sctp(struct dpu_match *m)
{
    struct rte_flow_item_sctp spec, mask;

    if (!is_l4(m, IPPROTO_SCTP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, tp_src, spec.hdr.src_port, mask.hdr.src_port);
    TAKE(m, tp_dst, spec.hdr.dst_port, mask.hdr.dst_port);
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return add_item(m, RTE_FLOW_ITEM_TYPE_SCTP, &spec, &mask, sizeof spec);
}

/* Takes the type and code of ICMP or ICMPv6, which software has in the ports,
 * whose upper bytes are then zero in every packet. */
static bool
take_icmp(struct dpu_match *m, uint8_t *type, uint8_t *type_mask,
          uint8_t *code, uint8_t *code_mask)
{
    ovs_be16 src, src_mask, dst, dst_mask;

    TAKE(m, tp_src, src, src_mask);
    TAKE(m, tp_dst, dst, dst_mask);
    if ((src | dst) & htons(0xff00)) {
        return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                              "icmp_type=%"PRIu16",icmp_code=%"PRIu16,
                              ntohs(src), ntohs(dst));
    }
    *type = ntohs(src);
    *type_mask = ntohs(src_mask);
    *code = ntohs(dst);
    *code_mask = ntohs(dst_mask);
    return true;
}

static bool
match_icmp(struct dpu_match *m)
{
    struct rte_flow_item_icmp spec, mask;

    if (!is_l4(m, IPPROTO_ICMP) || !is_dl_type(m, ETH_TYPE_IP)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    if (!take_icmp(m, &spec.hdr.icmp_type, &mask.hdr.icmp_type,
                   &spec.hdr.icmp_code, &mask.hdr.icmp_code)) {
        return false;
    }
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return add_item(m, RTE_FLOW_ITEM_TYPE_ICMP, &spec, &mask, sizeof spec);
}

/* Whether any field of neighbor discovery (RFC 4861) is left. */
static bool
has_nd(const struct dpu_match *m)
{
    return (!is_all_zeros(&m->left.nd_target, sizeof m->left.nd_target)
            || !eth_addr_is_zero(m->left.arp_sha)
            || !eth_addr_is_zero(m->left.arp_tha)
            || m->left.igmp_group_ip4);
}

/* A link-layer address option that is matched.  Software has an absent one as
 * zero, which no item says: if the value is zero, the field is left. */
static bool
match_nd_option(struct dpu_match *m, enum rte_flow_item_type type,
                const struct eth_addr *key, struct eth_addr *left)
{
    struct rte_flow_item_icmp6_nd_opt_sla_eth spec, mask;

    BUILD_ASSERT_DECL(sizeof spec
                      == sizeof(struct rte_flow_item_icmp6_nd_opt_tla_eth));
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    for (int i = 0; i < ETH_ADDR_LEN; i++) {
        spec.sla.addr_bytes[i] = key->ea[i] & left->ea[i];
        mask.sla.addr_bytes[i] = left->ea[i];
    }
    if (is_all_zeros(&spec, sizeof spec)) {
        return true;
    }
    *left = eth_addr_zero;
    return add_item(m, type, &spec, &mask, sizeof spec);
}

static bool
match_nd(struct dpu_match *m, uint8_t type)
{
    struct rte_flow_item_icmp6_nd_ns spec, mask;

    BUILD_ASSERT_DECL(sizeof spec == sizeof(struct rte_flow_item_icmp6_nd_na));
    /* The item's name says the type and the code. */
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, igmp_group_ip4, spec.reserved, mask.reserved);
    TAKE_BYTES(m, nd_target, spec.target_addr, mask.target_addr);
    return (add_item(m, (type == ND_NEIGHBOR_SOLICIT
                         ? RTE_FLOW_ITEM_TYPE_ICMP6_ND_NS
                         : RTE_FLOW_ITEM_TYPE_ICMP6_ND_NA),
                     &spec, &mask, sizeof spec)
            && match_nd_option(m, RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_SLA_ETH,
                               &m->key->arp_sha, &m->left.arp_sha)
            && match_nd_option(m, RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_TLA_ETH,
                               &m->key->arp_tha, &m->left.arp_tha));
}

static bool
match_icmp6(struct dpu_match *m)
{
    struct rte_flow_item_icmp6 spec, mask;

    if (!is_l4(m, IPPROTO_ICMPV6) || !is_dl_type(m, ETH_TYPE_IPV6)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    if (!take_icmp(m, &spec.type, &mask.type, &spec.code, &mask.code)) {
        return false;
    }
    if (has_nd(m) && mask.type == UINT8_MAX && mask.code == UINT8_MAX
        && !spec.code
        && (spec.type == ND_NEIGHBOR_SOLICIT
            || spec.type == ND_NEIGHBOR_ADVERT)) {
        return match_nd(m, spec.type);
    }
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return add_item(m, RTE_FLOW_ITEM_TYPE_ICMP6, &spec, &mask, sizeof spec);
}

/* In the order of the items that they make: from the lowest layer up. */
static const struct {
    bool (*compile)(struct dpu_match *);
} matchers[] = {
    { match_metadata },
    { match_in_port },
    { match_eth_vlan },
    { match_ipv4 },
    { match_ipv6 },
    { match_arp },
    { match_later_frag },
    { match_tcp },
    { match_udp },
    { match_sctp },
    { match_icmp },
    { match_icmp6 },
};

/* The name of every member of struct flow, for what is left of the mask. */
static const struct {
    const char *name;
    const char *name_ipv6;      /* If it means something else there. */
    uint16_t ofs, size;         /* In bytes. */
} flow_fields[] = {
#define NAMED(NAME, NAME_IPV6, MEMBER)                  \
    { NAME, NAME_IPV6, offsetof(struct flow, MEMBER),   \
      MEMBER_SIZEOF(struct flow, MEMBER) }
#define FIELD(MEMBER) NAMED(#MEMBER, NULL, MEMBER)
    FIELD(tunnel.ip_dst),
    FIELD(tunnel.ipv6_dst),
    FIELD(tunnel.ip_src),
    FIELD(tunnel.ipv6_src),
    FIELD(tunnel.tun_id),
    FIELD(tunnel.flags),
    FIELD(tunnel),
    FIELD(metadata),
    FIELD(regs),
    FIELD(skb_priority),
    FIELD(pkt_mark),
    FIELD(dp_hash),
    FIELD(in_port),
    FIELD(recirc_id),
    FIELD(ct_state),
    FIELD(ct_nw_proto),
    FIELD(ct_zone),
    FIELD(ct_mark),
    FIELD(packet_type),
    FIELD(ct_label),
    FIELD(conj_id),
    FIELD(actset_output),
    NAMED("eth.dst", NULL, dl_dst),
    NAMED("eth.src", NULL, dl_src),
    NAMED("eth.type", NULL, dl_type),
    FIELD(pad1),
    NAMED("vlan[0]", NULL, vlans[0]),
    NAMED("vlan[1]", NULL, vlans[1]),
    FIELD(mpls_lse),
    FIELD(nw_src),
    FIELD(nw_dst),
    FIELD(ct_nw_src),
    FIELD(ct_nw_dst),
    FIELD(ipv6_src),
    FIELD(ipv6_dst),
    FIELD(ct_ipv6_src),
    FIELD(ct_ipv6_dst),
    FIELD(ipv6_label),
    FIELD(nw_frag),
    FIELD(nw_tos),
    FIELD(nw_ttl),
    FIELD(nw_proto),
    FIELD(nd_target),
    NAMED("arp_sha", "nd_sll", arp_sha),
    NAMED("arp_tha", "nd_tll", arp_tha),
    NAMED("tcp_flags", "nd_options_type", tcp_flags),
    FIELD(pad2),
    FIELD(nsh),
    FIELD(tp_src),
    FIELD(tp_dst),
    FIELD(ct_tp_src),
    FIELD(ct_tp_dst),
    NAMED("igmp_group_ip4", "nd_reserved", igmp_group_ip4),
    FIELD(pad3),
#undef FIELD
#undef NAMED
};

static bool
is_nothing_left(const struct dpu_match *m)
{
    const uint64_t *left = (const uint64_t *) &m->left;
    uint64_t any = 0;

    for (size_t i = 0; i < FLOW_U64S; i++) {
        any |= left[i];
    }
    return !any;
}

/* Refuses the first field that is left, if any. */
static bool
check_left(const struct dpu_match *m)
{
    if (is_nothing_left(m)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(flow_fields); i++) {
        const uint8_t *p = (const uint8_t *) &m->left + flow_fields[i].ofs;

        if (!is_all_zeros(p, flow_fields[i].size)) {
            bool ipv6 = (flow_fields[i].name_ipv6
                         && is_dl_type(m, ETH_TYPE_IPV6));

            return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD, "%s",
                                  ipv6 ? flow_fields[i].name_ipv6
                                       : flow_fields[i].name);
        }
    }
    return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD, "padding");
}

bool
dpu_match_compile(const struct dpu_megaflow *flow,
                  const struct dpu_port_map *ports,
                  const struct dpu_caps *caps, struct dpu_spec *spec,
                  struct dpu_reason *reason)
{
    struct dpu_match m = {
        .key = &flow->match->flow,
        .mask = &flow->match->wc.masks,
        .left = flow->match->wc.masks,
        .ports = ports,
        .caps = caps,
        .spec = spec,
        .reason = reason,
    };

    for (size_t i = 0; i < ARRAY_SIZE(matchers); i++) {
        if (!matchers[i].compile(&m)) {
            return false;
        }
    }
    return check_left(&m);
}
