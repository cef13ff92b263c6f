/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests the flow engine: rte_flow's operations on rules whose actions are
 * replaced by a record of what was asked for. */
#include "emu-device-fixture.h"

#include <unistd.h>

#include <rte_flow_driver.h>

#include "emu-action.h"
#include "emu-error.h"
#include "emu-fault-fixture.h"
#include "emu-flow-queue.h"
#include "emu-flow.h"
#include "emu-indirect.h"
#include "emu-meter.h"
#include "emu-packet.h"
#include "emu-template-table.h"

/* -- Actions, replaced ------------------------------------------------- */

struct emu_program {
	uint32_t mark;
	bool aged;
	void *context;
};

static int n_programs;		/* That are not freed. */
static int fail_compile;	/* errno of the next compilations. */
static int n_settled;		/* Compilations that succeed after failing. */

int
emu_program_compile(struct emu_vport *vport __rte_unused, uint32_t group,
		    const struct rte_flow_action *actions, bool dry_run,
		    struct emu_program **programp,
		    struct rte_flow_error *error)
{
	struct emu_program *p;

	if (fail_compile) {
		int code = fail_compile;

		if (n_settled && !--n_settled)
			fail_compile = 0;
		return emu_error_set(error, code,
				     RTE_FLOW_ERROR_TYPE_ACTION, actions,
				     "refused in group %u", group);
	}
	if (dry_run)
		return 0;
	p = calloc(1, sizeof(*p));
	for (; actions->type != RTE_FLOW_ACTION_TYPE_END; actions++) {
		if (actions->type == RTE_FLOW_ACTION_TYPE_MARK) {
			const struct rte_flow_action_mark *m = actions->conf;

			p->mark = m->id;
		} else if (actions->type == RTE_FLOW_ACTION_TYPE_AGE) {
			const struct rte_flow_action_age *a = actions->conf;

			p->context = a->context;
		}
	}
	n_programs++;
	*programp = p;
	return 0;
}

void
emu_program_free(struct emu_program *program)
{
	free(program);
	n_programs--;
}

int
emu_program_query(struct emu_program *program, void *args __rte_unused,
		  const struct rte_flow_action *action __rte_unused,
		  void *data, struct rte_flow_error *error __rte_unused)
{
	struct rte_flow_query_count *q = data;

	q->hits = program->mark;
	return 0;
}

unsigned int
emu_program_aged(struct emu_program *program, void *args __rte_unused,
		 uint64_t now __rte_unused,
		 void **contexts, unsigned int n_contexts)
{
	if (!program->aged)
		return 0;
	if (n_contexts)
		contexts[0] = program->context;
	return 1;
}

struct rte_flow_action_handle *
emu_indirect_create(struct emu_vport *vport __rte_unused,
		    const struct rte_flow_indir_action_conf *conf __rte_unused,
		    const struct rte_flow_action *action,
		    struct rte_flow_error *error __rte_unused)
{
	return (void *)(uintptr_t)action;
}

static int indirect_busy;

int
emu_indirect_destroy(struct emu_vport *vport __rte_unused,
		     struct rte_flow_action_handle *handle,
		     struct rte_flow_error *error)
{
	/* In use as long as a rule's program is there. */
	indirect_busy = n_programs;
	return indirect_busy ? emu_error_set(error, EBUSY,
					     RTE_FLOW_ERROR_TYPE_HANDLE,
					     handle, "in use") : 0;
}

int
emu_indirect_update(struct emu_vport *vport __rte_unused,
		    struct rte_flow_action_handle *handle __rte_unused,
		    const void *update __rte_unused,
		    struct rte_flow_error *error __rte_unused)
{
	return 0;
}

int
emu_indirect_query(struct emu_vport *vport __rte_unused,
		   const struct rte_flow_action_handle *handle __rte_unused,
		   void *data __rte_unused,
		   struct rte_flow_error *error __rte_unused)
{
	return 0;
}

