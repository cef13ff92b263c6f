/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * How tests of the emulator ask for faults. */
#ifndef EMU_FAULT_FIXTURE_H
#define EMU_FAULT_FIXTURE_H

#include <stdio.h>
#include <unistd.h>

#include "emu-device.h"

/* Asks 'emu' for the fault 'name', a line. */
static inline void
ask_for_fault(struct emu_device *emu, const char *name)
{
	FILE *file;

	snprintf(emu->faults, sizeof(emu->faults),
		 "/tmp/test-emu-fault.%d", (int)getpid());
	file = fopen(emu->faults, "w");
	assert_non_null(file);
	fprintf(file, "%s", name);
	fclose(file);
}

#endif /* EMU_FAULT_FIXTURE_H */
