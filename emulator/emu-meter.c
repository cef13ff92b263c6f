/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-meter: meters (rte_mtr, on librte_meter).
 *
 * Lives: a meter holds a reference to its profile and its policy, a program
 * one to its meter.  What a meter measures with (its "engine": librte_meter's
 * state and profile) is replaced as a whole when its profile changes. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_flow.h>
#include <rte_meter.h>
#include <rte_mtr.h>
#include <rte_mtr_driver.h>

#include "emu-flow.h"
#include "emu-meter.h"
#include "emu-profile.h"

#define MAX_RATE UINT64_C(100000000000)	/* Bytes per second: 800 Gbit/s. */

struct profile {
	TAILQ_ENTRY(profile) next;
	uint32_t id;
	uint32_t n_users;
	struct rte_mtr_meter_profile params;
};

struct policy {
	TAILQ_ENTRY(policy) next;
	uint32_t id;
	uint32_t n_users;
	bool drop[RTE_COLORS];
};

/* Constant, but for the buckets, which the embedded switch thread alone
 * uses. */
struct engine {
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

struct color_stats {
	uint64_t packets, bytes;
};

struct emu_meter {
	TAILQ_ENTRY(emu_meter) next;
	uint32_t id;
	uint32_t n_rules;		/* Atomic. */
	bool enabled;			/* Atomic. */
	struct engine *engine;		/* Published, freed after a grace
					 * period. */
	const struct policy *policy;	/* Likewise. */
	struct profile *profile;	/* Control threads alone. */
	uint64_t stats_mask;
	struct color_stats stats[RTE_COLORS], dropped;	/* Embedded switch
							 * thread. */
	struct color_stats base[RTE_COLORS], base_dropped; /* At the last
							    * reset. */
};

struct emu_meters {
	TAILQ_HEAD(, profile) profiles;
	TAILQ_HEAD(, policy) policies;
	TAILQ_HEAD(, emu_meter) meters;
	uint32_t n_meters;
};

/* Guards every device's meters against other control threads. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* -- The embedded switch thread ------------------------------------------- */

static enum rte_color
engine_run(struct engine *e, uint64_t now, uint32_t bytes)
{
	uint32_t amount = e->packet_mode ? 1 : bytes;

	switch (e->algorithm) {
	case RTE_MTR_SRTCM_RFC2697:
		return rte_meter_srtcm_color_blind_check(
			&e->srtcm.state, &e->srtcm.profile, now, amount);
	case RTE_MTR_TRTCM_RFC2698:
		return rte_meter_trtcm_color_blind_check(
			&e->trtcm.state, &e->trtcm.profile, now, amount);
	case RTE_MTR_TRTCM_RFC4115:
		return rte_meter_trtcm_rfc4115_color_blind_check(
			&e->trtcm4115.state, &e->trtcm4115.profile, now,
			amount);
	case RTE_MTR_NONE:
		break;
	}
	return RTE_COLOR_GREEN;
}

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
	struct engine *engine = __atomic_load_n(&meter->engine,
						__ATOMIC_ACQUIRE);
	const struct policy *policy = __atomic_load_n(&meter->policy,
						      __ATOMIC_ACQUIRE);
	enum rte_color color = RTE_COLOR_GREEN;

	if (__atomic_load_n(&meter->enabled, __ATOMIC_RELAXED))
		color = engine_run(engine, now, bytes);
	if (policy->drop[color]) {
		stats_add(&meter->dropped, bytes);
		return false;
	}
	stats_add(&meter->stats[color], bytes);
	return true;
}

/* -- Finding (mutex held) ------------------------------------------------- */

static struct emu_meters *
meters_get(struct emu_device *device)
{
	struct emu_meters *meters = device->meters;

	if (!meters) {
		meters = calloc(1, sizeof(*meters));
		if (meters) {
			TAILQ_INIT(&meters->profiles);
			TAILQ_INIT(&meters->policies);
			TAILQ_INIT(&meters->meters);
			device->meters = meters;
		}
	}
	return meters;
}

