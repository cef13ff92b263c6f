/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-minimum: what a megaflow has to have been in software before it is
 * offered to a device, if anything: a number of packets, a rate, or both.
 *
 * Thread-safety: dpu_minimum_configure() from the main thread, all else from
 * any thread. */

#ifndef DPU_MINIMUM_H
#define DPU_MINIMUM_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dpu_rank_rate;
struct smap;

/* Reads other_config:dpu-min-packets and dpu-min-rate. */
void dpu_minimum_configure(const struct smap *other_config);

/* Whether there is a minimum. */
bool dpu_minimum_is_set(void);

/* Whether a megaflow that has had 'packets' in software, at the rate 'r', may
 * come to hardware. */
bool dpu_minimum_is_reached(uint64_t packets, const struct dpu_rank_rate *r);

/* Stores how far it is, such as "3 of 10 packets", in the 'size' bytes of
 * 's'. */
void dpu_minimum_format(uint64_t packets, const struct dpu_rank_rate *r,
                        char *s, size_t size);

#endif /* ofproto-dpif-dpu/flow/dpu-minimum.h */
