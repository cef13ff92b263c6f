/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * flow-fixture: see flow-fixture.h. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/flow-fixture.h"

#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-thread.h"
#include "util.h"

/* The fake device. */

static struct ovs_mutex fake_mutex = OVS_MUTEX_INITIALIZER;
struct flow_fake fake;

size_t
fake_count(uint32_t match)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        n += (fake.rules[i].present && !fake.rules[i].lost
              && (!match || fake.rules[i].match == match));
    }
    return n;
}

void
fake_forward(uint32_t match, uint64_t n)
{
    struct dpu_rule *best = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        struct dpu_rule *rule = &fake.rules[i];

        if (rule->present && !rule->lost && rule->match == match
            && (!best || rule->priority < best->priority)) {
            best = rule;
        }
    }
    assert_non_null(best);
    best->packets += n;
}

static int
fake_call(struct rte_flow_error *error)
{
    fake.n_calls++;
    if (fake.gone) {
        return ENODEV;
    }
    if (fake.n_calls == fake.fail_at) {
        rte_flow_error_set(error, fake.error, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
                           NULL, "told to fail");
        return fake.error;
    }
    return 0;
}

static int
fake_insert(uint16_t ethdev, const struct dpu_spec *spec,
            struct dpu_rule **rulep)
{
    uint32_t match = spec->arena[0];
    struct dpu_rule *slot = NULL;

    if (spec->attr.priority >= fake.n_priorities) {
        return EINVAL;
    }
    if (fake_count(0) >= fake.capacity) {
        return ENOSPC;
    }
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        struct dpu_rule *rule = &fake.rules[i];

        if (!rule->present) {
            slot = slot ? slot : rule;
        } else if (!fake.duplicates && !rule->lost && rule->match == match
                   && rule->priority == spec->attr.priority) {
            return EEXIST;
        }
    }
    assert_non_null(slot);
    *slot = (struct dpu_rule) {
        .present = true,
        .ethdev = ethdev,
        .match = match,
        .priority = spec->attr.priority,
    };
    *rulep = slot;
    return 0;
}

int
fake_create(uint16_t ethdev, const struct dpu_spec *spec,
            struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval;

    ovs_mutex_lock(&fake_mutex);
    retval = fake_call(error);
    if (!retval) {
        retval = fake_insert(ethdev, spec, rule);
    }
    ovs_mutex_unlock(&fake_mutex);
    return retval;
}

int
fake_destroy(uint16_t ethdev, struct dpu_rule *rule,
             struct rte_flow_error *error)
{
    int retval;

    ovs_mutex_lock(&fake_mutex);
    assert_true(rule->present);
    assert_int_equal(rule->ethdev, ethdev);
    retval = fake_call(error);
    if (!retval) {
        rule->present = false;
    } else {
        fake.n_lost++;
    }
    ovs_mutex_unlock(&fake_mutex);
    return retval;
}

int
fake_query(uint16_t ethdev, struct dpu_rule *rule,
           struct dpu_rule_count *count, struct rte_flow_error *error)
{
    int retval;

    ovs_mutex_lock(&fake_mutex);
    assert_true(rule->present);
    assert_int_equal(rule->ethdev, ethdev);
    retval = fake_call(error);
    if (!retval && rule->lost) {
        retval = ENOENT;
    }
    if (!retval) {
        count->packets = rule->packets;
        count->bytes = rule->packets * 100;
    }
    ovs_mutex_unlock(&fake_mutex);
    return retval;
}

const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

void
fake_lose(uint32_t match)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        fake.rules[i].lost |= !match || fake.rules[i].match == match;
    }
}

/* The fake translation. */

__thread struct flow_tnl last_tunnel;

/* Puts rules for 'n' matches behind 'spec'. */
static void
split(struct dpu_spec *spec, uint16_t n)
{
    for (struct dpu_spec *s = spec; n--; s = s->more) {
        s->more = xmalloc(sizeof *s->more);
        memcpy(s->more, s, sizeof *s);
        s->more->more = NULL;
        s->more->arena[0] += SPLIT_STEP;
    }
}

bool no_meters;

bool __wrap_dpu_translate(const struct dpu_megaflow *,
                          const struct dpu_port_map *, const struct dpu_caps *,
                          struct dpu_spec *, struct dpu_reason *);

bool
__wrap_dpu_translate(const struct dpu_megaflow *flow,
                     const struct dpu_port_map *ports,
                     const struct dpu_caps *caps OVS_UNUSED,
                     struct dpu_spec *spec, struct dpu_reason *reason)
{
    const struct nlattr *a;
    uint16_t ethdev;
    size_t left;

