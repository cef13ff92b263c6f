/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-trace: the megaflows in what "ovs-appctl ofproto/trace" prints.
 *
 * Thread-safety: reentrant. */

#ifndef DPUCTL_TRACE_H
#define DPUCTL_TRACE_H 1

struct jsonrpc;

/* How lines of a trace begin that matter. */
#define DPUCTL_TRACE_FLOW "Flow: "
#define DPUCTL_TRACE_MEGAFLOW "Megaflow: "
#define DPUCTL_TRACE_ACTIONS "Datapath actions: "
#define DPUCTL_TRACE_SLOW "This flow is handled by the userspace slow path"

/* What software does for a flow that is its own, as actions. */
#define DPUCTL_TRACE_SLOW_ACTIONS "userspace(pid=0,slow_path(action))"

/* Rewrites a trace's megaflow, 'match' in the words of OpenFlow, and datapath
 * 'actions' as dump-flows would print them, into '*flow', which the caller
 * must free().  A port that 'match' has as OpenFlow's number N is called
 * "ofportN".  Returns NULL, or a sentence that says what is wrong, which the
 * caller must free(). */
char *dpuctl_trace_rewrite(const char *match, const char *actions,
                           char **flow);

/* Stores in '*trace', which the caller must free(), what 'daemon' would do
 * with the packet 'flow' that enters 'bridge'.  Returns as above. */
char *dpuctl_trace_ask(struct jsonrpc *daemon, const char *bridge,
                       const char *flow, char **trace);

#endif /* utilities/dpuctl-trace.h */
