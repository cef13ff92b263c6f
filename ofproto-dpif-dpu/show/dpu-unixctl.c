/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-unixctl.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_ethdev.h>

#include "dpif.h"
#include "netdev.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "sset.h"
#include "svec.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"
#include "uuid.h"

#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/show/dpu-audit-report.h"
#include "ofproto-dpif-dpu/show/dpu-dump.h"
#include "ofproto-dpif-dpu/show/dpu-explain.h"
#include "ofproto-dpif-dpu/show/dpu-megaflow-text.h"
#include "ofproto-dpif-dpu/show/dpu-metrics.h"
#include "ofproto-dpif-dpu/show/dpu-unixctl-private.h"

/* A consistent copy of what 'flows' counts. */
struct dpu_unixctl_counts {
    size_t n_rules;
    size_t n_partial;
    size_t n_flows;
    size_t n_refused[DPU_N_REASONS];
    uint64_t n_refused_ever[DPU_N_REASONS];
};

static void
dpu_unixctl_add_counts(struct dpu_flow_table *flows,
                       struct dpu_unixctl_counts *counts)
{
    ovs_mutex_lock(&flows->mutex);
    counts->n_rules += dpu_flow_n_rules(flows);
    counts->n_partial += flows->n_partial;
    counts->n_flows += dpu_flow_count_all(flows) - flows->n_policers;
    for (size_t i = 0; i < DPU_N_REASONS; i++) {
        counts->n_refused[i] += flows->n_refused[i];
        counts->n_refused_ever[i] += flows->n_refused_ever[i];
    }
    ovs_mutex_unlock(&flows->mutex);
}

const struct dpu_offload_port *
dpu_unixctl_find_port(const struct dpu_offload_device *device, uint16_t ethdev)
{
    const struct dpu_offload_port *port;

    LIST_FOR_EACH (port, node, &device->ports) {
        if (port->port.ethdev == ethdev) {
            return port;
        }
    }
    return NULL;
}

/* dpu/show. */

static struct dpu_offload_device *
dpu_unixctl_find_device(const struct dpu_device *device)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *offload;

    LIST_FOR_EACH (offload, node, &dpu_offload_devices) {
        if (offload->device == device) {
            return offload;
        }
    }
    return NULL;
}

/* Appends those 'n' of 'ports' that 'device' has. */
static void
dpu_unixctl_format_ports(const struct dpu_device *device,
                         const struct shash_node **ports, size_t n,
                         struct ds *s)
{
    ds_put_cstr(s, "  ports:\n");
    for (size_t i = 0; i < n; i++) {
        const struct netdev *netdev = ports[i]->data;
        struct dpu_port port;

        if (dpu_port_from_netdev(netdev, &port) && port.device == device) {
            ds_put_format(s, "    %s: ethdev %"PRIu16", %s, offload %s\n",
                          ports[i]->name, port.ethdev,
                          port.representor ? "representor" : "uplink",
                          netdev_dpu_get_offload_status(netdev));
        }
    }
}

