/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-match: tests of dpu-match: for each matcher what it takes, what it
 * refuses, and how the rule prints. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <string.h>

#include "flow.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "random.h"
#include "util.h"

static struct dpu_caps all;

/* Shorthands for what dump-flows prints. */
#define ARP "eth_type(0x0806)"

static void
test_in_port(void **state OVS_UNUSED)
{
    struct dpu_caps port_id = test_caps_without("represented_port", NULL,
                                                NULL);
    struct dpu_caps none = test_caps_without("represented_port port_id", NULL,
                                             NULL);
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_rule(&all, "recirc_id(0),in_port(3),packet_type(ns=0,id=0),"
                "eth_type(0x1234)", "2",
                "group 0 priority 0 transfer pattern represented_port "
                "ethdev_port_id is 13 / eth type is 0x1234 / end actions "
                "count / represented_port ethdev_port_id 12 / end");
    assert_rule(&port_id, "eth_type(0x1234)", "drop",
                "group 0 priority 0 transfer pattern port_id id is 11 / "
                "eth type is 0x1234 / end actions count / drop / end");

    /* Without an item the rule has to be the port's own. */
    test_megaflow_init(&m, "eth_type(0x1234)", "drop");
    assert_true(test_megaflow_translate(&m, &none, &spec, &reason));
    assert_true(spec.needs_port_ethdev);
    assert_int_equal(spec.port_ethdev, 11);
    assert_int_equal(spec.items[0].type, RTE_FLOW_ITEM_TYPE_ETH);
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_false(spec.needs_port_ethdev);
    test_megaflow_destroy(&m);

    none.transfer = false;
    assert_rule(&none, "eth_type(0x1234)", "drop",
                "group 0 priority 0 ingress pattern eth type is 0x1234 / "
                "end actions count / drop / end");

    assert_refused(&all, "recirc_id(0),in_port(77),eth_type(0x1234)", "drop",
                   "in-port (port 77)");
    assert_refused(&all, "recirc_id(0),in_port(8),eth_type(0x1234)", "drop",
                   "action-software (a limit of port 8)");
}

static void
test_metadata(void **state OVS_UNUSED)
{
    /* A megaflow of another chain matches as one of the first. */
    assert_items(&all, "recirc_id(0x2a),in_port(1),eth_type(0x1234)",
                 "eth type is 0x1234");

    /* Before the first recirculation all of these are zero. */
    assert_items(&all, "ct_state(-trk),ct_mark(0),skb_priority(0),"
                 "skb_mark(0),eth_type(0x1234)",
                 "eth type is 0x1234");

    assert_refused(&all, "ct_state(+trk),eth_type(0x1234)", "drop",
                   "match-field (ct_state)");
    assert_refused(&all, "ct_zone(0x1),eth_type(0x1234)", "drop",
                   "match-field (ct_zone)");
    assert_refused(&all, "ct_mark(0x1/0x1),eth_type(0x1234)", "drop",
                   "match-field (ct_mark)");
    assert_refused(&all, "ct_label(0x1/0x1),eth_type(0x1234)", "drop",
                   "match-field (ct_label)");
    assert_refused(&all, "skb_priority(0x1),eth_type(0x1234)", "drop",
                   "match-field (skb_priority)");
    assert_refused(&all, "skb_mark(0x1/0x1),eth_type(0x1234)", "drop",
                   "match-field (pkt_mark)");
    assert_refused(&all, "dp_hash(0x1/0xf),eth_type(0x1234)", "drop",
                   "match-field (dp_hash)");
    /* Zero is a hash like others where packets have one. */
    assert_refused(&all, "recirc_id(1),dp_hash(0/0xf),in_port(1),"
                   "eth_type(0x1234)", "drop", "match-field (dp_hash)");
    assert_refused(&all, "tunnel(tun_id=0x1,src=1.1.1.1,dst=2.2.2.2,ttl=64,"
                   "flags(key)),eth_type(0x1234)", "drop",
                   "match-field (tunnel.ip_dst)");
}

