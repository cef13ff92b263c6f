/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests the rules' tables against a list that is searched rule by rule. */
#include "emu-device-fixture.h"

#include <pthread.h>
#include <stdalign.h>

#include "emu-flow.h"
#include "emu-item.h"
#include "emu-packet.h"

static struct emu_flow_engine engine;

/* Of emu-flow, which is not linked: the same, without a mutex. */
struct deferred {
	void (*destroy)(void *arg, int32_t index);
	void *arg;
	uint64_t index;
};

#define MAX_DEFERRED 1023

static void
run_deferred(void *p __rte_unused, void *entry,
	     unsigned int n __rte_unused)
{
	struct deferred *d = entry;

	engine.n_deferred--;
	d->destroy(d->arg, d->index);
}

void
emu_flow_defer(struct emu_flow_engine *e __rte_unused,
	       void (*destroy)(void *arg, int32_t index), void *arg,
	       int32_t index)
{
	struct deferred d = {
		.destroy = destroy, .arg = arg, .index = index,
	};

	if (engine.n_deferred >= MAX_DEFERRED)
		emu_flow_settle(&engine);
	engine.n_deferred++;
	assert_int_equal(rte_rcu_qsbr_dq_enqueue(engine.deferred, &d), 0);
}

void
emu_flow_settle(struct emu_flow_engine *e __rte_unused)
{
	unsigned int pending;

	rte_rcu_qsbr_synchronize(fixture_device.qsbr, RTE_QSBR_THRID_INVALID);
	rte_rcu_qsbr_dq_reclaim(engine.deferred, 1u << 30, NULL, &pending,
				NULL);
	assert_int_equal(pending, 0);
}

static int
setup(void **state __rte_unused)
{
	struct rte_rcu_qsbr_dq_parameters params = {
		.name = "test_table", .size = MAX_DEFERRED,
		.esize = sizeof(struct deferred),
		.flags = RTE_RCU_QSBR_DQ_MT_UNSAFE,
		.trigger_reclaim_limit = 16, .max_reclaim_size = 16,
		.free_fn = run_deferred,
	};

	fixture_device_init("full");
	params.v = fixture_device.qsbr;
	engine.device = &fixture_device;
	fixture_device.flow = &engine;
	engine.deferred = rte_rcu_qsbr_dq_create(&params);
	assert_non_null(engine.deferred);
	engine.table = emu_table_create(&engine);
	assert_non_null(engine.table);
	return 0;
}

static int
teardown(void **state __rte_unused)
{
	emu_flow_settle(&engine);
	assert_int_equal(rte_rcu_qsbr_dq_delete(engine.deferred), 0);
	emu_table_destroy(engine.table);
	fixture_device_uninit();
	return 0;
}

static struct emu_rule *
new_rules(size_t n)
{
	struct emu_rule *rules = aligned_alloc(alignof(struct emu_rule),
					       n * sizeof(*rules));

	assert_non_null(rules);
	return memset(rules, 0, n * sizeof(*rules));
}

/* The masks of the tests: some of a few fields, with some bits. */
static void
make_match(struct emu_match *m, unsigned int mask, uint32_t value)
{
	memset(m, 0, sizeof(*m));
	m->mask.origin = UINT8_MAX;
	m->key.origin = EMU_FROM_FUNCTION;
	if (mask & 1)
		m->mask.outer.l4_dst = RTE_BE16(0xffff);
	if (mask & 2)
		m->mask.outer.l4_src = RTE_BE16(0x00ff);
	if (mask & 4)
		m->mask.meta = 0x3;
	if (mask & 8)
		memset(m->mask.outer.ip_dst, 0xff, 4);
	if (mask & 16)
		memset(m->mask.inner.ip_src, 0xff, 16);
	m->key.outer.l4_dst = rte_cpu_to_be_16(value & 7)
			    & m->mask.outer.l4_dst;
	m->key.outer.l4_src = rte_cpu_to_be_16(value >> 3 & 7)
			    & m->mask.outer.l4_src;
	m->key.meta = value >> 6 & m->mask.meta;
	m->key.outer.ip_dst[3] = value >> 8 & m->mask.outer.ip_dst[3];
	m->key.inner.ip_src[15] = value & 1 & m->mask.inner.ip_src[15];
}

