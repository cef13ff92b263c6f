/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-daemon: commands for a running daemon, as ovs-appctl gives them.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_DAEMON_H
#define DPUCTL_DAEMON_H 1

struct jsonrpc;

/* Connects '*daemon' to 'target', as of "ovs-appctl -t": a daemon's name, the
 * path of its socket, or NULL for "ovs-vswitchd".  Returns NULL, or a sentence
 * that says what is wrong, which the caller must free().  The caller must
 * jsonrpc_close() '*daemon'. */
char *dpuctl_daemon_connect(const char *target, struct jsonrpc **daemon);

/* Has 'daemon' execute 'command' with 'n' arguments 'args', and stores what it
 * says in '*reply', which the caller must free().  Returns as above. */
char *dpuctl_daemon_ask(struct jsonrpc *daemon, const char *command,
                        int n, char *args[], char **reply);

#endif /* utilities/dpuctl-daemon.h */
