/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-metrics.h"

#include <stdlib.h>
#include <string.h>

#include "netdev.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "unixctl.h"
#include "util.h"

#include "netdev-dpu/dpu-device.h"
#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"
#include "ofproto-dpif-dpu/show/dpu-prometheus.h"

static const struct dpu_label no_labels[] = { { NULL, NULL } };

/* Metrics that are members of a structure. */

/* A row, of a device or a port, starts with its labels. */
struct row {
    struct dpu_label labels[3];     /* The last one is empty. */
};

struct member_metric {
    const char *name, *type, *help;
    size_t offset;                  /* Of an uint64_t in the row. */
};

/* Appends each of the 'n_metrics' metrics for each of the 'n_rows' rows of
 * 'size' bytes. */
static void
put_members(struct ds *s, const struct member_metric *metrics,
            size_t n_metrics, const void *rows, size_t size, size_t n_rows)
{
    for (size_t i = 0; i < n_metrics; i++) {
        const struct member_metric *m = &metrics[i];

        dpu_prometheus_begin(s, m->name, m->type, m->help);
        for (size_t j = 0; j < n_rows; j++) {
            const char *row = (const char *) rows + j * size;

            dpu_prometheus_put(
                s, m->name, ALIGNED_CAST(const struct row *, row)->labels,
                *ALIGNED_CAST(const uint64_t *, row + m->offset));
        }
    }
}

/* Devices. */

struct device_row {
    struct row up;
    uint64_t hardware, waiting;     /* Megaflows. */
    uint64_t rules, full_rules;
    uint64_t connection_rules;
    uint64_t chains;
    uint64_t full;
};

static const struct member_metric device_metrics[] = {
#define DEVICE_METRIC(NAME, MEMBER, HELP) \
    { "ovs_dpu_" NAME, "gauge", HELP, offsetof(struct device_row, MEMBER) }
    DEVICE_METRIC("megaflows", hardware, "Megaflows in hardware."),
    DEVICE_METRIC("megaflows_waiting", waiting,
                  "Megaflows that wait for room, or for a port to start."),
    DEVICE_METRIC("rules", rules, "Rules of megaflows on the device."),
    DEVICE_METRIC("connection_rules", connection_rules,
                  "Rules of connections on the device."),
    DEVICE_METRIC("chains", chains, "Groups of rules in use as chains."),
    DEVICE_METRIC("table_full", full,
                  "1 if the device had no room for the last new rule."),
    DEVICE_METRIC("table_full_rules", full_rules,
                  "Rules of megaflows that the device had when it was last "
                  "full, or 0."),
#undef DEVICE_METRIC
};

static void
read_device(struct dpu_offload_device *device, struct device_row *row)
{
    struct dpu_flow_table *t = &device->flows;
    size_t n_chains, n_misses;
    bool full;

    memset(row, 0, sizeof *row);
    row->up.labels[0] = (struct dpu_label) {
        "device", dpu_device_name(device->device),
    };
    row->connection_rules
        = device->ct ? dpu_ct_counter_get(&device->ct->n_rules) : 0;
    dpu_chain_table_count(&t->chains, &n_chains, &n_misses);
    row->chains = n_chains;

    ovs_mutex_lock(&t->mutex);
    row->hardware = dpu_flow_count_all(t) - t->n_policers;
    for (size_t i = DPU_REASON_NONE + 1; i < DPU_N_REASONS; i++) {
        row->hardware -= MIN(row->hardware, t->n_refused[i]);
    }
    row->waiting = ovs_list_size(&t->waiting);
    row->rules = dpu_flow_n_rules(t);
    row->full_rules = t->full_rules;
    ovs_mutex_unlock(&t->mutex);
    atomic_read_relaxed(&t->full, &full);
    row->full = full;
}

static void
put_devices(struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;
    struct device_row *rows;
    size_t n = 0;

    rows = xcalloc(ovs_list_size(&dpu_offload_devices), sizeof *rows);
    dpu_prometheus_begin(s, "ovs_dpu_device_info", "gauge",
                         "1 for each device, with its driver.");
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        const struct dpu_label labels[] = {
            { "device", dpu_device_name(device->device) },
            { "driver", dpu_device_driver(device->device) },
            { NULL, NULL },
        };

        dpu_prometheus_put(s, "ovs_dpu_device_info", labels, 1);
        read_device(device, &rows[n++]);
    }
    put_members(s, device_metrics, ARRAY_SIZE(device_metrics), rows,
                sizeof *rows, n);
    free(rows);
}

