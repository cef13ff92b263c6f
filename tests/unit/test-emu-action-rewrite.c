/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: what actions do to the headers of packets. */
#include "emu-action-fixture.h"

#include <rte_random.h>

/* Runs 'actions' and an output to vport 2; returns what left. */
static uint8_t *
rewrite(const struct rte_flow_action *actions, const struct fx_frame *f)
{
	struct rte_flow_action list[8] = { 0 };
	unsigned int n = 0;

	for (; actions->type != RTE_FLOW_ACTION_TYPE_END; actions++)
		list[n++] = *actions;
	list[n] = (struct rte_flow_action)OUT(2);
	assert_int_equal(run(list, f), EMU_FATE_DONE);
	assert_int_equal(n_sent, 1);
	assert_ptr_equal(sent[0].vport, &vports[2]);
	return sent_bytes(0);
}

static bool
sent_checksums_ok(unsigned int i)
{
	struct emu_packet q;

	memset(&q, 0, sizeof(q));
	q.m = sent[i].m;
	return fx_checksums_ok(&q);
}

/* -- Rewriting ------------------------------------------------------------ */

static void
test_vlan(void **state)
{
	const struct fx_frame tagged = { .tpids = { 0x88a8, 0x8100 },
					 .proto = IPPROTO_UDP };
	const struct rte_flow_action *set = LIST(
		A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(5))),
		A(OF_SET_VLAN_PCP, CONF(of_set_vlan_pcp, 7)));
	uint8_t expected[FX_ROOM];
	uint16_t len;

	assert_memory_equal(rewrite(set, &tagged) + 12, "\x88\xa8\xe0\x05", 4);
	assert_memory_equal(rewrite(LIST(A(OF_POP_VLAN, NULL)), &tagged) + 12,
			    "\x81\x00\x20\x65\x08\x00", 6);

	/* Neither does anything to an untagged frame. */
	len = fx_build(&tcp, expected);
	assert_memory_equal(rewrite(set, &tcp), expected, len);
	assert_memory_equal(rewrite(LIST(A(OF_POP_VLAN, NULL)), &tcp),
			    expected, len);
}

static void
test_set_fields(void **state)
{
	static const struct fx_frame frames[] = {
		{ .proto = IPPROTO_TCP }, { .proto = IPPROTO_UDP },
		{ .proto = IPPROTO_SCTP, .payload = 3 },
		{ .proto = IPPROTO_TCP, .ipv6 = true },
		{ .proto = IPPROTO_UDP, .ipv6 = true, .tpids = { 0x8100 } },
		{ .proto = IPPROTO_ICMPV6, .ipv6 = true },
	};
	static const struct rte_flow_action_set_ipv6 ipv6 = { "sixteen bytes !" };
	static const struct rte_flow_action_set_mac mac = { "macmac" };
	unsigned int i;

	for (i = 0; i < RTE_DIM(frames); i++) {
		const uint8_t *b = rewrite(LIST(
			A(SET_MAC_SRC, &mac),
			A(SET_IPV4_SRC, CONF(set_ipv4, RTE_BE32(0x01020304))),
			A(SET_IPV6_DST, &ipv6),
			A(SET_TP_DST, CONF(set_tp, RTE_BE16(4444))),
			A(SET_TTL, CONF(set_ttl, 9)),
			A(SET_IPV4_DSCP, CONF(set_dscp, 46))), &frames[i]);
		const uint8_t *l3 = b + (frames[i].tpids[0] ? 18 : 14);

		assert_true(sent_checksums_ok(0));
		assert_memory_equal(b + 6, "macmac", 6);
		if (frames[i].ipv6) {
			assert_int_equal(l3[7], 9);
			assert_memory_equal(l3 + 24, &ipv6, 16);
		} else {
			assert_int_equal(l3[1], 46 << 2 | 3);
			assert_int_equal(l3[8], 9);
			assert_memory_equal(l3 + 12, "\1\2\3\4", 4);
			assert_memory_equal(l3 + 22, "\x11\x5c", 2);
		}
	}
}

