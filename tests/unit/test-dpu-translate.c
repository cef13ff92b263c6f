/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-translate: random megaflows and packets, as Open vSwitch's own
 * functions and as the model of a rule see them.  A rule must never match a
 * packet that its megaflow does not, must match the packets that both see
 * alike, and must do to them what the datapath does. */

#include <config.h>

#include "tests/unit/megaflow.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "dp-packet.h"
#include "flow.h"
#include "netlink.h"
#include "odp-execute.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "random.h"
#include "tests/unit/rule-model.h"
#include "util.h"

#define IN_PORT 1
#define ETHDEV  (IN_PORT + 10)

/* Few values, so that packets often agree. */
static uint32_t
pick(uint32_t n)
{
    return random_uint32() % n;
}

#define PICK(ARRAY) ((ARRAY)[pick(ARRAY_SIZE(ARRAY))])

static void
pick_bytes(void *p_, size_t n)
{
    static const uint8_t values[] = { 0, 1, 2, 0x55, 0xff };
    uint8_t *p = p_;

    for (size_t i = 0; i < n; i++) {
        p[i] = pick(4) ? values[1] : PICK(values);
    }
}

static void
random_flow(struct flow *f)
{
    static const uint16_t types[] = { ETH_TYPE_IP, ETH_TYPE_IP, ETH_TYPE_IPV6,
                                      ETH_TYPE_IPV6, ETH_TYPE_ARP, 0x1234 };
    static const uint8_t protos[] = { 1, 2, 6, 17, 58, 132, 47 };
    static const uint8_t frags[] = { 0, 0, 0, FLOW_NW_FRAG_ANY,
                                     FLOW_NW_FRAG_MASK };
    static const uint16_t tpids[] = { ETH_TYPE_VLAN_8021Q,
                                      ETH_TYPE_VLAN_8021AD };
    int n_vlans = pick(4) % 3;

    memset(f, 0, sizeof *f);
    f->in_port.odp_port = u32_to_odp(IN_PORT);
    pick_bytes(&f->dl_dst, sizeof f->dl_dst);
    pick_bytes(&f->dl_src, sizeof f->dl_src);
    f->dl_type = htons(PICK(types));
    for (int i = 0; i < n_vlans; i++) {
        f->vlans[i].tpid = htons(PICK(tpids));
        f->vlans[i].tci = htons(pick(0x10000) | VLAN_CFI);
    }
    if (f->dl_type == htons(ETH_TYPE_ARP)) {
        pick_bytes(&f->nw_src, sizeof f->nw_src);
        pick_bytes(&f->nw_dst, sizeof f->nw_dst);
        pick_bytes(&f->arp_sha, sizeof f->arp_sha);
        pick_bytes(&f->arp_tha, sizeof f->arp_tha);
        f->nw_proto = 1 + pick(2);
    }
    if (!is_ip_any(f)) {
        return;
    }
    pick_bytes(&f->nw_tos, sizeof f->nw_tos);
    pick_bytes(&f->nw_ttl, sizeof f->nw_ttl);
    f->nw_frag = PICK(frags);
    do {
        f->nw_proto = PICK(protos);
    } while (f->nw_proto == (f->dl_type == htons(ETH_TYPE_IP)
                             ? IPPROTO_ICMPV6 : IPPROTO_ICMP));
    if (f->dl_type == htons(ETH_TYPE_IP)) {
        pick_bytes(&f->nw_src, sizeof f->nw_src);
        pick_bytes(&f->nw_dst, sizeof f->nw_dst);
    } else {
        pick_bytes(&f->ipv6_src, sizeof f->ipv6_src);
        pick_bytes(&f->ipv6_dst, sizeof f->ipv6_dst);
        f->ipv6_label = htonl(pick(4) * 0x10001);
    }
    if (f->nw_proto == IPPROTO_ICMPV6) {
        f->tp_src = htons(pick(3) ? ND_NEIGHBOR_SOLICIT + pick(2) : 128);
        f->tp_dst = htons(pick(8) == 0);
        pick_bytes(&f->nd_target, sizeof f->nd_target);
        if (pick(2)) {
            pick_bytes(&f->arp_sha, sizeof f->arp_sha);
        }
        if (pick(2)) {
            pick_bytes(&f->arp_tha, sizeof f->arp_tha);
        }
        f->igmp_group_ip4 = htonl(pick(2) << 29);
    } else if (f->nw_proto == IPPROTO_ICMP) {
        f->tp_src = htons(pick(2) * 8);
        f->tp_dst = htons(pick(2));
    } else {
        pick_bytes(&f->tp_src, sizeof f->tp_src);
        pick_bytes(&f->tp_dst, sizeof f->tp_dst);
        f->tcp_flags = htons(pick(0x1000));
    }
}

