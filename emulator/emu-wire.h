/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-wire: what carries a vport's frames to the function behind it: a VF's
 * netdev in the host, a virtual machine, a network.
 *
 * Thread-safety: wires are opened and closed while the eswitch thread does
 * not run.  rx and tx are called by that thread alone; link, set_carrier and
 * set_mac by any thread, at the same time. */
#ifndef EMU_WIRE_H
#define EMU_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

#include "emu-devargs.h"

/* The most frames that go through a wire at a time. */
#define EMU_BURST 32

struct emu_wire;

struct emu_wire_config {
	const struct emu_wire_spec *spec;
	const char *device;		/* "net_dpu_emu0" */
	const char *vport;		/* "pf0vf3" */
	struct rte_ether_addr mac;	/* For a new network interface. */
	struct rte_mempool *pool;	/* For frames from the function. */
	int socket_id;
};

struct emu_wire_class {
	enum emu_wire_kind kind;
	bool source;			/* Frames are not somebody's who
					 * lives there: they wait until the
					 * port is started. */

	/* Opens a wire, that starts with a struct emu_wire whose members but
	 * 'class', 'pool' and 'name' are filled in.  Returns 0, or a negative
	 * errno after a message in the log. */
	int (*open)(const struct emu_wire_config *config,
		    struct emu_wire **wirep);
	void (*close)(struct emu_wire *wire);

	/* Receives up to 'n' <= EMU_BURST frames into mbufs of wire->pool,
	 * of a single segment.  Sets wire->gone when the far side vanished
	 * for good.  NULL if nothing ever comes. */
	uint16_t (*rx)(struct emu_wire *wire, struct rte_mbuf **pkts,
		       uint16_t n);

	/* Sends 'n' <= EMU_BURST frames, of a single segment, all of which
	 * are given away.
	 * Returns how many were taken, and their bytes in '*bytes'. */
	uint16_t (*tx)(struct emu_wire *wire, struct rte_mbuf **pkts,
		       uint16_t n, uint64_t *bytes);

	/* True if the far side can receive. */
	bool (*link)(const struct emu_wire *wire);

	/* Shows the far side a link that is up or down; may be NULL. */
	void (*set_carrier)(struct emu_wire *wire, bool up);

	/* Gives the function another address.  Returns 0 or a negative
	 * errno; NULL if the address stands nowhere but in our tables. */
	int (*set_mac)(struct emu_wire *wire,
		       const struct rte_ether_addr *mac);
};

struct emu_wire {
	const struct emu_wire_class *class;
	struct rte_mempool *pool;
	char name[64];			/* For messages. */
	int fd;				/* Readable when there are frames, or
					 * -1: the wire has to be polled. */
	bool more;			/* Frames wait that 'fd' doesn't tell
					 * of: call rx again. */
	bool gone;			/* The far side vanished for good. */
	struct rte_ether_addr mac;	/* The far side's, if it has one. */
	uint64_t rx_dropped;		/* Frames that could not be taken in,
					 * e.g. for their length. */
};

extern const struct emu_wire_class emu_wire_tap_class;
extern const struct emu_wire_class emu_wire_packet_class;
extern const struct emu_wire_class emu_wire_vhost_class;
extern const struct emu_wire_class emu_wire_memif_class;
extern const struct emu_wire_class emu_wire_pcap_class;
extern const struct emu_wire_class emu_wire_null_class;
extern const struct emu_wire_class emu_wire_gen_class;

/* Opens the wire that 'config->spec' describes.  Returns 0, or a negative
 * errno after a message in the log. */
int emu_wire_open(const struct emu_wire_config *config,
		  struct emu_wire **wirep);

/* Closes 'wire'; NULL is fine. */
void emu_wire_close(struct emu_wire *wire);

/* True if 'wire' can send and receive. */
bool emu_wire_link(const struct emu_wire *wire);

/* Removes the DPDK devices of wires that are closed.  A driver may not remove
 * another virtual device while it is being removed itself, as EAL's cleanup
 * walks over their list; so this is left to the next probe. */
void emu_wire_vdev_reap(void);

#endif /* EMU_WIRE_H */
