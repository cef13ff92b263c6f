/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-profile: what an emulated DPU takes: items, actions, registers, sizes.
 * Profiles are files (profiles/NAME.ini), described in
 * Documentation/emulator.rst.  Constant once loaded. */
#ifndef EMU_PROFILE_H
#define EMU_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_flow.h>

#include "emu-device.h"

/* What becomes of rules with one match, in one group, of one priority. */
enum emu_duplicates {
	EMU_DUPLICATES_NO,		/* The second one is refused. */
	EMU_DUPLICATES_NEWEST,		/* The newest one takes packets. */
	EMU_DUPLICATES_OLDEST,		/* The oldest one does. */
};

struct emu_profile {
	char name[32];
	uint64_t items[2];		/* Bits: enum rte_flow_item_type. */
	uint64_t actions[2];		/* Bits: enum rte_flow_action_type. */
	uint64_t modify_fields[1];	/* Bits: enum rte_flow_field_id. */
	uint32_t max_rules;
	uint32_t max_groups;		/* 1: group 0 alone. */
	uint32_t max_priority;		/* Priorities 0 ... max_priority. */
	uint32_t max_counters;
	uint32_t max_meters;
	uint32_t max_rule_meters;	/* METERs in a rule. */
	uint32_t n_tags;		/* TAG indexes 0 ... n_tags - 1. */
	uint32_t mark_bits;		/* Width of MARK. */
	uint32_t meta_bits;		/* Width of META. */
	uint32_t n_vlans;		/* VLAN items in a pattern. */
	uint32_t max_outputs;		/* Port actions, SAMPLEs in a rule. */
	bool partial_masks;		/* A mask may have any bits; else each
					 * field is matched whole or by
					 * prefix. */
	bool ranges;			/* Items may have 'last'. */
	bool fragment_ranges;		/* Fragment offsets may. */
	bool any_fragment;		/* Items do not tell fragments from
					 * each other. */
	bool ipv4_lengths;		/* Items match the length in IPv4's
					 * header, in IPv6's. */
	bool ipv6_lengths;
	bool vxlan_flags;		/* Item VXLAN matches flags; else it
					 * stands for RFC 7348's. */
	bool vxlan_reserved;		/* It matches the reserved fields. */
	bool indirect;			/* Indirect actions. */
	bool l2_replace;		/* RAW_DECAP and RAW_ENCAP replace
					 * headers of layer 2. */
	bool outer_udp_csum;	/* Computes those of UDP headers that
					 * are put before a frame. */
	bool integrity_icmp;		/* INTEGRITY knows the checksums of
					 * ICMP and SCTP, not of TCP and UDP
					 * alone. */
	enum emu_duplicates duplicates;
	bool sync_rules;		/* rte_flow_create(). */
	bool templates;			/* The template API. */
};

static inline bool
emu_profile_has_item(const struct emu_profile *p, int type)
{
	return type >= 0 && type < 128
	       && (p->items[type / 64] >> type % 64) & 1;
}

static inline bool
emu_profile_has_action(const struct emu_profile *p, int type)
{
	return type >= 0 && type < 128
	       && (p->actions[type / 64] >> type % 64) & 1;
}

#endif /* EMU_PROFILE_H */
