/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests the template API: what is accepted and refused at each step, and what
 * packets see of it. */
#include "emu-template-fixture.h"

#include "emu-item.h"
#include "emu-meter.h"
#include "emu-pattern.h"
#include "emu-table.h"

/* -- Configuration ----------------------------------------------------- */

static void
test_configure(void **state __rte_unused)
{
	struct rte_flow_port_attr attr = { 0 };
	struct rte_flow_queue_attr queue = { .size = 100000 };
	const struct rte_flow_queue_attr *queues[65] = { NULL };
	struct rte_flow_port_info info;
	struct rte_flow_queue_info queue_info;

	assert_int_equal(OP(info_get, &info, &queue_info, &error), 0);
	assert_int_equal(info.max_nb_queues, 64);
	assert_int_equal(info.max_nb_counters, 1000);
	assert_int_equal(info.max_nb_aging_objects, 1000);
	assert_int_equal(queue_info.max_size, 65536);
	REFUSED(OP(configure, &attr, 65, queues, &error), EINVAL,
		"65 queues");
	queues[1] = &queue;
	REFUSED(OP(configure, &attr, 2, queues, &error), EINVAL,
		"queue 1 of 100000");
	attr.nb_counters = 1001;
	REFUSED(OP(configure, &attr, 1, queues, &error), EINVAL,
		"1001 counters");
	attr.nb_counters = 0;
	attr.flags = 2;
	REFUSED(OP(configure, &attr, 1, queues, &error), ENOTSUP, "0x2");
	attr.flags = RTE_FLOW_PORT_FLAG_STRICT_QUEUE;
	assert_int_equal(OP(configure, &attr, 1, queues, &error), 0);
	REFUSED(OP(push, 1, &error), EINVAL, "no queue 1");
	assert_non_null(make_pattern());
	REFUSED(OP(configure, &attr, 1, queues, &error), EBUSY,
		"destroy them");
}

static void
test_templates(void **state __rte_unused)
{
	static const struct rte_flow_pattern_template_attr egress = {
		.egress = 1 };
	static const struct rte_flow_pattern_template_attr nothing = { 0 };
	static const struct rte_flow_actions_template_attr egress_actions = {
		.egress = 1 };
	struct rte_flow_pattern_template *pattern;
	struct rte_flow_actions_template *actions;
	struct rte_flow_template_table *table;

#define PATTERN(ATTR, ...) \
	!OP(pattern_template_create, ATTR, ITEMS(__VA_ARGS__), &error)
	REFUSED(PATTERN(&egress, I(ETH, NULL)), ENOTSUP, "egress");
	REFUSED(PATTERN(&nothing, I(ETH, NULL)), EINVAL, "transfer");
	REFUSED(PATTERN(&pattern_attr, I(IPV4, NULL), I(ETH, NULL)), EINVAL,
		"item eth cannot follow");
	REFUSED(PATTERN(&pattern_attr, I(TAG, NULL, NULL,
					 ITEM(tag, .data = 1, .index = 0xff))),
		EINVAL, "needs a spec");
	REFUSED(PATTERN(&pattern_attr,
			I(IPV4, ITEM(ipv4, .hdr.src_addr = 1),
			  ITEM(ipv4, .hdr.src_addr = 2), NULL)),
		ENOTSUP, "no ranges");
	REFUSED(PATTERN(&pattern_attr, I(IPV4, NULL, NULL,
					 ITEM(ipv4, .hdr.hdr_checksum = 1))),
		ENOTSUP, "hdr_checksum");

#define TEMPLATE(ACTIONS_, MASKS) \
	!OP(actions_template_create, &actions_attr, ACTIONS_, MASKS, &error)
	REFUSED(!OP(actions_template_create, &egress_actions,
		    ACTIONS(A(DROP, NULL)), ACTIONS(A(DROP, NULL)), &error),
		ENOTSUP, "egress");
	REFUSED(TEMPLATE(ACTIONS(A(DROP, NULL)), NULL), EINVAL, "masks");
	REFUSED(TEMPLATE(ACTIONS(A(DROP, NULL)), ACTIONS(A(JUMP, NULL))),
		EINVAL, "mask 0");
	REFUSED(TEMPLATE(ACTIONS(A(COUNT, NULL)), ACTIONS(A(COUNT, NULL))),
		EINVAL, "nothing decides");
	REFUSED(TEMPLATE(ACTIONS(A(MARK, CONF(mark, 1u << 24)),
				 A(DROP, NULL)),
			 ACTIONS(A(MARK, CONF(mark, 1)), A(DROP, NULL))),
		EINVAL, "wider than 24 bits");
	REFUSED(TEMPLATE(ACTIONS(A(RAW_DECAP, NULL), A(DROP, NULL)),
			 ACTIONS(A(RAW_DECAP, NULL), A(DROP, NULL))),
		ENOTSUP, "RAW_DECAP");

	pattern = make_pattern();
	actions = make_actions();
	table = make_table(pattern, actions, 10);
	assert_non_null(table);
	REFUSED(OP(pattern_template_destroy, pattern, &error), EBUSY,
		"use the pattern template");
	REFUSED(OP(actions_template_destroy, actions, &error), EBUSY,
		"use the actions template");
	REFUSED(!make_table(pattern, actions, 0), EINVAL, "room");
	REFUSED(!make_table(pattern, actions, 1001), ENOSPC, "room for 1000");
	REFUSED(!make_table(pattern, NULL, 1), EINVAL, "actions template 0");
	assert_int_equal(OP(template_table_destroy, table, &error), 0);
	assert_int_equal(OP(pattern_template_destroy, pattern, &error), 0);
	assert_int_equal(OP(actions_template_destroy, actions, &error), 0);
}

