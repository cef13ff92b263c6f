/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: what is refused and why, and what actions do to packets. */
#include "emu-switch-fixture.h"

#include <rte_cycles.h>
#include <rte_mtr.h>
#include <rte_mtr_driver.h>
#include <rte_random.h>

#include "emu-indirect.h"
#include "emu-meter.h"
#include "emu-table.h"

/* No rules but the program at hand. */
const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group,
		 const struct emu_packet *p)
{
	return NULL;
}

void
emu_table_lookup_bulk(const struct emu_flow_engine *engine, uint32_t group,
		      const struct emu_packet *const *packets, uint32_t n,
		      const struct emu_rule **found)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		found[i] = emu_table_lookup(engine, group, packets[i]);
}

bool
emu_table_has_software_rules(const struct emu_flow_engine *engine)
{
	return false;
}

bool
emu_table_has_tunnel_rules(const struct emu_flow_engine *engine)
{
	return false;
}

bool
emu_table_has_ingress_rules(const struct emu_flow_engine *engine)
{
	return false;
}

const struct emu_program *
emu_rule_program(const struct emu_rule *rule)
{
	return rule->program;
}

/* Shorthand for lists of actions. */
#define CONF(TYPE, ...) \
	(&(const struct rte_flow_action_##TYPE) { __VA_ARGS__ })
#define A(NAME, CONF_) { RTE_FLOW_ACTION_TYPE_##NAME, CONF_ }
#define LIST(...) \
	((const struct rte_flow_action[]) { __VA_ARGS__, A(END, NULL) })
#define OUT(VPORT) \
	A(REPRESENTED_PORT, CONF(ethdev, vports[VPORT].eth_port_id))
#define UP(VPORT) \
	A(PORT_REPRESENTOR, CONF(ethdev, vports[VPORT].eth_port_id))
#define DROP A(DROP, NULL)

static struct emu_packet p;
static const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 10 };

static struct emu_program *
compile(const struct rte_flow_action *actions)
{
	struct rte_flow_error error = { 0 };
	struct emu_program *program = NULL;
	int ret = emu_program_compile(&vports[1], 0, actions, false, &program,
				      &error);

	if (ret)
		print_error("%s\n", error.message);
	assert_int_equal(ret, 0);
	assert_int_equal(emu_program_compile(&vports[1], 0, actions, true,
					     NULL, &error), 0);
	return program;
}

static enum emu_fate
run_program(const struct emu_program *program, const struct fx_frame *f,
	    uint32_t *next)
{
	memset(&p, 0, sizeof(p));
	p.vport = &vports[1];
	p.m = make_mbuf(f);
	emu_packet_parse(&p, true);
	return emu_program_run(program, NULL, &p, rte_rdtsc(), next);
}

static enum emu_fate
run(const struct rte_flow_action *actions, const struct fx_frame *f)
{
	struct emu_program *program = compile(actions);
	enum emu_fate fate;
	uint32_t next;

	forget_sent();
	fate = run_program(program, f, &next);
	if (fate != EMU_FATE_DONE)
		rte_pktmbuf_free(p.m);
	emu_program_free(program);
	return fate;
}

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

/* -- Refusals ------------------------------------------------------------- */

/* 'cause' of 'actions' is refused with a message that contains 'words'. */
static void
refused(const struct rte_flow_action *actions, unsigned int cause,
	const char *words)
{
	int dry;

	for (dry = 0; dry < 2; dry++) {
		struct rte_flow_error error = { 0 };
		struct emu_program *program = NULL;
		int ret = emu_program_compile(&vports[1], 5, actions, dry,
					      &program, &error);

		assert_true(ret < 0);
		assert_int_equal(rte_errno, -ret);
		assert_null(program);
		assert_ptr_equal(error.cause, &actions[cause]);
		assert_true(error.type == RTE_FLOW_ERROR_TYPE_ACTION ||
			    error.type == RTE_FLOW_ERROR_TYPE_ACTION_CONF);
		if (!strstr(error.message, words))
			fail_msg("\"%s\" lacks \"%s\"", error.message, words);
	}
}

static void
test_refused_configurations(void **state)
{
	refused(LIST(A(COUNT, NULL), A(JUMP, NULL)), 1, "configuration");
	refused(LIST(A(JUMP, CONF(jump, 5))), 0, "itself");
	refused(LIST(A(JUMP, CONF(jump, 100))), 0, "beyond the last one, 99");
	refused(LIST(A(REPRESENTED_PORT, CONF(ethdev, 77))), 0, "ethdev 77");
	refused(LIST(A(REPRESENTED_PORT, CONF(ethdev, stranger))), 0,
		"does not belong to net_dpu_emu0");
	refused(LIST(A(PORT_ID, CONF(port_id, .id = stranger))), 0,
		"does not belong");
	refused(LIST(A(SET_TAG, CONF(set_tag, .index = 4)), DROP), 0,
		"no TAG 4");
	refused(LIST(A(MARK, CONF(mark, 1 << 24)), DROP), 0, "24 bits");
	refused(LIST(A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x9100))),
		     OUT(0)), 0, "0x9100");
	refused(LIST(A(OF_SET_VLAN_VID,
		       CONF(of_set_vlan_vid, RTE_BE16(4096))), OUT(0)), 0,
		"4096");
	refused(LIST(A(OF_SET_VLAN_PCP, CONF(of_set_vlan_pcp, 8)), OUT(0)), 0,
		"above 7");
	refused(LIST(A(RAW_DECAP, CONF(raw_decap, .size = 0)), OUT(0)), 0,
		"0 bytes");
	refused(LIST(A(RAW_ENCAP, CONF(raw_encap, .size = 14)), OUT(0)), 0,
		"without data");
	refused(LIST(A(METER, CONF(meter, 9)), OUT(0)), 0, "no meter 9");
	refused(LIST(A(INDIRECT, &device), OUT(0)), 0, "no such indirect");
	refused(LIST(A(QUEUE, NULL), OUT(0)), 0, "not emulated");
	refused(LIST(A(RSS, NULL)), 0, "ingress");
	refused(LIST(A(AGE, CONF(age, .reserved = 1)), OUT(0)), 0, "reserved");
}

