/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-policer: see emu-policer.h. */
#include "emu-policer.h"

#include <errno.h>

int
emu_policer_init(struct emu_policer *p,
		 const struct rte_mtr_meter_profile *profile)
{
	p->algorithm = profile->alg;
	p->packet_mode = profile->packet_mode;
	switch (profile->alg) {
	case RTE_MTR_NONE:
		return 0;
	case RTE_MTR_SRTCM_RFC2697: {
		struct rte_meter_srtcm_params params = {
			.cir = profile->srtcm_rfc2697.cir,
			.cbs = profile->srtcm_rfc2697.cbs,
			.ebs = profile->srtcm_rfc2697.ebs,
		};

		return rte_meter_srtcm_profile_config(&p->srtcm.profile,
						      &params) ||
		       rte_meter_srtcm_config(&p->srtcm.state,
					      &p->srtcm.profile);
	}
	case RTE_MTR_TRTCM_RFC2698: {
		struct rte_meter_trtcm_params params = {
			.cir = profile->trtcm_rfc2698.cir,
			.pir = profile->trtcm_rfc2698.pir,
			.cbs = profile->trtcm_rfc2698.cbs,
			.pbs = profile->trtcm_rfc2698.pbs,
		};

		return rte_meter_trtcm_profile_config(&p->trtcm.profile,
						      &params) ||
		       rte_meter_trtcm_config(&p->trtcm.state,
					      &p->trtcm.profile);
	}
	case RTE_MTR_TRTCM_RFC4115: {
		struct rte_meter_trtcm_rfc4115_params params = {
			.cir = profile->trtcm_rfc4115.cir,
			.eir = profile->trtcm_rfc4115.eir,
			.cbs = profile->trtcm_rfc4115.cbs,
			.ebs = profile->trtcm_rfc4115.ebs,
		};

		return rte_meter_trtcm_rfc4115_profile_config(
				&p->trtcm4115.profile, &params) ||
		       rte_meter_trtcm_rfc4115_config(&p->trtcm4115.state,
						      &p->trtcm4115.profile);
	}
	}
	return -EINVAL;
}

enum rte_color
emu_policer_run(struct emu_policer *p, uint64_t now, uint32_t bytes)
{
	uint32_t amount = p->packet_mode ? 1 : bytes;

	switch (p->algorithm) {
	case RTE_MTR_SRTCM_RFC2697:
		return rte_meter_srtcm_color_blind_check(
			&p->srtcm.state, &p->srtcm.profile, now, amount);
	case RTE_MTR_TRTCM_RFC2698:
		return rte_meter_trtcm_color_blind_check(
			&p->trtcm.state, &p->trtcm.profile, now, amount);
	case RTE_MTR_TRTCM_RFC4115:
		return rte_meter_trtcm_rfc4115_color_blind_check(
			&p->trtcm4115.state, &p->trtcm4115.profile, now,
			amount);
	case RTE_MTR_NONE:
		break;
	}
	return RTE_COLOR_GREEN;
}