/* Puts an extension header of type 'ext' after the IPv6 header of 'p'. */
static void
insert_ext(struct dp_packet *p, uint8_t ext, uint16_t frag_data)
{
    struct ovs_16aligned_ip6_hdr *ip6;
    size_t ofs = p->l3_ofs + sizeof *ip6;
    uint8_t *d;

    dp_packet_put_zeros(p, 8);
    d = dp_packet_data(p);
    memmove(d + ofs + 8, d + ofs, dp_packet_size(p) - ofs - 8);
    memset(d + ofs, 0, 8);
    ip6 = dp_packet_l3(p);
    d[ofs] = ip6->ip6_nxt;
    d[ofs + 2] = frag_data >> 8;
    d[ofs + 3] = frag_data;
    ip6->ip6_nxt = ext;
    ip6->ip6_plen = htons(ntohs(ip6->ip6_plen) + 8);
}

/* Makes 'p' a packet like 'f', and 'f' what Open vSwitch sees in it.  Returns
 * false if a device may leave it to software by its nature. */
static bool
make_packet(struct dp_packet *p, struct flow *f)
{
    bool plain = true;

    dp_packet_init(p, 256);
    flow_compose(p, f, NULL, is_nd(f, NULL) ? 0 : 8);
    if (f->dl_type == htons(ETH_TYPE_IPV6)) {
        if (f->nw_frag) {
            insert_ext(p, IPPROTO_FRAGMENT,
                       f->nw_frag & FLOW_NW_FRAG_LATER ? 0x101 : 1);
        } else if (!pick(8)) {
            insert_ext(p, IPPROTO_FRAGMENT, 0);
            plain = false;
        }
        if (!pick(8)) {
            insert_ext(p, pick(2) ? IPPROTO_HOPOPTS : IPPROTO_DSTOPTS, 0);
            plain = false;
        }
    }
    pkt_metadata_init(&p->md, u32_to_odp(IN_PORT));
    flow_extract(p, f);
    return plain;
}

/* Whether 'f' has no options of neighbor discovery but those that 'spec'
 * matches, if 'spec' wants that, which it says by the length of packets. */
static bool
has_nd_size(const struct dpu_spec *spec, const struct flow *f)
{
    size_t size = 24 + 8 * (!eth_addr_is_zero(f->arp_sha)
                            + !eth_addr_is_zero(f->arp_tha));

    for (unsigned int i = 0; i < spec->n_items; i++) {
        const struct rte_flow_item_ipv6 *ipv6 = spec->items[i].spec;
        const struct rte_flow_item_ipv6 *mask = spec->items[i].mask;

        if (spec->items[i].type == RTE_FLOW_ITEM_TYPE_IPV6
            && mask && mask->hdr.payload_len) {
            return ntohs(ipv6->hdr.payload_len) == size;
        }
    }
    return true;
}

static void
to_model(const struct dp_packet *p, struct model_packet *m)
{
    memset(m->data, 0, sizeof m->data);
    m->size = dp_packet_size(p);
    memcpy(m->data, dp_packet_data(p), m->size);
}

