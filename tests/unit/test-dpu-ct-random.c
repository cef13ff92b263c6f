/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Random packets, flushes, timeouts, limits, megaflows and failures, and what
 * must hold after each of them. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conntrack.h"
#include "ct-dpif.h"
#include "tests/unit/ct-talk.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"

static struct ct_dpif_tuple
tuple_to_dpif(const struct dpu_ct_tuple *tuple)
{
    return (struct ct_dpif_tuple) {
        .l3_type = AF_INET, .ip_proto = tuple->proto,
        .src.ip = tuple->src.ipv4, .dst.ip = tuple->dst.ipv4,
        .src_port = tuple->src_port, .dst_port = tuple->dst_port,
    };
}

/* A megaflow comes that asks for a port of the original tuple, or goes. */
static void
change_megaflows(long int random, uint32_t asked[], size_t n)
{
    uint32_t *one = &asked[random % n];
    struct dpu_ct_traits value, mask;

    if (*one) {
        dpu_ct_class_put(*one);
        *one = 0;
        return;
    }
    memset(&value, 0, sizeof value);
    memset(&mask, 0, sizeof mask);
    value.orig.src_port = htons(1 + random / n % 6);
    mask.orig.src_port = OVS_BE16_MAX;
    *one = dpu_ct_class_get(&value, &mask);
}

/* Packets of a connection of which software changes the destination. */
static void
translate(unsigned int n)
{
    static const struct ct_action back = { .zone = CT_ZONE, .nat = true };
    const struct ct_action action = {
        .zone = CT_ZONE, .commit = true, .nat = true,
        .nat_info = {
            .nat_action = NAT_ACTION_DST,
            .min_addr.ipv4 = htonl(0x0a000063),
            .max_addr.ipv4 = htonl(0x0a000063),
        },
    };
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 100 + n, 2, 80);

    for (int i = 0; i < 3; i++) {
        struct ct_probe answer = {
            .tcp_flags = TCP_ACK, .port = CT_PORT_B,
        };
        struct ct_probe probe = ct_talk(&tuple, false, i ? &back : &action);

        /* A limit may have kept software from it. */
        if (probe.state & CS_ESTABLISHED || !i) {
            dpu_ct_tuple_reverse(&probe.after, &answer.tuple);
            ct_send(&answer, &back);
        }
    }
}

/* There are never more in hardware than may be, but for those that were there
 * before '*max' became smaller. */
static void
check_limit(uint64_t *max)
{
    uint64_t n_offloaded;
    uint32_t now;

    atomic_read(&dpu_ct_config.max, &now);
    atomic_read(&dpu_ct_n_offloaded, &n_offloaded);
    assert_true(n_offloaded <= MAX(now, *max));
    *max = MAX(now, n_offloaded);
}

/* Random events, a number of them, and what must hold after each one. */
static void
random_run(unsigned int seed, unsigned int n)
{
    uint32_t asked[4] = { 0, 0, 0, 0 };
    struct drand48_data random;
    uint64_t max = UINT32_MAX;
    long int r[3];

    srand48_r(seed, &random);
    for (unsigned int i = 0; i < n; i++) {
        struct dpu_ct_tuple tuple;
        uint16_t zone = CT_ZONE;

        for (size_t j = 0; j < ARRAY_SIZE(r); j++) {
            lrand48_r(&random, &r[j]);
        }
        tuple = ct_tuple(r[1] & 1 ? IPPROTO_TCP : IPPROTO_UDP, 1,
                         1 + (r[1] >> 1) % 6, 2, 80);
        switch (r[0] % 80) {
        case 0:
            dpu_ct_flush(ct_software, r[1] & 1 ? &zone : NULL);
            break;
        case 1: case 2:
            ct_pass(r[1] % 400000);
            break;
        case 3:
            zone_limit_update(ct_software, CT_ZONE, 1 + r[1] % 12);
            break;
        case 4:
            ct_fake.capacity = r[1] % 20;
            break;
        case 5:
            ct_fake.fail_at = ct_fake.n_creates + 1 + r[1] % 2;
            break;
        case 6:
            dpu_ct_device_close(ct_device, CT_PORT_A, false);
            ct_check();
            dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
            break;
        case 7: {
            struct ct_action mark = {
                .zone = CT_ZONE, .commit = true, .sets_mark = true,
                .mark = { r[2] % 4, UINT32_MAX },
            };

            ct_send_flags(&tuple, r[1] & 2, TCP_ACK, &mark);
            break;
        }
        case 8: case 9: case 10: {
            static const uint16_t flags[] = {
                TCP_SYN, TCP_FIN | TCP_ACK, TCP_RST
            };

            ct_send_flags(&tuple, r[2] & 1, flags[r[0] % 3], &ct_commit);
            break;
        }
        case 11: {
            struct ct_action force = ct_commit;

            force.force = true;
            ct_send_flags(&tuple, r[2] & 1, TCP_ACK, &force);
            break;
        }
        case 12: case 13: case 14: case 15:
            ct_establish(&tuple);
            break;
        case 16: {
            const struct ct_dpif_tuple dpif = tuple_to_dpif(&tuple);

            dpu_ct_flush_tuple(ct_software, &dpif, CT_ZONE);
            assert_false(ct_software_has(&tuple, CT_ZONE));
            break;
        }
        case 17:
            conntrack_set_maxconns(ct_software, 1 + r[1] % 16);
            break;
        case 18:
            atomic_store(&dpu_ct_config.max, r[1] % 10);
            break;
        case 19: case 20:
            change_megaflows(r[1], asked, ARRAY_SIZE(asked));
            break;
        case 21:
            ct_fake.lost = true;
            ct_pass(40000);
            ct_fake.lost = false;
            break;
        case 22: case 23: case 24:
            translate(r[1] % 4);
            break;
        default:
            ct_talk(&tuple, r[2] & 1, r[2] & 2 ? &ct_track : &ct_commit);
            break;
        }
        ct_check();
        check_limit(&max);
    }
    for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
        dpu_ct_class_put(asked[i]);
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    for (unsigned int seed = 1; seed <= 20; seed++) {
        ct_fake.capacity = SIZE_MAX;
        conntrack_set_maxconns(ct_software, 100);
        atomic_store(&dpu_ct_config.max, UINT32_MAX);
        random_run(seed, 500);
        dpu_ct_flush(ct_software, NULL);
        assert_int_equal(ct_fake.n_rules, 0);
    }
    assert_true(ct_counter(DPU_CT_INSERTED) > 100);
}

static int
run(void)
{
    const struct CMUnitTest tests[] = {
        CT_TEST(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

int
main(void)
{
    set_program_name("test-dpu-ct-random");
    return ct_run(run);
}
