/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Megaflows that fall into branches by the length of packets: which rules they
 * become, and that these rules match the lengths that software would send that
 * way, each length once. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openvswitch/dynamic-string.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-branch.h"
#include "tests/unit/megaflow.h"
#include "util.h"

static struct dpu_caps all;         /* Takes ranges. */
static struct dpu_caps masks;       /* Takes prefixes alone. */
static struct dpu_caps none;

#define RULE(ITEMS, ACTIONS)                                                \
    "group 0 priority 0 transfer pattern represented_port ethdev_port_id "  \
    "is 11 / " ITEMS " / end actions count / " ACTIONS " / end"
#define LENGTH4(FIRST, LAST)                                    \
    "eth type is 0x800 / ipv4 length spec " FIRST               \
    " length last " LAST " length mask 0xffff"
#define LENGTH6(FIRST, LAST)                                        \
    "eth type is 0x86dd / ipv6 payload_len spec " FIRST             \
    " payload_len last " LAST " payload_len mask 0xffff"

static void
test_ranges(void **state OVS_UNUSED)
{
    assert_rule(&all, IP4, "check_pkt_len(size=1014,gt(3),le(2))",
                RULE(LENGTH4("0", "1000"), TO("2")) "\n"
                RULE(LENGTH4("1001", "65535"), TO("3")));
    assert_rule(&all, IP6, "check_pkt_len(size=1014,gt(3),le(2))",
                RULE(LENGTH6("0", "960"), TO("2")) "\n"
                RULE(LENGTH6("961", "65535"), TO("3")));
}

/* Ranges of every size, as prefixes: each length is in one of them, and in
 * none of another branch. */
static void
check_lengths(const struct dpu_branches *b, const struct dpu_branch *branch,
              const struct dpu_caps *caps, uint8_t *seen)
{
    struct dpu_ip_length lengths[DPU_BRANCH_MAX_LENGTHS];
    struct dpu_reason reason;
    size_t n;

    assert_true(dpu_branch_lengths(b, branch, caps, lengths, &n, &reason));
    assert_true(n <= DPU_BRANCH_MAX_LENGTHS);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(lengths[i].last, 0);
        for (int length = 0; length <= UINT16_MAX; length++) {
            if (!((htons(length) ^ lengths[i].spec) & lengths[i].mask)) {
                assert_int_equal(length + 14 >= branch->min
                                 && length + 14 <= branch->max, true);
                assert_int_equal(seen[length]++, 0);
            }
        }
    }
}

static void
test_prefixes(void **state OVS_UNUSED)
{
    static const int sizes[] = { 34, 35, 46, 1318, 1514, 4096 + 14, 65534 };
    static uint8_t seen[UINT16_MAX + 1];

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        char *actions = xasprintf("check_pkt_len(size=%d,gt(3),le(2))",
                                  sizes[i]);
        struct dpu_megaflow flow;
        struct dpu_branches b;
        struct dpu_reason reason;
        struct test_megaflow m;

        test_megaflow_init(&m, IP4, actions);
        flow = (struct dpu_megaflow) {
            .match = &m.match,
            .actions = m.actions.data,
            .actions_len = m.actions.size,
        };
        assert_true(dpu_branch_needed(&flow));
        assert_true(dpu_branches_init(&b, &flow, &reason));
        assert_int_equal(b.n, 2);
        memset(seen, 0, sizeof seen);
        for (size_t j = 0; j < b.n; j++) {
            check_lengths(&b, &b.list[j], &masks, seen);
        }
        for (size_t length = 0; length <= UINT16_MAX; length++) {
            assert_int_equal(seen[length], 1);
        }
        dpu_branches_uninit(&b);
        test_megaflow_destroy(&m);
        free(actions);
    }

    assert_rule(&masks, IP4, "check_pkt_len(size=1037,gt(drop),le(2))",
                RULE("eth type is 0x800 / ipv4 length spec 0 "
                     "length mask 0xfc00", TO("2")) "\n"
                RULE("eth type is 0x800 / ipv4 length spec 1024 "
                     "length mask 0xfc00", "drop") "\n"
                RULE("eth type is 0x800 / ipv4 length spec 2048 "
                     "length mask 0xf800", "drop") "\n"
                RULE("eth type is 0x800 / ipv4 length spec 4096 "
                     "length mask 0xf000", "drop") "\n"
                RULE("eth type is 0x800 / ipv4 length spec 8192 "
                     "length mask 0xe000", "drop") "\n"
                RULE("eth type is 0x800 / ipv4 length spec 16384 "
                     "length mask 0xc000", "drop") "\n"
                RULE("eth type is 0x800 / ipv4 length spec 32768 "
                     "length mask 0x8000", "drop"));
}

