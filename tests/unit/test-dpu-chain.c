/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Chains, and megaflows that stand in them and jump to them, on a fake device
 * through which packets can be sent and that fails on demand. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "odp-util.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "tests/unit/megaflow.h"
#include "util.h"

#include "ofproto-dpif-dpu/dpu-audit.h"
#include "ofproto-dpif-dpu/dpu-chain.h"
#include "ofproto-dpif-dpu/dpu-flow.h"
#include "ofproto-dpif-dpu/dpu-rule.h"

/* The fake device. */

struct dpu_rule {
    bool present;
    bool lost;                      /* By the device; its handle is there. */
    uint16_t ethdev;                /* Where it was created. */
    uint32_t group;
    uint32_t priority;
    uint16_t source;                /* Ethdev that it matches. */
    uint32_t mark;                  /* 0: none. */
    uint32_t jump;                  /* Group, or 0. */
    uint16_t output;                /* Ethdev, or 0. */
    uint16_t up;                    /* Ethdev, or 0. */
    bool drop;
};

static struct {
    struct dpu_rule rules[128];
    uint32_t n_priorities;
    bool duplicates;
    bool default_miss;              /* What misses comes up in any group. */
    bool gone;
    unsigned int n_calls;
    unsigned int fail_at;           /* The creation that fails, from 1 on. */
    int error;                      /* Its errno. */
} fake;

static size_t
fake_count(void)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        n += fake.rules[i].present && !fake.rules[i].lost;
    }
    return n;
}

static struct dpu_rule *
fake_lookup(uint32_t group, uint16_t source)
{
    struct dpu_rule *best = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        struct dpu_rule *rule = &fake.rules[i];

        if (rule->present && !rule->lost
            && rule->group == group && rule->source == source
            && (!best || rule->priority < best->priority)) {
            best = rule;
        }
    }
    return best;
}

/* Sends a packet in at 'source'.  Returns the ethdev where it leaves the
 * device, or the negative ethdev at whose representor it comes up, with its
 * mark in '*mark'. */
static int
fake_send(uint16_t source, uint32_t *mark)
{
    uint32_t group = 0;

    *mark = 0;
    for (;;) {
        const struct dpu_rule *rule = fake_lookup(group, source);

        if (!rule) {
            /* Elsewhere a packet would be lost. */
            assert_true(!group || fake.default_miss);
            return -source;
        }
        *mark = rule->mark ? rule->mark : *mark;
        if (rule->output) {
            return rule->output;
        } else if (rule->up) {
            return -rule->up;
        }
        assert_int_not_equal(rule->jump, 0);
        group = rule->jump;
    }
}

static void
fake_read(struct dpu_rule *rule, const struct dpu_spec *spec)
{
    for (unsigned int i = 0; i < spec->n_items; i++) {
        const struct rte_flow_item *item = &spec->items[i];

        if (item->type == RTE_FLOW_ITEM_TYPE_REPRESENTED_PORT) {
            rule->source = ((const struct rte_flow_item_ethdev *)
                            item->spec)->port_id;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_PORT_ID) {
            rule->source = ((const struct rte_flow_item_port_id *)
                            item->spec)->id;
        }
    }
    for (unsigned int i = 0; i < spec->n_actions; i++) {
        const void *conf = spec->actions[i].conf;

        switch ((int) spec->actions[i].type) {
        case RTE_FLOW_ACTION_TYPE_MARK:
            rule->mark = ((const struct rte_flow_action_mark *) conf)->id;
            break;
        case RTE_FLOW_ACTION_TYPE_JUMP:
            rule->jump = ((const struct rte_flow_action_jump *) conf)->group;
            break;
        case RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT:
            rule->output = ((const struct rte_flow_action_ethdev *)
                            conf)->port_id;
            break;
        case RTE_FLOW_ACTION_TYPE_DROP:
            rule->drop = true;
            break;
        case RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR:
            rule->up = ((const struct rte_flow_action_ethdev *) conf)->port_id;
            break;
        default:
            break;
        }
    }
}

