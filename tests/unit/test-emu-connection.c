/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests what rules of offloaded connections need, all of it together, on the
 * profiles full and mlx5: registers that carry a zone and a connection through
 * four groups, addresses that are rewritten on the way, counters and ages; and
 * registers and headers as software sees them when a packet misses half-way.
 *
 * Moves between registers are compared with shifts of plain integers. */
#define FIXTURE_ENGINE
#include "emu-switch-fixture.h"

#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_flow_driver.h>
#include <rte_malloc.h>

#include "emu-table.h"

/* Items are written without the fields that are not needed. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define ACTIONS(...) \
	((const struct rte_flow_action[]) { __VA_ARGS__, A(END, NULL) })
#define I(NAME, SPEC, MASK) { RTE_FLOW_ITEM_TYPE_##NAME, SPEC, NULL, MASK }
#define ITEMS(...) \
	((const struct rte_flow_item[]) { __VA_ARGS__, I(END, NULL, NULL) })
#define ITEM(TYPE, ...) \
	(&(const struct rte_flow_item_##TYPE) { __VA_ARGS__ })
#define REGISTER(NAME, INDEX, OFFSET) \
	{ .field = RTE_FLOW_FIELD_##NAME, .level = INDEX, .offset = OFFSET }

static struct rte_flow_error error;
static struct emu_profile *loaded;

static int
setup_profile(const char *name)
{
	char message[512];

	setenv("DPU_EMU_PROFILE_PATH", FIXTURE_PROFILE_DIR, 1);
	loaded = emu_profile_load(name, message, sizeof(message));
	if (!loaded)
		return -1;
	device.profile = loaded;
	device.qsbr = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1),
				  RTE_CACHE_LINE_SIZE);
	rte_rcu_qsbr_init(device.qsbr, 1);
	if (rte_flow_dynf_metadata_register() < 0)
		return -1;
	return emu_flow_engine_create(&device);
}

static int
setup_full(void **state __rte_unused)
{
	return setup_profile("full");
}

static int
setup_mlx5(void **state __rte_unused)
{
	return setup_profile("mlx5");
}

static int
teardown(void **state __rte_unused)
{
	emu_flow_engine_destroy(&device);
	rte_free(device.qsbr);
	emu_profile_free(loaded);
	device.profile = &profile;
	forget_sent();
	return 0;
}

/* Creates a rule in 'group' for packets of vf0. */
static struct rte_flow *
create(uint32_t group, const struct rte_flow_item *items,
       const struct rte_flow_action *actions)
{
	const struct rte_flow_attr attr = { .transfer = 1, .group = group };
	struct rte_flow *flow;

	flow = emu_flow_ops.create(
		&rte_eth_devices[vports[1].eth_port_id], &attr, items,
		actions, &error);
	if (!flow)
		fail_msg("group %u: %s", group, error.message);
	return flow;
}

static uint64_t
hits(struct rte_flow *flow)
{
	struct rte_flow_query_count q = { 0 };

	assert_int_equal(emu_flow_ops.query(
		&rte_eth_devices[vports[1].eth_port_id], flow,
		ACTIONS(A(COUNT, NULL)), &q, &error), 0);
	return q.hits;
}

/* Sends 'frame', with TCP flags unless they are 0, from vf0.  It has to come
 * up at 'vport', or to be dropped if that is NULL. */
static struct rte_mbuf *
pass(const struct fx_frame *frame, uint8_t tcp_flags, struct emu_vport *vport)
{
	struct rte_mbuf *m = make_mbuf(frame);
	struct rte_tcp_hdr *tcp;

	forget_sent();
	if (tcp_flags) {
		tcp = rte_pktmbuf_mtod_offset(m, void *, 34);
		tcp->tcp_flags = tcp_flags;
		tcp->cksum = 0;
		tcp->cksum = rte_ipv4_udptcp_cksum(
			rte_pktmbuf_mtod_offset(m, void *, 14), tcp);
	}
	emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, &m, 1, rte_rdtsc());
	if (!vport) {
		assert_int_equal(n_sent, 0);
		return NULL;
	}
	assert_int_equal(n_sent, 1);
	assert_true(sent[0].up);
	assert_ptr_equal(sent[0].vport, vport);
	return sent[0].m;
}