/* Appends 'caps', indented. */
static void
dpu_unixctl_format_caps(const struct dpu_caps *caps, struct ds *s)
{
    struct ds lines = DS_EMPTY_INITIALIZER;
    char *save_ptr = NULL;

    ds_put_cstr(s, "  takes:\n");
    dpu_caps_format(caps, &lines);
    for (char *line = strtok_r(ds_cstr(&lines), "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        ds_put_format(s, "    %s\n", line);
    }
    ds_destroy(&lines);
}

static void
dpu_unixctl_format_offload(struct dpu_offload_device *device, struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_unixctl_counts counts = { .n_rules = 0 };
    const char *separator = "";
    size_t n_chains, n_misses;

    dpu_unixctl_add_counts(&device->flows, &counts);
    ds_put_cstr(s, "  insertion: ");
    dpu_insertion_format(&device->insertion, s);
    ds_put_char(s, '\n');
    ds_put_format(s, "  megaflows: %"PRIuSIZE"\n"
                  "  rules: %"PRIuSIZE"\n"
                  "  partial: %"PRIuSIZE"\n"
                  "  refused:", counts.n_flows, counts.n_rules,
                  counts.n_partial);
    for (size_t i = 0; i < DPU_N_REASONS; i++) {
        if (counts.n_refused[i]) {
            ds_put_format(s, "%s %s %"PRIuSIZE, separator,
                          dpu_reason_code_name(i), counts.n_refused[i]);
            separator = ",";
        }
    }
    ds_put_cstr(s, separator[0] ? "\n" : " none\n");
    dpu_chain_table_count(&device->flows.chains, &n_chains, &n_misses);
    ds_put_format(s, "  chains: %"PRIuSIZE" (of %"PRIu32"), with %"PRIuSIZE
                  " rules for what misses\n", n_chains,
                  device->flows.caps.max_group, n_misses);
    dpu_ct_format_device(device->ct, s);

    dpu_unixctl_format_caps(&device->flows.caps, s);
}

static void
dpu_unixctl_format_device(const struct dpu_device *device,
                          const struct shash_node **ports, size_t n,
                          struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *offload = dpu_unixctl_find_device(device);
    uint16_t domain = dpu_device_domain(device);

    ds_put_format(s, "%s:\n  driver: %s\n  switch domain: ",
                  dpu_device_name(device), dpu_device_driver(device));
    if (domain != RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID) {
        ds_put_format(s, "%"PRIu16"\n", domain);
    } else {
        ds_put_cstr(s, "none\n");
    }
    dpu_unixctl_format_ports(device, ports, n, s);
    if (offload) {
        dpu_unixctl_format_offload(offload, s);
    }
}

/* Appends what became of packets that missed in hardware half-way. */
static void
dpu_unixctl_format_misses(struct ds *s)
{
    struct dpu_miss_stats stats;

    dpu_miss_get_stats(&stats);
    ds_put_format(s, "missed packets:\n"
                  "  resumed: %"PRIu64"\n"
                  "  stale: %"PRIu64"\n"
                  "  failed: %"PRIu64"\n"
                  "  contexts: %"PRIuSIZE", lingering: %"PRIuSIZE"\n",
                  stats.resumed, stats.stale, stats.failed,
                  stats.n_contexts, stats.n_lingering);
}

static void
dpu_unixctl_show(struct unixctl_conn *conn, int argc OVS_UNUSED,
                 const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct shash shash = SHASH_INITIALIZER(&shash);
    struct sset shown = SSET_INITIALIZER(&shown);
    const struct shash_node **ports;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct shash_node *node;
    struct dpu_port port;
    size_t n;

    netdev_dpu_get_ports(&shash);
    ports = shash_sort(&shash);
    n = shash_count(&shash);

    ovs_mutex_lock(&dpu_offload_mutex);
    for (size_t i = 0; i < n; i++) {
        if (dpu_port_from_netdev(ports[i]->data, &port)
            && sset_add(&shown, dpu_device_name(port.device))) {
            dpu_unixctl_format_device(port.device, ports, n, &s);
        }
    }
    ovs_mutex_unlock(&dpu_offload_mutex);

    if (!s.length) {
        ds_put_cstr(&s, "no port of type dpu\n");
    } else {
        dpu_unixctl_format_misses(&s);
    }
    unixctl_command_reply(conn, ds_cstr(&s));

    ds_destroy(&s);
    free(ports);
    SHASH_FOR_EACH (node, &shash) {
        netdev_close(node->data);
    }
    shash_destroy(&shash);
    sset_destroy(&shown);
}

/* dpu/rules. */

struct dpu_unixctl_rules {
    const struct dpu_offload_device *device;
    const char *port_name;      /* These alone, or NULL for all. */
    bool verbose;               /* With port, ufid and counts. */
    struct svec lines;
};

/* Appends what is known of 'flow' besides its rule, as a comment, so that
 * testpmd still reads the whole. */
void
dpu_unixctl_format_comment(const struct dpu_offload_port *port,
                           const struct dpu_flow *flow, struct ds *s)
{
    struct dpif_flow_stats stats;

    dpu_stats_get(&flow->stats, &stats);
    ds_put_format(s, "# %s ", port->name);
    if (flow->policer) {
        ds_put_cstr(s, "policer");
    } else {
        ds_put_format(s, "ufid:"UUID_FMT,
                      UUID_ARGS((const struct uuid *) &flow->key.ufid));
    }
    ds_put_format(s, " packets:%"PRIu64", bytes:%"PRIu64", used:",
                  stats.n_packets, stats.n_bytes);
    if (stats.used) {
        ds_put_format(s, "%.3fs\n", (time_msec() - stats.used) / 1000.0);
    } else {
        ds_put_cstr(s, "never\n");
    }
}

void
dpu_unixctl_format_rules(const struct dpu_offload_port *port,
                         const struct dpu_flow *flow, struct ds *s)
{
    struct dpu_offload_map map;
    struct dpu_reason reason;
    struct dpu_spec spec;

    dpu_offload_map_init(&map, port);
    if (!dpu_flow_spec(&port->device->flows, flow, &map.up, &spec, &reason)) {
        if (flow->n_rules) {
            ds_put_cstr(s, "# changed since: ");
            dpu_reason_format(&reason, s);
            ds_put_char(s, '\n');
        }
        return;
    }
    dpu_spec_format_rules(&spec, flow->target, s);
    dpu_spec_free_more(&spec);
}

static void
dpu_unixctl_rule_cb(const struct dpu_flow *flow, void *rules_)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    struct dpu_unixctl_rules *rules = rules_;
    const struct dpu_offload_port *port
        = dpu_unixctl_find_port(rules->device, flow->key.ethdev);
    struct ds s = DS_EMPTY_INITIALIZER;

    if (flow->n_rules && port
        && (!rules->port_name || !strcmp(rules->port_name, port->name))) {
        if (rules->verbose) {
            dpu_unixctl_format_comment(port, flow, &s);
        }
        dpu_unixctl_format_rules(port, flow, &s);
        svec_add_nocopy(&rules->lines, ds_steal_cstr(&s));
    }
}

