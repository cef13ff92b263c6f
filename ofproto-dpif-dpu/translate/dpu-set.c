/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-set: see dpu-set.h.
 *
 * Software's semantics: odp_execute_set_action() and
 * odp_execute_masked_set_action() in Open vSwitch's lib/odp-execute.c.  The
 * actions: DPDK guide, "Generic flow API", "Actions". */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-set.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_flow.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

/* How the argument of an action is made of a field's bytes. */
enum set_form {
    FORM_NONE,                  /* There is no such action. */
    FORM_BYTES,                 /* The bytes of the field. */
    FORM_NUMBER,                /* One byte: the bits of the field as a
                                 * right-aligned number. */
};

/* One field of a set action.  Bits are counted from the most significant one
 * of the first of its bytes, as MODIFY_FIELD does. */
struct set_field {
    const char *name;
    uint16_t key;               /* enum ovs_key_attr. */
    uint16_t key_ofs;           /* In bytes, in struct ovs_key_*. */
    uint16_t flow_ofs;          /* In bytes, in struct flow. */
    uint8_t size;               /* In bytes. */
    uint8_t first_bit, n_bits;
    bool context;               /* There for information: never set. */
    enum set_form form;
    enum rte_flow_action_type action;
    enum rte_flow_field_id modify;      /* RTE_FLOW_FIELD_START: none. */
};

#define SET_FIELD(NAME, KEY, STRUCT, MEMBER, FLOW, FIRST, N, FORM, ACTION,  \
                  MODIFY)                                                   \
    { NAME, OVS_KEY_ATTR_##KEY, offsetof(struct STRUCT, MEMBER),            \
      offsetof(struct flow, FLOW), MEMBER_SIZEOF(struct STRUCT, MEMBER),    \
      FIRST, N, false, FORM_##FORM, RTE_FLOW_ACTION_TYPE_##ACTION,          \
      MODIFY }
#define WHOLE_FIELD(NAME, KEY, STRUCT, MEMBER, FLOW, FORM, ACTION, MODIFY)  \
    SET_FIELD(NAME, KEY, STRUCT, MEMBER, FLOW, 0,                           \
              8 * MEMBER_SIZEOF(struct STRUCT, MEMBER), FORM, ACTION, MODIFY)
#define CONTEXT(NAME, KEY, STRUCT, MEMBER, FLOW)                            \
    { NAME, OVS_KEY_ATTR_##KEY, offsetof(struct STRUCT, MEMBER),            \
      offsetof(struct flow, FLOW), 1, 0, 8, true, FORM_NONE,                \
      RTE_FLOW_ACTION_TYPE_VOID, RTE_FLOW_FIELD_START }

