/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"

#include <string.h>

#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "packets.h"
#include "util.h"

/* One rule in the making. */
struct rule {
    const struct dpu_ct_rule *in;
    const struct dpu_caps *caps;
    struct dpu_spec *spec;
    struct dpu_ct_slots *slots;
    struct dpu_reason *reason;
};

/* Appends an item. */
static bool
add_item(struct rule *r, enum rte_flow_item_type type, const void *spec,
         const void *mask, size_t size, void **slot)
{
    if (!dpu_caps_item(r->caps, type)) {
        return dpu_reason_set(r->reason, DPU_REASON_MATCH_ITEM, "%s",
                              dpu_spec_item_name(type));
    }
    *slot = dpu_spec_add_item(r->spec, type, spec, mask, size);
    return true;
}

static bool
match_ipv4(struct rule *r)
{
    const struct dpu_ct_tuple *tuple = r->in->match;
    struct rte_flow_item_ipv4 spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    spec.hdr.src_addr = tuple->src.ipv4;
    spec.hdr.dst_addr = tuple->dst.ipv4;
    spec.hdr.next_proto_id = tuple->proto;
    mask.hdr.src_addr = OVS_BE32_MAX;
    mask.hdr.dst_addr = OVS_BE32_MAX;
    mask.hdr.next_proto_id = UINT8_MAX;
    mask.hdr.fragment_offset = htons(RTE_IPV4_HDR_MF_FLAG
                                     | RTE_IPV4_HDR_OFFSET_MASK);
    return add_item(r, RTE_FLOW_ITEM_TYPE_IPV4, &spec, &mask, sizeof spec,
                    &r->slots->l3);
}

static bool
match_ipv6(struct rule *r)
{
    const struct dpu_ct_tuple *tuple = r->in->match;
    struct rte_flow_item_ipv6 spec, mask;

    memset(&spec, 0, sizeof spec);
    memset(&mask, 0, sizeof mask);
    memcpy(spec.hdr.src_addr, &tuple->src.ipv6, sizeof spec.hdr.src_addr);
    memcpy(spec.hdr.dst_addr, &tuple->dst.ipv6, sizeof spec.hdr.dst_addr);
    spec.hdr.proto = tuple->proto;
    memset(mask.hdr.src_addr, 0xff, sizeof mask.hdr.src_addr);
    memset(mask.hdr.dst_addr, 0xff, sizeof mask.hdr.dst_addr);
    mask.hdr.proto = UINT8_MAX;
    mask.has_frag_ext = 1;
    return add_item(r, RTE_FLOW_ITEM_TYPE_IPV6, &spec, &mask, sizeof spec,
                    &r->slots->l3);
}

static bool
match_tcp(struct rule *r)
{
    const struct rte_flow_item_tcp spec = {
        .hdr.src_port = r->in->match->src_port,
        .hdr.dst_port = r->in->match->dst_port,
        .hdr.tcp_flags = TCP_ACK,
    };
    /* Without ACK software calls a packet invalid. */
    const struct rte_flow_item_tcp mask = {
        .hdr.src_port = OVS_BE16_MAX,
        .hdr.dst_port = OVS_BE16_MAX,
        .hdr.tcp_flags = DPU_CT_TCP_FLAGS | TCP_ACK,
    };

    return add_item(r, RTE_FLOW_ITEM_TYPE_TCP, &spec, &mask, sizeof spec,
                    &r->slots->l4);
}

static bool
match_udp(struct rule *r)
{
    const struct rte_flow_item_udp spec = {
        .hdr.src_port = r->in->match->src_port,
        .hdr.dst_port = r->in->match->dst_port,
    };
    const struct rte_flow_item_udp mask = {
        .hdr.src_port = OVS_BE16_MAX,
        .hdr.dst_port = OVS_BE16_MAX,
    };

    return add_item(r, RTE_FLOW_ITEM_TYPE_UDP, &spec, &mask, sizeof spec,
                    &r->slots->l4);
}

static bool
match_icmp(struct rule *r)
{
    const struct rte_flow_item_icmp spec = {
        .hdr.icmp_type = dpu_ct_tuple_icmp_type(r->in->match),
        .hdr.icmp_ident = r->in->match->src_port,
    };
    const struct rte_flow_item_icmp mask = {
        .hdr.icmp_type = UINT8_MAX,
        .hdr.icmp_code = UINT8_MAX,
        .hdr.icmp_ident = OVS_BE16_MAX,
    };

    return add_item(r, RTE_FLOW_ITEM_TYPE_ICMP, &spec, &mask, sizeof spec,
                    &r->slots->l4);
}

