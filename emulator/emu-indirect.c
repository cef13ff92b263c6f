/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-indirect: indirect actions (COUNT, AGE). */
#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "emu-indirect.h"
#include "emu-memory.h"
#include "emu-profile.h"

struct rte_flow_action_handle {
	TAILQ_ENTRY(rte_flow_action_handle) next;
	struct emu_device *device;
	const struct emu_vport *vport;	/* Through which it was created. */
	enum rte_flow_action_type type;
	uint32_t n_rules;		/* Atomic. */
	union {
		struct emu_counter counter;
		struct emu_age age;
	};
};

struct emu_indirects {
	TAILQ_HEAD(, rte_flow_action_handle) handles;	/* AGE first. */
	void *tree;			/* The same, by address: tsearch(3). */
};

/* Guards every device's registry: it is touched by control threads alone. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* -- The registry (mutex held) -------------------------------------------- */

static struct emu_indirects *
registry_get(struct emu_device *device)
{
	if (!device->indirects) {
		device->indirects = emu_calloc(1, sizeof(*device->indirects));
		if (device->indirects)
			TAILQ_INIT(&device->indirects->handles);
	}
	return device->indirects;
}

static int
compare_addresses(const void *a, const void *b)
{
	return a < b ? -1 : a > b;
}

static bool
registry_has(const struct emu_device *device,
	     const struct rte_flow_action_handle *handle)
{
	return device->indirects &&
	       tfind(handle, &device->indirects->tree, compare_addresses);
}

static bool
registry_add(struct emu_device *device, struct rte_flow_action_handle *handle)
{
	struct emu_indirects *registry = registry_get(device);

	if (!registry || !tsearch(handle, &registry->tree, compare_addresses))
		return false;
	if (handle->type == RTE_FLOW_ACTION_TYPE_AGE)
		TAILQ_INSERT_HEAD(&registry->handles, handle, next);
	else
		TAILQ_INSERT_TAIL(&registry->handles, handle, next);
	return true;
}

static void
handle_free(struct rte_flow_action_handle *handle)
{
	struct emu_indirects *registry = handle->device->indirects;

	tdelete(handle, &registry->tree, compare_addresses);
	TAILQ_REMOVE(&registry->handles, handle, next);
	if (handle->type == RTE_FLOW_ACTION_TYPE_COUNT)
		emu_counter_unreserve(handle->device);
	free(handle);
}

static int
no_such_handle(const void *handle, struct rte_flow_error *error)
{
	return rte_flow_error_set(error, ENOENT,
				  RTE_FLOW_ERROR_TYPE_HANDLE, handle,
				  "no such indirect action on this device");
}

/* -- Create and destroy --------------------------------------------------- */

static int
check(const struct emu_profile *profile, const struct rte_flow_action *action,
      struct rte_flow_error *error)
{
	const char *message = NULL;

	if (!profile->indirect)
		message = "this profile has no indirect actions";
	else if (action->type != RTE_FLOW_ACTION_TYPE_COUNT &&
		 action->type != RTE_FLOW_ACTION_TYPE_AGE)
		message = "only COUNT and AGE can be indirect actions";
	else if (!emu_profile_has_action(profile, action->type))
		message = "this profile does not have the action";
	else if (action->type == RTE_FLOW_ACTION_TYPE_AGE && !action->conf)
		message = "AGE without its configuration";
	return message ? rte_flow_error_set(error, ENOTSUP,
					    RTE_FLOW_ERROR_TYPE_ACTION, action,
					    message) : 0;
}

struct rte_flow_action_handle *
emu_indirect_create(struct emu_vport *vport,
		    const struct rte_flow_indir_action_conf *conf,
		    const struct rte_flow_action *action,
		    struct rte_flow_error *error)
{
	struct emu_device *device = vport->device;
	const struct rte_flow_action_age *age = action->conf;
	struct rte_flow_action_handle *handle;
	bool added;

	RTE_SET_USED(conf);
	if (check(device->profile, action, error))
		return NULL;
	if (action->type == RTE_FLOW_ACTION_TYPE_COUNT &&
	    !emu_counter_reserve(device)) {
		rte_flow_error_set(error, ENOSPC, RTE_FLOW_ERROR_TYPE_ACTION,
				   action, "all counters are in use");
		return NULL;
	}
	handle = emu_calloc(1, sizeof(*handle));
	if (!handle)
		goto err_memory;
	handle->device = device;
	handle->vport = vport;
	handle->type = action->type;
	if (action->type == RTE_FLOW_ACTION_TYPE_AGE)
		emu_age_init(&handle->age, age->timeout,
			     age->context ? age->context : handle);

	pthread_mutex_lock(&mutex);
	added = registry_add(device, handle);
	pthread_mutex_unlock(&mutex);
	if (!added)
		goto err_memory;
	return handle;

err_memory:
	free(handle);
	if (action->type == RTE_FLOW_ACTION_TYPE_COUNT)
		emu_counter_unreserve(device);
	rte_flow_error_set(error, ENOMEM, RTE_FLOW_ERROR_TYPE_HANDLE, NULL,
			   "no memory for an indirect action");
	return NULL;
}

