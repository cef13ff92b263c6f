/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action: actions that keep something from one packet to the next:
 * counters, ages and meters, also where rules share them. */
#include "emu-action-fixture.h"

#include <rte_mtr.h>
#include <rte_mtr_driver.h>

#include "emu-indirect.h"
#include "emu-meter.h"

/* -- Counters ------------------------------------------------------------- */

static void
test_count(void **state)
{
	struct emu_program *program = compile(LIST(
		A(OF_PUSH_VLAN, CONF(of_push_vlan, RTE_BE16(0x8100))),
		A(COUNT, CONF(count, 1)), A(COUNT, CONF(count, 2)), OUT(2)));
	struct rte_flow_query_count q = { .reset = 1 };
	struct rte_flow_error error;
	uint32_t next, len = 0;
	int i;

	for (i = 0; i < 3; i++) {
		forget_sent();
		run_program(program, &tcp, &next);
		len = sent[0].m->data_len - 4;	/* As it came in. */
	}
	assert_int_equal(device.n_counters, 2);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 2))), &q, &error), 0);
	assert_int_equal(q.hits, 3);
	assert_int_equal(q.bytes, 3 * len);
	assert_true(q.hits_set && q.bytes_set);
	run_program(program, &tcp, &next);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 2))), &q, &error), 0);
	assert_int_equal(q.hits, 1);
	q.reset = 0;
	assert_int_equal(emu_program_query(program, NULL, LIST(A(COUNT, NULL)), &q,
					   &error), 0);
	assert_int_equal(q.hits, 4);
	assert_int_equal(emu_program_query(program, NULL, LIST(
		A(COUNT, CONF(count, 3))), &q, &error), -EINVAL);
	emu_program_free(program);
	assert_int_equal(device.n_counters, 0);
}

static void
test_age(void **state)
{
	int context;
	struct emu_program *program = compile(LIST(
		A(AGE, CONF(age, .timeout = 10, .context = &context)),
		OUT(2)));
	struct rte_flow_query_age q;
	struct rte_flow_error error;
	uint64_t now = rte_rdtsc();
	uint64_t late = now + 11 * rte_get_tsc_hz();
	void *contexts[2];
	uint32_t next;

	assert_int_equal(emu_program_aged(program, NULL, now, contexts, 2), 0);
	assert_int_equal(emu_program_aged(program, NULL, late, NULL, 0), 1);
	assert_int_equal(emu_program_aged(program, NULL, late, contexts, 2), 1);
	assert_ptr_equal(contexts[0], &context);
	/* Once, until it is hit again. */
	assert_int_equal(emu_program_aged(program, NULL, late, contexts, 2), 0);
	run_program(program, &tcp, &next);
	assert_int_equal(emu_program_aged(program, NULL, now, contexts, 2), 0);
	assert_int_equal(emu_program_aged(program, NULL, late + rte_get_tsc_hz(),
					  contexts, 2), 1);
	assert_int_equal(emu_program_query(program, NULL, LIST(A(AGE, NULL)), &q,
					   &error), 0);
	assert_false(q.aged);
	assert_int_equal(q.sec_since_last_hit, 0);
	emu_program_free(program);
}

static void
test_indirect(void **state)
{
	const struct rte_flow_action count = A(COUNT, NULL);
	const struct rte_flow_action age = A(AGE, CONF(age, .timeout = 10));
	const struct rte_flow_action drop = DROP;
	struct rte_flow_action_handle *c, *a;
	struct rte_flow_query_count q = { 0 };
	struct emu_program *one, *two;
	struct rte_flow_error error;
	void *contexts[1];
	uint32_t next;

	assert_null(emu_indirect_create(&vports[1], NULL, &drop, &error));
	c = emu_indirect_create(&vports[1], NULL, &count, &error);
	a = emu_indirect_create(&vports[2], NULL, &age, &error);
	assert_non_null(c);
	assert_non_null(a);
	one = compile(LIST(A(INDIRECT, c), OUT(2)));
	two = compile(LIST(A(INDIRECT, c), A(INDIRECT, a), OUT(0)));
	run_program(one, &tcp, &next);
	run_program(two, &tcp, &next);
	assert_int_equal(emu_indirect_query(&vports[0], c, &q, &error), 0);
	assert_int_equal(q.hits, 2);
	assert_int_equal(emu_program_query(one, NULL, LIST(A(INDIRECT, c)), &q,
					   &error), 0);
	assert_int_equal(q.hits, 2);

	assert_int_equal(emu_indirect_aged(&device, rte_rdtsc() +
					   12 * rte_get_tsc_hz(), contexts,
					   1), 1);
	assert_ptr_equal(contexts[0], a);
	assert_int_equal(emu_program_aged(two, NULL, rte_rdtsc() +
					  12 * rte_get_tsc_hz(), contexts, 1),
			 0);
	assert_int_equal(emu_indirect_update(&vports[0], a,
		&(struct rte_flow_update_age) { .timeout_valid = 1,
						.timeout = 100, .touch = 1 },
		&error), 0);
	assert_int_equal(emu_indirect_aged(&device, rte_rdtsc() +
					   12 * rte_get_tsc_hz(), NULL, 0), 0);

	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error), -EBUSY);
	emu_program_free(one);
	emu_program_free(two);
	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error), 0);
	assert_int_equal(emu_indirect_destroy(&vports[1], c, &error),
			 -ENOENT);
	assert_int_equal(device.n_counters, 0);
	emu_indirect_flush(&device, &vports[2]);
	assert_int_equal(emu_indirect_query(&vports[0], a, &q, &error),
			 -ENOENT);
	emu_indirect_flush(&device, NULL);
	assert_null(device.indirects);
}

