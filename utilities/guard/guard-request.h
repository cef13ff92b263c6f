/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-request: what a host may ask of the DPU's database, but for its
 * transactions, which guard-transaction has.
 *
 * Thread-safety: pure functions of their arguments. */

#ifndef GUARD_REQUEST_H
#define GUARD_REQUEST_H 1

struct json;

/* Judges the request 'method' of host 'owner'.  If it may be passed on,
 * returns NULL, and '*params' is what is to be sent: the host's, or others in
 * their place, with which the host sees no rows but its own.  If not, returns
 * an error for the reply, which the caller must json_destroy(). */
struct json *guard_request_judge(const char *method, const char *owner,
                                 struct json **params);

#endif /* utilities/guard/guard-request.h */