/* -- A connection ------------------------------------------------------ */

#define ZONE 0x8001
#define CONNECTION 0x89abcdef
#define MARK_ID 0xfedcba

/* The chain of rules; the last group has none. */
static struct rte_flow *chain[4];

static void
create_chain(void)
{
	/* A zone for the port. */
	chain[0] = create(0, ITEMS(I(ETH, NULL, NULL)), ACTIONS(
		A(SET_TAG, CONF(set_tag, ZONE, UINT32_MAX, 0)),
		A(COUNT, NULL), A(JUMP, CONF(jump, 1))));
	/* The connection, but for packets that change its state. */
	chain[1] = create(1, ITEMS(
		I(TAG, ITEM(tag, ZONE, 0), ITEM(tag, 0xffff, UINT8_MAX)),
		I(ETH, NULL, NULL),
		I(IPV4, ITEM(ipv4, .hdr.src_addr = RTE_BE32(0x0a000001),
			     .hdr.dst_addr = RTE_BE32(0x0a000002)),
		  ITEM(ipv4, .hdr.src_addr = UINT32_MAX,
		       .hdr.dst_addr = UINT32_MAX,
		       .hdr.fragment_offset = RTE_BE16(0x3fff))),
		I(TCP, ITEM(tcp, .hdr.src_port = RTE_BE16(1000),
			    .hdr.dst_port = RTE_BE16(2000)),
		  ITEM(tcp, .hdr.src_port = UINT16_MAX,
		       .hdr.dst_port = UINT16_MAX,
		       .hdr.tcp_flags = RTE_TCP_FIN_FLAG | RTE_TCP_SYN_FLAG
					| RTE_TCP_RST_FLAG))),
		ACTIONS(A(SET_IPV4_SRC, CONF(set_ipv4, RTE_BE32(0xc0a80101))),
			A(SET_TP_SRC, CONF(set_tp, RTE_BE16(4444))),
			A(SET_META, CONF(set_meta, CONNECTION, UINT32_MAX)),
			A(MODIFY_FIELD, CONF(modify_field,
				.operation = RTE_FLOW_MODIFY_SET,
				.dst = REGISTER(TAG, 3, 8),
				.src = REGISTER(TAG, 0, 0),
				.width = 16)),
			A(MODIFY_FIELD, CONF(modify_field,
				.operation = RTE_FLOW_MODIFY_SET,
				.dst = REGISTER(TAG, 1, 0),
				.src = { .field = RTE_FLOW_FIELD_VALUE,
					 .value = { 0x21, 0, 0, 0 } },
				.width = 32)),
			A(COUNT, NULL),
			A(AGE, CONF(age, .timeout = 30)),
			A(JUMP, CONF(jump, 2))));
	/* By all of its registers, and by the new address. */
	chain[2] = create(2, ITEMS(
		I(TAG, ITEM(tag, ZONE << 8, 3), ITEM(tag, 0x00ffff00,
						     UINT8_MAX)),
		I(TAG, ITEM(tag, 0x21, 1), ITEM(tag, 0x3f, UINT8_MAX)),
		I(META, ITEM(meta, CONNECTION), ITEM(meta, UINT32_MAX)),
		I(ETH, NULL, NULL),
		I(IPV4, ITEM(ipv4, .hdr.src_addr = RTE_BE32(0xc0a80101)),
		  ITEM(ipv4, .hdr.src_addr = UINT32_MAX)),
		I(TCP, ITEM(tcp, .hdr.src_port = RTE_BE16(4444)),
		  ITEM(tcp, .hdr.src_port = UINT16_MAX))),
		ACTIONS(A(MARK, CONF(mark, MARK_ID)), A(COUNT, NULL),
			A(SET_IPV4_DST, CONF(set_ipv4, RTE_BE32(0xc0a80202))),
			A(JUMP, CONF(jump, 3))));
}

