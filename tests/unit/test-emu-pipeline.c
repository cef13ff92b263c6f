/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-pipeline: where packets go, by way of rules that stand in a list: the
 * first one of the group whose Ethernet type fits is found. */
#include "emu-lookup-fixture.h"
#include "emu-switch-fixture.h"

#define MAX_RULES 100

static struct test_rule {
	struct emu_rule rule;
	uint32_t group;
	rte_be16_t eth_type;		/* 0: any. */
	uint16_t vport;			/* UINT16_MAX: any. */
} rules[MAX_RULES];
static unsigned int n_rules, n_lookups;

const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group,
		 const struct emu_packet *p)
{
	unsigned int i;

	RTE_SET_USED(engine);
	assert_false(p->stale);
	n_lookups++;
	for (i = 0; i < n_rules; i++) {
		const struct test_rule *r = &rules[i];

		if (r->group != group)
			continue;
		if ((!r->eth_type ||
		     r->eth_type == p->key.outer.eth_type) &&
		    (r->vport == UINT16_MAX || r->vport == p->key.vport))
			return &r->rule;
	}
	return NULL;
}

static void
add_rule(uint32_t group, uint16_t eth_type, const struct rte_flow_action *list)
{
	struct rte_flow_error error = { 0 };
	struct test_rule *r = &rules[n_rules++];

	assert_true(n_rules <= MAX_RULES);
	r->group = group;
	r->eth_type = rte_cpu_to_be_16(eth_type);
	r->vport = UINT16_MAX;
	if (emu_program_compile(&vports[1], group, list, false,
				&r->rule.program, &error))
		fail_msg("%s", error.message);
}

static int
reset(void **state)
{
	RTE_SET_USED(state);
	while (n_rules)
		emu_program_free(rules[--n_rules].rule.program);
	n_lookups = 0;
	software_rules = false;
	ingress_rules = false;
	memset(&vports[1].stats, 0, sizeof(vports[1].stats));
	forget_sent();
	return 0;
}

static const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 10 };

static void
run(enum emu_origin origin, const struct fx_frame *f, uint16_t n)
{
	struct rte_mbuf *pkts[MAX_SENT];
	uint16_t i;

	for (i = 0; i < n; i++)
		pkts[i] = make_mbuf(f);
	emu_pipeline_run(&vports[1], origin, pkts, n, 1000);
}

static void
expect(unsigned int i, unsigned int vport, bool up)
{
	assert_true(i < n_sent);
	assert_ptr_equal(sent[i].vport, &vports[vport]);
	assert_int_equal(sent[i].up, up);
}

static void
test_miss(void **state)
{
	run(EMU_FROM_FUNCTION, &tcp, 7);
	assert_int_equal(n_sent, 7);
	expect(6, 1, true);
	assert_int_equal(vports[1].stats.hw_packets, 0);
}

static void
test_from_software(void **state)
{
	add_rule(0, 0, LIST(OUT(2)));
	run(EMU_FROM_SOFTWARE, &tcp, 2);
	assert_int_equal(n_lookups, 0);
	expect(0, 1, false);
	expect(1, 1, false);

	software_rules = true;
	run(EMU_FROM_SOFTWARE, &tcp, 1);
	expect(2, 2, false);
	/* Such packets are no function's. */
	assert_int_equal(vports[1].stats.hw_packets, 0);
}

static void
test_hit(void **state)
{
	uint16_t len;

	add_rule(0, 0x0800, LIST(OUT(2)));
	run(EMU_FROM_FUNCTION, &tcp, 3);
	assert_int_equal(n_sent, 3);
	expect(2, 2, false);
	len = sent[0].m->data_len;
	assert_int_equal(vports[1].stats.hw_packets, 3);
	assert_int_equal(vports[1].stats.hw_bytes, 3 * len);
	run(EMU_FROM_FUNCTION, &(struct fx_frame) { .proto = IPPROTO_TCP,
						    .ipv6 = true }, 1);
	expect(3, 1, true);
	assert_int_equal(vports[1].stats.hw_packets, 3);
}

static void
test_drop(void **state)
{
	add_rule(0, 0, LIST(A(DROP, NULL)));
	run(EMU_FROM_FUNCTION, &tcp, 2);
	assert_int_equal(n_sent, 0);
	assert_int_equal(vports[1].stats.rx_dropped, 2);
	assert_int_equal(vports[1].stats.hw_packets, 2);
}

/* The key that a jump's target sees has the headers as they are by then. */
static void
test_jump_after_rewrite(void **state)
{
	add_rule(0, 0x0800, LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(MARK, CONF(mark, 77)), A(JUMP, CONF(jump, 3))));
	add_rule(3, 0x8100, LIST(OUT(0)));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	assert_int_equal(n_lookups, 2);
	expect(0, 0, false);
}

/* What misses half-way goes up with what the rules did to it. */
static void
test_miss_after_jump(void **state)
{
	add_rule(0, 0x0800, LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(MARK, CONF(mark, 77)), A(JUMP, CONF(jump, 3))));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	expect(0, 1, true);
	assert_int_equal(sent[0].m->hash.fdir.hi, 77);
	assert_memory_equal(sent_bytes(0) + 12, "\x81\x00", 2);
	assert_int_equal(vports[1].stats.hw_packets, 0);
}