static void
test_eth(void **state OVS_UNUSED)
{
    struct dpu_caps no_eth = test_caps_without("eth", NULL, NULL);

    assert_items(&all, "eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),"
                 "eth_type(0x1234)",
                 "eth dst is 02:00:00:00:00:02 src is 02:00:00:00:00:01 "
                 "type is 0x1234");
    assert_items(&all, "eth(dst=01:00:00:00:00:00/01:00:00:00:00:00),"
                 "eth_type(0x1234)",
                 "eth dst spec 01:00:00:00:00:00 "
                 "dst mask 01:00:00:00:00:00 type is 0x1234");
    assert_refused(&no_eth, "eth_type(0x1234)", "drop", "match-item (eth)");
}

static void
test_mpls(void **state OVS_UNUSED)
{
    struct dpu_caps no_mpls = test_caps_without("mpls", NULL, NULL);

    assert_items(&all, "eth_type(0x8847),mpls(label=5,tc=2,ttl=64,bos=1)",
                 "eth type is 0x8847 / mpls label is 5 tc is 2 s is 1 "
                 "ttl is 64");
    assert_items(&all, "eth_type(0x8848),mpls(label=5,tc=0/0,ttl=64/0,bos=1)",
                 "eth type is 0x8848 / mpls label is 5 s is 1");
    assert_items(&all, "eth_type(0x8847),"
                 "mpls(label=5,tc=0/0,ttl=64/0,bos=0,"
                 "label=6,tc=0/0,ttl=9,bos=0)",
                 "eth type is 0x8847 / mpls label is 5 s is 0 / "
                 "mpls label is 6 s is 0 ttl is 9");
    assert_items(&all, "eth_type(0x8847)", "eth type is 0x8847");
    assert_refused(&no_mpls, "eth_type(0x8847),mpls(label=5,tc=0,ttl=64,bos=1)",
                   "drop", "match-item (mpls)");
}

/* The label stack of packets that may be without one. */
static void
test_mpls_unseen(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, "eth_type(0x0800)", "drop");
    m.match.wc.masks.mpls_lse[1] = htonl(0x100);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_MATCH_FIELD);
    assert_string_equal(reason.detail, "mpls_lse");
    test_megaflow_destroy(&m);
}

/* What a match in the syntax of dump-flows cannot say. */
static void
test_eth_unseen(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    /* A length, not a type. */
    test_megaflow_init(&m, "eth_type(0x1234)", "drop");
    m.match.flow.dl_type = htons(FLOW_DL_TYPE_NONE);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_MATCH_FIELD);
    assert_string_equal(reason.detail, "eth.type of 802.3 frames");

    /* Not Ethernet. */
    m.match.flow.dl_type = htons(ETH_TYPE_IP);
    m.match.flow.packet_type = htonl(PT_IPV4);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "packet_type");
    test_megaflow_destroy(&m);
}

static void
test_vlan(void **state OVS_UNUSED)
{
    struct dpu_caps no_vlan = test_caps_without("vlan", NULL, NULL);

    assert_items(&all, "eth_type(0x8100),vlan(vid=100,pcp=3),"
                 "encap(eth_type(0x1234))",
                 "eth type is 0x8100 / vlan vid is 100 pcp is 3 "
                 "inner_type is 0x1234");
    assert_items(&all, "eth_type(0x88a8),vlan(vid=100/0xff0,pcp=0/0x0),"
                 "encap(eth_type(0x1234))",
                 "eth type is 0x88a8 / vlan vid spec 96 vid mask 0xff0 "
                 "inner_type is 0x1234");
    assert_items(&all, "eth_type(0x88a8),vlan(vid=100,pcp=0),"
                 "encap(eth_type(0x8100),vlan(vid=200,pcp=5),"
                 "encap(eth_type(0x1234)))",
                 "eth type is 0x88a8 / vlan vid is 100 pcp is 0 "
                 "inner_type is 0x8100 / vlan vid is 200 pcp is 5 "
                 "inner_type is 0x1234");
    assert_refused(&no_vlan, "eth_type(0x8100),vlan(vid=1,pcp=0),"
                   "encap(eth_type(0x1234))", "drop", "match-item (vlan)");
}