static void
test_chain(void **state __rte_unused)
{
	const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 10 };
	struct rte_flow_query_age age = { 0 };
	struct emu_packet p;
	struct rte_mbuf *m;

	create_chain();
	m = pass(&tcp, RTE_TCP_ACK_FLAG, &vports[1]);
	assert_int_equal(hits(chain[0]), 1);
	assert_int_equal(hits(chain[1]), 1);
	assert_int_equal(hits(chain[2]), 1);
	/* It missed in group 3: software sees how far it came. */
	assert_int_equal(m->ol_flags & RTE_MBUF_F_RX_FDIR_ID,
			 RTE_MBUF_F_RX_FDIR_ID);
	assert_int_equal(m->hash.fdir.hi, MARK_ID);
	assert_true(m->ol_flags & RTE_MBUF_DYNFLAG_RX_METADATA);
	assert_int_equal(*RTE_FLOW_DYNF_METADATA(m), CONNECTION);
	memset(&p, 0, sizeof(p));
	p.m = m;
	assert_true(fx_checksums_ok(&p));
	assert_memory_equal(p.key.outer.ip_src, "\xc0\xa8\x01\x01", 4);
	assert_memory_equal(p.key.outer.ip_dst, "\xc0\xa8\x02\x02", 4);
	assert_int_equal(p.key.outer.l4_src, RTE_BE16(4444));
	assert_int_equal(p.key.outer.l4_dst, RTE_BE16(2000));

	/* A rule in group 3 by MARK. */
	chain[3] = create(3, ITEMS(I(MARK, ITEM(mark, MARK_ID),
				     ITEM(mark, 0xffffff))),
			  ACTIONS(A(COUNT, NULL), A(DROP, NULL)));
	pass(&tcp, RTE_TCP_ACK_FLAG | RTE_TCP_PSH_FLAG, NULL);
	assert_int_equal(hits(chain[3]), 1);
	assert_int_equal(emu_flow_ops.query(
		&rte_eth_devices[vports[1].eth_port_id], chain[1],
		ACTIONS(A(AGE, NULL)), &age, &error), 0);
	assert_int_equal(age.aged, 0);
	assert_int_equal(age.sec_since_last_hit_valid, 1);
}

/* What changes a connection's state, and fragments, go to software as they
 * came, without the registers of later groups. */
static void
test_exceptions(void **state __rte_unused)
{
	static const uint8_t flags[] = {
		RTE_TCP_SYN_FLAG, RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG,
		RTE_TCP_FIN_FLAG | RTE_TCP_ACK_FLAG, RTE_TCP_RST_FLAG,
	};
	struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 10 };
	static uint8_t data[FX_ROOM];
	struct rte_mbuf *m;
	uint32_t i;

	create_chain();
	for (i = 0; i < RTE_DIM(flags); i++) {
		m = pass(&tcp, flags[i], &vports[1]);
		assert_false(m->ol_flags & (RTE_MBUF_F_RX_FDIR_ID
					    | RTE_MBUF_DYNFLAG_RX_METADATA));
		assert_memory_equal(sent_bytes(0) + 26, "\x0a\0\0\x01", 4);
	}
	tcp.frag = 0x2000;
	m = pass(&tcp, 0, &vports[1]);
	assert_int_equal(m->data_len, fx_build(&tcp, data));
	assert_memory_equal(sent_bytes(0), data, m->data_len);
	tcp.frag = 100;
	pass(&tcp, 0, &vports[1]);
	assert_int_equal(hits(chain[0]), 6);
	assert_int_equal(hits(chain[1]), 0);
}

/* -- Other protocols --------------------------------------------------- */

/* Of two rules, that with the identifier of the echo request 'icmp6' has
 * it. */
