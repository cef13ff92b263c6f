/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Checksums, segmentation and hashes. */
#include "emu-fixture.h"

#include <stdlib.h>

#include <rte_eal.h>
#include <rte_sctp.h>

#include "emu-segment.h"

#define L3 14

/* A frame of 'size' bytes of payload, which counts up. */
static uint32_t
make(uint8_t *frame, bool ipv6, uint8_t proto, uint32_t size)
{
	struct rte_ether_hdr *eth = (void *)frame;
	struct rte_ipv4_hdr *ip = (void *)(frame + L3);
	struct rte_ipv6_hdr *ip6 = (void *)(frame + L3);
	uint8_t *l4 = frame + L3 + (ipv6 ? sizeof(*ip6) : sizeof(*ip));
	struct rte_tcp_hdr *tcp = (void *)l4;
	const uint32_t l4_len = proto == IPPROTO_TCP ? sizeof(*tcp) : 8;
	uint32_t i;

	memset(frame, 0, 128);
	memset(&eth->dst_addr, 2, 6);
	if (ipv6) {
		eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV6);
		ip6->vtc_flow = RTE_BE32(0x60000000);
		ip6->payload_len = rte_cpu_to_be_16(l4_len + size);
		ip6->proto = proto;
		ip6->hop_limits = 64;
		memset(ip6->src_addr, 0xfd, 16);
		memset(ip6->dst_addr, 0xfe, 16);
	} else {
		eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
		ip->version_ihl = RTE_IPV4_VHL_DEF;
		ip->total_length = rte_cpu_to_be_16(20 + l4_len + size);
		ip->packet_id = RTE_BE16(0xffff);
		ip->next_proto_id = proto;
		ip->src_addr = RTE_BE32(0x0a000001);
		ip->dst_addr = RTE_BE32(0x0a000002);
	}
	tcp->src_port = RTE_BE16(1000);
	tcp->dst_port = RTE_BE16(2000);
	if (proto == IPPROTO_TCP) {
		tcp->sent_seq = RTE_BE32(0xffffff00);
		tcp->data_off = 0x50;
		tcp->tcp_flags = RTE_TCP_FIN_FLAG | RTE_TCP_PSH_FLAG |
				 RTE_TCP_CWR_FLAG | RTE_TCP_ACK_FLAG;
	} else {
		((struct rte_udp_hdr *)l4)->dgram_len =
			rte_cpu_to_be_16(8 + size);
	}
	for (i = 0; i < size; i++)
		l4[l4_len + i] = i * 7 + (i >> 8);
	return l4 + l4_len + size - frame;
}

static struct fx_mbuf *
mbuf(bool ipv6, uint8_t proto, uint32_t size)
{
	struct fx_mbuf *fx = calloc(1, sizeof(*fx));

	fx->m.buf_addr = fx->buf;
	fx->m.buf_len = sizeof(fx->buf);
	fx->m.data_off = FX_HEADROOM;
	fx->m.nb_segs = 1;
	fx->m.data_len = fx->m.pkt_len = make(fx->buf + FX_HEADROOM, ipv6,
					      proto, size);
	fx->m.l2_len = L3;
	fx->m.l3_len = ipv6 ? 40 : 20;
	return fx;
}

/* librte_net's own check of the L4 checksum, another implementation. */
static bool
right(const struct rte_mbuf *m, bool ipv6)
{
	const uint8_t *l3 = rte_pktmbuf_mtod_offset(m, uint8_t *, L3);

	return ipv6 ? !rte_ipv6_udptcp_cksum_verify((const void *)l3, l3 + 40)
		    : !rte_ipv4_udptcp_cksum_verify((const void *)l3, l3 + 20);
}

