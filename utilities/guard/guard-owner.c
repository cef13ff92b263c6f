/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-owner: see guard-owner.h. */

#include <config.h>

#include "utilities/guard/guard-owner.h"

#include <string.h>

#include "util.h"

#include "utilities/guard/guard-json.h"

/* Columns that show nothing of others; and one that does not if it is
 * monitored: see guard-reference. */
static const struct {
    const char *table;
    const char *columns[8];
    const char *monitored;
} views[] = {
    { "Bridge", { "datapath_id", "datapath_type", "name" }, "ports" },
    { "Open_vSwitch", { "bridges", "cur_cfg", "datapath_types", "db_version",
                        "iface_types", "next_cfg", "ovs_version" }, NULL },
};

/* The index of 'table' in 'views', or -1 if it is not there. */
static int
find_view(const char *table)
{
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        if (!strcmp(table, views[i].table)) {
            return i;
        }
    }
    return -1;
}

enum guard_view
guard_view(const char *table)
{
    if (!strcmp(table, "Interface") || !strcmp(table, "Port")) {
        return GUARD_VIEW_OWN;
    }
    return find_view(table) < 0 ? GUARD_VIEW_NONE : GUARD_VIEW_COLUMNS;
}

/* Whether 'column' is asked for by 'columns', NULL: all. */
static bool
has_column(const struct json *columns, const char *column)
{
    if (!columns || columns->type != JSON_ARRAY) {
        return true;
    }
    for (size_t i = 0; i < json_array(columns)->n; i++) {
        if (guard_json_is(json_array(columns)->elems[i], column)) {
            return true;
        }
    }
    return false;
}

struct json *
guard_view_columns(const char *table, const struct json *columns,
                   bool monitored)
{
    int view = find_view(table);
    const char *const *visible = views[view].columns;
    const char *reference = monitored ? views[view].monitored : NULL;
    struct json *limited = json_array_create_empty();

    for (size_t i = 0; visible[i]; i++) {
        if (has_column(columns, visible[i])) {
            json_array_add(limited, json_string_create(visible[i]));
        }
    }
    if (reference && has_column(columns, reference)) {
        json_array_add(limited, json_string_create(reference));
    }
    return limited;
}

struct json *
guard_owner_clause(const char *owner)
{
    struct json *pair = json_array_create_2(json_string_create(GUARD_OWNER),
                                            json_string_create(owner));

    return json_array_create_3(
        json_string_create("external_ids"), json_string_create("includes"),
        guard_json_tag("map", json_array_create_1(pair)));
}

struct json *
guard_permission_error(char *details)
{
    struct json *error = json_object_create();

    json_object_put_string(error, "error", "permission error");
    json_object_put(error, "details", json_string_create_nocopy(details));
    return error;
}
