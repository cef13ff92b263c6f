/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * The life of megaflows with ct() on a fake device that fails on demand: every
 * packet that jumps to the connections finds where to go on, at any time, and
 * nothing that was numbered is left behind. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openvswitch/vlog.h"
#include "tests/unit/megaflow.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-next.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-rule.h"
#include "ofproto-dpif-dpu/flow/dpu-flow.h"

#define PROXY 3
#define CT_GROUP   (DPU_CHAIN_MAX_GROUP - 1)
#define POST_GROUP DPU_CHAIN_MAX_GROUP

/* The fake device. */

struct dpu_rule {
    bool present;
    uint32_t group;
    uint32_t priority;
    uint32_t jump;                  /* Group, or 0. */
    uint32_t state;                 /* Written to its TAG. */
    uint32_t next;                  /* The same; 0: no ct(). */
    uint32_t resumes;               /* Matched in POST_GROUP, or 0. */
    uint32_t class, class_mask;     /* Matched, or 0. */
    bool counted;
};

static struct {
    struct dpu_rule rules[128];
    unsigned int n_calls;
    unsigned int fail_at;           /* The creation that fails, from 1 on. */
    int error;                      /* Its errno. */
} fake;

static size_t
fake_count(void)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        n += fake.rules[i].present;
    }
    return n;
}

/* Whether a rule for any packet, or, in POST_GROUP, for continuation 'id', is
 * in 'group'. */
static bool
fake_has(uint32_t group, uint32_t id)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        const struct dpu_rule *rule = &fake.rules[i];

        if (rule->present && rule->group == group && rule->resumes == id
            && (id || rule->priority == DPU_CHAIN_MISS_PRIORITY)) {
            return true;
        }
    }
    return false;
}

/* Each jump leads to where a rule takes what misses, and each ct() has a
 * continuation. */
static void
fake_check(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        const struct dpu_rule *rule = &fake.rules[i];

        if (rule->present && rule->jump) {
            assert_true(fake_has(rule->jump, 0));
        }
        if (rule->present && rule->next) {
            assert_int_equal(rule->jump, CT_GROUP);
            assert_true(fake_has(POST_GROUP, 0));
            assert_true(fake_has(POST_GROUP, rule->next));
            assert_int_equal(rule->state & 0xff, 0);
        }
    }
}

static void
fake_read(struct dpu_rule *rule, const struct dpu_spec *spec)
{
    for (unsigned int i = 0; i < spec->n_items; i++) {
        const struct rte_flow_item_tag *tag = spec->items[i].spec;

        if (spec->items[i].type == RTE_FLOW_ITEM_TYPE_TAG
            && tag->index == DPU_CT_TAG_NEXT) {
            rule->resumes = tag->data;
        } else if (spec->items[i].type == RTE_FLOW_ITEM_TYPE_TAG
                   && tag->index == DPU_CT_TAG_CLASS) {
            rule->class = tag->data;
            rule->class_mask = ((const struct rte_flow_item_tag *)
                                spec->items[i].mask)->data;
        }
    }
    for (unsigned int i = 0; i < spec->n_actions; i++) {
        const struct rte_flow_action *a = &spec->actions[i];
        const struct rte_flow_action_set_tag *tag = a->conf;

        if (a->type == RTE_FLOW_ACTION_TYPE_JUMP) {
            rule->jump = ((const struct rte_flow_action_jump *)
                          a->conf)->group;
        } else if (a->type == RTE_FLOW_ACTION_TYPE_COUNT) {
            rule->counted = true;
        } else if (a->type == RTE_FLOW_ACTION_TYPE_SET_TAG
                   && tag->index == DPU_CT_TAG_STATE) {
            rule->state = tag->data;
        } else if (a->type == RTE_FLOW_ACTION_TYPE_SET_TAG
                   && tag->index == DPU_CT_TAG_NEXT) {
            rule->next = tag->data;
        }
    }
}

static int
fake_create(uint16_t ethdev OVS_UNUSED, const struct dpu_spec *spec,
            struct dpu_rule **rulep, struct rte_flow_error *error OVS_UNUSED)
{
    struct dpu_rule rule = {
        .present = true,
        .group = spec->attr.group,
        .priority = spec->attr.priority,
    };

    if (++fake.n_calls == fake.fail_at) {
        return fake.error;
    }
    fake_read(&rule, spec);
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        if (!fake.rules[i].present) {
            fake.rules[i] = rule;
            *rulep = &fake.rules[i];
            fake_check();
            return 0;
        }
    }
    fail();
    return ENOSPC;
}

static int
fake_destroy(uint16_t ethdev OVS_UNUSED, struct dpu_rule *rule,
             struct rte_flow_error *error OVS_UNUSED)
{
    assert_true(rule->present);
    rule->present = false;
    fake_check();
    return 0;
}

