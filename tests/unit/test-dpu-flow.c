/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The life of megaflows, on a fake device that fails on demand and behind a
 * fake translation: a megaflow's source address says which packets its rule
 * matches. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dpif.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/dpu-audit.h"
#include "ofproto-dpif-dpu/dpu-flow.h"
#include "ofproto-dpif-dpu/dpu-spec.h"

#define N_ETHDEVS 8                 /* Datapath port N is ethdev N. */
#define PROXY 6                     /* The ethdev that takes the rules... */
#define AT_PORT 100                 /* ...but of the megaflow of this number,
                                     * whose rule is its port's. */
#define COPIED 101                  /* This one's outputs that the device does
                                     * not have are software's. */
#define SPLIT 102                   /* This one becomes several rules: one, and
                                     * one for each ethdev less than that of
                                     * its output, which match... */
#define SPLIT_STEP 1000             /* ...a multiple of this further on. */

/* The fake device. */

struct dpu_rule {
    bool present;
    bool lost;                      /* By the device; its handle is there. */
    uint16_t ethdev;
    uint32_t match;
    uint32_t priority;
    uint64_t packets;
};

static struct ovs_mutex fake_mutex = OVS_MUTEX_INITIALIZER;
static struct {
    struct dpu_rule rules[64];
    size_t capacity;                /* Rules that it takes. */
    uint32_t n_priorities;
    bool duplicates;                /* Takes two rules with one match. */
    bool gone;
    unsigned int n_calls;
    unsigned int fail_at;           /* The call that fails, from 1 on. */
    int error;                      /* Its errno. */
    unsigned int n_lost;            /* Rules whose destruction failed. */
} fake;

static size_t
fake_count(uint32_t match)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        n += (fake.rules[i].present && !fake.rules[i].lost
              && (!match || fake.rules[i].match == match));
    }
    return n;
}

/* Forwards 'n' packets that 'match', by the rule of the best priority. */
static void
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

static int
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

static int
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

static int
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

static const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

/* The device loses the rules for 'match'; for 0 all of them. */
static void
fake_lose(uint32_t match)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        fake.rules[i].lost |= !match || fake.rules[i].match == match;
    }
}

/* The fake translation. */

/* Of the megaflow that was translated last. */
static struct flow_tnl last_tunnel;

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

/* Meters are refused. */
static bool no_meters;

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

static unsigned int n_ethdevs;

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
       uint16_t *ethdev)
{
    *ethdev = odp_to_u32(port);
    return *ethdev < n_ethdevs;
}

/* The port that is policed, or -1. */
static int policed = -1;

static const char *
software(const struct dpu_port_map *map OVS_UNUSED, odp_port_t port,
         bool output)
{
    return !output && odp_to_u32(port) == policed ? "policed" : NULL;
}

static const struct dpu_port_map port_map = {
    .lookup = lookup,
    .software = software,
};

/* Megaflows: number N enters at ethdev 'in' and matches source address N. */

static struct dpu_flow_table table;

static struct dpu_flow_key
key_of(uint32_t n, uint16_t in)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n * 0x9e3779b9u, n, 0, n },
        .ethdev = in,
    };
}

#define NO_PORT 99                  /* Is not of the device. */
#define ODD_ACTION 1000             /* Is not an output. */
#define METERED 5000                /* Added to an output: behind a meter of the
                                     * output's number. */

/* With what '*match' has already. */
static bool
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

static bool
put(uint32_t n, uint16_t in, uint32_t out)
{
    struct match match;

    match_init_catchall(&match);
    return put_match(n, in, out, &match);
}

static int
del(uint32_t n, uint16_t in, struct dpif_flow_stats *stats)
{
    struct dpu_flow_key key = key_of(n, in);

    return dpu_flow_del(&table, &key, stats);
}

