/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"

#include "openvswitch/vlog.h"
#include "ovs-rcu.h"
#include "timeval.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-life.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-shard.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-thread.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"

VLOG_DEFINE_THIS_MODULE(dpu_ct_device);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* A full device is asked again when a rule has left it, or after so many msec:
 * others may use it, too. */
#define FULL_PAUSE 1000

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static OVSRCU_TYPE(struct dpu_ct_device *) devices[DPU_CT_MAX_DEVICES];
static atomic_count n_devices = ATOMIC_COUNT_INIT(0);

struct dpu_ct_device *
dpu_ct_device_get(uint8_t index)
{
    return (index < DPU_CT_MAX_DEVICES
            ? ovsrcu_get(struct dpu_ct_device *, &devices[index]) : NULL);
}

bool
dpu_ct_device_any(void)
{
    return atomic_count_get(&n_devices);
}

struct dpu_ct_device *
dpu_ct_device_create(const struct dpu_rule_ops *ops,
                     const struct dpu_caps *caps, uint32_t group,
                     uint32_t next)
{
    struct dpu_ct_device *device = NULL;

    ovs_mutex_lock(&mutex);
    for (size_t i = 0; i < ARRAY_SIZE(devices) && !device; i++) {
        if (!ovsrcu_get_protected(struct dpu_ct_device *, &devices[i])) {
            device = xzalloc(sizeof *device);
            device->ops = ops;
            device->caps = caps;
            device->group = group;
            device->next = next;
            device->index = i;
            ovsrcu_set(&devices[i], device);
            atomic_count_inc(&n_devices);
        }
    }
    ovs_mutex_unlock(&mutex);

    if (device) {
        uint32_t threads;

        atomic_read_relaxed(&dpu_ct_config.threads, &threads);
        dpu_ct_threads_set(threads);
    }
    return device;
}

/* Which connections are to be taken off. */
struct closing {
    const struct dpu_ct_device *device;
    uint16_t target;
    bool all;
};

static void
close_cb(struct dpu_ct_conn *conn, void *closing_)
{
    const struct closing *closing = closing_;

    if (conn->device == closing->device
        && (closing->all || conn->target == closing->target)) {
        dpu_ct_life_forget(conn);
    }
}

void
dpu_ct_device_destroy(struct dpu_ct_device *device)
{
    struct closing closing = { .device = device, .all = true };

    if (!device) {
        return;
    }
    /* Nobody finds it any more, and who has found it before holds the lock of
     * a shard, or looks for it again. */
    for (size_t i = 0; i < ARRAY_SIZE(device->open); i++) {
        atomic_store(&device->open[i], false);
    }
    ovs_mutex_lock(&mutex);
    ovsrcu_set(&devices[device->index], NULL);
    atomic_count_dec(&n_devices);
    ovs_mutex_unlock(&mutex);

    dpu_ct_ports_changed();
    dpu_ct_life_settle();
    dpu_ct_conn_for_each(close_cb, &closing);
    for (size_t i = 0; i < ARRAY_SIZE(device->open); i++) {
        dpu_ct_shards_forget(device, i);
    }
    ovsrcu_postpone(free, device);
}

/* Which connections are audited. */
struct auditing {
    const struct dpu_ct_device *device;
    struct dpu_audit *audit;
    long long int now;
};

static void
audit_cb(struct dpu_ct_conn *conn, void *auditing_)
{
    const struct auditing *auditing = auditing_;

    if (conn->device == auditing->device) {
        dpu_ct_life_audit(conn, auditing->audit, auditing->now);
    }
}

void
dpu_ct_device_audit(struct dpu_ct_device *device, struct dpu_audit *audit)
{
    struct auditing auditing = {
        .device = device, .audit = audit, .now = time_msec()
    };

    if (device) {
        dpu_ct_conn_for_each(audit_cb, &auditing);
    }
}

void
dpu_ct_device_open(struct dpu_ct_device *device, uint16_t ethdev,
                   uint16_t proxy)
{
    if (device) {
        atomic_store(&device->gone[proxy], false);
        atomic_store(&device->proxies[ethdev], proxy);
        atomic_store(&device->open[proxy], true);
        dpu_ct_ports_changed();
    }
}

void
dpu_ct_device_close(struct dpu_ct_device *device, uint16_t ethdev, bool gone)
{
    struct closing closing = { .device = device, .target = ethdev };

    if (!device) {
        return;
    }
    if (gone) {
        atomic_store(&device->gone[ethdev], true);
    }
    atomic_store(&device->open[ethdev], false);
    dpu_ct_ports_changed();
    /* Who saw it open holds the lock of a connection's shard, and has put that
     * connection into the table before giving it back. */
    dpu_ct_life_settle();
    dpu_ct_conn_for_each(close_cb, &closing);
    dpu_ct_shards_forget(device, ethdev);
}

