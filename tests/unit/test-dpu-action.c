/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-action: tests of dpu-action and dpu-set: for each action what it
 * becomes, on devices that have one form of it or another, and what is
 * refused. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct dpu_caps all;

#define IP4 "eth_type(0x0800)"
#define IP6 "eth_type(0x86dd)"
#define TCP4 IP4 ",ipv4(proto=6,frag=no)"
#define VLAN(VID) "eth_type(0x8100),vlan(vid=" VID ",pcp=0),encap("
#define TO(PORT) "represented_port ethdev_port_id 1" PORT

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

/* What 'actions' become, with the actions of the samples before them. */
static void
assert_nested(const char *match, const char *actions, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, match, actions);
    if (!test_megaflow_translate(&m, &all, &spec, &reason)) {
        fail_msg("%s: %s", actions, reason.detail);
    }
    dpu_spec_format_setup(&spec, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    test_megaflow_destroy(&m);
}

#define UP "mark id 0 / port_representor port_id 11"
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
    assert_nested(IP4, "sample(sample=50.0%,actions(" SFLOW ")),2",
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

#define SET_DST(N) "set(eth(dst=02:00:00:00:00:0" N "))"
#define DST(N) "set_mac_dst mac_addr 02:00:00:00:00:0" N

/* What a clone does to the packet ends with it. */
static void
test_clone(void **state OVS_UNUSED)
{
    struct dpu_caps no_sample = test_caps_without(NULL, "sample", NULL);

    assert_actions(&all, IP4, "clone(" SET_DST("9") ",2),3",
                   "sample ratio 1 index 0 / " TO("3"));
    assert_nested(IP4, "clone(" SET_DST("9") ",2),3",
                  "set sample_actions 0 " DST("9") " / " TO("2") " / end\n");

    /* Each output has its copy, with the changes so far. */
    assert_actions(&all, IP4, "clone(" SET_DST("9") ",2,push_vlan(vid=5,pcp=0)"
                   ",4,pop_vlan)," SET_DST("9") ",pop_vlan,3",
                   "sample ratio 1 index 0 / sample ratio 1 index 1 / "
                   DST("9") " / " TO("3"));
    assert_nested(IP4, "clone(" SET_DST("9") ",2,push_vlan(vid=5,pcp=0),4),3",
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
    assert_nested(IP4, "clone(" SET_DST("9") ",20),3",
                  "set sample_actions 0 " DST("9") " / " UP " / end\n");

    /* Without SAMPLE. */
    assert_actions(&no_sample, IP4, "clone(2,4),3",
                   TO("2") " / " TO("4") " / " TO("3"));
    assert_refused(&no_sample, IP4, "clone(" SET_DST("9") ",2),3",
                   "action-device (sample)");
}

#define PUSH(SIZE, TYPE, ETHERTYPE, REST)                               \
    "tnl_push(tnl_port(9),header(size=" SIZE ",type=" TYPE ","          \
    "eth(dst=f8:bc:12:44:34:b6,src=aa:55:aa:55:00:00,"                  \
    "dl_type=" ETHERTYPE ")," REST "),out_port(20))"
#define OUTER4(PROTO) \
    "ipv4(src=1.1.2.88,dst=1.1.2.92,proto=" PROTO ",tos=4,ttl=64,frag=0x4000)"
#define OUTER6(PROTO)                                                   \
    "ipv6(src=2001:db8::1,dst=2001:db8::2,label=0,proto=" PROTO         \
    ",tclass=0x0,hlimit=64)"
#define VXLAN4(CSUM, FLAGS)                                             \
    PUSH("50", "4", "0x0800",                                           \
         OUTER4("17") ",udp(src=0,dst=4789,csum=" CSUM "),"             \
         "vxlan(flags=" FLAGS ",vni=0x7b)")
#define VXLAN6(CSUM)                                                    \
    PUSH("70", "4", "0x86dd",                                           \
         OUTER6("17") ",udp(src=0,dst=4789,csum=" CSUM "),"             \
         "vxlan(flags=0x8000000,vni=0x7b)")
#define GRE4(SIZE, GRE) PUSH(SIZE, "3", "0x0800", OUTER4("47") "," GRE)

/* The same as bytes. */
#define ETH_BYTES(TYPE) "f8bc124434b6aa55aa550000" TYPE
#define IP4_BYTES(PROTO, CSUM) \
    "450400000000400040" PROTO CSUM "0101025801" "01025c"
#define IP6_BYTES \
    "6000000000001140" "20010db8000000000000000000000001" \
    "20010db8000000000000000000000002"

static void
test_vxlan_encap(void **state OVS_UNUSED)
{
    struct dpu_caps raw = test_caps_without(NULL, "vxlan_encap", NULL);
    struct dpu_caps vxlan = test_caps_without(NULL, "raw_encap", NULL);
    struct dpu_caps none = test_caps_without(NULL, "raw_encap vxlan_encap",
                                             NULL);

    assert_actions(&all, IP4, VXLAN4("0x0", "0x8000000") ",2",
                   "vxlan_encap eth dst is f8:bc:12:44:34:b6 "
                   "src is aa:55:aa:55:00:00 type is 0x800 "
                   "ipv4 version_ihl is 0x45 tos is 0x4 "
                   "fragment_offset is 0x4000 ttl is 64 "
                   "proto is 17 src is 1.1.2.88 dst is 1.1.2.92 "
                   "udp dst is 4789 vxlan vni is 123 / " TO("2"));
    assert_actions(&vxlan, IP4, VXLAN6("0x0") ",2",
                   "vxlan_encap eth dst is f8:bc:12:44:34:b6 "
                   "src is aa:55:aa:55:00:00 type is 0x86dd "
                   "ipv6 proto is 17 hop is 64 src is 2001:db8::1 "
                   "dst is 2001:db8::2 udp dst is 4789 vxlan vni is 123 / "
                   TO("2"));
    assert_actions(&raw, IP4, VXLAN4("0x0", "0x8000000") ",2",
                   "raw_encap size 50 data " ETH_BYTES("0800")
                   IP4_BYTES("11", "3434")
                   "000012b500000000" "0800000000007b00 / " TO("2"));
    assert_refused(&none, IP4, VXLAN4("0x0", "0x8000000") ",2",
                   "action-device (vxlan_encap)");
    /* VXLAN-GBP is more than VXLAN's item says. */
    assert_actions(&all, IP4, VXLAN4("0x0", "0x88000007") ",2",
                   "raw_encap size 50 data " ETH_BYTES("0800")
                   IP4_BYTES("11", "3434")
                   "000012b500000000" "8800000700007b00 / " TO("2"));
    assert_refused(&vxlan, IP4, VXLAN4("0x0", "0x88000007") ",2",
                   "action-device (raw_encap)");
}

static void
test_encap_udp_checksum(void **state OVS_UNUSED)
{
    struct dpu_caps none = all;

    assert_actions(&all, IP4, VXLAN6("0xffff") ",2",
                   "raw_encap size 70 data " ETH_BYTES("86dd") IP6_BYTES
                   "000012b50000ffff" "0800000000007b00 / " TO("2"));
    none.encap_udp_checksum = false;
    assert_refused(&none, IP4, VXLAN6("0xffff") ",2",
                   "action-device (tnl_push with a checksum in UDP)");
    assert_refused(&none, IP4, VXLAN4("0xffff", "0x8000000") ",2",
                   "action-device (tnl_push with a checksum in UDP)");
}

static void
test_geneve_encap(void **state OVS_UNUSED)
{
    struct dpu_caps vxlan = test_caps_without(NULL, "raw_encap", NULL);

#define GENEVE \
    PUSH("58", "5", "0x0800",                                   \
         OUTER4("17") ",udp(src=0,dst=6081,csum=0x0),"          \
         "geneve(crit,vni=0x1c7,"                               \
         "options({class=0xffff,type=0x80,len=4,0xa}))")
    assert_actions(&all, IP4, GENEVE ",2",
                   "raw_encap size 58 data " ETH_BYTES("0800")
                   IP4_BYTES("11", "3434") "000017c100000000"
                   "024065580001c700" "ffff80010000000a / " TO("2"));
    assert_refused(&vxlan, IP4, GENEVE ",2", "action-device (raw_encap)");
}

static void
test_gre_encap(void **state OVS_UNUSED)
{
    assert_actions(&all, IP4,
                   GRE4("42", "gre((flags=0x2000,proto=0x6558),key=0x1e241)")
                   ",2",
                   "raw_encap size 42 data " ETH_BYTES("0800")
                   IP4_BYTES("2f", "3416") "20006558" "0001e241 / " TO("2"));
    assert_actions(&all, IP4,
                   GRE4("38", "gre((flags=0x0,proto=0x6558))") ",2",
                   "raw_encap size 38 data " ETH_BYTES("0800")
                   IP4_BYTES("2f", "3416") "00006558 / " TO("2"));
    assert_refused(&all, IP4,
                   GRE4("42",
                        "gre((flags=0x8000,proto=0x6558),csum=0x0)") ",2",
                   "action (tnl_push with a checksum in GRE)");
    assert_refused(&all, IP4,
                   GRE4("42",
                        "gre((flags=0x1000,proto=0x6558),seq=0x0)") ",2",
                   "action (tnl_push with a sequence number in GRE)");
}

/* What follows is done to the outer frame. */
static void
test_after_encap(void **state OVS_UNUSED)
{
#define GRE GRE4("38", "gre((flags=0x0,proto=0x6558))")
#define GRE_BYTES "raw_encap size 38 data " ETH_BYTES("0800") \
    IP4_BYTES("2f", "3416") "00006558 / "
    assert_actions(&all, IP4,
                   "set(eth(dst=02:00:00:00:00:09))," GRE
                   ",push_vlan(vid=5,pcp=0),2",
                   "set_mac_dst mac_addr 02:00:00:00:00:09 / " GRE_BYTES
                   "of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   TO("2"));
    /* The tag is of the inner frame. */
    assert_actions(&all, VLAN("7") IP4 ")", GRE ",pop_vlan,2",
                   GRE_BYTES TO("2"));
    assert_refused(&all, IP4, GRE ",set(eth(dst=02:00:00:00:00:09)),2",
                   "action (set after tnl_push)");
    assert_nested(IP4, "clone(" GRE ",2),set(eth(dst=02:00:00:00:00:09)),3",
                  "set sample_actions 0 " GRE_BYTES TO("2") " / end\n");
    assert_actions(&all, IP4, "3,clone(" GRE ",2)",
                   "sample ratio 1 index 0 / " GRE_BYTES TO("2"));
    assert_refused(&all, IP4, GRE ",recirc(1)",
                   "recirc (recirc(0x1) after tnl_push)");
}

/* What no string can say: 'change' is made to a GRE push. */
static void
assert_push_refused(void (*change)(struct ovs_action_push_tnl *),
                    const char *expected)
{
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP4, GRE ",2");
    change(CONST_CAST(struct ovs_action_push_tnl *,
                      nl_attr_get(m.actions.data)));
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, expected);
    test_megaflow_destroy(&m);
}

static void
make_gtpu(struct ovs_action_push_tnl *push)
{
    push->tnl_type = OVS_VPORT_TYPE_GTPU;
}

static void
make_vxlan(struct ovs_action_push_tnl *push)
{
    push->tnl_type = OVS_VPORT_TYPE_VXLAN;
}

static void
make_long(struct ovs_action_push_tnl *push)
{
    push->header_len++;
}

static void
make_short(struct ovs_action_push_tnl *push)
{
    push->header_len = 37;
}

static void
make_empty(struct ovs_action_push_tnl *push)
{
    push->header_len = 0;
}

static void
test_encap_refused(void **state OVS_UNUSED)
{
    static const char malformed[]
        = "tnl_push of headers that are not a tunnel's";

    assert_push_refused(make_gtpu, "tnl_push of a tunnel that is not VXLAN, "
                        "GENEVE or GRE");
    assert_push_refused(make_vxlan, malformed);
    assert_push_refused(make_long, malformed);
    assert_push_refused(make_short, malformed);
    assert_push_refused(make_empty, malformed);
}

static void
test_meter(void **state OVS_UNUSED)
{
    struct dpu_caps no_meter = test_caps_without(NULL, "meter", NULL);
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

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
                   "action (more than a rule holds)");
    assert_refused(&no_meter, IP4, "meter(7),2", "action-device (meter)");
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

/* Pops labels, for which there are no words, putting the Ethernet types 'first'
 * and, unless it is 0, 'second' in their place, and then outputs. */
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
    assert_actions(&default_miss, IP4, "recirc(5)", "mark id 0 / jump group 0");
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
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_sample_ratio),
        cmocka_unit_test(test_clone),
        cmocka_unit_test(test_meter),
        cmocka_unit_test(test_drop),
        cmocka_unit_test(test_vxlan_encap),
        cmocka_unit_test(test_encap_udp_checksum),
        cmocka_unit_test(test_geneve_encap),
        cmocka_unit_test(test_gre_encap),
        cmocka_unit_test(test_after_encap),
        cmocka_unit_test(test_encap_refused),
        cmocka_unit_test(test_push_vlan),
        cmocka_unit_test(test_pop_vlan),
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
        cmocka_unit_test(test_pop_mpls),
        cmocka_unit_test(test_push_mpls),
        cmocka_unit_test(test_set_mpls),
        cmocka_unit_test(test_recirc),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_refused_unspoken),
        cmocka_unit_test(test_too_many),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
