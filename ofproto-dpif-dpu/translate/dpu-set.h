/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-set: the datapath actions "set" and "set_masked" become actions of a
 * rule.
 *
 * Thread-safety: a dpu_set belongs to whoever holds it. */

#ifndef DPU_SET_H
#define DPU_SET_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;
struct eth_addr;
struct match;
struct nlattr;

#define DPU_SET_N_FIELDS 25
#define DPU_SET_MAX_SIZE 16     /* Bytes of the largest field. */

/* What is known of the fields of a packet on its way through the actions:
 * first what the match says, then also what was set. */
struct dpu_set {
    const struct match *match;
    bool has_known;
    struct dpu_set_known {
        uint8_t value[DPU_SET_MAX_SIZE];
        uint8_t mask[DPU_SET_MAX_SIZE]; /* Ones: the bit is known. */
    } known[DPU_SET_N_FIELDS];
};

/* Makes '*set' what 'match' says. */
void dpu_set_init(struct dpu_set *set, const struct match *match);

/* Addresses and ports are not known any more: NAT may have changed them. */
void dpu_set_forget_nat(struct dpu_set *set);

/* Whether the action 'a', OVS_ACTION_ATTR_SET or OVS_ACTION_ATTR_SET_MASKED,
 * is translated at all; if not, '*reason' says what stands in the way. */
bool dpu_set_ask(struct dpu_set *set, const struct nlattr *a,
                 struct dpu_reason *reason);

/* Appends to 'spec' the actions for 'a', which dpu_set_ask() took, as few as a
 * device with 'caps' allows, and the header items that they want.  Bits that
 * the packet has already are not set again.  Returns false, with '*reason', if
 * the device has no action for it. */
bool dpu_set_compile(struct dpu_set *set, const struct nlattr *a,
                     const struct dpu_caps *caps, struct dpu_spec *spec,
                     struct dpu_reason *reason);

/* Stores the Ethernet addresses that the packet has by now in '*src' and
 * '*dst'.  Returns true, or false if it may have several. */
bool dpu_set_get_eth(struct dpu_set *set, struct eth_addr *src,
                     struct eth_addr *dst);

#endif /* ofproto-dpif-dpu/translate/dpu-set.h */
