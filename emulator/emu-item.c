/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item: rte_flow items, compiled to a match on struct emu_key.
 *
 * 'item_classes' has one entry per item: where it may stand, which headers a
 * packet then has, and its fields.  Most fields are moved from the item into
 * the key as 'struct field' says; the few that need more have a function. */
#include "emu-item.h"

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "emu-error.h"
#include "emu-item-class.h"
#include "emu-pattern.h"
#include "emu-profile.h"

/* The largest item. */
#define MAX_ITEM_SIZE 64

/* A pattern while it is compiled. */
struct compile {
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
	const struct emu_item_class *prev;	/* The protocol item before. */
	const struct rte_flow_item *integrity[2];	/* Of each level. */

	/* The item at hand. */
	const struct rte_flow_item *item;
	uint32_t index;			/* Its place in the pattern. */
	bool has_spec;			/* The application gave one. */
	const struct emu_item_class *class;
	/* Bits of its mask that are still to be matched. */
	uint8_t mask[MAX_ITEM_SIZE] __rte_aligned(8);
};

/* Refuses 'c->item'. */
#define REFUSE(C, CODE, TYPE, ...) \
	emu_error_set((C)->error, CODE, RTE_FLOW_ERROR_TYPE_##TYPE, \
		      (C)->item, __VA_ARGS__)

/* -- Templates --------------------------------------------------------- */

/* Has a rule's value of the item at hand brought to 'ofs' in the key, under
 * 'mask', 'size' bytes; 'f' says how. */
static void
add_field_move(struct compile *c, const struct emu_field *f, uint16_t ofs,
	       const uint8_t *mask, uint32_t size)
{
	struct emu_move move = {
		.item = c->index,
		.kind = f->kind == EMU_FIELD_BYTES ? EMU_MOVE_BYTES
						   : EMU_MOVE_BITS,
		.size = size,
		.ofs = f->ofs,
		.key_ofs = ofs,
		.field = f,
	};

	memcpy(move.mask, mask, size);
	emu_pattern_add(c->pattern, &move);
}

/* Has a rule's item at hand checked, or moved in another way. */
static void
add_move(struct compile *c, enum emu_move_kind kind, uint16_t ofs,
	 uint32_t mask, uint32_t value, uint32_t bits,
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

/* Adds a range for 'f', whose bytes in the key are at 'ofs'. */
static int
add_range(struct compile *c, const struct emu_field *f, uint16_t ofs,
	  const uint8_t *mask, const uint8_t *first, const uint8_t *last,
	  uint32_t size)
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
compile_const(struct compile *c, const struct emu_field *f)
{
	uint32_t mask = field_int(f, c->mask);
	uint32_t spec = field_int(f, c->item->spec);

	field_clear(f, c->mask);
	if (c->pattern) {
		if (mask)
			add_move(c, EMU_MOVE_CONST, 0, 0, f->value, mask, f);
		return 0;
	}
	if ((spec ^ f->value) & mask)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item %s: %s %#x would never match, it is %#x "
			      "in all such headers", c->class->name, f->name,
			      spec, f->value);
	return 0;
}

/* Which header of its kind, from 0 on, the item at hand stands for. */
static uint32_t
item_index(const struct compile *c)
{
	return c->class->place == EMU_PLACE_VLAN ? c->n_vlans
	       : c->class->place == EMU_PLACE_MPLS ? c->n_mpls : 0;
}

/* Whether 'f' of the item at hand is the length in an IP header. */
static bool
is_ip_length(const struct compile *c, const struct emu_field *f)
{
	return c->class->scope == EMU_SCOPE_HEADERS
	       && f->key_ofs == offsetof(struct emu_key_headers, ip_len);
}

