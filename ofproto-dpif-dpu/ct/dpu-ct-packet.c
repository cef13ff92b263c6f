/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-packet.h"

#include <netinet/icmp6.h>
#include <string.h>

#include "dp-packet.h"
#include "flow.h"
#include "ipf.h"
#include "odp-util.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-ct-tuple.h"
#include "packets.h"

/* Ethernet, twice IPv6, ICMP, TCP. */
#define PACKET_SIZE 160

/* The part of a packet of TCP, UDP or ICMP that is looked at, at least. */
#define L4_SIZE TCP_HEADER_LEN

/* A packet on the stack. */
struct packet {
    struct dp_packet dp;
    uint64_t data[PACKET_SIZE / sizeof(uint64_t)];
};

/* Appends 'size' bytes to '*p', which are zero. */
static void *
packet_put(struct packet *p, size_t size)
{
    void *tail = dp_packet_tail(&p->dp);

    dp_packet_set_size(&p->dp, dp_packet_size(&p->dp) + size);
    return tail;
}

/* Makes '*p' an empty frame. */
static void
packet_init(struct packet *p, bool ipv6)
{
    struct eth_header *eth;

    memset(p->data, 0, sizeof p->data);
    dp_packet_use_stub(&p->dp, p->data, sizeof p->data);
    *dp_packet_ol_flags_ptr(&p->dp) |= (DP_PACKET_OL_RX_IP_CKSUM_GOOD
                                        | DP_PACKET_OL_RX_L4_CKSUM_GOOD);
    pkt_metadata_init(&p->dp.md, ODPP_NONE);
    eth = packet_put(p, sizeof *eth);
    eth->eth_type = htons(ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP);
    dp_packet_reset_offsets(&p->dp);
    dp_packet_set_l3(&p->dp, dp_packet_tail(&p->dp));
}

/* Appends an IP header with the addresses of 'tuple', for 'proto' and 'size'
 * bytes behind it. */
static void
packet_put_ip(struct packet *p, const struct dpu_ct_tuple *tuple,
              uint8_t proto, size_t size)
{
    if (tuple->ipv6) {
        struct ovs_16aligned_ip6_hdr *ip6;

        ip6 = packet_put(p, sizeof *ip6);
        put_16aligned_be32(&ip6->ip6_flow, htonl(6u << 28));
        ip6->ip6_plen = htons(size);
        ip6->ip6_nxt = proto;
        ip6->ip6_hlim = 64;
        memcpy(&ip6->ip6_src, &tuple->src.ipv6, sizeof ip6->ip6_src);
        memcpy(&ip6->ip6_dst, &tuple->dst.ipv6, sizeof ip6->ip6_dst);
    } else {
        struct ip_header *ip = packet_put(p, sizeof *ip);

        ip->ip_ihl_ver = IP_IHL_VER(5, 4);
        ip->ip_tot_len = htons(sizeof *ip + size);
        ip->ip_ttl = 64;
        ip->ip_proto = proto;
        put_16aligned_be32(&ip->ip_src, tuple->src.ipv4);
        put_16aligned_be32(&ip->ip_dst, tuple->dst.ipv4);
    }
}

/* Appends the header of layer 4 of a packet with 'tuple'. */
static void
packet_put_l4(struct packet *p, const struct dpu_ct_tuple *tuple)
{
    void *l4 = packet_put(p, L4_SIZE);

    if (tuple->proto == IPPROTO_TCP) {
        struct tcp_header *tcp = l4;

        tcp->tcp_src = tuple->src_port;
        tcp->tcp_dst = tuple->dst_port;
        tcp->tcp_ctl = TCP_CTL(TCP_ACK, 5);
    } else if (tuple->proto == IPPROTO_UDP) {
        struct udp_header *udp = l4;

        udp->udp_src = tuple->src_port;
        udp->udp_dst = tuple->dst_port;
        udp->udp_len = htons(L4_SIZE);
    } else if (dpu_ct_tuple_is_icmp(tuple)) {
        /* ICMPv6 has the identifier in the same place. */
        struct icmp_header *icmp = l4;

        icmp->icmp_type = dpu_ct_tuple_icmp_type(tuple);
        icmp->icmp_fields.echo.id = tuple->src_port;
    }
}

