/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-limits: what a device's rules are limited to beyond dpu-caps, found
 * out by asking it: for those who are to do as the device would.
 *
 * Thread-safety: constant once found. */

#ifndef DPU_CAPS_LIMITS_H
#define DPU_CAPS_LIMITS_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_caps;

struct dpu_caps_limits {
    uint32_t max_priority;      /* The last one. */
    uint32_t max_meters;
    uint32_t max_rule_meters;   /* METERs in a rule. */
    uint32_t max_counters;      /* 0: the device does not say. */
    uint32_t n_tags;            /* Registers TAG, from index 0 on. */
    uint32_t mark_bits;         /* Of MARK that rules may set. */
    uint32_t meta_bits;         /* Of META, 32 or 0. */
    uint32_t n_vlans;           /* VLAN items in a pattern. */
    uint32_t max_outputs;       /* Port actions, mirrors in a rule. */
    bool partial_masks;         /* Masks may have any bits, not just the first
                                 * ones of a field. */
    bool ranges;                /* Items may have 'last'... */
    bool fragment_ranges;       /* ...for fragment offsets. */
    bool any_fragment;          /* First fragments are not told from others. */
};

/* Asks as dpu_caps_probe() does, which found 'caps'. */
void dpu_caps_probe_limits(uint16_t proxy, uint16_t port,
                           const struct dpu_caps *caps,
                           struct dpu_caps_limits *);

#endif /* ofproto-dpif-dpu/device/dpu-caps-limits.h */
