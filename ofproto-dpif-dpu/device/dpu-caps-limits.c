/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-limits.h"

#include <string.h>

#include <rte_flow.h>
#include <rte_mtr.h>

#include "openvswitch/util.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* A question whose answer is a number: whether the device takes 'n'. */
typedef bool ask_func(const struct dpu_caps_prober *, uint32_t n);

/* The largest number up to 'max' that 'ask' is answered yes for, or 0, if all
 * below it are as well. */
static uint32_t
find_largest(const struct dpu_caps_prober *p, ask_func *ask, uint32_t max)
{
    uint32_t low = 0, high = max;

    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;

        if (ask(p, middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

static bool
ask_priority(const struct dpu_caps_prober *p, uint32_t priority)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    spec.attr.priority = priority;
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* 'n' registers TAG: whether the last of them is there. */
static bool
ask_tags(const struct dpu_caps_prober *p, uint32_t n)
{
    const struct rte_flow_item_tag tag = { .data = 1, .index = n - 1 };
    const struct rte_flow_item_tag mask = {
        .data = UINT32_MAX, .index = UINT8_MAX,
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_TAG, &tag, &mask, sizeof tag);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static bool
ask_mark_bits(const struct dpu_caps_prober *p, uint32_t n)
{
    const struct rte_flow_action_mark mark = {
        .id = UINT32_MAX >> (32 - n),
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_MARK, &mark, sizeof mark);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static bool
ask_vlans(const struct dpu_caps_prober *p, uint32_t n)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, 0);
    for (uint32_t i = 0; i < n; i++) {
        dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_VLAN, NULL, NULL, 0);
    }
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* 'n' outputs, of which all but the last are mirrors if 'mirror'. */
static bool
ask_outputs__(const struct dpu_caps_prober *p, uint32_t n, bool mirror)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    for (uint32_t i = 0; i < n; i++) {
        dpu_caps_add_fate(p, &spec, p->fate, mirror && i < n - 1);
    }
    return !spec.overflow && dpu_caps_ask(p, &spec);
}

static bool
ask_outputs(const struct dpu_caps_prober *p, uint32_t n)
{
    return ask_outputs__(p, n, false) || ask_outputs__(p, n, true);
}

/* IPv4 destinations under 'mask', or from one to another if 'range'. */
static bool
ask_ipv4(const struct dpu_caps_prober *p, ovs_be32 mask_, bool range)
{
    const struct rte_flow_item_ipv4 spec_ = {
        .hdr.dst_addr = htonl(0x01020304) & mask_,
    };
    const struct rte_flow_item_ipv4 last = {
        .hdr.dst_addr = htonl(0x01020311) & mask_,
    };
    const struct rte_flow_item_ipv4 mask = { .hdr.dst_addr = mask_ };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4, &spec_,
                            range ? &last : NULL, &mask, sizeof mask);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* IPv4 with 'first' to 'last_' in the field of the fragment. */
static bool
ask_fragments(const struct dpu_caps_prober *p, uint16_t first, uint16_t last_)
{
    const struct rte_flow_item_ipv4 spec_ = {
        .hdr.fragment_offset = htons(first),
    };
    const struct rte_flow_item_ipv4 last = {
        .hdr.fragment_offset = htons(last_),
    };
    const struct rte_flow_item_ipv4 mask = {
        .hdr.fragment_offset = htons(IP_MORE_FRAGMENTS | IP_FRAG_OFF_MASK),
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, true);
    dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4, &spec_,
                            first != last_ ? &last : NULL, &mask, sizeof mask);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* How many counters 'proxy' has, which those with the template API say; or
 * 0. */
static uint32_t
get_max_counters(uint16_t proxy)
{
    struct rte_flow_queue_info queue;
    struct rte_flow_port_info port;
    struct rte_flow_error error;

    memset(&port, 0, sizeof port);
    memset(&queue, 0, sizeof queue);
    return (rte_flow_info_get(proxy, &port, &queue, &error)
            ? 0 : port.max_nb_counters);
}

void
dpu_caps_probe_limits(uint16_t proxy, uint16_t port,
                      const struct dpu_caps *caps,
                      struct dpu_caps_limits *limits)
{
    struct dpu_caps found = *caps;
    struct dpu_caps_prober p = {
        .proxy = proxy,
        .port = port,
        .templates = !caps->rules,
        .caps = &found,
    };
    struct rte_mtr_capabilities meters;
    struct rte_mtr_error error;

    memset(limits, 0, sizeof *limits);
    if (!dpu_caps_probe_form(&p)) {
        return;
    }
    memset(&meters, 0, sizeof meters);
    if (!rte_mtr_capabilities_get(proxy, &meters, &error)) {
        limits->max_meters = meters.n_max;
        limits->max_rule_meters = MAX(1, meters.chaining_n_mtrs_per_flow_max);
    }
    limits->max_counters = get_max_counters(proxy);
    limits->max_priority = find_largest(&p, ask_priority, UINT32_MAX - 1);
    limits->n_tags = find_largest(&p, ask_tags, 16);
    /* A MARK that is too narrow for us is none. */
    limits->mark_bits = (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_MARK)
                         ? find_largest(&p, ask_mark_bits, 32) : 0);
    limits->meta_bits = (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_META)
                         || dpu_caps_modify(caps, RTE_FLOW_FIELD_META)
                         ? 32 : 0);
    limits->n_vlans = find_largest(&p, ask_vlans, 2);
    limits->max_outputs = MAX(1, find_largest(&p, ask_outputs,
                                              DPU_SPEC_MAX_ACTIONS - 1));
    limits->partial_masks = ask_ipv4(&p, htonl(0x00ff00ff), false);
    limits->ranges = ask_ipv4(&p, OVS_BE32_MAX, true);
    limits->fragment_ranges = limits->ranges || ask_fragments(
        &p, 1, IP_MORE_FRAGMENTS | IP_FRAG_OFF_MASK);
    limits->any_fragment = !ask_fragments(&p, IP_MORE_FRAGMENTS,
                                          IP_MORE_FRAGMENTS);
}
