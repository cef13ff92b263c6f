/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests which rules are due, and who is told. */
#include "emu-template-fixture.h"

#include <rte_cycles.h>

#include "emu-age.h"

static unsigned int n_events[N_VPORTS];

static void
note_event(struct emu_vport *v)
{
	n_events[v->id]++;
}

/* Looks at all rules, as the embedded switch thread does at 'now'. */
static void
sweep(uint64_t now)
{
	memset(n_events, 0, sizeof(n_events));
	while (emu_age_sweep(&device, now, note_event))
		;
}

static struct rte_flow_template_table *
make_ageing_table(uint32_t n)
{
	struct rte_flow_pattern_template *pattern = make_pattern();
	struct rte_flow_actions_template *actions;
	struct rte_flow_template_table *table;

	actions = OP(actions_template_create, &actions_attr,
		     ACTIONS(A(AGE, NULL), A(DROP, NULL)),
		     ACTIONS(A(AGE, NULL), A(DROP, NULL)), &error);
	table = make_table(pattern, actions, n);
	assert_non_null(table);
	return table;
}

static struct rte_flow *
create_ageing(struct rte_flow_template_table *table, uint16_t queue,
	      uint16_t dst, void *context)
{
	const struct rte_flow_op_attr attr = { 0 };
	struct rte_flow_op_result result;
	struct rte_flow *flow;

	flow = OP(async_create, queue, &attr, table,
		  ITEMS(I(ETH, NULL), I(IPV4, NULL),
			I(UDP, ITEM(udp,
				    .hdr.dst_port = rte_cpu_to_be_16(dst)))),
		  0, ACTIONS(A(AGE, CONF(age, .timeout = 10,
					 .context = context)),
			     A(DROP, NULL)), 0, NULL, &error);
	assert_non_null(flow);
	assert_int_equal(OP(pull, queue, &result, 1, &error), 1);
	return flow;
}

/* How many rules of 'queue' (-1: of all) are due 'seconds' after 'start' and
 * were not told before; the first 'n' of them in 'contexts'. */
static uint32_t
due(int queue, uint64_t start, unsigned int seconds, void **contexts,
    uint32_t n)
{
	return emu_template_aged(&vports[1], queue,
				 start + seconds * rte_get_tsc_hz(), contexts,
				 n);
}

static void
hit(uint16_t dst, uint64_t now)
{
	const struct fx_frame frame = { .proto = IPPROTO_UDP, .payload = 8 };
	struct rte_mbuf *m = make_mbuf(&frame);

	rte_pktmbuf_mtod(m, uint8_t *)[36] = dst >> 8;
	rte_pktmbuf_mtod(m, uint8_t *)[37] = dst;
	emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, &m, 1, now);
	assert_int_equal(n_sent, 0);
}

static void
test_age(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_ageing_table(10);
	const uint64_t second = rte_get_tsc_hz();
	const uint64_t start = rte_rdtsc();
	struct rte_flow_query_age query = { 0 };
	struct rte_flow *one, *two;
	void *contexts[4];
	int context;

	one = create_ageing(table, 0, 7, NULL);
	two = create_ageing(table, 1, 8, &context);
	sweep(start + 9 * second);
	assert_int_equal(n_events[1], 0);
	hit(8, start + 5 * second);
	sweep(start + 11 * second);
	assert_int_equal(n_events[0], 0);
	assert_int_equal(n_events[1], 1);
	/* Without a context, it is the rule; each is told once. */
	assert_int_equal(due(-1, start, 11, contexts, 0), 1);
	assert_int_equal(due(-1, start, 11, contexts, 4), 1);
	assert_ptr_equal(contexts[0], one);
	assert_int_equal(due(-1, start, 11, contexts, 4), 0);
	/* No second event before the application asks. */
	sweep(start + 20 * second);
	assert_int_equal(n_events[1], 0);
	assert_int_equal(OP(get_aged_flows, contexts, 4, &error), 0);
	sweep(start + 22 * second);
	assert_int_equal(n_events[1], 1);
	assert_int_equal(due(0, start, 22, contexts, 4), 0);
	assert_int_equal(due(1, start, 22, contexts, 4), 1);
	assert_ptr_equal(contexts[0], &context);
	/* A hit, and it may be due once more. */
	hit(7, start + 22 * second);
	assert_int_equal(due(-1, start, 31, contexts, 4), 0);
	assert_int_equal(due(-1, start, 33, contexts, 4), 1);
	assert_ptr_equal(contexts[0], one);
	assert_int_equal(OP(query, two, ACTIONS(A(AGE, NULL)), &query,
			    &error), 0);
	assert_int_equal(query.sec_since_last_hit_valid, 1);
	assert_int_equal(query.aged, 0);
}

