/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-top: the command "top": a live view of what hardware and software
 * forward, of two readings of the metrics at a time. */

#include <config.h>

#include "utilities/dpuctl-metrics.h"

#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-thread.h"
#include "timeval.h"
#include "util.h"
#include "utilities/dpuctl-daemon.h"

struct top_options {
    const char *target;
    int count;                  /* Of views; 0: until interrupted. */
    double delay;               /* Between them, in seconds. */
    bool batch;                 /* One below the other, nothing erased. */
};

struct reading {
    struct dpuctl_metrics metrics;
    long long int when;         /* As time_msec(). */
};

static void
take_reading(struct jsonrpc *daemon, struct reading *r)
{
    char *error = dpuctl_metrics_read(daemon, &r->metrics);

    if (error) {
        ovs_fatal(0, "%s", error);
    }
    r->when = time_msec();
}

/* By how much 'name' with 'label' grows in a second. */
static double
rate(const struct reading *old, const struct reading *new, const char *name,
     const char *label)
{
    double before = dpuctl_metrics_sum(&old->metrics, name, label);
    double after = dpuctl_metrics_sum(&new->metrics, name, label);
    double seconds = MAX(new->when - old->when, 1) / 1000.0;

    return MAX(after - before, 0) / seconds;
}

/* Appends 'value' in 'width' columns, as 999, 12.3k or 4.56M. */
static void
put_value(struct ds *s, double value, int width)
{
    static const char units[] = " kMGTP";
    char text[32];
    size_t i = 0;

    while (value >= 999.5 && units[i + 1]) {
        value /= 1000;
        i++;
    }
    if (!i) {
        snprintf(text, sizeof text, "%.0f", value);
    } else {
        snprintf(text, sizeof text, "%.*f%c",
                 value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value, units[i]);
    }
    ds_put_format(s, "%*s", width, text);
}

/* Appends how much of 'part' and 'rest' is 'part'. */
static void
put_share(struct ds *s, double part, double rest)
{
    if (part + rest > 0) {
        ds_put_format(s, "%6.1f%%", 100 * part / (part + rest));
    } else {
        ds_put_format(s, "%7s", "-");
    }
}

static void
put_summary(const struct reading *old, const struct reading *new,
            struct ds *s)
{
    const struct dpuctl_metrics *m = &new->metrics;

    ds_put_cstr(s, "megaflows: ");
    put_value(s, dpuctl_metrics_sum(m, "ovs_dpu_megaflows", NULL), 0);
    ds_put_cstr(s, " in hardware, ");
    put_value(s, dpuctl_metrics_sum(m, "ovs_dpu_megaflows_refused", NULL), 0);
    ds_put_cstr(s, " refused, ");
    put_value(s, rate(old, new, "ovs_dpu_insertion_seconds_count", NULL), 0);
    ds_put_cstr(s, "/s inserted");
    if (dpuctl_metrics_sum(m, "ovs_dpu_table_full", NULL)) {
        ds_put_cstr(s, ", a table is full");
    }
    ds_put_cstr(s, "\nconnections: ");
    put_value(s, dpuctl_metrics_sum(m, "ovs_dpu_connections", NULL), 0);
    ds_put_cstr(s, " in hardware, ");
    put_value(s, rate(old, new, "ovs_dpu_connections_inserted_total", NULL),
              0);
    ds_put_cstr(s, "/s inserted, ");
    put_value(s, rate(old, new, "ovs_dpu_connections_removed_total", NULL),
              0);
    ds_put_cstr(s, "/s removed\nmissed half-way: ");
    put_value(s, rate(old, new, "ovs_dpu_misses_total",
                      "result=\"resumed\""), 0);
    ds_put_cstr(s, "/s resumed\n\n");
}

/* One line of the table: a port, or all of them. */
struct line {
    char *label;                /* NULL: all ports. */
    char *name;
    bool ready;
    double hw_packets, hw_bytes, sw_packets, sw_bytes;  /* Per second. */
};

static void
measure(const struct reading *old, const struct reading *new, struct line *l)
{
    l->hw_packets = rate(old, new, "ovs_dpu_port_hardware_packets_total",
                         l->label);
    l->hw_bytes = rate(old, new, "ovs_dpu_port_hardware_bytes_total",
                       l->label);
    l->sw_packets = rate(old, new, "ovs_dpu_port_software_packets_total",
                         l->label);
    l->sw_bytes = rate(old, new, "ovs_dpu_port_software_bytes_total",
                       l->label);
}

