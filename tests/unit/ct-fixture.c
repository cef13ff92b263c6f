/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "tests/unit/ct-fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "conntrack-private.h"
#include "flow.h"
#include "openvswitch/list.h"
#include "ovs-rcu.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-packet.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-sweep.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

struct ct_fake ct_fake;
bool ct_bursts;
_Atomic long long int ct_now = 1000000;
struct conntrack *ct_software;
struct dpu_ct_device *ct_device;

static struct dpu_caps caps;
uint8_t ct_variants[2];
static struct ovs_list rules = OVS_LIST_INITIALIZER(&rules);

/* Time. */

long long int __wrap_time_msec(void);

long long int
__wrap_time_msec(void)
{
    return ct_now;
}

/* The fake device. */

/* A rule, as it is read from its spec. */
struct dpu_rule {
    struct ovs_list node;
    uint16_t ethdev;
    struct dpu_ct_tuple match;
    struct dpu_ct_tuple after;
    uint8_t variant;
    uint8_t state;
    uint32_t mark;
    uint32_t class;
    uint32_t meta;
    uint8_t flags, flags_mask;  /* Of TCP. */
    uint64_t packets;
    uint64_t shown;             /* The last count that was told. */
    unsigned int queue;
    bool pending;               /* On its way: no packet sees it. */
    bool failed;                /* It got lost on its way. */
};

static void
read_items(struct dpu_rule *rule, const struct rte_flow_item *item)
{
    for (; item->type != RTE_FLOW_ITEM_TYPE_END; item++) {
        if (item->type == RTE_FLOW_ITEM_TYPE_TAG) {
            const struct rte_flow_item_tag *tag = item->spec;

            assert_int_equal(tag->index, DPU_CT_TAG_STATE);
            rule->match.zone = tag->data >> DPU_CT_ZONE_SHIFT;
            rule->variant = tag->data >> DPU_CT_VARIANT_SHIFT;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_IPV4) {
            const struct rte_flow_item_ipv4 *ip = item->spec;

            rule->match.src.ipv4 = ip->hdr.src_addr;
            rule->match.dst.ipv4 = ip->hdr.dst_addr;
            rule->match.proto = ip->hdr.next_proto_id;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_IPV6) {
            const struct rte_flow_item_ipv6 *ip6 = item->spec;

            memcpy(&rule->match.src.ipv6, ip6->hdr.src_addr, 16);
            memcpy(&rule->match.dst.ipv6, ip6->hdr.dst_addr, 16);
            rule->match.proto = ip6->hdr.proto;
            rule->match.ipv6 = true;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_TCP) {
            const struct rte_flow_item_tcp *tcp = item->spec;
            const struct rte_flow_item_tcp *mask = item->mask;

            rule->match.src_port = tcp->hdr.src_port;
            rule->match.dst_port = tcp->hdr.dst_port;
            rule->flags = tcp->hdr.tcp_flags;
            rule->flags_mask = mask->hdr.tcp_flags;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_UDP) {
            const struct rte_flow_item_udp *udp = item->spec;

            rule->match.src_port = udp->hdr.src_port;
            rule->match.dst_port = udp->hdr.dst_port;
        } else if (item->type == RTE_FLOW_ITEM_TYPE_ICMP) {
            const struct rte_flow_item_icmp *icmp = item->spec;

            rule->match.src_port = icmp->hdr.icmp_ident;
            rule->match.dst_port = htons(icmp->hdr.icmp_type << 8);
        } else if (item->type == RTE_FLOW_ITEM_TYPE_ICMP6) {
            const struct rte_flow_item_icmp6 *icmp6 = item->spec;

            rule->match.dst_port = htons(icmp6->type << 8);
        } else if (item->type == RTE_FLOW_ITEM_TYPE_RAW) {
            const struct rte_flow_item_raw *raw = item->spec;

            assert_int_equal(raw->length, sizeof rule->match.src_port);
            memcpy(&rule->match.src_port, raw->pattern, raw->length);
        }
    }
}

