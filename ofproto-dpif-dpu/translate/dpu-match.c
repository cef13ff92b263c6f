/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match: a megaflow's match becomes the items of a rule.
 *
 * Each matcher of the table 'matchers' takes the bits of the mask that it
 * translates out of 'left'.  What is left after the last of them is a refusal
 * that names the field.
 *
 * A rule may match fewer packets than the megaflow, never more: the others are
 * forwarded by software, which has the same megaflow.  This is relied upon
 * where the two see packets differently, and each such place says so.
 *
 * Software's view of packets: miniflow_extract() in Open vSwitch's
 * lib/flow.c.  The items: DPDK guide, "Generic flow API", "Pattern item". */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match.h"

#include <string.h>

#include "flow.h"
#include "odp-util.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-action.h"
#include "ofproto-dpif-dpu/translate/dpu-match-private.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

bool
dpu_match_add_item_range(struct dpu_match *m, enum rte_flow_item_type type,
                         const void *spec, const void *last, const void *mask,
                         size_t size)
{
    if (!dpu_caps_item(m->caps, type)) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_ITEM, "%s",
                              dpu_spec_item_name(type));
    }
    if (!size || is_all_zeros(mask, size)) {
        dpu_spec_add_item(m->spec, type, NULL, NULL, 0);
    } else {
        dpu_spec_add_item_range(m->spec, type, spec, last, mask, size);
    }
    return true;
}

bool
dpu_match_add_item(struct dpu_match *m, enum rte_flow_item_type type,
                   const void *spec, const void *mask, size_t size)
{
    return dpu_match_add_item_range(m, type, spec, NULL, mask, size);
}

bool
dpu_match_is_dl_type(const struct dpu_match *m, uint16_t dl_type)
{
    return (m->mask->dl_type == OVS_BE16_MAX
            && m->key->dl_type == htons(dl_type));
}

bool
dpu_match_is_later_frag(const struct dpu_match *m)
{
    return (m->mask->nw_frag & m->key->nw_frag & FLOW_NW_FRAG_LATER) != 0;
}

bool
dpu_match_is_l4(const struct dpu_match *m, uint8_t proto)
{
    return ((dpu_match_is_dl_type(m, ETH_TYPE_IP)
             || dpu_match_is_dl_type(m, ETH_TYPE_IPV6))
            && m->mask->nw_proto == UINT8_MAX && m->key->nw_proto == proto
            && !dpu_match_is_later_frag(m));
}

/* Whether the packet starts here or was recirculated. */
static bool
match_chain(struct dpu_match *m)
{
    uint32_t recirc_id = m->key->recirc_id;

    if (m->mask->recirc_id != UINT32_MAX) {
        return true;            /* Left over, if there is anything. */
    }
    m->left.recirc_id = 0;
    if (recirc_id || m->tunnel) {
        if (!m->caps->groups) {
            return (recirc_id
                    ? dpu_reason_set(m->reason, DPU_REASON_RECIRC,
                                     "recirc_id(%#"PRIx32"): the device has "
                                     "no groups", recirc_id)
                    : dpu_reason_set(m->reason, DPU_REASON_RECIRC, "tunnel: "
                                     "the device has no groups"));
        }
        m->spec->chain.recirc_id = recirc_id;
        m->spec->chain.in_port = m->key->in_port.odp_port;
    } else if (!m->policer && m->ports->policed
               && m->ports->policed(m->ports, m->key->in_port.odp_port)) {
        m->spec->chain.in_port = m->key->in_port.odp_port;
    }
    return true;
}

