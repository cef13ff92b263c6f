/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-compile: a pattern while it is compiled.  Private to emu-item,
 * emu-item-field and emu-item-special. */
#ifndef EMU_ITEM_COMPILE_H
#define EMU_ITEM_COMPILE_H

#include "emu-error.h"
#include "emu-item.h"
#include "emu-item-class.h"
#include "emu-pattern.h"
#include "emu-profile.h"

/* The largest item. */
#define EMU_MAX_ITEM_SIZE 64

/* A pattern while it is compiled. */
struct emu_item_compile {
	const struct emu_vport *vport;
	const struct emu_profile *profile;
	struct emu_match *match;
	struct emu_pattern *pattern;	/* If it is a template's. */
	struct rte_flow_error *error;

	bool inner;			/* Behind a tunnel item. */
	bool has_source;
	uint32_t n_vlans, n_all_vlans;	/* Of this level, of the pattern. */
	uint32_t n_mpls;		/* Labels of this level. */
	uint32_t n_geneve_words;	/* Of options. */
	uint32_t raw_end;		/* Where the last item RAW ended. */
	const struct emu_item_class *prev;	/* The protocol item before. */
	const struct rte_flow_item *integrity[2];	/* Of each level. */

	/* The item at hand. */
	const struct rte_flow_item *item;
	uint32_t index;			/* Its place in the pattern. */
	bool has_spec;			/* The application gave one. */
	const struct emu_item_class *class;
	/* Bits of its mask that are still to be matched. */
	uint8_t mask[EMU_MAX_ITEM_SIZE] __rte_aligned(8);
};

/* Refuses 'c->item'. */
#define REFUSE(C, CODE, TYPE, ...) \
	emu_error_set((C)->error, CODE, RTE_FLOW_ERROR_TYPE_##TYPE, \
		      (C)->item, __VA_ARGS__)

/* -- Fields (emu-item-field) ------------------------------------------- */

/* Which header of its kind, from 0 on, the item at hand stands for. */
uint32_t emu_item_index(const struct emu_item_compile *c);

/* Compiles field 'f' of the item at hand; all of its fields.  They return 0
 * or a negative errno, like all that follow. */
int emu_item_compile_field(struct emu_item_compile *c,
			   const struct emu_field *f);
int emu_item_compile_fields(struct emu_item_compile *c);

/* Adds a range for 'f', whose bytes in the key are at 'ofs'. */
int emu_item_add_range(struct emu_item_compile *c, const struct emu_field *f,
		       uint16_t ofs, const uint8_t *mask, const uint8_t *first,
		       const uint8_t *last, uint32_t size);

/* Has a rule's item at hand checked, or moved in another way than a field
 * is. */
void emu_item_add_move(struct emu_item_compile *c, enum emu_move_kind kind,
		       uint16_t ofs, uint32_t mask, uint32_t value,
		       uint32_t bits, const struct emu_field *f);

/* -- The item RAW (emu-item-raw) ----------------------------------------- */

/* Compiles the item at hand. */
int emu_item_compile_raw(struct emu_item_compile *c);

/* -- Items that a table of fields does not express (emu-item-special) --- */

/* Does what the item at hand needs besides its fields. */
int emu_item_compile_special(struct emu_item_compile *c);

/* Matches packets that came from 'origin' of 'vport', of any if NULL. */
void emu_item_match_source(struct emu_item_compile *c, enum emu_origin origin,
			   const struct emu_vport *vport);

/* Refuses checks, by 'item', of headers that the pattern does not name:
 * 'mask' is that of its level. */
int emu_item_check_integrity(struct emu_item_compile *c,
			     const struct emu_key_headers *mask,
			     const struct rte_flow_item *item);

#endif /* EMU_ITEM_COMPILE_H */
