/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/netdev-dpu.h"

#include "netdev-provider.h"

static struct netdev_class dpu_class;

void
netdev_dpu_register(const struct netdev_class *dpdk)
{
    dpu_class = *dpdk;
    dpu_class.type = "dpu";
    netdev_register_provider(&dpu_class);
}
