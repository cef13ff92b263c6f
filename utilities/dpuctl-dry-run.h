/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dry-run: the commands "translate" and "explain": megaflows from a
 * file or a daemon's trace, a device or a profile, and what is asked of them.
 *
 * Thread-safety: main thread. */

#ifndef DPUCTL_DRY_RUN_H
#define DPUCTL_DRY_RUN_H 1

/* Runs 'argv', whose first element is the command's name.  Exits if something
 * fails. */
void dpuctl_dry_run(int argc, char *argv[]);

#endif /* utilities/dpuctl-dry-run.h */
