/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-chain: what a device does from rule to rule: which groups can be
 * chains, and whether its registers are enough for connection tracking. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"

#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* Whether 'group' can be a chain: whether rules may jump to it, and whether it
 * takes one below those of megaflows that sends a packet to software, unless
 * 'default_miss'. */
static bool
ask_chain(const struct dpu_caps_prober *p, uint32_t group, bool default_miss)
{
    struct rte_flow_action_jump jump = { .group = group };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    if (!dpu_caps_ask(p, &spec)) {
        return false;
    }
    dpu_caps_begin(p, &spec);
    spec.attr.group = group;
    if (default_miss) {
        dpu_caps_add_fate(p, &spec, p->fate, false);
    } else {
        spec.attr.priority = DPU_CHAIN_MISS_PRIORITY;
        dpu_caps_add_fate(p, &spec, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
                          false);
    }
    return dpu_caps_ask(p, &spec);
}

/* The last group that can be a chain, or 0. */
static uint32_t
find_last_chain(const struct dpu_caps_prober *p, bool default_miss)
{
    uint32_t low = 0, high = DPU_CHAIN_MAX_GROUP;

    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;

        if (ask_chain(p, middle, default_miss)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* What no transfer rule takes goes to the representor of the port where it
 * entered (DPDK guide, "Switch Representation within DPDK Applications").  It
 * cannot be asked whether that is so in groups, too: it is relied on where
 * there is no other way. */
void
dpu_caps_probe_groups(const struct dpu_caps_prober *p)
{
    struct dpu_caps *caps = p->caps;

    if (!caps->groups) {
        return;
    }
    caps->max_group = find_last_chain(p, false);
    if (!caps->max_group && p->transfer) {
        caps->max_group = find_last_chain(p, true);
        caps->default_miss = caps->max_group != 0;
    }
}

/* Whether a rule of 'group' may match some bits of all registers, write them
 * and go on in another group. */
static bool
ask_registers(const struct dpu_caps_prober *p, uint32_t group)
{
    struct rte_flow_action_jump jump = { .group = group + 1 };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    spec.attr.group = group;
    for (enum dpu_ct_tag i = 0; i < DPU_CT_N_TAGS; i++) {
        dpu_ct_match_tag(&spec, i, 0x01010101, 0x03ff0101);
    }
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    for (enum dpu_ct_tag i = 0; i < DPU_CT_N_TAGS; i++) {
        dpu_ct_set_tag(&spec, p->caps, i, UINT32_MAX);
    }
    dpu_ct_set_meta(&spec, p->caps, UINT32_MAX);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    return dpu_caps_ask(p, &spec);
}

/* Whether there is all that connection tracking needs, with two groups of its
 * own.  Each of the registers has to come with a packet from rule to rule,
 * MARK and META to software, too. */
void
dpu_caps_probe_ct(const struct dpu_caps_prober *p)
{
    struct dpu_caps *caps = p->caps;

    caps->ct = (caps->transfer
                && p->in_port != RTE_FLOW_ITEM_TYPE_END
                && caps->max_group >= 3
                && dpu_caps_item(caps, RTE_FLOW_ITEM_TYPE_TAG)
                && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_MARK)
                && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_DROP)
                && (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_TAG)
                    || dpu_caps_modify(caps, RTE_FLOW_FIELD_TAG))
                && (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_META)
                    || dpu_caps_modify(caps, RTE_FLOW_FIELD_META))
                && rte_flow_dynf_metadata_avail()
                && ask_registers(p, caps->max_group - 1));
    if (caps->ct) {
        caps->max_group -= 2;
    }
}
