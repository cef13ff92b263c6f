/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-miss: a packet that hardware gave up on half-way goes on in software,
 * exactly where hardware left it.
 *
 * What is left to do with such a packet is a list of datapath actions, most
 * often "recirc(N)".  It is kept here under a number, the miss context, that a
 * rule puts into the packet's MARK before it sends the packet on to where it
 * may miss.  A packet that comes up with the mark has its actions executed by
 * the datapath.
 *
 * Open vSwitch would let the packet metadata be restored in place, but then
 * looks the packet up in a table of simple flows that ignores the
 * recirculation id (dfc_processing() in its lib/dpif-netdev.c): what was done
 * in hardware could be done again.  So the actions are executed and Open
 * vSwitch is told that the packet is gone.  Its coverage counter
 * "datapath_drop_hw_miss_recover" counts these packets too; they are not lost.
 *
 * A packet that was tracked brings its connection's number along, in META
 * (dpu-ct-regs.h): its ct fields are those of that connection.  One without
 * was not tracked.
 *
 * Thread-safety: any thread.  A context is found without a lock.  One that is
 * no longer used stays for a while, for packets that are still on their way
 * with its number; numbers are used again only after all others. */

#ifndef DPU_MISS_H
#define DPU_MISS_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct dp_packet;
struct dpif;
struct dpu_refs;
struct flow_tnl;
struct netdev;
struct nlattr;
struct pkt_metadata;

/* Where a packet is to go on. */
struct dpu_miss {
    odp_port_t in_port;             /* Datapath port that it came from. */
    bool outer;                     /* The headers of the tunnel that ends at
                                     * 'in_port' are to be taken off first. */
    const struct flow_tnl *tunnel;  /* The tunnel it came out of, if they are
                                     * off, or NULL. */
    const struct nlattr *actions;   /* What is left to do. */
    size_t actions_len;             /* In bytes. */
};

/* What became of the packets that came up with a mark. */
struct dpu_miss_stats {
    uint64_t resumed;           /* Went on. */
    uint64_t stale;             /* Dropped: their context or connection was
                                 * long gone, or there was no datapath any
                                 * more. */
    uint64_t failed;            /* Dropped: the datapath did not take them. */
    size_t n_contexts;          /* In use. */
    size_t n_lingering;         /* Kept for packets still on their way. */
};

/* Returns the number of the context 'miss', which is copied, with a new
 * reference; 0 if there are no numbers left. */
uint32_t dpu_miss_get(const struct dpu_miss *miss);

/* Gives a reference back.  'id' may be 0. */
void dpu_miss_put(uint32_t id);

/* Compares the references to contexts with those in 'refs', DPU_REF_MISS by
 * number, and corrects them. */
void dpu_miss_audit_refs(struct dpu_refs *refs);

/* Implements struct netdev_flow_api's 'hw_miss_packet_recover'.  Returns 0 if
 * 'packet' came up with no mark, or with that of a megaflow, by which Open
 * vSwitch finds it: the caller goes on with it as usual.  Otherwise takes it
 * and returns a positive errno. */
int dpu_miss_recover(struct netdev *netdev, struct dp_packet *packet);

/* From here on packets go on in 'dpif', or are dropped if that is NULL.  When
 * this returns, no thread uses the one before.  Quiesces the calling thread if
 * there was one. */
void dpu_miss_set_dpif(struct dpif *dpif);

/* From here on 'restore' gives packets that were tracked their ct fields: it
 * stores those for 'meta', which is not 0, in '*md' and returns true, or
 * returns false if it does not know it.  Called by any thread.  Without it,
 * such packets are dropped. */
typedef bool dpu_miss_restore_func(uint32_t meta, struct pkt_metadata *md);
void dpu_miss_set_restore(dpu_miss_restore_func *restore);

void dpu_miss_get_stats(struct dpu_miss_stats *stats);

#endif /* ofproto-dpif-dpu/device/dpu-miss.h */
