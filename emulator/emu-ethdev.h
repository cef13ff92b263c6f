/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-ethdev: the Ethernet devices that software sees: the first uplink, and
 * a representor for each other vport.
 *
 * Thread-safety: as rte_ethdev.h has it: one control thread per port. */
#ifndef EMU_ETHDEV_H
#define EMU_ETHDEV_H

#include "emu-device.h"

/* A frame of EMU_MAX_FRAME bytes holds a packet of so many: Ethernet header
 * and FCS are counted. */
#define EMU_MAX_MTU (EMU_MAX_FRAME - RTE_ETHER_HDR_LEN - RTE_ETHER_CRC_LEN)

/* Allocates the ethdev of 'vport', with address 'mac' of its own.  It is not
 * seen by applications before emu_ethdev_announce().  Returns 0 or a negative
 * errno. */
int emu_ethdev_create(struct emu_vport *vport,
		      const struct rte_ether_addr *mac);
void emu_ethdev_announce(struct emu_vport *vport);

/* Releases the ethdev of 'vport' again, before it was announced. */
void emu_ethdev_destroy(struct emu_vport *vport);

/* True if the ethdev of 'vport' is configured by an application. */
bool emu_ethdev_in_use(const struct emu_vport *vport);

/* Tells applications that rules of 'vport' have aged.  Any thread. */
void emu_ethdev_announce_aged(struct emu_vport *vport);

#endif /* EMU_ETHDEV_H */