static int
fake_create(uint16_t ethdev, const struct dpu_spec *spec,
            struct dpu_rule **rulep, struct rte_flow_error *error)
{
    struct dpu_rule *slot = NULL;
    struct dpu_rule rule = {
        .present = true,
        .ethdev = ethdev,
        .group = spec->attr.group,
        .priority = spec->attr.priority,
    };

    if (fake.gone) {
        return ENODEV;
    }
    if (++fake.n_calls == fake.fail_at) {
        rte_flow_error_set(error, fake.error, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
                           NULL, "told to fail");
        return fake.error;
    }
    if (spec->attr.priority >= fake.n_priorities) {
        rte_flow_error_set(error, ENOTSUP,
                           RTE_FLOW_ERROR_TYPE_ATTR_PRIORITY, NULL,
                           "no such priority");
        return ENOTSUP;
    }
    fake_read(&rule, spec);
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        struct dpu_rule *other = &fake.rules[i];

        if (!other->present) {
            slot = slot ? slot : other;
        } else if (!fake.duplicates && !other->lost
                   && other->group == rule.group
                   && other->source == rule.source
                   && other->priority == rule.priority) {
            return EEXIST;
        }
    }
    assert_non_null(slot);
    *slot = rule;
    *rulep = slot;
    return 0;
}

static int
fake_destroy(uint16_t ethdev, struct dpu_rule *rule,
             struct rte_flow_error *error OVS_UNUSED)
{
    assert_false(fake.gone);
    assert_true(rule->present);
    assert_int_equal(rule->ethdev, ethdev);
    rule->present = false;
    /* Nothing that is left jumps to where nothing catches what misses. */
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        const struct dpu_rule *other = &fake.rules[i];

        if (other->present && !other->lost && other->jump
            && !fake.default_miss) {
            assert_non_null(fake_lookup(other->jump, other->source));
        }
    }
    return 0;
}

static int
fake_query(uint16_t ethdev, struct dpu_rule *rule,
           struct dpu_rule_count *count,
           struct rte_flow_error *error OVS_UNUSED)
{
    assert_true(rule->present);
    assert_int_equal(rule->ethdev, ethdev);
    memset(count, 0, sizeof *count);
    return rule->lost ? ENOENT : 0;
}

static const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

static void
fake_init(void)
{
    memset(&fake, 0, sizeof fake);
    fake.n_priorities = DPU_CHAIN_MISS_PRIORITY + 1;
    fake.duplicates = true;
    fake.error = EIO;
}

/* Chains alone. */

static struct dpu_chain_table chains;
static struct dpu_caps caps;
static const struct dpu_rule_target at3 = { &fake_ops, 3 };
static const struct dpu_rule_target at4 = { &fake_ops, 4 };

static struct dpu_chain_key
chain_key(uint32_t recirc_id, uint32_t in_port)
{
    return (struct dpu_chain_key) {
        .recirc_id = recirc_id,
        .in_port = u32_to_odp(in_port),
    };
}

static struct dpu_chain *
get(uint32_t recirc_id, uint32_t in_port)
{
    struct dpu_chain_key key = chain_key(recirc_id, in_port);
    struct dpu_reason reason;
    struct dpu_chain *chain;

    assert_true(dpu_chain_get(&chains, &key, &chain, &reason));
    return chain;
}

static struct dpu_chain_jump *
get_jump(uint32_t recirc_id, uint32_t in_port, uint16_t source,
         const struct dpu_rule_target *target)
{
    struct dpu_chain_key key = chain_key(recirc_id, in_port);
    struct dpu_chain_jump *jump;
    struct dpu_reason reason;

    assert_true(dpu_chain_jump_get(&chains, &key, source, target, &jump,
                                   &reason));
    return jump;
}

static void
check_chains(size_t n_chains, size_t n_rules)
{
    size_t n, m;

    dpu_chain_table_count(&chains, &n, &m);
    assert_int_equal(n, n_chains);
    assert_int_equal(m, n_rules);
    assert_int_equal(fake_count(), n_rules);
}