static void
read_actions(struct dpu_rule *rule, const struct rte_flow_action *action)
{
    bool counted = false, jumped = false;

    rule->after = rule->match;
    for (; action->type != RTE_FLOW_ACTION_TYPE_END; action++) {
        const struct rte_flow_action_set_tp *tp = action->conf;
        const struct rte_flow_action_set_tag *tag = action->conf;

        switch ((int) action->type) {
        case RTE_FLOW_ACTION_TYPE_COUNT:
            counted = true;
            break;
        case RTE_FLOW_ACTION_TYPE_SET_IPV4_SRC:
            memcpy(&rule->after.src.ipv4, action->conf, 4);
            break;
        case RTE_FLOW_ACTION_TYPE_SET_IPV4_DST:
            memcpy(&rule->after.dst.ipv4, action->conf, 4);
            break;
        case RTE_FLOW_ACTION_TYPE_SET_IPV6_SRC:
            memcpy(&rule->after.src.ipv6, action->conf, 16);
            break;
        case RTE_FLOW_ACTION_TYPE_SET_IPV6_DST:
            memcpy(&rule->after.dst.ipv6, action->conf, 16);
            break;
        case RTE_FLOW_ACTION_TYPE_SET_TP_SRC:
            rule->after.src_port = tp->port;
            break;
        case RTE_FLOW_ACTION_TYPE_SET_TP_DST:
            rule->after.dst_port = tp->port;
            break;
        case RTE_FLOW_ACTION_TYPE_SET_TAG:
            if (tag->index == DPU_CT_TAG_STATE) {
                rule->state = tag->data;
                assert_int_equal(tag->data >> DPU_CT_ZONE_SHIFT,
                                 rule->match.zone);
            } else if (tag->index == DPU_CT_TAG_MARK) {
                rule->mark = tag->data;
            } else if (tag->index == DPU_CT_TAG_CLASS) {
                rule->class = tag->data;
            }
            break;
        case RTE_FLOW_ACTION_TYPE_SET_META:
            rule->meta = ((const struct rte_flow_action_set_meta *)
                          action->conf)->data;
            break;
        case RTE_FLOW_ACTION_TYPE_JUMP:
            assert_int_equal(((const struct rte_flow_action_jump *)
                              action->conf)->group, CT_NEXT);
            jumped = true;
            break;
        default:
            fail_msg("unexpected action %d", (int) action->type);
        }
    }
    assert_true(counted);
    assert_true(jumped);
}

static struct dpu_rule *
fake_find(const struct dpu_ct_tuple *tuple, uint8_t variant)
{
    struct dpu_rule *rule;

    LIST_FOR_EACH (rule, node, &rules) {
        if (rule->variant == variant && !rule->pending && !rule->failed
            && dpu_ct_tuple_equals(&rule->match, tuple)) {
            return rule;
        }
    }
    return NULL;
}

static int
fake_create(uint16_t ethdev, const struct dpu_spec *spec,
            struct dpu_rule **rulep, struct rte_flow_error *error OVS_UNUSED)
{
    struct dpu_rule *rule;

    if (ct_fake.gone) {
        return ENODEV;
    } else if (++ct_fake.n_creates == ct_fake.fail_at
               || ct_fake.n_rules >= ct_fake.capacity) {
        return ENOSPC;
    }
    assert_int_equal(spec->attr.group, CT_GROUP);
    rule = xzalloc(sizeof *rule);
    rule->ethdev = ethdev;
    read_items(rule, spec->items);
    read_actions(rule, spec->actions);
    assert_null(fake_find(&rule->match, rule->variant));
    ovs_list_push_back(&rules, &rule->node);
    ct_fake.n_rules++;
    *rulep = rule;
    return 0;
}

static int
fake_destroy(uint16_t ethdev, struct dpu_rule *rule,
             struct rte_flow_error *error OVS_UNUSED)
{
    if (ct_fake.gone) {
        return ENODEV;
    }
    assert_int_equal(rule->ethdev, ethdev);
    ovs_list_remove(&rule->node);
    ct_fake.n_rules--;
    free(rule);
    return 0;
}

static int
fake_query(uint16_t ethdev, struct dpu_rule *rule,
           struct dpu_rule_count *count,
           struct rte_flow_error *error OVS_UNUSED)
{
    if (ct_fake.gone) {
        return ENODEV;
    }
    assert_int_equal(rule->ethdev, ethdev);
    if (ct_fake.lost) {
        return ENOENT;
    }
    assert_true(rule->packets >= rule->shown);
    rule->shown = rule->packets;
    count->packets = rule->packets;
    count->bytes = rule->packets * 64;
    return 0;
}

