/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-segment: checksums, segmentation and the hash of receive side scaling,
 * with which the device spares hosts and software. */
#include "emu-segment.h"

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_hash_crc.h>
#include <rte_ip.h>
#include <rte_net.h>
#include <rte_sctp.h>
#include <rte_tcp.h>
#include <rte_thash.h>
#include <rte_udp.h>

#include "emu-device.h"

/* The most addresses and ports that are hashed: IPv6. */
#define EMU_TUPLE_WORDS 9

/* -- Checksums ---------------------------------------------------------- */

/* As rte_raw_cksum(), four times as fast: it adds 16 bits at a time. */
static uint16_t
emu_raw_sum(const uint8_t *data, uint32_t length)
{
	uint64_t sum = 0, word;

	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += (word & UINT32_MAX) + (word >> 32);
		data += sizeof(word);
	}
	word = 0;
	memcpy(&word, data, length);
	sum += (word & UINT32_MAX) + (word >> 32);
	while (sum >> 16)
		sum = (sum >> 16) + (sum & UINT16_MAX);
	return sum;
}

/* Returns the one's complement sum of 'length' bytes at 'l4' and of the
 * pseudo-header of the IPv4 or IPv6 header 'l3', as it stands in the packet:
 * 0xffff when the checksum within is right. */
static uint16_t
emu_l4_sum(const void *l3, bool ipv6, uint8_t proto, const void *l4,
	   uint32_t length)
{
	uint32_t sum = emu_raw_sum(l4, length);

	if (ipv6)
		sum += rte_raw_cksum(((const struct rte_ipv6_hdr *)
				      l3)->src_addr, 32);
	else
		sum += rte_raw_cksum(&((const struct rte_ipv4_hdr *)
				       l3)->src_addr, 8);
	sum += rte_cpu_to_be_16(proto) + rte_cpu_to_be_16(length);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return sum;
}

/* Sets the checksum of the TCP segment or UDP datagram at 'l4'. */
static void
emu_l4_checksum(const void *l3, bool ipv6, uint8_t proto, void *l4,
		uint32_t length)
{
	struct rte_tcp_hdr *tcp = l4;
	struct rte_udp_hdr *udp = l4;

	if (proto == IPPROTO_TCP) {
		tcp->cksum = 0;
		tcp->cksum = ~emu_l4_sum(l3, ipv6, proto, l4, length);
	} else {
		udp->dgram_cksum = 0;
		udp->dgram_cksum = ~emu_l4_sum(l3, ipv6, proto, l4, length);
		if (udp->dgram_cksum == 0)
			udp->dgram_cksum = 0xffff;
	}
}

/* The bytes of the IP packet at 'l3' from its L4 header 'l4' on, or 0 if its
 * length field is wrong for a frame that ends at 'end'. */
static uint32_t
emu_l4_length(const void *l3, bool ipv6, const void *l4, const void *end)
{
	const struct rte_ipv4_hdr *ip = l3;
	const struct rte_ipv6_hdr *ip6 = l3;
	const uint8_t *tail;

	tail = ipv6 ? (const uint8_t *)(ip6 + 1) +
		      rte_be_to_cpu_16(ip6->payload_len)
		    : (const uint8_t *)ip + rte_be_to_cpu_16(ip->total_length);
	return tail > (const uint8_t *)l4 && tail <= (const uint8_t *)end ?
	       tail - (const uint8_t *)l4 : 0;
}

/* Adds 'length' bytes of 'data' to 'crc', a CRC32c that starts with all ones
 * and ends with its complement (RFC 9260, appendix A).  rte_hash_crc() would
 * want aligned data. */
static uint32_t
emu_crc32c_add(uint32_t crc, const uint8_t *data, uint32_t length)
{
	uint64_t word;

	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		crc = rte_hash_crc_8byte(word, crc);
		data += sizeof(word);
	}
	for (; length > 0; length--)
		crc = rte_hash_crc_1byte(*data++, crc);
	return crc;
}

/* CRC32c as SCTP has it. */
static uint32_t
emu_crc32c(const uint8_t *data, uint32_t length)
{
	return rte_cpu_to_le_32(~emu_crc32c_add(UINT32_MAX, data, length));
}

