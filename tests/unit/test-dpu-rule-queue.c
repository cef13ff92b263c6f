/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Rules through templates, on a fake device that stands in the place of DPDK's
 * template API and fails on demand, at once or later. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_errno.h>
#include <rte_flow.h>

#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-rule-queue.h"
#include "ofproto-dpif-dpu/device/dpu-slab.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/device/dpu-template.h"

#define ETHDEV 3

/* The fake device. */

struct rte_flow {
    struct rte_flow_template_table *table;
    uint32_t queue;
    bool there;                 /* As far as the queue has got. */
};

struct rte_flow_template_table {
    struct rte_flow_template_table_attr attr;
    uint32_t n_rules;
};

/* An operation. */
struct op {
    struct rte_flow *flow;
    bool create;
    void *user_data;
};

#define MAX_OPS 256

static struct {
    unsigned int n_steps;       /* Calls that may fail. */
    unsigned int fail_at;       /* The one that does, from 1 on... */
    int error;                  /* ...with this. */
    unsigned int n_creations;   /* Results of creations. */
    unsigned int fail_result;   /* The one that fails, from 1 on. */
    uint32_t max_table;         /* Rules of a table, at most. */
    bool silent;                /* Gives no results. */
    const uint8_t *headers;     /* Of the last template's RAW_ENCAP, where
                                 * rte_flow_conv() leaves them; or NULL. */

    int n_patterns, n_actions, n_tables, n_rules;   /* That are there. */
    int n_tables_ever, n_pushes;
    bool configured;
    struct op ops[16][MAX_OPS];
    unsigned int n_ops[16], n_pushed[16];
} device;

/* What RAW_ENCAP puts on. */
static const uint8_t HEADERS[] = "The headers of a tunnel";

static long long int now = 1000;

long long int __wrap_time_msec(void);
long long int
__wrap_time_msec(void)
{
    return now += device.silent ? 1000 : 0;
}

/* Whether this call fails. */
static bool
step(struct rte_flow_error *error)
{
    if (++device.n_steps == device.fail_at) {
        rte_flow_error_set(error, device.error,
                           RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL, "no");
        return false;
    }
    return true;
}

#define WRAP(RETURN, NAME, ...) \
    RETURN __wrap_rte_flow_##NAME(__VA_ARGS__); \
    RETURN __wrap_rte_flow_##NAME(__VA_ARGS__)

WRAP(int, info_get, uint16_t ethdev, struct rte_flow_port_info *port,
     struct rte_flow_queue_info *queue,
     struct rte_flow_error *error OVS_UNUSED)
{
    assert_int_equal(ethdev, ETHDEV);
    *port = (struct rte_flow_port_info) {
        .max_nb_queues = 16, .max_nb_counters = 1000,
    };
    queue->max_size = MAX_OPS;
    return 0;
}

WRAP(int, configure, uint16_t ethdev OVS_UNUSED,
     const struct rte_flow_port_attr *port, uint16_t n_queues,
     const struct rte_flow_queue_attr *queues[],
     struct rte_flow_error *error OVS_UNUSED)
{
    if (port->nb_counters > 500) {
        return -ENOMEM;
    }
    assert_true(n_queues <= 16);
    for (int i = 0; i < n_queues; i++) {
        assert_true(queues[i]->size <= MAX_OPS);
    }
    device.configured = true;
    return 0;
}

WRAP(struct rte_flow_pattern_template *, pattern_template_create,
     uint16_t ethdev OVS_UNUSED,
     const struct rte_flow_pattern_template_attr *attr OVS_UNUSED,
     const struct rte_flow_item *items OVS_UNUSED,
     struct rte_flow_error *error)
{
    if (!device.configured) {
        rte_errno = EINVAL;
        return NULL;
    }
    if (!step(error)) {
        return NULL;
    }
    device.n_patterns++;
    return (struct rte_flow_pattern_template *) &device.n_patterns;
}

