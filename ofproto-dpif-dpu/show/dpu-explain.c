/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dpif.h"
#include "netdev-offload.h"
#include "netdev.h"
#include "openvswitch/json.h"
#include "openvswitch/match.h"
#include "openvswitch/ofpbuf.h"
#include "simap.h"
#include "sset.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/show/dpu-explanation.h"
#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"
#include "ofproto-dpif-dpu/show/dpu-unixctl-private.h"

/* Megaflows that lead to the one that is explained, or that it leads to. */
struct neighbors {
    size_t flows;
    size_t hardware;
};

struct query {
    bool has_ufid, has_match;   /* By what to find it. */
    ovs_u128 ufid;
    struct match match;

    /* Where it is, if it was offered to a device. */
    struct dpu_offload_device *device;
    struct dpu_flow_key key;

    /* What was found. */
    struct dpu_explanation explanation;
    char *port;                 /* Where it enters. */
    struct ds comment;
    struct dpif_flow_stats stats;
    struct ofpbuf actions;
    uint32_t recirc_id;
    struct neighbors next, previous;
};

static void
query_init(struct query *q)
{
    memset(q, 0, sizeof *q);
    dpu_explanation_init(&q->explanation);
    ds_init(&q->comment);
    ofpbuf_init(&q->actions, 0);
}

static void
query_destroy(struct query *q)
{
    dpu_explanation_destroy(&q->explanation);
    free(q->port);
    ds_destroy(&q->comment);
    ofpbuf_uninit(&q->actions);
}

/* The datapaths. */

static void
for_each_datapath(void (*cb)(struct dpif *, void *aux), void *aux)
{
    struct sset names = SSET_INITIALIZER(&names);
    const char *name;

    dp_enumerate_names("netdev", &names);
    SSET_FOR_EACH (name, &names) {
        struct dpif *dpif;

        if (!dpif_open(name, "netdev", &dpif)) {
            cb(dpif, aux);
            dpif_close(dpif);
        }
    }
    sset_destroy(&names);
}

static void
add_port_names(struct dpif *dpif, void *names_)
{
    struct simap *names = names_;
    struct dpif_port_dump dump;
    struct dpif_port port;

    DPIF_PORT_FOR_EACH (&port, &dump, dpif) {
        simap_put(names, port.name, odp_to_u32(port.port_no));
    }
}

/* A megaflow of a datapath. */
struct datapath_flow {
    const struct query *query;
    bool found;
    struct match match;
    struct ofpbuf actions;
    uint64_t packets;
    char port[64];              /* Where it enters. */
};

/* Makes '*to' of 'from', of 'dpif'. */
static void
take_datapath_flow(struct dpif *dpif, const struct dpif_flow *from,
                   const struct match *match, struct datapath_flow *to)
{
    odp_port_t in_port = match->flow.in_port.odp_port;
    struct dpif_port port;

    to->found = true;
    to->match = *match;
    ofpbuf_clear(&to->actions);
    ofpbuf_put(&to->actions, from->actions, from->actions_len);
    to->packets = from->stats.n_packets;
    if (!dpif_port_query_by_number(dpif, in_port, &port)) {
        ovs_strlcpy(to->port, port.name, sizeof to->port);
        dpif_port_destroy(&port);
    } else {
        snprintf(to->port, sizeof to->port, "%"PRIu32, odp_to_u32(in_port));
    }
}

/* Whether 'flow', whose match is stored in '*match', is what 'q' asks for. */
static bool
is_asked_for(const struct query *q, const struct dpif_flow *flow,
             struct match *match)
{
    char *error;

    if (q->has_ufid && !ovs_u128_equals(flow->ufid, q->ufid)) {
        return false;
    }
    error = dpu_megaflow_from_odp(flow->key, flow->key_len, flow->mask,
                                  flow->mask_len, match);
    free(error);
    return (!error
            && (q->has_ufid || dpu_megaflow_match_equal(match, &q->match)));
}

/* A dump, as dpif_flow_get() would warn of a ufid that is unknown. */
static void
find_datapath_flow(struct dpif *dpif, void *to_)
{
    struct datapath_flow *to = to_;
    struct dpif_flow_dump *dump = dpif_flow_dump_create(dpif, false, NULL);
    struct dpif_flow_dump_thread *thread = dpif_flow_dump_thread_create(dump);
    struct dpif_flow flow;
    struct match match;

    while (!to->found && dpif_flow_dump_next(thread, &flow, 1)) {
        if (is_asked_for(to->query, &flow, &match)) {
            take_datapath_flow(dpif, &flow, &match, to);
        }
    }
    dpif_flow_dump_thread_destroy(thread);
    dpif_flow_dump_destroy(dump);
}

/* What was offered to a device. */

