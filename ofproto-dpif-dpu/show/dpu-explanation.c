/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-explanation.h"

#include <string.h>

#include "openvswitch/json.h"
#include "util.h"

void
dpu_explanation_init(struct dpu_explanation *e)
{
    ds_init(&e->flow);
    e->packets = 0;
    e->place = DPU_FLOW_IN_SOFTWARE;
    dpu_reason_set(&e->reason, DPU_REASON_NONE, "%s", "");
    ds_init(&e->rules);
}

void
dpu_explanation_destroy(struct dpu_explanation *e)
{
    ds_destroy(&e->flow);
    ds_destroy(&e->rules);
}

/* Stores the line that starts at '*text' in '*line', its length as the return
 * value, and has '*text' go on behind it.  0 if there is none. */
static size_t
next_line(const char **text, const char **line)
{
    size_t len = strcspn(*text, "\n");

    *line = *text;
    *text += len + ((*text)[len] == '\n');
    return len;
}

void
dpu_explanation_format(const struct dpu_explanation *e, struct ds *s)
{
    const struct dpu_reason *reason = &e->reason;
    const char *rules = ds_cstr_ro(&e->rules);
    const char *line;
    size_t len;

    ds_put_format(s, "# %s\n", ds_cstr_ro(&e->flow));
    if (reason->code == DPU_REASON_NONE) {
        ds_put_cstr(s, rules);
        return;
    }
    ds_put_cstr(s, (e->place == DPU_FLOW_IN_PART ? "# offloaded:partial, "
                    : ""));
    ds_put_cstr(s, dpu_reason_code_name(reason->code));
    if (reason->detail[0]) {
        ds_put_format(s, " (%s)", reason->detail);
    }
    ds_put_format(s, ": %s\n", dpu_reason_code_meaning(reason->code));
    if (e->place == DPU_FLOW_IN_PART) {
        ds_put_cstr(s, rules);
        return;
    }
    while ((len = next_line(&rules, &line))) {
        ds_put_format(s, "# refused: %.*s\n", (int) len, line);
    }
}

void
dpu_explanation_put_reason(struct json *json, enum dpu_reason_code code,
                           const char *detail)
{
    json_object_put_string(json, "code", dpu_reason_code_name(code));
    json_object_put_string(json, "meaning", dpu_reason_code_meaning(code));
    if (code != DPU_REASON_NONE) {
        json_object_put_string(json, "detail", detail);
        json_object_put_string(json, "hint", dpu_reason_code_hint(code));
    }
}

struct json *
dpu_explanation_to_json(const struct dpu_explanation *e)
{
    struct json *json = json_object_create();
    struct json *rules = json_array_create_empty();
    const char *text = ds_cstr_ro(&e->rules);
    const char *line;
    size_t len;

    json_object_put_string(json, "flow", ds_cstr_ro(&e->flow));
    json_object_put(json, "packets", json_integer_create(e->packets));
    json_object_put_string(json, "offloaded", dpu_flow_place_name(e->place));
    dpu_explanation_put_reason(json, e->reason.code, e->reason.detail);
    while ((len = next_line(&text, &line))) {
        json_array_add(rules, json_string_create_nocopy(xmemdup0(line, len)));
    }
    json_object_put(json, "rules", rules);
    return json;
}