static int
fake_enqueue(uint16_t ethdev, unsigned int queue, struct dpu_spec *spec,
             struct dpu_rule **rule, struct rte_flow_error *error)
{
    int retval = fake_create(ethdev, spec, rule, error);

    if (!retval) {
        (*rule)->queue = queue;
        (*rule)->pending = true;
    }
    return retval;
}

static int
fake_enqueue_destroy(uint16_t ethdev, struct dpu_rule *rule,
                     struct rte_flow_error *error)
{
    assert_true(ct_fake.gone || !rule->pending);
    return fake_destroy(ethdev, rule, error);
}

static void
fake_finish(uint16_t ethdev, unsigned int queue)
{
    struct dpu_rule *rule;

    LIST_FOR_EACH (rule, node, &rules) {
        if (rule->ethdev == ethdev && rule->queue == queue && rule->pending) {
            rule->pending = false;
            rule->failed = ++ct_fake.n_results == ct_fake.fail_result;
        }
    }
}

static int
fake_result(uint16_t ethdev, const struct dpu_rule *rule)
{
    assert_int_equal(rule->ethdev, ethdev);
    assert_false(rule->pending);
    return rule->failed ? EEXIST : 0;
}

static const struct dpu_rule_ops fake_ops = {
    .create = fake_create,
    .destroy = fake_destroy,
    .query = fake_query,
};

static const struct dpu_rule_ops fake_burst_ops = {
    .query = fake_query,
    .enqueue = fake_enqueue,
    .enqueue_destroy = fake_enqueue_destroy,
    .finish = fake_finish,
    .result = fake_result,
};

/* Set-up. */

static bool
resolve(odp_port_t port, struct dpu_ct_device **device, uint16_t *ethdev)
{
    *device = ct_device;
    *ethdev = odp_to_u32(port);
    return ct_device && (port == CT_PORT_A || port == CT_PORT_B);
}

/* The first packet of an established connection that enters at a port teaches
 * that there is such a port, no more. */
static void
meet_ports(void)
{
    static const struct ct_action commit = { .commit = true };
    struct dpu_ct_tuple tuple = ct_tuple(IPPROTO_UDP, 1, 1, 2, 2);
    struct ct_probe probe = { .port = CT_PORT_A };

    for (int i = 0; i < 3; i++) {
        probe.port = i % 2 ? CT_PORT_B : CT_PORT_A;
        probe.tuple = tuple;
        if (i % 2) {
            dpu_ct_tuple_reverse(&tuple, &probe.tuple);
        }
        ct_send_only(&probe, &commit);
    }
    dpu_ct_flush(ct_software, NULL);
    dpu_ct_run(ct_now);
    assert_int_equal(ct_fake.n_creates, 0);
}

static uint8_t
get_variant(bool nat)
{
    struct dpu_ct_variant variant;

    dpu_ct_variant_init(&variant, false, nat, NULL, NULL);
    return dpu_ct_variant_get(&variant);
}

void
ct_setup(void)
{
    static const struct dpu_ct_software real = {
        .execute = conntrack_execute,
        .flush = conntrack_flush,
        .flush_tuple = conntrack_flush_tuple,
        .destroy = conntrack_destroy,
    };
    static bool inited;
    struct smap no_keys = SMAP_INITIALIZER(&no_keys);

    if (!inited) {
        inited = true;
        dpu_ct_init(&real, resolve);
    }
    dpu_ct_configure(&no_keys);
    atomic_store(&dpu_ct_config.threads, 0);
    dpu_caps_all(&caps);
    memset(&ct_fake, 0, sizeof ct_fake);
    ct_fake.capacity = SIZE_MAX;
    ct_software = conntrack_init();
    ct_device = dpu_ct_device_create(ct_bursts ? &fake_burst_ops : &fake_ops,
                                     &caps, CT_GROUP, CT_NEXT);
    dpu_ct_device_open(ct_device, CT_PORT_A, CT_PORT_A);
    dpu_ct_device_open(ct_device, CT_PORT_B, CT_PORT_B);
    ct_variants[0] = get_variant(false);
    ct_variants[1] = get_variant(true);
    meet_ports();
}

