/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow-dump: rules, shown as the testpmd command that makes them.
 *
 * Thread-safety: under the engine's mutex. */
#ifndef EMU_FLOW_DUMP_H
#define EMU_FLOW_DUMP_H

#include <stdio.h>

#include "emu-flow.h"

/* Prints a line for 'flow' to 'file': how often it was hit, and
 * "flow create PORT ... / end". */
void emu_flow_dump(FILE *file, const struct rte_flow *flow);

/* The same for 'rule', of 'group', that was created through 'vport' and has
 * 'actions'. */
void emu_flow_dump_rule(FILE *file, const struct emu_vport *vport,
			uint32_t group, const struct emu_rule *rule,
			const struct rte_flow_action *actions);

#endif /* EMU_FLOW_DUMP_H */
