/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-set: the actions that set something: registers, VLAN headers, addresses,
 * ports, TTL, DSCP; and the entries of the table of actions for them. */
#include <string.h>

#include <rte_ether.h>

#include "emu-op.h"

/* -- Registers: MARK, FLAG, SET_META, SET_TAG ----------------------------- */

static bool
exceeds(uint32_t value, uint32_t bits)
{
	return bits < 32 && value >> bits;
}

static void
set_field(struct emu_op *op, enum emu_field_id id, emu_value value,
	  emu_value mask)
{
	op->u.set.ref.id = id;
	op->u.set.value = value;
	op->u.set.mask = mask;
}

static enum emu_step
set_run(const struct emu_op *op, struct emu_walk *w)
{
	emu_field_set(w->p, op->u.set.ref, emu_op_set_value(op, w),
		      op->u.set.mask);
	return EMU_STEP_NEXT;
}

static int
mark_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_mark *mark = action->conf;

	if (exceeds(mark->id, c->profile->mark_bits))
		return emu_action_refuse(c, EINVAL, action,
					 "MARK %#x is wider than %u bits",
					 mark->id, c->profile->mark_bits);
	return 0;
}

static int
mark_compile(struct emu_compile *c, const struct rte_flow_action *action,
	     struct emu_op *op)
{
	const struct rte_flow_action_mark *mark = action->conf;

	RTE_SET_USED(c);
	set_field(op, EMU_FIELD_MARK, mark->id, UINT32_MAX);
	return 0;
}

static enum emu_step
flag_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	w->p->m->ol_flags |= RTE_MBUF_F_RX_FDIR;
	return EMU_STEP_NEXT;
}

static int
meta_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_set_meta *meta = action->conf;

	if (exceeds(meta->data & meta->mask, c->profile->meta_bits))
		return emu_action_refuse(c, EINVAL, action,
					 "META %#x/%#x is wider than %u bits",
					 meta->data, meta->mask,
					 c->profile->meta_bits);
	return 0;
}

static int
meta_compile(struct emu_compile *c, const struct rte_flow_action *action,
	     struct emu_op *op)
{
	const struct rte_flow_action_set_meta *meta = action->conf;

	RTE_SET_USED(c);
	set_field(op, EMU_FIELD_META, meta->data, meta->mask);
	return 0;
}

static int
tag_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_set_tag *tag = action->conf;

	if (tag->index >= c->profile->n_tags)
		return emu_action_refuse(c, EINVAL, action,
					 "there is no TAG %u: this device has "
					 "%u", tag->index,
					 c->profile->n_tags);
	return 0;
}

static int
tag_compile(struct emu_compile *c, const struct rte_flow_action *action,
	    struct emu_op *op)
{
	const struct rte_flow_action_set_tag *tag = action->conf;

	RTE_SET_USED(c);
	set_field(op, EMU_FIELD_TAG, tag->data, tag->mask);
	op->u.set.ref.index = tag->index;
	return 0;
}

/* -- VLAN and MPLS -------------------------------------------------------- */

static enum emu_step
pop_vlan_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	if (emu_packet_has_vlan(w->p))
		emu_packet_remove(w->p, 2 * RTE_ETHER_ADDR_LEN,
				  sizeof(struct rte_vlan_hdr));
	return EMU_STEP_NEXT;
}

static int
push_vlan_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_of_push_vlan *push = action->conf;

	if (push->ethertype != RTE_BE16(RTE_ETHER_TYPE_VLAN) &&
	    push->ethertype != RTE_BE16(RTE_ETHER_TYPE_QINQ))
		return emu_action_refuse(c, EINVAL, action,
					 "%#x is not the type of a VLAN: take "
					 "0x8100 or 0x88a8",
					 rte_be_to_cpu_16(push->ethertype));
	return 0;
}

static int
push_vlan_compile(struct emu_compile *c, const struct rte_flow_action *action,
		  struct emu_op *op)
{
	const struct rte_flow_action_of_push_vlan *push = action->conf;

	RTE_SET_USED(c);
	op->u.ether_type = push->ethertype;
	return 0;
}

/* The new tag is that of VLAN 0; SET_VLAN_VID and SET_VLAN_PCP follow. */
static enum emu_step
push_vlan_run(const struct emu_op *op, struct emu_walk *w)
{
	const uint16_t at = 2 * RTE_ETHER_ADDR_LEN;
	uint8_t *tag;

	if (rte_pktmbuf_data_len(w->p->m) < at ||
	    !emu_packet_insert(w->p, at, sizeof(struct rte_vlan_hdr)))
		return emu_walk_drop(w);
	tag = rte_pktmbuf_mtod_offset(w->p->m, uint8_t *, at);
	memcpy(tag, &op->u.ether_type, 2);
	memset(tag + 2, 0, 2);
	return EMU_STEP_NEXT;
}

