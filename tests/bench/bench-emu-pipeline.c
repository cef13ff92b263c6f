/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What a packet costs in the emulated embedded switch, but for wires, rings
 * and the lookup in the tables: parsing, the walk, actions. */
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "bench.h"
#include "emu-switch-fixture.h"
#include "emu-table.h"

#define BURST 32
#define ROUNDS 50000

static struct emu_rule rule;

const struct emu_rule *
emu_table_lookup(const struct emu_flow_engine *engine, uint32_t group,
		 const struct emu_packet *p)
{
	RTE_SET_USED(engine);
	RTE_SET_USED(group);
	RTE_SET_USED(p);
	return &rule;
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
	RTE_SET_USED(engine);
	return false;
}

bool
emu_table_has_tunnel_rules(const struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	return true;
}

bool
emu_table_has_ingress_rules(const struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	return false;
}

const struct emu_program *
emu_rule_program(const struct emu_rule *r)
{
	return r->program;
}

#define CONF(TYPE, ...) \
	(&(const struct rte_flow_action_##TYPE) { __VA_ARGS__ })
#define A(NAME, CONF_) { RTE_FLOW_ACTION_TYPE_##NAME, CONF_ }
#define LIST(...) \
	((const struct rte_flow_action[]) { __VA_ARGS__, A(END, NULL) })
#define OUT A(REPRESENTED_PORT, CONF(ethdev, vports[2].eth_port_id))

/* Makes 'm' what it was before the actions. */
static void
restore(struct rte_mbuf *m, const uint8_t *data, uint16_t len)
{
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->data_len = m->pkt_len = len;
	memcpy(rte_pktmbuf_mtod(m, void *), data, len);
}

/* Prints the median, which other load on the machine moves least. */
static void
measure(const char *what, const struct fx_frame *frame,
	const struct rte_flow_action *actions)
{
	struct rte_mbuf *pkts[BURST], *burst[BURST];
	struct rte_flow_error error = { 0 };
	static double cycles[ROUNDS];
	uint64_t start;
	uint8_t data[FX_ROOM];
	uint16_t len;
	int i, round;

	if (emu_program_compile(&vports[1], 0, actions, false, &rule.program,
				&error)) {
		bench_fatal("%s: %s", what, error.message);
	}
	for (i = 0; i < BURST; i++)
		pkts[i] = make_mbuf(frame);
	len = fx_build(frame, data);
	for (round = 0; round < ROUNDS; round++) {
		memcpy(burst, pkts, sizeof(burst));
		n_sent = 0;
		start = rte_rdtsc();
		emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, burst, BURST,
				 start);
		cycles[round] = rte_rdtsc() - start;
		for (i = 0; i < BURST; i++)
			restore(pkts[i], data, len);
	}
	printf("%-44s %6.1f ns per packet\n", what,
	       bench_median(cycles, ROUNDS) * 1e9 / rte_get_tsc_hz() / BURST);
	for (i = 0; i < BURST; i++)
		rte_pktmbuf_free(pkts[i]);
	n_sent = 0;
	emu_program_free(rule.program);
}

int
main(void)
{
	const struct fx_frame tcp = { .proto = IPPROTO_TCP, .payload = 6 };
	const struct fx_frame tcp6 = { .proto = IPPROTO_TCP, .payload = 6,
				       .ipv6 = true, .tpids = { 0x8100 } };

	if (fixture_setup(NULL))
		return EXIT_FAILURE;
	measure("IPv4, output", &tcp, LIST(OUT));
	measure("IPv4, count, output", &tcp, LIST(A(COUNT, NULL), OUT));
	measure("IPv6 on a VLAN, count, output", &tcp6,
		LIST(A(COUNT, NULL), OUT));
	measure("IPv4, count, push VLAN, output", &tcp, LIST(A(COUNT, NULL),
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(OF_SET_VLAN_VID, CONF(of_set_vlan_vid, RTE_BE16(7))), OUT));
	measure("IPv4, count, routed (MACs, TTL), output", &tcp, LIST(
		A(COUNT, NULL), A(SET_MAC_SRC, CONF(set_mac, "source")),
		A(SET_MAC_DST, CONF(set_mac, "target")),
		A(DEC_TTL, NULL), OUT));
	measure("IPv4, count, NAT (address, port), output", &tcp, LIST(
		A(COUNT, NULL),
		A(SET_IPV4_SRC, CONF(set_ipv4, RTE_BE32(0x01020304))),
		A(SET_TP_SRC, CONF(set_tp, RTE_BE16(4444))), OUT));
	return fixture_teardown(NULL) ? EXIT_FAILURE : EXIT_SUCCESS;
}
