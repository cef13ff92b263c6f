/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emu-fault.h"

enum emu_fault
emu_fault_take(const char *path)
{
	enum emu_fault fault = EMU_FAULT_NONE;
	char name[32];
	FILE *file;

	if (*path == '\0' || access(path, R_OK) < 0)
		return EMU_FAULT_NONE;
	file = fopen(path, "r");
	if (file == NULL)
		return EMU_FAULT_NONE;
	if (fgets(name, sizeof(name), file) != NULL &&
	    strcmp(name, "lose-rules\n") == 0) {
		fault = EMU_FAULT_LOSE_RULES;
		unlink(path);
	}
	fclose(file);
	return fault;
}