static int
compile_field(struct compile *c, const struct emu_field *f)
{
	uint16_t ofs = emu_field_key_ofs(c->class, f, c->inner, item_index(c));
	uint32_t size = f->kind == EMU_FIELD_BYTES ? f->size : f->key_size;
	uint8_t mask[16] = {0}, whole[16] = {0};
	uint8_t spec[16] = {0}, last[16] = {0};
	uint8_t all[MAX_ITEM_SIZE];
	uint8_t *key = (uint8_t *)&c->match->key + ofs;
	uint8_t *key_mask = (uint8_t *)&c->match->mask + ofs;
	uint32_t i;

	field_to_key(f, c->mask, mask);
	field_clear(f, c->mask);
	for (i = 0; i < size && !mask[i]; i++)
		;
	if (i == size)
		return 0;
	if (is_ip_length(c, f) && !c->profile->ip_lengths)
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
	if (c->item->last) {
		bool any = false, same = true;

		field_to_key(f, c->item->last, last);
		for (i = 0; i < size; i++) {
			any |= (last[i] & mask[i]) != 0;
			same &= !((last[i] ^ spec[i]) & mask[i]);
		}
		if (any && !same)
			return add_range(c, f, ofs, mask, spec, last, size);
	}
	for (i = 0; i < size; i++) {
		key[i] |= spec[i] & mask[i];
		key_mask[i] |= mask[i];
	}
	return 0;
}

/* Refuses mask bits that nothing has consumed. */
static int
check_leftover(struct compile *c)
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

