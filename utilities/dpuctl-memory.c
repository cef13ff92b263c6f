/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-memory: see dpuctl-memory.h. */

#include <config.h>

#include "utilities/dpuctl-memory.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "util.h"
#include "utilities/dpuctl-ports.h"

#define PREFIX DPUCTL_MARK ":"

static char *
memory_key(const char *device)
{
    return (device ? xasprintf(PREFIX"%s", device)
            : xstrdup(DPUCTL_MARK));
}

static const char *
find_text(const struct dpuctl_ovsdb *ovsdb, const char *device)
{
    char *key = memory_key(device);
    const char *text = smap_get(&ovsdb->external_ids, key);

    free(key);
    return text;
}

bool
dpuctl_memory_exists(const struct dpuctl_ovsdb *ovsdb, const char *device)
{
    return find_text(ovsdb, device) != NULL;
}

struct json *
dpuctl_memory_read(const struct dpuctl_ovsdb *ovsdb, const char *device)
{
    const char *text = find_text(ovsdb, device);
    struct json *memory;

    if (!text) {
        return json_object_create();
    }
    memory = json_from_string(text);
    if (memory->type != JSON_OBJECT) {
        char *key = memory_key(device);

        ovs_fatal(0, "external_ids:\"%s\" of the table Open_vSwitch is not "
                  "what \"setup\" wrote there: %s", key, text);
    }
    return memory;
}

void
dpuctl_memory_put(struct json *memory, const char *key, struct json *value)
{
    if (shash_find(memory->object, key)) {
        json_destroy(value);
    } else {
        json_object_put(memory, key, value);
    }
}

struct json *
dpuctl_memory_get(const struct json *memory, const char *key,
                  enum json_type type)
{
    struct json *value = shash_find_data(memory->object, key);

    return value && value->type == type ? value : NULL;
}

void
dpuctl_memory_remember(const struct dpuctl_ovsdb *ovsdb, const char *device,
                       const struct json *memory, struct svec *commands)
{
    const char *old = find_text(ovsdb, device);
    char *text = json_to_string(memory, JSSF_SORT);

    if (!old || strcmp(old, text)) {
        char *key = memory_key(device);

        svec_add(commands, "--");
        svec_add(commands, "set");
        svec_add(commands, "Open_vSwitch");
        svec_add(commands, ".");
        svec_add_nocopy(commands, dpuctl_ovsdb_setting("external_ids", key,
                                                       text));
        free(key);
    }
    free(text);
}

void
dpuctl_memory_forget(const char *device, struct svec *commands)
{
    char *key = memory_key(device);

    svec_add(commands, "--");
    svec_add(commands, "remove");
    svec_add(commands, "Open_vSwitch");
    svec_add(commands, ".");
    svec_add(commands, "external_ids");
    svec_add_nocopy(commands, dpuctl_ovsdb_key(key));
    free(key);
}

void
dpuctl_memory_devices(const struct dpuctl_ovsdb *ovsdb, struct svec *devices)
{
    const struct smap_node **nodes = smap_sort(&ovsdb->external_ids);

    for (size_t i = 0; i < smap_count(&ovsdb->external_ids); i++) {
        if (!strncmp(nodes[i]->key, PREFIX, strlen(PREFIX))) {
            svec_add(devices, nodes[i]->key + strlen(PREFIX));
        }
    }
    free(nodes);
}
