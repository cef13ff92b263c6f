/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#ifndef NETDEV_DPU_H
#define NETDEV_DPU_H 1

struct netdev_class;

/* Registers the netdev class "dpu", derived from 'dpdk', the class "dpdk" of
 * Open vSwitch.  Once, from the main thread, after DPDK was initialized. */
void netdev_dpu_register(const struct netdev_class *dpdk);

#endif /* netdev-dpu/netdev-dpu.h */
