/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-device: the emulated DPU and its vports. */
#include "emu-device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_jhash.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "emu-eswitch.h"
#include "emu-ethdev.h"
#include "emu-log.h"
#include "emu-queue.h"
#include "emu-representor.h"
#include "emu-vport.h"
#include "emu-wire.h"

/* A device, on the list of those that there are. */
struct emu_device_entry {
	LIST_ENTRY(emu_device_entry) node;
	bool closing;			/* Its ethdevs are being closed. */
	struct rte_ether_addr mac;	/* The first address of the device. */
	struct emu_device device;
};

static LIST_HEAD(, emu_device_entry) emu_devices =
	LIST_HEAD_INITIALIZER(emu_devices);

static struct emu_device_entry *
emu_device_entry(const struct emu_device *device)
{
	return container_of(device, struct emu_device_entry, device);
}

struct emu_vport *
emu_device_vport_by_ethdev(const struct emu_device *device,
			   uint16_t eth_port_id)
{
	uint16_t i;

	if (eth_port_id == RTE_MAX_ETHPORTS)
		return NULL;
	for (i = 0; i < device->n_vports; i++)
		if (device->vports[i].eth_port_id == eth_port_id)
			return &device->vports[i];
	return NULL;
}

/* -- Addresses ---------------------------------------------------------- */

/* Addresses of functions follow those of ethdevs after so many. */
#define EMU_FUNCTION_MACS 0x1000

/* Makes a locally administered address, of which the last 16 bits are free,
 * that differs between machines, network namespaces and names of devices, so
 * that several emulated DPUs can share a network. */
static void
emu_mac_choose(const char *name, struct rte_ether_addr *mac)
{
	struct stat st = { .st_ino = 0 };
	char id[33] = "";
	uint32_t hash;
	FILE *file;

	file = fopen("/etc/machine-id", "r");
	if (file != NULL) {
		if (fgets(id, sizeof(id), file) == NULL)
			id[0] = '\0';
		fclose(file);
	}
	stat("/proc/self/ns/net", &st);
	hash = rte_jhash(name, strlen(name), st.st_ino);
	hash = rte_jhash(id, strlen(id), hash);
	memset(mac, 0, sizeof(*mac));
	mac->addr_bytes[0] = 0x02;
	mac->addr_bytes[1] = hash >> 16;
	mac->addr_bytes[2] = hash >> 8;
	mac->addr_bytes[3] = hash;
}

/* Returns 'base' plus 'n'. */
static struct rte_ether_addr
emu_mac_add(const struct rte_ether_addr *base, uint32_t n)
{
	struct rte_ether_addr mac = *base;
	int i;

	for (i = RTE_ETHER_ADDR_LEN - 1; i > 0; i--) {
		n += mac.addr_bytes[i];
		mac.addr_bytes[i] = n;
		n >>= 8;
	}
	return mac;
}

/* -- Vports ------------------------------------------------------------- */

static void
emu_vport_init(struct emu_device *device, enum emu_vport_kind kind,
	       uint16_t pf, uint16_t vf)
{
	struct emu_vport *vport = &device->vports[device->n_vports];

	vport->device = device;
	vport->id = device->n_vports++;
	vport->kind = kind;
	vport->pf = pf;
	vport->vf = vf;
	vport->eth_port_id = RTE_MAX_ETHPORTS;
	vport->mac = emu_mac_add(&emu_device_entry(device)->mac,
				 EMU_FUNCTION_MACS + vport->id);
	switch (kind) {
	case EMU_VPORT_UPLINK:
		snprintf(vport->name, sizeof(vport->name), "p%u", pf);
		break;
	case EMU_VPORT_HOST_PF:
		snprintf(vport->name, sizeof(vport->name), "pf%uhpf", pf);
		break;
	case EMU_VPORT_VF:
		snprintf(vport->name, sizeof(vport->name), "pf%uvf%u", pf,
			 vf);
		break;
	}
}

static const struct emu_wire_spec *
emu_vport_spec(const struct emu_vport *vport,
	       const struct emu_devargs *devargs)
{
	switch (vport->kind) {
	case EMU_VPORT_UPLINK:
		return &devargs->uplink[vport->pf];
	case EMU_VPORT_HOST_PF:
		return &devargs->pf[vport->pf];
	case EMU_VPORT_VF:
		break;
	}
	return &devargs->vf[vport->vf];
}

