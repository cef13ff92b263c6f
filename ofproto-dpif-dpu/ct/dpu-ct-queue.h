/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-queue: what PMD threads tell the threads that offload connections.
 *
 * A ring of a fixed size.  Each slot has a number that says whose turn it is:
 * the number of the put that may fill it, or of the take that may empty it,
 * plus one.  Who puts takes a number and has the slot for itself.
 *
 * Thread-safety: any thread may put, without waiting for another one; one
 * thread at a time may take. */

#ifndef DPU_CT_QUEUE_H
#define DPU_CT_QUEUE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovs-atomic.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"

struct conntrack;

enum dpu_ct_event_type {
    DPU_CT_EVENT_SEEN,          /* An established connection's packet. */
    DPU_CT_EVENT_LEAVE,         /* 'leaving' is set in a connection. */
    DPU_CT_EVENT_RENEW          /* The same; it is to come back. */
};

struct dpu_ct_event {
    struct conntrack *ct;
    struct dpu_ct_tuple tuple;  /* Of the original direction. */
    uint32_t hash;              /* Of 'tuple'. */
    struct dpu_ct_variant variant;  /* What follows is of SEEN alone. */
    long long int when;         /* As time_msec(). */
    uint16_t ethdev;            /* Where the packet entered... */
    uint8_t device;             /* ...this one. */
    uint8_t ct_state;           /* As it left ct(). */
    uint8_t variant_id;         /* That 'variant' had then. */
    uint8_t type;               /* enum dpu_ct_event_type. */
};

struct dpu_ct_slot {
    atomic_size_t turn;
    struct dpu_ct_event event;
};

struct dpu_ct_queue {
    struct dpu_ct_slot *slots;
    size_t size;                /* A power of 2. */
    PADDED_MEMBERS(CACHE_LINE_SIZE, atomic_size_t next_put;);
    PADDED_MEMBERS(CACHE_LINE_SIZE, size_t next_take;);
};

/* Makes '*queue' an empty queue for 'size' events, a power of 2. */
void dpu_ct_queue_init(struct dpu_ct_queue *queue, size_t size);

/* Puts a copy of '*event' into 'queue'.  Returns false if that is full. */
bool dpu_ct_queue_put(struct dpu_ct_queue *queue,
                      const struct dpu_ct_event *event);

/* Takes the oldest event out of 'queue' into '*event'.  Returns false if there
 * is none. */
bool dpu_ct_queue_take(struct dpu_ct_queue *queue, struct dpu_ct_event *event);

/* Whether there is something to take. */
bool dpu_ct_queue_is_empty(const struct dpu_ct_queue *queue);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-queue.h */
