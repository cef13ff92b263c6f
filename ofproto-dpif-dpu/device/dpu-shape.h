/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-shape: what a rule has in common with others that the template API puts
 * into one table: items and masks, actions and what of them is constant.
 *
 * Rules of one shape differ in the values of their items, and in what actions
 * carry: addresses, ports, marks, registers, groups, headers to push.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_SHAPE_H
#define DPU_SHAPE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* Bytes that are equal for rules that one template is for. */
struct dpu_shape_key {
    size_t size;
    uint8_t bytes[2048];
};

/* What an actions template needs besides the actions of a rule. */
struct dpu_shape_masks {
    struct rte_flow_action masks[DPU_SPEC_MAX_ACTIONS];     /* With END. */
    struct rte_flow_action_modify_field modify[DPU_SPEC_MAX_ACTIONS];
};

/* Stores what decides about the pattern template of 'spec' in '*key'.  Returns
 * false if there can be none: it matches ranges, or is too long. */
bool dpu_shape_pattern(const struct dpu_spec *spec, struct dpu_shape_key *key);

/* The same for its actions template, whose masks are stored in '*masks'.
 * With 'whole' nothing is left to rules, for who asks whether a device takes
 * just this rule. */
bool dpu_shape_actions(const struct dpu_spec *spec, bool whole,
                       struct dpu_shape_masks *masks,
                       struct dpu_shape_key *key);

/* Returns the headers that 'action' refers to, a RAW_ENCAP or RAW_DECAP, and
 * stores how many bytes they are in '*size'; of others NULL and 0. */
const void *dpu_shape_headers(const struct rte_flow_action *action,
                              size_t *size);

#endif /* ofproto-dpif-dpu/device/dpu-shape.h */