static int
emu_vport_open(struct emu_vport *vport, const struct emu_devargs *devargs)
{
	struct emu_device *device = vport->device;
	const struct emu_wire_config config = {
		.spec = emu_vport_spec(vport, devargs),
		.device = device->name,
		.vport = vport->name,
		.mac = vport->mac,
		.pool = emu_eswitch_pool(device->eswitch),
		.socket_id = device->socket_id,
	};
	int ret;

	vport->queues = rte_zmalloc_socket("emu_port_queues",
					   sizeof(*vport->queues),
					   RTE_CACHE_LINE_SIZE,
					   device->socket_id);
	if (vport->queues == NULL)
		return -ENOMEM;
	vport->queues->mtu = RTE_ETHER_MTU;
	ret = emu_wire_open(&config, &vport->wire);
	if (ret == 0)
		vport->mac = vport->wire->mac;
	return ret;
}

static int
emu_device_create_vports(struct emu_device *device,
			 const struct emu_devargs *devargs)
{
	uint16_t i;

	device->vports = rte_zmalloc_socket("emu_vports", EMU_MAX_VPORTS *
					    sizeof(*device->vports),
					    RTE_CACHE_LINE_SIZE,
					    device->socket_id);
	if (device->vports == NULL)
		return -ENOMEM;
	for (i = 0; i < devargs->n_uplinks; i++)
		emu_vport_init(device, EMU_VPORT_UPLINK, i, 0);
	for (i = 0; i < EMU_MAX_UPLINKS; i++)
		if (devargs->has_pf[i])
			emu_vport_init(device, EMU_VPORT_HOST_PF, i, 0);
	for (i = 0; i < devargs->n_vfs; i++)
		emu_vport_init(device, EMU_VPORT_VF, 0, i);
	return 0;
}

/* -- The device --------------------------------------------------------- */

/* Undoes emu_device_create(), from wherever it got to. */
static void
emu_device_destroy(struct emu_device *device)
{
	struct emu_device_entry *entry = emu_device_entry(device);
	uint16_t i;

	emu_eswitch_stop(device);
	for (i = 0; i < device->n_vports; i++)
		if (device->vports[i].eth_port_id != RTE_MAX_ETHPORTS)
			emu_ethdev_destroy(&device->vports[i]);
	if (device->flow != NULL)
		emu_flow_engine_destroy(device);
	for (i = 0; i < device->n_vports; i++) {
		emu_wire_close(device->vports[i].wire);
		rte_free(device->vports[i].queues);
	}
	emu_eswitch_destroy(device);
	rte_free(device->vports);
	if (device->domain_id != RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID)
		rte_eth_switch_domain_free(device->domain_id);
	if (device->profile != NULL)
		emu_profile_free(device->profile);
	LIST_REMOVE(entry, node);
	free(entry);
}

static struct emu_device_entry *
emu_device_entry_create(struct rte_device *rte_dev,
			const struct emu_devargs *devargs)
{
	struct emu_device_entry *entry = calloc(1, sizeof(*entry));
	struct emu_device *device;

	if (entry == NULL)
		return NULL;
	device = &entry->device;
	strlcpy(device->name, rte_dev->name, sizeof(device->name));
	device->rte_dev = rte_dev;
	device->socket_id = rte_dev->numa_node < 0 ? 0 : rte_dev->numa_node;
	device->domain_id = RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID;
	device->n_uplinks = devargs->n_uplinks;
	device->n_vfs = devargs->n_vfs;
	if (devargs->has_mac)
		entry->mac = devargs->mac;
	else
		emu_mac_choose(device->name, &entry->mac);
	LIST_INSERT_HEAD(&emu_devices, entry, node);
	return entry;
}

static uint16_t
emu_device_room_for_ethdevs(void)
{
	uint16_t room = 0;
	uint16_t i;

	for (i = 0; i < RTE_MAX_ETHPORTS; i++)
		room += rte_eth_devices[i].state == RTE_ETH_DEV_UNUSED;
	return room;
}

/* Gives each vport an ethdev.  DPDK has room for RTE_MAX_ETHPORTS, 32 as a
 * rule, which is less than a device may have VFs: the last ones go without.
 * Rules forward for them as for others, but what no rule takes is dropped, and
 * counted as missed. */