static void
test_refused_lists(void **state)
{
	const struct rte_flow_action *nested;

	refused(LIST(A(COUNT, NULL)), 0, "nothing decides");
	refused(LIST(DROP, A(JUMP, CONF(jump, 1))), 1, "second fate");
	refused(LIST(A(JUMP, CONF(jump, 1)), OUT(0)), 1, "second fate");
	refused(LIST(OUT(0), DROP), 1, "was sent");
	refused(LIST(OUT(0), A(OF_POP_VLAN, NULL)), 1, "after the packet");
	refused(LIST(OUT(0), OUT(1), OUT(2), OUT(0), OUT(1)), 4,
		"more than 4");
	refused(LIST(A(SAMPLE, CONF(sample, .ratio = 0,
				    .actions = LIST(OUT(0)))), OUT(0)), 0,
		"ratio 0");

	/* Within a SAMPLE the cause is the inner action. */
	nested = LIST(A(SAMPLE, CONF(sample, 1, LIST(OUT(0)))), OUT(0));
	{
		struct rte_flow_error error;
		const struct rte_flow_action *list = LIST(
			A(SAMPLE, CONF(sample, 1, nested)), OUT(0));

		assert_true(emu_program_compile(&vports[1], 0, list, true,
						NULL, &error) < 0);
		assert_ptr_equal(error.cause, &nested[0]);
	}
}

static void
test_refused_by_profile(void **state)
{
	profile.actions[RTE_FLOW_ACTION_TYPE_DEC_TTL / 64] &=
		~(UINT64_C(1) << RTE_FLOW_ACTION_TYPE_DEC_TTL % 64);
	refused(LIST(A(DEC_TTL, NULL), OUT(0)), 0,
		"profile test does not have the action DEC_TTL");
	profile.actions[RTE_FLOW_ACTION_TYPE_DEC_TTL / 64] = UINT64_MAX;
}

/* What was taken for a rule that is refused half-way is given back. */
static void
test_unwind(void **state)
{
	struct rte_flow_error error;
	struct emu_program *program = NULL;

	assert_int_equal(emu_program_compile(&vports[1], 0,
		LIST(A(COUNT, CONF(count, 1)), A(COUNT, CONF(count, 2)),
		     A(COUNT, CONF(count, 3)), DROP), false, &program,
		&error), -ENOSPC);
	assert_non_null(strstr(error.message, "all 2 counters"));
	assert_int_equal(device.n_counters, 0);
}

/* -- Ports ---------------------------------------------------------------- */

