/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-caps: tests of dpu-caps, on a fake device that stands in the place
 * of rte_flow_validate(). */

#include <config.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ethdev.h>
#include <rte_mtr.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define PROXY 3
#define PORT  5

/* What the fake device takes. */
static struct {
    struct dpu_caps caps;
    bool ingress;               /* Without the transfer attribute. */
    bool no_drop_with_set;      /* No DROP after a change of the packet. */
    uint32_t max_group, max_priority;
    uint8_t n_tags;
    unsigned int n_asked;
} device;

/* Whether a header of layer 2 is taken off. */
static bool
replaces_l2(const struct rte_flow_action *a)
{
    for (; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
        const struct rte_flow_action_raw_decap *decap = a->conf;

        if (a->type == RTE_FLOW_ACTION_TYPE_RAW_DECAP && decap->size < 34) {
            return true;
        }
    }
    return false;
}

/* Whether the length in an IP header is matched in a way that the device does
 * not. */
static bool
matches_length(const struct rte_flow_item *item)
{
    const struct dpu_caps *caps = &device.caps;

    for (; item->type != RTE_FLOW_ITEM_TYPE_END; item++) {
        const struct rte_flow_item_ipv4 *ipv4 = item->mask;
        const struct rte_flow_item_ipv6 *ipv6 = item->mask;

        if ((item->type == RTE_FLOW_ITEM_TYPE_IPV4 && ipv4
             && ipv4->hdr.total_length
             && !(item->last ? caps->ipv4_length_range : caps->ipv4_length))
            || (item->type == RTE_FLOW_ITEM_TYPE_IPV6 && ipv6
                && ipv6->hdr.payload_len
                && !(item->last ? caps->ipv6_length_range
                     : caps->ipv6_length))) {
            return true;
        }
    }
    return false;
}

/* Whether a checksum is to be right that the device does not look at. */
static bool
matches_checksum(const struct rte_flow_item *item)
{
    const struct dpu_caps *caps = &device.caps;
    bool l3 = false, l4 = false;

    for (; item->type != RTE_FLOW_ITEM_TYPE_END; item++) {
        if (item->type == RTE_FLOW_ITEM_TYPE_INTEGRITY) {
            const struct rte_flow_item_integrity *checks = item->mask;

            assert_memory_equal(item->spec, checks, sizeof *checks);
            l3 = checks->ipv4_csum_ok;
            l4 = checks->l4_csum_ok;
        } else if ((l3 && item->type == RTE_FLOW_ITEM_TYPE_IPV4
                    && !caps->ip_checksum)
                   || (l4 && item->type == RTE_FLOW_ITEM_TYPE_TCP
                       && !caps->tcp_checksum)
                   || (l4 && item->type == RTE_FLOW_ITEM_TYPE_UDP
                       && !caps->udp_checksum)
                   || (l4 && item->type == RTE_FLOW_ITEM_TYPE_ICMP
                       && !caps->icmp_checksum)
                   || (l4 && item->type == RTE_FLOW_ITEM_TYPE_ICMP6
                       && !caps->icmp6_checksum)) {
            return true;
        }
    }
    return false;
}

static bool
jumps_above(const struct rte_flow_action *a, uint32_t max_group)
{
    for (; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
        if (a->type == RTE_FLOW_ACTION_TYPE_JUMP
            && ((const struct rte_flow_action_jump *) a->conf)->group
               > max_group) {
            return true;
        }
    }
    return false;
}

static bool
takes_modify(const struct rte_flow_action_modify_field *modify)
{
    return (modify->src.field == RTE_FLOW_FIELD_VALUE
            && dpu_caps_modify(&device.caps, modify->dst.field));
}