static void
test_dec_ttl(void **state)
{
	struct fx_frame ip6 = { .proto = IPPROTO_UDP, .ipv6 = true };
	struct emu_program *program;
	uint32_t next;
	int ttl;

	assert_int_equal(rewrite(LIST(A(DEC_TTL, NULL)), &tcp)[22], 63);
	assert_true(sent_checksums_ok(0));
	assert_int_equal(rewrite(LIST(A(DEC_TTL, NULL)), &ip6)[21], 63);

	/* What would expire is left to software, untouched. */
	program = compile(LIST(A(OF_PUSH_VLAN,
				 CONF(of_push_vlan, RTE_BE16(0x8100))),
			       A(DEC_TTL, NULL), OUT(2)));
	forget_sent();
	for (ttl = 0; ttl < 3; ttl++) {
		struct emu_field_ref ref = { .id = EMU_FIELD_IPV4_TTL };
		uint16_t len;

		memset(&p, 0, sizeof(p));
		p.vport = &vports[1];
		p.m = make_mbuf(&tcp);
		len = p.m->data_len;
		emu_packet_parse(&p, false);
		emu_field_set(&p, ref, ttl, ~(emu_value)0);
		emu_packet_parse(&p, false);
		assert_int_equal(emu_program_run(program, NULL, &p, 0, &next),
				 ttl < 2 ? EMU_FATE_NONE : EMU_FATE_DONE);
		if (ttl < 2) {
			assert_int_equal(p.m->data_len, len);
			rte_pktmbuf_free(p.m);
		}
	}
	emu_program_free(program);
}

