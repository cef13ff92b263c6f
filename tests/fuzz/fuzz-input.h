/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * fuzz-input: a fuzzer's bytes, taken from the front, with zeros behind the
 * last one. */

#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H 1

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program with a message if 'CONDITION' is not true. */
#define FUZZ_REQUIRE(CONDITION)                                         \
    do {                                                                \
        if (!(CONDITION)) {                                             \
            fprintf(stderr, "%s:%d: %s is not true\n", __FILE__,        \
                    __LINE__, #CONDITION);                              \
            abort();                                                    \
        }                                                               \
    } while (0)

struct fuzz_input {
    const uint8_t *data;
    size_t size;                /* What is left, in bytes. */
};

static inline void
fuzz_take(struct fuzz_input *in, void *to, size_t size)
{
    size_t n = size < in->size ? size : in->size;

    if (n) {
        memcpy(to, in->data, n);
    }
    memset((uint8_t *) to + n, 0, size - n);
    in->data += n;
    in->size -= n;
}

static inline uint8_t
fuzz_u8(struct fuzz_input *in)
{
    uint8_t value;

    fuzz_take(in, &value, sizeof value);
    return value;
}

static inline uint16_t
fuzz_u16(struct fuzz_input *in)
{
    uint16_t value;

    fuzz_take(in, &value, sizeof value);
    return value;
}

static inline uint32_t
fuzz_u32(struct fuzz_input *in)
{
    uint32_t value;

    fuzz_take(in, &value, sizeof value);
    return value;
}

#endif /* FUZZ_INPUT_H */
