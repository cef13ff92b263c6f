/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */
#include "emu-memory.h"

#include <stdbool.h>
#include <stdlib.h>

static uint32_t countdown;

void
emu_memory_fail(uint32_t n)
{
	__atomic_store_n(&countdown, n, __ATOMIC_RELAXED);
}

/* Whether it is this call that is to fail. */
static bool
fails(void)
{
	uint32_t n = __atomic_load_n(&countdown, __ATOMIC_RELAXED);

	while (n > 0 &&
	       !__atomic_compare_exchange_n(&countdown, &n, n - 1, true,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED))
		;
	return n == 1;
}

void *
emu_malloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

void *
emu_calloc(size_t n, size_t size)
{
	return fails() ? NULL : calloc(n, size);
}

void *
emu_realloc(void *p, size_t size)
{
	return fails() ? NULL : realloc(p, size);
}
