/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-prometheus.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"

void
dpu_prometheus_begin(struct ds *s, const char *name, const char *type,
                     const char *help)
{
    ds_put_format(s, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Appends a label's value, escaped. */
static void
put_value(struct ds *s, const char *value)
{
    for (const char *p = value; *p; p++) {
        if (*p == '\n') {
            ds_put_cstr(s, "\\n");
        } else {
            if (*p == '"' || *p == '\\') {
                ds_put_char(s, '\\');
            }
            ds_put_char(s, *p);
        }
    }
}

static void
put_name(struct ds *s, const char *name, const struct dpu_label labels[])
{
    const char *separator = "{";

    ds_put_cstr(s, name);
    for (size_t i = 0; labels[i].name; i++) {
        ds_put_format(s, "%s%s=\"", separator, labels[i].name);
        put_value(s, labels[i].value);
        ds_put_char(s, '"');
        separator = ",";
    }
    ds_put_cstr(s, labels[0].name ? "} " : " ");
}

void
dpu_prometheus_put(struct ds *s, const char *name,
                   const struct dpu_label labels[], uint64_t value)
{
    put_name(s, name, labels);
    ds_put_format(s, "%"PRIu64"\n", value);
}

void
dpu_prometheus_put_nsec(struct ds *s, const char *name,
                        const struct dpu_label labels[], uint64_t nsec)
{
    put_name(s, name, labels);
    dpu_prometheus_format_nsec(s, nsec);
    ds_put_char(s, '\n');
}

void
dpu_prometheus_format_nsec(struct ds *s, uint64_t nsec)
{
    ds_put_format(s, "%"PRIu64".%09"PRIu64, nsec / 1000000000,
                  nsec % 1000000000);
    while (ds_last(s) == '0') {
        ds_chomp(s, '0');
    }
    ds_chomp(s, '.');
}
