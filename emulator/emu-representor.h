/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-representor: what representors are called: in "representor=" of device
 * arguments, and by number.
 *
 *   [3], 3, vf3, pf0vf3, c0pf0vf3, c1pf0vf3   the representor of VF 3
 *   pf1, c0pf1                                the second uplink, p1
 *   pf0vf65535, c1pf0                         that of the host's PF 0
 *
 * Controller 0 is the DPU itself, 1 the host: BlueField's names say either.
 * All VFs belong to PF 0, however many uplinks there are.
 *
 * Thread-safety: pure functions of what does not change in a device. */
#ifndef EMU_REPRESENTOR_H
#define EMU_REPRESENTOR_H

#include <stddef.h>
#include <stdint.h>

#include "emu-device.h"

/* Returns the number of the representor of 'vport', unique in its device.
 * That of VF n is n, as the oldest spelling has it. */
uint16_t emu_representor_id(const struct emu_vport *vport);

/* Fills in 'info', or counts the ranges if it is NULL, as
 * rte_eth_representor_info_get() does.  Returns the number of ranges. */
int emu_representor_info(const struct emu_device *device,
			 struct rte_eth_representor_info *info);

/* Finds the vport whose representor is number 'id', or NULL. */
struct emu_vport *emu_representor_by_id(const struct emu_device *device,
					uint16_t id);

/* Checks that all representors that 'text' names exist.  On error puts a
 * message for people into 'error' and returns a negative errno. */
int emu_representor_check(const struct emu_device *device, const char *text,
			  char *error, size_t error_size);

#endif /* EMU_REPRESENTOR_H */
