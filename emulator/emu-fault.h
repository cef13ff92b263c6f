/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-fault: faults of the device, on demand.  The device argument "faults"
 * names a file; whoever wants to see how an application bears a fault writes
 * the fault's name into it, a line.  The fault happens at the next operation of
 * rte_flow, which removes the file.  What is no fault's name stays there.
 *
 * Thread-safety: none. */
#ifndef EMU_FAULT_H
#define EMU_FAULT_H

enum emu_fault {
	EMU_FAULT_NONE,
	EMU_FAULT_LOSE_RULES,	/* "lose-rules": all of them, at once. */
};

/* Returns the fault that the file 'path' asks for, if there is one, and removes
 * the file.  'path' may be empty. */
enum emu_fault emu_fault_take(const char *path);

#endif /* EMU_FAULT_H */
