/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-outer: the items for the headers of a tunnel.
 *
 * Software takes them off before it looks the packet up and has what they said
 * as metadata; the device meets them before the headers of the inner packet.
 * What software would not take off, it drops: netdev_vxlan_pop_header() and
 * its like in Open vSwitch's lib/netdev-native-tnl.c.  The rule leaves such
 * packets to it, as far as a device sees what is wrong with them: it does not
 * see that an outer checksum is.
 *
 * Whether UDP's checksum is there is not matched, even if the megaflow says
 * so: no OpenFlow rule can ask for it, so that the megaflows for packets with
 * and without it do the same, and NICs do not match it.
 *
 * Formats: RFC 7348 (VXLAN), draft-smith-vxlan-group-policy (its group
 * policy), RFC 8926 (GENEVE), RFC 2784, RFC 2890 (GRE). */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match-private.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_geneve.h>
#include <rte_gre.h>
#include <rte_ip.h>
#include <rte_udp.h>
#include <rte_vxlan.h>

#include "flow.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-match.h"
#include "packets.h"

#define VXLAN_VALID_VNI    0x08
#define VXLAN_GROUP_POLICY 0x80

#define GENEVE_VER_MASK  0xc000
#define GENEVE_LEN_SHIFT 8
#define GENEVE_LEN_MASK  0x3f00
#define GENEVE_OAM       0x0080

#define GRE_HAS_KEY      0x2000

/* Appends an item, and the 'hdr_size' bytes with which its 'spec' begins to
 * the headers that are to be taken off. */
static bool
add_outer(struct dpu_match *m, enum rte_flow_item_type type,
          const void *spec, const void *mask, size_t size, size_t hdr_size)
{
    struct dpu_spec *s = m->spec;

    if (s->outer_size + hdr_size > sizeof s->outer) {
        s->overflow = true;
        return true;
    }
    memcpy(&s->outer[s->outer_size], spec, hdr_size);
    s->outer_size += hdr_size;
    return dpu_match_add_item(m, type, spec, mask, size);
}

static bool
add_eth(struct dpu_match *m, uint16_t dl_type)
{
    struct rte_flow_item_eth spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    spec.hdr.ether_type = htons(dl_type);
    mask.hdr.ether_type = OVS_BE16_MAX;
    return add_outer(m, RTE_FLOW_ITEM_TYPE_ETH, &spec, &mask, sizeof spec,
                     sizeof spec.hdr);
}

/* Software refuses IPv4 options; no device finds a tunnel in a fragment. */
static bool
add_ipv4(struct dpu_match *m, uint8_t proto)
{
    struct rte_flow_item_ipv4 spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    spec.hdr.version_ihl = RTE_IPV4_VHL_DEF;
    mask.hdr.version_ihl = RTE_IPV4_HDR_IHL_MASK;
    mask.hdr.fragment_offset = htons(RTE_IPV4_HDR_MF_FLAG
                                     | RTE_IPV4_HDR_OFFSET_MASK);
    spec.hdr.next_proto_id = proto;
    mask.hdr.next_proto_id = UINT8_MAX;
    TAKE(m, tunnel.ip_src, spec.hdr.src_addr, mask.hdr.src_addr);
    TAKE(m, tunnel.ip_dst, spec.hdr.dst_addr, mask.hdr.dst_addr);
    TAKE(m, tunnel.ip_tos, spec.hdr.type_of_service,
         mask.hdr.type_of_service);
    TAKE(m, tunnel.ip_ttl, spec.hdr.time_to_live, mask.hdr.time_to_live);
    TAKE_ZERO(m, tunnel.ipv6_src);
    TAKE_ZERO(m, tunnel.ipv6_dst);
    return add_outer(m, RTE_FLOW_ITEM_TYPE_IPV4, &spec, &mask, sizeof spec,
                     sizeof spec.hdr);
}