static void
check_get(uint32_t n, uint16_t in, bool offloaded, uint64_t n_packets)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpif_flow_stats stats;
    bool is_offloaded;

    assert_int_equal(dpu_flow_get(&table, &key, NULL, &stats, &is_offloaded),
                     0);
    assert_int_equal(is_offloaded, offloaded);
    assert_int_equal(stats.n_packets, n_packets);
    assert_int_equal(stats.n_bytes, n_packets * 100);
    assert_int_equal(stats.tcp_flags, 0);
    assert_int_equal(stats.used != 0, n_packets != 0);
}

static void
check_no_get(uint32_t n, uint16_t in)
{
    struct dpu_flow_key key = key_of(n, in);
    struct dpif_flow_stats stats;
    bool offloaded;

    assert_int_equal(dpu_flow_get(&table, &key, NULL, &stats, &offloaded),
                     ENOENT);
}

static void
check_refused(enum dpu_reason_code code, size_t now, uint64_t ever)
{
    assert_int_equal(table.n_refused[code], now);
    assert_int_equal(table.n_refused_ever[code], ever);
}

static int
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

static int
teardown(void **state OVS_UNUSED)
{
    dpu_flow_table_destroy(&table);
    return fake_count(0) != fake.n_lost;
}

/* The tests. */

static void
test_put_get_del(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    check_no_get(1, 0);
    assert_true(put(1, 0, 1));
    check_get(1, 0, true, 0);
    fake_forward(1, 3);
    check_get(1, 0, true, 3);
    check_no_get(1, 1);             /* Enters elsewhere. */
    assert_int_equal(table.n_rules, 1);

    /* What comes after the last look is counted all the same. */
    fake_forward(1, 4);
    assert_int_equal(del(1, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 7);
    assert_int_equal(stats.n_bytes, 700);
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(table.n_rules, 0);
    check_no_get(1, 0);
    assert_int_equal(del(1, 0, NULL), ENOENT);

    /* The same megaflow, much later, counts anew. */
    assert_true(put(1, 0, 1));
    check_get(1, 0, true, 0);
}

/* What 'asker' is told at time 'now' of a rule that counted 'n' in all. */
static uint64_t
tell(struct dpu_stats *s, uint64_t n, const void *asker, long long int now)
{
    const struct dpu_rule_count count = { n, 100 * n };
    struct dpif_flow_stats stats;

    dpu_stats_update(s, &count, 0, now);
    dpu_stats_tell(s, asker, now, &stats);
    assert_int_equal(stats.n_bytes, 100 * stats.n_packets);
    return stats.n_packets;
}

/* Two copies of a megaflow, in two PMD threads: the answers add up to what
 * hardware counted, whichever ceases to ask. */
static void
test_askers(void **state OVS_UNUSED)
{
    struct dpu_stats s = { .used = 0 };
    static const char a, b;

    assert_int_equal(tell(&s, 10, &a, 1000), 10);
    assert_int_equal(tell(&s, 12, &b, 1001), 0);
    assert_int_equal(tell(&s, 15, &a, 1500), 15);
    assert_int_equal(s.used, 1500);

    assert_int_equal(tell(&s, 17, &b, 1500 + DPU_STATS_SILENCE - 1), 0);
    assert_int_equal(tell(&s, 18, &b, 1500 + DPU_STATS_SILENCE), 3);
    assert_int_equal(tell(&s, 20, &b, 1501 + DPU_STATS_SILENCE), 5);
    dpu_stats_fold(&s);
    assert_int_equal(tell(&s, 2, &b, 1502 + DPU_STATS_SILENCE), 7);
    assert_int_equal(tell(&s, 2, &a, 1503 + DPU_STATS_SILENCE), 0);

    /* The device was reset. */
    assert_int_equal(tell(&s, 1, &b, 1504 + DPU_STATS_SILENCE), 8);
}

static void
test_leave(void **state OVS_UNUSED)
{
    struct dpu_flow_key key = key_of(1, 0);
    struct dpif_flow_stats stats;
    static const char a, b;
    bool offloaded;

    /* The last one who asks is told all. */
    assert_true(put(1, 0, 1));
    dpu_flow_get(&table, &key, &a, &stats, &offloaded);
    fake_forward(1, 3);
    dpu_flow_leave(&table, &key, &a);
    assert_int_equal(fake_count(0), 0);
    dpu_flow_get(&table, &key, &a, &stats, &offloaded);
    assert_false(offloaded);
    assert_int_equal(stats.n_packets, 3);
    assert_int_equal(del(1, 0, NULL), 0);

    /* Who is not the last one leaves the rule to the others. */
    assert_true(put(1, 0, 1));
    dpu_flow_get(&table, &key, &a, &stats, &offloaded);
    dpu_flow_leave(&table, &key, &b);
    assert_int_equal(fake_count(1), 1);
    dpu_flow_get(&table, &key, &b, &stats, &offloaded);
    dpu_flow_leave(&table, &key, &a);
    assert_int_equal(fake_count(1), 1);

    key.ethdev = 1;
    dpu_flow_leave(&table, &key, &a);
}

static void
test_put_same(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(1, 0, 1));
    n_calls = fake.n_calls;
    assert_true(put(1, 0, 1));
    assert_int_equal(fake.n_calls, n_calls);
}

