/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-field: fields of rte_flow items, compiled as the table of items
 * says. */
#include "emu-item-compile.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

/* -- Templates --------------------------------------------------------- */

/* Whether the integer 'f' is the same bytes in the item and in the key. */
static bool
field_is_bytes(const struct emu_field *f)
{
	return f->kind == EMU_FIELD_BYTES
	       || (f->bits && f->size == f->key_size && f->host == f->key_host
		   && f->key_shift == rte_bsf32(f->bits));
}

/* Has a rule's value of the item at hand brought to 'ofs' in the key, under
 * 'mask', 'size' bytes; 'f' says how. */
static void
add_field_move(struct emu_item_compile *c, const struct emu_field *f,
	       uint16_t ofs, const uint8_t *mask, uint32_t size)
{
	struct emu_move move = {
		.item = c->index,
		.kind = field_is_bytes(f) ? EMU_MOVE_BYTES : EMU_MOVE_BITS,
		.size = size,
		.ofs = f->ofs,
		.key_ofs = ofs,
		.field = f,
	};

	memcpy(move.mask, mask, size);
	emu_pattern_add(c->pattern, &move);
}

void
emu_item_add_move(struct emu_item_compile *c, enum emu_move_kind kind,
		  uint16_t ofs, uint32_t mask, uint32_t value, uint32_t bits,
		  const struct emu_field *f)
{
	struct emu_move move = {
		.item = c->index,
		.kind = kind,
		.key_ofs = ofs,
		.value = value,
		.bits = bits,
		.field = f,
	};

	memcpy(move.mask, &mask, sizeof(mask));
	emu_pattern_add(c->pattern, &move);
}

/* -- Fields ------------------------------------------------------------ */

/* The value of bit field 'f' of 'item', shifted down. */
static uint32_t
field_int(const struct emu_field *f, const uint8_t *item)
{
	return (emu_int_read(item + f->ofs, f->size, f->host) & f->bits)
	       >> rte_bsf32(f->bits);
}

/* Takes the bits of 'f' out of 'mask', an item's. */
static void
field_clear(const struct emu_field *f, uint8_t *mask)
{
	if (f->kind == EMU_FIELD_BYTES || f->kind == EMU_FIELD_PAD) {
		memset(mask + f->ofs, 0, f->size);
		return;
	}
	emu_int_write(mask + f->ofs, f->size, f->host,
		  emu_int_read(mask + f->ofs, f->size, f->host) & ~f->bits);
}

/* Puts 'f' of 'item' into 'key', a copy of what is in the key at 'f', where
 * it stands. */
static void
field_to_key(const struct emu_field *f, const uint8_t *item, uint8_t *key)
{
	if (f->kind == EMU_FIELD_BYTES)
		memcpy(key, item + f->ofs, f->size);
	else
		emu_int_write(key, f->key_size, f->key_host,
			  field_int(f, item) << f->key_shift);
}

/* True if 'p', 'n' bytes, is all ones but for trailing zeros, of the bits
 * that are in 'whole', too. */
static bool
is_prefix(const uint8_t *p, const uint8_t *whole, uint32_t n)
{
	bool ended = false;
	uint32_t i;
	int bit;

	for (i = 0; i < n; i++) {
		for (bit = 7; bit >= 0; bit--) {
			if (!((whole[i] >> bit) & 1))
				continue;
			if ((p[i] >> bit) & 1) {
				if (ended)
					return false;
			} else {
				ended = true;
			}
		}
	}
	return true;
}

int
emu_item_add_range(struct emu_item_compile *c, const struct emu_field *f,
		   uint16_t ofs, const uint8_t *mask, const uint8_t *first,
		   const uint8_t *last, uint32_t size)
{
	struct emu_match *match = c->match;
	bool host = f->kind != EMU_FIELD_BYTES && f->key_host;
	struct emu_range *range;
	uint32_t i;

	if (!c->profile->ranges
	    && !(c->profile->fragment_ranges
		 && f->key_ofs == offsetof(struct emu_key_headers, ip_frag)))
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "profile %s has no such ranges: item %s has a "
			      "'last' for %s", c->profile->name,
			      c->class->name, f->name);
	if (match->n_ranges >= EMU_MAX_RANGES)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item %s: more than %d fields with 'last' in "
			      "one pattern", c->class->name, EMU_MAX_RANGES);
	range = &match->ranges[match->n_ranges];
	memset(range, 0, sizeof(*range));
	range->ofs = ofs;
	range->size = size;
	range->host = host;
	memcpy(range->mask, mask, size);
	for (i = 0; i < size; i++) {
		range->first[i] = first[i] & mask[i];
		range->last[i] = last[i] & mask[i];
	}
	if (host ? emu_int_read(range->first, size, true)
		   > emu_int_read(range->last, size, true)
		 : memcmp(range->first, range->last, size) > 0)
		return REFUSE(c, EINVAL, ITEM_LAST,
			      "item %s: 'last' of %s is less than its 'spec'",
			      c->class->name, f->name);
	match->n_ranges++;
	return 0;
}

static int
compile_const(struct emu_item_compile *c, const struct emu_field *f)
{
	uint32_t mask = field_int(f, c->mask);
	uint32_t spec = field_int(f, c->item->spec);

	field_clear(f, c->mask);
	if (c->pattern) {
		if (mask)
			emu_item_add_move(c, EMU_MOVE_CONST, 0, 0, f->value,
					  mask, f);
		return 0;
	}
	if ((spec ^ f->value) & mask)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item %s: %s %#x would never match, it is %#x "
			      "in all such headers", c->class->name, f->name,
			      spec, f->value);
	return 0;
}

