/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-tunnel: tests of dpu-tunnel: what "tnl_push" becomes. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "util.h"

static struct dpu_caps all;

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
    assert_samples(&all, IP4,
                   "clone(" GRE ",2),set(eth(dst=02:00:00:00:00:09)),3",
                   "set sample_actions 0 " GRE_BYTES TO("2") " / end\n");
    assert_actions(&all, IP4, "3,clone(" GRE ",2)",
                   "sample ratio 1 index 0 / " GRE_BYTES TO("2"));
    assert_refused(&all, IP4, GRE "," CONTROLLER ",2",
                   "action-software (userspace after tnl_push)");
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vxlan_encap),
        cmocka_unit_test(test_encap_udp_checksum),
        cmocka_unit_test(test_geneve_encap),
        cmocka_unit_test(test_gre_encap),
        cmocka_unit_test(test_after_encap),
        cmocka_unit_test(test_encap_refused),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
