/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-learn.h"

#include <string.h>

#include "conntrack.h"
#include "dp-packet.h"
#include "ovs-atomic.h"
#include "packets.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-queue.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-sweep.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-thread.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"

/* Ports. */

/* What is known of a datapath port, in 64 bits: the generation of the
 * knowledge, the ethdev, the device, and one of these. */
enum port_kind {
    PORT_UNKNOWN,
    PORT_OTHER,                 /* Not a device's. */
    PORT_DEVICE
};

#define MAX_PORTS 65536

static atomic_uint64_t ports[MAX_PORTS];
static atomic_uint32_t ports_generation;
static dpu_ct_resolve_func *resolve;

/* Ports that PMD threads met.  Who finds out about them takes locks of Open
 * vSwitch's, so that PMD threads leave it to another one. */
static atomic_uint64_t met[MAX_PORTS / 64];
static atomic_bool any_unknown; /* There are new ones among them. */

static uint64_t
port_pack(uint32_t generation, uint16_t ethdev, uint8_t device,
          enum port_kind kind)
{
    return ((uint64_t) generation << 32 | (uint32_t) ethdev << 16
            | device << 8 | kind);
}

void
dpu_ct_ports_changed(void)
{
    uint32_t orig;

    atomic_add(&ports_generation, 1, &orig);
    atomic_store(&any_unknown, true);
    dpu_ct_thread_wake(0);
}

static void
port_learn(uint32_t port)
{
    struct dpu_ct_device *device;
    uint32_t generation;
    uint16_t ethdev;
    uint64_t known;

    atomic_read_relaxed(&ports[port], &known);
    /* First: if ports change meanwhile, what is found out is out of date. */
    atomic_read(&ports_generation, &generation);
    if (known >> 32 == generation && (known & 0xff) != PORT_UNKNOWN) {
        return;
    }
    known = (resolve && resolve(u32_to_odp(port), &device, &ethdev)
             ? port_pack(generation, ethdev, device->index, PORT_DEVICE)
             : port_pack(generation, 0, 0, PORT_OTHER));
    atomic_store_relaxed(&ports[port], known);
}

void
dpu_ct_learn_run(void)
{
    bool any;

    atomic_read(&any_unknown, &any);
    if (!any) {
        return;
    }
    atomic_store(&any_unknown, false);
    for (size_t i = 0; i < ARRAY_SIZE(met); i++) {
        uint64_t bits;

        atomic_read(&met[i], &bits);
        for (; bits; bits = zero_rightmost_1bit(bits)) {
            port_learn(i * 64 + raw_ctz(bits));
        }
    }
}

/* Has 'port' found out about. */
static void
port_want(uint32_t port)
{
    uint64_t bit = UINT64_C(1) << port % 64;
    uint64_t bits;

    atomic_read_relaxed(&met[port / 64], &bits);
    if (!(bits & bit)) {
        atomic_or(&met[port / 64], bit, &bits);
        atomic_store(&any_unknown, true);
        dpu_ct_thread_wake(0);
    }
}

/* Where packets of 'port' enter.  Returns false if that is not a device, or
 * not known yet: the next packet may be luckier. */
static bool
port_find(odp_port_t odp_port, uint8_t *device, uint16_t *ethdev)
{
    uint32_t port = odp_to_u32(odp_port);
    uint32_t generation;
    uint64_t known;

    if (port >= MAX_PORTS) {
        return false;
    }
    atomic_read_relaxed(&ports_generation, &generation);
    atomic_read_relaxed(&ports[port], &known);
    if (known >> 32 != generation || (known & 0xff) == PORT_UNKNOWN) {
        port_want(port);
        return false;
    }
    *ethdev = known >> 16;
    *device = known >> 8;
    return (known & 0xff) == PORT_DEVICE;
}

/* What was told a moment ago is not told again: by a hash of it, when. */

#define TOLD_TIME 20            /* In msec. */
#define TOLD_SIZE 1024          /* A power of 2. */

