/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-setup-options: the command line of "setup", see
 * dpuctl-setup-private.h. */

#include <config.h>

#include "utilities/dpuctl-setup-private.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "util.h"

static int
parse_number(const char *option, const char *arg, int max)
{
    int number;

    if (!str_to_int(arg, 10, &number) || number < 0 || number > max) {
        ovs_fatal(0, "--%s=%s: a number from 0 to %d is wanted", option, arg,
                  max);
    }
    return number;
}

static const char *
parse_mac(const char *option, const char *arg, uint8_t bytes[6])
{
    struct eth_addr mac;

    if (!eth_addr_from_string(arg, &mac) || eth_addr_is_multicast(mac)) {
        ovs_fatal(0, "--%s=%s: a unicast MAC address is wanted, as "
                  "02:00:00:00:01:00", option, arg);
    }
    memcpy(bytes, &mac, sizeof mac);
    return arg;
}

static void
check_options(const struct dpuctl_setup_options *options)
{
    if (options->emulated
        && (options->device || options->devargs || options->vfs != AS_IS
            || options->sfs != AS_IS || options->follow)) {
        ovs_fatal(0, "--emulated describes all of a device (vfs=16,...): no "
                  "DEVICE, --devargs, --vfs, --sfs or --follow goes with it");
    } else if (options->sf_mac && options->sfs <= 0) {
        ovs_fatal(0, "--sf-mac goes with --sfs");
    } else if (options->driver && !options->emulated) {
        ovs_fatal(0, "--driver goes with --emulated");
    } else if (options->follow && options->dry_run) {
        ovs_fatal(0, "--follow would wait for ever in a --dry-run");
    }
}

void
dpuctl_setup_parse_options(int argc, char *argv[],
                           struct dpuctl_setup_options *options)
{
    enum {
        OPT_VFS = 256, OPT_SFS, OPT_MAC, OPT_SF_MAC, OPT_HUGEPAGES, OPT_BRIDGE,
        OPT_OWNER, OPT_DPDK_EXTRA, OPT_DEVARGS, OPT_EMULATED, OPT_DRIVER,
        OPT_DB, OPT_NO_WAIT, OPT_DRY_RUN, OPT_FORCE, OPT_FOLLOW, OPT_RECORD
    };
    static const struct option long_options[] = {
        { "vfs", required_argument, NULL, OPT_VFS },
        { "sfs", required_argument, NULL, OPT_SFS },
        { "mac", required_argument, NULL, OPT_MAC },
        { "sf-mac", required_argument, NULL, OPT_SF_MAC },
        { "hugepages", required_argument, NULL, OPT_HUGEPAGES },
        { "bridge", required_argument, NULL, OPT_BRIDGE },
        { "owner", required_argument, NULL, OPT_OWNER },
        { "dpdk-extra", required_argument, NULL, OPT_DPDK_EXTRA },
        { "devargs", required_argument, NULL, OPT_DEVARGS },
        { "emulated", required_argument, NULL, OPT_EMULATED },
        { "driver", required_argument, NULL, OPT_DRIVER },
        { "db", required_argument, NULL, OPT_DB },
        { "no-wait", no_argument, NULL, OPT_NO_WAIT },
        { "dry-run", no_argument, NULL, OPT_DRY_RUN },
        { "force", no_argument, NULL, OPT_FORCE },
        { "follow", no_argument, NULL, OPT_FOLLOW },
        { "record", required_argument, NULL, OPT_RECORD },
        { NULL, 0, NULL, 0 },
    };
    int c;

    *options = (struct dpuctl_setup_options) {
        .vfs = AS_IS, .sfs = AS_IS, .hugepages = AS_IS, .bridge = "br0",
    };

    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_VFS:
            options->vfs = parse_number("vfs", optarg, 4096);
            break;
        case OPT_SFS:
            options->sfs = parse_number("sfs", optarg, 4096);
            break;
        case OPT_MAC:
            options->mac = parse_mac("mac", optarg, options->mac_bytes);
            break;
        case OPT_SF_MAC:
            options->sf_mac = parse_mac("sf-mac", optarg,
                                       options->sf_mac_bytes);
            break;
        case OPT_HUGEPAGES:
            options->hugepages = parse_number("hugepages", optarg, 1 << 20);
            break;
        case OPT_BRIDGE:
            options->bridge = optarg;
            break;
        case OPT_OWNER:
            if (!optarg[0]) {
                ovs_fatal(0, "--owner: the name of a host is wanted");
            }
            options->owner = optarg;
            break;
        case OPT_DPDK_EXTRA:
            options->dpdk_extra = optarg;
            break;
        case OPT_DEVARGS:
            options->devargs = optarg;
            break;
        case OPT_EMULATED:
            options->emulated = optarg;
            break;
        case OPT_DRIVER:
            options->driver = optarg;
            break;
        case OPT_DB:
            options->remote.db = optarg;
            break;
        case OPT_NO_WAIT:
            options->remote.no_wait = true;
            break;
        case OPT_DRY_RUN:
            options->dry_run = true;
            break;
        case OPT_FORCE:
            options->force = true;
            break;
        case OPT_FOLLOW:
            options->follow = true;
            break;
        case OPT_RECORD:
            dpuctl_kernel_record(optarg);
            break;
        default:
            exit(EXIT_FAILURE);
        }
    }
    if (argc - optind > 1) {
        ovs_fatal(0, "setup takes one device (use --help for help)");
    }
    options->device = argv[optind];
    check_options(options);
}
