/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-owner: see guard-owner.h. */

#include <config.h>

#include "utilities/guard/guard-owner.h"

#include <string.h>

#include "util.h"

#include "utilities/guard/guard-json.h"

/* Columns that show nothing of others. */
static const struct {
    const char *table;
    const char *columns[8];
} views[] = {
    { "Bridge", { "datapath_id", "datapath_type", "name" } },
    { "Open_vSwitch", { "bridges", "cur_cfg", "datapath_types", "db_version",
                        "iface_types", "next_cfg", "ovs_version" } },
};

/* The columns of 'table', or NULL if it has none. */
static const char *const *
find_columns(const char *table)
{
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        if (!strcmp(table, views[i].table)) {
            return views[i].columns;
        }
    }
    return NULL;
}

enum guard_view
guard_view(const char *table)
{
    if (!strcmp(table, "Interface") || !strcmp(table, "Port")) {
        return GUARD_VIEW_OWN;
    }
    return find_columns(table) ? GUARD_VIEW_COLUMNS : GUARD_VIEW_NONE;
}

static bool
has_column(const struct json *columns, const char *column)
{
    for (size_t i = 0; i < json_array(columns)->n; i++) {
        if (guard_json_is(json_array(columns)->elems[i], column)) {
            return true;
        }
    }
    return false;
}

struct json *
guard_view_columns(const char *table, const struct json *columns)
{
    const char *const *visible = find_columns(table);
    struct json *limited = json_array_create_empty();
    bool all = !columns || columns->type != JSON_ARRAY;

    for (size_t i = 0; visible[i]; i++) {
        if (all || has_column(columns, visible[i])) {
            json_array_add(limited, json_string_create(visible[i]));
        }
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
