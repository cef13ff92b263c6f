/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/show/dpu-audit-report.h"

#include <inttypes.h>
#include <string.h>

#include "netdev-dpu/dpu-device.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "unixctl.h"
#include "util.h"

/* Text. */

static void
format_audit(const char *device, const struct dpu_offload_audit *found,
             struct ds *s)
{
    ds_put_format(s, "%-21s %9s %9s %9s %9s\n", device, "there", "put-back",
                  "lost", "unknown");
    for (size_t i = 0; i < DPU_AUDITED_N_KINDS; i++) {
        const struct dpu_audit *audit = &found->kinds[i];

        ds_put_format(s, "  %-19s %9"PRIuSIZE" %9"PRIuSIZE" %9"PRIuSIZE
                      " %9"PRIuSIZE"\n", dpu_audited_kind_name(i),
                      audit->n_there, audit->n_restored, audit->n_lost,
                      audit->n_unknown);
    }
}

static void
format_refs(const struct dpu_refs_found found[DPU_REF_N_KINDS], struct ds *s)
{
    ds_put_format(s, "%-21s %9s %9s %9s\n", "references", "right", "leaked",
                  "missing");
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        ds_put_format(s, "  %-19s %9"PRIu64" %9"PRIu64" %9"PRIu64"\n",
                      dpu_ref_kind_name(i),
                      found[i].n_held - found[i].n_missing,
                      found[i].n_leaked, found[i].n_missing);
    }
}

/* JSON. */

static void
put_number(struct json *object, const char *name, uint64_t n)
{
    json_object_put(object, name, json_integer_create(n));
}

static struct json *
audit_to_json(const struct dpu_offload_audit *found)
{
    struct json *kinds = json_object_create();

    for (size_t i = 0; i < DPU_AUDITED_N_KINDS; i++) {
        const struct dpu_audit *audit = &found->kinds[i];
        struct json *kind = json_object_create();

        put_number(kind, "there", audit->n_there);
        put_number(kind, "put-back", audit->n_restored);
        put_number(kind, "lost", audit->n_lost);
        put_number(kind, "unknown", audit->n_unknown);
        json_object_put(kinds, dpu_audited_kind_name(i), kind);
    }
    return kinds;
}

static struct json *
refs_to_json(const struct dpu_refs_found found[DPU_REF_N_KINDS])
{
    struct json *kinds = json_object_create();

    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        struct json *kind = json_object_create();

        put_number(kind, "right", found[i].n_held - found[i].n_missing);
        put_number(kind, "leaked", found[i].n_leaked);
        put_number(kind, "missing", found[i].n_missing);
        json_object_put(kinds, dpu_ref_kind_name(i), kind);
    }
    return kinds;
}

/* The command. */

/* Audits everything.  Puts a report into 's'. */
static void
audit(bool as_json, struct ds *s)
{
    struct dpu_refs_found refs[DPU_REF_N_KINDS];
    struct json *devices = json_object_create();
    struct dpu_offload_device *device;

    ovs_mutex_lock(&dpu_offload_mutex);
    dpu_offload_audit_refs(refs);
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        const char *name = dpu_device_name(device->device);
        struct dpu_offload_audit found;

        dpu_offload_audit(device, &found);
        format_audit(name, &found, s);
        json_object_put(devices, name, audit_to_json(&found));
    }
    ovs_mutex_unlock(&dpu_offload_mutex);

    if (as_json) {
        struct json *json = json_object_create();

        json_object_put(json, "devices", devices);
        json_object_put(json, "references", refs_to_json(refs));
        ds_clear(s);
        json_to_ds(json, JSSF_PRETTY | JSSF_SORT, s);
        ds_put_char(s, '\n');
        json_destroy(json);
    } else {
        format_refs(refs, s);
        json_destroy(devices);
    }
}

static void
unixctl_audit(struct unixctl_conn *conn, int argc, const char *argv[],
              void *aux OVS_UNUSED)
{
    bool as_json = argc == 3;
    struct ds s = DS_EMPTY_INITIALIZER;

    if (argc == 2 || (as_json && ((strcmp(argv[1], "-f")
                                   && strcmp(argv[1], "--format"))
                                  || strcmp(argv[2], "json")))) {
        unixctl_command_reply_error(conn, "usage: dpu/audit [-f json]");
        return;
    }
    audit(as_json, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
dpu_audit_report_register(void)
{
    unixctl_command_register("dpu/audit", "[-f json]", 0, 2, unixctl_audit,
                             NULL);
}