WRAP(int, pattern_template_destroy, uint16_t ethdev OVS_UNUSED,
     struct rte_flow_pattern_template *pattern,
     struct rte_flow_error *error OVS_UNUSED)
{
    assert_ptr_equal(pattern, &device.n_patterns);
    device.n_patterns--;
    return 0;
}

WRAP(struct rte_flow_actions_template *, actions_template_create,
     uint16_t ethdev OVS_UNUSED,
     const struct rte_flow_actions_template_attr *attr OVS_UNUSED,
     const struct rte_flow_action *actions,
     const struct rte_flow_action *masks, struct rte_flow_error *error)
{
    if (!step(error)) {
        return NULL;
    }
    for (;; actions++, masks++) {
        assert_int_equal(actions->type, masks->type);
        if (actions->type == RTE_FLOW_ACTION_TYPE_END) {
            break;
        } else if (actions->type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP) {
            const struct rte_flow_action_raw_encap *encap = actions->conf;

            device.headers = encap->data;
        }
    }
    device.n_actions++;
    return (struct rte_flow_actions_template *) &device.n_actions;
}

WRAP(int, actions_template_destroy, uint16_t ethdev OVS_UNUSED,
     struct rte_flow_actions_template *actions,
     struct rte_flow_error *error OVS_UNUSED)
{
    assert_ptr_equal(actions, &device.n_actions);
    device.n_actions--;
    return 0;
}

WRAP(struct rte_flow_template_table *, template_table_create,
     uint16_t ethdev OVS_UNUSED,
     const struct rte_flow_template_table_attr *attr,
     struct rte_flow_pattern_template **patterns OVS_UNUSED,
     uint8_t n_patterns OVS_UNUSED,
     struct rte_flow_actions_template **actions OVS_UNUSED,
     uint8_t n_actions OVS_UNUSED, struct rte_flow_error *error)
{
    struct rte_flow_template_table *table;

    if (!step(error)) {
        return NULL;
    }
    if (attr->nb_flows > device.max_table) {
        rte_flow_error_set(error, ENOSPC, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
                           NULL, "too large");
        return NULL;
    }
    if (device.headers) {
        assert_memory_equal(device.headers, HEADERS, sizeof HEADERS);
    }
    table = xzalloc(sizeof *table);
    table->attr = *attr;
    device.n_tables++;
    device.n_tables_ever++;
    return table;
}

WRAP(int, template_table_destroy, uint16_t ethdev OVS_UNUSED,
     struct rte_flow_template_table *table,
     struct rte_flow_error *error OVS_UNUSED)
{
    assert_int_equal(table->n_rules, 0);
    device.n_tables--;
    free(table);
    return 0;
}

static void
enqueue(uint32_t queue, const struct op *op)
{
    assert_true(queue <= DPU_RULE_N_QUEUES);
    assert_true(device.n_ops[queue] < MAX_OPS);
    device.ops[queue][device.n_ops[queue]++] = *op;
}

WRAP(struct rte_flow *, async_create, uint16_t ethdev OVS_UNUSED,
     uint32_t queue, const struct rte_flow_op_attr *attr,
     struct rte_flow_template_table *table,
     const struct rte_flow_item *items OVS_UNUSED, uint8_t pattern,
     const struct rte_flow_action *actions OVS_UNUSED, uint8_t template,
     void *user_data, struct rte_flow_error *error)
{
    struct op op = { .create = true, .user_data = user_data };

    assert_true(attr->postpone);
    assert_int_equal(pattern, 0);
    assert_int_equal(template, 0);
    if (!step(error)) {
        return NULL;
    }
    /* Whoever counts its rules finds no table full. */
    assert_true(table->n_rules < table->attr.nb_flows);
    table->n_rules++;
    op.flow = xzalloc(sizeof *op.flow);
    op.flow->table = table;
    op.flow->queue = queue;
    enqueue(queue, &op);
    return op.flow;
}

