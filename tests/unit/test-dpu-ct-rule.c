/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * What becomes of a connection's direction, as text; and tuples. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

static struct dpu_ct_tuple
tuple4(uint8_t proto, uint32_t src, uint16_t src_port, uint32_t dst,
       uint16_t dst_port)
{
    struct dpu_ct_tuple tuple;

    memset(&tuple, 0, sizeof tuple);
    tuple.src.ipv4 = htonl(src);
    tuple.dst.ipv4 = htonl(dst);
    tuple.src_port = htons(src_port);
    tuple.dst_port = htons(dst_port);
    tuple.zone = 0x1234;
    tuple.proto = proto;
    return tuple;
}

static struct dpu_ct_tuple
tuple6(uint8_t proto, uint8_t src, uint16_t src_port, uint8_t dst,
       uint16_t dst_port)
{
    struct dpu_ct_tuple tuple = tuple4(proto, 0, src_port, 0, dst_port);

    tuple.ipv6 = true;
    tuple.src.ipv6.s6_addr[0] = tuple.dst.ipv6.s6_addr[0] = 0x20;
    tuple.src.ipv6.s6_addr[15] = src;
    tuple.dst.ipv6.s6_addr[15] = dst;
    return tuple;
}

/* Changes addresses and ports. */
static void
change(struct dpu_ct_tuple *tuple)
{
    uint8_t *src = (uint8_t *) &tuple->src;
    uint8_t *dst = (uint8_t *) &tuple->dst;

    src[1] ^= 0x55;
    dst[2] ^= 0xaa;
    if (!dpu_ct_tuple_is_icmp(tuple)) {
        tuple->dst_port ^= htons(0x1234);
    }
    tuple->src_port ^= htons(0x4321);
    tuple->zone ^= 0xff;
}

/* Checks that the spec of another rule of the same kind becomes that of
 * 'rule'. */