int
emu_indirect_destroy(struct emu_vport *vport,
		     struct rte_flow_action_handle *handle,
		     struct rte_flow_error *error)
{
	int ret = 0;

	pthread_mutex_lock(&mutex);
	if (!registry_has(vport->device, handle))
		ret = no_such_handle(handle, error);
	else if (__atomic_load_n(&handle->n_rules, __ATOMIC_ACQUIRE))
		ret = rte_flow_error_set(error, EBUSY,
					 RTE_FLOW_ERROR_TYPE_HANDLE, handle,
					 "rules use the indirect action");
	else
		handle_free(handle);
	pthread_mutex_unlock(&mutex);
	return ret;
}

void
emu_indirect_flush(struct emu_device *device, const struct emu_vport *vport)
{
	struct rte_flow_action_handle *h, *next;

	pthread_mutex_lock(&mutex);
	if (device->indirects) {
		for (h = TAILQ_FIRST(&device->indirects->handles); h;
		     h = next) {
			next = TAILQ_NEXT(h, next);
			if (!vport || h->vport == vport)
				handle_free(h);
		}
		if (!vport) {
			free(device->indirects);
			device->indirects = NULL;
		}
	}
	pthread_mutex_unlock(&mutex);
}

/* -- Update and query ----------------------------------------------------- */

int
emu_indirect_update(struct emu_vport *vport,
		    struct rte_flow_action_handle *handle,
		    const void *update, struct rte_flow_error *error)
{
	const struct rte_flow_update_age *age = update;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	if (!registry_has(vport->device, handle)) {
		ret = no_such_handle(handle, error);
	} else if (handle->type != RTE_FLOW_ACTION_TYPE_AGE || !age) {
		ret = rte_flow_error_set(error, ENOTSUP,
					 RTE_FLOW_ERROR_TYPE_ACTION, update,
					 "only AGE can be updated, with "
					 "struct rte_flow_update_age");
	} else {
		if (age->timeout_valid)
			handle->age.timeout = age->timeout;
		if (age->touch)
			emu_age_touch(&handle->age, rte_rdtsc());
	}
	pthread_mutex_unlock(&mutex);
	return ret;
}

int
emu_indirect_query(struct emu_vport *vport,
		   const struct rte_flow_action_handle *handle,
		   void *data, struct rte_flow_error *error)
{
	struct rte_flow_action_handle *h =
		(struct rte_flow_action_handle *)(uintptr_t)handle;
	int ret = 0;

	pthread_mutex_lock(&mutex);
	if (!registry_has(vport->device, handle))
		ret = no_such_handle(handle, error);
	else if (h->type == RTE_FLOW_ACTION_TYPE_COUNT)
		emu_counter_query(&h->counter, data);
	else
		emu_age_query(&h->age, rte_rdtsc(), data);
	pthread_mutex_unlock(&mutex);
	return ret;
}

unsigned int
emu_indirect_aged(struct emu_device *device, uint64_t now, void **contexts,
		  unsigned int n_contexts)
{
	struct rte_flow_action_handle *h;
	unsigned int n = 0;

	pthread_mutex_lock(&mutex);
	if (device->indirects) {
		TAILQ_FOREACH(h, &device->indirects->handles, next) {
			if (h->type != RTE_FLOW_ACTION_TYPE_AGE)
				break;
			if (!emu_age_is_due(&h->age, now))
				continue;
			if (n_contexts) {
				if (n == n_contexts)
					break;
				contexts[n] = h->age.context;
				emu_age_report(&h->age);
			}
			n++;
		}
	}
	pthread_mutex_unlock(&mutex);
	return n;
}

bool
emu_indirect_is_due(const struct emu_vport *vport, uint64_t now)
{
	struct rte_flow_action_handle *h;
	bool due = false;

	pthread_mutex_lock(&mutex);
	if (vport->device->indirects) {
		TAILQ_FOREACH(h, &vport->device->indirects->handles, next) {
			if (due || h->type != RTE_FLOW_ACTION_TYPE_AGE)
				break;
			due = h->vport == vport &&
			      emu_age_is_due(&h->age, now);
		}
	}
	pthread_mutex_unlock(&mutex);
	return due;
}

/* -- Programs ------------------------------------------------------------- */

enum rte_flow_action_type
emu_indirect_type(const struct emu_device *device,
		  const struct rte_flow_action_handle *handle)
{
	enum rte_flow_action_type type = RTE_FLOW_ACTION_TYPE_END;

	pthread_mutex_lock(&mutex);
	if (registry_has(device, handle))
		type = handle->type;
	pthread_mutex_unlock(&mutex);
	return type;
}

struct emu_counter *
emu_indirect_counter_ref(struct rte_flow_action_handle *handle)
{
	__atomic_add_fetch(&handle->n_rules, 1, __ATOMIC_RELAXED);
	return &handle->counter;
}

struct emu_age *
emu_indirect_age_ref(struct rte_flow_action_handle *handle)
{
	__atomic_add_fetch(&handle->n_rules, 1, __ATOMIC_RELAXED);
	return &handle->age;
}

void
emu_indirect_unref(struct rte_flow_action_handle *handle)
{
	__atomic_sub_fetch(&handle->n_rules, 1, __ATOMIC_RELEASE);
}