/* -- Rules ------------------------------------------------------------- */

static void
test_rules(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_all(10);
	struct rte_flow_query_count q = { 0 };
	struct rte_flow *one, *two;

	assert_int_equal(send_udp(7), 0);
	one = create(table, 0, false, 7);
	assert_non_null(one);
	pull(0, RTE_FLOW_OP_SUCCESS, 7);
	pull_nothing(0);
	assert_int_equal(send_udp(7), 7);
	assert_int_equal(send_udp(8), 0);

	/* A postponed one is not there before it is pushed. */
	two = create(table, 1, true, 8);
	assert_non_null(two);
	assert_int_equal(send_udp(8), 0);
	pull_nothing(1);
	assert_int_equal(OP(push, 1, &error), 0);
	assert_int_equal(send_udp(8), 8);
	pull(1, RTE_FLOW_OP_SUCCESS, 8);

	assert_int_equal(OP(query, one, ACTIONS(A(COUNT, NULL)), &q, &error),
			 0);
	assert_int_equal(q.hits, 1);
	assert_int_equal(q.bytes, 50);

	REFUSED(OP(template_table_destroy, table, &error), EBUSY, "2 rules");
	REFUSED(OP(destroy, one, &error), EINVAL, "queue 0");
	REFUSED(destroy(one, 1, false, 1), EINVAL, "created on queue 0");
	assert_int_equal(destroy(one, 0, true, 77), 0);
	assert_int_equal(send_udp(7), 7);
	pull_nothing(0);
	assert_int_equal(OP(push, 0, &error), 0);
	assert_int_equal(send_udp(7), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 77);
	REFUSED(destroy(one, 0, false, 1), EINVAL, "gone already");
	assert_int_equal(destroy(two, 1, false, 78), 0);
	pull(1, RTE_FLOW_OP_SUCCESS, 78);
	assert_int_equal(OP(template_table_destroy, table, &error), 0);
}

static void
test_refused_rules(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_all(3);
	const struct rte_flow_op_attr attr = { 0 };
	struct rte_flow *flow;
	int i;

#define CREATE(QUEUE, TABLE, ITEMS_, PATTERN_, ACTIONS_, TEMPLATE_) \
	!OP(async_create, QUEUE, &attr, TABLE, ITEMS_, PATTERN_, ACTIONS_, \
	    TEMPLATE_, NULL, &error)
#define UDP_ITEMS ITEMS(I(ETH, NULL), I(IPV4, NULL), \
			I(UDP, ITEM(udp, .hdr.dst_port = 5)))