/* A branch that is software's has no rule of its own. */
static void
test_software(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_rule(&all, IP4, "check_pkt_len(size=1014,gt(userspace(pid=0)),"
                "le(2))", RULE(LENGTH4("0", "1000"), TO("2")));
    assert_rule(&all, IP4, "check_pkt_len(size=1014,gt(2),le(trunc(100),3))",
                RULE(LENGTH4("1001", "65535"), TO("2")));

    /* It is looked at again when a port comes. */
    test_megaflow_init(&m, IP4, "check_pkt_len(size=1014,gt(77),le(2))");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_null(spec.more);
    assert_true(spec.copies);
    test_megaflow_destroy(&m);

    /* If both are, the reason is what a better translation would change. */
    assert_refused(&all, IP4, "check_pkt_len(size=1014,gt(userspace(pid=0)),"
                   "le(trunc(100),3))", "action (trunc)");
    assert_refused(&all, IP4, "check_pkt_len(size=1014,gt(userspace(pid=0)),"
                   "le(userspace(pid=0)))", "action-software (userspace)");
}

/* The length is that of the frame at that point. */
static void
test_headers(void **state OVS_UNUSED)
{
    assert_rule(&all, "eth_type(0x8100),vlan(vid=5,pcp=0),"
                "encap(eth_type(0x0800))",
                "check_pkt_len(size=1018,gt(userspace(pid=0)),le(2))",
                RULE("eth type is 0x8100 / vlan vid is 5 pcp is 0 "
                     "inner_type is 0x800 / ipv4 length spec 0 "
                     "length last 1000 length mask 0xffff", TO("2")));
    assert_rule(&all, "eth_type(0x8100),vlan(vid=5,pcp=0),"
                "encap(eth_type(0x0800))",
                "pop_vlan,check_pkt_len(size=1014,gt(userspace(pid=0)),le(2))",
                RULE("eth type is 0x8100 / vlan vid is 5 pcp is 0 "
                     "inner_type is 0x800 / ipv4 length spec 0 "
                     "length last 1000 length mask 0xffff",
                     "of_pop_vlan / " TO("2")));
    assert_rule(&all, IP4, "pop_vlan,push_vlan(vid=5,pcp=0),check_pkt_len("
                "size=1018,gt(userspace(pid=0)),le(2))",
                RULE(LENGTH4("0", "1000"),
                     "of_push_vlan ethertype 0x8100 / "
                     "of_set_vlan_vid vlan_vid 5 / "
                     "of_set_vlan_pcp vlan_pcp 0 / " TO("2")));

    /* All packets are longer, or none is. */
    assert_rule(&all, IP4, "check_pkt_len(size=33,gt(2),le(3))",
                RULE("eth type is 0x800", TO("2")));
    assert_rule(&all, IP6, "check_pkt_len(size=54,gt(2),le(3))",
                RULE("eth type is 0x86dd / ipv6 payload_len is 0", TO("3"))
                "\n" RULE(LENGTH6("1", "65535"), TO("2")));
    assert_rule(&all, IP4, "push_vlan(vid=5,pcp=0),push_vlan(vid=6,pcp=0),"
                "check_pkt_len(size=41,gt(drop),le(3))",
                RULE("eth type is 0x800", "drop"));
}

/* Behind a tunnel it is that of the frame within it. */
static void
test_tunnel(void **state OVS_UNUSED)
{
    assert_rule(&all, "recirc_id(0),in_port(30),tunnel(tun_id=0x5,src=1.1.1.1,"
                "dst=1.1.1.2,tos=0,ttl=64/0,flags(-df-csum+key)),"
                "eth_type(0x8100),vlan(vid=5,pcp=0),encap(eth_type(0x0800))",
                "pop_vlan,check_pkt_len(size=1014,gt(userspace(pid=0)),le(2))",
                "group 0 priority 0 transfer pattern represented_port / "
                "eth type is 0x800 / ipv4 version_ihl spec 0x45 "
                "version_ihl mask 0xf tos is 0x0 "
                "fragment_offset spec 0x0 fragment_offset mask 0x3fff "
                "proto is 17 src is 1.1.1.1 dst is 1.1.1.2 / udp / "
                "vxlan flags is 0x8 rsvd0 is 0x0 vni is 5 last_rsvd is 0x0 / "
                "eth type is 0x8100 / "
                "vlan vid is 5 pcp is 0 inner_type is 0x800 / "
                "ipv4 length spec 0 length last 1000 length mask 0xffff / end "
                "actions count / vxlan_decap / of_pop_vlan / " TO("2")
                " / end");
}

/* What is not IP has no length, and need not have one if it does not
 * matter. */
static void
test_not_ip(void **state OVS_UNUSED)
{
    assert_refused(&all, "eth_type(0x0806)",
                   "check_pkt_len(size=1014,gt(3),le(2))",
                   "action (check_pkt_len of packets that may not be IP)");
    assert_refused(&all, "eth_type(0x8847),mpls(label=5,tc=0,ttl=64,bos=1)",
                   "check_pkt_len(size=1014,gt(3),le(2))",
                   "action (check_pkt_len of packets that may not be IP)");
    assert_rule(&none, "eth_type(0x0806)",
                "check_pkt_len(size=1014,gt(drop),le(drop))",
                RULE("eth type is 0x806", "drop"));
    assert_rule(&none, "eth_type(0x0806)",
                "check_pkt_len(size=1014,gt(2),le(2))",
                RULE("eth type is 0x806", TO("2")));
    assert_refused(&none, IP4, "check_pkt_len(size=1014,gt(3),le(2))",
                   "match-item (ipv4.total_length, for check_pkt_len)");
    assert_refused(&none, IP6, "check_pkt_len(size=1014,gt(3),le(2))",
                   "match-item (ipv6.payload_len, for check_pkt_len)");
}