/* A mask for a megaflow of 'f' as dpif-netdev might have it. */
static void
random_mask(const struct flow *f, struct flow_wildcards *wc)
{
    struct flow *mask = &wc->masks;
    uint8_t *p = (uint8_t *) mask;
    bool no_l4;

    flow_wildcards_init_for_packet(wc, f);
    for (size_t i = offsetof(struct flow, dl_dst); i < sizeof *mask; i++) {
        static const uint8_t bits[] = { 0, 0, 0, 0xff, 0xff, 0x0f, 0xfc, 1 };

        p[i] &= PICK(bits);
    }
    mask->dl_type = OVS_BE16_MAX;
    for (int i = 0; i < FLOW_MAX_VLAN_HEADERS; i++) {
        if (i == 0 || mask->vlans[i].tci) {
            mask->vlans[i].tci |= htons(VLAN_CFI);
        }
        if (!f->vlans[i].tci) {
            mask->vlans[i].tpid = 0;
        }
    }
    mask->nw_frag = is_ip_any(f) ? FLOW_NW_FRAG_MASK : 0;
    no_l4 = !pick(4);
    if (no_l4) {
        mask->tp_src = mask->tp_dst = mask->tcp_flags = 0;
        mask->nd_target = in6addr_any;
        mask->igmp_group_ip4 = 0;
        if (f->dl_type == htons(ETH_TYPE_IPV6)) {
            mask->arp_sha = mask->arp_tha = eth_addr_zero;
        }
    } else if (is_ip_any(f)) {
        mask->nw_proto = UINT8_MAX;
        if (f->nw_proto == IPPROTO_ICMPV6) {
            mask->tp_src = mask->tp_dst = htons(UINT8_MAX);
        } else {
            mask->igmp_group_ip4 = 0;
        }
    }
}

/* Shows what a failure is about. */
static void
explain(const struct match *match, const struct dpu_spec *spec,
        const struct model_packet *p)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    match_format(match, NULL, &s, 0);
    ds_put_char(&s, '\n');
    dpu_spec_format(spec, &s);
    ds_put_char(&s, '\n');
    ds_put_hex_dump(&s, p->data, p->size, 0, false);
    fprintf(stderr, "%s\n", ds_cstr(&s));
    ds_destroy(&s);
}

static bool
megaflow_matches(const struct match *match, const struct flow *f)
{
    return flow_equal_except(f, &match->flow, &match->wc);
}

static void
test_match(void **state OVS_UNUSED)
{
    unsigned int n_rules = 0, n_same = 0;
    struct dpu_caps caps;

    dpu_caps_all(&caps);
    random_set_seed(7);
    for (int i = 0; i < 30000; i++) {
        struct test_megaflow m;
        struct dpu_reason reason;
        struct dpu_spec spec;
        struct dp_packet p;
        struct flow f;

        memset(&m, 0, sizeof m);
        random_flow(&f);
        make_packet(&p, &f);
        dp_packet_uninit(&p);
        m.match.flow = f;
        random_mask(&f, &m.match.wc);
        bool usual = pick(8) || !is_ip_any(&f);
        if (!usual) {
            m.match.wc.masks.nw_frag = pick(4);
        }
        if (!test_megaflow_translate(&m, &caps, &spec, &reason)) {
            continue;
        }
        n_rules++;

        /* Packets like it, but for a field or two, and others. */
        for (int j = 0; j < 20; j++) {
            struct model_packet model;
            struct flow other, g;
            bool plain, hw, hw_ext, sw;

            g = m.match.flow;
            random_flow(&other);
            if (j >= 15) {
                g = other;
            } else if (j > 0) {
                size_t ofs = pick(sizeof g);
                size_t n = 1 + pick(20);

                n = MIN(n, sizeof g - ofs);
                memcpy((uint8_t *) &g + ofs, (uint8_t *) &other + ofs, n);
                g.dl_type = m.match.flow.dl_type;
                for (int k = 0; k < 2; k++) {
                    if (!eth_type_vlan(g.vlans[k].tpid)) {
                        g.vlans[k].tci = 0;
                    }
                }
            }
            if (g.dl_type == htons(ETH_TYPE_IPV6)
                && (!g.nw_proto || g.nw_proto == IPPROTO_FRAGMENT)) {
                g.nw_proto = IPPROTO_UDP;   /* Not an extension header. */
            }
            plain = make_packet(&p, &g);
            to_model(&p, &model);
            dp_packet_uninit(&p);

            hw = model_match(&spec, &model, ETHDEV, false);
            hw_ext = model_match(&spec, &model, ETHDEV, true);
            sw = megaflow_matches(&m.match, &g);
            if ((hw || hw_ext) && !sw) {
                explain(&m.match, &spec, &model);
                fail_msg("the rule matches more than the megaflow");
            }
            /* The presence of the second tag is not in every mask. */
            if (sw && plain && usual && !(hw && hw_ext)
                && has_nd_size(&spec, &g)
                && (m.match.wc.masks.vlans[1].tci
                    || !g.vlans[1].tci == !m.match.flow.vlans[1].tci)) {
                explain(&m.match, &spec, &model);
                fail_msg("the rule matches less than the megaflow");
            }
            n_same += sw;
        }
        assert_false(model_match(&spec, &(struct model_packet) { .size = 64 },
                                 ETHDEV + 1, false));
    }
    /* Enough of them for the test to mean something. */
    assert_true(n_rules > 15000);
    assert_true(n_same > 5 * n_rules);
}

