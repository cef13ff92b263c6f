/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ct-show: what an operator sees of connections in hardware. */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-thread.h"

/* What is collected from the table. */
struct show {
    const uint16_t *zone;       /* Of this one alone, unless NULL. */
    bool verbose;
    long long int now;          /* As time_msec(). */
    size_t n_phases[DPU_CT_REFUSED + 1];
    size_t n_refused[DPU_CT_N_REFUSALS];
    struct shash protocols;     /* Of those in hardware: (size_t) data. */
    uint32_t *zones;            /* The same, by zone. */
    struct svec lines;
};

/* The packets and bytes of 'conn' in direction 'dir'. */
static struct dpu_rule_count
conn_counts(const struct dpu_ct_conn *conn, int dir)
{
    struct dpu_rule_count sum = { .packets = 0 };
    const struct dpu_ct_pass *pass;

    /* A packet meets a rule for each kind of ct() in its way: the one that
     * saw most saw them all. */
    DPU_CT_FOR_EACH_PASS (pass, conn) {
        if (pass->counts[dir].packets > sum.packets) {
            sum = pass->counts[dir];
        }
    }
    return sum;
}

static void
format_conn(struct dpu_ct_conn *conn, enum dpu_ct_phase phase,
            const struct show *show, struct ds *s)
{
    ds_put_format(s, "%s,", dpu_ct_tuple_protocol(&conn->tuples[0]));
    for (int dir = 0; dir < 2; dir++) {
        ds_put_format(s, "%s=(", dir ? ",reply" : "orig");
        dpu_ct_tuple_format(&conn->tuples[dir], s);
        if (phase == DPU_CT_OFFLOADED) {
            struct dpu_rule_count count = conn_counts(conn, dir);

            ds_put_format(s, ",packets=%"PRIu64",bytes=%"PRIu64,
                          count.packets, count.bytes);
        }
        ds_put_char(s, ')');
    }
    ds_put_format(s, ",zone=%"PRIu16, conn->tuples[0].zone);
    if (conn->mark) {
        ds_put_format(s, ",mark=%"PRIu32, conn->mark);
    }
    if (!ovs_u128_is_zero(conn->label)) {
        ds_put_format(s, ",labels=0x%016"PRIx64"%016"PRIx64,
                      conn->label.u64.hi, conn->label.u64.lo);
    }
    ds_put_format(s, ",age=%.1fs", (show->now - conn->since) / 1000.0);
    if (phase == DPU_CT_OFFLOADED) {
        ds_put_format(s, ",timeout=%.1fs,offloaded\n",
                      MAX(conn->expires - show->now, 0) / 1000.0);
    } else if (phase == DPU_CT_REFUSED) {
        ds_put_format(s, ",%s\n", dpu_ct_refusal_name(conn->refusal));
    } else {
        ds_put_cstr(s, ",learning\n");
    }
}

static void
show_cb(struct dpu_ct_conn *conn, void *show_)
{
    struct show *show = show_;
    uint16_t zone = conn->tuples[0].zone;
    uint8_t phase;

    if (show->zone && *show->zone != zone) {
        return;
    }
    atomic_read_relaxed(&conn->phase, &phase);
    show->n_phases[phase]++;
    if (phase == DPU_CT_REFUSED) {
        show->n_refused[conn->refusal]++;
    } else if (phase == DPU_CT_OFFLOADED) {
        const char *protocol = dpu_ct_tuple_protocol(&conn->tuples[0]);
        struct shash_node *node = shash_find(&show->protocols, protocol);

        if (!node) {
            node = shash_add(&show->protocols, protocol, NULL);
        }
        node->data = (void *) ((uintptr_t) node->data + 1);
        show->zones[zone]++;
    }
    if (show->verbose
        && (phase != DPU_CT_OFFLOADED || dpu_ct_life_due(conn, show->now))) {
        struct ds s = DS_EMPTY_INITIALIZER;

        format_conn(conn, phase, show, &s);
        svec_add_nocopy(&show->lines, ds_steal_cstr(&s));
    }
}

static void
format_totals(const struct show *show, struct ds *s)
{
    const struct shash_node **nodes = shash_sort(&show->protocols);
    const char *separator = "";

    ds_put_format(s, "in hardware: %"PRIuSIZE,
                  show->n_phases[DPU_CT_OFFLOADED]);
    for (size_t i = 0; i < shash_count(&show->protocols); i++) {
        ds_put_format(s, "%s%s %"PRIuPTR, i ? ", " : " (", nodes[i]->name,
                      (uintptr_t) nodes[i]->data);
    }
    ds_put_format(s, "%s\nlearning: %"PRIuSIZE"\nrefused: %"PRIuSIZE"\n",
                  shash_is_empty(&show->protocols) ? "" : ")",
                  show->n_phases[DPU_CT_LEARNING],
                  show->n_phases[DPU_CT_REFUSED]);
    ds_put_cstr(s, "zones:");
    for (size_t zone = 0; zone <= UINT16_MAX; zone++) {
        if (show->zones[zone]) {
            ds_put_format(s, "%s %"PRIuSIZE"=%"PRIu32, separator, zone,
                          show->zones[zone]);
            separator = ",";
        }
    }
    ds_put_cstr(s, separator[0] ? "\n" : " none\n");
    free(nodes);
}