#define MARK_ACTIONS(N) ACTIONS(A(COUNT, NULL), A(MARK, CONF(mark, N)), \
				A(PORT_REPRESENTOR, NULL))
	REFUSED(CREATE(2, table, UDP_ITEMS, 0, MARK_ACTIONS(1), 0), EINVAL,
		"no queue 2");
	REFUSED(CREATE(0, NULL, UDP_ITEMS, 0, MARK_ACTIONS(1), 0), EINVAL,
		"not of this port");
	REFUSED(CREATE(0, table, UDP_ITEMS, 1, MARK_ACTIONS(1), 0), EINVAL,
		"pattern template 1");
	REFUSED(CREATE(0, table, UDP_ITEMS, 0, MARK_ACTIONS(1), 1), EINVAL,
		"actions template 1");
	REFUSED(CREATE(0, table, ITEMS(I(ETH, NULL), I(IPV6, NULL),
				       I(UDP, NULL)), 0, MARK_ACTIONS(1), 0),
		EINVAL, "item 1");
	REFUSED(CREATE(0, table, ITEMS(I(ETH, NULL), I(IPV4, NULL)), 0,
		       MARK_ACTIONS(1), 0), EINVAL, "item 2");
	REFUSED(CREATE(0, table, ITEMS(I(ETH, NULL), I(IPV4, NULL),
				       I(UDP, NULL), I(VOID, NULL)), 0,
		       MARK_ACTIONS(1), 0), EINVAL, "the rule more");
	REFUSED(CREATE(0, table, ITEMS(I(ETH, NULL), I(IPV4, NULL),
				       I(UDP, NULL)), 0, MARK_ACTIONS(1), 0),
		EINVAL, "item udp needs a spec");
	REFUSED(CREATE(0, table, UDP_ITEMS, 0, MARK_ACTIONS(1u << 24), 0),
		EINVAL, "wider than 24 bits");
	REFUSED(CREATE(0, table, UDP_ITEMS, 0, ACTIONS(A(COUNT, NULL),
						       A(DROP, NULL)), 0),
		EINVAL, "action 1");
	REFUSED(CREATE(0, table, UDP_ITEMS, 0,
		       ACTIONS(A(COUNT, NULL), A(MARK, NULL),
			       A(PORT_REPRESENTOR, NULL)), 0), EINVAL,
		"MARK without its configuration");

	for (i = 0; i < 3; i++)
		assert_non_null(create(table, i / 2, false, 10 + i));
	REFUSED(!create(table, 1, false, 20), ENOSPC,
		"the template table is full");
	/* The queue has room for 4 results. */
	pull(0, RTE_FLOW_OP_SUCCESS, 10);
	pull(0, RTE_FLOW_OP_SUCCESS, 11);
	emu_flow_queue_ops()->flush(
		&rte_eth_devices[vports[1].eth_port_id], &error);
	assert_int_equal(send_udp(10), 0);
	for (i = 0; i < 3; i++) {
		flow = create(table, 0, true, 10 + i);
		assert_non_null(flow);
	}
	assert_null(create(table, 0, true, 10));
	OP(push, 0, &error);
	assert_int_equal(destroy(flow, 0, false, 5), 0);
	REFUSED(!create(table, 0, false, 30), ENOMEM, "queue 0 is full");
	/* Of the same match and priority, this profile has one rule alone. */
	for (i = 0; i < 3; i++)
		pull(0, RTE_FLOW_OP_SUCCESS, 10 + i);
	pull(0, RTE_FLOW_OP_SUCCESS, 5);
	assert_non_null(create(table, 0, false, 10));
	pull(0, RTE_FLOW_OP_ERROR, 10);
	assert_int_equal(table->n_rules, 2);
}

