/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-packet and emu-rewrite: what is parsed, and that checksums follow. */
#include "emu-fixture.h"

#include <rte_random.h>

#define BIT(H) (UINT32_C(1) << EMU_HDR_##H)

static struct fx_mbuf fx;
static struct emu_packet p;
static uint8_t data[FX_ROOM];

static void
load(const struct fx_frame *f)
{
	uint16_t len = fx_build(f, data);

	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
}

static void
test_l4_headers(void **state)
{
	static const struct {
		uint8_t proto;
		bool ipv6;
		uint32_t present;
	} cases[] = {
		{ IPPROTO_TCP, false, BIT(IPV4) | BIT(TCP) },
		{ IPPROTO_UDP, false, BIT(IPV4) | BIT(UDP) },
		{ IPPROTO_SCTP, false, BIT(IPV4) | BIT(SCTP) },
		{ IPPROTO_ICMP, false, BIT(IPV4) | BIT(ICMP) },
		{ IPPROTO_ICMPV6, false, BIT(IPV4) },
		{ IPPROTO_TCP, true, BIT(IPV6) | BIT(TCP) },
		{ IPPROTO_UDP, true, BIT(IPV6) | BIT(UDP) },
		{ IPPROTO_SCTP, true, BIT(IPV6) | BIT(SCTP) },
		{ IPPROTO_ICMPV6, true, BIT(IPV6) | BIT(ICMP6) },
		{ IPPROTO_ICMP, true, BIT(IPV6) },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		load(&(struct fx_frame) { .proto = cases[i].proto,
					  .ipv6 = cases[i].ipv6,
					  .payload = 10, .padding = 7 });
		assert_int_equal(p.key.outer.present,
				 cases[i].present | BIT(ETH));
		assert_int_equal(p.key.outer.ip_proto, cases[i].proto);
		assert_int_equal(p.key.outer.ip_ttl, 64);
		assert_int_equal(p.outer.l3, 14);
		assert_int_equal(p.outer.l4, cases[i].ipv6 ? 54 : 34);
		assert_int_equal(p.outer.l4_len,
				 fx_l4_len(cases[i].proto) + 10);
	}
}

static void
test_vlans(void **state)
{
	load(&(struct fx_frame) { .tpids = { 0x88a8, 0x8100 },
				  .proto = IPPROTO_UDP });
	assert_int_equal(p.key.outer.present, BIT(ETH) | BIT(VLAN0) |
			 BIT(VLAN1) | BIT(IPV4) | BIT(UDP));
	assert_int_equal(p.key.outer.eth_type, RTE_BE16(0x88a8));
	assert_int_equal(p.key.outer.vlan[0].tci, RTE_BE16(0x2000 | 100));
	assert_int_equal(p.key.outer.vlan[0].inner_type, RTE_BE16(0x8100));
	assert_int_equal(p.key.outer.vlan[1].inner_type, RTE_BE16(0x0800));

	load(&(struct fx_frame) { .tpids = { 0x8100, 0x8100, 0x8100 },
				  .proto = IPPROTO_UDP });
	assert_int_equal(p.key.outer.present, BIT(ETH) | BIT(VLAN0) |
			 BIT(VLAN1) | BIT(VLAN_MORE));

	/* Open vSwitch does not take 0x9100 for a VLAN. */
	load(&(struct fx_frame) { .tpids = { 0x9100 },
				  .proto = IPPROTO_UDP });
	assert_int_equal(p.key.outer.present, BIT(ETH));
}

static void
test_fragments(void **state)
{
	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .frag = 0x2000 });
	assert_true(emu_headers_have(&p.key.outer, EMU_HDR_UDP));
	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .frag = 0x2010 });
	assert_int_equal(p.key.outer.present, BIT(ETH) | BIT(IPV4));
	assert_int_equal(p.key.outer.ip_frag, RTE_BE16(0x2010));
	assert_int_equal(p.outer.l4, 0);

	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .ipv6 = true,
				  .ext_frag = true, .frag = 1 });
	assert_int_equal(p.key.outer.present, BIT(ETH) | BIT(IPV6) |
			 BIT(IPV6_FRAG) | BIT(UDP));
	assert_int_equal(p.key.outer.ip_proto, IPPROTO_UDP);
	assert_int_equal(p.key.outer.ip6_next, IPPROTO_FRAGMENT);
	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .ipv6 = true,
				  .ext_frag = true, .frag = 0x18 });
	assert_int_equal(p.key.outer.present,
			 BIT(ETH) | BIT(IPV6) | BIT(IPV6_FRAG));
	assert_int_equal(p.key.outer.ip_proto, IPPROTO_FRAGMENT);
}

