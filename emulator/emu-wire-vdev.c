/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire-vdev: virtual devices of DPDK as wires: vhost-user (a virtual
 * machine's virtio-net), memif, and pcap files.  They are owned by the wire,
 * so that applications do not see them among their ports. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <bus_vdev_driver.h>
#include <rte_ethdev.h>
#include <rte_string_fns.h>

#include "emu-log.h"
#include "emu-wire.h"

struct emu_wire_vdev {
	struct emu_wire wire;
	uint16_t port_id;
	char vdev[RTE_DEV_NAME_MAX_LEN];
	LIST_ENTRY(emu_wire_vdev) node;	/* In emu_closed. */
};

/* Wires that are closed, whose virtual devices still have to be removed.
 * Devices are probed and removed by one thread at a time. */
static LIST_HEAD(, emu_wire_vdev) emu_closed =
	LIST_HEAD_INITIALIZER(emu_closed);

static struct emu_wire_vdev *
emu_wire_vdev_cast(const struct emu_wire *wire)
{
	return container_of(wire, struct emu_wire_vdev, wire);
}

void
emu_wire_vdev_reap(void)
{
	struct emu_wire_vdev *vdev;

	while ((vdev = LIST_FIRST(&emu_closed)) != NULL) {
		LIST_REMOVE(vdev, node);
		rte_vdev_uninit(vdev->vdev);
		free(vdev);
	}
}

/* Takes the port into ownership, and starts it with one queue either way. */
static int
emu_vdev_start(struct emu_wire_vdev *vdev,
	       const struct emu_wire_config *config)
{
	const struct rte_eth_conf conf = { .link_speeds = 0 };
	struct rte_eth_dev_owner owner = { .id = RTE_ETH_DEV_NO_OWNER };
	const uint16_t port = vdev->port_id;
	int ret;

	ret = rte_eth_dev_owner_new(&owner.id);
	if (ret < 0)
		return ret;
	snprintf(owner.name, sizeof(owner.name), "%s", config->device);
	ret = rte_eth_dev_owner_set(port, &owner);
	if (ret < 0)
		return ret;
	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret < 0)
		return ret;
	ret = rte_eth_rx_queue_setup(port, 0, 1024, config->socket_id, NULL,
				     config->pool);
	if (ret < 0)
		return ret;
	ret = rte_eth_tx_queue_setup(port, 0, 1024, config->socket_id, NULL);
	if (ret < 0)
		return ret;
	return rte_eth_dev_start(port);
}

/* Says in the log what could not be done to 'vdev'.  Many drivers return -1,
 * which is no errno, after messages of their own. */
static int
emu_vdev_fail(const struct emu_wire_config *config,
	      const struct emu_wire_vdev *vdev, const char *what,
	      const char *args, int ret)
{
	EMU_LOG(ERR, "%s: %s: cannot %s %s,%s: %s", config->device,
		config->vport, what, vdev->vdev, args,
		ret == -1 ? "see above what its driver says"
		: strerror(-ret));
	return ret == -1 ? -EIO : ret;
}

static int
emu_vdev_open(const struct emu_wire_config *config, const char *driver,
	      const char *args, struct emu_wire **wirep)
{
	struct emu_wire_vdev *vdev;
	int ret;

	vdev = calloc(1, sizeof(*vdev));
	if (vdev == NULL)
		return -ENOMEM;
	vdev->wire.fd = -1;
	vdev->wire.mac = config->mac;
	snprintf(vdev->vdev, sizeof(vdev->vdev), "%s_%s_%s", driver,
		 config->device, config->vport);
	ret = rte_vdev_init(vdev->vdev, args);
	if (ret < 0) {
		ret = emu_vdev_fail(config, vdev, "create", args, ret);
		goto free_vdev;
	}
	ret = rte_eth_dev_get_port_by_name(vdev->vdev, &vdev->port_id);
	if (ret == 0)
		ret = emu_vdev_start(vdev, config);
	if (ret < 0) {
		ret = emu_vdev_fail(config, vdev, "start", args, ret);
		goto uninit_vdev;
	}
	*wirep = &vdev->wire;
	return 0;

uninit_vdev:
	rte_vdev_uninit(vdev->vdev);
free_vdev:
	free(vdev);
	return ret;
}

