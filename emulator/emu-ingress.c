/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-ingress: see emu-ingress.h. */
#include "emu-ingress.h"

#include <string.h>

#include <rte_cycles.h>

#include "emu-eswitch.h"
#include "emu-segment.h"

/* The least room before a frame that rules may rely on. */
#define EMU_MIN_HEADROOM 64

void
emu_ingress_run(struct emu_ingress *in)
{
	const uint16_t n = in->n;

	in->n = 0;
	if (n > 0)
		emu_pipeline_run(in->vport, EMU_FROM_SOFTWARE, in->pkts, n,
				 rte_rdtsc());
}

static void
emu_ingress_add(struct rte_mbuf *m, void *in_)
{
	struct emu_ingress *in = in_;

	in->pkts[in->n++] = m;
	if (in->n == EMU_BURST)
		emu_ingress_run(in);
}

static void
emu_mbuf_copy(const void *m, uint32_t offset, uint32_t length, void *to)
{
	const void *from = rte_pktmbuf_read(m, offset, length, to);

	if (from != to)
		memcpy(to, from, length);
}

static bool
emu_ingress_segment(struct emu_ingress *in, struct rte_mbuf *m,
		    struct rte_mempool *pool)
{
	const struct emu_segment_layout layout = {
		.l3 = m->l2_len,
		.l4 = m->l2_len + m->l3_len,
		.payload = m->l2_len + m->l3_len + m->l4_len,
		.size = m->tso_segsz,
		.ipv6 = (m->ol_flags & RTE_MBUF_F_TX_IPV6) != 0,
		.tcp = true,
	};
	int n;

	if (layout.payload >= m->pkt_len)
		return false;
	n = emu_segment(m, m->pkt_len, emu_mbuf_copy, &layout, pool,
			emu_ingress_add, in);
	rte_pktmbuf_free(m);
	return n > 0;
}

/* Returns 'm' or its copy in 'pool', so that it is of one segment which may
 * be written to; NULL if that can't be. */
static struct rte_mbuf *
emu_mbuf_own(struct rte_mbuf *m, struct rte_mempool *pool)
{
	struct rte_mbuf *copy;

	if (likely(m->nb_segs == 1 && RTE_MBUF_DIRECT(m) &&
		   rte_mbuf_refcnt_read(m) == 1 &&
		   rte_pktmbuf_headroom(m) >= EMU_MIN_HEADROOM))
		return m;
	copy = m->pkt_len <= EMU_MAX_FRAME
	       ? rte_pktmbuf_copy(m, pool, 0, UINT32_MAX) : NULL;
	rte_pktmbuf_free(m);
	return copy;
}

bool
emu_ingress_offload(struct emu_ingress *in, struct rte_mbuf *m,
		    struct rte_mempool *pool)
{
	if ((m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) &&
	    m->pkt_len > (uint32_t)m->l2_len + m->l3_len + m->l4_len +
			 m->tso_segsz)
		return emu_ingress_segment(in, m, pool);

	if (m->ol_flags & RTE_MBUF_F_TX_TCP_SEG) {
		/* One segment: its checksums remain. */
		m->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM;
		if (!(m->ol_flags & RTE_MBUF_F_TX_IPV6))
			m->ol_flags |= RTE_MBUF_F_TX_IP_CKSUM;
	}
	m = emu_mbuf_own(m, pool);
	if (m == NULL)
		return false;
	if ((m->ol_flags & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_IP_CKSUM |
			    RTE_MBUF_F_TX_OUTER_UDP_CKSUM)) &&
	    !emu_checksum_fill(m)) {
		rte_pktmbuf_free(m);
		return false;
	}
	m->ol_flags = 0;
	emu_ingress_add(m, in);
	return true;
}