/* Watches over a modification: the old rule leaves when the new one is in. */
static int
fake_destroy_second(uint16_t ethdev, struct dpu_rule *rule,
                    struct rte_flow_error *error)
{
    assert_int_equal(fake_count(rule->match), 2);
    return fake_destroy(ethdev, rule, error);
}

static const struct dpu_rule_ops make_before_break_ops = {
    .create = fake_create,
    .destroy = fake_destroy_second,
    .query = fake_query,
};

static void
check_modify(void)
{
    assert_true(put(1, 0, 1));
    for (int i = 1; i <= 5; i++) {
        fake_forward(1, 10);
        table.ops = &make_before_break_ops;
        assert_true(put(1, 0, 1 + i % 2));
        table.ops = &fake_ops;
        assert_int_equal(fake_count(1), 1);
        assert_int_equal(table.n_rules, 1);
        check_get(1, 0, true, 10 * i);
    }
}

static void
test_modify(void **state OVS_UNUSED)
{
    check_modify();
    assert_int_equal(fake.rules[0].priority, 0);
}

static void
test_modify_no_duplicates(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    table.caps.duplicates = false;
    check_modify();
}

/* Neither two rules with one match nor two priorities: the old one leaves
 * first. */
static void
test_modify_break_before_make(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    fake.n_priorities = 1;
    table.caps.duplicates = false;

    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_true(put(1, 0, 2));
    assert_int_equal(fake_count(1), 1);
    assert_int_equal(table.n_rules, 1);
    check_get(1, 0, true, 10);
}

/* No room for both. */
static void
test_modify_full(void **state OVS_UNUSED)
{
    fake.capacity = 1;
    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_true(put(1, 0, 2));
    assert_int_equal(fake_count(1), 1);
    check_get(1, 0, true, 10);
}

static void
test_modify_refused(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    assert_true(put(1, 0, 1));
    fake_forward(1, 10);
    assert_false(put(1, 0, NO_PORT));
    assert_int_equal(fake_count(0), 0);     /* It would be wrong. */
    check_get(1, 0, false, 10);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);

    assert_true(put(1, 0, 2));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    fake_forward(1, 5);
    check_get(1, 0, true, 15);

    assert_false(put(1, 0, ODD_ACTION));
    assert_int_equal(del(1, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 15);
}

static void
check_reason_cb(const struct dpu_flow *flow, void *reason)
{
    dpu_flow_reason(flow, reason);
}

/* A rule that its port's ethdev takes, and not the proxy. */
static void
test_at_port(void **state OVS_UNUSED)
{
    assert_true(put(AT_PORT, 3, 1));
    assert_true(put(1, 3, 1));
    assert_int_equal(fake.rules[0].ethdev, 3);
    assert_int_equal(fake.rules[1].ethdev, PROXY);
    fake_forward(AT_PORT, 2);
    check_get(AT_PORT, 3, true, 2);
    assert_true(put(AT_PORT, 3, 2));
    check_get(AT_PORT, 3, true, 2);
    assert_int_equal(del(AT_PORT, 3, NULL), 0);
}

