/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-action: what a device does to packets: actions, the fields that it
 * writes, lists with several outputs. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"

#include <netinet/in.h>
#include <rte_ethdev.h>
#include <string.h>

#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "packets.h"
#include "util.h"

/* Values that only have to be plausible. */
static const struct rte_flow_item_eth eth = {
    .hdr.dst_addr.addr_bytes = { 0x02, 0, 0, 0, 0, 1 },
};
static const struct rte_flow_item_ipv4 ipv4 = {
    .hdr.dst_addr = RTE_BE32(0xc0000201),
};
static const struct rte_flow_item_udp udp_vxlan = {
    .hdr.dst_port = RTE_BE16(4789),
};
static const struct rte_flow_item_vxlan vxlan_1 = {
    .hdr.vx_vni = RTE_BE32(1 << 8),
};
static const struct rte_flow_action_mark mark = {
    .id = DPU_MARK_MAX,
};
static const struct rte_flow_action_set_tag set_tag = {
    .data = 1, .mask = UINT32_MAX,
};
static const struct rte_flow_action_set_meta set_meta = {
    .data = UINT32_MAX, .mask = UINT32_MAX,
};
static const struct rte_flow_action_of_push_vlan push_vlan = {
    .ethertype = RTE_BE16(0x8100),
};
static const struct rte_flow_action_of_set_vlan_vid vlan_vid = {
    .vlan_vid = RTE_BE16(1),
};
static const struct rte_flow_action_of_set_vlan_pcp vlan_pcp = {
    .vlan_pcp = 1,
};
static const struct rte_flow_action_of_pop_mpls pop_label = {
    .ethertype = RTE_BE16(0x0800),
};
static const struct rte_flow_action_set_mac set_mac = {
    .mac_addr = { 0x02, 0, 0, 0, 0, 1 },
};
static const struct rte_flow_action_set_ipv4 set_ipv4 = {
    .ipv4_addr = RTE_BE32(0xc0000201),
};
static const struct rte_flow_action_set_ipv6 set_ipv6 = {
    .ipv6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 },
};
static const struct rte_flow_action_set_tp set_tp = { .port = RTE_BE16(80) };
static const struct rte_flow_action_set_ttl set_ttl = { .ttl_value = 64 };
static const struct rte_flow_action_set_dscp set_dscp = { .dscp = 1 };
static const struct rte_flow_action_count count = { .id = 0 };
static struct rte_flow_item vxlan_definition[] = {
    { .type = RTE_FLOW_ITEM_TYPE_ETH, .spec = &eth,
      .mask = &rte_flow_item_eth_mask },
    { .type = RTE_FLOW_ITEM_TYPE_IPV4, .spec = &ipv4,
      .mask = &rte_flow_item_ipv4_mask },
    { .type = RTE_FLOW_ITEM_TYPE_UDP, .spec = &udp_vxlan,
      .mask = &rte_flow_item_udp_mask },
    { .type = RTE_FLOW_ITEM_TYPE_VXLAN, .spec = &vxlan_1,
      .mask = &rte_flow_item_vxlan_mask },
    { .type = RTE_FLOW_ITEM_TYPE_END },
};
static const struct rte_flow_action_vxlan_encap vxlan_encap = {
    .definition = vxlan_definition,
};

/* Ethernet, IPv4, UDP, VXLAN. */
static uint8_t outer[50] = {
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00,
    0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, IPPROTO_UDP, 0, 0,
    192, 0, 2, 2, 192, 0, 2, 1,
    0, 0, 4789 >> 8, 4789 & 0xff, 0, 0, 0, 0,
    0x08, 0, 0, 0, 0, 0, 1, 0,
};
static const struct rte_flow_action_raw_encap raw_encap = {
    .data = outer, .size = sizeof outer,
};

/* The same with IPv6 and a UDP checksum to be computed. */
static uint8_t outer_checksum[70] = {
    0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x86, 0xdd,
    0x60, 0, 0, 0, 0, 0, IPPROTO_UDP, 64,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 4789 >> 8, 4789 & 0xff, 0, 0, 0xff, 0xff,
    0x08, 0, 0, 0, 0, 0, 1, 0,
};
static const struct rte_flow_action_raw_encap raw_encap_checksum = {
    .data = outer_checksum, .size = sizeof outer_checksum,
};
static const struct rte_flow_action_raw_decap raw_decap = {
    .data = outer, .size = sizeof outer,
};

