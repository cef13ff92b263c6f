/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-port-record.h"

#include "util.h"

static const struct dpu_port_record *
record_cast(const struct dpu_port_map *map)
{
    return CONTAINER_OF(map, struct dpu_port_record, up);
}

static bool
record_lookup(const struct dpu_port_map *map, odp_port_t port,
              uint16_t *ethdev)
{
    struct dpu_port_record *r
        = CONST_CAST(struct dpu_port_record *, record_cast(map));

    if (!r->map->lookup(r->map, port, ethdev)) {
        return false;
    }
    for (size_t i = 0; i < r->n_refs; i++) {
        if (r->refs[i] == *ethdev) {
            return true;
        }
    }
    if (r->n_refs >= ARRAY_SIZE(r->refs)) {
        return false;
    }
    r->refs[r->n_refs++] = *ethdev;
    return true;
}

static const char *
record_software(const struct dpu_port_map *map, odp_port_t port, bool output)
{
    const struct dpu_port_record *r = record_cast(map);

    return r->map->software ? r->map->software(r->map, port, output) : NULL;
}

static bool
record_policed(const struct dpu_port_map *map, odp_port_t port)
{
    const struct dpu_port_record *r = record_cast(map);

    return r->map->policed && r->map->policed(r->map, port);
}

static const char *
record_tunnel(const struct dpu_port_map *map, odp_port_t port)
{
    const struct dpu_port_record *r = record_cast(map);

    return r->map->tunnel ? r->map->tunnel(r->map, port) : NULL;
}

static bool
record_name(const struct dpu_port_map *map, odp_port_t port, char *name,
            size_t size)
{
    const struct dpu_port_record *r = record_cast(map);

    return r->map->name && r->map->name(r->map, port, name, size);
}

void
dpu_port_record_init(struct dpu_port_record *r, const struct dpu_port_map *map)
{
    r->up.lookup = record_lookup;
    r->up.software = record_software;
    r->up.policed = record_policed;
    r->up.tunnel = record_tunnel;
    r->up.name = record_name;
    r->up.version = map->version;
    r->map = map;
    r->n_refs = 0;
}
