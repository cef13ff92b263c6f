/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire-null: wires for benchmarks: one that swallows everything, and one
 * that sends UDP frames of one size at a steady rate besides. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "emu-wire.h"

struct emu_wire_gen {
	struct emu_wire wire;
	uint8_t frame[EMU_MAX_FRAME];
	uint32_t size;
	uint64_t pps;			/* 0: no limit. */
	uint64_t start, sent;		/* rte_rdtsc(); frames since. */
};

static uint16_t
emu_wire_null_tx(struct emu_wire *wire __rte_unused, struct rte_mbuf **pkts,
		 uint16_t n, uint64_t *bytes)
{
	uint16_t i;

	*bytes = 0;
	for (i = 0; i < n; i++)
		*bytes += rte_pktmbuf_pkt_len(pkts[i]);
	rte_pktmbuf_free_bulk(pkts, n);
	return n;
}

static bool
emu_wire_null_link(const struct emu_wire *wire __rte_unused)
{
	return true;
}

static void
emu_wire_null_close(struct emu_wire *wire)
{
	free(wire);
}

static int
emu_wire_null_open(const struct emu_wire_config *config,
		   struct emu_wire **wirep)
{
	struct emu_wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		return -ENOMEM;
	wire->fd = -1;
	wire->mac = config->mac;
	*wirep = wire;
	return 0;
}

const struct emu_wire_class emu_wire_null_class = {
	.kind = EMU_WIRE_NULL,
	.open = emu_wire_null_open,
	.close = emu_wire_null_close,
	.tx = emu_wire_null_tx,
	.link = emu_wire_null_link,
};

static struct emu_wire_gen *
emu_wire_gen_cast(struct emu_wire *wire)
{
	return container_of(wire, struct emu_wire_gen, wire);
}

/* Lays out a UDP datagram between addresses that are set apart for
 * benchmarks (RFC 2544). */
static void
emu_wire_gen_compose(struct emu_wire_gen *gen,
		     const struct rte_ether_addr *mac)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)gen->frame;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(eth + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);
	uint16_t len = gen->size - sizeof(*eth);

	eth->src_addr = *mac;
	memset(&eth->dst_addr, 0, sizeof(eth->dst_addr));
	eth->dst_addr.addr_bytes[0] = 0x02;
	eth->ether_type = RTE_BE16(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = rte_cpu_to_be_16(len);
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->src_addr = RTE_BE32(0xc6120001);	/* 198.18.0.1 */
	ip->dst_addr = RTE_BE32(0xc6130001);	/* 198.19.0.1 */
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->src_port = RTE_BE16(1024);
	udp->dst_port = RTE_BE16(9);
	udp->dgram_len = rte_cpu_to_be_16(len - sizeof(*ip));
	udp->dgram_cksum = rte_ipv4_udptcp_cksum(ip, udp);
}

static int
emu_wire_gen_open(const struct emu_wire_config *config,
		  struct emu_wire **wirep)
{
	struct emu_wire_gen *gen = calloc(1, sizeof(*gen));

	if (gen == NULL)
		return -ENOMEM;
	gen->wire.fd = -1;
	gen->wire.mac = config->mac;
	gen->size = config->spec->gen_size;
	gen->pps = config->spec->gen_pps;
	emu_wire_gen_compose(gen, &config->mac);
	*wirep = &gen->wire;
	return 0;
}

static void
emu_wire_gen_close(struct emu_wire *wire)
{
	free(emu_wire_gen_cast(wire));
}

/* How many frames are due, at most 'n'. */
static uint16_t
emu_wire_gen_due(struct emu_wire_gen *gen, uint16_t n)
{
	const uint64_t hz = rte_get_tsc_hz();
	uint64_t now, due;

	if (gen->pps == 0)
		return n;
	now = rte_rdtsc();
	if (gen->start == 0 || now - gen->start > hz) {
		/* Start afresh each second: what was late is not made up
		 * for, and the product below does not overflow. */
		gen->start = now;
		gen->sent = 0;
	}
	due = (now - gen->start) * gen->pps / hz;
	return due > gen->sent ? RTE_MIN(due - gen->sent, n) : 0;
}

static uint16_t
emu_wire_gen_rx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n)
{
	struct emu_wire_gen *gen = emu_wire_gen_cast(wire);
	uint16_t i;

	n = emu_wire_gen_due(gen, n);
	if (n == 0 || rte_pktmbuf_alloc_bulk(wire->pool, pkts, n) < 0)
		return 0;
	for (i = 0; i < n; i++) {
		memcpy(rte_pktmbuf_mtod(pkts[i], void *), gen->frame,
		       gen->size);
		pkts[i]->data_len = pkts[i]->pkt_len = gen->size;
	}
	gen->sent += n;
	return n;
}

const struct emu_wire_class emu_wire_gen_class = {
	.kind = EMU_WIRE_GEN,
	.source = true,
	.open = emu_wire_gen_open,
	.close = emu_wire_gen_close,
	.rx = emu_wire_gen_rx,
	.tx = emu_wire_null_tx,
	.link = emu_wire_null_link,
};
