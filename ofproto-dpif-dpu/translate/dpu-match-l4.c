/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-l4: matchers for TCP, UDP, SCTP, ICMP, ICMPv6 and neighbor
 * discovery. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match-private.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#include "flow.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "packets.h"

/* Later fragments have no ports for software: zero. */
bool
dpu_match_later_frag(struct dpu_match *m)
{
    if (dpu_match_is_later_frag(m)) {
        TAKE_ZERO(m, tp_src);
        TAKE_ZERO(m, tp_dst);
        TAKE_ZERO(m, tcp_flags);
    }
    return true;
}

bool
dpu_match_tcp(struct dpu_match *m)
{
    struct rte_flow_item_tcp spec, mask;
    ovs_be16 flags, flags_mask;

    if (!dpu_match_is_l4(m, IPPROTO_TCP)) {
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
    return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_TCP, &spec, &mask,
                              sizeof spec);
}

/* Matches the ports of 'proto', whose item is of 'type': 'size' bytes that
 * begin as that of UDP does. */
static bool
match_ports(struct dpu_match *m, uint8_t proto, enum rte_flow_item_type type,
            size_t size)
{
    union {
        struct rte_flow_item_udp udp;
        struct rte_flow_item_sctp sctp;
    } spec, mask;

    BUILD_ASSERT(offsetof(struct rte_flow_item_udp, hdr.src_port)
                 == offsetof(struct rte_flow_item_sctp, hdr.src_port));
    BUILD_ASSERT(offsetof(struct rte_flow_item_udp, hdr.dst_port)
                 == offsetof(struct rte_flow_item_sctp, hdr.dst_port));

    if (!dpu_match_is_l4(m, proto)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, tp_src, spec.udp.hdr.src_port, mask.udp.hdr.src_port);
    TAKE(m, tp_dst, spec.udp.hdr.dst_port, mask.udp.hdr.dst_port);
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return dpu_match_add_item(m, type, &spec, &mask, size);
}

bool
dpu_match_udp(struct dpu_match *m)
{
    return match_ports(m, IPPROTO_UDP, RTE_FLOW_ITEM_TYPE_UDP,
                       sizeof(struct rte_flow_item_udp));
}

bool
dpu_match_sctp(struct dpu_match *m)
{
    return match_ports(m, IPPROTO_SCTP, RTE_FLOW_ITEM_TYPE_SCTP,
                       sizeof(struct rte_flow_item_sctp));
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

bool
dpu_match_icmp(struct dpu_match *m)
{
    struct rte_flow_item_icmp spec, mask;

    if (!dpu_match_is_l4(m, IPPROTO_ICMP)
        || !dpu_match_is_dl_type(m, ETH_TYPE_IP)) {
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
    return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_ICMP, &spec, &mask,
                              sizeof spec);
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

/* Takes the fields of neighbor discovery in packets that are something else,
 * where they are zero, as software has them there.  OVN matches them in router
 * solicitations.  Those that must be anything else are left. */
static void
take_no_nd(struct dpu_match *m)
{
    const struct in6_addr target = ipv6_addr_bitand(&m->key->nd_target,
                                                    &m->left.nd_target);

    if (!ipv6_addr_is_set(&target)) {
        m->left.nd_target = in6addr_any;
    }
    if (!(m->key->igmp_group_ip4 & m->left.igmp_group_ip4)) {
        m->left.igmp_group_ip4 = 0;
    }
    for (int i = 0; i < ETH_ADDR_LEN; i++) {
        if (!(m->key->arp_sha.ea[i] & m->left.arp_sha.ea[i])) {
            m->left.arp_sha.ea[i] = 0;
        }
        if (!(m->key->arp_tha.ea[i] & m->left.arp_tha.ea[i])) {
            m->left.arp_tha.ea[i] = 0;
        }
    }
}

/* Of RFC 4861: a solicitation or an advertisement, and each option with an
 * Ethernet address, in bytes. */
#define ND_SIZE     24
#define ND_OPT_SIZE 8

/* Whether the megaflow matches an option with 'key' under 'mask' that has to
 * be there. */
static bool
wants_nd_option(const struct eth_addr *key, const struct eth_addr *mask)
{
    return ((key->be16[0] & mask->be16[0]) | (key->be16[1] & mask->be16[1])
            | (key->be16[2] & mask->be16[2]));
}

uint16_t
dpu_match_nd_size(const struct dpu_match *m)
{
    bool sll = wants_nd_option(&m->key->arp_sha, &m->mask->arp_sha);
    bool tll = wants_nd_option(&m->key->arp_tha, &m->mask->arp_tha);
    uint16_t type = ntohs(m->key->tp_src & m->mask->tp_src);

    if (!dpu_match_is_l4(m, IPPROTO_ICMPV6)
        || (type != ND_NEIGHBOR_SOLICIT && type != ND_NEIGHBOR_ADVERT)
        || ((sll || eth_addr_is_zero(m->mask->arp_sha))
            && (tll || eth_addr_is_zero(m->mask->arp_tha)))) {
        return 0;
    }
    return ND_SIZE + ND_OPT_SIZE * (sll + tll);
}

/* A link-layer address option that is matched.  Software has an absent one as
 * zero, which no item says: if the value is zero, the field is left, unless
 * the packet has no room for the option. */
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
        if (m->sized) {
            *left = eth_addr_zero;
        }
        return true;
    }
    *left = eth_addr_zero;
    return dpu_match_add_item(m, type, &spec, &mask, sizeof spec);
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
    return (dpu_match_add_item(m, (type == ND_NEIGHBOR_SOLICIT
                                   ? RTE_FLOW_ITEM_TYPE_ICMP6_ND_NS
                                   : RTE_FLOW_ITEM_TYPE_ICMP6_ND_NA),
                               &spec, &mask, sizeof spec)
            && match_nd_option(m, RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_SLA_ETH,
                               &m->key->arp_sha, &m->left.arp_sha)
            && match_nd_option(m, RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_TLA_ETH,
                               &m->key->arp_tha, &m->left.arp_tha));
}

bool
dpu_match_icmp6(struct dpu_match *m)
{
    struct rte_flow_item_icmp6 spec, mask;

    if (!dpu_match_is_l4(m, IPPROTO_ICMPV6)
        || !dpu_match_is_dl_type(m, ETH_TYPE_IPV6)) {
        return true;
    }
    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    if (!take_icmp(m, &spec.type, &mask.type, &spec.code, &mask.code)) {
        return false;
    }
    if (has_nd(m) && mask.type == UINT8_MAX) {
        if (spec.type != ND_NEIGHBOR_SOLICIT
            && spec.type != ND_NEIGHBOR_ADVERT) {
            take_no_nd(m);
        } else if (mask.code == UINT8_MAX && !spec.code) {
            return match_nd(m, spec.type);
        }
    }
    if (is_all_zeros(&mask, sizeof mask)) {
        return true;
    }
    return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_ICMP6, &spec, &mask,
                              sizeof spec);
}
