/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes the emulator's front end of rte_flow: attributes, items and actions
 * of any kind with any contents, on a device without anybody at its ports.
 * What is taken is shown, counted and taken back.
 *
 * Input: attributes, items up to an END, actions up to an END.  An item is its
 * type, which of spec, last and mask there are, and those; an action its type
 * and its conf. */
#include <stdio.h>
#include <stdlib.h>

#include <rte_bus_vdev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_flow.h>

#include "fuzz-input.h"

#define MAX_ITEMS 12
#define MAX_ACTIONS 12
#define OTHER_SIZE 64		/* Of what the emulator has not. */
#define DEVICE "net_dpu_emu0"
#define DEVARGS "vfs=2,uplink=null,vf0=null,vf1=null"

static FILE *nowhere;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char *args[] = {
		"fuzz", "--no-huge", "--no-pci", "--no-shconf",
		"--no-telemetry", "-m", "512", "--log-level=critical",
	};

	(void)argc;
	(void)argv;
	setenv("DPU_EMU_PROFILE_PATH", FIXTURE_PROFILE_DIR, 0);
	FUZZ_REQUIRE(rte_eal_init(RTE_DIM(args), args) >= 0);
	FUZZ_REQUIRE(rte_vdev_init(DEVICE, DEVARGS) == 0);
	nowhere = fopen("/dev/null", "w");
	FUZZ_REQUIRE(nowhere != NULL);
	return 0;
}

/* -- Structures --------------------------------------------------------- */

