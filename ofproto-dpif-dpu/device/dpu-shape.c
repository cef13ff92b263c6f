/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-shape.h"

#include <string.h>

#include "util.h"

/* Appends 'size' bytes of 'p' to 'key'.  Returns false if there is no room. */
static bool
put(struct dpu_shape_key *key, const void *p, size_t size)
{
    if (size > sizeof key->bytes - key->size) {
        return false;
    }
    memcpy(&key->bytes[key->size], p, size);
    key->size += size;
    return true;
}

static bool
put_int(struct dpu_shape_key *key, uint32_t value)
{
    return put(key, &value, sizeof value);
}

/* Patterns. */

/* A template has the length of an option, and rules have their data. */
static bool
put_geneve_opt(struct dpu_shape_key *key,
               const struct rte_flow_item_geneve_opt *spec,
               const struct rte_flow_item_geneve_opt *mask)
{
    return (put_int(key, spec->option_len)
            && put_int(key, mask->option_class)
            && put_int(key, mask->option_type)
            && (!mask->data
                || put(key, mask->data, spec->option_len * 4)));
}

/* A template has how many bytes there are and where, and rules have theirs. */
static bool
put_raw_bytes(struct dpu_shape_key *key, const struct rte_flow_item_raw *spec,
              const struct rte_flow_item_raw *mask)
{
    return (put_int(key, spec->relative)
            && put_int(key, spec->search)
            && put_int(key, spec->offset)
            && put_int(key, spec->limit)
            && put_int(key, spec->length)
            && (!mask->pattern || put(key, mask->pattern, spec->length)));
}

/* Appends what a pattern template takes of the item's 'spec', besides its
 * mask. */
static bool
put_constants(struct dpu_shape_key *key, const struct rte_flow_item *item)
{
    const struct rte_flow_item_tag *tag = item->spec;
    const struct rte_flow_item_ipv6 *ip6 = item->spec;
    const struct rte_flow_item_ipv6 *ip6_mask = item->mask;

    if (item->type == RTE_FLOW_ITEM_TYPE_TAG && tag) {
        return put_int(key, tag->index);
    } else if (item->type == RTE_FLOW_ITEM_TYPE_IPV6 && ip6 && ip6_mask) {
        /* Devices may look elsewhere for some of them: for the first header
         * behind IPv6's, or for the one behind all extension headers. */
        return put_int(key, ip6->hdr.proto & ip6_mask->hdr.proto);
    }
    return true;
}

static bool
put_item(struct dpu_shape_key *key, const struct rte_flow_item *item,
         size_t size)
{
    if (item->last
        || !put_int(key, item->type)
        || !put_int(key, (item->spec ? 1 : 0) | (item->mask ? 2 : 0))) {
        return false;
    }
    if (item->type == RTE_FLOW_ITEM_TYPE_GENEVE_OPT && item->spec
        && item->mask) {
        return put_geneve_opt(key, item->spec, item->mask);
    }
    if (item->type == RTE_FLOW_ITEM_TYPE_RAW && item->spec && item->mask) {
        return put_raw_bytes(key, item->spec, item->mask);
    }
    return ((!item->mask || put(key, item->mask, size))
            && put_constants(key, item));
}

bool
dpu_shape_pattern(const struct dpu_spec *spec, struct dpu_shape_key *key)
{
    key->size = 0;
    if (!put_int(key, spec->attr.transfer)) {
        return false;
    }
    for (size_t i = 0; i < spec->n_items; i++) {
        if (!put_item(key, &spec->items[i], spec->item_sizes[i])) {
            return false;
        }
    }
    return true;
}

/* Actions. */

/* A mask for any structure. */
static const uint64_t ones[] = {
#define ONES4 UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX
#define ONES16 ONES4, ONES4, ONES4, ONES4
    ONES16, ONES16, ONES16, ONES16
};

/* Which part of an action all rules of a template have in common. */
enum constant {
    CONSTANT_NONE,              /* All of it is the rule's. */
    CONSTANT_VALUE,             /* A plain structure. */
    CONSTANT_RAW,               /* A structure with pointers to headers. */
    CONSTANT_DEEP,              /* The same, not compared. */
    CONSTANT_PART               /* All but the value that is written. */
};

static enum constant
action_constant(const struct dpu_spec *spec, size_t i, bool whole)
{
    switch ((int) spec->actions[i].type) {
    case RTE_FLOW_ACTION_TYPE_COUNT:
    case RTE_FLOW_ACTION_TYPE_AGE:
        return CONSTANT_NONE;

    case RTE_FLOW_ACTION_TYPE_MODIFY_FIELD:
    case RTE_FLOW_ACTION_TYPE_SET_TAG:
    case RTE_FLOW_ACTION_TYPE_SET_META:
        return CONSTANT_PART;

    case RTE_FLOW_ACTION_TYPE_JUMP:
        return whole || spec->fixed_jump ? CONSTANT_VALUE : CONSTANT_NONE;

    case RTE_FLOW_ACTION_TYPE_RAW_DECAP:
        return CONSTANT_RAW;

    case RTE_FLOW_ACTION_TYPE_RAW_ENCAP:
        /* In place of what a RAW_DECAP takes off it depends on that. */
        return (whole
                || (i && (spec->actions[i - 1].type
                          == RTE_FLOW_ACTION_TYPE_RAW_DECAP))
                ? CONSTANT_RAW : CONSTANT_NONE);

    case RTE_FLOW_ACTION_TYPE_VXLAN_ENCAP:
    case RTE_FLOW_ACTION_TYPE_SAMPLE:
        return whole ? CONSTANT_DEEP : CONSTANT_NONE;

    default:
        return whole ? CONSTANT_VALUE : CONSTANT_NONE;
    }
}

