/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-pattern: a pattern template, compiled. */
#include "emu-pattern.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "emu-error.h"
#include "emu-item-class.h"

/* -- Templates --------------------------------------------------------- */

static void
append(struct emu_pattern *pattern, const struct emu_move *move)
{
	if (pattern->n_moves < EMU_PATTERN_MAX_MOVES)
		pattern->moves[pattern->n_moves++] = *move;
	else
		pattern->failed = true;
}

/* Makes 'move' a part of the one before, if they are one in the item as in
 * the key. */
static bool
prolong(struct emu_pattern *pattern, const struct emu_move *move)
{
	struct emu_move *last;

	if (!pattern->n_moves)
		return false;
	last = &pattern->moves[pattern->n_moves - 1];
	if (last->kind != EMU_MOVE_BYTES || last->item != move->item
	    || last->ofs + last->size != move->ofs
	    || last->key_ofs + last->size != move->key_ofs
	    || move->key_ofs % 8 == 0)
		return false;
	memcpy(last->mask + last->size, move->mask, move->size);
	last->size += move->size;
	return true;
}

/* Bytes that reach into another word of the key become a move for each. */
static void
append_bytes(struct emu_pattern *pattern, struct emu_move move)
{
	uint32_t left = move.size, n;

	for (; left; left -= n) {
		n = RTE_MIN(left, 8u - move.key_ofs % 8);
		move.size = n;
		if (!prolong(pattern, &move))
			append(pattern, &move);
		move.ofs += n;
		move.key_ofs += n;
		memmove(move.mask, move.mask + n, sizeof(move.mask) - n);
	}
}

void
emu_pattern_add(struct emu_pattern *pattern, const struct emu_move *move)
{
	if (move->kind == EMU_MOVE_BYTES)
		append_bytes(pattern, *move);
	else
		append(pattern, move);
}

/* Where byte 'key_ofs' of struct emu_key stands in the key of a rule, which
 * has the words alone that the mask touches. */
static uint16_t
packed_ofs(const struct emu_pattern *pattern, uint16_t key_ofs)
{
	const uint64_t *mask = (const uint64_t *)&pattern->match.mask;
	uint16_t n = 0, i;

	for (i = 0; i < key_ofs / 8; i++)
		n += mask[i] != 0;
	return n * 8 + key_ofs % 8;
}

/* Fills in what follows from the mask. */
static void
pack(struct emu_pattern *pattern)
{
	const uint64_t *mask = (const uint64_t *)&pattern->match.mask;
	const uint64_t *key = (const uint64_t *)&pattern->match.key;
	uint32_t i;

	pattern->n_words = 0;
	for (i = 0; i < EMU_KEY_WORDS; i++) {
		if (mask[i])
			pattern->words[pattern->n_words++] = key[i];
	}
	for (i = 0; i < pattern->n_moves; i++)
		pattern->moves[i].to =
			packed_ofs(pattern, pattern->moves[i].key_ofs);
}

int
emu_pattern_compile(const struct emu_vport *vport,
		    const struct rte_flow_attr *attr, bool relaxed,
		    const struct rte_flow_item *items,
		    struct emu_pattern *pattern, struct rte_flow_error *error)
{
	int rc;

	memset(pattern, 0, sizeof(*pattern));
	pattern->relaxed = relaxed;
	for (; items[pattern->n_items].type != RTE_FLOW_ITEM_TYPE_END;
	     pattern->n_items++) {
		if (pattern->n_items == EMU_PATTERN_MAX_ITEMS)
			return emu_error_set(error, ENOTSUP,
					     RTE_FLOW_ERROR_TYPE_ITEM_NUM,
					     items, "a pattern template has "
					     "%d items at most",
					     EMU_PATTERN_MAX_ITEMS);
		pattern->types[pattern->n_items] =
			items[pattern->n_items].type;
	}
	rc = emu_match_compile_template(vport, attr, items, pattern, error);
	if (rc)
		return rc;
	if (pattern->failed)
		return emu_error_set(error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ITEM_NUM, items,
				     "a pattern template matches %d fields at "
				     "most", EMU_PATTERN_MAX_MOVES);
	pack(pattern);
	return 0;
}

/* -- Rules ------------------------------------------------------------- */

#define REFUSE(ERROR, ITEM, ...) \
	emu_error_set(ERROR, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM_SPEC, ITEM, \
		      __VA_ARGS__)

static const char *
item_name(const struct rte_flow_item *item)
{
	const struct emu_item_class *class = emu_item_class_find(item->type);

	return class ? class->name : "?";
}

static inline void
or_bytes(uint8_t *to, const uint8_t *from, const uint8_t *mask, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		to[i] |= from[i] & mask[i];
}

