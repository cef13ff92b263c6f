/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What a packet costs in the emulated embedded switch, but for wires and
 * rings: parsing, lookups in real tables, actions.  One thread, bursts of 32
 * packets, each of any of the flows at random; the median of many bursts,
 * which other load on the machine moves least. */
#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "bench.h"
#include "emu-item.h"
#include "emu-switch-fixture.h"
#include "emu-table.h"

#define BURST EMU_LOOKUP_BULK
#define ROUNDS 12000
#define N_MASKS 16		/* Under which the megaflows of a group stand. */
#define MAX_RULES (3 * 100000 + 16)

static struct emu_flow_engine engine = { .device = &device };

/* Of emu-flow, which is not linked: nobody reads meanwhile. */
void
emu_flow_defer(struct emu_flow_engine *e __rte_unused,
	       void (*destroy)(void *arg, int32_t index), void *arg,
	       int32_t index)
{
	destroy(arg, index);
}

/* -- Rules --------------------------------------------------------------- */

static struct emu_rule *rules[MAX_RULES];
static uint32_t n_rules;

static void
add_rule(uint32_t group, const struct emu_match *match, uint32_t priority,
	 const struct rte_flow_action *actions)
{
	struct emu_rule *rule = aligned_alloc(alignof(struct emu_rule),
					      sizeof(*rule));
	struct rte_flow_error error = { 0 };

	memset(rule, 0, sizeof(*rule));
	rule->priority = priority;
	if (emu_program_compile(&vports[1], group, actions, false,
				&rule->program, &error))
		bench_fatal("%s", error.message);
	if (emu_table_insert(engine.table, group, match, EMU_DUPLICATES_NEWEST,
			     rule))
		bench_fatal("rule %u cannot be inserted", n_rules);
	rules[n_rules++] = rule;
}

static void
remove_rules(void)
{
	while (n_rules) {
		struct emu_rule *rule = rules[--n_rules];

		emu_table_remove(engine.table, rule);
		emu_rule_uninit(rule);
		emu_program_free(rule->program);
		free(rule);
	}
}

#define JUMP(GROUP) A(JUMP, CONF(jump, GROUP))
#define TAG(VALUE, INDEX) \
	A(SET_TAG, CONF(set_tag, VALUE, UINT32_MAX, INDEX))

static rte_be32_t
flow_source(uint32_t flow)
{
	return rte_cpu_to_be_32(0x0b000000 + flow);
}

static const rte_be32_t flow_target = RTE_BE32(0x0a000002);

/* What a megaflow of Open vSwitch matches at least: where the packet comes
 * from, its Ethernet header, and that it is TCP over IPv4. */
static void
match_tcp(struct emu_match *m)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	struct emu_key_headers *k = &m->key.outer, *mask = &m->mask.outer;

	memset(m, 0, sizeof(*m));
	m->key.vport = 1;
	m->key.origin = EMU_FROM_FUNCTION;
	m->mask.vport = UINT16_MAX;
	m->mask.origin = UINT8_MAX;
	k->present = 1u << EMU_HDR_ETH | 1u << EMU_HDR_IPV4 | 1u << EMU_HDR_TCP;
	mask->present = k->present;
	memcpy(&k->eth_dst, macs, 6);
	memcpy(&k->eth_src, macs + 6, 6);
	memset(&mask->eth_dst, 0xff, 6);
	memset(&mask->eth_src, 0xff, 6);
}

static void
match_source(struct emu_match *m, uint32_t flow)
{
	rte_be32_t source = flow_source(flow);

	memcpy(m->key.outer.ip_src, &source, sizeof(source));
	memset(m->mask.outer.ip_src, 0xff, sizeof(source));
}

/* The match of megaflow 'flow' of a group, under one of N_MASKS masks that
 * differ in which bits of the target and the ports they have. */
static void
match_megaflow(struct emu_match *m, uint32_t flow)
{
	uint32_t mask = flow % N_MASKS;
	rte_be32_t bits = rte_cpu_to_be_32(UINT32_MAX << mask);
	rte_be32_t target = flow_target & bits;

	match_tcp(m);
	match_source(m, flow);
	memcpy(m->mask.outer.ip_dst, &bits, sizeof(bits));
	memcpy(m->key.outer.ip_dst, &target, sizeof(target));
}

static void
match_everything(struct emu_match *m)
{
	memset(m, 0, sizeof(*m));
	m->key.origin = EMU_FROM_FUNCTION;
	m->mask.origin = UINT8_MAX;
}