static bool
add_ipv6(struct dpu_match *m, uint8_t proto)
{
    struct rte_flow_item_ipv6 spec, mask;
    uint8_t tos, tos_mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    mask.has_frag_ext = 1;
    spec.hdr.proto = proto;
    mask.hdr.proto = UINT8_MAX;
    TAKE_BYTES(m, tunnel.ipv6_src, spec.hdr.src_addr, mask.hdr.src_addr);
    TAKE_BYTES(m, tunnel.ipv6_dst, spec.hdr.dst_addr, mask.hdr.dst_addr);
    TAKE(m, tunnel.ip_tos, tos, tos_mask);
    spec.hdr.vtc_flow = htonl((uint32_t) tos << 20);
    mask.hdr.vtc_flow = htonl((uint32_t) tos_mask << 20);
    TAKE(m, tunnel.ip_ttl, spec.hdr.hop_limits, mask.hdr.hop_limits);
    TAKE_ZERO(m, tunnel.ip_src);
    TAKE_ZERO(m, tunnel.ip_dst);
    return add_outer(m, RTE_FLOW_ITEM_TYPE_IPV6, &spec, &mask, sizeof spec,
                     sizeof spec.hdr);
}

static bool
add_ip(struct dpu_match *m, uint8_t proto)
{
    return (m->key->tunnel.ip_dst
            ? add_eth(m, ETH_TYPE_IP) && add_ipv4(m, proto)
            : add_eth(m, ETH_TYPE_IPV6) && add_ipv6(m, proto));
}

static bool
add_udp(struct dpu_match *m)
{
    struct rte_flow_item_udp spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    TAKE(m, tunnel.tp_src, spec.hdr.src_port, mask.hdr.src_port);
    TAKE(m, tunnel.tp_dst, spec.hdr.dst_port, mask.hdr.dst_port);
    return (add_ip(m, IPPROTO_UDP)
            && add_outer(m, RTE_FLOW_ITEM_TYPE_UDP, &spec, &mask, sizeof spec,
                         sizeof spec.hdr));
}

/* Takes tun_id, whose upper bits are zero in every packet, as 'n' bytes. */
static bool
take_tun_id(struct dpu_match *m, uint8_t *spec, uint8_t *mask, size_t n)
{
    ovs_be64 id, id_mask;
    size_t ofs = sizeof id - n;

    TAKE(m, tunnel.tun_id, id, id_mask);
    if (!is_all_zeros(&id, ofs)) {
        return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                              "tunnel.tun_id=%#"PRIx64, ntohll(id));
    }
    memcpy(spec, (const uint8_t *) &id + ofs, n);
    memcpy(mask, (const uint8_t *) &id_mask + ofs, n);
    return true;
}

/* Takes those of the flags 'bits' that have the value that they have in every
 * packet, 'flags'. */
static void
take_flags(struct dpu_match *m, uint16_t bits, uint16_t flags)
{
    m->left.tunnel.flags &= ~(bits & ~(m->key->tunnel.flags ^ flags));
}

/* Takes what is in the fields that RFC 7348 reserves: zero, or a group policy,
 * of which the first byte is flags and the others are the group. */
static void
take_vxlan_reserved(struct dpu_match *m, struct rte_flow_item_vxlan *spec,
                    struct rte_flow_item_vxlan *mask)
{
    ovs_be16 id, id_mask;

    if (!m->caps->vxlan_reserved) {
        return;
    }
    memset(mask->rsvd0, UINT8_MAX, sizeof mask->rsvd0);
    mask->rsvd1 = UINT8_MAX;
    if (dpu_match_has_group_policy(m)) {
        TAKE(m, tunnel.gbp_flags, spec->rsvd0[0], mask->rsvd0[0]);
        TAKE(m, tunnel.gbp_id, id, id_mask);
        memcpy(&spec->rsvd0[1], &id, sizeof id);
        memcpy(&mask->rsvd0[1], &id_mask, sizeof id_mask);
    }
}

