/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-rule: the rules of megaflows on the device: what they refer to
 * there, how they come, count and leave.
 *
 * Thread-safety: see dpu-flow-private.h. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include <string.h>

#include "openvswitch/match.h"
#include "openvswitch/thread.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-next.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/flow/dpu-clock.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"

VLOG_DEFINE_THIS_MODULE(dpu_flow_rule);

static struct vlog_rate_limit full_rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* After a device ran out of room it is not tried again until a rule has left
 * it, or this long, in msec: others may use it too. */
#define DPU_FLOW_FULL_PAUSE 1000

/* What rules refer to. */

/* What most rules refer to. */
static const struct dpu_flow_links no_links;

/* Gives back what 'rule' referred to. */
static void
dpu_flow_unlink(struct dpu_flow_table *t, uint16_t ethdev,
                struct dpu_flow_rule *rule)
{
    struct dpu_flow_links *links = rule->links;
    bool gone = dpu_flow_gone(t, ethdev);

    if (!links) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(links->meters); i++) {
        dpu_meter_unref(links->meters[i], gone);
    }
    for (size_t i = 0; i < ARRAY_SIZE(links->misses); i++) {
        dpu_miss_put(links->misses[i]);
    }
    dpu_ct_variant_put(links->variant);
    dpu_ct_class_put(links->class);
    dpu_ct_next_put(links->resumes);
    dpu_chain_jump_put(&t->chains, links->next, gone);
    dpu_chain_jump_put(&t->chains, links->post, gone);
    dpu_chain_put(&t->chains, links->chain);
    free(links);
    rule->links = NULL;
}

/* Takes miss contexts for the marks of 'spec'. */
static bool
dpu_flow_link_misses(struct dpu_flow_links *links, const struct dpu_spec *spec,
                     struct dpu_reason *reason)
{
    for (unsigned int i = 0; i < spec->n_misses; i++) {
        links->misses[i] = dpu_miss_get(&spec->misses[i].miss);
        if (!links->misses[i]) {
            return dpu_reason_set(reason, DPU_REASON_RECIRC,
                                  "all marks are in use");
        }
    }
    return true;
}

/* Takes the meters of 'spec' on the device behind 'ethdev'. */
static bool
dpu_flow_link_meters(struct dpu_flow_links *links, const struct dpu_spec *spec,
                     uint16_t ethdev, struct dpu_reason *reason)
{
    for (unsigned int i = 0; i < spec->n_meters; i++) {
        if (!dpu_meter_ref(spec->meters[i].id, ethdev, &links->meters[i],
                           reason)) {
            return false;
        }
    }
    return true;
}

/* Takes what the ct() of 'spec', if it has one, needs. */
static bool
dpu_flow_link_ct(struct dpu_flow_table *t,
                 const struct dpu_rule_target *target,
                 struct dpu_flow_links *links, const struct dpu_spec *spec,
                 struct dpu_reason *reason)
{
    const struct dpu_chain_key post = { .stage = DPU_CHAIN_POST };

    if (spec->ct.state) {
        if (!dpu_chain_jump_get(&t->chains, &post, spec->port_ethdev, target,
                                &links->post, reason)) {
            return false;
        }
        if (spec->ct.learns) {
            links->variant = dpu_ct_variant_get(&spec->ct.variant);
            if (!links->variant) {
                return dpu_reason_set(reason, DPU_REASON_ACTION,
                                      "ct: more than %d kinds of it",
                                      DPU_CT_VARIANT_MAX);
            }
        }
    }
    if (spec->resumes) {
        links->resumes = dpu_ct_next_get();
    }
    return true;
}

/* Asks for the connections that 'spec' is about, if it is about some. */
static bool
dpu_flow_link_class(struct dpu_flow_links *links, const struct dpu_spec *spec,
                    struct dpu_reason *reason)
{
    if (spec->class.data) {
        links->class = dpu_ct_class_get(&spec->class.value,
                                        &spec->class.under);
        if (!links->class) {
            return dpu_reason_set(reason, DPU_REASON_MATCH_FIELD,
                                  "%s: other values or masks of ct fields "
                                  "take all the room",
                                  (ovs_u128_is_zero(spec->class.under.label)
                                   ? "ct_tuple" : "ct_label"));
        }
    }
    return true;
}

/* Whether a rule of 'spec' refers to anything. */
static bool
dpu_flow_has_links(const struct dpu_spec *spec)
{
    return (!dpu_chain_key_is_root(&spec->chain) || spec->jump
            || spec->ct.state || spec->resumes || spec->class.data
            || spec->n_misses || spec->n_meters);
}

/* Takes what 'rule', which is to be made of 'spec' and created through
 * 'target', refers to. */