/* Each action that does not end a list, with the item that it wants in the
 * pattern and, for some, an action that it may want before it. */
static const struct action_probe {
    enum rte_flow_action_type type;
    const void *conf;
    enum rte_flow_item_type item;
    enum rte_flow_action_type before;   /* END: none. */
} action_probes[] = {
#define PROBE(TYPE, CONF, ITEM, BEFORE)                                 \
    { RTE_FLOW_ACTION_TYPE_##TYPE, CONF, RTE_FLOW_ITEM_TYPE_##ITEM,     \
      RTE_FLOW_ACTION_TYPE_##BEFORE }
    PROBE(COUNT, &count, ETH, END),
    PROBE(MARK, &mark, ETH, END),
    PROBE(SET_TAG, &set_tag, ETH, END),
    PROBE(SET_META, &set_meta, ETH, END),
    PROBE(OF_POP_VLAN, NULL, VLAN, END),
    PROBE(OF_PUSH_VLAN, &push_vlan, ETH, END),
    PROBE(OF_SET_VLAN_VID, &vlan_vid, ETH, OF_PUSH_VLAN),
    PROBE(OF_SET_VLAN_PCP, &vlan_pcp, ETH, OF_PUSH_VLAN),
    PROBE(OF_POP_MPLS, &pop_label, MPLS, END),
    PROBE(SET_MAC_SRC, &set_mac, ETH, END),
    PROBE(SET_MAC_DST, &set_mac, ETH, END),
    PROBE(SET_IPV4_SRC, &set_ipv4, IPV4, END),
    PROBE(SET_IPV4_DST, &set_ipv4, IPV4, END),
    PROBE(SET_IPV6_SRC, &set_ipv6, IPV6, END),
    PROBE(SET_IPV6_DST, &set_ipv6, IPV6, END),
    PROBE(SET_TP_SRC, &set_tp, TCP, END),
    PROBE(SET_TP_DST, &set_tp, TCP, END),
    PROBE(SET_TTL, &set_ttl, IPV4, END),
    PROBE(DEC_TTL, NULL, IPV4, END),
    PROBE(SET_IPV4_DSCP, &set_dscp, IPV4, END),
    PROBE(SET_IPV6_DSCP, &set_dscp, IPV6, END),
    PROBE(VXLAN_DECAP, NULL, VXLAN, END),
    PROBE(RAW_DECAP, &raw_decap, UDP, END),
    PROBE(VXLAN_ENCAP, &vxlan_encap, ETH, END),
    PROBE(RAW_ENCAP, &raw_encap, ETH, END),
#undef PROBE
};

/* Each field of MODIFY_FIELD, whole. */
static const struct field_probe {
    enum rte_flow_field_id field;
    uint32_t width;             /* In bits. */
    enum rte_flow_item_type item;
} field_probes[] = {
    { RTE_FLOW_FIELD_MAC_DST, 48, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_MAC_SRC, 48, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_VLAN_ID, 12, RTE_FLOW_ITEM_TYPE_VLAN },
    { RTE_FLOW_FIELD_IPV4_DSCP, 6, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_TTL, 8, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_SRC, 32, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV4_DST, 32, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV6_DSCP, 6, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_HOPLIMIT, 8, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_SRC, 128, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_IPV6_DST, 128, RTE_FLOW_ITEM_TYPE_IPV6 },
    { RTE_FLOW_FIELD_TCP_PORT_SRC, 16, RTE_FLOW_ITEM_TYPE_TCP },
    { RTE_FLOW_FIELD_TCP_PORT_DST, 16, RTE_FLOW_ITEM_TYPE_TCP },
    { RTE_FLOW_FIELD_UDP_PORT_SRC, 16, RTE_FLOW_ITEM_TYPE_UDP },
    { RTE_FLOW_FIELD_UDP_PORT_DST, 16, RTE_FLOW_ITEM_TYPE_UDP },
    { RTE_FLOW_FIELD_TAG, 32, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_META, 32, RTE_FLOW_ITEM_TYPE_ETH },
    { RTE_FLOW_FIELD_IPV4_ECN, 2, RTE_FLOW_ITEM_TYPE_IPV4 },
    { RTE_FLOW_FIELD_IPV6_ECN, 2, RTE_FLOW_ITEM_TYPE_IPV6 },
};

static bool
ask_action(const struct dpu_caps_prober *p, const struct action_probe *ap,
           bool before)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, ap->item, false);
    if (before) {
        dpu_spec_add_action(&spec, ap->before,
                            &push_vlan, sizeof push_vlan);
    }
    /* Neither copied nor compared: the size does not matter. */
    spec.action_sizes[spec.n_actions] = 0;
    spec.actions[spec.n_actions++] = (struct rte_flow_action) {
        .type = ap->type, .conf = ap->conf
    };
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