/* A megaflow that becomes several rules: they come and go together, and it
 * counts what all of them do. */
static void
test_split(void **state OVS_UNUSED)
{
    struct dpif_flow_stats stats;

    assert_true(put(SPLIT, 0, 2));
    assert_int_equal(fake_count(0), 3);
    assert_int_equal(table.n_rules, 3);
    for (int i = 0; i < 3; i++) {
        fake_forward(SPLIT + i * SPLIT_STEP, 1 + i);
    }
    check_get(SPLIT, 0, true, 6);

    /* More of them, and fewer. */
    assert_true(put(SPLIT, 0, 3));
    assert_int_equal(fake_count(0), 4);
    check_get(SPLIT, 0, true, 6);
    fake_forward(SPLIT + 3 * SPLIT_STEP, 4);
    assert_true(put(SPLIT, 0, 0));
    assert_int_equal(fake_count(0), 1);
    assert_int_equal(table.n_rules, 1);
    fake_forward(SPLIT, 10);
    check_get(SPLIT, 0, true, 20);

    assert_true(put(SPLIT, 0, 1));
    fake_forward(SPLIT + SPLIT_STEP, 1);
    assert_int_equal(del(SPLIT, 0, &stats), 0);
    assert_int_equal(stats.n_packets, 21);
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(table.n_rules, 0);
}

/* All of the new rules are there before the first old one leaves. */
static int
fake_destroy_split(uint16_t ethdev, struct dpu_rule *rule,
                   struct rte_flow_error *error)
{
    for (int i = 0; i < 3; i++) {
        assert_true(fake_count(SPLIT + i * SPLIT_STEP) >= 1);
    }
    return fake_destroy(ethdev, rule, error);
}

static const struct dpu_rule_ops make_split_ops = {
    .create = fake_create,
    .destroy = fake_destroy_split,
    .query = fake_query,
};

static void
test_split_modify(void **state OVS_UNUSED)
{
    for (int duplicates = 1; duplicates >= 0; duplicates--) {
        fake.duplicates = table.caps.duplicates = duplicates;
        assert_true(put(SPLIT, 0, 1));
        table.ops = &make_split_ops;
        assert_true(put(SPLIT, 0, 2));
        table.ops = &fake_ops;
        assert_int_equal(fake_count(0), 3);
        assert_int_equal(del(SPLIT, 0, NULL), 0);
    }
}

/* The device takes some of the rules: none stays, and what the first ones
 * counted meanwhile is not lost. */
static int
fake_create_forward(uint16_t ethdev, const struct dpu_spec *spec,
                    struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval = fake_create(ethdev, spec, rule, error);

    if (!retval) {
        fake_forward(spec->arena[0], 1);
    }
    return retval;
}

static const struct dpu_rule_ops forward_ops = {
    .create = fake_create_forward,
    .destroy = fake_destroy,
    .query = fake_query,
};

static void
test_split_full(void **state OVS_UNUSED)
{
    fake.capacity = 2;
    table.ops = &forward_ops;
    assert_false(put(SPLIT, 0, 3));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 0);
    assert_int_equal(table.n_rules, 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);
    check_get(SPLIT, 0, false, 2);

    /* There is room for what takes less. */
    table.full = false;
    assert_true(put(SPLIT, 0, 0));
    fake_forward(SPLIT, 1);
    check_get(SPLIT, 0, true, 3);

    /* For more only when that has left. */
    table.ops = &forward_ops;
    assert_true(put(SPLIT, 0, 1));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 2);
    check_get(SPLIT, 0, true, 6);

    assert_true(put(SPLIT, 0, 0));
    assert_true(put(1, 0, 1));
    table.ops = &forward_ops;
    assert_false(put(SPLIT, 0, 2));
    table.ops = &fake_ops;
    assert_int_equal(fake_count(0), 1);
    check_get(SPLIT, 0, false, 7);
}