void
ct_teardown(void)
{
    struct dpu_ct_counts counts;

    dpu_ct_destroy(ct_software);
    if (ct_device) {
        dpu_ct_device_destroy(ct_device);
        ct_device = NULL;
    }
    dpu_ct_variant_put(ct_variants[0]);
    dpu_ct_variant_put(ct_variants[1]);

    /* Nothing has leaked. */
    if (!ct_fake.gone) {
        assert_int_equal(ct_fake.n_rules, 0);
        assert_true(ovs_list_is_empty(&rules));
    }
    assert_int_equal(dpu_ct_variant_count(), 0);
    assert_int_equal(dpu_ct_class_count(), 0);
    ct_now += DPU_CT_LINGER;
    dpu_ct_conn_reap(ct_now);
    dpu_ct_conn_count(&counts);
    assert_int_equal(counts.n_conns, 0);
    assert_int_equal(counts.n_lingering, 0);
    ovsrcu_quiesce();
    while (!ovs_list_is_empty(&rules)) {
        free(CONTAINER_OF(ovs_list_pop_front(&rules), struct dpu_rule, node));
    }
}

/* Packets. */

struct dpu_ct_tuple
ct_tuple(uint8_t proto, uint8_t src, uint16_t src_port, uint8_t dst,
         uint16_t dst_port)
{
    struct dpu_ct_tuple tuple;

    memset(&tuple, 0, sizeof tuple);
    tuple.src.ipv4 = htonl(0x0a000000 | src);
    tuple.dst.ipv4 = htonl(0x0a000000 | dst);
    tuple.src_port = htons(src_port);
    tuple.dst_port = htons(dst_port);
    tuple.proto = proto;
    return tuple;
}

static void
compose(struct dp_packet *packet, const struct ct_probe *probe)
{
    const struct dpu_ct_tuple *tuple = &probe->tuple;
    struct flow flow;

    memset(&flow, 0, sizeof flow);
    flow.dl_type = htons(tuple->ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP);
    flow.nw_ttl = 64;
    flow.nw_proto = tuple->proto;
    if (tuple->ipv6) {
        flow.ipv6_src = tuple->src.ipv6;
        flow.ipv6_dst = tuple->dst.ipv6;
    } else {
        flow.nw_src = tuple->src.ipv4;
        flow.nw_dst = tuple->dst.ipv4;
    }
    if (dpu_ct_tuple_is_icmp(tuple)) {
        flow.tp_src = htons(dpu_ct_tuple_icmp_type(tuple));
    } else {
        flow.tp_src = tuple->src_port;
        flow.tp_dst = tuple->dst_port;
        flow.tcp_flags = htons(probe->tcp_flags);
    }
    dp_packet_init(packet, 0);
    flow_compose(packet, &flow, NULL, 0);
    if (dpu_ct_tuple_is_icmp(tuple)) {
        struct icmp_header *icmp = dp_packet_l4(packet);

        icmp->icmp_fields.echo.id = tuple->src_port;
        *dp_packet_ol_flags_ptr(packet) |= DP_PACKET_OL_RX_L4_CKSUM_GOOD;
    }
    pkt_metadata_init(&packet->md, probe->port);
}

/* Stores the tuple that 'packet' has in '*tuple'. */
static void
decompose(struct dp_packet *packet, const struct dpu_ct_tuple *before,
          struct dpu_ct_tuple *tuple)
{
    struct flow flow;

    flow_extract(packet, &flow);
    *tuple = *before;
    if (before->ipv6) {
        tuple->src.ipv6 = flow.ipv6_src;
        tuple->dst.ipv6 = flow.ipv6_dst;
    } else {
        tuple->src.ipv4 = flow.nw_src;
        tuple->dst.ipv4 = flow.nw_dst;
    }
    if (dpu_ct_tuple_has_ports(before)) {
        tuple->src_port = flow.tp_src;
        tuple->dst_port = flow.tp_dst;
    }
}

