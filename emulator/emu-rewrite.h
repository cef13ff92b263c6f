/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-rewrite: header fields and registers, read and written as numbers, with
 * the checksums that cover them.
 *
 * Checksums are updated incrementally (RFC 1624), so that one which was wrong
 * stays wrong.  They come out bit for bit as Open vSwitch's userspace datapath
 * has them, but in three places where that one is at fault: the payload of a
 * later IPv4 fragment is never touched, and the layer 4 checksum follows an
 * IPv6 address also in an atomic fragment and, for the source address, behind
 * a routing header.
 *
 * Thread-safety: embedded switch thread only, but for the constant table. */
#ifndef EMU_REWRITE_H
#define EMU_REWRITE_H

#include "emu-packet.h"

/* A field's value: a number of up to 128 bits. */
typedef unsigned __int128 emu_value;

enum emu_field_id {
	EMU_FIELD_ETH_DST,
	EMU_FIELD_ETH_SRC,
	EMU_FIELD_ETH_TYPE,		/* Of what follows VLAN headers. */
	EMU_FIELD_VLAN_TYPE,		/* The outermost header's TPID. */
	EMU_FIELD_VLAN_VID,
	EMU_FIELD_VLAN_PCP,
	EMU_FIELD_IPV4_DSCP,
	EMU_FIELD_IPV4_ECN,
	EMU_FIELD_IPV4_TTL,
	EMU_FIELD_IPV4_SRC,
	EMU_FIELD_IPV4_DST,
	EMU_FIELD_IPV6_DSCP,
	EMU_FIELD_IPV6_ECN,
	EMU_FIELD_IPV6_HOPLIMIT,
	EMU_FIELD_IPV6_SRC,
	EMU_FIELD_IPV6_DST,
	EMU_FIELD_TCP_SRC,
	EMU_FIELD_TCP_DST,
	EMU_FIELD_TCP_SEQ,
	EMU_FIELD_TCP_ACK,
	EMU_FIELD_TCP_FLAGS,		/* With NS: 9 bits. */
	EMU_FIELD_UDP_SRC,
	EMU_FIELD_UDP_DST,
	EMU_FIELD_SCTP_SRC,
	EMU_FIELD_SCTP_DST,
	EMU_FIELD_VXLAN_VNI,
	EMU_FIELD_GENEVE_VNI,
	EMU_FIELD_TAG,			/* Registers: see emu_field_ref. */
	EMU_FIELD_MARK,
	EMU_FIELD_META,
	EMU_N_FIELDS,
};

struct emu_field {
	const char *name;
	uint8_t bits;			/* Width. */
	uint8_t bytes;			/* Of an immediate value: as the field
					 * stands in the rte_flow item, in its
					 * low bits. */
	bool is_register;
};

extern const struct emu_field emu_fields[EMU_N_FIELDS];

struct emu_field_ref {
	enum emu_field_id id;
	uint8_t index;			/* Of the TAG. */
};

/* Reads a field into '*value'; returns false if 'p' has no such field. */
bool emu_field_get(const struct emu_packet *p, struct emu_field_ref ref,
		   emu_value *value);

/* Writes the bits of 'value' that are set in 'mask'; nothing happens to a
 * packet that has no such field. */
void emu_field_set(struct emu_packet *p, struct emu_field_ref ref,
		   emu_value value, emu_value mask);

/* True if the frame starts with a VLAN header. */
bool emu_packet_has_vlan(const struct emu_packet *p);

#endif /* EMU_REWRITE_H */
