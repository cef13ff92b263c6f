/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-class: what the emulated device knows about each rte_flow item. */
#include "emu-item-class.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "emu-profile.h"

#define MEMBER_SIZE(TYPE, MEMBER) sizeof(((TYPE *)0)->MEMBER)
#define IN_ITEM(ITEM, MEMBER) \
	.ofs = offsetof(struct rte_flow_item_##ITEM, MEMBER), \
	.size = MEMBER_SIZE(struct rte_flow_item_##ITEM, MEMBER)
#define IN_KEY(KEY, MEMBER) \
	.key_ofs = offsetof(struct KEY, MEMBER), \
	.key_size = MEMBER_SIZE(struct KEY, MEMBER)
#define HEADERS(MEMBER) IN_KEY(emu_key_headers, MEMBER)
#define KEY(MEMBER) IN_KEY(emu_key, MEMBER)

/* 'M' of item 'ITEM' is 'INTO' of the key: byte for byte, as an integer of
 * network order, as some bits of one. */
#define BYTES(NAME, FORMAT, ITEM, M, INTO) \
	{ .name = NAME, .kind = EMU_FIELD_BYTES, \
	  .format = EMU_FORMAT_##FORMAT, IN_ITEM(ITEM, M), INTO }
#define BITS(NAME, FORMAT, ITEM, M, BITS, INTO, ...) \
	{ .name = NAME, .kind = EMU_FIELD_BITS, \
	  .format = EMU_FORMAT_##FORMAT, IN_ITEM(ITEM, M), .bits = BITS, \
	  INTO, __VA_ARGS__ }
#define INT8(NAME, FORMAT, ITEM, M, INTO) \
	BITS(NAME, FORMAT, ITEM, M, UINT8_MAX, INTO)
#define INT16(NAME, FORMAT, ITEM, M, INTO) \
	BITS(NAME, FORMAT, ITEM, M, UINT16_MAX, INTO)
#define INT32(NAME, FORMAT, ITEM, M, INTO) \
	BITS(NAME, FORMAT, ITEM, M, UINT32_MAX, INTO)
/* 'BITS' of 'M' are 'VALUE' in every such header. */
#define CONST(NAME, ITEM, M, BITS, VALUE) \
	{ .name = NAME, .kind = EMU_FIELD_CONST, IN_ITEM(ITEM, M), \
	  .bits = BITS, .value = VALUE }
/* In profiles with 'FLAG' alone. */
#define NEEDS(FLAG) .needs = offsetof(struct emu_profile, FLAG)
/* 'M' cannot be matched. */
#define NONE(NAME, ITEM, M) \
	{ .name = NAME, .kind = EMU_FIELD_NONE, IN_ITEM(ITEM, M) }
/* A C bit field that says whether there is header 'HDR': where C puts it, only
 * C knows, so that it is read in emu-item.c. */
#define FLAG(NAME, HDR) \
	{ .name = NAME, .kind = EMU_FIELD_FLAG, .bits = 1, \
	  .format = EMU_FORMAT_DEC, HEADERS(present), .key_host = true, \
	  .key_shift = EMU_HDR_##HDR }

/* One byte of a field of the key that has more. */
#define BYTE_OF(MEMBER, INDEX) \
	.key_ofs = offsetof(struct emu_key_headers, MEMBER) + (INDEX), \
	.key_size = 1

static const struct emu_field eth_fields[] = {
	BYTES("dst", MAC, eth, hdr.dst_addr, HEADERS(eth_dst)),
	BYTES("src", MAC, eth, hdr.src_addr, HEADERS(eth_src)),
	INT16("type", HEX, eth, hdr.ether_type, HEADERS(eth_type)),
	/* Before the bit fields' last word, which has all but has_vlan. */
	{ .kind = EMU_FIELD_PAD, .ofs = sizeof(struct rte_ether_hdr),
	  .size = sizeof(struct rte_flow_item_eth) - sizeof(uint32_t)
		  - sizeof(struct rte_ether_hdr) },
	FLAG("has_vlan", VLAN0),
};

static const struct emu_field vlan_fields[] = {
	BITS("pcp", DEC, vlan, hdr.vlan_tci, 0xe000, HEADERS(vlan[0].tci),
	     .key_shift = 13),
	BITS("dei", DEC, vlan, hdr.vlan_tci, 0x1000, HEADERS(vlan[0].tci),
	     .key_shift = 12),
	BITS("vid", DEC, vlan, hdr.vlan_tci, 0x0fff, HEADERS(vlan[0].tci)),
	INT16("inner_type", HEX, vlan, hdr.eth_proto,
	      HEADERS(vlan[0].inner_type)),
	/* Of the first VLAN header. */
	FLAG("has_more_vlan", VLAN1),
};

const struct emu_field emu_field_second_has_more_vlan =
	FLAG("has_more_vlan", VLAN_MORE);

static const struct emu_field mpls_fields[] = {
	{ .name = "label_tc_s", .kind = EMU_FIELD_BYTES, .any_mask = true,
	  IN_ITEM(mpls, label_tc_s), HEADERS(mpls[0]) },
	INT8("ttl", DEC, mpls, ttl, BYTE_OF(mpls[0], 3)),
};

static const struct emu_field arp_fields[] = {
	CONST("hrd", arp_eth_ipv4, hrd, UINT16_MAX, 1),
	CONST("pro", arp_eth_ipv4, pro, UINT16_MAX, 0x0800),
	CONST("hln", arp_eth_ipv4, hln, UINT8_MAX, 6),
	CONST("pln", arp_eth_ipv4, pln, UINT8_MAX, 4),
	INT16("op", DEC, arp_eth_ipv4, op, HEADERS(arp_op)),
	BYTES("sha", MAC, arp_eth_ipv4, sha, HEADERS(arp_sha)),
	BYTES("spa", IPV4, arp_eth_ipv4, spa, HEADERS(ip_src)),
	BYTES("tha", MAC, arp_eth_ipv4, tha, HEADERS(arp_tha)),
	BYTES("tpa", IPV4, arp_eth_ipv4, tpa, HEADERS(ip_dst)),
};

static const struct emu_field ipv4_fields[] = {
	BITS("version_ihl", HEX, ipv4, hdr.version_ihl, UINT8_MAX,
	     HEADERS(ip_version_ihl), .any_mask = true),
	INT8("tos", HEX, ipv4, hdr.type_of_service, HEADERS(ip_tos)),
	BITS("length", DEC, ipv4, hdr.total_length, UINT16_MAX,
	     HEADERS(ip_len), NEEDS(ipv4_lengths)),
	INT16("packet_id", HEX, ipv4, hdr.packet_id, HEADERS(ip_id)),
	BITS("fragment_offset", HEX, ipv4, hdr.fragment_offset, UINT16_MAX,
	     HEADERS(ip_frag), .any_mask = true),
	INT8("ttl", DEC, ipv4, hdr.time_to_live, HEADERS(ip_ttl)),
	INT8("proto", DEC, ipv4, hdr.next_proto_id, HEADERS(ip_proto)),
	NONE("hdr_checksum", ipv4, hdr.hdr_checksum),
	BYTES("src", IPV4, ipv4, hdr.src_addr, HEADERS(ip_src)),
	BYTES("dst", IPV4, ipv4, hdr.dst_addr, HEADERS(ip_dst)),
};

static const struct emu_field ipv6_fields[] = {
	CONST("version", ipv6, hdr.vtc_flow, 0xf0000000, 6),
	BITS("tc", HEX, ipv6, hdr.vtc_flow, 0x0ff00000, HEADERS(ip_tos)),
	BITS("flow", HEX, ipv6, hdr.vtc_flow, 0x000fffff,
	     HEADERS(ip6_flow_label)),
	BITS("payload_len", DEC, ipv6, hdr.payload_len, UINT16_MAX,
	     HEADERS(ip_len), NEEDS(ipv6_lengths)),
	/* Unless it names an extension header. */
	INT8("proto", DEC, ipv6, hdr.proto, HEADERS(ip_proto)),
	INT8("hop", DEC, ipv6, hdr.hop_limits, HEADERS(ip_ttl)),
	BYTES("src", IPV6, ipv6, hdr.src_addr, HEADERS(ip_src)),
	BYTES("dst", IPV6, ipv6, hdr.dst_addr, HEADERS(ip_dst)),
	FLAG("has_frag_ext", IPV6_FRAG),
	/* The other has_..._ext. */
	{ .name = "an extension header other than the fragment header",
	  .kind = EMU_FIELD_NONE, .ofs = sizeof(struct rte_ipv6_hdr),
	  .size = sizeof(uint32_t) },
};

const struct emu_field emu_field_ipv6_next_header =
	INT8("proto", DEC, ipv6, hdr.proto, HEADERS(ip6_next));

static const struct emu_field ipv6_frag_fields[] = {
	INT8("next_hdr", DEC, ipv6_frag_ext, hdr.next_header,
	     HEADERS(ip6_frag_next)),
	NONE("reserved", ipv6_frag_ext, hdr.reserved),
	BITS("frag_data", HEX, ipv6_frag_ext, hdr.frag_data, UINT16_MAX,
	     HEADERS(ip_frag), .any_mask = true),
	INT32("packet_id", HEX, ipv6_frag_ext, hdr.id, HEADERS(ip6_frag_id)),
};

static const struct emu_field tcp_fields[] = {
	INT16("src", DEC, tcp, hdr.src_port, HEADERS(l4_src)),
	INT16("dst", DEC, tcp, hdr.dst_port, HEADERS(l4_dst)),
	NONE("sent_seq", tcp, hdr.sent_seq),
	NONE("recv_ack", tcp, hdr.recv_ack),
	INT8("data_off", HEX, tcp, hdr.data_off, HEADERS(tcp_data_off)),
	INT8("flags", HEX, tcp, hdr.tcp_flags, HEADERS(tcp_flags)),
	NONE("rx_win", tcp, hdr.rx_win),
	NONE("cksum", tcp, hdr.cksum),
	NONE("tcp_urp", tcp, hdr.tcp_urp),
};

static const struct emu_field udp_fields[] = {
	INT16("src", DEC, udp, hdr.src_port, HEADERS(l4_src)),
	INT16("dst", DEC, udp, hdr.dst_port, HEADERS(l4_dst)),
	NONE("dgram_len", udp, hdr.dgram_len),
	NONE("dgram_cksum", udp, hdr.dgram_cksum),
};

static const struct emu_field sctp_fields[] = {
	INT16("src", DEC, sctp, hdr.src_port, HEADERS(l4_src)),
	INT16("dst", DEC, sctp, hdr.dst_port, HEADERS(l4_dst)),
	NONE("tag", sctp, hdr.tag),
	NONE("cksum", sctp, hdr.cksum),
};

static const struct emu_field icmp_fields[] = {
	INT8("type", DEC, icmp, hdr.icmp_type, BYTE_OF(l4_src, 0)),
	INT8("code", DEC, icmp, hdr.icmp_code, BYTE_OF(l4_src, 1)),
	NONE("icmp_cksum", icmp, hdr.icmp_cksum),
	INT16("ident", DEC, icmp, hdr.icmp_ident, HEADERS(icmp_ident)),
	INT16("seq", DEC, icmp, hdr.icmp_seq_nb, HEADERS(icmp_seq)),
};

static const struct emu_field icmp6_fields[] = {
	INT8("type", DEC, icmp6, type, BYTE_OF(l4_src, 0)),
	INT8("code", DEC, icmp6, code, BYTE_OF(l4_src, 1)),
	NONE("checksum", icmp6, checksum),
};

static const struct emu_field nd_ns_fields[] = {
	CONST("type", icmp6_nd_ns, type, UINT8_MAX, 135),
	INT8("code", DEC, icmp6_nd_ns, code, BYTE_OF(l4_src, 1)),
	NONE("checksum", icmp6_nd_ns, checksum),
	NONE("reserved", icmp6_nd_ns, reserved),
	BYTES("target_addr", IPV6, icmp6_nd_ns, target_addr,
	      HEADERS(nd_target)),
};

static const struct emu_field nd_na_fields[] = {
	CONST("type", icmp6_nd_na, type, UINT8_MAX, 136),
	INT8("code", DEC, icmp6_nd_na, code, BYTE_OF(l4_src, 1)),
	NONE("checksum", icmp6_nd_na, checksum),
	NONE("rso_reserved", icmp6_nd_na, rso_reserved),
	BYTES("target_addr", IPV6, icmp6_nd_na, target_addr,
	      HEADERS(nd_target)),
};

static const struct emu_field nd_sla_fields[] = {
	CONST("type", icmp6_nd_opt_sla_eth, type, UINT8_MAX, 1),
	CONST("length", icmp6_nd_opt_sla_eth, length, UINT8_MAX, 1),
	BYTES("sla", MAC, icmp6_nd_opt_sla_eth, sla, HEADERS(arp_sha)),
};

static const struct emu_field nd_tla_fields[] = {
	CONST("type", icmp6_nd_opt_tla_eth, type, UINT8_MAX, 2),
	CONST("length", icmp6_nd_opt_tla_eth, length, UINT8_MAX, 1),
	BYTES("tla", MAC, icmp6_nd_opt_tla_eth, tla, HEADERS(arp_tha)),
};

static const struct emu_field vxlan_fields[] = {
	BITS("flags", HEX, vxlan, flags, UINT8_MAX, KEY(tun_flags),
	     NEEDS(vxlan_flags)),
	BITS("rsvd0", HEX, vxlan, rsvd0, 0xffffff, KEY(vxlan_rsvd),
	     .key_shift = 8, NEEDS(vxlan_reserved)),
	BITS("vni", DEC, vxlan, hdr.vx_vni, 0xffffff00, KEY(tun_vni),
	     .key_shift = 8),
	BITS("last_rsvd", HEX, vxlan, rsvd1, UINT8_MAX, KEY(vxlan_rsvd),
	     NEEDS(vxlan_reserved)),
};

static const struct emu_field geneve_fields[] = {
	CONST("version", geneve, ver_opt_len_o_c_rsvd0, 0xc000, 0),
	BITS("optlen", DEC, geneve, ver_opt_len_o_c_rsvd0, 0x3f00,
	     KEY(tun_opt_len)),
	BITS("oc", HEX, geneve, ver_opt_len_o_c_rsvd0, 0x00c0,
	     KEY(tun_flags), .key_shift = 6),
	INT16("protocol", HEX, geneve, protocol, KEY(tun_proto)),
	{ .name = "vni", .kind = EMU_FIELD_BITS, .format = EMU_FORMAT_DEC,
	  IN_ITEM(geneve, vni), .bits = 0xffffff, KEY(tun_vni),
	  .key_shift = 8 },
	NONE("rsvd1", geneve, rsvd1),
};

static const struct emu_field gre_fields[] = {
	BITS("c_rsvd0_ver", HEX, gre, c_rsvd0_ver, UINT16_MAX, KEY(gre_flags),
	     .any_mask = true),
	INT16("protocol", HEX, gre, protocol, KEY(tun_proto)),
};

static const struct emu_field gre_key_fields[] = {
	{ .name = "value", .kind = EMU_FIELD_BITS, .format = EMU_FORMAT_DEC,
	  .size = sizeof(rte_be32_t), .bits = UINT32_MAX, KEY(tun_vni) },
};

static const rte_be32_t gre_key_mask = UINT32_MAX;

/* Bits have no order, so there is nothing to be whole. */
const struct emu_field emu_field_integrity = {
	.name = "value", .kind = EMU_FIELD_BYTES, .any_mask = true,
	IN_ITEM(integrity, value), HEADERS(integrity),
};

#define AT(PLACE) (1u << EMU_PLACE_##PLACE)
#define AFTER_TUNNEL (AT(VXLAN) | AT(GENEVE) | AT(GENEVE_OPT) | AT(GRE) \
		      | AT(GRE_KEY))
#define AFTER_START (AT(START) | AT(ANY) | AFTER_TUNNEL)
#define AFTER_L2 (AFTER_START | AT(ETH) | AT(VLAN))
#define AFTER_IPV6 (AFTER_L2 | AT(IPV6) | AT(IPV6_FRAG))
#define AFTER_IP (AFTER_IPV6 | AT(IPV4))
#define FIELDS(F) .fields = F, .n_fields = RTE_DIM(F)
#define HDR(BIT) (1u << EMU_HDR_##BIT)
#define ITEM(TYPE, NAME, STRUCT) \
	.type = RTE_FLOW_ITEM_TYPE_##TYPE, .name = NAME, \
	.size = sizeof(struct STRUCT)

const struct emu_item_class emu_item_classes[] = {
	/* Where a packet came from. */
	{ ITEM(REPRESENTED_PORT, "represented_port", rte_flow_item_ethdev),
	  .default_mask = &rte_flow_item_ethdev_mask,
	  .special = EMU_SPECIAL_SOURCE },
	{ ITEM(PORT_REPRESENTOR, "port_representor", rte_flow_item_ethdev),
	  .default_mask = &rte_flow_item_ethdev_mask,
	  .special = EMU_SPECIAL_SOURCE },
	{ ITEM(PORT_ID, "port_id", rte_flow_item_port_id),
	  .default_mask = &rte_flow_item_port_id_mask,
	  .special = EMU_SPECIAL_SOURCE },

	/* Registers. */
	{ .type = RTE_FLOW_ITEM_TYPE_TAG, .name = "tag",
	  .size = offsetof(struct rte_flow_item_tag, index) + 1,
	  .default_mask = &rte_flow_item_tag_mask,
	  .special = EMU_SPECIAL_TAG },
	{ ITEM(META, "meta", rte_flow_item_meta),
	  .default_mask = &rte_flow_item_meta_mask,
	  .special = EMU_SPECIAL_META },
	{ ITEM(MARK, "mark", rte_flow_item_mark),
	  .default_mask = &rte_flow_item_mark_mask,
	  .special = EMU_SPECIAL_MARK },

	/* What a device finds out about a packet. */
	{ ITEM(INTEGRITY, "integrity", rte_flow_item_integrity),
	  .default_mask = &rte_flow_item_integrity_mask,
	  .special = EMU_SPECIAL_INTEGRITY },

	/* Headers. */
	{ ITEM(ANY, "any", rte_flow_item_any),
	  .default_mask = &rte_flow_item_any_mask,
	  .place = EMU_PLACE_ANY, .after = AFTER_IP | AT(MPLS),
	  .special = EMU_SPECIAL_ANY },
	{ ITEM(ETH, "eth", rte_flow_item_eth),
	  .default_mask = &rte_flow_item_eth_mask,
	  .place = EMU_PLACE_ETH, .after = AFTER_START,
	  .present = HDR(ETH), .special = EMU_SPECIAL_ETH,
	  FIELDS(eth_fields) },
	{ ITEM(VLAN, "vlan", rte_flow_item_vlan),
	  .default_mask = &rte_flow_item_vlan_mask,
	  .place = EMU_PLACE_VLAN, .after = AFTER_L2,
	  .present = HDR(VLAN0), .special = EMU_SPECIAL_VLAN,
	  FIELDS(vlan_fields) },
	{ ITEM(MPLS, "mpls", rte_flow_item_mpls),
	  .default_mask = &rte_flow_item_mpls_mask,
	  .place = EMU_PLACE_MPLS, .after = AFTER_L2 | AT(MPLS),
	  .present = HDR(MPLS0), .special = EMU_SPECIAL_MPLS,
	  FIELDS(mpls_fields) },
	{ ITEM(ARP_ETH_IPV4, "arp_eth_ipv4", rte_flow_item_arp_eth_ipv4),
	  .default_mask = &rte_flow_item_arp_eth_ipv4_mask,
	  .place = EMU_PLACE_ARP, .after = AFTER_L2,
	  .present = HDR(ARP), FIELDS(arp_fields) },
	{ ITEM(IPV4, "ipv4", rte_flow_item_ipv4),
	  .default_mask = &rte_flow_item_ipv4_mask,
	  .place = EMU_PLACE_IPV4, .after = AFTER_L2 | AT(MPLS),
	  .present = HDR(IPV4), FIELDS(ipv4_fields) },
	{ ITEM(IPV6, "ipv6", rte_flow_item_ipv6),
	  .default_mask = &rte_flow_item_ipv6_mask,
	  .place = EMU_PLACE_IPV6, .after = AFTER_L2 | AT(MPLS),
	  .present = HDR(IPV6), .special = EMU_SPECIAL_IPV6,
	  FIELDS(ipv6_fields) },
	{ ITEM(IPV6_FRAG_EXT, "ipv6_frag_ext", rte_flow_item_ipv6_frag_ext),
	  .place = EMU_PLACE_IPV6_FRAG, .after = AFTER_L2 | AT(IPV6),
	  .present = HDR(IPV6_FRAG), FIELDS(ipv6_frag_fields) },
	{ ITEM(TCP, "tcp", rte_flow_item_tcp),
	  .default_mask = &rte_flow_item_tcp_mask,
	  .place = EMU_PLACE_TCP, .after = AFTER_IP,
	  .present = HDR(TCP), FIELDS(tcp_fields) },
	{ ITEM(UDP, "udp", rte_flow_item_udp),
	  .default_mask = &rte_flow_item_udp_mask,
	  .place = EMU_PLACE_UDP, .after = AFTER_IP,
	  .present = HDR(UDP), FIELDS(udp_fields) },
	{ ITEM(SCTP, "sctp", rte_flow_item_sctp),
	  .default_mask = &rte_flow_item_sctp_mask,
	  .place = EMU_PLACE_SCTP, .after = AFTER_IP,
	  .present = HDR(SCTP), FIELDS(sctp_fields) },
	{ ITEM(ICMP, "icmp", rte_flow_item_icmp),
	  .default_mask = &rte_flow_item_icmp_mask,
	  .place = EMU_PLACE_ICMP, .after = AFTER_L2 | AT(IPV4),
	  .present = HDR(ICMP), FIELDS(icmp_fields) },
	{ ITEM(ICMP6, "icmp6", rte_flow_item_icmp6),
	  .default_mask = &rte_flow_item_icmp6_mask,
	  .place = EMU_PLACE_ICMP6, .after = AFTER_IPV6,
	  .present = HDR(ICMP6), FIELDS(icmp6_fields) },
	{ ITEM(RAW, "raw", rte_flow_item_raw),
	  .default_mask = &rte_flow_item_raw_mask,
	  .place = EMU_PLACE_RAW, .after = AT(ICMP6) | AT(RAW),
	  .present = HDR(ICMP6), .special = EMU_SPECIAL_RAW },
	{ ITEM(ICMP6_ND_NS, "icmp6_nd_ns", rte_flow_item_icmp6_nd_ns),
	  .default_mask = &rte_flow_item_icmp6_nd_ns_mask,
	  .place = EMU_PLACE_ND, .after = AFTER_IPV6 | AT(ICMP6),
	  .present = HDR(ND_NS), FIELDS(nd_ns_fields) },
	{ ITEM(ICMP6_ND_NA, "icmp6_nd_na", rte_flow_item_icmp6_nd_na),
	  .default_mask = &rte_flow_item_icmp6_nd_na_mask,
	  .place = EMU_PLACE_ND, .after = AFTER_IPV6 | AT(ICMP6),
	  .present = HDR(ND_NA), FIELDS(nd_na_fields) },
	{ ITEM(ICMP6_ND_OPT_SLA_ETH, "icmp6_nd_opt_sla_eth",
	       rte_flow_item_icmp6_nd_opt_sla_eth),
	  .default_mask = &rte_flow_item_icmp6_nd_opt_sla_eth_mask,
	  .place = EMU_PLACE_ND_OPT,
	  .after = AFTER_IPV6 | AT(ICMP6) | AT(ND) | AT(ND_OPT),
	  .present = HDR(ND_SLL), FIELDS(nd_sla_fields) },
	{ ITEM(ICMP6_ND_OPT_TLA_ETH, "icmp6_nd_opt_tla_eth",
	       rte_flow_item_icmp6_nd_opt_tla_eth),
	  .default_mask = &rte_flow_item_icmp6_nd_opt_tla_eth_mask,
	  .place = EMU_PLACE_ND_OPT,
	  .after = AFTER_IPV6 | AT(ICMP6) | AT(ND) | AT(ND_OPT),
	  .present = HDR(ND_TLL), FIELDS(nd_tla_fields) },

	/* Tunnels. */
	{ ITEM(VXLAN, "vxlan", rte_flow_item_vxlan),
	  .default_mask = &rte_flow_item_vxlan_mask,
	  .place = EMU_PLACE_VXLAN,
	  .after = (AFTER_IP & ~AFTER_TUNNEL) | AT(UDP),
	  .tunnel = EMU_TUNNEL_VXLAN, .scope = EMU_SCOPE_KEY,
	  FIELDS(vxlan_fields) },
	{ ITEM(GENEVE, "geneve", rte_flow_item_geneve),
	  .default_mask = &rte_flow_item_geneve_mask,
	  .place = EMU_PLACE_GENEVE,
	  .after = (AFTER_IP & ~AFTER_TUNNEL) | AT(UDP),
	  .tunnel = EMU_TUNNEL_GENEVE, .scope = EMU_SCOPE_KEY,
	  FIELDS(geneve_fields) },
	{ ITEM(GENEVE_OPT, "geneve_opt", rte_flow_item_geneve_opt),
	  .default_mask = &rte_flow_item_geneve_opt_mask,
	  .place = EMU_PLACE_GENEVE_OPT,
	  .after = AT(GENEVE) | AT(GENEVE_OPT),
	  .tunnel = EMU_TUNNEL_GENEVE, .scope = EMU_SCOPE_KEY,
	  .special = EMU_SPECIAL_GENEVE_OPT },
	{ ITEM(GRE, "gre", rte_flow_item_gre),
	  .default_mask = &rte_flow_item_gre_mask,
	  .place = EMU_PLACE_GRE, .after = AFTER_IP & ~AFTER_TUNNEL,
	  .tunnel = EMU_TUNNEL_GRE, .scope = EMU_SCOPE_KEY,
	  FIELDS(gre_fields) },
	{ .type = RTE_FLOW_ITEM_TYPE_GRE_KEY, .name = "gre_key",
	  .size = sizeof(rte_be32_t), .default_mask = &gre_key_mask,
	  .place = EMU_PLACE_GRE_KEY, .after = AT(GRE),
	  .tunnel = EMU_TUNNEL_GRE, .scope = EMU_SCOPE_KEY,
	  .special = EMU_SPECIAL_GRE_KEY, FIELDS(gre_key_fields) },
};

const size_t emu_n_item_classes = RTE_DIM(emu_item_classes);

const struct emu_item_class *
emu_item_class_find(int type)
{
	size_t i;

	for (i = 0; i < emu_n_item_classes; i++) {
		if ((int)emu_item_classes[i].type == type)
			return &emu_item_classes[i];
	}
	return NULL;
}

uint16_t
emu_field_key_ofs(const struct emu_item_class *class,
		  const struct emu_field *f, bool inner, uint32_t index)
{
	uint16_t ofs = f->key_ofs;

	if (class->scope == EMU_SCOPE_KEY)
		return ofs;
	ofs += inner ? offsetof(struct emu_key, inner)
		     : offsetof(struct emu_key, outer);
	/* But for its bit of 'present'. */
	if (class->place == EMU_PLACE_VLAN
	    && f->key_ofs != offsetof(struct emu_key_headers, present))
		ofs += index * sizeof(((struct emu_key_headers *)0)->vlan[0]);
	else if (class->place == EMU_PLACE_MPLS)
		ofs += index * sizeof(((struct emu_key_headers *)0)->mpls[0]);
	return ofs;
}

uint32_t
emu_item_class_n(const struct emu_item_class *class)
{
	return class->place == EMU_PLACE_VLAN ? EMU_N_VLANS
	       : class->place == EMU_PLACE_MPLS ? EMU_N_MPLS : 1;
}

uint32_t
emu_int_read(const void *p, uint32_t size, bool host)
{
	const uint8_t *b = p;
	uint32_t value = 0, i;

	if (host && size == sizeof(value)) {
		memcpy(&value, p, sizeof(value));
		return value;
	}
	if (host && size == sizeof(uint16_t)) {
		uint16_t half;

		memcpy(&half, p, sizeof(half));
		return half;
	}
	for (i = 0; i < size; i++)
		value = value << 8 | b[i];
	return value;
}

void
emu_int_write(void *p, uint32_t size, bool host, uint32_t value)
{
	uint8_t *b = p;
	uint32_t i;

	if (host && size == sizeof(value)) {
		memcpy(p, &value, sizeof(value));
	} else if (host && size == sizeof(uint16_t)) {
		uint16_t half = value;

		memcpy(p, &half, sizeof(half));
	} else {
		for (i = size; i-- > 0; value >>= 8)
			b[i] = value;
	}
}
