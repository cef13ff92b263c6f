/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-rank.h"

#include <string.h>

#include "ovs-atomic.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-setting.h"

static atomic_uint32_t share = ATOMIC_VAR_INIT(100);

void
dpu_rank_rate_update(struct dpu_rank_rate *r, uint64_t packets,
                     long long int now)
{
    if (r->since && now < r->since + DPU_RANK_PERIOD) {
        return;
    }
    if (r->since) {
        uint64_t n = packets > r->packets ? packets - r->packets : 0;

        r->pps[1] = r->pps[0];
        r->pps[0] = MIN(n * 1000 / (now - r->since), UINT32_MAX);
        r->n = MIN(r->n + 1, ARRAY_SIZE(r->pps));
    }
    r->packets = packets;
    r->since = now;
}

/* Shares. */

static size_t
limit(const struct dpu_rank_ports *ports)
{
    return ports->capacity * ports->share / 100;
}

/* Whether 'ethdev' has more than its share. */
static bool
is_over(const struct dpu_rank_ports *ports, uint16_t ethdev)
{
    return ports->share < 100 && ports->n_rules[ethdev] > limit(ports);
}

static bool
has_share(const struct dpu_rank_ports *ports, uint16_t ethdev)
{
    return ports->share < 100 && ports->n_rules[ethdev] >= limit(ports);
}

/* Candidates. */

/* Whether 'a', a place's present owner, is to leave rather than 'b': ports
 * that have their share come first. */
static bool
is_colder(const struct dpu_rank_ports *ports, const struct dpu_rank_entry *a,
          const struct dpu_rank_entry *b)
{
    bool a_share = has_share(ports, a->ethdev);
    bool b_share = has_share(ports, b->ethdev);

    return a_share != b_share ? a_share : a->pps < b->pps;
}

static bool
goes_before(const struct dpu_rank_ports *ports, bool placed,
            const struct dpu_rank_entry *a, const struct dpu_rank_entry *b)
{
    return placed ? is_colder(ports, a, b) : a->pps > b->pps;
}

/* Inserts 'new' into the sorted 'list' of '*n' entries, of which the last one
 * falls out if it is full.  One that is there already is replaced. */
static void
insert(struct dpu_rank_entry list[], size_t *n,
       const struct dpu_rank_entry *new, bool placed,
       const struct dpu_rank_ports *ports)
{
    size_t i;

    for (i = 0; i < *n; i++) {
        if (ovs_u128_equals(list[i].ufid, new->ufid)
            && list[i].ethdev == new->ethdev) {
            memmove(&list[i], &list[i + 1], (*n - i - 1) * sizeof list[0]);
            --*n;
            break;
        }
    }
    for (i = *n; i > 0 && goes_before(ports, placed, new, &list[i - 1]); i--) {
        if (i < DPU_RANK_MAX) {
            list[i] = list[i - 1];
        }
    }
    if (i < DPU_RANK_MAX) {
        list[i] = *new;
        *n = MIN(*n + 1, DPU_RANK_MAX);
    }
}

void
dpu_rank_offer(struct dpu_rank *rank, const ovs_u128 *ufid, uint16_t ethdev,
               bool placed, const struct dpu_rank_rate *r,
               const struct dpu_rank_ports *ports)
{
    struct dpu_rank_entry entry = { .ufid = *ufid, .ethdev = ethdev };

    if (r->n < ARRAY_SIZE(r->pps)) {
        return;
    }
    if (placed) {
        entry.pps = MAX(r->pps[0], r->pps[1]);
        insert(rank->cold, &rank->n_cold, &entry, true, ports);
    } else {
        entry.pps = MIN(r->pps[0], r->pps[1]);
        if (entry.pps >= DPU_RANK_MIN_PPS) {
            insert(rank->hot, &rank->n_hot, &entry, false, ports);
        }
    }
}

/* Whether 'in', which waits, may have the place of 'out'. */
static bool
may_take(const struct dpu_rank_ports *ports, const struct dpu_rank_entry *in,
         const struct dpu_rank_entry *out)
{
    if (in->ethdev != out->ethdev) {
        if (has_share(ports, in->ethdev)) {
            return false;
        } else if (is_over(ports, out->ethdev)) {
            return true;
        }
    }
    return in->pps >= (uint64_t) out->pps * DPU_RANK_MARGIN + DPU_RANK_MIN_PPS;
}

size_t
dpu_rank_take(struct dpu_rank *rank, long long int now,
              struct dpu_rank_ports *ports, struct dpu_rank_entry in[],
              struct dpu_rank_entry out[])
{
    size_t n = 0;

    if (now < rank->next) {
        return 0;
    }
    rank->next = now + DPU_RANK_PERIOD;
    for (size_t i = 0; i < rank->n_hot; i++) {
        for (size_t j = 0; j < rank->n_cold; j++) {
            if (!rank->cold[j].taken
                && may_take(ports, &rank->hot[i], &rank->cold[j])) {
                rank->cold[j].taken = true;
                ports->n_rules[rank->hot[i].ethdev]++;
                ports->n_rules[rank->cold[j].ethdev]--;
                in[n] = rank->hot[i];
                out[n++] = rank->cold[j];
                break;
            }
        }
    }
    rank->n_hot = rank->n_cold = 0;
    return n;
}

void
dpu_rank_configure(const struct smap *other_config)
{
    dpu_setting_set_number(other_config, "dpu-port-share", 100, 1, 100, &share);
}

unsigned int
dpu_rank_share(void)
{
    uint32_t value;

    atomic_read_relaxed(&share, &value);
    return value;
}