#define MODIFY(OP, WIDTH, ...)						\
	A(MODIFY_FIELD, CONF(modify_field,				\
		.operation = RTE_FLOW_MODIFY_##OP, .width = WIDTH, __VA_ARGS__))
#define FIELD(SIDE, NAME, OFFSET)					\
	.SIDE.field = RTE_FLOW_FIELD_##NAME, .SIDE.offset = OFFSET
#define VALUE(...)							\
	.src.field = RTE_FLOW_FIELD_VALUE, .src.value = { __VA_ARGS__ }

static void
test_modify_field(void **state)
{
	static const uint8_t pointed[] = { 9, 8, 7, 6 };
	const uint8_t *b;

	/* The example of the Programmer's Guide: the third byte of a MAC. */
	b = rewrite(LIST(MODIFY(SET, 8, FIELD(dst, MAC_DST, 16),
				VALUE(1, 2, 0x85, 4, 5, 6))), &tcp);
	assert_memory_equal(b, "\x02\x00\x85\x00\x00\x02", 6);

	b = rewrite(LIST(MODIFY(SET, 32, FIELD(dst, IPV4_SRC, 0),
				.src.field = RTE_FLOW_FIELD_POINTER,
				.src.pvalue = (void *)(uintptr_t)pointed)),
		    &tcp);
	assert_memory_equal(b + 26, pointed, 4);
	assert_true(sent_checksums_ok(0));

	/* Less than bytes: the value is in the low bits. */
	b = rewrite(LIST(MODIFY(SET, 6, FIELD(dst, IPV4_DSCP, 0), VALUE(46))),
		    &tcp);
	assert_int_equal(b[15], 46 << 2 | 3);
	b = rewrite(LIST(MODIFY(SET, 12, FIELD(dst, VLAN_ID, 0),
				VALUE(0x0a, 0xbc))),
		    &(struct fx_frame) { .tpids = { 0x8100 },
					 .proto = IPPROTO_UDP });
	assert_memory_equal(b + 14, "\x2a\xbc", 2);

	b = rewrite(LIST(MODIFY(SUB, 8, FIELD(dst, IPV4_TTL, 0), VALUE(2))),
		    &tcp);
	assert_int_equal(b[22], 62);
	b = rewrite(LIST(MODIFY(ADD, 32, FIELD(dst, TCP_SEQ_NUM, 0),
				VALUE(0xff, 0xff, 0xff, 0xff))), &tcp);
	assert_true(sent_checksums_ok(0));

	/* From field to field, with offsets from the first bit. */
	b = rewrite(LIST(MODIFY(SET, 16, FIELD(dst, TCP_PORT_SRC, 0),
				FIELD(src, IPV4_DST, 16))), &tcp);
	assert_memory_equal(b + 34, "\x00\x02", 2);
	assert_true(sent_checksums_ok(0));
}

static void
test_modify_registers(void **state)
{
	const uint32_t value = 0x00345600;
	struct emu_program *program;
	uint8_t bytes[4];
	uint32_t next;

	/* Registers: of the host's byte order, offsets from the lowest bit. */
	memcpy(bytes, &value, sizeof(bytes));
	program = compile(LIST(
		MODIFY(SET, 16, .dst.field = RTE_FLOW_FIELD_TAG,
		       .dst.level = 3, .dst.offset = 8,
		       VALUE(bytes[0], bytes[1], bytes[2], bytes[3])),
		MODIFY(SET, 8, FIELD(dst, META, 24),
		       .src.field = RTE_FLOW_FIELD_TAG, .src.level = 3,
		       .src.offset = 16),
		A(JUMP, CONF(jump, 1))));
	run_program(program, &tcp, &next);
	assert_int_equal(p.key.tag[3], 0x00345600);
	assert_int_equal(p.key.meta, 0x34000000);
	assert_true(p.has_meta);
	rte_pktmbuf_free(p.m);
	emu_program_free(program);
}

static void
test_modify_refused(void **state)
{
	refused(LIST(MODIFY(SET, 0, FIELD(dst, MAC_DST, 0), VALUE(0)),
		     OUT(0)), 0, "width 0");
	refused(LIST(MODIFY(SET, 40, FIELD(dst, MAC_DST, 16), VALUE(0)),
		     OUT(0)), 0, "do not fit into MAC_DST, which has 48");
	refused(LIST(MODIFY(SET, 32, FIELD(dst, MARK, 0), VALUE(0)), OUT(0)),
		0, "MARK, which has 24");
	refused(LIST(MODIFY(SET, 16, FIELD(dst, IPV4_SRC, 0),
			    FIELD(src, TCP_PORT_SRC, 1)), OUT(0)), 0,
		"TCP_PORT_SRC");
	refused(LIST(MODIFY(SET, 8, FIELD(dst, GTP_TEID, 0), VALUE(0)),
		     OUT(0)), 0, "cannot be modified");
	refused(LIST(MODIFY(SET, 8, .dst.field = RTE_FLOW_FIELD_TAG,
			    .dst.level = 4, VALUE(0)), OUT(0)), 0, "no TAG 4");
	refused(LIST(MODIFY(SET, 8, .dst.field = RTE_FLOW_FIELD_IPV4_TTL,
			    .dst.level = 2, VALUE(0)), OUT(0)), 0, "level 2");
	refused(LIST(MODIFY(SET, 8, FIELD(dst, IPV4_TTL, 0),
			    .src.field = RTE_FLOW_FIELD_POINTER), OUT(0)), 0,
		"null pointer");
	profile.modify_fields[0] &= ~(UINT64_C(1) << RTE_FLOW_FIELD_IPV4_TTL);
	refused(LIST(MODIFY(SET, 8, FIELD(dst, IPV4_TTL, 0), VALUE(0)),
		     OUT(0)), 0, "cannot modify IPV4_TTL");
	profile.modify_fields[0] = UINT64_MAX;
}

/* -- Tunnels -------------------------------------------------------------- */

static void
test_vxlan(void **state)
{
	static const struct rte_flow_item_eth eth = {
		.dst.addr_bytes = { 1 }, .src.addr_bytes = { 2 } };
	static const struct rte_flow_item_ipv4 ipv4 = {
		.hdr.src_addr = RTE_BE32(0xc0000201),
		.hdr.dst_addr = RTE_BE32(0xc0000202) };
	static const struct rte_flow_item_ipv6 ipv6 = { .hdr.hop_limits = 3 };
	static const struct rte_flow_item_udp udp = { .hdr.src_port = 0 };
	static const struct rte_flow_item_vxlan vxlan = { .vni = { 1, 2, 3 } };
	struct rte_flow_item items[] = {
		{ .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = &eth },
		{ .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ipv4 },
		{ .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp },
		{ .type = RTE_FLOW_ITEM_TYPE_VXLAN, .spec = &vxlan },
		{ .type = RTE_FLOW_ITEM_TYPE_END },
	};
	const struct rte_flow_action_vxlan_encap conf = { items };
	const struct rte_flow_action *push = LIST(A(VXLAN_ENCAP, &conf));
	uint8_t plain[FX_ROOM];
	uint16_t len = fx_build(&tcp, plain);
	struct emu_packet q;
	const uint8_t *b;

	b = rewrite(push, &tcp);
	assert_int_equal(sent[0].m->data_len, len + 50);
	assert_memory_equal(b + 50, plain, len);
	assert_true(sent_checksums_ok(0));
	memset(&q, 0, sizeof(q));
	q.m = sent[0].m;
	emu_packet_parse(&q, true);
	assert_int_equal(q.key.tunnel, EMU_TUNNEL_VXLAN);
	assert_int_equal(q.key.tun_vni, RTE_BE32(0x01020300));
	assert_int_equal(q.key.outer.ip_ttl, 64);
	assert_int_equal(q.outer.l4_len, 16 + len);
	assert_int_equal(b[38] << 8 | b[39], 16 + len);	/* UDP's length. */
	assert_true(rte_be_to_cpu_16(q.key.outer.l4_src) >= 49152);

	/* In, and out again. */
	assert_memory_equal(rewrite(LIST(push[0], A(VXLAN_DECAP, NULL)), &tcp),
			    plain, len);

	items[1] = (struct rte_flow_item) {
		.type = RTE_FLOW_ITEM_TYPE_IPV6, .spec = &ipv6 };
	b = rewrite(push, &tcp);
	assert_int_equal(b[21], 3);
	assert_int_equal(b[18] << 8 | b[19], 16 + len);

	items[3].type = RTE_FLOW_ITEM_TYPE_END;
	refused(LIST(push[0], OUT(0)), 0, "vxlan at its end");
	items[2].type = RTE_FLOW_ITEM_TYPE_TCP;
	refused(LIST(push[0], OUT(0)), 0, "are right");
}

/* VXLAN_DECAP of what is not VXLAN leaves the packet to software. */
static void
test_vxlan_decap_other(void **state)
{
	assert_int_equal(run(LIST(A(VXLAN_DECAP, NULL), OUT(0)), &tcp),
			 EMU_FATE_NONE);
	assert_int_equal(n_sent, 0);
}

static void
test_raw(void **state)
{
	uint8_t header[50], plain[FX_ROOM];
	const struct fx_frame outer = { .proto = IPPROTO_UDP, .payload = 8 };
	uint16_t len = fx_build(&tcp, plain);
	const uint8_t *b;

	fx_build(&outer, header);
	fx_be16(header + 36, 6081);
	fx_be16(header + 40, 0);
	b = rewrite(LIST(A(RAW_ENCAP, CONF(raw_encap, .data = header,
					   .size = sizeof(header)))), &tcp);
	assert_int_equal(b[16] << 8 | b[17], len + 36);
	assert_int_equal(b[38] << 8 | b[39], len + 16);
	assert_memory_equal(b + 34, header + 34, 2);	/* Source port. */
	assert_true(sent_checksums_ok(0));
	assert_memory_equal(b + 50, plain, len);

	/* A checksum that is not 0 is computed by a device that can. */
	fx_be16(header + 40, 0xffff);
	b = rewrite(LIST(A(RAW_ENCAP, CONF(raw_encap, .data = header,
					   .size = sizeof(header)))), &tcp);
	assert_int_equal(b[40] << 8 | b[41], 0xffff);
	profile.outer_udp_csum = true;
	b = rewrite(LIST(A(RAW_ENCAP, CONF(raw_encap, .data = header,
					   .size = sizeof(header)))), &tcp);
	assert_int_not_equal(b[40] << 8 | b[41], 0xffff);
	assert_int_equal(rte_ipv4_udptcp_cksum_verify((const void *)(b + 14),
						      b + 34), 0);
	assert_true(sent_checksums_ok(0));
	fx_be16(header + 40, 0);
	b = rewrite(LIST(A(RAW_ENCAP, CONF(raw_encap, .data = header,
					   .size = sizeof(header)))), &tcp);
	assert_int_equal(b[40] << 8 | b[41], 0);

	/* Another Ethernet header, then a rewrite of what is inside. */
	refused(LIST(A(RAW_DECAP, CONF(raw_decap, .size = 14)),
		     A(RAW_ENCAP, CONF(raw_encap, .data = header,
				       .size = 14)), OUT(0)), 1,
		"does not replace headers of layer 2");
	profile.l2_replace = true;
	b = rewrite(LIST(A(RAW_DECAP, CONF(raw_decap, .size = 14)),
			 A(RAW_ENCAP, CONF(raw_encap, .data = header,
					   .size = 14)),
			 A(SET_TTL, CONF(set_ttl, 5))), &tcp);
	assert_int_equal(sent[0].m->data_len, len);
	assert_int_equal(b[22], 5);
	assert_true(sent_checksums_ok(0));
}

/* Any list of rewrites on any frame, damaged or not: what leaves is a frame,
 * everything else is given back (the fixture looks). */
static void
test_fuzz(void **state)
{
	static const uint8_t header[50] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
					    12, 8, 0, 0x45, [23] = 17 };
	static const struct rte_flow_action_set_ipv6 ipv6 = { "sixteen bytes !" };
	const struct rte_flow_action pieces[] = {
		A(OF_POP_VLAN, NULL), A(DEC_TTL, NULL), A(MAC_SWAP, NULL),
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(5))),
		A(OF_POP_MPLS, CONF(of_pop_mpls, RTE_BE16(0x0800))),
		A(SET_IPV4_SRC, CONF(set_ipv4, RTE_BE32(0x01020304))),
		A(SET_IPV6_DST, &ipv6),
		A(SET_TP_DST, CONF(set_tp, RTE_BE16(4444))),
		A(SET_TTL, CONF(set_ttl, 9)),
		A(RAW_DECAP, CONF(raw_decap, .size = 14)),
		A(RAW_DECAP, CONF(raw_decap, .size = 50)),
		A(RAW_ENCAP, CONF(raw_encap, .data = (void *)(uintptr_t)header,
				  .size = 50)),
		A(VXLAN_DECAP, NULL), A(SAMPLE, CONF(sample, 2, LIST(
			A(OF_POP_VLAN, NULL), A(DEC_TTL, NULL), UP(0)))),
		OUT(0),
	};
	unsigned int round, i;

	rte_srand(7);
	profile.max_outputs = 10;
	for (round = 0; round < 5000; round++) {
		struct rte_flow_action list[10] = { 0 };
		uint64_t r = rte_rand();
		struct fx_frame f = {
			.proto = (r & 3) == 0 ? IPPROTO_TCP
			       : (r & 3) == 1 ? IPPROTO_SCTP : IPPROTO_UDP,
			.ipv6 = r & 4, .payload = r >> 8 & 0x7f,
			.tpids = { r & 8 ? 0x8100 : 0 },
			.ether_type = (r >> 16 & 7) ? 0 : 0x8847,
		};
		struct emu_program *program;
		uint32_t next;
		uint16_t len;

		for (i = 0; i < 1 + (r >> 20) % 8; i++)
			list[i] = pieces[rte_rand_max(RTE_DIM(pieces))];
		list[i] = (struct rte_flow_action)OUT(2);
		program = compile(list);
		forget_sent();

		memset(&p, 0, sizeof(p));
		p.vport = &vports[1];
		p.m = make_mbuf(&f);
		len = p.m->data_len;
		if (r & 16)
			rte_pktmbuf_trim(p.m, rte_rand_max(len + 1));
		if (r & 32 && p.m->data_len)
			*rte_pktmbuf_mtod_offset(p.m, uint8_t *,
				rte_rand_max(p.m->data_len)) = r >> 56;
		emu_packet_parse(&p, true);
		if (emu_program_run(program, NULL, &p, 0, &next) == EMU_FATE_NONE)
			rte_pktmbuf_free(p.m);
		for (i = 0; i < n_sent; i++) {
			assert_int_equal(sent[i].m->data_len,
					 sent[i].m->pkt_len);
			assert_true(sent[i].m->data_len <= len + 8 * 50);
		}
		emu_program_free(program);
	}
	profile.max_outputs = 4;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vlan),
		cmocka_unit_test(test_set_fields),
		cmocka_unit_test(test_dec_ttl),
		cmocka_unit_test(test_modify_field),
		cmocka_unit_test(test_modify_registers),
		cmocka_unit_test(test_modify_refused),
		cmocka_unit_test(test_vxlan),
		cmocka_unit_test(test_vxlan_decap_other),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
