/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-sums.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Returns the detail of 'reason', which the caller must free(), without the
 * number of a recirculation. */
static char *
common_detail(const struct dpu_reason *reason)
{
    const char *number = strstr(reason->detail, "(0x");

    if (reason->code == DPU_REASON_NONE) {
        return xstrdup("");
    } else if (reason->code == DPU_REASON_RECIRC && number) {
        return xasprintf("%.*s%s", (int) (number - reason->detail),
                         reason->detail, strchr(number, ')') + 1);
    } else {
        return xstrdup(reason->detail);
    }
}

/* The sum of 'place', 'code' and 'detail', which is taken over. */
static struct dpuctl_sum *
find_sum(struct dpuctl_sums *sums, enum dpu_flow_place place,
         enum dpu_reason_code code, char *detail)
{
    struct dpuctl_sum *sum;

    for (size_t i = 0; i < sums->n; i++) {
        sum = &sums->sums[i];
        if (sum->place == place && sum->code == code
            && !strcmp(sum->detail, detail)) {
            free(detail);
            return sum;
        }
    }
    sums->sums = xrealloc(sums->sums, (sums->n + 1) * sizeof *sums->sums);
    sum = &sums->sums[sums->n++];
    *sum = (struct dpuctl_sum) {
        .place = place,
        .code = code,
        .detail = detail,
    };
    sum->name = (code == DPU_REASON_NONE ? xstrdup("in hardware")
                 : xasprintf("%s%s (%s)",
                             place == DPU_FLOW_IN_PART ? "in part: " : "",
                             dpu_reason_code_name(code), detail));
    return sum;
}

void
dpuctl_sums_add(struct dpuctl_sums *sums, enum dpu_flow_place place,
                const struct dpu_reason *reason, uint64_t packets)
{
    struct dpuctl_sum *sum = find_sum(sums, place, reason->code,
                                      common_detail(reason));

    sum->flows++;
    sum->packets += packets;
    sums->flows++;
    sums->packets += packets;
}

void
dpuctl_sums_destroy(struct dpuctl_sums *sums)
{
    for (size_t i = 0; i < sums->n; i++) {
        free(sums->sums[i].detail);
        free(sums->sums[i].name);
    }
    free(sums->sums);
}

/* The larger number first. */
static int
compare_numbers(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

static int
compare_packets(const void *a_, const void *b_)
{
    const struct dpuctl_sum *a = a_, *b = b_;
    int cmp = compare_numbers(a->packets, b->packets);

    cmp = cmp ? cmp : compare_numbers(a->flows, b->flows);
    cmp = cmp ? cmp : (int) a->code - (int) b->code;
    cmp = cmp ? cmp : (int) a->place - (int) b->place;
    return cmp ? cmp : strcmp(a->detail, b->detail);
}

static int
compare_flows(const void *a_, const void *b_)
{
    const struct dpuctl_sum *a = a_, *b = b_;
    int cmp = compare_numbers(a->flows, b->flows);

    return cmp ? cmp : strcmp(a->name, b->name);
}

void
dpuctl_sums_sort_by_packets(struct dpuctl_sums *sums)
{
    if (sums->n) {
        qsort(sums->sums, sums->n, sizeof *sums->sums, compare_packets);
    }
}

void
dpuctl_sums_sort_by_flows(struct dpuctl_sums *sums)
{
    if (sums->n) {
        qsort(sums->sums, sums->n, sizeof *sums->sums, compare_flows);
    }
}

double
dpuctl_percentage(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * part / whole : 0;
}
