/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-ethdev: finds DPDK's ports, and says what is there if one is not.
 *
 * Thread-safety: the main thread, as all that attaches and detaches. */

#ifndef NETDEV_DPU_DPU_ETHDEV_H
#define NETDEV_DPU_DPU_ETHDEV_H 1

#include <stdint.h>

struct dpu_config;
struct rte_device;

/* Returns the bus device of 'ethdev', NULL if that is not valid. */
const struct rte_device *dpu_ethdev_device(uint16_t ethdev);

/* Returns an ethdev of the bus device called 'name', or RTE_MAX_ETHPORTS. */
uint16_t dpu_ethdev_find(const char *name);

/* Returns the ethdev of 'config' and stores in '*devargs' what DPDK calls it,
 * for the caller to free.  If it is not there, returns RTE_MAX_ETHPORTS with
 * '*devargs' NULL. */
uint16_t dpu_ethdev_lookup(const struct dpu_config *config, char **devargs);

/* Says that the ethdev of 'config' is not there, and what its device has
 * instead, of which 'sibling' is an ethdev if it is valid.  The caller frees
 * the result. */
char *dpu_ethdev_missing(const struct dpu_config *config, uint16_t sibling);

#endif /* dpu-ethdev.h */