static void
format_counters(struct ds *s)
{
    struct dpu_ct_counts counts;
    struct dpu_ct_rates rates;

    dpu_ct_conn_count(&counts);
    dpu_ct_thread_rates(&rates);
    ds_put_format(s, "inserted: %"PRIu64" (%.1f/s)\n"
                  "removed: %"PRIu64" (%.1f/s): %"PRIu64" closed, "
                  "%"PRIu64" expired, %"PRIu64" flushed, %"PRIu64" changed, "
                  "%"PRIu64" lost\n",
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_INSERTED]),
                  rates.insertions,
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_REMOVED]),
                  rates.removals,
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_CLOSED]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_EXPIRED]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_FLUSHED]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_CHANGED]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_LOST]));
    ds_put_format(s, "refreshed: %"PRIu64"\n"
                  "not learned: %"PRIu64" queue full, %"PRIu64" too late\n"
                  "numbers lingering: %"PRIuSIZE"\n",
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_REFRESHED]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_QUEUE_FULL]),
                  dpu_ct_counter_get(&dpu_ct_counters[DPU_CT_STALE_EVENTS]),
                  counts.n_lingering);
}

static void
format_refusals(const struct show *show, struct ds *s)
{
    bool any = false;

    for (size_t i = 0; i < DPU_CT_N_REFUSALS; i++) {
        uint64_t ever = dpu_ct_counter_get(&dpu_ct_refused_ever[i]);

        if (ever) {
            if (!any) {
                ds_put_format(s, "%-16s %8s %8s  %s\n", "refusal", "total",
                              "now", "meaning");
            }
            any = true;
            ds_put_format(s, "%-16s %8"PRIu64" %8"PRIuSIZE"  %s\n",
                          dpu_ct_refusal_name(i), ever, show->n_refused[i],
                          dpu_ct_refusal_meaning(i));
        }
    }
    if (!any) {
        ds_put_cstr(s, "nothing was refused\n");
    }
}

void
dpu_ct_format(struct ds *s, const uint16_t *zone, bool verbose)
{
    struct show show = {
        .zone = zone,
        .verbose = verbose,
        .now = time_msec(),
        .protocols = SHASH_INITIALIZER(&show.protocols),
        .zones = xcalloc(UINT16_MAX + 1, sizeof *show.zones),
        .lines = SVEC_EMPTY_INITIALIZER,
    };
    const char *line;
    size_t i;

    dpu_ct_conn_for_each(show_cb, &show);
    format_totals(&show, s);
    format_counters(s);
    format_refusals(&show, s);
    ds_put_cstr(s, "keys:\n");
    dpu_ct_config_format(s);
    svec_sort(&show.lines);
    SVEC_FOR_EACH (i, line, &show.lines) {
        ds_put_cstr(s, line);
    }
    svec_destroy(&show.lines);
    free(show.zones);
    shash_destroy(&show.protocols);
}

void
dpu_ct_format_device(const struct dpu_ct_device *device, struct ds *s)
{
    if (device) {
        ds_put_format(s, "  connections: %"PRIu64" rules\n",
                      dpu_ct_counter_get(&CONST_CAST(struct dpu_ct_device *,
                                              device)->n_rules));
    }
}

/* dpu/conntrack. */

/* Stores in '*zone' what 'arg', "zone=N", says.  Returns false if it says
 * something else. */
static bool
parse_zone(const char *arg, uint16_t *zone)
{
    unsigned int n;

    if (strncmp(arg, "zone=", 5) || !str_to_uint(arg + 5, 10, &n)
        || n > UINT16_MAX) {
        return false;
    }
    *zone = n;
    return true;
}

static void
show_conntrack(struct unixctl_conn *conn, int argc, const char *argv[],
                      void *aux OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool verbose = false, has_zone = false;
    uint16_t zone;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v")) {
            verbose = true;
        } else if (parse_zone(argv[i], &zone)) {
            has_zone = true;
        } else {
            ds_put_format(&s, "%s: expected -v, for every connection, or "
                          "zone=N, with N from 0 to 65535", argv[i]);
            unixctl_command_reply_error(conn, ds_cstr(&s));
            ds_destroy(&s);
            return;
        }
    }
    dpu_ct_format(&s, has_zone ? &zone : NULL, verbose);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

void
dpu_ct_register(void)
{
    unixctl_command_register("dpu/conntrack", "[-v] [zone=N]", 0, 2,
                             show_conntrack, NULL);
}