static int
compile_fields(struct compile *c)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; !rc && i < c->class->n_fields; i++) {
		const struct emu_field *f = &c->class->fields[i];

		switch (f->kind) {
		case EMU_FIELD_BYTES:
		case EMU_FIELD_BITS:
			rc = compile_field(c, f);
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

/* -- Items that a table of fields does not express --------------------- */

/* Sets 'mask' bits of the 4-byte register at 'p' in struct emu_key. */
static void
match_int(struct compile *c, size_t ofs, size_t size, uint32_t value,
	  uint32_t mask)
{
	uint8_t *key = (uint8_t *)&c->match->key + ofs;
	uint8_t *key_mask = (uint8_t *)&c->match->mask + ofs;

	emu_int_write(key, size, true,
		  emu_int_read(key, size, true) | (value & mask));
	emu_int_write(key_mask, size, true,
		  emu_int_read(key_mask, size, true) | mask);
}

#define MATCH_INT(C, MEMBER, VALUE, MASK) \
	match_int(C, offsetof(struct emu_key, MEMBER), \
		  sizeof(((struct emu_key *)0)->MEMBER), VALUE, MASK)

/* Matches packets that came from 'origin' of 'vport', of any if NULL. */
static void
match_source(struct compile *c, enum emu_origin origin,
	     const struct emu_vport *vport)
{
	/* Bytes have no order. */
	c->match->key.origin = origin;
	c->match->mask.origin = UINT8_MAX;
	if (vport)
		MATCH_INT(c, vport, vport->id, UINT16_MAX);
	c->has_source = true;
}

/* PORT_ID, REPRESENTED_PORT, PORT_REPRESENTOR. */
static int
compile_source(struct compile *c)
{
	bool is_id = c->item->type == RTE_FLOW_ITEM_TYPE_PORT_ID;
	enum emu_origin origin = EMU_FROM_FUNCTION;
	const struct emu_vport *vport = NULL;
	uint32_t id = 0, mask = 0, whole;

	if (c->item->type == RTE_FLOW_ITEM_TYPE_PORT_REPRESENTOR)
		origin = EMU_FROM_SOFTWARE;
	if (c->has_source)
		return REFUSE(c, EINVAL, ITEM,
			      "item %s: a pattern can name one source alone",
			      c->class->name);
	whole = is_id ? UINT32_MAX : UINT16_MAX;
	if (c->item->spec) {
		id = emu_int_read(c->item->spec, c->class->size, true);
		mask = emu_int_read(c->mask, c->class->size, true);
		memset(c->mask, 0, c->class->size);
	}
	if (c->item->last
	    && emu_int_read(c->item->last, c->class->size, true) != id)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item %s: ports have no ranges", c->class->name);
	if (mask && mask != whole)
		return REFUSE(c, ENOTSUP, ITEM_MASK,
			      "item %s: a port is matched whole or not at "
			      "all, not under mask %#x", c->class->name, mask);
	if (mask && c->pattern) {
		match_source(c, origin, NULL);
		MATCH_INT(c, vport, 0, UINT16_MAX);
		add_move(c, EMU_MOVE_SOURCE, offsetof(struct emu_key, vport),
			 0, 0, 0, NULL);
		return 0;
	}
	if (mask) {
		if (id < RTE_MAX_ETHPORTS)
			vport = emu_device_vport_by_ethdev(c->vport->device,
							   id);
		if (!vport)
			return REFUSE(c, EINVAL, ITEM_SPEC,
				      "item %s: ethdev %u is not of device %s",
				      c->class->name, id,
				      c->vport->device->name);
	}
	match_source(c, origin, vport);
	return 0;
}

/* The registers: TAG, META, MARK. */
static int
compile_register(struct compile *c, size_t ofs, uint32_t bits)
{
	uint32_t spec = emu_int_read(c->item->spec, sizeof(uint32_t), true);
	uint32_t mask = emu_int_read(c->mask, sizeof(uint32_t), true);
	uint32_t whole = bits >= 32 ? UINT32_MAX : (1u << bits) - 1;
	uint32_t given = mask;
	struct emu_field field = {
		.name = "value", .kind = EMU_FIELD_BITS,
		.size = sizeof(uint32_t), .host = true, .bits = UINT32_MAX,
		.key_size = sizeof(uint32_t), .key_host = true,
	};

	memset(c->mask, 0, sizeof(uint32_t));
	if (c->pattern)
		spec = 0;
	if (spec & mask & ~whole)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item %s: value %#x does not fit into the %u "
			      "bits of profile %s", c->class->name, spec & mask,
			      bits, c->profile->name);
	mask &= whole;
	if (!c->profile->partial_masks && mask && mask != whole)
		return REFUSE(c, ENOTSUP, ITEM_MASK,
			      "profile %s matches a field whole: item %s has "
			      "mask %#x", c->profile->name, c->class->name,
			      mask);
	if (c->item->last) {
		uint32_t last = emu_int_read(c->item->last, sizeof(uint32_t),
					 true);

		if ((last & mask) && ((last ^ spec) & mask))
			return add_range(c, &field, ofs, (uint8_t *)&mask,
					 (uint8_t *)&spec, (uint8_t *)&last,
					 sizeof(mask));
	}
	match_int(c, ofs, sizeof(uint32_t), spec, mask);
	if (c->pattern && mask)
		add_move(c, EMU_MOVE_REGISTER, ofs, mask, given & ~whole,
			 bits, NULL);
	return 0;
}

static int
compile_meta(struct compile *c)
{
	if (!c->item->spec)
		return 0;
	return compile_register(c, offsetof(struct emu_key, meta),
				c->profile->meta_bits);
}

static int
compile_mark(struct compile *c)
{
	if (!c->item->spec)
		return 0;
	return compile_register(c, offsetof(struct emu_key, mark),
				c->profile->mark_bits);
}

static int
compile_tag(struct compile *c)
{
	const struct rte_flow_item_tag *spec = c->item->spec;
	struct rte_flow_item_tag *mask = (void *)c->mask;
	const struct rte_flow_item_tag *last = c->item->last;

	if (!spec || !c->has_spec)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item tag needs a spec with an index");
	if (mask->index != UINT8_MAX)
		return REFUSE(c, EINVAL, ITEM_MASK,
			      "item tag: the mask of index has to be 0xff");
	if (spec->index >= c->profile->n_tags)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item tag: index %u, but profile %s has TAG "
			      "registers 0 to %d", spec->index,
			      c->profile->name, (int)c->profile->n_tags - 1);
	if (last && last->index && last->index != spec->index)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item tag: index has no ranges");
	mask->index = 0;
	if (c->pattern)
		add_move(c, EMU_MOVE_TAG_INDEX, 0, 0, spec->index, 0, NULL);
	return compile_register(c, offsetof(struct emu_key, tag)
				   + spec->index * sizeof(uint32_t), 32);
}

