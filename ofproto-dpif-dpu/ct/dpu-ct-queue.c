/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-queue.h"

void
dpu_ct_queue_init(struct dpu_ct_queue *queue, size_t size)
{
    ovs_assert(IS_POW2(size));
    queue->slots = xcalloc(size, sizeof *queue->slots);
    queue->size = size;
    atomic_init(&queue->next_put, 0);
    queue->next_take = 0;
    for (size_t i = 0; i < size; i++) {
        atomic_init(&queue->slots[i].turn, i);
    }
}

bool
dpu_ct_queue_put(struct dpu_ct_queue *queue, const struct dpu_ct_event *event)
{
    struct dpu_ct_slot *slot;
    size_t put, turn;

    atomic_read_relaxed(&queue->next_put, &put);
    do {
        slot = &queue->slots[put & (queue->size - 1)];
        atomic_read_explicit(&slot->turn, &turn, memory_order_acquire);
        if (turn != put) {
            size_t now;

            atomic_read_relaxed(&queue->next_put, &now);
            if (now == put) {
                return false;
            }
            put = now;
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(
                &queue->next_put, &put, put + 1, memory_order_relaxed,
                memory_order_relaxed)) {
            break;
        }
    } while (true);

    slot->event = *event;
    atomic_store_explicit(&slot->turn, put + 1, memory_order_release);
    return true;
}

bool
dpu_ct_queue_is_empty(const struct dpu_ct_queue *queue)
{
    struct dpu_ct_slot *slot
        = &queue->slots[queue->next_take & (queue->size - 1)];
    size_t turn;

    atomic_read_explicit(&slot->turn, &turn, memory_order_acquire);
    return turn != queue->next_take + 1;
}

bool
dpu_ct_queue_take(struct dpu_ct_queue *queue, struct dpu_ct_event *event)
{
    struct dpu_ct_slot *slot
        = &queue->slots[queue->next_take & (queue->size - 1)];

    if (dpu_ct_queue_is_empty(queue)) {
        return false;
    }
    *event = slot->event;
    atomic_store_explicit(&slot->turn, queue->next_take + queue->size,
                          memory_order_release);
    queue->next_take++;
    return true;
}
