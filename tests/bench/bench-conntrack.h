/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * bench-conntrack: software's connection tracking with many connections, and
 * the packets that make them.
 *
 * Thread-safety: one thread. */

#ifndef BENCH_CONNTRACK_H
#define BENCH_CONNTRACK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

/* Where packets enter, a datapath port and an ethdev. */
#define BENCH_PORT 1

/* Addresses.  Clients have those from BENCH_CLIENT on. */
#define BENCH_CLIENT  0x0a000000
#define BENCH_SERVER  0x0b000001
#define BENCH_SERVER2 0x0b000002    /* What NAT makes of it. */

struct dp_packet;

extern struct conntrack *bench_ct;

/* Readies dpu-ct without threads of its own, with the variants of plain ct()
 * and of ct(nat).  Once. */
void bench_ct_init(dpu_ct_resolve_func *);

/* Makes 'bench_ct' new: connections that last for longer than any
 * measurement. */
void bench_ct_start(void);

/* Has dpu-ct find out about BENCH_PORT. */
void bench_meet_port(void);

/* Makes '*packet' one of connection 'n', or an answer to it, with or without
 * NAT of its destination. */
void bench_make_packet(struct dp_packet *packet, uint32_t n, bool reply,
                       bool nat);

/* Sends 'packets', 'n' of them, which entered at 'port', through ct(). */
void bench_execute(struct dp_packet *packets, size_t n, odp_port_t port,
                   bool commit, bool nat, long long int now);

/* Sends what makes 'n' connections from 'first' on or, without 'commit', an
 * answer and another packet of each; calls 'work' after each direction. */
void bench_send(uint32_t first, uint32_t n, bool commit, bool nat,
                void (*work)(void));

/* The same for the first 'n' connections, 'at_once' of them at a time. */
void bench_send_all(uint32_t n, uint32_t at_once, bool commit, bool nat,
                    void (*work)(void));

#endif /* tests/bench/bench-conntrack.h */
