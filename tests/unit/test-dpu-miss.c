/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Miss contexts, and what becomes of packets that come up with one, with a
 * datapath that is the test's own and with time that it makes pass. */

#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_flow.h>

#include "dp-packet.h"
#include "dpif.h"
#include "flow.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"

#define LINGER 10001                /* Longer than a context stays, msec. */

static long long int now = 1000;

long long int __wrap_time_msec(void);

long long int
__wrap_time_msec(void)
{
    return now;
}

/* The datapath. */

static struct {
    unsigned int n;                 /* Packets executed. */
    int error;                      /* What becomes of them. */
    struct dpif *dpif;
    uint32_t recirc_id;             /* The action of the last one. */
    odp_port_t in_port;
    ovs_be32 tun_dst;
    bool marked;
    uint32_t size;
    uint16_t dl_type;
    uint16_t l3_ofs, l4_ofs;
    odp_port_t orig_in_port;
    uint8_t ct_state;
    uint16_t ct_zone;
} executed;

int __wrap_dpif_execute(struct dpif *, struct dpif_execute *);

int
__wrap_dpif_execute(struct dpif *dpif, struct dpif_execute *execute)
{
    uint32_t mark;

    executed.n++;
    executed.dpif = dpif;
    assert_int_equal(nl_attr_type(execute->actions), OVS_ACTION_ATTR_RECIRC);
    assert_int_equal(execute->actions_len, execute->actions->nla_len);
    executed.recirc_id = nl_attr_get_u32(execute->actions);
    executed.in_port = execute->packet->md.in_port.odp_port;
    assert_int_equal(execute->flow->in_port.odp_port, executed.in_port);
    executed.tun_dst = execute->packet->md.tunnel.ip_dst;
    executed.marked = dp_packet_has_flow_mark(execute->packet, &mark);
    executed.orig_in_port = execute->packet->md.orig_in_port;
    executed.ct_state = execute->packet->md.ct_state;
    executed.ct_zone = execute->packet->md.ct_zone;
    assert_int_equal(execute->flow->ct_state, executed.ct_state);
    executed.size = dp_packet_size(execute->packet);
    executed.dl_type = ntohs(execute->flow->dl_type);
    executed.l3_ofs = execute->packet->l3_ofs;
    executed.l4_ofs = execute->packet->l4_ofs;
    return executed.error;
}

static struct dpif *const a_dpif = (struct dpif *) 0x10;

/* A tunnel, whose headers are ten bytes long and do not begin with 0xff.  It
 * ends at port 40; port 41 has none. */

static const struct netdev_class tunnel_class = { .type = "vxlan" };
static struct netdev tunnel_netdev = { .netdev_class = &tunnel_class };
static struct netdev other_netdev = { .netdev_class = &tunnel_class };
static int n_held;                  /* References to either. */

struct netdev *__wrap_netdev_ports_get(odp_port_t, const char *);
bool __wrap_netdev_has_tunnel_push_pop(const struct netdev *);
void __wrap_netdev_pop_header(struct netdev *, struct dp_packet_batch *);
void __wrap_netdev_close(struct netdev *);

struct netdev *
__wrap_netdev_ports_get(odp_port_t port, const char *type)
{
    uint32_t n = odp_to_u32(port);

    assert_string_equal(type, "netdev");
    if (n != 40 && n != 41) {
        return NULL;
    }
    n_held++;
    return n == 40 ? &tunnel_netdev : &other_netdev;
}

bool
__wrap_netdev_has_tunnel_push_pop(const struct netdev *netdev)
{
    return netdev == &tunnel_netdev;
}

void
__wrap_netdev_pop_header(struct netdev *netdev, struct dp_packet_batch *batch)
{
    struct dp_packet *p = batch->packets[0];

    assert_ptr_equal(netdev, &tunnel_netdev);
    assert_int_equal(dp_packet_batch_size(batch), 1);
    assert_int_not_equal(p->l3_ofs, UINT16_MAX);    /* It was parsed. */
    if (*(uint8_t *) dp_packet_data(p) == 0xff) {
        dp_packet_delete(p);
        dp_packet_batch_init(batch);
        return;
    }
    dp_packet_reset_packet(p, 10);
    p->md.tunnel.ip_dst = htonl(9);
}

void
__wrap_netdev_close(struct netdev *netdev)
{
    n_held -= netdev != NULL;
}

/* Contexts. */