/* The checksums of the frame whose IP header is at 'l3' of 'm'. */
static bool
emu_checksum_fill_frame(struct rte_mbuf *m, uint8_t *l3)
{
	const uint64_t l4_flag = m->ol_flags & RTE_MBUF_F_TX_L4_MASK;
	const bool ipv6 = m->ol_flags & RTE_MBUF_F_TX_IPV6;
	uint8_t *end = rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len);
	uint8_t *l4 = l3 + m->l3_len;
	uint32_t length;

	if (l4_flag == RTE_MBUF_F_TX_L4_NO_CKSUM &&
	    !(m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM))
		return true;
	if (l4 > end || m->l3_len < (ipv6 ? sizeof(struct rte_ipv6_hdr)
				     : sizeof(struct rte_ipv4_hdr)))
		return false;
	if (!ipv6 && (m->ol_flags & RTE_MBUF_F_TX_IP_CKSUM)) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)l3;

		if (rte_ipv4_hdr_len(ip) > end - l3)
			return false;
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	}
	if (l4_flag == RTE_MBUF_F_TX_L4_NO_CKSUM)
		return true;

	length = emu_l4_length(l3, ipv6, l4, end);
	if (l4_flag == RTE_MBUF_F_TX_TCP_CKSUM) {
		if (length < sizeof(struct rte_tcp_hdr))
			return false;
		emu_l4_checksum(l3, ipv6, IPPROTO_TCP, l4, length);
	} else if (l4_flag == RTE_MBUF_F_TX_UDP_CKSUM) {
		if (length < sizeof(struct rte_udp_hdr))
			return false;
		emu_l4_checksum(l3, ipv6, IPPROTO_UDP, l4, length);
	} else {
		struct rte_sctp_hdr *sctp = (struct rte_sctp_hdr *)l4;

		if (length < sizeof(*sctp))
			return false;
		sctp->cksum = 0;
		sctp->cksum = emu_crc32c(l4, length);
	}
	return true;
}

/* That of the UDP header of a tunnel. */
static bool
emu_checksum_fill_outer(struct rte_mbuf *m)
{
	const bool ipv6 = m->ol_flags & RTE_MBUF_F_TX_OUTER_IPV6;
	uint8_t *l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, m->outer_l2_len);
	uint8_t *end = rte_pktmbuf_mtod_offset(m, uint8_t *, m->data_len);
	uint8_t *udp = l3 + m->outer_l3_len;
	uint32_t length;

	if (udp > end ||
	    m->outer_l3_len < (ipv6 ? sizeof(struct rte_ipv6_hdr)
			       : sizeof(struct rte_ipv4_hdr)))
		return false;
	length = emu_l4_length(l3, ipv6, udp, end);
	if (length < sizeof(struct rte_udp_hdr))
		return false;
	emu_l4_checksum(l3, ipv6, IPPROTO_UDP, udp, length);
	return true;
}

/* DPDK guide, "Mbuf Library", "Meta Information": with an outer header,
 * l2_len goes from its L4 header to the inner L3 header. */
bool
emu_checksum_fill(struct rte_mbuf *m)
{
	const bool tunnel = m->ol_flags & RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
	const uint32_t outer = tunnel ? m->outer_l2_len + m->outer_l3_len : 0;

	if (!emu_checksum_fill_frame(m, rte_pktmbuf_mtod_offset(
					     m, uint8_t *, outer + m->l2_len)))
		return false;
	return !tunnel || emu_checksum_fill_outer(m);
}

bool
emu_checksum_complete(void *data, uint32_t length, uint16_t start,
		      uint16_t offset)
{
	uint8_t *from = (uint8_t *)data + start;
	uint16_t sum;

	if ((uint32_t)start + offset + sizeof(sum) > length)
		return false;
	sum = ~rte_raw_cksum(from, length - start);
	/* 0 would say that there is no checksum in UDP, and means the same
	 * as 0xffff in TCP. */
	if (sum == 0)
		sum = 0xffff;
	memcpy(from + offset, &sum, sizeof(sum));
	return true;
}

/* -- Segmentation ------------------------------------------------------- */

/* Sets the headers of the segment 'm', whose payload starts 'done' bytes
 * after the frame's; it is number 'index', and the 'last' one or not. */