/* Changes one byte of a good frame and tells what is present then. */
static uint32_t
present_with(const struct fx_frame *f, unsigned int at, uint8_t value)
{
	uint16_t len = fx_build(f, data);

	data[at] = value;
	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
	return p.key.outer.present & ~BIT(ETH);
}

static void
test_malformed(void **state)
{
	const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 16 };
	const struct fx_frame tcp6 = { .proto = IPPROTO_TCP, .ipv6 = true };
	const struct fx_frame ext6 = { .proto = IPPROTO_TCP, .ipv6 = true,
				       .routing = true };

	/* IPv4: header length below 5 words or beyond the total length. */
	assert_int_equal(present_with(&tcp, 14, 0x44), 0);
	assert_int_equal(present_with(&tcp, 14, 0x4f), 0);
	/* Total length beyond the frame, and below the header's. */
	assert_int_equal(present_with(&tcp, 16, 0x10), 0);
	assert_int_equal(present_with(&tcp, 17, 19), 0);
	/* TCP: data offset below 5 words, or beyond the packet. */
	assert_int_equal(present_with(&tcp, 46, 0x40), BIT(IPV4));
	assert_int_equal(present_with(&tcp, 46, 0xf0), BIT(IPV4));
	/* IPv6: payload length; an extension header beyond the packet. */
	assert_int_equal(present_with(&tcp6, 18, 0x10), 0);
	assert_int_equal(present_with(&ext6, 55, 0xff), 0);
	assert_int_equal(present_with(&ext6, 55, 2), BIT(IPV6) | BIT(TCP));
}

static const uint8_t arp[] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06,
	0, 1, 8, 0, 6, 4, 0, 1,
	2, 0, 0, 0, 0, 1, 10, 0, 0, 1,
	0, 0, 0, 0, 0, 0, 10, 0, 0, 2,
};

static void
test_arp(void **state)
{
	fx_packet_init(&p, fx_mbuf_init(&fx, arp, sizeof(arp)));
	assert_int_equal(p.key.outer.present, BIT(ETH) | BIT(ARP));
	assert_int_equal(p.key.outer.arp_op, RTE_BE16(1));
	assert_memory_equal(&p.key.outer.arp_sha, arp + 22, 6);
	assert_memory_equal(p.key.outer.ip_src, arp + 28, 4);
	assert_memory_equal(p.key.outer.ip_dst, arp + 38, 4);

	/* Too short, and of another kind of hardware. */
	fx_packet_init(&p, fx_mbuf_init(&fx, arp, sizeof(arp) - 1));
	assert_int_equal(p.key.outer.present, BIT(ETH));
	memcpy(data, arp, sizeof(arp));
	data[15] = 6;
	fx_packet_init(&p, fx_mbuf_init(&fx, data, sizeof(arp)));
	assert_int_equal(p.key.outer.present, BIT(ETH));
}

/* A neighbor solicitation with 'n' source link-layer address options. */
static void
load_nd(unsigned int n)
{
	struct fx_frame f = { .proto = IPPROTO_ICMPV6, .ipv6 = true,
			      .payload = 16 + 8 * n };
	uint16_t len = fx_build(&f, data);
	uint8_t *icmp = data + 54;
	unsigned int i;

	icmp[0] = 135;
	for (i = 0; i < n; i++) {
		icmp[24 + 8 * i] = 1;
		icmp[25 + 8 * i] = 1;
	}
	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
}

static void
test_nd(void **state)
{
	const uint32_t icmp6 = BIT(ETH) | BIT(IPV6) | BIT(ICMP6);

	load_nd(0);
	assert_int_equal(p.key.outer.present, icmp6 | BIT(ND_NS));
	assert_memory_equal(p.key.outer.nd_target, data + 62, 16);
	load_nd(1);
	assert_int_equal(p.key.outer.present,
			 icmp6 | BIT(ND_NS) | BIT(ND_SLL));
	assert_memory_equal(&p.key.outer.arp_sha, data + 80, 6);
	load_nd(2);
	assert_int_equal(p.key.outer.present, icmp6);
}