static void
test_outputs(void **state)
{
	/* Each output sends the packet as it is at that point. */
	run(LIST(OUT(0), A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		 A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(7))),
		 UP(2), A(OF_POP_VLAN, NULL), A(PORT_ID, CONF(port_id,
			.id = vports[1].eth_port_id)), A(COUNT, NULL)), &tcp);
	assert_int_equal(n_sent, 3);
	assert_ptr_equal(sent[0].vport, &vports[0]);
	assert_false(sent[0].up);
	assert_ptr_equal(sent[1].vport, &vports[2]);
	assert_true(sent[1].up);
	assert_ptr_equal(sent[2].vport, &vports[1]);
	assert_int_equal(sent[1].m->data_len, sent[0].m->data_len + 4);
	assert_memory_equal(sent_bytes(1) + 12, "\x81\x00\x00\x07\x08\x00", 6);
	assert_memory_equal(sent_bytes(2), sent_bytes(0), sent[0].m->data_len);
	assert_true(p.went_up);
}

static void
test_port_id_original(void **state)
{
	run(LIST(A(PORT_ID, CONF(port_id, .original = 1))), &tcp);
	assert_ptr_equal(sent[0].vport, &vports[1]);
}

static void
test_drop(void **state)
{
	uint64_t dropped = vports[1].stats.rx_dropped;

	assert_int_equal(run(LIST(DROP), &tcp), EMU_FATE_DONE);
	assert_int_equal(n_sent, 0);
	assert_int_equal(vports[1].stats.rx_dropped, dropped + 1);
}

static void
test_jump(void **state)
{
	struct emu_program *program = compile(
		LIST(A(SET_TAG, CONF(set_tag, 0xffff, 0xff, 2)),
		     A(SET_META, CONF(set_meta, 5, UINT32_MAX)),
		     A(JUMP, CONF(jump, 42))));
	uint32_t next = 0;

	assert_int_equal(run_program(program, &tcp, &next), EMU_FATE_JUMP);
	assert_int_equal(next, 42);
	assert_int_equal(p.key.tag[2], 0xff);
	assert_int_equal(p.key.meta, 5);
	rte_pktmbuf_free(p.m);
	emu_program_free(program);
}

static void
test_mark_goes_up(void **state)
{
	run(LIST(A(MARK, CONF(mark, 0xabcdef)), UP(0)), &tcp);
	assert_true(sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
	assert_int_equal(sent[0].m->hash.fdir.hi, 0xabcdef);
	run(LIST(UP(0)), &tcp);
	assert_false(sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
}

static void
test_sample(void **state)
{
	const struct rte_flow_action *mirror = LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))), OUT(0));
	struct emu_program *program;
	unsigned int i, copies = 0;
	uint32_t next;

	run(LIST(A(SAMPLE, CONF(sample, 1, mirror)), OUT(2)), &tcp);
	assert_int_equal(n_sent, 2);
	assert_int_equal(sent[0].m->data_len, sent[1].m->data_len + 4);
	assert_false(p.went_up);

	program = compile(LIST(A(SAMPLE, CONF(sample, 4, LIST(UP(0)))),
			       OUT(2)));
	rte_srand(1);
	for (i = 0; i < 1000; i++) {
		forget_sent();
		run_program(program, &tcp, &next);
		copies += n_sent - 1;
	}
	emu_program_free(program);
	assert_in_range(copies, 150, 350);
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

/* -- Counters ------------------------------------------------------------- */

static void
test_count(void **state)
{
	struct emu_program *program = compile(LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(COUNT, CONF(count, 1)), A(COUNT, CONF(count, 2)), OUT(2)));
	struct rte_flow_query_count q = { .reset = 1 };
	struct rte_flow_error error;
	uint32_t next, len = 0;
	int i;

	for (i = 0; i < 3; i++) {
		forget_sent();
		run_program(program, &tcp, &next);
		len = sent[0].m->data_len - 4;	/* As it came in. */
	}
	assert_int_equal(device.n_counters, 2);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 2))), &q, &error), 0);
	assert_int_equal(q.hits, 3);
	assert_int_equal(q.bytes, 3 * len);
	assert_true(q.hits_set && q.bytes_set);
	run_program(program, &tcp, &next);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 2))), &q, &error), 0);
	assert_int_equal(q.hits, 1);
	q.reset = 0;
	assert_int_equal(emu_program_query(program, NULL, LIST(A(COUNT, NULL)), &q,
					   &error), 0);
	assert_int_equal(q.hits, 4);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 3))), &q, &error), -EINVAL);
	emu_program_free(program);
	assert_int_equal(device.n_counters, 0);
}

