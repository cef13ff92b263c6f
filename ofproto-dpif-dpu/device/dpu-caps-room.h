/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-caps-room: what a device can be asked by putting rules on it alone: how
 * many it takes, and whether it takes one twice.  For a device that nobody
 * uses; all rules come off again.
 *
 * Thread-safety: none; no other thread may change the device's rules. */

#ifndef DPU_CAPS_ROOM_H
#define DPU_CAPS_ROOM_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_caps;

struct dpu_caps_room {
    uint32_t max_rules;         /* 0: not found out, or not reached. */
    bool refuses_duplicates;    /* A second rule with one's match. */
};

/* Asks device 'caps', by rules for packets that enter at 'port', with up to
 * 'fill' rules to find out how many there is room for, or with 2 if that is 0.
 * Devices that take rules through templates alone are not asked. */
void dpu_caps_probe_room(uint16_t proxy, uint16_t port,
                         const struct dpu_caps *caps, uint32_t fill,
                         struct dpu_caps_room *);

#endif /* ofproto-dpif-dpu/device/dpu-caps-room.h */
