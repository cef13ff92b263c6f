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
 * The packets of a burst walk side by side: all of them run the programs of
 * the rules that they have found, then those that jumped are looked up
 * together, and so on, so that what one of them waits for comes from memory
 * while others are worked at.  What leaves is held back until the packets
 * before it have left: none overtakes another.
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

/* Something that leaves the switch. */
struct output {
	struct emu_vport *vport;
	struct rte_mbuf *m;
	bool up;			/* To software. */
	uint16_t next;			/* Of the same packet, or NO_OUTPUT. */
};

#define MAX_OUTPUTS 256
#define NO_OUTPUT UINT16_MAX

/* Packets that walk side by side. */
struct burst {
	struct emu_packet packets[EMU_LOOKUP_BULK];
	uint16_t n;
	bool hold;			/* Some packet has not left yet. */
	/* What is held back, and of each packet the first and the last. */
	struct output outputs[MAX_OUTPUTS];
	uint16_t n_outputs;
	uint16_t first[EMU_LOOKUP_BULK], last[EMU_LOOKUP_BULK];
};

static __thread struct burst burst;

static void
leave(struct emu_vport *vport, struct rte_mbuf *m, bool up)
{
	if (up)
		emu_vport_receive(vport, m);
	else
		emu_vport_transmit(vport, m);
}

/* Lets go what is held back, in the order of packets. */
static void
burst_release(struct burst *b)
{
	uint16_t i, j;

	for (i = 0; b->n_outputs && i < b->n; i++) {
		for (j = b->first[i]; j != NO_OUTPUT; j = b->outputs[j].next)
			leave(b->outputs[j].vport, b->outputs[j].m,
			      b->outputs[j].up);
		b->first[i] = NO_OUTPUT;
	}
	b->n_outputs = 0;
}

/* Has 'm', 'p' itself or a copy, leave when its turn comes. */
static void
output(const struct emu_packet *p, struct emu_vport *vport,
       struct rte_mbuf *m, bool up)
{
	struct burst *b = &burst;
	const uint8_t i = p->turn;

	if (!b->hold) {
		leave(vport, m, up);
		return;
	}
	/* Beyond that, memory is worth more than order. */
	if (b->n_outputs == MAX_OUTPUTS)
		burst_release(b);
	if (b->first[i] == NO_OUTPUT)
		b->first[i] = b->n_outputs;
	else
		b->outputs[b->last[i]].next = b->n_outputs;
	b->last[i] = b->n_outputs;
	b->outputs[b->n_outputs++] = (struct output){
		.vport = vport, .m = m, .up = up, .next = NO_OUTPUT,
	};
}

void
emu_pipeline_transmit(struct emu_packet *p, struct emu_vport *vport,
		      struct rte_mbuf *m)
{
	output(p, vport, m, false);
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
	output(p, vport, m, true);
}

/* To the other side of the vport where it entered. */
static void
packet_miss(struct emu_packet *p, uint64_t now)
{
	if (p->origin == EMU_FROM_SOFTWARE)
		emu_pipeline_transmit(p, p->vport, p->m);
	else
		emu_pipeline_deliver(p, p->vport, p->m, now);
}

static void
packet_drop(struct emu_packet *p)
{
	struct emu_walk w = { .p = p };

	emu_walk_drop(&w);
}

/* Runs the program of 'rule', or of none, for 'p'.  Returns true if 'p'
 * jumped, to '*group', where it is to be looked up. */
static bool
packet_step(struct emu_packet *p, const struct emu_rule *rule, uint64_t now,
	    bool tunnels, uint32_t *group)
{
	if (!rule) {
		packet_miss(p, now);
		return false;
	}
	switch (emu_program_run(emu_rule_program(rule), emu_rule_args(rule),
				p, now, group)) {
	case EMU_FATE_NONE:
		packet_miss(p, now);
		return false;
	case EMU_FATE_DONE:
		return false;
	case EMU_FATE_JUMP:
		break;
	}
	if (p->stale)
		emu_packet_parse(p, tunnels);
	return true;
}

/* Packets of a burst that go on together: which ones, in order, and what each
 * has found, or where it is to be looked up. */
struct front {
	uint32_t n;
	uint8_t which[EMU_LOOKUP_BULK];
	uint32_t group[EMU_LOOKUP_BULK];
	const struct emu_rule *rule[EMU_LOOKUP_BULK];
};

