/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-explain: see dpuctl-explain.h. */

#include <config.h>

#include "utilities/dpuctl-explain.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ofproto-dpif-dpu/dpu-explanation.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-translate.h"

/* Megaflows with the same reason. */
struct sum {
    enum dpu_reason_code code;
    char *detail;               /* "" for DPU_REASON_NONE. */
    uint64_t flows, packets;
};

struct explanation {
    const char *name;
    const struct dpuctl_dump *dump;
    struct dpu_explanation *flows;  /* As many as in 'dump'. */
    struct sum *sums;           /* Those with the most packets first. */
    size_t n_sums;
    uint64_t packets;           /* Of all. */
};

static struct sum *
find_sum(struct explanation *e, const struct dpu_reason *reason)
{
    struct ds detail = DS_EMPTY_INITIALIZER;
    struct sum *sum;

    if (reason->code != DPU_REASON_NONE) {
        dpuctl_translate_detail(reason, &detail);
    }
    for (size_t i = 0; i < e->n_sums; i++) {
        sum = &e->sums[i];
        if (sum->code == reason->code
            && !strcmp(sum->detail, ds_cstr(&detail))) {
            ds_destroy(&detail);
            return sum;
        }
    }
    e->sums = xrealloc(e->sums, (e->n_sums + 1) * sizeof *e->sums);
    sum = &e->sums[e->n_sums++];
    memset(sum, 0, sizeof *sum);
    sum->code = reason->code;
    sum->detail = xstrdup(ds_cstr(&detail));
    ds_destroy(&detail);
    return sum;
}

static int
compare_sums(const void *a_, const void *b_)
{
    const struct sum *a = a_, *b = b_;

    if (a->packets != b->packets) {
        return a->packets < b->packets ? 1 : -1;
    } else if (a->flows != b->flows) {
        return a->flows < b->flows ? 1 : -1;
    } else if (a->code != b->code) {
        return a->code < b->code ? -1 : 1;
    }
    return strcmp(a->detail, b->detail);
}

static void
explain(struct explanation *e, const struct dpuctl_device *device)
{
    e->flows = xcalloc(e->dump->n_flows, sizeof *e->flows);
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        struct dpu_explanation *flow = &e->flows[i];
        struct sum *sum;

        dpu_explanation_init(flow);
        ds_put_cstr(&flow->flow, e->dump->flows[i].text);
        flow->packets = e->dump->flows[i].packets;
        dpuctl_translate_flow(e->dump, device, &e->dump->flows[i],
                              &flow->rules, &flow->reason);
        sum = find_sum(e, &flow->reason);
        sum->flows++;
        sum->packets += flow->packets;
        e->packets += flow->packets;
    }
    if (e->n_sums) {
        qsort(e->sums, e->n_sums, sizeof *e->sums, compare_sums);
    }
}

static void
explanation_destroy(struct explanation *e)
{
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        dpu_explanation_destroy(&e->flows[i]);
    }
    for (size_t i = 0; i < e->n_sums; i++) {
        free(e->sums[i].detail);
    }
    free(e->flows);
    free(e->sums);
}

static double
percentage(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * part / whole : 0;
}

/* Text. */

static void
print_sums(const struct explanation *e, FILE *stream)
{
    bool told[DPU_N_REASONS] = { false };

    fprintf(stream, "\n%s: %"PRIuSIZE" megaflows, %"PRIu64" packets\n",
            e->name, e->dump->n_flows, e->packets);
    fprintf(stream, "packets        flows\n");
    for (size_t i = 0; i < e->n_sums; i++) {
        const struct sum *sum = &e->sums[i];

        fprintf(stream, "%6.1f%% %6"PRIu64" %5.1f%%  ",
                percentage(sum->packets, e->packets), sum->flows,
                percentage(sum->flows, e->dump->n_flows));
        if (sum->code == DPU_REASON_NONE) {
            fprintf(stream, "in hardware\n");
        } else {
            fprintf(stream, "%s (%s)\n", dpu_reason_code_name(sum->code),
                    sum->detail);
        }
        told[sum->code] = true;
    }
    fprintf(stream, "\nWhat would help:\n");
    for (int code = 0; code < DPU_N_REASONS; code++) {
        if (told[code] && dpu_reason_code_hint(code)) {
            fprintf(stream, "%s: %s\n", dpu_reason_code_name(code),
                    dpu_reason_code_hint(code));
        }
    }
}

static void
print_text(const struct explanation *e, FILE *stream)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < e->dump->n_flows; i++) {
        dpu_explanation_format(&e->flows[i], &s);
    }
    fputs(ds_cstr(&s), stream);
    ds_destroy(&s);
    print_sums(e, stream);
}

/* JSON. */

static struct json *
sums_to_json(const struct explanation *e)
{
    struct json *json = json_array_create_empty();

    for (size_t i = 0; i < e->n_sums; i++) {
        const struct sum *sum = &e->sums[i];
        struct json *element = json_object_create();

        dpu_explanation_put_reason(element, sum->code, sum->detail);
        json_object_put(element, "flows", json_integer_create(sum->flows));
        json_object_put(element, "packets",
                        json_integer_create(sum->packets));
        json_array_add(json, element);
    }
    return json;
}

static void
print_json(const struct explanation *e, FILE *stream)
{
    struct json *json = json_object_create();
    struct json *flows = json_array_create_empty();
    char *text;

    for (size_t i = 0; i < e->dump->n_flows; i++) {
        json_array_add(flows, dpu_explanation_to_json(&e->flows[i]));
    }
    json_object_put_string(json, "device", e->name);
    json_object_put(json, "flows", flows);
    json_object_put(json, "reasons", sums_to_json(e));
    text = json_to_string(json, JSSF_PRETTY | JSSF_SORT);
    fprintf(stream, "%s\n", text);
    free(text);
    json_destroy(json);
}

void
dpuctl_explain(const struct dpuctl_dump *dump,
               const struct dpuctl_device *device, const char *name,
               bool json, FILE *stream)
{
    struct explanation e = { .name = name, .dump = dump };

    explain(&e, device);
    if (json) {
        print_json(&e, stream);
    } else {
        print_text(&e, stream);
    }
    explanation_destroy(&e);
}