static bool
dpu_unixctl_has_port(const char *name)
    OVS_REQUIRES(dpu_offload_mutex)
{
    const struct dpu_offload_device *device;
    const struct dpu_offload_port *port;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        LIST_FOR_EACH (port, node, &device->ports) {
            if (!strcmp(port->name, name)) {
                return true;
            }
        }
    }
    return false;
}

/* Appends 'lines' to 's' in order. */
static void
dpu_unixctl_put_sorted(struct svec *lines, struct ds *s)
{
    const char *line;
    size_t i;

    svec_sort(lines);
    SVEC_FOR_EACH (i, line, lines) {
        ds_put_cstr(s, line);
    }
}

static void
dpu_unixctl_rules(struct unixctl_conn *conn, int argc, const char *argv[],
                  void *aux OVS_UNUSED)
{
    bool verbose = argc > 1 && !strcmp(argv[1], "-v");
    struct dpu_unixctl_rules rules = {
        .port_name = argc > 1 + verbose ? argv[1 + verbose] : NULL,
        .verbose = verbose,
        .lines = SVEC_EMPTY_INITIALIZER,
    };
    struct dpu_offload_device *device;
    struct ds s = DS_EMPTY_INITIALIZER;
    bool found;

    ovs_mutex_lock(&dpu_offload_mutex);
    found = !rules.port_name || dpu_unixctl_has_port(rules.port_name);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        rules.device = device;
        dpu_flow_for_each(&device->flows, verbose, dpu_unixctl_rule_cb,
                          &rules);
    }
    ovs_mutex_unlock(&dpu_offload_mutex);

    if (found) {
        dpu_unixctl_put_sorted(&rules.lines, &s);
        unixctl_command_reply(conn, ds_cstr(&s));
    } else {
        ds_put_format(&s, "%s: no such offloaded port (\"dpu/show\" lists "
                      "them)", rules.port_name);
        unixctl_command_reply_error(conn, ds_cstr(&s));
    }
    ds_destroy(&s);
    svec_destroy(&rules.lines);
}

