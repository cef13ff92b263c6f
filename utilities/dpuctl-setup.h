/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-setup: from a DPU as it boots to one whose functions are ports of an
 * Open vSwitch bridge, and back.
 *
 *     remember -> hugepages, switchdev mode, VFs, SFs, MACs -> keys, bridge,
 *     (OVSDB)     (kernel)                                     ports (OVSDB)
 *
 * Each of them compares what there is with what there should be, so that what
 * is as it should be is left alone, whoever made it so.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_SETUP_H
#define DPUCTL_SETUP_H 1

/* "ovs-dpuctl setup" and "ovs-dpuctl undo": parse their arguments, do it, exit
 * if it fails. */
void dpuctl_setup(int argc, char *argv[]);
void dpuctl_undo(int argc, char *argv[]);

#endif /* utilities/dpuctl-setup.h */