/* Masks that a dump does not show. */
static void
test_vlan_unseen(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;
    struct flow *key = &m.match.flow;
    struct flow *mask = &m.match.wc.masks;
    const struct rte_flow_item_vlan *vlan;
    const struct rte_flow_item_eth *eth;

    /* The TPID is not matched: a tag of any kind. */
    test_megaflow_init(&m, "eth_type(0x8100),vlan(vid=100,pcp=3),"
                       "encap(eth_type(0x1234))", "drop");
    mask->vlans[0].tpid = 0;
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_null(spec.items[1].mask);
    vlan = spec.items[2].mask;
    assert_int_equal(vlan->hdr.vlan_tci, htons(0xefff));

    /* Nor is the presence of the tag: the rule takes tagged packets. */
    mask->vlans[0].tci = 0;
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.items[2].type, RTE_FLOW_ITEM_TYPE_VLAN);
    vlan = spec.items[2].mask;
    assert_int_equal(vlan->hdr.vlan_tci, 0);

    /* Neither the type nor the presence of a tag. */
    memset(key->vlans, 0, sizeof key->vlans);
    mask->vlans[0].tci = htons(VLAN_CFI);
    mask->dl_type = 0;
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    eth = spec.items[1].mask;
    assert_int_equal(eth->has_vlan, 1);
    assert_int_equal(eth->hdr.ether_type, 0);

    /* A type that is matched in part. */
    mask->dl_type = htons(0xff00);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_MATCH_MASK);

    /* A VLAN id without a tag. */
    mask->dl_type = OVS_BE16_MAX;
    mask->vlans[1].tci = htons(VLAN_VID_MASK);
    key->vlans[1].tci = htons(5);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_INVALID_FLOW);
    memset(&key->vlans[1], 0, sizeof key->vlans[1]);

    /* A TPID where software saw no tag: it was cut off. */
    key->dl_type = htons(ETH_TYPE_VLAN);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_MATCH_FIELD);

    /* A TPID after as many tags as software looks at. */
    key->vlans[0].tpid = htons(ETH_TYPE_VLAN_8021AD);
    key->vlans[0].tci = htons(VLAN_CFI | 5);
    flow_limit_vlans(1);
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    flow_limit_vlans(0);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    test_megaflow_destroy(&m);
}

static void
test_ipv4(void **state OVS_UNUSED)
{
    struct dpu_caps no_ipv4 = test_caps_without("ipv4", NULL, NULL);

    assert_items(&all, IP4, "eth type is 0x800");
    assert_items(&all, IP4 ",ipv4(src=10.1.0.0/255.255.0.0,dst=10.2.3.4,"
                 "proto=47,tos=0x10/0xfc,ttl=64,frag=no)",
                 "eth type is 0x800 / ipv4 tos spec 0x10 tos mask 0xfc "
                 "fragment_offset spec 0x0 fragment_offset mask 0x3fff "
                 "ttl is 64 proto is 47 src spec 10.1.0.0 "
                 "src mask 255.255.0.0 dst is 10.2.3.4");
    assert_items(&all, IP4 ",ipv4(frag=first)",
                 "eth type is 0x800 / ipv4 fragment_offset spec 0x2000 "
                 "fragment_offset mask 0x3fff");
    assert_items(&all, IP4 ",ipv4(frag=later)",
                 "eth type is 0x800 / ipv4 fragment_offset spec 0x1 "
                 "fragment_offset last 0x1fff fragment_offset mask 0x1fff");
    assert_refused(&no_ipv4, IP4 ",ipv4(ttl=1/0x1,frag=no)", "drop",
                   "match-item (ipv4)");
}