static int
setup_chains(void **state OVS_UNUSED)
{
    fake_init();
    dpu_caps_all(&caps);
    dpu_chain_table_init(&chains, &caps);
    return 0;
}

static int
setup_default_miss(void **state)
{
    setup_chains(state);
    caps.default_miss = true;
    return 0;
}

static int
teardown_chains(void **state OVS_UNUSED)
{
    dpu_chain_table_destroy(&chains);
    return fake_count() != 0;
}

static void
test_root(void **state OVS_UNUSED)
{
    assert_null(get(0, 0));
    assert_int_equal(dpu_chain_group(NULL), 0);
    dpu_chain_put(&chains, NULL);
    dpu_chain_jump_put(&chains, NULL, false);
    check_chains(0, 0);
}

/* Connections and what follows ct() have a group each: the last two. */
static void
test_stages(void **state OVS_UNUSED)
{
    const struct dpu_chain_key ct = { .stage = DPU_CHAIN_CT };
    const struct dpu_chain_key post = { .stage = DPU_CHAIN_POST };
    struct dpu_chain_jump *jump;
    struct dpu_reason reason;
    struct dpu_chain *chain;

    caps.max_group = 1;
    dpu_chain_put(&chains, get(7, 1));
    chain = get(8, 1);
    assert_true(dpu_chain_jump_get(&chains, &ct, 11, &at3, &jump, &reason));
    assert_int_equal(dpu_chain_jump_group(jump), 2);
    assert_int_equal(fake_lookup(2, 11)->up, 11);
    dpu_chain_jump_put(&chains, jump, false);
    check_chains(1, 0);

    /* What has no rule there is not let out. */
    assert_true(dpu_chain_jump_get(&chains, &post, 11, &at3, &jump, &reason));
    assert_int_equal(dpu_chain_jump_group(jump), 3);
    assert_int_equal(fake_lookup(3, 11)->up, 0);
    assert_true(fake_lookup(3, 11)->drop);
    dpu_chain_jump_put(&chains, jump, false);
    dpu_chain_put(&chains, chain);

    /* Nor by default. */
    caps.default_miss = true;
    assert_true(dpu_chain_jump_get(&chains, &post, 11, &at3, &jump, &reason));
    assert_true(fake_lookup(3, 11)->drop);
    dpu_chain_jump_put(&chains, jump, false);

    caps.ct = false;
    assert_false(dpu_chain_get(&chains, &ct, &chain, &reason));
    assert_int_equal(reason.code, DPU_REASON_RECIRC);
    assert_false(dpu_chain_jump_get(&chains, &post, 11, &at3, &jump,
                                    &reason));
    check_chains(0, 0);
}

/* From whichever end it is created, it is one chain, as long as one end needs
 * it. */
static void
test_either_end(void **state OVS_UNUSED)
{
    for (int i = 0; i < 2; i++) {
        struct dpu_chain_jump *jump = i ? get_jump(7, 1, 11, &at3) : NULL;
        struct dpu_chain *chain = get(7, 1);

        check_chains(1, i);
        jump = jump ? jump : get_jump(7, 1, 11, &at3);
        check_chains(1, 1);
        assert_int_equal(dpu_chain_group(chain), dpu_chain_jump_group(jump));
        assert_int_not_equal(dpu_chain_group(chain), 0);
        if (i) {
            dpu_chain_jump_put(&chains, jump, false);
            check_chains(1, 0);
            dpu_chain_put(&chains, chain);
        } else {
            dpu_chain_put(&chains, chain);
            check_chains(1, 1);
            dpu_chain_jump_put(&chains, jump, false);
        }
        check_chains(0, 0);
    }
}

static void
test_references(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *a = get_jump(7, 1, 11, &at3);
    struct dpu_chain_jump *b = get_jump(7, 1, 11, &at3);
    struct dpu_chain *c = get(7, 1);
    struct dpu_chain *d = get(7, 1);

    assert_ptr_equal(a, b);
    assert_ptr_equal(c, d);
    dpu_chain_put(&chains, c);
    dpu_chain_jump_put(&chains, a, false);
    check_chains(1, 1);
    dpu_chain_jump_put(&chains, b, false);
    check_chains(1, 0);
    dpu_chain_put(&chains, d);
    check_chains(0, 0);
}

