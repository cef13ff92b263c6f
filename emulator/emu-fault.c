/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emu-fault.h"

static const struct {
	const char *name;
	bool has_value;
} faults[EMU_N_FAULTS] = {
	[EMU_FAULT_LOSE_RULES] = { "lose-rules", false },
	[EMU_FAULT_LOSE_COUNTERS] = { "lose-counters", false },
	[EMU_FAULT_LOSE_METERS] = { "lose-meters", false },
	[EMU_FAULT_REFUSE] = { "refuse", true },
	[EMU_FAULT_LATE] = { "late", true },
	[EMU_FAULT_NO_MEMORY] = { "no-memory", true },
};

/* Returns the fault that 'line', which is changed, asks for, with its number
 * in '*value'. */
static enum emu_fault
parse(char *line, uint32_t *value)
{
	char *end = strchr(line, '\n'), *number;
	unsigned int i;

	if (end == NULL)		/* Still written. */
		return EMU_FAULT_NONE;
	*end = '\0';
	number = strchr(line, ' ');
	if (number != NULL) {
		*number++ = '\0';
		*value = strtoul(number, &end, 10);
		if (end == number || *end != '\0')
			return EMU_FAULT_NONE;
	}
	for (i = 0; i < EMU_N_FAULTS; i++) {
		if (faults[i].name != NULL &&
		    strcmp(line, faults[i].name) == 0 &&
		    faults[i].has_value == (number != NULL))
			return i;
	}
	return EMU_FAULT_NONE;
}

enum emu_fault
emu_fault_take(const char *path, uint32_t *value)
{
	enum emu_fault fault = EMU_FAULT_NONE;
	char line[32];
	FILE *file;

	if (*path == '\0' || access(path, R_OK) < 0)
		return EMU_FAULT_NONE;
	file = fopen(path, "r");
	if (file == NULL)
		return EMU_FAULT_NONE;
	if (fgets(line, sizeof(line), file) != NULL)
		fault = parse(line, value);
	if (fault != EMU_FAULT_NONE)
		unlink(path);
	fclose(file);
	return fault;
}
