/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: programs, and the table of actions.
 *
 * A list of actions is checked as a whole before anything is allocated or
 * referred to, and then compiled, one operation per action.  Its order counts:
 * each port action sends the packet as it is at that point; the last one, or
 * the DROP, JUMP, ... that follows, is its fate.  Actions behind the fate may
 * only be such as do not depend on their place (COUNT, AGE, MARK, ...); the
 * fate comes last when the program runs.  An ingress rule needs none: what it
 * does not drop goes on to software.
 *
 * A packet whose TTL would reach 0, or that a VXLAN_DECAP cannot take, is left
 * to software, before any operation had an effect. */
#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_random.h>

#include "emu-indirect.h"
#include "emu-op.h"
#include "emu-table.h"

static const struct emu_action_class classes[];

enum emu_step
emu_walk_drop(struct emu_walk *w)
{
	struct emu_packet *p = w->p;
	struct emu_vport_stats *stats = &p->vport->stats;

	emu_stat_add(p->origin == EMU_FROM_FUNCTION ? &stats->rx_dropped
						    : &stats->tx_dropped, 1);
	rte_pktmbuf_free(p->m);
	p->m = NULL;
	return EMU_STEP_DONE;
}

/* -- Fates: DROP, JUMP, RSS, PASSTHRU ------------------------------------ */

static enum emu_step
drop_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	return emu_walk_drop(w);
}

static int
jump_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_jump *jump = action->conf;

	if (c->nested || c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "JUMP cannot stand within a SAMPLE "
					 "or an ingress rule");
	if (jump->group == c->group)
		return emu_action_refuse(c, EINVAL, action,
					 "group %u jumps to itself",
					 jump->group);
	if (jump->group >= c->profile->max_groups)
		return emu_action_refuse(c, EINVAL, action,
					 "group %u is beyond the last one, %u",
					 jump->group,
					 c->profile->max_groups - 1);
	return 0;
}

static int
jump_compile(struct emu_compile *c, const struct rte_flow_action *action,
	     struct emu_op *op)
{
	const struct rte_flow_action_jump *jump = action->conf;

	RTE_SET_USED(c);
	op->u.group = jump->group;
	return 0;
}

static enum emu_step
jump_run(const struct emu_op *op, struct emu_walk *w)
{
	w->next = op->u.group;
	return EMU_STEP_JUMP;
}

/* Queues are chosen by the ethdev's own RSS; it can be asked for, but not
 * changed, by rules that see what is about to go there. */
static int
rss_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	if (!c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "RSS needs a rule of attribute "
					 "ingress");
	return 0;
}

static enum emu_step
passthru_run(const struct emu_op *op, struct emu_walk *w)
{
	RTE_SET_USED(op);
	RTE_SET_USED(w);
	return EMU_STEP_LEAVE;
}

/* -- Ports --------------------------------------------------------------- */

static int
ethdev_check(struct emu_compile *c, const struct rte_flow_action *action,
	     uint32_t id)
{
	if (c->ingress)
		return emu_action_refuse(c, ENOTSUP, action,
					 "ports need a rule of attribute "
					 "transfer");
	if (id >= RTE_MAX_ETHPORTS || !rte_eth_dev_is_valid_port(id))
		return emu_action_refuse(c, ENODEV, action,
					 "there is no ethdev %u", id);
	if (!emu_device_vport_by_ethdev(c->device, id))
		return emu_action_refuse(c, EXDEV, action,
					 "ethdev %u does not belong to %s",
					 id, c->device->name);
	return 0;
}

static int
ethdev_action_check(struct emu_compile *c,
		    const struct rte_flow_action *action)
{
	const struct rte_flow_action_ethdev *ethdev = action->conf;

	return ethdev_check(c, action, ethdev->port_id);
}

static int
ethdev_action_compile(struct emu_compile *c,
		      const struct rte_flow_action *action,
		      struct emu_op *op)
{
	const struct rte_flow_action_ethdev *ethdev = action->conf;

	op->u.vport = emu_device_vport_by_ethdev(c->device, ethdev->port_id);
	return 0;
}

static int
port_id_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_port_id *port_id = action->conf;

	return ethdev_check(c, action, port_id->original
			    ? c->vport->eth_port_id : port_id->id);
}

