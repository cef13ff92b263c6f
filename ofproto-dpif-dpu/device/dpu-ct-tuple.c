/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"

#include <netinet/icmp6.h>
#include <string.h>

#include "dp-packet.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

BUILD_ASSERT_DECL(sizeof(struct dpu_ct_tuple)
                  == 2 * sizeof(union ct_addr) + 8);

bool
dpu_ct_tuple_is_icmp(const struct dpu_ct_tuple *tuple)
{
    return tuple->proto == (tuple->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

bool
dpu_ct_tuple_has_ports(const struct dpu_ct_tuple *tuple)
{
    return tuple->proto == IPPROTO_TCP || tuple->proto == IPPROTO_UDP;
}

uint8_t
dpu_ct_tuple_icmp_type(const struct dpu_ct_tuple *tuple)
{
    return ntohs(tuple->dst_port) >> 8;
}

void
dpu_ct_tuple_get_tp(const struct dpu_ct_tuple *tuple, ovs_be16 *src,
                    ovs_be16 *dst)
{
    bool icmp = dpu_ct_tuple_is_icmp(tuple);

    /* Connections of ICMP have code 0. */
    *src = icmp ? htons(dpu_ct_tuple_icmp_type(tuple)) : tuple->src_port;
    *dst = icmp ? 0 : tuple->dst_port;
}

/* Sets the identifier and type of ICMP. */
static void
set_icmp(struct dpu_ct_tuple *tuple, ovs_be16 id, uint8_t type)
{
    tuple->src_port = id;
    tuple->dst_port = htons(type << 8);
}

void
dpu_ct_tuple_from_key(struct dpu_ct_tuple *tuple, const struct conn_key *key)
{
    memset(tuple, 0, sizeof *tuple);
    tuple->src = key->src.addr;
    tuple->dst = key->dst.addr;
    tuple->proto = key->nw_proto;
    tuple->ipv6 = key->dl_type == htons(ETH_TYPE_IPV6);
    tuple->zone = key->zone;
    if (dpu_ct_tuple_is_icmp(tuple)) {
        set_icmp(tuple, key->src.icmp_id, key->src.icmp_type);
    } else {
        tuple->src_port = key->src.port;
        tuple->dst_port = key->dst.port;
    }
}

/* The identifier of the echo message in 'packet'. */
static ovs_be16
packet_icmp_id(const struct dp_packet *packet)
{
    const struct icmp_header *icmp = dp_packet_l4(packet);

    return (icmp && dp_packet_l4_size(packet) >= sizeof *icmp
            ? icmp->icmp_fields.echo.id : 0);
}

void
dpu_ct_tuple_from_packet(struct dpu_ct_tuple *tuple,
                         const struct dp_packet *packet)
{
    const struct pkt_metadata *md = &packet->md;

    memset(tuple, 0, sizeof *tuple);
    tuple->zone = md->ct_zone;
    if (md->ct_orig_tuple_ipv6) {
        const struct ovs_key_ct_tuple_ipv6 *orig = &md->ct_orig_tuple.ipv6;

        tuple->src.ipv6 = orig->ipv6_src;
        tuple->dst.ipv6 = orig->ipv6_dst;
        tuple->src_port = orig->src_port;
        tuple->dst_port = orig->dst_port;
        tuple->proto = orig->ipv6_proto;
        tuple->ipv6 = true;
    } else {
        const struct ovs_key_ct_tuple_ipv4 *orig = &md->ct_orig_tuple.ipv4;

        tuple->src.ipv4 = orig->ipv4_src;
        tuple->dst.ipv4 = orig->ipv4_dst;
        tuple->src_port = orig->src_port;
        tuple->dst_port = orig->dst_port;
        tuple->proto = orig->ipv4_proto;
    }
    if (dpu_ct_tuple_is_icmp(tuple)) {
        /* There the ports are type and code. */
        set_icmp(tuple, packet_icmp_id(packet), ntohs(tuple->src_port));
    }
}

void
dpu_ct_tuple_from_dpif(struct dpu_ct_tuple *tuple,
                       const struct ct_dpif_tuple *dpif, uint16_t zone)
{
    memset(tuple, 0, sizeof *tuple);
    tuple->proto = dpif->ip_proto;
    tuple->ipv6 = dpif->l3_type == AF_INET6;
    tuple->zone = zone;
    if (tuple->ipv6) {
        tuple->src.ipv6 = dpif->src.in6;
        tuple->dst.ipv6 = dpif->dst.in6;
    } else {
        tuple->src.ipv4 = dpif->src.ip;
        tuple->dst.ipv4 = dpif->dst.ip;
    }
    if (dpu_ct_tuple_is_icmp(tuple)) {
        set_icmp(tuple, dpif->icmp_id, dpif->icmp_type);
    } else {
        tuple->src_port = dpif->src_port;
        tuple->dst_port = dpif->dst_port;
    }
}

/* The type of ICMP that answers 'type', and the other way round. */
static uint8_t
icmp_reverse(bool ipv6, uint8_t type)
{
    static const uint8_t pairs[][2] = {
        { ICMP4_ECHO_REQUEST, ICMP4_ECHO_REPLY },
        { ICMP4_TIMESTAMP, ICMP4_TIMESTAMPREPLY },
        { ICMP4_INFOREQUEST, ICMP4_INFOREPLY },
    };

    if (ipv6) {
        return type == ICMP6_ECHO_REQUEST ? ICMP6_ECHO_REPLY
                                          : ICMP6_ECHO_REQUEST;
    }
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        if (type == pairs[i][0] || type == pairs[i][1]) {
            return pairs[i][type == pairs[i][0]];
        }
    }
    return type;
}

void
dpu_ct_tuple_reverse(const struct dpu_ct_tuple *tuple,
                     struct dpu_ct_tuple *reverse)
{
    *reverse = *tuple;
    reverse->src = tuple->dst;
    reverse->dst = tuple->src;
    if (dpu_ct_tuple_is_icmp(tuple)) {
        set_icmp(reverse, tuple->src_port,
                 icmp_reverse(tuple->ipv6, dpu_ct_tuple_icmp_type(tuple)));
    } else {
        reverse->src_port = tuple->dst_port;
        reverse->dst_port = tuple->src_port;
    }
}

uint32_t
dpu_ct_tuple_hash(const struct dpu_ct_tuple *tuple)
{
    const uint32_t *rest = (const uint32_t *) &tuple->src_port;
    uint32_t hash;

    if (tuple->ipv6) {
        return hash_bytes32((const uint32_t *) tuple, sizeof *tuple, 0);
    }
    hash = hash_add(0, (OVS_FORCE uint32_t) tuple->src.ipv4);
    hash = hash_add(hash, (OVS_FORCE uint32_t) tuple->dst.ipv4);
    hash = hash_add(hash, rest[0]);
    hash = hash_add(hash, rest[1]);
    return hash_finish(hash, 16);
}

bool
dpu_ct_tuple_equals(const struct dpu_ct_tuple *a, const struct dpu_ct_tuple *b)
{
    return !memcmp(a, b, sizeof *a);
}

const char *
dpu_ct_tuple_protocol(const struct dpu_ct_tuple *tuple)
{
    return (tuple->proto == IPPROTO_TCP ? "tcp"
            : tuple->proto == IPPROTO_UDP ? "udp"
            : tuple->proto == IPPROTO_SCTP ? "sctp"
            : !dpu_ct_tuple_is_icmp(tuple) ? "other"
            : tuple->ipv6 ? "icmpv6" : "icmp");
}

static void
format_addr(const struct dpu_ct_tuple *tuple, const union ct_addr *addr,
            struct ds *s)
{
    if (tuple->ipv6) {
        ipv6_format_addr(&addr->ipv6, s);
    } else {
        ds_put_format(s, IP_FMT, IP_ARGS(addr->ipv4));
    }
}

void
dpu_ct_tuple_format(const struct dpu_ct_tuple *tuple, struct ds *s)
{
    ds_put_cstr(s, "src=");
    format_addr(tuple, &tuple->src, s);
    ds_put_cstr(s, ",dst=");
    format_addr(tuple, &tuple->dst, s);
    if (dpu_ct_tuple_is_icmp(tuple)) {
        ds_put_format(s, ",id=%"PRIu16",type=%"PRIu8, ntohs(tuple->src_port),
                      dpu_ct_tuple_icmp_type(tuple));
    } else if (dpu_ct_tuple_has_ports(tuple)) {
        ds_put_format(s, ",sport=%"PRIu16",dport=%"PRIu16,
                      ntohs(tuple->src_port), ntohs(tuple->dst_port));
    }
}
