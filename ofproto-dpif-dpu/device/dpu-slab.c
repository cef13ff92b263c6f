/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-slab.h"

#include <stdint.h>

#include "util.h"

#define CHUNK_SIZE 16384        /* A power of 2. */

/* Objects follow.  Those that are free point to each other. */
struct chunk {
    struct ovs_list node;       /* In 'open' or 'full'. */
    struct dpu_slab *slab;
    void *free;                 /* The first one that was given back. */
    uint32_t n;                 /* In use. */
    uint32_t n_ever;            /* The first ones, that were ever in use. */
};

static uint32_t
chunk_room(const struct dpu_slab *slab)
{
    return (CHUNK_SIZE - sizeof(struct chunk)) / slab->size;
}

static struct chunk *
chunk_of(const void *object)
{
    return (struct chunk *) ((uintptr_t) object & ~(uintptr_t) (CHUNK_SIZE
                                                                - 1));
}

void
dpu_slab_init(struct dpu_slab *slab, size_t size)
{
    slab->size = ROUND_UP(size, sizeof(uint64_t));
    ovs_assert(slab->size <= CHUNK_SIZE / 2);
    slab->n = slab->n_chunks = 0;
    ovs_list_init(&slab->open);
    ovs_list_init(&slab->full);
}

static struct chunk *
chunk_create(struct dpu_slab *slab)
{
    struct chunk *chunk = xmalloc_size_align(CHUNK_SIZE, CHUNK_SIZE);

    chunk->slab = slab;
    chunk->free = NULL;
    chunk->n = chunk->n_ever = 0;
    ovs_list_push_front(&slab->open, &chunk->node);
    slab->n_chunks++;
    return chunk;
}

static void
chunk_destroy(struct chunk *chunk)
{
    chunk->slab->n_chunks--;
    ovs_list_remove(&chunk->node);
    free_size_align(chunk);
}

void
dpu_slab_destroy(struct dpu_slab *slab)
{
    struct chunk *chunk;

    LIST_FOR_EACH_SAFE (chunk, node, &slab->open) {
        chunk_destroy(chunk);
    }
    LIST_FOR_EACH_SAFE (chunk, node, &slab->full) {
        chunk_destroy(chunk);
    }
    slab->n = 0;
}

void *
dpu_slab_get(struct dpu_slab *slab)
{
    struct chunk *chunk = (ovs_list_is_empty(&slab->open)
                           ? chunk_create(slab)
                           : CONTAINER_OF(ovs_list_front(&slab->open),
                                          struct chunk, node));
    void *object = chunk->free;

    if (object) {
        chunk->free = *(void **) object;
    } else {
        object = (char *) (chunk + 1) + chunk->n_ever++ * slab->size;
    }
    slab->n++;
    if (++chunk->n == chunk_room(slab)) {
        ovs_list_remove(&chunk->node);
        ovs_list_push_front(&slab->full, &chunk->node);
    }
    return object;
}

void
dpu_slab_put(void *object)
{
    struct chunk *chunk = chunk_of(object);
    struct dpu_slab *slab = chunk->slab;

    if (chunk->n == chunk_room(slab)) {
        ovs_list_remove(&chunk->node);
        ovs_list_push_back(&slab->open, &chunk->node);
    }
    *(void **) object = chunk->free;
    chunk->free = object;
    slab->n--;
    /* One with room is kept for what comes next. */
    if (!--chunk->n && !ovs_list_is_singleton(&slab->open)) {
        chunk_destroy(chunk);
    }
}

struct dpu_slab *
dpu_slab_of(const void *object)
{
    return chunk_of(object)->slab;
}
