/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-meter: meters (rte_mtr, on librte_meter): profiles, policies, meters
 * and the action METER.  Their ids are one space per device, whichever ethdev
 * they are created through.  A policy tells for each color whether the packet
 * goes on or is dropped.
 *
 * Thread-safety: control threads, any number at a time; the embedded switch
 * thread runs meters meanwhile, and what it may still read is freed after a
 * grace period. */
#ifndef EMU_METER_H
#define EMU_METER_H

#include "emu-device.h"

struct emu_meter;
struct emu_meters;			/* device->meters. */

/* Takes a reference to meter 'id' of 'device', or returns NULL if there is
 * none. */
struct emu_meter *emu_meter_ref(struct emu_device *device, uint32_t id);
void emu_meter_unref(struct emu_meter *meter);
bool emu_meter_exists(struct emu_device *device, uint32_t id);

/* Meters a packet of 'bytes' at 'now' (rte_rdtsc()); returns false if it is
 * to be dropped.  Embedded switch thread only. */
bool emu_meter_run(struct emu_meter *meter, uint64_t now, uint32_t bytes);

/* The device loses its meters: nobody finds them any more, and rules that use
 * them let everything pass, unmetered and uncounted.  Profiles and policies
 * stay.  Not from the embedded switch thread. */
void emu_meters_lose(struct emu_device *device);

/* Destroys all meters, policies and profiles of 'device'. */
void emu_meters_destroy(struct emu_device *device);

#endif /* EMU_METER_H */