static void
test_refused(void **state OVS_UNUSED)
{
    struct dpu_reason reason = { .code = DPU_REASON_NONE };

    assert_false(put(1, 0, NO_PORT));
    assert_false(put(2, 0, ODD_ACTION));
    assert_false(put(3, 0, ODD_ACTION));
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);
    check_refused(DPU_REASON_ACTION, 2, 2);
    assert_int_equal(fake.n_calls, 0);
    check_get(1, 0, false, 0);

    /* Refused again, for another reason. */
    assert_false(put(1, 0, ODD_ACTION));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    check_refused(DPU_REASON_ACTION, 3, 3);

    assert_int_equal(del(1, 0, NULL), 0);
    assert_int_equal(del(2, 0, NULL), 0);
    check_refused(DPU_REASON_ACTION, 1, 3);
    dpu_flow_for_each(&table, true, check_reason_cb, &reason);
    assert_int_equal(reason.code, DPU_REASON_ACTION);
    assert_string_equal(reason.detail, "an action");
}

static void
test_device_refuses(void **state OVS_UNUSED)
{
    struct dpu_reason reason = { .code = DPU_REASON_NONE };

    fake.fail_at = 1;
    fake.error = ENOTSUP;
    assert_false(put(1, 0, 1));
    check_refused(DPU_REASON_DEVICE_REFUSED, 1, 1);
    dpu_flow_for_each(&table, true, check_reason_cb, &reason);
    assert_string_equal(reason.detail, "told to fail");
    assert_true(put(1, 0, 1));
    check_refused(DPU_REASON_DEVICE_REFUSED, 0, 1);
}

/* What a megaflow leaves open of its tunnel is kept, too. */
static void
test_tunnel(void **state OVS_UNUSED)
{
    struct flow_tnl tunnel;
    struct match match;

    match_init_catchall(&match);
    match_set_tun_dst(&match, htonl(0x01010102));
    match.flow.tunnel.ip_ttl = 64;
    match.flow.tunnel.flags = FLOW_TNL_F_UDPIF;
    match.flow.tunnel.metadata.present.len = 8;
    memset(match.flow.tunnel.metadata.opts.u8, 0x5a, 8);
    tunnel = match.flow.tunnel;

    fake.capacity = 1;
    assert_true(put(1, 0, 1));
    assert_false(put_match(2, 0, 1, &match));
    assert_int_equal(del(1, 0, NULL), 0);
    memset(&last_tunnel, 0, sizeof last_tunnel);
    dpu_flow_retry(&table, &port_map);
    check_get(2, 0, true, 0);
    assert_true(flow_tnl_equal(&last_tunnel, &tunnel));
}

static void
test_device_full(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    fake.capacity = 2;
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    assert_false(put(3, 0, 1));
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);

    /* It is not asked again... */
    n_calls = fake.n_calls;
    assert_false(put(4, 0, 1));
    assert_int_equal(fake.n_calls, n_calls);
    check_refused(DPU_REASON_DEVICE_FULL, 2, 2);

    assert_false(dpu_flow_retry(&table, &port_map));
    assert_int_equal(fake.n_calls, n_calls);

    /* ...until there is room, which goes to who waits longest. */
    assert_int_equal(del(1, 0, NULL), 0);
    assert_true(dpu_flow_retry(&table, &port_map));
    check_get(3, 0, true, 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 2);
    assert_int_equal(fake_count(3), 1);

    /* There was room for one alone. */
    assert_false(dpu_flow_retry(&table, &port_map));
    check_refused(DPU_REASON_DEVICE_FULL, 1, 3);

    /* Who is deleted or put anew waits no longer. */
    assert_int_equal(del(4, 0, NULL), 0);
    assert_int_equal(del(3, 0, NULL), 0);
    assert_true(ovs_list_is_empty(&table.waiting));
    assert_false(dpu_flow_retry(&table, &port_map));
    assert_true(put(3, 0, 1));
    assert_false(put(4, 0, 1));
    assert_false(put(4, 0, NO_PORT));
    assert_true(ovs_list_is_empty(&table.waiting));
}

