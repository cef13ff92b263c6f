/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * rule-model: what the DPDK guide says that a rule does, on the bytes of a
 * packet, as plainly as it can be written down.  It shares nothing with the
 * code under test and nothing with the emulator. */

#ifndef TEST_RULE_MODEL_H
#define TEST_RULE_MODEL_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto-dpif-dpu/device/dpu-spec.h"

#define MODEL_MAX_BYTES   512
#define MODEL_MAX_OUTPUTS 16

struct model_packet {
    uint8_t data[MODEL_MAX_BYTES];
    size_t size;
};

struct model_outputs {
    struct model_output {
        uint16_t ethdev;
        struct model_packet packet;
    } v[MODEL_MAX_OUTPUTS];
    size_t n;
};

/* Whether 'spec' matches 'p', entering through 'ethdev', on a device whose
 * IPV6 item has as protocol what follows the extension headers, if
 * 'skip_ext', or the next header of the fixed header. */
bool model_match(const struct dpu_spec *spec, const struct model_packet *p,
                 uint16_t ethdev, bool skip_ext);

/* Stores in '*out' what the actions of 'spec' make of 'p'.  Checksums are left
 * as they are. */
void model_run(const struct dpu_spec *spec, const struct model_packet *p,
               struct model_outputs *out);

/* Zeroes all checksums of 'p'. */
void model_clear_checksums(struct model_packet *p);

#endif /* tests/unit/rule-model.h */
