/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template-fixture: a device whose vf0 has two queues of four operations,
 * templates for rules of UDP ports, and memory that is counted and may run
 * out.  A test's teardown fails if any is left.
 *
 * To be linked with --wrap of malloc, calloc, aligned_alloc, realloc and
 * free. */
#ifndef EMU_TEMPLATE_FIXTURE_H
#define EMU_TEMPLATE_FIXTURE_H

#define FIXTURE_ENGINE
#include "emu-switch-fixture.h"

#include <pthread.h>
#include <stdlib.h>

#include <rte_malloc.h>
#include <rte_mtr.h>
#include <rte_mtr_driver.h>

#include "emu-flow-queue.h"
#include "emu-template-table.h"

/* Items are written without the fields that are not needed. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* -- Memory that runs out ---------------------------------------------- */

static int n_allocated;		/* By the emulator, and not freed. */
static int fail_after = -1;	/* So many allocations succeed, if >= 0. */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static inline bool
fails(void)
{
	if (!fail_after)
		return true;
	if (fail_after > 0)
		fail_after--;
	return false;
}

static inline void *
allocated(void *p)
{
	__atomic_fetch_add(&n_allocated, p != NULL, __ATOMIC_RELAXED);
	return p;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : allocated(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : allocated(__real_calloc(n, size));
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : allocated(__real_aligned_alloc(alignment,
							       size));
}

void *
__wrap_realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __real_realloc(p, size);

	return p ? q : allocated(q);
}

void
__wrap_free(void *p)
{
	__atomic_fetch_sub(&n_allocated, p != NULL, __ATOMIC_RELAXED);
	__real_free(p);
}

/* -- The device -------------------------------------------------------- */

#define OP(NAME, ...) \
	emu_flow_queue_ops()->NAME(&rte_eth_devices[vports[1].eth_port_id], \
				   __VA_ARGS__)
#define ACTIONS(...) \
	((const struct rte_flow_action[]) { __VA_ARGS__, A(END, NULL) })
#define I(NAME, ...) { RTE_FLOW_ITEM_TYPE_##NAME, __VA_ARGS__ }
#define ITEMS(...) \
	((const struct rte_flow_item[]) { __VA_ARGS__, I(END, NULL) })
#define ITEM(TYPE, ...) \
	(&(const struct rte_flow_item_##TYPE) { __VA_ARGS__ })

static struct rte_flow_error error;
static int n_before;

static inline int
setup(void **state __rte_unused)
{
	const struct rte_flow_port_attr attr = { .nb_counters = 2 };
	const struct rte_flow_queue_attr queue = { .size = 4 };
	const struct rte_flow_queue_attr *queues[] = { &queue, &queue };

	n_before = n_allocated;
	device.qsbr = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1),
				  RTE_CACHE_LINE_SIZE);
	rte_rcu_qsbr_init(device.qsbr, 1);
	profile.max_rules = 1000;
	profile.max_counters = 1000;
	profile.partial_masks = true;
	if (emu_flow_engine_create(&device))
		return -1;
	return OP(configure, &attr, 2, queues, &error);
}

static inline int
teardown(void **state __rte_unused)
{
	emu_flow_engine_destroy(&device);
	assert_int_equal(device.n_counters, 0);
	rte_free(device.qsbr);
	forget_sent();
	assert_int_equal(n_allocated, n_before);
	return 0;
}

static const struct rte_flow_pattern_template_attr pattern_attr = {
	.transfer = 1,
};
static const struct rte_flow_actions_template_attr actions_attr = {
	.transfer = 1,
};

/* What the tests put in: UDP ports, and COUNT, MARK, an output. */
static const struct rte_flow_item *const udp_template = ITEMS(
	I(ETH, NULL), I(IPV4, NULL),
	I(UDP, NULL, NULL, ITEM(udp, .hdr.dst_port = 0xffff)));

static inline struct rte_flow_pattern_template *
make_pattern(void)
{
	return OP(pattern_template_create, &pattern_attr, udp_template,
		  &error);
}

static inline struct rte_flow_actions_template *
make_actions(void)
{
	return OP(actions_template_create, &actions_attr,
		  ACTIONS(A(COUNT, NULL), A(MARK, NULL),
			  A(PORT_REPRESENTOR,
			    CONF(ethdev, vports[2].eth_port_id))),
		  ACTIONS(A(COUNT, NULL), A(MARK, NULL),
			  A(PORT_REPRESENTOR, CONF(ethdev, 0xffff))),
		  &error);
}

static inline struct rte_flow_template_table *
make_table(struct rte_flow_pattern_template *pattern,
	   struct rte_flow_actions_template *actions, uint32_t n)
{
	const struct rte_flow_template_table_attr attr = {
		.flow_attr = { .transfer = 1, .priority = 5 },
		.nb_flows = n,
	};

