/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/flow/dpu-offload-audit.h"

#include <string.h>

#include "netdev-dpu/dpu-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-class.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-next.h"
#include "ofproto-dpif-dpu/device/dpu-chain.h"
#include "ofproto-dpif-dpu/device/dpu-ct-variant.h"
#include "ofproto-dpif-dpu/device/dpu-meter.h"
#include "ofproto-dpif-dpu/device/dpu-miss.h"
#include "ofproto-dpif-dpu/flow/dpu-offload-private.h"
#include "ofproto-dpif-dpu/flow/dpu-policer.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_offload_audit);

/* Guarded by 'dpu_offload_mutex'. */
static struct dpu_refs_found all_refs[DPU_REF_N_KINDS];

const char *
dpu_audited_kind_name(enum dpu_audited_kind kind)
{
    static const char *const names[DPU_AUDITED_N_KINDS] = {
#define DPU_AUDITED_KIND(CODE, NAME) [DPU_AUDITED_##CODE] = NAME,
        DPU_AUDITED_KINDS
#undef DPU_AUDITED_KIND
    };

    return names[kind];
}

/* What a device has. */

/* Calls 'cb' with each ethdev of 'device' through which rules of megaflows may
 * have been created. */
static void
for_each_target(const struct dpu_offload_device *device,
                void (*cb)(uint16_t ethdev, void *aux), void *aux)
    OVS_REQUIRES(dpu_offload_mutex)
{
    bool targets[RTE_MAX_ETHPORTS] = { false };
    const struct dpu_offload_port *port;

    LIST_FOR_EACH (port, node, &device->ports) {
        uint16_t ethdev = port->port.ethdev;

        targets[ethdev] = true;
        targets[device->flows.proxies[ethdev]] = true;
    }
    for (size_t i = 0; i < RTE_MAX_ETHPORTS; i++) {
        if (targets[i] && !dpu_flow_is_gone(&device->flows, i)) {
            cb(i, aux);
        }
    }
}

static void
audit_meters_cb(uint16_t ethdev, void *audit)
{
    dpu_meter_audit(ethdev, audit);
}

static void
audit_meters_end_cb(uint16_t ethdev, void *aux OVS_UNUSED)
{
    dpu_meter_audit_end(ethdev);
}

static void
audit_megaflows(struct dpu_offload_device *device, struct dpu_audit *audit)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_port *port;

    LIST_FOR_EACH (port, node, &device->ports) {
        struct dpu_offload_map map;

        dpu_offload_map_init(&map, port);
        if (!port->leaving) {
            dpu_flow_audit(&device->flows, port->port.ethdev, &map.up, audit);
        }
    }
}

/* A policer that could not be put back is software's from now on. */
static void
audit_policers(struct dpu_offload_device *device)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_port *port;

    LIST_FOR_EACH (port, node, &device->ports) {
        if (port->policed && !port->leaving) {
            dpu_policer_resume(port);
        }
    }
}

/* Adds up what was found, and says so in the log if something was lost. */
static void
note_found(struct dpu_offload_device *device,
           const struct dpu_offload_audit *found)
{
    for (size_t i = 0; i < DPU_AUDITED_N_KINDS; i++) {
        const struct dpu_audit *audit = &found->kinds[i];

        device->audited.kinds[i].n_restored += audit->n_restored;
        device->audited.kinds[i].n_lost += audit->n_lost;
        if (audit->n_restored || audit->n_lost) {
            VLOG_INFO("%s: lost %s: %"PRIuSIZE" put back, %"PRIuSIZE" not",
                      dpu_device_name(device->device),
                      dpu_audited_kind_name(i), audit->n_restored,
                      audit->n_lost);
        }
    }
}