/* Looks up all packets of 'f', those of one group at a time. */
static void
front_lookup(const struct emu_flow_engine *engine, const struct burst *b,
	     struct front *f)
{
	uint32_t todo = f->n == 32 ? UINT32_MAX : (1u << f->n) - 1;

	RTE_BUILD_BUG_ON(EMU_LOOKUP_BULK > 32);
	while (todo) {
		const uint32_t group = f->group[__builtin_ctz(todo)];
		const struct emu_packet *packets[EMU_LOOKUP_BULK];
		const struct emu_rule *found[EMU_LOOKUP_BULK];
		uint32_t at[EMU_LOOKUP_BULK], i, n = 0;

		for (i = 0; i < f->n; i++) {
			if (todo & 1u << i && f->group[i] == group) {
				todo &= ~(1u << i);
				packets[n] = &b->packets[f->which[i]];
				at[n++] = i;
			}
		}
		emu_table_lookup_bulk(engine, group, packets, n, found);
		for (i = 0; i < n; i++)
			f->rule[at[i]] = found[i];
	}
}

static void
front_prefetch(const struct front *f, bool first)
{
	uint32_t i;

	for (i = 0; i < f->n; i++)
		if (f->rule[i])
			emu_program_prefetch(emu_rule_program(f->rule[i]),
					     first);
}

/* Runs what the packets of 'f' have found.  Those that jumped are left in
 * it. */
static void
front_step(struct burst *b, struct front *f, uint64_t now, bool tunnels)
{
	uint32_t i, n = 0;

	front_prefetch(f, true);
	front_prefetch(f, false);
	for (i = 0; i < f->n; i++) {
		uint8_t which = f->which[i];

		if (packet_step(&b->packets[which], f->rule[i], now, tunnels,
				&f->group[n])) {
			f->which[n++] = which;
			b->hold = true;
		}
	}
	f->n = n;
}

/* Takes all packets of 'b' to their ends. */
static void
burst_walk(const struct emu_flow_engine *engine, struct burst *b, bool tunnels,
	   uint64_t now)
{
	struct front f = { .n = b->n };
	unsigned int jumps;
	uint32_t i;

	for (i = 0; i < f.n; i++)
		f.which[i] = i;
	for (jumps = 0; f.n && jumps <= EMU_MAX_JUMPS; jumps++) {
		front_lookup(engine, b, &f);
		front_step(b, &f, now, tunnels);
	}
	for (i = 0; i < f.n; i++)
		packet_drop(&b->packets[f.which[i]]);
	burst_release(b);
	b->hold = false;
}

/* Software's own packets, where no rule asks for them. */
static void
bypass(struct emu_vport *vport, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		emu_vport_transmit(vport, pkts[i]);
}

/* Makes 'n' packets that came to 'vport' the packets of 'b'. */
static void
burst_init(struct burst *b, struct emu_vport *vport, enum emu_origin origin,
	   struct rte_mbuf **pkts, uint16_t n, bool tunnels)
{
	uint16_t i;

	b->n = n;
	for (i = 0; i < RTE_MIN(n, PREFETCH_AHEAD); i++)
		rte_prefetch0(rte_pktmbuf_mtod(pkts[i], void *));
	for (i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(
					pkts[i + PREFETCH_AHEAD], void *));
		b->first[i] = NO_OUTPUT;
		packet_init(&b->packets[i], vport, origin, pkts[i]);
		b->packets[i].turn = i;
		emu_packet_parse(&b->packets[i], tunnels);
	}
}

static void
burst_run(struct emu_vport *vport, enum emu_origin origin,
	  struct rte_mbuf **pkts, uint16_t n, uint64_t now)
{
	const struct emu_flow_engine *engine = vport->device->flow;
	const bool tunnels = emu_table_has_tunnel_rules(engine);
	uint64_t hw_packets = 0, hw_bytes = 0;
	struct burst *b = &burst;
	uint16_t i;

	burst_init(b, vport, origin, pkts, n, tunnels);
	burst_walk(engine, b, tunnels, now);
	if (origin != EMU_FROM_FUNCTION)
		return;
	for (i = 0; i < n; i++) {
		if (!b->packets[i].went_up) {
			hw_packets++;
			hw_bytes += b->packets[i].pkt_len;
		}
	}
	emu_stat_add(&vport->stats.hw_packets, hw_packets);
	emu_stat_add(&vport->stats.hw_bytes, hw_bytes);
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
