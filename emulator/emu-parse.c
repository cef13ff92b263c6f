/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-parse: of emu-packet.h, from bytes to key and offsets.
 *
 * Which headers count as present follows what flow_extract() of Open vSwitch
 * makes of the same bytes, so that a packet never matches in hardware what
 * software would not match: lengths that contradict each other end the parse
 * where Open vSwitch ends it.  Where Open vSwitch still takes something from
 * a malformed packet (addresses of an IPv6 packet whose extension headers are
 * truncated), the header is not present here and the packet is left to
 * software.
 *
 * Every read is preceded by a check that the bytes are there: 'end' below is
 * never beyond what the mbuf holds. */
#include <string.h>

#include <netinet/in.h>

#include <rte_arp.h>
#include <rte_ether.h>
#include <rte_flow.h>
#include <rte_icmp.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "emu-packet.h"

#define ICMP6_ND_NS	135
#define ICMP6_ND_NA	136
#define ND_OPT_SLL	1
#define ND_OPT_TLL	2
#define ICMP_LEN	8
#define SCTP_LEN	12
#define TUNNEL_LEN	8	/* VXLAN's header, GENEVE's fixed part. */

#define ETH_TYPE_MPLS_UC 0x8847
#define ETH_TYPE_MPLS_MC 0x8848
#define UDP_PORT_VXLAN	4789
#define UDP_PORT_GENEVE	6081

/* What is left to parse: from 'at' to 'end'; 'base' is the frame. */
struct cursor {
	const uint8_t *base, *at, *end;
};

static uint32_t
left(const struct cursor *c)
{
	return c->end - c->at;
}

static bool
pull(struct cursor *c, uint32_t n)
{
	if (left(c) < n)
		return false;
	c->at += n;
	return true;
}

