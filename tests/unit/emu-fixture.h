/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Frames and mbufs for the unit tests of the emulator's flow half, made
 * without EAL. */
#ifndef EMU_FIXTURE_H
#define EMU_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netinet/in.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "emu-packet.h"
#include "emu-rewrite.h"

#define FX_HEADROOM 128
#define FX_ROOM 2048

struct fx_mbuf {
	struct rte_mbuf m;
	uint8_t buf[FX_HEADROOM + FX_ROOM];
};

/* What a frame is made of. */
struct fx_frame {
	uint16_t tpids[3];		/* Outermost first, 0 ends. */
	uint16_t ether_type;		/* 0: IPv4, or IPv6 if 'ipv6'. */
	bool ipv6;
	uint8_t proto;			/* 0: neither IP nor above. */
	uint16_t frag;			/* IPv4: host order; IPv6: adds a
					 * fragment header if 'ext_frag'. */
	bool ext_frag;
	bool routing;			/* IPv6: a routing header with a
					 * segment left. */
	uint16_t payload;		/* Bytes behind the layer 4 header. */
	uint16_t padding;		/* Bytes behind the IP packet. */
	bool no_udp_csum;
};

static inline void
fx_be16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

/* CRC32c bit by bit (RFC 9260, appendix A), as it stands in an SCTP header. */
static inline uint32_t
fx_crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;
	int i;

	while (n--) {
		crc ^= *p++;
		for (i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return rte_cpu_to_le_32(~crc);
}

static inline uint16_t
fx_l4_len(uint8_t proto)
{
	return proto == IPPROTO_TCP ? 20 : proto == IPPROTO_SCTP ? 12 : 8;
}

static inline void
fx_l4(uint8_t *l4, uint8_t proto, uint16_t len)
{
	uint16_t i;

	for (i = 0; i < len; i++)
		l4[i] = i * 7 + 1;
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		l4[0] = proto == IPPROTO_ICMP ? 8 : 128;
		l4[1] = 0;
		fx_be16(l4 + 2, 0);
		return;
	}
	fx_be16(l4, 1000);
	fx_be16(l4 + 2, 2000);
	if (proto == IPPROTO_TCP) {
		l4[12] = 0x50;
		l4[13] = 0x10;
		fx_be16(l4 + 16, 0);
	} else if (proto == IPPROTO_UDP) {
		fx_be16(l4 + 4, len);
		fx_be16(l4 + 6, 0);
	} else if (proto == IPPROTO_SCTP) {
		uint32_t crc;

		memset(l4 + 8, 0, 4);
		crc = fx_crc32c(l4, len);
		memcpy(l4 + 8, &crc, 4);
	}
}

static inline void
fx_put_l4_csum(uint8_t *l4, uint8_t proto, uint16_t csum)
{
	if (proto == IPPROTO_TCP)
		memcpy(l4 + 16, &csum, 2);
	else if (proto == IPPROTO_UDP)
		memcpy(l4 + 6, &csum, 2);
	else if (proto == IPPROTO_ICMPV6)
		memcpy(l4 + 2, &csum, 2);
}

/* Writes the frame to 'out', with right lengths and checksums; returns its
 * length. */
