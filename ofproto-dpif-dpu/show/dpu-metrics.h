/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-metrics: what goes on, in numbers, for Prometheus.
 *
 * dpu/metrics
 *     What Documentation/metrics.rst describes.
 *
 * Thread-safety: the main thread's. */

#ifndef DPU_METRICS_H
#define DPU_METRICS_H 1

/* Registers the command.  Once, from the main thread. */
void dpu_metrics_register(void);

#endif /* ofproto-dpif-dpu/show/dpu-metrics.h */