static const struct set_field fields[] = {
    WHOLE_FIELD("eth.src", ETHERNET, ovs_key_ethernet, eth_src, dl_src,
                BYTES, SET_MAC_SRC, RTE_FLOW_FIELD_MAC_SRC),
    WHOLE_FIELD("eth.dst", ETHERNET, ovs_key_ethernet, eth_dst, dl_dst,
                BYTES, SET_MAC_DST, RTE_FLOW_FIELD_MAC_DST),

    WHOLE_FIELD("ipv4.src", IPV4, ovs_key_ipv4, ipv4_src, nw_src,
                BYTES, SET_IPV4_SRC, RTE_FLOW_FIELD_IPV4_SRC),
    WHOLE_FIELD("ipv4.dst", IPV4, ovs_key_ipv4, ipv4_dst, nw_dst,
                BYTES, SET_IPV4_DST, RTE_FLOW_FIELD_IPV4_DST),
    CONTEXT("ipv4.proto", IPV4, ovs_key_ipv4, ipv4_proto, nw_proto),
    SET_FIELD("ipv4.dscp", IPV4, ovs_key_ipv4, ipv4_tos, nw_tos, 0, 6,
              NUMBER, SET_IPV4_DSCP, RTE_FLOW_FIELD_IPV4_DSCP),
    SET_FIELD("ipv4.ecn", IPV4, ovs_key_ipv4, ipv4_tos, nw_tos, 6, 2,
              NONE, VOID, RTE_FLOW_FIELD_IPV4_ECN),
    WHOLE_FIELD("ipv4.ttl", IPV4, ovs_key_ipv4, ipv4_ttl, nw_ttl,
                BYTES, SET_TTL, RTE_FLOW_FIELD_IPV4_TTL),
    CONTEXT("ipv4.frag", IPV4, ovs_key_ipv4, ipv4_frag, nw_frag),

    WHOLE_FIELD("ipv6.src", IPV6, ovs_key_ipv6, ipv6_src, ipv6_src,
                BYTES, SET_IPV6_SRC, RTE_FLOW_FIELD_IPV6_SRC),
    WHOLE_FIELD("ipv6.dst", IPV6, ovs_key_ipv6, ipv6_dst, ipv6_dst,
                BYTES, SET_IPV6_DST, RTE_FLOW_FIELD_IPV6_DST),
    SET_FIELD("ipv6.label", IPV6, ovs_key_ipv6, ipv6_label, ipv6_label, 12, 20,
              NONE, VOID, RTE_FLOW_FIELD_START),
    CONTEXT("ipv6.proto", IPV6, ovs_key_ipv6, ipv6_proto, nw_proto),
    SET_FIELD("ipv6.dscp", IPV6, ovs_key_ipv6, ipv6_tclass, nw_tos, 0, 6,
              NUMBER, SET_IPV6_DSCP, RTE_FLOW_FIELD_IPV6_DSCP),
    SET_FIELD("ipv6.ecn", IPV6, ovs_key_ipv6, ipv6_tclass, nw_tos, 6, 2,
              NONE, VOID, RTE_FLOW_FIELD_IPV6_ECN),
    WHOLE_FIELD("ipv6.hlimit", IPV6, ovs_key_ipv6, ipv6_hlimit, nw_ttl,
                BYTES, SET_TTL, RTE_FLOW_FIELD_IPV6_HOPLIMIT),
    CONTEXT("ipv6.frag", IPV6, ovs_key_ipv6, ipv6_frag, nw_frag),

    WHOLE_FIELD("tcp.src", TCP, ovs_key_tcp, tcp_src, tp_src,
                BYTES, SET_TP_SRC, RTE_FLOW_FIELD_TCP_PORT_SRC),
    WHOLE_FIELD("tcp.dst", TCP, ovs_key_tcp, tcp_dst, tp_dst,
                BYTES, SET_TP_DST, RTE_FLOW_FIELD_TCP_PORT_DST),
    WHOLE_FIELD("udp.src", UDP, ovs_key_udp, udp_src, tp_src,
                BYTES, SET_TP_SRC, RTE_FLOW_FIELD_UDP_PORT_SRC),
    WHOLE_FIELD("udp.dst", UDP, ovs_key_udp, udp_dst, tp_dst,
                BYTES, SET_TP_DST, RTE_FLOW_FIELD_UDP_PORT_DST),
    /* The guide speaks of TCP and UDP: it is up to the device. */
    WHOLE_FIELD("sctp.src", SCTP, ovs_key_sctp, sctp_src, tp_src,
                BYTES, SET_TP_SRC, RTE_FLOW_FIELD_START),
    WHOLE_FIELD("sctp.dst", SCTP, ovs_key_sctp, sctp_dst, tp_dst,
                BYTES, SET_TP_DST, RTE_FLOW_FIELD_START),
};
BUILD_ASSERT_DECL(ARRAY_SIZE(fields) <= DPU_SET_N_FIELDS);

/* One header that can be set, what a packet must be known to be for that, and
 * the item that the guide wants in the pattern for it. */
