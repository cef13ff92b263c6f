/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Stands in for emu-table where a test has tables of its own, of which it
 * defines emu_table_lookup(). */
#ifndef EMU_LOOKUP_FIXTURE_H
#define EMU_LOOKUP_FIXTURE_H

#include "emu-table.h"

static bool software_rules, ingress_rules;

void
emu_table_lookup_bulk(const struct emu_flow_engine *engine, uint32_t group,
		      const struct emu_packet *const *packets, uint32_t n,
		      const struct emu_rule **found)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		found[i] = emu_table_lookup(engine, group, packets[i]);
}

bool
emu_table_has_software_rules(const struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	return software_rules;
}

bool
emu_table_has_tunnel_rules(const struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	return false;
}

bool
emu_table_has_ingress_rules(const struct emu_flow_engine *engine)
{
	RTE_SET_USED(engine);
	return ingress_rules;
}

const struct emu_program *
emu_rule_program(const struct emu_rule *rule)
{
	return rule->program;
}

#endif /* EMU_LOOKUP_FIXTURE_H */
