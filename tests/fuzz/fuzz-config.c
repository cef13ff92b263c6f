/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * Fuzzes the options of an Interface, and names of representors.  Input:
 * lines, "key=value". */

#include <config.h>

#include <stdlib.h>

#include "lib/dpu-representor.h"
#include "netdev-dpu/dpu-config.h"
#include "openvswitch/vlog.h"
#include "smap.h"
#include "tests/fuzz/fuzz-input.h"
#include "util.h"

int
LLVMFuzzerInitialize(int *argc OVS_UNUSED, char ***argv OVS_UNUSED)
{
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    return 0;
}

/* A name that is taken can be written and read again, with the same
 * meaning. */
static void
check_name(const char *name)
{
    char text[DPU_REPRESENTOR_STRLEN];
    struct dpu_representor r, again;

    dpu_representor_parse_phys_port_name(name, &r);
    if (dpu_representor_parse(name, &r)) {
        return;
    }
    for (int own_pf = 0; own_pf < 2; own_pf++) {
        dpu_representor_format(&r, own_pf, text);
        ovs_assert(strlen(text) < sizeof text);
        ovs_assert(!dpu_representor_parse(text, &again));
        ovs_assert(again.function == r.function && again.number == r.number);
        dpu_representor_format_devarg(&r, own_pf, text);
        ovs_assert(strlen(text) < sizeof text);
    }
}

static void
check_config(const struct smap *options)
{
    struct dpu_config config;
    char *error = dpu_config_parse(options, "vf0", &config);

    if (error) {
        ovs_assert(error[0]);
        free(error);
        return;
    }
    if (!config.netdev && config.device) {
        free(dpu_config_to_devargs(&config, false));
        free(dpu_config_to_devargs(&config, true));
        free(dpu_config_to_probe(&config));
        dpu_config_own_pf(&config);
    }
    dpu_config_destroy(&config);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smap options = SMAP_INITIALIZER(&options);
    char *text, *line, *save = NULL;

    if (size > 2048) {
        return 0;
    }
    text = xmemdup0((const char *) data, size);
    for (line = strtok_r(text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *value = strchr(line, '=');

        if (value) {
            *value++ = '\0';
            smap_replace(&options, line, value);
            free(dpu_config_strip_representors(value));
        }
        check_name(value ? value : line);
    }
    check_config(&options);
    smap_destroy(&options);
    free(text);
    return 0;
}
