/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-action-header: tests of dpu-action-header and dpu-action-mpls: VLAN
 * tags and MPLS labels that come and go. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static struct dpu_caps all;

static void
test_push_vlan(void **state OVS_UNUSED)
{
    struct dpu_caps no_push = test_caps_without(NULL, "of_push_vlan", NULL);
    struct dpu_caps no_vid = test_caps_without(NULL, "of_set_vlan_vid", NULL);
    struct dpu_caps no_pcp = test_caps_without(NULL, "of_set_vlan_pcp", NULL);
    struct dpu_caps neither = test_caps_without(
        NULL, "of_set_vlan_vid of_set_vlan_pcp modify_field", NULL);

    assert_actions(&all, IP4, "push_vlan(tpid=0x88a8,vid=100,pcp=5),2",
                   "of_push_vlan ethertype 0x88a8 / "
                   "of_set_vlan_vid vlan_vid 100 / "
                   "of_set_vlan_pcp vlan_pcp 5 / " TO("2"));
    assert_actions(&no_vid, IP4, "push_vlan(vid=100,pcp=5),2",
                   "of_push_vlan ethertype 0x8100 / "
                   "modify_field op set dst_type vlan_id dst_level 0 "
                   "dst_offset 0 src_type value src_value 0064 width 12 / "
                   "of_set_vlan_pcp vlan_pcp 5 / " TO("2"));
    assert_refused(&no_push, IP4, "push_vlan(vid=1,pcp=0),2",
                   "action-device (of_push_vlan)");
    /* A new tag on an untagged packet starts with zeros. */
    assert_actions(&no_pcp, IP4, "push_vlan(vid=1,pcp=0),2",
                   "of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 1 / " TO("2"));
    assert_refused(&no_pcp, VLAN("7") IP4 ")", "push_vlan(vid=1,pcp=0),2",
                   "action-device (of_set_vlan_pcp)");
    assert_refused(&no_pcp, IP4, "push_vlan(vid=1,pcp=1),2",
                   "action-device (of_set_vlan_pcp)");
    assert_refused(&neither, IP4, "push_vlan(vid=1,pcp=0),2",
                   "action-device (of_set_vlan_vid)");
    assert_actions(&neither, IP4, "push_vlan(vid=0,pcp=0),2",
                   "of_push_vlan ethertype 0x8100 / " TO("2"));
}

static void
test_pop_vlan(void **state OVS_UNUSED)
{
    struct dpu_caps no_pop = test_caps_without(NULL, "of_pop_vlan", NULL);

    assert_actions(&all, VLAN("7") IP4 ")", "pop_vlan,2",
                   "of_pop_vlan / " TO("2"));
    assert_actions(&all, VLAN("7") IP4 ")",
                   "pop_vlan,push_vlan(vid=8,pcp=0),2",
                   "of_pop_vlan / of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 8 / "
                   "of_set_vlan_pcp vlan_pcp 0 / " TO("2"));
    assert_refused(&no_pop, VLAN("7") IP4 ")", "pop_vlan,2",
                   "action-device (of_pop_vlan)");
    /* Software does nothing to a packet without a tag. */
    assert_actions(&no_pop, IP4, "pop_vlan,2", TO("2"));
}

#define MPLS "eth_type(0x8847),mpls(label=5,tc=0,ttl=64,bos=1)"

/* Fails unless action 'i' of 'spec' is one of 'type', RAW_ENCAP or RAW_DECAP,
 * with 'bytes' in hexadecimal. */
static void
check_raw(const struct dpu_spec *spec, unsigned int i,
          enum rte_flow_action_type type, const char *bytes)
{
    const struct rte_flow_action_raw_encap *encap = spec->actions[i].conf;
    const struct rte_flow_action_raw_decap *decap = spec->actions[i].conf;
    bool is_encap = type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP;
    const uint8_t *data = is_encap ? encap->data : decap->data;
    size_t size = is_encap ? encap->size : decap->size;
    struct ds s = DS_EMPTY_INITIALIZER;

    assert_int_equal(spec->actions[i].type, type);
    for (size_t j = 0; j < size; j++) {
        ds_put_format(&s, "%02x", data[j]);
    }
    assert_string_equal(ds_cstr(&s), bytes);
    ds_destroy(&s);
}

/* Pops labels, for which there are no words, putting the Ethernet types
 * 'first' and, unless it is 0, 'second' in their place, and then outputs. */
static void
check_pop_mpls(const struct dpu_caps *caps, const char *match, uint16_t first,
               uint16_t second, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, match, "drop");
    ofpbuf_clear(&m.actions);
    nl_msg_put_be16(&m.actions, OVS_ACTION_ATTR_POP_MPLS, htons(first));
    if (second) {
        nl_msg_put_be16(&m.actions, OVS_ACTION_ATTR_POP_MPLS, htons(second));
    }
    nl_msg_put_odp_port(&m.actions, OVS_ACTION_ATTR_OUTPUT, u32_to_odp(2));
    if (test_megaflow_translate(&m, caps, &spec, &reason)) {
        dpu_spec_format(&spec, &s);
        assert_non_null(strstr(ds_cstr(&s), expected));
    } else {
        ds_put_format(&s, "%s (%s)", dpu_reason_code_name(reason.code),
                      reason.detail);
        assert_string_equal(ds_cstr(&s), expected);
    }
    ds_destroy(&s);
    test_megaflow_destroy(&m);
}

