/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-vport: the life of a device and its vports, for emu-driver and
 * emu-ethdev.
 *
 * Thread-safety: devices come and go by the hand of one control thread at a
 * time, as DPDK has it for hotplug. */
#ifndef EMU_VPORT_H
#define EMU_VPORT_H

#include "emu-devargs.h"
#include "emu-device.h"

/* Creates the device of 'rte_dev' as 'devargs' tells, with all its ethdevs,
 * which applications see from then on.  Returns 0, or a negative errno after
 * a message in the log. */
int emu_device_create(struct rte_device *rte_dev,
		      const struct emu_devargs *devargs);

/* Closes what is left of the ethdevs of 'rte_dev', and frees the device. */
void emu_device_remove(struct rte_device *rte_dev);

/* Tells that the ethdev of 'vport' has closed.  The device goes, with all
 * ethdevs that nobody has configured, once neither the first uplink nor any
 * configured ethdev is left; 'vport' may be gone then. */
void emu_vport_closed(struct emu_vport *vport);

#endif /* EMU_VPORT_H */
