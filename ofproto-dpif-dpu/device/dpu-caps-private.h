/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-private: what the questions of dpu-caps.c, dpu-caps-item.c,
 * dpu-caps-action.c and dpu-caps-chain.c share.
 *
 * A question ("ask") returns the device's answer; a set of them ("probe")
 * stores the answers in the capabilities. */

#ifndef DPU_CAPS_PRIVATE_H
#define DPU_CAPS_PRIVATE_H 1

#include <stdbool.h>
#include <stdint.h>

#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"

struct dpu_spec;

/* How rules look on the device. */
struct dpu_caps_prober {
    uint16_t proxy, port;       /* Ethdevs. */
    bool templates;             /* Rules come through templates. */
    bool transfer;
    enum rte_flow_item_type in_port;    /* END: rules are of an ethdev. */
    enum rte_flow_action_type fate;
    struct dpu_caps *caps;
};

/* dpu-caps.c. */

/* The actions that end a list. */
#define DPU_CAPS_N_FATES 4
extern const enum rte_flow_action_type dpu_caps_fates[DPU_CAPS_N_FATES];

void dpu_caps_set_bit(uint64_t bits[], int type);

/* Finds out how rules look at all.  Returns false if there are none. */
bool dpu_caps_probe_form(struct dpu_caps_prober *);

/* Start a rule, append what becomes of packets, as a mirror or for good, and
 * ask the device whether it takes the rule. */
void dpu_caps_begin(const struct dpu_caps_prober *, struct dpu_spec *);
void dpu_caps_add_fate(const struct dpu_caps_prober *, struct dpu_spec *,
                       enum rte_flow_action_type, bool mirror);
bool dpu_caps_ask(const struct dpu_caps_prober *, const struct dpu_spec *);

bool dpu_caps_ask_fate(const struct dpu_caps_prober *,
                       enum rte_flow_action_type fate);

/* dpu-caps-item.c. */
void dpu_caps_add_item(struct dpu_spec *, enum rte_flow_item_type, bool bare);
void dpu_caps_probe_items(const struct dpu_caps_prober *);

/* dpu-caps-action.c. */
void dpu_caps_probe_actions(const struct dpu_caps_prober *);
void dpu_caps_probe_lists(const struct dpu_caps_prober *);
bool dpu_caps_ask_checksum(const struct dpu_caps_prober *);
bool dpu_caps_ask_l2_replace(const struct dpu_caps_prober *);

/* dpu-caps-chain.c.  Connection tracking comes after chains and takes two
 * groups from them. */
void dpu_caps_probe_groups(const struct dpu_caps_prober *);
void dpu_caps_probe_ct(const struct dpu_caps_prober *);

#endif /* ofproto-dpif-dpu/device/dpu-caps-private.h */
