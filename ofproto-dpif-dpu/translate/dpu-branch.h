/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-branch: the ways that packets of different length take through a
 * megaflow's actions.
 *
 * The datapath action "check_pkt_len" has two lists of actions, one for longer
 * packets and one for the others.  Devices choose between rules, not within
 * one: so such a megaflow falls into branches, each with the lengths of the
 * packets that take it and with actions without "check_pkt_len".
 *
 * What the datapath calls the length of an IP packet is its frame as it is at
 * that point, without padding behind the IP packet: the length that the IP
 * header says, and the headers before it, as many as the match and the actions
 * say.  That is what a rule matches.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_BRANCH_H
#define DPU_BRANCH_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "openvswitch/ofpbuf.h"

struct dpu_caps;
struct dpu_reason;

/* Branches of one megaflow. */
#define DPU_BRANCH_MAX 8

/* Values under masks that make up any range of 16-bit numbers. */
#define DPU_BRANCH_MAX_LENGTHS 30

/* One branch.  'min' and 'max' are bytes of the frame as it enters. */
struct dpu_branch {
    int min, max;
    struct ofpbuf actions;
};

/* All branches of a megaflow: every length belongs to one of them.  Those that
 * do the same are one. */
struct dpu_branches {
    const struct dpu_megaflow *flow;
    struct dpu_branch list[DPU_BRANCH_MAX];
    size_t n;
};

/* Whether 'flow' has an action that makes it branch. */
bool dpu_branch_needed(const struct dpu_megaflow *flow);

/* Finds the branches of 'flow'.  Returns true, or false with '*reason'.  In
 * both cases dpu_branches_uninit() has to follow. */
bool dpu_branches_init(struct dpu_branches *, const struct dpu_megaflow *flow,
                       struct dpu_reason *reason);
void dpu_branches_uninit(struct dpu_branches *);

/* Stores in 'lengths' what rules for 'branch' of 'b' have to match on a device
 * with 'caps', one element for each rule, and their number in '*n'; or 1 and a
 * mask of zero if any length will do.  Returns true, or false with
 * '*reason'. */
bool dpu_branch_lengths(const struct dpu_branches *b,
                        const struct dpu_branch *branch,
                        const struct dpu_caps *caps,
                        struct dpu_ip_length lengths[DPU_BRANCH_MAX_LENGTHS],
                        size_t *n, struct dpu_reason *reason);

#endif /* ofproto-dpif-dpu/translate/dpu-branch.h */
