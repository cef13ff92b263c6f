/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-translate: see dpu-translate.h. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-translate.h"

#include <stdlib.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-action.h"
#include "ofproto-dpif-dpu/translate/dpu-branch.h"
#include "ofproto-dpif-dpu/translate/dpu-match.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"
#include "util.h"

/* Whether 'spec' and what is behind it are whole.  That software does a part
 * is said by the first of them. */
static bool
check_specs(struct dpu_spec *spec, struct dpu_reason *reason)
{
    for (const struct dpu_spec *s = spec; s; s = s->more) {
        if (s->overflow) {
            return dpu_reason_set(reason, DPU_REASON_ACTION,
                                  "more than a rule holds");
        }
        spec->copies |= s->copies;
    }
    return true;
}

void
dpu_translate_begin(const struct dpu_caps *caps, struct dpu_spec *spec)
{
    dpu_spec_init(spec, 0, 0);
    /* DPDK guide, "Attribute: Transfer": a direction is not allowed with
     * it, and required without. */
    spec->attr.transfer = caps->transfer;
    spec->attr.ingress = !caps->transfer;
}

/* Translates 'flow', which does not branch, into '*spec'. */
static bool
translate_one(const struct dpu_megaflow *flow,
              const struct dpu_port_map *ports, const struct dpu_caps *caps,
              struct dpu_spec *spec, struct dpu_reason *reason)
{
    dpu_translate_begin(caps, spec);
    if (flow->policer) {
        /* Before all that enters there and that has no rule of its own, as
         * while megaflows move behind it. */
        spec->attr.priority = DPU_CHAIN_MISS_PRIORITY;
    }
    if (!dpu_match_compile(flow, ports, caps, spec, reason)
        || !dpu_action_compile(flow, ports, caps, spec, reason)
        || !check_specs(spec, reason)) {
        dpu_spec_free_more(spec);
        return false;
    }
    reason->code = DPU_REASON_NONE;
    reason->detail[0] = '\0';
    return true;
}

/* The translation of a megaflow that branches. */
struct branching {
    const struct dpu_branches *branches;
    const struct dpu_port_map *ports;
    const struct dpu_caps *caps;
    struct dpu_spec *first, *last;  /* 'last' is NULL: none yet. */
    struct dpu_reason refusal;      /* Of a branch, if one was refused. */
    struct dpu_reason reasons[DPU_BRANCH_MAX];  /* Of each, DPU_REASON_NONE
                                                 * if it was not. */
    bool may_change;                /* That one may be translated later. */
};

/* Appends the rule for 'flow', one length of a branch. */
static bool
append_rule(struct branching *b, const struct dpu_megaflow *flow,
            struct dpu_reason *reason)
{
    struct dpu_spec *spec = b->last ? xmalloc(sizeof *spec) : b->first;

    if (!translate_one(flow, b->ports, b->caps, spec, reason)) {
        if (b->last) {
            free(spec);
        }
        return false;
    }
    if (b->last) {
        b->last->more = spec;
    }
    for (b->last = spec; b->last->more; b->last = b->last->more) {
        /* A rule and those that go on behind its ct(). */
    }
    return true;
}

/* Appends the rules for 'branch'. */
static bool
append_branch(struct branching *b, const struct dpu_branch *branch,
              struct dpu_reason *reason)
{
    struct dpu_ip_length lengths[DPU_BRANCH_MAX_LENGTHS];
    struct dpu_megaflow flow = *b->branches->flow;
    size_t n;

    if (!dpu_branch_lengths(b->branches, branch, b->caps, lengths, &n,
                            reason)) {
        return false;
    }
    flow.actions = branch->actions.data;
    flow.actions_len = branch->actions.size;
    for (size_t i = 0; i < n; i++) {
        flow.length = &lengths[i];
        if (!append_rule(b, &flow, reason)) {
            return false;
        }
    }
    return true;
}

/* Software has 'reason' to keep a branch.  If it keeps all of them, that is
 * the megaflow's; what may be done about it comes first. */