static bool
dpu_flow_link(struct dpu_flow_table *t, const struct dpu_rule_target *target,
              struct dpu_flow_rule *rule, const struct dpu_spec *spec,
              struct dpu_reason *reason)
{
    struct dpu_flow_links *links;

    if (spec->flow_mark) {
        dpu_mark_hold(spec->flow_mark);
    }
    if (!dpu_flow_has_links(spec)) {
        return true;
    }
    links = rule->links = xzalloc(sizeof *links);
    if (!dpu_chain_get(&t->chains, &spec->chain, &links->chain, reason)
        || (spec->jump
            && !dpu_chain_jump_get(&t->chains, &spec->next, spec->port_ethdev,
                                   target, &links->next, reason))
        || !dpu_flow_link_ct(t, target, links, spec, reason)
        || !dpu_flow_link_class(links, spec, reason)
        || !dpu_flow_link_misses(links, spec, reason)
        || !dpu_flow_link_meters(links, spec, target->ethdev, reason)) {
        dpu_flow_unlink(t, target->ethdev, rule);
        return false;
    }
    return true;
}

/* The links of the rule number 'i' of 'flow', which need not be there. */
static const struct dpu_flow_links *
dpu_flow_links(struct dpu_flow *flow, size_t i)
{
    const struct dpu_flow_links *links
        = i < flow->n_rules ? dpu_flow_rule(flow, i)->links : NULL;

    return links ? links : &no_links;
}

/* Writes the numbers of 'links' into 'spec'.  'next' are the links of the rule
 * behind it. */
static void
dpu_flow_number(const struct dpu_flow_links *links,
                const struct dpu_flow_links *next, struct dpu_spec *spec)
{
    if (spec->ct.state) {
        *spec->ct.state = ((*spec->ct.state & ~dpu_ct_state(0, 0, UINT8_MAX))
                           | dpu_ct_state(0, 0, links->variant));
        *spec->ct.next = next->resumes;
    }
    if (spec->resumes) {
        *spec->resumes = links->resumes;
    }
    if (spec->class.data) {
        *spec->class.data = links->class;
        *spec->class.mask = dpu_ct_class_mask(links->class);
    }
    spec->attr.group = dpu_chain_group(links->chain);
    if (spec->jump) {
        spec->jump->group = dpu_chain_jump_group(links->next);
    }
    for (unsigned int i = 0; i < spec->n_misses; i++) {
        spec->misses[i].mark->id = links->misses[i];
    }
    for (unsigned int i = 0; i < spec->n_meters; i++) {
        spec->meters[i].meter->mtr_id = links->meters[i];
    }
}

/* Counters. */

/* Adds up what the rules of 'flow' have counted. */
static bool
dpu_flow_query(struct dpu_flow_table *t, struct dpu_flow *flow,
               struct dpu_rule_count *sum, struct dpu_reason *reason)
{
    struct dpu_rule_target target = dpu_flow_target(t, flow);

    *sum = (struct dpu_rule_count) { .packets = 0 };
    for (size_t i = 0; i < flow->n_rules; i++) {
        const struct dpu_flow_rule *rule = dpu_flow_rule(flow, i);
        struct dpu_rule_count count = { .packets = 0 };

        if (rule->rule && rule->counted
            && !dpu_rule_query(&target, rule->rule, &count, reason)) {
            return false;
        }
        sum->packets += count.packets;
        sum->bytes += count.bytes;
    }
    return true;
}

/* Brings the counts of 'flow' up to date. */
void
dpu_flow_count(struct dpu_flow_table *t, struct dpu_flow *flow,
               long long int now)
{
    struct dpu_rule_count count;
    struct dpu_reason reason;

    if (!flow->n_rules || !flow->counted || dpu_flow_gone(t, flow->target)) {
        return;
    }
    if (dpu_flow_query(t, flow, &count, &reason)) {
        dpu_stats_update(&flow->stats, &count, flow->overhead, now);
    } else {
        dpu_flow_failed(t, flow, "reading the counter of", &reason);
    }
}

/* On the device and off it. */

/* Takes the rules of 'flow', if it has any, off the device, after a last look
 * at their counters. */
