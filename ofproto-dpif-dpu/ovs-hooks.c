/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-hooks: every place where this project stands in front of a function of
 * Open vSwitch 3.1.  The daemon is linked from the stock objects with
 * -Wl,--wrap=FUNCTION, which catches calls from one object file into another.
 *
 * Function                        Reason; what it would be, had OVS the API
 * ------------------------------  ------------------------------------------
 * netdev_register_provider        To see the class "dpdk", which the class
 *                                 "dpu" derives from; an exported symbol.
 * netdev_dpdk_register            DPDK is up and no port exists yet: the
 *                                 moment to register ours; dlopen of
 *                                 providers.
 * netdev_dpdk_flow_api_supported  Keeps OVS's own DPDK flow API off our
 *                                 ports; a preference in the registry.
 */

#include <config.h>

#include "ofproto-dpif-dpu/ovs-hooks.h"

#include <string.h>

#include "netdev-provider.h"
#include "netdev-dpdk.h"
#include "netdev-dpu/netdev-dpu.h"

/* The stock class that ours derives from, once it was registered. */
static const struct netdev_class *dpdk_class;

int
__wrap_netdev_register_provider(const struct netdev_class *class)
{
    if (!strcmp(class->type, "dpdk")) {
        dpdk_class = class;
    }
    return __real_netdev_register_provider(class);
}

void
__wrap_netdev_dpdk_register(const struct smap *ovs_other_config)
{
    __real_netdev_dpdk_register(ovs_other_config);
    netdev_dpu_register(dpdk_class);
}

bool
__wrap_netdev_dpdk_flow_api_supported(struct netdev *netdev)
{
    return (strcmp(netdev_get_type(netdev), "dpu")
            && __real_netdev_dpdk_flow_api_supported(netdev));
}
