/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-slab: many small objects of one size, without the heap's cost for each,
 * whose memory is given back as it becomes unused.
 *
 * Objects lie in chunks, which are aligned to their size: so that an object
 * leads to its chunk, and the chunk to its slab.
 *
 * Thread-safety: none: one thread at a time. */

#ifndef DPU_SLAB_H
#define DPU_SLAB_H 1

#include <stddef.h>

#include "openvswitch/list.h"

struct dpu_slab {
    size_t size;                /* Of an object, in bytes. */
    size_t n;                   /* Objects in use. */
    size_t n_chunks;
    struct ovs_list open;       /* Chunks with room. */
    struct ovs_list full;       /* The others. */
};

/* Makes '*slab' an empty slab of objects of 'size' bytes, 8192 at most. */
void dpu_slab_init(struct dpu_slab *slab, size_t size);

/* Frees all objects of 'slab'. */
void dpu_slab_destroy(struct dpu_slab *slab);

/* Returns an object of 'slab', not initialized, aligned to 8 bytes. */
void *dpu_slab_get(struct dpu_slab *slab);

/* Gives 'object' back to its slab. */
void dpu_slab_put(void *object);

/* The slab of 'object'. */
struct dpu_slab *dpu_slab_of(const void *object);

#endif /* ofproto-dpif-dpu/device/dpu-slab.h */
