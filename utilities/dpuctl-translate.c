/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-translate: see dpuctl-translate.h. */

#include <config.h>

#include "utilities/dpuctl-translate.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/device/dpu-template.h"
#include "ofproto-dpif-dpu/translate/dpu-partial.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-meter.h"
#include "util.h"
#include "utilities/dpuctl-device.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-sums.h"

/* The ports of the dump are the ethdevs of the device, in the order in which
 * they appear there, but for tunnels.  Tunnels come in by the first ethdev. */
struct port_map {
    struct dpu_port_map up;
    const struct dpuctl_dump *dump;
    const struct dpuctl_device *device;
};

static const struct dpuctl_port *
map_find(const struct dpu_port_map *up, odp_port_t number)
{
    const struct port_map *map = CONTAINER_OF(up, struct port_map, up);

    return dpuctl_dump_ports_find(&map->dump->ports, number);
}

static bool
map_lookup(const struct dpu_port_map *up, odp_port_t number, uint16_t *ethdev)
{
    const struct port_map *map = CONTAINER_OF(up, struct port_map, up);
    const struct dpuctl_port *port = map_find(up, number);

    if (!port || port->tunnel || port->software
        || port->index >= map->device->n_ethdevs) {
        return false;
    }
    *ethdev = map->device->ethdevs[port->index];
    return true;
}

static const char *
map_tunnel(const struct dpu_port_map *up, odp_port_t number)
{
    const struct dpuctl_port *port = map_find(up, number);

    return port ? port->tunnel : NULL;
}

static bool
map_name(const struct dpu_port_map *up, odp_port_t number, char *name,
         size_t size)
{
    const struct dpuctl_port *port = map_find(up, number);

    if (port) {
        ovs_strlcpy(name, port->name, size);
    }
    return port != NULL;
}

/* One megaflow's rules. */
struct dry_run {
    struct dpu_spec spec;       /* As a whole, and what is behind it. */
    struct dpu_spec part;       /* In part, if it is that. */
    enum dpu_flow_place place;
    struct dpu_reason reason;   /* Unless it would be there as a whole. */
    uint16_t target;            /* The ethdev to create them on. */
};

/* A dump does not tell what meters do: for a moment the device gets some in
 * their place. */
static bool
put_meters(struct dpu_spec *spec, uint16_t ethdev, struct dpu_reason *reason)
{
    struct ofputil_meter_band band = { .type = OFPMBT13_DROP, .rate = 1000 };
    const struct ofputil_meter_config config = {
        .flags = OFPMF13_KBPS,
        .n_bands = 1,
        .bands = &band,
    };

    for (unsigned int i = 0; i < spec->n_meters; i++) {
        dpu_meter_set(spec->meters[i].id, &config);
        if (!dpu_meter_ref(spec->meters[i].id, ethdev,
                           &spec->meters[i].meter->mtr_id, reason)) {
            return false;
        }
    }
    return true;
}

static void
remove_meters(struct dpu_spec *spec)
{
    for (unsigned int i = 0; i < spec->n_meters; i++) {
        dpu_meter_unref(spec->meters[i].meter->mtr_id, false);
        dpu_meter_del(spec->meters[i].id);
    }
}

/* Stands in for installation: only asks. */
static int
validate(uint16_t ethdev, const struct dpu_spec *spec, struct dpu_rule **rule,
         struct rte_flow_error *error)
{
    *rule = NULL;
    return abs(rte_flow_validate(ethdev, &spec->attr, spec->items,
                                 spec->actions, error));
}

/* The same of a device that takes rules through templates alone. */
static int
ask_templates(uint16_t ethdev, const struct dpu_spec *spec,
              struct dpu_rule **rule, struct rte_flow_error *error)
{
    *rule = NULL;
    return dpu_template_ask(ethdev, spec, error);
}

static const struct dpu_rule_ops dry_ops = { .create = validate };
static const struct dpu_rule_ops dry_template_ops = {
    .create = ask_templates
};

/* Asks whether 'target' takes 'spec'. */
static bool
try(const struct dpu_rule_target *target, struct dpu_spec *spec,
    struct dpu_reason *reason)
{
    struct dpu_rule *rule;
    bool ok;

    ok = (put_meters(spec, target->ethdev, reason)
          && dpu_rule_create(target, spec, &rule, reason));
    remove_meters(spec);
    return ok;
}

/* Asks whether 'device' takes 'spec' and what is behind it.  Stores the ethdev
 * to create them on in '*ethdev'. */
