/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-shared: bytes that many have in common and keep once: the masks and the
 * actions of megaflows.
 *
 * Equal bytes are the same 'struct dpu_shared' while anybody has a reference
 * to it: two of them are equal only if they are one.
 *
 * Thread-safety: any thread.  Another reference to what is held already takes
 * no lock. */

#ifndef DPU_SHARED_H
#define DPU_SHARED_H 1

#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "ovs-atomic.h"

struct dpu_shared {
    struct hmap_node node;      /* Among all of them. */
    struct ovs_refcount n_refs;
    size_t size;                /* Of 'data', in bytes. */
    uint64_t data[];            /* Constant. */
};

/* Returns a reference to the 'size' bytes at 'data', which are copied unless
 * they are there already; for a 'size' of 0 'data' may be NULL.
 * dpu_shared_put() gives it back. */
struct dpu_shared *dpu_shared_get(const void *data, size_t size);

/* Returns one more reference to 's'. */
struct dpu_shared *dpu_shared_ref(struct dpu_shared *s);

/* Gives back a reference to 's', which may be NULL. */
void dpu_shared_put(struct dpu_shared *s);

/* Returns how many different ones there are. */
size_t dpu_shared_count(void);

#endif /* ofproto-dpif-dpu/translate/dpu-shared.h */
