/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-modify: the action MODIFY_FIELD (DPDK's Programmer's Guide, "Action:
 * MODIFY_FIELD").
 *
 * Which bit an offset means: header fields count from their first bit on the
 * wire, registers from the least significant one, as net/mlx5 has it.  An
 * immediate value is laid out as the field in its rte_flow item, with fields
 * of less than whole bytes (VLAN id, DSCP, TCP flags) in the low bits;
 * registers are uint32_t of the host. */
#include <errno.h>

#include "emu-op.h"

/* What rte_flow calls our fields, plus one; 0 where we have none. */
static const uint8_t field_ids[] = {
#define MAP(RTE, EMU) [RTE_FLOW_FIELD_##RTE] = EMU_FIELD_##EMU + 1
	MAP(MAC_DST, ETH_DST),
	MAP(MAC_SRC, ETH_SRC),
	MAP(VLAN_TYPE, VLAN_TYPE),
	MAP(VLAN_ID, VLAN_VID),
	MAP(MAC_TYPE, ETH_TYPE),
	MAP(IPV4_DSCP, IPV4_DSCP),
	MAP(IPV4_TTL, IPV4_TTL),
	MAP(IPV4_SRC, IPV4_SRC),
	MAP(IPV4_DST, IPV4_DST),
	MAP(IPV6_DSCP, IPV6_DSCP),
	MAP(IPV6_HOPLIMIT, IPV6_HOPLIMIT),
	MAP(IPV6_SRC, IPV6_SRC),
	MAP(IPV6_DST, IPV6_DST),
	MAP(TCP_PORT_SRC, TCP_SRC),
	MAP(TCP_PORT_DST, TCP_DST),
	MAP(TCP_SEQ_NUM, TCP_SEQ),
	MAP(TCP_ACK_NUM, TCP_ACK),
	MAP(TCP_FLAGS, TCP_FLAGS),
	MAP(UDP_PORT_SRC, UDP_SRC),
	MAP(UDP_PORT_DST, UDP_DST),
	MAP(VXLAN_VNI, VXLAN_VNI),
	MAP(GENEVE_VNI, GENEVE_VNI),
	MAP(TAG, TAG),
	MAP(MARK, MARK),
	MAP(META, META),
	MAP(IPV4_ECN, IPV4_ECN),
	MAP(IPV6_ECN, IPV6_ECN),
#undef MAP
};

static bool
is_immediate(const struct rte_flow_action_modify_data *data)
{
	return data->field == RTE_FLOW_FIELD_VALUE ||
	       data->field == RTE_FLOW_FIELD_POINTER;
}

static bool
find_field(const struct rte_flow_action_modify_data *data,
	   enum emu_field_id *id)
{
	unsigned int field = data->field;

	if (field >= RTE_DIM(field_ids) || !field_ids[field])
		return false;
	*id = field_ids[field] - 1;
	return true;
}

static uint32_t
field_width(const struct emu_profile *profile, enum emu_field_id id)
{
	switch (id) {
	case EMU_FIELD_MARK:
		return profile->mark_bits;
	case EMU_FIELD_META:
		return profile->meta_bits;
	default:
		return emu_fields[id].bits;
	}
}

static int
check_field(struct emu_compile *c, const struct rte_flow_action *action,
	    const struct rte_flow_action_modify_data *data, uint32_t width)
{
	const struct emu_profile *profile = c->profile;
	enum emu_field_id id;
	uint32_t bits;

	if (!find_field(data, &id))
		return emu_action_refuse(c, ENOTSUP, action,
					 "field %d cannot be modified or read",
					 data->field);
	if (!((profile->modify_fields[0] >> data->field) & 1))
		return emu_action_refuse(c, ENOTSUP, action,
					 "profile %s cannot modify %s",
					 profile->name, emu_fields[id].name);
	if (id == EMU_FIELD_TAG) {
		if (data->level >= profile->n_tags)
			return emu_action_refuse(c, EINVAL, action,
						 "there is no TAG %u: this "
						 "device has %u", data->level,
						 profile->n_tags);
	} else if (data->level > 1) {
		return emu_action_refuse(c, ENOTSUP, action,
					 "%s: level %u is within a tunnel",
					 emu_fields[id].name, data->level);
	}
	bits = field_width(profile, id);
	if (width > bits || data->offset > bits - width)
		return emu_action_refuse(c, EINVAL, action,
					 "%u bits from bit %u on do not fit "
					 "into %s, which has %u", width,
					 data->offset, emu_fields[id].name,
					 bits);
	return 0;
}

int
emu_modify_check(struct emu_compile *c, const struct rte_flow_action *action)
{
	const struct rte_flow_action_modify_field *modify = action->conf;

	if (modify->operation > RTE_FLOW_MODIFY_SUB)
		return emu_action_refuse(c, EINVAL, action,
					 "operation %d is none of set, add "
					 "and sub", modify->operation);
	if (!modify->width)
		return emu_action_refuse(c, EINVAL, action,
					 "a MODIFY_FIELD of width 0");
	if (modify->src.field == RTE_FLOW_FIELD_POINTER &&
	    !modify->src.pvalue)
		return emu_action_refuse(c, EINVAL, action,
					 "a null pointer to the value");
	if (!is_immediate(&modify->src)) {
		int ret = check_field(c, action, &modify->src, modify->width);

		if (ret)
			return ret;
	}
	return check_field(c, action, &modify->dst, modify->width);
}

/* How far the lowest of the chosen bits is above the field's lowest. */
static uint8_t
shift_of(enum emu_field_id id, uint32_t offset, uint32_t width)
{
	return emu_fields[id].is_register
		? offset : emu_fields[id].bits - offset - width;
}

static emu_value
load_immediate(const struct rte_flow_action_modify_data *data,
	       enum emu_field_id dst)
{
	const uint8_t *bytes = data->field == RTE_FLOW_FIELD_POINTER
		? data->pvalue : data->value;
	emu_value v = 0;
	uint32_t reg;
	int i;

	if (emu_fields[dst].is_register) {
		memcpy(&reg, bytes, sizeof(reg));
		return reg;
	}
	for (i = 0; i < emu_fields[dst].bytes; i++)
		v = v << 8 | bytes[i];
	return v;
}

int
emu_modify_compile(struct emu_compile *c,
		   const struct rte_flow_action *action, struct emu_op *op)
{
	static const enum emu_arithmetic operations[] = {
		[RTE_FLOW_MODIFY_SET] = EMU_SET,
		[RTE_FLOW_MODIFY_ADD] = EMU_ADD,
		[RTE_FLOW_MODIFY_SUB] = EMU_SUB,
	};
	const struct rte_flow_action_modify_field *modify = action->conf;
	struct emu_modify *m = &op->u.modify;

	RTE_SET_USED(c);
	find_field(&modify->dst, &m->dst.id);
	m->dst.index = modify->dst.level;
	m->width = modify->width;
	m->how = operations[modify->operation];
	m->dst_shift = shift_of(m->dst.id, modify->dst.offset, m->width);
	m->immediate = is_immediate(&modify->src);
	if (m->immediate) {
		m->value = load_immediate(&modify->src, m->dst.id) >>
			   m->dst_shift;
	} else {
		find_field(&modify->src, &m->src.id);
		m->src.index = modify->src.level;
		m->src_shift = shift_of(m->src.id, modify->src.offset,
					m->width);
	}
	return 0;
}

enum emu_step
emu_modify_run(const struct emu_op *op, struct emu_walk *w)
{
	const struct emu_modify *m = &op->u.modify;
	const emu_value mask = ~(emu_value)0 >> (128 - m->width);
	emu_value operand = emu_op_modify_value(op, w), value;

	if (!m->immediate) {
		if (!emu_field_get(w->p, m->src, &operand))
			return EMU_STEP_NEXT;
		operand >>= m->src_shift;
	}
	if (m->how != EMU_SET) {
		if (!emu_field_get(w->p, m->dst, &value))
			return EMU_STEP_NEXT;
		value >>= m->dst_shift;
		operand = m->how == EMU_ADD ? value + operand
					    : value - operand;
	}
	emu_field_set(w->p, m->dst, (operand & mask) << m->dst_shift,
		      mask << m->dst_shift);
	return EMU_STEP_NEXT;
}
