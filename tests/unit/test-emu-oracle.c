/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The emulator's parser and rewrites against those of Open vSwitch's
 * userspace datapath: the same random frames, intact, truncated and damaged,
 * go through both.  Whatever the emulator sees, Open vSwitch must see, and
 * after the same change of a header the bytes must be the same. */
#include <config.h>

#include "conntrack.h"
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "packets.h"
#include "timeval.h"

#include "emu-fixture.h"

#define ROUNDS 300000

static uint64_t seed;

/* xorshift64*: the same frames on every machine. */
static uint64_t
rnd(void)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return seed * UINT64_C(2685821657736338717);
}

static uint32_t
below(uint32_t n)
{
    return (rnd() >> 32) % n;
}

static struct fx_frame
random_frame(void)
{
    static const uint8_t protos[] = {
        IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_ICMP,
        IPPROTO_ICMPV6, IPPROTO_IGMP, IPPROTO_GRE,
    };
    static const uint16_t tpids[] = { 0, 0, 0x8100, 0x88a8, 0x9100 };
    static const uint16_t frags[] = { 0, 0, 0x2000, 0x2010, 0x0010, 0x4000 };
    static const uint16_t frags6[] = { 0, 1, 0x18, 0x19 };
    struct fx_frame f = {
        .tpids = { tpids[below(ARRAY_SIZE(tpids))],
                   tpids[below(ARRAY_SIZE(tpids))] },
        .ipv6 = below(2),
        .proto = protos[below(ARRAY_SIZE(protos))],
        .payload = below(40),
        .padding = below(3) ? 0 : below(20),
        .no_udp_csum = !below(4),
        .routing = !below(5),
    };

    if (f.ipv6) {
        f.ext_frag = !below(4);
        f.frag = frags6[below(ARRAY_SIZE(frags6))];
    } else {
        f.frag = frags[below(ARRAY_SIZE(frags))];
    }
    return f;
}

/* The parser ------------------------------------------------------------- */

static bool
has(const struct emu_packet *p, enum emu_header h)
{
    return emu_headers_have(&p->key.outer, h);
}

static void
compare_l2(const struct emu_packet *p, const struct flow *flow, size_t size)
{
    const struct emu_key_headers *k = &p->key.outer;
    int n = has(p, EMU_HDR_VLAN1) ? 2 : has(p, EMU_HDR_VLAN0) ? 1 : 0;

    assert_int_equal(has(p, EMU_HDR_ETH), size >= ETH_HEADER_LEN);
    if (size < ETH_HEADER_LEN) {
        return;
    }
    assert_memory_equal(&k->eth_dst, &flow->dl_dst, ETH_ADDR_LEN);
    assert_memory_equal(&k->eth_src, &flow->dl_src, ETH_ADDR_LEN);
    assert_int_equal(n, flow_count_vlan_headers(flow));
    for (int i = 0; i < n; i++) {
        assert_int_equal(k->vlan[i].tci | htons(VLAN_CFI),
                         flow->vlans[i].tci);
        assert_int_equal(i ? k->vlan[i - 1].inner_type : k->eth_type,
                         flow->vlans[i].tpid);
    }
}

static void
compare_l3(const struct emu_packet *p, const struct flow *flow)
{
    const struct emu_key_headers *k = &p->key.outer;
    bool ip = has(p, EMU_HDR_IPV4) || has(p, EMU_HDR_IPV6);
    bool later = ip && !p->outer.l4;

    if (has(p, EMU_HDR_IPV4)) {
        assert_int_equal(flow->dl_type, htons(ETH_TYPE_IP));
        assert_memory_equal(k->ip_src, &flow->nw_src, 4);
        assert_memory_equal(k->ip_dst, &flow->nw_dst, 4);
    }
    if (has(p, EMU_HDR_IPV6)) {
        assert_int_equal(flow->dl_type, htons(ETH_TYPE_IPV6));
        assert_memory_equal(k->ip_src, &flow->ipv6_src, 16);
        assert_memory_equal(k->ip_dst, &flow->ipv6_dst, 16);
        assert_int_equal(k->ip6_flow_label, flow->ipv6_label);
    }
    if (ip) {
        assert_int_equal(k->ip_proto, flow->nw_proto);
        assert_int_equal(k->ip_tos, flow->nw_tos);
        assert_int_equal(k->ip_ttl, flow->nw_ttl);
        assert_int_equal(later, !!(flow->nw_frag & FLOW_NW_FRAG_LATER));
    } else if (!has(p, EMU_HDR_ARP)) {
        /* What is not there in hardware has no protocol in software. */
        assert_int_equal(flow->nw_proto, 0);
        assert_int_equal(flow->nw_ttl, 0);
        assert_int_equal(flow->nw_src, 0);
    }
}