unsigned int
emu_indirect_aged(struct emu_device *device __rte_unused,
		  uint64_t now __rte_unused, void **contexts __rte_unused,
		  unsigned int n_contexts __rte_unused)
{
	return 0;
}

void
emu_indirect_flush(struct emu_device *device __rte_unused,
		   const struct emu_vport *vport __rte_unused)
{
}

void
emu_meters_destroy(struct emu_device *device __rte_unused)
{
}

static int n_meters_lost;	/* Times. */

void
emu_meters_lose(struct emu_device *device __rte_unused)
{
	n_meters_lost++;
}

/* -- The template API, of which there is nothing here ------------------ */

void
emu_flow_queues_close(struct emu_vport *vport __rte_unused)
{
}

struct emu_vport *
emu_template_rule_vport(const struct emu_rule *rule __rte_unused)
{
	return NULL;
}

void
emu_template_flush(struct emu_vport *vport __rte_unused,
		   bool all __rte_unused)
{
}

void
emu_template_dump(const struct emu_vport *vport __rte_unused,
		  const struct emu_rule *rule __rte_unused,
		  FILE *file __rte_unused)
{
}

void
emu_template_lose(struct emu_vport *vport __rte_unused)
{
}

void
emu_template_lose_counters(struct emu_vport *vport __rte_unused)
{
}

uint32_t
emu_template_aged(struct emu_vport *vport __rte_unused,
		  int queue __rte_unused, uint64_t now __rte_unused,
		  void **contexts __rte_unused, uint32_t n __rte_unused)
{
	return 0;
}

/* -- The device -------------------------------------------------------- */

static struct rte_eth_dev ethdevs[FIXTURE_VPORTS];
static struct rte_eth_dev_data ethdev_data[FIXTURE_VPORTS];
static struct rte_flow_error error;

static int
setup_profile(const char *profile)
{
	int i;

	fixture_device_init(profile);
	for (i = 0; i < FIXTURE_VPORTS; i++) {
		ethdevs[i].data = &ethdev_data[i];
		ethdev_data[i].port_id = FIXTURE_PORT + i;
		ethdev_data[i].dev_private = &fixture_vports[i];
	}
	n_programs = fail_compile = n_settled = 0;
	memset(&error, 0, sizeof(error));
	return emu_flow_engine_create(&fixture_device);
}

static int
setup(void **state __rte_unused)
{
	return setup_profile("full");
}

static int
setup_basic(void **state __rte_unused)
{
	return setup_profile("basic");
}

static int
setup_mlx5(void **state __rte_unused)
{
	return setup_profile("mlx5");
}

static int
teardown(void **state __rte_unused)
{
	emu_flow_engine_destroy(&fixture_device);
	assert_int_equal(n_programs, 0);
	fixture_device_uninit();
	return 0;
}

#define OP(NAME, PORT, ...) emu_flow_ops.NAME(&ethdevs[PORT], __VA_ARGS__)

static const struct rte_flow_attr transfer = { .transfer = 1 };
static const struct rte_flow_item any_eth[] = {
	{ .type = RTE_FLOW_ITEM_TYPE_ETH },
	{ .type = RTE_FLOW_ITEM_TYPE_END },
};

/* Creates a rule for UDP destination port 'dst' (0: all of UDP) with MARK
 * 'mark' on the ethdev of vport 'port'. */
static struct rte_flow *
create(int port, const struct rte_flow_attr *attr, uint16_t dst,
       uint32_t mark_id)
{
	const struct rte_flow_action_mark mark = { .id = mark_id };
	const struct rte_flow_item_udp udp = {
		.hdr.dst_port = rte_cpu_to_be_16(dst),
	};
	const struct rte_flow_item_udp udp_mask = {
		.hdr.dst_port = RTE_BE16(0xffff),
	};
	const struct rte_flow_item items[] = {
		{ .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = dst ? &udp : NULL,
		  .mask = dst ? &udp_mask : NULL },
		{ .type = RTE_FLOW_ITEM_TYPE_END },
	};
	const struct rte_flow_action actions[] = {
		{ .type = RTE_FLOW_ACTION_TYPE_MARK, .conf = &mark },
		{ .type = RTE_FLOW_ACTION_TYPE_DROP },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};

	return OP(create, port, attr, items, actions, &error);
}

