/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-meter: see dpu-meter.h.
 *
 * Software's semantics: dp_netdev_run_meter() in Open vSwitch's
 * lib/dpif-netdev.c. */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-meter.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>
#include <rte_mtr.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

VLOG_DEFINE_THIS_MODULE(dpu_meter);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Packets and bytes that a meter saw, and those of them that it dropped. */
struct meter_count {
    uint64_t n_packets, n_bytes;
    uint64_t n_packets_dropped, n_bytes_dropped;
};

/* A meter of the datapath. */
struct meter {
    struct hmap_node node;          /* In 'meters', by 'id'. */
    uint32_t id;
    unsigned int n_bands;
    bool refused;                   /* A rule could not have it. */
    struct rte_mtr_meter_profile profile;   /* Of the first band. */
    struct ovs_list instances;      /* Of struct instance. */
    struct meter_count left;        /* By instances that have left. */
};

/* A meter on a device, while rules have it. */
struct instance {
    struct hmap_node node;          /* In 'instances', by 'number'. */
    struct ovs_list meter_node;     /* In 'meter->instances'. */
    struct meter *meter;            /* NULL if it was deleted. */
    bool outdated;                  /* It is not what 'meter' is now. */
    bool lost;                      /* The device does not have it any more. */
    bool held;                      /* An audit has one of 'n_refs'. */
    uint16_t ethdev;
    uint32_t number;                /* Of the meter and of its policy. */
    uint32_t profile;               /* The number of its profile. */
    unsigned int n_refs;
    struct meter_count count;       /* The last reading. */
};

static struct ovs_mutex mutex = OVS_MUTEX_INITIALIZER;
static struct hmap meters OVS_GUARDED_BY(mutex) = HMAP_INITIALIZER(&meters);
static struct hmap instances OVS_GUARDED_BY(mutex)
    = HMAP_INITIALIZER(&instances);

/* Meters, policies and profiles have numbers that were never given before:
 * some devices have one space of them for all their ethdevs. */
static uint32_t last_number OVS_GUARDED_BY(mutex);

static struct meter *
meter_find(uint32_t id)
    OVS_REQUIRES(mutex)
{
    struct meter *meter;

    HMAP_FOR_EACH_WITH_HASH (meter, node, hash_int(id, 0), &meters) {
        if (meter->id == id) {
            return meter;
        }
    }
    return NULL;
}

static struct instance *
instance_find(uint32_t number)
    OVS_REQUIRES(mutex)
{
    struct instance *instance;

    HMAP_FOR_EACH_WITH_HASH (instance, node, hash_int(number, 0),
                             &instances) {
        if (instance->number == number) {
            return instance;
        }
    }
    return NULL;
}

static const char *
error_message(int error, const struct rte_mtr_error *mtr_error)
{
    return mtr_error->message ? mtr_error->message : ovs_strerror(abs(error));
}

/* Bytes for what meter_name() writes. */
#define METER_NAME 24

/* Writes "meter(7)", or what a meter does that is not the datapath's, to
 * 'buf' of METER_NAME bytes, and returns it. */
static const char *
meter_name(const struct meter *meter, char *buf)
{
    if (meter->id < dpu_meter_of_port(0, false)) {
        snprintf(buf, METER_NAME, "meter(%"PRIu32")", meter->id);
    } else {
        ovs_strlcpy(buf, "ingress policing", METER_NAME);
    }
    return buf;
}

/* The only band, as a bucket.  A rate is in kbit/s or in packets/s, a burst in
 * kbit or packets; Open vSwitch takes one second's worth if there is none. */
static void
meter_profile(const struct ofputil_meter_config *config,
              struct rte_mtr_meter_profile *profile)
{
    const struct ofputil_meter_band *band = &config->bands[0];
    uint64_t burst = band->burst_size ? band->burst_size : band->rate;
    uint64_t unit;

    memset(profile, 0, sizeof *profile);
    profile->alg = RTE_MTR_SRTCM_RFC2697;
    profile->packet_mode = (config->flags & OFPMF13_PKTPS) != 0;
    unit = profile->packet_mode ? 1 : 1000 / 8;
    profile->srtcm_rfc2697.cir = band->rate * unit;
    profile->srtcm_rfc2697.cbs = burst * unit;
}

/* Instances. */

/* Asks the device for 'instance' and brings its counts up to date, or leaves
 * them alone.  Returns 0 or a positive errno, ENOENT if the device does not
 * know it any more. */
