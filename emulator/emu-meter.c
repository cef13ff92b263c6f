/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-meter: meters (rte_mtr, on librte_meter).
 *
 * Lives: a meter holds a reference to its profile and its policy, a program
 * one to its meter.  What a meter measures with (its policer) is replaced as a
 * whole when its profile changes. */
#include <errno.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_flow.h>

#include "emu-flow.h"
#include "emu-memory.h"
#include "emu-meter-private.h"
#include "emu-policer.h"
#include "emu-profile.h"

#define MAX_RATE UINT64_C(100000000000)	/* Bytes per second: 800 Gbit/s. */

struct color_stats {
	uint64_t packets, bytes;
};

struct emu_meter {
	TAILQ_ENTRY(emu_meter) next;
	uint32_t id;
	uint32_t n_rules;		/* Atomic. */
	bool enabled;			/* Atomic. */
	bool lost;			/* By the device.  Atomic; under the
					 * mutex once 'n_rules' is 0. */
	struct emu_policer *policer;	/* Published, freed after a grace
					 * period. */
	const struct emu_meter_policy *policy;	/* Likewise. */
	struct emu_meter_profile *profile;	/* Control threads alone. */
	uint64_t stats_mask;
	struct color_stats stats[RTE_COLORS], dropped;	/* Embedded switch
							 * thread. */
	struct color_stats base[RTE_COLORS], base_dropped; /* At the last
							    * reset. */
};

pthread_mutex_t emu_meter_mutex = PTHREAD_MUTEX_INITIALIZER;

/* -- The embedded switch thread ------------------------------------------- */

static void
stats_add(struct color_stats *stats, uint32_t bytes)
{
	__atomic_store_n(&stats->packets, stats->packets + 1,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&stats->bytes, stats->bytes + bytes,
			 __ATOMIC_RELAXED);
}

bool
emu_meter_run(struct emu_meter *meter, uint64_t now, uint32_t bytes)
{
	struct emu_policer *policer =
		__atomic_load_n(&meter->policer, __ATOMIC_ACQUIRE);
	const struct emu_meter_policy *policy =
		__atomic_load_n(&meter->policy, __ATOMIC_ACQUIRE);
	enum rte_color color = RTE_COLOR_GREEN;

	if (__atomic_load_n(&meter->lost, __ATOMIC_RELAXED))
		return true;
	if (__atomic_load_n(&meter->enabled, __ATOMIC_RELAXED))
		color = emu_policer_run(policer, now, bytes);
	if (policy->drop[color]) {
		stats_add(&meter->dropped, bytes);
		return false;
	}
	stats_add(&meter->stats[color], bytes);
	return true;
}

/* -- Finding (mutex held) ------------------------------------------------- */

struct emu_meters *
emu_meters_get(struct emu_device *device)
{
	struct emu_meters *meters = device->meters;

	if (!meters) {
		meters = emu_calloc(1, sizeof(*meters));
		if (meters) {
			TAILQ_INIT(&meters->profiles);
			TAILQ_INIT(&meters->policies);
			TAILQ_INIT(&meters->meters);
			device->meters = meters;
		}
	}
	return meters;
}

static struct emu_meter *
find_meter(const struct emu_device *device, uint32_t id)
{
	struct emu_meter *meter;

	if (device->meters)
		TAILQ_FOREACH(meter, &device->meters->meters, next)
			if (meter->id == id)
				return meter;
	return NULL;
}

/* Waits until the embedded switch thread has seen what was published. */
static void
wait_for_readers(struct emu_device *device)
{
	if (device->qsbr)
		rte_rcu_qsbr_synchronize(device->qsbr, RTE_QSBR_THRID_INVALID);
}

/* -- References ----------------------------------------------------------- */

bool
emu_meter_exists(struct emu_device *device, uint32_t id)
{
	bool exists;

	pthread_mutex_lock(&emu_meter_mutex);
	exists = find_meter(device, id) != NULL;
	pthread_mutex_unlock(&emu_meter_mutex);
	return exists;
}

struct emu_meter *
emu_meter_ref(struct emu_device *device, uint32_t id)
{
	struct emu_meter *meter;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device, id);
	if (meter)
		__atomic_add_fetch(&meter->n_rules, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&emu_meter_mutex);
	return meter;
}