/* Returns the MARK of the rule that takes a UDP packet for 'dst', which came
 * from the function behind vport 'port'; or -1. */
static int64_t
lookup(int port, uint32_t group, uint16_t dst)
{
	const struct emu_rule *rule;
	struct emu_packet p;

	memset(&p, 0, sizeof(p));
	p.key.vport = port;
	p.key.origin = EMU_FROM_FUNCTION;
	p.key.outer.present = 1u << EMU_HDR_ETH | 1u << EMU_HDR_IPV4
			    | 1u << EMU_HDR_UDP;
	p.key.outer.l4_src = RTE_BE16(999);
	p.key.outer.l4_dst = rte_cpu_to_be_16(dst);
	rule = emu_table_lookup(fixture_device.flow, group, &p);
	return rule ? (int64_t)emu_rule_program(rule)->mark : -1;
}

/* -- Tests ------------------------------------------------------------- */

static void
test_create_destroy(void **state __rte_unused)
{
	struct rte_flow *flow = create(1, &transfer, 53, 7);

	assert_non_null(flow);
	assert_int_equal(lookup(1, 0, 53), 7);
	assert_int_equal(lookup(1, 0, 54), -1);
	assert_int_equal(lookup(1, 1, 53), -1);
	/* Its source is the function behind the ethdev it was created on. */
	assert_int_equal(lookup(2, 0, 53), -1);
	assert_int_equal(OP(destroy, 1, flow, &error), 0);
	assert_int_equal(lookup(1, 0, 53), -1);
}

static void
test_priority(void **state __rte_unused)
{
	struct rte_flow_attr attr = transfer;
	struct rte_flow *flow;

	attr.priority = 2;
	assert_non_null(create(1, &attr, 0, 2));
	attr.priority = 1;
	flow = create(1, &attr, 53, 1);
	assert_int_equal(lookup(1, 0, 53), 1);
	assert_int_equal(lookup(1, 0, 54), 2);
	attr.priority = 0;
	assert_non_null(create(1, &attr, 0, 10));
	assert_int_equal(lookup(1, 0, 53), 10);
	assert_int_equal(lookup(1, 0, 54), 10);
	OP(destroy, 1, flow, &error);
	assert_int_equal(lookup(1, 0, 53), 10);
}

/* A new rule takes over from an old one, which can then go. */
static void
test_make_before_break(void **state __rte_unused)
{
	struct rte_flow *old = create(1, &transfer, 53, 1), *new;

	new = create(1, &transfer, 53, 2);
	assert_int_equal(lookup(1, 0, 53), 2);
	OP(destroy, 1, old, &error);
	assert_int_equal(lookup(1, 0, 53), 2);
	OP(destroy, 1, new, &error);
	assert_int_equal(lookup(1, 0, 53), -1);
}

static void
test_duplicates_refused(void **state __rte_unused)
{
	assert_non_null(create(1, &transfer, 53, 1));
	assert_null(create(1, &transfer, 53, 2));
	assert_int_equal(rte_errno, EEXIST);
	assert_non_null(strstr(error.message, "profile basic"));
	assert_int_equal(n_programs, 1);
	assert_int_equal(lookup(1, 0, 53), 1);
}

static void
test_duplicates_oldest(void **state __rte_unused)
{
	struct rte_flow *old = create(1, &transfer, 53, 1);

	assert_non_null(create(1, &transfer, 53, 2));
	assert_int_equal(lookup(1, 0, 53), 1);
	OP(destroy, 1, old, &error);
	assert_int_equal(lookup(1, 0, 53), 2);
}

