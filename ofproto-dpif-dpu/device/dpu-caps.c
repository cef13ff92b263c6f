/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps: see dpu-caps.h.  What is asked stands in dpu-caps-item.c,
 * dpu-caps-action.c and dpu-caps-chain.c, how it is asked here.
 *
 * Each question is one rule, as small as the guide lets it be, that
 * rte_flow_validate(), or a template table, takes or refuses.  First comes the
 * question how rules look at all on this device: with or without the transfer
 * attribute, which item says where packets enter, which action ends a list.
 * All others build on the answer. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-caps-private.h"

#include <string.h>

#include <rte_mtr.h>

#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/device/dpu-template.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_caps);

const enum rte_flow_action_type dpu_caps_fates[DPU_CAPS_N_FATES] = {
    RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
    RTE_FLOW_ACTION_TYPE_PORT_ID,
    RTE_FLOW_ACTION_TYPE_DROP,
    RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
};

void
dpu_caps_set_bit(uint64_t bits[], int type)
{
    bits[type / 64] |= UINT64_C(1) << type % 64;
}

/* Starts in '*spec' a rule with what says where packets enter. */
void
dpu_caps_begin(const struct dpu_caps_prober *p, struct dpu_spec *spec)
{
    dpu_spec_init(spec, 0, 0);
    spec->attr.transfer = p->transfer;
    spec->attr.ingress = !p->transfer;
    if (p->in_port == RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT) {
        struct rte_flow_item_ethdev item = { .port_id = p->port };
        struct rte_flow_item_ethdev mask = { .port_id = UINT16_MAX };

        dpu_spec_add_item(spec, p->in_port, &item, &mask, sizeof item);
    } else if (p->in_port == RTE_FLOW_ITEM_TYPE_PORT_ID) {
        struct rte_flow_item_port_id item = { .id = p->port };
        struct rte_flow_item_port_id mask = { .id = UINT32_MAX };

        dpu_spec_add_item(spec, p->in_port, &item, &mask, sizeof item);
    }
}

/* The configuration of a port action of 'type'; 'size' bytes. */
static const void *
port_conf(const struct dpu_caps_prober *p, enum rte_flow_action_type type,
          struct rte_flow_action_port_id *port_id,
          struct rte_flow_action_ethdev *ethdev, size_t *size)
{
    if (type == RTE_FLOW_ACTION_TYPE_PORT_ID) {
        *port_id = (struct rte_flow_action_port_id) { .id = p->port };
        *size = sizeof *port_id;
        return port_id;
    }
    if (type == RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT
        || type == RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR) {
        *ethdev = (struct rte_flow_action_ethdev) { .port_id = p->port };
        *size = sizeof *ethdev;
        return ethdev;
    }
    *size = 0;
    return NULL;
}

void
dpu_caps_add_fate(const struct dpu_caps_prober *p, struct dpu_spec *spec,
                  enum rte_flow_action_type type, bool mirror)
{
    struct rte_flow_action_port_id port_id;
    struct rte_flow_action_ethdev ethdev;
    size_t size;
    const void *conf = port_conf(p, type, &port_id, &ethdev, &size);

    if (mirror) {
        dpu_spec_add_mirror(spec, type, conf, size);
    } else {
        dpu_spec_add_action(spec, type, conf, size);
    }
}

/* Asks the device. */
bool
dpu_caps_ask(const struct dpu_caps_prober *p, const struct dpu_spec *spec)
{
    uint16_t ethdev = (p->in_port == RTE_FLOW_ITEM_TYPE_END
                       ? p->port : p->proxy);
    struct rte_flow_error error;
    int retval;

    memset(&error, 0, sizeof error);
    retval = (p->templates
              ? dpu_template_ask(ethdev, spec, &error)
              : rte_flow_validate(ethdev, &spec->attr, spec->items,
                                  spec->actions, &error));
    if (VLOG_IS_DBG_ENABLED()) {
        struct ds s = DS_EMPTY_INITIALIZER;

        dpu_spec_format(spec, &s);
        VLOG_DBG("ethdev %"PRIu16": %s: %s", ethdev, ds_cstr(&s),
                 !retval ? "yes" : error.message ? error.message : "no");
        ds_destroy(&s);
    }
    return !retval;
}

bool
dpu_caps_ask_fate(const struct dpu_caps_prober *p,
                  enum rte_flow_action_type fate)
{
    struct dpu_spec spec;

    dpu_caps_begin(p, &spec);
    dpu_caps_add_item(&spec, RTE_FLOW_ITEM_TYPE_ETH, false);
    dpu_caps_add_fate(p, &spec, fate, false);
    return dpu_caps_ask(p, &spec);
}

bool
dpu_caps_probe_form(struct dpu_caps_prober *p)
{
    static const enum rte_flow_item_type in_ports[] = {
        RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT,
        RTE_FLOW_ITEM_TYPE_PORT_ID,
        RTE_FLOW_ITEM_TYPE_END,
    };

    for (int transfer = 1; transfer >= 0; transfer--) {
        for (size_t i = 0; i < ARRAY_SIZE(in_ports); i++) {
            for (size_t j = 0; j < ARRAY_SIZE(dpu_caps_fates); j++) {
                p->transfer = transfer;
                p->in_port = in_ports[i];
                p->fate = dpu_caps_fates[j];
                if (dpu_caps_ask_fate(p, p->fate)) {
                    return true;
                }
            }
        }
    }
    return false;
}