static int
instance_ask(struct instance *instance, struct rte_mtr_error *mtr_error)
{
    struct meter_count *count = &instance->count;
    struct rte_mtr_stats stats;
    uint64_t mask = 0;
    int error;

    memset(&stats, 0, sizeof stats);
    error = rte_mtr_stats_read(instance->ethdev, instance->number, &stats,
                               &mask, 0, mtr_error);
    if (error) {
        return abs(error);
    }
    count->n_packets_dropped = stats.n_pkts_dropped;
    count->n_bytes_dropped = stats.n_bytes_dropped;
    count->n_packets = (stats.n_pkts[RTE_COLOR_GREEN]
                        + stats.n_pkts[RTE_COLOR_YELLOW]
                        + stats.n_pkts_dropped);
    count->n_bytes = (stats.n_bytes[RTE_COLOR_GREEN]
                      + stats.n_bytes[RTE_COLOR_YELLOW]
                      + stats.n_bytes_dropped);
    return 0;
}

/* The same, unless it is known to be lost already; the log says why it could
 * not. */
static void
instance_read(struct instance *instance)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error = instance->lost ? 0 : instance_ask(instance, &mtr_error);

    if (error) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": reading meter %"PRIu32": %s",
                     instance->ethdev, instance->number,
                     error_message(error, &mtr_error));
    }
}

static void
count_add(struct meter_count *sum, const struct meter_count *count)
{
    sum->n_packets += count->n_packets;
    sum->n_bytes += count->n_bytes;
    sum->n_packets_dropped += count->n_packets_dropped;
    sum->n_bytes_dropped += count->n_bytes_dropped;
}

/* The policy: what exceeds the rate is dropped. */
static int
add_policy(uint16_t ethdev, uint32_t number, struct rte_mtr_error *error)
{
    static const struct rte_flow_action pass[] = {
        { .type = RTE_FLOW_ACTION_TYPE_END },
    };
    static const struct rte_flow_action drop[] = {
        { .type = RTE_FLOW_ACTION_TYPE_DROP },
        { .type = RTE_FLOW_ACTION_TYPE_END },
    };
    struct rte_mtr_meter_policy_params params = {
        .actions = {
            [RTE_COLOR_GREEN] = pass,
            [RTE_COLOR_YELLOW] = pass,
            [RTE_COLOR_RED] = drop,
        },
    };

    return rte_mtr_meter_policy_add(ethdev, number, &params, error);
}

static int
add_meter(uint16_t ethdev, uint32_t number, struct rte_mtr_error *error)
{
    struct rte_mtr_capabilities caps;
    struct rte_mtr_params params;
    int retval;

    memset(&caps, 0, sizeof caps);
    retval = rte_mtr_capabilities_get(ethdev, &caps, error);
    if (retval) {
        return retval;
    }
    memset(&params, 0, sizeof params);
    params.meter_profile_id = number;
    params.meter_policy_id = number;
    params.meter_enable = 1;
    params.stats_mask = caps.stats_mask;
    return rte_mtr_create(ethdev, number, &params, 1, error);
}

/* Puts 'meter' on the device that takes rules through 'ethdev'. */
static struct instance *
instance_create(struct meter *meter, uint16_t ethdev,
                struct dpu_reason *reason)
    OVS_REQUIRES(mutex)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    uint32_t number = ++last_number;
    struct instance *instance;
    char name[METER_NAME];
    int error;

    error = rte_mtr_meter_profile_add(ethdev, number, &meter->profile,
                                      &mtr_error);
    if (error) {
        goto err;
    }
    error = add_policy(ethdev, number, &mtr_error);
    if (error) {
        goto err_profile;
    }
    error = add_meter(ethdev, number, &mtr_error);
    if (error) {
        goto err_policy;
    }
    instance = xzalloc(sizeof *instance);
    instance->meter = meter;
    instance->ethdev = ethdev;
    instance->number = number;
    instance->profile = number;
    hmap_insert(&instances, &instance->node, hash_int(number, 0));
    ovs_list_push_back(&meter->instances, &instance->meter_node);
    return instance;

err_policy:
    rte_mtr_meter_policy_delete(ethdev, number, NULL);
err_profile:
    rte_mtr_meter_profile_delete(ethdev, number, NULL);
err:
    dpu_reason_set(reason, DPU_REASON_DEVICE_REFUSED, "%s: %s",
                   meter_name(meter, name), error_message(error, &mtr_error));
    return NULL;
}

