/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps: what a device's rte_flow takes, found out by asking it
 * (rte_flow_validate(), or templates that are destroyed at once), never by its
 * name.
 *
 * Thread-safety: constant once found. */

#ifndef DPU_CAPS_H
#define DPU_CAPS_H 1

#include <stdbool.h>
#include <stdint.h>

#include <rte_flow.h>

struct ds;

struct dpu_caps {
    /* Bits: enum rte_flow_item_type, enum rte_flow_action_type,
     * enum rte_flow_field_id as MODIFY_FIELD's destination with an immediate
     * source. */
    uint64_t items[2];
    uint64_t actions[2];
    uint64_t modify_fields[1];
    bool rules;                 /* rte_flow_create(). */
    bool templates;             /* The template API. */
    bool transfer;              /* Rules with the transfer attribute. */
    bool groups;                /* JUMP into group 1. */
    bool duplicates;            /* Two rules may have one match.  Cannot be
                                 * asked without installing one: false. */
    bool vxlan_flags;           /* VXLAN's flags can be matched... */
    bool vxlan_reserved;        /* ...and its reserved fields. */
    bool ipv4_length;           /* IPv4's total length can be matched, at least
                                 * by prefix... */
    bool ipv4_length_range;     /* ...and ranges of it. */
    bool ipv6_length;           /* The same for IPv6's payload length. */
    bool ipv6_length_range;
    bool multi_output;          /* Several port actions in one rule. */
    uint32_t rule_meters;       /* METERs in one rule. */
    bool ip_checksum;           /* INTEGRITY checks IPv4 headers... */
    bool tcp_checksum;          /* ...and the checksum of TCP, of UDP, of
                                 * ICMP, of ICMPv6. */
    bool udp_checksum;
    bool icmp_checksum;
    bool icmp6_checksum;
    bool ct;                    /* All that connection tracking needs. */
    bool default_miss;          /* A chain needs no rule for what misses in it:
                                 * that comes up by itself. */
    uint32_t max_group;         /* The last group that may be a chain (see
                                 * dpu-chain.h); 0: none.  With 'ct' there are
                                 * two more. */
    bool l2_replace;            /* RAW_DECAP and RAW_ENCAP replace headers of
                                 * layer 2. */
    bool encap_udp_checksum;    /* RAW_ENCAP computes a checksum of UDP that
                                 * is not 0 in its header. */
};

static inline bool
dpu_caps_item(const struct dpu_caps *caps, int type)
{
    return (type >= 0 && type < 128
            && (caps->items[type / 64] >> type % 64) & 1);
}

static inline bool
dpu_caps_action(const struct dpu_caps *caps, int type)
{
    return (type >= 0 && type < 128
            && (caps->actions[type / 64] >> type % 64) & 1);
}

static inline bool
dpu_caps_modify(const struct dpu_caps *caps, int field)
{
    return field >= 0 && field < 64 && (caps->modify_fields[0] >> field) & 1;
}

/* Asks the device behind ethdev 'proxy', with 'port' for an ethdev of the same
 * device whose traffic rules match and to which they output (both may be the
 * same).  Installs nothing.  A device that takes no rule at all has no bit set
 * in '*caps'.  META counts as delivered to
 * software if dpu_ct_receive_meta() was called before. */
void dpu_caps_probe(uint16_t proxy, uint16_t port, struct dpu_caps *);

/* The same for rules through templates, whether or not it takes others. */
void dpu_caps_probe_templates(uint16_t proxy, uint16_t port,
                              struct dpu_caps *);

/* All that this project can translate: for a dry run without a device. */
void dpu_caps_all(struct dpu_caps *);

void dpu_caps_format(const struct dpu_caps *, struct ds *);

#endif /* ofproto-dpif-dpu/device/dpu-caps.h */