static void
test_tunnels(void **state)
{
	const struct fx_frame inner = { .proto = IPPROTO_TCP };
	uint8_t frame[FX_ROOM];
	uint16_t inner_len = fx_build(&inner, frame);
	const struct fx_frame outer = { .proto = IPPROTO_UDP,
					.payload = 8 + 8 + inner_len };
	uint16_t len = fx_build(&outer, data);

	/* GENEVE with two words of options. */
	fx_be16(data + 36, 6081);
	memcpy(data + 42, "\x02\x40\x65\x58\x00\x12\x34\x00", 8);
	memcpy(data + 50, "\x01\x02\x80\x01\xaa\xbb\xcc\xdd", 8);
	memcpy(data + 58, frame, inner_len);
	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
	assert_int_equal(p.key.tunnel, EMU_TUNNEL_GENEVE);
	assert_int_equal(p.key.tun_vni, RTE_BE32(0x123400));
	assert_int_equal(p.key.tun_opt_len, 2);
	assert_int_equal(p.key.geneve_opt[1], RTE_BE32(0xaabbccdd));
	assert_int_equal(p.key.inner.present,
			 BIT(ETH) | BIT(IPV4) | BIT(TCP));
	assert_int_equal(p.inner.l2, 58);

	/* The same bytes without tunnels. */
	emu_packet_parse(&p, false);
	assert_int_equal(p.key.tunnel, EMU_TUNNEL_NONE);
	assert_int_equal(p.key.inner.present, 0);

	/* VXLAN; what were options is now part of the inner frame. */
	fx_be16(data + 36, 4789);
	data[42] = 8;
	data[43] = 0x48;
	data[45] = 0x12;
	data[49] = 0x07;
	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
	assert_int_equal(p.key.tunnel, EMU_TUNNEL_VXLAN);
	assert_int_equal(p.key.tun_flags, 8);
	assert_int_equal(p.key.vxlan_rsvd, RTE_BE32(0x48651207));
	assert_int_equal(p.inner.l2, 50);
}

static void
test_gre(void **state)
{
	uint8_t frame[FX_ROOM];
	const struct fx_frame inner = { .proto = IPPROTO_UDP };
	uint16_t inner_len = fx_build(&inner, frame);
	const struct fx_frame outer = { .proto = IPPROTO_GRE,
					.payload = inner_len };
	uint16_t len = fx_build(&outer, data);

	memcpy(data + 34, "\x20\x00\x65\x58\x00\x00\x00\x07", 8);
	memcpy(data + 42, frame, inner_len);
	fx_packet_init(&p, fx_mbuf_init(&fx, data, len));
	assert_int_equal(p.key.tunnel, EMU_TUNNEL_GRE);
	assert_int_equal(p.key.tun_vni, RTE_BE32(7));
	assert_int_equal(p.key.inner.present,
			 BIT(ETH) | BIT(IPV4) | BIT(UDP));
}

/* Every truncation, and random changes, of every kind of frame: no read may
 * leave the buffer, which is exactly as long as the frame. */
static void
test_fuzz(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP,
		IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_GRE };
	unsigned int i, round;

	rte_srand(1);
	for (round = 0; round < 20000; round++) {
		uint64_t r = rte_rand();
		struct fx_frame f = {
			.proto = protos[round % RTE_DIM(protos)],
			.ipv6 = r & 1,
			.ext_frag = r & 2,
			.routing = r & 4,
			.payload = (r >> 8) & 0x7f,
			.tpids = { r & 8 ? 0x8100 : 0,
				   r & 16 ? 0x88a8 : 0 },
		};
		uint16_t full = fx_build(&f, data);
		uint16_t len = r & 32 ? full : rte_rand_max(full + 1);
		uint8_t *exact = malloc(len ? len : 1);
		struct rte_mbuf m = {
			.buf_addr = exact, .buf_len = len, .data_len = len,
			.pkt_len = len, .nb_segs = 1,
		};

		for (i = 0; i < (r >> 16 & 7); i++)
			data[rte_rand_max(full)] = rte_rand();
		if (f.proto == IPPROTO_UDP && !f.ipv6 && !f.tpids[0])
			fx_be16(data + 36, r & 64 ? 4789 : 6081);
		memcpy(exact, data, len);
		memset(&p, 0, sizeof(p));
		p.m = &m;
		emu_packet_parse(&p, true);
		assert_true(p.outer.l3 <= len);
		assert_true(p.outer.l4 + p.outer.l4_len <= len);
		assert_true(p.inner.l4 + p.inner.l4_len <= len);
		for (i = 0; i < EMU_N_FIELDS; i++) {
			struct emu_field_ref ref = { .id = i };

			emu_field_set(&p, ref, (emu_value)r << 64 | r,
				      ~(emu_value)0);
		}
		free(exact);
	}
}

