/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Profiles and policies of meters: what they measure by, and what becomes of
 * the packets of each color.  See emu-meter.h. */
#include <errno.h>
#include <stdlib.h>

#include <rte_flow.h>

#include "emu-memory.h"
#include "emu-meter-private.h"
#include "emu-policer.h"

struct emu_meter_profile *
emu_meter_profile_find(const struct emu_device *device, uint32_t id)
{
	struct emu_meter_profile *profile;

	if (device->meters)
		TAILQ_FOREACH(profile, &device->meters->profiles, next)
			if (profile->id == id)
				return profile;
	return NULL;
}

struct emu_meter_policy *
emu_meter_policy_find(const struct emu_device *device, uint32_t id)
{
	struct emu_meter_policy *policy;

	if (device->meters)
		TAILQ_FOREACH(policy, &device->meters->policies, next)
			if (policy->id == id)
				return policy;
	return NULL;
}

int
emu_meter_profile_add(struct rte_eth_dev *dev, uint32_t id,
		      struct rte_mtr_meter_profile *params,
		      struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_meter_profile *profile = NULL;
	struct emu_policer trial;
	int ret;

	if (emu_policer_init(&trial, params))
		return refuse(error, EINVAL,
			      RTE_MTR_ERROR_TYPE_METER_PROFILE,
			      "rates and bursts do not fit together");
	pthread_mutex_lock(&emu_meter_mutex);
	if (emu_meter_profile_find(device, id)) {
		ret = refuse(error, EEXIST,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "the meter profile exists");
		goto out;
	}
	profile = emu_calloc(1, sizeof(*profile));
	if (!profile || !emu_meters_get(device)) {
		free(profile);
		ret = refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
			     "no memory for a meter profile");
		goto out;
	}
	profile->id = id;
	profile->params = *params;
	TAILQ_INSERT_TAIL(&device->meters->profiles, profile, next);
	ret = 0;
out:
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

int
emu_meter_profile_delete(struct rte_eth_dev *dev, uint32_t id,
			 struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_meter_profile *profile;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	profile = emu_meter_profile_find(device, id);
	if (!profile) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "no such meter profile");
	} else if (profile->n_users) {
		ret = refuse(error, EBUSY,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "meters use the profile");
	} else {
		TAILQ_REMOVE(&device->meters->profiles, profile, next);
		free(profile);
	}
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

static int
policy_parse(const struct rte_mtr_meter_policy_params *params, bool *drop,
	     struct rte_mtr_error *error)
{
	const struct rte_flow_action *a;
	unsigned int color;

	for (color = 0; color < RTE_COLORS; color++) {
		drop[color] = false;
		for (a = params->actions[color];
		     a && a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
			if (a->type == RTE_FLOW_ACTION_TYPE_DROP)
				drop[color] = true;
			else if (a->type != RTE_FLOW_ACTION_TYPE_VOID &&
				 a->type != RTE_FLOW_ACTION_TYPE_PASSTHRU)
				return refuse(error, ENOTSUP,
					      RTE_MTR_ERROR_TYPE_METER_POLICY,
					      "a color can be dropped or "
					      "passed, nothing else");
		}
	}
	return 0;
}

int
emu_meter_policy_validate(struct rte_eth_dev *dev,
			  struct rte_mtr_meter_policy_params *params,
			  struct rte_mtr_error *error)
{
	bool drop[RTE_COLORS];

	RTE_SET_USED(dev);
	return policy_parse(params, drop, error);
}

int
emu_meter_policy_add(struct rte_eth_dev *dev, uint32_t id,
		     struct rte_mtr_meter_policy_params *params,
		     struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_meter_policy *policy;
	bool drop[RTE_COLORS];
	int ret;

	ret = policy_parse(params, drop, error);
	if (ret)
		return ret;
	pthread_mutex_lock(&emu_meter_mutex);
	if (emu_meter_policy_find(device, id)) {
		ret = refuse(error, EEXIST,
			     RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "the meter policy exists");
		goto out;
	}
	policy = emu_calloc(1, sizeof(*policy));
	if (!policy || !emu_meters_get(device)) {
		free(policy);
		ret = refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
			     "no memory for a meter policy");
		goto out;
	}
	policy->id = id;
	memcpy(policy->drop, drop, sizeof(policy->drop));
	TAILQ_INSERT_TAIL(&device->meters->policies, policy, next);
out:
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

int
emu_meter_policy_delete(struct rte_eth_dev *dev, uint32_t id,
			struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_meter_policy *policy;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	policy = emu_meter_policy_find(device, id);
	if (!policy) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "no such meter policy");
	} else if (policy->n_users) {
		ret = refuse(error, EBUSY, RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "meters use the policy");
	} else {
		TAILQ_REMOVE(&device->meters->policies, policy, next);
		free(policy);
	}
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

void
emu_meter_policies_destroy(struct emu_meters *meters)
{
	struct emu_meter_profile *profile;
	struct emu_meter_policy *policy;

	while ((policy = TAILQ_FIRST(&meters->policies))) {
		TAILQ_REMOVE(&meters->policies, policy, next);
		free(policy);
	}
	while ((profile = TAILQ_FIRST(&meters->profiles))) {
		TAILQ_REMOVE(&meters->profiles, profile, next);
		free(profile);
	}
}
