/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-rank: which megaflows a full device is for: those that carry the
 * traffic.
 *
 * While megaflows wait for room, each one that is read, in hardware or not,
 * is offered with its rate.  Of those that wait the hottest are remembered,
 * and of those in hardware the coldest.  Once in a while the ones take the
 * places of the others:
 *
 *   - if they are hotter by a margin, and were so for two readings in a row:
 *     who waits is judged by the lower one of its last two, who is in hardware
 *     by the higher one, and whoever has moved starts with none;
 *   - but a port that has its share of the rules or more gets no places of
 *     other ports', and one that has more than its share loses them to
 *     whoever has traffic.  A share is of what the device holds; what nobody
 *     else wants may be used beyond it.
 *
 * Thread-safety: dpu_rank_configure() and dpu_rank_share() from any thread;
 * all else is guarded by the owner. */

#ifndef DPU_RANK_H
#define DPU_RANK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct smap;

/* Time between two readings of a rate, at least, and between two rounds of
 * changes, in msec. */
#define DPU_RANK_PERIOD 1000

/* Who takes a place is at least so many times as hot, and has this many
 * packets per second. */
#define DPU_RANK_MARGIN 2
#define DPU_RANK_MIN_PPS 10

/* Candidates on each side, and so changes in a round at most. */
#define DPU_RANK_MAX 32

/* The rate of a megaflow; all zero: none yet. */
struct dpu_rank_rate {
    uint64_t packets;           /* At 'since'. */
    long long int since;        /* As time_msec(), or 0. */
    uint32_t pps[2];            /* The last readings, the latest first. */
    uint32_t n;                 /* Of 'pps'. */
};

/* The megaflow of 'r' has had 'packets' in all by the time 'now', as
 * time_msec(). */
void dpu_rank_rate_update(struct dpu_rank_rate *r, uint64_t packets,
                          long long int now);

/* A megaflow that may move. */
struct dpu_rank_entry {
    ovs_u128 ufid;
    uint16_t ethdev;            /* Where it enters. */
    uint32_t pps;
    bool taken;                 /* Moves in this round. */
};

struct dpu_rank {
    struct dpu_rank_entry hot[DPU_RANK_MAX];    /* The hottest that wait. */
    struct dpu_rank_entry cold[DPU_RANK_MAX];   /* The coldest that do not. */
    size_t n_hot, n_cold;
    long long int next;         /* Time of the next round. */
};

/* What ports have on the device. */
struct dpu_rank_ports {
    uint32_t *n_rules;          /* By ethdev. */
    size_t capacity;            /* All that it holds. */
    unsigned int share;         /* Of one port, in percent. */
};

/* The megaflow 'ufid' that enters at 'ethdev', which is 'placed' in hardware
 * or waits, has the rate 'r'. */
void dpu_rank_offer(struct dpu_rank *, const ovs_u128 *ufid, uint16_t ethdev,
                    bool placed, const struct dpu_rank_rate *r,
                    const struct dpu_rank_ports *);

/* If it is time for a round at 'now', returns how many megaflows are to move:
 * 'in[i]' takes the place of 'out[i]', DPU_RANK_MAX of them at most, and
 * forgets all that were offered.  '*ports' is as if they had moved. */
size_t dpu_rank_take(struct dpu_rank *, long long int now,
                     struct dpu_rank_ports *ports,
                     struct dpu_rank_entry in[], struct dpu_rank_entry out[]);

/* Reads other_config:dpu-port-share. */
void dpu_rank_configure(const struct smap *other_config);

/* The share of a port, in percent. */
unsigned int dpu_rank_share(void);

#endif /* ofproto-dpif-dpu/flow/dpu-rank.h */
