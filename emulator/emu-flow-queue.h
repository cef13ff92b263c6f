/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-flow-queue: a port's queues of asynchronous operations on rules and
 * indirect actions.
 *
 * What is wrong with an operation itself is told at once; then it waits in its
 * queue until it is pushed (at once, unless it is postponed) and until its
 * result is pulled.
 *
 * Thread-safety: as rte_flow.h has it: a queue is used by one thread at a
 * time; different queues may be used at the same time, also beside
 * rte_flow_create().  The queues are configured while nobody uses them. */
#ifndef EMU_FLOW_QUEUE_H
#define EMU_FLOW_QUEUE_H

#include <rte_flow_driver.h>

#include "emu-device.h"

/* All of rte_flow's operations, for devices that have the template API. */
const struct rte_flow_ops *emu_flow_queue_ops(void);

/* Destroys the queues of 'vport', and with them all that they made.  Under the
 * engine's mutex; nobody uses them. */
void emu_flow_queues_close(struct emu_vport *vport);

#endif /* EMU_FLOW_QUEUE_H */
