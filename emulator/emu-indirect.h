/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-indirect: indirect actions (COUNT, AGE): made once, used by many rules
 * of a device, through any of its ethdevs.
 *
 * Thread-safety: control threads, any number at a time. */
#ifndef EMU_INDIRECT_H
#define EMU_INDIRECT_H

#include <rte_flow.h>

#include "emu-counter.h"
#include "emu-device.h"

struct emu_indirects;			/* device->indirects. */

/* -- For the front (emu-flow) ------------------------------------------ */

/* rte_flow_action_handle_create() and its kin, for the device of 'vport'.
 * Each returns 0 (create: a handle), or a negative errno (NULL) with
 * rte_errno and 'error' set.  A handle in use cannot be destroyed (-EBUSY).
 * 'data' and 'update' are of the type that rte_flow.h gives for the action
 * behind the handle. */
struct rte_flow_action_handle *
emu_indirect_create(struct emu_vport *vport,
		    const struct rte_flow_indir_action_conf *conf,
		    const struct rte_flow_action *action,
		    struct rte_flow_error *error);
int emu_indirect_destroy(struct emu_vport *vport,
			 struct rte_flow_action_handle *handle,
			 struct rte_flow_error *error);
int emu_indirect_update(struct emu_vport *vport,
			struct rte_flow_action_handle *handle,
			const void *update, struct rte_flow_error *error);
int emu_indirect_query(struct emu_vport *vport,
		       const struct rte_flow_action_handle *handle,
		       void *data, struct rte_flow_error *error);

/* As emu_program_aged(), for the indirect AGE actions of 'device'; a context
 * is the handle where the application gave none. */
unsigned int emu_indirect_aged(struct emu_device *device, uint64_t now,
			       void **contexts, unsigned int n_contexts);

/* True if an indirect AGE action that was created through 'vport' is due. */
bool emu_indirect_is_due(const struct emu_vport *vport, uint64_t now);

/* Destroys the indirect actions that were created through 'vport'; with NULL
 * all of 'device' and the registry itself.  No rule uses them any more. */
void emu_indirect_flush(struct emu_device *device,
			const struct emu_vport *vport);

/* -- For programs (emu-action) ----------------------------------------- */

/* Returns the action behind 'handle', or RTE_FLOW_ACTION_TYPE_END if 'device'
 * has no such handle. */
enum rte_flow_action_type
emu_indirect_type(const struct emu_device *device,
		  const struct rte_flow_action_handle *handle);

/* Takes and gives back a reference, for a handle of the right type. */
struct emu_counter *emu_indirect_counter_ref(struct rte_flow_action_handle *);
struct emu_age *emu_indirect_age_ref(struct rte_flow_action_handle *);
void emu_indirect_unref(struct rte_flow_action_handle *);

#endif /* EMU_INDIRECT_H */