static void
make_packet(struct emu_packet *p, uint32_t value)
{
	struct emu_match m;

	make_match(&m, 31, value);
	memset(p, 0, sizeof(*p));
	p->key = m.key;
}

static bool
key_matches(const struct emu_key *key, const struct emu_match *m)
{
	const uint8_t *k = (const uint8_t *)key;
	const uint8_t *v = (const uint8_t *)&m->key;
	const uint8_t *mask = (const uint8_t *)&m->mask;
	size_t i;

	for (i = 0; i < sizeof(*key); i++) {
		if ((k[i] ^ v[i]) & mask[i])
			return false;
	}
	for (i = 0; i < m->n_ranges; i++) {
		if (!emu_range_contains(&m->ranges[i], key))
			return false;
	}
	return true;
}

/* A rule of the list that the table is compared with. */
struct model {
	struct emu_rule *rule;
	struct emu_match match;
	uint32_t group;
};

#define N_MODEL 600
static struct model model[N_MODEL];
static int n_model;

/* The priority of the best rule for 'p' in 'group', or -1. */
static int64_t
model_lookup(uint32_t group, const struct emu_packet *p)
{
	int64_t best = -1;
	int i;

	for (i = 0; i < n_model; i++) {
		const struct model *m = &model[i];

		if (m->group == group && key_matches(&p->key, &m->match)
		    && (best < 0 || m->rule->priority < best))
			best = m->rule->priority;
	}
	return best;
}

static void
model_add(uint32_t random)
{
	struct model *m = &model[n_model++];

	make_match(&m->match, random & 31, random >> 5);
	if (!(random >> 24 & 7)) {
		/* A range beside the key. */
		struct emu_range *r = &m->match.ranges[m->match.n_ranges++];

		r->ofs = offsetof(struct emu_key, outer.l4_dst);
		r->size = 2;
		r->mask[0] = r->mask[1] = 0xff;
		r->first[1] = 2;
		r->last[1] = 5;
	}
	m->group = random >> 16 & 1 ? 7 : 0;
	m->rule = new_rules(1);
	m->rule->priority = random >> 17 & 15;
	assert_int_equal(emu_table_insert(engine.table, m->group, &m->match,
					  EMU_DUPLICATES_NEWEST, m->rule), 0);
}

static void
free_rule(void *rule, int32_t index __rte_unused)
{
	emu_rule_uninit(rule);
	free(rule);
}

static void
model_remove(int i)
{
	emu_table_remove(engine.table, model[i].rule);
	emu_flow_defer(&engine, free_rule, model[i].rule, 0);
	model[i] = model[--n_model];
}

/* A generator of numbers that is the same everywhere. */
static uint32_t
next_random(void)
{
	static uint64_t state = 1;

	state = state * UINT64_C(6364136223846793005)
		+ UINT64_C(1442695040888963407);
	return state >> 33;
}

/* Rules that come and go at random: the table finds what the list has. */
static void
test_random(void **state __rte_unused)
{
	struct emu_packet p;
	struct emu_match m;
	int i, j, hits = 0;

	for (i = 0; i < 20000; i++) {
		uint32_t group = next_random() & 1 ? 7 : 0;
		const struct emu_rule *rule;
		int64_t best;

		if (n_model < N_MODEL && (!n_model || next_random() & 1))
			model_add(next_random());
		else
			model_remove(next_random() % n_model);
		make_packet(&p, next_random() & 0xfff);
		rule = emu_table_lookup(&engine, group, &p);
		best = model_lookup(group, &p);
		assert_int_equal(rule ? (int64_t)rule->priority : -1, best);
		hits += rule != NULL;
		if (!rule)
			continue;
		/* What is shown of it is what was asked for. */
		for (j = 0; model[j].rule != rule; j++)
			;
		emu_rule_match(rule, &m);
		assert_memory_equal(&m, &model[j].match, sizeof(m));
	}
	assert_true(hits > 5000);
	while (n_model)
		model_remove(0);
	for (i = 0; i < 2; i++) {
		assert_null(emu_table_lookup(&engine, i ? 7 : 0, &p));
	}
}