void
emu_meter_unref(struct emu_meter *meter)
{
	bool over;

	pthread_mutex_lock(&emu_meter_mutex);
	over = !__atomic_sub_fetch(&meter->n_rules, 1, __ATOMIC_RELEASE) &&
	       meter->lost;
	pthread_mutex_unlock(&emu_meter_mutex);
	if (over) {
		free(meter->policer);
		free(meter);
	}
}

/* -- Meters --------------------------------------------------------------- */

static int
meter_add(struct emu_device *device, uint32_t id,
	  const struct rte_mtr_params *params, struct rte_mtr_error *error)
{
	struct emu_meter_profile *profile =
		emu_meter_profile_find(device, params->meter_profile_id);
	struct emu_meter_policy *policy =
		emu_meter_policy_find(device, params->meter_policy_id);
	struct emu_meter *meter;

	if (find_meter(device, id))
		return refuse(error, EEXIST, RTE_MTR_ERROR_TYPE_MTR_ID,
			      "the meter exists");
	if (!profile)
		return refuse(error, ENOENT,
			      RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			      "no such meter profile");
	if (!policy)
		return refuse(error, ENOENT,
			      RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			      "no such meter policy");
	if (device->meters->n_meters >= device->profile->max_meters)
		return refuse(error, ENOSPC, RTE_MTR_ERROR_TYPE_MTR_ID,
			      "all meters are in use");
	meter = emu_calloc(1, sizeof(*meter));
	if (!meter)
		goto err_memory;
	meter->policer = emu_calloc(1, sizeof(*meter->policer));
	if (!meter->policer)
		goto err_meter;
	emu_policer_init(meter->policer, &profile->params);
	meter->id = id;
	meter->profile = profile;
	meter->policy = policy;
	meter->enabled = params->meter_enable;
	meter->stats_mask = params->stats_mask;
	profile->n_users++;
	policy->n_users++;
	device->meters->n_meters++;
	TAILQ_INSERT_TAIL(&device->meters->meters, meter, next);
	return 0;

err_meter:
	free(meter);
err_memory:
	return refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
		      "no memory for a meter");
}

static int
meter_create(struct rte_eth_dev *dev, uint32_t id,
	     struct rte_mtr_params *params, int shared,
	     struct rte_mtr_error *error)
{
	int ret;

