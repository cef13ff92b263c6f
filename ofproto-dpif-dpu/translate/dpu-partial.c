/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/translate/dpu-partial.h"

#include "odp-util.h"
#include "openvswitch/match.h"
#include "ovs-atomic.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps.h"
#include "ofproto-dpif-dpu/device/dpu-mark.h"
#include "ofproto-dpif-dpu/device/dpu-reason.h"
#include "ofproto-dpif-dpu/device/dpu-setting.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "ofproto-dpif-dpu/translate/dpu-match.h"
#include "ofproto-dpif-dpu/translate/dpu-translate.h"

static atomic_bool enabled = ATOMIC_VAR_INIT(true);

/* Whether the match alone may do where the whole megaflow did not, because of
 * 'code'. */
static bool
may_help(enum dpu_reason_code code)
{
    switch (code) {
    case DPU_REASON_MATCH_ITEM:     /* It may be one for an action. */
    case DPU_REASON_ACTION:
    case DPU_REASON_ACTION_DEVICE:
    case DPU_REASON_ACTION_SOFTWARE:
    case DPU_REASON_RECIRC:
    case DPU_REASON_OUTPUT_PORT:
    case DPU_REASON_DEVICE_REFUSED:
        return true;

    case DPU_REASON_NONE:
    case DPU_REASON_MATCH_FIELD:
    case DPU_REASON_MATCH_MASK:
    case DPU_REASON_IN_PORT:
    case DPU_REASON_DEVICE_FULL:
    case DPU_REASON_DEVICE_ERROR:
    case DPU_REASON_DEVICE_GONE:
    case DPU_REASON_INVALID_FLOW:
    case DPU_REASON_NOT_OFFERED:
    case DPU_REASON_BELOW_MINIMUM:
    case DPU_N_REASONS:
    default:
        return false;
    }
}

/* Whether packets of 'flow' meet it first of all. */
static bool
is_first(const struct dpu_megaflow *flow, const struct dpu_port_map *ports)
{
    const struct flow *key = &flow->match->flow;

    return (!key->recirc_id
            && !(ports->tunnel
                 && ports->tunnel(ports, key->in_port.odp_port)));
}

/* Appends what sends a packet up: the action for it, or where there is none,
 * as what misses in a chain does by default, a jump to one that stays
 * empty. */
static bool
add_way_up(const struct dpu_caps *caps, struct dpu_spec *spec)
{
    const struct rte_flow_action_ethdev up = { .port_id = spec->port_ethdev };
    const struct dpu_chain_key nowhere = { .in_port = ODPP_NONE };

    if (dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR)) {
        dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_PORT_REPRESENTOR,
                            &up, sizeof up);
    } else if (caps->default_miss) {
        dpu_spec_add_jump(spec, &nowhere);
    } else {
        return false;
    }
    return true;
}

bool
dpu_partial_translate(const struct dpu_megaflow *flow,
                      const struct dpu_port_map *ports,
                      const struct dpu_caps *caps,
                      const struct dpu_reason *why, struct dpu_spec *spec)
{
    const struct rte_flow_action_mark mark = {
        .id = dpu_mark_from_flow(flow->flow_mark)
    };
    const struct rte_flow_action_count count = { .id = 0 };
    struct dpu_megaflow alone = *flow;
    struct dpu_reason reason;

    alone.actions = NULL;
    alone.actions_len = 0;
    alone.comes_up = true;
    dpu_translate_begin(caps, spec);
    if (!mark.id || !may_help(why->code) || !is_first(flow, ports)
        || !dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_MARK)
        || !dpu_match_compile(&alone, ports, caps, spec, &reason)) {
        return false;
    }
    /* Of one length, the others are hardware's, which counts those alone. */
    if (!flow->length && dpu_caps_action(caps, RTE_FLOW_ACTION_TYPE_COUNT)) {
        dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_COUNT,
                            &count, sizeof count);
    }
    dpu_spec_add_action(spec, RTE_FLOW_ACTION_TYPE_MARK, &mark, sizeof mark);
    spec->flow_mark = flow->flow_mark;
    return add_way_up(caps, spec) && !spec->overflow;
}

void
dpu_partial_configure(const struct smap *other_config)
{
    dpu_setting_set_bool(other_config, "dpu-partial", &enabled);
}

bool
dpu_partial_enabled(void)
{
    bool value;

    atomic_read_relaxed(&enabled, &value);
    return value;
}
