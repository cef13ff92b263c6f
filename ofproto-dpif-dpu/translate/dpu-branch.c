/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-branch: see dpu-branch.h.
 *
 * Software's semantics: odp_execute_check_pkt_len() in Open vSwitch's
 * lib/odp-execute.c. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-branch.h"

#include <limits.h>
#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "openvswitch/match.h"
#include "packets.h"
#include "util.h"

/* Splitting lists. */

static bool
is_check(const struct nlattr *a)
{
    return nl_attr_type(a) == OVS_ACTION_ATTR_CHECK_PKT_LEN;
}

/* The first "check_pkt_len" among the 'len' bytes of 'actions', or NULL.
 * Those within clones and samples do not count. */
static const struct nlattr *
find_check(const struct nlattr *actions, size_t len)
{
    const struct nlattr *a;
    unsigned int left;

    NL_ATTR_FOR_EACH (a, left, actions, len) {
        if (is_check(a)) {
            return a;
        }
    }
    return NULL;
}

bool
dpu_branch_needed(const struct dpu_megaflow *flow)
{
    return find_check(flow->actions, flow->actions_len) != NULL;
}

/* Stores in '*growth' by how many bytes the actions before 'end' make the
 * frames of 'flow' longer. */
static bool
frame_growth(const struct dpu_megaflow *flow, const struct nlattr *actions,
             const struct nlattr *end, int *growth, struct dpu_reason *reason)
{
    int n_tags = flow_count_vlan_headers(&flow->match->flow);
    const struct nlattr *a;

    *growth = 0;
    for (a = actions; a != end; a = nl_attr_next(a)) {
        switch (nl_attr_type(a)) {
        case OVS_ACTION_ATTR_PUSH_VLAN:
            n_tags++;
            *growth += VLAN_HEADER_LEN;
            break;

        case OVS_ACTION_ATTR_POP_VLAN:
            if (n_tags) {
                n_tags--;
                *growth -= VLAN_HEADER_LEN;
            }
            break;

        case OVS_ACTION_ATTR_PUSH_MPLS:
            *growth += MPLS_HLEN;
            break;

        case OVS_ACTION_ATTR_POP_MPLS:
            *growth -= MPLS_HLEN;
            break;

        case OVS_ACTION_ATTR_TUNNEL_PUSH:
            return dpu_reason_set(reason, DPU_REASON_ACTION,
                                  "check_pkt_len after tnl_push");
        }
    }
    return true;
}

/* Puts into 'buf' the 'len' bytes of 'actions' with 'check', which is one of
 * them, replaced by what is in its attribute 'side'. */
static void
choose(const struct nlattr *actions, size_t len, const struct nlattr *check,
       int side, struct ofpbuf *buf)
{
    const struct nlattr *nested = nl_attr_find_nested(check, side);
    size_t before = (const char *) check - (const char *) actions;
    size_t after = before + NLA_ALIGN(check->nla_len);

    ofpbuf_put(buf, actions, before);
    if (after >= len) {
        if (nested) {
            ofpbuf_put(buf, nl_attr_get(nested), nl_attr_get_size(nested));
        }
        return;
    }
    /* What is done to the packet there ends there. */
    if (nested && nl_attr_get_size(nested)) {
        nl_msg_put_unspec(buf, OVS_ACTION_ATTR_CLONE, nl_attr_get(nested),
                          nl_attr_get_size(nested));
    }
    ofpbuf_put(buf, (const char *) actions + after, len - after);
}

/* Appends the branch of the frames of 'min' to 'max' bytes, which do
 * 'actions', 'len' bytes without a "check_pkt_len". */
static bool
add_branch(struct dpu_branches *b, const struct nlattr *actions, size_t len,
           int min, int max, struct dpu_reason *reason)
{
    struct dpu_branch *last = b->n ? &b->list[b->n - 1] : NULL;

    if (last && last->actions.size == len
        && (!len || !memcmp(last->actions.data, actions, len))) {
        last->max = max;
        return true;
    }
    if (b->n >= DPU_BRANCH_MAX) {
        return dpu_reason_set(reason, DPU_REASON_ACTION,
                              "more than %d branches of check_pkt_len",
                              DPU_BRANCH_MAX);
    }
    last = &b->list[b->n++];
    last->min = min;
    last->max = max;
    ofpbuf_init(&last->actions, len);
    ofpbuf_put(&last->actions, actions, len);
    return true;
}

/* Appends the branches of the frames of 'min' to 'max' bytes, in the order of
 * their lengths. */
