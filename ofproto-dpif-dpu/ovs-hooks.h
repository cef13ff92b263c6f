/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-hooks: every place where this project stands in front of a function of
 * Open vSwitch.  See the table in ovs-hooks.c. */

#ifndef OVS_HOOKS_H
#define OVS_HOOKS_H 1

#include <stdbool.h>

struct netdev;
struct netdev_class;
struct smap;

int __real_netdev_register_provider(const struct netdev_class *);
int __wrap_netdev_register_provider(const struct netdev_class *);

void __real_netdev_dpdk_register(const struct smap *ovs_other_config);
void __wrap_netdev_dpdk_register(const struct smap *ovs_other_config);

bool __real_netdev_dpdk_flow_api_supported(struct netdev *);
bool __wrap_netdev_dpdk_flow_api_supported(struct netdev *);

#endif /* ofproto-dpif-dpu/ovs-hooks.h */