static bool
try_all(const struct dpuctl_device *device, struct dpu_spec *spec,
        uint16_t *ethdev, struct dpu_reason *reason)
{
    struct dpu_rule_target target = {
        .ops = device->caps.rules ? &dry_ops : &dry_template_ops,
        .ethdev = (spec->needs_port_ethdev
                   ? spec->port_ethdev : device->proxy),
    };

    *ethdev = target.ethdev;
    dpu_translate_number(spec, &device->caps);
    for (struct dpu_spec *s = spec; s; s = s->more) {
        if (!try(&target, s, reason)) {
            return false;
        }
    }
    return true;
}

/* Translates 'flow' into '*r', whose specs have to be freed in any case. */
static void
run(const struct dpuctl_dump *dump, const struct dpuctl_device *device,
    const struct dpuctl_flow *flow, struct dry_run *r)
{
    const struct port_map map = {
        .up = {
            .lookup = map_lookup,
            .name = map_name,
            .tunnel = map_tunnel,
        },
        .dump = dump,
        .device = device,
    };
    const struct dpu_megaflow megaflow = {
        .match = &flow->match,
        .actions = flow->actions.data,
        .actions_len = flow->actions.size,
        .origin = device->ethdevs[0],
        .flow_mark = 1,
    };
    const struct dpu_caps *caps = &device->caps;
    struct dpu_reason ignored;

    r->spec.more = NULL;
    if (dpu_translate(&megaflow, &map.up, caps, &r->spec, &r->reason)
        && try_all(device, &r->spec, &r->target, &r->reason)) {
        r->place = DPU_FLOW_IN_HARDWARE;
    } else if (dpu_partial_translate(&megaflow, &map.up, caps, &r->reason,
                                     &r->part)
               && try_all(device, &r->part, &r->target, &ignored)) {
        r->place = DPU_FLOW_IN_PART;
    } else {
        r->place = DPU_FLOW_IN_SOFTWARE;
    }
}

/* Appends the rules of 'r', which may be those that were refused. */
static void
format_rules(const struct dry_run *r, struct ds *s)
{
    dpu_spec_format_rules((r->place == DPU_FLOW_IN_PART
                           ? &r->part : &r->spec), r->target, s);
}

enum dpu_flow_place
dpuctl_translate_flow(const struct dpuctl_dump *dump,
                      const struct dpuctl_device *device,
                      const struct dpuctl_flow *flow, struct ds *rules,
                      struct dpu_reason *reason)
{
    struct dry_run r;

    run(dump, device, flow, &r);
    if (r.place != DPU_FLOW_IN_SOFTWARE
        || r.reason.code == DPU_REASON_DEVICE_REFUSED) {
        format_rules(&r, rules);
    }
    *reason = r.reason;
    dpu_spec_free_more(&r.spec);
    return r.place;
}

void
dpuctl_translate(const struct dpuctl_dump *dump,
                 const struct dpuctl_device *device, FILE *stream)
{
    for (size_t i = 0; i < dump->n_flows; i++) {
        struct ds s = DS_EMPTY_INITIALIZER;
        struct dry_run r;

        ds_put_format(&s, "# %s\n", dump->flows[i].text);
        run(dump, device, &dump->flows[i], &r);
        if (r.place != DPU_FLOW_IN_HARDWARE) {
            ds_put_cstr(&s, (r.place == DPU_FLOW_IN_PART
                             ? "# offloaded:partial, " : ""));
            dpu_reason_format(&r.reason, &s);
            ds_put_char(&s, '\n');
        }
        if (r.place != DPU_FLOW_IN_SOFTWARE) {
            format_rules(&r, &s);
        }
        fputs(ds_cstr(&s), stream);
        ds_destroy(&s);
        dpu_spec_free_more(&r.spec);
    }
}

void
dpuctl_translate_summary(const struct dpuctl_dump *dump,
                         const struct dpuctl_device *device,
                         const char *name, FILE *stream)
{
    struct dpuctl_sums sums = { .n = 0 };

    for (size_t i = 0; i < dump->n_flows; i++) {
        struct dry_run r;

        run(dump, device, &dump->flows[i], &r);
        dpuctl_sums_add(&sums, r.place, &r.reason,
                        dump->flows[i].packets);
        dpu_spec_free_more(&r.spec);
    }
    fprintf(stream, "%s: %"PRIu64" megaflows, %"PRIu64" packets\n",
            name, sums.flows, sums.packets);
    fprintf(stream, " flows         packets\n");
    dpuctl_sums_sort_by_flows(&sums);
    for (size_t i = 0; i < sums.n; i++) {
        const struct dpuctl_sum *sum = &sums.sums[i];

        fprintf(stream, "%6"PRIu64" %5.1f%%  %5.1f%%  %s\n", sum->flows,
                dpuctl_percentage(sum->flows, sums.flows),
                dpuctl_percentage(sum->packets, sums.packets), sum->name);
    }
    dpuctl_sums_destroy(&sums);
}