static void
refuse_branch(struct branching *b, const struct dpu_reason *reason)
{
    b->may_change |= (reason->code == DPU_REASON_ACTION_SOFTWARE
                      || reason->code == DPU_REASON_OUTPUT_PORT);
    if (b->refusal.code == DPU_REASON_NONE
        || b->refusal.code == DPU_REASON_ACTION_SOFTWARE) {
        b->refusal = *reason;
    }
}

/* Appends rules by which software finds the megaflow of the packets of
 * 'branch', which it keeps because of 'why', if the device takes such.  What
 * there is no rule for comes up as any packet that no rule matches. */
static void
append_software_branch(struct branching *b, const struct dpu_branch *branch,
                       const struct dpu_reason *why)
{
    struct dpu_ip_length lengths[DPU_BRANCH_MAX_LENGTHS];
    struct dpu_megaflow flow = *b->branches->flow;
    struct dpu_reason ignored;
    size_t n;

    if (!dpu_branch_lengths(b->branches, branch, b->caps, lengths, &n,
                            &ignored)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct dpu_spec *spec = xmalloc(sizeof *spec);

        flow.length = &lengths[i];
        if (!dpu_partial_translate(&flow, b->ports, b->caps, why, spec)) {
            free(spec);
            return;
        }
        b->last->more = spec;
        b->last = spec;
    }
}

static bool
translate_branches(const struct dpu_branches *branches,
                   const struct dpu_port_map *ports,
                   const struct dpu_caps *caps, struct dpu_spec *spec,
                   struct dpu_reason *reason)
{
    struct branching b = {
        .branches = branches,
        .ports = ports,
        .caps = caps,
        .first = spec,
        .refusal.code = DPU_REASON_NONE,
    };

    for (size_t i = 0; i < branches->n; i++) {
        b.reasons[i].code = DPU_REASON_NONE;
        if (!append_branch(&b, &branches->list[i], reason)) {
            refuse_branch(&b, reason);
            b.reasons[i] = *reason;
        }
    }
    if (!b.last) {
        *reason = b.refusal;
        return false;
    }
    for (size_t i = 0; i < branches->n; i++) {
        if (b.reasons[i].code != DPU_REASON_NONE) {
            append_software_branch(&b, &branches->list[i], &b.reasons[i]);
        }
    }
    spec->copies |= b.may_change;
    for (const struct dpu_spec *s = spec->more; s; s = s->more) {
        spec->copies |= s->copies;
    }
    reason->code = DPU_REASON_NONE;
    reason->detail[0] = '\0';
    return true;
}

bool
dpu_translate(const struct dpu_megaflow *flow,
              const struct dpu_port_map *ports, const struct dpu_caps *caps,
              struct dpu_spec *spec, struct dpu_reason *reason)
{
    struct dpu_branches branches;
    bool ok;

    if (!dpu_branch_needed(flow)) {
        return translate_one(flow, ports, caps, spec, reason);
    }
    ok = (dpu_branches_init(&branches, flow, reason)
          && translate_branches(&branches, ports, caps, spec, reason));
    dpu_branches_uninit(&branches);
    return ok;
}

/* 'nth' rules of the megaflow stand before 'spec'. */
static void
dpu_translate_number_one(struct dpu_spec *spec, uint32_t nth,
                         const struct dpu_caps *caps)
{
    bool is_root = dpu_chain_key_is_root(&spec->chain);

    spec->attr.group = (spec->chain.stage != DPU_CHAIN_RECIRC
                        ? caps->max_group + spec->chain.stage : !is_root);
    if (spec->jump) {
        spec->jump->group = (spec->next.stage != DPU_CHAIN_RECIRC
                             ? caps->max_group + spec->next.stage
                             : 1 + !is_root);
    }
    if (spec->ct.state) {
        *spec->ct.state |= dpu_ct_state(0, 0, spec->ct.learns);
        *spec->ct.next = nth + 1;
    }
    if (spec->resumes) {
        *spec->resumes = nth;
    }
    for (unsigned int i = 0; i < spec->n_misses; i++) {
        spec->misses[i].mark->id = i + 1;
    }
}

void
dpu_translate_number(struct dpu_spec *spec, const struct dpu_caps *caps)
{
    uint32_t nth = 0;

    for (struct dpu_spec *s = spec; s; s = s->more) {
        dpu_translate_number_one(s, nth++, caps);
    }
}