static inline uint16_t
fx_build(const struct fx_frame *f, uint8_t *out)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	uint16_t l4_len = fx_l4_len(f->proto) + f->payload;
	uint16_t type = f->ether_type ? f->ether_type
		      : f->ipv6 ? 0x86dd : 0x0800;
	uint8_t *p = out + 12, *ip;
	int i;

	memcpy(out, macs, sizeof(macs));
	for (i = 0; i < 3 && f->tpids[i]; i++, p += 4) {
		fx_be16(p, f->tpids[i]);
		fx_be16(p + 2, 0x2000 | (100 + i));
	}
	fx_be16(p, type);
	ip = p += 2;
	if (!f->proto) {
		memset(p, 0x5a, f->payload);
		return p + f->payload - out;
	}
	if (f->ipv6) {
		memset(ip, 0, 40);
		ip[0] = 0x60;
		ip[6] = f->proto;
		ip[7] = 64;
		for (i = 0; i < 16; i++) {
			ip[8 + i] = 0x20 + i;
			ip[24 + i] = 0x40 + i;
		}
		p += 40;
		if (f->routing) {
			memset(p, 0, 24);
			p[0] = ip[6];
			p[1] = 2;
			p[3] = 1;
			ip[6] = IPPROTO_ROUTING;
			p += 24;
		}
		if (f->ext_frag) {
			memset(p, 0, 8);
			p[0] = f->proto;
			fx_be16(p + 2, f->frag);
			*(f->routing ? p - 24 : ip + 6) = IPPROTO_FRAGMENT;
			p += 8;
		}
		fx_be16(ip + 4, p - ip - 40 + l4_len);
		fx_l4(p, f->proto, l4_len);
		if (f->proto != IPPROTO_SCTP &&
		    !(f->proto == IPPROTO_UDP && f->no_udp_csum)) {
			struct rte_ipv6_hdr pseudo;

			memcpy(&pseudo, ip, sizeof(pseudo));
			pseudo.proto = f->proto;
			pseudo.payload_len = rte_cpu_to_be_16(l4_len);
			fx_put_l4_csum(p, f->proto,
				       rte_ipv6_udptcp_cksum(&pseudo, p));
		}
	} else {
		uint16_t csum;

		memset(ip, 0, 20);
		ip[0] = 0x45;
		ip[1] = 0x03;
		fx_be16(ip + 2, 20 + l4_len);
		fx_be16(ip + 4, 0x1234);
		fx_be16(ip + 6, f->frag);
		ip[8] = 64;
		ip[9] = f->proto;
		memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
		csum = rte_ipv4_cksum((void *)ip);
		memcpy(ip + 10, &csum, 2);
		p += 20;
		fx_l4(p, f->proto, l4_len);
		if ((f->proto == IPPROTO_UDP && !f->no_udp_csum) ||
		    f->proto == IPPROTO_TCP)
			fx_put_l4_csum(p, f->proto, rte_ipv4_udptcp_cksum(
					       (void *)ip, p));
	}
	p += l4_len;
	memset(p, 0, f->padding);
	return p + f->padding - out;
}

/* Makes 'fx' an mbuf that holds 'len' bytes of 'data'. */
static inline struct rte_mbuf *
fx_mbuf_init(struct fx_mbuf *fx, const uint8_t *data, uint16_t len)
{
	memset(&fx->m, 0, sizeof(fx->m));
	fx->m.buf_addr = fx->buf;
	fx->m.buf_len = sizeof(fx->buf);
	fx->m.data_off = FX_HEADROOM;
	fx->m.data_len = len;
	fx->m.pkt_len = len;
	fx->m.nb_segs = 1;
	rte_mbuf_refcnt_set(&fx->m, 1);
	memcpy(fx->buf + FX_HEADROOM, data, len);
	return &fx->m;
}

static inline void
fx_packet_init(struct emu_packet *p, struct rte_mbuf *m)
{
	memset(p, 0, sizeof(*p));
	p->m = m;
	emu_packet_parse(p, true);
}

/* True if all checksums of the IP packet in 'p' are right.  'p' is fresh. */
static inline bool
fx_checksums_ok(struct emu_packet *p)
{
	const struct emu_key_headers *k;
	uint8_t *l3, *l4;

	emu_packet_parse(p, true);
	k = &p->key.outer;
	l3 = rte_pktmbuf_mtod_offset(p->m, uint8_t *, p->outer.l3);
	l4 = rte_pktmbuf_mtod_offset(p->m, uint8_t *, p->outer.l4);
	if (emu_headers_have(k, EMU_HDR_IPV4) &&
	    rte_raw_cksum(l3, 20) != 0xffff)
		return false;
	if (emu_headers_have(k, EMU_HDR_SCTP)) {
		uint8_t sctp[FX_ROOM];
		uint32_t crc;

		memcpy(sctp, l4, p->outer.l4_len);
		memset(sctp + 8, 0, 4);
		crc = fx_crc32c(sctp, p->outer.l4_len);
		return !memcmp(&crc, l4 + 8, 4);
	}
	if (!p->outer.l4 || k->ip_proto == IPPROTO_ICMP)
		return true;
	if (emu_headers_have(k, EMU_HDR_UDP) && !l4[6] && !l4[7])
		return true;
	if (emu_headers_have(k, EMU_HDR_IPV6)) {
		struct rte_ipv6_hdr pseudo;

		memcpy(&pseudo, l3, sizeof(pseudo));
		pseudo.proto = k->ip_proto;
		pseudo.payload_len = rte_cpu_to_be_16(p->outer.l4_len);
		return !rte_ipv6_udptcp_cksum_verify(&pseudo, l4);
	}
	return !rte_ipv4_udptcp_cksum_verify((void *)l3, l4);
}

#endif /* EMU_FIXTURE_H */
