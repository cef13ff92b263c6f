/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-stats: the statistics of an ethdev.
 *
 * The basic ones tell what software saw, queue by queue.  The extended ones
 * tell what passed at the function, whether or not software saw it, and, on
 * the first uplink, what the embedded switch did.
 *
 * Thread-safety: any thread; what it reads may be in motion. */
#ifndef EMU_STATS_H
#define EMU_STATS_H

#include "emu-device.h"

/* eth_dev_ops. */
int emu_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats);
int emu_stats_reset(struct rte_eth_dev *dev);
int emu_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats,
		   unsigned int n);
int emu_xstats_get_names(struct rte_eth_dev *dev,
			 struct rte_eth_xstat_name *names, unsigned int n);
int emu_xstats_reset(struct rte_eth_dev *dev);

#endif /* EMU_STATS_H */
