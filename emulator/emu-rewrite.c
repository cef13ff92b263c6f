/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-rewrite: header fields and the checksums that cover them.
 *
 * A field is a run of bits in a few bytes at a fixed place of some header:
 * the table at the end has them all.  One function reads the bytes, changes
 * the bits, has the field's checksum updated from the bytes before and after,
 * and stores them. */
#include <string.h>

#include <netinet/in.h>

#include <rte_ether.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "emu-rewrite.h"

#define ICMP6_CSUM	2	/* Offsets of checksums. */
#define TCP_CSUM	16
#define UDP_CSUM	6
#define IPV4_CSUM	10
#define SCTP_CSUM	8

/* What has to be done about checksums when a field changes. */
typedef void (*fix_checksums)(struct emu_packet *p, const uint8_t *old,
			      const uint8_t *new);

/* Where a field is. */
enum place {
	PLACE_ETH,
	PLACE_PAYLOAD_TYPE,		/* The type right before layer 3. */
	PLACE_VLAN,			/* The outermost VLAN's TPID. */
	PLACE_IPV4,
	PLACE_IPV6,
	PLACE_TCP,
	PLACE_UDP,
	PLACE_SCTP,
	PLACE_VXLAN,
	PLACE_GENEVE,
	PLACE_REGISTER,
};

struct layout {
	enum place place;
	uint8_t offset;			/* Bytes from 'place'. */
	uint8_t bytes;			/* Read and written at once. */
	uint8_t shift;			/* Bits below the field. */
	fix_checksums fix;
};

static const struct layout layouts[EMU_N_FIELDS];

static uint8_t *
frame(const struct emu_packet *p)
{
	return rte_pktmbuf_mtod(p->m, uint8_t *);
}

/* -- Checksums ------------------------------------------------------------ */

static uint16_t
get16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* RFC 1624, equation 3, for 'words' 16-bit words one by one.  Independent of
 * byte order. */
static uint16_t
csum_update(uint16_t csum, const uint8_t *old, const uint8_t *new,
	    unsigned int words)
{
	for (; words; words--, old += 2, new += 2) {
		uint32_t sum = (uint16_t)~csum;

		sum += (uint16_t)~get16(old);
		sum += get16(new);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		csum = ~sum;
	}
	return csum;
}

static void
fix_at(uint8_t *csum, const uint8_t *old, const uint8_t *new,
       unsigned int words)
{
	uint16_t c = csum_update(get16(csum), old, new, words);

	memcpy(csum, &c, sizeof(c));
}

/* UDP without a checksum stays so, and one that comes out as 0 is sent as
 * 0xffff (RFC 768). */
static void
fix_udp_at(uint8_t *csum, const uint8_t *old, const uint8_t *new,
	   unsigned int words)
{
	uint16_t c = get16(csum);

	if (!c)
		return;
	c = csum_update(c, old, new, words);
	if (!c)
		c = 0xffff;
	memcpy(csum, &c, sizeof(c));
}

/* The pseudo-header changed.  'l4' is 0 in a later fragment. */
static void
fix_pseudo_header(struct emu_packet *p, const uint8_t *old,
		  const uint8_t *new, unsigned int words)
{
	const struct emu_key_headers *k = &p->key.outer;
	uint16_t len = p->outer.l4_len;
	uint8_t *l4;

	if (!p->outer.l4)
		return;
	l4 = frame(p) + p->outer.l4;
	if (k->ip_proto == IPPROTO_TCP && len >= sizeof(struct rte_tcp_hdr))
		fix_at(l4 + TCP_CSUM, old, new, words);
	else if (k->ip_proto == IPPROTO_UDP &&
		 len >= sizeof(struct rte_udp_hdr))
		fix_udp_at(l4 + UDP_CSUM, old, new, words);
	else if (k->ip_proto == IPPROTO_ICMPV6 && len >= 4 &&
		 emu_headers_have(k, EMU_HDR_IPV6))
		fix_at(l4 + ICMP6_CSUM, old, new, words);
}

static void
fix_ipv4_addr(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	fix_pseudo_header(p, old, new, 2);
	fix_at(frame(p) + p->outer.l3 + IPV4_CSUM, old, new, 2);
}