static void
test_full(void **state __rte_unused)
{
	struct rte_flow *first = NULL, *flow;
	int i;

	for (i = 0; i < 1000; i++) {
		flow = create(1, &transfer, 1 + i, i);
		assert_non_null(flow);
		if (!first)
			first = flow;
	}
	assert_null(create(1, &transfer, 2000, 1));
	assert_int_equal(rte_errno, ENOSPC);
	assert_non_null(strstr(error.message, "1000 rules"));
	OP(destroy, 1, first, &error);
	assert_non_null(create(1, &transfer, 2000, 1));
}

static void
test_attributes(void **state __rte_unused)
{
	static const struct {
		struct rte_flow_attr attr;
		enum rte_flow_error_type type;
		const char *message;
	} cases[] = {
		{ { .egress = 1 }, RTE_FLOW_ERROR_TYPE_ATTR_EGRESS,
		  "egress" },
		{ { .transfer = 1, .egress = 1 },
		  RTE_FLOW_ERROR_TYPE_ATTR_EGRESS, "egress" },
		{ { .priority = 0 }, RTE_FLOW_ERROR_TYPE_ATTR, "transfer" },
		{ { .transfer = 1, .reserved = 1 },
		  RTE_FLOW_ERROR_TYPE_ATTR, "reserved" },
		{ { .ingress = 1, .group = 1 },
		  RTE_FLOW_ERROR_TYPE_ATTR_GROUP, "group 1" },
		{ { .transfer = 1, .group = 1 },
		  RTE_FLOW_ERROR_TYPE_ATTR_GROUP, "groups 0 to 0" },
		{ { .transfer = 1, .priority = 16 },
		  RTE_FLOW_ERROR_TYPE_ATTR_PRIORITY, "to 15" },
	};
	static const struct rte_flow_action drop[] = {
		{ .type = RTE_FLOW_ACTION_TYPE_DROP },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};
	size_t i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		assert_null(create(1, &cases[i].attr, 53, 1));
		assert_int_equal(error.type, cases[i].type);
		assert_ptr_equal(error.cause, &cases[i].attr);
		assert_non_null(strstr(error.message, cases[i].message));
		assert_true(OP(validate, 1, &cases[i].attr, any_eth, drop,
			       &error) < 0);
	}
}

static void
test_validate(void **state __rte_unused)
{
	static const struct rte_flow_action drop[] = {
		{ .type = RTE_FLOW_ACTION_TYPE_DROP },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};

	assert_int_equal(OP(validate, 1, &transfer, any_eth, drop, &error), 0);
	assert_int_equal(n_programs, 0);
	assert_int_equal(lookup(1, 0, 53), -1);
	fail_compile = ENOTSUP;
	assert_int_equal(OP(validate, 1, &transfer, any_eth, drop, &error),
			 -ENOTSUP);
	assert_ptr_equal(error.cause, drop);
}

/* Rules without transfer: for what comes up to software, apart. */
static void
test_ingress(void **state __rte_unused)
{
	static const struct rte_flow_attr ingress = { .ingress = 1 };
	struct rte_flow *flow;

	assert_false(emu_table_has_ingress_rules(fixture_device.flow));
	flow = create(1, &ingress, 53, 9);
	assert_non_null(flow);
	assert_true(emu_table_has_ingress_rules(fixture_device.flow));
	assert_int_equal(lookup(1, 0, 53), -1);
	assert_int_equal(lookup(1, EMU_GROUP_INGRESS, 53), 9);
	assert_int_equal(lookup(2, EMU_GROUP_INGRESS, 53), -1);
	OP(destroy, 1, flow, &error);
	assert_false(emu_table_has_ingress_rules(fixture_device.flow));
}

static void
test_flush(void **state __rte_unused)
{
	create(1, &transfer, 53, 1);
	create(1, &transfer, 54, 1);
	create(2, &transfer, 53, 2);
	assert_int_equal(OP(flush, 1, &error), 0);
	assert_int_equal(lookup(1, 0, 53), -1);
	assert_int_equal(lookup(1, 0, 54), -1);
	assert_int_equal(lookup(2, 0, 53), 2);
	emu_flow_vport_close(&fixture_vports[2]);
	assert_int_equal(lookup(2, 0, 53), -1);
	assert_int_equal(n_programs, 0);
}

