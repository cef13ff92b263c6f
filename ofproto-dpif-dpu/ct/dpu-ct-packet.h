/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-packet: asks software's connection tracking about a connection, with
 * packets that nobody sent.
 *
 * Open vSwitch has no function that looks a connection up.  But it looks one
 * up for each packet, and leaves what it found in the packet's metadata:
 *
 * - An ICMP error about a packet of the connection is related to it and leaves
 *   it as it is: dpu_ct_packet_look().
 * - A packet of the connection itself keeps it alive: dpu_ct_packet_refresh().
 *
 * Neither may come after the connection's expiry: Open vSwitch 3.1 aborts at a
 * packet of a connection with NAT that has expired but was not swept yet.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_PACKET_H
#define DPU_CT_PACKET_H 1

#include <stdbool.h>

struct conn;
struct conntrack;
struct dpu_ct_tuple;

/* Returns the connection of 'ct' whose packets, in either direction, have
 * 'tuple', at time 'now', as time_msec(); NULL if there is none.  It is valid
 * until the calling thread quiesces. */
struct conn *dpu_ct_packet_look(struct conntrack *ct,
                                const struct dpu_ct_tuple *tuple,
                                long long int now);

/* A packet with 'tuple', as it is before NAT, was seen at time 'now', as
 * time_msec().  Returns its connection, valid until the calling thread
 * quiesces; NULL if there is none or if it is not established. */
struct conn *dpu_ct_packet_refresh(struct conntrack *ct,
                                   const struct dpu_ct_tuple *tuple,
                                   long long int now);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-packet.h */