/* Whether there are meters.  METER itself cannot be asked for without one. */
static void
probe_meters(const struct dpu_caps_prober *p)
{
    struct rte_mtr_capabilities meters;
    struct rte_mtr_error error;

    memset(&meters, 0, sizeof meters);
    if (!rte_mtr_capabilities_get(p->proxy, &meters, &error)
        && meters.n_max) {
        p->caps->rule_meters = MAX(1, meters.chaining_n_mtrs_per_flow_max);
        dpu_caps_set_bit(p->caps->actions, RTE_FLOW_ACTION_TYPE_METER);
    }
}

/* Finds out what the device does with rules, of templates or others. */
static void
probe(struct dpu_caps_prober *p)
{
    struct dpu_caps *caps = p->caps;

    if (!dpu_caps_probe_form(p)) {
        return;
    }
    caps->transfer = p->transfer;
    dpu_caps_probe_items(p);
    dpu_caps_probe_actions(p);
    dpu_caps_probe_lists(p);
    probe_meters(p);
    dpu_caps_probe_groups(p);
    dpu_caps_probe_ct(p);
    caps->encap_udp_checksum = dpu_caps_ask_checksum(p);
    caps->l2_replace = dpu_caps_ask_l2_replace(p);
}

/* Finds out by which ways the device takes rules. */
static void
probe_ways(uint16_t proxy, struct dpu_caps *caps)
{
    memset(caps, 0, sizeof *caps);
    caps->templates = dpu_template_is_configured(proxy);
    caps->rules = !caps->templates || dpu_rule_sync_is_there(proxy);
}

void
dpu_caps_probe(uint16_t proxy, uint16_t port, struct dpu_caps *caps)
{
    struct dpu_caps_prober p = { .proxy = proxy, .port = port, .caps = caps };

    probe_ways(proxy, caps);
    p.templates = !caps->rules;
    probe(&p);
}

void
dpu_caps_probe_templates(uint16_t proxy, uint16_t port, struct dpu_caps *caps)
{
    struct dpu_caps_prober p = {
        .proxy = proxy, .port = port, .caps = caps, .templates = true,
    };

    probe_ways(proxy, caps);
    if (caps->templates) {
        probe(&p);
    }
}

void
dpu_caps_all(struct dpu_caps *caps)
{
    memset(caps, 0, sizeof *caps);
    for (int i = 0; i < 128; i++) {
        if (dpu_spec_item_name(i)) {
            dpu_caps_set_bit(caps->items, i);
        }
        if (dpu_spec_action_name(i)) {
            dpu_caps_set_bit(caps->actions, i);
        }
    }
    for (int i = 0; i < 64; i++) {
        if (dpu_spec_field_name(i)) {
            dpu_caps_set_bit(caps->modify_fields, i);
        }
    }
    caps->rules = true;
    caps->transfer = true;
    caps->groups = true;
    caps->duplicates = true;
    caps->vxlan_flags = caps->vxlan_reserved = true;
    caps->ipv4_length = caps->ipv4_length_range = true;
    caps->ipv6_length = caps->ipv6_length_range = true;
    caps->multi_output = true;
    caps->rule_meters = DPU_SPEC_MAX_METERS;
    caps->ip_checksum = true;
    caps->tcp_checksum = caps->udp_checksum = true;
    caps->icmp_checksum = caps->icmp6_checksum = true;
    caps->ct = true;
    caps->max_group = DPU_CHAIN_MAX_GROUP - 2;
    caps->encap_udp_checksum = true;
    caps->l2_replace = true;
}

static void
format_attributes(const struct dpu_caps *caps, struct ds *s)
{
    const struct {
        bool has;
        const char *name;
    } attributes[] = {
        { caps->transfer, "transfer" },
        { !caps->transfer, "ingress" },
        { caps->groups, "groups" },
        { caps->duplicates, "duplicates" },
        { caps->multi_output, "multi-output" },
        { caps->ct, "ct" },
        { caps->default_miss, "default-miss" },
        { caps->encap_udp_checksum, "encap-udp-checksum" },
        { caps->l2_replace, "l2-replace" },
        { caps->vxlan_flags, "vxlan-flags" },
        { caps->vxlan_reserved, "vxlan-reserved" },
        { caps->ipv4_length, "ip-lengths" },
        { caps->ipv4_length_range, "ip-length-ranges" },
        { caps->ip_checksum, "ip-checksum" },
        { caps->tcp_checksum, "tcp-checksum" },
        { caps->udp_checksum, "udp-checksum" },
        { caps->icmp_checksum, "icmp-checksum" },
        { caps->icmp6_checksum, "icmpv6-checksum" },
    };

    ds_put_cstr(s, "attributes:");
    for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
        if (attributes[i].has) {
            ds_put_format(s, " %s", attributes[i].name);
        }
    }
    ds_put_char(s, '\n');
}

void
dpu_caps_format(const struct dpu_caps *caps, struct ds *s)
{
    format_attributes(caps, s);
    ds_put_cstr(s, "items:");
    for (int i = 0; i < 128; i++) {
        if (dpu_caps_item(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_item_name(i));
        }
    }
    ds_put_cstr(s, "\nactions:");
    for (int i = 0; i < 128; i++) {
        if (dpu_caps_action(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_action_name(i));
        }
    }
    ds_put_cstr(s, "\nmodify_field:");
    for (int i = 0; i < 64; i++) {
        if (dpu_caps_modify(caps, i)) {
            ds_put_format(s, " %s", dpu_spec_field_name(i));
        }
    }
    ds_put_char(s, '\n');
}
