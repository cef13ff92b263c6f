/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-spec-format-item: the items of a spec and their fields, as testpmd takes
 * them.  testpmd 22.11 has no words for "op" of ARP, "data_off" of TCP, "ttl"
 * of MPLS and the reserved field of neighbor discovery. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-spec-private.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "unaligned.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-spec.h"

enum item_field_kind {
    FIELD_DEC,                  /* Big-endian number, shown in decimal. */
    FIELD_HEX,                  /* The same, shown in hexadecimal. */
    FIELD_HOST,                 /* Number in the host's byte order. */
    FIELD_HEX_HOST,             /* The same, shown in hexadecimal. */
    FIELD_MAC,
    FIELD_IPV4,
    FIELD_IPV6,
    FIELD_HAS_VLAN,             /* Bit-field of struct rte_flow_item_eth. */
    FIELD_HAS_FRAG,             /* Bit-field of struct rte_flow_item_ipv6. */
    FIELD_CHECKS,               /* 'value' of rte_flow_item_integrity. */
};

struct item_field {
    const char *name;
    enum item_field_kind kind;
    uint16_t ofs;               /* In bytes, in the item's structure. */
    uint8_t size;               /* In bytes. */
    uint32_t bits;              /* Of a number: which, or 0 for all. */
};

#define FIELD_AT(NAME, KIND, STRUCT, MEMBER, BITS)                      \
    { NAME, KIND, offsetof(struct rte_flow_item_##STRUCT, MEMBER),      \
      sizeof ((struct rte_flow_item_##STRUCT *) 0)->MEMBER, BITS }
#define FIELD_BIT(NAME, KIND) { NAME, KIND, 0, 0, 1 }
#define FIELD_END { NULL, FIELD_DEC, 0, 0, 0 }

static const struct item_field port_id_fields[] = {
    FIELD_AT("id", FIELD_HOST, port_id, id, 0),
    FIELD_END
};
static const struct item_field represented_port_fields[] = {
    FIELD_AT("ethdev_port_id", FIELD_HOST, ethdev, port_id, 0),
    FIELD_END
};
static const struct item_field eth_fields[] = {
    FIELD_AT("dst", FIELD_MAC, eth, hdr.dst_addr, 0),
    FIELD_AT("src", FIELD_MAC, eth, hdr.src_addr, 0),
    FIELD_AT("type", FIELD_HEX, eth, hdr.ether_type, 0),
    FIELD_BIT("has_vlan", FIELD_HAS_VLAN),
    FIELD_END
};
static const struct item_field vlan_fields[] = {
    FIELD_AT("vid", FIELD_DEC, vlan, hdr.vlan_tci, 0x0fff),
    FIELD_AT("dei", FIELD_DEC, vlan, hdr.vlan_tci, 0x1000),
    FIELD_AT("pcp", FIELD_DEC, vlan, hdr.vlan_tci, 0xe000),
    FIELD_AT("inner_type", FIELD_HEX, vlan, hdr.eth_proto, 0),
    FIELD_END
};
static const struct item_field mpls_fields[] = {
    FIELD_AT("label", FIELD_DEC, mpls, label_tc_s, 0xfffff0),
    FIELD_AT("tc", FIELD_DEC, mpls, label_tc_s, 0x00000e),
    FIELD_AT("s", FIELD_DEC, mpls, label_tc_s, 0x000001),
    FIELD_AT("ttl", FIELD_DEC, mpls, ttl, 0),
    FIELD_END
};
static const struct item_field ipv4_fields[] = {
    FIELD_AT("version_ihl", FIELD_HEX, ipv4, hdr.version_ihl, 0),
    FIELD_AT("tos", FIELD_HEX, ipv4, hdr.type_of_service, 0),
    FIELD_AT("length", FIELD_DEC, ipv4, hdr.total_length, 0),
    FIELD_AT("fragment_offset", FIELD_HEX, ipv4, hdr.fragment_offset, 0),
    FIELD_AT("ttl", FIELD_DEC, ipv4, hdr.time_to_live, 0),
    FIELD_AT("proto", FIELD_DEC, ipv4, hdr.next_proto_id, 0),
    FIELD_AT("src", FIELD_IPV4, ipv4, hdr.src_addr, 0),
    FIELD_AT("dst", FIELD_IPV4, ipv4, hdr.dst_addr, 0),
    FIELD_END
};
static const struct item_field ipv6_fields[] = {
    FIELD_AT("tc", FIELD_HEX, ipv6, hdr.vtc_flow, 0x0ff00000),
    FIELD_AT("flow", FIELD_HEX, ipv6, hdr.vtc_flow, 0x000fffff),
    FIELD_AT("payload_len", FIELD_DEC, ipv6, hdr.payload_len, 0),
    FIELD_AT("proto", FIELD_DEC, ipv6, hdr.proto, 0),
    FIELD_AT("hop", FIELD_DEC, ipv6, hdr.hop_limits, 0),
    FIELD_AT("src", FIELD_IPV6, ipv6, hdr.src_addr, 0),
    FIELD_AT("dst", FIELD_IPV6, ipv6, hdr.dst_addr, 0),
    FIELD_BIT("has_frag_ext", FIELD_HAS_FRAG),
    FIELD_END
};
static const struct item_field ipv6_frag_ext_fields[] = {
    FIELD_AT("next_hdr", FIELD_DEC, ipv6_frag_ext, hdr.next_header, 0),
    FIELD_AT("frag_data", FIELD_HEX, ipv6_frag_ext, hdr.frag_data, 0),
    FIELD_END
};
static const struct item_field arp_fields[] = {
    FIELD_AT("op", FIELD_DEC, arp_eth_ipv4, op, 0),
    FIELD_AT("sha", FIELD_MAC, arp_eth_ipv4, sha, 0),
    FIELD_AT("spa", FIELD_IPV4, arp_eth_ipv4, spa, 0),
    FIELD_AT("tha", FIELD_MAC, arp_eth_ipv4, tha, 0),
    FIELD_AT("tpa", FIELD_IPV4, arp_eth_ipv4, tpa, 0),
    FIELD_END
};
static const struct item_field tcp_fields[] = {
    FIELD_AT("src", FIELD_DEC, tcp, hdr.src_port, 0),
    FIELD_AT("dst", FIELD_DEC, tcp, hdr.dst_port, 0),
    FIELD_AT("data_off", FIELD_HEX, tcp, hdr.data_off, 0),
    FIELD_AT("flags", FIELD_HEX, tcp, hdr.tcp_flags, 0),
    FIELD_END
};
static const struct item_field udp_fields[] = {
    FIELD_AT("src", FIELD_DEC, udp, hdr.src_port, 0),
    FIELD_AT("dst", FIELD_DEC, udp, hdr.dst_port, 0),
    FIELD_END
};
static const struct item_field sctp_fields[] = {
    FIELD_AT("src", FIELD_DEC, sctp, hdr.src_port, 0),
    FIELD_AT("dst", FIELD_DEC, sctp, hdr.dst_port, 0),
    FIELD_END
};
static const struct item_field icmp_fields[] = {
    FIELD_AT("type", FIELD_DEC, icmp, hdr.icmp_type, 0),
    FIELD_AT("code", FIELD_DEC, icmp, hdr.icmp_code, 0),
    FIELD_AT("ident", FIELD_DEC, icmp, hdr.icmp_ident, 0),
    FIELD_END
};
static const struct item_field icmp6_fields[] = {
    FIELD_AT("type", FIELD_DEC, icmp6, type, 0),
    FIELD_AT("code", FIELD_DEC, icmp6, code, 0),
    FIELD_END
};
static const struct item_field nd_ns_fields[] = {
    FIELD_AT("reserved", FIELD_HEX, icmp6_nd_ns, reserved, 0),
    FIELD_AT("target_addr", FIELD_IPV6, icmp6_nd_ns, target_addr, 0),
    FIELD_END
};
static const struct item_field nd_na_fields[] = {
    FIELD_AT("rso_reserved", FIELD_HEX, icmp6_nd_na, rso_reserved, 0),
    FIELD_AT("target_addr", FIELD_IPV6, icmp6_nd_na, target_addr, 0),
    FIELD_END
};
static const struct item_field nd_sla_fields[] = {
    FIELD_AT("sla", FIELD_MAC, icmp6_nd_opt_sla_eth, sla, 0),
    FIELD_END
};
static const struct item_field nd_tla_fields[] = {
    FIELD_AT("tla", FIELD_MAC, icmp6_nd_opt_tla_eth, tla, 0),
    FIELD_END
};
static const struct item_field vxlan_fields[] = {
    FIELD_AT("flags", FIELD_HEX, vxlan, flags, 0),
    FIELD_AT("rsvd0", FIELD_HEX, vxlan, rsvd0, 0),
    FIELD_AT("vni", FIELD_DEC, vxlan, vni, 0),
    FIELD_AT("last_rsvd", FIELD_HEX, vxlan, rsvd1, 0),
    FIELD_END
};
static const struct item_field geneve_fields[] = {
    FIELD_AT("version", FIELD_DEC, geneve, ver_opt_len_o_c_rsvd0, 0xc000),
    FIELD_AT("optlen", FIELD_DEC, geneve, ver_opt_len_o_c_rsvd0, 0x3f00),
    FIELD_AT("oam", FIELD_DEC, geneve, ver_opt_len_o_c_rsvd0, 0x0080),
    FIELD_AT("protocol", FIELD_HEX, geneve, protocol, 0),
    FIELD_AT("vni", FIELD_DEC, geneve, vni, 0),
    FIELD_END
};
static const struct item_field geneve_opt_fields[] = {
    FIELD_AT("class", FIELD_HEX, geneve_opt, option_class, 0),
    FIELD_AT("type", FIELD_HEX, geneve_opt, option_type, 0),
    FIELD_AT("length", FIELD_DEC, geneve_opt, option_len, 0x1f),
    FIELD_END
};
static const struct item_field gre_fields[] = {
    FIELD_AT("c_rsvd0_ver", FIELD_HEX, gre, c_rsvd0_ver, 0),
    FIELD_AT("protocol", FIELD_HEX, gre, protocol, 0),
    FIELD_END
};
static const struct item_field gre_key_fields[] = {
    { "value", FIELD_DEC, 0, sizeof(rte_be32_t), 0 },
    FIELD_END
};

static const struct item_field tag_fields[] = {
    FIELD_AT("data", FIELD_HEX_HOST, tag, data, 0),
    FIELD_AT("index", FIELD_HOST, tag, index, 0),
    FIELD_END
};

/* Checks are bits of a number of 64 bits, of which 8 have a meaning. */
static const struct item_field integrity_fields[] = {
    FIELD_AT("level", FIELD_HOST, integrity, level, 0),
    FIELD_AT("value", FIELD_CHECKS, integrity, value, 0),
    FIELD_END
};

static const struct item_field raw_fields[] = {
    FIELD_AT("offset", FIELD_HOST, raw, offset, 0),
    FIELD_END
};
static const struct item_info {
    const char *name;
    const struct item_field *fields;
} items[] = {
#define ITEM(TYPE, NAME, FIELDS) \
    [RTE_FLOW_ITEM_TYPE_##TYPE] = { NAME, FIELDS }
    ITEM(PORT_ID, "port_id", port_id_fields),
    ITEM(REPRESENTED_PORT, "represented_port", represented_port_fields),
    ITEM(TAG, "tag", tag_fields),
    ITEM(INTEGRITY, "integrity", integrity_fields),
    ITEM(ETH, "eth", eth_fields),
    ITEM(VLAN, "vlan", vlan_fields),
    ITEM(MPLS, "mpls", mpls_fields),
    ITEM(IPV4, "ipv4", ipv4_fields),
    ITEM(IPV6, "ipv6", ipv6_fields),
    ITEM(IPV6_FRAG_EXT, "ipv6_frag_ext", ipv6_frag_ext_fields),
    ITEM(ARP_ETH_IPV4, "arp_eth_ipv4", arp_fields),
    ITEM(TCP, "tcp", tcp_fields),
    ITEM(UDP, "udp", udp_fields),
    ITEM(SCTP, "sctp", sctp_fields),
    ITEM(ICMP, "icmp", icmp_fields),
    ITEM(ICMP6, "icmp6", icmp6_fields),
    ITEM(RAW, "raw", raw_fields),
    ITEM(ICMP6_ND_NS, "icmp6_nd_ns", nd_ns_fields),
    ITEM(ICMP6_ND_NA, "icmp6_nd_na", nd_na_fields),
    ITEM(ICMP6_ND_OPT_SLA_ETH, "icmp6_nd_opt_sla_eth", nd_sla_fields),
    ITEM(ICMP6_ND_OPT_TLA_ETH, "icmp6_nd_opt_tla_eth", nd_tla_fields),
    ITEM(VXLAN, "vxlan", vxlan_fields),
    ITEM(GENEVE, "geneve", geneve_fields),
    ITEM(GENEVE_OPT, "geneve_opt", geneve_opt_fields),
    ITEM(GRE, "gre", gre_fields),
    ITEM(GRE_KEY, "gre_key", gre_key_fields),
#undef ITEM
};

static const struct item_info *
item_info(enum rte_flow_item_type type)
{
    return ((unsigned int) type < ARRAY_SIZE(items) && items[type].name
            ? &items[type] : NULL);
}

const char *
dpu_spec_item_name(enum rte_flow_item_type type)
{
    const struct item_info *info = item_info(type);

    return info ? info->name : NULL;
}

/* The value of number 'f' in the structure 'p', right-aligned. */
static uint32_t
field_number(const struct item_field *f, const void *p)
{
    const uint8_t *b = (const uint8_t *) p + f->ofs;
    uint32_t x = 0;

    switch (f->kind) {
    case FIELD_HAS_VLAN:
        return ((const struct rte_flow_item_eth *) p)->has_vlan;

    case FIELD_HAS_FRAG:
        return ((const struct rte_flow_item_ipv6 *) p)->has_frag_ext;

    case FIELD_CHECKS:
        return ((const struct rte_flow_item_integrity *) p)->value;

    case FIELD_HOST:
    case FIELD_HEX_HOST:
        return (f->size == 1 ? *b
                : f->size == 2 ? get_unaligned_u16((const uint16_t *) b)
                : get_unaligned_u32((const uint32_t *) b));

    case FIELD_DEC:
    case FIELD_HEX:
    case FIELD_MAC:
    case FIELD_IPV4:
    case FIELD_IPV6:
    default:
        for (int i = 0; i < f->size; i++) {
            x = x << 8 | b[i];
        }
        return f->bits ? (x & f->bits) >> raw_ctz(f->bits) : x;
    }
}

static uint32_t
field_all_ones(const struct item_field *f)
{
    return (f->bits ? f->bits >> raw_ctz(f->bits)
            : f->size >= 4 ? UINT32_MAX : (1u << 8 * f->size) - 1);
}

static bool
field_is_number(const struct item_field *f)
{
    return (f->kind != FIELD_MAC && f->kind != FIELD_IPV4
            && f->kind != FIELD_IPV6);
}

/* Bytes of data of the option 'p'. */
static size_t
geneve_data_size(const void *p)
{
    return ((const struct rte_flow_item_geneve_opt *) p)->option_len * 4;
}

/* Writes 'n' bytes. */
static void
format_bytes(const uint8_t *data, size_t n, struct ds *s)
{
    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, "%02"PRIx8, data[i]);
    }
}

/* Writes the data of the option 'p', 'n' bytes, as testpmd takes them. */
static void
format_geneve_data(const void *p, size_t n, struct ds *s)
{
    const struct rte_flow_item_geneve_opt *opt = p;

    ds_put_cstr(s, "0x");
    format_bytes((const uint8_t *) opt->data, n, s);
}

/* Writes what of the item 'spec' under 'mask' stands in no field. */
static void
format_raw(const struct rte_flow_item_raw *spec,
           const struct rte_flow_item_raw *mask, struct ds *s)
{
    ds_put_format(s, " relative is %d pattern_hex spec ", spec->relative);
    format_bytes(spec->pattern, spec->length, s);
    ds_put_cstr(s, " pattern_hex mask ");
    format_bytes(mask->pattern, spec->length, s);
}

static bool
field_is_zero(const struct item_field *f, const void *p)
{
    return (field_is_number(f) ? !field_number(f, p)
            : is_all_zeros((const uint8_t *) p + f->ofs, f->size));
}

static bool
field_is_ones(const struct item_field *f, const void *p)
{
    return (field_is_number(f) ? field_number(f, p) == field_all_ones(f)
            : is_all_ones((const uint8_t *) p + f->ofs, f->size));
}

/* Appends field 'f' of 'p', after " NAME PARAM ", for example "src is". */
static void
format_field(const struct item_field *f, const char *param, const void *p,
             struct ds *s)
{
    const uint8_t *b = (const uint8_t *) p + f->ofs;
    struct eth_addr mac;
    struct in6_addr in6;

    ds_put_format(s, " %s %s ", f->name, param);
    switch (f->kind) {
    case FIELD_MAC:
        memcpy(&mac, b, sizeof mac);
        ds_put_format(s, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
        break;

    case FIELD_IPV4:
        ds_put_format(s, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
        break;

    case FIELD_IPV6:
        memcpy(&in6, b, sizeof in6);
        ipv6_format_addr(&in6, s);
        break;

    case FIELD_HEX:
    case FIELD_HEX_HOST:
    case FIELD_CHECKS:
        ds_put_format(s, "0x%"PRIx32, field_number(f, p));
        break;

    case FIELD_DEC:
    case FIELD_HOST:
    case FIELD_HAS_VLAN:
    case FIELD_HAS_FRAG:
    default:
        ds_put_format(s, !strcmp(param, "mask") ? "0x%"PRIx32 : "%"PRIu32,
                      field_number(f, p));
        break;
    }
}

void
dpu_spec_format_item(const struct rte_flow_item *item, struct ds *s)
{
    const struct item_info *info = item_info(item->type);

    if (!info) {
        ds_put_format(s, "item-%d", (int) item->type);
        return;
    }
    ds_put_cstr(s, info->name);
    if (!item->spec || !item->mask) {
        return;
    }
    for (const struct item_field *f = info->fields; f->name; f++) {
        bool range = item->last && !field_is_zero(f, item->last);

        if (field_is_zero(f, item->mask)) {
            continue;
        }
        if (!range && field_is_ones(f, item->mask)) {
            format_field(f, "is", item->spec, s);
            continue;
        }
        format_field(f, "spec", item->spec, s);
        if (range) {
            format_field(f, "last", item->last, s);
        }
        format_field(f, "mask", item->mask, s);
    }
    if (item->type == RTE_FLOW_ITEM_TYPE_RAW) {
        format_raw(item->spec, item->mask, s);
    }
    if (item->type == RTE_FLOW_ITEM_TYPE_GENEVE_OPT
        && geneve_data_size(item->spec)) {
        size_t n = geneve_data_size(item->spec);

        ds_put_cstr(s, " data spec ");
        format_geneve_data(item->spec, n, s);
        ds_put_cstr(s, " data mask ");
        format_geneve_data(item->mask, n, s);
    }
}

/* Appends a header of an encapsulation, which has no mask: the fields that are
 * not 0. */
void
dpu_spec_format_header(const struct rte_flow_item *item, struct ds *s)
{
    const struct item_info *info = item_info(item->type);

    ds_put_format(s, " %s", info ? info->name : "?");
    for (const struct item_field *f = info ? info->fields : NULL;
         f && f->name; f++) {
        if (!field_is_zero(f, item->spec)) {
            format_field(f, "is", item->spec, s);
        }
    }
}
