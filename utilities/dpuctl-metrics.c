/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-metrics.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "util.h"
#include "utilities/dpuctl-daemon.h"

/* The end of the labels that start at 's', behind "{": a quote in a value has
 * a backslash before it. */
static const char *
end_of_labels(const char *s)
{
    bool quoted = false;

    for (; *s && (quoted || *s != '}'); s++) {
        if (quoted && *s == '\\' && s[1]) {
            s++;
        } else if (*s == '"') {
            quoted = !quoted;
        }
    }
    return s;
}

/* Adds the sample in 'line'. */
static bool
add_sample(struct dpuctl_metrics *metrics, const char *line)
{
    size_t len = strcspn(line, "{ ");
    const char *labels = line + len + (line[len] == '{');
    const char *end = line[len] == '{' ? end_of_labels(labels) : labels;
    struct dpuctl_sample *sample;
    double value;

    if (sscanf(end + (*end == '}'), "%lf", &value) != 1) {
        return false;
    }
    if (metrics->n >= metrics->allocated) {
        metrics->samples = x2nrealloc(metrics->samples, &metrics->allocated,
                                      sizeof *metrics->samples);
    }
    sample = &metrics->samples[metrics->n++];
    sample->name = xmemdup0(line, len);
    sample->labels = xmemdup0(labels, end - labels);
    sample->value = value;
    return true;
}

char *
dpuctl_metrics_read(struct jsonrpc *daemon, struct dpuctl_metrics *metrics)
{
    char *save_ptr = NULL;
    char *error, *text;

    memset(metrics, 0, sizeof *metrics);
    error = dpuctl_daemon_ask(daemon, "dpu/metrics", 0, NULL, &text);
    if (error) {
        return error;
    }
    for (char *line = strtok_r(text, "\n", &save_ptr); line && !error;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        if (*line != '#' && !add_sample(metrics, line)) {
            error = xasprintf("dpu/metrics: not a sample: %s", line);
        }
    }
    free(text);
    return error;
}

void
dpuctl_metrics_destroy(struct dpuctl_metrics *metrics)
{
    for (size_t i = 0; i < metrics->n; i++) {
        free(metrics->samples[i].name);
        free(metrics->samples[i].labels);
    }
    free(metrics->samples);
}

double
dpuctl_metrics_sum(const struct dpuctl_metrics *metrics, const char *name,
                   const char *label)
{
    double sum = 0;

    for (size_t i = 0; i < metrics->n; i++) {
        const struct dpuctl_sample *sample = &metrics->samples[i];

        if (!strcmp(sample->name, name)
            && (!label || strstr(sample->labels, label))) {
            sum += sample->value;
        }
    }
    return sum;
}

void
dpuctl_metrics(int argc, char *argv[])
{
    enum { OPT_TARGET = 256 };
    static const struct option long_options[] = {
        { "target", required_argument, NULL, OPT_TARGET },
        { NULL, 0, NULL, 0 },
    };
    const char *target = NULL;
    struct jsonrpc *daemon;
    char *error, *text;
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (c != OPT_TARGET) {
            exit(EXIT_FAILURE);
        }
        target = optarg;
    }
    if (optind < argc) {
        ovs_fatal(0, "metrics takes no argument (use --help for help)");
    }
    error = dpuctl_daemon_connect(target, &daemon);
    if (!error) {
        error = dpuctl_daemon_ask(daemon, "dpu/metrics", 0, NULL, &text);
        jsonrpc_close(daemon);
    }
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    fputs(text, stdout);
    free(text);
}
