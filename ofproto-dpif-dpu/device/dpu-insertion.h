/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-insertion: by which way a device takes the rules of megaflows, and those
 * of connections: rte_flow_create(), or templates.
 *
 * Where there are both, megaflows, which are of many shapes and whose lengths
 * may be matched by ranges, come by rte_flow_create(), and connections, which
 * are many of few shapes, through templates.
 *
 * Thread-safety: any thread. */

#ifndef DPU_INSERTION_H
#define DPU_INSERTION_H 1

#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"

struct dpu_rule_ops;
struct ds;
struct smap;

struct dpu_insertion {
    const struct dpu_rule_ops *megaflows;
    const struct dpu_rule_ops *connections;
    struct dpu_caps caps;       /* For megaflows... */
    struct dpu_caps ct_caps;    /* ...and connections. */
};

/* Takes the key "dpu-insertion" of 'other_config', for devices that come. */
void dpu_insertion_configure(const struct smap *other_config);

/* Asks the device behind ethdev 'proxy', as dpu_caps_probe() does. */
void dpu_insertion_probe(uint16_t proxy, uint16_t port,
                         struct dpu_insertion *insertion);

/* Appends "templates", "rules", or which of them is for what. */
void dpu_insertion_format(const struct dpu_insertion *insertion, struct ds *s);

#endif /* ofproto-dpif-dpu/device/dpu-insertion.h */
