/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-match-tunnel: tests of dpu-match-tunnel, and of the actions at both
 * sides of a tunnel's end. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include "byte-order.h"
#include "flow.h"
#include "packets.h"
#include "util.h"

static struct dpu_caps all;

#define IPV4(PROTO)                                                         \
    "eth type is 0x800 / ipv4 version_ihl spec 0x45 version_ihl mask 0xf "  \
    "tos is 0x0 fragment_offset spec 0x0 fragment_offset mask 0x3fff "      \
    "proto is " PROTO " src is 1.1.1.1 dst is 1.1.1.2 / "
#define IPV6(PROTO)                                                         \
    "eth type is 0x86dd / ipv6 tc is 0x0 proto is " PROTO " "               \
    "src is fd00::1 dst is fd00::2 has_frag_ext is 0 / "

/* Fails unless the packets of 'match', which ends with an inner ARP header,
 * are those of 'items', and software has 'overhead' bytes less of each. */
static void
assert_tunnel__(const char *match, const char *items, size_t overhead,
                const char *file, int line)
{
    char *flow = xasprintf("%s,eth_type(0x0806)", match);
    char *rule = xasprintf("group 0 priority 0 transfer pattern "
                           "represented_port / %s / eth type is 0x806 / "
                           "end actions count / drop / end", items);
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_rule_(&all, flow, "drop", rule, file, line);
    test_megaflow_init(&m, flow, "drop");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_int_equal(spec.outer_size, overhead);
    assert_int_equal(spec.chain.in_port, m.match.flow.in_port.odp_port);
    assert_int_equal(spec.chain.recirc_id, 0);
    assert_int_equal(spec.port_ethdev, 11);
    test_megaflow_destroy(&m);
    free(rule);
    free(flow);
}
#define assert_tunnel(MATCH, ITEMS, OVERHEAD) \
    assert_tunnel__(MATCH, ITEMS, OVERHEAD, __FILE__, __LINE__)

#define IN "eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=4789)"
#define VXLAN(TUNNEL) "recirc_id(0),in_port(30),tunnel(" TUNNEL ")"
#define GENEVE(TUNNEL) "recirc_id(0),in_port(31),tunnel(" TUNNEL ")"
#define GRE(TUNNEL) "recirc_id(0),in_port(32),tunnel(" TUNNEL ")"
#define ADDRS "src=1.1.1.1,dst=1.1.1.2,tos=0,ttl=64/0"
#define ADDRS6 "ipv6_src=fd00::1,ipv6_dst=fd00::2,tos=0,ttl=64/0"
#define VXLAN_ITEM(VNI) \
    "vxlan flags is 0x8 rsvd0 is 0x0 " VNI " last_rsvd is 0x0"
#define OPT(CLASS, LEN, DATA) \
    "{class=" CLASS ",type=0x80,len=" LEN "," DATA "}"
#define GENEVE_ITEM(LEN) \
    "geneve version is 0 optlen is " LEN " protocol is 0x6558 vni is 5"

static void
test_vxlan(void **state OVS_UNUSED)
{
    assert_tunnel(VXLAN("tun_id=0x5," ADDRS ",flags(-df-csum+key)"),
                  IPV4("17") "udp / " VXLAN_ITEM("vni is 5"), 50);
    assert_tunnel(VXLAN("tun_id=0x5," ADDRS6 ",flags(-df+csum+key)"),
                  IPV6("17") "udp / " VXLAN_ITEM("vni is 5"), 70);
    /* A port that the tunnel was matched by, and no more of the key. */
    assert_tunnel(VXLAN("tun_id=0x4/0xfc," ADDRS ",tp_src=50000,flags(+key)"),
                  IPV4("17") "udp src is 50000 / "
                  VXLAN_ITEM("vni spec 4 vni mask 0xfc"), 50);
}

