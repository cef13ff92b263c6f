/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rule: puts a spec on a device, takes it off again, reads its counter.
 *
 * The one place that calls rte_flow to change a device.  A table of functions
 * stands between the life of a megaflow and the way in which a device takes
 * its rules: rte_flow_create() today, the template API when it comes, a fake
 * that fails on demand in unit tests.
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

/* A way to put rules on a device.  All functions return 0 or a positive
 * errno, ENODEV if the device is no longer there, and describe an error in
 * '*error' as rte_flow does. */
struct dpu_rule_ops {
    int (*create)(uint16_t ethdev, const struct dpu_spec *,
                  struct dpu_rule **, struct rte_flow_error *error);
    int (*destroy)(uint16_t ethdev, struct dpu_rule *,
                   struct rte_flow_error *error);
    int (*query)(uint16_t ethdev, struct dpu_rule *,
                 struct dpu_rule_count *, struct rte_flow_error *error);
};

/* rte_flow_create(), rte_flow_destroy(), rte_flow_query(). */
extern const struct dpu_rule_ops dpu_rule_sync_ops;

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

#endif /* ofproto-dpif-dpu/dpu-rule.h */