/* Takes 'instance', which no rule has any more, off its device. */
static void
instance_leave(struct instance *instance)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error;

    instance_read(instance);
    if (instance->meter) {
        count_add(&instance->meter->left, &instance->count);
    }
    error = (instance->lost ? 0
             : rte_mtr_destroy(instance->ethdev, instance->number,
                               &mtr_error));
    if (error) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": removing meter %"PRIu32": %s",
                     instance->ethdev, instance->number,
                     error_message(error, &mtr_error));
        return;
    }
    rte_mtr_meter_policy_delete(instance->ethdev, instance->number, NULL);
    rte_mtr_meter_profile_delete(instance->ethdev, instance->profile, NULL);
}

static void
instance_free(struct instance *instance)
    OVS_REQUIRES(mutex)
{
    if (instance->meter) {
        ovs_list_remove(&instance->meter_node);
    }
    hmap_remove(&instances, &instance->node);
    free(instance);
}

/* Gives 'instance' the present profile of its meter.  Returns false if the
 * device does not take it. */
static bool
instance_update(struct instance *instance)
    OVS_REQUIRES(mutex)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    uint32_t profile = ++last_number;
    char name[METER_NAME];
    int error;

    error = rte_mtr_meter_profile_add(instance->ethdev, profile,
                                      &instance->meter->profile, &mtr_error);
    if (error) {
        goto err;
    }
    error = rte_mtr_meter_profile_update(instance->ethdev, instance->number,
                                         profile, &mtr_error);
    if (error) {
        goto err_profile;
    }
    rte_mtr_meter_profile_delete(instance->ethdev, instance->profile, NULL);
    instance->profile = profile;
    return true;

err_profile:
    rte_mtr_meter_profile_delete(instance->ethdev, profile, NULL);
err:
    VLOG_DBG("ethdev %"PRIu16": %s leaves: %s", instance->ethdev,
             meter_name(instance->meter, name),
             error_message(error, &mtr_error));
    return false;
}

/* Brings the instances of 'meter' up to date.  Returns false if there is one
 * that cannot be, or may not be any more. */
static bool
update_instances(struct meter *meter)
    OVS_REQUIRES(mutex)
{
    struct instance *instance;
    bool all = true;

    LIST_FOR_EACH (instance, meter_node, &meter->instances) {
        instance->outdated = (meter->n_bands != 1
                              || !instance_update(instance));
        all = all && !instance->outdated;
    }
    return all;
}

/* Open vSwitch's side. */

bool
dpu_meter_set(uint32_t id, const struct ofputil_meter_config *config)
{
    struct meter *meter;
    bool review;

    ovs_mutex_lock(&mutex);
    meter = meter_find(id);
    if (!meter) {
        meter = xzalloc(sizeof *meter);
        meter->id = id;
        ovs_list_init(&meter->instances);
        hmap_insert(&meters, &meter->node, hash_int(id, 0));
    }
    meter->n_bands = config->n_bands;
    meter_profile(config, &meter->profile);
    review = !update_instances(meter) || meter->refused;
    meter->refused = false;
    ovs_mutex_unlock(&mutex);

    return review;
}

void
dpu_meter_del(uint32_t id)
{
    struct instance *instance;
    struct meter *meter;

    ovs_mutex_lock(&mutex);
    meter = meter_find(id);
    if (meter) {
        LIST_FOR_EACH_POP (instance, meter_node, &meter->instances) {
            instance->meter = NULL;
        }
        hmap_remove(&meters, &meter->node);
        free(meter);
    }
    ovs_mutex_unlock(&mutex);
}

void
dpu_meter_add_stats(uint32_t id, struct ofputil_meter_stats *stats,
                    uint16_t n_bands)
{
    const struct meter *meter;

    ovs_mutex_lock(&mutex);
    meter = meter_find(id);
    if (meter) {
        struct meter_count sum = meter->left;
        struct instance *instance;

        LIST_FOR_EACH (instance, meter_node, &meter->instances) {
            instance_read(instance);
            count_add(&sum, &instance->count);
        }
        stats->packet_in_count += sum.n_packets;
        stats->byte_in_count += sum.n_bytes;
        if (n_bands) {
            stats->bands[0].packet_count += sum.n_packets_dropped;
            stats->bands[0].byte_count += sum.n_bytes_dropped;
        }
    }
    ovs_mutex_unlock(&mutex);
}

/* The rules' side. */

static struct instance *
instance_get(uint32_t id, uint16_t ethdev, struct dpu_reason *reason)
    OVS_REQUIRES(mutex)
{
    struct meter *meter = meter_find(id);
    struct instance *instance;

    if (!meter) {
        dpu_reason_set(reason, DPU_REASON_ACTION,
                       "meter(%"PRIu32") is not there", id);
        return NULL;
    }
    if (meter->n_bands != 1) {
        dpu_reason_set(reason, DPU_REASON_ACTION,
                       "meter(%"PRIu32") of %u bands", id, meter->n_bands);
        meter->refused = true;
        return NULL;
    }
    LIST_FOR_EACH (instance, meter_node, &meter->instances) {
        if (instance->ethdev == ethdev && !instance->outdated
            && !instance->lost) {
            return instance;
        }
    }
    instance = instance_create(meter, ethdev, reason);
    meter->refused |= !instance;
    return instance;
}