/* Matches on whether header 'h' is there, if 'mask' says so. */
static void
match_flag(struct compile *c, enum emu_header h, bool spec, bool mask)
{
	struct emu_match *m = c->match;

	if (!mask)
		return;
	if (c->pattern) {
		add_move(c, EMU_MOVE_HEADER,
			 c->inner ? offsetof(struct emu_key, inner.present)
				  : offsetof(struct emu_key, outer.present),
			 0, h, 0, NULL);
		spec = false;
	}
	if (c->inner) {
		m->key.inner.present |= (uint32_t)spec << h;
		m->mask.inner.present |= 1u << h;
	} else {
		m->key.outer.present |= (uint32_t)spec << h;
		m->mask.outer.present |= 1u << h;
	}
}

static int
compile_eth(struct compile *c)
{
	const struct rte_flow_item_eth *spec = c->item->spec;
	struct rte_flow_item_eth *mask = (void *)c->mask;

	if (spec)
		match_flag(c, EMU_HDR_VLAN0, spec->has_vlan, mask->has_vlan);
	mask->has_vlan = 0;
	return 0;
}

bool
emu_is_ip6_extension(uint8_t proto)
{
	static const uint8_t extensions[] = {
		IPPROTO_HOPOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT,
		IPPROTO_ESP, IPPROTO_AH, IPPROTO_DSTOPTS, 135, 139, 140,
	};

	return memchr(extensions, proto, sizeof(extensions)) != NULL;
}

/* 'proto' of IPV6 stands for the protocol after the extension headers, as in
 * NICs, unless it names an extension header: then for what follows the fixed
 * header. */
static int
compile_ipv6(struct compile *c)
{
	const struct rte_flow_item_ipv6 *spec = c->item->spec;
	struct rte_flow_item_ipv6 *mask = (void *)c->mask;

	if (spec)
		match_flag(c, EMU_HDR_IPV6_FRAG, spec->has_frag_ext,
			   mask->has_frag_ext);
	mask->has_frag_ext = 0;
	if (spec && mask->hdr.proto == UINT8_MAX) {
		bool extension = c->has_spec
				 && emu_is_ip6_extension(spec->hdr.proto);

		if (c->pattern)
			add_move(c, EMU_MOVE_IP6_PROTO, 0, 0, extension, 0,
				 NULL);
		if (extension)
			return compile_field(c, &emu_field_ipv6_next_header);
	}
	return 0;
}

/* The n-th item GENEVE_OPT is the n-th option of the header. */
static int
compile_geneve_opt(struct compile *c)
{
	const struct rte_flow_item_geneve_opt *spec = c->item->spec;
	struct rte_flow_item_geneve_opt mask;
	rte_be32_t key_mask[1 + UINT8_MAX] = {0}, key[1 + UINT8_MAX] = {0};
	uint32_t i, n;

	if (!spec || !c->has_spec)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item geneve_opt needs a spec with a length");
	memcpy(&mask, c->mask, sizeof(mask));
	memset(c->mask, 0, sizeof(mask));
	n = spec->option_len;
	if (c->n_geneve_words + 1 + n > EMU_GENEVE_OPT_WORDS)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item geneve_opt: the device sees the first %d "
			      "words of options alone", EMU_GENEVE_OPT_WORDS);
	if (c->item->last)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item geneve_opt: options have no ranges");
	key[0] = rte_cpu_to_be_32(
		(uint32_t)rte_be_to_cpu_16(spec->option_class) << 16
		| spec->option_type << 8 | (spec->option_len & 0x1f));
	/* The length decides where the next option is. */
	key_mask[0] = rte_cpu_to_be_32(
		(uint32_t)rte_be_to_cpu_16(mask.option_class) << 16
		| mask.option_type << 8 | 0x1f);
	for (i = 0; i < n && spec->data; i++) {
		key[1 + i] = spec->data[i];
		key_mask[1 + i] = mask.data ? mask.data[i] : 0;
	}
	for (i = 0; i <= n; i++) {
		uint32_t word = c->n_geneve_words++;

		c->match->mask.geneve_opt[word] = key_mask[i];
		if (c->pattern)
			add_move(c, EMU_MOVE_GENEVE_OPT,
				 offsetof(struct emu_key, geneve_opt)
				 + word * sizeof(key[0]), key_mask[i], n, i,
				 NULL);
		else
			c->match->key.geneve_opt[word] = key[i] & key_mask[i];
	}
	return 0;
}

