/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-megaflow: see dpu-megaflow.h. */

#include <config.h>

#include "ofproto-dpif-dpu/dpu-megaflow.h"

#include <inttypes.h>
#include <stdio.h>

const char *
dpu_port_map_describe(const struct dpu_port_map *ports, odp_port_t port,
                      char *buf)
{
    char name[DPU_PORT_DESCRIPTION - sizeof "port "];

    if (ports->name && ports->name(ports, port, name, sizeof name)) {
        snprintf(buf, DPU_PORT_DESCRIPTION, "port %s", name);
    } else {
        snprintf(buf, DPU_PORT_DESCRIPTION, "port %"PRIu32,
                 (uint32_t) port);
    }
    return buf;
}