/* -- Meters --------------------------------------------------------------- */

/* A burst of 3, at one packet per second. */
static struct rte_mtr_meter_profile meter_profile = {
	.alg = RTE_MTR_SRTCM_RFC2697,
	.srtcm_rfc2697 = { .cir = 1, .cbs = 3, .ebs = 0 },
	.packet_mode = 1,
};
static struct rte_mtr_meter_policy_params meter_policy = {
	.actions = { [RTE_COLOR_RED] = LIST(DROP) } };
static struct rte_mtr_params meter_params = {
	.meter_profile_id = 1, .meter_policy_id = 2, .meter_enable = 1 };

/* Returns how many of 6 packets 'program' lets pass. */
static int
count_passed(struct emu_program *program)
{
	uint32_t next;
	int i;

	forget_sent();
	for (i = 0; i < 6; i++) {
		memset(&p, 0, sizeof(p));
		p.vport = &vports[1];
		p.m = make_mbuf(&tcp);
		emu_packet_parse(&p, false);
		emu_program_run(program, NULL, &p, 1, &next);
	}
	return n_sent;
}

static void
test_meter(void **state)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vports[0].eth_port_id];
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct rte_mtr_stats stats;
	struct rte_mtr_error error;
	struct emu_program *program;
	uint32_t next;

	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), 0);
	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), -EEXIST);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error),
			 -ENOENT);
	assert_int_equal(ops->meter_policy_add(dev, 2, &meter_policy, &error),
			 0);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	assert_int_equal(ops->meter_policy_delete(dev, 2, &error), -EBUSY);
	assert_int_equal(ops->meter_profile_delete(dev, 1, &error), -EBUSY);

	/* Both of the two that a rule may have, and no more. */
	emu_program_free(compile(LIST(A(METER, CONF(meter, 7)),
				      A(METER, CONF(meter, 7)), OUT(2))));
	refused(LIST(A(METER, CONF(meter, 7)), A(METER, CONF(meter, 7)),
		     A(METER, CONF(meter, 7)), OUT(2)), 2,
		"more than 2 meters");

	program = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(program), 3);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 1, &error), 0);
	assert_int_equal(stats.n_pkts[RTE_COLOR_GREEN], 3);
	assert_int_equal(stats.n_pkts_dropped, 3);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 0, &error), 0);
	assert_int_equal(stats.n_pkts_dropped, 0);

	assert_int_equal(ops->meter_disable(dev, 7, &error), 0);
	forget_sent();
	run_program(program, &tcp, &next);
	assert_int_equal(n_sent, 1);

	assert_int_equal(ops->destroy(dev, 7, &error), -EBUSY);
	emu_program_free(program);
	assert_int_equal(ops->destroy(dev, 7, &error), 0);
	emu_meters_destroy(&device);
	assert_null(device.meters);
}

/* The device loses its meters: rules that have one let all pass until they
 * go, nobody finds it, and there may be another one of its number. */
static void
test_lost_meters(void **state)
{
	struct rte_eth_dev *dev = &rte_eth_devices[vports[0].eth_port_id];
	const struct rte_mtr_ops *ops = &emu_mtr_ops;
	struct emu_program *program, *other;
	struct rte_mtr_stats stats;
	struct rte_mtr_error error;

	emu_meters_lose(&device);		/* None. */
	assert_int_equal(ops->meter_profile_add(dev, 1, &meter_profile,
						&error), 0);
	assert_int_equal(ops->meter_policy_add(dev, 2, &meter_policy, &error),
			 0);
	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	assert_int_equal(ops->create(dev, 8, &meter_params, 1, &error), 0);
	program = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(program), 3);

	emu_meters_lose(&device);
	assert_int_equal(count_passed(program), 6);
	assert_int_equal(ops->stats_read(dev, 7, &stats, NULL, 0, &error),
			 -ENOENT);
	assert_int_equal(ops->stats_read(dev, 8, &stats, NULL, 0, &error),
			 -ENOENT);
	assert_int_equal(ops->destroy(dev, 7, &error), -ENOENT);
	refused(LIST(A(METER, CONF(meter, 7)), OUT(2)), 0, "no meter 7");

	assert_int_equal(ops->create(dev, 7, &meter_params, 1, &error), 0);
	other = compile(LIST(A(METER, CONF(meter, 7)), OUT(2)));
	assert_int_equal(count_passed(other), 3);
	assert_int_equal(count_passed(program), 6);
	emu_program_free(program);
	assert_int_equal(ops->destroy(dev, 7, &error), -EBUSY);
	emu_program_free(other);
	assert_int_equal(ops->destroy(dev, 7, &error), 0);
	assert_int_equal(ops->meter_policy_delete(dev, 2, &error), 0);
	assert_int_equal(ops->meter_profile_delete(dev, 1, &error), 0);
	emu_meters_destroy(&device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_meter),
		cmocka_unit_test(test_lost_meters),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
