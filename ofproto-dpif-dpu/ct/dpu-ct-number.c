/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-number.h"

#include "ovs-atomic.h"
#include "util.h"

/* The table grows by so many numbers at a time, a power of 2. */
#define CHUNK_SIZE 4096
#define N_CHUNKS ((DPU_CT_NUMBER_MAX + UINT32_C(1)) / CHUNK_SIZE)

/* A number that is free has, in place of a pointer, the next one that is, with
 * the lowest bit set. */
typedef ATOMIC(uintptr_t) slot;
#define FREE ((uintptr_t) 1)

/* Chunks stay. */
static ATOMIC(slot *) chunks[N_CHUNKS];
static uint32_t n_ever;             /* The last number that was ever given. */
static uint32_t first_free, last_free;  /* 0: none. */

static slot *
slot_find(uint32_t value)
{
    slot *chunk;

    atomic_read_explicit(&chunks[value / CHUNK_SIZE], &chunk,
                         memory_order_acquire);
    return chunk ? &chunk[value % CHUNK_SIZE] : NULL;
}

static uintptr_t
slot_get(slot *s)
{
    uintptr_t p;

    atomic_read_explicit(s, &p, memory_order_acquire);
    return p;
}

static void
slot_set(slot *s, uintptr_t p)
{
    atomic_store_explicit(s, p, memory_order_release);
}

/* A number that was never given. */
static uint32_t
number_new(void)
{
    uint32_t value = n_ever + 1;

    ovs_assert(value <= DPU_CT_NUMBER_MAX);
    if (!slot_find(value)) {
        atomic_store_explicit(&chunks[value / CHUNK_SIZE],
                              xcalloc(CHUNK_SIZE, sizeof(slot)),
                              memory_order_release);
    }
    n_ever = value;
    return value;
}

/* A number that is not in use.  It leads nowhere. */
static uint32_t
number_take(void)
{
    uint32_t value = first_free;

    if (!value) {
        return number_new();
    }
    first_free = slot_get(slot_find(value)) >> 1;
    if (!first_free) {
        last_free = 0;
    }
    return value;
}

void
dpu_ct_number_give(struct dpu_ct_number *number)
{
    dpu_ct_number_assign(number, number_take());
}

void
dpu_ct_number_reserve(uint32_t values[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = number_take();
    }
}

void
dpu_ct_number_assign(struct dpu_ct_number *number, uint32_t value)
{
    number->value = value;
    slot_set(slot_find(value), (uintptr_t) number);
}

void
dpu_ct_number_move(struct dpu_ct_number *from, struct dpu_ct_number *to)
{
    to->value = from->value;
    slot_set(slot_find(to->value), (uintptr_t) to);
}

void
dpu_ct_number_free(struct dpu_ct_number *number)
{
    slot_set(slot_find(number->value), FREE);
    if (last_free) {
        slot_set(slot_find(last_free), (uintptr_t) number->value << 1 | FREE);
    } else {
        first_free = number->value;
    }
    last_free = number->value;
}

struct dpu_ct_number *
dpu_ct_number_find(uint32_t value)
{
    slot *s = value <= DPU_CT_NUMBER_MAX ? slot_find(value) : NULL;
    uintptr_t p = s ? slot_get(s) : 0;

    return p & FREE ? NULL : (struct dpu_ct_number *) p;
}
