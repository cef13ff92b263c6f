/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-plan: translations that are used again are the same as those made
 * anew: for all megaflows of a real OVN, with values at random. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-thread.h"
#include "packets.h"
#include "random.h"
#include "utilities/dpuctl-dump.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-plan.h"
#include "ofproto-dpif-dpu/translate/dpu-shared.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"

#define N_VARIANTS 30

static struct dpuctl_dump dump;
static struct dpu_caps caps;
static struct dpu_plan_caps plan_caps = { .caps = &caps };

/* Ports. */

static odp_port_t removed = ODPP_NONE;

static const struct dpuctl_port *
find_port(odp_port_t port)
{
    for (size_t i = 0; i < dump.ports.n; i++) {
        if (dump.ports.ports[i].number == port) {
            return &dump.ports.ports[i];
        }
    }
    return NULL;
}

static bool
lookup(const struct dpu_port_map *map OVS_UNUSED, odp_port_t number,
       uint16_t *ethdev)
{
    const struct dpuctl_port *port = find_port(number);

    if (!port || port->tunnel || number == removed) {
        return false;
    }
    *ethdev = 10 + port->index;
    return true;
}

static const char *
tunnel(const struct dpu_port_map *map OVS_UNUSED, odp_port_t number)
{
    const struct dpuctl_port *port = find_port(number);

    return port ? port->tunnel : NULL;
}

static struct dpu_port_map ports = {
    .lookup = lookup,
    .tunnel = tunnel,
    .version = 1,
};

/* Two translations of one megaflow. */

/* Translations that a plan was there for. */
static size_t n_planned;

static void
assert_same_bytes(const void *a, const void *b, size_t size)
{
    assert_int_equal(!a, !b);
    if (a) {
        assert_memory_equal(a, b, size);
    }
}

/* Fails the test unless 'a' and 'b' are the same rule.  The configuration of
 * actions is compared as text, as some of it points to more. */
static void
assert_same_spec(const struct dpu_spec *a, const struct dpu_spec *b)
{
    assert_memory_equal(&a->attr, &b->attr, sizeof a->attr);
    assert_int_equal(a->n_items, b->n_items);
    for (unsigned int i = 0; i < a->n_items; i++) {
        const struct rte_flow_item *x = &a->items[i], *y = &b->items[i];

        assert_int_equal(x->type, y->type);
        assert_int_equal(a->item_sizes[i], b->item_sizes[i]);
        if (x->type == RTE_FLOW_ITEM_TYPE_TAG
            || x->type == RTE_FLOW_ITEM_TYPE_GENEVE_OPT) {
            /* Have bytes that mean nothing, or a pointer: see the text. */
            continue;
        }
        assert_same_bytes(x->spec, y->spec, a->item_sizes[i]);
        assert_same_bytes(x->last, y->last, a->item_sizes[i]);
        assert_same_bytes(x->mask, y->mask, a->item_sizes[i]);
    }
    assert_int_equal(a->n_actions, b->n_actions);
    assert_int_equal(a->count_action, b->count_action);
    assert_int_equal(a->copies, b->copies);
    assert_int_equal(a->needs_port_ethdev, b->needs_port_ethdev);
    assert_int_equal(a->port_ethdev, b->port_ethdev);
    assert_true(dpu_chain_key_is_root(&a->chain)
                == dpu_chain_key_is_root(&b->chain));
    assert_int_equal(a->chain.recirc_id, b->chain.recirc_id);
    assert_int_equal(a->next.recirc_id, b->next.recirc_id);
    assert_int_equal(!a->jump, !b->jump);
    assert_int_equal(a->n_misses, b->n_misses);
    for (unsigned int i = 0; i < a->n_misses; i++) {
        const struct dpu_miss *x = &a->misses[i].miss, *y = &b->misses[i].miss;

        assert_int_equal(x->in_port, y->in_port);
        assert_int_equal(x->actions_len, y->actions_len);
        assert_same_bytes(x->actions, y->actions, x->actions_len);
    }
    assert_int_equal(a->n_meters, b->n_meters);
    assert_memory_equal(&a->class.value, &b->class.value,
                        sizeof a->class.value);
    assert_memory_equal(&a->class.under, &b->class.under,
                        sizeof a->class.under);
    assert_int_equal(!a->ct.state, !b->ct.state);
    assert_int_equal(a->ct.learns, b->ct.learns);
    assert_int_equal(!a->resumes, !b->resumes);
    assert_int_equal(!a->more, !b->more);
    if (a->more) {
        assert_same_spec(a->more, b->more);
    }
}

