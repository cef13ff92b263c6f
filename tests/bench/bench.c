/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#define _GNU_SOURCE             /* program_invocation_short_name */
#include "bench.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_errno.h>

#define LABEL_WIDTH 30

static uint64_t
clock_nsec(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return ts.tv_sec * UINT64_C(1000000000) + ts.tv_nsec;
}

uint64_t
bench_cpu_nsec(void)
{
    return clock_nsec(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t
bench_nsec(void)
{
    return clock_nsec(CLOCK_MONOTONIC);
}

size_t
bench_heap(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static int
compare(const void *a_, const void *b_)
{
    const double *a = a_;
    const double *b = b_;

    return *a < *b ? -1 : *a > *b;
}

double
bench_median(double values[], size_t n)
{
    qsort(values, n, sizeof values[0], compare);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void
bench_fatal(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    exit(EXIT_FAILURE);
}

void
bench_eal_start(unsigned int megabytes, const char *driver)
{
    static char memory[16], path[4096];
    static const char *argv[] = {
        "bench", "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry",
        "--log-level=error", "-m", memory, NULL, NULL, NULL,
    };
    int argc = 8;

    snprintf(memory, sizeof memory, "%u", megabytes);
    if (driver) {
        snprintf(path, sizeof path, "%s", driver);
        argv[argc++] = "-d";
        argv[argc++] = path;
    }
    if (rte_eal_init(argc, (char **) argv) < 0) {
        bench_fatal("DPDK does not start: %s", rte_strerror(rte_errno));
    }
}

size_t
bench_sizes(int argc, char *argv[], uint32_t sizes[], size_t n)
{
    size_t n_args = 0;

    for (int i = 1; i < argc && n_args < n; i++) {
        char *end;
        unsigned long int size;

        errno = 0;
        size = strtoul(argv[i], &end, 10);
        if (errno || *end || end == argv[i] || !size || size > UINT32_MAX) {
            bench_fatal("\"%s\" is not a number from 1 to %u", argv[i],
                        UINT32_MAX);
        }
        sizes[n_args++] = size;
    }
    return n_args ? n_args : n;
}

/* Tables. */

static const struct bench_column *
next_column(const struct bench_table *table, const struct bench_column *column)
{
    column = column ? column + 1 : table->columns;
    return column->title[1] ? column : NULL;
}

void
bench_table_start(const struct bench_table *table)
{
    if (table->name) {
        printf("%s\n", table->name);
    }
    for (int line = 0; line < 2; line++) {
        const struct bench_column *column = NULL;

        if (table->label) {
            printf("%-*s", LABEL_WIDTH, line ? table->label : "");
        }
        while ((column = next_column(table, column))) {
            printf(" %*s", column->width,
                   column->title[line] ? column->title[line] : "");
        }
        putchar('\n');
    }
}

void
bench_table_row(const struct bench_table *table, const char *label,
                const double values[])
{
    const struct bench_column *column = NULL;

    if (table->label) {
        printf("%-*s", LABEL_WIDTH, label);
    }
    while ((column = next_column(table, column))) {
        if (isnan(*values)) {
            printf(" %*s", column->width, "");
        } else {
            printf(" %*.*f", column->width, column->precision, *values);
        }
        values++;
    }
    putchar('\n');
    fflush(stdout);
}
