/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-daemon.h"

#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "unixctl.h"
#include "util.h"

/* Stores the path of the socket of 'target' in '*path'. */
static char *
find_socket(const char *target, char **path)
{
    char *pidfile, *error = NULL;
    pid_t pid;

    if (target[0] == '/') {
        *path = xstrdup(target);
        return NULL;
    }
    pidfile = xasprintf("%s/%s.pid", ovs_rundir(), target);
    pid = read_pidfile(pidfile);
    if (pid < 0) {
        error = xasprintf("%s: %s (is %s running?)", pidfile,
                          ovs_strerror(-pid), target);
    } else {
        *path = xasprintf("%s/%s.%ld.ctl", ovs_rundir(), target,
                          (long int) pid);
    }
    free(pidfile);
    return error;
}

char *
dpuctl_daemon_connect(const char *target, struct jsonrpc **daemon)
{
    char *path = NULL, *error;
    int retval;

    error = find_socket(target ? target : "ovs-vswitchd", &path);
    if (error) {
        return error;
    }
    retval = unixctl_client_create(path, daemon);
    if (retval) {
        error = xasprintf("%s: cannot connect: %s", path,
                          ovs_strerror(retval));
    }
    free(path);
    return error;
}

char *
dpuctl_daemon_ask(struct jsonrpc *daemon, const char *command, int n,
                  char *args[], char **reply)
{
    char *said = NULL;
    int error;

    *reply = NULL;
    error = unixctl_client_transact(daemon, command, n, args, reply, &said);
    if (error) {
        return xasprintf("%s: %s", command, ovs_strerror(error));
    }
    if (said) {
        size_t len = strcspn(said, "\n");
        char *message = xasprintf("%s: %.*s", command, (int) len, said);

        free(said);
        return message;
    }
    return NULL;
}