	return OP(template_table_create, &attr, &pattern, 1, &actions, 1,
		  &error);
}

static inline struct rte_flow_template_table *
make_all(uint32_t n)
{
	struct rte_flow_pattern_template *pattern = make_pattern();
	struct rte_flow_actions_template *actions = make_actions();
	struct rte_flow_template_table *table;

	assert_non_null(pattern);
	assert_non_null(actions);
	table = make_table(pattern, actions, n);
	assert_non_null(table);
	return table;
}

/* Creates a rule for UDP packets to 'dst', with a MARK of the same number. */
static inline struct rte_flow *
create(struct rte_flow_template_table *table, uint16_t queue, bool postpone,
       uint16_t dst)
{
	const struct rte_flow_op_attr attr = { .postpone = postpone };

	return OP(async_create, queue, &attr, table,
		  ITEMS(I(ETH, NULL), I(IPV4, NULL),
			I(UDP, ITEM(udp,
				    .hdr.dst_port = rte_cpu_to_be_16(dst)))),
		  0, ACTIONS(A(COUNT, NULL), A(MARK, CONF(mark, dst)),
			     A(PORT_REPRESENTOR, NULL)), 0,
		  (void *)(uintptr_t)dst, &error);
}

static inline int
destroy(struct rte_flow *flow, uint16_t queue, bool postpone, uintptr_t data)
{
	const struct rte_flow_op_attr attr = { .postpone = postpone };

	return OP(async_destroy, queue, &attr, flow, (void *)data, &error);
}

/* Pulls one result of 'queue', which has to be of 'data'. */
static inline void
pull(uint16_t queue, enum rte_flow_op_status status, uintptr_t data)
{
	struct rte_flow_op_result result;

	assert_int_equal(OP(pull, queue, &result, 1, &error), 1);
	assert_int_equal(result.status, status);
	assert_int_equal((uintptr_t)result.user_data, data);
}

static inline void
pull_nothing(uint16_t queue)
{
	struct rte_flow_op_result result;

	assert_int_equal(OP(pull, queue, &result, 1, &error), 0);
}

/* Both queues are used at the same time, each by a thread that returns how
 * many errors it made. */
struct user {
	pthread_t thread;
	struct rte_flow_template_table *table;
	uint16_t queue;
	bool done;			/* Atomic: for the threads. */
};

static inline void
users_start(struct user users[2], struct rte_flow_template_table *table,
	    void *(*use)(void *user))
{
	uint16_t i;

	for (i = 0; i < 2; i++) {
		users[i] = (struct user){ .table = table, .queue = i };
		assert_int_equal(pthread_create(&users[i].thread, NULL, use,
						&users[i]), 0);
	}
}

static inline void
users_join(struct user users[2])
{
	void *n_errors;
	int i;

	for (i = 0; i < 2; i++) {
		pthread_join(users[i].thread, &n_errors);
		assert_ptr_equal(n_errors, NULL);
	}
	assert_int_equal(users[0].table->n_rules, 0);
}

/* Sends a UDP packet to 'dst' from vf0; returns the MARK with which it comes
 * up at vf1, 0 if it comes up at its own representor. */
static inline uint32_t
send_udp(uint16_t dst)
{
	const struct fx_frame frame = { .proto = IPPROTO_UDP, .payload = 8 };
	struct rte_mbuf *m = make_mbuf(&frame);
	uint32_t mark;

	rte_pktmbuf_mtod(m, uint8_t *)[36] = dst >> 8;
	rte_pktmbuf_mtod(m, uint8_t *)[37] = dst;
	emu_pipeline_run(&vports[1], EMU_FROM_FUNCTION, &m, 1, rte_rdtsc());
	assert_int_equal(n_sent, 1);
	assert_true(sent[0].up);
	mark = sent[0].m->ol_flags & RTE_MBUF_F_RX_FDIR_ID
		? sent[0].m->hash.fdir.hi : 0;
	assert_ptr_equal(sent[0].vport, mark ? &vports[2] : &vports[1]);
	forget_sent();
	return mark;
}

#define REFUSED(CALL, CODE, MESSAGE) \
	do { \
		memset(&error, 0, sizeof(error)); \
		rte_errno = 0; \
		assert_true(CALL); \
		assert_int_equal(rte_errno, CODE); \
		if (!strstr(error.message, MESSAGE)) \
			fail_msg("%s", error.message); \
	} while (0)

#define TEST(NAME) \
	cmocka_unit_test_setup_teardown(test_##NAME, setup, teardown)

#endif /* EMU_TEMPLATE_FIXTURE_H */
