/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-audit: whether a device still has the rules that it was given.
 *
 * A device can lose them behind our back: a reset of its firmware, an operator
 * with another tool, a fault.  Packets go through software then, which costs
 * speed and nothing else.  An audit asks the device for each rule and puts
 * back what is missing.
 *
 * Thread-safety: none; a dpu_audit belongs to whoever made it. */

#ifndef DPU_AUDIT_H
#define DPU_AUDIT_H 1

#include <stdbool.h>
#include <stddef.h>

struct dpu_rule;
struct dpu_rule_target;

/* What an audit found, in rules. */
struct dpu_audit {
    size_t n_there;             /* The device has them. */
    size_t n_unknown;           /* It does not say, as for a rule that does
                                 * not count. */
    size_t n_restored;          /* Were lost and are there again. */
    size_t n_lost;              /* Were lost and could not be put back. */
};

/* Asks for 'rule'.  Returns true if the device has lost it: the caller puts it
 * back and counts it.  Otherwise it is counted in '*audit'. */
bool dpu_audit_ask(struct dpu_audit *audit, const struct dpu_rule_target *,
                   struct dpu_rule *rule);

/* A rule that was lost is there again, or is not. */
void dpu_audit_restored(struct dpu_audit *audit, bool restored);

#endif /* ofproto-dpif-dpu/device/dpu-audit.h */