static bool
takes_actions(const struct rte_flow_action *a, bool nested)
{
    unsigned int n_ports = 0, n_sets = 0;
    bool fate = false, drop = false;

    for (; a->type != RTE_FLOW_ACTION_TYPE_END; a++) {
        if (!dpu_caps_action(&device.caps, a->type)) {
            return false;
        }
        switch ((int) a->type) {
        case RTE_FLOW_ACTION_TYPE_PORT_ID:
            assert_int_equal(
                ((const struct rte_flow_action_port_id *) a->conf)->id, PORT);
            n_ports++;
            break;
        case RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT:
        case RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR:
            assert_int_equal(
                ((const struct rte_flow_action_ethdev *) a->conf)->port_id,
                PORT);
            n_ports++;
            break;
        case RTE_FLOW_ACTION_TYPE_DROP:
            fate = drop = true;
            break;
        case RTE_FLOW_ACTION_TYPE_JUMP:
            fate = true;
            break;
        case RTE_FLOW_ACTION_TYPE_COUNT:
            break;
        case RTE_FLOW_ACTION_TYPE_SAMPLE:
            if (nested || !takes_actions(((const struct rte_flow_action_sample
                                           *) a->conf)->actions, true)) {
                return false;
            }
            break;
        case RTE_FLOW_ACTION_TYPE_MODIFY_FIELD:
            if (!takes_modify(a->conf)) {
                return false;
            }
            n_sets++;
            break;
        default:
            n_sets++;
            break;
        }
    }
    return ((fate || n_ports)
            && (n_ports < 2 || device.caps.multi_output)
            && !(device.no_drop_with_set && n_sets && drop));
}

int __wrap_rte_flow_validate(uint16_t port_id,
                             const struct rte_flow_attr *attr,
                             const struct rte_flow_item pattern[],
                             const struct rte_flow_action actions[],
                             struct rte_flow_error *error);

int
__wrap_rte_flow_validate(uint16_t port_id, const struct rte_flow_attr *attr,
                         const struct rte_flow_item pattern[],
                         const struct rte_flow_action actions[],
                         struct rte_flow_error *error)
{
    bool names_port = false;

    device.n_asked++;
    if (matches_length(pattern) || matches_checksum(pattern)) {
        return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM,
                                  NULL, NULL);
    }
    for (; pattern->type != RTE_FLOW_ITEM_TYPE_END; pattern++) {
        if (!dpu_caps_item(&device.caps, pattern->type)) {
            return rte_flow_error_set(error, ENOTSUP,
                                      RTE_FLOW_ERROR_TYPE_ITEM, pattern,
                                      "no such item");
        }
        if (pattern->type == RTE_FLOW_ITEM_TYPE_TAG && pattern->spec
            && ((const struct rte_flow_item_tag *) pattern->spec)->index
               >= device.n_tags) {
            return rte_flow_error_set(error, EINVAL,
                                      RTE_FLOW_ERROR_TYPE_ITEM_SPEC, pattern,
                                      "no such tag");
        }
        names_port = (names_port
                      || pattern->type == RTE_FLOW_ITEM_TYPE_PORT_ID
                      || pattern->type
                         == RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT);
    }
    /* A rule that does not name its port has to come through it. */
    assert_int_equal(port_id, names_port ? PROXY : PORT);
    if (attr->group > device.max_group || attr->priority > device.max_priority
        || jumps_above(actions, device.max_group)) {
        return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR,
                                  NULL, NULL);
    }
    if (attr->transfer == device.ingress || attr->ingress != device.ingress
        || (replaces_l2(actions) && !device.caps.l2_replace)
        || !takes_actions(actions, false)) {
        return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ACTION,
                                  NULL, NULL);
    }
    return 0;
}

int __wrap_rte_mtr_capabilities_get(uint16_t port_id,
                                    struct rte_mtr_capabilities *caps,
                                    struct rte_mtr_error *error);

int
__wrap_rte_mtr_capabilities_get(uint16_t port_id,
                                struct rte_mtr_capabilities *caps,
                                struct rte_mtr_error *error OVS_UNUSED)
{
    assert_int_equal(port_id, PROXY);
    memset(caps, 0, sizeof *caps);
    caps->n_max = dpu_caps_action(&device.caps, RTE_FLOW_ACTION_TYPE_METER);
    return 0;
}

int __wrap_rte_eth_dev_info_get(uint16_t port_id,
                                struct rte_eth_dev_info *info);

int
__wrap_rte_eth_dev_info_get(uint16_t port_id, struct rte_eth_dev_info *info)
{
    assert_int_equal(port_id, PORT);
    memset(info, 0, sizeof *info);
    if (device.caps.encap_udp_checksum) {
        info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM;
    }
    return 0;
}

