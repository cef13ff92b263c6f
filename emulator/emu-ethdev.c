/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-ethdev: the Ethernet devices that software sees. */
#include "emu-ethdev.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ethdev_vdev.h>
#include <rte_alarm.h>
#include <rte_malloc.h>

#include "emu-eswitch.h"
#include "emu-flow-queue.h"
#include "emu-link.h"
#include "emu-log.h"
#include "emu-profile.h"
#include "emu-queue.h"
#include "emu-representor.h"
#include "emu-stats.h"
#include "emu-vport.h"
#include "emu-wire.h"

/* Descriptors of a queue. */
#define EMU_MIN_DESC 64
#define EMU_MAX_DESC 8192

#define EMU_RX_OFFLOADS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | \
			 RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
			 RTE_ETH_RX_OFFLOAD_TCP_CKSUM | \
			 RTE_ETH_RX_OFFLOAD_SCATTER | \
			 RTE_ETH_RX_OFFLOAD_RSS_HASH)
#define EMU_TX_OFFLOADS (RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | \
			 RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
			 RTE_ETH_TX_OFFLOAD_TCP_CKSUM | \
			 RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
			 RTE_ETH_TX_OFFLOAD_TCP_TSO | \
			 RTE_ETH_TX_OFFLOAD_MULTI_SEGS)
#define EMU_RSS_TYPES (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP)

static struct emu_port_queues *
emu_queues(const struct rte_eth_dev *dev)
{
	return emu_vport_from_ethdev(dev)->queues;
}

/* -- Configuration ------------------------------------------------------ */

static int
emu_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	struct emu_port_queues *q = emu_queues(dev);
	unsigned int i;

	if (conf->rx_adv_conf.rss_conf.rss_key != NULL) {
		EMU_LOG(ERR, "%s: the RSS key cannot be set",
			dev->data->name);
		return -ENOTSUP;
	}
	q->rss_hf = conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG
		    ? conf->rx_adv_conf.rss_conf.rss_hf & EMU_RSS_TYPES : 0;
	if (dev->data->nb_rx_queues > 0)
		for (i = 0; i < EMU_RETA_SIZE; i++)
			q->reta[i] = i % dev->data->nb_rx_queues;
	return 0;
}

/* Checks that frames of the port's MTU fit into software's mbufs. */
static int
emu_check_mbufs(const struct rte_eth_dev *dev)
{
	const uint32_t frame = dev->data->mtu + RTE_ETHER_HDR_LEN +
			       RTE_ETHER_CRC_LEN;
	uint16_t i;

	if (emu_queues(dev)->rx_scatter)
		return 0;
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct emu_rx_queue *rxq = dev->data->rx_queues[i];
		const uint32_t room = rte_pktmbuf_data_room_size(rxq->pool) -
				      RTE_PKTMBUF_HEADROOM;

		if (room < frame) {
			EMU_LOG(ERR, "%s: the mbufs of rx queue %u hold %u "
				"bytes, and the MTU %u needs %u: give larger "
				"ones, or set the offload SCATTER",
				dev->data->name, i, room, dev->data->mtu,
				frame);
			return -EINVAL;
		}
	}
	return 0;
}

static void
emu_queue_states_set(struct rte_eth_dev *dev, uint8_t state)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++)
		dev->data->rx_queue_state[i] = state;
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		dev->data->tx_queue_state[i] = state;
}

static int
emu_start(struct rte_eth_dev *dev)
{
	const uint64_t offloads = dev->data->dev_conf.rxmode.offloads;
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_port_queues *q = vport->queues;
	uint16_t i;
	int ret;

	q->rx_check = offloads & RTE_ETH_RX_OFFLOAD_CHECKSUM;
	q->rx_hash = q->rss_hf != 0 ||
		     (offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH);
	q->rx_scatter = offloads & RTE_ETH_RX_OFFLOAD_SCATTER;
	ret = emu_check_mbufs(dev);
	if (ret < 0)
		return ret;
	__atomic_store_n(&q->mtu, dev->data->mtu, __ATOMIC_RELAXED);
	q->n_rxq = dev->data->nb_rx_queues;
	q->n_txq = dev->data->nb_tx_queues;
	for (i = 0; i < q->n_rxq; i++)
		q->rxq[i] = dev->data->rx_queues[i];
	for (i = 0; i < q->n_txq; i++)
		q->txq[i] = dev->data->tx_queues[i];
	emu_queue_states_set(dev, RTE_ETH_QUEUE_STATE_STARTED);
	emu_link_update(dev, 0);
	__atomic_store_n(&q->started, true, __ATOMIC_RELEASE);
	return 0;
}