WRAP(int, async_destroy, uint16_t ethdev OVS_UNUSED, uint32_t queue,
     const struct rte_flow_op_attr *attr OVS_UNUSED, struct rte_flow *flow,
     void *user_data, struct rte_flow_error *error OVS_UNUSED)
{
    const struct op op = { .flow = flow, .user_data = user_data };

    assert_int_equal(flow->queue, queue);
    enqueue(queue, &op);
    return 0;
}

WRAP(int, push, uint16_t ethdev OVS_UNUSED, uint32_t queue,
     struct rte_flow_error *error OVS_UNUSED)
{
    device.n_pushes++;
    device.n_pushed[queue] = device.n_ops[queue];
    return 0;
}

/* Has the device carry out 'op'.  Returns whether that works. */
static bool
carry_out(const struct op *op)
{
    if (op->create && ++device.n_creations != device.fail_result) {
        op->flow->there = true;
        device.n_rules++;
        return true;
    }
    device.n_rules -= op->flow->there;
    op->flow->table->n_rules--;
    free(op->flow);
    return !op->create;
}

WRAP(int, pull, uint16_t ethdev OVS_UNUSED, uint32_t queue,
     struct rte_flow_op_result *results, uint16_t n_max,
     struct rte_flow_error *error OVS_UNUSED)
{
    /* Not all at once. */
    unsigned int n = MIN(MIN(n_max, 3), device.n_pushed[queue]);

    if (device.silent) {
        return 0;
    }
    for (unsigned int i = 0; i < n; i++) {
        const struct op *op = &device.ops[queue][i];

        results[i].user_data = op->user_data;
        results[i].status = (carry_out(op) ? RTE_FLOW_OP_SUCCESS
                             : RTE_FLOW_OP_ERROR);
    }
    device.n_ops[queue] -= n;
    device.n_pushed[queue] -= n;
    memmove(device.ops[queue], &device.ops[queue][n],
            device.n_ops[queue] * sizeof device.ops[queue][0]);
    return n;
}

WRAP(int, query, uint16_t ethdev OVS_UNUSED, struct rte_flow *flow,
     const struct rte_flow_action *action, void *data,
     struct rte_flow_error *error OVS_UNUSED)
{
    struct rte_flow_query_count *count = data;

    assert_true(flow->there);
    assert_int_equal(action->type, RTE_FLOW_ACTION_TYPE_COUNT);
    count->hits_set = 1;
    count->hits = 7;
    return 0;
}

static int
setup(void **state OVS_UNUSED)
{
    memset(&device, 0, sizeof device);
    device.max_table = UINT32_MAX;
    device.error = ENOMEM;
    dpu_rule_queues_configure(ETHDEV);
    assert_true(device.configured);
    device.n_steps = 0;
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    assert_int_equal(device.n_rules, 0);
    dpu_rule_queues_close(ETHDEV, false);
    /* Nothing has leaked. */
    assert_int_equal(device.n_tables, 0);
    assert_int_equal(device.n_patterns, 0);
    assert_int_equal(device.n_actions, 0);
    ovsrcu_quiesce();
    return 0;
}

/* Specs. */

/* A rule that matches address 'n', at least 'bits' of it, and sends packets to
 * ethdev 'port'. */
static void
make_spec(struct dpu_spec *spec, uint32_t n, int bits, uint16_t port)
{
    const struct rte_flow_item_ipv4 ip = { .hdr.src_addr = htonl(n) };
    const struct rte_flow_item_ipv4 mask = {
        .hdr.src_addr = be32_prefix_mask(bits)
    };
    const struct rte_flow_action_ethdev ethdev = { .port_id = port };
    const struct rte_flow_action_count count = { .id = 0 };

    dpu_spec_init(spec, 1, 0);
    spec->attr.transfer = 1;
    dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_ETH, NULL, NULL, 0);
    dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_IPV4, &ip, &mask, sizeof ip);
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_COUNT, &count,
                        sizeof count);
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_REPRESENTED_PORT,
                        &ethdev, sizeof ethdev);
}

static const struct dpu_rule_ops *const ops = &dpu_rule_template_ops;