static void
check_fill(const struct dpu_ct_rule *rule, const struct dpu_caps *caps,
           const char *expected)
{
    struct dpu_ct_tuple match = *rule->match;
    struct dpu_ct_tuple rewrite;
    struct dpu_ct_rule other = {
        .group = rule->group, .next = rule->next, .match = &match,
        .variant = 99, .ct_state = CS_TRACKED, .ct_mark = 77, .meta = 123456,
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_ct_slots slots;
    struct dpu_reason reason;
    struct dpu_spec spec;

    change(&match);
    if (rule->rewrite) {
        rewrite = *rule->rewrite;
        change(&rewrite);
        other.rewrite = &rewrite;
    }
    assert_int_equal(dpu_ct_rule_kind(&other), dpu_ct_rule_kind(rule));
    assert_true(dpu_ct_rule_spec(&other, caps, &spec, &slots, &reason));
    dpu_ct_rule_fill(rule, &slots);
    dpu_spec_format(&spec, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

/* Checks that packets with 'match' that are to leave with 'rewrite', unless
 * that is NULL, have the rule 'expected'. */
static void
check(const struct dpu_ct_tuple *match, const struct dpu_ct_tuple *rewrite,
      const struct dpu_caps *caps, const char *expected)
{
    const struct dpu_ct_rule rule = {
        .group = 64, .next = 65, .match = match, .rewrite = rewrite,
        .variant = 3, .ct_state = CS_TRACKED | CS_ESTABLISHED,
        .ct_mark = 5, .ct_class = 6, .meta = dpu_ct_meta(7, true),
    };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_ct_slots slots;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_true(dpu_ct_rule_spec(&rule, caps, &spec, &slots, &reason));
    assert_false(spec.overflow);
    assert_true(spec.count_action >= 0);
    dpu_spec_format(&spec, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    check_fill(&rule, caps, expected);
}

static void
check_refused(const struct dpu_ct_tuple *match,
              const struct dpu_ct_tuple *rewrite, const struct dpu_caps *caps,
              enum dpu_reason_code code, const char *detail)
{
    const struct dpu_ct_rule rule = { .match = match, .rewrite = rewrite };
    struct dpu_ct_slots slots;
    struct dpu_reason reason;
    struct dpu_spec spec;

    assert_false(dpu_ct_rule_spec(&rule, caps, &spec, &slots, &reason));
    assert_int_equal(reason.code, code);
    assert_string_equal(reason.detail, detail);
}

static void
unset_action(struct dpu_caps *caps, enum rte_flow_action_type type)
{
    caps->actions[type / 64] &= ~(UINT64_C(1) << type % 64);
}

static void
unset_item(struct dpu_caps *caps, enum rte_flow_item_type type)
{
    caps->items[type / 64] &= ~(UINT64_C(1) << type % 64);
}

#define HOST_A 0x0a000001
#define HOST_B 0x0a000002
#define HOST_C 0x0a000063

#define BEGIN "group 64 priority 0 transfer pattern represented_port / "   \
              "tag data is 0x3123400 index is 0 / "
#define CHECKED "integrity value spec 0x60 value mask 0x60 / eth / "
#define IPV4(PROTO) CHECKED ANY_IPV4(PROTO)
#define ANY_IPV4(PROTO) \
    "ipv4 fragment_offset spec 0x0 fragment_offset mask 0x3fff " \
    "proto is " PROTO " src is 10.0.0.1 dst is 10.0.0.2 / "
#define IPV6(PROTO) \
    "integrity value spec 0x40 value mask 0x40 / eth / " ANY_IPV6(PROTO)
#define ANY_IPV6(PROTO) "ipv6 proto is " PROTO \
    " src is 2000::1 dst is 2000::2 has_frag_ext is 0 / "
#define TCP "tcp src is 1 dst is 2 flags spec 0x10 flags mask 0x17 / "
#define ICMP6 "icmp6 type is 128 code is 0 / " \
    "raw offset is 0 relative is 1 pattern_hex spec 004d pattern_hex mask " \
    "ffff / "
#define COUNT "end actions count / "
#define REGISTERS \
    "set_tag data 0x123422 mask 0xffffffff index 0 / "                  \
    "set_tag data 0x5 mask 0xffffffff index 1 / "                       \
    "set_tag data 0x6 mask 0xffffffff index 2 / "                       \
    "set_meta data 0xf mask 0xffffffff / jump group 65 / end"

static void
test_rules(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tcp = tuple4(IPPROTO_TCP, HOST_A, 1, HOST_B, 2);
    struct dpu_ct_tuple udp = tuple4(IPPROTO_UDP, HOST_A, 1, HOST_B, 2);
    struct dpu_ct_tuple icmp = tuple4(IPPROTO_ICMP, HOST_A, 77, HOST_B,
                                      8 << 8);
    struct dpu_ct_tuple sctp = tuple4(IPPROTO_SCTP, HOST_A, 0, HOST_B,
                                      0);
    struct dpu_ct_tuple udp6 = tuple6(IPPROTO_UDP, 1, 3, 2, 4);
    struct dpu_ct_tuple nat = tuple4(IPPROTO_TCP, HOST_C, 9, HOST_B, 8);
    struct dpu_ct_tuple nat6 = tuple6(IPPROTO_UDP, 9, 3, 8, 4);
    struct dpu_ct_tuple icmp6 = tuple6(IPPROTO_ICMPV6, 1, 77, 2, 128 << 8);
    struct dpu_ct_tuple nat_icmp6 = tuple6(IPPROTO_ICMPV6, 9, 77, 2,
                                           128 << 8);
    struct dpu_caps caps;

    dpu_caps_all(&caps);
    check(&tcp, NULL, &caps, BEGIN IPV4("6") TCP COUNT REGISTERS);
    check(&udp, NULL, &caps,
          BEGIN IPV4("17") "udp src is 1 dst is 2 / " COUNT REGISTERS);
    check(&icmp, NULL, &caps,
          BEGIN IPV4("1") "icmp type is 8 code is 0 ident is 77 / "
          COUNT REGISTERS);
    check(&sctp, NULL, &caps, BEGIN
          "integrity value spec 0x20 value mask 0x20 / eth / " ANY_IPV4("132")
          COUNT REGISTERS);
    check(&udp6, NULL, &caps,
          BEGIN IPV6("17") "udp src is 3 dst is 4 / " COUNT REGISTERS);
    check(&tcp, &nat, &caps,
          BEGIN IPV4("6") TCP COUNT "set_ipv4_src ipv4_addr 10.0.0.99 / "
          "set_tp_src port 9 / set_tp_dst port 8 / " REGISTERS);
    check(&udp6, &nat6, &caps,
          BEGIN IPV6("17") "udp src is 3 dst is 4 / " COUNT
          "set_ipv6_src ipv6_addr 2000::9 / "
          "set_ipv6_dst ipv6_addr 2000::8 / " REGISTERS);
    check(&udp, &udp, &caps,
          BEGIN IPV4("17") "udp src is 1 dst is 2 / " COUNT REGISTERS);
    check(&icmp6, NULL, &caps, BEGIN IPV6("58") ICMP6 COUNT REGISTERS);
    check(&icmp6, &nat_icmp6, &caps, BEGIN IPV6("58") ICMP6 COUNT
          "set_ipv6_src ipv6_addr 2000::9 / " REGISTERS);

    /* What is not checked is known. */
    assert_true(dpu_ct_rule_checks(&tcp, &caps));
    assert_true(dpu_ct_rule_checks(&udp6, &caps));
    assert_true(dpu_ct_rule_checks(&sctp, &caps));
    caps.udp_checksum = caps.icmp_checksum = false;
    assert_true(dpu_ct_rule_checks(&tcp, &caps));
    assert_false(dpu_ct_rule_checks(&udp6, &caps));
    assert_false(dpu_ct_rule_checks(&icmp, &caps));
    assert_true(dpu_ct_rule_checks(&icmp6, &caps));
    caps.icmp6_checksum = false;
    assert_false(dpu_ct_rule_checks(&icmp6, &caps));
    check(&udp6, NULL, &caps, BEGIN "eth / " ANY_IPV6("17")
          "udp src is 3 dst is 4 / " COUNT REGISTERS);
    caps.ip_checksum = false;
    assert_false(dpu_ct_rule_checks(&tcp, &caps));
    assert_false(dpu_ct_rule_checks(&sctp, &caps));

    /* What the device has in another form, or not at all. */
    dpu_caps_all(&caps);
    unset_action(&caps, RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC);
    unset_action(&caps, RTE_FLOW_ACTION_TYPE_SET_TP_SRC);
    check(&tcp, &nat, &caps,
          BEGIN IPV4("6") TCP COUNT
          "modify_field op set dst_type ipv4_src dst_level 0 dst_offset 0 "
          "src_type value src_value 0a000063 width 32 / "
          "modify_field op set dst_type tcp_port_src dst_level 0 "
          "dst_offset 0 src_type value src_value 0009 width 16 / "
          "set_tp_dst port 8 / " REGISTERS);
    caps.modify_fields[0] = 0;
    check_refused(&tcp, &nat, &caps, DPU_REASON_ACTION_DEVICE,
                  "set_ipv4_src");
    unset_item(&caps, RTE_FLOW_ITEM_TYPE_TCP);
    check_refused(&tcp, NULL, &caps, DPU_REASON_MATCH_ITEM, "tcp");
    unset_item(&caps, RTE_FLOW_ITEM_TYPE_RAW);
    check_refused(&icmp6, NULL, &caps, DPU_REASON_MATCH_ITEM, "raw");
    unset_item(&caps, RTE_FLOW_ITEM_TYPE_IPV6);
    check_refused(&udp6, NULL, &caps, DPU_REASON_MATCH_ITEM, "ipv6");
}

/* Exchanging both ends twice changes nothing; two that differ in one field are
 * not equal. */
static void
test_tuples(void **state OVS_UNUSED)
{
    struct dpu_ct_tuple tuples[] = {
        tuple4(IPPROTO_TCP, 1, 2, 3, 4), tuple4(IPPROTO_UDP, 1, 2, 3, 4),
        tuple4(IPPROTO_ICMP, 1, 2, 3, 8 << 8),
        tuple4(IPPROTO_ICMP, 1, 2, 3, 13 << 8),
        tuple4(IPPROTO_SCTP, 1, 0, 3, 0), tuple6(IPPROTO_TCP, 1, 2, 3, 4),
        tuple6(IPPROTO_ICMPV6, 1, 2, 3, 128 << 8),
    };

    for (size_t i = 0; i < ARRAY_SIZE(tuples); i++) {
        struct dpu_ct_tuple once, twice;

        dpu_ct_tuple_reverse(&tuples[i], &once);
        dpu_ct_tuple_reverse(&once, &twice);
        assert_true(dpu_ct_tuple_equals(&tuples[i], &twice));
        assert_false(dpu_ct_tuple_equals(&tuples[i], &once));
        assert_int_equal(dpu_ct_tuple_hash(&tuples[i]),
                         dpu_ct_tuple_hash(&twice));
        for (size_t j = 0; j < i; j++) {
            assert_false(dpu_ct_tuple_equals(&tuples[i], &tuples[j]));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_tuples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
