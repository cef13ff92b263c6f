/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * flow-fixture: megaflows on a fake device that fails on demand, behind a fake
 * translation: a megaflow's source address says which packets its rule
 * matches. */

#ifndef FLOW_FIXTURE_H
#define FLOW_FIXTURE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dpif.h"
#include "openvswitch/match.h"

#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"

#define N_ETHDEVS 8                 /* Datapath port N is ethdev N. */
#define PROXY 6                     /* The ethdev that takes the rules... */
#define AT_PORT 100                 /* ...but of the megaflow of this number,
                                     * whose rule is its port's. */
#define COPIED 101                  /* This one's outputs that the device does
                                     * not have are software's. */
#define SPLIT 102                   /* This one becomes several rules: one, and
                                     * one for each ethdev less than that of
                                     * its output, which match... */
#define SPLIT_STEP 1000             /* ...a multiple of this further on. */
#define NO_PORT 99                  /* Is not of the device. */
#define ODD_ACTION 1000             /* Is not an output. */
#define METERED 5000                /* Added to an output: behind a meter of the
                                     * output's number. */

/* The fake device. */

struct dpu_rule {
    bool present;
    bool lost;                      /* By the device; its handle is there. */
    uint16_t ethdev;
    uint32_t match;
    uint32_t priority;
    uint64_t packets;
};

struct flow_fake {
    struct dpu_rule rules[64];
    size_t capacity;                /* Rules that it takes. */
    uint32_t n_priorities;
    bool duplicates;                /* Takes two rules with one match. */
    bool gone;
    unsigned int n_calls;
    unsigned int fail_at;           /* The call that fails, from 1 on. */
    int error;                      /* Its errno. */
    unsigned int n_lost;            /* Rules whose destruction failed. */
};
extern struct flow_fake fake;
extern const struct dpu_rule_ops fake_ops;

/* Returns how many rules for 'match' are there; for 0 of all of them. */
size_t fake_count(uint32_t match);

/* Forwards 'n' packets that 'match', by the rule of the best priority. */
void fake_forward(uint32_t match, uint64_t n);

/* The device loses the rules for 'match'; for 0 all of them. */
void fake_lose(uint32_t match);

/* Its calls, for other "struct dpu_rule_ops" that watch them. */
int fake_create(uint16_t ethdev, const struct dpu_spec *, struct dpu_rule **,
                struct rte_flow_error *);
int fake_destroy(uint16_t ethdev, struct dpu_rule *, struct rte_flow_error *);
int fake_query(uint16_t ethdev, struct dpu_rule *, struct dpu_rule_count *,
               struct rte_flow_error *);

/* The ports and the translation. */

extern const struct dpu_port_map port_map;
extern unsigned int n_ethdevs;          /* Those from 0 on exist. */
extern int policed;                     /* The port that is policed, or -1. */
extern bool no_meters;                  /* Meters are refused. */
extern __thread struct flow_tnl last_tunnel;    /* Of the megaflow that this
                                                 * thread translated last. */

/* Megaflows: number 'n' enters at ethdev 'in', matches source address 'n', and
 * leaves through 'out'. */

extern struct dpu_flow_table table;

struct dpu_flow_key key_of(uint32_t n, uint16_t in);
bool put(uint32_t n, uint16_t in, uint32_t out);

/* With what '*match' has already. */
bool put_match(uint32_t n, uint16_t in, uint32_t out, struct match *match);
int del(uint32_t n, uint16_t in, struct dpif_flow_stats *);

/* Fail the test unless the table says so. */
void check_get(uint32_t n, uint16_t in, bool offloaded, uint64_t n_packets);
void check_no_get(uint32_t n, uint16_t in);
void check_refused(enum dpu_reason_code, size_t now, uint64_t ever);

/* Make an empty table, and see to it that nothing is left on the device. */
int setup(void **state);
int teardown(void **state);

#define FLOW_TEST(TEST) cmocka_unit_test_setup_teardown(TEST, setup, teardown)

#endif /* tests/unit/flow-fixture.h */