static rte_be16_t
get_be16(const uint8_t *p)
{
	rte_be16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static rte_be32_t
get_be32(const uint8_t *p)
{
	rte_be32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void
set_present(struct emu_key_headers *k, enum emu_header h)
{
	k->present |= UINT32_C(1) << h;
}

static bool
is_vlan_type(rte_be16_t type)
{
	return type == RTE_BE16(RTE_ETHER_TYPE_VLAN) ||
	       type == RTE_BE16(RTE_ETHER_TYPE_QINQ);
}

/* -- Layer 4 -------------------------------------------------------------- */

static void
parse_ports(struct cursor *c, struct emu_key_headers *k, enum emu_header h)
{
	const uint8_t *p = c->at;

	k->l4_src = get_be16(p);
	k->l4_dst = get_be16(p + 2);
	set_present(k, h);
}

static void
parse_tcp(struct cursor *c, struct emu_key_headers *k)
{
	const uint8_t *p = c->at;
	uint32_t len;

	if (left(c) < sizeof(struct rte_tcp_hdr))
		return;
	len = (p[12] >> 4) * 4;
	if (len < sizeof(struct rte_tcp_hdr) || len > left(c))
		return;
	parse_ports(c, k, EMU_HDR_TCP);
	k->tcp_data_off = p[12];
	k->tcp_flags = p[13];
	pull(c, len);
}

static void
parse_udp(struct cursor *c, struct emu_key_headers *k)
{
	if (left(c) < sizeof(struct rte_udp_hdr))
		return;
	parse_ports(c, k, EMU_HDR_UDP);
	pull(c, sizeof(struct rte_udp_hdr));
}

static void
parse_sctp(struct cursor *c, struct emu_key_headers *k)
{
	if (left(c) < SCTP_LEN)
		return;
	parse_ports(c, k, EMU_HDR_SCTP);
	pull(c, SCTP_LEN);
}

static bool
parse_icmp(struct cursor *c, struct emu_key_headers *k, enum emu_header h)
{
	const uint8_t *p = c->at;

	if (left(c) < ICMP_LEN)
		return false;
	memcpy(&k->l4_src, p, 2);	/* Type and code. */
	k->icmp_ident = get_be16(p + 4);
	k->icmp_seq = get_be16(p + 6);
	set_present(k, h);
	pull(c, ICMP_LEN);
	return true;
}

/* Takes the first link-layer address option of each kind from 'c'.  A second
 * one of a kind makes the whole neighbor discovery part invalid: returns
 * false. */
static bool
parse_nd_options(struct cursor *c, struct emu_key_headers *k)
{
	while (left(c) >= 8) {
		const uint8_t *p = c->at;
		uint32_t len = p[1] * 8;

		if (!len || len > left(c))
			return true;
		if (len == 8 && (p[0] == ND_OPT_SLL || p[0] == ND_OPT_TLL)) {
			bool sll = p[0] == ND_OPT_SLL;
			struct rte_ether_addr *addr =
				sll ? &k->arp_sha : &k->arp_tha;

			if (!rte_is_zero_ether_addr(addr))
				return false;
			memcpy(addr, p + 2, sizeof(*addr));
			set_present(k, sll ? EMU_HDR_ND_SLL : EMU_HDR_ND_TLL);
		}
		pull(c, len);
	}
	return true;
}

static void
parse_icmp6(struct cursor *c, struct emu_key_headers *k)
{
	const uint8_t *icmp = c->at;	/* Type, code, ... */
	struct cursor nd;

	if (!parse_icmp(c, k, EMU_HDR_ICMP6))
		return;
	if ((icmp[0] != ICMP6_ND_NS && icmp[0] != ICMP6_ND_NA) ||
	    icmp[1] != 0 || left(c) < sizeof(k->nd_target))
		return;

	nd = *c;
	memcpy(k->nd_target, nd.at, sizeof(k->nd_target));
	pull(&nd, sizeof(k->nd_target));
	if (!parse_nd_options(&nd, k)) {
		memset(k->nd_target, 0, sizeof(k->nd_target));
		memset(&k->arp_sha, 0, sizeof(k->arp_sha));
		memset(&k->arp_tha, 0, sizeof(k->arp_tha));
		k->present &= ~(UINT32_C(1) << EMU_HDR_ND_SLL |
				UINT32_C(1) << EMU_HDR_ND_TLL);
		return;
	}
	set_present(k, icmp[0] == ICMP6_ND_NS ? EMU_HDR_ND_NS : EMU_HDR_ND_NA);
}

static void
parse_l4(struct cursor *c, struct emu_key_headers *k, struct emu_offsets *o,
	 bool ipv4)
{
	o->l4 = c->at - c->base;
	o->l4_len = left(c);
	switch (k->ip_proto) {
	case IPPROTO_TCP:
		parse_tcp(c, k);
		break;
	case IPPROTO_UDP:
		parse_udp(c, k);
		break;
	case IPPROTO_SCTP:
		parse_sctp(c, k);
		break;
	case IPPROTO_ICMP:
		if (ipv4)
			parse_icmp(c, k, EMU_HDR_ICMP);
		break;
	case IPPROTO_ICMPV6:
		if (!ipv4)
			parse_icmp6(c, k);
		break;
	}
	o->payload = c->at - c->base;
}

/* -- Layer 3 -------------------------------------------------------------- */

/* Returns true if a layer 4 header follows. */
static bool
parse_ipv4(struct cursor *c, struct emu_key_headers *k)
{
	const uint8_t *p = c->at;
	uint32_t ihl, total;

	if (left(c) < sizeof(struct rte_ipv4_hdr))
		return false;
	ihl = (p[0] & 0xf) * 4;
	total = rte_be_to_cpu_16(get_be16(p + 2));
	if (ihl < sizeof(struct rte_ipv4_hdr) || ihl > left(c) ||
	    total > left(c) || ihl > total)
		return false;
	c->end = p + total;		/* The rest is padding. */

	set_present(k, EMU_HDR_IPV4);
	k->ip_version_ihl = p[0];
	k->ip_tos = p[1];
	k->ip_len = get_be16(p + 2);
	k->ip_id = get_be16(p + 4);
	k->ip_frag = get_be16(p + 6);
	k->ip_ttl = p[8];
	k->ip_proto = p[9];
	memcpy(k->ip_src, p + 12, 4);
	memcpy(k->ip_dst, p + 16, 4);
	pull(c, ihl);
	return !(k->ip_frag & RTE_BE16(RTE_IPV4_HDR_OFFSET_MASK));
}

enum ip6_next {
	IP6_BAD,		/* Truncated. */
	IP6_L4,			/* Layer 4 follows. */
	IP6_LATER,		/* A fragment but the first. */
};

/* Walks the extension headers of RFC 8200, section 4; leaves the protocol
 * behind them in k->ip_proto, which is 44 in a later fragment. */
static enum ip6_next
parse_ipv6_extensions(struct cursor *c, struct emu_key_headers *k)
{
	for (;;) {
		const uint8_t *p = c->at;
		uint32_t len;

		switch (k->ip_proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			len = left(c) < 8 ? 8 : (p[1] + 1) * 8;
			break;
		case IPPROTO_AH:
			len = left(c) < 8 ? 8 : (p[1] + 2) * 4;
			break;
		case IPPROTO_FRAGMENT:
			len = 8;
			break;
		default:
			return IP6_L4;
		}
		if (left(c) < 8 || !pull(c, len))
			return IP6_BAD;

		if (k->ip_proto == IPPROTO_FRAGMENT) {
			set_present(k, EMU_HDR_IPV6_FRAG);
			k->ip6_frag_next = p[0];
			k->ip_frag = get_be16(p + 2);
			k->ip6_frag_id = get_be32(p + 4);
			if (k->ip_frag & RTE_BE16(0xfff8))
				return IP6_LATER;
		}
		k->ip_proto = p[0];
	}
}

/* Returns true if a layer 4 header follows. */
static bool
parse_ipv6(struct cursor *c, struct emu_key_headers *k)
{
	const uint8_t *p = c->at;
	uint32_t payload;
	enum ip6_next next;

	if (left(c) < sizeof(struct rte_ipv6_hdr))
		return false;
	payload = rte_be_to_cpu_16(get_be16(p + 4));
	if (payload + sizeof(struct rte_ipv6_hdr) > left(c))
		return false;
	pull(c, sizeof(struct rte_ipv6_hdr));
	c->end = c->at + payload;	/* The rest is padding. */

	set_present(k, EMU_HDR_IPV6);
	k->ip6_flow_label = get_be32(p) & RTE_BE32(RTE_IPV6_HDR_FL_MASK);
	k->ip_tos = rte_be_to_cpu_32(get_be32(p)) >> RTE_IPV6_HDR_TC_SHIFT;
	k->ip_len = get_be16(p + 4);
	k->ip6_next = k->ip_proto = p[6];
	k->ip_ttl = p[7];
	memcpy(k->ip_src, p + 8, 16);
	memcpy(k->ip_dst, p + 24, 16);

	next = parse_ipv6_extensions(c, k);
	if (next == IP6_BAD) {
		k->present &= ~(UINT32_C(1) << EMU_HDR_IPV6 |
				UINT32_C(1) << EMU_HDR_IPV6_FRAG);
		memset(k->ip_src, 0,
		       offsetof(struct emu_key_headers, l4_src) -
		       offsetof(struct emu_key_headers, ip_src));
	}
	return next == IP6_L4;
}

/* ARP and RARP (RFC 826, RFC 903) of IPv4 over Ethernet; the Ethernet type
 * tells them apart. */
static void
parse_arp(struct cursor *c, struct emu_key_headers *k)
{
	struct rte_arp_hdr arp;

	/* After a RAW_DECAP a header may begin at any byte. */
	if (left(c) < sizeof(arp))
		return;
	memcpy(&arp, c->at, sizeof(arp));
	if (arp.arp_hardware != RTE_BE16(RTE_ARP_HRD_ETHER) ||
	    arp.arp_protocol != RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
	    arp.arp_hlen != RTE_ETHER_ADDR_LEN || arp.arp_plen != 4)
		return;
	set_present(k, EMU_HDR_ARP);
	k->arp_op = arp.arp_opcode;
	k->arp_sha = arp.arp_data.arp_sha;
	k->arp_tha = arp.arp_data.arp_tha;
	memcpy(k->ip_src, &arp.arp_data.arp_sip, 4);
	memcpy(k->ip_dst, &arp.arp_data.arp_tip, 4);
}

/* RFC 3032, up to the bottom of the stack. */
static void
parse_mpls(struct cursor *c, struct emu_key_headers *k)
{
	const uint8_t *p = c->at;
	unsigned int i;

	for (i = 0; i < EMU_N_MPLS && pull(c, sizeof(k->mpls[i])); i++) {
		k->mpls[i] = get_be32(p);
		set_present(k, EMU_HDR_MPLS0 + i);
		if (k->mpls[i] & RTE_BE32(0x100))
			break;
		p = c->at;
	}
}

static void
parse_l3(struct cursor *c, struct emu_key_headers *k, struct emu_offsets *o,
	 rte_be16_t type)
{
	o->l3 = c->at - c->base;
	switch (rte_be_to_cpu_16(type)) {
	case RTE_ETHER_TYPE_IPV4:
		if (parse_ipv4(c, k))
			parse_l4(c, k, o, true);
		break;
	case RTE_ETHER_TYPE_IPV6:
		if (parse_ipv6(c, k))
			parse_l4(c, k, o, false);
		break;
	case RTE_ETHER_TYPE_ARP:
	case RTE_ETHER_TYPE_RARP:
		parse_arp(c, k);
		break;
	case ETH_TYPE_MPLS_UC:
	case ETH_TYPE_MPLS_MC:
		parse_mpls(c, k);
		break;
	}
}

/* -- Layer 2 -------------------------------------------------------------- */

static void
parse_l2(struct cursor *c, struct emu_key_headers *k, struct emu_offsets *o)
{
	const uint8_t *p = c->at;
	rte_be16_t type;
	unsigned int i;

	o->l2 = c->at - c->base;
	if (!pull(c, sizeof(struct rte_ether_hdr)))
		return;
	set_present(k, EMU_HDR_ETH);
	memcpy(&k->eth_dst, p, sizeof(k->eth_dst));
	memcpy(&k->eth_src, p + 6, sizeof(k->eth_src));
	k->eth_type = type = get_be16(p + 12);

	for (i = 0; is_vlan_type(type); i++) {
		if (i == EMU_N_VLANS) {
			set_present(k, EMU_HDR_VLAN_MORE);
			return;
		}
		p = c->at;
		if (!pull(c, sizeof(struct rte_vlan_hdr)))
			return;
		k->vlan[i].tci = get_be16(p);
		k->vlan[i].inner_type = type = get_be16(p + 2);
		set_present(k, i ? EMU_HDR_VLAN1 : EMU_HDR_VLAN0);
	}
	parse_l3(c, k, o, type);
}

/* -- Tunnels -------------------------------------------------------------- */

static void
parse_inner(struct cursor *c, struct emu_packet *p, rte_be16_t type)
{
	if (type == RTE_BE16(RTE_ETHER_TYPE_TEB)) {
		parse_l2(c, &p->key.inner, &p->inner);
	} else {
		p->inner.l2 = 0;
		parse_l3(c, &p->key.inner, &p->inner, type);
	}
}

/* RFC 7348. */
static void
parse_vxlan(struct cursor *c, struct emu_packet *p)
{
	const uint8_t *h = c->at;
	struct emu_key *k = &p->key;

	if (!pull(c, TUNNEL_LEN))
		return;
	k->tunnel = EMU_TUNNEL_VXLAN;
	k->tun_flags = h[0];
	memcpy(&k->vxlan_rsvd, (const uint8_t[]){ h[1], h[2], h[3], h[7] },
	       sizeof(k->vxlan_rsvd));
	k->tun_vni = get_be32(h + 4) & RTE_BE32(0xffffff00);
	parse_inner(c, p, RTE_BE16(RTE_ETHER_TYPE_TEB));
}

/* RFC 8926. */
static void
parse_geneve(struct cursor *c, struct emu_packet *p)
{
	const uint8_t *h = c->at;
	struct emu_key *k = &p->key;
	uint32_t opt_len;

	if (left(c) < TUNNEL_LEN || h[0] >> 6 != 0)
		return;
	opt_len = (h[0] & 0x3f) * 4;
	if (!pull(c, TUNNEL_LEN + opt_len))
		return;
	k->tunnel = EMU_TUNNEL_GENEVE;
	k->tun_flags = h[1];
	k->tun_opt_len = opt_len / 4;
	k->tun_proto = get_be16(h + 2);
	k->tun_vni = get_be32(h + 4) & RTE_BE32(0xffffff00);
	memcpy(k->geneve_opt, h + TUNNEL_LEN,
	       RTE_MIN(opt_len, sizeof(k->geneve_opt)));
	parse_inner(c, p, k->tun_proto);
}

/* RFC 2784, RFC 2890: checksum, key and sequence number are optional. */
static void
parse_gre(struct cursor *c, struct emu_packet *p)
{
	const uint8_t *h = c->at;
	struct emu_key *k = &p->key;
	uint32_t len = 4;

	if (left(c) < len || (h[0] & 0x40) || (h[1] & 0x7))
		return;		/* Routing, or another version. */
	len += !!(h[0] & 0x80) * 4 + !!(h[0] & 0x20) * 4 + !!(h[0] & 0x10) * 4;
	if (!pull(c, len))
		return;
	k->tunnel = EMU_TUNNEL_GRE;
	k->gre_flags = get_be16(h);
	k->tun_proto = get_be16(h + 2);
	if (h[0] & 0x20)
		k->tun_vni = get_be32(h + 4 + !!(h[0] & 0x80) * 4);
	parse_inner(c, p, k->tun_proto);
}

static void
parse_tunnel(struct cursor *c, struct emu_packet *p)
{
	const struct emu_key_headers *k = &p->key.outer;

	if (!p->outer.l4 || k->ip_frag & RTE_BE16(RTE_IPV4_HDR_MF_FLAG |
						  RTE_IPV4_HDR_OFFSET_MASK))
		return;
	if (k->present & UINT32_C(1) << EMU_HDR_UDP) {
		if (k->l4_dst == RTE_BE16(UDP_PORT_VXLAN))
			parse_vxlan(c, p);
		else if (k->l4_dst == RTE_BE16(UDP_PORT_GENEVE))
			parse_geneve(c, p);
	} else if (k->ip_proto == IPPROTO_GRE) {
		parse_gre(c, p);
	}
}

/* memset() of such sizes is inlined as a string instruction, which takes as
 * long as all the rest of the parser. */
static void
clear_headers(struct emu_key_headers *k)
{
	static const struct emu_key_headers nothing;

	rte_memcpy(k, &nothing, sizeof(nothing));
}

static void
clear_tunnel(struct emu_packet *p)
{
	struct emu_key *k = &p->key;

	memset(&k->tun_vni, 0, offsetof(struct emu_key, outer) -
			       offsetof(struct emu_key, tun_vni));
	clear_headers(&k->inner);
	memset(&p->inner, 0, sizeof(p->inner));
	k->tunnel = EMU_TUNNEL_NONE;
}

void
emu_packet_parse(struct emu_packet *p, bool tunnels)
{
	const uint8_t *frame = rte_pktmbuf_mtod(p->m, const uint8_t *);
	struct cursor c = { .base = frame, .at = frame,
			    .end = frame + rte_pktmbuf_data_len(p->m) };

	clear_headers(&p->key.outer);
	memset(&p->outer, 0, sizeof(p->outer));
	if (p->key.tunnel != EMU_TUNNEL_NONE)
		clear_tunnel(p);
	p->stale = false;
	p->verified = 0;

	parse_l2(&c, &p->key.outer, &p->outer);
	if (tunnels)
		parse_tunnel(&c, p);
}
