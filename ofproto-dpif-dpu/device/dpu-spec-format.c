/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-spec-format: a spec as the arguments of testpmd's "flow create"
 * (DPDK testpmd application user guide, "Flow rules management").
 *
 * One table of items with their fields, in dpu-spec-format-item.c, here one of
 * actions and one of the fields of MODIFY_FIELD: what is not in a table is
 * never made.  testpmd 22.11 has no word for "represented_port" within
 * "set sample_actions". */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-spec-private.h"

/* Fields of MODIFY_FIELD. */

static const struct {
    const char *name;
    uint8_t size;               /* Of the immediate value, in bytes. */
} fields[] = {
    [RTE_FLOW_FIELD_MAC_DST] = { "mac_dst", 6 },
    [RTE_FLOW_FIELD_MAC_SRC] = { "mac_src", 6 },
    [RTE_FLOW_FIELD_VLAN_ID] = { "vlan_id", 2 },
    [RTE_FLOW_FIELD_IPV4_DSCP] = { "ipv4_dscp", 1 },
    [RTE_FLOW_FIELD_IPV4_TTL] = { "ipv4_ttl", 1 },
    [RTE_FLOW_FIELD_IPV4_SRC] = { "ipv4_src", 4 },
    [RTE_FLOW_FIELD_IPV4_DST] = { "ipv4_dst", 4 },
    [RTE_FLOW_FIELD_IPV6_DSCP] = { "ipv6_dscp", 1 },
    [RTE_FLOW_FIELD_IPV6_HOPLIMIT] = { "ipv6_hoplimit", 1 },
    [RTE_FLOW_FIELD_IPV6_SRC] = { "ipv6_src", 16 },
    [RTE_FLOW_FIELD_IPV6_DST] = { "ipv6_dst", 16 },
    [RTE_FLOW_FIELD_TCP_PORT_SRC] = { "tcp_port_src", 2 },
    [RTE_FLOW_FIELD_TCP_PORT_DST] = { "tcp_port_dst", 2 },
    [RTE_FLOW_FIELD_UDP_PORT_SRC] = { "udp_port_src", 2 },
    [RTE_FLOW_FIELD_UDP_PORT_DST] = { "udp_port_dst", 2 },
    [RTE_FLOW_FIELD_TAG] = { "tag", 4 },
    [RTE_FLOW_FIELD_META] = { "meta", 4 },
    [RTE_FLOW_FIELD_IPV4_ECN] = { "ipv4_ecn", 1 },
    [RTE_FLOW_FIELD_IPV6_ECN] = { "ipv6_ecn", 1 },
};

const char *
dpu_spec_field_name(enum rte_flow_field_id field)
{
    return ((unsigned int) field < ARRAY_SIZE(fields)
            ? fields[field].name : NULL);
}

/* Actions. */

static void
format_ethdev(const void *conf, struct ds *s)
{
    const struct rte_flow_action_ethdev *c = conf;

    ds_put_format(s, " ethdev_port_id %"PRIu16, c->port_id);
}

/* testpmd calls the same argument something else here. */
static void
format_representor(const void *conf, struct ds *s)
{
    const struct rte_flow_action_ethdev *c = conf;

    ds_put_format(s, " port_id %"PRIu16, c->port_id);
}

static void
format_port_id(const void *conf, struct ds *s)
{
    const struct rte_flow_action_port_id *c = conf;

    ds_put_format(s, " id %"PRIu32, c->id);
}

static void
format_push_vlan(const void *conf, struct ds *s)
{
    const struct rte_flow_action_of_push_vlan *c = conf;

    ds_put_format(s, " ethertype 0x%"PRIx16, ntohs(c->ethertype));
}

static void
format_pop_mpls(const void *conf, struct ds *s)
{
    const struct rte_flow_action_of_pop_mpls *c = conf;

    ds_put_format(s, " ethertype 0x%"PRIx16, ntohs(c->ethertype));
}

static void
format_vlan_vid(const void *conf, struct ds *s)
{
    const struct rte_flow_action_of_set_vlan_vid *c = conf;

    ds_put_format(s, " vlan_vid %"PRIu16, ntohs(c->vlan_vid));
}

static void
format_vlan_pcp(const void *conf, struct ds *s)
{
    const struct rte_flow_action_of_set_vlan_pcp *c = conf;

    ds_put_format(s, " vlan_pcp %"PRIu8, c->vlan_pcp);
}

