/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-dump-action.h"

#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

/* Open vSwitch 3.1 prints the number of a recirc() in hexadecimal, and reads
 * it in decimal.  Returns 'text' in the latter form, to be freed. */
static char *
reword_recirc(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (const char *p; (p = strstr(text, "recirc(0x")); ) {
        char *end;
        unsigned long id = strtoul(p + strlen("recirc("), &end, 16);

        ds_put_buffer(&s, text, p - text);
        ds_put_format(&s, "recirc(%lu", id);
        text = end;
    }
    ds_put_cstr(&s, text);
    return ds_steal_cstr(&s);
}

/* Open vSwitch 3.1 prints these and does not read them.  Appends the action
 * 's' to 'actions' and returns true, or returns false if it is none of
 * them. */
static bool
parse_hash(const char *s, struct ofpbuf *actions)
{
    struct ovs_action_hash hash;

    if (ovs_scan(s, "hash(l4(%"SCNu32"))", &hash.hash_basis)) {
        hash.hash_alg = OVS_HASH_ALG_L4;
    } else if (ovs_scan(s, "hash(sym_l4(%"SCNu32"))", &hash.hash_basis)) {
        hash.hash_alg = OVS_HASH_ALG_SYM_L4;
    } else {
        return false;
    }
    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_HASH, &hash, sizeof hash);
    return true;
}

static bool
parse_mpls(const char *s, struct ofpbuf *actions)
{
    struct ovs_action_push_mpls mpls;
    uint32_t label;
    uint16_t type;
    uint8_t tc, ttl, bos;

    if (ovs_scan(s, "pop_mpls(eth_type=0x%"SCNx16")", &type)) {
        nl_msg_put_be16(actions, OVS_ACTION_ATTR_POP_MPLS, htons(type));
        return true;
    } else if (ovs_scan(s, "push_mpls(label=%"SCNu32",tc=%"SCNu8",ttl=%"SCNu8
                        ",bos=%"SCNu8",eth_type=0x%"SCNx16")",
                        &label, &tc, &ttl, &bos, &type)) {
        mpls.mpls_lse = htonl(label << MPLS_LABEL_SHIFT | tc << MPLS_TC_SHIFT
                              | bos << MPLS_BOS_SHIFT
                              | ttl << MPLS_TTL_SHIFT);
        mpls.mpls_ethertype = htons(type);
        nl_msg_put_unspec(actions, OVS_ACTION_ATTR_PUSH_MPLS,
                          &mpls, sizeof mpls);
        return true;
    }
    return false;
}

/* NSH headers, as far as rules go: nothing is there to say what one holds. */
static bool
parse_push_nsh(const char *s, struct ofpbuf *actions)
{
    if (strncmp(s, "push_nsh(", strlen("push_nsh("))) {
        return false;
    }
    nl_msg_put_flag(actions, OVS_ACTION_ATTR_PUSH_NSH);
    return true;
}

static bool
parse_push_eth(const char *s, struct ofpbuf *actions)
{
    struct ovs_action_push_eth eth;

    if (!ovs_scan(s, "push_eth(src="ETH_ADDR_SCAN_FMT
                  ",dst="ETH_ADDR_SCAN_FMT")",
                  ETH_ADDR_SCAN_ARGS(eth.addresses.eth_src),
                  ETH_ADDR_SCAN_ARGS(eth.addresses.eth_dst))) {
        return false;
    }
    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof eth);
    return true;
}

static bool
parse_action(const char *s, struct ofpbuf *actions)
{
    return (parse_hash(s, actions) || parse_mpls(s, actions)
            || parse_push_nsh(s, actions) || parse_push_eth(s, actions)
            || !odp_actions_from_string(s, NULL, actions));
}

/* Appends to 'actions' the list 's' one by one, which is cut up. */
static bool
parse_actions(char *s, struct ofpbuf *actions)
{
    char *start = s;
    int depth = 0;

    for (;; s++) {
        char c = *s;

        depth += (c == '(' || c == '{') - (c == ')' || c == '}');
        if (!c || (c == ',' && !depth)) {
            *s = '\0';
            if (!parse_action(start, actions)) {
                return false;
            }
            start = s + 1;
        }
        if (!c) {
            return true;
        }
    }
}

bool
dpuctl_dump_actions_parse(const char *text, struct ofpbuf *actions)
{
    char *reworded = reword_recirc(text);
    bool ok = parse_actions(reworded, actions);

    free(reworded);
    return ok;
}
