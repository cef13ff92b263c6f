/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-action-copy: tests of dpu-action-copy: copies, samples,
 * userspace, clones. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct dpu_caps all;

#define SET_DST(N) "set(eth(dst=02:00:00:00:00:0" N "))"
#define DST(N) "set_mac_dst mac_addr 02:00:00:00:00:0" N

/* What hardware cannot output is output by software, on a copy. */
static void
test_copies(void **state OVS_UNUSED)
{
    static const char *const wanted[] = { "sample", "mark",
                                          "port_representor" };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_actions(&all, IP4, "2,20",
                   "sample ratio 1 index 0 / mark id 0 / "
                   "port_representor port_id 11");
    assert_actions(&all, IP4, "10,2", "sample ratio 1 index 0 / " TO("2"));
    assert_actions(&all, IP4, "20,recirc(5)",
                   "sample ratio 1 index 0 / mark id 0 / jump group 0");

    /* Each copy is as the packet is at that point. */
    test_megaflow_init(&m, IP4, "push_vlan(vid=5,pcp=0),20,pop_vlan,10,2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    dpu_spec_format_setup(&spec, &s);
    assert_string_equal(ds_cstr(&s),
                        "set sample_actions 0 mark id 0 / "
                        "port_representor port_id 11 / end\n"
                        "set sample_actions 1 mark id 0 / "
                        "port_representor port_id 11 / end\n");
    ds_clear(&s);
    dpu_spec_format(&spec, &s);
    assert_non_null(strstr(ds_cstr(&s), "of_set_vlan_pcp vlan_pcp 0 / "
                           "sample ratio 1 index 0 / of_pop_vlan / "
                           "sample ratio 1 index 1 / " TO("2")));
    assert_int_equal(spec.n_misses, 2);
    for (int i = 0; i < 2; i++) {
        const struct dpu_miss *miss = &spec.misses[i].miss;

        assert_int_equal(odp_to_u32(miss->in_port), 1);
        assert_int_equal(miss->actions_len, 8);
        assert_int_equal(nl_attr_type(miss->actions), OVS_ACTION_ATTR_OUTPUT);
        assert_int_equal(nl_attr_get_u32(miss->actions), i ? 10 : 20);
        assert_null(miss->tunnel);
    }
    ds_destroy(&s);
    test_megaflow_destroy(&m);

    /* More than a rule has marks for. */
    assert_refused(&all, IP4, "20,20,20,20,20,2",
                   "action (more than a rule holds)");

    /* Nothing is gained if software has to output all. */
    assert_refused(&all, IP4, "20,10", "action-software (a limit of port 10)");

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        struct dpu_caps without = test_caps_without(NULL, wanted[i], NULL);

        assert_refused(&without, IP4, "2,20", "output-port (port br0)");
        assert_refused(&without, IP4, "2,10",
                       "action-software (a limit of port 10)");
    }
}

#define SFLOW "userspace(pid=0,sFlow(vid=0,pcp=0,output=2),actions)"