static bool
add_branches(struct dpu_branches *b, const struct nlattr *actions, size_t len,
             int min, int max, struct dpu_reason *reason)
{
    const struct nlattr *check = find_check(actions, len);
    int growth, size;
    bool ok = true;

    if (min > max) {
        return true;
    } else if (!check) {
        return add_branch(b, actions, len, min, max, reason);
    } else if (!frame_growth(b->flow, actions, check, &growth, reason)) {
        return false;
    }
    size = (nl_attr_get_u16(nl_attr_find_nested(
                check, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN)) - growth);
    for (int greater = 0; ok && greater < 2; greater++) {
        struct ofpbuf buf;

        ofpbuf_init(&buf, len);
        choose(actions, len, check,
               (greater ? OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER
                : OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL), &buf);
        ok = add_branches(b, buf.data, buf.size,
                          greater ? MAX(min, size + 1) : min,
                          greater ? max : MIN(max, size), reason);
        ofpbuf_uninit(&buf);
    }
    return ok;
}

bool
dpu_branches_init(struct dpu_branches *b, const struct dpu_megaflow *flow,
                  struct dpu_reason *reason)
{
    b->flow = flow;
    b->n = 0;
    return add_branches(b, flow->actions, flow->actions_len, INT_MIN, INT_MAX,
                        reason);
}

void
dpu_branches_uninit(struct dpu_branches *b)
{
    for (size_t i = 0; i < b->n; i++) {
        ofpbuf_uninit(&b->list[i].actions);
    }
}

/* Lengths. */

/* Stores in '*size' how many bytes a frame of 'flow' has besides those that
 * the length in its IP header counts; returns false if it may not be IP. */
static bool
header_size(const struct dpu_megaflow *flow, bool *ipv6, int *size)
{
    const struct flow *key = &flow->match->flow;

    *ipv6 = key->dl_type == htons(ETH_TYPE_IPV6);
    *size = (ETH_HEADER_LEN + VLAN_HEADER_LEN * flow_count_vlan_headers(key)
             + (*ipv6 ? IPV6_HEADER_LEN : 0));
    return (flow->match->wc.masks.dl_type == OVS_BE16_MAX
            && (*ipv6 || key->dl_type == htons(ETH_TYPE_IP)));
}

/* Splits the numbers from 'min' to 'max' into as few aligned blocks as there
 * are. */
static size_t
split_range(uint32_t min, uint32_t max, struct dpu_ip_length *lengths)
{
    size_t n = 0;

    while (min <= max) {
        uint32_t block = min ? min & -min : UINT16_MAX + 1;

        while (min + block - 1 > max) {
            block /= 2;
        }
        lengths[n++] = (struct dpu_ip_length) {
            .spec = htons(min),
            .mask = htons(~(block - 1)),
        };
        min += block;
    }
    return n;
}

bool
dpu_branch_lengths(const struct dpu_branches *b,
                   const struct dpu_branch *branch,
                   const struct dpu_caps *caps,
                   struct dpu_ip_length lengths[DPU_BRANCH_MAX_LENGTHS],
                   size_t *n, struct dpu_reason *reason)
{
    int header, least, min, max;
    bool ipv6;

    *n = 1;
    lengths[0] = (struct dpu_ip_length) { .mask = 0 };
    if (b->n == 1) {
        return true;
    }
    if (!header_size(b->flow, &ipv6, &header)) {
        return dpu_reason_set(reason, DPU_REASON_ACTION, "check_pkt_len of "
                              "packets that may not be IP");
    }
    least = ipv6 ? 0 : IP_HEADER_LEN;
    min = branch->min > header + least ? branch->min - header : 0;
    max = branch->max < header + least ? -1 : MIN(branch->max - header,
                                                  UINT16_MAX);
    if (min > max) {
        *n = 0;
    } else if (!min && max == UINT16_MAX) {
        /* All of them. */
    } else if (ipv6 ? caps->ipv6_length_range : caps->ipv4_length_range) {
        lengths[0] = (struct dpu_ip_length) {
            .spec = htons(min),
            .last = htons(min == max ? 0 : max),
            .mask = OVS_BE16_MAX,
        };
    } else if (ipv6 ? caps->ipv6_length : caps->ipv4_length) {
        *n = split_range(min, max, lengths);
    } else {
        return dpu_reason_set(reason, DPU_REASON_MATCH_ITEM,
                              "%s, for check_pkt_len",
                              ipv6 ? "ipv6.payload_len"
                                   : "ipv4.total_length");
    }
    return true;
}
