/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-item-print: a compiled match, shown as items of testpmd's "flow
 * create": what the device matches, whatever items said so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "emu-item-class.h"
#include "emu-item.h"

/* A match while it is printed, and where in it. */
struct print {
	FILE *file;
	const struct emu_device *device;
	const struct emu_match *match;
	const struct emu_item_class *class;
	bool inner;
	uint32_t index;		/* Of the VLAN header or MPLS label. */
};

/* The bytes of 'f' within its part of the key that are its own. */
static uint32_t
field_bytes(const struct emu_field *f, uint8_t *whole)
{
	if (f->kind == EMU_FIELD_BYTES) {
		memset(whole, 0xff, f->size);
		return f->size;
	}
	emu_int_write(whole, f->key_size, f->key_host,
		      f->bits >> rte_bsf32(f->bits) << f->key_shift);
	return f->key_size;
}

static void
print_value(const struct print *p, const struct emu_field *f,
	    const uint8_t *value)
{
	char s[INET6_ADDRSTRLEN];
	uint32_t i;

	switch (f->format) {
	case EMU_FORMAT_MAC:
		for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
			fprintf(p->file, "%s%02x", i ? ":" : " ", value[i]);
		return;
	case EMU_FORMAT_IPV4:
	case EMU_FORMAT_IPV6:
		inet_ntop(f->format == EMU_FORMAT_IPV4 ? AF_INET : AF_INET6,
			  value, s, sizeof(s));
		fprintf(p->file, " %s", s);
		return;
	case EMU_FORMAT_HEX:
	case EMU_FORMAT_DEC:
		break;
	}
	if (f->kind == EMU_FIELD_BYTES) {
		fprintf(p->file, " 0x");
		for (i = 0; i < f->size; i++)
			fprintf(p->file, "%02x", value[i]);
		return;
	}
	i = emu_int_read(value, f->key_size, f->key_host) >> f->key_shift;
	fprintf(p->file, f->format == EMU_FORMAT_DEC ? " %" PRIu32
						     : " 0x%" PRIx32, i);
}

/* Prints 'f' with 'spec', 'last' (may be NULL) and 'mask', each of 'size'
 * bytes, of which 'whole' are of the field. */
static void
print_spec_mask(const struct print *p, const struct emu_field *f,
		const uint8_t *spec, const uint8_t *last,
		const uint8_t *mask, const uint8_t *whole, uint32_t size)
{
	bool exact = !memcmp(mask, whole, size);

	fprintf(p->file, " %s %s", f->name, exact && !last ? "is" : "spec");
	print_value(p, f, spec);
	if (last) {
		fprintf(p->file, " %s last", f->name);
		print_value(p, f, last);
	}
	if (!exact || last) {
		fprintf(p->file, " %s mask", f->name);
		print_value(p, f, mask);
	}
}

/* Prints 'f' if it is matched. */
static void
print_field(const struct print *p, const struct emu_field *f)
{
	const struct emu_match *m = p->match;
	uint16_t ofs = emu_field_key_ofs(p->class, f, p->inner, p->index);
	const uint8_t *key = (const uint8_t *)&m->key + ofs;
	const uint8_t *key_mask = (const uint8_t *)&m->mask + ofs;
	uint8_t whole[16] = {0}, spec[16], mask[16];
	uint32_t size = field_bytes(f, whole), i, j;
	bool any = false;

	for (i = 0; i < size; i++) {
		spec[i] = key[i] & whole[i];
		mask[i] = key_mask[i] & whole[i];
		any |= mask[i];
	}
	/* That a header is there is shown as its item. */
	if (any && (f->kind != EMU_FIELD_FLAG
		    || f == &emu_field_second_has_more_vlan
		    || !emu_int_read(spec, size, f->key_host)))
		print_spec_mask(p, f, spec, NULL, mask, whole, size);
	for (i = 0; i < m->n_ranges; i++) {
		const struct emu_range *r = &m->ranges[i];

		if (r->ofs != ofs || r->size != size)
			continue;
		for (j = 0; j < size && !(r->mask[j] & whole[j]); j++)
			;
		if (j < size)
			print_spec_mask(p, f, r->first, r->last, r->mask,
					whole, size);
	}
}

static void
print_fields(const struct print *p)
{
	const struct emu_item_class *class = p->class;
	uint32_t i;

	for (i = 0; i < class->n_fields; i++) {
		const struct emu_field *f = &class->fields[i];

		/* The flag of VLAN is of the first header. */
		if (f->kind == EMU_FIELD_BYTES || f->kind == EMU_FIELD_BITS
		    || (f->kind == EMU_FIELD_FLAG && !p->index))
			print_field(p, f);
	}
	if (class->special == EMU_SPECIAL_IPV6)
		print_field(p, &emu_field_ipv6_next_header);
	if (class->place == EMU_PLACE_VLAN && p->index)
		print_field(p, &emu_field_second_has_more_vlan);
	fprintf(p->file, " /");
}

