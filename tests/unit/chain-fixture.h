/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * chain-fixture: a fake device with groups, through which packets can be sent
 * and that fails on demand. */

#ifndef CHAIN_FIXTURE_H
#define CHAIN_FIXTURE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

struct dpu_rule {
    bool present;
    bool lost;                      /* By the device; its handle is there. */
    uint16_t ethdev;                /* Where it was created. */
    uint32_t group;
    uint32_t priority;
    uint16_t source;                /* Ethdev that it matches. */
    uint32_t mark;                  /* 0: none. */
    uint32_t jump;                  /* Group, or 0. */
    uint16_t output;                /* Ethdev, or 0. */
    uint16_t up;                    /* Ethdev, or 0. */
    bool drop;
};

struct chain_fake {
    struct dpu_rule rules[128];
    uint32_t n_priorities;
    bool duplicates;
    bool default_miss;              /* What misses comes up in any group. */
    bool gone;
    unsigned int n_calls;
    unsigned int fail_at;           /* The creation that fails, from 1 on. */
    int error;                      /* Its errno. */
};
extern struct chain_fake fake;
extern const struct dpu_rule_ops fake_ops;

/* Makes the device new: it takes everything. */
void fake_init(void);

/* Returns how many rules are there. */
size_t fake_count(void);

/* Returns the rule of 'group' that packets from 'source' meet, or NULL. */
struct dpu_rule *fake_lookup(uint32_t group, uint16_t source);

/* Sends a packet in at 'source'.  Returns the ethdev where it leaves the
 * device, or the negative ethdev at whose representor it comes up, with its
 * mark in '*mark'. */
int fake_send(uint16_t source, uint32_t *mark);

/* Its calls, for other "struct dpu_rule_ops" that watch them. */
int fake_create(uint16_t ethdev, const struct dpu_spec *, struct dpu_rule **,
                struct rte_flow_error *);
int fake_destroy(uint16_t ethdev, struct dpu_rule *, struct rte_flow_error *);
int fake_query(uint16_t ethdev, struct dpu_rule *, struct dpu_rule_count *,
               struct rte_flow_error *);

#endif /* tests/unit/chain-fixture.h */
