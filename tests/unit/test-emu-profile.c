/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Tests that every shipped profile loads, and that a wrong one is refused
 * with what is wrong in it. */
#include "emu-device-fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static char error[512];

static void
test_shipped(void **state __rte_unused)
{
	DIR *dir = opendir(FIXTURE_PROFILE_DIR);
	struct dirent *e;
	int n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		char *dot = strrchr(e->d_name, '.');
		struct emu_profile *p;

		if (!dot || strcmp(dot, ".ini"))
			continue;
		*dot = '\0';
		p = emu_profile_load(e->d_name, error, sizeof(error));
		if (!p)
			fail_msg("%s", error);
		assert_string_equal(emu_profile_name(p), e->d_name);
		assert_true(p->max_rules > 0);
		assert_true(emu_profile_has_item(p, RTE_FLOW_ITEM_TYPE_ETH));
		assert_true(emu_profile_has_action(
				    p, RTE_FLOW_ACTION_TYPE_DROP));
		emu_profile_free(p);
		n++;
	}
	closedir(dir);
	assert_int_equal(n, 9);
}

static void
test_mlx5(void **state __rte_unused)
{
	struct emu_profile *p = emu_profile_load("mlx5", error, sizeof(error));

	assert_non_null(p);
	assert_int_equal(p->n_tags, 4);
	assert_int_equal(p->mark_bits, 24);
	assert_int_equal(p->meta_bits, 32);
	assert_int_equal(p->max_priority, 21843);
	assert_int_equal(p->duplicates, EMU_DUPLICATES_OLDEST);
	assert_true(p->indirect);
	assert_true(emu_profile_has_item(p, RTE_FLOW_ITEM_TYPE_TAG));
	assert_false(emu_profile_has_item(p, RTE_FLOW_ITEM_TYPE_ARP_ETH_IPV4));
	assert_false(emu_profile_has_item(p, 200));
	assert_false(emu_profile_has_item(p, -1));
	assert_true(emu_profile_has_action(p, RTE_FLOW_ACTION_TYPE_COUNT));
	assert_false(emu_profile_has_action(
			     p, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR));
	assert_true(p->modify_fields[0] >> RTE_FLOW_FIELD_IPV4_TTL & 1);
	assert_false(p->modify_fields[0] >> RTE_FLOW_FIELD_MAC_TYPE & 1);
	emu_profile_free(p);
}

static void
test_files(void **state __rte_unused)
{
	static const struct {
		const char *text;
		const char *message;	/* NULL: loads. */
	} cases[] = {
		{ "[device]\nmax_rules = 7\n", NULL },
		{ "# A comment.\n[device]\n\n[rte_flow items]\neth = P\n"
		  "ipv4 =\n[rte_flow actions]\nage = I\n"
		  "[rte_flow fields]\nmac_dst = Y\n", NULL },
		{ "[device]\nmax_rules = many\n",
		  "max_rules is 'many', but has to be a number from 0" },
		{ "[device]\nmax_rules = -1\n", "max_rules is '-1'" },
		{ "[device]\nmax_rules = 4294967296\n", "max_rules is" },
		{ "[device]\ntags = 17\n", "from 0 to 16" },
		{ "[device]\nranges = maybe\n",
		  "ranges is 'maybe', but has to be yes or no" },
		{ "[device]\nduplicates = yes\n", "no, newest or oldest" },
		{ "[device]\nrules = 1\n",
		  "key 'rules' in [device] is unknown; there are: max_rules" },
		{ "[rte_flow items]\neth = Y\n", "[device] is missing" },
		{ "[device]\n[rte_flow itmes]\n",
		  "section [rte_flow itmes] is unknown" },
		{ "[device]\n[rte_flow items]\nipv5 = Y\n",
		  "'ipv5' in [rte_flow items] is no item of rte_flow" },
		{ "[device]\n[rte_flow actions]\neth = Y\n", "no action" },
		{ "[device]\n[rte_flow fields]\nmac = Y\n", "no field" },
		{ "[device]\n[rte_flow items]\neth = yes\n",
		  "eth in [rte_flow items] is 'yes', but has to be Y, P" },
		{ "[device]\nsync_rules = no\n", "sync_rules and templates" },
	};
	char path[] = "/tmp/test-emu-profile.XXXXXX";
	int fd = mkstemp(path);
	size_t i;

	assert_true(fd >= 0);
	for (i = 0; i < RTE_DIM(cases); i++) {
		size_t n = strlen(cases[i].text);
		struct emu_profile *p;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, cases[i].text, n, 0), n);
		p = emu_profile_load(path, error, sizeof(error));
		if (!cases[i].message) {
			if (!p)
				fail_msg("%s", error);
			emu_profile_free(p);
			continue;
		}
		assert_null(p);
		/* It names the file and what is wrong in it. */
		if (strncmp(error, path, strlen(path))
		    || !strstr(error, cases[i].message))
			fail_msg("case %zu: '%s'", i, error);
	}
	close(fd);
	unlink(path);
}

static void
test_missing(void **state __rte_unused)
{
	assert_null(emu_profile_load("nosuch", error, sizeof(error)));
	assert_non_null(strstr(error, "profile 'nosuch'"));
	assert_non_null(strstr(error, "DPU_EMU_PROFILE_PATH"));
	assert_null(emu_profile_load("./no/such.ini", error, sizeof(error)));
	assert_non_null(strstr(error, "./no/such.ini"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_mlx5),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_missing),
	};

	fixture_eal_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
