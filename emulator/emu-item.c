/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item: rte_flow items, compiled to a match on struct emu_key.
 *
 * emu_item_classes has one entry per item: where it may stand, which headers a
 * packet then has, and its fields (emu-item-class.c).  Most fields are moved
 * from the item into the key as their entry says (emu-item-field.c); the few
 * that need more have a function (emu-item-special.c). */
#include "emu-item.h"

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "emu-item-compile.h"

/* Refuses 'c->item' where it stands. */
static int
refuse_place(struct emu_item_compile *c)
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
enter_item(struct emu_item_compile *c)
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
match_presence(struct emu_item_compile *c)
{
	const struct emu_item_class *class = c->class;
	struct emu_match *m = c->match;
	uint32_t bits = class->present;

	if (c->pattern && c->pattern->relaxed && !c->item->mask)
		return;
	bits <<= emu_item_index(c);
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
	if (class->type == RTE_FLOW_ITEM_TYPE_VXLAN
	    && !c->profile->vxlan_flags) {
		m->key.tun_flags = EMU_VXLAN_FLAGS;
		m->mask.tun_flags = UINT8_MAX;
	}
}

/* Checks that spec, last and mask go together, and sets 'c->mask'. */
static int
take_mask(struct emu_item_compile *c)
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
compile_item(struct emu_item_compile *c)
{
	int rc;

	rc = enter_item(c);
	if (rc)
		return rc;
	rc = take_mask(c);
	if (rc)
		return rc;
	rc = emu_item_compile_special(c);
	if (rc)
		return rc;
	rc = c->item->spec ? emu_item_compile_fields(c) : 0;
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
refuse_item(struct emu_item_compile *c)
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
compile_end(struct emu_item_compile *c)
{
	int rc = 0;

	if (!c->has_source)
		emu_item_match_source(c, EMU_FROM_FUNCTION, c->vport);
	if (c->integrity[0])
		rc = emu_item_check_integrity(c, &c->match->mask.outer,
					      c->integrity[0]);
	if (!rc && c->integrity[1])
		rc = emu_item_check_integrity(c, &c->match->mask.inner,
					      c->integrity[1]);
	return rc;
}

/* Compiles 'item' where it stands. */
static int
compile_next(struct emu_item_compile *c, const struct rte_flow_attr *attr)
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
	struct emu_item_compile c = {
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
	static const uint8_t nothing[EMU_MAX_ITEM_SIZE] __rte_aligned(8);
	struct emu_item_compile c = {
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
