/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-driver: the driver "net_dpu_emu" of DPDK's bus of virtual devices. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_eal.h>

#include "emu-devargs.h"
#include "emu-log.h"
#include "emu-vport.h"
#include "emu-wire.h"

static int
emu_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct emu_devargs *devargs;
	char error[1024];
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		EMU_LOG(ERR, "%s: not for secondary processes: its embedded "
			"switch is a thread of the primary process", name);
		return -ENOTSUP;
	}
	emu_wire_vdev_reap();
	devargs = calloc(1, sizeof(*devargs));
	if (devargs == NULL)
		return -ENOMEM;
	ret = emu_devargs_parse(name, rte_vdev_device_args(vdev), devargs,
				error, sizeof(error));
	if (ret < 0)
		EMU_LOG(ERR, "%s: %s", name, error);
	else
		ret = emu_device_create(&vdev->device, devargs);
	free(devargs);
	return ret;
}

static int
emu_remove(struct rte_vdev_device *vdev)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		emu_device_remove(&vdev->device);
	return 0;
}

static struct rte_vdev_driver emu_driver = {
	.probe = emu_probe,
	.remove = emu_remove,
};

RTE_PMD_REGISTER_VDEV(net_dpu_emu, emu_driver);
RTE_PMD_REGISTER_ALIAS(net_dpu_emu, eth_dpu_emu);
RTE_PMD_REGISTER_PARAM_STRING(net_dpu_emu, EMU_DEVARGS_HELP);
RTE_LOG_REGISTER(emu_logtype, pmd.net.dpu_emu, NOTICE);