static int
vlan_vid_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_of_set_vlan_vid *vid = action->conf;

	if (rte_be_to_cpu_16(vid->vlan_vid) > 0xfff)
		return emu_action_refuse(c, EINVAL, action,
					 "VLAN id %u is above 4095",
					 rte_be_to_cpu_16(vid->vlan_vid));
	return 0;
}

static int
vlan_vid_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	const struct rte_flow_action_of_set_vlan_vid *vid = action->conf;

	RTE_SET_USED(c);
	set_field(op, EMU_FIELD_VLAN_VID, rte_be_to_cpu_16(vid->vlan_vid),
		  0xfff);
	return 0;
}

static int
vlan_pcp_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_of_set_vlan_pcp *pcp = action->conf;

	if (pcp->vlan_pcp > 7)
		return emu_action_refuse(c, EINVAL, action,
					 "VLAN priority %u is above 7",
					 pcp->vlan_pcp);
	return 0;
}

static int
vlan_pcp_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	const struct rte_flow_action_of_set_vlan_pcp *pcp = action->conf;

	RTE_SET_USED(c);
	set_field(op, EMU_FIELD_VLAN_PCP, pcp->vlan_pcp, 0x7);
	return 0;
}

static int
pop_mpls_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	const struct rte_flow_action_of_pop_mpls *pop = action->conf;

	RTE_SET_USED(c);
	op->u.ether_type = pop->ethertype;
	return 0;
}

static enum emu_step
pop_mpls_run(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet *p = w->p;
	uint16_t at = p->outer.l3;

	if (!emu_headers_have(&p->key.outer, EMU_HDR_MPLS0) ||
	    !emu_packet_remove(p, at, sizeof(uint32_t)))
		return EMU_STEP_NEXT;
	memcpy(rte_pktmbuf_mtod_offset(p->m, void *, at - 2),
	       &op->u.ether_type, 2);
	emu_packet_parse(p, true);
	return EMU_STEP_NEXT;
}

/* -- Addresses, ports, TTL, DSCP ------------------------------------------ */

static emu_value
number(const void *bytes, unsigned int n)
{
	const uint8_t *b = bytes;
	emu_value v = 0;

	while (n--)
		v = v << 8 | *b++;
	return v;
}

/* The fields that stand in a SET_* action as they do in the packet. */
static int
set_address_compile(struct emu_compile *c,
		    const struct rte_flow_action *action, struct emu_op *op)
{
	enum emu_field_id id;

	RTE_SET_USED(c);
	switch (action->type) {
	case RTE_FLOW_ACTION_TYPE_SET_MAC_SRC:
		id = EMU_FIELD_ETH_SRC;
		break;
	case RTE_FLOW_ACTION_TYPE_SET_MAC_DST:
		id = EMU_FIELD_ETH_DST;
		break;
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
		id = EMU_FIELD_IPV4_SRC;
		break;
	case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
		id = EMU_FIELD_IPV4_DST;
		break;
	case RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC:
		id = EMU_FIELD_IPV6_SRC;
		break;
	default:
		id = EMU_FIELD_IPV6_DST;
		break;
	}
	set_field(op, id, number(action->conf, emu_fields[id].bytes),
		  ~(emu_value)0);
	return 0;
}

static enum emu_step
mac_swap_run(const struct emu_op *op, struct emu_walk *w)
{
	const struct emu_field_ref dst = { .id = EMU_FIELD_ETH_DST };
	const struct emu_field_ref src = { .id = EMU_FIELD_ETH_SRC };
	emu_value d, s;

	RTE_SET_USED(op);
	if (emu_field_get(w->p, dst, &d) && emu_field_get(w->p, src, &s)) {
		emu_field_set(w->p, dst, s, ~(emu_value)0);
		emu_field_set(w->p, src, d, ~(emu_value)0);
	}
	return EMU_STEP_NEXT;
}

/* Ports of whichever protocol the packet has; set.ref tells the direction. */
static int
set_tp_compile(struct emu_compile *c, const struct rte_flow_action *action,
	       struct emu_op *op)
{
	const struct rte_flow_action_set_tp *tp = action->conf;
	bool src = action->type == RTE_FLOW_ACTION_TYPE_SET_TP_SRC;

