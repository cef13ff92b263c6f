/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-transaction: what a host may have the DPU's database execute.
 *
 * A host may
 *
 *     wait      for nothing, with a timeout of 0, as to verify what it has read
 *     select    from rows that it sees
 *     update,
 *     mutate    what guard-change lets it, in rows that are its own and that
 *               it names one by one, by their _uuid
 *     mutate    next_cfg of Open_vSwitch, to have one added, by which
 *               ovs-vsctl waits for ovs-vswitchd
 *     comment   for the database's log, in which it is told who said so
 *     abort
 *
 * or else the transaction is refused, all of it.
 *
 * Thread-safety: pure functions of their arguments. */

#ifndef GUARD_TRANSACTION_H
#define GUARD_TRANSACTION_H 1

#include <stdbool.h>
#include <stddef.h>

struct json;

/* A row that must be the host's. */
struct guard_row {
    const char *table;
    char *uuid;
    size_t op;                  /* The first operation on it. */
};

struct guard_transaction {
    const char *owner;          /* The host; the caller's. */
    size_t n_ops;               /* The host's own operations. */
    struct guard_row *rows;     /* A "wait" for each is in front of them. */
    size_t n_rows;
    bool changes;               /* Whether it may change anything. */
};

/* Judges 'params', of a "transact" of host 'owner', which must live as long as
 * '*txn'.  Returns what is to be sent in their place.  Or returns NULL, and
 * stores into '*refusal' the result that says why.  The caller must destroy
 * '*txn' in either case, and json_destroy() what it got. */
struct json *guard_transaction_judge(struct guard_transaction *txn,
                                     const struct json *params,
                                     const char *owner,
                                     struct json **refusal);

/* Makes of ovsdb-server's 'result' one of the host's own operations.  If a row
 * was not the host's, points '*refusal' to the error in it that says so, else
 * to NULL.  Takes 'result'; the caller must json_destroy() what is
 * returned. */
struct json *guard_transaction_reply(const struct guard_transaction *,
                                     struct json *result,
                                     const struct json **refusal);

void guard_transaction_destroy(struct guard_transaction *);

#endif /* utilities/guard/guard-transaction.h */
