/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-reference: see guard-reference.h. */

#include <config.h>

#include "utilities/guard/guard-reference.h"

#include <stdlib.h>
#include <string.h>

#include "sset.h"
#include "util.h"

#include "utilities/guard/guard-json.h"

/* The columns that refer to rows of which a host sees some; first those of rows
 * to which others refer. */
static const struct {
    const char *table, *column;
} references[] = {
    { "Port", "interfaces" },
    { "Port", "qos" },
    { "Bridge", "ports" },
};

/* Such a column of a row. */
struct holder {
    const char *table, *column;
    char *uuid;                 /* The row's. */
    struct sset all;            /* What it refers to. */
    struct sset shown;          /* What the host was told of that. */
};

struct monitor {
    struct sset rows;           /* UUIDs of what the host was told of. */
    struct shash holders;       /* By holder_key(). */
};

/* Monitors. */

static char *
holder_key(const char *column, const char *uuid)
{
    return xasprintf("%s %s", column, uuid);
}

static struct holder *
holder_create(struct monitor *m, const char *table, const char *column,
              const char *uuid)
{
    struct holder *holder = xmalloc(sizeof *holder);

    holder->table = table;
    holder->column = column;
    holder->uuid = xstrdup(uuid);
    sset_init(&holder->all);
    sset_init(&holder->shown);
    shash_add_nocopy(&m->holders, holder_key(column, uuid), holder);
    return holder;
}

static void
holder_destroy(struct monitor *m, struct shash_node *node)
{
    struct holder *holder = node->data;

    sset_destroy(&holder->all);
    sset_destroy(&holder->shown);
    free(holder->uuid);
    free(holder);
    shash_delete(&m->holders, node);
}

static void
monitor_destroy(struct guard_references *r, struct shash_node *monitor_node)
{
    struct monitor *m = monitor_node->data;
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &m->holders) {
        holder_destroy(m, node);
    }
    shash_destroy(&m->holders);
    sset_destroy(&m->rows);
    free(m);
    shash_delete(&r->monitors, monitor_node);
}

void
guard_references_init(struct guard_references *r)
{
    shash_init(&r->monitors);
}

void
guard_references_destroy(struct guard_references *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &r->monitors) {
        monitor_destroy(r, node);
    }
    shash_destroy(&r->monitors);
}

static struct monitor *
monitor_get(struct guard_references *r, const struct json *id)
{
    char *name = json_to_string(id, JSSF_SORT);
    struct monitor *m = shash_find_data(&r->monitors, name);

    if (!m) {
        m = xmalloc(sizeof *m);
        sset_init(&m->rows);
        shash_init(&m->holders);
        shash_add(&r->monitors, name, m);
    }
    free(name);
    return m;
}

static void
forget(struct guard_references *r, const struct json *id)
{
    char *name = json_to_string(id, JSSF_SORT);
    struct shash_node *node = shash_find(&r->monitors, name);

    if (node) {
        monitor_destroy(r, node);
    }
    free(name);
}

/* Values of columns. */

static void
toggle(struct sset *set, const struct json *uuid)
{
    const char *name = guard_json_text(guard_json_tagged(uuid, "uuid"));

    if (name && !sset_find_and_delete(set, name)) {
        sset_add(set, name);
    }
}

/* Adds to 'set' the UUIDs in 'value' that it does not have, and removes those
 * that it has. */
static void
toggle_all(struct sset *set, const struct json *value)
{
    const struct json *elements = guard_json_tagged(value, "set");

    if (!elements || elements->type != JSON_ARRAY) {
        toggle(set, value);
        return;
    }
    for (size_t i = 0; i < json_array(elements)->n; i++) {
        toggle(set, json_array(elements)->elems[i]);
    }
}

static struct json *
set_to_json(const struct sset *set)
{
    struct json *elements = json_array_create_empty();
    const char *uuid;

    SSET_FOR_EACH (uuid, set) {
        json_array_add(elements, guard_json_tag("uuid",
                                                json_string_create(uuid)));
    }
    return guard_json_tag("set", elements);
}

/* Updates: { TABLE: { UUID: { "initial"|"insert"|"modify"|"delete": ROW }}} */

/* What 'update', of a row, says of the row; NULL if it has gone. */
static struct json *
updated_row(const struct json *update)
{
    static const char *const kinds[] = { "initial", "insert", "modify" };
    struct json *row = NULL;

    for (size_t i = 0; !row && i < ARRAY_SIZE(kinds); i++) {
        row = CONST_CAST(struct json *, guard_json_member(update, kinds[i]));
    }
    return row && row->type == JSON_OBJECT ? row : NULL;
}

/* Notes which rows the host is told of, and which not any more. */
static void
note_rows(struct monitor *m, const struct json *table)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, json_object(table)) {
        if (guard_json_member(node->data, "delete")) {
            sset_find_and_delete(&m->rows, node->name);
        } else {
            sset_add(&m->rows, node->name);
        }
    }
}