/* The recirculation id and the port, both, name a chain. */
static void
test_keys(void **state OVS_UNUSED)
{
    struct dpu_chain *c[] = { get(7, 1), get(7, 2), get(8, 1), get(0, 1) };

    check_chains(ARRAY_SIZE(c), 0);
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(dpu_chain_group(c[i]),
                                 dpu_chain_group(c[j]));
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
        dpu_chain_put(&chains, c[i]);
    }
}

/* So does the tunnel, all of it, that packets came out of. */
static void
test_tunnel_keys(void **state OVS_UNUSED)
{
    struct flow_tnl a = { .ip_dst = htonl(0x01010102), .tun_id = htonll(5) };
    struct flow_tnl b = a;
    struct dpu_chain_key key = chain_key(7, 30);
    struct dpu_chain *none, *with_a, *with_b, *again;
    struct dpu_reason reason;

    b.metadata.opts.u8[TUN_METADATA_TOT_OPT_SIZE - 1] = 1;
    assert_true(dpu_chain_get(&chains, &key, &none, &reason));
    key.tunnel = &a;
    assert_true(dpu_chain_get(&chains, &key, &with_a, &reason));
    key.tunnel = &b;
    assert_true(dpu_chain_get(&chains, &key, &with_b, &reason));
    check_chains(3, 0);
    assert_ptr_not_equal(with_a, with_b);

    /* The value counts, and the chain has its own copy. */
    a = b;
    key.tunnel = &a;
    assert_true(dpu_chain_get(&chains, &key, &again, &reason));
    assert_ptr_equal(again, with_b);
    dpu_chain_put(&chains, again);
    dpu_chain_put(&chains, with_b);
    dpu_chain_put(&chains, with_a);
    dpu_chain_put(&chains, none);
}

/* What misses comes up where it entered, by a rule below all others, which was
 * created where those are that jump. */
/* The rule for what misses is put back if the device has lost it. */
static void
test_audit(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *a = get_jump(7, 1, 11, &at3);
    struct dpu_chain_jump *b = get_jump(8, 1, 12, &at3);
    struct dpu_audit audit = { .n_there = 0 };

    fake.duplicates = false;
    dpu_chain_audit(&chains, &audit);
    assert_int_equal(audit.n_there, 2);

    fake_lookup(dpu_chain_jump_group(a), 11)->lost = true;
    dpu_chain_audit(&chains, &audit);
    assert_int_equal(audit.n_there, 3);
    assert_int_equal(audit.n_restored, 1);
    assert_int_equal(fake_lookup(dpu_chain_jump_group(a), 11)->up, 11);
    check_chains(2, 2);

    fake_lookup(dpu_chain_jump_group(b), 12)->lost = true;
    fake.fail_at = fake.n_calls + 1;
    dpu_chain_audit(&chains, &audit);
    assert_int_equal(audit.n_lost, 1);
    assert_int_equal(fake_count(), 1);
    dpu_chain_audit(&chains, &audit);
    assert_int_equal(audit.n_restored, 2);
    check_chains(2, 2);

    dpu_chain_jump_put(&chains, a, false);
    dpu_chain_jump_put(&chains, b, false);
}

static void
test_miss_rule(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *a = get_jump(7, 1, 11, &at3);
    struct dpu_chain_jump *b = get_jump(7, 1, 12, &at3);
    struct dpu_chain_jump *c = get_jump(7, 1, 11, &at4);

    check_chains(1, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct dpu_rule *rule = &fake.rules[i];

        assert_int_equal(rule->group, dpu_chain_jump_group(a));
        assert_int_equal(rule->priority, DPU_CHAIN_MISS_PRIORITY);
        assert_int_equal(rule->source, i == 1 ? 12 : 11);
        assert_int_equal(rule->up, rule->source);
        assert_int_equal(rule->ethdev, i == 2 ? 4 : 3);
    }
    /* Ethdev 3 stops: whoever jumped through it takes off what is there. */
    dpu_chain_jump_put(&chains, a, false);
    dpu_chain_jump_put(&chains, b, false);
    check_chains(1, 1);
    assert_int_equal(fake_lookup(dpu_chain_jump_group(c), 11)->ethdev, 4);
    dpu_chain_jump_put(&chains, c, false);
}