static const struct set_header {
    uint16_t key;               /* enum ovs_key_attr. */
    uint16_t size;              /* In bytes, of struct ovs_key_*. */
    const char *name;
    uint16_t dl_type;           /* 0: any. */
    uint8_t nw_proto;           /* 0: any. */
    enum rte_flow_item_type item;
} headers[] = {
    { OVS_KEY_ATTR_ETHERNET, sizeof(struct ovs_key_ethernet), "eth",
      0, 0, RTE_FLOW_ITEM_TYPE_ETH },
    { OVS_KEY_ATTR_IPV4, sizeof(struct ovs_key_ipv4), "ipv4",
      ETH_TYPE_IP, 0, RTE_FLOW_ITEM_TYPE_IPV4 },
    { OVS_KEY_ATTR_IPV6, sizeof(struct ovs_key_ipv6), "ipv6",
      ETH_TYPE_IPV6, 0, RTE_FLOW_ITEM_TYPE_IPV6 },
    { OVS_KEY_ATTR_TCP, sizeof(struct ovs_key_tcp), "tcp",
      0, IPPROTO_TCP, RTE_FLOW_ITEM_TYPE_TCP },
    { OVS_KEY_ATTR_UDP, sizeof(struct ovs_key_udp), "udp",
      0, IPPROTO_UDP, RTE_FLOW_ITEM_TYPE_UDP },
    { OVS_KEY_ATTR_SCTP, sizeof(struct ovs_key_sctp), "sctp",
      0, IPPROTO_SCTP, RTE_FLOW_ITEM_TYPE_SCTP },
};

static const struct set_header *
find_header(uint16_t key)
{
    for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
        if (headers[i].key == key) {
            return &headers[i];
        }
    }
    return NULL;
}

/* The names of the keys that are not in 'headers', for a refusal. */
static const char *
key_name(uint16_t key)
{
    switch ((enum ovs_key_attr) key) {
    case OVS_KEY_ATTR_PRIORITY: return "skb_priority";
    case OVS_KEY_ATTR_SKB_MARK: return "skb_mark";
    case OVS_KEY_ATTR_TUNNEL: return "tunnel";
    case OVS_KEY_ATTR_ICMP: return "icmp";
    case OVS_KEY_ATTR_ICMPV6: return "icmpv6";
    case OVS_KEY_ATTR_ARP: return "arp";
    case OVS_KEY_ATTR_ND: return "nd";
    case OVS_KEY_ATTR_ND_EXTENSIONS: return "nd_ext";
    case OVS_KEY_ATTR_MPLS: return "mpls";
    case OVS_KEY_ATTR_NSH: return "nsh";
    case OVS_KEY_ATTR_DP_HASH: return "dp_hash";
    case OVS_KEY_ATTR_RECIRC_ID: return "recirc_id";

    case OVS_KEY_ATTR_UNSPEC:
    case OVS_KEY_ATTR_ENCAP:
    case OVS_KEY_ATTR_IN_PORT:
    case OVS_KEY_ATTR_ETHERNET:
    case OVS_KEY_ATTR_VLAN:
    case OVS_KEY_ATTR_ETHERTYPE:
    case OVS_KEY_ATTR_IPV4:
    case OVS_KEY_ATTR_IPV6:
    case OVS_KEY_ATTR_TCP:
    case OVS_KEY_ATTR_UDP:
    case OVS_KEY_ATTR_SCTP:
    case OVS_KEY_ATTR_TCP_FLAGS:
    case OVS_KEY_ATTR_CT_STATE:
    case OVS_KEY_ATTR_CT_ZONE:
    case OVS_KEY_ATTR_CT_MARK:
    case OVS_KEY_ATTR_CT_LABELS:
    case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4:
    case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6:
    case OVS_KEY_ATTR_PACKET_TYPE:
    case OVS_KEY_ATTR_TUNNEL_INFO:
    case __OVS_KEY_ATTR_MAX:
    default: return "?";
    }
}

/* Ones for the bits of field 'f' in byte 'i' of it. */
static uint8_t
field_bits(const struct set_field *f, int i)
{
    uint8_t bits = 0;

    if (f->n_bits == 8 * f->size) {
        return UINT8_MAX;
    }
    for (int b = 0; b < 8; b++) {
        int bit = 8 * i + b;

        if (bit >= f->first_bit && bit < f->first_bit + f->n_bits) {
            bits |= 0x80 >> b;
        }
    }
    return bits;
}