static void
test_vxlan_group_policy(void **state OVS_UNUSED)
{
#define GBP(POLICY) \
    VXLAN("tun_id=0x5," ADDRS ",vxlan(gbp(" POLICY ")),flags(+key)")
    struct dpu_caps vni = all;

    assert_tunnel(GBP("id=0x1234,flags=0x48"), IPV4("17") "udp / "
                  "vxlan flags is 0x88 rsvd0 is 0x481234 vni is 5 "
                  "last_rsvd is 0x0", 50);
    assert_tunnel(GBP("id=10/0xff,flags=0/0"), IPV4("17") "udp / "
                  "vxlan flags is 0x88 rsvd0 spec 0xa rsvd0 mask 0xff "
                  "vni is 5 last_rsvd is 0x0", 50);
    /* None: Open vSwitch has zeros for it then. */
    assert_tunnel(GBP("id=0,flags=0"),
                  IPV4("17") "udp / " VXLAN_ITEM("vni is 5"), 50);

    vni.vxlan_flags = vni.vxlan_reserved = false;
    assert_rule(&vni, GBP("id=0,flags=0") ",eth_type(0x0806)", "drop",
                "group 0 priority 0 transfer pattern represented_port / "
                IPV4("17") "udp / vxlan vni is 5 / eth type is 0x806 / end "
                "actions count / drop / end");
    assert_refused(&vni, GBP("id=10,flags=0") ",eth_type(0x0806)", "drop",
                   "match-field (tunnel.gbp_id)");
    assert_refused(&all, GENEVE("tun_id=0x5," ADDRS ",vxlan(gbp(id=10,"
                                "flags=0)),flags(+key)")
                   ",eth_type(0x0806)", "drop",
                   "match-field (tunnel.gbp_id)");
}

static void
test_geneve(void **state OVS_UNUSED)
{
    assert_tunnel(GENEVE("tun_id=0x5," ADDRS ",flags(-df-csum+key)"),
                  IPV4("17") "udp / " GENEVE_ITEM("0"), 50);
    assert_tunnel(GENEVE("tun_id=0x5," ADDRS6 ",flags(-df-csum+key)"),
                  IPV6("17") "udp / " GENEVE_ITEM("0"), 70);
    assert_tunnel(GENEVE("tun_id=0x5," ADDRS ",flags(-oam+key)"),
                  IPV4("17") "udp / geneve version is 0 optlen is 0 oam is 0 "
                  "protocol is 0x6558 vni is 5", 50);
    assert_tunnel(GENEVE("tun_id=0x5," ADDRS ",geneve("
                         OPT("0x102", "4", "0x10002/0x7fffffff")
                         "),flags(-df-csum+key)"),
                  IPV4("17") "udp / " GENEVE_ITEM("2") " / geneve_opt "
                  "class is 0x102 type is 0x80 length is 1 "
                  "data spec 0x00010002 data mask 0x7fffffff", 58);
    assert_tunnel(GENEVE("tun_id=0x5," ADDRS ",geneve("
                         OPT("0x102", "8", "0x1122334455667788/0")
                         OPT("0x103", "4", "0x10002")
                         "),flags(-df-csum+key)"),
                  IPV4("17") "udp / " GENEVE_ITEM("5") " / geneve_opt "
                  "class is 0x102 type is 0x80 length is 2 "
                  "data spec 0x0000000000000000 data mask 0x0000000000000000 "
                  "/ geneve_opt "
                  "class is 0x103 type is 0x80 length is 1 "
                  "data spec 0x00010002 data mask 0xffffffff", 70);
}

static void
test_gre(void **state OVS_UNUSED)
{
    assert_tunnel(GRE("tun_id=0x12345678," ADDRS ",flags(-df-csum+key)"),
                  IPV4("47") "gre c_rsvd0_ver is 0x2000 protocol is 0x6558 / "
                  "gre_key value is 305419896", 42);
    assert_tunnel(GRE(ADDRS ",flags(-df-csum-key)"),
                  IPV4("47") "gre c_rsvd0_ver is 0x0 protocol is 0x6558", 38);
    assert_tunnel(GRE("tun_id=0x5," ADDRS6 ",flags(-df-csum+key)"),
                  IPV6("47") "gre c_rsvd0_ver is 0x2000 protocol is 0x6558 / "
                  "gre_key value is 5", 62);
}