static void
compare_l4(const struct emu_packet *p, const struct flow *flow)
{
    const struct emu_key_headers *k = &p->key.outer;
    uint32_t ports = UINT32_C(1) << EMU_HDR_TCP | UINT32_C(1) << EMU_HDR_UDP
                     | UINT32_C(1) << EMU_HDR_SCTP;
    uint32_t icmp = UINT32_C(1) << EMU_HDR_ICMP
                    | UINT32_C(1) << EMU_HDR_ICMP6;

    if (k->present & ports) {
        assert_int_equal(k->l4_src, flow->tp_src);
        assert_int_equal(k->l4_dst, flow->tp_dst);
    } else if (flow->nw_proto == IPPROTO_TCP
               || flow->nw_proto == IPPROTO_UDP
               || flow->nw_proto == IPPROTO_SCTP) {
        assert_int_equal(flow->tp_src, 0);
        assert_int_equal(flow->tp_dst, 0);
    }
    if (has(p, EMU_HDR_TCP)) {
        assert_int_equal(k->tcp_flags, ntohs(flow->tcp_flags) & 0xff);
    }
    if (k->present & icmp) {
        const uint8_t *type_code = (const void *) &k->l4_src;

        assert_int_equal(type_code[0], ntohs(flow->tp_src));
        assert_int_equal(type_code[1], ntohs(flow->tp_dst));
    }
    if (has(p, EMU_HDR_ND_NS) || has(p, EMU_HDR_ND_NA)) {
        assert_memory_equal(k->nd_target, &flow->nd_target, 16);
        assert_memory_equal(&k->arp_sha, &flow->arp_sha, ETH_ADDR_LEN);
        assert_memory_equal(&k->arp_tha, &flow->arp_tha, ETH_ADDR_LEN);
    } else if (has(p, EMU_HDR_ICMP6)) {
        assert_true(ipv6_addr_is_set(&flow->nd_target) == false);
    }
}

static void
compare_parse(const uint8_t *data, uint16_t size)
{
    struct dp_packet ovs;
    struct emu_packet p;
    struct fx_mbuf fx;
    struct flow flow;

    dp_packet_use_const(&ovs, data, size);
    ovs.packet_type = htonl(PT_ETH);
    flow_extract(&ovs, &flow);
    fx_packet_init(&p, fx_mbuf_init(&fx, data, size));

    compare_l2(&p, &flow, size);
    compare_l3(&p, &flow);
    compare_l4(&p, &flow);
}

static void
test_parse(void **state OVS_UNUSED)
{
    uint8_t data[FX_ROOM];

    seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct fx_frame f = random_frame();
        uint16_t size = fx_build(&f, data);

        if (f.proto == IPPROTO_ICMPV6 && f.ipv6 && below(2)) {
            uint8_t *icmp = data + size - f.padding - f.payload - 8;

            /* Neighbor discovery, with options of 8 bytes. */
            icmp[0] = 135 + below(2);
            for (int j = 24; j + 8 <= 8 + f.payload; j += 8) {
                icmp[j] = 1 + below(2);
                icmp[j + 1] = 1;
            }
        }
        for (int n = below(3) ? 0 : below(4); n > 0; n--) {
            data[below(size)] = rnd() >> 40;
        }
        if (!below(4)) {
            size = below(size + 1);
        }
        compare_parse(data, size);
    }
}

/* Rewrites ---------------------------------------------------------------- */

static void
set(struct emu_packet *p, enum emu_field_id id, emu_value value)
{
    struct emu_field_ref ref = { .id = id };

    emu_field_set(p, ref, value, ~(emu_value) 0);
}

static emu_value
number128(const uint8_t *bytes)
{
    emu_value v = 0;

    for (int i = 0; i < 16; i++) {
        v = v << 8 | bytes[i];
    }
    return v;
}

static void
rewrite_ipv4(struct dp_packet *ovs, struct emu_packet *p, bool addresses)
{
    const struct ip_header *ip = dp_packet_l3(ovs);
    ovs_be32 src = get_16aligned_be32(&ip->ip_src);
    ovs_be32 dst = get_16aligned_be32(&ip->ip_dst);
    uint8_t tos = rnd() >> 40, ttl = rnd() >> 40;

    if (addresses) {
        src = htonl(rnd() >> 32);
        dst = below(2) ? htonl(rnd() >> 32) : dst;
    }
    packet_set_ipv4(ovs, src, dst, tos, ttl);
    set(p, EMU_FIELD_IPV4_SRC, ntohl(src));
    set(p, EMU_FIELD_IPV4_DST, ntohl(dst));
    set(p, EMU_FIELD_IPV4_DSCP, tos >> 2);
    set(p, EMU_FIELD_IPV4_ECN, tos & 3);
    set(p, EMU_FIELD_IPV4_TTL, ttl);
}

