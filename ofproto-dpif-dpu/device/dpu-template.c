/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-template-private.h"

#include <errno.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-shape.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

VLOG_DEFINE_THIS_MODULE(dpu_template);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Shapes that are kept although nobody uses them. */
#define MAX_IDLE 64

enum template_type {
    PATTERN,
    ACTIONS
};

/* A pattern template or an actions template. */
struct template {
    struct hmap_node node;      /* In 'templates' of its type. */
    enum template_type type;
    unsigned int n_refs;
    union {
        struct rte_flow_pattern_template *pattern;
        struct rte_flow_actions_template *actions;
    };
    uint8_t *headers;           /* Of RAW_ENCAP and RAW_DECAP, or NULL. */
    size_t size;
    uint8_t key[];              /* Of 'size'. */
};

/* Guarded by the mutex of its struct dpu_templates, but for what is atomic. */
struct dpu_shape {
    struct hmap_node node;      /* In 'shapes'. */
    struct template *templates[2];
    struct rte_flow_attr attr;
    atomic_uint32_t n_refs;
    struct dpu_template_table tables[DPU_TEMPLATE_MAX_TABLES];
};

void
dpu_templates_init(struct dpu_templates *t, uint16_t ethdev)
{
    t->ethdev = ethdev;
    ovs_mutex_init(&t->mutex);
    hmap_init(&t->templates[PATTERN]);
    hmap_init(&t->templates[ACTIONS]);
    hmap_init(&t->shapes);
    t->evict_at = MAX_IDLE;
}

/* Templates. */

static void
template_unref(struct dpu_templates *t, struct template *template, bool gone)
    OVS_REQUIRES(t->mutex)
{
    struct rte_flow_error error;
    int retval = 0;

    if (!template || --template->n_refs) {
        return;
    }
    if (!gone) {
        retval = (template->type == PATTERN
                  ? rte_flow_pattern_template_destroy(
                      t->ethdev, template->pattern, &error)
                  : rte_flow_actions_template_destroy(
                      t->ethdev, template->actions, &error));
    }
    if (retval) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": destroying a template: %s",
                     t->ethdev,
                     error.message ? error.message : ovs_strerror(-retval));
    }
    hmap_remove(&t->templates[template->type], &template->node);
    free(template->headers);
    free(template);
}

static struct template *
template_find(const struct dpu_templates *t, enum template_type type,
              const struct dpu_shape_key *key, uint32_t hash)
{
    struct template *template;

    HMAP_FOR_EACH_WITH_HASH (template, node, hash, &t->templates[type]) {
        if (template->size == key->size
            && !memcmp(template->key, key->bytes, key->size)) {
            return template;
        }
    }
    return NULL;
}

/* Stores the template of 'spec' of 'type', whose key is 'key', with a new
 * reference in '*templatep'. */
static int
template_ref(struct dpu_templates *t, enum template_type type,
             const struct dpu_spec *spec, const struct dpu_shape_masks *masks,
             const struct dpu_shape_key *key, struct template **templatep,
             struct rte_flow_error *error)
    OVS_REQUIRES(t->mutex)
{
    uint32_t hash = hash_bytes(key->bytes, key->size, type);
    struct template *template = template_find(t, type, key, hash);
    int retval;

    if (!template) {
        template = xzalloc(sizeof *template + key->size);
        retval = (type == PATTERN
                  ? dpu_pattern_create(t->ethdev, spec, &template->pattern,
                                       error)
                  : dpu_actions_create(t->ethdev, spec, masks,
                                       &template->actions,
                                       &template->headers, error));
        if (retval) {
            free(template);
            return retval;
        }
        template->type = type;
        template->size = key->size;
        memcpy(template->key, key->bytes, key->size);
        hmap_insert(&t->templates[type], &template->node, hash);
    }
    template->n_refs++;
    *templatep = template;
    return 0;
}

/* Shapes. */

static bool
shape_is_idle(const struct dpu_shape *shape_)
{
    struct dpu_shape *shape = CONST_CAST(struct dpu_shape *, shape_);
    uint32_t n_refs;

    atomic_read(&shape->n_refs, &n_refs);
    for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES && !n_refs; i++) {
        n_refs += dpu_template_table_n_rules(&shape->tables[i]);
    }
    return !n_refs;
}