struct told {
    uint32_t hash;
    uint32_t when;              /* Modulo 2**32. */
};

static bool
told_lately(uint32_t hash, long long int now)
{
    static __thread struct told told[TOLD_SIZE];
    struct told *t = &told[hash & (TOLD_SIZE - 1)];

    if (t->hash == hash && (uint32_t) now - t->when < TOLD_TIME) {
        return true;
    }
    t->hash = hash;
    t->when = now;
    return false;
}

/* Packets. */

/* One call of dpu_ct_execute(). */
struct call {
    struct conntrack *ct;
    struct dpu_ct_variant variant;
    uint8_t variant_id;         /* 0: nothing is to be learned. */
    bool changes;               /* It sets mark or label. */
    long long int now;          /* As time_msec(). */
};

static void
tell_seen(const struct call *call, const struct dp_packet *packet,
          const struct dpu_ct_tuple *tuple, uint32_t hash, uint8_t device,
          uint16_t ethdev)
{
    struct dpu_ct_shard *shard = &dpu_ct_shards[dpu_ct_shard_of(hash)];
    const struct dpu_ct_event event = {
        .ct = call->ct,
        .tuple = *tuple,
        .hash = hash,
        .variant = call->variant,
        .variant_id = call->variant_id,
        .when = call->now,
        .ethdev = ethdev,
        .device = device,
        .ct_state = packet->md.ct_state,
        .type = DPU_CT_EVENT_SEEN,
    };

    if (told_lately(hash ^ (uint32_t) call->variant_id << 8
                    ^ (packet->md.ct_state & CS_REPLY_DIR), call->now)) {
        return;
    }
    if (!dpu_ct_queue_put(&shard->seen, &event)) {
        dpu_ct_counter_inc(DPU_CT_QUEUE_FULL);
        return;
    }
    dpu_ct_thread_wake(dpu_ct_shard_of(hash));
}

/* 'conn' is to be taken off at once, because of 'type'. */
static void
tell_leaving(struct dpu_ct_conn *conn, enum dpu_ct_event_type type)
{
    struct dpu_ct_shard *shard = &dpu_ct_shards[conn->shard];
    const struct dpu_ct_event event = {
        .ct = conn->ct,
        .tuple = conn->tuples[0],
        .hash = conn->hash,
        .type = type,
    };
    bool leaving;

    atomic_read_relaxed(&conn->leaving, &leaving);
    if (leaving) {
        return;
    }
    atomic_store_relaxed(&conn->leaving, true);
    if (!dpu_ct_queue_put(&shard->leaving, &event)) {
        atomic_store_relaxed(&shard->lost, true);
    }
    dpu_ct_thread_wake(conn->shard);
}

void
dpu_ct_learn_missed(struct dpu_ct_conn *conn)
{
    if (dpu_ct_conn_lacks(conn)) {
        tell_leaving(conn, DPU_CT_EVENT_RENEW);
    }
}

/* Whether 'packet' of 'conn' tells of something that is to be learned. */
static bool
is_news(struct dpu_ct_conn *conn, const struct call *call,
        const struct dp_packet *packet)
{
    bool reply = packet->md.ct_state & CS_REPLY_DIR;
    struct dpu_ct_pass *pass;
    long long int again;
    uint8_t phase, state;
    uint32_t orig;

    atomic_read_relaxed(&conn->phase, &phase);
    if (phase == DPU_CT_REFUSED) {
        return false;
    }
    if (phase == DPU_CT_LEARNING) {
        atomic_add_relaxed(&conn->n_seen, 1, &orig);
    }
    pass = dpu_ct_conn_pass(conn, call->variant_id);
    if (pass) {
        atomic_read_relaxed(&pass->states[reply], &state);
        if (state) {
            /* Not of itself; but it may have waited for something. */
            atomic_read_relaxed(&conn->again, &again);
            return phase == DPU_CT_LEARNING && call->now >= again;
        }
    }
    return true;
}

