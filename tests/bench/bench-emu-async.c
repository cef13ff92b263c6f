/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Measures the emulated device's template API with rules such as offloaded
 * connections make: a five-tuple with TAG and META in one group, and MARK,
 * SET_TAG, MODIFY_FIELD, COUNT, AGE and JUMP: how many rules per second one
 * queue inserts and destroys, how much memory a rule takes, and what a lookup
 * among them costs.  No embedded switch thread runs meanwhile. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include <ethdev_driver.h>

#include "bench.h"
#include "emu-flow-queue.h"
#include "emu-flow.h"
#include "emu-packet.h"
#include "emu-profile.h"
#include "emu-slab.h"
#include "emu-template-table.h"

#define MAX_RULES 2000000
#define MAX_BATCH 256
#define N_LOOKUPS (1 << 18)

static struct emu_vport vport;
static struct emu_device device = {
	.name = "bench", .vports = &vport, .n_vports = 1,
};
static struct rte_eth_dev_data ethdev_data = { .dev_private = &vport };
static struct rte_eth_dev ethdev = { .data = &ethdev_data };
static struct rte_flow *flows[MAX_RULES];
static uint32_t order[MAX_RULES];
static struct rte_flow_error error;

/* Of emu-device: this device has one port, without an ethdev. */
struct emu_vport *
emu_device_vport_by_ethdev(const struct emu_device *d __rte_unused,
			   uint16_t eth_port_id __rte_unused)
{
	return &vport;
}

/* Of the port half: no packet gets so far. */
void
emu_vport_transmit(struct emu_vport *to __rte_unused, struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
}

void
emu_vport_receive(struct emu_vport *to __rte_unused, struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
}

#define OP(NAME, ...) emu_flow_queue_ops()->NAME(&ethdev, __VA_ARGS__)

static void
die(const char *what)
{
	bench_fatal("%s: %s", what, error.message ? error.message : "");
}

/* -- The templates ----------------------------------------------------- */

static const struct rte_flow_item_tag tag_index = { .index = 1 };
static const struct rte_flow_item_tag tag_mask = { UINT32_MAX, UINT8_MAX };
static const struct rte_flow_item_meta meta_mask = { .data = UINT32_MAX };
static const struct rte_flow_item_ipv4 ip_mask = {
	.hdr = { .src_addr = UINT32_MAX, .dst_addr = UINT32_MAX },
};
/* FIN, RST and SYN go to software. */
static const struct rte_flow_item_tcp tcp_mask = {
	.hdr = { .src_port = UINT16_MAX, .dst_port = UINT16_MAX,
		 .tcp_flags = 0x07 },
};
static const struct rte_flow_action_set_tag set_tag = {
	.data = 0, .mask = UINT32_MAX, .index = 2,
};
static const struct rte_flow_action_set_tag set_tag_mask = {
	.data = 0, .mask = UINT32_MAX, .index = UINT8_MAX,
};
static const struct rte_flow_action_modify_field modify = {
	.operation = RTE_FLOW_MODIFY_SET,
	.dst = { .field = RTE_FLOW_FIELD_TAG, .level = 3 },
	.src = { .field = RTE_FLOW_FIELD_VALUE },
	.width = 32,
};
static const struct rte_flow_action_modify_field modify_mask = {
	.operation = RTE_FLOW_MODIFY_SUB,
	.dst = { .field = (enum rte_flow_field_id)-1, .level = UINT32_MAX },
	.src = { .field = (enum rte_flow_field_id)-1 },
	.width = UINT32_MAX,
};
static const struct rte_flow_action_jump jump = { .group = 9 };
static const struct rte_flow_action_jump jump_mask = { UINT32_MAX };

