/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-devlink: devlink requests and what the kernel answers: devices, the
 * mode of their embedded switches, the ports of these, and the functions
 * behind the ports.
 *
 * Errors are as in dpu-netlink.
 *
 * Thread-safety: each connection belongs to one thread. */

#ifndef DPU_DEVLINK_H
#define DPU_DEVLINK_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/dpu-representor.h"
#include "lib/dpu-switchdev.h"

#define DPU_BUS_NAME_LEN 16

/* Whom devlink talks about: "pci/0000:03:00.0". */
struct dpu_devlink_handle {
    char bus[DPU_BUS_NAME_LEN];
    char device[DPU_DEVICE_NAME_LEN];
};

enum dpu_eswitch_mode {
    DPU_ESWITCH_NONE,           /* No embedded switch, or not told. */
    DPU_ESWITCH_LEGACY,
    DPU_ESWITCH_SWITCHDEV,
};

enum dpu_function_state {
    DPU_FUNCTION_STATE_NONE,    /* Has none: all but SFs. */
    DPU_FUNCTION_STATE_INACTIVE,
    DPU_FUNCTION_STATE_ACTIVE,
};

/* A port of an embedded switch. */
struct dpu_devlink_port {
    struct dpu_devlink_handle handle;
    uint32_t index;
    struct dpu_representor representor;
    int ifindex;                /* Of its netdev, 0 if it has none. */
    bool has_mac;               /* The function's. */
    uint8_t mac[6];
    enum dpu_function_state state;
};

/* Names as people and devlink(8) write them. */
const char *dpu_eswitch_mode_to_string(enum dpu_eswitch_mode);
const char *dpu_function_state_to_string(enum dpu_function_state);

struct dpu_devlink;

int dpu_devlink_open(struct dpu_devlink **, char **error);
void dpu_devlink_close(struct dpu_devlink *);

/* All devices.  '*handles' is to be freed by the caller. */
int dpu_devlink_get_devices(struct dpu_devlink *,
                            struct dpu_devlink_handle **handles, size_t *n,
                            char **error);

/* All ports of embedded switches that have a function or the network behind
 * them.  '*ports' is to be freed by the caller. */
int dpu_devlink_get_ports(struct dpu_devlink *,
                          struct dpu_devlink_port **ports, size_t *n,
                          char **error);

/* The mode of the device's embedded switch: DPU_ESWITCH_NONE if it has
 * none. */
int dpu_devlink_get_mode(struct dpu_devlink *,
                         const struct dpu_devlink_handle *,
                         enum dpu_eswitch_mode *, char **error);
int dpu_devlink_set_mode(struct dpu_devlink *,
                         const struct dpu_devlink_handle *,
                         enum dpu_eswitch_mode, char **error);

/* The function behind port 'index': its MAC address, or its state. */
int dpu_devlink_set_mac(struct dpu_devlink *,
                        const struct dpu_devlink_handle *, uint32_t index,
                        const uint8_t mac[6], char **error);
int dpu_devlink_set_state(struct dpu_devlink *,
                          const struct dpu_devlink_handle *, uint32_t index,
                          enum dpu_function_state, char **error);

/* Adds subfunction 'number' of PF 'pf', inactive, and stores the index of its
 * port; or removes one with its port. */
int dpu_devlink_add_sf(struct dpu_devlink *,
                       const struct dpu_devlink_handle *, int pf, int number,
                       uint32_t *index, char **error);
int dpu_devlink_del_port(struct dpu_devlink *,
                         const struct dpu_devlink_handle *, uint32_t index,
                         char **error);

/* Asks for notifications; waits for some, 'timeout' milliseconds or for ever
 * (-1).  Returns 0 if ports or devices came, went or changed, EAGAIN if not;
 * ENOBUFS, too, says that they did. */
int dpu_devlink_subscribe(struct dpu_devlink *, char **error);
int dpu_devlink_wait(struct dpu_devlink *, int timeout, char **error);

#endif /* lib/dpu-devlink.h */
