/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-meter: OpenFlow's meters on devices (rte_mtr), and those that police
 * what ports receive.
 *
 * Open vSwitch says what each meter of the datapath does.  The first rule that
 * has a meter puts it on the rule's device, the last one takes it off.  So a
 * meter that Open vSwitch deletes stays until its rules have left.
 *
 * When a meter changes to what a device does not take, or from that, its rules
 * have to leave, or may come: dpu_meter_set() says so.
 *
 * A device takes a meter with one drop band, as a token bucket of RFC 2697
 * without an excess burst.  The bucket is the device's own: packets that go
 * through software, and those of another device, draw on another one.
 *
 * Thread-safety: any thread, under one mutex that is held over calls into
 * devices. */

#ifndef DPU_METER_H
#define DPU_METER_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_audit;
struct dpu_reason;
struct dpu_refs;
struct ofputil_meter_config;
struct ofputil_meter_stats;

/* The meter of what a port receives, whose ethdev is 'ethdev': in packets, or
 * else in kbit.  Its number is greater than those of the datapath's. */
static inline uint32_t
dpu_meter_of_port(uint16_t ethdev, bool packets)
{
    return UINT32_C(1) << 31 | (uint32_t) ethdev << 1 | packets;
}

/* Meter 'id' of the datapath is now as 'config' says, also on devices.
 * Returns true if megaflows that have it are to be translated anew, because
 * their rules do not do that or because they may have rules now. */
bool dpu_meter_set(uint32_t id, const struct ofputil_meter_config *config);

/* Meter 'id' is no more. */
void dpu_meter_del(uint32_t id);

/* Adds to '*stats' of meter 'id', and to its first 'n_bands' bands, what
 * devices have metered. */
void dpu_meter_add_stats(uint32_t id, struct ofputil_meter_stats *stats,
                         uint16_t n_bands);

/* Stores in '*number' the number (mtr_id) of meter 'id' for rules that are
 * created through 'ethdev', with a new reference.  Returns true, or false with
 * '*reason'. */
bool dpu_meter_ref(uint32_t id, uint16_t ethdev, uint32_t *number,
                   struct dpu_reason *reason);

/* Gives a reference back after its rule has left.  'number' may be 0.  'gone'
 * says whether the ethdev has vanished, and its meters with it. */
void dpu_meter_unref(uint32_t number, bool gone);

/* Asks the device for the meters that rules through 'ethdev' have, and counts
 * them in '*audit'.  In place of one that it has lost it gets another one, with
 * another number, which stays until dpu_meter_audit_end().  Meanwhile the
 * caller takes off the rules that have the former one (dpu_meter_is_lost()),
 * and puts them on anew. */
void dpu_meter_audit(uint16_t ethdev, struct dpu_audit *audit);
void dpu_meter_audit_end(uint16_t ethdev);

/* Whether an audit has found that the device has no meter 'number' any more,
 * to which the caller has a reference.  'number' may be 0. */
bool dpu_meter_is_lost(uint32_t number);

/* Compares the references to meters on devices with those in 'refs',
 * DPU_REF_METER by number, and corrects them. */
void dpu_meter_audit_refs(struct dpu_refs *refs);

#endif /* ofproto-dpif-dpu/device/dpu-meter.h */
