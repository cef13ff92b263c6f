/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-probe.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_flow.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

#include "ofproto-dpif-dpu/device/dpu-caps-limits.h"
#include "ofproto-dpif-dpu/device/dpu-caps-room.h"
#include "ofproto-dpif-dpu/device/dpu-spec.h"
#include "utilities/dpuctl-device.h"

/* The rules that a device may be asked to take: more than any has. */
#define MAX_FILL 100000000

static void
put_number(struct ds *s, const char *key, uint32_t value)
{
    ds_put_format(s, "%-20s = %"PRIu32"\n", key, value);
}

static void
put_flag(struct ds *s, const char *key, bool value)
{
    ds_put_format(s, "%-20s = %s\n", key, value ? "yes" : "no");
}

/* Appends "NAME = Y", in lower case. */
static void
put_name(struct ds *s, const char *name)
{
    size_t start = s->length;

    ds_put_format(s, "%-20s = Y\n", name);
    for (char *p = ds_cstr(s) + start; *p != '='; p++) {
        *p = tolower((unsigned char) *p);
    }
}

/* Appends a line for each item or action, as 'op' says, that has a bit in
 * 'bits', by the name that DPDK has for it. */
static void
put_names(struct ds *s, enum rte_flow_conv_op op, const uint64_t bits[2])
{
    for (int type = 0; type < 128; type++) {
        const char *name;

        if ((bits[type / 64] >> type % 64) & 1
            && rte_flow_conv(op, &name, sizeof name,
                             (void *) (uintptr_t) type, NULL) > 0
            && name) {
            put_name(s, name);
        }
    }
}

/* The number of groups: 0, chains, and those of connection tracking. */
static uint32_t
n_groups(const struct dpu_caps *caps)
{
    uint32_t n = 1 + caps->max_group + (caps->ct ? 2 : 0);

    return caps->groups ? MAX(n, 2) : 1;
}

static void
format_device(const struct dpu_caps *caps,
              const struct dpu_caps_limits *limits,
              const struct dpu_caps_room *room, struct ds *s)
{
    ds_put_cstr(s, "[device]\n");
    if (room->max_rules) {
        put_number(s, "max_rules", room->max_rules);
    }
    put_number(s, "max_groups", n_groups(caps));
    put_number(s, "max_priority", limits->max_priority);
    put_number(s, "max_meters", limits->max_meters);
    put_number(s, "max_rule_meters", limits->max_rule_meters);
    if (limits->max_counters) {
        put_number(s, "max_counters", limits->max_counters);
    }
    put_number(s, "tags", limits->n_tags);
    put_number(s, "mark_bits", limits->mark_bits);
    put_number(s, "meta_bits", limits->meta_bits);
    put_number(s, "vlans", limits->n_vlans);
    put_number(s, "max_outputs", limits->max_outputs);
    put_flag(s, "partial_masks", limits->partial_masks);
    put_flag(s, "ranges", limits->ranges);
    put_flag(s, "fragment_ranges", limits->fragment_ranges);
    put_flag(s, "any_fragment", limits->any_fragment);
    put_flag(s, "ipv4_lengths", caps->ipv4_length);
    put_flag(s, "ipv6_lengths", caps->ipv6_length);
    put_flag(s, "vxlan_flags", caps->vxlan_flags);
    put_flag(s, "vxlan_reserved", caps->vxlan_reserved);
    put_flag(s, "l2_replace", caps->l2_replace);
    put_flag(s, "outer_udp_csum", caps->encap_udp_checksum);
    put_flag(s, "integrity_icmp", caps->icmp_checksum);
    if (room->refuses_duplicates) {
        put_flag(s, "duplicates", false);
    }
    put_flag(s, "sync_rules", caps->rules);
    put_flag(s, "templates", caps->templates);
}

static void
format_profile(const char *devargs, const struct dpu_caps *caps,
               const struct dpu_caps_limits *limits,
               const struct dpu_caps_room *room, struct ds *s)
{
    ds_put_format(s, "# What %s takes of the rules that ovs-dpu makes.\n"
                  "#\n"
                  "# How many rules a device has room for is found out with "
                  "--fill alone; of two rules\n"
                  "# with one match, which one takes packets is not, and only "
                  "some say how many\n"
                  "# counters they have: \"max_rules\", \"duplicates\" and "
                  "\"max_counters\" are those\n"
                  "# of an emulated device where they are not here.\n\n",
                  devargs);
    format_device(caps, limits, room, s);
    ds_put_cstr(s, "\n[rte_flow items]\n");
    put_names(s, RTE_FLOW_CONV_OP_ITEM_NAME_PTR, caps->items);
    ds_put_cstr(s, "\n[rte_flow actions]\n");
    put_names(s, RTE_FLOW_CONV_OP_ACTION_NAME_PTR, caps->actions);
    ds_put_cstr(s, "\n[rte_flow fields]\n");
    for (int field = 0; field < 64; field++) {
        if (dpu_caps_modify(caps, field)) {
            put_name(s, dpu_spec_field_name(field));
        }
    }
    if (caps->modify_fields[0]) {
        /* What they are set to. */
        put_name(s, "value");
        put_name(s, "pointer");
    }
}

/* Writes 'text' to 'file', or to standard output if that is NULL. */
static void
write_profile(const char *file, const char *text)
{
    FILE *stream = file ? fopen(file, "w") : stdout;

    if (!stream || fputs(text, stream) < 0
        || (file ? fclose(stream) : fflush(stream))) {
        ovs_fatal(errno, "%s", file ? file : "standard output");
    }
}

static void
probe(const char *devargs, const char *driver, const char *output,
      uint32_t fill)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dpu_caps_limits limits;
    struct dpuctl_device device;
    struct dpu_caps_room room;
    uint16_t port;
    char *error;

    error = dpuctl_device_open(&device, devargs, driver);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (!device.caps.transfer) {
        ovs_fatal(0, "%s takes no rules for its embedded switch: there is "
                  "nothing to save", devargs);
    }
    port = device.ethdevs[device.n_ethdevs > 1 ? 1 : 0];
    dpu_caps_probe_limits(device.proxy, port, &device.caps, &limits);
    dpu_caps_probe_room(device.proxy, port, &device.caps, fill, &room);
    format_profile(devargs, &device.caps, &limits, &room, &s);
    dpuctl_device_close(&device);
    write_profile(output, ds_cstr(&s));
    ds_destroy(&s);
}

void
dpuctl_probe(int argc, char *argv[])
{
    enum { OPT_DRIVER = 256, OPT_OUTPUT, OPT_FILL };
    static const struct option long_options[] = {
        { "driver", required_argument, NULL, OPT_DRIVER },
        { "output", required_argument, NULL, OPT_OUTPUT },
        { "fill", required_argument, NULL, OPT_FILL },
        { NULL, 0, NULL, 0 },
    };
    const char *driver = NULL, *output = NULL;
    unsigned int fill = 0;
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_DRIVER:
            driver = optarg;
            break;
        case OPT_OUTPUT:
            output = optarg;
            break;
        case OPT_FILL:
            if (!str_to_uint(optarg, 10, &fill) || !fill
                || fill > MAX_FILL) {
                ovs_fatal(0, "--fill=%s: a number of rules is wanted, from 1 "
                          "to %d", optarg, MAX_FILL);
            }
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (argc - optind != 1) {
        ovs_fatal(0, "probe takes the arguments of one device (use --help for "
                  "help)");
    }
    probe(argv[optind], driver, output, fill);
}