/* A key is there if the K bit says so. */
static int
compile_gre_key(struct compile *c)
{
	c->match->key.gre_flags |= RTE_BE16(0x2000);
	c->match->mask.gre_flags |= RTE_BE16(0x2000);
	return 0;
}

static int
compile_vlan(struct compile *c)
{
	const struct rte_flow_item_vlan *spec = c->item->spec;
	struct rte_flow_item_vlan *mask = (void *)c->mask;

	if (c->n_all_vlans++ >= c->profile->n_vlans
	    || c->n_vlans >= EMU_N_VLANS)
		return REFUSE(c, ENOTSUP, ITEM,
			      "item vlan: profile %s matches %u VLAN headers "
			      "at most", c->profile->name,
			      RTE_MIN(c->profile->n_vlans,
				      (uint32_t)EMU_N_VLANS));
	if (spec)
		match_flag(c, c->n_vlans ? EMU_HDR_VLAN_MORE : EMU_HDR_VLAN1,
			   spec->has_more_vlan, mask->has_more_vlan);
	mask->has_more_vlan = 0;
	return 0;
}

/* The n-th item MPLS is the n-th label from the top of the stack. */
static int
compile_mpls(struct compile *c)
{
	if (c->n_mpls >= EMU_N_MPLS)
		return REFUSE(c, ENOTSUP, ITEM,
			      "item mpls: the device sees the first %d labels "
			      "alone", EMU_N_MPLS);
	return 0;
}

static int
compile_any(struct compile *c)
{
	if (c->item->spec && emu_int_read(c->mask, sizeof(uint32_t), true))
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item any: a number of layers cannot be "
			      "matched");
	return 0;
}

/* The checks that the device makes. */
static uint64_t
integrity_checks(void)
{
	const struct rte_flow_item_integrity checks = {
		.l3_ok = 1, .l4_ok = 1, .ipv4_csum_ok = 1, .l4_csum_ok = 1,
	};

	return checks.value;
}

/* Levels 0 and 1 are the outermost headers, 2 those within a tunnel, wherever
 * the item stands.  Rules of a template have the level that its spec has, 0
 * without one. */
static int
compile_integrity(struct compile *c)
{
	static const struct emu_field level_field = {
		.name = "level", .kind = EMU_FIELD_CONST,
		.ofs = offsetof(struct rte_flow_item_integrity, level),
		.size = sizeof(uint32_t), .host = true, .bits = UINT32_MAX,
	};
	const struct rte_flow_item_integrity *spec = c->item->spec;
	struct rte_flow_item_integrity *mask = (void *)c->mask;
	const bool inner = c->inner;
	uint32_t level;
	int rc;

	if (!spec)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item integrity needs a spec with a level");
	level = spec->level;
	if (level > 2)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item integrity: level %u, but there are 0 to 2",
			      level);
	if (c->item->last)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item integrity has no ranges");
	if (mask->value & ~integrity_checks())
		return REFUSE(c, ENOTSUP, ITEM_MASK,
			      "item integrity: only l3_ok, l4_ok, ipv4_csum_ok "
			      "and l4_csum_ok can be matched");
	if (!c->pattern && mask->value & ~spec->value)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item integrity: that a check fails cannot be "
			      "matched");
	if (c->integrity[level > 1])
		return REFUSE(c, ENOTSUP, ITEM,
			      "a second item integrity of one level");
	c->integrity[level > 1] = c->item;
	mask->level = 0;
	if (c->pattern)
		add_move(c, EMU_MOVE_CONST, 0, 0, level, UINT32_MAX,
			 &level_field);
	c->inner = level > 1;
	rc = compile_field(c, &emu_field_integrity);
	c->inner = inner;
	return rc;
}

