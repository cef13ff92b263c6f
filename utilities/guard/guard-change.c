/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * guard-change: see guard-change.h. */

#include <config.h>

#include "utilities/guard/guard-change.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "smap.h"
#include "util.h"

#include "utilities/guard/guard-json.h"

#define IDS "external_ids"

/* What a host may change, and the keys of external_ids: whose VF it is, by the
 * names that OVN, OpenStack, libvirt and xapi have for that, and what
 * ovs-dpu-host keeps in mind. */
static const struct {
    const char *table;
    const char *columns[8];
} tables[] = {
    { "Interface", { IDS, "ingress_policing_rate", "ingress_policing_burst",
                     "ingress_policing_kpkts_rate",
                     "ingress_policing_kpkts_burst" } },
    { "Port", { "tag", "trunks", "vlan_mode" } },
};
static const char *const keys[] = {
    "attached-mac", "iface-id", "iface-status", "ovs-dpu-host", "vm-id",
    "vm-uuid", "xs-network-uuid", "xs-vif-uuid", "xs-vm-uuid",
};

static bool
is_key(const char *key)
{
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strcmp(key, keys[i])) {
            return true;
        }
    }
    return false;
}

/* Whether 'column' may be changed; if not, says so in '*error'. */
static bool
is_column(const char *table, const char *column, char **error)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "a host may not change %s of %s; it may change", column,
                  table);
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        const char *const *columns = tables[i].columns;

        for (size_t j = 0; !strcmp(table, tables[i].table) && columns[j];
             j++) {
            if (!strcmp(column, columns[j])) {
                ds_destroy(&s);
                return true;
            }
            ds_put_format(&s, "%s %s", j ? "," : "", columns[j]);
        }
    }
    *error = ds_steal_cstr(&s);
    return false;
}

static char *
refuse_key(const char *key)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "a host may not change %s:%s; it may change", IDS, key);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        ds_put_format(&s, "%s %s", i ? "," : "", keys[i]);
    }
    return ds_steal_cstr(&s);
}

static char *
refuse_value(const char *key, const char *value)
{
    return xasprintf("%s:%s has %"PRIuSIZE" bytes; %d are enough", IDS, key,
                     strlen(value), GUARD_MAX_VALUE);
}

/* Puts the map 'json' into 'smap'.  Returns false if it is no map of strings
 * to strings, or names a key twice. */
static bool
parse_map(const struct json *json, struct smap *smap)
{
    const struct json *pairs = guard_json_tagged(json, "map");

    if (!pairs || pairs->type != JSON_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < json_array(pairs)->n; i++) {
        const struct json *pair = json_array(pairs)->elems[i];
        const char *key, *value;

        if (!guard_json_is_array(pair, 2)) {
            return false;
        }
        key = guard_json_text(json_array(pair)->elems[0]);
        value = guard_json_text(json_array(pair)->elems[1]);
        if (!key || !value || smap_get(smap, key)) {
            return false;
        }
        smap_add(smap, key, value);
    }
    return true;
}

static char *
refuse_map(void)
{
    return xasprintf("%s is to be a map of strings", IDS);
}

/* Judges what 'map' has that 'other' has not, or not so. */
static char *
judge_difference(const struct smap *map, const struct smap *other)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, map) {
        const char *value = smap_get(other, node->key);

        if (value && !strcmp(value, node->value)) {
            continue;
        } else if (!is_key(node->key)) {
            return refuse_key(node->key);
        } else if (strlen(node->value) > GUARD_MAX_VALUE) {
            return refuse_value(node->key, node->value);
        }
    }
    return NULL;
}

/* Judges external_ids that become 'new_json' where they are 'old_json'. */
static char *
judge_ids(const struct json *new_json, const struct json *old_json)
{
    struct smap new = SMAP_INITIALIZER(&new);
    struct smap old = SMAP_INITIALIZER(&old);
    char *error;

    if (!old_json) {
        return xasprintf("a host may change some keys of %s: it must name "
                         "them, as \"ovs-vsctl set Interface NAME %s:KEY="
                         "VALUE\" and \"ovs-vsctl remove Interface NAME %s "
                         "KEY\" do", IDS, IDS, IDS);
    } else if (!parse_map(new_json, &new) || !parse_map(old_json, &old)) {
        error = refuse_map();
    } else {
        error = judge_difference(&new, &old);
        if (!error) {
            error = judge_difference(&old, &new);
        }
    }
    smap_destroy(&new);
    smap_destroy(&old);
    return error;
}

char *
guard_change_judge_update(const char *table, const struct json *row,
                          const struct json *old)
{
    const struct shash_node *node;
    char *error = NULL;

    if (!row || row->type != JSON_OBJECT) {
        return xstrdup("\"update\" wants a \"row\"");
    }
    SHASH_FOR_EACH (node, json_object(row)) {
        if (!is_column(table, node->name, &error)) {
            break;
        } else if (!strcmp(node->name, IDS)) {
            error = judge_ids(node->data, old);
            if (error) {
                break;
            }
        }
    }
    return error;
}

/* Judges keys, a set of strings or one of them. */
static char *
judge_keys(const struct json *argument)
{
    const struct json *set = guard_json_tagged(argument, "set");
    size_t n = set && set->type == JSON_ARRAY ? json_array(set)->n : 1;

    for (size_t i = 0; i < n; i++) {
        const char *key = guard_json_text(set && set->type == JSON_ARRAY
                                          ? json_array(set)->elems[i]
                                          : argument);

        if (!key) {
            return xasprintf("what is deleted from %s is to be strings, or a "
                             "map of strings", IDS);
        } else if (!is_key(key)) {
            return refuse_key(key);
        }
    }
    return NULL;
}

static char *
judge_ids_mutation(const struct json *mutator, const struct json *argument)
{
    struct smap map = SMAP_INITIALIZER(&map);
    struct smap none = SMAP_INITIALIZER(&none);
    bool deletes = guard_json_is(mutator, "delete");
    char *error;

    if (!deletes && !guard_json_is(mutator, "insert")) {
        error = xasprintf("a host may \"insert\" into %s and \"delete\"",
                          IDS);
    } else if (deletes && !guard_json_tagged(argument, "map")) {
        error = judge_keys(argument);
    } else if (!parse_map(argument, &map)) {
        error = refuse_map();
    } else {
        error = judge_difference(&map, &none);
    }
    smap_destroy(&map);
    smap_destroy(&none);
    return error;
}

char *
guard_change_judge_mutations(const char *table, const struct json *mutations)
{
    char *error = NULL;

    if (!mutations || mutations->type != JSON_ARRAY) {
        return xstrdup("\"mutate\" wants \"mutations\"");
    }
    for (size_t i = 0; i < json_array(mutations)->n && !error; i++) {
        const struct json *mutation = json_array(mutations)->elems[i];
        struct json **elems;
        const char *column;

        if (!guard_json_is_array(mutation, 3)
            || !guard_json_text(json_array(mutation)->elems[0])) {
            return xstrdup("a mutation is a column, a mutator and a value");
        }
        elems = json_array(mutation)->elems;
        column = guard_json_text(elems[0]);
        if (is_column(table, column, &error) && !strcmp(column, IDS)) {
            error = judge_ids_mutation(elems[1], elems[2]);
        }
    }
    return error;
}