static void
test_evict(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_true(put(3, 1, 2));
    assert_true(put(4, 2, 3));
    fake_forward(1, 1);
    fake_forward(2, 2);
    fake_forward(3, 3);

    /* What enters at ethdev 1 and what leaves there. */
    dpu_flow_evict(&table, 1);
    assert_int_equal(fake_count(0), 1);
    assert_int_equal(table.n_rules, 1);
    check_get(1, 0, false, 1);
    check_get(2, 1, false, 2);
    check_get(3, 1, false, 3);
    check_get(4, 2, true, 0);
    check_refused(DPU_REASON_IN_PORT, 2, 2);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 1);

    /* They come back when they are put again. */
    assert_true(put(1, 0, 1));
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 1);
    fake_forward(1, 1);
    check_get(1, 0, true, 2);
}

static void
test_suspend(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(AT_PORT, 3, 1));
    fake_forward(1, 1);

    dpu_flow_suspend(&table, PROXY);
    assert_int_equal(fake_count(1), 0);
    assert_int_equal(fake_count(AT_PORT), 1);
    check_get(1, 0, false, 1);
    dpu_flow_suspend(&table, 3);
    assert_int_equal(fake_count(0), 0);

    assert_true(dpu_flow_retry(&table, &port_map));
    assert_true(dpu_flow_retry(&table, &port_map));
    assert_false(dpu_flow_retry(&table, &port_map));
    fake_forward(1, 1);
    check_get(1, 0, true, 2);
    check_get(AT_PORT, 3, true, 0);
}

static void
test_review(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_false(put(3, 1, NO_PORT));
    fake_forward(1, 3);

    /* What enters at 0 leaves hardware, with its counts; what leaves through
     * it stays, and so does the refusal of what was refused before. */
    policed = 0;
    dpu_flow_review(&table, 0, &port_map);
    assert_int_equal(fake_count(0), 1);
    check_get(1, 0, false, 3);
    check_get(2, 1, true, 0);
    check_refused(DPU_REASON_ACTION_SOFTWARE, 1, 1);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 2);
    assert_false(put(4, 0, 1));

    policed = -1;
    dpu_flow_review(&table, 0, &port_map);
    check_refused(DPU_REASON_ACTION_SOFTWARE, 0, 2);
    fake_forward(1, 2);
    check_get(1, 0, true, 5);
    check_get(2, 1, true, 0);
    check_get(4, 0, true, 0);
    check_get(3, 1, false, 0);

    /* The port that was missing comes. */
    n_ethdevs = NO_PORT + 1;
    dpu_flow_review(&table, NO_PORT, &port_map);
    check_get(3, 1, true, 0);
    check_get(1, 0, true, 5);
    check_refused(DPU_REASON_OUTPUT_PORT, 0, 3);
}

/* A port that software had to output to comes to the device. */
static void
test_review_copies(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(COPIED, 0, NO_PORT));
    assert_true(put(2, 0, 1));
    n_calls = fake.n_calls;
    n_ethdevs = NO_PORT + 1;
    dpu_flow_review(&table, NO_PORT, &port_map);
    assert_true(fake.n_calls > n_calls);
    check_get(COPIED, 0, true, 0);

    /* Now it is as any other. */
    n_calls = fake.n_calls;
    dpu_flow_review(&table, 5, &port_map);
    assert_int_equal(fake.n_calls, n_calls);
}

static void
test_review_meter(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, METERED + 1));
    assert_true(put(2, 0, METERED + 2));
    assert_true(put(3, 0, 1));
    fake_forward(1, 3);

    /* It is no longer one that the device takes. */
    no_meters = true;
    dpu_flow_review_meter(&table, 1, &port_map);
    check_get(1, 0, false, 3);
    check_get(2, 0, true, 0);
    check_get(3, 0, true, 0);
    check_refused(DPU_REASON_ACTION, 1, 1);

    /* It is again. */
    no_meters = false;
    dpu_flow_review_meter(&table, 2, &port_map);
    check_get(1, 0, false, 3);
    dpu_flow_review_meter(&table, 1, &port_map);
    fake_forward(1, 1);
    check_get(1, 0, true, 4);
    check_refused(DPU_REASON_ACTION, 0, 1);
}