static void
test_ipv6(void **state OVS_UNUSED)
{
    struct dpu_caps no_frag = test_caps_without("ipv6_frag_ext", NULL, NULL);

    assert_items(&all, IP6 ",ipv6(src=fd00::1,dst=fd00::/ffff::,"
                 "label=0xff/0xfffff,proto=17,tclass=0x10/0xfc,hlimit=64,"
                 "frag=no)",
                 "eth type is 0x86dd / ipv6 tc spec 0x10 tc mask 0xfc "
                 "flow is 0xff proto is 17 hop is 64 src is fd00::1 "
                 "dst spec fd00:: dst mask ffff:: has_frag_ext is 0");
    assert_items(&all, IP6 ",ipv6(proto=17,frag=first)",
                 "eth type is 0x86dd / ipv6 / ipv6_frag_ext next_hdr is 17 "
                 "frag_data spec 0x1 frag_data mask 0xfff9");
    assert_items(&all, IP6 ",ipv6(proto=44,frag=later)",
                 "eth type is 0x86dd / ipv6 / ipv6_frag_ext "
                 "frag_data spec 0x8 frag_data last 0xfff8 "
                 "frag_data mask 0xfff8");
    assert_refused(&no_frag, IP6 ",ipv6(frag=first)", "drop",
                   "match-item (ipv6_frag_ext)");
    assert_refused(&all, IP6 ",ipv6(proto=17,frag=later)", "drop",
                   "invalid-flow (nw_proto=17 of a later fragment)");
    /* A device might take the number for that of the extension header. */
    assert_refused(&all, IP6 ",ipv6(proto=0,frag=no)", "drop",
                   "match-mask (ipv6.proto=0/0xff covers extension headers)");
    assert_refused(&all, IP6 ",ipv6(proto=17/0x1,frag=no)", "drop",
                   "match-mask (ipv6.proto=1/0x1 covers extension headers)");
}

/* Every mask and value of nw_frag. */
static void
test_frag(void **state OVS_UNUSED)
{
    static const struct {
        uint8_t value, mask;
        uint16_t spec, last, frag_mask; /* Of IPv4. */
        bool ipv6;
    } cases[] = {
        { 0, 0, 0, 0, 0, true },
        { 0, 1, 0, 0, 0x3fff, true },
        { 1, 1, 0x0001, 0x3fff, 0x3fff, true },
        { 0, 2, 0, 0, 0x1fff, false },
        { 2, 2, 0x0001, 0x1fff, 0x1fff, true },
        { 0, 3, 0, 0, 0x3fff, true },
        { 1, 3, 0x2000, 0, 0x3fff, true },
        { 3, 3, 0x0001, 0x1fff, 0x1fff, true },
    };
    struct test_megaflow m4, m6;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m4, IP4 ",ipv4(tos=0x4)", "drop");
    test_megaflow_init(&m6, IP6 ",ipv6(tclass=0x4)", "drop");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct rte_flow_item_ipv4 *last, *mask;

        m4.match.flow.nw_frag = m6.match.flow.nw_frag = cases[i].value;
        m4.match.wc.masks.nw_frag = m6.match.wc.masks.nw_frag = cases[i].mask;
        assert_true(test_megaflow_translate(&m4, &all, &spec, &reason));
        last = spec.items[2].last;
        mask = spec.items[2].mask;
        assert_int_equal(last ? ntohs(last->hdr.fragment_offset) : 0,
                         cases[i].last);
        assert_int_equal(ntohs(mask->hdr.fragment_offset),
                         cases[i].frag_mask);
        assert_int_equal(test_megaflow_translate(&m6, &all, &spec, &reason),
                         cases[i].ipv6);
    }
    /* Of an IPv6 fragment only the first has a protocol but 44. */
    m6.match.flow.nw_frag = m6.match.wc.masks.nw_frag = FLOW_NW_FRAG_ANY;
    m6.match.flow.nw_proto = 17;
    m6.match.wc.masks.nw_proto = UINT8_MAX;
    assert_true(test_megaflow_translate(&m6, &all, &spec, &reason));
    assert_int_equal(spec.items[3].type, RTE_FLOW_ITEM_TYPE_IPV6_FRAG_EXT);
    assert_null(spec.items[3].last);

    m4.match.flow.nw_frag = FLOW_NW_FRAG_LATER;
    m4.match.wc.masks.nw_frag = FLOW_NW_FRAG_MASK;
    assert_false(test_megaflow_translate(&m4, &all, &spec, &reason));
    assert_int_equal(reason.code, DPU_REASON_INVALID_FLOW);
    test_megaflow_destroy(&m4);
    test_megaflow_destroy(&m6);
}

