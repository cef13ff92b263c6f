/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-vport.h"

#include <string.h>

#include <rte_ethdev.h>

#include "util.h"

/* What drivers call a set of counters.  The first set of which the driver has
 * every name counts. */
static const struct {
    enum dpu_vport_counter first, last;
    bool uplink, representor;   /* Ports for which it is right. */
    const char *names[4][DPU_VPORT_MAX_XSTATS];
} sets[] = {
    /* net_dpu_emu. */
    { DPU_VPORT_RX_PACKETS, DPU_VPORT_TX_BYTES, true, true,
      { { "vport_rx_packets" }, { "vport_rx_bytes" },
        { "vport_tx_packets" }, { "vport_tx_bytes" } } },
    /* net_mlx5: counters of a representor's vport.  They are turned round by
     * the kernel, so that rx is what the function sends. */
    { DPU_VPORT_RX_PACKETS, DPU_VPORT_TX_BYTES, false, true,
      { { "rx_vport_packets" }, { "rx_vport_bytes" },
        { "tx_vport_packets" }, { "tx_vport_bytes" } } },
    /* net_mlx5: the uplink's own vport is the ARM side's function; the wire is
     * the physical port. */
    { DPU_VPORT_RX_PACKETS, DPU_VPORT_TX_BYTES, true, false,
      { { "rx_phy_packets" }, { "rx_phy_bytes" },
        { "tx_phy_packets" }, { "tx_phy_bytes" } } },
    /* Drivers that count casts apart. */
    { DPU_VPORT_RX_PACKETS, DPU_VPORT_TX_BYTES, true, true,
      { { "rx_unicast_packets", "rx_multicast_packets",
          "rx_broadcast_packets" },
        { "rx_unicast_bytes", "rx_multicast_bytes", "rx_broadcast_bytes" },
        { "tx_unicast_packets", "tx_multicast_packets",
          "tx_broadcast_packets" },
        { "tx_unicast_bytes", "tx_multicast_bytes",
          "tx_broadcast_bytes" } } },

    { DPU_VPORT_RX_DROPPED, DPU_VPORT_TX_DROPPED, true, true,
      { { "vport_rx_dropped" }, { "vport_tx_dropped" } } },
    { DPU_VPORT_RX_DROPPED, DPU_VPORT_TX_DROPPED, true, false,
      { { "rx_phy_discard_packets" }, { "tx_phy_discard_packets" } } },

    { DPU_VPORT_HW_PACKETS, DPU_VPORT_HW_BYTES, true, true,
      { { "hw_packets" }, { "hw_bytes" } } },
};

/* Looks up the ids of the extended statistics 'names'.  Returns how many there
 * are, 0 unless the driver has all of them. */
static uint8_t
lookup(uint16_t ethdev, const char *const names[DPU_VPORT_MAX_XSTATS],
       uint64_t ids[DPU_VPORT_MAX_XSTATS])
{
    uint8_t n;

    for (n = 0; n < DPU_VPORT_MAX_XSTATS && names[n]; n++) {
        if (rte_eth_xstats_get_id_by_name(ethdev, names[n], &ids[n])) {
            return 0;
        }
    }
    return n;
}

void
dpu_vport_init(struct dpu_vport *vport, uint16_t ethdev, bool representor)
{
    memset(vport, 0, sizeof *vport);
    vport->ethdev = ethdev;

    for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
        bool fits = representor ? sets[i].representor : sets[i].uplink;
        enum dpu_vport_counter counter = sets[i].first;

        if (!fits || vport->n_ids[sets[i].first]) {
            continue;
        }
        for (; counter <= sets[i].last; counter++) {
            vport->n_ids[counter] =
                lookup(ethdev, sets[i].names[counter - sets[i].first],
                       vport->ids[counter]);
            if (!vport->n_ids[counter]) {
                /* Half a set is none. */
                memset(&vport->n_ids[sets[i].first], 0,
                       counter - sets[i].first);
                break;
            }
        }
    }
}

bool
dpu_vport_has_traffic(const struct dpu_vport *vport)
{
    return vport->n_ids[DPU_VPORT_RX_PACKETS] > 0;
}

bool
dpu_vport_read(const struct dpu_vport *vport, enum dpu_vport_counter counter,
               uint64_t *value)
{
    uint64_t values[DPU_VPORT_MAX_XSTATS];
    uint8_t n = vport->n_ids[counter];

    if (!n || rte_eth_xstats_get_by_id(vport->ethdev, vport->ids[counter],
                                       values, n) != n) {
        return false;
    }
    *value = 0;
    for (uint8_t i = 0; i < n; i++) {
        *value += values[i];
    }
    return true;
}

const char *
dpu_vport_counter_name(enum dpu_vport_counter counter)
{
    static const char *const names[DPU_VPORT_N_COUNTERS] = {
        [DPU_VPORT_RX_PACKETS] = "vport_rx_packets",
        [DPU_VPORT_RX_BYTES] = "vport_rx_bytes",
        [DPU_VPORT_TX_PACKETS] = "vport_tx_packets",
        [DPU_VPORT_TX_BYTES] = "vport_tx_bytes",
        [DPU_VPORT_RX_DROPPED] = "vport_rx_dropped",
        [DPU_VPORT_TX_DROPPED] = "vport_tx_dropped",
        [DPU_VPORT_HW_PACKETS] = "hw_packets",
        [DPU_VPORT_HW_BYTES] = "hw_bytes",
    };

    return names[counter];
}
