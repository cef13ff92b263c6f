/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "netdev-dpu/dpu-probe-log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_log.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-thread.h"
#include "util.h"

/* The most of it that is worth showing, in bytes. */
#define MAX_SAID 400

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct ds heard = DS_EMPTY_INITIALIZER;  /* Under 'mutex'. */
static bool listening;                          /* Under 'mutex'. */

/* The stream that DPDK logs to while nobody listens. */
static FILE *real;

/* Ours.  Never closed: another thread may be about to write to it. */
static FILE *ours;

static ssize_t
ours_write(void *cookie, const char *buf, size_t size)
{
    ovs_mutex_lock(&mutex);
    if (listening) {
        ds_put_buffer(&heard, buf, size);
    }
    ovs_mutex_unlock(&mutex);
    fwrite(buf, 1, size, real);
    fflush(real);
    return size;
}

void
dpu_probe_log_start(struct dpu_probe_log *log)
{
    static const cookie_io_functions_t io = { .write = ours_write };

    log->said = NULL;
    if (!ours) {
        ours = fopencookie(NULL, "w", io);
        if (!ours) {
            return;
        }
        setlinebuf(ours);
    }
    ovs_mutex_lock(&mutex);
    ds_clear(&heard);
    listening = true;
    ovs_mutex_unlock(&mutex);
    real = rte_log_get_stream();
    rte_openlog_stream(ours);
}

/* Appends the lines of 'heard' to 's': those of the environment layer, which
 * only say that it went wrong, if 'eal' is true, otherwise all others. */
static void
put_lines(struct ds *s, bool eal)
{
    char *copy = xstrdup(ds_cstr(&heard));
    char *save = NULL;

    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (!strncmp(line, "EAL:", 4) == eal && s->length < MAX_SAID) {
            ds_put_format(s, "%s%s", s->length ? "; " : "", line);
        }
    }
    ds_truncate(s, MIN(s->length, MAX_SAID));
    free(copy);
}

void
dpu_probe_log_stop(struct dpu_probe_log *log)
{
    struct ds said = DS_EMPTY_INITIALIZER;

    if (!ours) {
        return;
    }
    rte_openlog_stream(real);
    ovs_mutex_lock(&mutex);
    listening = false;
    put_lines(&said, false);
    if (!said.length) {
        put_lines(&said, true);
    }
    ds_destroy(&heard);
    ds_init(&heard);
    ovs_mutex_unlock(&mutex);
    if (said.length) {
        log->said = ds_steal_cstr(&said);
    }
    ds_destroy(&said);
}

void
dpu_probe_log_free(struct dpu_probe_log *log)
{
    free(log->said);
}
