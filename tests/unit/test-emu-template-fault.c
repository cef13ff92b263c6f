/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests a device that loses rules of template tables, or their counters. */
#include "emu-template-fixture.h"

#include "emu-fault-fixture.h"

static int
query(struct rte_flow *flow, uint64_t *hits)
{
	struct rte_flow_query_count q = { 0 };
	int rc = OP(query, flow, ACTIONS(A(COUNT, NULL)), &q, &error);

	*hits = q.hits;
	return rc;
}

#define LOST(FLOW, WHAT) \
	REFUSED(query(FLOW, &(uint64_t){ 0 }), ENOENT, \
		"the device has lost the " WHAT)

/* Has 'name' happen, at a query that finds out nothing. */
static void
fault(const char *name)
{
	ask_for_fault(&device, name);
	OP(query, NULL, NULL, NULL, &error);
	assert_int_equal(access(device.faults, F_OK), -1);
	device.faults[0] = '\0';
}

/* How many rules of vf0 are shown. */
static unsigned int
n_shown(void)
{
	unsigned int n = 0;
	size_t size, i;
	char *shown;
	FILE *file;

	file = open_memstream(&shown, &size);
	assert_int_equal(OP(dev_dump, NULL, file, &error), 0);
	fclose(file);
	for (i = 0; i < size; i++)
		n += shown[i] == '\n';
	__real_free(shown);		/* The C library's. */
	return n;
}

/* What is lost is lost for packets and for whoever asks, and makes room on the
 * device.  Its handle is good enough to be destroyed, on the queue of the
 * rule; until then it is one of its table's. */
static void
test_lost_rules(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_all(3);
	struct rte_flow *a, *b, *late, *again;
	uint64_t hits;

	profile.max_rules = 3;
	a = create(table, 0, false, 7);
	b = create(table, 1, false, 8);
	pull(0, RTE_FLOW_OP_SUCCESS, 7);
	pull(1, RTE_FLOW_OP_SUCCESS, 8);
	late = create(table, 0, true, 9);	/* It waits in its queue. */
	assert_int_equal(send_udp(7), 7);
	assert_int_equal(n_shown(), 2);

	fault("lose-rules\n");
	assert_int_equal(send_udp(7), 0);
	assert_int_equal(send_udp(8), 0);
	LOST(a, "rule");
	LOST(b, "rule");
	assert_int_equal(n_shown(), 0);
	assert_int_equal(device.flow->n_rules, 1);
	assert_int_equal(OP(push, 0, &error), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 9);
	assert_int_equal(send_udp(9), 9);
	fault("lose-counters\n");
	LOST(a, "rule");			/* And not its counter. */

	REFUSED(!create(table, 0, false, 7), ENOSPC, "template table is full");
	REFUSED(OP(destroy, a, &error), EINVAL, "queue 0");
	REFUSED(destroy(a, 1, false, 1), EINVAL, "created on queue 0");
	assert_int_equal(destroy(a, 0, false, 77), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 77);
	REFUSED(destroy(a, 0, false, 1), EINVAL, "gone already");
	again = create(table, 0, false, 7);
	assert_non_null(again);
	pull(0, RTE_FLOW_OP_SUCCESS, 7);
	assert_int_equal(send_udp(7), 7);
	assert_int_equal(query(again, &hits), 0);
	assert_int_equal(hits, 1);

	REFUSED(OP(template_table_destroy, table, &error), EBUSY, "3 rules");
	assert_int_equal(destroy(b, 1, false, 78), 0);
	pull(1, RTE_FLOW_OP_SUCCESS, 78);
	assert_int_equal(destroy(late, 0, false, 79), 0);
	assert_int_equal(destroy(again, 0, false, 80), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 79);
	pull(0, RTE_FLOW_OP_SUCCESS, 80);
	assert_int_equal(device.flow->n_rules, 0);
	assert_int_equal(OP(template_table_destroy, table, &error), 0);
}

/* Whoever waits for its removal does not find it lost once more, and a flush
 * takes what is left of those that are. */
static void
test_lost_while_waiting(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_all(3);
	struct rte_flow *flow = create(table, 0, false, 7);

	pull(0, RTE_FLOW_OP_SUCCESS, 7);
	assert_int_equal(destroy(flow, 0, true, 70), 0);
	fault("lose-rules\n");
	fault("lose-rules\n");
	assert_int_equal(OP(push, 0, &error), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 70);
	assert_int_equal(table->n_rules, 0);

	assert_non_null(create(table, 0, false, 8));
	pull(0, RTE_FLOW_OP_SUCCESS, 8);
	fault("lose-rules\n");
	assert_int_equal(OP(flush, &error), 0);
	assert_int_equal(OP(template_table_destroy, table, &error), 0);
	assert_int_equal(device.flow->n_rules, 0);
}

/* Without its counter a rule takes packets, and nobody knows how many. */
static void
test_lost_counters(void **state __rte_unused)
{
	struct rte_flow_template_table *table = make_all(3);
	struct rte_flow *a = create(table, 0, false, 7), *b;
	uint64_t hits;

	pull(0, RTE_FLOW_OP_SUCCESS, 7);
	fault("lose-counters\n");
	LOST(a, "rule's counter");
	assert_int_equal(send_udp(7), 7);
	assert_int_equal(n_shown(), 1);
	b = create(table, 0, false, 8);
	pull(0, RTE_FLOW_OP_SUCCESS, 8);
	assert_int_equal(query(b, &hits), 0);
	fault("lose-rules\n");
	LOST(a, "rule");
	assert_int_equal(send_udp(7), 0);
	assert_int_equal(destroy(a, 0, false, 70), 0);
	assert_int_equal(destroy(b, 0, false, 80), 0);
	pull(0, RTE_FLOW_OP_SUCCESS, 70);
	pull(0, RTE_FLOW_OP_SUCCESS, 80);
	assert_int_equal(device.flow->n_rules, 0);
}

/* -- While queues are in use ------------------------------------------- */

#define N_ROUNDS 5000

static void *
use_queue(void *user_)
{
	struct user *user = user_;
	struct rte_flow_op_result results[4];
	uintptr_t n_errors = 0;
	struct rte_flow *flow;
	int i, j;

	for (i = 0; i < N_ROUNDS; i++) {
		flow = create(user->table, user->queue, false,
			      1 + i % 100 + 1000 * user->queue);
		n_errors += !flow
			    || destroy(flow, user->queue, false, 1);
		n_errors += OP(pull, user->queue, results, 4, &error) != 2;
		for (j = 0; j < 2; j++)
			n_errors += results[j].status != RTE_FLOW_OP_SUCCESS;
	}
	__atomic_store_n(&user->done, true, __ATOMIC_RELEASE);
	return (void *)n_errors;
}

static void
test_lost_under_way(void **state __rte_unused)
{
	struct user users[2];

	users_start(users, make_all(100), use_queue);
	while (!__atomic_load_n(&users[0].done, __ATOMIC_ACQUIRE)
	       || !__atomic_load_n(&users[1].done, __ATOMIC_ACQUIRE)) {
		fault("lose-counters\n");
		fault("lose-rules\n");
	}
	users_join(users);
	assert_int_equal(device.flow->n_rules, 0);
	assert_int_equal(n_shown(), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(lost_rules),
		TEST(lost_while_waiting),
		TEST(lost_counters),
		TEST(lost_under_way),
	};

	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