/* How large a spec or conf is, so that a byte too far is noticed. */
static const size_t item_sizes[] = {
#define ITEM(TYPE, STRUCT) \
	[RTE_FLOW_ITEM_TYPE_##TYPE] = sizeof(struct rte_flow_item_##STRUCT)
	ITEM(PORT_ID, port_id), ITEM(RAW, raw), ITEM(ETH, eth),
	ITEM(VLAN, vlan), ITEM(IPV4, ipv4), ITEM(IPV6, ipv6),
	ITEM(ICMP, icmp), ITEM(UDP, udp), ITEM(TCP, tcp), ITEM(SCTP, sctp),
	ITEM(VXLAN, vxlan), ITEM(MPLS, mpls), ITEM(GRE, gre),
	ITEM(GENEVE, geneve), ITEM(ARP_ETH_IPV4, arp_eth_ipv4),
	ITEM(IPV6_EXT, ipv6_ext), ITEM(ICMP6, icmp6),
	ITEM(ICMP6_ND_NS, icmp6_nd_ns), ITEM(ICMP6_ND_NA, icmp6_nd_na),
	ITEM(ICMP6_ND_OPT_SLA_ETH, icmp6_nd_opt_sla_eth),
	ITEM(ICMP6_ND_OPT_TLA_ETH, icmp6_nd_opt_tla_eth),
	ITEM(MARK, mark), ITEM(META, meta), ITEM(TAG, tag),
	ITEM(GENEVE_OPT, geneve_opt), ITEM(IPV6_FRAG_EXT, ipv6_frag_ext),
	ITEM(PORT_REPRESENTOR, ethdev), ITEM(REPRESENTED_PORT, ethdev),
#undef ITEM
	[RTE_FLOW_ITEM_TYPE_GRE_KEY] = sizeof(rte_be32_t),
};

static const size_t action_sizes[] = {
#define ACTION(TYPE, STRUCT) \
	[RTE_FLOW_ACTION_TYPE_##TYPE] = sizeof(struct rte_flow_action_##STRUCT)
	ACTION(JUMP, jump), ACTION(MARK, mark), ACTION(QUEUE, queue),
	ACTION(COUNT, count), ACTION(RSS, rss), ACTION(PORT_ID, port_id),
	ACTION(METER, meter), ACTION(OF_PUSH_VLAN, of_push_vlan),
	ACTION(OF_SET_VLAN_VID, of_set_vlan_vid),
	ACTION(OF_SET_VLAN_PCP, of_set_vlan_pcp),
	ACTION(OF_POP_MPLS, of_pop_mpls), ACTION(OF_PUSH_MPLS, of_push_mpls),
	ACTION(VXLAN_ENCAP, vxlan_encap), ACTION(RAW_ENCAP, raw_encap),
	ACTION(RAW_DECAP, raw_decap), ACTION(SET_IPV4_SRC, set_ipv4),
	ACTION(SET_IPV4_DST, set_ipv4), ACTION(SET_IPV6_SRC, set_ipv6),
	ACTION(SET_IPV6_DST, set_ipv6), ACTION(SET_TP_SRC, set_tp),
	ACTION(SET_TP_DST, set_tp), ACTION(SET_TTL, set_ttl),
	ACTION(SET_MAC_SRC, set_mac), ACTION(SET_MAC_DST, set_mac),
	ACTION(SET_TAG, set_tag), ACTION(SET_META, set_meta),
	ACTION(SET_IPV4_DSCP, set_dscp), ACTION(SET_IPV6_DSCP, set_dscp),
	ACTION(AGE, age), ACTION(SAMPLE, sample),
	ACTION(MODIFY_FIELD, modify_field),
	ACTION(PORT_REPRESENTOR, ethdev), ACTION(REPRESENTED_PORT, ethdev),
#undef ACTION
	[RTE_FLOW_ACTION_TYPE_INC_TCP_SEQ] = sizeof(rte_be32_t),
	[RTE_FLOW_ACTION_TYPE_DEC_TCP_SEQ] = sizeof(rte_be32_t),
	[RTE_FLOW_ACTION_TYPE_INC_TCP_ACK] = sizeof(rte_be32_t),
	[RTE_FLOW_ACTION_TYPE_DEC_TCP_ACK] = sizeof(rte_be32_t),
};

/* What was allocated for an input. */
static void *allocated[16384];
static unsigned int n_allocated;

static void *
take(struct fuzz_input *in, size_t size)
{
	void *p = malloc(size ? size : 1);

	FUZZ_REQUIRE(p && n_allocated < RTE_DIM(allocated));
	allocated[n_allocated++] = p;
	fuzz_take(in, p, size);
	return p;
}

/* -- Items -------------------------------------------------------------- */

/* One of the item's structures, whose pointers point to as much as they
 * say. */
static void *
take_spec(struct fuzz_input *in, enum rte_flow_item_type type)
{
	size_t size = (size_t)type < RTE_DIM(item_sizes) ? item_sizes[type]
							 : 0;
	void *spec = take(in, size ? size : OTHER_SIZE);

	if (type == RTE_FLOW_ITEM_TYPE_GENEVE_OPT) {
		struct rte_flow_item_geneve_opt *opt = spec;

		opt->option_len %= 32;
		opt->data = take(in, opt->option_len * 4);
	} else if (type == RTE_FLOW_ITEM_TYPE_RAW) {
		struct rte_flow_item_raw *raw = spec;

		raw->length %= 64;
		raw->pattern = take(in, raw->length);
	}
	return spec;
}

/* An option's mask and last are as long as its spec, as rte_flow has it. */
static void
same_option(const struct rte_flow_item *item, struct fuzz_input *in)
{
	const struct rte_flow_item_geneve_opt *spec = item->spec;
	struct rte_flow_item_geneve_opt *others[] = {
		(void *)(uintptr_t)item->mask, (void *)(uintptr_t)item->last,
	};
	unsigned int i;

	for (i = 0; spec && i < RTE_DIM(others); i++)
		if (others[i])
			others[i]->data = take(in, spec->option_len * 4);
}

static void
take_items(struct fuzz_input *in, struct rte_flow_item *items)
{
	unsigned int i;

	memset(items, 0, sizeof(*items) * (MAX_ITEMS + 1));
	for (i = 0; i < MAX_ITEMS; i++) {
		struct rte_flow_item *item = &items[i];
		uint8_t which;

		item->type = fuzz_u8(in) % 80;
		if (item->type == RTE_FLOW_ITEM_TYPE_END)
			return;
		which = fuzz_u8(in);
		if (which & 1)
			item->spec = take_spec(in, item->type);
		if (which & 2)
			item->mask = take_spec(in, item->type);
		if (which & 4)
			item->last = take_spec(in, item->type);
		if (item->type == RTE_FLOW_ITEM_TYPE_GENEVE_OPT)
			same_option(item, in);
	}
	items[i].type = RTE_FLOW_ITEM_TYPE_END;
}

/* -- Actions ------------------------------------------------------------ */

static struct rte_flow_action *take_actions(struct fuzz_input *in,
					    unsigned int depth);

/* Puts what the pointers of 'conf' point at in place. */
static void
take_nested(struct fuzz_input *in, enum rte_flow_action_type type, void *conf,
	    unsigned int depth)
{
	if (type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP) {
		struct rte_flow_action_raw_encap *raw = conf;

		raw->size %= 200;
		raw->data = take(in, raw->size);
		raw->preserve = NULL;
	} else if (type == RTE_FLOW_ACTION_TYPE_RAW_DECAP) {
		struct rte_flow_action_raw_decap *raw = conf;

		raw->size %= 200;
		raw->data = take(in, raw->size);
	} else if (type == RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP) {
		struct rte_flow_action_vxlan_encap *vxlan = conf;

		vxlan->definition = calloc(MAX_ITEMS + 1,
					   sizeof(*vxlan->definition));
		FUZZ_REQUIRE(vxlan->definition != NULL);
		allocated[n_allocated++] = vxlan->definition;
		take_items(in, vxlan->definition);
	} else if (type == RTE_FLOW_ACTION_TYPE_SAMPLE) {
		struct rte_flow_action_sample *sample = conf;

		sample->actions = take_actions(in, depth + 1);
	} else if (type == RTE_FLOW_ACTION_TYPE_RSS) {
		struct rte_flow_action_rss *rss = conf;

		rss->key_len %= 64;
		rss->key = take(in, rss->key_len);
		rss->queue_num %= 8;
		rss->queue = take(in, rss->queue_num * sizeof(uint16_t));
	}
}

static struct rte_flow_action *
take_actions(struct fuzz_input *in, unsigned int depth)
{
	struct rte_flow_action *actions = calloc(MAX_ACTIONS + 1,
						 sizeof(*actions));
	unsigned int i, max = depth > 1 ? 1 : MAX_ACTIONS;

	FUZZ_REQUIRE(actions && n_allocated < RTE_DIM(allocated));
	allocated[n_allocated++] = actions;
	for (i = 0; i < max; i++) {
		struct rte_flow_action *a = &actions[i];

		a->type = fuzz_u8(in) % 80;
		/* A handle is what rte_flow_action_handle_create() gave. */
		if (a->type == RTE_FLOW_ACTION_TYPE_INDIRECT)
			a->type = RTE_FLOW_ACTION_TYPE_VOID;
		if (a->type == RTE_FLOW_ACTION_TYPE_END)
			break;
		if ((size_t)a->type < RTE_DIM(action_sizes) &&
		    action_sizes[a->type]) {
			void *conf = take(in, action_sizes[a->type]);

			take_nested(in, a->type, conf, depth);
			a->conf = conf;
		}
	}
	actions[i].type = RTE_FLOW_ACTION_TYPE_END;
	return actions;
}

/* -- Rules -------------------------------------------------------------- */

static void
try_rule(uint16_t port, const struct rte_flow_attr *attr,
	 const struct rte_flow_item *items,
	 const struct rte_flow_action *actions)
{
	static const struct rte_flow_action count[] = {
		{ .type = RTE_FLOW_ACTION_TYPE_COUNT },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};
	struct rte_flow_query_count counted;
	struct rte_flow_error error;
	struct rte_flow *rule;
	int valid;

	memset(&error, 0, sizeof(error));
	valid = rte_flow_validate(port, attr, items, actions, &error);
	FUZZ_REQUIRE(valid == 0 || error.message);

	memset(&error, 0, sizeof(error));
	rule = rte_flow_create(port, attr, items, actions, &error);
	/* What is valid may find no room or the like, what is not is not
	 * taken. */
	FUZZ_REQUIRE(!rule || valid == 0);
	FUZZ_REQUIRE(rule || error.message);
	if (!rule)
		return;
	rte_flow_query(port, rule, count, &counted, &error);
	FUZZ_REQUIRE(rte_flow_dev_dump(port, rule, nowhere, &error) == 0);
	FUZZ_REQUIRE(rte_flow_destroy(port, rule, &error) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rte_flow_item items[MAX_ITEMS + 1];
	struct fuzz_input in = { data, size };
	struct rte_flow_attr attr;
	uint8_t flags = fuzz_u8(&in);

	memset(&attr, 0, sizeof(attr));
	attr.transfer = !(flags & 1);
	/* Both kinds at once are refused by rte_flow_validate() itself, before
	 * it asks the driver. */
	attr.ingress = !attr.transfer && flags & 2;
	attr.egress = !attr.transfer && flags & 4;
	attr.group = flags & 8 ? fuzz_u32(&in) : 0;
	attr.priority = flags & 16 ? fuzz_u32(&in) : 0;
	take_items(&in, items);
	try_rule((flags >> 5) % 3, &attr, items, take_actions(&in, 0));
	while (n_allocated)
		free(allocated[--n_allocated]);
	return 0;
}