/* Refusals by code: those in force, or, if 'ever', all so far. */
static void
put_refusals(const char *name, bool ever, struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        struct dpu_flow_table *t = &device->flows;
        uint64_t n[DPU_N_REASONS];

        ovs_mutex_lock(&t->mutex);
        for (size_t i = 0; i < DPU_N_REASONS; i++) {
            n[i] = ever ? t->n_refused_ever[i] : t->n_refused[i];
        }
        ovs_mutex_unlock(&t->mutex);

        for (size_t i = DPU_REASON_NONE + 1; i < DPU_N_REASONS; i++) {
            const struct dpu_label labels[] = {
                { "device", dpu_device_name(device->device) },
                { "code", dpu_reason_code_name(i) },
                { NULL, NULL },
            };

            dpu_prometheus_put(s, name, labels, n[i]);
        }
    }
}

static void
put_histogram(const char *device, const struct dpu_histogram *h,
              struct ds *s)
{
    struct ds bound = DS_EMPTY_INITIALIZER;
    struct dpu_label labels[] = {
        { "device", device }, { "le", NULL }, { NULL, NULL },
    };
    /* Once, so that the buckets agree with the count whatever happens
     * meanwhile. */
    uint64_t counts[DPU_HISTOGRAM_N_BOUNDS + 1];

    for (size_t i = ARRAY_SIZE(counts); i-- > 0; ) {
        counts[i] = dpu_histogram_count(h, i);
    }
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        ds_clear(&bound);
        if (i < DPU_HISTOGRAM_N_BOUNDS) {
            dpu_prometheus_format_nsec(&bound, dpu_histogram_bounds[i]);
        } else {
            ds_put_cstr(&bound, "+Inf");
        }
        labels[1].value = ds_cstr(&bound);
        dpu_prometheus_put(s, "ovs_dpu_insertion_seconds_bucket", labels,
                           counts[i]);
    }
    labels[1].name = NULL;
    dpu_prometheus_put_nsec(s, "ovs_dpu_insertion_seconds_sum", labels,
                            dpu_histogram_sum(h));
    dpu_prometheus_put(s, "ovs_dpu_insertion_seconds_count", labels,
                       counts[DPU_HISTOGRAM_N_BOUNDS]);
    ds_destroy(&bound);
}

static void
put_insertions(struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    dpu_prometheus_begin(s, "ovs_dpu_insertion_seconds", "histogram",
                         "Time to put the rules of a megaflow on the device.");
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        put_histogram(dpu_device_name(device->device),
                      &device->flows.insertions, s);
    }
}

/* What audits found missing on devices: meters, or all kinds of rules. */
static void
put_audit(const char *name, const char *help, bool meters, struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    dpu_prometheus_begin(s, name, "counter", help);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        struct dpu_label labels[] = {
            { "device", dpu_device_name(device->device) },
            { "result", "restored" },
            { NULL, NULL },
        };
        struct dpu_audit sum = { .n_there = 0 };

        for (size_t i = 0; i < DPU_AUDITED_N_KINDS; i++) {
            if (meters == (i == DPU_AUDITED_METERS)) {
                sum.n_restored += device->audited.kinds[i].n_restored;
                sum.n_lost += device->audited.kinds[i].n_lost;
            }
        }
        dpu_prometheus_put(s, name, labels, sum.n_restored);
        labels[1].value = "lost";
        dpu_prometheus_put(s, name, labels, sum.n_lost);
    }
}