	RTE_SET_USED(shared);		/* Every meter is. */
	if (params->use_prev_mtr_color)
		return refuse(error, ENOTSUP,
			      RTE_MTR_ERROR_TYPE_MTR_PARAMS,
			      "meters are color blind");
	pthread_mutex_lock(&emu_meter_mutex);
	ret = meter_add(device_of(dev), id, params, error);
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

/* Takes 'meter' off 'device', so that nobody finds it. */
static void
meter_unlist(struct emu_device *device, struct emu_meter *meter)
{
	TAILQ_REMOVE(&device->meters->meters, meter, next);
	meter->profile->n_users--;
	((struct emu_meter_policy *)(uintptr_t)meter->policy)->n_users--;
	device->meters->n_meters--;
}

static void
meter_free(struct emu_device *device, struct emu_meter *meter)
{
	meter_unlist(device, meter);
	free(meter->policer);
	free(meter);
}

/* Makes 'meter' one that 'device' does not have any more: it stays as long as
 * rules use it. */
static void
meter_lose(struct emu_device *device, struct emu_meter *meter)
{
	static const struct emu_meter_policy none;

	if (!__atomic_load_n(&meter->n_rules, __ATOMIC_ACQUIRE)) {
		meter_free(device, meter);
		return;
	}
	meter_unlist(device, meter);
	__atomic_store_n(&meter->lost, true, __ATOMIC_RELAXED);
	__atomic_store_n(&meter->policy, &none, __ATOMIC_RELEASE);
}

void
emu_meters_lose(struct emu_device *device)
{
	struct emu_meter *meter;

	pthread_mutex_lock(&emu_meter_mutex);
	if (device->meters) {
		while ((meter = TAILQ_FIRST(&device->meters->meters)))
			meter_lose(device, meter);
		/* Who still reads the policies must not be left with one that
		 * is deleted next. */
		wait_for_readers(device);
	}
	pthread_mutex_unlock(&emu_meter_mutex);
}

static int
no_such_meter(struct rte_mtr_error *error)
{
	return refuse(error, ENOENT, RTE_MTR_ERROR_TYPE_MTR_ID,
		      "no such meter");
}

static int
meter_remove(struct emu_device *device, uint32_t id,
	     struct rte_mtr_error *error)
{
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device, id);
	if (!meter)
		ret = no_such_meter(error);
	else if (__atomic_load_n(&meter->n_rules, __ATOMIC_ACQUIRE))
		ret = refuse(error, EBUSY, RTE_MTR_ERROR_TYPE_MTR_ID,
			     "rules use the meter");
	else
		meter_free(device, meter);
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

/* Has the rules that were destroyed give back what they held.  Not with
 * 'emu_meter_mutex' held, which comes after the engine's. */
static void
settle(struct emu_flow_engine *engine)
{
	pthread_mutex_lock(&engine->mutex);
	emu_flow_settle(engine);
	pthread_mutex_unlock(&engine->mutex);
}

static int
meter_destroy(struct rte_eth_dev *dev, uint32_t id,
	      struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	int ret = meter_remove(device, id, error);

	if (ret == -EBUSY && device->flow) {
		settle(device->flow);
		ret = meter_remove(device, id, error);
	}
	return ret;
}

static int
meter_set_enabled(struct rte_eth_dev *dev, uint32_t id, bool enabled,
		  struct rte_mtr_error *error)
{
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device_of(dev), id);
	if (meter)
		__atomic_store_n(&meter->enabled, enabled, __ATOMIC_RELAXED);
	else
		ret = no_such_meter(error);
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

static int
meter_enable(struct rte_eth_dev *dev, uint32_t id,
	     struct rte_mtr_error *error)
{
	return meter_set_enabled(dev, id, true, error);
}

static int
meter_disable(struct rte_eth_dev *dev, uint32_t id,
	      struct rte_mtr_error *error)
{
	return meter_set_enabled(dev, id, false, error);
}

static int
meter_profile_update(struct rte_eth_dev *dev, uint32_t id,
		     uint32_t profile_id, struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_policer *old, *new;
	struct emu_meter *meter;
	struct emu_meter_profile *profile;
	int ret = 0;

	new = emu_calloc(1, sizeof(*new));
	if (!new)
		return refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
			      "no memory for a meter");
	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device, id);
	profile = emu_meter_profile_find(device, profile_id);
	old = new;			/* To be freed on error. */
	if (!meter) {
		ret = no_such_meter(error);
	} else if (!profile) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "no such meter profile");
	} else {
		emu_policer_init(new, &profile->params);
		old = meter->policer;
		__atomic_store_n(&meter->policer, new, __ATOMIC_RELEASE);
		meter->profile->n_users--;
		profile->n_users++;
		meter->profile = profile;
		wait_for_readers(device);
	}
	pthread_mutex_unlock(&emu_meter_mutex);
	free(old);
	return ret;
}

static int
meter_policy_update(struct rte_eth_dev *dev, uint32_t id, uint32_t policy_id,
		    struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct emu_meter_policy *old, *new;
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device, id);
	new = emu_meter_policy_find(device, policy_id);
	if (!meter) {
		ret = no_such_meter(error);
	} else if (!new) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "no such meter policy");
	} else {
		old = (struct emu_meter_policy *)(uintptr_t)meter->policy;
		__atomic_store_n(&meter->policy, new, __ATOMIC_RELEASE);
		new->n_users++;
		wait_for_readers(device);
		old->n_users--;
	}
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

/* -- Statistics ----------------------------------------------------------- */

static int
stats_update(struct rte_eth_dev *dev, uint32_t id, uint64_t stats_mask,
	     struct rte_mtr_error *error)
{
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device_of(dev), id);
	if (meter)
		meter->stats_mask = stats_mask;
	else
		ret = no_such_meter(error);
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

/* Reads what 'stats' gained over 'base'; with 'clear', starts anew. */
static void
stats_take(const struct color_stats *stats, struct color_stats *base,
	   bool clear, uint64_t *packets, uint64_t *bytes)
{
	uint64_t p = __atomic_load_n(&stats->packets, __ATOMIC_RELAXED);
	uint64_t b = __atomic_load_n(&stats->bytes, __ATOMIC_RELAXED);

	*packets = p - base->packets;
	*bytes = b - base->bytes;
	if (clear) {
		base->packets = p;
		base->bytes = b;
	}
}

