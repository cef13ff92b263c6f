/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-pattern: a pattern template, compiled: what all its rules match on, and
 * the moves that bring the values of a rule's items to where they stand in
 * its key.  So a rule costs no look at fields that its template leaves out.
 *
 * Thread-safety: constant once compiled. */
#ifndef EMU_PATTERN_H
#define EMU_PATTERN_H

#include "emu-item.h"

struct emu_field;

#define EMU_PATTERN_MAX_ITEMS 32
#define EMU_PATTERN_MAX_MOVES 64

enum emu_move_kind {
	EMU_MOVE_BYTES,			/* As they are. */
	EMU_MOVE_BITS,			/* An integer, as 'field' says. */
	EMU_MOVE_REGISTER,		/* uint32_t of the host, of 'bits':
					 * none of 'value' may be set. */
	EMU_MOVE_SOURCE,		/* The number of an ethdev's vport. */
	EMU_MOVE_HEADER,		/* Whether header 'value' is there. */
	EMU_MOVE_GENEVE_OPT,		/* An option, of 'value' words. */
	EMU_MOVE_RAW,			/* 'bits' bytes at offset 'value'. */
	/* Nothing is moved, the item has to have a certain value. */
	EMU_MOVE_CONST,			/* 'value' in 'field', under 'mask'. */
	EMU_MOVE_TAG_INDEX,		/* 'value'. */
	EMU_MOVE_IP6_PROTO,		/* Names an extension, or none. */
};

struct emu_move {
	uint8_t item;			/* Its index. */
	uint8_t kind;
	uint8_t size;			/* Bytes, within a word of the key. */
	uint8_t ofs;			/* In the item. */
	uint16_t key_ofs;		/* In struct emu_key. */
	uint16_t to;			/* In the rule's key, in bytes. */
	uint8_t mask[16];		/* In the key. */
	uint32_t value, bits;
	const struct emu_field *field;
};

struct emu_pattern {
	struct emu_match match;		/* The key has the constant parts. */
	bool relaxed;			/* No headers but those of masks. */
	uint32_t n_items, n_moves, n_words;
	bool failed;			/* Too many moves. */
	enum rte_flow_item_type types[EMU_PATTERN_MAX_ITEMS];
	struct emu_move moves[EMU_PATTERN_MAX_MOVES];
	uint64_t words[EMU_KEY_WORDS];	/* Constant parts of a rule's key. */
};

/* Compiles the template 'items' (up to END), for rules with 'attr' that are
 * created through 'vport'.  Refuses what emu_match_compile() refuses, and
 * 'last'.  Returns 0 or a negative errno, with rte_errno and 'error' set. */
int emu_pattern_compile(const struct emu_vport *vport,
			const struct rte_flow_attr *attr, bool relaxed,
			const struct rte_flow_item *items,
			struct emu_pattern *pattern,
			struct rte_flow_error *error);

/* Puts the key of a rule with the values of 'items' into 'words', of which
 * there are pattern->n_words.  Returns 0 or a negative errno, as above, if
 * 'items' are not those of the template or a value cannot be. */
int emu_pattern_key(const struct emu_pattern *pattern,
		    const struct emu_vport *vport,
		    const struct rte_flow_item *items, uint64_t *words,
		    struct rte_flow_error *error);

/* -- For emu-item ------------------------------------------------------ */

/* Adds a move to the pattern; fails later if there is no room. */
void emu_pattern_add(struct emu_pattern *pattern,
		     const struct emu_move *move);

#endif /* EMU_PATTERN_H */