/* Groups, too, that a template leaves to its rules. */
static void
test_refused_groups(void **state __rte_unused)
{
	static const uint32_t groups[] = { 1, 3, 99, 100, UINT32_MAX };
	const struct rte_flow_template_table_attr attr = {
		.flow_attr = { .transfer = 1, .group = 3 }, .nb_flows = 10,
	};
	const struct rte_flow_op_attr op_attr = { 0 };
	struct rte_flow_pattern_template *pattern = make_pattern();
	struct rte_flow_actions_template *actions;
	struct rte_flow_template_table *table;
	unsigned int i;

	actions = OP(actions_template_create, &actions_attr,
		     ACTIONS(A(JUMP, NULL)), ACTIONS(A(JUMP, NULL)), &error);
	assert_non_null(actions);
	table = OP(template_table_create, &attr, &pattern, 1, &actions, 1,
		   &error);
	assert_non_null(table);
	for (i = 0; i < RTE_DIM(groups); i++) {
		const struct rte_flow_item *items = ITEMS(
			I(ETH, NULL), I(IPV4, NULL),
			I(UDP, ITEM(udp, .hdr.dst_port =
				    rte_cpu_to_be_16(i + 1))));
		bool ok = groups[i] < 100 && groups[i] != 3;

		if (OP(async_create, 0, &op_attr, table, items, 0,
		       ACTIONS(A(JUMP, CONF(jump, groups[i]))), 0, NULL,
		       &error)) {
			assert_true(ok);
			pull(0, RTE_FLOW_OP_SUCCESS, 0);
		} else {
			assert_false(ok);
			assert_non_null(strstr(error.message,
					       groups[i] == 3 ? "itself"
					       : "beyond the last one, 99"));
		}
	}
	assert_int_equal(table->n_rules, 2);
}

/* Both kinds of rules are in the same tables: the better priority wins. */
static void
test_priority(void **state __rte_unused)
{
	const struct rte_flow_attr better = { .transfer = 1, .priority = 1 };
	const struct rte_flow_attr worse = { .transfer = 1, .priority = 6 };
	struct rte_flow_template_table *table = make_all(10);
	struct rte_flow *sync[2], *flow;

	flow = create(table, 0, false, 7);
	pull(0, RTE_FLOW_OP_SUCCESS, 7);
#define SYNC(ATTR, MARK_) \
	OP(create, ATTR, ITEMS(I(ETH, NULL), I(IPV4, NULL), \
			       I(UDP, ITEM(udp, .hdr.dst_port = RTE_BE16(7)), \
				 NULL, ITEM(udp, .hdr.dst_port = 0xffff))), \
	   ACTIONS(A(MARK, CONF(mark, MARK_)), \
		   A(PORT_REPRESENTOR, CONF(ethdev, \
					    vports[2].eth_port_id))), \
	   &error)
	sync[0] = SYNC(&worse, 100);
	assert_non_null(sync[0]);
	assert_int_equal(send_udp(7), 7);
	sync[1] = SYNC(&better, 101);
	assert_non_null(sync[1]);
	assert_int_equal(send_udp(7), 101);
	assert_int_equal(OP(destroy, sync[1], &error), 0);
	assert_int_equal(send_udp(7), 7);
	assert_int_equal(destroy(flow, 0, false, 1), 0);
	assert_int_equal(send_udp(7), 100);
	pull(0, RTE_FLOW_OP_SUCCESS, 1);
	assert_int_equal(OP(destroy, sync[0], &error), 0);
}

/* -- Indirect actions -------------------------------------------------- */