void
dpu_set_init(struct dpu_set *set, const struct match *match)
{
    set->match = match;
    set->has_known = false;
}

/* Fills in what the match says, once: few lists of actions have a set. */
static void
init_known(struct dpu_set *set)
{
    const struct match *match = set->match;

    if (set->has_known) {
        return;
    }
    set->has_known = true;
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct set_field *f = &fields[i];
        const uint8_t *value = (const uint8_t *) &match->flow + f->flow_ofs;
        const uint8_t *mask = (const uint8_t *) &match->wc.masks + f->flow_ofs;

        for (int j = 0; j < f->size; j++) {
            set->known[i].mask[j] = mask[j];
            set->known[i].value[j] = value[j] & mask[j];
        }
    }
}

void
dpu_set_forget_nat(struct dpu_set *set)
{
    init_known(set);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        switch ((int) fields[i].action) {
        case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
        case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
        case RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC:
        case RTE_FLOW_ACTION_TYPE_SET_IPV6_DST:
        case RTE_FLOW_ACTION_TYPE_SET_TP_SRC:
        case RTE_FLOW_ACTION_TYPE_SET_TP_DST:
            memset(&set->known[i], 0, sizeof set->known[i]);
            break;
        default:
            break;
        }
    }
}

/* Stores what is known of the field at 'flow_ofs' of struct flow in 'value'.
 * Returns false if that is not all of it. */
static bool
get_known(struct dpu_set *set, uint16_t flow_ofs, void *value)
{
    init_known(set);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (fields[i].flow_ofs == flow_ofs) {
            memcpy(value, set->known[i].value, fields[i].size);
            return is_all_ones(set->known[i].mask, fields[i].size);
        }
    }
    return false;
}

bool
dpu_set_get_eth(struct dpu_set *set, struct eth_addr *src,
                struct eth_addr *dst)
{
    return (get_known(set, offsetof(struct flow, dl_src), src)
            && get_known(set, offsetof(struct flow, dl_dst), dst));
}

/* Whether every packet of 'match' has the header 'h'. */
static bool
has_header(const struct match *match, const struct set_header *h)
{
    const struct flow *mask = &match->wc.masks;
    const struct flow *key = &match->flow;

    if (h->dl_type || h->nw_proto) {
        if (mask->dl_type != OVS_BE16_MAX
            || (h->dl_type ? key->dl_type != htons(h->dl_type)
                           : !is_ip_any(key))) {
            return false;
        }
    }
    /* A later fragment has no ports, for all that software may write where
     * they would be. */
    return (!h->nw_proto
            || (mask->nw_proto == UINT8_MAX && key->nw_proto == h->nw_proto
                && !(mask->nw_frag & key->nw_frag & FLOW_NW_FRAG_LATER)));
}

/* The header structure in set action 'a' and, if it has one, the mask. */
static const uint8_t *
set_key(const struct nlattr *a, const struct set_header *h,
        const uint8_t **mask)
{
    const struct nlattr *key = nl_attr_get(a);
    const uint8_t *value = nl_attr_get(key);

    *mask = (nl_attr_type(a) == OVS_ACTION_ATTR_SET_MASKED
             ? value + h->size : NULL);
    return value;
}

/* Whether the bits of 'f' that are wanted are all there already. */
static bool
is_set_already(const struct dpu_set_known *known, const uint8_t *value,
               const uint8_t *mask, int size)
{
    for (int i = 0; i < size; i++) {
        if (mask[i] & (~known->mask[i] | (known->value[i] ^ value[i]))) {
            return false;
        }
    }
    return true;
}

/* Gets from a key's 'value_' and 'mask_' (NULL: all ones) what field 'f' of it
 * is set to.  Returns false if it is not set. */
static bool
get_field(const struct set_field *f, const uint8_t *value_,
          const uint8_t *mask_, uint8_t *value, uint8_t *mask)
{
    bool any = false;

    for (int i = 0; i < f->size; i++) {
        mask[i] = field_bits(f, i) & (mask_ ? mask_[f->key_ofs + i] : 0xff);
        value[i] = value_[f->key_ofs + i] & mask[i];
        any = any || mask[i];
    }
    return any;
}

