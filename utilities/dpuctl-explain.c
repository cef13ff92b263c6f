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

#include "ofproto-dpif-dpu/dpu-reason.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "util.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-translate.h"

/* What would help, by reason. */
static const char *const hints[DPU_N_REASONS] = {
    [DPU_REASON_MATCH_FIELD] =
        "OpenFlow rules that neither match nor use the field leave it out of "
        "megaflows",
    [DPU_REASON_MATCH_MASK] =
        "match other bits of the field, all of it, or none",
    [DPU_REASON_MATCH_ITEM] =
        "OpenFlow rules that do not look at the header; or a device that "
        "does, see Documentation/features.rst",
    [DPU_REASON_ACTION] =
        "OpenFlow rules that do without the action for the traffic that "
        "matters",
    [DPU_REASON_ACTION_DEVICE] =
        "a device that has the action, see Documentation/features.rst, or "
        "OpenFlow rules that do without it",
    [DPU_REASON_ACTION_SOFTWARE] =
        "nothing if such packets are few; if not, see with ofproto/trace "
        "which OpenFlow rule sends them there, or take policing and QoS off "
        "the port",
    [DPU_REASON_RECIRC] =
        "OpenFlow rules that need no recirculation here, or a device with "
        "groups",
    [DPU_REASON_OUTPUT_PORT] =
        "have both ports on one device, with type=dpu; keep flooded packets "
        "off the bridge's own port: ovs-ofctl mod-port BRIDGE BRIDGE no-flood",
    [DPU_REASON_IN_PORT] =
        "have the port on a device, with type=dpu",
    [DPU_REASON_DEVICE_FULL] =
        "fewer megaflows, by OpenFlow rules that look at less of a packet; or "
        "a device with larger tables",
    [DPU_REASON_DEVICE_REFUSED] =
        "try the rule with testpmd, and ask the device's vendor",
    [DPU_REASON_DEVICE_ERROR] =
        "look for what the driver logged; it is a fault of the device or its "
        "driver",
    [DPU_REASON_DEVICE_GONE] =
        "find out why the device has vanished",
    [DPU_REASON_INVALID_FLOW] =
        "find out where the flow comes from: Open vSwitch makes none like it",
};

/* What has become of one megaflow. */
struct explained {
    struct dpu_reason reason;
    struct ds rules;            /* A line each; of a device's refusal, too. */
};

/* Megaflows with the same reason. */
struct sum {
    enum dpu_reason_code code;
    char *detail;               /* "" for DPU_REASON_NONE. */
    uint64_t flows, packets;
};

struct explanation {
    const char *name;
    const struct dpuctl_dump *dump;
    struct explained *flows;    /* As many as in 'dump'. */
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
        struct explained *flow = &e->flows[i];
        struct sum *sum;

        ds_init(&flow->rules);
        dpuctl_translate_flow(e->dump, device, &e->dump->flows[i],
                              &flow->rules, &flow->reason);
        sum = find_sum(e, &flow->reason);
        sum->flows++;
        sum->packets += e->dump->flows[i].packets;
        e->packets += e->dump->flows[i].packets;
    }
    if (e->n_sums) {
        qsort(e->sums, e->n_sums, sizeof *e->sums, compare_sums);
    }
}

static void
explanation_destroy(struct explanation *e)
{
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        ds_destroy(&e->flows[i].rules);
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
print_flow(const struct dpuctl_flow *flow, const struct explained *explained,
           FILE *stream)
{
    const struct dpu_reason *reason = &explained->reason;

    fprintf(stream, "# %s\n", flow->text);
    if (reason->code == DPU_REASON_NONE) {
        fputs(ds_cstr_ro(&explained->rules), stream);
        return;
    }
    fprintf(stream, "%s (%s): %s\n", dpu_reason_code_name(reason->code),
            reason->detail, dpu_reason_code_meaning(reason->code));
    for (const char *line = ds_cstr_ro(&explained->rules); *line; ) {
        size_t len = strcspn(line, "\n");

        fprintf(stream, "# refused: %.*s\n", (int) len, line);
        line += len + (line[len] == '\n');
    }
}

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
        if (told[code] && hints[code]) {
            fprintf(stream, "%s: %s\n", dpu_reason_code_name(code),
                    hints[code]);
        }
    }
}

static void
print_text(const struct explanation *e, FILE *stream)
{
    for (size_t i = 0; i < e->dump->n_flows; i++) {
        print_flow(&e->dump->flows[i], &e->flows[i], stream);
    }
    print_sums(e, stream);
}

/* JSON. */

static void
put_reason(struct json *json, enum dpu_reason_code code)
{
    json_object_put_string(json, "code", dpu_reason_code_name(code));
    json_object_put_string(json, "meaning", dpu_reason_code_meaning(code));
    if (hints[code]) {
        json_object_put_string(json, "hint", hints[code]);
    }
}

static struct json *
lines_to_json(const struct ds *lines)
{
    struct json *json = json_array_create_empty();
    const char *line = ds_cstr_ro(lines);

    while (*line) {
        size_t len = strcspn(line, "\n");

        json_array_add(json, json_string_create_nocopy(xmemdup0(line, len)));
        line += len + (line[len] == '\n');
    }
    return json;
}

static struct json *
flow_to_json(const struct dpuctl_flow *flow,
             const struct explained *explained)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "flow", flow->text);
    json_object_put(json, "packets", json_integer_create(flow->packets));
    put_reason(json, explained->reason.code);
    if (explained->reason.code != DPU_REASON_NONE) {
        json_object_put_string(json, "detail", explained->reason.detail);
    }
    json_object_put(json, "rules", lines_to_json(&explained->rules));
    return json;
}

static struct json *
sums_to_json(const struct explanation *e)
{
    struct json *json = json_array_create_empty();

    for (size_t i = 0; i < e->n_sums; i++) {
        const struct sum *sum = &e->sums[i];
        struct json *element = json_object_create();

        put_reason(element, sum->code);
        if (sum->code != DPU_REASON_NONE) {
            json_object_put_string(element, "detail", sum->detail);
        }
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
        json_array_add(flows, flow_to_json(&e->dump->flows[i],
                                           &e->flows[i]));
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
