/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-tunnel: see dpu-tunnel.h.
 *
 * A device fills in what VXLAN_ENCAP and RAW_ENCAP leave open: the lengths of
 * IP and UDP, IPv4's checksum, and a source port of UDP that is 0, from the
 * inner headers.  A checksum of UDP it fills in only where it says so (struct
 * dpu_caps): software marks a header whose checksum is wanted with 0xffff. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-tunnel.h"

#include <netinet/in.h>
#include <rte_vxlan.h>
#include <string.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

/* Where IPv6's payload length stands, which is the device's to fill in. */
#define IPV6_PLEN_OFS offsetof(struct ovs_16aligned_ip6_hdr, ip6_plen)

/* Where the headers of an encapsulation stand, in bytes from its start. */
struct outer {
    const uint8_t *data;
    size_t size;
    bool ipv6;
    size_t l4;                  /* UDP or GRE. */
};

/* The attribute has as much of the header as there is. */
static const struct ovs_action_push_tnl *
push_of(const struct nlattr *a)
{
    return nl_attr_get_unspec(a, offsetof(struct ovs_action_push_tnl, header));
}

/* Finds the headers of 'a', a tnl_push.  Returns false unless they are, as
 * Open vSwitch makes them, Ethernet, IPv4 without options or IPv6 without
 * extensions, and 'l4_size' bytes of IP's protocol 'proto'. */
static bool
outer_parse(const struct nlattr *a, uint8_t proto, size_t l4_size,
            struct outer *o)
{
    const struct ovs_action_push_tnl *push = push_of(a);
    size_t room = nl_attr_get_size(a) - offsetof(struct ovs_action_push_tnl,
                                                 header);
    const struct eth_header *eth = (const void *) push->header;
    const uint8_t *l3 = (const uint8_t *) (eth + 1);

    o->data = (const uint8_t *) push->header;
    o->size = push->header_len;
    if (o->size > room || o->size < sizeof *eth + IP_HEADER_LEN) {
        return false;
    }
    o->ipv6 = eth->eth_type == htons(ETH_TYPE_IPV6);
    o->l4 = sizeof *eth + (o->ipv6 ? IPV6_HEADER_LEN : IP_HEADER_LEN);
    return (o->l4 + l4_size <= o->size
            && (o->ipv6 || (eth->eth_type == htons(ETH_TYPE_IP)
                            && l3[0] == IP_IHL_VER(5, 4)))
            && l3[o->ipv6 ? 6 : 9] == proto);
}

static bool
has_udp_checksum(const struct outer *o)
{
    const struct udp_header *udp = (const void *) (o->data + o->l4);

    return udp->udp_csum != 0;
}

/* VXLAN without extensions and without a checksum: all that it consists of
 * can be said in items. */
static bool
is_plain_vxlan(const struct ovs_action_push_tnl *push, const struct outer *o)
{
    static const uint8_t flags[4] = { VXLAN_FLAGS >> 24 };
    size_t vxlan = o->l4 + UDP_HEADER_LEN;

    return (push->tnl_type == OVS_VPORT_TYPE_VXLAN
            && o->size == vxlan + sizeof(struct rte_vxlan_hdr)
            && !memcmp(o->data + vxlan, flags, sizeof flags)
            && !o->data[o->size - 1]
            && !has_udp_checksum(o));
}

static bool
refuse_malformed(struct dpu_reason *reason)
{
    return dpu_reason_set(reason, DPU_REASON_INVALID_FLOW,
                          "tnl_push of headers that are not a tunnel's");
}

static bool
ask_udp(const struct nlattr *a, const struct dpu_caps *caps, struct outer *o,
        struct dpu_reason *reason)
{
    if (!outer_parse(a, IPPROTO_UDP, UDP_HEADER_LEN, o)) {
        return refuse_malformed(reason);
    }
    return (!has_udp_checksum(o) || caps->encap_udp_checksum
            || dpu_reason_set(reason, DPU_REASON_ACTION_DEVICE,
                              "tnl_push with a checksum in UDP"));
}

/* A checksum and a number that counts are of each packet. */
static bool
ask_gre(const struct nlattr *a, struct outer *o, struct dpu_reason *reason)
{
    ovs_be16 flags;

    if (!outer_parse(a, IPPROTO_GRE, sizeof(struct gre_base_hdr), o)) {
        return refuse_malformed(reason);
    }
    memcpy(&flags, o->data + o->l4, sizeof flags);
    if (flags & htons(GRE_CSUM | GRE_SEQ)) {
        return dpu_reason_set(reason, DPU_REASON_ACTION,
                              "tnl_push with a %s in GRE",
                              (flags & htons(GRE_CSUM) ? "checksum"
                               : "sequence number"));
    }
    return true;
}