static uint32_t
get_whole(uint32_t recirc_id, uint32_t in_port, bool outer,
          const struct flow_tnl *tunnel)
{
    struct ofpbuf actions;
    struct dpu_miss miss;
    uint32_t id;

    ofpbuf_init(&actions, 0);
    nl_msg_put_u32(&actions, OVS_ACTION_ATTR_RECIRC, recirc_id);
    miss = (struct dpu_miss) {
        .in_port = u32_to_odp(in_port),
        .outer = outer,
        .tunnel = tunnel,
        .actions = actions.data,
        .actions_len = actions.size,
    };
    id = dpu_miss_get(&miss);
    ofpbuf_uninit(&actions);        /* It was copied. */
    return id;
}

static uint32_t
get_tunnel(uint32_t recirc_id, uint32_t in_port, const struct flow_tnl *tunnel)
{
    return get_whole(recirc_id, in_port, false, tunnel);
}

static uint32_t
get(uint32_t recirc_id, uint32_t in_port)
{
    return get_tunnel(recirc_id, in_port, NULL);
}

static void
check_contexts(size_t n, size_t n_lingering)
{
    struct dpu_miss_stats stats;

    dpu_miss_get_stats(&stats);
    assert_int_equal(stats.n_contexts, n);
    assert_int_equal(stats.n_lingering, n_lingering);
}

/* Connections. */

static bool
restore(uint32_t meta, struct pkt_metadata *md)
{
    if (dpu_ct_meta_id(meta) != 7) {
        return false;
    }
    md->ct_state = CS_TRACKED | CS_ESTABLISHED
                   | (dpu_ct_meta_is_reply(meta) ? CS_REPLY_DIR : 0);
    md->ct_zone = 12;
    return true;
}

/* Packets. */

static struct dp_packet *
packet(uint32_t mark)
{
    static const uint8_t frame[64] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x12, 0x34
    };
    struct dp_packet *p = dp_packet_clone_data(frame, sizeof frame);

    pkt_metadata_init(&p->md, u32_to_odp(99));
    if (mark) {
        dp_packet_set_flow_mark(p, mark);
    }
    return p;
}

/* The same, tracked on its way. */
static struct dp_packet *
tracked_packet(uint32_t mark, uint32_t meta)
{
    struct dp_packet *p = packet(mark);

    p->mbuf.ol_flags |= RTE_MBUF_DYNFLAG_RX_METADATA;
    *RTE_FLOW_DYNF_METADATA(&p->mbuf) = meta;
    return p;
}

static int
setup(void **state OVS_UNUSED)
{
    memset(&executed, 0, sizeof executed);
    dpu_miss_set_dpif(a_dpif);
    return 0;
}

/* Leaves no context behind. */
static int
teardown(void **state OVS_UNUSED)
{
    now += LINGER;
    check_contexts(0, 0);
    dpu_miss_set_dpif(NULL);
    return 0;
}

static void
test_interning(void **state OVS_UNUSED)
{
    struct flow_tnl tunnel = { .ip_dst = htonl(1) };
    uint32_t a = get(5, 1);
    uint32_t b = get(6, 1);
    uint32_t c = get(5, 2);
    uint32_t d = get_tunnel(5, 1, &tunnel);
    uint32_t e;

    tunnel.ip_dst = htonl(2);
    e = get_tunnel(5, 1, &tunnel);
    assert_true(a && b && c && d && e);
    assert_true(a != b && a != c && a != d && a != e && b != c && b != d
                && b != e && c != d && c != e && d != e);
    assert_int_equal(get(5, 1), a);
    assert_int_equal(get_tunnel(5, 1, &tunnel), e);
    check_contexts(5, 0);

    dpu_miss_put(a);
    dpu_miss_put(e);
    check_contexts(5, 0);
    dpu_miss_put(a);
    dpu_miss_put(b);
    dpu_miss_put(c);
    dpu_miss_put(d);
    check_contexts(1, 4);
    dpu_miss_put(e);
    dpu_miss_put(0);
    check_contexts(0, 5);
}

/* Packets on their way find an unused context, and who needs it again gets
 * it. */
static void
test_linger(void **state OVS_UNUSED)
{
    uint32_t id = get(5, 1);

    dpu_miss_put(id);
    now += LINGER / 2;
    check_contexts(0, 1);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), EALREADY);
    assert_int_equal(executed.n, 1);

    assert_int_equal(get(5, 1), id);
    now += LINGER;
    check_contexts(1, 0);
    dpu_miss_put(id);

    /* The time counts from the last use. */
    now += LINGER / 2;
    check_contexts(0, 1);
    now += LINGER;
    check_contexts(0, 0);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), ENOENT);
    assert_int_equal(executed.n, 1);
}