static void
test_miss_rule_port_id(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *jump;

    caps = test_caps_without("represented_port", NULL, NULL);
    jump = get_jump(7, 1, 11, &at3);
    assert_int_equal(fake.rules[0].source, 11);
    dpu_chain_jump_put(&chains, jump, false);
}

/* Where what misses comes up by default, the device is not asked for more. */
static void
test_default_miss(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *a = get_jump(7, 1, 11, &at3);
    struct dpu_chain_jump *b = get_jump(7, 1, 12, &at3);
    struct dpu_chain *chain = get(7, 1);
    struct dpu_audit audit = { .n_there = 0 };

    check_chains(1, 0);
    assert_int_equal(fake.n_calls, 0);
    dpu_chain_audit(&chains, &audit);
    assert_int_equal(audit.n_there + audit.n_restored + audit.n_lost, 0);
    assert_int_equal(dpu_chain_jump_group(a), dpu_chain_group(chain));
    assert_int_equal(dpu_chain_jump_group(b), dpu_chain_group(chain));
    dpu_chain_jump_put(&chains, a, false);
    dpu_chain_jump_put(&chains, b, true);
    check_chains(1, 0);
    dpu_chain_put(&chains, chain);
    check_chains(0, 0);
}

static void
check_no_jump(enum dpu_reason_code code)
{
    struct dpu_chain_key key = chain_key(9, 1);
    struct dpu_chain_jump *jump;
    struct dpu_reason reason;
    size_t n_chains, n_rules;

    dpu_chain_table_count(&chains, &n_chains, &n_rules);
    assert_false(dpu_chain_jump_get(&chains, &key, 11, &at3, &jump, &reason));
    assert_null(jump);
    assert_int_equal(reason.code, code);
    check_chains(n_chains, n_rules);
}

static void
test_device_refuses(void **state OVS_UNUSED)
{
    struct dpu_chain *chain;

    fake.n_priorities = DPU_CHAIN_MISS_PRIORITY;
    check_no_jump(DPU_REASON_DEVICE_REFUSED);
    chain = get(9, 1);
    check_no_jump(DPU_REASON_DEVICE_REFUSED);
    dpu_chain_put(&chains, chain);
    fake_init();
    fake.fail_at = 1;
    check_no_jump(DPU_REASON_DEVICE_ERROR);
    fake.gone = true;
    check_no_jump(DPU_REASON_DEVICE_GONE);
}

static void
test_gone(void **state OVS_UNUSED)
{
    struct dpu_chain_jump *jump = get_jump(7, 1, 11, &at3);

    fake.gone = true;
    dpu_chain_jump_put(&chains, jump, true);
    fake_init();
    check_chains(0, 0);
}

/* A group is used again only after all others. */
static void
test_group_reuse(void **state OVS_UNUSED)
{
    struct dpu_chain_key key = chain_key(99, 1);
    struct dpu_chain *kept, *chain;
    struct dpu_reason reason;

    caps.max_group = 4;
    kept = get(1, 1);
    assert_int_equal(dpu_chain_group(kept), 1);
    for (uint32_t i = 0; i < 9; i++) {
        chain = get(2, 1);
        assert_int_equal(dpu_chain_group(chain), 2 + i % 3);
        dpu_chain_put(&chains, chain);
    }

    struct dpu_chain *all_used[] = { get(2, 1), get(3, 1), get(4, 1) };
    assert_false(dpu_chain_get(&chains, &key, &chain, &reason));
    assert_null(chain);
    assert_int_equal(reason.code, DPU_REASON_RECIRC);
    check_no_jump(DPU_REASON_RECIRC);
    assert_ptr_equal(get(2, 1), all_used[0]);   /* This is no new one. */
    dpu_chain_put(&chains, all_used[0]);
    for (size_t i = 0; i < ARRAY_SIZE(all_used); i++) {
        dpu_chain_put(&chains, all_used[i]);
    }
    dpu_chain_put(&chains, kept);

    caps.max_group = 0;
    check_no_jump(DPU_REASON_RECIRC);
}

