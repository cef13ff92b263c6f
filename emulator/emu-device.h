/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-device: the emulated DPU and its vports.
 *
 *                  software (a DPDK application: testpmd, ovs-vswitchd)
 *          rte_eth_rx_burst ^        | rte_eth_tx_burst      | rte_flow
 *   ........................|........v.......................v..........
 *     ethdevs:  p0 (uplink)   representor vf0 ... vfN-1      emu-flow
 *                           ^        |                       |
 *          emu_vport_receive|        | tx rings              v
 *     +---------------------+--------v-----------------------------+
 *     |  emu-eswitch thread:  emu_pipeline_run(), groups, actions  |
 *     +---------------------+--------^-----------------------------+
 *          emu_vport_transmit|       | wire rx
 *   .........................v.......|..................................
 *     wires:    uplink's network  host's VF 0 ... N-1 (tap, AF_PACKET, ...)
 *
 * Two halves meet here.  The port half (emu-ethdev, emu-representor,
 * emu-wire, emu-eswitch) owns queues, wires and the thread; the flow half
 * (emu-flow, emu-table, emu-item, emu-action, emu-pipeline) owns rules and
 * what they do to a packet.  Each calls the other through the functions
 * below only.
 *
 * Thread-safety: a device's vports, name, profile and domain are fixed while
 * it exists.  The embedded switch thread is the only one to walk packets;
 * control threads (rte_flow, ethdev configuration) may run at the same time
 * and wait for it through 'qsbr' before they free what it may still read.
 */
#ifndef EMU_DEVICE_H
#define EMU_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_dev.h>
#include <ethdev_driver.h>
#include <rte_mbuf.h>
#include <rte_rcu_qsbr.h>

#define EMU_MAX_UPLINKS 2
#define EMU_MAX_VFS     128
/* Uplinks, the host's PFs behind them, VFs. */
#define EMU_MAX_VPORTS  (2 * EMU_MAX_UPLINKS + EMU_MAX_VFS)

/* The largest frame that the embedded switch carries, FCS not included. */
#define EMU_MAX_FRAME   9728

struct emu_device;
struct emu_eswitch;
struct emu_flow_engine;
struct emu_profile;
struct emu_wire;
struct emu_port_queues;

/* What a vport of the embedded switch leads to. */
enum emu_vport_kind {
	EMU_VPORT_UPLINK,	/* The network: "p0", "p1". */
	EMU_VPORT_HOST_PF,	/* The host's physical function: "pf0hpf". */
	EMU_VPORT_VF,		/* A virtual function of the host: "pf0vf3". */
};

/* From which side of a vport a packet enters the embedded switch. */
enum emu_origin {
	EMU_FROM_FUNCTION,	/* The wire: what rte_flow calls the
				 * represented port. */
	EMU_FROM_SOFTWARE,	/* A tx queue of the ethdev: what rte_flow
				 * calls the port representor. */
};

/* What passed between a function (VF, PF, network) and the embedded switch,
 * whether or not software saw it.  Written by the embedded switch thread
 * alone, read with relaxed atomics. */
struct emu_vport_stats {
	uint64_t rx_packets, rx_bytes;	/* From the function. */
	uint64_t tx_packets, tx_bytes;	/* To the function. */
	uint64_t rx_dropped;		/* Dropped by a rule. */
	uint64_t tx_dropped;		/* Too long for the MTU, or the wire
					 * took no more. */
	uint64_t rx_missed;		/* Not taken by software: ring full. */
	uint64_t hw_packets, hw_bytes;	/* From the function and finished in
					 * the tables: never seen by
					 * software. */
};

struct emu_vport {
	struct emu_device *device;
	uint16_t id;			/* Index in device->vports. */
	enum emu_vport_kind kind;
	uint16_t pf;			/* 0 or 1. */
	uint16_t vf;			/* EMU_VPORT_VF alone. */
	char name[32];			/* "p0", "pf0hpf", "pf0vf3". */

	uint16_t eth_port_id;		/* Its ethdev, or RTE_MAX_ETHPORTS. */
	struct rte_ether_addr mac;	/* The function's address. */
	struct emu_wire *wire;		/* Owned. */
	struct emu_port_queues *queues;	/* Owned by the port half. */
	struct emu_vport_stats stats;
	bool aged;			/* The flow half's: told that rules
					 * are due, and not asked which. */
	struct emu_templates *templates; /* Owned by the flow half; NULL until
					 * rte_flow_configure(). */
};

