/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-set: tests of dpu-set: header fields that are set, on devices that
 * have one action for it or another. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct dpu_caps all;

static void
test_set_eth(void **state OVS_UNUSED)
{
    struct dpu_caps no_set = test_caps_without(NULL,
                                               "set_mac_src set_mac_dst",
                                               NULL);
    struct dpu_caps none = test_caps_without(
        NULL, "set_mac_src set_mac_dst modify_field", NULL);

    assert_actions(&all, IP4, "set(eth(src=02:00:00:00:00:01,"
                   "dst=02:00:00:00:00:02)),2",
                   "set_mac_src mac_addr 02:00:00:00:00:01 / "
                   "set_mac_dst mac_addr 02:00:00:00:00:02 / " TO("2"));
    assert_actions(&all, IP4, "set(eth(src=02:00:00:00:00:01)),2",
                   "set_mac_src mac_addr 02:00:00:00:00:01 / " TO("2"));
    assert_actions(&no_set, IP4, "set(eth(src=02:00:00:00:00:01)),2",
                   "modify_field op set dst_type mac_src dst_level 0 "
                   "dst_offset 0 src_type value src_value 020000000001 "
                   "width 48 / " TO("2"));
    assert_refused(&none, IP4, "set(eth(src=02:00:00:00:00:01)),2",
                   "action-device (set_mac_src)");
}

static void
test_set_masked(void **state OVS_UNUSED)
{
    struct dpu_caps no_modify = test_caps_without(NULL, "modify_field", NULL);

    /* One run of ones in the mask, and two. */
    assert_actions(&all, IP4,
                   "set(eth(src=00:00:00:33:00:00/00:00:00:ff:00:00)),2",
                   "modify_field op set dst_type mac_src dst_level 0 "
                   "dst_offset 24 src_type value src_value 000000330000 "
                   "width 8 / " TO("2"));
    assert_actions(&all, TCP4, "set(tcp(dst=0x8001/0xc003)),2",
                   "modify_field op set dst_type tcp_port_dst dst_level 0 "
                   "dst_offset 0 src_type value src_value 8001 width 2 / "
                   "modify_field op set dst_type tcp_port_dst dst_level 0 "
                   "dst_offset 14 src_type value src_value 8001 width 2 / "
                   TO("2"));
    assert_refused(&no_modify, TCP4, "set(tcp(dst=0x8001/0xc003)),2",
                   "action-device (modify_field tcp_port_dst)");

    /* The match has the bits that the mask has not. */
    assert_actions(&no_modify, TCP4 ",tcp(dst=0x1234)",
                   "set(tcp(dst=0x8001/0xc003)),2",
                   "set_tp_dst port 37429 / " TO("2"));
    assert_actions(&no_modify, TCP4 ",tcp(dst=0x0230/0x3ffc)",
                   "set(tcp(dst=0x8001/0xc003)),2",
                   "set_tp_dst port 33329 / " TO("2"));

    /* So has what was set before. */
    assert_actions(&no_modify, IP4, "set(ipv4(src=10.0.0.1)),2,"
                   "set(ipv4(src=0.0.7.0/0.0.255.0)),3",
                   "set_ipv4_src ipv4_addr 10.0.0.1 / sample ratio 1 index 0 "
                   "/ set_ipv4_src ipv4_addr 10.0.7.1 / " TO("3"));
}

/* What the packet has already is not set. */
static void
test_set_same(void **state OVS_UNUSED)
{
    assert_actions(&all, "eth(dst=02:00:00:00:00:02)," IP4,
                   "set(eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)),2",
                   "set_mac_src mac_addr 02:00:00:00:00:01 / " TO("2"));
    assert_actions(&all, IP4 ",ipv4(ttl=64/0xf0)",
                   "set(ipv4(ttl=64/0xf0)),2", TO("2"));
    assert_actions(&all, IP4, "set(ipv4(ttl=7)),2,set(ipv4(ttl=7)),3",
                   "set_ttl ttl_value 7 / sample ratio 1 index 0 / "
                   TO("3"));
}