static void
shape_destroy(struct dpu_templates *t, struct dpu_shape *shape, bool gone)
    OVS_REQUIRES(t->mutex)
{
    for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
        if (!dpu_template_table_close(t->ethdev, &shape->tables[i], gone)) {
            return;
        }
    }
    template_unref(t, shape->templates[PATTERN], gone);
    template_unref(t, shape->templates[ACTIONS], gone);
    hmap_remove(&t->shapes, &shape->node);
    free(shape);
}

/* Destroys shapes that nobody uses.  New references come under the mutex. */
static void
evict_idle(struct dpu_templates *t)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_shape *shape;

    HMAP_FOR_EACH_SAFE (shape, node, &t->shapes) {
        if (shape_is_idle(shape)) {
            shape_destroy(t, shape, false);
        }
    }
    t->evict_at = hmap_count(&t->shapes) * 2 + MAX_IDLE;
}

void
dpu_templates_destroy(struct dpu_templates *t, bool gone)
{
    struct dpu_shape *shape;

    ovs_mutex_lock(&t->mutex);
    HMAP_FOR_EACH_SAFE (shape, node, &t->shapes) {
        shape_destroy(t, shape, gone);
    }
    ovs_mutex_unlock(&t->mutex);
    hmap_destroy(&t->shapes);
    hmap_destroy(&t->templates[ACTIONS]);
    hmap_destroy(&t->templates[PATTERN]);
    ovs_mutex_destroy(&t->mutex);
}

static struct dpu_shape *
shape_find(const struct dpu_templates *t, struct template *templates[2],
           const struct rte_flow_attr *attr, uint32_t hash)
{
    struct dpu_shape *shape;

    HMAP_FOR_EACH_WITH_HASH (shape, node, hash, &t->shapes) {
        if (shape->templates[PATTERN] == templates[PATTERN]
            && shape->templates[ACTIONS] == templates[ACTIONS]
            && shape->attr.group == attr->group
            && shape->attr.priority == attr->priority) {
            return shape;
        }
    }
    return NULL;
}

/* Returns the shape of 'templates', to which it takes over the references. */
static struct dpu_shape *
shape_ref(struct dpu_templates *t, struct template *templates[2],
          const struct rte_flow_attr *attr)
    OVS_REQUIRES(t->mutex)
{
    uint32_t hash = hash_3words(hash_pointer(templates[PATTERN], attr->group),
                                hash_pointer(templates[ACTIONS], 0),
                                attr->priority);
    struct dpu_shape *shape = shape_find(t, templates, attr, hash);
    uint32_t orig;

    if (shape) {
        template_unref(t, templates[PATTERN], false);
        template_unref(t, templates[ACTIONS], false);
    } else {
        shape = xzalloc(sizeof *shape);
        shape->attr = *attr;
        for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
            shape->tables[i].shape = shape;
        }
        memcpy(shape->templates, templates, sizeof shape->templates);
        hmap_insert(&t->shapes, &shape->node, hash);
    }
    atomic_add(&shape->n_refs, 1, &orig);
    return shape;
}

/* Takes both templates of 'spec' into 'templates', or none of them. */
static int
templates_ref(struct dpu_templates *t, const struct dpu_spec *spec,
              struct template *templates[2], struct rte_flow_error *error)
    OVS_REQUIRES(t->mutex)
{
    struct dpu_shape_masks masks;
    struct dpu_shape_key key;
    int retval;

    if (!dpu_shape_pattern(spec, &key)) {
        return dpu_template_refuse(error, ENOTSUP,
                                   "templates match no ranges");
    }
    retval = template_ref(t, PATTERN, spec, NULL, &key, &templates[PATTERN],
                          error);
    if (retval) {
        return retval;
    }
    retval = (dpu_shape_actions(spec, false, &masks, &key)
              ? template_ref(t, ACTIONS, spec, &masks, &key,
                             &templates[ACTIONS], error)
              : dpu_template_refuse(error, ENOTSUP,
                                    "templates have no such actions"));
    if (retval) {
        template_unref(t, templates[PATTERN], false);
    }
    return retval;
}

int
dpu_template_get(struct dpu_templates *t, const struct dpu_spec *spec,
                 struct dpu_shape **shape, struct rte_flow_error *error)
{
    struct template *templates[2];
    int retval;

    ovs_mutex_lock(&t->mutex);
    if (hmap_count(&t->shapes) >= t->evict_at) {
        evict_idle(t);
    }
    retval = templates_ref(t, spec, templates, error);
    if (retval == ENOSPC || retval == ENOMEM) {
        evict_idle(t);
        retval = templates_ref(t, spec, templates, error);
    }
    if (!retval) {
        *shape = shape_ref(t, templates, &spec->attr);
    }
    ovs_mutex_unlock(&t->mutex);
    return retval;
}