/* A number that became free is not the next to be given. */
static void
test_reuse(void **state OVS_UNUSED)
{
    uint32_t last = get(5, 1);

    dpu_miss_put(last);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t id;

        now += LINGER;
        id = get(100 + i, 1);
        assert_int_equal(id, last + 1);
        check_contexts(1, 0);
        dpu_miss_put(id);
        last = id;
    }
}

static void
test_recover(void **state OVS_UNUSED)
{
    struct flow_tnl tunnel = { .ip_dst = htonl(7) };
    uint32_t a = get(5, 1);
    uint32_t b = get_tunnel(6, 2, &tunnel);
    struct dpu_miss_stats before, after;

    dpu_miss_get_stats(&before);
    assert_int_equal(dpu_miss_recover(NULL, packet(a)), EALREADY);
    assert_int_equal(executed.n, 1);
    assert_ptr_equal(executed.dpif, a_dpif);
    assert_int_equal(executed.recirc_id, 5);
    assert_int_equal(odp_to_u32(executed.in_port), 1);
    assert_int_equal(executed.tun_dst, 0);
    assert_int_equal(executed.size, 64);
    assert_int_equal(executed.dl_type, 0x1234);
    assert_false(executed.marked);  /* Or Open vSwitch would look it up. */

    assert_int_equal(dpu_miss_recover(NULL, packet(b)), EALREADY);
    assert_int_equal(executed.n, 2);
    assert_int_equal(executed.recirc_id, 6);
    assert_int_equal(odp_to_u32(executed.in_port), 2);
    assert_int_equal(executed.tun_dst, htonl(7));

    dpu_miss_get_stats(&after);
    assert_int_equal(after.resumed, before.resumed + 2);
    assert_int_equal(after.stale, before.stale);
    assert_int_equal(after.failed, before.failed);
    dpu_miss_put(a);
    dpu_miss_put(b);
}

/* Packets that come up with a tunnel's headers on. */
static void
test_recover_outer(void **state OVS_UNUSED)
{
    uint32_t inner = get(5, 40);
    uint32_t outer = get_whole(5, 40, true, NULL);
    uint32_t gone = get_whole(5, 39, true, NULL);
    uint32_t another = get_whole(5, 41, true, NULL);
    struct dpu_miss_stats before, after;
    struct dp_packet *p;

    assert_int_not_equal(inner, outer);
    dpu_miss_get_stats(&before);
    assert_int_equal(dpu_miss_recover(NULL, packet(outer)), EALREADY);
    assert_int_equal(executed.n, 1);
    assert_int_equal(odp_to_u32(executed.in_port), 40);
    assert_int_equal(executed.tun_dst, htonl(9));
    assert_int_equal(executed.size, 54);
    assert_int_equal(dpu_miss_recover(NULL, packet(inner)), EALREADY);
    assert_int_equal(executed.tun_dst, 0);
    assert_int_equal(executed.size, 64);

    /* Not the tunnel's headers; no port; a port that is no tunnel's end. */
    p = packet(outer);
    memset(dp_packet_data(p), 0xff, 1);
    assert_int_equal(dpu_miss_recover(NULL, p), EALREADY);
    assert_int_equal(dpu_miss_recover(NULL, packet(gone)), EALREADY);
    assert_int_equal(dpu_miss_recover(NULL, packet(another)), EALREADY);
    assert_int_equal(executed.n, 2);
    dpu_miss_get_stats(&after);
    assert_int_equal(after.resumed, before.resumed + 2);
    assert_int_equal(after.failed, before.failed + 3);
    assert_int_equal(n_held, 0);
    dpu_miss_put(inner);
    dpu_miss_put(outer);
    dpu_miss_put(gone);
    dpu_miss_put(another);
}

/* A packet has the ct fields of its connection, and only then any. */
static void
test_recover_tracked(void **state OVS_UNUSED)
{
    struct dpu_miss_stats before, after;
    uint32_t id = get(5, 1);

    rte_flow_dynf_metadata_offs = offsetof(struct rte_mbuf, dynfield1);
    rte_flow_dynf_metadata_mask = UINT64_C(1) << 23;
    dpu_miss_get_stats(&before);

    assert_int_equal(dpu_miss_recover(NULL, tracked_packet(id, 7 << 1)),
                     ENOENT);           /* Nobody restores it. */
    dpu_miss_set_restore(restore);
    assert_int_equal(dpu_miss_recover(NULL, tracked_packet(id, 7 << 1)),
                     EALREADY);
    assert_int_equal(executed.ct_state, CS_TRACKED | CS_ESTABLISHED);
    assert_int_equal(executed.ct_zone, 12);
    assert_int_equal(odp_to_u32(executed.in_port), 1);
    assert_int_equal(odp_to_u32(executed.orig_in_port), 99);
    assert_int_equal(dpu_miss_recover(NULL, tracked_packet(id, 7 << 1 | 1)),
                     EALREADY);
    assert_int_equal(executed.ct_state,
                     CS_TRACKED | CS_ESTABLISHED | CS_REPLY_DIR);
    assert_int_equal(dpu_miss_recover(NULL, tracked_packet(id, 0)), EALREADY);
    assert_int_equal(executed.ct_state, 0);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), EALREADY);
    assert_int_equal(executed.ct_state, 0);
    assert_int_equal(dpu_miss_recover(NULL, tracked_packet(id, 8 << 1)),
                     ENOENT);           /* Not known any more. */

    dpu_miss_get_stats(&after);
    assert_int_equal(after.resumed, before.resumed + 4);
    assert_int_equal(after.stale, before.stale + 2);
    dpu_miss_set_restore(NULL);
    dpu_miss_put(id);
}