static int
emu_stop(struct rte_eth_dev *dev)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_port_queues *q = vport->queues;
	uint16_t i;

	if (!q->started)
		return 0;
	__atomic_store_n(&q->started, false, __ATOMIC_RELEASE);
	emu_eswitch_synchronize(vport->device);
	for (i = 0; i < q->n_rxq; i++)
		emu_rx_queue_drain(q->rxq[i]);
	for (i = 0; i < q->n_txq; i++)
		emu_tx_queue_drain(q->txq[i]);
	q->n_rxq = q->n_txq = 0;
	emu_queue_states_set(dev, RTE_ETH_QUEUE_STATE_STOPPED);
	return 0;
}

static int
emu_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct emu_vport *vport = emu_vport_from_ethdev(dev);
	const struct rte_eth_desc_lim lim = {
		.nb_max = EMU_MAX_DESC,
		.nb_min = EMU_MIN_DESC,
		.nb_align = 1,
		.nb_seg_max = UINT16_MAX,
		.nb_mtu_seg_max = UINT16_MAX,
	};
	const struct rte_eth_dev_portconf port = {
		.burst_size = EMU_BURST,
		.ring_size = 1024,
		.nb_queues = 1,
	};

	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = EMU_MAX_MTU;
	info->max_rx_pktlen = EMU_MAX_FRAME;
	info->min_rx_bufsize = 64;
	info->max_rx_queues = EMU_MAX_QUEUES;
	info->max_tx_queues = EMU_MAX_QUEUES;
	info->max_mac_addrs = 1;
	info->max_vfs = vport->id == 0 ? vport->device->n_vfs : 0;
	info->rx_offload_capa = EMU_RX_OFFLOADS;
	info->tx_offload_capa = EMU_TX_OFFLOADS;
	if (vport->device->profile->outer_udp_csum)
		info->tx_offload_capa |= RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM;
	info->reta_size = EMU_RETA_SIZE;
	info->hash_key_size = 40;
	info->flow_type_rss_offloads = EMU_RSS_TYPES;
	info->rx_desc_lim = lim;
	info->tx_desc_lim = lim;
	info->speed_capa = RTE_ETH_LINK_SPEED_25G;
	info->default_rxportconf = port;
	info->default_txportconf = port;
	info->switch_info.name = vport->device->name;
	info->switch_info.domain_id = vport->device->domain_id;
	info->switch_info.port_id = vport->id;
	return 0;
}

static int
emu_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	/* The ethdev layer has checked the range. */
	__atomic_store_n(&emu_queues(dev)->mtu, mtu, __ATOMIC_RELAXED);
	return 0;
}

static int
emu_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_wire *wire = vport->wire;
	int ret = 0;

	/* On a representor it is the function's address that is set.  An
	 * uplink's is its own: the network has others.  The ethdev layer
	 * restores the representor's own at each start: that is no news. */
	if (vport->kind == EMU_VPORT_UPLINK ||
	    rte_is_same_ether_addr(mac, &dev->data->mac_addrs[0]))
		return 0;
	if (wire->class->set_mac != NULL)
		ret = wire->class->set_mac(wire, mac);
	if (ret == 0)
		vport->mac = *mac;
	else
		EMU_LOG(ERR, "%s: cannot set the function's address: %s",
			dev->data->name, strerror(-ret));
	return ret;
}

/* Each port gets all frames that rules do not take, whatever this is. */
static int
emu_filter_set(struct rte_eth_dev *dev __rte_unused)
{
	return 0;
}

/* -- Queues ------------------------------------------------------------- */

static int
emu_rx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n_desc,
		   unsigned int socket_id,
		   const struct rte_eth_rxconf *conf __rte_unused,
		   struct rte_mempool *pool)
{
	struct emu_rx_queue *rxq;

	rxq = emu_rx_queue_create(emu_vport_from_ethdev(dev), n_desc,
				  socket_id, pool);
	dev->data->rx_queues[id] = rxq;
	return rxq != NULL ? 0 : -ENOMEM;
}

static void
emu_rx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	emu_rx_queue_destroy(dev->data->rx_queues[id]);
	dev->data->rx_queues[id] = NULL;
}

static int
emu_tx_queue_setup(struct rte_eth_dev *dev, uint16_t id, uint16_t n_desc,
		   unsigned int socket_id,
		   const struct rte_eth_txconf *conf __rte_unused)
{
	struct emu_tx_queue *txq;

	txq = emu_tx_queue_create(emu_vport_from_ethdev(dev), n_desc,
				  socket_id);
	dev->data->tx_queues[id] = txq;
	return txq != NULL ? 0 : -ENOMEM;
}

