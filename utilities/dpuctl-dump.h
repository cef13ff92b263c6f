/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump: megaflows read from text, as "ovs-appctl dpctl/dump-flows"
 * prints them, with or without -m and --names; or in what "ovs-appctl
 * ofproto/trace" prints.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_DUMP_H
#define DPUCTL_DUMP_H 1

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"

#include "utilities/dpuctl-dump-port.h"

/* One megaflow. */
struct dpuctl_flow {
    char *text;                 /* Without what it counted. */
    unsigned int line;          /* Where it stands, from 1. */
    uint64_t packets;           /* That it counted. */
    struct match match;
    struct ofpbuf actions;      /* Datapath actions. */
};

struct dpuctl_dump {
    struct dpuctl_flow *flows;
    size_t n_flows, allocated_flows;
    struct dpuctl_dump_ports ports;
};

/* Reads all of 'stream' into '*dump'.  'name' is for messages.  Returns NULL,
 * or a sentence that says which line is wrong, which the caller must free();
 * '*dump' is to be destroyed in either case.
 *
 * Lines that start with '#' are comments; "packets=N" in one is the count of
 * the next megaflow, unless that has one of its own.  Empty lines and the
 * "flow-dump from ..." headers are skipped.  Lines of dpctl/show, before the
 * megaflows, tell which ports are of a device; without them, all are but for
 * tunnels.  From a line on that starts with "Flow: " the text is a trace, of
 * which the megaflows are read.
 *
 * Sets Open vSwitch's limit of VLAN headers to that of the datapath that the
 * megaflows are from. */
char *dpuctl_dump_read(struct dpuctl_dump *dump, FILE *stream,
                       const char *name);
void dpuctl_dump_destroy(struct dpuctl_dump *dump);

#endif /* utilities/dpuctl-dump.h */
