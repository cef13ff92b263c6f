/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-verdict: what software says of a connection: whether it may be in
 * hardware.
 *
 * Thread-safety: any thread that quiesces, holding the lock of the
 * connection's shard. */

#ifndef DPU_CT_VERDICT_H
#define DPU_CT_VERDICT_H 1

#include <stdbool.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"

struct conn;
struct dpu_caps;
struct dpu_ct_tuple;

enum dpu_ct_verdict {
    DPU_CT_VERDICT_OK,
    DPU_CT_VERDICT_EARLY,              /* TCP is not established yet. */
    DPU_CT_VERDICT_CLOSING,
    DPU_CT_VERDICT_CHANGED             /* Mark or label. */
};

/* Whether 'conn' may be in hardware as 'software' is now. */
enum dpu_ct_verdict dpu_ct_verdict(const struct dpu_ct_conn *conn,
                                   struct conn *software);

/* Whether 'conn', which is not in hardware, may come there as 'software' is
 * now: keeps its mark and label. */
enum dpu_ct_verdict dpu_ct_verdict_take(struct dpu_ct_conn *conn,
                                        struct conn *software);

/* Whether hardware must not have 'software', which is that of 'tuples', at
 * all, on a device with 'caps', and why. */
bool dpu_ct_verdict_refuses(struct conn *software,
                            const struct dpu_ct_tuple *tuples,
                            const struct dpu_caps *caps,
                            enum dpu_ct_refusal *refusal);

/* When 'software' expires, as time_msec(). */
long long int dpu_ct_verdict_expiration(struct conn *software);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-verdict.h */