static void
put_audits(struct ds *s)
    OVS_REQUIRES(dpu_offload_mutex)
{
    static const char refs_name[] = "ovs_dpu_audit_references_total";

    put_audit("ovs_dpu_audit_rules_total", "Rules that audits found missing, "
              "by whether they are there again.", false, s);
    put_audit("ovs_dpu_audit_meters_total", "Meters that audits found "
              "missing, by whether they are there again.", true, s);
    dpu_prometheus_begin(s, refs_name, "counter", "References that audits "
                         "found to be one too many or too few, by what they "
                         "are to.");
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        struct dpu_refs_found found = dpu_offload_audited_refs(i);
        struct dpu_label labels[] = {
            { "kind", dpu_ref_kind_name(i) },
            { "result", "leaked" },
            { NULL, NULL },
        };

        dpu_prometheus_put(s, refs_name, labels, found.n_leaked);
        labels[1].value = "missing";
        dpu_prometheus_put(s, refs_name, labels, found.n_missing);
    }
}

/* Connections. */

static void
put_connections(struct ds *s)
{
    static const struct {
        const char *cause;
        enum dpu_ct_counter counter;
    } removals[] = {
        { "closed", DPU_CT_CLOSED },
        { "expired", DPU_CT_EXPIRED },
        { "flushed", DPU_CT_FLUSHED },
        { "changed", DPU_CT_CHANGED },
        { "lost", DPU_CT_LOST },
    };

    dpu_prometheus_begin(s, "ovs_dpu_connections", "gauge",
                         "Connections in hardware.");
    dpu_prometheus_put(s, "ovs_dpu_connections", no_labels,
                       dpu_ct_counter_get(&dpu_ct_n_offloaded));
    dpu_prometheus_begin(s, "ovs_dpu_connections_inserted_total", "counter",
                         "Connections that were put into hardware.");
    dpu_prometheus_put(s, "ovs_dpu_connections_inserted_total", no_labels,
                       dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_INSERTED]));
    dpu_prometheus_begin(s, "ovs_dpu_connections_removed_total", "counter",
                         "Connections that were taken out of hardware, by "
                         "cause.");
    for (size_t i = 0; i < ARRAY_SIZE(removals); i++) {
        const struct dpu_label labels[] = {
            { "cause", removals[i].cause }, { NULL, NULL },
        };

        dpu_prometheus_put(
            s, "ovs_dpu_connections_removed_total", labels,
            dpu_ct_counter_get(&dpu_ct_counters[removals[i].counter]));
    }
    dpu_prometheus_begin(s, "ovs_dpu_connection_refusals_total", "counter",
                         "Connections that stayed in software, by code.");
    for (size_t i = 0; i < DPU_CT_N_REFUSALS; i++) {
        const struct dpu_label labels[] = {
            { "code", dpu_ct_refusal_name(i) }, { NULL, NULL },
        };

        dpu_prometheus_put(s, "ovs_dpu_connection_refusals_total", labels,
                           dpu_ct_counter_get(&dpu_ct_refused_ever[i]));
    }
}

/* Packets that missed half-way. */

static void
put_misses(struct ds *s)
{
    struct dpu_miss_stats stats;

    dpu_miss_get_stats(&stats);
    const struct {
        const char *result;
        uint64_t n;
    } results[] = {
        { "resumed", stats.resumed },
        { "stale", stats.stale },
        { "failed", stats.failed },
    };

    dpu_prometheus_begin(s, "ovs_dpu_misses_total", "counter",
                         "Packets that left hardware half-way, by what became "
                         "of them in software.");
    for (size_t i = 0; i < ARRAY_SIZE(results); i++) {
        const struct dpu_label labels[] = {
            { "result", results[i].result }, { NULL, NULL },
        };

        dpu_prometheus_put(s, "ovs_dpu_misses_total", labels, results[i].n);
    }
}

/* Ports. */

/* What a port's function sent. */
struct port_row {
    struct row up;
    uint64_t ready;
    uint64_t packets, bytes;            /* All. */
    uint64_t sw_packets, sw_bytes;      /* Came up to software. */
    uint64_t hw_packets, hw_bytes;      /* Did not. */
};

