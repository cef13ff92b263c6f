/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-meter-device: one meter as a device has it (rte_mtr), with a policy and
 * a profile of its own: a token bucket whose excess is dropped.
 *
 * Thread-safety: none; dpu-meter's mutex guards all of them. */

#ifndef DPU_METER_DEVICE_H
#define DPU_METER_DEVICE_H 1

#include <stdbool.h>
#include <stdint.h>

struct rte_mtr_meter_profile;

/* Packets and bytes that a meter saw, and those of them that it dropped. */
struct dpu_meter_count {
    uint64_t n_packets, n_bytes;
    uint64_t n_packets_dropped, n_bytes_dropped;
};

struct dpu_meter_device {
    uint16_t ethdev;
    uint32_t number;                /* Of the meter and of its policy. */
    uint32_t profile;               /* The number of its profile. */
    bool lost;                      /* The device does not have it any more. */
    struct dpu_meter_count count;   /* The last reading. */
};

/* Adds 'count' to '*sum'. */
void dpu_meter_count_add(struct dpu_meter_count *sum,
                         const struct dpu_meter_count *count);

/* Puts a meter with 'profile' on the device that takes rules through 'ethdev',
 * as '*m'.  It, its policy and its profile have 'number'.  Returns NULL, or
 * what the device says against it. */
const char *dpu_meter_device_create(struct dpu_meter_device *m,
                                    uint16_t ethdev, uint32_t number,
                                    struct rte_mtr_meter_profile *profile);

/* Takes 'm', which no rule has any more, off, after a last reading. */
void dpu_meter_device_destroy(struct dpu_meter_device *m);

/* Gives 'm' the profile 'profile', with 'number'.  Returns NULL, or what the
 * device says against it: then 'm' is as it was. */
const char *dpu_meter_device_update(struct dpu_meter_device *m,
                                    uint32_t number,
                                    struct rte_mtr_meter_profile *profile);

/* Asks the device for 'm' and brings its counts up to date, or leaves them
 * alone.  Returns 0 or a positive errno, ENOENT if the device does not know it
 * any more. */
int dpu_meter_device_ask(struct dpu_meter_device *m);

/* The same, unless 'm' is lost; the log says why it could not. */
void dpu_meter_device_read(struct dpu_meter_device *m);

#endif /* ofproto-dpif-dpu/device/dpu-meter-device.h */