static int
setup(void **state OVS_UNUSED)
{
    memset(&device, 0, sizeof device);
    dpu_caps_all(&device.caps);
    device.caps.duplicates = false;
    device.max_group = UINT32_MAX;
    device.n_tags = DPU_CT_N_TAGS;
    device.max_priority = UINT32_MAX;
    rte_flow_dynf_metadata_mask = 1;    /* META comes up. */
    return 0;
}

static void
clear(uint64_t bits[], int type)
{
    bits[type / 64] &= ~(UINT64_C(1) << type % 64);
}

/* The probe finds what the device takes, bit by bit. */
static void
assert_found(void)
{
    struct ds expected = DS_EMPTY_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_caps caps;

    dpu_caps_probe(PROXY, PORT, &caps);
    caps.ct = device.caps.ct;           /* Follows from others: test_ct(). */
    dpu_caps_format(&caps, &s);
    dpu_caps_format(&device.caps, &expected);
    assert_string_equal(ds_cstr(&s), ds_cstr(&expected));
    ds_destroy(&s);
    ds_destroy(&expected);
}

/* Of the two items for the input port one is enough. */
static void
test_all(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    dpu_caps_probe(PROXY, PORT, &caps);
    assert_true(dpu_caps_item(&caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT));
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_PORT_ID);
    assert_found();
}

/* Which checksums the device looks at. */
static void
test_checksums(void **state OVS_UNUSED)
{
    struct dpu_caps *caps = &device.caps;

    clear(caps->items, RTE_FLOW_ITEM_TYPE_PORT_ID);
    caps->icmp_checksum = false;
    assert_found();
    caps->icmp6_checksum = false;
    assert_found();
    caps->udp_checksum = false;
    assert_found();
    caps->ip_checksum = false;
    assert_found();
    caps->tcp_checksum = false;
    clear(caps->items, RTE_FLOW_ITEM_TYPE_INTEGRITY);
    assert_found();
}

/* How many chains there may be. */
static void
test_groups(void **state OVS_UNUSED)
{
    static const uint32_t max[] = { 1, 2, 3, 1000, DPU_CHAIN_MAX_GROUP - 1,
                                    DPU_CHAIN_MAX_GROUP };
    struct dpu_caps caps;

    rte_flow_dynf_metadata_mask = 0;    /* No groups for connections. */
    for (size_t i = 0; i < ARRAY_SIZE(max); i++) {
        device.max_group = max[i];
        dpu_caps_probe(PROXY, PORT, &caps);
        assert_int_equal(caps.max_group, max[i]);
        assert_true(caps.groups);
    }
    device.max_group = UINT32_MAX;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_int_equal(caps.max_group, DPU_CHAIN_MAX_GROUP);

    device.max_priority = DPU_CHAIN_MISS_PRIORITY;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_int_equal(caps.max_group, DPU_CHAIN_MAX_GROUP);
    assert_false(caps.default_miss);
    device.max_priority--;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_int_equal(caps.max_group, DPU_CHAIN_MAX_GROUP);
    assert_true(caps.default_miss);
    device.max_priority = UINT32_MAX;

    device.max_group = 0;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_int_equal(caps.max_group, 0);
    assert_false(caps.groups);
}

/* Where no rule can send what misses up, it comes up by default, but not
 * without the transfer attribute. */
static void
test_default_miss(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_PORT_ID);
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR);
    device.caps.default_miss = true;
    assert_found();
    device.max_group = 7;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_true(caps.default_miss);
    assert_int_equal(caps.max_group, 5);    /* And two for connections. */

    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT);
    device.ingress = true;
    device.caps.transfer = false;
    device.caps.ct = false;
    device.caps.default_miss = false;
    assert_found();
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_int_equal(caps.max_group, 0);
}

/* Whether the device, as it was made, can track connections. */
static bool
tracks(void)
{
    struct dpu_caps caps;

    dpu_caps_probe(PROXY, PORT, &caps);
    setup(NULL);
    return caps.ct;
}