static void
test_indirect(void **state __rte_unused)
{
	const struct rte_flow_op_attr postpone = { .postpone = 1 };
	const struct rte_flow_op_attr now = { 0 };
	const struct rte_flow_indir_action_conf conf = { .transfer = 1 };
	struct rte_flow_pattern_template *pattern = make_pattern();
	struct rte_flow_actions_template *actions;
	struct rte_flow_template_table *table;
	struct rte_flow_action_handle *handle;
	struct rte_flow_query_count q = { 0 };
	struct rte_flow *flow;

	actions = OP(actions_template_create, &actions_attr,
		     ACTIONS(A(INDIRECT, NULL), A(DROP, NULL)),
		     ACTIONS(A(COUNT, NULL), A(DROP, NULL)), &error);
	assert_non_null(actions);
	table = make_table(pattern, actions, 4);
	assert_non_null(table);
	handle = OP(async_action_handle_create, 0, &now, &conf,
		    &(const struct rte_flow_action)A(COUNT, NULL),
		    (void *)1, &error);
	assert_non_null(handle);
	pull(0, RTE_FLOW_OP_SUCCESS, 1);
	flow = OP(async_create, 0, &now, table,
		  ITEMS(I(ETH, NULL), I(IPV4, NULL),
			I(UDP, ITEM(udp, .hdr.dst_port = RTE_BE16(7)))), 0,
		  ACTIONS(A(INDIRECT, handle), A(DROP, NULL)), 0, (void *)2,
		  &error);
	assert_non_null(flow);
	pull(0, RTE_FLOW_OP_SUCCESS, 2);
	{
		const struct fx_frame frame = { .proto = IPPROTO_UDP,
						.payload = 8 };
		struct rte_mbuf *m = make_mbuf(&frame);

		rte_pktmbuf_mtod(m, uint8_t *)[36] = 0;
		rte_pktmbuf_mtod(m, uint8_t *)[37] = 7;
		emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, &m, 1, 1);
		assert_int_equal(n_sent, 0);
	}
	assert_int_equal(OP(async_action_handle_query, 0, &postpone, handle,
			    &q, (void *)3, &error), 0);
	assert_int_equal(q.hits, 0);
	OP(push, 0, &error);
	pull(0, RTE_FLOW_OP_SUCCESS, 3);
	assert_int_equal(q.hits, 1);
	/* In use; then by a rule that is gone. */
	assert_int_equal(OP(async_action_handle_destroy, 0, &now, handle,
			    (void *)4, &error), 0);
	pull(0, RTE_FLOW_OP_ERROR, 4);
	assert_int_equal(destroy(flow, 0, true, 5), 0);
	assert_int_equal(OP(async_action_handle_destroy, 0, &postpone, handle,
			    (void *)6, &error), 0);
	OP(push, 0, &error);
	pull(0, RTE_FLOW_OP_SUCCESS, 5);
	pull(0, RTE_FLOW_OP_SUCCESS, 6);
	REFUSED(OP(async_action_handle_destroy, 0, &now, handle, NULL,
		   &error), ENOENT, "no such indirect action");
}

/* -- Meters ------------------------------------------------------------ */

/* Takes a meter away as soon as the result of its last rule was pulled. */
static void
test_meter(void **state __rte_unused)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vports[1].eth_port_id];
	struct rte_mtr_meter_profile rate = {
		.alg = RTE_MTR_SRTCM_RFC2697, .packet_mode = 1,
		.srtcm_rfc2697 = { .cir = 1000, .cbs = 1000 },
	};
	struct rte_mtr_meter_policy_params policy = {
		.actions = { [RTE_COLOR_RED] = ACTIONS(A(DROP, NULL)) },
	};
	struct rte_mtr_params params = { .meter_enable = 1 };
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	const struct rte_flow_op_attr now = { 0 };
	struct rte_flow_actions_template *actions;
	struct rte_flow_template_table *table;
	struct rte_mtr_error mtr_error;
	struct rte_flow *flow;
	uint32_t id;

	profile.max_meters = 2;
	assert_int_equal(ops->meter_profile_add(dev, 0, &rate, &mtr_error), 0);
	assert_int_equal(ops->meter_policy_add(dev, 0, &policy, &mtr_error),
			 0);
	actions = OP(actions_template_create, &actions_attr,
		     ACTIONS(A(METER, NULL), A(DROP, NULL)),
		     ACTIONS(A(METER, NULL), A(DROP, NULL)), &error);
	assert_non_null(actions);
	table = make_table(make_pattern(), actions, 4);
	assert_non_null(table);
	for (id = 1; id < 4; id++) {
		assert_int_equal(ops->create(dev, id, &params, 1, &mtr_error),
				 0);
		flow = OP(async_create, 0, &now, table,
			  ITEMS(I(ETH, NULL), I(IPV4, NULL),
				I(UDP, ITEM(udp, .hdr.dst_port = 7))), 0,
			  ACTIONS(A(METER, CONF(meter, id)), A(DROP, NULL)), 0,
			  (void *)1, &error);
		assert_non_null(flow);
		pull(0, RTE_FLOW_OP_SUCCESS, 1);
		assert_int_equal(ops->destroy(dev, id, &mtr_error), -EBUSY);
		assert_int_equal(destroy(flow, 0, false, 2), 0);
		pull(0, RTE_FLOW_OP_SUCCESS, 2);
		assert_int_equal(ops->destroy(dev, id, &mtr_error), 0);
	}
	assert_int_equal(ops->meter_policy_delete(dev, 0, &mtr_error), 0);
	assert_int_equal(ops->meter_profile_delete(dev, 0, &mtr_error), 0);
	emu_meters_destroy(&device);
}

