/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-dump: see dpuctl-dump.h. */

#include <config.h>

#include "utilities/dpuctl-dump.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"
#include "utilities/dpuctl-dump-action.h"
#include "utilities/dpuctl-trace.h"

/* Cuts 'line' in two: returns the actions, and leaves the match, without what
 * the megaflow counted, in 'line'.  Returns NULL if there are no actions. */
static char *
split_line(char *line, uint64_t *packets)
{
    char *actions = strstr(line, "actions:");
    char *extra = strstr(line, ", dp-extra-info:");
    char *stats;

    if (!actions) {
        return NULL;
    }
    if (extra) {
        *extra = '\0';
    }
    if (actions > line) {
        actions[-1] = '\0';
    }
    stats = strstr(line, "packets:");
    if (stats) {
        ovs_scan(stats, "packets:%"SCNu64, packets);
        *stats = '\0';
    }
    for (char *end = strchr(line, '\0');
         end > line && (end[-1] == ',' || end[-1] == ' '); ) {
        *--end = '\0';
    }
    return actions + strlen("actions:");
}

static char *
flow_parse(struct dpuctl_dump *dump, struct dpuctl_flow *flow)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds list = DS_EMPTY_INITIALIZER;
    char *text = xstrdup(flow->text);
    uint64_t packets;
    char *actions = split_line(text, &packets);
    char *error;

    dpuctl_dump_ports_walk_match(&dump->ports, text, &match);
    dpuctl_dump_ports_walk_actions(&dump->ports, actions, &list);

    error = dpu_megaflow_parse_match(ds_cstr(&match), NULL, &flow->match);
    if (!error && !dpuctl_dump_actions_parse(ds_cstr(&list), &flow->actions)) {
        error = xasprintf("not a list of actions: %s", actions);
    }
    free(text);
    ds_destroy(&list);
    ds_destroy(&match);
    return error;
}

