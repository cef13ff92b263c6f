/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-session: one connection of a host, and one to ovsdb-server for it.
 *
 *     host ---- client ----> guard-request,     ---- server ----> ovsdb-server
 *                            guard-transaction
 *
 * What belongs to a connection, such as monitors, thus ends with it, and what
 * one host does to its own hurts nobody else.  Nothing is queued without
 * bound: one who does not read is not read from.
 *
 * Thread-safety: none.  One thread has all sessions, in a poll loop. */

#ifndef GUARD_SESSION_H
#define GUARD_SESSION_H 1

#include <stdbool.h>
#include <stddef.h>

struct guard_session;
struct stream;

/* The longest message of a host, in bytes. */
#define GUARD_MAX_MESSAGE (64 * 1024)

/* Sessions in all.  The oldest of those who have not said who they are makes
 * room for the next. */
#define GUARD_MAX_SESSIONS 128

/* Starts a session on 'stream', which is taken.  Its host is named 'host', or
 * as its certificate says if that is NULL.  The database is at 'db', a stream
 * as "unix:FILE"; both strings must live on. */
void guard_session_start(struct stream *stream, const char *host,
                         const char *db);

/* Does what there is to do, and wakes the poll loop when there is more. */
void guard_sessions_run(void);
void guard_sessions_wait(void);

void guard_sessions_destroy(void);

#endif /* utilities/guard/guard-session.h */