static int
port_id_compile(struct emu_compile *c, const struct rte_flow_action *action,
		struct emu_op *op)
{
	const struct rte_flow_action_port_id *port_id = action->conf;

	op->u.vport = port_id->original
		? c->vport
		: emu_device_vport_by_ethdev(c->device, port_id->id);
	return 0;
}

/* Takes the packet, or a copy if more operations follow. */
static struct rte_mbuf *
take(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet *p = w->p;
	struct rte_mbuf *m = p->m;

	if (op->last) {
		p->m = NULL;
		return m;
	}
	m = emu_packet_copy_mbuf(m);
	if (!m)
		emu_stat_add(&p->vport->stats.rx_dropped, 1);
	return m;
}

static enum emu_step
after_port(const struct emu_op *op)
{
	return op->last ? EMU_STEP_DONE : EMU_STEP_NEXT;
}

static enum emu_step
represented_port_run(const struct emu_op *op, struct emu_walk *w)
{
	struct rte_mbuf *m = take(op, w);

	if (m)
		emu_vport_transmit(op->u.vport, m);
	return after_port(op);
}

static enum emu_step
port_representor_run(const struct emu_op *op, struct emu_walk *w)
{
	struct rte_mbuf *m = take(op, w);

	if (m)
		emu_pipeline_deliver(w->p, op->u.vport, m, w->now);
	return after_port(op);
}

/* -- SAMPLE -------------------------------------------------------------- */

static int check_list(struct emu_compile *c,
		      const struct rte_flow_action *actions);
static int compile_list(struct emu_compile *c,
			const struct rte_flow_action *actions,
			struct emu_program **programp);
static enum emu_fate run_ops(const struct emu_program *program,
			     struct emu_walk *w);

static struct emu_compile
nested_compile(const struct emu_compile *c)
{
	return (struct emu_compile) {
		.vport = c->vport,
		.device = c->device,
		.profile = c->profile,
		.group = c->group,
		.nested = true,
		.ingress = c->ingress,
		.error = c->error,
	};
}

static int
sample_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_sample *sample = action->conf;
	struct emu_compile nested = nested_compile(c);

	if (c->nested)
		return emu_action_refuse(c, ENOTSUP, action,
					 "SAMPLE within a SAMPLE");
	if (!sample->ratio)
		return emu_action_refuse(c, EINVAL, action,
					 "a SAMPLE of ratio 0: 1 takes every "
					 "packet, N every Nth");
	if (!sample->actions)
		return emu_action_refuse(c, EINVAL, action,
					 "a SAMPLE without actions");
	return check_list(&nested, sample->actions);
}

static int
sample_compile(struct emu_compile *c, const struct rte_flow_action *action,
	       struct emu_op *op)
{
	const struct rte_flow_action_sample *sample = action->conf;
	struct emu_compile nested = nested_compile(c);

	op->u.sample.ratio = sample->ratio;
	return compile_list(&nested, sample->actions, &op->u.sample.actions);
}

static enum emu_step
sample_run(const struct emu_op *op, struct emu_walk *w)
{
	struct emu_packet copy;
	struct emu_walk nested = { .p = &copy, .now = w->now,
				   .entry_len = w->entry_len };

	if (op->u.sample.ratio > 1 && rte_rand_max(op->u.sample.ratio))
		return EMU_STEP_NEXT;
	copy = *w->p;
	copy.m = emu_packet_copy_mbuf(w->p->m);
	if (!copy.m) {
		emu_stat_add(&copy.vport->stats.rx_dropped, 1);
		return EMU_STEP_NEXT;
	}
	if (copy.stale)
		emu_packet_parse(&copy, true);	/* DEC_TTL looks at it. */
	run_ops(op->u.sample.actions, &nested);
	if (copy.m)
		rte_pktmbuf_free(copy.m);
	w->p->went_up |= copy.went_up;
	return EMU_STEP_NEXT;
}

static void
sample_release(struct emu_op *op)
{
	emu_program_free(op->u.sample.actions);
}

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
	emu_field_set(w->p, op->u.set.ref, op->u.set.value, op->u.set.mask);
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

/* -- COUNT, AGE, INDIRECT, METER ------------------------------------------ */

static int
count_compile(struct emu_compile *c, const struct rte_flow_action *action,
	      struct emu_op *op)
{
	const struct rte_flow_action_count *count = action->conf;