/* A byte of the IPv4 header: the upper or the lower one of its word. */
static void
fix_ipv4_upper(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	const uint8_t o[2] = { *old, 0 }, n[2] = { *new, 0 };

	fix_at(frame(p) + p->outer.l3 + IPV4_CSUM, o, n, 1);
}

static void
fix_ipv4_lower(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	const uint8_t o[2] = { 0, *old }, n[2] = { 0, *new };

	fix_at(frame(p) + p->outer.l3 + IPV4_CSUM, o, n, 1);
}

static void
fix_ipv6_src(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	fix_pseudo_header(p, old, new, 8);
}

/* True if a routing header has segments left: the pseudo-header then has the
 * final destination, not the one of the IPv6 header (RFC 8200, 8.1). */
static bool
has_segments_left(const struct emu_packet *p)
{
	const uint8_t *ip6 = frame(p) + p->outer.l3;
	const uint8_t *h = ip6 + sizeof(struct rte_ipv6_hdr);
	const uint8_t *end = frame(p) + p->outer.l4;
	uint8_t next = ip6[6];

	while (h + 8 <= end) {
		switch (next) {
		case IPPROTO_ROUTING:
			if (h[3])
				return true;
			/* Fall through. */
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
			next = h[0];
			h += (h[1] + 1) * 8;
			break;
		case IPPROTO_AH:
			next = h[0];
			h += (h[1] + 2) * 4;
			break;
		case IPPROTO_FRAGMENT:
			next = h[0];
			h += 8;
			break;
		default:
			return false;
		}
	}
	return false;
}

static void
fix_ipv6_dst(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	if (p->outer.l4 && !has_segments_left(p))
		fix_pseudo_header(p, old, new, 8);
}

static void
fix_tcp_16(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	fix_at(frame(p) + p->outer.l4 + TCP_CSUM, old, new, 1);
}

static void
fix_tcp_32(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	fix_at(frame(p) + p->outer.l4 + TCP_CSUM, old, new, 2);
}

static void
fix_udp_16(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	fix_udp_at(frame(p) + p->outer.l4 + UDP_CSUM, old, new, 1);
}

/* Without regard to alignment, and without the final inversion. */
static uint32_t
crc32c(const uint8_t *p, uint16_t n)
{
	uint32_t crc = UINT32_MAX;
	uint64_t word;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		crc = rte_hash_crc_8byte(word, crc);
	}
	for (; n; n--)
		crc = rte_hash_crc_1byte(*p++, crc);
	return crc;
}

/* SCTP's CRC32c (RFC 9260, appendix A) is linear: what the change of a field
 * does to a right one, it does to a wrong one.  Called with the old bytes in
 * place; 'at' is where the field is in the SCTP header. */
static void
fix_sctp(struct emu_packet *p, unsigned int at, const uint8_t *new)
{
	uint8_t *sctp = frame(p) + p->outer.l4;
	uint16_t len = p->outer.l4_len;
	uint8_t old[2];
	uint32_t csum, crc;

	memcpy(&csum, sctp + SCTP_CSUM, sizeof(csum));
	memset(sctp + SCTP_CSUM, 0, sizeof(csum));
	crc = crc32c(sctp, len);
	memcpy(old, sctp + at, sizeof(old));
	memcpy(sctp + at, new, sizeof(old));
	crc ^= crc32c(sctp, len);
	memcpy(sctp + at, old, sizeof(old));
	csum ^= rte_cpu_to_le_32(crc);
	memcpy(sctp + SCTP_CSUM, &csum, sizeof(csum));
}

static void
fix_sctp_src(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	RTE_SET_USED(old);
	fix_sctp(p, 0, new);
}

static void
fix_sctp_dst(struct emu_packet *p, const uint8_t *old, const uint8_t *new)
{
	RTE_SET_USED(old);
	fix_sctp(p, 2, new);
}

/* -- Places --------------------------------------------------------------- */

