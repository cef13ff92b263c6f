/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-metrics: the metrics of a running daemon, as they are ("metrics") or
 * as a live view ("top").
 *
 * Thread-safety: main thread. */

#ifndef DPUCTL_METRICS_H
#define DPUCTL_METRICS_H 1

#include <stdint.h>
#include <stddef.h>

struct jsonrpc;

/* One sample: "NAME{LABELS} VALUE". */
struct dpuctl_sample {
    char *name;
    char *labels;               /* `device="d",port="p"`, or "". */
    double value;
};

struct dpuctl_metrics {
    struct dpuctl_sample *samples;
    size_t n, allocated;
};

/* Reads the metrics of 'daemon' into '*metrics'.  Returns NULL, or a sentence
 * that says what is wrong, which the caller must free(). */
char *dpuctl_metrics_read(struct jsonrpc *daemon,
                          struct dpuctl_metrics *metrics);
void dpuctl_metrics_destroy(struct dpuctl_metrics *);

/* The sum of the samples 'name' that have the label 'label', `port="p"`, or of
 * all of them if that is NULL. */
double dpuctl_metrics_sum(const struct dpuctl_metrics *, const char *name,
                          const char *label);

/* The commands.  Run 'argv', whose first element is the command's name.  Exit
 * if something fails. */
void dpuctl_metrics(int argc, char *argv[]);
void dpuctl_top(int argc, char *argv[]);

#endif /* utilities/dpuctl-metrics.h */
