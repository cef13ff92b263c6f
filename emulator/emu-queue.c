/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-queue: the queues between software and the embedded switch. */
#include "emu-queue.h"

#include <string.h>

#include <rte_flow.h>
#include <rte_malloc.h>

#include "emu-eswitch.h"
#include "emu-segment.h"

/* -- Life --------------------------------------------------------------- */

static struct rte_ring *
emu_ring_create(const char *name, uint16_t n_desc, int socket_id)
{
	const unsigned int flags = RING_F_SP_ENQ | RING_F_SC_DEQ |
				   RING_F_EXACT_SZ;
	const uint32_t size = rte_align32pow2(n_desc + 1);
	struct rte_ring *ring;

	/* Not rte_ring_create(): there may be thousands, and their names
	 * would have to be unique in the whole process. */
	ring = rte_zmalloc_socket(name, rte_ring_get_memsize(size),
				  RTE_CACHE_LINE_SIZE, socket_id);
	if (ring != NULL && rte_ring_init(ring, name, n_desc, flags) < 0) {
		rte_free(ring);
		return NULL;
	}
	return ring;
}

struct emu_rx_queue *
emu_rx_queue_create(struct emu_vport *vport, uint16_t n_desc, int socket_id,
		    struct rte_mempool *pool)
{
	struct emu_rx_queue *rxq;

	rxq = rte_zmalloc_socket("emu_rx_queue", sizeof(*rxq),
				 RTE_CACHE_LINE_SIZE, socket_id);
	if (rxq == NULL)
		return NULL;
	rxq->ring = emu_ring_create("emu_rx", n_desc, socket_id);
	if (rxq->ring == NULL) {
		rte_free(rxq);
		return NULL;
	}
	rxq->pool = pool;
	rxq->queues = vport->queues;
	rxq->port_id = vport->eth_port_id;
	rxq->n_desc = n_desc;
	return rxq;
}

static void
emu_ring_drain(struct rte_ring *ring)
{
	struct rte_mbuf *pkts[EMU_BURST];
	unsigned int n;

	while ((n = rte_ring_sc_dequeue_burst(ring, (void **)pkts, EMU_BURST,
					      NULL)) > 0)
		rte_pktmbuf_free_bulk(pkts, n);
}

void
emu_rx_queue_drain(struct emu_rx_queue *rxq)
{
	emu_ring_drain(rxq->ring);
	rte_pktmbuf_free_bulk(rxq->staged, rxq->n_staged);
	rxq->n_staged = 0;
	/* Back to software, which may be about to free its pool. */
	rte_pktmbuf_free_bulk(rxq->spare, rxq->n_spare);
	rxq->n_spare = 0;
}

void
emu_rx_queue_destroy(struct emu_rx_queue *rxq)
{
	if (rxq == NULL)
		return;
	emu_rx_queue_drain(rxq);
	rte_free(rxq->ring);
	rte_free(rxq);
}

struct emu_tx_queue *
emu_tx_queue_create(struct emu_vport *vport, uint16_t n_desc, int socket_id)
{
	struct emu_tx_queue *txq;

	txq = rte_zmalloc_socket("emu_tx_queue", sizeof(*txq),
				 RTE_CACHE_LINE_SIZE, socket_id);
	if (txq == NULL)
		return NULL;
	txq->ring = emu_ring_create("emu_tx", n_desc, socket_id);
	if (txq->ring == NULL) {
		rte_free(txq);
		return NULL;
	}
	txq->eswitch = vport->device->eswitch;
	txq->n_desc = n_desc;
	return txq;
}

void
emu_tx_queue_drain(struct emu_tx_queue *txq)
{
	emu_ring_drain(txq->ring);
}

void
emu_tx_queue_destroy(struct emu_tx_queue *txq)
{
	if (txq == NULL)
		return;
	emu_tx_queue_drain(txq);
	rte_free(txq->ring);
	rte_free(txq);
}

/* -- Software's ends ---------------------------------------------------- */

static uint64_t
emu_burst_bytes(struct rte_mbuf *const *pkts, uint16_t n)
{
	uint64_t bytes = 0;
	uint16_t i;

	for (i = 0; i < n; i++)
		bytes += rte_pktmbuf_pkt_len(pkts[i]);
	return bytes;
}

uint16_t
emu_rx_burst(void *rxq_, struct rte_mbuf **pkts, uint16_t n)
{
	struct emu_rx_queue *rxq = rxq_;

	n = rte_ring_sc_dequeue_burst(rxq->ring, (void **)pkts, n, NULL);
	if (n > 0) {
		emu_count_add(&rxq->count.packets, n);
		emu_count_add(&rxq->count.bytes, emu_burst_bytes(pkts, n));
	}
	return n;
}

uint16_t
emu_tx_burst(void *txq_, struct rte_mbuf **pkts, uint16_t n)
{
	struct emu_tx_queue *txq = txq_;
	uint64_t bytes;

	n = RTE_MIN(n, rte_ring_free_count(txq->ring));
	if (n == 0) {
		emu_eswitch_wake(txq->eswitch);
		return 0;
	}
	/* Once enqueued they are no longer ours to look at. */
	bytes = emu_burst_bytes(pkts, n);
	rte_ring_sp_enqueue_burst(txq->ring, (void **)pkts, n, NULL);
	emu_count_add(&txq->count.packets, n);
	emu_count_add(&txq->count.bytes, bytes);
	emu_eswitch_wake(txq->eswitch);
	return n;
}