static void
test_forget(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 1, 0));
    assert_false(put(3, 1, NO_PORT));
    assert_true(put(4, 2, 3));
    fake_forward(1, 1);

    dpu_flow_forget(&table, 1);
    assert_int_equal(fake_count(0), 1);
    check_get(1, 0, false, 1);
    check_no_get(2, 1);
    check_no_get(3, 1);
    check_get(4, 2, true, 0);
    check_refused(DPU_REASON_OUTPUT_PORT, 1, 2);
}

/* Audits what enters at 'in'. */
static void
check_audit(uint16_t in, size_t there, size_t restored, size_t lost,
            size_t unknown)
{
    struct dpu_audit audit = { .n_there = 0 };

    dpu_flow_audit(&table, in, &port_map, &audit);
    assert_int_equal(audit.n_there, there);
    assert_int_equal(audit.n_restored, restored);
    assert_int_equal(audit.n_lost, lost);
    assert_int_equal(audit.n_unknown, unknown);
}

static void
test_audit(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    assert_true(put(3, 1, 0));
    assert_false(put(4, 0, NO_PORT));
    fake_forward(1, 5);
    check_get(1, 0, true, 5);
    check_audit(0, 2, 0, 0, 0);

    /* What enters at another port is not asked for. */
    fake_lose(1);
    fake_lose(3);
    check_audit(0, 1, 1, 0, 0);
    assert_int_equal(fake_count(1), 1);
    assert_int_equal(fake_count(3), 0);
    check_audit(1, 0, 1, 0, 0);
    assert_int_equal(fake_count(0), 3);
    assert_int_equal(table.n_rules, 3);

    /* Counts go on where they were. */
    fake_forward(1, 2);
    check_get(1, 0, true, 7);
    check_audit(0, 2, 0, 0, 0);
}

static void
test_audit_fails(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));

    /* No answer is no reason to do anything. */
    fake.fail_at = fake.n_calls + 1;
    fake.error = EIO;
    check_audit(0, 1, 0, 0, 1);
    assert_int_equal(fake_count(0), 2);

    /* Others have taken the room meanwhile: the megaflow waits for it. */
    fake_lose(1);
    fake.capacity = 1;
    check_audit(0, 1, 0, 1, 0);
    check_get(1, 0, false, 0);
    check_refused(DPU_REASON_DEVICE_FULL, 1, 1);
    assert_int_equal(table.n_rules, 1);

    fake.gone = true;
    check_audit(0, 0, 0, 0, 1);
    fake.gone = false;
}

static void
test_gone(void **state OVS_UNUSED)
{
    unsigned int n_calls;

    assert_true(put(1, 0, 1));
    assert_true(put(2, 0, 1));
    fake_forward(1, 5);
    check_get(1, 0, true, 5);

    fake.gone = true;
    check_get(1, 0, false, 5);      /* Finds out. */
    dpu_flow_abandon(&table);
    assert_int_equal(table.n_rules, 0);
    check_refused(DPU_REASON_DEVICE_GONE, 2, 2);

    /* It is left alone. */
    n_calls = fake.n_calls;
    assert_false(put(3, 0, 1));
    assert_false(put(1, 0, 2));
    check_get(1, 0, false, 5);
    check_get(2, 0, false, 0);
    assert_int_equal(del(2, 0, NULL), 0);
    assert_int_equal(fake.n_calls, n_calls);
    check_refused(DPU_REASON_DEVICE_GONE, 2, 4);

    /* Another one in its place. */
    memset(fake.rules, 0, sizeof fake.rules);
    fake.gone = false;
    dpu_flow_set_proxy(&table, 0, PROXY);
    assert_true(put(1, 0, 1));
    fake_forward(1, 1);
    check_get(1, 0, true, 6);
}