/* Actions. */

static void
put_set(struct ofpbuf *b, uint16_t key, size_t size)
{
    static const uint8_t bits[] = { 0, 0, 0xff, 0xff, 0xf0, 0x3c, 0x81 };
    bool whole = !pick(3);
    uint8_t value[64], mask[64];
    size_t set;

    pick_bytes(value, size);
    for (size_t i = 0; i < size; i++) {
        mask[i] = PICK(bits);
    }
    if (key == OVS_KEY_ATTR_IPV4 || key == OVS_KEY_ATTR_IPV6) {
        /* What is not set: protocol, fragment and label. */
        bool v4 = key == OVS_KEY_ATTR_IPV4;

        mask[v4 ? offsetof(struct ovs_key_ipv4, ipv4_proto)
             : offsetof(struct ovs_key_ipv6, ipv6_proto)] = 0;
        mask[v4 ? offsetof(struct ovs_key_ipv4, ipv4_frag)
             : offsetof(struct ovs_key_ipv6, ipv6_frag)] = 0;
        if (!v4) {
            memset(mask + offsetof(struct ovs_key_ipv6, ipv6_label), 0, 4);
            whole = false;
        }
    }
    if (key == OVS_KEY_ATTR_SCTP) {
        memset(mask, 0xff, size);
    }
    for (size_t i = 0; i < size; i++) {
        value[i] &= whole ? 0xff : mask[i];
    }

    set = nl_msg_start_nested(b, whole ? OVS_ACTION_ATTR_SET
                                       : OVS_ACTION_ATTR_SET_MASKED);
    if (whole) {
        nl_msg_put_unspec(b, key, value, size);
    } else {
        uint8_t *p = nl_msg_put_unspec_uninit(b, key, 2 * size);

        memcpy(p, value, size);
        memcpy(p + size, mask, size);
    }
    nl_msg_end_nested(b, set);
}

static void
put_random_action(struct ofpbuf *b, const struct flow *f, int *n_tags)
{
    struct ovs_action_push_vlan push;

    switch (pick(7)) {
    case 0:
        nl_msg_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 1 + pick(9));
        break;
    case 1:
        if (*n_tags < 3) {
            push.vlan_tpid = htons(pick(2) ? ETH_TYPE_VLAN_8021Q
                                           : ETH_TYPE_VLAN_8021AD);
            push.vlan_tci = htons(pick(0x10000) | VLAN_CFI);
            nl_msg_put_unspec(b, OVS_ACTION_ATTR_PUSH_VLAN,
                              &push, sizeof push);
            ++*n_tags;
        }
        break;
    case 2:
        nl_msg_put_flag(b, OVS_ACTION_ATTR_POP_VLAN);
        *n_tags -= *n_tags > 0;
        break;
    case 3:
        put_set(b, OVS_KEY_ATTR_ETHERNET, sizeof(struct ovs_key_ethernet));
        break;
    case 4:
    case 5:
        if (f->dl_type == htons(ETH_TYPE_IP)) {
            put_set(b, OVS_KEY_ATTR_IPV4, sizeof(struct ovs_key_ipv4));
        } else if (f->dl_type == htons(ETH_TYPE_IPV6)) {
            put_set(b, OVS_KEY_ATTR_IPV6, sizeof(struct ovs_key_ipv6));
        }
        break;
    case 6:
        if (!is_ip_any(f) || f->nw_frag & FLOW_NW_FRAG_LATER) {
            break;
        }
        if (f->nw_proto == IPPROTO_TCP) {
            put_set(b, OVS_KEY_ATTR_TCP, sizeof(struct ovs_key_tcp));
        } else if (f->nw_proto == IPPROTO_UDP) {
            put_set(b, OVS_KEY_ATTR_UDP, sizeof(struct ovs_key_udp));
        } else if (f->nw_proto == IPPROTO_SCTP) {
            put_set(b, OVS_KEY_ATTR_SCTP, sizeof(struct ovs_key_sctp));
        }
        break;
    }
}

