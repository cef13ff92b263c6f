/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-packet: a packet on its walk through the embedded switch: its bytes,
 * where its headers are, the key that tables look up, and the registers that
 * rules set.
 *
 * The key holds header fields as they stand on the wire, in network byte
 * order, so that an rte_flow item's spec, last and mask are copied into it
 * field by field.  A bit in 'present' says that a header is there at all: it
 * is what an item without a spec matches.
 *
 * Thread-safety: a packet belongs to the embedded switch thread. */
#ifndef EMU_PACKET_H
#define EMU_PACKET_H

#include "emu-device.h"

#define EMU_N_TAGS	16	/* TAG registers; a profile may give fewer. */
#define EMU_N_VLANS	2	/* VLAN headers that are parsed. */
#define EMU_N_MPLS	3	/* MPLS labels that are parsed. */
#define EMU_GENEVE_OPT_WORDS 16	/* 4-byte words of GENEVE options parsed. */

/* Headers, as bits of emu_key_headers.present. */
enum emu_header {
	EMU_HDR_ETH,
	EMU_HDR_VLAN0,
	EMU_HDR_VLAN1,
	EMU_HDR_MPLS0,
	EMU_HDR_MPLS1,
	EMU_HDR_MPLS2,
	EMU_HDR_ARP,
	EMU_HDR_IPV4,
	EMU_HDR_IPV6,
	EMU_HDR_IPV6_FRAG,
	EMU_HDR_TCP,
	EMU_HDR_UDP,
	EMU_HDR_SCTP,
	EMU_HDR_ICMP,
	EMU_HDR_ICMP6,
	EMU_HDR_ND_NS,
	EMU_HDR_ND_NA,
	EMU_HDR_ND_SLL,
	EMU_HDR_ND_TLL,
	EMU_HDR_VLAN_MORE,	/* A third VLAN header follows. */
};

/* One nesting level of headers: the outer ones, or those within a tunnel. */
struct emu_key_headers {
	uint32_t present;		/* 1u << enum emu_header. */
	/* Ethernet. */
	rte_be16_t eth_type;		/* Right after the addresses: a TPID
					 * where there is a VLAN header. */
	struct rte_ether_addr eth_dst;
	struct rte_ether_addr eth_src;
	struct {
		rte_be16_t tci;
		rte_be16_t inner_type;
	} vlan[EMU_N_VLANS];		/* Outermost first. */
	rte_be32_t mpls[EMU_N_MPLS];	/* Label stack entries, the top of the
					 * stack first. */
	/* IPv4, IPv6.  IPv4 addresses fill the first four bytes. */
	uint8_t ip_src[16];
	uint8_t ip_dst[16];
	uint8_t ip_proto;		/* IPv6: after extension headers. */
	uint8_t ip_tos;			/* IPv6: traffic class. */
	uint8_t ip_ttl;
	uint8_t ip_version_ihl;		/* IPv4 alone. */
	rte_be16_t ip_frag;		/* IPv4: fragment_offset with its
					 * flags.  IPv6: frag_data. */
	rte_be16_t ip_len;		/* total_length or payload_len. */
	rte_be16_t ip_id;		/* IPv4 alone. */
	uint8_t ip6_next;		/* The fixed header's next header. */
	uint8_t ip6_frag_next;		/* The fragment header's. */
	rte_be32_t ip6_flow_label;	/* Low 20 bits: the flow label. */
	rte_be32_t ip6_frag_id;
	/* TCP, UDP, SCTP, ICMP: none of them in a later fragment. */
	rte_be16_t l4_src;		/* ICMP: type in the first byte, code
					 * in the second. */
	rte_be16_t l4_dst;
	uint8_t tcp_flags;
	uint8_t tcp_data_off;
	rte_be16_t icmp_ident;
	rte_be16_t icmp_seq;
	uint16_t pad;
	/* ARP (addresses of hosts are in ip_src, ip_dst) and ND. */
	rte_be16_t arp_op;
	struct rte_ether_addr arp_sha;	/* ND: source link-layer address. */
	struct rte_ether_addr arp_tha;	/* ND: target link-layer address. */
	uint16_t pad2;
	uint8_t nd_target[16];
	uint64_t integrity;		/* 'value' of INTEGRITY: what is right.
					 * See emu_packet_verify(). */
} __rte_aligned(8);

/* Kinds of tunnel header between the two levels. */
enum emu_tunnel {
	EMU_TUNNEL_NONE,
	EMU_TUNNEL_VXLAN,
	EMU_TUNNEL_GENEVE,
	EMU_TUNNEL_GRE,
};

