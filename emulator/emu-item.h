/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item: rte_flow items, compiled to a match on struct emu_key.
 *
 * Thread-safety: functions without state, any thread. */
#ifndef EMU_ITEM_H
#define EMU_ITEM_H

#include <stdio.h>

#include <rte_flow.h>

#include "emu-packet.h"

#define EMU_MAX_RANGES 8	/* Fields of a rule with 'last'. */

/* A field of the key that has to lie between two values, under a mask. */
struct emu_range {
	uint16_t ofs;			/* In struct emu_key, in bytes. */
	uint8_t size;			/* In bytes, up to 16. */
	bool host;			/* An integer of 4 bytes in host
					 * order; else in network order. */
	uint8_t mask[16];
	uint8_t first[16], last[16];	/* Inclusive, under the mask. */
};

/* A pattern, compiled.  Bits of 'key' beyond 'mask' are 0. */
struct emu_match {
	struct emu_key key, mask;
	uint32_t n_ranges;
	struct emu_range ranges[EMU_MAX_RANGES];
};

/* Compiles 'items' (up to END), of a rule with 'attr' that is created through
 * 'vport', into 'match'.  Without an item that names a source, packets from
 * the function behind 'vport' are matched.  Refuses what cannot be matched,
 * or what the profile does not give, with 'error' pointing at the item at
 * fault.  Returns 0 or a negative errno, with rte_errno set. */
int emu_match_compile(const struct emu_vport *vport,
		      const struct rte_flow_attr *attr,
		      const struct rte_flow_item *items,
		      struct emu_match *match, struct rte_flow_error *error);

/* As emu_match_compile(), for the pattern template 'items': puts the mask and
 * what is constant into pattern->match, and how the values of a rule get into
 * its key into pattern->moves. */
struct emu_pattern;
int emu_match_compile_template(const struct emu_vport *vport,
			       const struct rte_flow_attr *attr,
			       const struct rte_flow_item *items,
			       struct emu_pattern *pattern,
			       struct rte_flow_error *error);

/* True if the fixed header's next header 'proto' names an extension header
 * (RFC 8200, section 4; RFC 7045). */
bool emu_is_ip6_extension(uint8_t proto);

/* True if 'match' may take packets that software sent; if it needs tunnel
 * headers to be parsed. */
bool emu_match_is_software(const struct emu_match *match);
bool emu_match_is_tunnel(const struct emu_match *match);

/* Levels whose integrity 'match' asks for: enum emu_level. */
uint8_t emu_match_verify(const struct emu_match *match);

/* True if 'key' lies within 'range'. */
bool emu_range_contains(const struct emu_range *range,
			const struct emu_key *key);

/* Prints to 'file' the item RAW that matches 'key' under 'mask', if one does,
 * behind item ICMP6. */
void emu_item_print_raw(FILE *file, const struct emu_key_headers *key,
			const struct emu_key_headers *mask);

/* Prints 'match' to 'file' as items of testpmd's "flow create", up to but
 * without "end". */
void emu_match_print(FILE *file, const struct emu_device *device,
		     const struct emu_match *match);

#endif /* EMU_ITEM_H */