bool
dpu_meter_ref(uint32_t id, uint16_t ethdev, uint32_t *number,
              struct dpu_reason *reason)
{
    struct instance *instance;

    ovs_mutex_lock(&mutex);
    instance = instance_get(id, ethdev, reason);
    if (instance) {
        instance->n_refs++;
        *number = instance->number;
    }
    ovs_mutex_unlock(&mutex);

    return instance != NULL;
}

static void
instance_unref(struct instance *instance, bool gone)
    OVS_REQUIRES(mutex)
{
    if (!--instance->n_refs) {
        if (!gone) {
            instance_leave(instance);
        }
        instance_free(instance);
    }
}

void
dpu_meter_unref(uint32_t number, bool gone)
{
    if (number) {
        ovs_mutex_lock(&mutex);
        instance_unref(instance_find(number), gone);
        ovs_mutex_unlock(&mutex);
    }
}

/* Audits. */

/* Has the device get another one in place of 'instance', which it has lost.
 * Returns false if it does not, or if there is nothing to put back, because
 * Open vSwitch has deleted the meter. */
static bool
instance_restore(struct instance *instance)
    OVS_REQUIRES(mutex)
{
    struct meter *meter = instance->meter;
    struct dpu_reason reason;
    struct instance *other;

    other = (meter
             ? instance_get(meter->id, instance->ethdev, &reason) : NULL);
    if (!other) {
        return false;
    }
    if (!other->held) {
        other->held = true;
        other->n_refs++;
    }
    return true;
}

/* Asks the device for 'instance', unless it is known to be lost: then its rules
 * could not leave it yet. */
static void
instance_audit(struct instance *instance, struct dpu_audit *audit)
    OVS_REQUIRES(mutex)
{
    struct rte_mtr_error mtr_error = { .message = NULL };

    switch (instance->lost ? ENOENT : instance_ask(instance, &mtr_error)) {
    case 0:
        audit->n_there++;
        break;
    case ENOENT:
        instance->lost = true;
        dpu_audit_restored(audit, instance_restore(instance));
        break;
    default:
        audit->n_unknown++;
        break;
    }
}

/* Returns the instances of 'ethdev', '*n' of them, for the caller to free():
 * others may come while they are looked at. */
static struct instance **
instances_of(uint16_t ethdev, size_t *n)
    OVS_REQUIRES(mutex)
{
    struct instance **all = xmalloc(hmap_count(&instances) * sizeof *all);
    struct instance *instance;

    *n = 0;
    HMAP_FOR_EACH (instance, node, &instances) {
        if (instance->ethdev == ethdev) {
            all[(*n)++] = instance;
        }
    }
    return all;
}

void
dpu_meter_audit(uint16_t ethdev, struct dpu_audit *audit)
{
    struct instance **all;
    size_t n;

    ovs_mutex_lock(&mutex);
    all = instances_of(ethdev, &n);
    for (size_t i = 0; i < n; i++) {
        instance_audit(all[i], audit);
    }
    free(all);
    ovs_mutex_unlock(&mutex);
}

void
dpu_meter_audit_end(uint16_t ethdev)
{
    struct instance **all;
    size_t n;

    ovs_mutex_lock(&mutex);
    all = instances_of(ethdev, &n);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->held) {
            all[i]->held = false;
            instance_unref(all[i], false);
        }
    }
    free(all);
    ovs_mutex_unlock(&mutex);
}

bool
dpu_meter_is_lost(uint32_t number)
{
    bool lost;

    if (!number) {
        return false;
    }
    ovs_mutex_lock(&mutex);
    lost = instance_find(number)->lost;
    ovs_mutex_unlock(&mutex);
    return lost;
}

void
dpu_meter_audit_refs(struct dpu_refs *refs)
{
    struct instance *instance;

    ovs_mutex_lock(&mutex);
    HMAP_FOR_EACH_SAFE (instance, node, &instances) {
        instance->n_refs = dpu_refs_settle(refs, DPU_REF_METER,
                                           instance->number,
                                           instance->n_refs);
        if (!instance->n_refs) {
            instance_leave(instance);
            instance_free(instance);
        }
    }
    ovs_mutex_unlock(&mutex);
}
