/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "ofproto-dpif-dpu/ct/dpu-ct-config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-setting.h"

VLOG_DEFINE_THIS_MODULE(dpu_ct_config);

#define DEFAULT_MAX (1 << 20)

struct dpu_ct_config dpu_ct_config = {
    .enabled = ATOMIC_VAR_INIT(true),
    .max = ATOMIC_VAR_INIT(DEFAULT_MAX),
    .min_packets = ATOMIC_VAR_INIT(1),
    .protocols = ATOMIC_VAR_INIT(DPU_CT_PROTO_ALL),
    .nat = ATOMIC_VAR_INIT(true),
    .checksums = ATOMIC_VAR_INIT(true),
    .threads = ATOMIC_VAR_INIT(1),
};

static const struct {
    const char *name;
    uint32_t bit;
} protocols[] = {
    { "tcp", DPU_CT_PROTO_TCP },
    { "udp", DPU_CT_PROTO_UDP },
    { "icmp", DPU_CT_PROTO_ICMP },
    { "sctp", DPU_CT_PROTO_SCTP },
};

/* Makes '*bits' what 'value', as in "tcp,udp", names.  Returns false if it
 * cannot be read. */
static bool
parse_protocols(const char *value, uint32_t *bits)
{
    char *copy = xstrdup(value);
    char *save_ptr = NULL;
    bool ok = true;

    *bits = 0;
    for (char *name = strtok_r(copy, ", ", &save_ptr); name && ok;
         name = strtok_r(NULL, ", ", &save_ptr)) {
        size_t i;

        for (i = 0; i < ARRAY_SIZE(protocols); i++) {
            if (!strcmp(name, protocols[i].name)) {
                *bits |= protocols[i].bit;
                break;
            }
        }
        ok = i < ARRAY_SIZE(protocols);
    }
    free(copy);
    return ok && *bits;
}

static void
set_protocols(const struct smap *config, const char *key, atomic_uint32_t *to)
{
    const char *value;
    uint32_t bits;

    if (!dpu_setting_has_changed(config, key, &value)) {
        return;
    }
    if (!value) {
        atomic_store_relaxed(to, DPU_CT_PROTO_ALL);
    } else if (parse_protocols(value, &bits)) {
        atomic_store_relaxed(to, bits);
    } else {
        VLOG_ERR("other_config:%s is \"%s\", but it should be a list of tcp, "
                 "udp, icmp and sctp", key, value);
    }
}

void
dpu_ct_config_set(const struct smap *other_config)
{
    dpu_setting_set_bool(other_config, "dpu-ct", &dpu_ct_config.enabled);
    dpu_setting_set_number(other_config, "dpu-ct-max", DEFAULT_MAX, 0,
                           INT32_MAX, &dpu_ct_config.max);
    dpu_setting_set_number(other_config, "dpu-ct-min-packets", 1, 1,
                           UINT16_MAX, &dpu_ct_config.min_packets);
    set_protocols(other_config, "dpu-ct-protocols", &dpu_ct_config.protocols);
    dpu_setting_set_bool(other_config, "dpu-ct-nat", &dpu_ct_config.nat);
    dpu_setting_set_bool(other_config, "dpu-ct-checksums",
                         &dpu_ct_config.checksums);
    dpu_setting_set_number(other_config, "dpu-ct-threads", 1, 1,
                           DPU_CT_MAX_THREADS, &dpu_ct_config.threads);
}

static uint32_t
get_number(atomic_uint32_t *from)
{
    uint32_t n;

    atomic_read_relaxed(from, &n);
    return n;
}

static bool
get_bool(atomic_bool *from)
{
    bool b;

    atomic_read_relaxed(from, &b);
    return b;
}

void
dpu_ct_config_format(struct ds *s)
{
    struct dpu_ct_config *c = &dpu_ct_config;
    uint32_t bits = get_number(&c->protocols);
    const char *separator = "";

    ds_put_format(s, "  dpu-ct: %s\n  dpu-ct-max: %"PRIu32"\n"
                  "  dpu-ct-min-packets: %"PRIu32"\n  dpu-ct-protocols: ",
                  get_bool(&c->enabled) ? "true" : "false",
                  get_number(&c->max), get_number(&c->min_packets));
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        if (bits & protocols[i].bit) {
            ds_put_format(s, "%s%s", separator, protocols[i].name);
            separator = ",";
        }
    }
    ds_put_format(s, "\n  dpu-ct-nat: %s\n  dpu-ct-checksums: %s\n"
                  "  dpu-ct-threads: %"PRIu32"\n",
                  get_bool(&c->nat) ? "true" : "false",
                  get_bool(&c->checksums) ? "true" : "false",
                  get_number(&c->threads));
}