static void
set(enum emu_field_id id, emu_value value)
{
	struct emu_field_ref ref = { .id = id };

	emu_field_set(&p, ref, value, ~(emu_value)0);
}

static void
test_rewrite_checksums(void **state)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP,
		IPPROTO_SCTP, IPPROTO_ICMP, IPPROTO_ICMPV6 };
	unsigned int i, id;
	int ipv6;

	for (ipv6 = 0; ipv6 < 2; ipv6++) {
		for (i = 0; i < RTE_DIM(protos); i++) {
			if (ipv6 != (protos[i] == IPPROTO_ICMPV6) &&
			    i >= 3)
				continue;
			load(&(struct fx_frame) { .proto = protos[i],
				.ipv6 = ipv6, .payload = 31, .padding = 5 });
			assert_true(fx_checksums_ok(&p));
			for (id = EMU_FIELD_IPV4_DSCP;
			     id <= EMU_FIELD_SCTP_DST; id++) {
				emu_value v;
				struct emu_field_ref ref = { .id = id };

				if (id == EMU_FIELD_TCP_FLAGS ||
				    !emu_field_get(&p, ref, &v))
					continue;
				set(id, ~v);
				assert_true(fx_checksums_ok(&p));
				set(id, v);
				assert_true(fx_checksums_ok(&p));
				set(id, 0);
				assert_true(fx_checksums_ok(&p));
			}
		}
	}
}

/* All protocols' fields in the frame that has them hold what was set. */
static void
test_rewrite_values(void **state)
{
	const uint8_t *b = fx.buf + FX_HEADROOM;

	load(&(struct fx_frame) { .tpids = { 0x8100 }, .proto = IPPROTO_TCP });
	set(EMU_FIELD_ETH_SRC, 0x0a0b0c0d0e0full);
	assert_memory_equal(b + 6, "\x0a\x0b\x0c\x0d\x0e\x0f", 6);
	set(EMU_FIELD_VLAN_VID, 0xabc);
	set(EMU_FIELD_VLAN_PCP, 5);
	assert_memory_equal(b + 12, "\x81\x00\xaa\xbc", 4);
	set(EMU_FIELD_VLAN_TYPE, 0x88a8);
	assert_memory_equal(b + 12, "\x88\xa8\xaa\xbc", 4);
	set(EMU_FIELD_IPV4_DSCP, 0x2a);
	assert_int_equal(b[19], 0x2a << 2 | 0x03);
	set(EMU_FIELD_TCP_FLAGS, 0x102);
	assert_memory_equal(b + 18 + 20 + 12, "\x51\x02", 2);
	assert_true(fx_checksums_ok(&p));

	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .ipv6 = true });
	set(EMU_FIELD_IPV6_DSCP, 0x3f);
	set(EMU_FIELD_IPV6_ECN, 1);
	assert_memory_equal(b + 14, "\x6f\xd0\x00\x00", 4);
}

static void
test_masked(void **state)
{
	const struct emu_field_ref src = { .id = EMU_FIELD_IPV4_SRC };
	const struct emu_field_ref tag = { .id = EMU_FIELD_TAG, .index = 3 };

	load(&(struct fx_frame) { .proto = IPPROTO_TCP });
	emu_field_set(&p, src, 0xffffffff, 0x00ff00f0);
	assert_memory_equal(fx.buf + FX_HEADROOM + 26, "\x0a\xff\x00\xf1", 4);
	assert_true(fx_checksums_ok(&p));

	p.key.tag[3] = 0x12345678;
	emu_field_set(&p, tag, 0xabcdabcd, 0x0000ff00);
	assert_int_equal(p.key.tag[3], 0x1234ab78);
}

/* A checksum that was wrong stays wrong by as much. */
static void
test_wrong_checksum_stays(void **state)
{
	uint8_t *b = fx.buf + FX_HEADROOM;
	uint16_t before, after;

	load(&(struct fx_frame) { .proto = IPPROTO_TCP });
	b[34 + 17] ^= 1;
	memcpy(&before, b + 34 + 16, 2);
	set(EMU_FIELD_IPV4_SRC, 0x01020304);
	assert_false(fx_checksums_ok(&p));
	set(EMU_FIELD_IPV4_SRC, 0x0a000001);
	memcpy(&after, b + 34 + 16, 2);
	assert_int_equal(before, after);

	load(&(struct fx_frame) { .proto = IPPROTO_SCTP, .payload = 5 });
	b[34 + 9] ^= 1;
	set(EMU_FIELD_SCTP_SRC, 77);
	assert_false(fx_checksums_ok(&p));
	b[34 + 9] ^= 1;
	assert_true(fx_checksums_ok(&p));
}

