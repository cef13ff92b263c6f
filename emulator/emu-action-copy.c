/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-action-copy: lists of rte_flow actions, copied whole. */
#include "emu-action.h"
#include "emu-memory.h"

#include <stdlib.h>

#include <rte_flow.h>

struct rte_flow_action *
emu_actions_copy(const struct rte_flow_action *actions)
{
	struct rte_flow_action *copy;
	int size;

	size = rte_flow_conv(RTE_FLOW_CONV_OP_ACTIONS, NULL, 0, actions, NULL);
	if (size < 0)
		return NULL;
	copy = emu_malloc(size);
	if (copy && rte_flow_conv(RTE_FLOW_CONV_OP_ACTIONS, copy, size,
				  actions, NULL) < 0) {
		free(copy);
		copy = NULL;
	}
	return copy;
}
