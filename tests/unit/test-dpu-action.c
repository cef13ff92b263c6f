/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-action: tests of dpu-action: for each action what it becomes, and
 * what is refused. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct dpu_caps all;

static void
test_output(void **state OVS_UNUSED)
{
    struct dpu_caps port_id = test_caps_without(NULL, "represented_port",
                                                NULL);
    struct dpu_caps none = test_caps_without(NULL, "represented_port port_id",
                                             NULL);

    assert_actions(&all, IP4, "2", TO("2"));
    /* Out where it came in. */
    assert_actions(&all, IP4, "1", TO("1"));
    assert_actions(&port_id, IP4, "2", "port_id id 12");
    assert_refused(&none, IP4, "2", "action-device (represented_port)");
    assert_refused(&all, IP4, "77", "output-port (port 77)");
    assert_refused(&all, IP4, "20", "output-port (port br0)");
    assert_actions(&all, IP4, "8", TO("8"));
    assert_refused(&all, IP4, "10", "action-software (a limit of port 10)");
}

static void
test_outputs(void **state OVS_UNUSED)
{
    struct dpu_caps multi = test_caps_without(NULL, "sample", NULL);
    struct dpu_caps single = multi;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_actions(&all, IP4, "2,3,4",
                   "sample ratio 1 index 0 / sample ratio 1 index 1 / "
                   TO("4"));
    assert_actions(&multi, IP4, "2,3", TO("2") " / " TO("3"));
    single.multi_output = false;
    assert_refused(&single, IP4, "2,3", "action-device (sample)");
    assert_actions(&single, IP4, "2", TO("2"));

    test_megaflow_init(&m, IP4, "2,3,4");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    dpu_spec_format_setup(&spec, &s);
    assert_string_equal(ds_cstr(&s),
                        "set sample_actions 0 " TO("2") " / end\n"
                        "set sample_actions 1 " TO("3") " / end\n");
    ds_destroy(&s);
    test_megaflow_destroy(&m);

    /* A copy is of the packet as it is at that point. */
    assert_actions(&multi, IP4,
                   "2,set(eth(dst=02:00:00:00:00:09)),3,"
                   "push_vlan(vid=5,pcp=0),4",
                   TO("2") " / set_mac_dst mac_addr 02:00:00:00:00:09 / "
                   TO("3") " / of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   TO("4"));
}

static void
test_meter(void **state OVS_UNUSED)
{
    struct dpu_caps no_meter = test_caps_without(NULL, "meter", NULL);
    struct dpu_caps one_meter = all;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    one_meter.rule_meters = 1;
    assert_actions(&one_meter, IP4, "meter(7),2",
                   "meter mtr_id 0 / " TO("2"));
    assert_actions(&all, IP4, "meter(7),2", "meter mtr_id 0 / " TO("2"));
    assert_actions(&all, IP4, "2,meter(7),3",
                   "sample ratio 1 index 0 / meter mtr_id 0 / " TO("3"));
    /* They count, too. */
    assert_actions(&all, IP4, "2,meter(7)",
                   "sample ratio 1 index 0 / meter mtr_id 0 / drop");
    assert_actions(&all, IP4, "meter(7)", "meter mtr_id 0 / drop");

    /* The device's number comes when the rule is installed. */
    test_megaflow_init(&m, IP4, "meter(7),meter(8),2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.n_meters, 2);
    assert_int_equal(spec.meters[0].id, 7);
    assert_int_equal(spec.meters[1].id, 8);
    assert_ptr_equal(spec.meters[1].meter, spec.actions[2].conf);
    test_megaflow_destroy(&m);

    assert_refused(&all, IP4, "meter(1),meter(2),meter(3),2",
                   "action-device (3 meters in a rule)");
    assert_refused(&one_meter, IP4, "meter(1),meter(2),2",
                   "action-device (2 meters in a rule)");
    assert_refused(&no_meter, IP4, "meter(7),2", "action-device (meter)");
}

/* A port's policer stands before its megaflows, which stand behind it, but not
 * those that packets meet later. */
static void
test_policer(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_megaflow policer = { .policer = true };
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, "recirc_id(0),in_port(7)," IP4,
                       "meter(7),meter(8),recirc(0)");
    match_init_catchall(&m.match);
    match_set_recirc_id(&m.match, 0);
    MATCH_SET_FIELD_MASKED((&m.match), in_port.odp_port, u32_to_odp(7),
                           ODPP_NONE);
    policer.match = &m.match;
    policer.actions = m.actions.data;
    policer.actions_len = m.actions.size;
    assert_true(dpu_translate(&policer, &test_ports, &all, &spec, &reason));
    assert_true(dpu_chain_key_is_root(&spec.chain));
    assert_int_equal(spec.attr.priority, DPU_CHAIN_MISS_PRIORITY);
    assert_int_equal(spec.n_items, 2);      /* The port, and any frame. */
    assert_int_equal(spec.items[1].type, RTE_FLOW_ITEM_TYPE_ETH);
    assert_null(spec.items[1].spec);
    assert_int_equal(spec.n_meters, 2);
    assert_non_null(spec.jump);
    assert_int_equal(spec.next.recirc_id, 0);
    assert_int_equal(odp_to_u32(spec.next.in_port), 7);
    assert_int_equal(spec.n_misses, 0);     /* No MARK. */
    test_megaflow_destroy(&m);

    test_megaflow_init(&m, "recirc_id(0),in_port(7)," IP4, "2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.chain.recirc_id, 0);
    assert_int_equal(odp_to_u32(spec.chain.in_port), 7);
    assert_int_equal(spec.n_meters, 0);
    test_megaflow_destroy(&m);

    test_megaflow_init(&m, "recirc_id(0x5),in_port(7)," IP4, "2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.chain.recirc_id, 5);
    assert_int_equal(spec.n_meters, 0);
    test_megaflow_destroy(&m);
}

static void
test_drop(void **state OVS_UNUSED)
{
    struct dpu_caps no_drop = test_caps_without(NULL, "drop", NULL);
    struct dpu_caps no_count = test_caps_without(NULL, "count", NULL);

    /* The explicit action, and no action at all. */
    assert_actions(&all, IP4, "drop", "drop");
    assert_actions(&all, IP4, "", "drop");
    /* What changes a packet that goes nowhere has no effect. */
    assert_actions(&all, IP4, "set(eth(dst=02:00:00:00:00:09))", "drop");
    assert_actions(&all, IP4, "2,set(eth(dst=02:00:00:00:00:09))", TO("2"));
    assert_refused(&no_drop, IP4, "drop", "action-device (drop)");
    assert_refused(&no_count, IP4, "2", "action-device (count)");
}

static void
test_refused(void **state OVS_UNUSED)
{
    static const struct {
        const char *actions, *refusal;
    } cases[] = {
        { "userspace(pid=0,controller(reason=1,dont_send=0,continuation=0,"
          "recirc_id=1,rule_cookie=0,controller_id=0,max_len=65535))",
          "action-software (userspace)" },
        { "recirc(5),2", "recirc (recirc(0x5) before other actions)" },
        { "trunc(100),2", "action (trunc)" },
        { "clone(meter(0),2),3", "action (meter within a clone)" },
        { "sample(sample=40.0%,actions(2)),3",
          "action (sample(40.00%) is not one packet in N)" },
        { "sample(sample=3.0%,actions(2)),3",
          "action (sample(3.00%) is not one packet in N)" },
        { "sample(sample=100%,actions(2)),20",
          "output-port (port br0)" },
        { "sample(sample=100%,actions(2))",
          "action-software (sample(100%))" },
        { "clone(2,clone(3),4),5", "action (clone within a clone)" },
        { "clone(2,sample(sample=50.0%,actions(3))),4",
          "action (sample within a clone)" },
        { "clone(recirc(5)),2", "recirc (recirc(0x5) before other actions)" },
        { "clone(check_pkt_len(size=1000,gt(2),le(3))),4",
          "action (check_pkt_len within an action)" },
        { "lb_output(1)", "action (lb_output)" },
        { "tnl_pop(4)", "action (tnl_pop of port 4)" },
        { "pop_nsh(),2", "action (pop_nsh)" },
        { "set(skb_mark(0x5)),2", "action (set(skb_mark))" },
        { "set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,flags(key))),2",
          "action (set(tunnel))" },
        { "set(arp(sip=1.1.1.1)),2", "action (set(arp))" },
        { "set(icmp(type=0)),2", "action (set(icmp))" },
        /* All are asked before the first is compiled. */
        { "77,userspace(pid=0)", "action-software (userspace)" },
        { "2,userspace(pid=0)", "action-software (userspace)" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_refused(&all, IP4, cases[i].actions, cases[i].refusal);
    }
}

/* Recirculation is a jump, with a mark that tells where to go on.  Both get
 * their numbers when the rule is installed. */
static void
test_recirc(void **state OVS_UNUSED)
{
    struct dpu_caps no_mark = test_caps_without(NULL, "mark", NULL);
    struct dpu_caps no_up = test_caps_without(NULL, "port_representor", NULL);
    struct dpu_caps no_groups = all;
    struct dpu_caps default_miss = no_up;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    no_groups.groups = false;
    assert_actions(&all, IP4, "recirc(5)", "mark id 0 / jump group 0");
    assert_actions(&all, IP4, "2,recirc(5)",
                   "sample ratio 1 index 0 / mark id 0 / jump group 0");

    test_megaflow_init(&m, IP4, "pop_vlan,recirc(5)");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.next.recirc_id, 5);
    assert_int_equal(odp_to_u32(spec.next.in_port), 1);
    assert_int_equal(spec.n_misses, 1);
    assert_int_equal(odp_to_u32(spec.misses[0].miss.in_port), 1);
    assert_int_equal(spec.misses[0].miss.actions_len, 8);
    assert_int_equal(nl_attr_type(spec.misses[0].miss.actions),
                     OVS_ACTION_ATTR_RECIRC);
    assert_int_equal(nl_attr_get_u32(spec.misses[0].miss.actions), 5);
    test_megaflow_destroy(&m);

    assert_refused(&no_groups, IP4, "recirc(5)",
                   "recirc (recirc(0x5): the device has no groups)");
    assert_refused(&no_mark, IP4, "recirc(5)", "action-device (mark)");
    assert_refused(&no_up, IP4, "recirc(5)",
                   "action-device (port_representor)");
    default_miss.default_miss = true;
    assert_actions(&default_miss, IP4, "recirc(5)",
                   "mark id 0 / jump group 0");
    assert_actions(&default_miss, IP4, "tnl_pop(30)",
                   "mark id 0 / jump group 0");
}

/* Actions that cannot be written as dump-flows prints them. */
static void
test_refused_unspoken(void **state OVS_UNUSED)
{
    static const struct {
        int type;
        const char *refusal;
    } cases[] = {
        { OVS_ACTION_ATTR_HASH, "hash" },
        { OVS_ACTION_ATTR_ADD_MPLS, "add_mpls" },
        { OVS_ACTION_ATTR_PUSH_NSH, "push_nsh" },
        { OVS_ACTION_ATTR_PUSH_ETH, "push_eth" },
        { OVS_ACTION_ATTR_POP_ETH, "pop_eth" },
        { OVS_ACTION_ATTR_UNSPEC, "action 0" },
        { 99, "action 99" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct test_megaflow m;
        struct dpu_reason reason;
        struct dpu_spec spec;

        test_megaflow_init(&m, IP4, "2");
        nl_msg_put_u32(&m.actions, cases[i].type, 0);
        assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
        assert_int_equal(reason.code, DPU_REASON_ACTION);
        assert_string_equal(reason.detail, cases[i].refusal);
        test_megaflow_destroy(&m);
    }
}

/* A mask with more runs than a rule holds. */
static void
test_too_many(void **state OVS_UNUSED)
{
    assert_refused(&all, IP6,
                   "set(ipv6(src=::/5555:5555:5555:5555:5555:5555:5555:5555)),"
                   "2", "action (more than a rule holds)");
    assert_refused(&all, IP4, "1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,"
                   "6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,"
                   "8,9,1,2,3,4,5,6,7,8,9,1,2,3",
                   "action (more outputs than a rule holds)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_outputs),
        cmocka_unit_test(test_meter),
        cmocka_unit_test(test_policer),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_recirc),
        cmocka_unit_test(test_refused_unspoken),
        cmocka_unit_test(test_too_many),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