static int
create(uint32_t n, int bits, struct dpu_rule **rule)
{
    struct rte_flow_error error;
    struct dpu_spec spec;

    make_spec(&spec, n, bits, 1);
    return ops->create(ETHDEV, &spec, rule, &error);
}

static void
destroy(struct dpu_rule *rule)
{
    struct rte_flow_error error;

    assert_int_equal(ops->destroy(ETHDEV, rule, &error), 0);
}

static struct dpu_template_counts
counts(void)
{
    struct dpu_template_counts c;

    assert_true(dpu_rule_queues_count(ETHDEV, &c));
    return c;
}

/* Tests. */

/* Rules of one shape share a table, whatever their values; others do not. */
static void
test_shapes(void **state OVS_UNUSED)
{
    struct dpu_rule *rules[4];
    struct rte_flow_error error;
    struct dpu_rule_count count;
    struct dpu_spec spec;

    assert_int_equal(create(1, 32, &rules[0]), 0);
    assert_int_equal(create(2, 32, &rules[1]), 0);
    assert_int_equal(counts().n_shapes, 1);
    assert_int_equal(create(2, 24, &rules[2]), 0);
    assert_int_equal(counts().n_shapes, 2);
    assert_int_equal(counts().n_patterns, 2);
    assert_int_equal(counts().n_actions, 1);
    make_spec(&spec, 1, 32, 1);
    spec.attr.priority = 5;
    assert_int_equal(ops->create(ETHDEV, &spec, &rules[3], &error), 0);
    assert_int_equal(counts().n_shapes, 3);
    assert_int_equal(counts().n_patterns, 2);
    assert_int_equal(device.n_rules, 4);
    assert_int_equal(ops->query(ETHDEV, rules[0], &count, &error), 0);
    assert_int_equal(count.packets, 7);
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        destroy(rules[i]);
    }
    assert_int_equal(counts().n_rules, 0);
}

/* A device finds a template's headers for as long as it makes tables of it. */
static void
test_headers(void **state OVS_UNUSED)
{
    const struct rte_flow_action_raw_decap decap = { .size = sizeof HEADERS };
    uint8_t headers[2][sizeof HEADERS];
    struct rte_flow_error error;
    struct dpu_rule *rules[2];
    struct dpu_spec spec;

    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        const struct rte_flow_action_raw_encap encap = {
            .data = memcpy(headers[i], HEADERS, sizeof HEADERS),
            .size = sizeof HEADERS,
        };

        make_spec(&spec, 1, 32, 1);
        spec.attr.priority = i;
        dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_DECAP, &decap,
                            sizeof decap);
        dpu_spec_add_action(&spec, RTE_FLOW_ACTION_TYPE_RAW_ENCAP, &encap,
                            sizeof encap);
        assert_int_equal(ops->create(ETHDEV, &spec, &rules[i], &error), 0);
        memset(headers[i], 0, sizeof headers[i]);
    }
    /* Of one template two tables were made. */
    assert_int_equal(counts().n_actions, 1);
    assert_int_equal(device.n_tables_ever, 2);
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        destroy(rules[i]);
    }
}

/* A range is no template's. */
static void
test_range(void **state OVS_UNUSED)
{
    const struct rte_flow_item_ipv4 ip = { .hdr.src_addr = htonl(1) };
    struct rte_flow_error error;
    struct dpu_rule *rule;
    struct dpu_spec spec;

    make_spec(&spec, 1, 32, 1);
    dpu_spec_add_item_range(&spec, RTE_FLOW_ITEM_TYPE_IPV4, &ip, &ip, &ip,
                            sizeof ip);
    assert_int_equal(ops->create(ETHDEV, &spec, &rule, &error), ENOTSUP);
}

