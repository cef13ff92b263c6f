/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests that nothing is left behind when memory is short at any step of a
 * rule. */
#include "emu-template-fixture.h"

#include "emu-memory.h"
#include "emu-meter.h"

/* Each step of a rule's way may run out of memory. */
static void
test_memory(void **state __rte_unused)
{
	const struct rte_flow_template_table_attr attr = {
		.flow_attr = { .transfer = 1, .group = 3 }, .nb_flows = 10,
	};
	int i, n, before = n_allocated;

	for (i = 0; ; i++) {
		struct rte_flow_pattern_template *pattern;
		struct rte_flow_actions_template *actions = NULL;
		struct rte_flow_template_table *table = NULL;
		struct rte_flow *flow = NULL;

		fail_after = i;
		pattern = make_pattern();
		if (pattern)
			actions = make_actions();
		if (actions)
			table = OP(template_table_create, &attr, &pattern, 1,
				   &actions, 1, &error);
		if (table)
			flow = create(table, 0, false, 9);
		n = fail_after;
		fail_after = -1;
		if (flow) {
			pull(0, RTE_FLOW_OP_SUCCESS, 9);
			assert_int_equal(destroy(flow, 0, false, 1), 0);
			pull(0, RTE_FLOW_OP_SUCCESS, 1);
		} else {
			assert_int_equal(rte_errno, ENOMEM);
		}
		if (table)
			assert_int_equal(OP(template_table_destroy, table,
					    &error), 0);
		if (actions)
			OP(actions_template_destroy, actions, &error);
		if (pattern)
			OP(pattern_template_destroy, pattern, &error);
		emu_flow_settle(device.flow);
		/* Without memory for a group's new list of subtables, it
		 * keeps the old one, and an empty subtable, until the next
		 * change. */
		assert_true(n_allocated <= before + 4);
		assert_int_equal(device.n_counters, 0);
		if (n > 0)
			break;
	}
	assert_true(i > 10);
	assert_int_equal(n_allocated, before);
}

/* The meter 1, with a profile and a policy of its own; returns 0, or the first
 * step's error, with nothing left. */
static int
make_meter(struct rte_eth_dev *dev)
{
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct rte_mtr_meter_profile bucket = {
		.alg = RTE_MTR_SRTCM_RFC2697,
		.srtcm_rfc2697 = { .cir = 1000, .cbs = 1000 },
	};
	struct rte_mtr_meter_policy_params policy = {
		.actions = { [RTE_COLOR_RED] = ACTIONS(A(DROP, NULL)) },
	};
	struct rte_mtr_params params = {
		.meter_profile_id = 1, .meter_policy_id = 1,
		.meter_enable = 1,
	};
	struct rte_mtr_error mtr_error;
	int rc;

	rc = ops->meter_profile_add(dev, 1, &bucket, &mtr_error);
	if (rc)
		return rc;
	rc = ops->meter_policy_add(dev, 1, &policy, &mtr_error);
	if (rc)
		goto err_policy;
	rc = ops->create(dev, 1, &params, 1, &mtr_error);
	if (!rc)
		return 0;
	ops->meter_policy_delete(dev, 1, &mtr_error);
err_policy:
	ops->meter_profile_delete(dev, 1, &mtr_error);
	return rc;
}

/* The fault "no-memory N" at each step of a rule with a meter, a counter, an
 * encapsulation and a second priority. */
static void
test_memory_sync(void **state __rte_unused)
{
	const struct rte_flow_attr attr = { .transfer = 1, .group = 3 };
	const struct rte_flow_attr worse = { .transfer = 1, .group = 3,
					     .priority = 4 };
	struct rte_eth_dev *dev = &rte_eth_devices[vports[1].eth_port_id];
	uint8_t header[32] = { 0 };
	const struct rte_flow_item *items = ITEMS(
		I(ETH, NULL), I(IPV4, NULL),
		I(UDP, ITEM(udp, .hdr.dst_port = RTE_BE16(7)), NULL,
		  ITEM(udp, .hdr.dst_port = 0xffff)));
	const struct rte_flow_action *actions = ACTIONS(
		A(METER, CONF(meter, 1)), A(COUNT, NULL),
		A(RAW_ENCAP, CONF(raw_encap, header, NULL, sizeof(header))),
		A(REPRESENTED_PORT, CONF(ethdev, vports[2].eth_port_id)));
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct rte_mtr_error mtr_error;
	int n, before;

	profile.max_meters = 2;
	/* What stays: the device's own lists. */
	assert_int_equal(make_meter(dev), 0);
	ops->destroy(dev, 1, &mtr_error);
	ops->meter_policy_delete(dev, 1, &mtr_error);
	ops->meter_profile_delete(dev, 1, &mtr_error);
	emu_flow_settle(device.flow);
	before = n_allocated;

	for (n = 1; ; n++) {
		struct rte_flow *flows[2] = { NULL };
		int i, rc;

		emu_memory_fail(n);
		rc = make_meter(dev);
		if (!rc) {
			flows[0] = OP(create, &attr, items, actions, &error);
			if (flows[0])
				flows[1] = OP(create, &worse, items, actions,
					      &error);
			if (!flows[1] && rte_errno != ENOMEM)
				fail_msg("%s", error.message);
		} else {
			assert_int_equal(rc, -ENOMEM);
		}
		emu_memory_fail(0);
		for (i = 0; i < 2; i++)
			if (flows[i])
				assert_int_equal(OP(destroy, flows[i],
						    &error), 0);
		emu_flow_settle(device.flow);
		if (!rc) {
			assert_int_equal(ops->destroy(dev, 1, &mtr_error), 0);
			ops->meter_policy_delete(dev, 1, &mtr_error);
			ops->meter_profile_delete(dev, 1, &mtr_error);
		}
		emu_flow_settle(device.flow);
		assert_int_equal(device.n_counters, 0);
		if (flows[1])
			break;
		/* See test_memory(). */
		assert_true(n_allocated <= before + 4);
	}
	assert_true(n > 10);
	assert_int_equal(n_allocated, before);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(memory),
		TEST(memory_sync),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
