/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Measures the emulated device's tables: what it costs to insert and destroy
 * a rule, and to look one up, with 1,000 to 1,000,000 rules under one mask,
 * and with 1,000 rules under many.  Packets are of 1,000 of the rules, or
 * of all of them at random, which shows what the processor's caches do. */
#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "bench.h"
#include "emu-flow.h"
#include "emu-item.h"
#include "emu-packet.h"

#define N_LOOKUPS (1 << 16)	/* Of one run: less than a time slice. */
#define N_RUNS 3		/* The best of these counts. */

static struct emu_device device = { .name = "bench" };
static struct emu_flow_engine engine = { .device = &device };

/* Of emu-flow, which is not linked: nobody reads meanwhile. */
void
emu_flow_defer(struct emu_flow_engine *e __rte_unused,
	       void (*destroy)(void *arg, int32_t index), void *arg,
	       int32_t index)
{
	destroy(arg, index);
}

void
emu_flow_settle(struct emu_flow_engine *e __rte_unused)
{
}

/* Of emu-device: this device has no ports. */
struct emu_vport *
emu_device_vport_by_ethdev(const struct emu_device *d __rte_unused,
			   uint16_t eth_port_id __rte_unused)
{
	return NULL;
}

static rte_be32_t
rule_source(uint32_t i)
{
	return rte_cpu_to_be_32(0x0a000000 + i);
}

/* The match of rule 'i': a TCP connection, under one of 'n_masks' masks. */
static void
make_match(struct emu_match *m, uint32_t i, uint32_t n_masks)
{
	rte_be32_t src = rule_source(i);

	memset(m, 0, sizeof(*m));
	m->mask.vport = UINT16_MAX;
	m->mask.origin = UINT8_MAX;
	m->mask.outer.present = 1u << EMU_HDR_IPV4 | 1u << EMU_HDR_TCP;
	m->key.outer.present = m->mask.outer.present;
	memset(m->mask.outer.ip_src, 0xff, 4);
	memset(m->mask.outer.ip_dst, 0xff, 4);
	m->mask.outer.l4_dst = UINT16_MAX;
	memcpy(m->key.outer.ip_src, &src, sizeof(src));
	m->key.outer.ip_dst[3] = 1;
	m->key.outer.l4_dst = RTE_BE16(80);
	/* Bits that are 0 in all packets make the masks differ. */
	m->mask.tag[0] = i % n_masks;
}

static void
insert_rules(struct emu_rule *rules, uint32_t group, uint32_t n,
	     uint32_t n_masks)
{
	struct emu_match m;
	uint32_t i;

	memset(rules, 0, n * sizeof(*rules));
	for (i = 0; i < n; i++) {
		make_match(&m, i, n_masks);
		if (emu_table_insert(engine.table, group, &m,
				     EMU_DUPLICATES_NO, &rules[i])) {
			bench_fatal("rule %u cannot be inserted", i);
		}
	}
}

static void
remove_rules(struct emu_rule *rules, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		emu_table_remove(engine.table, &rules[i]);
		emu_rule_uninit(&rules[i]);
	}
}

/* Packets that hit, at random, any of some rules of 'group'. */
struct load {
	uint32_t group;
	struct emu_packet packets[EMU_LOOKUP_BULK];
	const struct emu_packet *pointers[EMU_LOOKUP_BULK];
	rte_be32_t sources[N_LOOKUPS];
};

static struct load *
make_load(uint32_t group, uint32_t n, uint32_t n_active)
{
	struct load *load = calloc(1, sizeof(*load));
	struct emu_match m;
	uint32_t i;

	load->group = group;
	for (i = 0; i < EMU_LOOKUP_BULK; i++) {
		make_match(&m, 0, 1);
		load->packets[i].key = m.key;
		load->pointers[i] = &load->packets[i];
	}
	srandom(1);
	for (i = 0; i < N_LOOKUPS; i++)
		load->sources[i] = rule_source(
			random() % n_active * (n / n_active));
	return load;
}

/* Nanoseconds per lookup: one packet at a time, or as many as the embedded
 * switch takes at a time. */