	if (!emu_counter_reserve(c->device))
		return emu_action_refuse(c, ENOSPC, action,
					 "all %u counters are in use",
					 c->profile->max_counters);
	op->u.counter = calloc(1, sizeof(*op->u.counter));
	if (!op->u.counter) {
		emu_counter_unreserve(c->device);
		return emu_action_refuse(c, ENOMEM, action,
					 "no memory for a counter");
	}
	op->id = count ? count->id : 0;
	return 0;
}

static enum emu_step
count_run(const struct emu_op *op, struct emu_walk *w)
{
	emu_counter_add(op->u.counter, w->entry_len);
	return EMU_STEP_NEXT;
}

static void
count_release(struct emu_op *op)
{
	free(op->u.counter);
}

static int
age_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_age *age = action->conf;

	if (age->reserved)
		return emu_action_refuse(c, EINVAL, action,
					 "AGE's reserved bits are not zero");
	return 0;
}

static int
age_compile(struct emu_compile *c, const struct rte_flow_action *action,
	    struct emu_op *op)
{
	const struct rte_flow_action_age *age = action->conf;

	op->u.age = malloc(sizeof(*op->u.age));
	if (!op->u.age)
		return emu_action_refuse(c, ENOMEM, action,
					 "no memory for AGE");
	emu_age_init(op->u.age, age->timeout, age->context);
	return 0;
}

static enum emu_step
age_run(const struct emu_op *op, struct emu_walk *w)
{
	emu_age_touch(op->u.age, w->now);
	return EMU_STEP_NEXT;
}

static void
age_release(struct emu_op *op)
{
	free(op->u.age);
}

static int
indirect_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	if (emu_indirect_type(c->device, action->conf) ==
	    RTE_FLOW_ACTION_TYPE_END)
		return emu_action_refuse(c, ENOENT, action,
					 "%s has no such indirect action",
					 c->device->name);
	return 0;
}

static void
indirect_release(struct emu_op *op)
{
	emu_indirect_unref(op->handle);
}

static int
indirect_compile(struct emu_compile *c, const struct rte_flow_action *action,
		 struct emu_op *op)
{
	op->handle = (struct rte_flow_action_handle *)(uintptr_t)action->conf;
	op->type = emu_indirect_type(c->device, op->handle);
	if (op->type == RTE_FLOW_ACTION_TYPE_COUNT) {
		op->u.counter = emu_indirect_counter_ref(op->handle);
		op->run = count_run;
	} else {
		op->u.age = emu_indirect_age_ref(op->handle);
		op->run = age_run;
	}
	return 0;
}

static int
meter_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_meter *meter = action->conf;

	if (!emu_meter_exists(c->device, meter->mtr_id))
		return emu_action_refuse(c, ENOENT, action,
					 "%s has no meter %u",
					 c->device->name, meter->mtr_id);
	return 0;
}

static int
meter_compile(struct emu_compile *c, const struct rte_flow_action *action,
	      struct emu_op *op)
{
	const struct rte_flow_action_meter *meter = action->conf;

	op->u.meter = emu_meter_ref(c->device, meter->mtr_id);
	return op->u.meter ? 0 : meter_check(c, action);
}

static enum emu_step
meter_run(const struct emu_op *op, struct emu_walk *w)
{
	return emu_meter_run(op->u.meter, w->now, w->entry_len)
		? EMU_STEP_NEXT : emu_walk_drop(w);
}

static void
meter_release(struct emu_op *op)
{
	emu_meter_unref(op->u.meter);
}