/* Megaflows. */

static struct dpu_flow_table table;

#define PROXY 3

static struct dpu_flow_key
flow_key(uint32_t n, uint32_t in_port)
{
    return (struct dpu_flow_key) {
        .ufid.u32 = { n, n, n, n },
        .ethdev = in_port + 10,
    };
}

/* Puts megaflow 'n', in the chain of 'recirc_id' and 'in_port'. */
static bool
put_at(uint32_t n, uint32_t in_port, uint32_t recirc_id, const char *actions)
{
    struct dpu_flow_key key = flow_key(n, in_port);
    struct dpu_megaflow megaflow;
    struct test_megaflow m;
    char *match;
    bool retval;

    match = xasprintf("recirc_id(%#"PRIx32"),in_port(%"PRIu32"),"
                      "eth_type(0x1234)", recirc_id, in_port);
    test_megaflow_init(&m, match, actions);
    free(match);
    megaflow = (struct dpu_megaflow) {
        .match = &m.match,
        .actions = m.actions.data,
        .actions_len = m.actions.size,
    };
    retval = dpu_flow_put(&table, &key, &megaflow, &test_ports);
    test_megaflow_destroy(&m);
    return retval;
}

/* The same with port 1. */
static bool
put(uint32_t n, uint32_t recirc_id, const char *actions)
{
    return put_at(n, 1, recirc_id, actions);
}

static void
del(uint32_t n)
{
    struct dpu_flow_key key = flow_key(n, 1);

    assert_int_equal(dpu_flow_del(&table, &key, NULL), 0);
}

static size_t
n_contexts(void)
{
    struct dpu_miss_stats stats;

    dpu_miss_get_stats(&stats);
    return stats.n_contexts;
}

/* A packet that enters at port 1 leaves at ethdev 'output'. */
static void
check_output(int output)
{
    uint32_t mark;

    assert_int_equal(fake_send(11, &mark), output);
}

/* It comes up, with a mark if 'marked'. */
static void
check_up(bool marked)
{
    uint32_t mark;

    assert_int_equal(fake_send(11, &mark), -11);
    assert_int_equal(mark != 0, marked);
}

static void
init_flows(void)
{
    struct dpu_caps all;

    fake_init();
    dpu_caps_all(&all);
    dpu_flow_table_init(&table, &fake_ops, &all);
    dpu_flow_set_proxy(&table, 11, PROXY);
    dpu_flow_set_proxy(&table, 12, PROXY);
}

static int
setup_flows(void **state OVS_UNUSED)
{
    init_flows();
    return 0;
}

static int
setup_flows_default_miss(void **state)
{
    setup_flows(state);
    table.caps.default_miss = true;
    fake.default_miss = true;
    return 0;
}

static void
check_empty(void)
{
    size_t n_chains, n_rules;

    dpu_chain_table_count(&table.chains, &n_chains, &n_rules);
    assert_int_equal(n_chains, 0);
    assert_int_equal(n_rules, 0);
    assert_int_equal(fake_count(), 0);
    assert_int_equal(n_contexts(), 0);
}

static int
teardown_flows(void **state OVS_UNUSED)
{
    dpu_flow_evict_all(&table);
    check_empty();
    dpu_flow_table_destroy(&table);
    return 0;
}

