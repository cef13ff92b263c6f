/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump-action: the actions of a megaflow as dump-flows prints them, some
 * of which Open vSwitch prints and does not read. */

#ifndef DPUCTL_DUMP_ACTION_H
#define DPUCTL_DUMP_ACTION_H 1

#include <stdbool.h>

struct ofpbuf;

/* Appends to 'actions' the list 'text', in which ports are numbers.  Returns
 * false if it is none. */
bool dpuctl_dump_actions_parse(const char *text, struct ofpbuf *actions);

#endif /* utilities/dpuctl-dump-action.h */
