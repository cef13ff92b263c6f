/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-transaction: see guard-transaction.h. */

#include <config.h>

#include "utilities/guard/guard-transaction.h"

#include <string.h>

#include "util.h"
#include "uuid.h"

#include "utilities/guard/guard-change.h"
#include "utilities/guard/guard-json.h"
#include "utilities/guard/guard-owner.h"

/* How much of a comment is kept, in bytes. */
#define MAX_COMMENT 255

/* The operation that is judged. */
struct op {
    struct guard_transaction *txn;
    const struct json *params;  /* Of all. */
    const struct json *json;    /* Its own. */
    size_t i;                   /* Its place among the host's. */
    const char *table;          /* "" if it has none. */
};

/* Conditions and rows. */

/* The UUID in 'where' if that names one row by it, else NULL. */
static const char *
named_row(const struct json *where)
{
    const struct json *clause;
    struct uuid uuid;
    const char *s;

    if (!guard_json_is_array(where, 1)) {
        return NULL;
    }
    clause = json_array(where)->elems[0];
    if (!guard_json_is_array(clause, 3)
        || !guard_json_is(json_array(clause)->elems[0], "_uuid")
        || !guard_json_is(json_array(clause)->elems[1], "==")) {
        return NULL;
    }
    s = guard_json_text(guard_json_tagged(json_array(clause)->elems[2],
                                          "uuid"));
    return s && uuid_from_string(&uuid, s) ? s : NULL;
}

/* Has the transaction require that the row that 'op' names is the host's. */
static char *
require_row(struct op *op)
{
    const char *uuid = named_row(guard_json_member(op->json, "where"));
    struct guard_transaction *txn = op->txn;

    if (!uuid) {
        return xasprintf("\"where\" is to name one row of %s, by its _uuid",
                         op->table);
    }
    for (size_t i = 0; i < txn->n_rows; i++) {
        if (!strcmp(txn->rows[i].table, op->table)
            && !strcmp(txn->rows[i].uuid, uuid)) {
            return NULL;
        }
    }
    txn->rows = xrealloc(txn->rows, (txn->n_rows + 1) * sizeof *txn->rows);
    txn->rows[txn->n_rows++] = (struct guard_row) {
        .table = strcmp(op->table, "Port") ? "Interface" : "Port",
        .uuid = xstrdup(uuid),
        .op = op->i,
    };
    return NULL;
}

/* The operation that fails unless 'row' is the host's. */
static struct json *
row_wait(const struct guard_transaction *txn, const struct guard_row *row)
{
    struct json *clause = json_array_create_3(
        json_string_create("_uuid"), json_string_create("=="),
        guard_json_tag("uuid", json_string_create(row->uuid)));
    struct json *wait = json_object_create();

    json_object_put_string(wait, "op", "wait");
    json_object_put_string(wait, "table", row->table);
    json_object_put(wait, "timeout", json_integer_create(0));
    json_object_put(wait, "where", json_array_create_2(
                        clause, guard_owner_clause(txn->owner)));
    json_object_put(wait, "columns",
                    json_array_create_1(json_string_create("_uuid")));
    json_object_put_string(wait, "until", "!=");
    json_object_put(wait, "rows", json_array_create_empty());
    return wait;
}

/* The external_ids that the row of 'op' has by a "wait" in front of it, or
 * NULL.  No other operation in between matters: what it may change, this one
 * may as well. */
static const struct json *
old_ids(const struct op *op, struct json **none)
{
    const struct json *where = guard_json_member(op->json, "where");

    for (size_t i = 0; i < op->i && where; i++) {
        const struct json *wait = json_array(op->params)->elems[1 + i];
        const struct json *rows = guard_json_member(wait, "rows");
        const struct json *columns = guard_json_member(wait, "columns");
        const struct json *same = guard_json_member(wait, "where");
        const struct json *ids;

        if (!guard_json_is(guard_json_member(wait, "op"), "wait")
            || !guard_json_is(guard_json_member(wait, "table"), op->table)
            || !guard_json_is(guard_json_member(wait, "until"), "==")
            || !same || !json_equal(same, where)
            || !guard_json_is_array(rows, 1)
            || !columns || columns->type != JSON_ARRAY) {
            continue;
        }
        for (size_t j = 0; j < json_array(columns)->n; j++) {
            if (guard_json_is(json_array(columns)->elems[j],
                              "external_ids")) {
                ids = guard_json_member(json_array(rows)->elems[0],
                                        "external_ids");
                if (!ids) {
                    *none = guard_json_tag("map", json_array_create_empty());
                    ids = *none;
                }
                return ids;
            }
        }
    }
    return NULL;
}

