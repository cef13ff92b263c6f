/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * chain-fixture: see chain-fixture.h. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/chain-fixture.h"

#include "openvswitch/compiler.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-chain.h"

struct chain_fake fake;

size_t
fake_count(void)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        n += fake.rules[i].present && !fake.rules[i].lost;
    }
    return n;
}

struct dpu_rule *
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

int
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

int
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

int
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

int
fake_query(uint16_t ethdev, struct dpu_rule *rule,
           struct dpu_rule_count *count,
           struct rte_flow_error *error OVS_UNUSED)
{
    assert_true(rule->present);
    assert_int_equal(rule->ethdev, ethdev);
    memset(count, 0, sizeof *count);
    return rule->lost ? ENOENT : 0;
}

const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

void
fake_init(void)
{
    memset(&fake, 0, sizeof fake);
    fake.n_priorities = DPU_CHAIN_MISS_PRIORITY + 1;
    fake.duplicates = true;
    fake.error = EIO;
}