#define EMU_VXLAN_FLAGS 0x08		/* RFC 7348: there is a VNI. */

/* What the tables look up.  No padding is left uninitialized. */
struct emu_key {
	/* Where the packet entered, and the registers. */
	uint16_t vport;
	uint8_t origin;			/* enum emu_origin. */
	uint8_t tunnel;			/* enum emu_tunnel. */
	uint32_t meta;
	uint32_t mark;
	uint32_t pad;
	uint32_t tag[EMU_N_TAGS];
	/* The tunnel header, as on the wire. */
	rte_be32_t tun_vni;		/* VXLAN, GENEVE: 24 bits in the top
					 * of the word.  GRE: the key. */
	uint8_t tun_flags;		/* VXLAN flags, GENEVE O and C bits. */
	uint8_t tun_opt_len;		/* GENEVE: in words. */
	rte_be16_t tun_proto;		/* GENEVE, GRE: protocol. */
	rte_be16_t gre_flags;		/* C, K, S bits and version. */
	uint16_t pad2;
	rte_be32_t vxlan_rsvd;		/* VXLAN's reserved fields: the first
					 * in the top 24 bits, the last one
					 * below. */
	rte_be32_t geneve_opt[EMU_GENEVE_OPT_WORDS];
	struct emu_key_headers outer;
	struct emu_key_headers inner;	/* Zero unless there is a tunnel. */
} __rte_aligned(8);

#define EMU_KEY_WORDS (sizeof(struct emu_key) / sizeof(uint64_t))

/* Where one level's headers start, in bytes from rte_pktmbuf_mtod(); 0 where
 * there is none, but for l2. */
struct emu_offsets {
	uint16_t l2, l3, l4, payload;
	uint16_t l4_len;		/* TCP, UDP, ... header and payload
					 * bytes according to the IP header. */
};

struct emu_packet {
	struct rte_mbuf *m;
	struct emu_vport *vport;	/* Where it entered. */
	enum emu_origin origin;
	struct emu_key key;
	struct emu_offsets outer, inner;
	uint32_t pkt_len;		/* Bytes when it entered. */
	bool has_mark, has_meta;	/* Set by a rule: goes up with it. */
	bool went_up;			/* It, or a copy, went to software. */
	bool stale;			/* The headers changed since 'key' was
					 * made: parse before the next lookup. */
	uint8_t verified;		/* Levels with 'integrity' in 'key'. */
	uint8_t turn;			/* When it leaves, with its copies:
					 * emu-pipeline's own. */
};

/* Levels of headers, as bits. */
enum emu_level {
	EMU_LEVEL_OUTER = 1 << 0,
	EMU_LEVEL_INNER = 1 << 1,
};

/* Fills in the key and the offsets from the bytes of 'p->m'.  Registers and
 * source in the key are kept.  Before the first parse, 'p->key' is all zeros;
 * 'p' may then be used for packet after packet.  A header that is truncated
 * or malformed is not 'present', nor is anything after it: such a packet still
 * matches what stands before.  No UDP port makes a tunnel unless 'tunnels' is
 * true. */
void emu_packet_parse(struct emu_packet *p, bool tunnels);

/* Fills in 'integrity' of 'levels' in the key of 'p', which was parsed, unless
 * it is there.  A lookup does it where rules ask for it: it reads the whole
 * packet. */
void emu_packet_verify(struct emu_packet *p, uint8_t levels);

/* Makes room for 'n' bytes (not initialized) at offset 'at' of the frame, cuts
 * out 'n' bytes there, respectively.  Offsets move along; the key becomes
 * stale.  Returns false and changes nothing if the mbuf has no room, or fewer
 * bytes. */
bool emu_packet_insert(struct emu_packet *p, uint16_t at, uint16_t n);
bool emu_packet_remove(struct emu_packet *p, uint16_t at, uint16_t n);

/* Writes MARK and META, as far as rules set them, into 'm', the packet or a
 * copy, for software to see. */
void emu_packet_put_registers(const struct emu_packet *p, struct rte_mbuf *m);

/* Returns a copy of 'm' from its own pool, with its headroom and its offload
 * flags, or NULL. */
struct rte_mbuf *emu_packet_copy_mbuf(const struct rte_mbuf *m);

static inline bool
emu_headers_have(const struct emu_key_headers *k, enum emu_header h)
{
	return (k->present >> h) & 1;
}

#endif /* EMU_PACKET_H */
