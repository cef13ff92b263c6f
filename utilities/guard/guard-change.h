/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-change: what a host may change of a row that is its own.
 *
 * Of a map that is not the host's alone, such as external_ids, it may change
 * certain keys.  "mutate" says which it changes.  "update" has the map as it
 * is to be, so that one must know as well what it is now: ovs-vsctl has a
 * "wait" for just that in front.
 *
 * Thread-safety: pure functions of their arguments. */

#ifndef GUARD_CHANGE_H
#define GUARD_CHANGE_H 1

struct json;

/* The longest value of a key of external_ids, in bytes. */
#define GUARD_MAX_VALUE 255

/* Judges the "row" of an "update" of 'table'; 'old' is what external_ids is
 * by a "wait" in the same transaction, or NULL.  Returns NULL, or a sentence
 * that says what is refused, which the caller must free(). */
char *guard_change_judge_update(const char *table, const struct json *row,
                                const struct json *old);

/* The same of the "mutations" of a "mutate". */
char *guard_change_judge_mutations(const char *table,
                                   const struct json *mutations);

#endif /* utilities/guard/guard-change.h */