/* Prints the items of one level. */
static void
print_headers(struct print *p, const struct emu_key_headers *key,
	      const struct emu_key_headers *mask)
{
	uint32_t there = key->present & mask->present;
	size_t i;

	for (i = 0; i < emu_n_item_classes; i++) {
		const struct emu_item_class *class = &emu_item_classes[i];

		p->class = class;
		for (p->index = 0; class->present
		     && p->index < emu_item_class_n(class); p->index++) {
			if (!(there & class->present << p->index))
				continue;
			if (class->special == EMU_SPECIAL_RAW) {
				emu_item_print_raw(p->file, key, mask);
				continue;
			}
			fprintf(p->file, " %s", class->name);
			print_fields(p);
		}
	}
	p->index = 0;
}

static void
print_geneve_options(const struct print *p)
{
	const rte_be32_t *mask = p->match->mask.geneve_opt;
	const rte_be32_t *key = p->match->key.geneve_opt;
	uint32_t i = 0, j, n;

	/* The length of an option that is matched is always in the mask. */
	while (i < EMU_GENEVE_OPT_WORDS && mask[i]) {
		uint32_t word = rte_be_to_cpu_32(key[i]);

		n = word & 0x1f;
		fprintf(p->file, " geneve-opt class is 0x%x type is 0x%x "
			"length is %u data", word >> 16, word >> 8 & 0xff, n);
		for (j = 0; j < n && i + 1 + j < EMU_GENEVE_OPT_WORDS; j++)
			fprintf(p->file, " 0x%08x/0x%08x",
				rte_be_to_cpu_32(key[i + 1 + j]),
				rte_be_to_cpu_32(mask[i + 1 + j]));
		fprintf(p->file, " /");
		i += 1 + n;
	}
}

/* Prints the tunnel header's items. */
static void
print_tunnel(struct print *p)
{
	const struct emu_match *m = p->match;
	size_t i;

	for (i = 0; i < emu_n_item_classes; i++) {
		p->class = &emu_item_classes[i];
		if (!p->class->tunnel || p->class->tunnel != m->key.tunnel)
			continue;
		if (p->class->special == EMU_SPECIAL_GENEVE_OPT) {
			print_geneve_options(p);
		} else if (p->class->special != EMU_SPECIAL_GRE_KEY
			   || m->mask.tun_vni) {
			fprintf(p->file, " %s", p->class->name);
			print_fields(p);
		}
	}
}

static void
print_source(const struct print *p)
{
	const struct emu_match *m = p->match;
	bool represented = m->key.origin == EMU_FROM_FUNCTION;

	if (!m->mask.origin)
		return;
	fprintf(p->file, " %s", represented ? "represented_port"
					    : "port_representor");
	if (m->mask.vport)
		fprintf(p->file, " %s is %u",
			represented ? "ethdev_port_id" : "port_id",
			p->device->vports[m->key.vport].eth_port_id);
	fprintf(p->file, " /");
}

/* Prints the register at 'ofs' of the key, "NAME FIELD ...". */
static void
print_register(const struct print *p, const char *item, const char *name,
	       size_t ofs, int index)
{
	struct emu_field f = {
		.name = name, .kind = EMU_FIELD_BITS,
		.format = EMU_FORMAT_HEX, .bits = UINT32_MAX, .key_ofs = ofs,
		.key_size = sizeof(uint32_t), .key_host = true,
	};
	struct emu_item_class class = { .scope = EMU_SCOPE_KEY };
	struct print q = *p;
	const struct emu_match *m = p->match;
	bool any = emu_int_read((const uint8_t *)&m->mask + ofs,
				sizeof(uint32_t), true);
	uint32_t i;

	for (i = 0; i < m->n_ranges; i++)
		any |= m->ranges[i].ofs == ofs;
	if (!any)
		return;
	q.class = &class;
	fprintf(p->file, " %s", item);
	print_field(&q, &f);
	if (index >= 0)
		fprintf(p->file, " index is %d", index);
	fprintf(p->file, " /");
}

/* Prints the checks that packets have to pass in the headers of 'level'. */
static void
print_integrity(const struct print *p, uint32_t level, uint64_t checks)
{
	if (checks)
		fprintf(p->file, " integrity level is %" PRIu32 " value spec "
			"0x%" PRIx64 " value mask 0x%" PRIx64 " /", level,
			checks, checks);
}

void
emu_match_print(FILE *file, const struct emu_device *device,
		const struct emu_match *match)
{
	struct print p = { .file = file, .device = device, .match = match };
	int i;

	print_source(&p);
	for (i = 0; i < EMU_N_TAGS; i++)
		print_register(&p, "tag", "data",
			       offsetof(struct emu_key, tag)
			       + i * sizeof(match->key.tag[0]), i);
	print_register(&p, "meta", "data", offsetof(struct emu_key, meta), -1);
	print_register(&p, "mark", "id", offsetof(struct emu_key, mark), -1);
	print_integrity(&p, 0, match->mask.outer.integrity);
	print_integrity(&p, 2, match->mask.inner.integrity);
	print_headers(&p, &match->key.outer, &match->mask.outer);
	if (match->mask.tunnel) {
		print_tunnel(&p);
		p.inner = true;
		print_headers(&p, &match->key.inner, &match->mask.inner);
	}
}