/* The operations.  Each function returns NULL, and into '*out' what is to be
 * sent, or a sentence that says what is refused. */

static char *
refuse_table(const struct op *op)
{
    return xasprintf("a host has nothing to do with table %s; its own are "
                     "rows of Interface and Port with external_ids:"
                     GUARD_OWNER"=%s", op->table, op->txn->owner);
}

static char *
judge_wait(struct op *op, struct json **out)
{
    const struct json *timeout = guard_json_member(op->json, "timeout");

    if (!timeout || timeout->type != JSON_INTEGER || json_integer(timeout)) {
        return xstrdup("a host may \"wait\" with a timeout of 0");
    }
    if (guard_view(op->table) != GUARD_VIEW_OWN) {
        return refuse_table(op);
    }
    *out = json_deep_clone(op->json);
    return require_row(op);
}

static char *
judge_select(struct op *op, struct json **out)
{
    const struct json *where = guard_json_member(op->json, "where");

    *out = json_deep_clone(op->json);
    switch (guard_view(op->table)) {
    case GUARD_VIEW_OWN:
        if (!where || where->type != JSON_ARRAY) {
            return xstrdup("\"select\" wants a \"where\"");
        }
        json_array_add(CONST_CAST(struct json *,
                                  guard_json_member(*out, "where")),
                       guard_owner_clause(op->txn->owner));
        return NULL;
    case GUARD_VIEW_COLUMNS:
        if (!named_row(where)) {
            /* A condition on other columns would ask for them. */
            return xasprintf("\"where\" is to name one row of %s, by its "
                             "_uuid", op->table);
        }
        json_object_put(*out, "columns", guard_view_columns(
                            op->table,
                            guard_json_member(op->json, "columns"), false));
        return NULL;
    case GUARD_VIEW_NONE:
    default:
        return refuse_table(op);
    }
}

static char *
judge_update(struct op *op, struct json **out)
{
    struct json *none = NULL;
    char *error;

    if (guard_view(op->table) != GUARD_VIEW_OWN) {
        return refuse_table(op);
    }
    error = guard_change_judge_update(op->table,
                                      guard_json_member(op->json, "row"),
                                      old_ids(op, &none));
    json_destroy(none);
    if (!error) {
        error = require_row(op);
    }
    *out = json_deep_clone(op->json);
    op->txn->changes = true;
    return error;
}

/* Whether 'mutations' are [["next_cfg", "+=", 1]]. */
static bool
is_next_cfg(const struct json *mutations)
{
    struct json **elems;

    if (!guard_json_is_array(mutations, 1)
        || !guard_json_is_array(json_array(mutations)->elems[0], 3)) {
        return false;
    }
    elems = json_array(json_array(mutations)->elems[0])->elems;
    return (guard_json_is(elems[0], "next_cfg")
            && guard_json_is(elems[1], "+=")
            && elems[2]->type == JSON_INTEGER
            && json_integer(elems[2]) == 1);
}

static char *
judge_mutate(struct op *op, struct json **out)
{
    const struct json *mutations = guard_json_member(op->json, "mutations");
    char *error;

    op->txn->changes = true;
    if (!strcmp(op->table, "Open_vSwitch") && is_next_cfg(mutations)) {
        *out = json_deep_clone(op->json);
        return NULL;
    } else if (guard_view(op->table) != GUARD_VIEW_OWN) {
        return refuse_table(op);
    }
    error = guard_change_judge_mutations(op->table, mutations);
    if (!error) {
        error = require_row(op);
    }
    *out = json_deep_clone(op->json);
    return error;
}

/* The database's log gets as much of it as suffices, and who said it. */
static char *
judge_comment(struct op *op, struct json **out)
{
    const char *text = guard_json_text(guard_json_member(op->json,
                                                         "comment"));
    size_t n;

    if (!text) {
        return xstrdup("\"comment\" wants a \"comment\"");
    }
    n = strlen(text);
    if (n > MAX_COMMENT) {
        /* Not in the middle of a character of UTF-8. */
        for (n = MAX_COMMENT; n && ((uint8_t) text[n] & 0xc0) == 0x80; n--) {
            continue;
        }
    }
    *out = json_object_create();
    json_object_put_string(*out, "op", "comment");
    json_object_put(*out, "comment", json_string_create_nocopy(
                        xasprintf("host %s: %.*s", op->txn->owner, (int) n,
                                  text)));
    return NULL;
}

static char *
judge_abort(struct op *op, struct json **out)
{
    *out = json_deep_clone(op->json);
    return NULL;
}