static void
test_set_ipv4(void **state OVS_UNUSED)
{
    assert_actions(&all, IP4,
                   "set(ipv4(src=10.0.0.1,dst=10.0.0.2,ttl=63)),2",
                   "set_ipv4_src ipv4_addr 10.0.0.1 / "
                   "set_ipv4_dst ipv4_addr 10.0.0.2 / "
                   "set_ttl ttl_value 63 / " TO("2"));
    assert_actions(&all, IP4, "set(ipv4(dst=0.0.255.0/0.0.255.0)),2",
                   "modify_field op set dst_type ipv4_dst dst_level 0 "
                   "dst_offset 16 src_type value src_value 0000ff00 "
                   "width 8 / " TO("2"));
    /* The protocol is not a field to be set. */
    assert_refused(&all, IP4, "set(ipv4(proto=6)),2",
                   "action (set(ipv4.proto))");
    assert_actions(&all, TCP4, "set(ipv4(proto=6,ttl=1)),2",
                   "set_ttl ttl_value 1 / " TO("2"));
    assert_refused(&all, IP4, "set(ipv4(frag=first)),2",
                   "action (set(ipv4.frag))");
    assert_refused(&all, IP6, "set(ipv4(ttl=1)),2",
                   "invalid-flow (set(ipv4) of packets that may not have "
                   "it)");
}

static void
test_set_tos(void **state OVS_UNUSED)
{
    struct dpu_caps no_set = test_caps_without(
        NULL, "set_ipv4_dscp set_ipv6_dscp", NULL);
    struct dpu_caps no_ecn = test_caps_without(NULL, NULL,
                                               "ipv4_ecn ipv6_ecn");

    assert_actions(&all, IP4, "set(ipv4(tos=0xb8/0xfc)),2",
                   "set_ipv4_dscp dscp_value 46 / " TO("2"));
    assert_actions(&all, IP6, "set(ipv6(tclass=0xb8/0xfc)),2",
                   "set_ipv6_dscp dscp_value 46 / " TO("2"));
    assert_actions(&all, IP4, "set(ipv4(tos=0xba)),2",
                   "set_ipv4_dscp dscp_value 46 / "
                   "modify_field op set dst_type ipv4_ecn dst_level 0 "
                   "dst_offset 0 src_type value src_value 02 width 2 / "
                   TO("2"));
    assert_actions(&all, IP4, "set(ipv4(tos=0x1/0x1)),2",
                   "modify_field op set dst_type ipv4_ecn dst_level 0 "
                   "dst_offset 1 src_type value src_value 01 width 1 / "
                   TO("2"));
    assert_actions(&no_set, IP6, "set(ipv6(tclass=0x38/0x3c)),2",
                   "modify_field op set dst_type ipv6_dscp dst_level 0 "
                   "dst_offset 2 src_type value src_value 0e width 4 / "
                   TO("2"));
    assert_refused(&no_ecn, IP4, "set(ipv4(tos=0xba)),2",
                   "action-device (modify_field ipv4_ecn)");
    /* The two bits are those of the match. */
    assert_actions(&no_ecn, IP4 ",ipv4(tos=0x2/0x3)",
                   "set(ipv4(tos=0xba)),2",
                   "set_ipv4_dscp dscp_value 46 / " TO("2"));
}

static void
test_set_ttl(void **state OVS_UNUSED)
{
    struct dpu_caps modify = test_caps_without(NULL, "set_ttl dec_ttl", NULL);
    struct dpu_caps dec = test_caps_without(NULL, "set_ttl modify_field",
                                            NULL);

    assert_actions(&all, IP6 ",ipv6(hlimit=64)", "set(ipv6(hlimit=63)),2",
                   "set_ttl ttl_value 63 / " TO("2"));
    assert_actions(&modify, IP6 ",ipv6(hlimit=64)", "set(ipv6(hlimit=63)),2",
                   "modify_field op set dst_type ipv6_hoplimit dst_level 0 "
                   "dst_offset 0 src_type value src_value 3f width 8 / "
                   TO("2"));
    assert_actions(&dec, IP4 ",ipv4(ttl=64)", "set(ipv4(ttl=63)),2",
                   "dec_ttl / " TO("2"));
    assert_refused(&dec, IP4 ",ipv4(ttl=64)", "set(ipv4(ttl=62)),2",
                   "action-device (set_ttl)");
    assert_refused(&dec, IP4, "set(ipv4(ttl=63)),2",
                   "action-device (set_ttl)");
}

static void
test_set_ipv6(void **state OVS_UNUSED)
{
    assert_actions(&all, IP6, "set(ipv6(src=fd00::1,dst=fd00::2)),2",
                   "set_ipv6_src ipv6_addr fd00::1 / "
                   "set_ipv6_dst ipv6_addr fd00::2 / " TO("2"));
    assert_actions(&all, IP6, "set(ipv6(src=::5/::ffff)),2",
                   "modify_field op set dst_type ipv6_src dst_level 0 "
                   "dst_offset 112 src_type value src_value "
                   "00000000000000000000000000000005 width 16 / " TO("2"));
    assert_refused(&all, IP6, "set(ipv6(label=0x5)),2",
                   "action (set(ipv6.label))");
    assert_actions(&all, IP6 ",ipv6(label=0x5)",
                   "set(ipv6(label=0x5,hlimit=3)),2",
                   "set_ttl ttl_value 3 / " TO("2"));
}

