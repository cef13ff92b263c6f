/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-policer: see dpu-policer.h. */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-policer.h"

#include "dpif.h"
#include "netdev-offload.h"
#include "netdev-provider.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "netdev-dpu/netdev-dpu.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/flow/dpu-offload.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"

VLOG_DEFINE_THIS_MODULE(dpu_policer);

/* What Open vSwitch takes for a burst of 0, in kbit and in 1000 packets. */
#define DEFAULT_KBITS_BURST 8000
#define DEFAULT_KPKTS_BURST 16

/* A rate of 'port', or none. */
struct rate {
    uint32_t meter;             /* Its number among the datapath's. */
    bool packets;               /* In packets, not in kbit. */
    uint32_t rate, burst;       /* Per second, at once; a rate of 0: none. */
};

static void
get_rates(const struct dpu_offload_port *port, struct rate rates[2])
{
    const struct netdev_dpu_limits *limits = &port->limits;
    uint32_t kbits_burst = limits->kbits_burst;
    uint32_t kpkts_burst = limits->kpkts_burst;

    rates[0] = (struct rate) {
        .meter = dpu_meter_of_port(port->port.ethdev, false),
        .rate = limits->kbits_rate,
        .burst = kbits_burst ? kbits_burst : DEFAULT_KBITS_BURST,
    };
    kpkts_burst = kpkts_burst ? kpkts_burst : DEFAULT_KPKTS_BURST;
    rates[1] = (struct rate) {
        .meter = dpu_meter_of_port(port->port.ethdev, true),
        .packets = true,
        .rate = MIN(limits->kpkts_rate, UINT32_MAX / 1000) * 1000,
        .burst = MIN(kpkts_burst, UINT32_MAX / 1000) * 1000,
    };
}

static bool
is_policed(const struct dpu_offload_port *port)
{
    return port->limits.kbits_rate || port->limits.kpkts_rate;
}

/* Says what 'rate' is to the meters.  Returns true if rules that have its
 * meter do not do that. */
static bool
set_meter(const struct rate *rate)
{
    struct ofputil_meter_band band = {
        .type = OFPMBT13_DROP,
        .rate = rate->rate,
        .burst_size = rate->burst,
    };
    const struct ofputil_meter_config config = {
        .flags = (OFPMF13_BURST
                  | (rate->packets ? OFPMF13_PKTPS : OFPMF13_KBPS)),
        .n_bands = 1,
        .bands = &band,
    };

    return rate->rate && dpu_meter_set(rate->meter, &config);
}

/* The policer among the megaflows of its device.  A ufid of a megaflow of the
 * datapath is never zero. */
static struct dpu_flow_key
policer_key(const struct dpu_offload_port *port)
{
    return (struct dpu_flow_key) { .ethdev = port->port.ethdev };
}

static void
take_off(struct dpu_offload_port *port)
{
    const struct dpu_flow_key key = policer_key(port);

    dpu_flow_del(&port->device->flows, &key, NULL);
}

static void
log_refusal_cb(const struct dpu_flow *flow, void *port_)
{
    const struct dpu_offload_port *port = port_;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_reason reason;

    dpu_flow_reason(flow, &reason);
    dpu_reason_format(&reason, &s);
    VLOG_INFO("%s: its device does not police what it receives: %s",
              port->name, ds_cstr(&s));
    ds_destroy(&s);
}

/* Looks for a netdev among the ports of its datapath. */
struct odp_port_query {
    const struct netdev *netdev;
    odp_port_t odp_port;        /* ODPP_NONE: not found. */
};

static bool
find_odp_port_cb(struct netdev *netdev, odp_port_t odp_port, void *query_)
{
    struct odp_port_query *query = query_;

    if (netdev == query->netdev) {
        query->odp_port = odp_port;
    }
    return query->odp_port != ODPP_NONE;
}

static odp_port_t
find_odp_port(const struct netdev *netdev)
{
    struct odp_port_query query = {
        .netdev = netdev,
        .odp_port = ODPP_NONE,
    };

    netdev_ports_traverse(netdev_get_dpif_type(netdev), find_odp_port_cb,
                          &query);
    return query.odp_port;
}

/* Makes the match and the actions of the policer. */
static void
compose(const struct rate rates[2], odp_port_t in_port, struct match *match,
        struct ofpbuf *actions)
{
    match_init_catchall(match);
    match_set_recirc_id(match, 0);
    MATCH_SET_FIELD_MASKED(match, in_port.odp_port, in_port, ODPP_NONE);
    for (size_t i = 0; i < 2; i++) {
        if (rates[i].rate) {
            nl_msg_put_u32(actions, OVS_ACTION_ATTR_METER, rates[i].meter);
        }
    }
    nl_msg_put_u32(actions, OVS_ACTION_ATTR_RECIRC, 0);
}