/* What hardware does with 'probe'.  Returns false if it misses. */
static bool
send_hardware(struct ct_probe *probe, const struct ct_action *action)
{
    struct dpu_ct_tuple tuple = probe->tuple;
    struct dpu_ct_variant variant;
    struct dpu_rule *rule;
    uint8_t id;

    if (probe->port == CT_PORT_OTHER || ct_fake.gone || ct_fake.lost) {
        return false;
    }
    dpu_ct_variant_init(&variant, action->force, action->nat,
                        action->sets_mark ? action->mark : NULL, NULL);
    id = dpu_ct_variant_find(&variant);
    tuple.zone = action->zone;
    rule = id ? fake_find(&tuple, id) : NULL;
    if (!rule || (probe->tcp_flags & rule->flags_mask) != rule->flags) {
        return false;
    }
    rule->packets++;
    probe->hardware = true;
    probe->state = rule->state;
    probe->mark = rule->mark;
    probe->class = rule->class;
    probe->meta = rule->meta;
    probe->after = rule->after;
    probe->after.zone = probe->tuple.zone;
    return true;
}

static void
send_software(struct ct_probe *probe, const struct ct_action *action)
{
    struct dp_packet_batch batch;
    struct dp_packet packet;

    compose(&packet, probe);
    dp_packet_batch_init_packet(&batch, &packet);
    dpu_ct_execute(ct_software, &batch,
                   htons(probe->tuple.ipv6 ? ETH_TYPE_IPV6 : ETH_TYPE_IP),
                   action->force, action->commit, action->zone,
                   action->sets_mark ? action->mark : NULL, NULL,
                   0, 0, NULL, action->nat ? &action->nat_info : NULL,
                   ct_now, 0);
    probe->hardware = false;
    probe->meta = 0;
    probe->state = packet.md.ct_state;
    probe->mark = packet.md.ct_mark;
    decompose(&packet, &probe->tuple, &probe->after);
    dp_packet_uninit(&packet);
}

void
ct_send_only(struct ct_probe *probe, const struct ct_action *action)
{
    if (!send_hardware(probe, action)) {
        send_software(probe, action);
    }
}

void
ct_send(struct ct_probe *probe, const struct ct_action *action)
{
    /* What is told twice within a moment is told once. */
    ct_now += 25;
    dpu_ct_run(ct_now);
    ct_send_only(probe, action);
    dpu_ct_run(ct_now);
}

void
ct_pass(long long int msec)
{
    long long int end = ct_now + msec;

    while (ct_now < end) {
        ct_now = MIN(ct_now + DPU_CT_TICK, end);
        dpu_ct_run(ct_now);
        dpu_ct_sweep_run(ct_now);
        ovsrcu_quiesce();
    }
}

/* Looking. */

bool
ct_software_has(const struct dpu_ct_tuple *tuple_, uint16_t zone)
{
    struct dpu_ct_tuple tuple = *tuple_;

    tuple.zone = zone;
    return dpu_ct_packet_look(ct_software, &tuple, ct_now) != NULL;
}

uint32_t
ct_software_count(void)
{
    uint32_t n;

    conntrack_get_nconns(ct_software, &n);
    return n;
}

void
ct_check(void)
{
    struct dpu_rule *rule;
    size_t n[2] = { 0, 0 };

    if (ct_fake.gone) {
        return;
    }
    LIST_FOR_EACH (rule, node, &rules) {
        bool reply = dpu_ct_meta_is_reply(rule->meta);
        struct conn *conn = dpu_ct_packet_look(ct_software, &rule->match,
                                               ct_now);
        struct dpu_ct_tuple tuple;
        struct pkt_metadata md;

        assert_non_null(conn);
        dpu_ct_tuple_from_key(&tuple, reply ? &conn->rev_key : &conn->key);
        assert_true(dpu_ct_tuple_equals(&tuple, &rule->match));
        assert_int_equal(conn->mark, rule->mark);
        assert_int_equal(!!(rule->state & CS_REPLY_DIR), reply);
        assert_true(rule->state & CS_ESTABLISHED);
        assert_true(dpu_ct_restore(rule->meta, &md));
        assert_int_equal(md.ct_state, rule->state);
        assert_int_equal(md.ct_zone, rule->match.zone);
        n[reply]++;
    }
    /* With one kind of ct() for each connection, as many of each. */
    assert_int_equal(n[0], n[1]);
}
