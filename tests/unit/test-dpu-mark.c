/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * test-dpu-mark: the marks of megaflows: what packets with one get, and when
 * they are used again, with time that the test makes pass. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dp-packet.h"
#include "flow.h"
#include "id-fpool.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"

static long long int now = 1000;

long long int __wrap_time_msec(void);

long long int
__wrap_time_msec(void)
{
    return now;
}

/* Numbers. */

static void
test_numbers(void **state OVS_UNUSED)
{
    assert_int_equal(dpu_mark_from_flow(0), 0);
    assert_int_equal(dpu_mark_from_flow(1), 0x800001);
    assert_int_equal(dpu_mark_from_flow(0x7fffef), 0xffffef);
    assert_int_equal(dpu_mark_from_flow(0x7ffff0), 0);
    assert_int_equal(dpu_mark_from_flow(UINT32_MAX), 0);
}

/* Packets. */

/* A packet of UDP over IPv4, as a device brings it up. */
static struct dp_packet *
make_packet(void)
{
    struct flow flow = {
        .packet_type = htonl(PT_ETH),
        .dl_type = htons(ETH_TYPE_IP),
        .nw_proto = IPPROTO_UDP,
        .nw_ttl = 64,
        .nw_src = htonl(0x0a000001),
        .nw_dst = htonl(0x0a000002),
        .tp_src = htons(1000),
        .tp_dst = htons(2000),
    };
    struct dp_packet *packet = dp_packet_new(0);

    flow_compose(packet, &flow, NULL, 20);
    pkt_metadata_init(&packet->md, u32_to_odp(1));
    dp_packet_reset_offload(packet);
    return packet;
}

static uint32_t
mark_of(const struct dp_packet *packet)
{
    uint32_t mark = 0;

    return dp_packet_has_flow_mark(packet, &mark) ? mark : 0;
}

/* It goes on as usual, with Open vSwitch's own mark and the hash that it would
 * have if it was looked up. */
static void
test_packet(void **state OVS_UNUSED)
{
    struct dp_packet *packet = make_packet();
    struct flow flow;

    flow_extract(packet, &flow);
    dp_packet_set_flow_mark(packet, dpu_mark_from_flow(7));
    assert_int_equal(dpu_miss_recover(NULL, packet), 0);
    assert_int_equal(mark_of(packet), 7);
    assert_true(dp_packet_rss_valid(packet));
    assert_int_equal(dp_packet_get_rss_hash(packet),
                     flow_hash_5tuple(&flow, 0));

    /* The device's hash is not touched. */
    dp_packet_set_rss_hash(packet, 0x1234);
    dp_packet_set_flow_mark(packet, DPU_MARK_MAX);
    assert_int_equal(dpu_miss_recover(NULL, packet), 0);
    assert_int_equal(mark_of(packet), DPU_MARK_MAX - DPU_MARK_FLOW);
    assert_int_equal(dp_packet_get_rss_hash(packet), 0x1234);
    dp_packet_delete(packet);
}

/* Marks that are free. */

static struct id_fpool *pool;

static uint32_t
new_mark(void)
{
    uint32_t mark;

    assert_true(id_fpool_new_id(pool, 0, &mark));
    return mark;
}

static void
free_mark(uint32_t mark)
{
    dpu_mark_free(pool, 0, mark, id_fpool_free_id);
}

static void
test_freeing(void **state OVS_UNUSED)
{
    uint32_t a, b;

    pool = id_fpool_create(1, 1, 100);

    /* Unless a rule has had it, a mark is free at once. */
    a = new_mark();
    free_mark(a);
    assert_int_equal(new_mark(), a);

    /* Another one is taken as long as packets may have it. */
    dpu_mark_hold(a);
    dpu_mark_hold(a);
    free_mark(a);
    b = new_mark();
    assert_int_not_equal(b, a);
    now += DPU_MARK_LINGER - 1;
    free_mark(b);
    assert_int_equal(new_mark(), b);

    /* From then on it is used as any other. */
    now++;
    free_mark(b);
    assert_int_equal(new_mark(), b);
    assert_int_equal(new_mark(), a);
    free_mark(a);
    assert_int_equal(new_mark(), a);

    id_fpool_destroy(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_packet),
        cmocka_unit_test(test_freeing),
    };

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-mark", tests, NULL, NULL);
}