#define DEFINE_FIND(TYPE, NAME, LIST)					\
	static TYPE *							\
	NAME(const struct emu_device *device, uint32_t id)		\
	{								\
		TYPE *e;						\
									\
		if (device->meters)					\
			TAILQ_FOREACH(e, &device->meters->LIST, next)	\
				if (e->id == id)			\
					return e;			\
		return NULL;						\
	}
DEFINE_FIND(struct profile, find_profile, profiles)
DEFINE_FIND(struct policy, find_policy, policies)
DEFINE_FIND(struct emu_meter, find_meter, meters)

static int
refuse(struct rte_mtr_error *error, int error_number,
       enum rte_mtr_error_type type, const char *message)
{
	return -rte_mtr_error_set(error, error_number, type, NULL, message);
}

static struct emu_device *
device_of(const struct rte_eth_dev *dev)
{
	return emu_vport_from_ethdev(dev)->device;
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

	pthread_mutex_lock(&mutex);
	exists = find_meter(device, id) != NULL;
	pthread_mutex_unlock(&mutex);
	return exists;
}

struct emu_meter *
emu_meter_ref(struct emu_device *device, uint32_t id)
{
	struct emu_meter *meter;

	pthread_mutex_lock(&mutex);
	meter = find_meter(device, id);
	if (meter)
		__atomic_add_fetch(&meter->n_rules, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&mutex);
	return meter;
}

void
emu_meter_unref(struct emu_meter *meter)
{
	__atomic_sub_fetch(&meter->n_rules, 1, __ATOMIC_RELEASE);
}

/* -- Profiles ------------------------------------------------------------- */

static int
engine_config(struct engine *e, const struct rte_mtr_meter_profile *p)
{
	e->algorithm = p->alg;
	e->packet_mode = p->packet_mode;
	switch (p->alg) {
	case RTE_MTR_NONE:
		return 0;
	case RTE_MTR_SRTCM_RFC2697: {
		struct rte_meter_srtcm_params params = {
			.cir = p->srtcm_rfc2697.cir,
			.cbs = p->srtcm_rfc2697.cbs,
			.ebs = p->srtcm_rfc2697.ebs,
		};

		return rte_meter_srtcm_profile_config(&e->srtcm.profile,
						      &params) ||
		       rte_meter_srtcm_config(&e->srtcm.state,
					      &e->srtcm.profile);
	}
	case RTE_MTR_TRTCM_RFC2698: {
		struct rte_meter_trtcm_params params = {
			.cir = p->trtcm_rfc2698.cir,
			.pir = p->trtcm_rfc2698.pir,
			.cbs = p->trtcm_rfc2698.cbs,
			.pbs = p->trtcm_rfc2698.pbs,
		};

		return rte_meter_trtcm_profile_config(&e->trtcm.profile,
						      &params) ||
		       rte_meter_trtcm_config(&e->trtcm.state,
					      &e->trtcm.profile);
	}
	case RTE_MTR_TRTCM_RFC4115: {
		struct rte_meter_trtcm_rfc4115_params params = {
			.cir = p->trtcm_rfc4115.cir,
			.eir = p->trtcm_rfc4115.eir,
			.cbs = p->trtcm_rfc4115.cbs,
			.ebs = p->trtcm_rfc4115.ebs,
		};

		return rte_meter_trtcm_rfc4115_profile_config(
				&e->trtcm4115.profile, &params) ||
		       rte_meter_trtcm_rfc4115_config(&e->trtcm4115.state,
						      &e->trtcm4115.profile);
	}
	}
	return -EINVAL;
}