/* dpu/reasons. */

struct dpu_unixctl_reasons {
    const struct dpu_offload_device *device;
    struct svec lines;
};

/* Appends 'flow' as "dpctl/dump-flows" writes it. */
static void
dpu_unixctl_format_megaflow(const struct dpu_flow *flow, struct ds *s)
{
    const struct nlattr *actions;
    struct match match;
    size_t actions_len;

    dpu_flow_match(flow, &match);
    actions = dpu_flow_actions(flow, &actions_len);
    dpu_megaflow_format(&match, actions, actions_len, s);
}

static void
dpu_unixctl_reason_cb(const struct dpu_flow *flow, void *reasons_)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    struct dpu_unixctl_reasons *reasons = reasons_;
    const struct dpu_offload_port *port
        = dpu_unixctl_find_port(reasons->device, flow->key.ethdev);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_reason reason;

    if (flow->code == DPU_REASON_NONE || !port) {
        return;
    }
    dpu_flow_reason(flow, &reason);
    ds_put_format(&s, "%s ufid:"UUID_FMT" ", port->name,
                  UUID_ARGS((const struct uuid *) &flow->key.ufid));
    dpu_reason_format(&reason, &s);
    ds_put_cstr(&s, flow->partial ? ", offloaded:partial\n  " : "\n  ");
    dpu_unixctl_format_megaflow(flow, &s);
    ds_put_char(&s, '\n');
    svec_add_nocopy(&reasons->lines, ds_steal_cstr(&s));
}

static void
dpu_unixctl_format_counts(const struct dpu_unixctl_counts *counts,
                          struct ds *s)
{
    size_t start = s->length;

    for (size_t i = 0; i < DPU_N_REASONS; i++) {
        if (counts->n_refused_ever[i]) {
            if (s->length == start) {
                ds_put_format(s, "%-16s %8s %8s  %s\n", "code", "total",
                              "now", "meaning");
            }
            ds_put_format(s, "%-16s %8"PRIu64" %8"PRIuSIZE"  %s\n",
                          dpu_reason_code_name(i), counts->n_refused_ever[i],
                          counts->n_refused[i],
                          dpu_reason_code_meaning(i));
        }
    }
    if (s->length == start) {
        ds_put_cstr(s, "nothing was refused\n");
    }
}

static void
dpu_unixctl_reasons(struct unixctl_conn *conn, int argc, const char *argv[],
                    void *aux OVS_UNUSED)
{
    struct dpu_unixctl_reasons reasons = { .lines = SVEC_EMPTY_INITIALIZER };
    struct dpu_unixctl_counts counts = { .n_rules = 0 };
    bool verbose = argc > 1 && !strcmp(argv[1], "-v");
    struct dpu_offload_device *device;
    struct ds s = DS_EMPTY_INITIALIZER;

    if (argc > 1 && !verbose) {
        unixctl_command_reply_error(conn, "the only option is -v, for every "
                                    "megaflow that is refused");
        return;
    }

    ovs_mutex_lock(&dpu_offload_mutex);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_unixctl_add_counts(&device->flows, &counts);
        if (verbose) {
            reasons.device = device;
            dpu_flow_for_each(&device->flows, false, dpu_unixctl_reason_cb,
                              &reasons);
        }
    }
    ovs_mutex_unlock(&dpu_offload_mutex);

    dpu_unixctl_format_counts(&counts, &s);
    dpu_unixctl_put_sorted(&reasons.lines, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
    svec_destroy(&reasons.lines);
}

void
dpu_unixctl_register(void)
{
    dpu_audit_report_register();
    dpu_ct_register();
    dpu_dump_register();
    dpu_explain_register();
    dpu_metrics_register();
    unixctl_command_register("dpu/show", "", 0, 0, dpu_unixctl_show, NULL);
    unixctl_command_register("dpu/rules", "[-v] [port]", 0, 2,
                             dpu_unixctl_rules, NULL);
    unixctl_command_register("dpu/reasons", "[-v]", 0, 1,
                             dpu_unixctl_reasons, NULL);
}
