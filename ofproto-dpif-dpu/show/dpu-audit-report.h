/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-audit-report: the command "dpu/audit".
 *
 * dpu/audit [-f json]
 *     Each device with what it was asked for, by kind: how many are there,
 *     were missing and are put back, were missing and cannot be put back, and
 *     how many it says nothing about.  Then, by kind, the references that
 *     rules and connections have, and those that were one too many or too
 *     few.
 *
 * Thread-safety: the main thread's. */

#ifndef DPU_AUDIT_REPORT_H
#define DPU_AUDIT_REPORT_H 1

/* Registers the command.  Once, from the main thread. */
void dpu_audit_report_register(void);

#endif /* ofproto-dpif-dpu/show/dpu-audit-report.h */
