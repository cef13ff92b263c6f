/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-learn: what software's connection tracking does is watched where it
 * happens, in the threads that forward packets.
 *
 * For each packet: does it belong to an established connection that hardware
 * could forward and does not, or does it change one that hardware forwards?
 * The answer is one lookup in the table of connections; what follows from it
 * is told to another thread through a queue.  If that is full the connection
 * stays in software for now: its next packet is another chance.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_LEARN_H
#define DPU_CT_LEARN_H 1

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

struct dpu_ct_conn;

/* As in dpu_ct_init(). */
void dpu_ct_learn_init(dpu_ct_resolve_func *);

/* A packet of 'conn' came up from hardware, although 'conn' is there.  If that
 * is because megaflows ask for something of 'conn' for which its rules are too
 * old, it is taken off, to come back with new ones. */
void dpu_ct_learn_missed(struct dpu_ct_conn *conn);

/* Finds out about ports that PMD threads met and did not know.  One thread,
 * not a PMD thread: this takes locks of Open vSwitch's. */
void dpu_ct_learn_run(void);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-learn.h */
