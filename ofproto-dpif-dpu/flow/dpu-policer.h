/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-policer: ingress policing of a port, on its device.
 *
 *   group 0: what enters at the port      the port's chain, without recirc_id
 *            METER: the policer             its megaflows
 *            JUMP ------------------------> lowest priority: to software
 *
 * All that enters at the port meets one token bucket, once: what hardware
 * forwards, what comes up to software, and what misses half-way.  So software
 * has not to police it once more, and does not: two buckets of the full rate
 * would let up to twice of it pass.  One rule has the meter and not each
 * megaflow, so that a change of the rate touches no rule, that megaflows count
 * what passed and not what was dropped, as in software, and that a device with
 * one meter in a rule can do OpenFlow's meters besides.
 *
 * That rule is a megaflow of the device's table, "in_port(P) actions:meter(X),
 * recirc(0)", so that it comes, goes, waits and is audited like any other.  On
 * a device that cannot have it software polices, and megaflows of the port
 * that hardware would forward past that are refused.
 *
 * Software's semantics: netdev_dpdk_set_policing() and
 * netdev_dpdk_rxq_recv() in Open vSwitch's lib/netdev-dpdk.c. */

#ifndef DPU_POLICER_H
#define DPU_POLICER_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_offload_port;
struct netdev;

/* Has the limits of 'port' be kept from now on, by its device if that can,
 * otherwise by software, and translates its megaflows anew if that changes what
 * they become.  The main thread, with no lock of 'port->device' held. */
void dpu_policer_update(struct dpu_offload_port *port);

/* Rules through 'ethdev', of the device of 'port', are about to leave:
 * software polices until dpu_policer_resume().  The main thread. */
void dpu_policer_suspend(const struct dpu_offload_port *port, uint16_t ethdev);

/* They have come back, or tried to.  The main thread. */
void dpu_policer_resume(struct dpu_offload_port *port);

/* 'port' leaves: software polices.  Its rules are for the caller to take
 * off.  The main thread. */
void dpu_policer_remove(const struct dpu_offload_port *port);

/* How many packets that entered at 'netdev' policers on its device have
 * dropped.  Any thread. */
uint64_t dpu_policer_drops(const struct netdev *netdev);

#endif /* ofproto-dpif-dpu/flow/dpu-policer.h */
