/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes the translation: any match, and any list of actions that is well
 * formed, become a spec or a reason, for devices that have everything or less.
 *
 * Input: flags, where bits of the flow and its mask come from (an offset and
 * eight bytes for each), and actions: a type and its contents. */

#include <config.h>

#include <stdlib.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "random.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"
#include "tests/fuzz/fuzz-input.h"

#define MAX_ACTIONS 20
#define MAX_DEPTH 3

/* Ports 1 to 8 are the device's, 9 to 11 are tunnels. */

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
       uint16_t *ethdev)
{
    *ethdev = odp_to_u32(port);
    return odp_to_u32(port) >= 1 && odp_to_u32(port) <= 8;
}

static const char *
tunnel(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port)
{
    static const char *const types[] = { "vxlan", "geneve", "gre" };
    uint32_t n = odp_to_u32(port);

    return n >= 9 && n <= 11 ? types[n - 9] : NULL;
}

static const struct dpu_port_map ports = {
    .lookup = lookup,
    .tunnel = tunnel,
};

int
LLVMFuzzerInitialize(int *argc OVS_UNUSED, char ***argv OVS_UNUSED)
{
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return 0;
}

/* The match. */

static void
take_match(struct fuzz_input *in, uint8_t flags, struct match *match)
{
    static const uint16_t types[] = {
        ETH_TYPE_IP, ETH_TYPE_IPV6, ETH_TYPE_ARP, ETH_TYPE_MPLS,
        ETH_TYPE_VLAN, ETH_TYPE_RARP, 0x88b5, 0x05ff,
    };
    static const uint8_t protos[] = {
        IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_SCTP,
        IPPROTO_GRE, IPPROTO_IGMP, 0,
    };
    unsigned int n = flags & 7;

    match_init_catchall(match);
    match->wc.masks.packet_type = OVS_BE32_MAX;
    match->wc.masks.in_port.odp_port = u32_to_odp(UINT32_MAX);
    match->wc.masks.recirc_id = UINT32_MAX;
    match->wc.masks.dl_type = OVS_BE16_MAX;
    match->wc.masks.nw_frag = FLOW_NW_FRAG_MASK;
    match->wc.masks.vlans[0].tci = OVS_BE16_MAX;
    match->flow.in_port.odp_port = u32_to_odp(fuzz_u8(in) % 13);
    match->flow.recirc_id = fuzz_u8(in) % 3;
    match->flow.dl_type = htons(types[fuzz_u8(in) % ARRAY_SIZE(types)]);
    match->flow.nw_proto = protos[fuzz_u8(in) % ARRAY_SIZE(protos)];
    match->wc.masks.nw_proto = flags & 8 ? UINT8_MAX : 0;

    for (unsigned int i = 0; i < n; i++) {
        size_t at = fuzz_u16(in) % (sizeof match->flow / 8) * 8;

        fuzz_take(in, (char *) &match->flow + at, 8);
        fuzz_take(in, (char *) &match->wc.masks + at, 8);
    }
    /* As OVS has it: no bits beyond the mask; tunnel options in a buffer. */
    match->wc.masks.tunnel.metadata.present.map = 0;
    match->flow.tunnel.metadata.tab = NULL;
    match->wc.masks.tunnel.metadata.tab = NULL;
    match->flow.tunnel.metadata.present.len %= TLV_TOT_OPT_SIZE;
    match->flow.tunnel.metadata.present.len &= ~3;
    match->wc.masks.tunnel.metadata.present.len
        = match->flow.tunnel.metadata.present.len;
    match->wc.masks.packet_type = OVS_BE32_MAX;
    match->flow.packet_type = htonl(PT_ETH);
}

/* Actions. */

static void put_actions(struct fuzz_input *, struct ofpbuf *, int depth);

/* A value of 'size' bytes as action 'type'. */
static void
put_value(struct fuzz_input *in, struct ofpbuf *b, uint16_t type, size_t size)
{
    fuzz_take(in, nl_msg_put_unspec_uninit(b, type, size), size);
}

static void
put_nested(struct fuzz_input *in, struct ofpbuf *b, uint16_t type, int depth)
{
    size_t ofs = nl_msg_start_nested(b, type);

    put_actions(in, b, depth + 1);
    nl_msg_end_nested(b, ofs);
}