/* What connection tracking needs, and that it has two groups. */
static void
test_ct(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    dpu_caps_probe(PROXY, PORT, &caps);
    assert_true(caps.ct);
    assert_int_equal(caps.max_group, DPU_CHAIN_MAX_GROUP - 2);
    device.max_group = 3;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_true(caps.ct);
    assert_int_equal(caps.max_group, 1);
    device.max_group = 2;
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_false(caps.ct);
    assert_int_equal(caps.max_group, 2);
    setup(NULL);

    /* Either way to write a register will do. */
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_SET_TAG);
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_SET_META);
    assert_true(tracks());
    clear(device.caps.modify_fields, RTE_FLOW_FIELD_TAG);
    clear(device.caps.modify_fields, RTE_FLOW_FIELD_META);
    assert_true(tracks());

    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_SET_TAG);
    clear(device.caps.modify_fields, RTE_FLOW_FIELD_TAG);
    assert_false(tracks());
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_SET_META);
    clear(device.caps.modify_fields, RTE_FLOW_FIELD_META);
    assert_false(tracks());
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_TAG);
    assert_false(tracks());
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_MARK);
    assert_false(tracks());
    device.n_tags = DPU_CT_N_TAGS - 1;
    assert_false(tracks());
    rte_flow_dynf_metadata_mask = 0;
    assert_false(tracks());
}

static void
test_port_id(void **state OVS_UNUSED)
{
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT);
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT);
    assert_found();
}

static void
test_no_transfer(void **state OVS_UNUSED)
{
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT);
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_PORT_ID);
    device.ingress = true;
    device.caps.transfer = false;
    assert_found();
}

/* Without the item, action or field at 'i'-th bit. */
static void
test_each(void **state OVS_UNUSED)
{
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_PORT_ID);
    device.no_drop_with_set = true;
    for (int i = 0; i < 128; i++) {
        struct dpu_caps saved = device.caps;

        if (dpu_caps_action(&saved, i)
            && i != RTE_FLOW_ACTION_TYPE_MODIFY_FIELD
            && i != RTE_FLOW_ACTION_TYPE_JUMP
            && i != RTE_FLOW_ACTION_TYPE_OF_PUSH_VLAN) {
            clear(device.caps.actions, i);
            if (i == RTE_FLOW_ACTION_TYPE_RAW_ENCAP) {
                device.caps.encap_udp_checksum = false;
            } else if (i == RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR) {
                device.caps.default_miss = true;
            }
            if (i == RTE_FLOW_ACTION_TYPE_RAW_ENCAP
                || i == RTE_FLOW_ACTION_TYPE_RAW_DECAP) {
                device.caps.l2_replace = false;
            }
            assert_found();
        }
        device.caps = saved;
        if (dpu_caps_modify(&saved, i)) {
            clear(device.caps.modify_fields, i);
            assert_found();
        }
        device.caps = saved;
    }
    device.caps.ipv4_length_range = false;
    assert_found();
    device.caps.ipv6_length_range = false;
    assert_found();
    device.caps.ipv4_length = false;
    device.caps.l2_replace = false;
    assert_found();
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_SCTP);
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_SLA_ETH);
    clear(device.caps.items, RTE_FLOW_ITEM_TYPE_IPV6_FRAG_EXT);
    device.caps.multi_output = false;
    assert_found();
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_JUMP);
    device.caps.groups = false;
    assert_found();
}

/* A device that only drops. */
static void
test_drop_only(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT);
    clear(device.caps.actions, RTE_FLOW_ACTION_TYPE_PORT_ID);
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_true(dpu_caps_action(&caps, RTE_FLOW_ACTION_TYPE_DROP));
    assert_true(dpu_caps_action(&caps, RTE_FLOW_ACTION_TYPE_COUNT));
    assert_false(dpu_caps_action(&caps, RTE_FLOW_ACTION_TYPE_SAMPLE));
    assert_false(caps.multi_output);
}

static void
test_nothing(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    memset(&device.caps, 0, sizeof device.caps);
    device.caps.rules = true;   /* It has no other way. */
    dpu_caps_probe(PROXY, PORT, &caps);
    assert_memory_equal(&caps, &device.caps, sizeof caps);
    assert_true(device.n_asked < 30);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_all, setup),
        cmocka_unit_test_setup(test_checksums, setup),
        cmocka_unit_test_setup(test_groups, setup),
        cmocka_unit_test_setup(test_ct, setup),
        cmocka_unit_test_setup(test_default_miss, setup),
        cmocka_unit_test_setup(test_port_id, setup),
        cmocka_unit_test_setup(test_no_transfer, setup),
        cmocka_unit_test_setup(test_each, setup),
        cmocka_unit_test_setup(test_drop_only, setup),
        cmocka_unit_test_setup(test_nothing, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
