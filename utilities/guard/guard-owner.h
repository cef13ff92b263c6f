/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-owner: what is a host's own in the DPU's database.
 *
 * A host is known by a name, that of its certificate.  Its own are the rows of
 * Interface and Port that have external_ids:ovs-dpu-owner=NAME, a key that
 * nobody but the DPU sets.  The guard does not know which rows these are, and
 * so cannot know it wrongly: it puts the question in front of each
 * transaction, as operations "wait" that fail if a row is not the host's, and
 * ovsdb-server answers in executing both at once.  For the same reason a host
 * sees no rows of others: the condition is put into what it monitors and
 * selects.
 *
 * Everything that is not known to be harmless is refused.
 *
 * Source: RFC 7047, and ovsdb-server(7) of Open vSwitch 3.1 for what goes
 * beyond it.
 *
 * Thread-safety: pure functions of their arguments. */

#ifndef GUARD_OWNER_H
#define GUARD_OWNER_H 1

#include <stdbool.h>

#include "compiler.h"

struct json;

/* The key of external_ids that says whose a row is. */
#define GUARD_OWNER "ovs-dpu-owner"

/* The database that is guarded. */
#define GUARD_DATABASE "Open_vSwitch"

/* What a host may read of a table. */
enum guard_view {
    GUARD_VIEW_NONE,
    GUARD_VIEW_OWN,             /* Rows that are its own. */
    GUARD_VIEW_COLUMNS,         /* Certain columns. */
};

enum guard_view guard_view(const char *table);

/* Of 'columns', an array of names, those of 'table' that a host may read of
 * all rows, all of them if 'columns' is NULL; if they are 'monitored', also
 * those that refer to rows that a host does not see, which guard-reference
 * takes out.  'table' has to be one with GUARD_VIEW_COLUMNS.  The caller must
 * json_destroy() it. */
struct json *guard_view_columns(const char *table, const struct json *columns,
                                bool monitored);

/* The clause of a condition that is true for rows of 'owner' alone.  The
 * caller must json_destroy() it. */
struct json *guard_owner_clause(const char *owner);

/* An error as ovsdb-server has it for those whose role lacks a permission,
 * with 'details', which is taken.  The caller must json_destroy() it. */
struct json *guard_permission_error(char *details);

#endif /* utilities/guard/guard-owner.h */
