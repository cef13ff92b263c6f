/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-sweep: keeps Open vSwitch 3.1 from aborting.
 *
 * A connection with NAT has two entries in software's table, and only one of
 * them expires.  Software sweeps every 20 seconds.  If NAT changed nothing
 * (the addresses 0.0.0.0 of OVN's "nat(src)"), a packet that comes after the
 * expiry and before the sweep finds the other entry in place of the first, and
 * the daemon aborts.  So such connections are deleted just before they expire.
 *
 * Thread-safety: any thread may call dpu_ct_sweep_add() and
 * dpu_ct_sweep_remove(); one runs it. */

#ifndef DPU_CT_SWEEP_H
#define DPU_CT_SWEEP_H 1

struct conntrack;

/* Looks after 'ct' from now on, if it does not already; and no longer. */
void dpu_ct_sweep_add(struct conntrack *ct);
void dpu_ct_sweep_remove(struct conntrack *ct);

/* Deletes what is about to expire at 'now', as time_msec(), if it is time for
 * that.  Returns when it is time again. */
long long int dpu_ct_sweep_run(long long int now);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-sweep.h */