/* -- VLAN and MPLS ------------------------------------------------------- */

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

	if (!emu_headers_have(&p->key.outer, EMU_HDR_MPLS) ||
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

		emu_field_set(w->p, ref, op->u.set.value, op->u.set.mask);
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

	emu_field_set(w->p, v4, op->u.set.value, UINT8_MAX);
	emu_field_set(w->p, v6, op->u.set.value, UINT8_MAX);
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

/* -- The table ------------------------------------------------------------ */

static const struct emu_action_class classes[] = {
	[RTE_FLOW_ACTION_TYPE_VOID] = { .name = "VOID" },
	[RTE_FLOW_ACTION_TYPE_PASSTHRU] = {
		.name = "PASSTHRU", .kind = EMU_ACTION_FATE,
		.run = passthru_run },
	[RTE_FLOW_ACTION_TYPE_JUMP] = {
		.name = "JUMP", .kind = EMU_ACTION_FATE, .needs_conf = true,
		.check = jump_check, .compile = jump_compile,
		.run = jump_run },
	[RTE_FLOW_ACTION_TYPE_DROP] = {
		.name = "DROP", .kind = EMU_ACTION_FATE, .run = drop_run },
	[RTE_FLOW_ACTION_TYPE_RSS] = {
		.name = "RSS", .kind = EMU_ACTION_FATE, .check = rss_check,
		.run = passthru_run },
	[RTE_FLOW_ACTION_TYPE_PORT_ID] = {
		.name = "PORT_ID", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = port_id_check,
		.compile = port_id_compile, .run = represented_port_run },
	[RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT] = {
		.name = "REPRESENTED_PORT", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = ethdev_action_check,
		.compile = ethdev_action_compile,
		.run = represented_port_run },
	[RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR] = {
		.name = "PORT_REPRESENTOR", .kind = EMU_ACTION_PORT,
		.needs_conf = true, .check = ethdev_action_check,
		.compile = ethdev_action_compile,
		.run = port_representor_run },
	[RTE_FLOW_ACTION_TYPE_SAMPLE] = {
		.name = "SAMPLE", .needs_conf = true, .check = sample_check,
		.compile = sample_compile, .run = sample_run,
		.release = sample_release },
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
	[RTE_FLOW_ACTION_TYPE_COUNT] = {
		.name = "COUNT", .compile = count_compile, .run = count_run,
		.release = count_release },
	[RTE_FLOW_ACTION_TYPE_AGE] = {
		.name = "AGE", .needs_conf = true, .check = age_check,
		.compile = age_compile, .run = age_run,
		.release = age_release },
	[RTE_FLOW_ACTION_TYPE_INDIRECT] = {
		.name = "INDIRECT", .needs_conf = true,
		.check = indirect_check, .compile = indirect_compile,
		.release = indirect_release },
	[RTE_FLOW_ACTION_TYPE_METER] = {
		.name = "METER", .needs_conf = true, .check = meter_check,
		.compile = meter_compile, .run = meter_run,
		.release = meter_release },
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
	[RTE_FLOW_ACTION_TYPE_RAW_ENCAP] = {
		.name = "RAW_ENCAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_raw_encap_check,
		.compile = emu_raw_encap_compile, .run = emu_encap_run,
		.release = emu_encap_release },
	[RTE_FLOW_ACTION_TYPE_RAW_DECAP] = {
		.name = "RAW_DECAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_raw_decap_check,
		.compile = emu_raw_decap_compile,
		.run = emu_raw_decap_run },
	[RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP] = {
		.name = "VXLAN_ENCAP", .kind = EMU_ACTION_REWRITE,
		.needs_conf = true, .check = emu_vxlan_encap_check,
		.compile = emu_vxlan_encap_compile, .run = emu_encap_run,
		.release = emu_encap_release },
	[RTE_FLOW_ACTION_TYPE_VXLAN_DECAP] = {
		.name = "VXLAN_DECAP", .kind = EMU_ACTION_REWRITE,
		.compile = emu_vxlan_decap_compile,
		.run = emu_vxlan_decap_run },
};

static const struct emu_action_class *
class_of(enum rte_flow_action_type type)
{
	return (unsigned int)type < RTE_DIM(classes) && classes[type].name
		? &classes[type] : NULL;
}

/* -- Lists ---------------------------------------------------------------- */

static int
check_action(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct emu_action_class *class = class_of(action->type);

	if (!class)
		return emu_error_set(c->error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ACTION, action,
				     "action %d is not emulated",
				     action->type);
	if (action->type != RTE_FLOW_ACTION_TYPE_VOID &&
	    (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT
	     ? !c->profile->indirect
	     : !emu_profile_has_action(c->profile, action->type)))
		return emu_error_set(c->error, ENOTSUP,
				     RTE_FLOW_ERROR_TYPE_ACTION, action,
				     "profile %s does not have the action %s",
				     c->profile->name, class->name);
	if (class->needs_conf && !action->conf)
		return emu_action_refuse(c, EINVAL, action,
					 "%s without its configuration",
					 class->name);
	return class->check ? class->check(c, action) : 0;
}

/* What does not fit together, although each action is right. */
static int
refuse_action(struct emu_compile *c, const struct rte_flow_action *action,
	      const char *message)
{
	return rte_flow_error_set(c->error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION,
				  action, message);
}

/* Returns the action that decides about the packet itself: the last port
 * action, DROP, JUMP, ... of 'actions', or NULL. */
static const struct rte_flow_action *
find_fate(const struct rte_flow_action *actions)
{
	const struct rte_flow_action *fate = NULL;

	for (; actions->type != RTE_FLOW_ACTION_TYPE_END; actions++)
		if (class_of(actions->type)->kind >= EMU_ACTION_PORT)
			fate = actions;
	return fate;
}

static int
check_order(struct emu_compile *c, const struct rte_flow_action *actions)
{
	const struct rte_flow_action *fate = find_fate(actions);
	const struct rte_flow_action *a;
	bool sent = false;

	if (!fate && !c->ingress)
		return refuse_action(c, actions,
				     "nothing decides where the packet goes: "
				     "add DROP, JUMP or a port action");
	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		const struct emu_action_class *class = class_of(a->type);

		if (class->kind == EMU_ACTION_FATE && a != fate)
			return refuse_action(c, fate, "a second fate");
		if (class->kind == EMU_ACTION_REWRITE && fate && a > fate)
			return refuse_action(c, a,
					     "a change after the packet left");
		if (a->type == RTE_FLOW_ACTION_TYPE_DROP && sent)
			return refuse_action(c, a,
					     "DROP of a packet that was sent");
		sent |= class->kind == EMU_ACTION_PORT;
		if (class->kind == EMU_ACTION_PORT ||
		    a->type == RTE_FLOW_ACTION_TYPE_SAMPLE)
			c->n_outputs++;
		if (c->n_outputs > c->profile->max_outputs)
			return emu_action_refuse(c, ENOTSUP, a,
						 "more than %u outputs",
						 c->profile->max_outputs);
	}
	return 0;
}