uint32_t
emu_rx_queue_count(void *rxq_)
{
	const struct emu_rx_queue *rxq = rxq_;

	return rte_ring_count(rxq->ring);
}

/* -- The eswitch thread's end ------------------------------------------- */

/* Takes an mbuf of software's pool. */
static struct rte_mbuf *
emu_rx_queue_alloc(struct emu_rx_queue *rxq)
{
	/* In bulk: the eswitch thread has no cache in software's pools, for
	 * only registered threads have, and to register would forbid
	 * secondary processes (see rte_thread_register()). */
	if (rxq->n_spare == 0) {
		if (rte_pktmbuf_alloc_bulk(rxq->pool, rxq->spare,
					   EMU_BURST) < 0)
			return NULL;
		rxq->n_spare = EMU_BURST;
	}
	return rxq->spare[--rxq->n_spare];
}

/* Copies the bytes of 'm' into mbufs of software's pool. */
static struct rte_mbuf *
emu_rx_queue_copy(struct emu_rx_queue *rxq, const struct rte_mbuf *m)
{
	struct rte_mbuf *head, *tail;
	uint32_t done = 0;

	head = tail = emu_rx_queue_alloc(rxq);
	if (head == NULL) {
		emu_count_add(&rxq->no_mbuf, 1);
		return NULL;
	}
	if (rte_pktmbuf_tailroom(head) < m->pkt_len &&
	    !rxq->queues->rx_scatter) {
		rxq->spare[rxq->n_spare++] = head;
		emu_count_add(&rxq->errors, 1);
		return NULL;
	}
	for (;;) {
		const uint32_t n = RTE_MIN(m->pkt_len - done,
					   rte_pktmbuf_tailroom(tail));
		void *to = rte_pktmbuf_mtod(tail, void *);
		const void *from = rte_pktmbuf_read(m, done, n, to);

		if (from != to)
			memcpy(to, from, n);
		tail->data_len = n;
		done += n;
		if (done == m->pkt_len)
			break;
		tail->next = emu_rx_queue_alloc(rxq);
		if (tail->next == NULL) {
			head->pkt_len = done;
			rte_pktmbuf_free(head);
			emu_count_add(&rxq->no_mbuf, 1);
			return NULL;
		}
		tail = tail->next;
		head->nb_segs++;
	}
	head->pkt_len = done;
	head->port = rxq->port_id;
	return head;
}

/* Copies what rules tell software about 'm'. */
static void
emu_rx_queue_copy_metadata(struct rte_mbuf *to, const struct rte_mbuf *m)
{
	to->ol_flags |= m->ol_flags & (RTE_MBUF_F_RX_FDIR |
				       RTE_MBUF_F_RX_FDIR_ID);
	if (m->ol_flags & RTE_MBUF_F_RX_FDIR_ID)
		to->hash.fdir.hi = m->hash.fdir.hi;
	if (rte_flow_dynf_metadata_avail() &&
	    (m->ol_flags & RTE_MBUF_DYNFLAG_RX_METADATA)) {
		*RTE_FLOW_DYNF_METADATA(to) =
			*RTE_FLOW_DYNF_METADATA((struct rte_mbuf *)
						(uintptr_t)m);
		to->ol_flags |= RTE_MBUF_DYNFLAG_RX_METADATA;
	}
}

static void
emu_vport_receive_one(struct emu_vport *vport, const struct rte_mbuf *m)
{
	struct emu_port_queues *q = vport->queues;
	struct emu_rx_queue *rxq;
	struct rte_mbuf *copy;
	uint64_t flags = 0;
	uint32_t hash = 0;

	if (!__atomic_load_n(&q->started, __ATOMIC_ACQUIRE) ||
	    q->n_rxq == 0) {
		emu_count_add(&vport->stats.rx_missed, 1);
		return;
	}
	if (q->rx_check || q->rx_hash)
		flags = emu_receive_offload(m, q->rx_check,
					    q->rx_hash ? &hash : NULL);
	rxq = q->rxq[q->n_rxq > 1 ? q->reta[hash % EMU_RETA_SIZE] : 0];
	copy = emu_rx_queue_copy(rxq, m);
	if (copy == NULL) {
		emu_count_add(&vport->stats.rx_missed, 1);
		return;
	}
	copy->ol_flags = flags;
	if (flags & RTE_MBUF_F_RX_RSS_HASH)
		copy->hash.rss = hash;
	emu_rx_queue_copy_metadata(copy, m);

	rxq->staged[rxq->n_staged++] = copy;
	if (rxq->n_staged == EMU_BURST)
		emu_rx_queue_flush(rxq, vport);
	else
		emu_eswitch_mark_dirty(vport);
}

void
emu_vport_receive(struct emu_vport *vport, struct rte_mbuf *m)
{
	emu_vport_receive_one(vport, m);
	rte_pktmbuf_free(m);
}

void
emu_rx_queue_flush(struct emu_rx_queue *rxq, struct emu_vport *vport)
{
	const unsigned int n = rxq->n_staged;
	unsigned int done;

	if (n == 0)
		return;
	rxq->n_staged = 0;
	done = rte_ring_sp_enqueue_burst(rxq->ring, (void **)rxq->staged, n,
					 NULL);
	if (done < n) {
		emu_count_add(&rxq->missed, n - done);
		emu_count_add(&vport->stats.rx_missed, n - done);
		rte_pktmbuf_free_bulk(rxq->staged + done, n - done);
	}
}
