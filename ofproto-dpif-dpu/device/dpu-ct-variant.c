/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"

#include <string.h>

#include "cmap.h"
#include "hash.h"
#include "odp-netlink.h"
#include "openvswitch/thread.h"
#include "ovs-atomic.h"
#include "ovs-rcu.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-refs.h"

/* All but 'n_refs' is constant.  That comes from 0 and goes to 0 under the
 * mutex alone. */
struct variant {
    struct cmap_node node;          /* In 'variants'. */
    struct dpu_ct_variant value;
    uint8_t id;
    atomic_uint32_t n_refs;
};

/* Guards all but the readers of 'variants' and 'by_id'. */
static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct cmap variants = CMAP_INITIALIZER;
static OVSRCU_TYPE(struct variant *) by_id[DPU_CT_VARIANT_MAX + 1];
static uint8_t last_id;             /* The last number that was given. */

BUILD_ASSERT_DECL(sizeof(struct dpu_ct_variant) == 4 + 8 + 32);

void
dpu_ct_variant_init(struct dpu_ct_variant *variant, bool force, bool nat,
                    const uint32_t *setmark,
                    const struct ovs_key_ct_labels *setlabel)
{
    memset(variant, 0, sizeof *variant);
    variant->nat = nat;
    variant->force = force;
    if (setmark) {
        variant->sets_mark = true;
        memcpy(variant->mark, setmark, sizeof variant->mark);
    }
    if (setlabel) {
        variant->sets_label = true;
        memcpy(variant->label, setlabel, sizeof variant->label);
    }
}

static uint32_t
variant_hash(const struct dpu_ct_variant *variant)
{
    return hash_bytes(variant, sizeof *variant, 0);
}

static struct variant *
variant_find(const struct dpu_ct_variant *value, uint32_t hash)
{
    struct variant *v;

    CMAP_FOR_EACH_WITH_HASH (v, node, hash, &variants) {
        if (!memcmp(&v->value, value, sizeof *value)) {
            return v;
        }
    }
    return NULL;
}

/* Returns a number that is not in use, the one longest out of use, or 0. */
static uint8_t
variant_new_id(void)
    OVS_REQUIRES(mutex)
{
    if (cmap_count(&variants) >= DPU_CT_VARIANT_MAX) {
        return 0;
    }
    do {
        last_id = last_id < DPU_CT_VARIANT_MAX ? last_id + 1 : 1;
    } while (ovsrcu_get_protected(struct variant *, &by_id[last_id]));
    return last_id;
}

static struct variant *
variant_create(const struct dpu_ct_variant *value, uint32_t hash)
    OVS_REQUIRES(mutex)
{
    uint8_t id = variant_new_id();
    struct variant *v;

    if (!id) {
        return NULL;
    }
    v = xzalloc(sizeof *v);
    v->value = *value;
    v->id = id;
    ovsrcu_set(&by_id[id], v);
    cmap_insert(&variants, &v->node, hash);
    return v;
}

/* Adds 'change', 1 or -1, to the references to 'v', if there are 'min' or more.
 * Returns false if there are not. */
static bool
variant_ref(struct variant *v, uint32_t change, uint32_t min)
{
    uint32_t n;

    atomic_read_relaxed(&v->n_refs, &n);
    do {
        if (n < min) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&v->n_refs, &n, n + change));
    return true;
}

uint8_t
dpu_ct_variant_get(const struct dpu_ct_variant *variant)
{
    uint32_t hash = variant_hash(variant);
    struct variant *v = variant_find(variant, hash);

    if (v && variant_ref(v, 1, 1)) {
        return v->id;
    }
    ovs_mutex_lock(&mutex);
    v = variant_find(variant, hash);
    if (!v) {
        v = variant_create(variant, hash);
    }
    if (v) {
        variant_ref(v, 1, 0);
    }
    ovs_mutex_unlock(&mutex);

    return v ? v->id : 0;
}

uint8_t
dpu_ct_variant_get_likely(uint8_t id, const struct dpu_ct_variant *variant)
{
    struct variant *v = ovsrcu_get(struct variant *, &by_id[id]);

    return (v && !memcmp(&v->value, variant, sizeof *variant)
            && variant_ref(v, 1, 1)
            ? id : dpu_ct_variant_get(variant));
}

static void
variant_destroy(struct variant *v)
    OVS_REQUIRES(mutex)
{
    ovsrcu_set(&by_id[v->id], NULL);
    cmap_remove(&variants, &v->node, variant_hash(&v->value));
    ovsrcu_postpone(free, v);
}

void
dpu_ct_variant_put(uint8_t id)
{
    struct variant *v;
    uint32_t orig;

    if (!id) {
        return;
    }
    v = ovsrcu_get(struct variant *, &by_id[id]);
    if (variant_ref(v, -1, 2)) {
        return;
    }
    ovs_mutex_lock(&mutex);
    atomic_sub(&v->n_refs, 1, &orig);
    if (orig == 1) {
        variant_destroy(v);
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_ct_variant_audit_refs(struct dpu_refs *refs)
{
    ovs_mutex_lock(&mutex);
    for (size_t i = 1; i < ARRAY_SIZE(by_id); i++) {
        struct variant *v = ovsrcu_get_protected(struct variant *,
                                                 &by_id[i]);
        uint32_t n;

        if (v) {
            atomic_read_relaxed(&v->n_refs, &n);
            n = dpu_refs_settle(refs, DPU_REF_VARIANT, i, n);
            atomic_store_relaxed(&v->n_refs, n);
            if (!n) {
                variant_destroy(v);
            }
        }
    }
    ovs_mutex_unlock(&mutex);
}

bool
dpu_ct_variant_is(uint8_t id, const struct dpu_ct_variant *variant)
{
    const struct variant *v = ovsrcu_get(struct variant *, &by_id[id]);

    return !memcmp(&v->value, variant, sizeof *variant);
}

uint8_t
dpu_ct_variant_find(const struct dpu_ct_variant *variant)
{
    const struct variant *v = variant_find(variant, variant_hash(variant));

    return v ? v->id : 0;
}

unsigned int
dpu_ct_variant_count(void)
{
    return cmap_count(&variants);
}