struct emu_device {
	char name[RTE_DEV_NAME_MAX_LEN];	/* "net_dpu_emu0" */
	struct rte_device *rte_dev;
	uint16_t domain_id;			/* rte_eth_switch_domain_alloc() */
	int socket_id;

	struct emu_vport *vports;		/* vports[0] is p0. */
	uint16_t n_vports;
	uint16_t n_uplinks;
	uint16_t n_vfs;

	struct emu_profile *profile;		/* What the device takes. */
	char faults[256];			/* Path, or empty: emu-fault. */
	struct rte_rcu_qsbr *qsbr;		/* Reader: the eswitch thread. */
	struct emu_eswitch *eswitch;		/* Owned by the port half. */
	/* Owned by the flow half. */
	struct emu_flow_engine *flow;
	struct emu_indirects *indirects;	/* NULL until one is made. */
	struct emu_meters *meters;		/* NULL until one is made. */
	uint32_t n_counters;			/* In use, of the profile's
						 * max_counters. */
};

/* The dev_private of every ethdev of ours is its vport. */
static inline struct emu_vport *
emu_vport_from_ethdev(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/* Returns the vport of 'device' whose ethdev is 'eth_port_id', or NULL if
 * that port is not of this device.  (Port half.) */
struct emu_vport *emu_device_vport_by_ethdev(const struct emu_device *device,
					     uint16_t eth_port_id);

/* -- What the port half gives to the flow half ------------------------- */

/* Sends 'm' out to the function behind 'vport', subject to its MTU; takes
 * ownership of 'm', an mbuf of the embedded switch's own pool (single
 * segment, at least 64 bytes of headroom) or one that software sent.
 * Embedded switch thread only. */
void emu_vport_transmit(struct emu_vport *vport, struct rte_mbuf *m);

/* Hands 'm' up to software: it is copied into an mbuf of the rx queue's pool
 * ("DMA") together with packet type, RSS hash, and, where
 * m->ol_flags has RTE_MBUF_F_RX_FDIR_ID, the MARK in m->hash.fdir.hi and,
 * where the dynamic flag says so, META.  Takes ownership of 'm'.  Embedded
 * switch thread only. */
void emu_vport_receive(struct emu_vport *vport, struct rte_mbuf *m);

/* -- What the flow half gives to the port half ------------------------- */

/* Creates the flow engine of 'device' (all but 'flow' is set up).  Returns 0
 * or a negative errno. */
int emu_flow_engine_create(struct emu_device *device);

/* Destroys all rules and the engine; the eswitch thread has stopped. */
void emu_flow_engine_destroy(struct emu_device *device);

/* Destroys the rules that were created through 'vport', as when its ethdev
 * closes. */
void emu_flow_vport_close(struct emu_vport *vport);

/* rte_flow, for eth_dev_ops.flow_ops_get, and rte_mtr, for mtr_ops_get. */
struct rte_flow_ops;
struct rte_mtr_ops;
extern const struct rte_flow_ops emu_flow_ops;
extern const struct rte_mtr_ops emu_mtr_ops;

/* Walks 'n' packets, which entered at 'vport' from side 'origin', through the
 * tables.  Takes ownership of all of them: each leaves through
 * emu_vport_transmit(), emu_vport_receive() or is freed.  A packet that no
 * rule takes goes to the other side of the vport where it entered.  'now' is
 * rte_rdtsc().  Updates rx_dropped, hw_packets and hw_bytes of the vport's
 * statistics; the port half updates the others.  Embedded switch thread
 * only. */
void emu_pipeline_run(struct emu_vport *vport, enum emu_origin origin,
		      struct rte_mbuf **pkts, uint16_t n, uint64_t now);

/* -- Profiles ---------------------------------------------------------- */

/* Loads the profile called 'name' (or the file 'name', if it contains a
 * slash).  On error returns NULL and puts a message for people, which names
 * what is wrong and what would be right, into 'error'.  (Flow half.) */
struct emu_profile *emu_profile_load(const char *name, char *error,
				     size_t error_size);
void emu_profile_free(struct emu_profile *profile);
const char *emu_profile_name(const struct emu_profile *profile);

#endif /* EMU_DEVICE_H */
