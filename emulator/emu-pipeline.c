/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-pipeline: a packet's walk: from where it entered, through the groups
 * that rules jump to, to where it leaves.
 *
 * A packet that no rule takes, in group 0 or after a jump, goes to the other
 * side of the vport where it entered, with the headers and registers that it
 * has by then.
 *
 * Thread-safety: embedded switch thread only. */
#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "emu-action.h"
#include "emu-op.h"
#include "emu-packet.h"
#include "emu-table.h"

/* Rules that jump in a circle must not stop the switch. */
#define EMU_MAX_JUMPS 64

/* How many packets ahead are fetched into the cache. */
#define PREFETCH_AHEAD 4

/* Makes 'p', which was zeroed once or had another packet, stand for 'm'. */
static void
packet_init(struct emu_packet *p, struct emu_vport *vport,
	    enum emu_origin origin, struct rte_mbuf *m)
{
	p->m = m;
	p->vport = vport;
	p->origin = origin;
	p->pkt_len = rte_pktmbuf_data_len(m);
	p->has_mark = false;
	p->has_meta = false;
	p->went_up = false;
	p->stale = true;
	p->key.meta = 0;
	p->key.mark = 0;
	memset(p->key.tag, 0, sizeof(p->key.tag));
	p->key.vport = vport->id;
	p->key.origin = origin;
}

/* Runs the ingress rule for 'm', if there is one, as if it had entered at
 * 'vport'; returns false if it was dropped. */
static bool
ingress_run(struct emu_packet *q, const struct emu_packet *p,
	    struct emu_vport *vport, struct rte_mbuf *m, uint64_t now)
{
	const struct emu_flow_engine *engine = vport->device->flow;
	const struct emu_rule *rule;
	uint32_t next;

	*q = *p;
	q->m = m;
	q->vport = vport;
	q->origin = EMU_FROM_FUNCTION;
	q->key.vport = vport->id;
	q->key.origin = EMU_FROM_FUNCTION;
	if (q->stale)
		emu_packet_parse(q, emu_table_has_tunnel_rules(engine));
	rule = emu_table_lookup(engine, EMU_GROUP_INGRESS, q);
	return !rule || emu_program_run(emu_rule_program(rule),
					emu_rule_args(rule), q, now,
					&next) == EMU_FATE_NONE;
}

void
emu_pipeline_deliver(struct emu_packet *p, struct emu_vport *vport,
		     struct rte_mbuf *m, uint64_t now)
{
	if (emu_table_has_ingress_rules(vport->device->flow)) {
		struct emu_packet q;

		if (!ingress_run(&q, p, vport, m, now))
			return;
		emu_packet_put_registers(&q, m);
	} else {
		emu_packet_put_registers(p, m);
	}
	p->went_up = true;
	emu_vport_receive(vport, m);
}

/* To the other side of the vport where it entered. */
static void
packet_miss(struct emu_packet *p, uint64_t now)
{
	if (p->origin == EMU_FROM_SOFTWARE)
		emu_vport_transmit(p->vport, p->m);
	else
		emu_pipeline_deliver(p, p->vport, p->m, now);
}

static void
packet_drop(struct emu_packet *p)
{
	struct emu_walk w = { .p = p };

	emu_walk_drop(&w);
}

/* Takes 'p', which hit 'rule' of group 0 or, if that is NULL, nothing, to its
 * end. */
static void
packet_walk(const struct emu_flow_engine *engine, struct emu_packet *p,
	    const struct emu_rule *rule, bool tunnels, uint64_t now)
{
	uint32_t group = 0;
	unsigned int jumps;

	for (jumps = 0; jumps <= EMU_MAX_JUMPS; jumps++) {
		if (!rule) {
			packet_miss(p, now);
			return;
		}
		switch (emu_program_run(emu_rule_program(rule),
					emu_rule_args(rule), p, now,
					&group)) {
		case EMU_FATE_NONE:
			packet_miss(p, now);
			return;
		case EMU_FATE_DONE:
			return;
		case EMU_FATE_JUMP:
			break;
		}
		if (p->stale)
			emu_packet_parse(p, tunnels);
		rule = emu_table_lookup(engine, group, p);
	}
	packet_drop(p);
}

/* Software's own packets, where no rule asks for them. */
static void
bypass(struct emu_vport *vport, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		emu_vport_transmit(vport, pkts[i]);
}

/* All packets of a burst are parsed and looked up in group 0 together, and
 * then walk one after the other, so that none overtakes another. */
static void
burst_run(struct emu_vport *vport, enum emu_origin origin,
	  struct rte_mbuf **pkts, uint16_t n, uint64_t now)
{
	static __thread struct emu_packet packets[EMU_LOOKUP_BULK];
	const struct emu_flow_engine *engine = vport->device->flow;
	const bool tunnels = emu_table_has_tunnel_rules(engine);
	const struct emu_packet *keys[EMU_LOOKUP_BULK];
	const struct emu_rule *rules[EMU_LOOKUP_BULK];
	uint64_t hw_packets = 0, hw_bytes = 0;
	uint16_t i;

	for (i = 0; i < RTE_MIN(n, PREFETCH_AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(
					pkts[i + PREFETCH_AHEAD], void *));
		packet_init(&packets[i], vport, origin, pkts[i]);
		emu_packet_parse(&packets[i], tunnels);
		keys[i] = &packets[i];
	}
	emu_table_lookup_bulk(engine, 0, keys, n, rules);
	for (i = 0; i < n; i++)
		if (rules[i])
			rte_prefetch0(emu_rule_program(rules[i]));
	for (i = 0; i < n; i++) {
		packet_walk(engine, &packets[i], rules[i], tunnels, now);
		if (!packets[i].went_up) {
			hw_packets++;
			hw_bytes += packets[i].pkt_len;
		}
	}
	if (origin == EMU_FROM_FUNCTION) {
		emu_stat_add(&vport->stats.hw_packets, hw_packets);
		emu_stat_add(&vport->stats.hw_bytes, hw_bytes);
	}
}

void
emu_pipeline_run(struct emu_vport *vport, enum emu_origin origin,
		 struct rte_mbuf **pkts, uint16_t n, uint64_t now)
{
	if (origin == EMU_FROM_SOFTWARE &&
	    !emu_table_has_software_rules(vport->device->flow)) {
		bypass(vport, pkts, n);
		return;
	}
	while (n) {
		uint16_t m = RTE_MIN(n, EMU_LOOKUP_BULK);

		burst_run(vport, origin, pkts, m, now);
		pkts += m;
		n -= m;
	}
}
