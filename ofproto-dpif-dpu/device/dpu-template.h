/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-template: an ethdev's templates and template tables.
 *
 *   spec --> shape: a pattern template, an actions template, group, priority
 *              |
 *              +--> tables: 256, 1024, 4096, ... rules, each made when those
 *                   before it are full, destroyed when they have room again
 *
 * Templates are shared by all shapes that have them in common.  A shape that
 * nobody uses any more is kept for a while, in case it is needed again.
 *
 * Thread-safety: any thread, but for dpu_template_close(), when no other
 * thread uses the ethdev. */

#ifndef DPU_TEMPLATE_H
#define DPU_TEMPLATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_flow.h>

#include "openvswitch/hmap.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"

struct dpu_shape;
struct dpu_spec;

/* Tables of a shape, each with room for 4 times as many rules as the one
 * before. */
#define DPU_TEMPLATE_MIN_RULES 256
#define DPU_TEMPLATE_MAX_TABLES 8

/* A template table. */
struct dpu_template_table {
    struct rte_flow_template_table *table;
    struct dpu_shape *shape;
    atomic_uint32_t size;       /* Rules for which there is room; 0: there is
                                 * no such table. */
    atomic_uint32_t n_rules;    /* That have room. */
};

/* The templates of one ethdev. */
struct dpu_templates {
    uint16_t ethdev;
    struct ovs_mutex mutex;     /* Guards what follows. */
    struct hmap templates[2];   /* Patterns, actions. */
    struct hmap shapes;
    size_t evict_at;            /* So many shapes are too many. */
};

void dpu_templates_init(struct dpu_templates *, uint16_t ethdev);

/* Frees all.  No rule is in any table any more.  'gone': the ethdev is gone,
 * and its templates with it. */
void dpu_templates_destroy(struct dpu_templates *, bool gone);

/* Stores the shape of 'spec', with a new reference, in '*shape'.  Returns 0,
 * or a positive errno with '*error'. */
int dpu_template_get(struct dpu_templates *, const struct dpu_spec *spec,
                     struct dpu_shape **shape, struct rte_flow_error *error);

/* Gives a reference back. */
void dpu_template_put(struct dpu_shape *shape);

/* Takes room for a rule of 'shape'.  Stores the table in '*table'; its pattern
 * and actions template have number 0.  Returns 0, or a positive errno with
 * '*error'. */
int dpu_template_reserve(struct dpu_templates *, struct dpu_shape *shape,
                         struct dpu_template_table **table,
                         struct rte_flow_error *error);

/* Gives room back.  The rule is gone. */
void dpu_template_release(struct dpu_templates *,
                          struct dpu_template_table *table);

/* Asks 'ethdev' whether it takes rules through templates at all, and whether
 * it takes one such as 'spec'.  Installs nothing. */
bool dpu_template_is_configured(uint16_t ethdev);
int dpu_template_ask(uint16_t ethdev, const struct dpu_spec *spec,
                     struct rte_flow_error *error);

/* What there is. */
struct dpu_template_counts {
    size_t n_patterns, n_actions, n_shapes, n_tables;
    uint64_t n_rules;
};
void dpu_templates_count(struct dpu_templates *,
                         struct dpu_template_counts *counts);

#endif /* ofproto-dpif-dpu/device/dpu-template.h */
