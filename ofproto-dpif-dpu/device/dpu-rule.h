/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rule: puts a spec on a device, takes it off again, reads its counter.
 *
 * A table of functions stands between the life of a megaflow or connection and
 * the way in which a device takes its rules: rte_flow_create() here, the
 * template API in dpu-rule-queue.c, a fake that fails on demand in unit tests.
 *
 * Thread-safety: any thread.  A rule must not be destroyed while another
 * thread uses it (DPDK guide "Generic flow API", "Caveats"): whoever owns the
 * rule takes care of that. */

#ifndef DPU_RULE_H
#define DPU_RULE_H 1

#include <stdbool.h>
#include <stdint.h>

#include <rte_flow.h>

struct dpu_reason;
struct dpu_spec;

/* A rule on a device.  Opaque: what it is is the business of the ops. */
struct dpu_rule;

/* What a rule counted since it was created. */
struct dpu_rule_count {
    uint64_t packets;
    uint64_t bytes;
};

/* A way to put rules on a device.  Functions return 0 or a positive errno,
 * ENODEV if the device is no longer there, and describe an error in '*error'
 * as rte_flow does. */
struct dpu_rule_ops {
    /* One rule at a time: done when they return. */
    int (*create)(uint16_t ethdev, const struct dpu_spec *,
                  struct dpu_rule **, struct rte_flow_error *error);
    int (*destroy)(uint16_t ethdev, struct dpu_rule *,
                   struct rte_flow_error *error);
    int (*query)(uint16_t ethdev, struct dpu_rule *,
                 struct dpu_rule_count *, struct rte_flow_error *error);

    /* In bursts, one thread at a time on a queue; all NULL if there is no such
     * way.  finish() waits until all is done that was enqueued on
     * 'queue'; then result() tells whether the creation of a rule has failed:
     * if so, its destruction alone may follow.  A
     * rule leaves by the queue that it came by.
     *
     * A spec that serves for several rules, whose values alone change between
     * them, keeps what is found out about it until forget(). */
    int (*enqueue)(uint16_t ethdev, unsigned int queue, struct dpu_spec *,
                   struct dpu_rule **, struct rte_flow_error *error);
    int (*enqueue_destroy)(uint16_t ethdev, struct dpu_rule *,
                           struct rte_flow_error *error);
    void (*finish)(uint16_t ethdev, unsigned int queue);
    int (*result)(uint16_t ethdev, const struct dpu_rule *);
    void (*forget)(struct dpu_spec *);
};

/* rte_flow_create(), rte_flow_destroy(), rte_flow_query(). */
extern const struct dpu_rule_ops dpu_rule_sync_ops;

/* Asks 'ethdev', whose driver knows the template API, whether it takes rules
 * by rte_flow_create() as well. */
bool dpu_rule_sync_is_there(uint16_t ethdev);

/* rte_flow_query() of a rule's counter. */
int dpu_rule_query_flow(uint16_t ethdev, struct rte_flow *flow,
                        struct dpu_rule_count *count,
                        struct rte_flow_error *error);

/* Where a rule goes. */
struct dpu_rule_target {
    const struct dpu_rule_ops *ops;
    uint16_t ethdev;            /* The device's transfer proxy, or that of the
                                 * input port (dpu_spec's
                                 * 'needs_port_ethdev'). */
};

/* Puts 'spec' on the device.  Returns true with the new rule in '*rule', or
 * false with the cause in '*reason', which names the item or action that the
 * device objects to. */
bool dpu_rule_create(const struct dpu_rule_target *, const struct dpu_spec *,
                     struct dpu_rule **rule, struct dpu_reason *reason);

/* Takes 'rule' off the device; it must not be used any more, whatever is
 * returned.  Returns true, or false with the cause in '*reason'. */
bool dpu_rule_destroy(const struct dpu_rule_target *, struct dpu_rule *rule,
                      struct dpu_reason *reason);

/* Reads the counter of 'rule'.  Returns true, or false with the cause in
 * '*reason' and '*count' unchanged. */
bool dpu_rule_query(const struct dpu_rule_target *, struct dpu_rule *rule,
                    struct dpu_rule_count *count, struct dpu_reason *reason);

/* The same in bursts, if the ops have them.  dpu_rule_finish() has done what
 * was enqueued on 'queue'; then dpu_rule_arrived() tells what became of a
 * rule. */
bool dpu_rule_enqueue(const struct dpu_rule_target *, unsigned int queue,
                      struct dpu_spec *, struct dpu_rule **rule,
                      struct dpu_reason *reason);
bool dpu_rule_enqueue_destroy(const struct dpu_rule_target *,
                              struct dpu_rule *rule,
                              struct dpu_reason *reason);
void dpu_rule_finish(const struct dpu_rule_target *, unsigned int queue);
bool dpu_rule_arrived(const struct dpu_rule_target *,
                      const struct dpu_rule *rule, struct dpu_reason *reason);

/* What a device says of a rule that it once took. */
enum dpu_rule_state {
    DPU_RULE_THERE,
    DPU_RULE_LOST,              /* It does not know it any more. */
    DPU_RULE_UNKNOWN,           /* Nothing: not of a rule without a counter,
                                 * or not now. */
};

/* Asks the device for 'rule', by its counter. */
enum dpu_rule_state dpu_rule_ask(const struct dpu_rule_target *,
                                 struct dpu_rule *rule);

#endif /* ofproto-dpif-dpu/device/dpu-rule.h */
