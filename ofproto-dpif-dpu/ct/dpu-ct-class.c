/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"

#include <string.h>

#include "cmap.h"
#include "hash.h"
#include "openvswitch/thread.h"
#include "ovs-atomic.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-refs.h"

/* As many fields as there can be, and their widths. */
#define N_FIELDS  16
#define MIN_WIDTH 2             /* Both values of one bit, or three of more. */
#define MAX_WIDTH 8

#define MAX_NUMBER ((1u << MAX_WIDTH) - 1)

/* A value under the mask of a field.  It stays while somebody refers to it,
 * and after that until its number is needed. */
struct value {
    struct cmap_node node;      /* In its field's 'values'. */
    struct dpu_ct_traits traits;
    uint8_t number;             /* Not 0. */
    atomic_count n_megaflows;   /* Who ask for it. */
    size_t n_conns;             /* Which carry it. */
    long long int idle;         /* Since when neither is so, as time_msec(). */
};

/* Bits of the register and the mask that they stand for.  All but 'values' is
 * constant or guarded. */
struct field {
    uint8_t shift, width;       /* In bits. */
    struct dpu_ct_traits mask;
    struct cmap values;         /* Of struct value. */
    struct value *numbers[MAX_NUMBER + 1];
};

static OVSRCU_TYPE(struct field *) fields[N_FIELDS];   /* Or NULL. */

/* Guards all but what readers see through 'fields'. */
static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static atomic_uint32_t generation;

/* Values. */

static uint32_t
field_bits(const struct field *field)
{
    return ((UINT32_C(1) << field->width) - 1) << field->shift;
}

static uint32_t
field_number(const struct field *field, uint32_t class)
{
    return (class & field_bits(field)) >> field->shift;
}

static struct field *
field_get(size_t i)
    OVS_REQUIRES(mutex)
{
    return ovsrcu_get_protected(struct field *, &fields[i]);
}

static bool
value_is_used(const struct value *value)
{
    return (value->n_conns
            || atomic_count_get(&CONST_CAST(struct value *,
                                            value)->n_megaflows));
}

/* The value of 'traits' under the mask of 'field', or NULL. */
static struct value *
field_find(const struct field *field, const struct dpu_ct_traits *traits)
{
    struct dpu_ct_traits masked;
    struct value *value;

    dpu_ct_traits_and(traits, &field->mask, &masked);
    CMAP_FOR_EACH_WITH_HASH (value, node, dpu_ct_traits_hash(&masked),
                             &field->values) {
        if (dpu_ct_traits_equal(&value->traits, &masked)) {
            return value;
        }
    }
    return NULL;
}

static void
value_destroy(struct field *field, struct value *value)
    OVS_REQUIRES(mutex)
{
    field->numbers[value->number] = NULL;
    cmap_remove(&field->values, &value->node,
                dpu_ct_traits_hash(&value->traits));
    ovsrcu_postpone(free, value);
}

/* Whether no packet carries the number of 'value' any more. */
static bool
value_is_over(const struct value *value, long long int now)
    OVS_REQUIRES(mutex)
{
    return (!value_is_used(value)
            && now - value->idle >= DPU_CT_CLASS_LINGER);
}

/* Returns a number of 'field' that means nothing: one that never did, or the
 * one that is over for the longest time; or 0. */
static uint8_t
field_new_number(struct field *field, long long int now)
    OVS_REQUIRES(mutex)
{
    unsigned int max = (1u << field->width) - 1;
    struct value *oldest = NULL;
    uint8_t number;

    for (unsigned int i = 1; i <= max; i++) {
        struct value *value = field->numbers[i];

        if (!value) {
            return i;
        }
        if (value_is_over(value, now)
            && (!oldest || value->idle < oldest->idle)) {
            oldest = value;
        }
    }
    if (!oldest) {
        return 0;
    }
    number = oldest->number;
    value_destroy(field, oldest);
    return number;
}

/* Adds 'traits', under the mask of 'field', if there is a number for it. */
static struct value *
field_add(struct field *field, const struct dpu_ct_traits *traits,
          long long int now)
    OVS_REQUIRES(mutex)
{
    uint8_t number = field_new_number(field, now);
    struct value *value;

    if (!number) {
        return NULL;
    }
    value = xzalloc(sizeof *value);
    value->traits = *traits;
    value->number = number;
    field->numbers[number] = value;
    cmap_insert(&field->values, &value->node, dpu_ct_traits_hash(traits));
    return value;
}

/* Fields. */

static bool
field_is_over(const struct field *field, long long int now)
    OVS_REQUIRES(mutex)
{
    for (size_t i = 1; i <= MAX_NUMBER; i++) {
        if (field->numbers[i] && !value_is_over(field->numbers[i], now)) {
            return false;
        }
    }
    return true;
}

static void
field_free(struct field *field)
{
    cmap_destroy(&field->values);
    free(field);
}