static double
run_load(struct load *load, bool bulk)
{
	const struct emu_rule *rules[EMU_LOOKUP_BULK];
	uint64_t start = bench_cpu_nsec();
	uint32_t n_hits = 0, i, j;
	double ns;

	for (i = 0; i < N_LOOKUPS; i += EMU_LOOKUP_BULK) {
		for (j = 0; j < EMU_LOOKUP_BULK; j++)
			memcpy(load->packets[j].key.outer.ip_src,
			       &load->sources[i + j], sizeof(rte_be32_t));
		if (bulk)
			emu_table_lookup_bulk(&engine, load->group,
					      load->pointers, EMU_LOOKUP_BULK,
					      rules);
		for (j = 0; j < EMU_LOOKUP_BULK; j++) {
			if (!bulk)
				rules[j] = emu_table_lookup(
					&engine, load->group,
					&load->packets[j]);
			n_hits += rules[j] != NULL;
		}
	}
	ns = (double)(bench_cpu_nsec() - start) / N_LOOKUPS;
	if (n_hits != N_LOOKUPS) {
		bench_fatal("%u of %u packets hit", n_hits, N_LOOKUPS);
	}
	return ns;
}

/* Puts nanoseconds per lookup, alone and in bulk, the best of some runs, into
 * 'ns'.  Loads take turns, so that what else the machine does affects all. */
static void
run_loads(struct load *loads[], int n, double ns[][2])
{
	int i, run, bulk;

	for (i = 0; i < n; i++)
		ns[i][0] = ns[i][1] = HUGE_VAL;
	for (run = 0; run < N_RUNS; run++) {
		for (i = 0; i < n; i++) {
			for (bulk = 0; bulk < 2; bulk++)
				ns[i][bulk] = RTE_MIN(ns[i][bulk],
						      run_load(loads[i],
							       bulk));
		}
	}
}

static const struct bench_table bench = {
	.name = "nanoseconds per rule, and per lookup: of 1,000 of the rules, "
		"of all; alone, in bulk",
	.columns = (const struct bench_column[]){
		{ { NULL, "rules" }, 8, 0 },
		{ { NULL, "masks" }, 5, 0 },
		{ { NULL, "insert" }, 8, 0 },
		{ { NULL, "remove" }, 8, 0 },
		{ { "1,000", "alone" }, 8, 0 },
		{ { "1,000", "in bulk" }, 8, 0 },
		{ { "all", "alone" }, 8, 0 },
		{ { "all", "in bulk" }, 8, 0 },
		{ { NULL, NULL }, 0, 0 },
	},
};

static void
measure(uint32_t n, uint32_t n_masks)
{
	struct emu_rule *rules = aligned_alloc(alignof(struct emu_rule),
					       n * sizeof(*rules));
	struct load *loads[2] = {
		make_load(0, n, 1000), make_load(0, n, n),
	};
	double insert, remove, ns[2][2];
	uint64_t start;

	start = bench_cpu_nsec();
	insert_rules(rules, 0, n, n_masks);
	insert = (double)(bench_cpu_nsec() - start) / n;
	run_loads(loads, 2, ns);
	start = bench_cpu_nsec();
	remove_rules(rules, n);
	remove = (double)(bench_cpu_nsec() - start) / n;
	free(loads[0]);
	free(loads[1]);
	free(rules);
	BENCH_ROW(&bench, NULL, n, n_masks, insert, remove, ns[0][0],
		  ns[0][1], ns[1][0], ns[1][1]);
}

/* Compares lookups among 100,000 and 1,000 rules under one mask, of packets
 * of 1,000 of them. */
static void
compare(void)
{
	static const uint32_t n[2] = { 1000, 100000 };
	struct emu_rule *rules[2];
	struct load *loads[2];
	double ns[2][2];
	int i;

	for (i = 0; i < 2; i++) {
		rules[i] = aligned_alloc(alignof(struct emu_rule),
					 n[i] * sizeof(*rules[i]));
		insert_rules(rules[i], i, n[i], 1);
		loads[i] = make_load(i, n[i], 1000);
	}
	run_loads(loads, 2, ns);
	for (i = 0; i < 2; i++) {
		remove_rules(rules[i], n[i]);
		free(rules[i]);
		free(loads[i]);
	}
	printf("a lookup among 100,000 rules costs %.2f times one among "
	       "1,000 (%.2f times in bulk)\n", ns[1][0] / ns[0][0],
	       ns[1][1] / ns[0][1]);
}

int
main(void)
{
	bench_eal_start(1024, NULL);
	engine.table = emu_table_create(&engine);
	bench_table_start(&bench);
	measure(1000, 100);
	measure(1000, 10);
	measure(1000, 1);
	measure(100000, 1);
	measure(1000000, 1);
	compare();
	emu_table_destroy(engine.table);
	return 0;
}