static int
profile_add(struct rte_eth_dev *dev, uint32_t id,
	    struct rte_mtr_meter_profile *params, struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct profile *profile = NULL;
	struct engine trial;
	int ret;

	if (engine_config(&trial, params))
		return refuse(error, EINVAL,
			      RTE_MTR_ERROR_TYPE_METER_PROFILE,
			      "rates and bursts do not fit together");
	pthread_mutex_lock(&mutex);
	if (find_profile(device, id)) {
		ret = refuse(error, EEXIST,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "the meter profile exists");
		goto out;
	}
	profile = calloc(1, sizeof(*profile));
	if (!profile || !meters_get(device)) {
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
	pthread_mutex_unlock(&mutex);
	return ret;
}

static int
profile_delete(struct rte_eth_dev *dev, uint32_t id,
	       struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct profile *profile;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	profile = find_profile(device, id);
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
	pthread_mutex_unlock(&mutex);
	return ret;
}

/* -- Policies ------------------------------------------------------------- */

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

static int
policy_validate(struct rte_eth_dev *dev,
		struct rte_mtr_meter_policy_params *params,
		struct rte_mtr_error *error)
{
	bool drop[RTE_COLORS];

	RTE_SET_USED(dev);
	return policy_parse(params, drop, error);
}

static int
policy_add(struct rte_eth_dev *dev, uint32_t id,
	   struct rte_mtr_meter_policy_params *params,
	   struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct policy *policy;
	bool drop[RTE_COLORS];
	int ret;

	ret = policy_parse(params, drop, error);
	if (ret)
		return ret;
	pthread_mutex_lock(&mutex);
	if (find_policy(device, id)) {
		ret = refuse(error, EEXIST,
			     RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "the meter policy exists");
		goto out;
	}
	policy = calloc(1, sizeof(*policy));
	if (!policy || !meters_get(device)) {
		free(policy);
		ret = refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
			     "no memory for a meter policy");
		goto out;
	}
	policy->id = id;
	memcpy(policy->drop, drop, sizeof(policy->drop));
	TAILQ_INSERT_TAIL(&device->meters->policies, policy, next);
out:
	pthread_mutex_unlock(&mutex);
	return ret;
}

static int
policy_delete(struct rte_eth_dev *dev, uint32_t id,
	      struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct policy *policy;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	policy = find_policy(device, id);
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
	pthread_mutex_unlock(&mutex);
	return ret;
}

/* -- Meters --------------------------------------------------------------- */

static int
meter_add(struct emu_device *device, uint32_t id,
	  const struct rte_mtr_params *params, struct rte_mtr_error *error)
{
	struct profile *profile = find_profile(device,
					       params->meter_profile_id);
	struct policy *policy = find_policy(device, params->meter_policy_id);
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
	meter = calloc(1, sizeof(*meter));
	if (!meter)
		goto err_memory;
	meter->engine = calloc(1, sizeof(*meter->engine));
	if (!meter->engine)
		goto err_meter;
	engine_config(meter->engine, &profile->params);
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
	pthread_mutex_lock(&mutex);
	ret = meter_add(device_of(dev), id, params, error);
	pthread_mutex_unlock(&mutex);
	return ret;
}

static void
meter_free(struct emu_device *device, struct emu_meter *meter)
{
	TAILQ_REMOVE(&device->meters->meters, meter, next);
	meter->profile->n_users--;
	((struct policy *)(uintptr_t)meter->policy)->n_users--;
	device->meters->n_meters--;
	free(meter->engine);
	free(meter);
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

	pthread_mutex_lock(&mutex);
	meter = find_meter(device, id);
	if (!meter)
		ret = no_such_meter(error);
	else if (__atomic_load_n(&meter->n_rules, __ATOMIC_ACQUIRE))
		ret = refuse(error, EBUSY, RTE_MTR_ERROR_TYPE_MTR_ID,
			     "rules use the meter");
	else
		meter_free(device, meter);
	pthread_mutex_unlock(&mutex);
	return ret;
}