static int
emu_device_create_ethdevs(struct emu_device *device)
{
	const struct rte_ether_addr *mac = &emu_device_entry(device)->mac;
	const uint16_t room = emu_device_room_for_ethdevs();
	uint16_t i;
	int ret;

	for (i = 0; i < device->n_vports; i++) {
		const struct rte_ether_addr own = emu_mac_add(mac, i);

		if (i >= device->n_uplinks && i >= room) {
			EMU_LOG(NOTICE, "%s: DPDK has no room for the "
				"representors of %s and what follows",
				device->name, device->vports[i].name);
			return 0;
		}
		ret = emu_ethdev_create(&device->vports[i], &own);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Fills in the device, which is freed by the caller if that fails. */
static int
emu_device_set_up(struct emu_device *device,
		  const struct emu_devargs *devargs)
{
	char error[512];
	uint16_t i;
	int ret;

	strlcpy(device->faults, devargs->faults, sizeof(device->faults));
	device->profile = emu_profile_load(devargs->profile, error,
					   sizeof(error));
	if (device->profile == NULL) {
		EMU_LOG(ERR, "%s: profile=%s: %s", device->name,
			devargs->profile, error);
		return -EINVAL;
	}
	ret = emu_device_create_vports(device, devargs);
	if (ret < 0)
		return ret;
	if (*devargs->representor != '\0') {
		ret = emu_representor_check(device, devargs->representor,
					    error, sizeof(error));
		if (ret < 0) {
			EMU_LOG(ERR, "%s: %s", device->name, error);
			return ret;
		}
	}
	ret = rte_eth_switch_domain_alloc(&device->domain_id);
	if (ret < 0)
		return ret;
	ret = emu_eswitch_create(device, devargs->n_mbufs, devargs->cpu);
	if (ret < 0)
		return ret;
	/* Before wires, which may be ethdevs too: the ports that applications
	 * see have the first numbers. */
	ret = emu_device_create_ethdevs(device);
	if (ret < 0)
		return ret;
	for (i = 0; i < device->n_vports; i++) {
		ret = emu_vport_open(&device->vports[i], devargs);
		if (ret < 0)
			return ret;
	}
	ret = emu_flow_engine_create(device);
	if (ret < 0)
		return ret;
	return emu_eswitch_start(device);
}

int
emu_device_create(struct rte_device *rte_dev,
		  const struct emu_devargs *devargs)
{
	struct emu_device_entry *entry;
	struct emu_device *device;
	uint16_t i;
	int ret;

	entry = emu_device_entry_create(rte_dev, devargs);
	if (entry == NULL)
		return -ENOMEM;
	device = &entry->device;
	ret = emu_device_set_up(device, devargs);
	if (ret < 0) {
		EMU_LOG(ERR, "%s: cannot be created: %s", device->name,
			strerror(-ret));
		emu_device_destroy(device);
		return ret;
	}
	for (i = 0; i < device->n_vports; i++)
		if (device->vports[i].eth_port_id != RTE_MAX_ETHPORTS)
			emu_ethdev_announce(&device->vports[i]);
	EMU_LOG(INFO, "%s: %u uplinks, %u VFs, profile %s", device->name,
		device->n_uplinks, device->n_vfs,
		emu_profile_name(device->profile));
	return 0;
}

/* Closes what is left of the ethdevs, the uplink last, and the device. */
static void
emu_device_close(struct emu_device *device)
{
	struct emu_device_entry *entry = emu_device_entry(device);
	int i;

	if (entry->closing)
		return;
	entry->closing = true;
	for (i = device->n_vports - 1; i >= 0; i--) {
		const uint16_t port = device->vports[i].eth_port_id;

		if (port == RTE_MAX_ETHPORTS)
			continue;
		if (rte_eth_devices[port].data->dev_started)
			rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	emu_device_destroy(device);
}

void
emu_device_remove(struct rte_device *rte_dev)
{
	struct emu_device_entry *entry;

	LIST_FOREACH(entry, &emu_devices, node) {
		if (entry->device.rte_dev == rte_dev) {
			emu_device_close(&entry->device);
			return;
		}
	}
}

void
emu_vport_closed(struct emu_vport *vport)
{
	struct emu_device *device = vport->device;
	uint16_t i;

	if (emu_device_entry(device)->closing ||
	    device->vports[0].eth_port_id != RTE_MAX_ETHPORTS)
		return;
	for (i = 1; i < device->n_vports; i++)
		if (emu_ethdev_in_use(&device->vports[i]))
			break;
	if (i == device->n_vports) {
		emu_device_close(device);
		return;
	}
	/* They are found through the uplink no more: each speaks for all. */
	for (i = 1; i < device->n_vports; i++) {
		const uint16_t port = device->vports[i].eth_port_id;

		if (port != RTE_MAX_ETHPORTS)
			rte_eth_devices[port].data->backer_port_id = port;
	}
}