static void
test_refused(void **state OVS_UNUSED)
{
#define INNER ",eth_type(0x0806)"
    struct dpu_caps no_vxlan = test_caps_without("vxlan", NULL, NULL);
    struct dpu_caps no_groups = all;

    /* Not what software's packets look like. */
    assert_refused(&all, VXLAN("tun_id=0x5," ADDRS ",flags(+df+key)") INNER,
                   "drop", "match-field (tunnel.flags)");
    assert_refused(&all, VXLAN("tun_id=0x5," ADDRS ",flags(+oam+key)") INNER,
                   "drop", "match-field (tunnel.flags)");
    assert_refused(&all, VXLAN("tun_id=0x1000000," ADDRS ",flags(+key)") INNER,
                   "drop", "invalid-flow (tunnel.tun_id=0x1000000)");
    /* Software has to verify the checksum. */
    assert_refused(&all, GRE("tun_id=0x5," ADDRS ",flags(+csum+key)") INNER,
                   "drop", "match-field (tunnel.flags)");
    assert_refused(&all, GRE("tun_id=0x5," ADDRS ",tp_dst=1,flags(+key)")
                   INNER, "drop", "match-field (tunnel.tp_dst)");
    assert_refused(&all, "recirc_id(0),in_port(33),tunnel(tun_id=0x5," ADDRS
                   ",flags(+key))" INNER,
                   "drop", "match-field (tunnel of type erspan)");
    assert_refused(&all, "recirc_id(0),in_port(30)" INNER, "drop",
                   "invalid-flow (a port of type vxlan without a tunnel)");

    assert_refused(&no_vxlan, VXLAN("tun_id=0x5," ADDRS ",flags(+key)") INNER,
                   "drop", "match-item (vxlan)");
    no_groups.groups = false;
    assert_refused(&no_groups, VXLAN("tun_id=0x5," ADDRS ",flags(+key)") INNER,
                   "drop", "recirc (tunnel: the device has no groups)");
    assert_refused(&no_groups, IN, "tnl_pop(30)",
                   "recirc (tnl_pop: the device has no groups)");
    assert_refused(&all, IN, "tnl_pop(29)", "action (tnl_pop of port 29)");
    assert_refused(&all, IN, "tnl_pop(30),2",
                   "recirc (tnl_pop before other actions)");
    /* Behind a tunnel nobody knows these. */
    assert_refused(&all, "recirc_id(7),in_port(30),tunnel(tun_id=0x5,"
                   "src=1.1.1.1,dst=1.1.1.2,ttl=64,flags(+key))" INNER,
                   "drop", "match-field (tunnel.ip_ttl)");
    assert_refused(&all, "recirc_id(7),in_port(30),tunnel(tun_id=0x5," ADDRS
                   ",tp_src=50000,flags(+key))" INNER,
                   "drop", "match-field (tunnel.tp_src)");
    assert_refused(&all, "recirc_id(7),in_port(30),tunnel(tun_id=0x5," ADDRS
                   ",flags(+df+key))" INNER,
                   "drop", "match-field (tunnel.flags)");
    assert_refused(&all, "recirc_id(7),in_port(30)" INNER, "drop",
                   "invalid-flow (a port of type vxlan without a tunnel)");
    assert_refused(&no_groups, "recirc_id(7),in_port(30),tunnel(tun_id=0x5,"
                   ADDRS ",flags(+key))" INNER, "drop",
                   "recirc (recirc_id(0x7): the device has no groups)");
}