static void
format_mac(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_mac *c = conf;
    struct eth_addr mac;

    memcpy(&mac, c->mac_addr, sizeof mac);
    ds_put_format(s, " mac_addr "ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
}

static void
format_ipv4(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_ipv4 *c = conf;

    ds_put_format(s, " ipv4_addr "IP_FMT, IP_ARGS(c->ipv4_addr));
}

static void
format_ipv6(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_ipv6 *c = conf;
    struct in6_addr in6;

    memcpy(&in6, c->ipv6_addr, sizeof in6);
    ds_put_cstr(s, " ipv6_addr ");
    ipv6_format_addr(&in6, s);
}

static void
format_tp(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_tp *c = conf;

    ds_put_format(s, " port %"PRIu16, ntohs(c->port));
}

static void
format_ttl(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_ttl *c = conf;

    ds_put_format(s, " ttl_value %"PRIu8, c->ttl_value);
}

static void
format_dscp(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_dscp *c = conf;

    ds_put_format(s, " dscp_value %"PRIu8, c->dscp);
}

static void
format_modify_field(const void *conf, struct ds *s)
{
    const struct rte_flow_action_modify_field *c = conf;
    const char *name = dpu_spec_field_name(c->dst.field);

    ds_put_format(s, " op set dst_type %s dst_level %"PRIu32
                  " dst_offset %"PRIu32" src_type value src_value ",
                  name ? name : "?", c->dst.level, c->dst.offset);
    for (int i = 0; name && i < fields[c->dst.field].size; i++) {
        ds_put_format(s, "%02"PRIx8, c->src.value[i]);
    }
    ds_put_format(s, " width %"PRIu32, c->width);
}

static void
format_jump(const void *conf, struct ds *s)
{
    const struct rte_flow_action_jump *c = conf;

    ds_put_format(s, " group %"PRIu32, c->group);
}

static void
format_mark(const void *conf, struct ds *s)
{
    const struct rte_flow_action_mark *c = conf;

    ds_put_format(s, " id %"PRIu32, c->id);
}

static void
format_set_tag(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_tag *c = conf;

    ds_put_format(s, " data 0x%"PRIx32" mask 0x%"PRIx32" index %"PRIu8,
                  c->data, c->mask, c->index);
}

static void
format_set_meta(const void *conf, struct ds *s)
{
    const struct rte_flow_action_set_meta *c = conf;

    ds_put_format(s, " data 0x%"PRIx32" mask 0x%"PRIx32, c->data, c->mask);
}

static void
format_vxlan_encap(const void *conf, struct ds *s)
{
    const struct rte_flow_action_vxlan_encap *c = conf;
    const struct rte_flow_item *item = c->definition;

    for (; item->type != RTE_FLOW_ITEM_TYPE_VXLAN; item++) {
        dpu_spec_format_header(item, s);
    }
    ds_put_format(s, " vxlan vni is %"PRIu32,
                  ntohl(((const struct rte_flow_item_vxlan *)
                         item->spec)->hdr.vx_vni) >> 8);
}

static void
format_raw_encap(const void *conf, struct ds *s)
{
    const struct rte_flow_action_raw_encap *c = conf;

    ds_put_format(s, " size %"PRIuSIZE" data ", c->size);
    for (size_t i = 0; i < c->size; i++) {
        ds_put_format(s, "%02"PRIx8, c->data[i]);
    }
}

static void
format_raw_decap(const void *conf, struct ds *s)
{
    const struct rte_flow_action_raw_decap *c = conf;

    ds_put_format(s, " size %"PRIuSIZE, c->size);
}

static void
format_meter(const void *conf, struct ds *s)
{
    const struct rte_flow_action_meter *c = conf;

    ds_put_format(s, " mtr_id %"PRIu32, c->mtr_id);
}

static void
format_sample(const void *conf, struct ds *s)
{
    const struct rte_flow_action_sample *c = conf;

    ds_put_format(s, " ratio %"PRIu32, c->ratio);
}

static const struct action_info {
    const char *name;
    void (*format)(const void *conf, struct ds *);
} actions[] = {
#define ACTION(TYPE, NAME, FORMAT) \
    [RTE_FLOW_ACTION_TYPE_##TYPE] = { NAME, FORMAT }
    ACTION(JUMP, "jump", format_jump),
    ACTION(MARK, "mark", format_mark),
    ACTION(SET_TAG, "set_tag", format_set_tag),
    ACTION(SET_META, "set_meta", format_set_meta),
    ACTION(METER, "meter", format_meter),
    ACTION(DROP, "drop", NULL),
    ACTION(COUNT, "count", NULL),
    ACTION(PORT_ID, "port_id", format_port_id),
    ACTION(REPRESENTED_PORT, "represented_port", format_ethdev),
    ACTION(PORT_REPRESENTOR, "port_representor", format_representor),
    ACTION(SAMPLE, "sample", format_sample),
    ACTION(OF_POP_VLAN, "of_pop_vlan", NULL),
    ACTION(OF_PUSH_VLAN, "of_push_vlan", format_push_vlan),
    ACTION(OF_SET_VLAN_VID, "of_set_vlan_vid", format_vlan_vid),
    ACTION(OF_SET_VLAN_PCP, "of_set_vlan_pcp", format_vlan_pcp),
    ACTION(OF_POP_MPLS, "of_pop_mpls", format_pop_mpls),
    ACTION(SET_MAC_SRC, "set_mac_src", format_mac),
    ACTION(SET_MAC_DST, "set_mac_dst", format_mac),
    ACTION(SET_IPV4_SRC, "set_ipv4_src", format_ipv4),
    ACTION(SET_IPV4_DST, "set_ipv4_dst", format_ipv4),
    ACTION(SET_IPV6_SRC, "set_ipv6_src", format_ipv6),
    ACTION(SET_IPV6_DST, "set_ipv6_dst", format_ipv6),
    ACTION(SET_TP_SRC, "set_tp_src", format_tp),
    ACTION(SET_TP_DST, "set_tp_dst", format_tp),
    ACTION(SET_TTL, "set_ttl", format_ttl),
    ACTION(DEC_TTL, "dec_ttl", NULL),
    ACTION(SET_IPV4_DSCP, "set_ipv4_dscp", format_dscp),
    ACTION(SET_IPV6_DSCP, "set_ipv6_dscp", format_dscp),
    ACTION(MODIFY_FIELD, "modify_field", format_modify_field),
    ACTION(VXLAN_DECAP, "vxlan_decap", NULL),
    ACTION(RAW_DECAP, "raw_decap", format_raw_decap),
    ACTION(VXLAN_ENCAP, "vxlan_encap", format_vxlan_encap),
    ACTION(RAW_ENCAP, "raw_encap", format_raw_encap),
#undef ACTION
};

static const struct action_info *
action_info(enum rte_flow_action_type type)
{
    return ((unsigned int) type < ARRAY_SIZE(actions) && actions[type].name
            ? &actions[type] : NULL);
}

const char *
dpu_spec_action_name(enum rte_flow_action_type type)
{
    const struct action_info *info = action_info(type);

    return info ? info->name : NULL;
}

static void
format_action(const struct rte_flow_action *action, struct ds *s)
{
    const struct action_info *info = action_info(action->type);

    if (!info) {
        ds_put_format(s, "action-%d", (int) action->type);
        return;
    }
    ds_put_cstr(s, info->name);
    if (info->format && action->conf) {
        info->format(action->conf, s);
    }
}

static void
format_actions(const struct rte_flow_action *action, struct ds *s)
{
    int sample_index = 0;

    for (; action->type != RTE_FLOW_ACTION_TYPE_END; action++) {
        format_action(action, s);
        if (action->type == RTE_FLOW_ACTION_TYPE_SAMPLE) {
            ds_put_format(s, " index %d", sample_index++);
        }
        ds_put_cstr(s, " / ");
    }
    ds_put_cstr(s, "end");
}

void
dpu_spec_format(const struct dpu_spec *spec, struct ds *s)
{
    ds_put_format(s, "group %"PRIu32" priority %"PRIu32,
                  spec->attr.group, spec->attr.priority);
    ds_put_cstr(s, spec->attr.ingress ? " ingress" : "");
    ds_put_cstr(s, spec->attr.egress ? " egress" : "");
    ds_put_cstr(s, spec->attr.transfer ? " transfer" : "");
    ds_put_cstr(s, " pattern ");
    for (unsigned int i = 0; i < spec->n_items; i++) {
        dpu_spec_format_item(&spec->items[i], s);
        ds_put_cstr(s, " / ");
    }
    ds_put_cstr(s, "end actions ");
    format_actions(spec->actions, s);
}

void
dpu_spec_format_setup(const struct dpu_spec *spec, struct ds *s)
{
    int sample_index = 0;

    for (unsigned int i = 0; i < spec->n_actions; i++) {
        const struct rte_flow_action *action = &spec->actions[i];

        if (action->type == RTE_FLOW_ACTION_TYPE_SAMPLE) {
            const struct rte_flow_action_sample *sample = action->conf;

            ds_put_format(s, "set sample_actions %d ", sample_index++);
            format_actions(sample->actions, s);
            ds_put_char(s, '\n');
        }
    }
}

void
dpu_spec_format_rules(const struct dpu_spec *spec, uint16_t ethdev,
                      struct ds *s)
{
    for (const struct dpu_spec *rule = spec; rule; rule = rule->more) {
        dpu_spec_format_setup(rule, s);
        ds_put_format(s, "flow create %"PRIu16" ", ethdev);
        dpu_spec_format(rule, s);
        ds_put_char(s, '\n');
    }
}