/* -- Queues at the same time ------------------------------------------- */

#define N_ROUNDS 20000

static void *
use_queue(void *user_)
{
	struct user *user = user_;
	struct rte_flow_op_result results[4];
	struct rte_flow *flows[2];
	uintptr_t n_errors = 0;
	int i, j;

	for (i = 0; i < N_ROUNDS; i++) {
		for (j = 0; j < 2; j++) {
			flows[j] = create(user->table, user->queue, true,
					  1 + (i + j) % 100
					  + 1000 * user->queue);
			n_errors += !flows[j];
		}
		OP(push, user->queue, &error);
		for (j = 0; j < 2; j++)
			n_errors += destroy(flows[j], user->queue, true, 1)
				    != 0;
		OP(push, user->queue, &error);
		n_errors += OP(pull, user->queue, results, 4, &error) != 4;
		for (j = 0; j < 4; j++)
			n_errors += results[j].status != RTE_FLOW_OP_SUCCESS;
	}
	return (void *)n_errors;
}

static void
test_threads(void **state __rte_unused)
{
	struct user users[2];

	users_start(users, make_all(100), use_queue);
	users_join(users);
}

/* -- Keys -------------------------------------------------------------- */

/* Compiles 'items' as a template, and as a rule's; both ways have to lead to
 * the same mask and key. */
static void
compare_keys(const struct rte_flow_item *items)
{
	static const struct rte_flow_attr attr = { .transfer = 1 };
	struct rte_flow_item template[16];
	static struct emu_pattern pattern;
	struct emu_match match;
	const uint64_t *key = (const uint64_t *)&match.key;
	const uint64_t *mask = (const uint64_t *)&match.mask;
	uint64_t words[EMU_KEY_WORDS];
	uint32_t i, n = 0;

	for (i = 0; i < RTE_DIM(template); i++) {
		template[i] = items[i];
		if (items[i].type != RTE_FLOW_ITEM_TYPE_TAG
		    && items[i].type != RTE_FLOW_ITEM_TYPE_GENEVE_OPT
		    && items[i].type != RTE_FLOW_ITEM_TYPE_RAW
		    && items[i].mask)
			template[i].spec = NULL;
		if (items[i].type == RTE_FLOW_ITEM_TYPE_END)
			break;
	}
	if (emu_match_compile(&vports[1], &attr, items, &match, &error)
	    || emu_pattern_compile(&vports[1], &attr, false, template,
				   &pattern, &error)
	    || emu_pattern_key(&pattern, &vports[1], items, words, &error))
		fail_msg("%s", error.message);
	assert_memory_equal(&pattern.match.mask, &match.mask,
			    sizeof(match.mask));
	for (i = 0; i < EMU_KEY_WORDS; i++) {
		if (mask[i])
			assert_int_equal(words[n++], key[i]);
	}
	assert_int_equal(n, pattern.n_words);
}

