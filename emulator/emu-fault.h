/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-fault: faults of the device, on demand.  The device argument "faults"
 * names a file; whoever wants to see how an application bears a fault writes
 * the fault's name into it, a line.  The fault happens at the next operation
 * of rte_flow, which removes the file.  What is no fault's name stays there.
 *
 * Thread-safety: none. */
#ifndef EMU_FAULT_H
#define EMU_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum emu_fault {
	EMU_FAULT_NONE,
	EMU_FAULT_LOSE_RULES,	/* "lose-rules": all of them, at once. */
	EMU_FAULT_LOSE_COUNTERS, /* "lose-counters": of all rules. */
	EMU_FAULT_LOSE_METERS,	/* "lose-meters": all of them. */
	EMU_FAULT_REFUSE,	/* "refuse N": every Nth rule from now on, or
				 * none more if N is 0. */
	EMU_FAULT_LATE,		/* "late N": operations take N msec more from
				 * now on. */
	EMU_FAULT_NO_MEMORY,	/* "no-memory N": for the Nth piece from now
				 * on; see emu-memory. */
	EMU_N_FAULTS
};

/* Returns the fault that the file 'path' asks for, if there is one, and
 * removes the file.  'path' may be empty.  Puts the fault's number, if it has
 * one, into '*value'. */
enum emu_fault emu_fault_take(const char *path, uint32_t *value);

#endif /* EMU_FAULT_H */