static const struct member_metric port_metrics[] = {
#define PORT_METRIC(NAME, TYPE, MEMBER, HELP) \
    { "ovs_dpu_port_" NAME, TYPE, HELP, offsetof(struct port_row, MEMBER) }
    PORT_METRIC("ready", "gauge", ready, "1 if hardware may forward what "
                "enters at the port."),
    PORT_METRIC("received_packets_total", "counter", packets,
                "Packets that entered at the port."),
    PORT_METRIC("received_bytes_total", "counter", bytes,
                "Bytes that entered at the port."),
    PORT_METRIC("software_packets_total", "counter", sw_packets,
                "Of those, packets that came up to software."),
    PORT_METRIC("software_bytes_total", "counter", sw_bytes,
                "Of those, bytes that came up to software."),
    PORT_METRIC("hardware_packets_total", "counter", hw_packets,
                "Of those, packets that hardware forwarded or dropped."),
    PORT_METRIC("hardware_bytes_total", "counter", hw_bytes,
                "Of those, bytes that hardware forwarded or dropped."),
#undef PORT_METRIC
};

/* The custom statistic 'name', or 0. */
static uint64_t
custom_stat(const struct netdev_custom_stats *custom, const char *name)
{
    for (size_t i = 0; i < custom->size; i++) {
        if (!strcmp(custom->counters[i].name, name)) {
            return custom->counters[i].value;
        }
    }
    return 0;
}

/* Reads '*row' of 'netdev'.  Returns false if it has no device. */
static bool
read_port(const struct netdev *netdev, struct port_row *row)
{
    struct netdev_custom_stats custom = { .size = 0 };
    struct netdev_stats stats;
    struct dpu_port port;

    if (!dpu_port_from_netdev(netdev, &port)) {
        return false;
    }
    memset(row, 0, sizeof *row);
    memset(&stats, 0, sizeof stats);
    row->up.labels[0] = (struct dpu_label) {
        "device", dpu_device_name(port.device),
    };
    row->up.labels[1] = (struct dpu_label) {
        "port", netdev_get_name(netdev),
    };
    row->ready = !strncmp(netdev_dpu_get_offload_status(netdev), "ready",
                          strlen("ready"));
    if (!netdev_get_stats(netdev, &stats)) {
        row->packets = stats.rx_packets;
        row->bytes = stats.rx_bytes;
    }
    if (!netdev_get_custom_stats(netdev, &custom)) {
        row->sw_packets = custom_stat(&custom, "sw_rx_packets");
        row->sw_bytes = custom_stat(&custom, "sw_rx_bytes");
        row->hw_packets = custom_stat(&custom, "hw_packets");
        row->hw_bytes = custom_stat(&custom, "hw_bytes");
        netdev_free_custom_stats_counters(&custom);
    }
    return true;
}

static void
put_ports(struct ds *s)
{
    struct shash ports = SHASH_INITIALIZER(&ports);
    const struct shash_node **nodes;
    struct port_row *rows;
    size_t n = 0;

    netdev_dpu_get_ports(&ports);
    nodes = shash_sort(&ports);
    rows = xcalloc(shash_count(&ports), sizeof *rows);
    for (size_t i = 0; i < shash_count(&ports); i++) {
        n += read_port(nodes[i]->data, &rows[n]);
    }
    put_members(s, port_metrics, ARRAY_SIZE(port_metrics), rows, sizeof *rows,
                n);
    for (size_t i = 0; i < shash_count(&ports); i++) {
        netdev_close(nodes[i]->data);
    }
    free(rows);
    free(nodes);
    shash_destroy(&ports);
}

static void
unixctl_metrics(struct unixctl_conn *conn, int argc OVS_UNUSED,
                const char *argv[] OVS_UNUSED, void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ovs_mutex_lock(&dpu_offload_mutex);
    put_devices(&s);
    dpu_prometheus_begin(&s, "ovs_dpu_megaflows_refused", "gauge",
                         "Megaflows that are not in hardware, by code.");
    put_refusals("ovs_dpu_megaflows_refused", false, &s);
    dpu_prometheus_begin(&s, "ovs_dpu_refusals_total", "counter",
                         "Refusals of megaflows, by code.");
    put_refusals("ovs_dpu_refusals_total", true, &s);
    put_insertions(&s);
    put_audits(&s);
    ovs_mutex_unlock(&dpu_offload_mutex);

    put_connections(&s);
    put_misses(&s);
    put_ports(&s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
dpu_metrics_register(void)
{
    unixctl_command_register("dpu/metrics", "", 0, 0, unixctl_metrics, NULL);
}
