/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The ovs-dpu authors
 *
 * emu-ingress: frames that software sends, on their way into the tables, and
 * what software left to the device: checksums, and segments of TCP.
 *
 * Thread-safety: the embedded switch thread. */
#ifndef EMU_INGRESS_H
#define EMU_INGRESS_H

#include "emu-wire.h"

/* A burst that is being put together. */
struct emu_ingress {
	struct emu_vport *vport;
	struct rte_mbuf *pkts[EMU_BURST];
	uint16_t n;
};

/* Does what software left to the device, and adds 'm', which it takes, to
 * 'in'.  'pool' is for segments, and for frames that may not be written to.
 * Returns false if it had to be dropped. */
bool emu_ingress_offload(struct emu_ingress *in, struct rte_mbuf *m,
			 struct rte_mempool *pool);

/* Passes on what was added. */
void emu_ingress_run(struct emu_ingress *in);

#endif /* EMU_INGRESS_H */
