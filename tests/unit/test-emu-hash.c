/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests the hash table of the emulator's rules: what is in it is found, while
 * it grows and while threads write and read at the same time. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_hash_crc.h>

#include "emu-hash.h"

struct item {
	struct emu_node node;
	uint32_t key;
};

static struct emu_hash hash;

static int
setup(void **state __rte_unused)
{
	assert_true(emu_hash_init(&hash));
	return 0;
}

static int
teardown(void **state __rte_unused)
{
	emu_hash_uninit(&hash);
	return 0;
}

static uint32_t
hash_value(uint32_t key)
{
	return rte_hash_crc_4byte(key, 7);
}

static void
insert(struct item *item, uint32_t h)
{
	struct emu_node *prev, *next;

	emu_hash_lock(&hash, h);
	prev = emu_hash_start_locked(&hash, h);
	while ((next = prev->next) && next->order < emu_hash_order(h))
		prev = next;
	emu_hash_insert_after(&hash, h, prev, &item->node);
	emu_hash_unlock(&hash, h);
	emu_hash_grow(&hash, h);
}

static void
delete(struct item *item, uint32_t h)
{
	struct emu_node *prev;

	emu_hash_lock(&hash, h);
	prev = emu_hash_start_locked(&hash, h);
	while (prev->next != &item->node)
		prev = prev->next;
	emu_hash_remove_after(&hash, h, prev);
	emu_hash_unlock(&hash, h);
}

static const struct item *
find(uint32_t key, uint32_t h)
{
	uint32_t order = emu_hash_order(h);
	const struct emu_node *node = emu_hash_find(&hash, h);

	for (; node && node->order == order;
	     node = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE)) {
		const struct item *item = (const struct item *)node;

		if (item->key == key)
			return item;
	}
	return NULL;
}

/* All that is in it is found, and nothing else, at every size. */
static void
test_grow(void **state __rte_unused)
{
	enum { N = 100000 };
	struct item *items = calloc(N, sizeof(*items));
	uint32_t i;

	for (i = 0; i < N; i++) {
		items[i].key = i;
		assert_null(find(i, hash_value(i)));
		insert(&items[i], hash_value(i));
		assert_ptr_equal(find(i / 2, hash_value(i / 2)),
				 &items[i / 2]);
	}
	assert_true(hash.n_buckets >= N / 2);
	assert_true(emu_hash_memory(&hash)
		    >= N / 2 * sizeof(struct emu_node));
	for (i = 0; i < N; i++) {
		assert_ptr_equal(find(i, hash_value(i)), &items[i]);
		if (i % 3)
			delete(&items[i], hash_value(i));
	}
	for (i = 0; i < N; i++)
		assert_ptr_equal(find(i, hash_value(i)),
				 i % 3 ? NULL : &items[i]);
	free(items);
}

/* Keys may share a hash value, in any number. */
static void
test_collisions(void **state __rte_unused)
{
	enum { N = 3000 };
	static struct item items[N];
	uint32_t i;

	for (i = 0; i < N; i++) {
		items[i].key = i;
		insert(&items[i], i % 3 ? 0 : UINT32_MAX);
	}
	for (i = 0; i < N; i++)
		assert_ptr_equal(find(i, i % 3 ? 0 : UINT32_MAX), &items[i]);
	for (i = 0; i < N; i++) {
		delete(&items[i], i % 3 ? 0 : UINT32_MAX);
		assert_null(find(i, i % 3 ? 0 : UINT32_MAX));
	}
}

#define N_WRITERS 3
#define N_ROUNDS 5
#define N_ITEMS 20000

struct writer {
	pthread_t thread;
	struct item *items;
	uint32_t id;
};

static void *
write_items(void *writer_)
{
	struct writer *w = writer_;
	uint32_t i, round;

	/* The last round's items stay.  Each round has its own: a reader may
	 * still stand at one that was deleted. */
	for (round = 0; round < N_ROUNDS; round++) {
		struct item *items = &w->items[round * N_ITEMS];

		for (i = 0; i < N_ITEMS; i++) {
			items[i].key = i * N_WRITERS + w->id;
			insert(&items[i], hash_value(items[i].key));
		}
		for (i = 0; round < N_ROUNDS - 1 && i < N_ITEMS; i++)
			delete(&items[i], hash_value(items[i].key));
	}
	return NULL;
}

/* Writers in each other's way, and a reader: what is there all the time is
 * found all the time, and in the end everything is there. */
static void
test_concurrent(void **state __rte_unused)
{
	const uint32_t last = (N_ROUNDS - 1) * N_ITEMS;
	struct writer writers[N_WRITERS];
	struct item fixed[100];
	uint32_t i, j;

	for (i = 0; i < 100; i++) {
		fixed[i].key = UINT32_MAX - i;
		insert(&fixed[i], hash_value(fixed[i].key));
	}
	for (i = 0; i < N_WRITERS; i++) {
		writers[i].id = i;
		writers[i].items = calloc(N_ROUNDS * N_ITEMS,
					  sizeof(struct item));
		assert_int_equal(pthread_create(&writers[i].thread, NULL,
						write_items, &writers[i]), 0);
	}
	for (i = 0; i < 200000; i++)
		assert_ptr_equal(find(UINT32_MAX - i % 100,
				      hash_value(UINT32_MAX - i % 100)),
				 &fixed[i % 100]);
	for (i = 0; i < N_WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	for (i = 0; i < N_WRITERS; i++) {
		for (j = 0; j < N_ITEMS; j++) {
			uint32_t key = j * N_WRITERS + i;

			assert_ptr_equal(find(key, hash_value(key)),
					 &writers[i].items[last + j]);
		}
	}
	for (i = 0; i < N_WRITERS; i++)
		free(writers[i].items);
}

int
main(void)
{
#define TEST(NAME) \
	cmocka_unit_test_setup_teardown(test_##NAME, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(grow),
		TEST(collisions),
		TEST(concurrent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
