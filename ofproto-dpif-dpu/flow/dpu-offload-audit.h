/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-offload-audit: compares what devices have, and what the tables here say,
 * with what should be there, and repairs it.
 *
 * First the references that rules and connections have are counted anew
 * (dpu-refs.h), of all devices at once, as some tables serve all of them.  Then
 * each device is asked for its meters and its rules, in the order in which they
 * rest on each other; what it has lost comes back in that order.
 *
 * Thread-safety: the main thread's.  While references are counted, which does
 * not wait for any device unless there is something to repair, no rule comes
 * or goes: offload threads and those of connections wait.  While a device is
 * asked, megaflows and connections come and go; each is looked at under its
 * own lock.  Threads that forward packets wait for neither. */

#ifndef DPU_OFFLOAD_AUDIT_H
#define DPU_OFFLOAD_AUDIT_H 1

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

struct dpu_offload_device;

/* What a device can be asked for: code and name in output. */
#define DPU_AUDITED_KINDS                               \
    DPU_AUDITED_KIND(METERS, "meters")                  \
    DPU_AUDITED_KIND(MISSES, "miss-rules")              \
    DPU_AUDITED_KIND(MEGAFLOWS, "megaflow-rules")       \
    DPU_AUDITED_KIND(CONNECTIONS, "connection-rules")

enum dpu_audited_kind {
#define DPU_AUDITED_KIND(CODE, NAME) DPU_AUDITED_##CODE,
    DPU_AUDITED_KINDS
#undef DPU_AUDITED_KIND
    DPU_AUDITED_N_KINDS
};

const char *dpu_audited_kind_name(enum dpu_audited_kind);

/* What was found on a device. */
struct dpu_offload_audit {
    struct dpu_audit kinds[DPU_AUDITED_N_KINDS];
};

/* Both of these: with 'dpu_offload_mutex' held.  dpu_offload_audit_refs() has
 * been called before dpu_offload_audit(), which follows references. */

/* Asks 'device' for all that it can be asked for, and puts back what it has
 * lost.  Stores what was found in '*found'. */
void dpu_offload_audit(struct dpu_offload_device *device,
                       struct dpu_offload_audit *found);

/* Compares the references to all that rules and connections share with those
 * that they have, and corrects them.  Stores what was found in 'found'. */
void dpu_offload_audit_refs(struct dpu_refs_found found[DPU_REF_N_KINDS]);

/* What dpu_offload_audit_refs() has found of 'kind', ever. */
struct dpu_refs_found dpu_offload_audited_refs(enum dpu_ref_kind kind);

#endif /* ofproto-dpif-dpu/flow/dpu-offload-audit.h */