/* Three chains, in every order of coming and of going. */
static void
test_any_order(void **state OVS_UNUSED)
{
    static const uint8_t orders[][3] = {
        { 1, 2, 3 }, { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 },
        { 3, 2, 1 },
    };
    static const char *actions[] = { NULL, "recirc(5)", "recirc(6)", "2" };
    static const uint32_t recirc_ids[] = { 0, 0, 5, 6 };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(orders); j++) {
            for (size_t k = 0; k < 3; k++) {
                uint32_t n = orders[i][k];

                assert_true(put(n, recirc_ids[n], actions[n]));
                if (k < 2) {
                    check_up(n == 1 || orders[i][0] == 1);
                }
            }
            check_output(12);
            assert_int_equal(n_contexts(), 2);
            for (size_t k = 0; k < 3; k++) {
                del(orders[j][k]);
            }
            check_empty();
        }
    }
}

/* What is left to do, by mark: one context for equal ones. */
static void
test_contexts(void **state OVS_UNUSED)
{
    uint32_t mark, mark2;

    assert_true(put(1, 0, "recirc(5)"));
    fake_send(11, &mark);
    assert_true(put(2, 5, "recirc(5)"));
    assert_int_equal(n_contexts(), 1);
    assert_true(put(2, 5, "recirc(6)"));
    assert_int_equal(n_contexts(), 2);
    fake_send(11, &mark2);
    assert_int_not_equal(mark, mark2);
}

/* Those who jump to one chain keep what is left to do apart. */
static void
test_two_jumps(void **state OVS_UNUSED)
{
    size_t n_chains, n_rules;
    uint32_t mark, mark2;

    assert_true(put_at(1, 1, 0, "tnl_pop(30)"));
    assert_true(put_at(2, 2, 0, "tnl_pop(30)"));
    dpu_chain_table_count(&table.chains, &n_chains, &n_rules);
    assert_int_equal(n_chains, 1);
    assert_int_equal(n_rules, fake.default_miss ? 0 : 2);
    assert_int_equal(fake_send(11, &mark), -11);
    assert_int_equal(fake_send(12, &mark2), -12);
    assert_int_not_equal(mark, 0);
    assert_int_not_equal(mark2, 0);
    assert_int_not_equal(mark, mark2);
}

/* At each moment of a modification the packets have one way or another. */
static bool watching;

static void
watch(void)
{
    if (watching) {
        check_output(12);
    }
}

static int
fake_create_watched(uint16_t ethdev, const struct dpu_spec *spec,
                    struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval;

    watch();
    retval = fake_create(ethdev, spec, rule, error);
    watch();
    return retval;
}

static int
fake_destroy_watched(uint16_t ethdev, struct dpu_rule *rule,
                     struct rte_flow_error *error)
{
    int retval;

    watch();
    retval = fake_destroy(ethdev, rule, error);
    watch();
    return retval;
}

static const struct dpu_rule_ops watched_ops = {
    .create = fake_create_watched,
    .destroy = fake_destroy_watched,
    .query = fake_query,
};

static void
check_modify(void)
{
    table.ops = &watched_ops;
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    assert_true(put(3, 6, "2"));
    watching = true;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(put(1, 0, i % 2 ? "recirc(5)" : "recirc(6)"));
        assert_int_equal(n_contexts(), 1);
        assert_int_equal(fake_count(), 4);
    }
    assert_true(put(1, 0, "2"));
    assert_int_equal(fake_count(), 3);
    assert_true(put(1, 0, "recirc(5)"));
    watching = false;
}

static void
test_modify(void **state OVS_UNUSED)
{
    check_modify();
}

static void
test_modify_no_duplicates(void **state OVS_UNUSED)
{
    fake.duplicates = false;
    table.caps.duplicates = false;
    check_modify();
}

/* The ethdev stops through which all was created, and starts again. */
static void
test_suspend(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    dpu_flow_suspend(&table, PROXY);
    assert_int_equal(fake_count(), 0);
    assert_int_equal(table.n_rules, 0);

    dpu_flow_set_proxy(&table, 11, 11);
    check_up(false);
    dpu_flow_retry(&table, &test_ports);
    dpu_flow_retry(&table, &test_ports);
    check_output(12);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fake.rules[i].ethdev, 11);
    }
}