static void
emu_segment_headers(struct rte_mbuf *m,
		    const struct emu_segment_layout *layout, uint32_t done,
		    uint32_t index, bool last)
{
	void *l3 = rte_pktmbuf_mtod_offset(m, void *, layout->l3);
	void *l4 = rte_pktmbuf_mtod_offset(m, void *, layout->l4);
	struct rte_tcp_hdr *tcp = l4;
	struct rte_udp_hdr *udp = l4;

	if (layout->ipv6) {
		struct rte_ipv6_hdr *ip6 = l3;

		ip6->payload_len = rte_cpu_to_be_16(
			m->pkt_len - layout->l3 - sizeof(*ip6));
	} else {
		struct rte_ipv4_hdr *ip = l3;

		ip->total_length = rte_cpu_to_be_16(m->pkt_len - layout->l3);
		ip->packet_id = rte_cpu_to_be_16(
			rte_be_to_cpu_16(ip->packet_id) + index);
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
	}

	if (layout->tcp) {
		tcp->sent_seq = rte_cpu_to_be_32(
			rte_be_to_cpu_32(tcp->sent_seq) + done);
		if (!last)
			tcp->tcp_flags &= ~(RTE_TCP_FIN_FLAG |
					    RTE_TCP_PSH_FLAG);
		if (index != 0)
			tcp->tcp_flags &= ~RTE_TCP_CWR_FLAG;
		emu_l4_checksum(l3, layout->ipv6, IPPROTO_TCP, l4,
				m->pkt_len - layout->l4);
	} else {
		udp->dgram_len = rte_cpu_to_be_16(m->pkt_len - layout->l4);
		emu_l4_checksum(l3, layout->ipv6, IPPROTO_UDP, l4,
				m->pkt_len - layout->l4);
	}
}

static bool
emu_segment_layout_valid(const struct emu_segment_layout *layout,
			 uint32_t length)
{
	const size_t ip_size = layout->ipv6 ? sizeof(struct rte_ipv6_hdr)
					    : sizeof(struct rte_ipv4_hdr);
	const size_t l4_size = layout->tcp ? sizeof(struct rte_tcp_hdr)
					   : sizeof(struct rte_udp_hdr);

	return layout->l3 >= sizeof(struct rte_ether_hdr) &&
	       layout->l4 >= layout->l3 + ip_size &&
	       layout->payload >= layout->l4 + l4_size &&
	       layout->payload < length && layout->size > 0 &&
	       layout->payload + layout->size <= EMU_MAX_FRAME;
}

int
emu_segment(const void *frame, uint32_t length, emu_segment_copy *copy,
	    const struct emu_segment_layout *layout, struct rte_mempool *pool,
	    void (*emit)(struct rte_mbuf *m, void *aux), void *aux)
{
	uint32_t done, index = 0, total;

	if (!emu_segment_layout_valid(layout, length))
		return -EINVAL;
	total = length - layout->payload;
	for (done = 0; done < total; index++) {
		const uint32_t n = RTE_MIN(total - done, layout->size);
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
		uint8_t *to;

		if (m == NULL)
			return -ENOMEM;
		to = (uint8_t *)rte_pktmbuf_append(m, layout->payload + n);
		if (to == NULL) {
			rte_pktmbuf_free(m);
			return -EMSGSIZE;
		}
		copy(frame, 0, layout->payload, to);
		copy(frame, layout->payload + done, n, to + layout->payload);
		emu_segment_headers(m, layout, done, index,
				    done + n == total);
		emit(m, aux);
		done += n;
	}
	return index;
}

/* -- Towards software --------------------------------------------------- */

/* The key of most NICs' drivers, as rte_softrss_be() wants it. */
static uint8_t emu_rss_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

RTE_INIT(emu_rss_key_init)
{
	uint32_t key[RTE_DIM(emu_rss_key) / 4];

	memcpy(key, emu_rss_key, sizeof(key));
	rte_convert_rss_key(key, key, sizeof(key));
	memcpy(emu_rss_key, key, sizeof(key));
}

/* Hashes the addresses of 'l3' and, unless 'l4' is NULL, the two ports. */
static uint32_t
emu_rss_hash(const void *l3, bool ipv6, const void *l4)
{
	uint32_t tuple[EMU_TUPLE_WORDS];
	uint32_t i, n = ipv6 ? 8 : 2;

	memcpy(tuple, ipv6 ? ((const struct rte_ipv6_hdr *)l3)->src_addr
			   : (const uint8_t *)
			     &((const struct rte_ipv4_hdr *)l3)->src_addr,
	       n * sizeof(tuple[0]));
	if (l4 != NULL)
		memcpy(&tuple[n++], l4, sizeof(tuple[0]));
	for (i = 0; i < n; i++)
		tuple[i] = rte_be_to_cpu_32(tuple[i]);
	return rte_softrss_be(tuple, n, emu_rss_key);
}