static void
emu_tx_queue_release(struct rte_eth_dev *dev, uint16_t id)
{
	emu_tx_queue_destroy(dev->data->tx_queues[id]);
	dev->data->tx_queues[id] = NULL;
}

static void
emu_rxq_info_get(struct rte_eth_dev *dev, uint16_t id,
		 struct rte_eth_rxq_info *info)
{
	const struct emu_rx_queue *rxq = dev->data->rx_queues[id];

	info->mp = rxq->pool;
	info->nb_desc = rxq->n_desc;
	info->scattered_rx = emu_queues(dev)->rx_scatter;
	info->queue_state = dev->data->rx_queue_state[id];
	info->conf.offloads = dev->data->dev_conf.rxmode.offloads;
}

static void
emu_txq_info_get(struct rte_eth_dev *dev, uint16_t id,
		 struct rte_eth_txq_info *info)
{
	const struct emu_tx_queue *txq = dev->data->tx_queues[id];

	info->nb_desc = txq->n_desc;
	info->queue_state = dev->data->tx_queue_state[id];
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

/* -- Receive side scaling ----------------------------------------------- */

static int
emu_reta_update(struct rte_eth_dev *dev,
		struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct emu_port_queues *q = emu_queues(dev);
	uint16_t i;

	if (size != EMU_RETA_SIZE)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		const struct rte_eth_rss_reta_entry64 *group =
			&conf[i / RTE_ETH_RETA_GROUP_SIZE];
		const unsigned int bit = i % RTE_ETH_RETA_GROUP_SIZE;

		if (!(group->mask >> bit & 1))
			continue;
		if (group->reta[bit] >= dev->data->nb_rx_queues)
			return -EINVAL;
		__atomic_store_n(&q->reta[i], group->reta[bit],
				 __ATOMIC_RELAXED);
	}
	return 0;
}

static int
emu_reta_query(struct rte_eth_dev *dev,
	       struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	const struct emu_port_queues *q = emu_queues(dev);
	uint16_t i;

	if (size != EMU_RETA_SIZE)
		return -EINVAL;
	for (i = 0; i < size; i++)
		conf[i / RTE_ETH_RETA_GROUP_SIZE]
			.reta[i % RTE_ETH_RETA_GROUP_SIZE] = q->reta[i];
	return 0;
}

static int
emu_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key != NULL)
		return -ENOTSUP;
	emu_queues(dev)->rss_hf = conf->rss_hf & EMU_RSS_TYPES;
	return 0;
}

static int
emu_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	conf->rss_hf = emu_queues(dev)->rss_hf;
	return 0;
}

/* -- The rest ----------------------------------------------------------- */

static int
emu_representor_info_get(struct rte_eth_dev *dev,
			 struct rte_eth_representor_info *info)
{
	return emu_representor_info(emu_vport_from_ethdev(dev)->device, info);
}

static int
emu_rx_metadata_negotiate(struct rte_eth_dev *dev __rte_unused,
			  uint64_t *features)
{
	*features &= RTE_ETH_RX_METADATA_USER_FLAG |
		     RTE_ETH_RX_METADATA_USER_MARK;
	return 0;
}

static int
emu_flow_ops_get(struct rte_eth_dev *dev, const struct rte_flow_ops **ops)
{
	const struct emu_profile *profile =
		emu_vport_from_ethdev(dev)->device->profile;

	*ops = profile->templates ? emu_flow_queue_ops() : &emu_flow_ops;
	return 0;
}

static int
emu_mtr_ops_get(struct rte_eth_dev *dev __rte_unused, void *ops)
{
	*(const struct rte_mtr_ops **)ops = &emu_mtr_ops;
	return 0;
}

/* -- Life --------------------------------------------------------------- */

static int
emu_close(struct rte_eth_dev *dev)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	uint16_t i;

	if (vport == NULL)
		return 0;
	emu_stop(dev);
	emu_flow_vport_close(vport);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		emu_rx_queue_release(dev, i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		emu_tx_queue_release(dev, i);
	/* The vport stays, until nobody uses the device any more. */
	dev->data->dev_private = NULL;
	vport->eth_port_id = RTE_MAX_ETHPORTS;
	emu_vport_closed(vport);
	return 0;
}

static int
emu_reset(struct rte_eth_dev *dev)
{
	/* The ethdev layer has stopped it. */
	return emu_link_set(dev, true);
}

