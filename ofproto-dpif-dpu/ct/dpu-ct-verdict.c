/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-verdict.h"

#include "conntrack-private.h"
#include "ct-dpif.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"

#define PORT_FTP 21
#define PORT_TFTP 69

static enum dpu_ct_verdict
tcp_verdict(struct conn *software)
    OVS_REQUIRES(software->lock)
{
    struct ct_dpif_protoinfo info;

    ct_proto_tcp.conn_get_protoinfo(software, &info);
    if (info.tcp.state_orig > CT_DPIF_TCPS_ESTABLISHED
        || info.tcp.state_reply > CT_DPIF_TCPS_ESTABLISHED) {
        return DPU_CT_VERDICT_CLOSING;
    }
    return (info.tcp.state_orig == CT_DPIF_TCPS_ESTABLISHED
            && info.tcp.state_reply == CT_DPIF_TCPS_ESTABLISHED
            ? DPU_CT_VERDICT_OK : DPU_CT_VERDICT_EARLY);
}

enum dpu_ct_verdict
dpu_ct_verdict(const struct dpu_ct_conn *conn, struct conn *software)
{
    enum dpu_ct_verdict verdict = DPU_CT_VERDICT_OK;

    ovs_mutex_lock(&software->lock);
    if (software->mark != conn->mark
        || !ovs_u128_equals(software->label, conn->label)) {
        verdict = DPU_CT_VERDICT_CHANGED;
    } else if (conn->tuples[0].proto == IPPROTO_TCP) {
        verdict = tcp_verdict(software);
    }
    ovs_mutex_unlock(&software->lock);
    return verdict;
}

enum dpu_ct_verdict
dpu_ct_verdict_take(struct dpu_ct_conn *conn, struct conn *software)
{
    enum dpu_ct_verdict verdict = DPU_CT_VERDICT_OK;

    ovs_mutex_lock(&software->lock);
    conn->mark = software->mark;
    conn->label = software->label;
    if (conn->tuples[0].proto == IPPROTO_TCP) {
        verdict = tcp_verdict(software);
    }
    ovs_mutex_unlock(&software->lock);
    return verdict;
}

long long int
dpu_ct_verdict_expiration(struct conn *software)
{
    long long int expiration;

    atomic_read_relaxed(&software->expiration, &expiration);
    return expiration;
}

bool
dpu_ct_verdict_refuses(struct conn *software,
                       const struct dpu_ct_tuple *tuples,
                       const struct dpu_caps *caps,
                       enum dpu_ct_refusal *refusal)
{
    uint8_t proto = tuples[0].proto;
    struct dpu_ct_tuple unchanged;
    uint32_t protocols;
    bool nat, checksums;

    atomic_read_relaxed(&dpu_ct_config.protocols, &protocols);
    atomic_read_relaxed(&dpu_ct_config.nat, &nat);
    atomic_read_relaxed(&dpu_ct_config.checksums, &checksums);
    dpu_ct_tuple_reverse(&tuples[0], &unchanged);
    if (!(protocols & (proto == IPPROTO_TCP ? DPU_CT_PROTO_TCP
                       : proto == IPPROTO_UDP ? DPU_CT_PROTO_UDP
                       : proto == IPPROTO_SCTP ? DPU_CT_PROTO_SCTP
                       : dpu_ct_tuple_is_icmp(&tuples[0]) ? DPU_CT_PROTO_ICMP
                       : 0))) {
        *refusal = DPU_CT_NO_PROTOCOL;
    } else if (software->alg
               || (proto == IPPROTO_TCP
                   && (tuples[0].dst_port == htons(PORT_FTP)
                       || tuples[0].src_port == htons(PORT_FTP)
                       || tuples[1].src_port == htons(PORT_FTP)
                       || tuples[1].dst_port == htons(PORT_FTP)))
               || (proto == IPPROTO_UDP
                   && (tuples[0].dst_port == htons(PORT_TFTP)
                       || tuples[1].dst_port == htons(PORT_TFTP)))) {
        *refusal = DPU_CT_NO_ALG;
    } else if (!nat && !dpu_ct_tuple_equals(&unchanged, &tuples[1])) {
        *refusal = DPU_CT_NO_NAT;
    } else if (checksums && !dpu_ct_rule_checks(&tuples[0], caps)) {
        *refusal = DPU_CT_NO_CHECKSUM;
    } else {
        return false;
    }
    return true;
}
