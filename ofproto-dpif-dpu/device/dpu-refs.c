/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-refs.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

/* References to one object. */
struct count {
    struct hmap_node node;      /* In its kind's 'counts'. */
    uintptr_t object;
    unsigned int n;
    bool settled;               /* The object is there. */
};

const char *
dpu_ref_kind_name(enum dpu_ref_kind kind)
{
    static const char *const names[DPU_REF_N_KINDS] = {
#define DPU_REF_KIND(CODE, NAME) [DPU_REF_##CODE] = NAME,
        DPU_REF_KINDS
#undef DPU_REF_KIND
    };

    return names[kind];
}

void
dpu_refs_init(struct dpu_refs *refs)
{
    memset(refs, 0, sizeof *refs);
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        hmap_init(&refs->counts[i]);
    }
}

void
dpu_refs_destroy(struct dpu_refs *refs)
{
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        struct count *count;

        HMAP_FOR_EACH_POP (count, node, &refs->counts[i]) {
            free(count);
        }
        hmap_destroy(&refs->counts[i]);
    }
}

static struct count *
find(const struct dpu_refs *refs, enum dpu_ref_kind kind, uintptr_t object,
     uint32_t hash)
{
    struct count *count;

    HMAP_FOR_EACH_WITH_HASH (count, node, hash, &refs->counts[kind]) {
        if (count->object == object) {
            return count;
        }
    }
    return NULL;
}

static uint32_t
hash_object(uintptr_t object)
{
    return hash_uint64(object);
}

void
dpu_refs_add(struct dpu_refs *refs, enum dpu_ref_kind kind, uintptr_t object)
{
    uint32_t hash = hash_object(object);
    struct count *count;

    if (!object) {
        return;
    }
    count = find(refs, kind, object, hash);
    if (!count) {
        count = xzalloc(sizeof *count);
        count->object = object;
        hmap_insert(&refs->counts[kind], &count->node, hash);
    }
    count->n++;
}

unsigned int
dpu_refs_settle(struct dpu_refs *refs, enum dpu_ref_kind kind,
                uintptr_t object, unsigned int held)
{
    struct count *count = find(refs, kind, object, hash_object(object));
    struct dpu_refs_found *found = &refs->found[kind];
    unsigned int n = count ? count->n : 0;

    if (count) {
        count->settled = true;
    }
    found->n_held += n;
    found->n_leaked += held > n ? held - n : 0;
    found->n_missing += n > held ? n - held : 0;
    return n;
}

bool
dpu_refs_finish(struct dpu_refs *refs)
{
    bool dangling = false;

    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        const struct count *count;

        HMAP_FOR_EACH (count, node, &refs->counts[i]) {
            if (!count->settled) {
                refs->found[i].n_held += count->n;
                refs->found[i].n_missing += count->n;
                dangling = true;
            }
        }
    }
    return dangling;
}

bool
dpu_refs_dangles(const struct dpu_refs *refs, enum dpu_ref_kind kind,
                 uintptr_t object)
{
    const struct count *count = find(refs, kind, object, hash_object(object));

    return count && !count->settled;
}
