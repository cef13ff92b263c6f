/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-prometheus: metrics in Prometheus' text format, version 0.0.4.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_PROMETHEUS_H
#define DPU_PROMETHEUS_H 1

#include <stdint.h>

struct ds;

/* A label; an array of them ends with a NULL name.  Values may have any
 * bytes. */
struct dpu_label {
    const char *name;
    const char *value;
};

/* Starts the metrics 'name': all of them follow. */
void dpu_prometheus_begin(struct ds *, const char *name, const char *type,
                          const char *help);

/* Appends "NAME{LABEL="VALUE",...} VALUE". */
void dpu_prometheus_put(struct ds *, const char *name,
                        const struct dpu_label labels[], uint64_t value);

/* The same for a number of nanoseconds, in seconds. */
void dpu_prometheus_put_nsec(struct ds *, const char *name,
                             const struct dpu_label labels[], uint64_t nsec);

/* Appends 'nsec' in seconds, without trailing zeros. */
void dpu_prometheus_format_nsec(struct ds *, uint64_t nsec);

#endif /* ofproto-dpif-dpu/show/dpu-prometheus.h */