/* A destroyed rule is not matched, but not freed either while the embedded
 * switch thread may look at it. */
static void
test_grace_period(void **state __rte_unused)
{
	struct rte_rcu_qsbr *qsbr = fixture_device.qsbr;
	struct rte_flow *flow = create(1, &transfer, 53, 1);

	rte_rcu_qsbr_thread_register(qsbr, 0);
	rte_rcu_qsbr_thread_online(qsbr, 0);
	OP(destroy, 1, flow, &error);
	assert_int_equal(lookup(1, 0, 53), -1);
	create(1, &transfer, 54, 1);
	assert_int_equal(n_programs, 2);
	rte_rcu_qsbr_thread_offline(qsbr, 0);
	rte_rcu_qsbr_thread_unregister(qsbr, 0);
	emu_flow_vport_close(&fixture_vports[1]);
	assert_int_equal(n_programs, 0);
}

/* What destroyed rules still hold does not make others fail. */
static void
test_settle(void **state __rte_unused)
{
	struct rte_flow_action_handle *handle;

	OP(destroy, 1, create(1, &transfer, 53, 1), &error);
	assert_int_equal(n_programs, 1);
	handle = OP(action_handle_create, 1, NULL,
		    (const struct rte_flow_action *)&transfer, &error);
	assert_int_equal(OP(action_handle_destroy, 1, handle, &error), 0);
	assert_int_equal(n_programs, 0);

	fail_compile = ENOSPC;
	n_settled = 1;
	assert_non_null(create(1, &transfer, 53, 1));
	fail_compile = ENOTSUP;
	n_settled = 1;
	assert_null(create(1, &transfer, 54, 1));
	assert_int_equal(rte_errno, ENOTSUP);
}

static void
test_query(void **state __rte_unused)
{
	struct rte_flow *flow = create(1, &transfer, 53, 77);
	static const struct rte_flow_action count = {
		.type = RTE_FLOW_ACTION_TYPE_COUNT,
	};
	struct rte_flow_query_count q = { .reset = 1 };

	assert_int_equal(OP(query, 1, flow, &count, &q, &error), 0);
	assert_int_equal(q.hits, 77);
}

/* Rules are gone for packets and for whoever asks; what the application still
 * has of them is good enough to destroy them, and room is made at once. */
static void
test_lost_rules(void **state __rte_unused)
{
	static const struct rte_flow_action count[2] = {
		{ .type = RTE_FLOW_ACTION_TYPE_COUNT },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};
	struct rte_flow *a = create(1, &transfer, 53, 1), *b, *c;
	struct rte_flow_query_count query;

	ask_for_fault(&fixture_device, "lose-rul");	/* Still written. */
	b = create(2, &transfer, 53, 2);
	assert_int_equal(access(fixture_device.faults, F_OK), 0);
	assert_int_equal(OP(query, 1, a, count, &query, &error), 0);

	ask_for_fault(&fixture_device, "lose-rules\n");
	assert_int_equal(OP(query, 1, a, count, &query, &error), -ENOENT);
	assert_non_null(strstr(error.message, "lost"));
	assert_int_equal(access(fixture_device.faults, F_OK), -1);
	assert_int_equal(OP(query, 2, b, count, &query, &error), -ENOENT);
	assert_int_equal(lookup(1, 0, 53), -1);
	assert_int_equal(lookup(2, 0, 53), -1);

	c = create(1, &transfer, 53, 3);
	assert_int_equal(lookup(1, 0, 53), 3);
	assert_int_equal(OP(query, 1, c, count, &query, &error), 0);
	assert_int_equal(OP(destroy, 1, a, &error), 0);
	assert_int_equal(OP(destroy, 2, b, &error), 0);
	assert_int_equal(lookup(1, 0, 53), 3);

	ask_for_fault(&fixture_device, "lose-everything\n");
	assert_int_equal(OP(query, 1, c, count, &query, &error), 0);
	assert_int_equal(unlink(fixture_device.faults), 0);
	fixture_device.faults[0] = '\0';
}

