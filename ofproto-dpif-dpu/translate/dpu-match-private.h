/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-private: what the matchers of dpu-match.c, dpu-match-ct.c,
 * dpu-match-tunnel.c, dpu-match-outer.c, dpu-match-l3.c and dpu-match-l4.c
 * share.
 *
 * A matcher takes the bits of the mask that it translates out of 'left' and
 * appends an item for them, if there are any.  It returns false, with the
 * reason, if the megaflow is refused. */

#ifndef DPU_MATCH_PRIVATE_H
#define DPU_MATCH_PRIVATE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_flow.h>

#include "openvswitch/flow.h"
#include "util.h"

struct dpu_caps;
struct dpu_port_map;
struct dpu_reason;
struct dpu_spec;

struct dpu_match {
    const struct flow *key;     /* Bits outside the mask may be anything. */
    const struct flow *mask;    /* As the megaflow has it. */
    struct flow left;           /* Bits of '*mask' that nobody took yet. */
    const struct dpu_port_map *ports;
    const char *tunnel;         /* The type of the tunnel that ends at the
                                 * port where packets enter, or NULL. */
    uint16_t origin;            /* The ethdev where they enter the device. */
    bool goes_on;               /* The actions lead to where the metadata of
                                 * packets matters. */
    bool policer;               /* As in struct dpu_megaflow. */
    bool comes_up;              /* They do not get past software. */
    const struct dpu_ip_length *length;     /* Of IP packets, or NULL. */
    bool sized;                 /* The item for IPv6 has the length of the
                                 * packets, so that they have no options of
                                 * neighbor discovery that no item has. */
    const struct dpu_caps *caps;
    struct dpu_spec *spec;
    struct dpu_reason *reason;
};

/* Takes FIELD, a number: its value goes to SPEC, its mask to MASK, and no bit
 * of it is left. */
#define TAKE(M, FIELD, SPEC, MASK)                          \
    ((MASK) = (M)->left.FIELD,                              \
     (SPEC) = (M)->key->FIELD & (M)->left.FIELD,            \
     (M)->left.FIELD = 0)

/* The same for a FIELD that is bytes: an Ethernet or IPv6 address. */
#define TAKE_BYTES(M, FIELD, SPEC, MASK)                                \
    (BUILD_ASSERT(sizeof (SPEC) == sizeof (M)->left.FIELD),             \
     BUILD_ASSERT(sizeof (MASK) == sizeof (M)->left.FIELD),             \
     dpu_match_take_bytes(&(M)->key->FIELD, &(M)->left.FIELD,           \
                          &(SPEC), &(MASK), sizeof (M)->left.FIELD))

/* Inline: 'n' is a small constant in most places. */
static inline void
dpu_match_take_bytes(const void *key_, void *left_, void *spec_, void *mask_,
                     size_t n)
{
    const uint8_t *key = key_;
    uint8_t *left = left_;
    uint8_t *spec = spec_;
    uint8_t *mask = mask_;

    for (size_t i = 0; i < n; i++) {
        mask[i] = left[i];
        spec[i] = key[i] & left[i];
        left[i] = 0;
    }
}

/* Takes FIELD if the value that the megaflow asks for is zero: for fields that
 * are zero in every packet that can meet the rule. */
#define TAKE_ZERO(M, FIELD)                                     \
    dpu_match_take_zero(&(M)->key->FIELD, &(M)->left.FIELD,     \
                        sizeof (M)->left.FIELD)

static inline void
dpu_match_take_zero(const void *key_, void *left_, size_t n)
{
    const uint8_t *key = key_;
    uint8_t *left = left_;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= key[i] & left[i];
    }
    if (!any) {
        memset(left, 0, n);
    }
}

/* Append an item, or the same without values if 'mask' is all zeros.  Return
 * false, with the reason, if the device does not have it. */
bool dpu_match_add_item(struct dpu_match *, enum rte_flow_item_type,
                        const void *spec, const void *mask, size_t size);
bool dpu_match_add_item_range(struct dpu_match *, enum rte_flow_item_type,
                              const void *spec, const void *last,
                              const void *mask, size_t size);

/* Whether the megaflow says of every packet that it has this Ethernet type;
 * that it is a fragment but not the first; that it has a header of this IP
 * protocol. */
bool dpu_match_is_dl_type(const struct dpu_match *, uint16_t dl_type);
bool dpu_match_is_later_frag(const struct dpu_match *);
bool dpu_match_is_l4(const struct dpu_match *, uint8_t proto);

/* dpu-match-ct.c. */
bool dpu_match_ct(struct dpu_match *);

/* dpu-match-tunnel.c. */
bool dpu_match_tunnel(struct dpu_match *);

/* dpu-match-outer.c.  The second one returns the bytes of all options. */
bool dpu_match_outer(struct dpu_match *);
size_t dpu_match_geneve_opts_size(const struct flow_tnl *);

/* Whether packets have a group policy of VXLAN: one that is all zeros is none,
 * as in Open vSwitch's struct flow_tnl. */
static inline bool
dpu_match_has_group_policy(const struct dpu_match *m)
{
    return m->key->tunnel.gbp_id || m->key->tunnel.gbp_flags;
}

/* dpu-match-l3.c. */
bool dpu_match_ipv4(struct dpu_match *);
bool dpu_match_ipv6(struct dpu_match *);
bool dpu_match_arp(struct dpu_match *);
bool dpu_match_mpls(struct dpu_match *);

/* dpu-match-l4.c. */
bool dpu_match_later_frag(struct dpu_match *);
bool dpu_match_tcp(struct dpu_match *);
bool dpu_match_udp(struct dpu_match *);
bool dpu_match_sctp(struct dpu_match *);
bool dpu_match_icmp(struct dpu_match *);
bool dpu_match_icmp6(struct dpu_match *);

/* The payload of IPv6 with a message of neighbor discovery from which the
 * megaflow wants an option to be absent, in bytes, with those options alone
 * that it asks for; 0 if it wants none to be absent. */
uint16_t dpu_match_nd_size(const struct dpu_match *);

#endif /* ofproto-dpif-dpu/translate/dpu-match-private.h */