static void
test_port_leaves(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    dpu_flow_forget(&table, 12);
    check_up(true);                 /* The first chain does not refer to it. */
    dpu_flow_forget(&table, 11);
    check_empty();
}

static void
test_vanish(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "recirc(5)"));
    assert_true(put(2, 5, "2"));
    fake.gone = true;               /* No call is made but to find out. */
    dpu_flow_vanish(&table, PROXY);
    fake_init();
    check_empty();
}

static void
test_few_groups(void **state OVS_UNUSED)
{
    table.caps.max_group = 1;
    assert_true(put(1, 0, "recirc(5)"));
    assert_false(put(2, 0, "recirc(6)"));
    assert_false(put(3, 6, "2"));
    assert_true(put(4, 5, "2"));
    assert_int_equal(table.n_refused[DPU_REASON_RECIRC], 2);
    /* Others find room: it is not the device that is full. */
    assert_true(put(5, 0, "2"));
    del(1);
    del(4);
    assert_true(put(2, 0, "recirc(6)"));
}

static void
test_too_few_priorities(void **state OVS_UNUSED)
{
    fake.n_priorities = DPU_CHAIN_MISS_PRIORITY;
    assert_false(put(1, 0, "recirc(5)"));
    assert_int_equal(table.n_refused[DPU_REASON_DEVICE_REFUSED], 1);
    check_empty();
}

/* Each call of a sequence fails once: nothing leaks. */
static void
test_fail_at_step(void **state OVS_UNUSED)
{
    static const int errors[] = { EIO, ENOSPC, ENOTSUP };
    unsigned int n = 1;

    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        for (n = 1; ; n++) {
            bool failed;

            init_flows();
            fake.error = errors[i];
            fake.fail_at = n;
            put(1, 0, "recirc(5)");
            put(2, 5, "recirc(6)");
            put(3, 6, "2");
            put(1, 0, "recirc(6)");
            put(2, 5, "2");
            failed = fake.n_calls >= n;
            check_output(failed && fake_send(11, &(uint32_t) { 0 }) < 0
                         ? -11 : 12);
            dpu_flow_evict_all(&table);
            check_empty();
            dpu_flow_table_destroy(&table);
            if (!failed) {
                break;
            }
        }
        assert_in_range(n, 8, 20);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define CHAINS(TEST) \
    cmocka_unit_test_setup_teardown(TEST, setup_chains, teardown_chains)
#define FLOWS(TEST) \
    cmocka_unit_test_setup_teardown(TEST, setup_flows, teardown_flows)
#define DEFAULT_MISS(TEST) \
    { #TEST " by default", TEST, setup_flows_default_miss, teardown_flows, \
      NULL }
    static const struct CMUnitTest tests[] = {
        CHAINS(test_root),
        CHAINS(test_stages),
        CHAINS(test_either_end),
        CHAINS(test_references),
        CHAINS(test_keys),
        CHAINS(test_tunnel_keys),
        CHAINS(test_audit),
        CHAINS(test_miss_rule),
        CHAINS(test_miss_rule_port_id),
        cmocka_unit_test_setup_teardown(test_default_miss, setup_default_miss,
                                        teardown_chains),
        CHAINS(test_device_refuses),
        CHAINS(test_gone),
        CHAINS(test_group_reuse),
        FLOWS(test_any_order),
        DEFAULT_MISS(test_any_order),
        FLOWS(test_contexts),
        DEFAULT_MISS(test_contexts),
        FLOWS(test_two_jumps),
        DEFAULT_MISS(test_two_jumps),
        FLOWS(test_modify),
        FLOWS(test_modify_no_duplicates),
        FLOWS(test_suspend),
        FLOWS(test_port_leaves),
        DEFAULT_MISS(test_port_leaves),
        FLOWS(test_vanish),
        DEFAULT_MISS(test_vanish),
        FLOWS(test_few_groups),
        FLOWS(test_too_few_priorities),
        cmocka_unit_test(test_fail_at_step),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-chain", tests, NULL, NULL);
}