static void
test_age(void **state)
{
	int context;
	struct emu_program *program = compile(LIST(
		A(AGE, CONF(age, .timeout = 10, .context = &context)),
		OUT(2)));
	struct rte_flow_query_age q;
	struct rte_flow_error error;
	uint64_t now = rte_rdtsc();
	uint64_t late = now + 11 * rte_get_tsc_hz();
	void *contexts[2];
	uint32_t next;

	assert_int_equal(emu_program_aged(program, NULL, now, contexts, 2), 0);
	assert_int_equal(emu_program_aged(program, NULL, late, NULL, 0), 1);
	assert_int_equal(emu_program_aged(program, NULL, late, contexts, 2), 1);
	assert_ptr_equal(contexts[0], &context);
	/* Once, until it is hit again. */
	assert_int_equal(emu_program_aged(program, NULL, late, contexts, 2), 0);
	run_program(program, &tcp, &next);
	assert_int_equal(emu_program_aged(program, NULL, now, contexts, 2), 0);
	assert_int_equal(emu_program_aged(program, NULL, late + rte_get_tsc_hz(),
					  contexts, 2), 1);
	assert_int_equal(emu_program_query(program, NULL, LIST(A(AGE, NULL)), &q,
					   &error), 0);
	assert_false(q.aged);
	assert_int_equal(q.sec_since_last_hit, 0);
	emu_program_free(program);
}

static void
test_indirect(void **state)
{
	const struct rte_flow_action count = A(COUNT, NULL);
	const struct rte_flow_action age = A(AGE, CONF(age, .timeout = 10));
	const struct rte_flow_action drop = DROP;
	struct rte_flow_action_handle *c, *a;
	struct rte_flow_query_count q = { 0 };
	struct emu_program *one, *two;
	struct rte_flow_error error;
	void *contexts[1];
	uint32_t next;

	assert_null(emu_indirect_create(&vports[1], NULL, &drop, &error));
	c = emu_indirect_create(&vports[1], NULL, &count, &error);
	a = emu_indirect_create(&vports[2], NULL, &age, &error);
	assert_non_null(c);
	assert_non_null(a);
	one = compile(LIST(A(INDIRECT, c), OUT(2)));
	two = compile(LIST(A(INDIRECT, c), A(INDIRECT, a), OUT(0)));
	run_program(one, &tcp, &next);
	run_program(two, &tcp, &next);
	assert_int_equal(emu_indirect_query(&vports[0], c, &q, &error), 0);
	assert_int_equal(q.hits, 2);
	assert_int_equal(emu_program_query(one, NULL, LIST(A(INDIRECT, c)), &q,
					   &error), 0);
	assert_int_equal(q.hits, 2);

	assert_int_equal(emu_indirect_aged(&device, rte_rdtsc() +
					   12 * rte_get_tsc_hz(), contexts,
					   1), 1);
	assert_ptr_equal(contexts[0], a);
	assert_int_equal(emu_program_aged(two, NULL, rte_rdtsc() +
					  12 * rte_get_tsc_hz(), contexts, 1),
			 0);
	assert_int_equal(emu_indirect_update(&vports[0], a,
		&(struct rte_flow_update_age) { .timeout_valid = 1,
						.timeout = 100, .touch = 1 },
		&error), 0);
	assert_int_equal(emu_indirect_aged(&device, rte_rdtsc() +
					   12 * rte_get_tsc_hz(), NULL, 0), 0);

	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error), -EBUSY);
	emu_program_free(one);
	emu_program_free(two);
	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error), 0);
	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error),
			 -ENOENT);
	assert_int_equal(device.n_counters, 0);
	emu_indirect_flush(&device, &vports[2]);
	assert_int_equal(emu_indirect_query(&vports[0], a, &q, &error),
			 -ENOENT);
	emu_indirect_flush(&device, NULL);
	assert_null(device.indirects);
}

/* -- Meters --------------------------------------------------------------- */

/* A burst of 3, at one packet per second. */
static struct rte_mtr_meter_profile meter_profile = {
	.alg = RTE_MTR_SRTCM_RFC2697,
	.srtcm_rfc2697 = { .cir = 1, .cbs = 3, .ebs = 0 },
	.packet_mode = 1,
};
static struct rte_mtr_meter_policy_params meter_policy = {
	.actions = { [RTE_COLOR_RED] = LIST(DROP) } };
