/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-flow-private: what dpu-flow.c and dpu-flow-rule.c share.
 *
 * Thread-safety: the caller holds the lock of the megaflow that a function is
 * about. */

#ifndef DPU_FLOW_PRIVATE_H
#define DPU_FLOW_PRIVATE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/dpu-flow.h"

/* dpu-flow.c. */
bool dpu_flow_gone(const struct dpu_flow_table *, uint16_t ethdev);
void dpu_flow_failed(struct dpu_flow_table *, const struct dpu_flow *,
                     const char *what, const struct dpu_reason *);
void dpu_flow_megaflow(const struct dpu_flow *, struct match *,
                       struct dpu_megaflow *);

/* dpu-flow-rule.c.  dpu_flow_admit() needs no lock. */
void dpu_flow_count(struct dpu_flow_table *, struct dpu_flow *,
                    long long int now);
void dpu_flow_retire(struct dpu_flow_table *, struct dpu_flow *);
bool dpu_flow_install(struct dpu_flow_table *, struct dpu_flow *,
                      struct dpu_spec *, uint8_t flip, struct dpu_reason *);
bool dpu_flow_replace(struct dpu_flow_table *, struct dpu_flow *old,
                      struct dpu_flow *, struct dpu_spec *,
                      struct dpu_reason *);
bool dpu_flow_admit(struct dpu_flow_table *, struct dpu_reason *);
bool dpu_flow_lost(struct dpu_flow_table *, struct dpu_flow *,
                   struct dpu_audit *);

#endif /* ofproto-dpif-dpu/dpu-flow-private.h */
