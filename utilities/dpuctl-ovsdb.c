/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-ovsdb: see dpuctl-ovsdb.h. */

#include <config.h>

#include "utilities/dpuctl-ovsdb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "process.h"
#include "util.h"

/* Running ovs-vsctl. */

/* All of what 'file' holds, without white space at its end. */
static char *
read_all(FILE *file)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char chunk[4096];
    size_t n;

    rewind(file);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        ds_put_buffer(&s, chunk, n);
    }
    ds_chomp(&s, '\n');
    return ds_steal_cstr(&s);
}

static void
exec_vsctl(char *argv[], FILE *out, FILE *err)
{
    dup2(fileno(out), STDOUT_FILENO);
    dup2(fileno(err), STDERR_FILENO);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], ovs_strerror(errno));
    _exit(127);
}

/* Runs 'words', starting with the program.  Returns what it said if it
 * failed, otherwise NULL; its output is in '*output', if nonnull. */
static char *
run(struct svec *words, char **output)
{
    FILE *out = tmpfile(), *err = tmpfile();
    char *error = NULL;
    int status = 0;
    pid_t pid;

    if (!out || !err) {
        ovs_fatal(errno, "no temporary file");
    }
    svec_terminate(words);
    fflush(NULL);
    pid = fork();
    if (!pid) {
        exec_vsctl(words->names, out, err);
    } else if (pid < 0) {
        ovs_fatal(errno, "fork");
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    if (status) {
        error = read_all(err);
        if (!error[0]) {
            char *what = process_status_msg(status);

            free(error);
            error = xasprintf("%s: %s", words->names[0], what);
            free(what);
        }
    }
    if (output) {
        *output = read_all(out);
    }
    fclose(out);
    fclose(err);
    return error;
}

static void
start_vsctl(struct svec *words, const struct dpuctl_ovsdb_remote *remote)
{
    svec_add(words, "ovs-vsctl");
    svec_add(words, "--timeout=60");
    if (remote->db) {
        svec_add_nocopy(words, xasprintf("--db=%s", remote->db));
    }
}

char *
dpuctl_ovsdb_run(const struct dpuctl_ovsdb_remote *remote,
                 const struct svec *commands)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    char *error;

    start_vsctl(&words, remote);
    if (remote->no_wait) {
        svec_add(&words, "--no-wait");
    }
    svec_append(&words, commands);
    error = run(&words, NULL);
    svec_destroy(&words);
    return error;
}

/* Appends 'key', quoted if ovs-vsctl would not take all of it for one. */
static void
put_key(struct ds *s, const char *key)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    if (key[0] && strspn(key, plain) == strlen(key)) {
        ds_put_cstr(s, key);
    } else {
        json_string_escape(key, s);
    }
}

char *
dpuctl_ovsdb_key(const char *key)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_key(&s, key);
    return ds_steal_cstr(&s);
}

char *
dpuctl_ovsdb_setting(const char *column, const char *key, const char *value)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s:", column);
    put_key(&s, key);
    ds_put_char(&s, '=');
    /* The rest of the word is the value, but for strings in quotes. */
    if (!value[0] || value[0] == '"') {
        json_string_escape(value, &s);
    } else {
        ds_put_cstr(&s, value);
    }
    return ds_steal_cstr(&s);
}

/* Reading. */

void
dpuctl_ovsdb_init(struct dpuctl_ovsdb *ovsdb,
                  const struct dpuctl_ovsdb_remote *remote)
{
    memset(ovsdb, 0, sizeof *ovsdb);
    ovsdb->remote = *remote;
    smap_init(&ovsdb->other_config);
    smap_init(&ovsdb->external_ids);
}

static void
destroy_interface(struct dpuctl_interface *interface)
{
    free(interface->name);
    free(interface->bridge);
    free(interface->type);
    free(interface->error);
    smap_destroy(&interface->options);
    smap_destroy(&interface->external_ids);
    free(interface);
}

static void
clear(struct dpuctl_ovsdb *ovsdb)
{
    smap_clear(&ovsdb->other_config);
    smap_clear(&ovsdb->external_ids);
    for (size_t i = 0; i < ovsdb->n_bridges; i++) {
        free(ovsdb->bridges[i].name);
        free(ovsdb->bridges[i].datapath_type);
    }
    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        destroy_interface(ovsdb->interfaces[i]);
    }
    free(ovsdb->bridges);
    free(ovsdb->interfaces);
    ovsdb->bridges = NULL;
    ovsdb->interfaces = NULL;
    ovsdb->n_bridges = ovsdb->n_interfaces = 0;
    ovsdb->dpdk_initialized = false;
}

void
dpuctl_ovsdb_destroy(struct dpuctl_ovsdb *ovsdb)
{
    clear(ovsdb);
    smap_destroy(&ovsdb->other_config);
    smap_destroy(&ovsdb->external_ids);
}

