/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-devargs: the device arguments, as a value.  Parsing opens, creates and
 * looks up nothing. */
#ifndef EMU_DEVARGS_H
#define EMU_DEVARGS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ether.h>

#include "emu-device.h"

/* What stands at the far side of a vport. */
enum emu_wire_kind {
	EMU_WIRE_TAP,
	EMU_WIRE_AF_PACKET,
	EMU_WIRE_VHOST,
	EMU_WIRE_MEMIF,
	EMU_WIRE_PCAP,
	EMU_WIRE_NULL,
	EMU_WIRE_GEN,
	EMU_N_WIRE_KINDS
};

#define EMU_SPEC_PATH_MAX 108	/* What fits into a sockaddr_un. */

struct emu_wire_spec {
	enum emu_wire_kind kind;
	bool implicit;			/* tap: the name is our choice. */
	char path[EMU_SPEC_PATH_MAX];	/* Interface, socket or pcap to read. */
	char tx_path[EMU_SPEC_PATH_MAX];	/* pcap to write. */
	char netns[EMU_SPEC_PATH_MAX];	/* Empty: the process's own. */
	bool swap_role;			/* vhost: client.  memif: server. */
	uint32_t memif_id;
	uint32_t gen_size;		/* Bytes of a frame, without FCS. */
	uint64_t gen_pps;		/* 0: as many as possible. */
};

struct emu_devargs {
	uint16_t n_vfs;
	uint16_t n_uplinks;
	bool has_pf[EMU_MAX_UPLINKS];
	bool has_mac;
	struct rte_ether_addr mac;
	uint32_t n_mbufs;		/* 0: the device's choice. */
	int cpu;			/* Of the eswitch thread, -1: any. */
	char profile[256];
	char faults[256];		/* Empty: none given. */
	char representor[256];		/* Empty: none given. */
	struct emu_wire_spec uplink[EMU_MAX_UPLINKS];
	struct emu_wire_spec pf[EMU_MAX_UPLINKS];
	struct emu_wire_spec vf[EMU_MAX_VFS];
};

/* What RTE_PMD_REGISTER_PARAM_STRING tells. */
#define EMU_DEVARGS_HELP \
	"vfs=<0-128> uplink=<wire> uplink1=<wire> pf=<wire> pf1=<wire> " \
	"vf<N>=<wire> profile=<name|path> mac=<address> mbufs=<256-1048576> " \
	"cpu=<N> faults=<path> representor=<representors>"

/* Parses a wire's specification, e.g. "tap:vf0@blue".  On error puts a
 * message for people into 'error' and returns -EINVAL. */
int emu_wire_spec_parse(const char *text, struct emu_wire_spec *spec,
			char *error, size_t error_size);

/* Parses 'args' (NULL: none) of the device called 'device'.  On error puts a
 * message for people, which names the key at fault, into 'error' and returns
 * a negative errno. */
int emu_devargs_parse(const char *device, const char *args,
		      struct emu_devargs *devargs,
		      char *error, size_t error_size);

#endif /* EMU_DEVARGS_H */
