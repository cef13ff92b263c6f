/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes what people write into device arguments and profiles of the emulated
 * DPU.  Input: a byte that says which, and the text. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "emu-devargs.h"
#include "emu-profile.h"
#include "fuzz-input.h"

static char profile_path[64];

static void
remove_profile(void)
{
	unlink(profile_path);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	snprintf(profile_path, sizeof(profile_path),
		 "./fuzz-profile-%d.ini", (int)getpid());
	atexit(remove_profile);
	return 0;
}

static void
load_profile(const char *text, size_t size)
{
	FILE *file = fopen(profile_path, "wb");
	struct emu_profile *profile;
	char error[512] = "";

	FUZZ_REQUIRE(file != NULL);
	FUZZ_REQUIRE(fwrite(text, 1, size, file) == size);
	fclose(file);
	profile = emu_profile_load(profile_path, error, sizeof(error));
	/* Taken, or refused with a message. */
	FUZZ_REQUIRE(!profile == (error[0] != '\0'));
	if (profile) {
		FUZZ_REQUIRE(profile->max_groups >= 1);
		emu_profile_free(profile);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct emu_devargs devargs;
	struct emu_wire_spec wire;
	char error[128] = "";
	char *text;
	int ret;

	if (size < 1 || size > 4096)
		return 0;
	text = malloc(size);
	FUZZ_REQUIRE(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';

	switch (data[0] % 3) {
	case 0:
		ret = emu_devargs_parse("net_dpu_emu0", text, &devargs, error,
					sizeof(error));
		FUZZ_REQUIRE(ret == 0 || error[0]);
		if (ret == 0) {
			FUZZ_REQUIRE(devargs.n_vfs <= EMU_MAX_VFS);
			FUZZ_REQUIRE(devargs.n_uplinks <= EMU_MAX_UPLINKS);
		}
		break;
	case 1:
		memset(&wire, 0, sizeof(wire));
		ret = emu_wire_spec_parse(text, &wire, error, sizeof(error));
		FUZZ_REQUIRE(ret == 0 || error[0]);
		break;
	default:
		load_profile(text, size - 1);
	}
	free(text);
	return 0;
}
