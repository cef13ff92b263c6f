/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-representor: what representors are called. */
#include "emu-representor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of representors: VFs from 0 on, then those of PFs. */
#define EMU_ID_UPLINK	0x1000
#define EMU_ID_HOST_PF	0x2000

/* "vf65535" stands for the PF itself, as in mlx5's device arguments. */
#define EMU_VF_OF_HOST_PF 65535

/* The DPU itself, and the host that it sits in. */
#define EMU_N_CONTROLLERS 2

uint16_t
emu_representor_id(const struct emu_vport *vport)
{
	switch (vport->kind) {
	case EMU_VPORT_UPLINK:
		return EMU_ID_UPLINK + vport->pf;
	case EMU_VPORT_HOST_PF:
		return EMU_ID_HOST_PF + vport->pf;
	case EMU_VPORT_VF:
		break;
	}
	return vport->vf;
}

/* A list of ranges that is being made, or counted. */
struct emu_ranges {
	struct rte_eth_representor_info *info;
	int n;
};

static void
emu_ranges_add(struct emu_ranges *ranges, enum rte_eth_representor_type type,
	       int controller, int pf, int vf, uint16_t id, uint16_t count)
{
	struct rte_eth_representor_range *range;

	if (ranges->info != NULL &&
	    (uint32_t)ranges->n < ranges->info->nb_ranges_alloc) {
		range = &ranges->info->ranges[ranges->n];
		memset(range, 0, sizeof(*range));
		range->type = type;
		range->controller = controller;
		range->pf = pf;
		range->vf = vf;
		range->id_base = id;
		range->id_end = id + count - 1;
		snprintf(range->name, sizeof(range->name),
			 type == RTE_ETH_REPRESENTOR_VF ? "c%dpf%dvf"
			 : "c%dpf%d", controller, pf);
		ranges->info->nb_ranges = ranges->n + 1;
	}
	ranges->n++;
}

static void
emu_ranges_add_vport(struct emu_ranges *ranges, const struct emu_vport *vport,
		     int controller)
{
	const uint16_t id = emu_representor_id(vport);

	if (vport->kind == EMU_VPORT_HOST_PF) {
		emu_ranges_add(ranges, RTE_ETH_REPRESENTOR_VF, controller,
			       vport->pf, EMU_VF_OF_HOST_PF, id, 1);
		if (controller == 1)
			emu_ranges_add(ranges, RTE_ETH_REPRESENTOR_PF,
				       controller, vport->pf, 0, id, 1);
	} else if (vport->kind == EMU_VPORT_UPLINK && controller == 0 &&
		   vport->id != 0) {
		emu_ranges_add(ranges, RTE_ETH_REPRESENTOR_PF, controller,
			       vport->pf, 0, id, 1);
	}
}

int
emu_representor_info(const struct emu_device *device,
		     struct rte_eth_representor_info *info)
{
	struct emu_ranges ranges = { .info = info };
	int controller;
	uint16_t i;

	if (info != NULL) {
		info->controller = 0;
		info->pf = 0;
		info->nb_ranges = 0;
	}
	for (controller = 0; controller < EMU_N_CONTROLLERS; controller++) {
		if (device->n_vfs > 0)
			emu_ranges_add(&ranges, RTE_ETH_REPRESENTOR_VF,
				       controller, 0, 0, 0, device->n_vfs);
		for (i = 0; i < device->n_vports; i++)
			emu_ranges_add_vport(&ranges, &device->vports[i],
					     controller);
	}
	return ranges.n;
}

struct emu_vport *
emu_representor_by_id(const struct emu_device *device, uint16_t id)
{
	uint16_t i;

	/* The first uplink is the device itself, not a representor. */
	for (i = 1; i < device->n_vports; i++)
		if (emu_representor_id(&device->vports[i]) == id)
			return &device->vports[i];
	return NULL;
}

/* -- "representor=" ----------------------------------------------------- */

/* True if a range of 'info' has the representor; -1 stands for ours. */
static bool
emu_representor_exists(const struct rte_eth_representor_info *info,
		       enum rte_eth_representor_type type, int controller,
		       int pf, int vf)
{
	uint32_t i;

	for (i = 0; i < info->nb_ranges; i++) {
		const struct rte_eth_representor_range *r = &info->ranges[i];
		const int count = r->id_end - r->id_base + 1;

		if (r->type == type &&
		    r->controller == RTE_MAX(controller, 0) &&
		    r->pf == RTE_MAX(pf, 0) &&
		    (type == RTE_ETH_REPRESENTOR_PF ||
		     (vf >= r->vf && vf < r->vf + count)))
			return true;
	}
	return false;
}

/* Checks every representor of the product of 'da's lists. */
static bool
emu_representor_check_all(const struct rte_eth_representor_info *info,
			  const struct rte_eth_devargs *da)
{
	const unsigned int nc = RTE_MAX(da->nb_mh_controllers, 1);
	const unsigned int np = RTE_MAX(da->nb_ports, 1);
	const unsigned int nf = RTE_MAX(da->nb_representor_ports, 1);
	unsigned int i;

	for (i = 0; i < nc * np * nf; i++) {
		const unsigned int c = i / (np * nf);
		const unsigned int p = i / nf % np;

		if (!emu_representor_exists(info, da->type,
				da->nb_mh_controllers ? da->mh_controllers[c]
						      : -1,
				da->nb_ports ? da->ports[p] : -1,
				da->nb_representor_ports
				? da->representor_ports[i % nf] : -1))
			return false;
	}
	return true;
}

static void
emu_representor_names(const struct emu_device *device, char *names,
		      size_t size)
{
	size_t n = 0;

	names[0] = '\0';
	if (device->n_vfs > 0)
		n = snprintf(names, size, "vf0 to vf%u", device->n_vfs - 1);
	if (device->n_uplinks > 1 && n < size)
		snprintf(names + n, size - n, "%spf1", n ? ", " : "");
	if (names[0] == '\0')
		snprintf(names, size, "none: vfs=N has not been given when "
			 "it was created");
}

int
emu_representor_check(const struct emu_device *device, const char *text,
		      char *error, size_t error_size)
{
	struct rte_eth_representor_info *info = NULL;
	struct rte_eth_devargs *da = NULL;
	char *copy = NULL, names[96];
	int n, ret = -ENOMEM;

	n = emu_representor_info(device, NULL);
	info = calloc(1, sizeof(*info) + n * sizeof(info->ranges[0]));
	da = calloc(1, sizeof(*da));
	if (info == NULL || da == NULL ||
	    asprintf(&copy, "representor=%s", text) < 0) {
		snprintf(error, error_size, "out of memory");
		copy = NULL;
		goto out;
	}
	info->nb_ranges_alloc = n;
	emu_representor_info(device, info);

	ret = -EINVAL;
	emu_representor_names(device, names, sizeof(names));
	if (rte_eth_devargs_parse(copy, da) < 0)
		snprintf(error, error_size, "representor=%s: should be like "
			 "vf0, [0,2-3], pf0vf[0-3], c1pf0vf3 or pf1", text);
	else if (!emu_representor_check_all(info, da))
		snprintf(error, error_size, "representor=%s: %s has these "
			 "representors: %s", text, device->name, names);
	else
		ret = 0;
out:
	free(copy);
	free(da);
	free(info);
	return ret;
}