/* Notes what is said of 'column' of the rows of 'table', which 'updates'
 * has. */
static void
note_column(struct monitor *m, const char *table, const char *column,
            const struct json *updates)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, json_object(updates)) {
        char *key = holder_key(column, node->name);
        struct shash_node *known = shash_find(&m->holders, key);
        struct json *row = updated_row(node->data);
        const struct json *value = guard_json_member(row, column);

        if (!row) {
            if (known) {
                holder_destroy(m, known);
            }
        } else if (value) {
            struct holder *holder;

            if (known && !guard_json_member(node->data, "modify")) {
                holder_destroy(m, known);
                known = NULL;
            }
            holder = (known ? known->data
                      : holder_create(m, table, column, node->name));

            toggle_all(&holder->all, value);
            json_destroy(shash_find_and_delete(json_object(row), column));
        }
        free(key);
    }
}

/* The member 'name' of 'object', an object, which is made if need be. */
static struct json *
member_get(struct json *object, const char *name)
{
    struct json *member = shash_find_data(json_object(object), name);

    if (!member) {
        member = json_object_create();
        json_object_put(object, name, member);
    }
    return member;
}

/* Whether the host may know of a reference to row 'uuid': it sees it; and if
 * it is a port, an interface of it, as it has one at least. */
static bool
may_refer(const struct monitor *m, const char *uuid)
{
    char *key = holder_key("interfaces", uuid);
    const struct holder *port = shash_find_data(&m->holders, key);

    free(key);
    return (sset_contains(&m->rows, uuid)
            && (!port || !sset_is_empty(&port->shown)));
}

/* Has 'updates' say what the host does not know yet of 'holder': all that it
 * refers to if it is new, or else what changes. */
static void
tell(const struct monitor *m, struct holder *holder, struct json *updates)
{
    struct sset shown = SSET_INITIALIZER(&shown);
    struct sset changed;
    const char *name;

    SSET_FOR_EACH (name, &holder->all) {
        if (may_refer(m, name)) {
            sset_add(&shown, name);
        }
    }
    sset_clone(&changed, &shown);
    SSET_FOR_EACH (name, &holder->shown) {
        if (!sset_find_and_delete(&changed, name)) {
            sset_add(&changed, name);
        }
    }
    if (!sset_is_empty(&changed)) {
        struct json *update = member_get(member_get(updates, holder->table),
                                         holder->uuid);
        struct json *row = updated_row(update);

        json_object_put(row ? row : member_get(update, "modify"),
                        holder->column, set_to_json(&changed));
        sset_swap(&holder->shown, &shown);
    }
    sset_destroy(&changed);
    sset_destroy(&shown);
}

/* Limits 'updates' of the monitor 'id', unless there are none: NULL. */
static void
limit(struct guard_references *r, const struct json *id, struct json *updates)
{
    const struct shash_node *node;
    struct monitor *m;

    if (!id || !updates || updates->type != JSON_OBJECT) {
        return;
    }
    m = monitor_get(r, id);
    SHASH_FOR_EACH (node, json_object(updates)) {
        const struct json *table = node->data;

        if (table->type == JSON_OBJECT) {
            note_rows(m, table);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
        const struct json *table = guard_json_member(updates,
                                                     references[i].table);

        if (table && table->type == JSON_OBJECT) {
            note_column(m, references[i].table, references[i].column, table);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(references); i++) {
        SHASH_FOR_EACH (node, &m->holders) {
            struct holder *holder = node->data;

            if (!strcmp(holder->column, references[i].column)) {
                tell(m, holder, updates);
            }
        }
    }
}

/* Where updates are. */

/* Element 'i' of 'array', or NULL. */
static struct json *
element(const struct json *array, size_t i)
{
    return (array && array->type == JSON_ARRAY && i < json_array(array)->n
            ? json_array(array)->elems[i] : NULL);
}

void
guard_references_reply(struct guard_references *r, const char *method,
                       const struct json *params, struct json *result)
{
    const struct json *id;

    if (!strcmp(method, "monitor_cancel")) {
        id = element(params, 0);
        if (id) {
            forget(r, id);
        }
    } else if (!strcmp(method, "monitor_cond")
               || !strcmp(method, "monitor_cond_since")) {
        id = element(params, 1);
        limit(r, id, (strcmp(method, "monitor_cond")
                      ? element(result, 2) : result));
    }
}

void
guard_references_notify(struct guard_references *r, const char *method,
                        struct json *params)
{
    if (!strcmp(method, "update2") || !strcmp(method, "update3")) {
        limit(r, element(params, 0),
              element(params, strcmp(method, "update2") ? 2 : 1));
    }
}