static void
rewrite_ipv6(struct dp_packet *ovs, struct emu_packet *p, bool new_src,
             bool new_dst)
{
    const struct ovs_16aligned_ip6_hdr *ip = dp_packet_l3(ovs);
    uint8_t tc = rnd() >> 40, hlim = rnd() >> 40;
    struct in6_addr src, dst;

    memcpy(&src, &ip->ip6_src, sizeof src);
    memcpy(&dst, &ip->ip6_dst, sizeof dst);
    for (int i = 0; i < 16; i++) {
        src.s6_addr[i] = new_src ? rnd() >> 40 : src.s6_addr[i];
        dst.s6_addr[i] = new_dst ? rnd() >> 40 : dst.s6_addr[i];
    }
    packet_set_ipv6(ovs, &src, &dst, tc,
                    get_16aligned_be32(&ip->ip6_flow)
                    & htonl(IPV6_LABEL_MASK), hlim);
    set(p, EMU_FIELD_IPV6_SRC, number128(src.s6_addr));
    set(p, EMU_FIELD_IPV6_DST, number128(dst.s6_addr));
    set(p, EMU_FIELD_IPV6_DSCP, tc >> 2);
    set(p, EMU_FIELD_IPV6_ECN, tc & 3);
    set(p, EMU_FIELD_IPV6_HOPLIMIT, hlim);
}

static void
rewrite_ports(struct dp_packet *ovs, struct emu_packet *p)
{
    uint16_t src = rnd() >> 40, dst = rnd() >> 40;

    if (has(p, EMU_HDR_TCP)) {
        packet_set_tcp_port(ovs, htons(src), htons(dst));
        set(p, EMU_FIELD_TCP_SRC, src);
        set(p, EMU_FIELD_TCP_DST, dst);
    } else if (has(p, EMU_HDR_UDP)) {
        packet_set_udp_port(ovs, htons(src), htons(dst));
        set(p, EMU_FIELD_UDP_SRC, src);
        set(p, EMU_FIELD_UDP_DST, dst);
    } else if (has(p, EMU_HDR_SCTP)) {
        packet_set_sctp_port(ovs, htons(src), htons(dst));
        set(p, EMU_FIELD_SCTP_SRC, src);
        set(p, EMU_FIELD_SCTP_DST, dst);
    }
}

/* Applies the same changes to 'ovs' and 'p', but for the three that
 * emu-rewrite.h excepts. */
static void
rewrite(struct dp_packet *ovs, struct emu_packet *p, const struct fx_frame *f)
{
    bool later = !p->outer.l4;
    bool atomic = f->ext_frag && !f->frag;

    if (has(p, EMU_HDR_IPV4)) {
        rewrite_ipv4(ovs, p, !later);
    } else if (has(p, EMU_HDR_IPV6)) {
        rewrite_ipv6(ovs, p, !atomic && !f->routing && below(2),
                     !atomic && below(2));
    }
    rewrite_ports(ovs, p);
}

static void
test_rewrite(void **state OVS_UNUSED)
{
    uint8_t data[FX_ROOM];

    seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        struct fx_frame f = random_frame();
        uint16_t size = fx_build(&f, data);
        struct dp_packet *ovs;
        struct emu_packet p;
        struct fx_mbuf fx;
        struct flow flow;

        /* Damage behind the headers: checksums are then wrong. */
        if (!below(4)) {
            data[size - 1] ^= 0x55;
        }
        ovs = dp_packet_clone_data_with_headroom(data, size, 64);
        flow_extract(ovs, &flow);
        fx_packet_init(&p, fx_mbuf_init(&fx, data, size));
        if (has(&p, EMU_HDR_IPV4) || has(&p, EMU_HDR_IPV6)) {
            rewrite(ovs, &p, &f);
        }
        assert_int_equal(dp_packet_size(ovs), p.m->data_len);
        assert_memory_equal(dp_packet_data(ovs),
                            rte_pktmbuf_mtod(p.m, uint8_t *),
                            p.m->data_len);
        dp_packet_delete(ovs);
    }
}

/* Checksums -------------------------------------------------------------- */

/* Whether the emulator finds the checksums right that software's connection
 * tracking looks at. */
