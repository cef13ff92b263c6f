/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-admission: how a connection comes to hardware.
 *
 *   packet seen --> learning: which directions, which kinds of ct()
 *                     | both are known
 *                     v
 *                   software is asked, once --> refused, or not yet
 *                     | established
 *                     v
 *                   room is taken, rules are sent --> refused
 *                     | all have arrived
 *                     v
 *                   offloaded: dpu-ct-life
 *
 * Thread-safety: the caller holds the lock of the connection's shard. */

#ifndef DPU_CT_ADMISSION_H
#define DPU_CT_ADMISSION_H 1

struct dpu_ct_conn;
struct dpu_ct_event;

/* A packet of an established connection was seen, at 'now' or before.  Times
 * are those of time_msec(). */
void dpu_ct_admission_seen(const struct dpu_ct_event *, long long int now);

/* The rules of 'conn' were sent to the device, and are there, or have failed
 * to. */
void dpu_ct_admission_arrived(struct dpu_ct_conn *conn, long long int now);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-admission.h */
