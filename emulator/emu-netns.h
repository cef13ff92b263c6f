/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-netns: doing something in another network namespace. */
#ifndef EMU_NETNS_H
#define EMU_NETNS_H

/* Runs 'function(aux)' in network namespace 'netns', a name below /run/netns
 * or an absolute path, and returns what it returns.  An empty name is the
 * process's own namespace.  A thread of its own enters the namespace, so that
 * no other thread ever leaves its own.  Sockets that 'function' opens stay in
 * the namespace.  Returns a negative errno if it can't be entered (logged).
 *
 * Thread-safety: any thread. */
int emu_netns_call(const char *netns, int (*function)(void *aux), void *aux);

#endif /* EMU_NETNS_H */