static int
check_list(struct emu_compile *c, const struct rte_flow_action *actions)
{
	const struct rte_flow_action *a;
	int ret;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		ret = check_action(c, a);
		if (ret)
			return ret;
	}
	return check_order(c, actions);
}

/* Appends 'action' to c->program. */
static int
compile_action(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct emu_action_class *class = class_of(action->type);
	struct emu_op *op = &c->program->ops[c->program->n_ops];
	int ret;

	if (action->type == RTE_FLOW_ACTION_TYPE_VOID)
		return 0;
	op->type = action->type;
	op->run = class->run;
	ret = class->compile ? class->compile(c, action, op) : 0;
	if (ret)
		return ret;
	op->release = class->release;
	c->program->n_ops++;
	return 0;
}

static int
compile_list(struct emu_compile *c, const struct rte_flow_action *actions,
	     struct emu_program **programp)
{
	const struct rte_flow_action *fate = find_fate(actions);
	const struct rte_flow_action *a;
	size_t n = 0;
	int ret;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++)
		n++;
	c->program = calloc(1, sizeof(*c->program) +
			    n * sizeof(c->program->ops[0]));
	if (!c->program)
		return rte_flow_error_set(c->error, ENOMEM,
					  RTE_FLOW_ERROR_TYPE_HANDLE, NULL,
					  "no memory for a program");
	c->program->device = c->device;

	for (a = actions; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
		ret = a == fate ? 0 : compile_action(c, a);
		if (ret)
			goto err_free;
	}
	if (fate) {
		ret = compile_action(c, fate);
		if (ret)
			goto err_free;
		c->program->ops[c->program->n_ops - 1].last = true;
	}
	*programp = c->program;
	return 0;

err_free:
	emu_program_free(c->program);
	return ret;
}

/* -- Programs ------------------------------------------------------------- */

int
emu_program_compile(struct emu_vport *vport, uint32_t group,
		    const struct rte_flow_action *actions, bool dry_run,
		    struct emu_program **programp,
		    struct rte_flow_error *error)
{
	struct emu_compile c = {
		.vport = vport,
		.device = vport->device,
		.profile = vport->device->profile,
		.group = group,
		.ingress = group == EMU_GROUP_INGRESS,
		.error = error,
	};
	int ret;

