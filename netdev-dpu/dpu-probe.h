/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * dpu-probe: puts devices onto DPDK's buses when the first port asks for one
 * of them, finds the ethdev of a port, and takes a device off again when the
 * last port that worked with it has gone.
 *
 * Devices that were there before, from the command line of EAL
 * (other_config:dpdk-extra) or put there by a port of type "dpdk", are used
 * as they are and never removed.
 *
 * Which arguments a device gets does not depend on the order in which its
 * ports come: one port may give them, the others may name the device alone.
 * If arguments come after the device was put there without, or with others,
 * its ports give way (dpu_probe_is_stale()) and it is set up anew.
 *
 * Thread-safety: main thread only, but for dpu_probe_put() and
 * dpu_probe_is_vanished(), any thread, and dpu_probe_vanish(), any thread,
 * also those of DPDK. */

#ifndef DPU_PROBE_H
#define DPU_PROBE_H 1

#include <stdbool.h>
#include <stdint.h>

struct dpu_config;

/* One port's claim to a device. */
struct dpu_probe;

/* Finds the ethdev that the resolved 'config' of port 'name' means, and puts
 * its device there if need be.  Returns 0, the ethdev in '*ethdev', in
 * '*devargs' the devargs by which DPDK finds it, which the caller must
 * free(), and a claim in '*probe', which the caller must put.
 *
 * Returns a positive errno on failure and in '*error' a sentence for people,
 * which the caller must free(): ENODEV if there is no such port or device,
 * EINVAL if the arguments of the device contradict those that another port
 * gives, EAGAIN if ports give way so that the device can be set up anew (the
 * bridges will be reconfigured, after which all is well). */
int dpu_probe_get(const struct dpu_config *config, const char *name,
                  struct dpu_probe **probe, uint16_t *ethdev, char **devargs,
                  char **error);

/* Gives up a claim.  May be NULL. */
void dpu_probe_put(struct dpu_probe *);

/* The name of the device that 'probe' is a claim to. */
const char *dpu_probe_device(const struct dpu_probe *);

/* Notes that the port works. */
void dpu_probe_use(struct dpu_probe *);

/* Whether the device waits for its ports to go, to be set up anew. */
bool dpu_probe_is_stale(const struct dpu_probe *);

/* Notes that the device vanished.  It is set up anew for the next port that
 * asks for it after all others have gone. */
void dpu_probe_vanish(struct dpu_probe *);
bool dpu_probe_is_vanished(const struct dpu_probe *);

/* Removes devices that nobody claims any more, unless 'in_use' returns true
 * for one of their ethdevs. */
void dpu_probe_run(bool (*in_use)(uint16_t ethdev));
void dpu_probe_wait(void);

#endif /* netdev-dpu/dpu-probe.h */
