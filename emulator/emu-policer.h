/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-policer: what a meter measures with: buckets of tokens that give each
 * packet a color (librte_meter: RFC 2697, 2698 and 4115, color blind).
 *
 * Thread-safety: one thread at a time runs a policer. */
#ifndef EMU_POLICER_H
#define EMU_POLICER_H

#include <stdbool.h>

#include <rte_meter.h>
#include <rte_mtr.h>

struct emu_policer {
	enum rte_mtr_algorithm algorithm;
	bool packet_mode;
	union {
		struct {
			struct rte_meter_srtcm state;
			struct rte_meter_srtcm_profile profile;
		} srtcm;
		struct {
			struct rte_meter_trtcm state;
			struct rte_meter_trtcm_profile profile;
		} trtcm;
		struct {
			struct rte_meter_trtcm_rfc4115 state;
			struct rte_meter_trtcm_rfc4115_profile profile;
		} trtcm4115;
	};
};

/* Starts 'p' with full buckets, as 'profile' says.  Returns 0, or not 0 if its
 * rates and bursts do not fit together. */
int emu_policer_init(struct emu_policer *p,
		     const struct rte_mtr_meter_profile *profile);

/* The color of a packet of 'bytes' at 'now' (rte_rdtsc()). */
enum rte_color emu_policer_run(struct emu_policer *p, uint64_t now,
			       uint32_t bytes);

#endif /* EMU_POLICER_H */