/* A set action, whole or with a mask. */
static void
put_set(struct fuzz_input *in, struct ofpbuf *b, bool masked)
{
    static const struct {
        uint16_t key;
        size_t size;
    } keys[] = {
        { OVS_KEY_ATTR_PRIORITY, 4 },
        { OVS_KEY_ATTR_SKB_MARK, 4 },
        { OVS_KEY_ATTR_ETHERNET, sizeof(struct ovs_key_ethernet) },
        { OVS_KEY_ATTR_IPV4, sizeof(struct ovs_key_ipv4) },
        { OVS_KEY_ATTR_IPV6, sizeof(struct ovs_key_ipv6) },
        { OVS_KEY_ATTR_TCP, sizeof(struct ovs_key_tcp) },
        { OVS_KEY_ATTR_UDP, sizeof(struct ovs_key_udp) },
        { OVS_KEY_ATTR_SCTP, sizeof(struct ovs_key_sctp) },
        { OVS_KEY_ATTR_ARP, sizeof(struct ovs_key_arp) },
        { OVS_KEY_ATTR_ND, sizeof(struct ovs_key_nd) },
        { OVS_KEY_ATTR_MPLS, sizeof(struct ovs_key_mpls) },
        { OVS_KEY_ATTR_ICMP, sizeof(struct ovs_key_icmp) },
    };
    size_t i = fuzz_u8(in) % ARRAY_SIZE(keys);
    size_t ofs = nl_msg_start_nested(b, masked ? OVS_ACTION_ATTR_SET_MASKED
                                     : OVS_ACTION_ATTR_SET);

    put_value(in, b, keys[i].key, keys[i].size * (1 + masked));
    nl_msg_end_nested(b, ofs);
}

static void
put_ct(struct fuzz_input *in, struct ofpbuf *b)
{
    size_t ofs = nl_msg_start_nested(b, OVS_ACTION_ATTR_CT);
    uint8_t flags = fuzz_u8(in);

    if (flags & 1) {
        nl_msg_put_flag(b, flags & 2 ? OVS_CT_ATTR_COMMIT
                        : OVS_CT_ATTR_FORCE_COMMIT);
    }
    if (flags & 4) {
        put_value(in, b, OVS_CT_ATTR_ZONE, 2);
    }
    if (flags & 8) {
        put_value(in, b, OVS_CT_ATTR_MARK, 8);
    }
    if (flags & 16) {
        put_value(in, b, OVS_CT_ATTR_LABELS, 32);
    }
    if (flags & 32) {
        size_t nat = nl_msg_start_nested(b, OVS_CT_ATTR_NAT);

        if (flags & 64) {
            nl_msg_put_flag(b, flags & 128 ? OVS_NAT_ATTR_SRC
                            : OVS_NAT_ATTR_DST);
            put_value(in, b, OVS_NAT_ATTR_IP_MIN, 4);
        }
        nl_msg_end_nested(b, nat);
    }
    nl_msg_end_nested(b, ofs);
}

static void
put_check_pkt_len(struct fuzz_input *in, struct ofpbuf *b, int depth)
{
    size_t ofs = nl_msg_start_nested(b, OVS_ACTION_ATTR_CHECK_PKT_LEN);

    put_value(in, b, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, 2);
    put_nested(in, b, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER, depth);
    put_nested(in, b, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL, depth);
    nl_msg_end_nested(b, ofs);
}

static void
put_sample(struct fuzz_input *in, struct ofpbuf *b, int depth)
{
    size_t ofs = nl_msg_start_nested(b, OVS_ACTION_ATTR_SAMPLE);

    put_value(in, b, OVS_SAMPLE_ATTR_PROBABILITY, 4);
    put_nested(in, b, OVS_SAMPLE_ATTR_ACTIONS, depth);
    nl_msg_end_nested(b, ofs);
}

static void
put_tnl_push(struct fuzz_input *in, struct ofpbuf *b)
{
    struct ovs_action_push_tnl *push;

    push = nl_msg_put_unspec_zero(b, OVS_ACTION_ATTR_TUNNEL_PUSH,
                                  sizeof *push);
    push->tnl_port = u32_to_odp(fuzz_u8(in) % 13);
    push->out_port = u32_to_odp(fuzz_u8(in) % 13);
    push->tnl_type = fuzz_u8(in) % 12;
    push->header_len = fuzz_u16(in) % (sizeof push->header + 1);
    fuzz_take(in, push->header, push->header_len);
}

