/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netlink-replay: libmnl's sockets, of which the other side is a script
 * instead of the kernel: what is sent must be what the script says, byte for
 * byte, and what is received is what it says.  For programs that are linked
 * with $(netlink_replay_ldflags). */

#ifndef NETLINK_REPLAY_H
#define NETLINK_REPLAY_H 1

#include <stddef.h>

/* Starts a script of what "ovs-dpuctl --record" wrote into 'file' below
 * tests/data. */
void replay_file(const char *file);

/* Starts an empty one; adds to it the answer 'message', to whatever is
 * asked. */
void replay_start(void);
void replay_answer(const void *message, size_t len);

/* Asserts that the whole script was played. */
void replay_done(void);

#endif /* tests/unit/netlink-replay.h */
