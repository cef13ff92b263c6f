/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-reference: references to rows, as far as a host sees those rows.
 *
 * A bridge refers to all of its ports, of which a host sees its own; ovs-vsctl
 * of Open vSwitch 3.1 aborts on references to what it does not see, and
 * ovsdb-server limits rows and columns of a monitor, not what is in a column.
 * So what it tells of a monitor is changed on its way: of such columns that is
 * left which refers to rows that the same monitor has told of.  As these come
 * and go, so do references to them.  A port of whose interfaces a host sees none
 * is in no bridge for it.
 *
 * Source: ovsdb-server(7) of Open vSwitch 3.1, "monitor_cond" and
 * "monitor_cond_since".
 *
 * Thread-safety: none. */

#ifndef GUARD_REFERENCE_H
#define GUARD_REFERENCE_H 1

#include "openvswitch/shash.h"

struct json;

/* The monitors of a session. */
struct guard_references {
    struct shash monitors;
};

void guard_references_init(struct guard_references *);
void guard_references_destroy(struct guard_references *);

/* Takes note of 'result', the reply to the request 'method' with 'params', and
 * limits what it tells of rows, in its place. */
void guard_references_reply(struct guard_references *, const char *method,
                            const struct json *params, struct json *result);

/* Limits the parameters of the notification 'method', in their place. */
void guard_references_notify(struct guard_references *, const char *method,
                             struct json *params);

#endif /* utilities/guard/guard-reference.h */
