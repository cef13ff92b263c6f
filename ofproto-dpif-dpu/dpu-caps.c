/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps: see dpu-caps.h.
 *
 * Each question is one rule, as small as the guide lets it be, that
 * rte_flow_validate() takes or refuses.  First comes the question how rules
 * look at all on this device: with or without the transfer attribute, which
 * item says where packets enter, which action ends a list.  All others build
 * on the answer. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-caps.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <rte_ethdev.h>
#include <string.h>

#include <rte_mtr.h>

#include "ofproto-dpif-dpu/dpu-chain.h"
#include "ofproto-dpif-dpu/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/dpu-miss.h"
#include "ofproto-dpif-dpu/dpu-spec.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_caps);

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
static const struct rte_flow_item_udp udp_vxlan = {
    .hdr.dst_port = RTE_BE16(4789),
};
static const struct rte_flow_item_vxlan vxlan_1 = {
    .hdr.vx_vni = RTE_BE32(1 << 8),
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

static const struct rte_flow_action_mark mark = {
    .id = DPU_MISS_MAX,
};
static const struct rte_flow_action_set_tag set_tag = {
    .data = 1, .mask = UINT32_MAX,
};
static const struct rte_flow_action_set_meta set_meta = {
    .data = UINT32_MAX, .mask = UINT32_MAX,
};
static const struct rte_flow_action_of_push_vlan push_vlan = {
    .ethertype = RTE_BE16(0x8100),
};
static const struct rte_flow_action_of_set_vlan_vid vlan_vid = {
    .vlan_vid = RTE_BE16(1),
};
static const struct rte_flow_action_of_set_vlan_pcp vlan_pcp = {
    .vlan_pcp = 1,
};
static const struct rte_flow_action_of_pop_mpls pop_label = {
    .ethertype = RTE_BE16(0x0800),
};
static const struct rte_flow_action_set_mac set_mac = {
    .mac_addr = { 0x02, 0, 0, 0, 0, 1 },
};
static const struct rte_flow_action_set_ipv4 set_ipv4 = {
    .ipv4_addr = RTE_BE32(0xc0000201),
};
static const struct rte_flow_action_set_ipv6 set_ipv6 = {
    .ipv6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
};
static const struct rte_flow_action_set_tp set_tp = { .port = RTE_BE16(80) };
static const struct rte_flow_action_set_ttl set_ttl = { .ttl_value = 64 };
static const struct rte_flow_action_set_dscp set_dscp = { .dscp = 1 };
static const struct rte_flow_action_count count = { .id = 0 };
static struct rte_flow_item vxlan_definition[] = {
    { .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = &eth,
      .mask = &rte_flow_item_eth_mask },
    { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ipv4,
      .mask = &rte_flow_item_ipv4_mask },
    { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp_vxlan,
      .mask = &rte_flow_item_udp_mask },
    { .type = RTE_FLOW_ITEM_TYPE_VXLAN, .spec = &vxlan_1,
      .mask = &rte_flow_item_vxlan_mask },
    { .type = RTE_FLOW_ITEM_TYPE_END },
};
static const struct rte_flow_action_vxlan_encap vxlan_encap = {
    .definition = vxlan_definition,
};

/* Ethernet, IPv4, UDP, VXLAN. */
static uint8_t outer[50] = {
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00,
    0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, IPPROTO_UDP, 0, 0,
    192, 0, 2, 2, 192, 0, 2, 1,
    0, 0, 4789 >> 8, 4789 & 0xff, 0, 0, 0, 0,
    0x08, 0, 0, 0, 0, 0, 1, 0,
};
static const struct rte_flow_action_raw_encap raw_encap = {
    .data = outer, .size = sizeof outer,
};

/* The same with IPv6 and a UDP checksum to be computed. */
static uint8_t outer_checksum[70] = {
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x86, 0xdd,
    0x60, 0, 0, 0, 0, 0, IPPROTO_UDP, 64,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 4789 >> 8, 4789 & 0xff, 0, 0, 0xff, 0xff,
    0x08, 0, 0, 0, 0, 0, 1, 0,
};
static const struct rte_flow_action_raw_encap raw_encap_checksum = {
    .data = outer_checksum, .size = sizeof outer_checksum,
};
static const struct rte_flow_action_raw_decap raw_decap = {
    .data = outer, .size = sizeof outer,
};

/* Each action that does not end a list, with the item that it wants in the
 * pattern and, for some, an action that it may want before it. */
static const struct action_probe {
    enum rte_flow_action_type type;
    const void *conf;
    enum rte_flow_item_type item;
    enum rte_flow_action_type before;   /* END: none. */
} action_probes[] = {
#define PROBE(TYPE, CONF, ITEM, BEFORE)                                 \
    { RTE_FLOW_ACTION_TYPE_##TYPE, CONF, RTE_FLOW_ITEM_TYPE_##ITEM,     \
      RTE_FLOW_ACTION_TYPE_##BEFORE }
    PROBE(COUNT, &count, ETH, END),
    PROBE(MARK, &mark, ETH, END),
    PROBE(SET_TAG, &set_tag, ETH, END),
    PROBE(SET_META, &set_meta, ETH, END),
    PROBE(OF_POP_VLAN, NULL, VLAN, END),
    PROBE(OF_PUSH_VLAN, &push_vlan, ETH, END),
    PROBE(OF_SET_VLAN_VID, &vlan_vid, ETH, OF_PUSH_VLAN),
    PROBE(OF_SET_VLAN_PCP, &vlan_pcp, ETH, OF_PUSH_VLAN),
    PROBE(OF_POP_MPLS, &pop_label, MPLS, END),
    PROBE(SET_MAC_SRC, &set_mac, ETH, END),
    PROBE(SET_MAC_DST, &set_mac, ETH, END),
    PROBE(SET_IPV4_SRC, &set_ipv4, IPV4, END),
    PROBE(SET_IPV4_DST, &set_ipv4, IPV4, END),
    PROBE(SET_IPV6_SRC, &set_ipv6, IPV6, END),
    PROBE(SET_IPV6_DST, &set_ipv6, IPV6, END),
    PROBE(SET_TP_SRC, &set_tp, TCP, END),
    PROBE(SET_TP_DST, &set_tp, TCP, END),
    PROBE(SET_TTL, &set_ttl, IPV4, END),
    PROBE(DEC_TTL, NULL, IPV4, END),
    PROBE(SET_IPV4_DSCP, &set_dscp, IPV4, END),
    PROBE(SET_IPV6_DSCP, &set_dscp, IPV6, END),
    PROBE(VXLAN_DECAP, NULL, VXLAN, END),
    PROBE(RAW_DECAP, &raw_decap, UDP, END),
    PROBE(VXLAN_ENCAP, &vxlan_encap, ETH, END),
    PROBE(RAW_ENCAP, &raw_encap, ETH, END),
#undef PROBE
};

/* Each field of MODIFY_FIELD, whole. */
static const struct field_probe {
    enum rte_flow_field_id field;
    uint32_t width;             /* In bits. */
    enum rte_flow_item_type item;
} field_probes[] = {
    { RTE_FLOW_FIELD_MAC_DST, 48, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_MAC_SRC, 48, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_VLAN_ID, 12, RTE_FLOW_ITEM_TYPE_VLAN },
    { RTE_FLOW_FIELD_IPV4_DSCP, 6, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_TTL, 8, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_SRC, 32, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_DST, 32, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV6_DSCP, 6, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_HOPLIMIT, 8, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_SRC, 128, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_DST, 128, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_TCP_PORT_SRC, 16, RTE_FLOW_ITEM_TYPE_TCP },
    { RTE_FLOW_FIELD_TCP_PORT_DST, 16, RTE_FLOW_ITEM_TYPE_TCP },
    { RTE_FLOW_FIELD_UDP_PORT_SRC, 16, RTE_FLOW_ITEM_TYPE_UDP },
    { RTE_FLOW_FIELD_UDP_PORT_DST, 16, RTE_FLOW_ITEM_TYPE_UDP },
    { RTE_FLOW_FIELD_TAG, 32, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_META, 32, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_IPV4_ECN, 2, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV6_ECN, 2, RTE_FLOW_ITEM_TYPE_IPV6 },
};

/* How rules look on the device. */
struct probe {
    uint16_t proxy, port;       /* Ethdevs. */
    bool transfer;
    enum rte_flow_item_type in_port;    /* END: rules are of an ethdev. */
    enum rte_flow_action_type fate;
    struct dpu_caps *caps;
};

static void
set_bit(uint64_t bits[], int type)
{
    bits[type / 64] |= UINT64_C(1) << type % 64;
}

/* Starts in '*spec' a rule with what says where packets enter. */
static void
probe_begin(const struct probe *p, struct dpu_spec *spec)
{
    dpu_spec_init(spec, 0, 0);
    spec->attr.transfer = p->transfer;
    spec->attr.ingress = !p->transfer;
    if (p->in_port == RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT) {
        struct rte_flow_item_ethdev item = { .port_id = p->port };
        struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };

        dpu_spec_add_item(spec, p->in_port, &item, &mask, sizeof item);
    } else if (p->in_port == RTE_FLOW_ITEM_TYPE_PORT_ID) {
        struct rte_flow_item_port_id item = { .id = p->port };
        struct rte_flow_item_port_id mask = { .id = UINT32_MAX };

        dpu_spec_add_item(spec, p->in_port, &item, &mask, sizeof item);
    }
}

/* Appends the header items up to 'type', the last of them without values if
 * 'bare'. */
static void
probe_item(struct dpu_spec *spec, enum rte_flow_item_type type, bool bare)
{
    for (size_t i = 0; i < ARRAY_SIZE(item_probes); i++) {
        const struct item_probe *ip = &item_probes[i];

        if (ip->type == type) {
            probe_item(spec, ip->below, true);
            dpu_spec_add_item(spec, type, bare ? NULL : ip->spec,
                              bare ? NULL : ip->mask, ip->size);
        }
    }
}

/* The configuration of a port action of 'type'; 'size' bytes. */
static const void *
port_conf(const struct probe *p, enum rte_flow_action_type type,
          struct rte_flow_action_port_id *port_id,
          struct rte_flow_action_ethdev *ethdev, size_t *size)
{
    if (type == RTE_FLOW_ACTION_TYPE_PORT_ID) {
        *port_id = (struct rte_flow_action_port_id) { .id = p->port };
        *size = sizeof *port_id;
        return port_id;
    }
    if (type == RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT
        || type == RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR) {
        *ethdev = (struct rte_flow_action_ethdev) { .port_id = p->port };
        *size = sizeof *ethdev;
        return ethdev;
    }
    *size = 0;
    return NULL;
}

static void
probe_fate(const struct probe *p, struct dpu_spec *spec,
           enum rte_flow_action_type type, bool mirror)
{
    struct rte_flow_action_port_id port_id;
    struct rte_flow_action_ethdev ethdev;
    size_t size;
    const void *conf = port_conf(p, type, &port_id, &ethdev, &size);

    if (mirror) {
        dpu_spec_add_mirror(spec, type, conf, size);
    } else {
        dpu_spec_add_action(spec, type, conf, size);
    }
}

/* Asks the device. */
static bool
probe_ask(const struct probe *p, const struct dpu_spec *spec)
{
    uint16_t ethdev = (p->in_port == RTE_FLOW_ITEM_TYPE_END
                       ? p->port : p->proxy);
    struct rte_flow_error error;
    int retval;

    memset(&error, 0, sizeof error);
    retval = rte_flow_validate(ethdev, &spec->attr, spec->items,
                               spec->actions, &error);
    if (VLOG_IS_DBG_ENABLED()) {
        struct ds s = DS_EMPTY_INITIALIZER;

        dpu_spec_format(spec, &s);
        VLOG_DBG("ethdev %"PRIu16": %s: %s", ethdev, ds_cstr(&s),
                 !retval ? "yes" : error.message ? error.message : "no");
        ds_destroy(&s);
    }
    return !retval;
}

static bool
ask_fate(const struct probe *p, enum rte_flow_action_type fate)
{
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    probe_fate(p, &spec, fate, false);
    return probe_ask(p, &spec);
}

static const enum rte_flow_action_type fates[] = {
    RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
    RTE_FLOW_ACTION_TYPE_PORT_ID,
    RTE_FLOW_ACTION_TYPE_DROP,
    RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
};

/* Finds out how rules look at all.  Returns false if there are none. */
static bool
probe_form(struct probe *p)
{
    static const enum rte_flow_item_type in_ports[] = {
        RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
        RTE_FLOW_ITEM_TYPE_PORT_ID,
        RTE_FLOW_ITEM_TYPE_END,
    };

    for (int transfer = 1; transfer >= 0; transfer--) {
        for (size_t i = 0; i < ARRAY_SIZE(in_ports); i++) {
            for (size_t j = 0; j < ARRAY_SIZE(fates); j++) {
                p->transfer = transfer;
                p->in_port = in_ports[i];
                p->fate = fates[j];
                if (ask_fate(p, p->fate)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool
ask_item(const struct probe *p, enum rte_flow_item_type type, bool bare)
{
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, type, bare);
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

/* Whether the flags of VXLAN are matched, or taken for granted. */
static bool
ask_vxlan_flags(const struct probe *p)
{
    const struct rte_flow_item_vxlan item = { .flags = 0x08 };
    const struct rte_flow_item_vxlan mask = { .flags = UINT8_MAX };
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_UDP, true);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_VXLAN, &item, &mask,
                      sizeof item);
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

/* Whether lengths of IPv4 or IPv6 packets are matched: all that have their
 * first byte in common, or, if 'range', those from one to another. */
static bool
ask_length(const struct probe *p, bool is_ipv6, bool range)
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

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    if (is_ipv6) {
        dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV6, &ip6[0],
                                range ? &ip6[1] : NULL, &ip6[2], sizeof *ip6);
    } else {
        dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4, &ip4[0],
                                range ? &ip4[1] : NULL, &ip4[2], sizeof *ip4);
    }
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

static void
probe_lengths(const struct probe *p)
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

static void
probe_items(const struct probe *p)
{
    if (p->in_port != RTE_FLOW_ITEM_TYPE_END) {
        set_bit(p->caps->items, p->in_port);
    }
    for (size_t i = 0; i < ARRAY_SIZE(item_probes); i++) {
        enum rte_flow_item_type type = item_probes[i].type;

        if (ask_item(p, type, false) || ask_item(p, type, true)) {
            set_bit(p->caps->items, type);
        }
    }
    p->caps->vxlan_flags = (dpu_caps_item(p->caps, RTE_FLOW_ITEM_TYPE_VXLAN)
                            && ask_vxlan_flags(p));
    probe_lengths(p);
}

static bool
ask_action(const struct probe *p, const struct action_probe *ap, bool before)
{
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, ap->item, false);
    if (before) {
        dpu_spec_add_action(&spec, ap->before,
                            &push_vlan, sizeof push_vlan);
    }
    /* Not copied: the size does not matter. */
    spec.actions[spec.n_actions++] = (struct rte_flow_action) {
        .type = ap->type, .conf = ap->conf
    };
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

static bool
ask_field(const struct probe *p, const struct field_probe *fp)
{
    struct rte_flow_action_modify_field modify;
    struct dpu_spec spec;

    memset(&modify, 0, sizeof modify);
    modify.operation = RTE_FLOW_MODIFY_SET;
    modify.dst.field = fp->field;
    modify.src.field = RTE_FLOW_FIELD_VALUE;
    modify.width = fp->width;

    probe_begin(p, &spec);
    probe_item(&spec, fp->item, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                        &modify, sizeof modify);
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

static void
probe_actions(const struct probe *p)
{
    struct dpu_caps *caps = p->caps;

    for (size_t i = 0; i < ARRAY_SIZE(fates); i++) {
        if (ask_fate(p, fates[i])) {
            set_bit(caps->actions, fates[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(action_probes); i++) {
        const struct action_probe *ap = &action_probes[i];

        if ((ap->before != RTE_FLOW_ACTION_TYPE_END
             && ask_action(p, ap, true)) || ask_action(p, ap, false)) {
            set_bit(caps->actions, ap->type);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(field_probes); i++) {
        if (ask_field(p, &field_probes[i])) {
            set_bit(caps->modify_fields, field_probes[i].field);
            set_bit(caps->actions, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD);
        }
    }
}

/* Whether the device computes the checksum of an outer UDP header.  Any raw
 * header is taken by some drivers, whatever is in it, so that the port has to
 * say, too, that it can. */
static bool
ask_encap_udp_checksum(const struct probe *p)
{
    static const struct action_probe ap = {
        .type = RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
        .conf = &raw_encap_checksum,
        .item = RTE_FLOW_ITEM_TYPE_ETH,
    };
    struct rte_eth_dev_info info;

    return (!rte_eth_dev_info_get(p->port, &info)
            && info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM
            && ask_action(p, &ap, false));
}

/* Whether an Ethernet header can be replaced by another with an MPLS label
 * behind it. */
static bool
ask_l2_replace(const struct probe *p)
{
    static uint8_t l2[ETH_HEADER_LEN + MPLS_HLEN] = {
        0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0x47, 0, 1, 1, 64,
    };
    const struct rte_flow_action_raw_decap decap = {
        .data = l2, .size = ETH_HEADER_LEN,
    };
    const struct rte_flow_action_raw_encap encap = {
        .data = l2, .size = sizeof l2,
    };
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
                        &decap, sizeof decap);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
                        &encap, sizeof encap);
    probe_fate(p, &spec, p->fate, false);
    return probe_ask(p, &spec);
}

/* Mirrors, several outputs, jumps. */
static void
probe_lists(const struct probe *p)
{
    struct rte_flow_action_jump jump = { .group = 1 };
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    if (probe_ask(p, &spec)) {
        set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_JUMP);
        p->caps->groups = true;
    }

    if (p->fate == RTE_FLOW_ACTION_TYPE_DROP) {
        return;
    }
    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    probe_fate(p, &spec, p->fate, true);
    probe_fate(p, &spec, p->fate, false);
    if (probe_ask(p, &spec)) {
        set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_SAMPLE);
    }

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    probe_fate(p, &spec, p->fate, false);
    probe_fate(p, &spec, p->fate, false);
    p->caps->multi_output = probe_ask(p, &spec);
}

/* Whether 'group' can be a chain: whether rules may jump to it, and whether it
 * takes one below those of megaflows that sends a packet to software, unless
 * 'default_miss'. */
static bool
ask_chain(const struct probe *p, uint32_t group, bool default_miss)
{
    struct rte_flow_action_jump jump = { .group = group };
    struct dpu_spec spec;

    probe_begin(p, &spec);
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    if (!probe_ask(p, &spec)) {
        return false;
    }
    probe_begin(p, &spec);
    spec.attr.group = group;
    if (default_miss) {
        probe_fate(p, &spec, p->fate, false);
    } else {
        spec.attr.priority = DPU_CHAIN_MISS_PRIORITY;
        probe_fate(p, &spec, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR, false);
    }
    return probe_ask(p, &spec);
}

/* The last group that can be a chain, or 0. */
static uint32_t
find_last_chain(const struct probe *p, bool default_miss)
{
    uint32_t low = 0, high = DPU_CHAIN_MAX_GROUP;

    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;

        if (ask_chain(p, middle, default_miss)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* What no transfer rule takes goes to the representor of the port where it
 * entered (DPDK guide, "Switch Representation within DPDK Applications").  It
 * cannot be asked whether that is so in groups, too: it is relied on where
 * there is no other way. */
static void
probe_groups(const struct probe *p)
{
    struct dpu_caps *caps = p->caps;

    if (!caps->groups) {
        return;
    }
    caps->max_group = find_last_chain(p, false);
    if (!caps->max_group && p->transfer) {
        caps->max_group = find_last_chain(p, true);
        caps->default_miss = caps->max_group != 0;
    }
}

/* Whether a rule of 'group' may match some bits of all registers, write them
 * and go on in another group. */
static bool
ask_registers(const struct probe *p, uint32_t group)
{
    struct rte_flow_action_jump jump = { .group = group + 1 };
    struct dpu_spec spec;

    probe_begin(p, &spec);
    spec.attr.group = group;
    for (enum dpu_ct_tag i = 0; i < DPU_CT_N_TAGS; i++) {
        dpu_ct_match_tag(&spec, i, 0x01010101, 0x03ff0101);
    }
    probe_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    for (enum dpu_ct_tag i = 0; i < DPU_CT_N_TAGS; i++) {
        dpu_ct_set_tag(&spec, p->caps, i, UINT32_MAX);
    }
    dpu_ct_set_meta(&spec, p->caps, UINT32_MAX);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    return probe_ask(p, &spec);
}

/* Whether there is all that connection tracking needs, with two groups of its
 * own.  Each of the registers has to come with a packet from rule to rule, MARK
 * and META to software, too. */
static void
probe_ct(const struct probe *p)
{
    struct dpu_caps *caps = p->caps;

    caps->ct = (caps->transfer
                && p->in_port != RTE_FLOW_ITEM_TYPE_END
                && caps->max_group >= 3
                && dpu_caps_item(caps, RTE_FLOW_ITEM_TYPE_TAG)
                && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_MARK)
                && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_DROP)
                && (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_TAG)
                    || dpu_caps_modify(caps, RTE_FLOW_FIELD_TAG))
                && (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_META)
                    || dpu_caps_modify(caps, RTE_FLOW_FIELD_META))
                && rte_flow_dynf_metadata_avail()
                && ask_registers(p, caps->max_group - 1));
    if (caps->ct) {
        caps->max_group -= 2;
    }
}

/* Whether there are meters.  METER itself cannot be asked for without one. */
static void
probe_meters(const struct probe *p)
{
    struct rte_mtr_capabilities meters;
    struct rte_mtr_error error;

    memset(&meters, 0, sizeof meters);
    if (!rte_mtr_capabilities_get(p->proxy, &meters, &error)
        && meters.n_max) {
        set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_METER);
    }
}

void
dpu_caps_probe(uint16_t proxy, uint16_t port, struct dpu_caps *caps)
{
    struct probe p = { .proxy = proxy, .port = port, .caps = caps };

    memset(caps, 0, sizeof *caps);
    if (!probe_form(&p)) {
        return;
    }
    caps->transfer = p.transfer;
    probe_items(&p);
    probe_actions(&p);
    probe_lists(&p);
    probe_meters(&p);
    probe_groups(&p);
    probe_ct(&p);
    caps->encap_udp_checksum = ask_encap_udp_checksum(&p);
    caps->l2_replace = ask_l2_replace(&p);
}

void
dpu_caps_all(struct dpu_caps *caps)
{
    memset(caps, 0, sizeof *caps);
    for (int i = 0; i < 128; i++) {
        if (dpu_spec_item_name(i)) {
            set_bit(caps->items, i);
        }
        if (dpu_spec_action_name(i)) {
            set_bit(caps->actions, i);
        }
    }
    for (int i = 0; i < 64; i++) {
        if (dpu_spec_field_name(i)) {
            set_bit(caps->modify_fields, i);
        }
    }
    caps->transfer = true;
    caps->groups = true;
    caps->duplicates = true;
    caps->vxlan_flags = true;
    caps->ipv4_length = caps->ipv4_length_range = true;
    caps->ipv6_length = caps->ipv6_length_range = true;
    caps->multi_output = true;
    caps->ct = true;
    caps->max_group = DPU_CHAIN_MAX_GROUP - 2;
    caps->encap_udp_checksum = true;
    caps->l2_replace = true;
}

void
dpu_caps_format(const struct dpu_caps *caps, struct ds *s)
{
    ds_put_format(s, "attributes:%s%s%s%s%s%s%s%s%s\n",
                  caps->transfer ? " transfer" : " ingress",
                  caps->groups ? " groups" : "",
                  caps->duplicates ? " duplicates" : "",
                  caps->multi_output ? " multi-output" : "",
                  caps->ct ? " ct" : "",
                  caps->default_miss ? " default-miss" : "",
                  caps->encap_udp_checksum ? " encap-udp-checksum" : "",
                  caps->l2_replace ? " l2-replace" : "",
                  (caps->ipv4_length_range ? " ip-length-ranges"
                   : caps->ipv4_length ? " ip-lengths" : ""));
    ds_put_cstr(s, "items:");
    for (int i = 0; i < 128; i++) {
        if (dpu_caps_item(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_item_name(i));
        }
    }
    ds_put_cstr(s, "\nactions:");
    for (int i = 0; i < 128; i++) {
        if (dpu_caps_action(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_action_name(i));
        }
    }
    ds_put_cstr(s, "\nmodify_field:");
    for (int i = 0; i < 64; i++) {
        if (dpu_caps_modify(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_field_name(i));
        }
    }
    ds_put_char(s, '\n');
}