/* Whether 'packet' of 'conn' changes it so that it has to leave hardware.
 * While it is on its way what it will have there is not known here: who brings
 * it asks once more then. */
static bool
is_change(struct dpu_ct_conn *conn, const struct call *call,
          const struct dp_packet *packet)
{
    uint8_t phase;

    if (call->changes) {
        atomic_store(&conn->unsure, true);
    }
    atomic_read(&conn->phase, &phase);
    return (phase == DPU_CT_OFFLOADED
            && (packet->md.ct_mark != conn->mark
                || !ovs_u128_equals(packet->md.ct_label, conn->label)));
}

/* The flags of 'packet', whose connection is of TCP. */
static uint16_t
packet_tcp_flags(const struct dp_packet *packet)
{
    const struct tcp_header *tcp = dp_packet_l4(packet);

    return (tcp && dp_packet_l4_size(packet) >= sizeof *tcp
            ? TCP_FLAGS(tcp->tcp_ctl) : 0);
}

static bool
packet_is_fragment(const struct dp_packet *packet)
{
    const struct ip_header *ip = dp_packet_l3(packet);

    if (packet->md.ct_orig_tuple_ipv6) {
        const struct ovs_16aligned_ip6_hdr *ip6 = dp_packet_l3(packet);

        return (ip6->ip6_nxt == IPPROTO_FRAGMENT
                || ip6->ip6_nxt != packet->md.ct_orig_tuple.ipv6.ipv6_proto);
    }
    return IP_IS_FRAGMENT(ip->ip_frag_off);
}

static uint8_t
packet_proto(const struct dp_packet *packet)
{
    return (packet->md.ct_orig_tuple_ipv6
            ? packet->md.ct_orig_tuple.ipv6.ipv6_proto
            : packet->md.ct_orig_tuple.ipv4.ipv4_proto);
}

/* 'packet' has a new connection, which takes the place of one with the same
 * packets in either direction. */
static void
watch_new(const struct call *call, const struct dp_packet *packet)
{
    struct dpu_ct_tuple tuple;
    uint32_t hash;

    dpu_ct_tuple_from_packet(&tuple, packet);
    hash = dpu_ct_tuple_hash(&tuple);
    for (int dir = 0; dir < 2; dir++) {
        struct dpu_ct_conn *conn = dpu_ct_conn_find(call->ct, &tuple, hash,
                                                    dir);

        if (conn) {
            tell_leaving(conn, DPU_CT_EVENT_LEAVE);
        }
    }
}

/* 'packet' has an established connection. */
static void
watch_established(const struct call *call, const struct dp_packet *packet,
                  bool natted)
{
    uint16_t flags = (packet_proto(packet) == IPPROTO_TCP
                      ? packet_tcp_flags(packet) & DPU_CT_TCP_FLAGS : 0);
    struct dpu_ct_tuple tuple;
    struct dpu_ct_conn *conn;
    uint16_t ethdev = 0;
    uint8_t device = 0;
    uint32_t hash;
    bool learn;

    learn = (call->variant_id && !flags && !natted
             && port_find(packet->md.orig_in_port, &device, &ethdev)
             && !packet_is_fragment(packet));
    if (!learn && !flags && !call->changes) {
        return;
    }
    dpu_ct_tuple_from_packet(&tuple, packet);
    hash = dpu_ct_tuple_hash(&tuple);
    conn = dpu_ct_conn_find(call->ct, &tuple, hash, false);
    if (conn && (flags || is_change(conn, call, packet))) {
        tell_leaving(conn, DPU_CT_EVENT_LEAVE);
    } else if (learn && (!conn || is_news(conn, call, packet))) {
        tell_seen(call, packet, &tuple, hash, device, ethdev);
    }
}

/* 'packet' is an ICMP error, or of a connection that an ALG expected, which
 * never come to hardware. */
static void
count_related(const struct dp_packet *packet)
{
    uint16_t ethdev;
    uint8_t device;
    uint64_t orig;

    if (port_find(packet->md.orig_in_port, &device, &ethdev)) {
        atomic_add_relaxed(&dpu_ct_refused_ever[DPU_CT_NO_RELATED], 1, &orig);
    }
}