/* Each of many rules that are due is told once, however few at a time. */
static void
test_age_many(void **state __rte_unused)
{
	enum { N = 700 };
	struct rte_flow_template_table *table = make_ageing_table(N);
	const uint64_t late = rte_rdtsc() + 20 * rte_get_tsc_hz();
	static bool told[N];
	void *contexts[3];
	uint32_t n, i, sum = 0;

	for (i = 0; i < N; i++)
		create_ageing(table, i % 2, i, &told[i]);
	assert_int_equal(emu_template_aged(&vports[1], -1, late, NULL, 0), N);
	while ((n = emu_template_aged(&vports[1], -1, late, contexts, 3))) {
		for (i = 0; i < n; i++) {
			assert_false(*(bool *)contexts[i]);
			*(bool *)contexts[i] = true;
		}
		sum += n;
	}
	assert_int_equal(sum, N);
	sweep(late + 20 * rte_get_tsc_hz());
	assert_int_equal(n_events[1], 0);
}

/* Rules of rte_flow_create() and indirect actions raise the event, too. */
static void
test_age_sync(void **state __rte_unused)
{
	const struct rte_flow_attr attr = { .transfer = 1 };
	const struct rte_flow_indir_action_conf conf = { .transfer = 1 };
	const uint64_t late = rte_rdtsc() + 20 * rte_get_tsc_hz();
	struct rte_flow_action_handle *handle;
	struct rte_flow *flow;
	void *contexts[1];

	flow = OP(create, &attr, ITEMS(I(ETH, NULL)),
		  ACTIONS(A(AGE, CONF(age, .timeout = 10)), A(DROP, NULL)),
		  &error);
	assert_non_null(flow);
	sweep(late);
	assert_int_equal(n_events[1], 1);
	assert_int_equal(OP(destroy, flow, &error), 0);
	OP(get_aged_flows, contexts, 1, &error);
	sweep(late + 2 * rte_get_tsc_hz());
	assert_int_equal(n_events[1], 0);
	handle = OP(action_handle_create, &conf,
		    &(const struct rte_flow_action)
		    A(AGE, CONF(age, .timeout = 10)), &error);
	assert_non_null(handle);
	sweep(late + 4 * rte_get_tsc_hz());
	assert_int_equal(n_events[1], 1);
	assert_int_equal(OP(action_handle_destroy, handle, &error), 0);
}

/* With strict queues, applications ask each queue. */
static void
test_age_strict(void **state __rte_unused)
{
	const struct rte_flow_port_attr attr = {
		.flags = RTE_FLOW_PORT_FLAG_STRICT_QUEUE,
	};
	const struct rte_flow_queue_attr *queues[2] = { NULL, NULL };
	struct rte_flow_template_table *table;
	void *contexts[2];

	assert_int_equal(OP(configure, &attr, 2, queues, &error), 0);
	table = make_ageing_table(2);
	create_ageing(table, 1, 7, NULL);
	sweep(rte_rdtsc() + 20 * rte_get_tsc_hz());
	assert_int_equal(n_events[1], 0);
	assert_int_equal(OP(get_q_aged_flows, 1, contexts, 2, &error), 0);
	REFUSED(OP(get_q_aged_flows, 2, contexts, 2, &error) < 0, EINVAL,
		"no queue 2");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(age),
		TEST(age_many),
		TEST(age_sync),
		TEST(age_strict),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