static void
test_pop_mpls(void **state OVS_UNUSED)
{
    struct dpu_caps no_pop = test_caps_without(NULL, "of_pop_mpls", NULL);
    struct dpu_caps no_item = test_caps_without("mpls", NULL, NULL);

    check_pop_mpls(&all, MPLS, 0x800, 0,
                   "count / of_pop_mpls ethertype 0x800 / "
                   "represented_port ethdev_port_id 12 / end");
    check_pop_mpls(&all, MPLS, 0x8847, 0x86dd,
                   "count / of_pop_mpls ethertype 0x8847 / "
                   "of_pop_mpls ethertype 0x86dd / "
                   "represented_port ethdev_port_id 12 / end");
    /* The device is told that there is a label, if the match does not. */
    check_pop_mpls(&all, "eth_type(0x8848)", 0x800, 0,
                   "/ eth type is 0x8848 / mpls / end actions count / "
                   "of_pop_mpls ethertype 0x800 / ");
    check_pop_mpls(&all, IP4, 0x800, 0, "invalid-flow (pop_mpls of packets "
                   "that may not have it)");
    check_pop_mpls(&no_pop, MPLS, 0x800, 0, "action-device (of_pop_mpls)");
    check_pop_mpls(&no_item, "eth_type(0x8847)", 0x800, 0,
                   "match-item (mpls)");
}

#define MACS "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),"

/* Translates for 'caps' a megaflow of 'match' that does 'before', if that is
 * not NULL, and pushes 'n' labels, of which the first is 5, and outputs.
 * Returns false, with the refusal in 's', if it is refused. */
static bool
push_labels(const struct dpu_caps *caps, const char *match,
            const char *before, int n, struct dpu_spec *spec, struct ds *s)
{
    struct dpu_reason reason;
    struct test_megaflow m;
    bool ok;

    test_megaflow_init(&m, match, before ? before : "drop");
    if (!before) {
        ofpbuf_clear(&m.actions);
    }
    for (int i = 0; i < n; i++) {
        const struct ovs_action_push_mpls push = {
            .mpls_lse = htonl((5 + i) << 12 | (i ? 0 : 0x100) | 64),
            .mpls_ethertype = htons(ETH_TYPE_MPLS),
        };

        nl_msg_put_unspec(&m.actions, OVS_ACTION_ATTR_PUSH_MPLS, &push,
                          sizeof push);
    }
    nl_msg_put_odp_port(&m.actions, OVS_ACTION_ATTR_OUTPUT, u32_to_odp(2));
    ok = test_megaflow_translate(&m, caps, spec, &reason);
    ds_clear(s);
    if (!ok) {
        ds_put_format(s, "%s (%s)", dpu_reason_code_name(reason.code),
                      reason.detail);
    }
    test_megaflow_destroy(&m);
    return ok;
}

static void
check_push_refused(const struct dpu_caps *caps, const char *match,
                   const char *refusal)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_spec spec;

    assert_false(push_labels(caps, match, NULL, 1, &spec, &s));
    assert_string_equal(ds_cstr(&s), refusal);
    ds_destroy(&s);
}

/* Labels that are put on: the Ethernet header is replaced. */
static void
test_push_mpls(void **state OVS_UNUSED)
{
    struct dpu_caps no_replace = all;
    struct dpu_caps no_encap = test_caps_without(NULL, "raw_encap", NULL);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_spec spec;

    no_replace.l2_replace = false;
    assert_true(push_labels(&all, MACS IP4, NULL, 1, &spec, &s));
    check_raw(&spec, 1, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
              "0200000000020200000000010800");
    check_raw(&spec, 2, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
              "0200000000020200000000018847" "00005140");
    assert_int_equal(spec.n_actions, 4);

    /* Two of them, and what was set before. */
    assert_true(push_labels(&all, IP4, "set(eth(src=02:00:00:00:00:03,"
                            "dst=02:00:00:00:00:04))", 2, &spec, &s));
    check_raw(&spec, 4, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
              "0200000000040200000000038847" "00005140");
    check_raw(&spec, 5, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
              "0200000000040200000000038847");
    check_raw(&spec, 6, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
              "0200000000040200000000038847" "00006040");
    ds_destroy(&s);

    check_push_refused(&no_replace, MACS IP4, "action-device (push_mpls: "
                       "raw_decap, raw_encap of headers of layer 2)");
    check_push_refused(&no_encap, MACS IP4, "action-device (raw_encap)");
    check_push_refused(&all, IP4, "action (push_mpls of packets whose eth.src "
                       "or eth.dst is not known)");
    check_push_refused(&all, "eth(src=02:00:00:00:00:01)," IP4,
                       "action (push_mpls of packets whose eth.src or eth.dst "
                       "is not known)");
    check_push_refused(&all, MACS VLAN("5") IP4 ")",
                       "action (push_mpls behind a VLAN header)");
}

/* A change of the first label. */
static void
test_set_mpls(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, MACS MPLS, "set(mpls(label=5,tc=1,ttl=63,bos=1)),"
                       "2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    check_raw(&spec, 1, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
              "0200000000020200000000018847" "00005140");
    check_raw(&spec, 2, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
              "0200000000020200000000018847" "0000533f");
    test_megaflow_destroy(&m);

    assert_actions(&all, MPLS, "set(mpls(label=5,tc=0,ttl=64,bos=1)),2",
                   TO("2"));
    assert_refused(&all, MPLS, "set(mpls(label=6,tc=0,ttl=64,bos=1)),2",
                   "action (set(mpls) of packets whose eth.src or eth.dst is "
                   "not known)");
    assert_refused(&all, MACS IP4, "set(mpls(label=5,tc=1,ttl=63,bos=1)),2",
                   "invalid-flow (set(mpls) of packets that may not have it)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push_vlan),
        cmocka_unit_test(test_pop_vlan),
        cmocka_unit_test(test_pop_mpls),
        cmocka_unit_test(test_push_mpls),
        cmocka_unit_test(test_set_mpls),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
