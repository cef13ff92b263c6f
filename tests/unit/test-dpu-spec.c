/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-spec: tests of dpu-spec. */

#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static void
assert_format(const struct dpu_spec *spec, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    dpu_spec_format(spec, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

static void
test_empty(void **state OVS_UNUSED)
{
    struct dpu_spec spec;

    dpu_spec_init(&spec, 3, 7);
    spec.attr.transfer = 1;
    assert_int_equal(spec.items[0].type, RTE_FLOW_ITEM_TYPE_END);
    assert_int_equal(spec.actions[0].type, RTE_FLOW_ACTION_TYPE_END);
    assert_int_equal(spec.count_action, -1);
    assert_format(&spec,
                  "group 3 priority 7 transfer pattern end actions end");
}

static void
test_copies(void **state OVS_UNUSED)
{
    struct rte_flow_item_udp udp = { .hdr.dst_port = RTE_BE16(53) };
    struct rte_flow_item_udp mask = { .hdr.dst_port = RTE_BE16(0xffff) };
    struct rte_flow_action_ethdev ethdev = { .port_id = 5 };
    struct dpu_spec spec;
    void *conf;

    dpu_spec_init(&spec, 0, 0);
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_UDP, &udp, &mask, sizeof udp);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_COUNT, NULL, 0);
    conf = dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
                               &ethdev, sizeof ethdev);
    memset(&udp, 0x55, sizeof udp);
    memset(&mask, 0x55, sizeof mask);
    memset(&ethdev, 0x55, sizeof ethdev);

    assert_ptr_equal(conf, spec.actions[1].conf);
    assert_int_equal(spec.count_action, 0);
    assert_true(dpu_spec_has_item(&spec, RTE_FLOW_ITEM_TYPE_UDP));
    assert_false(dpu_spec_has_item(&spec, RTE_FLOW_ITEM_TYPE_TCP));
    assert_format(&spec, "group 0 priority 0 pattern udp dst is 53 / end "
                  "actions count / represented_port ethdev_port_id 5 / end");
}

/* The registers of connection tracking, as either kind of device takes
 * them. */
static void
test_registers(void **state OVS_UNUSED)
{
    struct dpu_caps caps;
    struct dpu_spec spec;

    memset(&caps, 0, sizeof caps);
    caps.actions[0] = UINT64_MAX;
    dpu_spec_init(&spec, 0, 0);
    *dpu_ct_match_tag(&spec, DPU_CT_TAG_NEXT, 0, UINT32_MAX) = 17;
    dpu_ct_match_tag(&spec, DPU_CT_TAG_STATE,
                     dpu_ct_state(CS_ESTABLISHED, 0x1234, 0x56), 0xffff02);
    *dpu_ct_set_tag(&spec, &caps, DPU_CT_TAG_MARK, 1) = 2;
    *dpu_ct_set_meta(&spec, &caps, 0) = dpu_ct_meta(21, true);
    assert_format(&spec, "group 0 priority 0 pattern "
                  "tag data is 0x11 index is 3 / "
                  "tag data spec 0x56123402 data mask 0xffff02 index is 0 / "
                  "end actions set_tag data 0x2 mask 0xffffffff index 1 / "
                  "set_meta data 0x2b mask 0xffffffff / end");

    memset(&caps, 0, sizeof caps);
    dpu_spec_init(&spec, 0, 0);
    *dpu_ct_set_tag(&spec, &caps, DPU_CT_TAG_MARK, 1) = 2;
    *dpu_ct_set_meta(&spec, &caps, 0) = dpu_ct_meta(21, false);
    assert_format(&spec, "group 0 priority 0 pattern end actions "
                  "modify_field op set dst_type tag dst_level 1 dst_offset 0 "
                  "src_type value src_value 02000000 width 32 / "
                  "modify_field op set dst_type meta dst_level 0 dst_offset 0 "
                  "src_type value src_value 2a000000 width 32 / end");
    assert_int_equal(dpu_ct_meta_id(43), 21);
    assert_true(dpu_ct_meta_is_reply(43));
}

