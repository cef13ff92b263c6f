/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-trace.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-port.h"
#include "flow.h"
#include "util.h"

#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"
#include "utilities/dpuctl-daemon.h"

/* Number and text that stand for the port, whatever it is called. */
#define PLACEHOLDER 1
#define PLACEHOLDER_TEXT "in_port(1)"

/* Cuts "in_port=PORT" out of 'text', and returns the name of PORT, which the
 * caller must free(), or NULL if there is none. */
static char *
cut_port(char *text)
{
    char *field = strstr(text, "in_port=");
    char *port, *name;
    size_t len;

    if (!field) {
        return NULL;
    }
    port = field + strlen("in_port=");
    len = strcspn(port, ",");
    name = xmemdup0(port, len);
    memmove(field, port + len + (port[len] == ','),
            strlen(port + len + (port[len] == ',')) + 1);
    if (name[strspn(name, "0123456789")] == '\0') {
        char *number = name;

        name = xasprintf("ofport%s", number);
        free(number);
    }
    return name;
}

static char *
parse_match(const char *text, struct match *match)
{
    enum ofputil_protocol protocols;
    struct ofputil_flow_mod fm;
    char *error;

    /* To delete flows takes no actions. */
    error = parse_ofp_str(&fm, OFPFC_DELETE, text, NULL, NULL, &protocols);
    if (!error) {
        minimatch_expand(&fm.match, match);
        minimatch_destroy(&fm.match);
        free(CONST_CAST(struct ofpact *, fm.ofpacts));
    }
    return error;
}

char *
dpuctl_trace_rewrite(const char *text, const char *actions, char **flow)
{
    char *copy = xstrdup(text);
    char *port = cut_port(copy);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct match match;
    char *error;

    error = (port ? parse_match(copy, &match)
             : xstrdup("a trace's megaflow has \"in_port=\""));
    if (!error) {
        char *found;

        match.flow.in_port.odp_port = u32_to_odp(PLACEHOLDER);
        match.wc.masks.in_port.odp_port = u32_to_odp(UINT32_MAX);
        match.wc.masks.recirc_id = UINT32_MAX;
        dpu_megaflow_format(&match, NULL, 0, &s);
        *strstr(ds_cstr(&s), ", actions:") = '\0';
        found = strstr(ds_cstr(&s), PLACEHOLDER_TEXT);
        *found = '\0';
        *flow = xasprintf("%sin_port(%s)%s, actions:%s", ds_cstr(&s), port,
                          found + strlen(PLACEHOLDER_TEXT), actions);
    }
    ds_destroy(&s);
    free(port);
    free(copy);
    return error;
}

char *
dpuctl_trace_ask(struct jsonrpc *daemon, const char *bridge, const char *flow,
                 char **trace)
{
    char *args[] = {
        CONST_CAST(char *, "--names"),
        CONST_CAST(char *, bridge),
        CONST_CAST(char *, flow),
    };

    return dpuctl_daemon_ask(daemon, "ofproto/trace", ARRAY_SIZE(args), args,
                             trace);
}