bool
dpu_set_ask(struct dpu_set *set, const struct nlattr *a,
            struct dpu_reason *reason)
{
    uint16_t key = nl_attr_type(nl_attr_get(a));
    const struct set_header *h = find_header(key);
    const uint8_t *value, *mask;

    if (!h) {
        return dpu_reason_set(reason, DPU_REASON_ACTION, "set(%s)",
                              key_name(key));
    }
    if (!has_header(set->match, h)) {
        return dpu_reason_set(reason, DPU_REASON_INVALID_FLOW,
                              "set(%s) of packets that may not have it",
                              h->name);
    }

    init_known(set);
    value = set_key(a, h, &mask);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        uint8_t v[DPU_SET_MAX_SIZE], m[DPU_SET_MAX_SIZE];
        const struct set_field *f = &fields[i];

        if (f->key == key && f->context && mask
            && get_field(f, value, mask, v, m)
            && !is_set_already(&set->known[i], v, m, f->size)) {
            return dpu_reason_set(reason, DPU_REASON_ACTION, "set(%s)",
                                  f->name);
        }
    }
    return true;
}

/* Whether every bit of 'f' is in 'mask' or 'known', and if so, the result of
 * setting it in 'whole'. */
static bool
get_whole(const struct set_field *f, const struct dpu_set_known *known,
          const uint8_t *value, const uint8_t *mask, uint8_t *whole)
{
    for (int i = 0; i < f->size; i++) {
        uint8_t bits = field_bits(f, i);

        if (bits & ~(mask[i] | known->mask[i])) {
            return false;
        }
        whole[i] = (value[i] | (known->value[i] & ~mask[i])) & bits;
    }
    return true;
}

/* The bits of a field within one byte as a right-aligned number. */
static uint8_t
to_number(const struct set_field *f, uint8_t byte)
{
    return byte >> (8 - f->first_bit - f->n_bits)
           & ((1u << f->n_bits) - 1);
}

/* Appends the one action that sets all of 'f' to 'whole'. */
static void
add_set(const struct set_field *f, const uint8_t *whole,
        struct dpu_spec *spec)
{
    if (f->form == FORM_NUMBER) {
        uint8_t number = to_number(f, whole[0]);

        dpu_spec_add_action(spec, f->action, &number, 1);
    } else {
        dpu_spec_add_action(spec, f->action, whole, f->size);
    }
}

/* Appends a MODIFY_FIELD of bits 'ofs' to 'ofs' + 'n' - 1 of 'f', counted from
 * the field's first one. */
static void
add_modify(const struct set_field *f, const uint8_t *value, int ofs, int n,
           struct dpu_spec *spec)
{
    struct rte_flow_action_modify_field modify;

    /* The value stands where it does in the item (DPDK guide, "Action:
     * MODIFY_FIELD"); a field of less than a byte has its own, as for the
     * SET action. */
    memset(&modify, 0, sizeof modify);
    modify.operation = RTE_FLOW_MODIFY_SET;
    modify.dst.field = f->modify;
    modify.dst.offset = ofs;
    modify.src.field = RTE_FLOW_FIELD_VALUE;
    if (f->n_bits < 8) {
        modify.src.value[0] = to_number(f, value[0]);
    } else {
        memcpy(modify.src.value, value, f->size);
    }
    modify.width = n;
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                        &modify, sizeof modify);
}

/* Appends a MODIFY_FIELD for each run of ones in 'mask'. */
static void
add_modify_runs(const struct set_field *f, const uint8_t *value,
                const uint8_t *mask, struct dpu_spec *spec)
{
    int end = f->first_bit + f->n_bits;
    int start = -1;

    for (int bit = f->first_bit; bit <= end; bit++) {
        bool one = bit < end && mask[bit / 8] & 0x80 >> bit % 8;

        if (one && start < 0) {
            start = bit;
        } else if (!one && start >= 0) {
            add_modify(f, value, start - f->first_bit, bit - start, spec);
            start = -1;
        }
    }
}

