/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-burst.h"

#include "hash.h"
#include "util.h"

#include "ofproto-dpif-dpu/ct/dpu-ct-admission.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-conn.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-device.h"
#include "ofproto-dpif-dpu/ct/dpu-ct-rule.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"

/* A rule of each kind, whose values are written anew for each connection. */
struct dpu_ct_form {
    struct hmap_node node;      /* In 'forms'. */
    const struct dpu_ct_device *device;
    uint16_t target;
    uint32_t kind;
    struct dpu_ct_slots slots;
    struct dpu_spec spec;
};

void
dpu_ct_burst_init(struct dpu_ct_burst *burst, unsigned int queue)
{
    burst->queue = queue;
    hmap_init(&burst->forms);
    burst->n_targets = burst->n_conns = 0;
}

/* Returns the form for 'in', or NULL with '*reason'. */
static struct dpu_ct_form *
form_get(struct dpu_ct_burst *burst, const struct dpu_ct_device *device,
         uint16_t target, const struct dpu_ct_rule *in,
         struct dpu_reason *reason)
{
    uint32_t kind = dpu_ct_rule_kind(in);
    uint32_t hash = hash_2words(kind, target);
    struct dpu_ct_form *form;

    HMAP_FOR_EACH_WITH_HASH (form, node, hash, &burst->forms) {
        if (form->kind == kind && form->target == target
            && form->device == device) {
            dpu_ct_rule_fill(in, &form->slots);
            return form;
        }
    }
    form = xmalloc(sizeof *form);
    if (!dpu_ct_rule_spec(in, device->caps, &form->spec, &form->slots,
                          reason)) {
        free(form);
        return NULL;
    }
    form->device = device;
    form->target = target;
    form->kind = kind;
    hmap_insert(&burst->forms, &form->node, hash);
    return form;
}

void
dpu_ct_burst_forget(struct dpu_ct_burst *burst,
                    const struct dpu_ct_device *device, uint16_t target)
{
    struct dpu_ct_form *form;

    HMAP_FOR_EACH_SAFE (form, node, &burst->forms) {
        if (form->device == device && form->target == target) {
            if (device->ops->forget) {
                device->ops->forget(&form->spec);
            }
            hmap_remove(&burst->forms, &form->node);
            free(form);
        }
    }
}

/* Something is on its way to 'target'. */
static void
burst_note(struct dpu_ct_burst *burst, const struct dpu_rule_target *target)
{
    for (size_t i = 0; i < burst->n_targets; i++) {
        if (burst->targets[i].ethdev == target->ethdev) {
            return;
        }
    }
    burst->targets[burst->n_targets++] = *target;
}

/* Makes room in what burst_note() fills. */
static void
burst_make_room(struct dpu_ct_burst *burst)
{
    if (burst->n_targets >= DPU_CT_BURST_TARGETS) {
        for (size_t i = 0; i < burst->n_targets; i++) {
            dpu_rule_finish(&burst->targets[i], burst->queue);
        }
        burst->n_targets = 0;
    }
}

bool
dpu_ct_burst_create(struct dpu_ct_burst *burst, struct dpu_ct_device *device,
                    uint16_t target_, const struct dpu_ct_rule *in,
                    struct dpu_rule **rule, struct dpu_reason *reason)
{
    const struct dpu_rule_target target = { device->ops, target_ };
    struct dpu_ct_form *form = form_get(burst, device, target_, in, reason);

    if (!form) {
        return false;
    }
    if (!device->ops->enqueue) {
        return dpu_rule_create(&target, &form->spec, rule, reason);
    }
    burst_make_room(burst);
    if (!dpu_rule_enqueue(&target, burst->queue, &form->spec, rule, reason)) {
        return false;
    }
    burst_note(burst, &target);
    return true;
}

bool
dpu_ct_burst_destroy(struct dpu_ct_burst *burst, struct dpu_ct_device *device,
                     uint16_t target_, struct dpu_rule *rule,
                     struct dpu_reason *reason)
{
    const struct dpu_rule_target target = { device->ops, target_ };

    if (!device->ops->enqueue_destroy) {
        return dpu_rule_destroy(&target, rule, reason);
    }
    burst_make_room(burst);
    if (!dpu_rule_enqueue_destroy(&target, rule, reason)) {
        return false;
    }
    burst_note(burst, &target);
    return true;
}

void
dpu_ct_burst_add(struct dpu_ct_burst *burst, struct dpu_ct_conn *conn,
                 long long int now)
{
    conn->staged = true;
    burst->conns[burst->n_conns++] = conn;
    if (burst->n_conns == DPU_CT_BURST_SIZE) {
        dpu_ct_burst_finish(burst, now);
    }
}

void
dpu_ct_burst_finish(struct dpu_ct_burst *burst, long long int now)
{
    /* What has failed has others removed. */
    while (burst->n_targets || burst->n_conns) {
        struct dpu_ct_conn *conns[DPU_CT_BURST_SIZE];
        size_t n = burst->n_conns;

        for (size_t i = 0; i < burst->n_targets; i++) {
            dpu_rule_finish(&burst->targets[i], burst->queue);
        }
        burst->n_targets = 0;
        memcpy(conns, burst->conns, n * sizeof conns[0]);
        burst->n_conns = 0;
        for (size_t i = 0; i < n; i++) {
            conns[i]->staged = false;
            dpu_ct_admission_arrived(conns[i], now);
        }
    }
}
