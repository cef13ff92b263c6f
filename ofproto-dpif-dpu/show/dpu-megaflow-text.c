/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"

#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "packets.h"
#include "util.h"

/* Puts 'match' into 'key' and 'mask', which are initialized here. */
static void
to_odp(const struct match *match, struct ofpbuf *key, struct ofpbuf *mask)
{
    struct odp_flow_key_parms parms = {
        .flow = &match->flow,
        .mask = &match->wc.masks,
        .support = {
            .max_vlan_headers = SIZE_MAX,
            .max_mpls_depth = SIZE_MAX,
            .recirc = true,
            .ct_state = true,
            .ct_zone = true,
            .ct_mark = true,
            .ct_label = true,
            .ct_orig_tuple = true,
            .ct_orig_tuple6 = true,
        },
    };

    ofpbuf_init(key, 0);
    ofpbuf_init(mask, 0);
    odp_flow_key_from_flow(&parms, key);
    parms.key_buf = key;
    odp_flow_key_from_mask(&parms, mask);
}

void
dpu_megaflow_format(const struct match *match, const struct nlattr *actions,
                    size_t actions_len, struct ds *s)
{
    struct ofpbuf key, mask;

    to_odp(match, &key, &mask);
    odp_flow_format(key.data, key.size, mask.data, mask.size, NULL, s, false);
    ds_put_cstr(s, ", actions:");
    format_odp_actions(s, actions, actions_len, NULL);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
}

char *
dpu_megaflow_from_odp(const struct nlattr *key, size_t key_len,
                      const struct nlattr *mask, size_t mask_len,
                      struct match *match)
{
    char *error = NULL;

    if (odp_flow_key_to_flow(key, key_len, &match->flow, &error)
        == ODP_FIT_ERROR) {
        return error;
    }
    /* A key without addresses would be taken for that of a packet without an
     * Ethernet header. */
    match->flow.packet_type = htonl(PT_ETH);
    if (odp_flow_key_to_mask(mask, mask_len, &match->wc, &match->flow, &error)
        == ODP_FIT_ERROR) {
        return error;
    }
    match->wc.masks.packet_type = OVS_BE32_MAX;
    match->wc.masks.recirc_id = UINT32_MAX;
    if (!match->wc.masks.vlans[0].tci) {
        match->wc.masks.vlans[0].tci = htons(VLAN_VID_MASK | VLAN_CFI);
    }
    free(error);
    return NULL;
}

/* Appends 'text' to 's' with 'what' as 'by' wherever it stands. */
static void
put_replaced(struct ds *s, const char *text, const char *what, const char *by)
{
    for (const char *p; (p = strstr(text, what)); text = p + strlen(what)) {
        ds_put_buffer(s, text, p - text);
        ds_put_cstr(s, by);
    }
    ds_put_cstr(s, text);
}

/* Open vSwitch 3.1 prints "src_port" and "dst_port" in a ct_tuple6(), and reads
 * "tp_src" and "tp_dst".  Returns 'text' in the latter form, to be freed. */
static char *
reword_tuple(const char *text)
{
    struct ds source = DS_EMPTY_INITIALIZER;
    struct ds both = DS_EMPTY_INITIALIZER;

    put_replaced(&source, text, ",src_port=", ",tp_src=");
    put_replaced(&both, ds_cstr(&source), ",dst_port=", ",tp_dst=");
    ds_destroy(&source);
    return ds_steal_cstr(&both);
}

char *
dpu_megaflow_parse_match(const char *text, const struct simap *ports,
                         struct match *match)
{
    char *reworded = reword_tuple(text);
    struct ofpbuf key, mask;
    char *error = NULL;

    ofpbuf_init(&key, 0);
    ofpbuf_init(&mask, 0);
    if (odp_flow_from_string(reworded, ports, &key, &mask, &error)) {
        error = error ? error : xstrdup("not a match");
    } else {
        error = dpu_megaflow_from_odp(key.data, key.size, mask.data, mask.size,
                                      match);
    }
    free(reworded);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
    return error;
}

/* Makes '*to' of 'from' by way of the datapath's attributes. */
static bool
normalize(const struct match *from, struct match *to)
{
    struct ofpbuf key, mask;
    char *error;

    to_odp(from, &key, &mask);
    error = dpu_megaflow_from_odp(key.data, key.size, mask.data, mask.size,
                                  to);
    ofpbuf_uninit(&key);
    ofpbuf_uninit(&mask);
    free(error);
    return !error;
}

bool
dpu_megaflow_match_equal(const struct match *a_, const struct match *b_)
{
    struct match a, b;

    return (a_->flow.in_port.odp_port == b_->flow.in_port.odp_port
            && a_->flow.recirc_id == b_->flow.recirc_id
            && normalize(a_, &a) && normalize(b_, &b)
            && flow_wildcards_equal(&a.wc, &b.wc)
            && flow_equal_except(&a.flow, &b.flow, &a.wc));
}
