/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-item: what a device matches: headers, registers, the flags of
 * VXLAN and the lengths of packets. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "packets.h"
#include "util.h"

/* Values that only have to be plausible. */
static const struct rte_flow_item_tag tag = { .data = 1 };
static const struct rte_flow_item_tag tag_all = {
    .data = UINT32_MAX, .index = UINT8_MAX,
};
static const struct rte_flow_item_eth eth_all = {
    .hdr.dst_addr.addr_bytes = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};
static const struct rte_flow_item_eth eth = {
    .hdr.dst_addr.addr_bytes = { 0x02, 0, 0, 0, 0, 1 },
};
static const struct rte_flow_item_vlan vlan = {
    .hdr.vlan_tci = RTE_BE16(1),
};
static const struct rte_flow_item_vlan vlan_all = {
    .hdr.vlan_tci = RTE_BE16(0x0fff),
};
static const struct rte_flow_item_ipv4 ipv4 = {
    .hdr.dst_addr = RTE_BE32(0xc0000201),
};
static const struct rte_flow_item_ipv4 ipv4_all = {
    .hdr.dst_addr = RTE_BE32(0xffffffff),
};
static const struct rte_flow_item_ipv6 ipv6 = {
    .hdr.dst_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
};
static const struct rte_flow_item_ipv6 ipv6_all = {
    .hdr.dst_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};
static const struct rte_flow_item_ipv6_frag_ext frag = {
    .hdr.frag_data = RTE_BE16(0x0001),
};
static const struct rte_flow_item_ipv6_frag_ext frag_all = {
    .hdr.frag_data = RTE_BE16(0xfff9),
};
static const struct rte_flow_item_arp_eth_ipv4 arp = {
    .tpa = RTE_BE32(0xc0000201),
};
static const struct rte_flow_item_arp_eth_ipv4 arp_all = {
    .tpa = RTE_BE32(0xffffffff),
};
static const struct rte_flow_item_tcp tcp = { .hdr.dst_port = RTE_BE16(80) };
static const struct rte_flow_item_tcp tcp_all = {
    .hdr.dst_port = RTE_BE16(0xffff),
};
static const struct rte_flow_item_udp udp = { .hdr.dst_port = RTE_BE16(53) };
static const struct rte_flow_item_udp udp_all = {
    .hdr.dst_port = RTE_BE16(0xffff),
};
static const struct rte_flow_item_sctp sctp = {
    .hdr.dst_port = RTE_BE16(2905),
};
static const struct rte_flow_item_sctp sctp_all = {
    .hdr.dst_port = RTE_BE16(0xffff),
};
static const struct rte_flow_item_icmp icmp = { .hdr.icmp_type = 8 };
static const struct rte_flow_item_icmp icmp_all = {
    .hdr.icmp_type = UINT8_MAX,
};
static const struct rte_flow_item_icmp6 icmp6 = { .type = 128 };
static const struct rte_flow_item_icmp6 icmp6_all = { .type = UINT8_MAX };
static const uint8_t raw_bytes[] = { 0, 1 };
static const uint8_t raw_bytes_all[] = { 0xff, 0xff };
static const struct rte_flow_item_raw raw = {
    .relative = 1, .length = sizeof raw_bytes, .pattern = raw_bytes,
};
static const struct rte_flow_item_raw raw_all = {
    .relative = 1, .search = 1, .reserved = 0x3fffffff, .offset = -1,
    .limit = UINT16_MAX, .length = UINT16_MAX, .pattern = raw_bytes_all,
};
static const struct rte_flow_item_icmp6_nd_ns nd_ns = {
    .type = ND_NEIGHBOR_SOLICIT, .target_addr = { 0xfe, 0x80, [15] = 1 },
};
static const struct rte_flow_item_icmp6_nd_na nd_na = {
    .type = ND_NEIGHBOR_ADVERT, .target_addr = { 0xfe, 0x80, [15] = 1 },
};
static const struct rte_flow_item_icmp6_nd_ns nd_all = {
    .target_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};
static const struct rte_flow_item_icmp6_nd_opt_sla_eth nd_lla = {
    .sla.addr_bytes = { 0x02, 0, 0, 0, 0, 1 },
};
static const struct rte_flow_item_icmp6_nd_opt_sla_eth nd_lla_all = {
    .sla.addr_bytes = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};