/* Whether setting 'f' to 'whole' takes one from it. */
static bool
is_decrement(const struct set_field *f, const struct dpu_set_known *known,
             const uint8_t *whole)
{
    return (f->action == RTE_FLOW_ACTION_TYPE_SET_TTL
            && known->mask[0] == UINT8_MAX && known->value[0]
            && whole[0] == known->value[0] - 1);
}

/* Appends what sets the bits 'mask' of 'f' to 'value': whichever of the equal
 * forms the device has, in the order of what it costs. */
static bool
compile_field(const struct set_field *f, const struct dpu_set_known *known,
              const uint8_t *value, const uint8_t *mask,
              const struct dpu_caps *caps, struct dpu_spec *spec,
              struct dpu_reason *reason)
{
    bool modify = (f->modify != RTE_FLOW_FIELD_START
                   && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD)
                   && dpu_caps_modify(caps, f->modify));
    bool set = f->form != FORM_NONE && dpu_caps_action(caps, f->action);
    uint8_t whole[DPU_SET_MAX_SIZE] = { 0 };

    if (get_whole(f, known, value, mask, whole)) {
        if (set) {
            add_set(f, whole, spec);
            return true;
        }
        if (modify) {
            add_modify(f, whole, 0, f->n_bits, spec);
            return true;
        }
        if (is_decrement(f, known, whole)
            && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_DEC_TTL)) {
            dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_DEC_TTL, NULL, 0);
            return true;
        }
        if (f->form != FORM_NONE) {
            return dpu_reason_set(reason, DPU_REASON_ACTION_DEVICE, "%s",
                                  dpu_spec_action_name(f->action));
        }
    } else if (modify) {
        add_modify_runs(f, value, mask, spec);
        return true;
    }
    if (f->modify != RTE_FLOW_FIELD_START) {
        return dpu_reason_set(reason, DPU_REASON_ACTION_DEVICE,
                              "modify_field %s",
                              dpu_spec_field_name(f->modify));
    }
    return dpu_reason_set(reason, DPU_REASON_ACTION, "set(%s)%s", f->name,
                          f->form == FORM_NONE ? "" : " with a mask");
}

/* Appends the item of 'h' if the match did not: the guide wants it beside
 * actions on that header. */
static bool
require_item(const struct set_header *h, const struct dpu_caps *caps,
             struct dpu_spec *spec, struct dpu_reason *reason)
{
    if (dpu_spec_has_item(spec, h->item)) {
        return true;
    }
    if (!dpu_caps_item(caps, h->item)) {
        return dpu_reason_set(reason, DPU_REASON_MATCH_ITEM, "%s",
                              dpu_spec_item_name(h->item));
    }
    dpu_spec_add_item(spec, h->item, NULL, NULL, 0);
    return true;
}

bool
dpu_set_compile(struct dpu_set *set, const struct nlattr *a,
                const struct dpu_caps *caps, struct dpu_spec *spec,
                struct dpu_reason *reason)
{
    const struct set_header *h = find_header(nl_attr_type(nl_attr_get(a)));
    const uint8_t *key_mask;
    const uint8_t *key = set_key(a, h, &key_mask);

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        uint8_t value[DPU_SET_MAX_SIZE], mask[DPU_SET_MAX_SIZE];
        struct dpu_set_known *known = &set->known[i];
        const struct set_field *f = &fields[i];

        if (f->key != h->key || f->context
            || !get_field(f, key, key_mask, value, mask)
            || is_set_already(known, value, mask, f->size)) {
            continue;
        }
        if (!require_item(h, caps, spec, reason)
            || !compile_field(f, known, value, mask, caps, spec, reason)) {
            return false;
        }
        for (int j = 0; j < f->size; j++) {
            known->value[j] = (known->value[j] & ~mask[j]) | value[j];
            known->mask[j] |= mask[j];
        }
    }
    return true;
}