static void
test_arp(void **state OVS_UNUSED)
{
    assert_items(&all, ARP, "eth type is 0x806");
    assert_items(&all, ARP ",arp(sip=10.0.0.1,tip=10.0.0.0/255.255.255.0,"
                 "op=1,sha=02:00:00:00:00:01,tha=00:00:00:00:00:00)",
                 "eth type is 0x806 / arp_eth_ipv4 op is 1 "
                 "sha is 02:00:00:00:00:01 spa is 10.0.0.1 "
                 "tha is 00:00:00:00:00:00 tpa spec 10.0.0.0 "
                 "tpa mask 255.255.255.0");
    assert_items(&all, ARP ",arp(op=1/0x3)",
                 "eth type is 0x806 / arp_eth_ipv4 op spec 1 op mask 0xff03");
    assert_refused(&all, "eth_type(0x8035),arp(op=3)", "drop",
                   "match-field (nw_proto)");
}

static void
test_tcp(void **state OVS_UNUSED)
{
    struct dpu_caps no_tcp = test_caps_without("tcp", NULL, NULL);
    const char *ip = "eth type is 0x800 / ipv4 fragment_offset spec 0x0 "
                     "fragment_offset mask 0x3fff proto is 6";
    char *expected;

    assert_items(&all, IP4 ",ipv4(proto=6,frag=no)", ip);
    expected = xasprintf("%s / tcp src spec 1024 src mask 0xfc00 dst is 80 "
                         "flags spec 0x2 flags mask 0x12", ip);
    assert_items(&all, IP4 ",ipv4(proto=6,frag=no),"
                 "tcp(src=1024/0xfc00,dst=80),tcp_flags(+syn-ack)", expected);
    free(expected);
    expected = xasprintf("%s / tcp data_off spec 0x1 data_off mask 0x1", ip);
    assert_items(&all, IP4 ",ipv4(proto=6,frag=no),tcp_flags(0x100/0x100)",
                 expected);
    free(expected);
    assert_items(&all, IP6 ",ipv6(proto=6,frag=no),tcp(dst=80)",
                 "eth type is 0x86dd / ipv6 proto is 6 has_frag_ext is 0 / "
                 "tcp dst is 80");
    assert_refused(&no_tcp, IP4 ",ipv4(proto=6,frag=no),tcp(dst=80)", "drop",
                   "match-item (tcp)");
    assert_items(&no_tcp, IP4 ",ipv4(proto=6,frag=no)", ip);
}

static void
test_udp_sctp(void **state OVS_UNUSED)
{
    assert_items(&all, IP4 ",ipv4(proto=17),udp(src=53/0xff)",
                 "eth type is 0x800 / ipv4 proto is 17 / "
                 "udp src spec 53 src mask 0xff");
    assert_items(&all, IP4 ",ipv4(proto=132),sctp(dst=2905)",
                 "eth type is 0x800 / ipv4 proto is 132 / sctp dst is 2905");
    /* A first fragment has ports. */
    assert_items(&all, IP6 ",ipv6(proto=17,frag=first),udp(dst=53)",
                 "eth type is 0x86dd / ipv6 / ipv6_frag_ext next_hdr is 17 "
                 "frag_data spec 0x1 frag_data mask 0xfff9 / udp dst is 53");
}

static void
test_icmp(void **state OVS_UNUSED)
{
    assert_items(&all, IP4 ",ipv4(proto=1),icmp(type=8,code=0)",
                 "eth type is 0x800 / ipv4 proto is 1 / "
                 "icmp type is 8 code is 0");
    assert_items(&all, IP4 ",ipv4(proto=1),icmp(type=8/0xf8)",
                 "eth type is 0x800 / ipv4 proto is 1 / "
                 "icmp type spec 8 type mask 0xf8");
    assert_items(&all, IP6 ",ipv6(proto=58),icmpv6(type=128,code=0)",
                 "eth type is 0x86dd / ipv6 proto is 58 has_frag_ext is 0 / "
                 "icmp6 type is 128 code is 0");
}

