/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-explain: why one megaflow of the datapath is in hardware or not.
 *
 * dpu/explain [-f json] UFID|FLOW
 *     What the megaflow became, or what stands in the way and what would help.
 *     UFID and FLOW are as "dpctl/dump-flows" prints them; of a FLOW all but
 *     the match may be left out.
 *
 * Thread-safety: the main thread's. */

#ifndef DPU_EXPLAIN_H
#define DPU_EXPLAIN_H 1

/* Registers the command.  Once, from the main thread. */
void dpu_explain_register(void);

#endif /* ofproto-dpif-dpu/show/dpu-explain.h */