static void
test_fill(void **state)
{
	static const struct {
		bool ipv6;
		uint8_t proto;
		uint64_t flags;
	} cases[] = {
		{ false, IPPROTO_TCP, RTE_MBUF_F_TX_TCP_CKSUM },
		{ true, IPPROTO_TCP, RTE_MBUF_F_TX_TCP_CKSUM },
		{ false, IPPROTO_UDP, RTE_MBUF_F_TX_UDP_CKSUM },
		{ true, IPPROTO_UDP, RTE_MBUF_F_TX_UDP_CKSUM },
	};
	size_t i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		const bool ipv6 = cases[i].ipv6;
		/* An odd length, and padding that is not the packet's. */
		struct fx_mbuf *fx = mbuf(ipv6, cases[i].proto, 101);

		memset(fx->buf + FX_HEADROOM + fx->m.data_len, 0xee, 9);
		fx->m.data_len = fx->m.pkt_len += 9;
		fx->m.ol_flags = cases[i].flags | (ipv6
			? RTE_MBUF_F_TX_IPV6
			: RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
		assert_false(right(&fx->m, ipv6));
		assert_true(emu_checksum_fill(&fx->m));
		assert_true(right(&fx->m, ipv6));
		if (!ipv6)
			assert_int_equal(rte_raw_cksum(fx->buf + FX_HEADROOM +
						       L3, 20), 0xffff);
		free(fx);
	}
}

static void
test_fill_sctp(void **state)
{
	struct fx_mbuf *fx = mbuf(false, IPPROTO_SCTP, 33);
	struct rte_sctp_hdr *sctp =
		(void *)(fx->buf + FX_HEADROOM + L3 + 20);
	uint32_t want;

	sctp->cksum = 0;
	want = fx_crc32c((const uint8_t *)sctp, 8 + 33);
	sctp->cksum = 0x12345678;
	fx->m.ol_flags = RTE_MBUF_F_TX_SCTP_CKSUM | RTE_MBUF_F_TX_IPV4;
	assert_true(emu_checksum_fill(&fx->m));
	assert_int_equal(sctp->cksum, want);
	free(fx);
}

static void
test_fill_truncated(void **state)
{
	struct fx_mbuf *fx = mbuf(false, IPPROTO_TCP, 0);
	uint16_t len;

	fx->m.ol_flags = RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_IPV4 |
			 RTE_MBUF_F_TX_IP_CKSUM;
	for (len = 0; len < L3 + 40; len++) {
		fx->m.data_len = fx->m.pkt_len = len;
		assert_false(emu_checksum_fill(&fx->m));
	}
	fx->m.data_len = fx->m.pkt_len = len;
	fx->m.l3_len = 0;
	assert_false(emu_checksum_fill(&fx->m));
	free(fx);
}

/* The UDP header of a tunnel, whose inner frame needs nothing. */
static void
test_fill_outer(void **state)
{
	int ipv6;

	for (ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct fx_mbuf *fx = mbuf(ipv6, IPPROTO_UDP, 77);
		struct rte_mbuf *m = &fx->m;

		m->outer_l2_len = m->l2_len;
		m->outer_l3_len = m->l3_len;
		m->l2_len = m->l3_len = 0;
		m->ol_flags = RTE_MBUF_F_TX_OUTER_UDP_CKSUM |
			      (ipv6 ? RTE_MBUF_F_TX_OUTER_IPV6
			       : RTE_MBUF_F_TX_OUTER_IPV4);
		assert_false(right(m, ipv6));
		assert_true(emu_checksum_fill(m));
		assert_true(right(m, ipv6));
		m->data_len = m->pkt_len = m->outer_l2_len + m->outer_l3_len;
		assert_false(emu_checksum_fill(m));
		free(fx);
	}
}

static void
test_complete(void **state)
{
	struct fx_mbuf *fx = mbuf(false, IPPROTO_TCP, 77);
	uint8_t *data = fx->buf + FX_HEADROOM;
	struct rte_ipv4_hdr *ip = (void *)(data + L3);
	struct rte_tcp_hdr *tcp = (void *)(data + L3 + 20);

	/* What a kernel leaves to the device. */
	tcp->cksum = rte_ipv4_phdr_cksum(ip, 0);
	assert_true(emu_checksum_complete(data, fx->m.data_len, L3 + 20, 16));
	assert_true(right(&fx->m, false));
	assert_false(emu_checksum_complete(data, 40, 30, 9));
	assert_false(emu_checksum_complete(data, 40, 65535, 65535));
	free(fx);
}