/* IGMP has a type, and a group, that no item matches. */
static void
test_igmp(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP4 ",ipv4(proto=2,frag=no)", "drop");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    m.match.wc.masks.tp_src = OVS_BE16_MAX;
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "tp_src");
    m.match.wc.masks.tp_src = 0;
    m.match.wc.masks.igmp_group_ip4 = OVS_BE32_MAX;
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "igmp_group_ip4");
    test_megaflow_destroy(&m);
}

#define ND IP6 ",ipv6(proto=58),icmpv6(type="
#define ND_ITEMS(SIZE) "eth type is 0x86dd / ipv6 payload_len is " SIZE \
                       " proto is 58 has_frag_ext is 0 / "

static void
test_nd(void **state OVS_UNUSED)
{
    const char *ip6 = "eth type is 0x86dd / ipv6 proto is 58 "
                      "has_frag_ext is 0";
    struct dpu_caps no_length;
    char *expected;

    expected = xasprintf("%s / icmp6_nd_ns target_addr is fd00::1 / "
                         "icmp6_nd_opt_sla_eth sla is 02:00:00:00:00:01",
                         ip6);
    assert_items(&all, IP6 ",ipv6(proto=58),icmpv6(type=135,code=0),"
                 "nd(target=fd00::1,sll=02:00:00:00:00:01)", expected);
    free(expected);

    expected = xasprintf("%s / icmp6_nd_na target_addr spec fd00:: "
                         "target_addr mask ffff:: / "
                         "icmp6_nd_opt_tla_eth tla spec 02:00:00:00:00:00 "
                         "tla mask ff:00:00:00:00:00", ip6);
    assert_items(&all, IP6 ",ipv6(proto=58),icmpv6(type=136,code=0),"
                 "nd(target=fd00::/ffff::,"
                 "tll=02:00:00:00:00:00/ff:00:00:00:00:00)", expected);
    free(expected);

    expected = xasprintf("%s / icmp6_nd_na rso_reserved is 0x20000000", ip6);
    assert_items(&all, IP6 ",ipv6(proto=58),icmpv6(type=136,code=0),"
                 "nd_ext(nd_reserved=0x20000000)", expected);
    free(expected);

    /* There is no option if the packet has no room for one. */
    assert_items(&all, ND "135,code=0),"
                 "nd(target=fd00::1,sll=00:00:00:00:00:00)",
                 ND_ITEMS("24") "icmp6_nd_ns target_addr is fd00::1");
    assert_items(&all, ND "135,code=0),"
                 "nd(sll=02:00:00:00:00:01,tll=00:00:00:00:00:00)",
                 ND_ITEMS("32") "icmp6_nd_ns / "
                 "icmp6_nd_opt_sla_eth sla is 02:00:00:00:00:01");
    assert_items(&all, ND "136,code=0),"
                 "nd(sll=00:00:00:00:00:00,tll=02:00:00:00:00:01)",
                 ND_ITEMS("32") "icmp6_nd_na / "
                 "icmp6_nd_opt_tla_eth tla is 02:00:00:00:00:01");
    no_length = all;
    no_length.ipv6_length = no_length.ipv6_length_range = false;
    assert_refused(&no_length, ND "135,code=0),"
                   "nd(target=fd00::1,sll=00:00:00:00:00:00)", "drop",
                   "match-field (nd_sll)");
    /* Lengths that the actions ask for, and those that they do not. */
    assert_rule(&all, ND "135,code=0),nd(sll=00:00:00:00:00:00)",
                "check_pkt_len(size=78,gt(drop),le(2))",
                "group 0 priority 0 transfer pattern represented_port "
                "ethdev_port_id is 11 / " ND_ITEMS("24") "icmp6_nd_ns / end "
                "actions count / represented_port ethdev_port_id 12 / end");
    assert_refused(&all, ND "135,code=0),nd(sll=00:00:00:00:00:00)",
                   "check_pkt_len(size=77,gt(userspace(pid=0)),le(2))",
                   "match-field (nd_sll)");

    /* Which of the options is the first one. */
    assert_refused(&all, IP6 ",ipv6(proto=58),icmpv6(type=135,code=0),"
                   "nd_ext(nd_options_type=1)", "drop",
                   "match-field (nd_options_type)");
}