static bool
emu_sctp_is_right(const uint8_t *l4, uint32_t length)
{
	const struct rte_sctp_hdr *sctp = (const void *)l4;
	struct rte_sctp_hdr header = *sctp;
	uint32_t crc;

	header.cksum = 0;
	crc = emu_crc32c_add(UINT32_MAX, (const uint8_t *)&header,
			     sizeof(header));
	crc = emu_crc32c_add(crc, l4 + sizeof(header),
			     length - sizeof(header));
	return sctp->cksum == rte_cpu_to_le_32(~crc);
}

bool
emu_l4_is_right(const void *l3, bool ipv6, uint8_t protocol, const void *l4,
		uint32_t length)
{
	const struct rte_udp_hdr *udp = l4;

	switch (protocol) {
	case IPPROTO_SCTP:
		return emu_sctp_is_right(l4, length);
	case IPPROTO_ICMP:
		return emu_raw_sum(l4, length) == 0xffff;
	case IPPROTO_UDP:
		if (rte_be_to_cpu_16(udp->dgram_len) != length)
			return false;
		/* IPv4 may go without, IPv6 may not (RFC 8200, 8.1). */
		if (udp->dgram_cksum == 0)
			return !ipv6;
		break;
	}
	return emu_l4_sum(l3, ipv6, protocol, l4, length) == 0xffff;
}

/* Checks the TCP or UDP checksum of 'length' bytes at 'l4'. */
static uint64_t
emu_l4_verify(const void *l3, bool ipv6, uint8_t proto, const void *l4,
	      uint32_t length)
{
	const struct rte_udp_hdr *udp = l4;

	if (length == 0 || (proto == IPPROTO_UDP &&
			    rte_be_to_cpu_16(udp->dgram_len) != length))
		return RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN;
	return emu_l4_is_right(l3, ipv6, proto, l4, length)
	       ? RTE_MBUF_F_RX_L4_CKSUM_GOOD : RTE_MBUF_F_RX_L4_CKSUM_BAD;
}

uint64_t
emu_receive_offload(const struct rte_mbuf *m, bool check, uint32_t *hash)
{
	struct rte_net_hdr_lens lens = { 0 };
	uint32_t ptype = rte_net_get_ptype(m, &lens, RTE_PTYPE_L2_MASK |
					   RTE_PTYPE_L3_MASK |
					   RTE_PTYPE_L4_MASK);
	const uint8_t *l3 = rte_pktmbuf_mtod_offset(m, uint8_t *,
						    lens.l2_len);
	const uint8_t *end = rte_pktmbuf_mtod_offset(m, uint8_t *,
						     m->data_len);
	const uint8_t *l4 = l3 + lens.l3_len;
	const bool ipv6 = RTE_ETH_IS_IPV6_HDR(ptype);
	uint64_t flags = 0;
	uint8_t proto;

	if (!RTE_ETH_IS_IPV4_HDR(ptype) && !ipv6)
		return 0;
	switch (ptype & RTE_PTYPE_L4_MASK) {
	case RTE_PTYPE_L4_TCP:
		proto = IPPROTO_TCP;
		break;
	case RTE_PTYPE_L4_UDP:
		proto = IPPROTO_UDP;
		break;
	default:
		proto = 0;
	}
	if (l4 + lens.l4_len > end ||
	    lens.l4_len < sizeof(struct rte_udp_hdr))
		proto = 0;

	if (check && !ipv6)
		flags |= rte_raw_cksum(l3, lens.l3_len) == 0xffff
			 ? RTE_MBUF_F_RX_IP_CKSUM_GOOD
			 : RTE_MBUF_F_RX_IP_CKSUM_BAD;
	if (check && proto != 0)
		flags |= emu_l4_verify(l3, ipv6, proto, l4,
				       emu_l4_length(l3, ipv6, l4, end));
	if (hash != NULL) {
		*hash = emu_rss_hash(l3, ipv6, proto != 0 ? l4 : NULL);
		flags |= RTE_MBUF_F_RX_RSS_HASH;
	}
	return flags;
}
