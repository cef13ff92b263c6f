/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-table: the rules of all groups, and their lookup.
 *
 * A group is a set of subtables, one per mask; a subtable is a hash table of
 * keys under that mask (librte_hash).  A lookup visits subtables in order of
 * their best priority and stops when no better rule can follow, so its cost
 * grows with the number of masks, never with the number of rules.
 *
 * Thread-safety: the embedded switch thread looks up, without a lock, while
 * one control thread at a time changes the tables. */
#ifndef EMU_TABLE_H
#define EMU_TABLE_H

#include "emu-device.h"

struct emu_packet;
struct emu_program;
struct emu_rule;

/* Finds the rule of 'group' that takes 'p', or NULL.  '*exists' tells
 * whether the group has any rule at all. */
const struct emu_rule *emu_table_lookup(const struct emu_flow_engine *engine,
					uint32_t group,
					const struct emu_packet *p);

/* True if some rule of 'engine' may match packets that software sent (item
 * PORT_REPRESENTOR), if a tunnel item is in use, respectively. */
bool emu_table_has_software_rules(const struct emu_flow_engine *engine);
bool emu_table_has_tunnel_rules(const struct emu_flow_engine *engine);

/* The program of 'rule'. */
const struct emu_program *emu_rule_program(const struct emu_rule *rule);

#endif /* EMU_TABLE_H */