/* Removes the fields whose numbers mean nothing any more.  Returns the bits of
 * the others. */
static uint32_t
fields_reap(long long int now)
    OVS_REQUIRES(mutex)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < N_FIELDS; i++) {
        struct field *field = field_get(i);

        if (field && !field_is_over(field, now)) {
            bits |= field_bits(field);
        } else if (field) {
            for (size_t j = 1; j <= MAX_NUMBER; j++) {
                if (field->numbers[j]) {
                    value_destroy(field, field->numbers[j]);
                }
            }
            ovsrcu_set(&fields[i], NULL);
            ovsrcu_postpone(field_free, field);
        }
    }
    return bits;
}

/* Creates a field for 'mask', of up to 'width' bits. */
static struct field *
field_create(const struct dpu_ct_traits *mask, uint8_t width,
             long long int now)
    OVS_REQUIRES(mutex)
{
    uint32_t used = fields_reap(now);
    struct field *field;
    size_t i;

    for (i = 0; i < N_FIELDS && field_get(i); i++) {
        continue;
    }
    if (i == N_FIELDS) {
        return NULL;
    }
    field = xzalloc(sizeof *field);
    field->mask = *mask;
    cmap_init(&field->values);
    for (field->width = width; field->width >= MIN_WIDTH; field->width--) {
        for (field->shift = 0; field->shift + field->width <= 32;
             field->shift++) {
            if (!(used & field_bits(field))) {
                ovsrcu_set(&fields[i], field);
                return field;
            }
        }
    }
    field_free(field);
    return NULL;
}

/* The width of one more field for 'mask', of which there are 'n' already: few
 * values of many masks find room, and many values of few masks. */
static uint8_t
next_width(const struct dpu_ct_traits *mask, size_t n)
{
    static const uint8_t widths[] = { MIN_WIDTH + 1, 5, MAX_WIDTH };

    return (dpu_ct_traits_count_bits(mask) == 1 ? MIN_WIDTH
            : widths[MIN(n, ARRAY_SIZE(widths) - 1)]);
}

/* What a megaflow asks for. */

static void
value_ask(struct value *value)
    OVS_REQUIRES(mutex)
{
    if (!atomic_count_inc(&value->n_megaflows)) {
        uint32_t orig;

        /* Connections that carry it already lack nothing. */
        atomic_add(&generation, 1, &orig);
    }
}

/* Finds 'traits' under 'mask', or has a field stand for it.  Returns the field
 * with its number, or 0. */
static uint32_t
get_part(const struct dpu_ct_traits *traits, const struct dpu_ct_traits *mask)
    OVS_REQUIRES(mutex)
{
    struct field *with_mask[N_FIELDS];
    long long int now = time_msec();
    struct value *value = NULL;
    struct field *field = NULL;
    size_t n = 0;

    for (size_t i = 0; i < N_FIELDS && !value; i++) {
        field = field_get(i);
        if (field && dpu_ct_traits_equal(&field->mask, mask)) {
            with_mask[n++] = field;
            value = field_find(field, traits);
        }
    }
    for (size_t i = 0; i < n && !value; i++) {
        field = with_mask[i];
        value = field_add(field, traits, now);
    }
    if (!value) {
        field = field_create(mask, next_width(mask, n), now);
        if (!field) {
            return 0;
        }
        value = field_add(field, traits, now);
    }
    value_ask(value);
    return (uint32_t) value->number << field->shift;
}

static uint32_t
get_parts(const struct dpu_ct_trait *parts, size_t n)
{
    uint32_t class = 0;

    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < n; i++) {
        uint32_t part = get_part(&parts[i].value, &parts[i].mask);

        if (!part) {
            ovs_mutex_unlock(&mutex);
            dpu_ct_class_put(class);
            return 0;
        }
        class |= part;
    }
    ovs_mutex_unlock(&mutex);
    return class;
}

uint32_t
dpu_ct_class_get(const struct dpu_ct_traits *value,
                 const struct dpu_ct_traits *mask)
{
    unsigned int label_bits = dpu_ct_traits_count_label_bits(mask);
    struct dpu_ct_trait parts[DPU_CT_TRAITS_MAX_PARTS];
    uint32_t class = 0;

    if (label_bits <= DPU_CT_TRAITS_MAX_BITS) {
        class = get_parts(parts,
                          dpu_ct_traits_divide(value, mask, true, parts));
    }
    if (!class && label_bits > 1) {
        class = get_parts(parts,
                          dpu_ct_traits_divide(value, mask, false, parts));
    }
    return class;
}

/* References. */

/* The values that 'class' refers to. */
static size_t
class_values(uint32_t class, struct value *values[N_FIELDS])
    OVS_REQUIRES(mutex)
{
    size_t n = 0;

    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = field_get(i);
        uint32_t number = field ? field_number(field, class) : 0;

        if (number) {
            values[n++] = field->numbers[number];
        }
    }
    return n;
}