static void
put_line(const struct line *l, struct ds *s)
{
    ds_put_format(s, "%-15s %-5s", l->name, l->ready ? "yes" : "no");
    put_value(s, l->hw_packets, 10);
    put_value(s, 8 * l->hw_bytes, 10);
    put_value(s, l->sw_packets, 10);
    put_value(s, 8 * l->sw_bytes, 10);
    put_share(s, l->hw_bytes, l->sw_bytes);
    ds_put_char(s, '\n');
}

/* Those with most traffic first. */
static int
compare_lines(const void *a_, const void *b_)
{
    const struct line *a = a_, *b = b_;
    double x = a->hw_bytes + a->sw_bytes, y = b->hw_bytes + b->sw_bytes;

    return x > y ? -1 : x < y ? 1 : strcmp(a->name, b->name);
}

/* Returns the value of the label 'key' in 'labels', with its escapes, or
 * NULL. */
static char *
label_value(const char *labels, const char *key)
{
    const char *start = strstr(labels, key);
    const char *end;

    if (!start) {
        return NULL;
    }
    start += strlen(key) + strlen("=\"");
    for (end = start; *end && *end != '"'; end++) {
        end += *end == '\\' && end[1];
    }
    return xmemdup0(start, end - start);
}

static void
put_ports(const struct reading *old, const struct reading *new, struct ds *s)
{
    const struct dpuctl_metrics *m = &new->metrics;
    struct line *lines = xcalloc(m->n + 1, sizeof *lines);
    struct line all = { .name = CONST_CAST(char *, "all"), .ready = true };
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++) {
        const struct dpuctl_sample *sample = &m->samples[i];

        if (!strcmp(sample->name, "ovs_dpu_port_ready")) {
            struct line *l = &lines[n++];

            l->name = label_value(sample->labels, "port");
            l->label = xasprintf("port=\"%s\"", l->name);
            l->ready = sample->value;
            measure(old, new, l);
        }
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    measure(old, new, &all);
    ds_put_format(s, "%-15s %-5s%10s%10s%10s%10s%7s\n", "PORT", "READY",
                  "HW pkt/s", "HW bit/s", "SW pkt/s", "SW bit/s", "HW");
    put_line(&all, s);
    for (size_t i = 0; i < n; i++) {
        put_line(&lines[i], s);
        free(lines[i].name);
        free(lines[i].label);
    }
    free(lines);
}

static void
show(const struct reading *old, const struct reading *new, bool batch)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!batch) {
        /* To the upper left corner; what is below is erased line by line. */
        ds_put_cstr(&s, "\033[H\033[J");
    }
    put_summary(old, new, &s);
    put_ports(old, new, &s);
    if (batch) {
        ds_put_char(&s, '\n');
    }
    fputs(ds_cstr(&s), stdout);
    if (fflush(stdout)) {
        exit(EXIT_FAILURE);
    }
    ds_destroy(&s);
}

static void
run(const struct top_options *options)
{
    struct jsonrpc *daemon;
    struct reading old, new;
    char *error;

    error = dpuctl_daemon_connect(options->target, &daemon);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    take_reading(daemon, &old);
    for (int i = 0; !options->count || i < options->count; i++) {
        xnanosleep(options->delay * 1e9);
        take_reading(daemon, &new);
        show(&old, &new, options->batch);
        dpuctl_metrics_destroy(&old.metrics);
        old = new;
    }
    dpuctl_metrics_destroy(&old.metrics);
    jsonrpc_close(daemon);
}

void
dpuctl_top(int argc, char *argv[])
{
    enum { OPT_TARGET = 256 };
    static const struct option long_options[] = {
        { "target", required_argument, NULL, OPT_TARGET },
        { NULL, 0, NULL, 0 },
    };
    struct top_options options = {
        .delay = 2,
        .batch = !isatty(STDOUT_FILENO),
    };
    char *end;
    int c;

    while ((c = getopt_long(argc, argv, "n:d:b", long_options, NULL)) != -1) {
        switch (c) {
        case 'n':
            if (!str_to_int(optarg, 10, &options.count)
                || options.count < 1) {
                ovs_fatal(0, "-n %s: a number of views, 1 or more", optarg);
            }
            break;
        case 'd':
            options.delay = strtod(optarg, &end);
            if (*end || !(options.delay >= 0.1 && options.delay <= 3600)) {
                ovs_fatal(0, "-d %s: seconds, from 0.1 to 3600", optarg);
            }
            break;
        case 'b':
            options.batch = true;
            break;
        case OPT_TARGET:
            options.target = optarg;
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (optind < argc) {
        ovs_fatal(0, "top takes no argument (use --help for help)");
    }
    run(&options);
}