/* Packets that are looked up together find what each finds alone. */
static void
test_bulk(void **state __rte_unused)
{
	struct emu_packet packets[EMU_LOOKUP_BULK];
	const struct emu_packet *pointers[EMU_LOOKUP_BULK];
	const struct emu_rule *rules[EMU_LOOKUP_BULK];
	int i, j, n, hits = 0;

	for (i = 0; i < 300; i++)
		model_add(next_random());
	for (i = 0; i < 500; i++) {
		uint32_t group = next_random() & 1 ? 7 : 0;

		n = 1 + next_random() % EMU_LOOKUP_BULK;
		for (j = 0; j < n; j++) {
			make_packet(&packets[j], next_random() & 0xfff);
			pointers[j] = &packets[j];
		}
		emu_table_lookup_bulk(&engine, group, pointers, n, rules);
		for (j = 0; j < n; j++) {
			assert_ptr_equal(rules[j],
					 emu_table_lookup(&engine, group,
							  &packets[j]));
			hits += rules[j] != NULL;
		}
	}
	assert_true(hits > 1000);
	while (n_model)
		model_remove(0);
	emu_table_lookup_bulk(&engine, 0, pointers, 1, rules);
	assert_null(rules[0]);
}

/* The rules of 'group' among which a packet finds the best one, checked by
 * looking up packets of few kinds several times, so that the cache answers
 * most of them. */
static void
check_packets(uint32_t group, uint32_t first)
{
	struct emu_packet packets[EMU_LOOKUP_BULK];
	const struct emu_packet *pointers[EMU_LOOKUP_BULK];
	const struct emu_rule *rules[EMU_LOOKUP_BULK];
	int i;

	for (i = 0; i < EMU_LOOKUP_BULK; i++) {
		make_packet(&packets[i], (first + i * 37) & 0xfff);
		pointers[i] = &packets[i];
	}
	emu_table_lookup_bulk(&engine, group, pointers, EMU_LOOKUP_BULK,
			      rules);
	for (i = 0; i < EMU_LOOKUP_BULK; i++)
		assert_int_equal(rules[i] ? (int64_t)rules[i]->priority : -1,
				 model_lookup(group, &packets[i]));
}

/* The cache answers what the tables would, whatever has changed since: rules
 * that come and go, also the only one under a mask, or with a range in a field
 * that nobody looked at before; groups that vanish and come again. */
static void
test_cache(void **state __rte_unused)
{
	uint64_t hits, misses, now_hits, now_misses;
	int i, j;

	for (i = 0; i < 3000; i++) {
		int n = next_random() % 3;

		/* Sometimes nothing is left but a few. */
		while (i % 500 == 499 && n_model)
			model_remove(0);
		for (j = 0; j < n; j++) {
			if (n_model < 60 && (!n_model || next_random() & 1))
				model_add(next_random());
			else
				model_remove(next_random() % n_model);
		}
		for (j = 0; j < 4; j++)
			check_packets(j & 1 ? 7 : 0, j & 2);
	}
	emu_table_get_cache(engine.table, &hits, &misses);
	assert_true(hits > 10000);
	assert_true(misses > 10000);

	/* Without it, the same is found. */
	emu_table_set_cache(engine.table, false);
	check_packets(0, 0);
	emu_table_get_cache(engine.table, &now_hits, &now_misses);
	assert_int_equal(now_hits, hits);
	assert_int_equal(now_misses, misses);
	while (n_model)
		model_remove(0);
}

/* Many rules under one mask, many masks, many groups: all are found, and all
 * go again. */