bool
dpu_ct_device_is_open(const struct dpu_ct_device *device, uint16_t target)
{
    bool open;

    atomic_read(&CONST_CAST(struct dpu_ct_device *, device)->open[target],
                &open);
    return open;
}

bool
dpu_ct_device_target(const struct dpu_ct_device *device_, uint16_t ethdev,
                     uint16_t *target)
{
    struct dpu_ct_device *device = CONST_CAST(struct dpu_ct_device *, device_);

    atomic_read(&device->proxies[ethdev], target);
    return dpu_ct_device_is_open(device, *target);
}

bool
dpu_ct_device_has_room(const struct dpu_ct_device *device_, long long int now)
{
    struct dpu_ct_device *device = CONST_CAST(struct dpu_ct_device *, device_);
    uint64_t full_left, n_left;
    long long int full_since;

    atomic_read_relaxed(&device->full_left, &full_left);
    if (!full_left) {
        return true;
    }
    atomic_read_relaxed(&device->n_left, &n_left);
    atomic_read_relaxed(&device->full_since, &full_since);
    return n_left + 1 != full_left || now >= full_since + FULL_PAUSE;
}

/* The device did not take a rule, because of 'reason'. */
static void
install_failed(struct dpu_ct_device *device, uint16_t target,
               const struct dpu_reason *reason, long long int now)
{
    uint64_t n_left;

    switch ((int) reason->code) {
    case DPU_REASON_DEVICE_FULL:
        atomic_read_relaxed(&device->n_left, &n_left);
        atomic_store_relaxed(&device->full_since, now);
        atomic_store_relaxed(&device->full_left, n_left + 1);
        break;

    case DPU_REASON_DEVICE_GONE:
        atomic_store(&device->gone[target], true);
        break;

    case DPU_REASON_DEVICE_ERROR:
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": creating a connection's rule: %s",
                     target, reason->detail);
        break;

    default:
        VLOG_DBG_RL(&rl, "ethdev %"PRIu16": creating a connection's rule: %s",
                    target, reason->detail);
        break;
    }
}

bool
dpu_ct_device_install(struct dpu_ct_device *device, uint16_t target,
                      struct dpu_ct_burst *burst, const struct dpu_ct_rule *in,
                      struct dpu_rule **rule, long long int now,
                      struct dpu_reason *reason)
{
    uint64_t orig;

    if (!dpu_ct_burst_create(burst, device, target, in, rule, reason)) {
        *rule = NULL;
        install_failed(device, target, reason, now);
        return false;
    }
    atomic_add_relaxed(&device->n_rules, 1, &orig);
    return true;
}

bool
dpu_ct_device_arrived(struct dpu_ct_device *device, uint16_t target_,
                      const struct dpu_rule *rule, long long int now,
                      struct dpu_reason *reason)
{
    const struct dpu_rule_target target = { device->ops, target_ };
    uint64_t full_left;

    if (!dpu_rule_arrived(&target, rule, reason)) {
        install_failed(device, target_, reason, now);
        return false;
    }
    atomic_read_relaxed(&device->full_left, &full_left);
    if (full_left) {
        atomic_store_relaxed(&device->full_left, 0);
    }
    return true;
}

static bool
is_gone(struct dpu_ct_device *device, uint16_t target)
{
    bool gone;

    atomic_read(&device->gone[target], &gone);
    return gone;
}

void
dpu_ct_device_remove(struct dpu_ct_device *device, uint16_t target,
                     struct dpu_ct_burst *burst, struct dpu_rule *rule)
{
    struct dpu_reason reason;
    uint64_t orig;

    if (!is_gone(device, target)
        && !dpu_ct_burst_destroy(burst, device, target, rule, &reason)) {
        if (reason.code == DPU_REASON_DEVICE_GONE) {
            atomic_store(&device->gone[target], true);
        } else {
            VLOG_WARN_RL(&rl, "ethdev %"PRIu16": removing a connection's rule:"
                         " %s", target, reason.detail);
        }
    }
    atomic_sub_relaxed(&device->n_rules, 1, &orig);
    atomic_add_relaxed(&device->n_left, 1, &orig);
}

bool
dpu_ct_device_query(struct dpu_ct_device *device, uint16_t target_,
                    struct dpu_rule *rule, struct dpu_rule_count *count)
{
    const struct dpu_rule_target target = { device->ops, target_ };
    struct dpu_reason reason;

    if (is_gone(device, target_)
        || dpu_rule_query(&target, rule, count, &reason)) {
        return true;
    } else if (reason.code == DPU_REASON_DEVICE_GONE) {
        atomic_store(&device->gone[target_], true);
        return true;
    }
    return dpu_rule_ask(&target, rule) != DPU_RULE_LOST;
}
