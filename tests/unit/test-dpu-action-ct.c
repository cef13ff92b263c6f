/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-action-ct: tests of dpu-match-ct and dpu-action-ct: what matches on
 * ct fields, ct() and ct_clear become. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "ofproto-dpif-dpu/translate/dpu-action.h"
#include "util.h"

static struct dpu_caps all;
static struct dpu_caps none;        /* Cannot track connections. */

#define CHAIN "recirc_id(0x1),in_port(1),"

/* Registers. */
#define STATE(DATA) "set_tag data " DATA " mask 0xffffffff index 0"
#define MARK(DATA) "set_tag data " DATA " mask 0xffffffff index 1"
#define CLASS(DATA) "set_tag data " DATA " mask 0xffffffff index 2"
#define NEXT "set_tag data 0x0 mask 0xffffffff index 3"
#define META(DATA) "set_meta data " DATA " mask 0xffffffff"
#define UNTRACK STATE("0x0") " / " MARK("0x0") " / " CLASS("0x0") " / " \
                META("0x0")

/* A ct() in a zone, and where it goes on.  Groups, marks and continuations are
 * numbered later. */
#define CT(ZONE) "mark id 0 / " STATE(ZONE) " / " NEXT " / jump group 0"
#define POST "group 0 priority 0 transfer pattern tag data is 0x0 index is 3 / "

static void
test_match(void **state OVS_UNUSED)
{
    static const struct {
        const char *match, *items;
    } cases[] = {
        { "ct_state(+trk+est)",
          "tag data spec 0x22 data mask 0x22 index is 0 / " },
        { "ct_state(+trk+new-est-rel-rpl-inv)",
          "tag data spec 0x21 data mask 0x3f index is 0 / " },
        { "ct_state(+snat-dnat)",
          "tag data spec 0x40 data mask 0xc0 index is 0 / " },
        { "ct_state(-trk)", "tag data spec 0x0 data mask 0x20 index is 0 / " },
        { "ct_state(+inv+rel+rpl)",
          "tag data spec 0x1c data mask 0x1c index is 0 / " },
        { "ct_zone(0x1234)",
          "tag data spec 0x123400 data mask 0xffff00 index is 0 / " },
        { "ct_state(+trk),ct_zone(0xffff)",
          "tag data spec 0xffff20 data mask 0xffff20 index is 0 / " },
        { "ct_zone(0x4/0xf)",
          "tag data spec 0x400 data mask 0xf00 index is 0 / " },
        { "ct_mark(0x7)", "tag data is 0x7 index is 1 / " },
        { "ct_mark(0x80000000/0x80000001)",
          "tag data spec 0x80000000 data mask 0x80000001 index is 1 / " },
        { "ct_zone(0x1),ct_mark(0/0xf)",
          "tag data spec 0x100 data mask 0xffff00 index is 0 / "
          "tag data spec 0x0 data mask 0xf index is 1 / " },
        /* What was not tracked has none of the rest. */
        { "ct_state(-trk),ct_label(0/0x1)",
          "tag data spec 0x0 data mask 0x20 index is 0 / " },
        { "ct_state(-trk),"
          "ct_tuple4(src=0.0.0.0,dst=0.0.0.0,proto=0,tp_src=0,tp_dst=0)",
          "tag data spec 0x0 data mask 0x20 index is 0 / " },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *match = xasprintf(CHAIN "%s,eth_type(0x1234)", cases[i].match);
        char *items = xasprintf("%seth type is 0x1234", cases[i].items);

        assert_items(&all, match, items);
        free(match);
        free(items);
    }
}

