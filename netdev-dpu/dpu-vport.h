/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-vport: the counters of a port of the embedded switch: all that passes
 * between it and the function behind it, whether or not software sees it.
 *
 * ethdev statistics count what passes through an ethdev's queues, that is,
 * what hardware did not forward by itself.  For the rest there are extended
 * statistics, which each driver names as it likes.
 *
 * Thread-safety: none; constant once initialized. */

#ifndef DPU_VPORT_H
#define DPU_VPORT_H 1

#include <stdbool.h>
#include <stdint.h>

/* Directions are as Open vSwitch sees its port: rx is what the function
 * sends. */
enum dpu_vport_counter {
    DPU_VPORT_RX_PACKETS,
    DPU_VPORT_RX_BYTES,
    DPU_VPORT_TX_PACKETS,
    DPU_VPORT_TX_BYTES,
    DPU_VPORT_RX_DROPPED,       /* Dropped by a rule. */
    DPU_VPORT_TX_DROPPED,       /* Not taken by the function. */
    DPU_VPORT_HW_PACKETS,       /* From the function, finished in hardware. */
    DPU_VPORT_HW_BYTES,
    DPU_VPORT_N_COUNTERS
};

/* Extended statistics that one counter is the sum of. */
#define DPU_VPORT_MAX_XSTATS 3

struct dpu_vport {
    uint16_t ethdev;
    uint64_t ids[DPU_VPORT_N_COUNTERS][DPU_VPORT_MAX_XSTATS];
    uint8_t n_ids[DPU_VPORT_N_COUNTERS];    /* 0: the driver has no such. */
};

/* Finds out what the driver of 'ethdev', a representor or an uplink, counts.
 * To be repeated when 'ethdev' was configured anew: the ids may change. */
void dpu_vport_init(struct dpu_vport *, uint16_t ethdev, bool representor);

/* Whether the device counts what the function sends and receives. */
bool dpu_vport_has_traffic(const struct dpu_vport *);

/* Reads 'counter' into '*value'.  Returns false if the driver has no such. */
bool dpu_vport_read(const struct dpu_vport *, enum dpu_vport_counter counter,
                    uint64_t *value);

/* The name of 'counter' among a port's custom statistics. */
const char *dpu_vport_counter_name(enum dpu_vport_counter counter);

#endif /* netdev-dpu/dpu-vport.h */