static bool
match_vxlan(struct dpu_match *m)
{
    struct rte_flow_item_vxlan spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    if (m->caps->vxlan_flags) {
        spec.flags = (VXLAN_VALID_VNI
                      | (dpu_match_has_group_policy(m) ? VXLAN_GROUP_POLICY
                         : 0));
        mask.flags = UINT8_MAX;
    }
    take_vxlan_reserved(m, &spec, &mask);
    take_flags(m, FLOW_TNL_F_KEY | FLOW_TNL_F_OAM, FLOW_TNL_F_KEY);
    take_flags(m, FLOW_TNL_F_CSUM, m->key->tunnel.flags);
    TAKE_ZERO(m, tunnel.metadata);
    m->spec->outer_vxlan = true;
    return (take_tun_id(m, spec.vni, mask.vni, sizeof spec.vni)
            && add_udp(m)
            && add_outer(m, RTE_FLOW_ITEM_TYPE_VXLAN, &spec, &mask,
                         sizeof spec, sizeof(struct rte_vxlan_hdr)));
}

/* Packets in software have options as they came. */
size_t
dpu_match_geneve_opts_size(const struct flow_tnl *tunnel)
{
    return (tunnel->flags & FLOW_TNL_F_UDPIF
            ? tunnel->metadata.present.len : 0);
}

/* Bytes of the option 'opt' with its header. */
static size_t
geneve_opt_size(const struct geneve_opt *opt)
{
    return sizeof *opt + opt->length * 4;
}

/* Takes one option, of which 'left' is the mask. */
static bool
add_geneve_opt(struct dpu_match *m, const struct geneve_opt *opt,
               struct geneve_opt *left)
{
    size_t data_size = opt->length * 4;
    struct rte_flow_item_geneve_opt spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    mask.option_class = left->opt_class;
    spec.option_class = opt->opt_class & mask.option_class;
    mask.option_type = left->type;
    spec.option_type = opt->type & mask.option_type;
    /* It says where the next option is. */
    spec.option_len = opt->length;
    mask.option_len = 0x1f;
    spec.data = dpu_spec_alloc(m->spec, MAX(data_size, 4));
    mask.data = dpu_spec_alloc(m->spec, MAX(data_size, 4));
    dpu_match_take_bytes(opt + 1, left + 1, spec.data, mask.data, data_size);
    left->opt_class = 0;
    left->type = 0;
    left->length = 0;
    return dpu_match_add_item(m, RTE_FLOW_ITEM_TYPE_GENEVE_OPT, &spec, &mask,
                              sizeof spec);
}

/* Takes the options, 'size' bytes in all: the n-th item is the n-th option, up
 * to the last of which there is something in the mask. */
static bool
match_geneve_opts(struct dpu_match *m, size_t size)
{
    const uint8_t *opts = m->key->tunnel.metadata.opts.u8;
    uint8_t *left = m->left.tunnel.metadata.opts.u8;

    m->left.tunnel.metadata.present.len = 0;
    for (size_t ofs = 0; ofs < size; ) {
        const struct geneve_opt *opt
            = ALIGNED_CAST(const struct geneve_opt *, opts + ofs);

        if (geneve_opt_size(opt) > size - ofs) {
            return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                                  "tunnel.metadata is cut off");
        }
        if (is_all_zeros(left + ofs, size - ofs)) {
            break;
        }
        if (!add_geneve_opt(m, opt, ALIGNED_CAST(struct geneve_opt *,
                                                 left + ofs))) {
            return false;
        }
        ofs += geneve_opt_size(opt);
    }
    TAKE_ZERO(m, tunnel.metadata);
    return true;
}

static bool
match_geneve(struct dpu_match *m)
{
    struct rte_flow_item_geneve spec, mask;
    uint16_t flags = m->key->tunnel.flags;
    bool oam = (m->left.tunnel.flags & FLOW_TNL_F_OAM) != 0;
    size_t opts_size = dpu_match_geneve_opts_size(&m->key->tunnel);

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    spec.ver_opt_len_o_c_rsvd0
        = htons(opts_size / 4 << GENEVE_LEN_SHIFT
                | (oam && flags & FLOW_TNL_F_OAM ? GENEVE_OAM : 0));
    mask.ver_opt_len_o_c_rsvd0 = htons(GENEVE_VER_MASK | GENEVE_LEN_MASK
                                       | (oam ? GENEVE_OAM : 0));
    spec.protocol = htons(ETH_TYPE_TEB);
    mask.protocol = OVS_BE16_MAX;
    take_flags(m, FLOW_TNL_F_KEY, FLOW_TNL_F_KEY);
    take_flags(m, FLOW_TNL_F_CSUM | FLOW_TNL_F_OAM | FLOW_TNL_F_UDPIF, flags);
    if (!take_tun_id(m, spec.vni, mask.vni, sizeof spec.vni)
        || !add_udp(m)
        || !add_outer(m, RTE_FLOW_ITEM_TYPE_GENEVE, &spec, &mask, sizeof spec,
                      sizeof(struct rte_geneve_hdr))
        || !match_geneve_opts(m, opts_size)) {
        return false;
    }
    m->spec->outer_size += opts_size;
    if (m->spec->outer_size > sizeof m->spec->outer) {
        m->spec->overflow = true;
    }
    return true;
}

