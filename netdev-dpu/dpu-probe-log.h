/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-probe-log: overhears what a driver logs while a device is set up.
 * DPDK's functions return an errno; that 'vfs=400' was too much, and what
 * would not have been, the driver says in its log.
 *
 * Thread-safety: one at a time.  What other threads log meanwhile is logged
 * as usual. */

#ifndef DPU_PROBE_LOG_H
#define DPU_PROBE_LOG_H 1

struct dpu_probe_log {
    char *said;                 /* What the driver said, or NULL. */
};

void dpu_probe_log_start(struct dpu_probe_log *);
void dpu_probe_log_stop(struct dpu_probe_log *);
void dpu_probe_log_free(struct dpu_probe_log *);

#endif /* netdev-dpu/dpu-probe-log.h */
