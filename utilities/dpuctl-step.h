/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-step: the steps of a set-up.  Each is shown as the shell command that
 * would do the same by hand; a dry run shows it and does nothing.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_STEP_H
#define DPUCTL_STEP_H 1

#include <stdbool.h>

#include "openvswitch/compiler.h"
#include "utilities/dpuctl-ovsdb.h"

struct dpuctl_steps {
    bool dry_run;
    unsigned int n;             /* Steps so far. */
    char *command;              /* Of the last one, or NULL. */
};

/* Shows the next step.  Returns true if the caller is to take it. */
bool dpuctl_step(struct dpuctl_steps *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* What to tell people about the failure of the last step: the step, the
 * message 'error', which this frees, and 'hint', what would be right, unless
 * NULL.  The caller must free() it. */
char *dpuctl_step_failed(const struct dpuctl_steps *, char *error,
                         const char *hint);

/* A step of ovs-vsctl's, none if there are no 'commands'.  Returns NULL, or
 * what went wrong, which the caller must free(). */
char *dpuctl_step_vsctl(struct dpuctl_steps *,
                        const struct dpuctl_ovsdb_remote *,
                        const struct svec *commands);

void dpuctl_steps_destroy(struct dpuctl_steps *);

#endif /* utilities/dpuctl-step.h */