static inline void
move_bytes(const struct emu_move *m, const uint8_t *from, uint8_t *to)
{
	uint64_t value, mask, old;
	uint32_t value4, mask4, old4;
	uint16_t value2, mask2, old2;

	switch (m->size) {
	case 8:
		memcpy(&value, from, 8);
		memcpy(&mask, m->mask, 8);
		memcpy(&old, to, 8);
		old |= value & mask;
		memcpy(to, &old, 8);
		break;
	case 4:
		memcpy(&value4, from, 4);
		memcpy(&mask4, m->mask, 4);
		memcpy(&old4, to, 4);
		old4 |= value4 & mask4;
		memcpy(to, &old4, 4);
		break;
	case 2:
		memcpy(&value2, from, 2);
		memcpy(&mask2, m->mask, 2);
		memcpy(&old2, to, 2);
		old2 |= value2 & mask2;
		memcpy(to, &old2, 2);
		break;
	case 1:
		*to |= *from & *m->mask;
		break;
	default:
		or_bytes(to, from, m->mask, m->size);
		break;
	}
}

/* The integer 'f' of 'spec'. */
static inline uint32_t
field_value(const struct emu_field *f, const uint8_t *spec)
{
	return (emu_int_read(spec + f->ofs, f->size, f->host) & f->bits)
	       >> rte_bsf32(f->bits);
}

static void
move_bits(const struct emu_move *m, const uint8_t *spec, uint8_t *to)
{
	uint8_t value[4];

	emu_int_write(value, m->field->key_size, m->field->key_host,
		      field_value(m->field, spec) << m->field->key_shift);
	or_bytes(to, value, m->mask, m->field->key_size);
}

static int
move_register(const struct emu_move *m, const struct rte_flow_item *item,
	      uint8_t *to, struct rte_flow_error *error)
{
	uint32_t value, mask, old;

	memcpy(&value, item->spec, sizeof(value));
	memcpy(&mask, m->mask, sizeof(mask));
	if (value & m->value)
		return REFUSE(error, item, "item %s: value %#x does not fit "
			      "into %u bits", item_name(item), value, m->bits);
	memcpy(&old, to, sizeof(old));
	old |= value & mask;
	memcpy(to, &old, sizeof(old));
	return 0;
}

static int
move_source(const struct emu_vport *vport, const struct rte_flow_item *item,
	    uint8_t *to, struct rte_flow_error *error)
{
	const struct emu_vport *source = NULL;
	uint32_t id;

	id = emu_int_read(item->spec, item->type == RTE_FLOW_ITEM_TYPE_PORT_ID
			  ? sizeof(uint32_t) : sizeof(uint16_t), true);
	if (id < RTE_MAX_ETHPORTS)
		source = emu_device_vport_by_ethdev(vport->device, id);
	if (!source)
		return REFUSE(error, item, "item %s: ethdev %u is not of "
			      "device %s", item_name(item), id,
			      vport->device->name);
	emu_int_write(to, sizeof(uint16_t), true, source->id);
	return 0;
}

static void
move_header(const struct emu_move *m, const struct rte_flow_item *item,
	    uint8_t *to)
{
	bool value;

	switch ((int)item->type) {
	case RTE_FLOW_ITEM_TYPE_ETH:
		value = ((const struct rte_flow_item_eth *)item->spec)
			->has_vlan;
		break;
	case RTE_FLOW_ITEM_TYPE_VLAN:
		value = ((const struct rte_flow_item_vlan *)item->spec)
			->has_more_vlan;
		break;
	default:
		value = ((const struct rte_flow_item_ipv6 *)item->spec)
			->has_frag_ext;
		break;
	}
	emu_int_write(to, sizeof(uint32_t), true,
		      emu_int_read(to, sizeof(uint32_t), true)
		      | (uint32_t)value << m->value);
}

/* Word 'm->bits' of the option, 0 being its header. */
static int
move_geneve_opt(const struct emu_move *m, const struct rte_flow_item *item,
		uint8_t *to, struct rte_flow_error *error)
{
	const struct rte_flow_item_geneve_opt *spec = item->spec;
	rte_be32_t word = 0;

	if (spec->option_len != m->value)
		return REFUSE(error, item, "item geneve_opt: the template has "
			      "an option of %u words, the rule one of %u",
			      m->value, spec->option_len);
	if (!m->bits)
		word = rte_cpu_to_be_32(
			(uint32_t)rte_be_to_cpu_16(spec->option_class) << 16
			| spec->option_type << 8 | (spec->option_len & 0x1f));
	else if (spec->data)
		word = spec->data[m->bits - 1];
	or_bytes(to, (const uint8_t *)&word, m->mask, sizeof(word));
	return 0;
}