/* Without its counter a rule takes packets, and nobody knows how many; another
 * one in its place counts.  Meters have a test of their own. */
static void
test_lost_counters(void **state __rte_unused)
{
	static const struct rte_flow_action count[2] = {
		{ .type = RTE_FLOW_ACTION_TYPE_COUNT },
		{ .type = RTE_FLOW_ACTION_TYPE_END },
	};
	struct rte_flow *a = create(1, &transfer, 53, 1), *b;
	struct rte_flow_query_count query;

	ask_for_fault(&fixture_device, "lose-counters\n");
	assert_int_equal(OP(query, 1, a, count, &query, &error), -ENOENT);
	assert_non_null(strstr(error.message, "lost the rule's counter"));
	assert_int_equal(lookup(1, 0, 53), 1);
	b = create(1, &transfer, 54, 2);
	assert_int_equal(OP(query, 1, b, count, &query, &error), 0);
	assert_int_equal(OP(destroy, 1, a, &error), 0);
	assert_int_equal(lookup(1, 0, 53), -1);

	ask_for_fault(&fixture_device, "lose-meters\n");
	assert_int_equal(n_meters_lost, 0);
	assert_int_equal(OP(query, 1, b, count, &query, &error), 0);
	assert_int_equal(n_meters_lost, 1);
	fixture_device.faults[0] = '\0';
}

/* Every third rule is refused, until that is over. */
static void
test_refused_rules(void **state __rte_unused)
{
	int i;

	ask_for_fault(&fixture_device, "refuse 3 or so\n");
	assert_non_null(create(1, &transfer, 50, 1));
	assert_int_equal(unlink(fixture_device.faults), 0);

	ask_for_fault(&fixture_device, "refuse 3\n");
	for (i = 1; i <= 7; i++) {
		if (i % 3) {
			assert_non_null(create(1, &transfer, 60 + i, i));
		} else {
			assert_null(create(1, &transfer, 60 + i, i));
			assert_int_equal(rte_errno, EIO);
			assert_non_null(strstr(error.message, "refuse 3"));
			assert_int_equal(lookup(1, 0, 60 + i), -1);
		}
	}
	assert_int_equal(access(fixture_device.faults, F_OK), -1);
	ask_for_fault(&fixture_device, "refuse 0\n");
	for (i = 0; i < 4; i++)
		assert_non_null(create(1, &transfer, 80 + i, 1));
	fixture_device.faults[0] = '\0';
}

/* Operations take longer, and no less than was asked for. */
static void
test_late_answers(void **state __rte_unused)
{
	struct rte_flow *flow = create(1, &transfer, 53, 1);
	uint64_t start;

	ask_for_fault(&fixture_device, "late 20\n");
	start = rte_get_timer_cycles();
	assert_int_equal(OP(destroy, 1, flow, &error), 0);
	flow = create(1, &transfer, 53, 2);
	assert_true(rte_get_timer_cycles() - start >=
		    rte_get_timer_hz() * 40 / 1000);
	assert_int_equal(lookup(1, 0, 53), 2);
	ask_for_fault(&fixture_device, "late 0\n");
	assert_int_equal(OP(destroy, 1, flow, &error), 0);
	fixture_device.faults[0] = '\0';
}

static void
test_wrong_ethdev(void **state __rte_unused)
{
	struct rte_flow *flow = create(1, &transfer, 53, 1);
	struct rte_flow_query_count q = { .reset = 0 };

	assert_int_equal(OP(destroy, 2, flow, &error), -EINVAL);
	assert_int_equal(error.type, RTE_FLOW_ERROR_TYPE_HANDLE);
	assert_string_equal(error.message,
			    "the rule was created on ethdev 11, not on 12");
	assert_int_equal(OP(query, 2, flow, NULL, &q, &error), -EINVAL);
	assert_int_equal(OP(dev_dump, 2, flow, stderr, &error), -EINVAL);
	assert_int_equal(OP(destroy, 1, NULL, &error), -EINVAL);
	assert_int_equal(lookup(1, 0, 53), 1);
}

