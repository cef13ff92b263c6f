/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-packet: bytes that come and go, and what goes with them. */
#include <string.h>

#include <rte_flow.h>
#include <rte_mbuf.h>

#include "emu-packet.h"

static void
shift_offsets(struct emu_offsets *o, int by, uint16_t from)
{
	if (o->l3 && o->l3 >= from)
		o->l3 += by;
	if (o->l4 && o->l4 >= from)
		o->l4 += by;
	if (o->payload && o->payload >= from)
		o->payload += by;
}

bool
emu_packet_insert(struct emu_packet *p, uint16_t at, uint16_t n)
{
	struct rte_mbuf *m = p->m;
	uint8_t *data;

	if (rte_pktmbuf_headroom(m) >= n) {
		data = (uint8_t *)rte_pktmbuf_prepend(m, n);
		memmove(data, data + n, at);
	} else if (rte_pktmbuf_tailroom(m) >= n) {
		uint16_t len = rte_pktmbuf_data_len(m);

		rte_pktmbuf_append(m, n);
		data = rte_pktmbuf_mtod(m, uint8_t *);
		memmove(data + at + n, data + at, len - at);
	} else {
		return false;
	}
	shift_offsets(&p->outer, n, at);
	shift_offsets(&p->inner, n, at);
	if (p->inner.l2 && p->inner.l2 >= at)
		p->inner.l2 += n;
	p->stale = true;
	return true;
}

bool
emu_packet_remove(struct emu_packet *p, uint16_t at, uint16_t n)
{
	struct rte_mbuf *m = p->m;
	uint8_t *data = rte_pktmbuf_mtod(m, uint8_t *);

	if (at + n > rte_pktmbuf_data_len(m))
		return false;
	memmove(data + n, data, at);
	rte_pktmbuf_adj(m, n);
	shift_offsets(&p->outer, -n, at + n);
	shift_offsets(&p->inner, -n, at + n);
	if (p->inner.l2 && p->inner.l2 >= at + n)
		p->inner.l2 -= n;
	p->stale = true;
	return true;
}

void
emu_packet_put_registers(const struct emu_packet *p, struct rte_mbuf *m)
{
	if (p->has_mark) {
		m->hash.fdir.hi = p->key.mark;
		m->ol_flags |= RTE_MBUF_F_RX_FDIR | RTE_MBUF_F_RX_FDIR_ID;
	}
	if (p->has_meta && rte_flow_dynf_metadata_avail()) {
		rte_flow_dynf_metadata_set(m, p->key.meta);
		m->ol_flags |= RTE_MBUF_DYNFLAG_RX_METADATA;
	}
}

struct rte_mbuf *
emu_packet_copy_mbuf(const struct rte_mbuf *m)
{
	uint16_t len = rte_pktmbuf_data_len(m);
	struct rte_mbuf *copy;

	copy = rte_pktmbuf_alloc(m->pool);
	if (!copy)
		return NULL;
	if (m->data_off + len > copy->buf_len) {
		rte_pktmbuf_free(copy);
		return NULL;
	}
	__rte_pktmbuf_copy_hdr(copy, m);
	copy->data_off = m->data_off;
	copy->data_len = len;
	copy->pkt_len = len;
	copy->ol_flags = m->ol_flags & ~(RTE_MBUF_F_INDIRECT |
					 RTE_MBUF_F_EXTERNAL);
	memcpy(rte_pktmbuf_mtod(copy, void *),
	       rte_pktmbuf_mtod(m, const void *), len);
	return copy;
}