/* It is the caller's. */
static void
test_recover_unmarked(void **state OVS_UNUSED)
{
    struct dpu_miss_stats before, after;
    struct dp_packet *p = packet(0);

    dpu_miss_get_stats(&before);
    assert_int_equal(dpu_miss_recover(NULL, p), 0);
    assert_int_equal(odp_to_u32(p->md.in_port.odp_port), 99);
    assert_int_equal(executed.n, 0);
    dpu_miss_get_stats(&after);
    assert_memory_equal(&before, &after, sizeof before);
    dp_packet_delete(p);
}

static void
test_recover_unknown(void **state OVS_UNUSED)
{
    uint32_t id = get(5, 1);
    struct dpu_miss_stats before, after;

    dpu_miss_get_stats(&before);
    assert_int_equal(dpu_miss_recover(NULL, packet(id + 1)), ENOENT);
    assert_int_equal(executed.n, 0);
    dpu_miss_get_stats(&after);
    assert_int_equal(after.stale, before.stale + 1);
    assert_int_equal(after.resumed, before.resumed);
    dpu_miss_put(id);
}

static void
test_recover_failed(void **state OVS_UNUSED)
{
    uint32_t id = get(5, 1);
    struct dpu_miss_stats before, after;

    executed.error = EINVAL;
    dpu_miss_get_stats(&before);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), EALREADY);
    dpu_miss_get_stats(&after);
    assert_int_equal(after.failed, before.failed + 1);
    assert_int_equal(after.resumed, before.resumed);
    dpu_miss_put(id);
}

/* The last bridge goes, and another one comes. */
static void
test_no_dpif(void **state OVS_UNUSED)
{
    struct dpif *another = (struct dpif *) 0x20;
    uint32_t id = get(5, 1);

    dpu_miss_set_dpif(NULL);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), ENOENT);
    assert_int_equal(executed.n, 0);
    dpu_miss_set_dpif(another);
    assert_int_equal(dpu_miss_recover(NULL, packet(id)), EALREADY);
    assert_ptr_equal(executed.dpif, another);
    dpu_miss_put(id);
}

/* Of a packet with more VLAN headers than Open vSwitch looks at, because
 * hardware has put one on, what ct() needs is found nevertheless. */
static void
test_recover_vlans(void **state OVS_UNUSED)
{
    static const uint8_t frame[] = {
        2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xa8, 0, 10, 0x81, 0, 0, 11,
        0x08, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0x66, 0xcf, 10, 0, 0, 1,
        10, 0, 0, 2, 0, 53, 0, 53, 0, 8, 0, 0
    };
    uint32_t id = get(5, 1);

    for (int limit = 1; limit <= 2; limit++) {
        struct dp_packet *p = dp_packet_clone_data(frame, sizeof frame);

        flow_limit_vlans(limit);
        pkt_metadata_init(&p->md, u32_to_odp(99));
        dp_packet_set_flow_mark(p, id);
        assert_int_equal(dpu_miss_recover(NULL, p), EALREADY);
        assert_int_equal(executed.size, sizeof frame);
        assert_int_equal(executed.dl_type, ETH_TYPE_IP);
        assert_int_equal(executed.l3_ofs, 22);
        assert_int_equal(executed.l4_ofs, 42);
    }
    flow_limit_vlans(FLOW_MAX_VLAN_HEADERS);
    dpu_miss_put(id);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interning, setup, teardown),
        cmocka_unit_test_setup_teardown(test_linger, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reuse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover_outer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover_tracked, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover_unmarked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_recover_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_recover_vlans, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_dpif, setup, teardown),
    };

    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return cmocka_run_group_tests_name("dpu-miss", tests, NULL, NULL);
}