static void
check_raw(const struct fx_frame *icmp6)
{
	struct rte_flow *rules[2];
	uint8_t data[FX_ROOM], ident[2];
	unsigned int i;

	emu_flow_ops.flush(&rte_eth_devices[vports[1].eth_port_id], &error);
	fx_build(icmp6, data);
	memcpy(ident, data + 58, sizeof(ident));
	for (i = 0; i < RTE_DIM(rules); i++) {
		ident[1] ^= i;
		rules[i] = create(0, ITEMS(I(ETH, NULL, NULL),
					   I(IPV6, NULL, NULL),
					   I(ICMP6, ITEM(icmp6, .type = 128),
					     ITEM(icmp6, .type = 0xff)),
					   I(RAW, ITEM(raw, .relative = 1,
						       .length = 2,
						       .pattern = ident),
					     &rte_flow_item_raw_mask)),
				  ACTIONS(A(COUNT, NULL), A(DROP, NULL)));
	}
	pass(icmp6, 0, NULL);
	assert_int_equal(hits(rules[0]), 1);
	assert_int_equal(hits(rules[1]), 0);
}

static void
test_icmp(void **state __rte_unused)
{
	const struct fx_frame icmp = { .proto = IPPROTO_ICMP, .payload = 8 };
	const struct fx_frame icmp6 = { .proto = IPPROTO_ICMPV6,
					.payload = 8, .ipv6 = true };
	uint8_t data[FX_ROOM];
	rte_be16_t ident;

	fx_build(&icmp, data);
	memcpy(&ident, data + 38, sizeof(ident));
	create(0, ITEMS(I(ETH, NULL, NULL), I(IPV4, NULL, NULL),
			I(ICMP, ITEM(icmp, .hdr.icmp_type = 8,
				     .hdr.icmp_ident = ident),
			  ITEM(icmp, .hdr.icmp_type = 0xff,
			       .hdr.icmp_code = 0xff,
			       .hdr.icmp_ident = 0xffff))),
	       ACTIONS(A(COUNT, NULL), A(DROP, NULL)));
	pass(&icmp, 0, NULL);
	create(0, ITEMS(I(ETH, NULL, NULL), I(IPV6, NULL, NULL),
			I(ICMP6, ITEM(icmp6, .type = 128),
			  ITEM(icmp6, .type = 0xff, .code = 0xff))),
	       ACTIONS(A(COUNT, NULL), A(DROP, NULL)));
	pass(&icmp6, 0, NULL);
	if (emu_profile_has_item(loaded, RTE_FLOW_ITEM_TYPE_RAW))
		check_raw(&icmp6);
	create(0, ITEMS(I(ETH, NULL, NULL), I(IPV4, NULL, NULL),
			I(ICMP, ITEM(icmp, .hdr.icmp_type = 9),
			  ITEM(icmp, .hdr.icmp_type = 0xff))),
	       ACTIONS(A(COUNT, NULL), A(DROP, NULL)));
	emu_flow_ops.flush(&rte_eth_devices[vports[1].eth_port_id], &error);
	pass(&icmp, 0, &vports[1]);
}