/* Software finds the megaflow of the packets of its branch by a mark, and
 * counts them alone. */
static void
test_software_mark(void **state OVS_UNUSED)
{
    struct dpu_caps no_mark = test_caps_without(NULL, "mark", NULL);
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;
    struct ds s = DS_EMPTY_INITIALIZER;

    test_megaflow_init(&m, IP4,
                       "check_pkt_len(size=1014,gt(userspace(pid=0)),le(2))");
    struct dpu_megaflow flow = {
        .match = &m.match,
        .actions = m.actions.data,
        .actions_len = m.actions.size,
        .flow_mark = 5,
    };

    assert_true(dpu_translate(&flow, &test_ports, &all, &spec, &reason));
    assert_int_equal(spec.flow_mark, 0);
    assert_true(spec.count_action >= 0);
    assert_non_null(spec.more);
    assert_int_equal(spec.more->flow_mark, 5);
    assert_true(spec.more->count_action < 0);
    assert_null(spec.more->more);
    dpu_spec_format(spec.more, &s);
    assert_non_null(strstr(ds_cstr(&s), "ipv4 length spec 1001 "
                           "length last 65535"));
    assert_non_null(strstr(ds_cstr(&s), "actions mark id "));
    dpu_spec_free_more(&spec);
    ds_destroy(&s);

    /* Without a mark it has no rule. */
    assert_true(dpu_translate(&flow, &test_ports, &no_mark, &spec, &reason));
    assert_null(spec.more);
    flow.flow_mark = 0;
    assert_true(dpu_translate(&flow, &test_ports, &all, &spec, &reason));
    assert_null(spec.more);
    test_megaflow_destroy(&m);
}

/* More actions than one "check_pkt_len". */
static void
test_lists(void **state OVS_UNUSED)
{
    /* One within another. */
    assert_rule(&all, IP4, "check_pkt_len(size=1014,"
                "gt(check_pkt_len(size=2014,gt(4),le(3))),"
                "le(check_pkt_len(size=1514,gt(5),le(2))))",
                RULE(LENGTH4("0", "1000"), TO("2")) "\n"
                RULE(LENGTH4("1001", "2000"), TO("3")) "\n"
                RULE(LENGTH4("2001", "65535"), TO("4")));
    /* What it does to the packet does not last. */
    assert_rule(&all, IP4, "check_pkt_len(size=1014,"
                "gt(userspace(pid=0)),le(set(eth(dst=02:00:00:00:00:05)),2)),"
                "3",
                RULE(LENGTH4("0", "1000"), "sample ratio 1 index 0 / "
                     TO("3")));
    assert_rule(&all, IP4, "check_pkt_len(size=1014,gt(drop),le(2)),3",
                RULE(LENGTH4("0", "1000"), "sample ratio 1 index 0 / "
                     TO("3")) "\n"
                RULE(LENGTH4("1001", "65535"), TO("3")));
    assert_rule(&all, IP4, "2,check_pkt_len(size=1014,gt(drop),le(drop))",
                RULE("eth type is 0x800", TO("2")));
    assert_refused(&all, IP4, "tnl_push(tnl_port(4),header(size=50,type=4,"
                   "eth(dst=f8:bc:12:44:34:b6,src=f8:bc:12:46:58:e0,"
                   "dl_type=0x0800),ipv4(src=1.1.2.88,dst=1.1.2.92,proto=17,"
                   "tos=0,ttl=64,frag=0x4000),udp(src=0,dst=4789,csum=0x0),"
                   "vxlan(flags=0x8000000,vni=0x1c7)),out_port(2)),"
                   "check_pkt_len(size=1014,gt(drop),le(2))",
                   "action (check_pkt_len after tnl_push)");
}

/* Each size makes one branch more. */
static void
test_too_many(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (int i = 0; i < DPU_BRANCH_MAX; i++) {
        ds_put_format(&s, "check_pkt_len(size=%d,gt(%d),le(drop)),",
                      100 + i * 100, 1 + i % 7);
    }
    ds_put_cstr(&s, "2");
    assert_refused(&all, IP4, ds_cstr(&s),
                   "action (more than 8 branches of check_pkt_len)");
    ds_destroy(&s);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_software),
        cmocka_unit_test(test_software_mark),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_tunnel),
        cmocka_unit_test(test_not_ip),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_too_many),
    };

    dpu_caps_all(&all);
    masks = all;
    masks.ipv4_length_range = masks.ipv6_length_range = false;
    none = masks;
    none.ipv4_length = none.ipv6_length = false;
    return cmocka_run_group_tests_name("dpu-branch", tests, NULL, NULL);
}
