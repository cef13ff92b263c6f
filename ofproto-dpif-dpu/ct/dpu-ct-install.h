/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-install: the rules of a connection: both directions are on the
 * device, or neither is.
 *
 * Thread-safety: the caller holds the lock of the connection's shard. */

#ifndef DPU_CT_INSTALL_H
#define DPU_CT_INSTALL_H 1

#include <stdbool.h>
#include <stddef.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"

struct dpu_audit;
struct dpu_ct_burst;
struct dpu_reason;

/* The burst that the rules of 'conn' go with. */
struct dpu_ct_burst *dpu_ct_install_burst(const struct dpu_ct_conn *conn);

/* Sends the rules of 'conn' to the device that are not there yet; if that
 * fails, with '*reason', takes off those that were. */
bool dpu_ct_install(struct dpu_ct_conn *conn, long long int now,
                    struct dpu_reason *reason);

/* Whether all rules of 'conn' are on the device, now that none is on its way.
 * If not, with '*reason'. */
bool dpu_ct_install_has_arrived(struct dpu_ct_conn *conn, long long int now,
                                struct dpu_reason *reason);

/* Takes off the rules of 'conn', which have arrived. */
void dpu_ct_install_remove(struct dpu_ct_conn *conn);

/* What dpu_ct_install_count() found, besides a bit for each direction in which
 * hardware saw packets since the last time. */
#define DPU_CT_INSTALL_LOST (1 << 2)    /* The device has lost a rule. */

/* Reads the counters of 'conn'. */
unsigned int dpu_ct_install_count(struct dpu_ct_conn *conn);

/* Asks the device for the rules of 'conn', which are counted in '*audit', and
 * forgets those that it has lost.  Returns how many. */
size_t dpu_ct_install_audit(struct dpu_ct_conn *conn, struct dpu_audit *audit);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-install.h */
