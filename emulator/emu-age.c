/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-age: looks for rules whose AGE action is due. */
#include "emu-age.h"

#include <rte_cycles.h>

#include "emu-action.h"
#include "emu-indirect.h"
#include "emu-template-table.h"

#define STEP 512			/* Rules that are looked at in a go. */

/* Notes that 'vport' has a rule that is due. */
static void
note_due(struct emu_vport *vport, void (*aged)(struct emu_vport *vport))
{
	/* Once, until the application has asked which. */
	if (vport->aged || (vport->templates && vport->templates->strict))
		return;
	vport->aged = true;
	aged(vport);
}

struct step {
	uint64_t now;
	bool due;
};

static bool
look_at(struct emu_rule *rule, void *step_)
{
	struct step *step = step_;

	step->due = emu_program_aged(rule->program, emu_rule_args(rule),
				     step->now, NULL, 0);
	return !step->due;
}

/* Looks at rules of rte_flow_create(), from round->flow on, if there. */
static void
look_at_flows(struct emu_age_round *round, struct emu_flow_list *list,
	      struct step *step)
{
	struct rte_flow *flow = round->flow ? round->flow : TAILQ_FIRST(list);
	uint32_t n;

	for (n = 0; flow && n < STEP && look_at(&flow->rule, step); n++)
		flow = TAILQ_NEXT(flow, age_node);
	round->flow = flow;
}

/* Looks at some rules of the vport at hand; goes to the next one when all
 * were looked at, or one is due. */
static void
look_at_vport(struct emu_flow_engine *engine, struct emu_age_round *round,
	      uint64_t now, void (*aged)(struct emu_vport *vport))
{
	struct emu_vport *vport = &engine->device->vports[round->vport];
	struct step step = { .now = now };

	if (vport->aged) {
		round->vport_done = true;	/* It was told. */
	} else if (!round->flows_done) {
		look_at_flows(round, &engine->ageing[round->vport], &step);
		round->flows_done = !round->flow;
	} else if (!emu_template_visit_ageing(vport, -1, &round->cursor, STEP,
					      look_at, &step)) {
		round->vport_done = true;
	}
	if (step.due)
		note_due(vport, aged);
	if (step.due || round->vport_done) {
		round->vport++;
		round->flow = NULL;
		round->flows_done = round->vport_done = false;
		round->cursor = (struct emu_template_cursor){ .slot = 0 };
	}
}

bool
emu_age_sweep(struct emu_device *device, uint64_t now,
	      void (*aged)(struct emu_vport *vport))
{
	struct emu_flow_engine *engine = device->flow;
	struct emu_age_round *round = &engine->round;
	uint16_t i;

	if (now < round->next || pthread_mutex_trylock(&engine->mutex))
		return false;
	if (round->vport < device->n_vports) {
		look_at_vport(engine, round, now, aged);
	} else {
		for (i = 0; i < device->n_vports; i++) {
			if (emu_indirect_is_due(&device->vports[i], now))
				note_due(&device->vports[i], aged);
		}
		round->vport = 0;
		round->next = now + rte_get_tsc_hz();
	}
	pthread_mutex_unlock(&engine->mutex);
	return now >= round->next;
}
