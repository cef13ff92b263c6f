/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-link: see emu-link.h. */
#include "emu-link.h"

#include <ethdev_driver.h>
#include <rte_alarm.h>

#include "emu-queue.h"
#include "emu-vport.h"
#include "emu-wire.h"

#define EMU_LINK_SPEED RTE_ETH_SPEED_NUM_25G

static struct rte_eth_link
emu_link_read(const struct emu_vport *vport)
{
	const bool up = !vport->queues->link_disabled &&
			emu_wire_link(vport->wire);

	return (struct rte_eth_link) {
		.link_speed = up ? EMU_LINK_SPEED : RTE_ETH_SPEED_NUM_NONE,
		.link_duplex = RTE_ETH_LINK_FULL_DUPLEX,
		.link_autoneg = RTE_ETH_LINK_FIXED,
		.link_status = up ? RTE_ETH_LINK_UP : RTE_ETH_LINK_DOWN,
	};
}

int
emu_link_update(struct rte_eth_dev *dev, int wait __rte_unused)
{
	const struct rte_eth_link link =
		emu_link_read(emu_vport_from_ethdev(dev));

	return rte_eth_linkstatus_set(dev, &link);
}

/* In the thread that calls applications back. */
static void
emu_link_announce(void *port_id)
{
	const uint16_t id = (uintptr_t)port_id;

	if (rte_eth_dev_is_valid_port(id))
		rte_eth_dev_callback_process(&rte_eth_devices[id],
					     RTE_ETH_EVENT_INTR_LSC, NULL);
}

void
emu_link_check(struct emu_vport *vport)
{
	struct rte_eth_dev *dev;

	/* A port that stops waits for this thread first. */
	if (!__atomic_load_n(&vport->queues->started, __ATOMIC_ACQUIRE))
		return;
	dev = &rte_eth_devices[vport->eth_port_id];
	if (dev->data->dev_conf.intr_conf.lsc && !emu_link_update(dev, 0))
		rte_eal_alarm_set(1, emu_link_announce,
				  (void *)(uintptr_t)vport->eth_port_id);
}

int
emu_link_set(struct rte_eth_dev *dev, bool up)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);
	struct emu_wire *wire = vport->wire;

	__atomic_store_n(&vport->queues->link_disabled, !up,
			 __ATOMIC_RELAXED);
	if (wire->class->set_carrier != NULL)
		wire->class->set_carrier(wire, up);
	emu_link_update(dev, 0);
	return 0;
}

int
emu_link_up(struct rte_eth_dev *dev)
{
	return emu_link_set(dev, true);
}

int
emu_link_down(struct rte_eth_dev *dev)
{
	return emu_link_set(dev, false);
}
