/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-template-private: what emu-template and emu-template-table share. */
#ifndef EMU_TEMPLATE_PRIVATE_H
#define EMU_TEMPLATE_PRIVATE_H

#include <errno.h>
#include <pthread.h>

#include "emu-device.h"
#include "emu-error.h"
#include "emu-flow.h"

static inline int
emu_template_no_memory(struct rte_flow_error *error)
{
	return EMU_REFUSE(error, ENOMEM, NULL, "out of memory");
}

/* Takes the engine's mutex; returns the vport of 'dev'. */
static inline struct emu_vport *
emu_template_lock(struct rte_eth_dev *dev)
{
	struct emu_vport *vport = emu_vport_from_ethdev(dev);

	pthread_mutex_lock(&vport->device->flow->mutex);
	return vport;
}

static inline void
emu_template_unlock(struct emu_vport *vport)
{
	pthread_mutex_unlock(&vport->device->flow->mutex);
}

/* Refuses to destroy what is of another port than 'vport', 'owner', or in use,
 * by 'n_users' of what 'users' calls them. */
int emu_template_check_destroy(const struct emu_vport *vport,
			       const struct emu_vport *owner, uint32_t n_users,
			       const char *what, const char *users,
			       struct rte_flow_error *error);

/* Frees all templates, which no table uses.  Under the mutex. */
void emu_templates_clear(struct emu_templates *templates);

#endif /* EMU_TEMPLATE_PRIVATE_H */
