/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-list: the DPUs of this machine as a table, or as JSON.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_LIST_H
#define DPUCTL_LIST_H 1

/* "ovs-dpuctl list": parses its arguments, prints, exits if it fails. */
void dpuctl_list(int argc, char *argv[]);

#endif /* utilities/dpuctl-list.h */
