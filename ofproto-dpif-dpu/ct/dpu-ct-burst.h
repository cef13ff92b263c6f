/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-burst: the rules of a shard's connections on their way to devices and
 * off them, where a device takes them in bursts.
 *
 * Whoever holds the lock of a shard may enqueue; before the lock is given back
 * the results of all have been read.  So no rule is on its way while the
 * shard is not locked, and what has left is gone from the device by then.
 *
 * Thread-safety: the caller holds the lock of the shard. */

#ifndef DPU_CT_BURST_H
#define DPU_CT_BURST_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/hmap.h"

#include "ofproto-dpif-dpu/device/dpu-rule.h"

struct dpu_ct_conn;
struct dpu_ct_device;
struct dpu_ct_rule;
struct dpu_reason;

/* Connections whose rules are on their way, at once. */
#define DPU_CT_BURST_SIZE 64

/* Ethdevs on which something is on its way, at once. */
#define DPU_CT_BURST_TARGETS 8

struct dpu_ct_burst {
    unsigned int queue;         /* Of each ethdev. */
    struct hmap forms;          /* Of struct dpu_ct_form. */
    struct dpu_rule_target targets[DPU_CT_BURST_TARGETS];
    size_t n_targets;
    struct dpu_ct_conn *conns[DPU_CT_BURST_SIZE];
    size_t n_conns;
};

void dpu_ct_burst_init(struct dpu_ct_burst *, unsigned int queue);

/* Enqueues 'in', on 'device' through 'target', as '*rule', or creates it at
 * once if there are no bursts.  Returns true, or false with '*reason'. */
bool dpu_ct_burst_create(struct dpu_ct_burst *, struct dpu_ct_device *device,
                         uint16_t target, const struct dpu_ct_rule *in,
                         struct dpu_rule **rule, struct dpu_reason *reason);

/* The same for the destruction of 'rule', which has arrived. */
bool dpu_ct_burst_destroy(struct dpu_ct_burst *, struct dpu_ct_device *device,
                          uint16_t target, struct dpu_rule *rule,
                          struct dpu_reason *reason);

/* Has dpu_ct_admission_arrived() called for 'conn', once its rules have
 * arrived. */
void dpu_ct_burst_add(struct dpu_ct_burst *, struct dpu_ct_conn *conn,
                      long long int now);

/* Waits for what is on its way, and has it dealt with. */
void dpu_ct_burst_finish(struct dpu_ct_burst *, long long int now);

/* Forgets what is known about rules of 'device' through 'target'. */
void dpu_ct_burst_forget(struct dpu_ct_burst *,
                         const struct dpu_ct_device *device, uint16_t target);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-burst.h */