static void
test_many(void **state __rte_unused)
{
	enum { N = 30000 };
	struct emu_rule *rules = new_rules(N);
	struct emu_match m;
	struct emu_packet p;
	int i;

	for (i = 0; i < N; i++) {
		memset(&m, 0, sizeof(m));
		m.mask.tag[0] = UINT32_MAX;
		m.key.tag[0] = i;
		/* Each of 1,000 groups has its 30 masks. */
		m.mask.tag[1 + i % 15] = i % 2 ? 0xff : 0xffff;
		rules[i].priority = 1;
		assert_int_equal(emu_table_insert(engine.table, i % 1000, &m,
						  EMU_DUPLICATES_NO,
						  &rules[i]), 0);
	}
	for (i = 0; i < N; i++) {
		memset(&p, 0, sizeof(p));
		p.key.tag[0] = i;
		assert_ptr_equal(emu_table_lookup(&engine, i % 1000, &p), &rules[i]);
		assert_null(emu_table_lookup(&engine, (i + 1) % 1000, &p));
	}
	for (i = 0; i < N; i++)
		emu_table_remove(engine.table, &rules[i]);
	emu_flow_settle(&engine);
	for (i = 0; i < N; i++)
		emu_rule_uninit(&rules[i]);
	free(rules);
}

static void
test_counts(void **state __rte_unused)
{
	struct emu_rule rule = { .priority = 0 }, other = { .priority = 0 };
	struct emu_match m;

	memset(&m, 0, sizeof(m));
	m.mask.origin = UINT8_MAX;
	m.key.origin = EMU_FROM_SOFTWARE;
	assert_false(emu_table_has_software_rules(&engine));
	emu_table_insert(engine.table, 0, &m, EMU_DUPLICATES_NO, &rule);
	assert_true(emu_table_has_software_rules(&engine));
	assert_false(emu_table_has_tunnel_rules(&engine));
	emu_table_remove(engine.table, &rule);
	assert_false(emu_table_has_software_rules(&engine));
	emu_flow_settle(&engine);
	emu_rule_uninit(&rule);

	/* Beside one of the same mask for packets from functions. */
	m.key.origin = EMU_FROM_FUNCTION;
	emu_table_insert(engine.table, 0, &m, EMU_DUPLICATES_NO, &rule);
	assert_false(emu_table_has_software_rules(&engine));
	m.key.origin = EMU_FROM_SOFTWARE;
	emu_table_insert(engine.table, 0, &m, EMU_DUPLICATES_NO, &other);
	assert_true(emu_table_has_software_rules(&engine));
	emu_table_remove(engine.table, &other);
	assert_false(emu_table_has_software_rules(&engine));
	emu_table_remove(engine.table, &rule);
	emu_flow_settle(&engine);
	emu_rule_uninit(&rule);
	emu_rule_uninit(&other);

	m.key.origin = EMU_FROM_FUNCTION;
	m.key.tunnel = EMU_TUNNEL_VXLAN;
	m.mask.tunnel = UINT8_MAX;
	emu_table_insert(engine.table, EMU_GROUP_INGRESS, &m,
			 EMU_DUPLICATES_NO, &rule);
	assert_false(emu_table_has_software_rules(&engine));
	assert_true(emu_table_has_tunnel_rules(&engine));
	assert_true(emu_table_has_ingress_rules(&engine));
	emu_table_remove(engine.table, &rule);
	assert_false(emu_table_has_tunnel_rules(&engine));
	assert_false(emu_table_has_ingress_rules(&engine));
	emu_flow_settle(&engine);
	emu_rule_uninit(&rule);
}

/* -- A reader beside the writer ---------------------------------------- */

struct reader {
	pthread_t thread;
	int stop;
	uint64_t n_lookups;
};