static int
fake_query(uint16_t ethdev OVS_UNUSED, struct dpu_rule *rule,
           struct dpu_rule_count *count,
           struct rte_flow_error *error OVS_UNUSED)
{
    assert_true(rule->present);
    assert_true(rule->counted);
    memset(count, 0, sizeof *count);
    return 0;
}

static const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

/* Megaflows. */

static struct dpu_flow_table table;

static struct dpu_flow_key
flow_key(uint32_t n)
{
    return (struct dpu_flow_key) { .ufid.u32 = { n, n }, .ethdev = 11 };
}

static bool
put_match(uint32_t n, uint32_t recirc_id, const char *match,
          const char *actions)
{
    struct dpu_flow_key key = flow_key(n);

    return test_megaflow_put(&table, &key, recirc_id, 1, match, actions);
}

static bool
put(uint32_t n, uint32_t recirc_id, const char *actions)
{
    return put_match(n, recirc_id, "eth_type(0x0800)", actions);
}

static void
del(uint32_t n)
{
    struct dpu_flow_key key = flow_key(n);

    assert_int_equal(dpu_flow_del(&table, &key, NULL), 0);
}

static void
check_empty(void)
{
    struct dpu_miss_stats misses;
    size_t n_chains, n_rules;

    dpu_chain_table_count(&table.chains, &n_chains, &n_rules);
    dpu_miss_get_stats(&misses);
    assert_int_equal(fake_count(), 0);
    assert_int_equal(n_chains, 0);
    assert_int_equal(n_rules, 0);
    assert_int_equal(misses.n_contexts, 0);
    assert_int_equal(dpu_ct_variant_count(), 0);
    assert_int_equal(dpu_ct_class_count(), 0);
    assert_int_equal(dpu_ct_next_count(), 0);
    assert_int_equal(dpu_flow_n_rules(&table), 0);
}

static int
setup(void **state OVS_UNUSED)
{
    struct dpu_caps all;

    memset(&fake, 0, sizeof fake);
    dpu_caps_all(&all);
    dpu_flow_table_init(&table, &fake_ops, &all);
    dpu_flow_set_proxy(&table, 11, PROXY);
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    dpu_flow_evict_all(&table);
    check_empty();
    dpu_flow_table_destroy(&table);
    return 0;
}

/* The rule of group 0, where 'n' rules are in all. */
static const struct dpu_rule *
first_rule(size_t n)
{
    assert_int_equal(fake_count(), n);
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        if (fake.rules[i].present && !fake.rules[i].group) {
            return &fake.rules[i];
        }
    }
    fail();
    return NULL;
}

static void
test_one(void **state OVS_UNUSED)
{
    const struct dpu_rule *rule;

    /* What misses CT, POST and the chain; the megaflow, its continuation. */
    assert_true(put(1, 0, "ct(zone=7),recirc(5)"));
    rule = first_rule(5);
    assert_int_equal(rule->state & 0xffff00, 0x700);
    assert_int_not_equal(rule->state >> 24, 0);
    assert_int_not_equal(rule->next, 0);
    assert_int_equal(dpu_flow_n_rules(&table), 2);
    del(1);
    check_empty();
}

/* Equal kinds of ct() share a number; no two continuations do. */
static void
test_two(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "ct(zone=7),recirc(5)"));
    assert_true(put(2, 5, "ct(commit,zone=8),2"));
    assert_int_equal(dpu_ct_variant_count(), 1);
    assert_int_equal(dpu_ct_next_count(), 2);
    assert_true(put(3, 5, "ct(zone=8,nat),2"));
    assert_int_equal(dpu_ct_variant_count(), 2);
    del(1);
    del(2);
    del(3);
}

static void
test_several_in_a_row(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "ct(zone=7),ct(zone=8),ct(zone=9,nat),2"));
    first_rule(6);
    assert_int_equal(dpu_ct_next_count(), 3);
    assert_int_equal(dpu_flow_n_rules(&table), 4);
    assert_true(put(1, 0, "ct(zone=7),ct(zone=9),2"));
    first_rule(5);
    assert_true(put(1, 0, "2"));
    first_rule(1);
    assert_true(put(1, 0, "ct(commit)"));
    first_rule(4);
}

/* The connections of ALGs are never learned. */
static void
test_alg(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "ct(zone=7,commit,helper=ftp),2"));
    assert_int_equal(first_rule(4)->state, 0x700);
    assert_int_equal(dpu_ct_variant_count(), 0);
}

/* More kinds of ct() than there are numbers. */
static void
test_variants(void **state OVS_UNUSED)
{
    uint8_t ids[DPU_CT_VARIANT_MAX];
    struct dpu_ct_variant variant;

    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        dpu_ct_variant_init(&variant, false, false,
                            (uint32_t []) { i, UINT32_MAX }, NULL);
        ids[i] = dpu_ct_variant_get(&variant);
    }
    assert_false(put(1, 0, "ct(zone=7),2"));
    assert_int_equal(fake_count(), 0);
    assert_int_equal(dpu_ct_next_count(), 0);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        dpu_ct_variant_put(ids[i]);
    }
    assert_true(put(1, 0, "ct(zone=7),2"));
}