void
dpu_flow_retire(struct dpu_flow_table *t, struct dpu_flow *flow)
{
    struct dpu_rule_target target = dpu_flow_target(t, flow);
    struct dpu_reason reason;
    uint64_t left_orig;
    uint32_t port_orig;
    size_t n = 0, orig;

    if (!flow->n_rules) {
        return;
    }
    dpu_flow_count(t, flow, dpu_clock_msec());
    dpu_stats_fold(&flow->stats);
    for (size_t i = 0; i < flow->n_rules; i++) {
        struct dpu_flow_rule *rule = dpu_flow_rule(flow, i);

        if (!rule->rule) {
            continue;
        }
        n++;
        if (!dpu_flow_gone(t, flow->target)
            && !dpu_rule_destroy(&target, rule->rule, &reason)) {
            dpu_flow_failed(t, flow, "removing", &reason);
        }
        rule->rule = NULL;
        dpu_flow_unlink(t, flow->target, rule);
    }
    flow->n_rules = 0;
    free(flow->more);
    flow->more = NULL;

    atomic_sub_relaxed(&t->n_rules, n, &orig);
    atomic_sub_relaxed(&t->port_rules[flow->key.ethdev], n, &port_orig);
    atomic_add_relaxed(&t->n_left, n, &left_orig);
    if (flow->partial) {
        ovs_mutex_lock(&t->mutex);
        t->n_partial--;
        flow->partial = false;
        ovs_mutex_unlock(&t->mutex);
    }
}

/* Puts 'spec' on the device as the rule number 'i' of 'flow', which has the
 * one behind it. */
static bool
dpu_flow_add_rule(struct dpu_flow_table *t, struct dpu_flow *flow, size_t i,
                  struct dpu_spec *spec, struct dpu_reason *reason)
{
    struct dpu_rule_target target = dpu_flow_target(t, flow);
    struct dpu_flow_rule *rule = dpu_flow_rule(flow, i);
    uint32_t priority = spec->attr.priority;
    uint32_t port_orig;
    size_t orig;
    bool created;

    if (!dpu_flow_link(t, &target, rule, spec, reason)) {
        return false;
    }
    dpu_flow_number(dpu_flow_links(flow, i), dpu_flow_links(flow, i + 1),
                    spec);
    spec->attr.priority = priority + flow->flip;
    created = dpu_rule_create(&target, spec, &rule->rule, reason);
    spec->attr.priority = priority;
    if (!created) {
        rule->rule = NULL;
        dpu_flow_unlink(t, flow->target, rule);
        return false;
    }
    rule->counted = spec->count_action >= 0;
    atomic_add_relaxed(&t->n_rules, 1, &orig);
    atomic_add_relaxed(&t->port_rules[flow->key.ethdev], 1, &port_orig);
    return true;
}

/* Puts 'spec', and what is behind it, on the device as the rules of 'flow'
 * from number 'i' on, the last one first: no packet goes on where there is no
 * rule for it yet. */
static bool
dpu_flow_add_rules_from(struct dpu_flow_table *t, struct dpu_flow *flow,
                        size_t i, struct dpu_spec *spec,
                        struct dpu_reason *reason)
{
    return ((!spec->more
             || dpu_flow_add_rules_from(t, flow, i + 1, spec->more, reason))
            && dpu_flow_add_rule(t, flow, i, spec, reason));
}

/* Puts 'spec', and what is behind it, on the device as the rules of 'flow':
 * all of them, or none stays. */
static bool
dpu_flow_add_rules(struct dpu_flow_table *t, struct dpu_flow *flow,
                   struct dpu_spec *spec, struct dpu_reason *reason)
{
    size_t n = 0;

    for (const struct dpu_spec *s = spec->more; s; s = s->more) {
        n++;
    }
    flow->more = n ? xcalloc(n, sizeof *flow->more) : NULL;
    flow->n_rules = 1 + n;
    if (!dpu_flow_add_rules_from(t, flow, 0, spec, reason)) {
        dpu_flow_retire(t, flow);
        return false;
    }
    return true;
}

/* Whether the last new rule found no room.  Without 'mutex': nearly always it
 * did find some. */
static bool
dpu_flow_is_full(const struct dpu_flow_table *t_)
{
    struct dpu_flow_table *t = CONST_CAST(struct dpu_flow_table *, t_);
    bool full;

    atomic_read_relaxed(&t->full, &full);
    return full;
}

/* The device found no room for a new rule through 'ethdev'. */
static void
dpu_flow_note_full(struct dpu_flow_table *t, uint16_t ethdev)
{
    bool was_full;
    size_t n_rules;

    ovs_mutex_lock(&t->mutex);
    was_full = dpu_flow_is_full(t);
    n_rules = dpu_flow_n_rules(t);
    atomic_store_relaxed(&t->full, true);
    atomic_read_relaxed(&t->n_left, &t->full_left);
    t->full_since = time_msec();
    t->full_rules = n_rules;
    ovs_mutex_unlock(&t->mutex);

    if (!was_full) {
        VLOG_INFO_RL(&full_rl, "ethdev %"PRIu16": its device is full, with "
                     "%"PRIuSIZE" rules of megaflows", ethdev, n_rules);
    }
}

