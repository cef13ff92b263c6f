/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-host: the hosts that have been here, and what each has done.  They are
 * as many as there are certificates, and are never forgotten: what one may
 * still do does not start anew when it comes again.
 *
 * Thread-safety: none. */

#ifndef GUARD_HOST_H
#define GUARD_HOST_H 1

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/token-bucket.h"

struct ds;

/* Sessions that a host may have at a time. */
#define GUARD_MAX_HOST_SESSIONS 16

/* Transactions of a host: at once, and each second from then on. */
#define GUARD_TRANSACTION_BURST 200
#define GUARD_TRANSACTION_RATE 10

struct guard_host {
    struct hmap_node node;      /* By 'name'. */
    char *name;
    struct token_bucket transactions;
    unsigned int n_sessions;
    uint64_t n_changes;         /* Transactions that changed something. */
    uint64_t n_refused;         /* Requests that were. */
};

/* The host of that name, which is added if it was never here. */
struct guard_host *guard_host_get(const char *name);

/* Whether 'host' may have a transaction now; if so, it has had it. */
bool guard_host_take_transaction(struct guard_host *host);

/* Wakes the poll loop when it may have the next. */
void guard_host_wait(struct guard_host *host);

/* Appends a line for each host, by name. */
void guard_hosts_format(struct ds *s);

/* Frees all; nobody may use them any more. */
void guard_hosts_destroy(void);

#endif /* utilities/guard/guard-host.h */
