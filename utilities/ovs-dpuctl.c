/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-dpuctl: what can be done with DPUs without the daemon.
 *
 * ovs-dpuctl(8) is its manual. */

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "utilities/dpuctl-device.h"
#include "utilities/dpuctl-dump.h"
#include "utilities/dpuctl-explain.h"
#include "utilities/dpuctl-list.h"
#include "utilities/dpuctl-setup.h"
#include "utilities/dpuctl-translate.h"

struct translate_options {
    const char *profile;        /* Of an emulated device. */
    const char *device;         /* Device arguments. */
    const char *driver;         /* Shared library with the device's driver. */
    bool summary;
    bool explain;               /* "explain", not "translate". */
    bool json;                  /* The same, as JSON. */
};

static void
usage(FILE *stream)
{
    fprintf(stream,
            "%s: DPUs without the daemon\n"
            "usage: %s COMMAND [OPTION]... [ARG]...\n"
            "\n"
            "list [OPTION]...\n"
            "  shows the DPUs of this machine: devices, and for each port of "
            "their\n"
            "  embedded switches the network device and the function behind "
            "it\n"
            "    --format=FORMAT    table or json (table)\n"
            "setup [OPTION]... [DEVICE]\n"
            "  puts a DPU into switchdev mode and its functions onto a bridge "
            "of Open\n"
            "  vSwitch; does what is not done yet\n"
            "    --vfs=N            with N virtual functions\n"
            "    --sfs=N            with N subfunctions\n"
            "    --mac=ADDRESS      of VF 0; others have those that follow\n"
            "    --hugepages=MB     with that much memory in hugepages\n"
            "    --bridge=NAME      the bridge (br0)\n"
            "    --dpdk-extra=ARGS  arguments for DPDK's EAL\n"
            "    --devargs=ARGS     how DPDK calls the device, and with what\n"
            "    --emulated=ARGS    an emulated device instead, e.g. vfs=16\n"
            "    --driver=FILE      the emulated device's driver\n"
            "    --force            remove VFs if there are others than N\n"
            "    --follow           stay, and follow what appears and "
            "vanishes\n"
            "undo [OPTION]... [DEVICE]\n"
            "  takes back what setup did\n"
            "list and setup:\n"
            "    --record=FILE      write down what the kernel was asked and "
            "said\n"
            "setup and undo:\n"
            "    --dry-run          show the steps, take none\n"
            "    --db=DATABASE      as for ovs-vsctl\n"
            "    --no-wait          do not wait for ovs-vswitchd\n"
            "translate [OPTION]... FILE\n"
            "  shows what rules the megaflows in FILE (\"-\": standard input)\n"
            "  would become, or why none, as \"ovs-appctl "
            "dpctl/dump-flows\"\n"
            "  prints them; installs nothing\n"
            "    --profile=PROFILE  for an emulated device with PROFILE "
            "(full)\n"
            "    --device=DEVARGS   for this device instead\n"
            "    --driver=FILE      with the DPDK driver in FILE\n"
            "    --summary          how many, by reason\n"
            "explain [OPTION]... FILE\n"
            "  the same, with what would help, and sums by reason\n"
            "    --profile, --device, --driver  as for translate\n"
            "    --format=FORMAT    text or json (text)\n"
            "help                   this\n"
            "version\n",
            program_name, program_name);
}

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

static void
read_dump(struct dpuctl_dump *dump, const char *file)
{
    FILE *stream = strcmp(file, "-") ? fopen(file, "r") : stdin;
    char *error;

    if (!stream) {
        ovs_fatal(errno, "%s", file);
    }
    error = dpuctl_dump_read(dump, stream, file);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (stream != stdin) {
        fclose(stream);
    }
}

static void
translate(const struct translate_options *options, const char *file)
{
    struct dpuctl_device device;
    struct dpuctl_dump dump;
    char *devargs, *error;
    const char *name;

    read_dump(&dump, file);
    devargs = (options->device ? xstrdup(options->device)
               : emulated_device(options->profile, dump.n_ethdevs));
    error = dpuctl_device_open(&device, devargs, options->driver);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    if (dump.n_ethdevs > device.n_ethdevs) {
        ovs_fatal(0, "%s names %"PRIuSIZE" ports, the device has %"PRIuSIZE,
                  file, dump.n_ethdevs, device.n_ethdevs);
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

/* "translate" and "explain". */
static void
cmd_translate(int argc, char *argv[])
{
    enum { OPT_PROFILE = 256, OPT_DEVICE, OPT_DRIVER, OPT_SUMMARY,
           OPT_FORMAT };
    static const struct option long_options[] = {
        { "profile", required_argument, NULL, OPT_PROFILE },
        { "device", required_argument, NULL, OPT_DEVICE },
        { "driver", required_argument, NULL, OPT_DRIVER },
        { "summary", no_argument, NULL, OPT_SUMMARY },
        { "format", required_argument, NULL, OPT_FORMAT },
        { NULL, 0, NULL, 0 },
    };
    struct translate_options options = {
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
    if (options.explain ? options.summary : format != NULL) {
        ovs_fatal(0, "%s does not go with %s (use --help for help)",
                  options.explain ? "--summary" : "--format", argv[0]);
    }
    if (format && strcmp(format, "text") && strcmp(format, "json")) {
        ovs_fatal(0, "--format=%s: there are text and json", format);
    }
    options.json = format && !strcmp(format, "json");
    translate(&options, argv[optind]);
}

static void
cmd_help(int argc OVS_UNUSED, char *argv[] OVS_UNUSED)
{
    usage(stdout);
}

static void
cmd_version(int argc OVS_UNUSED, char *argv[] OVS_UNUSED)
{
    printf("%s (ovs-dpu) %s\n", program_name, DPU_VERSION);
}

static const struct {
    const char *name;
    void (*run)(int argc, char *argv[]);
} commands[] = {
    { "list", dpuctl_list },
    { "setup", dpuctl_setup },
    { "undo", dpuctl_undo },
    { "translate", cmd_translate },
    { "explain", cmd_translate },
    { "help", cmd_help },
    { "--help", cmd_help },
    { "-h", cmd_help },
    { "version", cmd_version },
    { "--version", cmd_version },
    { "-V", cmd_version },
};

int
main(int argc, char *argv[])
{
    set_program_name(argv[0]);
    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    if (argc < 2) {
        usage(stderr);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            commands[i].run(argc - 1, argv + 1);
            return EXIT_SUCCESS;
        }
    }
    ovs_fatal(0, "unknown command '%s' (use --help for help)", argv[1]);
}