/* As installation does. */
static char *
number_and_format(struct dpu_spec *spec)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    dpu_translate_number(spec, &caps);
    dpu_spec_format_rules(spec, 0, &s);
    for (struct dpu_spec *m = spec; m; m = m->more) {
        m->attr.group = 0;
    }
    return ds_steal_cstr(&s);
}

/* Translates 'flow' with plans and without; returns true if it is not
 * refused. */
static bool
check(const struct dpu_megaflow *flow)
{
    struct dpu_reason reason = { .code = DPU_REASON_NONE }, anew_reason;
    struct dpu_port_record record, anew_record;
    struct dpu_spec own, anew, *spec;
    struct dpu_plan_result result;
    struct dpu_packed packed;
    char *text, *anew_text;

    dpu_packed_init(&packed, flow->match);
    dpu_port_record_init(&record, &ports);
    spec = dpu_plan_translate(flow, &packed, &record, &plan_caps, &own,
                              &result, &reason);
    dpu_port_record_init(&anew_record, &ports);
    assert_int_equal(dpu_translate(flow, &anew_record.up, &caps, &anew,
                                   &anew_reason), spec != NULL);
    if (!spec) {
        assert_int_equal(reason.code, anew_reason.code);
        assert_string_equal(reason.detail, anew_reason.detail);
        return false;
    }
    n_planned += result.mask != NULL && !record.n_refs;
    assert_int_equal(result.n_refs, anew_record.n_refs);
    assert_memory_equal(result.refs, anew_record.refs,
                        result.n_refs * sizeof result.refs[0]);
    text = number_and_format(spec);
    anew_text = number_and_format(&anew);
    assert_string_equal(text, anew_text);
    assert_same_spec(spec, &anew);
    free(text);
    free(anew_text);
    dpu_spec_free_more(&own);
    dpu_spec_free_more(&anew);
    return true;
}

/* Megaflows with other values. */

/* Gives 'size' bytes at 'ofs' of 'flow' a value at random: any, one that looks
 * special, or one that the actions may set. */
static void
vary(struct flow *flow, size_t ofs, size_t size, const struct ofpbuf *actions)
{
    uint8_t *p = (uint8_t *) flow + ofs;

    switch (random_range(4)) {
    case 0:
        memset(p, random_range(2) ? 0 : 0xff, size);
        break;
    case 1:
        if (actions->size > size) {
            memcpy(p, ((const char *) actions->data
                       + random_range(actions->size - size)), size);
            break;
        }
        /* Fall through. */
    default:
        random_bytes(p, size);
        break;
    }
}

/* Copies 'from' to 'to' with other values. */
static void
vary_match(const struct dpuctl_flow *from, struct match *to)
{
    static const struct {
        size_t ofs, size;
    } fields[] = {
#define FIELD(MEMBER) { offsetof(struct flow, MEMBER),          \
                        MEMBER_SIZEOF(struct flow, MEMBER) }
        FIELD(dl_src), FIELD(dl_dst), FIELD(nw_src), FIELD(nw_dst),
        FIELD(ipv6_src), FIELD(ipv6_dst), FIELD(tp_src), FIELD(tp_dst),
        /* Those that are of the kind. */
        FIELD(nw_tos), FIELD(nw_ttl), FIELD(nw_proto), FIELD(nw_frag),
        FIELD(vlans[0].tci), FIELD(ct_state), FIELD(ct_mark), FIELD(ct_zone),
        FIELD(dl_type), FIELD(ct_nw_src), FIELD(arp_sha), FIELD(nd_target),
#undef FIELD
    };
    enum { N_VALUES = 8 };

    *to = from->match;
    for (size_t i = 0; i < N_VALUES; i++) {
        if (random_range(4)) {
            vary(&to->flow, fields[i].ofs, fields[i].size, &from->actions);
        }
    }
    if (!random_range(4)) {
        size_t i = N_VALUES + random_range(ARRAY_SIZE(fields) - N_VALUES);

        vary(&to->flow, fields[i].ofs, fields[i].size, &from->actions);
    }
}

