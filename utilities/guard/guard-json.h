/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-json: looks into JSON of which nothing is known yet, and makes such as
 * OVSDB has.
 *
 * Thread-safety: pure functions of their arguments. */

#ifndef GUARD_JSON_H
#define GUARD_JSON_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/json.h"

/* Member 'name' of 'object', or NULL if it is no object or lacks it. */
const struct json *guard_json_member(const struct json *object,
                                     const char *name);

/* Whether 'json' is the string 'text'. */
bool guard_json_is(const struct json *json, const char *text);

/* The string 'json', or NULL if it is none. */
const char *guard_json_text(const struct json *json);

/* Whether 'json' is an array of 'n' elements. */
bool guard_json_is_array(const struct json *json, size_t n);

/* The contents of '[KIND, CONTENTS]', or NULL if 'json' is something else. */
const struct json *guard_json_tagged(const struct json *json,
                                     const char *kind);

/* '[KIND, CONTENTS]'; takes 'contents'. */
struct json *guard_json_tag(const char *kind, struct json *contents);

#endif /* utilities/guard/guard-json.h */
