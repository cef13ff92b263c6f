/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-queue: the queues between software and the embedded switch.
 *
 * An rx queue is a ring of mbufs of the queue's own pool, into which the
 * eswitch thread has copied the frames, as a NIC would by DMA: receiving
 * costs software what dequeuing costs.  A tx queue is a ring of software's
 * mbufs, which the eswitch thread drains.
 *
 * Thread-safety: a ring has software's thread at one end and the eswitch
 * thread at the other.  What either writes stands in cache lines of its own.
 * Control threads change emu_port_queues only while 'started' is false and
 * after a grace period of emu_device.qsbr. */
#ifndef EMU_QUEUE_H
#define EMU_QUEUE_H

#include <rte_ethdev.h>
#include <rte_ring.h>

#include "emu-device.h"
#include "emu-wire.h"

#define EMU_MAX_QUEUES 16
#define EMU_RETA_SIZE 128

/* What passed through a queue; written by one thread. */
struct emu_queue_count {
	uint64_t packets;
	uint64_t bytes;
};

struct emu_rx_queue {
	struct rte_ring *ring;
	struct rte_mempool *pool;
	struct emu_port_queues *queues;
	uint16_t port_id;
	uint16_t n_desc;

	/* Software's. */
	struct emu_queue_count count __rte_cache_aligned;

	/* The eswitch thread's. */
	struct rte_mbuf *spare[EMU_BURST] __rte_cache_aligned;
	struct rte_mbuf *staged[EMU_BURST];	/* Not yet in the ring. */
	uint16_t n_spare;
	uint16_t n_staged;
	uint64_t missed;		/* The ring was full. */
	uint64_t no_mbuf;		/* Software's pool was empty. */
	uint64_t errors;		/* Too long for software's mbufs. */

	struct emu_queue_count base __rte_cache_aligned;	/* At reset. */
	uint64_t missed_base, no_mbuf_base, errors_base;
};

struct emu_tx_queue {
	struct rte_ring *ring;
	struct emu_eswitch *eswitch;
	uint16_t n_desc;

	/* Software's. */
	struct emu_queue_count count __rte_cache_aligned;

	/* The eswitch thread's. */
	uint64_t errors __rte_cache_aligned;	/* Offload not possible. */

	struct emu_queue_count base __rte_cache_aligned;	/* At reset. */
	uint64_t errors_base;
};

/* The port half's part of a vport. */
struct emu_port_queues {
	struct emu_rx_queue *rxq[EMU_MAX_QUEUES];
	struct emu_tx_queue *txq[EMU_MAX_QUEUES];
	uint16_t n_rxq;
	uint16_t n_txq;
	bool started;			/* Queues may be used. */
	bool link_disabled;		/* rte_eth_dev_set_link_down(). */
	bool rx_check;			/* Verify checksums. */
	bool rx_hash;			/* Compute and tell the RSS hash. */
	bool rx_scatter;		/* Frames may take several mbufs. */
	uint16_t mtu;
	uint64_t rss_hf;
	uint16_t reta[EMU_RETA_SIZE];

	/* The eswitch thread's. */
	struct rte_mbuf *out[EMU_BURST];	/* To the wire. */
	uint16_t n_out;
	bool dirty;			/* On emu_eswitch.dirty. */

	struct emu_vport_stats base;	/* At xstats reset. */
	uint64_t wire_dropped_base;
};

/* Counters that one thread writes and others read. */
static inline void
emu_count_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static inline uint64_t
emu_count_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* Create and destroy queues of 'n_desc' descriptors; NULL when out of memory.
 * What is in a queue is freed with it. */
struct emu_rx_queue *emu_rx_queue_create(struct emu_vport *vport,
					 uint16_t n_desc, int socket_id,
					 struct rte_mempool *pool);
void emu_rx_queue_destroy(struct emu_rx_queue *rxq);
struct emu_tx_queue *emu_tx_queue_create(struct emu_vport *vport,
					 uint16_t n_desc, int socket_id);
void emu_tx_queue_destroy(struct emu_tx_queue *txq);

/* Free what is in a queue, of a port that is stopped. */
void emu_rx_queue_drain(struct emu_rx_queue *rxq);
void emu_tx_queue_drain(struct emu_tx_queue *txq);

/* rte_eth_rx_burst() and rte_eth_tx_burst(). */
uint16_t emu_rx_burst(void *rxq, struct rte_mbuf **pkts, uint16_t n);
uint16_t emu_tx_burst(void *txq, struct rte_mbuf **pkts, uint16_t n);
uint32_t emu_rx_queue_count(void *rxq);

/* Puts what emu_vport_receive() staged into the ring.  Eswitch thread. */
void emu_rx_queue_flush(struct emu_rx_queue *rxq, struct emu_vport *vport);

#endif /* EMU_QUEUE_H */