/* A life of two megaflows with a bit of everything. */
static void
live(void)
{
    put(1, 0, 1);
    put(1, 0, 2);
    put(2, 1, 0);
    dpu_flow_evict(&table, 0);
    dpu_flow_abandon(&table);
    put(2, 1, 2);
    put(1, 0, 1);
    put(2, 1, NO_PORT);
    put(SPLIT, 2, 2);
    put(SPLIT, 2, 1);
    dpu_flow_retry(&table, &port_map);
    assert_int_equal(del(SPLIT, 2, NULL), 0);
    assert_int_equal(del(1, 0, NULL), 0);
    assert_int_equal(del(2, 1, NULL), 0);
}

/* Whichever call into the device fails, and how: the table ends as empty as it
 * began, and so does the device but for rules that it would not let go. */
static void
test_fail_at_step(void **state)
{
    static const int errors[] = { EINVAL, ENOSPC, EIO, ENODEV };
    unsigned int n_calls;

    setup(state);
    live();
    n_calls = fake.n_calls;
    assert_true(n_calls >= 10);
    assert_int_equal(teardown(state), 0);

    for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
        for (unsigned int step = 1; step <= n_calls; step++) {
            setup(state);
            fake.fail_at = step;
            fake.error = errors[e];
            live();

            assert_int_equal(table.n_rules, 0);
            assert_int_equal(cmap_count(&table.flows), 0);
            assert_true(ovs_list_is_empty(&table.waiting));
            for (size_t i = 0; i < DPU_N_REASONS; i++) {
                assert_int_equal(table.n_refused[i], 0);
            }
            if (errors[e] != ENODEV) {
                assert_int_equal(fake_count(0), fake.n_lost);
            }
            dpu_flow_table_destroy(&table);
        }
    }
}

static void *
hammer(void *seed_)
{
    uint32_t *seed = seed_;

    for (int i = 0; i < 3000; i++) {
        uint32_t n = 1 + *seed % 16;
        struct dpu_flow_key key = key_of(n, n % 4);
        struct dpif_flow_stats stats;
        bool offloaded;

        *seed = *seed * 1664525 + 1013904223;
        switch (*seed >> 30) {
        case 0:
            put(n, n % 4, *seed >> 8 & 3);
            break;
        case 1:
            dpu_flow_get(&table, &key, seed, &stats, &offloaded);
            break;
        case 2:
            dpu_flow_del(&table, &key, &stats);
            dpu_flow_retry(&table, &port_map);
            break;
        default:
            dpu_flow_evict(&table, n % 4);
            break;
        }
    }
    return NULL;
}

static void
test_threads(void **state OVS_UNUSED)
{
    uint32_t seeds[4] = { 1, 2, 3, 4 };
    pthread_t threads[ARRAY_SIZE(seeds)];

    fake.capacity = 8;
    for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
        threads[i] = ovs_thread_create("hammer", hammer, &seeds[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(seeds); i++) {
        xpthread_join(threads[i], NULL);
    }
    assert_int_equal(table.n_rules, fake_count(0));
    for (uint32_t n = 1; n <= 16; n++) {
        del(n, n % 4, NULL);
    }
    assert_int_equal(cmap_count(&table.flows), 0);
    assert_int_equal(fake_count(0), 0);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_put_get_del, setup, teardown),
        cmocka_unit_test_setup_teardown(test_askers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(test_put_same, setup, teardown),
        cmocka_unit_test_setup_teardown(test_modify, setup, teardown),
        cmocka_unit_test_setup_teardown(test_modify_no_duplicates, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_modify_break_before_make, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_modify_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_modify_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_at_port, setup, teardown),
        cmocka_unit_test_setup_teardown(test_split, setup, teardown),
        cmocka_unit_test_setup_teardown(test_split_modify, setup, teardown),
        cmocka_unit_test_setup_teardown(test_split_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_device_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tunnel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_device_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_evict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_suspend, setup, teardown),
        cmocka_unit_test_setup_teardown(test_review, setup, teardown),
        cmocka_unit_test_setup_teardown(test_review_copies, setup, teardown),
        cmocka_unit_test_setup_teardown(test_review_meter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(test_audit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_audit_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
        cmocka_unit_test(test_fail_at_step),
        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-flow", tests, NULL, NULL);
}