static void
test_ovn(void **state OVS_UNUSED)
{
    size_t n = 0;

    n_planned = 0;
    random_set_seed(7);
    for (size_t i = 0; i < dump.n_flows; i++) {
        const struct dpuctl_flow *f = &dump.flows[i];

        for (int j = 0; j < N_VARIANTS; j++) {
            struct match match = f->match;
            const struct dpu_megaflow megaflow = {
                .match = &match,
                .actions = f->actions.data,
                .actions_len = f->actions.size,
                .origin = 10,
            };

            if (j) {
                vary_match(f, &match);
            }
            n += check(&megaflow);
        }
    }
    /* What comes out of a tunnel has no plans. */
    print_message("%"PRIuSIZE" translations, %"PRIuSIZE" of them by plans\n",
                  n, n_planned);
    assert_true(n > dump.n_flows * N_VARIANTS / 2);
    assert_true(n_planned > n / 3);
}

/* An output of megaflow 0 that is taken away is refused, and so is what the
 * device has no longer. */
static void
test_changes(void **state OVS_UNUSED)
{
    struct dpu_megaflow megaflow;
    const struct dpuctl_flow *f = NULL;

    for (size_t i = 0; i < dump.n_flows && !f; i++) {
        f = &dump.flows[i];
        if (nl_attr_type(f->actions.data) != OVS_ACTION_ATTR_OUTPUT
            || f->actions.size > NL_A_U32_SIZE
            || tunnel(NULL, f->match.flow.in_port.odp_port)
            || f->match.flow.recirc_id) {
            f = NULL;
        }
    }
    assert_non_null(f);
    megaflow = (struct dpu_megaflow) {
        .match = &f->match,
        .actions = f->actions.data,
        .actions_len = f->actions.size,
    };
    n_planned = 0;
    assert_true(check(&megaflow));
    assert_true(check(&megaflow));
    assert_int_equal(n_planned, 1);

    removed = nl_attr_get_odp_port(f->actions.data);
    ports.version++;
    assert_false(check(&megaflow));
    removed = ODPP_NONE;
    ports.version++;
    assert_true(check(&megaflow));

    dpu_caps_all(&caps);
    memset(caps.items, 0, sizeof caps.items);
    plan_caps.id = dpu_plan_caps_id();
    assert_false(check(&megaflow));
    dpu_caps_all(&caps);
    plan_caps.id = dpu_plan_caps_id();
    assert_true(check(&megaflow));

    /* Who does not say when it changes has no plans. */
    n_planned = 0;
    ports.version = 0;
    assert_true(check(&megaflow));
    assert_true(check(&megaflow));
    assert_int_equal(n_planned, 0);
    ports.version = 1;
}

static void *
thread_main(void *megaflow)
{
    assert_true(check(megaflow));
    return NULL;
}

/* A thread's plans leave with it, and what they share. */
static void
test_thread(void **state OVS_UNUSED)
{
    struct ofpbuf actions;
    struct match match = dump.flows[0].match;
    struct dpu_megaflow megaflow = { .match = &match };
    size_t n = dpu_shared_count();

    ofpbuf_init(&actions, 0);
    nl_msg_put_u32(&actions, OVS_ACTION_ATTR_METER, 12345);
    nl_msg_put_odp_port(&actions, OVS_ACTION_ATTR_OUTPUT,
                        match.flow.in_port.odp_port);
    megaflow.actions = actions.data;
    megaflow.actions_len = actions.size;
    xpthread_join(ovs_thread_create("planner", thread_main, &megaflow), NULL);
    assert_int_equal(dpu_shared_count(), n);
    ofpbuf_uninit(&actions);
}

static int
setup(void **state OVS_UNUSED)
{
    FILE *stream = fopen(OVN_MEGAFLOWS, "r");
    char *error;

    dpu_caps_all(&caps);
    plan_caps.id = dpu_plan_caps_id();
    if (!stream) {
        print_error("%s cannot be read\n", OVN_MEGAFLOWS);
        return -1;
    }
    error = dpuctl_dump_read(&dump, stream, OVN_MEGAFLOWS);
    fclose(stream);
    if (error) {
        print_error("%s\n", error);
        free(error);
        return -1;
    }
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    dpuctl_dump_destroy(&dump);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ovn),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_thread),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