/* The port where the packet enters, and what else is not in the packet. */
static bool
match_metadata(struct dpu_match *m)
{
    odp_port_t in_port = m->key->in_port.odp_port;
    char port[DPU_PORT_DESCRIPTION];
    const char *software;
    uint16_t ethdev;

    m->tunnel = (m->ports->tunnel ? m->ports->tunnel(m->ports, in_port)
                 : NULL);
    ethdev = m->origin;
    if (m->mask->in_port.odp_port != ODPP_NONE
        || (!m->tunnel && !m->ports->lookup(m->ports, in_port, &ethdev))) {
        return dpu_reason_set(m->reason, DPU_REASON_IN_PORT, "%s",
                              dpu_port_map_describe(m->ports, in_port, port));
    }
    software = (m->ports->software && !m->comes_up && !m->policer
                ? m->ports->software(m->ports, in_port, false) : NULL);
    if (software) {
        return dpu_reason_set(m->reason, DPU_REASON_ACTION_SOFTWARE,
                              "%s of %s", software,
                              dpu_port_map_describe(m->ports, in_port, port));
    }
    m->left.in_port.odp_port = 0;
    m->spec->port_ethdev = ethdev;
    if (!match_chain(m)) {
        return false;
    }

    /* Every packet from a port of a device is of Ethernet.  No action that
     * gives it other metadata is translated, so that a packet which has some
     * reaches no chain in hardware. */
    TAKE_ZERO(m, packet_type);
    /* Nothing else of a tunnel is valid without a destination. */
    if (!flow_tnl_dst_is_set(&m->key->tunnel)) {
        memset(&m->left.tunnel, 0, sizeof m->left.tunnel);
    }
    TAKE_ZERO(m, skb_priority);
    TAKE_ZERO(m, pkt_mark);
    /* Only software gives packets a hash, and recirculates them then. */
    if (!m->key->recirc_id) {
        TAKE_ZERO(m, dp_hash);
    }
    return true;
}

static bool
match_in_port(struct dpu_match *m)
{
    if (m->tunnel
        && dpu_caps_item(m->caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT)) {
        /* Any port: a tunnel may come in by several uplinks, and the rule that
         * leads here has seen by which. */
        return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                                  NULL, NULL, 0);
    } else if (dpu_caps_item(m->caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT)) {
        struct rte_flow_item_ethdev spec = { .port_id = m->spec->port_ethdev };
        struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };

        return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                                  &spec, &mask, sizeof spec);
    } else if (dpu_caps_item(m->caps, RTE_FLOW_ITEM_TYPE_PORT_ID)) {
        struct rte_flow_item_port_id spec = { .id = m->spec->port_ethdev };
        struct rte_flow_item_port_id mask = { .id = UINT32_MAX };

        return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_PORT_ID, &spec, &mask,
                                  sizeof spec);
    }
    m->spec->needs_port_ethdev = true;
    return true;
}

/* Tags of the packet that the megaflow was made for.  dpif-netdev always
 * matches the presence of the first tag; where the presence of one is not in
 * the mask, the rule takes the packets that look like that one and leaves the
 * others to software. */
static int
count_tags(const struct dpu_match *m)
{
    int n = 0;

    while (n < FLOW_MAX_VLAN_HEADERS
           && m->key->vlans[n].tci & htons(VLAN_CFI)) {
        n++;
    }
    return n;
}

/* Whether software's Ethernet type of a packet with 'n_tags' tags stands on
 * the wire right after them. */
static bool
check_dl_type(struct dpu_match *m, int n_tags)
{
    uint16_t dl_type = ntohs(m->key->dl_type);

    if (!m->mask->dl_type) {
        return true;
    }
    if (m->mask->dl_type != OVS_BE16_MAX) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_MASK,
                              "eth.type/%#"PRIx16, ntohs(m->mask->dl_type));
    }
    /* FLOW_DL_TYPE_NONE: a length follows, not a type. */
    if (dl_type < ETH_TYPE_MIN) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD,
                              "eth.type of 802.3 frames");
    }
    /* Software looks for 'flow_vlan_limit' tags.  If there is a TPID after
     * fewer, then the tag is cut off: no item matches that. */
    if (eth_type_vlan(m->key->dl_type) && n_tags < flow_vlan_limit) {
        return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD,
                              "eth.type of truncated VLAN tags");
    }
    return true;
}