/* Adds the megaflow in 'line', unparsed.  Returns false if it is none. */
static bool
dump_add_flow(struct dpuctl_dump *dump, char *line, unsigned int number,
              uint64_t packets)
{
    struct dpuctl_flow *flow;
    char *actions;

    if (!strncmp(line, "ufid:", strlen("ufid:"))) {
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    actions = split_line(line, &packets);
    if (!actions) {
        return false;
    }
    dpuctl_dump_ports_walk_match(&dump->ports, line, NULL);
    dpuctl_dump_ports_walk_actions(&dump->ports, actions, NULL);
    if (dump->n_flows >= dump->allocated_flows) {
        dump->flows = x2nrealloc(dump->flows, &dump->allocated_flows,
                                 sizeof *dump->flows);
    }
    flow = &dump->flows[dump->n_flows++];
    memset(flow, 0, sizeof *flow);
    flow->text = xasprintf("%s actions:%s", line, actions);
    flow->line = number;
    flow->packets = packets;
    ofpbuf_init(&flow->actions, 0);
    return true;
}

/* What reading has come to. */
struct reader {
    struct dpuctl_dump *dump;
    unsigned int line;          /* From 1. */
    uint64_t packets;           /* Of the next megaflow, as a comment says. */
    bool trace;                 /* What ofproto/trace prints. */
    char *megaflow;             /* Of a trace, whose actions come next. */
};

/* Whether 's' is a line around what dump-flows and dpctl/show list. */
static bool
is_heading(const char *s)
{
    size_t len = strlen(s);

    return (!strncmp(s, "flow-dump from", strlen("flow-dump from"))
            || (len && s[len - 1] == ':' && strchr(s, '@'))
            || !strncmp(s, "lookups:", strlen("lookups:"))
            || !strncmp(s, "flows:", strlen("flows:")));
}

/* Goes on with a line 's' of what dump-flows prints, or dpctl/show. */
static char *
read_dump_line(struct reader *r, char *s)
{
    if (*s == '#') {
        const char *count = strstr(s, "packets=");

        if (count) {
            ovs_scan(count, "packets=%"SCNu64, &r->packets);
        }
    } else if (*s && !is_heading(s)
               && !dpuctl_dump_ports_read(&r->dump->ports, s)) {
        if (!dump_add_flow(r->dump, s, r->line, r->packets)) {
            return xstrdup("a megaflow has \"actions:\"");
        }
        r->packets = 0;
    }
    return NULL;
}

/* The last megaflow turns out to be software's. */
static void
slow_down(struct dpuctl_dump *dump)
{
    if (dump->n_flows) {
        struct dpuctl_flow *flow = &dump->flows[dump->n_flows - 1];
        char *text = flow->text;

        *strstr(text, "actions:") = '\0';
        flow->text = xasprintf("%sactions:"DPUCTL_TRACE_SLOW_ACTIONS, text);
        free(text);
    }
}

/* Goes on with a line 's' of a trace: most tell how it comes to what
 * matters. */
static char *
read_trace_line(struct reader *r, const char *s)
{
    char *error = NULL, *flow;

    if (!strncmp(s, DPUCTL_TRACE_MEGAFLOW, strlen(DPUCTL_TRACE_MEGAFLOW))) {
        free(r->megaflow);
        r->megaflow = xstrdup(s + strlen(DPUCTL_TRACE_MEGAFLOW));
    } else if (r->megaflow && !strncmp(s, DPUCTL_TRACE_ACTIONS,
                                       strlen(DPUCTL_TRACE_ACTIONS))) {
        error = dpuctl_trace_rewrite(r->megaflow,
                                     s + strlen(DPUCTL_TRACE_ACTIONS), &flow);
        if (!error) {
            dump_add_flow(r->dump, flow, r->line, 0);
            free(flow);
        }
        free(r->megaflow);
        r->megaflow = NULL;
    } else if (!strncmp(s, DPUCTL_TRACE_SLOW, strlen(DPUCTL_TRACE_SLOW))) {
        slow_down(r->dump);
    }
    return error;
}

/* Reads the lines of 'stream'. */
static char *
dump_read_lines(struct dpuctl_dump *dump, FILE *stream, const char *name)
{
    struct reader r = { .dump = dump };
    struct ds line = DS_EMPTY_INITIALIZER;
    char *error = NULL;

    while (!error && !ds_get_line(&line, stream)) {
        char *s = ds_cstr(&line);
        char *why;

        r.line++;
        s += strspn(s, " \t");
        r.trace |= !strncmp(s, DPUCTL_TRACE_FLOW, strlen(DPUCTL_TRACE_FLOW));
        why = r.trace ? read_trace_line(&r, s) : read_dump_line(&r, s);
        if (why) {
            error = xasprintf("%s:%u: %s", name, r.line, why);
            free(why);
        }
    }
    free(r.megaflow);
    ds_destroy(&line);
    return error;
}

/* How many VLAN headers the match 'text' has; sets '*more' if one that was not
 * looked at follows. */
static int
count_vlans(const char *text, bool *more)
{
    const char *end = strstr(text, " actions:");
    const char *last = NULL;
    int n = 0;

    for (const char *s = text; (s = strstr(s, "vlan(")) && s < end; s++) {
        last = s;
        n++;
    }
    last = last ? strstr(last, "encap(eth_type(0x") : NULL;
    *more = last && last < end
            && eth_type_vlan(htons(strtoul(strchr(last, 'x') + 1, NULL, 16)));
    return n;
}

/* The vlan-limit of the datapath that had the megaflows of 'dump': what stands
 * behind the last VLAN header that was looked at tells, if it is another. */
static int
dump_vlan_limit(const struct dpuctl_dump *dump)
{
    int limit = FLOW_MAX_VLAN_HEADERS;
    int n_vlans = 0;

    for (size_t i = 0; i < dump->n_flows; i++) {
        bool more;
        int n = count_vlans(dump->flows[i].text, &more);

        n_vlans = MAX(n_vlans, n);
        limit = more ? MIN(limit, n) : limit;
    }
    return MAX(limit, n_vlans);
}

char *
dpuctl_dump_read(struct dpuctl_dump *dump, FILE *stream, const char *name)
{
    char *error;

    memset(dump, 0, sizeof *dump);
    error = dump_read_lines(dump, stream, name);
    dpuctl_dump_ports_number(&dump->ports);
    flow_limit_vlans(dump_vlan_limit(dump));
    for (size_t i = 0; !error && i < dump->n_flows; i++) {
        struct dpuctl_flow *flow = &dump->flows[i];
        char *why = flow_parse(dump, flow);

        if (why) {
            error = xasprintf("%s:%u: %s", name, flow->line, why);
            free(why);
        }
    }
    return error;
}

void
dpuctl_dump_destroy(struct dpuctl_dump *dump)
{
    for (size_t i = 0; i < dump->n_flows; i++) {
        free(dump->flows[i].text);
        ofpbuf_uninit(&dump->flows[i].actions);
    }
    free(dump->flows);
    dpuctl_dump_ports_destroy(&dump->ports);
}