/* Puts the policer of 'port', with 'rates', on its device, in place of what it
 * was before.  Returns true if it is there. */
static bool
put_on(struct dpu_offload_port *port, const struct rate rates[2])
{
    struct dpu_flow_table *flows = &port->device->flows;
    const struct dpu_flow_key key = policer_key(port);
    struct dpu_offload_map map;
    struct match match;
    struct ofpbuf actions;
    bool done;

    ofpbuf_init(&actions, 0);
    compose(rates, find_odp_port(port->netdev), &match, &actions);
    dpu_offload_map_init(&map, port);
    ovs_rwlock_rdlock(&port->device->ports_lock);
    done = (!port->leaving && !dpu_offload_is_exiting()
            && dpu_flow_put(flows, &key, &(const struct dpu_megaflow) {
                                .match = &match,
                                .actions = actions.data,
                                .actions_len = actions.size,
                                .policer = true,
                            }, &map.up));
    ovs_rwlock_unlock(&port->device->ports_lock);
    ofpbuf_uninit(&actions);

    if (!done) {
        dpu_flow_visit(flows, &key, log_refusal_cb, port);
        take_off(port);
    }
    return done;
}

/* Has the device police what 'port' receives.  Returns false if it cannot. */
static bool
police(struct dpu_offload_port *port)
{
    struct rate rates[2];
    bool outdated = false;

    get_rates(port, rates);
    for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
        outdated |= set_meter(&rates[i]);
    }
    if (outdated) {
        netdev_dpu_police(port->netdev, false);
        take_off(port);
    }
    return put_on(port, rates);
}

/* Who is to police comes before who does not any more leaves, so that nothing
 * passes unpoliced.  What meets both meets the same rate twice, which for that
 * moment does little harm. */
void
dpu_policer_update(struct dpu_offload_port *port)
{
    struct dpu_offload_device *device = port->device;
    const struct netdev_dpu_limits old = port->limits;
    struct netdev_dpu_limits limits;
    bool policed, review;

    netdev_dpu_get_limits(port->netdev, &limits);
    ovs_rwlock_wrlock(&device->ports_lock);
    port->limits = limits;
    dpu_offload_ports_changed();
    ovs_rwlock_unlock(&device->ports_lock);

    policed = is_policed(port) && police(port);
    if (!policed) {
        netdev_dpu_police(port->netdev, false);
    }
    /* Another rate is the meter's business alone. */
    review = (policed != port->policed || limits.shaped != old.shaped
              || !limits.kbits_rate != !old.kbits_rate);
    ovs_rwlock_wrlock(&device->ports_lock);
    port->policed = policed;
    dpu_offload_ports_changed();
    ovs_rwlock_unlock(&device->ports_lock);
    if (review) {
        dpu_offload_review(port);
    }
    if (policed) {
        netdev_dpu_police(port->netdev, true);
    } else {
        take_off(port);
    }
}

void
dpu_policer_suspend(const struct dpu_offload_port *port, uint16_t ethdev)
{
    if (port->policed
        && (port->port.ethdev == ethdev
            || port->device->flows.proxies[port->port.ethdev] == ethdev)) {
        netdev_dpu_police(port->netdev, false);
    }
}

void
dpu_policer_resume(struct dpu_offload_port *port)
{
    const struct dpu_flow_key key = policer_key(port);
    struct dpif_flow_stats stats;
    enum dpu_flow_place place;

    if (port->policed
        && !dpu_flow_get(&port->device->flows, &key, NULL, &stats, &place)
        && place == DPU_FLOW_IN_HARDWARE) {
        netdev_dpu_police(port->netdev, true);
    } else if (is_policed(port)) {
        dpu_policer_update(port);
    }
}

void
dpu_policer_remove(const struct dpu_offload_port *port)
{
    struct rate rates[2];

    if (port->policed) {
        netdev_dpu_police(port->netdev, false);
    }
    get_rates(port, rates);
    for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
        dpu_meter_del(rates[i].meter);
    }
}

uint64_t
dpu_policer_drops(const struct netdev *netdev)
{
    const struct dpu_offload_port *port = dpu_offload_port_find(netdev);
    struct ofputil_meter_band_stats bands[2] = { { .packet_count = 0 } };

    for (size_t i = 0; port && i < ARRAY_SIZE(bands); i++) {
        struct ofputil_meter_stats stats = { .bands = &bands[i] };

        dpu_meter_add_stats(dpu_meter_of_port(port->port.ethdev, i), &stats,
                            1);
    }
    return bands[0].packet_count + bands[1].packet_count;
}