static void
find_cb(const struct dpu_flow *flow, void *query_)
{
    struct query *q = query_;
    struct match match;

    if (flow->policer) {
        return;
    } else if (q->has_ufid && ovs_u128_equals(flow->key.ufid, q->ufid)) {
        q->key = flow->key;
    } else if (q->has_match) {
        dpu_flow_match(flow, &match);
        if (dpu_megaflow_match_equal(&match, &q->match)) {
            q->key = flow->key;
        }
    }
}

/* Looks for what 'q' asks for on all devices. */
static bool
find_offered(struct query *q)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    q->key.ethdev = UINT16_MAX;
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_flow_for_each(&device->flows, false, find_cb, q);
        if (q->key.ethdev != UINT16_MAX) {
            q->device = device;
            return true;
        }
    }
    return false;
}

static void
explain_cb(const struct dpu_flow *flow, void *query_)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    struct query *q = query_;
    const struct dpu_offload_port *port
        = dpu_unixctl_find_port(q->device, flow->key.ethdev);
    const struct nlattr *actions;
    struct match match;
    size_t actions_len;

    dpu_flow_match(flow, &match);
    actions = dpu_flow_actions(flow, &actions_len);
    q->recirc_id = match.flow.recirc_id;
    dpu_megaflow_format(&match, actions, actions_len, &q->explanation.flow);
    ofpbuf_put(&q->actions, actions, actions_len);
    dpu_stats_get(&flow->stats, &q->stats);
    q->explanation.packets = q->stats.n_packets;
    q->explanation.place = dpu_flow_place(&q->device->flows, flow);
    dpu_flow_reason(flow, &q->explanation.reason);
    if (port) {
        q->port = xstrdup(port->name);
        dpu_unixctl_format_comment(port, flow, &q->comment);
        dpu_unixctl_format_rules(port, flow, &q->explanation.rules);
    }
}

static void
count_neighbor(struct neighbors *n, const struct dpu_flow *flow)
{
    n->flows++;
    n->hardware += flow->n_rules > 0 && !flow->partial;
}

static void
neighbor_cb(const struct dpu_flow *flow, void *query_)
{
    struct query *q = query_;
    const struct nlattr *actions;
    uint32_t recirc_id;
    struct match match;
    size_t actions_len;

    dpu_flow_match(flow, &match);
    actions = dpu_flow_actions(flow, &actions_len);
    recirc_id = match.flow.recirc_id;
    if (recirc_id
        && dpu_megaflow_has_action(q->actions.data, q->actions.size,
                                   OVS_ACTION_ATTR_RECIRC, recirc_id)) {
        count_neighbor(&q->next, flow);
    }
    if (q->recirc_id
        && dpu_megaflow_has_action(actions, actions_len,
                                   OVS_ACTION_ATTR_RECIRC, q->recirc_id)) {
        count_neighbor(&q->previous, flow);
    }
}

/* Explains 'q' if a device was offered it.  Returns false if none was. */
static bool
explain_offered(struct query *q)
{
    bool found;

    ovs_mutex_lock(&dpu_offload_mutex);
    found = (find_offered(q)
             && dpu_flow_visit(&q->device->flows, &q->key, explain_cb, q));
    if (found) {
        dpu_flow_for_each(&q->device->flows, false, neighbor_cb, q);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);
    return found;
}

/* What was not. */

static void
explain_not_offered(struct query *q, const struct datapath_flow *flow)
{
    odp_port_t in_port = flow->match.flow.in_port.odp_port;
    struct netdev *netdev = netdev_ports_get(in_port, "netdev");
    struct dpu_reason *reason = &q->explanation.reason;
    bool is_dpu = netdev && !strcmp(netdev_get_type(netdev), NETDEV_DPU_TYPE);
    const char *status = is_dpu ? netdev_dpu_get_offload_status(netdev) : "";

    if (!is_dpu && !(netdev && dpu_offload_is_tunnel(netdev))) {
        dpu_reason_set(reason, DPU_REASON_IN_PORT, "port %s", flow->port);
    } else if (!netdev_is_flow_api_enabled()) {
        dpu_reason_set(reason, DPU_REASON_NOT_OFFERED,
                       "other_config:hw-offload is not true");
    } else if (is_dpu && strncmp(status, "ready", 5)) {
        dpu_reason_set(reason, DPU_REASON_NOT_OFFERED, "port %s is %s",
                       flow->port, status);
    } else {
        dpu_reason_set(reason, DPU_REASON_NOT_OFFERED, "not yet");
    }
    q->port = xstrdup(flow->port);
    ds_put_format(&q->comment, "# %s packets:%"PRIu64"\n", flow->port,
                  flow->packets);
    q->explanation.packets = flow->packets;
    dpu_megaflow_format(&flow->match, flow->actions.data, flow->actions.size,
                        &q->explanation.flow);
    netdev_close(netdev);
}

/* Finds what 'q' asks for and explains it.  Returns false if there is no such
 * megaflow. */