static void
test_aged(void **state __rte_unused)
{
	struct rte_flow_action_age age[2] = {
		{ .timeout = 1 }, { .timeout = 1, .context = &age },
	};
	struct rte_flow *flows[2];
	void *contexts[4];
	int i;

	for (i = 0; i < 2; i++) {
		const struct rte_flow_action actions[] = {
			{ .type = RTE_FLOW_ACTION_TYPE_AGE, .conf = &age[i] },
			{ .type = RTE_FLOW_ACTION_TYPE_END },
		};

		flows[i] = OP(create, 1, &transfer, any_eth, actions, &error);
		assert_non_null(flows[i]);
	}
	create(1, &transfer, 53, 1);
	assert_int_equal(OP(get_aged_flows, 1, NULL, 0, &error), 0);
	for (i = 0; i < 2; i++)
		flows[i]->rule.program->aged = true;
	assert_int_equal(OP(get_aged_flows, 1, NULL, 0, &error), 2);
	assert_int_equal(OP(get_aged_flows, 2, contexts, 4, &error), 0);
	assert_int_equal(OP(get_aged_flows, 1, contexts, 1, &error), 1);
	assert_int_equal(OP(get_aged_flows, 1, contexts, 4, &error), 2);
	/* Without a context, it is the rule. */
	assert_ptr_equal(contexts[0], flows[0]);
	assert_ptr_equal(contexts[1], &age);
	OP(destroy, 1, flows[0], &error);
	assert_int_equal(OP(get_aged_flows, 1, contexts, 4, &error), 1);
}

static void
test_dump(void **state __rte_unused)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct rte_flow_attr attr = transfer;

	attr.group = 3;
	attr.priority = 1;
	create(1, &attr, 53, 7);
	lookup(1, 3, 53);
	lookup(1, 3, 53);
	create(2, &transfer, 0, 8);
	assert_int_equal(OP(dev_dump, 1, NULL, file, &error), 0);
	fclose(file);
	assert_string_equal(
		text,
		"pf0vf0 hits 2: flow create 11 group 3 transfer priority 1 "
		"pattern represented_port ethdev_port_id is 11 / "
		"udp dst is 53 / end actions mark id 7 / drop / end\n");
	free(text);
}

static void
test_isolate(void **state __rte_unused)
{
	uint16_t proxy = 0;

	assert_int_equal(OP(isolate, 1, 0, &error), 0);
	assert_int_equal(OP(isolate, 1, 1, &error), -ENOTSUP);
	assert_int_equal(OP(pick_transfer_proxy, 1, &proxy, &error), 0);
	assert_int_equal(proxy, FIXTURE_PORT + 1);
}

int
main(void)
{
#define TEST(NAME, SETUP) \
	cmocka_unit_test_setup_teardown(test_##NAME, SETUP, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(create_destroy, setup),
		TEST(priority, setup),
		TEST(make_before_break, setup),
		TEST(duplicates_refused, setup_basic),
		TEST(duplicates_oldest, setup_mlx5),
		TEST(full, setup_basic),
		TEST(attributes, setup_basic),
		TEST(validate, setup),
		TEST(ingress, setup),
		TEST(flush, setup),
		TEST(grace_period, setup),
		TEST(settle, setup),
		TEST(query, setup),
		TEST(lost_rules, setup),
		TEST(lost_counters, setup),
		TEST(refused_rules, setup),
		TEST(late_answers, setup),
		TEST(wrong_ethdev, setup),
		TEST(aged, setup),
		TEST(dump, setup),
		TEST(isolate, setup),
	};

	fixture_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
