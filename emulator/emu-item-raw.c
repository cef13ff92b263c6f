/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-raw: the item RAW, bytes behind the item before.
 *
 * The device keeps those behind ICMPv6's type, code and checksum, which are
 * all that item ICMP6 has of its header: in an echo message they are its
 * identifier and sequence number. */
#include "emu-item-compile.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_common.h>

/* How many bytes, and where they stand in the headers of the key. */
#define N_BYTES 4
#define KEY_OFS offsetof(struct emu_key_headers, icmp_ident)

/* Refuses what of the item is not bytes. */
static int
check_raw(struct emu_item_compile *c, const struct rte_flow_item_raw *spec,
	  const struct rte_flow_item_raw *mask)
{
	if (c->item->last)
		return REFUSE(c, ENOTSUP, ITEM_LAST,
			      "item raw: bytes have no ranges");
	if (spec->reserved & mask->reserved)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item raw: reserved has to be 0");
	if (spec->search && mask->search)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item raw: the device does not search, search "
			      "has to be 0");
	if (!spec->relative || !mask->relative)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item raw: the device counts from the item "
			      "before, relative has to be 1");
	if (spec->offset & ~mask->offset || spec->length & ~mask->length)
		return REFUSE(c, EINVAL, ITEM_MASK,
			      "item raw: offset and length are matched whole, "
			      "their masks have to be all ones");
	return 0;
}

int
emu_item_compile_raw(struct emu_item_compile *c)
{
	const struct rte_flow_item_raw *spec = c->item->spec;
	struct rte_flow_item_raw mask;
	uint8_t bytes[N_BYTES] = {0};
	uint8_t *key, *key_mask;
	uint32_t i, word;
	int64_t start;
	size_t ofs;
	int rc;

	/* They are side by side, and a move does not cross a word. */
	RTE_BUILD_BUG_ON(offsetof(struct emu_key_headers, icmp_seq)
			 != KEY_OFS + 2);
	RTE_BUILD_BUG_ON(KEY_OFS / 8 != (KEY_OFS + N_BYTES - 1) / 8);
	if (!spec || !c->has_spec)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item raw needs a spec with a length");
	memcpy(&mask, c->mask, sizeof(mask));
	memset(c->mask, 0, sizeof(mask));
	rc = check_raw(c, spec, &mask);
	if (rc)
		return rc;
	start = (int64_t)spec->offset
		+ (c->prev->place == EMU_PLACE_RAW ? c->raw_end : 0);
	if (start < 0 || start + spec->length > N_BYTES)
		return REFUSE(c, ENOTSUP, ITEM_SPEC,
			      "item raw: %u bytes from %" PRId64 " on, but "
			      "the device sees the first %d behind item icmp6 "
			      "alone", spec->length, start, N_BYTES);
	c->raw_end = start + spec->length;
	if (spec->length && !spec->pattern && !c->pattern)
		return REFUSE(c, EINVAL, ITEM_SPEC,
			      "item raw: length is %u, but there is no "
			      "pattern", spec->length);
	/* The default mask has no pattern, and all is matched exactly. */
	if (mask.pattern)
		memcpy(bytes, mask.pattern, spec->length);
	else
		memset(bytes, UINT8_MAX, spec->length);
	for (i = 0; i < spec->length; i++) {
		if (!c->profile->partial_masks && bytes[i]
		    && bytes[i] != UINT8_MAX)
			return REFUSE(c, ENOTSUP, ITEM_MASK,
				      "profile %s matches a byte whole: item "
				      "raw has mask %#x", c->profile->name,
				      bytes[i]);
	}
	ofs = (c->inner ? offsetof(struct emu_key, inner)
			: offsetof(struct emu_key, outer)) + KEY_OFS + start;
	key = (uint8_t *)&c->match->key + ofs;
	key_mask = (uint8_t *)&c->match->mask + ofs;
	for (i = 0; i < spec->length; i++) {
		key_mask[i] |= bytes[i];
		if (!c->pattern)
			key[i] |= spec->pattern[i] & bytes[i];
	}
	if (c->pattern) {
		memcpy(&word, bytes, sizeof(word));
		emu_item_add_move(c, EMU_MOVE_RAW, ofs, word, spec->offset,
				  spec->length, NULL);
	}
	return 0;
}

void
emu_item_print_raw(FILE *file, const struct emu_key_headers *key,
		   const struct emu_key_headers *mask)
{
	const uint8_t *bytes = (const uint8_t *)key + KEY_OFS;
	const uint8_t *masks = (const uint8_t *)mask + KEY_OFS;
	uint32_t first = 0, end = N_BYTES, i;

	while (first < end && !masks[first])
		first++;
	while (end > first && !masks[end - 1])
		end--;
	if (first == end)
		return;
	fprintf(file, " raw relative is 1 offset is %" PRIu32
		" pattern_hex spec ", first);
	for (i = first; i < end; i++)
		fprintf(file, "%02x", bytes[i]);
	fprintf(file, " pattern_hex mask ");
	for (i = first; i < end; i++)
		fprintf(file, "%02x", masks[i]);
	fprintf(file, " /");
}