/* A table as "--format=json" prints it: headings, and rows of values in
 * OVSDB's notation (RFC 7047, 5.1). */
struct table {
    struct json *json;
    const struct json *headings;
    const struct json *rows;
};

/* Whether 'json' is an array of 'type' and something, as in ["set", [...]];
 * puts the something into '*value'. */
static bool
is_tagged(const struct json *json, const char *type,
          const struct json **value)
{
    if (json->type != JSON_ARRAY || json->array.n != 2
        || json->array.elems[0]->type != JSON_STRING
        || strcmp(json_string(json->array.elems[0]), type)) {
        return false;
    }
    *value = json->array.elems[1];
    return true;
}

static bool
table_parse(struct table *table, const char *text)
{
    table->json = json_from_string(text);
    if (table->json->type != JSON_OBJECT) {
        return false;
    }
    table->headings = shash_find_data(table->json->object, "headings");
    table->rows = shash_find_data(table->json->object, "data");
    return (table->headings && table->headings->type == JSON_ARRAY
            && table->rows && table->rows->type == JSON_ARRAY);
}

static size_t
table_n(const struct table *table)
{
    return table->rows->array.n;
}

/* The value in row 'row' of 'column', or NULL. */
static const struct json *
table_get(const struct table *table, size_t row, const char *column)
{
    const struct json *values = table->rows->array.elems[row];

    for (size_t i = 0; i < table->headings->array.n; i++) {
        const struct json *heading = table->headings->array.elems[i];

        if (heading->type == JSON_STRING
            && !strcmp(json_string(heading), column)
            && values->type == JSON_ARRAY && i < values->array.n) {
            return values->array.elems[i];
        }
    }
    return NULL;
}

/* The string there, "" for none. */
static char *
table_get_string(const struct table *table, size_t row, const char *column)
{
    const struct json *value = table_get(table, row, column);

    return xstrdup(value && value->type == JSON_STRING ? json_string(value)
                   : "");
}

static void
table_get_map(const struct table *table, size_t row, const char *column,
              struct smap *map)
{
    const struct json *value = table_get(table, row, column);
    const struct json *pairs;

    if (!value || !is_tagged(value, "map", &pairs)
        || pairs->type != JSON_ARRAY) {
        return;
    }
    for (size_t i = 0; i < pairs->array.n; i++) {
        const struct json *pair = pairs->array.elems[i];

        if (pair->type == JSON_ARRAY && pair->array.n == 2
            && pair->array.elems[0]->type == JSON_STRING
            && pair->array.elems[1]->type == JSON_STRING) {
            smap_replace(map, json_string(pair->array.elems[0]),
                         json_string(pair->array.elems[1]));
        }
    }
}

/* Whether the set there, or the single value, holds UUID 'uuid'. */
static bool
table_has_uuid(const struct table *table, size_t row, const char *column,
               const struct json *uuid)
{
    const struct json *value = table_get(table, row, column);
    const struct json *elements;

    if (!value || !is_tagged(value, "set", &elements)) {
        return value && json_equal(value, uuid);
    }
    for (size_t i = 0; i < elements->array.n; i++) {
        if (json_equal(elements->array.elems[i], uuid)) {
            return true;
        }
    }
    return false;
}

/* What ovs-vsctl is asked for, in this order. */
enum { ROOT, BRIDGE, PORT, INTERFACE, N_TABLES };

static const char *const requests[][5] = {
    [ROOT] = { "--", "--columns=other_config,external_ids,dpdk_initialized",
               "list", "Open_vSwitch" },
    [BRIDGE] = { "--", "--columns=name,datapath_type,ports", "list",
                 "Bridge" },
    [PORT] = { "--", "--columns=_uuid,name,interfaces", "list", "Port" },
    [INTERFACE] = { "--", "--columns=_uuid,name,type,error,options,"
                    "external_ids", "list", "Interface" },
};

/* The name of the bridge that the interface in row 'row' is on. */
static char *
find_bridge(const struct table tables[N_TABLES], size_t row)
{
    const struct json *interface = table_get(&tables[INTERFACE], row,
                                             "_uuid");

    for (size_t i = 0; interface && i < table_n(&tables[PORT]); i++) {
        const struct json *port = table_get(&tables[PORT], i, "_uuid");

        if (port && table_has_uuid(&tables[PORT], i, "interfaces",
                                   interface)) {
            for (size_t j = 0; j < table_n(&tables[BRIDGE]); j++) {
                if (table_has_uuid(&tables[BRIDGE], j, "ports", port)) {
                    return table_get_string(&tables[BRIDGE], j, "name");
                }
            }
        }
    }
    return xstrdup("");
}

