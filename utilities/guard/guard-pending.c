/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-pending: see guard-pending.h. */

#include <config.h>

#include "utilities/guard/guard-pending.h"

#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "util.h"

struct guard_pending *
guard_pending_create(struct ovs_list *list, struct jsonrpc_msg *msg,
                     long long int id)
{
    struct guard_pending *p = xzalloc(sizeof *p);

    p->id = id;
    p->client_id = msg->id;
    p->method = xstrdup(msg->method);
    p->transacts = !strcmp(msg->method, "transact");
    p->params = p->transacts ? NULL : json_clone(msg->params);
    msg->id = json_integer_create(id);
    ovs_list_push_back(list, &p->node);
    return p;
}

struct guard_pending *
guard_pending_find(const struct ovs_list *list, const struct json *id)
{
    struct guard_pending *p;

    LIST_FOR_EACH (p, node, list) {
        if (id->type == JSON_INTEGER && json_integer(id) == p->id) {
            return p;
        }
    }
    return NULL;
}

void
guard_pending_destroy(struct guard_pending *p)
{
    ovs_list_remove(&p->node);
    json_destroy(p->client_id);
    json_destroy(p->params);
    free(p->method);
    if (p->transacts) {
        guard_transaction_destroy(&p->txn);
    }
    free(p);
}
