/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-table: the rules of all groups, and their lookup.
 *
 * A group is a set of subtables, one per mask.  A subtable is a set of keys
 * under that mask, of which only the 8-byte words that the mask touches are
 * kept.  The rules of all subtables are in one hash table (emu-hash), so that
 * a mask costs next to no memory, and there may be any number of them.  Rules
 * with the same key stand next to each other, by priority, the newest first.
 *
 * A lookup visits subtables in order of their best priority and stops when no
 * better rule can follow, so its cost grows with the number of masks, never
 * with the number of rules.  What it finds in a group of many masks is kept in
 * a cache (emu-cache).
 *
 * Thread-safety: the embedded switch thread looks up, without a lock, while
 * one control thread at a time changes the tables (the engine's mutex). */
#ifndef EMU_TABLE_H
#define EMU_TABLE_H

#include "emu-cache.h"
#include "emu-device.h"
#include "emu-hash.h"
#include "emu-profile.h"

struct emu_key;
struct emu_match;
struct emu_packet;
struct emu_program;
struct emu_subtable;
struct emu_table;

/* The group of the rules that are not transfer rules: attribute 'ingress'
 * alone.  They have no fate but DROP and are looked up when a packet is about
 * to be handed to software, with the key's source being the function behind
 * the vport whose ethdev receives it. */
#define EMU_GROUP_INGRESS UINT32_MAX

/* A rule.  Embedded in struct rte_flow. */
struct emu_rule {
	struct emu_node node;		/* emu-table's own.  First.  'value' is
					 * the hash of the key. */
	struct emu_subtable *subtable;	/* emu-table's own. */
	uint64_t *key;			/* emu-table's own.  Ranges follow. */
	struct emu_program *program;
	uint64_t hits;			/* Embedded switch thread. */
	uint32_t priority;
	uint16_t n_ranges;		/* emu-table's own. */
	uint8_t queue;			/* emu-template's own. */
	uint8_t state;			/* enum emu_rule_state. */
};

enum emu_rule_state {
	EMU_RULE_SYNC,			/* Of rte_flow_create(). */
	/* Of a template table. */
	EMU_RULE_FREE,			/* Not in use. */
	EMU_RULE_DEAD,			/* No longer in use. */
	EMU_RULE_READY,			/* Filled in, to be linked. */
	EMU_RULE_LINKED,		/* Packets see it. */
	EMU_RULE_UNCOUNTED,		/* They do; it has lost its counter. */
	EMU_RULE_LOSING,		/* To be lost in a moment. */
	EMU_RULE_LOST,			/* The device does not have it. */
};

/* The arguments of 'rule', which follow it if it is of a template table. */
static inline void *
emu_rule_args(const struct emu_rule *rule)
{
	/* A template table's rule may change between its other states. */
	return __atomic_load_n(&rule->state, __ATOMIC_RELAXED) ==
	       EMU_RULE_SYNC ? NULL : (void *)(uintptr_t)(rule + 1);
}

/* -- For the pipeline -------------------------------------------------- */

/* Returns the rule of 'group' that takes 'p', or NULL.  Embedded switch thread
 * only. */
const struct emu_rule *emu_table_lookup(const struct emu_flow_engine *engine,
					uint32_t group,
					const struct emu_packet *p);

/* The most packets that are looked up at a time. */
#define EMU_LOOKUP_BULK EMU_CACHE_BULK

/* As emu_table_lookup(), for 'n' <= EMU_LOOKUP_BULK packets at a time: what
 * one of them waits for comes from memory while the others are looked up.
 * Puts into 'rules' what each packet found, of which the programs are on their
 * way into the processor's cache. */
void emu_table_lookup_bulk(const struct emu_flow_engine *engine,
			   uint32_t group,
			   const struct emu_packet *const *packets,
			   uint32_t n, const struct emu_rule **rules);

/* True if some rule of 'engine' may match packets that software sent (item
 * PORT_REPRESENTOR); if a tunnel item is in use; if there is any rule in
 * EMU_GROUP_INGRESS; respectively.  Any thread. */
bool emu_table_has_software_rules(const struct emu_flow_engine *engine);
bool emu_table_has_tunnel_rules(const struct emu_flow_engine *engine);
bool emu_table_has_ingress_rules(const struct emu_flow_engine *engine);

/* Looks up without the cache from now on, or with it, as is the default; how
 * many packets found what they looked for in it, and how many did not.  For
 * tests and measurements. */
void emu_table_set_cache(struct emu_table *table, bool on);
void emu_table_get_cache(const struct emu_table *table, uint64_t *hits,
			 uint64_t *misses);

/* The program of 'rule'. */
const struct emu_program *emu_rule_program(const struct emu_rule *rule);

/* -- For the engine ---------------------------------------------------- */

/* Creates the tables of 'engine', empty.  Returns NULL if memory is
 * short. */
struct emu_table *emu_table_create(struct emu_flow_engine *engine);

/* Frees 'table', which is empty. */
void emu_table_destroy(struct emu_table *table);

/* Puts 'rule', whose 'program' and 'priority' are set, into 'group' under
 * 'match', of which it keeps nothing.  Packets see it at once.  'duplicates'
 * tells what becomes of it where there is an older rule with the same match
 * and priority.  Returns 0, -ENOMEM, or -EEXIST with EMU_DUPLICATES_NO. */
int emu_table_insert(struct emu_table *table, uint32_t group,
		     const struct emu_match *match,
		     enum emu_duplicates duplicates, struct emu_rule *rule);

/* Takes 'rule' out of its group: no packet that is looked up after the return
 * finds it.  The caller frees it, with emu_rule_uninit(), after a grace
 * period. */
void emu_table_remove(struct emu_table *table, struct emu_rule *rule);

/* Frees what 'rule' owns, but for its program. */
void emu_rule_uninit(struct emu_rule *rule);

/* -- For rules of template tables -------------------------------------- */

/* Finds or makes the place in 'group' where rules of 'priority' under the mask
 * of 'match' stand, and keeps it until it is unpinned.  Of the key of 'match'
 * the source counts alone.  Returns NULL if memory is short.  As are
 * emu_table_insert() and emu_table_remove(), for one control thread at a
 * time. */
struct emu_subtable *emu_table_pin(struct emu_table *table, uint32_t group,
				   const struct emu_match *match,
				   uint32_t priority);

/* Gives it back; no rule of the caller is linked in it any more. */
void emu_table_unpin(struct emu_subtable *subtable, uint32_t priority);

/* Tells of 'rule' what its subtable and key make of it: once these are set, and
 * before the functions below. */
void emu_table_prepare(struct emu_rule *rule);

/* Makes packets see 'rule', of which the subtable, the key and the priority
 * are set, and which has no ranges; makes them not see it any more.  Any
 * thread, others may do the same with other rules.  Linking returns 0, or
 * -EEXIST with EMU_DUPLICATES_NO. */
int emu_table_link(struct emu_rule *rule, enum emu_duplicates duplicates);
void emu_table_unlink(struct emu_rule *rule);

/* Has memory fetched that the same two will look at: to be called for some
 * rules with 'first' true, and then for the same ones with false. */
void emu_table_prefetch(const struct emu_rule *rule, bool first);

/* Memory of the tables that grows with the number of rules and is not theirs,
 * in bytes. */
size_t emu_table_memory(const struct emu_table *table);

/* The match of 'rule', to be shown. */
void emu_rule_match(const struct emu_rule *rule, struct emu_match *match);

#endif /* EMU_TABLE_H */