static void
test_udp_zero(void **state)
{
	const uint8_t *b = fx.buf + FX_HEADROOM;
	unsigned int port;
	bool ffff = false;

	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .no_udp_csum = true });
	set(EMU_FIELD_IPV4_DST, 0x01020304);
	set(EMU_FIELD_UDP_SRC, 4242);
	assert_memory_equal(b + 40, "\0\0", 2);

	/* One of all ports makes the sum 0, which is sent as 0xffff. */
	load(&(struct fx_frame) { .proto = IPPROTO_UDP });
	for (port = 1; port <= UINT16_MAX; port++) {
		set(EMU_FIELD_UDP_SRC, port);
		assert_false(b[40] == 0 && b[41] == 0);
		ffff |= b[40] == 0xff && b[41] == 0xff;
	}
	assert_true(ffff);
}

/* Payload of a later fragment is no header. */
static void
test_later_fragment(void **state)
{
	uint8_t payload[28];
	const uint8_t *b = fx.buf + FX_HEADROOM;

	load(&(struct fx_frame) { .proto = IPPROTO_TCP, .frag = 0x2010,
				  .payload = 8 });
	memcpy(payload, b + 34, sizeof(payload));
	set(EMU_FIELD_IPV4_SRC, 0x01020304);
	set(EMU_FIELD_TCP_SRC, 99);
	assert_memory_equal(payload, b + 34, sizeof(payload));
	assert_true(fx_checksums_ok(&p));

	/* In the first one the checksum follows the address. */
	load(&(struct fx_frame) { .proto = IPPROTO_UDP, .frag = 0x2000 });
	set(EMU_FIELD_IPV4_SRC, 0x01020304);
	assert_true(fx_checksums_ok(&p));
}

/* With segments left the IPv6 destination is not in the checksum. */
static void
test_routing_header(void **state)
{
	const uint8_t *b = fx.buf + FX_HEADROOM;
	uint16_t before, after;

	load(&(struct fx_frame) { .proto = IPPROTO_TCP, .ipv6 = true,
				  .routing = true });
	assert_int_equal(p.outer.l4, 14 + 40 + 24);
	memcpy(&before, b + 78 + 16, 2);
	set(EMU_FIELD_IPV6_DST, 1);
	memcpy(&after, b + 78 + 16, 2);
	assert_int_equal(before, after);
	set(EMU_FIELD_IPV6_SRC, 1);
	memcpy(&after, b + 78 + 16, 2);
	assert_int_not_equal(before, after);
}

static void
test_insert_remove(void **state)
{
	uint16_t len;

	load(&(struct fx_frame) { .proto = IPPROTO_TCP });
	len = p.m->data_len;
	assert_true(emu_packet_insert(&p, 12, 4));
	assert_int_equal(p.m->data_len, len + 4);
	assert_int_equal(p.outer.l3, 18);
	assert_int_equal(p.outer.l4, 38);
	assert_true(p.stale);
	assert_memory_equal(rte_pktmbuf_mtod(p.m, uint8_t *), data, 12);
	assert_true(emu_packet_remove(&p, 12, 4));
	assert_memory_equal(rte_pktmbuf_mtod(p.m, uint8_t *), data, len);

	/* Without headroom the bytes behind move, without any it fails. */
	while (rte_pktmbuf_headroom(p.m) >= 4)
		assert_true(emu_packet_insert(&p, 12, 4));
	assert_true(emu_packet_insert(&p, 12, 4));
	assert_int_equal(p.outer.l3, 14 + FX_HEADROOM + 4);
	rte_pktmbuf_append(p.m, rte_pktmbuf_tailroom(p.m));
	assert_false(emu_packet_insert(&p, 12, 4));
	assert_false(emu_packet_remove(&p, p.m->data_len - 3, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_l4_headers),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_arp),
		cmocka_unit_test(test_nd),
		cmocka_unit_test(test_tunnels),
		cmocka_unit_test(test_gre),
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_rewrite_checksums),
		cmocka_unit_test(test_rewrite_values),
		cmocka_unit_test(test_masked),
		cmocka_unit_test(test_wrong_checksum_stays),
		cmocka_unit_test(test_udp_zero),
		cmocka_unit_test(test_later_fragment),
		cmocka_unit_test(test_routing_header),
		cmocka_unit_test(test_insert_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