/* Refuses checks of headers that the pattern does not name. */
static int
check_integrity(struct compile *c, const struct emu_key_headers *mask,
		const struct rte_flow_item *item)
{
	const struct rte_flow_item_integrity asked = {
		.value = mask->integrity
	};
	uint32_t l4 = 1u << EMU_HDR_TCP | 1u << EMU_HDR_UDP;

	c->item = item;
	if (c->profile->integrity_icmp)
		l4 |= 1u << EMU_HDR_ICMP | 1u << EMU_HDR_ICMP6
		      | 1u << EMU_HDR_SCTP;
	if (asked.ipv4_csum_ok && !emu_headers_have(mask, EMU_HDR_IPV4))
		return REFUSE(c, EINVAL, ITEM,
			      "item integrity: ipv4_csum_ok needs an item "
			      "ipv4 of its level");
	if (asked.l3_ok && !emu_headers_have(mask, EMU_HDR_IPV4)
	    && !emu_headers_have(mask, EMU_HDR_IPV6))
		return REFUSE(c, EINVAL, ITEM,
			      "item integrity: l3_ok needs an item ipv4 or "
			      "ipv6 of its level");
	if ((asked.l4_ok || asked.l4_csum_ok) && !(mask->present & l4))
		return REFUSE(c, EINVAL, ITEM,
			      "item integrity: profile %s checks l4_ok and "
			      "l4_csum_ok of items %s of its level alone",
			      c->profile->name,
			      c->profile->integrity_icmp
			      ? "tcp, udp, sctp, icmp and icmp6"
			      : "tcp and udp");
	return 0;
}

static int
compile_special(struct compile *c)
{
	static int (*const functions[])(struct compile *) = {
		[EMU_SPECIAL_SOURCE] = compile_source,
		[EMU_SPECIAL_TAG] = compile_tag,
		[EMU_SPECIAL_META] = compile_meta,
		[EMU_SPECIAL_MARK] = compile_mark,
		[EMU_SPECIAL_ETH] = compile_eth,
		[EMU_SPECIAL_VLAN] = compile_vlan,
		[EMU_SPECIAL_MPLS] = compile_mpls,
		[EMU_SPECIAL_IPV6] = compile_ipv6,
		[EMU_SPECIAL_GENEVE_OPT] = compile_geneve_opt,
		[EMU_SPECIAL_GRE_KEY] = compile_gre_key,
		[EMU_SPECIAL_ANY] = compile_any,
		[EMU_SPECIAL_INTEGRITY] = compile_integrity,
	};

	return c->class->special ? functions[c->class->special](c) : 0;
}

/* -- Items ------------------------------------------------------------- */

/* Refuses 'c->item' where it stands. */
static int
refuse_place(struct compile *c)
{
	char after[128] = "";
	size_t n = 0, i;

	for (i = 0; i < emu_n_item_classes; i++) {
		const struct emu_item_class *class = &emu_item_classes[i];

		if (class->place && class->place != EMU_PLACE_ANY
		    && c->class->after & 1u << class->place
		    && n < sizeof(after))
			n += snprintf(after + n, sizeof(after) - n, "%s%s",
				      n ? ", " : "", class->name);
	}
	return REFUSE(c, EINVAL, ITEM,
		      "item %s cannot follow %s%s%s%s", c->class->name,
		      c->inner && c->class->place >= EMU_PLACE_TUNNEL
		      ? "an earlier tunnel item and " : "",
		      c->prev ? c->prev->name : "the pattern's start",
		      n ? ", but: " : "", after);
}

