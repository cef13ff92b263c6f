/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-host: see guard-host.h. */

#include <config.h>

#include "utilities/guard/guard-host.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct hmap hosts = HMAP_INITIALIZER(&hosts);

/* A bucket's tokens come each millisecond. */
#define TOKENS (1000 / GUARD_TRANSACTION_RATE)

struct guard_host *
guard_host_get(const char *name)
{
    uint32_t hash = hash_string(name, 0);
    struct guard_host *host;

    HMAP_FOR_EACH_WITH_HASH (host, node, hash, &hosts) {
        if (!strcmp(host->name, name)) {
            return host;
        }
    }
    host = xzalloc(sizeof *host);
    host->name = xstrdup(name);
    token_bucket_init(&host->transactions, 1,
                      GUARD_TRANSACTION_BURST * TOKENS);
    hmap_insert(&hosts, &host->node, hash);
    return host;
}

bool
guard_host_take_transaction(struct guard_host *host)
{
    return token_bucket_withdraw(&host->transactions, TOKENS);
}

void
guard_host_wait(struct guard_host *host)
{
    token_bucket_wait(&host->transactions, TOKENS);
}

static int
compare_hosts(const void *a_, const void *b_)
{
    const struct guard_host *const *a = a_;
    const struct guard_host *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

void
guard_hosts_format(struct ds *s)
{
    struct guard_host **sorted = xmalloc(hmap_count(&hosts) * sizeof *sorted);
    struct guard_host *host;
    size_t n = 0;

    HMAP_FOR_EACH (host, node, &hosts) {
        sorted[n++] = host;
    }
    qsort(sorted, n, sizeof *sorted, compare_hosts);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, "%s: %u sessions, %"PRIu64" changes, %"PRIu64
                      " refused\n", sorted[i]->name, sorted[i]->n_sessions,
                      sorted[i]->n_changes, sorted[i]->n_refused);
    }
    free(sorted);
}

void
guard_hosts_destroy(void)
{
    struct guard_host *host;

    HMAP_FOR_EACH_POP (host, node, &hosts) {
        free(host->name);
        free(host);
    }
    hmap_destroy(&hosts);
}
