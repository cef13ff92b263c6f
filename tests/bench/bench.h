/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * bench: what the measurements share: clocks, DPDK's start, arguments, and
 * tables of figures.
 *
 * Includes nothing but libc, so that measurements of the plugin and of the
 * emulated device can use it.
 *
 * Thread-safety: one thread measures. */

#ifndef BENCH_H
#define BENCH_H 1

#include <stddef.h>
#include <stdint.h>

/* Clocks, in nsec: the time that the calling thread has had the CPU, for what
 * is done in one thread on a machine that others use as well; and the time of
 * day, so to speak. */
uint64_t bench_cpu_nsec(void);
uint64_t bench_nsec(void);

/* The bytes that the heap has given out. */
size_t bench_heap(void);

/* The median of 'values', 'n' of them, which it sorts. */
double bench_median(double values[], size_t n);

/* Starts DPDK with 'megabytes' of memory: without hugepages, PCI devices and
 * files that others could see.  'driver' is a path from which a driver is
 * loaded, or NULL.  Does not return if that fails. */
void bench_eal_start(unsigned int megabytes, const char *driver);

/* Ends the program with "PROGRAM: MESSAGE" on stderr. */
void bench_fatal(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* How many of something to measure: the numbers on the command line or, if
 * there are none, 'sizes' as it is, 'n' of them.  Returns how many sizes there
 * are, 'n' at most; the others are ignored.  Does not return if an argument is
 * not a number. */
size_t bench_sizes(int argc, char *argv[], uint32_t sizes[], size_t n);

/* A table of figures, on stdout.  A column's title is two lines, of which the
 * first may be NULL; the last column has no title. */
struct bench_column {
    const char *title[2];
    int width;
    int precision;              /* Digits behind the point. */
};

struct bench_table {
    const char *name;           /* The title of the table, or NULL. */
    const char *label;          /* What the rows are; NULL: no labels. */
    const struct bench_column *columns;
};

/* Prints the titles of 'table'. */
void bench_table_start(const struct bench_table *table);

/* Prints a row: 'label', if 'table' has labels, and as many values as there
 * are columns.  A value of NAN is left blank. */
void bench_table_row(const struct bench_table *table, const char *label,
                     const double values[]);

/* The same with the values as arguments. */
#define BENCH_ROW(TABLE, LABEL, ...) \
    bench_table_row(TABLE, LABEL, (const double[]) { __VA_ARGS__ })

#endif /* tests/bench/bench.h */
