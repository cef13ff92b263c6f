/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct: connections in hardware.
 *
 * Software's connection tracking stays the owner of every connection.  Here is
 * what hardware forwards on its behalf:
 *
 *   PMD threads                      a thread of ours            the device
 *   -----------                      ----------------            ----------
 *   conntrack_execute()
 *     established: seen again? ----> learn: both directions ---> rules
 *     SYN, FIN, RST, other mark ---> take off                <-- counters
 *                                    every T/20: did hardware
 *   conntrack: expiry moves <------- see packets?
 *
 *              learned, one direction      the other one
 *   (nothing) -----------------------> learning -----------> offloaded
 *       ^                                 |   \                  |
 *       |      nothing comes, or it       |    \ device full,    | SYN, FIN,
 *       '----- is software's again -------+     \ ALG, ...       | flush,
 *       ^                                 |      v               | expiry,
 *       |                                 |    refused           | port gone
 *       '---------------------------------+------'---------------'
 *
 * What leaves hardware is forgotten, and learned again if its packets still
 * come: they are software's now, so that it sees them.  A connection that was
 * refused is kept for a while, so that its packets cost one lookup.
 *
 * How a connection comes is in dpu-ct-admission.c, how it stays and leaves
 * here and in dpu-ct-life.c; its table is dpu-ct-conn.c, what PMD threads do
 * is dpu-ct-learn.c, the threads are dpu-ct-thread.c.
 *
 * Thread-safety: any thread may call any of these functions.  None of them
 * blocks a thread that forwards packets: dpu_ct_execute() and dpu_ct_restore()
 * take no lock.  The others wait for the device, if it is busy with
 * connections. */

#ifndef DPU_CT_H
#define DPU_CT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/types.h"

struct conntrack;
struct ct_dpif_tuple;
struct dp_packet_batch;
struct dpu_audit;
struct dpu_caps;
struct dpu_ct_device;
struct dpu_refs;
struct dpu_rule_ops;
struct ds;
struct nat_action_info_t;
struct ovs_key_ct_labels;
struct pkt_metadata;
struct smap;

/* conntrack_execute(), as Open vSwitch 3.1 declares it. */
typedef int dpu_ct_execute_func(
    struct conntrack *, struct dp_packet_batch *, ovs_be16 dl_type, bool force,
    bool commit, uint16_t zone, const uint32_t *setmark,
    const struct ovs_key_ct_labels *setlabel, ovs_be16 tp_src, ovs_be16 tp_dst,
    const char *helper, const struct nat_action_info_t *, long long int now,
    uint32_t tp_id);

/* Software's connection tracking: functions of Open vSwitch's that others call
 * through this module. */
struct dpu_ct_software {
    dpu_ct_execute_func *execute;
    int (*flush)(struct conntrack *, const uint16_t *zone);
    int (*flush_tuple)(struct conntrack *, const struct ct_dpif_tuple *,
                       uint16_t zone);
    void (*destroy)(struct conntrack *);
};
extern struct dpu_ct_software dpu_ct_software;

/* Stores in '*device' and '*ethdev' where packets of datapath port 'port'
 * enter.  Returns false if that is not a port of a device with connection
 * tracking. */
typedef bool dpu_ct_resolve_func(odp_port_t port,
                                 struct dpu_ct_device **device,
                                 uint16_t *ethdev);

/* Once, before the first device. */
void dpu_ct_init(const struct dpu_ct_software *, dpu_ct_resolve_func *);

/* Takes the keys "dpu-ct..." of 'other_config'. */
void dpu_ct_configure(const struct smap *other_config);

/* Devices.  A device is known by 'device' from dpu_ct_device_create(), which
 * returns NULL if there are too many, to dpu_ct_device_destroy(), which takes
 * all connections off.  Rules stand in 'group' and jump to 'next'. */
struct dpu_ct_device *dpu_ct_device_create(const struct dpu_rule_ops *,
                                           const struct dpu_caps *,
                                           uint32_t group, uint32_t next);
void dpu_ct_device_destroy(struct dpu_ct_device *device);

/* Rules for connections of packets that enter at 'ethdev' can be created
 * through ethdev 'proxy'. */
void dpu_ct_device_open(struct dpu_ct_device *device, uint16_t ethdev,
                        uint16_t proxy);

/* No rule that was created through 'ethdev' is on 'device' when this returns,
 * and none will be until dpu_ct_device_open().  'gone' says whether 'ethdev'
 * has vanished, and its rules with it. */
void dpu_ct_device_close(struct dpu_ct_device *device, uint16_t ethdev,
                         bool gone);

/* Asks 'device' for the rules of all connections, and puts back those that it
 * has lost; they are counted in '*audit'. */
void dpu_ct_device_audit(struct dpu_ct_device *device,
                         struct dpu_audit *audit);

/* No connection comes or goes between these two, and no reference that
 * connections have to anything; packets do not wait. */
void dpu_ct_hold(void);
void dpu_ct_release(void);

/* In between: adds what connections refer to to 'refs'. */
void dpu_ct_add_refs(struct dpu_refs *refs);

/* In between, after dpu_refs_finish(): connections that refer to what is not
 * there do not any more, and are to leave.  They do by
 * dpu_ct_drop_dangling(), after dpu_ct_release(). */
void dpu_ct_find_dangling(const struct dpu_refs *refs);
void dpu_ct_drop_dangling(void);

/* Datapath ports came, went or changed their number. */
void dpu_ct_ports_changed(void);

/* No connection is offloaded any more, for good. */
void dpu_ct_exit(void);

/* In place of conntrack_execute(), conntrack_flush(),
 * conntrack_flush_tuple() and conntrack_destroy(). */
dpu_ct_execute_func dpu_ct_execute;
int dpu_ct_flush(struct conntrack *, const uint16_t *zone);
int dpu_ct_flush_tuple(struct conntrack *, const struct ct_dpif_tuple *,
                       uint16_t zone);
void dpu_ct_destroy(struct conntrack *);

/* A packet came up from a device with 'meta' in its register META (see
 * dpu-ct-regs.h), which is not 0: sets the ct fields of 'md' to what its
 * ct() in hardware made of them.  Returns false if the connection is not
 * known any more. */
bool dpu_ct_restore(uint32_t meta, struct pkt_metadata *md);

/* Appends what "dpu/conntrack" shows: of 'zone' alone unless that is NULL,
 * with every connection if 'verbose'. */
void dpu_ct_format(struct ds *, const uint16_t *zone, bool verbose);

/* Registers the command "dpu/conntrack". */
void dpu_ct_register(void);

/* Appends one line about the connections of 'device'. */
void dpu_ct_format_device(const struct dpu_ct_device *device, struct ds *);

#endif /* ofproto-dpif-dpu/ct/dpu-ct.h */
