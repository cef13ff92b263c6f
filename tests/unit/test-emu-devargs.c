/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "emu-devargs.h"

static struct emu_devargs d;
static char error[512];

static void
take(const char *args)
{
	if (emu_devargs_parse("net_dpu_emu0", args, &d, error,
			      sizeof(error)) < 0)
		fail_msg("%s: %s", args, error);
}

static void
refuse(const char *args, const char *why)
{
	if (emu_devargs_parse("net_dpu_emu0", args, &d, error,
			      sizeof(error)) == 0)
		fail_msg("%s: was taken", args);
	if (strstr(error, why) == NULL)
		fail_msg("%s: \"%s\" lacks \"%s\"", args, error, why);
}

static void
test_defaults(void **state)
{
	take("");
	assert_int_equal(d.n_vfs, 0);
	assert_int_equal(d.n_uplinks, 1);
	assert_false(d.has_pf[0] || d.has_pf[1] || d.has_mac);
	assert_int_equal(d.cpu, -1);
	assert_string_equal(d.profile, "full");
	assert_string_equal(d.representor, "");
	assert_int_equal(d.uplink[0].kind, EMU_WIRE_TAP);
	assert_string_equal(d.uplink[0].path, "dpu0p0");
	assert_string_equal(d.vf[127].path, "dpu0vf127");
	assert_true(d.vf[127].implicit);
}

static void
test_names_of_taps(void **state)
{
	assert_int_equal(emu_devargs_parse("net_dpu_emu_a_long_name", "",
					   &d, error, sizeof(error)), 0);
	assert_string_equal(d.pf[1].path, "dpualonpf1");
	/* A bare "tap" keeps the name. */
	take("uplink=tap");
	assert_string_equal(d.uplink[0].path, "dpu0p0");
	assert_true(d.uplink[0].implicit);
}

static void
test_keys(void **state)
{
	/* VFs before their number, a list with commas within brackets. */
	take("vf3=null,vfs=4,uplink=tap:p0@peer,uplink1=gen:64@1000,"
	     "pf=af_packet:eth0@/proc/1/ns/net,pf1=null,profile=mlx5,"
	     "mac=02:00:00:00:01:00,mbufs=4096,cpu=1,faults=/run/f,"
	     "representor=[0,2-3]");
	assert_int_equal(d.n_vfs, 4);
	assert_int_equal(d.n_uplinks, 2);
	assert_true(d.has_pf[0] && d.has_pf[1] && d.has_mac);
	assert_int_equal(d.mac.addr_bytes[4], 1);
	assert_int_equal(d.n_mbufs, 4096);
	assert_int_equal(d.cpu, 1);
	assert_string_equal(d.profile, "mlx5");
	assert_string_equal(d.faults, "/run/f");
	assert_string_equal(d.representor, "[0,2-3]");
	assert_int_equal(d.vf[3].kind, EMU_WIRE_NULL);
	assert_int_equal(d.vf[2].kind, EMU_WIRE_TAP);
	assert_string_equal(d.uplink[0].path, "p0");
	assert_string_equal(d.uplink[0].netns, "peer");
	assert_false(d.uplink[0].implicit);
	assert_int_equal(d.uplink[1].gen_size, 64);
	assert_int_equal(d.uplink[1].gen_pps, 1000);
	assert_string_equal(d.pf[0].netns, "/proc/1/ns/net");
}

static void
test_all_vfs(void **state)
{
	char args[4096] = "vfs=128";
	size_t n = strlen(args);
	int i;

	for (i = 0; i < EMU_MAX_VFS; i++)
		n += snprintf(args + n, sizeof(args) - n, ",vf%d=tap:h%d", i,
			      i);
	take(args);
	assert_string_equal(d.vf[127].path, "h127");
}