static struct dpuctl_interface *
take_interface(const struct table tables[N_TABLES], size_t row)
{
    struct dpuctl_interface *interface = xmalloc(sizeof *interface);
    const struct table *interfaces = &tables[INTERFACE];

    interface->name = table_get_string(interfaces, row, "name");
    interface->bridge = find_bridge(tables, row);
    interface->type = table_get_string(interfaces, row, "type");
    interface->error = table_get_string(interfaces, row, "error");
    smap_init(&interface->options);
    smap_init(&interface->external_ids);
    table_get_map(interfaces, row, "options", &interface->options);
    table_get_map(interfaces, row, "external_ids", &interface->external_ids);
    return interface;
}

static int
compare_interfaces(const void *a_, const void *b_)
{
    const struct dpuctl_interface *const *a = a_, *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

static void
take_tables(struct dpuctl_ovsdb *ovsdb, const struct table tables[N_TABLES])
{
    const struct table *bridges = &tables[BRIDGE];
    const struct table *interfaces = &tables[INTERFACE];

    if (table_n(&tables[ROOT])) {
        const struct json *dpdk = table_get(&tables[ROOT], 0,
                                            "dpdk_initialized");

        ovsdb->dpdk_initialized = dpdk && dpdk->type == JSON_TRUE;
        table_get_map(&tables[ROOT], 0, "other_config",
                      &ovsdb->other_config);
        table_get_map(&tables[ROOT], 0, "external_ids",
                      &ovsdb->external_ids);
    }
    ovsdb->n_bridges = table_n(bridges);
    ovsdb->bridges = xcalloc(ovsdb->n_bridges, sizeof *ovsdb->bridges);
    for (size_t i = 0; i < ovsdb->n_bridges; i++) {
        ovsdb->bridges[i].name = table_get_string(bridges, i, "name");
        ovsdb->bridges[i].datapath_type = table_get_string(bridges, i,
                                                           "datapath_type");
    }
    ovsdb->n_interfaces = table_n(interfaces);
    ovsdb->interfaces = xcalloc(ovsdb->n_interfaces,
                                sizeof *ovsdb->interfaces);
    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        ovsdb->interfaces[i] = take_interface(tables, i);
    }
    if (ovsdb->n_interfaces) {
        qsort(ovsdb->interfaces, ovsdb->n_interfaces,
              sizeof *ovsdb->interfaces, compare_interfaces);
    }
}

char *
dpuctl_ovsdb_parse(struct dpuctl_ovsdb *ovsdb, const char *output)
{
    struct table tables[N_TABLES];
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    size_t n = 0;
    bool ok;

    clear(ovsdb);
    for (const char *line = output; *line; ) {
        size_t len = strcspn(line, "\n");

        if (len) {
            svec_add_nocopy(&lines, xmemdup0(line, len));
        }
        line += len + (line[len] == '\n');
    }
    ok = lines.n == N_TABLES;
    for (n = 0; ok && n < N_TABLES; n++) {
        ok = table_parse(&tables[n], lines.names[n]);
    }
    if (ok) {
        take_tables(ovsdb, tables);
    }
    while (n > 0) {
        json_destroy(tables[--n].json);
    }
    svec_destroy(&lines);
    return ok ? NULL : xasprintf("ovs-vsctl printed something else than "
                                 "tables: %.80s", output);
}

void
dpuctl_ovsdb_read(struct dpuctl_ovsdb *ovsdb)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    char *output, *error;

    start_vsctl(&words, &ovsdb->remote);
    svec_add(&words, "--no-wait");
    svec_add(&words, "--format=json");
    for (size_t i = 0; i < N_TABLES; i++) {
        for (size_t j = 0; requests[i][j]; j++) {
            svec_add(&words, requests[i][j]);
        }
    }
    error = run(&words, &output);
    if (error) {
        ovs_fatal(0, "Open vSwitch's database cannot be read, nothing was "
                  "changed: %s", error);
    }
    error = dpuctl_ovsdb_parse(ovsdb, output);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    free(output);
    svec_destroy(&words);
}

void
dpuctl_ovsdb_forget(struct dpuctl_ovsdb *ovsdb, size_t i)
{
    destroy_interface(ovsdb->interfaces[i]);
    ovsdb->n_interfaces--;
    memmove(&ovsdb->interfaces[i], &ovsdb->interfaces[i + 1],
            (ovsdb->n_interfaces - i) * sizeof *ovsdb->interfaces);
}

const struct dpuctl_bridge *
dpuctl_ovsdb_find_bridge(const struct dpuctl_ovsdb *ovsdb, const char *name)
{
    for (size_t i = 0; i < ovsdb->n_bridges; i++) {
        if (!strcmp(ovsdb->bridges[i].name, name)) {
            return &ovsdb->bridges[i];
        }
    }
    return NULL;
}

const struct dpuctl_interface *
dpuctl_ovsdb_find_interface(const struct dpuctl_ovsdb *ovsdb,
                            const char *name)
{
    for (size_t i = 0; i < ovsdb->n_interfaces; i++) {
        if (!strcmp(ovsdb->interfaces[i]->name, name)) {
            return ovsdb->interfaces[i];
        }
    }
    return NULL;
}