/* Bytes behind another header: how many and where is the template's. */
static int
move_raw(const struct emu_move *m, const struct rte_flow_item *item,
	 uint8_t *to, struct rte_flow_error *error)
{
	const struct rte_flow_item_raw *spec = item->spec;

	if (!spec->relative || spec->search
	    || spec->offset != (int32_t)m->value || spec->length != m->bits)
		return REFUSE(error, item, "item raw: the template has %u "
			      "bytes at offset %d behind the item before, the "
			      "rule %u at %d", m->bits, (int32_t)m->value,
			      spec->length, spec->offset);
	if (spec->length && !spec->pattern)
		return REFUSE(error, item, "item raw: length is %u, but there "
			      "is no pattern", spec->length);
	or_bytes(to, spec->pattern, m->mask, spec->length);
	return 0;
}

static int
check_const(const struct emu_move *m, const struct rte_flow_item *item,
	    struct rte_flow_error *error)
{
	uint32_t value = field_value(m->field, item->spec);

	if ((value ^ m->value) & m->bits)
		return REFUSE(error, item, "item %s: %s %#x would never "
			      "match, it is %#x in all such headers",
			      item_name(item), m->field->name, value,
			      m->value);
	return 0;
}

static int
check_tag_index(const struct emu_move *m, const struct rte_flow_item *item,
		struct rte_flow_error *error)
{
	const struct rte_flow_item_tag *spec = item->spec;

	if (spec->index != m->value)
		return REFUSE(error, item, "item tag: the template has index "
			      "%u, the rule %u", m->value, spec->index);
	return 0;
}

static int
check_ip6_proto(const struct emu_move *m, const struct rte_flow_item *item,
		struct rte_flow_error *error)
{
	const struct rte_flow_item_ipv6 *spec = item->spec;

	if (emu_is_ip6_extension(spec->hdr.proto) != m->value)
		return REFUSE(error, item, "item ipv6: proto %u %s an "
			      "extension header, that of the template's spec "
			      "%s", spec->hdr.proto, m->value ? "is not"
			      : "is", m->value ? "is" : "is not");
	return 0;
}

static int
run_move(const struct emu_move *m, const struct emu_vport *vport,
	 const struct rte_flow_item *item, uint8_t *to,
	 struct rte_flow_error *error)
{
	switch ((enum emu_move_kind)m->kind) {
	case EMU_MOVE_BYTES:
		move_bytes(m, (const uint8_t *)item->spec + m->ofs, to);
		break;
	case EMU_MOVE_BITS:
		move_bits(m, item->spec, to);
		break;
	case EMU_MOVE_REGISTER:
		return move_register(m, item, to, error);
	case EMU_MOVE_SOURCE:
		return move_source(vport, item, to, error);
	case EMU_MOVE_HEADER:
		move_header(m, item, to);
		break;
	case EMU_MOVE_GENEVE_OPT:
		return move_geneve_opt(m, item, to, error);
	case EMU_MOVE_RAW:
		return move_raw(m, item, to, error);
	case EMU_MOVE_CONST:
		return check_const(m, item, error);
	case EMU_MOVE_TAG_INDEX:
		return check_tag_index(m, item, error);
	case EMU_MOVE_IP6_PROTO:
		return check_ip6_proto(m, item, error);
	}
	return 0;
}

int
emu_pattern_key(const struct emu_pattern *pattern,
		const struct emu_vport *vport,
		const struct rte_flow_item *items, uint64_t *words,
		struct rte_flow_error *error)
{
	uint32_t i;
	int rc;

	for (i = 0; i < pattern->n_items; i++) {
		if (items[i].type != pattern->types[i])
			return emu_error_set(error, EINVAL,
					     RTE_FLOW_ERROR_TYPE_ITEM,
					     &items[i], "item %u is not that "
					     "of the pattern template", i);
	}
	if (items[i].type != RTE_FLOW_ITEM_TYPE_END)
		return emu_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM,
				     &items[i], "the pattern template has %u "
				     "items, the rule more", i);
	memcpy(words, pattern->words, pattern->n_words * sizeof(*words));
	for (i = 0; i < pattern->n_moves; i++) {
		const struct emu_move *m = &pattern->moves[i];
		const struct rte_flow_item *item = &items[m->item];

		if (unlikely(!item->spec))
			return REFUSE(error, item, "item %s needs a spec: the "
				      "pattern template matches its fields",
				      item_name(item));
		rc = run_move(m, vport, item, (uint8_t *)words + m->to,
			      error);
		if (unlikely(rc))
			return rc;
	}
	return 0;
}
