/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-meter-device.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>
#include <rte_mtr.h>

#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_meter_device);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

static const char *
error_message(int error, const struct rte_mtr_error *mtr_error)
{
    return mtr_error->message ? mtr_error->message : ovs_strerror(abs(error));
}

void
dpu_meter_count_add(struct dpu_meter_count *sum,
                    const struct dpu_meter_count *count)
{
    sum->n_packets += count->n_packets;
    sum->n_bytes += count->n_bytes;
    sum->n_packets_dropped += count->n_packets_dropped;
    sum->n_bytes_dropped += count->n_bytes_dropped;
}

/* Does dpu_meter_device_ask(), with what the device says in '*mtr_error'. */
static int
ask(struct dpu_meter_device *m, struct rte_mtr_error *mtr_error)
{
    struct rte_mtr_stats stats;
    uint64_t mask = 0;
    int error;

    memset(&stats, 0, sizeof stats);
    error = rte_mtr_stats_read(m->ethdev, m->number, &stats, &mask, 0,
                               mtr_error);
    if (error) {
        return abs(error);
    }
    m->count = (struct dpu_meter_count) {
        .n_packets_dropped = stats.n_pkts_dropped,
        .n_bytes_dropped = stats.n_bytes_dropped,
        .n_packets = (stats.n_pkts[RTE_COLOR_GREEN]
                      + stats.n_pkts[RTE_COLOR_YELLOW]
                      + stats.n_pkts_dropped),
        .n_bytes = (stats.n_bytes[RTE_COLOR_GREEN]
                    + stats.n_bytes[RTE_COLOR_YELLOW]
                    + stats.n_bytes_dropped),
    };
    return 0;
}

int
dpu_meter_device_ask(struct dpu_meter_device *m)
{
    struct rte_mtr_error mtr_error = { .message = NULL };

    return ask(m, &mtr_error);
}

void
dpu_meter_device_read(struct dpu_meter_device *m)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error = m->lost ? 0 : ask(m, &mtr_error);

    if (error) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": reading meter %"PRIu32": %s",
                     m->ethdev, m->number, error_message(error, &mtr_error));
    }
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

const char *
dpu_meter_device_create(struct dpu_meter_device *m, uint16_t ethdev,
                        uint32_t number,
                        struct rte_mtr_meter_profile *profile)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error;

    error = rte_mtr_meter_profile_add(ethdev, number, profile, &mtr_error);
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
    *m = (struct dpu_meter_device) {
        .ethdev = ethdev,
        .number = number,
        .profile = number,
    };
    return NULL;

err_policy:
    rte_mtr_meter_policy_delete(ethdev, number, NULL);
err_profile:
    rte_mtr_meter_profile_delete(ethdev, number, NULL);
err:
    return error_message(error, &mtr_error);
}

void
dpu_meter_device_destroy(struct dpu_meter_device *m)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error;

    dpu_meter_device_read(m);
    error = (m->lost ? 0
             : rte_mtr_destroy(m->ethdev, m->number, &mtr_error));
    if (error) {
        VLOG_WARN_RL(&rl, "ethdev %"PRIu16": removing meter %"PRIu32": %s",
                     m->ethdev, m->number, error_message(error, &mtr_error));
        return;
    }
    rte_mtr_meter_policy_delete(m->ethdev, m->number, NULL);
    rte_mtr_meter_profile_delete(m->ethdev, m->profile, NULL);
}

const char *
dpu_meter_device_update(struct dpu_meter_device *m, uint32_t number,
                        struct rte_mtr_meter_profile *profile)
{
    struct rte_mtr_error mtr_error = { .message = NULL };
    int error;

    error = rte_mtr_meter_profile_add(m->ethdev, number, profile, &mtr_error);
    if (error) {
        goto err;
    }
    error = rte_mtr_meter_profile_update(m->ethdev, m->number, number,
                                         &mtr_error);
    if (error) {
        goto err_profile;
    }
    rte_mtr_meter_profile_delete(m->ethdev, m->profile, NULL);
    m->profile = number;
    return NULL;

err_profile:
    rte_mtr_meter_profile_delete(m->ethdev, number, NULL);
err:
    return error_message(error, &mtr_error);
}