/* Takes the mask of VLAN header 'i', which the packet has or has not. */
static bool
take_tag(struct dpu_match *m, int i, bool present,
         struct rte_flow_item_vlan *spec, struct rte_flow_item_vlan *mask,
         rte_be16_t *tpid, rte_be16_t *tpid_mask)
{
    if (!present) {
        TAKE_ZERO(m, vlans[i]);
        if (m->left.vlans[i].qtag) {
            return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                                  "vlan[%d] without its CFI bit", i);
        }
        return true;
    }
    TAKE(m, vlans[i].tpid, *tpid, *tpid_mask);
    TAKE(m, vlans[i].tci, spec->hdr.vlan_tci, mask->hdr.vlan_tci);
    /* Software's CFI bit says that there is a tag; it ignores the one on the
     * wire. */
    spec->hdr.vlan_tci &= htons(~VLAN_CFI);
    mask->hdr.vlan_tci &= htons(~VLAN_CFI);
    return true;
}

static bool
match_eth_vlan(struct dpu_match *m)
{
    struct rte_flow_item_vlan vlan[FLOW_MAX_VLAN_HEADERS];
    struct rte_flow_item_vlan vlan_mask[FLOW_MAX_VLAN_HEADERS];
    struct rte_flow_item_eth eth, eth_mask;
    int n_tags = count_tags(m);

    if (!check_dl_type(m, n_tags)) {
        return false;
    }
    memset(&eth, 0, sizeof eth);
    memset(&eth_mask, 0, sizeof eth_mask);
    memset(vlan, 0, sizeof vlan);
    memset(vlan_mask, 0, sizeof vlan_mask);

    TAKE_BYTES(m, dl_dst, eth.hdr.dst_addr, eth_mask.hdr.dst_addr);
    TAKE_BYTES(m, dl_src, eth.hdr.src_addr, eth_mask.hdr.src_addr);

    /* A TPID stands in the type field of the header before. */
    rte_be16_t *type = &eth.hdr.ether_type;
    rte_be16_t *type_mask = &eth_mask.hdr.ether_type;
    for (int i = 0; i < FLOW_MAX_VLAN_HEADERS; i++) {
        if (!take_tag(m, i, i < n_tags, &vlan[i], &vlan_mask[i],
                      type, type_mask)) {
            return false;
        }
        if (i < n_tags) {
            type = &vlan[i].inner_type;
            type_mask = &vlan_mask[i].inner_type;
        }
    }
    TAKE(m, dl_type, *type, *type_mask);
    if (!n_tags && !eth_mask.hdr.ether_type && m->mask->vlans[0].tci) {
        eth_mask.has_vlan = 1;
    }

    if (!dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_ETH, &eth, &eth_mask,
                            sizeof eth)) {
        return false;
    }
    for (int i = 0; i < n_tags; i++) {
        if (!dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_VLAN, &vlan[i],
                                &vlan_mask[i], sizeof vlan[i])) {
            return false;
        }
    }
    return true;
}

/* In the order of the items that they make: from the lowest layer up. */
static const struct {
    bool (*compile)(struct dpu_match *);
} matchers[] = {
    { match_metadata },
    { match_in_port },
    { dpu_match_ct },
    { dpu_match_tunnel },
    { match_eth_vlan },
    { dpu_match_mpls },
    { dpu_match_ipv4 },
    { dpu_match_ipv6 },
    { dpu_match_arp },
    { dpu_match_later_frag },
    { dpu_match_tcp },
    { dpu_match_udp },
    { dpu_match_sctp },
    { dpu_match_icmp },
    { dpu_match_icmp6 },
};

