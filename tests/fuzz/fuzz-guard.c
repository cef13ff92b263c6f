/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes what hosts may send to ovs-dpu-guard.  Input: a method in a line,
 * then its parameters, JSON. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "utilities/guard/guard-json.h"
#include "utilities/guard/guard-owner.h"
#include "utilities/guard/guard-request.h"
#include "utilities/guard/guard-transaction.h"
#include "openvswitch/vlog.h"
#include "tests/fuzz/fuzz-input.h"
#include "util.h"

int
LLVMFuzzerInitialize(int *argc OVS_UNUSED, char ***argv OVS_UNUSED)
{
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return 0;
}

/* What is sent on has the question whose the rows are in front, and changes
 * nothing but rows that it asks for. */
static void
check_sent(const struct guard_transaction *txn, const struct json *sent)
{
    struct json *clause = guard_owner_clause("h");

    ovs_assert(json_array(sent)->n == 1 + txn->n_rows + txn->n_ops);
    for (size_t i = 0; i < txn->n_rows; i++) {
        const struct json *wait = json_array(sent)->elems[1 + i];
        const struct json *where = guard_json_member(wait, "where");

        ovs_assert(guard_json_is(guard_json_member(wait, "op"), "wait"));
        ovs_assert(json_equal(json_array(where)->elems[1], clause));
    }
    for (size_t i = 1 + txn->n_rows; i < json_array(sent)->n; i++) {
        const struct json *op = json_array(sent)->elems[i];
        const struct json *name = guard_json_member(op, "op");
        const char *table = guard_json_text(guard_json_member(op, "table"));

        ovs_assert(!guard_json_is(name, "insert"));
        ovs_assert(!guard_json_is(name, "delete"));
        if (guard_json_is(name, "update")
            || (guard_json_is(name, "mutate")
                && strcmp(table, "Open_vSwitch"))) {
            ovs_assert(guard_view(table) == GUARD_VIEW_OWN);
            ovs_assert(txn->n_rows && txn->changes);
        }
    }
    json_destroy(clause);
}

static void
check_transaction(const struct json *params)
{
    struct json *sent, *refusal, *result;
    struct guard_transaction txn;
    const struct json *error;

    sent = guard_transaction_judge(&txn, params, "h", &refusal);
    if (sent) {
        ovs_assert(!refusal);
        check_sent(&txn, sent);
    } else {
        ovs_assert(refusal);
        json_destroy(refusal);
    }
    /* Whatever ovsdb-server might say. */
    result = guard_transaction_reply(&txn, json_deep_clone(params), &error);
    json_destroy(result);
    json_destroy(sent);
    guard_transaction_destroy(&txn);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text, *newline;
    struct json *params;

    if (size > 4096) {
        return 0;
    }
    text = xmemdup0((const char *) data, size);
    newline = strchr(text, '\n');
    if (newline) {
        *newline = '\0';
        params = json_from_string(newline + 1);
        if (!strcmp(text, "transact")) {
            check_transaction(params);
        } else {
            json_destroy(guard_request_judge(text, "h", &params));
        }
        json_destroy(params);
    }
    free(text);
    return 0;
}
