/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-special: what of rte_flow items a table of fields does not
 * express. */
#include "emu-item-compile.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

/* Sets 'mask' bits of the 4-byte register at 'p' in struct emu_key. */
static void
match_int(struct emu_item_compile *c, size_t ofs, size_t size, uint32_t value,
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

void
emu_item_match_source(struct emu_item_compile *c, enum emu_origin origin,
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
compile_source(struct emu_item_compile *c)
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
		emu_item_match_source(c, origin, NULL);
		MATCH_INT(c, vport, 0, UINT16_MAX);
		emu_item_add_move(c, EMU_MOVE_SOURCE,
				  offsetof(struct emu_key, vport), 0, 0, 0,
				  NULL);
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
	emu_item_match_source(c, origin, vport);
	return 0;
}

/* The registers: TAG, META, MARK. */
static int
compile_register(struct emu_item_compile *c, size_t ofs, uint32_t bits)
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
			return emu_item_add_range(c, &field, ofs,
						  (uint8_t *)&mask,
						  (uint8_t *)&spec,
						  (uint8_t *)&last,
						  sizeof(mask));
	}
	match_int(c, ofs, sizeof(uint32_t), spec, mask);
	if (c->pattern && mask)
		emu_item_add_move(c, EMU_MOVE_REGISTER, ofs, mask,
				  given & ~whole, bits, NULL);
	return 0;
}

static int
compile_meta(struct emu_item_compile *c)
{
	if (!c->item->spec)
		return 0;
	return compile_register(c, offsetof(struct emu_key, meta),
				c->profile->meta_bits);
}

static int
compile_mark(struct emu_item_compile *c)
{
	if (!c->item->spec)
		return 0;
	return compile_register(c, offsetof(struct emu_key, mark),
				c->profile->mark_bits);
}

static int
compile_tag(struct emu_item_compile *c)
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
		emu_item_add_move(c, EMU_MOVE_TAG_INDEX, 0, 0, spec->index, 0,
				  NULL);
	return compile_register(c, offsetof(struct emu_key, tag)
				   + spec->index * sizeof(uint32_t), 32);
}

/* Matches on whether header 'h' is there, if 'mask' says so. */
static void
match_flag(struct emu_item_compile *c, enum emu_header h, bool spec, bool mask)
{
	struct emu_match *m = c->match;

	if (!mask)
		return;
	if (c->pattern) {
		size_t ofs = c->inner
			     ? offsetof(struct emu_key, inner.present)
			     : offsetof(struct emu_key, outer.present);

		emu_item_add_move(c, EMU_MOVE_HEADER, ofs, 0, h, 0, NULL);
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
compile_eth(struct emu_item_compile *c)
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
compile_ipv6(struct emu_item_compile *c)
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
			emu_item_add_move(c, EMU_MOVE_IP6_PROTO, 0, 0,
					  extension, 0, NULL);
		if (extension)
			return emu_item_compile_field(
				c, &emu_field_ipv6_next_header);
	}
	return 0;
}

/* The n-th item GENEVE_OPT is the n-th option of the header. */
static int
compile_geneve_opt(struct emu_item_compile *c)
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
			emu_item_add_move(c, EMU_MOVE_GENEVE_OPT,
					  offsetof(struct emu_key,
						   geneve_opt[word]),
					  key_mask[i], n, i, NULL);
		else
			c->match->key.geneve_opt[word] = key[i] & key_mask[i];
	}
	return 0;
}

/* A key is there if the K bit says so. */
static int
compile_gre_key(struct emu_item_compile *c)
{
	c->match->key.gre_flags |= RTE_BE16(0x2000);
	c->match->mask.gre_flags |= RTE_BE16(0x2000);
	return 0;
}

static int
compile_vlan(struct emu_item_compile *c)
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
compile_mpls(struct emu_item_compile *c)
{
	if (c->n_mpls >= EMU_N_MPLS)
		return REFUSE(c, ENOTSUP, ITEM,
			      "item mpls: the device sees the first %d labels "
			      "alone", EMU_N_MPLS);
	return 0;
}

static int
compile_any(struct emu_item_compile *c)
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
compile_integrity(struct emu_item_compile *c)
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
		emu_item_add_move(c, EMU_MOVE_CONST, 0, 0, level, UINT32_MAX,
				  &level_field);
	c->inner = level > 1;
	rc = emu_item_compile_field(c, &emu_field_integrity);
	c->inner = inner;
	return rc;
}

int
emu_item_check_integrity(struct emu_item_compile *c,
			 const struct emu_key_headers *mask,
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

int
emu_item_compile_special(struct emu_item_compile *c)
{
	static int (*const functions[])(struct emu_item_compile *) = {
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
		[EMU_SPECIAL_RAW] = emu_item_compile_raw,
	};

	return c->class->special ? functions[c->class->special](c) : 0;
}
