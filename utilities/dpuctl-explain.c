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

#include "ofproto-dpif-dpu/show/dpu-explanation.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-sums.h"
#include "utilities/dpuctl-translate.h"

struct explanation {
    const char *name;
    const struct dpuctl_dump *dump;
    struct dpu_explanation *flows;  /* As many as in 'dump'. */
    struct dpuctl_sums sums;        /* Those with the most packets first. */
};

static void
explain(struct explanation *e, const struct dpuctl_device *device)
{
    e->flows = xcalloc(e->dump->n_flows, sizeof *e->flows);
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        struct dpu_explanation *flow = &e->flows[i];

        dpu_explanation_init(flow);
        ds_put_cstr(&flow->flow, e->dump->flows[i].text);
        flow->packets = e->dump->flows[i].packets;
        flow->place = dpuctl_translate_flow(e->dump, device,
                                            &e->dump->flows[i],
                                            &flow->rules, &flow->reason);
        dpuctl_sums_add(&e->sums, flow->place, &flow->reason, flow->packets);
    }
    dpuctl_sums_sort_by_packets(&e->sums);
}

static void
explanation_destroy(struct explanation *e)
{
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        dpu_explanation_destroy(&e->flows[i]);
    }
    free(e->flows);
    dpuctl_sums_destroy(&e->sums);
}

/* Text. */

static void
print_sums(const struct explanation *e, FILE *stream)
{
    bool told[DPU_N_REASONS] = { false };

    fprintf(stream, "\n%s: %"PRIuSIZE" megaflows, %"PRIu64" packets\n",
            e->name, e->dump->n_flows, e->sums.packets);
    fprintf(stream, "packets        flows\n");
    for (size_t i = 0; i < e->sums.n; i++) {
        const struct dpuctl_sum *sum = &e->sums.sums[i];

        fprintf(stream, "%6.1f%% %6"PRIu64" %5.1f%%  %s\n",
                dpuctl_percentage(sum->packets, e->sums.packets), sum->flows,
                dpuctl_percentage(sum->flows, e->sums.flows), sum->name);
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

    for (size_t i = 0; i < e->sums.n; i++) {
        const struct dpuctl_sum *sum = &e->sums.sums[i];
        struct json *element = json_object_create();

        json_object_put_string(element, "offloaded",
                               dpu_flow_place_name(sum->place));
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
