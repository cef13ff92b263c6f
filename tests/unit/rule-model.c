/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * rule-model: see rule-model.h. */

#include <config.h>

#include "tests/unit/rule-model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "util.h"

/* Where the headers of a packet start, in bytes; 0: there is none. */
struct headers {
    size_t vlan[8];
    int n_vlans;
    uint16_t type;              /* After the tags. */
    size_t l3, frag_ext, l4;
    uint8_t proto;              /* After extension headers. */
    bool later;                 /* A later fragment. */
};

static uint16_t
get16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

static bool
is_tpid(uint16_t type)
{
    return type == 0x8100 || type == 0x88a8;
}

static struct headers
parse(const struct model_packet *p)
{
    const uint8_t *d = p->data;
    struct headers h;
    size_t ofs = 12;

    memset(&h, 0, sizeof h);
    while (is_tpid(get16(d + ofs)) && h.n_vlans < ARRAY_SIZE(h.vlan)) {
        h.vlan[h.n_vlans++] = ofs + 2;
        ofs += 4;
    }
    h.type = get16(d + ofs);
    ofs += 2;
    if (h.type == 0x0800) {
        uint16_t frag = get16(d + ofs + 6);

        h.l3 = ofs;
        h.proto = d[ofs + 9];
        h.later = (frag & 0x1fff) != 0;
        h.l4 = ofs + (d[ofs] & 15) * 4;
    } else if (h.type == 0x86dd) {
        h.l3 = ofs;
        h.proto = d[ofs + 6];
        ofs += 40;
        while (h.proto == 0 || h.proto == 44 || h.proto == 60) {
            if (h.proto == 44) {
                h.frag_ext = ofs;
                h.later = (get16(d + ofs + 2) & 0xfff8) != 0;
            }
            h.proto = d[ofs];
            ofs += 8;
        }
        h.l4 = ofs;
    } else if (h.type == 0x0806) {
        h.l3 = ofs;
    }
    return h;
}

/* Whether the 'n' bytes 'p' are 'spec' under 'mask'. */
static bool
same(const uint8_t *p, const void *spec_, const void *mask_, size_t n)
{
    const uint8_t *spec = spec_;
    const uint8_t *mask = mask_;

    for (size_t i = 0; mask && i < n; i++) {
        if ((p[i] ^ spec[i]) & mask[i]) {
            return false;
        }
    }
    return true;
}

/* Compares the 16-bit field at 'ofs' as a range if 'last' says so, and the
 * other bytes of 'n' as they are. */
static bool
same_range(const uint8_t *p, const struct rte_flow_item *item, size_t ofs,
           size_t n)
{
    uint8_t spec[64], mask[64];

    if (!item->mask) {
        return true;
    }
    memcpy(spec, item->spec, n);
    memcpy(mask, item->mask, n);
    if (item->last) {
        uint16_t m = get16(mask + ofs);
        uint16_t first = get16(spec + ofs) & m;
        uint16_t last = get16((const uint8_t *) item->last + ofs) & m;
        uint16_t x = get16(p + ofs) & m;

        if (x < first || x > last) {
            return false;
        }
        mask[ofs] = mask[ofs + 1] = 0;
    }
    return same(p, spec, mask, n);
}

/* Items whose structure is the header as it stands on the wire. */
static bool
same_header(const uint8_t *d, size_t ofs, const struct rte_flow_item *item,
            size_t n)
{
    return ofs && same(d + ofs, item->spec, item->mask, n);
}

static bool
match_eth(const struct rte_flow_item *item, const uint8_t *d,
          const struct headers *h)
{
    const struct rte_flow_item_eth *spec = item->spec;
    const struct rte_flow_item_eth *mask = item->mask;

    return (!mask || (same(d, spec, mask, 14)
                      && (!mask->has_vlan
                          || spec->has_vlan == (h->n_vlans > 0))));
}

static bool
match_ipv6(const struct rte_flow_item *item, const uint8_t *d,
           const struct headers *h, bool skip_ext)
{
    const struct rte_flow_item_ipv6 *spec = item->spec;
    const struct rte_flow_item_ipv6 *mask = item->mask;
    uint8_t copy[40];

    if (h->type != 0x86dd) {
        return false;
    }
    memcpy(copy, d + h->l3, sizeof copy);
    if (skip_ext) {
        copy[6] = h->proto;
    }
    return (!mask || (same(copy, spec, mask, sizeof copy)
                      && (!mask->has_frag_ext
                          || spec->has_frag_ext == (h->frag_ext != 0))));
}

