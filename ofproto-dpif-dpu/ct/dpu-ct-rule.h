/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-rule: what hardware does to the packets of one direction of a
 * connection at one kind of ct(), as a rule.
 *
 *   group of connections:
 *     any port, state (zone and variant), right checksums, addresses,
 *     protocol, ports, no fragment, ACK and no SYN, FIN or RST
 *       -> COUNT, addresses and ports of NAT, state, mark, class, connection,
 *          JUMP to what follows ct()
 *
 * Thread-safety: reentrant. */

#ifndef DPU_CT_RULE_H
#define DPU_CT_RULE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"

struct dpu_caps;
struct dpu_reason;
struct dpu_spec;

/* TCP packets with one of these flags are software's. */
#define DPU_CT_TCP_FLAGS (TCP_FIN | TCP_SYN | TCP_RST)

struct dpu_ct_rule {
    uint32_t group;             /* Where it stands. */
    uint32_t next;              /* The group that it jumps to. */
    const struct dpu_ct_tuple *match;   /* The packets, as they come. */
    const struct dpu_ct_tuple *rewrite; /* As they leave, or NULL. */
    uint8_t variant;            /* Of the ct(): see dpu-ct-variant.h. */
    uint8_t ct_state;           /* As packets leave. */
    uint32_t ct_mark;
    uint32_t ct_class;
    uint32_t meta;              /* See dpu-ct-regs.h. */
};

/* Whether a device with 'caps' checks all that software would call invalid in
 * packets with 'tuple' if it is wrong: the checksums of IPv4's header, TCP,
 * UDP, ICMP and ICMPv6. */
bool dpu_ct_rule_checks(const struct dpu_ct_tuple *tuple,
                        const struct dpu_caps *caps);

/* Where a spec has the values in which rules of one kind differ; NULL where it
 * has none. */
struct dpu_ct_slots {
    uint32_t *where;            /* State to match. */
    void *l3, *l4;              /* Items. */
    ovs_be16 *identifier;       /* Of ICMPv6. */
    void *addrs[2], *ports[2];  /* Of NAT: source, destination. */
    uint32_t *state, *mark, *class, *meta;
};

/* Makes '*spec' the rule 'rule' for a device with 'caps', with its slots in
 * '*slots'.  Returns true, or false with '*reason' if the device cannot. */
bool dpu_ct_rule_spec(const struct dpu_ct_rule *rule,
                      const struct dpu_caps *caps, struct dpu_spec *spec,
                      struct dpu_ct_slots *slots, struct dpu_reason *reason);

/* What the specs of rules have in common that differ in the values of slots
 * alone, for one device. */
uint32_t dpu_ct_rule_kind(const struct dpu_ct_rule *rule);

/* Makes the spec that has 'slots', of a rule of the same kind, that of
 * 'rule'. */
void dpu_ct_rule_fill(const struct dpu_ct_rule *rule,
                      const struct dpu_ct_slots *slots);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-rule.h */