/* DPDK 22.11 has no item for the identifier of ICMPv6's echo messages, but
 * ICMP6, whose header is type, code and checksum, and RAW, for the bytes that
 * follow. */
static bool
match_icmp6_identifier(struct rule *r)
{
    struct rte_flow_item_raw raw = { .relative = 1, .length = 2 };
    struct rte_flow_item_raw mask = rte_flow_item_raw_mask;
    ovs_be16 *id = dpu_spec_alloc(r->spec, sizeof *id);
    ovs_be16 *id_mask = dpu_spec_alloc(r->spec, sizeof *id_mask);
    void *unused;

    *id = r->in->match->src_port;
    *id_mask = OVS_BE16_MAX;
    raw.pattern = (const uint8_t *) id;
    mask.pattern = (const uint8_t *) id_mask;
    r->slots->identifier = id;
    return add_item(r, RTE_FLOW_ITEM_TYPE_RAW, &raw, &mask, sizeof raw,
                    &unused);
}

static bool
match_icmp6(struct rule *r)
{
    const struct rte_flow_item_icmp6 spec = {
        .type = dpu_ct_tuple_icmp_type(r->in->match),
    };
    const struct rte_flow_item_icmp6 mask = {
        .type = UINT8_MAX,
        .code = UINT8_MAX,
    };

    return (add_item(r, RTE_FLOW_ITEM_TYPE_ICMP6, &spec, &mask, sizeof spec,
                     &r->slots->l4)
            && match_icmp6_identifier(r));
}

/* Matches the protocol's own header.  Software finds a connection of SCTP, or
 * of a protocol that it does not know, by its addresses alone. */
static bool
match_l4(struct rule *r)
{
    switch (r->in->match->proto) {
    case IPPROTO_TCP:
        return match_tcp(r);

    case IPPROTO_UDP:
        return match_udp(r);

    case IPPROTO_ICMP:
        return match_icmp(r);

    case IPPROTO_ICMPV6:
        return match_icmp6(r);

    default:
        return true;
    }
}

/* The checks of the device that are for packets with 'tuple'. */
static struct rte_flow_item_integrity
integrity(const struct dpu_ct_tuple *tuple, const struct dpu_caps *caps)
{
    return (struct rte_flow_item_integrity) {
        .ipv4_csum_ok = !tuple->ipv6 && caps->ip_checksum,
        .l4_csum_ok = (tuple->proto == IPPROTO_TCP ? caps->tcp_checksum
                       : tuple->proto == IPPROTO_UDP ? caps->udp_checksum
                       : tuple->proto == IPPROTO_ICMP ? caps->icmp_checksum
                       : tuple->proto == IPPROTO_ICMPV6 ? caps->icmp6_checksum
                       : false),
    };
}

bool
dpu_ct_rule_checks(const struct dpu_ct_tuple *tuple,
                   const struct dpu_caps *caps)
{
    const struct rte_flow_item_integrity checks = integrity(tuple, caps);
    bool has_checksum = (tuple->proto == IPPROTO_TCP
                         || tuple->proto == IPPROTO_UDP
                         || dpu_ct_tuple_is_icmp(tuple));

    return ((tuple->ipv6 || checks.ipv4_csum_ok)
            && (!has_checksum || checks.l4_csum_ok));
}

static void
match_checksums(struct rule *r)
{
    const struct rte_flow_item_integrity checks = integrity(r->in->match,
                                                            r->caps);

    if (checks.value) {
        dpu_spec_add_item(r->spec, RTE_FLOW_ITEM_TYPE_INTEGRITY, &checks,
                          &checks, sizeof checks);
    }
}

static bool
match(struct rule *r)
{
    void *unused;

    if (dpu_caps_item(r->caps, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT)) {
        dpu_spec_add_item(r->spec, RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
                          NULL, NULL, 0);
    } else if (dpu_caps_item(r->caps, RTE_FLOW_ITEM_TYPE_PORT_ID)) {
        dpu_spec_add_item(r->spec, RTE_FLOW_ITEM_TYPE_PORT_ID, NULL, NULL, 0);
    }
    r->slots->where = dpu_ct_match_tag(
        r->spec, DPU_CT_TAG_STATE,
        dpu_ct_state(0, r->in->match->zone, r->in->variant), UINT32_MAX);
    match_checksums(r);
    return (add_item(r, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, 0, &unused)
            && (r->in->match->ipv6 ? match_ipv6(r) : match_ipv4(r))
            && match_l4(r));
}

/* Appends 'type' with 'conf', or, on a device that does not have it,
 * MODIFY_FIELD of 'field', which has the 'size' bytes 'value'. */