static void
collect_output(void *out_, struct dp_packet_batch *batch,
               const struct nlattr *a, bool should_steal OVS_UNUSED)
{
    struct model_outputs *out = out_;
    struct dp_packet *p;

    assert_int_equal(nl_attr_type(a), OVS_ACTION_ATTR_OUTPUT);
    DP_PACKET_BATCH_FOR_EACH (i, p, batch) {
        assert_true(out->n < MODEL_MAX_OUTPUTS);
        out->v[out->n].ethdev = nl_attr_get_u32(a) + 10;
        to_model(p, &out->v[out->n++].packet);
    }
}

/* What the datapath makes of 'p'. */
static void
execute(struct dp_packet *p, const struct ofpbuf *actions,
        struct model_outputs *out)
{
    struct dp_packet_batch batch;

    out->n = 0;
    dp_packet_batch_init_packet(&batch, p);
    odp_execute_actions(out, &batch, false, actions->data, actions->size,
                        collect_output);
}

static void
assert_same_outputs(struct model_outputs *hw, struct model_outputs *sw,
                    const struct match *match, const struct dpu_spec *spec,
                    const struct model_packet *p)
{
    bool ok = hw->n == sw->n;

    for (size_t i = 0; ok && i < hw->n; i++) {
        struct model_packet *a = &hw->v[i].packet;
        struct model_packet *b = &sw->v[i].packet;

        model_clear_checksums(a);
        model_clear_checksums(b);
        ok = (hw->v[i].ethdev == sw->v[i].ethdev && a->size == b->size
              && !memcmp(a->data, b->data, a->size));
        if (!ok) {
            explain(match, spec, a);
            explain(match, spec, b);
        }
    }
    if (!ok) {
        explain(match, spec, p);
        fail_msg("%"PRIuSIZE" outputs of hardware are not the %"PRIuSIZE
                 " of software", hw->n, sw->n);
    }
}

static void
check_actions(const struct dpu_caps *caps, unsigned int seed)
{
    unsigned int n_rules = 0, n_outputs = 0;

    random_set_seed(seed);
    for (int i = 0; i < 30000; i++) {
        struct model_outputs hw, sw;
        struct test_megaflow m;
        struct dpu_reason reason;
        struct model_packet model;
        struct dpu_spec spec;
        struct dp_packet p;
        int n_tags, n = pick(6);
        struct flow f;

        memset(&m, 0, sizeof m);
        random_flow(&f);
        make_packet(&p, &f);
        to_model(&p, &model);
        m.match.flow = f;
        random_mask(&f, &m.match.wc);
        m.match.wc.masks.nw_proto = is_ip_any(&f) ? UINT8_MAX : 0;
        ofpbuf_init(&m.actions, 0);
        n_tags = !!f.vlans[0].tci + !!f.vlans[1].tci;
        while (n--) {
            put_random_action(&m.actions, &f, &n_tags);
        }
        nl_msg_put_u32(&m.actions, OVS_ACTION_ATTR_OUTPUT, 1 + pick(9));

        if (test_megaflow_translate(&m, caps, &spec, &reason)) {
            n_rules++;
            model_run(&spec, &model, &hw);
            execute(&p, &m.actions, &sw);
            n_outputs += sw.n;
            assert_same_outputs(&hw, &sw, &m.match, &spec, &model);
        }
        ofpbuf_uninit(&m.actions);
        dp_packet_uninit(&p);
    }
    assert_true(n_rules > 8000);
    assert_true(n_outputs > n_rules);
}

static void
test_actions(void **state OVS_UNUSED)
{
    struct dpu_caps caps;

    dpu_caps_all(&caps);
    check_actions(&caps, 11);
}

/* With MODIFY_FIELD for everything. */
static void
test_actions_modify(void **state OVS_UNUSED)
{
    struct dpu_caps caps = test_caps_without(
        NULL, "set_mac_src set_mac_dst set_ipv4_src set_ipv4_dst set_ipv6_src "
        "set_ipv6_dst set_tp_src set_tp_dst set_ttl dec_ttl set_ipv4_dscp "
        "set_ipv6_dscp of_set_vlan_vid sample", NULL);

    check_actions(&caps, 13);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_actions_modify),
    };

    odp_execute_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
