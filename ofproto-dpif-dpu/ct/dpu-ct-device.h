/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-device: a device, as far as connections are concerned: through which
 * of its ethdevs rules can be created, and whether there is room.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_DEVICE_H
#define DPU_CT_DEVICE_H 1

#include <stdbool.h>
#include <stdint.h>

#include <rte_config.h>

#include "openvswitch/types.h"
#include "ovs-atomic.h"
#include "ovs-thread.h"

#include "ofproto-dpif-dpu/device/dpu-rule.h"

struct dpu_caps;
struct dpu_ct_burst;
struct dpu_ct_rule;
struct dpu_reason;

/* As many as there can be at once. */
#define DPU_CT_MAX_DEVICES 32

struct dpu_ct_device {
    const struct dpu_rule_ops *ops;
    const struct dpu_caps *caps;
    uint32_t group, next;       /* Where rules stand and where they jump. */
    uint8_t index;

    /* By ethdev: how rules for packets that enter there are created, and
     * whether rules may be created through it, and whether it has vanished. */
    atomic_uint16_t proxies[RTE_MAX_ETHPORTS];
    atomic_bool open[RTE_MAX_ETHPORTS];
    atomic_bool gone[RTE_MAX_ETHPORTS];

    atomic_uint64_t n_rules;    /* On the device. */
    atomic_uint64_t n_left;     /* Ever. */
    atomic_uint64_t full_left;  /* 'n_left' when it was found full, plus 1;
                                 * 0: it is not. */
    atomic_llong full_since;    /* As time_msec(). */
};

/* Returns the device with 'index', or NULL. */
struct dpu_ct_device *dpu_ct_device_get(uint8_t index);

/* Whether there is any. */
bool dpu_ct_device_any(void);

/* The ethdev through which 'device' takes rules for what enters at 'ethdev'.
 * Returns false if it takes none at present. */
bool dpu_ct_device_target(const struct dpu_ct_device *device, uint16_t ethdev,
                          uint16_t *target);

/* Whether rules may be created through 'target', now that the caller has the
 * lock of a connection's shard. */
bool dpu_ct_device_is_open(const struct dpu_ct_device *device,
                           uint16_t target);

/* Whether it makes sense to ask 'device' for one more rule at 'now', as
 * time_msec(). */
bool dpu_ct_device_has_room(const struct dpu_ct_device *device,
                            long long int now);

/* Puts 'in' on 'device' through 'target', as '*rule', as a part of 'burst'.
 * Returns true, or false with '*reason'. */
bool dpu_ct_device_install(struct dpu_ct_device *device, uint16_t target,
                           struct dpu_ct_burst *burst,
                           const struct dpu_ct_rule *in,
                           struct dpu_rule **rule, long long int now,
                           struct dpu_reason *reason);

/* Whether 'rule', whose burst is over, is on 'device'.  Returns true, or false
 * with '*reason': then it has to be taken off nevertheless. */
bool dpu_ct_device_arrived(struct dpu_ct_device *device, uint16_t target,
                           const struct dpu_rule *rule, long long int now,
                           struct dpu_reason *reason);

/* Takes 'rule', which has arrived, off, as a part of 'burst'. */
void dpu_ct_device_remove(struct dpu_ct_device *device, uint16_t target,
                          struct dpu_ct_burst *burst, struct dpu_rule *rule);

/* Reads the counter of 'rule'; leaves '*count' alone if it cannot be read.
 * Returns false if 'device' has lost the rule. */
bool dpu_ct_device_query(struct dpu_ct_device *device, uint16_t target,
                         struct dpu_rule *rule, struct dpu_rule_count *count);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-device.h */
