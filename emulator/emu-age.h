/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-age: looks for rules whose AGE action is due, so that applications are
 * told (RTE_ETH_EVENT_FLOW_AGED) without asking.
 *
 * Once a second, all rules that may age are looked at, some at a time, by the
 * embedded switch thread between its packets.  That a rule is hit costs a
 * packet no more than a store, and that a rule is due is noted nowhere:
 * rte_flow_get_aged_flows() looks again.
 *
 * Thread-safety: embedded switch thread.  It takes the engine's mutex if it
 * is free, and else tries again later. */
#ifndef EMU_AGE_H
#define EMU_AGE_H

#include "emu-device.h"

/* Looks at some rules of 'device', at the time 'now' (rte_rdtsc()), if a round
 * is due or under way.  Calls 'aged' for each vport whose application is to be
 * told.  Returns true while there are more to look at. */
bool emu_age_sweep(struct emu_device *device, uint64_t now,
		   void (*aged)(struct emu_vport *vport));

#endif /* EMU_AGE_H */