/* The rule as it is shown has the numbers that it has on the device. */
static void
show(const struct dpu_flow *flow, void *aux OVS_UNUSED)
{
    struct dpu_reason reason;
    struct dpu_rule shown;
    struct dpu_spec spec;
    size_t i = 0;

    assert_true(dpu_flow_spec(&table, flow, &test_ports, &spec, &reason));
    for (const struct dpu_spec *s = &spec; s; s = s->more) {
        const struct dpu_rule *rule
            = dpu_flow_rule(CONST_CAST(struct dpu_flow *, flow), i++)->rule;

        memset(&shown, 0, sizeof shown);
        fake_read(&shown, s);
        assert_int_equal(s->attr.group, rule->group);
        assert_int_equal(shown.jump, rule->jump);
        assert_int_equal(shown.state, rule->state);
        assert_int_equal(shown.next, rule->next);
        assert_int_equal(shown.resumes, rule->resumes);
    }
    assert_int_equal(i, flow->n_rules);
    dpu_spec_free_more(&spec);
}

/* The rule that matches a class, where 'n' rules are in all. */
static const struct dpu_rule *
class_rule(size_t n)
{
    assert_int_equal(fake_count(), n);
    for (size_t i = 0; i < ARRAY_SIZE(fake.rules); i++) {
        if (fake.rules[i].present && fake.rules[i].class_mask) {
            return &fake.rules[i];
        }
    }
    fail();
    return NULL;
}

static void
refused(const struct dpu_flow *flow, void *n_refused_)
{
    size_t *n_refused = n_refused_;
    struct dpu_reason reason;

    if (!flow->n_rules) {
        dpu_flow_reason(flow, &reason);
        assert_int_equal(reason.code, DPU_REASON_MATCH_FIELD);
        assert_string_equal(reason.detail, "ct_label: other values or masks "
                            "of ct fields take all the room");
        ++*n_refused;
    }
}

/* What is asked for of connections is numbered as long as somebody asks; when
 * there is no room for it, the megaflow is software's. */
static void
test_class(void **state OVS_UNUSED)
{
    size_t n_refused = 0;
    uint32_t class;

    assert_true(put_match(1, 5, "ct_label(0x1/0x1),eth_type(0x0800)", "2"));
    class = class_rule(1)->class;
    assert_int_not_equal(class, 0);
    assert_int_equal(class_rule(1)->class_mask, dpu_ct_class_mask(class));
    assert_true(put_match(1, 5, "ct_label(0/0x1),eth_type(0x0800)", "2"));
    assert_int_not_equal(class_rule(1)->class, class);
    assert_int_equal(class_rule(1)->class_mask, dpu_ct_class_mask(class));
    assert_int_equal(dpu_ct_class_count(), 1);

    for (uint32_t n = 2; ; n++) {
        char *match = xasprintf("ct_label(0/%#x),eth_type(0x0800)", 1 << n);
        bool taken = put_match(n, 5, match, "2");

        free(match);
        if (!taken) {
            assert_in_range(n, 4, 17);
            assert_int_equal(fake_count(), n - 1);
            dpu_flow_for_each(&table, false, refused, &n_refused);
            assert_int_equal(n_refused, 1);
            break;
        }
    }
}

static void
test_show(void **state OVS_UNUSED)
{
    assert_true(put(1, 0, "ct(zone=7),ct(zone=8,nat),recirc(5)"));
    dpu_flow_for_each(&table, true, show, NULL);
}

/* Whichever rule the device does not take, nothing stays that should not. */
static void
test_fail_at_step(void **state OVS_UNUSED)
{
    static const int errors[] = { EIO, ENOSPC, ENOTSUP };
    unsigned int n;

    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        for (n = 1; ; n++) {
            bool failed;

            setup(NULL);
            fake.error = errors[i];
            fake.fail_at = n;
            put(1, 0, "ct(zone=7),ct(zone=8,nat),recirc(5)");
            put(2, 5, "ct(commit,zone=8),2");
            put(1, 0, "ct(zone=9),2");
            put(2, 5, "ct_clear,ct(zone=9),3");
            put_match(3, 5, "ct_label(0x1/0x3),eth_type(0x0800)", "2");
            failed = fake.n_calls >= n;
            teardown(NULL);
            if (!failed) {
                break;
            }
        }
        assert_in_range(n, 10, 20);
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
#define FLOWS(TEST) cmocka_unit_test_setup_teardown(TEST, setup, teardown)
    static const struct CMUnitTest tests[] = {
        FLOWS(test_one),
        FLOWS(test_two),
        FLOWS(test_several_in_a_row),
        FLOWS(test_alg),
        FLOWS(test_variants),
        FLOWS(test_class),
        FLOWS(test_show),
        cmocka_unit_test(test_fail_at_step),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-ct-flow", tests, NULL, NULL);
}