/* Whatever call fails, nothing stays and the next attempt succeeds. */
static void
test_fail(void **state OVS_UNUSED)
{
    static const int errors[] = { EINVAL, ENOMEM };
    struct dpu_rule *rule;

    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        unsigned int n_failed = 0;
        bool failed = true;

        for (unsigned int at = 1; failed; at++) {
            dpu_rule_queues_close(ETHDEV, false);
            device.n_steps = 0;
            device.fail_at = at;
            device.error = errors[i];
            /* A lack of room is tried again, without what is not used. */
            failed = create(at, 32, &rule) != 0;
            if (!failed) {
                failed = device.n_steps >= at;
                destroy(rule);
            }
            n_failed++;
            assert_int_equal(device.n_rules, 0);
        }
        /* The question whether there are queues, two templates, a table, the
         * rule. */
        assert_true(n_failed >= 6);
        device.fail_at = 0;
        assert_int_equal(create(1, 32, &rule), 0);
        destroy(rule);
    }
}

/* The result is a failure. */
static void
test_fail_later(void **state OVS_UNUSED)
{
    struct dpu_rule *rule;

    device.fail_result = 2;
    assert_int_equal(create(1, 32, &rule), 0);
    destroy(rule);
    assert_int_equal(create(1, 32, &rule), EEXIST);
    assert_int_equal(counts().n_rules, 0);
    assert_int_equal(create(1, 32, &rule), 0);
    destroy(rule);
}

/* Tables follow each other as they are full, and leave when they are empty. */
static void
test_grow(void **state OVS_UNUSED)
{
    enum { N = DPU_TEMPLATE_MIN_RULES * 6 };
    static struct dpu_rule *rules[N];

    for (size_t i = 0; i < N; i++) {
        assert_int_equal(create(i, 32, &rules[i]), 0);
    }
    assert_int_equal(device.n_rules, N);
    assert_int_equal(device.n_tables, 3);
    for (size_t i = 0; i < N; i++) {
        destroy(rules[N - 1 - i]);
    }
    assert_int_equal(device.n_tables, 1);
    assert_int_equal(device.n_tables_ever, 3);
}

/* A device with room for small tables alone. */
static void
test_small_tables(void **state OVS_UNUSED)
{
    static struct dpu_rule *rules[DPU_TEMPLATE_MIN_RULES
                                  * DPU_TEMPLATE_MAX_TABLES];
    struct dpu_rule *rule;

    device.max_table = DPU_TEMPLATE_MIN_RULES;
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        assert_int_equal(create(i, 32, &rules[i]), 0);
    }
    assert_int_equal(create(0, 32, &rule), ENOSPC);
    destroy(rules[0]);
    assert_int_equal(create(0, 32, &rules[0]), 0);
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        destroy(rules[i]);
    }
    device.max_table = 1;
    assert_int_equal(create(0, 24, &rule), 0);
    destroy(rule);
    device.max_table = 0;
    assert_int_equal(create(0, 16, &rule), ENOSPC);
}

/* Shapes that nobody uses are not kept for ever. */
static void
test_evict(void **state OVS_UNUSED)
{
    struct dpu_rule *rule, *kept;

    assert_int_equal(create(0, 1, &kept), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        struct rte_flow_error error;
        struct dpu_spec spec;

        make_spec(&spec, i, 32, 1);
        spec.attr.group = i;
        assert_int_equal(ops->create(ETHDEV, &spec, &rule, &error), 0);
        destroy(rule);
    }
    assert_true(device.n_tables < 100);
    assert_int_equal(device.n_patterns, 2);
    destroy(kept);
}