	RTE_SET_USED(c);
	set_field(op, src ? EMU_FIELD_TCP_SRC : EMU_FIELD_TCP_DST,
		  rte_be_to_cpu_16(tp->port), UINT16_MAX);
	return 0;
}

static enum emu_step
set_tp_run(const struct emu_op *op, struct emu_walk *w)
{
	static const enum emu_field_id sources[] = {
		EMU_FIELD_TCP_SRC, EMU_FIELD_UDP_SRC, EMU_FIELD_SCTP_SRC };
	static const enum emu_field_id destinations[] = {
		EMU_FIELD_TCP_DST, EMU_FIELD_UDP_DST, EMU_FIELD_SCTP_DST };
	const enum emu_field_id *ids =
		op->u.set.ref.id == EMU_FIELD_TCP_SRC ? sources : destinations;
	unsigned int i;

	for (i = 0; i < RTE_DIM(sources); i++) {
		struct emu_field_ref ref = { .id = ids[i] };

		emu_field_set(w->p, ref, emu_op_set_value(op, w),
			      op->u.set.mask);
	}
	return EMU_STEP_NEXT;
}

static int
set_ttl_compile(struct emu_compile *c, const struct rte_flow_action *action,
		struct emu_op *op)
{
	const struct rte_flow_action_set_ttl *ttl = action->conf;

	c->ttl_set = true;
	set_field(op, EMU_FIELD_IPV4_TTL, ttl->ttl_value, UINT8_MAX);
	return 0;
}

static enum emu_step
set_ttl_run(const struct emu_op *op, struct emu_walk *w)
{
	const struct emu_field_ref v4 = { .id = EMU_FIELD_IPV4_TTL };
	const struct emu_field_ref v6 = { .id = EMU_FIELD_IPV6_HOPLIMIT };

	emu_field_set(w->p, v4, emu_op_set_value(op, w), UINT8_MAX);
	emu_field_set(w->p, v6, emu_op_set_value(op, w), UINT8_MAX);
	return EMU_STEP_NEXT;
}

static int
dec_ttl_compile(struct emu_compile *c, const struct rte_flow_action *action,
		struct emu_op *op)
{
	RTE_SET_USED(action);
	RTE_SET_USED(op);
	if (!c->ttl_set)
		c->program->dec_ttl[c->decapsulated]++;
	return 0;
}

static enum emu_step
dec_ttl_run(const struct emu_op *op, struct emu_walk *w)
{
	static const struct emu_field_ref refs[] = {
		{ .id = EMU_FIELD_IPV4_TTL },
		{ .id = EMU_FIELD_IPV6_HOPLIMIT },
	};
	unsigned int i;

	RTE_SET_USED(op);
	for (i = 0; i < RTE_DIM(refs); i++) {
		emu_value ttl;

		if (emu_field_get(w->p, refs[i], &ttl))
			emu_field_set(w->p, refs[i], ttl - 1, UINT8_MAX);
	}
	return EMU_STEP_NEXT;
}

static int
set_dscp_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	const struct rte_flow_action_set_dscp *dscp = action->conf;
	bool v4 = action->type == RTE_FLOW_ACTION_TYPE_SET_IPV4_DSCP;

	RTE_SET_USED(c);
	set_field(op, v4 ? EMU_FIELD_IPV4_DSCP : EMU_FIELD_IPV6_DSCP,
		  dscp->dscp, 0x3f);
	return 0;
}

/* INC_TCP_SEQ and its kin. */
static int
tcp_number_compile(struct emu_compile *c,
		   const struct rte_flow_action *action, struct emu_op *op)
{
	bool seq = action->type == RTE_FLOW_ACTION_TYPE_INC_TCP_SEQ ||
		   action->type == RTE_FLOW_ACTION_TYPE_DEC_TCP_SEQ;
	bool inc = action->type == RTE_FLOW_ACTION_TYPE_INC_TCP_SEQ ||
		   action->type == RTE_FLOW_ACTION_TYPE_INC_TCP_ACK;

	RTE_SET_USED(c);
	op->u.modify = (struct emu_modify) {
		.dst.id = seq ? EMU_FIELD_TCP_SEQ : EMU_FIELD_TCP_ACK,
		.immediate = true,
		.how = inc ? EMU_ADD : EMU_SUB,
		.width = 32,
		.value = number(action->conf, 4),
	};
	return 0;
}

/* -- Their entries -------------------------------------------------------- */