static bool
set_field(struct rule *r, enum rte_flow_action_type type, const void *conf,
          size_t conf_size, enum rte_flow_field_id field, const void *value,
          size_t size, void **slot)
{
    if (dpu_caps_action(r->caps, type)) {
        /* Nothing but the value is in any of them. */
        *slot = dpu_spec_add_action(r->spec, type, conf, conf_size);
    } else if (dpu_caps_modify(r->caps, field)) {
        struct rte_flow_action_modify_field modify, *copy;

        memset(&modify, 0, sizeof modify);
        modify.operation = RTE_FLOW_MODIFY_SET;
        modify.dst.field = field;
        modify.src.field = RTE_FLOW_FIELD_VALUE;
        memcpy(modify.src.value, value, size);
        modify.width = size * 8;
        copy = dpu_spec_add_action(r->spec, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                                   &modify, sizeof modify);
        *slot = copy->src.value;
    } else {
        return dpu_reason_set(r->reason, DPU_REASON_ACTION_DEVICE, "%s",
                              dpu_spec_action_name(type));
    }
    return true;
}

/* Makes one of the addresses 'addr', if it is not that already. */
static bool
set_addr(struct rule *r, const union ct_addr *old, const union ct_addr *addr,
         bool dst)
{
    size_t size = r->in->match->ipv6 ? sizeof addr->ipv6 : sizeof addr->ipv4;
    void **slot = &r->slots->addrs[dst];

    if (!memcmp(old, addr, sizeof *addr)) {
        return true;
    }
    /* The argument of all four actions is the address alone. */
    return (r->in->match->ipv6
            ? set_field(r, (dst ? RTE_FLOW_ACTION_TYPE_SET_IPV6_DST
                            : RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC),
                        addr, size,
                        (dst ? RTE_FLOW_FIELD_IPV6_DST
                         : RTE_FLOW_FIELD_IPV6_SRC), addr, size, slot)
            : set_field(r, (dst ? RTE_FLOW_ACTION_TYPE_SET_IPV4_DST
                            : RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC),
                        addr, size,
                        (dst ? RTE_FLOW_FIELD_IPV4_DST
                         : RTE_FLOW_FIELD_IPV4_SRC), addr, size, slot));
}

/* The same for a port. */
static bool
set_port(struct rule *r, ovs_be16 old, ovs_be16 port, bool dst)
{
    const struct rte_flow_action_set_tp conf = { .port = port };
    bool tcp = r->in->match->proto == IPPROTO_TCP;

    return (old == port
            || set_field(r, (dst ? RTE_FLOW_ACTION_TYPE_SET_TP_DST
                             : RTE_FLOW_ACTION_TYPE_SET_TP_SRC),
                         &conf, sizeof conf,
                         (tcp
                          ? (dst ? RTE_FLOW_FIELD_TCP_PORT_DST
                             : RTE_FLOW_FIELD_TCP_PORT_SRC)
                          : (dst ? RTE_FLOW_FIELD_UDP_PORT_DST
                             : RTE_FLOW_FIELD_UDP_PORT_SRC)),
                         &port, sizeof port, &r->slots->ports[dst]));
}

/* NAT. */
static bool
rewrite(struct rule *r)
{
    const struct dpu_ct_tuple *old = r->in->match;
    const struct dpu_ct_tuple *new = r->in->rewrite;

    return (!new
            || (set_addr(r, &old->src, &new->src, false)
                && set_addr(r, &old->dst, &new->dst, true)
                && (!dpu_ct_tuple_has_ports(old)
                    || (set_port(r, old->src_port, new->src_port, false)
                        && set_port(r, old->dst_port, new->dst_port, true)))));
}

/* What packets carry from here on. */
static void
set_registers(struct rule *r)
{
    const struct dpu_ct_rule *in = r->in;

    struct dpu_ct_slots *slots = r->slots;

    slots->state = dpu_ct_set_tag(r->spec, r->caps, DPU_CT_TAG_STATE,
                                  dpu_ct_state(in->ct_state, in->match->zone,
                                               0));
    slots->mark = dpu_ct_set_tag(r->spec, r->caps, DPU_CT_TAG_MARK,
                                 in->ct_mark);
    slots->class = dpu_ct_set_tag(r->spec, r->caps, DPU_CT_TAG_CLASS,
                                  in->ct_class);
    slots->meta = dpu_ct_set_meta(r->spec, r->caps, in->meta);
}