static void
test_refused_keys(void **state)
{
	refuse("vfs=129", "0 to 128");
	refuse("vfs=-1", "vfs=-1");
	refuse("vfs=4x", "vfs=4x");
	refuse("vfs=", "vfs=");
	refuse("vf0=null", "give vfs=N");
	refuse("vfs=4,vf4=null", "vf0 to vf3");
	refuse("vfs=4,vf1x=null", "vf1x");
	refuse("vfs=4,vfs=4", "vfs is given twice");
	refuse("vfs=1,vf0=null,vf0=tap", "vf0 is given twice");
	refuse("vfss=4", "\"vfss\" is not a key");
	refuse("vfs", "\"vfs\" is not KEY=VALUE");
	refuse("=4", "is not KEY=VALUE");
	refuse("vfs=1,,vf0=null", "is not KEY=VALUE");
	refuse("pf1=null", "uplink1=");
	refuse("profile=", "profile=");
	refuse("faults=", "absolute path");
	refuse("faults=f", "faults=f");
	refuse("mac=01:00:00:00:00:01", "unicast");
	refuse("mac=02:00", "unicast");
	refuse("mbufs=16", "256 to");
	refuse("cpu=a", "cpu=a");
	refuse("representor=", "representor=");
	refuse("uplink=wire", "uplink=wire: \"wire\" is not a kind of wire");
}

static void
test_wires(void **state)
{
	take("uplink=vhost:/run/vm.sock");
	assert_int_equal(d.uplink[0].kind, EMU_WIRE_VHOST);
	assert_string_equal(d.uplink[0].path, "/run/vm.sock");
	assert_false(d.uplink[0].swap_role);
	take("uplink=vhost:/run/vm.sock@client");
	assert_true(d.uplink[0].swap_role);
	take("uplink=memif:/run/m.sock#7@server");
	assert_int_equal(d.uplink[0].memif_id, 7);
	assert_string_equal(d.uplink[0].path, "/run/m.sock");
	assert_true(d.uplink[0].swap_role);
	take("uplink=memif:/run/m.sock#4294967295");
	assert_int_equal(d.uplink[0].memif_id, UINT32_MAX);
	assert_false(d.uplink[0].swap_role);
	take("uplink=pcap:in.pcap");
	assert_string_equal(d.uplink[0].path, "in.pcap");
	assert_string_equal(d.uplink[0].tx_path, "");
	take("uplink=pcap::out.pcap");
	assert_string_equal(d.uplink[0].path, "");
	assert_string_equal(d.uplink[0].tx_path, "out.pcap");
	take("uplink=gen:1500");
	assert_int_equal(d.uplink[0].gen_size, 1500);
	assert_int_equal(d.uplink[0].gen_pps, 0);
}

static void
test_refused_wires(void **state)
{
	refuse("uplink=tap:", "name for a network interface");
	refuse("uplink=tap:sixteen-is-long-", "1 to 15");
	refuse("uplink=tap:a/b", "name for a network interface");
	refuse("uplink=tap:a@", "network namespace");
	refuse("uplink=tap:a@b/c", "network namespace");
	refuse("uplink=af_packet", "IFACE[@NETNS]");
	refuse("uplink=vhost:", "path of a socket");
	refuse("uplink=vhost:/s@server", "\"@server\" should be \"@client\"");
	refuse("uplink=memif:/s@client", "\"@client\" should be \"@server\"");
	refuse("uplink=memif:/s#x", "memif id \"x\"");
	refuse("uplink=memif:/s#4294967296", "memif id");
	refuse("uplink=pcap", "pcap:RX[:TX]");
	refuse("uplink=pcap::", "pcap:RX[:TX]");
	refuse("uplink=null:x", "null takes no argument");
	refuse("uplink=gen", "gen:SIZE[@PPS]");
	refuse("uplink=gen:41", "42 to 9728");
	refuse("uplink=gen:9729", "42 to 9728");
	refuse("uplink=gen:64@0", "packets per second");
	refuse("uplink=gen:64@", "packets per second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_names_of_taps),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_all_vfs),
		cmocka_unit_test(test_refused_keys),
		cmocka_unit_test(test_wires),
		cmocka_unit_test(test_refused_wires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