uint32_t
emu_item_index(const struct emu_item_compile *c)
{
	return c->class->place == EMU_PLACE_VLAN ? c->n_vlans
	       : c->class->place == EMU_PLACE_MPLS ? c->n_mpls : 0;
}

/* Whether 'f' of the item at hand is what is at 'ofs' in the key's headers. */
static bool
is_headers_field(const struct emu_item_compile *c, const struct emu_field *f,
		 size_t ofs)
{
	return c->class->scope == EMU_SCOPE_HEADERS && f->key_ofs == ofs;
}

/* Refuses a match of some fragments alone, from 'spec' to 'last' under 'mask',
 * if the device knows no more than whether a packet is one. */
static int
check_fragment(struct emu_item_compile *c, const struct emu_field *f,
	       const uint8_t *spec, const uint8_t *last, const uint8_t *mask)
{
	uint32_t bits = emu_int_read(mask, 2, f->key_host);
	uint32_t first = emu_int_read(spec, 2, f->key_host) & bits;
	uint32_t end = emu_int_read(last, 2, f->key_host) & bits;

	if (!c->profile->any_fragment || (!first && !end)
	    || (c->item->type == RTE_FLOW_ITEM_TYPE_IPV4 && first == 1
		&& end == (RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)))
		return 0;
	return REFUSE(c, ENOTSUP, ITEM_SPEC,
		      "profile %s does not match some fragments alone: item "
		      "%s has %s %#x", c->profile->name, c->class->name,
		      f->name, first);
}

int
emu_item_compile_field(struct emu_item_compile *c, const struct emu_field *f)
{
	uint16_t ofs = emu_field_key_ofs(c->class, f, c->inner,
					 emu_item_index(c));
	uint32_t size = f->kind == EMU_FIELD_BYTES ? f->size : f->key_size;
	uint8_t mask[16] = {0}, whole[16] = {0};
	uint8_t spec[16] = {0}, last[16] = {0};
	uint8_t all[EMU_MAX_ITEM_SIZE];
	uint8_t *key = (uint8_t *)&c->match->key + ofs;
	uint8_t *key_mask = (uint8_t *)&c->match->mask + ofs;
	uint32_t i;

	field_to_key(f, c->mask, mask);
	field_clear(f, c->mask);
	for (i = 0; i < size && !mask[i]; i++)
		;
	if (i == size)
		return 0;
	if (f->needs && !*(const bool *)((const char *)c->profile + f->needs))
		return REFUSE(c, ENOTSUP, ITEM_MASK,
			      "profile %s does not match %s of item %s",
			      c->profile->name, f->name, c->class->name);
	memset(all, 0xff, sizeof(all));
	field_to_key(f, all, whole);
	if (!c->profile->partial_masks && !f->any_mask
	    && !is_prefix(mask, whole, size))
		return REFUSE(c, ENOTSUP, ITEM_MASK,
			      "profile %s matches a field whole or by prefix: "
			      "the mask of item %s has other bits in %s",
			      c->profile->name, c->class->name, f->name);
	if (c->pattern) {
		for (i = 0; i < size; i++)
			key_mask[i] |= mask[i];
		add_field_move(c, f, ofs, mask, size);
		return 0;
	}
	field_to_key(f, c->item->spec, spec);
	if (c->item->last)
		field_to_key(f, c->item->last, last);
	if (is_headers_field(c, f, offsetof(struct emu_key_headers,
					    ip_frag))) {
		int rc = check_fragment(c, f, spec, last, mask);

		if (rc)
			return rc;
	}
	if (c->item->last) {
		bool any = false, same = true;

		for (i = 0; i < size; i++) {
			any |= (last[i] & mask[i]) != 0;
			same &= !((last[i] ^ spec[i]) & mask[i]);
		}
		if (any && !same)
			return emu_item_add_range(c, f, ofs, mask, spec, last,
						  size);
	}
	for (i = 0; i < size; i++) {
		key[i] |= spec[i] & mask[i];
		key_mask[i] |= mask[i];
	}
	return 0;
}

/* Refuses mask bits that nothing has consumed. */
static int
check_leftover(struct emu_item_compile *c)
{
	const struct emu_item_class *class = c->class;
	uint32_t i, j;

	for (i = 0; i < class->size && !c->mask[i]; i++)
		;
	if (i == class->size)
		return 0;
	for (j = 0; j < class->n_fields; j++) {
		const struct emu_field *f = &class->fields[j];

		if (f->kind == EMU_FIELD_NONE && i >= f->ofs
		    && i < f->ofs + f->size)
			return REFUSE(c, ENOTSUP, ITEM_MASK,
				      "item %s: %s cannot be matched",
				      class->name, f->name);
	}
	return REFUSE(c, ENOTSUP, ITEM_MASK,
		      "item %s: the mask has bits in byte %u that cannot be "
		      "matched", class->name, i);
}

int
emu_item_compile_fields(struct emu_item_compile *c)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->class->n_fields; i++) {
		const struct emu_field *f = &c->class->fields[i];

		switch (f->kind) {
		case EMU_FIELD_BYTES:
		case EMU_FIELD_BITS:
			rc = emu_item_compile_field(c, f);
			break;
		case EMU_FIELD_CONST:
			rc = compile_const(c, f);
			break;
		case EMU_FIELD_PAD:
			field_clear(f, c->mask);
			break;
		case EMU_FIELD_FLAG:
		case EMU_FIELD_NONE:
			break;
		}
	}
	return rc ? rc : check_leftover(c);
}
