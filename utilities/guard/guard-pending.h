/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-pending: a request that ovsdb-server has and will answer.
 *
 * Thread-safety: none. */

#ifndef GUARD_PENDING_H
#define GUARD_PENDING_H 1

#include <stdbool.h>

#include "openvswitch/list.h"

#include "utilities/guard/guard-transaction.h"

struct json;
struct jsonrpc_msg;

struct guard_pending {
    struct ovs_list node;
    long long int id;           /* Ours. */
    struct json *client_id;     /* The client's. */
    char *method;
    struct json *params;        /* NULL if it transacts. */
    struct guard_transaction txn;   /* If it does. */
    bool transacts;
};

/* A request that becomes 'msg', which gets the id 'id'; it is put into
 * 'list'. */
struct guard_pending *guard_pending_create(struct ovs_list *list,
                                           struct jsonrpc_msg *msg,
                                           long long int id);

/* The request in 'list' of which 'id' is ours, or NULL. */
struct guard_pending *guard_pending_find(const struct ovs_list *list,
                                         const struct json *id);

void guard_pending_destroy(struct guard_pending *);

#endif /* utilities/guard/guard-pending.h */