bool
dpu_tunnel_ask_push(const struct nlattr *a, const struct dpu_caps *caps,
                    struct dpu_reason *reason)
{
    const struct ovs_action_push_tnl *push = push_of(a);
    struct outer o;
    bool ok;

    switch (push->tnl_type) {
    case OVS_VPORT_TYPE_VXLAN:
    case OVS_VPORT_TYPE_GENEVE:
        ok = ask_udp(a, caps, &o, reason);
        break;

    case OVS_VPORT_TYPE_GRE:
    case OVS_VPORT_TYPE_IP6GRE:
        ok = ask_gre(a, &o, reason);
        break;

    default:
        /* GTP-U has a length, ERSPAN a time stamp and a sequence number. */
        return dpu_reason_set(reason, DPU_REASON_ACTION,
                              "tnl_push of a tunnel that is not VXLAN, "
                              "GENEVE or GRE");
    }
    if (!ok) {
        return false;
    }
    return (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_RAW_ENCAP)
            || (is_plain_vxlan(push, &o)
                && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP))
            || dpu_reason_set(reason, DPU_REASON_ACTION_DEVICE, "%s",
                              dpu_spec_action_name(
                                  is_plain_vxlan(push, &o)
                                  ? RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP
                                  : RTE_FLOW_ACTION_TYPE_RAW_ENCAP)));
}

/* Appends VXLAN_ENCAP of the headers 'o'. */
static void
compile_vxlan(const struct outer *o, struct dpu_spec *spec)
{
    struct rte_flow_action_vxlan_encap conf;
    struct rte_flow_item_eth *eth = dpu_spec_alloc(spec, sizeof *eth);
    struct rte_flow_item_udp *udp = dpu_spec_alloc(spec, sizeof *udp);
    struct rte_flow_item_vxlan *vxlan = dpu_spec_alloc(spec, sizeof *vxlan);
    struct rte_flow_item_ipv4 *ipv4 = dpu_spec_alloc(spec, sizeof *ipv4);
    struct rte_flow_item_ipv6 *ipv6 = dpu_spec_alloc(spec, sizeof *ipv6);
    struct rte_flow_item *items = dpu_spec_alloc(spec, 5 * sizeof *items);
    const uint8_t *l3 = o->data + sizeof eth->hdr;
    const struct rte_flow_item definition[] = {
        { .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = eth,
          .mask = &rte_flow_item_eth_mask },
        { .type = (o->ipv6 ? RTE_FLOW_ITEM_TYPE_IPV6
                   : RTE_FLOW_ITEM_TYPE_IPV4),
          .spec = o->ipv6 ? (void *) ipv6 : ipv4,
          .mask = (o->ipv6 ? (const void *) &rte_flow_item_ipv6_mask
                   : &rte_flow_item_ipv4_mask) },
        { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = udp,
          .mask = &rte_flow_item_udp_mask },
        { .type = RTE_FLOW_ITEM_TYPE_VXLAN, .spec = vxlan,
          .mask = &rte_flow_item_vxlan_mask },
        { .type = RTE_FLOW_ITEM_TYPE_END },
    };

    memcpy(&eth->hdr, o->data, sizeof eth->hdr);
    if (o->ipv6) {
        memcpy(&ipv6->hdr, l3, sizeof ipv6->hdr);
        ipv6->hdr.payload_len = 0;
    } else {
        memcpy(&ipv4->hdr, l3, sizeof ipv4->hdr);
        ipv4->hdr.hdr_checksum = 0;
    }
    memcpy(&udp->hdr, o->data + o->l4, sizeof udp->hdr);
    memcpy(&vxlan->hdr, o->data + o->l4 + sizeof udp->hdr,
           sizeof vxlan->hdr);
    memcpy(items, definition, sizeof definition);
    conf.definition = items;
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP,
                        &conf, sizeof conf);
}

static void
compile_raw(const struct outer *o, struct dpu_spec *spec)
{
    struct rte_flow_action_raw_encap conf = { .size = o->size };

    conf.data = dpu_spec_alloc(spec, o->size);
    memcpy(conf.data, o->data, o->size);
    if (o->ipv6) {
        memset(conf.data + ETH_HEADER_LEN + IPV6_PLEN_OFS, 0,
               sizeof(ovs_be16));
    }
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
                        &conf, sizeof conf);
}

void
dpu_tunnel_compile_push(const struct nlattr *a, const struct dpu_caps *caps,
                        struct dpu_spec *spec)
{
    const struct ovs_action_push_tnl *push = push_of(a);
    bool gre = (push->tnl_type == OVS_VPORT_TYPE_GRE
                || push->tnl_type == OVS_VPORT_TYPE_IP6GRE);
    struct outer o;

    outer_parse(a, gre ? IPPROTO_GRE : IPPROTO_UDP, 0, &o);
    if (is_plain_vxlan(push, &o)
        && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP)) {
        compile_vxlan(&o, spec);
    } else {
        compile_raw(&o, spec);
    }
}
