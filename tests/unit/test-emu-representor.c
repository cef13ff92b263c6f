/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "emu-representor.h"

/* Two uplinks, the host's PF 0, and four VFs. */
static struct emu_vport vports[] = {
	{ .id = 0, .kind = EMU_VPORT_UPLINK, .name = "p0" },
	{ .id = 1, .kind = EMU_VPORT_UPLINK, .pf = 1, .name = "p1" },
	{ .id = 2, .kind = EMU_VPORT_HOST_PF, .name = "pf0hpf" },
	{ .id = 3, .kind = EMU_VPORT_VF, .vf = 0, .name = "pf0vf0" },
	{ .id = 4, .kind = EMU_VPORT_VF, .vf = 1, .name = "pf0vf1" },
	{ .id = 5, .kind = EMU_VPORT_VF, .vf = 2, .name = "pf0vf2" },
	{ .id = 6, .kind = EMU_VPORT_VF, .vf = 3, .name = "pf0vf3" },
};
static const struct emu_device device = {
	.name = "net_dpu_emu0", .vports = vports, .n_vports = 7,
	.n_uplinks = 2, .n_vfs = 4,
};
static const struct emu_device no_vfs = {
	.name = "net_dpu_emu0", .vports = vports, .n_vports = 1,
	.n_uplinks = 1,
};
static char error[512];

/* What librte_ethdev does to find a port by its device arguments. */
static struct emu_vport *
find(const char *text)
{
	struct rte_eth_representor_info *info;
	struct rte_eth_devargs da;
	struct emu_vport *vport = NULL;
	char args[128];
	uint32_t i;
	int c, pf, f, n;

	snprintf(args, sizeof(args), "representor=%s", text);
	assert_int_equal(rte_eth_devargs_parse(args, &da), 0);
	n = emu_representor_info(&device, NULL);
	info = calloc(1, sizeof(*info) + n * sizeof(info->ranges[0]));
	info->nb_ranges_alloc = n;
	assert_int_equal(emu_representor_info(&device, info), n);
	assert_int_equal(info->nb_ranges, n);
	c = da.nb_mh_controllers ? da.mh_controllers[0] : info->controller;
	pf = da.nb_ports ? da.ports[0] : info->pf;
	f = da.representor_ports[0];
	for (i = 0; i < info->nb_ranges && vport == NULL; i++) {
		const struct rte_eth_representor_range *r = &info->ranges[i];
		int count = r->id_end - r->id_base + 1;

		if (r->type != da.type || r->controller != c || r->pf != pf)
			continue;
		if (r->type == RTE_ETH_REPRESENTOR_PF)
			vport = emu_representor_by_id(&device, r->id_base);
		else if (f >= r->vf && f < r->vf + count)
			vport = emu_representor_by_id(&device, r->id_base +
						      f - r->vf);
	}
	free(info);
	return vport;
}

static void
test_spellings(void **state)
{
	static const struct {
		const char *text;
		const char *name;
	} spellings[] = {
		{ "3", "pf0vf3" }, { "[3]", "pf0vf3" }, { "vf3", "pf0vf3" },
		{ "vf[3]", "pf0vf3" }, { "pf0vf3", "pf0vf3" },
		{ "pf[0]vf[3]", "pf0vf3" }, { "c0pf0vf3", "pf0vf3" },
		{ "c1pf0vf3", "pf0vf3" }, { "vf0", "pf0vf0" },
		{ "pf1", "p1" }, { "c0pf1", "p1" },
		{ "pf0vf65535", "pf0hpf" }, { "c1pf0vf65535", "pf0hpf" },
		{ "c1pf0", "pf0hpf" },
	};
	size_t i;

	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		const struct emu_vport *vport = find(spellings[i].text);

		if (vport == NULL)
			fail_msg("%s: not found", spellings[i].text);
		assert_string_equal(vport->name, spellings[i].name);
		if (emu_representor_check(&device, spellings[i].text, error,
					  sizeof(error)) < 0)
			fail_msg("%s", error);
	}
}

static void
test_numbers_differ(void **state)
{
	size_t i;

	for (i = 1; i < device.n_vports; i++)
		assert_ptr_equal(emu_representor_by_id(&device,
				 emu_representor_id(&vports[i])), &vports[i]);
	/* The device itself is no representor. */
	assert_null(emu_representor_by_id(&device,
					  emu_representor_id(&vports[0])));
}

static void
test_short_of_room(void **state)
{
	uint8_t buffer[sizeof(struct rte_eth_representor_info) +
		       sizeof(struct rte_eth_representor_range)];
	struct rte_eth_representor_info *info = (void *)buffer;

	info->nb_ranges_alloc = 1;
	assert_true(emu_representor_info(&device, info) > 1);
	assert_int_equal(info->nb_ranges, 1);
}

static void
refuse(const struct emu_device *dev, const char *text, const char *why)
{
	if (emu_representor_check(dev, text, error, sizeof(error)) == 0)
		fail_msg("%s: was taken", text);
	if (strstr(error, why) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", text, error, why);
}

static void
test_lists(void **state)
{
	assert_int_equal(emu_representor_check(&device, "pf0vf[0-3]", error,
					       sizeof(error)), 0);
	assert_int_equal(emu_representor_check(&device, "[0,2-3]", error,
					       sizeof(error)), 0);
	refuse(&device, "pf0vf[0-4]", "vf0 to vf3, pf1");
	refuse(&device, "vf4", "vf0 to vf3");
	refuse(&device, "pf1vf0", "vf0 to vf3");
	refuse(&device, "c2pf0vf0", "vf0 to vf3");
	refuse(&device, "sf0", "vf0 to vf3");
	refuse(&device, "pf0", "vf0 to vf3");
	refuse(&device, "pf1vf65535", "vf0 to vf3");
	refuse(&device, "foo", "should be like");
	refuse(&no_vfs, "vf0", "vfs=N");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_numbers_differ),
		cmocka_unit_test(test_short_of_room),
		cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