/* One group: megaflows that output. */
static void
add_plain(uint32_t n)
{
	struct emu_match m;
	uint32_t i;

	for (i = 0; i < n; i++) {
		match_megaflow(&m, i);
		add_rule(0, &m, 1, LIST(A(COUNT, NULL), OUT(2)));
	}
}

/* Megaflows that encapsulate. */
static void
add_encap(uint32_t n)
{
	static uint8_t header[50] = {
		2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x08, 0x00,
		0x45, [22] = 64, [23] = IPPROTO_UDP, [26] = 10, 9, 0, 1,
		10, 9, 0, 2, [36] = 0x12, 0xb5, [42] = 0x08,
	};
	const struct rte_flow_action_raw_encap encap = {
		.data = header, .size = sizeof(header),
	};
	struct emu_match m;
	uint32_t i;

	for (i = 0; i < n; i++) {
		match_megaflow(&m, i);
		add_rule(0, &m, 1, LIST(A(COUNT, NULL), A(RAW_ENCAP, &encap),
					OUT(2)));
	}
}

/* Four groups, as of connection tracking: the megaflow that sends packets to
 * their connection, the connections, and the megaflow behind. */
static void
add_ct(uint32_t n)
{
	struct emu_match m;
	uint32_t i;

	match_everything(&m);
	add_rule(0, &m, 1, LIST(JUMP(1)));
	for (i = 0; i < N_MASKS; i++) {
		match_megaflow(&m, i);
		memset(m.mask.outer.ip_src, 0, 4);
		memset(m.key.outer.ip_src, 0, 4);
		add_rule(1, &m, 1 + i, LIST(A(COUNT, NULL), TAG(7, 0),
					    JUMP(2)));
	}
	for (i = 0; i < n; i++) {
		match_tcp(&m);
		memset(&m.key.outer.eth_dst, 0, 12);
		memset(&m.mask.outer.eth_dst, 0, 12);
		match_source(&m, i);
		memcpy(m.key.outer.ip_dst, &flow_target, sizeof(flow_target));
		memset(m.mask.outer.ip_dst, 0xff, sizeof(flow_target));
		m.key.outer.l4_src = RTE_BE16(1000);
		m.key.outer.l4_dst = RTE_BE16(2000);
		m.mask.outer.l4_src = m.mask.outer.l4_dst = UINT16_MAX;
		m.key.tag[0] = 7;
		m.mask.tag[0] = UINT32_MAX;
		add_rule(2, &m, 1, LIST(A(COUNT, NULL), TAG(0x21, 1),
					JUMP(3)));
	}
	for (i = 0; i < n; i++) {
		match_megaflow(&m, i);
		m.key.tag[1] = 0x21;
		m.mask.tag[1] = UINT32_MAX;
		add_rule(3, &m, 1, LIST(A(COUNT, NULL), OUT(2)));
	}
}

/* -- Packets ------------------------------------------------------------- */

/* Frames of 'BURST' packets, and what they were before the actions. */
struct load {
	struct rte_mbuf *pkts[BURST];
	uint8_t data[FX_ROOM];
	uint16_t len;
	uint32_t n_flows;
};

static void
load_init(struct load *load, const struct fx_frame *frame, uint32_t n_flows)
{
	int i;

	for (i = 0; i < BURST; i++)
		load->pkts[i] = make_mbuf(frame);
	load->len = fx_build(frame, load->data);
	load->n_flows = n_flows;
}

static void
load_uninit(struct load *load)
{
	int i;

	for (i = 0; i < BURST; i++)
		rte_pktmbuf_free(load->pkts[i]);
	n_sent = 0;
}

/* Makes each packet one of any flow. */
static void
load_next(struct load *load)
{
	int i;

	n_sent = 0;
	for (i = 0; i < BURST; i++) {
		rte_be32_t source = flow_source(random() % load->n_flows);
		struct rte_mbuf *m = load->pkts[i];
		uint8_t *data;

		m->data_off = RTE_PKTMBUF_HEADROOM;
		m->data_len = m->pkt_len = load->len;
		data = rte_pktmbuf_mtod(m, uint8_t *);
		memcpy(data, load->data, load->len);
		if (load->n_flows > 1)
			memcpy(data + 26, &source, sizeof(source));
	}
}

