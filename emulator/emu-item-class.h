/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-class: what the emulated device knows about each rte_flow item:
 * one entry per item, for those who compile a pattern (emu-item.c) and those
 * who show it (emu-item-print.c).
 *
 * Thread-safety: constant. */
#ifndef EMU_ITEM_CLASS_H
#define EMU_ITEM_CLASS_H

#include <rte_flow.h>

#include "emu-packet.h"

/* Where in a pattern an item may stand. */
enum emu_place {
	EMU_PLACE_META,			/* Anywhere. */
	EMU_PLACE_START,		/* Before the first item. */
	EMU_PLACE_ANY,
	EMU_PLACE_ETH,
	EMU_PLACE_VLAN,
	EMU_PLACE_MPLS,
	EMU_PLACE_ARP,
	EMU_PLACE_IPV4,
	EMU_PLACE_IPV6,
	EMU_PLACE_IPV6_FRAG,
	EMU_PLACE_TCP,
	EMU_PLACE_UDP,
	EMU_PLACE_SCTP,
	EMU_PLACE_ICMP,
	EMU_PLACE_ICMP6,
	EMU_PLACE_RAW,
	EMU_PLACE_ND,
	EMU_PLACE_ND_OPT,
	/* What follows these is within the tunnel. */
	EMU_PLACE_TUNNEL,
	EMU_PLACE_VXLAN = EMU_PLACE_TUNNEL,
	EMU_PLACE_GENEVE,
	EMU_PLACE_GENEVE_OPT,
	EMU_PLACE_GRE,
	EMU_PLACE_GRE_KEY,
};

enum emu_field_kind {
	EMU_FIELD_BYTES,		/* Copied as it is. */
	EMU_FIELD_BITS,			/* An integer, or some bits of it. */
	EMU_FIELD_FLAG,			/* Whether a header is there. */
	EMU_FIELD_CONST,		/* Bits that are always 'value'. */
	EMU_FIELD_NONE,			/* Cannot be matched. */
	EMU_FIELD_PAD,			/* Not a field. */
};

/* How a field is shown. */
enum emu_format {
	EMU_FORMAT_HEX,
	EMU_FORMAT_DEC,
	EMU_FORMAT_MAC,
	EMU_FORMAT_IPV4,
	EMU_FORMAT_IPV6,
};

struct emu_field {
	const char *name;		/* As testpmd calls it. */
	enum emu_field_kind kind;
	enum emu_format format;
	bool any_mask;			/* In every profile. */
	uint16_t needs;			/* Where in struct emu_profile it says
					 * whether it can be matched; 0: it
					 * can. */
	/* In the item. */
	uint8_t ofs, size;		/* Bytes. */
	bool host;			/* Host byte order. */
	uint32_t bits;			/* Of the integer. */
	uint32_t value;			/* EMU_FIELD_CONST alone. */
	/* In the key, or its headers. */
	uint16_t key_ofs;
	uint8_t key_size;		/* Bytes. */
	bool key_host;			/* Host byte order. */
	uint8_t key_shift;		/* Where the lowest of 'bits' goes. */
};

/* Of what the fields' 'key_ofs' counts. */
enum emu_scope {
	EMU_SCOPE_HEADERS,		/* struct emu_key_headers. */
	EMU_SCOPE_KEY,			/* struct emu_key. */
};

/* Items that need more than the table, see emu-item-special.c. */
enum emu_special {
	EMU_SPECIAL_NONE,
	EMU_SPECIAL_SOURCE,
	EMU_SPECIAL_TAG,
	EMU_SPECIAL_META,
	EMU_SPECIAL_MARK,
	EMU_SPECIAL_ETH,
	EMU_SPECIAL_VLAN,
	EMU_SPECIAL_MPLS,
	EMU_SPECIAL_IPV6,
	EMU_SPECIAL_GENEVE_OPT,
	EMU_SPECIAL_GRE_KEY,
	EMU_SPECIAL_ANY,
	EMU_SPECIAL_INTEGRITY,
	EMU_SPECIAL_RAW,
};

struct emu_item_class {
	enum rte_flow_item_type type;
	const char *name;		/* As testpmd calls it. */
	uint32_t size;			/* Of the item, without padding at
					 * its end. */
	const void *default_mask;	/* As in rte_flow.h; NULL: nothing. */
	enum emu_place place;
	uint32_t after;			/* 1u << enum emu_place. */
	uint32_t present;		/* 1u << enum emu_header; of the first
					 * VLAN header or MPLS label. */
	enum emu_tunnel tunnel;
	enum emu_scope scope;
	enum emu_special special;
	const struct emu_field *fields;
	uint32_t n_fields;
};

extern const struct emu_item_class emu_item_classes[];
extern const size_t emu_n_item_classes;

/* 'has_more_vlan' of the second VLAN header; 'proto' of IPV6 where it names an
 * extension header. */
extern const struct emu_field emu_field_second_has_more_vlan;
extern const struct emu_field emu_field_ipv6_next_header;

/* The checks of INTEGRITY. */
extern const struct emu_field emu_field_integrity;

/* Where 'f' of 'class' starts in struct emu_key: at the outer or inner level,
 * for the VLAN header or MPLS label number 'index' of that level. */
uint16_t emu_field_key_ofs(const struct emu_item_class *class,
			   const struct emu_field *f, bool inner,
			   uint32_t index);

/* How many headers of 'class' one level of the key has. */
uint32_t emu_item_class_n(const struct emu_item_class *class);

/* Reads, writes an integer of 'size' (1 to 4) bytes at 'p', in host or in
 * network byte order. */
uint32_t emu_int_read(const void *p, uint32_t size, bool host);
void emu_int_write(void *p, uint32_t size, bool host, uint32_t value);

/* Returns the class of 'type', or NULL. */
const struct emu_item_class *emu_item_class_find(int type);

#endif /* EMU_ITEM_CLASS_H */