/* Makes '*p' a packet with 'tuple'. */
static void
packet_make(struct packet *p, const struct dpu_ct_tuple *tuple)
{
    packet_init(p, tuple->ipv6);
    packet_put_ip(p, tuple, tuple->proto, L4_SIZE);
    dp_packet_set_l4(&p->dp, dp_packet_tail(&p->dp));
    packet_put_l4(p, tuple);
}

/* Makes '*p' an ICMP error that concerns the connection with 'tuple': one
 * about a packet in the other direction. */
static void
packet_make_error(struct packet *p, const struct dpu_ct_tuple *tuple)
{
    size_t ip_size = tuple->ipv6 ? IPV6_HEADER_LEN : IP_HEADER_LEN;
    struct dpu_ct_tuple inner;

    dpu_ct_tuple_reverse(tuple, &inner);
    packet_init(p, tuple->ipv6);
    packet_put_ip(p, tuple, tuple->ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
                  ICMP_HEADER_LEN + ip_size + L4_SIZE);
    dp_packet_set_l4(&p->dp, dp_packet_tail(&p->dp));
    if (tuple->ipv6) {
        struct icmp6_data_header *icmp6;

        icmp6 = packet_put(p, sizeof *icmp6);
        icmp6->icmp6_base.icmp6_type = ICMP6_DST_UNREACH;
    } else {
        struct icmp_header *icmp = packet_put(p, sizeof *icmp);

        icmp->icmp_type = ICMP4_DST_UNREACH;
    }
    packet_put_ip(p, &inner, inner.proto, L4_SIZE);
    packet_put_l4(p, &inner);
}

static void
batch_execute(struct dp_packet_batch *batch, struct conntrack *ct,
              const struct dpu_ct_tuple *tuple, long long int now)
{
    dpu_ct_software.execute(ct, batch,
                            htons(tuple->ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP),
                            false, false, tuple->zone, NULL, NULL, 0, 0, NULL,
                            NULL, now, 0);
}

/* Sends '*p' through 'ct', which keeps fragments: they would be added to a
 * batch that has room, and lost.  So it is filled up with what is no packet of
 * any connection. */
static void
packet_execute_full(struct packet *p, struct conntrack *ct,
                    const struct dpu_ct_tuple *tuple, long long int now)
{
    struct dp_packet_batch batch;
    struct packet filler;

    packet_init(&filler, tuple->ipv6);
    dp_packet_batch_init_packet(&batch, &p->dp);
    while (!dp_packet_batch_is_full(&batch)) {
        batch.packets[batch.count++] = &filler.dp;
    }
    batch_execute(&batch, ct, tuple, now);
}

/* Sends '*p' through 'ct'. */
static void
packet_execute(struct packet *p, struct conntrack *ct,
               const struct dpu_ct_tuple *tuple, long long int now)
{
    struct dp_packet_batch batch;
    struct ipf_status fragments;

    ipf_get_status(conntrack_ipf_ctx(ct), &fragments);
    if (fragments.nfrag) {
        packet_execute_full(p, ct, tuple, now);
        return;
    }
    dp_packet_batch_init_packet(&batch, &p->dp);
    batch_execute(&batch, ct, tuple, now);
    for (size_t i = 1; i < dp_packet_batch_size(&batch); i++) {
        /* A fragment that came since.  It can be lost as any packet can. */
        dp_packet_delete(batch.packets[i]);
    }
}

struct conn *
dpu_ct_packet_look(struct conntrack *ct, const struct dpu_ct_tuple *tuple,
                   long long int now)
{
    struct packet p;

    packet_make_error(&p, tuple);
    packet_execute(&p, ct, tuple, now);
    return p.dp.md.ct_state & CS_RELATED ? p.dp.md.conn : NULL;
}

struct conn *
dpu_ct_packet_refresh(struct conntrack *ct, const struct dpu_ct_tuple *tuple,
                      long long int now)
{
    struct packet p;

    packet_make(&p, tuple);
    packet_execute(&p, ct, tuple, now);
    return ((p.dp.md.ct_state & (CS_TRACKED | CS_ESTABLISHED | CS_NEW
                                 | CS_INVALID | CS_RELATED))
            == (CS_TRACKED | CS_ESTABLISHED) ? p.dp.md.conn : NULL);
}
