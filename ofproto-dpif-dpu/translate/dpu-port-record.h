/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-port-record: a port map that keeps a record of the ethdevs that were
 * looked up in another one.
 *
 * Thread-safety: a record belongs to whoever holds it. */

#ifndef DPU_PORT_RECORD_H
#define DPU_PORT_RECORD_H 1

#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-megaflow.h"

/* Enough for every output that a spec has room for, and the input. */
#define DPU_PORT_RECORD_MAX (DPU_SPEC_MAX_ACTIONS + 1)

struct dpu_port_record {
    struct dpu_port_map up;
    const struct dpu_port_map *map;
    uint16_t refs[DPU_PORT_RECORD_MAX];     /* Ethdevs, each once. */
    size_t n_refs;
};

/* Makes 'r' an empty record of lookups in 'map'. */
void dpu_port_record_init(struct dpu_port_record *r,
                          const struct dpu_port_map *map);

#endif /* ofproto-dpif-dpu/translate/dpu-port-record.h */