static bool
match_l4(const struct rte_flow_item *item, const uint8_t *d,
         const struct headers *h, uint8_t proto, size_t n)
{
    return (h->l4 && h->proto == proto && !h->later
            && same_header(d, h->l4, item, n));
}

/* The structure of ARP is not packed. */
static bool
match_arp(const struct rte_flow_item *item, const uint8_t *d,
          const struct headers *h)
{
    const struct rte_flow_item_arp_eth_ipv4 *spec = item->spec;
    const struct rte_flow_item_arp_eth_ipv4 *mask = item->mask;
    const uint8_t *p = d + h->l3;

    return (h->type == 0x0806
            && (!mask || (same(p, spec, mask, 14)
                          && same(p + 14, &spec->spa, &mask->spa, 4)
                          && same(p + 18, &spec->tha, &mask->tha, 6)
                          && same(p + 24, &spec->tpa, &mask->tpa, 4))));
}

static bool
match_nd(const struct rte_flow_item *item, const uint8_t *d,
         const struct headers *h, uint8_t type)
{
    return (match_l4(item, d, h, 58, 24) && h->type == 0x86dd
            && d[h->l4] == type && d[h->l4 + 1] == 0);
}

static bool
match_nd_option(const struct rte_flow_item *item,
                const struct model_packet *p, const struct headers *h,
                uint8_t type)
{
    for (size_t ofs = h->l4 + 24; ofs + 8 <= p->size;
         ofs += p->data[ofs + 1] * 8) {
        if (p->data[ofs] == type) {
            return same(p->data + ofs, item->spec, item->mask, 8);
        }
        if (!p->data[ofs + 1]) {
            break;
        }
    }
    return false;
}

