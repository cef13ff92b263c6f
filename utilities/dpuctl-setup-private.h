/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpuctl-setup-private: a set-up that is under way, for the files that it is
 * made of. */

#ifndef DPUCTL_SETUP_PRIVATE_H
#define DPUCTL_SETUP_PRIVATE_H 1

#include "smap.h"
#include "utilities/dpuctl-eswitch.h"
#include "utilities/dpuctl-ovsdb.h"
#include "utilities/dpuctl-step.h"

/* "Leave it as it is". */
#define AS_IS (-1)

struct dpuctl_setup_options {
    const char *device;         /* NULL: the only one. */
    const char *emulated;       /* Its device arguments, or NULL. */
    const char *driver;         /* Of the emulated one, or NULL. */
    const char *devargs;        /* NULL: the device's address. */
    int vfs, sfs, hugepages;    /* Or AS_IS. */
    const char *mac;            /* Of VFs, as given, or NULL. */
    uint8_t mac_bytes[6];
    const char *sf_mac;         /* The same of SFs. */
    uint8_t sf_mac_bytes[6];
    const char *bridge;
    const char *owner;          /* The host of VFs, or NULL: as it is. */
    const char *dpdk_extra;     /* NULL: as it is. */
    struct dpuctl_ovsdb_remote remote;
    bool dry_run, force, follow;
};

struct dpuctl_setup {
    const struct dpuctl_setup_options *options;
    struct dpuctl_steps steps;
    struct dpuctl_ovsdb ovsdb;
    struct dpuctl_kernel kernel;        /* Unless emulated. */
    struct dpuctl_eswitch eswitch;      /* The same. */
    char *name;                 /* What memory knows the device by. */
    char *devargs;
    char *dpdk_device;          /* DPDK's name of the device. */
    struct smap other_config;   /* What Open vSwitch needs. */
};

/* Reads the command line, which '*options' points into.  Exits with a message
 * if something is wrong with it. */
void dpuctl_setup_parse_options(int argc, char *argv[],
                                struct dpuctl_setup_options *options);

/* Has OVSDB remember what is about to be changed, as it is now.  Returns NULL,
 * or what went wrong, which the caller must free(). */
char *dpuctl_setup_remember(struct dpuctl_setup *);

#endif /* utilities/dpuctl-setup-private.h */
