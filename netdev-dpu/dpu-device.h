/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-device: one physical or emulated DPU, that is, one switch domain of
 * ethdevs that share an embedded switch.
 *
 * Thread-safety: all functions may be called from any thread.  A dpu_device
 * lives as long as somebody holds a reference; its fields are constant. */

#ifndef DPU_DEVICE_H
#define DPU_DEVICE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One DPU.  Keyed by the switch domain that its ethdevs report
 * (rte_eth_dev_info.switch_info.domain_id), or by the rte_device if the
 * driver reports none. */
struct dpu_device;

/* Returns a new reference to the device that ethdev 'port_id' belongs to,
 * creating it on first use.  NULL if 'port_id' is not an ethdev. */
struct dpu_device *dpu_device_get(uint16_t port_id);
struct dpu_device *dpu_device_ref(const struct dpu_device *);
void dpu_device_unref(struct dpu_device *);

/* The bus name of the device ("net_dpu_emu0", "0000:03:00.0"). */
const char *dpu_device_name(const struct dpu_device *);

/* The driver's name ("net_dpu_emu", "mlx5_pci"). */
const char *dpu_device_driver(const struct dpu_device *);

/* The switch domain, or RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID. */
uint16_t dpu_device_domain(const struct dpu_device *);

/* The ethdev on which rules with the transfer attribute are to be created
 * (rte_flow_pick_transfer_proxy(), DPDK guide "Traffic steering in the
 * embedded switch"), asked through 'port_id', or 'port_id' itself if the
 * driver has no such function. */
uint16_t dpu_device_transfer_proxy(const struct dpu_device *,
                                   uint16_t port_id);

#endif /* netdev-dpu/dpu-device.h */
