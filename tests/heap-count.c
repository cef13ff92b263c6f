/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * heap-count: counts what a program has on its heap, for LD_PRELOAD.  The file
 * that the environment's HEAP_COUNT names holds two 64-bit numbers, bytes and
 * blocks that are allocated, as long as the program runs.  What the allocator
 * keeps to give out again does not count, unlike in resident memory.
 *
 * Thread-safety: any thread.  A reader may see one number without the
 * other. */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What glibc's own allocator is called below its public names. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

struct heap_count {
    int64_t bytes;
    int64_t blocks;
};

static struct heap_count early;
static struct heap_count *count = &early;

static void
heap_add(void *p, int sign)
{
    if (p) {
        struct heap_count *c = __atomic_load_n(&count, __ATOMIC_ACQUIRE);

        __atomic_add_fetch(&c->bytes, sign * (int64_t) malloc_usable_size(p),
                           __ATOMIC_RELAXED);
        __atomic_add_fetch(&c->blocks, sign, __ATOMIC_RELAXED);
    }
}

/* From here on the count is in the file. */
static void __attribute__((constructor))
heap_open(void)
{
    const char *path = getenv("HEAP_COUNT");
    struct heap_count *shared;
    int fd;

    if (!path) {
        return;
    }
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof *shared)) {
        abort();
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED,
                  fd, 0);
    if (shared == MAP_FAILED) {
        abort();
    }
    close(fd);
    *shared = early;
    __atomic_store_n(&count, shared, __ATOMIC_RELEASE);
}

void *
malloc(size_t size)
{
    void *p = __libc_malloc(size);

    heap_add(p, 1);
    return p;
}

void *
calloc(size_t n, size_t size)
{
    void *p = __libc_calloc(n, size);

    heap_add(p, 1);
    return p;
}

void
free(void *p)
{
    heap_add(p, -1);
    __libc_free(p);
}

void *
realloc(void *old, size_t size)
{
    void *new;

    heap_add(old, -1);
    new = __libc_realloc(old, size);
    heap_add(!new && size ? old : new, 1);
    return new;
}

void *
memalign(size_t alignment, size_t size)
{
    void *p = __libc_memalign(alignment, size);

    heap_add(p, 1);
    return p;
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int
posix_memalign(void **pp, size_t alignment, size_t size)
{
    void *p = memalign(alignment, size);

    if (!p) {
        return ENOMEM;
    }
    *pp = p;
    return 0;
}