static void
test_sample(void **state OVS_UNUSED)
{
    struct dpu_caps no_sample = test_caps_without(NULL, "sample", NULL);
    struct dpu_caps no_mark = test_caps_without(NULL, "mark", NULL);
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_actions(&all, IP4, "sample(sample=50.0%,actions(" SFLOW ")),2",
                   "sample ratio 2 index 0 / " TO("2"));
    assert_samples(&all, IP4, "sample(sample=50.0%,actions(" SFLOW ")),2",
                   "set sample_actions 0 " UP " / end\n");
    assert_actions(&all, IP4, "sample(sample=1.5625%,actions(" SFLOW ")),2",
                   "sample ratio 64 index 0 / " TO("2"));
    assert_actions(&all, IP4, "sample(sample=100%,actions(" SFLOW ")),2",
                   "sample ratio 1 index 0 / " TO("2"));
    /* At the end, and alone. */
    assert_actions(&all, IP4, "2,sample(sample=50.0%,actions(" SFLOW "))",
                   "sample ratio 1 index 0 / sample ratio 2 index 1 / drop");
    assert_actions(&all, IP4, "sample(sample=50.0%,actions(" SFLOW "))",
                   "sample ratio 2 index 0 / drop");

    /* The sample's actions are what is left to do with the copy. */
    test_megaflow_init(&m, IP4, "sample(sample=50.0%,actions(" SFLOW ",3)),2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.n_misses, 1);
    assert_int_equal(nl_attr_type(spec.misses[0].miss.actions),
                     OVS_ACTION_ATTR_USERSPACE);
    assert_int_equal(spec.misses[0].miss.actions_len,
                     NLA_ALIGN(spec.misses[0].miss.actions->nla_len) + 8);
    test_megaflow_destroy(&m);

    assert_refused(&no_sample, IP4, "sample(sample=50.0%,actions(2)),2",
                   "action-device (sample)");
    assert_refused(&no_mark, IP4, "sample(sample=50.0%,actions(2)),2",
                   "action-device (mark)");
}

#define IPFIX "userspace(pid=0,ipfix(output_port=4294967295))"

/* What software reports it reports of a copy. */
static void
test_userspace(void **state OVS_UNUSED)
{
    static const char *const wanted[] = { "sample", "mark",
                                          "port_representor" };
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_actions(&all, IP4, CONTROLLER ",2",
                   "sample ratio 1 index 0 / " TO("2"));
    assert_samples(&all, IP4, CONTROLLER ",2",
                   "set sample_actions 0 " UP " / end\n");
    assert_actions(&all, IP4, SFLOW "," IPFIX ",2",
                   "sample ratio 1 index 0 / sample ratio 1 index 1 / "
                   TO("2"));
    /* The packet itself, when nothing follows. */
    assert_actions(&all, IP4, "2," CONTROLLER,
                   "sample ratio 1 index 0 / " UP);
    assert_samples(&all, IP4, "2," CONTROLLER,
                   "set sample_actions 0 " TO("2") " / end\n");
    /* As it is at that point. */
    assert_actions(&all, IP4, "push_vlan(vid=5,pcp=0)," CONTROLLER
                   ",pop_vlan,2",
                   "of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   "sample ratio 1 index 0 / of_pop_vlan / " TO("2"));
    assert_actions(&all, IP4, CONTROLLER ",recirc(5)",
                   "sample ratio 1 index 0 / mark id 0 / jump group 0");

    /* It alone is what is left to do with the copy. */
    test_megaflow_init(&m, IP4, CONTROLLER ",2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_true(spec.copies);
    assert_int_equal(spec.n_misses, 1);
    assert_int_equal(spec.misses[0].miss.actions_len,
                     NLA_ALIGN(((struct nlattr *) m.actions.data)->nla_len));
    assert_memory_equal(spec.misses[0].miss.actions, m.actions.data,
                        spec.misses[0].miss.actions_len);
    test_megaflow_destroy(&m);

    /* Nothing for hardware. */
    assert_refused(&all, IP4, CONTROLLER, "action-software (userspace)");
    assert_refused(&all, IP4, SET_DST("9") "," CONTROLLER ",20",
                   "output-port (port br0)");
    /* The slow path, and what nobody knows. */
    assert_refused(&all, IP4, "userspace(pid=0,slow_path(action)),2",
                   "action-software (userspace)");
    assert_refused(&all, IP4, "userspace(pid=0,userdata(0102)),2",
                   "action-software (userspace)");
    assert_refused(&all, IP4, "userspace(pid=0),2",
                   "action-software (userspace)");
    assert_refused(&all, IP4, "clone(" CONTROLLER ",3),2",
                   "action-software (userspace within a clone)");
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        struct dpu_caps without = test_caps_without(NULL, wanted[i], NULL);

        assert_refused(&without, IP4, CONTROLLER ",2",
                       "action-software (userspace)");
    }
}

/* With more VLAN headers than Open vSwitch looks at, its datapath changes the
 * wrong bytes afterwards, of all but Ethernet's header. */
static void
test_userspace_behind_tags(void **state OVS_UNUSED)
{
#define PUSH "push_vlan(vid=5,pcp=0),"
#define TAGS "of_push_vlan ethertype 0x8100 / of_set_vlan_vid vlan_vid 5 / " \
    "of_set_vlan_pcp vlan_pcp 0 / "
    const int vlan_limit = flow_vlan_limit;

    flow_limit_vlans(1);
    assert_refused(&all, IP4, PUSH PUSH CONTROLLER ",set(ipv4(ttl=9)),2",
                   "action (set_masked behind userspace with more VLAN "
                   "headers than vlan-limit)");
    assert_refused(&all, IP4, PUSH PUSH CONTROLLER ",pop_vlan,pop_vlan,"
                   "recirc(5)", "action (recirc behind userspace with more "
                   "VLAN headers than vlan-limit)");
    assert_actions(&all, IP4, PUSH PUSH CONTROLLER ",pop_vlan," SET_DST("9")
                   ",2",
                   TAGS TAGS "sample ratio 1 index 0 / of_pop_vlan / "
                   DST("9") " / " TO("2"));
    assert_actions(&all, IP4, PUSH CONTROLLER ",set(ipv4(ttl=9)),2",
                   TAGS "sample ratio 1 index 0 / "
                   "set_ttl ttl_value 9 / " TO("2"));
    flow_limit_vlans(vlan_limit);
}

/* The probabilities that Open vSwitch makes of sFlow's and IPFIX's ratios, and
 * of OpenFlow's 16 bits. */
static void
test_sample_ratio(void **state OVS_UNUSED)
{
    static const struct {
        uint32_t probability, ratio;
    } cases[] = {
        { UINT32_MAX / 3, 3 },
        { UINT32_MAX / 7, 7 },
        { UINT32_MAX / 400, 400 },
        { UINT32_MAX / 10000, 10000 },
        { 1, UINT32_MAX },
        { 0x80008000, 2 },
        { 655 * 0x10001u, 100 },
        { 65534 * 0x10001u, 0 },
        { 40000 * 0x10001u, 0 },
        { 0, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct rte_flow_action_sample *sample;
        struct test_megaflow m;
        struct dpu_reason reason;
        struct dpu_spec spec;
        size_t offset, nested;

        test_megaflow_init(&m, IP4, "");
        offset = nl_msg_start_nested(&m.actions, OVS_ACTION_ATTR_SAMPLE);
        nl_msg_put_u32(&m.actions, OVS_SAMPLE_ATTR_PROBABILITY,
                       cases[i].probability);
        nested = nl_msg_start_nested(&m.actions, OVS_SAMPLE_ATTR_ACTIONS);
        nl_msg_put_u32(&m.actions, OVS_ACTION_ATTR_OUTPUT, 3);
        nl_msg_end_nested(&m.actions, nested);
        nl_msg_end_nested(&m.actions, offset);
        assert_int_equal(test_megaflow_translate(&m, &all, &spec, &reason),
                         cases[i].ratio != 0);
        if (cases[i].ratio) {
            assert_int_equal(spec.actions[1].type,
                             RTE_FLOW_ACTION_TYPE_SAMPLE);
            sample = spec.actions[1].conf;
            assert_int_equal(sample->ratio, cases[i].ratio);
        }
        test_megaflow_destroy(&m);
    }
}

/* What a clone does to the packet ends with it. */
static void
test_clone(void **state OVS_UNUSED)
{
    struct dpu_caps no_sample = test_caps_without(NULL, "sample", NULL);

    assert_actions(&all, IP4, "clone(" SET_DST("9") ",2),3",
                   "sample ratio 1 index 0 / " TO("3"));
    assert_samples(&all, IP4, "clone(" SET_DST("9") ",2),3",
                   "set sample_actions 0 " DST("9") " / " TO("2") " / end\n");

    /* Each output has its copy, with the changes so far. */
    assert_actions(&all, IP4, "clone(" SET_DST("9") ",2,push_vlan(vid=5,pcp=0)"
                   ",4,pop_vlan)," SET_DST("9") ",pop_vlan,3",
                   "sample ratio 1 index 0 / sample ratio 1 index 1 / "
                   DST("9") " / " TO("3"));
    assert_samples(&all, IP4,
                   "clone(" SET_DST("9") ",2,push_vlan(vid=5,pcp=0),4),3",
                   "set sample_actions 0 " DST("9") " / " TO("2") " / end\n"
                   "set sample_actions 1 " DST("9")
                   " / of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   TO("4") " / end\n");

    /* The last action changes nothing that is used afterwards. */
    assert_actions(&all, IP4, "2,clone(" SET_DST("9") ",3)",
                   "sample ratio 1 index 0 / " DST("9") " / " TO("3"));
    assert_actions(&all, IP4, "clone(recirc(5))", "mark id 0 / jump group 0");
    assert_actions(&all, IP4, "clone(clone(2))", TO("2"));

    /* Clones that output nothing, or after which nothing is output. */
    assert_actions(&all, IP4, "clone(" SET_DST("9") "),2", TO("2"));
    assert_actions(&all, IP4, "clone(" SET_DST("9") ")", "drop");
    assert_actions(&all, IP4, "clone(2)," SET_DST("9"),
                   "sample ratio 1 index 0 / drop");

    /* What software has to output. */
    assert_samples(&all, IP4, "clone(" SET_DST("9") ",20),3",
                   "set sample_actions 0 " DST("9") " / " UP " / end\n");

    /* Without SAMPLE. */
    assert_actions(&no_sample, IP4, "clone(2,4),3",
                   TO("2") " / " TO("4") " / " TO("3"));
    assert_refused(&no_sample, IP4, "clone(" SET_DST("9") ",2),3",
                   "action-device (sample)");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_userspace),
        cmocka_unit_test(test_userspace_behind_tags),
        cmocka_unit_test(test_sample_ratio),
        cmocka_unit_test(test_clone),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