/* IPv6, with SCTP where the device has that. */
static void
test_ipv6(void **state __rte_unused)
{
	const bool has_sctp = emu_profile_has_item(loaded,
						   RTE_FLOW_ITEM_TYPE_SCTP);
	struct fx_frame sctp = { .proto = IPPROTO_SCTP, .payload = 8,
				 .ipv6 = true };
	struct fx_frame udp = { .proto = IPPROTO_UDP, .payload = 8,
				.ipv6 = true };
	static const struct rte_flow_action_set_ipv6 address = {
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07" };
	struct emu_packet p;

	create(0, ITEMS(I(ETH, NULL, NULL),
			I(IPV6, ITEM(ipv6, .hdr.proto = IPPROTO_UDP),
			  ITEM(ipv6, .hdr.proto = 0xff, .has_frag_ext = 1)),
			I(UDP, ITEM(udp, .hdr.dst_port = RTE_BE16(2000)),
			  ITEM(udp, .hdr.dst_port = 0xffff))),
	       ACTIONS(A(SET_IPV6_DST, &address),
		       A(SET_TP_DST, CONF(set_tp, RTE_BE16(53))),
		       A(JUMP, CONF(jump, 1))));
	memset(&p, 0, sizeof(p));
	p.m = pass(&udp, 0, &vports[1]);
	assert_true(fx_checksums_ok(&p));
	assert_int_equal(p.key.outer.l4_dst, RTE_BE16(53));
	assert_memory_equal(p.key.outer.ip_dst, &address, 16);
	udp.ext_frag = true;
	memset(&p, 0, sizeof(p));
	p.m = pass(&udp, 0, &vports[1]);
	emu_packet_parse(&p, true);
	assert_int_equal(p.key.outer.l4_dst, RTE_BE16(2000));
	if (!has_sctp)
		return;
	create(0, ITEMS(I(ETH, NULL, NULL), I(IPV6, NULL, NULL),
			I(SCTP, ITEM(sctp, .hdr.src_port = RTE_BE16(1000),
				     .hdr.dst_port = RTE_BE16(2000)),
			  ITEM(sctp, .hdr.src_port = 0xffff,
			       .hdr.dst_port = 0xffff))),
	       ACTIONS(A(SET_TP_SRC, CONF(set_tp, RTE_BE16(99))),
		       A(SET_IPV6_DST, &address),
		       A(JUMP, CONF(jump, 1))));
	memset(&p, 0, sizeof(p));
	p.m = pass(&sctp, 0, &vports[1]);
	assert_true(fx_checksums_ok(&p));
	assert_int_equal(p.key.outer.l4_src, RTE_BE16(99));
}

/* -- Moves between registers ------------------------------------------- */

enum { TAGS = 4, MARK_REGISTER = TAGS, META_REGISTER, N_REGISTERS };

static uint32_t
register_bits(int r)
{
	return r == MARK_REGISTER ? loaded->mark_bits
	     : r == META_REGISTER ? loaded->meta_bits : 32;
}

static struct rte_flow_action_modify_data
register_data(int r, uint32_t offset)
{
	return (struct rte_flow_action_modify_data) {
		.field = r == MARK_REGISTER ? RTE_FLOW_FIELD_MARK
		       : r == META_REGISTER ? RTE_FLOW_FIELD_META
		       : RTE_FLOW_FIELD_TAG,
		.level = r < TAGS ? r : 0,
		.offset = offset,
	};
}

/* Groups 0 to 3 set all registers, move parts of them, and show two of them as
 * MARK and META. */
static void
test_moves(void **state __rte_unused)
{
	const struct fx_frame udp = { .proto = IPPROTO_UDP, .payload = 8 };
	uint32_t i, j, mask;

	srandom(1);
	for (i = 0; i < 2000; i++) {
		uint32_t value[N_REGISTERS];
		struct rte_flow_action_modify_field set[N_REGISTERS], move[3];
		struct rte_flow_action actions[N_REGISTERS + 2];
		uint32_t show = random() % TAGS;
		struct rte_mbuf *m;

		memset(set, 0, sizeof(set));
		memset(move, 0, sizeof(move));
		memset(actions, 0, sizeof(actions));
		for (j = 0; j < N_REGISTERS; j++) {
			uint32_t bits = register_bits(j);

			value[j] = random() ^ (uint32_t)random() << 16;
			if (bits < 32)
				value[j] &= (1u << bits) - 1;
			set[j].dst = register_data(j, 0);
			set[j].src.field = RTE_FLOW_FIELD_VALUE;
			memcpy(set[j].src.value, &value[j], 4);
			set[j].width = bits;
			actions[j].type = RTE_FLOW_ACTION_TYPE_MODIFY_FIELD;
			actions[j].conf = &set[j];
		}
		actions[j].type = RTE_FLOW_ACTION_TYPE_JUMP;
		actions[j].conf = CONF(jump, 1);
		create(0, ITEMS(I(ETH, NULL, NULL)), actions);

		memset(actions, 0, sizeof(actions));
		for (j = 0; j < 3; j++) {
			uint32_t to = random() % N_REGISTERS;
			uint32_t from = random() % N_REGISTERS;
			uint32_t n = RTE_MIN(register_bits(to),
					     register_bits(from));
			uint32_t width = 1 + random() % n;
			uint32_t at, src;

			at = random() % (register_bits(to) - width + 1);
			src = random() % (register_bits(from) - width + 1);
			mask = UINT32_MAX >> (32 - width);
			value[to] = (value[to] & ~(mask << at))
				    | (value[from] >> src & mask) << at;
			move[j].dst = register_data(to, at);
			move[j].src = register_data(from, src);
			move[j].width = width;
			actions[j].type = RTE_FLOW_ACTION_TYPE_MODIFY_FIELD;
			actions[j].conf = &move[j];
		}
		actions[j].type = RTE_FLOW_ACTION_TYPE_JUMP;
		actions[j].conf = CONF(jump, 2);
		create(1, ITEMS(I(ETH, NULL, NULL)), actions);
		/* Every register is what the model has. */
		create(2, ITEMS(I(TAG, ITEM(tag, value[0], 0),
				  ITEM(tag, UINT32_MAX, UINT8_MAX)),
				I(TAG, ITEM(tag, value[1], 1),
				  ITEM(tag, UINT32_MAX, UINT8_MAX)),
				I(TAG, ITEM(tag, value[2], 2),
				  ITEM(tag, UINT32_MAX, UINT8_MAX)),
				I(TAG, ITEM(tag, value[3], 3),
				  ITEM(tag, UINT32_MAX, UINT8_MAX)),
				I(MARK, ITEM(mark, value[MARK_REGISTER]),
				  ITEM(mark, (uint32_t)(
					(UINT64_C(1) << loaded->mark_bits)
					- 1))),
				I(META, ITEM(meta, value[META_REGISTER]),
				  ITEM(meta, UINT32_MAX)),
				I(ETH, NULL, NULL)),
		       ACTIONS(A(MODIFY_FIELD, CONF(modify_field,
					.dst = register_data(META_REGISTER,
							     0),
					.src = register_data(show, 0),
					.width = 32)),
			       A(JUMP, CONF(jump, 3))));
		m = pass(&udp, 0, &vports[1]);
		assert_int_equal(m->hash.fdir.hi, value[MARK_REGISTER]);
		assert_int_equal(*RTE_FLOW_DYNF_METADATA(m), value[show]);
		emu_flow_ops.flush(&rte_eth_devices[vports[1].eth_port_id],
				   &error);
	}
}

/* -- What the registers do not hold ------------------------------------ */

static void
refused(const struct rte_flow_item *items,
	const struct rte_flow_action *actions, const char *message)
{
	const struct rte_flow_attr attr = { .transfer = 1, .group = 1 };

	assert_null(emu_flow_ops.create(
		&rte_eth_devices[vports[1].eth_port_id], &attr, items,
		actions, &error));
	if (!strstr(error.message, message))
		fail_msg("%s", error.message);
}

static void
test_limits(void **state __rte_unused)
{
	const struct rte_flow_item *eth = ITEMS(I(ETH, NULL, NULL));

	refused(ITEMS(I(TAG, ITEM(tag, 1, 4), ITEM(tag, 1, UINT8_MAX))),
		ACTIONS(A(DROP, NULL)), "index 4");
	refused(ITEMS(I(MARK, ITEM(mark, 1u << 24), ITEM(mark, UINT32_MAX))),
		ACTIONS(A(DROP, NULL)), "24 bits");
	refused(eth, ACTIONS(A(MARK, CONF(mark, 1u << 24)), A(DROP, NULL)),
		"24 bits");
	refused(eth, ACTIONS(A(SET_TAG, CONF(set_tag, 1, 1, 4)),
			     A(DROP, NULL)), "no TAG 4");
	refused(eth, ACTIONS(A(MODIFY_FIELD, CONF(modify_field,
				.dst = REGISTER(MARK, 0, 20),
				.src = REGISTER(TAG, 0, 0), .width = 8)),
			     A(DROP, NULL)), "do not fit");
}

int
main(void)
{
#define TEST(NAME) \
	cmocka_unit_test_setup_teardown(test_##NAME, setup_full, teardown), \
	cmocka_unit_test_setup_teardown(test_##NAME, setup_mlx5, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(chain),
		TEST(exceptions),
		TEST(icmp),
		TEST(ipv6),
		TEST(moves),
		cmocka_unit_test_setup_teardown(test_limits, setup_mlx5,
						teardown),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
