/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/device/dpu-setting.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dpu_setting);

/* The last value of each key, good or bad. */
static struct smap last = SMAP_INITIALIZER(&last);

bool
dpu_setting_has_changed(const struct smap *other_config, const char *key,
                        const char **value)
{
    *value = smap_get(other_config, key);
    if (nullable_string_is_equal(smap_get(&last, key), *value)) {
        return false;
    }
    smap_remove(&last, key);
    if (*value) {
        smap_add(&last, key, *value);
    }
    return true;
}

void
dpu_setting_set_bool(const struct smap *other_config, const char *key,
                     atomic_bool *to)
{
    const char *value;

    if (!dpu_setting_has_changed(other_config, key, &value)) {
        return;
    }
    if (!value || !strcmp(value, "true")) {
        atomic_store_relaxed(to, true);
    } else if (!strcmp(value, "false")) {
        atomic_store_relaxed(to, false);
    } else {
        VLOG_ERR("other_config:%s is \"%s\", but it should be \"true\" or "
                 "\"false\"", key, value);
    }
}

void
dpu_setting_set_number(const struct smap *other_config, const char *key,
                       uint32_t default_value, uint32_t min, uint32_t max,
                       atomic_uint32_t *to)
{
    const char *value;
    unsigned int n;

    if (!dpu_setting_has_changed(other_config, key, &value)) {
        return;
    }
    if (!value) {
        atomic_store_relaxed(to, default_value);
    } else if (str_to_uint(value, 10, &n) && n >= min && n <= max) {
        atomic_store_relaxed(to, n);
    } else {
        VLOG_ERR("other_config:%s is \"%s\", but it should be a number from "
                 "%"PRIu32" to %"PRIu32, key, value, min, max);
    }
}