/* Checks that 'c->item' may stand where it does, and goes to its level. */
static int
enter_item(struct compile *c)
{
	const struct emu_item_class *class = c->class;
	enum emu_place prev = c->prev ? c->prev->place : EMU_PLACE_START;

	if (!class->place)
		return 0;
	if (!(class->after & 1u << prev))
		return refuse_place(c);
	/* A tunnel's header is of the key; what follows it is within it. */
	if (prev >= EMU_PLACE_TUNNEL && class->place < EMU_PLACE_TUNNEL) {
		c->inner = true;
		c->n_vlans = 0;
		c->n_mpls = 0;
	} else if (c->inner && class->place >= EMU_PLACE_TUNNEL) {
		return refuse_place(c);
	}
	return 0;
}

/* Matches the headers that the class at hand stands for. */
static void
match_presence(struct compile *c)
{
	const struct emu_item_class *class = c->class;
	struct emu_match *m = c->match;
	uint32_t bits = class->present;

	if (c->pattern && c->pattern->relaxed && !c->item->mask)
		return;
	bits <<= item_index(c);
	if (c->inner) {
		m->key.inner.present |= bits;
		m->mask.inner.present |= bits;
	} else {
		m->key.outer.present |= bits;
		m->mask.outer.present |= bits;
	}
	if (class->tunnel) {
		m->key.tunnel = class->tunnel;
		m->mask.tunnel = UINT8_MAX;
	}
}

/* Checks that spec, last and mask go together, and sets 'c->mask'. */
static int
take_mask(struct compile *c)
{
	const struct rte_flow_item *item = c->item;
	const struct emu_item_class *class = c->class;

	memset(c->mask, 0, sizeof(c->mask));
	if (!item->spec) {
		if (item->mask || item->last)
			return REFUSE(c, EINVAL, ITEM_SPEC,
				      "item %s has a mask or a last, but no "
				      "spec", class->name);
		return 0;
	}
	if (item->mask)
		memcpy(c->mask, item->mask, class->size);
	else if (class->default_mask)
		memcpy(c->mask, class->default_mask, class->size);
	return 0;
}

static int
compile_item(struct compile *c)
{
	int rc;

	rc = enter_item(c);
	if (rc)
		return rc;
	rc = take_mask(c);
	if (rc)
		return rc;
	rc = compile_special(c);
	if (rc)
		return rc;
	rc = c->item->spec ? compile_fields(c) : 0;
	if (rc)
		return rc;
	match_presence(c);
	if (c->class->place)
		c->prev = c->class;
	if (c->class->place == EMU_PLACE_VLAN)
		c->n_vlans++;
	if (c->class->place == EMU_PLACE_MPLS)
		c->n_mpls++;
	return 0;
}

/* Says why there is no class for 'item', or why it is not for 'attr'. */
static int
refuse_item(struct compile *c)
{
	const char *name = NULL;

	if (c->class)
		name = c->class->name;
	else if (c->item->type < 0
		 || rte_flow_conv(RTE_FLOW_CONV_OP_ITEM_NAME_PTR, &name,
				  sizeof(name),
				  (void *)(uintptr_t)c->item->type, NULL) <= 0
		 || !name)
		return REFUSE(c, ENOTSUP, ITEM, "no item has type %d",
			      c->item->type);
	return REFUSE(c, ENOTSUP, ITEM, "%s does not match item %s",
		      emu_profile_has_item(c->profile, c->item->type)
		      ? "the emulated device" : "the profile of this device",
		      name);
}

/* What takes the whole pattern.  Without an item that names a source, it is
 * what the ethdev represents on which the rule is created. */
static int
compile_end(struct compile *c)
{
	int rc = 0;

	if (!c->has_source)
		match_source(c, EMU_FROM_FUNCTION, c->vport);
	if (c->integrity[0])
		rc = check_integrity(c, &c->match->mask.outer,
				     c->integrity[0]);
	if (!rc && c->integrity[1])
		rc = check_integrity(c, &c->match->mask.inner,
				     c->integrity[1]);
	return rc;
}