/* Rule 0 is there all the time: it must be found all the time. */
static void *
read_rules(void *reader_)
{
	struct reader *reader = reader_;
	uintptr_t missed = 0;
	struct emu_packet p;

	rte_rcu_qsbr_thread_register(fixture_device.qsbr, 0);
	rte_rcu_qsbr_thread_online(fixture_device.qsbr, 0);
	while (!__atomic_load_n(&reader->stop, __ATOMIC_RELAXED)) {
		const struct emu_rule *rule;

		memset(&p, 0, sizeof(p));
		rule = emu_table_lookup(&engine, 0, &p);
		missed += !rule || rule->priority != 3;
		p.key.tag[0] = 1 + reader->n_lookups / 8 % 5000;
		rule = emu_table_lookup(&engine, 0, &p);
		missed += rule && rule->priority != 3;
		__atomic_fetch_add(&reader->n_lookups, 2, __ATOMIC_RELAXED);
		rte_rcu_qsbr_quiescent(fixture_device.qsbr, 0);
	}
	rte_rcu_qsbr_thread_offline(fixture_device.qsbr, 0);
	rte_rcu_qsbr_thread_unregister(fixture_device.qsbr, 0);
	return (void *)missed;
}

static struct emu_rule *
add_tag(uint32_t tag)
{
	struct emu_rule *rule = new_rules(1);
	struct emu_match m;

	memset(&m, 0, sizeof(m));
	m.mask.tag[0] = UINT32_MAX;
	m.key.tag[0] = tag;
	rule->priority = 3;
	assert_int_equal(emu_table_insert(engine.table, 0, &m,
					  EMU_DUPLICATES_NEWEST, rule), 0);
	return rule;
}

/* A rule that no packet hits, under a mask of its own. */
static struct emu_rule *
add_other(int i)
{
	struct emu_rule *rule = new_rules(1);
	struct emu_match m;

	memset(&m, 0, sizeof(m));
	m.mask.tag[1 + i] = UINT32_MAX;
	m.key.tag[1 + i] = 1;
	assert_int_equal(emu_table_insert(engine.table, 0, &m,
					  EMU_DUPLICATES_NEWEST, rule), 0);
	return rule;
}

static void
remove_tag(struct emu_rule *rule)
{
	emu_table_remove(engine.table, rule);
	emu_flow_defer(&engine, free_rule, rule, 0);
}

static void
test_concurrent(void **state __rte_unused)
{
	enum { N = 5000, ROUNDS = 4 };
	struct emu_rule *others[EMU_CACHE_MIN_SUBTABLES];
	struct emu_rule *rules[N], *old;
	uint64_t hits, misses;
	struct reader reader = { .stop = 0 };
	void *missed;
	int i, round;

	/* Masks enough for the cache to have a part in it. */
	for (i = 0; i < EMU_CACHE_MIN_SUBTABLES; i++)
		others[i] = add_other(i);
	old = add_tag(0);
	assert_int_equal(pthread_create(&reader.thread, NULL, read_rules,
					&reader), 0);
	while (!__atomic_load_n(&reader.n_lookups, __ATOMIC_RELAXED))
		;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < N; i++) {
			rules[i] = add_tag(1 + i);
			if (!(i % 100)) {
				/* The new one goes in before the old one
				 * leaves. */
				struct emu_rule *new = add_tag(0);

				remove_tag(old);
				old = new;
			}
		}
		for (i = 0; i < N; i++)
			remove_tag(rules[i]);
	}
	__atomic_store_n(&reader.stop, 1, __ATOMIC_RELAXED);
	pthread_join(reader.thread, &missed);
	assert_ptr_equal(missed, NULL);
	emu_table_get_cache(engine.table, &hits, &misses);
	assert_true(hits > 0 && misses > 0);
	remove_tag(old);
	for (i = 0; i < EMU_CACHE_MIN_SUBTABLES; i++)
		remove_tag(others[i]);
}

int
main(void)
{
#define TEST(NAME) \
	cmocka_unit_test_setup_teardown(test_##NAME, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(random),
		TEST(bulk),
		TEST(cache),
		TEST(many),
		TEST(counts),
		TEST(concurrent),
	};

	fixture_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