    assert_null(flow->length);      /* Nobody gave one. */
    memset(spec, 0, sizeof *spec);
    spec->arena[0] = ntohl(flow->match->flow.nw_src);
    spec->needs_port_ethdev = spec->arena[0] == AT_PORT;
    last_tunnel = flow->match->flow.tunnel;
    if (!ports->lookup(ports, flow->match->flow.in_port.odp_port, &ethdev)) {
        return dpu_reason_set(reason, DPU_REASON_IN_PORT, "in");
    }
    if (ports->software(ports, flow->match->flow.in_port.odp_port, false)) {
        return dpu_reason_set(reason, DPU_REASON_ACTION_SOFTWARE, "policed");
    }
    NL_ATTR_FOR_EACH (a, left, flow->actions, flow->actions_len) {
        if (nl_attr_type(a) == OVS_ACTION_ATTR_METER) {
            if (no_meters) {
                return dpu_reason_set(reason, DPU_REASON_ACTION, "meter");
            }
            continue;
        }
        if (nl_attr_type(a) != OVS_ACTION_ATTR_OUTPUT) {
            return dpu_reason_set(reason, DPU_REASON_ACTION, "an action");
        }
        if (ports->lookup(ports, nl_attr_get_odp_port(a), &ethdev)) {
            continue;
        } else if (spec->arena[0] == COPIED) {
            spec->copies = true;
        } else {
            return dpu_reason_set(reason, DPU_REASON_OUTPUT_PORT, "port %u",
                                  odp_to_u32(nl_attr_get_odp_port(a)));
        }
    }
    if (spec->arena[0] == SPLIT) {
        split(spec, ethdev);
    }
    return true;
}

unsigned int n_ethdevs;

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
       uint16_t *ethdev)
{
    *ethdev = odp_to_u32(port);
    return *ethdev < n_ethdevs;
}

int policed = -1;

static const char *
software(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
         bool output)
{
    return !output && odp_to_u32(port) == policed ? "policed" : NULL;
}

const struct dpu_port_map port_map = {
    .lookup = lookup,
    .software = software,
};

/* Megaflows. */

struct dpu_flow_table table;

struct dpu_flow_key
key_of(uint32_t n, uint16_t in)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n * 0x9e3779b9u, n, 0, n },
        .ethdev = in,
    };
}

bool
put_match(uint32_t n, uint16_t in, uint32_t out, struct match *match)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpu_megaflow megaflow;
    struct ofpbuf actions;
    bool retval;

    match_set_nw_src(match, htonl(n));
    MATCH_SET_FIELD_MASKED(match, in_port.odp_port, u32_to_odp(in),
                           ODPP_NONE);
    ofpbuf_init(&actions, 0);
    if (out == ODD_ACTION) {
        nl_msg_put_u32(&actions, OVS_ACTION_ATTR_RECIRC, 1);
    } else {
        if (out >= METERED) {
            out -= METERED;
            nl_msg_put_u32(&actions, OVS_ACTION_ATTR_METER, out);
        }
        nl_msg_put_odp_port(&actions, OVS_ACTION_ATTR_OUTPUT,
                            u32_to_odp(out));
    }
    megaflow = (struct dpu_megaflow) {
        .match = match,
        .actions = actions.data,
        .actions_len = actions.size,
    };
    retval = dpu_flow_put(&table, &key, &megaflow, &port_map);
    ofpbuf_uninit(&actions);
    return retval;
}

bool
put(uint32_t n, uint16_t in, uint32_t out)
{
    struct match match;

    match_init_catchall(&match);
    return put_match(n, in, out, &match);
}

int
del(uint32_t n, uint16_t in, struct dpif_flow_stats *stats)
{
    struct dpu_flow_key key = key_of(n, in);

    return dpu_flow_del(&table, &key, stats);
}

void
check_get(uint32_t n, uint16_t in, bool offloaded, uint64_t n_packets)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    assert_int_equal(dpu_flow_get(&table, &key, NULL, &stats, &place), 0);
    assert_int_equal(place, (offloaded ? DPU_FLOW_IN_HARDWARE
                             : DPU_FLOW_IN_SOFTWARE));
    assert_int_equal(stats.n_packets, n_packets);
    assert_int_equal(stats.n_bytes, n_packets * 100);
    assert_int_equal(stats.tcp_flags, 0);
    assert_int_equal(stats.used != 0, n_packets != 0);
}

void
check_no_get(uint32_t n, uint16_t in)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    assert_int_equal(dpu_flow_get(&table, &key, NULL, &stats, &place),
                     ENOENT);
}

void
check_refused(enum dpu_reason_code code, size_t now, uint64_t ever)
{
    assert_int_equal(table.n_refused[code], now);
    assert_int_equal(table.n_refused_ever[code], ever);
}

int
setup(void **state OVS_UNUSED)
{
    struct dpu_caps caps = { .duplicates = true };

    memset(&fake, 0, sizeof fake);
    fake.capacity = ARRAY_SIZE(fake.rules);
    fake.n_priorities = 2;
    fake.duplicates = true;
    n_ethdevs = N_ETHDEVS;
    dpu_flow_table_init(&table, &fake_ops, &caps);
    for (uint16_t i = 0; i < N_ETHDEVS; i++) {
        dpu_flow_set_proxy(&table, i, PROXY);
    }
    return 0;
}

int
teardown(void **state OVS_UNUSED)
{
    dpu_flow_table_destroy(&table);
    return fake_count(0) != fake.n_lost;
}