static bool
ask_field(const struct dpu_caps_prober *p, const struct field_probe *fp)
{
    struct rte_flow_action_modify_field modify;
    struct dpu_spec spec;

    memset(&modify, 0, sizeof modify);
    modify.operation = RTE_FLOW_MODIFY_SET;
    modify.dst.field = fp->field;
    modify.src.field = RTE_FLOW_FIELD_VALUE;
    modify.width = fp->width;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, fp->item, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                        &modify, sizeof modify);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

void
dpu_caps_probe_actions(const struct dpu_caps_prober *p)
{
    struct dpu_caps *caps = p->caps;

    for (size_t i = 0; i < ARRAY_SIZE(dpu_caps_fates); i++) {
        if (dpu_caps_ask_fate(p, dpu_caps_fates[i])) {
            dpu_caps_set_bit(caps->actions, dpu_caps_fates[i]);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(action_probes); i++) {
        const struct action_probe *ap = &action_probes[i];

        if ((ap->before != RTE_FLOW_ACTION_TYPE_END
             && ask_action(p, ap, true)) || ask_action(p, ap, false)) {
            dpu_caps_set_bit(caps->actions, ap->type);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(field_probes); i++) {
        if (ask_field(p, &field_probes[i])) {
            dpu_caps_set_bit(caps->modify_fields, field_probes[i].field);
            dpu_caps_set_bit(caps->actions, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD);
        }
    }
}

/* Whether the device computes the checksum of an outer UDP header.  Any raw
 * header is taken by some drivers, whatever is in it, so that the port has to
 * say, too, that it can. */
bool
dpu_caps_ask_checksum(const struct dpu_caps_prober *p)
{
    static const struct action_probe ap = {
        .type = RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
        .conf = &raw_encap_checksum,
        .item = RTE_FLOW_ITEM_TYPE_ETH,
    };
    struct rte_eth_dev_info info;

    return (!rte_eth_dev_info_get(p->port, &info)
            && info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_OUTER_UDP_CKSUM
            && ask_action(p, &ap, false));
}

/* Whether an Ethernet header can be replaced by another with an MPLS label
 * behind it. */
bool
dpu_caps_ask_l2_replace(const struct dpu_caps_prober *p)
{
    static uint8_t l2[ETH_HEADER_LEN + MPLS_HLEN] = {
        0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x88, 0x47, 0, 1, 1, 64,
    };
    const struct rte_flow_action_raw_decap decap = {
        .data = l2, .size = ETH_HEADER_LEN,
    };
    const struct rte_flow_action_raw_encap encap = {
        .data = l2, .size = sizeof l2,
    };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_DECAP,
                        &decap, sizeof decap);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_ENCAP,
                        &encap, sizeof encap);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    return dpu_caps_ask(p, &spec);
}

/* Mirrors, several outputs, jumps. */
void
dpu_caps_probe_lists(const struct dpu_caps_prober *p)
{
    struct rte_flow_action_jump jump = { .group = 1 };
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_JUMP, &jump, sizeof jump);
    if (dpu_caps_ask(p, &spec)) {
        dpu_caps_set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_JUMP);
        p->caps->groups = true;
    }

    if (p->fate == RTE_FLOW_ACTION_TYPE_DROP) {
        return;
    }
    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_caps_add_fate(p, &spec, p->fate, true);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    if (dpu_caps_ask(p, &spec)) {
        dpu_caps_set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_SAMPLE);
    }

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    dpu_caps_add_fate(p, &spec, p->fate, false);
    p->caps->multi_output = dpu_caps_ask(p, &spec);
}
