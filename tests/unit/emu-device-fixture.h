/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-device-fixture: a device without ports, wires or thread, for tests of
 * the emulator's rules: three vports, p0, vf0 and vf1, whose ethdevs are said
 * to be 10, 11 and 12.  Included by one file per program. */
#ifndef EMU_DEVICE_FIXTURE_H
#define EMU_DEVICE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "emu-device.h"
#include "emu-profile.h"

#define FIXTURE_PORT 10		/* The first ethdev. */
#define FIXTURE_VPORTS 3

static struct emu_vport fixture_vports[FIXTURE_VPORTS];
static struct emu_device fixture_device = {
	.name = "net_dpu_emu0",
	.vports = fixture_vports,
	.n_vports = FIXTURE_VPORTS,
	.n_uplinks = 1,
	.n_vfs = 2,
};

/* Of the port half: tests link the rules alone. */
struct emu_vport *
emu_device_vport_by_ethdev(const struct emu_device *device,
			   uint16_t eth_port_id)
{
	int i = eth_port_id - FIXTURE_PORT;

	return i >= 0 && i < FIXTURE_VPORTS ? &device->vports[i] : NULL;
}

static inline void
fixture_eal_init(void)
{
	static char *argv[] = {
		(char *)(uintptr_t)"emu-test", (char *)(uintptr_t)"--no-huge",
		(char *)(uintptr_t)"--no-pci",
		(char *)(uintptr_t)"--no-shconf",
		(char *)(uintptr_t)"--no-telemetry",
		(char *)(uintptr_t)"-m", (char *)(uintptr_t)"1024",
		(char *)(uintptr_t)"--log-level=error", NULL,
	};

	setenv("DPU_EMU_PROFILE_PATH", FIXTURE_PROFILE_DIR, 1);
	if (rte_eal_init(RTE_DIM(argv) - 1, argv) < 0) {
		fprintf(stderr, "cannot start EAL: %s\n",
			rte_strerror(rte_errno));
		exit(1);
	}
}

/* Sets up the device with the profile of that name. */
static inline void
fixture_device_init(const char *profile)
{
	static const char *const names[FIXTURE_VPORTS] = {
		"p0", "pf0vf0", "pf0vf1",
	};
	char error[512] = "";
	int i;

	for (i = 0; i < FIXTURE_VPORTS; i++) {
		struct emu_vport *v = &fixture_vports[i];

		memset(v, 0, sizeof(*v));
		v->device = &fixture_device;
		v->id = i;
		v->kind = i ? EMU_VPORT_VF : EMU_VPORT_UPLINK;
		v->vf = i ? i - 1 : 0;
		v->eth_port_id = FIXTURE_PORT + i;
		snprintf(v->name, sizeof(v->name), "%s", names[i]);
	}
	fixture_device.profile = emu_profile_load(profile, error,
						  sizeof(error));
	if (!fixture_device.profile)
		fail_msg("%s", error);
	fixture_device.qsbr = rte_zmalloc(NULL,
					  rte_rcu_qsbr_get_memsize(1),
					  RTE_CACHE_LINE_SIZE);
	assert_non_null(fixture_device.qsbr);
	assert_int_equal(rte_rcu_qsbr_init(fixture_device.qsbr, 1), 0);
}

static inline void
fixture_device_uninit(void)
{
	rte_free(fixture_device.qsbr);
	emu_profile_free(fixture_device.profile);
	fixture_device.qsbr = NULL;
	fixture_device.profile = NULL;
}

#endif /* EMU_DEVICE_FIXTURE_H */