/* A new rule through 'ethdev' found room, or 'reason' says why it was not
 * 'installed'. */
static void
dpu_flow_note_room(struct dpu_flow_table *t, uint16_t ethdev, bool installed,
                   const struct dpu_reason *reason)
{
    if (installed) {
        if (dpu_flow_is_full(t)) {
            atomic_store_relaxed(&t->full, false);
            VLOG_INFO_RL(&full_rl, "ethdev %"PRIu16": its device has room "
                         "again", ethdev);
        }
    } else if (reason->code == DPU_REASON_DEVICE_FULL) {
        dpu_flow_note_full(t, ethdev);
    }
}

/* Puts 'spec', and what is behind it, on the device as the rules of 'flow'. */
bool
dpu_flow_install(struct dpu_flow_table *t, struct dpu_flow *flow,
                 struct dpu_spec *spec, uint8_t flip,
                 struct dpu_reason *reason)
{
    uint64_t start = dpu_clock_start();
    bool installed;

    flow->target = (spec->needs_port_ethdev
                    ? flow->key.ethdev : t->proxies[flow->key.ethdev]);
    flow->flip = flip;
    flow->counted = spec->count_action >= 0;
    flow->overhead = spec->outer_size;
    flow->copies = spec->copies;
    flow->partial = false;
    installed = dpu_flow_add_rules(t, flow, spec, reason);
    if (installed) {
        flow->partial = flow->stats.aside = spec->flow_mark != 0;
        dpu_histogram_add(&t->insertions, dpu_clock_nsec_since(start));
    } else {
        dpu_flow_failed(t, flow, "creating", reason);
    }

    dpu_flow_note_room(t, flow->target, installed, reason);
    return installed;
}

/* Puts 'spec' on the device as the rules of 'flow' and takes those of 'old'
 * off, the new ones first.  A device that does not take two rules with one
 * match gets the new ones at the other of two priorities; if that does not
 * work either, or there is no room for both, the old ones leave first and
 * packets take the way through software for that moment. */
bool
dpu_flow_replace(struct dpu_flow_table *t, struct dpu_flow *old,
                 struct dpu_flow *flow, struct dpu_spec *spec,
                 struct dpu_reason *reason)
{
    uint8_t flip = t->caps.duplicates ? old->flip : !old->flip;
    bool installed;

    installed = dpu_flow_install(t, flow, spec, flip, reason);
    dpu_flow_retire(t, old);
    return (installed
            || (reason->code != DPU_REASON_DEVICE_GONE
                && dpu_flow_install(t, flow, spec, 0, reason)));
}

/* Whether it makes sense to ask the device for one more rule. */
bool
dpu_flow_admit(struct dpu_flow_table *t, struct dpu_reason *reason)
{
    uint64_t n_left;
    bool full;

    if (!dpu_flow_is_full(t)) {
        return true;
    }
    ovs_mutex_lock(&t->mutex);
    atomic_read_relaxed(&t->n_left, &n_left);
    full = (dpu_flow_is_full(t) && n_left == t->full_left
            && time_msec() < t->full_since + DPU_FLOW_FULL_PAUSE);
    ovs_mutex_unlock(&t->mutex);
    return (!full
            || dpu_reason_set(reason, DPU_REASON_DEVICE_FULL,
                              "full a moment ago"));
}

/* What is there. */

bool
dpu_flow_spec(const struct dpu_flow_table *t, const struct dpu_flow *flow_,
              const struct dpu_port_map *map, struct dpu_spec *spec,
              struct dpu_reason *reason)
{
    struct dpu_flow *flow = CONST_CAST(struct dpu_flow *, flow_);
    struct dpu_megaflow megaflow;
    struct match match;
    size_t n = 0;

    dpu_flow_reason(flow, reason);
    if (!flow->n_rules && flow->code != DPU_REASON_DEVICE_REFUSED) {
        return false;
    }
    dpu_flow_megaflow(flow, &match, &megaflow);
    if (!(flow->partial
          ? dpu_partial_translate(&megaflow, map, &t->caps, reason, spec)
          : dpu_translate(&megaflow, map, &t->caps, spec, reason))) {
        return false;
    }
    if (!flow->n_rules) {
        dpu_translate_number(spec, &t->caps);
    }
    for (struct dpu_spec *s = spec; s && n < flow->n_rules; s = s->more) {
        s->attr.priority += flow->flip;
        dpu_flow_number(dpu_flow_links(flow, n), dpu_flow_links(flow, n + 1),
                        s);
        n++;
    }
    return true;
}