static void
emu_wire_vdev_close(struct emu_wire *wire)
{
	struct emu_wire_vdev *vdev = emu_wire_vdev_cast(wire);

	if (rte_eth_dev_is_valid_port(vdev->port_id)) {
		rte_eth_dev_stop(vdev->port_id);
		rte_eth_dev_close(vdev->port_id);
	}
	LIST_INSERT_HEAD(&emu_closed, vdev, node);
}

static uint16_t
emu_wire_vdev_rx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	n = rte_eth_rx_burst(emu_wire_vdev_cast(wire)->port_id, 0, pkts, n);
	for (i = 0; i < n; i++) {
		pkts[i]->ol_flags = 0;
		if (pkts[i]->nb_segs > 1 && rte_pktmbuf_linearize(pkts[i])) {
			wire->rx_dropped++;
			rte_pktmbuf_free(pkts[i]);
			pkts[i--] = pkts[--n];
		}
	}
	return n;
}

static uint16_t
emu_wire_vdev_tx(struct emu_wire *wire, struct rte_mbuf **pkts, uint16_t n,
		 uint64_t *bytes)
{
	uint64_t total = 0;
	uint16_t i, sent;

	for (i = 0; i < n; i++) {
		pkts[i]->ol_flags = 0;
		total += pkts[i]->pkt_len;
	}
	sent = rte_eth_tx_burst(emu_wire_vdev_cast(wire)->port_id, 0, pkts,
				n);
	for (i = sent; i < n; i++)
		total -= pkts[i]->pkt_len;
	rte_pktmbuf_free_bulk(pkts + sent, n - sent);
	*bytes = total;
	return sent;
}

static bool
emu_wire_vdev_link(const struct emu_wire *wire)
{
	struct rte_eth_link link = { .link_status = RTE_ETH_LINK_DOWN };

	return rte_eth_link_get_nowait(emu_wire_vdev_cast(wire)->port_id,
				       &link) == 0 &&
	       link.link_status == RTE_ETH_LINK_UP;
}

/* -- The kinds ---------------------------------------------------------- */

static int
emu_wire_vhost_open(const struct emu_wire_config *config,
		    struct emu_wire **wirep)
{
	char args[256];

	/* No segmentation offload: what comes is what a wire carries. */
	snprintf(args, sizeof(args), "iface=%s,queues=1,client=%d,tso=0",
		 config->spec->path, config->spec->swap_role);
	return emu_vdev_open(config, "net_vhost", args, wirep);
}

static int
emu_wire_memif_open(const struct emu_wire_config *config,
		    struct emu_wire **wirep)
{
	char args[256];

	snprintf(args, sizeof(args),
		 "role=%s,id=%u,socket=%s,socket-abstract=no",
		 config->spec->swap_role ? "server" : "client",
		 config->spec->memif_id, config->spec->path);
	return emu_vdev_open(config, "net_memif", args, wirep);
}

static int
emu_wire_pcap_open(const struct emu_wire_config *config,
		   struct emu_wire **wirep)
{
	const struct emu_wire_spec *spec = config->spec;
	char args[300];

	snprintf(args, sizeof(args), "%s%s%s%s%s",
		 *spec->path ? "rx_pcap=" : "", spec->path,
		 *spec->path && *spec->tx_path ? "," : "",
		 *spec->tx_path ? "tx_pcap=" : "", spec->tx_path);
	return emu_vdev_open(config, "net_pcap", args, wirep);
}

#define EMU_WIRE_VDEV_CLASS(KIND, SOURCE, OPEN) {	\
	.kind = KIND,				\
	.source = SOURCE,			\
	.open = OPEN,				\
	.close = emu_wire_vdev_close,		\
	.rx = emu_wire_vdev_rx,			\
	.tx = emu_wire_vdev_tx,			\
	.link = emu_wire_vdev_link,		\
}

const struct emu_wire_class emu_wire_vhost_class =
	EMU_WIRE_VDEV_CLASS(EMU_WIRE_VHOST, false, emu_wire_vhost_open);
const struct emu_wire_class emu_wire_memif_class =
	EMU_WIRE_VDEV_CLASS(EMU_WIRE_MEMIF, false, emu_wire_memif_open);
const struct emu_wire_class emu_wire_pcap_class =
	EMU_WIRE_VDEV_CLASS(EMU_WIRE_PCAP, true, emu_wire_pcap_open);
