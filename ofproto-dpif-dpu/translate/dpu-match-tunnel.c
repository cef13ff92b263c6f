/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-match-tunnel: the matcher for the metadata of a tunnel.
 *
 * Packets that come from it still have its headers (dpu-match-outer).  Where
 * they go on after these were taken off, in a chain or, if they miss there, in
 * software, nobody sees the headers any more.  There it has to be known what
 * they said, all that a pipeline can look at:
 *
 * - A rule that leads there also matches what its megaflow left open, as it was
 *   in the packet that the megaflow was made for.  Others take the way through
 *   software.
 * - The time to live and the source port, which is another one for each
 *   connection, are left open even so.  No field of OpenFlow has them: only
 *   samples for sFlow and IPFIX tell them to others. */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-match-private.h"

#include <string.h>

#include "flow.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"
#include "packets.h"

/* Stores in '*known' what software's metadata says of the packets that came
 * out of the tunnel 'key' of 'type', as far as a pipeline can look at it. */
static void
tunnel_known(const struct flow_tnl *key, const char *type,
             struct flow_tnl *known)
{
    memset(known, 0, sizeof *known);
    known->ip_dst = key->ip_dst;
    known->ipv6_dst = key->ipv6_dst;
    known->ip_src = key->ip_src;
    known->ipv6_src = key->ipv6_src;
    known->tun_id = key->tun_id;
    known->flags = key->flags & (FLOW_TNL_F_KEY | FLOW_TNL_F_CSUM
                                 | FLOW_TNL_F_OAM);
    known->ip_tos = key->ip_tos;
    known->tp_dst = key->tp_dst;
    known->gbp_id = key->gbp_id;
    known->gbp_flags = key->gbp_flags;
    if (!strcmp(type, "geneve")) {
        known->flags |= FLOW_TNL_F_UDPIF;
        known->metadata.present.len = dpu_match_geneve_opts_size(key);
        memcpy(&known->metadata.opts, &key->metadata.opts,
               known->metadata.present.len);
    }
}

/* Has the rule match all of 'm->spec->tunnel'. */
static void
match_all_of_tunnel(struct dpu_match *m)
{
    struct flow_tnl *left = &m->left.tunnel;
    size_t opts_size = dpu_match_geneve_opts_size(m->spec->tunnel);

    if (m->key->tunnel.ip_dst) {
        left->ip_dst = left->ip_src = OVS_BE32_MAX;
    } else {
        left->ipv6_dst = left->ipv6_src = in6addr_exact;
    }
    left->tun_id = OVS_BE64_MAX;
    left->flags |= FLOW_TNL_F_KEY | FLOW_TNL_F_OAM;
    left->ip_tos = UINT8_MAX;
    left->tp_dst = OVS_BE16_MAX;
    if (dpu_match_has_group_policy(m)) {
        left->gbp_id = OVS_BE16_MAX;
        left->gbp_flags = UINT8_MAX;
    }
    memset(&left->metadata.opts, 0xff, opts_size);
}

/* Takes what the rules that lead here have matched. */
static bool
take_known_tunnel(struct dpu_match *m)
{
    const uint8_t *key = (const uint8_t *) &m->key->tunnel;
    const uint8_t *known = (const uint8_t *) m->spec->tunnel;
    uint8_t *left = (uint8_t *) &m->left.tunnel;

    for (size_t i = 0; i < sizeof m->left.tunnel; i++) {
        left[i] &= key[i] ^ known[i];
    }
    m->left.tunnel.flags &= ~FLOW_TNL_F_UDPIF;
    m->left.tunnel.ip_ttl = m->mask->tunnel.ip_ttl;
    m->left.tunnel.tp_src = m->mask->tunnel.tp_src;
    return true;
}

/* Makes 'm->spec->tunnel'. */
static void
know_tunnel(struct dpu_match *m)
{
    struct flow_tnl *known = dpu_spec_alloc(m->spec, sizeof *known);

    tunnel_known(&m->key->tunnel, m->tunnel, known);
    m->spec->tunnel = known;
}

bool
dpu_match_tunnel(struct dpu_match *m)
{
    bool chain = m->key->recirc_id != 0;

    if (!m->tunnel) {
        return true;
    }
    if (!flow_tnl_dst_is_set(&m->key->tunnel)) {
        return dpu_reason_set(m->reason, DPU_REASON_INVALID_FLOW,
                              "a port of type %s without a tunnel",
                              m->tunnel);
    }
    if (chain || m->goes_on) {
        know_tunnel(m);
    }
    if (chain) {
        m->spec->chain.tunnel = m->spec->tunnel;
        return take_known_tunnel(m);
    }
    if (m->goes_on) {
        match_all_of_tunnel(m);
    }
    return dpu_match_outer(m);
}
