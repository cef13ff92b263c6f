/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-link: the links of ethdevs: up if the wire behind the vport is, and no
 * application has set it down.
 *
 * Thread-safety: control threads, but where said otherwise. */
#ifndef EMU_LINK_H
#define EMU_LINK_H

#include "emu-device.h"

struct rte_eth_dev;

/* Operations of struct eth_dev_ops. */
int emu_link_update(struct rte_eth_dev *dev, int wait);
int emu_link_up(struct rte_eth_dev *dev);
int emu_link_down(struct rte_eth_dev *dev);

/* Sets the link of 'dev' up or down.  Returns 0. */
int emu_link_set(struct rte_eth_dev *dev, bool up);

/* Sees to it that applications hear of a link of 'vport' that changed.
 * Eswitch thread, while it is online. */
void emu_link_check(struct emu_vport *vport);

#endif /* EMU_LINK_H */