static const struct eth_dev_ops emu_eth_dev_ops = {
	.dev_configure = emu_configure,
	.dev_start = emu_start,
	.dev_stop = emu_stop,
	.dev_set_link_up = emu_link_up,
	.dev_set_link_down = emu_link_down,
	.dev_close = emu_close,
	.dev_reset = emu_reset,
	.link_update = emu_link_update,
	.promiscuous_enable = emu_filter_set,
	.promiscuous_disable = emu_filter_set,
	.allmulticast_enable = emu_filter_set,
	.allmulticast_disable = emu_filter_set,
	.mac_addr_set = emu_mac_addr_set,
	.mtu_set = emu_mtu_set,
	.stats_get = emu_stats_get,
	.stats_reset = emu_stats_reset,
	.xstats_get = emu_xstats_get,
	.xstats_get_names = emu_xstats_get_names,
	.xstats_reset = emu_xstats_reset,
	.dev_infos_get = emu_infos_get,
	.rxq_info_get = emu_rxq_info_get,
	.txq_info_get = emu_txq_info_get,
	.rx_queue_setup = emu_rx_queue_setup,
	.rx_queue_release = emu_rx_queue_release,
	.tx_queue_setup = emu_tx_queue_setup,
	.tx_queue_release = emu_tx_queue_release,
	.reta_update = emu_reta_update,
	.reta_query = emu_reta_query,
	.rss_hash_update = emu_rss_hash_update,
	.rss_hash_conf_get = emu_rss_hash_conf_get,
	.flow_ops_get = emu_flow_ops_get,
	.mtr_ops_get = emu_mtr_ops_get,
	.representor_info_get = emu_representor_info_get,
	.rx_metadata_negotiate = emu_rx_metadata_negotiate,
};

int
emu_ethdev_create(struct emu_vport *vport, const struct rte_ether_addr *mac)
{
	struct emu_device *device = vport->device;
	char name[RTE_ETH_NAME_MAX_LEN];
	struct rte_eth_dev *dev;

	if (vport->id == 0)
		snprintf(name, sizeof(name), "%s", device->name);
	else
		snprintf(name, sizeof(name), "%.31s_%s", device->name,
			 vport->name);
	dev = rte_eth_dev_allocate(name);
	if (dev == NULL)
		return -ENOMEM;
	dev->data->mac_addrs = rte_zmalloc("emu_mac", sizeof(*mac), 0);
	if (dev->data->mac_addrs == NULL) {
		rte_eth_dev_release_port(dev);
		return -ENOMEM;
	}
	dev->data->mac_addrs[0] = *mac;
	dev->data->dev_private = vport;
	dev->data->numa_node = device->socket_id;
	dev->data->mtu = RTE_ETHER_MTU;
	dev->data->dev_flags = RTE_ETH_DEV_INTR_LSC |
			       RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	if (vport->id != 0) {
		dev->data->dev_flags |= RTE_ETH_DEV_REPRESENTOR;
		dev->data->representor_id = emu_representor_id(vport);
		dev->data->backer_port_id = device->vports[0].eth_port_id;
	}
	dev->device = device->rte_dev;
	dev->dev_ops = &emu_eth_dev_ops;
	dev->rx_pkt_burst = emu_rx_burst;
	dev->tx_pkt_burst = emu_tx_burst;
	dev->rx_queue_count = emu_rx_queue_count;
	vport->eth_port_id = dev->data->port_id;
	return 0;
}

static void
emu_aged_announce(void *port_id)
{
	const uint16_t id = (uintptr_t)port_id;

	if (rte_eth_dev_is_valid_port(id))
		rte_eth_dev_callback_process(&rte_eth_devices[id],
					     RTE_ETH_EVENT_FLOW_AGED, NULL);
}

void
emu_ethdev_announce_aged(struct emu_vport *vport)
{
	if (vport->eth_port_id != RTE_MAX_ETHPORTS)
		rte_eal_alarm_set(1, emu_aged_announce,
				  (void *)(uintptr_t)vport->eth_port_id);
}

void
emu_ethdev_announce(struct emu_vport *vport)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vport->eth_port_id];

	emu_link_update(dev, 0);
	rte_eth_dev_probing_finish(dev);
}

void
emu_ethdev_destroy(struct emu_vport *vport)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vport->eth_port_id];

	dev->data->dev_private = NULL;
	rte_eth_dev_release_port(dev);
	vport->eth_port_id = RTE_MAX_ETHPORTS;
}

bool
emu_ethdev_in_use(const struct emu_vport *vport)
{
	return vport->eth_port_id != RTE_MAX_ETHPORTS &&
	       rte_eth_devices[vport->eth_port_id].data->dev_configured;
}