/* The name of every member of struct flow, for what is left of the mask. */
static const struct {
    const char *name;
    const char *name_ipv6;      /* If it means something else there. */
    uint16_t ofs, size;         /* In bytes. */
} flow_fields[] = {
#define NAMED(NAME, NAME_IPV6, MEMBER)                  \
    { NAME, NAME_IPV6, offsetof(struct flow, MEMBER),   \
      MEMBER_SIZEOF(struct flow, MEMBER) }
#define FIELD(MEMBER) NAMED(#MEMBER, NULL, MEMBER)
    FIELD(tunnel.ip_dst),
    FIELD(tunnel.ipv6_dst),
    FIELD(tunnel.ip_src),
    FIELD(tunnel.ipv6_src),
    FIELD(tunnel.tun_id),
    FIELD(tunnel.flags),
    FIELD(tunnel.ip_tos),
    FIELD(tunnel.ip_ttl),
    FIELD(tunnel.tp_src),
    FIELD(tunnel.tp_dst),
    FIELD(tunnel.gbp_id),
    FIELD(tunnel.gbp_flags),
    FIELD(tunnel.metadata),
    FIELD(tunnel),
    FIELD(metadata),
    FIELD(regs),
    FIELD(skb_priority),
    FIELD(pkt_mark),
    FIELD(dp_hash),
    FIELD(in_port),
    FIELD(recirc_id),
    FIELD(ct_state),
    FIELD(ct_nw_proto),
    FIELD(ct_zone),
    FIELD(ct_mark),
    FIELD(packet_type),
    FIELD(ct_label),
    FIELD(conj_id),
    FIELD(actset_output),
    NAMED("eth.dst", NULL, dl_dst),
    NAMED("eth.src", NULL, dl_src),
    NAMED("eth.type", NULL, dl_type),
    FIELD(pad1),
    NAMED("vlan[0]", NULL, vlans[0]),
    NAMED("vlan[1]", NULL, vlans[1]),
    FIELD(mpls_lse),
    FIELD(nw_src),
    FIELD(nw_dst),
    FIELD(ct_nw_src),
    FIELD(ct_nw_dst),
    FIELD(ipv6_src),
    FIELD(ipv6_dst),
    FIELD(ct_ipv6_src),
    FIELD(ct_ipv6_dst),
    FIELD(ipv6_label),
    FIELD(nw_frag),
    FIELD(nw_tos),
    FIELD(nw_ttl),
    FIELD(nw_proto),
    FIELD(nd_target),
    NAMED("arp_sha", "nd_sll", arp_sha),
    NAMED("arp_tha", "nd_tll", arp_tha),
    NAMED("tcp_flags", "nd_options_type", tcp_flags),
    FIELD(pad2),
    FIELD(nsh),
    FIELD(tp_src),
    FIELD(tp_dst),
    FIELD(ct_tp_src),
    FIELD(ct_tp_dst),
    NAMED("igmp_group_ip4", "nd_reserved", igmp_group_ip4),
    FIELD(pad3),
#undef FIELD
#undef NAMED
};

static bool
is_nothing_left(const struct dpu_match *m)
{
    const uint64_t *left = (const uint64_t *) &m->left;
    uint64_t any = 0;

    for (size_t i = 0; i < FLOW_U64S; i++) {
        any |= left[i];
    }
    return !any;
}

/* Refuses the first field that is left, if any. */
static bool
check_left(const struct dpu_match *m)
{
    if (is_nothing_left(m)) {
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(flow_fields); i++) {
        const uint8_t *p = (const uint8_t *) &m->left + flow_fields[i].ofs;

        if (!is_all_zeros(p, flow_fields[i].size)) {
            bool ipv6 = (flow_fields[i].name_ipv6
                         && dpu_match_is_dl_type(m, ETH_TYPE_IPV6));

            return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD, "%s",
                                  ipv6 ? flow_fields[i].name_ipv6
                                       : flow_fields[i].name);
        }
    }
    return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD, "padding");
}

bool
dpu_match_compile(const struct dpu_megaflow *flow,
                  const struct dpu_port_map *ports,
                  const struct dpu_caps *caps, struct dpu_spec *spec,
                  struct dpu_reason *reason)
{
    size_t len = flow->actions_len;
    const struct nlattr *rest = dpu_action_behind_copies(flow->actions, &len);
    struct dpu_match m = {
        .key = &flow->match->flow,
        .mask = &flow->match->wc.masks,
        .left = flow->match->wc.masks,
        .ports = ports,
        .origin = flow->origin,
        .goes_on = dpu_action_goes_on(rest, len),
        .policer = flow->policer,
        .comes_up = flow->comes_up,
        .length = flow->length,
        .caps = caps,
        .spec = spec,
        .reason = reason,
    };

    for (size_t i = 0; i < ARRAY_SIZE(matchers); i++) {
        if (!matchers[i].compile(&m)) {
            return false;
        }
    }
    return check_left(&m);
}
