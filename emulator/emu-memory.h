/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-memory: memory for what rules are made of (their matches, actions,
 * counters, meters, templates), of which a device may run short on demand:
 * see emu-fault.
 *
 * Thread-safety: any thread. */
#ifndef EMU_MEMORY_H
#define EMU_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* As in the C library; what they return is given back by free(). */
void *emu_malloc(size_t size);
void *emu_calloc(size_t n, size_t size);
void *emu_realloc(void *p, size_t size);

/* Has the 'n'th of these calls from now on, counted from 1, return NULL; none
 * if 'n' is 0. */
void emu_memory_fail(uint32_t n);

#endif /* EMU_MEMORY_H */
