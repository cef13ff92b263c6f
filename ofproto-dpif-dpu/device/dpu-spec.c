/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-spec: see dpu-spec.h.  How a spec is printed is in dpu-spec-format.c. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "util.h"

/* Where things go that do not fit: written by anybody, read by nobody. */
static __thread uint64_t spill[DPU_SPEC_ARENA / sizeof(uint64_t)];

void
dpu_spec_init(struct dpu_spec *spec, uint32_t group, uint32_t priority)
{
    spec->more = NULL;
    memset(&spec->attr, 0, sizeof spec->attr);
    spec->attr.group = group;
    spec->attr.priority = priority;
    spec->n_items = 0;
    spec->n_actions = 0;
    spec->items[0] = (struct rte_flow_item) {
        .type = RTE_FLOW_ITEM_TYPE_END
    };
    spec->actions[0] = (struct rte_flow_action) {
        .type = RTE_FLOW_ACTION_TYPE_END
    };
    spec->shape = NULL;
    spec->fixed_jump = false;
    spec->count_action = -1;
    spec->overflow = false;
    spec->copies = false;
    spec->flow_mark = 0;
    spec->needs_port_ethdev = false;
    spec->port_ethdev = 0;
    memset(&spec->chain, 0, sizeof spec->chain);
    memset(&spec->next, 0, sizeof spec->next);
    spec->jump = NULL;
    spec->n_misses = 0;
    spec->n_meters = 0;
    memset(&spec->class, 0, sizeof spec->class);
    memset(&spec->ct, 0, sizeof spec->ct);
    spec->resumes = NULL;
    spec->n_outer_items = 0;
    spec->outer_size = 0;
    spec->outer_vxlan = false;
    memset(spec->outer, 0, sizeof spec->outer);
    spec->tunnel = NULL;
    spec->arena_used = 0;
}

void
dpu_spec_free_more(struct dpu_spec *spec)
{
    while (spec->more) {
        struct dpu_spec *more = spec->more;

        spec->more = more->more;
        free(more);
    }
}

void *
dpu_spec_alloc(struct dpu_spec *spec, size_t size)
{
    size_t rounded = ROUND_UP(size, sizeof spec->arena[0]);
    void *p;

    ovs_assert(size <= sizeof spill);
    if (rounded > sizeof spec->arena - spec->arena_used) {
        spec->overflow = true;
        p = spill;
    } else {
        p = (char *) spec->arena + spec->arena_used;
        spec->arena_used += rounded;
    }
    return memset(p, 0, rounded);
}

static void *
spec_copy(struct dpu_spec *spec, const void *p, size_t size)
{
    return p ? memcpy(dpu_spec_alloc(spec, size), p, size) : NULL;
}

void *
dpu_spec_add_item_range(struct dpu_spec *spec, enum rte_flow_item_type type,
                        const void *spec_, const void *last, const void *mask,
                        size_t size)
{
    void *copy = spec_copy(spec, spec_, size);

    if (spec->n_items >= DPU_SPEC_MAX_ITEMS - 1) {
        spec->overflow = true;
        return copy;
    }
    spec->item_sizes[spec->n_items] = size;
    spec->items[spec->n_items++] = (struct rte_flow_item) {
        .type = type,
        .spec = copy,
        .last = spec_copy(spec, last, size),
        .mask = spec_copy(spec, mask, size),
    };
    spec->items[spec->n_items] = (struct rte_flow_item) {
        .type = RTE_FLOW_ITEM_TYPE_END
    };
    return copy;
}

void *
dpu_spec_add_item(struct dpu_spec *spec, enum rte_flow_item_type type,
                  const void *spec_, const void *mask, size_t size)
{
    return dpu_spec_add_item_range(spec, type, spec_, NULL, mask, size);
}

void *
dpu_spec_add_action(struct dpu_spec *spec, enum rte_flow_action_type type,
                    const void *conf, size_t size)
{
    void *copy = spec_copy(spec, conf, size);

    if (spec->n_actions >= DPU_SPEC_MAX_ACTIONS - 1) {
        spec->overflow = true;
        return copy;
    }
    if (type == RTE_FLOW_ACTION_TYPE_COUNT && spec->count_action < 0) {
        spec->count_action = spec->n_actions;
    }
    spec->action_sizes[spec->n_actions] = size;
    spec->actions[spec->n_actions++] = (struct rte_flow_action) {
        .type = type,
        .conf = copy,
    };
    spec->actions[spec->n_actions] = (struct rte_flow_action) {
        .type = RTE_FLOW_ACTION_TYPE_END
    };
    return copy;
}

void
dpu_spec_nest(struct dpu_spec *spec, unsigned int from, uint32_t ratio)
{
    size_t size = (spec->n_actions - from + 1) * sizeof spec->actions[0];
    struct rte_flow_action_sample sample = {
        .ratio = ratio,
        .actions = spec_copy(spec, &spec->actions[from], size),
    };

    spec->n_actions = from;
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_SAMPLE,
                        &sample, sizeof sample);
}

void
dpu_spec_add_mirror(struct dpu_spec *spec, enum rte_flow_action_type type,
                    const void *conf, size_t size)
{
    unsigned int from = spec->n_actions;

    dpu_spec_add_action(spec, type, conf, size);
    dpu_spec_nest(spec, from, 1);
}

void
dpu_spec_add_miss(struct dpu_spec *spec, const struct dpu_miss *miss)
{
    struct rte_flow_action_mark conf = { .id = 0 };
    struct dpu_spec_miss *m;

    if (spec->n_misses >= DPU_SPEC_MAX_MISSES) {
        spec->overflow = true;
        return;
    }
    m = &spec->misses[spec->n_misses++];
    m->miss = *miss;
    m->miss.actions = spec_copy(spec, miss->actions, miss->actions_len);
    m->miss.tunnel = spec_copy(spec, miss->tunnel, sizeof *miss->tunnel);
    m->mark = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_MARK,
                                  &conf, sizeof conf);
}

void
dpu_spec_add_meter(struct dpu_spec *spec, uint32_t id)
{
    struct rte_flow_action_meter conf = { .mtr_id = 0 };

    if (spec->n_meters >= DPU_SPEC_MAX_METERS) {
        spec->overflow = true;
        return;
    }
    spec->meters[spec->n_meters++] = (struct dpu_spec_meter) {
        .meter = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_METER,
                                     &conf, sizeof conf),
        .id = id,
    };
}

void
dpu_spec_add_jump(struct dpu_spec *spec, const struct dpu_chain_key *next)
{
    struct rte_flow_action_jump conf = { .group = 0 };

    spec->next = *next;
    spec->jump = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_JUMP,
                                     &conf, sizeof conf);
}

bool
dpu_spec_has_item(const struct dpu_spec *spec, enum rte_flow_item_type type)
{
    for (unsigned int i = spec->n_outer_items; i < spec->n_items; i++) {
        if (spec->items[i].type == type) {
            return true;
        }
    }
    return false;
}