void
dpu_template_put(struct dpu_shape *shape)
{
    uint32_t orig;

    if (shape) {
        atomic_sub(&shape->n_refs, 1, &orig);
    }
}

/* Takes room in a table of 'shape' that is there. */
static struct dpu_template_table *
shape_reserve(struct dpu_shape *shape)
{
    for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
        if (dpu_template_table_reserve(&shape->tables[i])) {
            return &shape->tables[i];
        }
    }
    return NULL;
}

static int
shape_add_table(struct dpu_templates *t, struct dpu_shape *shape, size_t i,
                struct rte_flow_error *error)
    OVS_REQUIRES(t->mutex)
{
    return dpu_template_table_create(
        t->ethdev, &shape->tables[i], &shape->attr,
        DPU_TEMPLATE_MIN_RULES << 2 * i, shape->templates[PATTERN]->pattern,
        shape->templates[ACTIONS]->actions, error);
}

/* Gives 'shape', which is full, one more table. */
static int
shape_grow(struct dpu_templates *t, struct dpu_shape *shape,
           struct rte_flow_error *error)
    OVS_REQUIRES(t->mutex)
{
    for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
        if (!dpu_template_table_size(&shape->tables[i])) {
            int retval = shape_add_table(t, shape, i, error);

            if (retval == ENOSPC || retval == ENOMEM) {
                evict_idle(t);
                retval = shape_add_table(t, shape, i, error);
            }
            return retval;
        }
    }
    return dpu_template_refuse(error, ENOSPC, "as many rules of one shape as "
                               "there may be");
}

int
dpu_template_reserve(struct dpu_templates *t, struct dpu_shape *shape,
                     struct dpu_template_table **table,
                     struct rte_flow_error *error)
{
    int retval = 0;

    *table = shape_reserve(shape);
    while (!*table && !retval) {
        ovs_mutex_lock(&t->mutex);
        *table = shape_reserve(shape);
        if (!*table) {
            retval = shape_grow(t, shape, error);
        }
        ovs_mutex_unlock(&t->mutex);
        if (!retval && !*table) {
            *table = shape_reserve(shape);
        }
    }
    return retval;
}

/* Destroys tables of 'shape' that are empty, if those before them have room
 * enough. */
static void
shape_shrink(struct dpu_templates *t, struct dpu_shape *shape)
{
    uint64_t n_rules = 0, size = 0;

    ovs_mutex_lock(&t->mutex);
    for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
        struct dpu_template_table *table = &shape->tables[i];

        if (i && !dpu_template_table_n_rules(table) && n_rules <= size / 2) {
            dpu_template_table_close(t->ethdev, table, false);
        }
        n_rules += dpu_template_table_n_rules(table);
        size += dpu_template_table_size(table);
    }
    ovs_mutex_unlock(&t->mutex);
}

void
dpu_template_release(struct dpu_templates *t, struct dpu_template_table *table)
{
    struct dpu_shape *shape = table->shape;
    uint32_t n, orig;

    atomic_read_relaxed(&table->n_rules, &n);
    if (n != 1 && n - 1 != dpu_template_table_size(table) / 2) {
        /* The shape stays for as long as its table has a rule. */
        atomic_sub(&table->n_rules, 1, &orig);
        return;
    }
    atomic_add(&shape->n_refs, 1, &orig);
    atomic_sub(&table->n_rules, 1, &orig);
    shape_shrink(t, shape);
    dpu_template_put(shape);
}

void
dpu_templates_count(struct dpu_templates *t,
                    struct dpu_template_counts *counts)
{
    const struct dpu_shape *shape;

    ovs_mutex_lock(&t->mutex);
    *counts = (struct dpu_template_counts) {
        .n_patterns = hmap_count(&t->templates[PATTERN]),
        .n_actions = hmap_count(&t->templates[ACTIONS]),
        .n_shapes = hmap_count(&t->shapes),
    };
    HMAP_FOR_EACH (shape, node, &t->shapes) {
        for (size_t i = 0; i < DPU_TEMPLATE_MAX_TABLES; i++) {
            const struct dpu_template_table *table = &shape->tables[i];

            counts->n_tables += dpu_template_table_size(table) != 0;
            counts->n_rules += dpu_template_table_n_rules(table);
        }
    }
    ovs_mutex_unlock(&t->mutex);
}
