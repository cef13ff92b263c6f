/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-probe: the command "probe": what a device takes, as a profile of the
 * emulated device (Documentation/emulator.rst), which does as the device would
 * where the device is not at hand.
 *
 * Thread-safety: main thread. */

#ifndef DPUCTL_PROBE_H
#define DPUCTL_PROBE_H 1

/* Runs 'argv', whose first element is the command's name.  Exits if something
 * fails. */
void dpuctl_probe(int argc, char *argv[]);

#endif /* utilities/dpuctl-probe.h */
