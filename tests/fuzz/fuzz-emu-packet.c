/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes the emulator's packet parser and rewriter.  Input: a byte with the
 * number of changes and whether there are tunnels, the changes, the frame. */
#include <stdlib.h>

#include "emu-packet.h"
#include "emu-rewrite.h"
#include "fuzz-input.h"

#define HEADROOM 128
#define MAX_CHANGES 16

/* Headers are within the frame, and in order. */
static void
check_offsets(const struct emu_packet *p, const struct emu_offsets *o)
{
	FUZZ_REQUIRE(o->l2 <= p->m->data_len);
	FUZZ_REQUIRE(o->l3 <= p->m->data_len);
	FUZZ_REQUIRE(o->l4 <= p->m->data_len);
	FUZZ_REQUIRE(o->payload <= p->m->data_len);
	FUZZ_REQUIRE(!o->l3 || o->l3 >= o->l2);
	FUZZ_REQUIRE(!o->l4 || o->l4 >= o->l3);
	FUZZ_REQUIRE(!o->payload || o->payload >= o->l4);
	FUZZ_REQUIRE(!o->l4 || o->l4 + o->l4_len <= p->m->data_len);
}

/* What is found does not depend on what was found before. */
static void
check_parse(struct emu_packet *p, bool tunnels)
{
	struct emu_packet fresh;

	emu_packet_parse(p, tunnels);
	check_offsets(p, &p->outer);
	check_offsets(p, &p->inner);

	memset(&fresh, 0, sizeof(fresh));
	fresh.m = p->m;
	emu_packet_parse(&fresh, tunnels);
	FUZZ_REQUIRE(!memcmp(&p->key.outer, &fresh.key.outer,
			sizeof(p->key.outer)));
	FUZZ_REQUIRE(!memcmp(&p->key.inner, &fresh.key.inner,
			sizeof(p->key.inner)));
	FUZZ_REQUIRE(p->key.tunnel == fresh.key.tunnel);
	FUZZ_REQUIRE(!memcmp(&p->outer, &fresh.outer, sizeof(p->outer)));
}

static void
change(struct emu_packet *p, struct fuzz_input *in)
{
	uint8_t what = fuzz_u8(in);
	emu_value value, mask, now;
	struct emu_field_ref ref;
	uint16_t at, n;

	switch (what % 4) {
	case 0:
		at = fuzz_u8(in);
		n = fuzz_u8(in) % 64;
		if (at <= p->m->data_len && emu_packet_insert(p, at, n))
			memset(rte_pktmbuf_mtod_offset(p->m, void *, at),
			       what, n);
		return;
	case 1:
		at = fuzz_u8(in);
		emu_packet_remove(p, at, fuzz_u8(in) % 64);
		return;
	default:
		ref.id = fuzz_u8(in) % EMU_N_FIELDS;
		ref.index = fuzz_u8(in) % EMU_N_TAGS;
		fuzz_take(in, &value, sizeof(value));
		memset(&mask, 0xff, sizeof(mask));
		emu_field_set(p, ref, value, mask);
		if (emu_field_get(p, ref, &now) && !p->stale &&
		    emu_fields[ref.id].bits < 128)
			FUZZ_REQUIRE(now >> emu_fields[ref.id].bits == 0);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t changes[MAX_CHANGES * 20];
	uint8_t head = fuzz_u8(&in);
	bool tunnels = head & 0x80;
	uint8_t n_changes = head % (MAX_CHANGES + 1);
	struct fuzz_input c = { changes, (size_t)n_changes * 20 };
	struct emu_packet p;
	struct rte_mbuf m;

	fuzz_take(&in, changes, c.size);
	if (in.size > 1500)
		return 0;

	/* No room behind: a byte too far is noticed. */
	memset(&m, 0, sizeof(m));
	m.buf_addr = malloc(HEADROOM + in.size + 1);
	FUZZ_REQUIRE(m.buf_addr != NULL);
	m.buf_len = HEADROOM + in.size;
	m.data_off = HEADROOM;
	m.data_len = in.size;
	m.pkt_len = in.size;
	m.nb_segs = 1;
	rte_mbuf_refcnt_set(&m, 1);
	memcpy(rte_pktmbuf_mtod(&m, void *), in.data, in.size);

	memset(&p, 0, sizeof(p));
	p.m = &m;
	check_parse(&p, tunnels);
	while (n_changes-- > 0) {
		change(&p, &c);
		check_parse(&p, tunnels);
		p.stale = false;
	}
	free(m.buf_addr);
	return 0;
}