static const struct rte_flow_item_vxlan vxlan = { .vni = { 0, 0, 1 } };
static const struct rte_flow_item_vxlan vxlan_all = {
    .vni = { 0xff, 0xff, 0xff },
};
static const struct rte_flow_item_geneve geneve = {
    .protocol = RTE_BE16(ETH_TYPE_TEB), .vni = { 0, 0, 1 },
};
static const struct rte_flow_item_geneve geneve_all = {
    .protocol = RTE_BE16(0xffff), .vni = { 0xff, 0xff, 0xff },
};
static uint32_t geneve_data[] = { RTE_BE32(1) };
static uint32_t geneve_data_all[] = { RTE_BE32(0xffffffff) };
static const struct rte_flow_item_geneve_opt geneve_opt = {
    .option_class = RTE_BE16(0x0102), .option_type = 0x80, .option_len = 1,
    .data = geneve_data,
};
static const struct rte_flow_item_geneve_opt geneve_opt_all = {
    .option_class = RTE_BE16(0xffff), .option_type = 0xff, .option_len = 0x1f,
    .data = geneve_data_all,
};
static const struct rte_flow_item_gre gre = {
    .protocol = RTE_BE16(ETH_TYPE_TEB),
};
static const struct rte_flow_item_gre gre_all = {
    .protocol = RTE_BE16(0xffff),
};
static const rte_be32_t gre_key = RTE_BE32(1);
static const rte_be32_t gre_key_all = RTE_BE32(0xffffffff);
static const struct rte_flow_item_mpls mpls = {
    .label_tc_s = { 0, 1, 0x01 },
};
static const struct rte_flow_item_mpls mpls_all = {
    .label_tc_s = { 0xff, 0xff, 0xf1 },
};

/* Each header item, with the one that it stands upon. */
static const struct item_probe {
    enum rte_flow_item_type type;
    enum rte_flow_item_type below;      /* END: none. */
    const void *spec, *mask;
    size_t size;
} item_probes[] = {
#define PROBE(TYPE, BELOW, SPEC, MASK)                              \
    { RTE_FLOW_ITEM_TYPE_##TYPE, RTE_FLOW_ITEM_TYPE_##BELOW, &SPEC, \
      &MASK, sizeof SPEC }
    PROBE(TAG, END, tag, tag_all),
    PROBE(ETH, END, eth, eth_all),
    PROBE(VLAN, ETH, vlan, vlan_all),
    PROBE(MPLS, ETH, mpls, mpls_all),
    PROBE(IPV4, ETH, ipv4, ipv4_all),
    PROBE(IPV6, ETH, ipv6, ipv6_all),
    PROBE(ARP_ETH_IPV4, ETH, arp, arp_all),
    PROBE(IPV6_FRAG_EXT, IPV6, frag, frag_all),
    PROBE(TCP, IPV4, tcp, tcp_all),
    PROBE(UDP, IPV4, udp, udp_all),
    PROBE(SCTP, IPV4, sctp, sctp_all),
    PROBE(ICMP, IPV4, icmp, icmp_all),
    PROBE(ICMP6, IPV6, icmp6, icmp6_all),
    PROBE(RAW, ICMP6, raw, raw_all),
    PROBE(ICMP6_ND_NS, IPV6, nd_ns, nd_all),
    PROBE(ICMP6_ND_NA, IPV6, nd_na, nd_all),
    PROBE(ICMP6_ND_OPT_SLA_ETH, ICMP6_ND_NS, nd_lla, nd_lla_all),
    PROBE(ICMP6_ND_OPT_TLA_ETH, ICMP6_ND_NA, nd_lla, nd_lla_all),
    PROBE(VXLAN, UDP, vxlan, vxlan_all),
    PROBE(GENEVE, UDP, geneve, geneve_all),
    PROBE(GENEVE_OPT, GENEVE, geneve_opt, geneve_opt_all),
    PROBE(GRE, IPV4, gre, gre_all),
    PROBE(GRE_KEY, GRE, gre_key, gre_key_all),
#undef PROBE
};

/* Appends the header items up to 'type', the last of them without values if
 * 'bare'. */
void
dpu_caps_add_item(struct dpu_spec *spec, enum rte_flow_item_type type,
                  bool bare)
{
    for (size_t i = 0; i < ARRAY_SIZE(item_probes); i++) {
        const struct item_probe *ip = &item_probes[i];

        if (ip->type == type) {
            dpu_caps_add_item(spec, ip->below, true);
            dpu_spec_add_item(spec, type, bare ? NULL : ip->spec,
                              bare ? NULL : ip->mask, ip->size);
        }
    }
}

static bool
ask_item(const struct dpu_caps_prober *p, enum rte_flow_item_type type,
         bool bare)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, type, bare);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* Whether the fields of VXLAN that 'mask' has are matched, or taken for
 * granted. */
static bool
ask_vxlan(const struct dpu_caps_prober *p,
          const struct rte_flow_item_vxlan mask)
{
    const struct rte_flow_item_vxlan item = { .flags = 0x08 & mask.flags };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_UDP, true);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_VXLAN, &item, &mask,
                      sizeof item);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static void
