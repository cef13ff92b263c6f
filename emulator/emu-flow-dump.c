/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow-dump: rules, shown as the testpmd command that makes them. */
#include "emu-flow-dump.h"

#include <ctype.h>
#include <inttypes.h>

#include <arpa/inet.h>

#include <rte_common.h>

#include "emu-item.h"

/* How a field of an action's configuration is shown. */
enum format {
	FORMAT_INT,			/* Host order, of 1 to 4 bytes. */
	FORMAT_BE,			/* Network order, decimal. */
	FORMAT_BE_HEX,
	FORMAT_MAC,
	FORMAT_IPV4,
	FORMAT_IPV6,
};

/* A field of an action; those of one action follow each other. */
static const struct {
	enum rte_flow_action_type type;
	const char *name;
	enum format format;
	size_t ofs, size;
} conf_fields[] = {
#define CONF(TYPE, NAME, FORMAT, STRUCT, MEMBER) \
	{ RTE_FLOW_ACTION_TYPE_##TYPE, NAME, FORMAT_##FORMAT, \
	  offsetof(struct rte_flow_action_##STRUCT, MEMBER), \
	  sizeof(((struct rte_flow_action_##STRUCT *)0)->MEMBER) }
	CONF(JUMP, "group", INT, jump, group),
	CONF(MARK, "id", INT, mark, id),
	CONF(QUEUE, "index", INT, queue, index),
	CONF(COUNT, "identifier", INT, count, id),
	CONF(PORT_ID, "id", INT, port_id, id),
	CONF(REPRESENTED_PORT, "ethdev_port_id", INT, ethdev, port_id),
	CONF(PORT_REPRESENTOR, "port_id", INT, ethdev, port_id),
	CONF(METER, "mtr_id", INT, meter, mtr_id),
	CONF(OF_PUSH_VLAN, "ethertype", BE_HEX, of_push_vlan, ethertype),
	CONF(OF_SET_VLAN_VID, "vlan_vid", BE, of_set_vlan_vid, vlan_vid),
	CONF(OF_SET_VLAN_PCP, "vlan_pcp", BE, of_set_vlan_pcp, vlan_pcp),
	CONF(SET_MAC_SRC, "mac_addr", MAC, set_mac, mac_addr),
	CONF(SET_MAC_DST, "mac_addr", MAC, set_mac, mac_addr),
	CONF(SET_IPV4_SRC, "ipv4_addr", IPV4, set_ipv4, ipv4_addr),
	CONF(SET_IPV4_DST, "ipv4_addr", IPV4, set_ipv4, ipv4_addr),
	CONF(SET_IPV6_SRC, "ipv6_addr", IPV6, set_ipv6, ipv6_addr),
	CONF(SET_IPV6_DST, "ipv6_addr", IPV6, set_ipv6, ipv6_addr),
	CONF(SET_TP_SRC, "port", BE, set_tp, port),
	CONF(SET_TP_DST, "port", BE, set_tp, port),
	CONF(SET_TTL, "ttl_value", INT, set_ttl, ttl_value),
	CONF(SET_IPV4_DSCP, "dscp_value", INT, set_dscp, dscp),
	CONF(SET_IPV6_DSCP, "dscp_value", INT, set_dscp, dscp),
	CONF(SET_META, "data", INT, set_meta, data),
	CONF(SET_META, "mask", INT, set_meta, mask),
	CONF(SET_TAG, "data", INT, set_tag, data),
	CONF(SET_TAG, "mask", INT, set_tag, mask),
	CONF(SET_TAG, "index", INT, set_tag, index),
	CONF(RAW_ENCAP, "size", INT, raw_encap, size),
	CONF(RAW_DECAP, "size", INT, raw_decap, size),
	CONF(SAMPLE, "ratio", INT, sample, ratio),
	CONF(MODIFY_FIELD, "op", INT, modify_field, operation),
	CONF(MODIFY_FIELD, "dst_type", INT, modify_field, dst.field),
	CONF(MODIFY_FIELD, "src_type", INT, modify_field, src.field),
	CONF(MODIFY_FIELD, "width", INT, modify_field, width),
#undef CONF
};

static void
print_conf(FILE *file, enum format format, const uint8_t *p, size_t size)
{
	char s[INET6_ADDRSTRLEN];
	uint64_t value = 0;
	size_t i;

	switch (format) {
	case FORMAT_MAC:
		for (i = 0; i < size; i++)
			fprintf(file, "%s%02x", i ? ":" : "", p[i]);
		return;
	case FORMAT_IPV4:
	case FORMAT_IPV6:
		fputs(inet_ntop(format == FORMAT_IPV4 ? AF_INET : AF_INET6, p,
				s, sizeof(s)), file);
		return;
	case FORMAT_BE:
	case FORMAT_BE_HEX:
		for (i = 0; i < size; i++)
			value = value << 8 | p[i];
		break;
	case FORMAT_INT:
		for (i = 0; i < size; i++) {
#if RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN
			value |= (uint64_t)p[i] << 8 * i;
#else
			value = value << 8 | p[i];
#endif
		}
		break;
	}
	fprintf(file, format == FORMAT_BE_HEX ? "0x%" PRIx64 : "%" PRIu64,
		value);
}

static void
print_action(FILE *file, const struct rte_flow_action *action)
{
	const char *name = NULL;
	size_t i;

	rte_flow_conv(RTE_FLOW_CONV_OP_ACTION_NAME_PTR, &name, sizeof(name),
		      (void *)(uintptr_t)action->type, NULL);
	fputc(' ', file);
	for (; name && *name; name++)
		fputc(tolower((unsigned char)*name), file);
	if (action->type == RTE_FLOW_ACTION_TYPE_INDIRECT)
		fprintf(file, " %p", action->conf);
	for (i = 0; action->conf && i < RTE_DIM(conf_fields); i++) {
		if (conf_fields[i].type != action->type)
			continue;
		fprintf(file, " %s ", conf_fields[i].name);
		print_conf(file, conf_fields[i].format,
			   (const uint8_t *)action->conf + conf_fields[i].ofs,
			   conf_fields[i].size);
	}
	fputs(" /", file);
}

void
emu_flow_dump_rule(FILE *file, const struct emu_vport *vport, uint32_t group,
		   const struct emu_rule *rule,
		   const struct rte_flow_action *actions)
{
	const struct rte_flow_action *action;
	struct emu_match match;

	fprintf(file, "%s hits %" PRIu64 ": flow create %u", vport->name,
		__atomic_load_n(&rule->hits, __ATOMIC_RELAXED),
		vport->eth_port_id);
	if (group == EMU_GROUP_INGRESS)
		fputs(" ingress", file);
	else
		fprintf(file, " group %u transfer", group);
	if (rule->priority)
		fprintf(file, " priority %u", rule->priority);
	fputs(" pattern", file);
	emu_rule_match(rule, &match);
	/* The source of an ingress rule is where it stands. */
	if (group == EMU_GROUP_INGRESS)
		match.mask.origin = 0;
	emu_match_print(file, vport->device, &match);
	fputs(" end actions", file);
	for (action = actions; action->type != RTE_FLOW_ACTION_TYPE_END;
	     action++)
		print_action(file, action);
	fputs(" end\n", file);
}

void
emu_flow_dump(FILE *file, const struct rte_flow *flow)
{
	emu_flow_dump_rule(file, flow->vport, flow->group, &flow->rule,
			   flow->actions);
}