/* A burst: what fails is known at its end, and nothing else is gone. */
static void
test_burst(void **state OVS_UNUSED)
{
    enum { N = 100 };
    struct dpu_rule *rules[N];
    struct rte_flow_error error;
    struct dpu_spec spec;
    int n_failed = 0;

    make_spec(&spec, 0, 32, 1);
    device.fail_result = 10;
    for (int i = 0; i < N; i++) {
        struct rte_flow_item_ipv4 *ip
            = CONST_CAST(struct rte_flow_item_ipv4 *, spec.items[1].spec);

        ip->hdr.src_addr = htonl(i);
        assert_int_equal(ops->enqueue(ETHDEV, 2, &spec, &rules[i], &error),
                         0);
    }
    assert_int_equal(device.n_pushes, 0);
    ops->finish(ETHDEV, 2);
    ops->finish(ETHDEV, 2);
    assert_int_equal(device.n_pushes, 1);
    assert_int_equal(device.n_rules, N - 1);
    for (int i = 0; i < N; i++) {
        int result = ops->result(ETHDEV, rules[i]);

        n_failed += result != 0;
        assert_int_equal(result, i == 9 ? EEXIST : 0);
        assert_int_equal(ops->enqueue_destroy(ETHDEV, rules[i], &error), 0);
    }
    assert_int_equal(n_failed, 1);
    assert_int_equal(device.n_rules, N - 1);
    ops->finish(ETHDEV, 2);
    assert_int_equal(device.n_rules, 0);
    assert_int_equal(counts().n_rules, 0);
    ops->forget(&spec);
}

/* More than the queue has room for. */
static void
test_queue_full(void **state OVS_UNUSED)
{
    static struct dpu_rule *rules[MAX_OPS * 3];
    struct rte_flow_error error;
    struct dpu_spec spec;

    make_spec(&spec, 0, 32, 1);
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        assert_int_equal(ops->enqueue(ETHDEV, 0, &spec, &rules[i], &error),
                         0);
    }
    ops->finish(ETHDEV, 0);
    assert_int_equal(device.n_rules, ARRAY_SIZE(rules));
    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        assert_int_equal(ops->enqueue_destroy(ETHDEV, rules[i], &error), 0);
    }
    ops->finish(ETHDEV, 0);
    ops->forget(&spec);
}

/* A queue that does not answer is not waited for for ever. */
static void
test_silent(void **state OVS_UNUSED)
{
    struct dpu_rule *rule;

    device.silent = true;
    assert_int_equal(create(1, 32, &rule), ENODEV);
    assert_int_equal(create(1, 32, &rule), ENODEV);
    device.silent = false;
    assert_int_equal(create(1, 32, &rule), ENODEV);
    /* Whoever knows that it is gone calls it no more. */
    dpu_rule_queues_close(ETHDEV, true);
    free(device.ops[DPU_RULE_N_QUEUES][0].flow->table);
    free(device.ops[DPU_RULE_N_QUEUES][0].flow);
    device.n_tables = device.n_patterns = device.n_actions = 0;
}

/* Slabs give back what is not used. */
static void
test_slab(void **state OVS_UNUSED)
{
    enum { N = 10000 };
    static uint64_t *objects[N];
    struct dpu_slab slab;

    dpu_slab_init(&slab, 20);
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < N; i++) {
            objects[i] = dpu_slab_get(&slab);
            assert_ptr_equal(dpu_slab_of(objects[i]), &slab);
            objects[i][0] = objects[i][2] = i;
        }
        assert_int_equal(slab.n, N);
        assert_true(slab.n_chunks * 16384 < N * 24 * 11 / 10);
        for (uint64_t i = 0; i < N; i += 2) {
            assert_int_equal(objects[i][0], i);
            assert_int_equal(objects[i][2], i);
            dpu_slab_put(objects[i]);
        }
        for (uint64_t i = 1; i < N; i += 2) {
            assert_int_equal(objects[i][0], i);
            assert_int_equal(objects[i][2], i);
            dpu_slab_put(objects[i]);
        }
        assert_int_equal(slab.n, 0);
        assert_int_equal(slab.n_chunks, 1);
    }
    dpu_slab_destroy(&slab);
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        TEST(test_shapes),
        TEST(test_headers),
        TEST(test_range),
        TEST(test_fail),
        TEST(test_fail_later),
        TEST(test_grow),
        TEST(test_small_tables),
        TEST(test_evict),
        TEST(test_burst),
        TEST(test_queue_full),
        TEST(test_silent),
        cmocka_unit_test(test_slab),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