const void *
dpu_shape_headers(const struct rte_flow_action *action, size_t *size)
{
    const struct rte_flow_action_raw_encap *encap = action->conf;
    const struct rte_flow_action_raw_decap *decap = action->conf;

    if (action->type == RTE_FLOW_ACTION_TYPE_RAW_ENCAP && encap) {
        *size = encap->size;
        return encap->data;
    } else if (action->type == RTE_FLOW_ACTION_TYPE_RAW_DECAP && decap) {
        *size = decap->size;
        return decap->data;
    }
    *size = 0;
    return NULL;
}

static bool
put_raw(struct dpu_shape_key *key, const struct rte_flow_action *action)
{
    size_t size;
    const void *data = dpu_shape_headers(action, &size);

    return (put_int(key, size) && put_int(key, data != NULL)
            && (!data || put(key, data, size)));
}

/* What is written is the rule's, where to is the template's. */
static bool
mask_modify(const struct rte_flow_action_modify_field *conf, bool whole,
            struct rte_flow_action_modify_field *mask,
            struct dpu_shape_key *key)
{
    struct rte_flow_action_modify_field constant = *conf;
    bool value = conf->src.field == RTE_FLOW_FIELD_VALUE;

    memset(mask, 0, sizeof *mask);
    mask->operation = conf->operation;
    mask->dst = (struct rte_flow_action_modify_data) {
        .field = conf->dst.field, .level = UINT32_MAX, .offset = UINT32_MAX,
    };
    mask->src.field = conf->src.field;
    mask->width = UINT32_MAX;
    if (!value) {
        mask->src.level = mask->src.offset = UINT32_MAX;
    } else if (whole) {
        memset(mask->src.value, 0xff, sizeof mask->src.value);
    } else {
        memset(constant.src.value, 0, sizeof constant.src.value);
    }
    return put(key, &constant, sizeof constant);
}

static bool
mask_part(const struct rte_flow_action *action, bool whole, size_t i,
          struct dpu_shape_masks *masks, struct dpu_shape_key *key)
{
    static const struct rte_flow_action_set_tag tag_mask = {
        .data = 0, .mask = UINT32_MAX, .index = UINT8_MAX,
    };
    static const struct rte_flow_action_set_meta meta_mask = {
        .data = 0, .mask = UINT32_MAX,
    };
    const struct rte_flow_action_set_tag *tag = action->conf;
    const struct rte_flow_action_set_meta *meta = action->conf;

    switch ((int) action->type) {
    case RTE_FLOW_ACTION_TYPE_SET_TAG:
        masks->masks[i].conf = whole ? (const void *) ones : &tag_mask;
        return put_int(key, tag->index) && put_int(key, tag->mask);

    case RTE_FLOW_ACTION_TYPE_SET_META:
        masks->masks[i].conf = whole ? (const void *) ones : &meta_mask;
        return put_int(key, meta->mask);

    default:
        masks->masks[i].conf = &masks->modify[i];
        return mask_modify(action->conf, whole, &masks->modify[i], key);
    }
}

static bool
mask_action(const struct dpu_spec *spec, size_t i, bool whole,
            struct dpu_shape_masks *masks, struct dpu_shape_key *key)
{
    const struct rte_flow_action *action = &spec->actions[i];
    size_t size = spec->action_sizes[i];

    masks->masks[i] = (struct rte_flow_action) { .type = action->type };
    if (!put_int(key, action->type)) {
        return false;
    }
    if (!action->conf) {
        return true;
    }
    switch (action_constant(spec, i, whole)) {
    case CONSTANT_NONE:
        return true;

    case CONSTANT_PART:
        return mask_part(action, whole, i, masks, key);

    case CONSTANT_VALUE:
        ovs_assert(size <= sizeof ones);
        masks->masks[i].conf = ones;
        return put(key, action->conf, size);

    case CONSTANT_RAW:
        masks->masks[i].conf = action->conf;
        return put_raw(key, action);

    case CONSTANT_DEEP:
        masks->masks[i].conf = action->conf;
        return true;
    }
    OVS_NOT_REACHED();
}

bool
dpu_shape_actions(const struct dpu_spec *spec, bool whole,
                  struct dpu_shape_masks *masks, struct dpu_shape_key *key)
{
    key->size = 0;
    if (!put_int(key, spec->attr.transfer)) {
        return false;
    }
    for (size_t i = 0; i < spec->n_actions; i++) {
        if (!mask_action(spec, i, whole, masks, key)) {
            return false;
        }
    }
    masks->masks[spec->n_actions] = (struct rte_flow_action) {
        .type = RTE_FLOW_ACTION_TYPE_END
    };
    return true;
}