/* Packets of other types have nothing of neighbor discovery: zero is no
 * condition, anything else cannot be. */
static void
test_no_nd(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP6 ",ipv6(proto=58),icmpv6(type=133,code=0)",
                       "drop");
    m.match.wc.masks.nd_target = in6addr_exact;
    m.match.wc.masks.arp_sha = eth_addr_exact;
    m.match.wc.masks.arp_tha = eth_addr_exact;
    m.match.wc.masks.igmp_group_ip4 = OVS_BE32_MAX;
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_true(dpu_spec_has_item(&spec, RTE_FLOW_ITEM_TYPE_ICMP6));
    m.match.flow.arp_tha.ea[5] = 1;
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "nd_tll");
    m.match.flow.arp_tha.ea[5] = 0;
    m.match.flow.nd_target.s6_addr[15] = 1;
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "nd_target");
    m.match.flow.nd_target.s6_addr[15] = 0;
    /* Of any type, it may be one that has them. */
    m.match.wc.masks.tp_src = 0;
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    test_megaflow_destroy(&m);
}

/* Later fragments have no ports: zero is no condition, anything else cannot
 * be. */
static void
test_later_ports(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    test_megaflow_init(&m, IP4 ",ipv4(proto=17,frag=later)", "drop");
    m.match.wc.masks.tp_src = OVS_BE16_MAX;
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_false(dpu_spec_has_item(&spec, RTE_FLOW_ITEM_TYPE_UDP));
    m.match.flow.tp_src = htons(53);
    assert_false(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_string_equal(reason.detail, "tp_src");
    test_megaflow_destroy(&m);
}

/* Bits outside the mask may be anything, as when the match is made from a
 * packet. */
static void
test_unmasked_key(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;
    const struct rte_flow_item_ipv4 *ipv4;
    const struct rte_flow_item_eth *eth;

    test_megaflow_init(&m, "eth(dst=02:00:00:00:00:00/ff:00:00:00:00:00),"
                       IP4 ",ipv4(dst=10.0.0.0/255.0.0.0,frag=no)", "drop");
    memset(m.match.flow.dl_dst.ea + 1, 0x77, 5);
    m.match.flow.nw_dst |= htonl(0x00020304);
    m.match.flow.nw_src = htonl(0x05060708);
    m.match.flow.ct_state = 0x21;
    m.match.flow.tp_src = htons(5);
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    eth = spec.items[1].spec;
    assert_int_equal(eth->hdr.dst_addr.addr_bytes[1], 0);
    ipv4 = spec.items[2].spec;
    assert_int_equal(ntohl(ipv4->hdr.dst_addr), 0x0a000000);
    assert_int_equal(ipv4->hdr.src_addr, 0);
    test_megaflow_destroy(&m);
}

/* Every bit of the mask is taken by a matcher or named: alone on top of what
 * every megaflow matches. */
static void
test_every_bit(void **state OVS_UNUSED)
{
    static const char *bases[] = {
        "eth_type(0x1234)",
        "eth_type(0x8100),vlan(vid=100,pcp=3),encap(eth_type(0x1234))",
        ARP,
        IP4 ",ipv4(proto=6,frag=no)",
        IP4 ",ipv4(proto=17,frag=later)",
        IP6 ",ipv6(proto=17,frag=no)",
        IP6 ",ipv6(proto=58,frag=no),icmpv6(type=135,code=0)",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
        struct test_megaflow m;
        uint8_t *key = (uint8_t *) &m.match.flow;
        uint8_t *mask = (uint8_t *) &m.match.wc.masks;

        test_megaflow_init(&m, bases[i], "drop");
        for (size_t bit = 0; bit < 8 * sizeof(struct flow); bit++) {
            uint8_t one = 1u << bit % 8;
            struct test_megaflow m0 = m;
            struct dpu_spec before, after;
            struct dpu_reason reason;

            if (mask[bit / 8] & one) {
                continue;
            }
            /* Nothing else of a tunnel is valid without a destination. */
            if (bit / 8 >= offsetof(struct flow, tunnel.ip_src)
                && bit / 8 < MEMBER_SIZEOF(struct flow, tunnel)) {
                continue;
            }
            assert_true(test_megaflow_translate(&m, &all, &before, &reason));
            mask[bit / 8] |= one;
            key[bit / 8] |= one;
            if (test_megaflow_translate(&m, &all, &after, &reason)) {
                /* It made the rule narrower. */
                assert_true(before.n_items != after.n_items
                            || before.arena_used != after.arena_used
                            || memcmp(before.arena, after.arena,
                                      before.arena_used));
            } else {
                assert_true(reason.code != DPU_REASON_NONE);
                assert_true(reason.detail[0] != '\0');
                assert_string_not_equal(reason.detail, "padding");
            }
            m = m0;
        }
        test_megaflow_destroy(&m);
    }
}

static void
fill_random(void *p_, size_t n, int density)
{
    uint8_t *p = p_;

    for (size_t i = 0; i < n; i++) {
        p[i] = random_uint32() % 8 < density ? random_uint32() : 0;
    }
}

/* Whatever stands in a match, translation ends, with a rule that prints or
 * with a reason. */
static void
test_random(void **state OVS_UNUSED)
{
    random_set_seed(1);
    for (int i = 0; i < 200000; i++) {
        static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806, 0x8100 };
        static const uint8_t protos[] = { 1, 6, 17, 44, 58, 132 };
        struct ds s = DS_EMPTY_INITIALIZER;
        struct test_megaflow m;
        struct dpu_reason reason;
        struct dpu_spec spec;
        struct flow *key = &m.match.flow;
        struct flow *mask = &m.match.wc.masks;

        memset(&m, 0, sizeof m);
        fill_random(key, sizeof *key, 8);
        fill_random(&mask->dl_dst, sizeof *mask
                    - offsetof(struct flow, dl_dst), i % 8);
        memset(&mask->mpls_lse, 0, sizeof mask->mpls_lse);
        memset(&mask->nsh, 0, sizeof mask->nsh);
        mask->pad2 = mask->pad3 = 0;
        memset(mask->pad1, 0, sizeof mask->pad1);
        memset(&key->tunnel, 0, sizeof key->tunnel);
        key->in_port.odp_port = u32_to_odp(1 + i % 9);
        mask->in_port.odp_port = ODPP_NONE;
        key->dl_type = htons(types[random_uint32() % ARRAY_SIZE(types)]);
        key->nw_proto = protos[random_uint32() % ARRAY_SIZE(protos)];
        mask->dl_type = OVS_BE16_MAX;
        mask->nw_proto |= random_uint32() % 2 ? 0xff : 0;

        if (test_megaflow_translate(&m, &all, &spec, &reason)) {
            dpu_spec_format(&spec, &s);
            assert_null(strstr(ds_cstr(&s), "item-"));
            assert_null(strstr(ds_cstr(&s), "action-"));
        } else {
            dpu_reason_format(&reason, &s);
            assert_true(reason.detail[0] != '\0');
        }
        ds_destroy(&s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_port),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_eth),
        cmocka_unit_test(test_eth_unseen),
        cmocka_unit_test(test_mpls),
        cmocka_unit_test(test_mpls_unseen),
        cmocka_unit_test(test_vlan),
        cmocka_unit_test(test_vlan_unseen),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_frag),
        cmocka_unit_test(test_arp),
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_udp_sctp),
        cmocka_unit_test(test_icmp),
        cmocka_unit_test(test_igmp),
        cmocka_unit_test(test_nd),
        cmocka_unit_test(test_no_nd),
        cmocka_unit_test(test_later_ports),
        cmocka_unit_test(test_unmasked_key),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_random),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