static void
test_receive(void **state)
{
	struct fx_mbuf *fx = mbuf(false, IPPROTO_UDP, 20);
	struct rte_udp_hdr *udp = (void *)(fx->buf + FX_HEADROOM + L3 + 20);
	struct rte_ipv4_hdr *ip = (void *)(fx->buf + FX_HEADROOM + L3);
	uint32_t hash = 0, other = 0;
	uint64_t flags;

	fx->m.ol_flags = RTE_MBUF_F_TX_UDP_CKSUM | RTE_MBUF_F_TX_IPV4 |
			 RTE_MBUF_F_TX_IP_CKSUM;
	assert_true(emu_checksum_fill(&fx->m));
	flags = emu_receive_offload(&fx->m, true, &hash);
	assert_int_equal(flags, RTE_MBUF_F_RX_IP_CKSUM_GOOD |
				RTE_MBUF_F_RX_L4_CKSUM_GOOD |
				RTE_MBUF_F_RX_RSS_HASH);
	udp->dst_port ^= RTE_BE16(1);
	flags = emu_receive_offload(&fx->m, true, &other);
	assert_int_equal(flags & RTE_MBUF_F_RX_L4_CKSUM_MASK,
			 RTE_MBUF_F_RX_L4_CKSUM_BAD);
	assert_int_not_equal(hash, other);
	ip->time_to_live ^= 1;
	flags = emu_receive_offload(&fx->m, true, NULL);
	assert_int_equal(flags & RTE_MBUF_F_RX_IP_CKSUM_MASK,
			 RTE_MBUF_F_RX_IP_CKSUM_BAD);
	/* A fragment has ports only by chance. */
	ip->fragment_offset = RTE_BE16(0x2000);
	flags = emu_receive_offload(&fx->m, true, &hash);
	assert_int_equal(flags & RTE_MBUF_F_RX_L4_CKSUM_MASK,
			 RTE_MBUF_F_RX_L4_CKSUM_UNKNOWN);
	udp->dst_port ^= RTE_BE16(2);
	emu_receive_offload(&fx->m, true, &other);
	assert_int_equal(hash, other);
	assert_int_equal(emu_receive_offload(&fx->m, false, NULL), 0);
	free(fx);
}

/* Of the specification of receive side scaling, with ports and without. */
static void
test_hash(void **state)
{
	struct fx_mbuf *fx = mbuf(false, IPPROTO_TCP, 0);
	struct rte_ipv4_hdr *ip = (void *)(fx->buf + FX_HEADROOM + L3);
	struct rte_tcp_hdr *tcp = (void *)(ip + 1);
	uint32_t hash;

	ip->src_addr = RTE_BE32(RTE_IPV4(66, 9, 149, 187));
	ip->dst_addr = RTE_BE32(0xa18e6450);	/* 161.142.100.80 */
	tcp->src_port = RTE_BE16(2794);
	tcp->dst_port = RTE_BE16(1766);
	emu_receive_offload(&fx->m, false, &hash);
	assert_int_equal(hash, 0x51ccc178);
	ip->next_proto_id = IPPROTO_ICMP;
	emu_receive_offload(&fx->m, false, &hash);
	assert_int_equal(hash, 0x323e8fc2);
	free(fx);
}

/* -- Segmentation ------------------------------------------------------- */

static struct rte_mempool *pool;
static struct rte_mbuf *out[128];
static int n_out;

static void
collect(struct rte_mbuf *m, void *aux)
{
	out[n_out++] = m;
}

static void
copy(const void *frame, uint32_t offset, uint32_t length, void *to)
{
	memcpy(to, (const uint8_t *)frame + offset, length);
}

static void
free_out(void)
{
	rte_pktmbuf_free_bulk(out, n_out);
	n_out = 0;
}

static struct emu_segment_layout
layout(bool ipv6, bool tcp, uint16_t size)
{
	struct emu_segment_layout l = {
		.l3 = L3, .l4 = L3 + (ipv6 ? 40 : 20), .size = size,
		.ipv6 = ipv6, .tcp = tcp,
	};

	l.payload = l.l4 + (tcp ? 20 : 8);
	return l;
}