void
dpu_offload_audit(struct dpu_offload_device *device,
                  struct dpu_offload_audit *found)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_audit *kinds = found->kinds;

    memset(found, 0, sizeof *found);
    ovs_rwlock_rdlock(&device->ports_lock);
    if (!dpu_offload_is_exiting()) {
        for_each_target(device, audit_meters_cb, &kinds[DPU_AUDITED_METERS]);
        /* Before those that jump, so that no packet is sent to a group that
         * has nothing. */
        dpu_chain_audit(&device->flows.chains, &kinds[DPU_AUDITED_MISSES]);
        audit_megaflows(device, &kinds[DPU_AUDITED_MEGAFLOWS]);
        dpu_ct_device_audit(device->ct, &kinds[DPU_AUDITED_CONNECTIONS]);
        for_each_target(device, audit_meters_end_cb, NULL);
    }
    ovs_rwlock_unlock(&device->ports_lock);
    audit_policers(device);
    note_found(device, found);
}

/* References. */

/* Has all tables compare. */
static void
settle_refs(struct dpu_refs *refs)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_chain_audit_refs(&device->flows.chains, refs);
    }
    dpu_miss_audit_refs(refs);
    dpu_meter_audit_refs(refs);
    dpu_ct_variant_audit_refs(refs);
    dpu_ct_next_audit_refs(refs);
    dpu_ct_class_audit_refs(refs);
}

/* Has everybody add what they refer to. */
static void
add_refs(struct dpu_refs *refs)
    OVS_REQUIRES(dpu_offload_mutex)
{
    const struct dpu_offload_device *device;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_flow_add_refs(&device->flows, refs);
        for (size_t i = 0; i < ARRAY_SIZE(device->ct_chains); i++) {
            dpu_refs_add(refs, DPU_REF_CHAIN,
                         (uintptr_t) device->ct_chains[i]);
        }
    }
    dpu_ct_add_refs(refs);
}

/* Counts all references while none is taken or given back.  Returns true if
 * rules or connections referred to what is not there. */
static bool
audit_refs_at_rest(struct dpu_refs *refs)
    OVS_REQUIRES(dpu_offload_mutex)
    OVS_NO_THREAD_SAFETY_ANALYSIS
{
    struct dpu_offload_device *device;
    bool dangling;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_flow_hold(&device->flows);
    }
    dpu_ct_hold();
    add_refs(refs);
    settle_refs(refs);
    dangling = dpu_refs_finish(refs);
    if (dangling) {
        LIST_FOR_EACH (device, node, &dpu_offload_devices) {
            dpu_flow_drop_dangling(&device->flows, refs);
        }
        dpu_ct_find_dangling(refs);
    }
    dpu_ct_release();
    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        dpu_flow_release(&device->flows);
    }
    return dangling;
}

/* Lets what was taken off, because it referred to what is not there, come
 * back. */
static void
bring_back(void)
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_offload_device *device;

    LIST_FOR_EACH (device, node, &dpu_offload_devices) {
        if (!ovs_list_is_empty(&device->ports)) {
            dpu_offload_refill(CONTAINER_OF(ovs_list_front(&device->ports),
                                            struct dpu_offload_port, node),
                               SIZE_MAX);
        }
    }
    dpu_ct_drop_dangling();
}

/* Adds 'found' up, and says so in the log if it is a difference. */
static void
note_refs(const struct dpu_refs_found found[DPU_REF_N_KINDS])
    OVS_REQUIRES(dpu_offload_mutex)
{
    for (size_t i = 0; i < DPU_REF_N_KINDS; i++) {
        all_refs[i].n_leaked += found[i].n_leaked;
        all_refs[i].n_missing += found[i].n_missing;
        if (found[i].n_leaked || found[i].n_missing) {
            VLOG_WARN("references to %s: %"PRIu64" leaked, %"PRIu64" missing "
                      "(corrected)", dpu_ref_kind_name(i), found[i].n_leaked,
                      found[i].n_missing);
        }
    }
}

void
dpu_offload_audit_refs(struct dpu_refs_found found[DPU_REF_N_KINDS])
    OVS_REQUIRES(dpu_offload_mutex)
{
    struct dpu_refs refs;

    dpu_refs_init(&refs);
    if (audit_refs_at_rest(&refs)) {
        bring_back();
    }
    memcpy(found, refs.found, sizeof refs.found);
    dpu_refs_destroy(&refs);
    note_refs(found);
}

struct dpu_refs_found
dpu_offload_audited_refs(enum dpu_ref_kind kind)
    OVS_REQUIRES(dpu_offload_mutex)
{
    return all_refs[kind];
}