	ret = check_list(&c, actions);
	if (ret || dry_run)
		return ret;
	return compile_list(&c, actions, programp);
}

void
emu_program_free(struct emu_program *program)
{
	unsigned int i;

	if (!program)
		return;
	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];

		if (op->release)
			op->release(op);
		if (op->type == RTE_FLOW_ACTION_TYPE_COUNT && !op->handle)
			emu_counter_unreserve(program->device);
	}
	free(program);
}

/* True if 'k' is IP and its TTL would reach 0 when decremented 'n' times. */
static bool
expires(const struct emu_key_headers *k, uint8_t n)
{
	return n && k->ip_ttl <= n && (emu_headers_have(k, EMU_HDR_IPV4) ||
				       emu_headers_have(k, EMU_HDR_IPV6));
}

static enum emu_fate
run_ops(const struct emu_program *program, struct emu_walk *w)
{
	const struct emu_key *key = &w->p->key;
	const struct emu_op *op = program->ops;
	const struct emu_op *end = op + program->n_ops;

	if (expires(&key->outer, program->dec_ttl[0]) ||
	    expires(&key->inner, program->dec_ttl[1]) ||
	    (program->needs_vxlan && key->tunnel != EMU_TUNNEL_VXLAN))
		return EMU_FATE_NONE;

	for (; op < end; op++) {
		switch (op->run(op, w)) {
		case EMU_STEP_NEXT:
			break;
		case EMU_STEP_DONE:
			return EMU_FATE_DONE;
		case EMU_STEP_JUMP:
			return EMU_FATE_JUMP;
		case EMU_STEP_LEAVE:
			return EMU_FATE_NONE;
		}
	}
	return EMU_FATE_NONE;
}

enum emu_fate
emu_program_run(const struct emu_program *program, struct emu_packet *p,
		uint64_t now, uint32_t *next)
{
	struct emu_walk w = {
		.p = p,
		.now = now,
		.entry_len = rte_pktmbuf_data_len(p->m),
	};
	enum emu_fate fate = run_ops(program, &w);

	if (fate == EMU_FATE_JUMP)
		*next = w.next;
	return fate;
}

/* -- Queries -------------------------------------------------------------- */

static struct emu_op *
find_op(struct emu_program *program, const struct rte_flow_action *action)
{
	unsigned int i;

	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];
		const struct rte_flow_action_count *count = action->conf;

		if (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT) {
			if (op->handle && op->handle == action->conf)
				return op;
		} else if (op->type == action->type &&
			   (op->type != RTE_FLOW_ACTION_TYPE_COUNT || !count ||
			    op->handle || op->id == count->id)) {
			return op;
		}
	}
	return NULL;
}

int
emu_program_query(struct emu_program *program,
		  const struct rte_flow_action *action, void *data,
		  struct rte_flow_error *error)
{
	struct emu_op *op = find_op(program, action);

	if (!op)
		return rte_flow_error_set(error, ENOENT,
					  RTE_FLOW_ERROR_TYPE_ACTION, action,
					  "the rule has no such action");
	if (op->type == RTE_FLOW_ACTION_TYPE_COUNT)
		emu_counter_query(op->u.counter, data);
	else if (op->type == RTE_FLOW_ACTION_TYPE_AGE)
		emu_age_query(op->u.age, rte_rdtsc(), data);
	else
		return rte_flow_error_set(error, ENOTSUP,
					  RTE_FLOW_ERROR_TYPE_ACTION, action,
					  "only COUNT and AGE have an answer");
	return 0;
}

unsigned int
emu_program_aged(struct emu_program *program, uint64_t now,
		 void **contexts, unsigned int n_contexts)
{
	unsigned int i, n = 0;

	for (i = 0; i < program->n_ops; i++) {
		struct emu_op *op = &program->ops[i];

		if (op->type != RTE_FLOW_ACTION_TYPE_AGE || op->handle ||
		    !emu_age_is_due(op->u.age, now))
			continue;
		if (n_contexts) {
			if (n == n_contexts)
				break;
			contexts[n] = op->u.age->context;
			emu_age_report(op->u.age);
		}
		n++;
	}
	return n;
}