bool
dpu_ct_rule_spec(const struct dpu_ct_rule *rule, const struct dpu_caps *caps,
                 struct dpu_spec *spec, struct dpu_ct_slots *slots,
                 struct dpu_reason *reason)
{
    const struct rte_flow_action_jump jump = { .group = rule->next };
    const struct rte_flow_action_count count = { .id = 0 };
    struct rule r = {
        .in = rule, .caps = caps, .spec = spec, .slots = slots,
        .reason = reason,
    };

    memset(slots, 0, sizeof *slots);
    dpu_spec_init(spec, rule->group, 0);
    spec->fixed_jump = true;
    spec->attr.transfer = caps->transfer;
    spec->attr.ingress = !caps->transfer;
    if (!match(&r)) {
        return false;
    }
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_COUNT, &count,
                        sizeof count);
    if (!rewrite(&r)) {
        return false;
    }
    set_registers(&r);
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    return true;
}

/* Rules like others. */

uint32_t
dpu_ct_rule_kind(const struct dpu_ct_rule *rule)
{
    const struct dpu_ct_tuple *old = rule->match;
    const struct dpu_ct_tuple *new = rule->rewrite;
    uint32_t kind = old->proto | (old->ipv6 ? UINT32_C(1) << 8 : 0);

    if (new) {
        kind |= (memcmp(&old->src, &new->src, sizeof old->src) ? 1 << 9 : 0)
                | (memcmp(&old->dst, &new->dst, sizeof old->dst) ? 1 << 10 : 0)
                | (old->src_port != new->src_port ? 1 << 11 : 0)
                | (old->dst_port != new->dst_port ? 1 << 12 : 0);
    }
    return kind;
}

static void
fill_l4(const struct dpu_ct_tuple *tuple, const struct dpu_ct_slots *slots)
{
    if (tuple->proto == IPPROTO_TCP) {
        struct rte_flow_item_tcp *tcp = slots->l4;

        tcp->hdr.src_port = tuple->src_port;
        tcp->hdr.dst_port = tuple->dst_port;
    } else if (tuple->proto == IPPROTO_UDP) {
        struct rte_flow_item_udp *udp = slots->l4;

        udp->hdr.src_port = tuple->src_port;
        udp->hdr.dst_port = tuple->dst_port;
    } else if (tuple->proto == IPPROTO_ICMPV6) {
        struct rte_flow_item_icmp6 *icmp6 = slots->l4;

        icmp6->type = dpu_ct_tuple_icmp_type(tuple);
        *slots->identifier = tuple->src_port;
    } else if (slots->l4) {
        struct rte_flow_item_icmp *icmp = slots->l4;

        icmp->hdr.icmp_type = dpu_ct_tuple_icmp_type(tuple);
        icmp->hdr.icmp_ident = tuple->src_port;
    }
}

static void
fill_match(const struct dpu_ct_tuple *tuple, const struct dpu_ct_slots *slots)
{
    if (tuple->ipv6) {
        struct rte_flow_item_ipv6 *ip6 = slots->l3;

        memcpy(ip6->hdr.src_addr, &tuple->src.ipv6, sizeof tuple->src.ipv6);
        memcpy(ip6->hdr.dst_addr, &tuple->dst.ipv6, sizeof tuple->dst.ipv6);
    } else {
        struct rte_flow_item_ipv4 *ip = slots->l3;

        ip->hdr.src_addr = tuple->src.ipv4;
        ip->hdr.dst_addr = tuple->dst.ipv4;
    }
    fill_l4(tuple, slots);
}

static void
fill_rewrite(const struct dpu_ct_tuple *new, const struct dpu_ct_slots *slots)
{
    size_t size = new->ipv6 ? sizeof new->src.ipv6 : sizeof new->src.ipv4;

    for (int dst = 0; dst < 2; dst++) {
        const ovs_be16 *port = dst ? &new->dst_port : &new->src_port;

        if (slots->addrs[dst]) {
            memcpy(slots->addrs[dst], dst ? &new->dst : &new->src, size);
        }
        if (slots->ports[dst]) {
            memcpy(slots->ports[dst], port, sizeof *port);
        }
    }
}

void
dpu_ct_rule_fill(const struct dpu_ct_rule *rule,
                 const struct dpu_ct_slots *slots)
{
    *slots->where = dpu_ct_state(0, rule->match->zone, rule->variant);
    fill_match(rule->match, slots);
    if (rule->rewrite) {
        fill_rewrite(rule->rewrite, slots);
    }
    *slots->state = dpu_ct_state(rule->ct_state, rule->match->zone, 0);
    *slots->mark = rule->ct_mark;
    *slots->class = rule->ct_class;
    *slots->meta = rule->meta;
}
