/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-config: what the options of an Interface of type "dpu" ask for.
 *
 * Which port of which device it is, in one of three ways:
 *
 *     dpdk-devargs=DEVICE[,ARG=VALUE...][,representor=FUNCTION]
 *     device=DEVICE[,ARG=VALUE...] [representor=FUNCTION]
 *     [netdev=NAME]       (without it, the name of the Interface itself)
 *
 * and the settings that the type has in common with "dpdk".
 *
 * Thread-safety: pure functions, but for dpu_config_resolve(), which reads
 * sysfs. */

#ifndef DPU_CONFIG_H
#define DPU_CONFIG_H 1

#include <stdbool.h>

#include "lib/dpu-representor.h"

struct smap;

struct dpu_config {
    char *device;       /* Its name on its bus, "net_dpu_emu0", or NULL. */
    char *args;         /* Its other devargs, "vfs=4,uplink=null", or NULL. */
    bool has_representor;
    struct dpu_representor representor; /* If 'has_representor'. */
    char *mac;          /* dpdk-devargs=class=eth,mac=MAC, or NULL. */
    char *netdev;       /* A network device to resolve, or NULL. */
    bool vf_mac;        /* Whether dpdk-vf-mac is there. */
};

/* Reads 'options' of the Interface called 'name' into '*config', which the
 * caller must destroy unless there was an error.  Returns NULL, or a sentence
 * that names the key at fault and what would be right, which the caller must
 * free().
 *
 * Afterwards one of 'device', 'mac' and 'netdev' is set. */
char *dpu_config_parse(const struct smap *options, const char *name,
                       struct dpu_config *config);

/* Turns 'netdev', if set, into 'device' and 'representor', with sysfs below
 * 'sysfs'.  Returns as dpu_config_parse(). */
char *dpu_config_resolve(struct dpu_config *config, const char *sysfs);

void dpu_config_destroy(struct dpu_config *);

/* The PF that the device is itself: the function of a PCI address, or 0. */
int dpu_config_own_pf(const struct dpu_config *);

/* The devargs that DPDK finds the port by, "net_dpu_emu0,representor=vf3", in
 * a string that the caller must free(): without 'args', and without the PF if
 * 'without_pf' is true and that is the device's own. */
char *dpu_config_to_devargs(const struct dpu_config *, bool without_pf);

/* The devargs that put the device there, args included. */
char *dpu_config_to_probe(const struct dpu_config *);

/* Returns the devargs items 'args' ("vfs=4,representor=[0-3]") without those
 * that name representors, in a string that the caller must free(), or NULL if
 * none are left. */
char *dpu_config_strip_representors(const char *args);

#endif /* netdev-dpu/dpu-config.h */