static void
test_set_l4(void **state OVS_UNUSED)
{
    struct dpu_caps no_set = test_caps_without(NULL, "set_tp_src set_tp_dst",
                                               NULL);

    assert_actions(&all, TCP4, "set(tcp(src=1,dst=2)),2",
                   "set_tp_src port 1 / set_tp_dst port 2 / " TO("2"));
    assert_actions(&no_set, IP6 ",ipv6(proto=17,frag=no)",
                   "set(udp(src=53)),2",
                   "modify_field op set dst_type udp_port_src dst_level 0 "
                   "dst_offset 0 src_type value src_value 0035 width 16 / "
                   TO("2"));
    assert_actions(&all, IP4 ",ipv4(proto=132,frag=no)", "set(sctp(dst=5)),2",
                   "set_tp_dst port 5 / " TO("2"));
    assert_refused(&no_set, IP4 ",ipv4(proto=132,frag=no)",
                   "set(sctp(dst=5)),2", "action-device (set_tp_dst)");
    assert_refused(&all, IP4 ",ipv4(proto=132,frag=no)",
                   "set(sctp(dst=5/0xf)),2",
                   "action (set(sctp.dst) with a mask)");

    /* There must be such a header. */
    assert_refused(&all, IP4 ",ipv4(proto=17,frag=no)", "set(tcp(src=1)),2",
                   "invalid-flow (set(tcp) of packets that may not have it)");
    assert_refused(&all, IP4 ",ipv4(proto=6,frag=later)", "set(tcp(src=1)),2",
                   "invalid-flow (set(tcp) of packets that may not have it)");
}

/* The guide wants the header's item beside an action on it. */
static void
test_set_item(void **state OVS_UNUSED)
{
    struct dpu_caps no_tcp = test_caps_without("tcp", NULL, NULL);

    assert_rule(&all, TCP4, "set(tcp(src=1)),2",
                "group 0 priority 0 transfer pattern represented_port "
                "ethdev_port_id is 11 / eth type is 0x800 / ipv4 "
                "fragment_offset spec 0x0 fragment_offset mask 0x3fff "
                "proto is 6 / tcp / end actions count / set_tp_src port 1 / "
                TO("2") " / end");
    assert_rule(&all, IP4, "set(ipv4(ttl=1)),2",
                "group 0 priority 0 transfer pattern represented_port "
                "ethdev_port_id is 11 / eth type is 0x800 / ipv4 / end "
                "actions count / set_ttl ttl_value 1 / " TO("2") " / end");
    assert_refused(&no_tcp, TCP4, "set(tcp(src=1)),2", "match-item (tcp)");
    assert_actions(&no_tcp, TCP4, "2", TO("2"));
}

/* A set action that is not masked has the whole header; what only describes
 * the packet in it is not set. */
static void
test_set_unmasked(void **state OVS_UNUSED)
{
    static const struct ovs_key_ipv4 ipv4 = {
        .ipv4_src = RTE_BE32(0x0a000001), .ipv4_dst = RTE_BE32(0x0a000002),
        .ipv4_proto = 6, .ipv4_tos = 0, .ipv4_ttl = 9, .ipv4_frag = 0,
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;
    size_t set;

    test_megaflow_init(&m, IP4 ",ipv4(tos=0/0x3)", "");
    set = nl_msg_start_nested(&m.actions, OVS_ACTION_ATTR_SET);
    nl_msg_put_unspec(&m.actions, OVS_KEY_ATTR_IPV4, &ipv4, sizeof ipv4);
    nl_msg_end_nested(&m.actions, set);
    nl_msg_put_u32(&m.actions, OVS_ACTION_ATTR_OUTPUT, 2);
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    dpu_spec_format(&spec, &s);
    assert_string_equal(strstr(ds_cstr(&s), "count"),
                        "count / set_ipv4_src ipv4_addr 10.0.0.1 / "
                        "set_ipv4_dst ipv4_addr 10.0.0.2 / "
                        "set_ipv4_dscp dscp_value 0 / set_ttl ttl_value 9 / "
                        TO("2") " / end");
    ds_destroy(&s);
    test_megaflow_destroy(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_eth),
        cmocka_unit_test(test_set_masked),
        cmocka_unit_test(test_set_same),
        cmocka_unit_test(test_set_ipv4),
        cmocka_unit_test(test_set_tos),
        cmocka_unit_test(test_set_ttl),
        cmocka_unit_test(test_set_ipv6),
        cmocka_unit_test(test_set_l4),
        cmocka_unit_test(test_set_item),
        cmocka_unit_test(test_set_unmasked),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
