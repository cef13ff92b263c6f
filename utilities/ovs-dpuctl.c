/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * ovs-dpuctl: what can be done with DPUs without the daemon.
 *
 * ovs-dpuctl(8) is its manual. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "util.h"
#include "utilities/dpuctl-dry-run.h"
#include "utilities/dpuctl-list.h"
#include "utilities/dpuctl-metrics.h"
#include "utilities/dpuctl-probe.h"
#include "utilities/dpuctl-setup.h"

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
            "    --sf-mac=ADDRESS   the same for subfunctions\n"
            "    --hugepages=MB     with that much memory in hugepages\n"
            "    --bridge=NAME      the bridge (br0)\n"
            "    --owner=HOST       the host that may change ports of VFs, by "
            "ovs-dpu-guard\n"
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
            "translate [OPTION]... FILE | --trace=BRIDGE FLOW\n"
            "  shows what rules the megaflows in FILE (\"-\": standard input)\n"
            "  would become, or why none, as \"ovs-appctl "
            "dpctl/dump-flows\" or\n"
            "  \"ofproto/trace\" print them; or those that a packet FLOW makes "
            "in a\n"
            "  running daemon; installs nothing\n"
            "    --profile=PROFILE  for an emulated device with PROFILE "
            "(full)\n"
            "    --device=DEVARGS   for this device instead\n"
            "    --driver=FILE      with the DPDK driver in FILE\n"
            "    --trace=BRIDGE     the packet FLOW as it enters BRIDGE\n"
            "    --target=TARGET    of this daemon (ovs-vswitchd)\n"
            "    --summary          how many, by reason\n"
            "explain [OPTION]... FILE | --trace=BRIDGE FLOW\n"
            "  the same, with what would help, and sums by reason\n"
            "    --profile, --device, --driver, --trace, --target  as for "
            "translate\n"
            "    --format=FORMAT    text or json (text)\n"
            "probe [OPTION]... DEVARGS\n"
            "  asks a device what it takes, and prints it as a profile for "
            "--profile\n"
            "    --driver=FILE      with the DPDK driver in FILE\n"
            "    --output=FILE      into FILE instead\n"
            "    --fill=N           tries up to N rules, to find out how many "
            "there is\n"
            "                       room for\n"
            "metrics [OPTION]...\n"
            "  prints the metrics of a running daemon, for Prometheus\n"
            "top [OPTION]...\n"
            "  shows what hardware and software forward, port by port\n"
            "    -n COUNT           so many times\n"
            "    -d SECONDS         with that much time between them (2)\n"
            "    -b                 one below the other\n"
            "metrics and top:\n"
            "    --target=TARGET    the daemon (ovs-vswitchd)\n"
            "help                   this\n"
            "version\n",
            program_name, program_name);
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
    { "translate", dpuctl_dry_run },
    { "explain", dpuctl_dry_run },
    { "probe", dpuctl_probe },
    { "metrics", dpuctl_metrics },
    { "top", dpuctl_top },
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
