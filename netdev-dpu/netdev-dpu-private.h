/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * netdev-dpu-private: what the files of the class "dpu" share.  See
 * netdev-dpu.c. */

#ifndef NETDEV_DPU_PRIVATE_H
#define NETDEV_DPU_PRIVATE_H 1

#include <stdbool.h>
#include <stdint.h>

#include "netdev-dpu/dpu-vport.h"
#include "netdev-dpu/netdev-dpu.h"
#include "netdev-provider.h"
#include "openvswitch/hmap.h"
#include "ovs-thread.h"
#include "smap.h"

struct dpu_probe;

struct netdev_dpu {
    struct hmap_node node;      /* In netdev_dpu_all, by the netdev. */
    struct netdev *netdev;      /* Lives longer than this. */

    /* Main thread only, but for ->dealloc. */
    struct dpu_probe *probe;    /* NULL until configured. */
    char *devargs;              /* That the parent has. */
    struct smap options;        /* That are in effect. */
    const struct netdev_flow_api *flow_api;     /* Last seen. */
    bool flow_api_enabled;                      /* Last seen. */
    bool told;                  /* That it vanished. */

    /* Under netdev_dpu_mutex. */
    uint16_t ethdev;            /* RTE_MAX_ETHPORTS until configured. */
    bool vanished;
    struct netdev_dpu_limits limits;
    bool hw_policed;            /* Software does not police. */
    char *config_error;         /* Of options that were not taken, or NULL. */

    struct ovs_mutex mutex;     /* For the following. */
    char *function;             /* "pf0vf3", "p0", or NULL if unknown. */
    bool representor;
    struct dpu_vport vport;
    struct netdev_stats stats;  /* Last read. */
};

extern struct ovs_mutex netdev_dpu_mutex;
extern struct hmap netdev_dpu_all OVS_GUARDED_BY(netdev_dpu_mutex);

/* The class that ours derives from. */
extern const struct netdev_class *netdev_dpu_parent;

/* Returns the state of 'netdev', which is there while the caller holds
 * 'netdev'. */
struct netdev_dpu *netdev_dpu_cast(const struct netdev *netdev);

/* Whether the device under 'dev' is gone. */
bool netdev_dpu_is_vanished(const struct netdev_dpu *dev);

/* How many packets policers on the device of 'netdev' have dropped. */
uint64_t netdev_dpu_policer_drops(const struct netdev *);

/* Members of the class: netdev-dpu-config.c. */
int netdev_dpu_set_config(struct netdev *, const struct smap *options,
                          char **errp);
int netdev_dpu_get_config(const struct netdev *, struct smap *args);
int netdev_dpu_set_mtu(struct netdev *, int mtu);

/* Has the bridge configure its ports once more if that is due; and wakes the
 * main thread when it is.  Main thread. */
void netdev_dpu_config_run(void);
void netdev_dpu_config_wait(void);

/* Members of the class: netdev-dpu-stats.c. */
int netdev_dpu_get_stats(const struct netdev *, struct netdev_stats *);
int netdev_dpu_get_custom_stats(const struct netdev *,
                                struct netdev_custom_stats *);

#endif /* netdev-dpu/netdev-dpu-private.h */
