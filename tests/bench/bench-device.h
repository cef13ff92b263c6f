/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * bench-device: a device that takes every rule at once and does nothing with
 * it, to measure what the plugin itself costs.
 *
 * Thread-safety: any thread. */

#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H 1

#include "ofproto-dpif-dpu/device/dpu-rule.h"

/* Each time that it is asked, a rule has counted one more packet of 64 bytes
 * than it was told. */
extern const struct dpu_rule_ops bench_device_ops;

#endif /* tests/bench/bench-device.h */
