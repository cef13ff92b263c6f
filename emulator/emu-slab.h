/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-slab: memory for the rules that one queue puts into one template table.
 *
 * Slots of equal size come in chunks, never move, and stay until the table
 * goes.  A slot that is given back is used again after a grace period.
 *
 * Thread-safety: a slab belongs to the thread of its queue.  Others may visit
 * its slots (emu_slab_slot()) as long as the slab is there: a slot's state is
 * read and written with atomics, and a slot that is in use again may be what
 * they find. */
#ifndef EMU_SLAB_H
#define EMU_SLAB_H

#include "emu-table.h"

#define EMU_SLAB_CHUNK 256		/* Slots. */

struct emu_slab_list {
	struct emu_rule **rules;
	uint32_t n, max;
};

struct emu_slab {
	struct rte_rcu_qsbr *qsbr;
	uint8_t **chunks;		/* Of max_chunks. */
	uint32_t n_chunks, max_chunks;
	uint32_t slot_size;
	uint32_t n_slots;		/* That were ever in use. */
	struct emu_rule *free;		/* Linked by node.next. */
	/* Given back: since then; before the grace period 'token'. */
	struct emu_slab_list retired, waiting;
	uint64_t token;
};

/* Room for 'n' rules in use at a time, of 'slot_size' bytes each, a multiple
 * of 8.  Returns false if memory is short. */
bool emu_slab_init(struct emu_slab *slab, struct rte_rcu_qsbr *qsbr,
		   uint32_t n, uint32_t slot_size);

/* No reader sees any of its rules any more. */
void emu_slab_uninit(struct emu_slab *slab);

/* Returns a rule, zeroed but for its state, which is EMU_RULE_FREE; NULL if
 * memory is short. */
struct emu_rule *emu_slab_get(struct emu_slab *slab);

/* Gives back a rule that no packet ever saw. */
void emu_slab_put(struct emu_slab *slab, struct emu_rule *rule);

/* Gives back a rule that packets no longer find. */
void emu_slab_retire(struct emu_slab *slab, struct emu_rule *rule);

/* Makes what was given back free again, as far as the grace period is over;
 * with 'wait' all of it. */
void emu_slab_reclaim(struct emu_slab *slab, bool wait);

/* Bytes that the slab takes. */
size_t emu_slab_memory(const struct emu_slab *slab);

/* Slot 'i' < emu_slab_n_slots(). */
static inline struct emu_rule *
emu_slab_slot(const struct emu_slab *slab, uint32_t i)
{
	return (struct emu_rule *)(slab->chunks[i / EMU_SLAB_CHUNK]
				   + i % EMU_SLAB_CHUNK * slab->slot_size);
}

static inline uint32_t
emu_slab_n_slots(const struct emu_slab *slab)
{
	return __atomic_load_n(&slab->n_slots, __ATOMIC_ACQUIRE);
}

/* The state of a rule, which others may look at. */
static inline void
emu_rule_set_state(struct emu_rule *rule, enum emu_rule_state state)
{
	__atomic_store_n(&rule->state, state, __ATOMIC_RELEASE);
}

static inline enum emu_rule_state
emu_rule_get_state(const struct emu_rule *rule)
{
	return __atomic_load_n(&rule->state, __ATOMIC_ACQUIRE);
}

/* Changes the state from 'from' to 'to'; false if it is another one. */
static inline bool
emu_rule_change_state(struct emu_rule *rule, enum emu_rule_state from,
		      enum emu_rule_state to)
{
	uint8_t expected = from;

	return __atomic_compare_exchange_n(&rule->state, &expected, to, false,
					   __ATOMIC_ACQ_REL,
					   __ATOMIC_ACQUIRE);
}

/* True if packets see 'rule'. */
static inline bool
emu_rule_is_linked(const struct emu_rule *rule)
{
	enum emu_rule_state state = emu_rule_get_state(rule);

	return state == EMU_RULE_LINKED || state == EMU_RULE_UNCOUNTED;
}

#endif /* EMU_SLAB_H */
