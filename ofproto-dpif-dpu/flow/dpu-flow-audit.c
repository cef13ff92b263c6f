/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-audit: whether the device has the rules of megaflows, and what they
 * refer to.
 *
 * Thread-safety: see dpu-flow-private.h. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-flow-private.h"

#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

/* Rules. */

/* Whether the device has lost 'rule' or what it does not do its work
 * without. */
static bool
rule_is_lost(const struct dpu_rule_target *target,
             const struct dpu_flow_rule *rule, struct dpu_audit *audit)
{
    for (size_t i = 0; rule->links && i < DPU_SPEC_MAX_METERS; i++) {
        if (dpu_meter_is_lost(rule->links->meters[i])) {
            return true;
        }
    }
    return dpu_audit_ask(audit, target, rule->rule);
}

/* Whether the device has lost a rule of 'flow'. */
static bool
flow_is_lost(struct dpu_flow_table *t, struct dpu_flow *flow,
             struct dpu_audit *audit)
{
    struct dpu_rule_target target = dpu_flow_target(t, flow);

    for (size_t i = 0; i < flow->n_rules; i++) {
        if (rule_is_lost(&target, dpu_flow_rule(flow, i), audit)) {
            return true;
        }
    }
    return false;
}

struct auditor {
    uint16_t ethdev;
    const struct dpu_port_map *map;
    struct dpu_audit *audit;
};

static void
audit_cb(struct dpu_flow_table *t, struct dpu_flow *flow, const void *auditor_)
{
    const struct auditor *auditor = auditor_;

    if (flow->key.ethdev == auditor->ethdev
        && !dpu_flow_gone(t, flow->target)
        && flow_is_lost(t, flow, auditor->audit)) {
        dpu_audit_restored(auditor->audit,
                           dpu_flow_redo(t, flow, auditor->map));
    }
}

void
dpu_flow_audit(struct dpu_flow_table *t, uint16_t ethdev,
               const struct dpu_port_map *map, struct dpu_audit *audit)
{
    const struct auditor auditor = {
        .ethdev = ethdev,
        .map = map,
        .audit = audit,
    };

    dpu_flow_walk(t, audit_cb, &auditor);
}

/* References. */

static void
links_add_refs(const struct dpu_flow_links *links, struct dpu_refs *refs)
{
    dpu_refs_add(refs, DPU_REF_CHAIN, (uintptr_t) links->chain);
    dpu_refs_add(refs, DPU_REF_JUMP, (uintptr_t) links->next);
    dpu_refs_add(refs, DPU_REF_JUMP, (uintptr_t) links->post);
    dpu_refs_add(refs, DPU_REF_NEXT, links->resumes);
    dpu_refs_add(refs, DPU_REF_VARIANT, links->variant);
    dpu_ct_class_add_refs(links->class, true, refs);
    for (size_t i = 0; i < ARRAY_SIZE(links->misses); i++) {
        dpu_refs_add(refs, DPU_REF_MISS, links->misses[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(links->meters); i++) {
        dpu_refs_add(refs, DPU_REF_METER, links->meters[i]);
    }
}

static void
flow_add_refs(struct dpu_flow *flow, struct dpu_refs *refs)
{
    for (size_t i = 0; i < flow->n_rules; i++) {
        const struct dpu_flow_rule *rule = dpu_flow_rule(flow, i);

        if (rule->links) {
            links_add_refs(rule->links, refs);
        }
    }
}

void
dpu_flow_add_refs(const struct dpu_flow_table *t, struct dpu_refs *refs)
{
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        struct dpu_flow *flow;

        HMAP_FOR_EACH (flow, node, &t->shards[i].flows) {
            flow_add_refs(flow, refs);
        }
    }
}

/* Forgets what 'links' refers to and is not there, which nobody may look at or
 * give back.  Returns true if there was such. */
static bool
links_drop_dangling(struct dpu_flow_links *links, const struct dpu_refs *refs)
{
    bool dropped = false;

#define DROP(KIND, MEMBER)                                              \
    if (dpu_refs_dangles(refs, DPU_REF_##KIND,                          \
                         (uintptr_t) links->MEMBER)) {                  \
        links->MEMBER = 0;                                              \
        dropped = true;                                                 \
    }
    DROP(CHAIN, chain);
    DROP(JUMP, next);
    DROP(JUMP, post);
    DROP(NEXT, resumes);
    DROP(VARIANT, variant);
    for (size_t i = 0; i < ARRAY_SIZE(links->misses); i++) {
        DROP(MISS, misses[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(links->meters); i++) {
        DROP(METER, meters[i]);
    }
#undef DROP
    if (dpu_ct_class_dangles(links->class, true, refs)) {
        links->class = 0;
        dropped = true;
    }
    return dropped;
}

/* As links_drop_dangling(), of all rules of 'flow'. */
static bool
flow_drop_dangling(struct dpu_flow *flow, const struct dpu_refs *refs)
{
    bool dropped = false;

    for (size_t i = 0; i < flow->n_rules; i++) {
        struct dpu_flow_rule *rule = dpu_flow_rule(flow, i);

        dropped |= rule->links && links_drop_dangling(rule->links, refs);
    }
    return dropped;
}

void
dpu_flow_drop_dangling(struct dpu_flow_table *t, const struct dpu_refs *refs)
{
    for (size_t i = 0; i < DPU_FLOW_N_SHARDS; i++) {
        struct dpu_flow *flow;

        HMAP_FOR_EACH (flow, node, &t->shards[i].flows) {
            if (flow_drop_dangling(flow, refs)) {
                dpu_flow_put_off(t, flow);
            }
        }
    }
}