/* Has the rules that were destroyed give back what they held.  Not with
 * 'mutex' held, which comes after the engine's. */
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

	pthread_mutex_lock(&mutex);
	meter = find_meter(device_of(dev), id);
	if (meter)
		__atomic_store_n(&meter->enabled, enabled, __ATOMIC_RELAXED);
	else
		ret = no_such_meter(error);
	pthread_mutex_unlock(&mutex);
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
	struct engine *old, *new;
	struct emu_meter *meter;
	struct profile *profile;
	int ret = 0;

	new = calloc(1, sizeof(*new));
	if (!new)
		return refuse(error, ENOMEM, RTE_MTR_ERROR_TYPE_UNSPECIFIED,
			      "no memory for a meter");
	pthread_mutex_lock(&mutex);
	meter = find_meter(device, id);
	profile = find_profile(device, profile_id);
	old = new;			/* To be freed on error. */
	if (!meter) {
		ret = no_such_meter(error);
	} else if (!profile) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_PROFILE_ID,
			     "no such meter profile");
	} else {
		engine_config(new, &profile->params);
		old = meter->engine;
		__atomic_store_n(&meter->engine, new, __ATOMIC_RELEASE);
		meter->profile->n_users--;
		profile->n_users++;
		meter->profile = profile;
		wait_for_readers(device);
	}
	pthread_mutex_unlock(&mutex);
	free(old);
	return ret;
}

static int
meter_policy_update(struct rte_eth_dev *dev, uint32_t id, uint32_t policy_id,
		    struct rte_mtr_error *error)
{
	struct emu_device *device = device_of(dev);
	struct policy *old, *new;
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	meter = find_meter(device, id);
	new = find_policy(device, policy_id);
	if (!meter) {
		ret = no_such_meter(error);
	} else if (!new) {
		ret = refuse(error, ENOENT,
			     RTE_MTR_ERROR_TYPE_METER_POLICY_ID,
			     "no such meter policy");
	} else {
		old = (struct policy *)(uintptr_t)meter->policy;
		__atomic_store_n(&meter->policy, new, __ATOMIC_RELEASE);
		new->n_users++;
		wait_for_readers(device);
		old->n_users--;
	}
	pthread_mutex_unlock(&mutex);
	return ret;
}

/* -- Statistics ----------------------------------------------------------- */

static int
stats_update(struct rte_eth_dev *dev, uint32_t id, uint64_t stats_mask,
	     struct rte_mtr_error *error)
{
	struct emu_meter *meter;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	meter = find_meter(device_of(dev), id);
	if (meter)
		meter->stats_mask = stats_mask;
	else
		ret = no_such_meter(error);
	pthread_mutex_unlock(&mutex);
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

	pthread_mutex_lock(&mutex);
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
	pthread_mutex_unlock(&mutex);
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
	cap->chaining_n_mtrs_per_flow_max = n;
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
	struct profile *profile;
	struct policy *policy;
	struct emu_meter *meter;

	if (!meters)
		return;
	pthread_mutex_lock(&mutex);
	while ((meter = TAILQ_FIRST(&meters->meters)))
		meter_free(device, meter);
	while ((policy = TAILQ_FIRST(&meters->policies))) {
		TAILQ_REMOVE(&meters->policies, policy, next);
		free(policy);
	}
	while ((profile = TAILQ_FIRST(&meters->profiles))) {
		TAILQ_REMOVE(&meters->profiles, profile, next);
		free(profile);
	}
	free(meters);
	device->meters = NULL;
	pthread_mutex_unlock(&mutex);
}

const struct rte_mtr_ops emu_mtr_ops = {
	.capabilities_get = capabilities_get,
	.meter_profile_add = profile_add,
	.meter_profile_delete = profile_delete,
	.create = meter_create,
	.destroy = meter_destroy,
	.meter_enable = meter_enable,
	.meter_disable = meter_disable,
	.meter_profile_update = meter_profile_update,
	.stats_update = stats_update,
	.stats_read = stats_read,
	.meter_policy_validate = policy_validate,
	.meter_policy_add = policy_add,
	.meter_policy_delete = policy_delete,
	.meter_policy_update = meter_policy_update,
};
