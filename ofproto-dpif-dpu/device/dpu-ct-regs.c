/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-ct-regs.h"

#include <string.h>

#include <rte_errno.h>
#include <rte_flow.h>

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"

VLOG_DEFINE_THIS_MODULE(dpu_ct_regs);

void
dpu_ct_receive_meta(void)
{
    if (rte_flow_dynf_metadata_register() < 0) {
        VLOG_WARN("no room for META in DPDK's packets (%s): connections are "
                  "tracked in software", rte_strerror(rte_errno));
    }
}

/* Appends an item.  Returns the copy of it. */
static struct rte_flow_item_tag *
add_tag(struct dpu_spec *spec, enum dpu_ct_tag tag, uint32_t data,
        uint32_t mask_)
{
    const struct rte_flow_item_tag item = { .data = data, .index = tag };
    const struct rte_flow_item_tag mask = {
        .data = mask_, .index = UINT8_MAX
    };

    return dpu_spec_add_item(spec, RTE_FLOW_ITEM_TYPE_TAG,
                             &item, &mask, sizeof item);
}

uint32_t *
dpu_ct_match_tag(struct dpu_spec *spec, enum dpu_ct_tag tag,
                 uint32_t data, uint32_t mask)
{
    return &add_tag(spec, tag, data, mask)->data;
}

void
dpu_ct_match_tag_later(struct dpu_spec *spec, enum dpu_ct_tag tag,
                       uint32_t **data, uint32_t **mask)
{
    struct rte_flow_item_tag *item = add_tag(spec, tag, 0, UINT32_MAX);
    const struct rte_flow_item *last = &spec->items[spec->n_items - 1];

    *data = &item->data;
    *mask = &CONST_CAST(struct rte_flow_item_tag *, last->mask)->data;
}

/* Appends a MODIFY_FIELD that sets all of a register.  Its value is a number
 * in the host's byte order, as in the item (DPDK guide, "Action:
 * MODIFY_FIELD"). */
static uint32_t *
modify_register(struct dpu_spec *spec, enum rte_flow_field_id field,
                uint32_t level, uint32_t data)
{
    struct rte_flow_action_modify_field modify, *copy;

    memset(&modify, 0, sizeof modify);
    modify.operation = RTE_FLOW_MODIFY_SET;
    modify.dst.field = field;
    modify.dst.level = level;
    modify.src.field = RTE_FLOW_FIELD_VALUE;
    memcpy(modify.src.value, &data, sizeof data);
    modify.width = 32;
    copy = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_MODIFY_FIELD,
                               &modify, sizeof modify);
    return ALIGNED_CAST(uint32_t *, copy->src.value);
}

uint32_t *
dpu_ct_set_tag(struct dpu_spec *spec, const struct dpu_caps *caps,
               enum dpu_ct_tag tag, uint32_t data)
{
    const struct rte_flow_action_set_tag conf = {
        .data = data, .mask = UINT32_MAX, .index = tag
    };
    struct rte_flow_action_set_tag *copy;

    if (!dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_TAG)) {
        return modify_register(spec, RTE_FLOW_FIELD_TAG, tag, data);
    }
    copy = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_SET_TAG,
                               &conf, sizeof conf);
    return &copy->data;
}

uint32_t *
dpu_ct_set_meta(struct dpu_spec *spec, const struct dpu_caps *caps,
                uint32_t data)
{
    const struct rte_flow_action_set_meta conf = {
        .data = data, .mask = UINT32_MAX
    };
    struct rte_flow_action_set_meta *copy;

    if (!dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_SET_META)) {
        return modify_register(spec, RTE_FLOW_FIELD_META, 0, data);
    }
    copy = dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_SET_META,
                               &conf, sizeof conf);
    return &copy->data;
}