static void
test_decap(void **state OVS_UNUSED)
{
    struct dpu_caps raw = test_caps_without(NULL, "vxlan_decap", NULL);
    struct dpu_caps none = test_caps_without(NULL, "vxlan_decap raw_decap",
                                             NULL);
    const char *vxlan = VXLAN("tun_id=0x5," ADDRS ",flags(+key)")
                        ",eth_type(0x0800),ipv4(ttl=64,frag=no)";
    const char *gre = GRE("tun_id=0x5," ADDRS ",flags(+key)")
                      ",eth_type(0x0806)";

    assert_actions(&all, vxlan, "2",
                   "vxlan_decap / represented_port ethdev_port_id 12");
    assert_actions(&raw, vxlan, "2",
                   "raw_decap size 50 / represented_port ethdev_port_id 12");
    assert_actions(&all, vxlan, "set(ipv4(ttl=63)),2",
                   "vxlan_decap / set_ttl ttl_value 63 / "
                   "represented_port ethdev_port_id 12");
    assert_actions(&all, gre, "push_vlan(vid=5,pcp=0),2",
                   "raw_decap size 42 / of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   "represented_port ethdev_port_id 12");
    assert_refused(&none, gre, "2", "action-device (raw_decap)");
}

#define TUN "tun_id=0x5,src=1.1.1.1,dst=1.1.1.2,tos=0"
#define REST "tp_dst=6081/0,geneve(" OPT("0x102", "4", "0x10002/0x7fffffff") \
             "),flags(-df-csum+key)"

#define SAMPLE "sample(sample=50.0%,actions(userspace(pid=1)))"

/* The rule that leads on matches what its megaflow left open, but for what
 * nobody looks at. */
static void
test_goes_on(void **state OVS_UNUSED)
{
    const char *items = IPV4("17") "udp dst is 6081 / "
        "geneve version is 0 optlen is 2 oam is 0 protocol is 0x6558 vni is 5 "
        "/ geneve_opt class is 0x102 type is 0x80 length is 1 "
        "data spec 0x00010002 data mask 0xffffffff";
    const char *match = GENEVE(TUN ",ttl=64/0,tp_src=50000/0," REST) INNER;
    char *rule = xasprintf("group 0 priority 0 transfer pattern "
                           "represented_port / %s / eth type is 0x806 / end "
                           "actions count / raw_decap size 58 / mark id 0 / "
                           "jump group 0 / end", items);

    assert_rule(&all, match, "recirc(7)", rule);
    assert_actions(&all, match, "push_vlan(vid=5,pcp=0),recirc(7)",
                   "raw_decap size 58 / of_push_vlan ethertype 0x8100 / "
                   "of_set_vlan_vid vlan_vid 5 / of_set_vlan_pcp vlan_pcp 0 / "
                   "mark id 0 / jump group 0");
    free(rule);

    /* It is the same with what leads on as a sample of the inner packet. */
    rule = xasprintf("group 0 priority 0 transfer pattern represented_port / "
                     "%s / eth type is 0x806 / end actions count / raw_decap "
                     "size 58 / of_push_vlan ethertype 0x8100 / "
                     "of_set_vlan_vid vlan_vid 5 / "
                     "of_set_vlan_pcp vlan_pcp 0 / sample ratio 2 index 0 / "
                     "represented_port ethdev_port_id 12 / end", items);
    assert_rule(&all, match, "push_vlan(vid=5,pcp=0)," SAMPLE ",2", rule);
    free(rule);
}

/* Copies for software that come first have the outer headers on, so that the
 * rule need not know what is in them. */
static void
test_first_copies(void **state OVS_UNUSED)
{
    const char *match = GENEVE(TUN ",ttl=64/0,tp_src=50000/0," REST) INNER;
    struct dpu_reason reason;
    struct test_megaflow m;
    struct dpu_spec spec;

    assert_actions(&all, match, SAMPLE "," CONTROLLER ",2",
                   "sample ratio 2 index 0 / sample ratio 1 index 1 / "
                   "raw_decap size 58 / represented_port ethdev_port_id 12");
    test_megaflow_init(&m, match, SAMPLE ",2");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_null(spec.tunnel);
    assert_int_equal(spec.n_misses, 1);
    assert_true(spec.misses[0].miss.outer);
    assert_int_equal(spec.misses[0].miss.in_port, 31);
    test_megaflow_destroy(&m);

    /* Those that come later have not, and are known to be of this tunnel. */
    test_megaflow_init(&m, match, SAMPLE ",2," CONTROLLER ",recirc(7)");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_non_null(spec.tunnel);
    assert_int_equal(spec.n_misses, 3);
    assert_true(spec.misses[0].miss.outer);
    assert_null(spec.misses[0].miss.tunnel);
    for (int i = 1; i < 3; i++) {
        assert_false(spec.misses[i].miss.outer);
        assert_memory_equal(spec.misses[i].miss.tunnel, spec.tunnel,
                            sizeof *spec.tunnel);
    }
    test_megaflow_destroy(&m);

    /* Nothing but samples: nothing is to be taken off. */
    assert_actions(&all, match, SAMPLE, "sample ratio 2 index 0 / drop");
}

/* Where packets that came out of a tunnel go on, the tunnel is known. */
static void
test_chain(void **state OVS_UNUSED)
{
    struct test_megaflow from, to, other;
    struct dpu_spec from_spec, to_spec, other_spec;
    const struct flow_tnl *tunnel;
    struct dpu_reason reason;

    test_megaflow_init(&from, GENEVE(TUN ",ttl=64/0,tp_src=50000/0," REST)
                       INNER, "recirc(7)");
    assert_true(test_megaflow_translate(&from, &all, &from_spec, &reason));
    tunnel = from_spec.next.tunnel;
    assert_non_null(tunnel);
    assert_int_equal(from_spec.next.recirc_id, 7);
    assert_int_equal(from_spec.next.in_port, 31);
    assert_null(from_spec.chain.tunnel);
    assert_int_equal(ntohll(tunnel->tun_id), 5);
    assert_int_equal(ntohl(tunnel->ip_src), 0x01010101);
    assert_int_equal(ntohl(tunnel->ip_dst), 0x01010102);
    assert_int_equal(ntohs(tunnel->tp_dst), 6081);
    assert_int_equal(tunnel->flags, FLOW_TNL_F_KEY | FLOW_TNL_F_UDPIF);
    assert_int_equal(tunnel->metadata.present.len, 8);
    assert_memory_equal(tunnel->metadata.opts.u8,
                        "\x01\x02\x80\x01\x00\x01\x00\x02", 8);
    assert_int_equal(tunnel->ip_ttl, 0);
    assert_int_equal(tunnel->tp_src, 0);
    assert_int_equal(from_spec.n_misses, 1);
    assert_int_equal(from_spec.misses[0].miss.in_port, 31);
    assert_memory_equal(from_spec.misses[0].miss.tunnel, tunnel,
                        sizeof *tunnel);

    /* A megaflow there, for a packet of another connection, which matches less
     * of it: nothing is left to match or to take off. */
    test_megaflow_init(&to, "recirc_id(7),in_port(31),tunnel(" TUN ",ttl=9/0,"
                       "tp_src=9/0,tp_dst=6081/0,geneve("
                       OPT("0x102/0", "4/0", "0x10002/0")
                       "),flags(-df-csum+key))" INNER, "recirc(8)");
    assert_true(test_megaflow_translate(&to, &all, &to_spec, &reason));
    assert_int_equal(to_spec.chain.recirc_id, 7);
    assert_int_equal(to_spec.chain.in_port, 31);
    assert_memory_equal(to_spec.chain.tunnel, tunnel, sizeof *tunnel);
    assert_memory_equal(to_spec.next.tunnel, tunnel, sizeof *tunnel);
    assert_memory_equal(to_spec.misses[0].miss.tunnel, tunnel,
                        sizeof *tunnel);
    assert_int_equal(to_spec.outer_size, 0);
    assert_int_equal(to_spec.n_outer_items, 0);

    /* Other values of what nobody matched lead to another chain. */
    test_megaflow_init(&other, "recirc_id(7),in_port(31),tunnel(" TUN ","
                       "ttl=9/0,tp_src=9/0,tp_dst=6081/0,geneve("
                       OPT("0x102/0", "4/0", "0x80010002/0")
                       "),flags(-df-csum+key))" INNER, "recirc(8)");
    assert_true(test_megaflow_translate(&other, &all, &other_spec, &reason));
    assert_memory_not_equal(other_spec.chain.tunnel, tunnel, sizeof *tunnel);

    test_megaflow_destroy(&from);
    test_megaflow_destroy(&to);
    test_megaflow_destroy(&other);
}

/* The rules of such a chain: of any port, without a tunnel. */
static void
test_chain_rules(void **state OVS_UNUSED)
{
    assert_rule(&all, "recirc_id(7),in_port(30),tunnel(tun_id=0x5," ADDRS
                ",flags(-df-csum+key))" INNER, "2",
                "group 0 priority 0 transfer pattern represented_port / "
                "eth type is 0x806 / end actions count / "
                "represented_port ethdev_port_id 12 / end");
    assert_rule(&all, "recirc_id(7),in_port(32),tunnel(" ADDRS6
                ",flags(-df-csum-key))" INNER, "2",
                "group 0 priority 0 transfer pattern represented_port / "
                "eth type is 0x806 / end actions count / "
                "represented_port ethdev_port_id 12 / end");
}

/* What leads to the rules above. */
static void
test_tnl_pop(void **state OVS_UNUSED)
{
    struct test_megaflow m;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_actions(&all, IN, "tnl_pop(30)", "mark id 0 / jump group 0");
    test_megaflow_init(&m, IN, "tnl_pop(30)");
    assert_true(test_megaflow_translate(&m, &all, &spec, &reason));
    assert_non_null(spec.jump);
    assert_int_equal(spec.next.recirc_id, 0);
    assert_int_equal(spec.next.in_port, 30);
    assert_int_equal(spec.n_misses, 1);
    assert_int_equal(spec.misses[0].miss.in_port, 1);
    assert_null(spec.misses[0].miss.tunnel);
    assert_int_equal(spec.misses[0].miss.actions_len, m.actions.size);
    assert_memory_equal(spec.misses[0].miss.actions, m.actions.data,
                        m.actions.size);
    assert_int_equal(spec.outer_size, 0);
    test_megaflow_destroy(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vxlan),
        cmocka_unit_test(test_vxlan_group_policy),
        cmocka_unit_test(test_geneve),
        cmocka_unit_test(test_gre),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_decap),
        cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_first_copies),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_chain_rules),
        cmocka_unit_test(test_tnl_pop),
    };

    dpu_caps_all(&all);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