bool
emu_packet_has_vlan(const struct emu_packet *p)
{
	rte_be16_t type;

	if (rte_pktmbuf_data_len(p->m) <
	    sizeof(struct rte_ether_hdr) + sizeof(struct rte_vlan_hdr))
		return false;
	/* After a RAW_DECAP the frame may begin at any byte. */
	memcpy(&type, frame(p) + offsetof(struct rte_ether_hdr, ether_type),
	       sizeof(type));
	return type == RTE_BE16(RTE_ETHER_TYPE_VLAN) ||
	       type == RTE_BE16(RTE_ETHER_TYPE_QINQ);
}

/* Returns where 'place' is in the frame, or -1 if 'p' does not have it. */
static int
locate(const struct emu_packet *p, enum place place)
{
	const struct emu_key_headers *k = &p->key.outer;

	switch (place) {
	case PLACE_ETH:
		return emu_headers_have(k, EMU_HDR_ETH) ? 0 : -1;
	case PLACE_PAYLOAD_TYPE:
		return p->outer.l3 ? p->outer.l3 - 2 : -1;
	case PLACE_VLAN:
		return emu_packet_has_vlan(p) ? 12 : -1;
	case PLACE_IPV4:
		return emu_headers_have(k, EMU_HDR_IPV4) ? p->outer.l3 : -1;
	case PLACE_IPV6:
		return emu_headers_have(k, EMU_HDR_IPV6) ? p->outer.l3 : -1;
	case PLACE_TCP:
		return emu_headers_have(k, EMU_HDR_TCP) ? p->outer.l4 : -1;
	case PLACE_UDP:
		return emu_headers_have(k, EMU_HDR_UDP) ? p->outer.l4 : -1;
	case PLACE_SCTP:
		return emu_headers_have(k, EMU_HDR_SCTP) ? p->outer.l4 : -1;
	case PLACE_VXLAN:
		return p->key.tunnel == EMU_TUNNEL_VXLAN ? p->outer.payload
							 : -1;
	case PLACE_GENEVE:
		return p->key.tunnel == EMU_TUNNEL_GENEVE ? p->outer.payload
							  : -1;
	case PLACE_REGISTER:
		break;
	}
	return -1;
}

static emu_value
load(const uint8_t *bytes, unsigned int n)
{
	uint64_t upper = 0, v = 0;

	for (; n > sizeof(v); n--)
		upper = upper << 8 | *bytes++;
	while (n--)
		v = v << 8 | *bytes++;
	return (emu_value)upper << 64 | v;
}

/* Writes 'v' to 'bytes', which has room for 16, with stores as wide as
 * possible: what is read next then needs not wait for them. */
static void
store(uint8_t bytes[16], unsigned int n, emu_value v)
{
	uint64_t w[2];

	v <<= 128 - 8 * n;
	w[0] = rte_cpu_to_be_64((uint64_t)(v >> 64));
	w[1] = rte_cpu_to_be_64((uint64_t)v);
	memcpy(bytes, w, sizeof(w));
}

/* memcpy() for the sizes of fields. */
static void
copy(uint8_t *to, const uint8_t *from, unsigned int n)
{
	switch (n) {
	case 1:
		*to = *from;
		break;
	case 2:
		memcpy(to, from, 2);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	case 6:
		memcpy(to, from, 6);
		break;
	default:
		memcpy(to, from, n);
		break;
	}
}

/* -- Registers ------------------------------------------------------------ */

static uint32_t
register_get(const struct emu_packet *p, struct emu_field_ref ref)
{
	switch (ref.id) {
	case EMU_FIELD_TAG:
		return p->key.tag[ref.index];
	case EMU_FIELD_MARK:
		return p->key.mark;
	default:
		return p->key.meta;
	}
}

static void
register_set(struct emu_packet *p, struct emu_field_ref ref, uint32_t value)
{
	switch (ref.id) {
	case EMU_FIELD_TAG:
		p->key.tag[ref.index] = value;
		break;
	case EMU_FIELD_MARK:
		p->key.mark = value;
		p->has_mark = true;
		break;
	default:
		p->key.meta = value;
		p->has_meta = true;
		break;
	}
}

/* -- Fields --------------------------------------------------------------- */

static emu_value
field_mask(enum emu_field_id id)
{
	return ~(emu_value)0 >> (128 - emu_fields[id].bits);
}