static bool
is_right(struct emu_packet *p)
{
    struct rte_flow_item_integrity right = { .value = 0 };

    emu_packet_verify(p, EMU_LEVEL_OUTER);
    right.value = p->key.outer.integrity;
    assert_int_equal(right.l4_ok, right.l4_csum_ok);
    return ((!has(p, EMU_HDR_IPV4) || right.ipv4_csum_ok)
            && right.l3_ok && right.l4_csum_ok);
}

/* Whether software tracks the L4 header of 'p', which is whole. */
static bool
is_tracked(const struct emu_packet *p)
{
    uint8_t type;

    if (has(p, EMU_HDR_TCP) || has(p, EMU_HDR_UDP)) {
        return true;
    }
    memcpy(&type, &p->key.outer.l4_src, sizeof type);
    return ((has(p, EMU_HDR_ICMP) && type == 8)
            || (has(p, EMU_HDR_ICMP6) && type == 128));
}

/* Sends 'ovs' through software's ct() in a zone where there is nothing. */
static bool
is_invalid(struct conntrack *ct, struct dp_packet *ovs, ovs_be16 dl_type,
           uint16_t zone)
{
    struct dp_packet_batch batch;

    dp_packet_batch_init_packet(&batch, ovs);
    pkt_metadata_init(&ovs->md, 1);
    conntrack_execute(ct, &batch, dl_type, false, true, zone, NULL, NULL, 0, 0,
                      NULL, NULL, time_msec(), 0);
    return ovs->md.ct_state & CS_INVALID;
}

/* The L4 checksum of ICMP, which fx_build() leaves out. */
static void
complete_icmp(struct emu_packet *p)
{
    uint8_t *l3 = rte_pktmbuf_mtod_offset(p->m, uint8_t *, p->outer.l3);
    uint8_t *l4 = rte_pktmbuf_mtod_offset(p->m, uint8_t *, p->outer.l4);
    uint16_t size = p->outer.l4_len;
    ovs_be16 sum = 0;

    memcpy(l4 + 2, &sum, sizeof sum);
    if (has(p, EMU_HDR_ICMP)) {
        sum = csum(l4, size);
    } else {
        uint32_t pseudo = packet_csum_pseudoheader6(
            ALIGNED_CAST(struct ovs_16aligned_ip6_hdr *, l3));

        /* As if there were no extension headers. */
        sum = csum_finish(csum_continue(pseudo, l4, size));
    }
    memcpy(l4 + 2, &sum, sizeof sum);
}

/* What the emulator takes for right, software does not call invalid, and the
 * other way round. */
static void
test_integrity(void **state OVS_UNUSED)
{
    struct conntrack *ct = conntrack_init();
    unsigned int n_right = 0, n_wrong = 0;
    uint8_t data[FX_ROOM];

    seed = 3;
    for (int i = 0; i < UINT16_MAX; i++) {
        struct fx_frame f = random_frame();
        uint16_t size;
        struct dp_packet *ovs;
        struct emu_packet p;
        struct fx_mbuf fx;
        struct flow flow;

        f.ext_frag = f.routing = false;
        f.frag = 0;
        size = fx_build(&f, data);
        fx_packet_init(&p, fx_mbuf_init(&fx, data, size));
        if (!is_tracked(&p)) {
            continue;
        }
        if (has(&p, EMU_HDR_ICMP) || has(&p, EMU_HDR_ICMP6)) {
            complete_icmp(&p);
        }
        if (below(2)) {
            /* Damage, from the IP header on. */
            rte_pktmbuf_mtod(p.m, uint8_t *)[p.outer.l3
                                             + below(size - p.outer.l3)]
                ^= 1 << below(8);
        }
        emu_packet_parse(&p, false);
        if (!is_tracked(&p) || p.key.outer.ip_frag & htons(0x3fff)) {
            continue;
        }
        ovs = dp_packet_clone_data_with_headroom(
            rte_pktmbuf_mtod(p.m, uint8_t *), size, 64);
        flow_extract(ovs, &flow);
        if (is_right(&p)) {
            assert_false(is_invalid(ct, ovs, flow.dl_type, i));
            n_right++;
        } else if (!has(&p, EMU_HDR_UDP)
                   || rte_pktmbuf_mtod_offset(p.m, uint8_t *,
                                              p.outer.l4)[5]
                      == p.outer.l4_len) {
            /* Software overlooks a length of UDP that is too small. */
            assert_true(is_invalid(ct, ovs, flow.dl_type, i));
            n_wrong++;
        }
        dp_packet_delete(ovs);
    }
    assert_true(n_right > 10000 && n_wrong > 5000);
    conntrack_destroy(ct);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_rewrite),
        cmocka_unit_test(test_integrity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
