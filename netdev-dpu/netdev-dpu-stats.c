/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netdev-dpu-stats: what passed through a port of the class "dpu": in software
 * and in hardware. */

#include <config.h>

#include "netdev-dpu/netdev-dpu-private.h"

#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>

#include "util.h"

/* Replaces what passed through the queues by what passed through the port of
 * the embedded switch, if the device counts that. */
static void
put_vport_stats(const struct dpu_vport *vport, struct netdev_stats *stats)
{
    uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, tx_dropped;

    if (dpu_vport_read(vport, DPU_VPORT_RX_PACKETS, &rx_packets)
        && dpu_vport_read(vport, DPU_VPORT_RX_BYTES, &rx_bytes)
        && dpu_vport_read(vport, DPU_VPORT_TX_PACKETS, &tx_packets)
        && dpu_vport_read(vport, DPU_VPORT_TX_BYTES, &tx_bytes)) {
        stats->rx_packets = rx_packets;
        stats->rx_bytes = rx_bytes;
        stats->tx_packets = tx_packets;
        stats->tx_bytes = tx_bytes;
    }
    /* What a rule drops is, as in software, not the port's business; what the
     * function does not take is. */
    if (dpu_vport_read(vport, DPU_VPORT_TX_DROPPED, &tx_dropped)) {
        stats->tx_dropped += tx_dropped;
    }
}

int
netdev_dpu_get_stats(const struct netdev *netdev, struct netdev_stats *stats)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    bool vanished = netdev_dpu_is_vanished(dev);
    int error = vanished ? 0 : netdev_dpu_parent->get_stats(netdev, stats);

    if (error) {
        return error;
    }
    if (!vanished) {
        stats->rx_dropped += netdev_dpu_policer_drops(netdev);
    }
    ovs_mutex_lock(&dev->mutex);
    if (vanished) {
        *stats = dev->stats;
    } else {
        put_vport_stats(&dev->vport, stats);
        dev->stats = *stats;
    }
    ovs_mutex_unlock(&dev->mutex);
    return 0;
}

static void
put_custom(struct netdev_custom_stats *custom, const char *name,
           uint64_t value)
{
    struct netdev_custom_counter *counter;

    for (uint32_t i = 0; i < custom->size; i++) {
        if (!strcmp(custom->counters[i].name, name)) {
            return;
        }
    }
    custom->counters = xrealloc(custom->counters,
                                (custom->size + 1) * sizeof *counter);
    counter = &custom->counters[custom->size++];
    ovs_strlcpy(counter->name, name, sizeof counter->name);
    counter->value = value;
}

/* Adds 'value' to what 'custom' has for 'name', if it has that. */
static void
add_custom(struct netdev_custom_stats *custom, const char *name,
           uint64_t value)
{
    for (uint32_t i = 0; i < custom->size; i++) {
        if (!strcmp(custom->counters[i].name, name)) {
            custom->counters[i].value += value;
        }
    }
}

/* Appends how much of it all software handled, and how much hardware. */
static void
put_shares(const struct dpu_vport *vport, struct netdev_custom_stats *custom)
{
    uint64_t value[DPU_VPORT_N_COUNTERS];
    bool has[DPU_VPORT_N_COUNTERS];
    struct rte_eth_stats sw;

    if (rte_eth_stats_get(vport->ethdev, &sw)) {
        return;
    }
    for (int i = 0; i < DPU_VPORT_N_COUNTERS; i++) {
        has[i] = dpu_vport_read(vport, i, &value[i]);
    }
    if (!has[DPU_VPORT_HW_PACKETS] && has[DPU_VPORT_RX_PACKETS]) {
        /* What came in and did not come up. */
        value[DPU_VPORT_HW_PACKETS] = MAX(
            value[DPU_VPORT_RX_PACKETS], sw.ipackets + sw.imissed)
            - sw.ipackets - sw.imissed;
        value[DPU_VPORT_HW_BYTES] =
            MAX(value[DPU_VPORT_RX_BYTES], sw.ibytes) - sw.ibytes;
        has[DPU_VPORT_HW_PACKETS] = has[DPU_VPORT_HW_BYTES] = true;
    }

    put_custom(custom, "sw_rx_packets", sw.ipackets);
    put_custom(custom, "sw_rx_bytes", sw.ibytes);
    put_custom(custom, "sw_tx_packets", sw.opackets);
    put_custom(custom, "sw_tx_bytes", sw.obytes);
    for (int i = DPU_VPORT_RX_DROPPED; i < DPU_VPORT_N_COUNTERS; i++) {
        if (has[i]) {
            put_custom(custom, dpu_vport_counter_name(i), value[i]);
        }
    }
}

int
netdev_dpu_get_custom_stats(const struct netdev *netdev,
                            struct netdev_custom_stats *custom)
{
    struct netdev_dpu *dev = netdev_dpu_cast(netdev);
    int error;

    if (netdev_dpu_is_vanished(dev)) {
        custom->size = 0;
        custom->counters = NULL;
        return 0;
    }
    error = netdev_dpu_parent->get_custom_stats(netdev, custom);
    if (!error) {
        /* The parent's policer has the same name for it. */
        add_custom(custom, "ovs_rx_qos_drops",
                   netdev_dpu_policer_drops(netdev));
        ovs_mutex_lock(&dev->mutex);
        put_shares(&dev->vport, custom);
        ovs_mutex_unlock(&dev->mutex);
    }
    return error;
}