#define ITEM(TYPE, SPEC, MASK) \
	{ .type = RTE_FLOW_ITEM_TYPE_##TYPE, .spec = SPEC, .mask = MASK }
#define ACTION(TYPE, CONF) \
	{ .type = RTE_FLOW_ACTION_TYPE_##TYPE, .conf = CONF }

static struct rte_flow_template_table *
make_table(uint32_t n)
{
	static const struct rte_flow_pattern_template_attr pattern_attr = {
		.transfer = 1 };
	static const struct rte_flow_actions_template_attr actions_attr = {
		.transfer = 1 };
	static const struct rte_flow_item items[] = {
		ITEM(TAG, &tag_index, &tag_mask),
		ITEM(META, NULL, &meta_mask),
		ITEM(ETH, NULL, NULL),
		ITEM(IPV4, NULL, &ip_mask),
		ITEM(TCP, NULL, &tcp_mask),
		ITEM(END, NULL, NULL),
	};
	static const struct rte_flow_action actions[] = {
		ACTION(MARK, NULL), ACTION(SET_TAG, &set_tag),
		ACTION(MODIFY_FIELD, &modify), ACTION(COUNT, NULL),
		ACTION(AGE, NULL), ACTION(JUMP, &jump), ACTION(END, NULL),
	};
	static const struct rte_flow_action masks[] = {
		ACTION(MARK, NULL), ACTION(SET_TAG, &set_tag_mask),
		ACTION(MODIFY_FIELD, &modify_mask), ACTION(COUNT, NULL),
		ACTION(AGE, NULL), ACTION(JUMP, &jump_mask),
		ACTION(END, NULL),
	};
	const struct rte_flow_template_table_attr attr = {
		.flow_attr = { .group = 1, .transfer = 1 }, .nb_flows = n,
	};
	struct rte_flow_pattern_template *pattern;
	struct rte_flow_actions_template *template;
	struct rte_flow_template_table *table;

	pattern = OP(pattern_template_create, &pattern_attr, items, &error);
	if (!pattern)
		die("pattern template");
	template = OP(actions_template_create, &actions_attr, actions, masks,
		      &error);
	if (!template)
		die("actions template");
	table = OP(template_table_create, &attr, &pattern, 1, &template, 1,
		   &error);
	if (!table)
		die("template table");
	return table;
}

/* -- Rules ------------------------------------------------------------- */

/* Addresses and ports of connection 'i'. */
static void
connection(uint32_t i, rte_be32_t *src, rte_be32_t *dst, rte_be16_t *port)
{
	*src = rte_cpu_to_be_32(0x0a000000 + i / 8);
	*dst = rte_cpu_to_be_32(0xc0a80000 + i % 8);
	*port = rte_cpu_to_be_16(1024 + i % 60000);
}

static struct rte_flow *
create(struct rte_flow_template_table *table, uint32_t i)
{
	static const struct rte_flow_op_attr attr = { .postpone = 1 };
	const struct rte_flow_item_tag tag = { .data = 7, .index = 1 };
	const struct rte_flow_item_meta meta = { .data = 3 };
	const struct rte_flow_action_mark mark = { .id = i & 0xffffff };
	const struct rte_flow_action_set_tag own_tag = { .data = i };
	const struct rte_flow_action_age age = { .timeout = 30 };
	struct rte_flow_action_modify_field own_modify = modify;
	struct rte_flow_item_ipv4 ip = { .hdr = { .version_ihl = 0 } };
	struct rte_flow_item_tcp tcp = { .hdr = { .dst_port =
						  RTE_BE16(80) } };
	const struct rte_flow_item items[] = {
		ITEM(TAG, &tag, NULL), ITEM(META, &meta, NULL),
		ITEM(ETH, NULL, NULL), ITEM(IPV4, &ip, NULL),
		ITEM(TCP, &tcp, NULL), ITEM(END, NULL, NULL),
	};
	const struct rte_flow_action actions[] = {
		ACTION(MARK, &mark), ACTION(SET_TAG, &own_tag),
		ACTION(MODIFY_FIELD, &own_modify), ACTION(COUNT, NULL),
		ACTION(AGE, &age), ACTION(JUMP, &jump), ACTION(END, NULL),
	};

	rte_be32_t src, dst;
	rte_be16_t port;

	connection(i, &src, &dst, &port);
	ip.hdr.src_addr = src;
	ip.hdr.dst_addr = dst;
	tcp.hdr.src_port = port;
	memcpy(own_modify.src.value, &i, sizeof(i));
	return OP(async_create, 0, &attr, table, items, 0, actions, 0, NULL,
		  &error);
}

/* Pushes, and pulls 'n' results, which have to be successes. */
static void
complete(uint32_t n)
{
	struct rte_flow_op_result results[MAX_BATCH];
	uint32_t i;

	OP(push, 0, &error);
	if (OP(pull, 0, results, n, &error) != (int)n)
		die("pull");
	for (i = 0; i < n; i++) {
		if (results[i].status != RTE_FLOW_OP_SUCCESS)
			die("operation");
	}
}

/* Returns millions of operations per second. */
static double
insert(struct rte_flow_template_table *table, uint32_t n, uint32_t batch)
{
	uint64_t start = bench_cpu_nsec();
	uint32_t i;

	for (i = 0; i < n; i++) {
		flows[i] = create(table, i);
		if (!flows[i])
			die("create");
		if ((i + 1) % batch == 0)
			complete(batch);
	}
	if (n % batch)
		complete(n % batch);
	return n * 1e3 / (bench_cpu_nsec() - start);
}

/* In an order that has nothing to do with that of insertion. */
static double
destroy(uint32_t n, uint32_t batch)
{
	static const struct rte_flow_op_attr attr = { .postpone = 1 };
	uint64_t start = bench_cpu_nsec();
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (OP(async_destroy, 0, &attr, flows[order[i]], NULL,
		       &error))
			die("destroy");
		if ((i + 1) % batch == 0)
			complete(batch);
	}
	if (n % batch)
		complete(n % batch);
	return n * 1e3 / (bench_cpu_nsec() - start);
}

static void
shuffle(uint32_t n)
{
	uint32_t i, j, swap;

	srandom(1);
	for (i = 0; i < n; i++)
		order[i] = i;
	for (i = n - 1; i > 0; i--) {
		j = random() % (i + 1);
		swap = order[i];
		order[i] = order[j];
		order[j] = swap;
	}
}

/* Returns nanoseconds per lookup, 32 packets at a time, of 'n_active' of 'n'
 * rules at random. */
static double
lookup(uint32_t n, uint32_t n_active)
{
	static struct emu_packet packets[EMU_LOOKUP_BULK];
	const struct emu_packet *pointers[EMU_LOOKUP_BULK];
	const struct emu_rule *rules[EMU_LOOKUP_BULK];
	struct emu_key *key;
	uint64_t cycles = 0, start;
	rte_be32_t src, dst;
	uint32_t i, j;

	for (i = 0; i < N_LOOKUPS; i += EMU_LOOKUP_BULK) {
		for (j = 0; j < EMU_LOOKUP_BULK; j++) {
			key = &packets[j].key;
			pointers[j] = &packets[j];
			memset(key, 0, sizeof(*key));
			key->origin = EMU_FROM_FUNCTION;
			key->tag[1] = 7;
			key->meta = 3;
			key->outer.present = 1u << EMU_HDR_ETH
					   | 1u << EMU_HDR_IPV4
					   | 1u << EMU_HDR_TCP;
			key->outer.l4_dst = RTE_BE16(80);
			connection(order[(i + j) % n_active], &src, &dst,
				   &key->outer.l4_src);
			memcpy(key->outer.ip_src, &src, sizeof(src));
			memcpy(key->outer.ip_dst, &dst, sizeof(dst));
		}
		start = rte_rdtsc();
		emu_table_lookup_bulk(device.flow, 1, pointers,
				      EMU_LOOKUP_BULK, rules);
		cycles += rte_rdtsc() - start;
		for (j = 0; j < EMU_LOOKUP_BULK; j++) {
			if (!rules[j])
				die("a packet found no rule");
		}
	}
	RTE_SET_USED(n);
	return cycles * 1e9 / rte_get_tsc_hz() / N_LOOKUPS;
}

static size_t
memory(const struct rte_flow_template_table *table)
{
	return emu_slab_memory(&table->slabs[0])
	       + emu_table_memory(device.flow->table);
}

static const struct bench_table bench = {
	.columns = (const struct bench_column[]){
		{ { NULL, "rules" }, 8, 0 },
		{ { NULL, "batch" }, 6, 0 },
		{ { "M rules/s", "insert" }, 9, 2 },
		{ { "M rules/s", "again" }, 9, 2 },
		{ { "M rules/s", "destroy" }, 9, 2 },
		{ { "bytes", "per rule" }, 8, 0 },
		{ { "lookup, ns", "1,000 rules" }, 11, 0 },
		{ { "lookup, ns", "all" }, 10, 0 },
		{ { NULL, NULL }, 0, 0 },
	},
};

static void
measure(uint32_t n, uint32_t batch)
{
	struct rte_flow_template_table *table = make_table(n);
	double inserted, reinserted, removed, few, all;
	size_t bytes;

	shuffle(n);
	inserted = insert(table, n, batch);
	bytes = memory(table);
	few = lookup(n, RTE_MIN(n, 1000u));
	all = lookup(n, n);
	removed = destroy(n, batch);
	/* Into memory that is there. */
	reinserted = insert(table, n, batch);
	destroy(n, batch);
	BENCH_ROW(&bench, NULL, n, batch, inserted, reinserted, removed,
		  (double)bytes / n, few, all);
	if (OP(template_table_destroy, table, &error))
		die("template table");
}

int
main(void)
{
	const struct rte_flow_port_attr attr = { 0 };
	const struct rte_flow_queue_attr queue = { .size = MAX_BATCH };
	const struct rte_flow_queue_attr *queues[] = { &queue };
	char message[512];

	bench_eal_start(64, NULL);
	setenv("DPU_EMU_PROFILE_PATH", BENCH_PROFILE_DIR, 0);
	device.profile = emu_profile_load("full", message, sizeof(message));
	if (!device.profile)
		bench_fatal("%s", message);
	vport.device = &device;
	device.qsbr = rte_zmalloc(NULL, rte_rcu_qsbr_get_memsize(1),
				  RTE_CACHE_LINE_SIZE);
	rte_rcu_qsbr_init(device.qsbr, 1);
	if (emu_flow_engine_create(&device)
	    || OP(configure, &attr, 1, queues, &error))
		die("configure");
	bench_table_start(&bench);
	measure(10000, 32);
	measure(100000, 32);
	measure(1000000, 32);
	measure(MAX_RULES, 32);
	measure(MAX_RULES, 256);
	emu_flow_engine_destroy(&device);
	emu_profile_free(device.profile);
	return 0;
}