bool
emu_field_get(const struct emu_packet *p, struct emu_field_ref ref,
	      emu_value *value)
{
	const struct layout *l = &layouts[ref.id];
	int at;

	if (l->place == PLACE_REGISTER) {
		*value = register_get(p, ref);
		return true;
	}
	at = locate(p, l->place);
	if (at < 0)
		return false;
	*value = load(frame(p) + at + l->offset, l->bytes) >> l->shift &
		 field_mask(ref.id);
	return true;
}

void
emu_field_set(struct emu_packet *p, struct emu_field_ref ref,
	      emu_value value, emu_value mask)
{
	const struct layout *l = &layouts[ref.id];
	uint8_t bytes[16];
	emu_value old, new;
	uint8_t *field;
	int at;

	mask &= field_mask(ref.id);
	if (l->place == PLACE_REGISTER) {
		uint32_t v = register_get(p, ref);

		register_set(p, ref, (v & ~mask) | (value & mask));
		return;
	}

	at = locate(p, l->place);
	if (at < 0)
		return;
	field = frame(p) + at + l->offset;
	old = load(field, l->bytes);
	new = (old & ~(mask << l->shift)) | (value & mask) << l->shift;
	if (new == old)
		return;

	store(bytes, l->bytes, new);
	if (l->fix)
		l->fix(p, field, bytes);
	copy(field, bytes, l->bytes);
	p->stale = true;
}

const struct emu_field emu_fields[EMU_N_FIELDS] = {
	[EMU_FIELD_ETH_DST] = { "MAC_DST", 48, 6, false },
	[EMU_FIELD_ETH_SRC] = { "MAC_SRC", 48, 6, false },
	[EMU_FIELD_ETH_TYPE] = { "MAC_TYPE", 16, 2, false },
	[EMU_FIELD_VLAN_TYPE] = { "VLAN_TYPE", 16, 2, false },
	[EMU_FIELD_VLAN_VID] = { "VLAN_ID", 12, 2, false },
	[EMU_FIELD_VLAN_PCP] = { "VLAN_PCP", 3, 1, false },
	[EMU_FIELD_IPV4_DSCP] = { "IPV4_DSCP", 6, 1, false },
	[EMU_FIELD_IPV4_ECN] = { "IPV4_ECN", 2, 1, false },
	[EMU_FIELD_IPV4_TTL] = { "IPV4_TTL", 8, 1, false },
	[EMU_FIELD_IPV4_SRC] = { "IPV4_SRC", 32, 4, false },
	[EMU_FIELD_IPV4_DST] = { "IPV4_DST", 32, 4, false },
	[EMU_FIELD_IPV6_DSCP] = { "IPV6_DSCP", 6, 1, false },
	[EMU_FIELD_IPV6_ECN] = { "IPV6_ECN", 2, 1, false },
	[EMU_FIELD_IPV6_HOPLIMIT] = { "IPV6_HOPLIMIT", 8, 1, false },
	[EMU_FIELD_IPV6_SRC] = { "IPV6_SRC", 128, 16, false },
	[EMU_FIELD_IPV6_DST] = { "IPV6_DST", 128, 16, false },
	[EMU_FIELD_TCP_SRC] = { "TCP_PORT_SRC", 16, 2, false },
	[EMU_FIELD_TCP_DST] = { "TCP_PORT_DST", 16, 2, false },
	[EMU_FIELD_TCP_SEQ] = { "TCP_SEQ_NUM", 32, 4, false },
	[EMU_FIELD_TCP_ACK] = { "TCP_ACK_NUM", 32, 4, false },
	[EMU_FIELD_TCP_FLAGS] = { "TCP_FLAGS", 9, 2, false },
	[EMU_FIELD_UDP_SRC] = { "UDP_PORT_SRC", 16, 2, false },
	[EMU_FIELD_UDP_DST] = { "UDP_PORT_DST", 16, 2, false },
	[EMU_FIELD_SCTP_SRC] = { "SCTP_PORT_SRC", 16, 2, false },
	[EMU_FIELD_SCTP_DST] = { "SCTP_PORT_DST", 16, 2, false },
	[EMU_FIELD_VXLAN_VNI] = { "VXLAN_VNI", 24, 3, false },
	[EMU_FIELD_GENEVE_VNI] = { "GENEVE_VNI", 24, 3, false },
	[EMU_FIELD_TAG] = { "TAG", 32, 4, true },
	[EMU_FIELD_MARK] = { "MARK", 32, 4, true },
	[EMU_FIELD_META] = { "META", 32, 4, true },
};

