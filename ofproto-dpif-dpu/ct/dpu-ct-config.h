/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-config: the keys of other_config for connections in hardware.
 *
 * Thread-safety: any thread may read; one at a time writes. */

#ifndef DPU_CT_CONFIG_H
#define DPU_CT_CONFIG_H 1

#include <stdbool.h>
#include <stdint.h>

#include "ovs-atomic.h"

struct ds;
struct smap;

/* Bits. */
enum dpu_ct_protocol {
    DPU_CT_PROTO_TCP = 1 << 0,
    DPU_CT_PROTO_UDP = 1 << 1,
    DPU_CT_PROTO_ICMP = 1 << 2,
    DPU_CT_PROTO_SCTP = 1 << 3,
    DPU_CT_PROTO_ALL = (1 << 4) - 1
};

#define DPU_CT_MAX_THREADS 8

struct dpu_ct_config {
    atomic_bool enabled;            /* "dpu-ct". */
    atomic_uint32_t max;            /* "dpu-ct-max": connections. */
    atomic_uint32_t min_packets;    /* "dpu-ct-min-packets". */
    atomic_uint32_t protocols;      /* "dpu-ct-protocols". */
    atomic_bool nat;                /* "dpu-ct-nat". */
    atomic_bool checksums;          /* "dpu-ct-checksums": they are checked. */
    atomic_uint32_t threads;        /* "dpu-ct-threads". */
};

extern struct dpu_ct_config dpu_ct_config;

/* Takes the keys of 'other_config'.  What is wrong is logged, once for each
 * new value, and leaves the old value. */
void dpu_ct_config_set(const struct smap *other_config);

/* Appends the values in force, each in a line. */
void dpu_ct_config_format(struct ds *);

#endif /* ofproto-dpif-dpu/ct/dpu-ct-config.h */