static int
stats_read(struct rte_eth_dev *dev, uint32_t id, struct rte_mtr_stats *stats,
	   uint64_t *stats_mask, int clear, struct rte_mtr_error *error)
{
	struct emu_meter *meter;
	unsigned int color;
	int ret = 0;

	pthread_mutex_lock(&emu_meter_mutex);
	meter = find_meter(device_of(dev), id);
	if (!meter) {
		ret = no_such_meter(error);
		goto out;
	}
	for (color = 0; color < RTE_COLORS; color++)
		stats_take(&meter->stats[color], &meter->base[color], clear,
			   &stats->n_pkts[color], &stats->n_bytes[color]);
	stats_take(&meter->dropped, &meter->base_dropped, clear,
		   &stats->n_pkts_dropped, &stats->n_bytes_dropped);
	if (stats_mask)
		*stats_mask = meter->stats_mask;
out:
	pthread_mutex_unlock(&emu_meter_mutex);
	return ret;
}

#define ALL_STATS (RTE_MTR_STATS_N_PKTS_GREEN | RTE_MTR_STATS_N_PKTS_YELLOW | \
		   RTE_MTR_STATS_N_PKTS_RED | RTE_MTR_STATS_N_PKTS_DROPPED |  \
		   RTE_MTR_STATS_N_BYTES_GREEN |			      \
		   RTE_MTR_STATS_N_BYTES_YELLOW | RTE_MTR_STATS_N_BYTES_RED | \
		   RTE_MTR_STATS_N_BYTES_DROPPED)

static int
capabilities_get(struct rte_eth_dev *dev, struct rte_mtr_capabilities *cap,
		 struct rte_mtr_error *error)
{
	const struct emu_profile *profile = device_of(dev)->profile;
	uint32_t n = profile->max_meters;

	RTE_SET_USED(error);
	memset(cap, 0, sizeof(*cap));
	cap->n_max = n;
	cap->n_shared_max = n;
	cap->identical = 1;
	cap->shared_identical = 1;
	cap->shared_n_flows_per_mtr_max = profile->max_rules;
	cap->chaining_n_mtrs_per_flow_max = RTE_MIN(profile->max_rule_meters,
						    n);
	cap->meter_srtcm_rfc2697_n_max = n;
	cap->meter_trtcm_rfc2698_n_max = n;
	cap->meter_trtcm_rfc4115_n_max = n;
	cap->meter_rate_max = MAX_RATE;
	cap->meter_policy_n_max = n;
	cap->srtcm_rfc2697_byte_mode_supported = 1;
	cap->srtcm_rfc2697_packet_mode_supported = 1;
	cap->trtcm_rfc2698_byte_mode_supported = 1;
	cap->trtcm_rfc2698_packet_mode_supported = 1;
	cap->trtcm_rfc4115_byte_mode_supported = 1;
	cap->trtcm_rfc4115_packet_mode_supported = 1;
	cap->stats_mask = ALL_STATS;
	return 0;
}

void
emu_meters_destroy(struct emu_device *device)
{
	struct emu_meters *meters = device->meters;
	struct emu_meter *meter;

	if (!meters)
		return;
	pthread_mutex_lock(&emu_meter_mutex);
	while ((meter = TAILQ_FIRST(&meters->meters)))
		meter_free(device, meter);
	emu_meter_policies_destroy(meters);
	free(meters);
	device->meters = NULL;
	pthread_mutex_unlock(&emu_meter_mutex);
}

const struct rte_mtr_ops emu_mtr_ops = {
	.capabilities_get = capabilities_get,
	.meter_profile_add = emu_meter_profile_add,
	.meter_profile_delete = emu_meter_profile_delete,
	.create = meter_create,
	.destroy = meter_destroy,
	.meter_enable = meter_enable,
	.meter_disable = meter_disable,
	.meter_profile_update = meter_profile_update,
	.stats_update = stats_update,
	.stats_read = stats_read,
	.meter_policy_validate = emu_meter_policy_validate,
	.meter_policy_add = emu_meter_policy_add,
	.meter_policy_delete = emu_meter_policy_delete,
	.meter_policy_update = meter_policy_update,
};
