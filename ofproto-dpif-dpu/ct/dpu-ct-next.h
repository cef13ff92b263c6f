/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-next: the numbers of continuations, that is, of the rules that do
 * what follows ct() with packets whose connections are in hardware.
 *
 * A number is used again only after all others, so that no packet on its way
 * to an old continuation meets a new one.
 *
 * Thread-safety: any thread. */

#ifndef DPU_CT_NEXT_H
#define DPU_CT_NEXT_H 1

#include <stddef.h>
#include <stdint.h>

struct dpu_refs;

/* Returns a number that is not in use, not 0. */
uint32_t dpu_ct_next_get(void);

/* Gives a number back.  'id' may be 0. */
void dpu_ct_next_put(uint32_t id);

/* Compares the numbers in use with those in 'refs', DPU_REF_NEXT, each of
 * which one rule has, and gives back what none has. */
void dpu_ct_next_audit_refs(struct dpu_refs *refs);

/* The numbers in use. */
size_t dpu_ct_next_count(void);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-next.h */
