/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rule-queue: rules through the template API: an ethdev's queues of
 * asynchronous operations, and what is on their way.
 *
 *   dpu_rule_queues_configure()    before the ethdev starts
 *        |
 *   create, destroy: enqueue, push, pull the result    one rule at a time
 *   enqueue, enqueue_destroy: enqueue, postponed       in bursts...
 *        finish: push, pull all results                ...each on a queue
 *        |
 *   dpu_rule_queues_close()        its last rule has left
 *
 * A rule leaves by the queue that it came by.
 *
 * Thread-safety: any thread, in bursts one at a time on a queue; but for
 * dpu_rule_queues_configure() and dpu_rule_queues_close(), when no other
 * thread uses the ethdev. */

#ifndef DPU_RULE_QUEUE_H
#define DPU_RULE_QUEUE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-rule.h"

struct dpu_template_counts;

/* The template API. */
extern const struct dpu_rule_ops dpu_rule_template_ops;

/* Queues for bursts, from 0 on. */
#define DPU_RULE_N_QUEUES 8

/* Asks 'ethdev', which is configured but not started, for queues, if it has
 * the template API and has none yet.  Without them it takes no rules that
 * way. */
void dpu_rule_queues_configure(uint16_t ethdev);

/* Destroys the templates of 'ethdev', which may be closed next.  No rule is
 * left, unless 'gone': then they are gone with it. */
void dpu_rule_queues_close(uint16_t ethdev, bool gone);

/* Stores what templates and tables 'ethdev' has in '*counts'.  Returns false
 * if none. */
bool dpu_rule_queues_count(uint16_t ethdev,
                           struct dpu_template_counts *counts);

#endif /* ofproto-dpif-dpu/device/dpu-rule-queue.h */