static void
watch(const struct call *call, const struct dp_packet *packet, bool natted)
{
    uint8_t state = packet->md.ct_state & (CS_TRACKED | CS_NEW | CS_ESTABLISHED
                                           | CS_RELATED | CS_INVALID);

    if (OVS_LIKELY(state == (CS_TRACKED | CS_ESTABLISHED))) {
        watch_established(call, packet, natted);
        return;
    }
    if (state & CS_RELATED) {
        count_related(packet);
    }
    if (state & CS_NEW && dpu_ct_device_any()) {
        watch_new(call, packet);
    }
}

/* Which packets of a batch had been through NAT in the same zone before. */
struct natted {
    uint32_t bits;
    const struct dp_packet *packets[NETDEV_MAX_BURST];
};
BUILD_ASSERT_DECL(NETDEV_MAX_BURST <= 32);

static void
natted_note(struct natted *natted, const struct dp_packet_batch *batch,
            uint16_t zone)
{
    struct dp_packet *packet;

    natted->bits = 0;
    DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
        natted->packets[i] = packet;
        if (packet->md.ct_state & (CS_SRC_NAT | CS_DST_NAT)
            && packet->md.ct_zone == zone) {
            natted->bits |= UINT32_C(1) << i;
        }
    }
}

/* Whether 'packet', now at 'i', was among them, or may have been: fragments
 * move the others. */
static bool
natted_has(const struct natted *natted, size_t i, size_t n,
           const struct dp_packet *packet)
{
    return (i >= n || natted->packets[i] != packet
            || natted->bits & UINT32_C(1) << i);
}

void
dpu_ct_learn_init(dpu_ct_resolve_func *resolve_)
{
    resolve = resolve_;
    dpu_ct_ports_changed();
}

/* Software writes other addresses into what FTP says, which may be longer.  It
 * does not, and FTP fails, if the memory of a packet ends where the packet
 * does, as that of a copy: packets that missed in hardware come as copies. */
static void
make_room(struct dp_packet_batch *batch)
{
    enum { MAX_DELTA = 64 };    /* More than one address in text. */
    struct dp_packet *packet;

    DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
        if (packet->source == DPBUF_MALLOC) {
            dp_packet_prealloc_tailroom(packet, MAX_DELTA);
        }
    }
}

int
dpu_ct_execute(struct conntrack *ct, struct dp_packet_batch *batch,
               ovs_be16 dl_type, bool force, bool commit, uint16_t zone,
               const uint32_t *setmark,
               const struct ovs_key_ct_labels *setlabel,
               ovs_be16 tp_src, ovs_be16 tp_dst, const char *helper,
               const struct nat_action_info_t *nat, long long int now,
               uint32_t tp_id)
{
    struct call call = { .ct = ct, .now = now };
    size_t n = dp_packet_batch_size(batch);
    struct natted natted;
    bool active, enabled;
    int retval;

    active = dpu_ct_device_any();
    if (active) {
        atomic_read_relaxed(&dpu_ct_config.enabled, &enabled);
        call.changes = setmark || setlabel;
        if (enabled && !helper) {
            dpu_ct_variant_init(&call.variant, force, nat != NULL, setmark,
                                setlabel);
            call.variant_id = dpu_ct_variant_find(&call.variant);
        }
        if (nat) {
            make_room(batch);
        }
        natted_note(&natted, batch, zone);
        dpu_ct_sweep_add(ct);
    }
    retval = dpu_ct_software.execute(ct, batch, dl_type, force, commit, zone,
                                     setmark, setlabel, tp_src, tp_dst,
                                     helper, nat, now, tp_id);
    if (active) {
        struct dp_packet *packet;

        DP_PACKET_BATCH_FOR_EACH (i, packet, batch) {
            watch(&call, packet, natted_has(&natted, i, n, packet));
        }
    }
    return retval;
}
