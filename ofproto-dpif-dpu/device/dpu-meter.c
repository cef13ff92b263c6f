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

#include <rte_mtr.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/vlog.h"
#include "ovs-thread.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-audit.h"
#include "ofproto-dpif-dpu/device/dpu-meter-device.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-refs.h"

VLOG_DEFINE_THIS_MODULE(dpu_meter);

/* A meter of the datapath. */
struct meter {
    struct hmap_node node;          /* In 'meters', by 'id'. */
    uint32_t id;
    unsigned int n_bands;
    bool refused;                   /* A rule could not have it. */
    struct rte_mtr_meter_profile profile;   /* Of the first band. */
    struct ovs_list instances;      /* Of struct instance. */
    struct dpu_meter_count left;        /* By instances that have left. */
};

/* A meter on a device, while rules have it. */
struct instance {
    struct hmap_node node;          /* In 'instances', by 'number'. */
    struct ovs_list meter_node;     /* In 'meter->instances'. */
    struct meter *meter;            /* NULL if it was deleted. */
    bool outdated;                  /* It is not what 'meter' is now. */
    bool held;                      /* An audit has one of 'n_refs'. */
    struct dpu_meter_device up;
    unsigned int n_refs;
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
        if (instance->up.number == number) {
            return instance;
        }
    }
    return NULL;
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

/* Puts 'meter' on the device that takes rules through 'ethdev'. */
static struct instance *
instance_create(struct meter *meter, uint16_t ethdev,
                struct dpu_reason *reason)
    OVS_REQUIRES(mutex)
{
    uint32_t number = ++last_number;
    struct dpu_meter_device up;
    struct instance *instance;
    char name[METER_NAME];
    const char *error;

    error = dpu_meter_device_create(&up, ethdev, number, &meter->profile);
    if (error) {
        dpu_reason_set(reason, DPU_REASON_DEVICE_REFUSED, "%s: %s",
                       meter_name(meter, name), error);
        return NULL;
    }
    instance = xzalloc(sizeof *instance);
    instance->meter = meter;
    instance->up = up;
    hmap_insert(&instances, &instance->node, hash_int(number, 0));
    ovs_list_push_back(&meter->instances, &instance->meter_node);
    return instance;
}

/* Takes 'instance', which no rule has any more, off its device. */
static void
instance_leave(struct instance *instance)
{
    dpu_meter_device_destroy(&instance->up);
    if (instance->meter) {
        dpu_meter_count_add(&instance->meter->left, &instance->up.count);
    }
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
    char name[METER_NAME];
    const char *error;

    error = dpu_meter_device_update(&instance->up, ++last_number,
                                    &instance->meter->profile);
    if (error) {
        VLOG_DBG("ethdev %"PRIu16": %s leaves: %s", instance->up.ethdev,
                 meter_name(instance->meter, name), error);
    }
    return !error;
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
        struct dpu_meter_count sum = meter->left;
        struct instance *instance;

        LIST_FOR_EACH (instance, meter_node, &meter->instances) {
            dpu_meter_device_read(&instance->up);
            dpu_meter_count_add(&sum, &instance->up.count);
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
        if (instance->up.ethdev == ethdev && !instance->outdated
            && !instance->up.lost) {
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
        *number = instance->up.number;
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
             ? instance_get(meter->id, instance->up.ethdev, &reason) : NULL);
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
    switch (instance->up.lost ? ENOENT
            : dpu_meter_device_ask(&instance->up)) {
    case 0:
        audit->n_there++;
        break;
    case ENOENT:
        instance->up.lost = true;
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
        if (instance->up.ethdev == ethdev) {
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
    lost = instance_find(number)->up.lost;
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
                                           instance->up.number,
                                           instance->n_refs);
        if (!instance->n_refs) {
            instance_leave(instance);
            instance_free(instance);
        }
    }
    ovs_mutex_unlock(&mutex);
}