static const struct layout layouts[EMU_N_FIELDS] = {
	[EMU_FIELD_ETH_DST] = { PLACE_ETH, 0, 6, 0, NULL },
	[EMU_FIELD_ETH_SRC] = { PLACE_ETH, 6, 6, 0, NULL },
	[EMU_FIELD_ETH_TYPE] = { PLACE_PAYLOAD_TYPE, 0, 2, 0, NULL },
	[EMU_FIELD_VLAN_TYPE] = { PLACE_VLAN, 0, 2, 0, NULL },
	[EMU_FIELD_VLAN_VID] = { PLACE_VLAN, 2, 2, 0, NULL },
	[EMU_FIELD_VLAN_PCP] = { PLACE_VLAN, 2, 1, 5, NULL },
	[EMU_FIELD_IPV4_DSCP] = { PLACE_IPV4, 1, 1, 2, fix_ipv4_lower },
	[EMU_FIELD_IPV4_ECN] = { PLACE_IPV4, 1, 1, 0, fix_ipv4_lower },
	[EMU_FIELD_IPV4_TTL] = { PLACE_IPV4, 8, 1, 0, fix_ipv4_upper },
	[EMU_FIELD_IPV4_SRC] = { PLACE_IPV4, 12, 4, 0, fix_ipv4_addr },
	[EMU_FIELD_IPV4_DST] = { PLACE_IPV4, 16, 4, 0, fix_ipv4_addr },
	[EMU_FIELD_IPV6_DSCP] = { PLACE_IPV6, 0, 2, 6, NULL },
	[EMU_FIELD_IPV6_ECN] = { PLACE_IPV6, 0, 2, 4, NULL },
	[EMU_FIELD_IPV6_HOPLIMIT] = { PLACE_IPV6, 7, 1, 0, NULL },
	[EMU_FIELD_IPV6_SRC] = { PLACE_IPV6, 8, 16, 0, fix_ipv6_src },
	[EMU_FIELD_IPV6_DST] = { PLACE_IPV6, 24, 16, 0, fix_ipv6_dst },
	[EMU_FIELD_TCP_SRC] = { PLACE_TCP, 0, 2, 0, fix_tcp_16 },
	[EMU_FIELD_TCP_DST] = { PLACE_TCP, 2, 2, 0, fix_tcp_16 },
	[EMU_FIELD_TCP_SEQ] = { PLACE_TCP, 4, 4, 0, fix_tcp_32 },
	[EMU_FIELD_TCP_ACK] = { PLACE_TCP, 8, 4, 0, fix_tcp_32 },
	[EMU_FIELD_TCP_FLAGS] = { PLACE_TCP, 12, 2, 0, fix_tcp_16 },
	[EMU_FIELD_UDP_SRC] = { PLACE_UDP, 0, 2, 0, fix_udp_16 },
	[EMU_FIELD_UDP_DST] = { PLACE_UDP, 2, 2, 0, fix_udp_16 },
	[EMU_FIELD_SCTP_SRC] = { PLACE_SCTP, 0, 2, 0, fix_sctp_src },
	[EMU_FIELD_SCTP_DST] = { PLACE_SCTP, 2, 2, 0, fix_sctp_dst },
	[EMU_FIELD_VXLAN_VNI] = { PLACE_VXLAN, 4, 3, 0, NULL },
	[EMU_FIELD_GENEVE_VNI] = { PLACE_GENEVE, 4, 3, 0, NULL },
	[EMU_FIELD_TAG] = { PLACE_REGISTER, 0, 4, 0, NULL },
	[EMU_FIELD_MARK] = { PLACE_REGISTER, 0, 4, 0, NULL },
	[EMU_FIELD_META] = { PLACE_REGISTER, 0, 4, 0, NULL },
};