static bool
explain(struct query *q)
{
    struct datapath_flow flow = { .query = q };
    bool offered;

    ofpbuf_init(&flow.actions, 0);
    offered = explain_offered(q);
    if (!offered) {
        for_each_datapath(find_datapath_flow, &flow);
        if (flow.found) {
            /* The datapath and the devices do not call it by the same
             * ufid. */
            q->match = flow.match;
            q->has_match = true;
            offered = explain_offered(q);
        }
    }
    if (!offered && flow.found) {
        explain_not_offered(q, &flow);
    }
    ofpbuf_uninit(&flow.actions);
    return offered || flow.found;
}

/* The answer. */

static void
format_neighbors(const struct neighbors *n, const char *what, struct ds *s)
{
    if (n->flows) {
        ds_put_format(s, "# %s: %"PRIuSIZE" of %"PRIuSIZE
                      " megaflows in hardware\n", what, n->hardware, n->flows);
    }
}

static void
format_text(const struct query *q, struct ds *s)
{
    enum dpu_reason_code code = q->explanation.reason.code;

    ds_put_cstr(s, ds_cstr_ro(&q->comment));
    dpu_explanation_format(&q->explanation, s);
    format_neighbors(&q->previous, "comes from", s);
    format_neighbors(&q->next, "goes on in", s);
    if (code != DPU_REASON_NONE) {
        ds_put_format(s, "What would help: %s\n", dpu_reason_code_hint(code));
    }
}

static struct json *
neighbors_to_json(const struct neighbors *n)
{
    struct json *json = json_object_create();

    json_object_put(json, "flows", json_integer_create(n->flows));
    json_object_put(json, "hardware", json_integer_create(n->hardware));
    return json;
}

static void
format_json(const struct query *q, struct ds *s)
{
    struct json *json = dpu_explanation_to_json(&q->explanation);

    json_object_put_string(json, "port", q->port ? q->port : "");
    if (q->device) {
        json_object_put_format(json, "ufid", UUID_FMT,
                               UUID_ARGS((struct uuid *) &q->key.ufid));
        json_object_put_string(json, "device",
                               dpu_device_name(q->device->device));
        json_object_put(json, "bytes", json_integer_create(q->stats.n_bytes));
        json_object_put(json, "next", neighbors_to_json(&q->next));
        json_object_put(json, "previous", neighbors_to_json(&q->previous));
    }
    json_to_ds(json, JSSF_PRETTY | JSSF_SORT, s);
    ds_put_char(s, '\n');
    json_destroy(json);
}

/* The command. */

/* Takes "ufid:UUID", "UUID" or the match that 'arg' starts with.  Returns
 * NULL, or a sentence that says what is wrong, which the caller must
 * free(). */
static char *
parse_flow(const char *arg, struct query *q)
{
    struct simap names = SIMAP_INITIALIZER(&names);
    char *text, *end, *error;
    struct uuid uuid;

    arg += strspn(arg, " \t\n");
    if (uuid_from_string_prefix(&uuid, arg + (!strncmp(arg, "ufid:", 5)
                                              ? 5 : 0))) {
        memcpy(&q->ufid, &uuid, sizeof q->ufid);
        q->has_ufid = true;
        return NULL;
    }

    text = xstrdup(arg);
    end = strstr(text, "packets:");
    end = end ? end : strstr(text, "actions:");
    if (end) {
        while (end > text && strchr(", ", end[-1])) {
            end--;
        }
        *end = '\0';
    }
    for_each_datapath(add_port_names, &names);
    error = (*text ? dpu_megaflow_parse_match(text, &names, &q->match)
             : xstrdup("it is empty"));
    q->has_match = !error;
    simap_destroy(&names);
    free(text);
    return error;
}

static void
unixctl_explain(struct unixctl_conn *conn, int argc, const char *argv[],
                void *aux OVS_UNUSED)
{
    bool json = argc == 4;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct query q;
    char *error;

    if (argc == 3 || (json && ((strcmp(argv[1], "-f")
                                && strcmp(argv[1], "--format"))
                               || strcmp(argv[2], "json")))) {
        unixctl_command_reply_error(conn, "usage: dpu/explain [-f json] "
                                    "UFID|FLOW, FLOW in quotes");
        return;
    }

    query_init(&q);
    error = parse_flow(argv[argc - 1], &q);
    if (error) {
        ds_put_format(&s, "neither a UFID nor a FLOW: %s", error);
        unixctl_command_reply_error(conn, ds_cstr(&s));
    } else if (!explain(&q)) {
        ds_put_format(&s, "%s: no such megaflow (\"dpctl/dump-flows -m\" "
                      "lists them)", argv[argc - 1]);
        unixctl_command_reply_error(conn, ds_cstr(&s));
    } else {
        (json ? format_json : format_text)(&q, &s);
        unixctl_command_reply(conn, ds_cstr(&s));
    }
    free(error);
    ds_destroy(&s);
    query_destroy(&q);
}

void
dpu_explain_register(void)
{
    unixctl_command_register("dpu/explain", "[-f json] UFID|FLOW", 1, 3,
                             unixctl_explain, NULL);
}
