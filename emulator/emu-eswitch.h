/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-eswitch: the thread that is the embedded switch.
 *
 * It polls wires and tx queues while there is work, and sleeps when there is
 * none, so that its CPU time (the xstat "eswitch_cpu_ns") is what "hardware"
 * costs, apart from what software pays.
 *
 * Thread-safety: start, stop and the statistics are for control threads; wake
 * is for any; the others are for the thread itself. */
#ifndef EMU_ESWITCH_H
#define EMU_ESWITCH_H

#include "emu-device.h"

struct emu_eswitch_stats {
	uint64_t cpu_ns;		/* CPU time of the thread. */
	uint64_t loops;
	uint64_t busy_loops;		/* Those that found work. */
	uint64_t sleeps;
};

/* Creates device->eswitch and device->qsbr with a pool of 'n_mbufs' mbufs (0:
 * a sensible number).  'cpu' is where the thread is to run, or -1.  Returns 0
 * or a negative errno. */
int emu_eswitch_create(struct emu_device *device, uint32_t n_mbufs, int cpu);

/* Frees them; the thread has been stopped and all mbufs are back. */
void emu_eswitch_destroy(struct emu_device *device);

/* Starts the thread: 'device' is set up.  Returns 0 or a negative errno. */
int emu_eswitch_start(struct emu_device *device);

/* Stops the thread; does nothing if it does not run. */
void emu_eswitch_stop(struct emu_device *device);

/* The pool for frames from functions. */
struct rte_mempool *emu_eswitch_pool(const struct emu_eswitch *eswitch);

/* Waits until the thread no longer uses what it found before. */
void emu_eswitch_synchronize(struct emu_device *device);

void emu_eswitch_stats_get(const struct emu_device *device,
			   struct emu_eswitch_stats *stats);

/* Tells the thread that there is something in a tx queue. */
void emu_eswitch_wake(struct emu_eswitch *eswitch);

/* Tells that something is staged in the queues or the wire of 'vport'. */
void emu_eswitch_mark_dirty(struct emu_vport *vport);

#endif /* EMU_ESWITCH_H */