static void
test_masks(void **state OVS_UNUSED)
{
    struct rte_flow_item_ipv4 ipv4 = {
        .hdr.src_addr = RTE_BE32(0x0a010000),
        .hdr.fragment_offset = RTE_BE16(1),
    };
    struct rte_flow_item_ipv4 last = {
        .hdr.fragment_offset = RTE_BE16(0x1fff),
    };
    struct rte_flow_item_ipv4 mask = {
        .hdr.src_addr = RTE_BE32(0xffff0000),
        .hdr.fragment_offset = RTE_BE16(0x1fff),
    };
    struct rte_flow_item_vlan vlan = { .hdr.vlan_tci = RTE_BE16(0x6064) };
    struct rte_flow_item_vlan vlan_mask = { .hdr.vlan_tci = RTE_BE16(0xeff0) };
    struct dpu_spec spec;

    dpu_spec_init(&spec, 0, 0);
    spec.attr.ingress = 1;
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_VLAN,
                      &vlan, &vlan_mask, sizeof vlan);
    dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4,
                            &ipv4, &last, &mask, sizeof ipv4);
    assert_format(&spec, "group 0 priority 0 ingress pattern "
                  "vlan vid spec 100 vid mask 0xff0 pcp is 3 / "
                  "ipv4 fragment_offset spec 0x1 fragment_offset last 0x1fff "
                  "fragment_offset mask 0x1fff "
                  "src spec 10.1.0.0 src mask 255.255.0.0 / "
                  "end actions end");
}

static void
test_mirror(void **state OVS_UNUSED)
{
    struct rte_flow_action_port_id id = { .id = 2 };
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_spec spec;

    dpu_spec_init(&spec, 0, 0);
    dpu_spec_add_mirror(&spec, RTE_FLOW_ACTION_TYPE_PORT_ID, &id, sizeof id);
    id.id = 3;
    dpu_spec_add_mirror(&spec, RTE_FLOW_ACTION_TYPE_PORT_ID, &id, sizeof id);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_DROP, NULL, 0);
    assert_format(&spec, "group 0 priority 0 pattern end actions "
                  "sample ratio 1 index 0 / sample ratio 1 index 1 / "
                  "drop / end");
    dpu_spec_format_setup(&spec, &s);
    assert_string_equal(ds_cstr(&s),
                        "set sample_actions 0 port_id id 2 / end\n"
                        "set sample_actions 1 port_id id 3 / end\n");
    ds_destroy(&s);
}

/* Whatever does not fit is lost, and said to be. */
static void
test_overflow(void **state OVS_UNUSED)
{
    struct rte_flow_item_ipv6 ipv6;
    struct dpu_spec spec;
    char *p;

    memset(&ipv6, 0xff, sizeof ipv6);
    dpu_spec_init(&spec, 0, 0);
    for (int i = 0; i < DPU_SPEC_MAX_ITEMS - 1; i++) {
        dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_IPV6,
                          &ipv6, &ipv6, sizeof ipv6);
        assert_false(spec.overflow);
    }
    dpu_spec_add_item(&spec, RTE_FLOW_ITEM_TYPE_IPV6,
                      &ipv6, &ipv6, sizeof ipv6);
    assert_true(spec.overflow);
    assert_int_equal(spec.items[DPU_SPEC_MAX_ITEMS - 1].type,
                     RTE_FLOW_ITEM_TYPE_END);

    dpu_spec_init(&spec, 0, 0);
    for (int i = 0; i < 2 * DPU_SPEC_MAX_ACTIONS; i++) {
        dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_DEC_TTL, NULL, 0);
    }
    assert_true(spec.overflow);
    assert_int_equal(spec.n_actions, DPU_SPEC_MAX_ACTIONS - 1);
    assert_int_equal(spec.actions[DPU_SPEC_MAX_ACTIONS - 1].type,
                     RTE_FLOW_ACTION_TYPE_END);

    dpu_spec_init(&spec, 0, 0);
    p = dpu_spec_alloc(&spec, 3);
    assert_int_equal((char *) dpu_spec_alloc(&spec, 1) - p, 8);
    memset(dpu_spec_alloc(&spec, DPU_SPEC_ARENA - 16), 1, 1);
    assert_false(spec.overflow);
    memset(dpu_spec_alloc(&spec, DPU_SPEC_ARENA), 1, DPU_SPEC_ARENA);
    assert_true(spec.overflow);
}

static void
test_names(void **state OVS_UNUSED)
{
    assert_string_equal(dpu_spec_item_name(RTE_FLOW_ITEM_TYPE_ICMP6_ND_NS),
                        "icmp6_nd_ns");
    assert_null(dpu_spec_item_name(RTE_FLOW_ITEM_TYPE_VOID));
    assert_null(dpu_spec_item_name(10000));
    assert_string_equal(dpu_spec_action_name(RTE_FLOW_ACTION_TYPE_SET_TTL),
                        "set_ttl");
    assert_null(dpu_spec_action_name(RTE_FLOW_ACTION_TYPE_RSS));
    assert_string_equal(dpu_spec_field_name(RTE_FLOW_FIELD_IPV6_HOPLIMIT),
                        "ipv6_hoplimit");
    assert_null(dpu_spec_field_name(RTE_FLOW_FIELD_START));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_registers),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