static struct rte_mtr_params meter_params = {
	.meter_profile_id = 1, .meter_policy_id = 2, .meter_enable = 1 };

/* Returns how many of 6 packets 'program' lets pass. */
static int
count_passed(struct emu_program *program)
{
	uint32_t next;
	int i;

	forget_sent();
	for (i = 0; i < 6; i++) {
		memset(&p, 0, sizeof(p));
		p.vport = &vports[1];
		p.m = make_mbuf(&tcp);
		emu_packet_parse(&p, false);
		emu_program_run(program, NULL, &p, 1, &next);
	}
	return n_sent;
}

static void
test_meter(void **state)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vports[0].eth_port_id];
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct rte_mtr_stats stats;
	struct rte_mtr_error error;
	struct emu_program *program;
	uint32_t next;

	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), 0);
	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), -EEXIST);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error),
			 -ENOENT);
	assert_int_equal(ops->meter_policy_add(dev, 2, &meter_policy, &error),
			 0);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	assert_int_equal(ops->meter_policy_delete(dev, 2, &error), -EBUSY);
	assert_int_equal(ops->meter_profile_delete(dev, 1, &error), -EBUSY);

	/* Both of the two that a rule may have, and no more. */
	emu_program_free(compile(LIST(A(METER, CONF(meter, 7)),
				      A(METER, CONF(meter, 7)), OUT(2))));
	refused(LIST(A(METER, CONF(meter, 7)), A(METER, CONF(meter, 7)),
		     A(METER, CONF(meter, 7)), OUT(2)), 2,
		"more than 2 meters");

	program = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(program), 3);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 1, &error), 0);
	assert_int_equal(stats.n_pkts[RTE_COLOR_GREEN], 3);
	assert_int_equal(stats.n_pkts_dropped, 3);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 0, &error), 0);
	assert_int_equal(stats.n_pkts_dropped, 0);

	assert_int_equal(ops->meter_disable(dev, 7, &error), 0);
	forget_sent();
	run_program(program, &tcp, &next);
	assert_int_equal(n_sent, 1);

	assert_int_equal(ops->destroy(dev, 7, &error), -EBUSY);
	emu_program_free(program);
	assert_int_equal(ops->destroy(dev, 7, &error), 0);
	emu_meters_destroy(&device);
	assert_null(device.meters);
}

/* The device loses its meters: rules that have one let all pass until they
 * go, nobody finds it, and there may be another one of its number. */
static void
test_lost_meters(void **state)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vports[0].eth_port_id];
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct emu_program *program, *other;
	struct rte_mtr_stats stats;
	struct rte_mtr_error error;

	emu_meters_lose(&device);		/* None. */
	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), 0);
	assert_int_equal(ops->meter_policy_add(dev, 2, &meter_policy, &error),
			 0);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	assert_int_equal(ops->create(dev, 8, &meter_params, 1, &error), 0);
	program = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(program), 3);

	emu_meters_lose(&device);
	assert_int_equal(count_passed(program), 6);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 0, &error),
			 -ENOENT);
	assert_int_equal(ops->stats_read(dev, 8, &stats, NULL, 0, &error),
			 -ENOENT);
	assert_int_equal(ops->destroy(dev, 7, &error), -ENOENT);
	refused(LIST(A(METER, CONF(meter, 7)), OUT(2)), 0, "no meter 7");

	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	other = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(other), 3);
	assert_int_equal(count_passed(program), 6);
	emu_program_free(program);
	assert_int_equal(ops->destroy(dev, 7, &error), -EBUSY);
	emu_program_free(other);
	assert_int_equal(ops->destroy(dev, 7, &error), 0);
	assert_int_equal(ops->meter_policy_delete(dev, 2, &error), 0);
	assert_int_equal(ops->meter_profile_delete(dev, 1, &error), 0);
	emu_meters_destroy(&device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_configurations),
		cmocka_unit_test(test_refused_lists),
		cmocka_unit_test(test_refused_by_profile),
		cmocka_unit_test(test_unwind),
		cmocka_unit_test(test_outputs),
		cmocka_unit_test(test_port_id_original),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_mark_goes_up),
		cmocka_unit_test(test_sample),
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
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_meter),
		cmocka_unit_test(test_lost_meters),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
