/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-dump: the command "dpu/dump", what a device says that it has
 * (rte_flow_dev_dump()), in its driver's words.  "dpu/rules" shows what it was
 * given.
 *
 * Thread-safety: main thread only. */

#ifndef DPU_DUMP_H
#define DPU_DUMP_H 1

void dpu_dump_register(void);

#endif /* ofproto-dpif-dpu/show/dpu-dump.h */
