/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-stats: the statistics of an ethdev. */
#include "emu-stats.h"

#include <stddef.h>
#include <stdio.h>

#include "emu-eswitch.h"
#include "emu-queue.h"
#include "emu-wire.h"

/* -- What software saw -------------------------------------------------- */

int
emu_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct emu_rx_queue *rxq = dev->data->rx_queues[i];
		uint64_t packets, bytes, missed;

		if (rxq == NULL)
			continue;
		packets = emu_count_read(&rxq->count.packets) -
			  rxq->base.packets;
		bytes = emu_count_read(&rxq->count.bytes) - rxq->base.bytes;
		missed = emu_count_read(&rxq->missed) - rxq->missed_base;
		stats->ipackets += packets;
		stats->ibytes += bytes;
		stats->imissed += missed;
		stats->rx_nombuf += emu_count_read(&rxq->no_mbuf) -
				    rxq->no_mbuf_base;
		stats->ierrors += emu_count_read(&rxq->errors) -
				  rxq->errors_base;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			stats->q_ipackets[i] = packets;
			stats->q_ibytes[i] = bytes;
			stats->q_errors[i] = missed;
		}
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct emu_tx_queue *txq = dev->data->tx_queues[i];
		uint64_t packets, bytes;

		if (txq == NULL)
			continue;
		packets = emu_count_read(&txq->count.packets) -
			  txq->base.packets;
		bytes = emu_count_read(&txq->count.bytes) - txq->base.bytes;
		stats->opackets += packets;
		stats->obytes += bytes;
		stats->oerrors += emu_count_read(&txq->errors) -
				  txq->errors_base;
		if (i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			stats->q_opackets[i] = packets;
			stats->q_obytes[i] = bytes;
		}
	}
	return 0;
}

int
emu_stats_reset(struct rte_eth_dev *dev)
{
	uint16_t i;

	/* Counters are written by one thread each, which is not this one:
	 * what they have now is taken off from now on. */
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct emu_rx_queue *rxq = dev->data->rx_queues[i];

		if (rxq == NULL)
			continue;
		rxq->base.packets = emu_count_read(&rxq->count.packets);
		rxq->base.bytes = emu_count_read(&rxq->count.bytes);
		rxq->missed_base = emu_count_read(&rxq->missed);
		rxq->no_mbuf_base = emu_count_read(&rxq->no_mbuf);
		rxq->errors_base = emu_count_read(&rxq->errors);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct emu_tx_queue *txq = dev->data->tx_queues[i];

		if (txq == NULL)
			continue;
		txq->base.packets = emu_count_read(&txq->count.packets);
		txq->base.bytes = emu_count_read(&txq->count.bytes);
		txq->errors_base = emu_count_read(&txq->errors);
	}
	return 0;
}

/* -- What passed at the function ---------------------------------------- */

static const struct emu_xstat {
	const char *name;
	size_t offset;			/* In struct emu_vport_stats. */
} emu_vport_xstats[] = {
#define EMU_XSTAT(NAME, MEMBER) \
	{ NAME, offsetof(struct emu_vport_stats, MEMBER) }
	EMU_XSTAT("vport_rx_packets", rx_packets),
	EMU_XSTAT("vport_rx_bytes", rx_bytes),
	EMU_XSTAT("vport_tx_packets", tx_packets),
	EMU_XSTAT("vport_tx_bytes", tx_bytes),
	EMU_XSTAT("vport_rx_dropped", rx_dropped),
	EMU_XSTAT("vport_tx_dropped", tx_dropped),
	EMU_XSTAT("vport_rx_missed", rx_missed),
	EMU_XSTAT("hw_packets", hw_packets),
	EMU_XSTAT("hw_bytes", hw_bytes),
#undef EMU_XSTAT
};

/* Frames that the wire could not take in, e.g. for their length. */
#define EMU_XSTAT_RX_ERRORS RTE_DIM(emu_vport_xstats)
#define EMU_N_VPORT_XSTATS (EMU_XSTAT_RX_ERRORS + 1)

/* Of the embedded switch: members of struct emu_eswitch_stats, in order. */
static const char *const emu_eswitch_xstats[] = {
	"eswitch_cpu_ns",
	"eswitch_loops",
	"eswitch_busy_loops",
	"eswitch_sleeps",
};

static unsigned int
emu_n_xstats(const struct emu_vport *vport)
{
	return EMU_N_VPORT_XSTATS +
	       (vport->id == 0 ? RTE_DIM(emu_eswitch_xstats) : 0);
}

static const uint64_t *
emu_vport_stat(const struct emu_vport_stats *stats, unsigned int i)
{
	return RTE_PTR_ADD(stats, emu_vport_xstats[i].offset);
}

int
emu_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats,
	       unsigned int n)
{
	const struct emu_vport *vport = emu_vport_from_ethdev(dev);
	const struct emu_port_queues *q = vport->queues;
	const unsigned int total = emu_n_xstats(vport);
	struct emu_eswitch_stats esw;
	unsigned int i;

	if (xstats == NULL || n < total)
		return total;
	for (i = 0; i < RTE_DIM(emu_vport_xstats); i++)
		xstats[i].value =
			emu_count_read(emu_vport_stat(&vport->stats, i)) -
			*emu_vport_stat(&q->base, i);
	xstats[EMU_XSTAT_RX_ERRORS].value =
		emu_count_read(&vport->wire->rx_dropped) -
		q->wire_dropped_base;
	if (vport->id == 0) {
		emu_eswitch_stats_get(vport->device, &esw);
		i = EMU_N_VPORT_XSTATS;
		xstats[i++].value = esw.cpu_ns;
		xstats[i++].value = esw.loops;
		xstats[i++].value = esw.busy_loops;
		xstats[i++].value = esw.sleeps;
	}
	for (i = 0; i < total; i++)
		xstats[i].id = i;
	return total;
}

int
emu_xstats_get_names(struct rte_eth_dev *dev,
		     struct rte_eth_xstat_name *names, unsigned int n)
{
	const unsigned int total = emu_n_xstats(emu_vport_from_ethdev(dev));
	unsigned int i;

	if (names == NULL || n < total)
		return total;
	for (i = 0; i < total; i++) {
		const char *name;

		if (i < EMU_XSTAT_RX_ERRORS)
			name = emu_vport_xstats[i].name;
		else if (i == EMU_XSTAT_RX_ERRORS)
			name = "vport_rx_errors";
		else
			name = emu_eswitch_xstats[i - EMU_N_VPORT_XSTATS];
		snprintf(names[i].name, sizeof(names[i].name), "%s", name);
	}
	return total;
}

int
emu_xstats_reset(struct rte_eth_dev *dev)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_port_queues *q = vport->queues;
	unsigned int i;

	for (i = 0; i < RTE_DIM(emu_vport_xstats); i++)
		*(uint64_t *)RTE_PTR_ADD(&q->base,
					 emu_vport_xstats[i].offset) =
			emu_count_read(emu_vport_stat(&vport->stats, i));
	q->wire_dropped_base = emu_count_read(&vport->wire->rx_dropped);
	return 0;
}
