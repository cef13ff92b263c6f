/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-chain: tests of dpu-chain: chains alone. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/chain-fixture.h"
#include "tests/unit/megaflow.h"

#include "odp-util.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"

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

int
main(int argc OVS_UNUSED, char *argv[])
{
#define CHAINS(TEST) \
    cmocka_unit_test_setup_teardown(TEST, setup_chains, teardown_chains)
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
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-chain", tests, NULL, NULL);
}