static void
class_unref(uint32_t class, bool megaflow)
{
    struct value *values[N_FIELDS];
    size_t n;

    if (!class) {
        return;
    }
    ovs_mutex_lock(&mutex);
    n = class_values(class, values);
    for (size_t i = 0; i < n; i++) {
        if (megaflow) {
            atomic_count_dec(&values[i]->n_megaflows);
        } else {
            values[i]->n_conns--;
        }
        if (!value_is_used(values[i])) {
            values[i]->idle = time_msec();
        }
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_ct_class_put(uint32_t class)
{
    class_unref(class, true);
}

uint32_t
dpu_ct_class_mask(uint32_t class)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = ovsrcu_get(struct field *, &fields[i]);

        if (field && field_number(field, class)) {
            mask |= field_bits(field);
        }
    }
    return mask;
}

/* Connections. */

/* What megaflows ask for that connections with 'traits' have. */
static uint32_t
class_of(const struct dpu_ct_traits *traits)
{
    uint32_t class = 0;

    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = ovsrcu_get(struct field *, &fields[i]);
        struct value *value = field ? field_find(field, traits) : NULL;

        if (value && atomic_count_get(&value->n_megaflows)) {
            class |= (uint32_t) value->number << field->shift;
        }
    }
    return class;
}

uint32_t
dpu_ct_class_join(const struct dpu_ct_traits *traits)
{
    struct value *values[N_FIELDS];
    uint32_t class;
    size_t n;

    if (!dpu_ct_class_generation()) {
        return 0;
    }
    ovs_mutex_lock(&mutex);
    class = class_of(traits);
    n = class_values(class, values);
    for (size_t i = 0; i < n; i++) {
        values[i]->n_conns++;
    }
    ovs_mutex_unlock(&mutex);
    return class;
}

void
dpu_ct_class_leave(uint32_t class)
{
    class_unref(class, false);
}

bool
dpu_ct_class_lacks(uint32_t class, const struct dpu_ct_traits *traits)
{
    uint32_t now = class_of(traits);

    return (class & dpu_ct_class_mask(now)) != now;
}

uint32_t
dpu_ct_class_generation(void)
{
    uint32_t now;

    atomic_read(&generation, &now);
    return now;
}

/* Audits. */

static enum dpu_ref_kind
ref_kind(bool megaflow)
{
    return megaflow ? DPU_REF_ASKED : DPU_REF_CARRIED;
}

/* What stands for 'class' if a number in it means nothing.  It is no value's
 * address. */
static uintptr_t
class_object(uint32_t class)
{
    return (uintptr_t) class << 1 | 1;
}

void
dpu_ct_class_add_refs(uint32_t class, bool megaflow, struct dpu_refs *refs)
{
    struct value *values[N_FIELDS];
    bool known;
    size_t n;

    ovs_mutex_lock(&mutex);
    n = class_values(class, values);
    known = !(class & ~dpu_ct_class_mask(class));
    for (size_t i = 0; i < n; i++) {
        known = known && values[i];
    }
    for (size_t i = 0; known && i < n; i++) {
        dpu_refs_add(refs, ref_kind(megaflow), (uintptr_t) values[i]);
    }
    ovs_mutex_unlock(&mutex);
    if (!known) {
        dpu_refs_add(refs, ref_kind(megaflow), class_object(class));
    }
}

bool
dpu_ct_class_dangles(uint32_t class, bool megaflow,
                     const struct dpu_refs *refs)
{
    return dpu_refs_dangles(refs, ref_kind(megaflow), class_object(class));
}

static void
value_audit_refs(struct value *value, struct dpu_refs *refs)
    OVS_REQUIRES(mutex)
{
    bool used = value_is_used(value);

    atomic_count_set(&value->n_megaflows,
                     dpu_refs_settle(refs, DPU_REF_ASKED, (uintptr_t) value,
                                     atomic_count_get(&value->n_megaflows)));
    value->n_conns = dpu_refs_settle(refs, DPU_REF_CARRIED,
                                     (uintptr_t) value, value->n_conns);
    if (used && !value_is_used(value)) {
        value->idle = time_msec();
    }
}

void
dpu_ct_class_audit_refs(struct dpu_refs *refs)
{
    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = field_get(i);

        for (size_t j = 1; field && j <= MAX_NUMBER; j++) {
            if (field->numbers[j]) {
                value_audit_refs(field->numbers[j], refs);
            }
        }
    }
    ovs_mutex_unlock(&mutex);
}

size_t
dpu_ct_class_count(void)
{
    size_t n = 0;

    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < N_FIELDS; i++) {
        const struct field *field = field_get(i);

        for (size_t j = 1; field && j <= MAX_NUMBER; j++) {
            n += field->numbers[j] && value_is_used(field->numbers[j]);
        }
    }
    ovs_mutex_unlock(&mutex);
    return n;
}