/* Compiles 'item' where it stands. */
static int
compile_next(struct compile *c, const struct rte_flow_attr *attr)
{
	if (c->item->type == RTE_FLOW_ITEM_TYPE_VOID)
		return 0;
	c->class = emu_item_class_find(c->item->type);
	if (!c->class || !emu_profile_has_item(c->profile, c->item->type))
		return refuse_item(c);
	if (c->class->special == EMU_SPECIAL_SOURCE && !attr->transfer)
		return emu_error_set(c->error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ITEM, c->item,
				     "item %s is for transfer rules",
				     c->class->name);
	return compile_item(c);
}

int
emu_match_compile(const struct emu_vport *vport,
		  const struct rte_flow_attr *attr,
		  const struct rte_flow_item *items,
		  struct emu_match *match, struct rte_flow_error *error)
{
	struct compile c = {
		.vport = vport,
		.profile = vport->device->profile,
		.match = match,
		.error = error,
		.has_spec = true,
	};
	int rc;

	memset(match, 0, sizeof(*match));
	for (c.item = items; c.item->type != RTE_FLOW_ITEM_TYPE_END;
	     c.item++) {
		rc = compile_next(&c, attr);
		if (rc)
			return rc;
	}
	return compile_end(&c);
}

int
emu_match_compile_template(const struct emu_vport *vport,
			   const struct rte_flow_attr *attr,
			   const struct rte_flow_item *items,
			   struct emu_pattern *pattern,
			   struct rte_flow_error *error)
{
	static const uint8_t nothing[MAX_ITEM_SIZE] __rte_aligned(8);
	struct compile c = {
		.vport = vport,
		.profile = vport->device->profile,
		.match = &pattern->match,
		.pattern = pattern,
		.error = error,
	};
	uint32_t level;
	int rc;

	for (; items[c.index].type != RTE_FLOW_ITEM_TYPE_END; c.index++) {
		struct rte_flow_item item = items[c.index];

		if (item.last)
			return emu_error_set(error, ENOTSUP,
					     RTE_FLOW_ERROR_TYPE_ITEM_LAST,
					     &items[c.index],
					     "a pattern template has no "
					     "ranges");
		/* A template may have a mask without a spec. */
		c.has_spec = item.spec != NULL;
		if (item.mask && !item.spec)
			item.spec = nothing;
		c.item = &item;
		rc = compile_next(&c, attr);
		for (level = 0; level < RTE_DIM(c.integrity); level++) {
			if (c.integrity[level] == &item)
				c.integrity[level] = &items[c.index];
		}
		if (rc) {
			if (error && error->cause == &item)
				error->cause = &items[c.index];
			return rc;
		}
	}
	return compile_end(&c);
}

bool
emu_match_is_software(const struct emu_match *match)
{
	return match->key.origin == EMU_FROM_SOFTWARE
	       || !match->mask.origin;
}

bool
emu_match_is_tunnel(const struct emu_match *match)
{
	return match->mask.tunnel != 0;
}

uint8_t
emu_match_verify(const struct emu_match *match)
{
	return (match->mask.outer.integrity ? EMU_LEVEL_OUTER : 0)
	       | (match->mask.inner.integrity ? EMU_LEVEL_INNER : 0);
}

bool
emu_range_contains(const struct emu_range *range, const struct emu_key *key)
{
	const uint8_t *p = (const uint8_t *)key + range->ofs;
	uint8_t value[16];
	uint32_t i;

	for (i = 0; i < range->size; i++)
		value[i] = p[i] & range->mask[i];
	if (range->host) {
		uint32_t v = emu_int_read(value, range->size, true);

		return v >= emu_int_read(range->first, range->size, true)
		       && v <= emu_int_read(range->last, range->size, true);
	}
	return memcmp(value, range->first, range->size) >= 0
	       && memcmp(value, range->last, range->size) <= 0;
}
