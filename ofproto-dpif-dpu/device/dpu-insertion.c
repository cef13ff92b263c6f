/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-insertion.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovs-atomic.h"
#include "smap.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"

VLOG_DEFINE_THIS_MODULE(dpu_insertion);

/* What is asked for. */
enum way {
    WAY_AUTO,
    WAY_RULES,
    WAY_TEMPLATES
};

static const char *const way_names[] = { "auto", "rules", "templates" };
static atomic_uint8_t wanted = ATOMIC_VAR_INIT(WAY_AUTO);

void
dpu_insertion_configure(const struct smap *other_config)
{
    const char *name = smap_get_def(other_config, "dpu-insertion", "auto");
    uint8_t old;

    atomic_read_relaxed(&wanted, &old);
    for (uint8_t way = 0; way < ARRAY_SIZE(way_names); way++) {
        if (!strcmp(name, way_names[way])) {
            if (way != old) {
                VLOG_INFO("dpu-insertion: \"%s\", for devices that come",
                          name);
                atomic_store_relaxed(&wanted, way);
            }
            return;
        }
    }
    VLOG_WARN_ONCE("dpu-insertion: \"%s\" is none of \"auto\", \"rules\" and "
                   "\"templates\"; it stays \"%s\"", name, way_names[old]);
}

void
dpu_insertion_probe(uint16_t proxy, uint16_t port,
                    struct dpu_insertion *insertion)
{
    struct dpu_caps *caps = &insertion->caps;
    struct dpu_caps *ct_caps = &insertion->ct_caps;
    uint8_t way;

    atomic_read_relaxed(&wanted, &way);
    dpu_caps_probe(proxy, port, caps);
    dpu_caps_probe_templates(proxy, port, ct_caps);
    if (way == WAY_RULES && !caps->rules) {
        VLOG_INFO("ethdev %"PRIu16" takes rules through templates alone",
                  proxy);
    } else if (way == WAY_TEMPLATES && !caps->templates) {
        VLOG_INFO("ethdev %"PRIu16" takes no rules through templates", proxy);
    }
    if (way == WAY_TEMPLATES && ct_caps->transfer) {
        *caps = *ct_caps;
        caps->rules = false;
    }
    insertion->megaflows = (caps->rules
                            ? &dpu_rule_sync_ops : &dpu_rule_template_ops);
    if (caps->rules && (way == WAY_RULES || !ct_caps->ct)) {
        *ct_caps = *caps;
        insertion->connections = &dpu_rule_sync_ops;
    } else {
        insertion->connections = &dpu_rule_template_ops;
    }
}

static const char *
ops_name(const struct dpu_rule_ops *ops)
{
    return ops->enqueue ? "templates" : "rules";
}

void
dpu_insertion_format(const struct dpu_insertion *insertion, struct ds *s)
{
    const char *megaflows = ops_name(insertion->megaflows);
    const char *connections = ops_name(insertion->connections);

    if (!insertion->caps.ct || !strcmp(megaflows, connections)) {
        ds_put_cstr(s, megaflows);
    } else {
        ds_put_format(s, "%s for megaflows, %s for connections",
                      megaflows, connections);
    }
}