static void
test_match_refused(void **state OVS_UNUSED)
{
    static const struct {
        const char *match, *refusal;
    } cases[] = {
        /* What has no IP header has no tuple. */
        { CHAIN "ct_tuple4(proto=6),eth_type(0x1234)",
          "match-field (ct_nw_proto)" },
        { CHAIN "ct_tuple4(src=10.0.0.1),eth_type(0x86dd)",
          "match-field (ct_nw_src)" },
        { CHAIN "ct_tuple6(dst=::1),eth_type(0x0800)",
          "match-field (ct_ipv6_dst)" },
        /* Nothing is tracked where packets enter. */
        { "ct_state(+trk)," IP4, "match-field (ct_state)" },
        { "ct_label(0x1/0x1)," IP4, "match-field (ct_label)" },
        { "ct_tuple4(tp_dst=1)," IP4, "match-field (ct_tp_dst)" },
        { "ct_zone(0x1)," IP4, "match-field (ct_zone)" },
        { "ct_mark(0x1)," IP4, "match-field (ct_mark)" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_refused(&all, cases[i].match, "drop", cases[i].refusal);
    }
    assert_refused(&none, CHAIN "ct_state(+trk)," IP4, "drop",
                   "match-field (ct_state)");
    assert_refused(&none, CHAIN "ct_label(0x1)," IP4, "drop",
                   "match-field (ct_label)");
}

/* What is wider than a register has one item, whatever is asked for; the
 * values go with the spec, to be numbered later. */
static void
test_class(void **state OVS_UNUSED)
{
#define TRK "tag data spec 0x20 data mask 0x20 index is 0 / "
#define ASK "tag data is 0x0 index is 2 / "
    static const struct {
        const char *match, *items;
        struct dpu_ct_traits value, mask;
    } cases[] = {
        { "ct_state(+trk),ct_label(0x1/0x3),eth_type(0x1234)",
          TRK ASK "eth type is 0x1234",
          .value.label.u64.lo = 1, .mask.label.u64.lo = 3 },
        { "ct_label(0x80000000000000000000000000000000),eth_type(0x1234)",
          ASK "eth type is 0x1234",
          .value.label.u64.hi = UINT64_C(1) << 63,
          .mask.label = { .u64 = { UINT64_MAX, UINT64_MAX } } },
        { "ct_tuple4(proto=6),eth_type(0x0800)",
          ASK "eth type is 0x800",
          .value.orig.proto = 6, .mask.orig.proto = UINT8_MAX },
        { "ct_label(0/0x1),ct_tuple4(dst=10.0.0.1,tp_dst=80),"
          "eth_type(0x0800)",
          ASK "eth type is 0x800",
          .value.orig.dst.ipv4 = CONSTANT_HTONL(0x0a000001),
          .value.orig.dst_port = CONSTANT_HTONS(80),
          .mask.label.u64.lo = 1,
          .mask.orig.dst.ipv4 = OVS_BE32_MAX,
          .mask.orig.dst_port = OVS_BE16_MAX },
        { "ct_tuple4(src=10.0.0.0/255.0.0.0,tp_src=0),eth_type(0x0800)",
          ASK "eth type is 0x800",
          .value.orig.src.ipv4 = CONSTANT_HTONL(0x0a000000),
          .mask.orig.src.ipv4 = CONSTANT_HTONL(0xff000000),
          .mask.orig.src_port = OVS_BE16_MAX },
        { "ct_tuple6(src=100::,dst=::/ffff:ffff:ffff:ffff:ffff::,tp_src=5),"
          "eth_type(0x86dd)",
          ASK "eth type is 0x86dd",
          .value.orig.src.ipv6.s6_addr = { 1 },
          .value.orig.src_port = CONSTANT_HTONS(5),
          .mask.orig.src.ipv6.s6_addr = { [0 ... 15] = 0xff },
          .mask.orig.dst.ipv6.s6_addr = { [0 ... 9] = 0xff },
          .mask.orig.src_port = OVS_BE16_MAX },
        /* No packet has that. */
        { "ct_state(-trk),ct_label(0x1/0x1),eth_type(0x1234)",
          "tag data spec 0x0 data mask 0x20 index is 0 / " ASK
          "eth type is 0x1234",
          .value.label.u64.lo = 1, .mask.label.u64.lo = 1 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *match = xasprintf(CHAIN "%s", cases[i].match);
        struct test_megaflow m;
        struct dpu_reason reason;
        struct dpu_spec spec;

        assert_items(&all, match, cases[i].items);
        test_megaflow_init(&m, match, "drop");
        assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
        assert_memory_equal(&spec.class.value, &cases[i].value,
                            sizeof spec.class.value);
        assert_memory_equal(&spec.class.under, &cases[i].mask,
                            sizeof spec.class.under);
        dpu_spec_free_more(&spec);
        test_megaflow_destroy(&m);
        free(match);
    }
}

/* The arguments that matter to connections, and those that do not. */
static void
test_ct(void **state OVS_UNUSED)
{
    static const char *const cases[] = {
        "ct(zone=4)", "ct(commit,zone=4)", "ct(force_commit,zone=4)",
        "ct(commit,zone=4,mark=0x1/0xff)",
        "ct(commit,zone=4,label=0x1/0xff)",
        "ct(zone=4,nat)", "ct(commit,zone=4,nat(src))",
        "ct(commit,zone=4,nat(src=10.0.0.1-10.0.0.9:1-5,random))",
        "ct(commit,zone=4,nat(dst=10.0.0.1:80))",
        "ct(commit,zone=4,timeout=5)", "ct(commit,zone=4,helper=ftp)",
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *actions = xasprintf("%s,2", cases[i]);

        assert_actions(&all, IP4, actions,
                       CT("0x400") " / end\n" POST "end actions " TO("2"));
        free(actions);
    }
    assert_actions(&all, IP4, "ct(commit),recirc(9)",
                   CT("0x0") " / end\n"
                   POST "end actions mark id 0 / jump group 0");
    assert_actions(&all, IP4, "ct(zone=65535),3",
                   CT("0xffff00") " / end\n" POST "end actions " TO("3"));
    /* Nothing follows but that packets are committed. */
    assert_actions(&all, IP4, "ct(commit)",
                   CT("0x0") " / end\n" POST "end actions drop");
    assert_actions(&all, IP4, "ct(commit),set(eth(dst=02:00:00:00:00:09))",
                   CT("0x0") " / end\n" POST "eth / end actions drop");
}

/* Where ct() stands between other actions. */
static void
test_around(void **state OVS_UNUSED)
{
    assert_actions(&all, TCP4,
                   "set(eth(dst=02:00:00:00:00:09)),set(ipv4(ttl=63)),ct,2",
                   "set_mac_dst mac_addr 02:00:00:00:00:09 / "
                   "set_ttl ttl_value 63 / " CT("0x0") " / end\n"
                   POST "end actions " TO("2"));
    assert_actions(&all, TCP4 ",tcp(src=1)",
                   "push_vlan(vid=5,pcp=0),ct,pop_vlan,"
                   "set(tcp(src=2)),2",
                   "of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / "
                   "of_set_vlan_pcp vlan_pcp 0 / " CT("0x0") " / end\n"
                   POST "eth / vlan / ipv4 / tcp / end actions of_pop_vlan / "
                   "set_tp_src port 2 / " TO("2"));
    /* A copy that leaves before. */
    assert_actions(&all, IP4, "3,ct,2",
                   "sample ratio 1 index 0 / " CT("0x0") " / end\n"
                   POST "end actions " TO("2"));
    assert_actions(&all, IP4, "ct,3,2",
                   CT("0x0") " / end\n"
                   POST "end actions sample ratio 1 index 0 / " TO("2"));
    /* Several, as in one zone after the other. */
    assert_actions(&all, IP4, "ct(commit,zone=1),ct(zone=2),recirc(9)",
                   CT("0x100") " / end\n"
                   POST "end actions " CT("0x200") " / end\n"
                   POST "end actions mark id 0 / jump group 0");
    /* In a clone at the end. */
    assert_actions(&all, IP4, "clone(ct(zone=1),2)",
                   CT("0x100") " / end\n" POST "end actions " TO("2"));
    assert_refused(&all, IP4, "clone(ct(zone=1),2),3",
                   "action (ct within a clone)");
    assert_refused(&all, IP4,
                   "tnl_push(tnl_port(6),header(size=50,type=4,"
                   "eth(dst=02:00:00:00:00:01,src=02:00:00:00:00:02,"
                   "dl_type=0x0800),ipv4(src=1.1.1.1,dst=1.1.1.2,proto=17,"
                   "tos=0,ttl=64,frag=0x4000),udp(src=0,dst=4789,csum=0x0),"
                   "vxlan(flags=0x8000000,vni=0x5)),out_port(2)),ct,2",
                   "action (ct after tnl_push)");
    assert_refused(&none, IP4, "ct,2", "action-device (ct)");
}

/* NAT changes addresses and ports: what the match or a set said of them does
 * not hold any more. */
static void
test_nat_forgets(void **state OVS_UNUSED)
{
#define MATCH IP4 ",ipv4(src=10.0.0.1,ttl=64,frag=no)"
    assert_actions(&all, MATCH, "ct,set(ipv4(src=10.0.0.1,ttl=64)),2",
                   CT("0x0") " / end\n"
                   POST "eth / ipv4 / end actions " TO("2"));
    assert_actions(&all, MATCH, "ct(nat),set(ipv4(src=10.0.0.1,ttl=64)),2",
                   CT("0x0") " / end\n"
                   POST "eth / ipv4 / end actions "
                   "set_ipv4_src ipv4_addr 10.0.0.1 / " TO("2"));
#undef MATCH
}

/* ct fields are cleared where there may be some and where somebody may look at
 * them. */
static void
test_ct_clear(void **state OVS_UNUSED)
{
    assert_actions(&all, IP4, "ct_clear,2", TO("2"));
    assert_actions(&all, IP4, "ct_clear,recirc(9)",
                   "mark id 0 / jump group 0");
    assert_actions(&all, CHAIN IP4, "ct_clear,2", TO("2"));
    assert_actions(&all, CHAIN IP4, "ct_clear,recirc(9)",
                   UNTRACK " / mark id 0 / jump group 0");
    assert_actions(&all, CHAIN "ct_state(-trk)," IP4, "ct_clear,recirc(9)",
                   "mark id 0 / jump group 0");
    assert_actions(&none, CHAIN IP4, "ct_clear,recirc(9)",
                   "mark id 0 / jump group 0");
    assert_actions(&all, CHAIN IP4, "ct_clear,ct_clear,recirc(9)",
                   UNTRACK " / mark id 0 / jump group 0");
    assert_actions(&all, IP4, "ct,ct_clear,recirc(9)",
                   CT("0x0") " / end\n"
                   POST "end actions " UNTRACK " / mark id 0 / jump group 0");
    /* Another ct() writes all but META, and that before it. */
    assert_actions(&all, CHAIN IP4,
                   "ct_clear,set(eth(dst=02:00:00:00:00:09)),ct(zone=1),2",
                   META("0x0") " / set_mac_dst mac_addr 02:00:00:00:00:09 / "
                   CT("0x100") " / end\n" POST "end actions " TO("2"));
    /* What a clone clears, and does not send on, is the clone's. */
    assert_actions(&all, CHAIN IP4, "clone(ct_clear,3),recirc(9)",
                   "sample ratio 1 index 0 / mark id 0 / jump group 0");
    /* What comes out of a tunnel was not tracked. */
    assert_actions(&all, CHAIN IP4, "tnl_pop(30)",
                   UNTRACK " / mark id 0 / jump group 0");
    assert_actions(&all, IP4, "tnl_pop(30)", "mark id 0 / jump group 0");
}

/* Devices without SET_TAG and SET_META. */
static void
test_modify_field(void **state OVS_UNUSED)
{
    struct dpu_caps modify = test_caps_without(NULL, "set_tag set_meta", NULL);

#define MODIFY(FIELD, LEVEL, VALUE)                                         \
    "modify_field op set dst_type " FIELD " dst_level " LEVEL " dst_offset " \
    "0 src_type value src_value " VALUE " width 32 / "
    assert_actions(&modify, CHAIN IP4, "ct_clear,ct(zone=4),recirc(9)",
                   MODIFY("meta", "0", "00000000") "mark id 0 / "
                   MODIFY("tag", "0", "00040000")
                   MODIFY("tag", "3", "00000000") "jump group 0 / end\n"
                   POST "end actions mark id 0 / jump group 0");
#undef MODIFY
}

/* What software is to do with packets that miss: ct() and what follows it,
 * with the tunnel that they came out of. */
static void
test_misses(void **state OVS_UNUSED)
{
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP4, "set(eth(dst=02:00:00:00:00:09)),"
                       "ct(commit,zone=1),ct(zone=2),recirc(9)");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    for (const struct dpu_spec *s = &spec; s; s = s->more) {
        const struct dpu_miss *miss = &s->misses[0].miss;
        const struct nlattr *next = nl_attr_next(miss->actions);

        assert_int_equal(s->n_misses, 1);
        assert_int_equal(odp_to_u32(miss->in_port), 1);
        if (s == &spec) {
            assert_int_equal(nl_attr_type(miss->actions), OVS_ACTION_ATTR_CT);
            assert_int_equal(nl_attr_type(next), OVS_ACTION_ATTR_CT);
            next = nl_attr_next(next);
        } else if (s->more) {
            assert_int_equal(nl_attr_type(miss->actions), OVS_ACTION_ATTR_CT);
        } else {
            next = miss->actions;
        }
        assert_int_equal(nl_attr_type(next), OVS_ACTION_ATTR_RECIRC);
        assert_ptr_equal((const char *) miss->actions + miss->actions_len,
                         nl_attr_next(next));
    }
    assert_int_equal(spec.count_action, 0);
    assert_int_equal(spec.more->count_action, -1);
    dpu_spec_free_more(&spec);
    test_megaflow_destroy(&m);

    test_megaflow_init(&m, "recirc_id(0),in_port(30),tunnel(tun_id=0x7,"
                       "src=1.1.1.1,dst=1.1.1.2,ttl=0/0,tp_dst=4789,"
                       "flags(-df-csum+key))," IP4, "ct(zone=1),2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_non_null(spec.misses[0].miss.tunnel);
    assert_int_equal(odp_to_u32(spec.misses[0].miss.in_port), 30);
    assert_int_equal(spec.more->outer_size, 0);
    dpu_spec_free_more(&spec);
    test_megaflow_destroy(&m);
}

/* Which kinds of ct() are told apart. */
static void
test_variants(void **state OVS_UNUSED)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "ct(zone=1)", "ct(commit,zone=1)", true },
        { "ct(zone=1)", "ct(zone=2)", true },
        { "ct(nat)", "ct(commit,nat(src=1.1.1.1))", true },
        { "ct(commit)", "ct(commit,timeout=5)", true },
        { "ct", "ct(nat)", false },
        { "ct(commit)", "ct(force_commit)", false },
        { "ct(commit)", "ct(commit,mark=0/0x1)", false },
        { "ct(commit,mark=0/0x2)", "ct(commit,mark=0/0x1)", false },
        { "ct(commit)", "ct(commit,label=0/0x1)", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct dpu_ct_variant variants[2];

        for (int j = 0; j < 2; j++) {
            struct dpu_reason reason;
            struct test_megaflow m;
            struct dpu_spec spec;

            test_megaflow_init(&m, IP4, j ? cases[i].b : cases[i].a);
            assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
            assert_true(spec.ct.learns);
            variants[j] = spec.ct.variant;
            dpu_spec_free_more(&spec);
            test_megaflow_destroy(&m);
        }
        assert_int_equal(!memcmp(&variants[0], &variants[1],
                                 sizeof variants[0]), cases[i].same);
    }
}

/* The connections of ALGs stay in software. */
static void
test_alg(void **state OVS_UNUSED)
{
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP4, "ct(commit,helper=tftp),2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_false(spec.ct.learns);
    dpu_spec_free_more(&spec);
    test_megaflow_destroy(&m);
}

/* A refusal leaves nothing behind. */
static void
test_overflow(void **state OVS_UNUSED)
{
    assert_refused(&all, IP4, "ct,20,20,20,20,20,2",
                   "action (more than a rule holds)");
    assert_refused(&all, IP4, "ct,ct,20,20,20,20,20,2",
                   "action (more than a rule holds)");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_match_refused),
        cmocka_unit_test(test_class),
        cmocka_unit_test(test_ct),
        cmocka_unit_test(test_around),
        cmocka_unit_test(test_nat_forgets),
        cmocka_unit_test(test_ct_clear),
        cmocka_unit_test(test_modify_field),
        cmocka_unit_test(test_misses),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_alg),
        cmocka_unit_test(test_overflow),
    };

    dpu_caps_all(&all);
    none = all;
    none.ct = false;
    return cmocka_run_group_tests_name("dpu-action-ct", tests, NULL, NULL);
}
