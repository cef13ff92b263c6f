/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-integrity: whether the headers of a packet are sound, for the item
 * INTEGRITY.  That lengths fit is checked by the parser already: a header
 * whose length is wrong is not present. */
#include <netinet/in.h>

#include <rte_flow.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "emu-packet.h"
#include "emu-segment.h"

/* The protocol of the layer 4 header, if there is one that has a checksum; 0
 * if not. */
static uint8_t
l4_protocol(const struct emu_key_headers *k)
{
	static const struct {
		enum emu_header header;
		uint8_t protocol;
	} known[] = {
		{ EMU_HDR_TCP, IPPROTO_TCP },
		{ EMU_HDR_UDP, IPPROTO_UDP },
		{ EMU_HDR_SCTP, IPPROTO_SCTP },
		{ EMU_HDR_ICMP, IPPROTO_ICMP },
		{ EMU_HDR_ICMP6, IPPROTO_ICMPV6 },
	};
	size_t i;

	for (i = 0; i < RTE_DIM(known); i++) {
		if (emu_headers_have(k, known[i].header))
			return known[i].protocol;
	}
	return 0;
}

/* A fragment has but a part of what the checksum is of. */
static bool
l4_is_right(const struct emu_key_headers *k, const struct emu_offsets *o,
	    const uint8_t *frame)
{
	const rte_be16_t fragment =
		emu_headers_have(k, EMU_HDR_IPV4)
		? RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK)
		: RTE_BE16(0xfff9);
	uint8_t protocol = l4_protocol(k);

	return protocol && !(k->ip_frag & fragment)
	       && emu_l4_is_right(frame + o->l3,
				  emu_headers_have(k, EMU_HDR_IPV6), protocol,
				  frame + o->l4, o->l4_len);
}

static uint64_t
headers_verify(const struct emu_key_headers *k, const struct emu_offsets *o,
	       const uint8_t *frame)
{
	struct rte_flow_item_integrity right = { .value = 0 };

	if (emu_headers_have(k, EMU_HDR_IPV4)) {
		right.ipv4_csum_ok =
			rte_raw_cksum(frame + o->l3,
				      (k->ip_version_ihl & 0xf) * 4) == 0xffff;
		right.l3_ok = right.ipv4_csum_ok;
	} else {
		right.l3_ok = emu_headers_have(k, EMU_HDR_IPV6);
	}
	right.l4_csum_ok = l4_is_right(k, o, frame);
	right.l4_ok = right.l4_csum_ok;
	return right.value;
}

void
emu_packet_verify(struct emu_packet *p, uint8_t levels)
{
	const uint8_t *frame = rte_pktmbuf_mtod(p->m, const uint8_t *);

	levels &= ~p->verified;
	if (levels & EMU_LEVEL_OUTER)
		p->key.outer.integrity = headers_verify(&p->key.outer,
							&p->outer, frame);
	if (levels & EMU_LEVEL_INNER)
		p->key.inner.integrity = headers_verify(&p->key.inner,
							&p->inner, frame);
	p->verified |= levels;
}