/* Nanoseconds per packet of 'load', with or without the cache. */
static double
run(struct load *load, bool cache)
{
	static double cycles[ROUNDS];
	struct rte_mbuf *pkts[BURST];
	uint32_t i, n = 0;

	emu_table_set_cache(engine.table, cache);
	/* As often again as it takes for each flow to have been there. */
	for (i = 0; i < ROUNDS + load->n_flows / BURST * 3; i++) {
		uint64_t start;

		load_next(load);
		memcpy(pkts, load->pkts, sizeof(pkts));
		start = rte_rdtsc();
		emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, pkts, BURST,
				 start);
		cycles[n++ % ROUNDS] = rte_rdtsc() - start;
		if (n_sent != BURST || sent[0].up)
			bench_fatal("%u of %u packets left", n_sent, BURST);
	}
	return bench_median(cycles, ROUNDS) * 1e9 / rte_get_tsc_hz() / BURST;
}

/* -- Measurements -------------------------------------------------------- */

static const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 6 };
static const struct fx_frame tcp6 = { .proto = IPPROTO_TCP, .payload = 6,
				      .ipv6 = true, .tpids = { 0x8100 } };

static const struct bench_column action_columns[] = {
	{ { NULL, "ns/packet" }, 10, 1 }, { { NULL, NULL }, 0, 0 },
};
static const struct bench_table action_table = {
	.name = "One rule",
	.label = "actions", .columns = action_columns,
};

static void
measure_actions(const char *what, const struct fx_frame *frame,
		const struct rte_flow_action *actions)
{
	struct emu_match m;
	struct load load;

	match_everything(&m);
	add_rule(0, &m, 1, actions);
	load_init(&load, frame, 1);
	BENCH_ROW(&action_table, what, run(&load, true));
	load_uninit(&load);
	remove_rules();
}

static const struct bench_column flow_columns[] = {
	{ { "bytes", "per rule" }, 10, 0 },
	{ { "no cache:", "ns/packet" }, 10, 1 },
	{ { NULL, "Mpps" }, 7, 2 },
	{ { "cache:", "ns/packet" }, 10, 1 },
	{ { NULL, "Mpps" }, 7, 2 },
	{ { NULL, NULL }, 0, 0 },
};
static const struct bench_table flow_table = {
	.name = "Any of so many flows, megaflows under 16 masks",
	.label = "flows", .columns = flow_columns,
};

static void
measure_flows(const char *what, uint32_t n, void (*add)(uint32_t n))
{
	size_t heap = bench_heap();
	double off, on, bytes;
	struct load load;

	add(n);
	bytes = (bench_heap() - heap) / (double)n_rules;
	load_init(&load, &tcp, n);
	off = run(&load, false);
	on = run(&load, true);
	load_uninit(&load);
	remove_rules();
	BENCH_ROW(&flow_table, what, bytes, off, 1e3 / off, on, 1e3 / on);
}

int
main(void)
{
	if (fixture_setup(NULL))
		return EXIT_FAILURE;
	profile.max_counters = UINT32_MAX;
	device.flow = &engine;
	engine.table = emu_table_create(&engine);
	bench_table_start(&action_table);
	measure_actions("IPv4, output", &tcp, LIST(OUT(2)));
	measure_actions("IPv4, count, output", &tcp, LIST(A(COUNT, NULL),
							  OUT(2)));
	measure_actions("IPv6 on a VLAN, count, output", &tcp6,
			LIST(A(COUNT, NULL), OUT(2)));
	measure_actions("... push VLAN, output", &tcp, LIST(A(COUNT, NULL),
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(7))), OUT(2)));
	measure_actions("... routed (MACs, TTL)", &tcp, LIST(
		A(COUNT, NULL), A(SET_MAC_SRC, CONF(set_mac, "source")),
		A(SET_MAC_DST, CONF(set_mac, "target")),
		A(DEC_TTL, NULL), OUT(2)));
	measure_actions("... NAT (address, port)", &tcp, LIST(
		A(COUNT, NULL),
		A(SET_IPV4_SRC, CONF(set_ipv4, RTE_BE32(0x01020304))),
		A(SET_TP_SRC, CONF(set_tp, RTE_BE16(4444))), OUT(2)));
	bench_table_start(&flow_table);
	measure_flows("1,000, output", 1000, add_plain);
	measure_flows("100,000, output", 100000, add_plain);
	measure_flows("1,000, into a tunnel", 1000, add_encap);
	measure_flows("100,000, into a tunnel", 100000, add_encap);
	measure_flows("1,000 connections, 4 groups", 1000, add_ct);
	measure_flows("100,000 connections, 4 groups", 100000, add_ct);
	emu_table_destroy(engine.table);
	return fixture_teardown(NULL) ? EXIT_FAILURE : EXIT_SUCCESS;
}