static char *
judge_op(struct op *op, struct json **out)
{
    static const struct {
        const char *name;
        char *(*judge)(struct op *, struct json **out);
    } ops[] = {
        { "wait", judge_wait },
        { "select", judge_select },
        { "update", judge_update },
        { "mutate", judge_mutate },
        { "comment", judge_comment },
        { "abort", judge_abort },
    };
    const char *name = guard_json_text(guard_json_member(op->json, "op"));
    const char *table = guard_json_text(guard_json_member(op->json, "table"));

    if (!name) {
        return xstrdup("an operation is an object with a string \"op\"");
    }
    op->table = table ? table : "";
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        if (!strcmp(name, ops[i].name)) {
            return ops[i].judge(op, out);
        }
    }
    return xasprintf("a host may not \"%s\"%s%s: ports are the DPU's to add "
                     "and to remove; a host may change those that have "
                     "external_ids:"GUARD_OWNER"=%s", name,
                     table ? " in " : "", op->table, op->txn->owner);
}

/* Results. */

/* The result of 'n' operations of which number 'op' has 'error', which is
 * taken. */
static struct json *
failed_result(size_t n, size_t op, struct json *error)
{
    struct json *result = json_array_create_empty();

    for (size_t i = 0; i < MAX(n, op + 1); i++) {
        json_array_add(result, (i < op ? json_object_create()
                                : i == op ? error : json_null_create()));
    }
    return result;
}

static struct json *
row_error(const struct guard_transaction *txn, const struct guard_row *row)
{
    return guard_permission_error(xasprintf(
        "%s %s is not host %s's: that has those with external_ids:"
        GUARD_OWNER"=%s, which \"ovs-vsctl set %s NAME external_ids:"
        GUARD_OWNER"=%s\" on the DPU sets", row->table, row->uuid, txn->owner,
        txn->owner, row->table, txn->owner));
}

struct json *
guard_transaction_reply(const struct guard_transaction *txn,
                        struct json *result, const struct json **refusal)
{
    struct json *own, *error;
    size_t n;

    *refusal = NULL;
    if (result->type != JSON_ARRAY) {
        return result;
    }
    n = json_array(result)->n;
    for (size_t i = 0; i < MIN(n, txn->n_rows); i++) {
        if (guard_json_member(json_array(result)->elems[i], "error")) {
            error = row_error(txn, &txn->rows[i]);
            own = failed_result(txn->n_ops, txn->rows[i].op, error);
            json_destroy(result);
            *refusal = error;
            return own;
        }
    }
    own = json_array_create_empty();
    for (size_t i = txn->n_rows; i < n; i++) {
        json_array_add(own, json_clone(json_array(result)->elems[i]));
    }
    json_destroy(result);
    return own;
}

struct json *
guard_transaction_judge(struct guard_transaction *txn,
                        const struct json *params, const char *owner,
                        struct json **refusal)
{
    struct json *waits = json_array_create_empty();
    struct json *ops = json_array_create_empty();
    char *error = NULL;
    size_t i;

    *txn = (struct guard_transaction) { .owner = owner };
    *refusal = NULL;
    if (params->type != JSON_ARRAY || !json_array(params)->n
        || !guard_json_is(json_array(params)->elems[0], GUARD_DATABASE)) {
        error = xstrdup("a host may change database "GUARD_DATABASE);
    } else {
        txn->n_ops = json_array(params)->n - 1;
    }
    for (i = 0; i < txn->n_ops && !error; i++) {
        struct op op = {
            .txn = txn,
            .params = params,
            .json = json_array(params)->elems[1 + i],
            .i = i,
        };
        struct json *out = NULL;

        error = judge_op(&op, &out);
        if (out) {
            json_array_add(ops, out);
        }
    }
    if (error) {
        *refusal = failed_result(txn->n_ops, i ? i - 1 : 0,
                                 guard_permission_error(error));
        json_destroy(waits);
        waits = NULL;
    } else {
        json_array_add(waits, json_string_create(GUARD_DATABASE));
        for (i = 0; i < txn->n_rows; i++) {
            json_array_add(waits, row_wait(txn, &txn->rows[i]));
        }
        for (i = 0; i < txn->n_ops; i++) {
            json_array_add(waits, json_clone(json_array(ops)->elems[i]));
        }
    }
    json_destroy(ops);
    return waits;
}

void
guard_transaction_destroy(struct guard_transaction *txn)
{
    for (size_t i = 0; i < txn->n_rows; i++) {
        free(txn->rows[i].uuid);
    }
    free(txn->rows);
}