/* Of the optional fields only the key is taken off in hardware: software
 * verifies a checksum, and takes off a sequence number. */
static bool
match_gre(struct dpu_match *m)
{
    bool has_key = (m->key->tunnel.flags & FLOW_TNL_F_KEY) != 0;
    struct rte_flow_item_gre spec, mask;
    rte_be32_t key = 0, key_mask = 0;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    spec.c_rsvd0_ver = htons(has_key ? GRE_HAS_KEY : 0);
    mask.c_rsvd0_ver = OVS_BE16_MAX;
    spec.protocol = htons(ETH_TYPE_TEB);
    mask.protocol = OVS_BE16_MAX;
    take_flags(m, FLOW_TNL_F_OAM | FLOW_TNL_F_CSUM, 0);
    take_flags(m, FLOW_TNL_F_KEY, m->key->tunnel.flags);
    TAKE_ZERO(m, tunnel.tp_src);
    TAKE_ZERO(m, tunnel.tp_dst);
    TAKE_ZERO(m, tunnel.metadata);
    if (has_key) {
        if (!take_tun_id(m, (uint8_t *) &key, (uint8_t *) &key_mask,
                         sizeof key)) {
            return false;
        }
    } else {
        TAKE_ZERO(m, tunnel.tun_id);
    }
    return (add_ip(m, IPPROTO_GRE)
            && add_outer(m, RTE_FLOW_ITEM_TYPE_GRE, &spec, &mask, sizeof spec,
                         sizeof(struct rte_gre_hdr))
            && (!has_key
                || add_outer(m, RTE_FLOW_ITEM_TYPE_GRE_KEY, &key, &key_mask,
                             sizeof key, sizeof key)));
}

static const struct {
    const char *type;           /* As of netdevs. */
    bool (*compile)(struct dpu_match *);
} tunnels[] = {
    { "vxlan", match_vxlan },
    { "geneve", match_geneve },
    { "gre", match_gre },
};

bool
dpu_match_is_tunnel_type(const char *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(tunnels); i++) {
        if (!strcmp(type, tunnels[i].type)) {
            return true;
        }
    }
    return false;
}

/* Takes what software sets in no packet when it takes the headers off. */
static void
take_unset(struct dpu_match *m)
{
    take_flags(m, FLOW_TNL_F_DONT_FRAGMENT, 0);
    if (!dpu_match_has_group_policy(m)) {
        TAKE_ZERO(m, tunnel.gbp_id);
        TAKE_ZERO(m, tunnel.gbp_flags);
    }
    TAKE_ZERO(m, tunnel.erspan_ver);
    TAKE_ZERO(m, tunnel.erspan_idx);
    TAKE_ZERO(m, tunnel.erspan_dir);
    TAKE_ZERO(m, tunnel.erspan_hwid);
    TAKE_ZERO(m, tunnel.gtpu_flags);
    TAKE_ZERO(m, tunnel.gtpu_msgtype);
    TAKE_ZERO(m, tunnel.pad1);
}

bool
dpu_match_outer(struct dpu_match *m)
{
    take_unset(m);
    for (size_t i = 0; i < ARRAY_SIZE(tunnels); i++) {
        if (!strcmp(m->tunnel, tunnels[i].type)) {
            if (!tunnels[i].compile(m)) {
                return false;
            }
            m->spec->n_outer_items = m->spec->n_items;
            return true;
        }
    }
    return dpu_reason_set(m->reason, DPU_REASON_MATCH_FIELD,
                          "tunnel of type %s", m->tunnel);
}