bool
model_match(const struct dpu_spec *spec, const struct model_packet *p,
            uint16_t ethdev, bool skip_ext)
{
    const struct headers h = parse(p);
    const uint8_t *d = p->data;
    int vlan = 0;

    for (unsigned int i = 0; i < spec->n_items; i++) {
        const struct rte_flow_item *item = &spec->items[i];
        const struct rte_flow_item_ethdev *port = item->spec;
        bool ok;

        switch ((int) item->type) {
        case RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT:
            ok = port->port_id == ethdev;
            break;
        case RTE_FLOW_ITEM_TYPE_ETH:
            ok = match_eth(item, d, &h);
            break;
        case RTE_FLOW_ITEM_TYPE_VLAN:
            ok = vlan < h.n_vlans && same_header(d, h.vlan[vlan], item, 4);
            vlan++;
            break;
        case RTE_FLOW_ITEM_TYPE_IPV4:
            ok = h.type == 0x0800 && same_range(d + h.l3, item, 6, 20);
            break;
        case RTE_FLOW_ITEM_TYPE_IPV6:
            ok = match_ipv6(item, d, &h, skip_ext);
            break;
        case RTE_FLOW_ITEM_TYPE_IPV6_FRAG_EXT:
            ok = h.frag_ext && same_range(d + h.frag_ext, item, 2, 8);
            break;
        case RTE_FLOW_ITEM_TYPE_ARP_ETH_IPV4:
            ok = match_arp(item, d, &h);
            break;
        case RTE_FLOW_ITEM_TYPE_TCP:
            ok = match_l4(item, d, &h, 6, 20);
            break;
        case RTE_FLOW_ITEM_TYPE_UDP:
            ok = match_l4(item, d, &h, 17, 8);
            break;
        case RTE_FLOW_ITEM_TYPE_SCTP:
            ok = match_l4(item, d, &h, 132, 12);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP:
            ok = h.type == 0x0800 && match_l4(item, d, &h, 1, 8);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP6:
            ok = h.type == 0x86dd && match_l4(item, d, &h, 58, 4);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP6_ND_NS:
            ok = match_nd(item, d, &h, 135);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP6_ND_NA:
            ok = match_nd(item, d, &h, 136);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_SLA_ETH:
            ok = match_nd_option(item, p, &h, 1);
            break;
        case RTE_FLOW_ITEM_TYPE_ICMP6_ND_OPT_TLA_ETH:
            ok = match_nd_option(item, p, &h, 2);
            break;
        default:
            fail_msg("the model has no item %d", item->type);
            return false;
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* Actions. */

static void
push_vlan(struct model_packet *p, uint16_t tpid)
{
    bool tagged = is_tpid(get16(p->data + 12));

    /* The new tag has what the old one has, or else zeros (OpenFlow). */
    memmove(p->data + 16, p->data + 12, p->size - 12);
    p->size += 4;
    p->data[12] = tpid >> 8;
    p->data[13] = tpid;
    p->data[14] = tagged ? p->data[18] & ~0x10 : 0;
    p->data[15] = tagged ? p->data[19] : 0;
}

static void
pop_vlan(struct model_packet *p)
{
    assert_true(is_tpid(get16(p->data + 12)));
    memmove(p->data + 12, p->data + 16, p->size - 16);
    p->size -= 4;
}

static void
set_vid(struct model_packet *p, uint16_t vid)
{
    assert_true(is_tpid(get16(p->data + 12)));
    p->data[14] = (p->data[14] & 0xf0) | vid >> 8;
    p->data[15] = vid;
}

static void
set_pcp(struct model_packet *p, uint8_t pcp)
{
    assert_true(is_tpid(get16(p->data + 12)));
    p->data[14] = (p->data[14] & 0x1f) | pcp << 5;
}

/* Copies 'n' bits from 'src' at bit 'src_ofs' to 'dst' at bit 'dst_ofs'. */
static void
copy_bits(uint8_t *dst, size_t dst_ofs, const uint8_t *src, size_t src_ofs,
          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t d = dst_ofs + i;
        size_t s = src_ofs + i;
        uint8_t bit = 0x80 >> d % 8;

        if (src[s / 8] & 0x80 >> s % 8) {
            dst[d / 8] |= bit;
        } else {
            dst[d / 8] &= ~bit;
        }
    }
}

/* Where field 'id' stands: its first bit, and how many it has. */
static size_t
field_ofs(const struct model_packet *p, enum rte_flow_field_id id,
          size_t *width)
{
    struct headers h = parse(p);

#define FIELD(ID, OFS, WIDTH)                       \
    case RTE_FLOW_FIELD_##ID:                       \
        *width = (WIDTH);                           \
        return (OFS)
    switch ((int) id) {
    FIELD(MAC_DST, 0, 48);
    FIELD(MAC_SRC, 8 * 6, 48);
    FIELD(VLAN_ID, 8 * 14 + 4, 12);
    FIELD(IPV4_DSCP, 8 * (h.l3 + 1), 6);
    FIELD(IPV4_ECN, 8 * (h.l3 + 1) + 6, 2);
    FIELD(IPV4_TTL, 8 * (h.l3 + 8), 8);
    FIELD(IPV4_SRC, 8 * (h.l3 + 12), 32);
    FIELD(IPV4_DST, 8 * (h.l3 + 16), 32);
    FIELD(IPV6_DSCP, 8 * h.l3 + 4, 6);
    FIELD(IPV6_ECN, 8 * h.l3 + 10, 2);
    FIELD(IPV6_SRC, 8 * (h.l3 + 8), 128);
    FIELD(IPV6_DST, 8 * (h.l3 + 24), 128);
    FIELD(TCP_PORT_SRC, 8 * h.l4, 16);
    FIELD(TCP_PORT_DST, 8 * (h.l4 + 2), 16);
    FIELD(UDP_PORT_SRC, 8 * h.l4, 16);
    FIELD(UDP_PORT_DST, 8 * (h.l4 + 2), 16);
    /* Not with the macro: a header has a macro of this name. */
    case RTE_FLOW_FIELD_IPV6_HOPLIMIT:
        *width = 8;
        return 8 * (h.l3 + 7);
    default:
        fail_msg("the model has no field %d", id);
        return 0;
    }
#undef FIELD
}

/* Sets 'width' bits from 'ofs' on of field 'id'; 'value' has the field as it
 * stands in an item, right-aligned in whole bytes. */
static void
modify(struct model_packet *p, enum rte_flow_field_id id, size_t ofs,
       size_t width, const uint8_t *value)
{
    size_t whole;
    size_t at = field_ofs(p, id, &whole);

    assert_true(ofs + width <= whole);
    copy_bits(p->data, at + ofs, value,
              ROUND_UP(whole, 8) - whole + ofs, width);
}

static void
set(struct model_packet *p, enum rte_flow_field_id id, const void *value)
{
    size_t whole;

    field_ofs(p, id, &whole);
    modify(p, id, 0, whole, value);
}

static void
output(struct model_outputs *out, const struct model_packet *p,
       const struct rte_flow_action *a)
{
    const struct rte_flow_action_ethdev *port = a->conf;

    assert_int_equal(a->type, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT);
    assert_true(out->n < MODEL_MAX_OUTPUTS);
    out->v[out->n].ethdev = port->port_id;
    out->v[out->n++].packet = *p;
}

static void
run_action(struct model_packet *p, const struct rte_flow_action *a,
           struct model_outputs *out)
{
    const struct rte_flow_action_modify_field *m = a->conf;
    const struct rte_flow_action_of_push_vlan *push = a->conf;
    const struct rte_flow_action_of_set_vlan_vid *vid = a->conf;
    const struct rte_flow_action_of_set_vlan_pcp *pcp = a->conf;
    const struct rte_flow_action_sample *sample = a->conf;
    bool ipv4 = parse(p).type == 0x0800;
    size_t ttl_ofs = parse(p).l3 + (ipv4 ? 8 : 7);

    switch ((int) a->type) {
    case RTE_FLOW_ACTION_TYPE_COUNT:
    case RTE_FLOW_ACTION_TYPE_DROP:
        break;
    case RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT:
        output(out, p, a);
        break;
    case RTE_FLOW_ACTION_TYPE_SAMPLE:
        assert_int_equal(sample->ratio, 1);
        output(out, p, &sample->actions[0]);
        assert_int_equal(sample->actions[1].type, RTE_FLOW_ACTION_TYPE_END);
        break;
    case RTE_FLOW_ACTION_TYPE_OF_PUSH_VLAN:
        push_vlan(p, ntohs(push->ethertype));
        break;
    case RTE_FLOW_ACTION_TYPE_OF_POP_VLAN:
        pop_vlan(p);
        break;
    case RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_VID:
        set_vid(p, ntohs(vid->vlan_vid));
        break;
    case RTE_FLOW_ACTION_TYPE_OF_SET_VLAN_PCP:
        set_pcp(p, pcp->vlan_pcp);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_MAC_SRC:
        set(p, RTE_FLOW_FIELD_MAC_SRC, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_MAC_DST:
        set(p, RTE_FLOW_FIELD_MAC_DST, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
        set(p, RTE_FLOW_FIELD_IPV4_SRC, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
        set(p, RTE_FLOW_FIELD_IPV4_DST, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC:
        set(p, RTE_FLOW_FIELD_IPV6_SRC, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV6_DST:
        set(p, RTE_FLOW_FIELD_IPV6_DST, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV4_DSCP:
        set(p, RTE_FLOW_FIELD_IPV4_DSCP, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_IPV6_DSCP:
        set(p, RTE_FLOW_FIELD_IPV6_DSCP, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_TP_SRC:
        set(p, RTE_FLOW_FIELD_UDP_PORT_SRC, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_TP_DST:
        set(p, RTE_FLOW_FIELD_UDP_PORT_DST, a->conf);
        break;
    case RTE_FLOW_ACTION_TYPE_SET_TTL:
        p->data[ttl_ofs] = *(const uint8_t *) a->conf;
        break;
    case RTE_FLOW_ACTION_TYPE_DEC_TTL:
        p->data[ttl_ofs]--;
        break;
    case RTE_FLOW_ACTION_TYPE_MODIFY_FIELD:
        assert_int_equal(m->operation, RTE_FLOW_MODIFY_SET);
        assert_int_equal(m->src.field, RTE_FLOW_FIELD_VALUE);
        modify(p, m->dst.field, m->dst.offset, m->width, m->src.value);
        break;
    default:
        fail_msg("the model has no action %d", a->type);
    }
}

void
model_run(const struct dpu_spec *spec, const struct model_packet *p_,
          struct model_outputs *out)
{
    struct model_packet p = *p_;

    out->n = 0;
    for (unsigned int i = 0; i < spec->n_actions; i++) {
        run_action(&p, &spec->actions[i], out);
    }
}

void
model_clear_checksums(struct model_packet *p)
{
    struct headers h = parse(p);
    size_t ofs = (h.proto == 6 ? 16 : h.proto == 17 ? 6
                  : h.proto == 1 || h.proto == 58 ? 2
                  : h.proto == 132 ? 8 : 0);

    if (h.type == 0x0800) {
        memset(p->data + h.l3 + 10, 0, 2);
    }
    if (h.l4 && ofs && !h.later) {
        memset(p->data + h.l4 + ofs, 0, h.proto == 132 ? 4 : 2);
    }
}
