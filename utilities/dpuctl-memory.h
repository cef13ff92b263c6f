/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-memory: what was there before "setup", so that "undo" can put it
 * back.  It stands in OVSDB, as JSON in external_ids of the table
 * Open_vSwitch, and is written before anything changes:
 *
 *     ovs-dpu-setup                 what devices share: {"bridge": "br0",
 *                                   "hugepages": N, "other_config": {...}}
 *     ovs-dpu-setup:0000:03:00.0    of a device: {"mode": "legacy",
 *                                   "vfs": 0, "sfs": [...], "macs": {...}}
 *
 * What is remembered once stays until it is forgotten: a second "setup" does
 * not take what the first one made for what was there before.
 *
 * Thread-safety: none. */

#ifndef DPUCTL_MEMORY_H
#define DPUCTL_MEMORY_H 1

#include "openvswitch/json.h"
#include "svec.h"
#include "utilities/dpuctl-ovsdb.h"

/* What is remembered of 'device', or of what all share if that is NULL: a JSON
 * object that is the caller's, empty if nothing is. */
struct json *dpuctl_memory_read(const struct dpuctl_ovsdb *,
                                const char *device);
bool dpuctl_memory_exists(const struct dpuctl_ovsdb *, const char *device);

/* Puts 'value', which it takes over, into 'memory' unless there is one. */
void dpuctl_memory_put(struct json *memory, const char *key,
                       struct json *value);

/* The member 'key' of type 'type', or NULL. */
struct json *dpuctl_memory_get(const struct json *memory, const char *key,
                               enum json_type type);

/* Appends ovs-vsctl's commands that remember 'memory', if it is not what
 * 'ovsdb' has already; or that forget it. */
void dpuctl_memory_remember(const struct dpuctl_ovsdb *, const char *device,
                            const struct json *memory, struct svec *commands);
void dpuctl_memory_forget(const char *device, struct svec *commands);

/* The devices of which something is remembered. */
void dpuctl_memory_devices(const struct dpuctl_ovsdb *, struct svec *devices);

#endif /* utilities/dpuctl-memory.h */
