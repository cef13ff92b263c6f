/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-minimum.h"

#include <inttypes.h>
#include <stdio.h>

#include "ovs-atomic.h"

#include "ofproto-dpif-dpu/device/dpu-setting.h"
#include "ofproto-dpif-dpu/flow/dpu-rank.h"

/* Packets: every megaflow has had one.  Packets per second. */
#define NO_PACKETS 1
#define NO_RATE 0

static atomic_uint32_t min_packets = ATOMIC_VAR_INIT(NO_PACKETS);
static atomic_uint32_t min_rate = ATOMIC_VAR_INIT(NO_RATE);

static uint32_t
get(atomic_uint32_t *from)
{
    uint32_t n;

    atomic_read_relaxed(from, &n);
    return n;
}

void
dpu_minimum_configure(const struct smap *other_config)
{
    dpu_setting_set_number(other_config, "dpu-min-packets", NO_PACKETS,
                           NO_PACKETS, UINT32_MAX, &min_packets);
    dpu_setting_set_number(other_config, "dpu-min-rate", NO_RATE, NO_RATE,
                           UINT32_MAX, &min_rate);
}

bool
dpu_minimum_is_set(void)
{
    return get(&min_packets) != NO_PACKETS || get(&min_rate) != NO_RATE;
}

/* Packets per second at the last reading, if there was one. */
static uint32_t
last_rate(const struct dpu_rank_rate *r)
{
    return r->n ? r->pps[0] : 0;
}

bool
dpu_minimum_is_reached(uint64_t packets, const struct dpu_rank_rate *r)
{
    return packets >= get(&min_packets) && last_rate(r) >= get(&min_rate);
}

void
dpu_minimum_format(uint64_t packets, const struct dpu_rank_rate *r, char *s,
                   size_t size)
{
    uint32_t rate = get(&min_rate);

    if (rate == NO_RATE) {
        snprintf(s, size, "%"PRIu64" of %"PRIu32" packets",
                 packets, get(&min_packets));
    } else {
        snprintf(s, size, "%"PRIu64" of %"PRIu32" packets, "
                 "%"PRIu32" of %"PRIu32" per second",
                 packets, get(&min_packets), last_rate(r), rate);
    }
}
