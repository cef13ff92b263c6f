/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-number: the numbers that packets carry on their way up, and what each
 * of them stands for.
 *
 * Numbers index a table, and those that are free again are given once more,
 * the one that is free for longest first.  So the table is about as large as
 * there ever were numbers at once.
 *
 * Thread-safety: dpu_ct_number_find() takes no lock, and what it returns stays
 * until the thread quiesces; one thread at a time may call the others. */

#ifndef DPU_CT_NUMBER_H
#define DPU_CT_NUMBER_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* META has so many bits for a number. */
#define DPU_CT_NUMBER_MAX ((UINT32_C(1) << 31) - 1)

/* Who has a number. */
struct dpu_ct_number {
    uint32_t value;             /* 0: none. */
    bool ghost;                 /* A connection that has left; or a pass of
                                 * one. */
};

/* Gives 'number', which has none, a value. */
void dpu_ct_number_give(struct dpu_ct_number *number);

/* The same in two steps.  Stores 'n' values that are not in use in 'values',
 * in the order in which they are to be used, for dpu_ct_number_assign(), which
 * any thread may call at any time. */
void dpu_ct_number_reserve(uint32_t values[], size_t n);
void dpu_ct_number_assign(struct dpu_ct_number *number, uint32_t value);

/* Gives the value of 'from' to 'to'. */
void dpu_ct_number_move(struct dpu_ct_number *from, struct dpu_ct_number *to);

/* The value of 'number' means nothing any more. */
void dpu_ct_number_free(struct dpu_ct_number *number);

/* Returns who has 'value', or NULL. */
struct dpu_ct_number *dpu_ct_number_find(uint32_t value);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-number.h */
