/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-ovsdb: Open vSwitch's configuration, read and changed through
 * ovs-vsctl: each read is one transaction, and so is each change.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_OVSDB_H
#define DPUCTL_OVSDB_H 1

#include <stdbool.h>
#include <stddef.h>

#include "smap.h"
#include "svec.h"

struct dpuctl_interface {
    char *name;                 /* Of the port as well. */
    char *bridge;               /* "" if it is on none. */
    char *type;
    char *error;                /* "" if there is none. */
    struct smap options;
    struct smap external_ids;
};

struct dpuctl_bridge {
    char *name;
    char *datapath_type;
};

/* How to reach it. */
struct dpuctl_ovsdb_remote {
    const char *db;             /* ovs-vsctl's --db, or NULL. */
    bool no_wait;               /* Its --no-wait. */
};

struct dpuctl_ovsdb {
    struct dpuctl_ovsdb_remote remote;
    bool dpdk_initialized;
    struct smap other_config;   /* Of the table Open_vSwitch. */
    struct smap external_ids;   /* The same. */
    struct dpuctl_bridge *bridges;
    size_t n_bridges;
    struct dpuctl_interface **interfaces;   /* By their names. */
    size_t n_interfaces;
};

void dpuctl_ovsdb_init(struct dpuctl_ovsdb *,
                       const struct dpuctl_ovsdb_remote *);
void dpuctl_ovsdb_destroy(struct dpuctl_ovsdb *);

/* Reads the configuration anew; exits with a message if that fails. */
void dpuctl_ovsdb_read(struct dpuctl_ovsdb *);

/* Reads it from the output of ovs-vsctl instead.  Returns NULL, or a sentence
 * that the caller must free(). */
char *dpuctl_ovsdb_parse(struct dpuctl_ovsdb *, const char *output);

const struct dpuctl_bridge *dpuctl_ovsdb_find_bridge(
    const struct dpuctl_ovsdb *, const char *name);
const struct dpuctl_interface *dpuctl_ovsdb_find_interface(
    const struct dpuctl_ovsdb *, const char *name);

/* Runs ovs-vsctl's 'commands', a flat list of words with "--" in front of each
 * command, as one transaction.  Returns NULL, or what ovs-vsctl said, which
 * the caller must free(). */
char *dpuctl_ovsdb_run(const struct dpuctl_ovsdb_remote *,
                       const struct svec *commands);

/* Has '*ovsdb' lack interface 'i', which is being removed. */
void dpuctl_ovsdb_forget(struct dpuctl_ovsdb *, size_t i);

/* A key of a column, and the setting "COLUMN:KEY=VALUE", as ovs-vsctl takes
 * them, in quotes where they need them.  The caller must free() them. */
char *dpuctl_ovsdb_key(const char *key);
char *dpuctl_ovsdb_setting(const char *column, const char *key,
                           const char *value);

#endif /* utilities/dpuctl-ovsdb.h */