static void
test_circle(void **state)
{
	add_rule(0, 0, LIST(A(JUMP, CONF(jump, 1))));
	add_rule(1, 0, LIST(A(JUMP, CONF(jump, 0))));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	assert_int_equal(n_sent, 0);
	assert_int_equal(vports[1].stats.rx_dropped, 1);
}

/* Bursts longer than what is looked up at once; none overtakes another. */
static void
test_long_burst(void **state)
{
	struct rte_mbuf *pkts[MAX_SENT];
	uint16_t i;

	add_rule(0, 0x0800, LIST(A(JUMP, CONF(jump, 1))));
	add_rule(1, 0, LIST(OUT(2)));
	add_rule(0, 0, LIST(OUT(2)));
	for (i = 0; i < MAX_SENT; i++)
		pkts[i] = make_mbuf(&(struct fx_frame) {
			.proto = IPPROTO_TCP, .ipv6 = i & 1 });
	emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, pkts, MAX_SENT, 1000);
	assert_int_equal(n_sent, MAX_SENT);
	for (i = 0; i < MAX_SENT; i++)
		assert_ptr_equal(sent[i].m, pkts[i]);
	assert_int_equal(vports[1].stats.hw_packets, MAX_SENT);
}

/* A copy to software is seen by software. */
static void
test_copy_goes_up(void **state)
{
	const struct rte_flow_action *copy = LIST(
		A(PORT_REPRESENTOR, CONF(ethdev, vports[1].eth_port_id)));

	add_rule(0, 0, LIST(A(SAMPLE, CONF(sample, 1, copy)), OUT(2)));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	assert_int_equal(n_sent, 2);
	expect(0, 1, true);
	expect(1, 2, false);
	assert_int_equal(vports[1].stats.hw_packets, 0);
}

/* What is held back leaves in order, with the copies of each packet. */
static void
test_copies_in_order(void **state)
{
	const struct rte_flow_action *copy = LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))), OUT(0));
	struct rte_mbuf *pkts[16];
	unsigned int i, j;

	add_rule(0, 0x0800, LIST(A(JUMP, CONF(jump, 1))));
	add_rule(1, 0, LIST(A(SAMPLE, CONF(sample, 1, copy)), OUT(1), OUT(2)));
	add_rule(0, 0, LIST(OUT(0), OUT(1), OUT(2)));
	for (i = 0; i < RTE_DIM(pkts); i++)
		pkts[i] = make_mbuf(&(struct fx_frame) {
			.proto = IPPROTO_TCP, .ipv6 = i & 1 });
	emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, pkts, RTE_DIM(pkts),
			 1000);
	assert_int_equal(n_sent, 3 * RTE_DIM(pkts));
	for (i = 0; i < RTE_DIM(pkts); i++) {
		for (j = 0; j < 3; j++)
			expect(3 * i + j, j, false);
		assert_ptr_equal(sent[3 * i + 2].m, pkts[i]);
	}
}

/* Ingress rules see what is about to be handed up, as the ethdev's. */
static void
test_ingress(void **state)
{
	ingress_rules = true;
	add_rule(EMU_GROUP_INGRESS, 0x0800,
		 LIST(A(MARK, CONF(mark, 5)), A(RSS, NULL)));
	rules[0].vport = 2;
	add_rule(EMU_GROUP_INGRESS, 0x0800, LIST(A(DROP, NULL)));
	rules[1].vport = 1;
	run(EMU_FROM_FUNCTION, &tcp, 1);
	assert_int_equal(n_sent, 0);
	assert_int_equal(vports[1].stats.rx_dropped, 1);

	add_rule(0, 0, LIST(A(PORT_REPRESENTOR,
			      CONF(ethdev, vports[2].eth_port_id))));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	expect(0, 2, true);
	assert_int_equal(sent[0].m->hash.fdir.hi, 5);
}

/* Registers do not stay from one packet to the next. */
static void
test_registers_start_at_zero(void **state)
{
	add_rule(0, 0x0800, LIST(A(MARK, CONF(mark, 9)),
				 A(SET_TAG, CONF(set_tag, 9, UINT32_MAX, 0)),
				 A(JUMP, CONF(jump, 1))));
	run(EMU_FROM_FUNCTION, &tcp, 1);
	run(EMU_FROM_FUNCTION, &(struct fx_frame) { .proto = IPPROTO_UDP,
						    .ipv6 = true }, 1);
	assert_int_equal(n_sent, 2);
	assert_true(sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
	assert_false(sent[1].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID);
}

int
main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, reset, reset)
	const struct CMUnitTest tests[] = {
		TEST(test_miss),
		TEST(test_from_software),
		TEST(test_hit),
		TEST(test_drop),
		TEST(test_jump_after_rewrite),
		TEST(test_miss_after_jump),
		TEST(test_circle),
		TEST(test_long_burst),
		TEST(test_copy_goes_up),
		TEST(test_copies_in_order),
		TEST(test_ingress),
		TEST(test_registers_start_at_zero),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