probe_vxlan(const struct dpu_caps_prober *p)
{
    const struct rte_flow_item_vxlan flags = { .flags = UINT8_MAX };
    const struct rte_flow_item_vxlan reserved = {
        .flags = UINT8_MAX,
        .rsvd0 = { UINT8_MAX, UINT8_MAX, UINT8_MAX },
        .rsvd1 = UINT8_MAX,
    };

    if (dpu_caps_item(p->caps, RTE_FLOW_ITEM_TYPE_VXLAN)) {
        p->caps->vxlan_flags = ask_vxlan(p, flags);
        p->caps->vxlan_reserved = ask_vxlan(p, reserved);
    }
}

/* Whether lengths of IPv4 or IPv6 packets are matched: all that have their
 * first byte in common, or, if 'range', those from one to another. */
static bool
ask_length(const struct dpu_caps_prober *p, bool is_ipv6, bool range)
{
    const rte_be16_t first = htons(0x0500), last = htons(range ? 0x0576 : 0);
    const rte_be16_t length_mask = htons(range ? 0xffff : 0xff00);
    const struct rte_flow_item_ipv4 ip4[] = {
        { .hdr.total_length = first }, { .hdr.total_length = last },
        { .hdr.total_length = length_mask },
    };
    const struct rte_flow_item_ipv6 ip6[] = {
        { .hdr.payload_len = first }, { .hdr.payload_len = last },
        { .hdr.payload_len = length_mask },
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    if (is_ipv6) {
        dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV6, &ip6[0],
                                range ? &ip6[1] : NULL, &ip6[2], sizeof *ip6);
    } else {
        dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4, &ip4[0],
                                range ? &ip4[1] : NULL, &ip4[2], sizeof *ip4);
    }
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static void
probe_lengths(const struct dpu_caps_prober *p)
{
    if (dpu_caps_item(p->caps, RTE_FLOW_ITEM_TYPE_IPV4)) {
        p->caps->ipv4_length = ask_length(p, false, false);
        p->caps->ipv4_length_range = ask_length(p, false, true);
    }
    if (dpu_caps_item(p->caps, RTE_FLOW_ITEM_TYPE_IPV6)) {
        p->caps->ipv6_length = ask_length(p, true, false);
        p->caps->ipv6_length_range = ask_length(p, true, true);
    }
}

/* Whether the device looks at the checksum of IPv4 headers or, unless 'l4' is
 * END, at that of 'l4'. */
static bool
ask_integrity(const struct dpu_caps_prober *p, enum rte_flow_item_type l4)
{
    const struct rte_flow_item_integrity item = {
        .ipv4_csum_ok = l4 == RTE_FLOW_ITEM_TYPE_END,
        .l4_csum_ok = l4 != RTE_FLOW_ITEM_TYPE_END,
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_INTEGRITY, &item, &item,
                      sizeof item);
    dpu_caps_add_item(&spec, (l4 == RTE_FLOW_ITEM_TYPE_END
                              ? RTE_FLOW_ITEM_TYPE_IPV4 : l4), false);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static void
probe_integrity(const struct dpu_caps_prober *p)
{
    struct dpu_caps *caps = p->caps;

    caps->ip_checksum = ask_integrity(p, RTE_FLOW_ITEM_TYPE_END);
    caps->tcp_checksum = ask_integrity(p, RTE_FLOW_ITEM_TYPE_TCP);
    caps->udp_checksum = ask_integrity(p, RTE_FLOW_ITEM_TYPE_UDP);
    caps->icmp_checksum = ask_integrity(p, RTE_FLOW_ITEM_TYPE_ICMP);
    caps->icmp6_checksum = ask_integrity(p, RTE_FLOW_ITEM_TYPE_ICMP6);
    if (caps->ip_checksum || caps->tcp_checksum || caps->udp_checksum
        || caps->icmp_checksum || caps->icmp6_checksum) {
        dpu_caps_set_bit(caps->items, RTE_FLOW_ITEM_TYPE_INTEGRITY);
    }
}

void
dpu_caps_probe_items(const struct dpu_caps_prober *p)
{
    if (p->in_port != RTE_FLOW_ITEM_TYPE_END) {
        dpu_caps_set_bit(p->caps->items, p->in_port);
    }
    for (size_t i = 0; i < ARRAY_SIZE(item_probes); i++) {
        enum rte_flow_item_type type = item_probes[i].type;

        /* RAW is nothing without bytes. */
        if (ask_item(p, type, false)
            || (type != RTE_FLOW_ITEM_TYPE_RAW && ask_item(p, type, true))) {
            dpu_caps_set_bit(p->caps->items, type);
        }
    }
    probe_vxlan(p);
    probe_lengths(p);
    probe_integrity(p);
}
