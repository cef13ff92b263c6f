/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Connections between a fake device and Open vSwitch's own connection
 * tracking, with a clock that is the test's.
 *
 * The fake device has the group of connections alone: a packet that meets a
 * rule there is forwarded by "hardware", any other one goes through
 * dpu_ct_execute(). */

#ifndef CT_FIXTURE_H
#define CT_FIXTURE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conntrack.h"
#include "dp-packet.h"
#include "packets.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"

/* Ethdevs of the fake device; datapath port N is ethdev N. */
#define CT_PORT_A 1
#define CT_PORT_B 2
#define CT_PORT_OTHER 9         /* A port that is not the device's. */

#define CT_GROUP 100
#define CT_NEXT 101

struct ct_fake {
    size_t capacity;            /* Rules that it takes. */
    bool gone;
    bool lost;                  /* It has forgotten every rule. */
    unsigned int n_creates;
    unsigned int fail_at;       /* The creation that fails, from 1 on. */
    unsigned int n_results;     /* In bursts: of creations... */
    unsigned int fail_result;   /* ...the one that fails, from 1 on. */
    size_t n_rules;
};
extern struct ct_fake ct_fake;

/* Before ct_setup(): the fake device takes rules in bursts. */
extern bool ct_bursts;

/* The test's clock, in msec. */
extern _Atomic long long int ct_now;

extern struct conntrack *ct_software;
extern struct dpu_ct_device *ct_device;

/* One ct() action. */
struct ct_action {
    uint16_t zone;
    bool commit, force, nat;
    struct nat_action_info_t nat_info;  /* If 'commit' and 'nat'. */
    bool sets_mark;
    uint32_t mark[2];           /* Value and mask. */
};

/* One packet, and what became of it. */
struct ct_probe {
    struct dpu_ct_tuple tuple;  /* As it comes; 'zone' is not looked at. */
    uint16_t tcp_flags;
    odp_port_t port;
    bool hardware;              /* Out: hardware forwarded it. */
    uint8_t state;              /* Out: ct_state. */
    uint32_t mark;              /* Out. */
    uint32_t class;             /* Out, of hardware alone, */
    uint32_t meta;              /* as this. */
    struct dpu_ct_tuple after;  /* Out: as it leaves. */
};

/* The variants of plain ct() and of ct(nat), to which ct_setup() takes
 * references. */
extern uint8_t ct_variants[2];

/* Sets everything up.  Takes a reference to the variants of plain ct() and of
 * ct(nat), as megaflows with them would. */
void ct_setup(void);
void ct_teardown(void);

/* Passes 'msec' of time, with what the threads would do on the way. */
void ct_pass(long long int msec);

/* Sends 'probe' through 'action', then does what the threads would do. */
void ct_send(struct ct_probe *probe, const struct ct_action *action);

/* The same without the threads. */
void ct_send_only(struct ct_probe *probe, const struct ct_action *action);

/* Checks that each rule belongs to a connection that software has and has not
 * let expire, that there are rules for both directions of a connection or for
 * neither, and that no packet is counted less than before. */
void ct_check(void);

/* Whether software has a connection with 'tuple' in 'zone'. */
bool ct_software_has(const struct dpu_ct_tuple *tuple, uint16_t zone);

/* Connections in software. */
uint32_t ct_software_count(void);

/* A tuple of IPv4: 10.0.0.'src' and 10.0.0.'dst'. */
struct dpu_ct_tuple ct_tuple(uint8_t proto, uint8_t src, uint16_t src_port,
                             uint8_t dst, uint16_t dst_port);

#endif /* tests/unit/ct-fixture.h */