static void
test_keys(void **state __rte_unused)
{
	static const rte_be32_t option[] = { RTE_BE32(0x11223344) };
	static const rte_be32_t option_mask[] = { RTE_BE32(0xff00ff00) };
	static const uint8_t bytes[] = { 0x12, 0x34, 0x56 };
	static const uint8_t bytes_mask[] = { 0xff, 0, 0xf0 };
	struct rte_flow_item_ethdev port = { vports[2].eth_port_id };
	struct rte_flow_item_ethdev all = { 0xffff };

	compare_keys(ITEMS(I(REPRESENTED_PORT, &port, NULL, &all),
			   I(ETH, ITEM(eth, .has_vlan = 1, .hdr.dst_addr =
				       {{ 1, 2, 3, 4, 5, 6 }}), NULL,
			     ITEM(eth, .has_vlan = 1, .hdr.dst_addr =
				  {{ 255, 255, 255, 255, 255, 0 }},
				  .hdr.src_addr = {{ 1 }})),
			   I(VLAN, ITEM(vlan, .hdr.vlan_tci =
					RTE_BE16(0xa123)), NULL,
			     ITEM(vlan, .hdr.vlan_tci = RTE_BE16(0x0fff),
				  .has_more_vlan = 1)),
			   I(IPV4, ITEM(ipv4, .hdr.src_addr =
					RTE_BE32(0x0a0b0c0d),
					.hdr.type_of_service = 0xff), NULL,
			     ITEM(ipv4, .hdr.src_addr = RTE_BE32(0xffffff00),
				  .hdr.fragment_offset = RTE_BE16(0x3fff),
				  .hdr.type_of_service = 0x3)),
			   I(TCP, ITEM(tcp, .hdr.tcp_flags = 0x12,
				       .hdr.dst_port = RTE_BE16(80)), NULL,
			     ITEM(tcp, .hdr.tcp_flags = 0x07,
				  .hdr.dst_port = RTE_BE16(0xffff)))));
	compare_keys(ITEMS(I(TAG, ITEM(tag, 0x12345678, 2), NULL,
			     ITEM(tag, 0x00ffff00, 0xff)),
			   I(INTEGRITY, ITEM(integrity, .l3_ok = 1), NULL,
			     ITEM(integrity, .l3_ok = 1)),
			   I(META, ITEM(meta, 0xdeadbeef), NULL,
			     ITEM(meta, 0xff0000ff)),
			   I(MARK, ITEM(mark, 0x123456), NULL,
			     ITEM(mark, 0xffffff)),
			   I(ETH, NULL),
			   I(IPV6, ITEM(ipv6, .hdr.proto = 6,
					.hdr.src_addr = { 1, 2, 3, 4, 5, 6, 7,
							  8, 9, 10, 11, 12 },
					.hdr.vtc_flow =
					RTE_BE32(0x6ab12345)), NULL,
			     ITEM(ipv6, .hdr.proto = 0xff,
				  .hdr.src_addr = { 255, 255, 255, 255, 255,
						    255, 255, 255, 255, 255,
						    255, 0, 0, 255 },
				  .hdr.vtc_flow = RTE_BE32(0xfff0ffff),
				  .has_frag_ext = 1))));
	compare_keys(ITEMS(I(ETH, NULL), I(IPV4, NULL), I(UDP, NULL),
			   I(GENEVE, ITEM(geneve, .vni = { 1, 2, 3 }), NULL,
			     ITEM(geneve, .vni = { 255, 255, 255 })),
			   I(GENEVE_OPT, ITEM(geneve_opt, .option_class =
					      RTE_BE16(0x102),
					      .option_type = 0x80,
					      .option_len = 1,
					      .data = (rte_be32_t *)
					      (uintptr_t)option), NULL,
			     ITEM(geneve_opt, .option_class = 0xffff,
				  .option_type = 0xff, .option_len = 0x1f,
				  .data = (rte_be32_t *)
				  (uintptr_t)option_mask)),
			   I(ETH, NULL),
			   I(IPV4, NULL),
			   I(ICMP, ITEM(icmp, .hdr.icmp_type = 8,
					.hdr.icmp_ident = RTE_BE16(99)), NULL,
			     ITEM(icmp, .hdr.icmp_type = 0xff,
				  .hdr.icmp_ident = 0xffff))));
	compare_keys(ITEMS(I(ETH, NULL), I(IPV6, NULL), I(ICMP6, NULL),
			   I(RAW, ITEM(raw, .relative = 1, .offset = 1,
				       .length = 3, .pattern = bytes), NULL,
			     ITEM(raw, .relative = 1, .offset = -1,
				  .length = UINT16_MAX,
				  .pattern = bytes_mask))));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(configure),
		TEST(templates),
		TEST(rules),
		TEST(refused_rules),
		TEST(refused_groups),
		TEST(priority),
		TEST(indirect),
		TEST(meter),
		TEST(threads),
		TEST(keys),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
