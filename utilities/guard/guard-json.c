/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-json: see guard-json.h. */

#include <config.h>

#include "utilities/guard/guard-json.h"

#include <string.h>

#include "openvswitch/shash.h"

const struct json *
guard_json_member(const struct json *object, const char *name)
{
    return (object && object->type == JSON_OBJECT
            ? shash_find_data(json_object(object), name) : NULL);
}

const char *
guard_json_text(const struct json *json)
{
    return json && json->type == JSON_STRING ? json_string(json) : NULL;
}

bool
guard_json_is(const struct json *json, const char *text)
{
    const char *have = guard_json_text(json);

    return have && !strcmp(have, text);
}

bool
guard_json_is_array(const struct json *json, size_t n)
{
    return json && json->type == JSON_ARRAY && json_array(json)->n == n;
}

const struct json *
guard_json_tagged(const struct json *json, const char *kind)
{
    return (guard_json_is_array(json, 2)
            && guard_json_is(json_array(json)->elems[0], kind)
            ? json_array(json)->elems[1] : NULL);
}

struct json *
guard_json_tag(const char *kind, struct json *contents)
{
    return json_array_create_2(json_string_create(kind), contents);
}
