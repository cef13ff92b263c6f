/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-unixctl: what ovs-appctl can ask about offload.
 *
 * dpu/show
 *     Each device: its driver, its switch domain, where its rules go, its
 *     ports, how many megaflows are in hardware and how many are refused, and
 *     what it takes.
 *
 * dpu/rules [-v] [PORT]
 *     Each rule, of the megaflows that enter at PORT or of all, as a command
 *     of testpmd.  With -v each after a comment that tells the port, the
 *     ufid, and what the rule counted.
 *
 * dpu/reasons [-v]
 *     How often each reason to refuse was given, in all and by the megaflows
 *     that there are now.  With -v these megaflows as well, with their
 *     reasons.
 *
 * dpu/audit, dpu/explain and dpu/metrics are dpu-audit-report.h's,
 * dpu-explain.h's and dpu-metrics.h's.
 *
 * Thread-safety: the main thread's. */

#ifndef DPU_UNIXCTL_H
#define DPU_UNIXCTL_H 1

/* Registers the commands.  Once, from the main thread. */
void dpu_unixctl_register(void);

#endif /* ofproto-dpif-dpu/show/dpu-unixctl.h */