const struct emu_action_class emu_set_classes[] = {
	[RTE_FLOW_ACTION_TYPE_MARK] = {
		.name = "MARK", .needs_conf = true, .check = mark_check,
		.compile = mark_compile, .run = set_run },
	[RTE_FLOW_ACTION_TYPE_FLAG] = { .name = "FLAG", .run = flag_run },
	[RTE_FLOW_ACTION_TYPE_SET_META] = {
		.name = "SET_META", .needs_conf = true, .check = meta_check,
		.compile = meta_compile, .run = set_run },
	[RTE_FLOW_ACTION_TYPE_SET_TAG] = {
		.name = "SET_TAG", .needs_conf = true, .check = tag_check,
		.compile = tag_compile, .run = set_run },
	[RTE_FLOW_ACTION_TYPE_OF_POP_VLAN] = {
		.name = "OF_POP_VLAN", .kind = EMU_ACTION_REWRITE,
		.run = pop_vlan_run },
	[RTE_FLOW_ACTION_TYPE_OF_PUSH_VLAN] = {
		.name = "OF_PUSH_VLAN", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = push_vlan_check,
		.compile = push_vlan_compile, .run = push_vlan_run },
	[RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID] = {
		.name = "OF_SET_VLAN_VID", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = vlan_vid_check,
		.compile = vlan_vid_compile, .run = set_run },
	[RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP] = {
		.name = "OF_SET_VLAN_PCP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = vlan_pcp_check,
		.compile = vlan_pcp_compile, .run = set_run },
	[RTE_FLOW_ACTION_TYPE_OF_POP_MPLS] = {
		.name = "OF_POP_MPLS", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = pop_mpls_compile,
		.run = pop_mpls_run },
#define SET_ADDRESS(NAME)						\
	[RTE_FLOW_ACTION_TYPE_##NAME] = {				\
		.name = #NAME, .kind = EMU_ACTION_REWRITE,		\
		.needs_conf = true, .compile = set_address_compile,	\
		.run = set_run }
	SET_ADDRESS(SET_MAC_SRC),
	SET_ADDRESS(SET_MAC_DST),
	SET_ADDRESS(SET_IPV4_SRC),
	SET_ADDRESS(SET_IPV4_DST),
	SET_ADDRESS(SET_IPV6_SRC),
	SET_ADDRESS(SET_IPV6_DST),
#undef SET_ADDRESS
	[RTE_FLOW_ACTION_TYPE_MAC_SWAP] = {
		.name = "MAC_SWAP", .kind = EMU_ACTION_REWRITE,
		.run = mac_swap_run },
	[RTE_FLOW_ACTION_TYPE_SET_TP_SRC] = {
		.name = "SET_TP_SRC", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = set_tp_compile,
		.run = set_tp_run },
	[RTE_FLOW_ACTION_TYPE_SET_TP_DST] = {
		.name = "SET_TP_DST", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = set_tp_compile,
		.run = set_tp_run },
	[RTE_FLOW_ACTION_TYPE_SET_TTL] = {
		.name = "SET_TTL", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = set_ttl_compile,
		.run = set_ttl_run },
	[RTE_FLOW_ACTION_TYPE_DEC_TTL] = {
		.name = "DEC_TTL", .kind = EMU_ACTION_REWRITE,
		.compile = dec_ttl_compile, .run = dec_ttl_run },
	[RTE_FLOW_ACTION_TYPE_OF_DEC_NW_TTL] = {
		.name = "OF_DEC_NW_TTL", .kind = EMU_ACTION_REWRITE,
		.compile = dec_ttl_compile, .run = dec_ttl_run },
	[RTE_FLOW_ACTION_TYPE_SET_IPV4_DSCP] = {
		.name = "SET_IPV4_DSCP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = set_dscp_compile,
		.run = set_run },
	[RTE_FLOW_ACTION_TYPE_SET_IPV6_DSCP] = {
		.name = "SET_IPV6_DSCP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .compile = set_dscp_compile,
		.run = set_run },
#define TCP_NUMBER(NAME)						\
	[RTE_FLOW_ACTION_TYPE_##NAME] = {				\
		.name = #NAME, .kind = EMU_ACTION_REWRITE,		\
		.needs_conf = true, .compile = tcp_number_compile,	\
		.run = emu_modify_run }
	TCP_NUMBER(INC_TCP_SEQ),
	TCP_NUMBER(DEC_TCP_SEQ),
	TCP_NUMBER(INC_TCP_ACK),
	TCP_NUMBER(DEC_TCP_ACK),
#undef TCP_NUMBER
	[RTE_FLOW_ACTION_TYPE_MODIFY_FIELD] = {
		.name = "MODIFY_FIELD", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_modify_check,
		.compile = emu_modify_compile, .run = emu_modify_run },
};

const unsigned int emu_n_set_classes = RTE_DIM(emu_set_classes);
