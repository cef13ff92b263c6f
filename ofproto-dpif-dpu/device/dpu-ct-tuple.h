/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-tuple: the addresses, ports and zone by which a connection is found.
 *
 * A connection has two: that of the packets in its original direction and that
 * of the replies, both as packets are before NAT.
 *
 * Thread-safety: reentrant. */

#ifndef DPU_CT_TUPLE_H
#define DPU_CT_TUPLE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "conntrack-private.h"

struct ct_dpif_tuple;
struct dp_packet;
struct ds;

/* Has no padding: it is compared byte by byte.  What a protocol does not have
 * is 0. */
struct dpu_ct_tuple {
    union ct_addr src, dst;
    ovs_be16 src_port;          /* ICMP: the identifier. */
    ovs_be16 dst_port;          /* ICMP: the type, in the high byte. */
    uint16_t zone;
    uint8_t proto;              /* IPPROTO_*. */
    uint8_t ipv6;               /* 0: IPv4. */
};

/* Makes '*tuple' that of 'key'. */
void dpu_ct_tuple_from_key(struct dpu_ct_tuple *tuple,
                           const struct conn_key *key);

/* Makes '*tuple' the original tuple of the connection to which software says
 * that 'packet', which has just been through ct(), belongs. */
void dpu_ct_tuple_from_packet(struct dpu_ct_tuple *tuple,
                              const struct dp_packet *packet);

/* Makes '*tuple' that which an operator names, in 'zone'. */
void dpu_ct_tuple_from_dpif(struct dpu_ct_tuple *tuple,
                            const struct ct_dpif_tuple *dpif, uint16_t zone);

/* Stores 'tuple' with source and destination exchanged in '*reverse'. */
void dpu_ct_tuple_reverse(const struct dpu_ct_tuple *tuple,
                          struct dpu_ct_tuple *reverse);

uint32_t dpu_ct_tuple_hash(const struct dpu_ct_tuple *);
bool dpu_ct_tuple_equals(const struct dpu_ct_tuple *,
                         const struct dpu_ct_tuple *);

/* Whether 'tuple' has ports, and whether it has an identifier of ICMP. */
bool dpu_ct_tuple_has_ports(const struct dpu_ct_tuple *tuple);
bool dpu_ct_tuple_is_icmp(const struct dpu_ct_tuple *tuple);

/* The type of ICMP of 'tuple'. */
uint8_t dpu_ct_tuple_icmp_type(const struct dpu_ct_tuple *tuple);

/* Stores what packets' metadata has for the ports of 'tuple', an original one,
 * in '*src' and '*dst': for ICMP its type and code. */
void dpu_ct_tuple_get_tp(const struct dpu_ct_tuple *tuple, ovs_be16 *src,
                         ovs_be16 *dst);

/* "tcp", "udp", "icmp", "icmpv6", "sctp", or "other". */
const char *dpu_ct_tuple_protocol(const struct dpu_ct_tuple *);

/* Appends "src=10.1.1.1,dst=10.1.1.2,sport=1,dport=2". */
void dpu_ct_tuple_format(const struct dpu_ct_tuple *, struct ds *);

#endif /* ofproto-dpif-dpu/device/dpu-ct-tuple.h */
