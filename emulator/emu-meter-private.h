/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What emu-meter.c and emu-meter-policy.c share. */
#ifndef EMU_METER_PRIVATE_H
#define EMU_METER_PRIVATE_H

#include <pthread.h>
#include <sys/queue.h>

#include <rte_mtr_driver.h>

#include "emu-device.h"
#include "emu-meter.h"

struct emu_meter_profile {
	TAILQ_ENTRY(emu_meter_profile) next;
	uint32_t id;
	uint32_t n_users;
	struct rte_mtr_meter_profile params;
};

struct emu_meter_policy {
	TAILQ_ENTRY(emu_meter_policy) next;
	uint32_t id;
	uint32_t n_users;
	bool drop[RTE_COLORS];
};

TAILQ_HEAD(emu_meter_list, emu_meter);

struct emu_meters {
	TAILQ_HEAD(, emu_meter_profile) profiles;
	TAILQ_HEAD(, emu_meter_policy) policies;
	struct emu_meter_list meters;
	uint32_t n_meters;
};

/* Guards every device's meters against other control threads. */
extern pthread_mutex_t emu_meter_mutex;

/* What 'device' has, made at the first call; NULL without memory.  Under the
 * mutex. */
struct emu_meters *emu_meters_get(struct emu_device *device);

/* The profile, the policy 'id' of 'device', or NULL.  Under the mutex. */
struct emu_meter_profile *
emu_meter_profile_find(const struct emu_device *device, uint32_t id);
struct emu_meter_policy *
emu_meter_policy_find(const struct emu_device *device, uint32_t id);

/* Refuses with 'error_number', positive.  Returns it, negative. */
static inline int
refuse(struct rte_mtr_error *error, int error_number,
       enum rte_mtr_error_type type, const char *message)
{
	return -rte_mtr_error_set(error, error_number, type, NULL, message);
}

static inline struct emu_device *
device_of(const struct rte_eth_dev *dev)
{
	return emu_vport_from_ethdev(dev)->device;
}

/* Operations on profiles and policies, of struct rte_mtr_ops. */
int emu_meter_profile_add(struct rte_eth_dev *dev, uint32_t id,
			  struct rte_mtr_meter_profile *params,
			  struct rte_mtr_error *error);
int emu_meter_profile_delete(struct rte_eth_dev *dev, uint32_t id,
			     struct rte_mtr_error *error);
int emu_meter_policy_validate(struct rte_eth_dev *dev,
			      struct rte_mtr_meter_policy_params *params,
			      struct rte_mtr_error *error);
int emu_meter_policy_add(struct rte_eth_dev *dev, uint32_t id,
			 struct rte_mtr_meter_policy_params *params,
			 struct rte_mtr_error *error);
int emu_meter_policy_delete(struct rte_eth_dev *dev, uint32_t id,
			    struct rte_mtr_error *error);

/* Frees the profiles and policies of 'meters', which no meter has any more.
 * Under the mutex. */
void emu_meter_policies_destroy(struct emu_meters *meters);

#endif /* EMU_METER_PRIVATE_H */