static void
put_action(struct fuzz_input *in, struct ofpbuf *b, int depth)
{
    uint8_t type = fuzz_u8(in) % 24;

    switch (type) {
    case 0: case 1: case 2:
        nl_msg_put_odp_port(b, OVS_ACTION_ATTR_OUTPUT,
                            u32_to_odp(fuzz_u8(in) % 13));
        break;
    case 3: case 4: case 5:
        put_set(in, b, type == 3);
        break;
    case 6:
        put_value(in, b, OVS_ACTION_ATTR_PUSH_VLAN,
                  sizeof(struct ovs_action_push_vlan));
        break;
    case 7:
        nl_msg_put_flag(b, OVS_ACTION_ATTR_POP_VLAN);
        break;
    case 8:
        put_value(in, b, OVS_ACTION_ATTR_RECIRC, 4);
        break;
    case 9:
        put_value(in, b, OVS_ACTION_ATTR_HASH,
                  sizeof(struct ovs_action_hash));
        break;
    case 10:
        put_value(in, b, OVS_ACTION_ATTR_PUSH_MPLS,
                  sizeof(struct ovs_action_push_mpls));
        break;
    case 11:
        put_value(in, b, OVS_ACTION_ATTR_POP_MPLS, 2);
        break;
    case 12:
        put_value(in, b, OVS_ACTION_ATTR_TRUNC,
                  sizeof(struct ovs_action_trunc));
        break;
    case 13:
        put_ct(in, b);
        break;
    case 14:
        nl_msg_put_flag(b, OVS_ACTION_ATTR_CT_CLEAR);
        break;
    case 15:
        put_value(in, b, OVS_ACTION_ATTR_METER, 4);
        break;
    case 16:
        nl_msg_put_odp_port(b, OVS_ACTION_ATTR_TUNNEL_POP,
                            u32_to_odp(fuzz_u8(in) % 13));
        break;
    case 17:
        put_tnl_push(in, b);
        break;
    case 18:
        put_check_pkt_len(in, b, depth);
        break;
    case 19:
        put_nested(in, b, OVS_ACTION_ATTR_CLONE, depth);
        break;
    case 20:
        put_sample(in, b, depth);
        break;
    case 21:
        nl_msg_put_flag(b, OVS_ACTION_ATTR_DROP);
        break;
    case 22:
        put_value(in, b, OVS_ACTION_ATTR_LB_OUTPUT, 4);
        break;
    case 23:
        put_value(in, b, OVS_ACTION_ATTR_ADD_MPLS,
                  sizeof(struct ovs_action_add_mpls));
        break;
    }
}

static void
put_actions(struct fuzz_input *in, struct ofpbuf *b, int depth)
{
    unsigned int n = fuzz_u8(in) % (depth ? 4 : MAX_ACTIONS);

    for (unsigned int i = 0; i < n && depth < MAX_DEPTH; i++) {
        put_action(in, b, depth);
    }
}

/* The result. */

static void
check_spec(const struct dpu_spec *spec)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ovs_assert(!spec->overflow);
    ovs_assert(spec->n_items < DPU_SPEC_MAX_ITEMS);
    ovs_assert(spec->n_actions < DPU_SPEC_MAX_ACTIONS);
    ovs_assert(spec->items[spec->n_items].type == RTE_FLOW_ITEM_TYPE_END);
    ovs_assert(spec->actions[spec->n_actions].type
               == RTE_FLOW_ACTION_TYPE_END);
    ovs_assert(spec->n_outer_items <= spec->n_items);
    ovs_assert(spec->arena_used <= DPU_SPEC_ARENA);
    for (unsigned int i = 0; i < spec->n_items; i++) {
        ovs_assert(dpu_spec_item_name(spec->items[i].type));
    }
    dpu_spec_format_setup(spec, &s);
    dpu_spec_format(spec, &s);
    ds_destroy(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dpu_spec spec;
    struct fuzz_input in = { data, size };
    uint8_t flags = fuzz_u8(&in);
    struct dpu_megaflow flow;
    struct dpu_reason reason;
    struct ofpbuf actions;
    struct dpu_caps caps;
    struct match match;

    dpu_caps_all(&caps);
    if (flags & 0x10) {
        caps.items[0] &= ~(UINT64_C(1) << (fuzz_u8(&in) % 64));
        caps.actions[0] &= ~(UINT64_C(1) << (fuzz_u8(&in) % 64));
        caps.actions[1] &= ~(UINT64_C(1) << (fuzz_u8(&in) % 64));
        caps.modify_fields[0] &= ~(UINT64_C(1) << (fuzz_u8(&in) % 64));
    }
    caps.multi_output = !(flags & 0x20);
    caps.ct = !(flags & 0x40);
    caps.default_miss = !!(flags & 0x80);

    take_match(&in, flags, &match);
    ofpbuf_init(&actions, 256);
    put_actions(&in, &actions, 0);
    flow = (struct dpu_megaflow) {
        .match = &match,
        .actions = actions.data,
        .actions_len = actions.size,
        .origin = 1,
    };
    if (dpu_translate(&flow, &ports, &caps, &spec, &reason)) {
        for (const struct dpu_spec *s = &spec; s; s = s->more) {
            check_spec(s);
        }
        dpu_spec_free_more(&spec);
    } else {
        struct ds s = DS_EMPTY_INITIALIZER;

        ovs_assert(reason.code > DPU_REASON_NONE
                   && reason.code < DPU_N_REASONS);
        dpu_reason_format(&reason, &s);
        ds_destroy(&s);
    }
    ofpbuf_uninit(&actions);
    return 0;
}
