/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-megaflow: see dpu-megaflow.h. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

#include <inttypes.h>
#include <stdio.h>

#include "netlink.h"
#include "util.h"

const char *
dpu_flow_place_name(enum dpu_flow_place place)
{
    switch (place) {
    case DPU_FLOW_IN_PART:
        return "partial";
    case DPU_FLOW_IN_HARDWARE:
        return "yes";
    case DPU_FLOW_IN_SOFTWARE:
    default:
        return "no";
    }
}

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

bool
dpu_megaflow_has_action(const struct nlattr *actions, size_t len, int type,
                        uint32_t value)
{
    static const int sides[] = {
        OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER,
        OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL,
    };
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (nl_attr_type(a) == type && nl_attr_get_u32(a) == value) {
            return true;
        } else if (nl_attr_type(a) == OVS_ACTION_ATTR_CLONE
                   && dpu_megaflow_has_action(nl_attr_get(a),
                                              nl_attr_get_size(a),
                                              type, value)) {
            return true;
        } else if (nl_attr_type(a) == OVS_ACTION_ATTR_CHECK_PKT_LEN) {
            for (size_t i = 0; i < ARRAY_SIZE(sides); i++) {
                const struct nlattr *side = nl_attr_find_nested(a, sides[i]);

                if (side && dpu_megaflow_has_action(nl_attr_get(side),
                                                    nl_attr_get_size(side),
                                                    type, value)) {
                    return true;
                }
            }
        }
    }
    return false;
}
