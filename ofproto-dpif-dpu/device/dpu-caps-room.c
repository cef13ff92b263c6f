/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-room: see dpu-caps-room.h. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-room.h"

#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>

#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* Puts rule number 'i' on the device, which no packet meets.  Returns NULL if
 * it takes no such rule. */
static struct rte_flow *
create_rule(const struct dpu_caps_prober *p, uint16_t ethdev, uint32_t i)
{
    struct rte_flow_item_eth eth, mask;
    struct rte_flow_error error;
    struct eth_addr address;
    struct dpu_spec spec;

    eth_addr_from_uint64(UINT64_C(0x020000000000) + i, &address);
    memset(&eth, 0, sizeof eth);
    memset(&mask, 0, sizeof mask);
    memcpy(&eth.dst, &address, sizeof eth.dst);
    memset(&mask.dst, 0xff, sizeof mask.dst);
    dpu_caps_begin(p, &spec);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, &eth, &mask, sizeof eth);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return rte_flow_create(ethdev, &spec.attr, spec.items, spec.actions,
                           &error);
}

static void
destroy_rule(uint16_t ethdev, struct rte_flow *rule)
{
    struct rte_flow_error error;

    if (rule) {
        rte_flow_destroy(ethdev, rule, &error);
    }
}

static bool
refuses_duplicates(const struct dpu_caps_prober *p, uint16_t ethdev)
{
    struct rte_flow *first = create_rule(p, ethdev, 0);
    struct rte_flow *second = first ? create_rule(p, ethdev, 0) : NULL;
    bool refused = first && !second;

    destroy_rule(ethdev, second);
    destroy_rule(ethdev, first);
    return refused;
}

/* How many rules the device takes, or 0 if it takes 'most'. */
static uint32_t
count_rules(const struct dpu_caps_prober *p, uint16_t ethdev, uint32_t most)
{
    struct rte_flow **rules = xmalloc(most * sizeof *rules);
    uint32_t n = 0;

    while (n < most && (rules[n] = create_rule(p, ethdev, n)) != NULL) {
        n++;
    }
    for (uint32_t i = n; i > 0; i--) {
        destroy_rule(ethdev, rules[i - 1]);
    }
    free(rules);
    return n < most ? n : 0;
}

void
dpu_caps_probe_room(uint16_t proxy, uint16_t port,
                    const struct dpu_caps *caps, uint32_t fill,
                    struct dpu_caps_room *room)
{
    struct dpu_caps found = *caps;
    struct dpu_caps_prober p = {
        .proxy = proxy,
        .port = port,
        .caps = &found,
    };
    uint16_t ethdev;

    memset(room, 0, sizeof *room);
    if (!caps->rules || !dpu_caps_probe_form(&p)) {
        return;
    }
    ethdev = p.in_port == RTE_FLOW_ITEM_TYPE_END ? port : proxy;
    room->refuses_duplicates = refuses_duplicates(&p, ethdev);
    if (fill) {
        room->max_rules = count_rules(&p, ethdev, fill);
    }
}
