/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors */

#include <config.h>

#include "utilities/dpuctl-dry-run.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "utilities/dpuctl-daemon.h"
#include "utilities/dpuctl-device.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-explain.h"
#include "utilities/dpuctl-trace.h"
#include "utilities/dpuctl-translate.h"

struct dry_run_options {
    const char *profile;        /* Of an emulated device. */
    const char *device;         /* Device arguments. */
    const char *driver;         /* Shared library with the device's driver. */
    const char *bridge;         /* Where the packet of a trace enters. */
    const char *target;         /* The daemon that traces. */
    bool summary;
    bool explain;               /* "explain", not "translate". */
    bool json;                  /* As JSON. */
};

/* The arguments of an emulated device with a port for each of 'n_ports',
 * nobody behind any of them. */
static char *
emulated_device(const char *profile, size_t n_ports)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    size_t n_vfs = n_ports > 2 ? n_ports - 1 : 1;

    ds_put_format(&s, "net_dpu_emu0,profile=%s,vfs=%"PRIuSIZE",uplink=null",
                  profile, n_vfs);
    for (size_t i = 0; i < n_vfs; i++) {
        ds_put_format(&s, ",vf%"PRIuSIZE"=null", i);
    }
    return ds_steal_cstr(&s);
}

static char *
read_file(struct dpuctl_dump *dump, const char *file)
{
    FILE *stream = strcmp(file, "-") ? fopen(file, "r") : stdin;
    char *error;

    if (!stream) {
        ovs_fatal(errno, "%s", file);
    }
    error = dpuctl_dump_read(dump, stream, file);
    if (stream != stdin) {
        fclose(stream);
    }
    return error;
}

/* Reads what the daemon would do with 'flow'. */
static char *
read_trace(struct dpuctl_dump *dump, const struct dry_run_options *options,
           const char *flow)
{
    struct jsonrpc *daemon;
    char *error, *trace;
    FILE *stream;

    error = dpuctl_daemon_connect(options->target, &daemon);
    if (error) {
        return error;
    }
    error = dpuctl_trace_ask(daemon, options->bridge, flow, &trace);
    jsonrpc_close(daemon);
    if (error) {
        return error;
    }
    stream = fmemopen(trace, strlen(trace), "r");
    if (!stream) {
        ovs_fatal(errno, "no memory for a trace");
    }
    error = dpuctl_dump_read(dump, stream, "ofproto/trace");
    fclose(stream);
    free(trace);
    return error;
}

static void
read_flows(struct dpuctl_dump *dump, const struct dry_run_options *options,
           const char *arg)
{
    char *error = (options->bridge ? read_trace(dump, options, arg)
                   : read_file(dump, arg));

    if (error) {
        ovs_fatal(0, "%s", error);
    }
}

static void
run(const struct dry_run_options *options, const char *arg)
{
    struct dpuctl_device device;
    struct dpuctl_dump dump;
    char *devargs, *error;
    const char *name;

    read_flows(&dump, options, arg);
    devargs = (options->device ? xstrdup(options->device)
               : emulated_device(options->profile, dump.ports.n_ethdevs));
    error = dpuctl_device_open(&device, devargs, options->driver);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (dump.ports.n_ethdevs > device.n_ethdevs) {
        ovs_fatal(0, "%s names %"PRIuSIZE" ports, the device has %"PRIuSIZE,
                  arg, dump.ports.n_ethdevs, device.n_ethdevs);
    }
    name = options->device ? options->device : options->profile;
    if (options->explain) {
        dpuctl_explain(&dump, &device, name, options->json, stdout);
    } else if (options->summary) {
        dpuctl_translate_summary(&dump, &device, name, stdout);
    } else {
        dpuctl_translate(&dump, &device, stdout);
    }
    dpuctl_device_close(&device);
    dpuctl_dump_destroy(&dump);
    free(devargs);
}

void
dpuctl_dry_run(int argc, char *argv[])
{
    enum { OPT_PROFILE = 256, OPT_DEVICE, OPT_DRIVER, OPT_SUMMARY,
           OPT_FORMAT, OPT_TRACE, OPT_TARGET };
    static const struct option long_options[] = {
        { "profile", required_argument, NULL, OPT_PROFILE },
        { "device", required_argument, NULL, OPT_DEVICE },
        { "driver", required_argument, NULL, OPT_DRIVER },
        { "summary", no_argument, NULL, OPT_SUMMARY },
        { "format", required_argument, NULL, OPT_FORMAT },
        { "trace", required_argument, NULL, OPT_TRACE },
        { "target", required_argument, NULL, OPT_TARGET },
        { NULL, 0, NULL, 0 },
    };
    struct dry_run_options options = {
        .explain = !strcmp(argv[0], "explain"),
    };
    const char *format = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_PROFILE:
            options.profile = optarg;
            break;
        case OPT_DEVICE:
            options.device = optarg;
            break;
        case OPT_DRIVER:
            options.driver = optarg;
            break;
        case OPT_SUMMARY:
            options.summary = true;
            break;
        case OPT_FORMAT:
            format = optarg;
            break;
        case OPT_TRACE:
            options.bridge = optarg;
            break;
        case OPT_TARGET:
            options.target = optarg;
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (options.profile && options.device) {
        ovs_fatal(0, "--profile is that of an emulated device: give it "
                  "or --device");
    }
    if (!options.profile) {
        options.profile = "full";
    }
    if (argc - optind != 1) {
        ovs_fatal(0, "%s takes one file (use --help for help)", argv[0]);
    }
    if (options.target && !options.bridge) {
        ovs_fatal(0, "--target goes with --trace (use --help for help)");
    }
    if (options.explain ? options.summary : format != NULL) {
        ovs_fatal(0, "%s does not go with %s (use --help for help)",
                  options.explain ? "--summary" : "--format", argv[0]);
    }
    if (format && strcmp(format, "text") && strcmp(format, "json")) {
        ovs_fatal(0, "--format=%s: there are text and json", format);
    }
    options.json = format && !strcmp(format, "json");
    run(&options, argv[optind]);
}