static void
check_segment(int i, const uint8_t *frame,
	      const struct emu_segment_layout *l)
{
	const uint8_t *data = rte_pktmbuf_mtod(out[i], uint8_t *);
	const struct rte_tcp_hdr *tcp = (const void *)(data + l->l4);
	const struct rte_ipv4_hdr *ip = (const void *)(data + L3);
	const bool first = i == 0, last = i == n_out - 1;

	assert_true(right(out[i], l->ipv6));
	assert_true(out[i]->pkt_len - l->payload <= l->size);
	assert_memory_equal(data + l->payload,
			    frame + l->payload + i * l->size,
			    out[i]->pkt_len - l->payload);
	if (!l->ipv6) {
		assert_int_equal(rte_be_to_cpu_16(ip->packet_id),
				 (uint16_t)(0xffff + i));
		assert_int_equal(rte_raw_cksum(ip, 20), 0xffff);
	}
	if (!l->tcp)
		return;
	assert_int_equal(rte_be_to_cpu_32(tcp->sent_seq),
			 0xffffff00 + i * l->size);
	assert_int_equal(!!(tcp->tcp_flags & RTE_TCP_FIN_FLAG), last);
	assert_int_equal(!!(tcp->tcp_flags & RTE_TCP_PSH_FLAG), last);
	assert_int_equal(!!(tcp->tcp_flags & RTE_TCP_CWR_FLAG), first);
	assert_true(tcp->tcp_flags & RTE_TCP_ACK_FLAG);
}

static void
test_segment(void **state)
{
	static uint8_t frame[65536];
	int i, kind;

	for (kind = 0; kind < 4; kind++) {
		const bool ipv6 = kind & 1, tcp = kind & 2;
		const struct emu_segment_layout l = layout(ipv6, tcp, 1001);
		const uint32_t length = make(frame, ipv6, tcp ? IPPROTO_TCP
					     : IPPROTO_UDP, 60500);

		assert_int_equal(emu_segment(frame, length, copy, &l, pool,
					     collect, NULL), 61);
		assert_int_equal(n_out, 61);
		assert_int_equal(out[60]->pkt_len, l.payload + 440);
		for (i = 0; i < n_out; i++)
			check_segment(i, frame, &l);
		free_out();
	}
}

static void
test_segment_refused(void **state)
{
	static uint8_t frame[4096];
	const uint32_t length = make(frame, false, IPPROTO_TCP, 3000);
	struct emu_segment_layout l = layout(false, true, 0);

	assert_int_equal(emu_segment(frame, length, copy, &l, pool, collect,
				     NULL), -EINVAL);
	l = layout(false, true, 1000);
	l.payload = length;
	assert_int_equal(emu_segment(frame, length, copy, &l, pool, collect,
				     NULL), -EINVAL);
	l = layout(false, true, 1000);
	l.l4 = L3 + 4;
	assert_int_equal(emu_segment(frame, length, copy, &l, pool, collect,
				     NULL), -EINVAL);
	l = layout(false, true, EMU_MAX_FRAME);
	assert_int_equal(emu_segment(frame, length, copy, &l, pool, collect,
				     NULL), -EINVAL);
	assert_int_equal(n_out, 0);
}

static void
test_segment_out_of_mbufs(void **state)
{
	static uint8_t frame[65536];
	const uint32_t length = make(frame, false, IPPROTO_TCP, 60000);
	const struct emu_segment_layout l = layout(false, true, 500);
	const unsigned int before = rte_mempool_avail_count(pool);

	assert_int_equal(emu_segment(frame, length, copy, &l, pool, collect,
				     NULL), -ENOMEM);
	free_out();
	assert_int_equal(rte_mempool_avail_count(pool), before);
}

static int
set_up(void **state)
{
	char *args[] = { "test", "--no-huge", "--no-pci", "--no-shconf",
			 "--no-telemetry", "-m", "64" };

	if (rte_eal_init(RTE_DIM(args), args) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("test", 100, 0, 0, 2048, 0);
	return pool != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	rte_mempool_free(pool);
	return rte_eal_cleanup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_fill_sctp),
		cmocka_unit_test(test_fill_truncated),
		cmocka_unit_test(test_fill_outer),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_segment),
		cmocka_unit_test(test_segment_refused),
		cmocka_unit_test(test_segment_out_of_mbufs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
