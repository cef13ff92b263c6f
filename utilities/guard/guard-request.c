/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-request: see guard-request.h. */

#include <config.h>

#include "utilities/guard/guard-request.h"

#include <string.h>

#include "openvswitch/shash.h"
#include "util.h"
#include "uuid.h"

#include "utilities/guard/guard-json.h"
#include "utilities/guard/guard-owner.h"

/* Methods that show nothing of a database's contents. */
static const char *const harmless[] = {
    "get_schema", "get_server_id", "list_dbs", "monitor_cancel",
    "set_db_change_aware",
};

/* Methods that are about a database's contents.  All have the tables in one
 * place; and only one method has what the host knows already. */
static const struct {
    const char *method;
    bool names_database;        /* Starts a monitor, of a database. */
    bool has_conditions;
} monitors[] = {
    { "monitor", true, false },
    { "monitor_cond", true, true },
    { "monitor_cond_since", true, true },
    { "monitor_cond_change", false, true },
};
#define MONITOR_TABLES 2
#define MONITOR_SINCE 3

/* Whether 'where', in which one clause that is true suffices, is never true:
 * what the host says that it does not want. */
static bool
is_never(const struct json *where)
{
    if (!where || where->type != JSON_ARRAY || !json_array(where)->n) {
        return false;
    }
    for (size_t i = 0; i < json_array(where)->n; i++) {
        if (json_array(where)->elems[i]->type != JSON_FALSE) {
            return false;
        }
    }
    return true;
}

/* What 'request', for rows of 'table', becomes: one for what 'owner' may see;
 * its columns are chosen when 'starts', and not later.  The host's own
 * condition has no place beside ours, as of clauses any one is enough: it gets
 * all that it may see. */
static struct json *
limit_request(const struct json *request, const char *table,
              const char *owner, bool starts)
{
    struct json *limited = json_deep_clone(request);
    enum guard_view view = guard_view(table);
    struct json *clause;

    if (limited->type != JSON_OBJECT) {
        return limited;             /* ovsdb-server refuses it. */
    }
    if (view == GUARD_VIEW_COLUMNS && starts) {
        json_object_put(limited, "columns", guard_view_columns(
                            table, guard_json_member(limited, "columns"),
                            true));
    }
    if (!is_never(guard_json_member(limited, "where"))) {
        clause = (view == GUARD_VIEW_OWN ? guard_owner_clause(owner)
                  : json_boolean_create(view == GUARD_VIEW_COLUMNS));
        json_object_put(limited, "where", json_array_create_1(clause));
    }
    return limited;
}

static struct json *
limit_requests(const struct json *requests, const char *table,
               const char *owner, bool starts)
{
    struct json *limited;

    if (requests->type != JSON_ARRAY) {
        return limit_request(requests, table, owner, starts);
    }
    limited = json_array_create_empty();
    for (size_t i = 0; i < json_array(requests)->n; i++) {
        json_array_add(limited, limit_request(json_array(requests)->elems[i],
                                              table, owner, starts));
    }
    return limited;
}

/* Parameters of a monitor like 'params', which ask for no rows but those that
 * 'owner' may see, and for all of these, even if the host has had some of them
 * in a session before: guard-reference has not. */
static struct json *
limit_monitor(const struct json *params, const char *owner, bool starts)
{
    struct json *limited = json_array_create_empty();
    const struct shash_node *node;

    for (size_t i = 0; i < json_array(params)->n; i++) {
        const struct json *element = json_array(params)->elems[i];
        struct json *requests;

        if (i == MONITOR_SINCE && element->type == JSON_STRING) {
            json_array_add(limited, json_string_create_nocopy(
                               xasprintf(UUID_FMT, UUID_ARGS(&UUID_ZERO))));
            continue;
        }
        if (i != MONITOR_TABLES || element->type != JSON_OBJECT) {
            json_array_add(limited, json_deep_clone(element));
            continue;
        }
        requests = json_object_create();
        SHASH_FOR_EACH (node, json_object(element)) {
            json_object_put(requests, node->name,
                            limit_requests(node->data, node->name, owner,
                                           starts));
        }
        json_array_add(limited, requests);
    }
    return limited;
}

/* Whether the first parameter is database 'name'. */
static bool
is_of_database(const struct json *params, const char *name)
{
    return (params->type == JSON_ARRAY && json_array(params)->n
            && guard_json_is(json_array(params)->elems[0], name));
}

static struct json *
refuse(const char *method)
{
    if (!strcmp(method, "monitor")) {
        return guard_permission_error(xstrdup(
            "\"monitor\" has no conditions, by which a host sees no rows but "
            "its own: \"monitor_cond\" has, which Open vSwitch has used since "
            "2.6"));
    }
    return guard_permission_error(xasprintf(
        "a host may not \"%s\": it may read its own ports, and change them by "
        "\"transact\"", method));
}

struct json *
guard_request_judge(const char *method, const char *owner,
                    struct json **params)
{
    for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
        if (!strcmp(method, harmless[i])) {
            return NULL;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(monitors); i++) {
        struct json *limited;

        if (strcmp(method, monitors[i].method)) {
            continue;
        } else if (monitors[i].names_database
                   && is_of_database(*params, "_Server")) {
            /* Which databases there are, and whether they are up. */
            return NULL;
        } else if (monitors[i].has_conditions
                   && (*params)->type == JSON_ARRAY) {
            limited = limit_monitor(*params, owner,
                                    monitors[i].names_database);
            json_destroy(*params);
            *params = limited;
            return NULL;
        }
    }
    return refuse(method);
}
